"""Photographs with metadata made byte by byte, and what the metadata signal must say of them.

The portrait is of 512 x 512 pixels and claims to be of whatever an example says.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping

from media_integrity.media.types import Pixels
from media_integrity.schema.findings import Finding, MetadataDetail, MetadataReason

from . import pictures
from .base import Example

Field = tuple[int, int, bytes]
"""Type, count and value of an EXIF field."""

NOTE = (7, 16, b"Apple iOS\x00\x00\x01MM\x00\x00")


def ascii_text(text: str) -> Field:
    raw = text.encode("ascii") + b"\x00"
    return 2, len(raw), raw


def number(value: int) -> Field:
    return 4, 1, struct.pack(">I", value)


def exif_block(
    main: Mapping[int, Field],
    photo: Mapping[int, Field],
    position: Mapping[int, Field] | None = None,
    preview: bytes = b"",
) -> bytes:
    """A TIFF structure: main directory, EXIF and GPS directories, and a preview."""
    body = bytearray(b"MM\x00\x2a\x00\x00\x00\x08")

    def directory(fields: Mapping[int, Field], following: int = 0) -> bytes:
        start = len(body)
        head = struct.pack(">H", len(fields))
        after = start + 2 + 12 * len(fields) + 4
        values = b""
        for tag, (kind, count, value) in sorted(fields.items()):
            place = value.ljust(4, b"\x00")
            if len(value) > 4:
                place = struct.pack(">I", after + len(values))
                values += value + b"\x00" * (len(value) % 2)
            head += struct.pack(">HHI", tag, kind, count) + place
        return head + struct.pack(">I", following) + values

    pointers = {0x8769: number(0), 0x8825: number(0)}
    size = len(directory({**main, **pointers}))
    photo_at = len(body) + size
    body += b"\x00" * size
    body += directory(photo)
    position_at = len(body)
    body += directory(position or {})
    preview_at = len(body)
    second = {0x0201: number(0), 0x0202: number(len(preview))}
    second_size = len(directory(second))
    second[0x0201] = number(preview_at + second_size)
    if preview:
        body += directory(second) + preview
    rest = bytes(body[8 + size :])
    del body[8:]
    pointers = {0x8769: number(photo_at), 0x8825: number(position_at)}
    body += directory({**main, **pointers}, preview_at if preview else 0) + rest
    return b"Exif\x00\x00" + bytes(body)


def saved(rgb: Pixels, exif: bytes = b"", *, own_tables: bool = True, quality: int = 92) -> bytes:
    """A JPEG with tables that libjpeg does not scale to, as cameras have, or with its own."""
    from PIL import Image as Pillow

    written = io.BytesIO()
    options: dict[str, object] = {"exif": exif} if exif else {}
    if own_tables:
        table = [1 + (place % 8 + place // 8) * 2 // 3 for place in range(64)]
        options["qtables"] = [table, table]
    else:
        options["quality"] = quality
    Pillow.fromarray(rgb).save(written, "JPEG", **options)
    return written.getvalue()


def preview(rgb: Pixels) -> bytes:
    """As cameras embed it, 160 pixels across."""
    from PIL import Image as Pillow

    small = Pillow.fromarray(rgb)
    small.thumbnail((160, 160))
    written = io.BytesIO()
    small.save(written, "JPEG", quality=75)
    return written.getvalue()


def claims(width: int = 512, height: int = 512, **times: str) -> tuple[dict[int, Field], ...]:
    """Main and EXIF directories of a telephone's photograph. ``times``: taken, changed."""
    taken = times.get("taken", "2024:05:17 12:30:00")
    changed = times.get("changed", taken)
    main = {
        0x010F: ascii_text("Apple"),
        0x0110: ascii_text("iPhone 13"),
        0x0131: ascii_text("17.4.1"),
        0x0132: ascii_text(changed),
    }
    photo = {
        0x829A: (5, 1, struct.pack(">II", 1, 120)),
        0x9003: ascii_text(taken),
        0x9004: ascii_text(taken),
        0x927C: NOTE,
        0xA002: number(width),
        0xA003: number(height),
    }
    return main, photo


def _rgb() -> Pixels:
    import numpy as np
    from PIL import Image as Pillow

    return np.asarray(Pillow.open(io.BytesIO(pictures.portrait())).convert("RGB"), np.uint8)


def _as_taken() -> bytes:
    main, photo = claims()
    return saved(_rgb(), exif_block(main, photo, preview=preview(_rgb())))


def _with_old_preview() -> bytes:
    main, photo = claims()
    return saved(_rgb(), exif_block(main, photo, preview=preview(_rgb()[::-1, ::-1].copy())))


def _worked_on() -> bytes:
    main, photo = claims(4032, 3024, taken="2024:05:17 12:30:00", changed="2023:01:01 00:00:00")
    main[0x0131] = ascii_text("FaceApp 5.2")
    return saved(_rgb(), exif_block(main, photo), own_tables=False)


def _screenshot() -> bytes:
    from PIL import Image as Pillow

    written = io.BytesIO()
    Pillow.fromarray(_rgb()).save(written, "PNG", compress_level=1)
    return written.getvalue()


def _finds(
    *reasons: MetadataReason, under: float = 1.0, over: float = 0.0
) -> Callable[[Finding], bool]:
    def holds(finding: Finding) -> bool:
        detail = finding.detail
        return (
            isinstance(detail, MetadataDetail)
            and {each.reason for each in detail.inconsistencies} == set(reasons)
            and finding.score is not None
            and over <= finding.score <= under
        )

    return holds


EXAMPLES = (
    Example("photograph as taken", _as_taken, _finds(under=0.0)),
    Example("screenshot", _screenshot, _finds(under=0.0)),
    Example("stripped by a messenger", pictures.portrait, _finds(under=0.0)),
    Example(
        "preview of another picture",
        _with_old_preview,
        _finds(MetadataReason.THUMBNAIL_DIFFERS, over=0.7),
    ),
    Example(
        "worked on",
        _worked_on,
        _finds(
            MetadataReason.TABLES_NOT_THE_CAMERAS,
            MetadataReason.SIZE_NOT_AS_TAKEN,
            MetadataReason.FACE_SOFTWARE,
            MetadataReason.TAKEN_AFTER_CHANGED,
            over=0.7,
        ),
    ),
)

"""JPEG: markers read here, pixels decoded by Pillow (libjpeg-turbo) at a fraction of their size.

ITU-T T.81 annex B (markers), JFIF 1.02, ICC.1:2022 annex B.4 (profile in APP2).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import exif
from .limits import Limits
from .source import Source, check_size, damaged
from .types import WORKING_SIDE

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL.JpegImagePlugin import JpegImageFile

MAX_SEGMENTS = 2_000
"""Segments before the first scan. Photographs have up to a few hundred (profile, depth map)."""

MAX_SCANS = 64
"""Passes over the picture. Encoders make up to about 20; each costs a pass over all blocks, so a
few kilobytes of empty scans would keep a decoder busy for minutes (the "progressive JPEG bomb")."""

_SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
_DHT, _DAC, _DQT, _DRI, _DNL = 0xC4, 0xCC, 0xDB, 0xDD, 0xDC
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, _DAC}
_PROGRESSIVE = frozenset({0xC2, 0xCA})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})

_DECODED = _FRAMES | {_DHT, _DAC, _DQT, _DRI, _DNL, _APP0, _APP14}
"""Segments that say how to decode; APP14 says which colours the components are."""

_MARKER = re.compile(rb"\xff[^\xff]", re.DOTALL)
_MARKER_IN_SCAN = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")


@dataclass(slots=True)
class _Header:
    width: int = 0
    height: int = 0
    components: int = 0
    progressive: bool = False
    exif: bytes | None = None
    profile_parts: dict[int, bytes] = field(default_factory=dict)
    kept: list[bytes] = field(default_factory=list)
    scan: int = 0
    """Offset of the first SOS marker."""

    @property
    def profile(self) -> bytes | None:
        return b"".join(self.profile_parts[part] for part in sorted(self.profile_parts)) or None


def read(data: bytes, limits: Limits) -> Source:
    """Check the header of a JPEG. Of several pictures in a file (MPO) the first one counts.

    Raises:
        Refused: too large, or damaged.
    """
    header = _read_header(data)
    check_size(header.width, header.height, limits)
    first_scan_components = data[header.scan + 4] if header.scan + 4 < len(data) else 0
    if header.progressive or first_scan_components < header.components:
        _check_scans(data, header.scan)

    def pictures() -> Iterator[Pillow.Image]:
        yield _decode(data, header)

    return Source(
        data=data,
        width=header.width,
        height=header.height,
        frames=1,
        pictures=pictures,
        orientation=exif.orientation(header.exif),
        profile=header.profile,
    )


def _read_header(data: bytes) -> _Header:
    header = _Header()
    at = 2
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None or found.end() + 2 > len(data):
            break
        at = found.end() - 2  # any number of fill bytes may stand before a marker
        marker = data[at + 1]
        if marker in _STANDALONE or marker == 0:
            at += 2
            continue
        if marker == _SOS:
            header.scan = at
            if not header.components:
                raise damaged("scan before frame header")
            return header
        if marker in {_SOI, _EOI}:
            break
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(data):
            break
        _take(header, marker, data[at : at + 2 + length])
        at += 2 + length
    raise damaged("no scan in the JPEG")


def _take(header: _Header, marker: int, segment: bytes) -> None:
    body = segment[4:]
    if marker in _FRAMES:
        if header.components or len(body) < 6:
            raise damaged("frame header repeated or short")
        header.height = int.from_bytes(body[1:3], "big")
        header.width = int.from_bytes(body[3:5], "big")
        header.components = body[5]
        header.progressive = marker in _PROGRESSIVE
    elif marker == _APP1 and header.exif is None and body.startswith(b"Exif\x00"):
        header.exif = body
    elif marker == _APP2 and body.startswith(b"ICC_PROFILE\x00") and len(body) > 14:
        header.profile_parts.setdefault(body[12], body[14:])
    if marker in _DECODED:
        header.kept.append(segment)


def _check_scans(data: bytes, at: int) -> None:
    scans = 1
    at += 2
    while scans <= MAX_SCANS:
        found = _MARKER_IN_SCAN.search(data, at)
        if found is None or data[found.start() + 1] == _EOI:
            return
        at = found.end()
        scans += data[found.start() + 1] == _SOS
    raise damaged(f"more than {MAX_SCANS} scans")


def stored(data: bytes) -> tuple[JpegImageFile, int]:
    """The picture of a JPEG that was opened before, its pixels not yet decoded; its orientation.

    For signals that look at the file's own blocks: tables, sampling, luminance at full size.

    Raises:
        Refused: damaged.
    """
    header = _read_header(data)
    return _slim(data, header), exif.orientation(header.exif)


def _slim(data: bytes, header: _Header) -> JpegImageFile:
    """What the decoder needs of the file, and nothing else for it to unpack."""
    from PIL.JpegImagePlugin import JpegImageFile

    slim = b"".join((b"\xff\xd8", *header.kept, memoryview(data)[header.scan :]))
    picture = JpegImageFile(io.BytesIO(slim))
    if picture.size != (header.width, header.height):
        raise damaged("sizes disagree")
    return picture


def _decode(data: bytes, header: _Header) -> Pillow.Image:
    picture = _slim(data, header)
    # The codec drops frequencies instead of computing pixels that would be averaged away.
    longest = max(picture.size)
    wanted = [max(1, side * WORKING_SIDE // longest) for side in picture.size]
    picture.draft(None, (wanted[0], wanted[1]))
    picture.load()
    return picture

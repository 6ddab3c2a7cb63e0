"""PNG and APNG: chunks read here, pixels decoded by Pillow.

W3C "Portable Network Graphics (PNG) Specification (Third Edition)", sections 5, 11 and 12.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import exif
from .limits import Limits
from .source import Source, check_animation, check_size, damaged

if TYPE_CHECKING:
    from PIL import Image as Pillow

MAX_CHUNKS = 65_536
"""A 30 MB file in the smallest chunks that encoders write (8 KiB) has under 4,000."""

MAX_PROFILE = 8_000_000
"""Bytes that a colour profile may unpack to; libpng's own limit, so browsers drop larger ones."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DECODED = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"})
_IEND = b"\x00\x00\x00\x00IEND\xaeB`\x82"


@dataclass(slots=True)
class _Header:
    width: int = 0
    height: int = 0
    declared_frames: int = 0
    """From acTL; 0 for a still."""
    frame_controls: int = 0
    default_is_frame: bool = False
    """The picture that viewers without animation show is also the first frame."""
    profile: bytes | None = None
    gamma: float | None = None
    standard_colours: bool = False
    """An sRGB chunk: gamma does not count."""
    exif: bytes | None = None
    pixels_began: bool = False
    kept: list[memoryview] = field(default_factory=list)

    @property
    def frames(self) -> int:
        if not self.declared_frames:
            return 1
        return self.declared_frames + (not self.default_is_frame)


def read(data: bytes, limits: Limits) -> Source:
    """Check the chunks of a PNG.

    Raises:
        Refused: too large, or damaged.
        TooMuchToCheck: more animation than is gone through.
    """
    header = _read_chunks(data, limits)
    if not header.pixels_began:
        raise damaged("no pixels")
    if header.declared_frames and header.frame_controls != header.declared_frames:
        # Viewers differ in which of them they show.
        raise damaged("number of frames disagrees")
    check_animation(header.width, header.height, header.frames, limits)
    wrapped = header.profile is not None or header.standard_colours

    def pictures() -> Iterator[Pillow.Image]:
        return _decode(header)

    return Source(
        data=data,
        width=header.width,
        height=header.height,
        frames=header.frames,
        pictures=pictures,
        orientation=exif.orientation(header.exif),
        profile=header.profile,
        gamma=None if wrapped else header.gamma,
    )


def _read_chunks(data: bytes, limits: Limits) -> _Header:
    header = _Header()
    whole = memoryview(data)
    at = len(_SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(data):
            return header  # without its end chunk; the decoder says whether pixels are missing
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) and kind in _DECODED:
            raise damaged("chunk cut off")
        if (kind == b"IHDR") != (header.width == 0):
            raise damaged("header missing or repeated")
        _take(header, kind, data[at + 8 : at + 8 + length] if kind not in _PIXELS else b"")
        if kind == b"IHDR":
            check_size(header.width, header.height, limits)
        if kind in _DECODED:
            header.kept.append(whole[at:end])
        elif not kind[:1].islower():
            raise damaged("unknown critical chunk")
        if kind == b"IEND":
            return header
        at = end
    raise damaged(f"more than {MAX_CHUNKS} chunks")


_PIXELS = frozenset({b"IDAT", b"fdAT", b"PLTE", b"tRNS", b"IEND"})


def _take(header: _Header, kind: bytes, body: bytes) -> None:
    if kind == b"IHDR":
        if len(body) != 13:
            raise damaged("header of the wrong length")
        header.width = int.from_bytes(body[:4], "big")
        header.height = int.from_bytes(body[4:8], "big")
        if not header.width or not header.height:
            raise damaged("no pixels")
    elif kind == b"IDAT":
        header.pixels_began = True
    elif kind == b"fcTL":
        header.frame_controls += 1
        header.default_is_frame |= not header.pixels_began
    elif kind == b"acTL" and not header.pixels_began:
        header.declared_frames = int.from_bytes(body[:4], "big")
    elif kind == b"eXIf":
        header.exif = header.exif or body
    elif not header.pixels_began:
        _take_colours(header, kind, body)


def _take_colours(header: _Header, kind: bytes, body: bytes) -> None:
    if kind == b"iCCP":
        _, _, packed = body.partition(b"\x00")
        header.profile = _unpacked(packed[1:])
    elif kind == b"sRGB":
        header.standard_colours = True
    elif kind == b"gAMA" and len(body) == 4:
        header.gamma = int.from_bytes(body, "big") / 100_000


def _unpacked(packed: bytes) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed, MAX_PROFILE)
    except zlib.error:
        return None
    return profile if unpacker.eof else None


def _decode(header: _Header) -> Iterator[Pillow.Image]:
    from PIL.PngImagePlugin import PngImageFile

    picture = PngImageFile(io.BytesIO(b"".join((_SIGNATURE, *header.kept, _IEND))))
    if picture.size != (header.width, header.height):
        raise damaged("sizes disagree")
    for frame in range(header.frames):
        if frame:
            picture.seek(frame)
        picture.load()
        yield picture

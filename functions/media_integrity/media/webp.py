"""WebP: read and decoded by Pillow (libwebp), animations by its own compositor.

RFC 9649 section 2. The canvas is at most 16,384 pixels on a side by the format's design.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import exif
from .limits import Limits
from .source import Source, check_animation, check_size, damaged

if TYPE_CHECKING:
    from PIL import Image as Pillow

_VP8X, _VP8, _VP8L = b"VP8X", b"VP8 ", b"VP8L"
_SIDE = 0x3FFF


def read(data: bytes, limits: Limits) -> Source:
    """Check the header of a WebP.

    Raises:
        Refused: too large, or damaged.
        TooMuchToCheck: more animation than is gone through.
    """
    # Opening allocates the canvas twice, so the size is read before.
    width, height = _canvas(data)
    check_size(width, height, limits)
    from PIL.WebPImagePlugin import WebPImageFile

    picture = WebPImageFile(io.BytesIO(data))
    if picture.size != (width, height):
        raise damaged("sizes disagree")
    frames = picture.n_frames
    check_animation(width, height, frames, limits)

    def pictures() -> Iterator[Pillow.Image]:
        for frame in range(frames):
            picture.seek(frame)
            picture.load()
            yield picture

    return Source(
        data=data,
        width=width,
        height=height,
        frames=frames,
        pictures=pictures,
        orientation=exif.orientation(picture.info.get("exif")),
        profile=picture.info.get("icc_profile"),
    )


def _canvas(data: bytes) -> tuple[int, int]:
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise damaged("header cut off")
    if kind == _VP8X:
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == _VP8 and body[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(body[at : at + 2], "little") for at in (6, 8))
        return width & _SIDE, height & _SIDE
    if kind == _VP8L and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & _SIDE), 1 + (bits >> 14 & _SIDE)
    raise damaged("no picture in the WebP")

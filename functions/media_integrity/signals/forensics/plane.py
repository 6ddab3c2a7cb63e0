"""The luminance of a picture at full size, with the grid of blocks that it is stored in.

Views are made smaller, which destroys what forensics looks at. So a JPEG, PNG or WebP is decoded
once more, luminance only. The plane is turned upright like the views; its grid turns with it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from media_integrity.media import jpeg
from media_integrity.media.types import Image, ImageFormat
from media_integrity.schema.findings import Box
from media_integrity.signals.provenance.containers import png_chunks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image as Pillow

Luma: TypeAlias = "NDArray[np.uint8]"

MAX_PIXELS = 12_000_000
"""Examined; of a larger picture what is around its focus. Phones take 12 megapixels."""

MIDDLE = (0.5, 0.5)

BLOCK = 8


@dataclass(frozen=True, slots=True)
class Plane:
    """Luminance, (height, width), 0 to 255, upright."""

    luma: Luma
    table: NDArray[np.int32] | None
    """(8, 8) quantisation of the luminance; None where the file is no JPEG."""
    origin: tuple[int, int]
    """Row and column, 0 to 7, of the first whole block of a JPEG."""
    left: int
    top: int
    width: int
    height: int
    """Of the whole picture; ``left`` and ``top`` say where ``luma`` lies in it."""

    def pixels(self, box: Box, grown: float = 1.0) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of a box of shares, in pixels of ``luma``, cut at its edges.

        ``grown``: by what the box is made larger around its middle.
        """
        middle = (box.left + box.width / 2) * self.width, (box.top + box.height / 2) * self.height
        half = box.width * self.width * grown / 2, box.height * self.height * grown / 2
        rows, columns = self.luma.shape
        left, right = (
            min(max(round(middle[0] + side * half[0]) - self.left, 0), columns) for side in (-1, 1)
        )
        top, bottom = (
            min(max(round(middle[1] + side * half[1]) - self.top, 0), rows) for side in (-1, 1)
        )
        return left, top, right, bottom

    def box(self, left: float, top: float, right: float, bottom: float, confidence: float) -> Box:
        """Pixels of ``luma`` as shares of the whole picture."""

        def share(pixel: float, offset: int, size: int) -> float:
            return min(max((pixel + offset) / size, 0.0), 1.0)

        x, y = share(left, self.left, self.width), share(top, self.top, self.height)
        return Box(
            left=x,
            top=y,
            width=max(share(right, self.left, self.width) - x, 0.0),
            height=max(share(bottom, self.top, self.height) - y, 0.0),
            confidence=min(max(confidence, 0.0), 1.0),
        )


@dataclass(frozen=True, slots=True)
class Focus:
    """What of a large picture is examined."""

    around: tuple[float, float] = MIDDLE
    """Shares of the width and height, upright."""
    pixels: int | None = None
    """At most; None: ``MAX_PIXELS``."""


WHOLE = Focus()


def plane(media: Image, focus: Focus = WHOLE) -> Plane | None:
    """The full luminance of the first frame; None for formats without traces of JPEG.

    Those are films, GIF (256 colours), AVIF and HEIC (other transforms, stronger than the traces).

    Raises:
        Exception: a decoder's own, where it fails on a file that opened before.
    """
    if media.format is ImageFormat.JPEG:
        return _of_jpeg(media.data, focus)
    if media.format is ImageFormat.PNG:
        from PIL.PngImagePlugin import PngImageFile

        return _cut(_grey(PngImageFile(io.BytesIO(without_metadata(media.data)))), None, 1, focus)
    if media.format is ImageFormat.WEBP and media.frames == 1:
        from PIL.WebPImagePlugin import WebPImageFile

        return _cut(_grey(WebPImageFile(io.BytesIO(media.data))), None, 1, focus)
    return None


def _of_jpeg(data: bytes, focus: Focus) -> Plane | None:
    import numpy as np

    picture, orientation = jpeg.stored(data)
    # CMYK, and RGB kept as RGB, have no luminance of their own.
    if picture.mode not in {"L", "RGB"} or picture.info.get("adobe_transform", 1) == 0:
        return None
    layers = picture.layer
    tables = picture.quantization
    table = np.array(tables[layers[0][3]], np.int32).reshape(8, 8)
    picture.draft("L", None)  # the decoder leaves the colours out
    luminance = picture if picture.mode == "L" else picture.convert("L")
    return _cut(luminance, table, orientation, focus)


_PNG_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT"})


def without_metadata(png: bytes) -> bytes:
    """The header, colours and pixels of a PNG: nothing else is for the decoder to unpack."""
    chunks = (
        png[start - 8 : end + 4] for kind, start, end in png_chunks(png) if kind in _PNG_NEEDED
    )
    return b"".join((png[:8], *chunks, b"\x00\x00\x00\x00IEND\xaeB`\x82"))


def _grey(picture: Pillow.Image) -> Pillow.Image:
    import numpy as np
    from PIL import Image as Pillow

    if picture.mode.startswith("I"):  # 16 bits a sample
        return Pillow.fromarray((np.asarray(picture).astype(np.uint16) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        return Pillow.alpha_composite(Pillow.new("RGBA", rgba.size, "white"), rgba).convert("L")
    return (picture if picture.mode == "RGB" else picture.convert("RGB")).convert("L")


def _cut(
    picture: Pillow.Image,
    table: NDArray[np.int32] | None,
    orientation: int,
    focus: Focus,
) -> Plane:
    """The plane, or what is around ``focus`` where it is too large, upright."""
    import numpy as np

    wide, high = picture.size
    flip_rows, flip_columns, swap = _TURNS[orientation]
    across, down = focus.around[::-1] if swap else focus.around
    share = min(1.0, ((focus.pixels or MAX_PIXELS) / (wide * high)) ** 0.5)
    left, right = _span(wide, share, 1 - across if flip_columns else across)
    top, bottom = _span(high, share, 1 - down if flip_rows else down)
    if share < 1:
        picture = picture.crop((left, top, right, bottom))
    luma = np.asarray(picture, np.uint8)
    # The stored picture may end in a part of a block, with which it begins after a flip.
    origin = (
        luma.shape[0] % BLOCK if flip_rows else 0,
        luma.shape[1] % BLOCK if flip_columns else 0,
    )
    place = (high - bottom if flip_rows else top, wide - right if flip_columns else left)
    luma = luma[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
    size = high, wide
    if swap:
        luma, origin, place, size = luma.T, origin[::-1], place[::-1], size[::-1]
        table = None if table is None else table.T
    return Plane(
        luma=np.ascontiguousarray(luma),
        table=table,
        origin=origin,
        left=place[1],
        top=place[0],
        width=size[1],
        height=size[0],
    )


def _span(size: int, share: float, around: float) -> tuple[int, int]:
    """Begin, on the grid of blocks, and end of a share of ``size`` pixels around a place in it."""
    length = size if share == 1 else int(size * share)
    begin = min(max(int(around * size - length / 2), 0), size - length) // BLOCK * BLOCK
    return begin, begin + length


_TURNS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (True, True, False),
    4: (True, False, False),
    5: (False, False, True),
    6: (True, False, True),
    7: (True, True, True),
    8: (False, True, True),
}
"""For each EXIF orientation: flip rows, flip columns, then exchange them (as ``media.views``)."""

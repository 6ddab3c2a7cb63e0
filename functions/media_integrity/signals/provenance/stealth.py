"""Generation parameters hidden in the lowest bits of the pixels.

The form is that of the "stealth pnginfo" extension of Stable Diffusion web UI, which NovelAI took
over: column by column, from the top left, one bit of alpha a pixel, or one each of red, green and
blue; 15 characters that name the variant, 32 bits with the number of bits that follow, then UTF-8
text, plain or in gzip. Any change of the pixels destroys it, so only lossless formats are read.

A PNG without it costs a few rows: the first column is unpacked only as far as its bits agree with
the name of a variant.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.media.types import Image, ImageFormat
from media_integrity.schema.findings import AiOrigin

from .containers import MAX_BLOCK, inflated, png_chunks, webp_chunks
from .generators import Claim, by_text
from .texts import decoded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_PIXELS = 40_000_000
"""Of a PNG that carries a variant's name and is decoded for what follows it."""

MAX_WEBP_PIXELS = 4_000_000
"""Of a lossless WebP, which is decoded whole (about 15 ms a megapixel) to see whether it carries
one. Generators make pictures of 0.3 to 3 megapixels."""


@dataclass(frozen=True, slots=True)
class _Variant:
    name: bytes
    channels: slice
    """Which of red, green, blue, alpha carry bits, in this order."""
    packed: bool

    @property
    def bits(self) -> str:
        return "".join(f"{byte:08b}" for byte in self.name)


_RGB, _ALPHA = slice(0, 3), slice(3, 4)
_VARIANTS = (
    _Variant(b"stealth_pnginfo", _ALPHA, packed=False),
    _Variant(b"stealth_pngcomp", _ALPHA, packed=True),
    _Variant(b"stealth_rgbinfo", _RGB, packed=False),
    _Variant(b"stealth_rgbcomp", _RGB, packed=True),
)
_NAME_BYTES, _LENGTH_BYTES = 15, 4


def hidden_claim(media: Image) -> Claim | None:
    """What the pixels of a PNG or lossless WebP say; None where they carry nothing.

    A name without readable parameters is a statement still: 120 bits do not agree by chance.

    Raises:
        OSError: the picture is damaged after the part that was read first.
    """
    if media.format is ImageFormat.PNG:
        if not _png_has_name(media.data) or media.width * media.height > MAX_PIXELS:
            return None
    elif media.format is ImageFormat.WEBP:
        lossless = any(kind == b"VP8L" for kind, _, _ in webp_chunks(media.data))
        if not lossless or media.width * media.height > MAX_WEBP_PIXELS:
            return None
    else:
        return None
    pixels = _pixels(media)
    for variant in _VARIANTS:
        text = _text(pixels, variant)
        if text is not None:
            return by_text(text) or Claim(AiOrigin.GENERATED)
    return None


def _pixels(media: Image) -> NDArray[np.uint8]:
    """(height, width, 3 or 4)."""
    import numpy as np
    from PIL.PngImagePlugin import PngImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    if media.format is ImageFormat.PNG:
        slim = _without_metadata(media.data)
        return np.asarray(PngImageFile(io.BytesIO(slim)))
    return np.asarray(WebPImageFile(io.BytesIO(media.data)))


_NEEDED = frozenset({b"IHDR", b"IDAT"})


def _without_metadata(png: bytes) -> bytes:
    """The signature, header and pixels of a PNG: nothing else is for the decoder to unpack."""
    chunks = (png[start - 8 : end + 4] for kind, start, end in png_chunks(png) if kind in _NEEDED)
    return b"".join((png[:8], *chunks, b"\x00\x00\x00\x00IEND\xaeB`\x82"))


def _text(pixels: NDArray[np.uint8], variant: _Variant) -> str | None:
    """The text hidden in ``pixels``; None where the variant's name is not at its place."""
    name = _bytes(pixels, variant, 0, _NAME_BYTES)
    if name != variant.name:
        return None
    bits = int.from_bytes(_bytes(pixels, variant, _NAME_BYTES, _LENGTH_BYTES), "big")
    length = min(bits // 8, MAX_BLOCK)
    body = _bytes(pixels, variant, _NAME_BYTES + _LENGTH_BYTES, length)
    if variant.packed:
        body = inflated(body, 16 + zlib.MAX_WBITS) or b""
    return decoded(body)


def _bytes(pixels: NDArray[np.uint8], variant: _Variant, start: int, count: int) -> bytes:
    """``count`` hidden bytes from ``start`` on, or as many as there are."""
    import numpy as np

    planes = pixels[:, :, variant.channels]
    per_column = planes.shape[0] * planes.shape[2]
    if not per_column:
        return b""
    first = 8 * start // per_column
    last = -(-8 * (start + count) // per_column)
    columns = planes[:, first:last].transpose(1, 0, 2).reshape(-1) & 1
    offset = 8 * start - first * per_column
    return np.packbits(columns[offset : offset + 8 * count]).tobytes()[:count]


# PNG, as far as the name reaches ----------------------------------------------------------------

_CHANNELS = {2: 3, 6: 4}  # by colour type: true colour, without and with alpha
_HEADER = 13
_PIECE = 65_536


def _png_has_name(png: bytes) -> bool:
    """Does the first column begin like a variant's name?

    Only 8-bit true colour without interlacing: that is what the programs write. In the first column
    the left neighbours of every PNG filter are zero, so it can be unfiltered by itself.
    """
    header = next(((start, end) for kind, start, end in png_chunks(png) if kind == b"IHDR"), None)
    if header is None or header[1] - header[0] != _HEADER:
        return False
    start = header[0]
    width = int.from_bytes(png[start : start + 4], "big")
    height = int.from_bytes(png[start + 4 : start + 8], "big")
    depth, colour, interlaced = png[start + 8], png[start + 9], png[start + 12]
    channels = _CHANNELS.get(colour)
    if channels is None or depth != 8 or interlaced or not width:
        return False
    candidates = [
        (variant.bits, variant.channels)
        for variant in _VARIANTS
        if variant.channels.stop <= channels
    ]
    above = bytes(channels)
    seen = {_RGB.stop: "", _ALPHA.stop: ""}
    rows = 0
    for filtered in _first_pixels(png, 1 + width * channels, channels):
        rows += 1
        above = _unfiltered(filtered, above)
        for stop, part in ((_RGB.stop, above[:3]), (_ALPHA.stop, above[3:])):
            seen[stop] += "".join(str(value & 1) for value in part)
        candidates = [
            (bits, place)
            for bits, place in candidates
            if bits.startswith(seen[place.stop][: len(bits)])
        ]
        if not candidates:
            return False
        if any(len(seen[place.stop]) >= len(bits) for bits, place in candidates):
            return True
    # Lower than the name is long: the next columns show.
    return rows == height


def _first_pixels(png: bytes, stride: int, channels: int) -> Iterator[bytes]:
    """Filter type and first pixel of each row, unpacking no further than is asked for."""
    unpacker = zlib.decompressobj()
    row = bytearray()
    for piece in _compressed_pixels(png):
        packed = piece
        while packed:
            try:
                row += unpacker.decompress(packed, stride - len(row))
            except zlib.error:
                return
            if len(row) == stride:
                yield bytes(row[: 1 + channels])
                row.clear()
            packed = unpacker.unconsumed_tail


def _compressed_pixels(png: bytes) -> Iterator[bytes]:
    for kind, start, end in png_chunks(png):
        if kind == b"IDAT":
            for at in range(start, end, _PIECE):
                yield png[at : min(at + _PIECE, end)]


_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)


def _unfiltered(filtered: bytes, above: bytes) -> bytes:
    """PNG specification section 9 for a pixel with nothing to its left."""
    kind, values = filtered[0], filtered[1:]
    if kind in {_NONE, _SUB}:
        return values
    # With zero to the left and above it, Paeth predicts the value above.
    shift = 1 if kind == _AVERAGE else 0
    return bytes(value + (up >> shift) & 0xFF for value, up in zip(values, above, strict=True))

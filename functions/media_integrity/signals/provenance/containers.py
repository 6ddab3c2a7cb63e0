"""Finds the metadata blocks of an image file without decoding its pixels.

JPEG: ITU-T T.81 annex B, EXIF 2.32 section 4.7, XMP part 3 (2020). PNG: W3C "Portable Network
Graphics (PNG) Specification (Third Edition)" section 11.3. GIF: GIF89a sections 24 and 26. WebP:
RFC 9649 section 2.7. AVIF and HEIC: read by the libraries that decode them.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from media_integrity.media.types import FilmFormat, ImageFormat

MAX_BLOCKS = 400
"""Metadata blocks read from one file, in the order of the file."""

MAX_BLOCK = 2_000_000
"""Bytes read of one block, after unpacking. ComfyUI's largest shared workflows are under 1 MB."""

MAX_TOTAL = 4_000_000
"""Bytes read of all blocks together, after unpacking."""

MAX_PARTS = 100_000
"""Chunks, segments or data blocks walked through in one file."""


class Kind(Enum):
    """What a block holds."""

    EXIF = auto()  # a TIFF structure, without the "Exif" prefix
    XMP = auto()  # an XMP packet
    IIM = auto()  # Photoshop image resources, which may hold IPTC-IIM
    PNG_TEXT = auto()  # text under a key
    COMMENT = auto()  # text without one


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of metadata, unpacked, at most ``MAX_BLOCK`` bytes of it."""

    kind: Kind
    data: bytes
    key: str = ""
    """Keyword of a PNG text."""


def blocks(data: bytes, kind: ImageFormat | FilmFormat) -> Iterator[Block]:
    """The metadata blocks of ``data``, in the order of the file, within the module's bounds.

    Raises:
        Exception: the decoding library's own, for AVIF and HEIC only.
    """
    left = MAX_TOTAL
    count = 0
    for block in _READERS[kind](data):
        for part in _unwrapped(block):
            left -= len(part.data)
            count += 1
            if left < 0 or count > MAX_BLOCKS:
                return
            yield part


# JPEG -------------------------------------------------------------------------------------------

_STANDALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD8)})
_SOI, _EOI, _SOS, _COM, _APP1, _APP13 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE1, 0xED
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\x00"
_EXIF_PREFIXES = (b"Exif\x00\x00", b"Exif\x00\xff")
_PHOTOSHOP_PREFIX = b"Photoshop 3.0\x00"


def _jpeg(data: bytes) -> Iterator[Block]:
    """Segments up to the first scan, where every encoder puts its metadata."""
    at = 2
    for _ in range(MAX_PARTS):
        at = data.find(b"\xff", at)
        if at < 0 or at + 4 > len(data):
            return
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        if marker in {_SOS, _EOI, _SOI}:
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        if marker == _COM:
            yield Block(Kind.COMMENT, body)
        elif marker == _APP13 and body.startswith(_PHOTOSHOP_PREFIX):
            yield Block(Kind.IIM, body[len(_PHOTOSHOP_PREFIX) :])
        elif marker == _APP1 and body.startswith(_XMP_PREFIX):
            yield Block(Kind.XMP, body[len(_XMP_PREFIX) :])
        elif marker == _APP1 and body.startswith(_EXIF_PREFIXES):
            yield Block(Kind.EXIF, body[6:])
        at += 2 + length


# PNG --------------------------------------------------------------------------------------------

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP_KEY = "XML:com.adobe.xmp"


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the content of each chunk of a PNG, as far as they are whole."""
    at = len(PNG_SIGNATURE)
    for _ in range(MAX_PARTS):
        length = int.from_bytes(data[at : at + 4], "big")
        start = at + 8
        end = start + length
        if end + 4 > len(data):
            return
        yield data[at + 4 : start], start, end
        at = end + 4


def _png(data: bytes) -> Iterator[Block]:
    for kind, start, end in png_chunks(data):
        if kind == b"IEND":
            return
        if kind == b"eXIf":
            yield Block(Kind.EXIF, data[start : min(end, start + MAX_BLOCK)])
        elif kind in _PNG_TEXTS:
            key, _, rest = data[start:end].partition(b"\x00")
            text = _PNG_TEXTS[kind](rest)
            if text is not None:
                name = key[:80].decode("latin-1")
                holds = Kind.XMP if name == _XMP_KEY else Kind.PNG_TEXT
                yield Block(holds, text[:MAX_BLOCK], name)


def _plain(rest: bytes) -> bytes:
    return rest


def _compressed(rest: bytes) -> bytes | None:
    return inflated(rest[1:]) if rest[:1] == b"\x00" else None


def _international(rest: bytes) -> bytes | None:
    packed, method = rest[:1], rest[1:2]
    fields = rest[2:].split(b"\x00", 2)  # language, translated keyword, text
    if len(fields) != 3:
        return None
    if packed != b"\x01":
        return fields[2]
    return inflated(fields[2]) if method == b"\x00" else None


_PNG_TEXTS = {b"tEXt": _plain, b"zTXt": _compressed, b"iTXt": _international}


def inflated(packed: bytes, wbits: int = zlib.MAX_WBITS) -> bytes | None:
    """The first ``MAX_BLOCK`` bytes of a zlib or gzip stream; None where it is none."""
    try:
        return zlib.decompressobj(wbits).decompress(packed, MAX_BLOCK)
    except zlib.error:
        return None


# ImageMagick keeps foreign blocks as hexadecimal text after their name and length.
_RAW_PROFILE = re.compile(rb"\s*\w{1,16}\s+\d{1,9}\s+([0-9a-fA-F\s]*)")


def _unwrapped(block: Block) -> Iterator[Block]:
    yield block
    if block.kind is not Kind.PNG_TEXT or not block.key.startswith("Raw profile type "):
        return
    found = _RAW_PROFILE.match(block.data)
    if found is None:
        return
    digits = b"".join(found[1].split())
    raw = bytes.fromhex(digits[: len(digits) & ~1].decode("ascii"))
    if raw.startswith(_EXIF_PREFIXES):
        yield Block(Kind.EXIF, raw[6:])
    elif raw.startswith(_XMP_PREFIX) or block.key.endswith(" xmp"):
        yield Block(Kind.XMP, raw.removeprefix(_XMP_PREFIX))
    else:
        yield Block(Kind.IIM, raw.removeprefix(_PHOTOSHOP_PREFIX))


# WebP -------------------------------------------------------------------------------------------


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the content of each chunk of a WebP, as far as they are whole."""
    at = 12
    for _ in range(MAX_PARTS):
        start = at + 8
        end = start + int.from_bytes(data[at + 4 : start], "little")
        if start > len(data) or end > len(data):
            return
        yield data[at : at + 4], start, end
        at = end + (end - start & 1)


def _webp(data: bytes) -> Iterator[Block]:
    for kind, start, end in webp_chunks(data):
        body = data[start : min(end, start + MAX_BLOCK)]
        if kind == b"EXIF":
            yield Block(Kind.EXIF, body[6:] if body.startswith(_EXIF_PREFIXES) else body)
        elif kind == b"XMP ":
            yield Block(Kind.XMP, body)


# GIF --------------------------------------------------------------------------------------------

_EXTENSION, _PICTURE, _COMMENT, _APPLICATION = 0x21, 0x2C, 0xFE, 0xFF
_GIF_XMP = b"XMP DataXMP"
_GIF_XMP_END = b"\x01\xff\xfe\xfd"
"""XMP stands in a GIF as it is, followed by bytes that lead any reader of data blocks out of it."""


class _Gif:
    """A place in a GIF. Raises IndexError at the end of the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 13 + self._palette(data[10])
        self.left = MAX_PARTS

    def _palette(self, flags: int) -> int:
        return 3 << (flags & 7) + 1 if flags & 0x80 else 0

    def skip_picture(self) -> None:
        self.at += 10 + self._palette(self.data[self.at + 9]) + 1
        self.sub_blocks(keep=0)

    def sub_blocks(self, keep: int) -> bytes:
        """Pass over data blocks, returning about the first ``keep`` bytes of them."""
        kept = bytearray()
        while (size := self.data[self.at]) and self.left > 0:
            if len(kept) < keep:
                kept += self.data[self.at + 1 : self.at + 1 + size]
            self.at += 1 + size
            self.left -= 1
        self.at += 1
        return bytes(kept)


def _gif(data: bytes) -> Iterator[Block]:
    try:
        place = _Gif(data)
        while place.left > 0:
            kind = data[place.at]
            if kind == _PICTURE:
                place.skip_picture()
            elif kind == _EXTENSION:
                label, start = data[place.at + 1], place.at + 2
                place.at = start
                body = place.sub_blocks(MAX_BLOCK if label == _COMMENT else 0)
                if label == _COMMENT:
                    yield Block(Kind.COMMENT, body)
                elif label == _APPLICATION and data[start + 1 : start + 12] == _GIF_XMP:
                    end = data.find(_GIF_XMP_END, start + 12, start + 12 + MAX_BLOCK)
                    yield Block(Kind.XMP, data[start + 12 : end if end > 0 else place.at])
            else:
                return
            place.left -= 1
    except IndexError:
        return


# AVIF and HEIC ----------------------------------------------------------------------------------


def _avif(data: bytes) -> Iterator[Block]:
    from PIL.AvifImagePlugin import AvifImageFile

    yield from _from_info(AvifImageFile(io.BytesIO(data)).info)


def _heic(data: bytes) -> Iterator[Block]:
    import pi_heif

    yield from _from_info(pi_heif.open_heif(io.BytesIO(data)).info)


def _from_info(info: dict[str | tuple[int, int], object]) -> Iterator[Block]:
    exif, xmp = info.get("exif"), info.get("xmp")
    if isinstance(exif, bytes):
        yield Block(Kind.EXIF, (exif[6:] if exif.startswith(_EXIF_PREFIXES) else exif)[:MAX_BLOCK])
    if isinstance(xmp, bytes):
        yield Block(Kind.XMP, xmp[:MAX_BLOCK])


# Films ------------------------------------------------------------------------------------------

_XMP_START, _XMP_END = b"<x:xmpmeta", b"</x:xmpmeta>"


def _film(data: bytes) -> Iterator[Block]:
    """XMP packets, wherever in the file: XMP part 3 lets readers search for them."""
    start = data.find(_XMP_START)
    while start >= 0:
        end = data.find(_XMP_END, start)
        if end < 0:
            return
        end += len(_XMP_END)
        if end - start <= MAX_BLOCK:
            yield Block(Kind.XMP, data[start:end])
        start = data.find(_XMP_START, end)


_READERS: dict[ImageFormat | FilmFormat, Callable[[bytes], Iterator[Block]]] = {
    **dict.fromkeys(FilmFormat, _film),
    ImageFormat.JPEG: _jpeg,
    ImageFormat.PNG: _png,
    ImageFormat.GIF: _gif,
    ImageFormat.WEBP: _webp,
    ImageFormat.AVIF: _avif,
    ImageFormat.HEIF: _heic,
}

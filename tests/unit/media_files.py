"""Image files for the tests of ``media``, made by code: sound ones, odd ones and hostile ones."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms

Rgb = NDArray[np.uint8]

RED, GREEN, BLUE, YELLOW = (220, 40, 40), (40, 200, 60), (50, 70, 210), (240, 230, 60)


def quadrants(width: int = 96, height: int = 64) -> Rgb:
    """Red and green above, blue and yellow below: every way to turn it looks different."""
    picture = np.zeros((height, width, 3), np.uint8)
    top, left = slice(0, height // 2), slice(0, width // 2)
    bottom, right = slice(height // 2, None), slice(width // 2, None)
    picture[top, left], picture[top, right] = RED, GREEN
    picture[bottom, left], picture[bottom, right] = BLUE, YELLOW
    return picture


def corners(rgb: Rgb) -> list[list[int]]:
    """Colours in the middle of the quadrants: above left and right, below left and right."""
    height, width = rgb.shape[:2]
    return [
        rgb[y * height // 4, x * width // 4].tolist() for y, x in ((1, 1), (1, 3), (3, 1), (3, 3))
    ]


def photograph(width: int, height: int, seed: int = 1) -> Rgb:
    """Soft shapes under grain: what photographs look like to codecs and hashes."""
    import cv2

    random = np.random.default_rng(seed)
    shapes = random.integers(0, 256, (9, 12, 3), dtype=np.uint8)
    smooth = cv2.resize(shapes, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = random.normal(0, 5, (height, width, 1))
    return np.clip(smooth + grain, 0, 255).astype(np.uint8)


def saved(picture: Rgb | Pillow.Image, kind: str, **options: Any) -> bytes:
    """The file that Pillow writes."""
    written = io.BytesIO()
    image = picture if isinstance(picture, Pillow.Image) else Pillow.fromarray(picture)
    image.save(written, kind, **options)
    return written.getvalue()


def animated(frames: Sequence[Rgb], kind: str, **options: Any) -> bytes:
    """An animation that Pillow writes."""
    first, *others = (Pillow.fromarray(frame) for frame in frames)
    return saved(first, kind, save_all=True, append_images=others, duration=50, **options)


def exif(orientation: int) -> bytes:
    """An EXIF block that says nothing else."""
    block = Pillow.Exif()
    block[0x0112] = orientation
    return block.tobytes()


# --- PNG ------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colours: int = 2) -> bytes:
    """A PNG of these chunks after a header that may lie."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def idat(rgb: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Pixels as a PNG holds them: each row after a filter byte of 0."""
    big_endian = rgb.astype(">u2") if rgb.dtype == np.uint16 else rgb
    rows = b"".join(b"\x00" + row.tobytes() for row in big_endian)
    return chunk(b"IDAT", zlib.compress(rows))


def with_chunks(file: bytes, *chunks: bytes) -> bytes:
    """``file`` with chunks added after its header."""
    return file[:33] + b"".join(chunks) + file[33:]


# --- GIF ------------------------------------------------------------------------------------------


def gif(width: int, height: int, *blocks: bytes, palette: bytes = b"") -> bytes:
    """A GIF of these blocks. ``palette``: 256 RGB triples, or none."""
    flags = 0xF7 if palette else 0x70
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, flags, 0, 0)
        + palette
        + b"".join(blocks)
        + b";"
    )


def palette(*colours: tuple[int, int, int]) -> bytes:
    """A palette of 256 with these first."""
    return b"".join(bytes(colour) for colour in colours).ljust(768, b"\x00")


def gif_frame(
    indices: NDArray[np.uint8],
    left: int = 0,
    top: int = 0,
    *,
    disposal: int = 0,
    transparent: int | None = None,
) -> bytes:
    """A frame with its graphic control block, not compressed."""
    height, width = indices.shape
    flags = disposal << 2 | (transparent is not None)
    control = b"!\xf9\x04" + struct.pack("<BHBB", flags, 5, transparent or 0, 0)
    place = b"," + struct.pack("<HHHHB", left, top, width, height, 0)
    return control + place + b"\x08" + gif_blocks(_codes(indices.tobytes()))


def gif_blocks(data: bytes) -> bytes:
    """Data blocks of up to 255 bytes and the empty one."""
    pieces = (data[at : at + 255] for at in range(0, len(data), 255))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\x00"


def _codes(indices: bytes) -> bytes:
    """LZW that never uses its table: cleared before codes would grow beyond nine bits."""
    clear, end = 256, 257
    codes: list[int] = []
    for at in range(0, len(indices), 250):
        codes += [clear, *indices[at : at + 250]]
    bits = sum(code << 9 * place for place, code in enumerate([*codes, end]))
    return bits.to_bytes((9 * (len(codes) + 1) + 7) // 8, "little")


# --- JPEG -----------------------------------------------------------------------------------------


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG marker segment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def resized_header(jpeg: bytes, width: int, height: int) -> bytes:
    """``jpeg`` with another size in its frame header."""
    at = next(
        jpeg.find(bytes([0xFF, marker])) for marker in (0xC0, 0xC2) if bytes([0xFF, marker]) in jpeg
    )
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


# --- colour ---------------------------------------------------------------------------------------


def srgb_profile(year: int = 2010) -> bytes:
    """An ICC profile that changes nothing, made in ``year``."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", year, 1, 1, 0, 0, 0)
    return bytes(profile)


def swapping_profile() -> bytes:
    """An ICC profile that shows red as blue and blue as red."""
    profile = srgb_profile()
    return profile.replace(b"rXYZ", b"tmp.").replace(b"bXYZ", b"rXYZ").replace(b"tmp.", b"bXYZ")


def display_p3_profile(year: int = 2010) -> bytes:
    """sRGB's ICC profile with the primaries of Display P3, as phones embed it."""
    profile = bytearray(srgb_profile(year))
    primaries = {  # adapted to D50; SMPTE EG 432-1 primaries
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    (count,) = struct.unpack_from(">I", profile, 128)
    for entry in range(count):
        name, offset, _ = struct.unpack_from(">4sII", profile, 132 + 12 * entry)
        if name in primaries:
            fixed = (round(value * 65536) for value in primaries[name])
            struct.pack_into(">3i", profile, offset + 8, *fixed)
    return bytes(profile)


# --- HEIC -----------------------------------------------------------------------------------------
# ``quadrants()`` encoded once with pillow-heif 1.8.1 at quality 60: no package that is installed
# here can write HEVC.

HEIC = base64.b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA
AAAAACJpbG9jAAAAAERAAAEAAQAAAAABegABAAAAAAAAAMQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAA
AA5waXRtAAAAAAABAAAA1mlwcnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNw
AAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHB
crAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAA
AAABAAEEgQIDBAAAAMxtZGF0AAAAwCgBrwngITl1X//70p///DfvIfuzFUkEpPPeyBP707//L9ldRR7tZRggi9MouodaTeNr
Wwn0ss1/aBoJb+BCgRlwBdKWEBBDAJbMzb2wNXaSv5m0K2mlMflvTbzl//wtRAfyLVF/8iBP+NrJi1TzyQEKqSIg+zU0j/LL
d82Tzs/XOqB3lUdtkxOMpr/v7YLG/46Lau4sLZf9IKNvis9wjufkQTrvY6V/Lm0K+xg1C8OR6CQc0i29NC6K7uMwf6M4/A==
""")
"""The picture as it is."""

HEIC_TURNED = base64.b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaFtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA
AAAAADRpbG9jAAAAAERAAAIAAQAAAAABxQABAAAAAAAAAMQAAgAAAAACiQABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVp
bmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA4GlwcnAAAADAaXBjbwAAAHho
dmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAA
AwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAA
AAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAAJaXJvdAMAAAAYaXBtYQAAAAAAAAABAAEFgQIDBIUAAAAaaXJlZgAAAAAA
AAAOY2RzYwACAAEAAQAAAPBtZGF0AAAAwCgBrwngITl1X//70p///DfvIfuzFUkEpPPeyBP707//L9ldRR7tZRggi9Mouoda
TeNrWwn0ss1/aBoJb+BCgRlwBdKWEBBDAJbMzb2wNXaSv5m0K2mlMflvTbzl//wtRAfyLVF/8iBP+NrJi1TzyQEKqSIg+zU0
j/LLd82Tzs/XOqB3lUdtkxOMpr/v7YLG/46Lau4sLZf9IKNvis9wjufkQTrvY6V/Lm0K+xg1C8OR6CQc0i29NC6K7uMwf6M4
/AAAAAZFeGlmAABNTQAqAAAACAABARIAAwAAAAEABgAAAAAAAA==
""")
"""Stored like the above, with a rotation property: shown turned by 90 degrees clockwise."""

HEIC_TWO = base64.b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAhBtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA
AAAAADRpbG9jAAAAAERAAAIAAQAAAAACNAABAAAAAAAAAB4AAgAAAAACUgABAAAAAAAAAMQAAAA4aWluZgAAAAAAAgAAABVp
bmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAAACAABodmMxAAAAAA5waXRtAAAAAAACAAABaWlwcnAAAAFDaXBjbwAAAHho
dmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAA
AwAAAwAeoCCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAA
AAAAAABAAAAAQAAAABBwaXhpAAAAAAMICAgAAAB4aHZjQwEDcAAAAJAAAAAAAB7wAPz9+PgAAA8DYAABABhAAQwB//8DcAAA
AwCQAAADAAADAB66AkBhAAEAK0IBAQNwAAADAJAAAAMAAAMAHqAwgQWW6kkprm4CGgwIAAADAMgAAAMACEBiAAEAB0QBwXKw
IkAAAAAUaXNwZQAAAAAAAABgAAAAQAAAAB5pcG1hAAAAAAAAAAIAAQSBAgMEAAIEhQIGBAAAAOptZGF0AAAAGigBrwngITl1
X//+Ff/vf0wdyH5QG50HMPX4AAAAwCgBrwngITl1X//70p///DfvIfuzFUkEpPPeyBP707//L9ldRR7tZRggi9MouodaTeNr
Wwn0ss1/aBoJb+BCgRlwBdKWEBBDAJbMzb2wNXaSv5m0K2mlMflvTbzl//wtRAfyLVF/8iBP+NrJi1TzyQEKqSIg+zU0j/LL
d82Tzs/XOqB3lUdtkxOMpr/v7YLG/46Lau4sLZf9IKNvis9wjufkQTrvY6V/Lm0K+xg1C8OR6CQc0i29NC6K7uMwf6M4/A==
""")
"""A purple square first, the quadrants second and primary."""

HEIC_ALPHA = base64.b64decode("""
AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAkVtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA
AAAAADRpbG9jAAAAAERAAAIAAQAAAAACaQABAAAAAAAAAMQAAgAAAAADLQABAAAAAAAAAG4AAAA4aWluZgAAAAAAAgAAABVp
bmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAAACAABodmMxAAAAAA5waXRtAAAAAAABAAABhGlwcnAAAAFeaXBjbwAAAHho
dmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAA
AwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAA
AAAAAABgAAAAQAAAABBwaXhpAAAAAAMICAgAAAByaHZjQwEECAAAAJ/4AAAAAB7wAPz8+PgAAA8DYAABABdAAQwB//8ECAAA
AwCf+AAAAwAAHroCQGEAAQAmQgEBBAgAAAMAn/gAAAMAAB7AwgQWW6kkprmwIAAAAwMgAAADACFiAAEAB0QBwXKwIkAAAAAO
cGl4aQAAAAABCAAAACdhdXhDAAAAAHVybjptcGVnOmhldmM6MjAxNTphdXhpZDoxAAAAAB5pcG1hAAAAAAAAAAIAAQSBAgME
AAIEhQMGhwAAABppcmVmAAAAAAAAAA5hdXhsAAIAAQABAAABOm1kYXQAAADAKAGvCeAhOXVf//vSn//8N+8h+7MVSQSk897I
E/vTv/8v2V1FHu1lGCCL0yi6h1pN42tbCfSyzX9oGglv4EKBGXAF0pYQEEMAlszNvbA1dpK/mbQraaUx+W9NvOX//C1EB/It
UX/yIE/42smLVPPJAQqpIiD7NTSP8st3zZPOz9c6oHeVR22TE4ymv+/tgsb/jotq7iwtl/0go2+Kz3CO5+RBOu9jpX8ubQr7
GDULw5HoJBzSLb00Loru4zB/ozj8AAAAaigBrhPA4zdEdf//90TTX1hf+ab37aHpCyIuzBK9NgWpx2du/gkqMJWAGcEgdxq+
K/+YA2QoIiGXyVusOxHgn3hTfgF2tqPjwqwOCcJG8AwLnTcPi1Pq+X8g/EOXAb5QhPsxkndcqdCDcpg=
""")
"""The left half is transparent."""

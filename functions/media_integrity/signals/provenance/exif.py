"""The few EXIF texts in which generators name themselves.

EXIF 2.32 sections 4.6.2 to 4.6.5 in a TIFF 6.0 structure. Read here and not by an image library
because those copy every field of a directory, and a hostile one points thousands of them at the
same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum

from .texts import decoded

MAX_ENTRIES = 1_000
"""Fields looked at in one directory; cameras write under 100."""


class Tag(IntEnum):
    """Fields that are read."""

    DESCRIPTION = 0x010E
    MAKE = 0x010F
    MODEL = 0x0110
    SOFTWARE = 0x0131
    ARTIST = 0x013B
    USER_COMMENT = 0x9286
    XP_COMMENT = 0x9C9C


_EXIF_DIRECTORY = 0x8769
_TAGS = frozenset(Tag)
_BYTE, _ASCII, _LONG, _UNDEFINED, _UTF8 = 1, 2, 4, 7, 129  # UTF-8: EXIF 3.0 section 4.6.2
_TEXT_TYPES = frozenset({_BYTE, _ASCII, _UNDEFINED, _UTF8})
_IN_PLACE = 4
"""Values of at most this many bytes stand in the field itself."""


def texts(tiff: bytes) -> Mapping[Tag, str]:
    """The texts of a TIFF structure. Empty where it is none; without the fields that are broken."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return {}
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    found: dict[Tag, str] = {}
    left = len(tiff)  # texts that do not share their bytes cannot be longer together
    directories = [first]
    seen: set[int] = set()
    while directories:
        directory = directories.pop()
        if directory in seen:
            continue
        seen.add(directory)
        for tag, kind, count, place in _fields(tiff, order, directory):
            if tag == _EXIF_DIRECTORY and kind == _LONG and len(seen) == 1:
                directories.append(struct.unpack_from(f"{order}I", tiff, place)[0])
            elif tag in _TAGS and kind in _TEXT_TYPES and tag not in found:
                raw = _value(tiff, order, count, place)[:left]
                left -= len(raw)
                found[Tag(tag)] = _text(Tag(tag), raw)
    return found


def _fields(tiff: bytes, order: str, directory: int) -> Iterator[tuple[int, int, int, int]]:
    """Tag, type, count, and where the value or the pointer to it stands."""
    try:
        (entries,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(min(entries, MAX_ENTRIES)):
            at = directory + 2 + 12 * entry
            tag, kind, count = struct.unpack_from(f"{order}HHI4x", tiff, at)
            yield tag, kind, count, at + 8
    except struct.error:
        return


def _value(tiff: bytes, order: str, count: int, place: int) -> bytes:
    start = place
    if count > _IN_PLACE:
        (start,) = struct.unpack_from(f"{order}I", tiff, place)
    return tiff[start : start + count]


_CHARACTER_CODE = 8
"""Bytes at the start of a user comment that name its encoding; writers often get it wrong."""


def _text(tag: Tag, raw: bytes) -> str:
    if tag is Tag.XP_COMMENT:
        return raw.decode("utf-16-le", errors="replace").rstrip("\x00")
    if tag is not Tag.USER_COMMENT:
        return decoded(raw).rstrip("\x00")
    code, body = raw[:_CHARACTER_CODE], raw[_CHARACTER_CODE:]
    if code == b"UNICODE\x00":
        return _utf16(body)
    if code in {b"ASCII\x00\x00\x00", b"\x00" * 8, b"JIS\x00\x00\x00\x00\x00"}:
        return decoded(body).rstrip("\x00")
    return decoded(raw).rstrip("\x00")


def _utf16(body: bytes) -> str:
    """UTF-16 of either byte order: the standard does not fix it, and files have both."""
    sample = body[:200]
    if sample[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return body.decode("utf-16", errors="replace").rstrip("\x00")
    high, low = sample[::2].count(0), sample[1::2].count(0)
    if not high and not low:  # some writers announce UTF-16 and write UTF-8
        return decoded(body).rstrip("\x00")
    encoding = "utf-16-be" if high >= low else "utf-16-le"
    return body.decode(encoding, errors="replace").rstrip("\x00")

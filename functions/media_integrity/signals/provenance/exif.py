"""The EXIF texts in which generators name themselves, and what a camera writes of a photograph.

EXIF 2.32 sections 4.6.2 to 4.6.6 in a TIFF 6.0 structure. Read here and not by an image library
because those copy every field of a directory, and a hostile one points thousands of them at the
same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
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


# What a camera writes ---------------------------------------------------------------------------

MAX_THUMBNAIL = 500_000
"""Bytes of a preview that is looked at; EXIF allows 64 KB, some cameras point outside that."""

_POSITION_DIRECTORY = 0x8825
_CHANGED, _TAKEN, _DIGITISED, _POSITION_DATE = 0x0132, 0x9003, 0x9004, 0x001D
_WIDTH, _HEIGHT, _NOTE = 0xA002, 0xA003, 0x927C
_SETTINGS = frozenset({0x829A, 0x829D, 0x8827})  # exposure time, aperture, sensitivity
_PREVIEW, _PREVIEW_LENGTH = 0x0201, 0x0202
_SHORT = 3
_DATE_LENGTHS = {_CHANGED: 19, _TAKEN: 19, _DIGITISED: 19, _POSITION_DATE: 10}


@dataclass(frozen=True, slots=True)
class Photograph:
    """What a file claims of how it was taken. Times are the camera's, without a zone."""

    make: str = ""
    model: str = ""
    software: str = ""
    changed: datetime | None = None
    taken: datetime | None = None
    digitised: datetime | None = None
    positioned: datetime | None = None
    """Day of the satellites' time, UTC."""
    width: int | None = None
    height: int | None = None
    has_note: bool = False
    """The maker's own block is there."""
    has_settings: bool = False
    """Exposure time, aperture or sensitivity are there."""
    thumbnail: bytes = b""


def photograph(tiff: bytes) -> Photograph | None:
    """What a camera wrote into a TIFF structure; None where it is none."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return None
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    fields = dict(_numbered(tiff, order, first))
    for pointer in (_EXIF_DIRECTORY, _POSITION_DIRECTORY):
        if pointer in fields:
            directory = _number(tiff, order, *fields[pointer])
            for tag, field in _numbered(tiff, order, directory or 0):
                fields.setdefault(tag, field)
    names = texts(tiff)
    times = {
        tag: _time(_value(tiff, order, length + 1, fields[tag][2])[:length])
        for tag, length in _DATE_LENGTHS.items()
        if tag in fields and fields[tag][:2] in {(_ASCII, length), (_ASCII, length + 1)}
    }
    return Photograph(
        make=names.get(Tag.MAKE, "").strip(),
        model=names.get(Tag.MODEL, "").strip(),
        software=names.get(Tag.SOFTWARE, "").strip(),
        changed=times.get(_CHANGED),
        taken=times.get(_TAKEN),
        digitised=times.get(_DIGITISED),
        positioned=times.get(_POSITION_DATE),
        width=_number(tiff, order, *fields[_WIDTH]) if _WIDTH in fields else None,
        height=_number(tiff, order, *fields[_HEIGHT]) if _HEIGHT in fields else None,
        has_note=_NOTE in fields and fields[_NOTE][1] > _IN_PLACE,
        has_settings=bool(_SETTINGS & fields.keys()),
        thumbnail=_thumbnail(tiff, order, first),
    )


def _numbered(
    tiff: bytes, order: str, directory: int
) -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Tag with type, count and place; of a repeated tag the last counts."""
    for tag, kind, count, place in _fields(tiff, order, directory):
        yield tag, (kind, count, place)


def _number(tiff: bytes, order: str, kind: int, count: int, place: int) -> int | None:
    """A single SHORT or LONG."""
    if count != 1 or kind not in {_SHORT, _LONG}:
        return None
    (value,) = struct.unpack_from(f"{order}{'H' if kind == _SHORT else 'I'}", tiff, place)
    return int(value)


def _time(raw: bytes) -> datetime | None:
    """ "2024:05:17 12:30:00" or the day alone; None for the zeros and blanks of an unset clock."""
    for shape in ("%Y:%m:%d %H:%M:%S", "%Y:%m:%d"):
        try:
            return datetime.strptime(raw.decode("ascii"), shape)
        except ValueError:
            continue
    return None


def _thumbnail(tiff: bytes, order: str, first: int) -> bytes:
    """The JPEG that the second directory points at."""
    try:
        (entries,) = struct.unpack_from(f"{order}H", tiff, first)
        (second,) = struct.unpack_from(f"{order}I", tiff, first + 2 + 12 * entries)
    except struct.error:
        return b""
    fields = dict(_numbered(tiff, order, second)) if second else {}
    if _PREVIEW not in fields or _PREVIEW_LENGTH not in fields:
        return b""
    start = _number(tiff, order, *fields[_PREVIEW])
    length = _number(tiff, order, *fields[_PREVIEW_LENGTH])
    if start is None or length is None:
        return b""
    return tiff[start : start + min(length, MAX_THUMBNAIL)]

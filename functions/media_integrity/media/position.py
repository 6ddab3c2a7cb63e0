"""Takes out of a file where it was made, for files that are published otherwise as they came.

Every byte keeps its place, and those that say where are overwritten: so nothing that points into
the file leads astray, and no frame is touched.

* **Films and sounds in boxes** (MP4, QuickTime, M4A): the position of a phone's camera (``©xyz``),
  of 3GPP (``loci``), under Apple's keys (``….location.…``), and in XMP. Only boxes beside the
  tracks are touched, never samples or what leads to them.
* **Pictures**: the GPS directory of EXIF and the positions in XMP, wherever they lie. A hostile
  file could have such a directory point at its own pixels, so that another picture would be
  published than was judged: what is left has to show exactly the same, or ``Changed`` is raised.

Positions in samples (a drone's telemetry track), in Matroska's tags and in what a picture shows are
not looked for. Content credentials do not fit a file without its position any more. Sources:
ISO/IEC 14496-12 (boxes), QuickTime File Format (``udta``, ``meta``), 3GPP TS 26.244 section 8
(``loci``), EXIF 2.32 section 4.6.3 (0x8825), XMP part 2 (``exif:GPS…``).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

import numpy as np

from .errors import Refused, TooMuchToCheck
from .limits import Limits
from .open import open_image

_TIFF = re.compile(rb"II\*\x00|MM\x00\*")
_XMP_POSITION = re.compile(rb"""(exif:GPS\w+\s*(?:=\s*["']|>))([^<>"']{1,200})""")
_GPS_DIRECTORY = 0x8825
_LONG = 4
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8}
"""Bytes of a value by its TIFF type."""
MAX_ENTRIES = 64
"""Of a directory; GPS has 32 tags."""
MAX_VALUE = 256
"""Bytes of one entry's value; a position has 24, the name of a place some dozens."""
MAX_CANDIDATES = 1_000
"""Places that look like the head of an EXIF block."""
MAX_BOXES = 20_000

_OUTER = frozenset({b"moov", b"trak"})
_BESIDE = frozenset({b"udta", b"meta", b"uuid"})
_PLACES = frozenset({b"\xa9xyz", b"loci"})
_UNUSED = b"free"
"""A box that every reader passes over."""


class Changed(Exception):
    """Without its position the picture would not be what was judged."""


def film_without_position(data: bytes) -> bytes | None:
    """The same film or sound without it; None where it says no position."""
    clean = bytearray(data)
    for start, end in _beside_tracks(data):
        for at, size in _boxes(data, start, end):
            if data[at + 4 : at + 8] in _PLACES:
                _void(clean, at, size)
            elif data[at + 4 : at + 8] == b"meta":
                _clear_keys(data, clean, at, at + size)
        _clear_xmp(data, clean, start, end)
    return None if clean == data else bytes(clean)


def picture_without_position(data: bytes, limits: Limits) -> bytes | None:
    """The same picture without it; None where it says no position.

    Raises:
        Changed: it would be another picture, or none that can be opened.
    """
    clean = bytearray(data)
    for _, found in zip(range(MAX_CANDIDATES), _TIFF.finditer(data), strict=False):
        _clear_gps(data, clean, found.start())
    _clear_xmp(data, clean, 0, len(data))
    if clean == data:
        return None
    without = bytes(clean)
    if not _same(data, without, limits):
        raise Changed
    return without


def _same(one: bytes, other: bytes, limits: Limits) -> bool:
    try:
        views = open_image(one, limits).views, open_image(other, limits).views
    except (Refused, TooMuchToCheck):
        return False
    return len(views[0]) == len(views[1]) and all(
        np.array_equal(a.rgb, b.rgb) for a, b in zip(*views, strict=True)
    )


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Place and size of each box between two places."""
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        (size,) = struct.unpack_from(">I", data, start)
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, start + 8)
        elif size == 0:
            size = end - start
        if size < 8 or start + size > end:
            return
        yield start, size
        start += size


def _beside_tracks(data: bytes) -> Iterator[tuple[int, int]]:
    """Where boxes of notes on the film or on one of its tracks lie, their heads left out."""
    parts = [(0, len(data))]
    while parts:
        for at, size in _boxes(data, *parts.pop()):
            name = data[at + 4 : at + 8]
            body = at + (16 if data[at : at + 4] == b"\0\0\0\1" else 8)
            if name in _OUTER:
                parts.append((body, at + size))
            elif name in _BESIDE:
                # ``meta`` has a version in ISO's form and none in QuickTime's; both are tried.
                yield (at if name == b"meta" else body), at + size


def _void(clean: bytearray, at: int, size: int) -> None:
    head = 16 if clean[at : at + 4] == b"\0\0\0\1" else 8
    clean[at + 4 : at + 8] = _UNUSED
    clean[at + head : at + size] = bytes(size - head)


def _clear_keys(data: bytes, clean: bytearray, at: int, end: int) -> None:
    """Values under Apple's keys that name a location: key n is the box named n in ``ilst``."""
    for begin in (at + 8, at + 12):
        inner = {
            data[place + 4 : place + 8]: (place, size) for place, size in _boxes(data, begin, end)
        }
        if b"keys" not in inner or b"ilst" not in inner:
            continue
        place, size = inner[b"keys"]
        names = [
            data[key + 8 : key + length] for key, length in _boxes(data, place + 16, place + size)
        ]
        located = {number for number, name in enumerate(names, 1) if b".location." in name.lower()}
        place, size = inner[b"ilst"]
        for value, length in _boxes(data, place + 8, place + size):
            if int.from_bytes(data[value + 4 : value + 8], "big") in located:
                _void(clean, value, length)
        return


def _clear_xmp(data: bytes, clean: bytearray, start: int, end: int) -> None:
    for found in _XMP_POSITION.finditer(data, start, end):
        clean[slice(*found.span(2))] = b" " * len(found[2])


def _clear_gps(data: bytes, clean: bytearray, tiff: int) -> None:
    """Empty the GPS directory that the first directory of this EXIF block names, if it does."""
    order = "<" if data[tiff : tiff + 2] == b"II" else ">"
    try:
        (first,) = struct.unpack_from(f"{order}I", data, tiff + 4)
        named = [
            place
            for tag, kind, count, place in _entries(data, tiff + first, order)
            if (tag, kind, count) == (_GPS_DIRECTORY, _LONG, 1)
        ]
        found = [(tiff + place, list(_entries(data, tiff + place, order))) for place in named]
    except struct.error:
        return
    for gps, entries in found:
        for _, kind, count, place in entries:
            size = _SIZES.get(kind, 0) * count
            if 4 < size <= min(MAX_VALUE, len(data) - tiff - place):
                clean[tiff + place : tiff + place + size] = bytes(size)
        clean[gps : gps + 2 + 12 * len(entries)] = bytes(2 + 12 * len(entries))


def _entries(data: bytes, at: int, order: str) -> Iterator[tuple[int, int, int, int]]:
    """Tag, type, count and value of a directory's entries; none of one that is no directory.

    Raises:
        struct.error: it ends before.
    """
    (count,) = struct.unpack_from(f"{order}H", data, at)
    if count <= MAX_ENTRIES:
        for number in range(count):
            yield struct.unpack_from(f"{order}HHII", data, at + 2 + 12 * number)

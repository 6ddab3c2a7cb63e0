"""The IPTC-IIM fields in which generators name themselves.

IPTC "Information Interchange Model" 4.2 section 1.6, inside Photoshop image resources (Adobe
Photoshop file formats specification, resource 0x0404). IIM has no field for the digital source
type; that one exists in XMP only.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from .texts import decoded

MAX_FIELDS = 2_000
"""Fields and resources looked at."""


class Field(IntEnum):
    """Data sets of record 2 that are read."""

    ORIGINATING_PROGRAM = 65
    CREDIT = 110
    SOURCE = 115


_RESOURCE = b"8BIM"
_IPTC_RESOURCE = b"\x04\x04"
_MARKER, _APPLICATION_RECORD = 0x1C, 2
_EXTENDED = 0x8000
_FIELDS = frozenset(Field)


def fields(resources: bytes) -> Iterator[tuple[Field, str]]:
    """The fields in a list of Photoshop image resources, or in bare IIM. Stops where it breaks."""
    if resources[:1] == bytes((_MARKER,)):
        yield from _data_sets(resources)
        return
    at = 0
    for _ in range(MAX_FIELDS):
        if resources[at : at + 4] != _RESOURCE or at + 12 > len(resources):
            return
        kind = resources[at + 4 : at + 6]
        name = resources[at + 6]
        at += 6 + (name + 2 & ~1)  # length byte and name, padded to an even number
        length = int.from_bytes(resources[at : at + 4], "big")
        at += 4
        if kind == _IPTC_RESOURCE:
            yield from _data_sets(resources[at : at + length])
        at += length + (length & 1)


def _data_sets(iim: bytes) -> Iterator[tuple[Field, str]]:
    at = 0
    for _ in range(MAX_FIELDS):
        if at + 5 > len(iim) or iim[at] != _MARKER:
            return
        record, number = iim[at + 1], iim[at + 2]
        length = int.from_bytes(iim[at + 3 : at + 5], "big")
        if length & _EXTENDED:
            return
        at += 5
        if record == _APPLICATION_RECORD and number in _FIELDS:
            yield Field(number), decoded(iim[at : at + length])
        at += length

"""Looking through a film's container before the demultiplexer does.

FFmpeg allocates an index entry for each sample that an ISO file announces, and a few bytes can
announce billions. So the announced numbers are added up first. The same walk finds files that
were cut off, which FFmpeg plays as far as they go.

ISO/IEC 14496-12 sections 4.2 (boxes), 8.7.3 (stsz), 8.8.8 (trun); RFC 9559 section 5.1
(Matroska).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .errors import HoldCode, TooMuchToCheck
from .types import FilmFormat

MAX_BOXES = 100_000
"""Boxes gone through; ten minutes in fragments of a tenth of a second have 80,000."""

MAX_SAMPLES = 6_000_000
"""Samples of all tracks; ten minutes at 120 frames/s with AAC have 100,000, and uncompressed sound
of 48 kHz reaches this in two minutes. FFmpeg takes up to 40 bytes for each."""

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_NEEDED = frozenset({b"moov", b"moof", b"mdat"})
"""Boxes without whose end the film is not whole. Phones append boxes of their own after them."""

_SEGMENT = b"\x18\x53\x80\x67"


class Broken(Exception):
    """The container is cut off or contradicts itself. The text names no content."""


def check(data: bytes, kind: FilmFormat) -> None:
    """Pass a container that is whole and announces no more than may be indexed.

    Raises:
        Broken: cut off, or of more boxes than any real film.
        TooMuchToCheck: more samples than are gone through.
    """
    if kind in {FilmFormat.WEBM, FilmFormat.MATROSKA}:
        _check_segment(data)
        return
    samples = 0
    for name, body in _boxes(data):
        if name == b"cmov":  # a packed movie box: what it announces cannot be seen here
            raise Broken("compressed movie box")
        samples += _announced(name, body)
        if samples > MAX_SAMPLES:
            raise TooMuchToCheck(
                HoldCode.TOO_MANY_FRAMES,
                "This video is longer than we check automatically, so a person will look at it "
                "first.",
                cause=f"more than {MAX_SAMPLES} samples",
            )


def _boxes(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Name and body of every box, outermost first, down to those that count samples."""
    seen = 0
    parts = [memoryview(data)]
    while parts:
        part = parts.pop()
        outermost = len(part) == len(data)
        at = 0
        while at + 8 <= len(part):
            seen += 1
            if seen > MAX_BOXES:
                raise Broken(f"more than {MAX_BOXES} boxes")
            size, name = struct.unpack_from(">I4s", part, at)
            header = 8
            if size == 1 and at + 16 <= len(part):
                (size,) = struct.unpack_from(">Q", part, at + 8)
                header = 16
            elif size == 0:  # to the end
                size = len(part) - at
            if size < header or at + size > len(part):
                if outermost and name in _NEEDED:
                    raise Broken("cut off")
                break
            body = part[at + header : at + size]
            yield name, body
            if name in _CONTAINERS:
                parts.append(body)
            at += size


def _announced(name: bytes, body: memoryview) -> int:
    """Samples for which a demultiplexer makes room on account of this box."""
    if name in {b"stsz", b"stz2"}:
        return int.from_bytes(body[8:12], "big")
    if name == b"trun":
        return int.from_bytes(body[4:8], "big")
    return 0


def _check_segment(data: bytes) -> None:
    """A Matroska segment of known size has to be there in full; a live one has no size."""
    at = data.find(_SEGMENT, 0, 4096)
    if at < 0 or at + 12 > len(data):
        raise Broken("no segment")
    length = 9 - data[at + 4].bit_length()
    if not 1 <= length <= 8:
        raise Broken("no segment size")
    size = int.from_bytes(data[at + 4 : at + 4 + length], "big") & ((1 << 7 * length) - 1)
    unknown = (1 << 7 * length) - 1
    if size != unknown and at + 4 + length + size > len(data):
        raise Broken("cut off")

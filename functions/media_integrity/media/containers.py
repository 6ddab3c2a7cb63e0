"""Looking through the container of a film or a sound before the demultiplexer does.

FFmpeg allocates an index entry for each sample that an ISO file announces, and of uncompressed
sound for each thousand samples that its chunks are said to have. A few bytes can announce billions.
So the announced numbers are added up first. The same walk finds files that were cut off, which
FFmpeg plays as far as they go.

ISO/IEC 14496-12 sections 4.2 (boxes), 8.7.3 (stsz), 8.7.4 (stsc), 8.7.5 (stco), 8.8.8 (trun);
RFC 9559 section 5.1 (Matroska).
"""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .errors import HoldCode, TooMuchToCheck
from .types import FilmFormat, SoundFormat

MAX_BOXES = 100_000
"""Boxes gone through; ten minutes in fragments of a tenth of a second have 80,000."""

MAX_SAMPLES = 6_000_000
"""Samples of all tracks; ten minutes at 120 frames/s with AAC have 100,000, and uncompressed sound
of 48 kHz reaches this in two minutes. FFmpeg takes up to 40 bytes for each."""

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
_NEEDED = frozenset({b"moov", b"moof", b"mdat"})
"""Boxes without whose end the film is not whole. Phones append boxes of their own after them."""

_CHUNK_TABLES = {b"stco": 4, b"co64": 8}
"""Bytes of an entry, by the box's name."""

_ANNOUNCING = frozenset({b"stsz", b"stz2", b"stsc", b"trun", *_CHUNK_TABLES})
_ANNOUNCEMENT = re.compile(b"|".join(sorted(_ANNOUNCING)))
_CONTENT = frozenset({b"mdat", b"free", b"skip", b"wide", b"uuid"})
"""Outermost boxes whose bodies no demultiplexer takes for boxes; in ``uuid`` a C2PA manifest names
the tables that its hash leaves out. In most others FFmpeg finds a table at any depth, and in boxes
that are said to be longer than what they are in. So the names of tables are looked for wherever
they stand. By chance one does in a megabyte of 700."""

SAMPLES_TOGETHER = 512
"""Samples of a chunk that share an index entry: FFmpeg takes up to 1,024, and no fewer than this
where it takes whole groups of a codec's samples."""

_BOXED = frozenset({
    FilmFormat.MP4, FilmFormat.QUICKTIME, FilmFormat.THREE_GP, SoundFormat.MP4
})  # fmt: skip
_SEGMENTS = frozenset({FilmFormat.WEBM, FilmFormat.MATROSKA, SoundFormat.WEBM})

_SEGMENT = b"\x18\x53\x80\x67"


class Broken(Exception):
    """The container is cut off or contradicts itself. The text names no content."""


def check(data: bytes, kind: FilmFormat | SoundFormat) -> None:
    """Pass a container that is whole and announces no more than may be indexed.

    Raises:
        Broken: cut off, or of more boxes than any real film.
        TooMuchToCheck: more samples than are gone through.
    """
    if kind in _SEGMENTS:
        _check_segment(data)
    elif kind in _BOXED:
        _check_boxes(data)


def _check_boxes(data: bytes) -> None:
    samples = seen = looked_at = hidden = 0
    tables: defaultdict[int, _SampleTable] = defaultdict(_SampleTable)
    for box in _boxes(data):
        if box.name == b"cmov":  # a packed movie box: what it announces cannot be seen here
            raise Broken("compressed movie box")
        if box.within == 0 and box.name in _CONTENT:
            hidden += _announcements(data, looked_at, box.start)
            looked_at = box.start + len(box.body)
        seen += box.name in _ANNOUNCING
        samples += _announced(box)
        if box.name == b"stsc":
            tables[box.within].runs.append(box.body)
        elif box.name in _CHUNK_TABLES:
            tables[box.within].chunks.append((len(box.body) - 8) // _CHUNK_TABLES[box.name])
    hidden += _announcements(data, looked_at, len(data)) - seen
    samples += sum(table.entries() for table in tables.values())
    if samples > MAX_SAMPLES or hidden:
        raise TooMuchToCheck(
            HoldCode.TOO_MANY_FRAMES,
            "This file has more in it than we check automatically, so a person will look at it "
            "first.",
            cause=f"{hidden} tables out of place" if hidden else f"over {MAX_SAMPLES} samples",
        )


def _announcements(data: bytes, start: int, end: int) -> int:
    """How often the name of a table stands there, in a box that we know or in any other."""
    return sum(1 for _ in _ANNOUNCEMENT.finditer(data, start, end))


@dataclass(slots=True)
class _SampleTable:
    """What a track says of its chunks."""

    runs: list[memoryview] = field(default_factory=list)
    """Bodies of ``stsc``: from which chunk on each chunk has how many samples."""
    chunks: list[int] = field(default_factory=list)

    def entries(self) -> int:
        """Index entries that a demultiplexer makes, at the most, where it goes by chunks.

        Raises:
            Broken: not one table of each kind, or runs out of order.
        """
        import numpy as np

        if len(self.runs) != 1 or len(self.chunks) != 1:
            raise Broken("chunks without their samples, or twice")
        (body,), (chunks,) = self.runs, self.chunks
        count = min(int.from_bytes(body[4:8], "big"), (len(body) - 8) // 12)
        if count <= 0 or chunks <= 0:
            return 0
        runs = np.frombuffer(body[8 : 8 + 12 * count], ">u4").reshape(count, 3).astype(np.int64)
        starts = np.append(runs[:, 0], max(chunks + 1, int(runs[-1, 0])))
        if (np.diff(starts[:-1]) <= 0).any() or starts[0] != 1:
            raise Broken("runs of chunks out of order")
        return int((np.diff(starts) * -(-runs[:, 1] // SAMPLES_TOGETHER)).sum())


class _Box(NamedTuple):
    within: int
    """Number of the box that it is in; 0 is the file."""
    name: bytes
    start: int
    """Of the body, in the file."""
    body: memoryview


def _boxes(data: bytes) -> Iterator[_Box]:
    """Every box, outermost first, down to those that count samples."""
    seen = 0
    parts = [(0, 0, memoryview(data))]
    while parts:
        within, offset, part = parts.pop()
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
                if within == 0 and name in _NEEDED:
                    raise Broken("cut off")
                break
            body = part[at + header : at + size]
            yield _Box(within, name, offset + at + header, body)
            if name in _CONTAINERS:
                parts.append((seen, offset + at + header, body))
            at += size


def _announced(box: _Box) -> int:
    """Samples for which a demultiplexer makes room on account of this box."""
    if box.name in {b"stsz", b"stz2"}:
        return int.from_bytes(box.body[8:12], "big")
    if box.name == b"trun":
        return int.from_bytes(box.body[4:8], "big")
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

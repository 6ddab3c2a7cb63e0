"""Hashes of 256 bits, and everything within 31 bits of a query: all of it, in NumPy alone.

Generalised pigeonhole (Norouzi, Punjani, Fleet, "Fast Search in Hamming Space with Multi-Index
Hashing", CVPR 2012, section 3): eleven disjoint chunks of the bits are looked up with all patterns
of up to t bits flipped. A hash that is in no bucket so found differs in at least t + 1 bits of
every chunk, with t = 2 in ten chunks and t = 1 in one by 10 * 3 + 2 = 32 bits or more. Smaller
radii need fewer flips. What is in a bucket is then compared in full.

docs/decisions/0015 has what else was tried, and the bytes that a row takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

from .exact import ExactTable, Found, ranges

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]
    Numbers = NDArray[np.int64]

HASH_BYTES = 32
MAX_RADIUS = 31
"""Bits. The farthest at which the search is exact."""

CHUNKS = 11
HIGH, LOW, EXTRA = slice(0, 11), slice(11, 22), slice(22, 32)
"""Bytes of the hash: chunk i is byte i, byte 11 + i, and some bits of byte 22 + i (of the eleventh,
of the last byte's upper half). Bytes far apart, so that neighbouring waves of the picture do not
make full buckets."""
KEY_BYTES = (0, 11)
"""Of chunk 0. Rows are sorted by it: their place says these two bytes, which are not stored."""
FRONT_BYTES = 16
BACK_BYTES = HASH_BYTES - FRONT_BYTES - len(KEY_BYTES)

MIN_KEY_BITS, MAX_KEY_BITS = 16, 20
"""Of a chunk. 16 at least: the two bytes that are not stored are taken from the key."""
ROW_BYTES = 61
"""Of memory for each hash. With the three of the index's own columns it makes 64."""
BLOCK_BITS = 8
"""Where buckets begin is stored once in full for 256 of them, and relative to it in 16 bits."""

FEW_ROWS = 16
"""Up to so many are looked up one by one, which costs less than steps of eight arrays each."""
SCANNED_ROWS = 20_000
"""Up to so many rows are compared one by one, which takes as long as looking up the chunks."""
PLACE_BITS = 24
BLOCK_ROWS = 1 << PLACE_BITS
"""More rows make more blocks: row numbers are stored in three bytes."""

QUERIES_AT_ONCE = 32
CANDIDATES_AT_ONCE = 1 << 19
"""Bounds of working memory, about 50 MB, whatever the hashes are like."""


class HammingTable:
    """Immutable; any number of threads may search it.

    Rows are in an order of their own: ``build`` says which.
    """

    def __init__(self, blocks: tuple[_Block, ...]) -> None:
        self._blocks = blocks

    @classmethod
    def build(cls, rows: Rows) -> tuple[HammingTable, Numbers]:
        """A table of ``rows``, uint8 (n, 32), and where each of its rows stood there, (n,).

        Raises:
            ValueError: the array has another shape or type.
        """
        import numpy as np

        _check(rows)
        blocks: list[_Block] = []
        order = np.empty(len(rows), np.int64)
        for start in range(0, len(rows), BLOCK_ROWS):
            part = rows[start : start + BLOCK_ROWS]
            build = _Scanned.build if len(part) <= SCANNED_ROWS else _Chunked.build
            block, places = build(part)
            blocks.append(block)
            order[start : start + len(part)] = places + start
        return cls(tuple(blocks)), order

    def __len__(self) -> int:
        return sum(len(block) for block in self._blocks)

    @property
    def nbytes(self) -> int:
        """Memory of all arrays."""
        return sum(block.nbytes for block in self._blocks)

    def near(self, queries: Rows, radius: int = MAX_RADIUS) -> Found:
        """Every row within ``radius`` bits (0..31) of each query. ``queries``: uint8 (q, 32).

        Raises:
            ValueError: the radius or the queries are not of that kind.
        """
        if not 0 <= radius <= MAX_RADIUS:
            raise ValueError(f"radius is 0 to {MAX_RADIUS}")
        _check(queries)
        return self._joined(
            [
                (first, start, block.near(queries[first : first + QUERIES_AT_ONCE], radius))
                for start, block in self._starts()
                for first in range(0, len(queries), QUERIES_AT_ONCE)
            ]
        )

    def find(self, queries: Rows) -> Found:
        """Every row equal to a query. ``queries``: uint8 (q, 32)."""
        _check(queries)
        return self._joined([(0, start, block.find(queries)) for start, block in self._starts()])

    def rows(self, numbers: Numbers) -> Rows:
        """The hashes of these rows, uint8 (m, 32).

        Raises:
            IndexError: there is no such row.
        """
        import numpy as np

        found = np.empty((len(numbers), HASH_BYTES), np.uint8)
        if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < len(self):
            raise IndexError("no such row")
        if len(self._blocks) == 1:
            return self._blocks[0].rows(numbers)
        for start, block in self._starts():
            here = (numbers >= start) & (numbers < start + len(block))
            found[here] = block.rows(numbers[here] - start)
        return found

    def all_rows(self) -> Rows:
        """All hashes in the order of the table, uint8 (n, 32)."""
        import numpy as np

        parts = [block.all_rows() for block in self._blocks]
        return np.concatenate(parts) if parts else np.empty((0, HASH_BYTES), np.uint8)

    def _starts(self) -> list[tuple[int, _Block]]:
        return [(BLOCK_ROWS * number, block) for number, block in enumerate(self._blocks)]

    @staticmethod
    def _joined(parts: list[tuple[int, int, _Pairs]]) -> Found:
        """``parts``: number of the first query, of the first row, and pairs counted from there."""
        import numpy as np

        kept = [part for part in parts if len(part[2][0])]
        if not kept:
            nothing = np.empty(0, np.int64)
            return Found(nothing, nothing, nothing)
        query = np.concatenate([pairs[0] + first for first, _, pairs in kept])
        row = np.concatenate([pairs[1] + start for _, start, pairs in kept])
        distance = np.concatenate([pairs[2] for *_, pairs in kept])
        if len(kept) == 1:
            return Found(query, row, distance)
        order = np.lexsort((row, query))
        return Found(query[order], row[order], distance[order])


_Pairs = tuple["Numbers", "Numbers", "Numbers"]
"""Query, row, distance; ordered by query and row."""


class _Block(Protocol):
    """A part of a table."""

    nbytes: int

    def __len__(self) -> int: ...

    def near(self, queries: Rows, radius: int) -> _Pairs: ...

    def find(self, queries: Rows) -> _Pairs: ...

    def rows(self, numbers: Numbers) -> Rows: ...

    def all_rows(self) -> Rows: ...


class _Scanned:
    """Few rows: a query is compared with each."""

    def __init__(self, table: ExactTable) -> None:
        self._table = table
        self._words = _words(table.all_rows())
        self.nbytes = table.nbytes

    @classmethod
    def build(cls, rows: Rows) -> tuple[_Scanned, Numbers]:
        table, order = ExactTable.build(rows)
        return cls(table), order

    def __len__(self) -> int:
        return len(self._table)

    def near(self, queries: Rows, radius: int) -> _Pairs:
        import numpy as np

        pairs = []
        for number, query in enumerate(_words(queries)):
            # Half of the hash first, column by column: NumPy is slow where the last axis is short.
            half = np.bitwise_count(self._words[:, 0] ^ query[0])
            half += np.bitwise_count(self._words[:, 1] ^ query[1])
            row = np.flatnonzero(half <= radius)
            distance = np.bitwise_count(self._words[row] ^ query).sum(axis=1, dtype=np.int64)
            near = distance <= radius
            row = row[near]
            pairs.append((np.full(len(row), number), row, distance[near]))
        return _concatenated(pairs)

    def find(self, queries: Rows) -> _Pairs:
        found = self._table.find(queries)
        return found.query, found.row, found.distance

    def rows(self, numbers: Numbers) -> Rows:
        return self._table.rows(numbers)

    def all_rows(self) -> Rows:
        return self._table.all_rows()


class _Chunked:
    """Many rows, in the buckets of eleven chunks.

    Row numbers stand bucket after bucket, chunk after chunk, in one list; chunk 0 needs none, as
    the rows are sorted by it. A bucket's number is ``chunk << key_bits | key``, and it begins in
    the list where ``_begin`` says, the rows themselves counted as the list's first part.
    """

    def __init__(
        self, key_bits: int, front: NDArray[np.uint64], back: Rows, begin: _Begin, lists: _Lists
    ) -> None:
        self._key_bits = key_bits
        self._front = front  # (n, 2): the first 16 of the stored bytes
        self._back = back  # (n, 14): the others
        self._begin = begin
        self._lists = lists
        self.nbytes = front.nbytes + back.nbytes + begin.nbytes + lists.nbytes

    @classmethod
    def build(cls, rows: Rows) -> tuple[_Chunked, Numbers]:
        import numpy as np

        key_bits = _key_bits(len(rows))
        order, _ = _sorted_by(_key(rows, 0, key_bits))
        rows = rows[order]
        begin = np.empty((CHUNKS << key_bits) + 1, np.uint32)
        lower = np.empty((CHUNKS - 1, len(rows)), np.uint16)
        upper = np.empty((CHUNKS - 1, len(rows)), np.uint8)
        for chunk in range(CHUNKS):
            key = _key(rows, chunk, key_bits)
            if chunk:
                numbers, key = _sorted_by(key)
                lower[chunk - 1] = numbers & 0xFFFF
                upper[chunk - 1] = numbers >> 16
            edges = np.searchsorted(key, np.arange(1 << key_bits, dtype=np.uint32))
            begin[chunk << key_bits : (chunk + 1) << key_bits] = edges + chunk * len(rows)
        begin[-1] = CHUNKS * len(rows)
        front = rows.take(_stored()[:FRONT_BYTES], axis=1).view(np.uint64)
        back = rows.take(_stored()[FRONT_BYTES:], axis=1)
        lists = _Lists.of(lower.ravel(), upper.ravel(), _upper_bits(len(rows)))
        return cls(key_bits, front, back, _Begin.of(begin), lists), order

    def __len__(self) -> int:
        return len(self._front)

    def near(self, queries: Rows, radius: int) -> _Pairs:
        return self._search(queries, *_probes(self._key_bits, radius), radius)

    def find(self, queries: Rows) -> _Pairs:
        import numpy as np

        # An equal hash is in the same bucket of chunk 0.
        return self._search(queries, np.zeros(1, np.int64), np.zeros(1, np.int64), 0)

    def rows(self, numbers: Numbers) -> Rows:
        import numpy as np

        rows = np.empty((len(numbers), HASH_BYTES), np.uint8)
        rows[:, _stored()[:FRONT_BYTES]] = self._front[numbers].view(np.uint8)
        rows[:, _stored()[FRONT_BYTES:]] = self._back[numbers]
        rows[:, KEY_BYTES] = self._key_bytes(self._begin.bucket(numbers, self._key_bits))
        return rows

    def all_rows(self) -> Rows:
        import numpy as np

        buckets = np.arange(1 << self._key_bits)
        start, end = self._begin.of_buckets(buckets)
        rows = np.empty((len(self), HASH_BYTES), np.uint8)
        rows[:, _stored()[:FRONT_BYTES]] = self._front.view(np.uint8)
        rows[:, _stored()[FRONT_BYTES:]] = self._back
        rows[:, KEY_BYTES] = np.repeat(self._key_bytes(buckets), end - start, axis=0)
        return rows

    def _key_bytes(self, keys: Numbers) -> Rows:
        """Bytes 0 and 11 of rows in these buckets of chunk 0, (m, 2)."""
        import numpy as np

        both = (keys >> (self._key_bits - MIN_KEY_BITS)).astype(">u2")
        return both.view(np.uint8).reshape(-1, len(KEY_BYTES))

    def _search(self, queries: Rows, chunks: Numbers, masks: Numbers, radius: int) -> _Pairs:
        """``chunks``, ``masks``: what to look up, chunk 0 first; bits to flip in that chunk."""
        import numpy as np

        keys = _keys(queries, self._key_bits)
        buckets = (keys[:, chunks] ^ masks).T.ravel()  # probe by probe, for every query
        start, end = self._begin.of_buckets(buckets)
        count = end - start
        asked = np.tile(np.arange(len(queries)), len(masks) if len(queries) > 1 else 0)
        stored = np.ascontiguousarray(queries[:, _stored()])
        front = np.ascontiguousarray(stored[:, :FRONT_BYTES]).view(np.uint64)
        pairs = [
            self._compared(queries, front, part_start, part_count, asked[probes], radius)
            for probes, part_start, part_count in _slabs(start, count)
        ]
        if len(pairs) == 1:
            return pairs[0]
        query, row, distance = _concatenated(pairs)
        _, first = np.unique(query * len(self) + row, return_index=True)
        return query[first], row[first], distance[first]

    def _compared(
        self,
        queries: Rows,
        front: NDArray[np.uint64],
        start: Numbers,
        count: Numbers,
        asked: Numbers,
        radius: int,
    ) -> _Pairs:
        """What is within the radius in these stretches of the list. ``asked``: by which query."""
        import numpy as np

        place = ranges(start, count)
        row = self._lists.rows(place, len(self))
        # Half of the hash first: it alone rules out nearly all that are there by chance.
        stored = self._front.take(row, axis=0)
        one = len(queries) == 1
        query = asked if one else np.repeat(asked, count)
        # Column by column: NumPy is slow where the last axis is short.
        unlike = np.zeros(len(row), np.uint8)
        for word in range(stored.shape[1]):
            wanted = front[0, word] if one else front[:, word].take(query)
            unlike += np.bitwise_count(stored[:, word] ^ wanted)
        near = np.flatnonzero(unlike <= radius)
        if not len(near):
            nothing = np.empty(0, np.int64)
            return nothing, nothing, nothing
        found = row[near] if one else query[near] * len(self) + row[near]
        query, row = np.divmod(np.unique(found), len(self))  # an entry is near in several chunks
        distance = np.bitwise_count(_words(self.rows(row) ^ queries[query])).sum(axis=1, dtype=int)
        near = np.flatnonzero(distance <= radius)
        return query[near], row[near], distance[near]


@dataclass(frozen=True, slots=True)
class _Begin:
    """Where buckets begin."""

    block: NDArray[np.uint32]
    within: NDArray[np.uint16] | NDArray[np.uint32]
    """Relative to its block; of 32 bits where a block has more rows than 16 bits can count."""

    @classmethod
    def of(cls, begin: NDArray[np.uint32]) -> _Begin:
        import numpy as np

        block = begin[:: 1 << BLOCK_BITS].copy()
        within = begin - np.repeat(block, 1 << BLOCK_BITS)[: len(begin)]
        narrow = int(within.max()) < 1 << 16
        return cls(block, within.astype(np.uint16) if narrow else within)

    @property
    def nbytes(self) -> int:
        return self.block.nbytes + self.within.nbytes

    def of_buckets(self, buckets: Numbers) -> tuple[Numbers, Numbers]:
        """Where each of them begins and ends."""
        import numpy as np

        edges = np.concatenate((buckets, buckets + 1))
        begin = self.block.take(edges >> BLOCK_BITS).astype(np.int64)
        begin += self.within.take(edges)
        return begin[: len(buckets)], begin[len(buckets) :]

    def bucket(self, rows: Numbers, key_bits: int) -> Numbers:
        """In which bucket of chunk 0 each row is: the last one that begins there or before."""
        import numpy as np

        blocks = self.block[: 1 << (key_bits - BLOCK_BITS)]
        block = np.searchsorted(blocks, rows, "right") - 1
        place = rows - blocks[block]
        bucket = block << BLOCK_BITS
        if len(rows) <= FEW_ROWS:
            for number, start in enumerate(bucket.tolist()):
                within = self.within[start : start + (1 << BLOCK_BITS)]
                bucket[number] += int(within.searchsorted(place[number], "right")) - 1
            return bucket
        for bit in reversed(range(BLOCK_BITS)):
            further = bucket + (1 << bit)
            bucket = np.where(self.within[further] <= place, further, bucket)
        return np.asarray(bucket, np.int64)


@dataclass(frozen=True, slots=True)
class _Lists:
    """Row numbers of chunks 1 to 10: the lower 16 bits, and as much above as the table needs."""

    lower: NDArray[np.uint16]
    upper: NDArray[np.uint8]
    upper_bits: int
    """0, 4 (two numbers a byte) or 8."""

    @classmethod
    def of(cls, lower: NDArray[np.uint16], upper: NDArray[np.uint8], upper_bits: int) -> _Lists:
        import numpy as np

        if upper_bits == 4:  # an even number of them, as there are ten lists
            upper = np.asarray(upper[0::2] | upper[1::2] << 4, np.uint8)
            return cls(lower, upper, upper_bits)
        return cls(lower, upper if upper_bits else upper[:0].copy(), upper_bits)

    @property
    def nbytes(self) -> int:
        return self.lower.nbytes + self.upper.nbytes

    def rows(self, place: Numbers, table_rows: int) -> Numbers:
        """Row numbers at these places. The first ``table_rows`` places are the rows themselves.

        Such places come first.
        """
        import numpy as np

        own = int(np.count_nonzero(place < table_rows))
        listed = place[own:] - table_rows
        rows = place
        if self.upper_bits == 0:
            rows[own:] = self.lower.take(listed)
            return rows
        if self.upper_bits == 8:
            upper = self.upper.take(listed)
        else:
            upper = self.upper.take(listed >> 1)
            upper >>= (listed.astype(np.uint8) & 1) << 2
            upper &= 15
        rows[own:] = upper
        rows[own:] <<= 16
        rows[own:] |= self.lower.take(listed)
        return rows


def _check(rows: Rows) -> None:
    import numpy as np

    if rows.dtype != np.uint8 or rows.ndim != 2 or rows.shape[1] != HASH_BYTES:
        raise ValueError(f"hashes are uint8 of shape (n, {HASH_BYTES})")


def _upper_bits(rows: int) -> int:
    return 0 if rows <= 1 << 16 else 4 if rows <= 1 << 20 else 8


def _key_bits(rows: int) -> int:
    """As many as there is room for: more make fewer candidates, and more buckets to keep."""
    listed = (CHUNKS - 1) * (16 + _upper_bits(rows)) / 8
    room = (ROW_BYTES - FRONT_BYTES - BACK_BYTES - listed) * rows
    key_bits = MIN_KEY_BITS
    while key_bits < MAX_KEY_BITS and CHUNKS * _BUCKET_BYTES * 2 ** (key_bits + 1) <= room:
        key_bits += 1
    return key_bits


_BUCKET_BYTES = 2 + 4 / (1 << BLOCK_BITS)


@cache
def _stored() -> Numbers:
    """Which bytes of a hash are stored, in that order."""
    import numpy as np

    return np.array([byte for byte in range(HASH_BYTES) if byte not in KEY_BYTES])


@cache
def _probes(key_bits: int, radius: int) -> tuple[Numbers, Numbers]:
    """Which chunk to look up with which bits flipped, so that nothing in the radius is missed."""
    import numpy as np

    flips = [radius // CHUNKS] * CHUNKS
    # Whoever is in no bucket is sum(t + 1) bits away or more.
    for chunk in reversed(range(CHUNKS)):
        if flips[chunk] and sum(flips) + CHUNKS - 1 > radius:
            flips[chunk] -= 1
    probes = [
        (chunk, sum(1 << bit for bit in bits))
        for chunk, most in enumerate(flips)
        for count in range(most + 1)
        for bits in combinations(range(key_bits), count)
    ]
    chunks, masks = np.array(probes, np.int64).T
    return np.ascontiguousarray(chunks), np.ascontiguousarray(masks)


def _keys(rows: Rows, key_bits: int) -> Numbers:
    """Numbers of the buckets of every chunk, int64 (n, 11)."""
    import numpy as np

    more = key_bits - MIN_KEY_BITS
    keys = rows[:, HIGH].astype(np.int64)
    keys <<= 8
    keys |= rows[:, LOW]
    keys <<= more
    extra = np.concatenate((rows[:, EXTRA], rows[:, -1:] >> 4), axis=1)
    keys |= extra & ((1 << more) - 1)
    keys |= np.arange(CHUNKS) << key_bits
    return keys


def _key(rows: Rows, chunk: int, key_bits: int) -> NDArray[np.uint32]:
    """The key of one chunk, (n,), without the chunk's number."""
    import numpy as np

    more = np.uint32(key_bits - MIN_KEY_BITS)
    key = rows[:, HIGH][:, chunk].astype(np.uint32)
    key <<= np.uint32(8)
    key |= rows[:, LOW][:, chunk]
    key <<= more
    last = chunk == CHUNKS - 1
    extra = rows[:, -1] >> 4 if last else rows[:, EXTRA][:, chunk]
    key |= extra & np.uint8((1 << int(more)) - 1)
    return key


def _sorted_by(key: NDArray[np.uint32]) -> tuple[Numbers, NDArray[np.uint32]]:
    """Places in the order of their keys, and the keys in order.

    One sort of key and place together: several times as fast as sorting places by their keys.
    """
    import numpy as np

    both = key.astype(np.uint64)
    both <<= np.uint64(PLACE_BITS)
    both |= np.arange(len(key), dtype=np.uint64)
    both.sort()
    places = (both & np.uint64((1 << PLACE_BITS) - 1)).astype(np.int64)
    return places, (both >> np.uint64(PLACE_BITS)).astype(np.uint32)


def _slabs(start: Numbers, count: Numbers) -> list[tuple[slice, Numbers, Numbers]]:
    """Stretches of the list, at most so many candidates at once; a long stretch is cut."""
    import numpy as np

    until = np.cumsum(count)
    total = int(until[-1]) if len(until) else 0
    if total <= CANDIDATES_AT_ONCE:
        return [(slice(None), start, count)]
    before = until - count
    slabs = []
    for low in range(0, total, CANDIDATES_AT_ONCE):
        high = min(low + CANDIDATES_AT_ONCE, total)
        probes = slice(
            int(np.searchsorted(until, low, "right")), int(np.searchsorted(before, high, "left"))
        )
        begin = np.maximum(before[probes], low)
        end = np.minimum(until[probes], high)
        slabs.append((probes, start[probes] + begin - before[probes], end - begin))
    return slabs


def _words(rows: Rows) -> NDArray[np.uint64]:
    """The same bytes as (n, 4) words, to count bits in; their value has no meaning."""
    import numpy as np

    return np.ascontiguousarray(rows).view(np.uint64)


def _concatenated(pairs: list[_Pairs]) -> _Pairs:
    import numpy as np

    if not pairs:
        nothing = np.empty(0, np.int64)
        return nothing, nothing, nothing
    query, row, distance = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    return query, row, distance

"""The hash index beside three others, over the same hashes and queries in one run, on one thread.

Half of the queries are 0 to 31 bits from a stored hash, half are strangers, as uploads are. All
hashes are random: PDQ is made so that each bit is set in half of all pictures.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .measure import Row, row, seconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_integrity.matching.index import HashIndex

    Rows = NDArray[np.uint8]
    Numbers = NDArray[np.int64]

MILLION = 1_000_000
QUERIES = 200
PEER_QUERIES = 50
"""Of those that scan: each takes tens of milliseconds."""
QUERIES_10M = 100
CHECKED_10M = 10
"""Queries whose answer at 10 million is held against a scan, which takes a second each."""
BATCH = 64
RADIUS = 31
SEED = 4
FILMS, FRAMES = 10_000, 60
NOW = datetime(2026, 1, 1, tzinfo=UTC)

ROWS = (
    "match_1m_ms",
    "match_1m_eight_forms_ms",
    "match_10m_ms",
    "match_bytes_per_hash",
    "match_10m_bytes_per_hash",
    "match_recall",
    "match_batch_1m_per_s",
    "match_batch_10m_per_s",
    "match_build_1m_s",
    "match_build_10m_s",
    "match_snapshot_load_1m_s",
    "match_add_visible_s",
    "match_film_60s_in_10k_s",
    "peer_threatexchange_1m_ms",
    "peer_faiss_flat_1m_ms",
    "peer_numpy_1m_ms",
)


@dataclass(frozen=True, slots=True)
class Queries:
    """``hashes``: (n, 32). ``nearest``: row that each was made from, -1 for a stranger."""

    hashes: Rows
    nearest: Numbers

    def __iter__(self) -> Iterator[bytes]:
        return (each.tobytes() for each in self.hashes)


def matching() -> list[Row]:
    """The hash index beside three others, with up to ten million entries; takes minutes."""
    hashes = _hashes(MILLION)
    queries = _queries(hashes, QUERIES)
    expected = [_scan(hashes, query) for query in queries.hashes]
    rows = [*_ours(hashes, queries, expected), *_peers(hashes, queries, expected), *_films()]
    found, wanted = _recall(_index(hashes), queries, expected, hashes)
    del hashes
    gc.collect()
    # Last, so that its memory is not in the others' way.
    ten, found_10m, wanted_10m = _ten_million()
    rows += ten
    share = (found + found_10m) / (wanted + wanted_10m)
    of = wanted + wanted_10m
    rows.append(Row("match_recall", share, share, "share", of, target=1, at_least=True))
    print(_on_paper())
    return sorted(rows, key=lambda each: ROWS.index(each.name))


def _ours(hashes: Rows, queries: Queries, expected: list[set[int]]) -> list[Row]:
    from media_integrity.fingerprints.vpdq import VideoHash  # noqa: F401  loaded before the clock
    from media_integrity.matching.known import KnownHash
    from media_integrity.matching.snapshot import read, write
    from media_integrity.schema.enums import HashAlgorithm
    from media_integrity.schema.hashes import BankHash

    built = seconds(lambda: _index(hashes), 3, warm_up=1)
    index = _index(hashes)
    rows = [
        row("match_1m_ms", _ms(_searches(index, queries, 1)), "ms", target=1),
        row("match_1m_eight_forms_ms", _ms(_searches(index, queries, 8)), "ms"),
        Row("match_bytes_per_hash", *_twice(index.nbytes / len(index)), "B", 1, target=64),
        row("match_batch_1m_per_s", _per_second(index, queries), "/s"),
        row("match_build_1m_s", built, "s"),
    ]
    stored = write(index.content())
    loaded = seconds(lambda: read(stored), 5, warm_up=1)
    rows.append(row("match_snapshot_load_1m_s", loaded, "s", target=2))
    fresh = iter(_hashes(100, SEED + 1))

    def add() -> None:
        bits = next(fresh).tobytes()
        entry_id = BankHash.id_for(HashAlgorithm.PDQ, bits.hex())
        entry = KnownHash("bank", entry_id, HashAlgorithm.PDQ, bits, 100, True, True, NOW)
        index.put([entry])
        if bits not in {near.known.bits for near in index.near([bits])}:
            raise RuntimeError("an entry was put and not found")

    rows.append(row("match_add_visible_s", seconds(add, 50), "s", target=5))
    return rows


def _peers(hashes: Rows, queries: Queries, expected: list[set[int]]) -> list[Row]:
    """The package that the exchanges' own tools use, a scan by faiss, a scan by NumPy."""
    import faiss
    from threatexchange.signal_type.pdq.pdq_index import PDQIndex

    faiss.omp_set_num_threads(1)
    few = Queries(queries.hashes[:PEER_QUERIES], queries.nearest[:PEER_QUERIES])
    scan = row("peer_numpy_1m_ms", _ms(_each(few, lambda query: _scan(hashes, query))), "ms")

    flat = faiss.IndexBinaryFlat(256)
    flat.add(hashes)
    _same(few, expected, lambda query: set(flat.range_search(query[None], RADIUS + 1)[2].tolist()))
    flat_row = row(
        "peer_faiss_flat_1m_ms",
        _ms(_each(few, lambda query: flat.range_search(query[None], RADIUS + 1))),
        "ms",
    )
    theirs: PDQIndex[int] = PDQIndex()
    theirs.add_all((each.tobytes().hex(), number) for number, each in enumerate(hashes))
    texts = {each.tobytes(): each.tobytes().hex() for each in queries.hashes}
    _same(
        queries,
        expected,
        lambda query: {match.metadata for match in theirs.query(texts[query.tobytes()])},
    )
    theirs_row = row(
        "peer_threatexchange_1m_ms",
        _ms(_each(queries, lambda query: theirs.query(texts[query.tobytes()]))),
        "ms",
    )
    return [theirs_row, flat_row, scan]


def _films() -> list[Row]:
    """A minute of film against 10,000 of a minute each; the query is a clip of one of them."""
    import numpy as np

    from media_integrity.fingerprints.vpdq import VideoFrame, VideoHash
    from media_integrity.matching.columns import FrameColumns, Kind, empty, part_of
    from media_integrity.matching.index import Content, HashIndex
    from media_integrity.schema.enums import HashAlgorithm

    kind = Kind(HashAlgorithm.VPDQ, False)
    frames = _hashes(FILMS * FRAMES, SEED + 2)
    film = np.repeat(np.arange(FILMS, dtype=np.uint32), FRAMES)
    columns = FrameColumns(frames, film, np.full(len(frames), 90, np.uint8))
    digests = _hashes(FILMS, SEED + 3)
    banks, marks = np.zeros(FILMS, np.uint16), np.full(FILMS, 100, np.uint8)
    part = part_of(kind, digests, banks, marks, None, columns)
    base = type(empty())({**empty().parts, kind: part})
    index = HashIndex.of(Content(base, ("bank",), (), NOW))
    chance = np.random.default_rng(SEED)
    asked = iter(chance.integers(0, FILMS, 40).tolist())

    def search() -> None:
        number = next(asked)
        own = frames[number * FRAMES : (number + 1) * FRAMES].copy()
        for each in own:
            _flip(each, int(chance.integers(0, 20)), chance)
        clip = VideoHash(
            tuple(VideoFrame(n, 90, bits.tobytes(), float(n)) for n, bits in enumerate(own))
        )
        best = index.films(clip)[0]
        if best.known.bits != digests[number].tobytes() or best.query_percent < 100:
            raise RuntimeError("the film was not found")

    return [row("match_film_60s_in_10k_s", seconds(search, 20), "s", target=1)]


def _ten_million() -> tuple[list[Row], int, int]:
    """Rows at ten million; how many near entries were found of how many that a scan finds."""
    hashes = _hashes(10 * MILLION, SEED + 5)
    queries = _queries(hashes, QUERIES_10M)
    checked = Queries(queries.hashes[:CHECKED_10M], queries.nearest[:CHECKED_10M])
    expected = [_scan(hashes, query) for query in checked.hashes]
    began = time.perf_counter()
    index = _index(hashes)
    built = time.perf_counter() - began
    found, wanted = _recall(index, checked, expected, hashes)
    rows = [
        row("match_10m_ms", _ms(_searches(index, queries, 1)), "ms", target=10),
        Row("match_10m_bytes_per_hash", *_twice(index.nbytes / len(index)), "B", 1, target=64),
        row("match_batch_10m_per_s", _per_second(index, queries), "/s"),
        row("match_build_10m_s", [built], "s"),
    ]
    return rows, found, wanted


def _on_paper() -> str:
    """What a hundred million would take, from what the table does."""
    from media_integrity.matching.hamming import BLOCK_ROWS, CHUNKS, _key_bits, _probes

    rows = 100 * MILLION
    blocks = -(-rows // BLOCK_ROWS)
    in_block = rows / blocks
    key_bits = _key_bits(int(in_block))
    chunks, _ = _probes(key_bits, RADIUS)
    candidates = in_block * len(chunks) / 2**key_bits
    lists = (CHUNKS - 1) * 3
    begins = CHUNKS * 2**key_bits * (2 + 4 / 256) / in_block
    each = 30 + lists + begins + 3
    return (
        f"100 M on paper: {blocks} blocks of {in_block / 1e6:.1f} M. A row: 30 B of the hash + "
        f"{lists} B of row numbers + {begins:.2f} B of buckets + 3 B of columns = {each:.1f} B, "
        f"{each * rows / 1e9:.1f} GB in all. A query: {blocks} x ({len(chunks)} buckets of "
        f"2^{key_bits}, {candidates:,.0f} candidates) = {blocks * candidates:,.0f} candidates, "
        f"{blocks * candidates / (10e6 * _ratio()):.1f} times those at 10 M."
    )


def _ratio() -> float:
    """Candidates for each row at ten million."""
    from media_integrity.matching.hamming import _key_bits, _probes

    key_bits = _key_bits(10 * MILLION)
    return float(len(_probes(key_bits, RADIUS)[0]) / 2**key_bits)


def _hashes(count: int, seed: int = SEED) -> Rows:
    import numpy as np

    return np.random.default_rng(seed).integers(0, 256, (count, 32), np.uint8)


def _queries(hashes: Rows, count: int) -> Queries:
    import numpy as np

    chance = np.random.default_rng(SEED + 6)
    nearest = chance.integers(0, len(hashes), count)
    made = hashes[nearest]
    for number, each in enumerate(made):
        _flip(each, number // 2 % (RADIUS + 1), chance)
    nearest[1::2] = -1
    made[1::2] = chance.integers(0, 256, made[1::2].shape, np.uint8)
    return Queries(made, nearest)


def _flip(bits: Rows, count: int, chance: np.random.Generator) -> None:
    import numpy as np

    for place in chance.choice(256, count, replace=False).tolist():
        bits[place >> 3] ^= np.uint8(1 << (place & 7))


def _index(hashes: Rows) -> HashIndex:
    import numpy as np

    from media_integrity.matching.columns import Kind, empty, part_of
    from media_integrity.matching.index import Content, HashIndex
    from media_integrity.schema.enums import HashAlgorithm

    kind = Kind(HashAlgorithm.PDQ, False)
    banks, marks = np.zeros(len(hashes), np.uint16), np.full(len(hashes), 100, np.uint8)
    part = part_of(kind, hashes, banks, marks, None, None)
    base = type(empty())({**empty().parts, kind: part})
    return HashIndex.of(Content(base, ("bank",), (), NOW))


def _scan(hashes: Rows, query: Rows) -> set[int]:
    """Rows within the radius, by comparing all of them."""
    import numpy as np

    apart = np.bitwise_count(hashes.view(np.uint64) ^ query.view(np.uint64))
    distance = apart[:, 0].astype(np.uint16) + apart[:, 1] + apart[:, 2] + apart[:, 3]
    return set(np.flatnonzero(distance <= RADIUS).tolist())


def _searches(index: HashIndex, queries: Queries, forms: int) -> list[float]:
    """Seconds for each query; with ``forms``, so many at a time as an upload has."""
    hashes = list(queries)
    groups = iter([hashes[at : at + forms] for at in range(len(hashes) - forms + 1)] * 2)
    return seconds(lambda: index.near(next(groups)), len(hashes) - forms + 1)


def _per_second(index: HashIndex, queries: Queries) -> list[float]:
    hashes = (list(queries) * BATCH)[:BATCH]
    return [BATCH / taken for taken in seconds(lambda: index.near(hashes), 10, warm_up=1)]


def _recall(
    index: HashIndex, queries: Queries, expected: list[set[int]], hashes: Rows
) -> tuple[int, int]:
    """How many of the entries that a scan finds the index finds.

    Raises:
        RuntimeError: it finds something else besides.
    """
    found, wanted = 0, 0
    for query, near in zip(queries, expected, strict=True):
        ours = {hit.known.bits for hit in index.near([query], RADIUS)}
        theirs = {hashes[number].tobytes() for number in near}
        if ours - theirs:
            raise RuntimeError("the index found what a scan does not find")
        found, wanted = found + len(ours & theirs), wanted + len(theirs)
    return found, wanted


def _each(queries: Queries, search: Callable[[Rows], object]) -> list[float]:
    hashes = iter([queries.hashes[0]] * 3 + list(queries.hashes))
    return seconds(lambda: search(next(hashes)), len(queries.hashes))


def _same(queries: Queries, expected: list[set[int]], search: Callable[[Rows], set[int]]) -> None:
    """A peer that finds less would be compared unfairly.

    Raises:
        RuntimeError: it does not find what a scan finds.
    """
    for query, near in zip(queries.hashes, expected, strict=False):
        if search(query) != near:
            raise RuntimeError("a peer does not find what a scan finds")


def _ms(taken: list[float]) -> list[float]:
    return [each * 1e3 for each in taken]


def _twice(value: float) -> tuple[float, float]:
    return round(value, 2), round(value, 2)

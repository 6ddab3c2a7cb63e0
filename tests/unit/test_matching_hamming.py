"""The table finds every hash within the radius, whatever the hashes are like, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from media_integrity.matching import hamming
from media_integrity.matching.hamming import (
    CHUNKS,
    MAX_RADIUS,
    ROW_BYTES,
    SCANNED_ROWS,
    HammingTable,
    _key_bits,
    _probes,
)

Rows = NDArray[np.uint8]
MANY = SCANNED_ROWS + 5_000


def random_rows(count: int, seed: int) -> Rows:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), np.uint8)


def flipped(row: Rows, positions: list[int]) -> Rows:
    bits = np.unpackbits(row)
    bits[positions] ^= 1
    return np.packbits(bits)


def brute_force(rows: Rows, queries: Rows, radius: int) -> set[tuple[int, int, int]]:
    found = set()
    for number, query in enumerate(queries):
        apart = np.bitwise_count(rows ^ query).sum(axis=1, dtype=int)
        near = np.flatnonzero(apart <= radius)
        found |= {(number, int(row), int(apart[row])) for row in near}
    return found


def searched(
    table: HammingTable, order: NDArray[np.int64], queries: Rows, radius: int
) -> set[tuple[int, int, int]]:
    found = table.near(queries, radius)
    pairs = list(
        zip(
            found.query.tolist(),
            order[found.row].tolist(),
            found.distance.tolist(),
            strict=True,
        )
    )
    assert len(set(pairs)) == len(pairs), "an entry was reported twice"
    return set(pairs)


def clusters(count: int, seed: int) -> Rows:
    """Hashes as an attacker or a burst of near-copies would make them: few places, all crowded."""
    chance = np.random.default_rng(seed)
    centres = random_rows(5, seed)
    rows = centres[chance.integers(0, 5, count)]
    for _ in range(12):
        bit = chance.integers(0, 256, count)
        rows[np.arange(count), bit >> 3] ^= (1 << (bit & 7)).astype(np.uint8)
    return rows


KINDS_OF_ROWS: dict[str, Callable[[], Rows]] = {
    "spread": lambda: random_rows(MANY, 1),
    "few": lambda: random_rows(700, 2),
    "clustered": lambda: clusters(MANY, 3),
    "more than 16 bits count": lambda: random_rows((1 << 16) + 3_001, 4),
    "equal": lambda: np.repeat(random_rows(3, 5), MANY // 3, axis=0),
    "one": lambda: random_rows(1, 6),
    "none": lambda: random_rows(0, 7),
}


@pytest.fixture(scope="module", params=KINDS_OF_ROWS, name="built")
def _built(request: pytest.FixtureRequest) -> tuple[Rows, HammingTable, NDArray[np.int64]]:
    rows = KINDS_OF_ROWS[request.param]()
    return rows, *HammingTable.build(rows)


@settings(deadline=None, max_examples=25)
@given(
    which=st.lists(st.integers(0, 1 << 40), min_size=1, max_size=4),
    positions=st.lists(st.integers(0, 255), max_size=40, unique=True),
    radius=st.integers(0, MAX_RADIUS),
)
def test_it_finds_what_comparing_every_row_finds(
    built: tuple[Rows, HammingTable, NDArray[np.int64]],
    which: list[int],
    positions: list[int],
    radius: int,
) -> None:
    rows, table, order = built
    sources = rows if len(rows) else random_rows(1, 9)
    queries = np.stack([flipped(sources[each % len(sources)], positions) for each in which])
    assert searched(table, order, queries, radius) == brute_force(rows, queries, radius)


def test_every_hash_at_the_greatest_distance_is_found_whichever_bits_differ() -> None:
    rows = random_rows(MANY, 11)
    table, _ = HammingTable.build(rows)
    chance = np.random.default_rng(12)
    for _ in range(300):
        row = rows[chance.integers(len(rows))]
        query = flipped(row, chance.choice(256, MAX_RADIUS, replace=False).tolist())
        assert MAX_RADIUS in table.near(query[None]).distance


@pytest.mark.parametrize("key_bits", [16, 17, 18, 20])
@pytest.mark.parametrize("radius", range(MAX_RADIUS + 1))
def test_no_way_to_spread_the_flips_over_the_chunks_escapes(key_bits: int, radius: int) -> None:
    """Whoever is in no bucket differs in one bit more than the flips allow, in every chunk."""
    chunks, masks = _probes(key_bits, radius)
    most = [
        max(int(mask).bit_count() for mask in masks[chunks == chunk]) for chunk in range(CHUNKS)
    ]
    assert sum(flips + 1 for flips in most) > radius
    for chunk, flips in enumerate(most):
        patterns = set(masks[chunks == chunk].tolist())
        assert all(mask < 1 << key_bits for mask in patterns)
        assert len(patterns) == sum(comb(key_bits, count) for count in range(flips + 1))


def test_rows_come_back_as_they_were_put_in(
    built: tuple[Rows, HammingTable, NDArray[np.int64]],
) -> None:
    rows, table, order = built
    assert len(table) == len(rows)
    assert sorted(order.tolist()) == list(range(len(rows)))
    assert np.array_equal(table.all_rows(), rows[order])
    some = np.random.default_rng(3).integers(0, max(len(rows), 1), min(len(rows), 50))
    assert np.array_equal(table.rows(some), rows[order][some])


def test_equal_hashes_are_found_and_others_not(
    built: tuple[Rows, HammingTable, NDArray[np.int64]],
) -> None:
    rows, table, order = built
    queries = np.concatenate((rows[:2], random_rows(2, 99)))
    found = table.find(queries)
    expected = {
        (number, row)
        for number, query in enumerate(queries)
        for row in np.flatnonzero((rows == query).all(axis=1)).tolist()
    }
    assert set(zip(found.query.tolist(), order[found.row].tolist(), strict=True)) == expected


def test_a_table_of_several_blocks_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming, "BLOCK_ROWS", MANY + 10)
    rows = np.concatenate((random_rows(MANY, 21), clusters(MANY, 22), random_rows(500, 23)))
    table, order = HammingTable.build(rows)
    queries = np.stack([flipped(rows[n], [5, 77, 200]) for n in (0, MANY + 20, len(rows) - 1)])
    assert searched(table, order, queries, 31) == brute_force(rows, queries, 31)
    assert np.array_equal(table.all_rows(), rows[order])
    assert np.array_equal(table.rows(np.arange(len(rows))), rows[order])


def test_many_queries_and_crowded_buckets_are_searched_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = clusters(MANY, 31)
    table, order = HammingTable.build(rows)
    queries = rows[:30]
    whole = searched(table, order, queries, 31)
    monkeypatch.setattr(hamming, "CANDIDATES_AT_ONCE", 1_000)
    assert searched(table, order, queries[:3], 31) == {pair for pair in whole if pair[0] < 3}
    assert whole == brute_force(rows, queries, 31)


@pytest.mark.parametrize("rows", [960_000, 1_000_000, 2_000_000, 10_000_000, 16_000_000])
def test_a_row_takes_no_more_memory_than_it_may(rows: int) -> None:
    key_bits = _key_bits(rows)
    listed = (CHUNKS - 1) * (2.5 if rows <= 1 << 20 else 3)
    begins = CHUNKS * 2**key_bits * (2 + 4 / 256) / rows
    assert 30 + listed + begins <= ROW_BYTES


def test_the_memory_that_it_reports_is_that_of_its_arrays() -> None:
    rows = random_rows(300_000, 41)
    table, _ = HammingTable.build(rows)
    assert 300_000 * (30 + 25) < table.nbytes <= 300_000 * ROW_BYTES


@pytest.mark.parametrize("radius", [-1, MAX_RADIUS + 1, 256])
def test_a_radius_that_it_cannot_search_exactly_is_refused(radius: int) -> None:
    table, _ = HammingTable.build(random_rows(3, 1))
    with pytest.raises(ValueError, match="radius"):
        table.near(random_rows(1, 2), radius)


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((2, 31), np.uint8),
        np.zeros((2, 32), np.int8),
        np.zeros(32, np.uint8),
        np.zeros((1, 2, 32), np.uint8),
    ],
    ids=["short", "signed", "flat", "deep"],
)
def test_what_is_no_table_of_hashes_is_refused(rows: Rows) -> None:
    with pytest.raises(ValueError, match="uint8"):
        HammingTable.build(rows)
    table, _ = HammingTable.build(random_rows(3, 1))
    with pytest.raises(ValueError, match="uint8"):
        table.near(rows)


def test_a_row_that_is_not_there_is_refused() -> None:
    table, _ = HammingTable.build(random_rows(3, 1))
    with pytest.raises(IndexError):
        table.rows(np.array([3]))

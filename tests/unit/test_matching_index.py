"""The index says of every state what comparing every entry says, while it changes and is merged."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_integrity.fingerprints.pdq_hash import PDQ_BYTES
from media_integrity.fingerprints.vpdq import VideoFrame, VideoHash, compare
from media_integrity.matching import columns, index
from media_integrity.matching.columns import Key
from media_integrity.matching.index import DELTA_LIMIT, HashIndex
from media_integrity.matching.known import KnownHash
from media_integrity.matching.snapshot import read, write
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.hashes import BankHash
from media_integrity.schema.shields import ShieldId

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PDQ, SHA256, MD5, VPDQ = (
    HashAlgorithm.PDQ,
    HashAlgorithm.SHA256,
    HashAlgorithm.MD5,
    HashAlgorithm.VPDQ,
)


def known(
    bits: bytes,
    algorithm: HashAlgorithm = PDQ,
    bank: str = "bank",
    shield: str | None = None,
    *,
    quality: int = 100,
    confirmed: bool = True,
    enabled: bool = True,
    updated_at: datetime = NOW,
    film: VideoHash | None = None,
) -> KnownHash:
    shield_id = ShieldId(shield) if shield else None
    return KnownHash(
        bank_id=bank,
        id=BankHash.id_for(algorithm, bits.hex(), shield_id),
        algorithm=algorithm,
        bits=bits,
        quality=quality,
        confirmed=confirmed,
        enabled=enabled,
        updated_at=updated_at,
        shield_id=shield_id,
        film=film,
    )


def film_of(*frames: tuple[bytes, int]) -> VideoHash:
    return VideoHash(
        tuple(VideoFrame(n, quality, bits, float(n)) for n, (bits, quality) in enumerate(frames))
    )


def known_film(film: VideoHash, **changes: object) -> KnownHash:
    entry = known(bytes.fromhex(film.digest), VPDQ, film=film)
    return replace(entry, **changes)  # type: ignore[arg-type]


def apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


CENTRES = [bytes(32), bytes([255] * 32), bytes(range(32))]


@st.composite
def near_centres(draw: st.DrawFn) -> bytes:
    """Few places, so that draws meet each other."""
    number = int.from_bytes(draw(st.sampled_from(CENTRES)))
    for position in draw(st.lists(st.sampled_from(range(0, 256, 9)), max_size=3)):
        number ^= 1 << position
    return number.to_bytes(PDQ_BYTES)


@st.composite
def entries(draw: st.DrawFn) -> KnownHash:
    algorithm = draw(st.sampled_from([PDQ, PDQ, PDQ, SHA256, MD5, VPDQ]))
    bits = draw(near_centres())[: columns.WIDTHS[algorithm]]
    film = None
    if algorithm is VPDQ:
        frames = draw(
            st.lists(st.tuples(near_centres(), st.integers(0, 100)), min_size=1, max_size=4)
        )
        film = film_of(*frames)
        bits = bytes.fromhex(film.digest)
    return known(
        bits,
        algorithm,
        draw(st.sampled_from(["a", "b"])),
        draw(st.sampled_from([None, None, "s1", "s2"])),
        quality=draw(st.integers(0, 100)),
        confirmed=draw(st.booleans()),
        enabled=draw(st.sampled_from([True, True, True, False])),
        film=film,
    )


@cache
def crowd() -> list[KnownHash]:
    """More than a delta holds."""
    return [known(b"\x5a" * 28 + n.to_bytes(4), SHA256, "crowd") for n in range(DELTA_LIMIT + 1)]


steps = st.lists(
    st.one_of(
        st.lists(entries(), min_size=1, max_size=6),
        st.sampled_from(["merge", "many", "stored"]),
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.lists(near_centres(), min_size=1, max_size=3), st.integers(0, 31))
def test_it_agrees_with_comparing_every_entry_in_every_state(
    steps: list[list[KnownHash] | str], queries: list[bytes], radius: int
) -> None:
    searched = HashIndex()
    model: dict[Key, KnownHash] = {}
    padding = 0
    for step in steps:
        if step == "merge":
            searched.merge()
        elif step == "stored":
            searched = read(write(searched.content()))
        elif step == "many":
            searched.put(crowd())  # replaced where they stand already
            padding = len(crowd())
        else:
            assert isinstance(step, list)
            searched.put(step)
            model |= {Key.of(entry): entry for entry in step}
        enabled = [entry for entry in model.values() if entry.enabled]
        assert len(searched) == len(enabled) + padding
        found = {
            (near.query, near.distance, facts(near.known))
            for near in searched.near(queries, radius)
        }
        assert found == {
            (number, apart(entry.bits, query), facts(entry))
            for number, query in enumerate(queries)
            for entry in enabled
            if entry.algorithm is PDQ and apart(entry.bits, query) <= radius
        }
        for algorithm in HashAlgorithm:
            for bits in {entry.bits for entry in model.values() if entry.algorithm is algorithm}:
                assert sorted(map(facts, searched.exact(algorithm, bits)), key=repr) == sorted(
                    (
                        facts(entry)
                        for entry in enabled
                        if (entry.algorithm, entry.bits) == (algorithm, bits)
                    ),
                    key=repr,
                )
        clip = film_of(*((bits, 80) for bits in queries))
        films = {
            facts(film.known): (film.query_percent, film.compared_percent)
            for film in searched.films(clip, radius, 50)
        }
        expected = {}
        for entry in enabled:
            if entry.film is not None:
                match = compare(clip, entry.film, max_distance=radius, min_quality=50)
                if match.query_percent > 0:
                    expected[facts(entry)] = (match.query_percent, match.compared_percent)
        assert films.keys() == expected.keys()
        for key, shares in films.items():
            assert shares == pytest.approx(expected[key])


def facts(entry: KnownHash) -> tuple[object, ...]:
    """What the index promises to know of an entry."""
    return (
        entry.bank_id,
        entry.id,
        entry.algorithm,
        entry.bits,
        entry.quality,
        entry.confirmed,
        entry.shield_id,
    )


def test_one_hash_in_several_banks_and_for_several_shields_is_as_many_entries() -> None:
    searched = HashIndex()
    bits = bytes(32)
    searched.put(
        [known(bits, bank=bank, shield=shield) for bank in "ab" for shield in (None, "s", "t")]
    )
    assert len(searched) == 6
    searched.put([known(bits, bank="a", shield="s", enabled=False)])
    left = {(near.known.bank_id, near.known.shield_id) for near in searched.near([bits])}
    assert left == {("a", None), ("a", "t"), ("b", None), ("b", "s"), ("b", "t")}


def test_a_disabled_entry_stops_matching_at_once_and_matches_again_when_enabled() -> None:
    searched = HashIndex()
    entry = known(bytes(32))
    for _ in range(2):  # as part of the delta, and of the base
        searched.put([entry])
        searched.merge()
        searched.put([replace(entry, enabled=False)])
        assert searched.near([bytes(32)]) == [] and len(searched) == 0
        searched.put([entry])
        assert len(searched.near([bytes(32)])) == 1


def test_films_come_the_most_shared_first_with_frames_counted_once() -> None:
    chance = np.random.default_rng(3)
    frames = [chance.bytes(32) for _ in range(10)]
    whole = known_film(film_of(*((bits, 90) for bits in frames)))
    half = known_film(film_of(*((bits, 90) for bits in frames[:5]), (chance.bytes(32), 90)))
    poor = known_film(film_of(*((bits, 49) for bits in frames)))
    searched = HashIndex()
    searched.put([half, poor, whole])
    clip = film_of(*((bits, 90) for bits in frames[:8]), (frames[0], 90), (frames[9], 10))
    found = searched.films(clip)
    assert [(f.known.bits, f.query_percent, f.compared_percent, f.frames) for f in found] == [
        (whole.bits, 100.0, 80.0, 8),
        (half.bits, 62.5, pytest.approx(500 / 6), 5),
    ]
    assert [film.distance for film in found] == [0, 0]


def test_putting_nothing_changes_nothing_and_everything_else_raises_the_version() -> None:
    searched = HashIndex()
    searched.put([])
    assert searched.version == 0
    searched.put([known(bytes(32), updated_at=NOW + timedelta(seconds=5))])
    assert searched.version == 1
    assert searched.cursor == NOW + timedelta(seconds=5)
    searched.put([known(bytes(32), enabled=False)])
    assert searched.version == 2
    assert searched.cursor == NOW + timedelta(seconds=5), "never goes back"


@pytest.mark.parametrize("count", [1, DELTA_LIMIT + 1], ids=["few", "many"])
@pytest.mark.parametrize(
    "bad",
    [
        replace(known(bytes(32)), bits=bytes(31)),
        replace(known(bytes(32)), algorithm=MD5),
        replace(known(bytes(32)), quality=101),
        replace(known(bytes(32), VPDQ), film=None),
    ],
    ids=["short", "md5 of 32 bytes", "quality", "film without frames"],
)
def test_a_malformed_entry_puts_none_of_its_batch(count: int, bad: KnownHash) -> None:
    searched = HashIndex()
    good = [known(n.to_bytes(32)) for n in range(count)]
    with pytest.raises(ValueError):
        searched.put([*good, bad])
    assert len(searched) == 0


@pytest.mark.parametrize("query", [b"", bytes(31), bytes(33)])
def test_a_query_that_is_no_hash_is_refused(query: bytes) -> None:
    searched = HashIndex()
    searched.put([known(bytes(32))])
    with pytest.raises(ValueError):
        searched.near([query])
    with pytest.raises(ValueError):
        searched.exact(SHA256, query)


def test_an_empty_index_finds_nothing() -> None:
    searched = HashIndex()
    searched.merge()
    assert searched.near([bytes(32)]) == []
    assert searched.near([]) == []
    assert searched.exact(MD5, bytes(16)) == ()
    assert searched.films(film_of((bytes(32), 100))) == []


def test_a_film_of_nothing_but_poor_frames_matches_nothing() -> None:
    searched = HashIndex()
    searched.put([known_film(film_of((bytes(32), 100)))])
    assert searched.films(film_of((bytes(32), 49))) == []


def test_keys_that_collide_when_mixed_are_still_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "_factors", lambda: (np.uint64(0),) * 5)
    searched = HashIndex()
    searched.put(known((n % 300).to_bytes(32), bank=str(n % 2)) for n in range(DELTA_LIMIT + 100))
    assert len(searched) == 300


def test_a_merge_in_the_background_loses_nothing_that_is_put_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index, "DELTA_LIMIT", 50)
    monkeypatch.setattr(index, "DELTA_CEILING", 400)
    searched = HashIndex()
    entries = [known(n.to_bytes(32)) for n in range(1_000)]
    for at in range(0, 1_000, 5):
        searched.put(entries[at : at + 5])
        searched.put([replace(entries[at // 2], enabled=at % 3 == 0)])
    expected = {entry.bits for entry in entries}
    for at in range(0, 1_000, 5):
        (expected.add if at % 3 == 0 else expected.discard)(entries[at // 2].bits)
    deadline = time.monotonic() + 30
    while any(thread.name == "merge" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for bits in (entry.bits for entry in entries):
        assert bool(searched.near([bits], 0)) == (bits in expected)


def test_searches_see_all_of_a_put_or_nothing_and_do_not_wait_for_a_merge() -> None:
    """Each put moves a pair of entries on together; a search that saw a half of one, or the state
    of another moment for the second entry, would find marks that differ."""
    searched = HashIndex()
    chance = np.random.default_rng(8)
    many = [known(chance.bytes(32)) for _ in range(30_000)]
    searched.put(many)
    one, two = bytes(32), bytes([1] + [0] * 31)
    searched.put([known(one, quality=0), known(two, quality=0)])
    torn: list[object] = []
    waits: list[float] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            began = time.perf_counter()
            hits = searched.near([one], 1)
            waits.append(time.perf_counter() - began)
            if len(hits) != 2 or len({hit.known.quality for hit in hits}) != 1:
                torn.append(hits)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    began = time.perf_counter()
    for turn in range(1, 40):
        quality = turn % 100
        searched.put([known(one, quality=quality), known(two, quality=quality)])
        if turn % 10 == 0:
            searched.merge()
    searched.put(many)
    took = time.perf_counter() - began
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert len(waits) > 20
    assert max(waits) < took / 2, "a search waited as long as the writers worked"

"""The mark's words and waves: what is written is read, and nothing else is."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from media_integrity.schema.hashes import PdqView
from media_integrity.schema.watermarks import BANDS, bands_of
from media_integrity.watermarks.carriers import LONGEST, SHORTEST, Carriers, lattice
from media_integrity.watermarks.codeword import (
    CERTAIN_SCORE,
    PAYLOAD_BYTES,
    SYMBOLS,
    VALUES,
    chance,
    decode,
    encode,
)
from media_integrity.watermarks.keys import MarkKey

SYNC = [180, 45, 0, 44, 182, 233]
SIGNS = [1, 1, -1, 1, 1, 1, 1, -1]
PAYLOAD = "7b163265bd71"

payloads = st.binary(min_size=PAYLOAD_BYTES, max_size=PAYLOAD_BYTES)


def heard(payload: bytes, strength: float, seed: int) -> NDArray[np.float64]:
    """Scores of a picture that says that word so loudly, in noise."""
    scores = np.random.default_rng(seed).normal(0, 1, (SYMBOLS, VALUES))
    scores[np.arange(SYMBOLS), encode(payload)] += strength
    return scores


@given(payloads)
@settings(max_examples=30, deadline=None)
def test_a_word_begins_with_its_payload(payload: bytes) -> None:
    assert bytes(encode(payload)[:PAYLOAD_BYTES].astype(np.uint8)) == payload


@given(payloads, payloads)
@settings(max_examples=50, deadline=None)
def test_two_words_differ_in_at_least_eleven_symbols(one: bytes, other: bytes) -> None:
    differ = int((encode(one) != encode(other)).sum())
    assert differ == 0 if one == other else differ >= SYMBOLS - PAYLOAD_BYTES + 1


@given(payloads, st.sets(st.integers(0, SYMBOLS - 1), max_size=10), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_any_ten_symbols_may_be_lost(payload: bytes, lost: set[int], seed: int) -> None:
    scores = heard(payload, 40.0, seed)
    for symbol in lost:
        scores[symbol] = np.random.default_rng(seed + symbol).normal(0, 1, VALUES)

    assert decode(scores).payload == payload


@pytest.mark.parametrize("length", [0, 5, 7])
def test_a_payload_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="6 bytes"):
        encode(b"x" * length)


def test_noise_alone_stays_below_what_is_taken_for_a_word() -> None:
    random = np.random.default_rng(5)
    best = max(decode(random.normal(0, 1, (SYMBOLS, VALUES))).score for _ in range(60))
    assert best < CERTAIN_SCORE - 4


def test_the_bound_on_chance_falls_with_the_score() -> None:
    assert chance(-1.0) == chance(0.0) == chance(20.0) == 1.0
    bounds = [chance(score) for score in (36.0, 40.0, CERTAIN_SCORE, 60.0, 400.0)]
    assert bounds == sorted(bounds, reverse=True)
    assert chance(CERTAIN_SCORE) < 1e-9
    assert math.isfinite(chance(1e6))


def test_each_wave_carries_one_thing_and_all_lengths_are_in_every_part() -> None:
    carriers = Carriers.of(b"k" * 32)

    used = np.concatenate([carriers.sync, carriers.symbols.ravel()])
    assert len(set(used.tolist())) == len(used) > 0.97 * len(lattice())
    for part in (carriers.sync, *carriers.symbols):
        lengths = lattice().radius[part]
        assert SHORTEST <= lengths.min() < 9
        assert 22 < lengths.max() <= LONGEST


def test_signs_of_two_keys_have_nothing_in_common() -> None:
    one, other = Carriers.of(b"k" * 32), Carriers.of(b"K" * 32)

    alike = abs((one.patterns.conj() * other.patterns).mean())
    assert alike < 0.01
    assert not np.array_equal(one.sync, other.sync)


def test_a_key_gives_the_same_waves_for_ever() -> None:
    """Marks stay readable for three years: what they are made of may not change unseen."""
    carriers = Carriers.of(bytes(range(32)))

    assert carriers.sync[:6].tolist() == SYNC
    assert np.sign(carriers.patterns[3, 200, :8].real).astype(int).tolist() == SIGNS
    assert MarkKey.of(bytes(32)).payload("job").hex() == PAYLOAD


def test_payloads_tell_nothing_of_the_job_without_the_key() -> None:
    one, other = MarkKey.of(b"a" * 32), MarkKey.of(b"b" * 32)

    assert one.payload("job") == one.payload("job")
    assert len({one.payload("job"), one.payload("job", 1), other.payload("job")}) == 3


@given(st.integers(0, 2**256 - 1), st.sets(st.integers(0, 239), max_size=11))
@settings(max_examples=60, deadline=None)
def test_hashes_that_differ_in_eleven_bits_share_a_band(value: int, flipped: set[int]) -> None:
    other = value
    for bit in flipped:
        other ^= 1 << (255 - bit)
    one, two = (
        set(bands_of((PdqView(pdq=f"{number:064x}", quality=100),))) for number in (value, other)
    )

    assert len(one) == BANDS
    assert one & two

"""What is taken into a bank, and why the rest is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.banks.entries import (
    MIN_SET_BITS,
    HashRefused,
    RefusalReason,
    new_entry,
)
from media_integrity.fingerprints.vpdq import VideoFrame, VideoHash
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.hashes import MAX_FILM_FRAMES

PDQ = "5a" * 32


def refused(algorithm: HashAlgorithm, value: str, quality: int | None = None) -> RefusalReason:
    with pytest.raises(HashRefused) as caught:
        new_entry(algorithm, value, quality=quality, min_quality=50)
    assert caught.value.text
    return caught.value.reason


def film(*qualities: int) -> VideoHash:
    return VideoHash(
        tuple(
            VideoFrame(number, quality, bytes([number % 256] * 32), float(number))
            for number, quality in enumerate(qualities)
        )
    )


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        (HashAlgorithm.PDQ, PDQ),
        (HashAlgorithm.SHA256, "ab" * 32),
        (HashAlgorithm.MD5, "ab" * 16),
    ],
)
def test_capitals_and_blanks_around_a_hash_are_the_same_hash(
    algorithm: HashAlgorithm, value: str
) -> None:
    assert new_entry(algorithm, f" {value.upper()} ", min_quality=50).value == value


@pytest.mark.parametrize("algorithm", [HashAlgorithm.PDQ, HashAlgorithm.SHA256, HashAlgorithm.MD5])
@pytest.mark.parametrize("value", ["", "zz" * 32, "ab" * 15, "ab" * 33, "٣" * 64])
def test_what_is_no_hash_is_refused(algorithm: HashAlgorithm, value: str) -> None:
    assert refused(algorithm, value) is RefusalReason.MALFORMED


def test_hashes_of_pictures_with_too_little_detail_are_refused() -> None:
    assert refused(HashAlgorithm.PDQ, PDQ, 49) is RefusalReason.LOW_QUALITY
    assert refused(HashAlgorithm.PDQ, PDQ, 101) is RefusalReason.MALFORMED
    assert new_entry(HashAlgorithm.PDQ, PDQ, quality=50, min_quality=50).quality == 50


@pytest.mark.parametrize("value", ["0" * 64, "f" * 64, "0007001f003f003f" + "00" * 24])
def test_hashes_with_nearly_all_bits_alike_are_refused_whatever_quality_is_claimed(
    value: str,
) -> None:
    assert refused(HashAlgorithm.PDQ, value, 100) is RefusalReason.FLAT


@given(st.binary(min_size=32, max_size=32))
def test_flat_means_far_from_half_of_the_bits(bits: bytes) -> None:
    flat = not MIN_SET_BITS <= int.from_bytes(bits).bit_count() <= 256 - MIN_SET_BITS
    try:
        new_entry(HashAlgorithm.PDQ, bits.hex(), quality=100, min_quality=50)
    except HashRefused as error:
        assert flat
        assert error.reason is RefusalReason.FLAT
    else:
        assert not flat


def test_an_exchange_that_gives_no_quality_has_looked_at_the_picture() -> None:
    assert new_entry(HashAlgorithm.PDQ, PDQ, min_quality=50).quality == 100


def test_a_quality_of_bytes_says_nothing_and_is_dropped() -> None:
    assert new_entry(HashAlgorithm.MD5, "ab" * 16, quality=3, min_quality=50).quality is None


def test_a_film_is_named_by_the_digest_of_its_frames_and_keeps_them() -> None:
    hashed = film(90, 20, 80)
    made = new_entry(HashAlgorithm.VPDQ, hashed.pack(), min_quality=50)
    assert made.value == hashed.digest
    assert made.frames is not None
    kept = VideoHash.unpack(made.frames)
    assert [(each.frame, each.quality, each.bits) for each in kept.frames] == [
        (each.frame, each.quality, each.bits) for each in hashed.frames
    ]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", RefusalReason.MALFORMED),
        ("not base64!", RefusalReason.MALFORMED),
        (base64.b64encode(b"x" * 36).decode(), RefusalReason.MALFORMED),
        (film(10, 49).pack(), RefusalReason.NO_GOOD_FRAME),
        (film(*[90] * (MAX_FILM_FRAMES + 1)).pack(), RefusalReason.TOO_LONG),
    ],
    ids=["empty", "not base64", "cut", "blurred", "too long"],
)
def test_films_that_cannot_be_used_are_refused(value: str, reason: RefusalReason) -> None:
    assert refused(HashAlgorithm.VPDQ, value) is reason

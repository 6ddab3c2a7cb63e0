"""TMK+PDQF: files and scores of the reference, and descriptions made here."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.fingerprints.pdq_hash import pdqf
from media_integrity.fingerprints.tmk import (
    COEFFICIENTS,
    PERIODS,
    SAME,
    MalformedTmk,
    NotComparable,
    TmkFeature,
    describe,
    level1,
    level2,
    tmk,
)
from media_integrity.media.errors import RefusalCode, Refused, TooMuchToCheck
from media_integrity.media.film import steady_frames
from media_integrity.media.limits import FilmLimits
from tests.unit import film_files as files
from tests.unit.media_files import Rgb, photograph

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "perceptual_hash"

needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the reference films (../shared/data/perceptual_hash) are absent"
)

HEADER = 32


def reference_files() -> dict[str, bytes]:
    return {file.stem: file.read_bytes() for file in sorted((REFERENCE / "tmk_hashes").glob("*"))}


def walk(count: int, seed: int = 1, step: int = 2) -> list[Rgb]:
    """A camera that goes along a picture, in frames of 64 x 64."""
    wide = photograph(64 + step * count, 64, seed)
    return [np.ascontiguousarray(wide[:, at * step : at * step + 64]) for at in range(count)]


def slow_level2(one: TmkFeature, other: TmkFeature) -> float:
    """By its definition: every shift of every period, one after another."""
    best = -math.inf
    for number, period in enumerate(one.periods):
        c, s, c2, s2 = (
            array[number].astype(np.float64)
            for array in (one.cosines, one.sines, other.cosines, other.sines)
        )
        for shift in range(period):
            waves = np.arange(1, len(c))
            turn = 2 * np.pi * waves * shift / period
            even = (c * c2 + s * s2).sum(axis=1)[1:]
            odd = (s * c2 - c * s2).sum(axis=1)[1:]
            score = c[0] @ c2[0] + np.cos(turn) @ even + np.sin(turn) @ odd
            best = max(best, float(score))
    weights = one.coefficients.astype(np.float64)
    return best / float(weights[0] + 2 * weights[1:].sum())


# --- agreement with the reference -----------------------------------------------------------------


@needs_reference
def test_the_reference_s_files_are_read_and_written_again_to_the_byte() -> None:
    stored = reference_files()
    assert len(stored) == 7
    for data in stored.values():
        feature = TmkFeature.from_bytes(data)
        assert feature.to_bytes() == data
        assert feature.periods == PERIODS
        assert np.array_equal(feature.coefficients, np.array(COEFFICIENTS, np.float32))


@needs_reference
def test_films_have_the_descriptions_that_the_reference_gave_them() -> None:
    for name, data in reference_files().items():
        theirs = TmkFeature.from_bytes(data)
        ours = tmk((REFERENCE / "videos" / f"{name}.mp4").read_bytes(), FilmLimits())
        assert ours.frames == theirs.frames
        assert level1(ours, theirs) >= 0.9999
        assert level2(ours, theirs) >= 0.9999
        for one, other in ((ours.average, theirs.average), (ours.cosines, theirs.cosines)):
            assert np.linalg.norm(one - other) <= 0.002 * np.linalg.norm(other)


@needs_reference
def test_variants_of_a_film_score_as_the_same_and_other_films_do_not() -> None:
    features = {name: TmkFeature.from_bytes(data) for name, data in reference_files().items()}
    logo = "chair-22-with-large-logo-bar"  # the logo covers half of the picture
    for one, other in combinations(sorted(set(features) - {logo}), 2):
        scores = [level(features[one], features[other]) for level in (level1, level2)]
        if one.split("-")[0] == other.split("-")[0]:
            assert min(scores) > SAME
        else:
            assert max(scores) < 0.1


@needs_reference
def test_all_shifts_at_once_score_as_one_after_another() -> None:
    features = [TmkFeature.from_bytes(data) for data in reference_files().values()]
    assert level2(features[0], features[1]) == pytest.approx(
        slow_level2(features[0], features[1]), abs=1e-6
    )


# --- scores ---------------------------------------------------------------------------------------


def test_a_film_is_the_same_as_itself() -> None:
    feature = describe(walk(60))
    assert feature.frames == 60
    assert level1(feature, feature) == pytest.approx(1)
    assert level2(feature, feature) == pytest.approx(1, abs=1e-5)


def test_a_film_that_begins_later_is_found_by_its_shift() -> None:
    frames = walk(200)
    other = [*walk(60, seed=9), *frames]
    whole, late = describe(frames), describe(other)
    assert level2(whole, late) > level2(whole, describe(walk(260, seed=5))) + 0.3


def test_other_films_score_low() -> None:
    one, other = describe(walk(60)), describe(walk(60, seed=7, step=1))
    assert abs(level1(one, other)) < 0.5
    assert level2(one, other) < 0.5


def test_scores_do_not_depend_on_the_order_of_the_films() -> None:
    one, other = describe(walk(40)), describe(walk(70, seed=3))
    assert level1(one, other) == pytest.approx(level1(other, one))
    assert level2(one, other) == pytest.approx(level2(other, one), abs=1e-6)


def test_a_film_that_shows_nothing_scores_nothing() -> None:
    nothing = describe([np.zeros((64, 64, 3), np.uint8)] * 5)
    assert level1(nothing, describe(walk(5))) == 0
    assert level2(nothing, describe(walk(5))) == 0
    assert np.isfinite(nothing.cosines).all()


def test_more_waves_than_frames_in_a_period_score_by_the_definition() -> None:
    random = np.random.default_rng(2)
    shape = (2, 9, 4)
    one, other = (
        TmkFeature(
            15,
            20,
            (4, 7),
            np.ones(9, np.float32),
            random.normal(size=4).astype(np.float32),
            random.normal(0, 0.05, shape).astype(np.float32),
            random.normal(0, 0.05, shape).astype(np.float32),
        )
        for _ in range(2)
    )
    assert level2(one, other) == pytest.approx(slow_level2(one, other), abs=1e-6)


def test_films_described_with_other_parameters_are_not_compared() -> None:
    feature = describe(walk(5))
    for other in (
        replace(feature, frames_per_second=30),
        replace(feature, periods=(2731, 4391, 9767, 14654)),
        replace(feature, coefficients=feature.coefficients * 2),
        replace(feature, cosines=feature.cosines[:, :16], sines=feature.sines[:, :16]),
    ):
        for level in (level1, level2):
            with pytest.raises(NotComparable):
                level(feature, other)


def test_a_description_is_made_in_pieces_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames = walk(50)
    whole = describe(frames)
    monkeypatch.setattr("media_integrity.fingerprints.tmk._CHUNK", 7)
    pieces = describe(iter(frames))
    for one, other in ((whole.cosines, pieces.cosines), (whole.average, pieces.average)):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_no_frames_and_frames_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="without frames"):
        describe([])
    with pytest.raises(ValueError, match="64 x 64"):
        describe([photograph(64, 65)])
    with pytest.raises(ValueError, match="64 x 64"):
        pdqf(photograph(128, 128))


# --- files ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stored() -> bytes:
    return describe(walk(30)).to_bytes()


def test_a_file_survives_writing_and_reading(tmp_path: Path, stored: bytes) -> None:
    path = tmp_path / "film.tmk"
    TmkFeature.from_bytes(stored).write(path)
    assert path.read_bytes() == stored
    assert [file.name for file in tmp_path.iterdir()] == ["film.tmk"]
    TmkFeature.from_bytes(stored).write(path)
    assert path.read_bytes() == stored


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 1000])
def test_a_file_that_is_cut_off_is_refused(stored: bytes, length: int) -> None:
    with pytest.raises(MalformedTmk, match="bytes"):
        TmkFeature.from_bytes(stored[:length])


def test_a_file_that_is_too_long_or_short_by_a_byte_is_refused(stored: bytes) -> None:
    for data in (stored + b"\0", stored[:-1]):
        with pytest.raises(MalformedTmk, match="bytes instead of"):
            TmkFeature.from_bytes(data)


@pytest.mark.parametrize("magic", [b"TMK2FVECPDQF", b"TMK1FEATPDQF", b"TMK1FVECUNIT", bytes(12)])
def test_another_kind_of_file_is_refused(stored: bytes, magic: bytes) -> None:
    with pytest.raises(MalformedTmk, match="not a TMK"):
        TmkFeature.from_bytes(magic + stored[12:])


@pytest.mark.parametrize("field", [0, 1, 2, 3])
@pytest.mark.parametrize("value", [0, -1, 2**31 - 1, -(2**31)])
def test_sizes_out_of_range_are_refused_before_memory_is_taken(
    stored: bytes, field: int, value: int
) -> None:
    place = 12 + 4 * field
    data = stored[:place] + struct.pack("<i", value) + stored[place + 4 :]
    if (field, value) == (0, 2**31 - 1):  # frames a second: odd, but a number
        assert TmkFeature.from_bytes(data).frames_per_second == value
        return
    with pytest.raises(MalformedTmk, match="out of range"):
        TmkFeature.from_bytes(data)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [HEADER + 16, HEADER + 16 + 128, -4])
def test_numbers_that_are_none_are_refused(stored: bytes, number: float, place: int) -> None:
    data = bytearray(stored)
    data[place : place + 4 or None] = struct.pack("<f", number)
    with pytest.raises(MalformedTmk, match="finite"):
        TmkFeature.from_bytes(bytes(data))


@pytest.mark.parametrize("period", [0, -5, 2_000_000])
def test_periods_out_of_range_are_refused(stored: bytes, period: int) -> None:
    data = stored[:HEADER] + struct.pack("<i", period) + stored[HEADER + 4 :]
    with pytest.raises(MalformedTmk, match="period"):
        TmkFeature.from_bytes(data)


def test_weights_that_cannot_be_are_refused(stored: bytes) -> None:
    begin = HEADER + 16
    for weights in (bytes(128), struct.pack("<f", -1.0) * 32):
        with pytest.raises(MalformedTmk, match="weights"):
            TmkFeature.from_bytes(stored[:begin] + weights + stored[begin + 128 :])


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for file in (data, b"TMK1FVECPDQF" + data):
        with pytest.raises(MalformedTmk):
            TmkFeature.from_bytes(file)


# --- the frames of a film -------------------------------------------------------------------------


def given_by(data: bytes, **caps: float) -> list[Rgb]:
    limits = FilmLimits.model_validate(caps)
    return list(steady_frames(data, limits, per_second=15, width=64, height=64))


@pytest.mark.parametrize(("count", "expected"), [(25, 15), (50, 30), (150, 90), (1, 1)])
def test_a_film_of_25_frames_a_second_gives_15(count: int, expected: int) -> None:
    """And up to two at its beginning, which FFmpeg's slack lets pass."""
    assert 0 <= len(given_by(files.film(files.panned(count)))) - expected <= 2


def test_a_slide_is_given_for_as_long_as_it_is_shown() -> None:
    slides = [photograph(files.WIDTH, files.HEIGHT, seed) for seed in (1, 2, 3)]
    shown = given_by(files.film(slides, times=[0, 1000, 2000], container="matroska"))
    small = [int(frame.mean()) for frame in shown]
    assert 30 <= len(shown) <= 46
    assert len(set(small)) == 3
    assert 12 <= small.count(small[0]) <= 18


def test_frames_are_squeezed_to_the_size_asked_for() -> None:
    assert {frame.shape for frame in given_by(files.film(files.still(5)))} == {(64, 64, 3)}


@pytest.mark.parametrize("data", [b"", b"no film", files.film(files.still(25))[:2000]])
def test_what_is_no_whole_film_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        tmk(data, FilmLimits())
    assert caught.value.code in {RefusalCode.UNSUPPORTED_TYPE, RefusalCode.DAMAGED}


def test_a_film_beyond_the_caps_is_not_described() -> None:
    film = files.film(files.still(50))
    with pytest.raises(TooMuchToCheck):
        given_by(film, max_duration_s=1)
    with pytest.raises(Refused):
        given_by(film, max_bytes=100)

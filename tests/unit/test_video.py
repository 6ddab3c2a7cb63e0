"""Faces over the frames of a film: tracks and their scores, flicker, lips, and the signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media_integrity.media.film import open_film
from media_integrity.media.limits import FilmLimits, Limits, SoundLimits
from media_integrity.media.open import open_image
from media_integrity.media.types import (
    Burst,
    Face,
    Film,
    FilmFormat,
    Image,
    Point,
    Sound,
    View,
)
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import Box, Finding, VideoDetail, VideoReason
from media_integrity.signals import faces, films, pictures
from media_integrity.signals.base import Example
from media_integrity.signals.video import following, lips, signal
from media_integrity.signals.video.flicker import Flicker, measure
from media_integrity.signals.video.tracks import (
    aggregate,
    apart,
    score_scenes,
    score_tracks,
    tracks,
)
from media_integrity.signals.voice import activity

some_scores = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def face(left: float, top: float = 0.3, size: float = 0.2) -> Face:
    box = Box(left=left, top=top, width=size, height=size, confidence=0.9)
    return Face(box, (Point(left, top),) * 5)


def seen(
    views: Sequence[Sequence[Face]],
    scene_starts: tuple[int, ...] = (0,),
    bursts: tuple[Burst, ...] = (),
) -> Image:
    """A square film of a view a second with these faces."""
    blank = np.zeros((100, 100, 3), np.uint8)
    return Image(
        data=b"",
        format=FilmFormat.MP4,
        width=100,
        height=100,
        frames=25 * len(views),
        views=tuple(View(blank, 25 * at) for at in range(len(views))),
        faces=tuple(tuple(found) for found in views),
        film=Film(
            duration_s=float(len(views)),
            frame_rate=25.0,
            times_s=tuple(float(at) for at in range(len(views))),
            scene_starts=scene_starts,
        ),
    )


def lengths(image: Image) -> list[int]:
    return [len(track.sightings) for track in tracks(image)]


# --- tracks ---------------------------------------------------------------------------------------


def test_a_face_that_moves_a_little_is_one_track() -> None:
    image = seen([[face(0.1 + 0.05 * at)] for at in range(8)])
    (track,) = tracks(image)
    assert (len(track.sightings), track.start_s, track.end_s) == (8, 0.0, 7.0)


def test_two_people_are_two_tracks_in_whatever_order_they_are_found() -> None:
    left, right = face(0.1), face(0.7)
    image = seen([[left, right], [right, left], [left, right]])
    places = [{each.box.left for each in track.sightings} for track in tracks(image)]
    assert sorted(places, key=min) == [{0.1}, {0.7}]


def test_a_scene_begins_new_tracks() -> None:
    image = seen([[face(0.4)]] * 6, scene_starts=(0, 4))
    assert lengths(image) == [4, 2]


def test_a_face_missed_twice_is_the_same_and_missed_longer_another() -> None:
    here, gone = [face(0.4)], list[Face]()
    assert lengths(seen([here, gone, gone, here])) == [2]
    assert lengths(seen([here, gone, gone, gone, here])) == [1, 1]


def test_faces_of_different_size_are_not_one() -> None:
    assert apart(face(0.3).box, face(0.3, size=0.4).box, 1.0) is None
    assert apart(face(0.3).box, face(0.3, size=0.25).box, 1.0) is not None


def test_distance_is_measured_in_pixels_and_not_in_shares() -> None:
    near, far = face(0.3).box, face(0.4).box
    assert apart(near, far, 1.0) == pytest.approx(0.5)
    assert apart(near, far, 2.25) == pytest.approx(0.75)  # 0.225 heights over a side of 0.3


@given(st.lists(st.lists(st.sampled_from([0.1, 0.4, 0.7]), max_size=3, unique=True), min_size=1))
def test_every_face_is_in_one_track_and_only_once(places: list[list[float]]) -> None:
    image = seen([[face(left) for left in found] for found in places])
    placed = [(each.view, each.face) for track in tracks(image) for each in track.sightings]
    expected = [(view, at) for view, found in enumerate(places) for at in range(len(found))]
    assert sorted(placed) == expected
    for track in tracks(image):
        assert [each.view for each in track.sightings] == sorted(
            {each.view for each in track.sightings}
        )


# --- one score for many ---------------------------------------------------------------------------


def test_one_bad_frame_condemns_nobody() -> None:
    assert aggregate([0.05] * 6 + [0.99] + [0.05] * 6) == pytest.approx(0.05)
    assert aggregate([0.05, 0.99]) == 0.05


def test_a_replaced_passage_of_a_long_film_is_not_averaged_away() -> None:
    assert aggregate([0.05] * 50 + [0.9] * 5 + [0.05] * 50) == pytest.approx(0.9)


def test_one_missed_frame_acquits_nobody() -> None:
    assert aggregate([0.9, 0.9, 0.0, 0.9, 0.9]) == pytest.approx(0.9)


@given(some_scores)
def test_a_score_of_many_lies_within_them_and_not_above_the_second_highest(
    scores: list[float],
) -> None:
    ordered = sorted(scores)
    assert ordered[0] <= aggregate(scores) <= (ordered[-2] if len(ordered) > 1 else ordered[0])


@given(some_scores, st.data())
def test_a_higher_score_never_lowers_the_whole(scores: list[float], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(scores) - 1))
    raised = [*scores[:at], data.draw(st.floats(scores[at], 1)), *scores[at + 1 :]]
    assert aggregate(raised) >= aggregate(scores) - 1e-12


@given(some_scores)
def test_the_score_does_not_depend_on_the_direction_of_time(scores: list[float]) -> None:
    assert aggregate(scores) == pytest.approx(aggregate(scores[::-1]))


def test_tracks_are_scored_by_their_own_faces() -> None:
    left, right = face(0.1), face(0.7)
    image = seen([[left, right]] * 6)
    scored = score_tracks(image, [(0.1, 0.8)] * 6)
    assert [round(each.score, 6) for each in scored] == [0.8, 0.1]
    assert scored[0].track.sightings[0].box.left == 0.7


def test_faces_that_could_not_be_judged_count_for_nothing() -> None:
    image = seen([[face(0.4)]] * 6)
    (scored,) = score_tracks(image, [(None,), (0.6,), (None,), (0.6,), (0.6,), (None,)])
    assert scored.score == pytest.approx(0.6)
    assert score_tracks(image, [(None,)] * 6) == ()


def test_a_scored_track_says_when_it_was_worst() -> None:
    image = seen([[face(0.4)]] * 20)
    scores = [(0.9 if 8 <= at < 13 else 0.1,) for at in range(20)]
    (scored,) = score_tracks(image, scores)
    assert (scored.start_s, scored.end_s) == (8.0, 12.0)


def test_views_are_scored_by_scene() -> None:
    film = seen([[]] * 8, scene_starts=(0, 4)).film
    assert film is not None
    assert score_scenes(film, [0.1] * 4 + [0.7] * 4) == pytest.approx(0.7)
    assert score_scenes(film, [0.9] + [0.1] * 7) == pytest.approx(0.1)
    assert score_scenes(film, [None] * 8) is None


# --- flicker --------------------------------------------------------------------------------------


@cache
def burst_of(portrait: films.Portrait) -> Burst:
    frames = films.shot(portrait)[:24]
    return Burst(np.stack(frames), tuple(at / films.RATE for at in range(len(frames))))


def flicker_of(burst: Burst) -> Flicker:
    followed = following.follow(burst)
    assert len(followed) == 1
    return measure(burst, followed[0], followed)


@pytest.fixture(scope="module")
def still_face() -> Flicker:
    return flicker_of(burst_of(films.Portrait(seconds=1)))


def test_an_untouched_face_flickers_no_more_than_its_surroundings(still_face: Flicker) -> None:
    assert max(still_face.face, still_face.outline) < 1.7 * still_face.surroundings + 0.5
    assert signal.flicker_score(still_face) < 0.1


def test_a_talking_face_flickers_no_more_either() -> None:
    assert signal.flicker_score(flicker_of(burst_of(films.Portrait(seconds=1, talking=True)))) < 0.1


@pytest.mark.parametrize("levels", [4.0, 10.0])
def test_flicker_is_measured_in_levels(levels: float, still_face: Flicker) -> None:
    found = flicker_of(burst_of(films.Portrait(seconds=1, flicker=levels)))
    # Two parts of this deviation are added: one of the whole face and one of its parts.
    assert levels * 0.6 < found.face < levels * 1.6
    assert found.surroundings == pytest.approx(still_face.surroundings, abs=0.3)


def test_light_that_flickers_everywhere_is_not_held_against_the_face() -> None:
    burst = burst_of(films.Portrait(seconds=1))
    light = np.random.default_rng(1).normal(0, 8, (len(burst.frames), 1, 1, 1))
    lit = np.clip(burst.frames + light, 0, 255).astype(np.uint8)
    assert signal.flicker_score(flicker_of(Burst(lit, burst.times_s))) < 0.3


def test_smooth_motion_is_no_flicker() -> None:
    burst = burst_of(films.Portrait(seconds=1))
    dimmed = burst.frames * np.linspace(1, 0.6, len(burst.frames))[:, None, None, None]
    assert signal.flicker_score(flicker_of(Burst(dimmed.astype(np.uint8), burst.times_s))) < 0.1


@pytest.mark.parametrize("face_levels", [0.0, 1.0, 3.0, 8.0, 40.0])
@pytest.mark.parametrize("around", [0.0, 1.0, 8.0])
def test_a_flicker_score_is_a_share_and_grows_with_the_face_only(
    face_levels: float, around: float
) -> None:
    score = signal.flicker_score(Flicker(face_levels, 0.0, around, 24))
    assert 0 <= score <= 1
    assert signal.flicker_score(Flicker(face_levels + 1, 0.0, around, 24)) >= score
    assert signal.flicker_score(Flicker(face_levels, 0.0, around + 1, 24)) <= score


def test_small_faces_are_not_followed() -> None:
    burst = burst_of(films.Portrait(seconds=1))
    small = Burst(np.ascontiguousarray(burst.frames[:, ::4, ::4]), burst.times_s)
    assert following.follow(small) == ()


def test_a_burst_too_short_is_not_followed() -> None:
    whole, count = burst_of(films.Portrait(seconds=1)), following.MIN_FRAMES - 1
    burst = Burst(whole.frames[:count], whole.times_s[:count])
    assert following.follow(burst) == ()


# --- lips -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def talk() -> tuple[list[lips.Mouth], films.Portrait]:
    portrait = films.Portrait(seconds=4.2, talking=True)
    frames = films.shot(portrait)
    mouths = []
    for begin in (0, 26, 52, 78):
        burst = Burst(
            np.stack(frames[begin : begin + 24]),
            tuple(at / films.RATE for at in range(begin, begin + 24)),
        )
        (followed,) = following.follow(burst)
        found = lips.mouth(burst, followed)
        assert found is not None
        mouths.append(found)
    return mouths, portrait


def heard(portrait: films.Portrait, delay_s: float) -> Sound:
    samples = films.speech(replace(portrait, delay_s=delay_s))
    return Sound(
        samples=(samples / 32768).astype(np.float32),
        rate=films.SOUND_RATE,
        source_rate=films.SOUND_RATE,
        channels=1,
        codec="aac",
        duration_s=len(samples) / films.SOUND_RATE,
        format=FilmFormat.MP4,
        data=b"",
    )


@pytest.fixture
def speech_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def speech(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
        return np.ones(len(samples) // activity.FRAME, np.bool_)

    monkeypatch.setattr(activity, "speech", speech)


@pytest.mark.usefixtures("speech_everywhere")
def test_lips_and_speech_go_together_or_apart(
    talk: tuple[list[lips.Mouth], films.Portrait],
) -> None:
    mouths, portrait = talk
    together = lips.compare(mouths, heard(portrait, 0.0))
    late = lips.compare(mouths, heard(portrait, 0.9))
    assert together is not None
    assert late is not None
    assert together.correlation > 0.7
    assert late.correlation < 0.4
    assert together.high >= together.correlation
    assert signal.lips_score(together) == 0


@pytest.mark.usefixtures("speech_everywhere")
def test_too_little_speech_says_nothing_of_lips(
    talk: tuple[list[lips.Mouth], films.Portrait],
) -> None:
    mouths, portrait = talk
    assert lips.compare(mouths[:2], heard(portrait, 0.0)) is None


def test_sound_that_is_no_speech_says_nothing_of_lips(
    talk: tuple[list[lips.Mouth], films.Portrait],
) -> None:
    mouths, portrait = talk
    sound = heard(portrait, 0.0)
    assert lips.compare(mouths, replace(sound, samples=np.zeros_like(sound.samples))) is None


def test_a_mouth_at_rest_says_nothing() -> None:
    burst = burst_of(films.Portrait(seconds=1))
    (followed,) = following.follow(burst)
    assert lips.mouth(burst, followed) is None


def test_lips_alone_make_little_of_the_score() -> None:
    assert signal.lips_score(lips.LipSync(-0.2, 0.1, 6.0)) == signal.LIPS_WEIGHT <= 0.2
    assert signal.lips_score(lips.LipSync(0.3, 0.6, 6.0)) == 0
    assert signal.lips_score(None) == 0


# --- the signal -----------------------------------------------------------------------------------


def found_in(image: Image) -> Finding:
    return signal.VideoSignal().run(image)


@pytest.mark.parametrize("example", signal.VideoSignal().examples(), ids=lambda each: each.name)
def test_an_example_is_found_to_be_what_it_is(example: Example) -> None:
    made = example.make()
    assert isinstance(made, bytes)
    image = open_film(made, FilmLimits(), SoundLimits())
    finding = found_in(replace(image, faces=faces.look(image)))
    assert finding.status is FindingStatus.MEASURED
    assert example.holds(finding), finding
    assert Finding.model_validate(finding.model_dump(mode="json", by_alias=True)) == finding


def test_a_picture_is_no_film() -> None:
    finding = found_in(open_image(pictures.portrait(), Limits()))
    assert finding.status is FindingStatus.INCONCLUSIVE


def test_a_face_that_is_never_seen_in_frames_in_a_row_is_inconclusive() -> None:
    finding = found_in(seen([[face(0.4)]] * 5))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert isinstance(finding.detail, VideoDetail)
    assert finding.detail.tracks[0].score is None


def test_nobody_in_the_film_scores_nothing() -> None:
    finding = found_in(seen([[]] * 5))
    assert (finding.status, finding.score) == (FindingStatus.MEASURED, 0.0)


def test_one_burst_that_flickers_does_not_condemn_a_track() -> None:
    (track,) = tracks(seen([[face(0.4)]] * 5))
    calm, wild = Flicker(0.6, 0.6, 0.6, 24), Flicker(12.0, 8.0, 0.6, 24)
    assert signal._Measured(track, [calm, calm, wild, calm]).score == pytest.approx(0, abs=0.05)
    assert (signal._Measured(track, [wild, wild, wild, calm]).score or 0) > 0.9


def test_the_reason_names_what_flickers_most() -> None:
    (track,) = tracks(seen([[face(0.4)]] * 5))
    outline = [Flicker(2.0, 12.0, 0.6, 24)] * 4
    assert signal._reasons([signal._Measured(track, outline)]) == (VideoReason.OUTLINE_FLICKERS,)

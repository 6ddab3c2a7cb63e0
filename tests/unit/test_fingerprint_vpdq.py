"""vPDQ: hashes of a film's frames as the reference makes, writes and compares them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from media_integrity.fingerprints.pdq import fingerprint
from media_integrity.fingerprints.pdq_hash import Form, hamming, pdq, pdq_of_grids
from media_integrity.fingerprints.vpdq import (
    MAX_FRAMES,
    VideoFrame,
    VideoHash,
    VideoMatch,
    compare,
    video_hashes,
)
from media_integrity.media.film import open_film
from media_integrity.media.grid import grids
from media_integrity.media.limits import FilmLimits, Limits, SoundLimits
from media_integrity.media.open import open_image
from tests.unit import film_files as files
from tests.unit.media_files import Rgb, animated, photograph, saved

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "perceptual_hash"

needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the reference films (../shared/data/perceptual_hash) are absent"
)


def hashed(data: bytes) -> VideoHash:
    found = video_hashes(open_film(data, FilmLimits(), SoundLimits())).get(Form.ORIGINAL)
    assert found is not None
    return found


def reference_hashes() -> dict[str, VideoHash]:
    return {
        file.stem: VideoHash.from_text(file.read_text())
        for file in sorted((REFERENCE / "vpdq_hashes").glob("*.txt"))
    }


def frames(*hashes: bytes, quality: int = 100) -> VideoHash:
    return VideoHash(
        tuple(
            VideoFrame(number, quality, bits, float(number)) for number, bits in enumerate(hashes)
        )
    )


def at_distance(distance: int) -> bytes:
    """So many bits away from the hash of zeros."""
    return ((1 << distance) - 1).to_bytes(32)


# --- agreement with the reference -----------------------------------------------------------------


@needs_reference
def test_films_have_the_hashes_that_the_reference_gave_the_same_frames() -> None:
    theirs = reference_hashes()
    distances = []
    films = sorted((REFERENCE / "videos").glob("*.mp4"))
    for film in films:
        expected = {frame.frame: frame for frame in theirs[film.stem].frames}
        for frame in hashed(film.read_bytes()).frames:
            other = expected[frame.frame]
            assert abs(frame.quality - other.quality) <= 1
            assert frame.time_s == pytest.approx(other.time_s, abs=0.001)
            if other.quality >= 80:
                distances.append(hamming(frame.bits, other.bits))
    assert len(films) == 7
    assert len(distances) >= 100
    assert max(distances) <= 10
    assert sorted(distances)[len(distances) // 2] <= 4


@needs_reference
def test_the_reference_s_files_are_read_and_written_again_to_the_byte() -> None:
    texts = [file.read_text() for file in sorted((REFERENCE / "vpdq_hashes").glob("*.txt"))]
    assert len(texts) >= 30
    for text in texts:
        assert VideoHash.from_text(text).to_text() == text


@needs_reference
def test_variants_of_a_film_match_and_other_films_do_not() -> None:
    hashes = reference_hashes()
    variants = ("chair-19-sd-bar", "chair-20-sd-bar", "chair-22-sd-grey-bar")
    for one in variants:
        for other in (*variants, "chair-orig-22-sd-bar"):
            match = compare(hashes[one], hashes[other])
            assert match.query_percent > 80
            assert match.compared_percent > 80
        for stranger in ("pattern-hd-no-bar", "pattern-sd-grey-bar", "doorknob-hd-no-bar"):
            assert compare(hashes[one], hashes[stranger]) == VideoMatch(0, 0)


@needs_reference
def test_a_film_hashed_here_matches_the_reference_s_hash_of_it() -> None:
    film = REFERENCE / "videos" / "chair-orig-22-sd-bar.mp4"
    theirs = reference_hashes()["chair-22-sd-grey-bar"]
    one_a_second = VideoHash(theirs.frames[::30])
    assert compare(hashed(film.read_bytes()), one_a_second) == VideoMatch(100, 100)


# --- comparing ------------------------------------------------------------------------------------


def test_the_distance_itself_is_near_and_one_more_is_not() -> None:
    zeros = frames(bytes(32))
    assert compare(zeros, frames(at_distance(31))) == VideoMatch(100, 100)
    assert compare(zeros, frames(at_distance(32))) == VideoMatch(0, 0)
    assert compare(zeros, frames(at_distance(32)), max_distance=32) == VideoMatch(100, 100)


def test_each_side_counts_its_own_frames() -> None:
    clip = frames(bytes(32))
    film = frames(at_distance(10), at_distance(120), at_distance(200), at_distance(256))
    assert compare(clip, film) == VideoMatch(100, 25)
    assert compare(film, clip) == VideoMatch(25, 100)


def test_a_repeated_frame_counts_once() -> None:
    film = frames(bytes(32), bytes(32), bytes(32), at_distance(200))
    assert compare(film, frames(bytes(32))) == VideoMatch(50, 100)


def test_frames_of_little_detail_are_not_compared() -> None:
    flat, clear = frames(bytes(32), quality=49), frames(bytes(32), quality=50)
    assert compare(flat, clear) == compare(clear, flat) == VideoMatch(0, 0)
    assert compare(flat, clear, min_quality=49) == VideoMatch(100, 100)
    assert compare(clear, clear) == VideoMatch(100, 100)


def test_a_film_without_frames_matches_nothing() -> None:
    assert compare(VideoHash(()), frames(bytes(32))) == VideoMatch(0, 0)
    assert compare(VideoHash(()), VideoHash(())) == VideoMatch(0, 0)


def test_long_films_are_compared_in_pieces_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(1)
    one = [random.bytes(32) for _ in range(300)]
    other = [*(random.bytes(32) for _ in range(100)), *one[:75]]
    whole = compare(frames(*one), frames(*other))
    assert whole.query_percent == 25
    assert whole.compared_percent == pytest.approx(100 * 75 / 175)
    monkeypatch.setattr("media_integrity.fingerprints.vpdq._PAIRS", 200)
    assert compare(frames(*one), frames(*other)) == whole


# --- the text form --------------------------------------------------------------------------------


def test_a_hash_survives_its_text_form() -> None:
    film = VideoHash(
        (VideoFrame(0, 100, bytes(range(32)), 0.0), VideoFrame(31, 7, bytes(32), 1.0333))
    )
    text = film.to_text()
    assert text.splitlines()[1] == "31,7," + 64 * "0" + ",1.033"
    again = VideoHash.from_text(text)
    assert again.to_text() == text
    assert VideoHash.from_text(text.replace("\n", "\r\n").upper()) == again
    assert VideoHash.from_text(text.rstrip("\n")) == again


GOOD = "0,100," + 64 * "a" + ",0.000"


@pytest.mark.parametrize(
    "line",
    [
        *("", " ", "x", "0,100", GOOD + ",1", " " + GOOD, GOOD.replace("0.000", "")),
        *(GOOD.replace("100", "101"), GOOD.replace("100", "-1"), GOOD.replace("a", "g", 1)),
        *(GOOD.replace("aa", "a", 1), GOOD.replace("0.000", "nan"), GOOD.replace("0.000", "inf")),
        *(GOOD.replace("0.000", "-1.0"), GOOD.replace("0.000", "1e300"), "٣" + GOOD[1:], "\x00"),
        *("9" * 5000 + GOOD[1:], GOOD + "\x0b" + GOOD),
    ],
)
def test_a_malformed_line_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(ValueError, match=r"^line 2 "):
        VideoHash.from_text(f"{GOOD}\n{line}\n{GOOD}\n")


def test_an_error_does_not_quote_the_hash() -> None:
    with pytest.raises(ValueError) as caught:
        VideoHash.from_text(GOOD + ",")
    assert not re.search("a{8}", str(caught.value))


@pytest.mark.parametrize("text", ["", "\n"])
def test_a_text_without_frames_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no frame|line 1"):
        VideoHash.from_text(text)


def test_a_text_that_never_ends_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="more than"):
        VideoHash.from_text((GOOD + "\n") * (MAX_FRAMES + 1))


def test_a_frame_out_of_range_cannot_be_made() -> None:
    for bad in ((-1, 50, bytes(32), 0.0), (0, 101, bytes(32), 0.0), (0, 50, bytes(31), 0.0)):
        with pytest.raises(ValueError):
            VideoFrame(*bad)
    for time_s in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError):
            VideoFrame(0, 50, bytes(32), time_s)


# --- which frames of a film -----------------------------------------------------------------------


def scenes(count: int, each: int) -> list[Rgb]:
    return [
        picture
        for seed in range(count)
        for picture in files.still(each, photograph(files.WIDTH, files.HEIGHT, seed))
    ]


def test_a_film_of_25_frames_a_second_has_one_hash_a_second_from_the_first() -> None:
    found = hashed(files.film(scenes(4, 25)))
    assert [(frame.frame, frame.time_s) for frame in found.frames] == [
        (0, 0.0),
        (25, 1.0),
        (50, 2.0),
        (75, 3.0),
    ]


def test_hashes_are_those_of_the_frames_themselves() -> None:
    shown = scenes(3, 25)
    data = files.film(shown, codec="libx264rgb", pixels="rgb24", options=files.LOSSLESS)
    found = hashed(data)
    for frame in found.frames:
        picture = shown[frame.frame]
        reduced = grids(picture, *picture.shape[:2])
        assert hamming(frame.bits, pdq_of_grids(reduced).pdq.bits) <= 2


TURNS: dict[Form, Callable[[Rgb], Rgb]] = {
    Form.MIRROR: lambda frame: frame[:, ::-1],
    Form.FLIP: lambda frame: frame[::-1],
    Form.ROTATE180: lambda frame: frame[::-1, ::-1],
    Form.ROTATE90: lambda frame: frame.transpose(1, 0, 2)[::-1],
}


def lossless(frames: Sequence[Rgb]) -> bytes:
    return files.film(frames, codec="libx264rgb", pixels="rgb24", options=files.LOSSLESS)


@pytest.mark.parametrize("form", TURNS)
def test_a_mirrored_or_turned_film_is_known_by_the_film_in_that_form(form: Form) -> None:
    shown = scenes(3, 25)
    film = video_hashes(open_film(lossless(shown), FilmLimits(), SoundLimits()))
    other = hashed(lossless([np.ascontiguousarray(TURNS[form](frame)) for frame in shown]))
    assert compare(other, film[form]).query_percent == 100
    assert compare(other, film[Form.ORIGINAL]).query_percent == 0


def test_frames_are_taken_whatever_the_scenes_do() -> None:
    still, lively = hashed(files.film(files.still(100))), hashed(files.film(scenes(10, 10)))
    assert [frame.frame for frame in still.frames] == [frame.frame for frame in lively.frames]


@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_bunched_frames_do_not_hide_the_rest_of_a_film(container: str) -> None:
    """A second of 200 frames makes the mean rate so high that its pace passes over what follows."""
    bunched = [5 * number for number in range(200)]
    rest = [1000 + 500 * number for number in range(20)]
    shown = [*scenes(1, 200), *scenes(20, 1)]
    found = hashed(files.film(shown, times=[*bunched, *rest], container=container))
    times = [frame.time_s for frame in found.frames]
    assert times[0] == 0
    assert times[-1] > 9
    assert max(after - before for before, after in pairwise(times)) <= 1.8


def test_a_slide_show_has_a_hash_for_each_slide() -> None:
    slides = scenes(5, 1)
    found = hashed(files.film(slides, times=[3000 * number for number in range(5)]))
    assert len(found.frames) == 5
    assert [round(frame.time_s) for frame in found.frames] == [0, 3, 6, 9, 12]


def test_a_film_of_one_frame_has_one_hash() -> None:
    assert [frame.frame for frame in hashed(files.film(files.still(1))).frames] == [0]


def test_stills_of_a_long_film_stay_small() -> None:
    """Memory goes with the number of stills only: each is a grid, whatever the frame's size."""
    film = open_film(files.film(scenes(4, 50)), FilmLimits(), SoundLimits()).film
    assert film is not None
    assert len(film.stills) == 8
    assert all(still.grids.nbytes == 128 * 128 * 4 for still in film.stills)
    assert all(still.grids.base is None for still in film.stills)


def test_the_header_cannot_ask_for_a_still_of_every_frame() -> None:
    """A stated rate that the frames do not bear out is not believed."""
    data = files.film(scenes(2, 25), container="matroska")
    default_duration = b"\x23\xe3\x83\x84"
    lying = data.replace(
        default_duration + (40_000_000).to_bytes(4), default_duration + (4_000_000_000).to_bytes(4)
    )
    assert lying != data
    film = open_film(lying, FilmLimits(), SoundLimits()).film
    assert film is not None
    assert 2 <= len(film.stills) <= 2 * film.duration_s < 50


# --- animations and stills ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_is_a_short_film(kind: str) -> None:
    shown = [photograph(300, 200, seed) for seed in (1, 1, 2, 3)]
    image = open_image(
        animated(shown, kind, **({"lossless": True} if kind == "WEBP" else {})), Limits()
    )
    found = fingerprint(image).video
    assert found is not None
    numbers = [frame.frame for frame in found.frames]
    assert len(numbers) == 3
    assert numbers[0] == 0
    assert [frame.time_s for frame in found.frames] == pytest.approx([n / 10 for n in numbers])
    assert [frame.bits for frame in found.frames] == [
        pdq(view.rgb).pdq.bits for view in image.views
    ]


def test_a_frame_with_transparency_has_one_hash_over_white() -> None:
    from PIL import Image as Pillow

    pictures = []
    for seed in (1, 2):
        rgba = np.dstack([photograph(300, 200, seed), np.full((200, 300), 255, np.uint8)])
        rgba[:100, :, 3] = 0
        pictures.append(Pillow.fromarray(rgba))
    image = open_image(
        saved(pictures[0], "PNG", save_all=True, append_images=pictures[1:]), Limits()
    )
    assert len(image.views) > image.frames == 2
    found = video_hashes(image).get(Form.ORIGINAL)
    assert found is not None
    assert [frame.frame for frame in found.frames] == [0, 1]
    white = next(view.rgb for view in image.views if view.frame == 0)
    assert found.frames[0].bits == pdq(white).pdq.bits


def test_a_still_picture_is_no_film() -> None:
    assert fingerprint(open_image(saved(photograph(300, 200), "JPEG"), Limits())).video is None

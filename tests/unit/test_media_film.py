"""What becomes of a film that a stranger sends: views of all it shows, a refusal, or a hold."""

from __future__ import annotations

import io
import os
import struct
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from media_integrity.media import containers, film_colour
from media_integrity.media.errors import HoldCode, RefusalCode, Refused, TooMuchToCheck
from media_integrity.media.film import NoPictures, film_format, open_film
from media_integrity.media.limits import FilmLimits, SoundLimits
from media_integrity.media.types import WORKING_SIDE, FilmFormat, Image
from tests.unit import film_files as files
from tests.unit.media_files import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    Rgb,
    corners,
    photograph,
    quadrants,
    saved,
)

UPRIGHT = [list(RED), list(GREEN), list(BLUE), list(YELLOW)]


def opened(data: bytes, **caps: Any) -> Image:
    return open_film(data, FilmLimits(**caps), SoundLimits())


def shows(image: Image, picture: Rgb, tolerance: float = 24) -> bool:
    """Is there a view that looks like ``picture``?"""
    return any(
        view.rgb.shape == picture.shape
        and float(np.abs(view.rgb.astype(int) - picture).mean()) < tolerance
        for view in image.views
    )


def refusal(data: bytes, **caps: Any) -> RefusalCode:
    with pytest.raises(Refused) as caught:
        opened(data, **caps)
    return caught.value.code


def hold(data: bytes, **caps: Any) -> HoldCode:
    with pytest.raises(TooMuchToCheck) as caught:
        opened(data, **caps)
    return caught.value.code


# --- what is shown --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("container", "codec", "kind"),
    [
        ("mp4", "libx264", FilmFormat.MP4),
        ("mov", "libx264", FilmFormat.QUICKTIME),
        ("3gp", "mpeg4", FilmFormat.THREE_GP),
        ("matroska", "libx264", FilmFormat.MATROSKA),
        ("webm", "libvpx", FilmFormat.WEBM),
        ("webm", "libvpx-vp9", FilmFormat.WEBM),
        ("mov", "mjpeg", FilmFormat.QUICKTIME),
    ],
)
def test_films_of_phones_and_browsers_open(container: str, codec: str, kind: FilmFormat) -> None:
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    data = files.film(files.still(10), container=container, codec=codec, pixels=pixels)
    image = opened(data)
    assert film_format(data) is kind
    assert image.format is kind
    assert (image.width, image.height, image.frames) == (files.WIDTH, files.HEIGHT, 10)
    assert np.allclose(corners(image.views[0].rgb), UPRIGHT, atol=24)


def test_the_time_of_every_view_and_the_rate_are_the_films() -> None:
    image = opened(files.film(files.panned(4 * files.RATE, 3)))
    assert image.film is not None
    assert image.film.duration_s == pytest.approx(4.0, abs=0.01)
    assert image.film.frame_rate == pytest.approx(25, abs=0.1)
    assert len(image.film.times_s) == len(image.views)
    assert list(image.film.times_s) == sorted(image.film.times_s)
    for view, time_s in zip(image.views, image.film.times_s, strict=True):
        assert time_s == pytest.approx(view.frame / 25, abs=0.01)


def test_first_and_last_frame_are_views() -> None:
    image = opened(files.film(files.panned(60, 2)))
    assert image.views[0].frame == 0
    assert image.views[-1].frame == 59


def test_a_long_take_is_seen_at_least_once_a_second() -> None:
    image = opened(files.film(files.panned(10 * files.RATE)))
    assert image.film is not None
    gaps = np.diff([*image.film.times_s, image.film.duration_s])
    assert gaps.max() <= 1.1


def test_a_still_film_has_one_view() -> None:
    assert len(opened(files.film(files.still(50))).views) == 1


def test_each_scene_starts_with_a_view_of_it() -> None:
    scenes = [photograph(files.WIDTH, files.HEIGHT, seed) for seed in (1, 2, 3)]
    image = opened(files.film([each for picture in scenes for each in files.still(20, picture)]))
    assert image.film is not None
    starts = [image.views[at].frame for at in image.film.scene_starts]
    assert starts == [0, 20, 40]
    assert all(shows(image, picture) for picture in scenes)


@pytest.mark.parametrize("length", [1, 2, 5])
@pytest.mark.parametrize("at", [1, 33, 48])
def test_a_picture_flashed_between_others_is_a_view(length: int, at: int) -> None:
    frames = files.panned(50)
    flashed = photograph(files.WIDTH, files.HEIGHT, 9)
    frames[at : at + length] = [flashed] * length
    assert shows(opened(files.film(frames[:50])), flashed)


@pytest.mark.parametrize("length", [1, 3])
def test_a_small_picture_flashed_in_a_corner_is_a_view(length: int) -> None:
    frames = files.scene(4, 50)
    for at in range(30, 30 + length):
        frames[at] = frames[at].copy()
        frames[at][8:40, 120:176] = (250, 250, 250)
    image = opened(files.film(frames))
    assert any(view.rgb[12:36, 124:172].min() > 200 for view in image.views)


def test_what_comes_up_within_a_scene_and_goes_with_it_is_seen() -> None:
    frames = files.scene(4, 45)
    for at in range(30, 45):
        frames[at] = frames[at].copy()
        frames[at][8:40, 120:176] = (250, 250, 250)
    image = opened(files.film([*frames, *files.scene(5, 20)]))
    assert any(view.rgb[12:36, 124:172].min() > 200 for view in image.views)


def test_a_moving_camera_starts_no_scene() -> None:
    image = opened(files.film(files.panned(60, 8)))
    assert image.film is not None
    assert image.film.scene_starts == (0,)


def test_grain_is_no_change() -> None:
    assert len(opened(files.film(files.scene(3, 20))).views) <= 2


def test_more_scenes_than_fit_are_held_and_none_is_left_out() -> None:
    pictures = [photograph(files.WIDTH, files.HEIGHT, seed) for seed in range(12)]
    data = files.film([each for picture in pictures for each in (picture, picture)])
    assert hold(data, max_views=8) is HoldCode.TOO_MANY_VIEWS
    assert all(shows(opened(data, max_views=14), picture) for picture in pictures)


def test_steady_views_make_room_for_scenes() -> None:
    scenes = [each for seed in range(6) for each in files.scene(seed, 30)]
    image = opened(files.film(scenes), max_views=8)
    assert image.film is not None
    assert len(image.views) <= 8
    assert len(image.film.scene_starts) == 6


def test_alternating_pictures_are_seen_once_each() -> None:
    first, second = (photograph(files.WIDTH, files.HEIGHT, seed) for seed in (1, 2))
    image = opened(files.film([first, second] * 40), max_views=8)
    assert shows(image, first)
    assert shows(image, second)


def test_views_are_no_larger_than_they_need_be() -> None:
    image = opened(files.film(files.still(3, quadrants(1920, 1080))))
    assert image.views[0].rgb.shape == (540, WORKING_SIDE, 3)
    assert (image.width, image.height) == (1920, 1080)


def test_a_film_of_one_frame_opens() -> None:
    image = opened(files.film(files.still(1)))
    assert (image.frames, len(image.views)) == (1, 1)


# --- bursts ---------------------------------------------------------------------------------------


def test_bursts_are_consecutive_small_frames_spread_over_the_film() -> None:
    image = opened(files.film(files.panned(6 * files.RATE)))
    assert image.film is not None
    bursts = image.film.bursts
    assert len(bursts) == 6
    for burst in bursts:
        assert burst.frames.shape == (24, files.HEIGHT, files.WIDTH, 3)
        assert np.allclose(np.diff(burst.times_s), 0.04, atol=0.002)
    assert bursts[0].times_s[0] < 1
    assert bursts[-1].times_s[-1] > 5


def test_no_burst_spans_two_scenes() -> None:
    image = opened(files.film([*files.still(30), *files.scene(2, 30)]))
    assert image.film is not None
    for burst in image.film.bursts:
        moved = np.abs(np.diff(burst.frames.astype(int), axis=0)).mean(axis=(1, 2, 3))
        assert moved.max() < 20


def test_bursts_of_large_films_are_small() -> None:
    image = opened(files.film(files.still(12, quadrants(1280, 720))))
    assert image.film is not None
    assert image.film.bursts[0].frames.shape == (12, 270, 480, 3)


# --- how it is shown ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [(0, "RGBY"), (90, "GYRB"), (180, "YBGR"), (270, "BRYG")],
)
def test_frames_are_turned_as_the_file_says(degrees: int, expected: str) -> None:
    data = files.film(files.still(5), prepare=lambda stream: stream.set_display_rotation(degrees))
    image = opened(data)
    names = {"R": RED, "G": GREEN, "B": BLUE, "Y": YELLOW}
    assert np.allclose(corners(image.views[0].rgb), [names[letter] for letter in expected], atol=24)
    sideways = degrees in {90, 270}
    assert (image.width > image.height) is not sideways


def test_a_mirrored_film_is_shown_mirrored() -> None:
    data = files.film(
        files.still(5), prepare=lambda stream: stream.set_display_rotation(0, hflip=True)
    )
    assert np.allclose(corners(opened(data).views[0].rgb), [GREEN, RED, YELLOW, BLUE], atol=24)


def test_pixels_that_are_not_square_are_made_so() -> None:
    def anamorphic(stream: Any) -> None:
        stream.codec_context.sample_aspect_ratio = 2

    image = opened(files.film(files.still(5), prepare=anamorphic))
    assert (image.width, image.height) == (files.WIDTH, files.HEIGHT // 2)


@pytest.mark.parametrize("codec", ["libx265", "libsvtav1"])
def test_ten_bits_are_shown_as_eight(codec: str) -> None:
    data = files.film(
        files.still(5),
        codec=codec,
        container="matroska",
        pixels="yuv420p10le",
        options={"x265-params": "log-level=none"} if codec == "libx265" else None,
    )
    assert np.allclose(corners(opened(data).views[0].rgb), UPRIGHT, atol=24)


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="only Linux tells")
def test_a_film_made_for_a_test_leaves_this_process_an_ordinary_one() -> None:
    files.film(files.still(2), codec="libsvtav1", container="matroska", pixels="yuv420p10le")
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_high_dynamic_range_is_brought_back_to_what_a_screen_shows() -> None:
    """Reference white is 58 % of the PQ signal and 75 % of the HLG one: ITU-R BT.2408 table 1."""
    for hlg, signal in ((False, 0.58), (True, 0.75)):
        grey = np.full((1, 1, 3), round(255 * signal), np.uint8)
        white = film_colour.standard_range(grey, hlg=hlg, wide=False)
        black = film_colour.standard_range(np.zeros((1, 1, 3), np.uint8), hlg=hlg, wide=True)
        assert white.min() >= 248
        assert black.max() == 0


def test_a_pq_film_is_not_shown_dull() -> None:
    def pq(stream: Any) -> None:
        stream.codec_context.color_primaries = 9
        stream.codec_context.color_trc = 16
        stream.codec_context.colorspace = 9

    grey = np.full((files.HEIGHT, files.WIDTH, 3), 148, np.uint8)
    data = files.film(
        files.still(3, grey),
        codec="libx265",
        pixels="yuv420p10le",
        prepare=pq,
        options={"x265-params": "log-level=none"},
    )
    assert opened(data).views[0].rgb.min() > 240


def test_the_fields_of_an_interlaced_film_are_shown_over_each_other() -> None:
    comb = np.zeros((files.HEIGHT, files.WIDTH, 3), np.uint8)
    comb[::2] = 200
    data = files.film(
        files.still(4, comb),
        options={**files.LOSSLESS, "x264-params": "interlaced=1"},
        pixels="yuv444p",
    )
    rgb = opened(data).views[0].rgb[4:-4]
    assert rgb.min() > 80
    assert rgb.max() < 120


def test_a_variable_frame_rate_keeps_its_times() -> None:
    times = [0, 40, 80, 1000, 1040, 3000, 3040, 3080]
    image = opened(files.film(files.panned(8, 4), container="matroska", times=times))
    assert image.film is not None
    assert image.frames == 8
    assert image.film.times_s[-1] == pytest.approx(3.08, abs=0.01)


def test_a_film_without_a_stated_duration_opens() -> None:
    data = files.film(
        files.panned(2 * files.RATE),
        container="webm",
        codec="libvpx",
        container_options={"live": "1"},
    )
    image = opened(data)
    assert image.film is not None
    assert image.film.duration_s == pytest.approx(2.0, abs=0.1)


def test_a_fragmented_film_opens() -> None:
    data = files.film(files.panned(50), container_options={"movflags": "frag_keyframe+empty_moov"})
    assert opened(data).frames == 50


def test_a_change_of_size_within_the_film_is_followed() -> None:
    small = files.film(files.still(10), container="h264", options=files.LOSSLESS)
    large = files.film(
        files.still(10, quadrants(256, 256)), container="h264", options=files.LOSSLESS
    )
    image = opened(remuxed(small + large))
    assert {view.rgb.shape for view in image.views} >= {(108, 192, 3), (256, 256, 3)}
    assert image.frames == 20


def remuxed(stream: bytes) -> bytes:
    """A raw H.264 stream in Matroska."""
    written = io.BytesIO()
    with (
        av.open(io.BytesIO(stream), mode="r", format="h264") as raw,
        av.open(written, "w", format="matroska") as file,
    ):
        track = raw.streams.video[0]
        copy = file.add_stream_from_template(track)
        number = 0
        for packet in raw.demux(track):
            if packet.size:
                packet.stream = copy
                packet.pts = packet.dts = number * 40
                packet.time_base = Fraction(1, 1000)
                file.mux(packet)
                number += 1
    return written.getvalue()


def test_what_an_edit_list_hides_is_seen_all_the_same() -> None:
    hidden = photograph(files.WIDTH, files.HEIGHT, 9)
    data = files.film(
        [*files.still(25, hidden), *files.still(25)],
        options={**files.FAST, "g": "1"},
    )
    assert shows(opened(only_played_from(data, second=1)), hidden)


def only_played_from(data: bytes, second: int) -> bytes:
    """``data`` with an edit list that leaves out its beginning."""
    at = data.index(b"elst") + 4
    track_at = data.index(b"mdhd") + 4
    (scale,) = struct.unpack_from(">I", data, track_at + 12)
    return data[: at + 12] + struct.pack(">I", scale * second) + data[at + 16 :]


# --- sound ----------------------------------------------------------------------------------------


def test_the_sound_track_comes_with_the_film() -> None:
    image = opened(files.film(files.panned(50), sound=files.tone(2)))
    assert image.film is not None
    assert image.film.sound is not None
    assert image.film.sound.duration_s == pytest.approx(2, abs=0.2)


def test_a_silent_film_has_no_sound() -> None:
    image = opened(files.film(files.still(5)))
    assert image.film is not None
    assert image.film.sound is None


# --- refused --------------------------------------------------------------------------------------


def test_no_bytes_are_refused_as_empty() -> None:
    assert refusal(b"") is RefusalCode.EMPTY


def test_more_bytes_than_allowed_are_refused() -> None:
    assert refusal(files.film(files.still(3)), max_bytes=100) is RefusalCode.TOO_LARGE


def test_a_recording_in_a_films_container_is_told_apart() -> None:
    with pytest.raises(NoPictures):
        opened(files.recording())


@pytest.mark.parametrize(
    "data",
    [
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"OggS" + bytes(24) + b"\x80theora",
        saved(quadrants(), "PNG"),
    ],
    ids=["playlist", "concat", "avi", "ogg", "picture"],
)
def test_other_containers_are_refused(data: bytes) -> None:
    assert refusal(data) is RefusalCode.UNSUPPORTED_TYPE


def test_other_codecs_are_refused() -> None:
    data = files.film(files.still(3), container="matroska", codec="ffv1")
    assert refusal(data) is RefusalCode.UNSUPPORTED_TYPE


@pytest.mark.parametrize("container", ["mp4", "matroska"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97])
def test_a_film_that_was_cut_off_is_refused(container: str, share: float) -> None:
    data = files.film(files.scene(1, 30), container=container)
    assert refusal(data[: int(share * len(data))]) is RefusalCode.DAMAGED


def test_a_film_cut_off_behind_its_header_is_refused() -> None:
    data = files.film(files.scene(1, 30), container_options={"moov_size": "20000"})
    assert data.index(b"moov") < data.index(b"mdat")
    assert refusal(data[: len(data) // 2]) is RefusalCode.DAMAGED


def test_a_film_whose_frames_are_noise_is_refused() -> None:
    data = files.film(files.scene(1, 30))
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    noise = np.random.default_rng(1).integers(0, 256, end - begin, np.uint8).tobytes()
    assert refusal(data[:begin] + noise + data[end:]) is RefusalCode.DAMAGED


def test_a_film_that_is_much_shorter_than_its_header_says_is_refused() -> None:
    data = files.film(files.panned(50), container="matroska")
    (element,) = (at for at in range(len(data)) if data[at : at + 3] == b"\x44\x89\x88")
    longer = data[: element + 3] + struct.pack(">d", 60_000.0) + data[element + 11 :]
    assert refusal(longer) is RefusalCode.DAMAGED


def test_frames_larger_than_allowed_are_refused() -> None:
    data = files.film(files.still(3))
    caps = {"max_pixels": files.WIDTH * files.HEIGHT - 1}
    assert refusal(data, **caps) is RefusalCode.TOO_MANY_PIXELS
    assert opened(data, max_pixels=files.WIDTH * files.HEIGHT).frames == 3


@pytest.mark.parametrize("seed", range(40))
def test_a_film_with_broken_bytes_ends_in_views_a_refusal_or_a_hold(seed: int) -> None:
    random = np.random.default_rng(seed)
    container = ("mp4", "matroska")[seed % 2]
    data = bytearray(files.film(files.panned(12), container=container, sound=files.tone(0.5)))
    for _ in range(int(random.integers(1, 20))):
        data[int(random.integers(0, len(data)))] = int(random.integers(0, 256))
    try:
        image = opened(bytes(data))
    except (Refused, TooMuchToCheck):
        return
    assert image.views


# --- held -----------------------------------------------------------------------------------------


def test_a_long_film_is_held() -> None:
    assert hold(files.film(files.still(50)), max_duration_s=1) is HoldCode.TOO_LONG


def test_a_film_whose_last_frame_comes_hours_later_is_held() -> None:
    data = files.film(files.still(3), container="matroska", times=[0, 40, 36_000_000])
    assert hold(data) is HoldCode.TOO_LONG


def test_more_frames_than_allowed_are_held() -> None:
    assert hold(files.film(files.still(50)), max_frames=49) is HoldCode.TOO_MANY_FRAMES


def test_decoding_that_takes_too_long_is_held() -> None:
    assert hold(files.film(files.still(50)), max_decode_s=1e-6) is HoldCode.TOO_SLOW


def test_two_picture_tracks_are_held() -> None:
    assert hold(files.film(files.still(5), tracks=2)) is HoldCode.TOO_MANY_TRACKS


def test_transparent_films_are_held() -> None:
    data = files.film(files.still(5), container="webm", codec="libvpx-vp9", pixels="yuva420p")
    assert hold(data) is HoldCode.TOO_MANY_TRACKS


def test_a_long_and_narrow_film_is_held() -> None:
    assert hold(files.film(files.still(3, quadrants(640, 64)))) is HoldCode.TOO_ELONGATED


def test_samples_beyond_all_measure_are_held_before_room_is_made_for_them() -> None:
    counted = files.box(b"stsz", struct.pack(">III", 0, 1, 4_000_000_000))
    movie = counted
    for name in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        movie = files.box(name, movie)
    data = files.box(b"ftyp", b"isom\x00\x00\x00\x00isom") + movie
    assert hold(data) is HoldCode.TOO_MANY_FRAMES


def announcing(*around: bytes, length: int | None = None) -> bytes:
    """A whole film in which a box says at an odd place that there are billions of samples."""
    said = struct.pack(">III", 0, 1, 4_000_000_000)
    hidden = files.box(b"stsz", said)
    if length is not None:
        hidden = struct.pack(">I4s", length, b"stsz") + said
    for name in around:
        hidden = files.box(name, hidden)
    return files.film(files.still(5)) + hidden


@pytest.mark.parametrize(
    "data",
    [
        announcing(b"edts", b"trak", b"moov"),
        announcing(b"udta"),
        announcing(b"ilst", b"meta"),
        announcing(b"stbl", b"minf", length=1 << 30),
    ],
    ids=["of a track", "of the film", "of what is said about it", "longer than what it is in"],
)
def test_samples_announced_at_odd_places_are_held(data: bytes) -> None:
    assert hold(data) is HoldCode.TOO_MANY_FRAMES


def test_a_manifest_that_names_tables_is_none_of_them() -> None:
    manifest = files.box(b"uuid", bytes(16) + b"/moov/trak/mdia/minf/stbl/stco")
    opened(files.film(files.still(5)) + manifest)


def test_samples_of_fragments_are_counted_too() -> None:
    run = files.box(b"trun", struct.pack(">II", 0, 4_000_000_000))
    data = files.box(b"ftyp", b"isom\x00\x00\x00\x00isom") + files.box(
        b"moof", files.box(b"traf", run)
    )
    assert hold(data) is HoldCode.TOO_MANY_FRAMES


def test_a_movie_box_that_is_packed_is_refused() -> None:
    data = files.box(b"ftyp", b"qt  \x00\x00\x00\x00qt  ") + files.box(
        b"moov", files.box(b"cmov", bytes(16))
    )
    assert refusal(data) is RefusalCode.DAMAGED


def test_boxes_without_end_are_refused() -> None:
    data = files.box(b"ftyp", b"isom\x00\x00\x00\x00isom") + files.box(b"free", b"") * (
        containers.MAX_BOXES + 1
    )
    assert refusal(data) is RefusalCode.DAMAGED

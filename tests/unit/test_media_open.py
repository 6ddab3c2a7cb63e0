"""What an opened image shows: every picture that a viewer of the file sees, upright, once."""

from __future__ import annotations

import io
import struct
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageOps

from media_integrity.media.errors import HoldCode, TooMuchToCheck
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import WHOLE, WORKING_SIDE, Image, ImageFormat
from tests.unit.media_files import (
    BLUE,
    GREEN,
    HEIC,
    HEIC_ALPHA,
    HEIC_TURNED,
    HEIC_TWO,
    RED,
    YELLOW,
    Rgb,
    animated,
    chunk,
    corners,
    display_p3_profile,
    exif,
    gif,
    gif_frame,
    idat,
    palette,
    photograph,
    png,
    quadrants,
    saved,
    srgb_profile,
    swapping_profile,
    with_chunks,
)

LIMITS = Limits()

QUICK: dict[str, dict[str, Any]] = {
    "JPEG": {},
    "GIF": {},
    "PNG": {"compress_level": 1},
    "WEBP": {"lossless": True, "quality": 10, "method": 0},
    "AVIF": {"speed": 10},
}
"""Options that make encoders fast; WebP without loss, or it merges frames that are much alike."""


def opened(data: bytes, **limits: int) -> Image:
    return open_image(data, LIMITS.model_copy(update=limits))


def close(one: object, other: object, within: int = 8) -> bool:
    difference = np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16))
    return int(difference.max()) <= within


# --- size and format ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_format_shows_its_picture(kind: str) -> None:
    image = opened(saved(quadrants(), kind))
    assert (image.width, image.height, image.frames, len(image.views)) == (96, 64, 1, 1)
    assert image.format.name == kind
    assert image.views[0].rgb.shape == (64, 96, 3)
    assert close(corners(image.views[0].rgb), [RED, GREEN, BLUE, YELLOW], within=12)


def test_heic_shows_its_picture() -> None:
    image = opened(HEIC)
    assert (image.format, image.width, image.height) == (ImageFormat.HEIF, 96, 64)
    assert close(corners(image.views[0].rgb), [RED, GREEN, BLUE, YELLOW])


def test_heic_is_turned_by_its_rotation_property() -> None:
    image = opened(HEIC_TURNED)
    assert (image.width, image.height) == (64, 96)
    assert close(corners(image.views[0].rgb), [BLUE, RED, YELLOW, GREEN])


def test_of_two_pictures_in_a_heic_the_primary_one_counts() -> None:
    image = opened(HEIC_TWO)
    assert len(image.views) == 1
    assert close(corners(image.views[0].rgb), [RED, GREEN, BLUE, YELLOW])


def test_of_several_pictures_in_a_jpeg_the_first_one_counts() -> None:
    both = animated([quadrants(), quadrants()[::-1].copy()], "MPO")
    image = opened(both)
    assert (image.format, image.frames, len(image.views)) == (ImageFormat.JPEG, 1, 1)
    assert close(corners(image.views[0].rgb), [RED, GREEN, BLUE, YELLOW], within=12)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "longest"),
    [((4000, 3000), 1000), ((1919, 900), 1919), ((1920, 900), 960), ((5, 3), 5)],
)
def test_views_are_of_working_size(kind: str, size: tuple[int, int], longest: int) -> None:
    image = opened(saved(quadrants(*size), kind, **QUICK[kind]))
    assert (image.width, image.height) == size
    height, width = image.views[0].rgb.shape[:2]
    assert max(width, height) == longest
    assert abs(width * size[1] - height * size[0]) <= 1.5 * max(size)


def test_the_scaled_jpeg_looks_like_the_whole_one() -> None:
    data = saved(photograph(4000, 3000), "JPEG", quality=90)
    view = opened(data).views[0].rgb
    with Pillow.open(io.BytesIO(data)) as whole:
        expected = cv2.resize(np.asarray(whole), (1000, 750), interpolation=cv2.INTER_AREA)
    assert np.abs(view.astype(int) - expected).mean() < 1


# --- orientation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(kind: str, orientation: int) -> None:
    data = saved(quadrants(), kind, exif=exif(orientation))
    image = opened(data)
    with Pillow.open(io.BytesIO(data)) as picture:
        upright = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
    assert (image.height, image.width) == upright.shape[:2]
    assert close(corners(image.views[0].rgb), corners(upright))


@pytest.mark.parametrize(
    "block",
    [
        b"Exif\x00\x00",
        b"Exif\x00\x00II*\x00\xff\xff\xff\xff",
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff",
        exif(6)[:20],
        exif(6).replace(b"\x00\x06\x00\x00", b"\x00\x09\x00\x00"),
    ],
)
def test_a_broken_exif_block_leaves_the_picture_as_it_is(block: bytes) -> None:
    image = opened(saved(quadrants(), "JPEG", exif=block))
    assert (image.width, image.height) == (96, 64)


# --- pixel modes ----------------------------------------------------------------------------------


def test_cmyk_as_photoshop_writes_it() -> None:
    cmyk = Pillow.fromarray(quadrants()).convert("CMYK")
    image = opened(saved(cmyk, "JPEG", quality=95))
    assert close(corners(image.views[0].rgb), [RED, GREEN, BLUE, YELLOW], within=12)


def test_sixteen_bit_grey() -> None:
    grey = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(64, axis=0)
    view = opened(png(256, 64, idat(grey), depth=16, colours=0)).views[0].rgb
    assert close(view[10, :, 0], np.arange(256), within=1)


def test_sixteen_bit_colour() -> None:
    view = opened(png(96, 64, idat(quadrants().astype(np.uint16) * 257), depth=16)).views[0].rgb
    assert close(corners(view), [RED, GREEN, BLUE, YELLOW], within=1)


def test_sixteen_bit_grey_with_one_transparent_value() -> None:
    grey = np.full((32, 32), 1000, np.uint16)
    grey[8:24, 8:24] = 40000
    data = png(32, 32, chunk(b"tRNS", struct.pack(">H", 40000)), idat(grey), depth=16, colours=0)
    views = opened(data).views
    assert [view.rgb[16, 16, 0] for view in views] == [255, 0]
    assert [view.rgb[0, 0, 0] for view in views] == [3, 3]


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_colours(mode: str) -> None:
    stored = Pillow.fromarray(quadrants()).convert(mode)
    expected = np.asarray(stored.convert("RGB"))
    image = opened(saved(stored, "PNG"))
    assert np.array_equal(image.views[0].rgb, expected)


# --- transparency ---------------------------------------------------------------------------------


def drawn_on_nothing(colour: tuple[int, int, int], mode: str = "RGBA") -> Pillow.Image:
    picture = Pillow.new("RGBA", (200, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((60, 30, 140, 70), fill=(*colour, 255))
    if mode == "P":
        return picture.quantize(16)
    return picture.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_is_seen_over_white_and_over_black(mode: str, kind: str) -> None:
    drawn = drawn_on_nothing((128, 128, 128), mode)
    image = opened(saved(drawn if kind == "PNG" else drawn.convert("RGBA"), kind, lossless=True))
    assert [view.rgb[5, 5].tolist() for view in image.views] == [[255] * 3, [0] * 3]
    assert all(close(view.rgb[50, 100], [128] * 3) for view in image.views)


def test_white_writing_on_nothing_is_seen_in_one_of_the_views() -> None:
    image = opened(saved(drawn_on_nothing((255, 255, 255)), "PNG"))
    assert any(int(np.ptp(view.rgb)) == 255 for view in image.views)


def test_alpha_that_hides_nothing_makes_no_second_view() -> None:
    opaque = Pillow.fromarray(quadrants()).convert("RGBA")
    assert len(opened(saved(opaque, "PNG")).views) == 1


def test_transparency_in_the_last_rows_of_a_large_picture_is_seen() -> None:
    alpha = np.full((3000, 2000), 255, np.uint8)
    alpha[-300:] = 0
    picture = Pillow.fromarray(quadrants(2000, 3000))
    picture.putalpha(Pillow.fromarray(alpha))
    over_white, over_black = opened(saved(picture, "PNG", compress_level=1)).views
    assert over_white.rgb[-5, 5].tolist() == [255] * 3
    assert over_black.rgb[-5, 5].tolist() == [0] * 3
    assert close(corners(over_black.rgb)[:2], [RED, GREEN])


def test_heic_with_alpha() -> None:
    over_white, over_black = opened(HEIC_ALPHA).views
    assert close(corners(over_white.rgb), [[255] * 3, GREEN, [255] * 3, YELLOW])
    assert close(corners(over_black.rgb), [[0] * 3, GREEN, [0] * 3, YELLOW])


# --- colour profiles ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_profile_that_makes_another_picture_is_followed_as_well(kind: str) -> None:
    profile = swapping_profile()
    image = opened(saved(quadrants(), kind, icc_profile=profile))
    stored, shown = (corners(view.rgb) for view in image.views)
    assert close(stored, [RED, GREEN, BLUE, YELLOW], within=12)
    assert shown[0][2] > shown[0][0] + 100  # red has become blue
    assert shown[2][0] > shown[2][2] + 100


@pytest.mark.parametrize("year", range(2000, 2012))
def test_a_saturated_picture_with_a_phones_profile_has_one_view_wherever_it_is_sampled(
    year: int,
) -> None:
    image = opened(saved(quadrants(), "JPEG", icc_profile=display_p3_profile(year)))
    assert len(image.views) == 1


@pytest.mark.parametrize("profile", [srgb_profile(), display_p3_profile(), b"no profile", b"\x00"])
def test_an_ordinary_or_unreadable_profile_makes_no_second_view(profile: bytes) -> None:
    assert len(opened(saved(quadrants(), "JPEG", icc_profile=profile)).views) == 1


def test_two_pictures_interleaved_by_gamma_are_both_seen() -> None:
    """Bright pixels carry one picture; a high gamma darkens them away and leaves the other."""
    picture = np.full((200, 200, 3), 90, np.uint8)
    picture[40:80, 40:160] = 250  # darkened little
    hidden = with_chunks(saved(picture, "PNG"), chunk(b"gAMA", struct.pack(">I", 3000)))
    stored, shown = opened(hidden).views
    assert stored.rgb[150, 100].tolist() == [90] * 3
    assert shown.rgb[150, 100].tolist() == [0] * 3
    assert shown.rgb[60, 100, 0] > 150


@pytest.mark.parametrize("gamma", [45455, 0, 50000])
def test_an_ordinary_gamma_makes_no_second_view(gamma: int) -> None:
    data = with_chunks(saved(quadrants(), "PNG"), chunk(b"gAMA", struct.pack(">I", gamma)))
    assert len(opened(data).views) == 1


# --- animations -----------------------------------------------------------------------------------


def nearly_alike(count: int) -> list[Rgb]:
    """Frames that differ in one pixel, which keeps encoders from merging them."""
    frames = [quadrants(320, 240) for _ in range(count)]
    for index, frame in enumerate(frames):
        frame[0, 0] = index * 255 // count
    return frames


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_one_frame_among_a_hundred_becomes_a_view(kind: str) -> None:
    frames = nearly_alike(100)
    frames[63][80:160, 120:200] = 255
    image = opened(animated(frames, kind, **QUICK[kind]))
    assert image.frames == 100
    assert [view.frame for view in image.views] == [0, 63]
    assert close(image.views[1].rgb[120, 160], [255] * 3, within=16)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_frame_that_differs_in_a_line_of_text_becomes_a_view(kind: str) -> None:
    with_text = Pillow.fromarray(quadrants(480, 320))
    ImageDraw.Draw(with_text).text((180, 290), "pay or I post it", fill="black")
    image = opened(animated([quadrants(480, 320), np.asarray(with_text)], kind))
    assert len(image.views) == 2


def test_a_loop_is_seen_once() -> None:
    one, other = quadrants(), quadrants()[::-1].copy()
    image = opened(animated([one, other] * 10, "WEBP", lossless=True))
    assert image.frames == 20
    assert [view.frame for view in image.views] == [0, 1]


def test_a_slow_drift_is_followed() -> None:
    frames = [np.full((64, 64, 3), level, np.uint8) for level in range(0, 200, 4)]
    views = opened(animated(frames, "WEBP", lossless=True)).views
    levels = [int(view.rgb[0, 0, 0]) for view in views]
    assert len(levels) >= 196 // 20
    assert all(min(abs(level - seen) for seen in levels) <= 16 for level in range(0, 200, 4))


def test_the_picture_for_viewers_without_animation_is_seen_too() -> None:
    frames = [quadrants(), quadrants()[::-1].copy(), quadrants()[:, ::-1].copy()]
    data = animated(frames, "PNG", default_image=True)
    image = opened(data)
    assert image.frames == 3
    assert [corners(view.rgb) for view in image.views] == [corners(frame) for frame in frames]


GREY = palette((10, 10, 10), (90, 90, 90), (170, 170, 170), (250, 250, 250))


def block(value: int, side: int = 16) -> Rgb:
    return np.full((side, side), value, np.uint8)


def levels(image: Image, background: int = 255) -> list[list[int]]:
    """Grey levels of the four quarters, of each view over ``background``."""
    return [[corner[0] for corner in corners(view.rgb)] for view in image.views]


def test_gif_frames_are_drawn_over_what_was_kept() -> None:
    data = gif(
        32,
        32,
        gif_frame(block(0, 32), disposal=1),
        gif_frame(block(1), 16, 0),  # nothing said of disposal: it stays
        gif_frame(block(2), 0, 16, disposal=3),  # taken away again
        gif_frame(block(3), 16, 16, disposal=2),  # cleared
        gif_frame(block(2, 4), 0, 0),
        palette=GREY,
    )
    views = levels(opened(data))
    assert views[:4] == [
        [10, 10, 10, 10],
        [10, 90, 10, 10],
        [10, 90, 170, 10],
        [10, 90, 10, 250],
    ]
    assert views[4] == [10, 90, 10, 255]  # over white
    assert views[5] == [10, 90, 10, 0]  # over black


def test_disposal_of_one_gif_frame_does_not_carry_over_to_the_next() -> None:
    """Pieces that browsers leave standing must add up here too, or a picture hides in them."""
    pieces = [
        gif_frame(block(3), left, top, disposal=disposal)
        for (left, top), disposal in zip(
            [(0, 0), (16, 0), (0, 16), (16, 16)], [2, 0, 0, 0], strict=True
        )
    ]
    data = gif(32, 32, gif_frame(block(0, 32), disposal=1), *pieces, palette=GREY)
    assert [255, 250, 250, 250] in levels(opened(data))


def test_transparent_gif_pixels_show_what_is_below() -> None:
    stripes = np.tile(np.array([0, 2], np.uint8), (32, 16))
    data = gif(
        32,
        32,
        gif_frame(block(1, 32), disposal=1),
        gif_frame(stripes, transparent=0),
        palette=GREY,
    )
    view = opened(data).views[1].rgb
    assert view[0, :4, 0].tolist() == [90, 170, 90, 170]


def test_a_gif_frame_that_juts_out_is_cut() -> None:
    data = gif(
        32,
        32,
        gif_frame(block(0, 32), disposal=1),
        gif_frame(block(3, 32), 16, 16),
        palette=GREY,
    )
    image = opened(data)
    assert (image.width, image.height) == (32, 32)
    assert levels(image)[1] == [10, 10, 10, 250]


def test_a_gif_screen_grows_to_its_first_frame() -> None:
    image = opened(gif(1, 1, gif_frame(block(1, 40)), palette=GREY))
    assert (image.width, image.height) == (40, 40)


def test_interlaced_gif() -> None:
    stored = Pillow.fromarray(quadrants(160, 120)).quantize(8)
    image = opened(saved(stored, "GIF", interlace=1))
    assert close(corners(image.views[0].rgb), [RED, GREEN, BLUE, YELLOW])


def test_gif_decodes_as_pillow_does() -> None:
    frames = [photograph(60, 40, seed) for seed in range(4)]
    data = animated(frames, "GIF")
    with Pillow.open(io.BytesIO(data)) as picture:
        for view in opened(data).views:
            picture.seek(view.frame)
            assert np.array_equal(view.rgb, np.asarray(picture.convert("RGB")))


# --- more than is checked -------------------------------------------------------------------------


def test_more_frames_than_the_limit_are_held() -> None:
    frames = [np.full((8, 8, 3), index * 20, np.uint8) for index in range(12)]
    for kind in ("GIF", "WEBP", "PNG", "AVIF"):
        with pytest.raises(TooMuchToCheck) as held:
            opened(animated(frames, kind), max_frames=11)
        assert held.value.code is HoldCode.TOO_MANY_FRAMES
        assert opened(animated(frames, kind), max_frames=12).frames == 12


def test_more_pixels_in_all_frames_than_the_limit_are_held() -> None:
    frames = [np.full((100, 100, 3), index * 20, np.uint8) for index in range(5)]
    with pytest.raises(TooMuchToCheck) as held:
        opened(animated(frames, "WEBP"), max_total_pixels=49_999)
    assert held.value.code is HoldCode.TOO_MUCH_ANIMATION
    assert opened(animated(frames, "WEBP"), max_total_pixels=50_000).frames == 5


def test_more_views_than_the_limit_are_held() -> None:
    frames = [np.full((20, 20, 3), index * 40, np.uint8) for index in range(6)]
    with pytest.raises(TooMuchToCheck) as held:
        opened(animated(frames, "WEBP"), max_views=5)
    assert held.value.code is HoldCode.TOO_MANY_VIEWS


def test_what_is_held_says_so_calmly() -> None:
    frames = [np.full((8, 8, 3), index * 20, np.uint8) for index in range(3)]
    with pytest.raises(TooMuchToCheck) as held:
        opened(animated(frames, "GIF"), max_frames=2)
    assert "a person will look at it" in held.value.message


# --- long and narrow ------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [False, True])
def test_a_scrolled_screenshot_is_seen_whole_and_in_parts(turned: bool) -> None:
    tall = photograph(500, 4000)
    tall[3300:3400, 200:300] = (255, 0, 255)
    data = saved(tall.transpose(1, 0, 2).copy() if turned else tall, "PNG", compress_level=1)
    image = opened(data)
    whole, *parts = image.views
    assert whole.part == WHOLE
    assert max(whole.rgb.shape) < 2 * WORKING_SIDE
    begins = [part.part.left if turned else part.part.top for part in parts]
    length = parts[0].part.width if turned else parts[0].part.height
    assert begins[0] == 0
    assert begins[-1] + length == pytest.approx(1)
    # Neighbours overlap by half of the short side, so a face is whole in one of them.
    steps = np.diff(begins)
    assert all(step + 250 / 4000 <= length + 1e-9 for step in steps)
    magenta = [
        int((np.abs(part.rgb.astype(int) - (255, 0, 255)).max(axis=2) < 40).sum()) for part in parts
    ]
    assert max(magenta) == pytest.approx(100 * 100, rel=0.05)


def test_a_line_is_held() -> None:
    with pytest.raises(TooMuchToCheck) as held:
        opened(saved(np.zeros((10, 4000, 3), np.uint8), "PNG"))
    assert held.value.code is HoldCode.TOO_ELONGATED
    assert len(opened(saved(np.zeros((2, 900, 3), np.uint8), "PNG")).views) == 1


# --- the same file, the same image ----------------------------------------------------------------


def test_opening_twice_gives_the_same_pixels() -> None:
    data = saved(photograph(3000, 2000), "JPEG")
    one, other = opened(data), opened(data)
    assert np.array_equal(one.views[0].rgb, other.views[0].rgb)


def test_metadata_is_not_needed_to_open() -> None:
    data = saved(photograph(300, 200), "JPEG", comment=b"c" * 60_000, exif=exif(1) + bytes(60_000))
    assert opened(data).width == 300

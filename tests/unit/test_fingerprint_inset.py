"""Known pictures inside other pictures: found there, and not imagined in ordinary ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from skimage import data as pictures

from evaluation.transforms import jpeg, screenshot
from media_integrity.fingerprints import inset
from media_integrity.fingerprints.inset import MAX_INSETS, MIN_SIDE, inner_boxes, insets
from media_integrity.fingerprints.pdq import fingerprint
from media_integrity.fingerprints.pdq_hash import hamming, pdq
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Part, View
from tests.unit.media_files import Rgb, animated, photograph, saved

SCENES = ("astronaut", "coffee", "chelsea", "rocket", "cat")
"""Photographs in colour whose edges are not plain."""

TEXTURES = ("brick", "grass", "gravel", "coins", "moon", "camera", "retina", "hubble_deep_field")


def scene(name: str) -> Rgb:
    rgb = np.asarray(getattr(pictures, name)())
    return np.ascontiguousarray(rgb if rgb.ndim == 3 else np.repeat(rgb[..., None], 3, axis=2))


def bars(rgb: Rgb, share: float, level: int = 0) -> Rgb:
    """Above and below: together such a share of the whole."""
    high = round(rgb.shape[0] * share / 2 / (1 - share))
    return np.pad(rgb, ((high, high), (0, 0), (0, 0)), constant_values=level)


def pillars(rgb: Rgb, share: float) -> Rgb:
    return bars(rgb.transpose(1, 0, 2), share).transpose(1, 0, 2)


def framed(rgb: Rgb, share: float, level: int) -> Rgb:
    wide = round(min(rgb.shape[:2]) * share)
    return np.pad(rgb, ((wide, wide), (wide, wide), (0, 0)), constant_values=level)


def captioned(rgb: Rgb, *, above: bool) -> Rgb:
    """Two lines of black writing on white, a fifth as high as the picture."""
    height, width = rgb.shape[:2]
    bar = height // 5
    canvas = Pillow.new("RGB", (width, height + bar), (255, 255, 255))
    canvas.paste(Pillow.fromarray(rgb), (0, bar if above else 0))
    pen, top = ImageDraw.Draw(canvas), 0 if above else height
    font = ImageFont.load_default(size=bar // 4)
    pen.text((width // 20, top + bar // 6), "nobody saw this coming", (0, 0, 0), font)
    pen.text((width // 20, top + bar // 2), "least of all me", (0, 0, 0), font)
    return np.asarray(canvas)


ADDED: dict[str, Callable[[Rgb], Rgb]] = {
    "letterbox 10 %": partial(bars, share=0.1),
    "letterbox 20 %": partial(bars, share=0.2),
    "white bars": partial(bars, share=0.2, level=255),
    "pillars": partial(pillars, share=0.2),
    "thin frame": partial(framed, share=0.05, level=250),
    "wide frame": partial(framed, share=0.1, level=20),
    "caption above": partial(captioned, above=True),
    "caption below": partial(captioned, above=False),
    "screenshot": screenshot,
    "frame in a screenshot": lambda rgb: screenshot(framed(rgb, 0.05, 20)),
}


def nearest(rgb: Rgb, known: Rgb) -> tuple[int, int]:
    """Bits between a known picture and an upload: as a whole, and with what is inside it."""
    view = open_image(jpeg(rgb, 80), Limits()).views[0]
    bits = pdq(known).pdq.bits
    whole = hamming(pdq(view.rgb).pdq.bits, bits)
    return whole, min([whole, *(hamming(each.hashes.pdq.bits, bits) for each in insets([view]))])


# --- what is found --------------------------------------------------------------------------------


@pytest.mark.parametrize("added", list(ADDED))
def test_a_picture_inside_another_is_found(added: str) -> None:
    found = 0
    for name in SCENES:
        whole, inside = nearest(ADDED[added](scene(name)), scene(name))
        assert whole > 31  # so that it would not have been found as it is
        found += inside <= 31
    # A line of writing may stand too near to a small picture to be told from it.
    assert found >= (3 if added == "caption above" else len(SCENES))


def test_the_part_says_where_it_is() -> None:
    rgb = bars(scene("coffee"), 0.2)
    (found,) = insets([View(photograph(300, 200), 0), View(rgb, 1)])
    assert found.view == 1
    assert found.part.left == 0
    assert found.part.width == 1
    assert found.part.top == pytest.approx(0.1, abs=0.01)
    assert found.part.height == pytest.approx(0.8, abs=0.01)


def test_an_inner_picture_is_hashed_in_all_forms() -> None:
    known = scene("rocket")
    (found,) = insets([View(bars(known, 0.2), 0)])
    for form, bits in pdq(known).forms.items():
        assert hamming(found.hashes.forms[form], bits) <= 31


def test_a_file_s_fingerprints_have_the_insets_of_all_its_views() -> None:
    frames = [bars(photograph(300, 200, seed), 0.2) for seed in (1, 2)]
    found = fingerprint(open_image(animated(frames, "PNG"), Limits()))
    assert len(found.views) == 2
    assert [each.view for each in found.insets] == [0, 1]
    assert found.insets[0].hashes != found.insets[1].hashes
    plain = fingerprint(open_image(saved(photograph(300, 200), "PNG"), Limits()))
    assert plain.insets == ()


# --- what is not ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*SCENES, *TEXTURES])
def test_an_ordinary_picture_has_none(name: str) -> None:
    assert inner_boxes(scene(name)) == []
    assert insets(open_image(jpeg(scene(name), 60), Limits()).views) == ()


@pytest.mark.parametrize("seed", range(20))
def test_a_made_picture_has_none(seed: int) -> None:
    assert inner_boxes(photograph(640, 480, seed)) == []


def test_a_sky_is_no_bar() -> None:
    """Plain rows whose colour changes slowly, over hills."""
    height, width = 480, 640
    rgb = photograph(width, height)
    for row in range(300):
        horizon = 200 + 60 * np.sin(np.arange(width) / 40)
        rgb[row, row < horizon] = (120 + row // 3, 160 + row // 4, 220)
    assert inner_boxes(rgb) == []


@pytest.mark.parametrize("level", [0, 127, 255])
def test_a_plain_picture_has_none(level: int) -> None:
    assert inner_boxes(np.full((400, 600, 3), level, np.uint8)) == []


def test_writing_on_a_page_is_no_picture() -> None:
    page = Pillow.new("RGB", (800, 1000), (255, 255, 255))
    pen = ImageDraw.Draw(page)
    for line in range(30):
        pen.text((60, 40 + 30 * line), "The ferry leaves at half past nine. " * 2, (0, 0, 0))
    assert inner_boxes(np.asarray(page)) == []


def test_a_small_picture_in_a_large_one_is_left_alone() -> None:
    page = np.full((1000, 1000, 3), 255, np.uint8)
    page[300:700, 300:700] = photograph(400, 400)
    assert inner_boxes(page) == []  # 16 % of the whole
    page[100:700, 100:700] = photograph(600, 600)
    assert len(inner_boxes(page)) == 1


def test_a_border_of_a_hair_is_left_alone() -> None:
    rgb = np.pad(photograph(600, 600), ((2, 2), (2, 2), (0, 0)))
    assert inner_boxes(rgb) == []


def test_bars_are_told_by_straight_edges() -> None:
    """A disc on black touches all sides, and is no picture in a frame."""
    rgb = np.zeros((500, 500, 3), np.uint8)
    y, x = np.mgrid[:500, :500] - 250
    inside = y**2 + x**2 < 220**2
    rgb[inside] = photograph(500, 500)[inside]
    assert inner_boxes(rgb) == []


# --- whatever comes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 5000), (5000, 1), (MIN_SIDE - 1, 600), (MIN_SIDE, MIN_SIDE), (97, 1900)]
)
def test_any_size_is_looked_at(shape: tuple[int, int]) -> None:
    for rgb in (np.zeros((*shape, 3), np.uint8), photograph(shape[1], shape[0])):
        assert len(inner_boxes(rgb)) <= MAX_INSETS


@example(height=96, width=96, drawn=[(0, 3, True, 0), (3, 93, True, 20)])  # bars all over
@settings(max_examples=60, deadline=None)
@given(
    st.integers(MIN_SIDE, 400),
    st.integers(MIN_SIDE, 400),
    st.lists(
        st.tuples(
            st.integers(0, 399), st.integers(1, 200), st.booleans(), st.sampled_from((0, 20, 255))
        ),
        max_size=6,
    ),
)
def test_whatever_bars_there_are_boxes_lie_inside(
    height: int, width: int, drawn: list[tuple[int, int, bool, int]]
) -> None:
    rgb = photograph(width, height)
    for at, size, rows, level in drawn:
        if rows:
            rgb[at : at + size] = level
        else:
            rgb[:, at : at + size] = level
    boxes = inner_boxes(rgb)
    assert len(boxes) <= MAX_INSETS
    for box in boxes:
        assert 0 <= box.left < box.right <= width
        assert 0 <= box.top < box.bottom <= height
        assert box.side >= MIN_SIDE
        assert inset.MIN_SHARE <= box.area / (width * height) <= inset.MAX_SHARE


def test_the_same_picture_has_the_same_insets_every_time() -> None:
    view = View(captioned(scene("coffee"), above=False), 0)
    assert insets([view]) == insets([view])
    (found,) = insets([view])
    assert isinstance(found.part, Part)

"""The blurred stand-in shows nothing that could be recognised."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.preview import CELLS, SIDE, blurred_preview
from tests.unit.media_files import animated, exif, photograph, quadrants, saved


def preview_of(data: bytes) -> tuple[Pillow.Image, bytes]:
    written = blurred_preview(open_image(data, Limits()))
    return Pillow.open(io.BytesIO(written)), written


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1600, 1200), (320, 240)), ((300, 900), (107, 320)), ((40, 20), (40, 20)), ((1, 1), (1, 1))],
)
def test_it_is_a_small_jpeg_of_the_same_shape(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    preview, _ = preview_of(saved(photograph(*size), "PNG", compress_level=1))
    assert preview.format == "JPEG"
    assert preview.size == expected
    assert max(preview.size) <= SIDE


def test_it_carries_no_metadata() -> None:
    source = saved(quadrants(), "JPEG", exif=exif(6), comment=b"where I live")
    preview, written = preview_of(source)
    assert not preview.getexif()
    assert "comment" not in preview.info
    assert b"Exif" not in written
    assert b"where I live" not in written


def test_it_is_upright() -> None:
    preview, _ = preview_of(saved(quadrants(), "JPEG", exif=exif(6)))
    assert preview.height > preview.width


def test_pictures_with_the_same_averages_have_the_same_preview() -> None:
    """Nothing of the picture but the averages over the cells is left in it to be sharpened."""
    cells = photograph(CELLS, CELLS)
    plain = cells.repeat(80, axis=0).repeat(80, axis=1).astype(np.int16)
    checks = np.where(np.indices((640, 640)).sum(axis=0) % 2, 20, -20)[..., None]
    detailed = np.clip(plain, 20, 235) + checks
    one = preview_of(saved(np.clip(plain, 20, 235).astype(np.uint8), "PNG"))[1]
    other = preview_of(saved(detailed.astype(np.uint8), "PNG"))[1]
    assert one == other


def test_an_animation_is_represented_by_its_first_frame() -> None:
    frames = [quadrants(), quadrants()[::-1].copy()]
    still = preview_of(saved(frames[0], "PNG"))[1]
    assert preview_of(animated(frames, "PNG"))[1] == still


def test_light_and_colour_are_kept() -> None:
    preview, _ = preview_of(saved(quadrants(400, 400), "PNG"))
    shown = cv2.resize(np.asarray(preview), (2, 2), interpolation=cv2.INTER_AREA).astype(int)
    expected = cv2.resize(quadrants(400, 400), (2, 2), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(shown - expected).max() < 30

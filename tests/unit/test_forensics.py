"""The measurements under the compression and document signals."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Image
from media_integrity.signals.forensics import grid, parts, plane, tables
from media_integrity.signals.forensics.blocks import coefficients
from media_integrity.signals.forensics.history import earlier_in_jpeg, earlier_in_lossless
from media_integrity.signals.forensics.plane import Plane
from tests.unit.media_files import Rgb, exif, photograph, saved


def opened(data: bytes) -> Image:
    return open_image(data, Limits())


def seen(data: bytes) -> Plane:
    found = plane.plane(opened(data))
    assert found is not None
    return found


def compressed(rgb: Rgb, quality: int) -> Rgb:
    return np.asarray(Pillow.open(io.BytesIO(saved(rgb, "JPEG", quality=quality))))


@pytest.mark.parametrize("quality", [1, 37, 50, 75, 90, 100])
def test_a_standard_table_is_recognised(quality: int) -> None:
    picture = Pillow.open(io.BytesIO(saved(photograph(64, 64), "JPEG", quality=quality)))
    table = np.array(picture.quantization[0], np.int32).reshape(8, 8)  # type: ignore[attr-defined]
    assert np.array_equal(table, tables.standard(quality))
    assert tables.quality(table) == (quality, True)


def test_a_table_that_libjpeg_does_not_scale_to_is_not_called_standard() -> None:
    table = np.full((8, 8), 7, np.int32)
    assert tables.quality(table)[1] is False


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_plane_is_turned_as_the_view_is_and_its_grid_with_it(orientation: int) -> None:
    rgb = photograph(100, 75)
    media = opened(saved(rgb, "JPEG", quality=60, exif=exif(orientation)))
    found = plane.plane(media)
    assert found is not None and found.table is not None
    grey = np.asarray(Pillow.fromarray(media.views[0].rgb).convert("L")).astype(int)
    assert np.abs(grey - found.luma).mean() < 2
    # On its own grid every coefficient is a multiple of the table's.
    block = coefficients(found.luma, *found.origin)
    steps = found.table[:5, :5]
    off = np.abs(block - steps * np.rint(block / steps))
    assert np.percentile(off, 95) < 1.5


def test_a_transform_of_one_frequency_is_one_coefficient() -> None:
    wave = 128 + 50 * np.cos((2 * np.arange(8) + 1) * 2 * np.pi / 16)
    luma = np.rint(np.tile(wave, (8, 1))).astype(np.uint8)
    (((block,),),) = (coefficients(luma, 0, 0),)
    assert abs(block[0, 2]) == np.abs(block).max() > 190
    block[0, 2] = 0
    assert np.abs(block).max() < 3


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("shape", [(64, 64), (61, 75), (8, 8), (7, 40), (120, 33)])
def test_a_stride_takes_each_so_many_th_of_the_whole_blocks(
    shape: tuple[int, int], stride: int
) -> None:
    luma = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    every, some = coefficients(luma, 3, 0), coefficients(luma, 3, 0, stride)
    assert np.array_equal(some, every[::stride, ::stride])
    assert every.size == 25 * max(0, (shape[0] - 3) // 8) * (shape[1] // 8)


@pytest.mark.parametrize("shape", [(96, 128), (130, 70), (31, 200), (40, 31)])
def test_borders_are_mean_cross_differences_by_phase(shape: tuple[int, int]) -> None:
    luma = np.random.default_rng(2).integers(90, 106, shape, dtype=np.uint8)
    levels = luma.astype(int)
    crossed = np.zeros(shape)
    inner = levels[1:, 1:] - levels[:-1, 1:] - levels[1:, :-1] + levels[:-1, :-1]
    crossed[1:, 1:] = np.minimum(np.abs(inner), grid.CEILING)
    by_row, by_column = grid.borders(luma)
    assert by_row.shape == by_column.shape == (shape[0] // 32, shape[1] // 32, 8)
    for row, column in np.ndindex(by_row.shape[:2]):
        tile = crossed[32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
        for phase in range(8):
            assert by_row[row, column, phase] == pytest.approx(tile[phase::8].mean(), abs=1e-5)
            assert by_column[row, column, phase] == pytest.approx(
                tile[:, phase::8].mean(), abs=1e-5
            )
    some = grid.borders(luma, 2)
    assert np.array_equal(some[0], by_row[::2]) and np.array_equal(some[1], by_column[::2])


def test_every_second_block_tells_the_same_history_and_the_same_part() -> None:
    fresh = photograph(960, 800, seed=2)
    spliced = compressed(fresh, 65).copy()
    spliced[240:560, 400:720] = fresh[240:560, 400:720]
    page = seen(saved(spliced, "JPEG", quality=92))
    whole, half = earlier_in_jpeg(page), earlier_in_jpeg(page, 2)
    assert whole is not None and half is not None
    assert half.quality == whole.quality and abs(half.share - whole.share) < 0.05
    part = parts.oddest(parts.blocks(page, half))
    assert part is not None and part.difference > 0.5
    edges = np.array([part.left, part.top, part.right, part.bottom])
    assert np.abs(edges - (400, 240, 720, 560)).max() <= 48


@pytest.mark.parametrize(("first", "last"), [(60, 85), (75, 92), (85, 95)])
def test_a_finer_compression_keeps_the_coarser_one_before_it(first: int, last: int) -> None:
    rgb = compressed(photograph(400, 300), first)
    found = earlier_in_jpeg(seen(saved(rgb, "JPEG", quality=last)))
    assert found is not None
    assert abs(found.quality - first) <= 2
    assert found.gain > 1 and found.share > 0.8


@pytest.mark.parametrize("quality", [60, 75, 90])
def test_a_single_compression_has_none_before_it(quality: int) -> None:
    found = earlier_in_jpeg(seen(saved(photograph(400, 300), "JPEG", quality=quality)))
    assert found is None or found.gain < 0.3


@pytest.mark.parametrize("offset", [(0, 0), (3, 5)])
def test_a_compression_shows_in_a_png_with_its_grid(offset: tuple[int, int]) -> None:
    rgb = compressed(photograph(400, 320), 70)[offset[0] :, offset[1] :]
    found = earlier_in_lossless(seen(saved(np.ascontiguousarray(rgb), "PNG")))
    assert found is not None
    assert abs(found.quality - 70) <= 2
    assert found.origin == (-offset[0] % 8, -offset[1] % 8)


def test_a_picture_never_compressed_has_no_history() -> None:
    found = earlier_in_lossless(seen(saved(photograph(400, 320), "PNG")))
    assert found is None or found.gain < 0.2


def test_the_part_without_the_earlier_compression_is_found_where_it_is() -> None:
    fresh = photograph(480, 400, seed=2)
    spliced = compressed(fresh, 65).copy()
    spliced[120:280, 200:360] = fresh[120:280, 200:360]
    page = seen(saved(spliced, "JPEG", quality=92))
    history = earlier_in_jpeg(page)
    assert history is not None
    part = parts.oddest(parts.blocks(page, history))
    assert part is not None and part.difference > 0.5
    edges = np.array([part.left, part.top, part.right, part.bottom])
    assert np.abs(edges - (200, 120, 360, 280)).max() <= 24


def test_of_a_picture_too_large_the_middle_is_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plane, "MAX_PIXELS", 160 * 120)
    found = seen(saved(photograph(320, 240), "JPEG"))
    assert found.luma.shape[0] * found.luma.shape[1] <= 1.3 * 160 * 120
    assert (found.left % 8, found.top % 8) == (0, 0) and found.left > 0
    assert (found.width, found.height) == (320, 240)


@pytest.mark.parametrize("around", [(0.0, 0.0), (0.3, 0.8), (1.0, 1.0)])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_is_around_the_focus_is_cut_out_on_the_grid_and_in_its_place(
    orientation: int, around: tuple[float, float]
) -> None:
    media = opened(saved(photograph(400, 300), "JPEG", quality=60, exif=exif(orientation)))
    whole = plane.plane(media)
    part = plane.plane(media, plane.Focus(around, 160 * 120))
    assert whole is not None and part is not None and part.table is not None
    rows, columns = part.luma.shape
    assert rows * columns <= 160 * 120
    same = whole.luma[part.top : part.top + rows, part.left : part.left + columns]
    assert np.array_equal(part.luma, same)
    for at, begin, length, size in (
        (around[0], part.left, columns, part.width),
        (around[1], part.top, rows, part.height),
    ):
        assert begin - 8 <= at * size <= begin + length + 8
    block = coefficients(part.luma, *part.origin)
    steps = part.table[:5, :5]
    off = np.abs(block - steps * np.rint(block / steps))
    assert np.percentile(off, 95) < 1.5


def test_formats_without_traces_of_jpeg_have_no_plane() -> None:
    gif = opened(saved(Pillow.fromarray(photograph(64, 64)).convert("P"), "GIF"))
    assert plane.plane(gif) is None
    cmyk = opened(saved(Pillow.fromarray(photograph(64, 64)).convert("CMYK"), "JPEG"))
    assert plane.plane(cmyk) is None

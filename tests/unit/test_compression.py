"""What the compression signal says, beside its examples."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Face, Image, Point
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import (
    Box,
    CompressionDetail,
    CompressionHistory,
    CompressionReason,
    Finding,
)
from media_integrity.signals import compression
from media_integrity.signals.compression import CompressionSignal
from tests.unit.media_files import Rgb, photograph, saved


def opened(data: bytes, *boxes: tuple[float, float, float, float]) -> Image:
    """``boxes``: left, top, width and height of faces, as shares."""
    media = open_image(data, Limits())
    middle = Point(0.5, 0.5)
    faces = tuple(
        Face(
            Box(left=left, top=top, width=width, height=height, confidence=1.0),
            (middle, middle, middle, middle, middle),
        )
        for left, top, width, height in boxes
    )
    return replace(media, faces=(faces,) + ((),) * (len(media.views) - 1))


def compressed(rgb: Rgb, quality: int) -> Rgb:
    return np.asarray(Pillow.open(io.BytesIO(saved(rgb, "JPEG", quality=quality))))


def spliced(quality: int = 65) -> Rgb:
    """A photograph compressed, but for a square of it in the middle."""
    fresh = photograph(480, 400, seed=4)
    rgb = compressed(fresh, quality).copy()
    rgb[120:280, 160:320] = fresh[120:280, 160:320]
    return rgb


FACE = (1 / 3, 0.3, 1 / 3, 0.4)


def found(media: Image) -> tuple[Finding, CompressionDetail]:
    finding = CompressionSignal().run(media)
    assert finding.status is FindingStatus.MEASURED, finding.cause
    assert isinstance(finding.detail, CompressionDetail)
    return finding, finding.detail


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_face_put_in_is_told_from_the_rest(kind: str) -> None:
    options = {"quality": 92} if kind == "JPEG" else {}
    finding, detail = found(opened(saved(spliced(), kind, **options), FACE))
    assert finding.score is not None and finding.score > 0.7
    assert CompressionReason.FACE_DIFFERS in detail.reasons
    assert detail.history is CompressionHistory.PARTIAL
    (face,) = detail.faces
    assert face.inside < 0.2 < 0.8 < face.outside


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_in_a_large_picture_a_part_of_the_blocks_tells_it_too(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "MAX_BLOCKS", 1000)
    options = {"quality": 92} if kind == "JPEG" else {}
    media = opened(saved(spliced(), kind, **options), FACE)
    examined = compression.examine(media)
    assert examined is not None and examined.history is not None
    assert examined.history.stride == 2
    finding, detail = found(media)
    assert finding.score is not None and finding.score > 0.7
    assert CompressionReason.FACE_DIFFERS in detail.reasons


def test_the_error_level_of_a_large_face_is_measured_in_some_of_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    media = opened(saved(spliced(), "PNG"), FACE)
    _, whole = found(media)
    monkeypatch.setattr(compression, "ERROR_LEVEL_PIXELS", 50_000)
    _, some = found(media)
    assert some.faces[0].error_level == pytest.approx(whole.faces[0].error_level, rel=0.2)


def test_a_face_of_the_same_picture_is_not() -> None:
    rgb = compressed(photograph(480, 400, seed=4), 65)
    finding, detail = found(opened(saved(rgb, "JPEG", quality=92), FACE))
    assert finding.score is not None and finding.score < 0.2
    assert detail.history is CompressionHistory.EARLIER and detail.reasons == ()


def test_of_two_faces_the_one_put_in_is_named() -> None:
    media = opened(saved(spliced(), "JPEG", quality=92), FACE, (0.72, 0.3, 0.25, 0.4))
    _, detail = found(media)
    differences = {face.box.left: abs(face.inside - face.outside) for face in detail.faces}
    assert differences[FACE[0]] > 0.6 > 0.3 > differences[0.72]


def test_a_coarser_last_compression_hides_it_and_no_one_is_accused() -> None:
    finding, _ = found(opened(saved(spliced(90), "JPEG", quality=50), FACE))
    assert finding.score is not None and finding.score < 0.2


def test_the_heat_map_is_hot_where_the_part_was_put_in() -> None:
    _, detail = found(opened(saved(spliced(), "JPEG", quality=92), FACE))
    heat = detail.heat
    assert heat is not None
    levels = np.array(heat.levels).reshape(heat.rows, heat.columns)
    inside = levels[int(0.35 * heat.rows) : int(0.65 * heat.rows),
                    int(0.38 * heat.columns) : int(0.62 * heat.columns)]  # fmt: skip
    assert inside.mean() > 150 > 40 > levels[: heat.rows // 5].mean()


def test_the_files_own_table_is_described() -> None:
    _, detail = found(opened(saved(photograph(300, 200), "JPEG", quality=83)))
    assert (detail.quality, detail.standard_table) == (83, True)
    table = [3 + place // 9 for place in range(64)]
    _, detail = found(opened(saved(photograph(300, 200), "JPEG", qtables=[table, table])))
    assert detail.standard_table is False


def test_a_picture_without_traces_scores_nothing_and_says_so() -> None:
    finding, detail = found(opened(saved(photograph(300, 200), "PNG")))
    assert finding.score is not None and finding.score < 0.1
    assert detail.history is CompressionHistory.NONE
    gif = saved(Pillow.fromarray(photograph(300, 200)).convert("P"), "GIF")
    finding, detail = found(opened(gif))
    assert finding.score == 0.0 and detail.history is CompressionHistory.NONE


def test_a_picture_too_small_is_inconclusive() -> None:
    finding = CompressionSignal().run(opened(saved(photograph(80, 80), "JPEG")))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert finding.cause is not None and finding.score is None


def test_the_finding_is_small_and_has_no_pixels() -> None:
    finding, _ = found(opened(saved(spliced(), "JPEG", quality=92), FACE))
    assert len(finding.model_dump_json()) < 8_000

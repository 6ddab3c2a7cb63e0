"""Are the parts of this picture compressed alike?

A face pasted in has another history than what surrounds it: another table, another grid, or one
compression less. ``forensics.history`` tells of each block whether it went through an earlier
compression; here the faces, and the largest coherent part that differs, are held against the rest.

Best in JPEG files whose last compression was the finer one; a coarser one wipes out what came
before it. In PNG and WebP files traces of an earlier JPEG are looked for. Ordinary recompression,
as messengers do it, meets all blocks alike and scores low.

Error level, the third look, is what compressing once more changes (Krawetz, "A picture's worth",
2007). It depends on texture as much as on history, so it is reported and does not count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from media_integrity.media.types import Image
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    Box,
    CompressionDetail,
    CompressionHistory,
    CompressionReason,
    FaceCompression,
    Finding,
    Heat,
)

from . import pictures
from .base import Example, Needs
from .forensics import grid, parts, tables
from .forensics.blocks import stride_for
from .forensics.history import History, earlier_in_jpeg, earlier_in_lossless
from .forensics.parts import Blocks, Part
from .forensics.plane import BLOCK, MIDDLE, Focus, Plane, plane

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_FACES = 16
SMALLEST = 96
"""Pixels on the shorter side under which there are too few blocks to compare."""

APART = 0.3
"""Of a face's size: the margin around it that counts neither as face nor as rest."""

SHOWN = 1.0
"""Log-likelihood gained per block from which an earlier compression is believed."""

MEANT = 0.3
"""Difference from which a reason is stated."""

HEAT_CELLS = 32

COMPARED = 4_000_000
"""Pixels, around the largest face. All twelve million of a phone's photograph took 0.6 s, most of a
whole verdict, for parts that no rule looks at."""

MAX_BLOCKS = 21_000
"""Looked at: of a plane over 1.3 megapixels each second, third, … in both directions."""

ERROR_LEVEL_PIXELS = 300_000
"""Compressed once more for the error level: of a large face and what is around it some rows."""

INTERCEPT = -2.6
"""The fit has -1.6 where half of the pictures are spliced; uploads are so much more rarely."""

WEIGHTS = (7.0, 3.0, 0.43)
"""Of the difference of the most different face, of the most different region, and of a face's
grid. Those of the faces are fitted by ``python -m training compression``; there are no pictures
with other parts put in to fit that of regions, which is set so that a clear one reaches 0.5."""

MOST_GRID = 3.0
"""Deviations of a grid that count: edges of what is shown reach more."""


class CompressionSignal:
    """Compares blocks of the file itself, at full size."""

    name: ClassVar = DetectionMethod.COMPRESSION
    version: ClassVar = "2"
    needs: ClassVar = frozenset({Needs.IMAGE, Needs.FACES})

    def run(self, media: Image) -> Finding:
        """Score in [0, 1]: how far a face or a region differs from the rest in its history.

        0 with history NONE for formats and pictures without a trace of JPEG, films among them.
        Inconclusive under 96 pixels.

        Raises:
            Exception: a decoder's own, where it fails on a file that opened before.
        """
        if min(media.width, media.height) < SMALLEST:
            return Finding(
                method=self.name,
                version=self.version,
                status=FindingStatus.INCONCLUSIVE,
                cause=f"under {SMALLEST} pixels: too few blocks to compare",
            )
        examined = examine(media)
        return Finding(
            method=self.name,
            version=self.version,
            score=score(examined.measures) if examined else 0.0,
            detail=_detail(examined) if examined else CompressionDetail(),
        )

    def examples(self) -> tuple[Example, ...]:
        return (
            Example("photograph", pictures.portrait, lambda finding: _scored(finding) < 0.3),
            Example("recompressed", _recompressed, lambda finding: _scored(finding) < 0.3),
            Example("plain_colour", pictures.plain_colour, lambda finding: _scored(finding) < 0.1),
            Example("spliced", _spliced, lambda finding: _scored(finding) > 0.7),
        )


@dataclass(frozen=True, slots=True)
class Examined:
    """All that was measured of one picture."""

    plane: Plane
    history: History | None
    blocks: Blocks | None
    faces: tuple[tuple[Box, Part, float, float], ...]
    """Box, comparison, grid contrast, error level."""
    region: Part | None

    @property
    def measures(self) -> tuple[float, float, float]:
        """What ``WEIGHTS`` weigh: face difference, region difference, face grid contrast."""
        face = max((part.difference for _, part, _, _ in self.faces), default=0.0)
        gridded = max((min(strength, MOST_GRID) for _, _, strength, _ in self.faces), default=0.0)
        return face, self.region.difference if self.region else 0.0, gridded


def examine(media: Image) -> Examined | None:
    """None where the format keeps no traces of JPEG."""
    boxes = tuple(_boxes(media))
    seen = plane(media, Focus(_middle(boxes[0]) if boxes else MIDDLE, COMPARED))
    if seen is None or min(seen.luma.shape) < SMALLEST:
        return None
    stride = stride_for(seen.luma, MAX_BLOCKS)
    earlier = earlier_in_lossless if seen.table is None else earlier_in_jpeg
    found = earlier(seen, stride)
    if found is not None and found.gain < SHOWN * min(found.share, 1 - found.share) * 2:
        found = None
    blocks = parts.blocks(seen, found) if found else None
    borders = grid.borders(seen.luma, stride)
    faces = []
    for box in boxes:
        rectangle = seen.pixels(box)
        if blocks is None:
            part = Part(*rectangle, 0.0, 0.0, 0)
        else:
            part = parts.compared(blocks, rectangle, APART)
        strength = _grid_difference(borders, stride, seen, rectangle)
        faces.append((box, part, strength, _error_level(seen, rectangle)))
    region = parts.oddest(blocks) if blocks else None
    return Examined(seen, found, blocks, tuple(faces), region)


def score(measures: tuple[float, float, float]) -> float:
    """Logistic of the weighted measures."""
    sum_ = INTERCEPT + sum(w * value for w, value in zip(WEIGHTS, measures, strict=True))
    return 1 / (1 + math.exp(-sum_))


def _middle(box: Box) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2


def _boxes(media: Image) -> Iterator[Box]:
    """The largest faces of the first frame, as shares of the picture."""
    found = []
    for view, faces in zip(media.views, media.faces or (), strict=False):
        if view.frame != media.views[0].frame:
            continue
        for face in faces:
            part = view.part
            found.append(
                Box(
                    left=min(part.left + face.box.left * part.width, 1.0),
                    top=min(part.top + face.box.top * part.height, 1.0),
                    width=face.box.width * part.width,
                    height=face.box.height * part.height,
                    confidence=face.box.confidence,
                )
            )
    yield from sorted(found, key=lambda box: -box.width * box.height)[:MAX_FACES]


def _grid_difference(
    borders: tuple[NDArray[np.float32], NDArray[np.float32]],
    stride: int,
    seen: Plane,
    rectangle: tuple[int, int, int, int],
) -> float:
    """How much clearer a foreign grid is inside than outside, in deviations, the weaker direction.

    A grid shows in rows and in columns; an edge of what is shown, in one of them.
    """
    import numpy as np

    left, right = (round(edge / grid.TILE) for edge in rectangle[::2])
    top, bottom = (round(edge / (stride * grid.TILE)) for edge in rectangle[1::2])
    if right - left < 2 or bottom - top < 2:
        return 0.0
    strengths = []
    for tiles, own in zip(borders, seen.origin, strict=True):
        known = own if seen.table is not None else None
        inside = tiles[top:bottom, left:right].reshape(-1, BLOCK)
        rest = np.ones(tiles.shape[:2], bool)
        rest[top:bottom, left:right] = False
        outside = tiles[rest]
        if not len(inside) or not len(outside):
            return 0.0
        within, beyond = grid.contrast(inside, known), grid.contrast(outside, known)
        strengths.append(float((within - beyond).max()))
    return max(0.0, min(strengths))


def _error_level(seen: Plane, rectangle: tuple[int, int, int, int]) -> float:
    """Mean change by one more compression, for its contrast, inside over outside."""
    import cv2
    import numpy as np

    left, top, right, bottom = rectangle
    if right - left < 2 * BLOCK or bottom - top < 2 * BLOCK:
        return 1.0
    margin = (right - left) // 2, (bottom - top) // 2
    x, y = max(0, left - margin[0]), max(0, top - margin[1])
    around = seen.luma[y : bottom + margin[1], x : right + margin[0]]
    face = np.zeros(around.shape, bool)
    face[top - y : bottom - y, left - x : right - x] = True
    step = math.ceil(around.size / ERROR_LEVEL_PIXELS)
    rows = np.arange(around.shape[0]) // (2 * BLOCK) % step == 0  # blocks stay what they are
    texture = np.abs(cv2.Laplacian(around, cv2.CV_16S)[rows])
    around, face = around[rows], face[rows]
    if face.all() or not face.any():
        return 1.0
    written = cv2.imencode(".jpg", around, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    again = cv2.imdecode(written, cv2.IMREAD_GRAYSCALE)
    assert again is not None  # it was written here
    change = cv2.absdiff(around, again)
    level = [float(change[each].mean() / (texture[each].mean() + 1)) for each in (face, ~face)]
    return min(100.0, level[0] / max(level[1], 1e-3))


def _detail(examined: Examined) -> CompressionDetail:
    seen, found = examined.plane, examined.history
    quality, is_standard = tables.quality(seen.table) if seen.table is not None else (None, None)
    region = examined.region
    reasons = []
    face, odd, _ = examined.measures
    if face >= MEANT:
        reasons.append(CompressionReason.FACE_DIFFERS)
    if odd >= MEANT:
        reasons.append(CompressionReason.REGION_DIFFERS)
    return CompressionDetail(
        history=_history(examined, bool(reasons)),
        quality=quality,
        standard_table=is_standard,
        earlier_quality=found.quality if found else None,
        earlier_share=found.share if found else None,
        grid_row=found.origin[0] if found else None,
        grid_column=found.origin[1] if found else None,
        reasons=tuple(reasons),
        faces=tuple(
            FaceCompression(
                box=box,
                inside=part.inside,
                outside=part.outside,
                blocks=part.telling,
                error_level=level,
            )
            for box, part, _, level in examined.faces
        ),
        region=seen.box(region.left, region.top, region.right, region.bottom, region.difference)
        if region and odd >= MEANT
        else None,
        heat=_heat(examined.blocks) if examined.blocks else None,
    )


def _history(examined: Examined, differs: bool) -> CompressionHistory:
    if examined.history is None:
        is_jpeg = examined.plane.table is not None
        return CompressionHistory.SINGLE if is_jpeg else CompressionHistory.NONE
    return CompressionHistory.PARTIAL if differs else CompressionHistory.EARLIER


def _heat(blocks: Blocks) -> Heat:
    """Share of the telling blocks of each cell that are unlike most; 0 where none tells."""
    import cv2
    import numpy as np

    odd = parts.odd(blocks)
    rows, columns = (min(HEAT_CELLS, size) for size in odd.shape)
    odd_share, telling = (
        cv2.resize(each.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
        for each in (odd, blocks.tells)
    )
    levels = np.rint(255 * odd_share / np.maximum(telling, 0.05)).clip(0, 255).astype(int)
    return Heat(rows=rows, columns=columns, levels=tuple(levels.ravel().tolist()))


# Examples ---------------------------------------------------------------------------------------


def _recompressed() -> bytes:
    return _jpeg(_decoded(_jpeg(_decoded(pictures.portrait()), 70)), 90)


def _spliced() -> bytes:
    """The portrait with a part of it, never compressed, put in elsewhere."""
    original = _decoded(pictures.portrait())
    compressed = _decoded(_jpeg(original, 65)).copy()
    compressed[150:330, 270:450] = original[43:223, 163:343]
    return _jpeg(compressed, 92)


def _decoded(data: bytes) -> NDArray[np.uint8]:
    import io

    import numpy as np
    from PIL import Image as Pillow

    return np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB"), np.uint8)


def _jpeg(rgb: NDArray[np.uint8], quality: int) -> bytes:
    import io

    from PIL import Image as Pillow

    written = io.BytesIO()
    Pillow.fromarray(rgb).save(written, "JPEG", quality=quality)
    return written.getvalue()


def _scored(finding: Finding) -> float:
    return 1.0 if finding.score is None else finding.score

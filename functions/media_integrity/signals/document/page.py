"""Is the picture a document, and where are its words?

A document has several lines of text, and much of it is plain. Lines come from the text reader's
detector; words are cut out of them at full size, where letters are not blurred by shrinking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.media.types import View
from media_integrity.signals.forensics.plane import Luma, Plane
from media_integrity.signals.text import reader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_LINES = 4
LEAST_FLAT = 0.35
"""Share of plain cells. Photographs with captions have under 0.3 unless most is sky."""

CELL = 16
"""Pixels of the view; the side of a cell that is plain or not."""

PLAIN = 5.0
"""Deviation of levels up to which a cell is plain: scanned paper has up to 4."""

LEVEL_ANGLE = 4.0
"""Degrees by which a line may lean."""

SMALLEST_LINE = 9
"""Pixels of height; of smaller letters nothing can be measured."""

MAX_LINES, MAX_WORDS = 160, 400

GAP = 0.3
"""Of a line's height: a wider gap parts words. Letters stand within 0.15 of each other."""

INK = 0.35
"""Of the contrast between paper and letters from which a pixel is a letter's."""

LEAST_CONTRAST = 40.0
"""Levels between paper and letters of a line that is looked at."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word's place, in pixels of the plane, right and bottom excluded."""

    left: int
    top: int
    right: int
    bottom: int
    line: int
    paper: float
    """Level of what is behind it."""
    contrast: float
    """Levels from there to the letters, signed."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What of the picture is text, and what is plain; shares of the whole."""

    lines: int
    text_share: float
    flat_share: float

    @property
    def is_document(self) -> bool:
        return self.lines >= FEWEST_LINES and self.flat_share >= LEAST_FLAT


def layout(view: View) -> tuple[Layout, list[tuple[float, float, float, float]]]:
    """The picture's layout and its level lines: left, top, right, bottom as shares of the view.

    Raises:
        ModelUnavailable: the detector's weights are missing or are not the locked ones.
    """
    height, width = view.rgb.shape[:2]
    found = reader.find(view.rgb)
    area = sum(box.width * box.height for box in found) / (width * height)
    level = [box for box in found if abs(box.angle) <= LEVEL_ANGLE]
    lines = [
        (
            (box.x - box.width / 2) / width,
            (box.y - box.height / 2) / height,
            (box.x + box.width / 2) / width,
            (box.y + box.height / 2) / height,
        )
        for box in sorted(level, key=lambda box: (box.y, box.x))
    ]
    return Layout(len(found), min(area, 1.0), _flat_share(view)), lines[:MAX_LINES]


def _flat_share(view: View) -> float:
    import cv2
    import numpy as np

    grey = np.asarray(cv2.cvtColor(view.rgb, cv2.COLOR_RGB2GRAY), np.float32)
    down, across = (size // CELL for size in grey.shape)
    if not down or not across:
        return 0.0
    cells = grey[: down * CELL, : across * CELL].reshape(down, CELL, across, CELL)
    return float((cells.std(axis=(1, 3)) <= PLAIN).mean())


def words(plane: Plane, lines: list[tuple[float, float, float, float]]) -> list[Word]:
    """The words of the lines, at most ``MAX_WORDS``."""
    found: list[Word] = []
    for number, line in enumerate(lines):
        found.extend(_words(plane.luma, _pixels(plane, line), number))
        if len(found) >= MAX_WORDS:
            break
    return found[:MAX_WORDS]


def _pixels(plane: Plane, line: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    rows, columns = plane.luma.shape
    left, right = (
        min(max(round(edge * plane.width) - plane.left, 0), columns) for edge in (line[0], line[2])
    )
    top, bottom = (
        min(max(round(edge * plane.height) - plane.top, 0), rows) for edge in (line[1], line[3])
    )
    return left, top, right, bottom


def _words(luma: Luma, place: tuple[int, int, int, int], number: int) -> Iterator[Word]:
    import numpy as np

    left, top, right, bottom = place
    if bottom - top < SMALLEST_LINE or right - left < SMALLEST_LINE:
        return
    cut = luma[top:bottom, left:right].astype(np.float32)
    paper = float(np.median(cut))
    ink, contrast = _ink(cut, paper)
    if abs(contrast) < LEAST_CONTRAST:
        return
    columns = np.flatnonzero(ink.any(axis=0))
    if not len(columns):
        return
    rows = np.flatnonzero(ink.any(axis=1))
    height = int(rows[-1] - rows[0] + 1)
    breaks = np.flatnonzero(np.diff(columns) > max(2.0, GAP * height))
    starts, ends = [0, *(breaks + 1)], [*breaks, len(columns) - 1]
    for start, end in zip(starts, ends, strict=True):
        first, last = int(columns[start]), int(columns[end]) + 1
        inked = np.flatnonzero(ink[:, first:last].any(axis=1))
        if last - first < 3 or inked[-1] - inked[0] < SMALLEST_LINE // 2:
            continue
        yield Word(
            left + first,
            top + int(inked[0]),
            left + last,
            top + int(inked[-1]) + 1,
            number,
            paper,
            contrast,
        )


def _ink(cut: NDArray[np.float32], paper: float) -> tuple[NDArray[np.bool_], float]:
    """Which pixels are letters', and by how many levels these differ from the paper."""
    import numpy as np

    low, high = np.percentile(cut, [2, 98])
    contrast = float(low - paper if paper - low >= high - paper else high - paper)
    mask: NDArray[np.bool_] = (cut - paper) * np.sign(contrast) > INK * abs(contrast)
    return mask, contrast

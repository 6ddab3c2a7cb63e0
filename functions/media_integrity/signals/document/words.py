"""What can be measured of a word that a forger does not think of.

Noise next to letters is what compression leaves there; noise further away is the paper's or the
scanner's. A text written anew has neither, or another. The level behind a word differs by a few
levels where it was painted over with a colour picked nearby.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.signals.forensics.parts import Blocks
from media_integrity.signals.forensics.plane import Luma

from .page import INK, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAR = 4
"""Pixels from a letter within which compression leaves its traces."""

AROUND = 6
"""Pixels around a word that are looked at with it."""

FEWEST_PIXELS = 12

FEWEST_BLOCKS = 4
"""That tell of an earlier compression; a word of four letters has about eight."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Numbers of one word. None where there is too little of what is measured."""

    word: Word
    near: float | None
    """Deviation of the paper within ``NEAR`` of the letters, of their contrast."""
    far: float | None
    """Deviation of the paper further away, levels."""
    paper: float | None
    """Median level of the paper around the word."""
    history: float | None
    """-1: no telling block has the earlier compression; 1: all have; nearer 0 where few tell."""
    stroke: float
    """Area over outline of the letters, pixels: half the stroke's width."""
    sharpness: float
    """Steepest edge, of the contrast per pixel."""
    base: float
    """Row of the baseline, pixels of the plane."""

    @property
    def height(self) -> int:
        return self.word.bottom - self.word.top


def measured(luma: Luma, word: Word, blocks: Blocks | None) -> Measured:
    """All numbers of one word."""
    import cv2
    import numpy as np

    rows, columns = luma.shape
    top, bottom = max(0, word.top - AROUND), min(rows, word.bottom + AROUND)
    left, right = max(0, word.left - AROUND), min(columns, word.right + AROUND)
    cut = luma[top:bottom, left:right].astype(np.float32)
    signed = (cut - word.paper) * np.sign(word.contrast)
    ink = (signed > INK * abs(word.contrast)).astype(np.uint8)
    any_ink = (np.abs(cut - word.paper) > 0.2 * abs(word.contrast)).astype(np.uint8)
    distance = cv2.distanceTransform(1 - any_ink, cv2.DIST_L2, 3)
    near = cut[(distance > 1) & (distance <= NEAR)]
    far = cut[distance > NEAR]
    outline = ink.sum() - cv2.erode(ink, np.ones((3, 3), np.uint8)).sum()
    steps = np.abs(np.diff(signed, axis=1))
    return Measured(
        word=word,
        near=_deviation(near, abs(word.contrast)),
        far=_deviation(far, 1.0),
        paper=float(np.median(far)) if far.size >= FEWEST_PIXELS else None,
        history=_history(word, blocks),
        stroke=float(ink.sum() / max(1, outline)),
        sharpness=float(np.percentile(steps[steps > 0], 97) / abs(word.contrast))
        if (steps > 0).any()
        else 0.0,
        base=top + _baseline(ink),
    )


def _deviation(levels: NDArray[np.float32], unit: float) -> float | None:
    """Robust against the few pixels of another line: middle 90 %."""
    import numpy as np

    if levels.size < FEWEST_PIXELS:
        return None
    low, high = np.percentile(levels, [5, 95])
    return float(np.clip(levels, low, high).std()) / unit


def _baseline(ink: NDArray[np.uint8]) -> float:
    """The row under which the most letters end."""
    import numpy as np

    per_row = ink.sum(axis=1).astype(np.float32)
    drops = per_row[:-1] - per_row[1:]
    half = len(drops) // 2
    return float(half + int(np.argmax(drops[half:]))) if len(drops) else 0.0


def _history(word: Word, blocks: Blocks | None) -> float | None:
    if blocks is None:
        return None
    share, telling = blocks.share(
        blocks.inside(word.left - 4, word.top - 4, word.right + 4, word.bottom + 4)
    )
    return (2 * share - 1) * telling / (telling + 3) if telling >= FEWEST_BLOCKS else None

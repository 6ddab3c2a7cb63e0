"""Which words differ from those like them?

A word's peers are the nearest of the same height, contrast and paper. Each number is held against
its peers' median in units of their median absolute deviation, of which there is a least: what
honest pages vary by.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.schema.findings import DocumentReason
from media_integrity.signals.forensics.plane import BLOCK, Luma

from .words import Measured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_PEERS = 6
SAME_HEIGHT = 0.45
SAME_CONTRAST = 0.25
SAME_PAPER = 14.0
"""Levels."""

NEAREST = 24
"""Peers that a word is compared with: light and grain change slowly over a page."""

MOST = 12.0
"""Deviations beyond which it makes no difference how many."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A number that is compared, the least deviation of peers, and what a large one means."""

    name: str
    value: Callable[[Measured], float | None]
    least: float
    reason: DocumentReason


KINDS = (
    Kind("near", lambda each: _log(each.near, 0.004), 0.18, DocumentReason.NOISE_DIFFERS),
    Kind("paper", lambda each: each.paper, 0.35, DocumentReason.BACKGROUND_DIFFERS),
    Kind("history", lambda each: each.history, 0.12, DocumentReason.COMPRESSION_DIFFERS),
    Kind("stroke", lambda each: each.stroke, 0.05, DocumentReason.LETTERS_DIFFER),
    Kind("sharpness", lambda each: each.sharpness, 0.03, DocumentReason.LETTERS_DIFFER),
)


@dataclass(frozen=True, slots=True)
class Odd:
    """A word that differs, and in how many deviations by which number."""

    measured: Measured
    kind: str
    reason: DocumentReason
    deviations: float


def differing(found: Sequence[Measured]) -> list[Odd]:
    """For every word and number with enough peers, by how much it differs."""
    import numpy as np

    if not found:
        return []
    odd: list[Odd] = []
    peers = _peers(found)
    for kind in KINDS:
        values = np.array(
            [np.nan if (value := kind.value(each)) is None else value for each in found]
        )
        deviations = _deviations(values, peers, kind.least)
        odd.extend(
            Odd(each, kind.name, kind.reason, float(off))
            for each, off in zip(found, deviations, strict=True)
            if not np.isnan(off)
        )
    odd.extend(_off_baseline(found))
    return odd


def _deviations(
    values: NDArray[np.float64], peers: NDArray[np.bool_], least: float
) -> NDArray[np.float64]:
    """How far each value is from its peers' median; not a number where it has too few."""
    import numpy as np

    result = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    enough = known & ((peers & known[None]).sum(axis=1) >= FEWEST_PEERS)
    if not enough.any():
        return result
    among = np.where(peers & known[None], values[None], np.nan)[enough]
    middle = np.nanmedian(among, axis=1)
    spread = 1.4826 * np.nanmedian(np.abs(among - middle[:, None]), axis=1)
    off = np.abs(values[enough] - middle) / np.maximum(spread, least)
    result[enough] = np.minimum(off, MOST)
    return result


def _log(value: float | None, floor: float) -> float | None:
    return None if value is None else math.log(value + floor)


def _peers(found: Sequence[Measured]) -> NDArray[np.bool_]:
    """(n, n): which words may be compared with which; none with itself."""
    import numpy as np

    height = np.array([each.height for each in found], np.float32)
    contrast = np.array([each.word.contrast for each in found], np.float32)
    paper = np.array([each.word.paper for each in found], np.float32)
    larger = np.maximum(height[:, None], height[None])
    strongest = np.maximum(np.abs(contrast)[:, None], np.abs(contrast)[None])
    alike: NDArray[np.bool_] = (
        (np.abs(height[:, None] - height[None]) <= SAME_HEIGHT * larger)
        & (np.abs(contrast[:, None] - contrast[None]) <= SAME_CONTRAST * strongest)
        & (np.abs(paper[:, None] - paper[None]) <= SAME_PAPER)
    )
    np.fill_diagonal(alike, False)
    x = np.array([(each.word.left + each.word.right) / 2 for each in found], np.float32)
    y = np.array([(each.word.top + each.word.bottom) / 2 for each in found], np.float32)
    distance = np.hypot(x[:, None] - x[None], y[:, None] - y[None])
    distance[~alike] = np.inf
    if len(found) > NEAREST:
        bound = np.partition(distance, NEAREST - 1, axis=1)[:, NEAREST - 1]
        alike &= distance <= bound[:, None]
    return alike


def _off_baseline(found: Sequence[Measured]) -> list[Odd]:
    """Words that stand higher or lower than the other words of their line, in pixels."""
    import numpy as np

    odd = []
    by_line: dict[int, list[Measured]] = {}
    for each in found:
        by_line.setdefault(each.word.line, []).append(each)
    for line in by_line.values():
        if len(line) < 3:
            continue
        middle = float(np.median([each.base for each in line]))
        for each in line:
            off = abs(each.base - middle)
            if off <= 0.2 * each.height:  # more is a comma or a tail, not a baseline
                odd.append(Odd(each, "base", DocumentReason.BASELINE_DIFFERS, min(off, MOST)))
    return odd


# Copies -----------------------------------------------------------------------------------------

GRAIN = 0.8
"""Levels of noise under which equal words prove nothing: drawn text repeats itself exactly."""

WIDEST_SIDE, SMALLEST_AREA = 160, 150
"""Pixels of a word that is compared."""

BLANK = 40
"""Levels within which a block of 8 x 8 pixels lies that is paper alone."""


def copied(luma: Luma, found: Sequence[Measured]) -> list[Odd]:
    """Words that agree with another in their noise: as near to it as no second scan could be.

    Independent noise of deviation s makes the mean square difference of equal words 2 s^2. The
    number compared is how many times less it is.
    """
    import numpy as np

    grain = _grain(luma)
    if grain < GRAIN:
        return []
    expected = 2 * grain**2
    by_size: dict[tuple[int, int], list[Measured]] = {}
    for each in found:
        size = each.word.bottom - each.word.top, each.word.right - each.word.left
        if max(size) <= WIDEST_SIDE and size[0] * size[1] >= SMALLEST_AREA:
            by_size.setdefault(size, []).append(each)
    odd = []
    for alike in by_size.values():
        if len(alike) < 2:
            continue
        cuts = np.stack(
            [
                luma[each.word.top : each.word.bottom, each.word.left : each.word.right]
                .astype(np.float32)
                .ravel()
                for each in alike
            ]
        )
        for index, each in enumerate(alike):
            error = np.square(cuts - cuts[index]).mean(axis=1)
            error[index] = np.inf
            times = expected / max(float(error.min()), expected / MOST)
            odd.append(Odd(each, "copied", DocumentReason.COPIED, times))
    return odd


def _grain(luma: Luma) -> float:
    """Noise of the bare paper: median deviation of blocks of 8 x 8 pixels without letters.

    What compression leaves around letters is no noise: it is the same around the same letters.
    Drawn pages have 0 there, however often they were compressed.
    """
    import numpy as np

    down, across = (size // BLOCK for size in luma.shape)
    blocks = luma[: down * BLOCK, : across * BLOCK].reshape(down, BLOCK, across, BLOCK)
    blank = blocks.max(axis=(1, 3)).astype(np.int16) - blocks.min(axis=(1, 3)) <= BLANK
    deviations = blocks.transpose(0, 2, 1, 3)[blank].astype(np.float32).std(axis=(1, 2))
    return float(np.median(deviations)) if len(deviations) else 0.0

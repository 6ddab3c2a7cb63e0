"""Is a part of the picture unlike the rest, by what was measured of each block?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .blocks import tiles
from .history import History
from .plane import BLOCK, Plane

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

INFORMATIVE = 1.0
"""Log-likelihood from which a block counts: flat blocks have nothing that tells."""

NEIGHBOURHOOD = 5
"""Blocks across within which the odd ones must be most of those that tell."""

MOSTLY = 0.7

FEWEST = 4
"""Blocks that tell, in a neighbourhood, for it to be judged."""

FEW = 12
"""Blocks that tell at which a difference counts half."""

TOLERANCE = 0.12
"""Difference that unspliced pictures have too (95 % of those of the training split)."""

CLIPPED_DARK, CLIPPED_BRIGHT = 6, 249
"""Levels about which some channel was cut off: such blocks are off every model."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Which blocks have the earlier compression, as far as they tell."""

    belongs: NDArray[np.bool_]
    tells: NDArray[np.bool_]
    origin: tuple[int, int]
    pitch: int = BLOCK
    """Pixels from one block to the next."""

    def share(self, where: NDArray[np.bool_]) -> tuple[float, int]:
        """Share of the telling blocks in ``where`` that belong, and how many tell."""
        telling = self.tells & where
        count = int(telling.sum())
        return (float(self.belongs[telling].mean()) if count else 0.0), count

    def inside(self, left: float, top: float, right: float, bottom: float) -> NDArray[np.bool_]:
        """Mask of the blocks whose middle is in a rectangle of pixels."""
        import numpy as np

        rows, columns = self.belongs.shape
        y = self.origin[0] + np.arange(rows) * self.pitch + BLOCK / 2
        x = self.origin[1] + np.arange(columns) * self.pitch + BLOCK / 2
        return ((y >= top) & (y < bottom))[:, None] & ((x >= left) & (x < right))[None]


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of pixels and how far it differs from the rest."""

    left: float
    top: float
    right: float
    bottom: float
    inside: float
    """Share of the telling blocks inside that have the earlier compression."""
    outside: float
    telling: int
    """Blocks inside that tell."""

    @property
    def difference(self) -> float:
        """0 to 1, less where few blocks tell; 0 where it is within what honest pictures have."""
        sure = self.telling / (self.telling + FEW)
        return max(0.0, abs(self.inside - self.outside) * sure - TOLERANCE) / (1 - TOLERANCE)


def blocks(plane: Plane, history: History) -> Blocks:
    """Every block's side, without those that hold cut-off pixels."""
    import numpy as np

    cut = tiles(plane.luma, *history.origin, history.stride).reshape(-1, BLOCK * BLOCK)
    whole = (cut.min(axis=1) > CLIPPED_DARK) & (cut.max(axis=1) < CLIPPED_BRIGHT)
    tells = (np.abs(history.evidence) >= INFORMATIVE) & whole.reshape(history.evidence.shape)
    return Blocks(history.evidence > 0, tells, history.origin, history.stride * BLOCK)


def compared(found: Blocks, rectangle: tuple[float, float, float, float], apart: float) -> Part:
    """A rectangle against all that is at least ``apart`` of its size away from its edges."""
    left, top, right, bottom = rectangle
    margin = (right - left) * apart, (bottom - top) * apart
    near = found.inside(left - margin[0], top - margin[1], right + margin[0], bottom + margin[1])
    inside, telling = found.share(found.inside(*rectangle))
    outside, beyond = found.share(~near)
    if beyond < FEWEST:
        return Part(*rectangle, inside, inside, 0)
    return Part(*rectangle, inside, outside, telling)


def odd(found: Blocks) -> NDArray[np.bool_]:
    """The telling blocks that are on the smaller side."""
    most = bool(found.tells.any()) and float(found.belongs[found.tells].mean()) >= 0.5
    smaller: NDArray[np.bool_] = found.tells & (found.belongs != most)
    return smaller


def oddest(found: Blocks) -> Part | None:
    """The largest coherent part that has not what most have, or has what most have not."""
    import cv2
    import numpy as np

    odd_ones = odd(found)
    size = (NEIGHBOURHOOD, NEIGHBOURHOOD)
    near_odd, near_telling = (
        cv2.boxFilter(each.astype(np.float32), -1, size, normalize=False)
        for each in (odd_ones, found.tells)
    )
    dense = (near_telling >= FEWEST) & (near_odd >= MOSTLY * near_telling)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(dense.astype(np.uint8))
    if len(statistics) < 2:
        return None
    counts = np.bincount(labels[odd_ones].ravel(), minlength=len(statistics))
    counts[0] = 0
    best = int(counts.argmax())
    column, row, columns, rows, _ = (int(value) for value in statistics[best])
    mask = labels == best
    inside, telling = found.share(mask)
    outside, beyond = found.share(~mask)
    if beyond < telling:
        return None
    pitch = found.pitch
    left, top = found.origin[1] + column * pitch, found.origin[0] + row * pitch
    return Part(left, top, left + columns * pitch, top + rows * pitch, inside, outside, telling)

"""Is a part of the picture unlike the rest, by what was measured of each block?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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

CLIPPED_DARK, CLIPPED_BRIGHT = 1, 254
"""Levels from which pixels were cut off: their blocks are off every model."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """Which blocks have the earlier compression, as far as they tell."""

    belongs: NDArray[np.bool_]
    tells: NDArray[np.bool_]
    origin: tuple[int, int]

    def share(self, where: NDArray[np.bool_]) -> tuple[float, int]:
        """Share of the telling blocks in ``where`` that belong, and how many tell."""
        telling = self.tells & where
        count = int(telling.sum())
        return (float(self.belongs[telling].mean()) if count else 0.0), count

    def inside(self, left: float, top: float, right: float, bottom: float) -> NDArray[np.bool_]:
        """Mask of the blocks whose middle is in a rectangle of pixels."""
        import numpy as np

        rows, columns = self.belongs.shape
        y = self.origin[0] + (np.arange(rows) + 0.5) * BLOCK
        x = self.origin[1] + (np.arange(columns) + 0.5) * BLOCK
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
        """0 to 1; smaller where few blocks tell."""
        return abs(self.inside - self.outside) * self.telling / (self.telling + 8)


def blocks(plane: Plane, history: History) -> Blocks:
    """Every block's side, without those that hold cut-off pixels."""
    import numpy as np

    rows, columns = history.evidence.shape
    top, left = history.origin
    cut = plane.luma[top : top + rows * BLOCK, left : left + columns * BLOCK]
    tiles = cut.reshape(rows, BLOCK, columns, BLOCK)
    whole = (tiles.min(axis=(1, 3)) > CLIPPED_DARK) & (tiles.max(axis=(1, 3)) < CLIPPED_BRIGHT)
    tells = (np.abs(history.evidence) >= INFORMATIVE) & whole
    return Blocks(history.evidence > 0, tells, history.origin)


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


def oddest(found: Blocks, share: float) -> Part | None:
    """The largest coherent part that has not what most have, or has what most have not."""
    import cv2
    import numpy as np

    odd = found.tells & (found.belongs != (share >= 0.5))
    size = (NEIGHBOURHOOD, NEIGHBOURHOOD)
    near_odd, near_telling = (
        cv2.boxFilter(each.astype(np.float32), -1, size, normalize=False)
        for each in (odd, found.tells)
    )
    dense = (near_telling >= FEWEST) & (near_odd >= MOSTLY * near_telling)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(dense.astype(np.uint8))
    if len(statistics) < 2:
        return None
    counts = np.bincount(labels[odd].ravel(), minlength=len(statistics))
    counts[0] = 0
    best = int(counts.argmax())
    column, row, columns, rows, _ = (int(value) for value in statistics[best])
    mask = labels == best
    inside, telling = found.share(mask)
    outside, _ = found.share(~mask)
    left, top = found.origin[1] + column * BLOCK, found.origin[0] + row * BLOCK
    return Part(
        left, top, left + columns * BLOCK, top + rows * BLOCK, inside, outside, telling
    )

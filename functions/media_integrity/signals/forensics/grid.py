"""Where is the grid of 8 x 8 blocks that a compression left in the pixels?

Across the border of two blocks the cross-difference of four pixels is larger than elsewhere:
Chen and Hsu, "Detecting recompression of JPEG images via periodicity analysis of compression
artifacts for tampering detection", IEEE TIFS 6(2), 2011; Nikoukhah et al., "Local JPEG grid
detector via blocking artifacts", IPOL 2020.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .plane import BLOCK, Luma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TILE = 32
"""Pixels; the smallest part for which sums are kept."""

CEILING = 12
"""Levels; a larger difference is an edge of what is shown and counts like this one."""

CANDIDATES = 2
"""Phases tried in each direction where a grid is not known."""


def borders(luma: Luma, stride: int = 1) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean cross-difference by phase for each tile of 32 pixels.

    ``stride``: of each so many-th row of tiles. Returns two arrays, (rows, tiles across, 8): by the
    row, and by the column, modulo 8, of the pixel after the border.
    """
    import numpy as np

    rows, across = -(-(luma.shape[0] // TILE) // stride), luma.shape[1] // TILE
    width, folds = across * TILE, TILE // BLOCK
    by_row = np.zeros((rows, across, BLOCK), np.float32)
    by_column = np.zeros((rows, across, BLOCK), np.float32)
    crossed = np.zeros((TILE, width), np.int16)
    for row in range(rows if across else 0):
        top = row * stride * TILE
        levels = luma[max(0, top - 1) : top + TILE, :width].astype(np.int16)
        steps = np.diff(levels, axis=1)
        inner = crossed[TILE + 1 - len(levels) :, 1:]  # the first row of the picture has none
        np.minimum(np.abs(np.diff(steps, axis=0)), CEILING, out=inner)
        folded = crossed.reshape(folds, BLOCK, width).sum(axis=0, dtype=np.int16)
        by_row[row] = folded.reshape(BLOCK, across, TILE).sum(axis=2, dtype=np.int32).T
        by_column[row] = (
            folded.sum(axis=0, dtype=np.int32).reshape(across, folds, BLOCK).sum(axis=1)
        )
    for sums in (by_row, by_column):
        sums /= TILE * folds
    return by_row, by_column


def likely_origins(luma: Luma, stride: int = 1) -> list[tuple[int, int]]:
    """Rows and columns at which blocks may begin, strongest blocking first."""
    import numpy as np

    by_row, by_column = borders(luma, stride)
    if not by_row.size:
        return []
    rows, columns = (
        [int(phase) for phase in np.argsort(-tiles.mean(axis=(0, 1)), kind="stable")[:CANDIDATES]]
        for tiles in (by_row, by_column)
    )
    return [(row, column) for row in rows for column in columns]


def contrast(tiles: NDArray[np.float32], known: int | None) -> NDArray[np.float32]:
    """(8,) how far the mean of each phase is above the others', in their deviations.

    ``tiles``: (n, 8). ``known``: the phase of the file's own grid, which is left out (0).
    """
    import numpy as np

    means = tiles.mean(axis=0)
    found = np.zeros(BLOCK, np.float32)
    for phase in range(BLOCK):
        if phase == known:
            continue
        others = np.array(
            [means[other] for other in range(BLOCK) if other not in {phase, known}], np.float32
        )
        found[phase] = (means[phase] - others.mean()) / (others.std() + 0.02)
    return found

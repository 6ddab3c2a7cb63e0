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

CEILING = 12.0
"""Levels; a larger difference is an edge of what is shown and counts like this one."""

CANDIDATES = 2
"""Phases tried in each direction where a grid is not known."""


def borders(luma: Luma) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean cross-difference by phase for each tile of 32 pixels.

    Returns two arrays, (tiles down, tiles across, 8): by the row, and by the column, modulo 8, of
    the pixel after the border.
    """
    import numpy as np

    down, across = (size // TILE for size in luma.shape)
    levels = luma[: down * TILE, : across * TILE].astype(np.int16)
    crossed = np.zeros(levels.shape, np.float32)
    crossed[1:, 1:] = np.minimum(
        np.abs(levels[1:, 1:] - levels[:-1, 1:] - levels[1:, :-1] + levels[:-1, :-1]), CEILING
    )
    folds = TILE // BLOCK
    tiles = crossed.reshape(down, folds, BLOCK, across, folds, BLOCK)
    by_row = tiles.mean(axis=(1, 4, 5)).transpose(0, 2, 1)
    by_column = tiles.mean(axis=(1, 2, 4))
    return by_row, by_column


def likely_origins(luma: Luma) -> list[tuple[int, int]]:
    """Rows and columns at which blocks may begin, strongest blocking first."""
    import numpy as np

    by_row, by_column = borders(luma)
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

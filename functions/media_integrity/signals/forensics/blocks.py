"""DCT coefficients of a luminance plane, 8 x 8 pixels at a time (ITU-T T.81 annex A.3.3)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from .plane import BLOCK, Luma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Coefficients: TypeAlias = "NDArray[np.float32]"
"""(rows, columns, 5, 5): of each block, by vertical and horizontal frequency, the low ones."""

LOW = 5
"""Frequencies in each direction that are computed; the others hold little after compression."""


def coefficients(luma: Luma, row: int, column: int) -> Coefficients:
    """Of the whole blocks from ``row`` and ``column`` on; orthonormal, so -1024 to 1024."""
    import numpy as np

    down, across = (
        (size - start) // BLOCK for size, start in zip(luma.shape, (row, column), strict=True)
    )
    cut = luma[row : row + down * BLOCK, column : column + across * BLOCK]
    levels = cut.astype(np.float32) - 128
    by_column = levels.reshape(-1, BLOCK) @ _basis().T
    both = _basis() @ by_column.reshape(down, BLOCK, across * LOW)
    return both.reshape(down, LOW, across, LOW).transpose(0, 2, 1, 3)


@cache
def _basis() -> NDArray[np.float32]:
    """(5, 8) orthonormal DCT-II: frequency by place."""
    import numpy as np

    frequency, place = np.mgrid[:LOW, :BLOCK]
    basis = np.cos((2 * place + 1) * frequency * np.pi / (2 * BLOCK)) / 2
    basis[0] /= np.sqrt(2)
    matrix: NDArray[np.float32] = basis.astype(np.float32)
    return matrix

"""DCT coefficients of a luminance plane, 8 x 8 pixels at a time (ITU-T T.81 annex A.3.3)."""

from __future__ import annotations

import math
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


def tiles(luma: Luma, row: int, column: int, stride: int = 1) -> NDArray[np.uint8]:
    """(rows, columns, 8, 8): the whole blocks from ``row`` and ``column`` on, each ``stride``-th.

    A stride of 2 leaves a quarter of the blocks: of a large picture enough to tell its parts.
    """
    import numpy as np

    step = stride * BLOCK
    down, across = (
        max(0, (size - start - BLOCK) // step + 1)
        for size, start in zip(luma.shape, (row, column), strict=True)
    )
    if not down or not across:
        return np.zeros((0, 0, BLOCK, BLOCK), np.uint8)
    cut = np.lib.stride_tricks.sliding_window_view(luma, (BLOCK, BLOCK))
    return np.ascontiguousarray(cut[row::step, column::step][:down, :across])


def coefficients(luma: Luma, row: int, column: int, stride: int = 1) -> Coefficients:
    """Of those blocks; orthonormal, so -1024 to 1024."""
    import numpy as np

    cut = tiles(luma, row, column, stride)
    levels = cut.reshape(-1, BLOCK * BLOCK).astype(np.float32) - 128
    return (levels @ _basis()).reshape(*cut.shape[:2], LOW, LOW)


def stride_for(luma: Luma, blocks: int) -> int:
    """The smallest stride that leaves at most ``blocks`` of a plane's blocks."""
    whole = (luma.shape[0] // BLOCK) * (luma.shape[1] // BLOCK)
    return max(1, math.ceil(math.sqrt(whole / blocks)))


@cache
def _basis() -> NDArray[np.float32]:
    """(64, 25): by the pixel of a block, what it adds to each frequency of the orthonormal DCT."""
    import numpy as np

    frequency, place = np.mgrid[:LOW, :BLOCK]
    basis = np.cos((2 * place + 1) * frequency * np.pi / (2 * BLOCK)) / 2
    basis[0] /= np.sqrt(2)
    matrix: NDArray[np.float32] = np.kron(basis, basis).T.astype(np.float32, order="C")
    return matrix

"""A picture reduced to 64 x 64 cells, as PDQ looks at it.

Here and not with the hashes because a film's frames are reduced while they are decoded: the cells
must come from the whole frame, and whole frames cannot be kept. Facebook, "The TMK+PDQF
Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019, section "PDQ".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .types import Grey, Pixels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float32]"

GRID = 64
"""Cells along each side."""

_PART = 8
"""Cells that are made together of the few rows of the picture that they are means of."""

_PRODUCTS = 1_000_000

_LUMA = (0.299, 0.587, 0.114)


def grids(picture: Pixels | Grey, rows: int, columns: int) -> Floats:
    """(128, 128) luma: the picture's grid, and to the right, below and across those of it turned.

    Left to right reversed on the right, top to bottom below. The picture is shrunk to so many
    ``rows`` and ``columns`` before; both at most its own.
    """
    import numpy as np

    height, width = picture.shape[:2]
    halfway = _means(luma(picture), _parts(height, rows))
    return np.ascontiguousarray(_means(halfway.T, _parts(width, columns)).T)


def _means(levels: Floats, parts: Sequence[_Part]) -> Floats:
    """(128, n): ``reduction`` of (rows, n).

    In pieces of a million products or so: NumPy's library gives more to threads that wait in a
    loop, which on two cores beside other work took ten times as long.
    """
    import numpy as np

    width = levels.shape[1]
    means = np.empty((2 * GRID, width), np.float32)
    for part in parts:
        step = max(1, _PRODUCTS // part.weights.size)
        for first in range(0, width, step):
            across = slice(first, first + step)
            cells = part.weights @ levels[part.begin : part.end, across]
            means[part.cells, across] = cells[:_PART]
            means[part.reversed_cells, across] = cells[_PART:]
    return means


def luma(picture: Pixels | Grey) -> Floats:
    """(height, width), 0..255, not rounded."""
    import cv2
    import numpy as np

    levels = picture.astype(np.float32)
    if levels.ndim == 2:
        return levels
    weighted = cv2.transform(levels, np.array([_LUMA], np.float32))
    return np.asarray(weighted, np.float32).reshape(picture.shape[:2])


def both_sides(rows: Floats, picture: Floats, columns: Floats) -> Floats:
    """One transform down the picture and one along it: ``rows @ picture @ columns.T``.

    By OpenCV, which uses one thread: NumPy's own library starts several that wait in a loop, which
    on two cores beside other work took ten times as long.
    """
    import cv2
    import numpy as np

    halfway = cv2.gemm(rows, picture, 1.0, None, 0.0)  # type: ignore[call-overload]
    done = cv2.gemm(halfway, columns, 1.0, None, 0.0, flags=cv2.GEMM_2_T)  # type: ignore[call-overload]
    return np.asarray(done, np.float32)


def reduction(length: int, hashed: int) -> Floats:
    """(128, length): from so many pixels to 64 of the picture as it is, and to 64 of it reversed.

    Shrinks to ``hashed`` pixels by area; then two passes of a box filter as wide as half a cell of
    the grid; then one sample in each cell. Made without the matrices of those steps, because most
    uploads have a size of their own and the product of the matrices took 60 ms.
    """
    import numpy as np

    width = (hashed + 2 * GRID - 1) // (2 * GRID)
    pixel = np.arange(hashed)
    first = np.maximum(0, pixel - (width - 1) // 2)
    last = np.minimum(hashed, pixel + width // 2 + 1)
    share = 1 / (last - first)
    sampled = ((np.arange(GRID) + 0.5) * hashed / GRID).astype(int)
    members = sampled[:, None] + np.arange(-((width - 1) // 2), width // 2 + 1)
    cells, inside = np.nonzero((members >= 0) & (members < hashed))
    inner = members[cells, inside]
    part = share[sampled[cells]] * share[inner]
    # Each sample is a mean of means: where the weight of the shrunk pixels rises, and falls again.
    steps = np.zeros((GRID, hashed + 1))
    np.add.at(steps, (cells, first[inner]), part)
    np.subtract.at(steps, (cells, last[inner]), part)
    weights = np.cumsum(steps, axis=1)
    # The weight up to each border between pixels; in a shrunk pixel it grows evenly.
    upto = np.hstack([np.zeros((GRID, 1)), np.cumsum(weights[:, :-1], axis=1)])
    border = np.arange(length + 1) * hashed / length
    whole = np.minimum(border.astype(int), hashed)
    reduction = np.diff(upto[:, whole] + weights[:, whole] * (border - whole), axis=1)
    return np.vstack([reduction, reduction[:, ::-1]]).astype(np.float32)


class _Part(NamedTuple):
    """A few rows of cells, the same few counted from the other end, and what they are made of."""

    cells: slice
    reversed_cells: slice
    begin: int
    end: int
    """Rows of the picture."""
    weights: Floats
    """(16, rows)."""


@lru_cache(maxsize=64)
def _parts(length: int, hashed: int) -> tuple[_Part, ...]:
    """``reduction`` without most of its zeros: a cell is a mean of a fortieth of the picture."""
    import numpy as np

    weights = reduction(length, hashed)
    parts = []
    for first in range(0, GRID, _PART):
        cells = slice(first, first + _PART)
        reversed_cells = slice(2 * GRID - first - _PART, 2 * GRID - first)
        both = np.vstack([weights[cells], weights[reversed_cells]])
        used = np.flatnonzero(both.any(axis=0))
        begin, end = int(used[0]), int(used[-1]) + 1
        part = np.ascontiguousarray(both[:, begin:end])
        parts.append(_Part(cells, reversed_cells, begin, end, part))
    return tuple(parts)

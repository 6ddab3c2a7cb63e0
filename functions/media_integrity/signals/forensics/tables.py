"""Quantisation tables: whose are they, and how coarse?

The base tables are those of ITU-T T.81 annex K.1; the scaling by a quality of 1 to 100 is that of
the Independent JPEG Group (libjpeg 6b, ``jcparam.c``), which most programs use and cameras do not.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


def standard(quality: int) -> NDArray[np.int32]:
    """(8, 8) luminance table of the Independent JPEG Group for a quality of 1 to 100."""
    table: NDArray[np.int32] = _standards()[quality - 1]
    return table


@cache
def _standards() -> NDArray[np.int32]:
    """(100, 8, 8), by quality."""
    import numpy as np

    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    scaled = (np.array(_LUMA)[None] * scale[:, None, None] + 50) // 100
    tables: NDArray[np.int32] = np.clip(scaled, 1, 255).astype(np.int32)
    return tables


def quality(table: NDArray[np.int32]) -> tuple[int, bool]:
    """The quality whose standard table is nearest, 1 to 100, and whether it is that very table."""
    import numpy as np

    differences = np.abs(_standards() - table[None]).sum(axis=(1, 2))
    nearest = int(differences.argmin())
    return nearest + 1, bool(differences[nearest] == 0)

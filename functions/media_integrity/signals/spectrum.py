"""What up-sampling leaves in a picture's spectrum.

Zhang, Karaman, Chang, "Detecting and Simulating Artifacts in GAN Fake Images", WIFS 2019: copies of
the spectrum stand at the half and the quarter of the sampling frequency. JPEG puts power there too,
so this is evidence beside the network and not a detector. The fall-off towards high frequencies
(Durall et al., CVPR 2020) is not used: between our sources it told sharp cameras from soft ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from media_integrity.media.types import Pixels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TILE: Final = 128
"""Side of the squares whose spectra are averaged, pixels of the view."""

TILES: Final = 9
"""At most; evenly over the view."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Natural logarithms of ratios of power; 0 says nothing."""

    half: float
    """Peaks at half the sampling frequency over their surroundings."""
    quarter: float
    """Peaks at a quarter of it."""


NOTHING = Spectrum(0.0, 0.0)


def spectrum(rgb: Pixels) -> Spectrum:
    """Of what remains of a view's luma without its smooth part; ``NOTHING`` if it is too small."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    if min(height, width) < TILE:
        return NOTHING
    rest = np.zeros((TILE, TILE))
    per_side = round(TILES**0.5)
    for top in np.unique(np.linspace(0, height - TILE, per_side).astype(int)):
        for left in np.unique(np.linspace(0, width - TILE, per_side).astype(int)):
            tile = np.ascontiguousarray(rgb[top : top + TILE, left : left + TILE])
            grey = cv2.cvtColor(tile, cv2.COLOR_RGB2GRAY)
            rest += _power(grey.astype(np.float32) - cv2.medianBlur(grey, 3))
    level = np.log(rest + 1e-3)
    return Spectrum(half=_peaks(level, 2), quarter=_peaks(level, 4))


def _power(tile: NDArray[np.floating]) -> NDArray[np.float64]:
    """(TILE, TILE), frequency 0 in the corner; each tile counts alike."""
    import numpy as np

    window = np.hanning(TILE)
    power: NDArray[np.float64] = np.abs(np.fft.fft2(tile * np.outer(window, window))) ** 2
    alike: NDArray[np.float64] = power / (power.mean() + 1e-6)
    return alike


def _peaks(level: NDArray[np.float64], period: int) -> float:
    """Mean height of the points where a pattern of this period puts its power."""
    import numpy as np

    step = TILE // period
    heights = []
    for row in range(0, TILE // 2 + 1, step):
        for column in range(0, TILE // 2 + 1, step):
            if row == column == 0 or (period == 4 and row % (2 * step) == column % (2 * step) == 0):
                continue
            around = np.take(
                np.take(level, range(row - 4, row + 5), axis=0, mode="wrap"),
                range(column - 4, column + 5),
                axis=1,
                mode="wrap",
            )
            heights.append(around[3:6, 3:6].max() - np.median(around))
    return float(np.mean(heights))

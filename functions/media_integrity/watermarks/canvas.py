"""The size at which marks are made and looked for, whatever the picture's own is.

Every picture is brought to 1024 pixels on its longest side. A mark drawn there and enlarged with
the picture is found again in a copy of any size, because that comes back to the same canvas.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from media_integrity.media.types import Pixels

from .carriers import LONGEST, SHORTEST, TILE, lattice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Waves = NDArray[np.complex64]

CANVAS_SIDE = 1024

_NEAR = 4.0
"""Pixels of the canvas: what surrounds a place, when its detail is measured."""
_COARSE = 6.0
"""Pixels: shades longer than about this are the picture's, not the mark's."""
_STABLE = 58.5
"""SSIM's second constant for 8 bits, (0.03 * 255)^2. Source: Wang et al., IEEE TIP 13, 2004."""
_SHARE = 0.009
"""What SSIM may lose at a place, next to nothing of which is seen."""
_FLAT_SHARE, _FLAT_VARIANCE = 0.3, 1.5
_MOST = 5.0
_FLOOR = 1.0
_CLIP = 2.0
_RESOLVED = 0.92


def canvas(rgb: Pixels) -> Floats:
    """Luma 0..255 on the canvas. ``rgb``: (h, w, 3), or (h, w) grey."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) if rgb.ndim == 3 else rgb
    height, width = grey.shape
    scale = CANVAS_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey.astype(np.float32), size, interpolation=how), np.float32)


def bearable(luma: Floats) -> Floats:
    """How much may be added at each place so that it is not seen: much where there is detail,
    next to nothing where there is none. Levels of 255, root mean square."""
    import numpy as np

    mean = _blurred(luma, _NEAR)
    variance = np.maximum(_blurred(luma * luma, _NEAR) - mean * mean, 0)
    amplitude = np.sqrt(_SHARE * (2 * variance + _STABLE))
    amplitude *= _FLAT_SHARE + (1 - _FLAT_SHARE) * variance / (variance + _FLAT_VARIANCE)
    return np.minimum(amplitude, _MOST)


def detail(luma: Floats) -> Floats:
    """What is fine enough to be a mark, brought to the same strength everywhere: a mark is hidden
    where the picture is busy, so busy places may not drown out the others."""
    import numpy as np

    fine = luma - _blurred(luma, _COARSE)
    strength = np.sqrt(np.maximum(_blurred(fine * fine, _COARSE), 0))
    return np.asarray(fine / (strength + _FLOOR), np.float32)


def waves_in(fine: Floats, scale: float = 1.0) -> Waves:
    """How strong every wave of the lattice is, if a tile is ``scale`` times its side there."""
    import numpy as np

    height, width = fine.shape
    steps = np.arange(-LONGEST, LONGEST + 1)
    turn = 2 * pi / (TILE * scale)
    down = np.exp(-1j * turn * np.outer(steps, np.arange(height))).astype(np.complex64)
    angles = turn * np.outer(np.arange(width), steps)
    # Real numbers by themselves: NumPy would make the picture complex first.
    real, imaginary = (fine @ part(angles).astype(np.float32) for part in (np.cos, np.sin))
    found = down @ (real - 1j * imaginary)
    waves = lattice()
    return np.asarray(found[waves.down + LONGEST, waves.across + LONGEST])


def whitened(waves: Waves) -> Waves:
    """Waves of about one length brought to the same strength, and single strong ones (a fence, the
    blocks of a JPEG) to little more than the others."""
    import numpy as np

    rings = np.rint(lattice().radius).astype(int)
    power = np.abs(waves) ** 2
    even = waves.copy()
    for ring in range(SHORTEST, LONGEST + 1):
        around = power[np.abs(rings - ring) <= 1]
        even[rings == ring] /= np.sqrt(np.median(around) / np.log(2) + 1e-12)
    return np.asarray(even * np.minimum(1, _CLIP / np.maximum(np.abs(even), 1e-9)), np.complex64)


def resolved(longest_side: int, scale: float = 1.0) -> float:
    """The longest radius of the lattice that a picture of so many pixels still shows."""
    return min(float(LONGEST), _RESOLVED * scale * longest_side * TILE / (2 * CANVAS_SIDE))


def _blurred(picture: Floats, sigma: float) -> Floats:
    import cv2
    import numpy as np

    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)

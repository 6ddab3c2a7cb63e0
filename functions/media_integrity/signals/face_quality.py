"""Can this face be judged, and how much is what is found there worth?

Small, blurred and heavily compressed faces show little of a seam. They count less, and below a
limit not at all: "could not be judged" is an answer, and another one than "nothing found".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from media_integrity.media.types import Pixels
from media_integrity.schema.findings import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALLEST: Final = 48
"""Pixels of a face's longer side in the view below which it is not judged."""

FULL: Final = 112
"""Pixels from which size takes nothing away."""

COMPARED: Final = 112
"""Faces are made at most this large before their sharpness is measured, so that it compares."""

BLURRED: Final = 0.006
SHARP: Final = 0.03
"""Sharpness below which a face is not judged and from which blur takes nothing away.

Of 250 LFW and 130 FFHQ validation faces none lies under the first as it is, 5 % after a Gaussian
blur of 2 pixels, about 40 % after one of 3.
"""

BLOCKY: Final = (1.6, 4.0)
"""Blocking at which compression begins to count and at which it has halved the weight.

Median of the same faces: 1.1 at JPEG quality 50 and up, 1.4 at 30, 1.7 at 20, 2.4 at 10.
"""


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one face. ``weight``: in [0, 1], what its evidence is worth."""

    pixels: float
    sharpness: float
    blocking: float

    @property
    def weight(self) -> float:
        size = _between(self.pixels, SMALLEST, FULL)
        sharp = _between(self.sharpness, BLURRED, SHARP)
        blocks = 1 - _between(self.blocking, *BLOCKY)
        return (0.5 + 0.5 * size) * (0.5 + 0.5 * sharp) * (0.5 + 0.5 * blocks)

    @property
    def too_small(self) -> bool:
        return self.pixels < SMALLEST

    @property
    def too_blurred(self) -> bool:
        return self.sharpness < BLURRED


def quality(rgb: Pixels, box: Box) -> Quality:
    """Of the face in ``box`` of a view."""
    height, width = rgb.shape[:2]
    grey = grey_face(rgb, box)
    return Quality(
        pixels=max(box.width * width, box.height * height),
        sharpness=sharpness(grey),
        blocking=blocking(grey),
    )


def grey_face(rgb: Pixels, box: Box) -> NDArray[np.float32]:
    """Luma of the box, in the view's own pixels, at least 1 x 1."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    left, top = min(int(box.left * width), width - 1), min(int(box.top * height), height - 1)
    right = max(left + 1, round((box.left + box.width) * width))
    bottom = max(top + 1, round((box.top + box.height) * height))
    cut = np.ascontiguousarray(rgb[top:bottom, left:right])
    return cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY).astype(np.float32)


def sharpness(grey: NDArray[np.float32]) -> float:
    """Variance of the Laplacian over the variance of the luma, of a face of ``COMPARED`` pixels.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000; divided by the
    contrast, so that a dark picture is not a blurred one. Larger is sharper; 0 where it is plain.
    """
    import cv2
    import numpy as np

    longest = max(grey.shape)
    if longest > COMPARED:
        scale = COMPARED / longest
        smaller = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        grey = smaller.astype(np.float32, copy=False)
    contrast = float(grey.var())
    if contrast < 1.0:
        return 0.0
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()) / (contrast + 25)


def blocking(grey: NDArray[np.float32]) -> float:
    """Steps between columns and rows 8 apart over the other steps; 1 where no JPEG grid shows."""
    import numpy as np

    if min(grey.shape) < 24:
        return 1.0
    found = []
    for axis in (0, 1):
        steps = np.abs(np.diff(grey, axis=axis)).mean(axis=1 - axis)
        phases = np.array([steps[phase::8].mean() for phase in range(8)])
        rest = (phases.sum() - phases.max()) / 7
        found.append(float(phases.max() / (rest + 0.5)))
    return float(np.mean(found))


def _between(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high``, straight between them."""
    return min(max((value - low) / (high - low), 0.0), 1.0)

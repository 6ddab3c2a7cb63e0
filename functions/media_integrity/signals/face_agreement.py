"""Were the faces of one picture taken by one camera, in one light?

A face pasted into a group has its own noise, sharpness, JPEG grid and light. Each face is compared
with the others of its picture; with two faces nobody can say which of them is the odd one, so both
are named. This is weak evidence: people stand at different distances and turn to different sides.
It adds to what the network sees and never counts alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from media_integrity.schema.findings import FaceDisagreement

from . import face_quality

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NOISE_STEPS: Final = 1.2
SHARPNESS_STEPS: Final = 2.3
"""Factors of two between a face's noise, or sharpness, and the others' from which they disagree.

99 % of 191 pairs of faces of one photograph (7 group photographs, 45 faces) lie below 0.8 and 2.1;
of 2,000 pairs from different photographs (LFW, FFHQ) half lie above 0.8 and 1.2.
"""

GRID_SHOWS: Final = 1.45
"""Blocking from which a face's JPEG grid is certain enough to compare its place."""

LIGHT_SHOWS: Final = 0.35
"""How much brighter one side must be, over the face's contrast, for a direction of light."""

LIGHT_DEGREES: Final = 120.0
"""Between directions of light from which they disagree; heads turn, so less says nothing."""

SIMILAR_SIZE: Final = 2.0
"""Faces are compared with those whose size differs by at most this factor."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared. Levels are logarithms to base 2."""

    pixels: float
    noise: float
    sharpness: float
    grid: tuple[int, int] | None
    """Column and row in the view, modulo 8, where the blocks begin; None if no grid shows."""
    light: float | None
    """Degrees towards which the face gets brighter; None if it is lit evenly."""


def traits(grey: NDArray[np.float32], corner: tuple[int, int]) -> Traits:
    """Of one face's luma. ``corner``: its left and top pixel in the view."""
    return Traits(
        pixels=float(max(grey.shape)),
        noise=math.log2(_noise(grey) + 0.25),
        sharpness=math.log2(face_quality.sharpness(grey) + 1e-3),
        grid=_grid(grey, corner),
        light=_light(grey),
    )


def disagreements(faces: Sequence[Traits]) -> list[tuple[FaceDisagreement, ...]]:
    """For each face in what it differs from the others of similar size."""
    found = []
    for index, face in enumerate(faces):
        others = [
            other
            for place, other in enumerate(faces)
            if place != index
            and max(face.pixels, other.pixels) <= SIMILAR_SIZE * min(face.pixels, other.pixels)
        ]
        found.append(tuple(_differences(face, others)) if others else ())
    return found


def _differences(face: Traits, others: Sequence[Traits]) -> list[FaceDisagreement]:
    found = []
    if abs(face.noise - median(other.noise for other in others)) > NOISE_STEPS:
        found.append(FaceDisagreement.NOISE)
    if abs(face.sharpness - median(other.sharpness for other in others)) > SHARPNESS_STEPS:
        found.append(FaceDisagreement.SHARPNESS)
    grids = [other.grid for other in others if other.grid is not None]
    if face.grid is not None and grids and face.grid not in grids:
        found.append(FaceDisagreement.GRID)
    lights = [other.light for other in others if other.light is not None]
    if face.light is not None and lights:
        apart = [abs((face.light - light + 180) % 360 - 180) for light in lights]
        if min(apart) > LIGHT_DEGREES:
            found.append(FaceDisagreement.LIGHT)
    return found


def _noise(grey: NDArray[np.float32]) -> float:
    """Standard deviation of the noise, in grey levels, by the median of diagonal Haar details.

    Donoho and Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 1994.
    """
    import numpy as np

    height, width = (length // 2 * 2 for length in grey.shape)
    if not height or not width:
        return 0.0
    even = grey[:height, :width]
    details = even[::2, ::2] - even[1::2, ::2] - even[::2, 1::2] + even[1::2, 1::2]
    return float(np.median(np.abs(details))) / 2 / 0.6745


def _grid(grey: NDArray[np.float32], corner: tuple[int, int]) -> tuple[int, int] | None:
    import numpy as np

    if min(grey.shape) < 48 or face_quality.blocking(grey) < GRID_SHOWS:
        return None
    places = []
    for axis, offset in ((1, corner[0]), (0, corner[1])):
        steps = np.abs(np.diff(grey, axis=axis)).mean(axis=1 - axis)
        phase = int(np.argmax([steps[phase::8].mean() for phase in range(8)]))
        places.append((phase + 1 + offset) % 8)
    return places[0], places[1]


def _light(grey: NDArray[np.float32]) -> float | None:
    """Direction of the plane that fits the luma of the middle of the face best."""
    import numpy as np

    height, width = grey.shape
    middle = grey[height // 5 : height - height // 5, width // 5 : width - width // 5]
    if min(middle.shape) < 8:
        return None
    contrast = float(middle.std())
    down, across = (np.linspace(-1, 1, length, dtype=np.float32) for length in middle.shape)
    slope_across = float((middle.mean(0) * across).mean() / (across**2).mean())
    slope_down = float((middle.mean(1) * down).mean() / (down**2).mean())
    if math.hypot(slope_across, slope_down) < LIGHT_SHOWS * 2 * contrast:
        return None
    return math.degrees(math.atan2(slope_down, slope_across))

"""Does the face change at random from frame to frame, and the rest of the picture not?

A network that puts in a face makes each frame anew: colour, light and outline differ a little each
time, without memory. What a camera sees moves on smoothly. In a series x = s + e of a smooth s and
an e that is new in each frame with variance v, second differences have the covariance -4 v with the
next ones, where s adds next to nothing. So that covariance, over cells that are aligned to the
face, estimates v. (After Roll, Journal of Finance 39(4), 1984, who did so with first differences.)
Grain and coding flicker as well, everywhere: the rest of the frame is the measure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.media.types import Burst

from .following import MIN_FRAMES, Followed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PATCH, CELLS = 128, 16
"""Pixels and cells of an aligned patch on a side."""

ENLARGED = 1.5
"""Side of the patch over the longer side of the face's box."""

NARROW = 0.8
"""Width of a face over its height."""

INNER, OUTER = 0.55, 0.95
"""Radii of the face and of the band around it, in halves of the patch, along the face's height. The
box's edge is at 1 / 1.5 = 0.67, and the outline of what networks put in just inside or outside."""

MAX_SHIFT = 0.15
"""Share of a patch by which alignment may correct the detector."""


@dataclass(frozen=True, slots=True)
class Flicker:
    """Standard deviations in levels of 255 of what is new in each frame."""

    face: float
    outline: float
    surroundings: float
    frames: int


def measure(burst: Burst, face: Followed, everybody: tuple[Followed, ...]) -> Flicker:
    """The flicker of ``face``; ``everybody`` in the burst is no part of the surroundings."""
    import numpy as np

    cells = _cells(_aligned(burst, face))
    place = (np.arange(CELLS) + 0.5) / CELLS * 2 - 1
    radius = np.hypot(place[None, :] / NARROW, place[:, None])
    cell_pixels = float(face.boxes[:, 2:].max() * ENLARGED / CELLS)
    return Flicker(
        face=_flicker(cells[:, radius < INNER]),
        outline=_flicker(cells[:, (radius >= INNER) & (radius < OUTER)]),
        surroundings=_surroundings(burst, everybody, cell_pixels),
        frames=len(cells),
    )


def _flicker(series: NDArray[np.float32]) -> float:
    """Of (n, cells, 3) values over time: the deviation of what each frame adds anew.

    Second differences of noise of variance v have the covariance -4 v from one to the next.
    """
    import numpy as np

    if series.shape[1] == 0 or len(series) < MIN_FRAMES:
        return 0.0
    bends = np.diff(series, n=2, axis=0)
    return float(np.sqrt(max(0.0, -float((bends[1:] * bends[:-1]).mean()) / 4)))


def _aligned(burst: Burst, face: Followed) -> NDArray[np.uint8]:
    """(n, 128, 128, 3): the face's patch in every frame, moved to lie on the middle one's."""
    import numpy as np

    side = float(face.boxes[:, 2:].max()) * ENLARGED
    centres = face.boxes[:, :2] + face.boxes[:, 2:] / 2
    rough = [
        _grey(_patch(frame, centre, side))
        for frame, centre in zip(burst.frames, centres, strict=True)
    ]
    shifts = np.clip(_path(rough), -MAX_SHIFT * PATCH, MAX_SHIFT * PATCH) * side / PATCH
    return np.stack(
        [
            _patch(frame, centre, side)
            for frame, centre in zip(burst.frames, centres + shifts, strict=True)
        ]
    )


def _path(pictures: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    """(n, 2) how far each picture is right of and below the middle one, smoothed over five.

    Registration errs a little, anew in each frame; uncorrected that would count as flicker.
    """
    import cv2
    import numpy as np

    height, width = pictures[0].shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    middle = pictures[len(pictures) // 2]
    shifts = np.array([cv2.phaseCorrelate(middle, each, window)[0] for each in pictures])
    padded = np.pad(shifts, ((2, 2), (0, 0)), "edge")
    smooth: NDArray[np.float64] = np.stack(
        [np.convolve(column, np.full(5, 0.2), "valid") for column in padded.T], axis=1
    )
    return smooth


def _patch(frame: NDArray[np.uint8], centre: NDArray[np.float32], side: float) -> NDArray[np.uint8]:
    """A square of the frame at ``PATCH`` pixels; what lies outside repeats the edge."""
    import cv2
    import numpy as np

    scale = side / PATCH
    placed = np.array(
        [[scale, 0, centre[0] - side / 2], [0, scale, centre[1] - side / 2]], np.float32
    )
    cut = cv2.warpAffine(
        frame,
        placed,
        (PATCH, PATCH),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cut, np.uint8)


def _grey(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    import numpy as np

    return np.asarray(rgb.mean(axis=2, dtype=np.float32), np.float32)


def _cells(patches: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 16, 16, 3) averages."""
    import numpy as np

    count, block = len(patches), PATCH // CELLS
    grouped = patches.reshape(count, CELLS, block, CELLS, block, 3)
    return np.asarray(grouped.mean(axis=(2, 4), dtype=np.float32), np.float32)


def _surroundings(burst: Burst, everybody: tuple[Followed, ...], cell: float) -> float:
    """Flicker of the frame without faces, in cells of ``cell`` pixels, the camera held still."""
    import cv2
    import numpy as np

    height, width = burst.frames.shape[1:3]
    columns, rows = (max(4, round(side / max(cell, 1.0))) for side in (width, height))
    small = (max(16, width // 3), max(16, height // 3))
    shifts = _path(
        [
            _grey(np.asarray(cv2.resize(frame, small, interpolation=cv2.INTER_AREA)))
            for frame in burst.frames
        ]
    ) * (width / small[0], height / small[1])
    series = []
    for frame, (right, down) in zip(burst.frames, shifts, strict=True):
        level = cv2.warpAffine(
            frame,
            np.array([[1, 0, right], [0, 1, down]], np.float32),
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        series.append(cv2.resize(level, (columns, rows), interpolation=cv2.INTER_AREA))
    free = np.ones((rows, columns), np.bool_)
    for other in everybody:
        left, top = other.boxes[:, :2].min(axis=0) - other.boxes[:, 2:].max(axis=0) * 0.5
        right, bottom = (other.boxes[:, :2] + 1.5 * other.boxes[:, 2:]).max(axis=0)
        across = slice(max(0, int(left / width * columns)), int(right / width * columns) + 1)
        down_ = slice(max(0, int(top / height * rows)), int(bottom / height * rows) + 1)
        free[down_, across] = False
    return _flicker(np.stack(series).astype(np.float32)[:, free])

"""Where each face is in every frame of a burst.

Faces are looked for in a few of the frames and their places between are interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.media.types import Burst, Face
from media_integrity.schema.findings import Box

from .. import faces
from .tracks import apart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEP = 6
"""Frames from one look to the next: a fifth of a second, in which a head moves nearly straight."""

MIN_FRAMES = 8
"""Frames below which a burst says nothing about flicker."""

MIN_SIDE = 32
"""Pixels of a face's height in the burst below which its cells are mostly noise of the codec."""

MAX_FACES = 4
"""Faces of a burst that are followed, the largest ones."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One face through a burst of n frames, in pixels of the burst's frames."""

    boxes: NDArray[np.float32]
    """(n, 4) left, top, width, height."""
    landmarks: NDArray[np.float32]
    """(n, 5, 2) x, y as in ``Face.landmarks``."""
    box: Box
    """In the first frame, as shares of it."""


def follow(burst: Burst) -> tuple[Followed, ...]:
    """Faces that are there from the first frame to the last, the largest first.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    count = len(burst.frames)
    if count < MIN_FRAMES:
        return ()
    looks = sorted({*range(0, count - 1, STEP), count - 1})
    found = [faces.detect(burst.frames[at]) for at in looks]
    first = sorted(found[0], key=lambda face: -face.box.width * face.box.height)
    paths = (_path(face, found[1:], burst) for face in first[:MAX_FACES])
    return tuple(_interpolated(path, looks, burst) for path in paths if path is not None)


def _path(face: Face, later: list[tuple[Face, ...]], burst: Burst) -> list[Face] | None:
    """The same face in each look; None where it is lost or too small."""
    height, width = burst.frames.shape[1:3]
    if face.box.height * height < MIN_SIDE:
        return None
    path = [face]
    for found in later:
        distances = [
            (distance, number)
            for number, other in enumerate(found)
            if (distance := apart(path[-1].box, other.box, width / height)) is not None
        ]
        if not distances:
            return None
        path.append(found[min(distances)[1]])
    return path


def _interpolated(path: list[Face], looks: list[int], burst: Burst) -> Followed:
    import numpy as np

    count, height, width = burst.frames.shape[:3]
    boxes = np.array(
        [[box.left, box.top, box.width, box.height] for box in (face.box for face in path)]
    )
    boxes *= (width, height, width, height)
    points = np.array(
        [[value for mark in face.landmarks for value in (mark.x, mark.y)] for face in path]
    ) * np.tile([width, height], 5)
    every = np.arange(count)
    through = [np.interp(every, looks, column) for column in np.hstack([boxes, points]).T]
    table = np.stack(through, axis=1).astype(np.float32)
    return Followed(table[:, :4], table[:, 4:].reshape(count, 5, 2), path[0].box)

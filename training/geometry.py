"""Places in a face crop: the landmark template, transforms between faces, views of photographs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_integrity.media.types import Pixels

TEMPLATE = ((38.3, 51.7), (73.5, 51.5), (56.0, 71.7), (41.5, 92.4), (70.7, 92.2))
"""Eyes, nose, mouth corners of an upright face, pixels of a 112 px square: the alignment of
InsightFace's ArcFace, which face work commonly uses. Mask shapes are drawn on it."""

SHRINK_FIRST = 0.7
"""Scale below which a picture is averaged down before it is cropped, as production does."""

MIRRORED = (1, 0, 2, 4, 3)
"""Order of the landmarks after a mirror."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A square picture with one face. ``landmarks``: (5, 2) x, y in its pixels."""

    rgb: Pixels
    landmarks: NDArray[np.float32]


def similarity(source: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    """(2, 3) turn, scale and shift that brings ``source`` nearest to ``target``, both (n, 2)."""
    import numpy as np

    source_mean, target_mean = source.mean(0), target.mean(0)
    a, b = source - source_mean, target - target_mean
    size = float((a * a).sum())
    cosine = float((a * b).sum()) / size
    sine = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / size
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([turn, target_mean - turn @ source_mean]).astype(np.float32)


def affine(source: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    """As ``similarity``, with shear and unequal scales."""
    import numpy as np

    known = np.column_stack([source, np.ones(len(source))])
    transform: NDArray[np.float32] = np.linalg.lstsq(known, target, rcond=None)[0].T
    return transform.astype(np.float32)


def moved(transform: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """``points`` (n, 2) through a (2, 3) transform."""
    return (points @ transform[:, :2].T + transform[:, 2]).astype(transform.dtype)


@dataclass(frozen=True, slots=True)
class Framing:
    """How a crop is taken. ``margin``: its side over the longer side of the face's box."""

    margin: float
    shift: tuple[float, float] = (0.0, 0.0)  # shares of the crop's side
    degrees: float = 0.0
    mirrored: bool = False


def view(
    picture: Pixels,
    box: NDArray[np.float32],
    landmarks: NDArray[np.float32],
    side: int,
    framing: Framing,
) -> Portrait:
    """The face in ``box`` (left, top, width, height) as a square of ``side`` pixels.

    Beyond the picture's edge its mirror image continues it, so that the edge is no mark.
    """
    import cv2
    import numpy as np

    length = float(max(box[2], box[3])) * framing.margin
    middle = box[:2] + box[2:] / 2 + np.array(framing.shift, np.float32) * length
    scale = side / length
    if scale < SHRINK_FIRST:  # linear interpolation skips pixels below half the size
        picture = cv2.resize(
            picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        ).astype(np.uint8, copy=False)
        middle, landmarks, scale = middle * scale, landmarks * scale, 1.0
    angle = np.deg2rad(framing.degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn *= scale
    if framing.mirrored:
        turn[0] *= -1
    transform = np.column_stack([turn, (side - 1) / 2 - turn @ middle]).astype(np.float32)
    rgb = cv2.warpAffine(
        picture,
        transform,
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    points = moved(transform, landmarks)
    if framing.mirrored:
        points = points[list(MIRRORED)]
    return Portrait(rgb.astype(np.uint8, copy=False), points)

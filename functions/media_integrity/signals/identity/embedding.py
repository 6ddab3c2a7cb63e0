"""A face in 128 numbers that are near each other for the same person.

Network: King, dlib_face_recognition_resnet_model_v1 (2017, CC0-1.0), trained with a metric loss so
that faces of one person lie within 0.6 of each other. It was trained on faces aligned by dlib's own
landmarks. Ours come from CenterFace and are brought to where they lie in faces aligned by dlib:
on LFW the two are equally good (docs/models/identity.md), so that dlib is not needed.

An embedding identifies a person. It is kept encrypted (``templates``), is never logged, and is
left out of every ``repr``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from media_integrity.media.types import Face, Pixels
from media_integrity.signals import runtime

from . import network

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Numbers: TypeAlias = "NDArray[np.float32]"
"""(128,), length about 1.4."""

MODEL = "dlib_embedding"

SAME_PERSON = 0.60
"""Distance up to which two faces are taken for one person's, where one is compared with one.

The best accuracy on pairs of the LFW validation people; rates on the test people are in the card.
"""

MIN_FACE = 40
"""Pixels of a face's width below which it is not embedded; see the card for smaller ones."""

MAX_MISFIT = 16.0
"""Mean distance of the landmarks from their places, in pixels of the aligned face, above which it
is turned away too far, or the landmarks are wrong. The card says how many faces of LFW are."""

BATCH = 8
"""Faces in one inference, each twice; bounds memory for crowds."""

_PLACES = ((46.1, 46.3), (102.9, 46.3), (74.5, 79.9), (50.4, 105.0), (98.6, 105.0))
"""Where CenterFace's landmarks lie in faces that dlib aligned: medians over 700 faces, mirrored."""

_ENLARGED = 1.06
"""Faces this much larger than dlib's were told apart best, of 0.94 to 1.2."""

_MEAN_RGB = (122.782, 117.001, 104.298)
_SCALE = 1 / 256
"""Of the network's input; dlib/dnn/input.h, ``input_rgb_image_sized``."""


class Unusable(StrEnum):
    """Why a face has no embedding."""

    TOO_SMALL = "too_small"
    TURNED_AWAY = "turned_away"  # the landmarks are not where those of a face from the front are


@dataclass(frozen=True, slots=True)
class Embedding:
    """A face in numbers, or why not: one of the two is there."""

    numbers: Numbers | None = field(default=None, repr=False)
    unusable: Unusable | None = None


def embeddings(rgb: Pixels, faces: Sequence[Face]) -> tuple[Embedding, ...]:
    """One for each of ``faces`` of the picture, in their order. Thread-safe.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    prepared = [aligned(rgb, face) for face in faces]
    found = iter(of_aligned([face for face in prepared if not isinstance(face, Unusable)]))
    return tuple(
        Embedding(unusable=face) if isinstance(face, Unusable) else Embedding(next(found))
        for face in prepared
    )


def of_aligned(faces: Sequence[Pixels]) -> tuple[Numbers, ...]:
    """Embeddings of faces that are aligned already: each the mean of it and its mirror image.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    return tuple(_embedded(faces))


def _embedded(faces: Sequence[Pixels]) -> Iterator[Numbers]:
    import numpy as np

    session = runtime.session(MODEL, network.as_onnx)
    for first in range(0, len(faces), BATCH):
        upright = np.stack(faces[first : first + BATCH])
        both = np.concatenate([upright, upright[:, :, ::-1]]).astype(np.float32)
        planes = ((both - np.array(_MEAN_RGB, np.float32)) * np.float32(_SCALE)).transpose(
            0, 3, 1, 2
        )
        (numbers,) = session.run(None, {network.INPUT: planes})
        yield from (numbers[: len(upright)] + numbers[len(upright) :]) / 2


def distance(one: Numbers, other: Numbers) -> float:
    """Euclidean: 0 for the same picture, about 0.4 for one person, about 0.8 for two."""
    import numpy as np

    return float(np.linalg.norm(one - other))


def aligned(rgb: Pixels, face: Face) -> Pixels | Unusable:
    """The face upright, its landmarks near their places, (150, 150, 3)."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    if face.box.width * width < MIN_FACE:
        return Unusable.TOO_SMALL
    marks = np.array([(point.x * width, point.y * height) for point in face.landmarks])
    middle = (network.SIDE - 1) / 2
    places = (np.array(_PLACES) - middle) * _ENLARGED + middle
    fitted = _similarity(marks, places)
    if fitted is None or _misfit(marks, places, fitted) > MAX_MISFIT:
        return Unusable.TURNED_AWAY
    shrink = int(1 / np.hypot(*fitted[:, 0]))
    if shrink > 1:  # the warp looks at neighbouring pixels alone and would skip the others
        rgb, fitted = _smaller(rgb, fitted, shrink)
    size = (network.SIDE, network.SIDE)
    return np.asarray(cv2.warpAffine(rgb, fitted, size, flags=cv2.INTER_LINEAR), np.uint8)


def _similarity(
    marks: NDArray[np.float64], places: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """(2, 3): turns, scales and moves ``marks`` as near to ``places`` as can be, by least squares.

    None where they are one point.
    """
    import numpy as np

    centre, target = marks.mean(axis=0), places.mean(axis=0)
    as_complex = np.array([1, 1j])
    offsets, goals = (marks - centre) @ as_complex, (places - target) @ as_complex
    spread = float((np.abs(offsets) ** 2).sum())
    if spread < 1:
        return None
    factor = (offsets.conj() * goals).sum() / spread
    turned = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([turned, target - turned @ centre])


def _misfit(
    marks: NDArray[np.float64], places: NDArray[np.float64], fitted: NDArray[np.float64]
) -> float:
    import numpy as np

    moved = marks @ fitted[:, :2].T + fitted[:, 2]
    return float(np.linalg.norm(moved - places, axis=1).mean())


def _smaller(
    rgb: Pixels, fitted: NDArray[np.float64], times: int
) -> tuple[Pixels, NDArray[np.float64]]:
    """The part of the picture that ``fitted`` shows, that many times smaller."""
    import cv2
    import numpy as np

    inverse = cv2.invertAffineTransform(fitted)
    edges = np.array([(x, y, 1) for x in (0, network.SIDE) for y in (0, network.SIDE)])
    corners = edges @ inverse.T
    height, width = rgb.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)) + 1, 1, (width, height)).astype(int)
    part = rgb[top : max(bottom, top + 1), left : max(right, left + 1)]
    size = (max(1, part.shape[1] // times), max(1, part.shape[0] // times))
    stretch = (part.shape[1] / size[0], part.shape[0] / size[1])
    # From pixels of the smaller part to those of the whole picture, by their middles.
    back = np.array(
        [
            [stretch[0], 0, left + (stretch[0] - 1) / 2],
            [0, stretch[1], top + (stretch[1] - 1) / 2],
            [0, 0, 1],
        ]
    )
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8), fitted @ back

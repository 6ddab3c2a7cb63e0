"""Forged faces made from photographs: what a swap leaves behind, without a swapping program.

Self-blending: Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR 2022:
a slightly altered copy of a face is blended onto itself, so that the seam and the disagreement of
the two sides are all that a detector can learn. The other methods blend another person's face, or
the same one moved, and differ in how they hide the seam.

``held_out`` is the method that no training step sees, for measuring what an unknown one does:
another person's face of lower resolution, an ellipse, gradient-domain cloning (Perez, Gangnet,
Blake, "Poisson Image Editing", SIGGRAPH 2003) as OpenCV's NORMAL_CLONE. Training has of that family
MIXED_CLONE alone, on polygons and on the same person's face.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import degrade, upsampling
from .geometry import TEMPLATE, Portrait, affine, moved, similarity

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

    from media_integrity.media.types import Pixels

    Mask = NDArray[np.float32]  # (side, side), 0 background to 1 the other face
    Method = Callable[[Portrait, Portrait, Generator], Pixels]
    """Makes a forgery of the first with the help of the second."""

_JAW = (
    (17, 52), (19, 68), (23, 84), (31, 98), (42, 108), (56, 113),
    (70, 108), (81, 98), (89, 84), (93, 68), (95, 52),
)  # fmt: skip
_BROWS = ((89, 41), (80, 36), (66, 35), (56, 38), (46, 35), (32, 36), (23, 41))
_FOREHEAD = ((92, 34), (80, 24), (56, 19), (32, 24), (20, 34))
SHAPES = (
    (_JAW + _BROWS, 0.3),
    (_JAW + _FOREHEAD, 0.2),
    (((24, 44), (23, 64), (29, 90), (42, 103), (70, 103), (83, 90), (89, 64), (88, 44), (56, 36)),
     0.2),  # eyes to mouth
    (((29, 62), (23, 84), (31, 98), (42, 108), (56, 113), (70, 108), (81, 98), (89, 84), (83, 62),
      (56, 54)), 0.1),  # below the eyes
    (((34, 84), (56, 79), (78, 84), (77, 99), (56, 107), (35, 99)), 0.1),  # mouth
    (((23, 40), (56, 36), (89, 40), (90, 60), (56, 66), (22, 60)), 0.1),  # eyes
)  # fmt: skip
"""Outlines on the landmark template and how often each is drawn."""

STRENGTHS = (0.5, 0.75, 1.0, 1.0, 1.0)
"""How opaque the blended face is, drawn evenly. The paper also has 0.25, which nobody sees."""


def forged(portrait: Portrait, other: Portrait, random: Generator) -> Pixels:
    """``portrait`` with its face altered or replaced by ``other``'s, by a random method."""
    chance = random.random()
    for method, share in METHODS:
        if chance < share:
            return method(portrait, other, random)
        chance -= share
    return self_blended(portrait, other, random)


def self_blended(portrait: Portrait, _: Portrait, random: Generator) -> Pixels:
    """Altered in colour and quality, shifted a little, blended onto itself."""
    altered = portrait.rgb
    if random.random() < 0.9:
        altered = degrade.recoloured(altered, random, 1.0)
    altered = source_quality(altered, random)
    face, ground = (altered, portrait.rgb) if random.random() < 0.5 else (portrait.rgb, altered)
    face = _jittered(face, random)
    mask = face_mask(portrait, random)
    return blended(ground, face, mask * _strength(random))


def cross_identity(portrait: Portrait, other: Portrait, random: Generator) -> Pixels:
    """Another person's face, colours matched, blended softly."""
    face, mask = _other_face(portrait, other, random)
    face = colours_matched(face, portrait.rgb, mask, random.uniform(0.3, 1.0))
    if random.random() < 0.5:
        face = degrade.recoloured(face, random, 0.5)
    face = source_quality(face, random)
    return blended(portrait.rgb, face, mask * _strength(random))


def seamless(portrait: Portrait, other: Portrait, random: Generator) -> Pixels:
    """Another person's face shifted in colour so that it meets its surroundings at the seam."""
    face, mask = _other_face(portrait, other, random)
    if random.random() < 0.5:
        face = colours_matched(face, portrait.rgb, mask, random.uniform(0.5, 1.0))
    face = source_quality(face, random)
    return blended(portrait.rgb, _membrane(portrait.rgb, face, mask), mask)


def mixed_gradients(portrait: Portrait, _: Portrait, random: Generator) -> Pixels:
    """The face onto itself, altered, keeping the stronger gradient of the two everywhere."""
    import cv2
    import numpy as np

    face = source_quality(degrade.recoloured(portrait.rgb, random, 1.0), random)
    face = _jittered(face, random)
    mask = (face_mask(portrait, random) > 0.5).astype(np.uint8) * 255
    return _cloned(portrait.rgb, face, mask, cv2.MIXED_CLONE)


def landmark_warped(portrait: Portrait, _: Portrait, random: Generator) -> Pixels:
    """The same face with its eyes, nose and mouth moved, as re-enactment does."""
    import cv2
    import numpy as np

    side = portrait.rgb.shape[0]
    grid = _grid(side)
    flow = np.zeros_like(grid)
    for x, y in portrait.landmarks:
        reach = random.uniform(0.06, 0.14) * side
        near = np.exp(-((grid - np.array([x, y], np.float32)) ** 2).sum(2) / (2 * reach**2))
        flow += near[:, :, None] * random.uniform(-0.035, 0.035, 2).astype(np.float32) * side
    face = _drawn_from(portrait.rgb, grid + flow, cv2.INTER_LINEAR).astype(np.uint8, copy=False)
    if random.random() < 0.5:
        face = degrade.recoloured(face, random, 0.4)
    face = source_quality(face, random)
    return blended(portrait.rgb, face, face_mask(portrait, random))


METHODS: tuple[tuple[Method, float], ...] = (
    (self_blended, 0.5),
    (cross_identity, 0.2),
    (seamless, 0.15),
    (mixed_gradients, 0.05),
    (landmark_warped, 0.1),
)
"""How forgeries are made in training, and how often each way."""


def held_out(portrait: Portrait, other: Portrait, random: Generator) -> Pixels:
    """Never trained on: Poisson (NORMAL_CLONE) of another person's face in an ellipse."""
    import cv2
    import numpy as np

    side = portrait.rgb.shape[0]
    transform = affine(other.landmarks, portrait.landmarks)
    face = cv2.warpAffine(
        other.rgb, transform, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    small = max(8, int(side * random.uniform(0.5, 0.9)))
    face = cv2.resize(face, (small, small), interpolation=cv2.INTER_AREA)
    face = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    place = similarity(np.array(TEMPLATE, np.float32), portrait.landmarks)
    centre = moved(place, np.array([[56.0, 74.0]], np.float32))[0]
    scale = float(np.hypot(place[0, 0], place[1, 0]))
    mask = np.zeros((side, side), np.uint8)
    cv2.ellipse(
        mask,
        (int(centre[0]), int(centre[1])),
        (int(34 * scale), int(40 * scale)),
        float(np.rad2deg(np.arctan2(place[1, 0], place[0, 0]))),
        0,
        360,
        255,
        -1,
    )
    return _cloned(portrait.rgb, face.astype(np.uint8, copy=False), mask, cv2.NORMAL_CLONE)


def blended(ground: Pixels, face: Pixels, mask: Mask) -> Pixels:
    """``face`` over ``ground`` where ``mask`` is 1; ``ground`` unchanged where it is 0."""
    import numpy as np

    base = ground.astype(np.float32)
    mixed = base + (face.astype(np.float32) - base) * mask[:, :, None]
    rounded: Pixels = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    return rounded


def face_mask(portrait: Portrait, random: Generator) -> Mask:
    """A soft region of the face: random outline, uneven edge, random softness."""
    import cv2
    import numpy as np

    side = portrait.rgb.shape[0]
    shares = np.cumsum([share for _, share in SHAPES])
    outline = SHAPES[int(np.searchsorted(shares, random.random() * shares[-1]))][0]
    points = np.array(outline, np.float32)
    middle = points.mean(0)
    points = (points - middle) * random.uniform(0.88, 1.12, 2) + middle
    points += random.normal(0, 2.0, points.shape) + random.normal(0, 1.5, 2)
    fit = affine if random.random() < 0.5 else similarity
    place = fit(np.array(TEMPLATE, np.float32), portrait.landmarks)
    hull = cv2.convexHull(np.round(moved(place, points.astype(np.float32))).astype(np.int32))
    mask = np.zeros((side, side), np.float32)
    cv2.fillConvexPoly(mask, hull, 1.0)
    wobble = _grid(side) + _smooth_flow(side, 0.035, 4, random)
    soft = cv2.remap(mask, wobble[..., 0], wobble[..., 1], cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(soft, (0, 0), random.uniform(1.0, 7.0) * side / 160)
    eaten = random.uniform(0, 0.6)
    soft = np.clip((soft - eaten) / (1 - eaten) * random.uniform(1, 2), 0, 1)
    if random.random() < 0.7:
        soft = cv2.GaussianBlur(soft, (0, 0), random.uniform(0.5, 4.0) * side / 160)
    region: Mask = soft.astype(np.float32, copy=False)
    return region


def source_quality(rgb: Pixels, random: Generator) -> Pixels:
    """The face before it is blended in: resampled, softer, sharper, recompressed, noisy."""
    chance = random.random()
    if chance < 0.4:
        rgb = degrade.resampled(rgb, random.uniform(0.3, 0.85), random)
    elif chance < 0.55:
        rgb = degrade.blurred(rgb, random.uniform(0.4, 1.6) * rgb.shape[0] / 160)
    elif chance < 0.7:
        rgb = degrade.sharpened(rgb, random.uniform(0.3, 1.2))
    elif chance < 0.85:
        rgb = upsampling.reconstructed(rgb, random)
    if random.random() < 0.25:
        rgb = degrade.recompressed(rgb, random.uniform(40, 95))
    if random.random() < 0.15:
        rgb = degrade.noisy(rgb, random.uniform(1, 5), random)
    return rgb


def colours_matched(rgb: Pixels, like: Pixels, mask: Mask, strength: float) -> Pixels:
    """``rgb`` with mean and spread of its Lab colours under ``mask`` brought towards ``like``'s.

    Source: Reinhard et al., "Color Transfer between Images", IEEE CG&A 2001.
    """
    import cv2
    import numpy as np

    inside = mask > 0.3
    if inside.sum() < 50:
        return rgb
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    wanted = cv2.cvtColor(like, cv2.COLOR_RGB2LAB)[inside].astype(np.float32)
    found = lab[inside]
    gain = np.clip((wanted.std(0) + 3) / (found.std(0) + 3), 0.5, 2)
    middle = found.mean(0)
    lab = (lab - middle) * (1 + strength * (gain - 1)) + middle
    lab += strength * (wanted.mean(0) - middle)
    rounded: Pixels = np.clip(lab, 0, 255).astype(np.uint8)
    return cv2.cvtColor(rounded, cv2.COLOR_LAB2RGB).astype(np.uint8, copy=False)


def _membrane(ground: Pixels, face: Pixels, mask: Mask) -> Pixels:
    """``face`` plus the difference at the seam, spread smoothly inwards; at a quarter of the size.

    A cheap stand-in for the Poisson membrane: normalised convolution of the difference on a band
    around the seam, at three widths, wide ones filling what narrow ones do not reach.
    """
    import cv2
    import numpy as np

    side = ground.shape[0]
    small = max(16, side // 4)
    difference = cv2.resize(
        ground.astype(np.float32) - face, (small, small), interpolation=cv2.INTER_AREA
    )
    soft = cv2.resize(mask, (small, small), interpolation=cv2.INTER_AREA)
    seam = np.where(soft < 0.5, np.exp(-((soft - 0.25) ** 2) / 0.02), 0).astype(np.float32)
    seam[soft < 0.02] = 0
    spread = np.zeros((small, small, 3), np.float32)
    weight = np.full((small, small, 1), 1e-6, np.float32)
    for width in (0.02, 0.06, 0.2):
        share = 0.001 / width
        near = cv2.GaussianBlur(difference * seam[:, :, None], (0, 0), width * small)
        spread += near.astype(np.float32, copy=False) * share
        reach = cv2.GaussianBlur(seam, (0, 0), width * small)
        weight[:, :, 0] += reach.astype(np.float32, copy=False) * share
    offset = cv2.resize(spread / weight, (side, side), interpolation=cv2.INTER_LINEAR)
    shifted: Pixels = np.clip(face + offset + 0.5, 0, 255).astype(np.uint8)
    return shifted


def _other_face(portrait: Portrait, other: Portrait, random: Generator) -> tuple[Pixels, Mask]:
    import cv2
    import numpy as np

    side = portrait.rgb.shape[0]
    fit = affine if random.random() < 0.5 else similarity
    face = cv2.warpAffine(
        other.rgb,
        fit(other.landmarks, portrait.landmarks),
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return face.astype(np.uint8, copy=False), face_mask(portrait, random)


def _cloned(ground: Pixels, face: Pixels, mask: NDArray[np.uint8], kind: int) -> Pixels:
    import cv2
    import numpy as np

    mask[:3] = mask[-3:] = 0
    mask[:, :3] = mask[:, -3:] = 0
    left, top, width, height = cv2.boundingRect(mask)
    if width < 8 or height < 8:
        return ground
    middle = (left + width // 2, top + height // 2)
    return cv2.seamlessClone(face, ground, mask, middle, kind).astype(np.uint8, copy=False)


def _jittered(rgb: Pixels, random: Generator) -> Pixels:
    """Turned, scaled and shifted by a few hundredths, and most of the time bent."""
    import cv2
    import numpy as np

    side = rgb.shape[0]
    angle = np.deg2rad(random.uniform(-2.5, 2.5))
    scale = random.uniform(0.95, 1.05)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    middle = (side - 1) / 2
    places = (_grid(side) - middle) @ turn.T.astype(np.float32) + middle
    places += random.uniform(-0.03, 0.03, 2).astype(np.float32) * side
    if random.random() < 0.6:
        places += _smooth_flow(side, 0.015, 5, random)
    way = cv2.INTER_LINEAR if random.random() < 0.7 else cv2.INTER_CUBIC
    return _drawn_from(rgb, places, way).astype(np.uint8, copy=False)


def _drawn_from(rgb: Pixels, places: NDArray[np.float32], way: int) -> Pixels:
    """Each pixel from its place (x, y) in ``rgb``."""
    import cv2
    import numpy as np

    across, down = (np.ascontiguousarray(places[..., axis], np.float32) for axis in (0, 1))
    drawn = cv2.remap(rgb, across, down, way, borderMode=cv2.BORDER_REFLECT_101)
    return drawn.astype(np.uint8, copy=False)


def _smooth_flow(side: int, reach: float, knots: int, random: Generator) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    coarse = random.uniform(-reach, reach, (knots, knots, 2)).astype(np.float32) * side
    return cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC).astype(
        np.float32, copy=False
    )


def _grid(side: int) -> NDArray[np.float32]:
    import numpy as np

    line = np.arange(side, dtype=np.float32)
    return np.stack(np.meshgrid(line, line), -1)


def _strength(random: Generator) -> float:
    return STRENGTHS[int(random.integers(len(STRENGTHS)))]

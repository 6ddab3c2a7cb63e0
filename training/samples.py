"""What the network is shown: pairs of a real face and a forged or synthetic one.

Batch number ``step`` is a function of seed, step and side, whatever was drawn before, so a resumed
training sees what an uninterrupted one would have seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import autoencoder, blends, crops, degrade, upsampling
from .geometry import Framing, Portrait, view

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

    from media_integrity.media.types import Pixels


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs in a batch of 32."""

    forged: int
    """Real and blended."""
    generated: int
    """Photograph and StyleGAN."""
    rebuilt: int
    """Photograph and itself through an up-sampler."""


PAIRS = Pairs(10, 4, 2)
PAIRS_AFTER_START = Pairs(12, 3, 1)
"""Where training begins with weights of an earlier one, which know StyleGAN's pictures by heart."""

FFHQ_SHARE = 0.22
"""Of the blended faces; the rest is LFW, which has eight times the pictures."""

NEIGHBOURS = 30
"""Faces of the most similar landmark shape among which another person's face is drawn."""

LFW_WEIGHT = 0.35
"""Of LFW as negatives of the synthetic head: lower than FFHQ's, from which StyleGAN learned."""

MARGIN = 1.25
"""Side of a crop over the longer side of the face's box, in production and measurement."""


@dataclass(frozen=True, slots=True)
class Batch:
    pictures: NDArray[np.uint8]  # (n, 3, side, side) RGB
    labels: NDArray[np.float32]  # (n, 2) in the order of ``network.HEADS``
    weights: NDArray[np.float32]  # (n, 2); 0: the question does not arise


@dataclass(frozen=True, slots=True)
class Material:
    """Faces of one split, with who could stand in for whom."""

    lfw: crops.Faces
    ffhq: crops.Faces
    stylegan: crops.Faces
    lfw_indices: NDArray[np.int64]
    ffhq_indices: NDArray[np.int64]
    stylegan_indices: NDArray[np.int64]
    lfw_others: NDArray[np.int64]  # (len(lfw_indices), NEIGHBOURS) indices into lfw
    ffhq_others: NDArray[np.int64]
    autoencoded: NDArray[np.uint8] | None  # of ffhq_indices; training only

    def draw(self, random: Generator) -> tuple[crops.Faces, int, int]:
        """A random photograph and one of another person: their source and indices."""
        if random.random() < FFHQ_SHARE:
            faces, indices, others = self.ffhq, self.ffhq_indices, self.ffhq_others
        else:
            faces, indices, others = self.lfw, self.lfw_indices, self.lfw_others
        place = int(random.integers(len(indices)))
        other = others[place, int(random.integers(others.shape[1]))]
        return faces, int(indices[place]), int(other)


def material(data: Path, cache: Path, split: crops.Split, *, seed: int) -> Material:
    """Everything of ``split``. Finds faces and trains the autoencoders if they are not cached."""
    lfw, ffhq, stylegan = (crops.load(source, data, cache) for source in crops.SOURCES)
    lfw_indices, ffhq_indices = lfw.of(split), ffhq.of(split)
    autoencoded = None
    if split is crops.Split.TRAIN:
        autoencoded = autoencoder.reconstructions(ffhq.pictures, ffhq_indices, cache, seed)
    return Material(
        lfw=lfw,
        ffhq=ffhq,
        stylegan=stylegan,
        lfw_indices=lfw_indices,
        ffhq_indices=ffhq_indices,
        stylegan_indices=stylegan.of(split),
        lfw_others=lookalikes(lfw, lfw_indices),
        ffhq_others=lookalikes(ffhq, ffhq_indices),
        autoencoded=autoencoded,
    )


def batch(source: Material, step: int, side: int, seed: int, pairs: Pairs = PAIRS) -> Batch:
    """Training batch ``step`` of pictures of ``side`` pixels."""
    import numpy as np

    random = np.random.default_rng([seed, step, side])
    rows = []
    for _ in range(pairs.forged):
        rows += _forged_pair(source, side, random)
    for _ in range(pairs.generated):
        rows += _generated_pair(source, side, random)
    for _ in range(pairs.rebuilt):
        rows += _rebuilt_pair(source, side, random)
    pictures, labels, weights = zip(*rows, strict=True)
    return Batch(
        pictures=np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2)),
        labels=np.array(labels, np.float32),
        weights=np.array(weights, np.float32),
    )


_Row = tuple["Pixels", tuple[float, float], tuple[float, float]]


def _forged_pair(source: Material, side: int, random: Generator) -> list[_Row]:
    faces, index, other_index = source.draw(random)
    framing = _framing(random)
    real = _view(faces, index, side, framing)
    other = _view(faces, other_index, side, Framing(framing.margin, mirrored=random.random() < 0.1))
    fake = blends.forged(real, other, random)
    matched = random.random() < 0.8
    first = int(random.integers(2**31))
    second = first if matched else first + 1
    weight = 1.0 if faces is source.ffhq else LFW_WEIGHT
    return [
        (degrade.degraded(real.rgb, np_random(first)), (0, 0), (1, weight)),
        (degrade.degraded(fake, np_random(second)), (1, 0), (1, weight / 2)),
    ]


def _generated_pair(source: Material, side: int, random: Generator) -> list[_Row]:
    photograph = int(random.choice(source.ffhq_indices))
    generated = int(random.choice(source.stylegan_indices))
    look, seed, kept = random.random(), int(random.integers(2**31)), random.random() < 0.15
    rows: list[_Row] = []
    for faces, index, label in (
        (source.ffhq, photograph, 0.0),
        (source.stylegan, generated, 1.0),
    ):
        picture = _looked_at(faces, index, faces.pictures[index], side, look, random)
        if not kept:
            picture = degrade.degraded(picture, np_random(seed))
        manipulation_weight = 0.5 if look < _FACE_LOOK and not label else 0.0
        rows.append((picture, (0, label), (manipulation_weight, 1)))
    return rows


def _rebuilt_pair(source: Material, side: int, random: Generator) -> list[_Row]:
    """A photograph, and the same through a random or a learned up-sampler."""
    import numpy as np

    look, view_seed, seed = random.random(), *(int(n) for n in random.integers(2**31, size=2))
    if source.autoencoded is not None and random.random() < 0.4:
        place = int(random.integers(len(source.ffhq_indices)))
        faces, index = source.ffhq, int(source.ffhq_indices[place])
        rebuilt = source.autoencoded[place]
    else:
        faces, index, _ = source.draw(random)
        rebuilt = upsampling.reconstructed(np.asarray(faces.pictures[index]), random)
    return [
        (
            degrade.degraded(
                _looked_at(faces, index, picture, side, look, np_random(view_seed)), np_random(seed)
            ),
            (0, label),
            (0, 0.6),
        )
        for picture, label in ((faces.pictures[index], 0.0), (rebuilt, 1.0))
    ]


_FACE_LOOK, _WHOLE_LOOK = 0.6, 0.8


def _looked_at(
    faces: crops.Faces, index: int, picture: Pixels, side: int, look: float, random: Generator
) -> Pixels:
    """The face, the whole picture or a patch in the picture's own resolution."""
    import numpy as np

    if look < _FACE_LOOK:
        framing = _framing(random)
        return view(picture, faces.boxes[index], faces.landmarks[index], side, framing).rgb
    length = picture.shape[0]
    if look < _WHOLE_LOOK or length <= side:
        whole = np.array([0, 0, length, length], np.float32)
        framing = Framing(random.uniform(0.8, 1.0), mirrored=random.random() < 0.5)
        return view(picture, whole, faces.landmarks[index], side, framing).rgb
    row, column = random.integers(0, length - side, 2)
    patch = picture[row : row + side, column : column + side]
    return np.ascontiguousarray(patch[:, ::-1] if random.random() < 0.5 else patch)


def _framing(random: Generator) -> Framing:
    return Framing(
        margin=random.uniform(0.95, 1.45),
        shift=(random.uniform(-0.04, 0.04), random.uniform(-0.04, 0.04)),
        degrees=random.uniform(-12, 12) if random.random() < 0.3 else 0.0,
        mirrored=random.random() < 0.5,
    )


def _view(faces: crops.Faces, index: int, side: int, framing: Framing) -> Portrait:
    return view(faces.pictures[index], faces.boxes[index], faces.landmarks[index], side, framing)


def lookalikes(faces: crops.Faces, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each face the faces of other people in ``indices`` whose landmarks lie most alike."""
    import numpy as np

    points = faces.landmarks[indices] / faces.boxes[indices][:, None, 2:].max(2, keepdims=True)
    shapes = (points - points.mean(1, keepdims=True)).reshape(len(indices), -1)
    people = faces.people[indices]
    count = min(NEIGHBOURS, len(indices) - int(np.unique(people, return_counts=True)[1].max()))
    squares = (shapes**2).sum(1)
    found = []
    for row in range(len(indices)):
        distances = squares - 2 * shapes @ shapes[row]
        distances[people == people[row]] = np.inf
        found.append(indices[np.argpartition(distances, count)[:count]])
    return np.array(found, np.int64)


def np_random(seed: int) -> Generator:
    """A generator of its own, so that both sides of a pair draw the same numbers."""
    import numpy as np

    return np.random.default_rng(seed)

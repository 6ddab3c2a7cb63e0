"""Pictures for calibrating and measuring the face signals: as an upload would show them.

A forged face is put back into the photograph that it was cut from. Every picture is saved as a
JPEG: of quality 90, or after the random chain of ``degrade``, the same for a photograph and what
was made of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.media.types import Face, Image, ImageFormat, Point, View
from media_integrity.schema.findings import Box

from . import blends, crops, degrade, samples, upsampling
from .geometry import Framing, Portrait, view

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

    from media_integrity.media.types import Pixels

SAVED = 90
"""JPEG quality of pictures that are not degraded."""

AROUND = 1.45
"""Side of what is cut out for forging, over the face's box."""

ALTERED = {
    "self_blended": blends.self_blended,
    "trained_methods": blends.forged,
    "poisson": blends.held_out,
}
"""Ways of altering a face. ``poisson`` is the one that training does not see."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture with its face."""

    kind: str
    """Source or way of altering; ``_degraded`` behind it if it went through the random chain."""
    person: str
    image: Image

    @property
    def face(self) -> Face:
        assert self.image.faces is not None
        return self.image.faces[0][0]


def of_altered(source: samples.Material, limit: int) -> Iterator[Shown]:
    """LFW's people as they are and altered, and FFHQ's as they are; each saved and degraded."""
    import numpy as np

    order = np.random.default_rng(0).permutation(len(source.lfw_indices))[:limit]
    for place in order:
        index = int(source.lfw_indices[place])
        random = np.random.default_rng([11, index])
        other = int(random.choice(source.lfw_others[place][:10]))
        made = {"lfw": np.asarray(source.lfw.pictures[index])}
        for name, method in ALTERED.items():
            made[name] = altered(source.lfw, index, other, method, random)
        yield from _saved(source.lfw, index, made, int(random.integers(2**31)))
    yield from _as_they_are("ffhq", source.ffhq, source.ffhq_indices, limit)


def of_synthetic(source: samples.Material, limit: int) -> Iterator[Shown]:
    """FFHQ and LFW photographs; StyleGAN; LFW rebuilt by an up-sampler; saved and degraded."""
    import numpy as np

    yield from _as_they_are("ffhq", source.ffhq, source.ffhq_indices, limit)
    yield from _as_they_are("stylegan", source.stylegan, source.stylegan_indices, limit)
    order = np.random.default_rng(0).permutation(len(source.lfw_indices))[: limit // 2]
    for index in (int(source.lfw_indices[place]) for place in order):
        random = np.random.default_rng([12, index])
        photograph = np.asarray(source.lfw.pictures[index])
        made = {"lfw": photograph, "rebuilt": upsampling.reconstructed(photograph, random)}
        yield from _saved(source.lfw, index, made, int(random.integers(2**31)))


def altered(
    faces: crops.Faces,
    index: int,
    other_index: int,
    method: blends.Method,
    random: Generator,
) -> Pixels:
    """The photograph with its face altered in place."""
    import numpy as np

    picture = np.array(faces.pictures[index])
    box = faces.boxes[index]
    side = min(round(float(max(box[2], box[3])) * AROUND), picture.shape[0])
    corner = np.clip(np.round(box[:2] + box[2:] / 2 - side / 2), 0, picture.shape[0] - side)
    left, top = (int(value) for value in corner)
    cut = np.ascontiguousarray(picture[top : top + side, left : left + side])
    portrait = Portrait(cut, faces.landmarks[index] - corner.astype(np.float32))
    other = view(
        faces.pictures[other_index],
        faces.boxes[other_index],
        faces.landmarks[other_index],
        side,
        Framing(AROUND),
    )
    picture[top : top + side, left : left + side] = method(portrait, other, random)
    return picture


def _as_they_are(
    name: str, faces: crops.Faces, indices: NDArray[np.int64], limit: int
) -> Iterator[Shown]:
    import numpy as np

    for index in (int(value) for value in indices[:limit]):
        yield from _saved(faces, index, {name: np.asarray(faces.pictures[index])}, index)


def _saved(faces: crops.Faces, index: int, made: dict[str, Pixels], seed: int) -> Iterator[Shown]:
    import numpy as np

    for name, picture in made.items():
        person = str(faces.people[index])
        saved = degrade.recompressed(picture, SAVED)
        yield Shown(name, person, image_of(saved, faces, index))
        degraded = degrade.degraded(picture, np.random.default_rng([13, seed]))
        degraded = degrade.recompressed(degraded, SAVED)
        yield Shown(f"{name}_degraded", person, image_of(degraded, faces, index))


def image_of(rgb: Pixels, faces: crops.Faces, index: int) -> Image:
    """As opened, with the face that was found in the photograph."""
    side = rgb.shape[0]
    left, top, width, height = (float(value) / side for value in faces.boxes[index])
    box = Box(
        left=left,
        top=top,
        width=min(width, 1 - left),
        height=min(height, 1 - top),
        confidence=1.0,
    )
    eye, other_eye, nose, mouth, other_mouth = (
        Point(float(x) / side, float(y) / side) for x, y in faces.landmarks[index]
    )
    return Image(
        data=b"",
        format=ImageFormat.JPEG,
        width=side,
        height=side,
        frames=1,
        views=(View(rgb, 0),),
        faces=((Face(box, (eye, other_eye, nose, mouth, other_mouth)),),),
    )

"""The photographs that training draws on: decoded, with the face that each shows, and split.

Faces are found by the engine's own detector, so that training sees the boxes that production will.
Pictures and boxes are cached in the output folder: finding the faces of 8,000 pictures takes ten
minutes, reading them back a second.

Splits are a function of the person's name (LFW) or of the file's md5 (the others), never of order
or chance: one person, and one file under two names, is in one split alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from media_integrity.media.types import Face
from media_integrity.signals.faces import detect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_integrity.media.types import Pixels


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of faces. ``shares``: the ends of train and validation on the line from 0 to 1."""

    name: str
    folder: str
    by_person: bool
    side: int
    """Pixels; every picture of the source is square and of this size."""
    shares: tuple[float, float]


LFW = Source("lfw", "faces_real_lfw", True, 250, (0.8, 0.9))
FFHQ = Source("ffhq", "faces_gan/real", False, 256, (0.7, 0.85))
STYLEGAN = Source("stylegan", "faces_gan/ai", False, 256, (0.7, 0.85))
SOURCES = (LFW, FFHQ, STYLEGAN)


@dataclass(frozen=True, slots=True)
class Faces:
    """The pictures of one source in which a face was found. First axis: pictures."""

    pictures: NDArray[np.uint8]  # (n, side, side, 3) RGB, read from disk as needed
    boxes: NDArray[np.float32]  # (n, 4) left, top, width, height in pixels
    landmarks: NDArray[np.float32]  # (n, 5, 2) x, y in pixels, as ``faces.Face`` orders them
    people: NDArray[np.str_]  # (n,) who is in it, or the file's md5
    splits: NDArray[np.str_]  # (n,) ``Split``

    def of(self, split: Split) -> NDArray[np.int64]:
        """Indices of the pictures of ``split``."""
        import numpy as np

        return np.flatnonzero(self.splits == split.value)


def split_of(key: str, shares: tuple[float, float]) -> Split:
    """Where everything with this key belongs: a uniform hash of it against the shares."""
    place = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) / 2**32
    if place < shares[0]:
        return Split.TRAIN
    return Split.VALIDATION if place < shares[1] else Split.TEST


def load(source: Source, data: Path, cache: Path) -> Faces:
    """The faces of ``source``; found now if the cache does not hold them.

    Raises:
        FileNotFoundError: ``data`` has no such folder, or it is empty.
    """
    import numpy as np

    table = cache / f"{source.name}.json"
    if not table.exists():
        _find(source, data, cache)
    rows = json.loads(table.read_text())
    return Faces(
        pictures=np.load(cache / f"{source.name}.npy", mmap_mode="r"),
        boxes=np.array(rows["boxes"], np.float32),
        landmarks=np.array(rows["landmarks"], np.float32),
        people=np.array(rows["people"]),
        splits=np.array([split_of(person, source.shares).value for person in rows["people"]]),
    )


def _find(source: Source, data: Path, cache: Path) -> None:
    import numpy as np

    files = sorted((data / source.folder).rglob("*.jpg"))
    if not files:
        raise FileNotFoundError(f"no pictures in {data / source.folder}")
    pictures, boxes, landmarks, people = [], [], [], []
    for file, picture in _opened(tqdm(files, desc=f"faces of {source.name}"), source.side):
        face = _main_face(detect(picture))
        if face is None:
            continue
        box = face.box
        pictures.append(picture)
        boxes.append([value * source.side for value in (box.left, box.top, box.width, box.height)])
        landmarks.append([[p.x * source.side, p.y * source.side] for p in face.landmarks])
        people.append(
            file.parent.name if source.by_person else hashlib.md5(file.read_bytes()).hexdigest()  # noqa: S324
        )
    cache.mkdir(parents=True, exist_ok=True)
    np.save(cache / f"{source.name}.npy", np.stack(pictures))
    rows = {"boxes": boxes, "landmarks": landmarks, "people": people}
    (cache / f"{source.name}.json").write_text(json.dumps(rows))


def _opened(files: Iterator[Path], side: int) -> Iterator[tuple[Path, Pixels]]:
    import cv2
    import numpy as np

    for file in files:
        bgr = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if bgr is None or bgr.shape != (side, side, 3):
            raise ValueError(f"{file.name} is not a picture of {side} x {side}")
        yield file, np.ascontiguousarray(bgr[:, :, ::-1], np.uint8)


def _main_face(faces: tuple[Face, ...]) -> Face | None:
    """The face whose picture this is: large and in the middle, not a bystander's."""

    def off_centre(face: Face) -> float:
        box = face.box
        across = box.left + box.width / 2 - 0.5
        down = box.top + box.height / 2 - 0.5
        return float((across**2 + down**2) ** 0.5 - 0.25 * box.width)

    return min(faces, key=off_centre, default=None)

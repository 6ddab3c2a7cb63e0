"""``python -m training groups``: photographs of several people, one face of some exchanged.

For what the agreement of faces is worth (``python -m evaluation.agreement``). Each photograph of
``scenes`` is resized, so that its own compression is gone, and compressed anew; in tampered ones
one face is covered with that of an LFW person of the test split, compressed on its own, as
``splices`` does it. ``photograph`` in the manifest says which belong together.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from media_integrity.media.types import Face
from media_integrity.signals import faces
from media_integrity.signals.face_quality import quality

from .splices import Rgb, as_jpeg, compressed, fresh, photographs, splice

VERSIONS = 6
"""Of each photograph as it is, and as many with a face exchanged."""

SMALLEST = 48
"""Pixels of a face's width that is exchanged."""


def main(arguments: Sequence[str]) -> int:
    """``python -m training groups``."""
    parser = argparse.ArgumentParser(prog="python -m training groups", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    write(given.data, given.out, given.seed)
    return 0


def write(data: Path, out: Path, seed: int) -> None:
    """Pictures and ``manifest.csv`` with the columns path, label, photograph."""
    chance = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    people = [path for path in photographs(data)["test"] if "faces_real_lfw" in path.parts]
    rows: list[tuple[str, int, str]] = []
    for photograph in tqdm(sorted((data / "scenes").glob("*.jpg")), desc="photographs"):
        for index in range(2 * VERSIONS):
            picture = compressed(fresh(photograph, chance), int(chance.integers(60, 96)))
            places = [face for face in faces.detect(picture) if _judged(picture, face)]
            if len(places) < 2:
                continue
            if tampered := index % 2:
                place = places[int(chance.integers(len(places)))]
                face = _another(picture, place, people, chance)
                picture = splice(picture, place.box, face, float(chance.uniform(1, 6)))
            name = f"{photograph.stem}_{index:02d}.jpg"
            (out / name).write_bytes(as_jpeg(picture, int(chance.integers(70, 99))))
            rows.append((name, tampered, photograph.stem))
    with (out / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("path", "label", "photograph"))
        writer.writerows(rows)


def _judged(picture: Rgb, face: Face) -> bool:
    seen = quality(picture, face.box)
    wide = face.box.width * picture.shape[1]
    return wide >= SMALLEST and not seen.too_small and not seen.too_blurred


def _another(picture: Rgb, place: Face, people: Sequence[Path], chance: np.random.Generator) -> Rgb:
    """Somebody's face, as large as the one at ``place``."""
    while True:
        other = fresh(people[int(chance.integers(len(people)))], chance)
        found = faces.detect(other)
        if found:
            break
    box = found[0].box
    height, width = other.shape[:2]
    cut = other[
        round(box.top * height) : round((box.top + box.height) * height),
        round(box.left * width) : round((box.left + box.width) * width),
    ]
    wide, high = (
        round(place.box.width * picture.shape[1]),
        round(place.box.height * picture.shape[0]),
    )
    framed = np.asarray(cv2.resize(cut, (wide + 8, high + 8)), np.uint8)
    row, column = chance.integers(0, 8, 2)
    own = int(chance.integers(50, 96))
    return compressed(framed, own)[row : row + high, column : column + wide]

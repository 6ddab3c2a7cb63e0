"""Spliced faces: pictures for fitting and measuring the compression signal.

``python -m training splices --data DIR --out DIR`` writes pictures and a manifest with the columns
path, label (1: a face was put in), split, last (how the file was saved) and order (whether its last
compression was finer than the one before, which is when traces survive).

Each picture begins as a photograph of the data folder, resized so that its own compression is gone,
with a little noise of a sensor. It is compressed (quality 50 to 95); in half of them the face of
somebody else, compressed on its own (50 to 95, its grid anywhere), is put over the face, coloured
alike, with a soft edge; then it is saved: 30 % as PNG, the others as JPEG of quality 60 to 98. The
pictures without a splice go through the same compressions. People of one split are in no other.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from tqdm import tqdm

from media_integrity.schema.findings import Box
from media_integrity.signals import faces

Rgb = NDArray[np.uint8]

SPLITS = {"train": 300, "validation": 200, "test": 400}
"""Pictures of each split; half of them spliced."""

_SHARES = (("train", 60), ("validation", 80), ("test", 100))
_MARGIN = 0.12
"""Of LFW's sides that are cut off: the warp leaves black corners."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A picture ready to be written."""

    data: bytes
    suffix: str
    finer: bool
    """The last compression was finer than the background's, or there was none."""


def split_of(person: str) -> str:
    """By the hash of a person's or a picture's name, so that it never changes."""
    place = int(hashlib.md5(person.encode(), usedforsecurity=False).hexdigest(), 16) % 100
    return next(name for name, bound in _SHARES if place < bound)


def photographs(data: Path) -> dict[str, list[Path]]:
    """By split: LFW by its people, FFHQ by its pictures."""
    found: dict[str, list[Path]] = {name: [] for name in SPLITS}
    for path in sorted((data / "faces_real_lfw").glob("*/*.jpg")):
        found[split_of(path.parent.name)].append(path)
    for path in sorted((data / "faces_gan" / "real").glob("*.jpg")):
        found[split_of(path.stem)].append(path)
    return found


def fresh(path: Path, chance: np.random.Generator) -> Rgb:
    """The photograph without its compression: resized by 0.8 to 2, noise of 0.5 to 2 levels."""
    picture = Pillow.open(path).convert("RGB")
    if "faces_real_lfw" in path.parts:
        cut = round(_MARGIN * picture.width)
        picture = picture.crop((cut, cut, picture.width - cut, picture.height - cut))
    scale = chance.uniform(0.8, 2.0)
    size = round(picture.width * scale), round(picture.height * scale)
    resized = np.asarray(picture.resize(size, Pillow.Resampling.LANCZOS), np.float32)
    noisy = resized + chance.normal(0, chance.uniform(0.5, 2), resized.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def compressed(rgb: Rgb, quality: int) -> Rgb:
    """There and back."""
    return np.asarray(Pillow.open(io.BytesIO(as_jpeg(rgb, quality))).convert("RGB"), np.uint8)


def splice(background: Rgb, place: Box, face: Rgb, softness: float) -> Rgb:
    """``face`` scaled over ``place``, its mean colour taken on, inside a soft ellipse."""
    height, width = background.shape[:2]
    left, top = round(place.left * width), round(place.top * height)
    wide, high = round(place.width * width), round(place.height * height)
    part = background[top : top + high, left : left + wide].astype(np.float32)
    high, wide = part.shape[:2]
    resized = face[:high, :wide].astype(np.float32)
    resized += part.mean(axis=(0, 1)) - resized.mean(axis=(0, 1))
    mask = np.zeros((high, wide), np.float32)
    axes = max(1, round(wide / 2 - softness)), max(1, round(high / 2 - softness))
    cv2.ellipse(mask, (wide // 2, high // 2), axes, 0, 0, 360, 1.0, -1)
    if softness >= 1:
        mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), softness / 2), np.float32)
    mixed = part + mask[:, :, None] * (resized - part)
    spliced = background.copy()
    spliced[top : top + high, left : left + wide] = np.clip(np.rint(mixed), 0, 255)
    return spliced


def make(background: Path, source: Path | None, chance: np.random.Generator) -> Saved | None:
    """One picture; None where no face is found to put one over."""
    picture = fresh(background, chance)
    quality, own = int(chance.integers(50, 96)), int(chance.integers(50, 96))
    places = faces.detect(picture)
    if not places:
        return None
    picture = compressed(picture, quality)
    if source is not None:
        other = fresh(source, chance)
        found = faces.detect(other)
        if not found:
            return None
        box, place = found[0].box, places[0].box
        height, width = other.shape[:2]
        cut = other[
            round(box.top * height) : round((box.top + box.height) * height),
            round(box.left * width) : round((box.left + box.width) * width),
        ]
        size = round(place.width * picture.shape[1]), round(place.height * picture.shape[0])
        # Eight pixels more to each side: the grid of the face's own compression lies anywhere.
        framed = np.asarray(cv2.resize(cut, (size[0] + 8, size[1] + 8)), np.uint8)
        row, column = chance.integers(0, 8, 2)
        face = compressed(framed, own)[row : row + size[1], column : column + size[0]]
        picture = splice(picture, place, face, float(chance.uniform(0, 6)))
    if chance.random() < 0.3:
        return Saved(_png(picture), ".png", True)
    last = int(chance.integers(60, 99))
    return Saved(as_jpeg(picture, last), ".jpg", last > quality)


def write(data: Path, out: Path, seed: int) -> None:
    """All splits and ``manifest.csv``."""
    chance = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[str, int, str, str, str]] = []
    for name, paths in photographs(data).items():
        for index in tqdm(range(SPLITS[name]), desc=name):
            spliced = index % 2
            saved = None
            while saved is None:
                chosen = chance.choice(len(paths), 2, replace=False)
                source = paths[int(chosen[1])] if spliced else None
                saved = make(paths[int(chosen[0])], source, chance)
            file = f"{name}_{index:04d}{saved.suffix}"
            (out / file).write_bytes(saved.data)
            order = "finer" if saved.finer else "coarser"
            rows.append((file, spliced, name, saved.suffix[1:], order))
    with (out / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("path", "label", "split", "last", "order"))
        writer.writerows(rows)


def main(arguments: Sequence[str]) -> int:
    """``python -m training splices``."""
    parser = argparse.ArgumentParser(prog="python -m training splices", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    write(chosen.data, chosen.out, chosen.seed)
    return 0


def as_jpeg(rgb: Rgb, quality: int) -> bytes:
    written = io.BytesIO()
    Pillow.fromarray(rgb).save(written, "JPEG", quality=quality)
    return written.getvalue()


def _png(rgb: Rgb) -> bytes:
    written = io.BytesIO()
    Pillow.fromarray(rgb).save(written, "PNG", compress_level=1)
    return written.getvalue()

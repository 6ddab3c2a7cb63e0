"""``python -m training properties MANIFEST.csv --out FILE.csv``: group columns by image properties.

The data folder says nothing of who is in a picture, so nothing can be measured by groups of people.
What can be seen of a picture can: how bright and how sharp its main face is, and how large. Each
becomes a column for ``./dev eval``, in thirds of the manifest's own pictures. For pairs the darker,
less sharp, smaller picture of the two counts. **These are no groups of people**: a dark picture is
one of dark light as often as one of dark skin.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from tqdm import tqdm

from evaluation.manifest import Table, read
from evaluation.verification import main_face
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.signals import face_quality, faces

THIRDS = {
    "brightness": ("dark", "middle", "bright"),
    "sharpness": ("soft", "middle", "sharp"),
    "face_width": ("small", "middle", "large"),
}
"""Column: names of its thirds, the lowest first."""

Measures = tuple[float, ...]


def main(arguments: Sequence[str]) -> int:
    """Writes the manifest again, with the columns of ``THIRDS``."""
    parser = argparse.ArgumentParser(prog="python -m training properties", description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    table = read(given.manifest)
    paths = [column for column in ("path", "path_a", "path_b") if column in table.columns]
    measured = [_least(table, row.cells, paths) for row in tqdm(table.rows, desc="pictures")]
    with given.out.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow((*table.columns, *THIRDS))
        for row, groups in zip(table.rows, in_thirds(measured), strict=True):
            files: dict[str, str] = {
                name: str(table.file(row.cells[name]).resolve()) for name in paths
            }
            cells = {**row.cells, **files}
            writer.writerow((*(cells[column] for column in table.columns), *groups))
    return 0


def in_thirds(measured: Sequence[Measures | None]) -> list[tuple[str, ...]]:
    """The name of each measure's third; empty for what has none."""
    known = np.array([each for each in measured if each is not None])
    if not len(known):
        return [("",) * len(THIRDS) for _ in measured]
    bounds = np.quantile(known, (1 / 3, 2 / 3), axis=0)
    return [
        ("",) * len(THIRDS)
        if each is None
        else tuple(
            names[int((value > bounds[:, place]).sum())]
            for place, (value, names) in enumerate(zip(each, THIRDS.values(), strict=True))
        )
        for each in measured
    ]


def _least(table: Table, cells: Mapping[str, str], paths: Sequence[str]) -> Measures | None:
    found = [_measures(table.file(cells[path])) for path in paths]
    kept = [each for each in found if each is not None]
    return tuple(np.min(kept, axis=0)) if len(kept) == len(found) else None


@cache
def _measures(file: Path) -> Measures | None:
    """Of the main face: mean luma, logarithm of sharpness, pixels of width. None without a face."""
    rgb = open_image(file.read_bytes(), Limits()).views[0].rgb
    found = faces.detect(rgb)
    if not found:
        return None
    box = main_face(found).box
    grey = face_quality.grey_face(rgb, box)
    return (
        float(grey.mean()),
        float(np.log(face_quality.sharpness(grey) + 1e-3)),
        box.width * rgb.shape[1],
    )

"""Pairs of faces of the same person and of two, for ``./dev eval --pairs``.

People, not pictures, are split in two: thresholds are chosen on ``validation``, rates stated on
``test``. The split is by a hash of the name, so it stays when people are added. LFW has hundreds of
pictures of a few people, so of each the first ``MAX_PICTURES`` are taken, and of these at most
``MAX_OF_ONE`` pairs of the same person.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random
from typing import TypeVar

T = TypeVar("T")

FACES = "faces_real_lfw"
"""The folder of the data folder with one folder for each person."""

SPLITS = ("validation", "test")
MAX_PICTURES, MAX_OF_ONE = 8, 10
PICTURES = frozenset({".jpg", ".jpeg", ".png"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, by their paths in the data folder."""

    path_a: str
    path_b: str
    same: bool
    split: str


def split_of(person: str) -> str:
    """The half that a person belongs to."""
    return SPLITS[hashlib.md5(person.encode(), usedforsecurity=False).digest()[0] % 2]


def pairs(people: Mapping[str, list[str]], *, of_each: int, seed: int) -> Iterator[Pair]:
    """``of_each`` pairs of one person and as many of two, in each split, or as many as there are.

    ``people``: the pictures of each person.
    """
    random = Random(seed)  # noqa: S311  for repeatability, not for secrets
    for split in SPLITS:
        names = sorted(name for name in people if split_of(name) == split)
        same = [
            pair
            for name in names
            for pair in _some(random, list(combinations(sorted(people[name]), 2)), MAX_OF_ONE)
        ]
        chosen = _some(random, same, of_each)
        yield from (Pair(first, second, True, split) for first, second in chosen)
        seen: set[tuple[str, str]] = set()
        possible = sum(len(people[name]) for name in names) > 1 and len(names) > 1
        while possible and len(seen) < len(chosen):
            one, other = random.sample(names, 2)
            pair = (random.choice(sorted(people[one])), random.choice(sorted(people[other])))
            if pair not in seen:
                seen.add(pair)
                yield Pair(*pair, False, split)


def _some(random: Random, choices: list[T], at_most: int) -> list[T]:
    return random.sample(choices, min(at_most, len(choices)))


def people_in(data: Path) -> dict[str, list[str]]:
    """Everybody's pictures, as paths in the data folder.

    Raises:
        SystemExit: the folder has no such faces.
    """
    folder = data / FACES
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not there: --data has to be the data folder")
    found: dict[str, list[str]] = {}
    for picture in sorted(folder.glob("*/*")):
        if picture.suffix.lower() in PICTURES:
            found.setdefault(picture.parent.name, []).append(str(picture.relative_to(data)))
    return {person: pictures[:MAX_PICTURES] for person, pictures in found.items()}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m training pairs", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    parser.add_argument("--of-each", type=int, default=1500, help="pairs of a kind and a split")
    parser.add_argument("--split", choices=SPLITS, help="this half alone")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    chosen = pairs(people_in(given.data), of_each=given.of_each, seed=given.seed)
    with given.out.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("path_a", "path_b", "same", "split"))
        for pair in chosen:
            if given.split in {None, pair.split}:
                paths = (str((given.data / path).resolve()) for path in (pair.path_a, pair.path_b))
                table.writerow((*paths, int(pair.same), pair.split))
    return 0

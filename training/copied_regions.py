"""``python -m training copied_regions``: pages on which a stamp, signature or bubble stands twice.

Pages of ``training.documents`` get stamps or signatures where they have none; chats have bubbles.
An honest page shows the same thing twice before its first life: two impressions of one stamp. On a
tampered one a part is copied after it. Half of all pages are honest without a second stamp at all.
The first lives have grain (scan; photograph of a screen), and the last is PNG or JPEG of 85 to 97.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ImageDraw
from tqdm import tqdm

from evaluation.metrics import proportion
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.signals.document.regions import copies
from media_integrity.signals.forensics.plane import plane

from .documents import PAGES, Page, encoded, live, put_over, typeface

SPLITS = {"validation": 120, "test": 240}
KINDS = ("stamp", "signature", "bubble")


@dataclass(frozen=True, slots=True)
class Made:
    """A page as it is uploaded."""

    data: bytes
    tampered: bool
    kind: str
    honest_twice: bool
    last: str


def stamped(page: Page, chance: np.random.Generator, places: list[tuple[int, int]]) -> int:
    """A round stamp at each of ``places`` (left, top). Returns its side in pixels."""
    side = int(chance.integers(80, 150))
    pencil = ImageDraw.Draw(page.picture)
    ink = (int(chance.integers(20, 90)), 40, int(chance.integers(120, 200)))
    for left, top in places:
        pencil.ellipse((left, top, left + side, top + side), outline=ink, width=5)
        pencil.text(
            (left + side // 5, top + side // 3),
            "PAID",
            font=typeface("DejaVuSans", side // 4),
            fill=ink,
        )
    return side


def signed(page: Page, chance: np.random.Generator, places: list[tuple[int, int]]) -> int:
    """The same curve at each place. Returns its width; a third as high."""
    width = int(chance.integers(120, 220))
    steps = np.linspace(0, 1, 60)
    waves = chance.uniform(4, 9, 3)
    height = width / 6 * sum(np.sin(waves[k] * steps * np.pi * (k + 1)) / (k + 1) for k in range(3))
    for left, top in places:
        line = [(left + x * width, top + width / 6 + y) for x, y in zip(steps, height, strict=True)]
        ImageDraw.Draw(page.picture).line(line, fill=(20, 30, 110), width=3)
    return width


def made(split: str, count: int, seed: int) -> Iterator[Made]:
    """``count`` pages of a split, with random numbers of its own."""
    chance = np.random.default_rng((seed, 7, list(SPLITS).index(split)))
    done = 0
    while done < count:
        kind = str(chance.choice(KINDS))
        page = PAGES["chat" if kind == "bubble" else str(chance.choice(["letter", "statement"]))](
            chance
        )
        tamper, twice = done % 2 == 1, done % 4 == 0
        width, height = page.picture.size
        if kind == "bubble":
            if not page.spots:
                continue
            spot = page.spots[int(chance.integers(len(page.spots)))]
            part = (
                max(0, spot.left - 14),
                max(0, spot.top - 10),
                spot.right + 14,
                spot.bottom + 10,
            )
            if part[2] - part[0] > 0.8 * width:
                continue
        else:
            places = [
                (int(chance.integers(20, width - 240)), int(chance.integers(60, height - 200)))
            ]
            if twice:
                places.append(
                    (int(chance.integers(20, width - 240)), int(chance.integers(60, height - 200)))
                )
            draw = stamped if kind == "stamp" else signed
            size = draw(page, chance, places)
            tall = size if kind == "stamp" else size // 3
            left, top = places[0]
            part = (max(0, left - 6), max(0, top - 6), left + size + 6, top + tall + 6)
        rgb, scale = live(page.picture, "scan", chance)
        if tamper:
            cut = tuple(round(edge * scale) for edge in part)
            tall, wide = rgb.shape[:2]
            if cut[3] - cut[1] + 40 >= tall or cut[2] - cut[0] >= wide:
                continue
            place = (
                int(chance.integers(0, wide - (cut[2] - cut[0]))),
                int(chance.integers(0, tall - (cut[3] - cut[1]))),
            )
            if (
                abs(place[0] - cut[0]) < cut[2] - cut[0]
                and abs(place[1] - cut[1]) < cut[3] - cut[1]
            ):
                continue
            copied = put_over(rgb, rgb, place, cut)
            if copied is None:
                continue
            rgb = copied
        is_png = chance.random() < 0.35
        quality = None if is_png else int(chance.integers(85, 98))
        done += 1
        yield Made(encoded(rgb, quality), tamper, kind, twice, "png" if is_png else "jpg")


def main(arguments: Sequence[str]) -> int:
    """Prints how many copies are found, and how many honest pages are accused."""
    parser = argparse.ArgumentParser(prog="python -m training copied_regions", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=sorted(SPLITS), default="validation")
    given = parser.parse_args(arguments)
    count = SPLITS[given.split]
    rows = []
    for page in tqdm(made(given.split, count, given.seed), total=count):
        seen = plane(open_image(page.data, Limits()))
        assert seen is not None
        rows.append((page, bool(copies(seen.luma))))
    for name in ("all", *KINDS, "png", "jpg"):
        own = [each for each in rows if name in ("all", each[0].kind, each[0].last)]
        print(
            f"{name}: {_rate([found for page, found in own if page.tampered])} found,",
            f"{_rate([found for page, found in own if not page.tampered])} honest pages accused,",
            f"{_rate([f for p, f in own if not p.tampered and p.honest_twice])} of those with two",
        )
    return 0


def _rate(found: list[bool]) -> str:
    """A share with its exact 95 % interval."""
    measured = proportion(sum(found), len(found))
    if measured.value is None:
        return "none"
    return f"{measured.value:.1%} ({measured.low:.1%}-{measured.high:.1%}, n = {len(found)})"

"""Screenshots, letters and statements, honest and tampered with, for the document signal.

``python -m training documents --out DIR`` writes pictures and a manifest with the columns path,
label (1: tampered), split (train, validation, test: other random numbers), kind, life and tamper.

Each page is drawn with one of several fonts, then has a first life: ``screen`` (as drawn), ``jpeg``
(quality 60 to 95), ``messenger`` (smaller, JPEG) or ``scan`` (blur, uneven light, grain, JPEG).
Half of the pages are then tampered with: ``retype`` (a field painted over and written anew),
``paste`` (a line of another page with a life of its own), ``copy`` (a field of the page put over
another) or ``bubble`` (a chat bubble drawn anew). At last all are saved, 35 % as PNG, the others as
JPEG of quality 70 to 97. A page as drawn and retyped with the same font cannot be told from an
honest one; such pages stay in, since they are what forgers make too.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from tqdm import tqdm

Rgb = NDArray[np.uint8]
Colour = tuple[int, int, int]

SPLITS = {"train": 240, "validation": 120, "test": 400}
"""Pages of each split; half of them tampered with."""
FONTS = ("DejaVuSans", "DejaVuSerif", "DejaVuSansMono", "STIXGeneral", "")
"""Of matplotlib's; the last is Pillow's own."""

LIVES = (("screen", 0.15), ("jpeg", 0.35), ("messenger", 0.2), ("scan", 0.3))
WORDS = tuple(
    word
    for line in (
        "the meeting account transfer on Monday payment received please send today invoice",
        "balance number order house was will with from have about confirm agreed thank you number",
        "rent paid street delivery contract because later evening tomorrow customer amount deposit",
        "morning",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A field of a page that may be changed, and how it was drawn."""

    left: int
    top: int
    right: int
    bottom: int
    text: str
    font: str
    size: int
    ink: Colour
    paper: Colour
    in_bubble: bool = False


@dataclass(slots=True)
class Page:
    picture: Pillow.Image
    spots: list[Spot] = field(default_factory=list)

    def write(self, left: int, top: int, text: str, font: str, size: int, ink: Colour,
              paper: Colour, *, keep: bool, in_bubble: bool = False) -> int:  # fmt: skip
        """Draws a text and returns where it ends; ``keep``: it is a field that may be changed."""
        pencil = ImageDraw.Draw(self.picture)
        face = typeface(font, size)
        pencil.text((left, top), text, font=face, fill=ink)
        box = pencil.textbbox((left, top), text, font=face)
        right, bottom = round(box[2]), round(box[3])
        if keep and right < self.picture.width and bottom < self.picture.height:
            spot = Spot(left, round(box[1]), right, bottom, text, font, size, ink, paper, in_bubble)
            self.spots.append(spot)
        return right


@cache
def typeface(name: str, size: int) -> ImageFont.FreeTypeFont:
    if not name:
        loaded = ImageFont.load_default(size=size)
        assert isinstance(loaded, ImageFont.FreeTypeFont)  # a size asks for the scalable one
        return loaded
    return ImageFont.truetype(
        str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size
    )


# Pages ------------------------------------------------------------------------------------------


def _sentence(chance: np.random.Generator, words: int) -> str:
    return " ".join(str(word) for word in chance.choice(WORDS, words))


def _amount(chance: np.random.Generator) -> str:
    return f"{chance.integers(1, 9999):,}.{chance.integers(0, 100):02d}"


def _date(chance: np.random.Generator) -> str:
    return f"{chance.integers(1, 29):02d}.{chance.integers(1, 13):02d}.2024"


def chat(chance: np.random.Generator) -> Page:
    """A phone's screen with bubbles to the left and to the right."""
    width, height = int(chance.integers(480, 760)), int(chance.integers(900, 1300))
    dark = bool(chance.random() < 0.25)
    ground: Colour = (18, 24, 30) if dark else (236, 229, 221)
    theirs: Colour = (38, 45, 52) if dark else (255, 255, 255)
    mine: Colour = (0, 92, 75) if dark else (220, 248, 198)
    ink: Colour = (233, 237, 239) if dark else (17, 17, 17)
    font, size = str(chance.choice(FONTS[:2] + FONTS[4:])), int(chance.integers(18, 28))
    page = Page(Pillow.new("RGB", (width, height), ground))
    pencil = ImageDraw.Draw(page.picture)
    pencil.rectangle((0, 0, width, 70), fill=(7, 94, 84))
    page.write(24, 20, _sentence(chance, 2), font, size, (255, 255, 255), (7, 94, 84), keep=False)
    top = 95
    while top < height - 150:
        paper = mine if chance.random() < 0.5 else theirs
        lines = [
            _sentence(chance, int(chance.integers(2, 6))) for _ in range(chance.integers(1, 4))
        ]
        if chance.random() < 0.4:
            lines.append(f"{_amount(chance)} EUR {_date(chance)}")
        wide = max(round(typeface(font, size).getlength(line)) for line in lines) + 36
        wide = min(wide, width - 40)
        left = width - wide - 16 if paper is mine else 16
        tall = round(len(lines) * size * 1.35) + 24
        pencil.rounded_rectangle((left, top, left + wide, top + tall), 14, fill=paper)
        for row, line in enumerate(lines):
            page.write(left + 18, top + 10 + round(row * size * 1.35), line, font, size, ink, paper,
                       keep=True, in_bubble=True)  # fmt: skip
        top += tall + int(chance.integers(10, 30))
    return page


def statement(chance: np.random.Generator) -> Page:
    """A bank's table: date, text, amount."""
    width, height = int(chance.integers(700, 950)), int(chance.integers(950, 1250))
    font, size = str(chance.choice(FONTS)), int(chance.integers(16, 24))
    paper: Colour = (255, 255, 255) if chance.random() < 0.7 else (250, 248, 240)
    ink: Colour = (20, 20, 20) if chance.random() < 0.7 else (40, 50, 80)
    page = Page(Pillow.new("RGB", (width, height), paper))
    page.write(50, 40, "ACCOUNT STATEMENT", font, size + 10, ink, paper, keep=False)
    top = 110
    pencil = ImageDraw.Draw(page.picture)
    while top < height - 80:
        amount = _amount(chance)
        end = width - 60 - round(typeface(font, size).getlength(amount))
        page.write(50, top, _date(chance), font, size, ink, paper, keep=True)
        page.write(220, top, _sentence(chance, int(chance.integers(1, 4))), font, size, ink, paper,
                   keep=False)  # fmt: skip
        page.write(end, top, amount, font, size, ink, paper, keep=True)
        top += round(size * 1.9)
        if chance.random() < 0.5:
            pencil.line((50, top - 8, width - 50, top - 8), fill=(190, 190, 190))
    return page


def letter(chance: np.random.Generator) -> Page:
    """Paragraphs, and a date above."""
    width, height = int(chance.integers(700, 950)), int(chance.integers(950, 1250))
    font, size = str(chance.choice(FONTS)), int(chance.integers(17, 25))
    paper: Colour = (255, 255, 255) if chance.random() < 0.6 else (246, 244, 238)
    ink: Colour = (15, 15, 15)
    page = Page(Pillow.new("RGB", (width, height), paper))
    page.write(width - 230, 50, _date(chance), font, size, ink, paper, keep=True)
    top = 130
    while top < height - 100:
        for _ in range(int(chance.integers(2, 7))):
            line = _sentence(chance, 14)
            while typeface(font, size).getlength(line) > width - 120:
                line = line.rsplit(" ", 1)[0]
            if chance.random() < 0.35:
                words = line.split(" ")
                line = " ".join([*words[:2], _amount(chance), *words[3:-1]])
            page.write(60, top, line, font, size, ink, paper, keep=True)
            top += round(size * 1.45)
            if top > height - 100:
                break
        top += size
    return page


PAGES = {"chat": chat, "statement": statement, "letter": letter}


# Lives ------------------------------------------------------------------------------------------


def live(picture: Pillow.Image, life: str, chance: np.random.Generator) -> tuple[Rgb, float]:
    """The page after its first life, and by how much it was scaled."""
    rgb = np.asarray(picture, np.uint8)
    if life == "screen":
        return rgb, 1.0
    if life == "jpeg":
        return compressed(rgb, int(chance.integers(60, 96))), 1.0
    if life == "messenger":
        scale = float(chance.uniform(0.65, 0.9))
        size = round(rgb.shape[1] * scale), round(rgb.shape[0] * scale)
        small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        return compressed(small, int(chance.integers(65, 90))), scale
    soft = cv2.GaussianBlur(rgb, (0, 0), float(chance.uniform(0.4, 0.8))).astype(np.float32)
    height, width = rgb.shape[:2]
    light = np.linspace(1, float(chance.uniform(0.94, 1)), width)[None, :, None]
    light = light * np.linspace(1, float(chance.uniform(0.94, 1)), height)[:, None, None]
    grain = chance.normal(0, float(chance.uniform(1.5, 4)), (height, width, 1))
    scanned = np.clip(np.rint(soft * light + grain), 0, 255).astype(np.uint8)
    return compressed(scanned, int(chance.integers(70, 96))), 1.0


def compressed(rgb: Rgb, quality: int) -> Rgb:
    """There and back."""
    return np.asarray(Pillow.open(io.BytesIO(encoded(rgb, quality))).convert("RGB"), np.uint8)


# Tampering --------------------------------------------------------------------------------------


def _changed(text: str, chance: np.random.Generator) -> str:
    """Other digits; other words where there are none."""
    if any(letter.isdigit() for letter in text):
        return "".join(str(chance.integers(0, 10)) if c.isdigit() else c for c in text)
    words = text.split(" ")
    words[int(chance.integers(len(words)))] = str(chance.choice(WORDS))
    return " ".join(words)


def retype(rgb: Rgb, spot: Spot, scale: float, chance: np.random.Generator) -> Rgb:
    """The field in the colour of its surroundings, and another text over it."""
    left, top, right, bottom = (
        round(edge * scale) for edge in (spot.left, spot.top, spot.right, spot.bottom)
    )
    area = rgb[max(0, top - 3) : bottom + 3, max(0, left - 3) : right + 3].reshape(-1, 3)
    paper = np.median(area, axis=0)
    contrast = np.abs(area.astype(np.int16) - paper).sum(axis=1)
    inks = np.median(area[contrast >= np.percentile(contrast, 97)], axis=0)
    picture = Pillow.fromarray(rgb)
    pencil = ImageDraw.Draw(picture)
    pencil.rectangle((left - 2, top - 2, right + 2, bottom + 2), fill=_colour(paper))
    size = max(8, round(spot.size * scale * chance.uniform(0.98, 1.03)))
    face = typeface(spot.font, size)
    text = _changed(spot.text, chance)
    offset = face.getbbox(text)[1]
    place = left, top - offset + int(chance.integers(-1, 2))
    pencil.text(place, text, font=face, fill=_colour(inks))
    return np.asarray(picture, np.uint8)


def redraw_bubble(rgb: Rgb, spot: Spot, scale: float, chance: np.random.Generator) -> Rgb:
    """The bubble's row in its nominal colour, which compression may have moved, and a new text."""
    left, top, right, bottom = (
        round(edge * scale) for edge in (spot.left, spot.top, spot.right, spot.bottom)
    )
    picture = Pillow.fromarray(rgb)
    pencil = ImageDraw.Draw(picture)
    pencil.rectangle((left - 6, top - 5, right + 6, bottom + 5), fill=spot.paper)
    face = typeface(spot.font, max(8, round(spot.size * scale)))
    text = _changed(spot.text, chance)
    pencil.text((left, top - face.getbbox(text)[1]), text, font=face, fill=spot.ink)
    return np.asarray(picture, np.uint8)


def put_over(rgb: Rgb, source: Rgb, place: tuple[int, int], part: tuple[int, ...]) -> Rgb | None:
    """``part`` (left, top, right, bottom) of ``source`` at ``place``; None if it ends outside."""
    cut = source[part[1] : part[3], part[0] : part[2]]
    bottom, right = place[1] + cut.shape[0], place[0] + cut.shape[1]
    if not cut.size or bottom > rgb.shape[0] or right > rgb.shape[1]:
        return None
    changed = rgb.copy()
    changed[place[1] : bottom, place[0] : right] = cut
    return changed


def tampered(kind: str, page: Page, rgb: Rgb, scale: float,
             chance: np.random.Generator) -> tuple[str, Rgb | None]:  # fmt: skip
    """The name of what was done, and the page; None where it did not work out."""
    ways = ["retype", "retype", "paste", "copy"] + (["bubble"] * 2 if kind == "chat" else [])
    way = str(chance.choice(ways))
    spot, other = (page.spots[int(i)] for i in chance.choice(len(page.spots), 2, replace=False))
    if way == "retype":
        return way, retype(rgb, spot, scale, chance)
    if way == "bubble":
        return way, redraw_bubble(rgb, spot, scale, chance)
    source = rgb
    if way == "paste":
        donor = PAGES[kind](chance)
        if not donor.spots:
            return way, None
        other = donor.spots[int(chance.integers(len(donor.spots)))]
        life = str(chance.choice([name for name, _ in LIVES]))
        source, own_scale = live(donor.picture, life, chance)
    else:
        own_scale = scale
    part = tuple(
        max(0, round(edge * own_scale) + margin)
        for edge, margin in zip(
            (other.left, other.top, other.right, other.bottom), (-2, -2, 2, 2), strict=True
        )
    )
    place = max(0, round(spot.left * scale) - 2), max(0, round(spot.top * scale) - 2)
    return way, put_over(rgb, source, place, part)


# The set ----------------------------------------------------------------------------------------


def write(out: Path, seed: int, counts: dict[str, int]) -> None:
    """All splits and ``manifest.csv``. Each split has random numbers of its own."""
    out.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[str, int, str, str, str, str]] = []
    for split, count in counts.items():
        chance = np.random.default_rng((seed, list(SPLITS).index(split)))
        for index in tqdm(range(count), desc=split):
            kind = str(chance.choice(list(PAGES)))
            life = str(chance.choice([n for n, _ in LIVES], p=[share for _, share in LIVES]))
            way, rgb = "none", None
            while rgb is None:
                page = PAGES[kind](chance)
                if len(page.spots) < 2:
                    continue
                rgb, scale = live(page.picture, life, chance)
                if index % 2:
                    way, rgb = tampered(kind, page, rgb, scale, chance)
            is_png = chance.random() < 0.35
            quality = int(chance.integers(70, 98))
            file = f"{split}_{index:04d}.{'png' if is_png else 'jpg'}"
            (out / file).write_bytes(encoded(rgb, None if is_png else quality))
            rows.append((file, index % 2, split, kind, life, way))
    with (out / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("path", "label", "split", "kind", "life", "tamper"))
        writer.writerows(rows)


def main(arguments: Sequence[str]) -> int:
    """``python -m training documents``."""
    parser = argparse.ArgumentParser(prog="python -m training documents", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    write(chosen.out, chosen.seed, SPLITS)
    return 0


def _colour(level: NDArray[np.floating]) -> Colour:
    red, green, blue = (round(float(each)) for each in level)
    return red, green, blue


def encoded(rgb: Rgb, quality: int | None) -> bytes:
    """A JPEG of that quality, or a PNG."""
    written = io.BytesIO()
    if quality is None:
        Pillow.fromarray(rgb).save(written, "PNG", compress_level=1)
    else:
        Pillow.fromarray(rgb).save(written, "JPEG", quality=quality)
    return written.getvalue()

"""Photographs of two people, both in the public domain, for tests in Python and of the mobile SDK.

Every picture differs from every other, to PDQ as well, so that nothing is known from an earlier
test. The faces are the same each time: whoever protects one takes its shield away again.
"""

from __future__ import annotations

import io
import secrets
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image as Pillow

from media_integrity.signals import pictures
from tests.emulator.pictures import encoded, landscape


def portrait(count: int = 1, seed: int | None = None) -> bytes:
    """So many portraits of the one person side by side, every other one mirrored."""
    one = _astronaut().crop((100, 0, 350, 300))
    mirrored = one.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT)
    row = _before_hills([mirrored if number % 2 else one for number in range(count)], seed)
    return encoded(row, "JPEG", quality=90)


def hers() -> bytes:
    """A photograph of the one person."""
    return _another(_astronaut())


def theirs() -> bytes:
    """A photograph of the other person."""
    return _another(_admiral())


def altered() -> bytes:
    """A photograph of the one person in which a program has changed the face."""
    stamped = Pillow.open(io.BytesIO(pictures.swapped_face())).convert("RGB")
    corner = np.random.default_rng(secrets.randbits(64)).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    stamped.paste(Pillow.fromarray(corner), (0, stamped.height - 4))
    return encoded(stamped, "JPEG", quality=93)


def both() -> bytes:
    """The two beside each other."""
    return _another(_astronaut(), _admiral())


def _another(*photographs: Pillow.Image) -> bytes:
    """The same people in another picture: to the hashes of earlier tests it is unknown."""
    side = 512
    parts = [each.resize((each.width * side // each.height, side)) for each in photographs]
    return encoded(_before_hills(parts), "JPEG", quality=93)


def _before_hills(parts: list[Pillow.Image], seed: int | None = None) -> Pillow.Image:
    """These, all of one height, in any order beside hills that are lit from anywhere: another
    picture to a hash each time, and the same people. Light on a face as well would now and then
    make it look altered to the detectors."""
    random = np.random.default_rng(secrets.randbits(64) if seed is None else seed)
    height = parts[0].height
    hills = np.asarray(landscape(int(random.integers(1 << 62)), size=(height, height)))
    coarse = Pillow.fromarray(random.normal(0, 60, (6, 6)).astype(np.float32))
    light = np.asarray(coarse.resize((height, height), Pillow.Resampling.BICUBIC))
    lit = Pillow.fromarray(np.clip(hills + light[..., None], 0, 255).astype(np.uint8))
    shown = [*parts, lit]
    row = np.hstack([np.asarray(shown[number]) for number in random.permutation(len(shown))])
    return Pillow.fromarray(row)


@cache
def _astronaut() -> Pillow.Image:
    """Eileen Collins; NASA, public domain."""
    return Pillow.open(io.BytesIO(pictures.portrait())).convert("RGB")


@cache
def _admiral() -> Pillow.Image:
    """Grace Hopper; US Navy, public domain. Ships with matplotlib."""
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    return Pillow.open(path).convert("RGB")

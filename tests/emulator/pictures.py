"""Pictures for the emulator tests, each made by code and different from all others."""

from __future__ import annotations

import io
import secrets

import numpy as np
from PIL import Image as Pillow

from media_integrity.fingerprints.pdq import PdqHash, fingerprint
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image


def landscape(seed: int | None = None, *, size: tuple[int, int] = (640, 480)) -> Pillow.Image:
    """Soft hills of colour: detailed enough for PDQ, with nothing in it that anybody minds."""
    random = np.random.default_rng(secrets.randbits(64) if seed is None else seed)
    coarse = random.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Pillow.fromarray(coarse).resize(size, Pillow.Resampling.BICUBIC)


def encoded(picture: Pillow.Image, form: str = "PNG", **options: int) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def clean() -> bytes:
    """A harmless picture."""
    return encoded(landscape())


def pdq(content: bytes) -> PdqHash:
    return fingerprint(open_image(content, Limits())).pdq


def saved_again(content: bytes) -> bytes:
    """The same picture, compressed more."""
    return encoded(Pillow.open(io.BytesIO(content)).convert("RGB"), "JPEG", quality=70)


def edited(content: bytes) -> bytes:
    """A copy with a margin cut off, which is another picture to its hash and the same to people."""
    picture = Pillow.open(io.BytesIO(content)).convert("RGB")
    width, height = picture.size
    cut = picture.crop((width // 12, height // 12, width - width // 12, height))
    return encoded(cut.resize((width, height)), "JPEG", quality=90)

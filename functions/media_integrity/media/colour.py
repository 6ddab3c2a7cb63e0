"""From stored samples to the colours that a viewer shows.

A colour profile or a gamma value can turn one picture into another: samples that look like noise
and a profile that maps them to a photograph. Programs differ in whether they honour it. Ordinary
profiles (sRGB, Display P3, Adobe RGB) change too little to matter to fingerprints and models, and
are left aside; where one changes the picture much, both pictures are examined.
"""

from __future__ import annotations

import functools
import hashlib
import io
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from .source import Source

if TYPE_CHECKING:
    from PIL import Image as Pillow
    from PIL import ImageCms

Rendering: TypeAlias = "Callable[[Pillow.Image], Pillow.Image]"
"""From stored colours (RGB, L or CMYK) to shown ones (RGB)."""

OPAQUE = 255

CHANGED_LEVELS = 64
CHANGED_SHARE = 0.02
"""A picture is changed if more than this share of it moves by more than so many levels of 255.

Display P3 moves 95 % of a photograph by at most 30 levels and Adobe RGB by 40 (10 pictures, among
them scikit-image's); exchanged red and blue move at least 5 % of each of them by 64 to 255.
"""

_PATCHES, _PATCH = 64, 16
_MAX_PROFILE = 8_000_000
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def split(picture: Pillow.Image) -> tuple[Pillow.Image, Pillow.Image | None]:
    """Colours as RGB, L or CMYK, and alpha as L, 8 bits each; None where everything is opaque."""
    import numpy as np
    from PIL import Image as Pillow

    alpha: Pillow.Image | None = None
    if picture.mode.startswith("I"):  # 16 bits a sample; a screen shows the upper eight
        deep = np.asarray(picture).astype(np.uint16)
        colours = Pillow.fromarray((deep >> 8).astype(np.uint8))
        key = picture.info.get("transparency")
        if key is not None:
            alpha = Pillow.fromarray(np.where(deep == key, 0, OPAQUE).astype(np.uint8))
    elif picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        colours, alpha = rgba.convert("RGB"), rgba.getchannel("A")
    elif picture.mode in {"RGB", "L", "CMYK"}:
        colours = picture
    else:
        colours = picture.convert("L" if picture.mode == "1" else "RGB")
    return colours, None if alpha is None or alpha.getextrema()[0] == OPAQUE else alpha


def as_stored(colours: Pillow.Image) -> Pillow.Image:
    """Samples taken as sRGB; CMYK by the plain formula."""
    return colours if colours.mode == "RGB" else colours.convert("RGB")


def renderings(picture: Pillow.Image, source: Source) -> tuple[Rendering, ...]:
    """The ways in which viewers show a frame of ``source`` that make different pictures of it."""
    if source.profile is None and not source.gamma:
        return (as_stored,)
    colours, _ = split(_patches(picture, hashlib.sha256(source.data).digest()))
    other = _other_rendering(source, colours.mode)
    if other is None or not _changed(as_stored(colours), other(colours)):
        return (as_stored,)
    return (as_stored, other)


def _other_rendering(source: Source, mode: str) -> Rendering | None:
    """What a viewer that manages colours does with samples of ``mode``; None: nothing."""
    if source.profile is not None:
        return _profile_rendering(source.profile, mode)
    assert source.gamma
    table = _gamma_table(source.gamma) * 3
    return lambda colours: as_stored(colours).point(table)


@functools.lru_cache(maxsize=8)
def _profile_rendering(profile: bytes, mode: str) -> Rendering | None:
    """None for a profile that is not of this kind of picture or cannot be read: it is not used."""
    from PIL import ImageCms

    if len(profile) > _MAX_PROFILE:
        return None
    try:
        parsed = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        wanted = _SPACES.get(parsed.profile.xcolor_space)
        if wanted is None or (wanted != mode and (wanted, mode) != ("RGB", "L")):
            return None
        transform = ImageCms.buildTransform(
            parsed,
            ImageCms.createProfile("sRGB"),
            wanted,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.NOCACHE,  # the cache is what keeps threads from sharing one
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return functools.partial(_transformed, transform=transform, mode=wanted)


def _transformed(
    colours: Pillow.Image, *, transform: ImageCms.ImageCmsTransform, mode: str
) -> Pillow.Image:
    from PIL import ImageCms

    shown = ImageCms.applyTransform(
        colours if colours.mode == mode else colours.convert(mode), transform
    )
    assert shown is not None  # it is, unless asked to work in place
    return shown


def _gamma_table(gamma: float) -> list[int]:
    """Level shown for each stored one (PNG specification, section 13.13), for a 2.2 display."""
    exponent = min(1 / (2.2 * gamma), 1e3)
    return [round(255 * (level / 255) ** exponent) for level in range(256)]


def _patches(picture: Pillow.Image, seed: bytes) -> Pillow.Image:
    """Small squares from all over the picture, side by side.

    Where they are depends on the whole file, so that nobody can paint around them.
    """
    chosen = random.Random(seed)  # noqa: S311  the same file, the same patches
    width, height = (min(_PATCH, side) for side in picture.size)
    sheet = picture.crop((0, 0, width * _PATCHES, height))
    for place in range(_PATCHES):
        left = chosen.randint(0, picture.width - width)
        top = chosen.randint(0, picture.height - height)
        patch = picture.crop((left, top, left + width, top + height))
        sheet.paste(patch, (place * width, 0))
    return sheet


def _changed(stored: Pillow.Image, shown: Pillow.Image) -> bool:
    import numpy as np

    moved = np.abs(np.asarray(stored, np.int16) - np.asarray(shown, np.int16)).max(axis=2)
    return float((moved > CHANGED_LEVELS).mean()) > CHANGED_SHARE

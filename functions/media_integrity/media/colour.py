"""From stored samples to the colours that a viewer shows.

A colour profile or a gamma value can turn one picture into another: samples that look like noise
and a profile that maps them to a photograph. Programs differ in whether they honour it. Profiles
that do what the ordinary colour spaces of cameras and phones do (sRGB, Display P3, Adobe RGB)
change too little to matter to fingerprints and models, and are left aside; where another changes
the picture much, both pictures are examined.
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
    import numpy as np
    from numpy.typing import NDArray
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
    if other is None or (source.profile is not None and _is_ordinary(source.profile)):
        return (as_stored,)
    return (as_stored, other) if _changed(as_stored(colours), other(colours)) else (as_stored,)


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


@functools.lru_cache(maxsize=8)
def _is_ordinary(profile: bytes) -> bool:
    """Does the profile do, to colours from all over the cube, what an ordinary one does?"""
    import numpy as np
    from PIL import Image as Pillow

    rendering = _profile_rendering(profile, "RGB")
    if rendering is None:
        return False
    levels = np.linspace(0, 255, 6).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
    shown = np.asarray(rendering(Pillow.fromarray(cube)), np.int16)[0]
    return any(
        np.abs(shown - _in_srgb(cube[0] / 255, gamma, to_srgb)).max() <= _ORDINARY_LEVELS
        for gamma, to_srgb in _ORDINARY
    )


_ORDINARY_LEVELS = 12
"""Levels of 255 by which colour management programs differ (lcms: up to 4 here)."""

_ORDINARY: tuple[tuple[float | None, tuple[tuple[float, float, float], ...]], ...] = (
    (None, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))),
    (None, ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979))),
    (563 / 256, ((1.3984, -0.3984, 0.0), (0.0, 1.0, 0.0), (0.0, -0.0429, 1.0429))),
)
"""sRGB, Display P3 (sRGB's curve), Adobe RGB (1998): gamma, None for sRGB's, and the matrix from
linear light to that of sRGB, white D65. CSS Color Module Level 4, section 10, and Adobe RGB (1998)
Color Image Encoding."""


def _in_srgb(
    colours: NDArray[np.float64],
    gamma: float | None,
    to_srgb: tuple[tuple[float, float, float], ...],
) -> NDArray[np.float64]:
    """Levels 0..255 in sRGB of colours (n, 3) in 0..1 of another space."""
    import numpy as np

    if gamma is None:
        light = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    else:
        light = colours**gamma
    light = np.clip(light @ np.array(to_srgb).T, 0, 1)
    shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(255 * shown, np.float64)


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

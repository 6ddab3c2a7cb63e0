"""What a viewer makes of the stored samples: colour profiles and gamma.

A profile or a gamma value can turn one picture into another: samples that look like noise and a
profile that maps them to a photograph. Programs differ in whether they honour it. So an ordinary
profile (sRGB, Display P3, Adobe RGB) is left aside, because what it changes is too little to matter
to fingerprints and models, and for any other one both pictures are examined.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from .source import Source

if TYPE_CHECKING:
    from PIL import Image as Pillow

Rendering: TypeAlias = "Callable[[Pillow.Image], Pillow.Image]"
"""From stored samples (RGB, L or CMYK) to shown ones (RGB)."""

ORDINARY = 72
"""Levels of 255 that an ordinary profile moves a colour at most. Adobe RGB moves saturated greens
by 64, Display P3 by 40; a swapped channel or an inverted scale moves some colour by 255."""

_MAX_PROFILE = 8_000_000
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_STEPS = {"RGB": 9, "L": 256, "CMYK": 5}


def as_stored(picture: Pillow.Image) -> Pillow.Image:
    """Samples taken as sRGB; CMYK by the plain formula."""
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def renderings(source: Source) -> tuple[Rendering, ...]:
    """The ways in which viewers show ``source``: at least the one that takes it as it is."""
    if source.profile is not None and len(source.profile) <= _MAX_PROFILE:
        if not _is_ordinary(source.profile):
            return (as_stored, _through_profile(source.profile))
    elif source.gamma:
        table = _gamma_table(source.gamma)
        if max(abs(shown - stored) for stored, shown in enumerate(table)) > ORDINARY:
            return (as_stored, lambda picture: as_stored(picture).point(table * 3))
    return (as_stored,)


def _gamma_table(gamma: float) -> list[int]:
    exponent = min(1 / (2.2 * gamma), 1e3)
    return [round(255 * (level / 255) ** exponent) for level in range(256)]


@functools.lru_cache(maxsize=32)
def _is_ordinary(profile: bytes) -> bool:
    """Does it leave every colour about where it is? One that cannot be read changes nothing."""
    import numpy as np
    from PIL import Image as Pillow
    from PIL import ImageCms

    try:
        parsed = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _SPACES.get(parsed.profile.xcolor_space)
        if mode is None:
            return True
        levels = np.linspace(0, 255, _STEPS[mode]).round().astype(np.uint8)
        channels = len(mode)
        cube = np.stack(np.meshgrid(*[levels] * channels, indexing="ij"), -1)
        flat = np.ascontiguousarray(cube.reshape(-1, 1, channels))
        colours = Pillow.frombytes(mode, (1, len(flat)), flat.tobytes())
        shown = np.asarray(_transformed(colours, parsed), np.int16)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return True
    moved = np.abs(shown - np.asarray(as_stored(colours), np.int16))
    return int(moved.max()) <= ORDINARY


def _through_profile(profile: bytes) -> Rendering:
    def render(picture: Pillow.Image) -> Pillow.Image:
        from PIL import ImageCms

        parsed = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _SPACES[parsed.profile.xcolor_space]
        if picture.mode != mode:
            if "CMYK" in {picture.mode, mode}:
                return as_stored(picture)  # not this picture's profile; viewers drop it too
            picture = picture.convert(mode)
        return _transformed(picture, parsed)

    return render


def _transformed(picture: Pillow.Image, profile: object) -> Pillow.Image:
    from PIL import ImageCms

    transform = ImageCms.buildTransform(
        profile,  # type: ignore[arg-type]
        ImageCms.createProfile("sRGB"),
        picture.mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    shown = ImageCms.applyTransform(picture, transform)
    assert shown is not None
    return shown

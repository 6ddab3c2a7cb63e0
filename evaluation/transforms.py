"""What happens to a picture between a forger and an upload, by accident or on purpose.

Each transform takes the picture as the engine sees it and gives the file that is uploaded instead.
All are deterministic. What changes pixels is written as JPEG of quality 95 with full colour: that
alone is the transform ``reencode_95``, to be held against the others.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.media.types import Pixels

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

NEAR_LOSSLESS = 95
KEPT = 0.8
BLUR_SIGMA = 1.5
NOISE_SIGMA = 8.0
BRIGHTER = 1.25
SEED = 20261122

SCREEN = (1080, 2340)
"""Pixels of a common phone, upright."""
STATUS_BAR, APP_BAR = 84, 168

CHAIN = ((1600, 82), (1080, 72), (720, 75))
"""Longest side and JPEG quality of each hop: a messenger, a social network, a repost."""


@dataclass(frozen=True, slots=True)
class Transform:
    """``means`` is what a report says of it."""

    name: str
    means: str
    make: Callable[[Pixels], bytes]


def crop_80(rgb: Pixels) -> Pixels:
    """The middle 80 % of each side."""
    height, width = rgb.shape[:2]
    tall, wide = max(1, round(KEPT * height)), max(1, round(KEPT * width))
    top, left = (height - tall) // 2, (width - wide) // 2
    return rgb[top : top + tall, left : left + wide]


def mirrored(rgb: Pixels) -> Pixels:
    """Left to right; twice gives the picture again."""
    return rgb[:, ::-1]


def unsharp(rgb: Pixels) -> Pixels:
    """Unsharp mask: radius 2, 150 %."""
    from PIL import ImageFilter

    return _pixels(
        _picture(rgb).filter(ImageFilter.UnsharpMask(radius=2, percent=150, threshold=0))
    )


def blurred(rgb: Pixels) -> Pixels:
    """Gaussian, sigma 1.5 pixels."""
    from PIL import ImageFilter

    return _pixels(_picture(rgb).filter(ImageFilter.GaussianBlur(BLUR_SIGMA)))


def noisy(rgb: Pixels) -> Pixels:
    """Gaussian noise of sigma 8 of 255, each channel of each pixel, the same every time."""
    import numpy as np

    noise = np.random.default_rng(SEED).normal(0, NOISE_SIGMA, rgb.shape)
    return np.asarray(np.clip(np.rint(rgb + noise), 0, 255), np.uint8)


def half_size(rgb: Pixels) -> Pixels:
    """Half of each side, averaged."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    size = (max(1, width // 2), max(1, height // 2))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def brighter(rgb: Pixels) -> Pixels:
    """Every value times 1.25, clipped."""
    import numpy as np

    return np.asarray(np.clip(np.rint(rgb * BRIGHTER), 0, 255), np.uint8)


def screenshot(rgb: Pixels) -> Pixels:
    """The picture as wide as a phone's screen, between a status bar and the app's own bars."""
    from PIL import Image, ImageDraw

    width, height = SCREEN
    room = (width, height - STATUS_BAR - 2 * APP_BAR)
    scale = min(room[0] / rgb.shape[1], room[1] / rgb.shape[0])
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    shown = _picture(rgb).resize(size, Image.Resampling.BICUBIC)
    screen = Image.new("RGB", SCREEN, (250, 250, 252))
    pen = ImageDraw.Draw(screen)
    pen.rectangle((0, 0, width, STATUS_BAR), fill=(28, 28, 30))
    pen.rectangle((width - 130, 30, width - 60, 58), fill=(240, 240, 240))  # the battery
    pen.ellipse((40, STATUS_BAR + 40, 128, STATUS_BAR + 128), fill=(160, 170, 185))  # an avatar
    pen.rectangle((150, STATUS_BAR + 66, 520, STATUS_BAR + 98), fill=(60, 60, 66))  # a name
    screen.paste(shown, ((width - size[0]) // 2, STATUS_BAR + APP_BAR + (room[1] - size[1]) // 2))
    for place in range(4):
        left = 90 + place * 260
        pen.rectangle((left, height - 110, left + 60, height - 50), fill=(90, 90, 98))
    return _pixels(screen)


def social_chain(rgb: Pixels) -> bytes:
    """Shrunk and saved again three times, colour at half size each time."""
    from PIL import Image

    picture, written = _picture(rgb), b""
    for side, quality in CHAIN:
        scale = min(1.0, side / max(picture.size))
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        if size != picture.size:
            picture = picture.resize(size, Image.Resampling.LANCZOS)
        written = _jpeg(picture, quality, subsampling=2)
        picture = Image.open(io.BytesIO(written)).convert("RGB")
    return written


def jpeg(rgb: Pixels, quality: int) -> bytes:
    """JPEG with the colour sampling that such a quality usually comes with."""
    return _jpeg(_picture(rgb), quality, subsampling=0 if quality >= 90 else 2)


def _saved(change: Callable[[Pixels], Pixels]) -> Callable[[Pixels], bytes]:
    return lambda rgb: jpeg(change(rgb), NEAR_LOSSLESS)


TRANSFORMS: tuple[Transform, ...] = (
    Transform("reencode_95", "saved again as JPEG 95; nothing else", _saved(lambda rgb: rgb)),
    Transform("crop_80", "the middle 80 % of each side", _saved(crop_80)),
    Transform("jpeg_50", "JPEG of quality 50, colour at half size", lambda rgb: jpeg(rgb, 50)),
    Transform("unsharp", "unsharp mask, radius 2, 150 %", _saved(unsharp)),
    Transform("blur", "Gaussian blur, sigma 1.5 pixels", _saved(blurred)),
    Transform("noise", "Gaussian noise, sigma 8 of 255", _saved(noisy)),
    Transform("half_size", "half of each side", _saved(half_size)),
    Transform("screenshot", "on a phone's screen of 1080 x 2340 between bars", _saved(screenshot)),
    Transform("brightness", "a quarter brighter", _saved(brighter)),
    Transform("mirror", "left to right", _saved(mirrored)),
    Transform(
        "social_chain",
        "shrunk to 1600, 1080, 720 and saved at 82, 72, 75, as reposting does",
        social_chain,
    ),
)


def _picture(rgb: Pixels) -> Picture:
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(rgb))


def _pixels(picture: Picture) -> Pixels:
    import numpy as np

    return np.asarray(picture, np.uint8)


def _jpeg(picture: Picture, quality: int, *, subsampling: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality, subsampling=subsampling)
    return written.getvalue()

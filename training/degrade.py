"""What happens to pictures on their way: colour, size, blur, noise, JPEG.

The same generator seed gives the same degradation. Training gives both sides of a pair (a face and
its forgery) the same one, so that sharpness or quality says nothing about which is which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

    from media_integrity.media.types import Pixels


def degraded(rgb: Pixels, random: Generator) -> Pixels:
    """``rgb`` after a random chain of what apps and networks do to a picture."""
    import numpy as np

    chance = random.random(7)
    if chance[0] < 0.45:
        rgb = recoloured(rgb, random, 0.8)
    if chance[1] < 0.04:
        rgb = np.repeat(rgb.mean(2, keepdims=True).astype(np.uint8), 3, axis=2)
    if chance[2] < 0.45:
        rgb = resampled(rgb, random.uniform(0.4, 1.0), random)
    if chance[3] < 0.2:
        rgb = blurred(rgb, random.uniform(0.3, 1.4) * rgb.shape[0] / 160)
    elif chance[3] < 0.28:
        rgb = sharpened(rgb, random.uniform(0.2, 0.8))
    if chance[4] < 0.15:
        rgb = recompressed(rgb, random.uniform(40, 100))
    if chance[5] < 0.2:
        rgb = noisy(rgb, random.uniform(1, 6), random)
    if chance[6] < 0.75:
        rgb = recompressed(rgb, random.uniform(40, 100))
    return rgb


def recoloured(rgb: Pixels, random: Generator, strength: float) -> Pixels:
    """Gamma, contrast, brightness, colour cast, and half of the time hue and saturation."""
    import cv2
    import numpy as np

    levels = np.arange(256, dtype=np.float32)
    curve = 255 * (levels / 255) ** random.uniform(1 - 0.25 * strength, 1 + 0.25 * strength)
    curve = (curve - 128) * random.uniform(1 - 0.2 * strength, 1 + 0.2 * strength) + 128
    curves = curve[:, None] + strength * (random.uniform(-20, 20) + random.uniform(-14, 14, 3))
    rgb = cv2.LUT(rgb, np.clip(curves, 0, 255).astype(np.uint8)[None]).astype(np.uint8, copy=False)
    if random.random() < 0.5:
        hue = (np.arange(256) + int(random.uniform(-5, 5) * strength)) % 180
        saturation = levels * random.uniform(1 - 0.35 * strength, 1 + 0.35 * strength)
        table = np.stack([hue, np.clip(saturation, 0, 255), levels], 1).astype(np.uint8)[None]
        hsv = cv2.LUT(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), table)
        rgb = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).astype(np.uint8, copy=False)
    return rgb


def resampled(rgb: Pixels, scale: float, random: Generator) -> Pixels:
    """Down to ``scale`` and back, with random interpolation each way."""
    import cv2
    import numpy as np

    ways = (cv2.INTER_LINEAR, cv2.INTER_AREA, cv2.INTER_CUBIC)
    height, width = rgb.shape[:2]
    small = (max(8, int(width * scale)), max(8, int(height * scale)))
    down, up = ways[random.integers(3)], ways[random.integers(3)]
    smaller = cv2.resize(rgb, small, interpolation=down)
    return cv2.resize(smaller, (width, height), interpolation=up).astype(np.uint8, copy=False)


def blurred(rgb: Pixels, sigma: float) -> Pixels:
    import cv2
    import numpy as np

    return cv2.GaussianBlur(rgb, (0, 0), sigma).astype(np.uint8, copy=False)


def sharpened(rgb: Pixels, amount: float) -> Pixels:
    import cv2
    import numpy as np

    soft = cv2.GaussianBlur(rgb, (0, 0), 1.0)
    return cv2.addWeighted(rgb, 1 + amount, soft, -amount, 0).astype(np.uint8, copy=False)


def noisy(rgb: Pixels, deviation: float, random: Generator) -> Pixels:
    """With Gaussian noise of this standard deviation, in grey levels."""
    import numpy as np

    noise: NDArray[np.float32] = random.standard_normal(rgb.shape, np.float32) * deviation
    rounded: Pixels = np.clip(rgb + noise + 0.5, 0, 255).astype(np.uint8)
    return rounded


def recompressed(rgb: Pixels, quality: float) -> Pixels:
    """Through a JPEG encoder of this quality, 1 to 100."""
    import cv2
    import numpy as np

    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.ascontiguousarray(decoded[:, :, ::-1], np.uint8)

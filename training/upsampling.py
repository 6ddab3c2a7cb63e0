"""What a generator's last layers leave behind, put into real photographs.

Every generator of pictures, whatever it learned, makes large maps out of small ones. Up-sampling
copies the spectrum of the small map to higher frequencies and a short learned filter removes those
copies only in part: Odena et al., "Deconvolution and Checkerboard Artifacts", Distill 2016; Durall
et al., "Watch your Up-Convolution", CVPR 2020. Here a photograph is made small and brought back
by random up-samplers, and by small learned ones (``autoencoder``), so that a detector learns the
trace and not one generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

    from media_integrity.media.types import Pixels

STRENGTH = (0.35, 1.0)
"""How much of the reconstruction replaces the photograph's finest detail."""


def reconstructed(rgb: Pixels, random: Generator) -> Pixels:
    """``rgb`` at half its size and back through a random up-sampler, with some detail put back."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    even = (width // 2 * 2, height // 2 * 2)
    picture = rgb if even == (width, height) else cv2.resize(rgb, even)
    small = cv2.resize(picture, (even[0] // 2, even[1] // 2), interpolation=cv2.INTER_AREA)
    grown = _grown(small.astype(np.float32), random)
    strength = random.uniform(*STRENGTH)
    # The generator's own detail: the photograph's, seen through the up-sampler's pattern.
    detail = picture - cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.0)
    grown += random.uniform(0.3, 1.0) * detail * _pattern(even, random)
    mixed = picture + strength * (grown - picture)
    mixed = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    return mixed if even == (width, height) else cv2.resize(mixed, (width, height)).astype(np.uint8)


def _grown(small: NDArray[np.float32], random: Generator) -> NDArray[np.float32]:
    """Twice the size: nearest, bilinear, transposed convolution or pixel shuffle, then filtered."""
    import cv2
    import numpy as np

    height, width = small.shape[:2]
    kind = random.integers(4)
    if kind == 0:
        copied = cv2.resize(small, (2 * width, 2 * height), interpolation=cv2.INTER_NEAREST)
        return _filtered(copied, _kernel(3, random))
    if kind == 1:
        between = cv2.resize(small, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
        return _filtered(between, _kernel(3, random))
    grown = np.zeros((2 * height, 2 * width, 3), np.float32)
    if kind == 2:
        grown[::2, ::2] = small * 4  # zeros between; the filter fills them unevenly
        kernel = _kernel((3, 4, 5)[random.integers(3)], random, spread=0.75)
        return _filtered(grown, kernel)
    for row in range(2):
        for column in range(2):
            grown[row::2, column::2] = _filtered(small, _kernel(3, random))
    return grown


def _filtered(
    maps: NDArray[np.floating | np.integer], kernel: NDArray[np.float32]
) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    found = cv2.filter2D(maps, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
    return found.astype(np.float32, copy=False)


def _kernel(size: int, random: Generator, spread: float = 0.5) -> NDArray[np.float32]:
    """A bell with random deviations; sums to 1, so that brightness stays."""
    import numpy as np

    offsets = np.arange(size) - (size - 1) / 2
    bell = np.exp(-(offsets**2) / (2 * (spread * size / 3 + 0.2) ** 2))
    kernel = np.outer(bell, bell)
    kernel *= 1 + random.normal(0, 0.25, kernel.shape)
    even: NDArray[np.float32] = (kernel / kernel.sum()).astype(np.float32)
    return even


def _pattern(size: tuple[int, int], random: Generator) -> NDArray[np.float32]:
    """Gain of each pixel, repeating every 2 or 4: the trace of one or two up-samplings."""
    import numpy as np

    period = 2 if random.random() < 0.6 else 4
    tile = 1 + random.normal(0, 0.2, (period, period, 1))
    repeats = (-(-size[1] // period), -(-size[0] // period), 1)
    return np.tile(tile, repeats)[: size[1], : size[0]].astype(np.float32)

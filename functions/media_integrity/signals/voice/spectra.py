"""The picture of a sound that the other modules look at: log power over time and frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Samples: TypeAlias = "NDArray[np.float32]"
"""(n,) mono, -1..1, at ``RATE``."""
Spectrum: TypeAlias = "NDArray[np.float32]"
"""(frames, ``BINS``) natural logarithm of power."""

RATE = 16_000
WINDOW = 512
HOP = 160
"""Samples from one frame to the next: 10 ms."""
BINS = 128
"""Bands of 62.5 Hz up to 8 kHz."""

FLOOR = 1e-5
"""Of the loudest frames' power. Digital silence and a quiet room look alike then, so that cut or
muted pauses tell nothing."""


def spectrum(samples: Samples) -> Spectrum:
    """Log power of every frame, relative to the loudest ones. Empty for less than a window."""
    import numpy as np

    if len(samples) < WINDOW:
        return np.zeros((0, BINS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    power = np.empty((len(frames), BINS), np.float32)
    window = np.hanning(WINDOW).astype(np.float32)
    for first in range(0, len(frames), 1000):  # blocks, because the frames overlap
        block = np.fft.rfft(frames[first : first + 1000] * window, axis=1)
        energy = (block.real**2 + block.imag**2).astype(np.float32)
        power[first : first + 1000] = energy[:, 1:].reshape(len(block), BINS, 2).sum(axis=2)
    loudest = float(np.percentile(power.sum(axis=1), 95)) + 1e-9
    picture: Spectrum = np.log(power / loudest + FLOOR)
    return picture

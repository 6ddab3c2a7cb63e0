"""How high is a voice, ten milliseconds at a time?

Autocorrelation, divided by the window's own (Boersma, "Accurate short-term analysis of the
fundamental frequency and the harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17,
1993). pyworld would be finer, but has to be compiled where functions are deployed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .spectra import HOP, RATE, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW = 768
"""48 ms: three periods of the deepest voice looked for."""
LOWEST_HZ = 62.5
HIGHEST_HZ = 400.0
VOICED_FROM = 0.55
"""Height of the autocorrelation's peak; Boersma's default is 0.45, without room noise in mind."""
_OCTAVE_COST = 0.01
"""So that of a period and its double the shorter one is taken."""
_FFT = 2048
_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class Pitch:
    """One number a frame; frame i begins at sample i times ``HOP``."""

    hertz: NDArray[np.float32]
    """0 where the voice is silent or unvoiced."""
    strength: NDArray[np.float32]
    """Height of the autocorrelation's peak, -1..1: how periodic the frame is."""
    level_db: NDArray[np.float32]
    """Of the frame's power, full scale is 0."""


def pitch(samples: Samples) -> Pitch:
    """The pitch of every frame; empty for less than a window."""
    import numpy as np

    count = max((len(samples) - WINDOW) // HOP + 1, 0)
    hertz, strength, level = (np.zeros(count, np.float32) for _ in range(3))
    if count == 0:
        return Pitch(hertz, strength, level)
    window = np.hanning(WINDOW).astype(np.float32)
    expected = _correlation(window[None])[0]
    shortest, longest = int(RATE / HIGHEST_HZ), int(RATE / LOWEST_HZ)
    lags = np.arange(shortest, longest + 1)
    cost = (_OCTAVE_COST * np.log2(lags * (HIGHEST_HZ / RATE))).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    for first in range(0, count, _BLOCK):
        block = frames[first : first + _BLOCK]
        block = block - block.mean(axis=1, keepdims=True)
        power = np.mean(block**2, axis=1)
        found = _correlation(block * window)
        found = found / np.maximum(found[:, :1], 1e-9) / (expected / expected[0])
        best = np.argmax(found[:, shortest : longest + 1] - cost, axis=1) + shortest
        exact, height = _peak(found, best)
        voiced = (height >= VOICED_FROM) & (power > 1e-7)
        at = slice(first, first + len(block))
        hertz[at] = np.where(voiced, RATE / exact, 0.0)
        strength[at] = np.clip(height, -1, 1)
        level[at] = 10 * np.log10(power + 1e-10)
    return Pitch(hertz, strength, level)


def _correlation(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, lags up to the longest and one more)."""
    import numpy as np

    power = np.abs(np.fft.rfft(frames, _FFT, axis=1)) ** 2
    longest = int(RATE / LOWEST_HZ)
    return np.fft.irfft(power, axis=1)[:, : longest + 2].astype(np.float32)


def _peak(
    found: NDArray[np.float32], best: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lag and height of the peak, through its neighbours by a parabola."""
    import numpy as np

    rows = np.arange(len(found))
    before, at, after = found[rows, best - 1], found[rows, best], found[rows, best + 1]
    bend = before - 2 * at + after
    shift = np.where(bend < -1e-6, 0.5 * (before - after) / np.minimum(bend, -1e-6), 0.0)
    shift = np.clip(shift, -0.5, 0.5)
    return (best + shift).astype(np.float32), (at - 0.25 * (before - after) * shift).astype(
        np.float32
    )

"""Lines in the spectrum at a vocoder's frame rate.

A neural vocoder makes a waveform out of frames, each a fixed number of samples long. Up-sampling
layers treat every frame alike, which leaves faint tones at all multiples of the frame rate, too
weak to hear. A voice's own harmonics move with its pitch and vanish from the mean of the
logarithmic spectrum over a few seconds; such lines stay. See Frank and Schoenherr, "WaveFake",
NeurIPS 2021, on the spectra of vocoders, and Pons et al., "Upsampling artifacts in neural audio
synthesis", ICASSP 2021, on where they come from.

A hum of the mains has such lines too, at multiples of 50 or 60 Hz; those rates are left out, and
with them the vocoders of 100 frames a second.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from .spectra import RATE, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME_RATES = (22_050 / 256, 24_000 / 256, 24_000 / 300, 16_000 / 256)
"""Frames a second of common vocoders: LJ Speech recipes (HiFi-GAN, MelGAN, WaveGlow, VITS); 24 kHz
recipes (Vocos, BigVGAN); LibriTTS and StyleTTS recipes; 16 kHz recipes."""

WINDOW = 8_192
"""Samples: lines of 2 Hz."""
_STEP = 1_024
_LOWEST_HZ, _HIGHEST_HZ = 500.0, 7_600.0
_NEIGHBOURS = 41
"""Bins over whose median a line has to stand out."""
_SCANNED = (60.0, 110.0, 0.05)
"""Frame rates from, to, step: for recordings that were sped up, and for vocoders not listed."""
_SCANNED_TRIES = 1_000
_STRONGEST = 10.0


def lines_odds(strengths: NDArray[np.float32]) -> float:
    """Log-odds that a program made the sound, from what ``line_strengths`` found.

    Nothing is fitted: without a vocoder a strength is a standard normal number, with one it is
    taken to lie anywhere up to ``_STRONGEST``; the highest of n tries counts an n-th. Not every
    synthesizer leaves lines, so that their lack says little: half of them is assumed to.
    """
    found = 0.0
    for strength, tries in zip(strengths.tolist(), (len(FRAME_RATES), _SCANNED_TRIES), strict=True):
        bounded = min(max(strength, 0.0), _STRONGEST)
        chance = math.exp(-0.5 * bounded**2) / math.sqrt(2 * math.pi)
        found = max(found, 1 / (_STRONGEST * chance * tries))
    return math.log(0.5 + 0.5 * found)


def line_strengths(samples: Samples) -> NDArray[np.float32]:
    """(2,) how far bins at a vocoder's lines stand out, in standard errors of their mean.

    The highest of the known frame rates, and the highest of all rates scanned; the latter is about
    3 by chance alone. Zero for less than ``WINDOW`` samples.
    """
    import numpy as np

    if len(samples) < WINDOW:
        return np.zeros(2, np.float32)
    relief = _relief(samples)
    known = _strengths(relief, _line_bins(FRAME_RATES))
    scanned = _strengths(relief, _line_bins(_scanned_rates()))
    return np.array([known.max(), scanned.max()], np.float32)


def _relief(samples: Samples) -> NDArray[np.float64]:
    """Mean logarithmic spectrum, less the median around each bin, in its standard deviations."""
    import numpy as np

    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::_STEP]
    window = np.hanning(WINDOW).astype(np.float32)
    total = np.zeros(WINDOW // 2 + 1)
    for frame in frames:
        spectrum = np.fft.rfft(frame * window)
        total += np.log(spectrum.real**2 + spectrum.imag**2 + 1e-9)
    mean = total / len(frames)
    padded = np.pad(mean, _NEIGHBOURS // 2, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, _NEIGHBOURS), axis=1)
    relief = mean - around
    return np.asarray(relief / (relief[100:].std() + 1e-9))


def _strengths(
    relief: NDArray[np.float64], bins: tuple[NDArray[np.intp], NDArray[np.bool_]]
) -> NDArray[np.float64]:
    import numpy as np

    at, there = bins
    counts = there.sum(axis=1)
    return np.asarray((relief[at] * there).sum(axis=1) / np.sqrt(counts))


@cache
def _line_bins(rates: tuple[float, ...]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(rates, lines) the bins of each rate's lines, and which of them exist."""
    import numpy as np

    most = int(_HIGHEST_HZ / min(rates))
    hertz = np.array(rates)[:, None] * np.arange(1, most + 1)
    there = (hertz >= _LOWEST_HZ) & (hertz <= _HIGHEST_HZ)
    at = np.round(np.where(there, hertz, 0) * WINDOW / RATE).astype(np.intp)
    return at, there


@cache
def _scanned_rates() -> tuple[float, ...]:
    low, high, step = _SCANNED
    return tuple(low + step * index for index in range(int((high - low) / step) + 1))

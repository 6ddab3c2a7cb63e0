"""Copy-synthesis: human speech taken apart and put together again by a vocoder.

A detector of synthetic speech has to learn what every vocoder loses, not what one speaker or one
sentence is like. So each recording is rendered by vocoders of all the families that run without a
downloaded network: source-filter (WORLD, LPC), phase reconstruction (Griffin-Lim), mel inversion
(the bottleneck of every neural vocoder) and learned-looking up-sampling (spectral images, as
transposed convolutions leave them).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE = 16_000
_FFT = 1024
_HOP = 256
_MELS = 80


def world(samples: Samples, seed: int) -> Samples:
    """WORLD analysis and synthesis (Morise, 2016); every second time with another pitch."""
    import numpy as np

    pyworld = _pyworld()
    random = np.random.default_rng(seed)
    signal = samples.astype(np.float64)
    rough, times = pyworld.dio(signal, RATE)
    pitch = pyworld.stonemask(signal, rough, times, RATE)
    envelope = pyworld.cheaptrick(signal, pitch, times, RATE)
    aperiodicity = pyworld.d4c(signal, pitch, times, RATE)
    if random.random() < 0.5:
        pitch = pitch * random.uniform(0.8, 1.25)
    made: Samples = pyworld.synthesize(pitch, envelope, aperiodicity, RATE)[: len(samples)]
    return made.astype(np.float32)


def world_smoothed(samples: Samples, seed: int) -> Samples:
    """WORLD with few coefficients and a smoothed pitch, as statistical systems speak."""
    import numpy as np
    from scipy.ndimage import gaussian_filter1d

    pyworld = _pyworld()
    random = np.random.default_rng(seed)
    signal = samples.astype(np.float64)
    rough, times = pyworld.dio(signal, RATE)
    pitch = pyworld.stonemask(signal, rough, times, RATE)
    envelope = pyworld.cheaptrick(signal, pitch, times, RATE)
    aperiodicity = pyworld.d4c(signal, pitch, times, RATE)
    size = (envelope.shape[1] - 1) * 2
    few = pyworld.code_spectral_envelope(envelope, RATE, int(random.choice([24, 40, 60])))
    few = gaussian_filter1d(few, random.uniform(0.5, 2.0), axis=0)
    envelope = pyworld.decode_spectral_envelope(few, RATE, size)
    voiced = pitch > 0
    pitch = np.where(
        voiced, gaussian_filter1d(np.where(voiced, pitch, pitch[voiced].mean()), 3), 0.0
    )
    made: Samples = pyworld.synthesize(pitch, envelope, aperiodicity, RATE)[: len(samples)]
    return made.astype(np.float32)


def griffin_lim(samples: Samples, seed: int) -> Samples:
    """The magnitudes kept, the phases estimated anew (Griffin and Lim, 1984; fast variant)."""
    import numpy as np

    return _with_phases(np.abs(_stft(samples)), len(samples), seed, rounds=30)


def mel_griffin_lim(samples: Samples, seed: int) -> Samples:
    """Through 80 mel bands and back, phases estimated: Tacotron's first voice."""
    import numpy as np

    return _with_phases(_through_mels(np.abs(_stft(samples))), len(samples), seed, rounds=30)


def mel_kept_phase(samples: Samples, seed: int) -> Samples:
    """Through 80 mel bands and back with phases near the true ones: what a very good neural vocoder
    would lose."""
    import numpy as np

    random = np.random.default_rng(seed)
    spectrum = _stft(samples)
    blurred = random.normal(0, random.uniform(0.1, 0.8), spectrum.shape)
    phases = np.angle(spectrum) + blurred * np.linspace(0.2, 1.5, spectrum.shape[0])[:, None]
    return _istft(_through_mels(np.abs(spectrum)) * np.exp(1j * phases), len(samples))


def spectral_images(samples: Samples, seed: int) -> Samples:
    """The upper band made of the lower one by up-sampling with a poor filter.

    Transposed convolutions leave mirror images of the low band and a tone at the stride's rate.
    """
    import numpy as np
    from scipy.signal import firwin, lfilter, resample_poly

    random = np.random.default_rng(seed)
    factor = int(random.choice([2, 2, 4]))
    low = resample_poly(samples, 1, factor)
    raised = np.zeros(len(low) * factor)
    raised[::factor] = low * factor
    poor = firwin(int(random.choice([5, 9, 13])), random.uniform(0.8, 1.4) / factor)
    imaged = lfilter(poor, 1.0, raised)[: len(samples)]
    imaged = np.pad(imaged, (0, len(samples) - len(imaged)))
    # The network's own envelope: the images follow the true spectrum roughly.
    spectrum, wanted = _stft(imaged.astype(np.float32)), np.abs(_stft(samples))
    gain = _smooth(wanted, 24) / (_smooth(np.abs(spectrum), 24) + 1e-5)
    return _istft(spectrum * np.clip(gain, 0, 30), len(samples))


def lpc(samples: Samples, seed: int) -> Samples:
    """Linear prediction driven by pulses where voiced, by noise elsewhere, mixed above 4 kHz."""
    import numpy as np
    from scipy.linalg import solve_toeplitz
    from scipy.signal import lfilter

    pyworld = _pyworld()
    random = np.random.default_rng(seed)
    signal = samples.astype(np.float64)
    rough, times = pyworld.dio(signal, RATE, frame_period=10.0)
    pitch = pyworld.stonemask(signal, rough, times, RATE)
    order, hop, width = int(random.choice([16, 20, 24])), 160, 480
    made = np.zeros(len(signal) + width)
    window, phase = np.hanning(width), 0.0
    for index in range(min((len(signal) - width) // hop, len(pitch) - 1)):
        frame = signal[index * hop : index * hop + width] * window
        energy = np.sqrt(np.mean(frame**2))
        if energy < 1e-5:
            continue
        correlation = np.correlate(frame, frame, "full")[width - 1 : width + order]
        correlation[0] *= 1.0001
        filtered = np.r_[1.0, -solve_toeplitz(correlation[:-1], correlation[1:])]
        excitation = random.standard_normal(width) * (0.15 if pitch[index] > 0 else 1.0)
        if pitch[index] > 0:
            period = RATE / pitch[index]
            excitation[np.arange(phase, width, period).astype(int)] += np.sqrt(period)
            phase = (phase - hop) % period
        voice = lfilter([1.0], filtered, excitation) * window
        made[index * hop : index * hop + width] += voice * energy / (voice.std() + 1e-9)
    made = made[: len(signal)]
    level: Samples = (made * signal.std() / (made.std() + 1e-9)).astype(np.float32)
    return level


SYSTEMS: Mapping[str, Callable[[Samples, int], Samples]] = {
    "world": world,
    "world_smoothed": world_smoothed,
    "griffin_lim": griffin_lim,
    "mel_griffin_lim": mel_griffin_lim,
    "mel_kept_phase": mel_kept_phase,
    "spectral_images": spectral_images,
    "lpc": lpc,
}


def _pyworld() -> ModuleType:
    """pyworld 0.3.5 asks pkg_resources for its own version, which setuptools no longer has."""
    if "pyworld" not in sys.modules and "pkg_resources" not in sys.modules:
        stand_in = ModuleType("pkg_resources")
        stand_in.__dict__["get_distribution"] = lambda _: stand_in
        stand_in.__dict__["version"] = "unknown"
        sys.modules["pkg_resources"] = stand_in
        module = import_module("pyworld")
        del sys.modules["pkg_resources"]
        return module
    return import_module("pyworld")


def _stft(samples: Samples) -> NDArray[np.complex128]:
    import numpy as np

    padded = np.pad(samples, _FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP]
    return np.fft.rfft(frames * np.hanning(_FFT), axis=1).T


def _istft(spectrum: NDArray[np.complex128], length: int) -> Samples:
    import numpy as np

    window = np.hanning(_FFT)
    frames = np.fft.irfft(spectrum.T, _FFT, axis=1) * window
    total = (len(frames) - 1) * _HOP + _FFT
    made, weight = np.zeros(total), np.zeros(total)
    for index, frame in enumerate(frames):
        made[index * _HOP : index * _HOP + _FFT] += frame
        weight[index * _HOP : index * _HOP + _FFT] += window**2
    made = (made / np.maximum(weight, 1e-3))[_FFT // 2 : _FFT // 2 + length]
    return np.pad(made, (0, length - len(made))).astype(np.float32)


def _with_phases(
    magnitudes: NDArray[np.float64], length: int, seed: int, *, rounds: int
) -> Samples:
    """Fast Griffin-Lim (Perraudin et al., 2013), momentum 0.99."""
    import numpy as np

    random = np.random.default_rng(seed)
    angles = np.exp(2j * np.pi * random.random(magnitudes.shape))
    before = np.zeros_like(angles)
    for _ in range(rounds):
        rebuilt = _stft(_istft(magnitudes * angles, length))
        ahead = rebuilt + 0.99 * (rebuilt - before)
        before = rebuilt
        angles = ahead / np.maximum(np.abs(ahead), 1e-9)
    return _istft(magnitudes * angles, length)


def _through_mels(magnitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    bank, inverse = _mels()
    return np.asarray(np.maximum(inverse @ (bank @ magnitudes), 0.0))


@cache
def _mels() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(80, 513) triangles, area one, as the vocoders' recipes have them; and their inverse."""
    import numpy as np

    hertz = np.fft.rfftfreq(_FFT, 1 / RATE)
    top = 2595 * np.log10(1 + RATE / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, _MELS + 2) / 2595) - 1)
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    bank = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return bank, np.asarray(np.linalg.pinv(bank), np.float64)


def _smooth(magnitudes: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    import numpy as np
    from scipy.ndimage import uniform_filter

    return np.asarray(uniform_filter(magnitudes, (bins, 3)))

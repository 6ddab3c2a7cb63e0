"""Sounds that examples are made of, all by code. Only tests call these.

There is no human speech in this project. ``robot`` is a source-filter synthesizer of the oldest
kind; ``vocoded`` has the lines of a new one besides.
"""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import Finding, VoiceDetail
from media_integrity.signals.base import Example

from .lines import FRAME_RATES
from .spectra import RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .spectra import Samples

_VOWELS = (
    (730, 1090, 2440),  # a
    (270, 2290, 3010),  # i
    (530, 1840, 2480),  # e
    (570, 840, 2410),  # o
    (300, 870, 2240),  # u
)
"""Formants in Hz: Peterson and Barney, "Control methods used in a study of the vowels", 1952."""

_BANDWIDTHS = (80, 90, 120)
_SYLLABLE_S = 0.22


def examples() -> tuple[Example, ...]:
    """Speech made by code, and sounds in which nobody speaks."""
    return (
        Example("vocoder", lambda: wav(vocoded(6.0)), lambda found: _score(found) > 0.9),
        Example("tone", lambda: wav(tone(3.0)), _nobody_speaks),
        Example("silence", lambda: wav(silence(3.0)), _nobody_speaks),
        Example("noise", lambda: wav(noise(3.0)), _nobody_speaks),
        Example("one_word", lambda: wav(one_word()), _too_little),
    )


def robot(seconds: float, seed: int = 1) -> Samples:
    """Syllables of a fricative and a vowel, with a falling melody, by resonators over pulses."""
    import numpy as np

    random = np.random.default_rng(seed)
    parts: list[Samples] = []
    count = max(int(seconds / _SYLLABLE_S), 1)
    for index in range(count):
        pitch = 125 + 25 * np.cos(index / 3) - 10 * (index % 8) / 8
        vowel = _VOWELS[int(random.integers(len(_VOWELS)))]
        parts.append(_syllable(pitch, vowel, random))
        if index % 8 == 7:
            parts.append(np.zeros(int(0.25 * RATE), np.float32))
    spoken = np.concatenate(parts)[: int(seconds * RATE)]
    level: Samples = (0.5 * spoken / np.abs(spoken).max()).astype(np.float32)
    return level


def vocoded(seconds: float) -> Samples:
    """``robot`` with the lines of a vocoder of 256 samples a frame at 22.05 kHz."""
    return with_lines(robot(seconds), FRAME_RATES[0], 0.001)


def with_lines(samples: Samples, rate: float, level: float) -> Samples:
    """With faint tones at all multiples of ``rate``, as up-sampling layers leave them."""
    import numpy as np

    times = np.arange(len(samples)) / RATE
    random = np.random.default_rng(3)
    tones = np.zeros(len(samples))
    for number in range(1, int(7_800 / rate)):
        tones += np.sin(2 * np.pi * rate * number * times + random.uniform(0, 6))
    return (samples + level * tones).astype(np.float32)


def one_word() -> Samples:
    """Two syllables within three seconds of silence."""
    import numpy as np

    quiet = np.zeros(int(1.3 * RATE), np.float32)
    return np.concatenate([quiet, robot(2 * _SYLLABLE_S), quiet])


def tone(seconds: float) -> Samples:
    """440 Hz."""
    import numpy as np

    times = np.arange(int(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


def silence(seconds: float) -> Samples:
    import numpy as np

    return np.zeros(int(seconds * RATE), np.float32)


def noise(seconds: float) -> Samples:
    """White."""
    import numpy as np

    drawn = np.random.default_rng(1).standard_normal(int(seconds * RATE))
    return (0.1 * drawn).astype(np.float32)


def wav(samples: Samples, rate: int = RATE) -> bytes:
    """As a WAV file of 16 bits, mono."""
    import numpy as np

    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return written.getvalue()


def _syllable(pitch: float, formants: Sequence[int], random: np.random.Generator) -> Samples:
    import numpy as np

    length, hiss = int(_SYLLABLE_S * RATE), int(0.05 * RATE)
    source = np.zeros(length)
    source[np.arange(hiss, length, RATE / pitch).astype(int)] = 1.0
    for centre, width in zip(formants, _BANDWIDTHS, strict=True):
        source = _resonated(source, centre, width)
    shape = np.sin(np.linspace(0, np.pi, length - hiss)) ** 0.5
    voiced = source[hiss:] * shape
    made = np.zeros(length, np.float32)
    made[hiss:] = voiced / (np.abs(voiced).max() + 1e-9)
    made[:hiss] = 0.15 * np.diff(random.standard_normal(hiss + 1)) * np.hanning(hiss)
    return made


def _resonated(source: NDArray[np.float64], centre: float, width: float) -> NDArray[np.float64]:
    """Through a resonator of two poles, by its impulse response."""
    import numpy as np

    times = np.arange(int(0.05 * RATE)) / RATE
    response = np.exp(-np.pi * width * times) * np.sin(2 * np.pi * centre * times)
    return np.convolve(source, response)[: len(source)]


def _nobody_speaks(found: Finding) -> bool:
    return (
        found.score == 0.0 and isinstance(found.detail, VoiceDetail) and found.detail.speech_s == 0
    )


def _too_little(found: Finding) -> bool:
    return found.status is FindingStatus.INCONCLUSIVE and "speech" in (found.cause or "")


def _score(found: Finding) -> float:
    return 0.0 if found.score is None else found.score

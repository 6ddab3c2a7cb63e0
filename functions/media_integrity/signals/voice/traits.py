"""What can be measured of a voice and named to a person: spectrum, prosody, pauses.

Each group is a handful of numbers over a section of a few seconds. A logistic regression over each
(``training.voice``) says how suspicious that group alone is.

- Spectral: synthetic speech is smoother or noisier than a person's in bands where the ear is weak;
  see Sahidullah, Kinnunen and Hanilci, "A comparison of features for synthetic speech detection",
  Interspeech 2015.
- Prosody: the small variation of pitch and loudness from frame to frame (jitter, shimmer), and the
  large one over a sentence.
- Pauses: how often and how long, how even what is heard in them is, and whether there is breath.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from .pitch import pitch
from .spectra import BINS, FLOOR, HOP, Samples, Spectrum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GROUPS = ("spectral", "prosody", "pauses")

_BANDS = (0, 16, 32, 64, 96, BINS)
"""Edges in bins of 62.5 Hz: up to 1, 2, 4, 6 and 8 kHz."""

TELEPHONE_SHARE = 1e-4
"""Of the power that lies above 4 kHz; a telephone leaves less."""

_SHORTEST_PAUSE = 12
"""Frames: 120 ms. Shorter gaps are closures of consonants."""
_BREATH_OVER_FLOOR = 2.0
"""Natural logarithm of power over the quietest pauses."""


def traits(
    samples: Samples, picture: Spectrum, speaking: NDArray[np.bool_]
) -> dict[str, NDArray[np.float32]]:
    """The numbers of each of ``GROUPS``. ``speaking``: of each frame of ``picture``."""
    import numpy as np

    measured = {
        "spectral": _spectral(picture, speaking),
        "prosody": _prosody(samples, speaking),
        "pauses": _pauses(picture, speaking),
    }
    return {
        group: np.nan_to_num(np.asarray(values, np.float32)) for group, values in measured.items()
    }


def is_telephone(picture: Spectrum) -> bool:
    """Is there next to nothing above 4 kHz?"""
    import numpy as np

    power = np.exp(picture.astype(np.float64)) - FLOOR
    upper = power[:, BINS // 2 + 6 :].sum()
    return bool(upper < TELEPHONE_SHARE * power.sum())


def _spectral(picture: Spectrum, speaking: NDArray[np.bool_]) -> list[float]:
    import numpy as np

    spoken = picture[speaking] if speaking.any() else picture
    values: list[float] = []
    # Each band against its own mean over time: a microphone's colour cancels out.
    relative = spoken - spoken.mean(axis=0, keepdims=True)
    for low, high in pairwise(_BANDS):
        band, coloured = relative[:, low:high], spoken[:, low:high]
        flatness = coloured.mean(axis=1) - np.log(np.exp(coloured).mean(axis=1) + 1e-9)
        fine = np.diff(band, axis=1)
        moving = np.diff(band, axis=0)
        energy = band.mean(axis=1)
        values += [
            float(flatness.mean()),
            float(flatness.std()),
            float(np.abs(fine).mean()),
            float(np.abs(np.diff(fine, axis=0)).mean()) if len(fine) > 1 else 0.0,
            float(np.abs(moving).mean()) if len(moving) else 0.0,
            float(np.abs(np.diff(moving, axis=0)).mean()) if len(moving) > 1 else 0.0,
            float(energy.std()),
            _skewness(band),
        ]
    return values


def _prosody(samples: Samples, speaking: NDArray[np.bool_]) -> list[float]:
    import numpy as np

    voice = pitch(samples)
    count = min(len(voice.hertz), len(speaking))
    hertz, speaking = voice.hertz[:count], speaking[:count]
    voiced = (hertz > 0) & speaking
    if voiced.sum() < 10:
        return [0.0] * 11
    notes = 12 * np.log2(np.maximum(hertz, 1.0) / 100)
    together = voiced[1:] & voiced[:-1]
    steps = np.diff(notes)[together]
    small = steps[np.abs(steps) < 1.0]  # larger ones are octave errors or new phrases
    runs = together[1:] & together[:-1]
    bends = np.diff(notes, 2)[runs]
    bends = bends[np.abs(bends) < 1.0]
    loudness = np.diff(voice.level_db[:count])[together]
    strength = voice.strength[:count][voiced]
    return [
        float(np.percentile(notes[voiced], 75) - np.percentile(notes[voiced], 25)),
        float(notes[voiced].std()),
        float(np.abs(small).mean()) if len(small) else 0.0,
        float(np.abs(bends).mean()) if len(bends) else 0.0,
        float(np.median(np.abs(bends))) if len(bends) else 0.0,
        float((np.abs(steps) >= 1.0).mean()) if len(steps) else 0.0,
        float(np.abs(loudness).mean()) if len(loudness) else 0.0,
        float(strength.mean()),
        float(strength.std()),
        float((strength > 0.97).mean()),
        float(voiced.sum() / max(int(speaking.sum()), 1)),
    ]


def _pauses(picture: Spectrum, speaking: NDArray[np.bool_]) -> list[float]:
    import numpy as np

    loudness = picture.mean(axis=1)
    lengths = _runs(~speaking)
    paused = [(first, last) for first, last in lengths if last - first >= _SHORTEST_PAUSE]
    if not paused:
        return [0.0] * 7
    inside = np.concatenate([loudness[first:last] for first, last in paused])
    quiet = float(np.percentile(inside, 10))
    upper = np.concatenate([picture[first:last, 32:96].mean(axis=1) for first, last in paused])
    breath = (inside > quiet + _BREATH_OVER_FLOOR) & (upper > quiet + _BREATH_OVER_FLOOR)
    seconds = len(picture) * HOP / 16_000
    durations = np.array([last - first for first, last in paused], np.float32)
    return [
        len(paused) / seconds,
        float(durations.mean()) / 100,
        float(durations.std()) / 100,
        float(inside.std()),
        float(loudness[speaking].mean() - quiet) if speaking.any() else 0.0,
        float(breath.mean()),
        float(np.abs(np.diff(inside)).mean()) if len(inside) > 1 else 0.0,
    ]


def _runs(true: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one past the last index of every run of true values."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _skewness(values: NDArray[np.float32]) -> float:
    import numpy as np

    centred = values - values.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    return float(np.mean(centred**3)) / spread**3 if spread > 1e-6 else 0.0

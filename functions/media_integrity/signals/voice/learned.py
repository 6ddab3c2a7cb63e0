"""The learned part: a small network over statistics of the spectrum.

Of every band and of every pair of neighbouring bands: how much it varies, how fast, how evenly, and
how much it has to do with the next. Recorded speech and vocoders differ in these whoever speaks and
whatever is said. The weights are made by ``training.voice``; numpy runs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from media_integrity.signals.network import Weights

from .spectra import Spectrum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = "voice"

DISCOUNT = 3.0
"""Log-odds taken off all but the lines: those parts were fitted on few voices and do not hold on
others as well as they say. See docs/models/voice.md."""

_LOUD = 6.0
"""Frames this much (natural logarithm of power) under the loudest ones are left out."""
_LEAST_FRAMES = 20
_SMOOTHED = 4
"""Bands that are averaged: 250 Hz."""
_BOUND = 5.0
"""Standard deviations; beyond is no better evidence than there."""


def statistics(picture: Spectrum, spoken: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The network's input, from a section's spectrum and where in it there is speech."""
    import numpy as np

    kept = _active(picture, spoken)
    relative = picture - picture[kept].mean(axis=0)
    active = relative[kept]
    spread = active.std(axis=0) + 1e-3
    values = [spread]
    for lag in (1, 2, 4, 8):
        both = kept[lag:] & kept[:-lag]
        values.append(_mean(np.abs(relative[lag:] - relative[:-lag])[both]))
    moving = np.diff(relative, axis=0)
    both = kept[1:] & kept[:-1]
    values.append(_mean(np.abs(np.diff(moving, axis=0))[both[1:] & both[:-1]]))
    values.append(_mean(moving[both][1:] * moving[both][:-1]) / (_mean(moving[both] ** 2) + 1e-3))
    fine = np.diff(active, axis=1)
    values += [_mean(np.abs(fine)), _mean(np.abs(np.diff(active, 2, axis=1)))]
    values.append(_mean(fine[:, 1:] * fine[:, :-1]) / (_mean(fine**2)[1:] + 1e-3))
    standard = active / spread
    values += [_mean(standard**3), _mean(standard**4) / 3]
    values += [_mean(standard[:, lag:] * standard[:, :-lag]) for lag in (1, 2, 4, 8)]
    return np.concatenate([_smoothed(value) for value in values]).astype(np.float32)


def network(values: NDArray[np.float32], weights: Weights) -> float:
    """Log-odds that a section with these ``statistics`` is synthetic."""
    import numpy as np

    standard = (values - weights["net_mean"]) / weights["net_scale"]
    hidden = np.maximum(weights["net_w0"] @ standard.clip(-_BOUND, _BOUND) + weights["net_b0"], 0)
    return float(weights["net_w1"] @ hidden + weights["net_b1"][0])


def regression(group: str, values: NDArray[np.float32], weights: Weights) -> float:
    """Log-odds by one group of ``traits``."""
    standard = (values - weights[f"{group}_mean"]) / weights[f"{group}_scale"]
    return float(weights[f"{group}_w"] @ standard.clip(-_BOUND, _BOUND) + weights[f"{group}_b"][0])


def fused(odds: list[float], weights: Weights) -> float:
    """Log-odds by the network and by each group, in the order of ``traits.GROUPS``, together."""
    import numpy as np

    bounded = np.clip(np.array(odds, np.float32), -8.0, 8.0)
    return float(weights["fuse_w"] @ bounded + weights["fuse_b"][0])


def together(by_lines: float, rest: float) -> float:
    """Log-odds in all. Either kind of evidence is enough, and the lack of one does not clear."""
    import numpy as np

    return float(np.logaddexp(by_lines, rest - DISCOUNT))


def _active(picture: Spectrum, spoken: NDArray[np.bool_]) -> NDArray[np.bool_]:
    import numpy as np

    loudness = picture.mean(axis=1)
    kept = spoken & (loudness > np.percentile(loudness, 95) - _LOUD)
    return kept if kept.sum() >= _LEAST_FRAMES else np.ones_like(kept)


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    mean: NDArray[np.float32] = (
        values.mean(axis=0) if len(values) else np.zeros(values.shape[1], np.float32)
    )
    return mean


def _smoothed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    whole = len(values) // _SMOOTHED * _SMOOTHED
    smoothed: NDArray[np.float32] = values[:whole].reshape(-1, _SMOOTHED).mean(axis=1)
    return smoothed

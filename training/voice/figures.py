"""Error rates with their intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]

Row = dict[str, float | int | tuple[float, float]]

_DRAWS = 500


def eer(fake: Scores, real: Scores) -> float:
    """Equal error rate: where as many fakes are missed as real ones are accused.

    Between two thresholds the mean of both rates is taken at the smallest difference.
    """
    thresholds = np.unique(np.concatenate([fake, real]))
    missed = (fake[None] < thresholds[:, None]).mean(axis=1)
    accused = (real[None] >= thresholds[:, None]).mean(axis=1)
    best = int(np.argmin(np.abs(missed - accused)))
    return float((missed[best] + accused[best]) / 2)


def auc(fake: Scores, real: Scores) -> float:
    """Share of pairs in which the fake scores higher; ties count half."""
    above = (fake[:, None] > real[None]).mean()
    return float(above + 0.5 * (fake[:, None] == real[None]).mean())


def interval(
    figure: Callable[[Scores, Scores], float], fake: Scores, real: Scores, seed: int = 0
) -> tuple[float, float]:
    """95 % by bootstrap: files are drawn again, fakes and real ones apart."""
    random = np.random.default_rng(seed)
    drawn = [
        figure(random.choice(fake, len(fake)), random.choice(real, len(real)))
        for _ in range(_DRAWS)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def row(fake: Scores, real: Scores) -> Row:
    """EER and AUC with intervals, as ``report.json`` has them."""
    return {
        "n_fake": len(fake),
        "n_human": len(real),
        "eer": eer(fake, real),
        "eer_95": interval(eer, fake, real),
        "auc": auc(fake, real),
        "auc_95": interval(auc, fake, real),
    }

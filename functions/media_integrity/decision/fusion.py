"""One probability from several findings that speak for the same thing.

A strong detector gives the probability; weaker findings support it. In log-odds, with p the strong
detector's calibrated probability and s those of the weaker findings:

    fused = logit(p) + min(cap, sum(weight * max(0, logit(s))))

Support only ever adds, and no more than the cap, so that many weak findings don't make a strong
one: without support the answer is the detector's own. Weights and cap are the policy's. What a
small or blurred face is worth is for the detector to weigh (``signals.face_quality``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from media_integrity.schema.enums import DetectionMethod

_EDGE = 1e-6
"""Probabilities nearer to 0 or 1 than this count as this."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A probability, and the findings that raised it."""

    probability: float
    supported_by: tuple[DetectionMethod, ...]


def fuse(
    probability: float,
    support: Mapping[DetectionMethod, float],
    weights: Mapping[DetectionMethod, float],
    *,
    cap: float,
) -> Fused:
    """Fuse a detector's probability with the weaker findings' probabilities, all in [0, 1].

    Rises with each of them. Methods without a weight are left out.
    """
    added = {
        method: weights.get(method, 0.0) * max(0.0, _logit(value))
        for method, value in support.items()
    }
    raised = tuple(method for method, gain in added.items() if gain > 0)
    odds = _logit(probability) + min(cap, sum(added.values()))
    return Fused(1 / (1 + math.exp(-odds)), raised)


def _logit(probability: float) -> float:
    bounded = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(bounded / (1 - bounded))

"""Does a face lie between two enrolled people?

A face blended of two people is near both, and about as near to one as to the other. So is, with
many people enrolled, the face of a stranger: the more there are, the nearer are the two that are
nearest by chance. So the score rests on how unlikely it is that a second person is as near by
chance, and on where between the two the face lies:

    score = 1 / (1 + exp(-(BIAS + BY_CHANCE * ln(people * rate(second distance)) + MIDDLE * place)))

``rate`` is the share of pairs of two people within a distance. Fitted by logistic regression on
morphs, genuine faces and strangers of the LFW validation people, with 4 to 300 people enrolled
(docs/models/identity_morphing.md): it finds some morphs among few people and hardly any among many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .references import Near

if TYPE_CHECKING:
    from .embedding import Numbers

LIKE = 0.65
"""Distance up to which a face counts as like an enrolled person at all."""

APART = 0.50
"""Distance up to which two of the enrolled are taken for one person, who enrolled twice: a face is
not between the two."""

BIAS, BY_CHANCE, MIDDLE = -3.28, -0.58, 6.95

MAX_SUPPORT = 2.0
"""Log-odds that evidence of an altered face adds at most."""

_DISTANCES = (0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65)
_RATES = (4e-7, 4e-6, 5.7e-5, 3.5e-4, 1.7e-3, 8.8e-3, 3.6e-2)
"""Share of pairs of two LFW validation people within each distance; the first is extrapolated."""

_EDGE = 1e-6


def between(numbers: Numbers, near: Sequence[Near], people: int, altered: float = 0.0) -> float:
    """Score in [0, 1] of a face; 0 where no two people are near.

    ``near``: the nearest people first, within ``LIKE``. ``people``: how many are enrolled.
    ``altered``: probability that a face of the picture was altered; above one half it adds.
    """
    pair = two_people(near)
    if pair is None:
        return 0.0
    first, second = pair
    chance = math.log(people * rate(second.distance))
    odds = BIAS + BY_CHANCE * chance + MIDDLE * place(numbers, first, second)
    bounded = min(max(altered, _EDGE), 1 - _EDGE)
    odds += min(max(0.0, math.log(bounded / (1 - bounded))), MAX_SUPPORT)
    return 1 / (1 + math.exp(-odds))


def two_people(near: Sequence[Near]) -> tuple[Near, Near] | None:
    """The nearest, and the nearest of those who are surely somebody else."""
    import numpy as np

    for other in near[1:]:
        if float(np.linalg.norm(other.embedding - near[0].embedding)) > APART:
            return near[0], other
    return None


def rate(distance: float) -> float:
    """Share of pairs of two people whose faces are at most that far apart, up to ``LIKE``."""
    import numpy as np

    return float(np.exp(np.interp(distance, _DISTANCES, np.log(_RATES))))


def place(numbers: Numbers, first: Near, second: Near) -> float:
    """Where a face lies on the way from the nearer person (0) to another: at most one half."""
    import numpy as np

    way = second.embedding - first.embedding
    length = float(np.dot(way, way))
    return float(np.clip(np.dot(numbers - first.embedding, way) / length, 0.0, 0.5))

"""A recording in sections that are judged one by one.

One cloned sentence in ten minutes of real speech must show, so that the score cannot be a mean over
all of it; and the highest of many scores is high by chance, so that it cannot be the highest alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .activity import FRAME
from .spectra import HOP, RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LENGTH = 6 * RATE
"""Samples of a section, where there is enough speech in it."""
ENOUGH = RATE
"""Samples of speech that a section has at least."""


@dataclass(frozen=True, slots=True)
class Section:
    """From sample ``start`` to ``end``."""

    start: int
    end: int
    speech: int
    """Samples of speech in it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What all sections say together."""

    odds: float
    """Logarithm."""
    worst: int
    """Index of the section with the highest odds."""
    by_worst: bool
    """The worst section decided, not the mean."""


def sections(speaking: NDArray[np.bool_]) -> tuple[Section, ...]:
    """Cuts the recording from its first speech to its last. ``speaking``: as ``activity.speech``.

    A section goes on until it has enough speech. What is left over at the end belongs to the last
    one. None for less speech than a section needs.
    """
    import numpy as np

    spoken = np.flatnonzero(speaking)
    if len(spoken) * FRAME < ENOUGH:
        return ()
    found: list[Section] = []
    start, speech = int(spoken[0]), 0
    for index in range(start, int(spoken[-1]) + 1):
        speech += int(speaking[index])
        if (index + 1 - start) * FRAME >= LENGTH and speech * FRAME >= ENOUGH:
            found.append(Section(start * FRAME, (index + 1) * FRAME, speech * FRAME))
            later = spoken[spoken > index]
            start, speech = (int(later[0]) if len(later) else index + 1), 0
    end = (int(spoken[-1]) + 1) * FRAME
    if speech * FRAME >= ENOUGH:
        found.append(Section(start * FRAME, end, speech * FRAME))
    elif speech:
        last = found.pop()
        found.append(Section(last.start, end, last.speech + speech * FRAME))
    return tuple(found)


def judged(odds: Sequence[float], cut: Sequence[Section]) -> Judged:
    """The mean over all speech, or the worst section with the correction for many tries.

    With n sections a chance result is n times as frequent (Bonferroni), so ln n is taken off the
    worst one's log-odds. The higher of the two counts.
    """
    total = sum(section.speech for section in cut)
    mean = sum(each * section.speech for each, section in zip(odds, cut, strict=True)) / total
    worst = max(range(len(odds)), key=odds.__getitem__)
    corrected = odds[worst] - math.log(len(odds))
    return Judged(max(mean, corrected), worst, corrected > mean)


def speaking_frames(section: Section, speaking: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """(count,) for the spectrum's frames of a section: is there speech?"""
    import numpy as np

    at = (section.start + np.arange(count) * HOP) // FRAME
    return speaking[np.minimum(at, len(speaking) - 1)]

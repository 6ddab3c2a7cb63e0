"""Does the mouth open and close with the speech that is heard?

The mouth's opening is the difference of the vertical motion below and above its line, by dense
optical flow (Farnebäck, SCIA 2003), summed up over a burst. It is compared with how loud the speech
is. A weak proxy of a weak relation: it takes seconds of both to say anything, and a narrator who is
not in the picture breaks it innocently. So it is reported, and counts little.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import atanh, sqrt, tanh
from typing import TYPE_CHECKING

from media_integrity.media.types import Burst, Sound

from ..voice import activity
from .following import Followed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PATCH = 64
"""Pixels of the mouth's patch on a side."""

ENLARGED = 1.8
"""Side of the patch over the distance of the mouth's corners."""

MIN_MOUTH = 12
"""Pixels between the corners in the burst below which the flow is noise."""

MIN_OPENING = 0.003
"""Standard deviation of the opening, in patch sides, below which the mouth rests. On films made by
code a talking mouth reaches 0.004 to 0.009."""

SPEAKING = 0.5
"""Share of a burst in which there has to be speech."""

MIN_SECONDS = 3.0
"""Of speech and moving mouth together, below which nothing is said."""

DELAYS_S = (-0.12, -0.08, -0.04, 0.0, 0.04, 0.08, 0.12, 0.16, 0.2)
"""Sound after picture. Viewers accept -0.09 to 0.185 s (ITU-R BT.1359-1); the best one counts."""

PER_SECOND = 8.0
"""Independent pairs in a second of two signals of syllables, at most 4 a second."""

_WINDOW_S = 0.04


@dataclass(frozen=True, slots=True)
class Mouth:
    """One mouth in one burst, and the burst's times."""

    opening: NDArray[np.float64]
    times_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LipSync:
    """How the opening goes with the loudness."""

    correlation: float
    high: float
    """Upper end of the 95 % interval (Fisher's z)."""
    seconds: float


def mouth(burst: Burst, face: Followed) -> Mouth | None:
    """The mouth's opening over a burst; None where it is too small or at rest."""
    import cv2
    import numpy as np

    corners = face.landmarks[:, 3:5]
    widths = np.hypot(*(corners[:, 1] - corners[:, 0]).T)
    if float(widths.min()) < MIN_MOUTH:
        return None
    side = float(widths.mean()) * ENLARGED
    middles = corners.mean(axis=1)
    patches = [
        _grey_patch(frame, middle, side)
        for frame, middle in zip(burst.frames, middles, strict=True)
    ]
    speeds = [0.0]
    half, edge = PATCH // 2, PATCH // 5
    for before, after in pairwise(patches):
        flow = cv2.calcOpticalFlowFarneback(
            before, after, np.zeros((PATCH, PATCH, 2), np.float32), 0.5, 2, 15, 2, 5, 1.1, 0
        )
        down = np.asarray(flow)[:, edge:-edge, 1]
        speeds.append(float(down[half:-edge].mean() - down[edge:half].mean()) / PATCH)
    opening = _level(np.cumsum(speeds))
    if float(opening.std()) < MIN_OPENING:
        return None
    return Mouth(opening, np.array(burst.times_s))


def compare(mouths: list[Mouth], sound: Sound) -> LipSync | None:
    """The correlation over all bursts in which the person seems to speak; None: too few of them.

    Raises:
        ModelUnavailable: the weights of the speech detector are missing or not the locked ones.
    """
    import numpy as np

    speaking = [each for each in mouths if _speech_share(each, sound) >= SPEAKING]
    seconds = float(sum(each.times_s[-1] - each.times_s[0] for each in speaking))
    if seconds < MIN_SECONDS:
        return None
    openings = np.concatenate([_unit(each.opening) for each in speaking])
    best = -1.0
    for delay in DELAYS_S:
        loudness = [_unit(_level(_loudness(each.times_s + delay, sound))) for each in speaking]
        best = max(best, float((openings * np.concatenate(loudness)).mean()))
    best = min(max(best, -0.999), 0.999)
    high = tanh(atanh(best) + 1.96 / sqrt(PER_SECOND * seconds - 3))
    return LipSync(best, high, seconds)


def _grey_patch(
    frame: NDArray[np.uint8], middle: NDArray[np.float32], side: float
) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    scale = side / PATCH
    placed = np.array(
        [[scale, 0, middle[0] - side / 2], [0, scale, middle[1] - side / 2]], np.float32
    )
    cut = cv2.warpAffine(
        frame, placed, (PATCH, PATCH), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return np.asarray(cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY), np.uint8)


def _loudness(times_s: NDArray[np.float64], sound: Sound) -> NDArray[np.float64]:
    """Root of the mean square around each time, 0 beyond the track."""
    import numpy as np

    half = int(_WINDOW_S / 2 * sound.rate)
    levels = []
    for time_s in times_s:
        at = int(time_s * sound.rate)
        piece = sound.samples[max(0, at - half) : max(0, at + half)]
        levels.append(float(np.sqrt(np.mean(np.square(piece)))) if len(piece) else 0.0)
    return np.array(levels)


def _speech_share(spoken: Mouth, sound: Sound) -> float:
    """Of the burst's time; the detector hears a second more on both sides."""
    begin = max(0, int((spoken.times_s[0] - 1) * sound.rate))
    piece = sound.samples[begin : int((spoken.times_s[-1] + 1) * sound.rate)]
    if len(piece) < activity.FRAME:
        return 0.0
    heard = activity.speech(piece)
    first = int((spoken.times_s[0] * sound.rate - begin) / activity.FRAME)
    last = int((spoken.times_s[-1] * sound.rate - begin) / activity.FRAME) + 1
    return float(heard[first:last].mean()) if len(heard[first:last]) else 0.0


def _level(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without its straight line: a head that nods, a voice that rises."""
    import numpy as np

    at = np.arange(len(series))
    slope, start = np.polyfit(at, series, 1)
    levelled: NDArray[np.float64] = series - slope * at - start
    return levelled


def _unit(series: NDArray[np.float64]) -> NDArray[np.float64]:
    deviation = float(series.std())
    return (series - series.mean()) / deviation if deviation > 0 else series * 0.0

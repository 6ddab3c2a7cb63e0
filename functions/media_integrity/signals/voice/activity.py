"""Where in a recording does somebody speak?

Silero VAD (Silero Team, 2021-2026, MIT), a recurrent network over frames of 32 ms. It knows speech
from music and noise, which energy and periodicity alone do not. Threshold 0.5 as its authors
advise, held on for short gaps as in their ``get_speech_timestamps``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from media_integrity.signals import runtime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .spectra import Samples

MODEL = "silero_vad"

FRAME = 512
"""Samples a frame, 32 ms at 16 kHz."""
_CONTEXT = 64
"""Samples of the frame before that the network sees again."""
_STATE = 128
_BLOCK = 2_000
"""Frames in one inference, about a minute."""

THRESHOLD = 0.5
_GAP = 3
"""Frames without speech that do not interrupt it: 100 ms, as between two syllables."""

CLIPPED_FROM = 0.999
"""Of the full scale; a sample there was probably cut off."""


def speech(samples: Samples) -> NDArray[np.bool_]:
    """(n,) for frames of ``FRAME`` samples: is there speech? The rest of a frame is left out.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    import numpy as np

    spoken = probabilities(samples) >= THRESHOLD
    silent_since = _GAP + 1
    for index, voiced in enumerate(spoken):
        if voiced:
            if silent_since <= _GAP:
                spoken[index - silent_since : index] = True
            silent_since = 0
        else:
            silent_since += 1
    return np.asarray(spoken)


def probabilities(samples: Samples) -> NDArray[np.float32]:
    """(n,) the network's probability of speech in each frame."""
    import numpy as np

    session = runtime.session(MODEL)
    count = len(samples) // FRAME
    h = c = np.zeros((1, 1, _STATE), np.float32)
    found: list[NDArray[np.float32]] = [np.zeros(0, np.float32)]
    padded = np.concatenate([np.zeros(_CONTEXT, np.float32), samples[: count * FRAME]])
    frames = (
        np.lib.stride_tricks.sliding_window_view(padded, _CONTEXT + FRAME)[::FRAME]
        if count
        else np.zeros((0, _CONTEXT + FRAME), np.float32)
    )
    for first in range(0, count, _BLOCK):
        block = np.ascontiguousarray(frames[first : first + _BLOCK])
        spoken, h, c = session.run(None, {"input": block, "h": h, "c": c})
        found.append(spoken)
    return np.concatenate(found)


def clipped_share(samples: Samples) -> float:
    """Share of samples at the full scale with a neighbour there: flat tops, not single peaks."""
    import numpy as np

    if len(samples) < 2:
        return 0.0
    loud = np.abs(samples) >= CLIPPED_FROM
    return float((loud[1:] & loud[:-1]).mean())

"""Whose voice is it? Speech in 256 numbers that are near each other for the same speaker.

Network: Resemblyzer's voice encoder (Resemble AI, 2019, Apache-2.0), three LSTM layers and a linear
one over 1.6 s of mel energies: Wan et al., "Generalized end-to-end loss for speaker verification",
ICASSP 2018. Its weights are taken out of the published file by ``python -m training speaker``; no
code of the package is used. From each part's numbers the mean over many speakers is taken off: all
voices share much of them, and without it they are told apart better (docs/models/speaker.md).

A template identifies a person. It is kept encrypted (``templates``), is never logged, and is left
out of every ``repr``. It says nothing of what is said, nor whether a person or a machine says it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from media_integrity.media.types import Sound
from media_integrity.signals import graphs, runtime
from media_integrity.signals.identity.references import Near, People
from media_integrity.signals.network import tensors

from .activity import FRAME, clipped_share, speech
from .spectra import RATE, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows: TypeAlias = NDArray[np.float32]

Numbers: TypeAlias = "NDArray[np.float32]"
"""(``NUMBERS``,) of length 1."""

MODEL = "speaker"
GRAPH = "speaker_graph"
CENTRE = "centre"
"""Tensor beside the network's: mean over the speakers that the threshold was chosen on."""

NUMBERS = 256

SAME_SPEAKER = 1.05
"""Distance up to which two voices are taken for one person's, where one is compared with one.

About 1 % of the pairs of two speakers of the validation split are as near; see the card."""

LEAST_S = 3.0
"""Seconds of speech that are compared with anybody."""

ENROL_S = 8.0
"""Seconds of speech that make a template."""

SEVERAL_VOICES = 1.2
"""Distance between the halves of a recording from which two people speak in it."""

MOST_CLIPPED = 0.02
"""Share of samples cut off at full scale, as for the other questions about a voice."""

PASSAGE_S = 10.0
MOST_PASSAGES = 12
"""Compared of one recording, spread over all of it: two minutes of speech."""

MAX_CHANCE = 0.05
"""That a stranger is as near to anybody enrolled in any passage: above this a likeness is no match.
So the distance that counts falls as more people enrol, as it does for faces."""

_DISTANCES = (0.80, 0.85, 0.90, 0.95, 1.00, 1.05, 1.10)
_RATES = (2e-4, 4e-4, 1e-3, 2e-3, 6e-3, 1.5e-2, 3.1e-2)
"""Share of pairs of two speakers within each distance: the worst of the validation split's
conditions, rounded up. Under 0.95 they rest on a few pairs of people."""

_LEVEL_DB = -30.0
"""Loudness (root mean square under full scale) that speech is brought to, as in its training."""

_WINDOW, _HOP, _BANDS = 400, 160, 40
_PART = 160
"""Frames of 10 ms that the network looks at together."""
_STEP = 77
"""From one part to the next, so that they overlap by half."""
_BATCH = 32


class Refusal(StrEnum):
    """Why a recording makes no template."""

    TOO_LITTLE_SPEECH = "too_little_speech"
    CLIPPED = "clipped"  # cut off so much that any voice sounds alike
    SEVERAL_VOICES = "several_voices"


@dataclass(frozen=True, slots=True)
class Passage:
    """Speech that is compared as one: its numbers, and how many seconds it is."""

    numbers: Numbers = field(repr=False)
    seconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    """An enrolled person whose voice it is."""

    person_id: str
    distance: float
    chance: float
    """That a stranger's recording is as near to anybody enrolled."""


def speaker_template(sound: Sound) -> Numbers | Refusal:
    """What a shield keeps of its owner's voice, from one recording of nobody else.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    if clipped_share(sound.samples) > MOST_CLIPPED:
        return Refusal.CLIPPED
    said = spoken(sound.samples, speech(sound.samples))
    if len(said) < ENROL_S * RATE:
        return Refusal.TOO_LITTLE_SPEECH
    half = len(said) // 2
    if distance(numbers(said[:half]), numbers(said[half:])) > SEVERAL_VOICES:
        return Refusal.SEVERAL_VOICES
    return numbers(said)


def passages(samples: Samples, speaking: NDArray[np.bool_]) -> tuple[Passage, ...]:
    """What of a recording is compared; none for less than ``LEAST_S`` of speech.

    ``speaking``: as ``activity.speech``.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    said = spoken(samples, speaking)
    count = max(int(len(said) / RATE / PASSAGE_S), 1)
    if len(said) < LEAST_S * RATE:
        return ()
    edges = [round(place * len(said) / count) for place in range(count + 1)]
    parts = [said[begin:end] for begin, end in pairwise(edges)]
    step = max(count / MOST_PASSAGES, 1.0)
    kept = [parts[int(place * step)] for place in range(min(count, MOST_PASSAGES))]
    return tuple(Passage(numbers(part), len(part) / RATE) for part in kept)


def heard(found: Sequence[Passage], people: People) -> tuple[Heard, ...]:
    """Who of ``people`` speaks in the passages, each once, the nearest first."""
    tries = len(people) * len(found)
    nearest: dict[str, Near] = {}
    for passage in found:
        for near in people.near(passage.numbers, SAME_SPEAKER):
            known = nearest.get(near.person_id)
            if known is None or near.distance < known.distance:
                nearest[near.person_id] = near
    matched = (
        Heard(near.person_id, near.distance, min(tries * rate(near.distance), 1.0))
        for near in sorted(nearest.values(), key=lambda near: near.distance)
    )
    return tuple(each for each in matched if each.chance <= MAX_CHANCE)


def rate(far: float) -> float:
    """Share of pairs of two speakers whose voices are at most that far apart, up to about 1.1."""
    import numpy as np

    return float(np.exp(np.interp(far, _DISTANCES, np.log(_RATES))))


def distance(one: Numbers, other: Numbers) -> float:
    """Euclidean: 0 for the same recording, about 0.8 for one speaker, about 1.4 for two."""
    import numpy as np

    return float(np.linalg.norm(one - other))


def spoken(samples: Samples, speaking: NDArray[np.bool_]) -> Samples:
    """The speech alone, joined."""
    import numpy as np

    kept: Samples = samples[: len(speaking) * FRAME][np.repeat(speaking, FRAME)]
    return kept


def numbers(said: Samples) -> Numbers:
    """The template of speech without pauses.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    return centred(uncentred(said), shipped()[CENTRE])


def uncentred(said: Samples, network: Callable[[Rows], Rows] | None = None) -> Numbers:
    """The mean over the parts of what the network gives, before the speakers' mean is taken off.

    ``network``: as ``embedded``, which it is where it is left out; for training.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    import numpy as np

    frames = mel_energies(_levelled(said))
    starts = range(0, max(len(frames) - _PART + 1, 1), _STEP)
    short = max(_PART - len(frames), 0)
    padded = np.pad(frames, ((0, short), (0, 0)))
    looked_at = np.stack([padded[start : start + _PART] for start in starts])
    rows = np.maximum((network or embedded)(looked_at), 0)
    mean: Numbers = _unit(rows).mean(axis=0)
    return mean


def centred(mean: Numbers, centre: NDArray[np.floating]) -> Numbers:
    """``mean`` less the speakers' mean, of length 1."""
    import numpy as np

    return np.asarray(_unit((mean - centre.astype(np.float32))[None])[0], np.float32)


def embedded(parts: Rows) -> Rows:
    """The network's answer to each of ``parts`` (n, 160, 40), before its last threshold: (n, 256).

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    import numpy as np

    session = runtime.session(GRAPH, _filler())
    found: list[Rows] = [np.zeros((0, NUMBERS), np.float32)]
    for first in range(0, len(parts), _BATCH):
        batch = np.ascontiguousarray(parts[first : first + _BATCH], np.float32)
        (rows,) = session.run(None, {"mels": batch})
        found.append(rows)
    return np.concatenate(found)


def mel_energies(samples: Samples) -> Rows:
    """(frames, 40) energy in bands as wide as the ear's, every 10 ms; no logarithm is taken."""
    import numpy as np

    padded = np.pad(samples, _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
    energies = np.empty((len(frames), _BANDS), np.float32)
    for first in range(0, len(frames), 1000):  # blocks, because the frames overlap
        block = np.fft.rfft(frames[first : first + 1000] * window, axis=1)
        power = (block.real**2 + block.imag**2).astype(np.float32)
        energies[first : first + 1000] = power @ _bands().T
    return energies


@cache
def _bands() -> Rows:
    """(40, 201) triangles, linear up to 1 kHz and logarithmic above, of equal area.

    Slaney, "Auditory Toolbox", Interval Research 1998.
    """
    import numpy as np

    per_step = np.log(6.4) / 27
    marks = np.linspace(0, 15 + np.log(8) / per_step, _BANDS + 2)
    hertz = np.where(marks < 15, marks * 200 / 3, 1000 * np.exp(per_step * (marks - 15)))
    low, middle, high = hertz[:-2, None], hertz[1:-1, None], hertz[2:, None]
    bins = np.linspace(0, RATE / 2, _WINDOW // 2 + 1)[None]
    slopes = np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle))
    return np.asarray(np.maximum(slopes, 0) * 2 / (high - low), np.float32)


def _levelled(samples: Samples) -> Samples:
    import numpy as np

    loudness = 20 * np.log10(np.sqrt(np.mean(samples.astype(np.float64) ** 2)) + 1e-9)
    return np.asarray(samples * 10 ** ((_LEVEL_DB - loudness) / 20), np.float32)


def _unit(rows: Rows) -> Rows:
    import numpy as np

    return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9), np.float32)


@cache
def shipped() -> Mapping[str, NDArray[np.float16]]:
    """The network's weights and ``CENTRE``.

    Raises:
        ModelUnavailable: they are missing or are not the locked ones.
    """
    return tensors(runtime.path(MODEL).read_bytes())


@cache
def _filler() -> Callable[[bytes], bytes]:
    """Puts the weights into the graph. One function per process: sessions are kept by it."""
    own = {name: values for name, values in shipped().items() if name != CENTRE}
    return lambda graph: graphs.with_weights(graph, own)

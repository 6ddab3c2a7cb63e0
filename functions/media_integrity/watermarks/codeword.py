"""From a mark's six bytes to sixteen symbols and back, with what is known of each symbol.

A Reed-Solomon code of length 16 and dimension 6 over GF(256): any six symbols that were read right
give all of them. It is decoded softly: of the codewords through any six of the most likely symbols
(there are 8008 such choices) the one wins that the whole picture speaks for most, so ten of sixteen
symbols may be lost and none has to be known to be wrong.

Source: Reed, Solomon, "Polynomial codes over certain finite fields", J. SIAM 8, 1960.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from math import exp, log
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Scores = NDArray[np.float64]

SYMBOLS = 16
PAYLOAD_BYTES = 6
VALUES = 256

CERTAIN_SCORE = 42.0
"""A word below is none. See ``chance``: at most one reading in three billion gives it by chance; a
picture is read in up to 16 ways."""

_POLYNOMIAL = 0x11D


class Word(NamedTuple):
    """The codeword that a picture speaks for most."""

    payload: bytes
    score: float
    """How far the picture speaks for it, in standard deviations of one symbol's noise times the
    root of what was summed: 16 symbols' scores added up."""


def chance(score: float) -> float:
    """At most how probable it is that chance alone gives some codeword that score or more, 0..1.

    Of a picture without a mark each symbol's score is a sum of independent keyed signs, weighted;
    Hoeffding's inequality holds for it whatever the picture, and there are 2^48 codewords.
    """
    if score <= 0:
        return 1.0
    exponent = 8 * PAYLOAD_BYTES * log(2) - score**2 / (2 * SYMBOLS)
    return min(1.0, exp(exponent)) if exponent > -700 else 0.0


def encode(payload: bytes) -> Numbers:
    """(16,) symbols, 0..255, the first six of them the payload.

    Raises:
        ValueError: it has not six bytes.
    """
    import numpy as np

    if len(payload) != PAYLOAD_BYTES:
        raise ValueError(f"a payload has {PAYLOAD_BYTES} bytes")
    through, weights = _choices()
    assert tuple(through[0]) == tuple(range(PAYLOAD_BYTES))
    values = np.frombuffer(payload, np.uint8).astype(np.int64)
    return np.asarray(_combined(weights[:1], values[None])[0])


def decode(scores: Scores) -> Word:
    """The most likely codeword. ``scores``: (16, 256), how far the picture speaks for each value
    of each symbol; zero mean and unit variance where it says nothing."""
    import numpy as np

    through, weights = _choices()
    words = _combined(weights, scores.argmax(axis=1)[through])
    total = scores[np.arange(SYMBOLS), words].sum(axis=1)
    best = int(total.argmax())
    payload = bytes(words[best, :PAYLOAD_BYTES].astype(np.uint8))
    return Word(payload, float(total[best]))


def _combined(weights: NDArray[np.uint8], values: Numbers) -> Numbers:
    """(n, 16): the words that take these (n, 6) values at the places of their choice."""
    import numpy as np

    words = np.zeros(weights.shape[:2], np.int64)
    for place in range(PAYLOAD_BYTES):
        words ^= _times(weights[:, :, place], values[:, place, None])
    return words


@cache
def _choices() -> tuple[Numbers, NDArray[np.uint8]]:
    """All choices of six symbols, (8008, 6), and by which factors they give all sixteen, (8008, 16,
    6): Lagrange's interpolation of the polynomial whose values at 1..16 are the symbols."""
    import numpy as np

    through = np.array(list(combinations(range(SYMBOLS), PAYLOAD_BYTES)), np.int64)
    points = np.arange(1, SYMBOLS + 1)
    at = points[through]
    weights = np.empty((len(through), SYMBOLS, PAYLOAD_BYTES), np.uint8)
    for place in range(PAYLOAD_BYTES):
        above = np.ones((len(through), SYMBOLS), np.int64)
        below = np.ones((len(through), 1), np.int64)
        for other in range(PAYLOAD_BYTES):
            if other != place:
                above = _times(above, points[None] ^ at[:, other, None])
                below = _times(below, at[:, place, None] ^ at[:, other, None])
        weights[:, :, place] = _times(above, _inverse(below))
    return through, weights


@cache
def _tables() -> tuple[Numbers, Numbers]:
    """Powers of the field's generator (twice over), and logarithms; that of 0 is not used."""
    import numpy as np

    powers, logarithms = np.zeros(510, np.int64), np.zeros(VALUES, np.int64)
    value = 1
    for exponent in range(255):
        powers[exponent], logarithms[value] = value, exponent
        value <<= 1
        if value >= VALUES:
            value ^= _POLYNOMIAL
    powers[255:] = powers[:255]
    return powers, logarithms


def _times(one: Numbers | NDArray[np.uint8], other: Numbers) -> Numbers:
    import numpy as np

    powers, logarithms = _tables()
    return np.where((one == 0) | (other == 0), 0, powers[logarithms[one] + logarithms[other]])


def _inverse(value: Numbers) -> Numbers:
    powers, logarithms = _tables()
    return powers[(255 - logarithms[value]) % 255]

"""Looks for a mark in a picture: as it was published, turned over, cut, or inside another picture.

A copy of the whole picture, of any size, is read at once: the canvas gives the tile's size and
place. Otherwise both are looked for by the waves that are the same in every mark: for each of some
thousand sizes all places are tried by one Fourier transform. The likeliest are read.

Not found: pictures drawn out in one direction or turned by other than quarter turns, turned pieces,
and photographs of a screen at an angle. For these there is the look-up by PDQ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log, pi
from typing import TYPE_CHECKING

from media_integrity.media.types import Grey, Pixels

from . import canvas
from .carriers import LONGEST, SHORTEST, TILE, Carriers
from .codeword import CERTAIN_SCORE, SYMBOLS, Word, decode, encode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Waves = NDArray[np.complex64]
    Scores = NDArray[np.float64]

SMALLEST, LARGEST = 0.35, 2.6
"""Size of a tile against that of the whole picture's: on a screenshot's canvas the picture is
small, on that of a piece it is large."""

_SCALE_STEP = 0.002
"""At half of it the finest waves are out of step by a tenth of a turn at the picture's edges."""
_AT_ONCE = 64
_PADDED = 2 * canvas.CANVAS_SIDE
_PIECES_TURNED = 2
"""Upright and mirrored. A piece that was turned as well has to be turned back first."""
_READ = 4
"""Of the likeliest sizes and places."""
_FINE = 4
"""Places in a pixel of the canvas."""
_PLAUSIBLE = 4.8
"""Standard deviations: of a thousand sizes with 16,384 places each, chance gives this to most."""
_SMOOTH = 2.5
_LEAST_WEIGHT = 0.02


@dataclass(frozen=True, slots=True)
class Found:
    """A mark that was read."""

    payload: bytes
    score: float
    """See ``codeword.chance``."""
    whole: bool
    """The whole picture lay before us, not a piece of it or a screen around it."""


def agreement(picture: Pixels | Grey, payload: bytes, carriers: Carriers) -> float:
    """How far a picture speaks for that very mark: the score with which it would be read."""
    import numpy as np

    waves = canvas.waves_in(canvas.detail(canvas.canvas(picture)))
    scores = scores_of(waves, carriers, canvas.resolved(max(picture.shape[:2])))
    return float(scores[np.arange(SYMBOLS), encode(payload)].sum())


def find(picture: Pixels | Grey, carriers: Carriers, *, pieces: bool = True) -> Found | None:
    """The mark in ``picture``, or None.

    ``pieces``: also look for it where the picture is cut or only a part of what is shown, which
    takes seconds instead of a tenth of one.
    """
    for word, whole in _words(picture, carriers, pieces=pieces):
        if word.score >= CERTAIN_SCORE:
            return Found(word.payload, word.score, whole)
    return None


def best_score(picture: Pixels | Grey, carriers: Carriers, *, pieces: bool = True) -> float:
    """The highest score that ``find`` meets: of a picture without a mark, how near it comes."""
    return max(word.score for word, _ in _words(picture, carriers, pieces=pieces))


def _words(
    picture: Pixels | Grey, carriers: Carriers, *, pieces: bool
) -> Iterator[tuple[Word, bool]]:
    """What may be read, the likeliest of the whole first; and whether it is of the whole."""
    longest = max(picture.shape[:2])
    fine = canvas.detail(canvas.canvas(picture))
    turned = list(_turned(fine))
    yield max((_read_whole(each, longest, carriers) for each in turned), key=_score), True
    if pieces:
        for each in turned[:_PIECES_TURNED]:
            for word in _read_pieces(each, longest, carriers):
                yield word, False


def scores_of(
    waves: Waves, carriers: Carriers, resolved: float, *, weighted: bool = True
) -> Scores:
    """How far waves speak for each value of each symbol, (16, 256): standard deviations.

    ``weighted``: by how well the known waves of about the same length are seen.
    """
    import numpy as np

    even = canvas.whitened(waves) * (carriers.lattice.radius <= resolved)
    if weighted:
        even = even * _weights(even, carriers)
    carried = even[carriers.symbols]
    spoken = np.einsum("svm,sm->sv", carriers.patterns.conj(), carried).real
    strength = np.sqrt(np.sum(np.abs(carried) ** 2, axis=1) / 2 + 1e-12)
    return np.asarray(spoken / strength[:, None], np.float64)


def _read_whole(fine: Floats, longest: int, carriers: Carriers) -> Word:
    waves = canvas.waves_in(fine)
    return decode(scores_of(waves, carriers, canvas.resolved(longest)))


def _read_pieces(fine: Floats, longest: int, carriers: Carriers) -> Iterator[Word]:
    import numpy as np

    lattice = carriers.lattice
    for strength, scale in _likely(fine, longest, carriers)[:_READ]:
        if strength < _PLAUSIBLE:
            return
        resolved = canvas.resolved(longest, scale)
        waves = canvas.waves_in(fine, scale)
        down, across = _place(waves, carriers, resolved)
        moved = np.exp(2j * pi * (lattice.down * down + lattice.across * across))
        yield decode(scores_of(waves * moved.astype(np.complex64), carriers, resolved))


def _likely(fine: Floats, longest: int, carriers: Carriers) -> list[tuple[float, float]]:
    """Sizes of the tile, likeliest first, with how far above chance: standard deviations."""
    import numpy as np

    spectrum = np.fft.fft2(fine, (_PADDED, _PADDED))
    down, across = (
        axis[carriers.sync] for axis in (carriers.lattice.down, carriers.lattice.across)
    )
    radius = carriers.lattice.radius[carriers.sync]
    steps = int(log(LARGEST / SMALLEST) / _SCALE_STEP)
    scales = SMALLEST * np.exp(_SCALE_STEP * np.arange(steps))
    found: list[tuple[float, float]] = []
    for first in range(0, steps, _AT_ONCE):
        some = scales[first : first + _AT_ONCE]
        place = _PADDED / (TILE * some[:, None])
        rows, columns = (np.rint(axis * place).astype(int) % _PADDED for axis in (down, across))
        waves = spectrum[rows, columns]
        waves /= np.sqrt(np.abs(waves) + 1e-9)  # between trusting all alike and the strong ones
        seen = np.array([canvas.resolved(longest, float(scale)) for scale in some])
        waves *= radius[None] <= seen[:, None]
        together = np.zeros((len(some), TILE, TILE), np.complex64)
        together[:, down, across] = waves * carriers.sync_signs.conj()
        peaks = np.fft.ifft2(together).real.max(axis=(1, 2)) * TILE**2
        noise = np.sqrt(np.sum(np.abs(waves) ** 2, axis=1) / 2 + 1e-12)
        found += zip((peaks / noise).tolist(), some.tolist(), strict=True)
    return sorted(found, reverse=True)


def _place(waves: Waves, carriers: Carriers, resolved: float) -> tuple[float, float]:
    """Where the tile begins, in shares of its side: down, across."""
    import numpy as np

    lattice, sync = carriers.lattice, carriers.sync
    even = canvas.whitened(waves)[sync] * (lattice.radius[sync] <= resolved)
    side = _FINE * TILE
    together = np.zeros((side, side), np.complex64)
    together[lattice.down[sync], lattice.across[sync]] = even * carriers.sync_signs.conj()
    best = int(np.fft.ifft2(together).real.argmax())
    return best // side / side, best % side / side


def _weights(even: Waves, carriers: Carriers) -> NDArray[np.float64]:
    """How well waves of each length are seen, by those whose signs are known."""
    import numpy as np

    spoken = (even[carriers.sync] * carriers.sync_signs.conj()).real
    lengths = carriers.lattice.radius[carriers.sync]
    rings = np.arange(SHORTEST, LONGEST + 1)
    near = np.exp(-0.5 * ((lengths[None] - rings[:, None]) / _SMOOTH) ** 2)
    seen = np.maximum((near @ spoken) / near.sum(axis=1), 0) + _LEAST_WEIGHT
    return np.asarray(np.interp(carriers.lattice.radius, rings, seen), np.float64)


def _turned(fine: Floats) -> Iterator[Floats]:
    """The picture in the eight ways in which it can be turned over; upright and mirrored first."""
    import numpy as np

    for quarters in range(4):
        turned = np.rot90(fine, quarters)
        yield np.ascontiguousarray(turned)
        yield np.ascontiguousarray(turned[:, ::-1])


def _score(word: Word) -> float:
    return word.score

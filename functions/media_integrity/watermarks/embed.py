"""Puts a mark into pixels so that it is not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from media_integrity.media.types import Grey, Pixels

from . import canvas
from .carriers import TILE, Carriers
from .codeword import SYMBOLS, encode
from .detect import scores_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STRENGTH = 1.75
"""Levels of 255, root mean square over the picture, at most: 43.3 dB. What is left of 42 dB is for
the encoder."""

MIN_SIDE = 128
"""Pixels of the shorter side. Below, there are too few pixels to hold a mark that survives."""

_ROUNDS = 2
_STEP, _LEAST, _MOST = 0.7, 0.6, 1.7
_STRIP = 256


def embed(picture: Pixels | Grey, payload: bytes, carriers: Carriers, share: float) -> None:
    """Add the mark to ``picture``, which is changed. Always the same for the same arguments.

    ``share``: of what is bearable at each place and of ``STRENGTH`` in all, 0..1.
    """
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    luma = canvas.canvas(picture)
    drawn = _drawn(luma, max(height, width), payload, carriers, share)
    full = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_CUBIC)
    for top in range(0, height, _STRIP):  # so that little memory is needed beside the picture
        added = np.rint(full[top : top + _STRIP]).astype(np.int16)
        strip = picture[top : top + _STRIP]
        if picture.ndim == 3:
            added = added[..., None]
        strip[...] = np.clip(strip + added, 0, 255)


def _drawn(
    luma: Floats, longest_side: int, payload: bytes, carriers: Carriers, share: float
) -> Floats:
    """The mark on the canvas.

    The picture itself speaks for some values of symbols and against others. It is known here, so
    symbols that it speaks against are made stronger, at the cost of the others.
    """
    import numpy as np

    bearable, gains = share * canvas.bearable(luma), np.ones(SYMBOLS)
    symbols = encode(payload)
    drawn = _at(bearable, payload, carriers, gains, share * STRENGTH)
    for _ in range(_ROUNDS):
        waves = canvas.waves_in(canvas.detail(luma + drawn))
        read = scores_of(waves, carriers, canvas.resolved(longest_side), weighted=False)
        mine = read[np.arange(SYMBOLS), symbols]
        behind = (mine.mean() - mine) / max(float(mine.mean()), 1.0)
        gains = np.clip(gains * (1 + _STEP * behind), _LEAST, _MOST)
        drawn = _at(bearable, payload, carriers, gains, share * STRENGTH)
    return drawn


def _at(
    bearable: Floats,
    payload: bytes,
    carriers: Carriers,
    gains: NDArray[np.float64],
    strength: float,
) -> Floats:
    import numpy as np

    height, width = bearable.shape
    tile = carriers.tile(carriers.waves_of(payload, gains))
    tiles = np.tile(tile, (-(-height // TILE), -(-width // TILE)))[:height, :width]
    drawn = tiles * bearable
    spent = float(np.sqrt(np.mean(drawn**2)))
    return np.asarray(drawn * min(1.0, strength / max(spent, 1e-9)), np.float32)

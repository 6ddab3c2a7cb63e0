"""What carries a mark: waves whose signs only the key tells.

A mark is a square tile that repeats over the whole picture. The tile is a sum of waves, four to
twenty-six periods long on its side in any direction: long enough to survive shrinking, too fine to
be taken for shades of the picture. Three of ten waves have signs that are the same in every mark of
one key: by them a cut or enlarged piece is found and put back in its place. The others carry the
sixteen symbols of a codeword: each symbol has waves of its own and 256 patterns of signs for them.

All signs come out of SHAKE-256 under the key: without it the mark is noise, and one that is made
to be read as somebody else's cannot be made.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING

from .codeword import SYMBOLS, VALUES, encode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Waves = NDArray[np.complex64]
    Floats = NDArray[np.float32]

SCHEME = "tile-1"
"""Changes with anything that decides which marks can be read: carriers, code, canvas."""

TILE = 128
"""Side of a tile in pixels of the canvas (``canvas.CANVAS_SIDE``)."""

SHORTEST, LONGEST = 4, 26
"""Waves on a tile's side, fewest and most."""

SYNC_OF_TEN = 3


@dataclass(frozen=True, slots=True)
class Lattice:
    """The waves of a tile: how often each goes up and down its height and its width."""

    down: Numbers
    across: Numbers
    radius: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.down)


@dataclass(frozen=True, slots=True)
class Carriers:
    """The waves and signs of one key. Signs are complex numbers of length 1."""

    lattice: Lattice
    sync: Numbers
    """Which waves say where the tile begins, (s,)."""
    sync_signs: Waves
    symbols: Numbers
    """Which waves carry which symbol, (16, m)."""
    patterns: Waves
    """(16, 256, m)."""

    @classmethod
    def of(cls, key: bytes) -> Carriers:
        """Takes 20 ms; keep it."""
        import numpy as np

        waves = lattice()
        drawn = np.frombuffer(_stream(key, "order", 8 * len(waves)), "<u8")
        # Neighbours in this order have about the same length: each part gets waves of all lengths.
        order = np.lexsort((drawn, np.rint(waves.radius)))
        is_sync = np.arange(len(waves)) % 10 < SYNC_OF_TEN
        sync, rest = order[is_sync], order[~is_sync]
        each = len(rest) // SYMBOLS
        symbols = np.stack([rest[symbol::SYMBOLS][:each] for symbol in range(SYMBOLS)])
        patterns = [
            _signs(key, f"symbol {symbol}", VALUES * each).reshape(VALUES, each)
            for symbol in range(SYMBOLS)
        ]
        return cls(waves, sync, _signs(key, "sync", len(sync)), symbols, np.stack(patterns))

    def waves_of(self, payload: bytes, gains: NDArray[np.float64]) -> Waves:
        """Of the mark with that payload. ``gains``: how strong each symbol is, (16,)."""
        import numpy as np

        waves = np.zeros(len(self.lattice), np.complex64)
        waves[self.sync] = self.sync_signs
        for symbol, value in enumerate(encode(payload)):
            waves[self.symbols[symbol]] = self.patterns[symbol, value] * gains[symbol]
        return waves

    def tile(self, waves: Waves) -> Floats:
        """(128, 128) of mean square 1."""
        import numpy as np

        spectrum = np.zeros((TILE, TILE), np.complex64)
        spectrum[self.lattice.down % TILE, self.lattice.across % TILE] = waves
        drawn = np.fft.ifft2(spectrum).real
        return np.asarray(drawn / np.sqrt(np.mean(drawn**2)), np.float32)


@cache
def lattice() -> Lattice:
    """Half of the plane: the other half mirrors it."""
    import numpy as np

    steps = np.arange(-LONGEST, LONGEST + 1)
    across, down = np.meshgrid(steps, steps)
    radius = np.hypot(down, across)
    kept = (radius >= SHORTEST) & (radius <= LONGEST) & ((down > 0) | ((down == 0) & (across > 0)))
    return Lattice(down[kept], across[kept], radius[kept])


def _signs(key: bytes, name: str, count: int) -> Waves:
    import numpy as np

    drawn = np.frombuffer(_stream(key, name, -(-count // 4)), np.uint8)
    bits = np.unpackbits(drawn)[: 2 * count].astype(np.float32) * 2 - 1
    return ((bits[0::2] + 1j * bits[1::2]) / sqrt(2)).astype(np.complex64)


def _stream(key: bytes, name: str, count: int) -> bytes:
    return hashlib.shake_256(key + f"{SCHEME} {name}".encode()).digest(count)

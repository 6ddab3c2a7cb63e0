"""What a picture would hash to if it were turned, worked out from its hash alone.

A mirrored picture has the opposite sign in every other wave pattern, and so, as the threshold that
makes bits of them is near zero, the opposite bit. It is an approximation, as PDQ's filter is not
symmetric: of 185 pictures, mirrored or turned by a quarter it was up to 40 bits away from the
hash of the turned picture, upside down up to 62; for copies that were saved again as well, no more
than 60. Pictures that have nothing to do with each other were 76 bits apart or more (612 pictures).
So a turned hash finds what is worth looking at again, and does not say that it is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pdq_hash import WAVES, Form

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CANDIDATE_DISTANCE = 64
"""Within which a turned hash is worth a look: between 60 and 76, see above."""


def turned(bits: bytes) -> dict[Form, bytes]:
    """A PDQ hash (32 bytes) in all eight forms; exact for the original and the transposed one."""
    import numpy as np

    waves = np.unpackbits(np.frombuffer(bits, np.uint8))[::-1].reshape(WAVES, WAVES)
    odd = np.arange(WAVES) % 2 == 0  # waves are counted from 1
    across, down = odd[None].astype(np.uint8), odd[:, None].astype(np.uint8)
    mirrored, flipped = waves ^ across, waves ^ down
    upside_down = mirrored ^ down
    return {
        Form.ORIGINAL: bits,
        Form.ROTATE90: _packed(mirrored.T),
        Form.ROTATE180: _packed(upside_down),
        Form.ROTATE270: _packed(flipped.T),
        Form.FLIP: _packed(flipped),
        Form.MIRROR: _packed(mirrored),
        Form.TRANSPOSE: _packed(waves.T),
        Form.TRANSVERSE: _packed(upside_down.T),
    }


def _packed(waves: NDArray[np.uint8]) -> bytes:
    import numpy as np

    return np.packbits(waves.ravel()[::-1]).tobytes()

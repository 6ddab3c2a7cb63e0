"""Which of many PDQ hashes are near one? Each is looked at: for what is searched once.

What is searched for every upload has an index (``matching``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUARTERS = 4
"""Of a hash, 64 bits each: one machine word."""


def quarters(bits: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(4, n) of (n, 32): the quarters of all hashes in rows, so that a search reads few of them."""
    import numpy as np

    return np.ascontiguousarray(np.ascontiguousarray(bits).view(np.uint64).reshape(-1, QUARTERS).T)


def near(
    hashes: NDArray[np.uint64], query: bytes, radius: int
) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
    """Places, and distances, of the hashes within ``radius`` (0 to 96) of ``query`` (32 bytes).

    ``hashes``: as ``quarters`` gives them. Other pictures' hashes differ in about 32 bits of each
    quarter, so that a part of the bits rules nearly all of them out.
    """
    import numpy as np

    words = np.frombuffer(query, np.uint64)
    first = 2 if radius < 40 else 3
    part = np.bitwise_count(hashes[0] ^ words[0])
    for quarter in range(1, first):
        part += np.bitwise_count(hashes[quarter] ^ words[quarter])
    places = np.flatnonzero(part <= radius)
    apart = part[places].astype(np.uint16)
    for quarter in range(first, QUARTERS):
        apart += np.bitwise_count(hashes[quarter, places] ^ words[quarter])
    found = apart <= radius
    return places[found], apart[found].astype(np.uint8)

"""Hashes that are looked up as they are: SHA-256, MD5, the digests of films."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]
    Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Found:
    """Pairs within the radius, ordered by query and row. Arrays of one length."""

    query: Numbers
    row: Numbers
    distance: Numbers


class ExactTable:
    """Immutable, sorted; takes no memory beside the hashes. Any number of threads may search it."""

    def __init__(self, rows: Rows) -> None:
        """``rows``: uint8 (n, width), sorted; see ``build``."""
        self._rows = rows
        self._keys = _as_keys(rows)

    @classmethod
    def build(cls, rows: Rows) -> tuple[ExactTable, Numbers]:
        """A table of ``rows``, uint8 (n, width), and where each of its rows stood there, (n,)."""
        import numpy as np

        order = np.argsort(_as_keys(rows), kind="stable").astype(np.int64)
        return cls(rows[order]), order

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def nbytes(self) -> int:
        """Memory of all arrays."""
        return self._rows.nbytes

    def find(self, queries: Rows) -> Found:
        """Every row equal to a query. ``queries``: uint8 (q, width)."""
        import numpy as np

        keys = _as_keys(queries)
        start = np.searchsorted(self._keys, keys, "left")
        count = np.searchsorted(self._keys, keys, "right") - start
        query = np.repeat(np.arange(len(queries)), count)
        row = ranges(start, count)
        return Found(query, row, np.zeros(len(row), np.int64))

    def rows(self, numbers: Numbers) -> Rows:
        """The hashes of these rows, uint8 (m, width).

        Raises:
            IndexError: there is no such row.
        """
        return self._rows[numbers]

    def all_rows(self) -> Rows:
        """All hashes in the order of the table, uint8 (n, width)."""
        return self._rows


def ranges(start: Numbers, count: Numbers) -> Numbers:
    """start[0], start[0] + 1 … count[0] of them, then those of start[1], and so on."""
    import numpy as np

    until = np.cumsum(count)
    places = np.repeat(start - (until - count), count)
    places += np.arange(len(places))
    return places


def _as_keys(rows: Rows) -> NDArray[np.bytes_]:
    """Each row as one value. All are equally long, so that zeros at the end do not matter."""
    import numpy as np

    return np.ascontiguousarray(rows).view(f"S{rows.shape[1]}").ravel()

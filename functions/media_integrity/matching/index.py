"""Known hashes in memory, searched exactly.

PDQ hashes stand in a faiss multi-index hash: 16 sub-strings of 16 bits, each looked up with up to
one bit flipped. Two hashes at distance <= 31 differ by at most one bit in at least one of the 16
sub-strings (31 < 16 * 2), so that nothing within the radius is missed (Norouzi, Punjani, Fleet,
"Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from media_integrity.schema.enums import HashAlgorithm

from .known import KnownHash

if TYPE_CHECKING:
    import faiss
    import numpy as np

PDQ_BITS = 256
MAX_RADIUS = 31
SUB_STRINGS = 16
SUB_STRING_BITS = 16
FLIPPED_BITS = 1


@dataclass(frozen=True, slots=True)
class Near:
    """An entry near a query: which query (by its place), and how far."""

    query: int
    distance: int
    known: KnownHash


class HashIndex:
    """Entries by their hash. Adding one again replaces it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pdq: faiss.IndexBinaryMultiHash | None = None
        self._rows: list[KnownHash] = []
        self._row_of: dict[tuple[str, str], int] = {}
        self._exact: dict[bytes, dict[str, KnownHash]] = {}

    def __len__(self) -> int:
        return len(self._row_of) + sum(len(banks) for banks in self._exact.values())

    def put(self, entries: Iterable[KnownHash]) -> None:
        """Add entries, or replace those of the same bank and id. A disabled one stops matching."""
        added: list[KnownHash] = []
        with self._lock:
            for entry in entries:
                if entry.algorithm is HashAlgorithm.SHA256:
                    self._exact.setdefault(entry.bits, {})[entry.bank_id] = entry
                    continue
                key = (entry.bank_id, entry.id)
                row = self._row_of.get(key)
                if row is not None:
                    self._rows[row] = entry  # an entry's id names its hash: only its state changes
                    continue
                self._row_of[key] = len(self._rows)
                self._rows.append(entry)
                added.append(entry)
            if added:
                self._pdq_index().add(_matrix([entry.bits for entry in added]))

    def exact(self, sha256: bytes) -> tuple[KnownHash, ...]:
        """Enabled entries with this SHA-256."""
        with self._lock:
            return tuple(e for e in self._exact.get(sha256, {}).values() if e.enabled)

    def near(self, queries: Sequence[bytes], radius: int = MAX_RADIUS) -> list[Near]:
        """Enabled PDQ entries within ``radius`` (0 to 31) of each query of 32 bytes; all of them.

        Raises:
            ValueError: the radius is beyond what the index searches exactly.
        """
        if not 0 <= radius <= MAX_RADIUS:
            raise ValueError(f"radius is 0 to {MAX_RADIUS}")
        with self._lock:
            if self._pdq is None or not queries:
                return []
            # faiss counts distances below the radius.
            limits, distances, rows = self._pdq.range_search(_matrix(queries), radius + 1)
            return [
                Near(query, int(distances[at]), self._rows[int(rows[at])])
                for query in range(len(queries))
                for at in range(int(limits[query]), int(limits[query + 1]))
                if self._rows[int(rows[at])].enabled
            ]

    def _pdq_index(self) -> faiss.IndexBinaryMultiHash:
        if self._pdq is None:
            import faiss

            self._pdq = faiss.IndexBinaryMultiHash(PDQ_BITS, SUB_STRINGS, SUB_STRING_BITS)
            self._pdq.nflip = FLIPPED_BITS
        return self._pdq


def _matrix(hashes: Sequence[bytes]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    import numpy as np

    return np.frombuffer(b"".join(hashes), dtype=np.uint8).reshape(len(hashes), PDQ_BITS // 8)

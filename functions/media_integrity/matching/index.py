"""Known hashes in memory, searched exactly while they change.

Entries stand in a base that never changes, and what has been put since in a small base of its own.
A search takes one state, base and all, and is not disturbed by writers, who make the next state and
put it in its place. When much has been put, a thread merges it into the next base.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from threading import Lock, Thread
from typing import TYPE_CHECKING

from media_integrity.cloud.firestore import EPOCH
from media_integrity.fingerprints.vpdq import VideoHash
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.hashes import BankHash
from media_integrity.schema.shields import ShieldId

from .columns import (
    CONFIRMED,
    KINDS,
    MAX_BANKS,
    QUALITY,
    WIDTHS,
    Base,
    Batch,
    Key,
    Kind,
    Names,
    Part,
    empty,
    refuse_malformed,
)
from .hamming import HASH_BYTES, MAX_RADIUS, HammingTable
from .known import KnownHash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

DELTA_LIMIT = 4096
"""Entries, films by their frames, that are put before a merge; they are indexed anew with each put,
which takes some 10 ms for so many."""
DELTA_CEILING = 8 * DELTA_LIMIT
"""A writer that puts so many before the merge is done waits for it."""


@dataclass(frozen=True, slots=True)
class Near:
    """An entry near a query: which query (by its place), and how far."""

    query: int
    distance: int
    known: KnownHash


@dataclass(frozen=True, slots=True)
class FilmNear:
    """A known film that shares frames with a query."""

    known: KnownHash
    query_percent: float
    """Of the query's frames, those near one of the known film's, 0..100."""
    compared_percent: float
    """Of the known film's frames, those near one of the query's, 0..100."""
    frames: int
    """Of the query, near one of the known film's; each different one once."""
    distance: int
    """Of the two frames that are nearest."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that an index holds."""

    base: Base
    banks: tuple[str, ...]
    """Ids by the numbers that stand in the base."""
    shields: tuple[str, ...]
    cursor: datetime
    missing: frozenset[str] = frozenset()
    """Paths of entries that ought to be in it and could not be read."""


@dataclass(frozen=True, slots=True)
class _State:
    """Everything that a search needs."""

    base: Base
    delta: Base
    put: Mapping[Key, KnownHash]
    """Put since the base was made, disabled ones too; the enabled ones are in ``delta``."""
    gone: Mapping[Kind, frozenset[int]]
    """Rows of the base that were put again."""
    banks: Names
    shields: Names
    until: datetime
    version: int
    missing: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.base) + len(self.delta) - sum(map(len, self.gone.values()))

    def parts(self, kind: Kind) -> Iterator[tuple[Part, frozenset[int]]]:
        """What to search, and which rows of it do not count."""
        yield self.base.parts[kind], self.gone.get(kind, frozenset())
        yield self.delta.parts[kind], frozenset()


class HashIndex:
    """Enabled entries by their hash. Thread-safe; no search ever waits for a writer.

    An entry is named by its bank, algorithm, hash and shield; putting it again replaces it. Entries
    that a search returns have the index's own ``updated_at``, and films come without frames.
    """

    def __init__(self) -> None:
        self._writer = Lock()
        self._merging: Thread | None = None
        self._state = _State(empty(), empty(), {}, {}, Names(limit=MAX_BANKS), Names(), EPOCH, 0)

    @classmethod
    def of(cls, content: Content) -> HashIndex:
        """The index of what ``content`` gave."""
        index = cls()
        banks, shields = Names(content.banks, MAX_BANKS), Names(content.shields)
        index._state = _State(
            content.base, empty(), {}, {}, banks, shields, content.cursor, 1, content.missing
        )
        return index

    def become(self, other: HashIndex) -> None:
        """Hold what ``other`` holds, and nothing else. ``other`` may not be used any more."""
        with self._writer:
            self._state = replace(other._state, version=self._state.version + 1)

    def __len__(self) -> int:
        """Entries that can match."""
        return len(self._state)

    @property
    def version(self) -> int:
        """Rises with each put that brought something. Of this process only."""
        return self._state.version

    @property
    def cursor(self) -> datetime:
        """Latest ``updated_at`` of what was put."""
        return self._state.until

    @property
    def missing(self) -> frozenset[str]:
        """Paths of stored entries that could not be read, and that it ought to hold.

        Whoever finds nothing in an index that lacks something does not know that there is nothing.
        Not for logs: an entry's id is the hash of somebody's picture.
        """
        return self._state.missing

    def mark_missing(self, paths: frozenset[str]) -> None:
        """Say what is missing, in place of what was said before."""
        with self._writer:
            self._state = replace(self._state, missing=paths)

    @property
    def nbytes(self) -> int:
        """Memory of its columns."""
        return self._state.base.nbytes + self._state.delta.nbytes

    def put(self, entries: Iterable[KnownHash]) -> None:
        """Add entries or replace them; a disabled one stops matching. All of them at once.

        More than ``DELTA_LIMIT`` make a merge here, for which searches do not wait.

        Raises:
            ValueError: an entry is malformed, or there are more than 65,536 banks. No entry was
                put.
        """
        incoming = iter(entries)
        first = list(islice(incoming, DELTA_LIMIT + 1))
        if not first:
            return
        with self._writer:
            if _weight(first) > DELTA_LIMIT:
                self._put_many(chain(first, incoming))
                return
            for entry in first:
                refuse_malformed(entry)
            self._put_few({Key.of(entry): entry for entry in first})
        self._merge_in_time()

    def merge(self) -> None:
        """Make what was put part of the base now. Searches do not wait."""
        self._merge()

    def exact(self, algorithm: HashAlgorithm, bits: bytes) -> tuple[KnownHash, ...]:
        """Enabled entries with exactly this hash, of files and of films (by their digest)."""
        import numpy as np

        if len(bits) != WIDTHS[algorithm]:
            raise ValueError(f"a {algorithm} hash has {WIDTHS[algorithm]} bytes")
        query = np.frombuffer(bits, np.uint8)[None]
        state = self._state
        return tuple(
            known
            for kind in KINDS
            if kind.algorithm is algorithm
            for part, gone in state.parts(kind)
            for known in self._known(state, kind, part, _without(part.table.find(query).row, gone))
        )

    def near(self, queries: Sequence[bytes], radius: int = MAX_RADIUS) -> list[Near]:
        """Enabled PDQ entries within ``radius`` (0 to 31) of each query of 32 bytes; all of them.

        Ordered by query, then distance.

        Raises:
            ValueError: the radius is beyond what the index searches exactly, or a query is no hash.
        """
        if not 0 <= radius <= MAX_RADIUS:
            raise ValueError(f"radius is 0 to {MAX_RADIUS}")
        if not queries:
            return []
        rows = _matrix(queries)
        state = self._state
        hits = []
        for kind in (Kind(HashAlgorithm.PDQ, False), Kind(HashAlgorithm.PDQ, True)):
            for part, gone in state.parts(kind):
                if not len(part):
                    continue
                assert isinstance(part.table, HammingTable)
                found = part.table.near(rows, radius)
                known = self._known(state, kind, part, found.row)
                hits += [
                    Near(query, distance, entry)
                    for query, distance, row, entry in zip(
                        found.query.tolist(),
                        found.distance.tolist(),
                        found.row.tolist(),
                        known,
                        strict=True,
                    )
                    if row not in gone
                ]
        hits.sort(key=lambda hit: (hit.query, hit.distance))
        return hits

    def films(
        self, query: VideoHash, radius: int = MAX_RADIUS, min_quality: int = 50
    ) -> list[FilmNear]:
        """Every enabled film that has a frame near one of the query's, the most shared first.

        ``radius``: bits, 0 to 31. Frames of less than ``min_quality`` are not compared. Shares are
        those of ``fingerprints.vpdq.compare``.

        Raises:
            ValueError: the radius is beyond what the index searches exactly.
        """
        if not 0 <= radius <= MAX_RADIUS:
            raise ValueError(f"radius is 0 to {MAX_RADIUS}")
        frames = list(
            dict.fromkeys(each.bits for each in query.frames if each.quality >= min_quality)
        )
        if not frames:
            return []
        rows = _matrix(frames)
        state = self._state
        found = [
            film
            for kind in (Kind(HashAlgorithm.VPDQ, False), Kind(HashAlgorithm.VPDQ, True))
            for part, gone in state.parts(kind)
            for film in self._films(state, kind, part, gone, rows, radius, min_quality)
        ]
        found.sort(key=lambda film: (-film.query_percent, -film.compared_percent, film.distance))
        return found

    def content(self) -> Content:
        """Everything as it is now, for a snapshot."""
        with self._writer:  # writers number banks and shields
            state = self._state
            batch = _batch(state, state.put.values())
        return Content(
            state.base.merged(batch),
            state.banks.all(),
            state.shields.all(),
            state.until,
            state.missing,
        )

    def _films(
        self,
        state: _State,
        kind: Kind,
        part: Part,
        gone: frozenset[int],
        rows: NDArray[np.uint8],
        radius: int,
        min_quality: int,
    ) -> Iterator[FilmNear]:
        import numpy as np

        frames = part.frames
        if frames is None or not len(part):
            return
        good = frames.quality >= min_quality
        found = frames.table.near(rows, radius)
        near = good[found.row]
        query, row, distance = found.query[near], found.row[near], found.distance[near]
        if not len(query):
            return
        film = frames.film[row].astype(np.int64)
        ours = np.bincount(np.unique(film * len(rows) + query) // len(rows), minlength=len(part))
        theirs = np.bincount(frames.film[np.unique(row)], minlength=len(part))
        all_of_them = np.bincount(frames.film[good], minlength=len(part))
        nearest = np.full(len(part), MAX_RADIUS)
        np.minimum.at(nearest, film, distance)
        films = _without(np.unique(film), gone)
        for number, known in zip(
            films.tolist(), self._known(state, kind, part, films), strict=True
        ):
            yield FilmNear(
                known,
                query_percent=100 * int(ours[number]) / len(rows),
                compared_percent=100 * int(theirs[number]) / int(all_of_them[number]),
                frames=int(ours[number]),
                distance=int(nearest[number]),
            )

    def _known(
        self, state: _State, kind: Kind, part: Part, rows: NDArray[np.int64]
    ) -> list[KnownHash]:
        """The entries at these rows."""
        bits = part.table.rows(rows)
        owner = part.owner[rows].tolist() if part.owner is not None else [None] * len(rows)
        entries = []
        for number, (bank, mark, shield) in enumerate(
            zip(part.bank[rows].tolist(), part.mark[rows].tolist(), owner, strict=True)
        ):
            value = bits[number].tobytes()
            shield_id = ShieldId(state.shields[shield]) if shield is not None else None
            entries.append(
                KnownHash(
                    bank_id=state.banks[bank],
                    id=BankHash.id_for(kind.algorithm, value.hex(), shield_id),
                    algorithm=kind.algorithm,
                    bits=value,
                    quality=mark & QUALITY,
                    confirmed=bool(mark & CONFIRMED),
                    enabled=True,
                    updated_at=state.until,
                    shield_id=shield_id,
                )
            )
        return entries

    def _put_few(self, entries: Mapping[Key, KnownHash]) -> None:
        """Under the writer's lock."""
        state = self._state
        put = {**state.put, **entries}
        added = {key: entry for key, entry in entries.items() if key not in state.put}
        gone = _gone(state.gone, state.base, added, state)
        self._state = replace(
            state,
            delta=empty().merged(_batch(state, put.values())),
            put=put,
            gone=gone,
            until=max(state.until, *(entry.updated_at for entry in entries.values())),
            version=state.version + 1,
        )

    def _put_many(self, entries: Iterable[KnownHash]) -> None:
        """Under the writer's lock. A merge under way finds its base replaced and gives up."""
        state = self._state
        batch = _batch(state, state.put.values())
        until = state.until
        for entry in entries:
            batch.add(entry)
            until = max(until, entry.updated_at)
        base = state.base.merged(batch)
        self._state = replace(
            state, base=base, delta=empty(), put={}, gone={}, until=until, version=state.version + 1
        )

    def _merge_in_time(self) -> None:
        with self._writer:
            weight = _weight(self._state.put.values())
            running = self._merging
            if weight > DELTA_LIMIT and (running is None or not running.is_alive()):
                running = self._merging = Thread(target=self._merge, name="merge", daemon=True)
                running.start()
        if running is not None and weight > DELTA_CEILING:
            running.join()

    def _merge(self) -> None:
        with self._writer:
            before = self._state
            if not before.put:
                return
            batch = _batch(before, before.put.values())
        try:
            base = before.base.merged(batch)
        except MemoryError:
            log.error("no memory to merge the index; it goes on as it is")
            return
        with self._writer:
            now = self._state
            if now.base is not before.base:  # somebody else has merged
                return
            later = {
                key: entry for key, entry in now.put.items() if before.put.get(key) is not entry
            }
            self._state = replace(
                now,
                base=base,
                delta=empty().merged(_batch(now, later.values())),
                put=later,
                gone=_gone({}, base, later, now),
            )


def _batch(state: _State, entries: Iterable[KnownHash]) -> Batch:
    """Under the writer's lock: may number banks and shields."""
    batch = Batch(state.banks, state.shields)
    for entry in entries:
        batch.add(entry)
    return batch


def _gone(
    gone: Mapping[Kind, frozenset[int]],
    base: Base,
    entries: Mapping[Key, KnownHash],
    names: _State,
) -> dict[Kind, frozenset[int]]:
    """``gone``, and the rows of the base that have the key of one of these entries."""
    of_kind: dict[Kind, list[KnownHash]] = {}
    for entry in entries.values():
        of_kind.setdefault(Kind.of(entry), []).append(entry)
    all_gone = dict(gone)
    for kind, some in of_kind.items():
        part = base.parts[kind]
        if not len(part):
            continue
        found = part.table.find(_matrix([entry.bits for entry in some], WIDTHS[kind.algorithm]))
        rows = {
            row
            for query, row in zip(found.query.tolist(), found.row.tolist(), strict=True)
            if part.bank[row] == names.banks.number(some[query].bank_id)
            and (
                part.owner is None
                or part.owner[row] == names.shields.number(some[query].shield_id or "")
            )
        }
        all_gone[kind] = all_gone.get(kind, frozenset()) | rows
    return all_gone


def _without(rows: NDArray[np.int64], gone: frozenset[int]) -> NDArray[np.int64]:
    import numpy as np

    if not gone:
        return rows
    return np.array([row for row in rows.tolist() if row not in gone], np.int64)


def _weight(entries: Iterable[KnownHash]) -> int:
    return sum(len(entry.film.frames) if entry.film else 1 for entry in entries)


def _matrix(hashes: Sequence[bytes], width: int = HASH_BYTES) -> NDArray[np.uint8]:
    import numpy as np

    if any(len(each) != width for each in hashes):
        raise ValueError(f"a hash has {width} bytes here")
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, width)

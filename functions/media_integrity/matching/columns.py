"""Known hashes in columns: what a million of them takes is what their bytes take.

A ``Base`` holds enabled entries and never changes; ``merged`` makes the next one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from media_integrity.fingerprints.vpdq import VideoHash
from media_integrity.schema.enums import HashAlgorithm

from .exact import ExactTable
from .hamming import HammingTable
from .known import KnownHash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.uint8]
    Numbers = NDArray[np.int64]

CONFIRMED = 0x80
QUALITY = 0x7F
"""Bits of a mark."""
MAX_BANKS = 1 << 16
FRAME_BYTES = 32

WIDTHS = {
    HashAlgorithm.SHA256: 32,
    HashAlgorithm.MD5: 16,
    HashAlgorithm.PDQ: 32,
    HashAlgorithm.VPDQ: 32,
}
"""Bytes of a hash; of a film, of the digest that names it."""


class Kind(NamedTuple):
    """Entries that stand in one table. Personal ones have a column more, and others must not."""

    algorithm: HashAlgorithm
    personal: bool

    @property
    def label(self) -> str:
        """Its name in a snapshot."""
        return f"{self.algorithm.value}-personal" if self.personal else self.algorithm.value

    @classmethod
    def of(cls, entry: KnownHash) -> Kind:
        return cls(entry.algorithm, entry.shield_id is not None)


KINDS = tuple(Kind(algorithm, personal) for algorithm in WIDTHS for personal in (False, True))

Table = HammingTable | ExactTable


class Key(NamedTuple):
    """Names an entry: its bank, and what its id is made of."""

    bank_id: str
    algorithm: HashAlgorithm
    bits: bytes
    shield_id: str | None

    @classmethod
    def of(cls, entry: KnownHash) -> Key:
        return cls(entry.bank_id, entry.algorithm, entry.bits, entry.shield_id)


@dataclass(frozen=True, slots=True)
class Frames:
    """Hashes of the films' frames. A hash that one film has several times stands once, with its
    best quality: that is how films are compared."""

    table: HammingTable
    film: NDArray[np.uint32]
    """(n,) row of the film."""
    quality: Rows
    """(n,)"""

    @property
    def nbytes(self) -> int:
        return self.table.nbytes + self.film.nbytes + self.quality.nbytes


@dataclass(frozen=True, slots=True)
class Part:
    """The entries of one kind. Columns have a value for each row of the table."""

    table: Table
    bank: NDArray[np.uint16]
    """Number of the bank."""
    mark: Rows
    """Quality, and whether a person has confirmed it."""
    owner: NDArray[np.uint32] | None = None
    """Number of the shield; personal kinds only."""
    frames: Frames | None = None
    """Films only."""

    def __len__(self) -> int:
        return len(self.table)

    @property
    def nbytes(self) -> int:
        owner = self.owner.nbytes if self.owner is not None else 0
        frames = self.frames.nbytes if self.frames is not None else 0
        return self.table.nbytes + self.bank.nbytes + self.mark.nbytes + owner + frames


class Names:
    """Numbers of banks and shields. Only ever grows, so that a number keeps its meaning."""

    def __init__(self, names: Iterable[str] = (), limit: int = 1 << 32) -> None:
        self._limit = limit
        self._names = list(names)
        self._numbers = {name: number for number, name in enumerate(self._names)}

    def number(self, name: str) -> int:
        """Its number; a new one where it has none. One thread at a time.

        Raises:
            ValueError: there are too many.
        """
        number = self._numbers.get(name)
        if number is None:
            if len(self._names) == self._limit:
                raise ValueError(f"more than {self._limit} names")
            number = self._numbers[name] = len(self._names)
            self._names.append(name)
        return number

    def __getitem__(self, number: int) -> str:
        return self._names[number]

    def all(self) -> tuple[str, ...]:
        return tuple(self._names)


@dataclass
class _Columns:
    """Entries of one kind on their way into a part, in the order of their coming."""

    bits: bytearray = field(default_factory=bytearray)
    bank: array[int] = field(default_factory=lambda: array("H"))
    mark: array[int] = field(default_factory=lambda: array("B"))
    owner: array[int] = field(default_factory=lambda: array("I"))
    enabled: array[int] = field(default_factory=lambda: array("B"))
    frames: bytearray = field(default_factory=bytearray)
    frame_quality: array[int] = field(default_factory=lambda: array("B"))
    frame_count: array[int] = field(default_factory=lambda: array("I"))


class Batch:
    """Entries that are to be added or replaced; of those with one key, the last counts."""

    def __init__(self, banks: Names, shields: Names) -> None:
        self._banks = banks
        self._shields = shields
        self.kinds: dict[Kind, _Columns] = {}

    def add(self, entry: KnownHash) -> None:
        """Raises:
        ValueError: its hash has the wrong length, or it is a film without frames.
        """
        refuse_malformed(entry)
        columns = self.kinds.setdefault(Kind.of(entry), _Columns())
        bank = self._banks.number(entry.bank_id)
        owner = self._shields.number(entry.shield_id) if entry.shield_id is not None else 0
        columns.bits += entry.bits
        columns.bank.append(bank)
        columns.mark.append(entry.quality | (CONFIRMED if entry.confirmed else 0))
        columns.owner.append(owner)
        columns.enabled.append(entry.enabled)
        if entry.algorithm is HashAlgorithm.VPDQ:
            best = _best_frames(entry.film) if entry.enabled and entry.film is not None else {}
            columns.frames += b"".join(best)
            columns.frame_quality.extend(best.values())
            columns.frame_count.append(len(best))


def refuse_malformed(entry: KnownHash) -> None:
    """Raises:
    ValueError: its hash has the wrong length, its quality is none, or a film has no frames.
    """
    if len(entry.bits) != WIDTHS[entry.algorithm]:
        raise ValueError(f"a {entry.algorithm} hash has {WIDTHS[entry.algorithm]} bytes")
    if not 0 <= entry.quality <= 100:
        raise ValueError("quality is 0 to 100")
    if entry.algorithm is HashAlgorithm.VPDQ and entry.enabled and entry.film is None:
        raise ValueError("a film needs its frames")


def _best_frames(film: VideoHash) -> dict[bytes, int]:
    best: dict[bytes, int] = {}
    for frame in film.frames:
        best[frame.bits] = max(frame.quality, best.get(frame.bits, 0))
    return best


@dataclass(frozen=True, slots=True)
class Base:
    """Enabled entries of every kind."""

    parts: Mapping[Kind, Part]

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts.values())

    @property
    def nbytes(self) -> int:
        return sum(part.nbytes for part in self.parts.values())

    def merged(self, batch: Batch) -> Base:
        """This base with the batch's entries added, replaced or, where disabled, taken out."""
        changed = {
            kind: _merged(kind, self.parts[kind], columns) for kind, columns in batch.kinds.items()
        }
        return Base({**self.parts, **changed})


@cache
def empty() -> Base:
    """No entry."""
    import numpy as np

    return Base(
        {
            kind: part_of(
                kind,
                np.empty((0, WIDTHS[kind.algorithm]), np.uint8),
                np.empty(0, np.uint16),
                np.empty(0, np.uint8),
                np.empty(0, np.uint32) if kind.personal else None,
                _no_frames() if kind.algorithm is HashAlgorithm.VPDQ else None,
            )
            for kind in KINDS
        }
    )


class FrameColumns(NamedTuple):
    """Frames on their way into a table: (n, 32), (n,) row of the film, (n,)."""

    bits: Rows
    film: NDArray[np.uint32]
    quality: Rows


def _no_frames() -> FrameColumns:
    import numpy as np

    return FrameColumns(
        np.empty((0, FRAME_BYTES), np.uint8), np.empty(0, np.uint32), np.empty(0, np.uint8)
    )


def part_of(
    kind: Kind,
    bits: Rows,
    bank: NDArray[np.uint16],
    mark: Rows,
    owner: NDArray[np.uint32] | None,
    frames: FrameColumns | None,
) -> Part:
    """The part of these columns, in the order that its table wants."""
    import numpy as np

    build = HammingTable.build if kind.algorithm is HashAlgorithm.PDQ else ExactTable.build
    table, order = build(bits)
    return Part(
        table,
        bank[order],
        mark[order],
        owner[order] if owner is not None else None,
        _frames(frames, _inverse(order).astype(np.uint32)) if frames is not None else None,
    )


def _frames(frames: FrameColumns, row_of: NDArray[np.uint32]) -> Frames:
    table, order = HammingTable.build(frames.bits)
    return Frames(table, row_of[frames.film[order]], frames.quality[order])


def _inverse(order: Numbers) -> Numbers:
    import numpy as np

    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return places


def _merged(kind: Kind, part: Part, columns: _Columns) -> Part:
    import numpy as np

    width = WIDTHS[kind.algorithm]
    added = np.frombuffer(columns.bits, np.uint8).reshape(-1, width)
    bits = np.concatenate((part.table.all_rows(), added))
    bank = np.concatenate((part.bank, np.frombuffer(columns.bank, np.uint16)))
    mark = np.concatenate((part.mark, np.frombuffer(columns.mark, np.uint8)))
    enabled = np.concatenate(
        (np.ones(len(part), np.bool_), np.frombuffer(columns.enabled, np.uint8).astype(np.bool_))
    )
    owner = None
    if part.owner is not None:
        owner = np.concatenate((part.owner, np.frombuffer(columns.owner, np.uint32)))
    kept = _last_of_each(bits, bank, owner) & enabled
    frames = None
    if part.frames is not None:
        row_of = np.cumsum(kept) - 1
        frames = _merged_frames(part.frames, len(part), columns, kept, row_of)
    return part_of(
        kind, bits[kept], bank[kept], mark[kept], owner[kept] if owner is not None else None, frames
    )


def _merged_frames(
    frames: Frames, films: int, columns: _Columns, kept: NDArray[np.bool_], row_of: Numbers
) -> FrameColumns:
    import numpy as np

    count = np.frombuffer(columns.frame_count, np.uint32)
    added = np.repeat(np.arange(films, films + len(count)), count)
    film = np.concatenate((frames.film.astype(np.int64), added))
    bits = np.concatenate(
        (
            frames.table.all_rows(),
            np.frombuffer(columns.frames, np.uint8).reshape(-1, FRAME_BYTES),
        )
    )
    quality = np.concatenate((frames.quality, np.frombuffer(columns.frame_quality, np.uint8)))
    here = kept[film]
    return FrameColumns(bits[here], row_of[film[here]].astype(np.uint32), quality[here])


def _last_of_each(
    bits: Rows, bank: NDArray[np.uint16], owner: NDArray[np.uint32] | None
) -> NDArray[np.bool_]:
    """Which entries no later one of the same key replaces, (n,).

    By sorting 64 bits mixed from the key, several times as fast as sorting keys. The mixture is
    another one in each process, so that nobody can send hashes that collide; should some do, keys
    are sorted.
    """
    import numpy as np

    words = np.ascontiguousarray(bits).view(np.uint64).T
    name = bank.astype(np.uint64)
    if owner is not None:
        name |= owner.astype(np.uint64) << np.uint64(16)
    columns = [*words, name]
    mixed = np.zeros(len(bits), np.uint64)
    for column, factor in zip(columns, _factors(), strict=False):
        mixed ^= column
        mixed *= factor
        mixed ^= mixed >> np.uint64(32)
    order = np.argsort(mixed, kind="stable")
    same_mixed = mixed[order[1:]] == mixed[order[:-1]]
    same = same_mixed.copy()
    for column in columns:
        same &= column[order[1:]] == column[order[:-1]]
    if not np.array_equal(same, same_mixed):
        order = np.lexsort(columns)
        same = np.ones(len(order) - 1, np.bool_)
        for column in columns:
            same &= column[order[1:]] == column[order[:-1]]
    last = np.ones(len(bits), np.bool_)
    last[order[:-1][same]] = False
    return last


@cache
def _factors() -> tuple[np.uint64, ...]:
    import secrets

    import numpy as np

    return tuple(np.uint64(secrets.randbits(64) | 1) for _ in range(5))

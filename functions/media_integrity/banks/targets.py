"""What a search among published media looks for, and what it finds of it.

First a coarse look at whole columns of hashes, which may find too much and misses nothing; then,
for each medium found, the matcher of uploads itself, over the entries searched for and the
allow-lists. So what a later hash does to published media is what it would have done to the upload.

The registry has each view as it was published and not turned over. A hash turned instead of the
picture is up to 62 bits off (``fingerprints.dihedral``): enough to say that the picture is worth
opening, and then all of its forms are there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from media_integrity.cloud.firestore import Query, Store, Where
from media_integrity.decision.policy import BankMatchPolicy
from media_integrity.fingerprints.dihedral import CANDIDATE_DISTANCE, turned
from media_integrity.fingerprints.near import near, quarters
from media_integrity.fingerprints.pdq import Fingerprints, Form, Inset, ViewHashes
from media_integrity.fingerprints.vpdq import VideoHash
from media_integrity.matching.index import HashIndex
from media_integrity.matching.known import KnownBank, KnownHash
from media_integrity.matching.matcher import Limits, Matcher
from media_integrity.media.types import WHOLE
from media_integrity.schema.bank_work import EntryRef
from media_integrity.schema.base import Document
from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.findings import Finding
from media_integrity.schema.hashes import BankHash, HashBank, MediaHash, PdqView

from .published import Stretch, film_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

D = TypeVar("D", bound=Document)


def acts(entry: BankHash, bank: HashBank, *, unconfirmed: bool = False) -> bool:
    """Whether an entry does anything to what is published.

    An unconfirmed one does not: it holds uploads until somebody has looked, and nobody waits for
    what is published. A person's own hashes are never confirmed; they only hold. ``unconfirmed``:
    the person shown has asked in writing, and the law does not wait for a second word.
    """
    believed = entry.confirmed or unconfirmed or bank.label is BankLabel.SHIELD
    return (
        bank.enabled
        and bank.label is not BankLabel.ALLOW_LIST
        and entry.enabled
        and not entry.popular
        and believed
    )


@dataclass(frozen=True, slots=True)
class Targets:
    """The entries of one search that act, their banks, and everything that allow-lists hold."""

    entries: tuple[BankHash, ...]
    allowed: tuple[BankHash, ...]
    banks: dict[str, HashBank]
    policy: BankMatchPolicy
    _matcher: Matcher = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        limits = Limits(
            max_distance=self.policy.max_distance,
            min_quality=self.policy.min_quality,
            film_query_percent=self.policy.film_query_percent,
            film_compared_percent=self.policy.film_compared_percent,
            film_min_frames=self.policy.film_min_frames,
        )
        object.__setattr__(self, "_matcher", Matcher(_These(self), limits))

    @classmethod
    def load(
        cls,
        refs: Sequence[EntryRef],
        policy: BankMatchPolicy,
        store: Store,
        *,
        unconfirmed: bool = False,
    ) -> Targets:
        """The entries as they are now. One that cannot be read is left out, with an error."""
        paths = [BankHash.path_below(ref.bank_id, ref.entry_id) for ref in refs]
        entries = _readable(store, BankHash, paths)
        names = {entry.parent_id for entry in entries}
        named = _readable(store, HashBank, [HashBank.path_of(name) for name in names])
        banks = {bank.id: bank for bank in named}
        acting = tuple(
            entry
            for entry in entries
            if (bank := banks.get(entry.parent_id)) is not None
            and acts(entry, bank, unconfirmed=unconfirmed)
        )
        lists = list(store.query(allow_lists())) if acting else []
        allowing = {bank.id: bank for bank in lists if bank.enabled}
        return cls(
            entries=acting,
            allowed=tuple(
                entry for bank in allowing.values() for entry in store.query(allowed_by(bank))
            ),
            banks={**banks, **allowing},
            policy=policy,
        )

    def candidates(self, stretch: Stretch, first: int) -> dict[int, bool]:
        """Media from index ``first`` on that may match, in order, and whether perhaps turned over:
        then the record does not tell, and they have to be opened."""
        found = dict.fromkeys(self._by_bytes(stretch), False)
        for medium, is_turned in (*self._by_films(stretch), *self._by_pictures(stretch)):
            found[medium] = found.get(medium, False) or is_turned
        return {medium: found[medium] for medium in sorted(found) if medium >= first}

    def may_be_allowed_turned(self, media: MediaHash) -> bool:
        """Whether an allow-list has something like it, turned over: to be opened and looked at."""
        allowed = [entry.value for entry in self.allowed if entry.algorithm is HashAlgorithm.PDQ]
        if not allowed:
            return False
        hashes = quarters(_matrix(allowed))
        return any(
            len(near(hashes, form, CANDIDATE_DISTANCE)[0])
            for view in media.views
            for name, form in turned(bytes.fromhex(view.pdq)).items()
            if name is not Form.ORIGINAL
        )

    def finding(self, media: MediaHash, opened: Fingerprints | None = None) -> Finding:
        """The bank match finding of a published medium, opened or from its record."""
        return self._matcher.match(opened or _recorded(media))

    def _by_bytes(self, stretch: Stretch) -> Iterator[int]:
        for algorithm, column in (
            (HashAlgorithm.SHA256, stretch.sha256),
            (HashAlgorithm.MD5, stretch.md5),
        ):
            values = [entry.value for entry in self.entries if entry.algorithm is algorithm]
            yield from _equal(column, values)

    def _by_pictures(self, stretch: Stretch) -> Iterator[tuple[int, bool]]:
        """Media with a view near an entry's picture, and whether it is turned over."""
        hashes = [
            bytes.fromhex(entry.value)
            for entry in self.entries
            if entry.algorithm is HashAlgorithm.PDQ
        ]
        return self._near(hashes, stretch.view_bits, stretch.view_quality, stretch.view_medium)

    def _by_films(self, stretch: Stretch) -> Iterator[tuple[int, bool]]:
        """Films with a frame near one of an entry's. The matcher counts how many there are."""
        films = (VideoHash.unpack(entry.frames) for entry in self.entries if entry.frames)
        hashes = dict.fromkeys(
            frame.bits
            for film in films
            for frame in film.frames
            if frame.quality >= self.policy.min_quality
        )
        return self._near(hashes, stretch.frame_bits, stretch.frame_quality, stretch.frame_medium)

    def _near(
        self,
        wanted: Iterable[bytes],
        bits: NDArray[np.uint8],
        quality: NDArray[np.uint8],
        media: NDArray[np.uint32],
    ) -> Iterator[tuple[int, bool]]:
        import numpy as np

        good = np.flatnonzero(quality >= self.policy.min_quality)
        hashes, media = quarters(bits[good]), media[good]
        for one in wanted:
            for form, query in turned(one).items():
                upright = form is Form.ORIGINAL
                radius = self.policy.max_distance if upright else CANDIDATE_DISTANCE
                for row in near(hashes, query, radius)[0]:
                    yield int(media[row]), not upright


@dataclass(frozen=True, slots=True)
class _These:
    """The targets as a source of banks."""

    targets: Targets

    def bring_up_to_date(self, index: HashIndex, banks: dict[str, KnownBank]) -> None:
        if not banks:  # they do not change
            banks.update({name: KnownBank.of(bank) for name, bank in self.targets.banks.items()})
            index.put(map(KnownHash.of, (*self.targets.entries, *self.targets.allowed)))


def allow_lists() -> Query[HashBank]:
    return Query(HashBank, (Where("label", "==", BankLabel.ALLOW_LIST.value),))


def allowed_by(bank: HashBank) -> Query[BankHash]:
    """What an allow-list lets through: nothing that is not confirmed."""
    return Query(
        BankHash,
        (Where("enabled", "==", True), Where("confirmed", "==", True)),
        below=bank.path,
    )


def _recorded(media: MediaHash) -> Fingerprints:
    """What the registry knows of it: its views as they are."""
    film = film_of(media)
    return Fingerprints(
        sha256=media.sha256,
        md5=media.md5 or "",
        views=tuple(_upright(view) for view in media.views if view.inside is None),
        video=VideoHash(film) if film else None,
        insets=tuple(
            Inset(view.inside, WHOLE, _upright(view))
            for view in media.views
            if view.inside is not None
        ),
    )


def _upright(view: PdqView) -> ViewHashes:
    return ViewHashes(view.quality, {Form.ORIGINAL: bytes.fromhex(view.pdq)})


def _readable(store: Store, kind: type[D], paths: Sequence[str]) -> list[D]:
    """The documents that are there and have their shape."""
    try:
        return store.get_many(kind, paths)
    except ValueError:
        found = []
        for path in paths:
            try:
                found += store.get_many(kind, [path])
            except ValueError:
                log.error("left out of a search: cannot be read", extra={"kind": kind.collection})
        return found


def _matrix(values: Sequence[str]) -> NDArray[np.uint8]:
    """(n, bytes) of hexadecimal values of one length."""
    import numpy as np

    return np.frombuffer(bytes.fromhex("".join(values)), np.uint8).reshape(len(values), -1)


def _equal(column: NDArray[np.uint8], values: Sequence[str]) -> Iterator[int]:
    """Rows of a column of bytes that equal one of the values."""
    import numpy as np

    if not values or not len(column):
        return
    # By the first eight bytes, then by all.
    begins = np.ascontiguousarray(column[:, :8]).view(np.uint64)[:, 0]
    wanted = np.ascontiguousarray(_matrix(values)[:, :8]).view(np.uint64)[:, 0]
    whole = frozenset(map(bytes.fromhex, values))
    for row in np.flatnonzero(np.isin(begins, wanted)):
        if column[row].tobytes() in whole:
            yield int(row)

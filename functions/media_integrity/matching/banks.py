"""Banks as they stand in Firestore, followed by their change time."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Protocol

from media_integrity.cloud.clock import Clock, SystemClock
from media_integrity.cloud.firestore import EPOCH, Contention, Query, Store, Where
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.enums import BankLabel, Severity
from media_integrity.schema.hashes import BankHash, HashBank

from .alarms import raise_alarm
from .columns import Key
from .index import HashIndex
from .known import KnownBank, KnownHash
from .snapshots import Snapshots

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=15)
"""Read again on each refresh. ``updated_at`` is the moment of the commit by the database's clock
(``Document.committed_at``), so that neither a writer's clock nor a slow commit can hide an entry;
this is for what differs between servers of the database. More would have every scan read a large
import again and again for as long."""

RECHECKED = 50
"""Unreadable entries looked at again on each refresh, in case somebody has mended them."""


class BankSource(Protocol):
    """Where banks come from."""

    def bring_up_to_date(self, index: HashIndex, banks: dict[str, KnownBank]) -> None:
        """Put into both what changed since the call before; the first call brings everything.

        Always with the same ``index`` and ``banks``. ``index.missing`` says afterwards what could
        not be read. One that raises may be called again.
        """


class NoBanks:
    """For ``./dev scan``: nothing is known."""

    def bring_up_to_date(self, index: HashIndex, banks: dict[str, KnownBank]) -> None:
        return


@dataclass
class FirestoreBanks:
    """``hash_banks`` and the ``hashes`` below them, from a snapshot on where there is one.

    One thread at a time. An entry that cannot be read is left out, an alarm is raised, and its path
    stands in ``index.missing`` until it can be read or is deleted.
    """

    store: Store
    snapshots: Snapshots | None = None
    clock: Clock = field(default_factory=SystemClock)
    _started: bool = False
    _banks_until: datetime = EPOCH
    _hashes_until: datetime = EPOCH
    _seen: dict[Key, KnownHash] = field(default_factory=dict)
    """Entries of the overlap as they were put, so that they are not put again and again."""
    _alarmed: set[str] = field(default_factory=set)

    @property
    def cursor(self) -> datetime:
        """Entries changed up to then have been read."""
        return self._hashes_until

    def bring_up_to_date(self, index: HashIndex, banks: dict[str, KnownBank]) -> None:
        now = self.clock.now()
        if not self._started:
            self._start(index, now)
        self._read_banks(banks, now)
        self._read_hashes(index, now)

    def _start(self, index: HashIndex, now: datetime) -> None:
        loaded = self.snapshots.latest(now) if self.snapshots is not None else None
        if loaded is not None:
            index.become(loaded.index)
            self._hashes_until = min(loaded.snapshot.cursor, now)
            log.info(
                "index from snapshot",
                extra={"snapshot": loaded.snapshot.id, "rows": loaded.snapshot.rows},
            )
        self._started = True

    def _read_banks(self, banks: dict[str, KnownBank], now: datetime) -> None:
        changed = banks_changed_since(self._banks_until - OVERLAP)
        unreadable: list[str] = []
        for bank in self.store.query_readable(changed, unreadable.append):
            banks[bank.id] = KnownBank.of(bank)
            self._banks_until = max(self._banks_until, min(bank.updated_at, now))
        for path in unreadable:
            bank_id = path.rsplit("/", 1)[-1]
            # Its entries still match; what their match means is not known.
            banks[bank_id] = KnownBank(bank_id, BankLabel.NCII, True, None, None, readable=False)
            self._alarm(f"{HashBank.collection}/{bank_id}", "A bank", now)

    def _read_hashes(self, index: HashIndex, now: datetime) -> None:
        missing = set(index.missing)
        latest = self._hashes_until
        seen: dict[Key, KnownHash] = {}

        def changed() -> Iterator[KnownHash]:
            nonlocal latest
            lost = sorted(missing)[:RECHECKED]
            since = self._hashes_until - OVERLAP
            stored = self.store.query_readable(hashes_changed_since(since), missing.add)
            for document in chain(self._again(lost, missing), stored):
                try:
                    entry = KnownHash.of(document)
                except ValueError:  # a film whose frames cannot be unpacked
                    missing.add(document.path)
                    continue
                missing.discard(document.path)
                # A writer's clock that is years ahead must not hide what comes after.
                entry = replace(entry, updated_at=min(entry.updated_at, now))
                latest = max(latest, entry.updated_at)
                key = Key.of(entry)
                if entry.updated_at >= latest - OVERLAP:
                    seen[key] = entry
                if self._seen.get(key) != entry:
                    yield entry

        index.put(changed())
        self._hashes_until = latest
        self._seen = {
            key: entry for key, entry in seen.items() if entry.updated_at >= latest - OVERLAP
        }
        for path in sorted(missing):
            self._alarm(name_of(path), "An entry of a bank", now)
        if missing != index.missing:
            index.mark_missing(frozenset(missing))

    def _again(self, paths: Sequence[str], missing: set[str]) -> Iterator[BankHash]:
        """Those of the entries that could not be read which can be now; deleted ones are not
        missing any more."""
        for path in paths:
            try:
                found = self.store.get_many(BankHash, [path])
            except ValueError:
                continue
            missing.discard(path)
            yield from found

    def _alarm(self, subject: str, what: str, now: datetime) -> None:
        """Once in the life of this instance: what cannot be read is read again and again."""
        if subject in self._alarmed:
            return
        log.error("stored document unreadable", extra={"subject": subject})
        try:
            raise_alarm(
                self.store,
                kind=AlarmKind.ENTRY_UNREADABLE,
                severity=Severity.HIGH,
                subject=subject,
                text=f"{what} has no valid shape and was left out. What it would have matched is "
                "not known. Find it in the collection named here, mend it and set its updatedAt.",
                now=now,
            )
        except Contention:  # other instances are raising the same one
            return
        self._alarmed.add(subject)


def name_of(path: str) -> str:
    """Names the entry at ``path`` without its hash: the path, with a digest in place of the id."""
    parent, _, entry_id = path.rpartition("/")
    return f"{parent}/{hashlib.sha256(entry_id.encode()).hexdigest()[:16]}"


def banks_changed_since(moment: datetime) -> Query[HashBank]:
    return Query(
        HashBank, (Where("updatedAt", ">=", moment),), order_by=(("updatedAt", "ASCENDING"),)
    )


def hashes_changed_since(moment: datetime) -> Query[BankHash]:
    return Query(
        BankHash,
        (Where("updatedAt", ">=", moment),),
        order_by=(("updatedAt", "ASCENDING"),),
        group=True,
    )

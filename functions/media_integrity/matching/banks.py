"""Banks as they stand in Firestore, followed by their change time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from media_integrity.cloud.firestore import EPOCH, Query, Store, Where
from media_integrity.schema.hashes import BankHash, HashBank

from .known import KnownBank, KnownHash

OVERLAP = timedelta(seconds=60)
"""Read again on each refresh: writers' clocks may be that far apart, commits that late."""


class BankSource(Protocol):
    """Where banks come from. Each call brings what changed since the one before."""

    def changed_banks(self) -> list[KnownBank]: ...

    def changed_hashes(self) -> list[KnownHash]: ...


class NoBanks:
    """For ``./dev scan``: nothing is known."""

    def changed_banks(self) -> list[KnownBank]:
        return []

    def changed_hashes(self) -> list[KnownHash]:
        return []


@dataclass
class FirestoreBanks:
    """``hash_banks`` and the ``hashes`` below them."""

    store: Store
    _banks_until: datetime = field(default=EPOCH)
    _hashes_until: datetime = field(default=EPOCH)

    def changed_banks(self) -> list[KnownBank]:
        changed = list(self.store.query(banks_changed_since(self._banks_until - OVERLAP)))
        self._banks_until = max([self._banks_until, *(bank.updated_at for bank in changed)])
        return [KnownBank.of(bank) for bank in changed]

    def changed_hashes(self) -> list[KnownHash]:
        changed = list(self.store.query(hashes_changed_since(self._hashes_until - OVERLAP)))
        self._hashes_until = max([self._hashes_until, *(entry.updated_at for entry in changed)])
        return [KnownHash.of(entry) for entry in changed]


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

"""What an exchange lists under which of its own ids.

NCMEC takes an entry back by its id and names no hash with it, changes the hashes of an entry, and
lists one hash for several members. So a hash is withdrawn here when the last id that listed it has
gone, and not before: a ledger below the exchange's document keeps account.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from media_integrity.banks.entries import ImportItem, Withdrawn
from media_integrity.cloud.firestore import Query, Store, Where
from media_integrity.schema.bank_work import Exchange, ListedRecord
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.hashes import BankHash

from .feed import FeedItem, Listing

BATCH = 300
"""Documents read or written at once; Firestore takes 500."""

Entries = tuple[str, ...]
"""Ids of entries, ``{algorithm}-{value}``."""


@dataclass
class Ledger:
    """The records of one exchange. Pages are written behind it in the order of ``resolve``."""

    exchange_id: str
    store: Store
    _ahead: dict[str, Entries] = field(default_factory=dict)
    """Record ids to what they will list, of pages that are not in the bank yet."""
    _pages: deque[dict[str, Entries]] = field(default_factory=deque)

    @property
    def keeps(self) -> bool:
        """The page that is written next changes a record."""
        return bool(self._pages and self._pages[0])

    def resolve(self, items: Iterable[FeedItem]) -> Iterator[ImportItem]:
        """A page's items, each listing as its entries and the withdrawals that follow."""
        listings: dict[str, Entries] = {}
        for item in items:
            if isinstance(item, Listing):
                ids = (BankHash.id_for(each.algorithm, each.value) for each in item.entries)
                listings[ListedRecord.id_for(item.ref)] = tuple(dict.fromkeys(ids))[:50]
                yield from item.entries
            else:
                yield item
        before = self._listed(list(listings))
        self._pages.append(listings)
        self._ahead |= listings
        dropped = {
            entry
            for record, entries in listings.items()
            for entry in before.get(record, ())
            if entry not in entries
        }
        for entry in sorted(dropped):
            if not self._is_listed(entry):
                algorithm, _, value = entry.partition("-")
                yield Withdrawn(HashAlgorithm(algorithm), value)

    def written(self) -> None:
        """The oldest page that was resolved is in the bank."""
        page = self._pages.popleft()
        # Before the checkpoint, so that a page that is repeated finds it as it left it.
        kept = [
            ListedRecord(id=record, parent_id=self.exchange_id, entries=entries)
            for record, entries in page.items()
            if entries
        ]
        gone = [
            ListedRecord.path_below(self.exchange_id, record)
            for record, entries in page.items()
            if not entries
        ]
        for start in range(0, len(kept), BATCH):
            self.store.put(*kept[start : start + BATCH])
        for start in range(0, len(gone), BATCH):
            self.store.delete(*gone[start : start + BATCH])
        for record in page:
            if not any(record in later for later in self._pages):
                self._ahead.pop(record, None)

    def _listed(self, records: list[str]) -> dict[str, Entries]:
        """What the records list as of now."""
        known = {record: self._ahead[record] for record in records if record in self._ahead}
        asked = [record for record in records if record not in known]
        for start in range(0, len(asked), BATCH):
            paths = [
                ListedRecord.path_below(self.exchange_id, record)
                for record in asked[start : start + BATCH]
            ]
            known |= {each.id: each.entries for each in self.store.get_many(ListedRecord, paths)}
        return known

    def _is_listed(self, entry: str) -> bool:
        if any(entry in entries for entries in self._ahead.values()):
            return True
        return any(
            record.id not in self._ahead
            for record in self.store.query(records_with(self.exchange_id, entry))
        )


def records_with(exchange_id: str, entry: str) -> Query[ListedRecord]:
    """Records of an exchange that list an entry."""
    return Query(
        ListedRecord,
        (Where("entries", "array_contains", entry),),
        below=Exchange.path_of(exchange_id),
    )

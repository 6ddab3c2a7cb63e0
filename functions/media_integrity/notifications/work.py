"""One entry in the hands of one worker: what it writes holds only while its lease does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from media_integrity.cloud.firestore import Transaction
from media_integrity.schema.outbox import OutboxEntry

from . import claims
from .backend import OutboxBackend

T = TypeVar("T")

NO_ACCOUNT = "no_account"
"""Note of an entry whose account was deleted meanwhile: there is nobody to deliver to."""


class Outcome(StrEnum):
    """What became of an entry in one run."""

    DELIVERED = "delivered"
    WAITING = "waiting"  # held back on purpose: quiet hours
    RETRY = "retry"
    DEAD = "dead"
    SKIPPED = "skipped"  # not due, somebody else's, or gone
    UNREADABLE = "unreadable"


class NotNow(Exception):
    """Delivery failed and may succeed later. ``code`` names the cause and no person."""

    def __init__(self, code: str, *, at_least: timedelta = timedelta()) -> None:
        super().__init__(code)
        self.code = code
        self.at_least = at_least


class Never(Exception):
    """Nothing here can deliver this. ``code`` names the cause and no person."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Work:
    """An entry that this worker has taken. ``entry`` is as it was then."""

    entry: OutboxEntry
    worker: str
    backend: OutboxBackend

    def run(self, body: Callable[[Transaction, OutboxEntry], T]) -> T:
        """Run ``body`` in a transaction, with the entry as it is now, while the lease holds.

        ``body`` reads before it writes.

        Raises:
            NotYours: the lease is somebody else's by now; nothing was written.
        """

        def guarded(tx: Transaction) -> T:
            return body(tx, claims.required(tx.get(OutboxEntry, self.entry.id), self.worker))

        return self.backend.store.run(guarded)

    def change(self, changes: Callable[[OutboxEntry, datetime], dict[str, object]]) -> OutboxEntry:
        """Write what ``changes`` makes of the entry as it is now."""

        def body(tx: Transaction, entry: OutboxEntry) -> OutboxEntry:
            return tx.update(entry, **changes(entry, self.backend.clock.now()))

        return self.run(body)

    def deliver(self, note: str | None = None) -> Outcome:
        """Mark it delivered: nothing is left to do."""
        self.change(lambda _, now: claims.delivered(now, note))
        return Outcome.DELIVERED

    def wait(self, until: datetime) -> Outcome:
        """Give it back until then."""
        self.change(lambda entry, _: claims.postponed(entry, until))
        return Outcome.WAITING

"""Who works on an effect, and when it is tried again. Pure; ``work`` applies it in transactions.

As with the leases of scans, a lease outlives the longest run of a worker, so that one that has run
out belongs to a worker that is dead. ``next_try_at`` of a leased entry is the end of its lease: a
query for what is due finds the dead worker's entries by itself.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from media_integrity.schema.outbox import (
    DELIVERED_RETENTION,
    MAX_DELIVERY_TRIES,
    OutboxEntry,
    OutboxState,
)
from media_integrity.schema.scans import Lease

RUN_LIMIT = timedelta(seconds=180)
"""The platform ends a worker after that (``api.outbox``)."""
LEASE = RUN_LIMIT + timedelta(seconds=30)

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
"""Between two tries. FCM asks for a minute after 429 and for doubling; its documentation, "Scale
your FCM sends". Twelve tries span 10 to 21 hours."""


class NotYours(Exception):
    """The lease ran out and somebody else has the entry, or it is dealt with."""


def is_due(entry: OutboxEntry, now: datetime) -> bool:
    """It waits, its time has come, and nobody works on it."""
    return (
        entry.state is OutboxState.PENDING
        and entry.next_try_at is not None
        and entry.next_try_at <= now
        and (entry.lease is None or entry.lease.until <= now)
    )


def exhausted(entry: OutboxEntry) -> bool:
    """It was tried often enough."""
    return entry.tries >= MAX_DELIVERY_TRIES


def claimed(entry: OutboxEntry, worker: str, now: datetime) -> dict[str, object] | None:
    """The changes that give the entry to ``worker``; None if it is not due.

    The try counts at once, so that an entry that kills its workers runs out of tries too. One that
    is out of tries is given all the same: to be buried.
    """
    if not is_due(entry, now):
        return None
    return {
        "lease": Lease(worker=worker, until=now + LEASE),
        "next_try_at": now + LEASE,
        "tries": min(entry.tries + 1, MAX_DELIVERY_TRIES),
    }


def required(entry: OutboxEntry | None, worker: str) -> OutboxEntry:
    """The entry, if ``worker`` still holds it.

    Raises:
        NotYours: it does not.
    """
    if (
        entry is None
        or entry.state is not OutboxState.PENDING
        or entry.lease is None
        or entry.lease.worker != worker
    ):
        raise NotYours
    return entry


def delivered(now: datetime, note: str | None = None) -> dict[str, object]:
    """``note``: a code for what was left out on purpose."""
    return {
        "state": OutboxState.DELIVERED,
        "delivered_at": now,
        "expire_at": now + DELIVERED_RETENTION,
        "next_try_at": None,
        "lease": None,
        "last_error": note,
    }


def dead(cause: str) -> dict[str, object]:
    return {
        "state": OutboxState.DEAD,
        "next_try_at": None,
        "lease": None,
        "last_error": cause[:200],
    }


def postponed(entry: OutboxEntry, until: datetime) -> dict[str, object]:
    """Held back on purpose, which is no try."""
    return {"next_try_at": until, "lease": None, "tries": max(0, entry.tries - 1)}


def revived(now: datetime) -> dict[str, object]:
    """A dead one begins again, with all its tries."""
    return {"state": OutboxState.PENDING, "next_try_at": now, "tries": 0}


def failed(
    entry: OutboxEntry, cause: str, now: datetime, *, at_least: timedelta = timedelta()
) -> dict[str, object]:
    """After a try that failed. ``at_least``: what the one who refused has asked for."""
    return {
        "next_try_at": now + max(wait_after(entry.tries), at_least),
        "lease": None,
        "last_error": cause[:200],
    }


def wait_after(tries: int) -> timedelta:
    """Doubled with every try, half of it at random, so that what failed together parts."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(max(tries - 1, 0), 30)))
    return longest * (0.5 + 0.5 * random.random())  # noqa: S311  no secret

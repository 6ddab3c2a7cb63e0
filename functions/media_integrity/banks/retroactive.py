"""Searches for newly confirmed entries among everything that is published."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.tasks import Unreachable
from media_integrity.schema.bank_work import EntryRef, RetroactiveSearch
from media_integrity.schema.base import BankId
from media_integrity.schema.hashes import BankHash

from .backend import BankBackend

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=5)
"""A search that nobody works on is looked after again after that."""


def ref(entry: BankHash) -> EntryRef:
    return EntryRef(bank_id=BankId(entry.parent_id), entry_id=entry.id)


def ask(entries: Sequence[EntryRef], by: str, now: datetime) -> RetroactiveSearch:
    """The search for these entries. Pure. A later confirmation of the same ones asks anew."""
    named = sorted(f"{entry.bank_id}/{entry.entry_id}" for entry in entries)
    digest = hashlib.sha256("\n".join([now.isoformat(), *named]).encode()).hexdigest()
    return RetroactiveSearch(
        id=digest[:32],
        entries=tuple(entries),
        asked_by=by,
        created_at=now,
        updated_at=now,
        sweep_at=now + PATIENCE,
    )


def ask_for(
    tx: Transaction, entries: Sequence[EntryRef], by: str, backend: BankBackend
) -> RetroactiveSearch | None:
    """Write the search that newly confirmed entries need into their transaction."""
    if not entries:
        return None
    search = ask(entries, by, backend.clock.now())
    tx.put(search)
    return search


def enqueue(search: RetroactiveSearch | None, backend: BankBackend) -> None:
    """Have a search worked on. If the queue cannot be reached ``sweep`` asks again."""
    if search is None:
        return
    try:
        backend.searches.enqueue({"searchId": search.id})
    except Unreachable as error:
        log.warning("search not enqueued", extra={"search": search.id, "error_type": str(error)})

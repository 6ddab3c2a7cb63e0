"""Searches for newly confirmed entries among everything that is published.

A search is asked for in the transaction that confirms its entries, and worked on in steps, each by
one worker that holds its lease (``searching``). A step can be killed at any point: what was done is
known by the media themselves, and the next one goes on from the last place that was written down.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.cloud.tasks import Unreachable
from media_integrity.matching.alarms import raise_alarm
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.bank_work import EntryRef, RetroactiveSearch, SearchState
from media_integrity.schema.base import BankId
from media_integrity.schema.enums import Severity
from media_integrity.schema.hashes import BankHash
from media_integrity.schema.scans import Lease

from .backend import BankBackend
from .searching import LEASE, NotYours, Run, require

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=5)
"""A search that nobody works on is looked after again after that."""

MAX_TRIES = 5
"""Steps in a row that came to nothing; then a person has to look."""

BUDGET_S = 420.0
"""Of one step, below the time limit of the function that runs it; what it does last, taking down
one medium, may take two minutes more where a film has to be opened."""

BATCH = 200

OVER = frozenset({SearchState.DONE, SearchState.FAILED})


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


def ask_holding(
    cause: str, entries: Sequence[EntryRef], by: str, backend: BankBackend
) -> RetroactiveSearch | None:
    """Have looked for entries that nobody has confirmed yet, to hold what matches.

    ``cause``: an id; the same one asks once. None if there is nothing to look for, or it was asked.
    """
    if not entries:
        return None
    named = hashlib.sha256(f"holding\n{cause}".encode()).hexdigest()[:32]
    search = ask(entries, by, backend.clock.now()).model_copy(update={"id": named, "holds": True})
    if not backend.store.create(search):
        return None
    enqueue(search, backend)
    return search


def ask_for(
    tx: Transaction, entries: Sequence[EntryRef], by: str, backend: BankBackend
) -> RetroactiveSearch | None:
    """Write the search that newly confirmed entries need into their transaction."""
    if not entries:
        return None
    search = ask(entries, by, backend.clock.now())
    tx.put(search)
    return search


def enqueue(
    search: RetroactiveSearch | None, backend: BankBackend, *, wait: timedelta = timedelta()
) -> None:
    """Have a search worked on. If the queue cannot be reached ``sweep`` asks again."""
    if search is None:
        return
    try:
        backend.searches.enqueue({"searchId": search.id}, delay_s=int(wait.total_seconds()))
    except Unreachable as error:
        log.warning("search not enqueued", extra={"search": search.id, "error_type": str(error)})


def step(search_id: str, worker: str, backend: BankBackend, budget_s: float = BUDGET_S) -> bool:
    """Work on a search until it is over or ``budget_s`` is; True if it is over.

    Asks for the next step itself. Does nothing while somebody else works on it.

    Raises:
        Exception: it went wrong. The lease is free again, so that the queue or the sweeper can try
            once more.
    """
    until = time.monotonic() + budget_s
    search = _take(search_id, worker, backend)
    if search is None:
        left = backend.store.get(RetroactiveSearch, search_id)
        return left is None or left.state in OVER
    try:
        wait = Run(search, worker, backend, until).work()
    except NotYours:
        log.warning("lease lost", extra={"search": search_id})
        return False
    except Exception as error:
        _give_back(search_id, worker, error, backend)
        raise
    if wait is not None:
        enqueue(search, backend, wait=wait)
    return wait is None


def sweep(backend: BankBackend) -> int:
    """Ask again for searches that nobody works on; how many. Runs every few minutes."""
    asked = 0
    for search in list(backend.store.query(due_searches(backend.clock.now()))):
        if _postpone(search, backend):
            enqueue(search, backend)
            asked += 1
    return asked


def due_searches(now: datetime) -> Query[RetroactiveSearch]:
    return Query(
        RetroactiveSearch,
        (Where("sweepAt", "<=", now),),
        order_by=(("sweepAt", "ASCENDING"),),
        limit=BATCH,
    )


def _free(search: RetroactiveSearch, now: datetime) -> bool:
    return search.state not in OVER and (search.lease is None or search.lease.until <= now)


def _take(search_id: str, worker: str, backend: BankBackend) -> RetroactiveSearch | None:
    """The search with its lease; None if it is over, worked on, or was tried too often."""

    def body(tx: Transaction) -> RetroactiveSearch | None:
        search = tx.get(RetroactiveSearch, search_id)
        now = backend.clock.now()
        if search is None or not _free(search, now):
            return None
        if search.tries >= MAX_TRIES:
            return search
        return tx.update(
            search,
            state=SearchState.RUNNING,
            lease=Lease(worker=worker, until=now + LEASE),
            tries=search.tries + 1,
            sweep_at=now + LEASE,
            updated_at=now,
        )

    search = backend.store.run(body)
    if search is not None and (search.lease is None or search.lease.worker != worker):
        _give_up(search, backend)
        return None
    return search


def _give_up(search: RetroactiveSearch, backend: BankBackend) -> None:
    """FAILED, and an alarm: first the alarm, which must not get lost."""
    raise_alarm(
        backend.store,
        kind=AlarmKind.SEARCH_FAILED,
        severity=Severity.HIGH,
        subject=search.path,
        text=(
            f"A search among published media was given up after {MAX_TRIES} tries that came to "
            "nothing. What its entries match may still be published. See last_error and the log. "
            "When that is mended, switch the entries off and on and have them confirmed again."
        ),
        now=backend.clock.now(),
    )

    def body(tx: Transaction) -> None:
        current = tx.get(RetroactiveSearch, search.id)
        now = backend.clock.now()
        if current is not None and _free(current, now) and current.tries >= MAX_TRIES:
            tx.update(current, state=SearchState.FAILED, lease=None, sweep_at=None, updated_at=now)

    backend.store.run(body)


def _give_back(search_id: str, worker: str, cause: Exception, backend: BankBackend) -> None:
    """So that the next try need not wait for the lease to run out. May fail: then it waits."""

    def body(tx: Transaction) -> None:
        search = require(tx.get(RetroactiveSearch, search_id), worker)
        now = backend.clock.now()
        tx.update(
            search,
            lease=None,
            last_error=type(cause).__name__[:200],
            sweep_at=now + PATIENCE,
            updated_at=now,
        )

    try:
        backend.store.run(body)
    except Exception as error:  # noqa: BLE001  the failure that led here is the one to report
        log.warning(
            "lease not given back", extra={"search": search_id, "error_type": type(error).__name__}
        )


def _postpone(search: RetroactiveSearch, backend: BankBackend) -> bool:
    """Mark the search as looked after; False if somebody works on it by now."""

    def body(tx: Transaction) -> bool:
        current = tx.get(RetroactiveSearch, search.id)
        now = backend.clock.now()
        if current is None or not _free(current, now):
            return False
        tx.update(current, sweep_at=now + PATIENCE)
        return True

    return backend.store.run(body)

"""Reads exchanges into banks, and tells them what came of their hashes.

A page is written into the bank, then its checkpoint is saved: a crash in between repeats the page,
which changes nothing, and loses none. One run at a time reads an exchange; its lease is renewed
with every page, and a run that lost it stops before it writes another checkpoint.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from media_integrity.banks.backend import BankBackend
from media_integrity.banks.entries import ImportItem, PageEnd
from media_integrity.banks.importing import run_import
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.matching.alarms import raise_alarm
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.bank_work import (
    Exchange,
    ExchangeFeedback,
    FeedbackState,
    HashImport,
)
from media_integrity.schema.base import days
from media_integrity.schema.enums import Severity
from media_integrity.schema.errors import NotFound
from media_integrity.schema.hashes import HashBank
from media_integrity.schema.scans import Lease

from .errors import (
    ExchangeBusy,
    ExchangeError,
    ExchangeMisconfigured,
    ExchangeRefused,
    ExchangeUnavailable,
    FeedbackNotTaken,
)
from .feed import Credentials, Feed
from .feeds import open_feed
from .ledger import Ledger
from .limits import Limits
from .transport import Patience

LEASE = timedelta(minutes=15)
"""Longer than a run goes without finishing a page: its waiting and writing are bounded."""

RENEW_S = 60.0

FAILURES_TO_ALARM = 3
"""In a row. One night without an exchange is nothing to wake anybody for."""

FEEDBACK_TRIES = 8
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = days(1)
"""Five minutes, quadrupled each time: all tries together take about five days."""

FEEDBACK_A_RUN = 200

log = logging.getLogger(__name__)


@dataclass
class _Reading:
    """One run on one exchange."""

    exchange: Exchange
    worker: str
    backend: BankBackend
    ledger: Ledger
    limits: Limits
    begun: float = field(default_factory=time.monotonic)
    held: float = field(default_factory=time.monotonic)

    def items(self, feed: Feed) -> Iterator[ImportItem]:
        """The feed's items, each page closed by its checkpoint, until a run's limits."""
        taken = 0
        for page in feed.read(self.exchange.checkpoint):
            taken += len(page.items)
            yield from self.ledger.resolve(page.items)
            yield PageEnd(page.checkpoint)
            if time.monotonic() - self.held > RENEW_S:
                self.hold()  # many pages are read before the first of them is written
            if taken >= self.limits.run_items or self._too_long():
                log.info("exchange %s: run is over, the next one goes on", self.exchange.id)
                return

    def hold(self, **changes: object) -> None:
        """Renew the lease, with changes to the exchange's document.

        Raises:
            ExchangeBusy: the lease ran out and somebody else has it.
        """

        def body(tx: Transaction) -> None:
            now = self.backend.clock.now()
            current = tx.get(Exchange, self.exchange.id)
            if current is None or current.lease is None or current.lease.worker != self.worker:
                raise ExchangeBusy("lease_lost", "Another run reads this exchange.")
            lease = Lease(worker=self.worker, until=now + LEASE)
            tx.update(current, lease=lease, updated_at=now, **changes)

        self.backend.store.run(body)
        self.held = time.monotonic()

    def page_written(self, checkpoint: str) -> None:
        """Everything up to there is in the bank."""
        if self.ledger.keeps:
            self.hold()  # a run that has lost its lease must not touch the other's ledger
        self.ledger.written()
        self.hold(checkpoint=checkpoint)

    def _too_long(self) -> bool:
        return time.monotonic() - self.begun > self.limits.run_s


def read_exchange(
    exchange_id: str,
    backend: BankBackend,
    credentials: Credentials,
    *,
    by: str | None = None,
    limits: Limits | None = None,
) -> HashImport:
    """Bring what is new at an exchange into its bank, and return the import's record.

    Everything up to the last page that was written stays, with its checkpoint, also where the run
    fails; the exchange's document then says how. ``by``: who started it, the exchange itself if
    nobody did.

    Raises:
        NotFound: there is no such exchange, or its bank is gone.
        ExchangeMisconfigured: it is switched off, or its document makes no sense.
        ExchangeBusy: another run reads it; nothing was changed.
        ExchangeError: it could not be read to its end.
    """
    limits = limits or Limits()
    exchange = _claim(exchange_id, secrets.token_hex(8), backend)
    assert exchange.lease is not None
    ledger = Ledger(exchange_id, backend.store)
    reading = _Reading(exchange, exchange.lease.worker, backend, ledger, limits)
    try:
        bank = backend.store.get(HashBank, exchange.bank_id)
        if bank is None:
            raise NotFound("The bank of this exchange is gone.")
        min_quality = bank.min_quality or backend.policy.bank_match.min_quality
        feed = open_feed(exchange, credentials, Patience(limits), min_quality=min_quality)
        done = run_import(
            exchange.bank_id,
            reading.items(feed),
            source=exchange.kind.value,
            by=by or f"exchange:{exchange_id}",
            why=f"read from {exchange.kind.value}",
            backend=backend,
            trusted=exchange.trusted,
            on_page=reading.page_written,
        )
    except ExchangeError as error:
        _failed(reading, error.code, backend)
        raise
    except Exception as error:
        _failed(reading, type(error).__name__, backend)
        raise
    _release(reading, backend, brought=done.counts.added)
    log.info(
        "exchange %s: %d added, %d withdrawn, %d refused, %d skipped",
        exchange_id,
        done.counts.added,
        done.counts.withdrawn,
        done.counts.refused,
        done.counts.skipped,
    )
    return done


def due_exchanges(backend: BankBackend) -> list[str]:
    """Ids of the exchanges that a schedule reads."""
    enabled = Query(Exchange, (Where("enabled", "==", True),))
    return [exchange.id for exchange in backend.store.query(enabled)]


def _claim(exchange_id: str, worker: str, backend: BankBackend) -> Exchange:
    def body(tx: Transaction) -> Exchange:
        exchange = tx.get(Exchange, exchange_id)
        if exchange is None:
            raise NotFound("There is no such exchange.")
        if not exchange.enabled:
            raise ExchangeMisconfigured("switched_off", "This exchange is switched off.")
        now = backend.clock.now()
        if exchange.lease is not None and exchange.lease.until > now:
            raise ExchangeBusy("busy", "Another run reads this exchange.")
        lease = Lease(worker=worker, until=now + LEASE)
        return tx.update(exchange, lease=lease, last_run_at=now, updated_at=now)

    return backend.store.run(body)


def _release(reading: _Reading, backend: BankBackend, *, brought: int) -> None:
    def body(tx: Transaction) -> None:
        current = tx.get(Exchange, reading.exchange.id)
        if current is None or current.lease is None or current.lease.worker != reading.worker:
            return  # somebody else keeps account of it now
        now = backend.clock.now()
        tx.update(
            current,
            lease=None,
            entries=current.entries + brought,
            last_success_at=now,
            last_error=None,
            failures=0,
            updated_at=now,
        )

    backend.store.run(body)


def _failed(reading: _Reading, code: str, backend: BankBackend) -> None:
    """Say how the run ended; the checkpoint it reached stands already."""
    now = backend.clock.now()

    def body(tx: Transaction) -> int:
        current = tx.get(Exchange, reading.exchange.id)
        if current is None or current.lease is None or current.lease.worker != reading.worker:
            return 0
        failures = current.failures + 1
        tx.update(current, lease=None, last_error=code[:200], failures=failures, updated_at=now)
        return failures

    failures = backend.store.run(body)
    log.warning("exchange %s: %s, %d in a row", reading.exchange.id, code, failures)
    if failures >= FAILURES_TO_ALARM:
        raise_alarm(
            backend.store,
            kind=AlarmKind.EXCHANGE_FAILING,
            severity=Severity.HIGH,
            subject=reading.exchange.path,
            text=(
                f"Reading an exchange failed {failures} times in a row, last with {code}. Hashes "
                "that it lists since are not known here. docs/exchanges.md explains the codes."
            ),
            now=now,
        )


def send_feedback(
    backend: BankBackend, credentials: Credentials, *, limits: Limits | None = None
) -> int:
    """Tell exchanges what is due to be told. Returns how much was said.

    Each word is claimed before it is sent, so that two runs do not both send it. One whose answer
    was lost is said again, which changes nothing there.
    """
    limits = limits or Limits()
    patience = Patience(limits)
    begun = time.monotonic()
    feeds: dict[str, Feed | ExchangeError] = {}
    down: set[str] = set()
    sent = 0
    for due in list(backend.store.query(due_feedback(backend.clock.now()))):
        if time.monotonic() - begun > limits.run_s:
            break
        if due.exchange in down:
            continue  # has just failed for another one; this one stays due and costs no try
        if due.exchange not in feeds:
            feeds[due.exchange] = _open_for_feedback(due.exchange, backend, credentials, patience)
        feed = feeds[due.exchange]
        claimed = _claim_feedback(due.id, backend)
        if claimed is None:
            continue
        error = feed if isinstance(feed, ExchangeError) else _said(feed, claimed)
        _settle(claimed, error, backend)
        sent += error is None
        if isinstance(error, ExchangeRefused | ExchangeUnavailable):
            down.add(due.exchange)
    return sent


def due_feedback(now: datetime) -> Query[ExchangeFeedback]:
    """Feedback whose time has come, the longest due first."""
    return Query(
        ExchangeFeedback,
        (Where("nextTryAt", "<=", now),),  # none once it is not pending
        order_by=(("nextTryAt", "ASCENDING"),),
        limit=FEEDBACK_A_RUN,
    )


def retry_in(tries: int) -> timedelta:
    """How long after the ``tries``-th try the next one is due. Pure."""
    factor: int = 4 ** (tries - 1)
    return min(FIRST_RETRY * factor, LONGEST_RETRY)


def _open_for_feedback(
    exchange_id: str, backend: BankBackend, credentials: Credentials, patience: Patience
) -> Feed | ExchangeError:
    exchange = backend.store.get(Exchange, exchange_id)
    if exchange is None or not exchange.send_feedback:
        return FeedbackNotTaken("switched_off", "Nothing is told to this exchange.")
    try:
        return open_feed(exchange, credentials, patience, min_quality=0)
    except ExchangeError as error:
        return error


def _claim_feedback(feedback_id: str, backend: BankBackend) -> ExchangeFeedback | None:
    """Count a try and put the next one off; None where somebody else was faster."""

    def body(tx: Transaction) -> ExchangeFeedback | None:
        now = backend.clock.now()
        current = tx.get(ExchangeFeedback, feedback_id)
        if current is None or current.state is not FeedbackState.PENDING:
            return None
        if current.next_try_at is None or current.next_try_at > now:
            return None
        tries = current.tries + 1
        return tx.update(current, tries=tries, next_try_at=now + retry_in(tries))

    return backend.store.run(body)


def _said(feed: Feed, feedback: ExchangeFeedback) -> ExchangeError | None:
    try:
        feed.send(feedback)
    except ExchangeError as error:
        return error
    return None


def _settle(feedback: ExchangeFeedback, error: ExchangeError | None, backend: BankBackend) -> None:
    if error is None:
        changes: dict[str, object] = {"state": FeedbackState.SENT, "next_try_at": None}
    elif isinstance(error, FeedbackNotTaken) or feedback.tries >= FEEDBACK_TRIES:
        changes = {"state": FeedbackState.DEAD, "next_try_at": None}
    else:
        changes = {}
    code = error.code[:200] if error is not None else None
    backend.store.update(feedback, last_error=code, **changes)
    if error is not None:
        log.warning("feedback %s: %s, try %d", feedback.id, error.code, feedback.tries)

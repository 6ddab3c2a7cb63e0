"""Effects on accounts, counters and moderators."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from media_integrity.cloud.accounts import NoAccount
from media_integrity.cloud.firestore import Transaction
from media_integrity.matching.alarms import alarm_id, raised_again
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.cases import Case
from media_integrity.schema.enforcement import (
    UPLOADS_RESTRICTED_CLAIM,
    EnforcementRecord,
    Restriction,
    RestrictionKind,
)
from media_integrity.schema.enums import Severity
from media_integrity.schema.outbox import (
    CountEffect,
    EscalateEffect,
    OutboxEntry,
    RestrictEffect,
    TallyEffect,
)
from media_integrity.schema.statistics import SHARDS, Counts, DailyStatistics

from . import claims
from .work import NO_ACCOUNT, NotNow, Outcome, Work

log = logging.getLogger(__name__)

K = TypeVar("K")

CLOSES_UPLOADS = frozenset({RestrictionKind.UPLOADS, RestrictionKind.ACCOUNT})
CHECKS = 3
"""How often a record that changes meanwhile is followed within one try."""


class _Closed(NamedTuple):
    """What an account's restrictions close outside Firestore."""

    uploads: bool
    account: bool


def restrict(work: Work, effect: RestrictEffect) -> Outcome:
    """Bring the account's claims to what its enforcement record says now, and end its sessions.

    One that is banned is disabled, and enabled when the ban is over. The record counts and not the
    effect, which may be the older of two that come in the wrong order. It is read again after the
    claims are set, so that the last one to set them has seen the last of its changes. Sessions end
    only where something is closed, and once an entry: what is opened comes with the next refresh
    of the token.

    Raises:
        NotNow: the record kept changing.
    """
    accounts = work.backend.accounts
    try:
        for _ in range(CHECKS):
            closed = _closed(work, effect)
            accounts.set_claim(effect.user_id, UPLOADS_RESTRICTED_CLAIM, closed.uploads)
            accounts.set_closed(effect.user_id, closed.account)
            if _closed(work, effect) == closed:
                break
        else:
            raise NotNow("record_changing")
        account = accounts.find(effect.user_id)
        if account is None:
            raise NoAccount
        if closed.uploads and account.valid_since < work.entry.created_at:
            accounts.end_sessions(effect.user_id)
    except NoAccount:
        return work.deliver(NO_ACCOUNT)
    return work.deliver()


def _closed(work: Work, effect: RestrictEffect) -> _Closed:
    record = work.backend.store.get(EnforcementRecord, effect.user_id)
    restrictions = record.restrictions if record is not None else effect.restrictions
    now = work.backend.clock.now()
    return _Closed(closes_uploads(restrictions, now), closes_account(restrictions, now))


def closes_uploads(restrictions: Iterable[Restriction], now: datetime) -> bool:
    """Whether one of them is in force that uploads are closed by. Pure."""
    return any(
        each.kind in CLOSES_UPLOADS and (each.until is None or each.until > now)
        for each in restrictions
    )


def closes_account(restrictions: Iterable[Restriction], now: datetime) -> bool:
    """Whether one of them is in force that nobody has to confirm any more, and closes all. Pure."""
    return any(
        each.kind is RestrictionKind.ACCOUNT
        and not each.provisional
        and (each.until is None or each.until > now)
        for each in restrictions
    )


def count(work: Work, effect: CountEffect) -> Outcome:
    """Count in the day on which it happened, in the transaction that marks the entry: once."""
    return _in_the_day(work, lambda counts: counted(counts, effect))


def _in_the_day(work: Work, changed: Callable[[Counts], Counts]) -> Outcome:
    def body(tx: Transaction, entry: OutboxEntry) -> None:
        now = work.backend.clock.now()
        day = entry.created_at.astimezone(UTC).strftime("%Y-%m-%d")
        shard = int(hashlib.sha256(entry.id.encode()).hexdigest(), 16) % SHARDS
        shard_id = DailyStatistics.id_for(day, shard)
        known = tx.get(DailyStatistics, shard_id)
        counts = changed(known.counts if known is not None else Counts())
        tx.put(DailyStatistics(id=shard_id, day=day, shard=shard, counts=counts, updated_at=now))
        tx.update(entry, **claims.delivered(now))

    work.run(body)
    return Outcome.DELIVERED


def counted(counts: Counts, effect: CountEffect) -> Counts:
    """``counts`` and one verdict more. Pure."""
    changes: dict[str, object] = {
        "violations": _added(counts.violations, effect.violations),
        "failures": _added(counts.failures, effect.failures),
    }
    if effect.action is None:
        changes["refused"] = counts.refused + 1
    else:
        changes["uploads"] = _added(counts.uploads, (effect.action,))
    return counts.model_copy(update=changes)


def tally(work: Work, effect: TallyEffect) -> Outcome:
    """As ``count``, of what people did."""
    return _in_the_day(work, lambda counts: tallied(counts, effect))


def tallied(counts: Counts, effect: TallyEffect) -> Counts:
    """``counts`` and one more of each that ``effect`` names. Pure."""
    changes: dict[str, object] = {
        name.value: getattr(counts, name.value) + effect.counters.count(name)
        for name in effect.counters
    }
    changes["false_positives"] = _added(counts.false_positives, effect.false_positives)
    return counts.model_copy(update=changes)


def escalate(work: Work, effect: EscalateEffect) -> Outcome:
    """Raise an alarm about the case, in the transaction that marks the entry: counted once."""

    def body(tx: Transaction, entry: OutboxEntry) -> None:
        now = work.backend.clock.now()
        subject = Case.path_of(effect.case_id)
        case = tx.get(Case, effect.case_id)
        known = tx.get(Alarm, alarm_id(AlarmKind.ESCALATION, subject))
        fresh = Alarm(
            id=alarm_id(AlarmKind.ESCALATION, subject),
            kind=AlarmKind.ESCALATION,
            severity=case.severity if case is not None else Severity.HIGH,
            subject=subject,
            text="This case cannot wait. Take it and decide it now.",
            raised_at=now,
        )
        tx.put(raised_again(known, fresh) if known is not None else fresh)
        tx.update(entry, **claims.delivered(now))

    work.run(body)
    log.warning("case escalated", extra={"case": effect.case_id})
    return Outcome.DELIVERED


def _added(counts: dict[K, int], names: Iterable[K]) -> dict[K, int]:
    added = dict(counts)
    for name in names:
        added[name] = added.get(name, 0) + 1
    return added

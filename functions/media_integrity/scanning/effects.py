"""What is set going outside Firestore: people are told, the day's statistics count it.

Pure: the entries are written in the verdict's transaction and delivered by ``notifications``. An
entry's id follows from the job's, so that a verdict filed twice tells nobody twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from media_integrity.decision.verdict import Verdict
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.consent import ConsentRequestId
from media_integrity.schema.enums import Action, DetectionMethod, FindingStatus
from media_integrity.schema.findings import Finding
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import (
    CountEffect,
    Effect,
    NotifyEffect,
    OutboxEntry,
    TallyEffect,
)
from media_integrity.schema.reports import ReportId
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.shields import ShieldId
from media_integrity.schema.statistics import Counter

TOLD = {
    Action.REVIEW: NotificationKind.UPLOAD_HELD,
    Action.BLOCK: NotificationKind.UPLOAD_BLOCKED,
}
"""What the uploader is told of; what was published they see for themselves."""


def of_verdict(
    job: ScanJob, verdict: Verdict, findings: Iterable[Finding], now: datetime
) -> list[OutboxEntry]:
    """What follows from a verdict."""
    cause = _cause(job)
    counted = CountEffect(
        action=verdict.action,
        violations=tuple(found.violation for found in verdict.violations),
        failures=tuple(each.method for each in findings if each.status is FindingStatus.FAILED),
    )
    entries = [] if job.judged else [entry(cause, "count", counted, now)]
    if (kind := TOLD.get(verdict.action)) is not None:
        entries.append(tell(cause, job.uploader_id, kind, now, case_id=CaseId(job.id)))
    return entries


def of_refusal(job: ScanJob, now: datetime) -> list[OutboxEntry]:
    """What follows from a file that is not taken. The uploader is waiting and sees why."""
    return [] if job.judged else [entry(_cause(job), "count", CountEffect(), now)]


def _cause(job: ScanJob) -> str:
    """The verdict's name: an upload may have several, one after the other."""
    return f"{job.id}_{job.judged}" if job.judged else job.id


def tell(
    cause: str,
    user: UserId,
    kind: NotificationKind,
    now: datetime,
    *,
    case_id: CaseId | None = None,
    consent_request_id: ConsentRequestId | None = None,
    shield_id: ShieldId | None = None,
    report_id: ReportId | None = None,
) -> OutboxEntry:
    """Tell one person one thing. ``cause``: an id; the same one tells the same thing once, so it
    has to name the person where several are told."""
    effect = NotifyEffect(
        user_id=user,
        notification=kind,
        case_id=case_id,
        consent_request_id=consent_request_id,
        shield_id=shield_id,
        report_id=report_id,
    )
    return entry(cause, kind.value, effect, now)


def tally(
    cause: str,
    now: datetime,
    *counters: Counter,
    false_positives: tuple[DetectionMethod, ...] = (),
) -> OutboxEntry:
    """Count in the day's statistics what people did. ``cause``: an id; counted once for it."""
    effect = TallyEffect(counters=counters, false_positives=false_positives)
    return entry(cause, "tally", effect, now)


def entry(cause: str, name: str, effect: Effect, now: datetime) -> OutboxEntry:
    """An effect to deliver; the same cause and name are the same entry."""
    return OutboxEntry(id=f"{cause}_{name}", effect=effect, next_try_at=now, created_at=now)

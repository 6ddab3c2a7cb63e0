"""What a verdict sets going outside Firestore: the uploader is told, the day's statistics count it.

Pure: the entries are written in the verdict's transaction and delivered by ``notifications``. An
entry's id follows from the job's, so that a verdict filed twice tells nobody twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from media_integrity.decision.verdict import Verdict
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.enums import Action, FindingStatus
from media_integrity.schema.findings import Finding
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import CountEffect, Effect, NotifyEffect, OutboxEntry
from media_integrity.schema.scans import ScanJob

TOLD = {
    Action.REVIEW: NotificationKind.UPLOAD_HELD,
    Action.BLOCK: NotificationKind.UPLOAD_BLOCKED,
}
"""What the uploader is told of; what was published they see for themselves."""


def of_verdict(
    job: ScanJob, verdict: Verdict, findings: Iterable[Finding], now: datetime
) -> list[OutboxEntry]:
    """What follows from a verdict."""
    counted = CountEffect(
        action=verdict.action,
        violations=tuple(found.violation for found in verdict.violations),
        failures=tuple(each.method for each in findings if each.status is FindingStatus.FAILED),
    )
    entries = [_entry(job.id, "count", counted, now)]
    if (kind := TOLD.get(verdict.action)) is not None:
        entries.append(tell(job.id, job.uploader_id, kind, now, case_id=CaseId(job.id)))
    return entries


def of_refusal(job: ScanJob, now: datetime) -> list[OutboxEntry]:
    """What follows from a file that is not taken. The uploader is waiting and sees why."""
    return [_entry(job.id, "count", CountEffect(), now)]


def tell(
    cause: str,
    user: UserId,
    kind: NotificationKind,
    now: datetime,
    *,
    case_id: CaseId | None = None,
) -> OutboxEntry:
    """Tell one person one thing. ``cause``: an id; the same one tells them once."""
    effect = NotifyEffect(user_id=user, notification=kind, case_id=case_id)
    return _entry(cause, kind.value, effect, now)


def _entry(cause: str, name: str, effect: Effect, now: datetime) -> OutboxEntry:
    return OutboxEntry(id=f"{cause}_{name}", effect=effect, next_try_at=now, created_at=now)

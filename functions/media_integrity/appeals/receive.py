"""Takes note of an appeal that a client has written. Decides nothing but whether it is heard.

Security rules let nobody write an appeal that cannot be heard, as far as rules can see. What they
cannot see, and what changed between their look and ours, is checked here.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from pydantic import ValidationError

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.cloud.storage import StoredObject
from media_integrity.matching.alarms import raise_alarm
from media_integrity.moderation.backend import Desk
from media_integrity.scanning import effects
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.appeals import (
    Appeal,
    AppealDecision,
    AppealDetails,
    AppealStatus,
)
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enforcement import EnforcementRecord
from media_integrity.schema.enums import Severity
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.statistics import Counter

from .admissible import files_of, objection

log = logging.getLogger(__name__)

LOST_AFTER = timedelta(minutes=2)
"""An appeal of which nobody took note by then has lost its event."""


def receive(appeal_id: CaseId, desk: Desk) -> AppealStatus | None:
    """Take note of an appeal: it waits for a moderator, or is rejected with a reason.

    The second time changes nothing. Returns its status, None if there is no such appeal.

    Raises:
        pydantic.ValidationError: it has no valid shape; an alarm says so.
    """
    try:
        appeal = desk.store.get(Appeal, appeal_id)
    except ValidationError:
        _unreadable(Appeal.path_of(appeal_id), desk)
        raise
    if appeal is None or appeal.updated_at is not None:
        return appeal.status if appeal is not None else None
    found = list(_objects(appeal, desk))
    for each in found:  # whoever has the link would read it past all rules
        desk.scanning.objects.revoke_links(each.bucket, each.name)
    files, missing = files_of(appeal, found)

    def body(tx: Transaction) -> AppealStatus | None:
        current = tx.get(Appeal, appeal_id)
        if current is None or current.updated_at is not None:
            return current.status if current is not None else None
        case = tx.get(Case, current.id)
        case_details = tx.get_below(CaseDetails, current.id, CaseDetails.DETAILS_ID)
        record = tx.get(EnforcementRecord, current.uploader_id)
        job = tx.get(ScanJob, current.id)
        now = desk.clock.now()
        against = objection(current, case, record)
        tx.put(
            AppealDetails(
                id=AppealDetails.DETAILS_ID,
                parent_id=current.id,
                earlier_deciders=deciders(case_details),
                files=files,
            )
        )
        status = AppealStatus.PENDING if against is None else AppealStatus.REJECTED
        decision = None
        kind = NotificationKind.APPEAL_RECEIVED
        if against is not None:
            kind = NotificationKind.APPEAL_DECIDED
            decision = AppealDecision(outcome=AppealStatus.REJECTED, reason=against, decided_at=now)
        else:
            tx.create(effects.tally(f"{current.id}_appeal", now, Counter.APPEALS))
            if job is not None and job.uploader_id == current.uploader_id:
                tx.update(job, expire_at=None)  # it must still be there to be released
        tx.update(
            current, status=status, decision=decision, missing_evidence=missing, updated_at=now
        )
        tx.create(
            effects.tell(
                f"{current.id}_appeal", current.uploader_id, kind, now, case_id=CaseId(current.id)
            )
        )
        return status

    return desk.store.run(body)


def deciders(details: CaseDetails | None) -> tuple[UserId, ...]:
    """Who has decided on a case so far, each once."""
    decided = details.decisions if details is not None else ()
    return tuple(dict.fromkeys(each.by for each in decided))


def receive_lost(desk: Desk) -> int:
    """Take note of appeals whose event never came; how many."""
    before = desk.clock.now() - LOST_AFTER
    waiting = desk.store.query_readable(pending_appeals(), lambda path: _unreadable(path, desk))
    lost = [
        appeal.id for appeal in waiting if appeal.updated_at is None and appeal.created_at <= before
    ]
    for appeal_id in lost:
        try:
            receive(CaseId(appeal_id), desk)
        except Exception as error:  # noqa: BLE001  one must not keep the others
            log.error(
                "appeal not received",
                extra={"appeal": appeal_id, "error_type": type(error).__name__},
            )
    if lost:
        log.warning("appeals without an event", extra={"appeals": len(lost)})
    return len(lost)


def pending_appeals() -> Query[Appeal]:
    """What waits, the longest waiting first."""
    return Query(
        Appeal,
        (Where("status", "==", AppealStatus.PENDING.value),),
        order_by=(("createdAt", "ASCENDING"),),
    )


def _objects(appeal: Appeal, desk: Desk) -> list[StoredObject]:
    bucket = desk.banks.bucket
    found = (desk.scanning.objects.stat(bucket, path) for path in appeal.evidence_paths)
    return [each for each in found if each is not None]


def _unreadable(path: str, desk: Desk) -> None:
    log.error("appeal unreadable", extra={"path": path})
    raise_alarm(
        desk.store,
        kind=AlarmKind.ENTRY_UNREADABLE,
        severity=Severity.HIGH,
        subject=path,
        text="This appeal has no valid shape, so nobody can hear it. Mend it.",
        now=desk.clock.now(),
    )

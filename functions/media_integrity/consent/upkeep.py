"""What time brings about: requests and uploads run out, lost work is finished, bytes are deleted.

Every part can be repeated, and two runs at once do no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.scanning import documents, effects
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import CaseId, Document, UserId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.consent import (
    CLOSED_REQUEST_RETENTION,
    ConsentHold,
    ConsentHoldStatus,
    ConsentRequest,
    ConsentRequestId,
    ConsentRequestStatus,
    ConsentVerification,
)
from media_integrity.schema.enums import CaseStatus
from media_integrity.schema.evidence import EvidenceItem
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import OutboxEntry

from . import hold as holds
from .backend import ConsentBackend
from .ending import end, pending_others
from .previews import drop_preview, sweep_previews
from .withdrawing import finish

log = logging.getLogger(__name__)

_D = TypeVar("_D", bound=Document)

BATCH = 200
KEEPER = Actor(kind=ActorKind.SYSTEM, id="keep_consents")


def keep(backend: ConsentBackend) -> Mapping[str, int]:
    """Everything once; how much each part did. A part that fails does not keep the others.

    Raises:
        RuntimeError: a part failed; the log says which and how.
    """
    parts: dict[str, Callable[[ConsentBackend], int]] = {
        "uploads_expired": expire_uploads,
        "requests_expired": expire_requests,
        "withdrawals_finished": finish_withdrawals,
        "uploads_ended": end_uploads,
        "uploads_erased": erase_uploads,
        "previews_deleted": sweep_previews,
    }
    done: dict[str, int] = {}
    failed: list[str] = []
    for name, part in parts.items():
        try:
            done[name] = part(backend)
        except Exception:
            log.exception("consent upkeep failed", extra={"part": name})
            failed.append(name)
    if failed:
        raise RuntimeError(f"consent upkeep failed in part: {', '.join(failed)}")
    return done


def expire_uploads(backend: ConsentBackend) -> int:
    """Uploads that not everybody has agreed to in time are not published."""
    done = 0
    for found in _read(backend, overdue_holds(backend.scanning.clock.now())):
        closed = _expire_upload(found.id, backend)
        done += closed is not None
        for request in closed or ():
            drop_preview(request, backend)
        if closed is not None:
            end(found.id, backend)
    return done


def expire_requests(backend: ConsentBackend) -> int:
    """Requests that nobody has answered in time, about uploads that wait for something else."""
    done = 0
    for found in _read(backend, overdue_requests(backend.scanning.clock.now())):
        expired = _expire_request(found.id, backend)
        if expired is not None:
            drop_preview(expired, backend)
            done += 1
    return done


def finish_withdrawals(backend: ConsentBackend) -> int:
    """Withdrawals whose worker died before all uploads were closed."""
    found = _read(backend, Query(ConsentVerification, (Where("takeDownDue", "==", True),)))
    for consent in found:
        finish(consent, backend)
    return len(found)


def end_uploads(backend: ConsentBackend) -> int:
    """Closed uploads that may still be seen, or still wait."""
    found = _read(backend, Query(ConsentHold, (Where("endDue", "==", True),), limit=BATCH))
    return sum(end(hold.id, backend) for hold in found)


def erase_uploads(backend: ConsentBackend) -> int:
    """Delete the bytes of uploads that were closed long ago, unless somebody needs them."""
    erased = 0
    now = backend.scanning.clock.now()
    for hold in _read(backend, erasable_holds(now)):
        case = backend.scanning.store.get(Case, hold.id)
        needed = any(True for _ in backend.scanning.store.query(evidence_of(hold.id)))
        settled = case is None or (
            case.status is CaseStatus.CLOSED
            and all(reason.code in documents.SAID_NO for reason in case.explanation)
        )
        if needed or not settled or hold.end_due:
            # A report or a moderator has it: whoever closes that case looks after the bytes.
            backend.scanning.store.update(hold, erase_at=now + backend.erase_after)
            continue
        details = backend.scanning.store.get_below(CaseDetails, hold.id, CaseDetails.DETAILS_ID)
        bucket = details.source.bucket if details is not None else backend.bucket
        stored = backend.scanning.objects.stat(bucket, documents.evidence_path(hold.id))
        if stored is not None:
            backend.scanning.objects.delete(stored)
        backend.scanning.store.update(hold, erase_at=None)
        erased += 1
    return erased


def overdue_holds(now: datetime) -> Query[ConsentHold]:
    """Uploads whose people had until now to agree."""
    return Query(
        ConsentHold,
        (Where("expiresAt", "<=", now),),
        order_by=(("expiresAt", "ASCENDING"),),
        limit=BATCH,
    )


def overdue_requests(now: datetime) -> Query[ConsentRequest]:
    """Requests that had to be answered by now."""
    return Query(
        ConsentRequest,
        (
            Where("status", "==", ConsentRequestStatus.PENDING.value),
            Where("expiresAt", "<=", now),
        ),
        order_by=(("expiresAt", "ASCENDING"),),
        limit=BATCH,
    )


def erasable_holds(now: datetime) -> Query[ConsentHold]:
    """Closed uploads whose bytes are to be deleted by now."""
    return Query(
        ConsentHold,
        (Where("eraseAt", "<=", now),),
        order_by=(("eraseAt", "ASCENDING"),),
        limit=BATCH,
    )


def evidence_of(upload: str) -> Query[EvidenceItem]:
    """What is kept for a victim of an upload."""
    return Query(EvidenceItem, (Where("caseId", "==", CaseId(upload)),), limit=1)


def _expire_upload(upload: str, backend: ConsentBackend) -> list[ConsentRequest] | None:
    """Close it; the requests that ran out with it. None: it is not due any more."""

    def body(tx: Transaction) -> list[ConsentRequest] | None:
        now = backend.scanning.clock.now()
        hold = tx.get(ConsentHold, upload)
        if hold is None:
            return None
        after = holds.expired(hold, now, backend.erase_after)
        if after.status is not ConsentHoldStatus.EXPIRED:
            if hold.status is not ConsentHoldStatus.AWAITING:
                tx.put(hold.model_copy(update={"expires_at": None}))
            return None
        requests = pending_others(tx, hold)
        trail = Entry(tx, hold.path)
        tx.put(after)
        for request in requests:
            _expire(tx, request, now)
        tx.create(
            effects.tell(
                f"{upload}_uploader", hold.uploader_id, NotificationKind.CONSENT_EXPIRED, now
            )
        )
        trail.write(AuditAction.CONSENT_CHANGED, KEEPER, now, "expired")
        return requests

    return backend.scanning.store.run(body)


def _expire_request(request_id: str, backend: ConsentBackend) -> ConsentRequest | None:
    def body(tx: Transaction) -> ConsentRequest | None:
        now = backend.scanning.clock.now()
        request = tx.get(ConsentRequest, request_id)
        if request is None or request.expires_at > now:
            return None
        if request.status is not ConsentRequestStatus.PENDING:
            return None
        _expire(tx, request, now)
        tx.create(_told(request, request.uploader_id, "uploader", now))
        return request

    return backend.scanning.store.run(body)


def _expire(tx: Transaction, request: ConsentRequest, now: datetime) -> None:
    tx.update(
        request,
        status=ConsentRequestStatus.EXPIRED,
        expire_at=now + CLOSED_REQUEST_RETENTION,
    )
    if request.subject_id is not None:
        tx.create(_told(request, request.subject_id, "subject", now))


def _told(request: ConsentRequest, user: UserId, who: str, now: datetime) -> OutboxEntry:
    return effects.tell(
        f"{request.id}_{who}",
        user,
        NotificationKind.CONSENT_EXPIRED,
        now,
        consent_request_id=ConsentRequestId(request.id),
    )


def _read(backend: ConsentBackend, query: Query[_D]) -> list[_D]:
    return list(backend.scanning.store.query(query))

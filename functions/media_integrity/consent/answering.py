"""The side of the person shown: to look at a request, to agree, to refuse, to think again.

Who has an account answers their own requests; who has a link answers its request. A link answers
once; after that its holder can only become stricter: a yes can be withdrawn by it, a no stays.

A no is stronger than a yes: whoever refuses what they have confirmed withdraws it, and whoever has
refused cannot be made to confirm by a second answer. A refusal by an account can be taken back
(``take_back``): the upload that it was about stays what it is, and later ones may be asked about
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.scanning import effects, intake, release
from media_integrity.schema.audit import AuditAction
from media_integrity.schema.cases import Case
from media_integrity.schema.consent import (
    CLOSED_REQUEST_RETENTION,
    ConsentBasis,
    ConsentHold,
    ConsentRequest,
    ConsentRequestId,
    ConsentRequestSecret,
    ConsentRequestStatus,
    ConsentStatus,
    ConsentVerification,
)
from media_integrity.schema.errors import Conflict, Forbidden
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import OutboxEntry
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.statistics import Counter

from . import hold as holds
from .backend import ConsentBackend
from .ending import end, pending_others
from .previews import drop_preview, read_preview
from .refusals import disable, read_banking, read_unbanking
from .verifying import releases
from .who import By, cancel, closed, consent_id, require_open
from .withdrawing import withdraw_answer


@dataclass(frozen=True, slots=True)
class Opened:
    """A request as the one who holds its link sees it."""

    request: ConsentRequest
    preview: bytes | None
    withdrawn: bool


def open_link(token: str, backend: ConsentBackend) -> Opened:
    """What a link asks.

    Raises:
        NotFound: it is no link of ours, or not complete.
    """

    def body(tx: Transaction) -> tuple[ConsentRequest, bool]:
        request, _ = By.token(token).read(tx)
        consent = tx.get(ConsentVerification, consent_id(request))
        return request, consent is not None and consent.status is not ConsentStatus.GIVEN

    request, withdrawn = backend.scanning.store.run(body)
    answered = request.status is not ConsentRequestStatus.PENDING
    preview = None if answered else read_preview(request, backend)
    return Opened(request, preview, withdrawn)


def confirm(by: By, backend: ConsentBackend) -> ConsentRequest:
    """Agree. The last one who agrees has the upload judged again, and published.

    Raises:
        NotFound: no such request of theirs.
        Conflict: it was refused, has run out, or the upload is gone.
    """

    def body(tx: Transaction) -> tuple[ConsentRequest, bool]:
        now = backend.scanning.clock.now()
        request, secret = by.read(tx)
        if request.status is ConsentRequestStatus.CONFIRMED:
            return request, False
        if request.status is ConsentRequestStatus.REFUSED:
            raise Conflict("You have refused, so it is not published.", code="answered")
        require_open(request, now)
        hold = tx.get(ConsentHold, request.job_id)
        job = tx.get(ScanJob, request.job_id)
        gone = job is None and tx.get(Case, request.job_id) is None
        if hold is None or hold.scope is None or hold.status in holds.FINAL or gone:
            cancelled = tx.update(
                request,
                status=ConsentRequestStatus.CANCELLED,
                answered_at=now,
                expire_at=now + CLOSED_REQUEST_RETENTION,
            )
            return cancelled, False
        consent = ConsentVerification(
            id=consent_id(request),
            job_id=request.job_id,
            uploader_id=request.uploader_id,
            subject_id=request.subject_id,
            basis=ConsentBasis.EXPLICIT,
            scope=hold.scope,
            request_id=ConsentRequestId(request.id),
            given_at=now,
        )
        after = holds.agreed(hold, consent.id, now)
        released = job is not None and releases(hold, after, job)
        withheld = release.read(tx, hold.id) if released else None
        trail = Entry(tx, hold.path)
        answered = _answered(tx, request, secret, ConsentRequestStatus.CONFIRMED, now)
        tx.put(consent)
        tx.put(after)
        if withheld is not None:
            release.reconsider(tx, withheld, now)
        tx.create(_tell_uploader(request, NotificationKind.CONSENT_CONFIRMED, now))
        tx.create(effects.tally(consent.id, now, Counter.CONSENTS_GIVEN))
        trail.write(
            AuditAction.CONSENT_CHANGED, by.actor, now, f"{request.id} confirmed; {after.status}"
        )
        return answered, released

    request, released = backend.scanning.store.run(body)
    if request.status is ConsentRequestStatus.CANCELLED:
        drop_preview(request, backend)
        raise closed(ConsentRequestStatus.CANCELLED)
    if released:
        intake.enqueue_scan(request.job_id, backend.scanning)
    drop_preview(request, backend)
    return request


def refuse(by: By, backend: ConsentBackend) -> ConsentRequest:
    """Say no. The upload is not published, and copies of it are held.

    Raises:
        NotFound: no such request of theirs.
        Conflict: it has run out, or the upload is stopped already.
    """

    def body(tx: Transaction) -> tuple[ConsentRequest, list[ConsentRequest]]:
        now = backend.scanning.clock.now()
        request, secret = by.read(tx)
        if request.status in {ConsentRequestStatus.REFUSED, ConsentRequestStatus.CONFIRMED}:
            return request, []
        require_open(request, now)
        hold = tx.get(ConsentHold, request.job_id)
        if hold is None:
            hold = holds.opened(request.job_id, request.uploader_id, now)
        after = holds.refused(hold, ConsentRequestId(request.id), now, backend.erase_after)
        banking = read_banking(tx, hold, backend.policy, now)
        after = after.model_copy(update={"banked": banking.ids})
        others = pending_others(tx, hold, request.id)
        trail = Entry(tx, hold.path)
        answered = _answered(tx, request, secret, ConsentRequestStatus.REFUSED, now)
        tx.put(after)
        banking.write(tx, now)
        cancel(tx, others, now)
        tx.create(_tell_uploader(request, NotificationKind.CONSENT_REFUSED, now))
        tx.create(effects.tally(request.id, now, Counter.CONSENTS_REFUSED))
        trail.write(AuditAction.CONSENT_CHANGED, by.actor, now, f"{request.id} refused")
        return answered, others

    request, others = backend.scanning.store.run(body)
    if request.status is ConsentRequestStatus.CONFIRMED:
        withdraw_answer(by, backend)
        return request
    end(request.job_id, backend)
    for each in (request, *others):
        drop_preview(each, backend)
    return request


def take_back(by: By, backend: ConsentBackend) -> ConsentRequest:
    """Let a no stand in the way of later uploads no more. Copies are not held any more.

    For accounts only: the uploader, who passed the link on, holds it too, and would undo with it
    what the person shown has said.

    Raises:
        NotFound: no such request of theirs.
        Forbidden: they answered by a link. Code ``by_link``.
        Conflict: they have not said no.
    """

    def body(tx: Transaction) -> ConsentRequest:
        now = backend.scanning.clock.now()
        request, _ = by.read(tx)
        if by.link is not None:
            raise Forbidden(
                "A no that was given by a link cannot be taken back by it, as others may have the "
                "link too. Write to us if you want it undone.",
                code="by_link",
            )
        if request.taken_back_at is not None:
            return request
        consent = tx.get(ConsentVerification, consent_id(request))
        withdrawn = consent is not None and consent.status is ConsentStatus.WITHDRAWN
        if request.status is not ConsentRequestStatus.REFUSED and not withdrawn:
            raise Conflict("You have not refused this.", code="not_refused")
        hold = tx.get(ConsentHold, request.job_id)
        after = holds.taken_back(hold, ConsentRequestId(request.id), now) if hold else None
        entries = read_unbanking(tx, hold) if hold and after and not after.stands else []
        trail = Entry(tx, ConsentHold.path_of(request.job_id))
        gone = now + CLOSED_REQUEST_RETENTION
        changed = tx.update(request, taken_back_at=now, expire_at=gone)
        if after is not None:
            tx.put(after if after.stands else after.model_copy(update={"banked": ()}))
        disable(tx, entries, now)
        trail.write(AuditAction.CONSENT_CHANGED, by.actor, now, f"{request.id} taken back")
        return changed

    return backend.scanning.store.run(body)


def _answered(
    tx: Transaction,
    request: ConsentRequest,
    secret: ConsentRequestSecret | None,
    status: ConsentRequestStatus,
    now: datetime,
) -> ConsentRequest:
    """An answer stays as long as it matters, and its link with it: a yes can be withdrawn by it."""
    if secret is not None:
        tx.update(secret, used_at=now, expire_at=None)
    return tx.update(request, status=status, answered_at=now, expire_at=None)


def _tell_uploader(request: ConsentRequest, kind: NotificationKind, now: datetime) -> OutboxEntry:
    return effects.tell(
        request.id,
        request.uploader_id,
        kind,
        now,
        consent_request_id=ConsentRequestId(request.id),
    )

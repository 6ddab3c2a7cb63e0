"""Takes a consent back. Whoever gave it may, at any time; what rests on it is unpublished at once.

A consent may cover several uploads of the same media. First it is marked as withdrawn: from then on
no verdict counts it. Then each upload that counted it is closed and brought to its end. What dies
in between is found by ``upkeep``.
"""

from __future__ import annotations

import logging

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.scanning import effects
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.consent import (
    CONSENT_PROOF_RETENTION,
    ConsentBasis,
    ConsentHold,
    ConsentRequest,
    ConsentStatus,
    ConsentVerification,
)
from media_integrity.schema.errors import NotFound
from media_integrity.schema.notifications import NotificationKind

from . import hold as holds
from .backend import ConsentBackend
from .ending import end, pending_others
from .previews import drop_preview
from .refusals import read_banking
from .tokens import request_for
from .verifying import as_user
from .who import NO_REQUEST, By, cancel, consent_id

log = logging.getLogger(__name__)

NO_CONSENT = "There is no such consent of yours."


def withdraw(consent: str, subject: UserId, backend: ConsentBackend) -> ConsentVerification:
    """Take one's own consent back. Doing so twice changes nothing.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """

    def own(tx: Transaction) -> ConsentVerification:
        found = tx.get(ConsentVerification, consent)
        if found is None or found.subject_id != subject:
            raise NotFound(NO_CONSENT)
        return found

    backend.scanning.store.run(own)  # somebody else's is not touched
    return _withdraw(consent, as_user(subject), backend)


def withdraw_from(upload: JobId, subject: UserId, backend: ConsentBackend) -> ConsentVerification:
    """The same, by the upload: that it shows oneself, or one's answer to the request about it.

    Raises:
        NotFound: they have given none.
    """
    request = request_for(upload, subject)
    for candidate in (
        ConsentVerification.id_of_self(upload),
        ConsentVerification.id_for(upload, request),
    ):
        found = backend.scanning.store.get(ConsentVerification, candidate)
        if found is not None and found.subject_id == subject:
            return _withdraw(found.id, as_user(subject), backend)
    hold = backend.scanning.store.get(ConsentHold, upload)
    paths = [ConsentVerification.path_of(each) for each in hold.consents] if hold else []
    for carried in backend.scanning.store.get_many(ConsentVerification, paths):
        if carried.subject_id == subject:
            return _withdraw(carried.id, as_user(subject), backend)
    raise NotFound(NO_CONSENT)


def withdraw_answer(by: By, backend: ConsentBackend) -> ConsentVerification:
    """The same, by the request that was confirmed, or by its link.

    Raises:
        NotFound: no such request of theirs, or it was never confirmed.
    """
    request, _ = backend.scanning.store.run(by.read)
    if backend.scanning.store.get(ConsentVerification, consent_id(request)) is None:
        raise NotFound(NO_REQUEST)
    return _withdraw(consent_id(request), by.actor, backend)


def _withdraw(consent: str, actor: Actor, backend: ConsentBackend) -> ConsentVerification:
    def body(tx: Transaction) -> ConsentVerification:
        now = backend.scanning.clock.now()
        found = tx.get(ConsentVerification, consent)
        if found is None:
            raise NotFound(NO_CONSENT)
        if found.status is not ConsentStatus.GIVEN:
            return found
        trail = Entry(tx, ConsentHold.path_of(found.job_id))
        changed = tx.update(
            found,
            status=ConsentStatus.WITHDRAWN,
            ended_at=now,
            take_down_due=True,
            expire_at=now + CONSENT_PROOF_RETENTION,
        )
        if found.basis is ConsentBasis.EXPLICIT:
            tx.create(
                effects.tell(
                    found.id,
                    found.uploader_id,
                    NotificationKind.CONSENT_WITHDRAWN,
                    now,
                    consent_request_id=found.request_id,
                )
            )
        trail.write(AuditAction.CONSENT_CHANGED, actor, now, f"{found.id} withdrawn")
        return changed

    withdrawn = backend.scanning.store.run(body)
    if withdrawn.take_down_due:
        finish(withdrawn, backend)
    return withdrawn


def finish(consent: ConsentVerification, backend: ConsentBackend) -> None:
    """Close every upload that counted a withdrawn consent, and bring it to its end. Repeatable.

    After the withdrawal stands no verdict counts the consent any more, so one look finds them all.
    """
    uploads = [hold.id for hold in backend.scanning.store.query(holds_counting(consent.id))]
    for upload in uploads:
        _close(upload, consent, backend)
        end(upload, backend)
    backend.scanning.store.update(consent, take_down_due=False)


def _close(upload: str, consent: ConsentVerification, backend: ConsentBackend) -> None:
    def body(tx: Transaction) -> list[ConsentRequest]:
        now = backend.scanning.clock.now()
        hold = tx.get(ConsentHold, upload)
        if hold is None or consent.id not in hold.consents:
            return []
        after = holds.withdrawn(hold, consent.id, consent.request_id, now, backend.erase_after)
        if after.stands:
            banking = read_banking(tx, hold, backend.policy, now)
            after = after.model_copy(update={"banked": banking.ids})
        else:
            banking = None
        others = pending_others(tx, hold) if after.status in holds.FINAL else []
        tx.put(after)
        if banking is not None:
            banking.write(tx, now)
        cancel(tx, others, now)
        return others

    for request in backend.scanning.store.run(body):
        drop_preview(request, backend)


def holds_counting(consent: str) -> Query[ConsentHold]:
    """Uploads that count on a consent."""
    return Query(ConsentHold, (Where("consents", "array_contains", consent),))

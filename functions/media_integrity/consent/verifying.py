"""The uploader's side: who shows themself says so, everybody else learns who has yet to agree.

A person's word on themself counts at once, also before the verdict, so that a selfie is published
by its first scan. Words about others count for nothing, however they are put: claims of ownership
are recognised, refused with the reason, and recorded; the rest is not kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.scanning import intake, release
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.consent import (
    BLOCKED_CLAIM_RETENTION,
    BlockedConsentClaim,
    ConsentHold,
    ConsentHoldStatus,
    ConsentRequest,
    ConsentRequestStatus,
    ConsentVerification,
)
from media_integrity.schema.enums import ScanState
from media_integrity.schema.errors import Conflict, Forbidden, NotFound
from media_integrity.schema.scans import ScanJob

from . import hold as holds
from .backend import ConsentBackend
from .claims import FoundClaim, answer_to, find_claim
from .gate import consent_to_self

MAX_CLAIMS = 20
"""Kept of one upload; more of them say nothing new."""

CLOSED_TEXTS = {
    ConsentHoldStatus.REFUSED: (
        "A person in it does not agree to be shown, so it cannot be published."
    ),
    ConsentHoldStatus.WITHDRAWN: (
        "A person in it does not agree to be shown any more, so it cannot be published."
    ),
    ConsentHoldStatus.EXPIRED: (
        "Not everybody in it has agreed in time. Upload it again to ask again."
    ),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the consent to an upload has come, for its uploader."""

    status: ConsentHoldStatus
    needed: int | None
    """People who have to agree; None before the first verdict."""
    given: int
    pending: int
    """Requests without an answer."""

    @property
    def missing(self) -> int | None:
        return None if self.needed is None else max(0, self.needed - self.given)


def claim_self(job_id: JobId, uploader: UserId, backend: ConsentBackend) -> Standing:
    """Take the uploader's word that this upload shows them. Saying it twice changes nothing.

    Raises:
        NotFound: there is no such upload of theirs.
        Conflict: somebody else in it has said no, or time is up; everybody else in it was asked
            (code ``somebody_asked``); or the file was not accepted.
        Forbidden: they have enrolled a selfie, and nobody in it is that person.
    """

    def body(tx: Transaction) -> tuple[Standing, bool]:
        now = backend.scanning.clock.now()
        job = own_job(tx, job_id, uploader)
        known = tx.get(ConsentHold, job_id)
        before = known or holds.opened(job_id, uploader, now)
        require_open(before)
        pending = open_requests(tx, before)
        if known is None and job.judged:
            # It was judged, and no hold was made: nobody is shown who would have to agree.
            return Standing(ConsentHoldStatus.GIVEN, 0, 0, 0), False
        if job.state is ScanState.REFUSED:
            raise Conflict("This file was not accepted. Upload it again.", code="gone")
        counted = _counts_already(tx, before, uploader)
        if not counted:
            _require_room(before, pending)
        after = holds.claimed(before, now)
        consent: ConsentVerification | None = None
        if before.scope is not None and before.needed:
            if before.own_face is False:
                raise Forbidden(
                    "Nobody in it looks like the selfie that you have enrolled. Ask the person "
                    "in it instead.",
                    code="not_own_face",
                )
            if not counted:
                consent = consent_to_self(before, before.scope, now)
                after = holds.agreed(after, consent.id, now)
        if after == before.model_copy(update={"updated_at": after.updated_at}):
            return standing(before, pending), False
        released = releases(before, after, job)
        withheld = release.read(tx, job_id) if released else None
        trail = Entry(tx, after.path)
        if consent is not None:
            tx.put(consent)
        tx.put(after)
        if withheld is not None:
            release.reconsider(tx, withheld, now)
        trail.write(
            AuditAction.CONSENT_CHANGED, as_user(uploader), now, f"self claimed; {after.status}"
        )
        return standing(after, pending), released

    return run_and_scan(job_id, body, backend)


def look(job_id: JobId, uploader: UserId, backend: ConsentBackend) -> Standing:
    """How far the consent to an upload has come.

    Raises:
        NotFound: there is no such upload of theirs.
    """

    def body(tx: Transaction) -> Standing:
        job = own_job(tx, job_id, uploader)
        hold = tx.get(ConsentHold, job_id)
        if hold is None:
            awaiting, given = ConsentHoldStatus.AWAITING, ConsentHoldStatus.GIVEN
            return Standing(given, 0, 0, 0) if job.judged else Standing(awaiting, None, 0, 0)
        return standing(hold, open_requests(tx, hold))

    return backend.scanning.store.run(body)


def offer_statement(
    job_id: JobId, statement: str, uploader: UserId, backend: ConsentBackend
) -> Standing:
    """Look at what the uploader says in place of a consent. It is none in any case.

    Raises:
        NotFound: there is no such upload of theirs.
        Conflict: it is a claim of ownership. Code ``claim_…`` with its kind.
    """
    found = find_claim(statement)
    if found is None:
        return look(job_id, uploader, backend)
    _record_claim(job_id, statement, found, uploader, backend)
    raise Conflict(answer_to(found), code=f"claim_{found.kind.value}")


def _record_claim(
    job_id: JobId, statement: str, found: FoundClaim, uploader: UserId, backend: ConsentBackend
) -> None:
    wording = " ".join(statement.split())[:1000]
    digest = hashlib.sha256(wording.casefold().encode()).hexdigest()[:16]

    def body(tx: Transaction) -> None:
        now = backend.scanning.clock.now()
        job = own_job(tx, job_id, uploader)
        hold = tx.get(ConsentHold, job_id)
        if hold is None and not job.judged:
            hold = holds.opened(job_id, uploader, now)
        claim = BlockedConsentClaim(
            id=f"{job_id}_{digest}",
            job_id=job_id,
            uploader_id=uploader,
            kind=found.kind,
            language=found.language,
            pattern_id=found.pattern_id,
            wording=wording,
            created_at=now,
            expire_at=now + BLOCKED_CLAIM_RETENTION,
        )
        if hold is None or hold.claims >= MAX_CLAIMS:
            return  # nobody is shown, or it is clear by now
        if tx.get(BlockedConsentClaim, claim.id) is not None:
            return
        trail = Entry(tx, hold.path)
        tx.put(claim)
        tx.put(hold.model_copy(update={"claims": hold.claims + 1, "updated_at": now}))
        trail.write(
            AuditAction.CONSENT_CHANGED,
            as_user(uploader),
            now,
            f"claim refused: {found.kind} {found.pattern_id}",
        )

    backend.scanning.store.run(body)


# ---- What the other flows of consent share


def own_job(tx: Transaction, job_id: JobId, uploader: UserId) -> ScanJob:
    """An upload, to be seen by who uploaded it.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    job = tx.get(ScanJob, job_id)
    if job is None or job.uploader_id != uploader:
        raise NotFound("There is no such upload of yours.")
    return job


def require_open(hold: ConsentHold) -> None:
    """Raises: Conflict: the hold is closed; its code is ``consent_`` and the status."""
    if hold.status in holds.FINAL:
        raise Conflict(CLOSED_TEXTS[hold.status], code=f"consent_{hold.status.value}")


def open_requests(tx: Transaction, hold: ConsentHold) -> list[ConsentRequest]:
    """Requests about an upload that can still be answered."""
    found = tx.get_many(ConsentRequest, [ConsentRequest.path_of(each) for each in hold.requests])
    return [each for each in found if each.status is ConsentRequestStatus.PENDING]


def standing(hold: ConsentHold, pending: list[ConsentRequest]) -> Standing:
    needed = hold.needed if hold.scope is not None else None
    return Standing(hold.status, needed, len(hold.consents), len(pending))


def as_user(user: UserId) -> Actor:
    return Actor(kind=ActorKind.USER, id=user)


def run_and_scan(
    job_id: str, body: Callable[[Transaction], tuple[Standing, bool]], backend: ConsentBackend
) -> Standing:
    """Run a transaction and, where it released the upload, ask for its scan."""
    result, released = backend.scanning.store.run(body)
    if released:
        intake.enqueue_scan(JobId(job_id), backend.scanning)
    return result


def releases(before: ConsentHold, after: ConsentHold, job: ScanJob) -> bool:
    """Whether an upload that waited for this very consent can be judged again."""
    given = ConsentHoldStatus.GIVEN
    complete = after.status is given and before.status is not given
    return complete and job.state is ScanState.AWAITING_CONSENT


def _require_room(hold: ConsentHold, pending: list[ConsentRequest]) -> None:
    """Of people who were asked none is the uploader: who asks about everybody shown has said so.

    Their own word would stand in for an answer that has not come.

    Raises:
        Conflict: with those who were asked, everybody in it is accounted for.
    """
    if pending and len(pending) + len(hold.consents) + 1 > hold.needed:
        raise Conflict(
            "You have asked somebody else about everybody in it. Wait for their answers.",
            code="somebody_asked",
        )


def _counts_already(tx: Transaction, hold: ConsentHold, uploader: UserId) -> bool:
    """The uploader's word may have been carried over from an earlier upload of the same media."""
    paths = [ConsentVerification.path_of(each) for each in hold.consents]
    return any(each.subject_id == uploader for each in tx.get_many(ConsentVerification, paths))

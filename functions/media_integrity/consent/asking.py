"""Asks the people shown: accounts by their id, others by a link that the uploader passes on.

Asking can itself be used to harass, so an upload has as many open questions as people who have yet
to agree, an uploader asks so many people a day, and a person is notified so many times a day.
Whoever has said no about a picture is not asked again about it: the hold of such an upload is
closed.

Whether an id is that of an account is nobody's business: what is answered does not depend on it,
and no account is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.scanning import effects
from media_integrity.schema.audit import AuditAction
from media_integrity.schema.base import JobId, UserId, days
from media_integrity.schema.consent import (
    CLOSED_REQUEST_RETENTION,
    ConsentHold,
    ConsentHoldStatus,
    ConsentRequest,
    ConsentRequestId,
    ConsentRequestSecret,
    ConsentRequestStatus,
)
from media_integrity.schema.enums import ScanState
from media_integrity.schema.errors import Conflict, Invalid, NotFound, TooMany
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.rates import RATE_RETENTION, RateWindow
from media_integrity.schema.scans import ScanJob

from . import hold as holds
from .backend import ConsentBackend
from .previews import make_preview, path_for, put_preview
from .tokens import Link, new_link, request_for
from .verifying import as_user, open_requests, own_job, require_open


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be asked: an account, somebody by a new link, or by another link than before."""

    user: UserId | None = None
    renew: ConsentRequestId | None = None
    """A request that went out as a link which was lost: the old link stops working."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. ``link`` is told this once."""

    request: ConsentRequest
    link: Link | None = None


def ask(
    job_id: JobId, people: Sequence[Person], uploader: UserId, backend: ConsentBackend
) -> list[Asked]:
    """Ask these people whether an upload may be published; one answer for each, in their order.

    Asking an account again about the same upload is the same question.

    Raises:
        NotFound: there is no such upload of theirs, or no such link of it.
        Invalid: they ask themself, or one person twice.
        Conflict: it is not judged yet, nobody has to agree, all who have to are asked, somebody has
            said no, or the file is gone.
        TooMany: they have asked too many people today.
    """
    named = [each.user or each.renew for each in people if each.user or each.renew]
    if len(set(named)) != len(named):
        raise Invalid("Each person can be named once.", code="named_twice")
    if uploader in named:
        raise Invalid(
            "To say that you are in it yourself, confirm it as yourself.", code="yourself"
        )
    job = backend.scanning.store.run(lambda tx: own_job(tx, job_id, uploader))
    preview = make_preview(_askable(job), backend)
    links = [_link(each) for each in people]

    def body(tx: Transaction) -> list[Asked]:
        now = backend.scanning.clock.now()
        current = _askable(own_job(tx, job_id, uploader))
        hold = _require_need(tx.get(ConsentHold, job_id))
        pending = open_requests(tx, hold)
        asked = [
            _existing(tx, hold, each, link)
            or _new(current, each, link, now, backend, shows=preview is not None)
            for each, link in zip(people, links, strict=True)
        ]
        fresh = [each for each in asked if each.request.id not in hold.requests]
        if len(pending) + len(hold.consents) + len(fresh) > hold.needed:
            raise Conflict(
                f"{hold.needed} people are to be seen in it, and so many have agreed or were "
                "asked. Wait for their answers.",
                code="enough_asked",
            )
        windows = _Windows(tx, backend, now)
        windows.count_asker(uploader, len(fresh))
        told = [
            each.request
            for each in fresh
            if each.request.subject_id and windows.notices(each.request.subject_id)
        ]
        trail = Entry(tx, hold.path)
        for each in fresh:
            tx.create(each.request)
        for each in asked:
            if each.link is not None:
                tx.put(_secret(each.link, each.request))
        if fresh:
            ids = [ConsentRequestId(each.request.id) for each in fresh]
            tx.put(holds.asked(hold, ids, now + backend.answer_within, now))
        for request in told:
            assert request.subject_id is not None
            tx.create(
                effects.tell(
                    request.id,
                    request.subject_id,
                    NotificationKind.CONSENT_REQUESTED,
                    now,
                    consent_request_id=ConsentRequestId(request.id),
                )
            )
        windows.write()
        trail.write(
            AuditAction.CONSENT_CHANGED,
            as_user(uploader),
            now,
            f"asked {','.join(each.request.id for each in asked)}",
        )
        return asked

    asked = backend.scanning.store.run(body)
    for each in asked:
        if preview is not None and each.request.status is ConsentRequestStatus.PENDING:
            put_preview(each.request, preview, backend)
    return asked


def _askable(job: ScanJob) -> ScanJob:
    """Raises: Conflict: it is no time to ask about this upload."""
    waiting = job.state in {ScanState.AWAITING_CONSENT, ScanState.HELD}
    appealable = job.verdict is not None and job.verdict.appealable
    if waiting or (job.state is ScanState.BLOCKED and appealable):
        return job
    if job.state.final:
        raise Conflict("Nobody has to be asked about this upload.", code="nothing_to_ask")
    raise Conflict("Our checks are not done yet. Ask when they are.", code="not_judged")


def _require_need(hold: ConsentHold | None) -> ConsentHold:
    """Raises: Conflict: nobody is left to ask, or somebody has said no."""
    if hold is None or hold.scope is None or not hold.needed:
        raise Conflict("Nobody has to be asked about this upload.", code="nothing_to_ask")
    require_open(hold)
    if hold.status is ConsentHoldStatus.GIVEN:
        raise Conflict("Everybody in it has agreed.", code="complete")
    return hold


def _link(person: Person) -> Link | None:
    return None if person.user else new_link(person.renew)


def _existing(
    tx: Transaction, hold: ConsentHold, person: Person, link: Link | None
) -> Asked | None:
    """The question that was put to this person before.

    Raises:
        NotFound: the link to renew is none of this upload.
        Conflict: it has run out, or was answered.
    """
    if person.user:
        request = tx.get(ConsentRequest, request_for(hold.id, person.user))
        if request is not None and request.status is ConsentRequestStatus.EXPIRED:
            raise Conflict("This person did not answer in time.", code="not_answered")
        return Asked(request) if request is not None else None
    if not person.renew:
        return None
    request = tx.get(ConsentRequest, person.renew)
    if request is None or request.job_id != hold.id or request.subject_id is not None:
        raise NotFound("There is no such link.")
    if request.status is not ConsentRequestStatus.PENDING:
        raise Conflict("This link was used, or has run out.", code="answered")
    return Asked(request, link)


def _new(
    job: ScanJob,
    person: Person,
    link: Link | None,
    now: datetime,
    backend: ConsentBackend,
    *,
    shows: bool,
) -> Asked:
    request_id = link.request if link else request_for(job.id, person.user or "")
    until = now + backend.answer_within
    request = ConsentRequest(
        id=request_id,
        job_id=JobId(job.id),
        uploader_id=job.uploader_id,
        subject_id=person.user,
        surface=job.surface,
        preview_path=path_for(request_id, person.user) if shows else None,
        created_at=now,
        expires_at=until,
        expire_at=until + CLOSED_REQUEST_RETENTION,
    )
    return Asked(request, link)


def _secret(link: Link, request: ConsentRequest) -> ConsentRequestSecret:
    return ConsentRequestSecret(
        id=ConsentRequestSecret.LINK_ID,
        parent_id=request.id,
        token_hash=link.digest,
        expire_at=request.expire_at,
    )


class _Windows:
    """How many people somebody has asked today, and how often somebody was notified."""

    def __init__(self, tx: Transaction, backend: ConsentBackend, now: datetime) -> None:
        self._tx = tx
        self._policy = backend.policy.consent
        self._now = now
        self._changed: list[RateWindow] = []

    def count_asker(self, uploader: UserId, fresh: int) -> None:
        """Raises: TooMany: more than one person may ask in a day."""
        window = self._window("consent_asks", uploader)
        if window.count + fresh > self._policy.requests_a_day:
            raise TooMany(
                f"You can ask {self._policy.requests_a_day} people a day. Go on tomorrow.",
                code="asked_too_many",
            )
        self._count(window, fresh)

    def notices(self, subject: UserId) -> bool:
        """Count a notification; False if the person has had enough of them today."""
        window = self._window("consent_asked", subject)
        if window.count >= self._policy.notices_a_day:
            return False
        self._count(window, 1)
        return True

    def write(self) -> None:
        for window in self._changed:
            self._tx.put(window)

    def _count(self, window: RateWindow, by: int) -> None:
        if by:
            self._changed.append(window.model_copy(update={"count": window.count + by}))

    def _window(self, what: str, user: UserId) -> RateWindow:
        account = quote(user, safe="").replace("_", "%5F")
        name = f"{what}_{account}_{self._now:%Y%m%d}"
        known = self._tx.get(RateWindow, name)
        return known or RateWindow(
            id=name, user_id=user, count=0, expire_at=self._now + days(1) + RATE_RETENTION
        )

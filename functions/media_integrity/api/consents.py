"""What uploaders and the people they show call about consent, and what looks after it by schedule.

Requests and consents themselves are read from Firestore; only who has a link, and so no account,
reads its request through a function.
"""

from __future__ import annotations

import base64
import logging
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

from firebase_functions import scheduler_fn
from firebase_functions.options import MemoryOption
from pydantic import Field, model_validator

from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.consent import (
    ConsentBasis,
    ConsentHoldStatus,
    ConsentPurpose,
    ConsentRequestId,
    ConsentRequestStatus,
    ConsentStatus,
)
from media_integrity.schema.enums import Surface
from media_integrity.schema.errors import Invalid, Unauthenticated

from . import logs, options
from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .failures import reported
from .rates import per_day, per_hour, per_minute

if TYPE_CHECKING:
    from media_integrity.consent.backend import ConsentBackend
    from media_integrity.consent.verifying import Standing
    from media_integrity.consent.who import By

log = logging.getLogger(__name__)

MAX_PEOPLE = 20
"""Who can be asked in one call."""

PREVIEW_MEMORY = MemoryOption.GB_2
"""An instance that makes a preview decodes the upload: a picture of 100 million pixels, a film."""

JobName = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
RequestName = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
ConsentName = Annotated[str, Field(pattern=r"^[0-9a-f]{64}_(self|[0-9a-f]{32})$")]
UserName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._@-]{0,127}$")]
Token = Annotated[str, Field(pattern=r"^[0-9a-f]{32}\.[A-Za-z0-9_-]{43}$")]


# ---- For uploaders ----


class VerifyMediaConsent(Request):
    """``self``: I am in it. ``explicit``: how far are the others? With ``statement``: what the
    uploader says in their place, which is no consent, and is answered."""

    job_id: JobName
    basis: ConsentBasis
    statement: str | None = Field(None, min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _speaks_of_others(self) -> VerifyMediaConsent:
        if self.basis is ConsentBasis.SELF and self.statement is not None:
            raise ValueError("a statement goes with the basis explicit")
        return self


class ConsentState(Response):
    """How far the consent to an upload has come. ``needed`` is null before the first verdict."""

    status: ConsentHoldStatus
    needed: int | None
    given: int
    pending: int
    missing: int | None
    text: str


@callable(role=Role.SIGNED_IN, request=VerifyMediaConsent, rate=(per_minute(30), per_day(500)))
def verify_media_consent(request: VerifyMediaConsent, caller: Caller) -> ConsentState:
    """Say that an upload shows oneself, or ask whose consent it still needs."""
    from media_integrity.consent import verifying
    from media_integrity.consent.claims import NO_TEXT_IS_A_CONSENT

    from . import wiring

    backend, job = wiring.consent_backend(), JobId(request.job_id)
    if request.basis is ConsentBasis.SELF:
        return _state(verifying.claim_self(job, caller.uid, backend))
    if request.statement is not None:
        found = verifying.offer_statement(job, request.statement, caller.uid, backend)
        return _state(found, NO_TEXT_IS_A_CONSENT)
    return _state(verifying.look(job, caller.uid, backend))


def _state(found: Standing, text: str | None = None) -> ConsentState:
    return ConsentState(
        status=found.status,
        needed=found.needed,
        given=found.given,
        pending=found.pending,
        missing=found.missing,
        text=text or _in_words(found),
    )


def _in_words(found: Standing) -> str:
    """What the uploader is told: what has become of it, and what to do."""
    from media_integrity.consent.verifying import CLOSED_TEXTS

    if found.status in CLOSED_TEXTS:
        return CLOSED_TEXTS[found.status]
    if found.needed is None:
        return "Our checks are not done yet. What you have said counts as soon as they are."
    if found.needed == 0:
        return "Nobody has to be asked."
    if found.status is ConsentHoldStatus.GIVEN:
        return "Everybody in it has agreed."
    left = found.missing or 0
    people = "One person has" if left == 1 else f"{left} people have"
    asked = f" {found.pending} have been asked." if found.pending else ""
    return f"{people} yet to agree.{asked} Until then nobody sees it."


class AskedPerson(Request):
    """One of: an account; a new link; another link in place of one that was lost."""

    user_id: UserName | None = None
    link: Literal[True] | None = None
    request_id: RequestName | None = None

    @model_validator(mode="after")
    def _is_one(self) -> AskedPerson:
        if sum(each is not None for each in (self.user_id, self.link, self.request_id)) != 1:
            raise ValueError("give one of userId, link and requestId")
        return self


class RequestConsentConfirmation(Request):
    job_id: JobName
    people: list[AskedPerson] = Field(min_length=1, max_length=MAX_PEOPLE)


class ConsentQuestion(Response):
    """``token`` stands here once and can never be read again: whoever has it can answer."""

    request_id: str
    status: ConsentRequestStatus
    expires_at: datetime
    token: str | None = Field(None, repr=False)


class ConsentQuestions(Response):
    requests: list[ConsentQuestion]


@callable(
    role=Role.SIGNED_IN,
    request=RequestConsentConfirmation,
    rate=(per_minute(10), per_hour(60)),
    memory=PREVIEW_MEMORY,
    timeout_s=120,
    concurrency=2,
)
def request_consent_confirmation(
    request: RequestConsentConfirmation, caller: Caller
) -> ConsentQuestions:
    """Ask the people shown in an upload for their consent."""
    from media_integrity.consent.asking import Person, ask

    from . import wiring

    people = [
        Person(
            user=UserId(each.user_id) if each.user_id is not None else None,
            renew=ConsentRequestId(each.request_id) if each.request_id is not None else None,
        )
        for each in request.people
    ]
    asked = ask(JobId(request.job_id), people, caller.uid, wiring.consent_backend())
    return ConsentQuestions(
        requests=[
            ConsentQuestion(
                request_id=each.request.id,
                status=each.request.status,
                expires_at=each.request.expires_at,
                token=each.link.token if each.link is not None else None,
            )
            for each in asked
        ]
    )


# ---- For the people shown ----


class ConsentAnswer(StrEnum):
    """What a person says to a request."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    TAKE_BACK = "take_back"  # a refusal, by account: later uploads may ask again


class Offer(StrEnum):
    """What the app can offer to somebody who has refused."""

    REPORT = "report"
    SHIELD = "shield"


class RespondToConsentRequest(Request):
    """By ``requestId``: one's own, signed in. By ``token``: whoever has the link."""

    answer: ConsentAnswer
    request_id: RequestName | None = None
    token: Token | None = Field(None, repr=False)

    @model_validator(mode="after")
    def _names_one(self) -> RespondToConsentRequest:
        if (self.request_id is None) == (self.token is None):
            raise ValueError("give one of requestId and token")
        return self


class ConsentResponse(Response):
    request_id: str
    answer: ConsentAnswer
    offers: list[Offer]
    text: str


RESPONSES = {
    ConsentAnswer.CONFIRM: (
        "Thank you. You can take this back at any time: in the app, or by the same link, so keep "
        "it. It is then taken down at once."
    ),
    ConsentAnswer.REFUSE: (
        "It is not published, and copies of it are held. If it worries you, report it; with a "
        "shield you are told when somebody uploads pictures of you."
    ),
    ConsentAnswer.TAKE_BACK: (
        "Your refusal does not count any more. This upload stays unpublished; you may be asked "
        "about a new one."
    ),
}


@callable(
    role=Role.ANYBODY,
    request=RespondToConsentRequest,
    rate=(per_minute(10), per_hour(60)),
    counted_as=lambda request: request.token,
)
def respond_to_consent_request(request: RespondToConsentRequest, caller: Caller) -> ConsentResponse:
    """Confirm or refuse, signed in or by a link."""
    from media_integrity.consent import answering

    from . import wiring

    by, backend = _by(request.request_id, request.token, caller), wiring.consent_backend()
    match request.answer:
        case ConsentAnswer.CONFIRM:
            answered = answering.confirm(by, backend)
        case ConsentAnswer.REFUSE:
            answered = answering.refuse(by, backend)
        case ConsentAnswer.TAKE_BACK:
            answered = answering.take_back(by, backend)
    refused = request.answer is ConsentAnswer.REFUSE
    return ConsentResponse(
        request_id=answered.id,
        answer=request.answer,
        offers=list(Offer) if refused else [],
        text=RESPONSES[request.answer],
    )


class OpenConsentLink(Request):
    token: Token = Field(repr=False)


class OpenedConsentLink(Response):
    """``preview``: a blurred JPEG in base64; null once it was answered."""

    request_id: str
    status: ConsentRequestStatus
    withdrawn: bool
    surface: Surface
    purpose: ConsentPurpose
    expires_at: datetime
    preview: str | None


@callable(
    role=Role.ANYBODY,
    request=OpenConsentLink,
    rate=(per_minute(10), per_hour(60)),
    counted_as=lambda request: request.token,
)
def open_consent_link(request: OpenConsentLink, caller: Caller) -> OpenedConsentLink:
    """What a link asks, for somebody without an account."""
    from media_integrity.consent.answering import open_link

    from . import wiring

    found = open_link(request.token, wiring.consent_backend())
    asked = found.request
    return OpenedConsentLink(
        request_id=asked.id,
        status=asked.status,
        withdrawn=found.withdrawn,
        surface=asked.surface,
        purpose=asked.purpose,
        expires_at=asked.expires_at,
        preview=base64.b64encode(found.preview).decode() if found.preview else None,
    )


class WithdrawConsent(Request):
    """One of: one's consent, the upload that one has agreed to, the link that one answered by."""

    consent_id: ConsentName | None = None
    job_id: JobName | None = None
    token: Token | None = Field(None, repr=False)

    @model_validator(mode="after")
    def _names_one(self) -> WithdrawConsent:
        if sum(each is not None for each in (self.consent_id, self.job_id, self.token)) != 1:
            raise ValueError("give one of consentId, jobId and token")
        return self


class WithdrawnConsent(Response):
    consent_id: str
    status: ConsentStatus


@callable(
    role=Role.ANYBODY,
    request=WithdrawConsent,
    rate=(per_minute(10), per_hour(60)),
    counted_as=lambda request: request.token,
    timeout_s=120,
)
def withdraw_consent(request: WithdrawConsent, caller: Caller) -> WithdrawnConsent:
    """Take a consent back. What rests on it is unpublished at once."""
    from media_integrity.consent import withdrawing

    from . import wiring

    backend = wiring.consent_backend()
    if request.token is not None:
        found = withdrawing.withdraw_answer(_by(None, request.token, caller), backend)
    elif not caller.signed_in:
        raise Unauthenticated("Sign in first, or use the link that you answered by.")
    elif request.consent_id is not None:
        found = withdrawing.withdraw(request.consent_id, caller.uid, backend)
    elif request.job_id is not None:
        found = withdrawing.withdraw_from(JobId(request.job_id), caller.uid, backend)
    else:
        raise Invalid("Give one of consentId, jobId and token.")
    return WithdrawnConsent(consent_id=found.id, status=found.status)


def _by(request_id: str | None, token: str | None, caller: Caller) -> By:
    """Raises: Unauthenticated: without a link one has to be signed in."""
    from media_integrity.consent.who import By

    if token is not None:
        return By.token(token)
    if not caller.signed_in or request_id is None:
        raise Unauthenticated("Sign in first, or use the link that you got.")
    return By.account(request_id, caller.uid)


# ---- By schedule ----


@scheduler_fn.on_schedule(
    schedule=options.CONSENT_SCHEDULE,
    region=options.REGION,
    timeout_sec=options.CONSENT_TIMEOUT_S,
    memory=options.CALL_MEMORY,
)
def keep_consents(event: scheduler_fn.ScheduledEvent) -> None:
    """Requests that ran out, lost withdrawals, bytes and previews that nobody needs any more."""
    logs.configure()
    from .wiring import consent_backend

    with reported("consent upkeep failed"):
        log.info("consents", extra=run_upkeep(consent_backend()))


def run_upkeep(backend: ConsentBackend) -> dict[str, int]:
    """Every part once, and how much each did.

    Raises:
        RuntimeError: a part failed; the log says which and how.
    """
    from media_integrity.consent.upkeep import keep

    return dict(keep(backend))

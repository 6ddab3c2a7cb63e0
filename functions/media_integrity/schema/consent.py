"""What the people in a picture said to its publication."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, NewType

from pydantic import Field, computed_field, model_validator

from .base import (
    Document,
    JobId,
    Moment,
    Sha256Hex,
    SubDocument,
    UserId,
    Value,
    days,
    personal,
)
from .enums import Surface
from .hashes import PdqView

ConsentRequestId = NewType("ConsentRequestId", str)

CLOSED_REQUEST_RETENTION = days(30)
CONSENT_PROOF_RETENTION = days(3 * 365)
"""After it ended, a consent is kept this long, to be able to show that it had been given."""

BLOCKED_CLAIM_RETENTION = days(90)


class ConsentBasis(StrEnum):
    """Why a person counts as having agreed."""

    SELF = "self"  # the uploader shows themself
    EXPLICIT = "explicit"  # asked, and said yes


class ConsentPurpose(StrEnum):
    """What the media may be used for; a yes to one is no yes to another."""

    PUBLISH = "publish"  # shown on the surface that was named
    PROMOTE = "promote"  # shown in recommendations or advertising


class ConsentStatus(StrEnum):
    """Life of a consent. ``given`` is the only one that lets media be published."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"  # by the person, at any time; the media is unpublished at once
    VOID = "void"  # turned out not to be theirs to give, e.g. the selfie did not match


class ConsentRequestStatus(StrEnum):
    """Life of a request. Everything but ``pending`` is final."""

    PENDING = "pending"  # not answered yet
    CONFIRMED = "confirmed"  # a consent document now says so
    REFUSED = "refused"  # the upload is blocked
    EXPIRED = "expired"  # nobody answered in time
    CANCELLED = "cancelled"  # the upload is gone


MAX_SCOPE_VIEWS = 16


class ConsentScope(Value):
    """What exactly was agreed to. An edited copy has other hashes and needs a new consent."""

    sha256: Sha256Hex
    views: tuple[PdqView, ...] = Field(
        (), max_length=MAX_SCOPE_VIEWS, description="whole views, without pictures inside them"
    )
    surface: Surface
    purpose: ConsentPurpose = ConsentPurpose.PUBLISH


class ConsentVerification(Document):
    """One person's consent to one upload.

    Id: ``{jobId}_self`` or ``{jobId}_{requestId}``, so an answer given twice is one consent. It
    covers later uploads of the same media by the same uploader too, whose holds name it.
    Read by the subject and the uploader (own) and by moderators; written by the functions only.
    Expires 3 years after it ended; kept while it is in force.
    """

    collection: ClassVar[str] = "consent_verifications"

    job_id: JobId
    uploader_id: UserId = Field(
        json_schema_extra=personal("who was allowed to publish", keep=CONSENT_PROOF_RETENTION)
    )
    subject_id: UserId | None = Field(
        None,
        description="none where the person answered by link and has no account",
        json_schema_extra=personal("who agreed", keep=CONSENT_PROOF_RETENTION),
    )
    face: int | None = Field(None, ge=0, description="which of the faces found in the upload")
    basis: ConsentBasis
    status: ConsentStatus = ConsentStatus.GIVEN
    scope: ConsentScope
    request_id: ConsentRequestId | None = None
    given_at: Moment
    ended_at: Moment | None = Field(None, description="when it was withdrawn or found void")
    take_down_due: bool = Field(
        False, description="withdrawn, and what rested on it may still be published"
    )
    expire_at: Moment | None = Field(None, description="Firestore TTL; none while in force")

    @staticmethod
    def id_of_self(job: str) -> str:
        return f"{job}_self"

    @staticmethod
    def id_for(job: str, request: ConsentRequestId) -> str:
        return f"{job}_{request}"

    @model_validator(mode="after")
    def _basis_and_status_agree_with_the_rest(self) -> ConsentVerification:
        if (self.basis is ConsentBasis.EXPLICIT) != (self.request_id is not None):
            raise ValueError("an explicit consent names its request, and no other one does")
        if self.basis is ConsentBasis.SELF and self.subject_id != self.uploader_id:
            raise ValueError("only the uploader can be the subject of a consent to oneself")
        if (self.status is ConsentStatus.GIVEN) != (self.ended_at is None):
            raise ValueError("a consent in force has not ended, every other one has")
        return self


class ConsentHoldStatus(StrEnum):
    """How the people in one upload stand to it. Only ``given`` lets it be published."""

    AWAITING = "awaiting"  # somebody has not answered, or was not asked
    GIVEN = "given"  # as many as are needed have agreed
    REFUSED = "refused"  # one of them said no; final
    EXPIRED = "expired"  # not everybody answered in time; final
    WITHDRAWN = "withdrawn"  # one of them took it back; final


class ConsentHold(Document):
    """Whose consent one upload needs and has: what ``scanning`` asks before it publishes.

    Id: the job's. Read by moderators; written by the functions only. The uploader sees the state in
    the job. Kept while the upload may be published or somebody's no stands; otherwise it expires 30
    days after it was closed. How it changes: ``consent.hold``.
    """

    collection: ClassVar[str] = "consent_holds"

    uploader_id: UserId = Field(
        json_schema_extra=personal("whose upload it is", keep=CONSENT_PROOF_RETENTION)
    )
    scope: ConsentScope | None = Field(None, description="none: not judged yet")
    needed: int = Field(0, ge=0, description="people who have to agree")
    own_face: bool | None = Field(
        None, description="a face in it is the uploader's, by their selfie; none: not comparable"
    )
    status: ConsentHoldStatus = ConsentHoldStatus.AWAITING
    self_claimed: bool = Field(False, description="the uploader has said: this shows me")
    consents: tuple[str, ...] = Field((), description="ids of the consents in force")
    requests: tuple[ConsentRequestId, ...] = Field((), description="that were sent")
    refused_by: tuple[ConsentRequestId, ...] = Field(
        (), description="requests of those whose no stands: refused, or withdrawn later"
    )
    banked: tuple[str, ...] = Field(
        (), description="entries of the bank of refusals that keep copies away"
    )
    claims: int = Field(0, ge=0, description="made in place of a consent, and refused")
    end_due: bool = Field(False, description="closed, and the upload has yet to be stopped")
    erase_at: Moment | None = Field(None, description="closed: its bytes are deleted then")
    created_at: Moment
    updated_at: Moment
    expires_at: Moment | None = Field(
        None, description="incomplete until then: expired; none: not waited for yet"
    )
    expire_at: Moment | None = Field(None, description="Firestore TTL")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def stands(self) -> bool:
        """Somebody's no stands: the same media by the same uploader is stopped. Stored for that."""
        return bool(self.refused_by)


class ConsentRequest(Document):
    """A question to one depicted person: may this be published?

    Id: follows from upload and person, so that asking twice is one question; random for a link.
    Read by the subject and the uploader (own) and by moderators; written by the functions only. The
    link's token is in ``secrets``. Expires 30 days after it was closed; an answer stays as long as
    it can be taken back.
    """

    collection: ClassVar[str] = "consent_requests"

    job_id: JobId
    uploader_id: UserId = Field(
        json_schema_extra=personal("who asks", keep=CLOSED_REQUEST_RETENTION)
    )
    subject_id: UserId | None = Field(
        None,
        description="none where the request went out as a link",
        json_schema_extra=personal("who is asked", keep=CLOSED_REQUEST_RETENTION),
    )
    surface: Surface
    purpose: ConsentPurpose = ConsentPurpose.PUBLISH
    status: ConsentRequestStatus = ConsentRequestStatus.PENDING
    preview_path: str | None = Field(None, description="a blurred preview, for the subject")
    created_at: Moment
    expires_at: Moment = Field(description="unanswered until then: expired")
    answered_at: Moment | None = None
    taken_back_at: Moment | None = Field(
        None, description="a no that does not stand in the way of later uploads any more"
    )
    expire_at: Moment | None = Field(None, description="Firestore TTL; none while it matters")


class ConsentRequestSecret(SubDocument):
    """What lets somebody without an account answer a request, and take the answer back.

    Id: ``link``. Read by no client; written by the functions only. Goes with its request. Where the
    link went is the uploader's business: no address is stored.
    """

    collection: ClassVar[str] = "secrets"
    parent = ConsentRequest
    LINK_ID: ClassVar[str] = "link"

    token_hash: Sha256Hex = Field(description="sha256 of the token's secret, which is not kept")
    used_at: Moment | None = Field(None, description="when the request was answered by it")
    expire_at: Moment | None = Field(None, description="Firestore TTL, as of the request")


class ClaimKind(StrEnum):
    """What people say instead of a consent. None of these is one."""

    POSTED_PUBLICLY = "posted_publicly"  # "she posted it herself"
    RELATIONSHIP = "relationship"  # "we were together"
    PAID_FOR = "paid_for"  # "I paid for it"
    SENT_TO_ME = "sent_to_me"  # "he sent it to me"
    OWNERSHIP = "ownership"  # "it is my picture, I took it"
    ASSUMED = "assumed"  # "she would not mind"
    OTHER = "other"


class BlockedConsentClaim(Document):
    """A claim that was offered in place of a consent and refused.

    Id: ``{jobId}_{hash of the wording}``, so the same words are one claim. Read by the uploader and
    the subject (own) and by moderators; written by the functions only. Expires after 90 days.
    """

    collection: ClassVar[str] = "blocked_consent_claims"

    job_id: JobId
    uploader_id: UserId = Field(
        json_schema_extra=personal("who made the claim", keep=BLOCKED_CLAIM_RETENTION)
    )
    subject_id: UserId | None = Field(
        None, json_schema_extra=personal("about whom", keep=BLOCKED_CLAIM_RETENTION)
    )
    kind: ClaimKind
    language: str = Field(pattern=r"^[a-z]{2}$", description="of the pattern, ISO 639-1")
    pattern_id: str = Field(min_length=1, max_length=80)
    wording: str = Field(
        max_length=1000,
        json_schema_extra=personal(
            "to judge whether the refusal was right", keep=BLOCKED_CLAIM_RETENTION
        ),
    )
    created_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

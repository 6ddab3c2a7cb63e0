"""An upload on its way to a verdict, and the verdict's summary for the uploader."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from .base import Document, Moment, Probability, Sha256Hex, UserId, Value, days, personal
from .enums import Action, AgeGroup, ScanState, ScanStep, Surface, Violation

MAX_TRIES = 5
"""Leases given for one job before it is held for a person to look at."""

JOB_EXPIRY = days(7)
"""After an upload was published or refused, or its case was closed."""


class ReasonCode(StrEnum):
    """Why a verdict is what it is. The text for people is made in ``decision/reasons.py``."""

    CLEAN = "clean"
    AI_GENERATED = "ai_generated"  # the file says so itself; published with a label
    BANK_MATCH_CONFIRMED = "bank_match_confirmed"
    BANK_MATCH_UNCONFIRMED = "bank_match_unconfirmed"
    NUDITY_ADULT = "nudity_adult"
    NUDITY_TEEN = "nudity_teen"
    AI_NUDITY = "ai_nudity"
    AI_GENERATED_PERSON = "ai_generated_person"
    FACE_ALTERED = "face_altered"
    FACE_SWAPPED = "face_swapped"
    FACE_GENERATED = "face_generated"
    SEXUAL_AI_NUDITY = "sexual_ai_nudity"  # by fused evidence; AI_NUDITY: the file says so itself
    SEXUAL_DEEPFAKE = "sexual_deepfake"
    VOICE_SYNTHETIC = "voice_synthetic"
    CONFESSION_AUDIO = "confession_audio"
    IDENTITY_MORPHED = "identity_morphed"
    DOCUMENT_EDITED = "document_edited"
    HUMILIATION = "humiliation"
    FILE_CONTRADICTS_ITSELF = "file_contradicts_itself"
    CREDENTIALS_INVALID = "credentials_invalid"
    TEXT_HATE = "text_hate"
    TEXT_THREAT = "text_threat"
    TEXT_SEXTORTION = "text_sextortion"
    CHECK_FAILED = "check_failed"  # a detector failed
    CHECK_INCONCLUSIVE = "check_inconclusive"
    TOO_MUCH_TO_CHECK = "too_much_to_check"
    OUT_OF_TRIES = "out_of_tries"
    LOOKED_AT = "looked_at"  # a person decided that it may be published
    MODERATED = "moderated"  # a person decided that it may not
    PERSON_PROTECTED = "person_protected"  # a shield covers a face or voice in it
    PROTECTED_ALTERED = "protected_altered"  # the same, and altered, made or nude
    PROTECTED_REFUSED = "protected_refused"  # the shielded person says no
    CONSENT_REFUSED = "consent_refused"
    CONSENT_EXPIRED = "consent_expired"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    REPORTED = "reported"  # the person shown, or who acts for them, asked for its removal
    ORIGIN_WATCHED = "origin_watched"  # uploads from there are looked at before they are published


class Reason(Value):
    """One reason, for the program and for the person."""

    code: ReasonCode
    text: str = Field(max_length=600, description="plain words for the uploader, in English")


class VerdictSummary(Value):
    """What the uploader may know of the verdict. Says nothing about banks' entries or victims."""

    action: Action
    violations: tuple[Violation, ...] = ()
    reasons: tuple[Reason, ...]
    policy_version: str
    appealable: bool = False


class Refusal(Value):
    """Why a file was not taken at all. ``code`` is a ``media.errors.RefusalCode`` or ``gone``."""

    code: str
    text: str = Field(max_length=400)


class People(Value):
    """Who is in the picture, for the consent that they must give: how many, not who."""

    count: int = Field(0, ge=0)


class Permission(Value):
    """A moderator's word that an upload may be published, whatever the checks found.

    It covers what was known then: matches and shields that come later hold the upload again.
    """

    action: Literal[Action.ALLOW, Action.BLUR]
    entries: tuple[str, ...] = Field((), description="paths of the bank entries known then")
    shields: tuple[str, ...] = Field((), description="ids of the shields known then")
    given_at: Moment


class Lease(Value):
    """Who works on a job, and until when."""

    worker: str
    until: Moment


class Quarantined(Value):
    """The exact object that was uploaded."""

    bucket: str
    name: str = Field(
        json_schema_extra=personal("file name chosen by the uploader", keep=JOB_EXPIRY)
    )
    generation: str = Field(description="of the object; a decimal number")


class ScanJob(Document):
    """One upload on its way to a verdict.

    Id: sha256 of ``bucket/name#generation``, so a repeated event finds the same job.
    Read by the uploader; written by the functions only. Expires 7 days after nothing more can
    happen to it: while it waits for consent or a moderator, or may be appealed, it stays.
    """

    collection: ClassVar[str] = "scan_jobs"

    uploader_id: UserId = Field(json_schema_extra=personal("who uploaded", keep=JOB_EXPIRY))
    upload_id: str
    source: Quarantined
    surface: Surface = Surface.FEED
    state: ScanState = ScanState.PENDING
    step: ScanStep | None = Field(None, description="shown to the user while the scan runs")
    progress: Probability = 0.0
    lease: Lease | None = None
    tries: int = Field(0, ge=0, le=MAX_TRIES)
    judged: int = Field(0, ge=0, description="verdicts given; each release brings another")
    permission: Permission | None = None
    verdict: VerdictSummary | None = None
    refusal: Refusal | None = None
    people: People | None = None
    sha256: Sha256Hex | None = None
    content_type: str | None = Field(None, description="found in the bytes, not claimed")
    case_id: str | None = None
    published_path: str | None = None
    preview_path: str | None = None
    watermarked: bool = Field(False, description="a covert mark is in what is published")
    created_at: Moment
    updated_at: Moment
    sweep_at: Moment | None = Field(None, description="the sweeper looks then; none once final")
    expire_at: Moment | None = Field(None, description="Firestore TTL")


class UploadContext(Value):
    """What the verdict depends on beside the media."""

    surface: Surface = Surface.FEED
    age_group: AgeGroup
    own_shields: frozenset[str] = Field(
        frozenset(),
        description="shields that do not act here: the uploader's and those of who has agreed",
    )
    let_through: bool = Field(False, description="by a moderator: it is examined in full")

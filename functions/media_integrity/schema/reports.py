"""Reports of abuse, and the removal that they ask of platforms."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import ClassVar, Literal, NewType

from pydantic import Field, model_validator

from .base import CaseId, Document, Moment, SubDocument, UserId, Value, personal
from .envelope import Envelope

ReportId = NewType("ReportId", str)

TAKEDOWN_CLOCK = timedelta(hours=48)
"""From a valid request to removal. Source: TAKE IT DOWN Act (Public Law 119-12), section 3."""

OWN_APP = "own_app"
"""``platform`` of media in this app, which is unpublished without asking anybody."""

MAX_MEDIA = 20
MAX_EVIDENCE_FILES = 5


class ReportKind(StrEnum):
    """What is reported."""

    NCII = "ncii"  # an intimate image shared without consent, real or made
    DEEPFAKE = "deepfake"  # a made or altered picture, video or voice of a real person
    IMPERSONATION = "impersonation"  # an account that pretends to be the person
    EXTORTION = "extortion"  # a threat to publish
    OTHER = "other"


class ReportStatus(StrEnum):
    """Life of a report."""

    SUBMITTED = "submitted"  # nobody has looked yet; takedowns may be under way already
    IN_PROGRESS = "in_progress"  # a moderator works on it
    RESOLVED = "resolved"  # everything asked for is removed
    UNRESOLVED = "unresolved"  # closed with media that a platform refused to remove
    REJECTED = "rejected"  # not what it says it is
    WITHDRAWN = "withdrawn"  # by the reporter


class ReportPriority(IntEnum):
    """Place in the queue; the smallest first, so that ascending order is the order of work."""

    IMMEDIATE = 0  # a minor is concerned, or somebody is being extorted
    HIGH = 1  # intimate images
    NORMAL = 2
    LOW = 3


class Capacity(StrEnum):
    """In what right somebody asks for removal."""

    DEPICTED = "depicted"  # the person in the media
    REPRESENTATIVE = "representative"  # authorised to act for that person


class ReportedMedia(Value):
    """One place where the media is."""

    platform: str = Field(min_length=1, max_length=80, description="name; ``own_app`` is this app")
    url: str | None = Field(None, max_length=2048, pattern=r"^https?://\S+$")
    job_id: str | None = Field(None, description="for media in this app")

    @model_validator(mode="after")
    def _can_be_found(self) -> ReportedMedia:
        if self.url is None and self.job_id is None:
            raise ValueError("neither an address nor an upload of this app")
        return self


class Statement(Value):
    """What the law asks the requester to state and sign. The signature itself is in ``private``."""

    capacity: Capacity
    not_consensual: Literal[True]
    good_faith: Literal[True]
    signed_at: Moment


class Report(Document):
    """One report.

    Id: random. Read by the reporter (own) and by moderators; written by the functions only. Names
    nobody: who the victim is stands encrypted in ``private``. Kept as long as the reporter's
    account.
    """

    collection: ClassVar[str] = "media_integrity_reports"

    reporter_id: UserId = Field(json_schema_extra=personal("who reports", keep=None))
    kind: ReportKind
    status: ReportStatus = ReportStatus.SUBMITTED
    priority: ReportPriority
    concerns_minor: bool = False
    media: tuple[ReportedMedia, ...] = Field(
        min_length=1,
        max_length=MAX_MEDIA,
        json_schema_extra=personal("where the media is, to have it removed", keep=None),
    )
    description: str = Field(
        "", max_length=4000, json_schema_extra=personal("what happened", keep=None)
    )
    evidence_paths: tuple[str, ...] = Field((), max_length=MAX_EVIDENCE_FILES)
    statement: Statement | None = Field(None, description="needed for a takedown, not for a report")
    case_ids: tuple[CaseId, ...] = Field((), description="cases that the report led to")
    created_at: Moment
    updated_at: Moment


class ReportDetails(SubDocument):
    """Who the victim is, for the letters to the platforms.

    Id: ``details``. Read by moderators, to whom it is ciphertext: a function opens it and writes
    an audit entry. Written by the functions only. Goes with the report.
    """

    collection: ClassVar[str] = "private"
    parent = Report
    DETAILS_ID: ClassVar[str] = "details"

    victim_name: Envelope | None = Field(
        None, json_schema_extra=personal("to identify the requester to a platform", keep=None)
    )
    victim_mail: Envelope | None = Field(
        None, json_schema_extra=personal("for the platform's answer", keep=None)
    )
    signature: Envelope | None = Field(
        None, json_schema_extra=personal("the signature that the law asks for", keep=None)
    )
    moderator_id: UserId | None = Field(
        None, json_schema_extra=personal("who works on it", keep=None)
    )
    note: str = Field("", max_length=2000, description="for other moderators")


class TakedownState(StrEnum):
    """Life of a takedown request."""

    PREPARED = "prepared"  # the letter is written, not sent
    REQUESTED = "requested"  # sent; the clock runs
    ACKNOWLEDGED = "acknowledged"  # the platform has answered, the media is still there
    REMOVED = "removed"
    REFUSED = "refused"
    EXPIRED = "expired"  # the clock ran out without an answer

    @property
    def final(self) -> bool:
        return self in {TakedownState.REMOVED, TakedownState.REFUSED, TakedownState.EXPIRED}


class TakedownAlarm(StrEnum):
    """What the clock has already told the moderators."""

    AFTER_24_HOURS = "after_24_hours"
    AFTER_40_HOURS = "after_40_hours"
    BREACH = "breach"  # 48 hours are over


class PlatformReply(Value):
    """What a platform answered."""

    at: Moment
    state: TakedownState = Field(description="state that the answer led to")
    text: str = Field("", max_length=4000)


class Takedown(Document):
    """The request to one platform to remove one thing.

    Id: ``{reportId}_{sequence}``. Read by the reporter (own) and by moderators; written by the
    functions only. Goes with its report.
    """

    collection: ClassVar[str] = "takedown_requests"

    report_id: ReportId
    reporter_id: UserId = Field(json_schema_extra=personal("for whom it is asked", keep=None))
    media: ReportedMedia = Field(json_schema_extra=personal("what to remove", keep=None))
    state: TakedownState = TakedownState.PREPARED
    requested_at: Moment | None = None
    due_at: Moment | None = Field(None, description="48 hours after ``requested_at``")
    closed_at: Moment | None = None
    alarms: tuple[TakedownAlarm, ...] = ()
    replies: tuple[PlatformReply, ...] = ()
    copies_removed: int = Field(0, ge=0, description="identical copies in this app")
    created_at: Moment
    updated_at: Moment

    @model_validator(mode="after")
    def _the_clock_runs_from_the_request(self) -> Takedown:
        if (self.requested_at is None) != (self.due_at is None):
            raise ValueError("a request sent is due, and no other")
        if self.state.final != (self.closed_at is not None):
            raise ValueError("a final request is closed, and no other")
        return self

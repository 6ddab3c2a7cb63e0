"""Reports of abuse, and the removal that they ask of platforms."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import ClassVar, Literal, NewType

from pydantic import Field, model_validator

from .base import CaseId, Document, Moment, SubDocument, UserId, Value, days, personal
from .envelope import Envelope

ReportId = NewType("ReportId", str)

TAKEDOWN_CLOCK = timedelta(hours=48)
"""From a valid request to removal. Source: TAKE IT DOWN Act (Public Law 119-12), section 3."""

OWN_APP = "own_app"
"""``platform`` of media in this app, which is unpublished without asking anybody."""

NOBODY = ""
"""``uploader_id`` where nothing of this app is reported. Not None: lists leave one's own uploads
out by "is not", which finds no document without a value."""

MAX_MEDIA = 20
MAX_EVIDENCE_FILES = 5
MAX_REPLIES = 50
STANDING_RETENTION = days(365)


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
    IN_PROGRESS = "in_progress"  # a moderator has accepted it; takedowns are under way
    RESOLVED = "resolved"  # everything asked for is removed
    UNRESOLVED = "unresolved"  # closed with media that a platform refused to remove
    REJECTED = "rejected"  # not what it says it is
    WITHDRAWN = "withdrawn"  # by the reporter

    @property
    def open(self) -> bool:
        return self in {ReportStatus.SUBMITTED, ReportStatus.IN_PROGRESS}


class ReportOutcome(StrEnum):
    """What a moderator says of a report."""

    ACCEPT = "accept"  # it is what it says it is
    REJECT = "reject"  # it is not; said in good faith
    ABUSIVE = "abusive"  # it is not, and was meant to harm somebody


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
        if (self.platform == OWN_APP) != (self.job_id is not None):
            raise ValueError("an upload of this app has its id, and nothing else has one")
        return self

    @property
    def place(self) -> str:
        """What tells it from other media."""
        return self.job_id or self.url or ""


class Statement(Value):
    """What the law asks the requester to state and sign. The signature itself is in ``private``."""

    capacity: Capacity
    not_consensual: Literal[True]
    good_faith: Literal[True]
    signed_at: Moment


class Report(Document):
    """One report.

    Id: follows from the reporter and the draft that their app made, so that a call that is repeated
    makes one report. Read by the reporter (own) and by moderators, but not by the one whose upload
    it is about; written by the functions only. Names nobody: who the victim is stands encrypted in
    ``private``. Kept as long as the reporter's account.
    """

    collection: ClassVar[str] = "media_integrity_reports"

    reporter_id: UserId = Field(json_schema_extra=personal("who reports", keep=None))
    uploader_id: UserId = Field(
        UserId(NOBODY),
        description="whose upload in this app is reported; empty: nobody's",
        json_schema_extra=personal("so that they do not read it as a moderator", keep=None),
    )
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
    answer: str = Field("", max_length=2000, description="the moderator's words to the reporter")
    abusive: bool = Field(False, description="rejected, and meant to harm somebody")
    decided_at: Moment | None = None
    work_due: bool = Field(False, description="something that follows from it is still to be done")
    created_at: Moment
    updated_at: Moment

    @staticmethod
    def id_for(reporter: UserId, draft: str) -> ReportId:
        return ReportId(hashlib.sha256(f"report\n{reporter}\n{draft}".encode()).hexdigest()[:32])

    @property
    def ref(self) -> ReportId:
        return ReportId(self.id)

    @model_validator(mode="after")
    def _only_what_is_rejected_is_abusive(self) -> Report:
        if self.abusive and self.status is not ReportStatus.REJECTED:
            raise ValueError("only a rejected report is abusive")
        return self


class SentLetter(Value):
    """Who was given a letter, so that it can be given once more if the answer was lost."""

    takedown_id: str
    by: UserId = Field(json_schema_extra=personal("who sent it", keep=None))
    at: Moment


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
        None, json_schema_extra=personal("who decided on it", keep=None)
    )
    letters: tuple[SentLetter, ...] = Field((), max_length=MAX_MEDIA)
    note: str = Field("", max_length=2000, description="for other moderators")


class ReporterStanding(Document):
    """What is known of an account as a reporter: how far its word goes.

    Id: the account's. Read by no client; written by the functions only, in the transaction of every
    report, so that two at once do not both find room. Expires a year after the last one.
    """

    collection: ClassVar[str] = "reporter_standings"

    at_once: tuple[Moment, ...] = Field(
        (), max_length=500, description="media taken down on this person's word, the last 24 hours"
    )
    abusive: tuple[Moment, ...] = Field(
        (), max_length=50, description="reports that were found abusive"
    )
    updated_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")


class TakedownState(StrEnum):
    """Life of a takedown request."""

    PREPARED = "prepared"  # not asked for yet: a letter to be sent, or a moderator to look
    REQUESTED = "requested"  # asked for; the clock runs
    ACKNOWLEDGED = "acknowledged"  # the platform has answered, the media is still there
    REMOVED = "removed"
    REFUSED = "refused"
    EXPIRED = "expired"  # the clock ran out; what comes late is taken all the same
    WITHDRAWN = "withdrawn"  # the reporter took the report back before it was asked for

    @property
    def final(self) -> bool:
        return self not in {
            TakedownState.PREPARED,
            TakedownState.REQUESTED,
            TakedownState.ACKNOWLEDGED,
        }


class TakedownChannel(StrEnum):
    """How a platform takes requests."""

    OWN = "own"  # this app: nobody is asked
    FORM = "form"  # by their reporting form; a moderator fills it in
    MAIL = "mail"  # to an address that the operator has configured
    UNKNOWN = "unknown"  # whoever runs the site has to be found out


class TakedownAlarm(StrEnum):
    """What the clock has already told the moderators."""

    AFTER_24_HOURS = "after_24_hours"
    AFTER_40_HOURS = "after_40_hours"
    BREACH = "breach"  # 48 hours are over


class PlatformReply(Value):
    """What a platform answered, or what was found out about its answer."""

    at: Moment
    state: TakedownState = Field(description="state that the answer led to")
    text: str = Field("", max_length=4000)


class Takedown(Document):
    """The request to one platform to remove one thing.

    Id: ``{reportId}_{sequence}``. Read as its report; written by the functions only. Goes with its
    report.
    """

    collection: ClassVar[str] = "takedown_requests"

    report_id: ReportId
    reporter_id: UserId = Field(json_schema_extra=personal("for whom it is asked", keep=None))
    uploader_id: UserId = Field(
        UserId(NOBODY),
        description="as in the report",
        json_schema_extra=personal("so that they do not read it as a moderator", keep=None),
    )
    media: ReportedMedia = Field(json_schema_extra=personal("what to remove", keep=None))
    channel: TakedownChannel = TakedownChannel.UNKNOWN
    state: TakedownState = TakedownState.PREPARED
    waits_for_moderator: bool = Field(
        False, description="in this app: nothing happens before somebody has looked"
    )
    requested_at: Moment | None = None
    due_at: Moment | None = Field(None, description="48 hours after ``requested_at``")
    closed_at: Moment | None = None
    in_time: bool | None = Field(None, description="removed before it was due; none: not removed")
    alarms: tuple[TakedownAlarm, ...] = ()
    next_alarm_at: Moment | None = Field(None, description="none once the clock has stopped")
    replies: tuple[PlatformReply, ...] = Field((), max_length=MAX_REPLIES)
    copies_removed: int = Field(0, ge=0, description="further copies in this app")
    look_at: Moment | None = Field(None, description="copies are counted again then")
    created_at: Moment
    updated_at: Moment

    @staticmethod
    def id_for(report: str, sequence: int) -> str:
        return f"{report}_{sequence}"

    @property
    def is_own(self) -> bool:
        return self.media.platform == OWN_APP

    @model_validator(mode="after")
    def _the_clock_runs_from_the_request(self) -> Takedown:
        if (self.requested_at is None) != (self.due_at is None):
            raise ValueError("a request sent is due, and no other")
        if self.state.final != (self.closed_at is not None):
            raise ValueError("a final request is closed, and no other")
        if (self.state is TakedownState.REMOVED) != (self.in_time is not None):
            raise ValueError("what was removed came in time or not, and nothing else does")
        return self

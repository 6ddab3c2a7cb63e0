"""A case: an upload that was held or blocked, and everything kept about why."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field, computed_field

from .base import (
    Document,
    Moment,
    Probability,
    Sha256Hex,
    SubDocument,
    UserId,
    Value,
    days,
    personal,
)
from .enums import (
    Action,
    AgeGroup,
    CaseStatus,
    DetectionMethod,
    FindingStatus,
    Outcome,
    Sanction,
    Severity,
    Surface,
    Violation,
)
from .findings import Finding, ModelRef
from .scans import Quarantined, Reason

ATTEMPT_RETENTION = days(365)

MIN_DECISION = 10
MAX_DECISION = 2000
"""Characters in which a moderator tells the uploader why."""


class CaseViolation(Value):
    """A violation found, and how sure."""

    violation: Violation
    severity: Severity
    confidence: Probability
    methods: tuple[DetectionMethod, ...]


class ViolationOutcome(Value):
    """What the verdict says of one violation: found, not found, or that it cannot tell."""

    violation: Violation
    outcome: Outcome


class CaseOutcome(StrEnum):
    """What a moderator decides on a case."""

    RELEASE = "release"  # published, once it has been judged again
    BLUR = "blur"  # the same, behind a blurred preview
    UPHOLD = "uphold"  # the machine's block stands
    BLOCK = "block"  # a held upload is not published
    CLOSE = "close"  # nothing is left to do


class CaseDecision(Value):
    """A moderator's decision, as the uploader sees it. Who decided is in ``private``."""

    outcome: CaseOutcome
    reason: str = Field(min_length=MIN_DECISION, max_length=MAX_DECISION)
    published: bool = Field(False, description="whether it may be seen now")
    decided_at: Moment


class Case(Document):
    """One upload that a person has to look at or may appeal.

    Id: that of the scan job, so a repeated scan finds the same case.
    Read by the uploader (own), by a shielded person who is in it, by moderators. Says nothing of
    who a victim is or which bank matched: that is in ``private/details``.
    """

    collection: ClassVar[str] = "media_integrity_cases"

    uploader_id: UserId = Field(json_schema_extra=personal("whose upload it is", keep=None))
    status: CaseStatus
    action: Action
    violations: tuple[CaseViolation, ...] = ()
    violation: Violation | None = Field(None, description="the gravest, for queues and filters")
    severity: Severity
    confidence: Probability = Field(
        description="of the gravest violation; 1 for deterministic evidence"
    )
    explanation: tuple[Reason, ...]
    sanction: Sanction = Sanction.NONE
    needs_confirmation: bool = Field(
        False, description="the sanction waits for a moderator: it rests on a model alone"
    )
    appealable: bool = False
    policy_version: str
    surface: Surface
    cluster_id: str | None = Field(None, description="cases that show the same share it")
    reopened_at: Moment | None = Field(
        None, description="what it rested on fell away: to be looked at again"
    )
    decision: CaseDecision | None = Field(
        None, description="the last one; one from before ``reopened_at`` does not stand any more"
    )
    actioned_at: Moment | None = Field(
        None, description="when a moderator blocked it; none: at its opening, or not at all"
    )
    review_until: Moment | None = Field(None, description="a moderator has it until then")
    created_at: Moment
    updated_at: Moment

    @computed_field  # type: ignore[prop-decorator]
    @property
    def severity_rank(self) -> int:
        """``severity`` as a number, stored so that queues can sort by it: its names do not sort."""
        return self.severity.rank


class Evidence(Value):
    """One line of a verdict's evidence: what was measured, against which threshold, by what."""

    method: DetectionMethod
    version: str
    status: FindingStatus
    score: Probability | None = None
    probability: Probability | None = None
    threshold: Probability | None = None
    counted: bool = Field(description="whether the verdict rests on it")
    model: ModelRef | None = None


class Review(Value):
    """The moderator who works on a case now. While it lasts, nobody else does."""

    by: UserId = Field(json_schema_extra=personal("to keep two from deciding at once", keep=None))
    until: Moment
    before: CaseStatus = Field(description="what the case goes back to if nothing is decided")
    appeal: bool = Field(False, description="hears the appeal")


class Decided(Value):
    """Who decided what on a case."""

    by: UserId = Field(json_schema_extra=personal("to keep deciders apart", keep=None))
    outcome: CaseOutcome
    at: Moment
    appeal: bool = Field(False, description="on an appeal")


class OutsideReport(Value):
    """The two who have to agree before a case is reported to an authority or exchange."""

    first_by: UserId = Field(json_schema_extra=personal("who answers for the report", keep=None))
    first_at: Moment
    second_by: UserId | None = Field(
        None, json_schema_extra=personal("who answers for the report", keep=None)
    )
    second_at: Moment | None = None


class ShieldAnswer(StrEnum):
    """What a shielded person says of an upload that may show them."""

    AGREE = "agree"  # may be published
    NOT_ME = "not_me"  # it is somebody else
    REFUSE = "refuse"  # must not be published


class VictimAnswer(Value):
    """One shielded person's word on a case. A later one of the same person replaces it."""

    victim_id: UserId = Field(json_schema_extra=personal("whose word it is", keep=None))
    answer: ShieldAnswer
    at: Moment


class CaseDetails(SubDocument):
    """What the uploader must not see of a case. Id: ``details``. Moderators read it."""

    collection: ClassVar[str] = "private"
    parent = Case
    DETAILS_ID: ClassVar[str] = "details"

    victim_ids: tuple[UserId, ...] = Field(
        (), json_schema_extra=personal("shielded people in the media", keep=None)
    )
    victim_answers: tuple[VictimAnswer, ...] = Field((), description="of the shielded people")
    source: Quarantined
    review: Review | None = None
    decisions: tuple[Decided, ...] = Field((), description="the oldest first")
    outside_report: OutsideReport | None = None
    evidence_path: str | None = Field(None, description="where blocked bytes are kept")
    sha256: Sha256Hex | None = Field(None, description="none if the scan never got that far")
    age_group: AgeGroup | None = None
    evidence: tuple[Evidence, ...]
    outcomes: tuple[ViolationOutcome, ...] = Field((), description="of every violation")
    findings: tuple[Finding, ...]
    device_hash: str | None = Field(
        None, json_schema_extra=personal("keyed hash of the device", keep=ATTEMPT_RETENTION)
    )
    ip_hash: str | None = Field(
        None, json_schema_extra=personal("keyed hash of the address", keep=ATTEMPT_RETENTION)
    )


class SyntheticMediaFlag(Document):
    """A finding that a verdict rests on. Id: ``{jobId}_{method}``. Moderators read it."""

    collection: ClassVar[str] = "synthetic_media_flags"

    case_id: str
    uploader_id: UserId = Field(json_schema_extra=personal("whose upload it is", keep=None))
    finding: Finding
    threshold: Probability | None = None
    created_at: Moment


class _Attempt(Document):
    uploader_id: UserId = Field(json_schema_extra=personal("who tried", keep=ATTEMPT_RETENTION))
    case_id: str
    violations: tuple[Violation, ...]
    sha256: Sha256Hex
    device_hash: str | None = Field(
        None, json_schema_extra=personal("keyed hash of the device", keep=ATTEMPT_RETENTION)
    )
    ip_hash: str | None = Field(
        None, json_schema_extra=personal("keyed hash of the address", keep=ATTEMPT_RETENTION)
    )
    created_at: Moment
    expire_at: Moment = Field(description="Firestore TTL, one year")


class BlockedUploadAttempt(_Attempt):
    """An upload that was blocked; strikes are counted from it.

    Id: the job's. Moderators read it.
    """

    collection: ClassVar[str] = "blocked_upload_attempts"


class DeepfakeAttempt(_Attempt):
    """A blocked upload that was synthetic or manipulated. Id: the job's. Moderators read it."""

    collection: ClassVar[str] = "deepfake_attempts"

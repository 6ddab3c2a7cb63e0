"""An uploader's objection to a verdict."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from .base import CaseId, Document, Moment, SubDocument, UserId, Value, days, personal

APPEAL_WINDOW = days(30)
"""From when the block stands (``Case.actioned_at``, else its opening). ``firestore.rules`` holds
clients to it."""

MIN_EXPLANATION = 50
MAX_EXPLANATION = 2000
MAX_EVIDENCE_FILES = 5


class AppealReason(StrEnum):
    """Why the uploader thinks that the verdict is wrong."""

    NOT_SYNTHETIC = "not_synthetic"  # it is a real, unaltered recording
    CONSENT_GIVEN = "consent_given"  # the people in it agreed
    MISTAKEN_MATCH = "mistaken_match"  # it is not the known media that it was taken for
    ART_OR_PARODY = "art_or_parody"  # recognisably art, satire, news or education


class AppealStatus(StrEnum):
    """Life of an appeal. ``upheld`` and ``overturned`` speak of the decision appealed against."""

    PENDING = "pending"  # as the client creates it
    IN_REVIEW = "in_review"  # a moderator has it
    REJECTED = "rejected"  # could not be heard, e.g. the case was closed meanwhile
    UPHELD = "upheld"  # the verdict stands
    OVERTURNED = "overturned"  # the verdict is undone


class AppealDecision(Value):
    """What was decided, as the uploader sees it. Who decided is in ``private``."""

    outcome: Literal[AppealStatus.REJECTED, AppealStatus.UPHELD, AppealStatus.OVERTURNED]
    reason: str = Field(min_length=1, max_length=MAX_EXPLANATION)
    without_merit: bool = Field(False, description="three of these close the portal for 30 days")
    published: bool = Field(
        False, description="overturned: whether it may be seen; not where somebody in it said no"
    )
    decided_at: Moment


class Appeal(Document):
    """The one appeal that a case can have.

    Id: the case's. Created by the uploader under ``firestore.rules`` with ``CLIENT_FIELDS`` and
    nothing else; changed by the functions only. Read by the uploader (own) and by moderators.
    Kept as long as its case.
    """

    collection: ClassVar[str] = "media_integrity_appeals"

    CLIENT_FIELDS: ClassVar[tuple[str, ...]] = (
        "caseId",
        "uploaderId",
        "reason",
        "explanation",
        "evidencePaths",
        "status",
        "createdAt",
    )

    case_id: CaseId
    uploader_id: UserId = Field(json_schema_extra=personal("who appeals", keep=None))
    reason: AppealReason
    explanation: str = Field(
        # Rules count as JavaScript does, an emoji as two. What they accept must be readable here.
        min_length=MIN_EXPLANATION // 2,
        max_length=MAX_EXPLANATION,
        json_schema_extra=personal("what the uploader has to say", keep=None),
    )
    evidence_paths: tuple[str, ...] = Field(
        (),
        max_length=MAX_EVIDENCE_FILES,
        description="objects below appeals/{uploaderId}/{caseId}/",
        json_schema_extra=personal("names chosen by the uploader", keep=None),
    )
    status: AppealStatus = AppealStatus.PENDING
    decision: AppealDecision | None = None
    missing_evidence: tuple[str, ...] = Field(
        (),
        max_length=MAX_EVIDENCE_FILES,
        description="of ``evidence_paths``, what was not there or is no such file",
        json_schema_extra=personal("names chosen by the uploader", keep=None),
    )
    created_at: Moment
    updated_at: Moment | None = Field(None, description="none until the functions took note of it")

    @model_validator(mode="after")
    def _decided_means_has_a_decision(self) -> Appeal:
        undecided = self.status in {AppealStatus.PENDING, AppealStatus.IN_REVIEW}
        if undecided != (self.decision is None):
            raise ValueError("a decision belongs to a decided appeal, and only to it")
        if self.decision is not None and self.decision.outcome is not self.status:
            raise ValueError("status and decision differ")
        return self


class AppealFile(Value):
    """A file that goes with an appeal, as it was when the appeal came."""

    path: str = Field(json_schema_extra=personal("name chosen by the uploader", keep=None))
    generation: str = Field(description="of the object; a decimal number")
    content_type: str
    size: int = Field(gt=0, description="bytes")


class AppealDetails(SubDocument):
    """Who has to do with an appeal. Who hears it now is in the case's details.

    Id: ``details``. Read by moderators; written by the functions only. Kept as long as the appeal.
    """

    collection: ClassVar[str] = "private"
    parent = Appeal
    DETAILS_ID: ClassVar[str] = "details"

    earlier_deciders: tuple[UserId, ...] = Field(
        (),
        description="decided the case, so may not hear the appeal",
        json_schema_extra=personal("to keep deciders apart", keep=None),
    )
    files: tuple[AppealFile, ...] = Field((), max_length=MAX_EVIDENCE_FILES)
    decided_by: UserId | None = Field(
        None, json_schema_extra=personal("who answers for the decision", keep=None)
    )
    note: str = Field("", max_length=MAX_EXPLANATION, description="for other moderators")

"""Counts, for operators and for the public."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from .base import Document, Moment, Value
from .enums import Action, DetectionMethod, Violation

SHARDS = 8
"""Counters of one day are spread over this many documents: one takes about a write a second."""

Count = Annotated[int, Field(ge=0)]


class Counter(StrEnum):
    """Fields of ``Counts`` that are one number each."""

    APPEALS = "appeals"
    APPEALS_OVERTURNED = "appeals_overturned"
    SHIELDS_MADE = "shields_made"
    SHIELD_BLOCKS = "shield_blocks"
    CONSENTS_GIVEN = "consents_given"
    CONSENTS_REFUSED = "consents_refused"
    REPORTS = "reports"
    TAKEDOWNS = "takedowns"
    TAKEDOWNS_IN_TIME = "takedowns_in_time"


class Counts(Value):
    """How often things happened in a period. A name that is missing in a map counts 0."""

    uploads: dict[Action, Count] = Field(default_factory=dict, description="by verdict")
    refused: Count = 0
    violations: dict[Violation, Count] = Field(default_factory=dict)
    failures: dict[DetectionMethod, Count] = Field(
        default_factory=dict, description="detectors that failed, so that an upload was held"
    )
    false_positives: dict[DetectionMethod, Count] = Field(
        default_factory=dict, description="detectors on which an overturned verdict rested"
    )
    appeals: Count = 0
    appeals_overturned: Count = 0
    shields_made: Count = 0
    shield_blocks: Count = 0
    consents_given: Count = 0
    consents_refused: Count = 0
    reports: Count = 0
    takedowns: Count = 0
    takedowns_in_time: Count = Field(0, description="removed within 48 hours")


class DailyStatistics(Document):
    """One shard of one day's counts; the day is the sum of its shards.

    Id: ``{day}_{shard}``. Read by moderators; written by the functions only. Never expires.
    """

    collection: ClassVar[str] = "media_integrity_statistics"

    day: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="UTC")
    shard: int = Field(ge=0, lt=SHARDS)
    counts: Counts = Counts()
    updated_at: Moment

    @staticmethod
    def id_for(day: str, shard: int) -> str:
        return f"{day}_{shard}"


class ReportState(StrEnum):
    """Life of a transparency report."""

    DRAFT = "draft"  # moderators read it
    PUBLISHED = "published"  # everybody does


class TransparencyReport(Document):
    """What the app did in a period, for the public.

    Id: the period, e.g. ``2026-Q1``. Read by everybody once published, before by moderators;
    written by the functions only. Never expires.
    """

    collection: ClassVar[str] = "transparency_reports"

    state: ReportState = ReportState.DRAFT
    first_day: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="UTC")
    last_day: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="UTC, included")
    counts: Counts
    commentary: str = Field("", max_length=10_000)
    created_at: Moment
    published_at: Moment | None = None

    @model_validator(mode="after")
    def _published_has_a_date(self) -> TransparencyReport:
        if (self.state is ReportState.PUBLISHED) != (self.published_at is not None):
            raise ValueError("a published report says when, and no other does")
        return self

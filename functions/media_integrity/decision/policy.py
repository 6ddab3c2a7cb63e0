"""The policy's shape. Values: ``policy.toml``; what they mean: docs/architecture.md, "Policy".

An operator may replace the file; it has to name every violation, surface and age group.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from media_integrity.media.limits import MediaLimits
from media_integrity.media.types import MediaKind
from media_integrity.schema.base import Probability
from media_integrity.schema.enforcement import LinkReason
from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    BankLabel,
    DetectionMethod,
    HashAlgorithm,
    Sanction,
    Severity,
    Surface,
    Violation,
)
from media_integrity.schema.findings import TextCategory
from media_integrity.schema.reports import ReportKind
from media_integrity.schema.scans import ReasonCode

WITH_THRESHOLDS = frozenset(
    {
        DetectionMethod.FACE_MANIPULATION,
        DetectionMethod.SYNTHETIC_IMAGE,
        DetectionMethod.NUDITY_SYNTHESIS,
        DetectionMethod.VOICE,
        DetectionMethod.VIDEO,
        DetectionMethod.DOCUMENT,
        DetectionMethod.IDENTITY_MORPHING,
        DetectionMethod.METADATA,
        DetectionMethod.COMPRESSION,
    }
)
"""Methods that a rule compares with a threshold of ``detectors``."""

DEFAULT_POLICY = Path(__file__).with_name("policy.toml")


class _Part(BaseModel):
    """Strict: an unknown key is a mistake in the policy, not something to ignore."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Part):
    """Caps on one file. Bytes and pixels refuse it, time and frames hold it."""

    max_bytes: int = Field(gt=0)
    signal_timeout_s: float = Field(gt=0)
    media: MediaLimits


class AudiencePolicy(_Part):
    missing_age_group: AgeGroup


class BankMatchPolicy(_Part):
    """When a hash matches, and what a match may bring about."""

    abusive_labels: frozenset[BankLabel]
    max_distance: int = Field(ge=0, le=31, description="PDQ Hamming distance")
    min_quality: int = Field(ge=0, le=100, description="PDQ quality of the upload and of the entry")
    film_query_percent: float = Field(gt=0, le=100, description="of the upload's frames")
    film_compared_percent: float = Field(gt=0, le=100, description="of the entry's frames")
    film_min_frames: int = Field(ge=1, description="matching frames that are a part of a film")
    only_hold: frozenset[HashAlgorithm]
    allow_distance: int = Field(ge=0, le=31)
    allow_film_percent: float = Field(gt=0, le=100)
    never_overruled: frozenset[BankLabel]


class BankUpkeepPolicy(_Part):
    """When a bank is protected from what is done to it."""

    flood_entries: int = Field(ge=1, description="new entries of one import")
    flood_share: Probability = Field(description="new entries of one import, of the bank's")
    flood_floor: int = Field(ge=0, description="so few are no flood, whatever their share")
    disputes: int = Field(ge=1, description="people who dispute an entry until it is disabled")
    overturned: int = Field(ge=1, description="undone matches of an entry until it is disabled")
    popular_uploaders: int = Field(ge=2, description="unrelated uploaders of one entry's matches")
    popular_personal: int = Field(ge=2, description="the same of a personal hash")
    personal_a_day: int = Field(ge=1, description="hashes that one person may add in 24 hours")
    personal_in_all: int = Field(ge=1)
    holds_a_day: int = Field(ge=1, description="after so many, check_hashes says hold to all")


class NudityRow(_Part):
    action: Action
    at: Probability


class ProvenancePolicy(_Part):
    nudity_at: Probability
    with_people: Action
    without_people: Action
    invalid_credentials: Action


class RequiredPolicy(_Part):
    """What must have been looked at, by kind of media."""

    image: tuple[DetectionMethod, ...]
    video: tuple[DetectionMethod, ...]
    audio: tuple[DetectionMethod, ...]

    def of(self, kind: MediaKind) -> tuple[DetectionMethod, ...]:
        """For media of ``kind``; of what is none of the three, nothing was looked at."""
        match kind:
            case MediaKind.VIDEO:
                return self.video
            case MediaKind.AUDIO:
                return self.audio
            case _:
                return self.image


class InconclusivePolicy(_Part):
    tolerated: frozenset[DetectionMethod]
    sensitive_surfaces: frozenset[Surface]


class DetectorPolicy(_Part):
    """Thresholds on a detector's fused probability."""

    review_at: Probability
    block_at: Probability | None = Field(None, description="none: may hold, never block")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.block_at is not None and self.block_at < self.review_at:
            raise ValueError("block_at is below review_at")
        return self


Weights = dict[DetectionMethod, Annotated[float, Field(ge=0, le=2)]]


class FusionPolicy(_Part):
    """How much weaker findings add; see ``fusion``."""

    support_cap: float = Field(ge=0, le=5)
    face: Weights
    picture: Weights


class VoicePolicy(_Part):
    """What changes where an enrolled person's voice is heard."""

    protected_review_at: Probability


class RepeatPolicy(_Part):
    """So many attempts within a window of time."""

    attempts: int = Field(ge=1)
    within_hours: int = Field(ge=1, le=24 * 366)
    closed_days: int | None = Field(None, ge=1, description="none: until it is undone")

    @property
    def window(self) -> timedelta:
        return timedelta(hours=self.within_hours)

    @property
    def closed(self) -> timedelta | None:
        """How long what follows lasts."""
        return timedelta(days=self.closed_days) if self.closed_days is not None else None


class EnforcementPolicy(_Part):
    """What blocked uploads together bring an account."""

    escalation: RepeatPolicy
    restriction: RepeatPolicy
    restricted_at_once: frozenset[Violation]
    strike_days: dict[Severity, Annotated[int, Field(ge=1)]] = Field(
        description="life of a strike; of a severity that is not named: for good"
    )
    meritless: RepeatPolicy
    warning_days: int = Field(ge=1, description="life of a warning for an appeal without ground")
    address_block_days: int = Field(ge=1, le=7)
    popular_accounts: int = Field(ge=2, description="accounts of one device or address")
    links: dict[LinkReason, Annotated[float, Field(gt=0, lt=1)]]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        _complete("enforcement.links", self.links, LinkReason)
        longest = max(self.escalation.window, self.restriction.window)
        if any(timedelta(days=days) < longest for days in self.strike_days.values()):
            raise ValueError("a strike would stop counting within a window")
        if self.meritless.closed is None:
            raise ValueError("appeals are not closed for good")
        return self


class ConsentPolicy(_Part):
    """Who has to agree to a publication, and how they are asked."""

    shown_side: Probability
    background_side: Probability
    background_ratio: float = Field(ge=1)
    crowd_faces: int = Field(ge=2)
    edited_distance: int = Field(ge=0, le=31)
    answer_days: int = Field(ge=1, le=30)
    requests_a_day: int = Field(ge=1)
    notices_a_day: int = Field(ge=1)
    erase_days: int = Field(ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.background_side > self.shown_side:
            raise ValueError("a face that is always shown cannot be background")
        return self


class ModerationPolicy(_Part):
    """How moderators work, and how long what goes with an appeal is kept."""

    lease_minutes: int = Field(ge=5, le=24 * 60)
    report_to: str = Field(min_length=1, max_length=80)
    unnamed_evidence_days: int = Field(ge=1)
    evidence_days: int = Field(ge=1)


class ShieldPolicy(_Part):
    """How far a shield acts by itself, and how many a person may have."""

    nudity_at: Probability
    young_hours: int = Field(ge=0, description="after a reference was added it only holds")
    flood_uploaders: int = Field(ge=2, le=499, description="unrelated accounts in 24 hours")
    per_person: int = Field(ge=1, le=20)
    made_a_day: int = Field(ge=1, description="by one person, those deleted again included")
    references: int = Field(ge=1, le=32, description="of one shield")
    disputes_lost: int = Field(ge=1, description="by one person, until they may add nothing")
    min_face_quality: Probability
    evidence_days: int = Field(ge=1)
    rewrap_days: int = Field(ge=1)


class Consequence(_Part):
    """One row of the enforcement matrix."""

    severity: Severity
    action: Action
    sanction: Sanction
    appealable: bool


class ReportsPolicy(_Part):
    """How far the word of somebody who reports goes, before anybody has looked."""

    open: int = Field(ge=1, description="open reports of one account")
    at_once_kinds: frozenset[ReportKind]
    at_once_a_day: int = Field(ge=0, le=500, description="media taken down on one account's word")
    abusive: int = Field(ge=1, le=50, description="abusive reports until that word waits")
    abusive_days: int = Field(ge=1, description="how long each of them counts")
    draft_days: int = Field(ge=1, description="evidence files that no report names are kept")


class Policy(_Part):
    """Every threshold, cap and consequence."""

    version: str = Field(min_length=1, max_length=40)
    required: RequiredPolicy
    inconclusive: InconclusivePolicy
    limits: Limits
    audience: AudiencePolicy
    bank_match: BankMatchPolicy
    bank_upkeep: BankUpkeepPolicy
    nudity: dict[AgeGroup, dict[Surface, NudityRow]]
    provenance: ProvenancePolicy
    detectors: dict[DetectionMethod, DetectorPolicy]
    voices: VoicePolicy
    fusion: FusionPolicy
    text: dict[TextCategory, Action]
    moderation: ModerationPolicy
    violations: dict[Violation, Consequence]
    severity: dict[ReasonCode, Severity]
    reports: ReportsPolicy
    consent: ConsentPolicy
    shields: ShieldPolicy
    enforcement: EnforcementPolicy

    @model_validator(mode="after")
    def _names_everything(self) -> Self:
        for group in AgeGroup:
            _complete(f"nudity.{group}", self.nudity.get(group, {}), Surface)
        _complete("text", self.text, TextCategory)
        _complete("violations", self.violations, Violation)
        missing = sorted(method.value for method in WITH_THRESHOLDS if method not in self.detectors)
        if missing:
            raise ValueError(f"detectors says nothing about: {', '.join(missing)}")
        return self


def load_policy(path: Path = DEFAULT_POLICY) -> Policy:
    """Read and validate a policy.

    Raises:
        OSError: the file cannot be read.
        tomllib.TOMLDecodeError: it is not TOML.
        pydantic.ValidationError: a key is missing, unknown or out of range.
    """
    with path.open("rb") as stream:
        return Policy.model_validate(tomllib.load(stream))


@cache
def default_policy() -> Policy:
    """The policy that ships with the functions."""
    return load_policy()


def _complete(
    table: str, rows: object, keys: type[Surface | TextCategory | Violation | LinkReason]
) -> None:
    assert isinstance(rows, dict)
    missing = [key.value for key in keys if key not in rows]
    if missing:
        raise ValueError(f"{table} says nothing about: {', '.join(missing)}")

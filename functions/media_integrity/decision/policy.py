"""The policy's shape. Values: ``policy.toml``; what they mean: docs/architecture.md, "Policy".

An operator may replace the file; it has to name every violation, surface and age group.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from media_integrity.media.limits import MediaLimits
from media_integrity.media.types import MediaKind
from media_integrity.schema.base import Probability
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


class Consequence(_Part):
    """One row of the enforcement matrix."""

    severity: Severity
    action: Action
    sanction: Sanction
    appealable: bool


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
    fusion: FusionPolicy
    text: dict[TextCategory, Action]
    violations: dict[Violation, Consequence]
    severity: dict[ReasonCode, Severity]

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


def _complete(table: str, rows: object, keys: type[Surface | TextCategory | Violation]) -> None:
    assert isinstance(rows, dict)
    missing = [key.value for key in keys if key not in rows]
    if missing:
        raise ValueError(f"{table} says nothing about: {', '.join(missing)}")

"""What a signal found in one upload: the evidence that a verdict lists.

A finding is a measurement. Whether it counts is decided in ``decision`` against the policy's
thresholds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import Probability, Sha256Hex, Value
from .enums import BankLabel, DetectionMethod, FindingStatus, MatchType


class Box(Value):
    """A rectangle in the oriented picture; every number is a share of its width or height."""

    left: Probability
    top: Probability
    width: Probability
    height: Probability
    confidence: Probability


class FacesDetail(Value):
    kind: Literal["faces"] = "faces"
    count: int = Field(ge=0)
    boxes: tuple[Box, ...] = ()


class NudityDetail(Value):
    kind: Literal["nudity"] = "nudity"
    view: int = Field(ge=0, description="the frame or background with the highest score")


class CredentialState(StrEnum):
    """What became of the C2PA manifest's validation."""

    ABSENT = "absent"
    VALID = "valid"  # signed by somebody on the trust list, media unchanged
    UNTRUSTED = "untrusted"  # signature good, signer not on the trust list
    INVALID = "invalid"  # media or manifest changed after signing
    UNREADABLE = "unreadable"  # broken manifest


class AiOrigin(StrEnum):
    """Does the file itself say that a generator made it?"""

    NONE = "none"
    COMPOSITE = "composite"  # part of it: an AI ingredient, in-painting
    GENERATED = "generated"  # all of it: trainedAlgorithmicMedia, generator metadata


class ProvenanceSource(StrEnum):
    """Where in the file a statement of origin stands."""

    C2PA = "c2pa"
    IPTC = "iptc"
    XMP = "xmp"
    EXIF = "exif"
    PNG_TEXT = "png_text"
    STEALTH_ALPHA = "stealth_alpha"
    COMMENT = "comment"


class ProvenanceStatement(Value):
    """One thing that the file says of its origin."""

    source: ProvenanceSource
    origin: AiOrigin
    generator: str | None = Field(None, max_length=80, description="tool named, e.g. InvokeAI")


class ProvenanceDetail(Value):
    kind: Literal["provenance"] = "provenance"
    credentials: CredentialState = CredentialState.ABSENT
    origin: AiOrigin = AiOrigin.NONE
    generator: str | None = Field(None, max_length=80)
    statements: tuple[ProvenanceStatement, ...] = ()
    validation_codes: tuple[str, ...] = Field((), description="C2PA codes that were not successes")


class TextCategory(StrEnum):
    HATE = "hate"
    THREAT = "threat"
    SEXTORTION = "sextortion"


class TextMatch(Value):
    """A listed term in a picture's text. ``term`` is the list's entry, not the person's words."""

    category: TextCategory
    term: str
    line: int = Field(ge=0)


class TextDetail(Value):
    kind: Literal["text"] = "text"
    lines: int = Field(0, ge=0)
    matches: tuple[TextMatch, ...] = ()


class BankHit(Value):
    """One bank entry near the upload."""

    bank_id: str
    label: BankLabel
    entry_id: str
    confirmed: bool
    match_type: MatchType
    distance: int = Field(ge=0, le=256)
    form: str = Field(description="dihedral form of the upload that matched, e.g. rotate90")
    view: int = Field(0, ge=0)


class BankMatchDetail(Value):
    kind: Literal["bank_match"] = "bank_match"
    hits: tuple[BankHit, ...] = ()
    index_version: str


Detail = Annotated[
    FacesDetail | NudityDetail | ProvenanceDetail | TextDetail | BankMatchDetail,
    Field(discriminator="kind"),
]


class ModelRef(Value):
    """Which weights produced a score."""

    name: str
    sha256: Sha256Hex


class Finding(Value):
    """One signal's answer about one upload.

    ``score`` is the raw output in [0, 1]; ``probability`` the calibrated one where a calibration
    exists. Both are absent for signals that state facts (``faces``, ``bank_match``).
    """

    method: DetectionMethod
    version: str
    status: FindingStatus = FindingStatus.MEASURED
    model: ModelRef | None = None
    score: Probability | None = None
    probability: Probability | None = None
    detail: Detail | None = None
    cause: str | None = Field(None, description="why INCONCLUSIVE or FAILED, for an operator")

    @model_validator(mode="after")
    def _a_finding_that_did_not_measure_says_why(self) -> Finding:
        if (self.status is not FindingStatus.MEASURED) != (self.cause is not None):
            raise ValueError("cause belongs to INCONCLUSIVE and FAILED findings, and only to them")
        return self

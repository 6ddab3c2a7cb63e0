"""The rules: each looks at the findings for one thing and says what follows from it.

A rule is a pure function that yields rulings. ``decide`` takes the strictest. A rule never reads a
score of a finding that was not measured; that a finding is missing is the business of
``completeness``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    BankLabel,
    DetectionMethod,
    FindingStatus,
    Violation,
)
from media_integrity.schema.findings import (
    AiOrigin,
    BankHit,
    BankMatchDetail,
    CredentialState,
    FacesDetail,
    Finding,
    ProvenanceDetail,
    TextCategory,
    TextDetail,
)
from media_integrity.schema.scans import ReasonCode, UploadContext

from .policy import Policy


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule concludes.

    ``thresholds`` names each finding that it rests on, with the threshold it passed (None where
    the finding states a fact). ``deterministic``: no model's opinion is involved.
    """

    action: Action
    reason: ReasonCode
    thresholds: dict[DetectionMethod, float | None]
    violation: Violation | None = None
    confidence: float = 1.0
    deterministic: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of one upload, by method; only measured ones have anything to say."""

    by_method: dict[DetectionMethod, Finding]

    def measured(self, method: DetectionMethod) -> Finding | None:
        finding = self.by_method.get(method)
        if finding is not None and finding.status is FindingStatus.MEASURED:
            return finding
        return None

    def probability(self, method: DetectionMethod) -> float | None:
        """Calibrated where there is a calibration, else the raw score."""
        finding = self.measured(method)
        if finding is None:
            return None
        return finding.probability if finding.probability is not None else finding.score

    @property
    def bank_hits(self) -> tuple[BankHit, ...]:
        finding = self.measured(DetectionMethod.BANK_MATCH)
        if finding is None or not isinstance(finding.detail, BankMatchDetail):
            return ()
        return finding.detail.hits

    @property
    def provenance(self) -> ProvenanceDetail | None:
        finding = self.measured(DetectionMethod.PROVENANCE)
        if finding is None or not isinstance(finding.detail, ProvenanceDetail):
            return None
        return finding.detail

    @property
    def people(self) -> int | None:
        """Faces seen; None where nobody looked."""
        finding = self.measured(DetectionMethod.FACES)
        if finding is None or not isinstance(finding.detail, FacesDetail):
            return None
        return finding.detail.count

    @property
    def text_categories(self) -> frozenset[TextCategory]:
        finding = self.measured(DetectionMethod.TEXT)
        if finding is None or not isinstance(finding.detail, TextDetail):
            return frozenset()
        return frozenset(match.category for match in finding.detail.matches)


def known_media(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """A confirmed entry of an abusive bank blocks; any other entry that matches holds."""
    evidence: dict[DetectionMethod, float | None] = {DetectionMethod.BANK_MATCH: None}
    for hit in findings.bank_hits:
        if hit.label is BankLabel.ALLOW_LIST:
            continue
        if hit.confirmed and hit.label in policy.bank_match.abusive_labels:
            violation = Violation.KNOWN_ABUSIVE_MEDIA
            yield Ruling(
                policy.violations[violation].action,
                ReasonCode.BANK_MATCH_CONFIRMED,
                evidence,
                violation=violation,
                deterministic=True,
            )
        else:
            yield Ruling(Action.REVIEW, ReasonCode.BANK_MATCH_UNCONFIRMED, evidence)


def real_nudity(findings: Findings, context: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """Nudity by the surface and the age group of the uploader."""
    probability = findings.probability(DetectionMethod.NUDITY)
    row = policy.nudity[context.age_group][context.surface]
    if probability is None or probability < row.at:
        return
    adult = context.age_group is AgeGroup.ADULT
    yield Ruling(
        row.action,
        ReasonCode.NUDITY_ADULT if adult else ReasonCode.NUDITY_TEEN,
        {DetectionMethod.NUDITY: row.at},
        confidence=probability,
    )


def generated_nudity(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """Nudity in a file that says that a generator made it, all or in part."""
    probability = findings.probability(DetectionMethod.NUDITY)
    provenance = findings.provenance
    if probability is None or provenance is None or provenance.origin is AiOrigin.NONE:
        return
    if probability < policy.provenance.nudity_at:
        return
    yield Ruling(
        policy.violations[Violation.AI_NUDE].action,
        ReasonCode.AI_NUDITY,
        {DetectionMethod.NUDITY: policy.provenance.nudity_at, DetectionMethod.PROVENANCE: None},
        violation=Violation.AI_NUDE,
        confidence=probability,
    )


def generated_picture(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """A file that says that a generator made it: of a person, or of anything else."""
    provenance = findings.provenance
    if provenance is None or provenance.origin is AiOrigin.NONE:
        return
    # Where nobody could count the people, take it that there is somebody.
    if findings.people == 0:
        yield Ruling(
            policy.provenance.without_people,
            ReasonCode.AI_GENERATED,
            {DetectionMethod.PROVENANCE: None},
        )
    else:
        yield Ruling(
            policy.provenance.with_people,
            ReasonCode.AI_GENERATED_PERSON,
            {DetectionMethod.PROVENANCE: None, DetectionMethod.FACES: None},
        )


def broken_credentials(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """Content credentials that the media contradicts."""
    provenance = findings.provenance
    if provenance is not None and provenance.credentials is CredentialState.INVALID:
        yield Ruling(
            policy.provenance.invalid_credentials,
            ReasonCode.CREDENTIALS_INVALID,
            {DetectionMethod.PROVENANCE: None},
        )


TEXT_REASONS = {
    TextCategory.HATE: ReasonCode.TEXT_HATE,
    TextCategory.THREAT: ReasonCode.TEXT_THREAT,
    TextCategory.SEXTORTION: ReasonCode.TEXT_SEXTORTION,
}


def abusive_text(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """Hate, threats and sextortion written in the picture."""
    for category in sorted(findings.text_categories):
        yield Ruling(policy.text[category], TEXT_REASONS[category], {DetectionMethod.TEXT: None})


def completeness(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """What was not looked at is not clean: no measurement, no publication."""
    for method in DetectionMethod:
        finding = findings.by_method.get(method)
        if finding is None:
            if method in policy.required:
                yield Ruling(Action.REVIEW, ReasonCode.CHECK_FAILED, {method: None})
        elif finding.status is FindingStatus.FAILED:
            yield Ruling(Action.REVIEW, ReasonCode.CHECK_FAILED, {method: None})
        elif finding.status is FindingStatus.INCONCLUSIVE:
            yield Ruling(Action.REVIEW, ReasonCode.CHECK_INCONCLUSIVE, {method: None})


Rule = Callable[[Findings, UploadContext, Policy], Iterator[Ruling]]

RULES: tuple[Rule, ...] = (
    known_media,
    generated_nudity,
    real_nudity,
    generated_picture,
    broken_credentials,
    abusive_text,
    completeness,
)

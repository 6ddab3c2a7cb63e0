"""The rules: each looks at the findings for one thing and says what follows from it.

A rule is a pure function that yields rulings. ``decide`` takes the strictest. A score that there is
counts, also of a check that did not get through everything; that a finding is missing or could not
tell is the business of ``completeness``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from media_integrity.media.types import MediaKind
from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    DetectionMethod,
    FindingStatus,
    Violation,
)
from media_integrity.schema.findings import (
    AiOrigin,
    CompressionDetail,
    CompressionReason,
    CredentialState,
    NuditySynthesisDetail,
    NuditySynthesisSource,
    TextCategory,
)
from media_integrity.schema.scans import ReasonCode, UploadContext

from .fusion import fuse
from .known_media import known_media
from .policy import Policy, Weights
from .protected import protected_person
from .rulings import Findings, Ruling


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


def synthesised_nudity(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """Nudity that a program seems to have made, or explicit material with an altered face.

    What speaks for synthesis here are detectors that may be wrong, so that it holds and does not
    block. Where the file itself says so, ``generated_nudity`` blocks.
    """
    finding = findings.measured(DetectionMethod.NUDITY_SYNTHESIS)
    if finding is None or not isinstance(finding.detail, NuditySynthesisDetail):
        return
    detail = finding.detail
    for hypothesis, violation, code in (
        (detail.synthetic_pornography, Violation.SYNTHETIC_PORNOGRAPHY, ReasonCode.SEXUAL_DEEPFAKE),
        (detail.ai_nude, Violation.AI_NUDE, ReasonCode.SEXUAL_AI_NUDITY),
    ):
        for ruling in _graded(
            DetectionMethod.NUDITY_SYNTHESIS, hypothesis.score, violation, code, findings, policy
        ):
            sources = {_METHODS[share.source]: None for share in hypothesis.shares if share.share}
            yield replace(ruling, thresholds={**sources, **ruling.thresholds})


_METHODS: Mapping[NuditySynthesisSource, DetectionMethod] = {
    NuditySynthesisSource.NUDITY: DetectionMethod.NUDITY,
    NuditySynthesisSource.SYNTHETIC_IMAGE: DetectionMethod.SYNTHETIC_IMAGE,
    NuditySynthesisSource.FACE_MANIPULATION: DetectionMethod.FACE_MANIPULATION,
    NuditySynthesisSource.PROVENANCE: DetectionMethod.PROVENANCE,
    NuditySynthesisSource.PROMPT: DetectionMethod.PROVENANCE,
    NuditySynthesisSource.PEOPLE: DetectionMethod.FACES,
    NuditySynthesisSource.IDENTITY: DetectionMethod.IDENTITY_MORPHING,
}


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


def altered_face(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """A face that was altered or put in, by the face model and what supports it."""
    probability = findings.probability(DetectionMethod.FACE_MANIPULATION)
    if probability is None:
        return
    swapped = findings.face_unlike_the_others
    yield from _graded(
        DetectionMethod.FACE_MANIPULATION,
        probability,
        Violation.FACE_SWAP if swapped else Violation.DEEPFAKE_FACE,
        ReasonCode.FACE_SWAPPED if swapped else ReasonCode.FACE_ALTERED,
        findings,
        policy,
        weights=policy.fusion.face,
    )


def pasted_face(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """A face that went through another compression than the picture around it."""
    finding = findings.measured(DetectionMethod.COMPRESSION)
    detail = finding.detail if finding is not None else None
    probability = findings.probability(DetectionMethod.COMPRESSION)
    if (
        probability is not None
        and isinstance(detail, CompressionDetail)
        and CompressionReason.FACE_DIFFERS in detail.reasons
    ):
        yield from _graded(
            DetectionMethod.COMPRESSION,
            probability,
            Violation.FACE_SWAP,
            ReasonCode.FACE_SWAPPED,
            findings,
            policy,
        )


def generated_face(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """A person in a picture that looks generated. Pictures without people are nobody's business."""
    probability = findings.probability(DetectionMethod.SYNTHETIC_IMAGE)
    if probability is None or findings.people == 0:
        return
    yield from _graded(
        DetectionMethod.SYNTHETIC_IMAGE,
        probability,
        Violation.DEEPFAKE_FACE,
        ReasonCode.FACE_GENERATED,
        findings,
        policy,
        weights=policy.fusion.picture,
    )


def synthesised_voice(
    findings: Findings, context: UploadContext, policy: Policy
) -> Iterator[Ruling]:
    """Speech that a machine made; graver where its transcript confesses or threatens.

    Less is enough where it is a protected person's voice, in somebody else's upload.
    """
    probability = findings.probability(DetectionMethod.VOICE)
    if probability is None:
        return
    protected = findings.protected_voices - context.own_shields
    review_at = policy.voices.protected_review_at if protected else None
    wordings = [(Violation.VOICE_CLONE, ReasonCode.VOICE_SYNTHETIC)]
    if findings.voice_says_grave_things:
        wordings.append((Violation.FAKE_CONFESSION_AUDIO, ReasonCode.CONFESSION_AUDIO))
    for violation, code in wordings:
        yield from _graded(
            DetectionMethod.VOICE,
            probability,
            violation,
            code,
            findings,
            policy,
            review_at=review_at,
        )


PLAIN: tuple[tuple[DetectionMethod, Violation, ReasonCode], ...] = (
    # a face in a film that changes as a real one does not
    (DetectionMethod.VIDEO, Violation.DEEPFAKE_FACE, ReasonCode.FACE_ALTERED),
    # a document or screenshot of which a part has another history than the rest
    (DetectionMethod.DOCUMENT, Violation.EVIDENCE_FABRICATION, ReasonCode.DOCUMENT_EDITED),
    # a face between two enrolled people
    (
        DetectionMethod.IDENTITY_MORPHING,
        Violation.IDENTITY_MORPHING,
        ReasonCode.IDENTITY_MORPHED,
    ),
)
"""Detectors that stand for one violation each, whatever else was found."""


def plain_detectors(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """What ``PLAIN`` lists, by each detector's own thresholds."""
    for method, violation, code in PLAIN:
        probability = findings.probability(method)
        if probability is not None:
            yield from _graded(method, probability, violation, code, findings, policy)


def humiliation(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """A face that seems altered, in a picture whose text attacks or threatens somebody."""
    probability = findings.probability(DetectionMethod.FACE_MANIPULATION)
    at = policy.detectors[DetectionMethod.FACE_MANIPULATION].review_at
    if probability is None or probability < at or not findings.text_categories:
        return
    yield Ruling(
        Action.REVIEW,
        ReasonCode.HUMILIATION,
        {DetectionMethod.FACE_MANIPULATION: at, DetectionMethod.TEXT: None},
        suspected=Violation.SYNTHETIC_HUMILIATION,
        confidence=probability,
    )


def contradicting_file(findings: Findings, _: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """A file whose own data disagree about where it comes from."""
    probability = findings.probability(DetectionMethod.METADATA)
    at = policy.detectors[DetectionMethod.METADATA].review_at
    if probability is not None and probability >= at:
        yield Ruling(
            Action.REVIEW,
            ReasonCode.FILE_CONTRADICTS_ITSELF,
            {DetectionMethod.METADATA: at},
            confidence=probability,
        )


def completeness(findings: Findings, context: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """What was not looked at is not clean: no measurement, no publication.

    A check that ran and could not tell is another thing: see the policy's ``inconclusive``. Of a
    recording there is one check alone, so there it holds as well.
    """
    required = policy.required.of(findings.kind)
    sensitive = context.surface in policy.inconclusive.sensitive_surfaces
    strict = sensitive or findings.kind is MediaKind.AUDIO
    for method in DetectionMethod:
        finding = findings.by_method.get(method)
        if finding is None:
            if method in required:
                yield Ruling(Action.REVIEW, ReasonCode.CHECK_FAILED, {method: None})
        elif finding.status is FindingStatus.FAILED:
            yield Ruling(Action.REVIEW, ReasonCode.CHECK_FAILED, {method: None})
        elif finding.status is FindingStatus.INCONCLUSIVE and (
            strict or method not in policy.inconclusive.tolerated
        ):
            yield Ruling(Action.REVIEW, ReasonCode.CHECK_INCONCLUSIVE, {method: None})


def _graded(
    method: DetectionMethod,
    probability: float,
    violation: Violation,
    code: ReasonCode,
    findings: Findings,
    policy: Policy,
    *,
    weights: Weights | None = None,
    review_at: float | None = None,
) -> Iterator[Ruling]:
    """Block, hold or nothing, by the detector's thresholds on the fused probability.

    ``review_at``: holds from there on if that is lower than the detector's own.

    Support can lift a finding over a threshold, but what the detector itself would not even have
    held is not blocked.
    """
    weights = weights or {}
    support = {each: findings.probability(each) or 0.0 for each in weights}
    fused = fuse(probability, support, weights, cap=policy.fusion.support_cap)
    row = policy.detectors[method]
    supported = dict.fromkeys(fused.supported_by)
    if (
        row.block_at is not None
        and fused.probability >= row.block_at
        and probability >= row.review_at
    ):
        yield Ruling(
            policy.violations[violation].action,
            code,
            {method: row.block_at, **supported},
            violation=violation,
            confidence=fused.probability,
        )
    elif fused.probability >= (held_at := min(row.review_at, review_at or row.review_at)):
        yield Ruling(
            Action.REVIEW,
            code,
            {method: held_at, **supported},
            suspected=violation,
            confidence=fused.probability,
        )


Rule = Callable[[Findings, UploadContext, Policy], Iterator[Ruling]]

RULES: tuple[Rule, ...] = (
    known_media,
    protected_person,
    generated_nudity,
    synthesised_nudity,
    real_nudity,
    generated_picture,
    altered_face,
    pasted_face,
    generated_face,
    synthesised_voice,
    plain_detectors,
    humiliation,
    broken_credentials,
    contradicting_file,
    abusive_text,
    completeness,
)

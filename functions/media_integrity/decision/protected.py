"""What follows where an upload shows, or is spoken by, a person with a shield. Pure.

Alone it holds: a likeness is no proof, and the person may have agreed. Where checks also found that
the upload was made or altered by a program, or shows nudity, it is blocked, unless the shield may
only hold (it is disputed, too young, or matches everybody). Each of the two may be wrong; together
they seldom are, and who uploads such a thing has no claim to see it published meanwhile.

The uploader learns that somebody in it may not have agreed, and nothing of who that is, how many
shields there are, or how sure the comparison was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from media_integrity.schema.enums import Action, DetectionMethod, FindingStatus, Violation
from media_integrity.schema.findings import (
    AiOrigin,
    BankMatchDetail,
    CompressionDetail,
    CompressionReason,
    Finding,
    IdentityFace,
    IdentityMorphingDetail,
    IdentityNear,
    NuditySynthesisDetail,
    VoiceDetail,
)
from media_integrity.schema.scans import ReasonCode, UploadContext

from .policy import Policy
from .rulings import Findings, Ruling


@dataclass(frozen=True, slots=True)
class Named:
    """A shield that a finding names."""

    shield_id: str
    method: DetectionMethod
    only_holds: bool


def named(findings: Iterable[Finding]) -> tuple[Named, ...]:
    """The shields that findings name: of faces, voices, and personal hashes. Each once a method.

    Inconclusive ones too: what cannot be told is how a clipped voice was made, or who else is in a
    crowd, and not whose voice or face was recognised.
    """
    found: dict[tuple[str, DetectionMethod], Named] = {}
    for finding in findings:
        if finding.status is FindingStatus.FAILED:
            continue
        for near in _near(finding):
            each = Named(near.person_id, finding.method, near.only_holds)
            found.setdefault((each.shield_id, each.method), each)
        if isinstance(finding.detail, BankMatchDetail):
            for hit in finding.detail.hits:
                if hit.shield_id is not None:
                    each = Named(hit.shield_id, finding.method, True)
                    found.setdefault((each.shield_id, each.method), each)
    return tuple(found.values())


def without(finding: Finding, shields: Iterable[str]) -> Finding:
    """The finding as if these shields were not there. Banks are left as they are."""
    known = frozenset(shields)
    detail = finding.detail
    if isinstance(detail, IdentityMorphingDetail):
        faces = tuple(
            left for left in (_face_without(face, known) for face in detail.faces) if left
        )
        return finding.model_copy(update={"detail": detail.model_copy(update={"faces": faces})})
    if isinstance(detail, VoiceDetail):
        left = tuple(each for each in detail.speakers if each.person_id not in known)
        return finding.model_copy(update={"detail": detail.model_copy(update={"speakers": left})})
    return finding


def _face_without(face: IdentityFace, shields: frozenset[str]) -> IdentityFace | None:
    if face.matched is None:
        return face
    left = [each for each in face.shows if each.person_id not in shields]
    if not left:
        return None
    return face.model_copy(update={"matched": left[0], "also": tuple(left[1:])})


def protected_person(
    findings: Findings, context: UploadContext, policy: Policy
) -> Iterator[Ruling]:
    """A face or voice of somebody with a shield who has not agreed to this upload."""
    seen = _shown(findings, DetectionMethod.IDENTITY_MORPHING, context)
    heard = _shown(findings, DetectionMethod.VOICE, context)
    if not seen and not heard:
        return
    # What it rests on is counted here and not in the rulings below: a violation's methods are for
    # the uploader to read.
    yield Ruling(
        Action.REVIEW,
        ReasonCode.PERSON_PROTECTED,
        {each.method: None for each in (*seen, *heard)},
    )
    if any(not each.only_holds for each in seen):
        yield from _altered(findings, policy)
    if any(not each.only_holds for each in heard):
        yield from _synthesised(findings, policy)


def _shown(findings: Findings, method: DetectionMethod, context: UploadContext) -> list[Named]:
    finding = findings.by_method.get(method)
    return [
        each
        for each in named([finding] if finding is not None else [])
        if each.shield_id not in context.own_shields
    ]


@dataclass(frozen=True, slots=True)
class _Evidence:
    method: DetectionMethod
    violation: Violation
    confidence: float
    threshold: float | None


def _altered(findings: Findings, policy: Policy) -> Iterator[Ruling]:
    """Blocks for every sign that the picture was made or altered; explicit, it is pornography."""
    nudity = findings.probability(DetectionMethod.NUDITY)
    nude = nudity is not None and nudity >= policy.shields.nudity_at
    signs = list(_signs(findings, policy))
    for sign in signs:
        violation = Violation.SYNTHETIC_PORNOGRAPHY if nude else sign.violation
        thresholds = {sign.method: sign.threshold}
        if nude:
            thresholds[DetectionMethod.NUDITY] = policy.shields.nudity_at
        yield Ruling(
            policy.violations[violation].action,
            ReasonCode.PROTECTED_ALTERED,
            thresholds,
            violation=violation,
            confidence=sign.confidence,
        )
    if nude and not signs:
        assert nudity is not None
        # Real, as far as can be told: no violation of the matrix, and still not to be seen.
        yield Ruling(
            Action.BLOCK,
            ReasonCode.PROTECTED_ALTERED,
            {DetectionMethod.NUDITY: policy.shields.nudity_at},
            confidence=nudity,
        )


def _signs(findings: Findings, policy: Policy) -> Iterator[_Evidence]:
    """What speaks for a picture that a program made or altered, by the detectors' own thresholds
    for holding."""
    swapped = findings.face_unlike_the_others
    for method, violation in (
        (
            DetectionMethod.FACE_MANIPULATION,
            Violation.FACE_SWAP if swapped else Violation.DEEPFAKE_FACE,
        ),
        (DetectionMethod.SYNTHETIC_IMAGE, Violation.DEEPFAKE_FACE),
        (DetectionMethod.VIDEO, Violation.DEEPFAKE_FACE),
    ):
        yield from _graded(findings, policy, method, violation)
    compression = findings.measured(DetectionMethod.COMPRESSION)
    if (
        compression is not None
        and isinstance(compression.detail, CompressionDetail)
        and CompressionReason.FACE_DIFFERS in compression.detail.reasons
    ):
        yield from _graded(findings, policy, DetectionMethod.COMPRESSION, Violation.FACE_SWAP)
    provenance = findings.provenance
    if provenance is not None and provenance.origin is not AiOrigin.NONE:
        yield _Evidence(DetectionMethod.PROVENANCE, Violation.DEEPFAKE_FACE, 1.0, None)
    synthesis = findings.measured(DetectionMethod.NUDITY_SYNTHESIS)
    if synthesis is not None and isinstance(synthesis.detail, NuditySynthesisDetail):
        at = policy.detectors[DetectionMethod.NUDITY_SYNTHESIS].review_at
        detail = synthesis.detail
        score = max(detail.synthetic_pornography.score, detail.ai_nude.score)
        if score >= at:
            yield _Evidence(synthesis.method, Violation.SYNTHETIC_PORNOGRAPHY, score, at)


def _synthesised(findings: Findings, policy: Policy) -> Iterator[Ruling]:
    """Blocks a machine's speech in a protected person's voice."""
    violations = [Violation.VOICE_CLONE]
    if findings.voice_says_grave_things:
        violations.append(Violation.FAKE_CONFESSION_AUDIO)
    for violation in violations:
        for sign in _graded(findings, policy, DetectionMethod.VOICE, violation):
            yield Ruling(
                policy.violations[violation].action,
                ReasonCode.PROTECTED_ALTERED,
                {sign.method: sign.threshold},
                violation=violation,
                confidence=sign.confidence,
            )


def _graded(
    findings: Findings, policy: Policy, method: DetectionMethod, violation: Violation
) -> Iterator[_Evidence]:
    probability = findings.probability(method)
    at = policy.detectors[method].review_at
    if probability is not None and probability >= at:
        yield _Evidence(method, violation, probability, at)


def _near(finding: Finding) -> tuple[IdentityNear, ...]:
    detail = finding.detail
    if isinstance(detail, IdentityMorphingDetail):
        return tuple(each for face in detail.faces for each in face.shows)
    if isinstance(detail, VoiceDetail):
        return detail.speakers
    return ()

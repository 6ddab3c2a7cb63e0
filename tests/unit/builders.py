"""Findings and contexts for tests, each a clean one unless told otherwise."""

from __future__ import annotations

from media_integrity.schema.enums import (
    AgeGroup,
    BankLabel,
    DetectionMethod,
    FindingStatus,
    MatchType,
    Surface,
)
from media_integrity.schema.findings import (
    AiOrigin,
    BankHit,
    BankMatchDetail,
    Box,
    CredentialState,
    FaceDisagreement,
    FaceManipulationDetail,
    FacesDetail,
    FaceState,
    Finding,
    ManipulatedFace,
    NudityDetail,
    NuditySynthesisDetail,
    NuditySynthesisHypothesis,
    NuditySynthesisShare,
    NuditySynthesisSource,
    ProvenanceDetail,
    TextCategory,
    TextDetail,
    TextMatch,
    TranscriptCategory,
    VoiceDetail,
)
from media_integrity.schema.scans import UploadContext


def bank_match(*hits: BankHit) -> Finding:
    return Finding(
        method=DetectionMethod.BANK_MATCH,
        version="1",
        detail=BankMatchDetail(hits=hits, index_version="0@never"),
    )


def hit(label: BankLabel = BankLabel.NCII, *, confirmed: bool = True) -> BankHit:
    return BankHit(
        bank_id="bank",
        label=label,
        entry_id="entry",
        confirmed=confirmed,
        match_type=MatchType.NEAR,
        distance=4,
        form="original",
    )


def nudity(score: float) -> Finding:
    return Finding(
        method=DetectionMethod.NUDITY, version="1", score=score, detail=NudityDetail(view=0)
    )


def faces(count: int) -> Finding:
    return Finding(
        method=DetectionMethod.FACES, version="1", detail=FacesDetail(count=count, boxes=())
    )


def provenance(
    origin: AiOrigin = AiOrigin.NONE, credentials: CredentialState = CredentialState.ABSENT
) -> Finding:
    return Finding(
        method=DetectionMethod.PROVENANCE,
        version="1",
        score=0.0,
        detail=ProvenanceDetail(origin=origin, credentials=credentials),
    )


def text(*categories: TextCategory) -> Finding:
    matches = tuple(TextMatch(category=each, term="term", line=0) for each in categories)
    return Finding(
        method=DetectionMethod.TEXT, version="1", detail=TextDetail(lines=1, matches=matches)
    )


def failed(method: DetectionMethod) -> Finding:
    return Finding(
        method=method, version="1", status=FindingStatus.FAILED, cause="ModelUnavailable"
    )


DETECTORS = (
    DetectionMethod.FACE_MANIPULATION,
    DetectionMethod.SYNTHETIC_IMAGE,
    DetectionMethod.METADATA,
    DetectionMethod.COMPRESSION,
    DetectionMethod.NUDITY_SYNTHESIS,
    DetectionMethod.DOCUMENT,
    DetectionMethod.IDENTITY_MORPHING,
)
"""Of pictures, beside those that have a builder of their own."""


def scored(method: DetectionMethod, score: float = 0.01) -> Finding:
    return Finding(method=method, version="1", score=score, probability=score)


def inconclusive(method: DetectionMethod) -> Finding:
    return Finding(
        method=method, version="1", status=FindingStatus.INCONCLUSIVE, cause="too small to judge"
    )


def altered(score: float, *disagreements: FaceDisagreement) -> Finding:
    box = Box(left=0.4, top=0.3, width=0.2, height=0.3, confidence=0.9)
    face = ManipulatedFace(
        view=0,
        box=box,
        state=FaceState.JUDGED,
        score=score,
        quality=1.0,
        disagreements=disagreements,
    )
    return Finding(
        method=DetectionMethod.FACE_MANIPULATION,
        version="1",
        score=score,
        probability=score,
        detail=FaceManipulationDetail(judged=1, faces=(face,)),
    )


def synthesis(
    ai_nude: float,
    synthetic_pornography: float = 0.0,
    *sources: NuditySynthesisSource,
) -> Finding:
    """Constructed: nothing nude is behind it."""
    shares = tuple(
        NuditySynthesisShare(source=source, share=1 / len(sources)) for source in sources
    )
    return Finding(
        method=DetectionMethod.NUDITY_SYNTHESIS,
        version="1",
        score=max(ai_nude, synthetic_pornography),
        detail=NuditySynthesisDetail(
            ai_nude=NuditySynthesisHypothesis(score=ai_nude, shares=shares),
            synthetic_pornography=NuditySynthesisHypothesis(
                score=synthetic_pornography, shares=shares
            ),
        ),
    )


def speech(score: float, *categories: TranscriptCategory) -> Finding:
    return Finding(
        method=DetectionMethod.VOICE,
        version="1",
        score=score,
        detail=VoiceDetail(duration_s=9.0, speech_s=7.0, transcript=categories),
    )


def clean(*others: Finding) -> list[Finding]:
    """A complete set of clean findings, with ``others`` in the place of theirs."""
    findings = [bank_match(), provenance(), faces(0), nudity(0.01), text(), *map(scored, DETECTORS)]
    replaced = {other.method for other in others}
    return [finding for finding in findings if finding.method not in replaced] + list(others)


def adult(surface: Surface = Surface.FEED) -> UploadContext:
    return UploadContext(surface=surface, age_group=AgeGroup.ADULT)


def teen(surface: Surface = Surface.FEED) -> UploadContext:
    return UploadContext(surface=surface, age_group=AgeGroup.TEEN)

"""Findings for the generic signal tests, made here, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable

from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import AiOrigin, FacesDetail, Finding, ProvenanceDetail

from .base import Evidence, Example


def evidence(
    *,
    nudity: float,
    synthetic_image: float = 0.02,
    face_manipulation: float = 0.02,
    origin: AiOrigin = AiOrigin.NONE,
    faces: int = 1,
) -> Evidence:
    """A picture that all signals have looked at; nothing is wrong with it unless told so."""
    scores = {
        DetectionMethod.NUDITY: nudity,
        DetectionMethod.SYNTHETIC_IMAGE: synthetic_image,
        DetectionMethod.FACE_MANIPULATION: face_manipulation,
    }
    findings = [Finding(method=name, version="1", score=score) for name, score in scores.items()]
    findings.append(
        Finding(
            method=DetectionMethod.PROVENANCE, version="1", detail=ProvenanceDetail(origin=origin)
        )
    )
    findings.append(
        Finding(method=DetectionMethod.FACES, version="1", detail=FacesDetail(count=faces))
    )
    return Evidence(findings={finding.method: finding for finding in findings})


def _score(low: float, high: float) -> Callable[[Finding], bool]:
    return lambda finding: finding.score is not None and low <= finding.score <= high


EXAMPLES = (
    Example("portrait", lambda: evidence(nudity=0.01), _score(0, 0.01)),
    Example("nude photograph", lambda: evidence(nudity=0.97), _score(0, 0.1)),
    Example(
        "generated, nobody undressed",
        lambda: evidence(nudity=0.02, synthetic_image=0.99, origin=AiOrigin.GENERATED),
        _score(0, 0.05),
    ),
    Example(
        "nude, and the file says generated",
        lambda: evidence(nudity=0.97, origin=AiOrigin.GENERATED),
        _score(0.9, 1),
    ),
    Example(
        "nude with an altered face",
        lambda: evidence(nudity=0.97, face_manipulation=0.98),
        _score(0.8, 1),
    ),
)

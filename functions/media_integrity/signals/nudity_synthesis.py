"""Is the nudity in this picture made, or is somebody's face put on it?

Sees no pixels: it fuses what the other signals found. Two explanations are weighed, a generated
nude (``ai_nude``) and pornography with somebody's face (``synthetic_pornography``). For each,

    score = nudity * 1 / (1 + exp(-(BIAS + sum of weight * evidence)))

with nudity and every evidence in [0, 1]. So without nudity the score is 0, without evidence it is
that of a photograph, and more of anything never lowers it. The second needs a face to be seen.

The weights are set by hand and not fitted: there is no nude material in this project to fit them
on. How they were set: a statement of the file that a generator made it brings an explicit picture
over 0.9; an image or face model at 0.95 over 0.8, and at 1 not over 0.9, two of them together over
0.9; an image model at one half not over 0.35.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    AiOrigin,
    FacesDetail,
    Finding,
    IdentityMorphingDetail,
    NuditySynthesisDetail,
    NuditySynthesisHypothesis,
    NuditySynthesisShare,
    ProvenanceDetail,
)
from media_integrity.schema.findings import NuditySynthesisSource as Source

from .base import Evidence, Example, Needs
from .identity_morphing import MAX_CHANCE
from .provenance import prompts
from .provenance.prompts import PromptCategory

NUDITY_WEIGHT = 4.0
"""Of nudity, for its share of the explanation alone."""

BIAS = -4.0
"""Log-odds of a synthetic origin of a nude picture about which nothing is known: 2 %."""

AI_NUDE: Mapping[Source, float] = {
    Source.PROVENANCE: 8.0,
    Source.SYNTHETIC_IMAGE: 5.5,
    Source.PROMPT: 5.0,
    Source.FACE_MANIPULATION: 3.0,  # tools that undress leave the face as it was
    Source.PEOPLE: 0.5,
}
"""Log-odds that each evidence adds to a generated nude where it is certain."""

SYNTHETIC_PORNOGRAPHY: Mapping[Source, float] = {
    Source.FACE_MANIPULATION: 6.0,
    Source.IDENTITY: 6.0,
    Source.PROVENANCE: 3.0,
    Source.PROMPT: 3.0,
    Source.SYNTHETIC_IMAGE: 2.0,
}
"""The same for pornography with somebody's face."""

COMPOSITE = 0.6
"""Evidence of a file that says that parts of it are generated; all of it: 1."""

SEXUAL_PROMPT = 0.7
"""Evidence of sexual words in the prompt; of an undressing tool's name: 1."""

SURE_IDENTITY = 0.001
"""Chance of a likeness to an enrolled person at which it is whole evidence of who it is; at
``MAX_CHANCE`` it is none, and in between it goes by the logarithm."""

MATTERS = 0.5
"""Nudity from which a check that could not tell leaves this one undecided too."""

CONCLUSIVE = 0.9
"""A score that needs no other check: those missing could only raise it."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """What is known, each in [0, 1]. ``face``: one can be seen."""

    nudity: float
    synthetic_image: float = 0.0
    face_manipulation: float = 0.0
    provenance: float = 0.0
    prompt: float = 0.0
    identity: float = 0.0
    face: bool = False

    def of(self, source: Source) -> float:
        match source:
            case Source.NUDITY:
                return self.nudity
            case Source.SYNTHETIC_IMAGE:
                return self.synthetic_image
            case Source.FACE_MANIPULATION:
                return self.face_manipulation
            case Source.PROVENANCE:
                return self.provenance
            case Source.PROMPT:
                return self.prompt
            case Source.IDENTITY:
                return self.identity
            case Source.PEOPLE:
                return float(self.face)


def ai_nude(known: Strengths) -> NuditySynthesisHypothesis:
    """How well a generated nude explains the picture."""
    return _weighed(known, AI_NUDE)


def synthetic_pornography(known: Strengths) -> NuditySynthesisHypothesis:
    """How well pornography with somebody's face does; not at all without a face."""
    if not known.face:
        return NuditySynthesisHypothesis(score=0.0)
    return _weighed(known, SYNTHETIC_PORNOGRAPHY)


def _weighed(known: Strengths, weights: Mapping[Source, float]) -> NuditySynthesisHypothesis:
    added = {source: weight * known.of(source) for source, weight in weights.items()}
    score = known.nudity / (1 + math.exp(-(BIAS + math.fsum(added.values()))))
    parts = {Source.NUDITY: NUDITY_WEIGHT * known.nudity, **added}
    whole = math.fsum(parts.values())
    shares = tuple(
        NuditySynthesisShare(source=source, share=min(part / whole, 1.0))
        for source, part in sorted(parts.items(), key=lambda item: -item[1])
        if part > 0 and known.nudity > 0
    )
    return NuditySynthesisHypothesis(score=min(score, 1.0), shares=shares)


class NuditySynthesisSignal:
    """Fuses the findings that bear on made nudity. Runs after them, identity included."""

    name: ClassVar = DetectionMethod.NUDITY_SYNTHESIS
    version: ClassVar = "1"
    needs: ClassVar = frozenset({Needs.FINDINGS, Needs.IMAGE})

    def run(self, media: Evidence) -> Finding:
        """Score in [0, 1]: that of the better explanation; its shares add up to 1.

        Inconclusive where nudity was not measured, or is likely and a check that could raise the
        score did not measure.
        """
        if _measured(media, DetectionMethod.NUDITY) is None:
            return self._inconclusive("nudity was not measured")
        found = frozenset() if media.image is None else prompts.categories(media.image)
        known = strengths(media, found)
        made, swapped = ai_nude(known), synthetic_pornography(known)
        score = max(made.score, swapped.score)
        missing = _missing(media)
        if missing and known.nudity >= MATTERS and score < CONCLUSIVE:
            return self._inconclusive(f"nudity is likely, and nothing is known of: {missing}")
        return Finding(
            method=self.name,
            version=self.version,
            score=score,
            detail=NuditySynthesisDetail(
                ai_nude=made, synthetic_pornography=swapped, prompt_words=bool(found)
            ),
        )

    def examples(self) -> tuple[Example, ...]:
        """Findings without media: there is no nude material in this project, for any purpose."""
        from . import nudity_synthesis_examples

        return nudity_synthesis_examples.EXAMPLES

    def _inconclusive(self, cause: str) -> Finding:
        return Finding(
            method=self.name, version=self.version, status=FindingStatus.INCONCLUSIVE, cause=cause
        )


def strengths(media: Evidence, prompt: frozenset[PromptCategory]) -> Strengths:
    """The findings as evidence; what was not measured is none.

    A check that did not get through everything counts with what it found so far.
    """
    asked = SEXUAL_PROMPT if prompt else 0.0
    return Strengths(
        nudity=_probability(media, DetectionMethod.NUDITY),
        synthetic_image=_probability(media, DetectionMethod.SYNTHETIC_IMAGE),
        face_manipulation=_probability(media, DetectionMethod.FACE_MANIPULATION),
        provenance=_stated(media),
        prompt=1.0 if PromptCategory.UNDRESSING in prompt else asked,
        identity=_identity(media),
        face=_face(media),
    )


def _stated(media: Evidence) -> float:
    finding = _measured(media, DetectionMethod.PROVENANCE)
    if finding is None or not isinstance(finding.detail, ProvenanceDetail):
        return 0.0
    return {AiOrigin.NONE: 0.0, AiOrigin.COMPOSITE: COMPOSITE, AiOrigin.GENERATED: 1.0}[
        finding.detail.origin
    ]


def _identity(media: Evidence) -> float:
    """How surely a face is an enrolled person's."""
    finding = media.findings.get(DetectionMethod.IDENTITY_MORPHING)
    if finding is None or not isinstance(finding.detail, IdentityMorphingDetail):
        return 0.0
    chances = [face.matched.chance for face in finding.detail.faces if face.matched]
    least = max(min(chances, default=MAX_CHANCE), SURE_IDENTITY)
    return max(math.log(MAX_CHANCE / least) / math.log(MAX_CHANCE / SURE_IDENTITY), 0.0)


def _face(media: Evidence) -> bool:
    finding = _measured(media, DetectionMethod.FACES)
    return (
        finding is not None and isinstance(finding.detail, FacesDetail) and finding.detail.count > 0
    )


def _missing(media: Evidence) -> str:
    """Checks without an answer. Identity is one only where it was tried."""
    wanted = [
        DetectionMethod.SYNTHETIC_IMAGE,
        DetectionMethod.FACE_MANIPULATION,
        DetectionMethod.PROVENANCE,
        DetectionMethod.FACES,
    ]
    if DetectionMethod.IDENTITY_MORPHING in media.findings:
        wanted.append(DetectionMethod.IDENTITY_MORPHING)
    return ", ".join(method.value for method in wanted if _measured(media, method) is None)


def _probability(media: Evidence, method: DetectionMethod) -> float:
    finding = media.findings.get(method)
    if finding is None:
        return 0.0
    known = finding.score if finding.probability is None else finding.probability
    return known or 0.0


def _measured(media: Evidence, method: DetectionMethod) -> Finding | None:
    finding = media.findings.get(method)
    return finding if finding and finding.status is FindingStatus.MEASURED else None

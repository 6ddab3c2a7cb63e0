"""What rules read and what they conclude: the findings of one upload, and a ruling."""

from __future__ import annotations

from dataclasses import dataclass

from media_integrity.media.types import MediaKind
from media_integrity.schema.enums import Action, DetectionMethod, FindingStatus, Violation
from media_integrity.schema.findings import (
    BankHit,
    BankMatchDetail,
    FaceManipulationDetail,
    FacesDetail,
    Finding,
    ProvenanceDetail,
    TextCategory,
    TextDetail,
    VoiceDetail,
)
from media_integrity.schema.scans import ReasonCode


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule concludes.

    ``thresholds`` names each finding that it rests on, with the threshold it passed (None where
    the finding states a fact or supports another). ``violation`` was found; ``suspected`` was not,
    but cannot be ruled out. ``deterministic``: no model's opinion is involved.
    """

    action: Action
    reason: ReasonCode
    thresholds: dict[DetectionMethod, float | None]
    violation: Violation | None = None
    suspected: Violation | None = None
    confidence: float = 1.0
    deterministic: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of one upload, by method.

    Failed ones say nothing. Inconclusive ones say whom they recognised and, where there is a score,
    how suspicious what they got through was.
    """

    by_method: dict[DetectionMethod, Finding]
    kind: MediaKind = MediaKind.IMAGE

    def measured(self, method: DetectionMethod) -> Finding | None:
        finding = self.by_method.get(method)
        if finding is not None and finding.status is FindingStatus.MEASURED:
            return finding
        return None

    def probability(self, method: DetectionMethod) -> float | None:
        """Calibrated where there is a calibration, else the raw score.

        Of a check that did not get through everything, what it found so far: the rest could only
        raise it.
        """
        finding = self.by_method.get(method)
        if finding is None or finding.status is FindingStatus.FAILED:
            return None
        return finding.probability if finding.probability is not None else finding.score

    @property
    def bank_hits(self) -> tuple[BankHit, ...]:
        finding = self.measured(DetectionMethod.BANK_MATCH)
        detail = finding.detail if finding is not None else None
        return detail.hits if isinstance(detail, BankMatchDetail) else ()

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

    @property
    def face_unlike_the_others(self) -> bool:
        """The most suspicious face differs from the other faces of its picture."""
        finding = self.by_method.get(DetectionMethod.FACE_MANIPULATION)
        detail = finding.detail if finding is not None else None
        if not isinstance(detail, FaceManipulationDetail) or not detail.faces:
            return False
        return bool(detail.faces[0].disagreements)

    @property
    def protected_voices(self) -> frozenset[str]:
        """Shields of the people whose voice is heard."""
        finding = self.by_method.get(DetectionMethod.VOICE)
        detail = finding.detail if finding is not None else None
        if not isinstance(detail, VoiceDetail):
            return frozenset()
        return frozenset(speaker.person_id for speaker in detail.speakers)

    @property
    def voice_says_grave_things(self) -> bool:
        """The supplied transcript confesses to something or threatens somebody."""
        finding = self.measured(DetectionMethod.VOICE)
        detail = finding.detail if finding is not None else None
        return isinstance(detail, VoiceDetail) and bool(detail.transcript)

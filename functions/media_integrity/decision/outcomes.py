"""Of every violation: found, not found, or that it cannot be told.

"Not found" is said only where each check that could have found it came to a result.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from media_integrity.schema.cases import ViolationOutcome
from media_integrity.schema.enums import DetectionMethod as Method
from media_integrity.schema.enums import FindingStatus, Outcome, Violation
from media_integrity.schema.findings import Finding

FOUND_BY: Mapping[Violation, frozenset[Method]] = {
    Violation.DEEPFAKE_FACE: frozenset(
        {Method.FACE_MANIPULATION, Method.SYNTHETIC_IMAGE, Method.VIDEO}
    ),
    Violation.FACE_SWAP: frozenset({Method.FACE_MANIPULATION, Method.COMPRESSION}),
    Violation.AI_NUDE: frozenset({Method.NUDITY, Method.NUDITY_SYNTHESIS}),
    Violation.SYNTHETIC_PORNOGRAPHY: frozenset({Method.NUDITY, Method.NUDITY_SYNTHESIS}),
    Violation.VOICE_CLONE: frozenset({Method.VOICE}),
    Violation.IDENTITY_MORPHING: frozenset({Method.IDENTITY_MORPHING}),
    Violation.EVIDENCE_FABRICATION: frozenset({Method.DOCUMENT}),
    Violation.FAKE_CONFESSION_AUDIO: frozenset({Method.VOICE}),
    Violation.SYNTHETIC_HUMILIATION: frozenset({Method.FACE_MANIPULATION, Method.TEXT}),
    Violation.KNOWN_ABUSIVE_MEDIA: frozenset({Method.BANK_MATCH}),
}
"""The checks whose silence means that there is nothing."""


def outcomes(
    findings: Mapping[Method, Finding],
    required: Container[Method],
    found: Container[Violation],
    suspected: Container[Violation],
) -> tuple[ViolationOutcome, ...]:
    """One line for each violation. A method that does not apply to the media (no finding, not
    required) leaves nothing open: a picture has no voice."""

    def unknown(method: Method) -> bool:
        finding = findings.get(method)
        if finding is None:
            return method in required
        return finding.status is not FindingStatus.MEASURED

    def outcome(violation: Violation) -> Outcome:
        if violation in found:
            return Outcome.FOUND
        if violation in suspected or any(map(unknown, FOUND_BY[violation])):
            return Outcome.INCONCLUSIVE
        return Outcome.NOT_FOUND

    return tuple(
        ViolationOutcome(violation=violation, outcome=outcome(violation)) for violation in Violation
    )

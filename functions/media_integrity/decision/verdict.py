"""What ``decide`` returns."""

from __future__ import annotations

from media_integrity.schema.base import Probability, Value
from media_integrity.schema.cases import CaseViolation, Evidence, ViolationOutcome
from media_integrity.schema.enums import Action, Sanction, Severity
from media_integrity.schema.scans import Reason, VerdictSummary


class Verdict(Value):
    """One upload's judgement, with everything it rests on.

    ``violations`` has the gravest first; ``outcomes`` says of every violation whether it was
    found, was not, or cannot be told. ``needs_confirmation``: the sanction cannot be undone and
    rests on a model alone, so that a moderator has to confirm it before it takes effect.
    """

    action: Action
    severity: Severity
    confidence: Probability
    violations: tuple[CaseViolation, ...]
    outcomes: tuple[ViolationOutcome, ...]
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    sanction: Sanction
    needs_confirmation: bool
    appealable: bool
    policy_version: str

    def summary(self) -> VerdictSummary:
        """What the uploader may know."""
        return VerdictSummary(
            action=self.action,
            violations=tuple(found.violation for found in self.violations),
            reasons=self.reasons,
            policy_version=self.policy_version,
            appealable=self.appealable,
        )

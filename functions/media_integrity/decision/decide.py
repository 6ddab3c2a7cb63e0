"""The decision: all rulings of all rules, the strictest action, the gravest violation first."""

from __future__ import annotations

from collections.abc import Iterable

from media_integrity.schema.cases import CaseViolation, Evidence
from media_integrity.schema.enums import Action, DetectionMethod, Sanction, Severity, Violation
from media_integrity.schema.findings import Finding
from media_integrity.schema.scans import Reason, ReasonCode, UploadContext

from .policy import Policy
from .reasons import reason
from .rules import RULES, Findings, Ruling
from .verdict import Verdict

PUBLISHED = frozenset({Action.ALLOW, Action.BLUR})
IRREVERSIBLE = frozenset({Sanction.PERMANENT_BAN, Sanction.PERMANENT_BAN_LEGAL})


def decide(findings: Iterable[Finding], context: UploadContext, policy: Policy) -> Verdict:
    """Judge an upload by what was found in it.

    Every required method without a measured finding makes it REVIEW at least, so that the
    verdict of no findings at all is REVIEW.
    """
    found = tuple(findings)
    by_method = Findings({finding.method: finding for finding in found})
    rulings = [ruling for rule in RULES for ruling in rule(by_method, context, policy)]
    return _verdict(found, rulings, policy)


def hold(code: ReasonCode, policy: Policy, findings: Iterable[Finding] = ()) -> Verdict:
    """REVIEW for a cause outside the media: no detector for it, too long, out of tries."""
    return _verdict(tuple(findings), [Ruling(Action.REVIEW, code, {})], policy)


def _verdict(findings: tuple[Finding, ...], rulings: list[Ruling], policy: Policy) -> Verdict:
    action = max((ruling.action for ruling in rulings), key=lambda a: a.rank, default=Action.ALLOW)
    decisive = [ruling for ruling in rulings if ruling.action is action]
    violations = _violations(rulings, policy)
    sanction, confirmed = _sanction(rulings, policy)
    return Verdict(
        action=action,
        severity=_severity(decisive, violations, policy),
        confidence=max((ruling.confidence for ruling in decisive), default=1.0),
        violations=violations,
        reasons=_reasons(action, rulings),
        evidence=_evidence(findings, rulings),
        sanction=sanction,
        needs_confirmation=sanction in IRREVERSIBLE and not confirmed,
        appealable=action is Action.BLOCK
        and all(policy.violations[found.violation].appealable for found in violations),
        policy_version=policy.version,
    )


def _violations(rulings: list[Ruling], policy: Policy) -> tuple[CaseViolation, ...]:
    methods: dict[Violation, set[DetectionMethod]] = {}
    confidence: dict[Violation, float] = {}
    for ruling in rulings:
        if ruling.violation is None:
            continue
        methods.setdefault(ruling.violation, set()).update(ruling.thresholds)
        confidence[ruling.violation] = max(confidence.get(ruling.violation, 0.0), ruling.confidence)
    found = [
        CaseViolation(
            violation=violation,
            severity=policy.violations[violation].severity,
            confidence=confidence[violation],
            methods=tuple(sorted(methods[violation])),
        )
        for violation in methods
    ]
    return tuple(sorted(found, key=lambda v: (-v.severity.rank, -v.confidence, v.violation)))


def _sanction(rulings: list[Ruling], policy: Policy) -> tuple[Sanction, bool]:
    """The gravest sanction, and whether deterministic evidence alone already carries it."""
    order = list(Sanction)
    gravest, confirmed = Sanction.NONE, True
    for ruling in rulings:
        if ruling.violation is None:
            continue
        sanction = policy.violations[ruling.violation].sanction
        if order.index(sanction) > order.index(gravest):
            gravest, confirmed = sanction, ruling.deterministic
        elif sanction is gravest:
            confirmed = confirmed or ruling.deterministic
    return gravest, confirmed


def _severity(
    decisive: list[Ruling], violations: tuple[CaseViolation, ...], policy: Policy
) -> Severity:
    levels = [found.severity for found in violations]
    levels += [policy.severity.get(ruling.reason, Severity.LOW) for ruling in decisive]
    return max(levels, key=lambda level: level.rank, default=Severity.LOW)


def _reasons(action: Action, rulings: list[Ruling]) -> tuple[Reason, ...]:
    """Why this action and no milder one; for published media also what it is labelled with."""
    told = {action, Action.ALLOW} if action in PUBLISHED else {action}
    codes = dict.fromkeys(ruling.reason for ruling in rulings if ruling.action in told)
    return tuple(reason(code) for code in codes) or (reason(ReasonCode.CLEAN),)


def _evidence(findings: tuple[Finding, ...], rulings: list[Ruling]) -> tuple[Evidence, ...]:
    """A line for each finding, and for each method that a ruling misses."""
    thresholds: dict[DetectionMethod, float | None] = {}
    for ruling in rulings:
        for method, threshold in ruling.thresholds.items():
            thresholds[method] = threshold if threshold is not None else thresholds.get(method)
    return tuple(
        Evidence(
            method=finding.method,
            version=finding.version,
            status=finding.status,
            score=finding.score,
            probability=finding.probability,
            threshold=thresholds.get(finding.method),
            counted=finding.method in thresholds,
            model=finding.model,
        )
        for finding in findings
    )

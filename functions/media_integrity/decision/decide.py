"""The decision: all rulings of all rules, the strictest action, the gravest violation first."""

from __future__ import annotations

from collections.abc import Iterable

from media_integrity.media.types import MediaKind
from media_integrity.schema.cases import CaseViolation, Evidence
from media_integrity.schema.enums import (
    Action,
    DetectionMethod,
    FindingStatus,
    Sanction,
    Severity,
    Violation,
)
from media_integrity.schema.findings import Finding, TextDetail
from media_integrity.schema.scans import Reason, ReasonCode, UploadContext

from .outcomes import outcomes
from .policy import Policy
from .reasons import in_steps, reason
from .rules import RULES
from .rulings import Findings, Ruling
from .verdict import Verdict

PUBLISHED = frozenset({Action.ALLOW, Action.BLUR})
IRREVERSIBLE = frozenset({Sanction.PERMANENT_BAN, Sanction.PERMANENT_BAN_LEGAL})


def decide(
    findings: Iterable[Finding],
    context: UploadContext,
    policy: Policy,
    kind: MediaKind = MediaKind.IMAGE,
) -> Verdict:
    """Judge an upload by what was found in it.

    Every method that the policy requires for this kind of media, and that has no finding, makes it
    REVIEW at least, so that the verdict of no findings at all is REVIEW.
    """
    found = Findings({each.method: _settled(each, policy) for each in findings}, kind)
    rulings = [ruling for rule in RULES for ruling in rule(found, context, policy)]
    return _verdict(found, rulings, policy.required.of(kind), policy)


def _settled(finding: Finding, policy: Policy) -> Finding:
    """A check that did not get through everything has its result where that holds already: the rest
    could only raise it."""
    if finding.status is not FindingStatus.INCONCLUSIVE or not _holds_already(finding, policy):
        return finding
    return finding.model_copy(update={"status": FindingStatus.MEASURED, "cause": None})


def _holds_already(finding: Finding, policy: Policy) -> bool:
    """A term holds that was read and is held for, and a detector's score above its threshold."""
    if isinstance(finding.detail, TextDetail):
        actions = [policy.text[match.category] for match in finding.detail.matches]
        return any(action.rank >= Action.REVIEW.rank for action in actions)
    row = policy.detectors.get(finding.method)
    known = finding.score if finding.probability is None else finding.probability
    return row is not None and known is not None and known > row.review_at


def hold(code: ReasonCode, policy: Policy, findings: Iterable[Finding] = ()) -> Verdict:
    """REVIEW for a cause outside the media: no detector for it, too long, out of tries."""
    return ruled(Action.REVIEW, code, policy, findings)


def block(code: ReasonCode, policy: Policy, findings: Iterable[Finding] = ()) -> Verdict:
    """BLOCK because a person has said no, which is no violation. Not to be appealed against."""
    return ruled(Action.BLOCK, code, policy, findings).model_copy(update={"appealable": False})


def ruled(
    action: Action, code: ReasonCode, policy: Policy, findings: Iterable[Finding] = ()
) -> Verdict:
    """A verdict on one cause that no rule has found."""
    found = Findings({finding.method: finding for finding in findings})
    return _verdict(found, [Ruling(action, code, {})], tuple(DetectionMethod), policy)


def _verdict(
    findings: Findings,
    rulings: list[Ruling],
    required: tuple[DetectionMethod, ...],
    policy: Policy,
) -> Verdict:
    action = max((ruling.action for ruling in rulings), key=lambda a: a.rank, default=Action.ALLOW)
    decisive = [ruling for ruling in rulings if ruling.action is action]
    violations = _violations(rulings, policy)
    sanction, confirmed = _sanction(rulings, policy)
    return Verdict(
        action=action,
        severity=_severity(decisive, violations, policy),
        confidence=max((_told(ruling) for ruling in decisive), default=1.0),
        violations=violations,
        outcomes=outcomes(
            findings.by_method,
            required,
            found={ruling.violation for ruling in rulings if ruling.violation},
            suspected={ruling.suspected for ruling in rulings if ruling.suspected},
        ),
        reasons=_reasons(action, rulings, policy),
        evidence=_evidence(tuple(findings.by_method.values()), rulings),
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
        confidence[ruling.violation] = max(confidence.get(ruling.violation, 0.0), _told(ruling))
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


def _told(ruling: Ruling) -> float:
    return in_steps(ruling.confidence, ruling.thresholds)


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


def _reasons(action: Action, rulings: list[Ruling], policy: Policy) -> tuple[Reason, ...]:
    """Why this action and no milder one; for published media also what it is labelled with."""
    told = {action, Action.ALLOW} if action in PUBLISHED else {action}
    surest: dict[ReasonCode, Ruling] = {}
    for ruling in rulings:
        known = surest.get(ruling.reason)
        if ruling.action in told and (known is None or ruling.confidence > known.confidence):
            surest[ruling.reason] = ruling
    if not surest:
        return (reason(ReasonCode.CLEAN),)
    return tuple(_reason(ruling, policy) for ruling in surest.values())


def _reason(ruling: Ruling, policy: Policy) -> Reason:
    appealable = ruling.violation is None or policy.violations[ruling.violation].appealable
    return reason(
        ruling.reason,
        action=ruling.action,
        confidence=ruling.confidence,
        rests_on=tuple(ruling.thresholds),
        appealable=appealable,
    )


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

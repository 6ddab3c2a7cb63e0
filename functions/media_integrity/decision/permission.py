"""What a moderator's permission to publish covers: everything that was known when it was given.

The upload is judged again when it is published, which may be weeks after its first scan. What the
detectors say of it then is no news: a person has looked. A bank entry or a shield that has come
since is, and holds the upload again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from media_integrity.media.types import MediaKind
from media_integrity.schema.enums import Action, BankLabel, Sanction, Severity
from media_integrity.schema.findings import BankMatchDetail, Finding
from media_integrity.schema.scans import Permission, ReasonCode, UploadContext

from .decide import hold
from .known_media import hits_of, known_media
from .outcomes import outcomes
from .policy import Policy
from .protected import named, protected_person, without
from .reasons import reason
from .rulings import Findings, Ruling
from .verdict import Verdict

FACTS: tuple[Callable[[Findings, UploadContext, Policy], Iterator[Ruling]], ...] = (
    known_media,
    protected_person,
)
"""Rules on what others have put on record, as opposed to what a detector makes of the media."""


def known_now(findings: Iterable[Finding]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths of bank entries and ids of shields that findings name: for a new ``Permission``."""
    found = tuple(findings)
    entries = {f"hash_banks/{hit.bank_id}/hashes/{hit.entry_id}" for hit in hits_of(found)}
    shields = {each.shield_id for each in named(found)}
    return tuple(sorted(entries)), tuple(sorted(shields))


def with_permission(
    verdict: Verdict,
    findings: tuple[Finding, ...],
    permission: Permission,
    context: UploadContext,
    policy: Policy,
    kind: MediaKind = MediaKind.IMAGE,
) -> Verdict:
    """The verdict on an upload that a moderator has let through."""
    if verdict.action in {Action.ALLOW, Action.BLUR}:
        return (
            verdict
            if verdict.action.rank >= permission.action.rank
            else _allowed(findings, permission, policy, kind)
        )
    news = Findings({each.method: each for each in _news(findings, permission)}, kind)
    rulings = [ruling for rule in FACTS for ruling in rule(news, context, policy)]
    if rulings:
        first = max(rulings, key=lambda ruling: ruling.action.rank)
        code = first.reason
        code = _OF_A_HOLD.get(code, code)
        return hold(code, policy, findings)
    return _allowed(findings, permission, policy, kind)


def _allowed(
    findings: tuple[Finding, ...], permission: Permission, policy: Policy, kind: MediaKind
) -> Verdict:
    return Verdict(
        action=permission.action,
        severity=Severity.LOW,
        confidence=1.0,
        violations=(),
        outcomes=outcomes(
            {each.method: each for each in findings}, policy.required.of(kind), set(), set()
        ),
        reasons=(reason(ReasonCode.LOOKED_AT),),
        evidence=(),
        sanction=Sanction.NONE,
        needs_confirmation=False,
        appealable=False,
        policy_version=policy.version,
    )


def _news(findings: Iterable[Finding], permission: Permission) -> Iterator[Finding]:
    """The findings without the entries and shields that were known."""
    for finding in findings:
        detail = finding.detail
        if isinstance(detail, BankMatchDetail):
            hits = tuple(
                hit
                for hit in detail.hits
                if hit.label is BankLabel.ALLOW_LIST
                or f"hash_banks/{hit.bank_id}/hashes/{hit.entry_id}" not in permission.entries
            )
            yield finding.model_copy(update={"detail": detail.model_copy(update={"hits": hits})})
        else:
            yield without(finding, permission.shields)


_OF_A_HOLD = {
    ReasonCode.BANK_MATCH_CONFIRMED: ReasonCode.BANK_MATCH_UNCONFIRMED,
    ReasonCode.PROTECTED_ALTERED: ReasonCode.PERSON_PROTECTED,
}
"""Reasons whose words promise a block, and those that stand for them where it is only held."""

"""What follows from matches with banks of known media. Pure.

A confirmed entry of an abusive bank blocks. Everything else that matches only holds: an entry that
nobody has confirmed, one that matches everybody, a hash that can be forged, a person's own hashes.
An allow-list entry that is at least as near as a hit overrules it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from media_integrity.schema.enums import Action, BankLabel, DetectionMethod, MatchType, Violation
from media_integrity.schema.findings import BankHit, BankMatchDetail, Finding
from media_integrity.schema.scans import ReasonCode, UploadContext

from .policy import BankMatchPolicy, Policy
from .rulings import Findings, Ruling


def known_media(findings: Findings, context: UploadContext, policy: Policy) -> Iterator[Ruling]:
    """A confirmed entry of an abusive bank blocks; any other entry that matches holds."""
    hits = findings.bank_hits
    allowed = overruled(hits, policy.bank_match)
    for hit in hits:
        if hit.label is BankLabel.ALLOW_LIST or hit.shield_id in context.own_shields:
            continue
        if hit in allowed and hit.label not in policy.bank_match.never_overruled:
            continue
        if hit not in allowed and _blocks(hit, policy.bank_match):
            yield _known(hit, policy)
        else:
            yield _ruling(Action.REVIEW, ReasonCode.BANK_MATCH_UNCONFIRMED)


def overruled(hits: Iterable[BankHit], policy: BankMatchPolicy) -> frozenset[BankHit]:
    """The hits to which a confirmed allow-list entry is at least as near.

    So near that it is the same picture and not one that looks alike: a picture made to lie between
    an allowed and a known one stays held. A film is overruled by a film that it lies in wholly.
    """
    hits = tuple(hits)
    allowing = [
        hit
        for hit in hits
        if hit.label is BankLabel.ALLOW_LIST
        and hit.confirmed
        and hit.algorithm not in policy.only_hold  # what can be forged vouches for nothing
        and hit.distance <= policy.allow_distance
        and (hit.query_percent is None or hit.query_percent >= policy.allow_film_percent)
    ]
    return frozenset(
        hit
        for hit in hits
        if hit.label is not BankLabel.ALLOW_LIST and any(_as_near(allow, hit) for allow in allowing)
    )


def hits_of(findings: Iterable[Finding]) -> tuple[BankHit, ...]:
    """The hits of a bank match finding among ``findings``."""
    for finding in findings:
        if isinstance(finding.detail, BankMatchDetail):
            return finding.detail.hits
    return ()


def _as_near(allow: BankHit, hit: BankHit) -> bool:
    if allow.match_type is MatchType.EXACT:
        return True  # these very bytes are allowed
    same_kind = (allow.query_percent is None) == (hit.query_percent is None)
    return same_kind and allow.view == hit.view and allow.distance <= hit.distance


def _blocks(hit: BankHit, policy: BankMatchPolicy) -> bool:
    """A piece of a film does not: it may be the opening that many innocent films share."""
    piece = hit.match_type is MatchType.MODIFIED and hit.query_percent is not None
    return (
        hit.confirmed
        and not piece
        and hit.label in policy.abusive_labels
        and hit.algorithm not in policy.only_hold
    )


def _known(hit: BankHit, policy: Policy) -> Ruling:
    """Blocks. A picture inside a picture is enough for that, but not for a ban by itself."""
    violation = Violation.KNOWN_ABUSIVE_MEDIA
    return _ruling(
        policy.violations[violation].action,
        ReasonCode.BANK_MATCH_CONFIRMED,
        violation=violation,
        deterministic=hit.match_type is not MatchType.MODIFIED,
    )


def _ruling(
    action: Action,
    reason: ReasonCode,
    *,
    violation: Violation | None = None,
    deterministic: bool = False,
) -> Ruling:
    return Ruling(
        action,
        reason,
        {DetectionMethod.BANK_MATCH: None},
        violation=violation,
        deterministic=deterministic,
    )

"""From the strikes and warnings of an account to what follows from them. Pure.

Nothing here knows what was in force before: what follows is worked out anew from everything that
stands, so that the order in which verdicts, confirmations and overturnings come does not matter,
and what is undone leaves nothing behind. Windows of time go by the upload, not by the verdict, and
are open at their far end: two attempts exactly a window apart do not lie in one.

What cannot be undone without harm needs deterministic evidence or a moderator's word: a strike that
rests on a model alone suspends, a confirmed one bans.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from media_integrity.decision.decide import IRREVERSIBLE
from media_integrity.decision.policy import EnforcementPolicy, RepeatPolicy
from media_integrity.schema.base import CaseId
from media_integrity.schema.enforcement import (
    MeritlessAppeal,
    Restriction,
    RestrictionKind,
    Standing,
    Strike,
    StrikeState,
)
from media_integrity.schema.enums import Sanction, Severity


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything that follows from an account's strikes and warnings."""

    standing: Standing = Standing.GOOD
    strikes: int = 0
    """Confirmed, not undone, not expired."""
    warnings: int = 0
    restrictions: tuple[Restriction, ...] = ()
    """In force now, one of a kind at most."""
    fraud_flags: int = 0
    changes_at: datetime | None = None
    """When the first of it ends by itself."""

    @property
    def appeals_closed_until(self) -> datetime | None:
        return next(
            (each.until for each in self.restrictions if each.kind is RestrictionKind.APPEALS),
            None,
        )


def outlook(
    strikes: Iterable[Strike],
    meritless: Sequence[MeritlessAppeal],
    policy: EnforcementPolicy,
    now: datetime,
) -> Outlook:
    """What follows at ``now``."""
    standing = [each for each in strikes if each.state is not StrikeState.UNDONE]
    warned = [each for each in meritless if now < each.at + timedelta(days=policy.warning_days)]
    live = [each for each in standing if _counts(each, now)]
    confirmed = [each for each in live if each.confirmed]
    restrictions = _restrictions(standing, meritless, policy, now)
    ends = [each.expires_at for each in live]
    ends += [each.at + timedelta(days=policy.warning_days) for each in warned]
    ends += [each.until for each in restrictions]
    warnings = len(warned) + sum(each.sanction is Sanction.WARNING for each in confirmed)
    return Outlook(
        standing=_standing(standing, restrictions, warned=bool(live or warned)),
        strikes=len(confirmed),
        warnings=warnings,
        restrictions=restrictions,
        fraud_flags=sum(each.sanction is Sanction.FRAUD_FLAG for each in confirmed),
        changes_at=min((end for end in ends if end is not None), default=None),
    )


def calls_moderators(strike: Strike, strikes: Iterable[Strike], policy: EnforcementPolicy) -> bool:
    """Whether a new strike is to be looked at now.

    It closes something on a model's word alone, or it lies with others in the window that the
    policy names for that.
    """
    if strike.sanction in IRREVERSIBLE and not strike.confirmed:
        return True
    others = [each for each in strikes if each.id != strike.id and _brings(each)]
    around = [
        each
        for each in others
        if abs(each.attempted_at - strike.attempted_at) < policy.escalation.window
    ]
    found = _windows([*around, strike], policy.escalation)
    return any(strike.id in {each.id for each in window} for window in found)


def life_of(severity: Severity, policy: EnforcementPolicy) -> timedelta | None:
    """How long a strike counts; None: for good."""
    days = policy.strike_days.get(severity)
    return timedelta(days=days) if days is not None else None


def _counts(strike: Strike, now: datetime) -> bool:
    over = strike.expires_at is not None and strike.expires_at <= now
    return strike.state in {StrikeState.PROVISIONAL, StrikeState.CONFIRMED} and not over


def _brings(strike: Strike) -> bool:
    """It stands and no moderator has lifted what it brings. Expired or not: a ban and a closing
    until it is undone do not end with the strike's life."""
    return strike.state is not StrikeState.UNDONE and strike.lifted_at is None


def _standing(
    strikes: Sequence[Strike], restrictions: Sequence[Restriction], *, warned: bool
) -> Standing:
    if any(each.kind is RestrictionKind.ACCOUNT for each in restrictions):
        return Standing.BANNED
    awaited = any(
        _brings(each) and each.sanction in IRREVERSIBLE and not each.confirmed for each in strikes
    )
    if awaited or any(each.provisional for each in restrictions):
        return Standing.SUSPENDED
    if restrictions:
        return Standing.RESTRICTED
    return Standing.WARNED if warned else Standing.GOOD


def _restrictions(
    strikes: Sequence[Strike],
    meritless: Iterable[MeritlessAppeal],
    policy: EnforcementPolicy,
    now: datetime,
) -> tuple[Restriction, ...]:
    bringing = [each for each in strikes if _brings(each)]
    firm = [each for each in bringing if each.confirmed]
    bans = [each for each in bringing if each.sanction in IRREVERSIBLE]
    account = [_closing(RestrictionKind.ACCOUNT, [each]) for each in bans if each.confirmed]
    suspended = [
        each.model_copy(update={"provisional": True}) for each in _uploads_closed(bringing, policy)
    ]
    found = (
        _longest(account, now),
        _longest(_uploads_closed(firm, policy), now) or _longest(suspended, now),
        _longest(_appeals_closed(meritless, policy.meritless), now),
    )
    return tuple(each for each in found if each is not None)


def _uploads_closed(strikes: Sequence[Strike], policy: EnforcementPolicy) -> list[Restriction]:
    """By a ban or a violation that does so at once, and by several attempts within the window."""
    at_once = [
        _closing(RestrictionKind.UPLOADS, [each])
        for each in strikes
        if each.sanction in IRREVERSIBLE or policy.restricted_at_once.intersection(each.violations)
    ]
    return at_once + [
        _closing(RestrictionKind.UPLOADS, window, policy.restriction.closed)
        for window in _windows(strikes, policy.restriction)
    ]


def _windows(strikes: Sequence[Strike], rule: RepeatPolicy) -> list[list[Strike]]:
    """Every run of as many attempts as the rule names that lies within its window."""
    ordered = sorted(strikes, key=lambda each: (each.attempted_at, each.id))
    runs = (ordered[first : first + rule.attempts] for first in range(len(ordered)))
    return [
        run
        for run in runs
        if len(run) == rule.attempts and run[-1].attempted_at - run[0].attempted_at < rule.window
    ]


def _closing(
    kind: RestrictionKind, strikes: Sequence[Strike], lasts: timedelta | None = None
) -> Restriction:
    """What strikes close together, since the last of them was recorded."""
    last = max(strikes, key=lambda each: (each.recorded_at, each.id))
    until = last.recorded_at + lasts if lasts is not None else None
    return Restriction(kind=kind, since=last.recorded_at, until=until, case_id=CaseId(last.id))


def _appeals_closed(meritless: Iterable[MeritlessAppeal], rule: RepeatPolicy) -> list[Restriction]:
    ordered = sorted(meritless, key=lambda each: (each.at, each.case_id))
    assert rule.closed is not None, "the policy says so"
    return [
        Restriction(
            kind=RestrictionKind.APPEALS,
            since=last.at,
            until=last.at + rule.closed,
            case_id=last.case_id,
        )
        for first, last in zip(ordered, ordered[rule.attempts - 1 :], strict=False)
        if last.at - first.at < rule.window
    ]


def in_force(restriction: Restriction, now: datetime) -> bool:
    """Whether it closes anything at that moment."""
    return restriction.until is None or now < restriction.until


def _longest(found: Iterable[Restriction], now: datetime) -> Restriction | None:
    """Of those of a kind in force: one without an end, the oldest; else the one that ends last."""
    current = [each for each in found if in_force(each, now)]
    endless = [each for each in current if each.until is None]
    if endless:
        return min(endless, key=lambda each: (each.since, each.case_id or ""))
    return max(
        current, key=lambda each: (each.until or each.since, each.case_id or ""), default=None
    )

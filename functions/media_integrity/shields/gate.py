"""What a verdict brings about for the shielded people in the upload.

Takes part in the verdict's transaction (``scanning.consequences``): names them for the case, tells
them, counts, keeps whose uploads their shields stopped. Whether the upload is held or blocked was
decided before (``decision.protected``). Exact however often an upload is judged and however many
are judged at once: what a shield did about one case stands in one document, ``ShieldMatch``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from media_integrity.cloud.firestore import Transaction
from media_integrity.consent.gate import people_who_agreed
from media_integrity.decision.policy import Policy
from media_integrity.decision.protected import named
from media_integrity.matching.alarms import alarm_id, raised_again
from media_integrity.scanning import effects
from media_integrity.scanning.consequences import Filed, Prepared
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.base import CaseId, UserId, days
from media_integrity.schema.enums import Action, Severity
from media_integrity.schema.findings import Finding
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import EscalateEffect
from media_integrity.schema.shields import (
    ATTACKER_RETENTION,
    MATCH_RETENTION,
    RecentUploader,
    Shield,
    ShieldAttacker,
    ShieldId,
    ShieldLevel,
    ShieldMatch,
    ShieldReach,
    ShieldStatistics,
    ShieldStatus,
)
from media_integrity.schema.statistics import Counter

KEPT_CASES = 50
"""Of one attacker; their number goes on being counted."""

REACH_WINDOW = days(1)


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record of one shield and one upload, as read in a transaction."""

    shield: Shield
    match: ShieldMatch | None
    attacker: ShieldAttacker | None
    reach: ShieldReach
    alarm: Alarm | None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to an upload that a shield covers."""

    case_id: CaseId
    uploader: UserId
    action: Action
    """REVIEW or BLOCK."""
    now: datetime
    retroactive: bool = False
    told: bool = True
    """False where it was the owner who brought it about."""


class Shields:
    """The consequence of every verdict whose findings name somebody's shield."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def prepare(self, tx: Transaction, filed: Filed) -> Prepared | None:
        if filed.publishes:
            return None
        return prepared(tx, filed, self._policy)


def prepared(tx: Transaction, filed: Filed, policy: Policy) -> Prepared | None:
    """Read what is needed of every shield that the findings name and that acts here; None if there
    is none. Writes in ``Prepared.write``."""
    shields = acting(tx, filed.findings, filed.upload.uploader_id, filed.upload.id)
    if not shields:
        return None
    uploader = filed.upload.uploader_id
    known = [read(tx, shield, filed.upload.id, uploader) for shield in shields]
    # Of two people who claim one face, one is not who they say: neither learns what is uploaded.
    victims = [shield.owner_id for shield in shields if shield.status is ShieldStatus.ACTIVE]

    event = Event(
        case_id=CaseId(filed.upload.id),
        uploader=uploader,
        action=Action.BLOCK if filed.verdict.action is Action.BLOCK else Action.REVIEW,
        now=filed.now,
        retroactive=filed.retroactive,
    )

    def write() -> None:
        for each in known:
            record(tx, each, event, policy)

    return Prepared(write=write, victims=tuple(dict.fromkeys(victims)))


def acting(
    tx: Transaction, findings: Sequence[Finding], uploader: UserId, upload_id: str
) -> list[Shield]:
    """The shields that findings name, without those that do not act: paused or deleted since, the
    uploader's own, and of people who have agreed to this upload."""
    ids = sorted({each.shield_id for each in named(findings)})
    if not ids:
        return []
    found = tx.get_many(Shield, [Shield.path_of(each) for each in ids])
    agreed = people_who_agreed(tx, upload_id)
    return sorted(
        (
            shield
            for shield in found
            if shield.acts and shield.owner_id != uploader and shield.owner_id not in agreed
        ),
        key=lambda shield: shield.id,
    )


def read(tx: Transaction, shield: Shield, case_id: str, uploader: UserId) -> Known:
    """What is on record of a shield and one upload."""
    reach = tx.get_below(ShieldReach, shield.id, ShieldReach.REACH_ID)
    return Known(
        shield=shield,
        match=tx.get_below(ShieldMatch, shield.id, case_id),
        attacker=tx.get_below(ShieldAttacker, shield.id, uploader),
        reach=reach or ShieldReach(id=ShieldReach.REACH_ID, parent_id=shield.id),
        alarm=tx.get(Alarm, alarm_id(AlarmKind.SHIELD_FLOOD, shield.path)),
    )


def record(tx: Transaction, known: Known, event: Event, policy: Policy) -> None:
    """Write what follows for one shield. Nothing, where the same was written before."""
    shield, now, action = known.shield, event.now, event.action
    before = known.match.action if known.match is not None else None
    if before is action or before is Action.BLOCK:
        return  # said and counted; what was blocked once counts as blocked
    tx.put(_match(known, event))
    blocked_first = action is Action.BLOCK and not (known.attacker and known.attacker.blocked)
    changes: dict[str, object] = {
        "statistics": counted(shield.statistics, before, action, new_attacker=blocked_first)
    }
    tx.put(_attacker(known, event, new=before is None))
    if before is None:
        changes |= _reach(tx, known, event, policy)
    tx.update(shield, **changes)
    cause = f"{event.case_id}_{shield.id}"
    if shield.toggles.notifications and shield.status is ShieldStatus.ACTIVE and event.told:
        kind = _told(action, found_later=event.retroactive and before is None)
        told = effects.tell(
            cause,
            shield.owner_id,
            kind,
            now,
            case_id=event.case_id,
            shield_id=ShieldId(shield.id),
        )
        tx.create(told)
    if action is Action.BLOCK:
        tx.create(effects.tally(cause, now, Counter.SHIELD_BLOCKS))
    if shield.level.rank >= ShieldLevel.ENHANCED.rank and before is None:
        urgent = EscalateEffect(case_id=event.case_id)
        tx.create(effects.entry(cause, "escalate", urgent, now))


def _match(known: Known, event: Event) -> ShieldMatch:
    if known.match is not None:
        return known.match.model_copy(update={"action": event.action, "updated_at": event.now})
    return ShieldMatch(
        id=event.case_id,
        parent_id=known.shield.id,
        uploader_id=event.uploader,
        action=event.action,
        retroactive=event.retroactive,
        only_held=known.shield.only_holds(event.now),
        created_at=event.now,
        updated_at=event.now,
        expire_at=event.now + MATCH_RETENTION,
    )


def counted(
    statistics: ShieldStatistics, before: Action | None, action: Action, *, new_attacker: bool
) -> ShieldStatistics:
    """Statistics with one case that is new (no ``before``), or blocked and no more held. Pure."""
    blocked = action is Action.BLOCK
    return statistics.model_copy(
        update={
            "cases": statistics.cases + (before is None),
            "media_held": statistics.media_held + (not blocked) - (blocked and before is not None),
            "media_blocked": statistics.media_blocked + blocked,
            "attackers_blocked": statistics.attackers_blocked + new_attacker,
        }
    )


def _attacker(known: Known, event: Event, *, new: bool) -> ShieldAttacker:
    tracked = known.shield.level.rank >= ShieldLevel.ENHANCED.rank
    before = known.attacker
    cases = before.case_ids if before is not None else ()
    if tracked and event.case_id not in cases:
        cases = (*cases, event.case_id)[-KEPT_CASES:]
    return ShieldAttacker(
        id=event.uploader,
        parent_id=known.shield.id,
        uploader_id=event.uploader,
        attempts=(before.attempts if before is not None else 0) + new,
        blocked=(before.blocked if before is not None else 0) + (event.action is Action.BLOCK),
        case_ids=cases,
        first_at=before.first_at if before is not None else event.now,
        last_at=event.now,
        expire_at=event.now + ATTACKER_RETENTION,
    )


def _reach(tx: Transaction, known: Known, event: Event, policy: Policy) -> dict[str, object]:
    """Note whom the shield matches; what changes in it if they are too many."""
    shield, reach, now = known.shield, known.reach, event.now
    recent = latest(reach, event.uploader, now)
    limit = policy.shields.flood_uploaders
    flood = len(recent) > limit and shield.held_back_at is None
    tx.put(reach.model_copy(update={"recent": recent[-(limit + 1) :]}))
    if not flood:
        return {}
    raised = Alarm(
        id=alarm_id(AlarmKind.SHIELD_FLOOD, shield.path),
        kind=AlarmKind.SHIELD_FLOOD,
        severity=Severity.HIGH,
        subject=shield.path,
        text=(
            f"This shield matched uploads of more than {limit} unrelated accounts in 24 hours. It "
            "may cover a celebrity's or a look-alike's face, or somebody is being attacked. It "
            "only holds now. Look at its cases, then call review_shield_reach."
        ),
        raised_at=now,
    )
    tx.put(raised_again(known.alarm, raised) if known.alarm is not None else raised)
    return {"held_back_at": now, "updated_at": now}


def latest(reach: ShieldReach, uploader: UserId, now: datetime) -> tuple[RecentUploader, ...]:
    """The different accounts of the last 24 hours, this one among them, the latest last. Pure."""
    since = now - REACH_WINDOW
    if reach.cleared_at is not None:
        since = max(since, reach.cleared_at)
    others = [each for each in reach.recent if each.at > since and each.uploader_id != uploader]
    return (*others, RecentUploader(uploader_id=uploader, at=now))


def _told(action: Action, *, found_later: bool) -> NotificationKind:
    if found_later:
        return NotificationKind.SHIELD_RESCAN_FOUND
    if action is Action.BLOCK:
        return NotificationKind.SHIELD_MEDIA_BLOCKED
    return NotificationKind.SHIELD_MEDIA_HELD

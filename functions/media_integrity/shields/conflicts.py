"""Whose face is it? Shields of different people over one face; shields that match everybody.

Two owners of one face cannot both be right (unless they are twins). Until a senior moderator has
decided, both only hold, and neither owner is told of uploads. Neither learns anything of the other.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.matching.alarms import alarm_id, raised_again
from media_integrity.scanning import effects
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.enums import Severity
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, NotFound
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.shields import (
    ReferenceKind,
    Shield,
    ShieldDetails,
    ShieldId,
    ShieldReach,
    ShieldReferences,
    ShieldStatus,
    ShieldTemplate,
)
from media_integrity.signals import runtime
from media_integrity.signals.identity import between, embedding
from media_integrity.signals.identity_morphing import MAX_CHANCE
from media_integrity.signals.voice import speaker
from media_integrity.templates.service import Opened, TooManyTemplates

from . import rescan
from .backend import ShieldBackend

log = logging.getLogger(__name__)

SYSTEM = Actor(kind=ActorKind.SYSTEM, id="shields")
MAX_CONFLICTS = 20
"""Dealt with at once, the nearest first."""


def look(shield: Shield, backend: ShieldBackend) -> Shield:
    """Bring a shield and those of other people over the same face or voice into dispute; the shield
    as it is then. Repeatable, and repeated by the upkeep: of two that come at the same time each
    is written before it is looked for, so that one of them sees the other.

    Does nothing, with an error in the log, where references cannot be opened now.
    """
    if not shield.acts:
        return shield
    try:
        others = _alike(shield, backend)
    except (KeysUnreachable, TooManyTemplates) as error:
        log.error(
            "conflicts not looked for",
            extra={"shield": shield.id, "error_type": type(error).__name__},
        )
        return shield
    return dispute(ShieldId(shield.id), others, backend) if others else shield


def dispute(shield_id: ShieldId, others: Sequence[ShieldId], backend: ShieldBackend) -> Shield:
    """Mark a shield and those over the same face, tell their owners, alarm moderators. Twice
    changes nothing.

    Raises:
        NotFound: the shield is gone.
    """

    def body(tx: Transaction) -> Shield:
        shield = tx.get(Shield, shield_id)
        if shield is None:
            raise NotFound("There is no such shield.")
        details = _details(tx, shield_id)
        now = backend.clock.now()
        found = [
            (other, _details(tx, ShieldId(other.id)))
            for other in tx.get_many(Shield, [Shield.path_of(each) for each in others])
            if other.acts and other.owner_id != shield.owner_id
        ]
        new = [
            (other, below)
            for other, below in found
            if other.id not in {*details.conflicts, *details.distinct_from}
        ]
        if not shield.acts or not new:
            return shield
        alarm = tx.get(Alarm, alarm_id(AlarmKind.SHIELD_DISPUTED, shield.path))
        trails = {each.id: Entry(tx, each.path) for each in (shield, *(other for other, _ in new))}
        raised = _alarm(shield, now)
        tx.put(raised_again(alarm, raised) if alarm is not None else raised)
        for other, below in new:
            tx.put(_with_conflicts(below, (shield_id,)))
            _disputed(tx, other, trails[other.id], now)
        tx.put(_with_conflicts(details, tuple(ShieldId(other.id) for other, _ in new)))
        return _disputed(tx, shield, trails[shield.id], now)

    return backend.store.run(body)


def resolve(
    shield_ids: Sequence[ShieldId],
    keep: Sequence[ShieldId],
    why: str,
    actor: Actor,
    backend: ShieldBackend,
) -> list[Shield]:
    """Decide a dispute: the shields that are kept act again, at once in full; the others lose their
    references. Several are kept where they are different people who look alike.

    Raises:
        NotFound: there is no such shield.
        Invalid: fewer than two were named, or one is to be kept that was not named.
        Conflict: one is not in dispute with another of them any more.
        Forbidden: one of them is the moderator's own.
    """
    named = tuple(dict.fromkeys(shield_ids))
    kept = frozenset(keep)
    if len(named) < 2 or not kept <= frozenset(named):
        raise Invalid("Name the shields of the dispute, and which of them are kept.")

    def body(tx: Transaction) -> list[Shield]:
        shields = tx.get_many(Shield, [Shield.path_of(each) for each in named])
        if len(shields) != len(named):
            raise NotFound("There is no such shield.")
        if any(shield.owner_id == actor.id for shield in shields):
            raise Forbidden("You cannot decide about a shield of your own.")
        details = {shield.id: _details(tx, ShieldId(shield.id)) for shield in shields}
        trails = {shield.id: Entry(tx, shield.path) for shield in shields}
        for shield in shields:
            if not frozenset(named) & frozenset(details[shield.id].conflicts):
                raise Conflict("These shields are not in dispute with each other.")
        now = backend.clock.now()
        changed = []
        for shield in sorted(shields, key=lambda each: each.id):
            below = details[shield.id]
            left = tuple(each for each in below.conflicts if each not in named)
            stays = ShieldId(shield.id) in kept
            distinct = {each for each in kept if each != shield.id} if stays else set()
            tx.put(
                below.model_copy(
                    update={
                        "conflicts": left,
                        "distinct_from": tuple(sorted({*below.distinct_from, *distinct})),
                    }
                )
            )
            changes = _kept(shield, left, now) if stays else _lost(tx, shield)
            changed.append(tx.update(shield, **changes, updated_at=now))
            word = "kept" if stays else "not theirs"
            trails[shield.id].write(AuditAction.SHIELD_CHANGED, actor, now, f"{word}: {why}")
        return changed

    return backend.store.run(body)


def review_reach(
    shield_id: ShieldId, only_holds: bool, why: str, actor: Actor, backend: ShieldBackend
) -> Shield:
    """Say whether a shield that matched many people only holds from now on. Its reach is counted
    anew.

    Raises:
        NotFound: there is no such shield.
        Forbidden: it is the moderator's own.
    """

    def body(tx: Transaction) -> Shield:
        shield = tx.get(Shield, shield_id)
        if shield is None or shield.status is ShieldStatus.DELETED:
            raise NotFound("There is no such shield.")
        if shield.owner_id == actor.id:
            raise Forbidden("You cannot decide about a shield of your own.")
        trail = Entry(tx, shield.path)
        now = backend.clock.now()
        tx.put(ShieldReach(id=ShieldReach.REACH_ID, parent_id=shield_id, cleared_at=now))
        changes: dict[str, object] = {"held_back_at": shield.held_back_at or now}
        if not only_holds:
            changes = {"held_back_at": None, "rescan": rescan.taken_up(shield.rescan, now)}
        changed = tx.update(shield, **changes, updated_at=now)
        word = "only holds" if only_holds else "acts in full"
        trail.write(AuditAction.SHIELD_CHANGED, actor, now, f"{word}: {why}")
        return changed

    return backend.store.run(body)


def _alike(shield: Shield, backend: ShieldBackend) -> list[ShieldId]:
    """Other shields over the same face or voice, by the distance that counts as a match where so
    many are enrolled; the nearest first."""
    opened = backend.templates.open(shield).templates
    found: dict[str, float] = {}
    for kind, model in (
        (ReferenceKind.FACE, embedding.MODEL),
        (ReferenceKind.VOICE, speaker.MODEL),
    ):
        for template in opened:
            if template.kind is kind and template.model == runtime.reference(model):
                for other, far in _near(template, backend):
                    if other != shield.id:
                        found[other] = min(far, found.get(other, far))
    return [ShieldId(each) for each in sorted(found, key=lambda each: found[each])][:MAX_CONFLICTS]


def _near(template: Opened, backend: ShieldBackend) -> list[tuple[str, float]]:
    if template.kind is ReferenceKind.FACE:
        people, within = backend.references.people(), embedding.SAME_PERSON
    else:
        people, within = backend.references.voices(), speaker.SAME_SPEAKER
    rate = between.rate if template.kind is ReferenceKind.FACE else speaker.rate
    return [
        (near.person_id, near.distance)
        for near in people.near(template.numbers, within)
        if len(people) * rate(near.distance) <= MAX_CHANCE
    ]


def _details(tx: Transaction, shield_id: ShieldId) -> ShieldDetails:
    found = tx.get_below(ShieldDetails, shield_id, ShieldDetails.DETAILS_ID)
    return found or ShieldDetails(id=ShieldDetails.DETAILS_ID, parent_id=shield_id)


def _with_conflicts(details: ShieldDetails, others: Sequence[ShieldId]) -> ShieldDetails:
    both = tuple(dict.fromkeys((*details.conflicts, *others)))
    return details.model_copy(update={"conflicts": both})


def _disputed(tx: Transaction, shield: Shield, trail: Entry, now: datetime) -> Shield:
    if shield.status is ShieldStatus.DISPUTED:
        return shield
    changed = tx.update(shield, status=ShieldStatus.DISPUTED, updated_at=now)
    # With the time, as there may be another dispute later.
    tx.create(
        effects.tell(
            f"{shield.id}_{int(now.timestamp() * 1000)}",
            shield.owner_id,
            NotificationKind.SHIELD_DISPUTED,
            now,
            shield_id=ShieldId(shield.id),
        )
    )
    trail.write(AuditAction.SHIELD_CHANGED, SYSTEM, now, "disputed")
    return changed


def _kept(shield: Shield, left: tuple[ShieldId, ...], now: datetime) -> dict[str, object]:
    if left:
        return {}  # in dispute with others still
    changes = {"status": ShieldStatus.ACTIVE, "blocks_from": now}
    return {**changes, "rescan": rescan.taken_up(shield.rescan, now)}


def _lost(tx: Transaction, shield: Shield) -> dict[str, object]:
    for each in shield.listed:
        tx.delete(ShieldTemplate.path_below(shield.id, each.id))
    hashes = shield.references.hashes
    return {
        "status": ShieldStatus.ACTIVE if hashes else ShieldStatus.PENDING,
        "listed": (),
        "references": ShieldReferences(hashes=hashes),
        "disputes_lost": shield.disputes_lost + 1,
        "rescan": None,
    }


def _alarm(shield: Shield, now: datetime) -> Alarm:
    return Alarm(
        id=alarm_id(AlarmKind.SHIELD_DISPUTED, shield.path),
        kind=AlarmKind.SHIELD_DISPUTED,
        severity=Severity.HIGH,
        subject=shield.path,
        text=(
            "Shields of different people cover one face. All of them only hold until a senior "
            "moderator has decided whose it is: private/details names them; call "
            "resolve_shield_dispute."
        ),
        raised_at=now,
    )

"""A shield's life: made, changed, paused, deleted by its owner.

States: docs/shields.md. What is in a shield (faces, voices) is the business of ``references``,
whose face it is that of ``conflicts``.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from media_integrity.audit.log import Entry
from media_integrity.banks import personal
from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.scanning import effects
from media_integrity.scanning.worker import shields_of
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import UserId, days
from media_integrity.schema.envelope import Envelope
from media_integrity.schema.errors import (
    Conflict,
    Invalid,
    NotFound,
    ServiceError,
    TooMany,
    Unavailable,
)
from media_integrity.schema.shields import (
    DELETED_SHIELD_RETENTION,
    Shield,
    ShieldDetails,
    ShieldId,
    ShieldKey,
    ShieldLevel,
    ShieldReach,
    ShieldReferences,
    ShieldStatus,
    ShieldToggles,
)
from media_integrity.schema.statistics import Counter
from media_integrity.sealing.envelopes import CannotOpen, seal_text, unseal_text

from . import conflicts, rescan
from .backend import ShieldBackend

log = logging.getLogger(__name__)

MAX_CONTACT = 500
"""Characters of a contact: a name, an address, a telephone number."""

LEGAL, SUPPORT = "legal_contact", "support_contact"


@dataclass(frozen=True, slots=True)
class Contacts:
    """Who acts for the person in law, and who stands by them. None: unchanged; "": nobody."""

    legal: str | None = None
    support: str | None = None

    def __bool__(self) -> bool:
        return self.legal is not None or self.support is not None


NOBODY = Contacts()


@dataclass(frozen=True, slots=True)
class Wish:
    """What an owner wants changed; None: as it is."""

    level: ShieldLevel | None = None
    toggles: ShieldToggles | None = None
    sharing_agreed: bool | None = None
    contacts: Contacts = NOBODY


def create(owner: UserId, wish: Wish, backend: ShieldBackend, *, key: str | None = None) -> Shield:
    """Make a shield; it does nothing before it has a reference.

    ``key``: chosen by the app, so that asking twice makes one shield.

    Raises:
        Invalid: what is wished for needs another level.
        TooMany: the person has, or has made today, as many as are allowed.
        Conflict: a shield of the person is in dispute.
        Unavailable: contacts cannot be encrypted now.
    """
    shield_id = _new_id(owner, key)
    if (known := backend.store.get(Shield, shield_id)) is not None:
        return known
    now = backend.clock.now()
    shield = _wished(
        Shield(id=shield_id, owner_id=owner, created_at=now, updated_at=now), wish, now
    )
    sealed = _sealed(shield, wish.contacts, backend)

    def body(tx: Transaction) -> Shield:
        if (there := tx.get(Shield, shield_id)) is not None:
            return there
        _require_room(tx.query(shields_of(owner)), backend, now)
        trail = Entry(tx, shield.path)
        tx.create(shield)
        details = ShieldDetails(id=ShieldDetails.DETAILS_ID, parent_id=shield.id)
        tx.create(details.model_copy(update=dict(sealed)))
        tx.create(effects.tally(shield.id, now, Counter.SHIELDS_MADE))
        trail.write(AuditAction.SHIELD_CHANGED, _as(owner), now, f"made {shield.level}")
        return shield

    try:
        return backend.store.run(body)
    except ServiceError:
        backend.templates.keys.destroy(shield_id)  # made for the contacts
        raise


def update(shield_id: ShieldId, owner: UserId, wish: Wish, backend: ShieldBackend) -> Shield:
    """Change level, toggles and contacts.

    From the level enhanced on, what was published before is compared as well; below maximum there
    are no contacts, no evidence packages and no outside platforms.

    Raises:
        NotFound: there is no such shield, or it is somebody else's.
        Conflict: it is deleted.
        Invalid, Unavailable: as ``create``.
    """
    found = own(backend.store.get(Shield, shield_id), owner)
    now = backend.clock.now()
    sealed = _sealed(_wished(found, wish, now), wish.contacts, backend)

    def body(tx: Transaction) -> tuple[Shield, bool]:
        current = own(tx.get(Shield, shield_id), owner)
        details = tx.get_below(ShieldDetails, shield_id, ShieldDetails.DETAILS_ID)
        trail = Entry(tx, current.path)
        wanted = _wished(current, wish, now)
        changes: dict[str, object] = {
            "level": wanted.level,
            "toggles": wanted.toggles,
            "sharing_agreed_at": wanted.sharing_agreed_at,
        }
        wider = _compares_published(wanted) and not _compares_published(current)
        if wider and wanted.acts and wanted.references.faces + wanted.references.voices:
            changes["rescan"] = rescan.asked(now)
        elif not _compares_published(wanted):
            changes["rescan"] = None
        contacts: dict[str, object] = dict(sealed)
        if wanted.level is not ShieldLevel.MAXIMUM:
            contacts = {LEGAL: None, SUPPORT: None}
        if wanted == current and not sealed:
            return current, False
        changed = tx.update(current, **changes, updated_at=now)
        if details is not None and contacts:
            tx.update(details, **contacts)
        trail.write(AuditAction.SHIELD_CHANGED, _as(owner), now, f"level {changed.level}")
        return changed, changed.rescan is not None and changed.rescan.asked_at == now

    changed, due = backend.store.run(body)
    if due:
        rescan.enqueue(shield_id, backend)
    return changed


def pause(shield_id: ShieldId, owner: UserId, backend: ShieldBackend) -> Shield:
    """Have it do nothing until it is resumed. Pausing twice changes nothing.

    Raises:
        NotFound: there is no such shield, or it is somebody else's.
        Conflict: it is deleted, or in dispute, which a pause must not end.
    """

    def body(tx: Transaction) -> Shield:
        shield = own(tx.get(Shield, shield_id), owner)
        if shield.status is ShieldStatus.PAUSED:
            return shield
        _refuse_disputed(shield)
        trail = Entry(tx, shield.path)
        now = backend.clock.now()
        changed = tx.update(shield, status=ShieldStatus.PAUSED, rescan=None, updated_at=now)
        trail.write(AuditAction.SHIELD_CHANGED, _as(owner), now, "paused")
        return changed

    changed = backend.store.run(body)
    personal.follow_shield(shield_id, backend.banks)
    return changed


def resume(shield_id: ShieldId, owner: UserId, backend: ShieldBackend) -> Shield:
    """Have a paused shield act again. Somebody else may have enrolled the face meanwhile, so it is
    as if its references were added now.

    Raises:
        NotFound: there is no such shield, or it is somebody else's.
        Conflict: it is deleted.
    """

    def body(tx: Transaction) -> tuple[Shield, bool]:
        shield = own(tx.get(Shield, shield_id), owner)
        if shield.status is not ShieldStatus.PAUSED:
            return shield, False
        trail = Entry(tx, shield.path)
        now = backend.clock.now()
        status = ShieldStatus.ACTIVE if _has_something(shield) else ShieldStatus.PENDING
        again = _compares_published(shield) and status is ShieldStatus.ACTIVE
        young = timedelta(hours=backend.policy.shields.young_hours)
        changed = tx.update(
            shield,
            status=status,
            blocks_from=now + young,
            rescan=rescan.asked(now) if again else None,
            updated_at=now,
        )
        trail.write(AuditAction.SHIELD_CHANGED, _as(owner), now, "resumed")
        return changed, again

    changed, due = backend.store.run(body)
    personal.follow_shield(shield_id, backend.banks)
    changed = conflicts.look(changed, backend)
    if due:
        rescan.enqueue(shield_id, backend)
    return changed


def delete(shield_id: ShieldId, owner: UserId, backend: ShieldBackend) -> Shield:
    """Delete a shield. Its key is destroyed first, in the very transaction that says so: from then
    on nothing opens its templates, wherever a copy may be. What it counted stays for 30 days.

    Deleting twice changes nothing and finishes what may be left.

    Raises:
        NotFound: there is no such shield, or it is somebody else's.
    """

    def body(tx: Transaction) -> Shield:
        shield = tx.get(Shield, shield_id)
        if shield is None or shield.owner_id != owner:
            raise NotFound("There is no such shield.")
        if shield.status is ShieldStatus.DELETED:
            return shield
        trail = Entry(tx, shield.path)
        now = backend.clock.now()
        tx.delete(ShieldKey.path_below(shield_id, ShieldKey.KEY_ID))
        changed = tx.update(
            shield,
            status=ShieldStatus.DELETED,
            references=ShieldReferences(),
            listed=(),
            rescan=None,
            sharing_agreed_at=None,
            updated_at=now,
            expire_at=now + DELETED_SHIELD_RETENTION,
        )
        trail.write(AuditAction.SHIELD_CHANGED, _as(owner), now, "deleted")
        return changed

    deleted = backend.store.run(body)
    finish_deletion(shield_id, backend)
    return deleted


def finish_deletion(shield_id: ShieldId, backend: ShieldBackend) -> None:
    """Take away what is left below a deleted shield. Repeatable."""
    backend.templates.destroy(shield_id)
    backend.store.delete(
        ShieldDetails.path_below(shield_id, ShieldDetails.DETAILS_ID),
        ShieldReach.path_below(shield_id, ShieldReach.REACH_ID),
    )
    personal.follow_shield(shield_id, backend.banks)


def contacts_of(shield_id: ShieldId, actor: Actor, why: str, backend: ShieldBackend) -> Contacts:
    """Open a shield's contacts for a moderator who has to reach them. Written into the audit log
    before they are opened.

    Raises:
        NotFound: there is no such shield, or it has none.
        Unavailable: they cannot be opened now.
    """

    def body(tx: Transaction) -> ShieldDetails:
        shield = tx.get(Shield, shield_id)
        details = tx.get_below(ShieldDetails, shield_id, ShieldDetails.DETAILS_ID)
        if shield is None or details is None or not (_contacts(details)):
            raise NotFound("There are no contacts.")
        trail = Entry(tx, details.path)
        trail.write(AuditAction.SECRET_OPENED, actor, backend.clock.now(), f"contacts: {why}")
        return details

    details = backend.store.run(body)
    try:
        key = backend.templates.keys.of(shield_id)
        opened = {
            field: unseal_text(envelope, details.path, field, key)
            for field, envelope in _contacts(details).items()
        }
    except (KeysUnreachable, CannotOpen) as error:
        raise Unavailable("The contacts cannot be opened now.") from error
    return Contacts(legal=opened.get(LEGAL), support=opened.get(SUPPORT))


def own(shield: Shield | None, owner: UserId) -> Shield:
    """The shield, if it is this person's.

    Raises:
        NotFound: it is not, or there is none.
        Conflict: it is deleted.
    """
    if shield is None or shield.owner_id != owner:
        raise NotFound("There is no such shield.")
    if shield.status is ShieldStatus.DELETED:
        raise Conflict("This shield is deleted. Make a new one.", code="deleted")
    return shield


def _refuse_disputed(shield: Shield) -> None:
    if shield.status is ShieldStatus.DISPUTED:
        raise Conflict(
            "A moderator is looking at this shield. Until then it can only be deleted.",
            code="disputed",
        )


def _wished(shield: Shield, wish: Wish, now: datetime) -> Shield:
    """The shield as it would be. Pure.

    Raises:
        Invalid: a toggle needs the level maximum.
    """
    level = wish.level or shield.level
    maximum = level is ShieldLevel.MAXIMUM
    toggles = wish.toggles or shield.toggles
    if not maximum:
        if wish.toggles is not None and (wish.toggles.monitoring or wish.toggles.legal_support):
            raise Invalid("Monitoring outside and legal support need the level maximum.")
        if wish.contacts or wish.sharing_agreed:
            raise Invalid("Contacts and sharing with exchanges need the level maximum.")
        toggles = toggles.model_copy(update={"monitoring": False, "legal_support": False})
    agreed = shield.sharing_agreed_at
    if wish.sharing_agreed is not None:
        agreed = (agreed or now) if wish.sharing_agreed else None
    return shield.model_copy(
        update={
            "level": level,
            "toggles": toggles,
            "sharing_agreed_at": agreed if maximum else None,
        }
    )


def _require_room(shields: list[Shield], backend: ShieldBackend, now: datetime) -> None:
    policy = backend.policy.shields
    alive = [shield for shield in shields if shield.status is not ShieldStatus.DELETED]
    if any(shield.status is ShieldStatus.DISPUTED for shield in alive):
        raise Conflict(
            "A moderator is looking at one of your shields. After that you can make another.",
            code="disputed",
        )
    if len(alive) >= policy.per_person:
        raise TooMany(f"You can have {policy.per_person} shields.", code="too_many_shields")
    if sum(shield.created_at > now - days(1) for shield in shields) >= policy.made_a_day:
        raise TooMany("You have made many shields today. Try again tomorrow.")


def _sealed(shield: Shield, contacts: Contacts, backend: ShieldBackend) -> dict[str, object]:
    """What changes in the details. Sealed under the shield's own key, and so gone with it."""
    path = ShieldDetails.path_below(shield.id, ShieldDetails.DETAILS_ID)
    changes: dict[str, object] = {}
    for field, text in ((LEGAL, contacts.legal), (SUPPORT, contacts.support)):
        if text is None:
            continue
        if not text.strip():
            changes[field] = None
            continue
        try:
            key = backend.templates.keys.made_for(ShieldId(shield.id))
            changes[field] = seal_text(text.strip(), path, field, key)
        except (KeysUnreachable, CannotOpen) as error:
            raise Unavailable("Contacts cannot be kept safely now. Try again soon.") from error
    return changes


def _contacts(details: ShieldDetails) -> dict[str, Envelope]:
    kept = {LEGAL: details.legal_contact, SUPPORT: details.support_contact}
    return {field: envelope for field, envelope in kept.items() if envelope is not None}


def _compares_published(shield: Shield) -> bool:
    return shield.level.rank >= ShieldLevel.ENHANCED.rank


def _has_something(shield: Shield) -> bool:
    references = shield.references
    return references.faces + references.voices + references.hashes > 0


def _new_id(owner: UserId, key: str | None) -> ShieldId:
    if key is None:
        return ShieldId(secrets.token_urlsafe(15))
    return ShieldId(hashlib.sha256(f"{owner}\n{key}".encode()).hexdigest()[:32])


def _as(owner: UserId) -> Actor:
    return Actor(kind=ActorKind.USER, id=owner)

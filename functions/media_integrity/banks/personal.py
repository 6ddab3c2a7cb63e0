"""Hashes that people make of their own pictures on their own phones, for their shields.

They act for that shield alone: they hold uploads of others and never block, ban or leave this
deployment. A hash says nothing of whose picture it is, so how many a person may add is limited, and
one that matches many strangers stops acting (``popular``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.schema.base import BankId, UserId
from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.errors import Conflict, NotFound, TooMany
from media_integrity.schema.hashes import PERSONAL_BANK, BankHash, DisabledFor, HashBank
from media_integrity.schema.shields import Shield, ShieldId, ShieldStatus

from . import service
from .backend import BankBackend
from .entries import HashRefused, new_entry

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PhoneHash:
    """A PDQ hash as the phone sends it."""

    pdq: str
    quality: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them: ``refused`` is a code, None for one that was taken."""

    pdq: str
    refused: str | None = None
    text: str | None = None


def submit(
    shield_id: ShieldId, hashes: Sequence[PhoneHash], owner: UserId, backend: BankBackend
) -> list[Outcome]:
    """Add hashes to the shield; one that cannot be used is refused with the reason, the rest is
    taken. Adding one twice changes nothing.

    Raises:
        NotFound: there is no such shield, or it is somebody else's.
        Conflict: it is paused, in dispute or deleted.
        TooMany: more in a day, or in all, than one person may add.
    """
    _ensure_bank(backend)
    floor = backend.policy.bank_match.min_quality
    outcomes: dict[str, Outcome] = {}
    wanted: dict[str, BankHash] = {}
    now = backend.clock.now()
    for sent in hashes:
        try:
            new = new_entry(HashAlgorithm.PDQ, sent.pdq, quality=sent.quality, min_quality=floor)
        except HashRefused as refused:
            outcomes[sent.pdq] = Outcome(sent.pdq, refused.reason.value, refused.text)
            continue
        outcomes[sent.pdq] = Outcome(sent.pdq)
        made = service.entry_document(BankId(PERSONAL_BANK), new, owner, "", now)
        entry = made.model_copy(
            update={
                "shield_id": shield_id,
                "id": BankHash.id_for(new.algorithm, new.value, shield_id),
            }
        )
        wanted[entry.id] = entry

    def body(tx: Transaction) -> None:
        shield = _own(tx.get(Shield, shield_id), owner)
        known = {
            entry.id: entry
            for entry in tx.get_many(BankHash, [entry.path for entry in wanted.values()])
        }
        fresh = [entry for each, entry in wanted.items() if each not in known]
        again = [entry for entry in known.values() if not entry.enabled]
        _require_room(shield, len(fresh) + len(again), backend)
        for entry in fresh:
            tx.create(entry)
        for entry in again:
            tx.update(entry, enabled=True, disabled_for=None, updated_at=now)
        if fresh or again:
            references = shield.references
            counted = references.hashes + len(fresh) + len(again)
            tx.update(
                shield,
                references=references.model_copy(update={"hashes": counted}),
                bank_id=BankId(PERSONAL_BANK),
                status=ShieldStatus.ACTIVE,
                updated_at=now,
            )

    backend.store.run(body)
    return [outcomes[sent.pdq] for sent in hashes]


def withdraw(
    shield_id: ShieldId, values: Sequence[str], owner: UserId, backend: BankBackend
) -> int:
    """Take hashes away from the shield; how many there were. They stop acting at once.

    Raises:
        NotFound: there is no such shield, or it is somebody else's.
    """
    ids = {BankHash.id_for(HashAlgorithm.PDQ, value, shield_id) for value in values}
    paths = [BankHash.path_below(PERSONAL_BANK, each) for each in ids]

    def body(tx: Transaction) -> int:
        shield = tx.get(Shield, shield_id)
        if shield is None or shield.owner_id != owner:
            raise NotFound("There is no such shield.")
        found = [entry for entry in tx.get_many(BankHash, paths) if entry.enabled]
        now = backend.clock.now()
        for entry in found:
            tx.update(entry, enabled=False, disabled_for=DisabledFor.WITHDRAWN, updated_at=now)
        left = max(0, shield.references.hashes - len(found))
        references = shield.references.model_copy(update={"hashes": left})
        if found:
            empty = not left and not references.faces and not references.voices
            pending = empty and shield.status is ShieldStatus.ACTIVE
            status = ShieldStatus.PENDING if pending else shield.status
            tx.update(shield, references=references, status=status, updated_at=now)
        return len(found)

    return backend.store.run(body)


PAGE = 200


def follow_shield(shield_id: ShieldId, backend: BankBackend) -> int:
    """Bring all hashes of a shield into step with its status; how many were changed. Repeatable.

    Those of a paused shield pause, those of a deleted one (or of one that is gone) are withdrawn
    for good, those of any other act again unless their owner has withdrawn them.
    """
    changed = 0
    entries = list(backend.store.query(hashes_of(shield_id)))
    for first in range(0, len(entries), PAGE):
        paths = [entry.path for entry in entries[first : first + PAGE]]

        def body(tx: Transaction, paths: list[str] = paths) -> int:
            shield = tx.get(Shield, shield_id)
            now = backend.clock.now()
            count = 0
            for entry in tx.get_many(BankHash, paths):
                changes = _in_step(entry, shield)
                if changes:
                    tx.update(entry, **changes, updated_at=now)
                    count += 1
            return count

        changed += backend.store.run(body)
    return changed


def _in_step(entry: BankHash, shield: Shield | None) -> dict[str, object]:
    """What has to change in a hash, by its shield's status. Pure."""
    if shield is None or shield.status is ShieldStatus.DELETED:
        gone = DisabledFor.WITHDRAWN
        stays = not entry.enabled and entry.disabled_for is gone
        return {} if stays else {"enabled": False, "disabled_for": gone}
    if shield.status is ShieldStatus.PAUSED:
        return {"enabled": False, "disabled_for": DisabledFor.PAUSED} if entry.enabled else {}
    if entry.disabled_for is DisabledFor.PAUSED:
        return {"enabled": True, "disabled_for": None}
    return {}


def hashes_of(shield_id: ShieldId) -> Query[BankHash]:
    """All that were ever added to a shield."""
    return Query(
        BankHash, (Where("shieldId", "==", shield_id),), below=HashBank.path_of(PERSONAL_BANK)
    )


def _own(shield: Shield | None, owner: UserId) -> Shield:
    if shield is None or shield.owner_id != owner:
        raise NotFound("There is no such shield.")
    if shield.status not in {ShieldStatus.PENDING, ShieldStatus.ACTIVE}:
        raise Conflict("This shield is not active, so nothing can be added to it.")
    return shield


def _require_room(shield: Shield, new: int, backend: BankBackend) -> None:
    policy = backend.policy.bank_upkeep
    if shield.references.hashes + new > policy.personal_in_all:
        raise TooMany(f"A shield takes {policy.personal_in_all} pictures in all.")
    since = backend.clock.now() - DAY
    if (
        backend.store.count(added_since(UserId(shield.owner_id), since)) + new
        > policy.personal_a_day
    ):
        raise TooMany(f"A shield takes {policy.personal_a_day} pictures a day.")


def added_since(owner: UserId, since: datetime) -> Query[BankHash]:
    """A person's own hashes that were added since then."""
    return Query(
        BankHash,
        (Where("addedBy", "==", owner), Where("createdAt", ">=", since)),
        below=HashBank.path_of(PERSONAL_BANK),
    )


def _ensure_bank(backend: BankBackend) -> None:
    now = backend.clock.now()
    backend.store.create(
        HashBank(
            id=PERSONAL_BANK,
            label=BankLabel.SHIELD,
            name="Personal hashes",
            purpose="Pictures that people have hashed on their own phones, for their shields.",
            source="people themselves",
            created_at=now,
            updated_at=now,
        )
    )

"""Banks and their entries: made, confirmed, disputed, disabled, moved.

Each act is one transaction with its audit entry, and sets ``updated_at``, by which every instance
follows. What takes longer than a transaction is marked here and done by ``upkeep``: opening cases
again, the same value in other banks. Does not match, and does not read exchanges.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import AlreadyThere, Query, Transaction, Where
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.bank_work import RetroactiveSearch
from media_integrity.schema.base import BankId, ImportId, UserId
from media_integrity.schema.enums import BankLabel
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, NotFound
from media_integrity.schema.hashes import (
    PERSONAL_BANK,
    BankHash,
    DisabledFor,
    HashBank,
    Opinion,
    OpinionKind,
)

from . import retroactive
from .backend import BankBackend
from .entries import NewEntry
from .standing import popularity_cleared, standing, with_opinion

BACK_BY_ADDING = frozenset({DisabledFor.WITHDRAWN, DisabledFor.MOVED})
"""Entries that were switched off for no fault of theirs: adding them anew brings them back."""

SENIOR = frozenset({ActorKind.SENIOR_MODERATOR, ActorKind.ADMIN, ActorKind.OPERATOR})


def create_bank(bank: HashBank, by: Actor, backend: BankBackend) -> HashBank:
    """Add a bank.

    Raises:
        Forbidden: the caller is no senior moderator.
        Conflict: there is one of that id.
    """
    _require_senior(by)

    def body(tx: Transaction) -> HashBank:
        entry = Entry(tx, bank.path)
        tx.create(bank)
        entry.write(AuditAction.BANK_CHANGED, by, backend.clock.now(), f"created {bank.label}")
        return bank

    try:
        return backend.store.run(body)
    except AlreadyThere as error:
        raise Conflict("There is a bank of that name already.") from error


def set_bank_enabled(
    bank_id: BankId, enabled: bool, why: str, by: Actor, backend: BankBackend
) -> HashBank:
    """Switch a whole bank on or off.

    Raises:
        Forbidden: the caller is no senior moderator.
        NotFound: there is no such bank.
    """
    _require_senior(by)

    def body(tx: Transaction) -> HashBank:
        bank = require_bank(tx.get(HashBank, bank_id))
        entry = Entry(tx, bank.path)
        now = backend.clock.now()
        changed = tx.update(bank, enabled=enabled, updated_at=now)
        entry.write(AuditAction.BANK_CHANGED, by, now, f"enabled={enabled}: {why}")
        return changed

    return backend.store.run(body)


def add(bank_id: BankId, new: NewEntry, why: str, by: Actor, backend: BankBackend) -> BankHash:
    """Add one entry by hand, or enable it again. It holds uploads until somebody else confirms it.

    Raises:
        NotFound: there is no such bank.
        Forbidden: it is the bank of personal hashes, or an allow-list and the caller not senior.
        Conflict: it was there and people have switched it off.
    """

    def body(tx: Transaction) -> BankHash:
        bank = require_bank(tx.get(HashBank, bank_id))
        _require_open(bank, by)
        known = tx.get_below(BankHash, bank_id, BankHash.id_for(new.algorithm, new.value))
        now = backend.clock.now()
        made = entry_document(bank_id, new, by.id, why, now)
        trail = Entry(tx, made.path)
        if known is None:
            tx.create(made)
        elif known.enabled:
            return known
        elif known.disabled_for in BACK_BY_ADDING:
            made = tx.update(
                known,
                enabled=True,
                disabled_for=None,
                confirmed=False,
                verified=False,
                opinions=(),
                added_by=by.id,
                note=why[:500],
                updated_at=now,
            )
        else:
            raise Conflict(
                "This hash was in the bank and was switched off on purpose. "
                "A senior moderator can look at it and enable it."
            )
        trail.write(AuditAction.BANK_CHANGED, by, now, f"added to {bank.label}")
        return made

    return backend.store.run(body)


def entry_document(
    bank_id: BankId,
    new: NewEntry,
    added_by: str,
    why: str,
    now: datetime,
    *,
    verified: bool = False,
    staged: bool = False,
    import_id: ImportId | None = None,
) -> BankHash:
    """The stored form of a new entry. Pure."""
    return BankHash(
        id=BankHash.id_for(new.algorithm, new.value),
        parent_id=bank_id,
        algorithm=new.algorithm,
        value=new.value,
        quality=new.quality,
        frames=new.frames,
        confirmed=verified,
        verified=verified,
        enabled=not staged,
        disabled_for=DisabledFor.STAGED if staged else None,
        added_by=added_by,
        note=(new.note or why)[:500],
        source_ref=new.source_ref,
        import_id=import_id,
        created_at=now,
        updated_at=now,
    )


def give_opinion(
    bank_id: BankId, entry_id: str, kind: OpinionKind, why: str, by: Actor, backend: BankBackend
) -> BankHash:
    """Confirm or dispute an entry; returns it as it stands afterwards.

    A confirmation that makes it count asks for a search among what is published. A dispute that
    switches it off marks its cases to be opened again.

    Raises:
        NotFound: there is no such bank or entry.
        Forbidden: the caller added it and wants to confirm it; a person's own hash; an allow-list
            entry, and the caller is not senior.
        Conflict: it is disabled, so that there is nothing to confirm.
    """

    def body(tx: Transaction) -> tuple[BankHash, RetroactiveSearch | None]:
        bank = require_bank(tx.get(HashBank, bank_id))
        entry = require_entry(tx.get_below(BankHash, bank_id, entry_id))
        _require_may_judge(bank, entry, kind, by)
        trail = Entry(tx, entry.path)
        now = backend.clock.now()
        opinion = Opinion(by=UserId(by.id), kind=kind, why=why, at=now)
        heard = entry.model_copy(update={"opinions": with_opinion(entry, opinion)})
        changed = tx.update(
            entry,
            opinions=heard.opinions,
            **popularity_cleared(entry, opinion, senior=by.kind in SENIOR),
            **standing_changes(heard, bank.label, now, backend),
        )
        acted = entry.confirmed and not entry.popular
        acts = changed.confirmed and not changed.popular
        newly = [retroactive.ref(changed)] if acts and not acted else []
        search = retroactive.ask_for(tx, newly, by.id, backend)
        trail.write(AuditAction.BANK_CHANGED, by, now, f"{kind}: {why}")
        return changed, search

    changed, search = backend.store.run(body)
    retroactive.enqueue(search, backend)
    return changed


def standing_changes(
    entry: BankHash, label: BankLabel, now: datetime, backend: BankBackend
) -> dict[str, object]:
    """What changes in an entry with these opinions and counters. Pure but for the policy."""
    policy = backend.policy
    stands = standing(
        entry, label, policy.bank_upkeep, never_disabled=policy.bank_match.never_overruled
    )
    changes: dict[str, object] = {"confirmed": stands.confirmed, "updated_at": now}
    if stands.disabled_for is not None and entry.enabled:
        changes |= {"enabled": False, "disabled_for": stands.disabled_for, "reopen_due": True}
    elif entry.confirmed and not stands.confirmed:
        changes["reopen_due"] = True  # its blocks rested on a confirmation that is in doubt now
    return changes


def disable(bank_id: BankId, entry_id: str, why: str, by: Actor, backend: BankBackend) -> BankHash:
    """Switch an entry off; its cases are opened again.

    Raises:
        Forbidden: the caller is no senior moderator.
        NotFound: there is no such entry.
    """
    _require_senior(by)
    return _switch(bank_id, entry_id, False, DisabledFor.MODERATOR, why, by, backend)


def enable(bank_id: BankId, entry_id: str, why: str, by: Actor, backend: BankBackend) -> BankHash:
    """Switch an entry on again, as unconfirmed: people have to look at it anew.

    Raises:
        Forbidden: the caller is no senior moderator.
        NotFound: there is no such entry.
        Conflict: it waits with its import for approval.
    """
    _require_senior(by)
    return _switch(bank_id, entry_id, True, None, why, by, backend)


def _switch(
    bank_id: BankId,
    entry_id: str,
    enabled: bool,
    cause: DisabledFor | None,
    why: str,
    by: Actor,
    backend: BankBackend,
) -> BankHash:
    def body(tx: Transaction) -> BankHash:
        entry = require_entry(tx.get_below(BankHash, bank_id, entry_id))
        if entry.enabled is enabled:
            return entry
        _require_approved(entry)
        trail = Entry(tx, entry.path)
        now = backend.clock.now()
        changes: dict[str, object] = {"opinions": (), "confirmed": False} if enabled else {}
        changed = tx.update(
            entry,
            enabled=enabled,
            disabled_for=cause,
            note=why[:500],
            reopen_due=not enabled,
            updated_at=now,
            **changes,
        )
        trail.write(AuditAction.BANK_CHANGED, by, now, f"enabled={enabled}: {why}")
        return changed

    return backend.store.run(body)


def move(
    bank_id: BankId, entry_id: str, to: BankId, why: str, by: Actor, backend: BankBackend
) -> BankHash:
    """Bring an entry into another bank; there it is unconfirmed, as its label is another.

    Raises:
        Forbidden: the caller is no senior moderator, or one of the banks is that of people.
        NotFound: a bank or the entry is not there.
        Conflict: it waits with its import for approval.
        Invalid: it is the same bank.
    """
    _require_senior(by)
    if to == bank_id:
        raise Invalid("The entry is in that bank already.")

    def body(tx: Transaction) -> BankHash:
        source = require_bank(tx.get(HashBank, bank_id))
        target = require_bank(tx.get(HashBank, to))
        for bank in (source, target):
            _require_open(bank, by)
        entry = require_entry(tx.get_below(BankHash, bank_id, entry_id))
        _require_approved(entry)
        there = tx.get_below(BankHash, to, entry_id)
        trail = Entry(tx, entry.path)
        now = backend.clock.now()
        fresh = entry.model_dump() | {
            "id": entry_id,
            "parent_id": to,
            "confirmed": False,
            "verified": False,
            "enabled": True,
            "disabled_for": None,
            "opinions": (),
            "added_by": by.id,
            "note": why[:500],
            "import_id": None,
            "reopen_due": False,
            "counters": there.counters if there is not None else {},
            "created_at": now,
            "updated_at": now,
        }
        moved = BankHash.model_validate(fresh)
        tx.put(moved)
        tx.update(
            entry, enabled=False, disabled_for=DisabledFor.MOVED, note=why[:500], updated_at=now
        )
        trail.write(AuditAction.BANK_CHANGED, by, now, f"moved to {to}: {why}")
        return moved

    return backend.store.run(body)


def record_export(bank_id: BankId, entries: int, by: Actor, backend: BankBackend) -> None:
    """Note that a bank's hashes were given out."""

    def body(tx: Transaction) -> None:
        trail = Entry(tx, HashBank.path_of(bank_id))
        trail.write(AuditAction.DATA_EXPORTED, by, backend.clock.now(), f"{entries} entries")

    backend.store.run(body)


def same_value_elsewhere(entry: BankHash, backend: BankBackend) -> Iterator[BankHash]:
    """Entries of other banks with the same hash, allow-lists left out."""
    for other in backend.store.query(entries_of_value(entry.value)):
        if other.parent_id == entry.parent_id or other.shield_id is not None:
            continue
        bank = backend.store.get(HashBank, other.parent_id)
        if bank is not None and bank.label is not BankLabel.ALLOW_LIST:
            yield other


def entries_of_value(value: str) -> Query[BankHash]:
    return Query(BankHash, (Where("value", "==", value),), group=True)


def banks(backend: BankBackend) -> list[HashBank]:
    """All banks."""
    return list(backend.store.query(Query(HashBank)))


def require_bank(bank: HashBank | None) -> HashBank:
    """Raises: NotFound: there is none."""
    if bank is None:
        raise NotFound("There is no such bank.")
    return bank


def require_entry(entry: BankHash | None) -> BankHash:
    """Raises: NotFound: there is none."""
    if entry is None:
        raise NotFound("There is no such entry in this bank.")
    return entry


def _require_senior(by: Actor) -> None:
    if by.kind not in SENIOR:
        raise Forbidden("Only a senior moderator may do this.")


def _require_approved(entry: BankHash) -> None:
    if entry.disabled_for in {DisabledFor.STAGED, DisabledFor.REJECTED}:
        raise Conflict("This entry belongs to an import that has not been approved.")


def _require_open(bank: HashBank, by: Actor) -> None:
    """People's own hashes are theirs; an allow-list lets things through."""
    if bank.id == PERSONAL_BANK or bank.label is BankLabel.SHIELD:
        raise Forbidden("These are people's own hashes: they add and remove them themselves.")
    if bank.label is BankLabel.ALLOW_LIST:
        _require_senior(by)


def _require_may_judge(bank: HashBank, entry: BankHash, kind: OpinionKind, by: Actor) -> None:
    confirms = kind is OpinionKind.CONFIRM
    if confirms and bank.label is BankLabel.SHIELD:
        raise Forbidden("A person's own hash only holds uploads, so there is nothing to confirm.")
    if bank.label is BankLabel.ALLOW_LIST:
        _require_senior(by)
    if confirms and entry.added_by == by.id:
        raise Forbidden("Somebody other than who added an entry has to confirm it.")
    if confirms and not entry.enabled:
        raise Conflict("This entry is disabled. Enable it first, or leave it.")

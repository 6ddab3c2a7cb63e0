"""Brings many entries into a bank: from a file, or from an exchange.

A flood is caught before any of it acts: an import with more new entries than the policy allows, by
number or by share of the bank, is written disabled and waits for a senior moderator. To know that
before the first write, new entries are collected up to the limit.

Safe to repeat: an entry's id follows from its hash, so that a second run changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.decision.policy import BankUpkeepPolicy
from media_integrity.matching.alarms import raise_alarm
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.bank_work import (
    MAX_LISTED_FAULTS,
    EntryRef,
    HashImport,
    ImportCounts,
    ImportFault,
    ImportState,
    RetroactiveSearch,
)
from media_integrity.schema.base import BankId, ImportId, UserId
from media_integrity.schema.enums import BankLabel, Severity
from media_integrity.schema.errors import Conflict, Forbidden, NotFound
from media_integrity.schema.hashes import BankHash, DisabledFor, HashBank

from . import retroactive, service
from .backend import BankBackend
from .entries import Fault, ImportItem, NewEntry, PageEnd, Skipped, Withdrawn

BATCH = 300
"""Entries read and written at once; Firestore takes 500 writes in a batch."""

ABANDONED_AFTER = timedelta(hours=1)
"""A running import says that it lives with each batch."""


@dataclass
class _Run:
    """An import on its way."""

    record: HashImport
    label: BankLabel
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[ImportFault] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def fault(self, fault: Fault) -> None:
        self.count("refused")
        if len(self.faults) < MAX_LISTED_FAULTS:
            self.faults.append(
                ImportFault(line=fault.line, code=fault.code[:60], text=fault.text[:200])
            )


def run_import(
    bank_id: BankId,
    items: Iterable[ImportItem],
    *,
    source: str,
    by: str,
    why: str,
    backend: BankBackend,
    trusted: bool = False,
    on_page: Callable[[str], None] = lambda checkpoint: None,
) -> HashImport:
    """Write ``items`` into a bank and return the import's record.

    ``trusted``: what the source's people have verified counts as confirmed. ``on_page`` is called
    with the checkpoint of each ``PageEnd`` once everything before it is written.

    If the items end with an exception, what came before is written and recorded, and the exception
    goes on to the caller.

    Raises:
        NotFound: there is no such bank.
        Forbidden: it is a bank of people's own hashes.
    """
    bank = service.require_bank(backend.store.get(HashBank, bank_id))
    if bank.label is BankLabel.SHIELD:
        raise Forbidden("People's own hashes are not imported.")
    now = backend.clock.now()
    size = backend.store.count(enabled_entries(bank_id))
    record = HashImport(
        id=secrets.token_hex(10),
        bank_id=bank_id,
        source=source,
        by=by,
        why=why[:500],
        bank_size=size,
        created_at=now,
        updated_at=now,
    )
    backend.store.put(record)
    run = _Run(record, bank.label)
    try:
        _write_all(run, iter(items), trusted, backend, on_page)
    finally:
        run.record = _close(run, backend)
    return run.record


def is_flood(new: int, bank_size: int, policy: BankUpkeepPolicy) -> bool:
    """Whether so many new entries at once need somebody's approval. Pure."""
    if new <= policy.flood_floor:
        return False
    return new > policy.flood_entries or new > policy.flood_share * max(bank_size, 1)


def _write_all(
    run: _Run,
    items: Iterator[ImportItem],
    trusted: bool,
    backend: BankBackend,
    on_page: Callable[[str], None],
) -> None:
    """Look ahead until it is a flood or the items end; then write, in their order."""
    ahead: list[ImportItem] = []
    new: set[str] = set()
    failure: Exception | None = None
    try:
        for chunk in _chunks(items):
            ahead += chunk
            new |= _unknown(run.record.bank_id, chunk, backend)
            if is_flood(len(new), run.record.bank_size, backend.policy.bank_upkeep):
                run.record = run.record.model_copy(update={"staged": True})
                backend.store.put(run.record)
                break
    except Exception as error:  # noqa: BLE001  what was read is written before it is raised again
        failure = error
    _write(run, ahead, trusted, backend, on_page)
    ahead.clear()
    if failure is not None:
        raise failure
    for chunk in _chunks(items):
        _write(run, chunk, trusted, backend, on_page)


def _chunks(items: Iterator[ImportItem]) -> Iterator[list[ImportItem]]:
    """Lists of at most ``BATCH``; what was read before an exception comes before it."""
    while True:
        chunk: list[ImportItem] = []
        try:
            chunk.extend(islice(items, BATCH))
        except Exception:
            if chunk:
                yield chunk
            raise
        if not chunk:
            return
        yield chunk


def _unknown(bank_id: BankId, items: Iterable[ImportItem], backend: BankBackend) -> set[str]:
    """Ids of new entries that are not in the bank, or that match nothing there."""
    ids = {_id(item) for item in items if isinstance(item, NewEntry)}
    known = backend.store.get_many(BankHash, [BankHash.path_below(bank_id, each) for each in ids])
    return ids - {entry.id for entry in known if entry.enabled}


def _write(
    run: _Run,
    items: Iterable[ImportItem],
    trusted: bool,
    backend: BankBackend,
    on_page: Callable[[str], None],
) -> None:
    waiting: dict[str, NewEntry | Withdrawn] = {}
    for item in items:
        if isinstance(item, NewEntry | Withdrawn):
            waiting[_id(item)] = item  # of the same hash the last word counts
            if len(waiting) >= BATCH:
                _write_batch(run, waiting, trusted, backend)
                waiting = {}
        elif isinstance(item, PageEnd):
            _write_batch(run, waiting, trusted, backend)
            waiting = {}
            on_page(item.checkpoint)
        elif isinstance(item, Fault):
            run.fault(item)
        elif isinstance(item, Skipped):
            run.count("skipped")
    _write_batch(run, waiting, trusted, backend)


def _write_batch(
    run: _Run, items: dict[str, NewEntry | Withdrawn], trusted: bool, backend: BankBackend
) -> None:
    if not items:
        return
    bank_id = run.record.bank_id
    paths = [BankHash.path_below(bank_id, each) for each in items]

    def body(tx: Transaction) -> tuple[dict[str, int], RetroactiveSearch | None]:
        known = {entry.id: entry for entry in tx.get_many(BankHash, paths)}
        counted: dict[str, int] = {}
        confirmed: list[EntryRef] = []
        for each, item in items.items():
            what, entry = _apply(tx, item, known.get(each), run, trusted, backend)
            counted[what] = counted.get(what, 0) + 1
            if entry is not None and entry.enabled and entry.confirmed:
                confirmed.append(retroactive.ref(entry))
        return counted, retroactive.ask_for(tx, confirmed, run.record.by, backend)

    counted, search = backend.store.run(body)
    backend.store.update(run.record, updated_at=backend.clock.now())  # it is still being worked on
    for what, number in counted.items():
        run.count(what, number)
    retroactive.enqueue(search, backend)


def _apply(
    tx: Transaction,
    item: NewEntry | Withdrawn,
    known: BankHash | None,
    run: _Run,
    trusted: bool,
    backend: BankBackend,
) -> tuple[str, BankHash | None]:
    """Write one item; what is counted, and the entry where it acts from now on."""
    now, record = backend.clock.now(), run.record
    if isinstance(item, Withdrawn):
        if known is None or not known.enabled or known.added_by != record.by:
            return "unchanged", None  # what others have added is not this source's to take back
        tx.update(
            known,
            enabled=False,
            disabled_for=DisabledFor.WITHDRAWN,
            reopen_due=True,
            updated_at=now,
        )
        return "withdrawn", None
    verified = trusted and item.verified
    if known is None:
        made = service.entry_document(
            record.bank_id,
            item,
            record.by,
            record.why,
            now,
            verified=verified,
            staged=record.staged,
            import_id=record.ref,
        )
        tx.create(made)
        return "added", made
    if known.disabled_for is DisabledFor.WITHDRAWN:
        changed = tx.update(
            known,
            enabled=not record.staged,
            disabled_for=DisabledFor.STAGED if record.staged else None,
            import_id=record.ref,
            updated_at=now,
        )
        return "changed", changed
    if verified and not known.verified and known.enabled:
        heard = known.model_copy(update={"verified": True})
        changed = tx.update(
            known, verified=True, **service.standing_changes(heard, run.label, now, backend)
        )
        return "changed", changed if not known.confirmed else None
    return "unchanged", None


def _id(item: NewEntry | Withdrawn) -> str:
    return BankHash.id_for(item.algorithm, item.value)


def _close(run: _Run, backend: BankBackend) -> HashImport:
    now = backend.clock.now()
    waits = run.record.staged and bool(run.counts.get("added") or run.counts.get("changed"))
    closed = run.record.model_copy(
        update={
            "state": ImportState.STAGED if waits else ImportState.APPLIED,
            "counts": ImportCounts.model_validate(run.counts),
            "faults": tuple(run.faults),
            "updated_at": now,
        }
    )
    if closed.counts == ImportCounts(unchanged=closed.counts.unchanged) and not closed.faults:
        backend.store.delete(closed.path)  # nothing happened: a feed is read every hour
        return closed
    backend.store.put(closed)
    if waits:
        _ask_for_approval(closed, backend)
    return closed


def close_abandoned(backend: BankBackend) -> int:
    """Close imports whose process died; how many. What they wrote stays, and what they staged waits
    for approval like any other flood: otherwise nobody could ever approve it."""
    now = backend.clock.now()
    left = list(backend.store.query(running_imports(now - ABANDONED_AFTER)))
    for record in left:
        staged = backend.store.count(staged_entries(record.bank_id, record.ref))
        state = ImportState.STAGED if staged else ImportState.APPLIED
        counts = ImportCounts(added=staged)
        backend.store.update(record, state=state, counts=counts, updated_at=now)
        if staged:
            _ask_for_approval(record.model_copy(update={"counts": counts}), backend)
    return len(left)


def running_imports(until: datetime) -> Query[HashImport]:
    """Imports that nothing was written for since then."""
    return Query(
        HashImport,
        (Where("state", "==", ImportState.RUNNING.value), Where("updatedAt", "<=", until)),
        order_by=(("updatedAt", "DESCENDING"),),
    )


def _ask_for_approval(record: HashImport, backend: BankBackend) -> None:
    raise_alarm(
        backend.store,
        kind=AlarmKind.IMPORT_STAGED,
        severity=Severity.HIGH,
        subject=record.path,
        text=(
            f"An import brought {record.counts.added} or more new hashes into a bank of "
            f"{record.bank_size}. They match nothing until a senior moderator approves it."
        ),
        now=backend.clock.now(),
    )


def decide_import(
    import_id: ImportId, approve: bool, why: str, by: Actor, backend: BankBackend
) -> HashImport:
    """Approve or reject a staged import. Its entries follow in batches; safe to repeat.

    Raises:
        Forbidden: the caller is no senior moderator, or started the import.
        NotFound: there is no such import.
        Conflict: it was decided otherwise already, or waits for nothing.
    """
    if by.kind not in service.SENIOR:
        raise Forbidden("Only a senior moderator may do this.")
    wanted = ImportState.APPROVED if approve else ImportState.REJECTED

    def body(tx: Transaction) -> HashImport:
        record = tx.get(HashImport, import_id)
        if record is None:
            raise NotFound("There is no such import.")
        if record.state is wanted:
            return record
        if record.state is not ImportState.STAGED:
            raise Conflict("This import does not wait for a decision.")
        if record.by == by.id:
            raise Forbidden("Somebody other than who started an import has to approve it.")
        trail = Entry(tx, record.path)
        now = backend.clock.now()
        decided = tx.update(
            record,
            state=wanted,
            decided_by=UserId(by.id),
            decided_at=now,
            decided_why=why,
            updated_at=now,
        )
        trail.write(AuditAction.BANK_CHANGED, by, now, f"{wanted}: {why}")
        return decided

    record = backend.store.run(body)
    finish_decided(record, backend)
    return record


def finish_decided(record: HashImport, backend: BankBackend) -> int:
    """Switch a decided import's entries on, or mark them rejected. Goes on where it stopped."""
    approve = record.state is ImportState.APPROVED
    done = 0
    while batch := list(backend.store.query(staged_entries(record.bank_id, record.ref))):
        done += _switch(batch, approve, record, backend)
    return done


def _switch(batch: list[BankHash], approve: bool, record: HashImport, backend: BankBackend) -> int:
    def body(tx: Transaction) -> RetroactiveSearch | None:
        current = tx.get_many(BankHash, [entry.path for entry in batch])
        now = backend.clock.now()
        confirmed: list[EntryRef] = []
        for entry in current:
            if entry.disabled_for is not DisabledFor.STAGED:
                continue
            cause = None if approve else DisabledFor.REJECTED
            changed = tx.update(entry, enabled=approve, disabled_for=cause, updated_at=now)
            if changed.enabled and changed.confirmed:
                confirmed.append(retroactive.ref(changed))
        return retroactive.ask_for(tx, confirmed, record.by, backend)

    retroactive.enqueue(backend.store.run(body), backend)
    return len(batch)


def staged_entries(bank_id: BankId, import_id: ImportId) -> Query[BankHash]:
    return Query(
        BankHash,
        (
            Where("importId", "==", import_id),
            Where("disabledFor", "==", DisabledFor.STAGED.value),
        ),
        limit=BATCH,
        below=HashBank.path_of(bank_id),
    )


def enabled_entries(bank_id: BankId) -> Query[BankHash]:
    return Query(BankHash, (Where("enabled", "==", True),), below=HashBank.path_of(bank_id))

"""What banks need done from time to time; each part can be repeated and stopped at any point.

* An entry that matches many unrelated uploaders is probably an innocent popular picture: it only
  holds from then on, with an alarm, until a senior moderator has confirmed it once more.
* Cases that rest on an entry that fell are opened again, and what the entry alone brought their
  uploaders waits for a moderator again.
* The same hash in other banks is switched off with an entry that fell to disputes.
* Imports that were decided and not finished are finished.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.matching.alarms import raise_alarm
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.bank_work import HashImport, ImportState
from media_integrity.schema.cases import Case
from media_integrity.schema.enums import BankLabel, CaseStatus, Severity
from media_integrity.schema.hashes import BankHash, DisabledFor, HashBank, HashMatch

from . import importing, service
from .backend import BankBackend

log = logging.getLogger(__name__)

PAGE = 200
LOOKED_THROUGH = 2000
"""Entries that match most, to find the popular among them."""
MATCHES_LOOKED_AT = 2000
"""Of an entry, to count who uploaded them: as good as all for what is asked."""
REOPENED = frozenset({CaseStatus.ACTIONED, CaseStatus.UPHELD, CaseStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Kept:
    """What one run did."""

    popular: int
    reopened: int
    imports: int


def keep_up(backend: BankBackend) -> Kept:
    """One run of everything."""
    return Kept(
        popular=find_popular(backend),
        reopened=reopen_cases(backend),
        imports=finish_imports(backend),
    )


def find_popular(backend: BankBackend) -> int:
    """Entries that match too many unrelated accounts; how many are new."""
    policy = backend.policy.bank_upkeep
    least = min(policy.popular_uploaders, policy.popular_personal)
    found = 0
    for entry in list(backend.store.query(often_matched(least))):
        if not entry.enabled:
            continue
        limit = policy.popular_personal if entry.shield_id else policy.popular_uploaders
        if entry.counters.matches >= limit and _uploaders(entry, backend) >= limit:
            found += _mark_popular(entry, limit, backend)
    return found


def often_matched(least: int) -> Query[BankHash]:
    return Query(
        BankHash,
        (
            Where("popular", "==", False),
            Where("popularClearedAt", "==", None),  # who was looked at makes room for others
            Where("counters.matches", ">=", least),
        ),
        order_by=(("counters.matches", "DESCENDING"),),
        limit=LOOKED_THROUGH,
        group=True,
    )


def matches_of(
    bank_id: str, entry_id: str, *, limit: int | None = MATCHES_LOOKED_AT
) -> Query[HashMatch]:
    """What an entry matched, newest first."""
    return Query(
        HashMatch,
        (Where("hit.bankId", "==", bank_id), Where("hit.entryId", "==", entry_id)),
        order_by=(("createdAt", "DESCENDING"),),
        limit=limit,
    )


def _uploaders(entry: BankHash, backend: BankBackend) -> int:
    matches = backend.store.query(matches_of(entry.parent_id, entry.id))
    return len({match.uploader_id for match in matches})


def _mark_popular(entry: BankHash, limit: int, backend: BankBackend) -> bool:
    now = backend.clock.now()

    def body(tx: Transaction) -> bool:
        current = tx.get_below(BankHash, entry.parent_id, entry.id)
        if current is None or current.popular or current.popular_cleared_at is not None:
            return False
        # It goes on holding: who wants to get past it could make as many accounts as it takes.
        tx.update(current, popular=True, reopen_due=True, updated_at=now)
        return True

    if not backend.store.run(body):
        return False
    raise_alarm(
        backend.store,
        kind=AlarmKind.POPULAR_HASH,
        severity=Severity.HIGH,
        subject=entry.path,
        text=(
            f"Uploads of at least {limit} unrelated accounts match this entry. It may be an "
            "innocent picture. Compare it; confirm it again as a senior moderator, or dispute it."
        ),
        now=now,
    )
    return True


def reopen_cases(backend: BankBackend) -> int:
    """Open the cases of entries that fell; how many."""
    opened = 0
    for entry in list(backend.store.query(entries_that_fell())):
        if entry.disabled_for in {DisabledFor.DISPUTED, DisabledFor.OVERTURNED}:
            _disable_elsewhere(entry, backend)
        for cases in _cases_of(entry, backend):
            opened += sum(_reopen(case.id, entry, backend) for case in cases)
        _reopened(entry, backend)
        if entry.disabled_for in {DisabledFor.DISPUTED, DisabledFor.OVERTURNED}:
            raise_alarm(
                backend.store,
                kind=AlarmKind.HASH_DISABLED,
                severity=Severity.MEDIUM,
                subject=entry.path,
                text=(
                    f"This entry was {entry.disabled_for} too often and matches nothing any more. "
                    "Its cases are open again; decide each of them."
                ),
                now=backend.clock.now(),
            )
    return opened


def entries_that_fell() -> Query[BankHash]:
    return Query(BankHash, (Where("reopenDue", "==", True),), limit=PAGE, group=True)


def _disable_elsewhere(entry: BankHash, backend: BankBackend) -> None:
    """The same hash in other banks; under a label that is never overruled it goes on holding."""
    for other in list(service.same_value_elsewhere(entry, backend)):
        bank = backend.store.get(HashBank, other.parent_id)
        label = bank.label if bank is not None else BankLabel.NCII
        keeps_holding = label in backend.policy.bank_match.never_overruled

        def body(
            tx: Transaction, other: BankHash = other, keeps_holding: bool = keeps_holding
        ) -> None:
            current = tx.get_below(BankHash, other.parent_id, other.id)
            if current is None or not current.enabled:
                return
            changes: dict[str, object] = {"confirmed": False, "verified": False, "opinions": ()}
            if not keeps_holding:
                changes |= {"enabled": False, "disabled_for": entry.disabled_for}
            tx.update(current, **changes, reopen_due=True, updated_at=backend.clock.now())

        backend.store.run(body)


def _reopen(case_id: str, fallen: BankHash, backend: BankBackend) -> int:
    """Open a case that was decided by the machine or a moderator; 0 if that was done already.

    The upload stays where it is, unseen, until somebody decides again. Its uploader's account does
    not stay closed meanwhile for what nobody vouches for any more.
    """

    def body(tx: Transaction) -> int:
        case = tx.get(Case, case_id)
        if case is None or not _to_be_opened(case, fallen):
            return 0
        now = backend.clock.now()
        following = [each(tx, case, now) for each in backend.reopenings]  # reads, before any write
        tx.update(
            case,
            status=CaseStatus.OPEN,
            needs_confirmation=True,
            reopened_at=now,
            updated_at=now,
        )
        for each in following:
            each.write()
        return 1

    return backend.store.run(body)


def _to_be_opened(case: Case, fallen: BankHash) -> bool:
    """It is decided, and not by a moderator who was asked since the entry fell. Pure."""
    asked = case.reopened_at is not None and case.reopened_at >= fallen.updated_at
    return case.status in REOPENED and not asked


def _cases_of(entry: BankHash, backend: BankBackend) -> Iterator[list[Case]]:
    """The cases to open of everything that the entry ever matched, a page at a time: those that
    are open already cost no transaction, so that a stopped run gets further the next time."""
    found = iter(backend.store.query(matches_of(entry.parent_id, entry.id, limit=None)))
    while page := list(islice(found, PAGE)):
        paths = {Case.path_of(match.case_id) for match in page}
        cases = backend.store.get_many(Case, sorted(paths))
        yield [case for case in cases if _to_be_opened(case, entry)]


def _reopened(entry: BankHash, backend: BankBackend) -> None:
    def body(tx: Transaction) -> None:
        current = tx.get_below(BankHash, entry.parent_id, entry.id)
        if current is not None and current.updated_at == entry.updated_at:
            tx.update(current, reopen_due=False)

    backend.store.run(body)


def finish_imports(backend: BankBackend) -> int:
    """Switch on, or mark, what is left of imports that were decided; close those that died."""
    done = importing.close_abandoned(backend)
    for state in (ImportState.APPROVED, ImportState.REJECTED):
        for record in list(backend.store.query(decided_imports(state))):
            done += importing.finish_decided(record, backend)
    return done


def decided_imports(state: ImportState) -> Query[HashImport]:
    return Query(
        HashImport,
        (Where("state", "==", state.value),),
        order_by=(("updatedAt", "DESCENDING"),),
        limit=20,
    )

"""Keeps copies of what somebody said no to away: its hashes are entries of the bank of refusals.

The bank is of the kind of shields: an entry holds uploads for a moderator and never blocks by
itself, as nobody has proven who the person is that refused. It names nobody. An entry acts until
the last refusal it came from is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from media_integrity.banks.entries import HashRefused, new_entry
from media_integrity.banks.service import entry_document
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.decision.policy import Policy
from media_integrity.schema.base import BankId
from media_integrity.schema.consent import ConsentHold, ConsentScope
from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.hashes import BankHash, DisabledFor, HashBank

REFUSALS_BANK = BankId("refusals")
ADDED_BY = "consent"
WHY = "A person shown in it has refused its publication."


def entries_of(scope: ConsentScope, policy: Policy, now: datetime) -> list[BankHash]:
    """What this media is known by: its bytes, and each view with enough detail. Pure."""
    wanted: list[tuple[HashAlgorithm, str, int | None]] = [
        (HashAlgorithm.SHA256, scope.sha256, None)
    ]
    wanted += [(HashAlgorithm.PDQ, view.pdq, view.quality) for view in scope.views]
    entries: dict[str, BankHash] = {}
    for algorithm, value, quality in wanted:
        try:
            new = new_entry(
                algorithm, value, quality=quality, min_quality=policy.bank_match.min_quality
            )
        except HashRefused:
            continue  # too little detail: it would match pictures of other people
        entry = entry_document(REFUSALS_BANK, new, ADDED_BY, WHY, now)
        entries[entry.id] = entry
    return list(entries.values())


@dataclass(frozen=True, slots=True)
class Banking:
    """Entries to be written, after everything has been read."""

    bank: HashBank | None
    fresh: tuple[BankHash, ...]
    again: tuple[BankHash, ...]
    ids: tuple[str, ...]

    def write(self, tx: Transaction, now: datetime) -> None:
        if self.bank is not None:
            tx.put(self.bank)
        for entry in self.fresh:
            tx.put(entry)
        for entry in self.again:
            tx.update(entry, enabled=True, disabled_for=None, updated_at=now)


def read_banking(tx: Transaction, hold: ConsentHold, policy: Policy, now: datetime) -> Banking:
    """What has to be added so that copies of this upload are held."""
    if hold.scope is None:
        return Banking(None, (), (), ())
    wanted = entries_of(hold.scope, policy, now)
    known = {each.id: each for each in tx.get_many(BankHash, [each.path for each in wanted])}
    bank = tx.get(HashBank, REFUSALS_BANK)
    return Banking(
        bank=_new_bank(now) if bank is None else None,
        fresh=tuple(each for each in wanted if each.id not in known),
        again=tuple(
            each for each in known.values() if each.disabled_for is DisabledFor.WITHDRAWN
        ),  # what a moderator has switched off stays off
        ids=tuple(each.id for each in wanted),
    )


def read_unbanking(tx: Transaction, hold: ConsentHold) -> list[BankHash]:
    """The entries of this upload that no other refusal needs."""
    needless = [
        entry
        for entry in hold.banked
        if all(other.id == hold.id for other in tx.query(holds_with(entry)))
    ]
    paths = [BankHash.path_below(REFUSALS_BANK, each) for each in needless]
    return [entry for entry in tx.get_many(BankHash, paths) if entry.enabled]


def disable(tx: Transaction, entries: list[BankHash], now: datetime) -> None:
    """Let these entries match nothing any more."""
    for entry in entries:
        tx.update(entry, enabled=False, disabled_for=DisabledFor.WITHDRAWN, updated_at=now)


def holds_with(entry: str) -> Query[ConsentHold]:
    """Uploads whose refusal an entry of the bank comes from."""
    return Query(ConsentHold, (Where("banked", "array_contains", entry),))


def _new_bank(now: datetime) -> HashBank:
    return HashBank(
        id=REFUSALS_BANK,
        label=BankLabel.SHIELD,
        name="Refused consents",
        purpose="Pictures whose publication a person shown in them has refused. They only hold.",
        source="people themselves",
        created_at=now,
        updated_at=now,
    )

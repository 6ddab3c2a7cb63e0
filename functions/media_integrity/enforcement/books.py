"""An account's books in one transaction: its record, its strikes and what follows from them.

Several things may happen to one account in one transaction, an upheld case and an appeal without
ground for instance. They share the books: each reads before anything is written, and each writes
after the one before, on what that has left.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from weakref import WeakKeyDictionary

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.decision.policy import EnforcementPolicy
from media_integrity.notifications.effects import CLOSES_UPLOADS
from media_integrity.scanning import effects
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.enforcement import (
    MAX_MERITLESS,
    MAX_STRIKES,
    EnforcementDetails,
    EnforcementRecord,
    MeritlessAppeal,
    Restriction,
    RestrictionKind,
    Strike,
    StrikeState,
)
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import RestrictEffect

from . import ladder

log = logging.getLogger(__name__)

ENFORCEMENT = Actor(kind=ActorKind.SYSTEM, id="enforcement")

MAX_NOTE = 2000


class Why(NamedTuple):
    """What a change of the books is put down to."""

    action: AuditAction
    note: str
    """Ids and codes."""
    actor: Actor = ENFORCEMENT
    case_id: CaseId | None = None
    remark: str = ""
    """Words of a moderator, for other moderators."""


class Books:
    """Made by ``of``, before the transaction's first write. Holds no transaction, so that it goes
    with the one that it belongs to."""

    def __init__(self, tx: Transaction, user: UserId) -> None:
        self._user = user
        self._trail(tx)  # reads its chain's end; the entry that ``settle`` writes finds it read
        self._record = tx.get(EnforcementRecord, user)
        self._details = tx.get_below(EnforcementDetails, user, EnforcementDetails.DETAILS_ID)
        self._strikes = {each.id: each for each in tx.query(strikes_of(user))}

    @classmethod
    def of(cls, tx: Transaction, user: UserId) -> Books:
        """The account's books in this transaction, read once."""
        opened = _OPEN.setdefault(tx, {})
        if user not in opened:
            opened[user] = cls(tx, user)
        return opened[user]

    @property
    def record(self) -> EnforcementRecord | None:
        return self._record

    @property
    def strikes(self) -> tuple[Strike, ...]:
        """The gravest and newest, 500 at most, as they stand now in this transaction."""
        return tuple(self._strikes.values())

    @property
    def meritless(self) -> tuple[MeritlessAppeal, ...]:
        return self._details.meritless_appeals if self._details is not None else ()

    def strike(self, tx: Transaction, case_id: str) -> Strike | None:
        """The strike of a case. May read, so nothing may be written yet."""
        known = self._strikes.get(case_id)
        if known is None:
            known = tx.get_below(Strike, self._user, case_id)
            if known is not None:
                self._strikes[known.id] = known
        return known

    def settle(
        self,
        tx: Transaction,
        policy: EnforcementPolicy,
        now: datetime,
        why: Why,
        *,
        strikes: Iterable[Strike] = (),
        meritless: tuple[MeritlessAppeal, ...] | None = None,
    ) -> None:
        """Write changed strikes and warnings, everything that follows from them, and an entry.

        What is told and brought into the account's claims follows from what was in force before.
        """
        for strike in strikes:
            tx.put(strike)
            self._strikes[strike.id] = strike
        warned = self.meritless if meritless is None else meritless[-MAX_MERITLESS:]
        follows = ladder.outlook(self.strikes, warned, policy, now)
        before = self._record.restrictions if self._record is not None else ()
        self._record = EnforcementRecord(
            id=self._user,
            standing=follows.standing,
            strikes=follows.strikes,
            warnings=follows.warnings,
            restrictions=follows.restrictions,
            appeals_closed_until=follows.appeals_closed_until,
            changes_at=follows.changes_at,
            revision=(self._record.revision if self._record is not None else 0) + 1,
            updated_at=now,
        )
        tx.put(self._record)
        self._write_details(tx, follows, warned, now, why)
        self._tell(tx, before, follows.restrictions, now, why.case_id)
        self._trail(tx).write(why.action, why.actor, now, f"{why.note}; {follows.standing}")

    def _trail(self, tx: Transaction) -> Entry:
        return Entry(tx, EnforcementRecord.path_of(self._user))

    def _write_details(
        self,
        tx: Transaction,
        follows: ladder.Outlook,
        warned: tuple[MeritlessAppeal, ...],
        now: datetime,
        why: Why,
    ) -> None:
        known = self._details or EnforcementDetails(
            id=EnforcementDetails.DETAILS_ID, parent_id=self._user
        )
        remark = f"{now:%Y-%m-%d} {why.case_id}: {why.remark}\n" if why.remark else ""
        changed = known.model_copy(
            update={
                "fraud_flags": follows.fraud_flags,
                "meritless_appeals": warned,
                "note": (known.note + remark)[-MAX_NOTE:],
            }
        )
        if changed != known:
            tx.put(changed)
            self._details = changed

    def _tell(
        self,
        tx: Transaction,
        before: tuple[Restriction, ...],
        after: tuple[Restriction, ...],
        now: datetime,
        case_id: CaseId | None,
    ) -> None:
        assert self._record is not None
        cause = f"standing_{self._record.revision}_{self._user}"
        if _closings(before) != _closings(after):
            effect = RestrictEffect(user_id=self._user, restrictions=after)
            tx.create(effects.entry(cause, "restrict", effect, now))
        kind = news(before, after)
        if kind is not None:
            tx.create(effects.tell(cause, self._user, kind, now, case_id=case_id))


_OPEN: WeakKeyDictionary[Transaction, dict[UserId, Books]] = WeakKeyDictionary()


def strikes_of(user: UserId) -> Query[Strike]:
    """An account's strikes that were not undone, the gravest and newest first."""
    standing = [state.value for state in StrikeState if state is not StrikeState.UNDONE]
    return Query(
        Strike,
        (Where("state", "in", standing),),
        order_by=(("severityRank", "DESCENDING"), ("attemptedAt", "DESCENDING")),
        limit=MAX_STRIKES,
        below=EnforcementRecord.path_of(user),
    )


def news(before: Iterable[Restriction], after: Iterable[Restriction]) -> NotificationKind | None:
    """What the account's holder is told, if anything. Pure.

    Something new is closed, or closed for good that was closed for the time being; or something
    has opened. Both at once, when a suspension becomes a ban: the graver is told.
    """
    was, now_is = _closed(before), _closed(after)
    if any(not was.get(kind, False) and firm for kind, firm in now_is.items()) or (
        now_is.keys() - was.keys()
    ):
        return NotificationKind.RESTRICTION_SET
    return NotificationKind.RESTRICTION_LIFTED if was.keys() - now_is.keys() else None


def _closed(restrictions: Iterable[Restriction]) -> dict[RestrictionKind, bool]:
    """What is closed, and whether firmly."""
    return {each.kind: not each.provisional for each in restrictions}


def _closings(restrictions: Iterable[Restriction]) -> frozenset[RestrictionKind]:
    """What of it the account's claims have to say."""
    return CLOSES_UPLOADS.intersection(each.kind for each in restrictions)

"""What a moderator's decision on a match says of the entry that matched.

An entry whose matches are undone again and again is wrong, whoever confirmed it. Its counters are
kept here, and what follows from them; the case itself is decided by the moderators' work.
"""

from __future__ import annotations

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.bank_work import EntryRef, Exchange, ExchangeFeedback, FeedbackKind
from media_integrity.schema.base import BankId, UserId, days
from media_integrity.schema.errors import Forbidden, NotFound
from media_integrity.schema.hashes import (
    MAX_OPINIONS,
    BankHash,
    HashBank,
    HashCounters,
    HashMatch,
    OpinionKind,
)

from . import service
from .backend import BankBackend

FEEDBACK_RETENTION = days(90)


def judge_match(
    match_id: str, kind: OpinionKind, why: str, by: Actor, backend: BankBackend
) -> HashMatch:
    """Say whether a match was right. Counted once for each match; a later word replaces it.

    Raises:
        NotFound: there is no such match.
        Forbidden: it is the moderator's own upload.
    """
    exchange = _exchange_of(match_id, backend)

    def body(tx: Transaction) -> HashMatch:
        match = tx.get(HashMatch, match_id)
        if match is None:
            raise NotFound("There is no such match.")
        if match.uploader_id == by.id:
            raise Forbidden("A moderator does not judge an upload of their own.")
        if match.outcome is kind:
            return match
        bank_id, entry_id = BankId(match.hit.bank_id), match.hit.entry_id
        bank = service.require_bank(tx.get(HashBank, bank_id))
        entry = tx.get_below(BankHash, bank_id, entry_id)
        trail = Entry(tx, match.path)
        now = backend.clock.now()
        judged = tx.update(match, outcome=kind)
        if entry is not None:
            counted = entry.model_copy(
                update={
                    "counters": _counted(entry, match.outcome, kind),
                    "overturned_by": _doubters(entry, kind, UserId(by.id)),
                }
            )
            tx.update(
                entry,
                counters=counted.counters,
                overturned_by=counted.overturned_by,
                **service.standing_changes(counted, bank.label, now, backend),
            )
            if exchange is not None:
                tx.put(_feedback(exchange, entry, kind, backend))
        trail.write(AuditAction.BANK_CHANGED, by, now, f"match {kind}: {why}")
        return judged

    return backend.store.run(body)


def _counted(entry: BankHash, before: OpinionKind | None, after: OpinionKind) -> HashCounters:
    upheld, overturned = entry.counters.upheld, entry.counters.overturned
    if before is OpinionKind.CONFIRM:
        upheld -= 1
    elif before is OpinionKind.DISPUTE:
        overturned -= 1
    if after is OpinionKind.CONFIRM:
        upheld += 1
    else:
        overturned += 1
    return entry.counters.model_copy(
        update={"upheld": max(0, upheld), "overturned": max(0, overturned)}
    )


def _doubters(entry: BankHash, kind: OpinionKind, by: UserId) -> tuple[UserId, ...]:
    """Who has undone matches of the entry, each once."""
    if kind is OpinionKind.CONFIRM:
        return entry.overturned_by
    return tuple(dict.fromkeys((*entry.overturned_by, by)))[:MAX_OPINIONS]


def _exchange_of(match_id: str, backend: BankBackend) -> Exchange | None:
    """The exchange that wants to hear of the bank's matches."""
    match = backend.store.get(HashMatch, match_id)
    if match is None:
        return None
    for exchange in backend.store.query(exchanges_of(BankId(match.hit.bank_id))):
        if exchange.enabled and exchange.send_feedback:
            return exchange
    return None


def exchanges_of(bank_id: BankId) -> Query[Exchange]:
    return Query(Exchange, (Where("bankId", "==", bank_id),))


def _feedback(
    exchange: Exchange, entry: BankHash, kind: OpinionKind, backend: BankBackend
) -> ExchangeFeedback:
    said = FeedbackKind.CONFIRMED if kind is OpinionKind.CONFIRM else FeedbackKind.FALSE_POSITIVE
    now = backend.clock.now()
    return ExchangeFeedback(
        id=f"{exchange.id}_{entry.id}_{said}",
        exchange=exchange.id,
        entry=EntryRef(bank_id=BankId(entry.parent_id), entry_id=entry.id),
        source_ref=entry.source_ref,
        feedback=said,
        next_try_at=now,
        created_at=now,
        expire_at=now + FEEDBACK_RETENTION,
    )

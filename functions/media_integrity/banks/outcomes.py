"""What a moderator's decision on a match says of the entry that matched.

An entry whose matches are undone again and again is wrong, whoever confirmed it. Its counters are
kept here, and what follows from them; the case itself is decided by the moderators' work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.bank_work import EntryRef, Exchange, ExchangeFeedback, FeedbackKind
from media_integrity.schema.base import BankId, UserId, days
from media_integrity.schema.enums import BankLabel
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
    known = backend.store.get(HashMatch, match_id)
    exchange = _exchange_of(BankId(known.hit.bank_id), backend) if known is not None else None

    def body(tx: Transaction) -> HashMatch:
        match = tx.get(HashMatch, match_id)
        if match is None:
            raise NotFound("There is no such match.")
        service.require_bank(tx.get(HashBank, BankId(match.hit.bank_id)))
        write = _judging(tx, match, kind, why, by, exchange, backend)
        if write is not None:
            write()
        return match.model_copy(update={"outcome": kind})

    return backend.store.run(body)


@dataclass(frozen=True, slots=True)
class CaseMatches:
    """What one case rests on in the banks, to be judged with the case."""

    ids: tuple[str, ...]
    exchanges: Mapping[str, Exchange]
    """Those that want to hear of a bank's matches, by the bank's id."""


def matches_of_case(case_id: str, backend: BankBackend) -> CaseMatches:
    """The matches that count against a case's upload: not those with an allow-list, and not those
    that an allow-list has overruled."""
    found = [
        match
        for match in backend.store.query(matches_with(case_id))
        if not match.overruled and match.hit.label is not BankLabel.ALLOW_LIST
    ]
    wanted = {bank: _exchange_of(BankId(bank), backend) for bank in {m.hit.bank_id for m in found}}
    return CaseMatches(
        tuple(match.id for match in found),
        {bank: exchange for bank, exchange in wanted.items() if exchange is not None},
    )


def matches_with(case_id: str) -> Query[HashMatch]:
    return Query(HashMatch, (Where("caseId", "==", case_id),))


@dataclass(frozen=True, slots=True)
class JudgedMatches:
    """The matches of a case as they were read, and what is said of them."""

    matches: tuple[HashMatch, ...]
    write: Callable[[], None]


def judging_case(
    tx: Transaction,
    known: CaseMatches,
    kind: OpinionKind,
    why: str,
    by: Actor,
    backend: BankBackend,
) -> JudgedMatches:
    """``judge_match`` for all matches of a case, as a part of the transaction that decides it:
    read in this call, written by ``write``.

    A person's own hashes only ever hold uploads, and one who was let through may have been let
    through because that person agrees. So letting it through does not speak against them.

    Raises:
        Forbidden: it is the moderator's own upload.
    """
    matches = tx.get_many(HashMatch, [HashMatch.path_of(each) for each in known.ids])
    doubted = kind is OpinionKind.DISPUTE
    writes = [
        _judging(tx, match, kind, why, by, known.exchanges.get(match.hit.bank_id), backend)
        for match in matches
        if not (doubted and match.hit.label is BankLabel.SHIELD)
    ]

    def write() -> None:
        for each in writes:
            if each is not None:
                each()

    return JudgedMatches(tuple(matches), write)


def _judging(
    tx: Transaction,
    match: HashMatch,
    kind: OpinionKind,
    why: str,
    by: Actor,
    exchange: Exchange | None,
    backend: BankBackend,
) -> Callable[[], None] | None:
    """Read what one match's judgement needs; what is returned writes it. None: nothing to do."""
    if match.uploader_id == by.id:
        raise Forbidden("A moderator does not judge an upload of their own.")
    if match.outcome is kind:
        return None
    bank = tx.get(HashBank, match.hit.bank_id)
    entry = tx.get_below(BankHash, match.hit.bank_id, match.hit.entry_id)
    trail = Entry(tx, match.path)

    def write() -> None:
        now = backend.clock.now()
        tx.update(match, outcome=kind)
        if entry is not None and bank is not None:
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

    return write


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


def _exchange_of(bank_id: BankId, backend: BankBackend) -> Exchange | None:
    """The exchange that wants to hear of the bank's matches."""
    for exchange in backend.store.query(exchanges_of(bank_id)):
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

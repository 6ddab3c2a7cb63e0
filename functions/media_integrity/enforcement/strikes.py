"""Strikes: given with a verdict or a moderator's decision, confirmed, undone, lifted, expired.

Each function reads in its call and hands back what writes, to take part in the transaction of who
decides; called twice for one case it changes nothing. What follows for the account is worked out in
``ladder`` and written by ``books``. Decides on no case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.decision.decide import IRREVERSIBLE
from media_integrity.decision.policy import EnforcementPolicy, default_policy
from media_integrity.scanning import effects
from media_integrity.scanning.consequences import Filed, Prepared
from media_integrity.schema.audit import AuditAction
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.cases import Case, CaseOutcome, CaseViolation
from media_integrity.schema.enforcement import (
    DEVICE_BLOCK_RETENTION,
    DeviceBlock,
    MeritlessAppeal,
    Strike,
    StrikeState,
)
from media_integrity.schema.enums import Sanction
from media_integrity.schema.outbox import EscalateEffect

from . import ladder
from .books import ENFORCEMENT, Books, Why

COUNTING = frozenset({StrikeState.PROVISIONAL, StrikeState.CONFIRMED})
CONFIRM = frozenset({CaseOutcome.UPHOLD, CaseOutcome.BLOCK})
"""Decisions that confirm a strike."""


def striking(tx: Transaction, filed: Filed, policy: EnforcementPolicy) -> Prepared:
    """The strike that a verdict of BLOCK brings, and what follows from it.

    Confirmed where the verdict's evidence carries by itself a sanction that cannot be undone;
    provisional otherwise, until a moderator has looked.
    """
    upload, verdict = filed.upload, filed.verdict
    books = Books.of(tx, upload.uploader_id)
    if not verdict.violations or books.strike(tx, upload.id) is not None:
        return Prepared()
    certain = verdict.sanction in IRREVERSIBLE and not verdict.needs_confirmation
    strike = _strike(
        upload.uploader_id,
        CaseId(upload.id),
        verdict.violations,
        verdict.sanction,
        attempted_at=filed.uploaded_at or filed.now,
        confirmed=certain,
        policy=policy,
        now=filed.now,
    )
    return Prepared(lambda: _give(tx, books, strike, policy, filed.now))


def confirming(
    tx: Transaction, case: Case, now: datetime, *, policy: EnforcementPolicy | None = None
) -> Prepared:
    """A moderator has upheld a case, or blocked what was held. ``case``: as it stands then.

    The strike is confirmed, or given if there was none. A case without a violation has none.
    """
    rules = policy or default_policy().enforcement
    books = Books.of(tx, case.uploader_id)
    strike = books.strike(tx, case.id)
    if strike is None:
        if not case.violations:
            return Prepared()
        given = _strike(
            case.uploader_id,
            CaseId(case.id),
            case.violations,
            case.sanction,
            attempted_at=case.created_at,
            confirmed=True,
            policy=rules,
            now=now,
        )
        return Prepared(lambda: _give(tx, books, given, rules, now))
    if strike.confirmed:
        return Prepared()
    why = _why(AuditAction.SANCTION_SET, strike, "confirmed")
    return Prepared(lambda: books.settle(tx, rules, now, why, strikes=[confirmed(strike, now)]))


def undoing(
    tx: Transaction, case: Case, now: datetime, *, policy: EnforcementPolicy | None = None
) -> Prepared:
    """A case was overturned: what rested on it is lifted, the rest stays.

    That is its strike, a warning for an appeal against it, and blocks of devices and addresses that
    rest on no other case.
    """
    rules = policy or default_policy().enforcement
    books = Books.of(tx, case.uploader_id)
    strike = books.strike(tx, case.id)
    unblocked = _unblocking(tx, case.id, now)
    undone = []
    if strike is not None and strike.state is not StrikeState.UNDONE:
        undone.append(strike.model_copy(update={"state": StrikeState.UNDONE, "decided_at": now}))
    if not undone and not _was_meritless(books, case.id):
        return Prepared(unblocked)
    why = Why(AuditAction.SANCTION_LIFTED, f"case {case.id} undone", case_id=CaseId(case.id))

    def write() -> None:
        left = tuple(each for each in books.meritless if each.case_id != case.id)
        books.settle(tx, rules, now, why, strikes=undone, meritless=left)
        unblocked()

    return Prepared(write)


def doubting(
    tx: Transaction, case: Case, now: datetime, *, policy: EnforcementPolicy | None = None
) -> Prepared:
    """The entry of a bank that a case rested on has fallen. ``case``: as it was until then.

    A strike that the verdict alone has confirmed waits for a moderator again, and what only a
    confirmed one brings ends. Where a moderator has confirmed it, that stands.
    """
    rules = policy or default_policy().enforcement
    books = Books.of(tx, case.uploader_id)
    strike = books.strike(tx, case.id)
    if strike is None or not strike.confirmed or _has_word(strike, case):
        return Prepared()
    doubted = strike.model_copy(
        update={"state": _living(strike, StrikeState.PROVISIONAL, now), "decided_at": None}
    )
    why = _why(AuditAction.SANCTION_LIFTED, strike, "in doubt")
    return Prepared(lambda: books.settle(tx, rules, now, why, strikes=[doubted]))


def without_merit(
    tx: Transaction,
    uploader: UserId,
    case_id: str,
    now: datetime,
    *,
    policy: EnforcementPolicy | None = None,
) -> Prepared:
    """An appeal was turned down as one without any ground: a warning, and several of them close the
    person's appeals for a while."""
    rules = policy or default_policy().enforcement
    books = Books.of(tx, uploader)
    if _was_meritless(books, case_id):
        return Prepared()
    warning = MeritlessAppeal(case_id=CaseId(case_id), at=now)
    why = Why(
        AuditAction.SANCTION_SET, f"case {case_id} appeal without merit", case_id=warning.case_id
    )
    return Prepared(
        lambda: books.settle(tx, rules, now, why, meritless=(*books.meritless, warning))
    )


def refreshing(
    tx: Transaction, user: UserId, now: datetime, policy: EnforcementPolicy
) -> Prepared | None:
    """What ends by itself has ended: strikes, warnings, closings for a time. None: nothing has."""
    books = Books.of(tx, user)
    record = books.record
    if record is None or record.changes_at is None or now < record.changes_at:
        return None
    expired = [
        each.model_copy(update={"state": StrikeState.EXPIRED})
        for each in books.strikes
        if each.state in COUNTING and each.expires_at is not None and each.expires_at <= now
    ]
    why = Why(AuditAction.SANCTION_LIFTED, f"expired {len(expired)} strikes")
    return Prepared(lambda: books.settle(tx, policy, now, why, strikes=expired))


def confirmed(strike: Strike, now: datetime) -> Strike:
    """The strike after a moderator's word. One that has expired stays so. Pure."""
    state = _living(strike, StrikeState.CONFIRMED, now)
    return strike.model_copy(update={"state": state, "decided_at": now})


def confirmed_at_once(strike: Strike) -> bool:
    """It was confirmed when it was given: by its verdict, or by a moderator who blocked what was
    held. Pure."""
    return strike.confirmed and strike.decided_at == strike.recorded_at


def _has_word(strike: Strike, case: Case) -> bool:
    """A moderator has confirmed the strike, by a decision on its case or on its sanction. Pure.

    Upholding a case leaves a confirmed strike as it is, so the case is asked, too.
    """
    said = case.decision
    upheld = said is not None and said.outcome in CONFIRM and said.decided_at >= strike.recorded_at
    return upheld or not confirmed_at_once(strike)


def _living(strike: Strike, state: StrikeState, now: datetime) -> StrikeState:
    over = strike.expires_at is not None and strike.expires_at <= now
    return StrikeState.EXPIRED if over else state


def _strike(
    user: UserId,
    case_id: CaseId,
    violations: tuple[CaseViolation, ...],
    sanction: Sanction,
    *,
    attempted_at: datetime,
    confirmed: bool,
    policy: EnforcementPolicy,
    now: datetime,
) -> Strike:
    gravest, *others = violations
    life = ladder.life_of(gravest.severity, policy)
    return Strike(
        id=case_id,
        parent_id=user,
        violation=gravest.violation,
        others=tuple(each.violation for each in others),
        severity=gravest.severity,
        sanction=sanction,
        state=StrikeState.CONFIRMED if confirmed else StrikeState.PROVISIONAL,
        attempted_at=attempted_at,
        recorded_at=now,
        decided_at=now if confirmed else None,
        expires_at=now + life if life is not None else None,
    )


def _give(
    tx: Transaction, books: Books, strike: Strike, policy: EnforcementPolicy, now: datetime
) -> None:
    if ladder.calls_moderators(strike, books.strikes, policy):
        effect = EscalateEffect(case_id=CaseId(strike.id), violation=strike.violation)
        tx.create(effects.entry(strike.id, "strike_escalate", effect, now))
    why = _why(AuditAction.SANCTION_SET, strike, strike.state.value)
    books.settle(tx, policy, now, why, strikes=[strike])


def _why(action: AuditAction, strike: Strike, what: str) -> Why:
    case_id = CaseId(strike.id)
    return Why(action, f"case {case_id} {strike.violation} {what}", ENFORCEMENT, case_id)


def _was_meritless(books: Books, case_id: str) -> bool:
    return any(each.case_id == case_id for each in books.meritless)


def _unblocking(tx: Transaction, case_id: str, now: datetime) -> Callable[[], None]:
    """Blocks that rest on the case: without it, or ended if they rest on nothing else."""
    resting = tx.query(Query(DeviceBlock, (Where("caseIds", "array_contains", case_id),)))

    def write() -> None:
        for block in resting:
            others = tuple(each for each in block.case_ids if each != case_id)
            if others:
                tx.update(block, case_ids=others)
            elif block.active:
                tx.update(block, active=False, until=now, expire_at=now + DEVICE_BLOCK_RETENTION)

    return write

"""What senior moderators decide about sanctions, beside the decision on a case itself.

A confirmation brings into force what a model's finding has only prepared: a ban. Lifting leaves the
strike and takes what it brought. Upholding and overturning cases is ``moderation``'s.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store, Transaction
from media_integrity.decision.policy import EnforcementPolicy
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import CaseId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enforcement import EnforcementRecord, Strike, StrikeState
from media_integrity.schema.errors import Conflict, Forbidden, NotFound

from . import strikes
from .books import Books, Why

SENIOR = frozenset({ActorKind.SENIOR_MODERATOR, ActorKind.ADMIN, ActorKind.OPERATOR})


def confirm(
    case_id: CaseId,
    why: str,
    by: Actor,
    *,
    policy: EnforcementPolicy,
    store: Store,
    clock: Clock,
) -> EnforcementRecord:
    """Confirm what a case's strike brings, also after it was lifted. Returns the account's record.

    Raises:
        Forbidden: the caller is no senior moderator, or is the uploader or the person shown.
        NotFound: there is no such case, or it has no strike.
        Conflict: the case was overturned.
    """

    def changed(strike: Strike, now: datetime) -> Strike:
        # What a verdict alone has confirmed falls with its evidence (``strikes.doubting``): the
        # moderator's word is written down, so that it does not any more.
        said = strike.confirmed and not strikes.confirmed_at_once(strike)
        if said and strike.lifted_at is None:
            return strike
        word = strike if said else strikes.confirmed(strike, now)
        return word.model_copy(update={"lifted_at": None})

    return _decide(case_id, why, by, changed, AuditAction.SANCTION_SET, policy, store, clock)


def lift(
    case_id: CaseId,
    why: str,
    by: Actor,
    *,
    policy: EnforcementPolicy,
    store: Store,
    clock: Clock,
) -> EnforcementRecord:
    """Lift what a case's strike brought; the strike stays. Returns the account's record.

    Raises: as ``confirm``.
    """

    def changed(strike: Strike, now: datetime) -> Strike:
        if strike.lifted_at is not None:
            return strike
        return strike.model_copy(update={"lifted_at": now})

    return _decide(case_id, why, by, changed, AuditAction.SANCTION_LIFTED, policy, store, clock)


def _decide(
    case_id: CaseId,
    why: str,
    by: Actor,
    changed: Callable[[Strike, datetime], Strike],
    action: AuditAction,
    policy: EnforcementPolicy,
    store: Store,
    clock: Clock,
) -> EnforcementRecord:
    require_senior(by)

    def body(tx: Transaction) -> EnforcementRecord:
        now = clock.now()
        case = tx.get(Case, case_id)
        if case is None:
            raise NotFound("There is no such case.")
        details = tx.get_below(CaseDetails, case_id, CaseDetails.DETAILS_ID)
        require_may_decide(case, details, by)
        books = Books.of(tx, case.uploader_id)
        strike = books.strike(tx, case_id)
        if strike is None:
            raise NotFound("Nothing is on the account's record for this case.")
        if strike.state is StrikeState.UNDONE:
            raise Conflict("This case was overturned; nothing is left of its sanction.")
        after = changed(strike, now)
        if after != strike:
            if case.needs_confirmation:
                tx.update(case, needs_confirmation=False, updated_at=now)
            reasons = Why(action, f"case {case_id} {strike.violation}", by, case_id, why)
            books.settle(tx, policy, now, reasons, strikes=[after])
        record = books.record
        assert record is not None, "where there is a strike there is a record"
        return record

    return store.run(body)


def require_senior(by: Actor) -> None:
    """Raises: Forbidden: the caller is no senior moderator."""
    if by.kind not in SENIOR:
        raise Forbidden("Only senior moderators may do this.")


def require_may_decide(case: Case, details: CaseDetails | None, by: Actor) -> None:
    """Raises: Forbidden: the caller uploaded it or is shown in it."""
    if by.id == case.uploader_id or (details is not None and by.id in details.victim_ids):
        raise Forbidden("This case concerns you, so somebody else has to decide it.")

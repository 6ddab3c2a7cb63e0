"""Cases: taken by one moderator, decided, given back.

A case is one moderator's for half an hour. Nobody decides on an upload of their own or on one that
shows them, and a case that was appealed against is decided in ``appeals``. What a decision brings
about is in ``outcomes``; which decisions there are, in ``transitions``.
"""

from __future__ import annotations

import logging
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.banks.outcomes import matches_of_case
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.scanning import intake, moving
from media_integrity.schema.appeals import Appeal, AppealStatus
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import CaseId, JobId, UserId
from media_integrity.schema.cases import Case, CaseDetails, CaseOutcome, Review
from media_integrity.schema.enums import CaseStatus, Violation
from media_integrity.schema.errors import Conflict, Invalid

from . import case_file, outcomes, transitions
from .backend import Desk
from .case_file import CaseFile
from .outcomes import Ready, Word

log = logging.getLogger(__name__)

BATCH = 200
KEEPER = Actor(kind=ActorKind.SYSTEM, id="keep_appeals")


def claim(case_id: CaseId, by: Actor, desk: Desk) -> Review:
    """Give the moderator the case; again, to go on longer.

    Raises:
        NotFound: there is no such case.
        Forbidden: it is their own upload, or they are shown in it.
        Conflict: somebody else has it, nothing is to be decided, or the uploader has appealed.
    """

    def body(tx: Transaction) -> Review:
        file = case_file.read(tx, case_id, by)
        case_file.require_no_appeal(file)
        return hold(tx, file, by, desk.clock.now(), desk, appeal=False)

    return desk.store.run(body)


def hold(
    tx: Transaction, file: CaseFile, by: Actor, now: datetime, desk: Desk, *, appeal: bool
) -> Review:
    """``claim`` in a transaction of the caller's, after its reads and before its writes.

    Raises:
        Conflict: somebody else has it, or nothing is to be decided.
    """
    known, me = file.details.review, UserId(by.id)
    review = transitions.take(file.case, known, me, now, desk.lease, appeal=appeal)
    mine = known is not None and known.by == me and file.case.status is CaseStatus.IN_REVIEW
    trail = Entry(tx, file.case.path)
    tx.update(file.case, status=CaseStatus.IN_REVIEW, review_until=review.until, updated_at=now)
    tx.update(file.details, review=review)
    if not mine:
        noted = "for the appeal" if appeal else f"was {review.before}"
        trail.write(AuditAction.CASE_CLAIMED, by, now, noted)
    return review


def give_back(case_id: CaseId, by: Actor, desk: Desk) -> CaseStatus:
    """Give a case back undecided; returns what it is now. Nothing changes if it is not theirs.

    Raises:
        NotFound: there is no such case.
        Forbidden: it is their own upload, or they are shown in it.
        Conflict: they have it to hear the appeal, which is what they give back.
    """

    def body(tx: Transaction) -> CaseStatus:
        file = case_file.read(tx, case_id, by)
        review = file.details.review
        if file.case.status is not CaseStatus.IN_REVIEW or review is None or review.by != by.id:
            return file.case.status
        if review.appeal:
            raise Conflict("Give the appeal back instead.", code="under_appeal")
        return put_back(tx, file.case, file.details, by, desk.clock.now())

    return desk.store.run(body)


def put_back(
    tx: Transaction, case: Case, details: CaseDetails | None, by: Actor, now: datetime
) -> CaseStatus:
    """``give_back`` in a transaction of the caller's, after its reads and before its writes."""
    before = transitions.back(case, details.review if details is not None else None)
    trail = Entry(tx, case.path)
    tx.update(case, status=before, review_until=None, updated_at=now)
    if details is not None:
        tx.update(details, review=None)
    trail.write(AuditAction.CASE_CLAIMED, by, now, f"given back: {before}")
    return before


def decide(
    case_id: CaseId,
    outcome: CaseOutcome,
    text: str,
    by: Actor,
    desk: Desk,
    *,
    violation: Violation | None = None,
) -> Case:
    """Decide a case that the moderator has taken; ``text`` is for its uploader to read.

    The same decision once more changes nothing. A case that was decided before is closed without
    being taken. ``violation``: what the moderator found in a held upload that they block.

    Raises:
        NotFound: there is no such case.
        Forbidden: it is their own upload, or they are shown in it; or only a senior moderator may
            overrule the entry that it matches.
        Conflict: they do not have the case, the uploader has appealed, somebody in it has refused,
            or it is on its way at this moment.
        Invalid: the case knows no such outcome; the text is too short or too long.
    """
    if violation is not None and outcome is not CaseOutcome.BLOCK:
        raise Invalid("Only a held upload that is blocked is given a violation.")
    matches = matches_of_case(case_id, desk.banks)

    def body(tx: Transaction) -> tuple[Case, Ready | None]:
        file = case_file.read(tx, case_id, by)
        now = desk.clock.now()
        word = Word(outcome, outcomes.require_text(text, file), by, now)
        if _said_before(file, word):
            return file.case, None
        case_file.require_no_appeal(file)
        if outcome is CaseOutcome.CLOSE and file.case.status in transitions.DECIDED:
            ready = outcomes.closing(tx, file, word)
            return ready.write(), ready
        transitions.require_own(file.case, file.details.review, UserId(by.id), now)
        transitions.after(file.case.action, outcome)
        if outcome is CaseOutcome.CLOSE:
            ready = outcomes.closing(tx, file, word)
        elif outcome is CaseOutcome.UPHOLD:
            ready = outcomes.upholding(tx, file, word, matches, desk)
        elif outcome is CaseOutcome.BLOCK:
            ready = outcomes.blocking(tx, file, word, matches, desk, violation=violation)
        else:
            ready = outcomes.overturning(tx, file, word, matches, desk)
        return ready.write(), ready

    case, ready = desk.store.run(body)
    carry_on(case_id, ready, desk)
    return case


def carry_on(case_id: CaseId, ready: Ready | None, desk: Desk) -> None:
    """What follows a decision outside Firestore. If this is lost the sweeper does it."""
    if ready is None:
        return
    if ready.scan:
        intake.enqueue_scan(JobId(case_id), desk.scanning)
    if ready.move:
        try:
            moving.move_now(JobId(case_id), desk.policy, desk.scanning)
        except Exception as error:  # noqa: BLE001  the sweeper sees to it
            told = {"job": case_id, "error_type": type(error).__name__}
            log.error("blocked, not moved yet", extra=told)


def return_overdue(desk: Desk) -> int:
    """Give back the cases whose moderator's time ran out, appeals with them; how many."""
    returned = 0
    for found in list(desk.store.query(overdue_reviews(desk.clock.now()))):
        returned += _returned(CaseId(found.id), desk)
    return returned


def overdue_reviews(now: datetime) -> Query[Case]:
    return Query(
        Case,
        (Where("reviewUntil", "<=", now),),
        order_by=(("reviewUntil", "ASCENDING"),),
        limit=BATCH,
    )


def _returned(case_id: CaseId, desk: Desk) -> bool:
    def body(tx: Transaction) -> bool:
        now = desk.clock.now()
        case = tx.get(Case, case_id)
        if case is None or case.review_until is None or case.review_until > now:
            return False
        details = tx.get_below(CaseDetails, case_id, CaseDetails.DETAILS_ID)
        appeal = tx.get(Appeal, case_id)
        if case.status is not CaseStatus.IN_REVIEW:  # opened again by something else meanwhile
            tx.update(case, review_until=None)
            if details is not None:
                tx.update(details, review=None)
        else:
            put_back(tx, case, details, KEEPER, now)
        if appeal is not None and appeal.status is AppealStatus.IN_REVIEW:
            tx.update(appeal, status=AppealStatus.PENDING, updated_at=now)
        return True

    return desk.store.run(body)


def _said_before(file: CaseFile, word: Word) -> bool:
    """Whether this very decision stands already: the answer to it was lost, it is sent again."""
    if not file.details.decisions or file.case.status not in transitions.SETTLED:
        return False
    last = file.details.decisions[-1]
    if last.by != word.by.id or last.outcome is not word.outcome or last.appeal:
        return False
    said = file.case.decision
    closed = word.outcome is CaseOutcome.CLOSE
    return closed or (said is not None and said.reason == word.text)

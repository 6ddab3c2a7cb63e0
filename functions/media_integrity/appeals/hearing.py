"""Hears an appeal: a moderator who had no part in the decision takes it, and answers it.

While it is heard the case is that moderator's as well, so that nobody decides it beside them. The
answer is one transaction with everything that follows from it (``moderation.outcomes``).
"""

from __future__ import annotations

from dataclasses import dataclass

from media_integrity.audit.log import Entry
from media_integrity.banks.outcomes import matches_of_case
from media_integrity.cloud.firestore import Transaction
from media_integrity.enforcement import strikes
from media_integrity.moderation import case_file, cases, outcomes, transitions
from media_integrity.moderation.backend import Desk
from media_integrity.moderation.case_file import CaseFile
from media_integrity.moderation.outcomes import Ready, Word
from media_integrity.scanning import effects
from media_integrity.scanning.consequences import Prepared
from media_integrity.schema.appeals import Appeal, AppealDecision, AppealDetails, AppealStatus
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.base import CaseId, Moment, UserId
from media_integrity.schema.cases import Case, CaseOutcome
from media_integrity.schema.errors import Conflict, Forbidden, NotFound
from media_integrity.schema.notifications import NotificationKind

from .admissible import CASE_GONE
from .receive import deciders, receive

STATUS = {
    CaseOutcome.UPHOLD: AppealStatus.UPHELD,
    CaseOutcome.RELEASE: AppealStatus.OVERTURNED,
    CaseOutcome.BLUR: AppealStatus.OVERTURNED,
}


@dataclass(frozen=True, slots=True)
class Hearing:
    """An appeal as a moderator has it on the desk."""

    appeal: Appeal
    details: AppealDetails
    file: CaseFile


def take(appeal_id: CaseId, by: Actor, desk: Desk) -> Moment:
    """Give the moderator the appeal, and its case; until when. Again, to go on longer.

    Raises:
        NotFound: there is no such appeal.
        Forbidden: it is about their own upload, shows them, or they decided the case before.
        Conflict: it is decided, or somebody else hears it.
    """
    receive(appeal_id, desk)  # where its event has not come yet

    def body(tx: Transaction) -> Moment:
        hearing = _read(tx, appeal_id, by)
        _require_undecided(hearing.appeal)
        now = desk.clock.now()
        review = cases.hold(tx, hearing.file, by, now, desk, appeal=True)
        tx.update(hearing.appeal, status=AppealStatus.IN_REVIEW, updated_at=now)
        return review.until

    _reject_if_case_is_gone(appeal_id, desk)
    return desk.store.run(body)


def give_back(appeal_id: CaseId, by: Actor, desk: Desk) -> AppealStatus:
    """Give an appeal back unanswered; returns what it is now. Nothing changes if it is not theirs.

    Raises:
        NotFound: there is no such appeal, or its case is gone.
        Forbidden: as ``take``.
    """

    def body(tx: Transaction) -> AppealStatus:
        hearing = _read(tx, appeal_id, by)
        review = hearing.file.details.review
        if hearing.appeal.status is not AppealStatus.IN_REVIEW or review is None:
            return hearing.appeal.status
        if review.by != by.id:
            return hearing.appeal.status
        now = desk.clock.now()
        cases.put_back(tx, hearing.file.case, hearing.file.details, by, now)
        tx.update(hearing.appeal, status=AppealStatus.PENDING, updated_at=now)
        return AppealStatus.PENDING

    return desk.store.run(body)


def uphold(
    appeal_id: CaseId, text: str, by: Actor, desk: Desk, *, without_merit: bool = False
) -> Appeal:
    """The decision stands; ``text`` says why. ``without_merit``: the appeal had no ground at all,
    which is a warning; three in 30 days close the uploader's appeals for 30 days.

    Raises:
        NotFound, Forbidden: as ``take``.
        Conflict: they do not have it, or it was answered in another way.
        Invalid: the text is too short or too long.
    """
    return _answer(appeal_id, CaseOutcome.UPHOLD, text, by, desk, without_merit=without_merit)


def overturn(
    appeal_id: CaseId, text: str, by: Actor, desk: Desk, *, blurred: bool = False
) -> Appeal:
    """The decision is undone: strike and restriction with it, and the upload is published, blurred
    or as it is, once it has been judged again. Where somebody in it has refused meanwhile it stays
    unpublished, and the answer says so.

    Raises:
        NotFound, Forbidden: as ``take``; or only a senior moderator may overrule what it matches.
        Conflict: they do not have it, or it was answered in another way.
        Invalid: the text is too short or too long.
    """
    outcome = CaseOutcome.BLUR if blurred else CaseOutcome.RELEASE
    return _answer(appeal_id, outcome, text, by, desk)


def _answer(
    appeal_id: CaseId,
    outcome: CaseOutcome,
    text: str,
    by: Actor,
    desk: Desk,
    *,
    without_merit: bool = False,
) -> Appeal:
    matches = matches_of_case(appeal_id, desk.banks)

    def body(tx: Transaction) -> tuple[Appeal, Ready | None]:
        hearing = _read(tx, appeal_id, by, again=True)
        appeal, file, now = hearing.appeal, hearing.file, desk.clock.now()
        said = outcomes.require_text(text, file)
        if _said_before(hearing, outcome, said, without_merit, by):
            return appeal, None
        _require_undecided(appeal)
        _require_impartial(hearing, by)
        transitions.require_own(file.case, file.details.review, UserId(by.id), now)
        transitions.after(file.case.action, outcome)
        word = Word(outcome, said, by, now, heard=True)
        trail = Entry(tx, appeal.path)
        if outcome is CaseOutcome.UPHOLD:
            ready = outcomes.upholding(tx, file, word, matches, desk)
        else:
            ready = outcomes.overturning(tx, file, word, matches, desk)
        warned = (
            strikes.without_merit(tx, appeal.uploader_id, file.case.id, now)
            if without_merit
            else Prepared()
        )
        ready.write()
        warned.write()
        answered = _write_answer(tx, hearing, word, ready, without_merit=without_merit)
        noted = f"{outcome}{' without merit' if without_merit else ''}"
        trail.write(AuditAction.APPEAL_DECIDED, by, now, noted)
        return answered, ready

    appeal, ready = desk.store.run(body)
    cases.carry_on(appeal_id, ready, desk)
    return appeal


def _write_answer(
    tx: Transaction, hearing: Hearing, word: Word, ready: Ready, *, without_merit: bool
) -> Appeal:
    status = STATUS[word.outcome]
    assert status in {AppealStatus.UPHELD, AppealStatus.OVERTURNED}
    answered = tx.update(
        hearing.appeal,
        status=status,
        decision={
            "outcome": status,
            "reason": word.text,
            "without_merit": without_merit,
            "published": ready.publishes,
            "decided_at": word.now,
        },
        updated_at=word.now,
    )
    tx.update(hearing.details, decided_by=UserId(word.by.id))
    appeal = hearing.appeal
    tx.create(
        effects.tell(
            f"{appeal.id}_appeal",
            appeal.uploader_id,
            NotificationKind.APPEAL_DECIDED,
            word.now,
            case_id=CaseId(appeal.id),
        )
    )
    return answered


def _read(tx: Transaction, appeal_id: CaseId, by: Actor, *, again: bool = False) -> Hearing:
    """The appeal and its case. ``again``: who decided it may look, to find their own answer."""
    appeal = tx.get(Appeal, appeal_id)
    details = tx.get_below(AppealDetails, appeal_id, AppealDetails.DETAILS_ID)
    if appeal is None or details is None:
        raise NotFound("There is no such appeal.")
    hearing = Hearing(appeal, details, case_file.read(tx, appeal_id, by))
    if not again:
        _require_impartial(hearing, by)
    return hearing


def _require_impartial(hearing: Hearing, by: Actor) -> None:
    decided = {*hearing.details.earlier_deciders, *deciders(hearing.file.details)}
    if by.id in decided:
        raise Forbidden(
            "You decided on this case, so somebody else hears the appeal.", code="decided_before"
        )


def _require_undecided(appeal: Appeal) -> None:
    if appeal.status not in case_file.UNDECIDED:
        raise Conflict("This appeal has been answered.", code="decided")


def _said_before(
    hearing: Hearing, outcome: CaseOutcome, text: str, without_merit: bool, by: Actor
) -> bool:
    """Whether this very answer was given: the reply to it was lost, it is sent again."""
    decision = hearing.appeal.decision
    if decision is None or hearing.details.decided_by != by.id:
        return False
    return (
        decision.outcome is STATUS[outcome]
        and decision.reason == text
        and decision.without_merit == without_merit
    )


def _reject_if_case_is_gone(appeal_id: CaseId, desk: Desk) -> None:
    """Answer an appeal that has nothing to be about any more.

    Raises:
        Conflict: so it is.
    """

    def body(tx: Transaction) -> bool:
        appeal = tx.get(Appeal, appeal_id)
        if appeal is None or appeal.status not in case_file.UNDECIDED:
            return False
        if tx.get(Case, appeal_id) is not None:
            return False
        now = desk.clock.now()
        tx.update(
            appeal,
            status=AppealStatus.REJECTED,
            decision=AppealDecision(
                outcome=AppealStatus.REJECTED, reason=CASE_GONE, decided_at=now
            ),
            updated_at=now,
        )
        kind = NotificationKind.APPEAL_DECIDED
        tx.create(effects.tell(f"{appeal_id}_appeal", appeal.uploader_id, kind, now))
        return True

    if desk.store.run(body):
        raise Conflict("The case is gone, so the appeal was closed.", code="gone")

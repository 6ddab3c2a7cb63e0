"""Which way a case may go. Pure, and the only place that says so.

    from                         by                                to
    OPEN, ACTIONED               a moderator takes it              IN_REVIEW
    OPEN, ACTIONED, UPHELD       a moderator hears the appeal      IN_REVIEW
    IN_REVIEW                    given back, or time ran out       what it was before
    IN_REVIEW, held              release, blur                     OVERTURNED
    IN_REVIEW, held              block                             UPHELD
    IN_REVIEW, held              close: nothing is left to show    CLOSED
    IN_REVIEW, blocked           uphold                            UPHELD
    IN_REVIEW, blocked           release, blur                     OVERTURNED
    UPHELD, OVERTURNED           close                             CLOSED
    all but OPEN and IN_REVIEW   what it rested on fell away       OPEN

The last line is the work of ``scanning`` and ``banks``: a case is opened again when its upload was
judged anew, or an entry that it matched was taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from media_integrity.schema.base import UserId
from media_integrity.schema.cases import Case, CaseOutcome, Review
from media_integrity.schema.enums import Action, CaseStatus
from media_integrity.schema.errors import Conflict, Invalid

TAKEN = frozenset({CaseStatus.OPEN, CaseStatus.ACTIONED})
HEARD = TAKEN | {CaseStatus.UPHELD}
DECIDED = frozenset({CaseStatus.UPHELD, CaseStatus.OVERTURNED})
SETTLED = DECIDED | {CaseStatus.CLOSED}
PUBLISHES = frozenset({CaseOutcome.RELEASE, CaseOutcome.BLUR})

OUTCOMES: Mapping[Action, Mapping[CaseOutcome, CaseStatus]] = MappingProxyType(
    {
        Action.REVIEW: {
            CaseOutcome.RELEASE: CaseStatus.OVERTURNED,
            CaseOutcome.BLUR: CaseStatus.OVERTURNED,
            CaseOutcome.BLOCK: CaseStatus.UPHELD,
            CaseOutcome.CLOSE: CaseStatus.CLOSED,
        },
        Action.BLOCK: {
            CaseOutcome.UPHOLD: CaseStatus.UPHELD,
            CaseOutcome.RELEASE: CaseStatus.OVERTURNED,
            CaseOutcome.BLUR: CaseStatus.OVERTURNED,
        },
    }
)
"""What a case under review comes to, by what was done with the upload."""


def take(
    case: Case, review: Review | None, by: UserId, now: datetime, lease: timedelta, *, appeal: bool
) -> Review:
    """The review by which ``by`` has the case until ``now + lease``; their own is prolonged.

    Raises:
        Conflict: somebody else has it, or there is nothing to decide.
    """
    before = case.status
    if case.status is CaseStatus.IN_REVIEW:
        if review is not None and review.by != by and review.until > now:
            raise Conflict("Another moderator is at work on this case.", code="taken")
        before = back(case, review)
    if before not in (HEARD if appeal else TAKEN):
        raise Conflict("There is nothing to decide in this case now.", code="nothing_to_decide")
    return Review(by=by, until=now + lease, before=before, appeal=appeal)


def require_own(case: Case, review: Review | None, by: UserId, now: datetime) -> Review:
    """The review, if ``by`` has the case now.

    Raises:
        Conflict: they never took it, or their time ran out.
    """
    if case.status is not CaseStatus.IN_REVIEW or review is None or review.by != by:
        raise Conflict("Take the case first; it is not yours now.", code="not_taken")
    if review.until <= now:
        raise Conflict("Your time for this case ran out. Take it again.", code="lease_over")
    return review


def back(case: Case, review: Review | None) -> CaseStatus:
    """What a case becomes that is given back undecided."""
    if review is not None:
        return review.before
    return CaseStatus.ACTIONED if case.action is Action.BLOCK else CaseStatus.OPEN


def after(action: Action, outcome: CaseOutcome) -> CaseStatus:
    """What a case under review becomes by ``outcome``.

    Raises:
        Invalid: that cannot be decided on an upload with which ``action`` was done.
    """
    found = OUTCOMES.get(action, {}).get(outcome)
    if found is None:
        able = ", ".join(sorted(OUTCOMES.get(action, {})))
        raise Invalid(f"On this case you can decide: {able or 'nothing'}.", code="no_such_outcome")
    return found

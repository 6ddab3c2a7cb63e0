"""What moderators call about cases. They read cases and their queues from Firestore."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from media_integrity.schema.base import CaseId, Moment
from media_integrity.schema.cases import MAX_DECISION, MIN_DECISION, CaseOutcome
from media_integrity.schema.enums import CaseStatus, Violation

from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .rates import per_minute

CaseName = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ToUploader = Annotated[str, Field(min_length=MIN_DECISION, max_length=MAX_DECISION)]
"""What the uploader reads. It may not say who is shown."""


class ClaimCase(Request):
    case_id: CaseName


class ClaimedCase(Response):
    case_id: str
    until: Moment


@callable(role=Role.MODERATOR, request=ClaimCase, rate=per_minute(60))
def claim_case(request: ClaimCase, caller: Caller) -> ClaimedCase:
    """Take a case for half an hour, or go on with it. Not one's own, nor one that shows oneself."""
    from media_integrity.moderation import cases

    from . import wiring

    review = cases.claim(CaseId(request.case_id), caller.actor, wiring.desk())
    return ClaimedCase(case_id=request.case_id, until=review.until)


class CaseNow(Response):
    case_id: str
    status: CaseStatus


@callable(role=Role.MODERATOR, request=ClaimCase, rate=per_minute(60))
def give_back_case(request: ClaimCase, caller: Caller) -> CaseNow:
    """Give a case back undecided."""
    from media_integrity.moderation import cases

    from . import wiring

    status = cases.give_back(CaseId(request.case_id), caller.actor, wiring.desk())
    return CaseNow(case_id=request.case_id, status=status)


class DecideCase(ClaimCase):
    outcome: CaseOutcome
    why: ToUploader
    violation: Violation | None = None


@callable(role=Role.MODERATOR, request=DecideCase, rate=per_minute(60))
def decide_case(request: DecideCase, caller: Caller) -> CaseNow:
    """Decide a case that one has taken; the uploader reads why.

    For a sanction that cannot be undone, to uphold is the confirmation that it waits for.
    """
    from media_integrity.moderation import cases

    from . import wiring

    case = cases.decide(
        CaseId(request.case_id),
        request.outcome,
        request.why,
        caller.actor,
        wiring.desk(),
        violation=request.violation,
    )
    return CaseNow(case_id=case.id, status=case.status)


class ConfirmedReport(Response):
    case_id: str
    confirmed_at: Moment


@callable(role=Role.SENIOR_MODERATOR, request=ClaimCase, rate=per_minute(20))
def confirm_outside_report(request: ClaimCase, caller: Caller) -> ConfirmedReport:
    """Give the second word that a report to an authority or exchange needs."""
    from media_integrity.moderation import outside

    from . import wiring

    report = outside.confirm(CaseId(request.case_id), caller.actor, wiring.desk())
    assert report.second_at is not None
    return ConfirmedReport(case_id=request.case_id, confirmed_at=report.second_at)

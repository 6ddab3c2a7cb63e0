"""Appeals: written by clients in Firestore, taken note of by a trigger, heard through a call."""

from __future__ import annotations

import logging
from dataclasses import asdict
from enum import StrEnum

from firebase_functions import scheduler_fn

from media_integrity.schema.appeals import AppealStatus
from media_integrity.schema.base import CaseId, Moment
from media_integrity.schema.errors import Invalid

from . import logs, options
from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .documents import on_created
from .failures import reported
from .moderation import CaseName, ToUploader
from .rates import per_minute

log = logging.getLogger(__name__)

TIMEOUT_S = 60
KEEP_TIMEOUT_S = 540
SCHEDULE = "every 10 minutes"


@on_created("media_integrity_appeals", timeout_s=TIMEOUT_S, memory=options.CALL_MEMORY)
def on_appeal_created(appeal_id: str) -> None:
    """Check an appeal and take note of it. ``keep_appeals`` finds those whose event is lost."""
    logs.configure()
    from media_integrity.appeals.receive import receive

    from .wiring import desk

    with reported("appeal not received", appeal=appeal_id):
        status = receive(CaseId(appeal_id), desk())
    log.info("appeal received", extra={"appeal": appeal_id, "status": status})


@scheduler_fn.on_schedule(
    schedule=SCHEDULE,
    region=options.REGION,
    timeout_sec=KEEP_TIMEOUT_S,
    memory=options.CALL_MEMORY,
)
def keep_appeals(event: scheduler_fn.ScheduledEvent) -> None:
    """Appeals without an event, cases whose moderator's time ran out, files that nobody needs."""
    logs.configure()
    from media_integrity.appeals.upkeep import keep

    from .wiring import desk

    with reported("appeals not kept"):
        log.info("appeals", extra=asdict(keep(desk())))


class AppealAction(StrEnum):
    """What a moderator does with an appeal."""

    TAKE = "take"
    GIVE_BACK = "give_back"
    UPHOLD = "uphold"  # the decision stands
    OVERTURN = "overturn"  # it is undone


class ProcessAppeal(Request):
    """``reason``, which the uploader reads, goes with ``uphold`` and ``overturn``."""

    appeal_id: CaseName
    action: AppealAction
    reason: ToUploader | None = None
    without_merit: bool = False
    blurred: bool = False


class ProcessedAppeal(Response):
    appeal_id: str
    status: AppealStatus
    until: Moment | None = None
    """When the moderator's time for it is over; with ``take``."""
    published: bool | None = None
    """Whether the upload may be seen; with ``overturn``."""


@callable(role=Role.MODERATOR, request=ProcessAppeal, rate=per_minute(60))
def process_media_integrity_appeal(request: ProcessAppeal, caller: Caller) -> ProcessedAppeal:
    """Take an appeal, give it back, or answer it. Not for who had a part in the decision."""
    from media_integrity.appeals import hearing

    from . import wiring

    appeal, by, desk = CaseId(request.appeal_id), caller.actor, wiring.desk()
    _require_what_belongs_together(request)
    match request.action:
        case AppealAction.TAKE:
            until = hearing.take(appeal, by, desk)
            return ProcessedAppeal(appeal_id=appeal, status=AppealStatus.IN_REVIEW, until=until)
        case AppealAction.GIVE_BACK:
            return ProcessedAppeal(appeal_id=appeal, status=hearing.give_back(appeal, by, desk))
        case AppealAction.UPHOLD:
            done = hearing.uphold(
                appeal, request.reason or "", by, desk, without_merit=request.without_merit
            )
        case AppealAction.OVERTURN:
            done = hearing.overturn(appeal, request.reason or "", by, desk, blurred=request.blurred)
    published = done.decision.published if done.decision is not None else None
    return ProcessedAppeal(appeal_id=done.id, status=done.status, published=published)


def _require_what_belongs_together(request: ProcessAppeal) -> None:
    """Raises: Invalid: a field that means nothing for the action, or one that it needs."""
    answers = request.action in {AppealAction.UPHOLD, AppealAction.OVERTURN}
    if answers != (request.reason is not None):
        raise Invalid("A reason goes with uphold and overturn, and only with these.")
    if request.without_merit and request.action is not AppealAction.UPHOLD:
        raise Invalid("Only an appeal that is turned down can be without merit.")
    if request.blurred and request.action is not AppealAction.OVERTURN:
        raise Invalid("Only what is published can be blurred.")

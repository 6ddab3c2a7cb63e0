"""What moderators call about alarms. They read them from Firestore."""

from __future__ import annotations

from pydantic import Field

from media_integrity.schema.base import Moment

from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .rates import per_minute


class AcknowledgeAlarm(Request):
    alarm_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,120}$")


class AcknowledgedAlarm(Response):
    acknowledged_at: Moment


@callable(role=Role.MODERATOR, request=AcknowledgeAlarm, rate=per_minute(60))
def acknowledge_alarm(request: AcknowledgeAlarm, caller: Caller) -> AcknowledgedAlarm:
    """Take an alarm on. Moderators; refused where another one has."""
    from media_integrity.banks import alarms

    from . import services

    taken_on = alarms.acknowledge(
        request.alarm_id, caller.actor, store=services.store(), clock=services.clock()
    )
    assert taken_on.acknowledged_at is not None
    return AcknowledgedAlarm(acknowledged_at=taken_on.acknowledged_at)

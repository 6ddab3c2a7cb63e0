"""The life of a takedown request, and of the report that it belongs to. Pure.

    PREPARED      send, or a moderator's word    REQUESTED
    REQUESTED     reply                          ACKNOWLEDGED, REMOVED, REFUSED
    ACKNOWLEDGED  reply                          REMOVED, REFUSED
    open          48 hours are over              EXPIRED
    EXPIRED       late reply                     REMOVED, REFUSED; acknowledged: stays EXPIRED
    REFUSED       they change their minds        REMOVED
    PREPARED      the report is taken back       WITHDRAWN

Changes are dicts of fields, for ``Transaction.update``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.enums import Severity
from media_integrity.schema.errors import Conflict
from media_integrity.schema.reports import (
    MAX_REPLIES,
    TAKEDOWN_CLOCK,
    PlatformReply,
    Report,
    ReportStatus,
    Takedown,
    TakedownAlarm,
    TakedownState,
)

ANSWERS = frozenset({TakedownState.ACKNOWLEDGED, TakedownState.REMOVED, TakedownState.REFUSED})
"""What a platform can answer."""

_S = TakedownState
AFTER_REPLY: Mapping[TakedownState, Mapping[TakedownState, TakedownState]] = MappingProxyType(
    {
        _S.REQUESTED: {each: each for each in ANSWERS},
        _S.ACKNOWLEDGED: {each: each for each in ANSWERS},
        _S.EXPIRED: {
            _S.ACKNOWLEDGED: _S.EXPIRED,
            _S.REMOVED: _S.REMOVED,
            _S.REFUSED: _S.REFUSED,
        },
        _S.REFUSED: {
            _S.ACKNOWLEDGED: _S.REFUSED,
            _S.REMOVED: _S.REMOVED,
            _S.REFUSED: _S.REFUSED,
        },
    }
)
"""State before, answer, state after. What is not here is refused."""

CLOCK: Mapping[TakedownAlarm, timedelta] = MappingProxyType(
    {
        TakedownAlarm.AFTER_24_HOURS: timedelta(hours=24),
        TakedownAlarm.AFTER_40_HOURS: timedelta(hours=40),
        TakedownAlarm.BREACH: TAKEDOWN_CLOCK,
    }
)
"""When each alarm is due, counted from the request; in this order."""

ALARMS: Mapping[TakedownAlarm, tuple[AlarmKind, Severity]] = MappingProxyType(
    {
        TakedownAlarm.AFTER_24_HOURS: (AlarmKind.TAKEDOWN_24_HOURS, Severity.MEDIUM),
        TakedownAlarm.AFTER_40_HOURS: (AlarmKind.TAKEDOWN_40_HOURS, Severity.HIGH),
        TakedownAlarm.BREACH: (AlarmKind.TAKEDOWN_BREACH, Severity.CRITICAL),
    }
)

TICKS = frozenset({TakedownState.REQUESTED, TakedownState.ACKNOWLEDGED})
"""While it is in one of these the clock runs."""


def requested(now: datetime) -> dict[str, object]:
    """It is asked for: the clock starts."""
    return {
        "state": TakedownState.REQUESTED,
        "requested_at": now,
        "due_at": now + TAKEDOWN_CLOCK,
        "next_alarm_at": now + CLOCK[TakedownAlarm.AFTER_24_HOURS],
        "updated_at": now,
    }


def answered(
    takedown: Takedown, answer: TakedownState, text: str, now: datetime
) -> dict[str, object]:
    """A platform has answered.

    Raises:
        Conflict: nothing was asked yet, or it is removed already.
    """
    after = AFTER_REPLY.get(takedown.state, {}).get(answer)
    if after is None or takedown.requested_at is None:
        raise Conflict(
            "This request has not been sent, or is finished, so there is nothing to answer.",
            code="no_answer_expected",
        )
    reply = PlatformReply(at=now, state=after, text=text)
    changes: dict[str, object] = {
        "replies": (*takedown.replies, reply)[-MAX_REPLIES:],
        "updated_at": now,
    }
    if after is takedown.state:
        return changes
    return {**changes, **_entered(takedown, after, now)}


def removed(takedown: Takedown, now: datetime) -> dict[str, object]:
    """It is not to be seen any more. One that nobody had asked for counts as asked for now."""
    asked = requested(now) if takedown.requested_at is None else {}
    due = takedown.due_at or now + TAKEDOWN_CLOCK
    return {**asked, **_entered(takedown, TakedownState.REMOVED, now, due=due)}


def refused(takedown: Takedown, text: str, now: datetime) -> dict[str, object]:
    """A moderator of this app has looked and lets it stay."""
    reply = PlatformReply(at=now, state=TakedownState.REFUSED, text=text)
    return {
        "replies": (*takedown.replies, reply)[-MAX_REPLIES:],
        **_entered(takedown, TakedownState.REFUSED, now),
    }


def withdrawn(takedown: Takedown, now: datetime) -> dict[str, object]:
    """The reporter took the report back before anybody had been asked."""
    return _entered(takedown, TakedownState.WITHDRAWN, now)


def _entered(
    takedown: Takedown, state: TakedownState, now: datetime, *, due: datetime | None = None
) -> dict[str, object]:
    due = due or takedown.due_at
    in_time = due is not None and now <= due
    return {
        "state": state,
        "closed_at": now if state.final else None,
        "in_time": in_time if state is TakedownState.REMOVED else None,
        "next_alarm_at": takedown.next_alarm_at if state in TICKS else None,
        "waits_for_moderator": takedown.waits_for_moderator and not state.final,
        "updated_at": now,
    }


def due_alarms(takedown: Takedown, now: datetime) -> tuple[TakedownAlarm, ...]:
    """What the clock has to say and has not said yet, oldest first."""
    if takedown.requested_at is None or takedown.state not in TICKS:
        return ()
    return tuple(
        alarm
        for alarm, after in CLOCK.items()
        if alarm not in takedown.alarms and now >= takedown.requested_at + after
    )


def ticked(
    takedown: Takedown, alarms: tuple[TakedownAlarm, ...], now: datetime
) -> dict[str, object]:
    """The clock has said ``alarms``; after the last it stops and the request has run out."""
    assert takedown.requested_at is not None
    said = (*takedown.alarms, *alarms)
    changes: dict[str, object] = {"alarms": said, "updated_at": now}
    if TakedownAlarm.BREACH in said:
        return {**changes, **_entered(takedown, TakedownState.EXPIRED, now)}
    following = next(alarm for alarm in CLOCK if alarm not in said)
    return {**changes, "next_alarm_at": takedown.requested_at + CLOCK[following]}


def status_after(report: Report, takedowns: Iterable[TakedownState]) -> ReportStatus:
    """The report's status, given the states of all that it asks for.

    It follows only once a moderator has accepted it: before, somebody has still to look, whatever
    was taken down on the reporter's word. What is rejected or withdrawn stays so.
    """
    if report.status in {
        ReportStatus.SUBMITTED,
        ReportStatus.REJECTED,
        ReportStatus.WITHDRAWN,
    }:
        return report.status
    states = list(takedowns)
    if not all(state.final for state in states):
        return ReportStatus.IN_PROGRESS
    gone = all(state is TakedownState.REMOVED for state in states)
    return ReportStatus.RESOLVED if gone else ReportStatus.UNRESOLVED

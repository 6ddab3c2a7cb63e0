"""What time does to requests: alarms at 24 and 40 hours, and when the 48 hours are over.

Any number of schedules may run at once. An alarm is written together with the mark in the request
that it was raised, so each is raised exactly once; an answer that comes in the same moment is there
before the clock looks, or late.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.matching.alarms import alarm_id, raised_again
from media_integrity.schema.alarms import Alarm
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.hashes import MediaHash
from media_integrity.schema.reports import Takedown, TakedownAlarm, TakedownState

from . import own_app, states
from .backend import TakedownBackend
from .family import Family

log = logging.getLogger(__name__)

CLOCK = Actor(kind=ActorKind.SYSTEM, id="keeptakedowns")
BATCH = 200

OFTEN = timedelta(days=2)
"""A search for copies is over by then, and what it waits for."""
SELDOM = timedelta(days=40)
"""Longer than somebody may appeal: by then what was taken down stays so."""

PUT_BACK = "It was put back after a moderator had looked at it."
"""To the reporter."""

TEXTS = {
    TakedownAlarm.AFTER_24_HOURS: (
        "24 hours of a request to remove media are over and it is not removed. Look whether there "
        "is an answer, and ask again."
    ),
    TakedownAlarm.AFTER_40_HOURS: (
        "40 of the 48 hours of a request to remove media are over and it is not removed. Ask "
        "again by another way now."
    ),
    TakedownAlarm.BREACH: (
        "48 hours of a request to remove media are over and it is not removed. If it is in this "
        "app, decide the report now. If it is not, tell the person what else can be done."
    ),
}


def due_requests(now: datetime) -> Query[Takedown]:
    """Requests whose clock has something to say, the longest waiting first."""
    return Query(
        Takedown,
        (Where("nextAlarmAt", "<=", now),),
        order_by=(("nextAlarmAt", "ASCENDING"),),
        limit=BATCH,
    )


def due_counts(now: datetime) -> Query[Takedown]:
    """Requests whose copies are to be counted again."""
    return Query(
        Takedown,
        (Where("lookAt", "<=", now),),
        order_by=(("lookAt", "ASCENDING"),),
        limit=BATCH,
    )


def run_clock(backend: TakedownBackend) -> int:
    """Let the clock of every request say what it has to say; how many alarms were raised."""
    return _each(due_requests, lambda each: tick(each.id, backend), backend)


def count_copies(backend: TakedownBackend) -> int:
    """Count copies again where that is due; how many numbers changed."""
    return _each(due_counts, lambda each: recount(each, backend), backend)


def _each(
    due: Callable[[datetime], Query[Takedown]],
    act: Callable[[Takedown], int],
    backend: TakedownBackend,
) -> int:
    """One that fails does not keep the others."""
    done, failed = 0, None
    for takedown in list(backend.store.query(due(backend.clock.now()))):
        try:
            done += act(takedown)
        except Exception as error:  # noqa: BLE001  whatever it was: the others' turn
            log.error(
                "takedown not kept",
                extra={"takedown": takedown.id, "error_type": type(error).__name__},
            )
            failed = error
    if failed is not None:
        raise failed
    return done


def tick(takedown_id: str, backend: TakedownBackend) -> int:
    """Raise the alarms that are due for one request; how many."""
    takedown = backend.store.get(Takedown, takedown_id)
    if takedown is None:
        return 0
    report_id, path = takedown.report_id, takedown.path

    def body(tx: Transaction) -> int:
        family = Family.read(tx, report_id, path)
        current = family.takedowns.get(takedown_id) if family is not None else None
        if family is None or current is None:
            lost = tx.get(Takedown, takedown_id)
            if lost is not None:  # its report is gone: nobody is left to ask for
                tx.update(lost, next_alarm_at=None)
            return 0
        now = backend.clock.now()
        alarms = states.due_alarms(current, now)
        raised = [_alarm(alarm, current, now) for alarm in alarms]
        known = [tx.get(Alarm, alarm.id) for alarm in raised]
        if not alarms:
            return 0
        for alarm, before in zip(raised, known, strict=True):
            tx.put(raised_again(before, alarm) if before is not None else alarm)
        family.change(current, states.ticked(current, alarms, now), CLOCK, now)
        family.follow(CLOCK, now)
        return len(alarms)

    return backend.store.run(body)


def _alarm(alarm: TakedownAlarm, takedown: Takedown, now: datetime) -> Alarm:
    kind, severity = states.ALARMS[alarm]
    return Alarm(
        id=alarm_id(kind, takedown.path),
        kind=kind,
        severity=severity,
        subject=takedown.path,
        text=TEXTS[alarm],
        raised_at=now,
    )


def recount(takedown: Takedown, backend: TakedownBackend) -> int:
    """Count the copies of one request; 1 if something changed.

    Also notes what was put back since, by whoever decided on its case: the reporter is told.
    """
    copies = own_app.copies_removed(takedown, backend) if takedown.is_own else 0
    report_id, path, job_id = takedown.report_id, takedown.path, takedown.media.job_id

    def body(tx: Transaction) -> int:
        family = Family.read(tx, report_id, path)
        media = tx.get(MediaHash, job_id) if job_id is not None else None
        current = family.takedowns.get(takedown.id) if family is not None else None
        if family is None or current is None:
            lost = tx.get(Takedown, takedown.id)
            if lost is not None:
                tx.update(lost, look_at=None)
            return 0
        now = backend.clock.now()
        changes: dict[str, object] = {"look_at": _next_look(current, now)}
        changed = copies != current.copies_removed
        if changed:
            changes |= {"copies_removed": copies, "updated_at": now}
        back = media is not None and media.unpublished_at is None
        if back and current.state is TakedownState.REMOVED:
            changes |= states.refused(current, PUT_BACK, now)
            changed = True
        family.change(current, changes, CLOCK, now)
        family.follow(CLOCK, now)
        return int(changed)

    return backend.store.run(body)


def _next_look(takedown: Takedown, now: datetime) -> datetime | None:
    """Often as long as copies may turn up, then once a day, then not any more. Pure."""
    since = takedown.closed_at or takedown.created_at
    if takedown.state is not TakedownState.REMOVED or now - since > SELDOM:
        return None
    return now + (own_app.LOOK_AGAIN if now - since <= OFTEN else timedelta(days=1))

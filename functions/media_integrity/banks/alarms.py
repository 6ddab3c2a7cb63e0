"""Alarms, for those who look after them. Raising one: ``matching.alarms``."""

from __future__ import annotations

from media_integrity.audit.log import Entry
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store, Transaction
from media_integrity.schema.alarms import Alarm
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.base import UserId
from media_integrity.schema.errors import Conflict, NotFound


def acknowledge(alarm_id: str, by: Actor, *, store: Store, clock: Clock) -> Alarm:
    """Say that somebody looks after an alarm; the same person's second word changes nothing.

    Raises:
        NotFound: there is no such alarm.
        Conflict: somebody else looks after it.
    """

    def body(tx: Transaction) -> Alarm:
        alarm = tx.get(Alarm, alarm_id)
        if alarm is None:
            raise NotFound("There is no such alarm.")
        if alarm.acknowledged_by == by.id:
            return alarm
        if alarm.acknowledged_by is not None:
            raise Conflict("Somebody else looks after this alarm already.")
        trail = Entry(tx, alarm.path)
        now = clock.now()
        taken_on = tx.update(alarm, acknowledged_by=UserId(by.id), acknowledged_at=now)
        trail.write(AuditAction.ALARM_ACKNOWLEDGED, by, now)
        return taken_on

    return store.run(body)

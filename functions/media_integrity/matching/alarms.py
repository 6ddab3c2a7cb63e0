"""Raising alarms: something that a person has to look at, said once however often it happens.

Stands in this layer because the lowest one that raises alarms, the matching of hashes, is this one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from media_integrity.cloud.firestore import Store, Transaction
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.base import days
from media_integrity.schema.enums import Severity

REOPENS_AFTER = days(1)
"""What happens again this long after somebody has taken it on has not been mended: the alarm stands
open again. Before, it is only counted, so that one who is at work on it is left in peace."""


def alarm_id(kind: AlarmKind, subject: str) -> str:
    """Id of the alarm of that kind about that document."""
    return f"{kind}_{hashlib.sha256(subject.encode()).hexdigest()[:32]}"


def raise_alarm(
    store: Store, *, kind: AlarmKind, severity: Severity, subject: str, text: str, now: datetime
) -> Alarm:
    """Record the alarm, or count it where it stands already. Returns it as it stands now.

    ``subject`` is the path of the document that it is about, ``text`` says what happened and what
    to do. Both go to moderators: no hash, name or address of a person belongs in them.

    Raises:
        pydantic.ValidationError: ``text`` or ``subject`` is too long; nothing is written.
        Contention: others kept changing it.
    """
    fresh = Alarm(
        id=alarm_id(kind, subject),
        kind=kind,
        severity=severity,
        subject=subject,
        text=text,
        raised_at=now,
    )

    def body(tx: Transaction) -> Alarm:
        known = tx.get(Alarm, fresh.id)
        if known is None:
            tx.put(fresh)
            return fresh
        again = raised_again(known, fresh)
        tx.put(again)
        return again

    return store.run(body)


def raised_again(known: Alarm, fresh: Alarm) -> Alarm:
    """``known`` after it has happened once more, as ``fresh`` says it. Pure.

    Its text is the newer one and its severity the graver.
    """
    taken_on = known.acknowledged_at
    reopens = taken_on is not None and fresh.raised_at - taken_on >= REOPENS_AFTER
    return known.model_copy(
        update={
            "severity": max(known.severity, fresh.severity, key=lambda severity: severity.rank),
            "text": fresh.text,
            "raised_at": max(known.raised_at, fresh.raised_at),
            "times": known.times + 1,
            **({"acknowledged_by": None, "acknowledged_at": None} if reopens else {}),
        }
    )

"""Delivers what was written into the outbox.

An entry is taken under a lease, its effect is brought about, the entry is marked. Any number of
workers may run at once and die at any point: what can be written together with the mark is done
exactly once, what cannot is made so that a second time changes nothing (``notify``, ``effects``).

What fails is tried again after growing waits, twelve times in all; then it is dead, and an alarm
says so. The alarm is raised before the entry is marked, so that none dies unheard.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import ClassVar, assert_never

from pydantic import ValidationError

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.matching.alarms import raise_alarm
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.base import Document, Moment
from media_integrity.schema.enums import Severity
from media_integrity.schema.errors import Conflict, NotFound
from media_integrity.schema.outbox import (
    CountEffect,
    EscalateEffect,
    NotifyEffect,
    OutboxEntry,
    OutboxState,
    OutsideReportEffect,
    RestrictEffect,
    TallyEffect,
)

from . import claims, effects
from .backend import OutboxBackend
from .notify import notify
from .work import Never, NotNow, Outcome, Work

log = logging.getLogger(__name__)

BATCH = 200
AT_ONCE = 8
"""Entries that one run delivers side by side: they wait for answers most of the time."""

UNREADABLE_AGAIN = timedelta(hours=1)
"""An entry without a valid shape is looked at again after that: a newer release may have written
it, and the rest of the fleet may be newer by then."""

TOGETHER: Mapping[str, str] = {
    "notify": "outbox",
    "count": "outbox",
    "tally": "outbox",
}
"""Kinds of effects whose dead share one alarm: an outage of FCM kills thousands at once. The dead
of other kinds have one each, since each is somebody's account or case."""


class Due(Document):
    """An entry of which nothing is taken for granted but that it is due. Id: the entry's.

    One malformed entry must not keep a query from the others. Read by the functions only.
    """

    collection: ClassVar[str] = OutboxEntry.collection

    next_try_at: Moment | None = None


def due_entries(backend: OutboxBackend, limit: int = BATCH) -> Query[Due]:
    """What waits to be delivered now, the longest waiting first."""
    return Query(
        Due,
        (Where("nextTryAt", "<=", backend.clock.now()),),
        order_by=(("nextTryAt", "ASCENDING"),),
        limit=limit,
    )


def deliver_due(backend: OutboxBackend, *, budget_s: float) -> Mapping[Outcome, int]:
    """Deliver what is due until nothing is, or no entry is begun any more after ``budget_s``.

    Returns how many entries came to which outcome. Two runs at once do no harm.
    """
    end = time.monotonic() + budget_s
    done: Counter[Outcome] = Counter()

    def one(due: Due) -> Outcome | None:
        return deliver(due.id, backend) if time.monotonic() < end else None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        while time.monotonic() < end:
            round_of = list(backend.store.query(due_entries(backend)))
            outcomes = Counter(outcome for outcome in pool.map(one, round_of) if outcome)
            done += outcomes
            if set(outcomes) <= {Outcome.SKIPPED}:
                break  # nothing due, or all of it in other hands
    return done


def deliver(entry_id: str, backend: OutboxBackend) -> Outcome:
    """Bring one entry as far as it gets now. Raises nothing: what fails is written down or logged.

    An entry that is not due, is somebody else's or is gone is left alone.
    """
    try:
        return _handled(entry_id, backend)
    except claims.NotYours:
        log.warning("outbox lease lost", extra={"outbox": entry_id})
    except Exception:
        # Firestore itself, most likely. The lease runs out, and the entry is due again.
        log.exception("outbox entry not handled", extra={"outbox": entry_id})
    return Outcome.SKIPPED


def revive(entry_id: str, backend: OutboxBackend) -> None:
    """Have a dead effect tried again, once its cause is mended.

    Raises:
        NotFound: there is no such entry.
        Conflict: it is not dead.
    """

    def body(tx: Transaction) -> None:
        entry = tx.get(OutboxEntry, entry_id)
        if entry is None:
            raise NotFound("There is no such effect.")
        if entry.state is not OutboxState.DEAD:
            raise Conflict("This effect is not dead.")
        tx.update(entry, **claims.revived(backend.clock.now()))

    backend.store.run(body)


def _handled(entry_id: str, backend: OutboxBackend) -> Outcome:
    try:
        taken = _take(entry_id, uuid.uuid4().hex, backend)
    except ValidationError:
        return _set_aside(entry_id, backend)
    if taken is None:
        return Outcome.SKIPPED
    work, was_exhausted = taken
    return _bury(work, "out_of_tries") if was_exhausted else _attempt(work)


def _take(entry_id: str, worker: str, backend: OutboxBackend) -> tuple[Work, bool] | None:
    """The entry under a lease, and whether it was out of tries before.

    Raises:
        pydantic.ValidationError: it has no valid shape.
    """

    def body(tx: Transaction) -> tuple[Work, bool] | None:
        entry = tx.get(OutboxEntry, entry_id)
        changes = claims.claimed(entry, worker, backend.clock.now()) if entry else None
        if entry is None or changes is None:
            return None
        return Work(tx.update(entry, **changes), worker, backend), claims.exhausted(entry)

    return backend.store.run(body)


def _attempt(work: Work) -> Outcome:
    entry = work.entry
    try:
        outcome = _effect(work)
    except claims.NotYours:
        raise
    except Never as error:
        return _bury(work, error.code)
    except NotNow as error:
        return _failed(work, error.code, at_least=error.at_least)
    except Exception as error:
        log.exception("effect failed", extra={"outbox": entry.id, "effect": entry.effect.kind})
        return _failed(work, type(error).__name__)
    log.info(
        "effect",
        extra={"outbox": entry.id, "effect": entry.effect.kind, "outcome": outcome.value},
    )
    return outcome


def _effect(work: Work) -> Outcome:
    """Raises: NotNow, Never, NotYours, or whatever went wrong."""
    effect = work.entry.effect
    match effect:
        case NotifyEffect():
            return notify(work, effect)
        case RestrictEffect():
            return effects.restrict(work, effect)
        case CountEffect():
            return effects.count(work, effect)
        case TallyEffect():
            return effects.tally(work, effect)
        case EscalateEffect():
            return effects.escalate(work, effect)
        case OutsideReportEffect():
            # Reports to authorities and exchanges come with the safety integrations. What is
            # written now must not look as if it had been sent.
            raise Never("no_destination")
        case _:
            assert_never(effect)


def _failed(work: Work, cause: str, *, at_least: timedelta = timedelta()) -> Outcome:
    if claims.exhausted(work.entry):
        return _bury(work, cause)
    work.change(lambda entry, now: claims.failed(entry, cause, now, at_least=at_least))
    log.warning(
        "effect not delivered",
        extra={"outbox": work.entry.id, "code": cause, "tries": work.entry.tries},
    )
    return Outcome.RETRY


def _bury(work: Work, cause: str) -> Outcome:
    """Give up, aloud."""
    entry = work.entry
    raise_alarm(
        work.backend.store,
        kind=AlarmKind.OUTBOX_DEAD,
        severity=Severity.MEDIUM if entry.effect.kind in TOGETHER else Severity.CRITICAL,
        subject=TOGETHER.get(entry.effect.kind, entry.path),
        text=(
            f"The effect {entry.effect.kind} of {entry.path} could not be delivered "
            f"({cause}). Mend the cause, then have it tried again (retry_dead_effect)."
        )[:500],
        now=work.backend.clock.now(),
    )
    work.change(lambda _, __: claims.dead(cause))
    log.error("effect dead", extra={"outbox": entry.id, "effect": entry.effect.kind, "code": cause})
    return Outcome.DEAD


def _set_aside(entry_id: str, backend: OutboxBackend) -> Outcome:
    """An entry without a valid shape: out of the way for a while, and an alarm."""
    now = backend.clock.now()
    log.error("outbox entry unreadable", extra={"outbox": entry_id})
    path = OutboxEntry.path_of(entry_id)
    raise_alarm(
        backend.store,
        kind=AlarmKind.ENTRY_UNREADABLE,
        severity=Severity.HIGH,
        subject=path,
        text="This outbox entry has no valid shape, so its effect is not delivered. Mend it.",
        now=now,
    )
    backend.store.update(Due(id=entry_id, next_try_at=now), next_try_at=now + UNREADABLE_AGAIN)
    return Outcome.UNREADABLE

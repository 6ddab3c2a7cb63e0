"""Who may work on an effect, and when it is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from media_integrity.api import outbox
from media_integrity.notifications import claims
from media_integrity.notifications.claims import NotYours
from media_integrity.notifications.effects import closes_uploads, counted
from media_integrity.schema.enforcement import Restriction, RestrictionKind
from media_integrity.schema.enums import Action, DetectionMethod, Violation
from media_integrity.schema.outbox import (
    MAX_DELIVERY_TRIES,
    CountEffect,
    OutboxEntry,
    OutboxState,
)
from media_integrity.schema.scans import Lease
from media_integrity.schema.statistics import Counts

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SOON, LATER = NOON + timedelta(minutes=1), NOON + timedelta(hours=1)


def entry(**changes: object) -> OutboxEntry:
    fields: dict[str, object] = {
        "id": "entry",
        "effect": CountEffect(action=Action.ALLOW),
        "next_try_at": NOON,
        "created_at": NOON,
    }
    return OutboxEntry.model_validate({**fields, **changes})


def changed(before: OutboxEntry, changes: dict[str, object] | None) -> OutboxEntry:
    assert changes is not None
    fields = {name: getattr(before, name) for name in OutboxEntry.model_fields}
    return OutboxEntry.model_validate({**fields, **changes})


def test_one_worker_gets_an_entry_and_the_next_only_after_its_lease() -> None:
    mine = changed(entry(), claims.claimed(entry(), "me", NOON))

    assert claims.claimed(mine, "other", NOON + claims.LEASE - timedelta(seconds=1)) is None
    theirs = changed(mine, claims.claimed(mine, "other", NOON + claims.LEASE))
    assert (mine.tries, theirs.tries) == (1, 2)
    assert claims.required(theirs, "other") is theirs
    with pytest.raises(NotYours):
        claims.required(theirs, "me")


def test_a_leased_entry_is_due_again_when_the_lease_ends() -> None:
    mine = changed(entry(), claims.claimed(entry(), "me", NOON))

    assert mine.lease is not None
    assert mine.next_try_at == mine.lease.until


@pytest.mark.parametrize(
    "other",
    [
        None,
        entry(),
        entry(state=OutboxState.DEAD, next_try_at=None, lease=Lease(worker="me", until=LATER)),
        entry(
            state=OutboxState.DELIVERED,
            next_try_at=None,
            delivered_at=NOON,
            lease=Lease(worker="me", until=LATER),
        ),
    ],
    ids=["gone", "free", "dead", "delivered"],
)
def test_what_is_dealt_with_is_nobodys(other: OutboxEntry | None) -> None:
    with pytest.raises(NotYours):
        claims.required(other, "me")


@pytest.mark.parametrize(
    "waiting",
    [
        entry(next_try_at=SOON),
        entry(lease=Lease(worker="other", until=SOON)),
        entry(state=OutboxState.DEAD, next_try_at=None),
        entry(state=OutboxState.DELIVERED, next_try_at=None, delivered_at=NOON),
    ],
    ids=["not_yet", "leased", "dead", "delivered"],
)
def test_what_is_not_due_is_not_given(waiting: OutboxEntry) -> None:
    assert claims.claimed(waiting, "me", NOON) is None


def test_a_worker_that_dies_on_the_last_try_leaves_an_entry_that_can_be_buried() -> None:
    last = entry(tries=MAX_DELIVERY_TRIES, lease=Lease(worker="dead", until=NOON))

    taken = changed(last, claims.claimed(last, "me", NOON))

    assert claims.exhausted(last)
    assert taken.tries == MAX_DELIVERY_TRIES


def test_waits_double_up_to_six_hours_and_half_of_each_is_chance() -> None:
    for tries in range(1, MAX_DELIVERY_TRIES + 1):
        longest = min(claims.LONGEST_WAIT, claims.FIRST_WAIT * 2 ** (tries - 1))
        waits = [claims.wait_after(tries) for _ in range(200)]
        assert longest / 2 <= min(waits) <= max(waits) <= longest
        assert max(waits) - min(waits) > longest / 4
    assert claims.wait_after(10**6) <= claims.LONGEST_WAIT


def test_the_one_who_refuses_can_ask_for_a_longer_wait_but_not_for_a_shorter() -> None:
    tried = entry(tries=1)

    long = claims.failed(tried, "x", NOON, at_least=timedelta(hours=1))["next_try_at"]
    short = claims.failed(tried, "x", NOON, at_least=timedelta(seconds=1))["next_try_at"]

    assert long == NOON + timedelta(hours=1)
    assert isinstance(short, datetime)
    assert short >= NOON + claims.FIRST_WAIT / 2


def test_every_end_of_a_run_is_a_valid_entry() -> None:
    taken = changed(entry(), claims.claimed(entry(), "me", NOON))

    delivered = changed(taken, claims.delivered(SOON, "no_account"))
    dead = changed(taken, claims.dead("x" * 999))
    waiting = changed(taken, claims.postponed(taken, LATER))
    failed = changed(taken, claims.failed(taken, "y" * 999, NOON))
    revived = changed(dead, claims.revived(LATER))

    assert delivered.expire_at == SOON + timedelta(days=7)
    assert (waiting.tries, waiting.next_try_at, waiting.lease) == (0, LATER, None)
    assert (failed.tries, failed.lease) == (1, None)
    assert (revived.state, revived.tries, revived.next_try_at) == (OutboxState.PENDING, 0, LATER)


def test_a_lease_outlives_the_longest_run() -> None:
    assert claims.RUN_LIMIT.total_seconds() == outbox.TIMEOUT_S
    assert claims.LEASE > claims.RUN_LIMIT


@pytest.mark.parametrize(
    ("restrictions", "closed"),
    [
        ((), False),
        ((Restriction(kind=RestrictionKind.UPLOADS, since=NOON),), True),
        ((Restriction(kind=RestrictionKind.ACCOUNT, since=NOON),), True),
        ((Restriction(kind=RestrictionKind.APPEALS, since=NOON),), False),
        ((Restriction(kind=RestrictionKind.UPLOADS, since=NOON, until=LATER),), True),
        ((Restriction(kind=RestrictionKind.UPLOADS, since=NOON, until=SOON),), False),
        (
            (
                Restriction(kind=RestrictionKind.UPLOADS, since=NOON, until=SOON),
                Restriction(kind=RestrictionKind.ACCOUNT, since=NOON, until=LATER),
            ),
            True,
        ),
    ],
)
def test_uploads_are_closed_by_restrictions_in_force(
    restrictions: tuple[Restriction, ...], closed: bool
) -> None:
    assert closes_uploads(restrictions, SOON) is closed


def test_a_verdict_is_counted_by_action_violation_and_failed_detector() -> None:
    before = Counts(uploads={Action.BLOCK: 4}, violations={Violation.AI_NUDE: 1}, refused=2)
    effect = CountEffect(
        action=Action.BLOCK,
        violations=(Violation.AI_NUDE, Violation.FACE_SWAP),
        failures=(DetectionMethod.VOICE,),
    )

    after = counted(before, effect)

    assert after == Counts(
        uploads={Action.BLOCK: 5},
        violations={Violation.AI_NUDE: 2, Violation.FACE_SWAP: 1},
        failures={DetectionMethod.VOICE: 1},
        refused=2,
    )
    assert counted(after, CountEffect(action=None)).refused == 3
    assert before.violations == {Violation.AI_NUDE: 1}

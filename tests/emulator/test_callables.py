"""Calls over HTTP, as apps make them, through every check to Firestore and back."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from devkit.client import (
    REGION,
    App,
    Person,
    Query,
    Refused,
    admin,
    anonymous,
    app_of,
    set_claims,
    sign_up,
)
from devkit.http import Answered, send
from devkit.stack import Addresses
from media_integrity.api.alarms import acknowledge_alarm
from media_integrity.api.rates import FirestoreLimiter, fresh_window, per_day, per_minute
from media_integrity.cloud.firestore import Store
from media_integrity.matching.alarms import REOPENS_AFTER, alarm_id, raise_alarm
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import Severity
from media_integrity.schema.errors import TooMany
from media_integrity.schema.rates import RateWindow

ACKNOWLEDGE = acknowledge_alarm.__name__  # type: ignore[attr-defined]  # it is a function
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
AT_ONCE = 6


@pytest.fixture(scope="module")
def store(stack: Addresses) -> Iterator[Store]:
    """As the functions have it. The client looks at the environment once, when it is made."""
    before = dict(os.environ)
    os.environ.update(stack.environment())
    try:
        store = Store(stack.project)
        store.get(Alarm, "nothing")
        yield store
    finally:
        os.environ.clear()
        os.environ.update(before)


def moderator(stack: Addresses, **claims: bool) -> Person:
    return sign_up(stack, "moderator", **(claims or {"moderator": True}))


def raised(store: Store, *, now: datetime = NOON, subject: str | None = None) -> Alarm:
    return raise_alarm(
        store,
        kind=AlarmKind.IMPORT_STAGED,
        severity=Severity.HIGH,
        subject=subject or f"hash_imports/{secrets.token_hex(6)}",
        text="An import waits for approval.",
        now=now,
    )


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.status, refused.value.code


def acknowledge(app: App, alarm: Alarm | str) -> object:
    alarm_id = alarm if isinstance(alarm, str) else alarm.id
    return app.call(ACKNOWLEDGE, {"alarmId": alarm_id})["acknowledgedAt"]


# ---- over HTTP


def test_a_moderator_takes_an_alarm_on_once_and_another_one_is_refused(
    stack: Addresses, store: Store
) -> None:
    alarm = raised(store)
    first, second = moderator(stack), moderator(stack, admin=True)

    answers = [acknowledge(app_of(stack, first), alarm) for _ in range(2)]
    with pytest.raises(Refused) as refused:
        acknowledge(app_of(stack, second), alarm)

    kept = store.get(Alarm, alarm.id)
    assert kept is not None
    assert kept.acknowledged_by == first.uid
    assert kept.acknowledged_at is not None
    assert abs(datetime.now(UTC) - kept.acknowledged_at) < timedelta(minutes=5)
    assert answers[0] == answers[1]
    assert datetime.fromisoformat(str(answers[0])) == kept.acknowledged_at
    assert (refused.value.status, refused.value.code) == ("FAILED_PRECONDITION", "conflict")
    assert first.uid not in str(refused.value.details) + refused.value.message
    entries = admin(stack).firestore.query(Query("audit_log", [("subject", "==", alarm.path)]))
    assert [entry.fields["action"] for entry in entries] == ["alarm_acknowledged"]


def test_only_moderators_take_alarms_on(stack: Addresses, store: Store) -> None:
    alarm = raised(store)
    person = app_of(stack, sign_up(stack, "person"))
    pretender = App(stack, "not.a.token")

    assert refusal(lambda: acknowledge(anonymous(stack), alarm))[0] == "UNAUTHENTICATED"
    assert refusal(lambda: acknowledge(pretender, alarm))[0] == "UNAUTHENTICATED"
    assert refusal(lambda: acknowledge(person, alarm)) == ("PERMISSION_DENIED", "forbidden")
    kept = store.get(Alarm, alarm.id)
    assert kept is not None
    assert kept.acknowledged_by is None


def test_a_role_ends_with_the_claim_the_account_and_its_tokens(
    stack: Addresses, store: Store
) -> None:
    def changed(person: Person, **account: object) -> App:
        url = f"{stack.url('auth')}/identitytoolkit.googleapis.com/v1/projects/{stack.project}"
        body = json.dumps({"localId": person.uid, **account}).encode()
        headers = {"Content-Type": "application/json", "Authorization": "Bearer owner"}
        send("POST", f"{url}/accounts:update", body, headers)
        return app_of(stack, person)

    alarm = raised(store)
    dismissed = moderator(stack)
    set_claims(stack, dismissed.uid)
    later = int(datetime.now(UTC).timestamp()) + 60

    closed = refusal(lambda: acknowledge(changed(moderator(stack), disableUser=True), alarm))
    revoked = refusal(lambda: acknowledge(changed(moderator(stack), validSince=later), alarm))
    without = refusal(lambda: acknowledge(app_of(stack, dismissed), alarm))

    assert closed == revoked == ("UNAUTHENTICATED", "unauthenticated")
    assert without == ("PERMISSION_DENIED", "forbidden")


@pytest.mark.parametrize("alarm", ["", "a/b", "../scan_jobs/x", "x" * 200, "no such alarm"])
def test_what_is_no_id_never_reaches_the_database(stack: Addresses, alarm: str) -> None:
    app = app_of(stack, moderator(stack))

    assert refusal(lambda: acknowledge(app, alarm)) == ("INVALID_ARGUMENT", "malformed")


def test_what_is_no_call_is_told_so_whoever_sends_it(stack: Addresses) -> None:
    large = refusal(lambda: anonymous(stack).call(ACKNOWLEDGE, {"alarmId": "x" * (1 << 20)}))
    url = f"{stack.url('functions')}/{stack.project}/{REGION}/{ACKNOWLEDGE}"
    with pytest.raises(Answered) as malformed:
        send("POST", url, b'{"data": {}, "hash": 1}', {"Content-Type": "application/json"})

    assert large == ("INVALID_ARGUMENT", "too_large")
    assert malformed.value.status == 400


def test_an_alarm_that_is_not_there_is_not_found(stack: Addresses) -> None:
    app = app_of(stack, moderator(stack))

    assert refusal(lambda: acknowledge(app, "nothing")) == ("NOT_FOUND", "not_found")


def test_a_call_is_counted_and_one_too_many_is_refused(stack: Addresses, store: Store) -> None:
    person, alarm = moderator(stack), raised(store)
    app = app_of(stack, person)
    acknowledge(app, alarm)
    counted = admin(stack).firestore.query(Query("rate_windows", [("userId", "==", person.uid)]))
    assert [window.fields["count"] for window in counted] == [1]

    now = datetime.now(UTC)
    for moment in (now, now + timedelta(minutes=1)):  # whichever the call falls into
        window = fresh_window(ACKNOWLEDGE, UserId(person.uid), per_minute(60), moment)
        store.put(window.model_copy(update={"count": 60}))

    with pytest.raises(Refused) as refused:
        acknowledge(app, alarm)
    assert (refused.value.status, refused.value.code) == ("RESOURCE_EXHAUSTED", "too_many")
    wait = refused.value.details["retryAfterS"]
    assert isinstance(wait, int)
    assert 1 <= wait <= 60


# ---- counting


def test_of_calls_at_once_no_more_than_the_rate_are_let_through(store: Store) -> None:
    user, rates = UserId(f"user/{secrets.token_hex(4)}"), (per_minute(3), per_day(100))
    limiter, start = FirestoreLimiter(store), Barrier(AT_ONCE)

    def take() -> bool:
        start.wait()
        try:
            limiter.take("function", user, rates, NOON)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        let_through = sum(pool.map(lambda _: take(), range(AT_ONCE)))

    counts = [
        window.count
        for rate in rates
        if (window := store.get(RateWindow, fresh_window("function", user, rate, NOON).id))
    ]
    assert let_through <= 3
    assert counts == [let_through, let_through]
    assert let_through >= 1


# ---- raising alarms


def test_the_same_alarm_is_raised_once_and_counted(store: Store) -> None:
    subject = f"hash_imports/{secrets.token_hex(6)}"
    start = Barrier(AT_ONCE)

    def raise_it(number: int) -> None:
        start.wait()
        raised(store, now=NOON + timedelta(minutes=number), subject=subject)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(raise_it, range(AT_ONCE)))

    alarm = store.get(Alarm, alarm_id(AlarmKind.IMPORT_STAGED, subject))
    assert alarm is not None
    assert alarm.times == AT_ONCE
    assert alarm.raised_at == NOON + timedelta(minutes=AT_ONCE - 1)


def test_an_alarm_that_was_taken_on_stands_open_again_if_it_goes_on_for_a_day(
    stack: Addresses, store: Store
) -> None:
    alarm = raised(store)
    acknowledge(app_of(stack, moderator(stack)), alarm)
    now = datetime.now(UTC)

    soon = raised(store, now=now + timedelta(hours=1), subject=alarm.subject)
    late = raised(store, now=now + REOPENS_AFTER + timedelta(hours=1), subject=alarm.subject)

    assert soon.acknowledged_by is not None
    assert (late.acknowledged_by, late.acknowledged_at, late.times) == (None, None, 3)
    assert store.get(Alarm, alarm.id) == late

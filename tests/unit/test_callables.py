"""Every check that a call goes through, by requests as an app sends them.

The framework, its token verification (which takes unsigned tokens while it is told that it talks to
the Auth emulator) and the checks are the real ones. Firestore's and Auth's answers are given here;
``tests/emulator/test_callables.py`` has them too.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import flask
import functions_framework
import pytest
from firebase_functions.https_fn import AppCheckData, AuthData, CallableRequest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from devkit import client
from media_integrity.api import callables, options
from media_integrity.api.callables import (
    CODES,
    MAX_BYTES,
    Caller,
    Request,
    Response,
    Role,
    Services,
    callable,  # noqa: A004  the platform's word
    known_caller,
    roles_of,
)
from media_integrity.api.rates import Rate, fresh_window, per_day, per_minute, require_room
from media_integrity.cloud import app
from media_integrity.cloud.accounts import Account
from media_integrity.cloud.firestore import Contention
from media_integrity.schema.audit import ActorKind
from media_integrity.schema.base import Moment, UserId
from media_integrity.schema.enums import AgeGroup
from media_integrity.schema.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ServiceError,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from media_integrity.schema.rates import RateWindow

PROJECT = "demo-callables"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECRET = "uploads/uid/1/a-persons-name.jpg"  # what a message of ours must never repeat


class Size(StrEnum):
    SMALL = "small"


class Order(Request):
    item_name: str = Field(max_length=20)
    count: int = 1
    size: Size = Size.SMALL
    when: Moment | None = None

    @field_validator("item_name")
    @classmethod
    def _is_for_sale(cls, name: str) -> str:
        if name == "moon":
            raise ValueError("this is not for sale")
        return name


class Ordered(Response):
    by_whom: str
    item_name: str


class Silent(Request):
    """Without fields."""


@dataclass
class World:
    """What Firestore and Auth know, and what was served."""

    accounts: dict[str, Account] = field(default_factory=dict)
    windows: dict[str, RateWindow] = field(default_factory=dict)
    now: datetime = NOON
    served: list[Order] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    fault: Exception | None = None
    auth_fault: Exception | None = None
    count_fault: Exception | None = None
    looked_up: int = 0

    def find(self, user: UserId) -> Account | None:
        self.looked_up += 1
        if self.auth_fault is not None:
            raise self.auth_fault
        return self.accounts.get(user)

    def take(self, function: str, user: UserId, rates: Sequence[Rate], now: datetime) -> None:
        if self.count_fault is not None:
            raise self.count_fault
        windows = [fresh_window(function, user, rate, now) for rate in rates]
        windows = [self.windows.get(window.id, window) for window in windows]
        for rate, window in zip(rates, windows, strict=True):
            require_room(rate, window, now)
        for window in windows:
            self.windows[window.id] = window.model_copy(update={"count": window.count + 1})

    @property
    def counted(self) -> int:
        return sum(window.count for window in self.windows.values())

    class _Clock:
        def __init__(self, world: World) -> None:
            self._world = world

        def now(self) -> datetime:
            return self._world.now

    def services(self) -> Services:
        return Services(limiter=self, accounts=self, clock=World._Clock(self))


@contextlib.contextmanager
def firebase_app_of_its_own() -> Iterator[None]:
    """The framework verifies tokens with the process's one app, which is bound to a project."""
    import firebase_admin

    def forget() -> None:
        app.firebase_app.cache_clear()
        for each in list(firebase_admin._apps.values()):
            firebase_admin.delete_app(each)

    forget()
    yield
    forget()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World()
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    monkeypatch.setenv("GCLOUD_PROJECT", PROJECT)
    monkeypatch.delenv(options.APP_CHECK, raising=False)
    monkeypatch.setattr(callables, "_services", world.services)
    with firebase_app_of_its_own():
        yield world


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged, ours and the framework's."""
    ours = logging.getLogger("media_integrity")
    before = ours.handlers[:], ours.propagate, ours.level
    ours.handlers[:] = [logging.NullHandler()]  # so that it is not configured away from here
    ours.propagate = True
    with caplog.at_level(logging.DEBUG):
        ours.setLevel(logging.DEBUG)
        yield caplog
    ours.handlers[:], ours.propagate, level = before
    ours.setLevel(level)


def told(log: pytest.LogCaptureFixture) -> str:
    """All that the records carry but exceptions, whose messages ``api.logs`` leaves out."""
    return json.dumps(
        [
            {name: value for name, value in vars(record).items() if name[:4] != "exc_"}
            | {"said": record.getMessage()}
            for record in log.records
        ],
        default=str,
    )


def order_function(
    world: World, *, role: Role = Role.SIGNED_IN, rate: Rate | Sequence[Rate] | None = None
) -> callables.Registered[Order, Ordered]:
    @callable(role=role, request=Order, rate=per_minute(3) if rate is None else rate)
    def order(request: Order, caller: Caller) -> Ordered:
        if world.fault is not None:
            raise world.fault
        world.served.append(request)
        world.callers.append(caller)
        return Ordered(by_whom=caller.uid, item_name=request.item_name)

    return order


def token(uid: str = "anna", *, issued: datetime = NOON, **claims: object) -> str:
    """An ID token as the Auth emulator makes them."""

    def part(content: Mapping[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    times = {"iat": int(issued.timestamp()), "exp": int(issued.timestamp()) + 3600}
    named = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": uid,
        "auth_time": times["iat"],
    }
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part({**named, **times, **claims})}."


@dataclass(frozen=True)
class Answer:
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def result(self) -> Any:
        assert self.status == 200, self.body
        return self.body["result"]

    @property
    def refusal(self) -> tuple[str, str]:
        """Status and code."""
        error = self.body["error"]
        return error["status"], (error.get("details") or {}).get("code", "")


ITEM = {"itemName": "lamp"}
ANNA = "anna's token"


def call(
    function: callables.Registered[Any, Any],
    data: object = ITEM,
    *,
    by: str | None = ANNA,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
    content_type: str = "application/json",
    chunked: bool = False,
    server_ends_bodies: bool = True,
) -> Answer:
    sent = dict(headers or {})
    if by is not None:
        sent["Authorization"] = f"Bearer {token() if by == ANNA else by}"
    environ = EnvironBuilder(
        method=method,
        data=json.dumps({"data": data}).encode() if body is None else body,
        content_type=content_type,
        headers=Headers(sent),
    ).get_environ()
    if server_ends_bodies:  # as gunicorn does, which serves in production
        environ["wsgi.input_terminated"] = True
    if chunked:
        environ.pop("CONTENT_LENGTH")
    server = flask.Flask("test")
    server.after_request(functions_framework.read_request)  # as it does behind every function
    server.add_url_rule("/", "serve", lambda: function(flask.request), methods=[method])
    answer = Client(server).open(environ)
    return Answer(answer.status_code, answer.get_json(silent=True) or {}, dict(answer.headers))


# ---- what is served


def test_a_call_is_answered_in_camel_case_and_the_function_learns_who_calls(world: World) -> None:
    order = order_function(world)

    answer = call(
        order,
        {"itemName": "lamp", "count": 2, "size": "small", "when": "2026-01-02T12:00:00Z"},
        by=token("anna", ageGroup="adult"),
    )

    assert answer.result == {"byWhom": "anna", "itemName": "lamp"}
    assert world.served == [Order(item_name="lamp", count=2, when=NOON)]
    assert world.callers == [
        Caller(UserId("anna"), frozenset({Role.SIGNED_IN}), AgeGroup.ADULT, app_check=False)
    ]


def test_in_code_the_function_is_called_plainly_and_nothing_is_checked(world: World) -> None:
    order = order_function(world, role=Role.ADMIN)

    answer = order(Order(item_name="lamp"), Caller(UserId("anna"), frozenset({Role.SIGNED_IN})))

    assert answer == Ordered(by_whom="anna", item_name="lamp")
    assert world.counted == world.looked_up == 0


def test_the_platform_finds_a_function_of_that_name_and_its_options(world: World) -> None:
    order: Any = order_function(world)

    endpoint = order.__firebase_endpoint__
    assert endpoint.entryPoint == order.__name__ == "order"
    assert endpoint.callableTrigger is not None
    assert (endpoint.region, endpoint.availableMemoryMb, endpoint.timeoutSeconds) == (
        [options.REGION],
        512,
        options.CALL_TIMEOUT_S,
    )
    assert type(order).__name__ == "function"  # the framework serves nothing else


def test_no_data_counts_as_no_fields(world: World) -> None:
    @callable(role=Role.SIGNED_IN, request=Silent, rate=per_minute(1))
    def silent(request: Silent, caller: Caller) -> Ordered:
        return Ordered(by_whom=caller.uid, item_name="nothing")

    assert call(silent, None).result["itemName"] == "nothing"


def test_a_browser_asks_first_and_is_let_through(world: World) -> None:
    asked = call(
        order_function(world),
        method="OPTIONS",
        body=b"",
        by=None,
        headers={"Origin": "https://console.example", "Access-Control-Request-Method": "POST"},
    )

    assert asked.status == 200
    assert "Access-Control-Allow-Origin" in asked.headers


def test_a_callable_needs_a_rate() -> None:
    with pytest.raises(ValueError, match="rate"):
        callable(role=Role.SIGNED_IN, request=Order, rate=())


def test_the_local_client_calls_where_the_functions_run() -> None:
    assert client.REGION == options.REGION


# ---- who calls


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer nonsense", "Bearer ", "Basic YTpi", f"Bearer {token(aud='other-project')}"],
)
def test_without_a_valid_token_nobody_is_served(world: World, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization is not None else {}

    answer = call(order_function(world), by=None, headers=headers)

    assert answer.refusal[0] == "UNAUTHENTICATED"
    assert answer.status == 401
    assert not world.served
    assert not world.counted


HELD = [role for role in Role if role is not Role.ANYBODY]
"""What an account can be; anybody at all is no role of an account."""

ROLE_CASES = {
    "nothing": ({}, [Role.SIGNED_IN]),
    "moderator": ({"moderator": True}, [Role.SIGNED_IN, Role.MODERATOR]),
    "senior": (
        {"senior_moderator": True},
        [Role.SIGNED_IN, Role.MODERATOR, Role.SENIOR_MODERATOR],
    ),
    "admin": ({"admin": True}, HELD),
    "both": ({"admin": True, "moderator": True}, HELD),
    "text": ({"admin": "true", "moderator": 1}, [Role.SIGNED_IN]),
    "false": ({"admin": False}, [Role.SIGNED_IN]),
    "signed in as a claim": ({"signed_in": True}, [Role.SIGNED_IN]),
}


@pytest.mark.parametrize(("claims", "roles"), ROLE_CASES.values(), ids=ROLE_CASES.keys())
def test_each_role_includes_the_ones_before_and_only_true_counts(
    claims: Mapping[str, object], roles: Sequence[Role]
) -> None:
    assert roles_of(claims) == frozenset(roles)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("held", HELD)
def test_a_function_is_served_to_its_role_and_those_above(
    world: World, role: Role, held: Role
) -> None:
    claims: dict[str, Any] = {held.value: True}
    world.accounts["anna"] = Account(False, claims, NOON)

    answer = call(order_function(world, role=role), by=token(**claims))

    if list(Role).index(held) >= list(Role).index(role):
        assert answer.status == 200
    else:
        assert (answer.status, answer.refusal) == (403, ("PERMISSION_DENIED", "forbidden"))
        assert not world.served
        assert not world.counted


GONE = {
    "gone": None,
    "disabled": Account(True, {"moderator": True}, NOON),
    "revoked": Account(False, {"moderator": True}, NOON + timedelta(seconds=1)),
}


@pytest.mark.parametrize("account", GONE.values(), ids=GONE.keys())
def test_a_moderator_whose_account_is_closed_is_out_at_once(
    world: World, account: Account | None
) -> None:
    if account is not None:
        world.accounts["anna"] = account

    answer = call(order_function(world, role=Role.MODERATOR), by=token(moderator=True))

    assert answer.refusal == ("UNAUTHENTICATED", "unauthenticated")
    assert not world.served


def test_a_moderator_who_was_dismissed_is_out_at_once(world: World) -> None:
    world.accounts["anna"] = Account(False, {}, NOON)

    answer = call(order_function(world, role=Role.MODERATOR), by=token(moderator=True))

    assert answer.refusal == ("PERMISSION_DENIED", "forbidden")
    assert not world.served


def test_who_was_stepped_down_acts_in_the_lower_role_at_once(world: World) -> None:
    world.accounts["anna"] = Account(False, {"moderator": True}, NOON)

    call(order_function(world, role=Role.MODERATOR), by=token(admin=True))

    (caller,) = world.callers
    assert caller.actor.kind is ActorKind.MODERATOR


def test_a_token_without_its_time_of_issue_counts_as_revoked(world: World) -> None:
    world.accounts["anna"] = Account(False, {"moderator": True}, NOON)

    answer = call(
        order_function(world, role=Role.MODERATOR), by=token(moderator=True, iat="yesterday")
    )

    assert answer.refusal[0] == "UNAUTHENTICATED"
    assert not world.served


def test_for_a_person_without_a_role_nobody_is_asked(world: World) -> None:
    call(order_function(world))

    assert world.served
    assert not world.looked_up


def test_where_auth_does_not_answer_no_moderator_is_served(
    world: World, log: pytest.LogCaptureFixture
) -> None:
    world.auth_fault = ConnectionError(SECRET)

    answer = call(order_function(world, role=Role.MODERATOR), by=token(moderator=True))

    assert answer.refusal == ("UNAVAILABLE", "unavailable")
    assert not world.served
    assert "account not looked up" in told(log)
    assert SECRET not in told(log)
    assert SECRET not in str(answer.body)


@pytest.mark.parametrize(
    ("claim", "age"), [("adult", AgeGroup.ADULT), ("elder", None), (None, None), (["teen"], None)]
)
def test_an_age_that_is_none_is_unknown(world: World, claim: object, age: AgeGroup | None) -> None:
    call(order_function(world), by=token(ageGroup=claim))

    assert world.callers[0].age_group is age


# ---- App Check


@pytest.mark.parametrize("setting", ["true", "TRUE", "1", "yes", "flase"])
def test_where_app_check_is_demanded_a_call_without_it_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(options.APP_CHECK, setting)

    answer = call(order_function(world))

    assert (answer.status, answer.refusal) == (401, ("UNAUTHENTICATED", "app_check"))
    assert not world.served


def test_a_forged_app_check_token_does_not_help(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(options.APP_CHECK, "true")

    answer = call(order_function(world), headers={"X-Firebase-AppCheck": "forged"})

    assert answer.refusal == ("UNAUTHENTICATED", "app_check")


@pytest.mark.parametrize("setting", ["", "false", " False "])
def test_where_app_check_is_not_demanded_a_call_without_it_is_served(
    world: World, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(options.APP_CHECK, setting)

    assert call(order_function(world)).status == 200
    assert not world.callers[0].app_check


def test_a_verified_app_is_let_through_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(options.APP_CHECK, "true")
    verified: CallableRequest[object] = CallableRequest(
        data=None,
        raw_request=flask.Request({}),
        auth=AuthData("anna", {"uid": "anna"}),
        app=AppCheckData("app", {"sub": "app"}),
    )

    assert known_caller(verified).app_check


# ---- what is asked


MALFORMED = {
    "a field is missing": ({}, "itemName"),
    "an unknown field": ({**ITEM, "isAdmin": True}, "isAdmin"),
    "the name of the code": ({"item_name": "lamp"}, "itemName"),
    "a number as text": ({**ITEM, "count": "2"}, "count"),
    "a truth as number": ({**ITEM, "count": True}, "count"),
    "too long": ({"itemName": "x" * 21}, "itemName"),
    "not of the list": ({**ITEM, "size": "vast"}, "size"),
    "no time": ({**ITEM, "when": "yesterday"}, "when"),
    "refused by the model": ({"itemName": "moon"}, "itemName"),
    "a list": ([1, 2], "data"),
    "text": ("lamp", "data"),
}


@pytest.mark.parametrize(("data", "where"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_request_is_refused_and_says_where(
    world: World, data: object, where: str
) -> None:
    answer = call(order_function(world), data)

    assert (answer.status, answer.refusal) == (400, ("INVALID_ARGUMENT", "malformed"))
    problems = answer.body["error"]["details"]["problems"]
    assert where in {problem["field"] for problem in problems}
    assert where in answer.body["error"]["message"]
    assert not world.served
    assert not world.counted


def test_what_is_wrong_is_told_without_what_was_sent(world: World) -> None:
    answer = call(order_function(world), {"itemName": 5, "size": SECRET, "when": SECRET})

    assert SECRET not in json.dumps(answer.body)


def test_of_many_mistakes_only_the_first_are_told(world: World) -> None:
    answer = call(order_function(world), {f"field{number}": 1 for number in range(500)})

    assert len(answer.body["error"]["details"]["problems"]) == callables.MAX_TOLD_PROBLEMS
    assert len(json.dumps(answer.body)) < 8_000


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "not UTF-8": b'{"data": "\xff"}',
    "UTF-16": '{"data": {}}'.encode("utf-16"),
    "half a character": b'{"data": {"itemName": "\\ud800"}}',
    "a list": b"[]",
    "a number": b"5",
    "nothing as JSON": b"null",
    "without data": b'{"dta": {}}',
    "more than data": b'{"data": {}, "hash": "5a5a"}',
    "no number": b'{"data": {"count": NaN}}',
    "endless": b'{"data": {"count": Infinity}}',
    "nested a thousand times": b'{"data": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "nested without end": b'{"data": ' + b"[" * 30_000,
    "a number of ten thousand digits": b'{"data": {"count": ' + b"9" * 10_000 + b"}}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_call_is_a_mistake_of_the_caller_and_is_not_logged(
    world: World, body: bytes, log: pytest.LogCaptureFixture
) -> None:
    answer = call(order_function(world), body=body)

    assert (answer.status, answer.refusal) == (400, ("INVALID_ARGUMENT", "malformed"))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "5a5a" not in told(log)
    assert not world.served


@given(body=st.binary(max_size=200) | st.from_regex(rb'\{"data": ?[\[\]{}0-9a-z",: ]{0,60}\}'))
def test_no_body_is_a_fault_of_ours(body: bytes) -> None:
    with contextlib.suppress(Invalid):
        callables.require_call(body)
        callables.parsed(Order, json.loads(body)["data"])


@pytest.mark.parametrize(
    ("chunked", "server_ends_bodies"), [(False, False), (False, True), (True, True)]
)
@pytest.mark.parametrize("size", [MAX_BYTES + 1, MAX_BYTES + 2, 1 << 20])
def test_a_body_that_is_too_large_is_refused(
    world: World, chunked: bool, server_ends_bodies: bool, size: int
) -> None:
    body = json.dumps({"data": ITEM}).encode().ljust(size)

    answer = call(
        order_function(world), body=body, chunked=chunked, server_ends_bodies=server_ends_bodies
    )

    assert (answer.status, answer.refusal) == (400, ("INVALID_ARGUMENT", "too_large"))
    assert "64 KiB" in answer.body["error"]["message"]


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "GET"])
def test_a_large_body_is_refused_by_any_method(world: World, method: str) -> None:
    answer = call(order_function(world), body=b"x" * (MAX_BYTES + 1), method=method)

    assert (answer.status, answer.refusal) == (400, ("INVALID_ARGUMENT", "too_large"))


def test_a_body_that_is_too_large_is_not_kept_in_memory(world: World) -> None:
    body = b"x" * (20 << 20)
    tracemalloc.start()
    try:
        answer = call(order_function(world), body=body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert answer.refusal == ("INVALID_ARGUMENT", "too_large")
    assert peak < 4 << 20


def test_a_body_of_just_the_size_is_taken(world: World) -> None:
    body = json.dumps({"data": ITEM}).encode().ljust(MAX_BYTES)

    assert call(order_function(world), body=body).status == 200
    assert call(order_function(world), body=body + b" ").status == 400
    assert call(order_function(world), body=body, chunked=True).status == 200
    assert call(order_function(world), body=body + b" ", chunked=True).status == 400


def test_a_body_in_pieces_is_taken(world: World) -> None:
    assert call(order_function(world), chunked=True).status == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_another_type_of_content_is_refused(world: World, content_type: str) -> None:
    answer = call(order_function(world), content_type=content_type)

    assert answer.refusal[0] == "INVALID_ARGUMENT"
    assert not world.served


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_another_method_is_refused(world: World, method: str) -> None:
    answer = call(order_function(world), method=method)

    assert answer.status == 400
    assert not world.served


# ---- how often


def test_one_call_too_many_is_refused_until_the_window_is_over(world: World) -> None:
    order = order_function(world, rate=per_minute(3))
    world.now = NOON + timedelta(seconds=20)

    answers = [call(order) for _ in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[3].refusal == ("RESOURCE_EXHAUSTED", "too_many")
    assert answers[3].body["error"]["details"]["retryAfterS"] == 40
    world.now = NOON + timedelta(seconds=60)
    assert call(order).status == 200


def test_every_account_has_its_own_count(world: World) -> None:
    order = order_function(world, rate=per_minute(1))

    assert call(order, by=token("anna")).status == 200
    assert call(order, by=token("ben")).status == 200
    assert call(order, by=token("anna")).status == 429


def test_moderators_are_counted_too(world: World) -> None:
    world.accounts["anna"] = Account(False, {"admin": True}, NOON)
    order = order_function(world, role=Role.ADMIN, rate=per_minute(1))

    assert [call(order, by=token(admin=True)).status for _ in range(2)] == [200, 429]


def test_of_two_rates_the_stricter_holds_and_a_refused_call_counts_for_neither(
    world: World,
) -> None:
    order = order_function(world, rate=(per_minute(2), per_day(3)))

    first = [call(order).status for _ in range(3)]
    world.now += timedelta(minutes=1)
    second = [call(order).status for _ in range(2)]

    assert (first, second) == ([200, 200, 429], [200, 429])
    assert sorted(window.count for window in world.windows.values()) == [1, 2, 3]


def test_what_cannot_be_counted_is_not_served(world: World, log: pytest.LogCaptureFixture) -> None:
    world.count_fault = ConnectionError(SECRET)

    answer = call(order_function(world))

    assert (answer.status, answer.refusal) == (503, ("UNAVAILABLE", "unavailable"))
    assert not world.served
    assert "call not counted" in told(log)
    assert SECRET not in told(log)
    assert SECRET not in str(answer.body)


moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(now=moments, length=st.integers(1, 100_000))
def test_a_moment_lies_in_the_window_that_is_named_for_it(now: datetime, length: int) -> None:
    rate = Rate(1, timedelta(seconds=length))

    name, end = rate.window_at(now)

    assert timedelta(0) < end - now <= rate.window
    assert rate.window_at(end)[0] != name
    assert rate.window_at(end - timedelta(microseconds=1))[0] == name


def test_windows_of_different_length_and_account_are_different_documents() -> None:
    ids = {
        fresh_window(function, UserId(user), rate, NOON).id
        for function, user in [("a", "b_c"), ("a_b", "c"), ("a", "b/c"), ("a", "b%2Fc")]
        for rate in (per_minute(1), per_day(1))
    }

    assert len(ids) == 8
    assert not any("/" in each for each in ids)


def test_a_window_is_kept_two_days_longer_than_it_lasts() -> None:
    window = fresh_window("order", UserId("anna"), per_minute(1), NOON)

    assert window.expire_at == NOON + timedelta(minutes=1, days=2)
    assert (window.user_id, window.count) == ("anna", 0)


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        (Rate(1, timedelta(seconds=1)), "a second"),
        (per_minute(1), "60 seconds"),
        (Rate(1, timedelta(minutes=10)), "10 minutes"),
        (per_day(1), "12 hours"),
    ],
)
def test_a_refusal_says_when_to_come_again(rate: Rate, told: str) -> None:
    full = fresh_window("order", UserId("anna"), rate, NOON).model_copy(update={"count": 1})

    with pytest.raises(TooMany, match=f"in {told}\\."):
        require_room(rate, full, NOON)


@pytest.mark.parametrize(
    ("count", "window"), [(0, timedelta(1)), (1, timedelta(0)), (1, timedelta(seconds=1.5))]
)
def test_a_rate_that_is_none_is_refused(count: int, window: timedelta) -> None:
    with pytest.raises(ValueError, match="rate"):
        Rate(count, window)


# ---- what functions refuse, and what fails


KINDS = {
    Unauthenticated: (401, "UNAUTHENTICATED", "unauthenticated"),
    Forbidden: (403, "PERMISSION_DENIED", "forbidden"),
    NotFound: (404, "NOT_FOUND", "not_found"),
    Invalid: (400, "INVALID_ARGUMENT", "invalid"),
    Conflict: (400, "FAILED_PRECONDITION", "conflict"),
    TooMany: (429, "RESOURCE_EXHAUSTED", "too_many"),
    Unavailable: (503, "UNAVAILABLE", "unavailable"),
}


def test_every_kind_of_refusal_has_its_status() -> None:
    kinds = {kind for kind in ServiceError.__subclasses__() if kind is not Unheard}

    assert set(KINDS) == set(CODES) == kinds


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_reaches_the_caller_with_its_text(world: World, kind: type[ServiceError]) -> None:
    world.fault = kind("Somebody else was faster. Look again.")
    status, name, code = KINDS[kind]

    answer = call(order_function(world))

    assert (answer.status, answer.refusal) == (status, (name, code))
    assert answer.body["error"]["message"] == "Somebody else was faster. Look again."


def test_a_finer_code_and_kind_of_a_refusal_is_kept(world: World) -> None:
    class Taken(Conflict):
        pass

    world.fault = Taken("Taken.", code="taken")

    assert call(order_function(world)).refusal == ("FAILED_PRECONDITION", "taken")


def test_contention_can_be_tried_again(world: World) -> None:
    world.fault = Contention()

    assert call(order_function(world)).refusal == ("UNAVAILABLE", "busy")


class Unheard(ServiceError):
    """A kind that clients were never told of."""

    kind = "unheard"


@pytest.mark.parametrize(
    "fault", [ValueError(SECRET), KeyError(SECRET), OSError(SECRET), Unheard(SECRET)]
)
def test_a_fault_of_ours_tells_nothing_and_is_found_in_the_log_by_its_reference(
    world: World, fault: Exception, log: pytest.LogCaptureFixture
) -> None:
    world.fault = fault

    answer = call(order_function(world))

    assert (answer.status, answer.refusal) == (500, ("INTERNAL", "internal"))
    assert SECRET not in str(answer.body)
    reference = answer.body["error"]["details"]["reference"]
    (record,) = [each for each in log.records if each.message == "call failed"]
    assert vars(record)["reference"] == reference
    assert (vars(record)["function"], vars(record)["caller"]) == ("order", "anna")
    assert SECRET not in told(log)


# ---- functions for anybody


PLACE = {"X-Forwarded-For": "203.0.113.7"}


def anybody_function(world: World) -> callables.Registered[Order, Ordered]:
    @callable(
        role=Role.ANYBODY,
        request=Order,
        rate=per_minute(2),
        counted_as=lambda order: order.item_name if order.item_name != "lamp" else None,
    )
    def order(request: Order, caller: Caller) -> Ordered:
        world.callers.append(caller)
        return Ordered(by_whom=caller.uid or "nobody", item_name=request.item_name)

    return order


def test_a_function_for_anybody_is_served_to_the_signed_out_who_have_no_role(world: World) -> None:
    answer = call(anybody_function(world), by=None, headers=PLACE)

    assert answer.result["byWhom"] == "nobody"
    (caller,) = world.callers
    assert (caller.signed_in, caller.roles, caller.address) == (False, frozenset(), "203.0.113.7")
    with pytest.raises(ValueError, match="max"):
        _ = caller.actor
    assert not world.looked_up


def test_who_is_signed_in_is_who_they_are_there_too(world: World) -> None:
    assert call(anybody_function(world)).result["byWhom"] == "anna"
    assert [window.user_id for window in world.windows.values()] == ["anna"]


def test_a_forged_sign_in_is_no_way_round_the_count(world: World) -> None:
    assert call(anybody_function(world), by="not.a.token").refusal[0] == "UNAUTHENTICATED"
    assert not world.counted


@pytest.mark.parametrize("role", HELD)
def test_no_other_function_is_served_to_the_signed_out(world: World, role: Role) -> None:
    answer = call(order_function(world, role=role), by=None, headers=PLACE)

    assert answer.refusal == ("UNAUTHENTICATED", "unauthenticated")
    assert not world.counted


def test_app_check_is_demanded_of_anybody_where_it_is_demanded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(options.APP_CHECK, "true")

    answer = call(anybody_function(world), by=None, headers=PLACE)

    assert answer.refusal == ("UNAUTHENTICATED", "app_check")


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("1.2.3.4, 203.0.113.7", "5.6.7.8, 203.0.113.7", True),  # what the caller says is no proof
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # a home has them all
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("nonsense", "nonsense", True),
    ],
)
def test_the_signed_out_are_counted_by_where_they_call_from(
    world: World, first: str, second: str, together: bool
) -> None:
    order = anybody_function(world)
    for place in (first, second):
        assert call(order, by=None, headers={"X-Forwarded-For": place}).status == 200
    assert (len(world.windows) == 1) == together
    told = str(list(world.windows))
    assert not any(part.strip() in told for part in (*first.split(","), *second.split(",")))

    third = call(order, by=None, headers={"X-Forwarded-For": second})
    assert third.status == (429 if together else 200)


def test_an_address_has_another_digest_each_day(world: World) -> None:
    order = anybody_function(world)
    call(order, by=None, headers=PLACE)
    world.now += timedelta(days=1)
    call(order, by=None, headers=PLACE)
    assert len({window.user_id for window in world.windows.values()}) == 2


def test_what_a_request_is_about_is_held_to_the_rate_whoever_calls(world: World) -> None:
    order = anybody_function(world)
    answers = [
        call(order, {"itemName": "sofa"}, by=None, headers={"X-Forwarded-For": f"203.0.113.{n}"})
        for n in range(3)
    ]

    assert [each.status for each in answers] == [200, 200, 429]
    assert not any("sofa" in window for window in world.windows)

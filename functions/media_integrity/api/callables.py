"""The one way in which apps call functions: ``@callable``.

A call comes through these checks, in this order, and none of them is anybody else's business:

1. the body: a POST of JSON, ``{"data": …}``, not larger than the function takes;
2. who calls: a valid ID token, but for the functions that are for anybody;
3. from which app: a valid App Check token, where the deployment demands one;
4. the role on the token;
5. the request's shape;
6. for roles above a signed-in person, the account as it is now: neither disabled nor its tokens
   revoked, and the role still its own;
7. how often, per account and function; per network address where nobody is signed in.

Then the function runs. What it refuses (``schema.errors``) reaches the caller with its text; what
fails reaches the log alone. Nothing is counted that an earlier check refuses.

Step 6 costs a request to Firebase Auth, some 50 ms, so that a moderator who was dismissed is out at
once. For others a token is trusted until it ends, an hour at most: they only reach what is their
own, and every function that closes an account's doors looks at its standing itself.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import ipaddress
import json
import logging
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol, TypeVar, cast, overload

import flask
from firebase_functions import https_fn
from firebase_functions.https_fn import CallableRequest, FunctionsErrorCode, HttpsError
from firebase_functions.options import MemoryOption
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from media_integrity.cloud.accounts import AGE_CLAIM, Account
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Contention
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.base import UserId
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

from . import logs, options
from .addresses import HEADER, client_address
from .failures import reported
from .rates import FirestoreLimiter, Limiter, Rate

log = logging.getLogger(__name__)

MAX_BYTES = 64 * 1024
"""Of a request's body, unless a function takes more."""

_PIECE = 64 * 1024

MAX_TOLD_PROBLEMS = 10
"""Of a malformed request; the first ones are enough to mend it."""

FAILED = "Something went wrong on our side. Try again; if it goes on, tell us the reference."

CODES: Mapping[type[ServiceError], FunctionsErrorCode] = {
    Unauthenticated: FunctionsErrorCode.UNAUTHENTICATED,
    Forbidden: FunctionsErrorCode.PERMISSION_DENIED,
    NotFound: FunctionsErrorCode.NOT_FOUND,
    Invalid: FunctionsErrorCode.INVALID_ARGUMENT,
    Conflict: FunctionsErrorCode.FAILED_PRECONDITION,
    TooMany: FunctionsErrorCode.RESOURCE_EXHAUSTED,
    Unavailable: FunctionsErrorCode.UNAVAILABLE,
}
"""What the client SDKs call each kind of refusal."""


class Role(StrEnum):
    """Who may call, least first; each includes the ones before. As in ``firestore.rules``."""

    ANYBODY = "anybody"  # signed in or not: who was sent a link has no account
    SIGNED_IN = "signed_in"
    MODERATOR = "moderator"
    SENIOR_MODERATOR = "senior_moderator"
    ADMIN = "admin"


NOBODY = UserId("")
"""The account of a caller who is not signed in. Only functions for anybody ever see it."""

_ACTS_AS: Mapping[Role, ActorKind] = {
    Role.SIGNED_IN: ActorKind.USER,
    Role.MODERATOR: ActorKind.MODERATOR,
    Role.SENIOR_MODERATOR: ActorKind.SENIOR_MODERATOR,
    Role.ADMIN: ActorKind.ADMIN,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, after all checks."""

    uid: UserId
    roles: frozenset[Role]
    age_group: AgeGroup | None = None
    """As the token says; None where it says nothing valid."""
    app_check: bool = False
    """Whether the call came from an app that App Check vouches for."""
    address: str | None = None
    """The network address that it came from, as far as one can tell."""

    @property
    def signed_in(self) -> bool:
        return self.uid != NOBODY

    @property
    def actor(self) -> Actor:
        """As whom the caller acts: in the highest of their roles. Nobody acts as nobody."""
        highest = max(self.roles, key=list(Role).index)
        return Actor(kind=_ACTS_AS[highest], id=self.uid)


class Request(BaseModel):
    """What a function takes. camelCase on the wire; an unknown field is refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        allow_inf_nan=False,
    )


class Response(BaseModel):
    """What a function answers. camelCase on the wire."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_serialization_defaults_required=True,
    )


RequestT = TypeVar("RequestT", bound=Request)
ResponseT = TypeVar("ResponseT", bound=Response)
TakenT = TypeVar("TakenT", bound=Request, contravariant=True)
GivenT = TypeVar("GivenT", bound=Response, covariant=True)


class Accounts(Protocol):
    """Looks up accounts: ``cloud.accounts.Accounts``."""

    def find(self, user: UserId) -> Account | None:
        """The account as it is now, or None."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the checks need."""

    limiter: Limiter
    accounts: Accounts
    clock: Clock


class Registered(Protocol[TakenT, GivenT]):
    """A function as the platform knows it (one argument) and as code calls it (two)."""

    @overload
    def __call__(self, request: flask.Request, /) -> flask.Response: ...

    @overload
    def __call__(self, request: TakenT, caller: Caller, /) -> GivenT: ...


Function = Callable[[RequestT, Caller], ResponseT]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What apps have to know of a function to call it: for the SDK's types."""

    name: str
    role: Role
    request: type[Request]
    function: Callable[..., Response]

    @property
    def response(self) -> type[Response]:
        """What it answers: the return type that it declares."""
        declared = typing.get_type_hints(self.function)["return"]
        assert isinstance(declared, type) and issubclass(declared, Response)
        return declared


ENDPOINTS: dict[str, Endpoint] = {}
"""Every function that apps call, by name, once its module is imported."""


def callable(  # noqa: A001  the platform's word; here nobody asks whether something can be called
    *,
    role: Role,
    request: type[RequestT],
    rate: Rate | Sequence[Rate],
    counted_as: Callable[[RequestT], str | None] | None = None,
    max_bytes: int = MAX_BYTES,
    timeout_s: int = options.CALL_TIMEOUT_S,
    memory: MemoryOption = options.CALL_MEMORY,
    concurrency: int = options.CALL_CONCURRENCY,
) -> Callable[[Function[RequestT, ResponseT]], Registered[RequestT, ResponseT]]:
    """Make a function one that apps call by its name, after all checks of this module.

    ``rate``: calls of one account to this function, of one network address where nobody is signed
    in; several limits hold together. ``counted_as``: what in a request is held to the same rate,
    whoever calls, such as a link's token; only a digest of it is stored. ``max_bytes``: of
    the body, JSON around the data included. The rest is how large an instance is and how many calls
    it serves at once.

    The result is called with a request and a ``Caller`` in code and tests, then without any check.
    """
    rates = (rate,) if isinstance(rate, Rate) else tuple(rate)
    if not rates:
        raise ValueError("a callable has a rate")

    def register(function: Function[RequestT, ResponseT]) -> Registered[RequestT, ResponseT]:
        name = function.__name__
        ENDPOINTS[name] = Endpoint(name, role, request, function)

        @functools.wraps(function)
        def answer(call: CallableRequest[object]) -> object:
            uid = call.auth.uid if call.auth is not None else None
            with reported("call failed", tell=FAILED, function=name, caller=uid or "nobody"):
                try:
                    services = _services()
                    caller = known_caller(call, role)
                    require_role(caller, role)
                    asked = parsed(request, call.data)
                    caller = confirmed_caller(caller, role, call, services)
                    _take(name, counted_user(caller, services.clock.now()), rates, services)
                    if counted_as is not None and (what := counted_as(asked)) is not None:
                        _take(name, UserId(f"request {_digest(what)}"), rates, services)
                    return function(asked, caller).model_dump(mode="json", by_alias=True)
                except (ServiceError, Contention) as error:
                    refusal = as_refusal(error)
                    log.info(
                        "call refused",
                        extra={"function": name, "caller": uid or "nobody", "code": refusal.code},
                    )
                    raise as_https_error(refusal) from None

        on_call = https_fn.on_call(
            region=options.REGION,
            timeout_sec=timeout_s,
            memory=memory,
            cpu=1,
            concurrency=concurrency,
        )
        served = cast("Callable[[flask.Request], flask.Response]", on_call(answer))

        @functools.wraps(served)
        def registered(
            asked: flask.Request | RequestT, caller: Caller | None = None, /
        ) -> flask.Response | ResponseT:
            if caller is not None:
                return function(asked, caller)  # type: ignore[arg-type]  # Registered says so
            assert isinstance(asked, flask.Request)
            return _served(asked, served, max_bytes)

        return registered  # type: ignore[return-value]  # the overloads, in one function

    return register


def known_caller(call: CallableRequest[object], role: Role = Role.SIGNED_IN) -> Caller:
    """Who calls, by the tokens that the framework has verified.

    Raises:
        Unauthenticated: nobody is signed in and ``role`` asks for that, or the deployment demands
            App Check and the call carries no valid token of it.
    """
    uid = call.auth.uid if call.auth is not None else None
    if not uid and role is not Role.ANYBODY:
        raise Unauthenticated("Sign in first.")
    if call.app is None and options.app_check_enforced():
        raise Unauthenticated(
            "This app could not be verified. Update it, and use the one from the store.",
            code="app_check",
        )
    if call.auth is None or not uid:
        return Caller(
            uid=NOBODY,
            roles=frozenset(),
            app_check=call.app is not None,
            address=client_address(call.raw_request.headers.get(HEADER)),
        )
    claims = call.auth.token
    return Caller(
        uid=UserId(uid),
        roles=roles_of(claims),
        age_group=_age_group(claims.get(AGE_CLAIM)),
        app_check=call.app is not None,
        address=client_address(call.raw_request.headers.get(HEADER)),
    )


def roles_of(claims: Mapping[str, object]) -> frozenset[Role]:
    """The roles that custom claims give. Pure. A claim counts only if it is ``true``."""
    ranks = [role for role in Role if role is not Role.ANYBODY]
    held = [rank for rank, role in enumerate(ranks) if claims.get(role.value) is True]
    return frozenset(ranks[: max([0, *held]) + 1])


def require_role(caller: Caller, role: Role) -> None:
    """Raises: Forbidden: the caller does not have that role."""
    if role is not Role.ANYBODY and role not in caller.roles:
        raise Forbidden("Your account may not do this.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of a request. Repeats nothing of its value."""

    field: str
    problem: str


class Malformed(Invalid):
    """A request of another shape than the function takes."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        listed = "; ".join(f"{each.field}: {each.problem}" for each in problems)
        super().__init__(f"The request cannot be understood. {listed}.", code="malformed")
        self.problems = tuple(problems)


def parsed(model: type[RequestT], data: object) -> RequestT:
    """The request that was sent; no data counts as no fields.

    Raises:
        Malformed: it has another shape.
    """
    try:
        return model.model_validate_json(
            json.dumps({} if data is None else data), by_alias=True, by_name=False
        )
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    raise Malformed(
        [
            Problem(
                ".".join(map(str, each["loc"]))[:100] or "data",
                each["msg"].removeprefix("Value error, ")[:200],
            )
            for each in found[:MAX_TOLD_PROBLEMS]
        ]
    )


def confirmed_caller(
    caller: Caller, role: Role, call: CallableRequest[object], services: Services
) -> Caller:
    """The caller with the roles that the account has now, where ``role`` is more than signed in.

    Raises:
        Unauthenticated: the account is gone or disabled, or the token was revoked.
        Forbidden: the account does not have the role any more.
        Unavailable: Firebase Auth does not answer.
    """
    if role in {Role.ANYBODY, Role.SIGNED_IN}:
        return caller
    try:
        account = services.accounts.find(caller.uid)
    except Exception as error:
        log.error("account not looked up", extra={"error_type": type(error).__name__})
        raise Unavailable("Your account cannot be checked now. Try again soon.") from error
    assert call.auth is not None
    if account is None or account.disabled or _issued_at(call.auth.token) < account.valid_since:
        raise Unauthenticated("Your sign-in is not valid any more. Sign in again.")
    confirmed = dataclasses.replace(caller, roles=caller.roles & roles_of(account.claims))
    require_role(confirmed, role)
    return confirmed


def as_refusal(error: ServiceError | Contention) -> ServiceError:
    """A refusal whatever it was: others changing the same thing is one too."""
    if isinstance(error, ServiceError):
        return error
    return Unavailable("Others are changing the same thing. Try again.", code="busy")


def as_https_error(refusal: ServiceError) -> HttpsError:
    """The refusal as the client SDKs know it. ``details.code`` is for programs."""
    code = next((CODES[kind] for kind in type(refusal).__mro__ if kind in CODES), None)
    if code is None:
        raise TypeError(f"clients know no {type(refusal).__name__}")
    details: dict[str, object] = {"code": refusal.code}
    if isinstance(refusal, TooMany) and refusal.retry_after_s is not None:
        details["retryAfterS"] = refusal.retry_after_s
    if isinstance(refusal, Malformed):
        details["problems"] = [dataclasses.asdict(each) for each in refusal.problems]
    return HttpsError(code, refusal.text, details)


def counted_user(caller: Caller, now: datetime) -> UserId:
    """Under what the caller's calls are counted: the account, or else where they come from. Pure.

    Of an address only a digest is stored, another one each day. An address of IPv6 counts by its
    first half: the other half anybody chooses freely.
    """
    if caller.signed_in:
        return caller.uid
    return UserId(f"address {_digest(f'{now:%Y-%m-%d} {_network(caller.address)}')}")


def _network(address: str | None) -> str:
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _take(name: str, user: UserId, rates: Sequence[Rate], services: Services) -> None:
    """Count the call; what cannot be counted is refused."""
    try:
        services.limiter.take(name, user, rates, services.clock.now())
    except ServiceError:
        raise
    except Exception as error:
        log.error("call not counted", extra={"error_type": type(error).__name__})
        raise Unavailable("This cannot be done now. Try again soon.") from error


def _services() -> Services:
    from . import services

    return Services(FirestoreLimiter(services.store()), services.accounts(), services.clock())


def _age_group(claim: object) -> AgeGroup | None:
    try:
        return AgeGroup(str(claim))
    except ValueError:
        return None


def _issued_at(claims: Mapping[str, object]) -> datetime:
    issued = claims.get("iat")
    return datetime.fromtimestamp(issued if isinstance(issued, int) else 0, UTC)


# ---- Before the framework reads the body


def _served(
    request: flask.Request, served: Callable[[flask.Request], flask.Response], max_bytes: int
) -> flask.Response:
    """Hand a call to the framework, unless it would choke on its body or log it."""
    from media_integrity.cloud.app import firebase_app

    logs.configure()
    try:
        raw = read_body(request, max_bytes)
        if request.method == "POST":
            require_call(raw)
    except Invalid as refusal:
        return _refused(refusal)
    firebase_app()  # the framework verifies tokens with it
    return served(request)


def read_body(request: flask.Request, max_bytes: int) -> bytes:
    """The body. One that is too large is read to its end and thrown away: the framework would
    otherwise read it into memory afterwards, whoever sent it.

    Raises:
        Invalid: it is too large.
    """
    stated = request.content_length
    # A body in pieces ends there. One more than there may be: reaching the limit is an error.
    request.max_content_length = max(max_bytes, stated or 0) + 1
    if stated is None or stated <= max_bytes:
        raw = request.get_data()
        if len(raw) <= max_bytes:
            return raw
    else:
        while request.stream.read(_PIECE):
            pass
    raise Invalid(f"The request is too large; {max_bytes // 1024} KiB are taken.", code="too_large")


def require_call(raw: bytes) -> None:
    """The framework answers malformed JSON with a fault of ours, and logs fields beside ``data``.

    Raises:
        Invalid: the body is not ``{"data": …}``.
    """
    try:
        body = from_json(raw, allow_inf_nan=False)
    except ValueError:
        body = None
    if not isinstance(body, dict) or set(body) != {"data"}:
        raise Invalid('The request is not JSON of the form {"data": …}.', code="malformed")


def _refused(refusal: Invalid) -> flask.Response:
    error = {
        "status": "INVALID_ARGUMENT",
        "message": refusal.text,
        "details": {"code": refusal.code},
    }
    answer = flask.Response(json.dumps({"error": error}), 400, mimetype="application/json")
    answer.headers["Access-Control-Allow-Origin"] = "*"  # as the framework's own answers
    return answer

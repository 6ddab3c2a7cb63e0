"""The stack as an app on a phone sees it: the REST APIs beneath the Firebase client SDKs.

Every call carries one person's own ID token, nobody's, or, for seeding and inspection only, the
emulators' administrator. Nothing here uses the Admin SDK, so security rules always apply to people.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal, TypeAlias, TypeVar, cast

from .http import Answered, send
from .stack import Addresses

Value: TypeAlias = (
    "bool | int | float | str | bytes | datetime | Sequence[Value] | Mapping[str, Value] | None"
)
"""What a Firestore field can hold."""

Fields: TypeAlias = "Mapping[str, Value]"
Claim: TypeAlias = bool | str
Operator: TypeAlias = Literal[
    "==", "!=", "<", "<=", ">", ">=", "in", "array-contains", "array-contains-any"
]

_T = TypeVar("_T")
_OPERATORS: Mapping[Operator, str] = {
    "==": "EQUAL",
    "!=": "NOT_EQUAL",
    "<": "LESS_THAN",
    "<=": "LESS_THAN_OR_EQUAL",
    ">": "GREATER_THAN",
    ">=": "GREATER_THAN_OR_EQUAL",
    "in": "IN",
    "array-contains": "ARRAY_CONTAINS",
    "array-contains-any": "ARRAY_CONTAINS_ANY",
}
REGION = "us-central1"
"""Where the functions run: ``media_integrity.api.options.REGION``."""

_ADMIN = "owner"  # the emulators' own name for one to whom no rules apply


class Denied(Answered):
    """401 or 403: the rules, or a missing sign-in, forbid it."""


class Absent(Answered):
    """404: there is no such thing."""


class AlreadyThere(Answered):
    """There is one of that name."""


class Refused(Exception):
    """A callable did not do what was asked.

    ``status`` is the SDKs' word in capitals (``PERMISSION_DENIED``), ``code`` the product's own
    (``details.code``; empty where the platform itself answered).
    """

    def __init__(self, status: str, message: str, details: Mapping[str, object]) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.details = details
        self.code = str(details.get("code", ""))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in."""

    uid: str
    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """One collection, or with ``group`` every collection of that name."""

    collection: str
    where: Sequence[tuple[str, Operator, Value]] = ()
    order_by: Sequence[tuple[str, Literal["ASCENDING", "DESCENDING"]]] = ()
    limit: int | None = None
    group: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as read."""

    path: str
    fields: Mapping[str, Value]

    @property
    def id(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class App:
    """One running app: ``token`` is a person's ID token, None for somebody not signed in."""

    stack: Addresses
    token: str | None = None

    @property
    def firestore(self) -> Firestore:
        return Firestore(self.stack, self.token)

    @property
    def storage(self) -> Storage:
        return Storage(self.stack, self.token)

    def call(
        self, name: str, data: object = None, *, timeout_s: float = 180
    ) -> Mapping[str, object]:
        """Call a function by its name, as the client SDKs do, and return what it answers.

        ``data`` is anything that JSON can say.

        Raises:
            Refused: the function did not do it; says why.
            Answered: there is no such function, or something answers that is none.
        """
        url = f"{self.stack.url('functions')}/{self.stack.project}/{REGION}/{name}"
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = json.dumps({"data": data}).encode()
        try:
            answer = send("POST", url, body, headers, timeout_s=timeout_s)
        except Answered as error:
            raise _refused(error) from None
        return cast("dict[str, object]", json.loads(answer)["result"])


def anonymous(stack: Addresses) -> App:
    """An app in which nobody has signed in."""
    return App(stack)


def app_of(stack: Addresses, person: Person) -> App:
    """The app on ``person``'s phone."""
    return App(stack, person.token)


def admin(stack: Addresses) -> App:
    """Past all rules: to seed and to look, never to stand in for a client."""
    return App(stack, _ADMIN)


def sign_up(stack: Addresses, name: str = "person", **claims: Claim) -> Person:
    """Make an account with these custom claims and sign in to it.

    ``name`` only makes the address readable; every call makes a new account.
    """
    email = f"{name}-{secrets.token_hex(4)}@example.com"
    password = secrets.token_urlsafe(9)
    sign_up_as(stack, email, password, name=name, **claims)
    # The token of the signing-up was issued before the claims were set.
    return sign_in(stack, email, password)


def sign_in(stack: Addresses, email: str, password: str) -> Person:
    """Somebody who has an account."""
    secret = {"email": email, "password": password, "returnSecureToken": True}
    session = _auth(stack, "accounts:signInWithPassword", secret, None)
    return Person(str(session["localId"]), email, password, str(session["idToken"]))


def sign_up_as(stack: Addresses, email: str, password: str, *, name: str, **claims: Claim) -> str:
    """Make an account with this address, password and name. Returns its id.

    Raises:
        AlreadyThere: the address has an account.
    """
    try:
        body = {"email": email, "password": password, "displayName": name}
        uid = str(_auth(stack, "accounts:signUp", body, None)["localId"])
    except Answered as error:
        if "EMAIL_EXISTS" in error.text:
            raise AlreadyThere(error.status, error.text) from None
        raise
    set_claims(stack, uid, **claims)
    return uid


def set_claims(stack: Addresses, uid: str, **claims: Claim) -> None:
    """Replace the account's custom claims. Tokens issued before do not change."""
    body = {"localId": uid, "customAttributes": json.dumps(claims)}
    _auth(stack, f"projects/{stack.project}/accounts:update", body, _ADMIN)


@dataclass(frozen=True, slots=True)
class Firestore:
    """Documents. Paths are ``collection/id`` or deeper."""

    stack: Addresses
    token: str | None

    def get(self, path: str) -> Stored:
        """Read one document.

        Raises:
            Absent: there is none.
            Denied: the rules forbid it.
        """
        return _stored(self._call("GET", f"/{_quoted(path)}"))

    def find(self, path: str) -> Stored | None:
        """As ``get``, with None for a document that is not there."""
        try:
            return self.get(path)
        except Absent:
            return None

    def query(self, query: Query) -> list[Stored]:
        """Run a query; the rules must allow every possible result."""
        parent, _, collection = query.collection.rpartition("/")
        structured: dict[str, object] = {
            "from": [{"collectionId": collection, "allDescendants": query.group}]
        }
        if query.where:
            structured["where"] = {
                "compositeFilter": {
                    "op": "AND",
                    "filters": [_filter(*each) for each in query.where],
                }
            }
        if query.order_by:
            structured["orderBy"] = [
                {"field": {"fieldPath": name}, "direction": direction}
                for name, direction in query.order_by
            ]
        if query.limit is not None:
            structured["limit"] = query.limit
        where = f"/{_quoted(parent)}" if parent else ""
        rows = self._call("POST", f"{where}:runQuery", {"structuredQuery": structured})
        return [
            _stored(cast("dict[str, object]", row["document"]))
            for row in cast("list[dict[str, object]]", rows)
            if "document" in row
        ]

    def create(self, path: str, fields: Fields) -> Stored:
        """Write a document that must not exist yet."""
        parent, _, name = path.rpartition("/")
        arguments = urllib.parse.urlencode({"documentId": name})
        return _stored(
            self._call("POST", f"/{_quoted(parent)}?{arguments}", {"fields": encoded(fields)})
        )

    def create_now(self, path: str, fields: Fields, stamped: str) -> None:
        """The same, with the server's time in the field ``stamped``, as the SDKs commit it."""
        root = f"projects/{self.stack.project}/databases/(default)"
        write = {
            "update": {"name": f"{root}/documents/{path}", "fields": encoded(fields)},
            "updateTransforms": [{"fieldPath": stamped, "setToServerValue": "REQUEST_TIME"}],
            "currentDocument": {"exists": False},
        }
        self._call("POST", ":commit", {"writes": [write]})

    def update(self, path: str, fields: Fields) -> Stored:
        """Change these fields of a document that must exist; the others stay."""
        arguments = [("updateMask.fieldPaths", _field_path(name)) for name in fields]
        arguments.append(("currentDocument.exists", "true"))
        return _stored(
            self._call(
                "PATCH",
                f"/{_quoted(path)}?{urllib.parse.urlencode(arguments)}",
                {"fields": encoded(fields)},
            )
        )

    def set(self, path: str, fields: Fields) -> Stored:
        """Write the whole document, whether or not it exists."""
        return _stored(self._call("PATCH", f"/{_quoted(path)}", {"fields": encoded(fields)}))

    def delete(self, path: str) -> None:
        """Delete a document. That there is none is no error."""
        self._call("DELETE", f"/{_quoted(path)}")

    def _call(self, method: str, path: str, body: object = None) -> object:
        root = f"/v1/projects/{self.stack.project}/databases/(default)/documents"
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return _json(method, f"{self.stack.url('firestore')}{root}{path}", body, headers)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Metadata of one object in the bucket."""

    name: str
    content_type: str
    size: int
    generation: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Storage:
    """Objects in the default bucket, by the API of the Firebase client SDKs."""

    stack: Addresses
    token: str | None

    def upload(
        self,
        name: str,
        data: bytes,
        content_type: str,
        metadata: Mapping[str, str] | None = None,
    ) -> StoredFile:
        """Put an object, data and metadata in one request, as the SDKs do for small ones."""
        described = {"name": name, "contentType": content_type, "metadata": dict(metadata or {})}
        boundary = secrets.token_hex(16)
        body = b"".join(
            (
                f"--{boundary}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n".encode(),
                json.dumps(described).encode(),
                f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode(),
                data,
                f"\r\n--{boundary}--".encode(),
            )
        )
        headers = {
            "X-Goog-Upload-Protocol": "multipart",
            "Content-Type": f"multipart/related; boundary={boundary}",
        }
        arguments = urllib.parse.urlencode({"name": name})
        return _file(json.loads(self._call("POST", f"?{arguments}", body, headers)))

    def download(self, name: str) -> bytes:
        """The object's bytes."""
        return self._call("GET", f"/{_quoted(name, safe='')}?alt=media")

    def metadata(self, name: str) -> StoredFile:
        return _file(json.loads(self._call("GET", f"/{_quoted(name, safe='')}")))

    def update_metadata(self, name: str, metadata: Mapping[str, str]) -> StoredFile:
        body = json.dumps({"metadata": dict(metadata)}).encode()
        headers = {"Content-Type": "application/json"}
        return _file(json.loads(self._call("PATCH", f"/{_quoted(name, safe='')}", body, headers)))

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """Names of the objects below ``prefix``, which ends with ``/`` or is empty."""
        arguments = urllib.parse.urlencode({"prefix": prefix})
        answer = json.loads(self._call("GET", f"?{arguments}"))
        return tuple(str(item["name"]) for item in answer.get("items", ()))

    def delete(self, name: str) -> None:
        self._call("DELETE", f"/{_quoted(name, safe='')}")

    def url(self, name: str) -> str:
        """Where an app would load the object from."""
        return f"{self._root}/{_quoted(name, safe='')}?alt=media"

    @property
    def _root(self) -> str:
        return f"{self.stack.url('storage')}/v0/b/{self.stack.bucket}/o"

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        scheme = "Bearer" if self.token == _ADMIN else "Firebase"
        authorization = {"Authorization": f"{scheme} {self.token}"} if self.token else {}
        return _request(method, f"{self._root}{path}", body, {**authorization, **(headers or {})})


def wait_for(
    condition: Callable[[], _T | None], *, within_s: float, what: str, every_s: float = 0.1
) -> _T:
    """Ask until the answer is neither None nor False, and return it.

    Raises:
        TimeoutError: not within ``within_s``; names ``what``.
    """
    deadline = time.monotonic() + within_s
    while True:
        answer = condition()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within_s:g} s")
        time.sleep(every_s)


def encoded(fields: Fields) -> dict[str, object]:
    """Fields in the form of the REST API."""
    return {name: _encode(value) for name, value in fields.items()}


def decoded(fields: Mapping[str, object]) -> dict[str, Value]:
    """Fields from the form of the REST API."""
    return {name: _decode(cast("dict[str, object]", value)) for name, value in fields.items()}


def _encode(value: Value) -> dict[str, object]:
    match value:
        case None:
            return {"nullValue": None}
        case bool():
            return {"booleanValue": value}
        case int():
            return {"integerValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case bytes():
            return {"bytesValue": base64.b64encode(value).decode()}
        case datetime():
            return {"timestampValue": value.astimezone(UTC).isoformat().replace("+00:00", "Z")}
        case Mapping():
            return {"mapValue": {"fields": encoded(value)}}
        case _:
            return {"arrayValue": {"values": [_encode(item) for item in value]}}


def _decode(value: Mapping[str, object]) -> Value:
    ((kind, content),) = value.items()
    match kind:
        case "nullValue":
            return None
        case "integerValue":
            return int(cast("str", content))
        case "doubleValue":
            return float(cast("float", content))
        case "bytesValue":
            return base64.b64decode(cast("str", content))
        case "timestampValue":
            return datetime.fromisoformat(cast("str", content))
        case "mapValue":
            return decoded(cast("dict[str, dict[str, object]]", content).get("fields", {}))
        case "arrayValue":
            items = cast("dict[str, list[dict[str, object]]]", content).get("values", [])
            return [_decode(item) for item in items]
        case _:
            return cast("bool | str", content)


def _refused(error: Answered) -> Refused | Answered:
    """The error of the callable protocol, if it is one."""
    try:
        told = json.loads(error.text)["error"]
        details = told.get("details")
        return Refused(
            str(told["status"]), str(told["message"]), details if isinstance(details, dict) else {}
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return error


def _filter(name: str, operator: Operator, value: Value) -> dict[str, object]:
    return {
        "fieldFilter": {
            "field": {"fieldPath": name},
            "op": _OPERATORS[operator],
            "value": _encode(value),
        }
    }


def _field_path(name: str) -> str:
    return name if name.replace("_", "a").isalnum() else f"`{name}`"


def _stored(document: object) -> Stored:
    content = cast("dict[str, object]", document)
    path = str(content["name"]).split("/documents/", 1)[1]
    return Stored(path, decoded(cast("dict[str, object]", content.get("fields", {}))))


def _file(content: Mapping[str, object]) -> StoredFile:
    return StoredFile(
        name=str(content["name"]),
        content_type=str(content["contentType"]),
        size=int(str(content["size"])),
        generation=str(content["generation"]),
        metadata=cast("dict[str, str]", content.get("metadata") or {}),
    )


def _quoted(path: str, safe: str = "/") -> str:
    return urllib.parse.quote(path, safe=safe)


def _auth(stack: Addresses, method: str, body: object, token: str | None) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{stack.url('auth')}/identitytoolkit.googleapis.com/v1/{method}?key=local"
    return cast("dict[str, object]", _json("POST", url, body, headers))


def _json(method: str, url: str, body: object, headers: Mapping[str, str]) -> object:
    data = None if body is None else json.dumps(body).encode()
    answer = _request(method, url, data, {"Content-Type": "application/json", **headers})
    return json.loads(answer) if answer else {}


def _request(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    try:
        return send(method, url, body, headers)
    except Answered as error:
        if error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise Denied(error.status, error.text) from None
        if error.status == HTTPStatus.NOT_FOUND:
            raise Absent(error.status, error.text) from None
        raise

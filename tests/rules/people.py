"""The people of the rules tests, and what their apps do that ``devkit.client`` has no need of."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from devkit.client import App, Denied, Fields, Person, Query, Stored, anonymous, app_of, encoded
from devkit.client import sign_up as sign_up_person
from devkit.http import Answered, send
from devkit.stack import Addresses

QUERY_LOG = "MEDIA_INTEGRITY_QUERY_LOG"
"""As ``media_integrity.cloud.firestore`` reads it: a file for the shapes of all queries made."""

ROLES = (
    "anonymous",
    "other",
    "owner",
    "victim",
    "moderator",
    "senior_moderator",
    "admin",
)
STAFF = frozenset({"moderator", "senior_moderator", "admin"})


@dataclass(frozen=True, slots=True)
class Cast:
    """One account for each role, and none for ``anonymous``."""

    stack: Addresses
    people: Mapping[str, Person]

    @classmethod
    def sign_up(cls, stack: Addresses) -> Cast:
        def account(role: str) -> Person:
            return sign_up_person(stack, role, **({role: True} if role in STAFF else {}))

        return cls(stack, {role: account(role) for role in ROLES if role != "anonymous"})

    def app(self, role: str) -> App:
        if role == "anonymous":
            return anonymous(self.stack)
        return app_of(self.stack, self.people[role])

    def uid(self, role: str) -> str:
        """Account id; for ``anonymous`` one that nobody has."""
        return self.people[role].uid if role in self.people else "nobody"


def ask(app: App, query: Query) -> list[Stored]:
    """Run a query as a person's app does, and record its shape."""
    _record(query)
    return app.firestore.query(query)


def create_now(app: App, path: str, fields: Fields, stamped: str) -> None:
    """Create a document whose field ``stamped`` is the server's time, as the SDKs do.

    Raises:
        Denied: the rules forbid it.
        Answered: for any other reason.
    """
    write = {
        "update": {"name": _name(app, path), "fields": encoded(fields)},
        "updateTransforms": [_server_time(stamped)],
        "currentDocument": {"exists": False},
    }
    _commit(app, write)


def update_now(app: App, path: str, fields: Fields, stamped: str) -> None:
    """Change ``fields`` of a document, and its field ``stamped`` to the server's time.

    Raises:
        Denied: the rules forbid it.
        Answered: for any other reason.
    """
    write = {
        "update": {"name": _name(app, path), "fields": encoded(fields)},
        "updateMask": {"fieldPaths": list(fields)},
        "updateTransforms": [_server_time(stamped)],
        "currentDocument": {"exists": True},
    }
    _commit(app, write)


def remove_field(app: App, path: str, field: str) -> None:
    """Delete one field of a document.

    Raises:
        Denied: the rules forbid it.
    """
    write = {
        "update": {"name": _name(app, path), "fields": {}},
        "updateMask": {"fieldPaths": [field]},
        "currentDocument": {"exists": True},
    }
    _commit(app, write)


@contextmanager
def seeded(app: App, documents: Mapping[str, Fields]) -> Iterator[None]:
    """Documents by path that are there as long as the block runs."""
    for path, fields in documents.items():
        app.firestore.set(path, fields)
    try:
        yield
    finally:
        for path in documents:
            app.firestore.delete(path)


def _server_time(field: str) -> dict[str, str]:
    return {"fieldPath": field, "setToServerValue": "REQUEST_TIME"}


def _name(app: App, path: str) -> str:
    return f"projects/{app.stack.project}/databases/(default)/documents/{path}"


def _commit(app: App, write: Mapping[str, object]) -> None:
    database = f"projects/{app.stack.project}/databases/(default)"
    url = f"{app.stack.url('firestore')}/v1/{database}/documents:commit"
    headers = {"Content-Type": "application/json"}
    if app.token:
        headers["Authorization"] = f"Bearer {app.token}"
    try:
        send("POST", url, json.dumps({"writes": [write]}).encode(), headers)
    except Answered as error:
        if error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise Denied(error.status, error.text) from None
        raise


def _record(query: Query) -> None:
    shape = {
        "collection": query.collection,
        "group": query.group,
        "filters": [[field, operator] for field, operator, _ in query.where],
        "orders": [list(order) for order in query.order_by],
    }
    if log := os.environ.get(QUERY_LOG):
        with Path(log).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(shape) + "\n")

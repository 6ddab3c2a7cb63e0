"""Firestore, in documents of the schema: reads, queries and transactions.

Every query goes through ``Store.query``, which can record the query's shape: the emulator answers
queries that production refuses for want of an index, so the tests compare the recorded shapes with
``firestore.indexes.json``.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

from media_integrity.schema.base import Document, SubDocument

if TYPE_CHECKING:
    from google.cloud import firestore
    from google.cloud.firestore import DocumentSnapshot
    from google.cloud.firestore_v1.base_aggregation import AggregationResult

D = TypeVar("D", bound=Document)
S = TypeVar("S", bound=SubDocument)
T = TypeVar("T")

QUERY_LOG = "MEDIA_INTEGRITY_QUERY_LOG"
"""Environment variable: a file that gets one JSON line for each query's shape."""

TRANSACTION_TRIES = 8
FIRST_BACKOFF_S = 0.05

Operator = Literal["==", "<", "<=", ">", ">=", "in", "array_contains", "array_contains_any"]


class Contention(Exception):
    """Others kept changing the same documents; nothing was written. Trying again later can help."""


class AlreadyThere(Exception):
    """A document that was to be created exists."""


class Missing(Exception):
    """A document that was to be changed unseen is not there."""


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on a stored field; ``field`` is its stored (camelCase) name."""

    field: str
    operator: Operator
    value: str | int | float | bool | datetime | list[str] | None


@dataclass(frozen=True, slots=True)
class Query(Generic[D]):
    """Which documents of one kind, in which order.

    ``group`` searches the sub-collections of that name under every parent, ``below`` the one below
    the document at that path.
    """

    kind: type[D]
    where: tuple[Where, ...] = ()
    order_by: tuple[tuple[str, Literal["ASCENDING", "DESCENDING"]], ...] = ()
    limit: int | None = None
    group: bool = False
    below: str | None = None

    def shape(self) -> dict[str, object]:
        """Everything that decides which index serves it."""
        return {
            "collection": self.kind.collection,
            "group": self.group,
            "filters": [[where.field, where.operator] for where in self.where],
            "orders": [list(order) for order in self.order_by],
        }


class Transaction:
    """Reads first, then writes; all of the writes happen or none.

    What it read cannot change before it commits: otherwise the body runs again.
    """

    def __init__(self, client: firestore.Client, inner: firestore.Transaction) -> None:
        self._client = client
        self._inner = inner

    def get(self, kind: type[D], document_id: str) -> D | None:
        """The document, or None."""
        return self._get(kind, kind.path_of(document_id))

    def get_below(self, kind: type[S], parent_id: str, document_id: str) -> S | None:
        """The document below another, or None."""
        return self._get(kind, kind.path_below(parent_id, document_id))

    def get_many(self, kind: type[D], paths: Sequence[str]) -> list[D]:
        """The documents at these paths that are there, in no particular order."""
        references = [self._client.document(path) for path in paths]
        return _read_all(kind, self._inner.get_all(references)) if references else []

    def query(self, query: Query[D]) -> list[D]:
        """Documents that match now. The transaction runs again if others change them, or add one
        that matches, before it commits; so keep queries narrow."""
        return [
            query.kind.from_firestore(snapshot.reference.path, snapshot.to_dict() or {})
            for snapshot in self._inner.get(_found(self._client, query))
        ]

    def create(self, document: Document) -> None:
        """Add a document. The commit raises ``AlreadyThere`` if one of that id exists."""
        stored = _committed(document, document.to_firestore())
        self._inner.create(self._client.document(document.path), stored)

    def put(self, document: Document) -> None:
        """Add or replace a document."""
        stored = _committed(document, document.to_firestore())
        self._inner.set(self._client.document(document.path), stored)

    def update(self, document: D, **changes: object) -> D:
        """Change some fields (Python names) of a document that was read; returns it as changed.

        Raises:
            pydantic.ValidationError: the changed document is not valid; nothing is written.
        """
        changed, stored = _changed(document, changes)
        self._inner.update(self._client.document(document.path), _committed(document, stored))
        return changed

    def delete(self, path: str) -> None:
        """Take a document away; no error if it is gone."""
        self._inner.delete(self._client.document(path))

    def increment(self, path: str, field: str, by: int = 1) -> None:
        """Add to a number of the document at ``path``, whatever it is now.

        ``field`` is its stored (camelCase) name, dotted inside a value. Nothing is read, so that
        those who count at the same time do not make each other begin again. The commit raises
        ``Missing`` if there is no such document.
        """
        from google.cloud.firestore import Increment

        self._inner.update(self._client.document(path), {field: Increment(by)})

    def _get(self, kind: type[D], path: str) -> D | None:
        snapshot = next(iter(self._inner.get(self._client.document(path))))
        return kind.from_firestore(path, snapshot.to_dict() or {}) if snapshot.exists else None


class Store:
    """The database."""

    def __init__(self, project: str) -> None:
        self._project = project

    @cached_property
    def _client(self) -> firestore.Client:
        from google.cloud import firestore

        return firestore.Client(project=self._project)

    def get(self, kind: type[D], document_id: str) -> D | None:
        """The document, or None."""
        return self._get(kind, kind.path_of(document_id))

    def get_below(self, kind: type[S], parent_id: str, document_id: str) -> S | None:
        """The document below another, or None."""
        return self._get(kind, kind.path_below(parent_id, document_id))

    def query(self, query: Query[D]) -> Iterator[D]:
        """Documents as they are now, a page at a time."""
        for snapshot in _found(self._client, query).stream():
            yield query.kind.from_firestore(snapshot.reference.path, snapshot.to_dict() or {})

    def query_readable(self, query: Query[D], on_unreadable: Callable[[str], None]) -> Iterator[D]:
        """The same, without documents that have another shape: of these it tells the paths.

        For what one malformed document must not stop.
        """
        for snapshot in _found(self._client, query).stream():
            path = snapshot.reference.path
            try:
                document = query.kind.from_firestore(path, snapshot.to_dict() or {})
            except ValueError:  # pydantic's, and that of a path of another depth
                on_unreadable(path)
                continue
            yield document

    def get_many(self, kind: type[D], paths: Sequence[str]) -> list[D]:
        """The documents at these paths that are there, in no particular order."""
        references = [self._client.document(path) for path in paths]
        return _read_all(kind, self._client.get_all(references)) if references else []

    def time(self) -> datetime:
        """What the database's clock says."""
        snapshot = self._client.document("alarms/none").get()
        return datetime.fromtimestamp(snapshot.read_time.timestamp(), UTC)

    def count(self, query: Query[D]) -> int:
        """How many documents a query finds, counted by the database."""
        counting = _found(self._client, query).count(alias="count")
        rows = cast("list[list[AggregationResult]]", counting.get())  # type: ignore[call-arg]  # a decorator hides self
        return int(rows[0][0].value)

    def run(self, body: Callable[[Transaction], T]) -> T:
        """Run ``body`` in a transaction and return what it returns.

        A function and not a ``with`` block, because Firestore may need the body again: on
        contention nothing was written and it runs anew. It must have no other effects.

        Raises:
            Contention: it kept conflicting with others.
            AlreadyThere: it creates a document that exists.
            Missing: it changes a document that is not there.
        """
        from google.api_core.exceptions import Aborted, AlreadyExists, NotFound
        from google.cloud import firestore

        @firestore.transactional
        def once(inner: firestore.Transaction) -> T:
            return body(Transaction(self._client, inner))

        for attempt in range(TRANSACTION_TRIES):
            try:
                return once(self._client.transaction(max_attempts=1))
            except AlreadyExists as error:
                raise AlreadyThere from error
            except NotFound as error:
                raise Missing from error
            except (Aborted, ValueError) as error:
                if not _is_contention(error):
                    raise
            time.sleep(FIRST_BACKOFF_S * 2**attempt * (0.5 + random.random()))  # noqa: S311
        raise Contention

    def create(self, document: Document) -> bool:
        """Add a document; False, and no change, if one of that id exists."""
        from google.api_core.exceptions import AlreadyExists

        try:
            self._client.document(document.path).create(document.to_firestore())
        except AlreadyExists:
            return False
        return True

    def update(self, document: D, **changes: object) -> None:
        """Change some fields (Python names) whatever the others are now.

        For what needs no transaction, such as progress. No error if the document is gone.

        Raises:
            pydantic.ValidationError: the changed document is not valid; nothing is written.
        """
        from google.api_core.exceptions import NotFound

        _, stored = _changed(document, changes)
        try:
            self._client.document(document.path).update(stored)
        except NotFound:
            return

    def put(self, *documents: Document) -> None:
        """Add or replace documents, in one batch (at most 500)."""
        batch = self._client.batch()
        for document in documents:
            batch.set(self._client.document(document.path), document.to_firestore())
        batch.commit()

    def delete(self, *paths: str) -> None:
        """Delete the documents at these paths, in one batch (at most 500); no error if gone."""
        batch = self._client.batch()
        for path in paths:
            batch.delete(self._client.document(path))
        batch.commit()

    def _get(self, kind: type[D], path: str) -> D | None:
        snapshot = self._client.document(path).get()
        return kind.from_firestore(path, snapshot.to_dict() or {}) if snapshot.exists else None


def _found(client: firestore.Client, query: Query[D]) -> firestore.Query:
    _record(query)
    collection = query.kind.collection
    from google.cloud.firestore import FieldFilter

    found = cast(
        "firestore.Query",
        client.collection_group(collection)
        if query.group
        else client.collection(
            collection if query.below is None else f"{query.below}/{collection}"
        ),
    )
    for where in query.where:
        found = found.where(filter=FieldFilter(where.field, where.operator, where.value))
    for field, direction in query.order_by:
        found = found.order_by(field, direction=direction)
    return found.limit(query.limit) if query.limit is not None else found


def _read_all(kind: type[D], snapshots: Iterable[DocumentSnapshot[Any]]) -> list[D]:
    return [
        kind.from_firestore(snapshot.reference.path, snapshot.to_dict() or {})
        for snapshot in snapshots
        if snapshot.exists
    ]


def _changed(document: D, changes: dict[str, object]) -> tuple[D, dict[str, object]]:
    """The document with the changes, validated, and the changed fields as they are stored."""
    fields = type(document).model_fields
    current = {name: getattr(document, name) for name in fields}  # model_dump leaves out the id
    changed = document.model_validate({**current, **changes})
    stored = changed.to_firestore()
    computed = type(document).model_computed_fields  # they follow from the others
    aliases = [fields[name].alias or name for name in changes]
    aliases += [computed[name].alias or name for name in computed]
    return changed, {alias: stored[alias] for alias in aliases}


def _committed(document: Document, stored: dict[str, Any]) -> dict[str, Any]:
    """What is stored, with the moment of the commit where the document asks for it."""
    from google.cloud.firestore import SERVER_TIMESTAMP

    if document.committed_at is None:
        return stored
    field = type(document).model_fields[document.committed_at].alias or document.committed_at
    return {**stored, field: SERVER_TIMESTAMP} if field in stored else stored


def _is_contention(error: BaseException | None) -> bool:
    """The client wraps a failed commit's Aborted in a ValueError; a failed read's comes bare."""
    from google.api_core.exceptions import Aborted

    while error is not None:
        if isinstance(error, Aborted):
            return True
        error = error.__cause__ or error.__context__
    return False


def _record(query: Query[D]) -> None:
    if log := os.environ.get(QUERY_LOG):
        with Path(log).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(query.shape()) + "\n")


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

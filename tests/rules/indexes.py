"""Does ``firestore.indexes.json`` serve a query? Production refuses one that it does not; the
emulator answers it all the same.

Pure. What Firestore does, as far as it matters here:

- Every field has a single-field index in each direction, and one for arrays, for queries on one
  collection; none for collection groups. A field override replaces these, also for fields below it.
- A query on one field needs that field's index. One that only compares for equality can merge
  several of them.
- Everything else needs a composite index, with the sorted fields at its end in exactly the query's
  directions; several with the same end can be merged if they cover all equalities together.
- A field compared by inequality is sorted by, whether or not the query says so.

Source: Firestore documentation, "Index types in Cloud Firestore" and "Index merging".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ASCENDING = "ASCENDING"
DESCENDING = "DESCENDING"
CONTAINS = "CONTAINS"

COLLECTION = "COLLECTION"
GROUP = "COLLECTION_GROUP"

EQUALITIES = frozenset({"==", "in"})
ARRAYS = frozenset({"array-contains", "array-contains-any", "array_contains", "array_contains_any"})
DOCUMENT_NAME = "__name__"

AUTOMATIC = frozenset({(ASCENDING, COLLECTION), (DESCENDING, COLLECTION), (CONTAINS, COLLECTION)})
"""Mode and scope of the indexes that a field has without being told."""

Sort = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything of a query that decides which index serves it."""

    collection: str
    group: bool
    equalities: frozenset[str]
    arrays: frozenset[str]
    sort: Sort
    """What the results are sorted by, implied fields included, ``__name__`` where it says more."""

    @property
    def scope(self) -> str:
        return GROUP if self.group else COLLECTION

    @classmethod
    def of(
        cls,
        collection: str,
        filters: Iterable[tuple[str, str]] = (),
        orders: Iterable[tuple[str, str]] = (),
        *,
        group: bool = False,
    ) -> Shape:
        """From a query's ``(field, operator)`` and ``(field, direction)`` pairs."""
        filters, sort = list(filters), list(orders)
        equalities = {field for field, operator in filters if operator in EQUALITIES}
        arrays = {field for field, operator in filters if operator in ARRAYS}
        compared = sorted({field for field, _ in filters} - equalities - arrays)
        sort = [(field, direction) for field, direction in sort if field not in equalities]
        last = sort[-1][1] if sort else ASCENDING
        sort += [(field, last) for field in compared if field not in dict(sort)]
        # Every index ends with the document's name, in the direction of the field before it.
        if sort and sort[-1][0] == DOCUMENT_NAME:
            before = sort[-2][1] if len(sort) > 1 else ASCENDING
            sort = sort[:-1] if sort[-1][1] == before else sort
        return cls(
            collection.rsplit("/", 1)[-1],
            group,
            frozenset(equalities),
            frozenset(arrays),
            tuple(sort),
        )

    @classmethod
    def from_log(cls, line: str) -> Shape:
        """From a line of the file that ``MEDIA_INTEGRITY_QUERY_LOG`` names."""
        told: Mapping[str, Any] = json.loads(line)
        return cls.of(
            told["collection"],
            [(field, operator) for field, operator in told["filters"]],
            [(field, direction) for field, direction in told["orders"]],
            group=told["group"],
        )

    def __str__(self) -> str:
        parts = [f"{field} ==" for field in sorted(self.equalities)]
        parts += [f"{field} contains" for field in sorted(self.arrays)]
        parts += [f"by {field} {direction.lower()}" for field, direction in self.sort]
        where = f"collection group {self.collection}" if self.group else self.collection
        return f"{where}: {', '.join(parts) or 'everything'}"


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite index."""

    collection: str
    scope: str
    fields: Sort

    def serves_part_of(self, shape: Shape) -> frozenset[str] | None:
        """Which filtered fields of the query it covers; None if it is of no use to it."""
        if (self.collection, self.scope) != (shape.collection, shape.scope):
            return None
        split = len(self.fields) - len(shape.sort)
        if split < 1 or self.fields[split:] != shape.sort:
            return None
        covered = set()
        for field, mode in self.fields[:split]:
            if field not in (shape.arrays if mode == CONTAINS else shape.equalities):
                return None
            covered.add(field)
        return frozenset(covered)


@dataclass(frozen=True, slots=True)
class Indexes:
    """What ``firestore.indexes.json`` says."""

    composites: tuple[Composite, ...]
    overrides: Mapping[tuple[str, str], frozenset[tuple[str, str]]]
    """Collection and field: modes and scopes of its single-field indexes, instead of the usual."""
    expiring: frozenset[tuple[str, str]]
    """Collection and field that Firestore deletes documents by."""

    @classmethod
    def parse(cls, text: str) -> Indexes:
        told = json.loads(text)
        return cls(
            composites=tuple(
                Composite(
                    each["collectionGroup"],
                    each["queryScope"],
                    tuple((field["fieldPath"], _mode(field)) for field in each["fields"]),
                )
                for each in told["indexes"]
            ),
            overrides={
                (each["collectionGroup"], each["fieldPath"]): frozenset(
                    (_mode(index), index["queryScope"]) for index in each["indexes"]
                )
                for each in told["fieldOverrides"]
            },
            expiring=frozenset(
                (each["collectionGroup"], each["fieldPath"])
                for each in told["fieldOverrides"]
                if each.get("ttl")
            ),
        )

    @classmethod
    def load(cls, path: Path) -> Indexes:
        return cls.parse(path.read_text(encoding="utf-8"))

    def serve(self, shape: Shape) -> bool:
        """Whether production would answer the query."""
        needed = shape.equalities | shape.arrays
        if not needed:
            return len(shape.sort) == 0 or (
                len(shape.sort) == 1 and self._has_single(shape, *shape.sort[0])
            )
        parts = [composite.serves_part_of(shape) for composite in self.composites]
        covered = frozenset().union(*(part for part in parts if part is not None))
        if not shape.sort:
            covered |= {field for field in shape.equalities if self._is_indexed(shape, field)}
            covered |= {f for f in shape.arrays if self._has_single(shape, f, CONTAINS)}
        return covered == needed

    def _is_indexed(self, shape: Shape, field: str) -> bool:
        return any(self._has_single(shape, field, mode) for mode in (ASCENDING, DESCENDING))

    def _has_single(self, shape: Shape, field: str, mode: str) -> bool:
        if field == DOCUMENT_NAME:
            return mode == ASCENDING
        return (mode, shape.scope) in self._singles(shape.collection, field)

    def _singles(self, collection: str, field: str) -> frozenset[tuple[str, str]]:
        """The nearest override: of the field, of a map around it, of the whole collection."""
        path = field
        while path:
            if (collection, path) in self.overrides:
                return self.overrides[collection, path]
            path = path.rpartition(".")[0]
        return self.overrides.get((collection, "*"), AUTOMATIC)


def _mode(field: Mapping[str, str]) -> str:
    return field["order"] if "order" in field else field["arrayConfig"]

"""The index checker finds what production refuses, and ``firestore.indexes.json`` is in order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devkit.repository import Repository
from media_integrity.schema.registry import DOCUMENTS
from tests.rules.app_queries import APP_QUERIES
from tests.rules.indexes import Composite, Indexes, Shape

COMPOSITE = {
    "collectionGroup": "cases",
    "queryScope": "COLLECTION",
    "fields": [
        {"fieldPath": "status", "order": "ASCENDING"},
        {"fieldPath": "createdAt", "order": "DESCENDING"},
    ],
}
BY_OWNER = {
    "collectionGroup": "cases",
    "queryScope": "COLLECTION",
    "fields": [
        {"fieldPath": "owner", "order": "ASCENDING"},
        {"fieldPath": "createdAt", "order": "DESCENDING"},
    ],
}
TAGGED = {
    "collectionGroup": "cases",
    "queryScope": "COLLECTION",
    "fields": [
        {"fieldPath": "tags", "arrayConfig": "CONTAINS"},
        {"fieldPath": "createdAt", "order": "DESCENDING"},
    ],
}
GROUP_CURSOR = {
    "collectionGroup": "hashes",
    "fieldPath": "updatedAt",
    "indexes": [{"order": "ASCENDING", "queryScope": "COLLECTION_GROUP"}],
}
EXEMPT = {"collectionGroup": "cases", "fieldPath": "expireAt", "ttl": True, "indexes": []}
EXEMPT_MAP = {"collectionGroup": "cases", "fieldPath": "details", "indexes": []}

UP = "ASCENDING"
DOWN = "DESCENDING"


def indexes(*composites: dict[str, Any], overrides: tuple[dict[str, Any], ...] = ()) -> Indexes:
    return Indexes.parse(
        json.dumps({"indexes": list(composites), "fieldOverrides": list(overrides)})
    )


def real_indexes() -> Indexes:
    return Indexes.load(Repository.here().root / "firestore.indexes.json")


SERVED = {
    "everything": (Shape.of("cases"), indexes()),
    "one equality": (Shape.of("cases", [("status", "==")]), indexes()),
    "equalities alone are merged": (
        Shape.of("cases", [("status", "=="), ("owner", "in")]),
        indexes(),
    ),
    "sorted by one field": (Shape.of("cases", [], [("createdAt", DOWN)]), indexes()),
    "a range sorted by itself": (
        Shape.of("cases", [("createdAt", ">="), ("createdAt", "<")], [("createdAt", UP)]),
        indexes(),
    ),
    "sorting by what is equal says nothing": (
        Shape.of("cases", [("status", "==")], [("status", DOWN)]),
        indexes(),
    ),
    "equality and order, with the composite": (
        Shape.of("cases", [("status", "==")], [("createdAt", DOWN)]),
        indexes(COMPOSITE),
    ),
    "and its document name": (
        Shape.of("cases", [("status", "==")], [("createdAt", DOWN), ("__name__", DOWN)]),
        indexes(COMPOSITE),
    ),
    "two composites with one end are merged": (
        Shape.of("cases", [("status", "=="), ("owner", "==")], [("createdAt", DOWN)]),
        indexes(COMPOSITE, BY_OWNER),
    ),
    "an array": (Shape.of("cases", [("tags", "array-contains")]), indexes()),
    "an array, sorted": (
        Shape.of("cases", [("tags", "array_contains")], [("createdAt", DOWN)]),
        indexes(TAGGED),
    ),
    "a group by its cursor, with the override": (
        Shape.of("hashes", [("updatedAt", ">=")], [("updatedAt", UP)], group=True),
        indexes(overrides=(GROUP_CURSOR,)),
    ),
}

REFUSED = {
    "equality and order, without a composite": (
        Shape.of("cases", [("status", "==")], [("createdAt", DOWN)]),
        indexes(),
    ),
    "the composite of another collection": (
        Shape.of("jobs", [("status", "==")], [("createdAt", DOWN)]),
        indexes(COMPOSITE),
    ),
    "the other direction": (
        Shape.of("cases", [("status", "==")], [("createdAt", UP)]),
        indexes(COMPOSITE),
    ),
    "equality and a range of another field": (
        Shape.of("cases", [("status", "=="), ("createdAt", ">")]),
        indexes(COMPOSITE),  # a range sorts upwards unless told otherwise
    ),
    "one equality too many": (
        Shape.of("cases", [("status", "=="), ("owner", "==")], [("createdAt", DOWN)]),
        indexes(COMPOSITE),
    ),
    "an index that filters by more than the query": (
        Shape.of("cases", [], [("createdAt", DOWN), ("status", UP)]),
        indexes(COMPOSITE),
    ),
    "sorted by two fields": (
        Shape.of("cases", [], [("severity", DOWN), ("createdAt", DOWN)]),
        indexes(COMPOSITE),
    ),
    "the document name against the order": (
        Shape.of("cases", [("status", "==")], [("createdAt", DOWN), ("__name__", UP)]),
        indexes(COMPOSITE),
    ),
    "an array, sorted, without a composite": (
        Shape.of("cases", [("tags", "array-contains")], [("createdAt", DOWN)]),
        indexes(COMPOSITE),
    ),
    "a group without an override": (
        Shape.of("hashes", [("updatedAt", ">=")], [("updatedAt", UP)], group=True),
        indexes(),
    ),
    "a group by one equality": (Shape.of("hashes", [("value", "==")], group=True), indexes()),
    "a group in the other direction": (
        Shape.of("hashes", [], [("updatedAt", DOWN)], group=True),
        indexes(overrides=(GROUP_CURSOR,)),
    ),
    "a collection whose override only knows the group": (
        Shape.of("hashes", [], [("updatedAt", UP)]),
        indexes(overrides=(GROUP_CURSOR,)),
    ),
    "a group with a composite for one collection": (
        Shape.of("cases", [("status", "==")], [("createdAt", DOWN)], group=True),
        indexes(COMPOSITE),
    ),
    "an exempted field": (
        Shape.of("cases", [("expireAt", "<")]),
        indexes(overrides=(EXEMPT,)),
    ),
    "a field in an exempted map": (
        Shape.of("cases", [("details.kind", "==")]),
        indexes(overrides=(EXEMPT_MAP,)),
    ),
}


@pytest.mark.parametrize(("shape", "known"), SERVED.values(), ids=SERVED.keys())
def test_a_query_that_production_answers_passes(shape: Shape, known: Indexes) -> None:
    assert known.serve(shape)


@pytest.mark.parametrize(("shape", "known"), REFUSED.values(), ids=REFUSED.keys())
def test_a_query_that_production_refuses_is_found(shape: Shape, known: Indexes) -> None:
    assert not known.serve(shape)


def test_a_log_line_is_read_as_the_query_that_wrote_it() -> None:
    line = json.dumps(
        {
            "collection": "hash_banks/bank/hashes",
            "group": True,
            "filters": [["updatedAt", ">="], ["label", "=="]],
            "orders": [["updatedAt", "ASCENDING"]],
        }
    )

    expected = Shape.of(
        "hashes", [("updatedAt", ">="), ("label", "==")], [("updatedAt", UP)], group=True
    )

    assert Shape.from_log(line) == expected


@pytest.mark.parametrize("query", APP_QUERIES, ids=str)
def test_every_query_that_people_make_has_its_index(query: Any) -> None:
    assert real_indexes().serve(query.shape)


def test_no_composite_index_is_there_for_nothing() -> None:
    """Each one costs a write with every document, so each one has somebody who asks for it."""
    shapes = [query.shape for query in APP_QUERIES]

    unused = [
        composite
        for composite in real_indexes().composites
        if all(composite.serves_part_of(shape) is None for shape in shapes)
    ]

    assert unused == []


def test_what_expires_is_deleted_by_firestore() -> None:
    expiring = {
        (document.collection, "expireAt")
        for document in DOCUMENTS.values()
        if "expire_at" in document.model_fields
    }

    assert real_indexes().expiring == expiring


def test_indexes_name_collections_and_fields_that_exist() -> None:
    known = real_indexes()
    named = {(each.collection, name) for each in known.composites for name, _ in each.fields}
    named |= set(known.overrides)

    unknown = {
        (collection, path)
        for collection, path in named
        if not any(
            document.collection == collection and path.split(".")[0] in stored_names(document)
            for document in DOCUMENTS.values()
        )
    }

    assert unknown == set()


def stored_names(document: Any) -> set[str]:
    fields = document.model_fields | document.model_computed_fields
    return {field.alias or name for name, field in fields.items()}


def test_no_index_is_there_twice() -> None:
    composites = real_indexes().composites

    assert len(set(composites)) == len(composites)
    assert all(isinstance(each, Composite) and len(each.fields) > 1 for each in composites)

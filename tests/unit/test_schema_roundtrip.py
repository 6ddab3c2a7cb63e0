"""Every document comes back from Firestore as it went in.

Documents are made at random from their own declarations and go through the codec of the Firestore
client, so that what cannot be stored (a set, an enum, a naive time, a nested list) shows here.
"""

from __future__ import annotations

import hashlib
import types
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, NewType, TypeVar, Union, get_args, get_origin

import annotated_types
import jsonschema
import pytest
from google.cloud.firestore_v1 import _helpers as codec
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from media_integrity.schema.base import Document
from media_integrity.schema.consent import ConsentBasis, ConsentVerification
from media_integrity.schema.enums import FindingStatus, HashAlgorithm
from media_integrity.schema.export import json_schema
from media_integrity.schema.findings import Finding
from media_integrity.schema.hashes import DIGITS, BankHash
from media_integrity.schema.registry import DOCUMENTS

Strategy = st.SearchStrategy[Any]
Model = TypeVar("Model", bound=BaseModel)

EARLIEST = datetime(1970, 1, 1)
LATEST = datetime(9999, 12, 31, 23)
INT64 = 2**63 - 1

ids = st.text("aZ09_-", min_size=1, max_size=8)
hexadecimal = st.binary(min_size=32, max_size=32).map(bytes.hex)


@cache
def documents(cls: type[Model]) -> st.SearchStrategy[Model]:
    """Random instances of ``cls``, from its fields' types and constraints."""
    fields = {
        name: ids if name in {"id", "parent_id"} else _of_field(field)
        for name, field in cls.model_fields.items()
    }
    return st.fixed_dictionaries(fields).map(lambda values: _build(cls, values))


def _build(cls: type[Model], values: dict[str, Any]) -> Model:
    """Passes over fields that contradict each other, which their own declarations do not know."""
    if cls is ConsentVerification and values["basis"] is ConsentBasis.SELF:
        values = {**values, "subject_id": values["uploader_id"], "request_id": None}
    elif cls is ConsentVerification:
        values = {**values, "request_id": values["request_id"] or "request"}
    if cls is BankHash:
        values = {**values, **_of_one_algorithm(values)}
    if cls is Finding:
        measured = values["status"] is FindingStatus.MEASURED
        values = {**values, "cause": None if measured else "cause"}
    try:
        return cls.model_validate(values)
    except ValidationError:
        reject()


def _of_one_algorithm(values: dict[str, Any]) -> dict[str, Any]:
    """What an entry of a bank has, depending on what its hash was made with."""
    algorithm = values["algorithm"]
    digest = hashlib.sha256(values["value"].encode("utf-8", "surrogatepass")).hexdigest()
    value = digest[: DIGITS[algorithm]]
    return {
        "id": BankHash.id_for(algorithm, value, values["shield_id"]),
        "value": value,
        "quality": (values["quality"] or 0) if algorithm is HashAlgorithm.PDQ else None,
        "frames": (values["frames"] or "") if algorithm is HashAlgorithm.VPDQ else None,
        "disabled_for": None if values["enabled"] else values["disabled_for"],
    }


def _of_field(field: FieldInfo) -> Strategy:
    return _of_type(field.annotation, field.metadata)


def _of_type(annotation: Any, limits: list[Any]) -> Strategy:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, NewType):
        return _of_type(annotation.__supertype__, limits)
    if origin is Annotated:
        return _of_type(arguments[0], [*limits, *_limits_in(arguments[1:])])
    if origin in {Union, types.UnionType}:
        return st.one_of([_of_type(argument, limits) for argument in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        item = _of_type(arguments[0], [])
        least, most = _lengths(limits)
        return st.lists(item, min_size=least, max_size=min(most, least + 2)).map(tuple)
    if origin is dict:
        keys, values = (_of_type(argument, []) for argument in arguments)
        return st.dictionaries(keys, values, max_size=2)
    return _of_plain_type(annotation, limits)


def _of_plain_type(annotation: Any, limits: list[Any]) -> Strategy:
    least, most = _lengths(limits)
    low, high = _bounds(limits)
    if annotation is type(None):
        return st.none()
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(low if low is not None else -INT64, high if high is not None else INT64)
    if annotation is float:
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    if annotation is bytes:
        return st.binary(min_size=least, max_size=min(most, least + 8))
    if annotation is datetime:
        return st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
    if annotation is str:
        for pattern in (getattr(limit, "pattern", None) for limit in limits):
            if pattern:
                is_hash = pattern == r"^[0-9a-f]{64}$"
                return hexadecimal if is_hash else st.from_regex(pattern, fullmatch=True)
        return st.text(min_size=least, max_size=min(most, least + 8))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return st.deferred(lambda: documents(annotation))
    raise TypeError(f"no strategy for {annotation}")


def _limits_in(annotations: tuple[Any, ...]) -> list[Any]:
    found: list[Any] = []
    for annotation in annotations:
        found.extend(annotation.metadata if isinstance(annotation, FieldInfo) else [annotation])
    return found


def _lengths(limits: list[Any]) -> tuple[int, int]:
    least = [limit.min_length for limit in limits if isinstance(limit, annotated_types.MinLen)]
    most = [limit.max_length for limit in limits if isinstance(limit, annotated_types.MaxLen)]
    return max(least, default=0), min(most, default=1 << 30)


def _bounds(limits: list[Any]) -> tuple[Any, Any]:
    low, high = None, None
    for limit in limits:
        if isinstance(limit, annotated_types.Ge):
            low = limit.ge
        elif isinstance(limit, annotated_types.Le):
            high = limit.le
        elif isinstance(limit, annotated_types.Lt):
            high = limit.lt - 1  # type: ignore[operator]
    return low, high


def through_firestore(fields: dict[str, Any]) -> dict[str, Any]:
    """Encode as the client sends it, decode as it is received."""
    decoded = codec.decode_dict(codec.encode_dict(fields), client=None)
    assert isinstance(decoded, dict)
    return decoded


@cache
def _definitions() -> dict[str, Any]:
    definitions: dict[str, Any] = json_schema()["$defs"]
    return definitions


def _validator(document: type[Document]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        {"$defs": _definitions(), "$ref": f"#/$defs/{document.__name__}"}
    )


every_document = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
relaxed = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@every_document
@relaxed
@given(data=st.data())
def test_a_document_comes_back_as_it_was(document: type[Document], data: st.DataObject) -> None:
    original = data.draw(documents(document))

    returned = document.from_firestore(original.path, through_firestore(original.to_firestore()))

    assert returned == original
    assert returned.path == original.path


@every_document
@relaxed
@given(data=st.data())
def test_a_stored_document_is_what_the_json_schema_says(
    document: type[Document], data: st.DataObject
) -> None:
    original = data.draw(documents(document))
    stored = original.model_dump(mode="json", by_alias=True)

    _validator(document).validate(stored)
    assert set(original.to_firestore()) == set(stored)


@relaxed
@given(data=st.data())
def test_an_unknown_field_of_a_newer_release_is_passed_over(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(list(DOCUMENTS.values())))
    original = data.draw(documents(document))
    stored = {**original.to_firestore(), "fieldOfANewerRelease": [1, {"a": None}]}

    assert document.from_firestore(original.path, through_firestore(stored)) == original

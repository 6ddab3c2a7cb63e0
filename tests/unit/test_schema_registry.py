"""The schema is complete: every collection, every class, and what each has to say of itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import media_integrity.schema
from media_integrity.schema.base import Document, SubDocument, UserId, Value
from media_integrity.schema.envelope import Envelope
from media_integrity.schema.registry import DOCUMENTS

DESIGNED = (
    "scan_jobs",
    "media_integrity_cases",
    "media_integrity_cases/*/private",
    "synthetic_media_flags",
    "deepfake_attempts",
    "blocked_upload_attempts",
    "media_watermarks",
    "consent_verifications",
    "consent_requests",
    "blocked_consent_claims",
    "media_integrity_appeals",
    "victim_identity_shields",
    "face_detection_records",
    "media_integrity_reports",
    "takedown_requests",
    "media_hash_registry",
    "hash_banks",
    "hash_banks/*/hashes",
    "hash_matches",
    "hash_imports",
    "hash_snapshots",
    "published_segments",
    "retroactive_searches",
    "hash_exchanges",
    "exchange_feedback",
    "media_clusters",
    "alarms",
    "rate_windows",
    "victim_notifications",
    "legal_evidence_vault",
    "enforcement_records",
    "device_blocks",
    "audit_log",
    "media_integrity_statistics",
    "transparency_reports",
    "outbox",
    "mail",
)
"""The design's table of documents, and what hash banks and callables have added."""


def _all_subclasses(cls: type[Document]) -> Iterator[type[Document]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from _all_subclasses(subclass)


def _import_all_modules() -> None:
    for module in pkgutil.iter_modules(media_integrity.schema.__path__):
        if module.name != "__main__":
            importlib.import_module(f"media_integrity.schema.{module.name}")


def _stored_classes() -> set[type[Document]]:
    _import_all_modules()
    package = media_integrity.schema.__name__
    return {
        cls
        for cls in _all_subclasses(Document)
        if cls.__module__.startswith(package) and "collection" in vars(cls) and cls is not Document
    }


def _models() -> Iterator[type[BaseModel]]:
    """Every document and value class of the package."""
    _import_all_modules()
    todo: list[type[Value]] = [Value]
    seen: set[type[Value]] = set()
    while todo:
        cls = todo.pop()
        if cls not in seen and cls.__module__.startswith(media_integrity.schema.__name__):
            seen.add(cls)
            todo.extend(cls.__subclasses__())
            yield cls


def _holds(annotation: Any, wanted: object) -> bool:
    return annotation is wanted or any(_holds(part, wanted) for part in get_args(annotation))


def _is_declared_personal(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and "personal" in extra


@pytest.mark.parametrize("place", DESIGNED)
def test_every_collection_of_the_design_has_its_documents(place: str) -> None:
    assert place in DOCUMENTS


def test_every_document_class_is_registered() -> None:
    assert set(DOCUMENTS.values()) == _stored_classes()


def test_no_two_classes_share_a_place() -> None:
    assert len(DOCUMENTS) == len(_stored_classes())


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_document_says_what_its_id_is_and_who_reads_it(document: type[Document]) -> None:
    text = document.__doc__ or ""

    assert "Id:" in text
    assert "read" in text.lower()


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_document_knows_its_path(document: type[Document]) -> None:
    path = (
        document.path_below("above", "below")
        if issubclass(document, SubDocument)
        else document.path_of("below")
    )

    assert path.endswith("/below")
    assert path.count("/") == (3 if issubclass(document, SubDocument) else 1)


def test_who_somebody_is_and_what_is_secret_is_declared_personal() -> None:
    undeclared = {
        f"{model.__name__}.{name}"
        for model in _models()
        for name, field in model.model_fields.items()
        if (_holds(field.annotation, UserId) or _holds(field.annotation, Envelope))
        and not _is_declared_personal(field)
    }

    assert undeclared == set()


def test_what_expires_says_when_in_the_field_that_firestore_watches() -> None:
    for document in DOCUMENTS.values():
        field = document.model_fields.get("expire_at")
        if field is not None:
            assert "Firestore TTL" in (field.description or ""), document.__name__

"""JSON Schema (draft 2020-12) of the stored documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from .base import Document
from .registry import DOCUMENTS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WithoutTitles(GenerateJsonSchema):
    """Titles made from field names say nothing that the names do not."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def json_schemas() -> dict[str, dict[str, Any]]:
    """One schema for each document class, by class name.

    It describes what is stored under the stored names. A field with a default may be missing in a
    document that an older release or a client wrote. ``x-collection`` says where the documents lie;
    ``personal`` on a field, why personal data is kept and for how many days (null: as long as the
    document).
    """
    return {cls.__name__: _one(place, cls) for place, cls in DOCUMENTS.items()}


def json_schema() -> dict[str, Any]:
    """All of them in one schema: the classes, and what they are made of, are in ``$defs``."""
    schema = together(
        [(cls, "serialization") for cls in DOCUMENTS.values()],
        title="Media Integrity Engine: stored documents",
    )
    for place, cls in DOCUMENTS.items():
        schema["$defs"][cls.__name__]["x-collection"] = place
    return schema


def together(
    classes: Sequence[tuple[type[BaseModel], JsonSchemaMode]], *, title: str | None = None
) -> dict[str, Any]:
    """Any classes in one schema: they, and what they are made of, are in ``$defs``."""
    _, schema = models_json_schema(classes, title=title, schema_generator=_WithoutTitles)
    return {"$schema": DIALECT, **schema}


def _one(place: str, cls: type[Document]) -> dict[str, Any]:
    schema = cls.model_json_schema(mode="serialization", schema_generator=_WithoutTitles)
    return {"$schema": DIALECT, "x-collection": place, **schema}

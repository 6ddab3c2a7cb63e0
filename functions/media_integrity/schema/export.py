"""JSON Schema (draft 2020-12) of the stored documents."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

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
    _, together = models_json_schema(
        [(cls, "serialization") for cls in DOCUMENTS.values()],
        title="Media Integrity Engine: stored documents",
        schema_generator=_WithoutTitles,
    )
    for place, cls in DOCUMENTS.items():
        together["$defs"][cls.__name__]["x-collection"] = place
    return {"$schema": DIALECT, **together}


def _one(place: str, cls: type[Document]) -> dict[str, Any]:
    schema = cls.model_json_schema(mode="serialization", schema_generator=_WithoutTitles)
    return {"$schema": DIALECT, "x-collection": place, **schema}

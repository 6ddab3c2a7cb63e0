"""What every stored document and every value inside one has in common.

The models of this package are the one source of the Firestore shapes: the functions read and write
through them, the rules tests build documents from them, and the SDK's types are generated from
their JSON Schema. Python names are snake_case, stored names camelCase.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, ClassVar, NewType, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

UserId = NewType("UserId", str)
JobId = NewType("JobId", str)
CaseId = NewType("CaseId", str)
BankId = NewType("BankId", str)
ImportId = NewType("ImportId", str)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A time with its zone, kept in UTC."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]

Sha256Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Value(BaseModel):
    """A part of a document. Immutable; unknown stored fields are ignored.

    Unknown fields are ignored on reading because two releases run side by side while one is rolled
    out. Misspelt arguments in code are caught by mypy (``init_forbid_extra``).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        ser_json_inf_nan="null",
    )


class Document(Value):
    """One Firestore document. ``id`` is its name in the collection and is not stored inside it."""

    collection: ClassVar[str]
    committed_at: ClassVar[str | None] = None
    """Field that transactions set to the moment of their commit, by the database's clock: for
    documents that others follow by it and must not miss, however long a commit takes."""

    id: str = Field(exclude=True, min_length=1)

    @classmethod
    def path_of(cls, document_id: str) -> str:
        """Path from the database's root."""
        return f"{cls.collection}/{document_id}"

    @property
    def path(self) -> str:
        return self.path_of(self.id)

    def to_firestore(self) -> dict[str, Any]:
        """The stored fields: camelCase names, enums as their values, times in UTC."""
        stored = _plain(self.model_dump(mode="python", by_alias=True))
        assert isinstance(stored, dict)
        return stored

    @classmethod
    def from_firestore(cls, path: str, fields: dict[str, Any]) -> Self:
        """The document stored at ``path``.

        Raises:
            pydantic.ValidationError: the stored fields do not have this shape.
        """
        return cls.model_validate({**fields, "id": path.rsplit("/", 1)[-1]})


class SubDocument(Document):
    """A document below another one: ``parent.collection/parent_id/collection/id``."""

    parent: ClassVar[type[Document]]

    parent_id: str = Field(exclude=True, min_length=1)

    @classmethod
    def path_below(cls, parent_id: str, document_id: str) -> str:
        return f"{cls.parent.collection}/{parent_id}/{cls.collection}/{document_id}"

    @property
    def path(self) -> str:
        return self.path_below(self.parent_id, self.id)

    @classmethod
    def from_firestore(cls, path: str, fields: dict[str, Any]) -> Self:
        _, parent_id, _, document_id = path.split("/")
        return cls.model_validate({**fields, "id": document_id, "parentId": parent_id})


def personal(purpose: str, *, keep: timedelta | None) -> dict[str, Any]:
    """``json_schema_extra`` of a field that holds personal data: why it is kept and for how long.

    ``keep=None`` means: as long as the document itself. ``privacy`` and the documentation read it.
    """
    return {"personal": {"purpose": purpose, "keepDays": keep.days if keep else None}}


def days(count: int) -> timedelta:
    return timedelta(days=count)


def _plain(value: Any) -> Any:
    """Firestore knows no enums and no tuples or sets."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)
    return value

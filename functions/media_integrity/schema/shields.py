"""A person's protection against pictures, video and voices made of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, NewType

from pydantic import ConfigDict, Field, model_validator

from .base import (
    BankId,
    CaseId,
    Document,
    Moment,
    SubDocument,
    UserId,
    Value,
    days,
    personal,
)
from .envelope import AS_TEXT, Envelope
from .findings import ModelRef

ShieldId = NewType("ShieldId", str)

ATTACKER_RETENTION = days(365)
DELETED_SHIELD_RETENTION = days(30)
"""A deleted shield's counts stay visible to its owner for this long; its templates go at once."""


class ShieldLevel(StrEnum):
    """How far the protection goes, mildest first. Each one includes those before it."""

    STANDARD = "standard"  # new uploads are compared with the shield
    ENHANCED = "enhanced"  # and what is already published; attackers are tracked
    MAXIMUM = "maximum"  # and legal evidence, contacts, outside platforms

    @property
    def rank(self) -> int:
        return list(ShieldLevel).index(self)


class ShieldStatus(StrEnum):
    """Life of a shield. Only ``active`` blocks anything by itself."""

    PENDING = "pending"  # has no reference yet
    ACTIVE = "active"
    PAUSED = "paused"  # by its owner
    DISPUTED = "disputed"  # another shield covers the same face: a moderator decides
    DELETED = "deleted"  # by its owner; templates and hashes are gone


class ReferenceKind(StrEnum):
    """What a template was made from."""

    FACE = "face"
    VOICE = "voice"


class ShieldToggles(Value):
    """What the owner switches on and off."""

    notifications: bool = True
    monitoring: bool = False
    legal_support: bool = False


class ShieldStatistics(Value):
    """What the shield has done, for its owner."""

    media_blocked: int = Field(0, ge=0)
    media_held: int = Field(0, ge=0)
    attackers_blocked: int = Field(0, ge=0)
    cases: int = Field(0, ge=0)


class ShieldReferences(Value):
    """How many references of each kind the shield has."""

    faces: int = Field(0, ge=0)
    voices: int = Field(0, ge=0)
    hashes: int = Field(0, ge=0)


class Shield(Document):
    """One person's shield.

    Id: random. Read by its owner and by moderators; written by the functions only. Nothing in it
    could be compared with a face or voice: those are in ``templates``. Expires 30 days after it
    was deleted.
    """

    collection: ClassVar[str] = "victim_identity_shields"

    owner_id: UserId = Field(json_schema_extra=personal("who is protected", keep=None))
    level: ShieldLevel = ShieldLevel.STANDARD
    status: ShieldStatus = ShieldStatus.PENDING
    toggles: ShieldToggles = ShieldToggles()
    statistics: ShieldStatistics = ShieldStatistics()
    references: ShieldReferences = ShieldReferences()
    bank_id: BankId | None = Field(None, description="bank of the hashes made on the owner's phone")
    created_at: Moment
    updated_at: Moment
    expire_at: Moment | None = Field(None, description="Firestore TTL; set when deleted")

    @model_validator(mode="after")
    def _only_a_deleted_shield_expires(self) -> Shield:
        if (self.status is ShieldStatus.DELETED) != (self.expire_at is not None):
            raise ValueError("a deleted shield expires, every other one stays")
        return self


class ShieldTemplate(SubDocument):
    """A face or voice in numbers, encrypted.

    Id: random. Read by no client; written by the functions only. Deleted with its reference, at
    the latest with the shield.
    """

    collection: ClassVar[str] = "templates"
    parent = Shield

    kind: ReferenceKind
    template: Envelope = Field(
        json_schema_extra=personal("to recognise the protected person", keep=None)
    )
    model: ModelRef = Field(description="what made the template; others cannot compare with it")
    created_at: Moment


class ShieldKey(SubDocument):
    """The key under which a shield's templates lie, itself wrapped by a key in Cloud KMS.

    Id: ``templates``. Read by no client; written by the functions only. Once it is deleted, nothing
    opens the templates, wherever a copy of them may be.
    """

    collection: ClassVar[str] = "keys"
    parent = Shield
    KEY_ID: ClassVar[str] = "templates"
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    wrapped: Annotated[bytes, Field(min_length=1, max_length=1024), AS_TEXT]
    key_version: str = Field(
        min_length=1, max_length=512, description="which KMS key version wrapped it"
    )
    created_at: Moment
    updated_at: Moment = Field(description="when it was wrapped last")


class ShieldRescan(Value):
    """How far the comparison with what was published before the shield has come."""

    cursor: str | None = Field(None, description="last job compared; none: not begun")
    compared: int = Field(0, ge=0)
    found: int = Field(0, ge=0)
    finished_at: Moment | None = None


class ShieldDetails(SubDocument):
    """What moderators need of a shield and its owner does not see.

    Id: ``details``. Read by moderators; written by the functions only. Goes with the shield.
    """

    collection: ClassVar[str] = "private"
    parent = Shield
    DETAILS_ID: ClassVar[str] = "details"

    conflicts: tuple[ShieldId, ...] = Field((), description="shields that cover the same face")
    rescan: ShieldRescan | None = None
    legal_contact: Envelope | None = Field(
        None, json_schema_extra=personal("who acts for the person in law", keep=None)
    )
    support_contact: Envelope | None = Field(
        None, json_schema_extra=personal("who stands by the person", keep=None)
    )


class ShieldAttacker(SubDocument):
    """An account whose uploads a shield stopped.

    Id: the account's. Read by moderators; written by the functions only. Expires one year after
    the last attempt.
    """

    collection: ClassVar[str] = "attackers"
    parent = Shield

    attempts: int = Field(ge=1)
    case_ids: tuple[CaseId, ...] = Field(min_length=1)
    first_at: Moment
    last_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

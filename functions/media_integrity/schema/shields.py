"""A person's protection against pictures, video and voices made of them."""

from __future__ import annotations

from datetime import datetime
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
from .enums import Action
from .envelope import AS_TEXT, Envelope
from .findings import ModelRef
from .scans import Lease

ShieldId = NewType("ShieldId", str)

ATTACKER_RETENTION = days(365)
MATCH_RETENTION = days(365)
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
    monitoring: bool = Field(False, description="outside platforms; maximum only")
    legal_support: bool = Field(False, description="evidence packages; maximum only")


class ShieldStatistics(Value):
    """What the shield has done, for its owner. Every case is either blocked or held."""

    media_blocked: int = Field(0, ge=0, description="cases of which the upload was blocked")
    media_held: int = Field(0, ge=0, description="cases of which it was held, and not blocked")
    attackers_blocked: int = Field(0, ge=0, description="accounts of which an upload was blocked")
    cases: int = Field(0, ge=0)


class ShieldReferences(Value):
    """How many references of each kind the shield has."""

    faces: int = Field(0, ge=0)
    voices: int = Field(0, ge=0)
    hashes: int = Field(0, ge=0)


class ShieldReference(Value):
    """One of them, as its owner sees it: when it was added, by which name it is removed."""

    id: str = Field(min_length=1, max_length=64, description="of its ``ShieldTemplate``")
    kind: ReferenceKind
    added_at: Moment


class ShieldRescan(Value):
    """How far the comparison with what was published before the shield has come."""

    asked_at: Moment
    until: Moment = Field(description="what was published later, the scan itself has compared")
    after: Moment | None = Field(None, description="publication of the last one compared")
    after_id: str | None = Field(None, description="its id; several have one moment")
    compared: int = Field(0, ge=0)
    found: int = Field(0, ge=0, description="taken down")
    tries: int = Field(0, ge=0, description="steps in a row that came to nothing")
    lease: Lease | None = None
    sweep_at: Moment | None = Field(None, description="looked after then; none: it is over")
    finished_at: Moment | None = Field(None, description="none and no sweep: given up, or stopped")


class Shield(Document):
    """One person's shield.

    Id: random. Read by its owner and by moderators; written by the functions only. Nothing in it
    could be compared with a face or voice: those are in ``templates``. Expires 30 days after it
    was deleted. ``updated_at`` is the cursor by which the signals follow it; what it counts and how
    far a rescan has come is written without it.
    """

    collection: ClassVar[str] = "victim_identity_shields"
    committed_at = "updated_at"

    owner_id: UserId = Field(json_schema_extra=personal("who is protected", keep=None))
    level: ShieldLevel = ShieldLevel.STANDARD
    status: ShieldStatus = ShieldStatus.PENDING
    toggles: ShieldToggles = ShieldToggles()
    statistics: ShieldStatistics = ShieldStatistics()
    references: ShieldReferences = ShieldReferences()
    listed: tuple[ShieldReference, ...] = Field((), max_length=32)
    blocks_from: Moment | None = Field(
        None, description="until then it only holds: a reference is a claim, not a proof"
    )
    held_back_at: Moment | None = Field(
        None, description="it matched too many unrelated people: only holds until looked at"
    )
    disputes_lost: int = Field(0, ge=0, description="a moderator found that it is another's face")
    sharing_agreed_at: Moment | None = Field(
        None, description="hashes of own pictures may be handed to exchanges; none: they may not"
    )
    rescan: ShieldRescan | None = None
    bank_id: BankId | None = Field(None, description="bank of the hashes made on the owner's phone")
    created_at: Moment
    updated_at: Moment
    expire_at: Moment | None = Field(None, description="Firestore TTL; set when deleted")

    @model_validator(mode="after")
    def _only_a_deleted_shield_expires(self) -> Shield:
        if (self.status is ShieldStatus.DELETED) != (self.expire_at is not None):
            raise ValueError("a deleted shield expires, every other one stays")
        return self

    @property
    def acts(self) -> bool:
        """Whether it does anything to an upload."""
        return self.status in {ShieldStatus.ACTIVE, ShieldStatus.DISPUTED}

    def only_holds(self, now: datetime) -> bool:
        """Whether it blocks nothing by itself now."""
        return (
            self.status is not ShieldStatus.ACTIVE
            or self.held_back_at is not None
            or (self.blocks_from is not None and self.blocks_from > now)
        )


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


class RecentUploader(Value):
    """An account of which an upload matched the shield, and when it did last."""

    uploader_id: UserId = Field(json_schema_extra=personal("to notice a flood", keep=days(1)))
    at: Moment


class ShieldDetails(SubDocument):
    """What moderators need of a shield and its owner does not see.

    Id: ``details``. Read by moderators; written by the functions only. Goes with the shield.
    """

    collection: ClassVar[str] = "private"
    parent = Shield
    DETAILS_ID: ClassVar[str] = "details"

    conflicts: tuple[ShieldId, ...] = Field((), description="shields that cover the same face")
    distinct_from: tuple[ShieldId, ...] = Field(
        (), description="as conflicts, and a moderator has found that they are different people"
    )
    legal_contact: Envelope | None = Field(
        None, json_schema_extra=personal("who acts for the person in law", keep=None)
    )
    support_contact: Envelope | None = Field(
        None, json_schema_extra=personal("who stands by the person", keep=None)
    )


class ShieldReach(SubDocument):
    """Whom a shield has matched lately, to notice one that matches everybody.

    Id: ``recent``. Read by no client, so that a moderator does not find an upload of their own in
    it; written by the functions only. Goes with the shield.
    """

    collection: ClassVar[str] = "reach"
    parent = Shield
    REACH_ID: ClassVar[str] = "recent"

    recent: tuple[RecentUploader, ...] = Field(
        (), max_length=500, description="different accounts, those of the last 24 hours"
    )
    cleared_at: Moment | None = Field(
        None, description="a moderator has looked at whom it matches: counted from then on"
    )


class ShieldMatch(SubDocument):
    """One case that a shield has a part in. What the owner's statistics are counted from.

    Id: the case's, so that a case counts once however often its upload is judged. Read by
    moderators, but not about an upload of their own; written by the functions only. Expires one
    year after it was made.
    """

    collection: ClassVar[str] = "matches"
    parent = Shield

    uploader_id: UserId = Field(
        json_schema_extra=personal("whose upload matched", keep=MATCH_RETENTION)
    )
    action: Action = Field(description="REVIEW, or BLOCK once it was blocked")
    retroactive: bool = Field(False, description="found among what was published before")
    only_held: bool = Field(description="the shield could not block when it was filed")
    answered: bool = Field(False, description="the owner has said something about it")
    created_at: Moment
    updated_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")


class ShieldAttacker(SubDocument):
    """An account whose uploads a shield stopped.

    Id: the account's. Read by moderators, but not about themselves; written by the functions only.
    Which cases they are is kept from the level enhanced on. Expires one year after the last
    attempt.
    """

    collection: ClassVar[str] = "attackers"
    parent = Shield

    uploader_id: UserId = Field(
        json_schema_extra=personal("to count an account once", keep=ATTACKER_RETENTION)
    )
    attempts: int = Field(ge=1, description="cases")
    blocked: int = Field(0, ge=0, description="of these, blocked")
    case_ids: tuple[CaseId, ...] = Field((), max_length=50, description="the latest")
    first_at: Moment
    last_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

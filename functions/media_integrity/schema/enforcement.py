"""What violations bring an account."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from .base import CaseId, Document, Moment, SubDocument, UserId, Value, days, personal
from .enums import Sanction, Severity, Violation

UPLOADS_RESTRICTED_CLAIM = "uploadsRestricted"
"""Custom claim of an account that may not upload; ``storage.rules`` reads it."""

DEVICE_BLOCK_RETENTION = days(365)


class Standing(StrEnum):
    """How an account stands, best first."""

    GOOD = "good"
    WARNED = "warned"
    RESTRICTED = "restricted"  # some functions are closed
    SUSPENDED = "suspended"  # closed until a moderator has confirmed or undone it
    BANNED = "banned"  # closed for good, confirmed


class RestrictionKind(StrEnum):
    """What is closed."""

    UPLOADS = "uploads"
    APPEALS = "appeals"  # after three appeals without merit
    ACCOUNT = "account"


class Restriction(Value):
    """One thing that is closed, and for how long."""

    kind: RestrictionKind
    since: Moment
    until: Moment | None = Field(None, description="none: until it is undone")
    case_id: CaseId | None = None


class EnforcementRecord(Document):
    """An account's standing, as its holder sees it.

    Id: the account's. Read by its holder and by moderators; written by the functions only. Kept as
    long as the account; a ban's outlives it.
    """

    collection: ClassVar[str] = "enforcement_records"

    standing: Standing = Standing.GOOD
    strikes: int = Field(0, ge=0, description="confirmed, not undone, not expired")
    warnings: int = Field(0, ge=0)
    restrictions: tuple[Restriction, ...] = ()
    appeals_closed_until: Moment | None = Field(
        None, description="no appeal before then; ``firestore.rules`` reads it"
    )
    updated_at: Moment


class StrikeState(StrEnum):
    """Life of a strike. Only ``confirmed`` counts."""

    PROVISIONAL = "provisional"  # rests on a model alone; a moderator has to confirm it
    CONFIRMED = "confirmed"
    UNDONE = "undone"  # the case was overturned
    EXPIRED = "expired"


class Strike(SubDocument):
    """One violation on an account's record.

    Id: the case's, so a case strikes once. Read by moderators; written by the functions only. Kept
    as long as the record.
    """

    collection: ClassVar[str] = "strikes"
    parent = EnforcementRecord

    violation: Violation
    severity: Severity
    sanction: Sanction
    state: StrikeState
    attempted_at: Moment
    decided_at: Moment | None = Field(None, description="when it was confirmed or undone")
    expires_at: Moment | None = Field(None, description="stops counting then; none: never")


class EnforcementDetails(SubDocument):
    """What ties an account to others.

    Id: ``details``. Read by moderators; written by the functions only. Goes with the record.
    """

    collection: ClassVar[str] = "private"
    parent = EnforcementRecord
    DETAILS_ID: ClassVar[str] = "details"

    device_hashes: tuple[str, ...] = Field(
        (), json_schema_extra=personal("keyed hashes of devices", keep=DEVICE_BLOCK_RETENTION)
    )
    ip_hashes: tuple[str, ...] = Field(
        (), json_schema_extra=personal("keyed hashes of addresses", keep=DEVICE_BLOCK_RETENTION)
    )
    linked_accounts: tuple[UserId, ...] = Field(
        (), json_schema_extra=personal("to find one person's accounts", keep=DEVICE_BLOCK_RETENTION)
    )
    fraud_flags: int = Field(0, ge=0)
    meritless_appeals: tuple[Moment, ...] = ()
    note: str = Field("", max_length=2000, description="for other moderators")


class BlockedThing(StrEnum):
    """What the hash of a block stands for."""

    DEVICE = "device"
    ADDRESS = "address"


class DeviceBlock(Document):
    """A device or address from which nobody may upload.

    Id: its keyed hash; the thing itself is not kept. Read by moderators; written by the functions
    only. Expires one year after the block ended.
    """

    collection: ClassVar[str] = "device_blocks"

    kind: BlockedThing
    active: bool = True
    case_ids: tuple[CaseId, ...] = Field(min_length=1)
    accounts: tuple[UserId, ...] = Field(
        (), json_schema_extra=personal("who used it", keep=DEVICE_BLOCK_RETENTION)
    )
    created_at: Moment
    until: Moment | None = Field(None, description="none: until it is undone")
    expire_at: Moment | None = Field(None, description="Firestore TTL; none while active for good")

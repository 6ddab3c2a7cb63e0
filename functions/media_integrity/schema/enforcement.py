"""What violations bring an account."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, computed_field

from .base import (
    CaseId,
    Document,
    Moment,
    Probability,
    Sha256Hex,
    SubDocument,
    UserId,
    Value,
    days,
    personal,
)
from .enums import Sanction, Severity, Violation
from .envelope import AS_TEXT

UPLOADS_RESTRICTED_CLAIM = "uploadsRestricted"
"""Custom claim of an account that may not upload; ``storage.rules`` reads it."""

ACCOUNT_CLOSED_CLAIM = "accountClosed"
"""Custom claim of an account that a ban has disabled: only what a ban closed may its end open."""

DEVICE_BLOCK_RETENTION = days(365)
ORIGIN_RETENTION = days(7)
"""Of where one upload came from: until there is a verdict on it. A case takes it over."""
TRACE_RETENTION = days(30)
"""Of which account was seen on which device and address, after the last time."""

MAX_STRIKES = 500
"""Of one account, the gravest and newest, from which what follows is worked out."""
MAX_MERITLESS = 50
MAX_LINKS = 100


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
    provisional: bool = Field(
        False, description="rests on automatic checks alone; a moderator has to look at it"
    )


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
    changes_at: Moment | None = Field(
        None, description="when something ends by itself; ``keep_enforcement`` looks then"
    )
    revision: int = Field(0, ge=0, description="changes so far; names what each of them brings")
    updated_at: Moment


class StrikeState(StrEnum):
    """Life of a strike. Only ``confirmed`` is counted as a strike."""

    PROVISIONAL = "provisional"  # rests on a model alone; a moderator has to confirm it
    CONFIRMED = "confirmed"
    UNDONE = "undone"  # the case was overturned
    EXPIRED = "expired"  # counts no more; what it brought while it counted stands


class Strike(SubDocument):
    """One blocked upload on an account's record.

    Id: the case's, so a case strikes once. Read by moderators; written by the functions only. Kept
    as long as the record.
    """

    collection: ClassVar[str] = "strikes"
    parent = EnforcementRecord

    violation: Violation = Field(description="the gravest")
    others: tuple[Violation, ...] = Field((), description="what else was found in it")
    severity: Severity
    sanction: Sanction
    state: StrikeState
    attempted_at: Moment = Field(description="when it was uploaded; windows of time go by it")
    recorded_at: Moment = Field(description="when the verdict was given")
    decided_at: Moment | None = Field(None, description="when it was confirmed or undone")
    expires_at: Moment | None = Field(None, description="stops counting then; none: never")
    lifted_at: Moment | None = Field(
        None, description="a moderator has lifted what it brought; it still counts as a strike"
    )

    @computed_field  # type: ignore[prop-decorator]
    @property
    def severity_rank(self) -> int:
        """``severity`` as a number, stored so that the gravest can be read first."""
        return self.severity.rank

    @property
    def violations(self) -> tuple[Violation, ...]:
        return (self.violation, *self.others)

    @property
    def confirmed(self) -> bool:
        """It is, or was when it expired."""
        expired = self.state is StrikeState.EXPIRED and self.decided_at is not None
        return self.state is StrikeState.CONFIRMED or expired


class MeritlessAppeal(Value):
    """An appeal that was turned down as one without any ground."""

    case_id: CaseId
    at: Moment


class LinkReason(StrEnum):
    """What ties two accounts together."""

    DEVICE = "device"  # uploads were begun on one device
    ADDRESS = "address"  # the same at one network address: weak, as many people share one
    MEDIA = "media"  # the very same file of both was blocked
    CLUSTER = "cluster"  # blocked media of both show the same
    WATERMARK = "watermark"  # published media of both left one device


class LinkedAccount(Value):
    """Another account, and what speaks for one person holding both. No proof of it."""

    user_id: UserId = Field(
        json_schema_extra=personal("to find one person's accounts", keep=DEVICE_BLOCK_RETENTION)
    )
    reasons: tuple[LinkReason, ...] = Field(min_length=1)
    weight: Probability = Field(description="how strong the reasons are together, from 0 to 1")


class EnforcementDetails(SubDocument):
    """What the holder must not see of a record: flags, remarks, ties to other accounts.

    Id: ``details``. Read by moderators; written by the functions only. Goes with the record.
    """

    collection: ClassVar[str] = "private"
    parent = EnforcementRecord
    DETAILS_ID: ClassVar[str] = "details"

    linked_accounts: tuple[LinkedAccount, ...] = Field(
        (), max_length=MAX_LINKS, description="as a moderator found them last"
    )
    linked_at: Moment | None = Field(None, description="when a moderator looked for them last")
    fraud_flags: int = Field(0, ge=0)
    meritless_appeals: tuple[MeritlessAppeal, ...] = Field((), max_length=MAX_MERITLESS)
    note: str = Field("", max_length=2000, description="for other moderators")


class BlockedThing(StrEnum):
    """What the hash of a block stands for."""

    DEVICE = "device"
    ADDRESS = "address"


class DeviceBlock(Document):
    """A device from which nobody may upload, or an address from which uploads are held for a look.

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
    note: str = Field("", max_length=500, description="why, for other moderators")


class UploadOrigin(Document):
    """Where an upload was begun: keyed hashes of its device and of its network address.

    Id: follows from account and upload. Read by no client; written by the functions only, once.
    Expires 7 days later. What the app says of the device is a claim; the address is seen here.
    """

    collection: ClassVar[str] = "upload_origins"

    user_id: UserId = Field(json_schema_extra=personal("who uploads", keep=ORIGIN_RETENTION))
    device_hash: Sha256Hex | None = Field(
        None, json_schema_extra=personal("keyed hash of the device", keep=ORIGIN_RETENTION)
    )
    ip_hash: Sha256Hex | None = Field(
        None, json_schema_extra=personal("keyed hash of the address", keep=ORIGIN_RETENTION)
    )
    created_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

    @staticmethod
    def id_for(user: UserId, upload_id: str) -> str:
        return hashlib.sha256(f"{user}/{upload_id}".encode()).hexdigest()


class AccountTrace(Document):
    """An account that was seen on a device or at an address.

    Id: ``{hash}_{account}``. Read by no client: moderators see what follows from it. Written by
    the functions only. Expires 30 days after the last time.
    """

    collection: ClassVar[str] = "account_traces"

    kind: BlockedThing
    hash: Sha256Hex = Field(
        json_schema_extra=personal("keyed hash of a device or address", keep=TRACE_RETENTION)
    )
    user_id: UserId = Field(json_schema_extra=personal("who was seen there", keep=TRACE_RETENTION))
    first_at: Moment
    last_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

    @staticmethod
    def id_for(hashed: str, user: UserId) -> str:
        return f"{hashed}_{user}"


class HashingKey(Document):
    """The key of a keyed hash, itself wrapped by the deployment's key.

    Id: what it hashes. Read by no client; written by the functions only, once. Kept for good:
    without it no hash is found again.
    """

    collection: ClassVar[str] = "hashing_keys"
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    ORIGINS_ID: ClassVar[str] = "origins"
    WATERMARKS_ID: ClassVar[str] = "watermarks"

    wrapped: Annotated[bytes, Field(min_length=1, max_length=1024), AS_TEXT]
    key_version: str = Field(
        min_length=1, max_length=512, description="which KMS key version wrapped it"
    )
    created_at: Moment

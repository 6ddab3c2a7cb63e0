"""Evidence kept so that it holds in a court: what it is, and who had it in their hands."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from .audit import ActorKind, chained_hash
from .base import CaseId, Document, Moment, Sha256Hex, SubDocument, UserId, personal


class EvidenceKind(StrEnum):
    """What an item is."""

    MEDIA = "media"  # the bytes as uploaded
    VERDICT = "verdict"  # the verdict with its signals, as it was given
    HEAT_MAP = "heat_map"  # where in the picture a signal found what it found
    SCREENSHOT = "screenshot"  # of an outside platform
    CORRESPONDENCE = "correspondence"  # letters and answers
    PACKAGE = "package"  # items put together for an authority or a lawyer


class EvidenceItem(Document):
    """One item in the vault, kept for one victim.

    Id: random. Read by that victim and by moderators; written by the functions only. It names no
    other victim and not the uploader: both can be in the case. Not expired by TTL: a function
    deletes it after ``retain_until`` unless ``legal_hold`` is set.
    """

    collection: ClassVar[str] = "legal_evidence_vault"

    victim_id: UserId | None = Field(
        None,
        description="none where nobody known is the victim",
        json_schema_extra=personal("for whom it is kept", keep=None),
    )
    case_id: CaseId
    kind: EvidenceKind
    object_path: str = Field(description="in Cloud Storage, where no client can read")
    generation: str = Field(pattern=r"^[0-9]{1,19}$", description="of that object")
    content_type: str = Field(max_length=127)
    size: int = Field(ge=0, description="bytes")
    sha256: Sha256Hex
    custody_head: Sha256Hex = Field(description="hash of the last custody entry")
    custody_length: int = Field(ge=1)
    legal_hold: bool = False
    retain_until: Moment
    created_at: Moment
    updated_at: Moment


class CustodyAction(StrEnum):
    """What was done with an item."""

    COLLECTED = "collected"
    VERIFIED = "verified"  # bytes hashed again, same hash
    VIEWED = "viewed"
    COPIED = "copied"  # into a package
    HANDED_OVER = "handed_over"  # to an authority or a lawyer
    HOLD_SET = "hold_set"
    HOLD_LIFTED = "hold_lifted"
    DELETED = "deleted"  # the bytes; entries stay


class CustodyEntry(SubDocument):
    """One link of an item's chain of custody; each carries the hash of the one before.

    Id: the sequence number, ten digits. Read by the item's victim and by moderators; written by
    the functions only, never changed. Names a role, not a person: who it was stands in the audit
    entry. Kept as long as the item.
    """

    collection: ClassVar[str] = "custody"
    parent = EvidenceItem

    sequence: int = Field(ge=0)
    at: Moment
    action: CustodyAction
    actor_kind: ActorKind
    audit_entry: str = Field(description="id in ``audit_log``")
    sha256: Sha256Hex = Field(description="of the bytes at that time")
    previous_hash: Sha256Hex
    hash: Sha256Hex

    def digest(self) -> Sha256Hex:
        """What ``hash`` has to be."""
        return chained_hash(
            self.parent_id,
            self.sequence,
            self.at,
            self.action,
            self.actor_kind,
            self.audit_entry,
            self.sha256,
            self.previous_hash,
        )

"""Who did what, in a form that shows later changes.

Entries are chained: each carries the hash of the one before, and its own over everything in it.
There are sixteen chains instead of one, because every entry moves its chain's head in the same
transaction as the change it tells of, and one head would make all uploads wait for each other.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from .base import Document, Moment, Sha256Hex, Value, personal

CHAINS = 16

GENESIS: Sha256Hex = "0" * 64
"""``previous_hash`` of a chain's first entry."""


def chained_hash(*parts: int | str | datetime) -> Sha256Hex:
    """sha256 over ``parts`` as a JSON list, times in UTC to the microsecond.

    The parts are listed where it is called and not taken from the model's fields, so that a field
    added later does not make old entries look forged.
    """
    plain = [
        part.isoformat(timespec="microseconds") if isinstance(part, datetime) else part
        for part in parts
    ]
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


class ActorKind(StrEnum):
    """In what capacity somebody acts."""

    SYSTEM = "system"  # a function, without a person
    USER = "user"
    MODERATOR = "moderator"
    SENIOR_MODERATOR = "senior_moderator"
    ADMIN = "admin"
    OPERATOR = "operator"  # by the command line, with a cloud identity


class AuditAction(StrEnum):
    """What was done."""

    VERDICT_GIVEN = "verdict_given"
    UPLOAD_HELD = "upload_held"  # without a verdict: out of tries, file gone
    CASE_CLAIMED = "case_claimed"
    CASE_DECIDED = "case_decided"
    SANCTION_SET = "sanction_set"
    SANCTION_LIFTED = "sanction_lifted"
    ACCOUNTS_LINKED = "accounts_linked"  # a moderator looked for a person's other accounts
    APPEAL_DECIDED = "appeal_decided"
    CONSENT_CHANGED = "consent_changed"
    SHIELD_CHANGED = "shield_changed"
    REPORT_CHANGED = "report_changed"
    TAKEDOWN_CHANGED = "takedown_changed"
    BANK_CHANGED = "bank_changed"  # a bank, a hash, an import
    ALARM_ACKNOWLEDGED = "alarm_acknowledged"
    EVIDENCE_TOUCHED = "evidence_touched"
    SECRET_OPENED = "secret_opened"  # noqa: S105 - an envelope was decrypted for a person
    ROLE_CHANGED = "role_changed"
    POLICY_CHANGED = "policy_changed"
    MEDIA_TRACED = "media_traced"  # a moderator asked where a copy comes from
    DATA_EXPORTED = "data_exported"
    DATA_ERASED = "data_erased"


class Actor(Value):
    """Who acted. ``id`` is an account, a function's name or an operator's identity."""

    kind: ActorKind
    id: str = Field(
        min_length=1,
        max_length=256,
        json_schema_extra=personal("who answers for the act", keep=None),
    )


class AuditEntry(Document):
    """One act.

    Id: ``{chain}-{sequence}`` in hexadecimal and twelve digits. Read by senior moderators; written
    by the functions only, never changed. Never expires.
    """

    collection: ClassVar[str] = "audit_log"

    chain: int = Field(ge=0, lt=CHAINS)
    sequence: int = Field(ge=0)
    at: Moment
    actor: Actor
    action: AuditAction
    subject: str = Field(
        min_length=1, max_length=1024, description="path of the document concerned"
    )
    note: str = Field("", max_length=500, description="ids and codes; no media, no personal data")
    previous_hash: Sha256Hex
    hash: Sha256Hex

    @staticmethod
    def id_for(chain: int, sequence: int) -> str:
        return f"{chain:x}-{sequence:012d}"

    def digest(self) -> Sha256Hex:
        """What ``hash`` has to be."""
        return chained_hash(
            self.chain,
            self.sequence,
            self.at,
            self.actor.kind,
            self.actor.id,
            self.action,
            self.subject,
            self.note,
            self.previous_hash,
        )

    @property
    def intact(self) -> bool:
        """Whether nothing in the entry was changed since it was written."""
        return self.hash == self.digest() and self.id == self.id_for(self.chain, self.sequence)


class AuditHead(Document):
    """The end of one chain.

    Id: the chain's number in hexadecimal. Read by no client; written by the functions only, with
    every entry. Never expires.
    """

    collection: ClassVar[str] = "audit_heads"

    length: int = Field(0, ge=0, description="entries so far; sequence number of the next one")
    last_hash: Sha256Hex = GENESIS

    @staticmethod
    def id_for(chain: int) -> str:
        return f"{chain:x}"


def chain_of(subject: str) -> int:
    """The chain in which acts on ``subject`` are written: all of them, in their order, in one."""
    return hashlib.sha256(subject.encode()).digest()[0] % CHAINS


def append(
    head: AuditHead, *, at: Moment, actor: Actor, action: AuditAction, subject: str, note: str = ""
) -> tuple[AuditEntry, AuditHead]:
    """The entry that follows ``head``, and the head that follows the entry. Pure.

    Both have to be written in one transaction that has read ``head``.

    Raises:
        ValueError: ``head`` is not that of the subject's chain.
    """
    chain = chain_of(subject)
    if head.id != AuditHead.id_for(chain):
        raise ValueError(f"{subject} belongs to chain {chain:x}, not {head.id}")
    draft = AuditEntry(
        id=AuditEntry.id_for(chain, head.length),
        chain=chain,
        sequence=head.length,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        note=note,
        previous_hash=head.last_hash,
        hash=GENESIS,
    )
    entry = draft.model_copy(update={"hash": draft.digest()})
    return entry, AuditHead(id=head.id, length=head.length + 1, last_hash=entry.hash)

"""Writes audit entries. The shape of the chains: ``schema.audit``."""

from __future__ import annotations

from datetime import datetime

from media_integrity.cloud.firestore import Transaction
from media_integrity.schema.audit import Actor, AuditAction, AuditHead, append, chain_of


class Entry:
    """The next entry about one subject.

    Made before the transaction's first write, because it reads its chain's head; written with the
    change that it tells of.
    """

    def __init__(self, tx: Transaction, subject: str) -> None:
        self._tx = tx
        self._subject = subject
        head = AuditHead.id_for(chain_of(subject))
        self._head = tx.get(AuditHead, head) or AuditHead(id=head)

    def write(self, action: AuditAction, actor: Actor, at: datetime, note: str = "") -> None:
        """Add the entry. ``note``: ids and codes, no personal data; cut to 500 characters."""
        entry, head = append(
            self._head, at=at, actor=actor, action=action, subject=self._subject, note=note[:500]
        )
        self._tx.create(entry)
        self._tx.put(head)

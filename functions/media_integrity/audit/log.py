"""Writes audit entries. The shape of the chains: ``schema.audit``."""

from __future__ import annotations

from datetime import datetime
from weakref import WeakKeyDictionary

from media_integrity.cloud.firestore import Transaction
from media_integrity.schema.audit import Actor, AuditAction, AuditHead, append, chain_of

_HEADS: WeakKeyDictionary[Transaction, dict[str, AuditHead]] = WeakKeyDictionary()
"""The chains' ends as each running transaction knows them. Two entries of one transaction may
belong to one chain: the second follows the first, not what was read before both."""


class Entry:
    """The next entry about one subject.

    Made before the transaction's first write, because it reads its chain's head; written with the
    change that it tells of. One transaction may write several.
    """

    def __init__(self, tx: Transaction, subject: str) -> None:
        self._tx = tx
        self._subject = subject
        self._chain = AuditHead.id_for(chain_of(subject))
        self._heads = _HEADS.setdefault(tx, {})
        if self._chain not in self._heads:
            known = tx.get(AuditHead, self._chain)
            self._heads[self._chain] = known or AuditHead(id=self._chain)

    def write(self, action: AuditAction, actor: Actor, at: datetime, note: str = "") -> str:
        """Add the entry and return its id.

        ``note``: ids and codes, no personal data; cut to 500 characters.
        """
        entry, head = append(
            self._heads[self._chain],
            at=at,
            actor=actor,
            action=action,
            subject=self._subject,
            note=note[:500],
        )
        self._tx.create(entry)
        self._tx.put(head)
        self._heads[self._chain] = head
        return entry.id

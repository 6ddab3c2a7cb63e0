"""The services that the upkeep of banks needs, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store, Transaction
from media_integrity.cloud.storage import ObjectStore
from media_integrity.cloud.tasks import Queue
from media_integrity.decision.policy import Policy
from media_integrity.scanning.consequences import Consequence, Prepared
from media_integrity.schema.cases import Case

Reopening = Callable[[Transaction, Case, datetime], Prepared]
"""What else follows where a case is opened again because an entry that it matched fell.

Reads in its call, in the transaction that opens the case, and hands back what writes. The case is
given as it was until then."""


@dataclass(frozen=True, slots=True)
class BankBackend:
    store: Store
    objects: ObjectStore
    clock: Clock
    policy: Policy
    bucket: str
    """Where snapshots and packed fingerprints lie: the upload bucket."""
    searches: Queue
    """Serves ``retroactive.step``; its payload is ``{"searchId": …}``."""
    consequences: tuple[Consequence, ...] = ()
    """What else follows where published media is blocked."""
    reopenings: tuple[Reopening, ...] = ()
    """What else follows where an entry falls: the packages that know of it stand above."""

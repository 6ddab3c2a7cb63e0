"""The services that the upkeep of banks needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.storage import ObjectStore
from media_integrity.cloud.tasks import Queue
from media_integrity.decision.policy import Policy
from media_integrity.scanning.consequences import Consequence


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

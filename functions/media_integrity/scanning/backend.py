"""The services that an upload's way through the system needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.storage import ObjectStore
from media_integrity.cloud.tasks import Queue


@dataclass(frozen=True, slots=True)
class Backend:
    store: Store
    objects: ObjectStore
    accounts: Accounts
    scans: Queue
    """Serves ``worker.scan``; its payload is ``{"jobId": …}``."""
    clock: Clock

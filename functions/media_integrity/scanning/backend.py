"""The services that an upload's way through the system needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field

from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.storage import ObjectStore
from media_integrity.cloud.tasks import Queue
from media_integrity.watermarks.service import Watermarks

from .clusters import Clusters
from .consequences import Admission, Consequence, Everybody


@dataclass(frozen=True, slots=True)
class Backend:
    store: Store
    objects: ObjectStore
    accounts: Accounts
    scans: Queue
    """Serves ``worker.scan``; its payload is ``{"jobId": …}``."""
    clock: Clock
    consequences: tuple[Consequence, ...] = ()
    admission: Admission = field(default_factory=Everybody)
    watermarks: Watermarks | None = None
    """None: everything is published as it was uploaded."""
    clusters: Clusters = field(init=False)
    """What this process knows of uploads that show the same."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "clusters", Clusters(self.store, self.clock))

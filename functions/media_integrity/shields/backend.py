"""The services that shields need, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from media_integrity.banks.backend import BankBackend
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.tasks import Queue
from media_integrity.decision.policy import Policy
from media_integrity.scanning.backend import Backend
from media_integrity.scanning.engine import Engine
from media_integrity.templates.references import ShieldReferences
from media_integrity.templates.service import Templates


@dataclass(frozen=True, slots=True)
class ShieldBackend:
    scanning: Backend
    banks: BankBackend
    """For the hashes that people make on their own phones."""
    templates: Templates
    references: ShieldReferences
    """Everybody else's faces and voices, for conflicts."""
    engine: Callable[[], Engine]
    """Made when a picture is looked at: most of what shields do needs no models."""
    policy: Policy
    bucket: str
    """Where published media lies whose record does not say, and where packages are put."""
    rescans: Queue
    """Serves ``rescan.step``; its payload is ``{"shieldId": …}``."""

    @property
    def store(self) -> Store:
        return self.scanning.store

    @property
    def clock(self) -> Clock:
        return self.scanning.clock

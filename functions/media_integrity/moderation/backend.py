"""The services that decisions on cases need, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from media_integrity.banks.backend import BankBackend
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.decision.policy import Policy
from media_integrity.scanning.backend import Backend


@dataclass(frozen=True, slots=True)
class Desk:
    """What a moderator works with."""

    scanning: Backend
    banks: BankBackend
    policy: Policy

    @property
    def store(self) -> Store:
        return self.scanning.store

    @property
    def clock(self) -> Clock:
        return self.scanning.clock

    @property
    def lease(self) -> timedelta:
        """For how long a case is one moderator's."""
        return timedelta(minutes=self.policy.moderation.lease_minutes)

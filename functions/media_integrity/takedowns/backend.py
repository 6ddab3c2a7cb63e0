"""The services that reports and takedowns need, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from media_integrity.banks.backend import BankBackend
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.keys import KeyWrapper
from media_integrity.decision.policy import Policy
from media_integrity.scanning.backend import Backend

from .addresses import OwnPlaces


@dataclass(frozen=True, slots=True)
class TakedownBackend:
    uploads: Backend
    banks: BankBackend
    keys: KeyWrapper
    places: OwnPlaces
    mails: Mapping[str, str] = field(default_factory=dict)
    """Addresses that platforms have named to the operator, by ``Platform.key``."""

    @property
    def store(self) -> Store:
        return self.uploads.store

    @property
    def clock(self) -> Clock:
        return self.uploads.clock

    @property
    def policy(self) -> Policy:
        return self.banks.policy

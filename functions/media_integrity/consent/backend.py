"""The services that the flow of consent needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from media_integrity.decision.policy import Policy
from media_integrity.scanning.backend import Backend


@dataclass(frozen=True, slots=True)
class ConsentBackend:
    scanning: Backend
    policy: Policy
    bucket: str
    """Where previews lie, and published media whose record does not name a bucket."""

    @property
    def answer_within(self) -> timedelta:
        return timedelta(days=self.policy.consent.answer_days)

    @property
    def erase_after(self) -> timedelta:
        return timedelta(days=self.policy.consent.erase_days)

"""The time, so that decisions about leases and expiry can be tested at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, in UTC."""


@dataclass(frozen=True, slots=True)
class OffsetClock:
    """The system's time and ``offset``: for a machine whose own clock may be wrong."""

    offset: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

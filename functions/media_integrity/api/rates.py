"""How often an account may call a function. Fixed windows, counted in Firestore for all instances.

A window of time begins at a multiple of its length, so that up to twice the number can come within
one length around its border; in return a call costs one small transaction. Calls that are refused
are not counted and not written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Protocol
from urllib.parse import quote

from media_integrity.cloud.firestore import Contention, Store, Transaction
from media_integrity.schema.base import UserId
from media_integrity.schema.errors import TooMany
from media_integrity.schema.rates import RATE_RETENTION, RateWindow


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` calls in each window of time."""

    count: int
    window: timedelta

    def __post_init__(self) -> None:
        if self.count < 1 or self.window < timedelta(seconds=1) or self.window.microseconds:
            raise ValueError("a rate is at least one call in whole seconds")

    def window_at(self, now: datetime) -> tuple[str, datetime]:
        """Name and end of the window that ``now`` lies in. Pure."""
        length = int(self.window.total_seconds())
        number = int(now.timestamp()) // length
        return f"{length}-{number}", datetime.fromtimestamp((number + 1) * length, UTC)


def per_minute(count: int) -> Rate:
    return Rate(count, timedelta(minutes=1))


def per_hour(count: int) -> Rate:
    return Rate(count, timedelta(hours=1))


def per_day(count: int) -> Rate:
    return Rate(count, timedelta(days=1))


class Limiter(Protocol):
    """Counts calls."""

    def take(self, function: str, user: UserId, rates: Sequence[Rate], now: datetime) -> None:
        """Count one call.

        Raises:
            TooMany: one of the rates is used up; nothing is counted.
        """


class FirestoreLimiter:
    """Counts in ``rate_windows``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, function: str, user: UserId, rates: Sequence[Rate], now: datetime) -> None:
        """Count one call, in one transaction over all rates.

        Raises:
            TooMany: one of the rates is used up, or many calls of one account come at once.
        """

        def body(tx: Transaction) -> None:
            fresh = [fresh_window(function, user, rate, now) for rate in rates]
            windows = [tx.get(RateWindow, each.id) or each for each in fresh]
            for rate, window in zip(rates, windows, strict=True):
                require_room(rate, window, now)
            for window in windows:
                tx.put(window.model_copy(update={"count": window.count + 1}))

        try:
            self._store.run(body)
        except Contention as error:
            raise TooMany(
                "Too many calls at once. Try again in a moment.", retry_after_s=1
            ) from error


def fresh_window(function: str, user: UserId, rate: Rate, now: datetime) -> RateWindow:
    """The window that ``now`` lies in, before any call. Pure."""
    name, end = rate.window_at(now)
    account = quote(user, safe="").replace("_", "%5F")  # an id has no slash, and parts as named
    return RateWindow(
        id=f"{function}_{account}_{name}", user_id=user, count=0, expire_at=end + RATE_RETENTION
    )


def require_room(rate: Rate, window: RateWindow, now: datetime) -> None:
    """Pure.

    Raises:
        TooMany: the window has as many calls as the rate allows.
    """
    if window.count < rate.count:
        return
    _, end = rate.window_at(now)
    wait = max(1, ceil((end - now).total_seconds()))
    raise TooMany(f"That was asked too often. Try again in {_in_words(wait)}.", retry_after_s=wait)


def _in_words(seconds: int) -> str:
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{ceil(seconds / length)} {unit}s"
    return f"{seconds} seconds" if seconds != 1 else "a second"

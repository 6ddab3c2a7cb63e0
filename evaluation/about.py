"""What every report says of itself: of what, when, on which machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from .metrics import LEVEL, Shape


class About(Shape):
    """Under which circumstances the numbers came about."""

    manifest: str
    """File name alone."""
    manifest_sha256: str
    policy_version: str
    created_at: str
    """UTC, ISO 8601."""
    seed: int
    resamples: int
    level: float = LEVEL
    cores: int
    system: str
    python: str


class Latency(Shape):
    """Milliseconds, warm: the first file is judged once before the clock runs."""

    p50_ms: float | None = None
    p95_ms: float | None = None
    n: int = 0


class NotRead(Shape):
    """A file of the manifest that is not there or cannot be read."""

    path: str
    cause: str


def about(
    *, manifest: str, manifest_sha256: str, policy_version: str, seed: int, resamples: int
) -> About:
    return About(
        manifest=manifest,
        manifest_sha256=manifest_sha256,
        policy_version=policy_version,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=seed,
        resamples=resamples,
        cores=cores(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
    )


def cores() -> int:
    """Cores that this process may use; not every system tells more than how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def latency(taken_ms: Sequence[float | None]) -> Latency:
    """Median and 95th percentile of those that were timed."""
    timed = [taken for taken in taken_ms if taken is not None]
    if not timed:
        return Latency()
    p50, p95 = np.quantile(timed, [0.5, 0.95])
    return Latency(p50_ms=round(float(p50), 2), p95_ms=round(float(p95), 2), n=len(timed))

"""What changes in a job as it comes to a verdict, to its end, or back to the beginning. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from media_integrity.schema.appeals import APPEAL_WINDOW
from media_integrity.schema.enums import ScanState, ScanStep
from media_integrity.schema.scans import JOB_EXPIRY, Permission

STAYS = frozenset({ScanState.HELD, ScanState.AWAITING_CONSENT})
"""What is waited for has no date here; whoever closes the case or the request ends the job too."""

PATIENCE = timedelta(minutes=5)
"""A job that no worker has taken by then is enqueued again."""


def decided(now: datetime) -> dict[str, object]:
    """A verdict stands; the object is still to be moved."""
    return {"state": ScanState.DECIDED, "step": ScanStep.FILE, "updated_at": now}


def to_be_moved(now: datetime) -> dict[str, object]:
    """The same for a job that nobody works on: the sweeper sees to it if nobody else does."""
    return {**decided(now), "lease": None, "sweep_at": now + PATIENCE, "expire_at": None}


def final(state: ScanState, now: datetime) -> dict[str, object]:
    """A job has come to its end, or waits for people."""
    return {
        "state": state,
        "step": None,
        "progress": 1.0,
        "lease": None,
        "sweep_at": None,
        "updated_at": now,
        "expire_at": expiry(state, now),
    }


def expiry(state: ScanState, now: datetime) -> datetime | None:
    """When the job of an upload that is in ``state`` since ``now`` may go."""
    if state in STAYS:
        return None
    return now + JOB_EXPIRY + (APPEAL_WINDOW if state is ScanState.BLOCKED else timedelta())


def again(now: datetime, permission: Permission | None) -> dict[str, object]:
    """To be judged once more, with or without a moderator's permission."""
    return {
        "state": ScanState.PENDING,
        "step": None,
        "progress": 0.0,
        "lease": None,
        "tries": 0,
        "permission": permission,
        "updated_at": now,
        "sweep_at": now + PATIENCE,
        "expire_at": None,
    }

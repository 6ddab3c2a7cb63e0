"""Who works on a job. Pure; the worker applies it in a transaction.

One worker at a time holds a job's lease. A lease outlives the longest run of a worker, so that a
lease that has run out belongs to a worker that is dead.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from media_integrity.schema.enums import ScanState, ScanStep
from media_integrity.schema.scans import MAX_TRIES, Lease, ScanJob

RUN_LIMIT = timedelta(seconds=300)
"""The platform ends a worker after that (``api.options``)."""
LEASE = RUN_LIMIT + timedelta(seconds=30)


class NotYours(Exception):
    """The lease ran out and somebody else has the job, or has finished it."""


def free(job: ScanJob, now: datetime) -> bool:
    """Nobody works on it."""
    return job.lease is None or job.lease.until <= now


def exhausted(job: ScanJob) -> bool:
    """It was tried often enough: a person has to look at it. A verdict that stands never is."""
    return job.state is not ScanState.DECIDED and job.tries >= MAX_TRIES


def claim(job: ScanJob, worker: str, now: datetime) -> dict[str, object] | None:
    """The changes that give the job to ``worker``; None if it is finished, taken or exhausted."""
    if job.state.final or not free(job, now) or exhausted(job):
        return None
    changes: dict[str, object] = {
        "lease": Lease(worker=worker, until=now + LEASE),
        "sweep_at": now + LEASE,
        "updated_at": now,
    }
    if job.state is not ScanState.DECIDED:
        changes |= {
            "state": ScanState.SCANNING,
            "step": ScanStep.OPEN,
            "progress": 0.0,
            "tries": job.tries + 1,
        }
    return changes


def require(job: ScanJob | None, worker: str) -> ScanJob:
    """The job, if ``worker`` still holds it.

    Raises:
        NotYours: it does not.
    """
    if job is None or job.state.final or job.lease is None or job.lease.worker != worker:
        raise NotYours
    return job

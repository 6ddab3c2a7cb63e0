"""Finds what got lost: jobs whose worker died, uploads whose event never came.

Does not scan. Runs every few minutes; two runs at once do no harm.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.decision.policy import Policy
from media_integrity.schema.base import JobId
from media_integrity.schema.scans import ScanJob

from . import filing, intake, leases
from .backend import Backend

log = logging.getLogger(__name__)

BATCH = 200
AGAIN = timedelta(minutes=5)
"""A job that was enqueued again is looked at again after that."""

LOST_AFTER = timedelta(minutes=10)
LOST_UNTIL = timedelta(hours=24)
"""Uploads of that age without a job have lost their event: events are redelivered for a day."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run did, for the log."""

    enqueued: int
    held: int
    recovered: int


def sweep(bucket: str, policy: Policy, backend: Backend) -> Swept:
    """Enqueue jobs that are due, hold those out of tries, record uploads without a job."""
    enqueued = held = 0
    for job in list(backend.store.query(due_jobs(backend.clock.now()))):
        if leases.exhausted(job):
            filing.file_exhausted(job, policy, backend)
            held += 1
        elif _postpone(job, backend):
            intake.enqueue_scan(JobId(job.id), backend)
            enqueued += 1
    swept = Swept(enqueued=enqueued, held=held, recovered=_recover_lost(bucket, backend))
    if swept.enqueued or swept.held or swept.recovered:
        log.warning(
            "sweep",
            extra={"enqueued": enqueued, "held": held, "recovered": swept.recovered},
        )
    return swept


def due_jobs(now: datetime) -> Query[ScanJob]:
    """Jobs that are not final and that nobody seems to work on."""
    return Query(
        ScanJob,
        (Where("sweepAt", "<=", now),),
        order_by=(("sweepAt", "ASCENDING"),),
        limit=BATCH,
    )


def _postpone(job: ScanJob, backend: Backend) -> bool:
    """Mark the job as looked after; False if a worker has it by now."""

    def body(tx: Transaction) -> bool:
        now = backend.clock.now()
        current = tx.get(ScanJob, job.id)
        if current is None or current.state.final or not leases.free(current, now):
            return False
        tx.update(current, sweep_at=now + AGAIN)
        return True

    return backend.store.run(body)


def _recover_lost(bucket: str, backend: Backend) -> int:
    now = backend.clock.now()
    recovered = 0
    for found in backend.objects.list(bucket, intake.QUARANTINE):
        if not LOST_AFTER <= now - found.created_at <= LOST_UNTIL:
            continue
        job = intake.job_id(found.bucket, found.name, found.generation)
        if backend.store.get(ScanJob, job) is not None:
            continue
        upload = intake.Upload(found.bucket, found.name, found.generation, found.metadata)
        if intake.record_upload(upload, backend) is not None:
            recovered += 1
    return recovered

"""The functions on an upload's way: trigger, task, schedule. Each calls one service."""

from __future__ import annotations

import logging

from firebase_functions import scheduler_fn, storage_fn, tasks_fn
from firebase_functions.core import CloudEvent
from firebase_functions.https_fn import CallableRequest

from media_integrity.schema.base import JobId

from . import logs, options
from .failures import reported
from .tasks import id_in

log = logging.getLogger(__name__)


@storage_fn.on_object_finalized(region=options.REGION, timeout_sec=options.INTAKE_TIMEOUT_S)
def on_upload_finalized(event: CloudEvent[storage_fn.StorageObjectData]) -> None:
    """An object was written: if it is an upload, record its job and enqueue the scan; if it goes
    with an appeal or a report, take its download link away.

    The platform does not retry a Storage trigger; ``sweep_stale_scans`` finds the uploads it lost.
    """
    logs.configure()
    from media_integrity.scanning.intake import Upload, close_attachment, record_upload

    from .wiring import backend

    stored = event.data
    upload = Upload(
        bucket=stored.bucket,
        name=stored.name,
        generation=int(stored.generation),
        metadata=dict(stored.metadata or {}),
    )
    with reported("link not revoked"):
        if close_attachment(upload, backend()):
            return
    with reported("upload not recorded"):
        job = record_upload(upload, backend())
    if job is not None:
        log.info("upload recorded", extra={"job": job})


@tasks_fn.on_task_dispatched(
    region=options.REGION,
    timeout_sec=options.SCAN_TIMEOUT_S,
    memory=options.SCAN_MEMORY,
    cpu=options.SCAN_CPU,
    concurrency=1,
    retry_config=options.SCAN_RETRIES,
    rate_limits=options.SCAN_RATE,
)
def scanupload(request: CallableRequest[object]) -> None:
    """Scan one upload. Payload: ``{"jobId": …}``. After a failure the queue tries again."""
    logs.configure()
    from media_integrity.scanning.worker import scan

    from .wiring import backend, engine

    job = id_in(request, "jobId")
    with reported("scan failed", job=job):
        scan(JobId(job), engine(), backend())
    log.info("scan done", extra={"job": job})


@scheduler_fn.on_schedule(
    schedule=options.SWEEP_SCHEDULE, region=options.REGION, timeout_sec=options.SWEEP_TIMEOUT_S
)
def sweep_stale_scans(event: scheduler_fn.ScheduledEvent) -> None:
    """Enqueue lost jobs again, hold those out of tries, record uploads whose event was lost."""
    logs.configure()
    from media_integrity.decision.policy import default_policy
    from media_integrity.scanning.sweep import sweep

    from .wiring import backend, upload_bucket

    with reported("sweep failed"):
        sweep(upload_bucket(), default_policy(), backend())

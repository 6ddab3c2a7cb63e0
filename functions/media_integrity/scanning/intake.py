"""Records an upload as a pending job and asks for its scan. Does not look at the media.

Of files that go with an appeal or a report it takes the download link away, and nothing more.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from media_integrity.cloud.tasks import Unreachable
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.enums import ScanState, Surface
from media_integrity.schema.scans import Quarantined, ScanJob

from . import states
from .backend import Backend

log = logging.getLogger(__name__)

QUARANTINE = "uploads/"
UPLOAD_PATH = re.compile(r"uploads/(?P<uid>[^/]+)/(?P<upload>[^/]+)/(?P<name>[^/]+)")
ATTACHED = ("appeals/", "reports/")
"""What people put in and nobody scans: no link may open it."""
SURFACE_KEY = "surface"
"""Custom metadata of the upload; storage.rules allows the values of ``Surface`` only."""
TRANSCRIPT_KEY = "transcript"
"""Custom metadata: what is said in the upload, as the app wrote it; 2,000 characters at most."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An object that was finalized."""

    bucket: str
    name: str
    generation: int
    metadata: Mapping[str, str]


def job_id(bucket: str, name: str, generation: int) -> JobId:
    """The same for every delivery of the same upload, and known to the client that made it."""
    return JobId(hashlib.sha256(f"{bucket}/{name}#{generation}".encode()).hexdigest())


def close_attachment(upload: Upload, backend: Backend) -> bool:
    """Take the download link off a file that goes with an appeal or a report; whether it is one.

    Whoever has the link would read it past all rules, and nobody has scanned it. Safe to repeat.
    """
    if not upload.name.startswith(ATTACHED):
        return False
    backend.objects.revoke_links(upload.bucket, upload.name)
    return True


def record_upload(upload: Upload, backend: Backend) -> JobId | None:
    """Make the job of an upload and enqueue its scan; None if it is no upload.

    Safe to repeat. What fails after the job stands (the queue, taking the download link away) is
    made up for by the worker and the sweeper.
    """
    path = UPLOAD_PATH.fullmatch(upload.name)
    if path is None:
        return None
    job = _pending_job(upload, UserId(path["uid"]), path["upload"], backend)
    if not backend.store.create(job):
        known = backend.store.get(ScanJob, job.id)
        if known is None or known.state is not ScanState.PENDING:
            return JobId(job.id)
    try:
        backend.objects.revoke_links(upload.bucket, upload.name)
    except Exception as error:  # noqa: BLE001  the worker does it again, and fails if it cannot
        log.warning("link not revoked", extra={"job": job.id, "error_type": type(error).__name__})
    enqueue_scan(JobId(job.id), backend)
    return JobId(job.id)


def enqueue_scan(job: JobId, backend: Backend) -> None:
    """Ask for a scan. If the queue cannot be reached the sweeper asks again."""
    try:
        backend.scans.enqueue({"jobId": job})
    except Unreachable as error:
        log.warning("scan not enqueued", extra={"job": job, "error_type": str(error)})


def _pending_job(upload: Upload, uploader: UserId, upload_id: str, backend: Backend) -> ScanJob:
    now = backend.clock.now()
    return ScanJob(
        id=job_id(upload.bucket, upload.name, upload.generation),
        uploader_id=uploader,
        upload_id=upload_id,
        source=Quarantined(
            bucket=upload.bucket, name=upload.name, generation=str(upload.generation)
        ),
        surface=_surface(upload.metadata.get(SURFACE_KEY)),
        created_at=now,
        updated_at=now,
        sweep_at=now + states.PATIENCE,
    )


def _surface(claimed: str | None) -> Surface:
    try:
        return Surface(claimed or Surface.FEED)
    except ValueError:
        return Surface.FEED

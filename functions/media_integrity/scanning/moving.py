"""Brings the object of a decided upload where its verdict sends it.

The verdict stands before anything is moved (state DECIDED). Moving can be repeated from any point
and is repeated until it succeeded, so that a crash leaves media unpublished and in one place, never
published without a verdict. The last write makes the job final.

    DECIDED + ALLOW   copy to media/      delete where it was      PUBLISHED
                      with a marked copy, or one without its position: to originals/, that to media/
    DECIDED + BLUR    preview, as ALLOW
    DECIDED + BLOCK   copy to evidence/   delete where it was      BLOCKED
    DECIDED + REVIEW  only of what was published: as BLOCK         HELD
    DECIDED + refusal                     delete from quarantine   REFUSED
"""

from __future__ import annotations

import logging
import uuid

from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.storage import ObjectGone, StoredObject
from media_integrity.decision.policy import Policy
from media_integrity.media.open import open_media
from media_integrity.media.preview import blurred_preview
from media_integrity.media.types import Image
from media_integrity.schema.base import JobId
from media_integrity.schema.enums import Action, ScanState
from media_integrity.schema.hashes import MediaHash
from media_integrity.schema.scans import Refusal, ScanJob
from media_integrity.watermarks.service import Publication

from . import documents, leases, states, unpublish
from .backend import Backend

log = logging.getLogger(__name__)

MARKED_KEY = "marked"
"""On a published object: it is a marked copy. So the next worker knows, if one dies behind it."""

GONE = Refusal(code="gone", text="The uploaded file is not there any more. Please upload it again.")


def move_now(job_id: JobId, policy: Policy, backend: Backend) -> None:
    """Move the object of a decided job, if nobody is about it. For who takes media down: at once.

    Raises:
        Exception: it could not be moved now; the sweeper sees to it.
    """
    worker = uuid.uuid4().hex

    def body(tx: Transaction) -> ScanJob | None:
        job = tx.get(ScanJob, job_id)
        if job is None or job.state is not ScanState.DECIDED:
            return None
        changes = leases.claim(job, worker, backend.clock.now())
        return tx.update(job, **changes) if changes is not None else None

    job = backend.store.run(body)
    if job is None:
        return
    try:
        move_object(job, worker, policy, backend)
    except leases.NotYours:
        log.warning("lease lost", extra={"job": job_id})


def move_object(job: ScanJob, worker: str, policy: Policy, backend: Backend) -> None:
    """Bring the object of a DECIDED job where the verdict sends it, and make the job final.

    Raises:
        NotYours: another worker has the job by now.
    """
    changes: dict[str, object]
    try:
        state, changes = _moved(job, policy, backend)
    except ObjectGone:
        log.error("object gone before it was moved", extra={"job": job.id})
        state, changes = ScanState.REFUSED, {"refusal": GONE}

    def body(tx: Transaction) -> None:
        current = leases.require(tx.get(ScanJob, job.id), worker)
        tx.update(current, **changes, **states.final(state, backend.clock.now()))

    backend.store.run(body)


def source_of(job: ScanJob, backend: Backend) -> StoredObject | None:
    """Where an upload that is not published lies: in quarantine or, once blocked or taken down, in
    the evidence vault. None if it is in neither."""
    return quarantined(job, backend) or backend.objects.stat(
        job.source.bucket, documents.evidence_path(job.id)
    )


def quarantined(job: ScanJob, backend: Backend) -> StoredObject | None:
    """The object that was uploaded, unless it was moved, deleted or replaced."""
    found = backend.objects.stat(job.source.bucket, job.source.name)
    if found is None or str(found.generation) != job.source.generation:
        return None
    return found


def _moved(job: ScanJob, policy: Policy, backend: Backend) -> tuple[ScanState, dict[str, object]]:
    """Move the object; the state that follows, and what else changes in the job."""
    if job.refusal is not None:
        source = quarantined(job, backend)
        if source is not None and not job.judged:  # what was judged before is somebody's evidence
            backend.objects.delete(source)
        return ScanState.REFUSED, {}
    assert job.verdict is not None, "a decided job has a verdict or a refusal"
    action, content_type = job.verdict.action, job.content_type or "application/octet-stream"
    if action in {Action.BLOCK, Action.REVIEW}:
        _withdraw(job, content_type, backend)
        return ScanState.BLOCKED if action is Action.BLOCK else ScanState.HELD, {}
    changes: dict[str, object] = {}
    source = source_of(job, backend)
    if action is Action.BLUR:
        _write_preview(job, source, policy, backend)
        changes["preview_path"] = documents.preview_path(job)
    target = documents.published_path(job, content_type)
    changes["watermarked"] = _publish(job, source, target, content_type, policy, backend)
    return ScanState.PUBLISHED, {**changes, "published_path": target}


def _publish(
    job: ScanJob,
    source: StoredObject | None,
    target: str,
    content_type: str,
    policy: Policy,
    backend: Backend,
) -> bool:
    """Publish a copy, marked or at least without its position, and keep the upload itself; or
    publish the upload where there is no copy. Whether it is marked.

    The upload leaves the quarantine last: a worker that dies before leaves everything that the next
    one needs to do it all again.
    """
    copy = None
    if source is not None and backend.watermarks is not None:
        content = backend.objects.read(source, max_bytes=policy.limits.max_bytes)
        publication = _publication(job, content_type, backend)
        copy = backend.watermarks.publish(publication, content, policy.limits.media.image)
    if source is None or copy is None:
        _move(job, source, target, content_type, backend)
        published = backend.objects.stat(job.source.bucket, target)
        return published is not None and MARKED_KEY in published.metadata
    assert job.verdict is not None
    original = documents.original_path(job.uploader_id, job.id)
    told = {"jobId": job.id, "action": job.verdict.action.value}
    backend.objects.copy(source, original, content_type=content_type, metadata=told)
    backend.objects.write(
        source.bucket,
        target,
        copy.content,
        content_type=content_type,
        metadata={**told, MARKED_KEY: "true"} if copy.marked else told,
    )
    backend.objects.delete(source)
    return copy.marked


def _publication(job: ScanJob, content_type: str, backend: Backend) -> Publication:
    media = backend.store.get(MediaHash, job.id)
    assert media is not None, "it is written with the verdict that publishes"
    return Publication(
        job_id=JobId(job.id),
        uploader_id=job.uploader_id,
        upload_id=job.upload_id,
        sha256=media.sha256,
        content_type=content_type,
        views=media.views,
        ai_origin=media.ai_origin,
    )


def _withdraw(job: ScanJob, content_type: str, backend: Backend) -> None:
    """Into the evidence vault, from wherever it is."""
    published = backend.store.get(MediaHash, job.id)
    if published is not None:
        unpublish.remove(published, job, job.source.bucket, backend.objects)
    else:
        target = documents.evidence_path(job.id)
        _move(job, quarantined(job, backend), target, content_type, backend)


def _move(
    job: ScanJob, source: StoredObject | None, target: str, content_type: str, backend: Backend
) -> None:
    if source is None:
        if backend.objects.stat(job.source.bucket, target) is None:
            raise ObjectGone
        return  # an earlier worker got this far
    assert job.verdict is not None
    backend.objects.copy(
        source,
        target,
        content_type=content_type,
        metadata={"jobId": job.id, "action": job.verdict.action.value},
    )
    backend.objects.delete(source)


def _write_preview(
    job: ScanJob, source: StoredObject | None, policy: Policy, backend: Backend
) -> None:
    """Before the original: what is blurred is never there without its preview."""
    if source is None:
        return
    content = backend.objects.read(source, max_bytes=policy.limits.max_bytes)
    opened = open_media(content, policy.limits.media)
    assert isinstance(opened, Image), "sound has nothing to blur"
    backend.objects.write(
        source.bucket,
        documents.preview_path(job),
        blurred_preview(opened),
        content_type="image/jpeg",
        metadata={"jobId": job.id, "action": "PREVIEW"},
    )

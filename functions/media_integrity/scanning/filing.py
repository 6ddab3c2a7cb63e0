"""Files a verdict: first every Firestore effect in one transaction, then the object is moved.

The transaction makes the verdict stand (state DECIDED). Moving the object comes after it, can be
repeated from any point, and is repeated until it succeeded, so that a crash leaves media
unpublished and in one place, never published without a verdict. The last write makes the job final.

    DECIDED + ALLOW   copy to media/      delete from quarantine   PUBLISHED
    DECIDED + BLUR    preview, as ALLOW
    DECIDED + BLOCK   copy to evidence/   delete from quarantine   BLOCKED
    DECIDED + refusal                     delete from quarantine   REFUSED
    REVIEW            stays in quarantine: HELD at once, nothing to move
"""

from __future__ import annotations

import logging
from collections.abc import Container
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Missing, Transaction
from media_integrity.cloud.storage import ObjectGone, StoredObject
from media_integrity.decision.decide import hold
from media_integrity.decision.known_media import hits_of
from media_integrity.decision.policy import Policy
from media_integrity.decision.verdict import Verdict
from media_integrity.media.open import open_media
from media_integrity.media.preview import blurred_preview
from media_integrity.media.types import Image
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.clusters import MediaCluster
from media_integrity.schema.enums import Action, AgeGroup, ScanState, ScanStep
from media_integrity.schema.hashes import BankHash
from media_integrity.schema.scans import (
    JOB_EXPIRY,
    People,
    ReasonCode,
    Refusal,
    ScanJob,
)

from . import documents, effects, leases
from .backend import Backend
from .clusters import Shown
from .engine import Judgement

log = logging.getLogger(__name__)

WORKER = Actor(kind=ActorKind.SYSTEM, id="scanupload")

GONE = Refusal(code="gone", text="The uploaded file is not there any more. Please upload it again.")


def file_verdict(
    job: ScanJob,
    worker: str,
    judgement: Judgement,
    age_group: AgeGroup,
    policy: Policy,
    backend: Backend,
) -> ScanJob:
    """Make the verdict stand; returns the job, DECIDED or HELD.

    Raises:
        NotYours: another worker has the job by now; nothing was written.
    """
    verdict = judgement.verdict
    published = verdict.action in {Action.ALLOW, Action.BLUR}
    shown = Shown.of(judgement.sha256, judgement.fingerprints)
    cluster = backend.clusters.find(shown) if published else backend.clusters.place(shown)

    def body(tx: Transaction, counted: Container[str] | None = None) -> ScanJob:
        current = leases.require(tx.get(ScanJob, job.id), worker)
        now = backend.clock.now()
        trail = Entry(tx, current.path)
        if published:
            made = documents.published_documents(
                current, judgement, age_group=age_group, cluster=cluster, now=now
            )
        else:
            made = documents.case_documents(
                documents.Upload.of(current),
                verdict,
                judgement.findings,
                sha256=judgement.sha256,
                age_group=age_group,
                cluster=cluster,
                now=now,
            )
            assert cluster is not None
            tx.increment(MediaCluster.path_of(cluster), "members")
        made += effects.of_verdict(current, verdict, judgement.findings, now)
        for document in made:
            tx.create(document)
        trail.write(AuditAction.VERDICT_GIVEN, WORKER, now, _noted(verdict))
        for match in documents.match_documents(
            documents.Upload.of(current), judgement.findings, policy.bank_match, now
        ):
            tx.create(match)
            entry = documents.entry_path(match.hit)
            if counted is None or entry in counted:
                tx.increment(entry, "counters.matches")
        changes: dict[str, object] = {
            "verdict": verdict.summary(),
            "people": People(count=len(judgement.faces)),
            "sha256": judgement.sha256,
            "content_type": judgement.content_type,
            "case_id": None if published else current.id,
        }
        held = verdict.action is Action.REVIEW
        changes |= final(ScanState.HELD, now) if held else _decided(now)
        return tx.update(current, **changes)

    try:
        return backend.store.run(body)
    except Missing:
        # An entry went with its owner's shield while this upload was examined. Entries are not read
        # in the transaction: many uploads may match one at once, and would wait for each other.
        paths = list(dict.fromkeys(map(documents.entry_path, hits_of(judgement.findings))))
        there = {entry.path for entry in backend.store.get_many(BankHash, paths)}
        return backend.store.run(lambda tx: body(tx, there))


def file_refusal(job: ScanJob, worker: str, refusal: Refusal, backend: Backend) -> ScanJob:
    """Make a refusal stand; returns the job, DECIDED.

    Raises:
        NotYours: another worker has the job by now; nothing was written.
    """

    def body(tx: Transaction) -> ScanJob:
        current = leases.require(tx.get(ScanJob, job.id), worker)
        now = backend.clock.now()
        for entry in effects.of_refusal(current, now):
            tx.create(entry)
        return tx.update(current, refusal=refusal, **_decided(now))

    return backend.store.run(body)


def file_exhausted(job: ScanJob, policy: Policy, backend: Backend) -> None:
    """Hold a job that was tried too often, with a case for a moderator. Safe to repeat."""

    def body(tx: Transaction) -> None:
        current = tx.get(ScanJob, job.id)
        now = backend.clock.now()
        if current is None or current.state.final or not leases.free(current, now):
            return
        if not leases.exhausted(current):
            return
        verdict = hold(ReasonCode.OUT_OF_TRIES, policy)
        trail = Entry(tx, current.path)
        made = documents.case_documents(
            documents.Upload.of(current),
            verdict,
            (),
            sha256=None,
            age_group=None,
            cluster=None,
            now=now,
        )
        for document in (*made, *effects.of_verdict(current, verdict, (), now)):
            tx.create(document)
        trail.write(AuditAction.UPLOAD_HELD, WORKER, now, _noted(verdict))
        tx.update(
            current,
            verdict=verdict.summary(),
            case_id=current.id,
            **final(ScanState.HELD, now),
        )

    backend.store.run(body)


def _noted(verdict: Verdict) -> str:
    violations = ",".join(found.violation for found in verdict.violations)
    return f"{verdict.action} {violations or '-'} policy {verdict.policy_version}"


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
        tx.update(current, **changes, **final(state, backend.clock.now()))

    backend.store.run(body)


def _moved(job: ScanJob, policy: Policy, backend: Backend) -> tuple[ScanState, dict[str, object]]:
    """Move the object; the state that follows, and what else changes in the job."""
    source = quarantined(job, backend)
    if job.refusal is not None:
        if source is not None:
            backend.objects.delete(source)
        return ScanState.REFUSED, {}
    assert job.verdict is not None, "a decided job has a verdict or a refusal"
    action, content_type = job.verdict.action, job.content_type or "application/octet-stream"
    if action is Action.BLOCK:
        _move(job, source, documents.evidence_path(job.id), content_type, backend)
        return ScanState.BLOCKED, {}
    changes: dict[str, object] = {}
    if action is Action.BLUR:
        _write_preview(job, source, policy, backend)
        changes["preview_path"] = documents.preview_path(job)
    target = documents.published_path(job, content_type)
    _move(job, source, target, content_type, backend)
    return ScanState.PUBLISHED, {**changes, "published_path": target}


def quarantined(job: ScanJob, backend: Backend) -> StoredObject | None:
    """The object that was uploaded, unless it was moved, deleted or replaced."""
    found = backend.objects.stat(job.source.bucket, job.source.name)
    if found is None or str(found.generation) != job.source.generation:
        return None
    return found


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


def _decided(now: datetime) -> dict[str, object]:
    return {"state": ScanState.DECIDED, "step": ScanStep.FILE, "updated_at": now}


def final(state: ScanState, now: datetime) -> dict[str, object]:
    """What changes in a job that has come to its end."""
    return {
        "state": state,
        "step": None,
        "progress": 1.0,
        "lease": None,
        "sweep_at": None,
        "updated_at": now,
        "expire_at": now + JOB_EXPIRY,
    }

"""Scans one upload: takes the job's lease, judges the bytes, files the verdict, moves the object.

Does nothing for a job that is finished or that another worker holds. A failure gives the lease back
and is raised, so that the task queue tries again; a worker that dies is found by the sweeper.
"""

from __future__ import annotations

import logging
import time
import uuid

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.cloud.storage import ObjectGone, TooLarge
from media_integrity.media.errors import RefusalCode, Refused
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.cases import CaseDetails, ShieldAnswer
from media_integrity.schema.consent import ConsentStatus, ConsentVerification
from media_integrity.schema.enums import ScanState, ScanStep
from media_integrity.schema.scans import Refusal, ScanJob, UploadContext
from media_integrity.schema.shields import Shield, ShieldStatus

from . import filing, leases, moving
from .backend import Backend
from .engine import Engine
from .intake import TRANSCRIPT_KEY

log = logging.getLogger(__name__)

PROGRESS_EVERY_S = 1.0
STEPS = list(ScanStep)


def scan(job_id: JobId, engine: Engine, backend: Backend) -> None:
    """Bring a job to its verdict, or as far as it gets.

    Raises:
        Exception: it could not be finished now; the lease is free again.
    """
    worker = uuid.uuid4().hex
    job = _take(job_id, worker, backend)
    if job is None:
        return
    try:
        if job.state is not ScanState.DECIDED:
            job = _decide(job, worker, engine, backend)
        if job.state is ScanState.DECIDED:
            moving.move_object(job, worker, engine.policy, backend)
    except leases.NotYours:
        log.warning("lease lost", extra={"job": job_id})
    except Exception:
        _give_back(job_id, worker, backend)
        raise


def _take(job_id: JobId, worker: str, backend: Backend) -> ScanJob | None:
    def body(tx: Transaction) -> ScanJob | None:
        job = tx.get(ScanJob, job_id)
        if job is None:
            return None
        changes = leases.claim(job, worker, backend.clock.now())
        return tx.update(job, **changes) if changes is not None else None

    return backend.store.run(body)


def _decide(job: ScanJob, worker: str, engine: Engine, backend: Backend) -> ScanJob:
    source = moving.source_of(job, backend)
    if source is None:
        return filing.file_refusal(job, worker, moving.GONE, backend)
    backend.objects.revoke_links(source.bucket, source.name)
    if not job.judged and (refused := backend.admission.refusal(job)) is not None:
        return filing.file_refusal(job, worker, refused, backend)
    age_group = backend.accounts.age_group(job.uploader_id)
    if age_group is None:
        age_group = engine.policy.audience.missing_age_group
    try:
        content = backend.objects.read(source, max_bytes=engine.policy.limits.max_bytes)
        context = UploadContext(
            surface=job.surface,
            age_group=age_group,
            own_shields=agreed_shields(job, backend),
            let_through=job.permission is not None,
        )
        judgement = engine.judge(
            content,
            context,
            _Progress(job, backend),
            transcript=source.metadata.get(TRANSCRIPT_KEY),
        )
    except ObjectGone:
        return filing.file_refusal(job, worker, moving.GONE, backend)
    except TooLarge:
        refusal = Refusal(
            code=RefusalCode.TOO_LARGE,
            text="This file is too large. Please upload a smaller version.",
        )
        return filing.file_refusal(job, worker, refusal, backend)
    except Refused as refused_file:
        refusal = Refusal(code=refused_file.code, text=refused_file.message)
        return filing.file_refusal(job, worker, refusal, backend)
    if job.permission is not None:
        judgement = engine.permitted(judgement, job.permission, context)
    return filing.file_verdict(job, worker, judgement, age_group, engine.policy, backend)


def own_shields(owner: UserId, backend: Backend) -> frozenset[str]:
    """Ids of a person's shields: what is in them does not act against their own uploads.

    Not of disputed ones: whoever protects another one's face has no say over pictures of it before
    a moderator has decided whose it is.
    """
    return frozenset(
        shield.id
        for shield in backend.store.query(shields_of(owner))
        if shield.status is not ShieldStatus.DISPUTED
    )


def agreed_shields(job: ScanJob, backend: Backend) -> frozenset[str]:
    """Ids of the shields that do not act against this upload: those of its uploader, of people who
    have consented to it, and of people who have agreed to it when it was held for their shield."""
    agreed = {
        consent.subject_id
        for consent in backend.store.query(consents_in_force(JobId(job.id)))
        if consent.subject_id is not None
    }
    if job.judged:
        details = backend.store.get_below(CaseDetails, job.id, CaseDetails.DETAILS_ID)
        for said in details.victim_answers if details is not None else ():
            if said.answer is ShieldAnswer.AGREE:
                agreed.add(said.victim_id)
    agreed.add(job.uploader_id)
    return frozenset[str]().union(*(own_shields(each, backend) for each in sorted(agreed)))


def consents_in_force(job_id: JobId) -> Query[ConsentVerification]:
    """Of the people in one upload."""
    return Query(
        ConsentVerification,
        (Where("jobId", "==", job_id), Where("status", "==", ConsentStatus.GIVEN.value)),
    )


def shields_of(owner: UserId) -> Query[Shield]:
    return Query(Shield, (Where("ownerId", "==", owner),))


class _Progress:
    """Shows the uploader where the scan is: the examination always, the rest once a second."""

    def __init__(self, job: ScanJob, backend: Backend) -> None:
        self._job = job
        self._backend = backend
        self._written = time.monotonic()

    def __call__(self, step: ScanStep) -> None:
        now = time.monotonic()
        if step is not ScanStep.EXAMINE and now - self._written < PROGRESS_EVERY_S:
            return
        self._written = now
        share = STEPS.index(step) / len(STEPS)
        self._backend.store.update(self._job, step=step, progress=share)


def _give_back(job_id: JobId, worker: str, backend: Backend) -> None:
    """So that the next try need not wait for the lease to run out. May fail: then it waits."""

    def body(tx: Transaction) -> None:
        job = leases.require(tx.get(ScanJob, job_id), worker)
        changes: dict[str, object] = {"lease": None}
        if job.state is ScanState.SCANNING:
            changes["state"] = ScanState.PENDING
        tx.update(job, **changes)

    try:
        backend.store.run(body)
    except Exception as error:  # noqa: BLE001  the failure that led here is the one to report
        log.warning(
            "lease not given back", extra={"job": job_id, "error_type": type(error).__name__}
        )

"""Files a verdict: all effects in Firestore, in one transaction. ``moving`` brings the object on.

The transaction makes the verdict stand: DECIDED where something is to be moved, HELD where the
upload stays where it is for a moderator, AWAITING_CONSENT where it does for the people in it.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Missing, Transaction
from media_integrity.decision.decide import block, hold
from media_integrity.decision.known_media import hits_of
from media_integrity.decision.policy import Policy
from media_integrity.decision.verdict import Verdict
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.cases import Case
from media_integrity.schema.clusters import MediaCluster
from media_integrity.schema.enums import Action, AgeGroup, CaseStatus, ScanState
from media_integrity.schema.hashes import BankHash, HashMatch
from media_integrity.schema.scans import People, ReasonCode, Refusal, ScanJob

from . import documents, effects, leases, states
from .backend import Backend
from .clusters import Shown
from .consequences import All, Filed
from .engine import Judgement

WORKER = Actor(kind=ActorKind.SYSTEM, id="scanupload")


class _Stopped(Exception):
    """What would be published must not be: what is filed instead."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.action)
        self.verdict = verdict


class AlreadyFiled(Exception):
    """A verdict stands, by this worker: the answer to its commit was lost. Another try moves on."""


def file_verdict(
    job: ScanJob,
    worker: str,
    judgement: Judgement,
    age_group: AgeGroup,
    policy: Policy,
    backend: Backend,
) -> ScanJob:
    """Make the verdict stand; returns the job, DECIDED, HELD or AWAITING_CONSENT.

    An upload that was judged before keeps its case: it is opened again if there is something to
    decide, and nothing is counted twice.

    Raises:
        NotYours: another worker has the job by now; nothing was written.
        AlreadyFiled: it was filed before; nothing was written.
    """
    verdict = judgement.verdict
    published = verdict.action in {Action.ALLOW, Action.BLUR}
    shown = Shown.of(judgement.sha256, judgement.fingerprints)
    cluster = backend.clusters.find(shown) if published else backend.clusters.place(shown)

    def body(tx: Transaction, counted: Container[str] | None = None) -> ScanJob:
        current = leases.require(tx.get(ScanJob, job.id), worker)
        if current.state is not ScanState.SCANNING:
            raise AlreadyFiled
        now = backend.clock.now()
        trail = Entry(tx, current.path)
        case = tx.get(Case, current.id) if current.judged else None
        matches = documents.match_documents(
            documents.Upload.of(current), judgement.findings, policy.bank_match, now
        )
        known: set[str] = set()
        if current.judged:
            known = {found.id for found in tx.get_many(HashMatch, [each.path for each in matches])}
        filed = _filed(current, judgement, age_group, now)
        following = All.of(backend.consequences, tx, filed)

        if (stopped_by := following.stops_for(verdict.action)) is not None:
            raise _Stopped(block(stopped_by, policy, judgement.findings))
        if published and following.holds is not None:
            raise _Stopped(hold(following.holds, policy, judgement.findings))
        waits = published and following.waits
        if published and not waits:
            tx.put(
                documents.published_document(
                    current, judgement, age_group=age_group, cluster=cluster, now=now
                )
            )
        elif not published and case is None:
            for document in documents.case_documents(
                documents.Upload.of(current),
                verdict,
                judgement.findings,
                sha256=judgement.sha256,
                age_group=age_group,
                cluster=cluster,
                now=now,
                victims=following.victims,
                origin=following.origin,
            ):
                tx.put(document)
            assert cluster is not None
            tx.increment(MediaCluster.path_of(cluster), "members")
        elif not published and case is not None:
            documents.judge_again(tx, case, verdict, judgement.findings, following.victims, now)
        for entry in effects.of_verdict(current, verdict, judgement.findings, now):
            tx.create(entry)
        following.write()
        trail.write(AuditAction.VERDICT_GIVEN, WORKER, now, _noted(verdict))
        for match in matches:
            if match.id in known:
                continue
            tx.create(match)
            path = documents.entry_path(match.hit)
            if counted is None or path in counted:
                tx.increment(path, "counters.matches")
        changes: dict[str, object] = {
            "verdict": verdict.summary(),
            "people": People(count=len(judgement.faces)),
            "sha256": judgement.sha256,
            "content_type": judgement.content_type,
            "case_id": current.case_id if published else current.id,
            "judged": current.judged + 1,
        }
        if waits:
            changes |= states.final(ScanState.AWAITING_CONSENT, now)
        elif verdict.action is Action.REVIEW:
            changes |= states.final(ScanState.HELD, now)
        else:
            changes |= states.decided(now)
        return tx.update(current, **changes)

    try:
        return backend.store.run(body)
    except _Stopped as stopped:
        stopped_at = replace(judgement, verdict=stopped.verdict)
        return file_verdict(job, worker, stopped_at, age_group, policy, backend)
    except Missing:
        # An entry went with its owner's shield while this upload was examined. Entries are not read
        # in the transaction: many uploads may match one at once, and would wait for each other.
        paths = list(dict.fromkeys(map(documents.entry_path, hits_of(judgement.findings))))
        there = {entry.path for entry in backend.store.get_many(BankHash, paths)}
        return backend.store.run(lambda tx: body(tx, there))


def _filed(job: ScanJob, judgement: Judgement, age_group: AgeGroup, now: datetime) -> Filed:
    return Filed(
        upload=documents.Upload.of(job),
        verdict=judgement.verdict,
        findings=judgement.findings,
        now=now,
        sha256=judgement.sha256,
        content_type=judgement.content_type,
        views=documents.views_of(judgement.fingerprints),
        faces=judgement.faces,
        age_group=age_group,
        judged=job.judged,
        permission=job.permission,
        upload_id=job.upload_id,
        uploaded_at=job.created_at,
    )


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
        return tx.update(current, refusal=refusal, **states.decided(now))

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
        case = tx.get(Case, current.id) if current.judged else None
        if case is None:
            for document in documents.case_documents(
                documents.Upload.of(current),
                verdict,
                (),
                sha256=None,
                age_group=None,
                cluster=None,
                now=now,
            ):
                tx.create(document)
        else:
            tx.update(case, status=CaseStatus.OPEN, reopened_at=now, updated_at=now)
        for entry in effects.of_verdict(current, verdict, (), now):
            tx.create(entry)
        trail.write(AuditAction.UPLOAD_HELD, WORKER, now, _noted(verdict))
        tx.update(
            current,
            verdict=verdict.summary(),
            case_id=current.id,
            judged=current.judged + 1,
            **states.final(ScanState.HELD, now),
        )

    backend.store.run(body)


def _noted(verdict: Verdict) -> str:
    violations = ",".join(found.violation for found in verdict.violations)
    return f"{verdict.action} {violations or '-'} policy {verdict.policy_version}"

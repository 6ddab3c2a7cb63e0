"""The documents that a verdict writes. Pure: from the job and the judgement to documents.

Every id follows from the job's, so that the same verdict filed twice writes the same documents.
"""

from __future__ import annotations

from datetime import datetime

from media_integrity.decision.verdict import Verdict
from media_integrity.schema.base import Document
from media_integrity.schema.cases import (
    ATTEMPT_RETENTION,
    BlockedUploadAttempt,
    Case,
    CaseDetails,
    DeepfakeAttempt,
    SyntheticMediaFlag,
)
from media_integrity.schema.enums import Action, AgeGroup, CaseStatus, Violation
from media_integrity.schema.findings import BankMatchDetail, Finding
from media_integrity.schema.hashes import HashMatch, MediaHash, PdqView
from media_integrity.schema.scans import ScanJob

from .engine import Judgement

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/3gpp": "3gp",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/webm": "webm",
}

SYNTHETIC = frozenset(Violation) - {Violation.KNOWN_ABUSIVE_MEDIA}


def published_path(job: ScanJob, content_type: str) -> str:
    """Where published media lies. The uploader's file name is not in it: it may name people."""
    return f"media/{job.uploader_id}/{job.id}/original.{EXTENSIONS[content_type]}"


def preview_path(job: ScanJob) -> str:
    return f"media/{job.uploader_id}/{job.id}/preview.jpg"


def evidence_path(job: ScanJob) -> str:
    return f"evidence/{job.id}/original"


def case_documents(
    job: ScanJob,
    verdict: Verdict,
    findings: tuple[Finding, ...],
    *,
    sha256: str | None,
    age_group: AgeGroup | None,
    now: datetime,
) -> list[Document]:
    """The case of a held or blocked upload and what belongs to it."""
    blocked = verdict.action is Action.BLOCK
    gravest = verdict.violations[0].violation if verdict.violations else None
    documents: list[Document] = [
        Case(
            id=job.id,
            uploader_id=job.uploader_id,
            status=CaseStatus.ACTIONED if blocked else CaseStatus.OPEN,
            action=verdict.action,
            violations=verdict.violations,
            violation=gravest,
            severity=verdict.severity,
            confidence=verdict.confidence,
            explanation=verdict.reasons,
            sanction=verdict.sanction,
            needs_confirmation=verdict.needs_confirmation,
            appealable=verdict.appealable,
            policy_version=verdict.policy_version,
            surface=job.surface,
            created_at=now,
            updated_at=now,
        ),
        CaseDetails(
            id=CaseDetails.DETAILS_ID,
            parent_id=job.id,
            source=job.source,
            evidence_path=evidence_path(job) if blocked else None,
            sha256=sha256,
            age_group=age_group,
            evidence=verdict.evidence,
            outcomes=verdict.outcomes,
            findings=findings,
        ),
        *_flags(job, verdict, findings, now),
        *_matches(job, findings, now),
    ]
    if blocked and sha256 is not None:
        documents += _attempts(job, verdict, sha256, now)
    return documents


def published_documents(job: ScanJob, judgement: Judgement, now: datetime) -> list[Document]:
    """The hash record of published media."""
    fingerprints = judgement.fingerprints
    views = fingerprints.views if fingerprints is not None else ()
    return [
        MediaHash(
            id=job.id,
            uploader_id=job.uploader_id,
            sha256=judgement.sha256,
            views=tuple(PdqView(pdq=view.pdq.hex, quality=view.quality) for view in views),
            published_path=published_path(job, judgement.content_type),
            created_at=now,
        )
    ]


def _flags(
    job: ScanJob, verdict: Verdict, findings: tuple[Finding, ...], now: datetime
) -> list[Document]:
    counted = {line.method: line.threshold for line in verdict.evidence if line.counted}
    return [
        SyntheticMediaFlag(
            id=f"{job.id}_{finding.method.value}",
            case_id=job.id,
            uploader_id=job.uploader_id,
            finding=finding,
            threshold=counted[finding.method],
            created_at=now,
        )
        for finding in findings
        if finding.method in counted
    ]


def _matches(job: ScanJob, findings: tuple[Finding, ...], now: datetime) -> list[Document]:
    return [
        HashMatch(
            id=f"{job.id}_{hit.bank_id}_{hit.entry_id}",
            case_id=job.id,
            uploader_id=job.uploader_id,
            hit=hit,
            index_version=finding.detail.index_version,
            created_at=now,
        )
        for finding in findings
        if isinstance(finding.detail, BankMatchDetail)
        for hit in finding.detail.hits
    ]


def _attempts(job: ScanJob, verdict: Verdict, sha256: str, now: datetime) -> list[Document]:
    violations = tuple(found.violation for found in verdict.violations)
    kinds: list[type[BlockedUploadAttempt] | type[DeepfakeAttempt]] = [BlockedUploadAttempt]
    if SYNTHETIC.intersection(violations):
        kinds.append(DeepfakeAttempt)
    return [
        kind(
            id=job.id,
            uploader_id=job.uploader_id,
            case_id=job.id,
            violations=violations,
            sha256=sha256,
            created_at=now,
            expire_at=now + ATTEMPT_RETENTION,
        )
        for kind in kinds
    ]

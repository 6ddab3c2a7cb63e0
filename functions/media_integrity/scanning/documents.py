"""The documents that a verdict writes. Pure: from the job and the judgement to documents.

Every id follows from the job's, so that the same verdict filed twice writes the same documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from media_integrity.cloud.firestore import Transaction
from media_integrity.decision.known_media import overruled
from media_integrity.decision.policy import BankMatchPolicy
from media_integrity.decision.verdict import Verdict
from media_integrity.fingerprints.pdq import Fingerprints
from media_integrity.fingerprints.vpdq import VideoHash
from media_integrity.schema.base import Document, JobId, UserId
from media_integrity.schema.cases import (
    ATTEMPT_RETENTION,
    BlockedUploadAttempt,
    Case,
    CaseDetails,
    DeepfakeAttempt,
    SyntheticMediaFlag,
)
from media_integrity.schema.enforcement import UploadOrigin
from media_integrity.schema.enums import Action, AgeGroup, CaseStatus, Surface, Violation
from media_integrity.schema.findings import (
    AiOrigin,
    BankHit,
    BankMatchDetail,
    Finding,
    ProvenanceDetail,
)
from media_integrity.schema.hashes import MAX_FILM_FRAMES, BankHash, HashMatch, MediaHash, PdqView
from media_integrity.schema.scans import Quarantined, ReasonCode, ScanJob

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

SAID_NO = frozenset(
    {ReasonCode.CONSENT_REFUSED, ReasonCode.CONSENT_EXPIRED, ReasonCode.CONSENT_WITHDRAWN}
)
"""Reasons of a block that the people shown have decided on: nobody did wrong."""


def settled(verdict: Verdict) -> bool:
    """Whether a block leaves a moderator nothing to decide, and counts against nobody."""
    return (
        verdict.action is Action.BLOCK
        and not verdict.violations
        and all(reason.code in SAID_NO for reason in verdict.reasons)
    )


@dataclass(frozen=True, slots=True)
class Upload:
    """What a case is about: an upload, whether its job is still there or not."""

    id: JobId
    uploader_id: UserId
    source: Quarantined
    surface: Surface

    @classmethod
    def of(cls, job: ScanJob) -> Upload:
        return cls(JobId(job.id), job.uploader_id, job.source, job.surface)


def published_path(job: ScanJob, content_type: str) -> str:
    """Where published media lies. The uploader's file name is not in it: it may name people."""
    return f"media/{job.uploader_id}/{job.id}/original.{EXTENSIONS[content_type]}"


def preview_path(job: ScanJob) -> str:
    return f"media/{job.uploader_id}/{job.id}/preview.jpg"


def original_path(uploader: UserId, job: JobId | str) -> str:
    """Where the upload itself lies while its marked copy is published."""
    return f"originals/{uploader}/{job}/original"


def evidence_path(job: JobId | str) -> str:
    return f"evidence/{job}/original"


def case_documents(
    upload: Upload,
    verdict: Verdict,
    findings: tuple[Finding, ...],
    *,
    sha256: str | None,
    age_group: AgeGroup | None,
    cluster: str | None,
    now: datetime,
    in_vault: bool = False,
    victims: tuple[UserId, ...] = (),
    origin: UploadOrigin | None = None,
) -> list[Document]:
    """The case of a held or blocked upload and what belongs to it.

    ``in_vault``: its bytes go to the evidence vault though it may only be held, since it was
    published and the quarantine does not have them any more.
    """
    blocked = verdict.action is Action.BLOCK
    gravest = verdict.violations[0].violation if verdict.violations else None
    documents: list[Document] = [
        Case(
            id=upload.id,
            uploader_id=upload.uploader_id,
            status=_first_status(verdict),
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
            surface=upload.surface,
            cluster_id=cluster,
            created_at=now,
            updated_at=now,
        ),
        CaseDetails(
            id=CaseDetails.DETAILS_ID,
            parent_id=upload.id,
            victim_ids=victims,
            source=upload.source,
            evidence_path=evidence_path(upload.id) if blocked or in_vault else None,
            sha256=sha256,
            age_group=age_group,
            evidence=verdict.evidence,
            outcomes=verdict.outcomes,
            findings=findings,
            device_hash=origin.device_hash if origin is not None else None,
            ip_hash=origin.ip_hash if origin is not None else None,
        ),
        *_flags(upload, verdict, findings, now),
    ]
    if blocked and sha256 is not None and not settled(verdict):
        documents += _attempts(upload, verdict, sha256, origin, now)
    return documents


def _first_status(verdict: Verdict) -> CaseStatus:
    if settled(verdict):
        return CaseStatus.CLOSED
    return CaseStatus.ACTIONED if verdict.action is Action.BLOCK else CaseStatus.OPEN


def judge_again(
    tx: Transaction,
    case: Case,
    verdict: Verdict,
    findings: tuple[Finding, ...],
    victims: tuple[UserId, ...],
    now: datetime,
) -> None:
    """Bring a case to another verdict on the same upload. It is open: a person looks at it, unless
    the people shown have decided.

    What it said before stands in the audit entries. The victims of both are its victims.
    """
    details = tx.get_below(CaseDetails, case.id, CaseDetails.DETAILS_ID)
    gravest = verdict.violations[0].violation if verdict.violations else None
    tx.update(
        case,
        status=CaseStatus.CLOSED if settled(verdict) else CaseStatus.OPEN,
        action=verdict.action,
        violations=verdict.violations,
        violation=gravest,
        severity=verdict.severity,
        confidence=verdict.confidence,
        explanation=verdict.reasons,
        appealable=verdict.appealable,
        reopened_at=now,
        updated_at=now,
    )
    if details is not None:
        tx.update(
            details,
            victim_ids=tuple(dict.fromkeys((*details.victim_ids, *victims))),
            evidence=verdict.evidence,
            outcomes=verdict.outcomes,
            findings=findings,
        )


def published_document(
    job: ScanJob,
    judgement: Judgement,
    *,
    age_group: AgeGroup,
    cluster: str | None,
    now: datetime,
) -> MediaHash:
    """The hash record of published media."""
    fingerprints = judgement.fingerprints
    film = fingerprints.video if fingerprints is not None else None
    blurred = judgement.verdict.action is Action.BLUR
    return MediaHash(
        id=job.id,
        uploader_id=job.uploader_id,
        sha256=judgement.sha256,
        md5=judgement.md5 or None,
        views=views_of(fingerprints),
        frames=VideoHash(film.frames[:MAX_FILM_FRAMES]).pack() if film is not None else None,
        bucket=job.source.bucket,
        published_path=published_path(job, judgement.content_type),
        preview_path=preview_path(job) if blurred else None,
        content_type=judgement.content_type,
        surface=job.surface,
        age_group=age_group,
        faces=len(judgement.faces) if judgement.looked_for_faces else None,
        ai_origin=_ai_origin(judgement.findings),
        cluster_id=cluster,
        created_at=now,
    )


def _ai_origin(findings: Iterable[Finding]) -> AiOrigin:
    said = (each.detail.origin for each in findings if isinstance(each.detail, ProvenanceDetail))
    return next(said, AiOrigin.NONE)


def match_documents(
    upload: Upload,
    findings: Iterable[Finding],
    policy: BankMatchPolicy,
    now: datetime,
    *,
    retroactive: bool = False,
) -> list[HashMatch]:
    """A record of every entry that matched, whatever came of it."""
    return [
        HashMatch(
            id=f"{upload.id}_{hit.bank_id}_{hit.entry_id}",
            case_id=upload.id,
            job_id=upload.id,
            uploader_id=upload.uploader_id,
            hit=hit,
            index_version=finding.detail.index_version,
            overruled=is_overruled,
            retroactive=retroactive,
            created_at=now,
        )
        for finding in findings
        if isinstance(finding.detail, BankMatchDetail)
        for hit, is_overruled in _of_each_entry(finding.detail.hits, policy)
    ]


def _of_each_entry(
    hits: tuple[BankHit, ...], policy: BankMatchPolicy
) -> Iterator[tuple[BankHit, bool]]:
    """Of each entry the hit that counts most, and whether an allow-list has overruled them all."""
    without_effect = overruled(hits, policy)
    told: set[str] = set()
    for hit in sorted(hits, key=lambda hit: (hit in without_effect, hit.distance)):
        if entry_path(hit) not in told:
            told.add(entry_path(hit))
            yield hit, hit in without_effect


def entry_path(hit: BankHit) -> str:
    """Of the entry that matched, whose counters count it."""
    return BankHash.path_below(hit.bank_id, hit.entry_id)


def views_of(fingerprints: Fingerprints | None) -> tuple[PdqView, ...]:
    """What a later hash may find: the views, and the pictures inside them."""
    if fingerprints is None:
        return ()
    views = [PdqView(pdq=each.pdq.hex, quality=each.quality) for each in fingerprints.views]
    views += [
        PdqView(pdq=each.hashes.pdq.hex, quality=each.hashes.quality, inside=each.view)
        for each in fingerprints.insets
    ]
    return tuple(views)


def _flags(
    upload: Upload, verdict: Verdict, findings: tuple[Finding, ...], now: datetime
) -> list[Document]:
    counted = {line.method: line.threshold for line in verdict.evidence if line.counted}
    return [
        SyntheticMediaFlag(
            id=f"{upload.id}_{finding.method.value}",
            case_id=upload.id,
            uploader_id=upload.uploader_id,
            finding=finding,
            threshold=counted[finding.method],
            created_at=now,
        )
        for finding in findings
        if finding.method in counted
    ]


def _attempts(
    upload: Upload, verdict: Verdict, sha256: str, origin: UploadOrigin | None, now: datetime
) -> list[Document]:
    violations = tuple(found.violation for found in verdict.violations)
    kinds: list[type[BlockedUploadAttempt] | type[DeepfakeAttempt]] = [BlockedUploadAttempt]
    if SYNTHETIC.intersection(violations):
        kinds.append(DeepfakeAttempt)
    return [
        kind(
            id=upload.id,
            uploader_id=upload.uploader_id,
            case_id=upload.id,
            violations=violations,
            sha256=sha256,
            device_hash=origin.device_hash if origin is not None else None,
            ip_hash=origin.ip_hash if origin is not None else None,
            created_at=now,
            expire_at=now + ATTEMPT_RETENTION,
        )
        for kind in kinds
    ]

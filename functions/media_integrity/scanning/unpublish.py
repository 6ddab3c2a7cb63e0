"""Takes published media down again: a case as of an upload, and the bytes into the evidence vault.

First everything in Firestore in one transaction, in which the caller has found out that the media
may not stay; then the objects. Moving them can be repeated from any point, so that whoever finds
media with ``unpublished_at`` calls ``remove`` again. A preview goes first: it is not evidence, and
nothing may be seen any more. The original is copied before it is deleted: it must not be lost.

Media that is only held lies in the evidence vault as well, as its quarantine object is gone; its
case is OPEN, and nobody sees it until a moderator has decided.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.storage import ObjectGone, ObjectStore, StoredObject
from media_integrity.decision.policy import BankMatchPolicy
from media_integrity.decision.verdict import Verdict
from media_integrity.schema.base import CaseId, JobId, UserId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.clusters import MediaCluster
from media_integrity.schema.enums import Action, CaseStatus, ScanState
from media_integrity.schema.findings import Finding
from media_integrity.schema.hashes import HashMatch, MediaHash
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import OutboxEntry
from media_integrity.schema.scans import Quarantined, ScanJob

from . import documents, effects, leases, states
from .consequences import All, Consequence, Filed

log = logging.getLogger(__name__)

PUBLISHED = "media/"
DECIDED_BEFORE = frozenset({CaseStatus.UPHELD, CaseStatus.OVERTURNED, CaseStatus.CLOSED})
"""A moderator has dealt with the case. It is opened again."""


class StillMoving(Exception):
    """A worker is publishing this very media. ``until`` then it has finished or is dead."""

    def __init__(self, until: datetime) -> None:
        super().__init__("still being published")
        self.until = until


@dataclass(frozen=True, slots=True)
class Published:
    """A published medium and what belongs to it, as read in a transaction."""

    media: MediaHash
    job: ScanJob | None
    """None once it has expired."""
    case: Case | None
    """Of an earlier verdict, where a moderator had it published after all."""
    bucket: str

    @property
    def upload(self) -> documents.Upload:
        if self.job is not None:
            return documents.Upload.of(self.job)
        source = Quarantined(bucket=self.bucket, name=self.media.published_path, generation="0")
        return documents.Upload(
            JobId(self.media.id), self.media.uploader_id, source, self.media.surface
        )


def read(tx: Transaction, media_id: str, now: datetime, bucket: str) -> Published | None:
    """The medium, if it is published now. ``bucket``: for records that are older than that field.

    Raises:
        StillMoving: its bytes are on their way there; try again later.
    """
    media = tx.get(MediaHash, media_id)
    if media is None or media.unpublished_at is not None:
        return None
    job = tx.get(ScanJob, media_id)
    if job is not None and not job.state.final and not leases.free(job, now):
        assert job.lease is not None
        raise StillMoving(job.lease.until)
    return Published(media, job, tx.get(Case, media_id), media.bucket or bucket)


def write(
    tx: Transaction,
    published: Published,
    verdict: Verdict,
    findings: tuple[Finding, ...],
    policy: BankMatchPolicy,
    *,
    cluster: str,
    now: datetime,
    consequences: Sequence[Consequence] = (),
    victims: tuple[UserId, ...] = (),
    move: bool = False,
) -> None:
    """Everything that follows from the verdict. Reads first, so nothing may be written before it;
    the entries of the verdict's hits must be there.

    A case that exists keeps what it says; where a moderator has dealt with it, it is opened again,
    and nothing is counted against the uploader: a person said that this may be seen.

    ``move``: leave the bytes to the job, which is made again where it has expired: the caller has
    ``moving.move_now`` do it after the transaction, and the sweeper if that dies. Without it, the
    caller calls ``remove`` until it has succeeded.
    """
    media, upload = published.media, published.upload
    matches = documents.match_documents(upload, findings, policy, now, retroactive=True)
    # Of an entry that an allow-list overruled when this was uploaded there is one already.
    known = {match.id for match in tx.get_many(HashMatch, [match.path for match in matches])}
    filed = Filed(
        upload=upload,
        verdict=verdict,
        findings=findings,
        now=now,
        sha256=media.sha256,
        content_type=media.content_type,
        views=media.views,
        age_group=media.age_group,
        judged=published.job.judged if published.job is not None else 1,
        retroactive=True,
        upload_id=published.job.upload_id if published.job is not None else "",
        uploaded_at=media.created_at,
    )
    following = All.of(consequences if published.case is None else (), tx, filed)
    victims = tuple(dict.fromkeys((*victims, *following.victims)))
    details = None
    if published.case is not None and victims:
        details = tx.get_below(CaseDetails, media.id, CaseDetails.DETAILS_ID)
    for match in matches:
        tx.put(match)
        if match.id not in known:
            tx.increment(documents.entry_path(match.hit), "counters.matches")
    if published.case is None:
        effects = documents.case_documents(
            upload,
            verdict,
            findings,
            sha256=media.sha256,
            age_group=media.age_group,
            cluster=cluster,
            now=now,
            in_vault=True,
            victims=victims,
            origin=following.origin,
        )
        for document in effects:
            tx.create(document)
        tx.increment(MediaCluster.path_of(cluster), "members")
    else:
        if not documents.settled(verdict):
            _open_again(tx, published.case, now)
        if details is not None:
            both = tuple(dict.fromkeys((*details.victim_ids, *victims)))
            tx.update(details, victim_ids=both, evidence_path=documents.evidence_path(media.id))
    following.write()
    tx.update(media, unpublished_at=now, case_id=CaseId(media.id), cluster_id=cluster)
    changes: dict[str, object] = {
        "verdict": verdict.summary(),
        "case_id": media.id,
        "published_path": None,
        "preview_path": None,
        "permission": None,
        "watermarked": False,
    }
    if move:
        _to_be_moved(tx, published, changes, now)
    elif published.job is not None:
        blocked = verdict.action is Action.BLOCK
        state = ScanState.BLOCKED if blocked else ScanState.HELD
        tx.update(published.job, **changes, **states.final(state, now))
    tx.create(_told(media, now))


def _to_be_moved(
    tx: Transaction, published: Published, changes: dict[str, object], now: datetime
) -> None:
    changes = {**changes, **states.to_be_moved(now)}
    if published.job is not None:
        tx.update(published.job, **changes)
        return
    media, upload = published.media, published.upload
    job = ScanJob(
        id=media.id,
        uploader_id=media.uploader_id,
        upload_id="",
        source=upload.source,
        surface=media.surface,
        sha256=media.sha256,
        content_type=media.content_type,
        judged=1,
        created_at=now,
        updated_at=now,
    )
    tx.create(job.model_copy(update=changes))


def remove(media: MediaHash, job: ScanJob | None, bucket: str, objects: ObjectStore) -> None:
    """Bring the bytes of media that was taken down where no client can read them. Repeatable.

    ``bucket``: as in ``read``.
    """
    bucket = media.bucket or bucket
    folder, _, original = media.published_path.rpartition("/")
    if not folder.startswith(PUBLISHED):
        raise ValueError("published media lies below media/")
    found = list(objects.list(bucket, f"{folder}/"))
    published = [each for each in found if each.name == f"{folder}/{original}"]
    for each in found:
        if each not in published:
            objects.delete(each)
    # The upload itself first: what was published may be a marked copy of it.
    kept = objects.stat(bucket, documents.original_path(media.uploader_id, media.id))
    originals = [kept] if kept is not None else []
    if job is not None:
        originals += _left_in_quarantine(job, objects)
    originals += published
    target = documents.evidence_path(media.id)
    if originals:
        with suppress(ObjectGone):  # another worker is faster: it has copied it before
            objects.copy(
                originals[0],
                target,
                content_type=media.content_type,
                metadata={"jobId": media.id},
            )
        for each in originals:
            objects.delete(each)
    elif objects.stat(bucket, target) is None:
        log.error("nothing left of media that was taken down", extra={"job": media.id})


def _left_in_quarantine(job: ScanJob, objects: ObjectStore) -> list[StoredObject]:
    """The upload itself, where a worker died before it had published it."""
    left = objects.stat(job.source.bucket, job.source.name)
    return [left] if left is not None and str(left.generation) == job.source.generation else []


def _open_again(tx: Transaction, case: Case, now: datetime) -> None:
    if case.status in DECIDED_BEFORE:
        tx.update(case, status=CaseStatus.OPEN, reopened_at=now, updated_at=now)


def _told(media: MediaHash, now: datetime) -> OutboxEntry:
    # With the time, as it may be published again and taken down again.
    cause = f"{media.id}_{int(now.timestamp())}"
    kind = NotificationKind.UPLOAD_UNPUBLISHED
    return effects.tell(cause, media.uploader_id, kind, now, case_id=CaseId(media.id))

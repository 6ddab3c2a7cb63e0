"""What was withheld and may be published is judged again, and published from wherever it lay."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.decision.decide import block, hold
from media_integrity.decision.policy import default_policy
from media_integrity.media.errors import RefusalCode, Refused
from media_integrity.scanning import moving, release, taking_down
from media_integrity.scanning.consequences import Filed, Prepared
from media_integrity.scanning.documents import evidence_path
from media_integrity.scanning.sweep import sweep
from media_integrity.scanning.unpublish import Published
from media_integrity.schema.audit import AuditAction, AuditEntry
from media_integrity.schema.base import JobId
from media_integrity.schema.enums import (
    Action,
    CaseStatus,
    HashAlgorithm,
    ScanState,
)
from media_integrity.schema.errors import Conflict
from media_integrity.schema.hashes import BankHash, MediaHash
from media_integrity.schema.scans import ReasonCode, ScanJob
from tests.emulator import pictures
from tests.emulator.world import World

POLICY = default_policy()


def permitted(world: World, job: ScanJob, action: Action = Action.ALLOW) -> ScanJob:
    def body(tx: Transaction) -> ScanJob:
        return release.permit(tx, release.read(tx, job.id), action, world.clock.now())

    return world.backend.store.run(body)


def held(world: World) -> tuple[ScanJob, bytes]:
    content = pictures.clean()
    found = pictures.pdq(content)
    world.bank(HashAlgorithm.PDQ, found.hex, confirmed=False)
    job = world.judged(content)
    assert job.state is ScanState.HELD
    return job, content


def blocked(world: World) -> tuple[ScanJob, bytes]:
    content = pictures.clean()
    found = pictures.pdq(content)
    world.bank(HashAlgorithm.PDQ, found.hex)
    job = world.judged(content)
    assert job.state is ScanState.BLOCKED
    return job, content


def test_a_held_upload_is_published_from_quarantine(world: World) -> None:
    job, _ = held(world)
    permitted(world, job)
    after = world.scan(JobId(job.id))
    assert after.state is ScanState.PUBLISHED
    assert world.objects(after) == {"media"}
    assert after.judged == 2
    assert world.backend.store.get(MediaHash, job.id) is not None


def test_a_blocked_upload_is_published_from_the_vault(world: World) -> None:
    job, _ = blocked(world)
    assert world.objects(job) == {"evidence"}
    permitted(world, job)
    after = world.scan(JobId(job.id))
    assert after.state is ScanState.PUBLISHED
    assert world.objects(after) == {"media"}
    case = world.case(job.id)
    assert case is not None
    assert case.status is CaseStatus.ACTIONED, "who releases says what becomes of the case"


def test_it_is_blurred_where_the_moderator_says_so(world: World) -> None:
    job, _ = blocked(world)
    permitted(world, job, Action.BLUR)
    after = world.scan(JobId(job.id))
    assert after.verdict is not None
    assert after.verdict.action is Action.BLUR
    assert after.preview_path is not None


def test_an_entry_that_came_meanwhile_holds_it_again_with_its_case_open(world: World) -> None:
    job, content = held(world)
    permitted(world, job)
    found = pictures.pdq(content)
    bank = world.new_bank()
    now = datetime.now(UTC)
    world.backend.store.put(
        BankHash(
            id=BankHash.id_for(HashAlgorithm.PDQ, found.hex),
            parent_id=bank,
            algorithm=HashAlgorithm.PDQ,
            value=found.hex,
            quality=100,
            confirmed=True,
            added_by="tests",
            created_at=now,
            updated_at=now,
        )
    )
    after = world.scan(JobId(job.id))
    assert after.state is ScanState.HELD
    case = world.case(job.id)
    assert case is not None
    assert case.status is CaseStatus.OPEN
    assert case.reopened_at is not None
    assert world.backend.store.get(MediaHash, job.id) is None


def test_a_job_that_has_expired_is_made_again_from_its_case(world: World) -> None:
    job, _ = blocked(world)
    world.backend.store.delete(job.path)
    permitted(world, job)
    after = world.scan(JobId(job.id))
    assert after.state is ScanState.PUBLISHED
    assert after.uploader_id == job.uploader_id


def test_released_twice_is_a_conflict(world: World) -> None:
    job, _ = held(world)
    permitted(world, job)
    with pytest.raises(Conflict) as refused:
        permitted(world, job)
    assert refused.value.code == "not_withheld"


def test_a_release_whose_task_was_lost_is_found_by_the_sweeper(world: World) -> None:
    job, _ = held(world)
    permitted(world, job)
    world.tasks.jobs.clear()
    world.clock.ahead += timedelta(minutes=6)
    try:
        sweep(world.stack.bucket, POLICY, world.backend)
    finally:
        world.clock.ahead = timedelta()
    assert job.id in world.tasks.jobs


def test_what_was_released_cannot_be_lost_when_its_file_cannot_be_opened_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, _ = blocked(world)
    permitted(world, job)

    def refuse(*_: object, **__: object) -> None:
        raise Refused(RefusalCode.DAMAGED, "broken")

    monkeypatch.setattr(world.engine, "judge", refuse)
    after = world.scan(JobId(job.id))
    assert after.state is ScanState.REFUSED
    assert world.objects(after) == {"evidence"}


class Follows:
    """A consequence of a test."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.seen: list[Filed] = []

    def prepare(self, tx: Transaction, filed: Filed) -> Prepared | None:
        self.seen.append(filed)
        return self.prepared


def following(world: World, prepared: Prepared) -> tuple[World, Follows]:
    follows = Follows(prepared)
    return replace(world, backend=replace(world.backend, consequences=(follows,))), follows


def test_what_waits_for_consent_is_seen_by_nobody_and_published_once_it_does_not(
    world: World,
) -> None:
    waiting, follows = following(world, Prepared(waits=True))
    job = waiting.judged(pictures.clean())
    assert job.state is ScanState.AWAITING_CONSENT
    assert waiting.objects(job) == {"uploads"}
    assert job.expire_at is None
    assert world.backend.store.get(MediaHash, job.id) is None

    follows.prepared = Prepared()

    def body(tx: Transaction) -> ScanJob:
        return release.reconsider(tx, release.read(tx, job.id), world.clock.now())

    world.backend.store.run(body)
    after = waiting.scan(JobId(job.id))
    assert after.state is ScanState.PUBLISHED
    assert after.case_id is None


def test_what_somebody_said_no_to_is_blocked_whatever_the_verdict(world: World) -> None:
    stopping, _ = following(world, Prepared(stops=ReasonCode.CONSENT_REFUSED))
    job = stopping.judged(pictures.clean())
    assert job.state is ScanState.BLOCKED
    assert job.verdict is not None
    assert [reason.code for reason in job.verdict.reasons] == [ReasonCode.CONSENT_REFUSED]
    assert not job.verdict.appealable
    assert stopping.objects(job) == {"evidence"}


def published(world: World) -> ScanJob:
    job = world.judged(pictures.clean())
    assert job.state is ScanState.PUBLISHED
    return job


def test_media_is_taken_down_at_once_and_can_be_put_back(world: World) -> None:
    job = published(world)

    def ground(tx: Transaction, found: Published) -> taking_down.Ground:
        return taking_down.Ground(hold(ReasonCode.REPORTED, POLICY))

    def take() -> bool:
        return taking_down.take_down(
            job.id, ground, POLICY, world.backend, bucket=world.stack.bucket
        )

    assert take()
    after = world.job(JobId(job.id))
    assert after.state is ScanState.HELD
    assert world.objects(after) == {"evidence"}
    assert not take(), "it is not published any more"

    permitted(world, after)
    again = world.scan(JobId(job.id))
    assert again.state is ScanState.PUBLISHED
    assert world.objects(again) == {"media"}
    media = world.backend.store.get(MediaHash, job.id)
    assert media is not None
    assert media.unpublished_at is None
    assert media.created_at > job.updated_at, "later searches have to find it again"


def test_media_whose_taker_died_before_it_was_moved_is_moved_by_the_sweepers_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = published(world)
    world.backend.store.delete(job.path)  # it had expired

    def die(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(moving, "move_object", die)
    taken = taking_down.take_down(
        job.id,
        lambda tx, found: taking_down.Ground(block(ReasonCode.CONSENT_WITHDRAWN, POLICY)),
        POLICY,
        world.backend,
        bucket=world.stack.bucket,
    )
    assert taken
    assert "media" in world.objects(world.job(JobId(job.id)))
    monkeypatch.undo()

    world.clock.ahead += timedelta(minutes=10)
    try:
        sweep(world.stack.bucket, POLICY, world.backend)
        assert job.id in world.tasks.jobs
        after = world.scan(JobId(job.id))
    finally:
        world.clock.ahead = timedelta()
    assert after.state is ScanState.BLOCKED
    assert world.objects(after) == {"evidence"}
    assert world.backend.objects.stat(world.stack.bucket, evidence_path(job.id)) is not None


def test_each_verdict_leaves_its_own_audit_entry(world: World) -> None:
    job, _ = held(world)
    permitted(world, job)
    world.scan(JobId(job.id))
    entries = world.backend.store.query(
        Query(AuditEntry, (Where("subject", "==", ScanJob.path_of(job.id)),))
    )
    given = [entry for entry in entries if entry.action is AuditAction.VERDICT_GIVEN]
    assert len(given) == 2

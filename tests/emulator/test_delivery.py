"""Events come twice, workers race and die: one verdict, one case, the file in one place."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from media_integrity.decision.policy import default_policy
from media_integrity.scanning.engine import Judgement, Progress
from media_integrity.scanning.intake import Upload, job_id, record_upload
from media_integrity.scanning.leases import LEASE
from media_integrity.scanning.sweep import LOST_AFTER, sweep
from media_integrity.schema.base import JobId
from media_integrity.schema.cases import BlockedUploadAttempt
from media_integrity.schema.enums import Action, HashAlgorithm, ScanState
from media_integrity.schema.hashes import MediaHash
from media_integrity.schema.scans import MAX_TRIES, ReasonCode, ScanJob, UploadContext
from tests.emulator import dying_worker, pictures
from tests.emulator.dying_worker import POINTS
from tests.emulator.killed import run_until_killed
from tests.emulator.world import World

POLICY = default_policy()


def banked(world: World) -> bytes:
    """A picture that a bank knows and a person has confirmed."""
    content = pictures.clean()
    found = pictures.pdq(content)
    world.bank(HashAlgorithm.PDQ, found.hex, quality=found.quality)
    return content


def killed_worker(point: str, job: JobId) -> None:
    run_until_killed(dying_worker.main, point, job)


def test_the_same_event_three_times_makes_one_job_and_one_publication(world: World) -> None:
    upload = world.upload(pictures.clean())
    jobs = {world.deliver(upload) for _ in range(3)}
    assert len(jobs) == 1
    (job,) = jobs

    for task in list(world.tasks.jobs):
        world.scan(task)
    late = world.deliver(upload)

    assert late == job
    done = world.job(job)
    assert (done.state, done.tries) == (ScanState.PUBLISHED, 1)
    assert world.objects(done) == {"media"}


def test_an_event_after_the_verdict_enqueues_nothing(world: World) -> None:
    upload = world.upload(pictures.clean())
    world.scan(world.deliver(upload))
    before = len(world.tasks.jobs)
    world.deliver(upload)
    assert len(world.tasks.jobs) == before


def test_two_workers_at_once_on_one_job_open_one_case(world: World) -> None:
    job = world.deliver(world.upload(banked(world)))
    start = threading.Barrier(2)
    failures: list[Exception] = []

    def work() -> None:
        start.wait()
        try:
            world.scan(job)
        except Exception as error:  # noqa: BLE001  the main thread judges it
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    assert not failures
    done = world.job(job)
    assert (done.state, done.tries) == (ScanState.BLOCKED, 1)
    assert world.backend.store.get(BlockedUploadAttempt, job) is not None
    assert world.objects(done) == {"evidence"}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("action", [Action.ALLOW, Action.BLOCK])
def test_a_worker_killed_anywhere_leaves_one_verdict_and_the_file_in_one_place(
    world: World, point: str, action: Action
) -> None:
    content = pictures.clean() if action is Action.ALLOW else banked(world)
    job = world.deliver(world.upload(content))

    killed_worker(point, job)

    left = world.job(job)
    if left.verdict is None:
        assert world.objects(left) == {"uploads"}, "moved without a verdict"
    world.clock.ahead = LEASE + timedelta(seconds=1)
    done = world.scan(job)
    assert done.verdict is not None
    assert done.verdict.action is action
    if action is Action.ALLOW:
        assert done.state is ScanState.PUBLISHED
        assert world.objects(done) == {"media"}
        assert world.backend.store.get(MediaHash, job) is not None
        assert world.case(job) is None
    else:
        assert done.state is ScanState.BLOCKED
        assert world.objects(done) == {"evidence"}
        assert world.case(job) is not None


def test_while_a_worker_may_live_nobody_else_takes_its_job(world: World) -> None:
    job = world.deliver(world.upload(pictures.clean()))
    killed_worker("after the models", job)
    assert world.scan(job).state is ScanState.SCANNING


def test_the_sweeper_enqueues_a_job_whose_worker_died(world: World) -> None:
    job = world.deliver(world.upload(pictures.clean()))
    killed_worker("after the models", job)
    world.tasks.jobs.clear()

    world.clock.ahead = LEASE + timedelta(seconds=1)
    sweep(world.stack.bucket, POLICY, world.backend)

    assert job in world.tasks.jobs
    assert world.scan(job).state is ScanState.PUBLISHED


def test_the_sweeper_does_not_enqueue_twice_what_it_just_enqueued(world: World) -> None:
    job = world.deliver(world.upload(pictures.clean()))
    world.clock.ahead = timedelta(minutes=6)
    world.tasks.jobs.clear()
    sweep(world.stack.bucket, POLICY, world.backend)
    sweep(world.stack.bucket, POLICY, world.backend)
    assert world.tasks.jobs.count(job) == 1


def test_a_job_out_of_tries_is_held_with_a_case_for_a_person(world: World) -> None:
    upload = world.upload(pictures.clean())
    job = world.deliver(upload)
    pending = world.job(job)
    world.backend.store.update(pending, tries=MAX_TRIES)

    world.clock.ahead = timedelta(minutes=6)
    sweep(world.stack.bucket, POLICY, world.backend)
    sweep(world.stack.bucket, POLICY, world.backend)

    done = world.job(job)
    assert done.state is ScanState.HELD
    assert done.verdict is not None
    assert [reason.code for reason in done.verdict.reasons] == [ReasonCode.OUT_OF_TRIES]
    assert world.case(job) is not None
    assert world.objects(done) == {"uploads"}


def test_an_upload_whose_event_was_lost_is_found(world: World) -> None:
    upload = world.upload(pictures.clean())
    world.clock.ahead = LOST_AFTER + timedelta(seconds=1)
    sweep(world.stack.bucket, POLICY, world.backend)
    job = job_id(upload.bucket, upload.name, upload.generation)
    assert job in world.tasks.jobs
    assert world.scan(job).state is ScanState.PUBLISHED


def test_a_failure_gives_the_lease_back_so_that_the_next_try_need_not_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = world.deliver(world.upload(pictures.clean()))
    with monkeypatch.context() as broken:
        broken.setattr(world.backend.objects, "read", _unavailable)
        with pytest.raises(ConnectionError):
            world.scan(job)
    assert world.scan(job).state is ScanState.PUBLISHED


def test_a_verdict_of_a_worker_that_lost_its_lease_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = world.deliver(world.upload(banked(world)))
    judge = world.engine.judge

    def overtaken(
        content: bytes, context: UploadContext, progress: Progress, *, transcript: str | None
    ) -> Judgement:
        judgement = judge(content, context, progress, transcript=transcript)
        monkeypatch.undo()
        world.clock.ahead = LEASE + timedelta(seconds=1)
        world.scan(job)  # another worker finishes it meanwhile
        return judgement

    monkeypatch.setattr(world.engine, "judge", overtaken)
    done = world.scan(job)

    assert (done.state, done.tries) == (ScanState.BLOCKED, 2)
    assert world.objects(done) == {"evidence"}


def test_objects_outside_the_quarantine_are_no_uploads(world: World) -> None:
    for name in ("media/a/b/original.jpg", "evidence/x/original", "uploads/a/b", "uploads/a/b/c/d"):
        assert record_upload(Upload(world.stack.bucket, name, 1, {}), world.backend) is None


def test_an_upload_that_is_gone_is_refused_and_not_tried_for_ever(world: World) -> None:
    upload = world.upload(pictures.clean())
    job = world.deliver(upload)
    stored = world.backend.objects.stat(upload.bucket, upload.name)
    assert stored is not None
    world.backend.objects.delete(stored)

    done: ScanJob = world.scan(job)

    assert done.state is ScanState.REFUSED
    assert done.refusal is not None
    assert done.refusal.code == "gone"


def _unavailable(*args: object, **kwargs: object) -> bytes:
    raise ConnectionError

"""A hash that is confirmed takes down what was published before, once, and only that."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image as Pillow

from media_integrity.banks import published, retroactive, searching, service
from media_integrity.banks.backend import BankBackend
from media_integrity.banks.entries import new_entry
from media_integrity.banks.media import entries_of
from media_integrity.banks.published import pack_published
from media_integrity.cloud.firestore import Query, Where
from media_integrity.matching.alarms import alarm_id
from media_integrity.scanning.documents import evidence_path
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.bank_work import PublishedSegment, RetroactiveSearch, SearchState
from media_integrity.schema.base import BankId, JobId, UserId
from media_integrity.schema.cases import BlockedUploadAttempt, Case
from media_integrity.schema.clusters import MediaCluster
from media_integrity.schema.enums import (
    Action,
    BankLabel,
    CaseStatus,
    HashAlgorithm,
    MatchType,
    ScanState,
    Severity,
    Surface,
)
from media_integrity.schema.hashes import (
    BankHash,
    HashBank,
    HashMatch,
    MediaHash,
    OpinionKind,
    PdqView,
)
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import NotifyEffect, OutboxEntry
from media_integrity.schema.scans import Lease, ScanJob
from tests.emulator import dying_search, pictures
from tests.emulator.dying_search import POINTS
from tests.emulator.killed import run_until_killed
from tests.emulator.world import World, admin, denied
from tests.unit.film_files import film, panned

ADDS = Actor(kind=ActorKind.SENIOR_MODERATOR, id="adds")
CONFIRMS = Actor(kind=ActorKind.SENIOR_MODERATOR, id="confirms")
A_WHILE = searching.THROUGH_AFTER + timedelta(seconds=1)


@dataclass
class Banks:
    """The upkeep of banks in a world, with a bank of its own."""

    world: World
    bank_id: BankId = field(default_factory=lambda: BankId(f"bank-{secrets.token_hex(6)}"))

    @property
    def backend(self) -> BankBackend:
        return self.world.banks

    @property
    def asked(self) -> list[str]:
        """Searches, in the order in which they were asked for."""
        return self.world.searches.asked

    def make(self, label: BankLabel = BankLabel.NCII, name: BankId | None = None) -> BankId:
        now = self.world.clock.now()
        bank = HashBank(
            id=name or self.bank_id,
            label=label,
            name="Test",
            source="tests",
            created_at=now,
            updated_at=now,
        )
        self.world.backend.store.put(bank)
        return BankId(bank.id)

    def confirmed(self, content: bytes, algorithm: HashAlgorithm | None = None) -> BankHash:
        """An entry for a file, added by one moderator and confirmed by another."""
        found = entries_of(content, self.backend)
        wanted = next(new for new in found if algorithm is None or new.algorithm is algorithm)
        self.make()
        entry = service.add(self.bank_id, wanted, "test", ADDS, self.backend)
        return service.give_opinion(
            self.bank_id, entry.id, OpinionKind.CONFIRM, "test", CONFIRMS, self.backend
        )

    def search_for(self, *entries: BankHash) -> RetroactiveSearch:
        """A search, as a confirmation asks for it."""
        refs = [retroactive.ref(entry) for entry in entries]
        search = self.world.backend.store.run(
            lambda tx: retroactive.ask_for(tx, refs, "tests", self.backend)
        )
        assert search is not None
        return search

    def step(self, search: str | None = None, worker: str = "test") -> bool:
        return retroactive.step(search or self.asked[0], worker, self.backend)

    def search(self, search: str | None = None) -> RetroactiveSearch:
        found = self.world.backend.store.get(RetroactiveSearch, search or self.asked[0])
        assert found is not None
        return found


@pytest.fixture
def banks(world: World) -> Banks:
    return Banks(world)


def publish(world: World, content: bytes, **how: str) -> ScanJob:
    job = world.judged(content, **how)
    assert job.state is ScanState.PUBLISHED, job.verdict
    return job


def record(world: World, job: ScanJob | str) -> MediaHash:
    found = world.backend.store.get(MediaHash, job if isinstance(job, str) else job.id)
    assert found is not None
    return found


def everything(world: World, job: ScanJob) -> tuple[object, ...]:
    """What is written down of an upload."""
    return (
        record(world, job),
        world.case(job.id),
        world.details(job.id),
        world.job(JobId(job.id)),
    )


def taken_down(world: World, job: ScanJob) -> bool:
    """Wholly: recorded, and the bytes in the vault and nowhere else."""
    gone = record(world, job).unpublished_at is not None
    objects = world.objects(job)
    assert gone == (objects == {"evidence"}), objects
    return gone


def matches(world: World, job: ScanJob, entry: BankHash) -> HashMatch | None:
    return world.backend.store.get(HashMatch, f"{job.id}_{entry.parent_id}_{entry.id}")


def counted(world: World, entry: BankHash) -> int:
    found = world.backend.store.get_below(BankHash, entry.parent_id, entry.id)
    assert found is not None
    return found.counters.matches


# ---- What happens ----


def test_a_published_picture_goes_when_its_hash_is_confirmed(banks: Banks, world: World) -> None:
    content, owner = pictures.clean(), world.adult()
    job = world.scan(world.deliver(world.upload(content, person=owner)))
    assert job.published_path is not None
    assert world.app(owner).storage.download(job.published_path) == content
    entry = banks.confirmed(content)

    over = banks.step()

    assert not over, "those who matched before the confirmation may still publish"
    for person in (owner, world.adult(), world.person("moderator", moderator=True)):
        with denied():
            world.app(person).storage.download(job.published_path)
        with denied():
            world.app(person).storage.download(evidence_path(job.id))
    assert taken_down(world, job)
    now = world.job(JobId(job.id))
    assert (now.state, now.published_path, now.case_id) == (ScanState.BLOCKED, None, job.id)
    mine = world.app(owner).firestore.get(f"media_integrity_cases/{job.id}")
    assert mine.fields["action"] == "BLOCK"
    assert mine.fields["status"] == "ACTIONED"
    with denied():
        world.app(owner).firestore.get(f"media_integrity_cases/{job.id}/private/details")
    match = matches(world, job, entry)
    assert match is not None
    assert match.retroactive
    assert (match.hit.match_type, match.hit.distance) == (MatchType.NEAR, 0)
    assert counted(world, entry) == 1
    assert world.backend.store.get(BlockedUploadAttempt, job.id) is not None
    assert told(world, owner.uid) == [NotificationKind.UPLOAD_UNPUBLISHED]


def told(world: World, uid: str) -> list[NotificationKind]:
    """What waits to be told to a person."""
    entries = world.backend.store.query(Query(OutboxEntry, (Where("effect.userId", "==", uid),)))
    effects = [entry.effect for entry in entries]
    return [effect.notification for effect in effects if isinstance(effect, NotifyEffect)]


def test_the_search_is_over_when_those_who_matched_before_are_through(
    banks: Banks, world: World
) -> None:
    content = pictures.clean()
    job = publish(world, content)
    banks.confirmed(content)
    banks.step()
    waiting = banks.search()
    assert (waiting.state, waiting.lease) == (SearchState.RUNNING, None)

    world.clock.ahead = A_WHILE

    assert banks.step()
    done = banks.search()
    assert done.state is SearchState.DONE
    assert done.sweep_at is None
    assert done.progress.unpublished == 1
    assert done.progress.found == 1
    assert done.progress.examined >= 1
    assert taken_down(world, job)


def test_what_was_published_late_by_a_worker_that_had_matched_before_goes_in_the_last_pass(
    banks: Banks, world: World
) -> None:
    content = pictures.clean()
    job = publish(world, content)
    hidden = record(world, job)
    world.backend.store.delete(hidden.path)  # as if its worker had not committed yet
    banks.confirmed(content)
    banks.step()
    world.backend.store.put(hidden)  # with a time before the place that the search has reached

    world.clock.ahead = A_WHILE
    assert banks.step()

    assert taken_down(world, job)


def test_searching_twice_takes_down_once(banks: Banks, world: World) -> None:
    content = pictures.clean()
    job = publish(world, content)
    entry = banks.confirmed(content)
    banks.step()
    first = (
        record(world, job),
        world.case(job.id),
        world.details(job.id),
        world.job(JobId(job.id)),
    )
    again = banks.search_for(entry)

    world.clock.ahead = A_WHILE
    assert banks.step()
    assert banks.step(again.id)

    assert everything(world, job) == first
    assert counted(world, entry) == 1
    assert banks.search(again.id).progress.unpublished == 0


def test_a_picture_that_is_another_stays(banks: Banks, world: World) -> None:
    job = publish(world, pictures.clean())
    banks.confirmed(pictures.clean())
    banks.step()
    assert not taken_down(world, job)
    assert world.case(job.id) is None


@pytest.mark.parametrize(
    "turn",
    [
        Pillow.Transpose.ROTATE_90,
        Pillow.Transpose.ROTATE_180,
        Pillow.Transpose.FLIP_LEFT_RIGHT,
        Pillow.Transpose.TRANSVERSE,
    ],
)
def test_a_turned_and_recompressed_copy_is_found_though_the_registry_has_it_upright_only(
    banks: Banks, world: World, turn: Pillow.Transpose
) -> None:
    original = pictures.landscape()
    copy = pictures.encoded(original.transpose(turn), "JPEG", quality=70)
    job = publish(world, copy, content_type="image/jpeg", name="picture.jpg")
    entry = banks.confirmed(pictures.encoded(original))

    banks.step()

    assert taken_down(world, job)
    match = matches(world, job, entry)
    assert match is not None
    assert match.hit.match_type is MatchType.ROTATED


def test_a_file_is_found_by_its_bytes(banks: Banks, world: World) -> None:
    content = pictures.clean()
    job = publish(world, content)
    entry = banks.confirmed(content, HashAlgorithm.SHA256)
    banks.step()
    assert taken_down(world, job)
    match = matches(world, job, entry)
    assert match is not None
    assert match.hit.match_type is MatchType.EXACT


def test_md5_alone_holds_and_does_not_block(banks: Banks, world: World) -> None:
    job = publish(world, pictures.clean())
    md5 = record(world, job).md5
    assert md5 is not None
    banks.make()
    new = new_entry(HashAlgorithm.MD5, md5, min_quality=50)
    entry = service.add(banks.bank_id, new, "test", ADDS, banks.backend)
    service.give_opinion(
        banks.bank_id, entry.id, OpinionKind.CONFIRM, "test", CONFIRMS, banks.backend
    )
    banks.step()
    held(world, job)


def test_a_persons_own_hash_holds_what_others_published_and_not_their_own(
    banks: Banks, world: World
) -> None:
    """Held means: nobody sees it until a moderator decides, and nobody is punished."""
    content = pictures.clean()
    job = publish(world, content)
    bank_id = banks.make(BankLabel.SHIELD)
    found = next(new for new in entries_of(content, banks.backend))
    now = world.clock.now()
    entry = service.entry_document(bank_id, found, "owner", "", now)
    world.backend.store.put(entry)
    search = banks.search_for(entry)

    banks.step(search.id)

    held(world, job)


def held(world: World, job: ScanJob) -> None:
    assert taken_down(world, job)
    case = world.case(job.id)
    assert case is not None
    assert (case.status, case.action) == (CaseStatus.OPEN, Action.REVIEW)
    assert world.job(JobId(job.id)).state is ScanState.HELD
    details = world.details(job.id)
    assert details is not None
    assert details.evidence_path == evidence_path(job.id)
    assert world.backend.store.get(BlockedUploadAttempt, job.id) is None


def test_a_film_goes_when_another_copy_of_it_is_confirmed(banks: Banks, world: World) -> None:
    content = film_of_its_own()
    job = publish(world, content, content_type="video/mp4", name="clip.mp4")
    entry = banks.confirmed(content, HashAlgorithm.VPDQ)
    banks.step()
    assert taken_down(world, job)
    match = matches(world, job, entry)
    assert match is not None
    assert match.hit.query_percent == 100


def test_a_mirrored_film_is_found_though_the_registry_has_it_upright_only(
    banks: Banks, world: World
) -> None:
    frames = panned(seed=secrets.randbits(32))
    mirrored = film([np.ascontiguousarray(frame[:, ::-1]) for frame in frames])
    job = publish(world, mirrored, content_type="video/mp4", name="clip.mp4")
    entry = banks.confirmed(film(frames), HashAlgorithm.VPDQ)
    banks.step()
    assert taken_down(world, job)
    match = matches(world, job, entry)
    assert match is not None
    assert match.hit.match_type is MatchType.ROTATED


def test_a_blurred_picture_goes_with_its_preview(banks: Banks, world: World) -> None:
    job = publish(world, pictures.clean())
    assert job.published_path is not None
    preview = job.published_path.rpartition("/")[0] + "/preview.jpg"
    world.backend.objects.write(
        world.stack.bucket,
        preview,
        b"blurred",
        content_type="image/jpeg",
        metadata={"action": "PREVIEW"},
    )
    known = record(world, job)
    world.backend.store.update(known, preview_path=preview)
    banks.confirmed(pictures_of(world, job))
    banks.step()
    assert world.objects(job) == {"evidence"}
    with denied():
        world.app(world.adult()).storage.download(preview)


def film_of_its_own() -> bytes:
    """Two seconds of a camera that goes along a picture which is in no other test."""
    return film(panned(seed=secrets.randbits(32)))


def pictures_of(world: World, job: ScanJob) -> bytes:
    assert job.published_path is not None
    stored = world.backend.objects.stat(world.stack.bucket, job.published_path)
    assert stored is not None
    return world.backend.objects.read(stored, max_bytes=1 << 26)


def test_a_job_that_has_expired_is_not_needed(banks: Banks, world: World) -> None:
    content = pictures.clean()
    job = publish(world, content)
    world.backend.store.delete(job.path)
    banks.confirmed(content)
    banks.step()
    assert record(world, job).unpublished_at is not None
    assert world.objects(job) == {"evidence"}
    details = world.details(job.id)
    assert details is not None
    assert details.source.name == job.published_path


# ---- What stays as it is ----


def test_an_allow_listed_picture_stays_though_it_matches(banks: Banks, world: World) -> None:
    content = pictures.clean()
    job = publish(world, content)
    allowed = banks.make(BankLabel.ALLOW_LIST, BankId(f"allow-{secrets.token_hex(6)}"))
    (picture, *_) = entries_of(content, banks.backend)
    listed = service.add(allowed, picture, "test", ADDS, banks.backend)
    service.give_opinion(allowed, listed.id, OpinionKind.CONFIRM, "test", CONFIRMS, banks.backend)
    banks.asked.clear()
    banks.confirmed(content)

    banks.step()

    assert not taken_down(world, job)
    world.clock.ahead = A_WHILE
    assert banks.step()
    assert (banks.search().progress.found, banks.search().progress.unpublished) == (1, 0)


def test_an_upload_that_an_allow_list_let_through_is_counted_once_when_it_goes_later(
    banks: Banks, world: World
) -> None:
    content = pictures.clean()
    entry = banks.confirmed(content)
    allowed = banks.make(BankLabel.ALLOW_LIST, BankId(f"allow-{secrets.token_hex(6)}"))
    listed = entry.model_copy(update={"parent_id": allowed})
    world.backend.store.put(listed)
    job = publish(world, content)
    before = matches(world, job, entry)
    assert before is not None
    assert before.overruled
    assert counted(world, entry) == 1
    world.backend.store.update(listed, enabled=False, updated_at=world.clock.now())

    banks.step()

    assert taken_down(world, job)
    after = matches(world, job, entry)
    assert after is not None
    assert (after.overruled, after.retroactive) == (False, True)
    assert counted(world, entry) == 1


def test_an_entry_that_was_disputed_meanwhile_takes_nothing_down(
    banks: Banks, world: World
) -> None:
    content = pictures.clean()
    job = publish(world, content)
    entry = banks.confirmed(content)
    service.disable(banks.bank_id, entry.id, "wrong", CONFIRMS, banks.backend)
    assert banks.step()  # nothing is left to search for
    assert not taken_down(world, job)


def test_an_entry_disabled_between_the_look_and_the_transaction_takes_nothing_down(
    banks: Banks, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pictures.clean()
    job = publish(world, content)
    entry = banks.confirmed(content)
    examined = searching.Run._examined

    def late(run: searching.Run, media: MediaHash, look: bool) -> object:
        found = examined(run, media, look)
        if media.id == job.id:
            service.disable(banks.bank_id, entry.id, "wrong", CONFIRMS, banks.backend)
        return found

    monkeypatch.setattr(searching.Run, "_examined", late)
    banks.step()
    assert not taken_down(world, job)


def test_a_bank_that_became_stricter_meanwhile_is_read_again(
    banks: Banks, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = pictures.landscape()
    job = publish(world, pictures.encoded(original, "JPEG", quality=40), name="picture.jpg")
    banks.confirmed(pictures.encoded(original))
    examined = searching.Run._examined

    def late(run: searching.Run, media: MediaHash, look: bool) -> object:
        found = examined(run, media, look)
        bank = world.backend.store.get(HashBank, banks.bank_id)
        assert bank is not None
        world.backend.store.update(bank, max_distance=0, updated_at=world.clock.now())
        return found

    monkeypatch.setattr(searching.Run, "_examined", late)
    banks.step()
    distance = int(record(world, job).views[0].pdq, 16) ^ int(
        pictures.pdq(pictures.encoded(original)).hex, 16
    )
    assert distance.bit_count() > 0, "the copy has to differ for this to mean anything"
    assert not taken_down(world, job)


def test_a_case_that_is_there_is_opened_again_and_keeps_what_it_says(
    banks: Banks, world: World
) -> None:
    """A moderator had it published: it goes back to moderators and nobody is punished."""
    content = pictures.clean()
    job = publish(world, content)
    now = world.clock.now()
    earlier = Case(
        id=job.id,
        uploader_id=job.uploader_id,
        status=CaseStatus.OVERTURNED,
        action=Action.REVIEW,
        severity=Severity.LOW,
        confidence=0.5,
        explanation=(),
        policy_version="earlier",
        surface=Surface.FEED,
        created_at=now,
        updated_at=now,
    )
    world.backend.store.put(earlier)
    banks.confirmed(content)

    banks.step()

    assert taken_down(world, job)
    case = world.case(job.id)
    assert case is not None
    assert (case.status, case.policy_version) == (CaseStatus.OPEN, "earlier")
    assert case.reopened_at is not None
    assert world.job(JobId(job.id)).state is ScanState.HELD
    assert world.backend.store.get(BlockedUploadAttempt, job.id) is None


def test_media_that_is_still_being_moved_waits_for_its_worker(banks: Banks, world: World) -> None:
    content, others = pictures.clean(), pictures.clean()
    moving, other = publish(world, content), publish(world, others)
    world.backend.store.update(
        moving,
        state=ScanState.DECIDED,
        lease=Lease(worker="alive", until=world.clock.now() + timedelta(minutes=5)),
    )
    entries = banks.confirmed(content), banks.confirmed(others)
    search = banks.search_for(*entries)

    assert not banks.step(search.id)

    assert record(world, moving).unpublished_at is None
    assert taken_down(world, other), "what can be dealt with does not wait"
    world.clock.ahead = A_WHILE
    assert banks.step(search.id)
    assert taken_down(world, moving)


def test_a_worker_that_died_before_it_had_published_leaves_nothing_behind(
    banks: Banks, world: World
) -> None:
    content = pictures.clean()
    job = world.deliver(world.upload(content))
    monkey = pytest.MonkeyPatch()
    monkey.setattr(world.backend.objects, "copy", _unavailable)
    with pytest.raises(ConnectionError):
        world.scan(job)
    monkey.undo()
    assert world.job(job).state is ScanState.DECIDED
    banks.confirmed(content)

    banks.step()

    done = world.job(job)
    assert done.state is ScanState.BLOCKED
    assert world.objects(done) == {"evidence"}
    assert world.scan(job).state is ScanState.BLOCKED, "its task comes again and changes nothing"


def _unavailable(*args: object, **kwargs: object) -> None:
    raise ConnectionError


# ---- Segments ----


def settled(world: World) -> None:
    """What is published by now may be packed."""
    world.clock.ahead = published.SETTLED_AFTER


def test_what_is_packed_and_what_is_not_is_found_in_order(banks: Banks, world: World) -> None:
    contents = [pictures.clean() for _ in range(3)]
    packed = [publish(world, content) for content in contents[:2]]
    settled(world)
    assert pack_published(banks.backend, at_least=1) >= 2
    assert pack_published(banks.backend, at_least=1) == 0, "nothing is packed twice"
    world.clock.ahead = timedelta()
    late = publish(world, contents[2])
    search = banks.search_for(*[banks.confirmed(content) for content in contents])

    banks.step(search.id)

    assert all(taken_down(world, job) for job in (*packed, late))
    world.clock.ahead = A_WHILE
    banks.step(search.id)
    done = banks.search(search.id)
    assert done.state is SearchState.DONE
    assert done.progress.unpublished == 3
    assert done.progress.segment == done.progress.segments >= 1


def test_few_media_are_not_packed(banks: Banks, world: World) -> None:
    publish(world, pictures.clean())
    settled(world)
    assert pack_published(banks.backend) == 0


def test_what_was_just_published_is_not_packed(banks: Banks, world: World) -> None:
    publish(world, pictures.clean())
    settled(world)
    pack_published(banks.backend, at_least=1)
    world.clock.ahead = timedelta()
    publish(world, pictures.clean())
    assert pack_published(banks.backend, at_least=1) == 0


def test_two_packers_at_once_record_one_segment(banks: Banks, world: World) -> None:
    publish(world, pictures.clean())
    settled(world)
    before = len(published.segments(world.backend.store))
    outcomes: list[int] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        outcomes.append(pack_published(banks.backend, at_least=1))

    run_both(work)

    after = published.segments(world.backend.store)
    assert len(after) == before + 1
    assert sorted(outcomes)[0] == 0
    assert len(published.read_segment(after[-1], world.stack.bucket, world.backend.objects)) > 0


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_segment_that_cannot_be_read_is_read_from_the_registry_with_an_alarm(
    banks: Banks, world: World, harm: str
) -> None:
    content = pictures.clean()
    job = publish(world, content)
    settled(world)
    assert pack_published(banks.backend, at_least=1)
    world.clock.ahead = timedelta()
    segment = published.segments(world.backend.store)[-1]
    stored = world.backend.objects.stat(world.stack.bucket, segment.object_path)
    assert stored is not None
    whole = world.backend.objects.read(stored, max_bytes=1 << 28)
    if harm == "gone":
        world.backend.objects.delete(stored)
    else:
        write_segment(world, segment, whole[:-1] + bytes([whole[-1] ^ 1]))
    banks.confirmed(content)
    try:
        banks.step()
    finally:
        write_segment(world, segment, whole)
    assert taken_down(world, job)
    alarm = world.backend.store.get(Alarm, alarm_id(AlarmKind.SNAPSHOT_CORRUPT, segment.path))
    assert alarm is not None


def write_segment(world: World, segment: PublishedSegment, content: bytes) -> None:
    world.backend.objects.write(
        world.stack.bucket,
        segment.object_path,
        content,
        content_type="application/octet-stream",
        metadata={"segment": segment.id},
    )


def test_a_page_full_of_media_of_one_moment_is_read_to_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "PAGE", 2)
    moment = world.clock.now() + timedelta(days=3650)
    made = [bare(moment) for _ in range(7)]
    world.backend.store.put(*made)
    try:
        found = list(
            published.published_after(
                world.backend.store,
                published.Place(moment - timedelta(seconds=1), ""),
                before=moment,
                inclusive=True,
            )
        )
    finally:
        world.backend.store.delete(*(each.path for each in made))
    assert [each.id for each in found] == sorted(each.id for each in made)


def test_a_record_that_cannot_be_read_keeps_no_other_from_being_found_or_packed(
    banks: Banks, world: World
) -> None:
    contents = [pictures.clean() for _ in range(2)]
    first = publish(world, contents[0])
    broken = record(world, publish(world, pictures.clean()))
    last = publish(world, contents[1])
    fields = {**broken.to_firestore(), "views": "none", "uploaderId": 7}
    admin(world.stack).firestore.set(broken.path, fields)
    try:
        search = banks.search_for(*[banks.confirmed(content) for content in contents])
        banks.step(search.id)
        assert taken_down(world, first)
        assert taken_down(world, last)
        settled(world)
        assert pack_published(banks.backend, at_least=1) >= 2
    finally:
        world.backend.store.put(broken)


def bare(moment: object, **changes: object) -> MediaHash:
    """A record without media behind it."""
    return MediaHash.model_validate(
        {
            "id": secrets.token_hex(32),
            "uploader_id": UserId("somebody"),
            "sha256": secrets.token_hex(32),
            "views": (PdqView(pdq=secrets.token_hex(32), quality=80),),
            "published_path": "media/somebody/job/original.png",
            "created_at": moment,
            **changes,
        }
    )


# ---- Workers that die, race and fail ----


def killed(point: str, banks: Banks) -> None:
    run_until_killed(dying_search.main, point, banks.asked[0], banks.world.stack.bucket)


@pytest.mark.parametrize("point", POINTS)
def test_a_search_killed_anywhere_is_finished_by_the_next(
    banks: Banks, world: World, point: str
) -> None:
    content = pictures.clean()
    job = publish(world, content)
    entry = banks.confirmed(content)

    killed(point, banks)

    left = world.objects(job)
    assert "evidence" in left or "media" in left, "the bytes are never nowhere"
    world.clock.ahead = searching.LEASE + timedelta(seconds=1)
    assert retroactive.sweep(banks.backend) >= 1
    assert banks.asked.count(banks.asked[0]) == 2
    retroactive.sweep(banks.backend)
    assert banks.asked.count(banks.asked[0]) == 2, "what was just asked for waits its turn"
    assert banks.step()
    assert taken_down(world, job)
    assert world.case(job.id) is not None
    assert counted(world, entry) == 1
    assert banks.search().progress.unpublished == 1


def test_while_a_worker_may_live_nobody_else_takes_its_search(banks: Banks, world: World) -> None:
    content = pictures.clean()
    job = publish(world, content)
    banks.confirmed(content)
    killed("with the lease", banks)
    assert not banks.step()
    assert not taken_down(world, job)


def run_both(work: Callable[[], None]) -> None:
    failures: list[Exception] = []

    def guarded() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  the main thread judges it
            failures.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_two_searches_that_hit_the_same_medium_at_once_take_it_down_once(
    banks: Banks, world: World
) -> None:
    content = pictures.clean()
    job = publish(world, content)
    entry = banks.confirmed(content)
    asked = [banks.asked[0], banks.search_for(entry).id]
    start = threading.Barrier(2)

    def work() -> None:
        search = asked.pop()
        start.wait()
        retroactive.step(search, search, Banks(world).backend)

    ids = list(asked)
    run_both(work)

    assert taken_down(world, job)
    assert counted(world, entry) == 1
    assert sum(banks.search(each).progress.unpublished for each in ids) == 1


def test_two_workers_at_once_on_one_search_do_it_once(banks: Banks, world: World) -> None:
    content = pictures.clean()
    job = publish(world, content)
    entry = banks.confirmed(content)
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        banks.step(worker=secrets.token_hex(4))

    run_both(work)

    assert taken_down(world, job)
    assert counted(world, entry) == 1
    assert banks.search().progress.unpublished == 1


def test_one_medium_that_fails_keeps_the_others_from_nothing_and_ends_in_an_alarm(
    banks: Banks, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = pictures.clean(), pictures.clean()
    failing, other = publish(world, bad), publish(world, good)
    search = banks.search_for(banks.confirmed(bad), banks.confirmed(good))
    deal_with = searching.Run._deal_with

    def sometimes(run: searching.Run, medium: str, look: bool) -> bool:
        if medium == failing.id:
            raise ConnectionError
        return deal_with(run, medium, look)

    monkeypatch.setattr(searching.Run, "_deal_with", sometimes)
    world.clock.ahead = A_WHILE
    for _ in range(retroactive.MAX_TRIES + 1):
        with pytest.raises(ConnectionError):
            banks.step(search.id)
        assert taken_down(world, other)
        if banks.search(search.id).tries == retroactive.MAX_TRIES:
            break
    assert banks.search(search.id).last_error == "ConnectionError"

    assert banks.step(search.id)

    assert banks.search(search.id).state is SearchState.FAILED
    path = RetroactiveSearch.path_of(search.id)
    alarm = world.backend.store.get(Alarm, alarm_id(AlarmKind.SEARCH_FAILED, path))
    assert alarm is not None
    assert not taken_down(world, failing)


def test_a_step_that_runs_out_of_time_goes_on_where_it_stopped(banks: Banks, world: World) -> None:
    contents = [pictures.clean() for _ in range(2)]
    jobs = [publish(world, content) for content in contents]
    search = banks.search_for(*[banks.confirmed(content) for content in contents])
    world.clock.ahead = A_WHILE
    assert not retroactive.step(search.id, "test", banks.backend, budget_s=0)
    assert search.id in banks.asked
    assert banks.step(search.id)
    assert all(taken_down(world, job) for job in jobs)


def test_media_go_at_no_more_than_the_set_pace(
    banks: Banks, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "A_SECOND", 1.0)
    contents = [pictures.clean() for _ in range(3)]
    for content in contents:
        publish(world, content)
    search = banks.search_for(*[banks.confirmed(content) for content in contents])
    began = time.monotonic()
    banks.step(search.id)
    assert time.monotonic() - began >= 2
    assert banks.search(search.id).progress.unpublished == 3


def test_an_entry_that_hits_many_unrelated_uploaders_waits_to_be_looked_at(
    banks: Banks, world: World
) -> None:
    """A popular innocent picture: some of it is held back by mistake, not all of it."""
    content = pictures.clean()
    jobs = [publish(world, content) for _ in range(4)]  # each by another account
    strict = banks.backend.policy.bank_upkeep.model_copy(update={"popular_uploaders": 2})
    policy = banks.backend.policy.model_copy(update={"bank_upkeep": strict})
    backend = replace(banks.backend, policy=policy)
    entry = banks.confirmed(content)
    search = banks.asked[0]

    assert not retroactive.step(search, "test", backend)

    assert sum(taken_down(world, job) for job in jobs) == 2
    world.backend.store.update(entry, popular=True, updated_at=world.clock.now())
    world.clock.ahead = A_WHILE
    assert retroactive.step(search, "test", backend)
    assert sum(taken_down(world, job) for job in jobs) == 2


def test_the_case_of_what_was_taken_down_counts_in_its_cluster(banks: Banks, world: World) -> None:
    content = pictures.clean()
    first, second = publish(world, content), publish(world, content)
    banks.confirmed(content)
    banks.step()
    clusters = {case.cluster_id for job in (first, second) if (case := world.case(job.id))}
    assert len(clusters) == 1
    (cluster,) = clusters
    assert cluster is not None
    found = world.backend.store.get(MediaCluster, cluster)
    assert found is not None
    assert found.members == 2
    assert record(world, first).cluster_id == cluster

"""Uploads that show the same share a cluster, and matches are counted once; on the emulators."""

from __future__ import annotations

import hashlib
import secrets
import threading
from datetime import timedelta

import pytest
from PIL import Image as Pillow

from media_integrity.fingerprints.pdq import fingerprint
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.scanning import filing
from media_integrity.scanning.backend import Backend
from media_integrity.scanning.clusters import Clusters, Shown, cluster_id, merge_clusters
from media_integrity.scanning.engine import Judgement, Progress
from media_integrity.schema.base import JobId
from media_integrity.schema.cases import Case
from media_integrity.schema.clusters import MediaCluster
from media_integrity.schema.enums import BankLabel, HashAlgorithm, ScanState
from media_integrity.schema.hashes import BankHash, HashBank, HashMatch, MediaHash
from media_integrity.schema.scans import ScanJob, UploadContext
from tests.emulator import pictures
from tests.emulator.world import World
from tests.unit.film_files import film, panned


def banked(world: World, content: bytes, *, confirmed: bool = True) -> BankHash:
    found = pictures.pdq(content)
    return world.bank(HashAlgorithm.PDQ, found.hex, quality=found.quality, confirmed=confirmed)


def case_of(world: World, job: ScanJob) -> Case:
    found = world.case(job.id)
    assert found is not None
    return found


def cluster(world: World, name: str | None) -> MediaCluster:
    assert name is not None
    found = world.backend.store.get(MediaCluster, name)
    assert found is not None
    return found


def counted(world: World, entry: BankHash) -> int:
    found = world.backend.store.get_below(BankHash, entry.parent_id, entry.id)
    assert found is not None
    return found.counters.matches


def shown(content: bytes) -> Shown:
    made = fingerprint(open_image(content, Limits()))
    return Shown.of(made.sha256, made)


def flipped(shown: Shown, bits: int) -> Shown:
    """Another upload's picture, so many bits away."""
    form = (int.from_bytes(shown.forms[0]) ^ ((1 << bits) - 1)).to_bytes(32)
    return Shown(secrets.token_hex(32), (form,))


# ---- Sharing ----


def test_copies_of_one_picture_share_a_cluster_however_they_were_saved_and_turned(
    world: World,
) -> None:
    original = pictures.landscape()
    banked(world, pictures.encoded(original))
    copies = [
        pictures.encoded(original),
        pictures.encoded(original, "JPEG", quality=60),
        pictures.encoded(original.transpose(Pillow.Transpose.ROTATE_90)),
        pictures.encoded(original.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT)),
    ]
    cases = [case_of(world, world.judged(copy)) for copy in copies]
    assert len({case.cluster_id for case in cases}) == 1
    assert cluster(world, cases[0].cluster_id).members == 4


def test_other_pictures_have_clusters_of_their_own(world: World) -> None:
    contents = [pictures.clean() for _ in range(2)]
    for content in contents:
        banked(world, content)
    first, second = (case_of(world, world.judged(content)) for content in contents)
    assert first.cluster_id != second.cluster_id
    assert cluster(world, first.cluster_id).members == 1


def test_a_published_copy_says_to_which_cluster_it_belongs_and_is_no_member(world: World) -> None:
    content = pictures.clean()
    entry = banked(world, content)
    case = case_of(world, world.judged(content))
    world.backend.store.update(entry, enabled=False, updated_at=world.clock.now())

    job = world.judged(content)

    assert job.state is ScanState.PUBLISHED
    media = world.backend.store.get(MediaHash, job.id)
    assert media is not None
    assert media.cluster_id == case.cluster_id
    assert cluster(world, case.cluster_id).members == 1


def test_what_is_published_without_a_cluster_makes_none(world: World) -> None:
    content = pictures.clean()
    job = world.judged(content)
    media = world.backend.store.get(MediaHash, job.id)
    assert media is not None
    assert media.cluster_id is None
    assert world.backend.store.get(MediaCluster, cluster_id(shown(content))) is None


def test_a_film_shares_a_cluster_with_the_same_file_only(world: World) -> None:
    content = film(panned(seed=secrets.randbits(32)))
    sha256 = hashlib.sha256(content).hexdigest()
    world.bank(HashAlgorithm.SHA256, sha256)
    first, second = (
        case_of(world, world.judged(content, content_type="video/mp4", name="clip.mp4"))
        for _ in range(2)
    )
    assert first.cluster_id == second.cluster_id == cluster_id(Shown(sha256))
    found = cluster(world, first.cluster_id)
    assert (found.members, found.pdq) == (2, None)


def test_another_instance_knows_a_cluster_as_soon_as_it_is_made(world: World) -> None:
    here, there = (Clusters(world.backend.store, world.clock) for _ in range(2))
    picture = shown(pictures.clean())
    assert there.find(picture) is None
    made = here.place(picture)
    assert there.find(picture) == made
    assert there.find(flipped(picture, 31)) == made
    assert there.find(flipped(picture, 32)) is None


def test_an_instance_whose_clock_is_ahead_hides_no_cluster_of_the_others(world: World) -> None:
    here, there = (Clusters(world.backend.store, world.clock) for _ in range(2))
    world.clock.ahead = timedelta(hours=1)
    fast = Clusters(world.backend.store, world.clock).place(shown(pictures.clean()))
    world.clock.ahead = timedelta()
    there.find(shown(pictures.clean()))
    picture = shown(pictures.clean())
    made = here.place(picture)
    assert made != fast
    assert there.find(flipped(picture, 31)) == made


def test_two_instances_at_once_make_one_cluster_of_one_picture(world: World) -> None:
    content = pictures.clean()
    banked(world, content)
    jobs = [world.deliver(world.upload(content)) for _ in range(2)]
    start = threading.Barrier(2)
    failures: list[Exception] = []

    def work(job: JobId) -> None:
        shared = world.backend
        own = Backend(shared.store, shared.objects, shared.accounts, shared.scans, shared.clock)
        mine = World(world.stack, own, world.clock, world.tasks, world.engine, world.templates)
        start.wait()
        try:
            mine.scan(job)
        except Exception as error:  # noqa: BLE001  the main thread judges it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    names = {case_of(world, world.job(job)).cluster_id for job in jobs}
    assert names == {cluster_id(shown(content))}
    assert cluster(world, names.pop()).members == 2


# ---- Merging ----


def test_near_pictures_that_began_two_clusters_at_once_end_in_the_older_one(world: World) -> None:
    store = world.backend.store
    one, other = (Clusters(store, world.clock) for _ in range(2))
    content = pictures.clean()
    picture, near = shown(content), flipped(shown(content), 9)
    for instance in (one, other):
        instance.find(picture)  # both have read what there is
    older = one.place(picture)
    younger = MediaCluster(
        id=cluster_id(near),
        pdq=near.pdq,
        created_at=world.clock.now(),
        updated_at=world.clock.now(),
    )
    store.create(younger)  # by an instance that had not seen the first
    banked(world, content)
    case = case_of(world, world.judged(content))
    store.update(case, cluster_id=younger.id)  # as the other instance filed it
    store.update(cluster(world, older), members=0)
    store.update(younger, members=1)

    assert merge_clusters(store, world.clock.now()) >= 1

    assert cluster(world, younger.id).merged_into == older
    assert case_of(world, world.job(JobId(case.id))).cluster_id == older
    assert (cluster(world, older).members, cluster(world, younger.id).members) == (1, 0)
    for instance in (one, other, Clusters(store, world.clock)):
        assert instance.find(near) == older

    assert merge_clusters(store, world.clock.now()) == 0, "a second run changes nothing"
    assert (cluster(world, older).members, cluster(world, younger.id).members) == (1, 0)


def test_a_case_filed_under_a_merged_cluster_is_brought_over_by_the_next_run(
    world: World,
) -> None:
    store, now = world.backend.store, world.clock.now()
    content = pictures.clean()
    banked(world, content)
    case = case_of(world, world.judged(content))
    gone = MediaCluster(
        id=secrets.token_hex(16),
        pdq=secrets.token_hex(32),
        merged_into=case.cluster_id,
        members=1,
        created_at=now,
        updated_at=now,
    )
    store.put(gone)
    store.update(case, cluster_id=gone.id)
    store.update(cluster(world, case.cluster_id), members=0)

    merge_clusters(store, now)

    assert case_of(world, world.job(JobId(case.id))).cluster_id == case.cluster_id
    assert cluster(world, case.cluster_id).members == 1


def test_clusters_of_long_ago_are_left_alone(world: World) -> None:
    store = world.backend.store
    picture = shown(pictures.clean())
    old = world.clock.now() - timedelta(days=2)
    pair = [
        MediaCluster(id=cluster_id(each), pdq=each.pdq, created_at=old, updated_at=old)
        for each in (picture, flipped(picture, 5))
    ]
    store.put(*pair)
    merge_clusters(store, world.clock.now())
    assert all(cluster(world, each.id).merged_into is None for each in pair)


# ---- Counting matches ----


def test_a_match_is_counted_once_however_often_it_is_delivered(world: World) -> None:
    content = pictures.clean()
    entry = banked(world, content)
    upload = world.upload(content)
    job = world.deliver(upload)
    for _ in range(3):
        world.scan(job)
    world.deliver(upload)
    assert counted(world, entry) == 1
    match = world.backend.store.get(HashMatch, f"{job}_{entry.parent_id}_{entry.id}")
    assert match is not None
    assert (match.job_id, match.overruled, match.retroactive) == (job, False, False)


def test_counting_changes_nothing_that_matching_follows(world: World) -> None:
    content = pictures.clean()
    entry = banked(world, content)
    world.judged(content)
    after = world.backend.store.get_below(BankHash, entry.parent_id, entry.id)
    assert after is not None
    assert after.updated_at == entry.updated_at
    assert after.model_copy(update={"counters": entry.counters}) == entry


def test_an_entry_that_went_while_its_match_was_examined_does_not_keep_it_from_being_filed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pictures.clean()
    entry = banked(world, content, confirmed=False)
    judge = world.engine.judge

    def and_gone(
        data: bytes, context: UploadContext, progress: Progress, *, transcript: str | None
    ) -> Judgement:
        judgement = judge(data, context, progress, transcript=transcript)
        world.backend.store.delete(entry.path)
        return judgement

    monkeypatch.setattr(world.engine, "judge", and_gone)
    job = world.judged(content)
    assert job.state is ScanState.HELD
    assert world.backend.store.get_below(BankHash, entry.parent_id, entry.id) is None, (
        "counting must not make a half of an entry"
    )


def test_a_match_that_an_allow_list_overruled_is_recorded_of_a_published_upload(
    world: World,
) -> None:
    content, now = pictures.clean(), world.clock.now()
    entry = banked(world, content)
    allowing = HashBank(
        id=f"allow-{secrets.token_hex(6)}",
        label=BankLabel.ALLOW_LIST,
        name="Test",
        source="tests",
        created_at=now,
        updated_at=now,
    )
    allowed = entry.model_copy(update={"parent_id": allowing.id})
    world.backend.store.put(allowing, allowed)

    job = world.judged(content)

    assert job.state is ScanState.PUBLISHED
    match = world.backend.store.get(HashMatch, f"{job.id}_{entry.parent_id}_{entry.id}")
    assert match is not None
    assert match.overruled
    listed = world.backend.store.get(HashMatch, f"{job.id}_{allowing.id}_{entry.id}")
    assert listed is not None
    assert not listed.overruled
    assert counted(world, entry) == counted(world, allowed) == 1


def test_the_same_verdict_filed_twice_by_one_worker_counts_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a commit that succeeded was lost: it is sent again."""
    content = pictures.clean()
    entry = banked(world, content)
    file_verdict = filing.file_verdict

    def twice(*args: object) -> ScanJob:
        filed = file_verdict(*args)  # type: ignore[arg-type]
        with pytest.raises(Exception):  # noqa: B017  whatever says that it is there already
            file_verdict(*args)  # type: ignore[arg-type]
        return filed

    monkeypatch.setattr(filing, "file_verdict", twice)
    job = world.judged(content)
    assert job.state is ScanState.BLOCKED
    assert counted(world, entry) == 1
    assert cluster(world, case_of(world, job).cluster_id).members == 1

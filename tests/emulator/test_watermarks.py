"""Published pictures carry a mark that leads back; the upload itself is kept where nobody reads."""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

import pytest
from PIL import Image as Pillow

from devkit.client import Absent, App, Denied, Person, Refused, app_of, sign_up, wait_for
from devkit.stack import Addresses
from media_integrity.cloud.firestore import Query, Where
from media_integrity.cloud.keys import KeyFile, KeyWrapper, NoKey
from media_integrity.decision.decide import hold
from media_integrity.decision.policy import default_policy
from media_integrity.decision.verdict import Verdict
from media_integrity.scanning import originals, taking_down
from media_integrity.scanning.documents import evidence_path, original_path
from media_integrity.scanning.intake import job_id
from media_integrity.schema.audit import Actor, ActorKind, AuditAction, AuditEntry
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.enforcement import ORIGIN_RETENTION, UploadOrigin
from media_integrity.schema.enums import Action, ScanState
from media_integrity.schema.errors import Invalid, Unavailable
from media_integrity.schema.hashes import MediaHash
from media_integrity.schema.scans import ReasonCode, ScanJob
from media_integrity.schema.watermarks import NO_SCHEME, MediaWatermark
from media_integrity.watermarks import tracing
from media_integrity.watermarks.carriers import SCHEME
from media_integrity.watermarks.service import Watermarks
from media_integrity.watermarks.tracing import Tracer, Way, trace
from tests.emulator import pictures
from tests.emulator.test_release import permitted
from tests.emulator.world import KEY_FILE, World
from tests.unit import film_files

POLICY = default_policy()
LOOKS = Actor(kind=ActorKind.MODERATOR, id="looks")
VERDICT_S = 120.0


def picture() -> bytes:
    return pictures.encoded(pictures.landscape(size=(1200, 900)), "JPEG", quality=90)


def marking(world: World, keys: KeyWrapper | None = None) -> World:
    """The same world, with marks."""
    store = world.backend.store
    marks = Watermarks(store, keys or KeyFile(KEY_FILE), world.clock)
    world.backend = replace(world.backend, watermarks=marks)
    return world


@pytest.fixture
def marked(world: World) -> World:
    return marking(world)


def tracer(world: World) -> Tracer:
    assert world.backend.watermarks is not None
    return Tracer(world.backend.store, world.backend.watermarks.keys, world.clock, POLICY)


def publish(world: World, content: bytes, **how: str) -> ScanJob:
    done = world.judged(content, **{"content_type": "image/jpeg", "name": "a.jpg", **how})
    assert done.state is ScanState.PUBLISHED
    return done


def seen(world: World, job: ScanJob) -> bytes:
    """What somebody else downloads."""
    assert job.published_path is not None
    return world.app(world.adult()).storage.download(job.published_path)


def kept(world: World, job: ScanJob) -> bytes | None:
    """The upload itself, beside its copy."""
    objects = world.backend.objects
    found = objects.stat(world.stack.bucket, original_path(job.uploader_id, job.id))
    return objects.read(found, max_bytes=1 << 25) if found is not None else None


def record(world: World, job: ScanJob) -> MediaWatermark:
    """The one record of a publication."""
    found = list(world.backend.store.query(Query(MediaWatermark, (Where("jobId", "==", job.id),))))
    assert len(found) == 1
    return found[0]


def take_down(world: World, job: ScanJob) -> ScanJob:
    verdict: Verdict = hold(ReasonCode.REPORTED, POLICY)
    assert taking_down.take_down(
        job.id,
        lambda tx, found: taking_down.Ground(verdict),
        POLICY,
        world.backend,
        bucket=world.stack.bucket,
    )
    return world.job(JobId(job.id))


# ---- publication


def test_a_marked_copy_is_published_and_the_upload_kept_where_no_client_reads(
    marked: World,
) -> None:
    content = picture()

    done = publish(marked, content)

    copy = seen(marked, done)
    assert done.watermarked
    assert copy != content
    assert kept(marked, done) == content
    assert marked.objects(done) == {"media"}
    for person in (marked.adult(), marked.person("moderator", moderator=True)):
        with pytest.raises((Denied, Absent)):
            marked.app(person).storage.download(original_path(done.uploader_id, done.id))
    found = record(marked, done)
    assert (found.scheme, found.uploader_id) == (SCHEME, done.uploader_id)
    assert found.sha256 == hashlib.sha256(copy).hexdigest()
    media = marked.backend.store.get(MediaHash, done.id)
    assert media is not None
    assert media.sha256 == hashlib.sha256(content).hexdigest(), "the registry knows the upload"
    assert found.views == media.views


def test_who_judges_published_media_again_sees_the_upload_not_the_copy(marked: World) -> None:
    content = picture()
    done = publish(marked, content)
    media = marked.backend.store.get(MediaHash, done.id)
    assert media is not None

    found = originals.stored(media, marked.stack.bucket, marked.backend.objects)

    assert found is not None
    assert marked.backend.objects.read(found, max_bytes=1 << 25) == content


def test_what_is_taken_down_leaves_the_upload_as_evidence_and_the_record(marked: World) -> None:
    content = picture()
    done = publish(marked, content)
    copy = seen(marked, done)

    after = take_down(marked, done)

    assert marked.objects(after) == {"evidence"}
    assert kept(marked, after) is None
    assert not after.watermarked
    objects = marked.backend.objects
    evidence = objects.stat(marked.stack.bucket, evidence_path(done.id))
    assert evidence is not None
    assert objects.read(evidence, max_bytes=1 << 25) == content
    found = trace(LOOKS, tracer(marked), picture=copy)
    assert found.candidates[0].record.job_id == done.id


def test_what_is_published_again_has_the_same_mark_and_one_record(marked: World) -> None:
    content = picture()
    done = publish(marked, content)
    first, before = seen(marked, done), record(marked, done)
    after = take_down(marked, done)

    permitted(marked, after, Action.ALLOW)
    again = marked.scan(JobId(done.id))

    assert again.state is ScanState.PUBLISHED
    assert again.watermarked
    assert seen(marked, again) == first
    assert kept(marked, again) == content
    now = record(marked, again)
    assert now.id == before.id
    assert now.published_at == before.published_at
    assert now.expire_at > before.expire_at


class Died(BaseException):
    """As if the process had been killed: no handler of ours catches it."""


@pytest.mark.parametrize("point", ["copy", "write", "delete"])
@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_while_it_publishes_is_made_good_by_the_next(
    marked: World, monkeypatch: pytest.MonkeyPatch, point: str, after: bool
) -> None:
    content = picture()
    job = marked.deliver(marked.upload(content, content_type="image/jpeg", name="a.jpg"))
    real = cast(Callable[..., None], getattr(marked.backend.objects, point))

    def dying(*told: object, **more: object) -> None:
        if after:
            real(*told, **more)
        raise Died

    monkeypatch.setattr(marked.backend.objects, point, dying)
    with pytest.raises(Died):
        marked.scan(job)
    monkeypatch.undo()
    assert marked.job(job).state is ScanState.DECIDED

    lease = marked.job(job).lease
    assert lease is not None
    marked.clock.ahead += lease.until - marked.clock.now()
    done = marked.scan(job)

    assert done.state is ScanState.PUBLISHED
    assert done.watermarked
    assert marked.objects(done) == {"media"}
    assert kept(marked, done) == content
    assert hashlib.sha256(seen(marked, done)).hexdigest() == record(marked, done).sha256


def test_without_a_key_the_upload_is_published_as_it_came_and_the_log_says_what_to_do(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    content = picture()

    done = publish(marking(world, NoKey("none")), content)

    assert not done.watermarked
    assert seen(world, done) == content
    assert kept(world, done) is None
    assert any("TEMPLATE_KMS_KEY" in each.message for each in caplog.records)
    with pytest.raises(Unavailable):
        trace(LOOKS, tracer(world), picture=content)


def test_a_failure_while_marking_does_not_keep_an_upload_back(
    marked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*told: object, **more: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr("media_integrity.watermarks.service.marked_copy", failing)
    content = picture()

    done = publish(marked, content)

    assert not done.watermarked
    assert seen(marked, done) == content
    assert record(marked, done).scheme == NO_SCHEME


@pytest.mark.parametrize("what", ["gif", "small", "film"])
def test_what_cannot_carry_a_mark_is_published_as_it_came_and_found_by_its_hash(
    marked: World, what: str
) -> None:
    small = pictures.landscape(size=(200, 120))
    content, content_type = {
        "gif": (pictures.encoded(pictures.landscape(9), "GIF"), "image/gif"),
        "small": (pictures.encoded(small), "image/png"),
        "film": (film_files.film(film_files.still()), "video/mp4"),
    }[what]

    done = publish(marked, content, content_type=content_type, name="a.bin")

    assert not done.watermarked
    assert seen(marked, done) == content
    assert kept(marked, done) is None
    found = record(marked, done)
    assert found.scheme == NO_SCHEME
    digest = hashlib.sha256(content).hexdigest()
    by_file = trace(LOOKS, tracer(marked), sha256=digest).candidates
    assert [(each.way, each.record.job_id) for each in by_file] == [(Way.FILE, done.id)]


@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("what", ["film", "gif"])
def test_what_cannot_carry_a_mark_is_published_without_where_it_was_made(
    world: World, what: str, with_key: bool
) -> None:
    place = {"location": "+48.8577+002.2950/"}
    xmp = b'<rdf:Description exif:GPSLatitude="48,51.462N"/>'
    content, content_type = {
        "film": (film_files.film(film_files.still(), container="mov", metadata=place), "video/mp4"),
        # A seed: the face detector sees a face in one of fifty such dithered pictures.
        "gif": (pictures.encoded(pictures.landscape(7 + with_key), "GIF") + xmp, "image/gif"),
    }[what]
    assert b"48.8577" in content or b"51.462N" in content
    world = marking(world) if with_key else marking(world, NoKey("none"))

    done = publish(world, content, content_type=content_type, name="a.bin")

    copy = seen(world, done)
    assert not done.watermarked
    assert len(copy) == len(content)
    assert b"48.8577" not in copy
    assert b"51.462N" not in copy
    assert kept(world, done) == content
    assert world.objects(done) == {"media"}
    if with_key:
        assert record(world, done).sha256 == hashlib.sha256(copy).hexdigest()
    down = take_down(world, done)
    assert world.objects(down) == {"evidence"}


def test_the_record_names_the_device_by_its_keyed_hash(marked: World) -> None:
    person, device = marked.adult(), secrets.token_hex(32)
    upload = marked.upload(picture(), person=person, content_type="image/jpeg", name="a.jpg")
    upload_id, now = upload.name.split("/")[2], marked.clock.now()
    marked.backend.store.put(
        UploadOrigin(
            id=UploadOrigin.id_for(UserId(person.uid), upload_id),
            user_id=UserId(person.uid),
            device_hash=device,
            created_at=now,
            expire_at=now + ORIGIN_RETENTION,
        )
    )

    done = marked.scan(marked.deliver(upload))

    assert record(marked, done).device_hash == device


def test_a_payload_that_another_upload_has_is_not_taken(marked: World) -> None:
    upload = marked.upload(picture(), content_type="image/jpeg", name="a.jpg")
    job = marked.deliver(upload)
    assert marked.backend.watermarks is not None
    key, now = marked.backend.watermarks.keys.key, marked.clock.now()
    other = MediaWatermark(
        id=key.payload(job).hex(),
        job_id=JobId(secrets.token_hex(32)),
        uploader_id=UserId(marked.adult().uid),
        scheme=SCHEME,
        key_version="1",
        published_at=now,
        expire_at=now,
    )
    marked.backend.store.put(other)

    done = marked.scan(job)

    assert record(marked, done).id == key.payload(job, 1).hex()
    assert marked.backend.store.get(MediaWatermark, other.id) == other
    found = trace(LOOKS, tracer(marked), picture=seen(marked, done)).candidates
    assert found[0].record.job_id == done.id


# ---- tracing


def changed(content: bytes, change: str) -> bytes:
    rgb = Pillow.open(io.BytesIO(content)).convert("RGB")
    if change == "shrunk":
        return pictures.encoded(rgb.resize((rgb.width // 2, rgb.height // 2)), "JPEG", quality=60)
    if change == "cut":
        return pictures.encoded(rgb.crop((90, 60, 1130, 850)), "JPEG", quality=80)
    screen = Pillow.new("RGB", (800, 1500), (240, 240, 245))
    screen.paste(rgb.resize((800, 600)), (0, 420))
    return pictures.encoded(screen, "JPEG", quality=75)


@pytest.mark.parametrize("change", ["shrunk", "cut", "screenshot"])
def test_a_changed_copy_leads_back_by_its_mark(marked: World, change: str) -> None:
    done = publish(marked, picture())
    publish(marked, picture())

    found = trace(LOOKS, tracer(marked), picture=changed(seen(marked, done), change))

    assert found.candidates[0].way is Way.MARK
    assert found.candidates[0].record.job_id == done.id
    assert (found.candidates[0].confidence or 0) > 0.999999
    assert not found.unknown_mark


def test_two_publications_of_one_picture_are_told_apart_by_their_marks_not_by_pdq(
    marked: World,
) -> None:
    content = picture()
    one, other = publish(marked, content), publish(marked, content)

    found = trace(LOOKS, tracer(marked), picture=changed(seen(marked, other), "shrunk"))

    marks = [each.record.job_id for each in found.candidates if each.way is Way.MARK]
    looks = {each.record.job_id for each in found.candidates if each.way is Way.PDQ}
    assert marks == [other.id]
    assert looks == {one.id, other.id}


def test_the_upload_itself_has_no_mark_and_is_found_by_pdq(marked: World) -> None:
    content = picture()
    done = publish(marked, content)

    found = trace(LOOKS, tracer(marked), picture=pictures.saved_again(content))

    assert [(each.way, each.record.job_id) for each in found.candidates] == [(Way.PDQ, done.id)]
    assert 0 <= (found.candidates[0].distance or 0) <= POLICY.bank_match.max_distance
    assert found.complete


def test_a_stranger_picture_leads_nowhere(marked: World) -> None:
    publish(marked, picture())
    found = trace(LOOKS, tracer(marked), picture=picture())
    assert (found.candidates, found.unknown_mark) == ((), False)


def test_a_mark_whose_record_has_expired_is_said_to_be_one(marked: World) -> None:
    done = publish(marked, picture())
    copy = seen(marked, done)
    marked.backend.store.delete(record(marked, done).path)

    found = trace(LOOKS, tracer(marked), picture=copy)

    assert (found.candidates, found.unknown_mark) == ((), True)


def test_more_lookalikes_than_are_compared_are_admitted(
    marked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = picture()
    publish(marked, content)
    monkeypatch.setattr(tracing, "NEWEST", 1)
    assert not trace(LOOKS, tracer(marked), picture=content).complete


def test_what_cannot_be_opened_is_refused_and_each_trace_is_on_record(marked: World) -> None:
    with pytest.raises(Invalid):
        trace(LOOKS, tracer(marked), picture=b"no picture")
    content = picture()
    who = Actor(kind=ActorKind.MODERATOR, id=f"looks-{secrets.token_hex(4)}")

    trace(who, tracer(marked), picture=content)

    by = Query(AuditEntry, (Where("actor.id", "==", who.id),))
    entries = list(marked.backend.store.query(by))
    assert [entry.action for entry in entries] == [AuditAction.MEDIA_TRACED]
    assert hashlib.sha256(content).hexdigest() in entries[0].note


# ---- the whole stack


def uploaded(stack: Addresses, person: Person, content: bytes) -> Mapping[str, object]:
    app = app_of(stack, person)
    path = f"uploads/{person.uid}/{secrets.token_hex(6)}/picture.jpg"
    stored = app.storage.upload(path, content, "image/jpeg")
    identity = job_id(stack.bucket, path, int(stored.generation))

    def final() -> Mapping[str, object] | None:
        try:
            fields = app.firestore.get(ScanJob.path_of(identity)).fields
        except (Absent, Denied):
            return None
        return fields if fields.get("state") == "PUBLISHED" else None

    return wait_for(final, within_s=VERDICT_S, what="the publication")


def asked(app: App, content: bytes) -> Mapping[str, object]:
    return app.call("trace_media", {"picture": base64.b64encode(content).decode()}, timeout_s=180)


def test_a_moderator_traces_what_the_functions_have_published_and_nobody_else_does(
    stack: Addresses,
) -> None:
    person = sign_up(stack, "adult", ageGroup="adult")
    job = uploaded(stack, person, picture())
    assert job["watermarked"] is True
    copy = app_of(stack, sign_up(stack, "reader")).storage.download(str(job["publishedPath"]))
    moderator = app_of(stack, sign_up(stack, "moderator", moderator=True))

    answer = asked(moderator, changed(copy, "shrunk"))

    found = cast(Sequence[Mapping[str, object]], answer["candidates"])
    assert found[0]["way"] == "mark"
    assert found[0]["uploaderId"] == person.uid
    assert found[0]["marked"] is True
    for outsider in (person, sign_up(stack, "other")):
        with pytest.raises(Refused, match=r"permission|forbidden|moderator|may not"):
            asked(app_of(stack, outsider), copy)
    for wrong in ({}, {"picture": "!"}, {"sha256": "x"}, {"picture": "", "sha256": "0" * 64}):
        with pytest.raises(Refused):
            moderator.call("trace_media", wrong)

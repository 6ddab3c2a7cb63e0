"""What a detection does to an upload: held with its reason, or published; and who learns what."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image as Pillow

from devkit.client import Person
from media_integrity.api.wiring import make_matcher
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.fingerprints.pdq import fingerprint
from media_integrity.matching.banks import FirestoreBanks
from media_integrity.media.limits import FilmLimits, Limits, MediaLimits
from media_integrity.media.open import open_image, open_media
from media_integrity.media.types import Image
from media_integrity.scanning.engine import Engine
from media_integrity.schema.base import UserId
from media_integrity.schema.cases import CaseDetails
from media_integrity.schema.enums import (
    Action,
    DetectionMethod,
    HashAlgorithm,
    Outcome,
    ScanState,
    Violation,
)
from media_integrity.schema.findings import Finding, IdentityMorphingDetail, NudityDetail
from media_integrity.schema.hashes import MediaHash
from media_integrity.schema.scans import ReasonCode, ScanJob
from media_integrity.schema.shields import ReferenceKind, Shield, ShieldId, ShieldStatus
from media_integrity.signals import films, pictures, runtime
from media_integrity.signals.base import Example, Needs, Signals
from media_integrity.signals.document.examples import again, retyped, saved, statement
from media_integrity.signals.faces import look
from media_integrity.signals.identity.embedding import MODEL, Numbers, embeddings
from media_integrity.signals.identity.references import People
from media_integrity.signals.registry import all_signals
from media_integrity.signals.voice.examples import robot, tone, wav
from tests.emulator.world import World


def engine_of(world: World, policy: Policy, signals: Signals) -> Engine:
    matcher = make_matcher(policy, FirestoreBanks(world.backend.store))
    return Engine(policy, signals, matcher)


def reasons(job: ScanJob) -> list[ReasonCode]:
    assert job.verdict is not None, job.refusal
    return [reason.code for reason in job.verdict.reasons]


def details(world: World, job: ScanJob) -> CaseDetails:
    found = world.details(job.id)
    assert found is not None
    return found


def outcome(world: World, job: ScanJob, violation: Violation) -> Outcome:
    lines = details(world, job).outcomes
    return next(line.outcome for line in lines if line.violation is violation)


# --- films and recordings ------------------------------------------------------------------------


def test_a_film_is_published_with_the_fingerprints_of_its_frames(world: World) -> None:
    done = world.consented(films.person(), content_type="video/mp4", name="clip.mp4")
    assert done.state is ScanState.PUBLISHED, reasons(done)
    assert done.published_path is not None
    assert done.published_path.endswith("/original.mp4")
    assert done.people is not None
    assert done.people.count == 1
    known = world.backend.store.get(MediaHash, done.id)
    assert known is not None
    assert len(known.views) >= 2


def test_a_film_with_a_face_made_anew_in_each_frame_is_held(world: World) -> None:
    done = world.judged(films.flickering_face(), content_type="video/mp4", name="clip.mp4")
    assert done.state is ScanState.HELD
    assert ReasonCode.FACE_ALTERED in reasons(done)
    assert outcome(world, done, Violation.DEEPFAKE_FACE) is Outcome.INCONCLUSIVE


def test_a_film_that_shows_a_banked_picture_for_a_moment_is_blocked(world: World) -> None:
    film = films.nobody()
    image = opened_film(world, film)
    prints = fingerprint(image)
    view = next(each for each in prints.views if each.quality >= 50)
    entry = world.bank(HashAlgorithm.PDQ, view.pdq.hex, quality=view.quality)
    try:
        done = world.judged(film, content_type="video/mp4", name="clip.mp4")
    finally:  # other tests upload it as an ordinary film
        world.backend.store.update(entry, enabled=False, updated_at=datetime.now(UTC))
    assert done.state is ScanState.BLOCKED
    assert reasons(done) == [ReasonCode.BANK_MATCH_CONFIRMED]


def opened_film(world: World, film: bytes) -> Image:
    image = open_media(film, world.engine.policy.limits.media)
    assert isinstance(image, Image)
    return image


def test_a_film_longer_than_is_checked_is_held_unseen(world: World) -> None:
    policy = default_policy()
    media = MediaLimits(film=FilmLimits(max_duration_s=1))
    limits = policy.limits.model_copy(update={"media": media})
    world.engine = engine_of(world, policy.model_copy(update={"limits": limits}), all_signals())
    done = world.judged(films.person(), content_type="video/mp4", name="clip.mp4")
    assert done.state is ScanState.HELD
    assert reasons(done) == [ReasonCode.TOO_MUCH_TO_CHECK]
    assert outcome(world, done, Violation.VOICE_CLONE) is Outcome.INCONCLUSIVE


def test_half_a_film_is_refused(world: World) -> None:
    film = films.person()
    done = world.judged(film[: len(film) // 2], content_type="video/mp4", name="clip.mp4")
    assert done.state is ScanState.REFUSED


def test_a_recording_without_speech_is_published(world: World) -> None:
    done = world.judged(wav(tone(3.0)), content_type="audio/wav", name="sound.wav")
    assert done.state is ScanState.PUBLISHED, reasons(done)
    assert done.published_path is not None
    assert done.published_path.endswith("/original.wav")


def test_a_machines_voice_is_held(world: World) -> None:
    done = world.judged(wav(robot(4.0)), content_type="audio/wav", name="sound.wav")
    assert done.state is ScanState.HELD
    assert reasons(done) == [ReasonCode.VOICE_SYNTHETIC]


def test_a_machines_voice_that_confesses_by_its_transcript_is_held_for_that(world: World) -> None:
    done = world.judged(
        wav(robot(4.0)),
        content_type="audio/wav",
        name="sound.wav",
        transcript="I confess: I killed her and I hid the body.",
    )
    assert reasons(done) == [ReasonCode.VOICE_SYNTHETIC, ReasonCode.CONFESSION_AUDIO]
    assert outcome(world, done, Violation.FAKE_CONFESSION_AUDIO) is Outcome.INCONCLUSIVE
    assert "body" not in details(world, done).model_dump_json(), "the words stay with the upload"


# --- documents -----------------------------------------------------------------------------------


def test_a_statement_is_published_and_the_same_with_an_amount_typed_over_is_held(
    world: World,
) -> None:
    sent_on = again(statement(), 60)
    true = world.judged(saved(sent_on))
    forged = world.judged(saved(retyped(sent_on)))
    assert true.state is ScanState.PUBLISHED, reasons(true)
    assert forged.state is ScanState.HELD
    assert reasons(forged) == [ReasonCode.DOCUMENT_EDITED]
    assert outcome(world, forged, Violation.EVIDENCE_FABRICATION) is Outcome.INCONCLUSIVE


# --- identity ------------------------------------------------------------------------------------


def portrait_numbers() -> Numbers:
    image = open_image(pictures.portrait(), Limits())
    ((face,),) = look(image)
    (found,) = embeddings(image.views[0].rgb, [face])
    assert found.numbers is not None
    return found.numbers


def shielded(world: World, *numbers: Numbers, owner: Person | None = None) -> Shield:
    """An active shield with these faces, made as the functions will make it."""
    now = datetime.now(UTC)
    shield = Shield(
        id=secrets.token_urlsafe(15),
        owner_id=UserId((owner or world.person("victim")).uid),
        status=ShieldStatus.ACTIVE,
        created_at=now,
        updated_at=now,
    )
    world.backend.store.put(shield)
    for each in numbers:
        world.templates.enrol(shield, ReferenceKind.FACE, each, runtime.reference(MODEL))
    return shield


def gone(world: World, *shields: Shield) -> None:
    """So that the next test's portrait belongs to nobody."""
    for shield in shields:
        world.templates.destroy(ShieldId(shield.id))
        world.backend.store.update(shield, status=ShieldStatus.PAUSED, updated_at=datetime.now(UTC))


def test_a_face_between_two_protected_people_is_held_and_only_moderators_learn_whose(
    world: World,
) -> None:
    own = portrait_numbers()
    way = np.zeros(128, np.float32)
    way[:64] = 0.35 / 8
    left, right = shielded(world, own + way), shielded(world, own - way)
    world.engine = engine_of(world, default_policy(), all_signals(world.references()))
    try:
        done = world.judged(pictures.portrait(), content_type="image/jpeg")
    finally:
        gone(world, left, right)
    assert done.state is ScanState.HELD
    assert ReasonCode.IDENTITY_MORPHED in reasons(done)
    found = details(world, done)
    (finding,) = (
        each for each in found.findings if isinstance(each.detail, IdentityMorphingDetail)
    )
    assert isinstance(finding.detail, IdentityMorphingDetail)
    assert {near.person_id for near in finding.detail.faces[0].near} == {left.id, right.id}
    case = world.case(done.id)
    assert case is not None
    for shield in (left, right):
        assert shield.id not in case.model_dump_json()
        assert shield.id not in done.model_dump_json()


def test_a_protected_persons_own_face_is_no_blend(world: World) -> None:
    owner = world.adult()
    shield = shielded(world, portrait_numbers(), owner=owner)
    world.engine = engine_of(world, default_policy(), all_signals(world.references()))
    try:
        job = world.deliver(
            world.upload(pictures.portrait(), person=owner, content_type="image/jpeg")
        )
        world.self_consent(job)
        done = world.scan(job)
    finally:
        gone(world, shield)
    assert done.state is ScanState.PUBLISHED, reasons(done)


def test_nothing_is_published_while_the_protected_cannot_be_read(world: World) -> None:
    class Unreadable:
        def people(self) -> People:
            raise RuntimeError

    world.engine = engine_of(world, default_policy(), all_signals(Unreadable()))
    done = world.judged(pictures.portrait(), content_type="image/jpeg")
    assert done.state is ScanState.HELD
    assert reasons(done) == [ReasonCode.CHECK_FAILED]


# --- made nudity: scores are put in, since nothing nude is made or used here ----------------------


class Scored:
    """Takes the nudity network's place."""

    name, version, needs = DetectionMethod.NUDITY, "test", frozenset({Needs.IMAGE})

    def __init__(self, score: float) -> None:
        self._score = score

    def run(self, media: Image) -> Finding:
        return Finding(
            method=self.name, version=self.version, score=self._score, detail=NudityDetail(view=0)
        )

    def examples(self) -> tuple[Example, ...]:
        return ()


def as_if_nude(world: World, score: float) -> None:
    signals = all_signals()
    shown = tuple(
        Scored(score) if signal.name is DetectionMethod.NUDITY else signal
        for signal in signals.pictures
    )
    world.engine = engine_of(world, default_policy(), replace(signals, pictures=shown))


@pytest.mark.parametrize(
    ("make", "content_type"),
    [(pictures.portrait, "image/jpeg"), (films.person, "video/mp4")],
    ids=["picture", "film"],
)
def test_what_is_nude_and_real_is_blurred_for_an_adult(
    world: World, make: Callable[[], bytes], content_type: str
) -> None:
    as_if_nude(world, 0.99)
    done = world.consented(make(), content_type=content_type)
    assert done.state is ScanState.PUBLISHED, reasons(done)
    assert done.verdict is not None
    assert done.verdict.action is Action.BLUR
    assert done.preview_path is not None
    stored = world.backend.objects.stat(world.stack.bucket, done.preview_path)
    assert stored is not None
    shown = world.backend.objects.read(stored, max_bytes=1_000_000)
    with Pillow.open(io.BytesIO(shown)) as picture:
        assert max(picture.size) >= 32


def test_nudity_in_a_picture_that_looks_generated_is_held_with_its_evidence(world: World) -> None:
    as_if_nude(world, 0.99)
    done = world.judged(pictures.rebuilt_portrait(), content_type="image/jpeg")
    assert done.state is ScanState.HELD
    assert ReasonCode.SEXUAL_AI_NUDITY in reasons(done)
    assert outcome(world, done, Violation.AI_NUDE) is Outcome.INCONCLUSIVE


def test_the_same_picture_without_nudity_is_no_matter_of_made_nudity(world: World) -> None:
    as_if_nude(world, 0.01)
    done = world.judged(pictures.rebuilt_portrait(), content_type="image/jpeg")
    assert ReasonCode.SEXUAL_AI_NUDITY not in reasons(done)

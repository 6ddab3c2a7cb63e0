"""Consent end to end against the emulators: who is asked, what they say, what becomes of it."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from threading import Barrier
from typing import Protocol

import pytest
from PIL import Image as Pillow

from devkit.client import Denied, Person
from media_integrity.api.wiring import make_engine
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.consent import asking, upkeep
from media_integrity.consent.answering import confirm, open_link, refuse, take_back
from media_integrity.consent.asking import Asked, ask
from media_integrity.consent.gate import people_who_agreed, require_no_refusal
from media_integrity.consent.refusals import REFUSALS_BANK
from media_integrity.consent.tokens import read_token
from media_integrity.consent.verifying import claim_self, offer_statement
from media_integrity.consent.verifying import look as look_at
from media_integrity.consent.who import By
from media_integrity.consent.withdrawing import withdraw, withdraw_answer, withdraw_from
from media_integrity.decision.policy import default_policy
from media_integrity.matching.banks import FirestoreBanks
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.scanning import release
from media_integrity.schema.audit import AuditAction, AuditEntry
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.cases import BlockedUploadAttempt
from media_integrity.schema.consent import (
    BlockedConsentClaim,
    ConsentBasis,
    ConsentHold,
    ConsentHoldStatus,
    ConsentRequest,
    ConsentRequestId,
    ConsentRequestSecret,
    ConsentRequestStatus,
    ConsentStatus,
    ConsentVerification,
)
from media_integrity.schema.enums import Action, CaseStatus, HashAlgorithm, ScanState, Surface
from media_integrity.schema.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ServiceError,
    TooMany,
)
from media_integrity.schema.faces import FaceDetectionRecord
from media_integrity.schema.hashes import BankHash, MediaHash
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import NotifyEffect, OutboxEntry
from media_integrity.schema.scans import ReasonCode, ScanJob
from media_integrity.schema.shields import (
    ReferenceKind,
    Shield,
    ShieldId,
    ShieldReferences,
    ShieldStatus,
)
from media_integrity.signals import pictures as faces
from media_integrity.signals import runtime
from media_integrity.signals.faces import look
from media_integrity.signals.identity.embedding import MODEL, embeddings
from tests.emulator.pictures import clean, edited, pdq, saved_again
from tests.emulator.portraits import portrait
from tests.emulator.world import World

POLICY = default_policy()
GIVEN, AWAITING = ConsentHoldStatus.GIVEN, ConsentHoldStatus.AWAITING


def uid(person: Person) -> UserId:
    return UserId(person.uid)


def waiting(world: World, people: int = 1, content: bytes | None = None) -> tuple[ScanJob, Person]:
    """An upload that waits for the people in it."""
    owner = world.adult()
    job = world.judged(content or portrait(people), person=owner)  # type: ignore[arg-type]
    assert job.state is ScanState.AWAITING_CONSENT, job.verdict
    return job, owner


def asked_for(world: World, job: ScanJob, *people: Person | None) -> list[Asked]:
    """Questions to these accounts; None: by a link."""
    wanted = [asking.Person(user=uid(each) if each else None) for each in people]
    return ask(JobId(job.id), wanted, job.uploader_id, world.consents)


def answer_by(asked: Asked, person: Person | None = None) -> By:
    if person is not None:
        return By.account(asked.request.id, uid(person))
    assert asked.link is not None
    return By.token(asked.link.token)


def after_scans(world: World, job: ScanJob | str) -> ScanJob:
    """The job, once every task that was asked for has run."""
    identity = JobId(job if isinstance(job, str) else job.id)
    while world.tasks.jobs:
        world.scan(world.tasks.jobs.pop())
    return world.job(identity)


def hold_of(world: World, job: ScanJob) -> ConsentHold:
    found = world.backend.store.get(ConsentHold, job.id)
    assert found is not None
    return found


def request_of(world: World, asked: Asked) -> ConsentRequest:
    found = world.backend.store.get(ConsentRequest, asked.request.id)
    assert found is not None
    return found


def told(world: World, person: Person) -> list[NotificationKind]:
    entries = world.backend.store.query(
        Query(OutboxEntry, (Where("effect.userId", "==", person.uid),))
    )
    return [each.effect.notification for each in entries if isinstance(each.effect, NotifyEffect)]


def is_published(world: World, job: ScanJob) -> bool:
    media = world.backend.store.get(MediaHash, job.id)
    return (media is not None and media.unpublished_at is None) or "media" in world.objects(job)


@pytest.fixture(autouse=True)
def fresh(world: World) -> Iterator[None]:
    yield
    world.tasks.jobs.clear()


class Enrol(Protocol):
    """Gives an account a shield with the face in ``portrait``, or another one."""

    def __call__(self, owner: UserId, *, of_somebody_else: bool = False) -> Shield: ...


@pytest.fixture
def enrol(world: World) -> Iterator[Enrol]:
    made: list[Shield] = []

    def enrolled(owner: UserId, *, of_somebody_else: bool = False) -> Shield:
        image = open_image(faces.portrait(), Limits())
        ((face,),) = look(image)
        (numbers,) = embeddings(image.views[0].rgb, [face])
        assert numbers.numbers is not None
        own = numbers.numbers[::-1].copy() if of_somebody_else else numbers.numbers
        now = world.clock.now()
        shield = Shield(
            id=secrets.token_hex(8),
            owner_id=owner,
            status=ShieldStatus.ACTIVE,
            references=ShieldReferences(faces=1),
            created_at=now,
            updated_at=now,
        )
        world.backend.store.put(shield)
        world.templates.enrol(shield, ReferenceKind.FACE, own, runtime.reference(MODEL))
        made.append(shield)
        world.engine = make_engine(POLICY, FirestoreBanks(world.backend.store), world.references())
        return shield

    yield enrolled
    for shield in made:
        world.templates.destroy(ShieldId(shield.id))
        world.backend.store.update(shield, status=ShieldStatus.PAUSED, updated_at=world.clock.now())


# ---- who is asked


def test_a_picture_of_somebody_waits_and_nobody_sees_it(world: World) -> None:
    job, owner = waiting(world)
    assert world.objects(job) == {"uploads"}
    hold = hold_of(world, job)
    assert (hold.status, hold.needed) == (AWAITING, 1)
    assert hold.expires_at is not None
    record = world.backend.store.get(FaceDetectionRecord, job.id)
    assert record is not None
    assert record.count == len(record.boxes) == 1
    assert look_at(JobId(job.id), uid(owner), world.consents).missing == 1


def test_a_picture_of_nobody_asks_nobody(world: World) -> None:
    job = world.judged(clean())
    assert job.state is ScanState.PUBLISHED, job.verdict
    assert world.backend.store.get(ConsentHold, job.id) is None
    assert world.backend.store.get(FaceDetectionRecord, job.id) is None
    found = claim_self(JobId(job.id), job.uploader_id, world.consents)
    assert (found.status, found.needed) == (GIVEN, 0)


def test_in_a_crowd_nobody_is_asked(world: World) -> None:
    one = Pillow.open(io.BytesIO(portrait(seed=3))).convert("RGB").resize((150, 90))
    crowd = Pillow.new("RGB", (1200, 1080))
    for number in range(12 * 8):
        crowd.paste(one, (number % 8 * 150, number // 8 * 90))
    stream = io.BytesIO()
    crowd.save(stream, "JPEG", quality=92)
    job = world.judged(stream.getvalue())
    hold = world.backend.store.get(ConsentHold, job.id)
    assert job.people is not None
    assert job.people.count >= POLICY.consent.crowd_faces
    assert hold is None


def test_what_nobody_has_looked_into_asks_for_one_person_at_the_least(world: World) -> None:
    limits = POLICY.limits.model_copy(
        update={
            "media": POLICY.limits.media.model_copy(
                update={"image": POLICY.limits.media.image.model_copy(update={"max_frames": 1})}
            )
        }
    )
    unopened = POLICY.model_copy(update={"limits": limits})
    world.engine = make_engine(unopened, FirestoreBanks(world.backend.store))
    consents = replace(world.consents, policy=unopened)
    stream = io.BytesIO()
    frames = [Pillow.open(io.BytesIO(portrait())).resize((160, 96)) for _ in range(3)]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    job = world.judged(stream.getvalue())
    assert job.state is ScanState.HELD
    assert job.verdict is not None
    assert [each.code for each in job.verdict.reasons] == [ReasonCode.TOO_MUCH_TO_CHECK]
    hold = hold_of(world, job)
    assert (hold.status, hold.needed) == (AWAITING, 1)

    def permit(tx: Transaction) -> None:
        release.permit(tx, release.read(tx, job.id), Action.ALLOW, world.clock.now())

    world.backend.store.run(permit)
    assert world.scan(JobId(job.id)).state is ScanState.AWAITING_CONSENT
    assert world.backend.store.get(FaceDetectionRecord, job.id) is None
    (asked,) = ask(JobId(job.id), [asking.Person()], job.uploader_id, consents)
    assert asked.link is not None
    assert asked.request.preview_path is None, "what is not opened has no preview"
    assert open_link(asked.link.token, consents).preview is None
    confirm(answer_by(asked), consents)
    assert after_scans(world, job).state is ScanState.PUBLISHED


# ---- the uploader's own word


def test_who_says_at_once_that_it_is_them_is_published_by_the_first_scan(world: World) -> None:
    job = world.consented(portrait())
    assert job.state is ScanState.PUBLISHED, job.verdict
    assert job.judged == 1
    consent = world.backend.store.get(ConsentVerification, ConsentVerification.id_of_self(job.id))
    assert consent is not None
    assert (consent.basis, consent.subject_id) == (ConsentBasis.SELF, job.uploader_id)
    assert consent.scope.sha256 == job.sha256
    assert hold_of(world, job).status is GIVEN


def test_who_says_so_later_has_it_judged_again_and_twice_is_once(world: World) -> None:
    job, owner = waiting(world)
    first = claim_self(JobId(job.id), uid(owner), world.consents)
    second = claim_self(JobId(job.id), uid(owner), world.consents)
    assert first == second
    assert first.status is GIVEN
    assert world.tasks.jobs.count(JobId(job.id)) == 2, "the upload's, and one for the release"
    after = after_scans(world, job)
    assert (after.state, after.judged) == (ScanState.PUBLISHED, 2)
    entries = world.backend.store.query(
        Query(AuditEntry, (Where("subject", "==", ConsentHold.path_of(job.id)),))
    )
    assert [each.action for each in entries] == [AuditAction.CONSENT_CHANGED]


def test_in_a_group_it_counts_for_one(world: World) -> None:
    job, owner = waiting(world, 3)
    found = claim_self(JobId(job.id), uid(owner), world.consents)
    assert (found.status, found.needed, found.given, found.missing) == (AWAITING, 3, 1, 2)
    assert after_scans(world, job).state is ScanState.AWAITING_CONSENT


def test_who_has_asked_somebody_else_about_everybody_is_none_of_them(world: World) -> None:
    job, owner = waiting(world)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    with pytest.raises(Conflict) as refused:
        claim_self(JobId(job.id), uid(owner), world.consents)
    assert refused.value.code == "somebody_asked"
    hold = hold_of(world, job)
    assert (hold.status, hold.consents, hold.self_claimed) == (AWAITING, (), False)
    assert after_scans(world, job).state is ScanState.AWAITING_CONSENT
    confirm(answer_by(asked, friend), world.consents)
    assert claim_self(JobId(job.id), uid(owner), world.consents).status is GIVEN


def test_who_has_said_so_says_it_twice_also_after_asking_the_others(world: World) -> None:
    job, owner = waiting(world, 2)
    first = claim_self(JobId(job.id), uid(owner), world.consents)
    asked_for(world, job, None)
    second = claim_self(JobId(job.id), uid(owner), world.consents)
    assert (first.given, second.given, second.pending) == (1, 1, 1)


def test_of_asking_somebody_and_saying_so_at_once_one_counts(world: World) -> None:
    for _ in range(3):
        job, owner = waiting(world)
        start = Barrier(2)

        def claim() -> None:
            start.wait()  # noqa: B023
            with suppress(Conflict):
                claim_self(JobId(job.id), uid(owner), world.consents)  # noqa: B023

        def put_question() -> None:
            start.wait()  # noqa: B023
            with suppress(Conflict):
                asked_for(world, job, None)  # noqa: B023

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(act) for act in (claim, put_question)]:
                done.result()
        hold = hold_of(world, job)
        assert len(hold.consents) + len(hold.requests) == 1
        assert (hold.status is GIVEN) == bool(hold.consents)


def test_nobody_speaks_about_somebody_elses_upload(world: World) -> None:
    job, _ = waiting(world)
    stranger = uid(world.adult())
    for act in (claim_self, look_at):
        with pytest.raises(NotFound):
            act(JobId(job.id), stranger, world.consents)
    with pytest.raises(NotFound):
        claim_self(JobId("0" * 64), stranger, world.consents)


@pytest.mark.parametrize("claims_first", [True, False])
def test_where_a_selfie_is_enrolled_it_must_be_them(
    world: World, enrol: Enrol, claims_first: bool
) -> None:
    owner = world.adult()
    enrol(uid(owner), of_somebody_else=True)
    job = world.deliver(world.upload(portrait(), person=owner))
    if claims_first:
        world.self_consent(job)
    judged = world.scan(job)
    assert judged.state is ScanState.AWAITING_CONSENT, judged.verdict
    with pytest.raises(Forbidden) as refused:
        world.self_consent(job)
    assert refused.value.code == "not_own_face"
    hold = hold_of(world, judged)
    assert (hold.status, hold.own_face, hold.consents) == (AWAITING, False, ())
    void = world.backend.store.get(ConsentVerification, ConsentVerification.id_of_self(job))
    assert (void.status if void else None) == (ConsentStatus.VOID if claims_first else None)

    (asked,) = asked_for(world, judged, None)
    confirm(answer_by(asked), world.consents)
    assert after_scans(world, job).state is ScanState.PUBLISHED


def test_an_enrolled_selfie_that_is_them_lets_them(world: World, enrol: Enrol) -> None:
    owner = world.adult()
    enrol(uid(owner))
    job = world.consented(portrait(), person=owner)  # type: ignore[arg-type]
    assert job.state is ScanState.PUBLISHED, job.verdict
    assert hold_of(world, job).own_face is True


def test_what_is_said_in_place_of_a_consent_is_refused_and_recorded_once(world: World) -> None:
    job, owner = waiting(world)
    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            offer_statement(
                JobId(job.id), "She posted this publicly herself", uid(owner), world.consents
            )
        assert refused.value.code == "claim_posted_publicly"
    claims = list(
        world.backend.store.query(Query(BlockedConsentClaim, (Where("jobId", "==", job.id),)))
    )
    assert [(each.uploader_id, each.language) for each in claims] == [(owner.uid, "en")]
    assert hold_of(world, job).claims == 1

    found = offer_statement(JobId(job.id), "Good morning", uid(owner), world.consents)
    assert found.missing == 1
    assert after_scans(world, job).state is ScanState.AWAITING_CONSENT


# ---- asking and agreeing


def test_three_people_agree_and_it_is_published(world: World) -> None:
    job, owner = waiting(world, 3)
    friend = world.adult()
    claim_self(JobId(job.id), uid(owner), world.consents)
    by_id, by_link = asked_for(world, job, friend, None)
    assert told(world, friend) == [NotificationKind.CONSENT_REQUESTED]
    confirm(answer_by(by_id, friend), world.consents)
    assert after_scans(world, job).state is ScanState.AWAITING_CONSENT
    confirm(answer_by(by_link), world.consents)
    after = after_scans(world, job)
    assert after.state is ScanState.PUBLISHED
    assert told(world, owner).count(NotificationKind.CONSENT_CONFIRMED) == 2

    def agreed(tx: Transaction) -> frozenset[UserId]:
        return people_who_agreed(tx, job.id)

    assert world.backend.store.run(agreed) == {uid(owner), uid(friend)}


def test_the_same_person_is_asked_one_question(world: World) -> None:
    job, _ = waiting(world, 2)
    friend = world.adult()
    (first,), (second,) = asked_for(world, job, friend), asked_for(world, job, friend)
    assert first.request.id == second.request.id
    assert told(world, friend) == [NotificationKind.CONSENT_REQUESTED]
    assert len(hold_of(world, job).requests) == 1


def test_no_more_are_asked_than_have_to_agree(world: World) -> None:
    job, owner = waiting(world, 2)
    claim_self(JobId(job.id), uid(owner), world.consents)
    asked_for(world, job, None)
    with pytest.raises(Conflict) as refused:
        asked_for(world, job, world.adult())
    assert refused.value.code == "enough_asked"


def test_whether_an_id_is_that_of_an_account_cannot_be_told(world: World) -> None:
    job, owner = waiting(world, 2)
    real = asked_for(world, job, world.adult())
    made_up = ask(
        JobId(job.id), [asking.Person(user=UserId("nobody-at-all"))], uid(owner), world.consents
    )
    plain = {"id", "subject_id", "preview_path", "created_at", "expires_at", "expire_at"}
    one, other = (each[0].request.model_dump(exclude=plain) for each in (real, made_up))
    assert one == other


def test_oneself_and_one_person_twice_are_no_people_to_ask(world: World) -> None:
    job, owner = waiting(world, 2)
    friend = world.adult()
    for people in ([owner], [friend, friend]):
        with pytest.raises(Invalid):
            asked_for(world, job, *people)


def test_one_upload_is_asked_about_by_who_uploaded_it_and_once_it_is_judged(world: World) -> None:
    owner = world.adult()
    pending = world.deliver(world.upload(portrait(), person=owner))
    with pytest.raises(Conflict) as early:
        asked_for(world, world.job(pending), None)
    assert early.value.code == "not_judged"
    stranger = uid(world.adult())
    with pytest.raises(NotFound):
        ask(pending, [asking.Person()], stranger, world.consents)
    published = world.judged(clean())
    with pytest.raises(Conflict) as needless:
        asked_for(world, published, None)
    assert needless.value.code == "nothing_to_ask"


def test_the_preview_is_for_who_is_asked_and_goes_with_the_answer(world: World) -> None:
    job, owner = waiting(world, 2)
    friend = world.adult()
    by_id, by_link = asked_for(world, job, friend, None)
    path = by_id.request.preview_path
    assert path is not None
    shown = world.app(friend).storage.download(path)
    assert Pillow.open(io.BytesIO(shown)).format == "JPEG"
    for other in (owner, world.adult(), world.person("moderator", moderator=True), None):
        with pytest.raises(Denied):
            world.app(other).storage.download(path)
    assert by_link.request.preview_path is not None
    with pytest.raises(Denied):
        world.app(friend).storage.download(by_link.request.preview_path)
    assert by_link.link is not None
    opened = open_link(by_link.link.token, world.consents)
    assert opened.preview
    assert len(opened.preview) < 40_000 * 3 // 4

    confirm(answer_by(by_id, friend), world.consents)
    assert world.backend.objects.stat(world.stack.bucket, path) is None
    refuse(answer_by(by_link), world.consents)
    assert open_link(by_link.link.token, world.consents).preview is None


def test_a_token_is_told_once_and_stored_nowhere(world: World) -> None:
    job, _ = waiting(world)
    (asked,) = asked_for(world, job, None)
    assert asked.link is not None
    secret = world.backend.store.get_below(
        ConsentRequestSecret, asked.request.id, ConsentRequestSecret.LINK_ID
    )
    assert secret is not None
    stored = str((secret, request_of(world, asked), hold_of(world, job)))
    assert asked.link.secret not in stored
    for wrong in (f"{asked.request.id}.{'a' * 43}", f"{'0' * 32}.{asked.link.secret}"):
        with pytest.raises(NotFound):
            open_link(wrong, world.consents)


def test_a_lost_link_is_replaced_and_opens_nothing_any_more(world: World) -> None:
    job, owner = waiting(world)
    (lost,) = asked_for(world, job, None)
    renew = asking.Person(renew=ConsentRequestId(lost.request.id))
    (again,) = ask(JobId(job.id), [renew], uid(owner), world.consents)
    assert again.request.id == lost.request.id
    with pytest.raises(NotFound):
        confirm(answer_by(lost), world.consents)
    confirm(answer_by(again), world.consents)
    with pytest.raises(Conflict):
        ask(JobId(job.id), [renew], uid(owner), world.consents)
    assert after_scans(world, job).state is ScanState.PUBLISHED


def test_a_person_is_notified_so_often_a_day_and_the_asker_is_not_told(world: World) -> None:
    few = POLICY.consent.model_copy(update={"notices_a_day": 1})
    friend = world.adult()
    for _ in range(2):
        job, _ = waiting(world)
        consents = replace(world.consents, policy=POLICY.model_copy(update={"consent": few}))
        (asked,) = ask(JobId(job.id), [asking.Person(user=uid(friend))], job.uploader_id, consents)
        assert asked.request.status is ConsentRequestStatus.PENDING
    assert told(world, friend) == [NotificationKind.CONSENT_REQUESTED]


def test_an_uploader_asks_so_many_people_a_day(world: World) -> None:
    few = POLICY.consent.model_copy(update={"requests_a_day": 1})
    consents = replace(world.consents, policy=POLICY.model_copy(update={"consent": few}))
    job, owner = waiting(world, 2)
    ask(JobId(job.id), [asking.Person()], uid(owner), consents)
    with pytest.raises(TooMany):
        ask(JobId(job.id), [asking.Person()], uid(owner), consents)
    assert len(hold_of(world, job).requests) == 1


def test_only_who_is_asked_answers(world: World) -> None:
    job, owner = waiting(world)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    for other in (owner, world.adult()):
        for act in (confirm, refuse, take_back):
            with pytest.raises(NotFound):
                act(answer_by(asked, other), world.consents)
    with pytest.raises(NotFound):  # the request of an account has no link
        confirm(By.token(f"{asked.request.id}.{'a' * 43}"), world.consents)
    assert request_of(world, asked).status is ConsentRequestStatus.PENDING


def test_agreeing_twice_is_agreeing_once(world: World) -> None:
    job, owner = waiting(world)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    confirm(answer_by(asked, friend), world.consents)
    confirm(answer_by(asked, friend), world.consents)
    assert hold_of(world, job).consents == (
        ConsentVerification.id_for(job.id, ConsentRequestId(asked.request.id)),
    )
    assert told(world, owner).count(NotificationKind.CONSENT_CONFIRMED) == 1


# ---- refusing


def test_a_refusal_blocks_without_reproach_and_holds_copies(world: World) -> None:
    content = portrait(2)
    job, owner = waiting(world, content=content)
    friend, other = world.adult(), world.adult()
    one, another = asked_for(world, job, friend, other)
    refuse(answer_by(one, friend), world.consents)
    refuse(answer_by(one, friend), world.consents)  # twice is once

    after = after_scans(world, job)
    assert after.state is ScanState.BLOCKED
    assert after.verdict is not None
    assert [each.code for each in after.verdict.reasons] == [ReasonCode.CONSENT_REFUSED]
    assert world.objects(after) == {"evidence"}
    case = world.case(job.id)
    assert case is not None
    assert (case.status, case.appealable) == (CaseStatus.CLOSED, False)
    assert world.backend.store.get(BlockedUploadAttempt, job.id) is None
    assert told(world, owner).count(NotificationKind.CONSENT_REFUSED) == 1
    assert request_of(world, another).status is ConsentRequestStatus.CANCELLED
    with pytest.raises(Conflict):
        confirm(answer_by(another, other), world.consents)
    with pytest.raises(Conflict) as closed:
        claim_self(JobId(job.id), uid(owner), world.consents)
    assert closed.value.code == "consent_refused"
    assert not hold_of(world, job).end_due

    def permitted(tx: Transaction) -> None:
        require_no_refusal(tx, job.id)

    with pytest.raises(Conflict) as refused:
        world.backend.store.run(permitted)
    assert refused.value.code == "consent_refused"

    copied = world.judged(content)
    assert copied.state is ScanState.HELD, "another account"
    assert owner.uid not in str(world.details(copied.id))


def test_a_moderators_permission_publishes_nothing_that_somebody_refused(world: World) -> None:
    job, _ = waiting(world)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    refuse(answer_by(asked, friend), world.consents)
    blocked = after_scans(world, job)

    def permit(tx: Transaction) -> None:
        release.permit(tx, release.read(tx, blocked.id), Action.ALLOW, world.clock.now())

    world.backend.store.run(permit)
    after = world.scan(JobId(job.id))
    assert after.state is ScanState.BLOCKED
    assert not is_published(world, after)


def test_the_same_uploader_is_stopped_with_the_same_picture_saved_again(world: World) -> None:
    content = portrait()
    job, owner = waiting(world, content=content)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    refuse(answer_by(asked, friend), world.consents)
    after_scans(world, job)

    again = world.deliver(
        world.upload(saved_again(content), person=owner, content_type="image/jpeg")
    )
    world.self_consent(again)
    stopped = world.scan(again)
    assert stopped.state in {ScanState.HELD, ScanState.BLOCKED}
    assert hold_of(world, stopped).status is ConsentHoldStatus.REFUSED
    with pytest.raises(Conflict):
        asked_for(world, stopped, world.adult())


def test_a_refusal_can_be_taken_back_for_later_uploads(world: World) -> None:
    content = portrait()
    job, owner = waiting(world, content=content)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    by = answer_by(asked, friend)
    with pytest.raises(Conflict):
        take_back(by, world.consents)
    refuse(by, world.consents)
    after_scans(world, job)
    entry = BankHash.id_for(HashAlgorithm.PDQ, pdq(content).hex)
    banked = world.backend.store.get_below(BankHash, REFUSALS_BANK, entry)
    assert banked is not None
    assert (banked.enabled, banked.confirmed) == (True, False)

    take_back(by, world.consents)
    take_back(by, world.consents)

    off = world.backend.store.get_below(BankHash, REFUSALS_BANK, entry)
    assert off is not None
    assert not off.enabled
    assert world.job(JobId(job.id)).state is ScanState.BLOCKED, "this upload stays what it is"
    with pytest.raises(Conflict):
        confirm(by, world.consents)
    again = world.judged(content, person=owner)  # type: ignore[arg-type]
    assert again.state is ScanState.AWAITING_CONSENT


def test_the_uploader_has_the_link_too_and_undoes_no_refusal_with_it(world: World) -> None:
    content = portrait()
    job, owner = waiting(world, content=content)
    (asked,) = asked_for(world, job, None)
    by = answer_by(asked)
    refuse(by, world.consents)
    after_scans(world, job)

    with pytest.raises(Forbidden) as refused:
        take_back(by, world.consents)
    assert refused.value.code == "by_link"
    renew = asking.Person(renew=ConsentRequestId(asked.request.id))
    with pytest.raises(Conflict):
        ask(JobId(job.id), [renew], uid(owner), world.consents)
    with pytest.raises(Conflict):
        confirm(by, world.consents)

    assert hold_of(world, job).stands
    entry = BankHash.id_for(HashAlgorithm.PDQ, pdq(content).hex)
    banked = world.backend.store.get_below(BankHash, REFUSALS_BANK, entry)
    assert banked is not None
    assert banked.enabled
    again = world.consented(content, person=owner)  # type: ignore[arg-type]
    assert again.state in {ScanState.HELD, ScanState.BLOCKED}


def test_what_was_withdrawn_by_a_link_is_not_undone_by_it_either(world: World) -> None:
    job, _ = waiting(world)
    (asked,) = asked_for(world, job, None)
    confirm(answer_by(asked), world.consents)
    after_scans(world, job)
    withdraw_answer(answer_by(asked), world.consents)
    with pytest.raises(Forbidden) as refused:
        take_back(answer_by(asked), world.consents)
    assert refused.value.code == "by_link"
    assert hold_of(world, job).stands


def test_a_refused_link_is_not_renewed_while_others_are_yet_to_answer(world: World) -> None:
    job, owner = waiting(world, 2)
    refused, _ = asked_for(world, job, None, None)
    refuse(answer_by(refused), world.consents)
    renew = asking.Person(renew=ConsentRequestId(refused.request.id))
    with pytest.raises(Conflict):
        ask(JobId(job.id), [renew], uid(owner), world.consents)
    assert request_of(world, refused).status is ConsentRequestStatus.REFUSED


def test_an_entry_stays_until_the_last_refusal_is_taken_back(world: World) -> None:
    content = portrait()
    people = [world.adult(), world.adult()]
    answers = []
    first, _ = waiting(world, content=content)
    second_owner = world.adult()
    second = world.judged(content, person=second_owner)  # type: ignore[arg-type]
    for job, person in zip((first, second), people, strict=True):
        (asked,) = asked_for(world, job, person)
        answers.append(answer_by(asked, person))
        refuse(answers[-1], world.consents)
    entry = BankHash.id_for(HashAlgorithm.PDQ, pdq(content).hex)

    def enabled() -> bool:
        found = world.backend.store.get_below(BankHash, REFUSALS_BANK, entry)
        assert found is not None
        return found.enabled

    take_back(answers[0], world.consents)
    assert enabled()
    take_back(answers[1], world.consents)
    assert not enabled()


def test_of_yes_and_no_at_once_the_no_counts(world: World) -> None:
    for _ in range(3):
        job, _ = waiting(world)
        friend = world.adult()
        (asked,) = asked_for(world, job, friend)
        by, start = answer_by(asked, friend), Barrier(2)

        def say(act: object) -> None:
            start.wait()  # noqa: B023
            try:
                act(by, world.consents)  # type: ignore[operator]  # noqa: B023
            except Conflict:
                return

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(say, (confirm, refuse)))
        after = after_scans(world, job)
        assert not is_published(world, after)
        assert hold_of(world, job).status in {
            ConsentHoldStatus.REFUSED,
            ConsentHoldStatus.WITHDRAWN,
        }


def test_a_no_takes_down_what_others_have_agreed_to(world: World) -> None:
    job, owner = waiting(world, 2)
    other = world.adult()
    claim_self(JobId(job.id), uid(owner), world.consents)
    (another,) = asked_for(world, job, other)
    confirm(answer_by(another, other), world.consents)
    assert after_scans(world, job).state is ScanState.PUBLISHED
    refuse(answer_by(another, other), world.consents)
    after = after_scans(world, job)
    assert after.state is ScanState.BLOCKED
    assert not is_published(world, after)


# ---- taking a consent back


def test_taking_a_consent_back_unpublishes_at_once(world: World) -> None:
    job, owner = waiting(world)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    confirm(answer_by(asked, friend), world.consents)
    published = after_scans(world, job)
    assert published.state is ScanState.PUBLISHED
    consent = ConsentVerification.id_for(job.id, ConsentRequestId(asked.request.id))
    for other in (owner, world.adult()):
        with pytest.raises(NotFound):
            withdraw(consent, uid(other), world.consents)

    withdraw(consent, uid(friend), world.consents)
    withdraw(consent, uid(friend), world.consents)

    after = world.job(JobId(job.id))
    assert after.state is ScanState.BLOCKED
    assert world.objects(after) == {"evidence"}
    case = world.case(job.id)
    assert case is not None
    assert (case.status, [each.code for each in case.explanation]) == (
        CaseStatus.CLOSED,
        [ReasonCode.CONSENT_WITHDRAWN],
    )
    assert told(world, owner).count(NotificationKind.CONSENT_WITHDRAWN) == 1
    hold = hold_of(world, job)
    assert (hold.status, hold.end_due, hold.stands) == (ConsentHoldStatus.WITHDRAWN, False, True)


def test_the_link_by_which_somebody_agreed_takes_it_back(world: World) -> None:
    job, _ = waiting(world)
    (asked,) = asked_for(world, job, None)
    with pytest.raises(NotFound):
        withdraw_answer(answer_by(asked), world.consents)
    confirm(answer_by(asked), world.consents)
    after_scans(world, job)
    withdraw_answer(answer_by(asked), world.consents)
    assert not is_published(world, world.job(JobId(job.id)))
    assert asked.link is not None
    assert open_link(asked.link.token, world.consents).withdrawn


def test_one_takes_ones_own_picture_down_and_may_upload_it_again(world: World) -> None:
    content = portrait()
    job = world.consented(content)
    withdraw_from(JobId(job.id), job.uploader_id, world.consents)
    assert not is_published(world, world.job(JobId(job.id)))
    owner = Person(job.uploader_id, "", "", "")
    assert told(world, owner) == [NotificationKind.UPLOAD_UNPUBLISHED]
    hold = hold_of(world, job)
    assert (hold.status, hold.stands) == (ConsentHoldStatus.WITHDRAWN, False)
    assert world.consented(content).state is ScanState.PUBLISHED


def test_what_waits_is_stopped_when_somebody_takes_their_consent_back(world: World) -> None:
    job, owner = waiting(world, 2)
    claim_self(JobId(job.id), uid(owner), world.consents)
    withdraw_from(JobId(job.id), uid(owner), world.consents)
    after = after_scans(world, job)
    assert after.state is ScanState.BLOCKED


def test_a_withdrawal_that_died_half_way_is_finished(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from media_integrity.consent import withdrawing

    job = world.consented(portrait())
    monkeypatch.setattr(withdrawing, "finish", lambda consent, backend: None)
    withdraw_from(JobId(job.id), job.uploader_id, world.consents)
    assert is_published(world, world.job(JobId(job.id)))
    monkeypatch.undo()
    upkeep.keep(world.consents)
    assert not is_published(world, world.job(JobId(job.id)))


# ---- what a consent covers


def test_a_consent_covers_the_same_picture_saved_again_and_no_edited_copy(world: World) -> None:
    content = portrait()
    job = world.consented(content)
    owner = Person(job.uploader_id, "", "", "")
    again = uploaded_again(world, job, saved_again(content))
    assert again.state is ScanState.PUBLISHED
    assert hold_of(world, again).consents == (ConsentVerification.id_of_self(job.id),)
    assert uploaded_again(world, job, edited(content)).state is ScanState.AWAITING_CONSENT
    assert owner.uid == again.uploader_id

    withdraw(ConsentVerification.id_of_self(job.id), job.uploader_id, world.consents)
    assert not is_published(world, world.job(JobId(job.id)))
    assert not is_published(world, world.job(JobId(again.id))), "it rested on the same consent"


def test_it_covers_neither_another_surface_nor_another_uploader(world: World) -> None:
    content = portrait()
    job = world.consented(content)
    assert uploaded_again(world, job, content, Surface.DM).state is ScanState.AWAITING_CONSENT
    assert world.judged(content).state is ScanState.AWAITING_CONSENT


def uploaded_again(
    world: World, job: ScanJob, content: bytes, surface: Surface = Surface.FEED
) -> ScanJob:
    """Another upload of who made the first."""
    from media_integrity.scanning.intake import Upload, record_upload

    name = f"uploads/{job.uploader_id}/again-{abs(hash((content, surface))):x}/picture.jpg"
    world.backend.objects.write(
        world.stack.bucket,
        name,
        content,
        content_type="image/jpeg",
        metadata={"surface": surface.value},
    )
    stored = world.backend.objects.stat(world.stack.bucket, name)
    assert stored is not None
    found = record_upload(
        Upload(stored.bucket, stored.name, stored.generation, stored.metadata), world.backend
    )
    assert found is not None
    return world.scan(found)


# ---- time


def test_who_does_not_answer_in_time_has_not_agreed(world: World) -> None:
    job, owner = waiting(world)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    world.clock.ahead += timedelta(days=6, hours=23)
    upkeep.keep(world.consents)
    assert hold_of(world, job).status is AWAITING
    world.clock.ahead += timedelta(hours=2)
    upkeep.keep(world.consents)
    upkeep.keep(world.consents)

    after = after_scans(world, job)
    assert after.state is ScanState.BLOCKED
    assert after.verdict is not None
    assert [each.code for each in after.verdict.reasons] == [ReasonCode.CONSENT_EXPIRED]
    assert request_of(world, asked).status is ConsentRequestStatus.EXPIRED
    for person in (owner, friend):
        assert told(world, person).count(NotificationKind.CONSENT_EXPIRED) == 1
    with pytest.raises(Conflict) as late:
        confirm(answer_by(asked, friend), world.consents)
    assert late.value.code == "expired"
    assert not hold_of(world, job).stands, "nobody has said no: it may be asked again"


def test_an_answer_after_the_time_is_none_even_before_upkeep_has_run(world: World) -> None:
    job, _ = waiting(world)
    (asked,) = asked_for(world, job, None)
    world.clock.ahead += timedelta(days=7, minutes=1)
    for act in (confirm, refuse):
        with pytest.raises(Conflict) as late:
            act(answer_by(asked), world.consents)
        assert late.value.code == "expired"


def test_what_nobody_agreed_to_is_deleted_after_a_month(world: World) -> None:
    job, _ = waiting(world)
    world.clock.ahead += timedelta(days=8)
    upkeep.keep(world.consents)
    after = after_scans(world, job)
    assert world.objects(after) == {"evidence"}
    world.clock.ahead += timedelta(days=POLICY.consent.erase_days - 1)
    upkeep.keep(world.consents)
    assert world.objects(after) == {"evidence"}
    world.clock.ahead += timedelta(days=2)
    upkeep.keep(world.consents)
    assert world.objects(after) == set()
    assert hold_of(world, job).erase_at is None


def test_bytes_stay_while_a_moderator_has_the_case(world: World) -> None:
    job, _ = waiting(world)
    world.clock.ahead += timedelta(days=8)
    upkeep.keep(world.consents)
    after = after_scans(world, job)
    case = world.case(job.id)
    assert case is not None
    world.backend.store.update(case, status=CaseStatus.OPEN)
    world.clock.ahead += timedelta(days=POLICY.consent.erase_days + 1)
    upkeep.keep(world.consents)
    assert world.objects(after) == {"evidence"}


# ---- deletion in mid-flow


def test_an_upload_that_is_gone_needs_no_answer(world: World) -> None:
    job, _ = waiting(world)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    world.backend.store.delete(job.path)
    with pytest.raises(Conflict) as gone:
        confirm(answer_by(asked, friend), world.consents)
    assert gone.value.code == "cancelled"
    assert request_of(world, asked).status is ConsentRequestStatus.CANCELLED


def test_a_file_that_is_gone_ends_refused_and_cannot_be_asked_about(world: World) -> None:
    job, owner = waiting(world)
    stored = world.backend.objects.stat(job.source.bucket, job.source.name)
    assert stored is not None
    world.backend.objects.delete(stored)
    with pytest.raises(Conflict) as gone:
        asked_for(world, job, None)
    assert gone.value.code == "gone"
    claim_self(JobId(job.id), uid(owner), world.consents)
    assert after_scans(world, job).state is ScanState.REFUSED


def test_a_hold_that_was_deleted_breaks_nothing(world: World) -> None:
    job, _ = waiting(world)
    friend = world.adult()
    (asked,) = asked_for(world, job, friend)
    world.backend.store.delete(ConsentHold.path_of(job.id))
    refuse(answer_by(asked, friend), world.consents)
    assert request_of(world, asked).status is ConsentRequestStatus.REFUSED
    after = after_scans(world, job)
    assert not is_published(world, after)


# ---- with moderators


def test_people_can_agree_while_a_moderator_has_the_upload_and_still_have_to(world: World) -> None:
    content = portrait(2)
    world.bank(HashAlgorithm.PDQ, pdq(content).hex, confirmed=False)
    owner = world.adult()
    job = world.judged(content, person=owner)  # type: ignore[arg-type]
    assert job.state is ScanState.HELD
    hold = hold_of(world, job)
    assert (hold.status, hold.expires_at) == (AWAITING, None)
    (asked,) = asked_for(world, job, None)
    confirm(answer_by(asked), world.consents)

    def permit(tx: Transaction) -> None:
        require_no_refusal(tx, job.id)
        release.permit(tx, release.read(tx, job.id), Action.ALLOW, world.clock.now())

    world.backend.store.run(permit)
    after = world.scan(JobId(job.id))
    assert after.state is ScanState.AWAITING_CONSENT, "a moderator cannot agree for anybody"
    assert hold_of(world, job).expires_at is not None
    claim_self(JobId(job.id), uid(owner), world.consents)
    assert after_scans(world, job).state is ScanState.PUBLISHED


def test_a_token_can_be_read_from_its_text(world: World) -> None:
    job, _ = waiting(world)
    (asked,) = asked_for(world, job, None)
    assert asked.link is not None
    assert read_token(asked.link.token) == asked.link


# ---- any sequence


@dataclass
class Story:
    """What people do about one picture of two people, and what was said about which upload."""

    world: World
    random: Random
    content: bytes = field(default_factory=lambda: portrait(2))
    asked: list[tuple[JobId, By]] = field(default_factory=list)
    jobs: list[JobId] = field(default_factory=list)
    against: set[JobId] = field(default_factory=set)
    noes: set[ConsentRequestId] = field(default_factory=set)
    """Requests of those who have said no about the picture."""
    forgiven: set[ConsentRequestId] = field(default_factory=set)
    """Of those whose no does not count any more, for good."""

    def __post_init__(self) -> None:
        self.owner, self.friend = self.world.adult(), self.world.adult()
        self.upload()

    def upload(self) -> None:
        """Nothing stands in the way of a picture; a no counts against a later one, until the person
        who was asked by account takes it back. By a link, which the uploader has too, nobody does.
        """
        job = self.world.deliver(self.world.upload(self.content, person=self.owner))
        self.jobs.append(job)
        self.against |= {job} if self.noes else set()

    def claim(self) -> None:
        claim_self(self.random.choice(self.jobs), uid(self.owner), self.world.consents)

    def ask(self) -> None:
        job = self.random.choice(self.jobs)
        user = self.random.choice([uid(self.friend), None])
        (made,) = ask(job, [asking.Person(user=user)], uid(self.owner), self.world.consents)
        by = answer_by(made, self.friend if user else None)
        self.asked.append((job, by))

    def confirm(self) -> None:
        confirm(self.random.choice(self.asked)[1], self.world.consents)

    def refuse(self) -> None:
        job, by = self.random.choice(self.asked)
        refuse(by, self.world.consents)
        self._against(job, by)

    def take_back(self) -> None:
        _, by = self.random.choice(self.asked)
        take_back(by, self.world.consents)
        if by.link is None:
            self.noes.discard(by.request)
            self.forgiven.add(by.request)

    def undo_by_link(self) -> None:
        """The uploader does, who has every link, and tries again at once."""
        _, by = self.random.choice([each for each in self.asked if each[1].link is not None])
        with suppress(ServiceError):
            take_back(by, self.world.consents)
        self.upload()
        claim_self(self.jobs[-1], uid(self.owner), self.world.consents)

    def withdraw(self) -> None:
        job, by = self.random.choice(self.asked)
        withdraw_answer(by, self.world.consents)
        self._against(job, by)

    def _against(self, job: JobId, by: By) -> None:
        self.against.add(job)
        self.noes |= {by.request} - self.forgiven

    def permit(self) -> None:
        job = self.random.choice(self.jobs)

        def body(tx: Transaction) -> None:
            release.permit(tx, release.read(tx, job), Action.ALLOW, self.world.clock.now())

        self.world.backend.store.run(body)
        self.world.tasks.jobs.append(job)

    def scans(self) -> None:
        after_scans(self.world, self.jobs[0])

    def upkeep(self) -> None:
        self.world.clock.ahead += timedelta(days=self.random.choice([0, 2, 8]))
        upkeep.keep(self.world.consents)


@pytest.mark.parametrize("seed", range(3))
def test_no_sequence_of_calls_publishes_what_somebody_in_it_is_against(
    world: World, seed: int
) -> None:
    story = Story(world, Random(seed))
    likely = [
        story.ask,
        story.confirm,
        story.refuse,
        story.withdraw,
        story.claim,
        story.take_back,
        story.undo_by_link,
        story.permit,
        story.upkeep,
        story.upload,
        story.scans,
        story.scans,
    ]
    story.scans()
    said = []
    for _ in range(14):
        act = story.random.choice(likely)
        said.append(act.__name__)
        with suppress(ServiceError, IndexError):
            act()
        story.scans()
        for job in story.against:
            assert not is_published(world, world.job(job)), said

"""Shields against the emulators: made, acting, disputed, gone. The test plays tasks and clock."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from media_integrity.banks import personal
from media_integrity.cloud.firestore import Query, Transaction
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.consent import answering, asking
from media_integrity.consent.who import By
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.matching.alarms import alarm_id
from media_integrity.matching.matcher import Matcher
from media_integrity.scanning import release
from media_integrity.scanning.taking_down import take_down
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.base import CaseId, JobId, UserId
from media_integrity.schema.cases import ShieldAnswer
from media_integrity.schema.enums import Action, CaseStatus, HashAlgorithm, ScanState, Violation
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from media_integrity.schema.evidence import CustodyAction, CustodyEntry, EvidenceItem, EvidenceKind
from media_integrity.schema.hashes import BankHash, MediaHash
from media_integrity.schema.scans import ReasonCode, ScanJob
from media_integrity.schema.shields import (
    Shield,
    ShieldAttacker,
    ShieldDetails,
    ShieldId,
    ShieldKey,
    ShieldLevel,
    ShieldMatch,
    ShieldStatus,
    ShieldTemplate,
    ShieldToggles,
)
from media_integrity.sealing.envelopes import CannotOpen
from media_integrity.shields import (
    answers,
    conflicts,
    evidence,
    keep,
    references,
    rescan,
    service,
)
from media_integrity.shields.service import Contacts, Wish
from media_integrity.signals import pictures
from media_integrity.signals.voice.examples import robot, wav
from media_integrity.templates.sealing import Binding, unseal
from tests.emulator.people import Protected, protected
from tests.emulator.pictures import clean, pdq
from tests.emulator.portraits import altered, both, hers, theirs
from tests.emulator.world import World

SENIOR = Actor(kind=ActorKind.SENIOR_MODERATOR, id="senior")


def reasons(job: ScanJob) -> list[ReasonCode]:
    assert job.verdict is not None, job.refusal
    return [reason.code for reason in job.verdict.reasons]


def with_limits(**changes: object) -> Policy:
    policy = default_policy()
    shields = policy.shields.model_copy(update=changes)
    return policy.model_copy(update={"shields": shields})


# --- what a shield does ---------------------------------------------------------------------------


def test_a_strangers_picture_of_a_shielded_person_is_held_and_the_person_is_told(
    guarded: Protected,
) -> None:
    victim, stranger = guarded.world.adult(), guarded.world.adult()
    shield = guarded.shield(victim, hers())

    job = guarded.uploaded(hers(), stranger)

    assert job.state is ScanState.HELD
    assert reasons(job) == [ReasonCode.PERSON_PROTECTED]
    details = guarded.world.details(job.id)
    assert details is not None and details.victim_ids == (victim.uid,)
    assert guarded.told_whom(f"{job.id}_{shield.id}", "shield_media_held") == victim.uid
    counted = guarded.now(shield).statistics
    assert (counted.cases, counted.media_held, counted.media_blocked) == (1, 1, 0)


def test_nothing_that_the_uploader_may_read_names_the_person_or_the_shield(
    guarded: Protected,
) -> None:
    victim, stranger = guarded.world.adult(), guarded.world.adult()
    shield = guarded.shield(victim, hers())
    held = guarded.uploaded(hers(), stranger)
    guarded.old()
    blocked = guarded.uploaded(altered(), stranger)
    assert (held.state, blocked.state) == (ScanState.HELD, ScanState.BLOCKED)
    case = guarded.world.case(blocked.id)
    assert case is not None
    shown = "".join(
        each.model_dump_json()
        for each in (held, blocked, case, guarded.world.case(held.id) or case)
    )
    assert victim.uid not in shown
    assert shield.id not in shown
    assert "identity_morphing" not in case.model_dump_json(include={"violations"})


def test_a_shield_does_not_act_against_its_owner(guarded: Protected) -> None:
    victim = guarded.world.adult()
    guarded.shield(victim, hers())
    assert guarded.uploaded(hers(), victim).state is ScanState.PUBLISHED


def test_another_persons_picture_is_nobodys_business(guarded: Protected) -> None:
    guarded.shield(guarded.world.adult(), hers())
    job = guarded.uploaded(theirs())
    assert job.state is ScanState.PUBLISHED, reasons(job)


def test_a_person_who_has_consented_is_not_protected_from_it(guarded: Protected) -> None:
    world = guarded.world
    victim, friend = world.adult(), world.adult()
    job = world.judged(hers(), person=friend, content_type="image/jpeg", name="a.jpg")  # type: ignore[arg-type]
    assert job.state is ScanState.AWAITING_CONSENT
    (asked,) = asking.ask(
        JobId(job.id), [asking.Person(user=UserId(victim.uid))], UserId(friend.uid), world.consents
    )
    shield = guarded.shield(victim, hers())  # made while the question is open
    answering.confirm(By.account(asked.request.id, UserId(victim.uid)), world.consents)

    assert guarded.again(job).state is ScanState.PUBLISHED
    assert guarded.now(shield).statistics.cases == 0


def test_a_young_shield_holds_an_altered_picture_and_an_old_one_blocks_it(
    guarded: Protected,
) -> None:
    victim, attacker = guarded.world.adult(), guarded.world.adult()
    shield = guarded.shield(victim, hers(), level=ShieldLevel.ENHANCED)
    young = guarded.uploaded(altered(), attacker)
    assert young.state is ScanState.HELD
    assert {ReasonCode.PERSON_PROTECTED, ReasonCode.FACE_ALTERED} == set(reasons(young))

    guarded.old()
    old = guarded.uploaded(altered(), attacker)

    assert old.state is ScanState.BLOCKED
    assert reasons(old) == [ReasonCode.PROTECTED_ALTERED]
    case = guarded.world.case(old.id)
    assert case is not None and case.violation is Violation.DEEPFAKE_FACE
    assert case.appealable and case.needs_confirmation is False
    counted = guarded.now(shield).statistics
    assert (counted.cases, counted.media_held, counted.media_blocked) == (2, 1, 1)
    assert counted.attackers_blocked == 1
    tracked = guarded.world.backend.store.get_below(ShieldAttacker, shield.id, attacker.uid)
    assert tracked is not None
    assert (tracked.attempts, tracked.blocked) == (2, 1)
    assert tracked.case_ids == (young.id, old.id)
    assert guarded.told(f"{old.id}_{shield.id}", "shield_media_blocked")
    assert guarded.told(f"{old.id}_{shield.id}", "tally")
    assert guarded.told(f"{old.id}_{shield.id}", "escalate")


def test_a_standard_shield_does_not_keep_which_cases_an_account_had(guarded: Protected) -> None:
    attacker = guarded.world.adult()
    shield = guarded.shield(guarded.world.adult(), hers())
    guarded.uploaded(hers(), attacker)
    tracked = guarded.world.backend.store.get_below(ShieldAttacker, shield.id, attacker.uid)
    assert tracked is not None and tracked.case_ids == ()


def test_notifications_can_be_switched_off(guarded: Protected) -> None:
    quiet = Wish(toggles=ShieldToggles(notifications=False))
    shield = guarded.shield(guarded.world.adult(), wish=quiet)
    references.add(ShieldId(shield.id), hers(), shield.owner_id, guarded.backend)
    job = guarded.uploaded(hers())
    assert job.state is ScanState.HELD
    assert guarded.told(f"{job.id}_{shield.id}", "shield_media_held") is None
    assert guarded.now(shield).statistics.cases == 1


def test_an_upload_that_is_judged_again_counts_once(guarded: Protected) -> None:
    shield = guarded.shield(guarded.world.adult(), hers())
    job = guarded.uploaded(hers())

    def again(tx: Transaction) -> None:
        release.reconsider(tx, release.read(tx, job.id), guarded.world.clock.now())

    for _ in range(2):
        guarded.world.backend.store.run(again)
        assert guarded.again(job).state is ScanState.HELD
    assert guarded.now(shield).statistics.cases == 1


def test_uploads_at_the_same_time_are_all_counted(guarded: Protected) -> None:
    world = guarded.world
    shield = guarded.shield(world.adult(), hers())
    people = [world.adult() for _ in range(3)]
    jobs = [
        world.deliver(
            world.upload(hers(), person=people[number % 3], content_type="image/jpeg", name="a.jpg")
        )
        for number in range(6)
    ]
    with ThreadPoolExecutor(6) as threads:
        done = list(threads.map(world.scan, jobs))
    assert {job.state for job in done} == {ScanState.HELD}
    counted = guarded.now(shield).statistics
    matches = list(world.backend.store.query(Query(ShieldMatch, below=shield.path)))
    assert counted.cases == counted.media_held == len(matches) == 6
    attackers = list(world.backend.store.query(Query(ShieldAttacker, below=shield.path)))
    assert sorted(each.attempts for each in attackers) == [2, 2, 2]


def test_a_shield_that_matches_everybody_only_holds_until_a_moderator_has_looked(
    world: World, matcher: Matcher
) -> None:
    with protected(world, matcher, with_limits(flood_uploaders=2)) as guarded:
        shield = guarded.shield(world.adult(), hers())
        guarded.old()
        uploader = world.adult()
        for person in (uploader, uploader, world.adult()):
            guarded.uploaded(hers(), person)
        assert guarded.now(shield).held_back_at is None  # two accounts
        guarded.uploaded(hers())
        assert guarded.now(shield).held_back_at is not None
        alarm = alarm_id(AlarmKind.SHIELD_FLOOD, shield.path)
        assert world.backend.store.get(Alarm, alarm) is not None
        assert guarded.uploaded(altered()).state is ScanState.HELD

        own = Actor(kind=ActorKind.SENIOR_MODERATOR, id=shield.owner_id)
        with pytest.raises(Forbidden):
            conflicts.review_reach(ShieldId(shield.id), False, "mine", own, guarded.backend)
        conflicts.review_reach(ShieldId(shield.id), False, "an attack", SENIOR, guarded.backend)
        assert guarded.uploaded(altered()).state is ScanState.BLOCKED


def test_a_protected_voice_is_held_and_a_machine_that_speaks_in_it_is_blocked(
    guarded: Protected,
) -> None:
    world = guarded.world
    shield = guarded.shield(world.adult(), speech(1))
    assert guarded.now(shield).references.voices == 1
    with pytest.raises(Invalid) as refused:  # what sounds made is nothing to recognise a person by
        references.add(ShieldId(shield.id), speech(2), shield.owner_id, guarded.backend)
    assert refused.value.code == "looks_made"

    guarded.old()
    human, machine = (
        world.judged(speech(words), content_type="audio/wav", name="a.wav") for words in (3, 5)
    )

    assert (human.state, machine.state) == (ScanState.HELD, ScanState.BLOCKED)
    assert ReasonCode.PERSON_PROTECTED in reasons(human)
    case = world.case(machine.id)
    assert case is not None and case.violation is Violation.VOICE_CLONE
    counted = guarded.now(shield).statistics
    assert (counted.media_held, counted.media_blocked) == (1, 1)


def speech(words: int) -> bytes:
    """A voice made by code, the same whatever it says. By the detector, 2 and 5 sound made."""
    return wav(robot(12.0, words))


# --- references -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (clean, "not_one_face"),
        (both, "not_one_face"),
        (pictures.three_portraits, "not_one_face"),
        (altered, "looks_made"),
        (pictures.rebuilt_portrait, "looks_made"),
        (lambda: b"not a picture at all", None),
        (lambda: b"", None),
    ],
)
def test_what_shows_nobody_or_several_or_was_made_is_no_reference(
    guarded: Protected, content: object, code: str | None
) -> None:
    assert callable(content)
    shield = guarded.shield(guarded.world.adult())
    with pytest.raises(Invalid) as refused:
        references.add(ShieldId(shield.id), content(), shield.owner_id, guarded.backend)
    assert code is None or refused.value.code == code
    left = guarded.now(shield)
    assert (left.status, left.listed) == (ShieldStatus.PENDING, ())
    assert guarded.backend.templates.shelf.templates(ShieldId(shield.id)) == []


def test_one_shield_is_one_person(guarded: Protected) -> None:
    shield = guarded.shield(guarded.world.adult(), hers())
    with pytest.raises(Invalid) as refused:
        references.add(ShieldId(shield.id), theirs(), shield.owner_id, guarded.backend)
    assert refused.value.code == "another_person"


def test_the_same_file_twice_is_one_reference(guarded: Protected) -> None:
    shield, content = guarded.shield(guarded.world.adult()), hers()
    added = [
        references.add(ShieldId(shield.id), content, shield.owner_id, guarded.backend)
        for _ in range(2)
    ]
    assert added[0].reference_id == added[1].reference_id
    assert guarded.now(shield).references.faces == 1
    assert len(guarded.backend.templates.shelf.templates(ShieldId(shield.id))) == 1


def test_a_shield_takes_no_more_references_than_the_policy_says(
    world: World, matcher: Matcher
) -> None:
    with protected(world, matcher, with_limits(references=1)) as guarded:
        shield = guarded.shield(world.adult(), hers())
        with pytest.raises(TooMany):
            references.add(ShieldId(shield.id), hers(), shield.owner_id, guarded.backend)


def test_a_removed_reference_is_compared_with_nothing(guarded: Protected) -> None:
    shield = guarded.shield(guarded.world.adult(), hers())
    (listed,) = shield.listed
    for _ in range(2):
        references.remove(ShieldId(shield.id), listed.id, shield.owner_id, guarded.backend)
    assert guarded.now(shield).status is ShieldStatus.PENDING
    assert guarded.backend.templates.shelf.templates(ShieldId(shield.id)) == []
    assert guarded.uploaded(hers()).state is ScanState.PUBLISHED


def test_nobody_reaches_anothers_shield(guarded: Protected) -> None:
    shield = guarded.shield(guarded.world.adult(), hers())
    name, stranger = ShieldId(shield.id), UserId(guarded.world.adult().uid)
    backend = guarded.backend
    for act in (
        lambda: references.add(name, hers(), stranger, backend),
        lambda: references.remove(name, shield.listed[0].id, stranger, backend),
        lambda: service.update(name, stranger, Wish(level=ShieldLevel.MAXIMUM), backend),
        lambda: service.pause(name, stranger, backend),
        lambda: service.resume(name, stranger, backend),
        lambda: service.delete(name, stranger, backend),
    ):
        with pytest.raises(NotFound):
            act()
    assert guarded.now(shield) == shield.model_copy(
        update={"updated_at": guarded.now(shield).updated_at}
    )


# --- life -----------------------------------------------------------------------------------------


def test_a_paused_shield_does_nothing_and_a_resumed_one_does(guarded: Protected) -> None:
    shield = guarded.shield(guarded.world.adult(), hers())
    content = clean()
    hashed = pdq(content)
    sent = [personal.PhoneHash(hashed.hex, hashed.quality)]
    personal.submit(ShieldId(shield.id), sent, shield.owner_id, guarded.backend.banks)
    assert guarded.world.judged(content).state is ScanState.HELD

    service.pause(ShieldId(shield.id), shield.owner_id, guarded.backend)
    assert guarded.uploaded(hers()).state is ScanState.PUBLISHED
    assert guarded.world.judged(content).state is ScanState.PUBLISHED
    with pytest.raises(Conflict):
        references.add(ShieldId(shield.id), hers(), shield.owner_id, guarded.backend)

    service.resume(ShieldId(shield.id), shield.owner_id, guarded.backend)
    assert guarded.uploaded(hers()).state is ScanState.HELD
    assert guarded.world.judged(content).state is ScanState.HELD


def test_a_deleted_shield_leaves_its_counts_and_nothing_that_opens(guarded: Protected) -> None:
    victim = guarded.world.adult()
    contacts = Contacts(legal="Law Office, 1 High Street")
    wish = Wish(level=ShieldLevel.MAXIMUM, contacts=contacts)
    shield = guarded.shield(victim, wish=wish)
    name = ShieldId(shield.id)
    references.add(name, hers(), shield.owner_id, guarded.backend)
    hashed = pdq(clean())
    sent = [personal.PhoneHash(hashed.hex, hashed.quality)]
    personal.submit(name, sent, shield.owner_id, guarded.backend.banks)
    guarded.uploaded(hers())
    (copy,) = guarded.backend.templates.shelf.templates(name)
    key_before = guarded.backend.templates.keys.of(name)

    for _ in range(2):
        service.delete(name, shield.owner_id, guarded.backend)

    left = guarded.now(shield)
    assert left.status is ShieldStatus.DELETED and left.expire_at is not None
    assert (left.statistics.cases, left.listed, left.references.faces) == (1, (), 0)
    store = guarded.world.backend.store
    assert store.get_below(ShieldKey, name, ShieldKey.KEY_ID) is None
    assert store.get_below(ShieldTemplate, name, copy.id) is None
    assert store.get_below(ShieldDetails, name, ShieldDetails.DETAILS_ID) is None
    with pytest.raises(CannotOpen):
        guarded.backend.templates.keys.of(name)
    fresh = guarded.backend.templates.keys.made_for(name)  # a new key opens nothing of the old
    binding = Binding(copy.path, shield.owner_id, copy.kind, copy.model)
    assert unseal(copy.template, binding, key_before).shape == (128,)
    with pytest.raises(CannotOpen):
        unseal(copy.template, binding, fresh)
    guarded.backend.templates.destroy(name)
    entry = BankHash.id_for(HashAlgorithm.PDQ, hashed.hex, name)
    kept = store.get_below(BankHash, "personal", entry)
    assert kept is not None and not kept.enabled
    with pytest.raises(Conflict):
        service.resume(name, shield.owner_id, guarded.backend)


def test_a_shield_that_is_deleted_while_a_reference_is_added_gets_none(
    guarded: Protected, monkeypatch: pytest.MonkeyPatch
) -> None:
    shield = guarded.shield(guarded.world.adult())
    name, sealed = ShieldId(shield.id), guarded.backend.templates.sealed

    def meanwhile(*told: object, **more: object) -> ShieldTemplate:
        made = sealed(*told, **more)  # type: ignore[arg-type]
        service.delete(name, shield.owner_id, guarded.backend)
        return made

    monkeypatch.setattr(guarded.backend.templates, "sealed", meanwhile)
    with pytest.raises(Conflict):
        references.add(name, hers(), shield.owner_id, guarded.backend)
    assert guarded.backend.templates.shelf.templates(name) == []
    assert guarded.now(shield).status is ShieldStatus.DELETED


def test_the_upkeep_finishes_a_deletion_that_died(guarded: Protected) -> None:
    shield = guarded.shield(guarded.world.adult(), hers())
    name = ShieldId(shield.id)
    (template,) = guarded.backend.templates.shelf.templates(name)
    service.delete(name, shield.owner_id, guarded.backend)
    guarded.backend.templates.shelf.add_template(template)  # as if it had died before this
    keep.finish(guarded.backend)
    assert guarded.backend.templates.shelf.templates(name) == []


def test_asking_twice_with_one_key_makes_one_shield_and_there_are_limits(
    guarded: Protected,
) -> None:
    owner, limit = guarded.world.adult(), default_policy().shields.per_person
    uid, key = UserId(owner.uid), secrets.token_hex(8)
    twice = {service.create(uid, Wish(), guarded.backend, key=key).id for _ in range(2)}
    assert len(twice) == 1
    for _ in range(limit - 1):
        guarded.shield(owner)
    with pytest.raises(TooMany):
        guarded.shield(owner)
    for each in guarded.made:
        service.delete(ShieldId(each.id), uid, guarded.backend)
    service.delete(ShieldId(twice.pop()), uid, guarded.backend)
    for _ in range(default_policy().shields.made_a_day - limit):
        made = guarded.shield(owner)
        service.delete(ShieldId(made.id), uid, guarded.backend)
    with pytest.raises(TooMany):
        guarded.shield(owner)


def test_contacts_are_for_maximum_alone_sealed_and_opened_on_the_record(
    guarded: Protected,
) -> None:
    owner = guarded.world.adult()
    contacts = Contacts(legal="Law Office, 1 High Street", support="Aunt May")
    with pytest.raises(Invalid):
        guarded.shield(owner, wish=Wish(level=ShieldLevel.ENHANCED, contacts=contacts))
    shield = guarded.shield(owner, wish=Wish(level=ShieldLevel.MAXIMUM, contacts=contacts))
    name = ShieldId(shield.id)
    details = guarded.world.backend.store.get_below(ShieldDetails, name, ShieldDetails.DETAILS_ID)
    assert details is not None and "High Street" not in repr(details)
    assert service.contacts_of(name, SENIOR, "a summons", guarded.backend) == contacts

    service.update(name, shield.owner_id, Wish(level=ShieldLevel.STANDARD), guarded.backend)
    with pytest.raises(NotFound):
        service.contacts_of(name, SENIOR, "a summons", guarded.backend)


def test_keys_are_wrapped_anew_and_templates_open_as_before(guarded: Protected) -> None:
    shield = guarded.shield(guarded.world.adult(), hers())
    store = guarded.world.backend.store
    before = store.get_below(ShieldKey, shield.id, ShieldKey.KEY_ID)
    guarded.world.clock.ahead += timedelta(days=31)
    while keep.rewrap(guarded.backend):
        pass
    after = store.get_below(ShieldKey, shield.id, ShieldKey.KEY_ID)
    assert before is not None and after is not None
    assert before.wrapped != after.wrapped
    opened = guarded.backend.templates.open(guarded.now(shield))
    assert (len(opened.templates), opened.unreadable) == (1, 0)


# --- disputes -------------------------------------------------------------------------------------


def test_two_people_over_one_face_only_hold_and_neither_learns_of_the_other(
    guarded: Protected,
) -> None:
    one, other = guarded.world.adult(), guarded.world.adult()
    first = guarded.shield(one, hers())
    guarded.old()
    second = guarded.shield(other, hers())
    for shield in (first, second):
        assert guarded.now(shield).status is ShieldStatus.DISPUTED
    (alarm,) = (
        found
        for shield in (first, second)
        if (
            found := guarded.world.backend.store.get(
                Alarm, alarm_id(AlarmKind.SHIELD_DISPUTED, shield.path)
            )
        )
    )
    assert alarm.kind is AlarmKind.SHIELD_DISPUTED
    assert other.uid not in guarded.now(first).model_dump_json()
    assert second.id not in guarded.now(first).model_dump_json()

    guarded.old()
    job = guarded.uploaded(altered())

    assert job.state is ScanState.HELD
    details = guarded.world.details(job.id)
    assert details is not None and details.victim_ids == ()
    assert guarded.told(f"{job.id}_{first.id}", "shield_media_held") is None
    with pytest.raises(Conflict):
        service.pause(ShieldId(first.id), first.owner_id, guarded.backend)
    with pytest.raises(Conflict):
        guarded.shield(one)


def test_who_enrols_another_ones_face_cannot_publish_it_by_that(guarded: Protected) -> None:
    """Their own shield is as near to the picture as the victim's, and does not hide it."""
    guarded.shield(guarded.world.adult(), hers())
    attacker = guarded.world.adult()
    picture = hers()
    guarded.shield(attacker, picture)

    job = guarded.uploaded(picture, attacker)

    assert job.state is ScanState.HELD
    assert ReasonCode.PERSON_PROTECTED in reasons(job)


def test_a_moderator_decides_whose_face_it_is(guarded: Protected) -> None:
    world = guarded.world
    first = guarded.shield(world.adult(), hers())
    second = guarded.shield(world.adult(), hers())
    ids = [ShieldId(first.id), ShieldId(second.id)]
    own = Actor(kind=ActorKind.SENIOR_MODERATOR, id=first.owner_id)
    with pytest.raises(Forbidden):
        conflicts.resolve(ids, ids[:1], "it is me", own, guarded.backend)

    conflicts.resolve(ids, ids[:1], "her papers", SENIOR, guarded.backend)

    kept, lost = guarded.now(first), guarded.now(second)
    assert kept.status is ShieldStatus.ACTIVE and not kept.only_holds(world.clock.now())
    assert (lost.status, lost.listed, lost.disputes_lost) == (ShieldStatus.PENDING, (), 1)
    assert guarded.backend.templates.shelf.templates(ids[1]) == []
    assert guarded.uploaded(altered()).state is ScanState.BLOCKED
    with pytest.raises(Conflict):
        conflicts.resolve(ids, ids[:1], "again", SENIOR, guarded.backend)


def test_who_loses_disputes_can_add_nothing_any_more(guarded: Protected) -> None:
    first = guarded.shield(guarded.world.adult(), hers())
    second = guarded.shield(guarded.world.adult(), hers())
    ids = [ShieldId(first.id), ShieldId(second.id)]
    conflicts.resolve(ids, ids[:1], "her papers", SENIOR, guarded.backend)
    references.add(ids[1], hers(), second.owner_id, guarded.backend)
    conflicts.resolve(ids, ids[:1], "her papers", SENIOR, guarded.backend)
    with pytest.raises(Forbidden):
        references.add(ids[1], hers(), second.owner_id, guarded.backend)


def test_twins_are_not_brought_into_dispute_again(guarded: Protected) -> None:
    first = guarded.shield(guarded.world.adult(), hers())
    second = guarded.shield(guarded.world.adult(), hers())
    ids = [ShieldId(first.id), ShieldId(second.id)]
    conflicts.resolve(ids, ids, "twins", SENIOR, guarded.backend)
    keep.finish(guarded.backend)
    assert {guarded.now(each).status for each in ids} == {ShieldStatus.ACTIVE}


def test_the_upkeep_finds_a_conflict_that_was_missed(
    guarded: Protected, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as blind:
        blind.setattr(conflicts, "look", lambda shield, backend: shield)
        first = guarded.shield(guarded.world.adult(), hers())
        second = guarded.shield(guarded.world.adult(), hers())
    assert guarded.now(first).status is ShieldStatus.ACTIVE
    keep.finish(guarded.backend)
    assert {guarded.now(each).status for each in (first, second)} == {ShieldStatus.DISPUTED}


def test_a_face_that_somebody_enrolled_meanwhile_is_seen_on_resuming(guarded: Protected) -> None:
    first = guarded.shield(guarded.world.adult(), hers())
    service.pause(ShieldId(first.id), first.owner_id, guarded.backend)
    second = guarded.shield(guarded.world.adult(), hers())
    assert guarded.now(second).status is ShieldStatus.ACTIVE
    resumed = service.resume(ShieldId(first.id), first.owner_id, guarded.backend)
    assert resumed.status is guarded.now(second).status is ShieldStatus.DISPUTED


# --- the person's word ----------------------------------------------------------------------------


def test_what_the_person_agrees_to_is_published(guarded: Protected) -> None:
    victim = guarded.world.adult()
    guarded.shield(victim, hers())
    job = guarded.uploaded(hers())

    said = answers.answer(CaseId(job.id), ShieldAnswer.AGREE, UserId(victim.uid), guarded.backend)

    assert said is answers.Outcome.RELEASED
    assert guarded.again(job).state is ScanState.PUBLISHED
    case = guarded.world.case(job.id)
    assert case is not None and case.status is CaseStatus.CLOSED
    assert (
        answers.answer(CaseId(job.id), ShieldAnswer.AGREE, UserId(victim.uid), guarded.backend)
        is answers.Outcome.RELEASED
    )
    with pytest.raises(Conflict):
        answers.answer(CaseId(job.id), ShieldAnswer.REFUSE, UserId(victim.uid), guarded.backend)


def test_every_shielded_person_has_to_agree(guarded: Protected) -> None:
    world = guarded.world
    one, other = world.adult(), world.adult()
    guarded.shield(one, hers())
    guarded.shield(other, theirs())
    job = guarded.uploaded(both())
    details = world.details(job.id)
    assert details is not None and set(details.victim_ids) == {one.uid, other.uid}
    outcomes = [
        answers.answer(CaseId(job.id), ShieldAnswer.AGREE, UserId(each.uid), guarded.backend)
        for each in (one, other)
    ]
    assert outcomes == [answers.Outcome.NOTED, answers.Outcome.RELEASED]


def test_what_checks_speak_against_is_not_released_by_the_person_alone(
    guarded: Protected,
) -> None:
    victim = guarded.world.adult()
    guarded.shield(victim, hers())
    job = guarded.uploaded(altered())
    assert job.state is ScanState.HELD
    said = answers.answer(CaseId(job.id), ShieldAnswer.AGREE, UserId(victim.uid), guarded.backend)
    assert said is answers.Outcome.NOTED
    assert guarded.world.job(JobId(job.id)).state is ScanState.HELD


def test_what_the_person_refuses_is_blocked_and_may_be_appealed_against(
    guarded: Protected,
) -> None:
    victim, uploader = guarded.world.adult(), guarded.world.adult()
    shield = guarded.shield(victim, hers())
    early = guarded.uploaded(hers(), uploader)
    word = UserId(victim.uid)
    young = answers.answer(CaseId(early.id), ShieldAnswer.REFUSE, word, guarded.backend)
    assert young is answers.Outcome.NOTED  # a claim alone blocks nothing

    guarded.old()
    later = answers.answer(CaseId(early.id), ShieldAnswer.REFUSE, word, guarded.backend)
    assert later is answers.Outcome.BLOCKED
    job = guarded.uploaded(hers(), uploader)
    for _ in range(2):
        said = answers.answer(CaseId(job.id), ShieldAnswer.REFUSE, word, guarded.backend)
        assert said is answers.Outcome.BLOCKED

    blocked = guarded.world.job(JobId(job.id))
    case = guarded.world.case(job.id)
    assert blocked.state is ScanState.BLOCKED
    assert reasons(blocked) == [ReasonCode.PROTECTED_REFUSED]
    assert case is not None
    assert (case.status, case.action, case.appealable) == (
        CaseStatus.ACTIONED,
        Action.BLOCK,
        True,
    )
    assert case.violations == ()
    assert guarded.world.objects(blocked) == {"evidence"}
    counted = guarded.now(shield).statistics
    assert (counted.cases, counted.media_held, counted.media_blocked) == (2, 0, 2)
    assert guarded.told_whom(f"{job.id}_refused", "upload_blocked") == uploader.uid
    assert guarded.told(f"{job.id}_{shield.id}", "shield_media_blocked") is None


def test_a_refusal_stands_where_the_upload_cannot_be_moved_at_once(
    guarded: Protected, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = guarded.world.adult()
    guarded.shield(victim, hers())
    guarded.old()
    job = guarded.uploaded(hers())

    def fail(*told: object) -> None:
        raise RuntimeError("Cloud Storage does not answer")

    with monkeypatch.context() as outage:
        outage.setattr("media_integrity.shields.answers.moving.move_now", fail)
        said = answers.answer(
            CaseId(job.id), ShieldAnswer.REFUSE, UserId(victim.uid), guarded.backend
        )
    assert said is answers.Outcome.BLOCKED
    assert guarded.world.job(JobId(job.id)).state is ScanState.DECIDED

    assert guarded.again(job).state is ScanState.BLOCKED  # as the sweeper has it done
    assert guarded.world.objects(guarded.world.job(JobId(job.id))) == {"evidence"}


def test_not_me_is_for_the_moderator_and_can_be_taken_back(guarded: Protected) -> None:
    victim = guarded.world.adult()
    guarded.shield(victim, hers())
    job = guarded.uploaded(hers())
    for answer, outcome in (
        (ShieldAnswer.NOT_ME, answers.Outcome.NOTED),
        (ShieldAnswer.AGREE, answers.Outcome.RELEASED),
    ):
        said = answers.answer(CaseId(job.id), answer, UserId(victim.uid), guarded.backend)
        assert said is outcome
    details = guarded.world.details(job.id)
    assert details is not None
    assert [each.answer for each in details.victim_answers] == [ShieldAnswer.AGREE]


def test_only_a_person_whose_shield_has_a_part_in_it_is_asked(guarded: Protected) -> None:
    world = guarded.world
    guarded.shield(world.adult(), hers())
    bystander, uploader = world.adult(), world.adult()
    guarded.shield(bystander, theirs())
    job = guarded.uploaded(hers(), uploader)
    for person in (bystander, uploader, world.adult()):
        with pytest.raises(NotFound):
            answers.answer(CaseId(job.id), ShieldAnswer.AGREE, UserId(person.uid), guarded.backend)


def test_of_two_answers_at_once_one_is_too_late(guarded: Protected) -> None:
    victim = guarded.world.adult()
    guarded.shield(victim, hers())
    guarded.old()
    job = guarded.uploaded(hers())

    def say(answer: ShieldAnswer) -> str:
        try:
            return answers.answer(CaseId(job.id), answer, UserId(victim.uid), guarded.backend).value
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(say, (ShieldAnswer.AGREE, ShieldAnswer.REFUSE)))
    assert sorted(said) in (["blocked", "decided"], ["decided", "released"])


# --- what was published before --------------------------------------------------------------------


def from_here_on(guarded: Protected, shield: Shield, since: datetime) -> None:
    """Leave out what other tests have published."""
    current = guarded.now(shield)
    assert current.rescan is not None
    begun = current.rescan.model_copy(update={"after": since, "after_id": ""})
    guarded.world.backend.store.update(current, rescan=begun)


def finished(guarded: Protected, shield: Shield, since: datetime) -> Shield:
    """The rescan to its end, past the time in which others may still publish."""
    from_here_on(guarded, shield, since)
    guarded.world.clock.ahead += rescan.THROUGH_AFTER + timedelta(seconds=5)
    assert rescan.step(ShieldId(shield.id), guarded.backend)
    return guarded.now(shield)


def published(guarded: Protected, job: ScanJob) -> bool:
    media = guarded.world.backend.store.get(MediaHash, job.id)
    return media is not None and media.unpublished_at is None


def test_an_enhanced_shield_takes_down_what_was_published_before(guarded: Protected) -> None:
    world, since = guarded.world, guarded.world.clock.now()
    victim = world.adult()
    own, stranger, unrelated = (
        guarded.uploaded(hers(), victim),
        guarded.uploaded(hers()),
        guarded.uploaded(theirs()),
    )
    assert all(published(guarded, each) for each in (own, stranger, unrelated))

    shield = guarded.shield(victim, hers(), level=ShieldLevel.ENHANCED)
    assert guarded.rescans.asked == [shield.id]
    over = finished(guarded, shield, since)

    assert over.rescan is not None and over.rescan.finished_at is not None
    assert published(guarded, own) and published(guarded, unrelated)
    assert not published(guarded, stranger)
    job = world.job(JobId(stranger.id))
    assert job.state is ScanState.HELD
    assert world.objects(job) == {"evidence"}
    assert over.statistics.cases == 1
    assert guarded.told_whom(f"{job.id}_{shield.id}", "shield_rescan_found") == victim.uid
    details = world.details(job.id)
    assert details is not None and details.victim_ids == (victim.uid,)


def test_what_the_person_consented_to_stays_published(guarded: Protected) -> None:
    world, since = guarded.world, guarded.world.clock.now()
    victim, friend = world.adult(), world.adult()
    job = world.judged(hers(), person=friend, content_type="image/jpeg", name="a.jpg")  # type: ignore[arg-type]
    (asked,) = asking.ask(
        JobId(job.id), [asking.Person(user=UserId(victim.uid))], UserId(friend.uid), world.consents
    )
    answering.confirm(By.account(asked.request.id, UserId(victim.uid)), world.consents)
    assert guarded.again(job).state is ScanState.PUBLISHED
    finished(guarded, guarded.shield(victim, hers(), level=ShieldLevel.ENHANCED), since)
    assert published(guarded, job)


def test_a_rescan_that_was_killed_goes_on_where_it_was(
    guarded: Protected, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = guarded.world.clock.now()
    jobs = [guarded.uploaded(hers()) for _ in range(3)]
    shield = guarded.shield(guarded.world.adult(), hers(), level=ShieldLevel.ENHANCED)
    from_here_on(guarded, shield, since)
    monkeypatch.setattr(rescan, "WRITE_EVERY", 1)
    taken: list[str] = []

    def dying(media_id: str, *told: object, **more: object) -> bool:
        if len(taken) == 2:
            raise KeyboardInterrupt  # as a process that is killed: nothing is given back
        done = take_down(media_id, *told, **more)  # type: ignore[arg-type]
        taken.append(media_id)
        return done

    monkeypatch.setattr("media_integrity.shields.rescan.take_down", dying)
    with pytest.raises(KeyboardInterrupt):
        rescan.step(ShieldId(shield.id), guarded.backend)
    assert [published(guarded, job) for job in jobs] == [False, False, True]
    before = guarded.now(shield).rescan
    assert before is not None and before.lease is not None
    assert not rescan.step(ShieldId(shield.id), guarded.backend)  # its lease is still held

    monkeypatch.setattr("media_integrity.shields.rescan.take_down", take_down)
    guarded.world.clock.ahead += rescan.LEASE
    assert rescan.sweep(guarded.backend) >= 1
    assert rescan.step(ShieldId(shield.id), guarded.backend)
    over = guarded.now(shield)
    assert not any(published(guarded, job) for job in jobs)
    assert over.rescan is not None and over.rescan.compared > before.compared
    assert over.statistics.cases == 3


def test_a_rescan_waits_for_workers_that_had_not_seen_the_shield(guarded: Protected) -> None:
    since = guarded.world.clock.now()
    shield = guarded.shield(guarded.world.adult(), hers(), level=ShieldLevel.ENHANCED)
    from_here_on(guarded, shield, since)
    assert not rescan.step(ShieldId(shield.id), guarded.backend)
    state = guarded.now(shield).rescan
    assert state is not None and state.finished_at is None and state.sweep_at is not None


@pytest.mark.parametrize(
    ("failure", "counted"), [(KeysUnreachable("no answer"), 0), (RuntimeError("a fault"), 1)]
)
def test_a_rescan_that_failed_waits_and_an_outage_of_the_keys_is_no_try(
    guarded: Protected, monkeypatch: pytest.MonkeyPatch, failure: Exception, counted: int
) -> None:
    since = guarded.world.clock.now()
    job = guarded.uploaded(hers())
    shield = guarded.shield(guarded.world.adult(), hers(), level=ShieldLevel.ENHANCED)
    from_here_on(guarded, shield, since)
    name, failed = ShieldId(shield.id), []

    def fail(*told: object, **more: object) -> object:
        failed.append(told)
        raise failure

    with monkeypatch.context() as outage:
        outage.setattr("media_integrity.shields.rescan.published_after", fail)
        for _ in range(2 if counted else rescan.MAX_TRIES + 1):
            before = len(failed)
            with pytest.raises(type(failure)):
                rescan.step(name, guarded.backend)
            for _ in range(rescan.MAX_TRIES):  # the queue's own tries, seconds later
                assert not rescan.step(name, guarded.backend)
            assert len(failed) == before + 1
            guarded.world.clock.ahead += rescan.PATIENCE
        state = guarded.now(shield).rescan
        assert state is not None and state.tries == counted * len(failed)

    assert rescan.sweep(guarded.backend) >= 1
    finished(guarded, shield, since)
    assert not published(guarded, job)


def test_a_paused_or_deleted_shield_looks_no_further(guarded: Protected) -> None:
    for stop in (service.pause, service.delete):
        job = guarded.uploaded(hers())
        shield = guarded.shield(guarded.world.adult(), hers(), level=ShieldLevel.ENHANCED)
        stop(ShieldId(shield.id), shield.owner_id, guarded.backend)
        assert rescan.step(ShieldId(shield.id), guarded.backend)
        assert published(guarded, job)


def test_a_rescan_that_finds_everybody_stops(world: World, matcher: Matcher) -> None:
    with protected(world, matcher, with_limits(flood_uploaders=2)) as guarded:
        since = world.clock.now()
        jobs = [guarded.uploaded(hers()) for _ in range(5)]
        shield = guarded.shield(world.adult(), hers(), level=ShieldLevel.ENHANCED)
        finished(guarded, shield, since)
        assert guarded.now(shield).held_back_at is not None
        assert sum(published(guarded, job) for job in jobs) == 2


def test_what_somebody_let_through_knowing_of_the_shield_stays(guarded: Protected) -> None:
    victim, since = guarded.world.adult(), guarded.world.clock.now()
    shield = guarded.shield(victim, hers(), level=ShieldLevel.ENHANCED)
    job = guarded.uploaded(hers())
    answers.answer(CaseId(job.id), ShieldAnswer.AGREE, UserId(victim.uid), guarded.backend)
    assert guarded.again(job).state is ScanState.PUBLISHED
    finished(guarded, shield, since)
    assert published(guarded, job)


def test_a_shield_that_becomes_enhanced_looks_back(guarded: Protected) -> None:
    since = guarded.world.clock.now()
    job = guarded.uploaded(hers())
    shield = guarded.shield(guarded.world.adult(), hers())
    assert guarded.rescans.asked == []
    enhanced = Wish(level=ShieldLevel.ENHANCED)
    service.update(ShieldId(shield.id), shield.owner_id, enhanced, guarded.backend)
    assert guarded.rescans.asked == [shield.id]
    finished(guarded, shield, since)
    assert not published(guarded, job)


# --- evidence -------------------------------------------------------------------------------------


def test_a_package_of_a_blocked_case_is_made_once_with_its_chain_of_custody(
    guarded: Protected,
) -> None:
    victim, attacker = guarded.world.adult(), guarded.world.adult()
    maximum = Wish(level=ShieldLevel.MAXIMUM, toggles=ShieldToggles(legal_support=True))
    shield = guarded.shield(victim, wish=maximum)
    references.add(ShieldId(shield.id), hers(), shield.owner_id, guarded.backend)
    guarded.old()
    job = guarded.uploaded(altered(), attacker)
    assert job.state is ScanState.BLOCKED
    case, word = CaseId(job.id), UserId(victim.uid)

    made = {evidence.package(case, word, guarded.backend).id for _ in range(2)}

    store = guarded.world.backend.store
    (package,) = (store.get(EvidenceItem, each) for each in made)
    assert package is not None and package.kind is EvidenceKind.PACKAGE
    objects = guarded.world.backend.objects
    stored = objects.stat(guarded.world.stack.bucket, package.object_path)
    assert stored is not None and str(stored.generation) == package.generation
    content = objects.read(stored, max_bytes=1 << 20).decode()
    assert attacker.uid not in content and victim.uid not in content
    media_id = content.split('"id": "')[1].split('"')[0]
    media = store.get(EvidenceItem, media_id)
    assert media is not None and media.sha256 in content
    chain = list(store.query(Query(CustodyEntry, below=media.path)))
    assert [each.action for each in chain] == [CustodyAction.COLLECTED, CustodyAction.COPIED]
    assert evidence.verified(chain, media)
    forged = chain[0].model_copy(update={"sha256": "0" * 64})
    assert not evidence.verified([forged, *chain[1:]], media)


def test_packages_are_for_owners_of_the_highest_level_and_for_what_they_blocked(
    guarded: Protected,
) -> None:
    victim = guarded.world.adult()
    guarded.shield(victim, hers())
    guarded.old()
    blocked, held = guarded.uploaded(altered()), guarded.uploaded(hers())
    with pytest.raises(Forbidden):
        evidence.package(CaseId(blocked.id), UserId(victim.uid), guarded.backend)
    for case, person in ((held.id, victim.uid), (blocked.id, guarded.world.adult().uid)):
        with pytest.raises(NotFound):
            evidence.package(CaseId(case), UserId(person), guarded.backend)

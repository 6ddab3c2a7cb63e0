"""Banks in the real Firestore: who may do what, what acts, and what follows when an entry falls."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest

from media_integrity.banks import importing, outcomes, personal, retroactive, service, upkeep
from media_integrity.banks.backend import BankBackend
from media_integrity.banks.entries import (
    Fault,
    ImportItem,
    NewEntry,
    PageEnd,
    Skipped,
    Withdrawn,
    new_entry,
)
from media_integrity.cloud.firestore import Query, Where
from media_integrity.matching.alarms import alarm_id
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.audit import Actor, ActorKind, AuditEntry
from media_integrity.schema.bank_work import HashImport, ImportState, RetroactiveSearch
from media_integrity.schema.base import BankId, JobId, UserId
from media_integrity.schema.cases import Case
from media_integrity.schema.enums import (
    Action,
    BankLabel,
    CaseStatus,
    HashAlgorithm,
    MatchType,
    Severity,
    Surface,
)
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from media_integrity.schema.findings import BankHit
from media_integrity.schema.hashes import (
    PERSONAL_BANK,
    BankHash,
    DisabledFor,
    HashBank,
    HashCounters,
    HashMatch,
    OpinionKind,
)
from media_integrity.schema.shields import Shield, ShieldId, ShieldStatus
from tests.emulator.world import World

CONFIRM, DISPUTE = OpinionKind.CONFIRM, OpinionKind.DISPUTE


def moderator() -> Actor:
    return Actor(kind=ActorKind.MODERATOR, id=f"moderator-{secrets.token_hex(4)}")


def senior() -> Actor:
    return Actor(kind=ActorKind.SENIOR_MODERATOR, id=f"senior-{secrets.token_hex(4)}")


def random_pdq() -> str:
    """64 digits with about half of the bits set, as of a photograph."""
    return secrets.token_hex(32)


def some_entry() -> NewEntry:
    return new_entry(HashAlgorithm.PDQ, random_pdq(), quality=90, min_quality=50)


def added(world: World, bank: BankId, by: Actor | None = None) -> BankHash:
    return service.add(bank, some_entry(), "seen in a report", by or moderator(), world.banks)


def stored(world: World, entry: BankHash) -> BankHash:
    found = world.backend.store.get_below(BankHash, entry.parent_id, entry.id)
    assert found is not None
    return found


def said(world: World, entry: BankHash, kind: OpinionKind, by: Actor) -> BankHash:
    return service.give_opinion(
        BankId(entry.parent_id), entry.id, kind, "compared both", by, world.banks
    )


def audited(world: World, path: str) -> list[AuditEntry]:
    return list(
        world.backend.store.query(
            Query(AuditEntry, (Where("subject", "==", path),), order_by=(("at", "DESCENDING"),))
        )
    )


def match_of(
    world: World, entry: BankHash, uploader: str, status: CaseStatus = CaseStatus.ACTIONED
) -> HashMatch:
    """A match with its case, as filing writes them."""
    now = world.clock.now()
    case = Case(
        id=secrets.token_hex(8),
        uploader_id=UserId(uploader),
        status=status,
        action=Action.BLOCK,
        severity=Severity.CRITICAL,
        confidence=1.0,
        explanation=(),
        policy_version="t",
        surface=Surface.FEED,
        created_at=now,
        updated_at=now,
    )
    match = HashMatch(
        id=f"{case.id}_{entry.parent_id}_{entry.id}",
        case_id=case.id,
        job_id=JobId(case.id),
        uploader_id=case.uploader_id,
        hit=BankHit(
            bank_id=entry.parent_id,
            label=BankLabel.NCII,
            entry_id=entry.id,
            confirmed=True,
            match_type=MatchType.NEAR,
            distance=3,
            form="original",
        ),
        index_version="v",
        created_at=now,
    )
    world.backend.store.put(case, match)
    return match


def case_of(world: World, match: HashMatch) -> Case:
    found = world.backend.store.get(Case, match.case_id)
    assert found is not None
    return found


# ---- Opinions ----


def test_an_entry_holds_until_somebody_else_confirms_it_and_then_published_media_is_searched(
    world: World,
) -> None:
    adder, other = moderator(), moderator()
    entry = added(world, world.new_bank(), adder)
    assert not entry.confirmed
    with pytest.raises(Forbidden, match="other than"):
        said(world, entry, CONFIRM, adder)

    confirmed = said(world, entry, CONFIRM, other)

    assert confirmed.confirmed
    assert confirmed.updated_at > entry.updated_at  # every instance sees it
    [asked] = world.searches.asked
    search = world.backend.store.get(RetroactiveSearch, asked)
    assert search is not None
    assert search.entries == (retroactive.ref(entry),)
    notes = [act.note for act in audited(world, entry.path)]
    assert [note.split(":")[0] for note in notes] == ["confirm", "added to NCII"]
    assert all(act.intact for act in audited(world, entry.path))


def test_a_second_confirmation_searches_no_second_time(world: World) -> None:
    entry = added(world, world.new_bank())
    said(world, entry, CONFIRM, moderator())
    said(world, entry, CONFIRM, moderator())
    assert len(world.searches.asked) == 1


def test_disputes_of_enough_people_disable_it_in_all_banks_and_open_its_cases(
    world: World,
) -> None:
    entry = added(world, world.new_bank())
    said(world, entry, CONFIRM, moderator())
    copy = service.add(
        world.new_bank(BankLabel.TERROR), value_of(entry), "same", moderator(), world.banks
    )
    guarded = service.add(
        world.new_bank(BankLabel.CSAM), value_of(entry), "same", moderator(), world.banks
    )
    said(world, guarded, CONFIRM, moderator())
    allowed = service.add(
        world.new_bank(BankLabel.ALLOW_LIST), value_of(entry), "art", senior(), world.banks
    )
    blocked = match_of(world, entry, "somebody")
    closed = match_of(world, entry, "another", CaseStatus.CLOSED)

    for _ in range(world.banks.policy.bank_upkeep.disputes):
        said(world, entry, DISPUTE, moderator())
    upkeep.reopen_cases(world.banks)

    fallen = stored(world, entry)
    assert (fallen.enabled, fallen.disabled_for) == (False, DisabledFor.DISPUTED)
    assert not fallen.reopen_due
    assert not stored(world, copy).enabled
    # What may be child abuse goes on holding uploads, unconfirmed; an allow-list is another matter.
    assert (stored(world, guarded).enabled, stored(world, guarded).confirmed) == (True, False)
    assert stored(world, allowed).enabled
    for match in (blocked, closed):
        case = case_of(world, match)
        assert case.status is CaseStatus.OPEN
        assert case.needs_confirmation
    assert world.backend.store.get(Alarm, alarm_id(AlarmKind.HASH_DISABLED, entry.path))


def value_of(entry: BankHash) -> NewEntry:
    return NewEntry(entry.algorithm, entry.value, entry.quality)


def test_a_case_that_was_decided_again_is_not_opened_by_a_second_run(world: World) -> None:
    entry = added(world, world.new_bank())
    match = match_of(world, entry, "somebody")
    service.disable(BankId(entry.parent_id), entry.id, "a holiday", senior(), world.banks)
    assert upkeep.reopen_cases(world.banks) >= 1
    world.backend.store.update(case_of(world, match), status=CaseStatus.UPHELD)

    world.backend.store.update(stored(world, entry), reopen_due=True)  # as if stopped half-way
    upkeep.reopen_cases(world.banks)

    assert case_of(world, match).status is CaseStatus.UPHELD


def test_two_moderators_at_once_lose_no_opinion(world: World) -> None:
    entry = added(world, world.new_bank())
    people = [moderator() for _ in range(4)]
    threads = [
        threading.Thread(target=said, args=(world, entry, CONFIRM, person)) for person in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {word.by for word in stored(world, entry).opinions} == {one.id for one in people}


# ---- Who may ----


def test_only_seniors_make_switch_move_and_disable(world: World) -> None:
    bank, other = world.new_bank(), world.new_bank()
    entry, plain = added(world, bank), moderator()
    now = world.clock.now()
    fresh = HashBank(
        id=f"b-{secrets.token_hex(4)}",
        label=BankLabel.NCII,
        name="n",
        source="s",
        created_at=now,
        updated_at=now,
    )
    for attempt in (
        lambda: service.create_bank(fresh, plain, world.banks),
        lambda: service.set_bank_enabled(bank, False, "w", plain, world.banks),
        lambda: service.disable(bank, entry.id, "w", plain, world.banks),
        lambda: service.enable(bank, entry.id, "w", plain, world.banks),
        lambda: service.move(bank, entry.id, other, "w", plain, world.banks),
        lambda: service.add(
            world.new_bank(BankLabel.ALLOW_LIST), some_entry(), "w", plain, world.banks
        ),
    ):
        with pytest.raises(Forbidden):
            attempt()
    service.create_bank(fresh, senior(), world.banks)
    with pytest.raises(Conflict):
        service.create_bank(fresh, senior(), world.banks)


def test_nobody_adds_to_or_moves_into_the_bank_of_peoples_own_hashes(world: World) -> None:
    people = world.new_bank(BankLabel.SHIELD)
    entry = added(world, world.new_bank())
    with pytest.raises(Forbidden, match="own"):
        service.add(people, some_entry(), "w", senior(), world.banks)
    with pytest.raises(Forbidden, match="own"):
        service.move(BankId(entry.parent_id), entry.id, people, "w", senior(), world.banks)


def test_what_is_moved_is_unconfirmed_there_and_matches_nothing_here(world: World) -> None:
    source, target = world.new_bank(), world.new_bank(BankLabel.TERROR)
    entry = added(world, source)
    said(world, entry, CONFIRM, moderator())

    moved = service.move(source, entry.id, target, "wrong bank", senior(), world.banks)

    assert (moved.parent_id, moved.confirmed, moved.enabled) == (target, False, True)
    assert stored(world, entry).disabled_for is DisabledFor.MOVED
    with pytest.raises(Invalid):
        service.move(target, entry.id, target, "again", senior(), world.banks)


def test_what_was_switched_off_on_purpose_does_not_come_back_by_adding_it(world: World) -> None:
    entry = added(world, world.new_bank())
    said(world, entry, CONFIRM, moderator())
    bank = BankId(entry.parent_id)
    service.disable(bank, entry.id, "a holiday", senior(), world.banks)
    with pytest.raises(Conflict, match="on purpose"):
        service.add(bank, value_of(entry), "again", moderator(), world.banks)
    assert not stored(world, entry).enabled


def test_what_its_source_took_back_comes_back_unconfirmed(world: World) -> None:
    bank = world.new_bank()
    new = some_entry()
    run(world, bank, [new], trusted=True)
    run(world, bank, [Withdrawn(new.algorithm, new.value)])
    back = service.add(bank, new, "reported here", moderator(), world.banks)
    assert (back.enabled, back.confirmed) == (True, False)


def test_a_staged_entry_cannot_be_moved_past_its_approval(world: World) -> None:
    bank, other = world.new_bank(), world.new_bank()
    floor = world.banks.policy.bank_upkeep.flood_floor
    items = [some_entry() for _ in range(floor + 1)]
    run(world, bank, items)
    entry_id = BankHash.id_for(items[0].algorithm, items[0].value)
    with pytest.raises(Conflict):
        service.move(bank, entry_id, other, "quietly", senior(), world.banks)


def test_what_is_enabled_again_has_to_be_confirmed_anew(world: World) -> None:
    entry = added(world, world.new_bank())
    said(world, entry, CONFIRM, moderator())
    bank = BankId(entry.parent_id)
    service.disable(bank, entry.id, "doubtful", senior(), world.banks)
    again = service.enable(bank, entry.id, "looked once more", senior(), world.banks)
    assert (again.enabled, again.confirmed, again.opinions) == (True, False, ())


def test_what_is_not_there_is_told_as_such(world: World) -> None:
    with pytest.raises(NotFound):
        service.add(BankId("none"), some_entry(), "w", moderator(), world.banks)
    with pytest.raises(NotFound):
        service.give_opinion(
            world.new_bank(), "pdq-" + "0" * 64, CONFIRM, "w", moderator(), world.banks
        )


# ---- Imports ----


def run(
    world: World, bank: BankId, items: Iterable[ImportItem], *, trusted: bool = False
) -> HashImport:
    return importing.run_import(
        bank,
        items,
        source="a test",
        by="importer",
        why="feed",
        backend=world.banks,
        trusted=trusted,
    )


def enabled(world: World, bank: BankId) -> int:
    return world.backend.store.count(importing.enabled_entries(bank))


def test_an_import_counts_and_reports_each_line_and_goes_on_behind_a_bad_one(
    world: World,
) -> None:
    bank = world.new_bank()
    known = some_entry()
    run(world, bank, [known])
    others = service.add(bank, some_entry(), "w", moderator(), world.banks)
    items: list[ImportItem] = [
        some_entry(),
        Withdrawn(others.algorithm, others.value),
        Fault(2, "malformed", "not a hash"),
        known,
        Skipped("url"),
        some_entry(),
        Withdrawn(known.algorithm, known.value),
    ]

    record = run(world, bank, items)

    counts = record.counts
    assert (counts.added, counts.refused, counts.skipped, counts.withdrawn) == (2, 1, 1, 1)
    assert stored(world, others).enabled  # not this source's to take back
    assert [(fault.line, fault.code) for fault in record.faults] == [(2, "malformed")]
    assert record.state is ImportState.APPLIED
    assert enabled(world, bank) == 3


def test_the_same_import_again_changes_nothing(world: World) -> None:
    bank = world.new_bank()
    items: list[ImportItem] = [some_entry() for _ in range(10)]
    run(world, bank, items)
    again = run(world, bank, items)
    assert (again.counts.added, again.counts.unchanged) == (0, 10)
    assert enabled(world, bank) == 10


def test_a_flood_matches_nothing_until_somebody_else_senior_approves_it(world: World) -> None:
    bank = world.new_bank()
    floor = world.banks.policy.bank_upkeep.flood_floor
    items: list[ImportItem] = [some_entry() for _ in range(floor + 1)]

    record = run(world, bank, items)

    assert record.state is ImportState.STAGED
    assert enabled(world, bank) == 0
    assert world.backend.store.get(Alarm, alarm_id(AlarmKind.IMPORT_STAGED, record.path))
    with pytest.raises(Forbidden):
        importing.decide_import(record.ref, True, "fine", moderator(), world.banks)
    with pytest.raises(Forbidden, match="other than"):
        starter = Actor(kind=ActorKind.ADMIN, id="importer")
        importing.decide_import(record.ref, True, "fine", starter, world.banks)

    decided = importing.decide_import(record.ref, True, "checked", senior(), world.banks)

    assert decided.state is ImportState.APPROVED
    assert enabled(world, bank) == floor + 1
    with pytest.raises(Conflict):
        importing.decide_import(record.ref, False, "or not", senior(), world.banks)


def test_a_rejected_flood_never_matches_and_cannot_be_enabled_one_by_one(world: World) -> None:
    bank = world.new_bank()
    floor = world.banks.policy.bank_upkeep.flood_floor
    items: list[ImportItem] = [some_entry() for _ in range(floor + 1)]
    record = run(world, bank, items)
    importing.decide_import(record.ref, False, "spam", senior(), world.banks)
    assert enabled(world, bank) == 0
    first = items[0]
    assert isinstance(first, NewEntry)
    with pytest.raises(Conflict):
        service.enable(
            bank, BankHash.id_for(first.algorithm, first.value), "w", senior(), world.banks
        )


def test_an_approval_that_was_stopped_half_way_is_finished_by_upkeep(world: World) -> None:
    bank = world.new_bank()
    floor = world.banks.policy.bank_upkeep.flood_floor
    items: list[ImportItem] = [some_entry() for _ in range(floor + 1)]
    record = run(world, bank, items)
    approved = record.model_copy(
        update={
            "state": ImportState.APPROVED,
            "decided_by": UserId("s"),
            "decided_at": world.clock.now(),
        }
    )
    world.backend.store.put(approved)  # the decision stands, its entries do not follow yet

    upkeep.finish_imports(world.banks)

    assert enabled(world, bank) == floor + 1


def test_what_an_import_staged_before_its_process_died_can_be_approved(world: World) -> None:
    bank = world.new_bank()
    floor = world.banks.policy.bank_upkeep.flood_floor
    record = run(world, bank, [some_entry() for _ in range(floor + 1)])
    world.backend.store.update(record, state=ImportState.RUNNING)  # it never came to its end
    upkeep.finish_imports(world.banks)
    assert found_import(world, record).state is ImportState.RUNNING  # perhaps it is at work

    world.clock.ahead = importing.ABANDONED_AFTER + timedelta(minutes=1)
    upkeep.finish_imports(world.banks)

    assert found_import(world, record).state is ImportState.STAGED
    importing.decide_import(record.ref, True, "checked", senior(), world.banks)
    assert enabled(world, bank) == floor + 1


def found_import(world: World, record: HashImport) -> HashImport:
    found = world.backend.store.get(HashImport, record.id)
    assert found is not None
    return found


def test_all_cases_of_an_entry_are_opened_however_many_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "PAGE", 3)
    entry = added(world, world.new_bank())
    matches = [match_of(world, entry, f"u{number}") for number in range(8)]
    service.disable(BankId(entry.parent_id), entry.id, "a holiday", senior(), world.banks)
    while stored(world, entry).reopen_due:
        upkeep.reopen_cases(world.banks)
    assert {case_of(world, match).status for match in matches} == {CaseStatus.OPEN}


def test_pages_are_acknowledged_after_their_entries_are_written(world: World) -> None:
    bank = world.new_bank()
    seen: list[tuple[str, int]] = []
    items: list[ImportItem] = [some_entry(), PageEnd("one"), some_entry(), PageEnd("two")]
    importing.run_import(
        bank,
        items,
        source="a test",
        by="importer",
        why="feed",
        backend=world.banks,
        on_page=lambda checkpoint: seen.append((checkpoint, enabled(world, bank))),
    )
    assert seen == [("one", 1), ("two", 2)]


def test_a_source_that_breaks_off_loses_nothing_of_what_came_before(world: World) -> None:
    bank = world.new_bank()

    def broken() -> Iterator[ImportItem]:
        yield some_entry()
        yield PageEnd("one")
        yield some_entry()
        raise ConnectionError

    seen: list[str] = []
    with pytest.raises(ConnectionError):
        importing.run_import(
            bank,
            broken(),
            source="a test",
            by="importer",
            why="feed",
            backend=world.banks,
            on_page=seen.append,
        )
    assert enabled(world, bank) == 2
    assert seen == ["one"]


def test_only_a_trusted_source_confirms(world: World) -> None:
    bank = world.new_bank()
    verified = new_entry(HashAlgorithm.PDQ, random_pdq(), quality=90, min_quality=50, verified=True)
    key = BankHash.id_for(verified.algorithm, verified.value)
    run(world, bank, [verified])
    first = world.backend.store.get_below(BankHash, bank, key)
    assert first is not None
    assert not first.confirmed

    run(world, bank, [verified], trusted=True)

    second = world.backend.store.get_below(BankHash, bank, key)
    assert second is not None
    assert second.confirmed
    assert len(world.searches.asked) == 1


def test_peoples_own_hashes_are_not_imported(world: World) -> None:
    with pytest.raises(Forbidden):
        run(world, world.new_bank(BankLabel.SHIELD), [some_entry()])


# ---- Matches judged by moderators; popularity ----


def test_matches_undone_often_enough_switch_the_entry_off(world: World) -> None:
    entry = added(world, world.new_bank())
    said(world, entry, CONFIRM, moderator())
    for number in range(world.banks.policy.bank_upkeep.overturned):
        match = match_of(world, entry, f"u{number}")
        outcomes.judge_match(match.id, DISPUTE, "a beach", moderator(), world.banks)
        outcomes.judge_match(match.id, DISPUTE, "again", moderator(), world.banks)  # counted once
    fallen = stored(world, entry)
    assert fallen.counters.overturned == world.banks.policy.bank_upkeep.overturned
    assert (fallen.enabled, fallen.disabled_for) == (False, DisabledFor.OVERTURNED)
    assert fallen.reopen_due


def test_a_changed_mind_moves_the_count(world: World) -> None:
    entry = added(world, world.new_bank())
    match = match_of(world, entry, "u")
    outcomes.judge_match(match.id, DISPUTE, "a beach", moderator(), world.banks)
    outcomes.judge_match(match.id, CONFIRM, "no, it is", moderator(), world.banks)
    assert stored(world, entry).counters == HashCounters(upheld=1)


def test_nobody_judges_a_match_of_their_own_upload(world: World) -> None:
    own = moderator()
    match = match_of(world, added(world, world.new_bank()), own.id)
    with pytest.raises(Forbidden):
        outcomes.judge_match(match.id, DISPUTE, "mine is fine", own, world.banks)


def popular(world: World, entry: BankHash, uploaders: int, uploads: int) -> None:
    for number in range(uploads):
        match_of(world, entry, f"{entry.id}-{number % uploaders}")
    world.backend.store.update(stored(world, entry), counters=HashCounters(matches=uploads))


def test_an_entry_that_matches_many_strangers_only_holds_until_a_senior_has_looked(
    world: World,
) -> None:
    limit = world.banks.policy.bank_upkeep.popular_uploaders
    entry = added(world, world.new_bank())
    said(world, entry, CONFIRM, moderator())
    popular(world, entry, uploaders=limit, uploads=limit)

    upkeep.find_popular(world.banks)

    marked = stored(world, entry)
    assert (marked.popular, marked.enabled, marked.reopen_due) == (True, True, True)
    assert world.backend.store.get(Alarm, alarm_id(AlarmKind.POPULAR_HASH, entry.path))

    said(world, entry, CONFIRM, moderator())
    assert stored(world, entry).popular  # not senior
    said(world, entry, CONFIRM, senior())
    assert not stored(world, entry).popular
    upkeep.find_popular(world.banks)
    assert not stored(world, entry).popular  # somebody has looked


def test_one_person_who_uploads_it_again_and_again_makes_no_entry_popular(world: World) -> None:
    limit = world.banks.policy.bank_upkeep.popular_uploaders
    entry = added(world, world.new_bank())
    popular(world, entry, uploaders=1, uploads=limit + 2)
    upkeep.find_popular(world.banks)
    assert not stored(world, entry).popular


# ---- Personal hashes ----


def shield_of(world: World, owner: str, status: ShieldStatus = ShieldStatus.ACTIVE) -> ShieldId:
    now = world.clock.now()
    shield = Shield(
        id=f"shield-{secrets.token_hex(6)}",
        owner_id=UserId(owner),
        status=status,
        created_at=now,
        updated_at=now,
    )
    world.backend.store.put(shield)
    return ShieldId(shield.id)


def person() -> UserId:
    return UserId(f"person-{secrets.token_hex(6)}")


def phone(count: int) -> list[personal.PhoneHash]:
    return [personal.PhoneHash(random_pdq(), 90) for _ in range(count)]


def of_shield(backend: BankBackend, shield: ShieldId, pdq: str) -> BankHash | None:
    return backend.store.get_below(
        BankHash, PERSONAL_BANK, BankHash.id_for(HashAlgorithm.PDQ, pdq, shield)
    )


def test_personal_hashes_are_taken_once_and_flat_or_blurred_ones_refused_with_the_reason(
    world: World,
) -> None:
    owner = person()
    shield = shield_of(world, owner)
    good = phone(1)[0]
    sent = [good, personal.PhoneHash(random_pdq(), 10), personal.PhoneHash("0" * 64, 90)]

    results = personal.submit(shield, sent, owner, world.banks)
    personal.submit(shield, [good], owner, world.banks)

    assert [result.refused for result in results] == [None, "low_quality", "flat"]
    entry = of_shield(world.banks, shield, good.pdq)
    assert entry is not None
    assert (entry.confirmed, entry.enabled, entry.shield_id) == (False, True, shield)
    kept = world.backend.store.get(Shield, shield)
    assert kept is not None
    assert kept.references.hashes == 1


def test_a_shield_is_its_owners_alone(world: World) -> None:
    owner = person()
    shield = shield_of(world, owner)
    for attempt in (
        lambda: personal.submit(shield, phone(1), person(), world.banks),
        lambda: personal.withdraw(shield, [random_pdq()], person(), world.banks),
    ):
        with pytest.raises(NotFound):
            attempt()
    paused = shield_of(world, owner, ShieldStatus.PAUSED)
    with pytest.raises(Conflict):
        personal.submit(paused, phone(1), owner, world.banks)


def test_a_person_adds_only_so_many_a_day(world: World) -> None:
    owner = person()
    shield = shield_of(world, owner)
    limit = world.banks.policy.bank_upkeep.personal_a_day
    personal.submit(shield, phone(limit - 1), owner, world.banks)
    with pytest.raises(TooMany):
        personal.submit(shield, phone(2), owner, world.banks)
    personal.submit(shield, phone(1), owner, world.banks)


def test_a_withdrawn_hash_stops_acting_and_can_be_given_again(world: World) -> None:
    owner = person()
    shield = shield_of(world, owner)
    [sent] = phone(1)
    personal.submit(shield, [sent], owner, world.banks)

    assert personal.withdraw(shield, [sent.pdq], owner, world.banks) == 1
    assert personal.withdraw(shield, [sent.pdq], owner, world.banks) == 0
    gone = of_shield(world.banks, shield, sent.pdq)
    assert gone is not None
    assert not gone.enabled

    personal.submit(shield, [sent], owner, world.banks)
    back = of_shield(world.banks, shield, sent.pdq)
    assert back is not None
    assert back.enabled


def test_two_people_may_shield_the_same_picture_each_for_themselves(world: World) -> None:
    [sent] = phone(1)
    one, two = person(), person()
    first, second = shield_of(world, one), shield_of(world, two)
    personal.submit(first, [sent], one, world.banks)
    personal.submit(second, [sent], two, world.banks)
    personal.withdraw(first, [sent.pdq], one, world.banks)
    kept = of_shield(world.banks, second, sent.pdq)
    assert kept is not None
    assert kept.enabled


def test_a_personal_hash_that_matches_many_raises_an_alarm_and_goes_on_holding(
    world: World,
) -> None:
    """Who wants to get past a shield could make as many accounts as it takes."""
    owner = person()
    shield = shield_of(world, owner)
    [sent] = phone(1)
    personal.submit(shield, [sent], owner, world.banks)
    entry = of_shield(world.banks, shield, sent.pdq)
    assert entry is not None
    limit = world.banks.policy.bank_upkeep.popular_personal
    popular(world, entry, uploaders=limit, uploads=limit)
    upkeep.find_popular(world.banks)
    marked = stored(world, entry)
    assert (marked.popular, marked.enabled) == (True, True)
    assert world.backend.store.get(Alarm, alarm_id(AlarmKind.POPULAR_HASH, entry.path))

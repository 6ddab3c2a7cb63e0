"""Cases as moderators take and decide them."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from media_integrity.api.wiring import make_engine
from media_integrity.appeals.upkeep import keep
from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.decision.reasons import reason
from media_integrity.matching.alarms import alarm_id
from media_integrity.matching.banks import FirestoreBanks
from media_integrity.moderation import cases, outside
from media_integrity.scanning import moving
from media_integrity.scanning.sweep import sweep
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.audit import Actor, ActorKind, AuditAction, AuditEntry
from media_integrity.schema.base import CaseId, JobId, UserId
from media_integrity.schema.cases import Case, CaseOutcome
from media_integrity.schema.consent import ConsentHold, ConsentHoldStatus
from media_integrity.schema.enforcement import StrikeState
from media_integrity.schema.enums import (
    Action,
    BankLabel,
    CaseStatus,
    ScanState,
    Violation,
)
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, NotFound
from media_integrity.schema.hashes import HashMatch, MediaHash, OpinionKind
from media_integrity.schema.outbox import OutboxEntry
from media_integrity.schema.scans import ReasonCode, ScanJob
from tests.emulator import pictures
from tests.emulator.desks import WHY, Work, desk_of, moderator, put_hash
from tests.emulator.world import World
from tests.unit.film_files import RATE, film, panned

HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def work(world: World) -> Work:
    return Work(world, desk_of(world))


def senior() -> Actor:
    return moderator(ActorKind.SENIOR_MODERATOR)


def outbox(work: Work, entry: str) -> OutboxEntry | None:
    return work.desk.store.get(OutboxEntry, entry)


# ---- Taking a case


def test_a_case_is_one_moderators_until_given_back(work: Work) -> None:
    job, (one, two) = work.held(), (moderator(), moderator())
    case = CaseId(job.id)

    cases.claim(case, one, work.desk)
    assert work.case(job).status is CaseStatus.IN_REVIEW
    with pytest.raises(Conflict) as taken:
        cases.claim(case, two, work.desk)
    assert taken.value.code == "taken"
    with pytest.raises(Conflict) as not_taken:
        work.decide(job, CaseOutcome.RELEASE, two)
    assert not_taken.value.code == "not_taken"
    assert cases.give_back(case, two, work.desk) is CaseStatus.IN_REVIEW

    assert cases.give_back(case, one, work.desk) is CaseStatus.OPEN
    cases.claim(case, two, work.desk)


def test_a_case_whose_moderators_time_ran_out_goes_back_to_what_it_was(work: Work) -> None:
    held, blocked, by = work.held(), work.blocked(), moderator()
    for job in (held, blocked):
        cases.claim(CaseId(job.id), by, work.desk)
    work.world.clock.ahead = HALF_HOUR + timedelta(seconds=1)

    with pytest.raises(Conflict) as over:
        work.decide(held, CaseOutcome.RELEASE, by)
    assert over.value.code == "lease_over"
    assert keep(work.desk).returned >= 2

    assert work.case(held).status is CaseStatus.OPEN
    assert work.case(blocked).status is CaseStatus.ACTIONED
    assert work.details(held).review is None


def test_somebody_elses_time_that_ran_out_need_not_be_swept_first(work: Work) -> None:
    job, two = work.blocked(), moderator()
    cases.claim(CaseId(job.id), moderator(), work.desk)
    work.world.clock.ahead = HALF_HOUR + timedelta(seconds=1)

    cases.claim(CaseId(job.id), two, work.desk)
    cases.give_back(CaseId(job.id), two, work.desk)

    assert work.case(job).status is CaseStatus.ACTIONED, "what it was before the first took it"


def test_one_of_two_who_take_a_case_at_once_has_it(work: Work) -> None:
    job, people = work.held(), [moderator(), moderator()]

    def attempt(by: Actor) -> bool:
        try:
            cases.claim(CaseId(job.id), by, work.desk)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(attempt, people))

    assert sorted(won) == [False, True]
    review = work.details(job).review
    assert review is not None
    assert review.by == people[won.index(True)].id


@pytest.mark.parametrize("concern", ["uploader", "victim"])
def test_nobody_works_on_a_case_that_concerns_them(work: Work, concern: str) -> None:
    job, by = work.held(), moderator()
    if concern == "uploader":
        by = Actor(kind=ActorKind.ADMIN, id=job.uploader_id)
    else:
        work.desk.store.update(work.details(job), victim_ids=(UserId(by.id),))

    for act in (
        lambda: cases.claim(CaseId(job.id), by, work.desk),
        lambda: cases.give_back(CaseId(job.id), by, work.desk),
        lambda: work.decide(job, CaseOutcome.RELEASE, by),
    ):
        with pytest.raises(Forbidden):
            act()
    assert work.case(job).status is CaseStatus.OPEN


def test_a_case_that_is_gone_is_not_found(work: Work) -> None:
    job, by = work.held(), moderator()
    cases.claim(CaseId(job.id), by, work.desk)
    work.desk.store.delete(Case.path_of(job.id))

    with pytest.raises(NotFound):
        work.decide(job, CaseOutcome.RELEASE, by)
    assert work.world.job(JobId(job.id)).state is ScanState.HELD


# ---- A held upload


@pytest.mark.parametrize(
    ("outcome", "action"),
    [(CaseOutcome.RELEASE, Action.ALLOW), (CaseOutcome.BLUR, Action.BLUR)],
)
def test_a_released_upload_is_published_and_its_match_disputed(
    work: Work, outcome: CaseOutcome, action: Action
) -> None:
    job = work.held()

    case = work.decided(job, outcome)
    after = work.world.scan(JobId(job.id))

    assert (after.state, work.world.objects(after)) == (ScanState.PUBLISHED, {"media"})
    assert after.verdict is not None
    assert after.verdict.action is action
    assert case.status is CaseStatus.OVERTURNED
    assert case.decision is not None
    assert (case.decision.reason, case.decision.published) == (WHY, True)
    assert work.entry(job).counters.overturned == 1
    assert outbox(work, f"{job.id}_decision0_upload_released")
    assert work.strike(job) is None


def test_a_blocked_one_goes_to_the_vault_and_may_be_appealed_from_that_day(work: Work) -> None:
    job = work.held()
    work.world.clock.ahead = timedelta(days=40)

    case = work.decided(job, CaseOutcome.BLOCK, violation=Violation.FACE_SWAP)

    after = work.world.job(JobId(job.id))
    assert (after.state, work.world.objects(after)) == (ScanState.BLOCKED, {"evidence"})
    assert after.verdict is not None
    assert [told.code for told in after.verdict.reasons] == [ReasonCode.MODERATED]
    assert after.verdict.violations == (Violation.FACE_SWAP,)
    assert (case.status, case.action, case.appealable) == (
        CaseStatus.UPHELD,
        Action.BLOCK,
        True,
    )
    assert case.actioned_at == case.decision.decided_at if case.decision else None
    strike = work.strike(job)
    assert strike is not None
    assert strike.state is StrikeState.CONFIRMED
    assert work.entry(job).counters.upheld == 1
    assert outbox(work, f"{job.id}_decision0_upload_blocked")


def test_one_that_is_blocked_without_a_violation_is_no_strike(work: Work) -> None:
    job = work.held()

    case = work.decided(job, CaseOutcome.BLOCK)

    assert case.appealable
    assert work.strike(job) is None
    assert work.strikes(job.uploader_id) == 0


def test_a_block_whose_worker_died_before_the_move_is_moved_by_the_sweeper(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = work.held()

    def dies(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(moving, "move_object", dies)
        work.decided(job, CaseOutcome.BLOCK)
    assert work.world.job(JobId(job.id)).state is ScanState.DECIDED
    assert work.world.objects(job) == {"uploads"}

    work.world.clock.ahead = timedelta(hours=1)
    sweep(work.world.stack.bucket, work.desk.policy, work.world.backend)
    assert JobId(job.id) in work.world.tasks.jobs
    assert work.world.scan(JobId(job.id)).state is ScanState.BLOCKED


def test_a_release_whose_task_was_lost_is_published_by_the_sweeper(work: Work) -> None:
    job = work.held()
    work.decided(job, CaseOutcome.RELEASE)
    work.world.tasks.jobs.clear()

    work.world.clock.ahead = timedelta(minutes=6)
    sweep(work.world.stack.bucket, work.desk.policy, work.world.backend)

    assert JobId(job.id) in work.world.tasks.jobs
    assert work.world.scan(JobId(job.id)).state is ScanState.PUBLISHED


def test_what_somebody_shown_has_refused_is_not_released(work: Work) -> None:
    job, by = work.held(), moderator()
    refuse(work, job)
    cases.claim(CaseId(job.id), by, work.desk)

    with pytest.raises(Conflict) as refused:
        work.decide(job, CaseOutcome.RELEASE, by)

    assert refused.value.code == "consent_refused"
    assert work.world.job(JobId(job.id)).state is ScanState.HELD


def refuse(work: Work, job: ScanJob) -> None:
    now = work.desk.clock.now()
    hold = ConsentHold(
        id=job.id,
        uploader_id=job.uploader_id,
        status=ConsentHoldStatus.REFUSED,
        needed=1,
        created_at=now,
        updated_at=now,
    )
    work.desk.store.put(hold)


def test_what_nobody_has_decoded_is_released_as_it_is_or_not_at_all(work: Work) -> None:
    job, by = work.held(), moderator()
    too_long = reason(ReasonCode.TOO_MUCH_TO_CHECK)
    work.desk.store.update(work.case(job), explanation=(too_long,))
    cases.claim(CaseId(job.id), by, work.desk)
    with pytest.raises(Conflict) as refused:
        work.decide(job, CaseOutcome.BLUR, by)
    assert refused.value.code == "cannot_blur"
    assert work.decide(job, CaseOutcome.RELEASE, by).status is CaseStatus.OVERTURNED


def test_a_film_that_is_too_long_to_check_is_published_as_what_it_is(work: Work) -> None:
    film_limits = work.desk.policy.limits.media.film.model_copy(update={"max_duration_s": 1.0})
    media = work.desk.policy.limits.media.model_copy(update={"film": film_limits})
    limits = work.desk.policy.limits.model_copy(update={"media": media})
    policy = work.desk.policy.model_copy(update={"limits": limits})
    work.world.engine = make_engine(policy, FirestoreBanks(work.desk.store))
    content = film(panned(3 * RATE))
    job = work.world.judged(content, content_type="video/mp4", name="film.mp4")
    assert job.state is ScanState.HELD
    assert job.verdict is not None
    assert [told.code for told in job.verdict.reasons] == [ReasonCode.TOO_MUCH_TO_CHECK]

    work.decided(job, CaseOutcome.RELEASE)
    waiting = work.world.scan(JobId(job.id))
    assert waiting.state is ScanState.AWAITING_CONSENT, "nobody has seen who is in it"
    work.world.self_consent(JobId(job.id))
    after = work.world.scan(JobId(job.id))

    assert after.state is ScanState.PUBLISHED, after
    assert after.content_type == "video/mp4"
    assert after.published_path is not None
    assert after.published_path.endswith(".mp4")


def test_the_same_decision_twice_changes_nothing_and_another_is_refused(work: Work) -> None:
    job, by = work.held(), moderator()
    first = work.decided(job, CaseOutcome.RELEASE, by)
    judged = work.world.scan(JobId(job.id)).judged

    again = work.decide(job, CaseOutcome.RELEASE, by)

    assert again.decision == first.decision
    assert len(work.details(job).decisions) == 1
    assert work.world.job(JobId(job.id)).judged == judged
    with pytest.raises(Conflict):
        work.decide(job, CaseOutcome.BLOCK, by)
    with pytest.raises(Conflict):
        cases.claim(CaseId(job.id), moderator(), work.desk)


def test_what_a_new_entry_holds_again_is_open_again_and_can_be_decided_again(work: Work) -> None:
    content = pictures.clean()
    put_hash(work.world, work.world.new_bank(), content, confirmed=False)
    job = work.world.judged(content)
    work.decided(job, CaseOutcome.RELEASE)
    put_hash(work.world, work.world.new_bank(), content, confirmed=True)

    held = work.world.scan(JobId(job.id))
    assert held.state is ScanState.HELD
    case = work.case(job)
    assert (case.status, case.action) == (CaseStatus.OPEN, Action.REVIEW)
    assert case.decision is not None
    assert case.reopened_at is not None
    assert case.decision.decided_at < case.reopened_at

    work.decided(job, CaseOutcome.BLOCK, violation=Violation.DEEPFAKE_FACE)
    assert work.world.job(JobId(job.id)).state is ScanState.BLOCKED
    assert [each.outcome for each in work.details(job).decisions] == [
        CaseOutcome.RELEASE,
        CaseOutcome.BLOCK,
    ]


def test_a_held_case_is_not_just_closed(work: Work) -> None:
    job, by = work.held(), moderator()
    cases.claim(CaseId(job.id), by, work.desk)
    with pytest.raises(Conflict) as still:
        work.decide(job, CaseOutcome.CLOSE, by)
    assert still.value.code == "still_withheld"


def test_a_case_whose_upload_is_gone_is_closed(work: Work) -> None:
    job = work.held()
    work.decided(job, CaseOutcome.RELEASE)
    stored = work.desk.scanning.objects.stat(job.source.bucket, job.source.name)
    assert stored is not None
    work.desk.scanning.objects.delete(stored)
    assert work.world.scan(JobId(job.id)).state is ScanState.REFUSED

    case = work.decide(job, CaseOutcome.CLOSE, moderator(), why="The file is not there any more.")

    assert case.status is CaseStatus.CLOSED
    assert case.decision is not None
    assert case.decision.outcome is CaseOutcome.RELEASE, "the uploader goes on reading why"


# ---- A blocked upload


def test_what_is_upheld_stays_and_its_match_is_confirmed(work: Work) -> None:
    job, by = work.blocked(), moderator()
    entry = work.entry(job)

    case = work.decided(job, CaseOutcome.UPHOLD, by)

    assert (case.status, case.needs_confirmation) == (CaseStatus.UPHELD, False)
    assert work.world.job(JobId(job.id)).state is ScanState.BLOCKED
    assert work.entry(job).counters.upheld == 1
    strike = work.strike(job)
    assert strike is not None
    assert strike.state is StrikeState.CONFIRMED
    match = work.desk.store.get(HashMatch, f"{job.id}_{entry.parent_id}_{entry.id}")
    assert match is not None
    assert match.outcome is OpinionKind.CONFIRM


def test_what_is_overturned_is_published_its_strike_undone_and_the_detector_counted(
    work: Work,
) -> None:
    job = work.blocked()
    assert work.strikes(job.uploader_id) == 1

    case = work.decided(job, CaseOutcome.RELEASE)
    after = work.world.scan(JobId(job.id))

    assert (case.status, case.appealable) == (CaseStatus.OVERTURNED, False)
    assert after.state is ScanState.PUBLISHED
    published = work.desk.store.get(MediaHash, job.id)
    assert published is not None
    assert published.faces is not None, "it was examined in full, for those who may be shown"
    assert work.strikes(job.uploader_id) == 0
    strike = work.strike(job)
    assert strike is not None
    assert strike.state is StrikeState.UNDONE
    tally = outbox(work, f"{job.id}_decision0_tally")
    assert tally is not None
    assert tally.effect.kind == "tally"
    assert [each.value for each in tally.effect.false_positives] == ["bank_match"]


def test_a_suspected_sanction_for_good_is_confirmed_by_upholding(work: Work) -> None:
    job = work.held()
    case = work.decided(job, CaseOutcome.BLOCK, violation=Violation.AI_NUDE)
    assert (case.needs_confirmation, case.appealable) == (False, False)
    strike = work.strike(job)
    assert strike is not None
    assert strike.state is StrikeState.CONFIRMED


def test_only_a_senior_moderator_overrules_an_entry_that_is_never_overruled(work: Work) -> None:
    job, by = work.blocked(label=BankLabel.CSAM), moderator()
    cases.claim(CaseId(job.id), by, work.desk)
    with pytest.raises(Forbidden) as refused:
        work.decide(job, CaseOutcome.RELEASE, by)
    assert refused.value.code == "senior_required"
    cases.give_back(CaseId(job.id), by, work.desk)

    assert work.decided(job, CaseOutcome.RELEASE, senior()).status is CaseStatus.OVERTURNED


def test_two_moderators_who_overturn_an_entrys_matches_switch_it_off(work: Work) -> None:
    content = pictures.clean()
    bank = work.world.new_bank()
    entry = put_hash(work.world, bank, content, confirmed=True)
    for _ in range(work.desk.policy.bank_upkeep.overturned):
        job = work.world.judged(content)
        assert job.state is ScanState.BLOCKED
        work.decided(job, CaseOutcome.RELEASE)
    fallen = work.desk.store.get_below(type(entry), bank, entry.id)
    assert fallen is not None
    assert not fallen.enabled


def test_letting_through_says_nothing_against_a_persons_own_hash(work: Work) -> None:
    content = pictures.clean()
    bank = work.world.new_bank(BankLabel.SHIELD)
    put_hash(work.world, bank, content, confirmed=False)
    job = work.world.judged(content)
    assert job.state is ScanState.HELD

    work.decided(job, CaseOutcome.RELEASE)

    assert work.entry(job).counters.overturned == 0
    assert work.world.scan(JobId(job.id)).state is ScanState.PUBLISHED


# ---- A report outside


def test_a_report_outside_takes_two_of_whom_one_is_senior(work: Work) -> None:
    job, first = work.blocked(), senior()
    case = CaseId(job.id)
    with pytest.raises(Conflict):
        outside.confirm(case, senior(), work.desk)
    work.decided(job, CaseOutcome.UPHOLD, first)
    assert work.desk.store.get(Alarm, alarm_id(AlarmKind.OUTSIDE_REPORT, Case.path_of(job.id)))
    assert outbox(work, f"{job.id}_outside_report") is None

    for nobody in (first, moderator(), Actor(kind=ActorKind.ADMIN, id=job.uploader_id)):
        with pytest.raises(Forbidden):
            outside.confirm(case, nobody, work.desk)
    assert outbox(work, f"{job.id}_outside_report") is None

    confirmed = outside.confirm(case, senior(), work.desk)
    assert outbox(work, f"{job.id}_outside_report")
    assert outside.confirm(case, senior(), work.desk) == confirmed, "once"


def test_what_is_overturned_is_reported_nowhere(work: Work) -> None:
    job = work.blocked()
    work.decided(job, CaseOutcome.UPHOLD)
    work.desk.store.update(work.case(job), status=CaseStatus.OPEN)  # as when its entry fell
    work.decided(job, CaseOutcome.RELEASE)

    assert work.details(job).outside_report is None
    with pytest.raises(Conflict):
        outside.confirm(CaseId(job.id), senior(), work.desk)


# ---- What is asked wrongly


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("held", CaseOutcome.UPHOLD),
        ("blocked", CaseOutcome.BLOCK),
        ("blocked", CaseOutcome.CLOSE),
    ],
)
def test_a_case_knows_its_outcomes(work: Work, state: str, outcome: CaseOutcome) -> None:
    job, by = getattr(work, state)(), moderator()
    cases.claim(CaseId(job.id), by, work.desk)
    with pytest.raises(Invalid):
        work.decide(job, outcome, by)
    assert work.case(job).status is CaseStatus.IN_REVIEW


@pytest.mark.parametrize("why", ["too short", " " * 40, "x" * 2001])
def test_the_uploader_is_told_something_worth_reading(work: Work, why: str) -> None:
    job, by = work.held(), moderator()
    cases.claim(CaseId(job.id), by, work.desk)
    with pytest.raises(Invalid):
        work.decide(job, CaseOutcome.RELEASE, by, why=why)


def test_the_uploader_is_not_told_who_is_shown(work: Work) -> None:
    job, by = work.held(), moderator()
    work.desk.store.update(work.details(job), victim_ids=(UserId("victim-4711"),))
    cases.claim(CaseId(job.id), by, work.desk)
    with pytest.raises(Invalid):
        work.decide(job, CaseOutcome.RELEASE, by, why="It shows victim-4711, who said no.")
    assert "victim-4711" not in str(work.case(job))


def test_an_upload_on_its_way_is_decided_on_when_it_has_arrived(work: Work) -> None:
    job, by = work.blocked(), moderator()
    cases.claim(CaseId(job.id), by, work.desk)
    work.desk.store.update(job, state=ScanState.DECIDED)
    with pytest.raises(Conflict) as moving_now:
        work.decide(job, CaseOutcome.RELEASE, by)
    assert moving_now.value.code == "still_moving"
    strike = work.strike(job)
    assert strike is not None
    assert strike.state is StrikeState.CONFIRMED


# ---- Several acts at once


def test_two_acts_in_one_transaction_follow_each_other_in_their_chain(work: Work) -> None:
    """A decision is an act on the case, its matches and the account: two may share a chain."""
    subject, by = Case.path_of(secrets.token_hex(32)), moderator()

    def body(tx: Transaction) -> None:
        entries = [Entry(tx, subject), Entry(tx, subject)]
        for number, entry in enumerate(entries):
            entry.write(AuditAction.CASE_DECIDED, by, work.desk.clock.now(), f"{number}")

    work.desk.store.run(body)

    query = Query(AuditEntry, (Where("subject", "==", subject),), order_by=(("at", "DESCENDING"),))
    second, first = work.desk.store.query(query)
    assert (first.note, second.note) == ("0", "1")
    assert (second.previous_hash, second.sequence) == (first.hash, first.sequence + 1)
    assert first.intact
    assert second.intact

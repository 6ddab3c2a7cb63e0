"""Appeals: written as the app writes them, received, heard and answered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from devkit.client import Denied, Person, Value
from media_integrity.appeals import hearing
from media_integrity.appeals.receive import receive
from media_integrity.appeals.upkeep import delete_files, keep
from media_integrity.cloud.firestore import Query, Where
from media_integrity.moderation import cases
from media_integrity.scanning.consequences import Everybody
from media_integrity.scanning.sweep import sweep
from media_integrity.schema.appeals import Appeal, AppealDetails, AppealStatus
from media_integrity.schema.audit import Actor, ActorKind, AuditAction, AuditEntry
from media_integrity.schema.base import CaseId, JobId, UserId
from media_integrity.schema.cases import Case, CaseOutcome
from media_integrity.schema.consent import ConsentHold, ConsentHoldStatus
from media_integrity.schema.enforcement import EnforcementRecord, StrikeState
from media_integrity.schema.enums import CaseStatus, ScanState, Violation
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, NotFound
from media_integrity.schema.outbox import NotifyEffect, OutboxEntry, TallyEffect
from media_integrity.schema.scans import ReasonCode, ScanJob
from tests.emulator import pictures
from tests.emulator.desks import WHY, Work, appeals, desk_of, moderator, put_hash
from tests.emulator.world import World

MONTH = timedelta(days=30)


class Appealing(Work):
    """And somebody whose upload was blocked, and who appeals."""

    def blocked_of(self, person: Person, by: Actor | None = None) -> ScanJob:
        return self.appealable(person, by=by)

    def write(self, person: Person, job: ScanJob, **changes: Value) -> CaseId:
        """Written by the app; nothing has reacted to it yet."""
        appeals(self.world.app(person), person, job.id, **changes)
        return CaseId(job.id)

    def appealed(self, by: Actor | None = None) -> tuple[Person, ScanJob, CaseId]:
        """Received, and waiting."""
        person = self.world.adult()
        job = self.blocked_of(person, by)
        appeal = self.write(person, job)
        assert receive(appeal, self.desk) is AppealStatus.PENDING
        return person, job, appeal

    def appeal(self, job: ScanJob) -> Appeal:
        found = self.desk.store.get(Appeal, job.id)
        assert found is not None
        return found

    def told(self, job: ScanJob, kind: str) -> OutboxEntry | None:
        return self.desk.store.get(OutboxEntry, f"{job.id}_appeal_{kind}")

    def attached(self, person: Person, job: ScanJob, *, name: str = "letter.pdf") -> str:
        path = f"appeals/{person.uid}/{job.id}/{name}"
        self.world.app(person).storage.upload(path, b"%PDF-1.7 a letter", "application/pdf")
        return path


@pytest.fixture
def work(world: World) -> Appealing:
    return Appealing(world, desk_of(world))


# ---- Received


def test_an_appeal_waits_its_uploader_is_told_and_the_upload_stays(work: Appealing) -> None:
    decider = moderator()
    _, job, appeal = work.appealed(decider)

    found = work.appeal(job)
    assert (found.status, found.decision) == (AppealStatus.PENDING, None)
    details = work.desk.store.get_below(AppealDetails, appeal, AppealDetails.DETAILS_ID)
    assert details is not None
    assert details.earlier_deciders == (decider.id,)
    told = work.told(job, "appeal_received")
    assert told is not None
    assert isinstance(told.effect, NotifyEffect)
    assert told.effect.user_id == job.uploader_id
    assert work.told(job, "tally")
    assert work.world.job(JobId(job.id)).expire_at is None


def test_its_event_twice_changes_nothing(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    before = work.appeal(job)

    assert receive(appeal, work.desk) is AppealStatus.PENDING

    assert work.appeal(job) == before


def test_two_deliveries_at_once_are_received_once(work: Appealing) -> None:
    person = work.world.adult()
    job = work.blocked_of(person)
    appeal = work.write(person, job)

    with ThreadPoolExecutor(2) as pool:
        statuses = set(pool.map(lambda _: receive(appeal, work.desk), range(2)))

    assert statuses == {AppealStatus.PENDING}


def test_an_appeal_whose_event_was_lost_is_found(work: Appealing) -> None:
    person = work.world.adult()
    job = work.blocked_of(person)
    work.write(person, job)

    keep(work.desk)
    assert work.appeal(job).updated_at is None, "its event may still come"
    work.world.clock.ahead = timedelta(minutes=3)
    assert keep(work.desk).received >= 1

    assert work.appeal(job).updated_at is not None
    assert work.told(job, "appeal_received")


def test_evidence_is_kept_by_what_it_is_and_what_is_missing_is_said(work: Appealing) -> None:
    person = work.world.adult()
    job = work.blocked_of(person)
    letter = work.attached(person, job)
    missing = f"appeals/{person.uid}/{job.id}/never-sent.pdf"

    receive(work.write(person, job, evidencePaths=[letter, missing]), work.desk)

    found = work.appeal(job)
    assert (found.status, found.missing_evidence) == (AppealStatus.PENDING, (missing,))
    details = work.desk.store.get_below(AppealDetails, job.id, AppealDetails.DETAILS_ID)
    assert details is not None
    assert [each.path for each in details.files] == [letter]


REJECTED = {
    "case_gone": lambda work, job: work.desk.store.delete(Case.path_of(job.id)),
    "released": lambda work, job: work.desk.store.update(
        work.case(job), status=CaseStatus.OVERTURNED
    ),
    "closed": lambda work, job: work.desk.store.update(work.case(job), status=CaseStatus.CLOSED),
    "not_appealable": lambda work, job: work.desk.store.update(work.case(job), appealable=False),
    "of_another": lambda work, job: work.desk.store.update(
        work.case(job), uploader_id=UserId("somebody-else")
    ),
    "too_late": lambda work, job: work.desk.store.update(
        work.case(job), actioned_at=work.desk.clock.now() - MONTH - timedelta(hours=1)
    ),
    "appeals_closed": lambda work, job: work.desk.store.put(
        EnforcementRecord(
            id=job.uploader_id,
            appeals_closed_until=work.desk.clock.now() + timedelta(days=1),
            updated_at=work.desk.clock.now(),
        )
    ),
}


@pytest.mark.parametrize("change", REJECTED)
def test_what_changed_after_the_rules_looked_rejects_it_with_a_reason(
    work: Appealing, change: str
) -> None:
    person = work.world.adult()
    job = work.blocked_of(person)
    appeal = work.write(person, job)
    REJECTED[change](work, job)

    assert receive(appeal, work.desk) is AppealStatus.REJECTED

    decision = work.appeal(job).decision
    assert decision is not None
    assert decision.outcome is AppealStatus.REJECTED
    assert decision.reason
    assert work.told(job, "appeal_decided")
    assert work.told(job, "appeal_received") is None
    assert work.told(job, "tally") is None
    with pytest.raises((Conflict, NotFound, Forbidden)):
        hearing.take(appeal, moderator(), work.desk)


def test_a_moderators_late_block_can_be_appealed_for_thirty_days(work: Appealing) -> None:
    person = work.world.adult()
    job = work.held(person)
    long_ago = work.desk.clock.now() - timedelta(days=45)
    work.desk.store.update(work.case(job), created_at=long_ago)
    work.decided(job, CaseOutcome.BLOCK)

    assert receive(work.write(person, job), work.desk) is AppealStatus.PENDING


def test_after_thirty_days_the_rules_let_nobody_appeal(work: Appealing) -> None:
    person = work.world.adult()
    job = work.blocked_of(person)
    late = work.desk.clock.now() - MONTH - timedelta(minutes=1)
    work.desk.store.update(work.case(job), actioned_at=late)
    with pytest.raises(Denied):
        work.write(person, job)


# ---- Heard


def test_an_overturned_appeal_publishes_and_undoes_the_strike(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    assert work.strikes(job.uploader_id) == 1
    by = moderator()

    hearing.take(appeal, by, work.desk)
    assert work.appeal(job).status is AppealStatus.IN_REVIEW
    assert work.case(job).status is CaseStatus.IN_REVIEW
    answered = hearing.overturn(appeal, WHY, by, work.desk)
    after = work.world.scan(JobId(job.id))

    assert (answered.status, work.case(job).status) == (
        AppealStatus.OVERTURNED,
        CaseStatus.OVERTURNED,
    )
    assert answered.decision is not None
    assert (answered.decision.reason, answered.decision.published) == (WHY, True)
    assert (after.state, work.world.objects(after)) == (ScanState.PUBLISHED, {"media"})
    assert work.strikes(job.uploader_id) == 0
    told = work.told(job, "appeal_decided")
    assert told is not None
    tally = work.desk.store.get(OutboxEntry, f"{job.id}_decision1_tally")
    assert tally is not None
    assert isinstance(tally.effect, TallyEffect)
    assert [each.value for each in tally.effect.counters] == ["appeals_overturned"]
    assert tally.effect.false_positives == (), "a moderator had blocked it, not a detector"
    assert acts(work, Appeal.path_of(appeal)) == [AuditAction.APPEAL_DECIDED]


def acts(work: Work, subject: str) -> list[AuditAction]:
    query = Query(AuditEntry, (Where("subject", "==", subject),), order_by=(("at", "DESCENDING"),))
    return [entry.action for entry in work.desk.store.query(query)]


def test_an_overturned_automatic_block_counts_against_its_detector(work: Appealing) -> None:
    person = work.world.adult()
    job = work.blocked(person)
    work.desk.store.update(work.case(job), appealable=True)
    appeal, by = work.write(person, job), moderator()

    hearing.take(appeal, by, work.desk)  # its event has not come: it is received here
    hearing.overturn(appeal, WHY, by, work.desk)

    tally = work.desk.store.get(OutboxEntry, f"{job.id}_decision0_tally")
    assert tally is not None
    assert isinstance(tally.effect, TallyEffect)
    assert [each.value for each in tally.effect.false_positives] == ["bank_match"]
    assert work.entry(job).counters.overturned == 1
    assert work.world.scan(JobId(job.id)).state is ScanState.PUBLISHED


def test_it_can_be_published_blurred(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    by = moderator()
    hearing.take(appeal, by, work.desk)
    hearing.overturn(appeal, WHY, by, work.desk, blurred=True)
    assert work.world.scan(JobId(job.id)).preview_path is not None


def test_an_upheld_appeal_leaves_everything_and_cannot_be_repeated(work: Appealing) -> None:
    person, job, appeal = work.appealed()
    by = moderator()
    hearing.take(appeal, by, work.desk)

    answered = hearing.uphold(appeal, WHY, by, work.desk)

    assert answered.status is AppealStatus.UPHELD
    case = work.case(job)
    assert (case.status, case.appealable) == (CaseStatus.UPHELD, False)
    assert work.strikes(job.uploader_id) == 1
    after = work.world.job(JobId(job.id))
    assert after.state is ScanState.BLOCKED
    assert after.expire_at is not None
    with pytest.raises(Denied):
        work.write(person, job)


def test_three_appeals_without_merit_close_a_persons_appeals(work: Appealing) -> None:
    person = work.world.adult()
    jobs = [work.blocked_of(person) for _ in range(4)]
    for job in jobs[:3]:
        appeal, by = work.write(person, job), moderator()
        hearing.take(appeal, by, work.desk)
        hearing.uphold(appeal, WHY, by, work.desk, without_merit=True)
        hearing.uphold(appeal, WHY, by, work.desk, without_merit=True)  # sent again: counted once

    record = work.desk.store.get(EnforcementRecord, person.uid)
    assert record is not None
    assert record.appeals_closed_until is not None
    assert record.appeals_closed_until > work.desk.clock.now() + timedelta(days=29)
    with pytest.raises(Denied):
        work.write(person, jobs[3])


@pytest.mark.parametrize("who", ["decider", "uploader", "victim"])
def test_who_had_a_part_in_it_does_not_hear_the_appeal(work: Appealing, who: str) -> None:
    decider = moderator()
    _, job, appeal = work.appealed(decider)
    people = {
        "decider": decider,
        "uploader": Actor(kind=ActorKind.ADMIN, id=job.uploader_id),
        "victim": moderator(),
    }
    by = people[who]
    if who == "victim":
        work.desk.store.update(work.details(job), victim_ids=(UserId(by.id),))

    for act in (
        lambda: hearing.take(appeal, by, work.desk),
        lambda: hearing.overturn(appeal, WHY, by, work.desk),
        lambda: hearing.uphold(appeal, WHY, by, work.desk),
    ):
        with pytest.raises((Forbidden, Conflict)):
            act()
    with pytest.raises(Forbidden):
        hearing.take(appeal, by, work.desk)
    assert work.appeal(job).status is AppealStatus.PENDING


def test_who_decided_after_the_appeal_came_does_not_hear_it_either(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    late = moderator()
    details = work.details(job)
    decided = details.decisions[0].model_copy(update={"by": UserId(late.id)})
    work.desk.store.update(details, decisions=(*details.decisions, decided))
    with pytest.raises(Forbidden):
        hearing.take(appeal, late, work.desk)


def test_one_of_two_who_answer_at_once_has_answered(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    one, two = moderator(), moderator()
    hearing.take(appeal, one, work.desk)
    with pytest.raises(Conflict):
        hearing.take(appeal, two, work.desk)

    def attempt(who: int) -> str:
        try:
            if who == 0:
                return hearing.overturn(appeal, WHY, one, work.desk).status.value
            return hearing.uphold(appeal, WHY, (one, two)[who - 1], work.desk).status.value
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(attempt, range(3)))

    final = work.appeal(job).status.value
    assert outcomes.count(final) == 1
    assert final in outcomes[:2], "the other never had it"
    assert len(work.details(job).decisions) == 2  # the block, and one answer


def test_the_same_answer_again_changes_nothing_another_is_refused(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    by = moderator()
    hearing.take(appeal, by, work.desk)
    first = hearing.overturn(appeal, WHY, by, work.desk)

    assert hearing.overturn(appeal, WHY, by, work.desk) == first
    with pytest.raises(Conflict):
        hearing.uphold(appeal, WHY, by, work.desk)
    with pytest.raises((Conflict, Forbidden)):
        hearing.take(appeal, moderator(), work.desk)
    assert len(work.details(job).decisions) == 2


def test_nobody_decides_a_case_past_its_appeal(work: Appealing) -> None:
    person = work.world.adult()
    job = work.blocked(person)
    work.desk.store.update(work.case(job), appealable=True)
    other = moderator()
    cases.claim(CaseId(job.id), other, work.desk)
    appeal = work.write(person, job)

    with pytest.raises(Conflict) as refused:
        work.decide(job, CaseOutcome.RELEASE, other)
    assert refused.value.code == "under_appeal"
    cases.give_back(CaseId(job.id), other, work.desk)
    with pytest.raises(Conflict):
        cases.claim(CaseId(job.id), moderator(), work.desk)

    hearing.take(appeal, other, work.desk)  # they have decided nothing
    with pytest.raises(Conflict):
        work.decide(job, CaseOutcome.RELEASE, other)
    with pytest.raises(Conflict):
        cases.give_back(CaseId(job.id), other, work.desk)


def test_an_appeal_given_back_or_left_lying_waits_again_with_its_case(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    one, two = moderator(), moderator()
    hearing.take(appeal, one, work.desk)
    assert hearing.give_back(appeal, two, work.desk) is AppealStatus.IN_REVIEW
    assert hearing.give_back(appeal, one, work.desk) is AppealStatus.PENDING
    assert work.case(job).status is CaseStatus.UPHELD

    hearing.take(appeal, one, work.desk)
    work.world.clock.ahead = timedelta(minutes=31)
    with pytest.raises(Conflict):
        hearing.overturn(appeal, WHY, one, work.desk)
    keep(work.desk)

    assert work.appeal(job).status is AppealStatus.PENDING
    assert work.case(job).status is CaseStatus.UPHELD
    hearing.take(appeal, two, work.desk)


def test_an_answer_says_why(work: Appealing) -> None:
    _, _, appeal = work.appealed()
    by = moderator()
    hearing.take(appeal, by, work.desk)
    with pytest.raises(Invalid):
        hearing.uphold(appeal, "no", by, work.desk)


# ---- What comes in between


def test_what_somebody_has_refused_meanwhile_is_overturned_and_stays_unpublished(
    work: Appealing,
) -> None:
    _, job, appeal = work.appealed()
    by, now = moderator(), work.desk.clock.now()
    hearing.take(appeal, by, work.desk)
    work.desk.store.put(
        ConsentHold(
            id=job.id,
            uploader_id=job.uploader_id,
            status=ConsentHoldStatus.REFUSED,
            needed=1,
            created_at=now,
            updated_at=now,
        )
    )

    answered = hearing.overturn(appeal, WHY, by, work.desk)

    assert answered.decision is not None
    assert (answered.status, answered.decision.published) == (AppealStatus.OVERTURNED, False)
    assert work.strikes(job.uploader_id) == 0
    after = work.world.job(JobId(job.id))
    assert after.state is ScanState.BLOCKED
    assert after.verdict is not None
    assert [told.code for told in after.verdict.reasons] == [ReasonCode.CONSENT_REFUSED]
    assert [told.code for told in work.case(job).explanation] == [ReasonCode.CONSENT_REFUSED]
    assert JobId(job.id) not in work.world.tasks.jobs[1:]


def test_an_appeal_whose_case_is_gone_is_closed_and_says_so(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    work.desk.store.delete(Case.path_of(job.id))

    with pytest.raises(Conflict):
        hearing.take(appeal, moderator(), work.desk)

    assert work.appeal(job).status is AppealStatus.REJECTED
    assert work.told(job, "appeal_decided")


def test_a_case_that_goes_while_it_is_heard_changes_nothing_else(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    by = moderator()
    hearing.take(appeal, by, work.desk)
    work.desk.store.delete(Case.path_of(job.id))

    with pytest.raises(NotFound):
        hearing.overturn(appeal, WHY, by, work.desk)
    assert work.world.job(JobId(job.id)).state is ScanState.BLOCKED


def test_an_upload_whose_job_has_expired_is_published_all_the_same(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    work.desk.store.delete(ScanJob.path_of(job.id))
    by = moderator()
    hearing.take(appeal, by, work.desk)
    hearing.overturn(appeal, WHY, by, work.desk)
    assert work.world.scan(JobId(job.id)).state is ScanState.PUBLISHED


def test_a_decision_whose_worker_died_is_published_by_the_sweeper(work: Appealing) -> None:
    _, job, appeal = work.appealed()
    by = moderator()
    hearing.take(appeal, by, work.desk)
    hearing.overturn(appeal, WHY, by, work.desk)
    work.world.tasks.jobs.clear()  # it died before the task was enqueued

    work.world.clock.ahead = timedelta(minutes=6)
    sweep(work.world.stack.bucket, work.desk.policy, work.world.backend)

    assert JobId(job.id) in work.world.tasks.jobs
    assert work.world.scan(JobId(job.id)).state is ScanState.PUBLISHED


def test_what_a_shield_or_entry_holds_after_an_overturned_appeal_is_open_and_not_appealed_twice(
    work: Appealing,
) -> None:
    person, content = work.world.adult(), pictures.clean()
    put_hash(work.world, work.world.new_bank(), content, confirmed=False)
    job = work.world.scan(work.world.deliver(work.world.upload(content, person=person)))
    work.decided(job, CaseOutcome.BLOCK, violation=Violation.DEEPFAKE_FACE)
    appeal, by = work.write(person, job), moderator()
    hearing.take(appeal, by, work.desk)
    hearing.overturn(appeal, WHY, by, work.desk)
    put_hash(work.world, work.world.new_bank(), content, confirmed=True)

    assert work.world.scan(JobId(job.id)).state is ScanState.HELD
    assert work.case(job).status is CaseStatus.OPEN
    assert work.appeal(job).status is AppealStatus.OVERTURNED
    again = work.decided(job, CaseOutcome.BLOCK)

    assert not again.appealable, "its one appeal was heard"
    assert work.world.job(JobId(job.id)).state is ScanState.BLOCKED
    with pytest.raises(Denied):
        work.write(person, job)
    strike = work.strike(job)
    assert strike is not None
    assert strike.state is StrikeState.UNDONE, "blocked without a violation"


# ---- Files


def test_files_are_deleted_when_nobody_has_a_use_for_them(work: Appealing) -> None:
    person = work.world.adult()
    job, other = work.blocked_of(person), work.blocked_of(person)
    named, unnamed = work.attached(person, job), work.attached(person, job, name="b.pdf")
    orphan = work.attached(person, other)
    appeal, by = work.write(person, job, evidencePaths=[named]), moderator()
    receive(work.write(person, other, evidencePaths=[orphan]), work.desk)
    hearing.take(appeal, by, work.desk)
    hearing.uphold(appeal, WHY, by, work.desk)
    objects, bucket = work.desk.scanning.objects, work.desk.banks.bucket

    def there() -> set[str]:
        return {each for each in (named, unnamed, orphan) if objects.stat(bucket, each)}

    delete_files(work.desk)
    assert there() == {named, unnamed, orphan}
    work.world.clock.ahead = timedelta(days=3)
    delete_files(work.desk)
    assert there() == {named, orphan}
    work.desk.store.delete(Case.path_of(other.id))
    delete_files(work.desk)
    assert there() == {named}
    work.world.clock.ahead = timedelta(days=work.desk.policy.moderation.evidence_days + 1)
    delete_files(work.desk)
    assert there() == set()


def test_a_file_is_the_uploaders_and_the_moderators(work: Appealing) -> None:
    person = work.world.adult()
    job = work.blocked_of(person)
    letter = work.attached(person, job)
    world = work.world

    assert world.app(world.person("moderator", moderator=True)).storage.download(letter)
    with pytest.raises(Denied):
        world.app(world.adult()).storage.download(letter)


# ---- Whatever happens in whatever order


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["upload", "block", "block_plain", "release", "uphold", "appeal", "grant", "deny"]
        ),
        st.integers(0, 3),
        st.booleans(),
    ),
    min_size=3,
    max_size=10,
)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # each example is a minute of uploads: no shrinking
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_strikes_are_confirmed_cases_minus_overturned_ones(
    session_world: World, steps: list[tuple[str, int, bool]]
) -> None:
    from tests.emulator.world import make_world

    world = make_world(session_world.stack, beside=session_world)
    world.backend = replace(world.backend, admission=Everybody())  # a ban would end the story
    work = Appealing(world, desk_of(world))
    person = world.adult()
    jobs: list[ScanJob] = []
    standing: set[str] = set()
    for step, which, flag in steps:
        if step == "upload" or not jobs:
            made = work.blocked(person) if flag else work.held(person)
            jobs.append(made)
            if flag:
                standing.add(made.id)  # by a confirmed entry: needs no confirmation
            continue
        job = jobs[which % len(jobs)]
        try:
            _step(work, person, job, step, flag)
        except (Conflict, Invalid, Denied, Forbidden, NotFound):
            continue
        finally:
            _give_all_back(work, job)
        if step in {"release", "grant"}:
            standing.discard(job.id)
            world.scan(JobId(job.id))
        elif step in {"block", "uphold", "deny"} and work.case(job).violation is not None:
            standing.add(job.id)
        assert work.strikes(person.uid) == len(standing)
    assert work.strikes(person.uid) == len(standing)
    for job in jobs:
        published = world.job(JobId(job.id)).state is ScanState.PUBLISHED
        assert published == (work.case(job).status is CaseStatus.OVERTURNED)


def _step(work: Appealing, person: Person, job: ScanJob, step: str, flag: bool) -> None:
    by = moderator()
    match step:
        case "block":
            work.decided(job, CaseOutcome.BLOCK, by, violation=Violation.FACE_SWAP)
        case "block_plain":
            work.decided(job, CaseOutcome.BLOCK, by)
        case "release":
            work.decided(job, CaseOutcome.BLUR if flag else CaseOutcome.RELEASE, by)
        case "uphold":
            work.decided(job, CaseOutcome.UPHOLD, by)
        case "appeal":
            receive(work.write(person, job), work.desk)
        case "grant" | "deny":
            appeal = CaseId(job.id)
            hearing.take(appeal, by, work.desk)
            if step == "grant":
                hearing.overturn(appeal, WHY, by, work.desk)
            else:
                hearing.uphold(appeal, WHY, by, work.desk, without_merit=flag)


def _give_all_back(work: Appealing, job: ScanJob) -> None:
    """A step that was refused half way leaves the case with its moderator: the time runs out."""
    review = work.details(job).review
    if review is None or work.case(job).status is not CaseStatus.IN_REVIEW:
        return
    by = Actor(kind=ActorKind.MODERATOR, id=review.by)
    if review.appeal:
        hearing.give_back(CaseId(job.id), by, work.desk)
    else:
        cases.give_back(CaseId(job.id), by, work.desk)

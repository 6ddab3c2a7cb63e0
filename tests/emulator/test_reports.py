"""What a report brings about in this app, and what is undone when it was wrong."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier

import pytest

from devkit.client import Person, admin
from media_integrity.banks import retroactive
from media_integrity.cloud.firestore import Query, Where
from media_integrity.cloud.keys import KeyFile, NoKey
from media_integrity.matching.alarms import alarm_id
from media_integrity.reports import service, upkeep
from media_integrity.reports.media import Place
from media_integrity.scanning import release
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.audit import Actor, ActorKind, AuditAction, AuditEntry
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.cases import Case
from media_integrity.schema.consent import ConsentHold, ConsentHoldStatus
from media_integrity.schema.enums import Action, CaseStatus, ScanState
from media_integrity.schema.errors import Conflict, Invalid, NotFound, TooMany, Unavailable
from media_integrity.schema.hashes import BankHash, DisabledFor, MediaHash
from media_integrity.schema.outbox import NotifyEffect, OutboxEntry, TallyEffect
from media_integrity.schema.reports import (
    OWN_APP,
    Capacity,
    Report,
    ReportDetails,
    ReporterStanding,
    ReportKind,
    ReportOutcome,
    ReportPriority,
    ReportStatus,
    Takedown,
    TakedownState,
)
from media_integrity.schema.scans import ReasonCode, ScanJob
from media_integrity.schema.statistics import Counter
from media_integrity.sealing.envelopes import unseal_text
from media_integrity.takedowns import banking, clock, own_app
from media_integrity.takedowns.addresses import OwnPlaces
from media_integrity.takedowns.backend import TakedownBackend
from tests.emulator import pictures
from tests.emulator.world import KEY_FILE, World

SIGNED = service.Signed(Capacity.DEPICTED, "Maria Muster")
VICTIM = service.Victim("Maria Muster", "maria@example.org")
ELSEWHERE = Place(url="https://www.instagram.com/p/abc123/")


def moderator() -> Actor:
    return Actor(kind=ActorKind.MODERATOR, id=f"moderator-{secrets.token_hex(6)}")


@dataclass
class Office:
    """Reports in a world."""

    world: World
    mails: dict[str, str] = field(default_factory=dict)

    @property
    def backend(self) -> TakedownBackend:
        return TakedownBackend(
            uploads=self.world.backend,
            banks=self.world.banks,
            keys=KeyFile(KEY_FILE),
            places=OwnPlaces(self.world.stack.bucket, app_hosts=frozenset({"app.example.com"})),
            mails=self.mails,
        )

    def published(self, content: bytes | None = None, *, person: Person | None = None) -> ScanJob:
        content = content if content is not None else pictures.clean()
        job = self.world.scan(self.world.deliver(self.world.upload(content, person=person)))
        assert job.state is ScanState.PUBLISHED, job
        return job

    def submit(
        self,
        *jobs: ScanJob,
        by: Person | None = None,
        signed: service.Signed | None = SIGNED,
        kind: ReportKind = ReportKind.NCII,
        draft: str | None = None,
        outside: tuple[Place, ...] = (),
        victim: service.Victim | None = None,
        minor: bool = False,
        evidence: tuple[str, ...] = (),
    ) -> service.Submitted:
        new = service.NewReport(
            draft=draft or secrets.token_hex(8),
            kind=kind,
            places=(*(Place(job_id=job.id) for job in jobs), *outside),
            concerns_minor=minor,
            victim=victim,
            signed=signed,
            evidence=evidence,
        )
        person = by or self.world.person("reporter")
        return service.submit(new, UserId(person.uid), self.backend)

    def decide(self, report: Report, outcome: ReportOutcome, by: Actor | None = None) -> Report:
        return service.decide(
            report.id, outcome, "We have looked at it with care.", by or moderator(), self.backend
        )

    def report(self, report: Report) -> Report:
        found = self.world.backend.store.get(Report, report.id)
        assert found is not None
        return found

    def takedown(self, report: Report, number: int = 0) -> Takedown:
        found = self.world.backend.store.get(Takedown, Takedown.id_for(report.id, number))
        assert found is not None
        return found

    def visible(self, job: ScanJob) -> bool:
        media = self.world.backend.store.get(MediaHash, job.id)
        assert media is not None
        return media.unpublished_at is None and "media" in self.world.objects(job)

    def search(self) -> None:
        """Run every search for copies that was asked for, to its end."""
        self.world.clock.ahead += timedelta(minutes=30)
        for search in list(dict.fromkeys(self.world.searches.asked)):
            while not retroactive.step(search, "test", self.world.banks):
                self.world.clock.ahead += timedelta(minutes=10)

    def entries(self, job: ScanJob) -> list[BankHash]:
        media = self.world.backend.store.get(MediaHash, job.id)
        assert media is not None
        return banking.entries_of(media, self.world.banks)

    def told(self, person: str) -> list[str]:
        entries = self.world.backend.store.query(
            Query(OutboxEntry, (Where("effect.userId", "==", person),))
        )
        return sorted(
            each.effect.notification for each in entries if isinstance(each.effect, NotifyEffect)
        )

    def tallied(self, prefix: str) -> list[Counter]:
        found = [
            self.world.backend.store.get(OutboxEntry, f"{prefix}{name}_tally")
            for name in ("", "_requested", "_in_time")
        ]
        return [
            counter
            for each in found
            if each is not None and isinstance(each.effect, TallyEffect)
            for counter in each.effect.counters
        ]

    def audited(self, path: str) -> list[AuditAction]:
        query = Query(AuditEntry, (Where("subject", "==", path),))
        return [each.action for each in self.world.backend.store.query(query)]


@pytest.fixture
def office(world: World) -> Iterator[Office]:
    yield Office(world)


# ---- At once


def test_a_signed_statement_takes_media_down_at_once_and_banks_it_unconfirmed(
    office: Office,
) -> None:
    content, reporter = pictures.clean(), office.world.person("reporter")
    job = office.published(content)

    made = office.submit(job, by=reporter)

    assert not office.visible(job)
    assert office.world.objects(office.world.job(JobId(job.id))) == {"evidence"}
    case = office.world.case(job.id)
    assert case is not None
    assert (case.status, case.action) == (CaseStatus.OPEN, Action.REVIEW)
    assert [each.code for each in case.explanation] == [ReasonCode.REPORTED]
    assert made.report.status is ReportStatus.SUBMITTED
    assert made.report.priority is ReportPriority.HIGH
    assert made.report.case_ids == (job.id,)
    assert not made.report.work_due
    (takedown,) = made.takedowns
    assert (takedown.state, takedown.in_time) == (TakedownState.REMOVED, True)
    assert takedown.media.platform == OWN_APP
    entries = office.entries(job)
    assert {each.algorithm for each in entries} == {"sha256", "pdq"}
    assert not any(each.confirmed for each in entries)
    again = office.world.judged(content)
    assert again.state is ScanState.HELD
    assert office.told(reporter.uid) == ["report_received", "takedown_changed"]
    assert office.told(job.uploader_id) == ["upload_unpublished"]
    assert office.tallied(made.report.id) == [Counter.REPORTS]
    assert office.tallied(takedown.id) == [Counter.TAKEDOWNS, Counter.TAKEDOWNS_IN_TIME]
    assert office.audited(takedown.path) == [AuditAction.TAKEDOWN_CHANGED]


def test_without_a_statement_nothing_is_taken_down_before_a_moderator_has_looked(
    office: Office,
) -> None:
    job = office.published()

    made = office.submit(job, signed=None)

    assert office.visible(job)
    assert office.entries(job) == []
    (takedown,) = made.takedowns
    assert (takedown.state, takedown.requested_at) == (TakedownState.PREPARED, None)
    assert takedown.waits_for_moderator

    accepted = office.decide(made.report, ReportOutcome.ACCEPT)

    assert not office.visible(job)
    assert accepted.status is ReportStatus.RESOLVED
    assert office.takedown(made.report).in_time


def test_a_kind_that_is_not_about_a_person_waits_for_a_moderator(office: Office) -> None:
    job = office.published()
    made = office.submit(job, kind=ReportKind.OTHER)
    assert office.visible(job)
    (takedown,) = made.takedowns
    assert takedown.state is TakedownState.REQUESTED, "its clock runs all the same"
    assert takedown.waits_for_moderator


def test_the_same_call_twice_is_one_report(office: Office) -> None:
    job, reporter, draft = office.published(), office.world.person("reporter"), "draft-of-one"
    first = office.submit(job, by=reporter, draft=draft)
    told, audited = office.told(reporter.uid), office.audited(first.report.path)

    again = office.submit(job, by=reporter, draft=draft)

    assert again.report == first.report
    assert not again.duplicate
    assert office.told(reporter.uid) == told
    assert office.audited(first.report.path) == audited


def test_two_calls_at_once_are_one_report(office: Office) -> None:
    job, reporter, gate = office.published(), office.world.person("reporter"), Barrier(2)

    def submitted(draft: str) -> service.Submitted:
        gate.wait()
        return office.submit(job, by=reporter, draft=draft)

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(submitted, ["same-draft", "same-draft"])
    assert one.report.id == two.report.id
    with ThreadPoolExecutor(2) as pool:
        three, four = pool.map(submitted, ["draft-number-3", "draft-number-4"])
    assert {three.report.id, four.report.id} == {one.report.id}
    assert three.duplicate and four.duplicate


def test_an_open_report_on_the_same_media_is_that_report_but_a_statement_is_new(
    office: Office,
) -> None:
    job, reporter = office.published(), office.world.person("reporter")
    first = office.submit(job, by=reporter, signed=None)

    assert office.submit(job, by=reporter, signed=None).report.id == first.report.id
    signed = office.submit(job, by=reporter)

    assert signed.report.id != first.report.id
    assert not office.visible(job)


def test_addresses_of_this_app_are_its_uploads(office: Office) -> None:
    job = office.published()
    bucket, path = office.world.stack.bucket, (job.published_path or "").replace("/", "%2F")
    made = office.submit(
        outside=(
            Place(url=f"https://firebasestorage.googleapis.com/v0/b/{bucket}/o/{path}?alt=media"),
            Place(url=f"https://app.example.com/posts/{job.id}?utm_source=share"),
        )
    )
    (medium,) = made.report.media
    assert (medium.platform, medium.job_id) == (OWN_APP, job.id)
    assert not office.visible(job)


def test_there_is_no_report_on_what_never_was(office: Office) -> None:
    for name in (secrets.token_hex(32), "not-an-id"):
        with pytest.raises(NotFound):
            office.submit(outside=(Place(job_id=name),))
    with pytest.raises(Invalid) as refused:
        office.submit(outside=(Place(url="https://app.example.com/about"),))
    assert refused.value.code == "no_upload_at_address"


def test_media_of_two_accounts_are_two_reports(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.submit(office.published(), office.published())
    assert refused.value.code == "several_accounts"


# ---- When there is nothing to take down any more


def test_media_that_is_gone_already_is_removed(office: Office) -> None:
    job, person = office.published(), office.world.person("other")
    office.submit(job, by=person)

    made = office.submit(job)

    assert made.takedowns[0].state is TakedownState.REMOVED
    media = office.world.backend.store.get(MediaHash, job.id)
    assert media is not None
    assert len(media.report_ids) == 2


def test_an_expired_job_does_not_keep_media_up(office: Office) -> None:
    job = office.published()
    office.world.backend.store.delete(job.path)

    made = office.submit(job)

    assert made.takedowns[0].state is TakedownState.REMOVED
    assert not office.visible(job)
    assert office.world.case(job.id) is not None


def test_media_on_its_way_is_taken_down_once_it_is_published(office: Office) -> None:
    job = office.world.job(office.world.deliver(office.world.upload(pictures.clean())))
    assert job.state is ScanState.PENDING

    made = office.submit(job)

    assert made.takedowns[0].state is TakedownState.REQUESTED
    assert made.report.work_due
    published = office.world.scan(JobId(job.id))
    assert published.state is ScanState.PUBLISHED
    assert upkeep.finish_work(office.backend) >= 1
    assert not office.visible(job)
    assert office.takedown(made.report).state is TakedownState.REMOVED


def test_work_that_was_interrupted_is_done_by_the_schedule(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = office.published()
    with monkeypatch.context() as broken:
        broken.setattr(own_app, "act", _dies)
        made = office.submit(job)
    assert office.visible(job)
    assert made.report.work_due

    upkeep.finish_work(office.backend)

    assert not office.visible(job)
    assert not office.report(made.report).work_due


def _dies(*_: object) -> bool:
    raise RuntimeError("the instance was killed")


# ---- Copies


def test_copies_of_others_are_held_and_counted(office: Office) -> None:
    picture = pictures.landscape()
    content = pictures.encoded(picture)
    job, same = office.published(content), office.published(content)
    smaller = office.published(pictures.encoded(picture.resize((500, 375)), "JPEG", quality=80))
    other = office.published()

    made = office.submit(job)
    office.search()

    assert not office.visible(same)
    assert not office.visible(smaller)
    assert office.visible(other)
    assert office.world.job(JobId(same.id)).state is ScanState.HELD
    assert clock.count_copies(office.backend) >= 1
    assert office.takedown(made.report).copies_removed == 2
    assert clock.recount(office.takedown(made.report), office.backend) == 0


def test_an_interrupted_search_is_asked_for_once(office: Office) -> None:
    job = office.published()
    made = office.submit(job)
    asked = list(office.world.searches.asked)

    office.world.backend.store.update(made.report, work_due=True)
    service.follow(made.report.id, office.backend)

    assert office.world.searches.asked == asked
    assert len(asked) == 1


# ---- Rejected


def test_a_rejected_report_puts_media_and_copies_back_and_its_hashes_act_no_more(
    office: Office,
) -> None:
    content, reporter = pictures.clean(), office.world.person("reporter")
    job, copy = office.published(content), office.published(content)
    made = office.submit(job, by=reporter)
    office.search()
    assert not office.visible(job) and not office.visible(copy)

    rejected = office.decide(made.report, ReportOutcome.REJECT)

    assert (rejected.status, rejected.work_due) == (ReportStatus.REJECTED, False)
    assert {each.disabled_for for each in office.entries(job)} == {DisabledFor.MODERATOR}
    for each in (job, copy):
        assert office.world.scan(JobId(each.id)).state is ScanState.PUBLISHED
        assert office.visible(each)
        case = office.world.case(each.id)
        assert case is not None
        assert case.status is CaseStatus.OVERTURNED
        assert "upload_released" in office.told(each.uploader_id)
    assert office.takedown(made.report).state is TakedownState.REFUSED
    assert "report_changed" in office.told(reporter.uid)
    assert office.world.judged(content).state is ScanState.PUBLISHED


def test_a_second_statement_on_what_was_put_back_waits_for_a_moderator(office: Office) -> None:
    job = office.published()
    office.decide(office.submit(job).report, ReportOutcome.REJECT)
    office.world.scan(JobId(job.id))

    made = office.submit(job)

    assert office.visible(job)
    (takedown,) = made.takedowns
    assert takedown.waits_for_moderator
    assert takedown.state is TakedownState.REQUESTED
    office.decide(made.report, ReportOutcome.ACCEPT)
    assert not office.visible(job)
    case = office.world.case(job.id)
    assert case is not None
    assert case.status is CaseStatus.OPEN


def test_media_stays_down_while_another_signed_report_rests_on_it(office: Office) -> None:
    job = office.published()
    first, second = office.submit(job), office.submit(job)

    office.decide(first.report, ReportOutcome.REJECT)

    assert office.world.job(JobId(job.id)).state is ScanState.HELD
    assert all(each.enabled for each in office.entries(job))
    office.decide(second.report, ReportOutcome.REJECT)
    assert office.world.scan(JobId(job.id)).state is ScanState.PUBLISHED


def test_media_of_somebody_who_refused_is_not_put_back(office: Office) -> None:
    job = office.published()
    made = office.submit(job)
    now = office.world.clock.now()
    refused = ConsentHold(
        id=job.id,
        uploader_id=UserId(job.uploader_id),
        status=ConsentHoldStatus.REFUSED,
        created_at=now,
        updated_at=now,
    )
    office.world.backend.store.put(refused)

    office.decide(made.report, ReportOutcome.REJECT)

    assert office.world.job(JobId(job.id)).state is ScanState.HELD
    assert not office.visible(job)


def test_a_case_that_a_moderator_has_decided_is_left_as_it_is(office: Office) -> None:
    job = office.published()
    made = office.submit(job)
    case = office.world.case(job.id)
    assert case is not None
    office.world.backend.store.update(case, status=CaseStatus.UPHELD)

    office.decide(made.report, ReportOutcome.REJECT)

    assert office.world.job(JobId(job.id)).state is ScanState.HELD


def test_what_was_put_back_elsewhere_is_noted_and_the_reporter_told(office: Office) -> None:
    """A moderator decides on the case, not on the report."""
    reporter = office.world.person("reporter")
    job = office.published()
    made = office.submit(job, by=reporter)
    office.decide(made.report, ReportOutcome.ACCEPT)
    office.world.backend.store.run(
        lambda tx: release.permit(
            tx,
            release.read(tx, job.id),
            Action.ALLOW,
            office.world.clock.now(),
            entries=[each.path for each in office.entries(job)],
        )
    )
    assert office.world.scan(JobId(job.id)).state is ScanState.PUBLISHED

    office.world.clock.ahead += timedelta(hours=1)
    clock.count_copies(office.backend)

    assert office.takedown(made.report).state is TakedownState.REFUSED
    assert office.report(made.report).status is ReportStatus.UNRESOLVED


# ---- Accepted


@pytest.mark.parametrize(
    ("kind", "state"),
    [(ReportKind.NCII, ScanState.BLOCKED), (ReportKind.IMPERSONATION, ScanState.HELD)],
)
def test_only_intimate_images_block_once_a_moderator_has_accepted(
    office: Office, kind: ReportKind, state: ScanState
) -> None:
    content = pictures.clean()
    job = office.published(content)
    made = office.submit(job, kind=kind)

    accepted = office.decide(made.report, ReportOutcome.ACCEPT)

    assert accepted.status is ReportStatus.RESOLVED
    assert accepted.answer
    assert {each.confirmed for each in office.entries(job)} == {kind is ReportKind.NCII}
    assert office.world.judged(content).state is state


def test_one_moderator_decides(office: Office) -> None:
    made, gate = office.submit(office.published()), Barrier(2)

    def decided(outcome: ReportOutcome) -> str:
        gate.wait()
        try:
            return office.decide(made.report, outcome).status.value
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(decided, [ReportOutcome.ACCEPT, ReportOutcome.REJECT]))
    assert results in (["decided", "rejected"], ["decided", "resolved"])


def test_the_same_decision_twice_by_the_same_moderator_changes_nothing(office: Office) -> None:
    made, one = office.submit(office.published()), moderator()
    first = office.decide(made.report, ReportOutcome.ACCEPT, one)
    assert office.decide(made.report, ReportOutcome.ACCEPT, one) == first
    with pytest.raises(Conflict):
        office.decide(made.report, ReportOutcome.REJECT, one)
    with pytest.raises(Conflict):
        office.decide(made.report, ReportOutcome.ACCEPT, moderator())


def test_nobody_decides_a_report_of_their_own_or_about_them(office: Office) -> None:
    job, reporter = office.published(), office.world.person("reporter")
    made = office.submit(job, by=reporter)
    for uid in (reporter.uid, job.uploader_id):
        involved = Actor(kind=ActorKind.ADMIN, id=uid)
        with pytest.raises(NotFound):
            office.decide(made.report, ReportOutcome.REJECT, involved)
        with pytest.raises(NotFound):
            service.open_contact(made.report.id, involved, office.backend)


# ---- Abuse


def test_somebody_who_abuses_reports_loses_the_effect_at_once_for_a_while(office: Office) -> None:
    reporter = office.world.person("reporter")
    for _ in range(office.backend.policy.reports.abusive):
        made = office.submit(office.published(), by=reporter)
        assert made.takedowns[0].state is TakedownState.REMOVED
        assert office.decide(made.report, ReportOutcome.ABUSIVE).abusive
    job = office.published()

    waiting = office.submit(job, by=reporter)

    assert office.visible(job)
    assert waiting.takedowns[0].waits_for_moderator
    assert waiting.takedowns[0].due_at is not None
    standing = office.world.backend.store.get(ReporterStanding, reporter.uid)
    assert standing is not None
    assert len(standing.abusive) == 2
    office.world.clock.ahead += timedelta(days=office.backend.policy.reports.abusive_days + 1)
    later = office.submit(office.published(), by=reporter)
    assert later.takedowns[0].state is TakedownState.REMOVED


def test_a_report_rejected_in_good_faith_costs_nothing(office: Office) -> None:
    reporter = office.world.person("reporter")
    for _ in range(3):
        made = office.submit(office.published(), by=reporter)
        assert made.takedowns[0].state is TakedownState.REMOVED
        office.decide(made.report, ReportOutcome.REJECT)


def test_more_media_in_a_day_than_one_word_takes_down_wait(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    _limited(monkeypatch, office, at_once_a_day=2)
    uploader, reporter = office.world.adult(), office.world.person("reporter")
    jobs = [office.published(person=uploader) for _ in range(3)]

    made = office.submit(*jobs, by=reporter)

    assert [each.state for each in made.takedowns] == [
        TakedownState.REMOVED,
        TakedownState.REMOVED,
        TakedownState.REQUESTED,
    ]
    assert [office.visible(job) for job in jobs] == [False, False, True]
    office.world.clock.ahead += timedelta(hours=25)
    assert office.submit(office.published(), by=reporter).takedowns[0].state is (
        TakedownState.REMOVED
    )


def test_so_many_open_reports_and_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    _limited(monkeypatch, office, open=2)
    reporter = office.world.person("reporter")
    made = [office.submit(office.published(), by=reporter) for _ in range(2)]
    with pytest.raises(TooMany):
        office.submit(office.published(), by=reporter)
    office.decide(made[0].report, ReportOutcome.ACCEPT)
    office.submit(office.published(), by=reporter)


def _limited(monkeypatch: pytest.MonkeyPatch, office: Office, **limits: int) -> None:
    policy = office.backend.policy
    changed = policy.model_copy(update={"reports": policy.reports.model_copy(update=limits)})
    monkeypatch.setattr(TakedownBackend, "policy", property(lambda _: changed))


# ---- The reporter changes their mind, or is gone


def test_a_withdrawn_report_leaves_media_down_until_a_moderator_has_looked(office: Office) -> None:
    job, reporter = office.published(), office.world.person("reporter")
    made = office.submit(job, by=reporter, outside=(ELSEWHERE,), victim=VICTIM)
    with pytest.raises(NotFound):
        service.withdraw(made.report.id, UserId("somebody-else"), office.backend)

    withdrawn = service.withdraw(made.report.id, UserId(reporter.uid), office.backend)

    assert withdrawn.status is ReportStatus.WITHDRAWN
    assert service.withdraw(made.report.id, UserId(reporter.uid), office.backend) == withdrawn
    assert not office.visible(job)
    assert office.takedown(made.report, 0).state is TakedownState.REMOVED
    assert office.takedown(made.report, 1).state is TakedownState.WITHDRAWN
    with pytest.raises(Conflict):
        office.decide(made.report, ReportOutcome.ACCEPT)


def test_a_report_without_its_reporters_account_goes_on(office: Office) -> None:
    from firebase_admin import auth

    from media_integrity.cloud.app import firebase_app

    job, reporter = office.published(), office.world.person("reporter")
    made = office.submit(job, by=reporter, outside=(ELSEWHERE,), victim=VICTIM)
    auth.delete_user(reporter.uid, app=firebase_app())

    decided = office.decide(made.report, ReportOutcome.REJECT)

    assert decided.status is ReportStatus.REJECTED
    assert office.world.scan(JobId(job.id)).state is ScanState.PUBLISHED


def test_a_report_that_was_erased_stops_its_clock(office: Office) -> None:
    made = office.submit(office.published(), kind=ReportKind.OTHER)
    paths = [made.report.path, ReportDetails.path_below(made.report.id, "details")]
    office.world.backend.store.delete(*paths)
    office.world.clock.ahead += timedelta(days=3)

    assert clock.tick(made.takedowns[0].id, office.backend) == 0

    assert office.takedown(made.report).next_alarm_at is None


# ---- What is kept, and from whom


def test_who_the_victim_is_lies_sealed_and_opens_with_a_trace(office: Office) -> None:
    made = office.submit(office.published(), victim=VICTIM)
    store, path = office.world.backend.store, f"{made.report.path}/private/details"
    details = store.get_below(ReportDetails, made.report.id, ReportDetails.DETAILS_ID)
    assert details is not None
    assert details.victim_name is not None
    assert b"Maria" not in details.victim_name.ciphertext
    assert "Maria" not in made.report.model_dump_json()
    assert unseal_text(details.victim_name, path, "victim_name", KeyFile(KEY_FILE)) == VICTIM.name
    senior = Actor(kind=ActorKind.SENIOR_MODERATOR, id="senior")

    contact = service.open_contact(made.report.id, senior, office.backend)

    assert (contact.name, contact.mail) == ("Maria Muster", "maria@example.org")
    assert contact.signature == "Maria Muster"
    assert office.audited(path) == [AuditAction.SECRET_OPENED]


def test_an_envelope_of_another_report_opens_nothing(office: Office) -> None:
    first = office.submit(office.published(), victim=VICTIM)
    second = office.submit(office.published(), victim=VICTIM)
    store = office.world.backend.store
    one = store.get_below(ReportDetails, first.report.id, ReportDetails.DETAILS_ID)
    two = store.get_below(ReportDetails, second.report.id, ReportDetails.DETAILS_ID)
    assert one is not None and two is not None
    store.update(two, victim_name=one.victim_name)
    with pytest.raises(Conflict) as refused:
        service.open_contact(second.report.id, moderator(), office.backend)
    assert refused.value.code == "cannot_open"


def test_without_its_key_nothing_is_kept(office: Office) -> None:
    from dataclasses import replace

    new = service.NewReport(
        draft="draft-without-key", kind=ReportKind.NCII, places=(ELSEWHERE,), victim=VICTIM
    )
    locked = replace(office.backend, keys=NoKey("not there"))
    with pytest.raises(Unavailable):
        service.submit(new, UserId("reporter"), locked)
    report = Report.id_for(UserId("reporter"), "draft-without-key")
    assert office.world.backend.store.get(Report, report) is None


def test_the_uploader_finds_no_trace_of_who_reported(office: Office) -> None:
    """Everything that an uploader may read by the rules, told or listed, is walked."""
    uploader, reporter = office.world.adult(), office.world.person("reporter")
    job = office.published(person=uploader)
    made = office.submit(job, by=reporter, victim=VICTIM)
    office.decide(made.report, ReportOutcome.REJECT)
    office.world.scan(JobId(job.id))
    again = office.published(person=uploader)
    office.submit(again, by=reporter, kind=ReportKind.EXTORTION)
    _deliver(office, uploader.uid)
    app = office.world.app(uploader)
    from devkit.client import Denied
    from devkit.client import Query as Asked
    from media_integrity.schema.registry import DOCUMENTS

    seen = []
    for place in DOCUMENTS:
        if "*" in place:
            continue
        for name in ("uploaderId", "userId", "ownerId", "subjectId", "reporterId", "victimId"):
            try:
                seen += app.firestore.query(Asked(place, [(name, "==", uploader.uid)], limit=100))
            except Denied:
                continue
    assert {each.path.split("/")[0] for each in seen} >= {
        "scan_jobs",
        "media_integrity_cases",
        "victim_notifications",
    }
    told = "\n".join(f"{each.path} {each.fields}" for each in seen)
    for secret in (reporter.uid, made.report.id, "Maria", banking.BY_REPORT.id):
        assert secret not in told
    for path in (made.report.path, made.takedowns[0].path, f"{made.report.path}/private/details"):
        with pytest.raises(Denied):
            app.firestore.get(path)


def _deliver(office: Office, person: str) -> None:
    """The in-app notifications of a person, as the outbox makes them."""
    from media_integrity.cloud.messaging import NoPush
    from media_integrity.notifications.backend import OutboxBackend
    from media_integrity.notifications.deliver import deliver

    backend = office.world.backend
    outbox = OutboxBackend(backend.store, backend.accounts, NoPush(), office.world.clock, None)
    query = Query(OutboxEntry, (Where("effect.userId", "==", person),))
    for entry in list(backend.store.query(query)):
        deliver(entry.id, outbox)


# ---- Minors, evidence


def test_a_report_of_a_minor_comes_first_with_an_alarm_and_without_files(office: Office) -> None:
    reporter = office.world.person("reporter")
    made = office.submit(
        office.published(), by=reporter, minor=True, kind=ReportKind.OTHER, signed=None
    )
    assert made.report.priority is ReportPriority.IMMEDIATE
    raised = alarm_id(AlarmKind.REPORT_OF_MINOR, made.report.path)
    alarm = office.world.backend.store.get(Alarm, raised)
    assert alarm is not None
    path = f"reports/{reporter.uid}/draft-with-file/picture.jpg"
    office.world.app(reporter).storage.upload(path, b"picture", "image/jpeg")
    with pytest.raises(Invalid) as refused:
        office.submit(
            office.published(),
            by=reporter,
            minor=True,
            draft="draft-with-file",
            evidence=(path,),
        )
    assert refused.value.code == "no_copies_of_minors"


def test_evidence_is_the_reporters_own_and_there(office: Office) -> None:
    reporter, other = office.world.person("reporter"), office.world.person("other")
    path = f"reports/{reporter.uid}/draft-number-1/chat.png"
    office.world.app(reporter).storage.upload(path, b"picture", "image/png")
    for person, draft, evidence, code in (
        (other, "draft-number-1", path, "evidence_elsewhere"),
        (reporter, "draft-number-2", path, "evidence_elsewhere"),
        (reporter, "draft-number-1", path.replace("chat", "none"), "evidence_missing"),
        (
            reporter,
            "draft-number-1",
            f"uploads/{reporter.uid}/draft-number-1/x",
            "evidence_elsewhere",
        ),
    ):
        with pytest.raises(Invalid) as refused:
            office.submit(office.published(), by=person, draft=draft, evidence=(evidence,))
        assert refused.value.code == code
    made = office.submit(
        office.published(), by=reporter, draft="draft-number-1", evidence=(path,), signed=None
    )
    assert made.report.evidence_paths == (path,)


def test_files_that_no_report_names_are_deleted_after_a_week(office: Office) -> None:
    reporter = office.world.person("reporter")
    storage = office.world.app(reporter).storage
    kept = f"reports/{reporter.uid}/draft-number-1/chat.png"
    dropped = f"reports/{reporter.uid}/draft-number-2/chat.png"
    for path in (kept, dropped):
        storage.upload(path, b"picture", "image/png")
    office.submit(office.published(), by=reporter, draft="draft-number-1", evidence=(kept,))
    upkeep.drop_drafts(office.backend)
    assert admin(office.world.stack).storage.metadata(dropped)

    office.world.clock.ahead += timedelta(days=8)
    assert upkeep.drop_drafts(office.backend) >= 1

    left = admin(office.world.stack).storage.list(f"reports/{reporter.uid}/")
    assert set(left) == {kept}


def test_a_case_is_what_moderation_works_on(office: Office) -> None:
    """The report's case is an ordinary open one, so it stands in the moderators' queue."""
    job = office.published()
    office.submit(job)
    case, details = office.world.case(job.id), office.world.details(job.id)
    assert isinstance(case, Case)
    assert details is not None
    (finding,) = details.findings
    hits = {hit.entry_id for hit in finding.detail.hits}  # type: ignore[union-attr]
    assert hits == {each.id for each in office.entries(job)}

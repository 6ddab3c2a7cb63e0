"""Requests to other platforms: letters, answers, and the clock that none of them escapes."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from media_integrity.api.reports import run_takedowns
from media_integrity.cloud.firestore import Query, Where
from media_integrity.matching.alarms import alarm_id
from media_integrity.reports import service as reports
from media_integrity.reports.media import Place
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.audit import AuditAction
from media_integrity.schema.base import UserId
from media_integrity.schema.errors import Conflict, Invalid, NotFound
from media_integrity.schema.notifications import Language
from media_integrity.schema.outbox import Mail
from media_integrity.schema.reports import (
    ReportDetails,
    ReportKind,
    ReportOutcome,
    ReportStatus,
    Takedown,
    TakedownAlarm,
    TakedownChannel,
    TakedownState,
)
from media_integrity.schema.statistics import Counter
from media_integrity.takedowns import clock, service
from tests.emulator.test_reports import (
    ELSEWHERE,
    SIGNED,
    VICTIM,
    Office,
    moderator,
)
from tests.emulator.world import World

BLUESKY = Place(url="https://bsky.app/profile/somebody/post/1")
CLOCK_KINDS = (
    AlarmKind.TAKEDOWN_24_HOURS,
    AlarmKind.TAKEDOWN_40_HOURS,
    AlarmKind.TAKEDOWN_BREACH,
)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def accepted(office: Office, *places: Place, signed: bool = True) -> reports.Submitted:
    made = office.submit(
        outside=places or (ELSEWHERE,), victim=VICTIM, signed=SIGNED if signed else None
    )
    office.decide(made.report, ReportOutcome.ACCEPT)
    return made


def sent(office: Office, made: reports.Submitted, number: int = 0) -> service.Sent:
    return service.send(made.takedowns[number].id, moderator(), office.backend)


def alarms(office: Office, takedown: Takedown) -> dict[AlarmKind, int]:
    """How often each alarm of a request was raised."""
    found = {
        kind: office.world.backend.store.get(Alarm, alarm_id(kind, takedown.path))
        for kind in CLOCK_KINDS
    }
    return {kind: alarm.times for kind, alarm in found.items() if alarm is not None}


# ---- the letter


def test_a_letter_starts_the_clock_and_names_who_asks_with_a_trace(office: Office) -> None:
    made = accepted(office)
    assert made.takedowns[0].channel is TakedownChannel.FORM
    one = moderator()

    letter = service.send(made.takedowns[0].id, one, office.backend)

    assert "Maria Muster" in letter.letter.text
    assert "maria@example.org" in letter.letter.text
    assert "https://www.instagram.com/p/abc123/" in letter.letter.text
    assert not letter.mailed
    takedown = office.takedown(made.report)
    assert takedown.state is TakedownState.REQUESTED
    assert takedown.requested_at is not None
    assert takedown.due_at == takedown.requested_at + timedelta(hours=48) == letter.due_at
    assert office.report(made.report).status is ReportStatus.IN_PROGRESS
    details = ReportDetails.path_below(made.report.id, ReportDetails.DETAILS_ID)
    assert office.audited(details) == [AuditAction.SECRET_OPENED]
    assert office.audited(takedown.path) == [AuditAction.TAKEDOWN_CHANGED]
    assert office.tallied(takedown.id) == [Counter.TAKEDOWNS]


def test_a_letter_is_given_to_one_moderator(office: Office) -> None:
    made, one = accepted(office), moderator()
    first = service.send(made.takedowns[0].id, one, office.backend)

    assert service.send(made.takedowns[0].id, one, office.backend) == first, "the answer was lost"
    with pytest.raises(Conflict) as other:
        sent(office, made)
    office.world.clock.ahead += timedelta(minutes=16)
    with pytest.raises(Conflict) as late:
        service.send(made.takedowns[0].id, one, office.backend)
    assert other.value.code == late.value.code == "already_sent"
    assert office.takedown(made.report).due_at == first.due_at


def test_two_moderators_at_once_send_one_letter(office: Office) -> None:
    office.mails = {"instagram": "desk@example.org"}
    made, gate = accepted(office), Barrier(2)

    def send(_: int) -> str:
        gate.wait()
        try:
            return "sent" if sent(office, made).mailed else "form"
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == ["already_sent", "sent"]


def test_a_letter_goes_by_mail_only_where_the_operator_has_an_address(office: Office) -> None:
    office.mails = {"instagram": "desk@example.org"}
    made = accepted(office, ELSEWHERE, BLUESKY)
    assert [each.channel for each in made.takedowns] == [
        TakedownChannel.MAIL,
        TakedownChannel.FORM,
    ]
    assert sent(office, made, 0).mailed
    assert not sent(office, made, 1).mailed
    store = office.world.backend.store
    mail = store.get(Mail, f"{made.takedowns[0].id}_letter")
    assert mail is not None and mail.message is not None
    assert mail.to == ("desk@example.org",)
    assert "Maria Muster" in mail.message.text
    assert "Maria" not in mail.message.subject
    assert mail.expire_at - mail.created_at == timedelta(days=3)
    assert store.get(Mail, f"{made.takedowns[1].id}_letter") is None


def test_no_letter_is_sent_for_what_nobody_has_accepted(office: Office) -> None:
    made = office.submit(outside=(ELSEWHERE,), victim=VICTIM)
    with pytest.raises(Conflict) as early:
        sent(office, made)
    assert early.value.code == "not_accepted"
    office.decide(made.report, ReportOutcome.REJECT)
    assert office.takedown(made.report).state is TakedownState.WITHDRAWN
    with pytest.raises(Conflict):
        sent(office, made)


def test_an_unsigned_report_makes_a_letter_that_names_nobody(office: Office) -> None:
    made = accepted(office, signed=False)
    assert "Maria" not in sent(office, made).letter.text


def test_a_signed_report_on_other_platforms_says_who_asks(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.submit(outside=(ELSEWHERE,))
    assert refused.value.code == "requester_unknown"


def test_media_of_this_app_needs_no_letter(office: Office) -> None:
    made = office.submit(office.published())
    with pytest.raises(Invalid):
        sent(office, made)
    with pytest.raises(Invalid):
        service.record_reply(
            made.takedowns[0].id, TakedownState.REFUSED, "", moderator(), office.backend
        )


def test_the_reporter_reads_a_copy_without_what_is_sealed(office: Office) -> None:
    reporter = office.world.person("reporter")
    made = office.submit(by=reporter, outside=(ELSEWHERE,), victim=VICTIM)
    copy = service.read_copy(
        made.takedowns[0].id, UserId(reporter.uid), Language.GERMAN, office.backend
    )
    assert "nur im Brief" in copy.text
    assert "Maria" not in copy.text
    with pytest.raises(NotFound):
        service.read_copy(made.takedowns[0].id, UserId("x"), Language.GERMAN, office.backend)
    with pytest.raises(NotFound):
        service.read_copy(f"{'0' * 32}_0", UserId("x"), Language.GERMAN, office.backend)


# ---- answers


def test_a_report_is_resolved_when_everything_is_removed(office: Office) -> None:
    reporter = office.world.person("reporter")
    made = office.submit(by=reporter, outside=(ELSEWHERE, BLUESKY), victim=VICTIM)
    office.decide(made.report, ReportOutcome.ACCEPT)
    for number in range(2):
        sent(office, made, number)
    one, two = (each.id for each in made.takedowns)

    service.record_reply(one, TakedownState.ACKNOWLEDGED, "We look.", moderator(), office.backend)
    service.record_reply(one, TakedownState.REMOVED, "Gone.", moderator(), office.backend)
    assert office.report(made.report).status is ReportStatus.IN_PROGRESS
    service.record_reply(two, TakedownState.REFUSED, "No.", moderator(), office.backend)
    assert office.report(made.report).status is ReportStatus.UNRESOLVED
    service.record_reply(two, TakedownState.REMOVED, "After all.", moderator(), office.backend)

    assert office.report(made.report).status is ReportStatus.RESOLVED
    first = office.takedown(made.report, 0)
    assert [each.text for each in first.replies] == ["We look.", "Gone."]
    assert first.in_time
    assert office.tallied(one) == [Counter.TAKEDOWNS, Counter.TAKEDOWNS_IN_TIME]
    assert office.told(reporter.uid).count("report_changed") == 3


def test_the_same_answer_twice_is_one(office: Office) -> None:
    made = accepted(office)
    sent(office, made)
    name = made.takedowns[0].id
    for state in (TakedownState.ACKNOWLEDGED, TakedownState.REMOVED):
        first = service.record_reply(name, state, "Done.", moderator(), office.backend)
        assert service.record_reply(name, state, "Done.", moderator(), office.backend) == first
    with pytest.raises(Conflict):
        service.record_reply(name, TakedownState.REFUSED, "Done.", moderator(), office.backend)


def test_nothing_answers_a_letter_that_was_not_sent_or_with_a_state_of_ours(
    office: Office,
) -> None:
    made = accepted(office)
    name = made.takedowns[0].id
    with pytest.raises(Conflict):
        service.record_reply(name, TakedownState.REMOVED, "", moderator(), office.backend)
    sent(office, made)
    for state in set(TakedownState) - {
        TakedownState.ACKNOWLEDGED,
        TakedownState.REMOVED,
        TakedownState.REFUSED,
    }:
        with pytest.raises(Invalid):
            service.record_reply(name, state, "", moderator(), office.backend)


def test_success_of_a_platform_can_be_counted(office: Office) -> None:
    platform = f"site-{secrets.token_hex(6)}.com"
    made = accepted(office, *(Place(url=f"https://{platform}/{n}") for n in range(3)))
    for number in range(3):
        sent(office, made, number)
    for number, state in enumerate((TakedownState.REMOVED, TakedownState.REFUSED)):
        service.record_reply(made.takedowns[number].id, state, "", moderator(), office.backend)
    store = office.world.backend.store
    of_platform = Where("media.platform", "==", platform)
    in_time = (of_platform, Where("state", "==", "removed"), Where("inTime", "==", True))
    assert store.count(Query(Takedown, (of_platform,))) == 3
    assert store.count(Query(Takedown, in_time)) == 1


# ---- the clock


def test_alarms_come_at_24_and_40_hours_and_on_breach_each_once(office: Office) -> None:
    reporter = office.world.person("reporter")
    made = office.submit(by=reporter, outside=(ELSEWHERE,), victim=VICTIM)
    office.decide(made.report, ReportOutcome.ACCEPT)
    sent(office, made)
    takedown = office.takedown(made.report)
    seen = []
    for hours in (23, 2, 1, 14, 1, 8, 1):  # 23, 25, 26, 40, 41, 49, 50 hours
        office.world.clock.ahead += timedelta(hours=hours)
        clock.tick(takedown.id, office.backend)
        seen.append(tuple(alarms(office, takedown).values()))

    assert seen == [(), (1,), (1,), (1, 1), (1, 1), (1, 1, 1), (1, 1, 1)]
    late = office.takedown(made.report)
    assert late.state is TakedownState.EXPIRED
    assert late.alarms == tuple(TakedownAlarm)
    assert late.next_alarm_at is None
    assert office.report(made.report).status is ReportStatus.UNRESOLVED
    assert office.told(reporter.uid).count("takedown_changed") == 2


def test_two_schedules_at_once_raise_each_alarm_once(office: Office) -> None:
    made = accepted(office)
    sent(office, made)
    office.world.clock.ahead += timedelta(hours=49)
    gate = Barrier(3)

    def tick(_: int) -> int:
        gate.wait()
        return clock.tick(made.takedowns[0].id, office.backend)

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(tick, range(3))) == [0, 0, 3]
    assert set(alarms(office, office.takedown(made.report)).values()) == {1}


def test_an_answer_at_the_very_end_is_in_time_or_late_and_never_lost(office: Office) -> None:
    for _ in range(3):
        made = accepted(office)
        sent(office, made)
        name, gate = made.takedowns[0].id, Barrier(2)
        office.world.clock.ahead += timedelta(hours=48)

        def answer(name: str = name, gate: Barrier = gate) -> None:
            gate.wait()
            service.record_reply(name, TakedownState.REMOVED, "Gone.", moderator(), office.backend)

        def tick(name: str = name, gate: Barrier = gate) -> None:
            gate.wait()
            clock.tick(name, office.backend)

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(answer), pool.submit(tick)]:
                done.result()
        takedown = office.takedown(made.report)
        assert takedown.state is TakedownState.REMOVED
        assert takedown.in_time is False, "48 hours are over"
        assert office.report(made.report).status is ReportStatus.RESOLVED
        office.world.clock.ahead += timedelta(hours=1)
        assert clock.tick(name, office.backend) == 0


def test_a_report_on_this_app_that_nobody_looks_at_runs_out_aloud(office: Office) -> None:
    """Its reporter's word does not act at once: a moderator has to look, within the 48 hours."""
    reporter, job = office.world.person("reporter"), office.published()
    made = office.submit(job, by=reporter, kind=ReportKind.OTHER)
    takedown = office.takedown(made.report)
    assert takedown.waits_for_moderator
    office.world.clock.ahead += timedelta(hours=49)

    run_takedowns(office.backend)

    assert office.takedown(made.report).state is TakedownState.EXPIRED
    assert len(alarms(office, takedown)) == 3
    assert "takedown_changed" in office.told(reporter.uid)
    assert office.report(made.report).status is ReportStatus.SUBMITTED
    office.decide(made.report, ReportOutcome.ACCEPT)
    assert not office.visible(job)
    late = office.takedown(made.report)
    assert (late.state, late.in_time) == (TakedownState.REMOVED, False)
    assert office.report(made.report).status is ReportStatus.RESOLVED


def test_what_is_removed_raises_no_alarm(office: Office) -> None:
    made = office.submit(office.published())
    office.world.clock.ahead += timedelta(days=5)
    run_takedowns(office.backend)
    assert alarms(office, made.takedowns[0]) == {}


def test_a_report_that_is_withdrawn_keeps_the_clock_of_letters_that_are_out(
    office: Office,
) -> None:
    reporter = office.world.person("reporter")
    made = office.submit(by=reporter, outside=(ELSEWHERE, BLUESKY), victim=VICTIM)
    office.decide(made.report, ReportOutcome.ACCEPT)
    sent(office, made, 0)

    reports.withdraw(made.report.id, UserId(reporter.uid), office.backend)

    assert office.takedown(made.report, 0).state is TakedownState.REQUESTED
    assert office.takedown(made.report, 1).state is TakedownState.WITHDRAWN
    service.record_reply(
        made.takedowns[0].id, TakedownState.REMOVED, "Gone.", moderator(), office.backend
    )
    assert office.report(made.report).status is ReportStatus.WITHDRAWN

"""What becomes of an alarm that is raised again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from media_integrity.matching.alarms import REOPENS_AFTER, alarm_id, raised_again
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import Severity

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def alarm(
    raised_at: datetime = NOON, severity: Severity = Severity.HIGH, text: str = "It happened."
) -> Alarm:
    return Alarm(
        id="alarm",
        kind=AlarmKind.EXCHANGE_FAILING,
        severity=severity,
        subject="hash_exchanges/one",
        text=text,
        raised_at=raised_at,
    )


def taken_on(at: datetime) -> Alarm:
    return alarm().model_copy(update={"acknowledged_by": UserId("m"), "acknowledged_at": at})


def test_it_is_counted_and_says_what_happened_last() -> None:
    again = raised_again(alarm(), alarm(NOON + timedelta(hours=1), text="Again."))

    assert (again.times, again.text) == (2, "Again.")
    assert again.raised_at == NOON + timedelta(hours=1)


def test_it_does_not_become_milder() -> None:
    assert raised_again(alarm(), alarm(severity=Severity.LOW)).severity is Severity.HIGH
    worse = raised_again(alarm(), alarm(severity=Severity.CRITICAL))
    assert worse.severity is Severity.CRITICAL


def test_news_that_come_late_do_not_turn_its_time_back() -> None:
    assert raised_again(alarm(), alarm(NOON - timedelta(hours=1))).raised_at == NOON


def test_it_stays_with_the_one_who_took_it_on_for_a_day() -> None:
    early = raised_again(taken_on(NOON), alarm(NOON + REOPENS_AFTER - timedelta(seconds=1)))
    late = raised_again(taken_on(NOON), alarm(NOON + REOPENS_AFTER))

    assert early.acknowledged_by == "m"
    assert (late.acknowledged_by, late.acknowledged_at) == (None, None)


def test_every_kind_and_subject_has_its_own() -> None:
    ids = {alarm_id(kind, subject) for kind in AlarmKind for subject in ("a/b", "a/c", "x" * 300)}

    assert len(ids) == 3 * len(AlarmKind)
    assert not any("/" in each or len(each) > 120 for each in ids)

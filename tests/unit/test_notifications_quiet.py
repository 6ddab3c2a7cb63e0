"""Quiet hours by the wall clock, over midnight and over changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from media_integrity.notifications.quiet import quiet_until, zone_of
from media_integrity.schema.notifications import QuietHours

BERLIN = "Europe/Berlin"


def hours(start: str, end: str, zone: str = BERLIN) -> QuietHours:
    def minutes(clock: str) -> int:
        hour, minute = clock.split(":")
        return 60 * int(hour) + int(minute)

    return QuietHours(start=minutes(start), end=minutes(end), zone=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        # Winter: Berlin is an hour ahead of UTC.
        (hours("22:00", "07:00"), "2026-01-10T20:59:59", None),
        (hours("22:00", "07:00"), "2026-01-10T21:00:00", "2026-01-11T06:00"),
        (hours("22:00", "07:00"), "2026-01-10T23:30:00", "2026-01-11T06:00"),
        (hours("22:00", "07:00"), "2026-01-11T05:59:59", "2026-01-11T06:00"),
        (hours("22:00", "07:00"), "2026-01-11T06:00:00", None),
        (hours("13:00", "15:00"), "2026-01-11T12:30:00", "2026-01-11T14:00"),
        (hours("13:00", "15:00"), "2026-01-11T23:00:00", None),
        # The same hours in summer, two ahead.
        (hours("22:00", "07:00"), "2026-07-10T20:00:00", "2026-07-11T05:00"),
        # 29 March 2026: 02:00 becomes 03:00. The night is an hour shorter.
        (hours("22:00", "07:00"), "2026-03-28T22:00:00", "2026-03-29T05:00"),
        # An end inside the gap comes with the first minute after it.
        (hours("22:00", "02:30"), "2026-03-28T22:00:00", "2026-03-29T01:00"),
        # Quiet hours that lie inside the gap do not happen that night.
        (hours("02:10", "02:40"), "2026-03-29T01:00:00", None),
        # 25 October 2026: 03:00 becomes 02:00. The night is an hour longer.
        (hours("22:00", "07:00"), "2026-10-24T21:00:00", "2026-10-25T06:00"),
        # An hour that comes twice is quiet twice.
        (hours("22:00", "02:30"), "2026-10-24T23:50:00", "2026-10-25T00:30"),
        (hours("22:00", "02:30"), "2026-10-25T01:10:00", "2026-10-25T01:30"),
        # Half hours of the zone, and the date line.
        (hours("22:00", "07:00", "Asia/Kolkata"), "2026-01-10T17:00:00", "2026-01-11T01:30"),
        (hours("22:00", "07:00", "Pacific/Kiritimati"), "2026-01-10T08:00:00", "2026-01-10T17:00"),
    ],
)
def test_a_push_waits_until_quiet_hours_are_over(
    quiet: QuietHours, now: str, until: str | None
) -> None:
    assert quiet_until(quiet, utc(now)) == (utc(until) if until else None)


def test_somebody_without_quiet_hours_never_waits() -> None:
    assert quiet_until(None, utc("2026-01-10T03:00")) is None


ZONES = [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]
minutes = st.integers(0, 24 * 60 - 1)


@given(
    minutes,
    minutes,
    st.sampled_from(ZONES),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
)
def test_the_end_is_the_first_minute_that_is_not_quiet(
    start: int, end: int, zone: str, naive: datetime
) -> None:
    assume(start != end)
    quiet, now = QuietHours(start=start, end=end, zone=zone), naive.replace(tzinfo=UTC)

    until = quiet_until(quiet, now)

    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert quiet_until(quiet, until) is None
        assert quiet_until(quiet, until - timedelta(minutes=1)) == until


@pytest.mark.parametrize("name", ["Europe", "Nowhere/City", "../passwd", "", "x" * 64])
def test_a_zone_that_is_not_known_is_none(name: str) -> None:
    assert zone_of(name) is None


def test_hours_of_a_zone_that_has_gone_count_in_utc() -> None:
    gone = QuietHours(start=0, end=60, zone="Gone/City")

    assert quiet_until(gone, utc("2026-01-10T00:30")) == utc("2026-01-10T01:00")


@pytest.mark.parametrize(
    ("start", "end", "zone"),
    [
        (60, 60, BERLIN),
        (-1, 60, BERLIN),
        (0, 24 * 60, BERLIN),
        (0, 60, "../../etc/passwd"),
        (0, 60, "/etc/passwd"),
        (0, 60, "Europe/Berlin\n"),
        (0, 60, ""),
        (0, 60, "x" * 65),
    ],
)
def test_hours_that_make_no_sense_are_refused(start: int, end: int, zone: str) -> None:
    with pytest.raises(ValidationError):
        QuietHours(start=start, end=end, zone=zone)

"""Quiet hours. Pure.

They go by the wall clock: where it is set back, an hour that comes twice is quiet twice; where it
is set forward over the end, they end at the first minute after the gap.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from media_integrity.schema.notifications import MINUTES_OF_A_DAY, QuietHours

LONGEST = 2 * MINUTES_OF_A_DAY
"""Minutes that are looked ahead: a day, and what a change of clocks adds to it."""


def quiet_until(hours: QuietHours | None, now: datetime) -> datetime | None:
    """When quiet hours that ``now`` lies in are over, in UTC on the minute; None outside of any."""
    if hours is None:
        return None
    zone = zone_of(hours.zone) or UTC
    moment = now.astimezone(UTC).replace(second=0, microsecond=0)
    if not _is_quiet(hours, moment, zone):
        return None
    for _ in range(LONGEST):
        moment += timedelta(minutes=1)
        if not _is_quiet(hours, moment, zone):
            return moment
    return None  # a zone in which that minute never comes: better told than never told


def zone_of(name: str) -> tzinfo | None:
    """The zone; None if it is not known here."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder's name is an OSError
        return None


def _is_quiet(hours: QuietHours, moment: datetime, zone: tzinfo) -> bool:
    local = moment.astimezone(zone)
    minute = 60 * local.hour + local.minute
    if hours.start < hours.end:
        return hours.start <= minute < hours.end
    return minute >= hours.start or minute < hours.end

"""What an operator or senior moderator has to look at."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from .base import Document, Moment, UserId, personal
from .enums import Severity


class AlarmKind(StrEnum):
    """What is wrong."""

    POPULAR_HASH = "popular_hash"  # an entry matches many unrelated uploaders
    IMPORT_STAGED = "import_staged"  # a flood of hashes waits for approval
    HASH_DISABLED = "hash_disabled"  # disputed or overturned too often; its cases are reopened
    SNAPSHOT_CORRUPT = "snapshot_corrupt"
    ENTRY_UNREADABLE = "entry_unreadable"  # a stored entry has no valid shape
    EXCHANGE_FAILING = "exchange_failing"
    SEARCH_FAILED = "search_failed"
    ESCALATION = "escalation"  # a case that a moderator has to look at now
    SHIELD_DISPUTED = "shield_disputed"  # two people shield one face
    SHIELD_FLOOD = "shield_flood"  # a shield matches many unrelated uploaders
    RESCAN_FAILED = "rescan_failed"  # what was published before a shield was not all compared
    OUTSIDE_REPORT = "outside_report"  # waits for a senior moderator's word, the second one
    OUTBOX_DEAD = "outbox_dead"  # an effect that cannot be delivered
    REPORT_OF_MINOR = "report_of_minor"  # a report that concerns a minor
    TAKEDOWN_24_HOURS = "takedown_24_hours"  # half of a takedown's time is over
    TAKEDOWN_40_HOURS = "takedown_40_hours"  # eight hours are left
    TAKEDOWN_BREACH = "takedown_breach"  # the time is over


class Alarm(Document):
    """One alarm. Id: follows from its cause, so that the same one is raised once.

    Read by moderators; written by the functions only, acknowledged through a function.
    """

    collection: ClassVar[str] = "alarms"

    kind: AlarmKind
    severity: Severity
    subject: str = Field(max_length=300, description="path of the document that it is about")
    text: str = Field(max_length=500, description="what happened and what to do")
    raised_at: Moment
    times: int = Field(1, ge=1)
    acknowledged_by: UserId | None = Field(
        None, json_schema_extra=personal("who looks after it", keep=None)
    )
    acknowledged_at: Moment | None = None

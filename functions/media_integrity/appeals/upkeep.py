"""What the schedule does for appeals and cases: lost events, leases, unused files."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from media_integrity.cloud.storage import StoredObject
from media_integrity.decision.policy import ModerationPolicy
from media_integrity.moderation.backend import Desk
from media_integrity.moderation.cases import return_overdue
from media_integrity.schema.appeals import Appeal
from media_integrity.schema.cases import Case

from .receive import receive_lost

log = logging.getLogger(__name__)

FOLDER = "appeals/"
AT_ONCE = 200
FILES_AT = 3
"""Hour (UTC) in whose first minutes files are looked through, all of them: once a day."""
FILES_WITHIN = 10
"""Minutes: how often the schedule runs. A day that was missed is made up for on the next."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What one run did."""

    received: int
    returned: int
    files_deleted: int


def keep(desk: Desk) -> Kept:
    """One run of everything."""
    return Kept(
        received=receive_lost(desk),
        returned=return_overdue(desk),
        files_deleted=delete_files(desk) if _is_time_for_files(desk.clock.now()) else 0,
    )


def _is_time_for_files(now: datetime) -> bool:
    return now.hour == FILES_AT and now.minute < FILES_WITHIN


def delete_files(desk: Desk) -> int:
    """Delete files that no appeal names, that outlived their case, or whose time is over."""
    deleted = 0
    for page in _pages(desk.scanning.objects.list(desk.banks.bucket, FOLDER)):
        cases = sorted({case_of(each.name) for each in page})
        appeals = {
            each.id: each
            for each in desk.store.get_many(Appeal, [Appeal.path_of(case) for case in cases])
        }
        there = {
            each.id for each in desk.store.get_many(Case, [Case.path_of(case) for case in cases])
        }
        now = desk.clock.now()
        for each in page:
            case = case_of(each.name)
            if useless(each, appeals.get(case), case in there, now, desk.policy.moderation):
                desk.scanning.objects.delete(each)
                deleted += 1
    return deleted


def useless(
    file: StoredObject,
    appeal: Appeal | None,
    case_is_there: bool,
    now: datetime,
    policy: ModerationPolicy,
) -> bool:
    """Whether nobody has a use for a file any more. Pure."""
    if appeal is None or file.name not in appeal.evidence_paths:
        return now - file.created_at > timedelta(days=policy.unnamed_evidence_days)
    if not case_is_there:
        return True
    decided = appeal.decision.decided_at if appeal.decision is not None else None
    return decided is not None and now - decided > timedelta(days=policy.evidence_days)


def case_of(name: str) -> str:
    """Id of the case to which an object below ``appeals/`` belongs; ``-`` if to none. Pure."""
    parts = name.split("/")
    return parts[2] if len(parts) == 4 and parts[2] else "-"


def _pages(objects: Iterator[StoredObject]) -> Iterator[list[StoredObject]]:
    while page := list(islice(objects, AT_ONCE)):
        yield page

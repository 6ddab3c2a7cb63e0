"""Can an appeal be heard? What ``firestore.rules`` has checked, and what it cannot. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from media_integrity.cloud.storage import StoredObject
from media_integrity.moderation.outcomes import appeals_until
from media_integrity.moderation.transitions import HEARD
from media_integrity.schema.appeals import Appeal, AppealFile
from media_integrity.schema.cases import Case
from media_integrity.schema.enforcement import EnforcementRecord
from media_integrity.schema.enums import CaseStatus

MAX_FILE = 10 << 20
FILE_TYPES = frozenset(
    {
        *(f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "avif", "heic", "heif")),
        "application/pdf",
        "text/plain",
    }
)
"""As ``storage.rules``."""

CASE_GONE = "There is no case any more that this appeal could be about."
NOT_YOURS = "Only who uploaded the media can appeal."
NOT_APPEALABLE = "This decision cannot be appealed against."
RELEASED = "Your upload was let through meanwhile, so there is nothing left to appeal against."
TOO_LATE = "The 30 days in which you could appeal are over."
CLOSED = (
    "Your last appeals had no ground, so you cannot appeal for some time. Your account page says "
    "until when."
)


def objection(appeal: Appeal, case: Case | None, record: EnforcementRecord | None) -> str | None:
    """Why the appeal is not heard, in words for its author; None if it is.

    The time that counts is the database's, when it was written.
    """
    if case is None:
        return CASE_GONE
    if case.uploader_id != appeal.uploader_id or appeal.case_id != case.id:
        return NOT_YOURS
    if case.status is CaseStatus.OVERTURNED:
        return RELEASED
    if not case.appealable or case.status not in HEARD | {CaseStatus.IN_REVIEW}:
        return NOT_APPEALABLE
    if appeal.created_at > appeals_until(case):
        return TOO_LATE
    closed_until = record.appeals_closed_until if record is not None else None
    if closed_until is not None and closed_until > appeal.created_at:
        return CLOSED
    return None


def files_of(
    appeal: Appeal, found: Iterable[StoredObject]
) -> tuple[tuple[AppealFile, ...], tuple[str, ...]]:
    """The files that go with the appeal, and the names of those that are missing or are no such
    files. A file that is missing takes nobody's appeal away."""
    named = {each.name: each for each in found if _fits(each)}
    files = tuple(
        AppealFile(
            path=path,
            generation=str(named[path].generation),
            content_type=named[path].content_type or "",
            size=named[path].size,
        )
        for path in appeal.evidence_paths
        if path in named and path.startswith(f"appeals/{appeal.uploader_id}/{appeal.id}/")
    )
    there = {each.path for each in files}
    return files, tuple(path for path in appeal.evidence_paths if path not in there)


def _fits(found: StoredObject) -> bool:
    return 0 < found.size <= MAX_FILE and found.content_type in FILE_TYPES

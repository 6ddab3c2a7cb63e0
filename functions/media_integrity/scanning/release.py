"""Lets an upload through that was held or blocked: it is judged once more, and published if it may.

Nothing is published straight away. The job goes back to the queue, with a moderator's permission or
because the people shown have agreed by now, and whatever was put on record meanwhile (a bank entry,
a shield, a refused consent) counts, as ``filing`` is the one way to publication. What cannot be
judged again because its bytes are gone ends REFUSED.

Decides nothing itself: who may give a permission, and what becomes of the case, is its callers'
business (``moderation``, ``appeals``, ``consent``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from media_integrity.cloud.firestore import Transaction
from media_integrity.decision.permission import known_now
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enums import Action, ScanState
from media_integrity.schema.errors import Conflict
from media_integrity.schema.scans import Permission, ScanJob

from . import states

RELEASABLE = frozenset({ScanState.HELD, ScanState.BLOCKED, ScanState.AWAITING_CONSENT})


@dataclass(frozen=True, slots=True)
class Withheld:
    """An upload that nobody can see, as read in a transaction."""

    id: str
    job: ScanJob | None
    """None once it has expired; it is made again from the case."""
    case: Case | None
    details: CaseDetails | None


def read(tx: Transaction, upload_id: str) -> Withheld:
    """The upload and its case, to be released.

    Raises:
        Conflict: it is published, refused or on its way to a verdict, or there is nothing left.
    """
    job = tx.get(ScanJob, upload_id)
    case = tx.get(Case, upload_id)
    details = tx.get_below(CaseDetails, upload_id, CaseDetails.DETAILS_ID) if case else None
    if job is not None and job.state not in RELEASABLE:
        raise Conflict("This upload is not held back.", code="not_withheld")
    if job is None and (case is None or details is None):
        raise Conflict("Nothing is left of this upload.", code="gone")
    return Withheld(upload_id, job, case, details)


def permit(
    tx: Transaction,
    withheld: Withheld,
    action: Action,
    now: datetime,
    *,
    entries: Iterable[str] = (),
) -> ScanJob:
    """Have it judged again with a moderator's permission to publish it, blurred or as it is.

    ``entries``: paths of bank entries that the moderator knew of, beside those in the findings.

    The caller enqueues the scan (``intake.enqueue_scan``) after the transaction; the sweeper does
    if that fails.

    Raises:
        ValueError: ``action`` does not publish.
    """
    if action not in {Action.ALLOW, Action.BLUR}:
        raise ValueError(f"{action} publishes nothing")
    found, shields = known_now(withheld.details.findings if withheld.details else ())
    is_sound = withheld.job is not None and (withheld.job.content_type or "").startswith("audio/")
    permission = Permission(
        action=Action.ALLOW if is_sound else action,  # there is no blurred sound
        entries=tuple(sorted({*found, *entries})),
        shields=shields,
        given_at=now,
    )
    return _again(tx, withheld, permission, now)


def reconsider(tx: Transaction, withheld: Withheld, now: datetime) -> ScanJob:
    """Have it judged again as if it came now, with the permission that it has, if any."""
    return _again(tx, withheld, withheld.job.permission if withheld.job else None, now)


def _again(
    tx: Transaction, withheld: Withheld, permission: Permission | None, now: datetime
) -> ScanJob:
    changes = states.again(now, permission)
    if withheld.job is not None:
        return tx.update(withheld.job, **changes)
    assert withheld.case is not None and withheld.details is not None
    case, source = withheld.case, withheld.details.source
    job = ScanJob.model_validate(
        {
            "id": withheld.id,
            "uploader_id": case.uploader_id,
            "upload_id": source.name.split("/")[2] if source.name.count("/") > 2 else "",
            "source": source,
            "surface": case.surface,
            "sha256": withheld.details.sha256,
            "case_id": case.id,
            "judged": 1,
            "created_at": now,
            **changes,
        }
    )
    tx.create(job)
    return job

"""What reports need done from time to time: work that was interrupted, files that nobody named."""

from __future__ import annotations

import logging
from datetime import timedelta

from media_integrity.cloud.firestore import Query, Where
from media_integrity.cloud.storage import StoredObject
from media_integrity.schema.reports import Report
from media_integrity.takedowns.backend import TakedownBackend

from . import service

log = logging.getLogger(__name__)

BATCH = 200


def due_reports() -> Query[Report]:
    """Reports with something left to do."""
    return Query(Report, (Where("workDue", "==", True),), limit=BATCH)


def finish_work(backend: TakedownBackend) -> int:
    """Go on with reports whose work was interrupted or came too early; how many are done.

    Raises:
        Exception: what one of them failed by, after the others had their turn.
    """
    done, failed = 0, None
    for report in list(backend.store.query(due_reports())):
        try:
            done += service.follow(report.id, backend)
        except Exception as error:  # noqa: BLE001  whatever it was: the others' turn
            log.error(
                "report not followed",
                extra={"report": report.id, "error_type": type(error).__name__},
            )
            failed = error
    if failed is not None:
        raise failed
    return done


def drop_drafts(backend: TakedownBackend) -> int:
    """Delete evidence files that were uploaded for a report which was never sent; how many."""
    before = backend.clock.now() - timedelta(days=backend.policy.reports.draft_days)
    dropped = 0
    page: list[StoredObject] = []
    for stored in backend.uploads.objects.list(backend.places.bucket, service.EVIDENCE):
        if stored.created_at < before:
            page.append(stored)
        if len(page) == BATCH:
            dropped += _drop(page, backend)
            page = []
    return dropped + _drop(page, backend)


def _drop(page: list[StoredObject], backend: TakedownBackend) -> int:
    if not page:
        return 0
    wanted = service.evidence_of([stored.name for stored in page])
    paths = [Report.path_of(each) for each in sorted(wanted)]
    named = {
        path for report in backend.store.get_many(Report, paths) for path in report.evidence_paths
    }
    left = [stored for stored in page if stored.name not in named]
    for stored in left:
        backend.uploads.objects.delete(stored)
    return len(left)

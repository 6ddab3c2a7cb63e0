"""Brings an upload that somebody said no to, or that nobody agreed to in time, to its end.

That the hold is closed stands first, in a transaction of its own; from then on no verdict publishes
the upload (``gate``). Then it is taken down if it can be seen, or judged once more if it waits,
which blocks it. What dies in between is found by ``upkeep``.
"""

from __future__ import annotations

import logging

from media_integrity.cloud.firestore import Transaction
from media_integrity.decision.decide import block
from media_integrity.scanning import intake, release, taking_down
from media_integrity.scanning.unpublish import Published
from media_integrity.schema.base import JobId
from media_integrity.schema.consent import (
    ConsentHold,
    ConsentRequest,
    ConsentRequestStatus,
)
from media_integrity.schema.enums import ScanState
from media_integrity.schema.errors import Unavailable
from media_integrity.schema.scans import ScanJob

from . import hold as holds
from .backend import ConsentBackend
from .gate import STOPS

log = logging.getLogger(__name__)


def pending_others(
    tx: Transaction, hold: ConsentHold, answered: str | None = None
) -> list[ConsentRequest]:
    """Requests about an upload that have no answer yet, but for one."""
    paths = [ConsentRequest.path_of(each) for each in hold.requests if each != answered]
    return [
        each
        for each in tx.get_many(ConsentRequest, paths)
        if each.status is ConsentRequestStatus.PENDING
    ]


def end(upload_id: str, backend: ConsentBackend) -> bool:
    """See to it that the upload of a closed hold is not published. Safe to repeat.

    False: it is on its way somewhere this moment; ``upkeep`` tries again.
    """
    hold = backend.scanning.store.get(ConsentHold, upload_id)
    if hold is None or not hold.end_due:
        return True
    try:
        if _taken_down(upload_id, backend):
            return True
    except Unavailable:
        log.info("still being published", extra={"job": upload_id})
        return False
    return _stopped(upload_id, backend)


def _taken_down(upload_id: str, backend: ConsentBackend) -> bool:
    def ground(tx: Transaction, published: Published) -> taking_down.Ground | None:
        hold = tx.get(ConsentHold, upload_id)
        if hold is None or hold.status not in holds.FINAL:
            return None
        after = holds.ended(hold, backend.scanning.clock.now())
        return taking_down.Ground(
            verdict=block(STOPS[hold.status], backend.policy), write=lambda: tx.put(after)
        )

    return taking_down.take_down(
        upload_id, ground, backend.policy, backend.scanning, bucket=backend.bucket
    )


def _stopped(upload_id: str, backend: ConsentBackend) -> bool:
    """Of an upload that is not published."""

    def body(tx: Transaction) -> tuple[bool, bool]:
        now = backend.scanning.clock.now()
        hold = tx.get(ConsentHold, upload_id)
        job = tx.get(ScanJob, upload_id)
        if hold is None or not hold.end_due:
            return True, False
        if job is not None and job.state is ScanState.AWAITING_CONSENT:
            release.reconsider(tx, release.read(tx, upload_id), now)
            return True, True  # the verdict that follows marks the hold
        if job is not None and job.state in {ScanState.PENDING, ScanState.SCANNING}:
            return True, False  # so does this one
        if job is not None and job.state in {ScanState.DECIDED, ScanState.PUBLISHED}:
            return False, False
        tx.put(holds.ended(hold, now))
        return True, False

    done, again = backend.scanning.store.run(body)
    if again:
        intake.enqueue_scan(JobId(upload_id), backend.scanning)
    return done

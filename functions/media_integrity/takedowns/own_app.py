"""Media of this app that was reported: taken down at once, or put back when the report was wrong.

A statement signed by the person shown, or by who acts for them, is enough to take it down before
anybody has looked. Two things are not: a report without one, and one on media that a moderator has
already looked at and let through. They wait for a moderator, with their clock running
(``waits_for_moderator``).

Everything here can be stopped at any point and repeated: ``Report.work_due`` stays until it is
done.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from media_integrity.banks.upkeep import matches_of
from media_integrity.cloud.firestore import Transaction
from media_integrity.consent.gate import require_no_refusal
from media_integrity.decision.decide import hold
from media_integrity.scanning import effects, intake, release, unpublish
from media_integrity.scanning.documents import entry_path
from media_integrity.scanning.taking_down import Ground, take_down
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.base import CaseId, JobId, UserId
from media_integrity.schema.cases import Case, CaseDecision, CaseDetails, CaseOutcome, Decided
from media_integrity.schema.enums import Action, CaseStatus, ScanState
from media_integrity.schema.errors import Conflict, Unavailable
from media_integrity.schema.hashes import BankHash, MediaHash
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import OutboxEntry
from media_integrity.schema.reports import (
    Report,
    ReportDetails,
    ReportId,
    ReportKind,
    ReportStatus,
    Takedown,
    TakedownState,
)
from media_integrity.schema.scans import ReasonCode, ScanJob

from . import banking, states
from .backend import TakedownBackend
from .family import Family

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=15)
"""Copies are counted by then for the first time after a search was asked for."""

TO_DO = frozenset({TakedownState.REQUESTED, TakedownState.ACKNOWLEDGED, TakedownState.EXPIRED})
ON_ITS_WAY = frozenset({ScanState.PENDING, ScanState.SCANNING, ScanState.AWAITING_CONSENT})
"""Nobody sees it, and soon everybody may."""

LOOKED_AT = "A moderator has looked at it and lets it stay."
"""To the reporter."""
LET_THROUGH = "A moderator has looked at it again and let it through."
"""To the uploader. Says nothing of a report."""


def act(takedown_id: str, by: Actor, backend: TakedownBackend) -> bool:
    """Bring one request for media of this app as far as it gets now; True if nothing is left to do.

    False: its media is on its way, so that it is too early.
    """
    takedown = backend.store.get(Takedown, takedown_id)
    report = backend.store.get(Report, takedown.report_id) if takedown is not None else None
    if takedown is None or report is None or not takedown.is_own:
        return True
    if takedown.state is TakedownState.REMOVED:
        _look_for_copies(takedown, report, backend)
        return True
    if not _to_do(takedown, report):
        return True
    media = backend.store.get(MediaHash, _job(takedown))
    if media is not None and media.unpublished_at is None:
        if _was_looked_at(report, backend.store.get(Case, media.id)):
            _leave_to_moderator(takedown, by, backend)
            return True
        if not _take_down(takedown, media, by, backend):
            return _settled(takedown_id, backend)
    elif not _mark_gone(takedown, by, backend):
        return False
    done = backend.store.get(Takedown, takedown_id)
    if done is not None and done.state is TakedownState.REMOVED:
        _look_for_copies(done, report, backend)
    return True


def _job(takedown: Takedown) -> JobId:
    assert takedown.media.job_id is not None, "media of this app has an upload's id"
    return JobId(takedown.media.job_id)


def _to_do(takedown: Takedown, report: Report) -> bool:
    closed = {ReportStatus.REJECTED, ReportStatus.WITHDRAWN}
    return (
        takedown.state in TO_DO and not takedown.waits_for_moderator and report.status not in closed
    )


def _was_looked_at(report: Report, case: Case | None) -> bool:
    """A moderator has let it through before, and none has accepted this report. Pure."""
    looked = case is not None and case.status in unpublish.DECIDED_BEFORE
    return looked and report.status is ReportStatus.SUBMITTED


def _settled(takedown_id: str, backend: TakedownBackend) -> bool:
    found = backend.store.get(Takedown, takedown_id)
    return found is None or found.state not in TO_DO or found.waits_for_moderator


def _take_down(takedown: Takedown, media: MediaHash, by: Actor, backend: TakedownBackend) -> bool:
    """Unpublish it; False if it was not published any more, may stay, or is still being moved."""
    # First the bank, so that nobody can upload it anew in between.
    entries = banking.bank(media, backend.banks)
    finding = banking.finding_of(media, entries)
    policy = backend.policy
    verdict = hold(ReasonCode.REPORTED, policy, (finding,))

    def ground(tx: Transaction, published: unpublish.Published) -> Ground | None:
        family = Family.read(tx, takedown.report_id, takedown.path)
        current = family.takedowns.get(takedown.id) if family is not None else None
        if family is None or current is None or not _to_do(current, family.report):
            return None
        if _was_looked_at(family.report, published.case):
            return None

        def write() -> None:
            now = backend.clock.now()
            changes = {**states.removed(current, now), "look_at": now + LOOK_AGAIN}
            family.change(current, changes, by, now)
            tx.update(published.media, report_ids=_with(published.media, family.report.ref))
            family.follow(by, now, case_ids=_cases(family.report, published.media.id))

        return Ground(verdict=verdict, findings=(finding,), write=write)

    try:
        return take_down(media.id, ground, policy, backend.uploads, bucket=backend.places.bucket)
    except Unavailable:
        log.info("reported media is being published", extra={"job": media.id})
        return False


def _with(media: MediaHash, report: ReportId) -> tuple[ReportId, ...]:
    return tuple(dict.fromkeys((*media.report_ids, report)))


def _cases(report: Report, case: str) -> tuple[CaseId, ...]:
    return tuple(dict.fromkeys((*report.case_ids, CaseId(case))))


def _leave_to_moderator(takedown: Takedown, by: Actor, backend: TakedownBackend) -> None:
    def body(tx: Transaction) -> None:
        current = tx.get(Takedown, takedown.id)
        if current is not None and current.state in TO_DO:
            tx.update(current, waits_for_moderator=True, updated_at=backend.clock.now())

    backend.store.run(body)


def _mark_gone(takedown: Takedown, by: Actor, backend: TakedownBackend) -> bool:
    """Note that it is not to be seen; False if it may be soon."""

    def body(tx: Transaction) -> bool:
        family = Family.read(tx, takedown.report_id, takedown.path)
        job_id = _job(takedown)
        media, job = tx.get(MediaHash, job_id), tx.get(ScanJob, job_id)
        case = tx.get(Case, job_id)
        if job is not None and job.state in ON_ITS_WAY:
            return False
        if job is not None and job.state is ScanState.DECIDED and _publishes(job):
            return False
        if media is not None and media.unpublished_at is None:
            return False
        current = family.takedowns.get(takedown.id) if family is not None else None
        if family is None or current is None or not _to_do(current, family.report):
            return True
        now = backend.clock.now()
        changes = {**states.removed(current, now), "look_at": now + LOOK_AGAIN}
        family.change(current, changes, by, now)
        if media is not None:
            # So that a moderator who rejects an earlier report on it knows of this one.
            tx.update(media, report_ids=_with(media, family.report.ref))
        known = _cases(family.report, job_id) if case is not None else family.report.case_ids
        family.follow(by, now, case_ids=known)
        return True

    return backend.store.run(body)


def _publishes(job: ScanJob) -> bool:
    return job.verdict is not None and job.verdict.action in {Action.ALLOW, Action.BLUR}


def _look_for_copies(takedown: Takedown, report: Report, backend: TakedownBackend) -> None:
    """Search what is published for the same; and where a moderator has accepted a report of
    intimate images, have it blocked and not only held."""
    media = backend.store.get(MediaHash, _job(takedown))
    if media is None or not _acts_on_word(takedown, report):
        return
    entries = banking.bank(media, backend.banks)
    banking.search(takedown.id, entries, backend.banks)
    if report.decided_at is None or report.kind is not ReportKind.NCII:
        return
    details = backend.store.get_below(ReportDetails, report.id, ReportDetails.DETAILS_ID)
    if details is not None and details.moderator_id is not None:
        moderator = Actor(kind=ActorKind.MODERATOR, id=details.moderator_id)
        banking.confirm(entries, f"report {report.id}", moderator, backend.banks)


def _acts_on_word(takedown: Takedown, report: Report) -> bool:
    """Whether the report is one by which copies are taken down as well: signed, or accepted."""
    return report.statement is not None or report.decided_at is not None


# ---- A report that was rejected ----


def undo(takedown_id: str, report: Report, by: Actor, backend: TakedownBackend) -> bool:
    """What a rejected report has brought about is undone; True if nothing is left to do.

    The media is put back, unless another open report rests on it, somebody in it has refused, or a
    moderator has decided on its case meanwhile. Its entries are switched off, and copies that were
    taken down for nothing but them are put back as well.
    """
    takedown = backend.store.get(Takedown, takedown_id)
    media = (
        backend.store.get(MediaHash, takedown.media.job_id)
        if takedown is not None and takedown.media.job_id is not None
        else None
    )
    if takedown is None or media is None:
        return True
    entries = banking.entries_of(media, backend.banks)
    matched = _matched(entries, backend)
    others = {*media.report_ids, *_reports_on(matched, backend)} - {report.ref}
    if _relied_on(others, backend):
        return True
    banking.switch_off(entries, f"report {report.id} rejected", by, backend.banks)
    known = [entry.path for entry in entries]
    done = _put_back(media.id, report, takedown, known, by, backend)
    for job_id in sorted(matched - {media.id}):
        done = _put_back(job_id, report, None, known, by, backend) and done
    return done


def copies_removed(takedown: Takedown, backend: TakedownBackend) -> int:
    """How many further uploads are not published any more because they matched what was reported
    here."""
    media = backend.store.get(MediaHash, _job(takedown))
    if media is None:
        return 0
    matched = _matched(banking.entries_of(media, backend.banks), backend) - {media.id}
    copies = backend.store.get_many(MediaHash, [MediaHash.path_of(job) for job in sorted(matched)])
    return sum(copy.unpublished_at is not None for copy in copies)


def _matched(entries: list[BankHash], backend: TakedownBackend) -> set[str]:
    """Uploads that were taken down by these entries after they had been published."""
    return {
        match.case_id
        for entry in entries
        for match in backend.store.query(matches_of(entry.parent_id, entry.id))
        if match.retroactive
    }


def _reports_on(jobs: set[str], backend: TakedownBackend) -> set[ReportId]:
    media = backend.store.get_many(MediaHash, [MediaHash.path_of(job) for job in sorted(jobs)])
    return {report for each in media for report in each.report_ids}


def _relied_on(reports: set[ReportId], backend: TakedownBackend) -> bool:
    """Whether one of them asks for the removal still: it is signed or accepted."""
    found = backend.store.get_many(Report, [Report.path_of(each) for each in sorted(reports)])
    return any(_asks(each) for each in found)


def _asks(report: Report) -> bool:
    """Pure. A withdrawn report may have been withdrawn under pressure: a moderator looks first."""
    closed = {ReportStatus.REJECTED, ReportStatus.WITHDRAWN}
    signed = report.statement is not None or report.decided_at is not None
    return signed and report.status not in closed


def _put_back(
    job_id: str,
    report: Report,
    takedown: Takedown | None,
    entries: list[str],
    by: Actor,
    backend: TakedownBackend,
) -> bool:
    """Have it judged again with a moderator's permission; False if that cannot be done now.

    ``takedown``: that of the reported media; None for a copy, which goes back only if its case
    rests on ``entries`` and nothing else.
    """

    def body(tx: Transaction) -> bool | None:
        audited = (takedown.path,) if takedown is not None else ()
        family = Family.read(tx, report.id, *audited)
        media, case = tx.get(MediaHash, job_id), tx.get(Case, job_id)
        details = tx.get_below(CaseDetails, job_id, CaseDetails.DETAILS_ID)
        if family is None or media is None or case is None or details is None:
            return None
        if media.unpublished_at is None or case.status is not CaseStatus.OPEN:
            return None
        if takedown is None and not _rests_on(case, details, entries):
            return None
        others = [each for each in media.report_ids if each != report.ref]
        if any(_asks(each) for each in tx.get_many(Report, [Report.path_of(o) for o in others])):
            return None
        job = tx.get(ScanJob, job_id)
        if job is not None and job.state is ScanState.DECIDED:
            return False
        try:
            withheld = release.read(tx, job_id)
            require_no_refusal(tx, job_id)
        except Conflict as error:
            log.info("not put back", extra={"job": job_id, "code": error.code})
            return None
        now = backend.clock.now()
        action = Action.BLUR if media.preview_path is not None else Action.ALLOW
        release.permit(tx, withheld, action, now, entries=entries)
        _overturned(tx, case, details, by, now)
        tx.create(_uploader_told(case, now))
        if takedown is not None and (own := family.takedowns.get(takedown.id)) is not None:
            if own.state is TakedownState.REMOVED:
                family.change(own, states.refused(own, LOOKED_AT, now), by, now)
            family.follow(by, now)
        return True

    again = backend.store.run(body)
    if again:
        intake.enqueue_scan(JobId(job_id), backend.uploads)
    return again is not False


def _rests_on(case: Case, details: CaseDetails, entries: list[str]) -> bool:
    """Pure."""
    codes = {each.code for each in case.explanation}
    hits = {
        entry_path(hit)
        for finding in details.findings
        if finding.detail is not None and finding.detail.kind == "bank_match"
        for hit in finding.detail.hits
    }
    return codes == {ReasonCode.BANK_MATCH_UNCONFIRMED} and bool(hits) and hits <= set(entries)


def _overturned(
    tx: Transaction, case: Case, details: CaseDetails, by: Actor, now: datetime
) -> None:
    outcome = CaseOutcome.RELEASE
    decision = CaseDecision(outcome=outcome, reason=LET_THROUGH, published=True, decided_at=now)
    tx.update(
        case,
        status=CaseStatus.OVERTURNED,
        decision=decision,
        appealable=False,
        needs_confirmation=False,
        updated_at=now,
    )
    decided = Decided(by=UserId(by.id), outcome=outcome, at=now)
    tx.update(details, decisions=(*details.decisions, decided))


def _uploader_told(case: Case, now: datetime) -> OutboxEntry:
    # The id becomes the notification's, which the uploader reads: it names no report.
    cause = f"{case.id}_{int(now.timestamp() * 1000)}"
    kind = NotificationKind.UPLOAD_RELEASED
    return effects.tell(cause, case.uploader_id, kind, now, case_id=CaseId(case.id))

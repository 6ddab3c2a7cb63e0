"""What follows when a moderator decides on a case: for the upload, the account and the banks.

Three outcomes, each in two steps inside the caller's transaction: the call reads, ``write`` writes.
Whoever decides, on a case or on an appeal against it, comes through here, so that the two do not
drift apart. Who may decide is ``transitions``' and the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.banks.outcomes import CaseMatches, JudgedMatches, judging_case
from media_integrity.banks.service import SENIOR
from media_integrity.cloud.firestore import Transaction
from media_integrity.consent.gate import require_no_refusal
from media_integrity.decision.decide import block as block_verdict
from media_integrity.decision.policy import Policy
from media_integrity.decision.reasons import reason
from media_integrity.enforcement import strikes
from media_integrity.matching.alarms import alarm_id, raised_again
from media_integrity.scanning import documents, effects, release, states
from media_integrity.scanning.consequences import Prepared
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.appeals import APPEAL_WINDOW
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.cases import (
    MAX_DECISION,
    MIN_DECISION,
    Case,
    CaseDecision,
    CaseDetails,
    CaseOutcome,
    CaseViolation,
    Decided,
    OutsideReport,
)
from media_integrity.schema.enums import (
    Action,
    CaseStatus,
    DetectionMethod,
    FindingStatus,
    Sanction,
    ScanState,
    Severity,
    Violation,
)
from media_integrity.schema.errors import Conflict, Forbidden, Invalid
from media_integrity.schema.hashes import MediaHash, OpinionKind
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.scans import (
    JOB_EXPIRY,
    ReasonCode,
    ScanJob,
    VerdictSummary,
)
from media_integrity.schema.statistics import Counter

from . import transitions
from .backend import Desk
from .case_file import CaseFile


@dataclass(frozen=True, slots=True)
class Word:
    """One moderator's decision."""

    outcome: CaseOutcome
    text: str
    by: Actor
    now: datetime
    heard: bool = False
    """It is the answer to an appeal."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An outcome that has read all it needs."""

    write: Callable[[], Case]
    publishes: bool = False
    """The upload may be seen, now or once it has been judged again."""
    scan: bool = False
    """The caller has it judged again after the transaction (``intake.enqueue_scan``)."""
    move: bool = False
    """The caller has its bytes moved after the transaction (``moving.move_now``)."""


def overturning(
    tx: Transaction, file: CaseFile, word: Word, matches: CaseMatches, desk: Desk
) -> Ready:
    """Undo what was done with the upload: it is judged again with a moderator's permission, and the
    strike for it is undone.

    A blocked upload that cannot be shown all the same, because somebody in it has refused or its
    bytes are gone, stays unpublished; the account is cleared of it nevertheless.

    Raises:
        Conflict: it is on its way at this moment; somebody in a held one has refused; it cannot be
            blurred.
        Forbidden: it matches an entry that only a senior moderator may overrule.
    """
    case, blocked = file.case, file.case.action is Action.BLOCK
    if word.outcome is CaseOutcome.BLUR and _is_unopened(case):
        raise Conflict("This file cannot be blurred: it is too long.", code="cannot_blur")
    job = tx.get(ScanJob, case.id)
    published = _is_published(tx, case.id, job)
    withheld = None if published else _withheld(file, job)
    refused = False
    if withheld is not None:
        try:
            require_no_refusal(tx, case.id)
        except Conflict as error:
            if error.code != "consent_refused" or not blocked:
                raise
            refused = True
    judged = judging_case(tx, matches, OpinionKind.DISPUTE, f"case {case.id}", word.by, desk.banks)
    _require_may_overrule(judged, word.by, desk.policy)
    undone = strikes.undoing(tx, case, word.now)
    trail = Entry(tx, case.path)
    publishes = published or (withheld is not None and not refused)

    def write() -> Case:
        if withheld is not None and not refused:
            action = Action.BLUR if word.outcome is CaseOutcome.BLUR else Action.ALLOW
            entries = (documents.entry_path(match.hit) for match in judged.matches)
            release.permit(tx, withheld, action, word.now, entries=entries)
        elif job is not None and not published:
            shown: dict[str, object] = {"expire_at": word.now + JOB_EXPIRY, "updated_at": word.now}
            if refused:
                shown["verdict"] = _refused(file, desk.policy)
            tx.update(job, **shown)
        changes: dict[str, object] = {"appealable": False, "needs_confirmation": False}
        if refused:
            changes["explanation"] = (reason(ReasonCode.CONSENT_REFUSED),)
        changed = _decided(tx, file, word, changes, published=publishes)
        undone.write()
        judged.write()
        _tell_overturned(tx, file, word, blocked=blocked, publishes=publishes)
        trail.write(AuditAction.CASE_DECIDED, word.by, word.now, _noted(word))
        return changed

    return Ready(write, publishes=publishes, scan=withheld is not None and not refused)


def upholding(
    tx: Transaction, file: CaseFile, word: Word, matches: CaseMatches, desk: Desk
) -> Ready:
    """The block stands: its strike is confirmed, and so are the entries that it matched.

    An upload that is only held, as what it was blocked for fell away, is blocked again. For a
    sanction that cannot be undone this is the confirmation that it waited for. A report
    outside waits for a second one (``outside.confirm``).
    """
    decided = file.case.model_copy(
        update={"status": CaseStatus.UPHELD, "needs_confirmation": False, "updated_at": word.now}
    )
    job = tx.get(ScanJob, file.case.id)
    judged = judging_case(
        tx, matches, OpinionKind.CONFIRM, f"case {file.case.id}", word.by, desk.banks
    )
    confirmed = _confirming(tx, decided, word.now)
    asks = _asking_for_second(tx, decided, file.details, word)
    trail = Entry(tx, file.case.path)
    held = job is not None and job.state is ScanState.HELD

    def write() -> Case:
        if job is not None and held:
            tx.update(job, verdict=_summary(decided), **states.to_be_moved(word.now))
        elif word.heard and job is not None and job.state is ScanState.BLOCKED:
            tx.update(job, expire_at=word.now + JOB_EXPIRY)  # nothing can happen to it any more
        appealable = file.case.appealable and not word.heard
        changes = {"needs_confirmation": False, "appealable": appealable}
        changed = _decided(tx, file, word, changes)
        confirmed.write()
        judged.write()
        asks()
        trail.write(AuditAction.CASE_DECIDED, word.by, word.now, _noted(word))
        return changed

    return Ready(write, move=held)


def blocking(
    tx: Transaction,
    file: CaseFile,
    word: Word,
    matches: CaseMatches,
    desk: Desk,
    *,
    violation: Violation | None = None,
) -> Ready:
    """A held upload is not published: into the evidence vault with it, and its uploader told.

    ``violation``: what the moderator has found in it, which strikes as if a detector had; None: it
    stays unpublished and nothing is on the account's record. The 30 days to appeal begin now.

    Raises:
        Conflict: it is on its way at this moment, or its bytes are gone.
    """
    case = file.case
    job = tx.get(ScanJob, case.id)
    if _is_published(tx, case.id, job):
        raise Conflict("This upload is published.", code="published")
    if job is not None and job.state is ScanState.REFUSED:
        raise Conflict("Nothing is left of this upload: close the case.", code="gone")
    _withheld(file, job)
    found = _found(file, violation, desk.policy)
    appealable = file.appeal is None and (
        violation is None or desk.policy.violations[violation].appealable
    )
    # What it says of itself: a moderator has looked, so nothing waits for a confirmation.
    changes: dict[str, object] = {
        "action": Action.BLOCK,
        **found,
        "confidence": 1.0,
        "needs_confirmation": False,
        "appealable": appealable,
        "explanation": (reason(ReasonCode.MODERATED),),
        "actioned_at": word.now,
    }
    decided = case.model_copy(
        update={**changes, "status": CaseStatus.UPHELD, "updated_at": word.now}
    )
    judged = judging_case(tx, matches, OpinionKind.CONFIRM, f"case {case.id}", word.by, desk.banks)
    confirmed = _confirming(tx, decided, word.now)
    asks = _asking_for_second(tx, decided, file.details, word)
    trail = Entry(tx, case.path)

    def write() -> Case:
        if job is not None:
            tx.update(
                job, verdict=_summary(decided), case_id=case.id, **states.to_be_moved(word.now)
            )
        changed = _decided(tx, file, word, changes, in_vault=True)
        confirmed.write()
        judged.write()
        asks()
        kind = NotificationKind.UPLOAD_BLOCKED
        told = effects.tell(file.cause, case.uploader_id, kind, word.now, case_id=CaseId(case.id))
        tx.create(told)
        trail.write(AuditAction.CASE_DECIDED, word.by, word.now, _noted(word, violation))
        return changed

    return Ready(write, move=job is not None)


def closing(tx: Transaction, file: CaseFile, word: Word) -> Ready:
    """Put a case away for good.

    Raises:
        Conflict: its upload is still held, or its uploader may still appeal.
    """
    case = file.case
    job = tx.get(ScanJob, case.id)
    gone = job is None or job.state is ScanState.REFUSED
    if case.status is CaseStatus.IN_REVIEW and not gone:
        raise Conflict("Release the upload or block it first.", code="still_withheld")
    if case.appealable and word.now <= appeals_until(case) and file.appeal is None:
        raise Conflict("The uploader may still appeal.", code="still_appealable")
    trail = Entry(tx, case.path)

    def write() -> Case:
        said = case.decision if case.status in transitions.DECIDED else None
        changed = _decided(tx, file, word, {"appealable": False}, said=said)
        trail.write(AuditAction.CASE_DECIDED, word.by, word.now, _noted(word))
        return changed

    return Ready(write)


def appeals_until(case: Case) -> datetime:
    """Until when the uploader may appeal, if at all. As ``firestore.rules`` has it. Pure."""
    return (case.actioned_at or case.created_at) + APPEAL_WINDOW


def detectors_at_fault(file: CaseFile) -> tuple[DetectionMethod, ...]:
    """The methods on which an automatic block rested; none if a moderator blocked it. Pure."""
    if file.case.action is not Action.BLOCK or file.case.actioned_at is not None:
        return ()
    if file.case.violations:
        return tuple(sorted({each for found in file.case.violations for each in found.methods}))
    return tuple(
        line.method
        for line in file.details.evidence
        if line.counted and line.status is FindingStatus.MEASURED
    )


def _decided(
    tx: Transaction,
    file: CaseFile,
    word: Word,
    changes: Mapping[str, object],
    *,
    published: bool = False,
    in_vault: bool = False,
    said: CaseDecision | None = None,
) -> Case:
    """Write the decision itself, with ``changes`` to the case.

    ``said``: what the uploader goes on reading in its place.
    """
    case, details = file.case, file.details
    status = (
        CaseStatus.CLOSED
        if word.outcome is CaseOutcome.CLOSE
        else transitions.after(case.action, word.outcome)
    )
    told = CaseDecision(
        outcome=word.outcome, reason=word.text, published=published, decided_at=word.now
    )
    changed = tx.update(
        case,
        status=status,
        decision=said or told,
        review_until=None,
        updated_at=word.now,
        **changes,
    )
    private: dict[str, object] = {
        "review": None,
        "decisions": (
            *details.decisions,
            Decided(by=UserId(word.by.id), outcome=word.outcome, at=word.now, appeal=word.heard),
        ),
    }
    if in_vault:
        private["evidence_path"] = documents.evidence_path(case.id)
    report = details.outside_report
    if word.outcome in transitions.PUBLISHES and report is not None and report.second_by is None:
        private["outside_report"] = None
    tx.update(details, **private)
    return changed


def _withheld(file: CaseFile, job: ScanJob | None) -> release.Withheld | None:
    """The upload, to be released; None if its bytes are gone.

    Raises:
        Conflict: it is on its way to a verdict, or to where that sends it.
    """
    if job is not None and job.state is ScanState.REFUSED:
        return None
    if job is not None and job.state not in release.RELEASABLE:
        raise Conflict(
            "This upload is on its way at this moment. Try again in a minute.", code="still_moving"
        )
    return release.Withheld(file.case.id, job, file.case, file.details)


def _is_unopened(case: Case) -> bool:
    """Nobody has decoded it, so there is no preview that could be blurred."""
    return any(told.code is ReasonCode.TOO_MUCH_TO_CHECK for told in case.explanation)


def _is_published(tx: Transaction, upload_id: str, job: ScanJob | None) -> bool:
    if job is not None:
        return job.state is ScanState.PUBLISHED
    media = tx.get(MediaHash, upload_id)
    return media is not None and media.unpublished_at is None


def _confirming(tx: Transaction, case: Case, now: datetime) -> Prepared:
    """The strike for a case that is upheld; nothing where no violation was found."""
    return strikes.confirming(tx, case, now) if case.violation is not None else Prepared()


def _require_may_overrule(judged: JudgedMatches, by: Actor, policy: Policy) -> None:
    """An entry that not even an allow-list overrules is not one moderator's to overrule."""
    grave = any(
        match.hit.confirmed and match.hit.label in policy.bank_match.never_overruled
        for match in judged.matches
    )
    if grave and by.kind not in SENIOR:
        raise Forbidden(
            "This upload matches an entry that only a senior moderator may overrule.",
            code="senior_required",
        )


def _asking_for_second(
    tx: Transaction, case: Case, details: CaseDetails, word: Word
) -> Callable[[], None]:
    """Where the sanction includes a report outside: this is the first word for it, and an alarm
    asks a senior moderator for the second."""
    if case.sanction is not Sanction.PERMANENT_BAN_LEGAL or details.outside_report is not None:
        return lambda: None
    known = tx.get(Alarm, alarm_id(AlarmKind.OUTSIDE_REPORT, case.path))

    def write() -> None:
        fresh = Alarm(
            id=alarm_id(AlarmKind.OUTSIDE_REPORT, case.path),
            kind=AlarmKind.OUTSIDE_REPORT,
            severity=Severity.HIGH,
            subject=case.path,
            text=(
                "A moderator has upheld this case, which is to be reported outside. A senior "
                "moderator has to look at it and confirm the report, or leave it."
            ),
            raised_at=word.now,
        )
        tx.put(raised_again(known, fresh) if known is not None else fresh)
        first = OutsideReport(first_by=UserId(word.by.id), first_at=word.now)
        tx.update(details, outside_report=first)

    return write


def _tell_overturned(
    tx: Transaction, file: CaseFile, word: Word, *, blocked: bool, publishes: bool
) -> None:
    """The uploader, unless the appeal's own answer does; and the day's statistics."""
    if publishes and not word.heard:
        kind = NotificationKind.UPLOAD_RELEASED
        case_id = CaseId(file.case.id)
        told = effects.tell(file.cause, file.case.uploader_id, kind, word.now, case_id=case_id)
        tx.create(told)
    counters = (Counter.APPEALS_OVERTURNED,) if word.heard else ()
    wrong = detectors_at_fault(file) if blocked else ()
    if counters or wrong:
        tx.create(effects.tally(file.cause, word.now, *counters, false_positives=wrong))


def _found(file: CaseFile, violation: Violation | None, policy: Policy) -> dict[str, object]:
    """What a case says was found in its upload when a moderator has blocked it."""
    if violation is None:
        return {"violations": (), "violation": None, "sanction": Sanction.NONE}
    row = policy.violations[violation]
    found = CaseViolation(violation=violation, severity=row.severity, confidence=1.0, methods=())
    return {
        "violations": (found,),
        "violation": violation,
        "severity": max(row.severity, file.case.severity, key=lambda each: each.rank),
        "sanction": row.sanction,
    }


def _summary(case: Case) -> VerdictSummary:
    return VerdictSummary(
        action=case.action,
        violations=tuple(found.violation for found in case.violations),
        reasons=case.explanation,
        policy_version=case.policy_version,
        appealable=case.appealable,
    )


def _refused(file: CaseFile, policy: Policy) -> VerdictSummary:
    """What the job of an upload says that stays unpublished because somebody in it has refused."""
    return block_verdict(ReasonCode.CONSENT_REFUSED, policy, file.details.findings).summary()


def _noted(word: Word, violation: Violation | None = None) -> str:
    return f"{word.outcome}{' on appeal' if word.heard else ''} {violation or '-'}"


def require_text(text: str, file: CaseFile) -> str:
    """What the uploader is told, without blanks at its ends.

    Raises:
        Invalid: it is too short or too long, or names the account of a person who is shown.
    """
    told = text.strip()
    if not MIN_DECISION <= len(told) <= MAX_DECISION:
        raise Invalid(
            f"Write {MIN_DECISION} to {MAX_DECISION} characters to the uploader.", code="reason"
        )
    if any(victim in told for victim in file.details.victim_ids):
        raise Invalid("The uploader may not learn who is shown.", code="names_a_person")
    return told

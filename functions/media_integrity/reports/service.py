"""Reports of abuse: submitted, withdrawn, decided, and what follows from each.

One transaction makes a report with everything that it asks for; then what needs more than that is
done, media of this app first (``follow``). If that is interrupted ``Report.work_due`` is left, and
the schedule goes on.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.decision.policy import ReportsPolicy
from media_integrity.matching.alarms import alarm_id
from media_integrity.scanning import effects
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import Severity
from media_integrity.schema.errors import Conflict, Invalid, NotFound, TooMany, Unavailable
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.reports import (
    STANDING_RETENTION,
    Capacity,
    Report,
    ReportDetails,
    ReporterStanding,
    ReportId,
    ReportKind,
    ReportOutcome,
    ReportStatus,
    Statement,
    Takedown,
    TakedownState,
)
from media_integrity.schema.statistics import Counter
from media_integrity.sealing.envelopes import seal_text
from media_integrity.takedowns import own_app, service, states
from media_integrity.takedowns.backend import TakedownBackend
from media_integrity.takedowns.family import Family, counted

from .media import Named, Place, named
from .priority import priority_of

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
EVIDENCE = "reports/"
_EVIDENCE_PATH = re.compile(r"reports/(?P<uid>[^/]+)/(?P<draft>[^/]+)/[A-Za-z0-9][A-Za-z0-9._-]*")

OPEN = (ReportStatus.SUBMITTED.value, ReportStatus.IN_PROGRESS.value)


@dataclass(frozen=True, slots=True)
class Victim:
    """Who is shown, for the letters. Sealed before it is stored; never logged."""

    name: str
    mail: str

    def __repr__(self) -> str:
        return "Victim(...)"


@dataclass(frozen=True, slots=True)
class Signed:
    """What the requester has declared and signed."""

    capacity: Capacity
    signature: str

    def __repr__(self) -> str:
        return "Signed(...)"


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report as it is sent. ``draft``: chosen by the app; the same one is the same report."""

    draft: str
    kind: ReportKind
    places: tuple[Place, ...]
    concerns_minor: bool = False
    description: str = ""
    evidence: tuple[str, ...] = ()
    victim: Victim | None = None
    signed: Signed | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    report: Report
    takedowns: tuple[Takedown, ...]
    duplicate: bool
    """There was an open report of the same person on the same media: it is that one."""


def submit(new: NewReport, by: UserId, backend: TakedownBackend) -> Submitted:
    """Take a report in, and take down at once what it may.

    Repeating the call finds the report that it made. What cannot be taken down now is by the
    schedule.

    Raises:
        Invalid: an address is none; posts of several accounts; evidence that is not there, or that
            must not be sent; a statement without the person to be named in the letter.
        NotFound: there is no such upload in this app.
        TooMany: too many reports of this account are open.
        Unavailable: the key service does not answer.
    """
    report_id = Report.id_for(by, new.draft)
    known = backend.store.get(Report, report_id)
    if known is not None:
        return _as_submitted(known, backend)
    about = named(new.places, backend)
    _require_in_order(new, about, by, backend)
    details = _sealed(new, report_id, backend)
    actor = Actor(kind=ActorKind.USER, id=by)

    def body(tx: Transaction) -> tuple[Report, bool]:
        now = backend.clock.now()
        repeated = tx.get(Report, report_id)
        standing = tx.get(ReporterStanding, by)
        trail = Entry(tx, Report.path_of(report_id))
        if repeated is not None:
            return repeated, False
        # Read after the standing, which every report of this account writes: two at once are one
        # after the other.
        theirs = list(backend.store.query(open_reports(by, backend.policy.reports.open)))
        same = next((each for each in theirs if _covers(each, about, new)), None)
        if same is not None:
            return same, True
        if len(theirs) >= backend.policy.reports.open:
            raise TooMany(
                "So many of your reports are open that we first work on those. You will hear "
                "from us.",
                code="too_many_open",
            )
        report = _report(new, report_id, about, by, now)
        trusted = _trusted(standing, new, backend.policy.reports, now)
        room = _room(standing, backend.policy.reports, now) if trusted else 0
        takedowns = _takedowns(report, about, room, now)
        acting = [each for each in takedowns if each.is_own and not each.waits_for_moderator]
        report = report.model_copy(update={"work_due": bool(acting)})
        tx.create(report)
        tx.create(details)
        for takedown in takedowns:
            tx.create(takedown)
            for entry in counted(None, takedown, now):
                tx.create(entry)
        tx.put(_with_more(standing, by, len(acting), now))
        if report.concerns_minor:
            tx.create(_alarm(report, now))
        received = NotificationKind.REPORT_RECEIVED
        tx.create(effects.tell(report.id, by, received, now, report_id=report.ref))
        tx.create(effects.tally(report.id, now, Counter.REPORTS))
        trail.write(AuditAction.REPORT_CHANGED, actor, now, f"{report.kind} {report.priority.name}")
        return report, False

    report, duplicate = backend.store.run(body)
    if report.work_due:
        _follow_now(report.id, backend)
    return _as_submitted(report, backend, duplicate=duplicate)


def open_reports(reporter: UserId, limit: int) -> Query[Report]:
    """A person's open reports, newest first."""
    return Query(
        Report,
        (Where("reporterId", "==", reporter), Where("status", "in", list(OPEN))),
        order_by=(("createdAt", "DESCENDING"),),
        limit=limit,
    )


def _as_submitted(
    report: Report, backend: TakedownBackend, *, duplicate: bool = False
) -> Submitted:
    """As it stands now."""
    current = backend.store.get(Report, report.id) or report
    paths = [Takedown.path_of(Takedown.id_for(report.id, n)) for n in range(len(report.media))]
    found = backend.store.get_many(Takedown, paths)
    order = {Takedown.id_for(report.id, n): n for n in range(len(report.media))}
    return Submitted(current, tuple(sorted(found, key=lambda each: order[each.id])), duplicate)


def _require_in_order(new: NewReport, about: Named, by: UserId, backend: TakedownBackend) -> None:
    """Raises: Invalid."""
    if new.concerns_minor and new.evidence:
        raise Invalid(
            "Where a minor is shown, please send no files: where the media is tells us enough.",
            code="no_copies_of_minors",
        )
    for path in new.evidence:
        known = _EVIDENCE_PATH.fullmatch(path)
        if known is None or known["uid"] != by or known["draft"] != new.draft:
            raise Invalid("A file belongs to another report.", code="evidence_elsewhere")
        if backend.uploads.objects.stat(backend.places.bucket, path) is None:
            raise Invalid("A file is not there. Upload it again.", code="evidence_missing")
    if new.signed is not None and about.outside and new.victim is None:
        raise Invalid(
            "To ask another platform we have to say who asks and how to reach them. Give a name "
            "and a mail address; both are kept encrypted.",
            code="requester_unknown",
        )


def _sealed(new: NewReport, report_id: ReportId, backend: TakedownBackend) -> ReportDetails:
    """Raises: Unavailable: the key service does not answer."""
    path = ReportDetails.path_below(report_id, ReportDetails.DETAILS_ID)
    texts = {
        "victim_name": new.victim.name if new.victim is not None else None,
        "victim_mail": new.victim.mail if new.victim is not None else None,
        "signature": new.signed.signature if new.signed is not None else None,
    }
    try:
        sealed = {
            field: seal_text(text, path, field, backend.keys)
            for field, text in texts.items()
            if text is not None
        }
    except KeysUnreachable as error:
        raise Unavailable(
            "Your report cannot be kept safe at this moment. Try again in a few minutes.",
            code="keys",
        ) from error
    return ReportDetails(
        id=ReportDetails.DETAILS_ID,
        parent_id=report_id,
        victim_name=sealed.get("victim_name"),
        victim_mail=sealed.get("victim_mail"),
        signature=sealed.get("signature"),
    )


def _covers(known: Report, about: Named, new: NewReport) -> bool:
    """Whether an open report asks for all of this already, with as much weight. Pure."""
    places = {each.place for each in known.media}
    weight = known.statement is not None or new.signed is None
    minor = known.concerns_minor or not new.concerns_minor
    return weight and minor and all(each.place in places for each in about.media)


def _report(new: NewReport, report_id: ReportId, about: Named, by: UserId, now: datetime) -> Report:
    statement = None
    if new.signed is not None:
        statement = Statement(
            capacity=new.signed.capacity, not_consensual=True, good_faith=True, signed_at=now
        )
    return Report(
        id=report_id,
        reporter_id=by,
        uploader_id=about.uploader,
        kind=new.kind,
        priority=priority_of(
            new.kind, concerns_minor=new.concerns_minor, stated=statement is not None
        ),
        concerns_minor=new.concerns_minor,
        media=about.media,
        description=new.description,
        evidence_paths=new.evidence,
        statement=statement,
        created_at=now,
        updated_at=now,
    )


def _trusted(
    standing: ReporterStanding | None, new: NewReport, policy: ReportsPolicy, now: datetime
) -> bool:
    """Whether media is taken down on this person's word. Pure."""
    if new.signed is None or new.kind not in policy.at_once_kinds:
        return False
    since = now - timedelta(days=policy.abusive_days)
    abusive = [at for at in (standing.abusive if standing is not None else ()) if at > since]
    return len(abusive) < policy.abusive


def _room(standing: ReporterStanding | None, policy: ReportsPolicy, now: datetime) -> int:
    """How many media more today. Pure."""
    return max(0, policy.at_once_a_day - len(_today(standing, now)))


def _today(standing: ReporterStanding | None, now: datetime) -> tuple[datetime, ...]:
    known = standing.at_once if standing is not None else ()
    return tuple(at for at in known if at > now - DAY)


def _with_more(
    standing: ReporterStanding | None, by: UserId, acting: int, now: datetime
) -> ReporterStanding:
    return ReporterStanding(
        id=by,
        at_once=(*_today(standing, now), *([now] * acting)),
        abusive=standing.abusive if standing is not None else (),
        updated_at=now,
        expire_at=now + STANDING_RETENTION,
    )


def _takedowns(report: Report, about: Named, room: int, now: datetime) -> list[Takedown]:
    """What the report asks for. With a statement the clock of this app starts now, also where
    nothing happens before a moderator has looked. Pure."""
    made = []
    for number, (medium, channel) in enumerate(zip(about.media, about.channels, strict=True)):
        own = medium.job_id is not None
        takedown = Takedown(
            id=Takedown.id_for(report.id, number),
            report_id=report.ref,
            reporter_id=report.reporter_id,
            uploader_id=report.uploader_id,
            media=medium,
            channel=channel,
            waits_for_moderator=own and room <= 0,
            created_at=now,
            updated_at=now,
        )
        if own and report.statement is not None:
            takedown = Takedown.model_validate(
                {**takedown.model_dump(), "id": takedown.id, **states.requested(now)}
            )
        room -= own
        made.append(takedown)
    return made


def _alarm(report: Report, now: datetime) -> Alarm:
    return Alarm(
        id=alarm_id(AlarmKind.REPORT_OF_MINOR, report.path),
        kind=AlarmKind.REPORT_OF_MINOR,
        severity=Severity.CRITICAL,
        subject=report.path,
        text="A report concerns a minor. Look at it first. Send no copy of the media to anybody.",
        raised_at=now,
    )


# ---- What follows


REPORTS = Actor(kind=ActorKind.SYSTEM, id="submitreport")


def follow(report_id: str, backend: TakedownBackend) -> bool:
    """Do what a report still asks for in this app; True if nothing is left. Repeatable."""
    report = backend.store.get(Report, report_id)
    if report is None or not report.work_due:
        return True
    by = _for_whom(report, backend)
    done = True
    for number in range(len(report.media)):
        takedown_id = Takedown.id_for(report.id, number)
        if report.status is ReportStatus.REJECTED:
            done = own_app.undo(takedown_id, report, by, backend) and done
        else:
            done = own_app.act(takedown_id, by, backend) and done

    def body(tx: Transaction) -> None:
        current = tx.get(Report, report_id)
        if current is not None and current.decided_at == report.decided_at:
            tx.update(current, work_due=False)

    if done:
        backend.store.run(body)
    return done


def _for_whom(report: Report, backend: TakedownBackend) -> Actor:
    """Who answers for it: the moderator who decided, or nobody but the reporter's word."""
    details = backend.store.get_below(ReportDetails, report.id, ReportDetails.DETAILS_ID)
    if report.decided_at is None or details is None or details.moderator_id is None:
        return REPORTS
    return Actor(kind=ActorKind.MODERATOR, id=details.moderator_id)


def _follow_now(report_id: str, backend: TakedownBackend) -> None:
    try:
        follow(report_id, backend)
    except Exception as error:  # noqa: BLE001  the schedule goes on
        log.error(
            "report not followed", extra={"report": report_id, "error_type": type(error).__name__}
        )


# ---- The reporter changes their mind


def withdraw(report_id: str, by: UserId, backend: TakedownBackend) -> Report:
    """Take a report back. What nobody has been asked for yet is not asked for.

    What was taken down in this app stays so until a moderator has decided on its case: somebody may
    have been made to withdraw.

    Raises:
        NotFound: there is no such report, or it is somebody else's.
        Conflict: it is closed.
    """
    actor = Actor(kind=ActorKind.USER, id=by)
    asked = backend.store.get(Report, report_id)
    if asked is None or asked.reporter_id != by:
        raise NotFound("There is no such report.")
    paths = [Takedown.path_of(Takedown.id_for(report_id, n)) for n in range(len(asked.media))]

    def body(tx: Transaction) -> Report:
        family = Family.read(tx, report_id, *paths)
        if family is None:
            raise NotFound("There is no such report.")
        if family.report.status is ReportStatus.WITHDRAWN:
            return family.report
        if not family.report.status.open:
            raise Conflict("This report is closed already.", code="closed")
        now = backend.clock.now()
        _close_unasked(family, actor, now)
        status = ReportStatus.WITHDRAWN
        return family.follow(actor, now, status=status, work_due=False)

    return backend.store.run(body)


def _close_unasked(family: Family, by: Actor, now: datetime) -> None:
    for takedown in list(family.takedowns.values()):
        waiting = takedown.is_own and not takedown.state.final
        if waiting or takedown.state is TakedownState.PREPARED:
            family.change(takedown, states.withdrawn(takedown, now), by, now)


# ---- A moderator decides


def decide(
    report_id: str, outcome: ReportOutcome, why: str, by: Actor, backend: TakedownBackend
) -> Report:
    """Say whether a report is what it says it is. ``why`` is for the reporter.

    Accepted: what it names in this app is taken down if it was not, letters may be sent, and the
    hashes of intimate images block from then on. Rejected: what was taken down for it is put back.
    The case itself, and what comes of it for the uploader, is decided as every other case.

    Raises:
        NotFound: there is no such report, or the caller is involved in it.
        Conflict: it is decided or withdrawn.
    """
    asked = backend.store.get(Report, report_id)
    if asked is None:
        raise NotFound("There is no such report.")
    service.require_not_involved(asked, by)
    paths = [Takedown.path_of(Takedown.id_for(report_id, n)) for n in range(len(asked.media))]

    def body(tx: Transaction) -> Report:
        family = Family.read(tx, report_id, *paths)
        details = tx.get_below(ReportDetails, report_id, ReportDetails.DETAILS_ID)
        standing = tx.get(ReporterStanding, asked.reporter_id)
        if family is None or details is None:
            raise NotFound("There is no such report.")
        if family.report.decided_at is not None:
            _require_same(family.report, details, outcome, by)
            return family.report
        if family.report.status is not ReportStatus.SUBMITTED:
            raise Conflict("The reporter has taken this report back.", code="withdrawn")
        now = backend.clock.now()
        tx.update(details, moderator_id=UserId(by.id))
        said: dict[str, object] = {"answer": why, "decided_at": now, "work_due": True}
        if outcome is ReportOutcome.ACCEPT:
            _accepted(family, by, now)
            return family.follow(by, now, status=ReportStatus.IN_PROGRESS, **said)
        for takedown in list(family.takedowns.values()):
            if not takedown.state.final:
                changes = (
                    states.withdrawn(takedown, now)
                    if takedown.state is TakedownState.PREPARED
                    else states.refused(takedown, own_app.LOOKED_AT, now)
                )
                family.change(takedown, changes, by, now)
        abusive = outcome is ReportOutcome.ABUSIVE
        if abusive:
            tx.put(_blamed(standing, asked.reporter_id, now))
        return family.follow(by, now, status=ReportStatus.REJECTED, abusive=abusive, **said)

    decided = backend.store.run(body)
    if decided.work_due:
        _follow_now(report_id, backend)
    return backend.store.get(Report, report_id) or decided


def _require_same(
    report: Report, details: ReportDetails, outcome: ReportOutcome, by: Actor
) -> None:
    """Raises: Conflict: it is not the call that decided it, repeated."""
    if outcome_of(report) is not outcome or details.moderator_id != by.id:
        raise Conflict("This report is decided already.", code="decided")


def outcome_of(report: Report) -> ReportOutcome | None:
    """What a moderator has said of it. Pure."""
    if report.decided_at is None:
        return None
    if report.status is not ReportStatus.REJECTED:
        return ReportOutcome.ACCEPT
    return ReportOutcome.ABUSIVE if report.abusive else ReportOutcome.REJECT


def _accepted(family: Family, by: Actor, now: datetime) -> None:
    """Nothing in this app waits any more; what had no statement is asked for from now on."""
    for takedown in list(family.takedowns.values()):
        if not takedown.is_own or takedown.state is TakedownState.REMOVED:
            continue
        start = states.requested(now) if takedown.state is TakedownState.PREPARED else {}
        changes = {**start, "waits_for_moderator": False, "updated_at": now}
        family.change(takedown, changes, by, now)


def _blamed(standing: ReporterStanding | None, reporter: UserId, now: datetime) -> ReporterStanding:
    known = standing.abusive if standing is not None else ()
    return ReporterStanding(
        id=reporter,
        at_once=_today(standing, now),
        abusive=(*known, now)[-50:],
        updated_at=now,
        expire_at=now + STANDING_RETENTION,
    )


# ---- Who the victim is


@dataclass(frozen=True, slots=True)
class Contact:
    """Opened for one senior moderator. Held in memory only."""

    name: str | None
    mail: str | None
    signature: str | None


def open_contact(report_id: str, by: Actor, backend: TakedownBackend) -> Contact:
    """Who the victim is and how to reach them. Leaves an audit entry before anything is given out.

    Raises:
        NotFound: there is no such report, or the caller is involved in it.
        Conflict: it cannot be opened any more.
        Unavailable: the key service does not answer.
    """
    report = backend.store.get(Report, report_id)
    details = backend.store.get_below(ReportDetails, report_id, ReportDetails.DETAILS_ID)
    if report is None or details is None:
        raise NotFound("There is no such report.")
    service.require_not_involved(report, by)
    found = Contact(
        name=service.opened(details.path, "victim_name", details.victim_name, backend),
        mail=service.opened(details.path, "victim_mail", details.victim_mail, backend),
        signature=service.opened(details.path, "signature", details.signature, backend),
    )

    def body(tx: Transaction) -> None:
        trail = Entry(tx, details.path)
        trail.write(AuditAction.SECRET_OPENED, by, backend.clock.now(), "contact")

    backend.store.run(body)
    return found


def evidence_of(paths: Sequence[str]) -> set[ReportId]:
    """Ids of the reports that these evidence files would belong to. Pure."""
    found = (_EVIDENCE_PATH.fullmatch(path) for path in paths)
    return {Report.id_for(UserId(each["uid"]), each["draft"]) for each in found if each}

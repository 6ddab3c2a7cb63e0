"""What people who report and moderators call about reports and takedowns; the schedule behind them.

Both read reports and takedowns from Firestore, under the rules.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from firebase_functions import scheduler_fn
from pydantic import Field

from media_integrity.schema.base import Moment
from media_integrity.schema.errors import Invalid
from media_integrity.schema.notifications import Language
from media_integrity.schema.reports import (
    MAX_EVIDENCE_FILES,
    MAX_MEDIA,
    OWN_APP,
    Capacity,
    Report,
    ReportKind,
    ReportOutcome,
    ReportPriority,
    ReportStatus,
    Takedown,
    TakedownChannel,
    TakedownState,
)

from . import logs, options
from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .failures import reported
from .rates import per_day, per_hour, per_minute

if TYPE_CHECKING:
    from media_integrity.reports.media import Place
    from media_integrity.takedowns.backend import TakedownBackend

log = logging.getLogger(__name__)

REPORT_TIMEOUT_S = 300
"""Twenty uploads are taken down one after the other, about a second each."""

_UNSEEN = "\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Characters that are not seen, or turn others round: in a letter they could make it look otherwise
than it was signed."""

ReportName = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
TakedownName = Annotated[str, Field(pattern=r"^[0-9a-f]{32}_[0-9]{1,2}$")]
DraftName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
UploadName = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PersonName = Annotated[str, Field(min_length=2, max_length=120, pattern=rf"^[^{_UNSEEN}]+$")]
_MAIL_PART = rf"[^@\s<>()\",;:{_UNSEEN}]+"
MailAddress = Annotated[
    str, Field(max_length=254, pattern=rf"^{_MAIL_PART}@{_MAIL_PART}\.[a-zA-Z0-9-]+$")
]
Answer = Annotated[str, Field(min_length=10, max_length=2000)]


# ---- For people who report


class MediaPlace(Request):
    """An address, or an upload of this app. Which platform it is the address says; ``own_app`` with
    an address that is not ours is refused."""

    platform: str | None = Field(None, max_length=80)
    url: str | None = Field(None, min_length=1, max_length=2048)
    job_id: UploadName | None = None


class VictimContact(Request):
    name: PersonName
    mail: MailAddress


class SignedStatement(Request):
    """Both declarations have to be made, in the words of docs/takedowns.md, and signed."""

    capacity: Capacity
    not_consensual: Literal[True]
    good_faith: Literal[True]
    signature: PersonName


class SubmitReport(Request):
    """``draftId``: made by the app, once for each report; evidence lies below it."""

    draft_id: DraftName
    kind: ReportKind
    concerns_minor: bool = False
    media: list[MediaPlace] = Field(min_length=1, max_length=MAX_MEDIA)
    description: str = Field("", max_length=4000)
    evidence_paths: list[Annotated[str, Field(max_length=400)]] = Field(
        default_factory=list, max_length=MAX_EVIDENCE_FILES
    )
    victim: VictimContact | None = None
    statement: SignedStatement | None = None


class ReportedTakedown(Response):
    takedown_id: str
    platform: str
    channel: TakedownChannel
    state: TakedownState
    due_at: Moment | None

    @classmethod
    def of(cls, takedown: Takedown) -> ReportedTakedown:
        return cls(
            takedown_id=takedown.id,
            platform=takedown.media.platform,
            channel=takedown.channel,
            state=takedown.state,
            due_at=takedown.due_at,
        )


class SubmittedReport(Response):
    report_id: str
    status: ReportStatus
    priority: ReportPriority
    duplicate: bool
    takedowns: list[ReportedTakedown]


@callable(
    role=Role.SIGNED_IN,
    request=SubmitReport,
    rate=(per_minute(5), per_day(30)),
    timeout_s=REPORT_TIMEOUT_S,
)
def submit_report(request: SubmitReport, caller: Caller) -> SubmittedReport:
    """Report abuse. Media of this app is taken down at once on a signed statement."""
    from media_integrity.reports import service

    from . import wiring

    victim, signed = request.victim, request.statement
    new = service.NewReport(
        draft=request.draft_id,
        kind=request.kind,
        places=tuple(_place(each) for each in request.media),
        concerns_minor=request.concerns_minor,
        description=request.description.strip(),
        evidence=tuple(dict.fromkeys(request.evidence_paths)),
        victim=service.Victim(victim.name.strip(), victim.mail) if victim is not None else None,
        signed=(
            service.Signed(signed.capacity, signed.signature.strip())
            if signed is not None
            else None
        ),
    )
    made = service.submit(new, caller.uid, wiring.takedown_backend())
    return SubmittedReport(
        report_id=made.report.id,
        status=made.report.status,
        priority=made.report.priority,
        duplicate=made.duplicate,
        takedowns=[ReportedTakedown.of(each) for each in made.takedowns],
    )


def _place(sent: MediaPlace) -> Place:
    from media_integrity.reports.media import Place

    if (sent.url is None) == (sent.job_id is None):
        raise Invalid("Send either url or jobId for each medium.")
    return Place(url=sent.url, job_id=sent.job_id, in_app=sent.platform == OWN_APP)


class NamedReport(Request):
    report_id: ReportName


class ReportState(Response):
    report_id: str
    status: ReportStatus

    @classmethod
    def of(cls, report: Report) -> ReportState:
        return cls(report_id=report.id, status=report.status)


@callable(role=Role.SIGNED_IN, request=NamedReport, rate=per_minute(10))
def withdraw_report(request: NamedReport, caller: Caller) -> ReportState:
    """Take a report of one's own back."""
    from media_integrity.reports import service

    from . import wiring

    withdrawn = service.withdraw(request.report_id, caller.uid, wiring.takedown_backend())
    return ReportState.of(withdrawn)


class CopyOfLetter(Request):
    takedown_id: TakedownName
    language: Language = Language.ENGLISH


class TakedownLetter(Response):
    subject: str
    text: str


@callable(role=Role.SIGNED_IN, request=CopyOfLetter, rate=per_minute(20))
def read_takedown_letter(request: CopyOfLetter, caller: Caller) -> TakedownLetter:
    """The letter about one's own report, to read, without what is kept encrypted."""
    from media_integrity.takedowns import service

    from . import wiring

    letter = service.read_copy(
        request.takedown_id, caller.uid, request.language, wiring.takedown_backend()
    )
    return TakedownLetter(subject=letter.subject, text=letter.text)


# ---- For moderators


class DecideReport(NamedReport):
    outcome: ReportOutcome
    why: Answer


@callable(
    role=Role.MODERATOR, request=DecideReport, rate=per_minute(30), timeout_s=REPORT_TIMEOUT_S
)
def decide_report(request: DecideReport, caller: Caller) -> ReportState:
    """Accept or reject a report. The reporter reads ``why``."""
    from media_integrity.reports import service

    from . import wiring

    decided = service.decide(
        request.report_id,
        request.outcome,
        request.why.strip(),
        caller.actor,
        wiring.takedown_backend(),
    )
    return ReportState.of(decided)


class VictimContactOpened(Response):
    name: str | None
    mail: str | None
    signature: str | None


@callable(role=Role.SENIOR_MODERATOR, request=NamedReport, rate=(per_minute(10), per_hour(60)))
def open_victim_contact(request: NamedReport, caller: Caller) -> VictimContactOpened:
    """Who the victim is and how to reach them. Each call leaves an audit entry."""
    from media_integrity.reports import service

    from . import wiring

    found = service.open_contact(request.report_id, caller.actor, wiring.takedown_backend())
    return VictimContactOpened(name=found.name, mail=found.mail, signature=found.signature)


class NamedTakedown(Request):
    takedown_id: TakedownName


class SentTakedown(Response):
    """``mailed``: it goes out as a mail; otherwise it is for the platform's form."""

    takedown_id: str
    due_at: Moment
    mailed: bool
    letter: TakedownLetter


@callable(role=Role.MODERATOR, request=NamedTakedown, rate=(per_minute(10), per_hour(120)))
def send_takedown(request: NamedTakedown, caller: Caller) -> SentTakedown:
    """Ask a platform for removal; the clock starts. Each call leaves an audit entry."""
    from media_integrity.takedowns import service

    from . import wiring

    sent = service.send(request.takedown_id, caller.actor, wiring.takedown_backend())
    return SentTakedown(
        takedown_id=request.takedown_id,
        due_at=sent.due_at,
        mailed=sent.mailed,
        letter=TakedownLetter(subject=sent.letter.subject, text=sent.letter.text),
    )


class RecordTakedownReply(NamedTakedown):
    state: TakedownState
    text: str = Field("", max_length=4000)


@callable(role=Role.MODERATOR, request=RecordTakedownReply, rate=per_minute(60))
def record_takedown_reply(request: RecordTakedownReply, caller: Caller) -> ReportedTakedown:
    """Write down what a platform has answered."""
    from media_integrity.takedowns import service

    from . import wiring

    return ReportedTakedown.of(
        service.record_reply(
            request.takedown_id,
            request.state,
            request.text.strip(),
            caller.actor,
            wiring.takedown_backend(),
        )
    )


# ---- The clock


@scheduler_fn.on_schedule(
    schedule=options.TAKEDOWNS_SCHEDULE,
    region=options.REGION,
    timeout_sec=options.TAKEDOWNS_TIMEOUT_S,
    memory=options.CALL_MEMORY,
)
def keep_takedowns(event: scheduler_fn.ScheduledEvent) -> None:
    """Alarms and breaches, interrupted work, copies counted, files that no report names."""
    logs.configure()
    from .wiring import takedown_backend

    with reported("takedowns not kept"):
        log.info("takedowns", extra=run_takedowns(takedown_backend()))


def run_takedowns(backend: TakedownBackend) -> dict[str, int]:
    """Every part once, and what each did. One that fails does not keep the others from running.

    Raises:
        RuntimeError: a part failed; the log says which and how.
    """
    from media_integrity.reports import upkeep
    from media_integrity.takedowns import clock

    parts: dict[str, Callable[[], int]] = {
        "finished": lambda: upkeep.finish_work(backend),
        "alarms": lambda: clock.run_clock(backend),
        "counted": lambda: clock.count_copies(backend),
        "dropped": lambda: upkeep.drop_drafts(backend),
    }
    done, failed = {}, []
    for name, part in parts.items():
        try:
            done[name] = part()
        except Exception:
            log.exception("part of keeping takedowns failed", extra={"part": name})
            failed.append(name)
    if failed:
        raise RuntimeError(f"takedowns not kept in part: {', '.join(failed)}")
    return done

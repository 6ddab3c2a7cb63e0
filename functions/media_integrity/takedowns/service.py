"""What moderators do with requests to other platforms: send the letter, write down the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.base import UserId
from media_integrity.schema.envelope import Envelope
from media_integrity.schema.errors import Conflict, Invalid, NotFound, Unavailable
from media_integrity.schema.notifications import Language
from media_integrity.schema.outbox import LETTER_RETENTION, Mail, MailMessage
from media_integrity.schema.reports import (
    Report,
    ReportDetails,
    ReportStatus,
    SentLetter,
    Takedown,
    TakedownState,
)
from media_integrity.sealing.envelopes import CannotOpen, unseal_text

from . import states
from .backend import TakedownBackend
from .family import Family
from .letters import Letter, Requester, copy_for, letter_for

ONCE_MORE = timedelta(minutes=15)
"""For so long the one who sent a letter may be given it again: the answer to their call may have
been lost, and the clock runs for a letter that nobody has."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter, for the one who sends it. Held in memory only."""

    letter: Letter
    mailed: bool
    """It goes out as a mail; otherwise the moderator puts it into the platform's form."""
    due_at: datetime


def send(takedown_id: str, by: Actor, backend: TakedownBackend) -> Sent:
    """Ask a platform for removal: the clock starts, and the letter is given out.

    What the letter says of the requester is opened for it, which leaves an audit entry.

    Raises:
        NotFound: there is no such request, or it is about the caller's own upload.
        Invalid: it is about media of this app.
        Conflict: the report is not accepted, it was sent before, or what it needs is missing.
        Unavailable: the key service does not answer.
    """
    takedown, report, details = _read(takedown_id, by, backend)
    if takedown.is_own:
        raise Invalid("Media of this app is taken down by deciding the report.", code="own_app")
    requester = None
    if report.statement is not None:
        requester = opened_requester(details, backend)
    letter = letter_for(takedown, report, requester)
    address = backend.mails.get(takedown.media.platform)

    def body(tx: Transaction) -> Sent:
        family = Family.read(tx, report.id, takedown.path)
        private = tx.get_below(ReportDetails, report.id, ReportDetails.DETAILS_ID)
        opening = Entry(tx, details.path)
        current = family.takedowns.get(takedown_id) if family is not None else None
        if family is None or current is None or private is None:
            raise NotFound("There is no such request.")
        now = backend.clock.now()
        again = _may_have_again(current, private, by, now)
        if not again:
            _require_sendable(current, family.report)
            current = family.change(current, states.requested(now), by, now)
            tx.update(private, letters=(*private.letters, _sent_by(takedown_id, by, now)))
            if address is not None:
                tx.create(_mail(current, letter, address, now))
        opening.write(AuditAction.SECRET_OPENED, by, now, f"letter of {takedown_id}")
        family.follow(by, now)
        assert current.due_at is not None
        return Sent(letter, address is not None, current.due_at)

    return backend.store.run(body)


def _sent_by(takedown_id: str, by: Actor, now: datetime) -> SentLetter:
    return SentLetter(takedown_id=takedown_id, by=UserId(by.id), at=now)


def _may_have_again(takedown: Takedown, details: ReportDetails, by: Actor, now: datetime) -> bool:
    return takedown.state is not TakedownState.PREPARED and any(
        each.takedown_id == takedown.id and each.by == by.id and now - each.at <= ONCE_MORE
        for each in details.letters
    )


def _require_sendable(takedown: Takedown, report: Report) -> None:
    if takedown.state is not TakedownState.PREPARED:
        raise Conflict("This letter was sent before.", code="already_sent")
    if report.status is not ReportStatus.IN_PROGRESS:
        raise Conflict(
            "Decide the report first: letters are sent for reports that were accepted.",
            code="not_accepted",
        )


def _mail(takedown: Takedown, letter: Letter, address: str, now: datetime) -> Mail:
    return Mail(
        id=f"{takedown.id}_letter",
        to=(address,),
        message=MailMessage(subject=letter.subject, text=letter.text),
        created_at=now,
        expire_at=now + LETTER_RETENTION,
    )


def record_reply(
    takedown_id: str, answer: TakedownState, text: str, by: Actor, backend: TakedownBackend
) -> Takedown:
    """Write down what a platform has answered, also when it comes late. Saying the same twice in a
    row changes nothing.

    Raises:
        NotFound: there is no such request, or it is about the caller's own upload.
        Invalid: it is about media of this app, or no platform answers that.
        Conflict: nothing was asked yet, or it is removed.
    """
    takedown, report, _ = _read(takedown_id, by, backend)
    if takedown.is_own:
        raise Invalid("Media of this app is taken down by deciding the report.", code="own_app")
    if answer not in states.ANSWERS:
        raise Invalid("An answer is: acknowledged, removed or refused.", code="no_answer")

    def body(tx: Transaction) -> Takedown:
        family = Family.read(tx, report.id, takedown.path)
        current = family.takedowns.get(takedown_id) if family is not None else None
        if family is None or current is None:
            raise NotFound("There is no such request.")
        if _said(current, answer, text):
            return current
        now = backend.clock.now()
        changed = family.change(current, states.answered(current, answer, text, now), by, now)
        family.follow(by, now)
        return changed

    return backend.store.run(body)


def _said(takedown: Takedown, answer: TakedownState, text: str) -> bool:
    if not takedown.replies:
        return False
    last = takedown.replies[-1]
    after = states.AFTER_REPLY.get(takedown.state, {}).get(answer)
    if after is None and answer is takedown.state:
        after = answer
    return last.text == text and after is last.state


def read_copy(
    takedown_id: str, reporter: UserId, language: Language, backend: TakedownBackend
) -> Letter:
    """The letter for the one who reports to read, in their language, without what is encrypted.

    Raises:
        NotFound: there is no such request, or it is somebody else's.
        Invalid: there is no letter, as the media is in this app.
    """
    takedown = backend.store.get(Takedown, takedown_id)
    report = backend.store.get(Report, takedown.report_id) if takedown is not None else None
    if takedown is None or report is None or report.reporter_id != reporter:
        raise NotFound("There is no such request.")
    if takedown.is_own:
        raise Invalid("This media is in our app: nobody had to be written to.", code="own_app")
    return copy_for(takedown, report, language)


def opened_requester(details: ReportDetails, backend: TakedownBackend) -> Requester:
    """Who asks, opened. The caller writes the audit entry before anybody is given it.

    Raises:
        Conflict: the report does not say who asks, or it cannot be opened any more.
        Unavailable: the key service does not answer.
    """
    sealed = (
        ("victim_name", details.victim_name),
        ("victim_mail", details.victim_mail),
        ("signature", details.signature),
    )
    name, mail, signature = (opened(details.path, field, held, backend) for field, held in sealed)
    if name is None or mail is None or signature is None:
        raise Conflict(
            "The report does not say who asks and how to reach them, so no letter can be sent.",
            code="requester_unknown",
        )
    return Requester(name, mail, signature)


def opened(path: str, field: str, held: Envelope | None, backend: TakedownBackend) -> str | None:
    """One sealed field; None if there is none.

    Raises:
        Conflict: it cannot be opened any more.
        Unavailable: the key service does not answer.
    """
    if held is None:
        return None
    try:
        return unseal_text(held, path, field, backend.keys)
    except CannotOpen as error:
        raise Conflict(
            "What the person wrote down cannot be opened any more.", code="cannot_open"
        ) from error
    except KeysUnreachable as error:
        raise Unavailable(
            "The key service does not answer. Try again in a few minutes.", code="keys"
        ) from error


def _read(
    takedown_id: str, by: Actor, backend: TakedownBackend
) -> tuple[Takedown, Report, ReportDetails]:
    """Raises: NotFound."""
    takedown = backend.store.get(Takedown, takedown_id)
    report = backend.store.get(Report, takedown.report_id) if takedown is not None else None
    details = (
        backend.store.get_below(ReportDetails, report.id, ReportDetails.DETAILS_ID)
        if report is not None
        else None
    )
    if takedown is None or report is None or details is None:
        raise NotFound("There is no such request.")
    require_not_involved(report, by)
    return takedown, report, details


def require_not_involved(report: Report, by: Actor) -> None:
    """Nobody works on a report of their own, or learns of one about their own upload.

    Raises:
        NotFound: the caller reported, or is reported.
    """
    if by.id in {report.reporter_id, report.uploader_id}:
        raise NotFound("There is no such report.")

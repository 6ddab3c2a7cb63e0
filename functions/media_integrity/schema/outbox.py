"""Effects outside Firestore, written down in the transaction that causes them and delivered later.

An entry's id is made from its cause, so that a transaction that runs again writes the same entry,
and the receiver gets the id as its idempotency key.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from .base import CaseId, Document, Moment, UserId, Value, days, personal
from .consent import ConsentRequestId
from .enforcement import Restriction
from .enums import Action, DetectionMethod, Violation
from .notifications import Language, NotificationKind
from .reports import ReportId
from .scans import Lease
from .shields import ShieldId
from .statistics import Counter

MAX_DELIVERY_TRIES = 12
DELIVERED_RETENTION = days(7)
MAIL_RETENTION = days(30)
LETTER_RETENTION = days(3)
"""A letter names the person who asks: it goes as soon as the extension has had time to retry."""


class NotifyEffect(Value):
    """Tell a person, in the app and, where they allow it, by push and mail."""

    kind: Literal["notify"] = "notify"
    user_id: UserId = Field(json_schema_extra=personal("who is told", keep=DELIVERED_RETENTION))
    notification: NotificationKind
    case_id: CaseId | None = None
    consent_request_id: ConsentRequestId | None = None
    shield_id: ShieldId | None = None
    report_id: ReportId | None = None


class RestrictEffect(Value):
    """Bring an account's restrictions into its custom claims and end its sessions.

    ``restrictions`` are all that are in force afterwards; an empty tuple lifts them.
    """

    kind: Literal["restrict"] = "restrict"
    user_id: UserId = Field(json_schema_extra=personal("whose account", keep=DELIVERED_RETENTION))
    restrictions: tuple[Restriction, ...] = ()


class EscalateEffect(Value):
    """Call moderators to a case now."""

    kind: Literal["escalate"] = "escalate"
    case_id: CaseId
    violation: Violation | None = None


class OutsideReportEffect(Value):
    """Report a case to an authority or exchange. Two moderators have confirmed it."""

    kind: Literal["outside_report"] = "outside_report"
    case_id: CaseId
    destination: str = Field(min_length=1, max_length=80)


class CountEffect(Value):
    """Count a verdict in the day's statistics."""

    kind: Literal["count"] = "count"
    action: Action | None = Field(None, description="none: the upload was refused")
    violations: tuple[Violation, ...] = ()
    failures: tuple[DetectionMethod, ...] = ()


class TallyEffect(Value):
    """Count in the day's statistics what people did: one of each that is named."""

    kind: Literal["tally"] = "tally"
    counters: tuple[Counter, ...] = ()
    false_positives: tuple[DetectionMethod, ...] = Field(
        (), description="on which a verdict rested that was overturned"
    )


Effect = Annotated[
    NotifyEffect
    | RestrictEffect
    | EscalateEffect
    | OutsideReportEffect
    | CountEffect
    | TallyEffect,
    Field(discriminator="kind"),
]


class OutboxState(StrEnum):
    """Life of an effect."""

    PENDING = "pending"  # waits for ``next_try_at``
    DELIVERED = "delivered"  # nothing is left to do; ``last_error`` may say what was left out
    DEAD = "dead"  # out of tries, or nothing can deliver it; an operator is alarmed


class Channel(StrEnum):
    """A way to tell a person something."""

    IN_APP = "in_app"
    MAIL = "mail"
    PUSH = "push"


MAX_PUSHED = 100
"""More phones than an account may have, as phones come and go between tries."""


class OutboxEntry(Document):
    """One effect to deliver.

    Id: ``{id of its cause}_{effect}``. Read by no client; written by the functions only. Expires 7
    days after delivery; a dead one stays until an operator has dealt with it.
    """

    collection: ClassVar[str] = "outbox"

    effect: Effect
    state: OutboxState = OutboxState.PENDING
    tries: int = Field(0, ge=0, le=MAX_DELIVERY_TRIES)
    next_try_at: Moment | None = Field(None, description="none once it is not pending")
    lease: Lease | None = None
    last_error: str | None = Field(None, max_length=200, description="a code, no personal data")
    reached: tuple[Channel, ...] = Field((), description="of a notification: done, not to repeat")
    pushed_to: tuple[str, ...] = Field(
        (), max_length=MAX_PUSHED, description="ids of push tokens that need no push any more"
    )
    created_at: Moment
    delivered_at: Moment | None = None
    expire_at: Moment | None = Field(None, description="Firestore TTL; set on delivery")

    @model_validator(mode="after")
    def _state_agrees_with_the_times(self) -> OutboxEntry:
        if (self.state is OutboxState.PENDING) != (self.next_try_at is not None):
            raise ValueError("a pending effect has a next try, and no other")
        if (self.state is OutboxState.DELIVERED) != (self.delivered_at is not None):
            raise ValueError("a delivered effect says when, and no other")
        return self


class MailData(Value):
    """What a mail template is filled in with: links into the app, no names, no media."""

    language: Language
    app_url: str = Field(max_length=2048)
    case_id: CaseId | None = None
    report_id: ReportId | None = None


class MailTemplate(Value):
    """Which template the mail extension renders, and with what."""

    name: str = Field(min_length=1, max_length=80)
    data: MailData


def _absent(value: object) -> bool:
    return value is None


class MailMessage(Value):
    """A mail's own words, where it is filled in from no template: a letter to a platform."""

    subject: str = Field(min_length=1, max_length=200)
    text: str = Field(
        min_length=1,
        max_length=20_000,
        json_schema_extra=personal("what is asked of a platform", keep=LETTER_RETENTION),
    )


class MailText(Document):
    """The words of one mail, as the mail extension looks them up by ``MailTemplate.name``.

    Id: ``{notification}_{language}``. Read by no client; written by the functions from their own
    texts. In the shape of the extension's templates collection: Handlebars, filled in with
    ``MailData``.
    """

    collection: ClassVar[str] = "mail_templates"

    subject: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=5000)


class MailDeliveryState(StrEnum):
    """The mail extension's states."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    RETRY = "RETRY"
    SUCCESS = "SUCCESS"
    ERROR = "ERROR"


class MailDelivery(Value):
    """What the mail extension writes back. Its ``info`` (addresses) is not read."""

    state: MailDeliveryState
    attempts: int = Field(0, ge=0)
    start_time: Moment | None = None
    end_time: Moment | None = None
    lease_expire_time: Moment | None = None
    error: str | None = None


class Mail(Document):
    """One mail, in the shape of the Firebase extension "Trigger Email from Firestore".

    Id: that of the outbox entry that made it. Read by no client; written by the functions, and
    ``delivery`` by the extension. It names accounts (``to_uids``), whose addresses the extension
    looks up; an address stands here only for somebody without an account. Expires after 30 days, a
    letter to a platform after 3.
    Source of the shape: the extension's documentation, "Use this extension".
    """

    collection: ClassVar[str] = "mail"

    to_uids: tuple[UserId, ...] = Field(
        (), json_schema_extra=personal("who gets the mail", keep=MAIL_RETENTION)
    )
    to: tuple[str, ...] = Field(
        (), json_schema_extra=personal("address without an account", keep=MAIL_RETENTION)
    )
    # The extension takes no null for these two: what is not there is not stored.
    template: MailTemplate | None = Field(None, exclude_if=_absent)
    message: MailMessage | None = Field(None, exclude_if=_absent)
    delivery: MailDelivery | None = None
    created_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Mail:
        if (self.template is None) == (self.message is None):
            raise ValueError("a mail has a template or words of its own")
        return self

    @model_validator(mode="after")
    def _goes_to_somebody(self) -> Mail:
        if not self.to_uids and not self.to:
            raise ValueError("a mail to nobody")
        return self

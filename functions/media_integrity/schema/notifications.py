"""What people are told inside the app."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from .base import CaseId, Document, Moment, UserId, Value, days, personal
from .consent import ConsentRequestId
from .reports import ReportId
from .shields import ShieldId

NOTIFICATION_RETENTION = days(90)
TOKEN_RETENTION = days(270)
"""A phone whose app was not opened for so long gets no push any more: FCM lets tokens expire then.
Source: Firebase documentation, "Best practices for FCM registration token management"."""

MINUTES_OF_A_DAY = 24 * 60

LanguageTag = Annotated[
    str, Field(max_length=35, pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}$")
]
"""What a phone calls its language: ``de``, ``de-AT``, ``zh_Hant_TW`` (BCP 47, loosely)."""


class Language(StrEnum):
    """Languages of every text for users, ISO 639-1."""

    ENGLISH = "en"
    SPANISH = "es"
    GERMAN = "de"
    FRENCH = "fr"
    POLISH = "pl"
    ARABIC = "ar"


class NotificationKind(StrEnum):
    """What a notification says. The words are in a template for each language."""

    # to a shielded person
    SHIELD_MEDIA_HELD = "shield_media_held"  # somebody uploaded what may show you; nobody saw it
    SHIELD_MEDIA_BLOCKED = "shield_media_blocked"
    SHIELD_RESCAN_FOUND = "shield_rescan_found"  # found among what was published before
    SHIELD_DISPUTED = "shield_disputed"  # another shield covers the same face
    # to a person who is asked for consent, and to the one who asks
    CONSENT_REQUESTED = "consent_requested"
    CONSENT_CONFIRMED = "consent_confirmed"
    CONSENT_REFUSED = "consent_refused"
    CONSENT_EXPIRED = "consent_expired"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    # to an uploader
    UPLOAD_HELD = "upload_held"
    UPLOAD_BLOCKED = "upload_blocked"
    UPLOAD_RELEASED = "upload_released"  # a moderator let it through
    UPLOAD_UNPUBLISHED = "upload_unpublished"
    APPEAL_RECEIVED = "appeal_received"
    APPEAL_DECIDED = "appeal_decided"
    RESTRICTION_SET = "restriction_set"
    RESTRICTION_LIFTED = "restriction_lifted"
    # to a reporter
    REPORT_RECEIVED = "report_received"
    REPORT_CHANGED = "report_changed"
    TAKEDOWN_CHANGED = "takedown_changed"


class Notification(Document):
    """One thing that one person is told.

    Id: that of the outbox entry that made it, so it arrives once. Read by the person; written by
    the functions, but for ``read_at``, which the person sets once, to the server's time. Holds no
    media, no text and no name, only what to look up under the reader's own rights. Expires after
    90 days.
    """

    collection: ClassVar[str] = "victim_notifications"

    user_id: UserId = Field(json_schema_extra=personal("who is told", keep=NOTIFICATION_RETENTION))
    kind: NotificationKind
    case_id: CaseId | None = None
    consent_request_id: ConsentRequestId | None = None
    shield_id: ShieldId | None = None
    report_id: ReportId | None = None
    created_at: Moment
    read_at: Moment | None = None
    expire_at: Moment = Field(description="Firestore TTL")


class QuietHours(Value):
    """When no push is to come, by the wall clock where the person is, every day.

    From the minute ``start`` to before the minute ``end``, over midnight if ``end`` is the earlier.
    """

    start: int = Field(ge=0, lt=MINUTES_OF_A_DAY, description="minutes after midnight")
    end: int = Field(ge=0, lt=MINUTES_OF_A_DAY, description="minutes after midnight")
    zone: str = Field(
        max_length=64,
        pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}$",
        description="IANA time zone",
        json_schema_extra=personal("when the person sleeps", keep=None),
    )

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours end at another minute than they begin")
        return self


class NotificationSettings(Document):
    """How a person wants to be told. Without it: push and mail at any hour.

    Id: the account's. Read by its holder; written by a function on the holder's word. Kept as long
    as the account. The in-app notification always comes.
    """

    collection: ClassVar[str] = "notification_settings"

    language: LanguageTag | None = Field(None, description="none: the phone's own")
    push: bool = True
    mail: bool = True
    quiet: QuietHours | None = None
    urgent_always: bool = Field(
        False, description="what concerns the person's protection comes in quiet hours too"
    )
    updated_at: Moment


class Platform(StrEnum):
    """What a push token is for."""

    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


class PushToken(Document):
    """One installation of the app that gets an account's pushes.

    Id: SHA-256 of the token, so that a phone belongs to the account that signed in on it last and
    to no other. Read by no client; written by the functions only. Expires 270 days after the app
    was last opened.
    """

    collection: ClassVar[str] = "push_tokens"

    user_id: UserId = Field(json_schema_extra=personal("whose phone", keep=TOKEN_RETENTION))
    token: str = Field(
        min_length=1,
        max_length=4096,
        json_schema_extra=personal("address of the installation", keep=TOKEN_RETENTION),
    )
    platform: Platform
    language: LanguageTag | None = None
    registered_at: Moment = Field(description="last time that the app said so")
    expire_at: Moment = Field(description="Firestore TTL")

    @staticmethod
    def id_for(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

"""What people are told inside the app."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from .base import CaseId, Document, Moment, UserId, days, personal
from .consent import ConsentRequestId
from .reports import ReportId
from .shields import ShieldId

NOTIFICATION_RETENTION = days(90)


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

"""Who may upload at all, asked before an upload is looked at.

``storage.rules`` turn restricted accounts away by a claim on their token, which may be up to an
hour old and need not be there; this looks at the record itself. Devices are refused here alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.notifications.effects import CLOSES_UPLOADS
from media_integrity.schema.base import UserId
from media_integrity.schema.enforcement import (
    BlockedThing,
    DeviceBlock,
    EnforcementRecord,
    Restriction,
    RestrictionKind,
    UploadOrigin,
)
from media_integrity.schema.scans import Refusal, ScanJob

from .ladder import in_force

RESTRICTED = "uploads_restricted"
DEVICE_BLOCKED = "device_blocked"


@dataclass(frozen=True, slots=True)
class Closed:
    """Why somebody may not upload, in words for them."""

    code: str
    text: str
    until: datetime | None = None


class Standing:
    """The ``Admission`` that looks at accounts' records and blocked devices."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def refusal(self, job: ScanJob) -> Refusal | None:
        """See ``scanning.consequences``."""
        origin = UploadOrigin.id_for(job.uploader_id, job.upload_id)
        known = self._store.get(UploadOrigin, origin) if job.upload_id else None
        closed = self.closed(job.uploader_id, known.device_hash if known is not None else None)
        return Refusal(code=closed.code, text=closed.text) if closed is not None else None

    def closed(self, user: UserId, device_hash: str | None) -> Closed | None:
        """Why this account may not upload from this device now; None if it may."""
        now = self._clock.now()
        record = self._store.get(EnforcementRecord, user)
        for each in record.restrictions if record is not None else ():
            if each.kind in CLOSES_UPLOADS and in_force(each, now):
                return Closed(RESTRICTED, text_of(each), each.until)
        block = self._store.get(DeviceBlock, device_hash) if device_hash is not None else None
        if block is not None and block.kind is BlockedThing.DEVICE and acts(block, now):
            return Closed(DEVICE_BLOCKED, FROM_DEVICE, block.until)
        return None


def acts(block: DeviceBlock, now: datetime) -> bool:
    """Whether a block is in force. Pure."""
    return block.active and (block.until is None or now < block.until)


FROM_DEVICE = (
    "Uploads from this device are closed, because of earlier uploads from it. Nobody has seen this "
    "file, and it is deleted. If the device was somebody else's before, write to us: a person will "
    "look at it."
)


def text_of(restriction: Restriction) -> str:
    """What is closed and what can be done, for the account's holder. Pure."""
    gone = "Nobody has seen this file, and it is deleted."
    if restriction.kind is RestrictionKind.ACCOUNT:
        return (
            f"Your account is closed because of an earlier upload. {gone} You were told which one "
            "and why; if you think that we are wrong, write to us."
        )
    if restriction.provisional:
        return (
            "Uploads are closed for your account until a moderator has looked at what our "
            f"automatic checks found in earlier ones. {gone} You need not do anything; where a "
            "decision can be appealed, its page in the app says how."
        )
    if restriction.until is not None:
        return (
            f"Uploads are closed for your account until {restriction.until:%d %B %Y, %H:%M} UTC, "
            f"because several earlier ones were blocked. {gone} They open again by themselves."
        )
    return (
        "Uploads are closed for your account, because several earlier ones were blocked. "
        f"{gone} Where such a decision can be appealed, its page in the app says how; if the "
        "appeal succeeds, uploads open again."
    )

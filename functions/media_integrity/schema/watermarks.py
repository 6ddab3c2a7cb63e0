"""The covert marks in published media, and where they lead."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .base import Document, JobId, Moment, UserId, days, personal
from .hashes import PdqView

WATERMARK_RETENTION = days(3 * 365)


class MediaWatermark(Document):
    """One mark, and the publication it was made for.

    Id: the mark's payload in hexadecimal, so a decoded mark is one look-up away. Read by
    moderators; written by the functions only. Expires 3 years after publication.
    """

    collection: ClassVar[str] = "media_watermarks"

    job_id: JobId
    uploader_id: UserId = Field(
        json_schema_extra=personal("to whom a leaked copy leads", keep=WATERMARK_RETENTION)
    )
    device_hash: str | None = Field(
        None,
        max_length=128,
        json_schema_extra=personal("keyed hash of the device", keep=WATERMARK_RETENTION),
    )
    scheme: str = Field(min_length=1, max_length=40, description="how the mark is embedded")
    key_version: str = Field(min_length=1, max_length=512)
    views: tuple[PdqView, ...] = Field((), description="second way home: a look-up by PDQ")
    published_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

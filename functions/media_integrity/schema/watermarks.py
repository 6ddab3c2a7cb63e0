"""The covert marks in published media, and where they lead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from .base import Document, JobId, Moment, Sha256Hex, UserId, days, personal
from .hashes import PdqView

WATERMARK_RETENTION = days(3 * 365)

NO_SCHEME = "none"
"""``scheme`` of what is published without a mark: it leads back by PDQ and SHA-256 alone."""

MAX_VIEWS = 8
"""Of a film or an animation, that are looked up by PDQ."""

BAND_DIGITS = 5
"""20 bits of a PDQ hash. Of hashes that differ in at most 11 bits, one of twelve is always the
same; of 20 bits 93 % of pairs have one in common, of 31 bits 63 %."""
BANDS = 12


def bands_of(views: Iterable[PdqView]) -> tuple[str, ...]:
    """What a look-up by PDQ goes by: parts of each hash, with the place they come from. Pure."""
    return tuple(
        dict.fromkeys(
            f"{band:x}{view.pdq[band * BAND_DIGITS : (band + 1) * BAND_DIGITS]}"
            for view in views
            for band in range(BANDS)
        )
    )


class MediaWatermark(Document):
    """One mark, and the publication it was made for.

    Id: the mark's payload in hexadecimal, so a decoded mark is one look-up away. Read by
    moderators; written by the functions only. Expires 3 years after it was published last,
    taken down meanwhile or not.
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
    scheme: str = Field(
        min_length=1, max_length=40, description="how the mark is embedded; ``none``: it is not"
    )
    key_version: str = Field(min_length=1, max_length=512)
    views: tuple[PdqView, ...] = Field((), description="second way home: a look-up by PDQ")
    bands: tuple[str, ...] = Field(
        (), max_length=BANDS * MAX_VIEWS, description="of the views' hashes, for the look-up"
    )
    sha256: Sha256Hex | None = Field(None, description="third: of the published file itself")
    published_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

"""What moderators call to find out where a leaked copy comes from."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from firebase_functions.options import MemoryOption
from pydantic import Field

from media_integrity.schema.base import JobId, Moment, UserId
from media_integrity.schema.errors import Invalid
from media_integrity.schema.watermarks import NO_SCHEME

from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .rates import per_day, per_minute

MAX_PICTURE = 8 << 20
"""Bytes of a picture that is sent to be traced."""

TIMEOUT_S = 180
"""A picture without a mark is looked through in all sizes and all eight ways to turn it over."""


class TraceMedia(Request):
    """One of: a picture (base64); the SHA-256 of a file, for films and sounds."""

    picture: str | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class TracedPublication(Response):
    """A publication that the copy may have been taken from. ``way``: mark, file or pdq.

    ``confidence``: of a mark, at least how probable it is that it was not read by chance, 0..1.
    ``distance``: of PDQ, bits of 256 that differ. ``marked``: its published copy carries a mark.
    """

    way: str
    mark_id: str
    job_id: JobId
    uploader_id: UserId
    device_hash: str | None
    published_at: Moment
    marked: bool
    confidence: float | None
    distance: int | None


class TracedMedia(Response):
    """``unknown_mark``: a mark was read that leads nowhere any more. ``complete``: false where more
    records look somewhat alike than were compared."""

    candidates: list[TracedPublication]
    unknown_mark: bool
    complete: bool


@callable(
    role=Role.MODERATOR,
    request=TraceMedia,
    rate=(per_minute(10), per_day(300)),
    max_bytes=MAX_PICTURE * 4 // 3 + 1024,
    memory=MemoryOption.GB_1,
    timeout_s=TIMEOUT_S,
    concurrency=2,
)
def trace_media(request: TraceMedia, caller: Caller) -> TracedMedia:
    """Which publication a picture or file was taken from: by its mark, its bytes, its looks."""
    from media_integrity.watermarks import tracing

    from . import wiring

    if (request.picture is None) == (request.sha256 is None):
        raise Invalid("Send one of picture and sha256.")
    found = tracing.trace(
        caller.actor,
        wiring.tracer(),
        picture=None if request.picture is None else _decoded(request.picture),
        sha256=request.sha256,
    )
    return TracedMedia(
        candidates=[
            TracedPublication(
                way=each.way.value,
                mark_id=each.record.id,
                job_id=each.record.job_id,
                uploader_id=each.record.uploader_id,
                device_hash=each.record.device_hash,
                published_at=each.record.published_at,
                marked=each.record.scheme != NO_SCHEME,
                confidence=each.confidence,
                distance=each.distance,
            )
            for each in found.candidates
        ],
        unknown_mark=found.unknown_mark,
        complete=found.complete,
    )


def _decoded(picture: str) -> bytes:
    try:
        return base64.b64decode(picture, validate=True)
    except binascii.Error as error:
        raise Invalid("picture is not base64.") from error

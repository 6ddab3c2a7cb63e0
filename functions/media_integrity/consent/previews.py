"""The blurred picture that comes with a request; nothing can be recognised (``media.preview``).

It is there so that the one who is asked can tell which of several pictures is meant. Deleted when
the request is closed, and in any case some time after it ran out.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta

from media_integrity.cloud.storage import ObjectGone, TooLarge
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_media
from media_integrity.media.preview import blurred_preview
from media_integrity.media.types import Image
from media_integrity.scanning.moving import source_of
from media_integrity.schema.base import UserId
from media_integrity.schema.consent import ConsentRequest, ConsentRequestId
from media_integrity.schema.errors import Conflict
from media_integrity.schema.scans import ScanJob

from .backend import ConsentBackend

log = logging.getLogger(__name__)

PREVIEWS = "consent/"
MAX_BYTES = 40_000
LEFT_OVER = timedelta(days=1)


def path_for(request: ConsentRequestId, subject: UserId | None) -> str:
    """Where a preview lies: an account reads what is below its own name; a link's, nobody."""
    return f"{PREVIEWS}{f'people/{subject}' if subject else 'links'}/{request}.jpg"


def make_preview(job: ScanJob, backend: ConsentBackend) -> bytes | None:
    """A blurred JPEG of what was uploaded; None where it is more than we open.

    Raises:
        Conflict: it is not there any more, or cannot be opened. Code ``gone``.
    """
    source = source_of(job, backend.scanning)
    limits = backend.policy.limits
    try:
        if source is None:
            raise ObjectGone
        content = backend.scanning.objects.read(source, max_bytes=limits.max_bytes)
        opened = open_media(content, limits.media)
    except TooMuchToCheck:
        return None
    except (ObjectGone, TooLarge, Refused) as error:
        raise Conflict(
            "The uploaded file is not there any more. Upload it again.", code="gone"
        ) from error
    if not isinstance(opened, Image):
        raise Conflict("There is nobody to be seen in it.", code="nobody_shown")
    return blurred_preview(opened)


def put_preview(request: ConsentRequest, preview: bytes, backend: ConsentBackend) -> None:
    """Write the preview of a request, unless it is there or the request has none."""
    if request.preview_path is None:
        return
    objects = backend.scanning.objects
    if objects.stat(backend.bucket, request.preview_path) is None:
        objects.write(
            backend.bucket,
            request.preview_path,
            preview,
            content_type="image/jpeg",
            metadata={"jobId": request.job_id},
        )


def read_preview(request: ConsentRequest, backend: ConsentBackend) -> bytes | None:
    """The preview of a request; None if it is gone."""
    if request.preview_path is None:
        return None
    stored = backend.scanning.objects.stat(backend.bucket, request.preview_path)
    if stored is None:
        return None
    with suppress(ObjectGone, TooLarge):
        return backend.scanning.objects.read(stored, max_bytes=MAX_BYTES)
    return None


def drop_preview(request: ConsentRequest, backend: ConsentBackend) -> None:
    """Delete the preview of a closed request. If that fails, ``sweep_previews`` does it."""
    if request.preview_path is None:
        return
    objects = backend.scanning.objects
    try:
        stored = objects.stat(backend.bucket, request.preview_path)
        if stored is not None:
            objects.delete(stored)
    except Exception as error:  # noqa: BLE001  the answer stands, and it goes with age
        log.warning(
            "preview not deleted",
            extra={"request": request.id, "error_type": type(error).__name__},
        )


def sweep_previews(backend: ConsentBackend) -> int:
    """Delete previews that no open request can need any more; how many."""
    until = backend.scanning.clock.now() - backend.answer_within - LEFT_OVER
    swept = 0
    for stored in backend.scanning.objects.list(backend.bucket, PREVIEWS):
        if stored.created_at < until:
            backend.scanning.objects.delete(stored)
            swept += 1
    return swept

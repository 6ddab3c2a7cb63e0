"""What publication asks for: the marked copy of an upload, and the record that it leads back to.

The record is written before anybody can see the copy, so no mark is ever found that leads nowhere.
Everything follows from the job's id and the key: a worker that repeats what another died over makes
the same bytes and the same record.

A mark is worth less than an upload. Where there is no key, or the file cannot be marked, the upload
is published as it came but for where it was made (``media.position``), and its record leads back by
PDQ and SHA-256 alone.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store, Transaction
from media_integrity.cloud.keys import KeyRefused, KeysUnreachable, KeyWrapper
from media_integrity.media import position
from media_integrity.media.limits import Limits
from media_integrity.schema.base import JobId, Sha256Hex, UserId
from media_integrity.schema.enforcement import UploadOrigin
from media_integrity.schema.findings import AiOrigin
from media_integrity.schema.hashes import PdqView
from media_integrity.schema.watermarks import (
    MAX_VIEWS,
    NO_SCHEME,
    WATERMARK_RETENTION,
    MediaWatermark,
    bands_of,
)

from .carriers import SCHEME
from .files import MARKABLE, Unmarked, marked_copy
from .keys import MarkKey, MarkKeys

log = logging.getLogger(__name__)

MIN_QUALITY = 50
"""Of a PDQ hash that is looked up; as the policy's ``bank_match.min_quality``."""
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Publication:
    """An upload that is about to be published."""

    job_id: JobId
    uploader_id: UserId
    upload_id: str
    sha256: Sha256Hex
    content_type: str
    views: tuple[PdqView, ...]
    ai_origin: AiOrigin = AiOrigin.NONE


@dataclass(frozen=True, slots=True)
class Copy:
    """What is published instead of the upload."""

    content: bytes
    marked: bool


class Watermarks:
    """Makes marks and their records."""

    def __init__(self, store: Store, wrapper: KeyWrapper, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.keys = MarkKeys(store, wrapper, clock)

    def publish(self, publication: Publication, content: bytes, limits: Limits) -> Copy | None:
        """The copy to be published instead of ``content``; None: publish it as it is.

        Writes the record. Safe to repeat.
        """
        try:
            key = self.keys.key
        except (KeysUnreachable, KeyRefused) as error:
            log.error(
                "published without a mark: no key; set TEMPLATE_KMS_KEY, see docs/watermarks.md",
                extra={"job": publication.job_id, "error_type": type(error).__name__},
            )
            return _unplaced(content, publication, limits)
        payload = self._payload(publication.job_id, key)
        copy = _marked(content, payload, publication, key)
        copy = copy or _unplaced(content, publication, limits)
        digest = publication.sha256 if copy is None else hashlib.sha256(copy.content).hexdigest()
        self._record(publication, payload, key, digest, marked=copy is not None and copy.marked)
        return copy

    def _payload(self, job_id: JobId, key: MarkKey) -> bytes:
        """The job's own. Two jobs have the same once in 2^48; then the later takes another."""
        for attempt in range(_ATTEMPTS):
            payload = key.payload(job_id, attempt)
            known = self._store.get(MediaWatermark, payload.hex())
            if known is None or known.job_id == job_id:
                return payload
        raise AssertionError("payloads are all taken")

    def _record(
        self, publication: Publication, payload: bytes, key: MarkKey, digest: str, *, marked: bool
    ) -> None:
        origin_id = UploadOrigin.id_for(publication.uploader_id, publication.upload_id)

        def body(tx: Transaction) -> None:
            known = tx.get(MediaWatermark, payload.hex())
            if known is not None and known.job_id != publication.job_id:
                raise _Taken  # this very moment; the next try takes another
            origin = tx.get(UploadOrigin, origin_id) if publication.upload_id else None
            now = self._clock.now()
            fresh = _document(publication, payload, key, digest, origin, now, marked=marked)
            if known is not None:
                fresh = fresh.model_copy(
                    update={
                        "device_hash": fresh.device_hash or known.device_hash,
                        "published_at": known.published_at,
                    }
                )
            tx.put(fresh)

        self._store.run(body)


class _Taken(Exception):
    """Another upload has just got the same payload."""


def _marked(content: bytes, payload: bytes, publication: Publication, key: MarkKey) -> Copy | None:
    if publication.content_type not in MARKABLE:
        return None
    try:
        copy = marked_copy(content, payload, key.carriers, ai_origin=publication.ai_origin)
        return Copy(copy, marked=True)
    except Unmarked as unmarked:
        log.info(
            "published without a mark",
            extra={"job": publication.job_id, "cause": unmarked.cause.value},
        )
    except Exception as error:  # noqa: BLE001  decoders raise nearly every type there is
        log.error(
            "published without a mark: making it failed",
            extra={"job": publication.job_id, "error_type": type(error).__name__},
        )
    return None


def _unplaced(content: bytes, publication: Publication, limits: Limits) -> Copy | None:
    """The upload without where it was made, if it says so."""
    try:
        if publication.content_type.startswith("image/"):
            copy = position.picture_without_position(content, limits)
        else:
            copy = position.film_without_position(content)
    except Exception as error:  # noqa: BLE001  the upload was judged as it is
        log.error(
            "published with its position: taking it out failed",
            extra={"job": publication.job_id, "error_type": type(error).__name__},
        )
        return None
    return None if copy is None else Copy(copy, marked=False)


def _document(
    publication: Publication,
    payload: bytes,
    key: MarkKey,
    digest: str,
    origin: UploadOrigin | None,
    now: datetime,
    *,
    marked: bool,
) -> MediaWatermark:
    views = _looked_up(publication.views)
    return MediaWatermark(
        id=payload.hex(),
        job_id=publication.job_id,
        uploader_id=publication.uploader_id,
        device_hash=origin.device_hash if origin is not None else None,
        scheme=SCHEME if marked else NO_SCHEME,
        key_version=key.version,
        views=views,
        bands=bands_of(views),
        sha256=digest,
        published_at=now,
        expire_at=now + WATERMARK_RETENTION,
    )


def _looked_up(views: Sequence[PdqView]) -> tuple[PdqView, ...]:
    return tuple(view for view in views if view.quality >= MIN_QUALITY)[:MAX_VIEWS]

"""Hashes of media that a moderator points at: a case's, or a picture that they have."""

from __future__ import annotations

from media_integrity.cloud.storage import ObjectGone, TooLarge
from media_integrity.fingerprints.files import file_hashes
from media_integrity.fingerprints.pdq import Fingerprints, fingerprint
from media_integrity.media.errors import Refused
from media_integrity.media.open import open_media
from media_integrity.media.types import Image
from media_integrity.schema.audit import Actor
from media_integrity.schema.base import CaseId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.errors import Forbidden, Invalid, NotFound

from .backend import BankBackend
from .entries import NewEntry, new_entry


def entries_of(data: bytes, backend: BankBackend, *, note: str = "") -> list[NewEntry]:
    """What a file is known by in a bank: its picture or film, and its bytes.

    Sound is known by its bytes alone.

    Raises:
        Refused: it is no media file that we open.
        HashRefused: its picture is flat or blurred, so that it would match strangers' pictures.
    """
    floor = backend.policy.bank_match.min_quality
    hashes = file_hashes(data)
    found = [new_entry(HashAlgorithm.SHA256, hashes.sha256, min_quality=floor, note=note)]
    opened = open_media(data, backend.policy.limits.media)
    if isinstance(opened, Image):
        prints = fingerprint(opened, hashes=hashes)
        found.insert(0, _picture(prints, floor, note))
    return found


def _picture(prints: Fingerprints, floor: int, note: str) -> NewEntry:
    if prints.video is not None and len(prints.video.frames) > 1:
        return new_entry(HashAlgorithm.VPDQ, prints.video.pack(), min_quality=floor, note=note)
    pdq = prints.pdq
    return new_entry(HashAlgorithm.PDQ, pdq.hex, quality=pdq.quality, min_quality=floor, note=note)


def fingerprints_of(data: bytes, backend: BankBackend) -> Fingerprints:
    """Fingerprints of a picture or film, to search by.

    Raises:
        Invalid: it is none that we open.
    """
    try:
        opened = open_media(data, backend.policy.limits.media)
    except Refused as refused:
        raise Invalid(refused.message) from refused
    if not isinstance(opened, Image):
        raise Invalid("Sound is known by its bytes alone: search by its SHA-256.")
    return fingerprint(opened)


def case_media(case_id: CaseId, by: Actor, backend: BankBackend) -> bytes:
    """The bytes of a held or blocked upload.

    Raises:
        NotFound: there is no such case, or its media is gone.
        Forbidden: it is the moderator's own upload.
    """
    case = backend.store.get(Case, case_id)
    details = backend.store.get_below(CaseDetails, case_id, CaseDetails.DETAILS_ID)
    if case is None or details is None:
        raise NotFound("There is no such case.")
    if case.uploader_id == by.id:
        raise Forbidden("A moderator does not work on an upload of their own.")
    for name in (details.evidence_path, details.source.name):
        found = backend.objects.stat(details.source.bucket, name) if name else None
        if found is None:
            continue
        try:
            return backend.objects.read(found, max_bytes=backend.policy.limits.max_bytes)
        except (ObjectGone, TooLarge):
            continue
    raise NotFound("The media of this case is not there any more.")

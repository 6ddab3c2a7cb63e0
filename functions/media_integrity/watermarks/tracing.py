"""Where does a leaked copy come from? For moderators: candidates, and how sure each is.

Three ways, of which each may fail alone: the mark in its pixels, the SHA-256 of the very file, and
the nearest published pictures by PDQ. A mark says which publication this copy was taken from; PDQ
says only that a publication shows the same, which several may do. None proves who passed it on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from media_integrity.audit.log import Entry
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Query, Store, Transaction, Where
from media_integrity.cloud.keys import KeyRefused, KeysUnreachable
from media_integrity.decision.policy import Policy
from media_integrity.fingerprints.pdq import Form, ViewHashes, fingerprint, hamming
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_image
from media_integrity.media.types import Image
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.errors import Invalid, Unavailable
from media_integrity.schema.hashes import PdqView
from media_integrity.schema.watermarks import MediaWatermark, bands_of

from .codeword import chance
from .detect import Found, find
from .keys import MarkKeys

MAX_CANDIDATES = 20
NEWEST = 200
"""Records that a look-up by PDQ compares, for each way in which the picture may be turned over. Of
more that share a part of the hash, the older ones are not seen; ``complete`` says so."""


class Way(StrEnum):
    """What led to a record."""

    MARK = "mark"  # read from the pixels
    FILE = "file"  # the very file that was published
    PDQ = "pdq"  # looks the same


@dataclass(frozen=True, slots=True)
class Candidate:
    """A publication that the copy may have been taken from."""

    way: Way
    record: MediaWatermark
    confidence: float | None = None
    """MARK: at least how probable it is that the mark was not read by chance, 0..1."""
    distance: int | None = None
    """PDQ: bits of 256 that differ."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What was found."""

    candidates: tuple[Candidate, ...]
    """By way, the nearest first."""
    unknown_mark: bool
    """A mark was read, and there is no record of it any more."""
    complete: bool
    """False: more records share a part of the hash than were compared."""


@dataclass(frozen=True, slots=True)
class Tracer:
    """What tracing needs."""

    store: Store
    keys: MarkKeys
    clock: Clock
    policy: Policy


def trace(
    actor: Actor, tracer: Tracer, *, picture: bytes | None = None, sha256: str | None = None
) -> Trace:
    """Look for the publication that ``picture``, or the file with that hash, was taken from.

    Raises:
        Invalid: the picture cannot be opened.
        Unavailable: the key of the marks cannot be had now.
    """
    digest = sha256 if picture is None else hashlib.sha256(picture).hexdigest()
    assert digest is not None, "the caller gives one of both"
    found: list[Candidate] = []
    mark, complete = None, True
    if picture is not None:
        opened = _opened(picture, tracer.policy)
        mark = _mark_in(opened, tracer)
        if mark is not None:
            record = tracer.store.get(MediaWatermark, mark.payload.hex())
            if record is not None:
                found.append(Candidate(Way.MARK, record, confidence=1.0 - chance(mark.score)))
    by_file = Query(MediaWatermark, (Where("sha256", "==", digest),), limit=MAX_CANDIDATES)
    found += [Candidate(Way.FILE, record) for record in tracer.store.query(by_file)]
    if picture is not None:
        near, complete = _near(opened, tracer)
        found += near
    unknown = mark is not None and not any(each.way is Way.MARK for each in found)
    result = Trace(tuple(found[:MAX_CANDIDATES]), unknown, complete)
    _audit(digest, result, actor, tracer)
    return result


def _opened(picture: bytes, policy: Policy) -> Image:
    try:
        return open_image(picture, policy.limits.media.image)
    except (Refused, TooMuchToCheck) as error:
        raise Invalid("This is not a picture that we can open.", code="not_a_picture") from error


def _mark_in(opened: Image, tracer: Tracer) -> Found | None:
    try:
        carriers = tracer.keys.key.carriers
    except (KeysUnreachable, KeyRefused) as error:
        raise Unavailable(
            "Marks cannot be read now: their key is out of reach. See docs/watermarks.md.",
            code="no_key",
        ) from error
    return find(opened.views[0].rgb, carriers)


def _near(opened: Image, tracer: Tracer) -> tuple[list[Candidate], bool]:
    """By PDQ: of what is shown, and of pictures inside it, as on a screenshot."""
    limits = tracer.policy.bank_match
    found = fingerprint(opened)
    hashes = [*found.views[:1], *(each.hashes for each in found.insets[:2])]
    nearest: dict[str, Candidate] = {}
    complete = True
    for each in hashes:
        if each.quality < limits.min_quality:
            continue
        for form in Form:
            records = list(tracer.store.query(sharing_a_band(each, form)))
            complete &= len(records) < NEWEST
            for record in records:
                distance = _distance(each.forms[form], record.views)
                known = nearest.get(record.id)
                is_nearer = known is None or distance < (known.distance or 0)
                if distance <= limits.max_distance and is_nearer:
                    nearest[record.id] = Candidate(Way.PDQ, record, distance=distance)
    return sorted(nearest.values(), key=lambda each: each.distance or 0), complete


def sharing_a_band(hashes: ViewHashes, form: Form) -> Query[MediaWatermark]:
    """The newest records whose hash has one of its parts in common with this one."""
    view = PdqView(pdq=hashes.forms[form].hex(), quality=hashes.quality)
    return Query(
        MediaWatermark,
        (Where("bands", "array_contains_any", list(bands_of((view,)))),),
        order_by=(("publishedAt", "DESCENDING"),),
        limit=NEWEST,
    )


def _distance(bits: bytes, views: Iterable[PdqView]) -> int:
    return min((hamming(bits, bytes.fromhex(view.pdq)) for view in views), default=256)


def _audit(digest: str, result: Trace, actor: Actor, tracer: Tracer) -> None:
    """Who asked about which file, and which uploads were named."""
    named = " ".join(f"{each.way}:{each.record.job_id[:16]}" for each in result.candidates[:12])

    def body(tx: Transaction) -> None:
        trail = Entry(tx, f"{MediaWatermark.collection}/file-{digest[:32]}")
        trail.write(
            AuditAction.MEDIA_TRACED, actor, tracer.clock.now(), f"sha256 {digest} {named or '-'}"
        )

    tracer.store.run(body)

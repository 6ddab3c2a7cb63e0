"""What was reported with a signed statement, in a bank: copies of it are held, here and later.

One person's word holds and never blocks (docs/decisions/0016): the entries are unconfirmed until a
moderator has accepted the report. They are made from the record of the published media, so that
nobody opens what may be somebody's worst picture only to hash it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import partial

from media_integrity.audit.log import Entry
from media_integrity.banks import retroactive, service
from media_integrity.banks.backend import BankBackend
from media_integrity.banks.entries import HashRefused, NewEntry, new_entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.fingerprints.vpdq import VideoHash
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import BankId
from media_integrity.schema.enums import (
    BankLabel,
    DetectionMethod,
    HashAlgorithm,
    MatchType,
)
from media_integrity.schema.errors import Conflict, Forbidden, NotFound
from media_integrity.schema.findings import BankHit, BankMatchDetail, Finding
from media_integrity.schema.hashes import BankHash, DisabledFor, HashBank, MediaHash, OpinionKind

log = logging.getLogger(__name__)

REPORTED = BankId("reported")
"""Id of the bank."""

SOURCE = "people who report"
BY_REPORT = Actor(kind=ActorKind.SYSTEM, id="submitreport")
"""Who adds the entries: not the reporter, whom nobody who reads a bank need know. So any moderator
may confirm them."""

VERSION = "report-1"


def bank(media: MediaHash, backend: BankBackend) -> list[BankHash]:
    """Put what published media is known by into the bank; the entries that act now.

    What people have switched off on purpose stays off. Repeatable.
    """
    _ensure_bank(backend)
    found = []
    for new in known_by(media, backend.policy.bank_match.min_quality):
        try:
            found.append(service.add(REPORTED, new, "reported", BY_REPORT, backend))
        except Conflict:
            log.info("reported hash stays switched off", extra={"job": media.id})
    return found


def known_by(media: MediaHash, min_quality: int) -> Iterator[NewEntry]:
    """What media is known by in a bank: its bytes, and its picture or film if that tells it from
    others. Pure."""
    wanted: list[tuple[HashAlgorithm, str, int | None]] = [
        (HashAlgorithm.SHA256, media.sha256, None)
    ]
    film = VideoHash.unpack(media.frames) if media.frames else None
    if film is not None and len(film.frames) > 1:
        wanted.append((HashAlgorithm.VPDQ, film.pack(), None))
    elif media.views:
        first = media.views[0]
        wanted.append((HashAlgorithm.PDQ, first.pdq, first.quality))
    for algorithm, value, quality in wanted:
        try:
            yield new_entry(algorithm, value, quality=quality, min_quality=min_quality)
        except HashRefused as refused:
            log.info("reported picture not hashed", extra={"job": media.id, "code": refused.reason})


def entries_of(media: MediaHash, backend: BankBackend) -> list[BankHash]:
    """The entries that ``bank`` made of it, as far as they are there."""
    ids = [
        BankHash.id_for(new.algorithm, new.value)
        for new in known_by(media, backend.policy.bank_match.min_quality)
    ]
    paths = [BankHash.path_below(REPORTED, each) for each in ids]
    return backend.store.get_many(BankHash, paths)


def finding_of(media: MediaHash, entries: Sequence[BankHash]) -> Finding:
    """That the reported media matches its own entries: what its case rests on. Pure.

    So a moderator who lets it through is known to have known of them (``release.permit``).
    """
    hits = tuple(
        BankHit(
            bank_id=entry.parent_id,
            label=BankLabel.NCII,
            source=SOURCE,
            entry_id=entry.id,
            algorithm=entry.algorithm,
            confirmed=entry.confirmed and not entry.popular,
            match_type=(
                MatchType.EXACT if entry.algorithm is HashAlgorithm.SHA256 else MatchType.NEAR
            ),
            distance=0,
            form="original",
            query_percent=100.0 if entry.algorithm is HashAlgorithm.VPDQ else None,
            compared_percent=100.0 if entry.algorithm is HashAlgorithm.VPDQ else None,
        )
        for entry in entries
    )
    return Finding(
        method=DetectionMethod.BANK_MATCH,
        version=VERSION,
        detail=BankMatchDetail(hits=hits, index_version=VERSION),
    )


def search(cause: str, entries: Sequence[BankHash], backend: BankBackend) -> None:
    """Have copies looked for among what is published, once for a ``cause``."""
    acting = [retroactive.ref(entry) for entry in entries if entry.enabled]
    retroactive.ask_holding(cause, acting, BY_REPORT.id, backend)


def confirm(entries: Sequence[BankHash], why: str, by: Actor, backend: BankBackend) -> None:
    """A moderator's word that they are what the bank's label says: from then on they block."""
    for entry in entries:
        said = any(each.by == by.id for each in entry.opinions)
        if said or not entry.enabled:
            continue
        try:
            service.give_opinion(REPORTED, entry.id, OpinionKind.CONFIRM, why, by, backend)
        except (Conflict, Forbidden, NotFound) as error:
            log.warning(
                "reported hash not confirmed", extra={"entry": entry.path, "code": error.code}
            )


def switch_off(entries: Sequence[BankHash], why: str, by: Actor, backend: BankBackend) -> None:
    """They match nothing any more, and no later report brings them back."""
    for entry in entries:
        backend.store.run(partial(_switched_off, entry=entry, why=why, by=by, backend=backend))


def _switched_off(
    tx: Transaction, *, entry: BankHash, why: str, by: Actor, backend: BankBackend
) -> None:
    current = tx.get_below(BankHash, entry.parent_id, entry.id)
    if current is None or not current.enabled:
        return
    trail, now = Entry(tx, current.path), backend.clock.now()
    tx.update(
        current,
        enabled=False,
        disabled_for=DisabledFor.MODERATOR,
        confirmed=False,
        note=why[:500],
        reopen_due=True,
        updated_at=now,
    )
    trail.write(AuditAction.BANK_CHANGED, by, now, f"enabled=False: {why}")


def _ensure_bank(backend: BankBackend) -> None:
    if backend.store.get(HashBank, REPORTED) is not None:
        return
    now = backend.clock.now()
    backend.store.create(
        HashBank(
            id=REPORTED,
            label=BankLabel.NCII,
            name="Reported in this app",
            purpose="Media that the people shown asked to have removed, by a signed statement.",
            source=SOURCE,
            created_at=now,
            updated_at=now,
        )
    )

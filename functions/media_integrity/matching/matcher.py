"""Does the upload match an entry of a bank? The ``bank_match`` finding.

Does not decide what a match means: that depends on the bank's label and on whether a person has
confirmed the entry (``decision.rules.known_media``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from threading import Lock

from media_integrity.fingerprints.pdq import Fingerprints, Form
from media_integrity.schema.enums import DetectionMethod, FindingStatus, MatchType
from media_integrity.schema.findings import BankHit, BankMatchDetail, Finding

from .banks import BankSource
from .index import HashIndex
from .known import KnownBank, KnownHash

log = logging.getLogger(__name__)

VERSION = "1"
MAX_HITS = 50
"""Kept in a finding: confirmed before unconfirmed, near before far."""


class Matcher:
    """Matches uploads against all enabled entries. Thread-safe; one a process.

    A bank source that cannot be reached makes the finding FAILED, so that the upload is held.
    """

    def __init__(self, source: BankSource, *, max_distance: int, min_quality: int) -> None:
        self._source = source
        self._max_distance = max_distance
        self._min_quality = min_quality
        self._index = HashIndex()
        self._banks: dict[str, KnownBank] = {}
        self._refreshed = False
        self._changed: datetime | None = None
        self._refreshing = Lock()

    def match_bytes(self, sha256: str) -> Finding:
        """Match a file by its bytes alone, before it is opened. ``sha256``: 64 hex digits.

        The first step of every scan, so it brings the banks up to date: what was added before a
        scan began is found by it.
        """
        self._refreshed = False
        return self._found(lambda: self._exact(sha256))

    def match(self, fingerprints: Fingerprints) -> Finding:
        """Match an opened image: its bytes, and every view in all eight dihedral forms."""
        return self._found(lambda: [*self._exact(fingerprints.sha256), *self._near(fingerprints)])

    def _found(self, search: Callable[[], list[BankHit]]) -> Finding:
        try:
            self._refresh()
            hits = search()
        except Exception as error:  # noqa: BLE001  whatever it was: not looked up is not clean
            log.error("bank match failed", extra={"error_type": type(error).__name__})
            return Finding(
                method=DetectionMethod.BANK_MATCH,
                version=VERSION,
                status=FindingStatus.FAILED,
                cause=type(error).__name__,
            )
        return Finding(
            method=DetectionMethod.BANK_MATCH,
            version=VERSION,
            detail=BankMatchDetail(hits=_best(hits), index_version=self._version()),
        )

    def _exact(self, sha256: str) -> list[BankHit]:
        return [
            _hit(known, self._banks[known.bank_id], MatchType.EXACT, 0, Form.ORIGINAL, 0)
            for known in self._index.exact(bytes.fromhex(sha256))
            if self._enabled(known)
        ]

    def _near(self, fingerprints: Fingerprints) -> list[BankHit]:
        queries = [
            (number, view.quality, form, bits)
            for number, view in enumerate(fingerprints.views)
            if view.quality >= self._min_quality
            for form, bits in view.forms.items()
        ]
        hits = []
        for near in self._index.near([bits for *_, bits in queries], self._max_distance):
            number, quality, form, _ = queries[near.query]
            if not self._enabled(near.known):
                continue
            bank = self._banks[near.known.bank_id]
            floor = max(self._min_quality, bank.min_quality or 0)
            radius = self._max_distance if bank.max_distance is None else bank.max_distance
            if near.distance > radius or min(quality, near.known.quality) < floor:
                continue
            kind = MatchType.NEAR if form is Form.ORIGINAL else MatchType.ROTATED
            hits.append(_hit(near.known, bank, kind, near.distance, form, number))
        return hits

    def _enabled(self, known: KnownHash) -> bool:
        bank = self._banks.get(known.bank_id)
        return bank is not None and bank.enabled

    def _refresh(self) -> None:
        with self._refreshing:
            if self._refreshed:
                return
            for bank in self._source.changed_banks():
                self._banks[bank.id] = bank
            changed = self._source.changed_hashes()
            self._index.put(changed)
            if changed:
                self._changed = max(entry.updated_at for entry in changed)
            self._refreshed = True

    def _version(self) -> str:
        """Which state of the banks was searched: entries, and the last change seen."""
        until = self._changed.isoformat() if self._changed else "never"
        return f"{len(self._index)}@{until}"


def _hit(
    known: KnownHash, bank: KnownBank, kind: MatchType, distance: int, form: Form, view: int
) -> BankHit:
    return BankHit(
        bank_id=known.bank_id,
        label=bank.label,
        entry_id=known.id,
        confirmed=known.confirmed,
        match_type=kind,
        distance=distance,
        form=form.value,
        view=view,
    )


def _best(hits: Iterable[BankHit]) -> tuple[BankHit, ...]:
    """Each entry once, by its nearest form."""
    nearest: dict[tuple[str, str], BankHit] = {}
    for hit in sorted(hits, key=lambda hit: (hit.distance, hit.view)):
        nearest.setdefault((hit.bank_id, hit.entry_id), hit)
    ordered = sorted(nearest.values(), key=lambda hit: (not hit.confirmed, hit.distance))
    return tuple(ordered[:MAX_HITS])

"""Does the upload match an entry of a bank? The ``bank_match`` finding.

Does not decide what a match means: that depends on the bank's label, on whether a person has
confirmed the entry, and on allow-lists (``decision.known_media``).
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

from media_integrity.fingerprints.files import FileHashes
from media_integrity.fingerprints.pdq import Fingerprints, Form, ViewHashes
from media_integrity.schema.enums import (
    BankLabel,
    DetectionMethod,
    FindingStatus,
    HashAlgorithm,
    MatchType,
)
from media_integrity.schema.findings import BankHit, BankMatchDetail, Finding

from .banks import BankSource
from .index import HashIndex
from .known import KnownBank, KnownHash

log = logging.getLogger(__name__)

VERSION = "2"
MAX_HITS = 50
"""Kept in a finding: confirmed before unconfirmed, near before far."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a hash matches. Banks may be stricter, never laxer. Values: ``policy.toml``."""

    max_distance: int
    min_quality: int
    film_query_percent: float = 80
    film_compared_percent: float = 80
    film_min_frames: int = 3


@dataclass(frozen=True, slots=True)
class _Query:
    """One hash of the upload, and what it was made of."""

    view: int
    inside: bool
    """Of a picture inside the view."""
    quality: int
    form: Form
    bits: bytes


class Matcher:
    """Matches uploads against all enabled entries. Thread-safe; one a process.

    A bank source that cannot be reached makes the finding FAILED, so that the upload is held.
    """

    def __init__(self, source: BankSource, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._index = HashIndex()
        self._banks: dict[str, KnownBank] = {}
        self._refreshing = Lock()
        self._fresh = False
        self._left_out: BankLabel | None = None

    def without(self, label: BankLabel) -> Matcher:
        """The same entries but for those of one kind of bank: for answers that may not tell whether
        there are any. Shares memory with this one."""
        other = copy.copy(self)
        other._left_out = label
        return other

    def match_bytes(self, hashes: FileHashes) -> Finding:
        """Match a file by its bytes alone, before it is opened.

        The first step of every scan, so it brings the banks up to date: what was added before a
        scan began is found by it.
        """
        self._fresh = False
        return self._found(lambda: self._exact(hashes))

    def match(self, fingerprints: Fingerprints) -> Finding:
        """Match an opened picture or film: its bytes, every view and every picture inside one in
        all eight dihedral forms, and a film's frames against whole films."""
        return self._found(lambda: self._hits(fingerprints))

    def hits(self, fingerprints: Fingerprints) -> tuple[BankHit, ...]:
        """The same for a search: the hits alone.

        Raises:
            Exception: the banks cannot be read.
        """
        self.refresh()
        return _best(self._hits(fingerprints))

    def near(self, hashes: Sequence[bytes], radius: int | None = None) -> list[list[BankHit]]:
        """The enabled entries near each PDQ hash as it is; for searches by hash.

        Raises:
            Exception: the banks cannot be read.
        """
        self.refresh()
        found: list[list[BankHit]] = [[] for _ in hashes]
        radius = self._limits.max_distance if radius is None else radius
        for near in self._index.near(hashes, radius):
            bank = self._bank(near.known)
            if bank is not None:
                found[near.query].append(
                    _hit(near.known, bank, MatchType.NEAR, near.distance, Form.ORIGINAL, 0)
                )
        return found

    def refresh(self) -> None:
        """Bring the banks up to date. Raises what the source raises."""
        self._fresh = False
        self._refresh()

    @property
    def index(self) -> HashIndex:
        """All entries, for snapshots."""
        return self._index

    def _found(self, search: Callable[[], Iterable[BankHit]]) -> Finding:
        try:
            self._refresh()
            hits = list(search())
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

    def _hits(self, fingerprints: Fingerprints) -> Iterator[BankHit]:
        yield from self._exact(FileHashes(fingerprints.sha256, fingerprints.md5))
        yield from self._pictures(_queries(fingerprints, self._limits.min_quality))
        yield from self._films(fingerprints)

    def _exact(self, hashes: FileHashes) -> Iterator[BankHit]:
        for algorithm, value in (
            (HashAlgorithm.SHA256, hashes.sha256),
            (HashAlgorithm.MD5, hashes.md5),
        ):
            if not value:
                continue
            for known in self._index.exact(algorithm, bytes.fromhex(value)):
                if (bank := self._bank(known)) is not None:
                    yield _hit(known, bank, MatchType.EXACT, 0, Form.ORIGINAL, 0)

    def _pictures(self, queries: list[_Query]) -> Iterator[BankHit]:
        for near in self._index.near([each.bits for each in queries], self._limits.max_distance):
            query, bank = queries[near.query], self._bank(near.known)
            if bank is None:
                continue
            if near.distance > self._radius(bank):
                continue
            if min(query.quality, near.known.quality) < self._floor(bank):
                continue
            if query.inside:
                kind = MatchType.MODIFIED
            else:
                kind = MatchType.NEAR if query.form is Form.ORIGINAL else MatchType.ROTATED
            yield _hit(near.known, bank, kind, near.distance, query.form, query.view)

    def _films(self, fingerprints: Fingerprints) -> Iterator[BankHit]:
        """Films that share enough frames, as the upload is and in its other forms."""
        if fingerprints.video is None:
            return
        limits = self._limits
        films = {Form.ORIGINAL: fingerprints.video, **fingerprints.turned}
        for form, turned in films.items():
            near_films = self._index.films(turned, limits.max_distance, limits.min_quality)
            for near in near_films:
                bank = self._bank(near.known)
                if bank is None or near.distance > self._radius(bank):
                    continue
                lies_in_it = near.query_percent >= limits.film_query_percent
                holds_it = near.compared_percent >= limits.film_compared_percent
                if (lies_in_it and holds_it) or (
                    (lies_in_it or holds_it) and near.frames >= limits.film_min_frames
                ):
                    kind = MatchType.NEAR if form is Form.ORIGINAL else MatchType.ROTATED
                elif lies_in_it or holds_it or near.frames >= limits.film_min_frames:
                    kind = MatchType.MODIFIED
                else:
                    continue
                hit = _hit(near.known, bank, kind, near.distance, form, 0)
                yield hit.model_copy(
                    update={
                        "query_percent": near.query_percent,
                        "compared_percent": near.compared_percent,
                    }
                )

    def _bank(self, known: KnownHash) -> KnownBank | None:
        """The entry's bank; None if it is switched off or left out.

        An entry whose bank cannot be read counts as an unconfirmed one: that its match means
        nothing is not known.
        """
        bank = self._banks.get(known.bank_id)
        if bank is None:
            return KnownBank(known.bank_id, BankLabel.NCII, True, None, None, readable=False)
        return bank if bank.enabled and bank.label is not self._left_out else None

    def _version(self) -> str:
        """Which state of the banks was searched: entries, and the last change seen."""
        return f"{len(self._index)}@{self._index.cursor.isoformat()}"

    def _radius(self, bank: KnownBank) -> int:
        if bank.max_distance is None:
            return self._limits.max_distance
        return min(bank.max_distance, self._limits.max_distance)

    def _floor(self, bank: KnownBank) -> int:
        return max(self._limits.min_quality, bank.min_quality or 0)

    def _refresh(self) -> None:
        with self._refreshing:
            if self._fresh:
                return
            self._source.bring_up_to_date(self._index, self._banks)
            self._fresh = True


def _queries(fingerprints: Fingerprints, min_quality: int) -> list[_Query]:
    pictures: list[tuple[int, bool, ViewHashes]] = [
        (number, False, view) for number, view in enumerate(fingerprints.views)
    ]
    pictures += [(inset.view, True, inset.hashes) for inset in fingerprints.insets]
    return [
        _Query(number, inside, hashes.quality, form, bits)
        for number, inside, hashes in pictures
        if hashes.quality >= min_quality
        for form, bits in hashes.forms.items()
    ]


def _hit(
    known: KnownHash, bank: KnownBank, kind: MatchType, distance: int, form: Form, view: int
) -> BankHit:
    return BankHit(
        bank_id=known.bank_id,
        label=bank.label,
        source=bank.source,
        entry_id=known.id,
        algorithm=known.algorithm,
        confirmed=known.confirmed and bank.readable,
        match_type=kind,
        distance=distance,
        form=form.value,
        view=view,
        shield_id=known.shield_id,
    )


def _best(hits: Iterable[BankHit]) -> tuple[BankHit, ...]:
    """Each entry once in each view that it matches, by its nearest form; confirmed ones first.

    Allow-list hits are kept before all others: what they overrule must not depend on the cap.
    """
    nearest: dict[tuple[str, str, int], BankHit] = {}
    for hit in sorted(hits, key=lambda hit: (hit.distance, hit.match_type is MatchType.MODIFIED)):
        nearest.setdefault((hit.bank_id, hit.entry_id, hit.view), hit)
    ordered = sorted(
        nearest.values(),
        key=lambda hit: (hit.label is not BankLabel.ALLOW_LIST, not hit.confirmed, hit.distance),
    )
    return tuple(ordered[:MAX_HITS])

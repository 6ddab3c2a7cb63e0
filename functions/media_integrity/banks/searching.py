"""One step of a search among published media: goes through them and takes down what matches.

The order is that in which media were published: first the packed segments, then the registry behind
them. The place reached is written down now and then. Each medium is dealt with in one transaction,
which looks at everything once more: is it still published, do entry and bank still stand?

Published meanwhile: a worker that matched its upload before the entries were confirmed may publish
it after the search has passed. So a search is over only when every such worker is through, and it
looks once more at what was published since shortly before it began.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.cloud.storage import ObjectGone, TooLarge
from media_integrity.decision.decide import decide, hold
from media_integrity.decision.known_media import hits_of, known_media
from media_integrity.decision.rulings import Findings
from media_integrity.decision.verdict import Verdict
from media_integrity.fingerprints.pdq import Fingerprints, fingerprint
from media_integrity.matching.alarms import raise_alarm
from media_integrity.matching.known import KnownBank
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_media
from media_integrity.media.types import Image, MediaKind
from media_integrity.scanning import originals, unpublish
from media_integrity.scanning.clusters import Clusters, Shown
from media_integrity.scanning.documents import entry_path
from media_integrity.scanning.worker import shields_of
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.bank_work import PublishedSegment, RetroactiveSearch, SearchState
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import (
    Action,
    BankLabel,
    DetectionMethod,
    FindingStatus,
    Severity,
)
from media_integrity.schema.findings import BankHit, BankMatchDetail, Finding
from media_integrity.schema.hashes import BankHash, HashBank, MediaHash
from media_integrity.schema.scans import Lease, ReasonCode, ScanJob, UploadContext

from . import published
from .backend import BankBackend
from .published import BEGINNING, Place, SegmentUnreadable, Stretch
from .targets import Targets, acts

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
"""Longer than a step may run, so that a lease that has run out belongs to a worker that is dead."""

THROUGH_AFTER = published.SETTLED_AFTER + timedelta(minutes=1)
"""By then every worker that had matched its upload before the entries were confirmed is through."""

A_SECOND = 10.0
"""Media taken down in a second at most: people can follow what happens, and a wrong entry does not
empty the app before anybody has noticed."""

UPKEEP_WAIT = timedelta(minutes=6)
"""An entry that takes down media of many unrelated uploaders waits until the upkeep has looked at
it (``upkeep.find_popular``, every 5 minutes)."""

AT_ONCE = timedelta(seconds=1)
WRITE_EVERY_S = 20.0


class NotYours(Exception):
    """The lease ran out and somebody else has the search, or has finished it."""


class Unmatched(Exception):
    """The matcher could not say whether a medium matches."""


class _BanksChanged(Exception):
    """A bank has other limits than when the search's entries were read."""


class _TooPopular(Exception):
    """An entry has taken down media of many uploaders: it has to be looked at first."""


@dataclass(frozen=True, slots=True)
class _Blocked:
    """Why a medium cannot be dealt with now, and when to try again."""

    wait: timedelta
    cause: Exception | None = None


def require(search: RetroactiveSearch | None, worker: str) -> RetroactiveSearch:
    """The search, if ``worker`` still holds it.

    Raises:
        NotYours: it does not.
    """
    if search is None or search.lease is None or search.lease.worker != worker:
        raise NotYours
    return search


@dataclass
class Run:
    """One step. Not shared between threads."""

    search: RetroactiveSearch
    worker: str
    backend: BankBackend
    until: float
    """By ``time.monotonic``."""
    _blocked: _Blocked | None = None
    _renewed: float = field(default_factory=time.monotonic)
    _taken_down: float = 0.0
    _uploaders: dict[str, set[UserId]] = field(default_factory=dict)
    """By entry, of what this step has taken down."""

    def __post_init__(self) -> None:
        store = self.backend.store
        self._targets = self._load()
        self._clusters = Clusters(store, self.backend.clock)
        self._segments = published.segments(store)
        self._end = self.search.created_at + THROUGH_AFTER
        through = self.backend.clock.now() >= self._end
        self._again_from = None if through else self.search.created_at - THROUGH_AFTER

    def work(self) -> timedelta | None:
        """How long to wait for the next step; None when the search is over.

        Raises:
            NotYours: somebody else has it.
            Exception: what went wrong with a medium, after the others were dealt with.
        """
        if not self._targets.entries:
            self._finish()
            return None
        self._count()
        progress = self.search.progress
        place = BEGINNING
        if progress.after is not None:
            place = Place(progress.after, progress.after_id or "")
        for stretch in self._stretches(place):
            if not self._through(stretch, place):
                return self._later(self._blocked.wait if self._blocked else AT_ONCE)
            if len(stretch):
                place = max(place, stretch.place(len(stretch) - 1))
        if self._blocked is not None:
            return self._later(self._blocked.wait)
        if self._again_from is not None:
            return self._later(max(AT_ONCE, self._end - self.backend.clock.now()))
        self._finish()
        return None

    def _stretches(self, place: Place) -> Iterator[Stretch]:
        """Everything behind ``place``; may begin before it."""
        for segment in self._segments:
            end = published.end_of(segment)
            if end > place:
                yield from self._of_segment(segment, place)
                place = end
        yield from self._of_registry(place, self._end)

    def _of_segment(self, segment: PublishedSegment, place: Place) -> Iterator[Stretch]:
        backend = self.backend
        try:
            stretch = published.read_segment(segment, backend.bucket, backend.objects)
        except SegmentUnreadable as error:
            log.error("segment unreadable", extra={"segment": segment.id, "cause": str(error)})
            raise_alarm(
                backend.store,
                kind=AlarmKind.SNAPSHOT_CORRUPT,
                severity=Severity.MEDIUM,
                subject=segment.path,
                text=(
                    "A packed stretch of published media cannot be read. Searches read the "
                    "registry instead: slower, but nothing is missed. Restore the object."
                ),
                now=backend.clock.now(),
            )
            yield from self._of_registry(place, segment.until)
        else:
            yield stretch

    def _of_registry(self, place: Place, until: datetime) -> Iterator[Stretch]:
        """What is published behind ``place`` and no later than ``until``, from Firestore."""
        page: list[MediaHash] = []
        behind = published.published_after(self.backend.store, place, before=until, inclusive=True)
        for media in behind:
            page.append(media)
            if len(page) == published.PAGE:
                yield published.of_media(page)
                page = []
        yield published.of_media(page)

    def _through(self, stretch: Stretch, place: Place) -> bool:
        """Deal with every medium behind ``place``; False if the time is over."""
        begin = stretch.behind(place)
        matched: list[int] = []
        for medium, look in self._targets.candidates(stretch, begin).items():
            if time.monotonic() > self.until:
                self._write_down(stretch, begin, medium, matched)
                return False
            if time.monotonic() - self._renewed > WRITE_EVERY_S:
                begin = self._write_down(stretch, begin, medium, matched)
            blocked = self._block(stretch.place(medium).id, look, matched, medium)
            if blocked is not None and self._blocked is None:
                self._write_down(stretch, begin, medium, matched)
                self._blocked = blocked
            elif blocked is not None and blocked.cause is not None:
                self._blocked = blocked
        self._write_down(stretch, begin, len(stretch), matched)
        return True

    def _block(
        self, medium_id: str, look: bool, matched: list[int], medium: int
    ) -> _Blocked | None:
        """Deal with a medium. What cannot be dealt with now is told, and the others go on: the
        place that is written down stays before it."""
        try:
            if self._deal_with(medium_id, look):
                matched.append(medium)
        except unpublish.StillMoving as moving:
            return _Blocked(max(AT_ONCE, moving.until - self.backend.clock.now()))
        except _TooPopular:
            log.warning("entry matches many uploaders", extra={"search": self.search.id})
            return _Blocked(UPKEEP_WAIT)
        except Exception as error:  # noqa: BLE001  whatever it was: the others' turn
            log.error(
                "published medium not dealt with",
                extra={"job": medium_id, "error_type": type(error).__name__},
            )
            return _Blocked(AT_ONCE, error)
        return None

    # ---- One medium ----

    def _deal_with(self, medium_id: str, look: bool) -> bool:
        """Take the medium down if it matches; whether it does.

        Raises:
            StillMoving, _TooPopular: not now.
        """
        media = self.backend.store.get(MediaHash, medium_id)
        if media is None:
            return False
        if media.unpublished_at is not None:
            self._remove(media)  # a worker may have died before it had
            return True
        for _ in range(3):
            finding, shown = self._examined(media, look)
            if not _matched(finding):
                return False
            try:
                return self._judged(media, finding, shown)
            except _BanksChanged:
                self._targets = self._load()
        raise _BanksChanged

    def _examined(self, media: MediaHash, look: bool) -> tuple[Finding, Shown]:
        """What it matches by its record or, where that does not tell, by the picture itself.

        ``look``: it may match turned over. An allow-list may have it turned over as well.
        """
        finding, shown = self._targets.finding(media), Shown.of_published(media)
        matched = finding.status is FindingStatus.MEASURED and _matched(finding)
        unsure = self._targets.may_be_allowed_turned(media) if matched else look
        if unsure:
            opened = self._opened(media)
            if opened is not None:
                finding = self._targets.finding(media, opened)
                shown = Shown.of(media.sha256, opened)
        if finding.status is not FindingStatus.MEASURED:
            raise Unmatched(finding.cause)
        return finding, shown

    def _opened(self, media: MediaHash) -> Fingerprints | None:
        """Fingerprints of the published bytes; None if they are gone or cannot be opened now."""
        policy = self.backend.policy
        stored = originals.stored(media, self.backend.bucket, self.backend.objects)
        if stored is None:
            return None
        try:
            data = self.backend.objects.read(stored, max_bytes=policy.limits.max_bytes)
            opened = open_media(data, policy.limits.media)
        except (ObjectGone, TooLarge, Refused, TooMuchToCheck) as error:
            log.warning(
                "published medium not opened",
                extra={"job": media.id, "error_type": type(error).__name__},
            )
            return None
        return fingerprint(opened) if isinstance(opened, Image) else None

    def _judged(self, media: MediaHash, finding: Finding, shown: Shown) -> bool:
        """Decide, in the transaction that takes it down; whether it was."""
        store = self.backend.store
        self._stop_at_many_uploaders(media, finding)
        cluster = self._clusters.place(shown, known=media.cluster_id)
        own = frozenset[str]()
        if any(hit.shield_id for hit in hits_of([finding])):
            own = frozenset(shield.id for shield in store.query(shields_of(media.uploader_id)))

        def body(tx: Transaction) -> bool:
            now = self.backend.clock.now()
            found = unpublish.read(tx, media.id, now, self.backend.bucket)
            if found is None:
                return False
            standing = self._standing(tx, finding)
            verdict = self._verdict(found, standing, own)
            if verdict is None:
                return False
            unpublish.write(
                tx,
                found,
                verdict,
                (standing,),
                self.backend.policy.bank_match,
                cluster=cluster,
                now=now,
                consequences=self.backend.consequences,
            )
            tx.increment(self.search.path, "progress.unpublished")
            return True

        if not store.run(body):
            return True  # it matches, and may stay: an allow-list has it, or it is one's own
        self._remove(media)
        for hit in hits_of([finding]):
            self._uploaders.setdefault(entry_path(hit), set()).add(media.uploader_id)
        time.sleep(max(0.0, self._taken_down + 1 / A_SECOND - time.monotonic()))
        self._taken_down = time.monotonic()
        return True

    def _standing(self, tx: Transaction, finding: Finding) -> Finding:
        """The finding with the hits of those entries that act now.

        Raises:
            _BanksChanged: a bank's own limits are others.
        """
        hits = hits_of([finding])
        paths = {entry_path(hit) for hit in hits}
        names = {HashBank.path_of(hit.bank_id) for hit in hits}
        entries = {entry.path: entry for entry in tx.get_many(BankHash, sorted(paths))}
        banks = {bank.id: bank for bank in tx.get_many(HashBank, sorted(names))}
        for bank in banks.values():
            if KnownBank.of(bank) != KnownBank.of(self._targets.banks[bank.id]):
                raise _BanksChanged

        def stands(hit: BankHit) -> bool:
            entry, bank = entries.get(entry_path(hit)), banks.get(hit.bank_id)
            if entry is None or bank is None:
                return False
            if bank.label is BankLabel.ALLOW_LIST:
                return bank.enabled and entry.enabled and entry.confirmed
            return acts(entry, bank, unconfirmed=self.search.holds)

        assert isinstance(finding.detail, BankMatchDetail)
        kept = tuple(hit for hit in hits if stands(hit))
        return finding.model_copy(
            update={"detail": finding.detail.model_copy(update={"hits": kept})}
        )

    def _verdict(
        self, found: unpublish.Published, finding: Finding, own_shields: frozenset[str]
    ) -> Verdict | None:
        """What the finding would have meant for the upload; None if it may stay.

        The other checks were done when it was published. Where a moderator had it published after
        all, it goes back to moderators, whatever the entry says.
        """
        policy, media = self.backend.policy, found.media
        context = UploadContext(
            surface=media.surface,
            age_group=media.age_group or policy.audience.missing_age_group,
            own_shields=own_shields,
        )
        kind = _kind(media.content_type)
        findings = Findings({DetectionMethod.BANK_MATCH: finding}, kind)
        if not any(known_media(findings, context, policy)):
            return None
        verdict = decide([finding], context, policy, kind)
        if verdict.action is Action.BLOCK and found.case is None:
            return verdict
        return hold(ReasonCode.BANK_MATCH_UNCONFIRMED, policy, [finding])

    def _stop_at_many_uploaders(self, media: MediaHash, finding: Finding) -> None:
        """Raises: _TooPopular: an entry would take down more than the upkeep lets pass."""
        upkeep = self.backend.policy.bank_upkeep
        by_path = {entry.path: entry for entry in self._targets.entries}
        for hit in hits_of([finding]):
            entry = by_path.get(entry_path(hit))
            if entry is None or entry.popular_cleared_at is not None:
                continue
            limit = upkeep.popular_personal if entry.shield_id else upkeep.popular_uploaders
            uploaders = self._uploaders.get(entry.path, set())
            if media.uploader_id not in uploaders and len(uploaders) >= limit:
                raise _TooPopular

    def _remove(self, media: MediaHash) -> None:
        job = self.backend.store.get(ScanJob, media.id)
        unpublish.remove(media, job, self.backend.bucket, self.backend.objects)

    # ---- Keeping the search's own record ----

    def _load(self) -> Targets:
        backend = self.backend
        return Targets.load(
            self.search.entries,
            backend.policy.bank_match,
            backend.store,
            unconfirmed=self.search.holds,
        )

    def _count(self) -> None:
        """Say how much there is to go through; once."""
        if self.search.progress.total:
            return
        store = self.backend.store
        last = self._segments[-1].until if self._segments else BEGINNING.created_at
        behind = store.count(Query(MediaHash, (Where("createdAt", ">", last),)))
        total = sum(segment.media for segment in self._segments) + behind
        self._record({"total": total, "segments": len(self._segments)})

    def _write_down(self, stretch: Stretch, begin: int, end: int, matched: list[int]) -> int:
        """Write down that all before index ``end`` is done; what the next time begins at."""
        if self._again_from is not None:
            end = min(end, stretch.behind(Place(self._again_from, "")))
        if self._blocked is not None or end <= begin:
            if time.monotonic() - self._renewed > WRITE_EVERY_S:
                self._record({})
            return begin
        place = stretch.place(end - 1)
        done = sum(published.end_of(segment) <= place for segment in self._segments)
        self._record(
            {"after": place.created_at, "after_id": place.id, "segment": done},
            examined=end - begin,
            found=sum(begin <= medium < end for medium in matched),
        )
        return end

    def _record(self, progress: dict[str, object], *, examined: int = 0, found: int = 0) -> None:
        def body(tx: Transaction) -> None:
            search = require(tx.get(RetroactiveSearch, self.search.id), self.worker)
            now = self.backend.clock.now()
            known = search.progress
            changed = known.model_copy(
                update={
                    **progress,
                    "examined": known.examined + examined,
                    "found": known.found + found,
                }
            )
            until = now + LEASE
            tx.update(
                search,
                progress=changed,
                lease=Lease(worker=self.worker, until=until),
                sweep_at=until,
                tries=0 if examined else search.tries,
                updated_at=now,
            )

        self.backend.store.run(body)
        self._renewed = time.monotonic()

    def _later(self, wait: timedelta) -> timedelta:
        """Give the lease back; ``wait`` as it is.

        Raises:
            Exception: what went wrong with a medium.
        """
        if self._blocked is not None and self._blocked.cause is not None:
            raise self._blocked.cause

        def body(tx: Transaction) -> None:
            search = require(tx.get(RetroactiveSearch, self.search.id), self.worker)
            now = self.backend.clock.now()
            sweep_at = now + wait + timedelta(minutes=5)
            tx.update(search, lease=None, sweep_at=sweep_at, tries=0, updated_at=now)

        self.backend.store.run(body)
        return wait

    def _finish(self) -> None:
        def body(tx: Transaction) -> None:
            search = require(tx.get(RetroactiveSearch, self.search.id), self.worker)
            now = self.backend.clock.now()
            tx.update(
                search,
                state=SearchState.DONE,
                lease=None,
                last_error=None,
                sweep_at=None,
                updated_at=now,
            )

        self.backend.store.run(body)


def _matched(finding: Finding) -> bool:
    """Whether there is a hit other than an allow-list's."""
    return any(hit.label is not BankLabel.ALLOW_LIST for hit in hits_of([finding]))


def _kind(content_type: str) -> MediaKind:
    if content_type.startswith("video/"):
        return MediaKind.VIDEO
    return MediaKind.AUDIO if content_type.startswith("audio/") else MediaKind.IMAGE

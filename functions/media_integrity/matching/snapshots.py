"""Snapshots of the index in Cloud Storage, from which a new instance starts.

Reading a million entries from Firestore takes minutes, a snapshot seconds. ``snapshot`` has the
format; what is newer than a snapshot is read from Firestore (``banks``).
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from media_integrity.cloud.firestore import Contention, Query, Store
from media_integrity.cloud.storage import ObjectGone, ObjectStore, TooLarge
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.bank_work import HashSnapshot, SnapshotState
from media_integrity.schema.enums import Severity

from .alarms import raise_alarm
from .index import HashIndex
from .snapshot import SnapshotCorrupt, SnapshotTooNew, read, version_of, write

log = logging.getLogger(__name__)

FOLDER = "banks/snapshots/"
KEPT = 5
"""So many of the newest: an instance may be reading an older one while a newer one is written."""
MAX_BYTES = 4 << 30
ORPHAN_AFTER = timedelta(days=1)
"""An object without a document was left by a writer that died between the two."""

EVERY = timedelta(hours=1)
"""A change waits at most so long for a new snapshot."""
AT_ONCE = 0.05
"""A change of that share of the entries does not wait."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A snapshot that was read, and the index it holds."""

    snapshot: HashSnapshot
    index: HashIndex


class Searched(Protocol):
    """Who keeps an index up to date."""

    def refresh(self) -> None: ...

    @property
    def index(self) -> HashIndex: ...


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots of one deployment."""

    store: Store
    objects: ObjectStore
    bucket: str

    def publish(self, index: HashIndex, cursor: datetime, now: datetime) -> HashSnapshot:
        """Write ``index`` down, and delete what is older than the newest five.

        ``cursor``: what changed up to then is in it. The object is there before its document, so
        that whoever sees the document finds the object.
        """
        data = write(index.content())
        version = version_of(cursor, secrets.token_hex(4))
        snapshot = HashSnapshot(
            id=version,
            object_path=f"{FOLDER}{version}.bin",
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            rows=len(index),
            cursor=cursor,
            created_at=now,
        )
        self.objects.write(
            self.bucket,
            snapshot.object_path,
            data,
            content_type="application/octet-stream",
            metadata={"version": version},
        )
        self.store.put(snapshot)
        self._tidy(now)
        return snapshot

    def newest(self) -> HashSnapshot | None:
        """The newest that nobody has found corrupt, unread."""
        return next((each for each in self._all() if each.state is SnapshotState.READY), None)

    def latest(self, now: datetime) -> Loaded | None:
        """The newest one that can be read; None if none can.

        A corrupt one is marked, so that nobody tries it again, and an alarm raised. One of a newer
        release is left to those who can read it. A bucket that cannot be reached is no corruption,
        and its error is passed on.
        """
        for snapshot in self._all():
            if snapshot.state is not SnapshotState.READY:
                continue
            try:
                return Loaded(snapshot, read(self._bytes(snapshot)))
            except SnapshotTooNew:
                log.warning("snapshot of a newer release", extra={"snapshot": snapshot.id})
            except SnapshotCorrupt as error:
                self._refuse(snapshot, str(error), now)
        return None

    def _all(self) -> list[HashSnapshot]:
        """Newest first. Documents of another shape count as not there."""
        newest_first = Query(HashSnapshot, order_by=(("createdAt", "DESCENDING"),))
        return list(
            self.store.query_readable(
                newest_first,
                lambda path: log.error("snapshot document unreadable", extra={"path": path}),
            )
        )

    def _bytes(self, snapshot: HashSnapshot) -> bytes:
        stored = self.objects.stat(self.bucket, snapshot.object_path)
        if stored is None:
            raise SnapshotCorrupt("its object is not there")
        if stored.size != snapshot.size:
            raise SnapshotCorrupt("its object has another size")
        try:
            data = self.objects.read(stored, max_bytes=MAX_BYTES)
        except (ObjectGone, TooLarge) as error:
            raise SnapshotCorrupt("its object is gone or too large") from error
        if hashlib.sha256(data).hexdigest() != snapshot.sha256:
            raise SnapshotCorrupt("its object has another checksum")
        return data

    def _refuse(self, snapshot: HashSnapshot, cause: str, now: datetime) -> None:
        log.error("snapshot corrupt", extra={"snapshot": snapshot.id, "cause": cause})
        self.store.update(snapshot, state=SnapshotState.REFUSED)
        try:
            raise_alarm(
                self.store,
                kind=AlarmKind.SNAPSHOT_CORRUPT,
                severity=Severity.HIGH,
                subject=snapshot.path,
                text=f"A snapshot of the hash banks cannot be read: {cause}. Instances use the one "
                "before it, and then Firestore. The next one replaces it; if it comes again, look "
                "at who writes to the bucket.",
                now=now,
            )
        except Contention:  # other instances are raising the same one
            log.warning("alarm raised by others", extra={"snapshot": snapshot.id})

    def _tidy(self, now: datetime) -> None:
        snapshots = self._all()
        for old in snapshots[KEPT:]:
            self.store.delete(old.path)
        kept = {each.object_path for each in snapshots[:KEPT]}
        old_paths = {each.object_path for each in snapshots[KEPT:]}
        for stored in self.objects.list(self.bucket, FOLDER):
            orphan = stored.name not in kept and now - stored.created_at > ORPHAN_AFTER
            if stored.name in old_paths or orphan:
                self.objects.delete(stored)


def keep_snapshot(searched: Searched, snapshots: Snapshots, now: datetime) -> int:
    """Publish a snapshot if enough has changed since the newest one. Returns how many: 0 or 1."""
    searched.refresh()
    index, newest = searched.index, snapshots.newest()
    if newest is not None:
        grown = abs(len(index) - newest.rows) > AT_ONCE * max(newest.rows, 1)
        changed = index.cursor > newest.cursor or len(index) != newest.rows
        if not changed or not (grown or now - newest.created_at >= EVERY):
            return 0
    elif not len(index):
        return 0
    snapshots.publish(index, index.cursor, now)
    return 1

"""Which uploads show the same? Their cases share a cluster: a moderator sees a picture once.

A cluster is named after its first picture: its id is a digest of that picture's hash, so that two
instances that meet the same picture at the same time name the same cluster without asking each
other. A picture within the match distance of a first one, turned or mirrored as well, belongs to
the nearest. Near but different pictures that two instances meet at the same moment may begin two
clusters; ``merge_clusters`` makes them one.

Only still pictures are compared by what they show. A film's first frames are often a studio's, and
of an animation one frame may be harmless and the next not: those, and sound, are clustered by their
bytes, as a decision on one must fit all.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Query, Store, Transaction, Where
from media_integrity.fingerprints.dihedral import turned
from media_integrity.fingerprints.near import near, quarters
from media_integrity.fingerprints.pdq import Fingerprints
from media_integrity.schema.cases import Case
from media_integrity.schema.clusters import MediaCluster
from media_integrity.schema.hashes import MediaHash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

M = TypeVar("M", Case, MediaHash)

MAX_DISTANCE = 31
MIN_QUALITY = 50
"""PDQ's own limits (``fingerprints.pdq``). A bank's may be stricter; who shows the same is no
matter of banks."""

RECENT = 10_000
"""Clusters that a process knows, the newest: a picture comes back within days or not at all, and a
new instance reads them all at its first case, some seconds."""

OVERLAP = timedelta(seconds=60)
"""Read again each time: writers' clocks may be that far apart, commits that late."""

MERGE_WITHIN = timedelta(hours=6)
"""Clusters changed since then are looked at for merging. Longer than the upkeep is ever late."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an upload shows, as far as that groups it.

    ``forms``: PDQ hashes of a still picture, as it is and then turned, 32 bytes each; empty for
    what is grouped by its bytes alone.
    """

    sha256: str
    forms: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, sha256: str, fingerprints: Fingerprints | None) -> Shown:
        if fingerprints is None or fingerprints.video is not None or len(fingerprints.views) != 1:
            return cls(sha256)
        (view,) = fingerprints.views
        if view.quality < MIN_QUALITY:
            return cls(sha256)
        original = view.pdq.bits
        return cls(sha256, (original, *(bits for bits in view.forms.values() if bits != original)))

    @classmethod
    def of_published(cls, media: MediaHash) -> Shown:
        """From its record, where the turned forms are not: it is compared as it is."""
        if media.frames is not None or len(media.views) != 1:
            return cls(media.sha256)
        (view,) = media.views
        return cls(media.sha256, (bytes.fromhex(view.pdq),) if view.quality >= MIN_QUALITY else ())

    @property
    def pdq(self) -> str | None:
        """Of the picture as it is, 64 hexadecimal digits."""
        return self.forms[0].hex() if self.forms else None


def cluster_id(shown: Shown) -> str:
    """Of the cluster that begins with it. 32 hexadecimal digits that do not tell the hash."""
    return hashlib.sha256(f"cluster{shown.pdq or shown.sha256}".encode()).hexdigest()[:32]


class Clusters:
    """The newest clusters, followed by their change time. Thread-safe; one a process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._until: datetime | None = None
        self._known = Index()

    def find(self, shown: Shown) -> str | None:
        """The cluster that the upload belongs to, if there is one. Makes none."""
        with self._lock:
            if shown.forms:
                self._follow()
                nearest = self._known.nearest(shown.forms)
                if nearest is not None:
                    return self._known.root(nearest)
        own = self._store.get(MediaCluster, cluster_id(shown))
        return None if own is None else self._known.root(own.merged_into or own.id)

    def place(self, shown: Shown, *, known: str | None = None) -> str:
        """The cluster that the upload belongs to; made, without a member, where there is none.

        Whoever files a case of it counts it as a member, in the case's transaction. ``known``: the
        cluster that was found for it before, which may have been merged into another since.
        """
        earlier = self._store.get(MediaCluster, known) if known is not None else None
        if earlier is not None and earlier.merged_into is None:
            return earlier.id
        found = self.find(shown)
        if found is not None:
            return found
        now = self._clock.now()
        made = MediaCluster(id=cluster_id(shown), pdq=shown.pdq, created_at=now, updated_at=now)
        self._store.create(made)  # no harm if another instance was first: it is the same one
        return made.id

    def _follow(self) -> None:
        if self._until is None:
            changed = list(self._store.query(newest_clusters(RECENT)))[::-1]
        else:
            changed = list(self._store.query(clusters_changed_since(self._until - OVERLAP)))
        self._known.put(changed)
        if changed:
            # Not beyond the present: one writer whose clock is ahead must not hide the others'.
            self._until = min(max(each.updated_at for each in changed), self._clock.now())


@dataclass
class Index:
    """First pictures of clusters, searched one by one: all of ``RECENT`` in less than 1 ms."""

    limit: int = RECENT
    _ids: list[str] = field(default_factory=list)
    _row_of: dict[str, int] = field(default_factory=dict)
    _merged: dict[str, str] = field(default_factory=dict)
    _bits: NDArray[np.uint64] | None = None
    """(4, rows), as ``fingerprints.near`` searches them."""

    def __len__(self) -> int:
        return len(self._ids)

    def put(self, clusters: Iterable[MediaCluster]) -> None:
        """Add clusters, oldest first, or what has changed in them. Too many: the oldest go."""
        import numpy as np

        added: list[bytes] = []
        for cluster in clusters:
            if cluster.merged_into is not None:
                self._merged[cluster.id] = cluster.merged_into
            if cluster.pdq is None or cluster.id in self._row_of:
                continue
            self._row_of[cluster.id] = len(self._ids)
            self._ids.append(cluster.id)
            added.append(bytes.fromhex(cluster.pdq))
        if not added:
            return
        columns = quarters(np.frombuffer(b"".join(added), np.uint8).reshape(-1, 32))
        old = self._bits
        self._bits = np.ascontiguousarray(
            columns if old is None else np.concatenate([old, columns], axis=1)
        )
        if len(self._ids) > self.limit * 5 // 4:
            self._forget()

    def nearest(self, forms: Sequence[bytes], radius: int = MAX_DISTANCE) -> str | None:
        """The cluster whose first picture is nearest to one of these; of equals the oldest."""
        found = [pair for form in forms for pair in self._near(form, radius)]
        return self._ids[min(found)[1]] if found else None

    def near(self, forms: Sequence[bytes], radius: int = MAX_DISTANCE) -> list[str]:
        """Every cluster whose first picture is within ``radius`` of one of these, once each."""
        rows = {row for form in forms for _, row in self._near(form, radius)}
        return [self._ids[row] for row in sorted(rows)]

    def root(self, cluster: str) -> str:
        """The cluster, or the one that it was merged into at last."""
        seen: set[str] = set()
        while cluster in self._merged and cluster not in seen:
            seen.add(cluster)
            cluster = self._merged[cluster]
        return cluster

    def _near(self, form: bytes, radius: int) -> list[tuple[int, int]]:
        """Distance and row of each within ``radius``."""
        if self._bits is None:
            return []
        rows, apart = near(self._bits, form, radius)
        return list(zip(apart.tolist(), rows.tolist(), strict=True))

    def _forget(self) -> None:
        import numpy as np

        assert self._bits is not None
        gone = len(self._ids) - self.limit
        for cluster in self._ids[:gone]:
            self._merged.pop(cluster, None)
        self._ids = self._ids[gone:]
        self._row_of = {cluster: row for row, cluster in enumerate(self._ids)}
        self._bits = np.ascontiguousarray(self._bits[:, gone:])


def merge_clusters(store: Store, now: datetime) -> int:
    """Make clusters one that began at the same time with near pictures; returns how many went.

    The older one stays. A case that was filed under the younger meanwhile is brought over the next
    time. Runs with the upkeep; two runs at once do no harm.
    """
    recent = list(store.query(clusters_changed_since(now - MERGE_WITHIN)))
    known = Index()
    known.put(reversed(list(store.query(newest_clusters(RECENT)))))
    by_id: dict[str, MediaCluster] = {cluster.id: cluster for cluster in recent}
    merged = 0
    for cluster in sorted(recent, key=_age):
        into = cluster.merged_into
        if into is None:
            older = _older(cluster, known, by_id, store)
            if older is None:
                continue
            into = older.id
            store.update(cluster, merged_into=into, updated_at=now)
            by_id[cluster.id] = cluster.model_copy(update={"merged_into": into})
            merged += 1
        _bring_over(cluster.id, into, store)
    if merged:
        log.info("clusters merged", extra={"count": merged})
    return merged


def _older(
    cluster: MediaCluster, known: Index, by_id: dict[str, MediaCluster], store: Store
) -> MediaCluster | None:
    """The oldest cluster that stands, began before this one, and whose first picture is near."""
    if cluster.pdq is None:
        return None
    candidates = []
    for name in known.near(tuple(turned(bytes.fromhex(cluster.pdq)).values())):
        other = by_id.get(name) or store.get(MediaCluster, name)
        if other is None or other.merged_into is not None or _age(other) >= _age(cluster):
            continue
        by_id[name] = other
        candidates.append(other)
    return min(candidates, key=_age, default=None)


def _age(cluster: MediaCluster) -> tuple[datetime, str]:
    return cluster.created_at, cluster.id


def _bring_over(gone: str, into: str, store: Store) -> None:
    """Point the cases and records of one cluster at another."""

    for case in list(store.query(of_cluster(Case, gone))):
        store.run(partial(_move, found=case, gone=gone, into=into, counts=True))
    for media in list(store.query(of_cluster(MediaHash, gone))):
        store.run(partial(_move, found=media, gone=gone, into=into, counts=False))


def _move(tx: Transaction, found: M, gone: str, into: str, *, counts: bool) -> None:
    current = tx.get(type(found), found.id)
    if current is None or current.cluster_id != gone:
        return
    tx.update(current, cluster_id=into)
    if counts:
        tx.increment(MediaCluster.path_of(into), "members")
        tx.increment(MediaCluster.path_of(gone), "members", -1)


def newest_clusters(limit: int) -> Query[MediaCluster]:
    return Query(MediaCluster, order_by=(("updatedAt", "DESCENDING"),), limit=limit)


def clusters_changed_since(moment: datetime) -> Query[MediaCluster]:
    return Query(
        MediaCluster, (Where("updatedAt", ">=", moment),), order_by=(("updatedAt", "ASCENDING"),)
    )


def of_cluster(kind: type[M], cluster: str) -> Query[M]:
    """The cases, or the records of published media, of a cluster."""
    return Query(kind, (Where("clusterId", "==", cluster),))

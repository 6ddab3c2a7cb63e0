"""Fingerprints of published media, packed for searching.

A search among millions of records would read each of them from Firestore. So stretches of the
registry, in the order in which it grew, are packed into objects of columns that numpy searches as
they are. A segment never changes: what was taken down since is found out when it is hit. What is in
no segment yet is read from the registry.

Object: 8 bytes magic, 4 bytes length of the header (little-endian), header in JSON, then the
columns one behind the other, little-endian, rows first. Its SHA-256 stands in its document.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from media_integrity.cloud.firestore import EPOCH, Query, Store, Where
from media_integrity.cloud.storage import ObjectGone, ObjectStore, TooLarge
from media_integrity.fingerprints.vpdq import VideoFrame, VideoHash
from media_integrity.scanning import leases
from media_integrity.schema.bank_work import PublishedSegment
from media_integrity.schema.hashes import MediaHash

from .backend import BankBackend

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

SETTLED_AFTER = leases.LEASE
"""Records do not appear in the order of ``created_at``: a worker takes the time before it commits.
One that took it this long ago has committed or is dead."""

SEGMENT_ROWS = 250_000
"""Hashes in a segment, and media: about 20 MB."""
WORTH_PACKING = 5_000
"""Media; fewer are as quickly read from the registry."""
PAGE = 500
MAX_BYTES = 256 * 1024 * 1024
CONTENT_TYPE = "application/octet-stream"

MAGIC = b"MIEPUBL1"
MAX_HEADER = 4096
JOB_ID = re.compile(r"[0-9a-f]{64}")
COLUMNS = {
    "created": ("<i8", 1),
    "ids": ("|u1", 32),
    "sha256": ("|u1", 32),
    "md5": ("|u1", 16),
    "view_bits": ("|u1", 32),
    "view_quality": ("|u1", 1),
    "view_medium": ("<u4", 1),
    "frame_bits": ("|u1", 32),
    "frame_quality": ("|u1", 1),
    "frame_medium": ("<u4", 1),
}
"""Name, type, width. ``created``: microseconds since 1970. ``md5``: zeros where there is none."""


class SegmentUnreadable(Exception):
    """The object is gone, cut short or changed. The registry still has everything."""


class Place(NamedTuple):
    """Where in the registry's order: everything up to this medium, itself included."""

    created_at: datetime
    id: str


BEGINNING = Place(EPOCH, "")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive published media as columns: ``m`` media, ``n`` views, ``k`` frames of films.

    The shapes are (m,), (m, 32), (m, 32), (m, 16); (n, 32), (n,), (n,); (k, 32), (k,), (k,).
    """

    created: NDArray[np.int64]
    ids: NDArray[np.uint8]
    sha256: NDArray[np.uint8]
    md5: NDArray[np.uint8]
    view_bits: NDArray[np.uint8]
    view_quality: NDArray[np.uint8]
    view_medium: NDArray[np.uint32]
    frame_bits: NDArray[np.uint8]
    frame_quality: NDArray[np.uint8]
    frame_medium: NDArray[np.uint32]

    def __len__(self) -> int:
        """Media."""
        return len(self.created)

    def place(self, medium: int) -> Place:
        moment = EPOCH + timedelta(microseconds=int(self.created[medium]))
        return Place(moment, self.ids[medium].tobytes().hex())

    def behind(self, place: Place) -> int:
        """Index of the first medium behind ``place``."""
        import numpy as np

        moment = _microseconds(place.created_at)
        first = int(np.searchsorted(self.created, moment, side="left"))
        while first < len(self) and self.place(first) <= place:
            first += 1
        return first


@dataclass
class _Columns:
    """Grows by one medium at a time, in bytes: records themselves would take a hundred times as
    much memory."""

    parts: dict[str, bytearray] = field(
        default_factory=lambda: {name: bytearray() for name in COLUMNS}
    )
    media: int = 0
    rows: int = 0

    def add(self, media: MediaHash) -> None:
        """One whose id is no job's is left out, with an error in the log."""
        if not JOB_ID.fullmatch(media.id):
            log.error("published medium with an id that is no job's is left out")
            return
        number = self.media.to_bytes(4, "little")
        self._put("created", _microseconds(media.created_at).to_bytes(8, "little", signed=True))
        self._put("ids", bytes.fromhex(media.id))
        self._put("sha256", bytes.fromhex(media.sha256))
        self._put("md5", bytes.fromhex(media.md5) if media.md5 else bytes(16))
        for view in media.views:
            self._row("view", bytes.fromhex(view.pdq), view.quality, number)
        for frame in film_of(media):
            self._row("frame", frame.bits, frame.quality, number)
        self.media += 1

    def stretch(self) -> Stretch:
        import numpy as np

        found = {}
        for name, (kind, width) in COLUMNS.items():
            column = np.frombuffer(bytes(self.parts[name]), np.dtype(kind))
            found[name] = column.reshape(-1, width) if width > 1 else column
        return Stretch(**found)

    def _row(self, kind: str, bits: bytes, quality: int, medium: bytes) -> None:
        self._put(f"{kind}_bits", bits)
        self._put(f"{kind}_quality", bytes([quality]))
        self._put(f"{kind}_medium", medium)
        self.rows += 1

    def _put(self, column: str, value: bytes) -> None:
        self.parts[column] += value


def pack_published(backend: BankBackend, *, at_least: int = WORTH_PACKING) -> int:
    """Pack the registry from where the last segment ends; returns how many media were packed.

    One segment a call at most; nothing while fewer than ``at_least`` media would be in it. Repeat
    while it packs something. Two runs at once make the same segment and only one is recorded.
    """
    store, now = backend.store, backend.clock.now()
    done = segments(store)
    begin = end_of(done[-1]) if done else BEGINNING
    columns, last = _Columns(), begin
    for media in published_after(store, begin, before=now - SETTLED_AFTER):
        last = Place(media.created_at, media.id)
        columns.add(media)
        if max(columns.rows, columns.media) >= SEGMENT_ROWS:
            break
    if columns.media < max(1, at_least):
        return 0
    content = pack(columns.stretch())
    checksum = hashlib.sha256(content).hexdigest()
    number = f"{len(done):08d}"
    # Its checksum is in its name: what another run writes meanwhile is another object.
    path = f"banks/published/{number}-{checksum[:16]}.bin"
    backend.objects.write(
        backend.bucket, path, content, content_type=CONTENT_TYPE, metadata={"segment": number}
    )
    segment = PublishedSegment(
        id=number,
        object_path=path,
        sha256=checksum,
        rows=columns.rows,
        media=columns.media,
        until=last.created_at,
        until_id=last.id,
        created_at=now,
    )
    if store.create(segment):
        return columns.media
    other = store.get(PublishedSegment, number)  # another run was faster
    written = backend.objects.stat(backend.bucket, path)
    if other is not None and other.object_path != path and written is not None:
        backend.objects.delete(written)
    return 0


def segments(store: Store) -> list[PublishedSegment]:
    """All segments in order."""
    found = store.query(Query(PublishedSegment, order_by=(("until", "ASCENDING"),)))
    return sorted(found, key=lambda segment: segment.id)


def end_of(segment: PublishedSegment) -> Place:
    return Place(segment.until, segment.until_id)


def read_segment(segment: PublishedSegment, bucket: str, objects: ObjectStore) -> Stretch:
    """The columns of a segment.

    Raises:
        SegmentUnreadable: it is not what was written.
    """
    found = objects.stat(bucket, segment.object_path)
    if found is None:
        raise SegmentUnreadable("gone")
    try:
        content = objects.read(found, max_bytes=MAX_BYTES)
    except (ObjectGone, TooLarge) as error:
        raise SegmentUnreadable(type(error).__name__) from error
    if hashlib.sha256(content).hexdigest() != segment.sha256:
        raise SegmentUnreadable("checksum")
    stretch = unpack(content)
    if len(stretch) != segment.media:
        raise SegmentUnreadable("media")
    return stretch


def pack(stretch: Stretch) -> bytes:
    """A segment's object."""
    import numpy as np

    lengths = {name: len(getattr(stretch, name)) for name in COLUMNS}
    header = json.dumps({"format": 1, "lengths": lengths}).encode()
    columns = [
        np.ascontiguousarray(getattr(stretch, name), np.dtype(kind)).tobytes()
        for name, (kind, _) in COLUMNS.items()
    ]
    return b"".join([MAGIC, len(header).to_bytes(4, "little"), header, *columns])


def unpack(content: bytes) -> Stretch:
    """The columns of a segment's object.

    Raises:
        SegmentUnreadable: it has another shape.
    """
    import numpy as np

    lengths, at = _header(content)
    found = {}
    for name, (kind, width) in COLUMNS.items():
        count = lengths[name] * width
        size = count * np.dtype(kind).itemsize
        if at + size > len(content):
            raise SegmentUnreadable("cut short")
        column = np.frombuffer(content, np.dtype(kind), count, at)
        found[name] = column.reshape(-1, width) if width > 1 else column
        at += size
    if at != len(content):
        raise SegmentUnreadable("more than its columns")
    stretch = Stretch(**found)
    for medium in (stretch.view_medium, stretch.frame_medium):
        if len(medium) and int(medium.max()) >= len(stretch):
            raise SegmentUnreadable("a hash of no medium")
    return stretch


def of_media(media: Iterable[MediaHash]) -> Stretch:
    """The same columns of records that are in no segment."""
    columns = _Columns()
    for each in media:
        columns.add(each)
    return columns.stretch()


def published_after(
    store: Store, place: Place, *, before: datetime, inclusive: bool = False
) -> Iterator[MediaHash]:
    """Records behind ``place`` and older than ``before``, in order, a page at a time.

    ``inclusive``: those of exactly ``before`` as well. One that cannot be read is left out, with an
    error in the log.
    """
    limit = PAGE
    while True:
        unreadable: list[str] = []
        asked = registry_page(place.created_at, before, limit, inclusive)
        page = list(store.query_readable(asked, unreadable.append))
        for path in unreadable:
            log.error("record of published media cannot be read", extra={"path": path})
        behind = sorted(
            (each for each in page if (each.created_at, each.id) > place),
            key=lambda each: (each.created_at, each.id),
        )
        yield from behind
        if len(page) + len(unreadable) < limit:
            return
        if behind:
            place, limit = Place(behind[-1].created_at, behind[-1].id), PAGE
        else:
            limit *= 2  # so many of one moment: the page has to reach beyond them


def film_of(media: MediaHash) -> tuple[VideoFrame, ...]:
    """The hashed frames of a film. None, and an error in the log, where they cannot be read."""
    if media.frames is None:
        return ()
    try:
        return VideoHash.unpack(media.frames).frames
    except ValueError:
        log.error("frames of a published film cannot be read", extra={"job": media.id})
        return ()


def registry_page(
    since: datetime, before: datetime, limit: int, inclusive: bool = False
) -> Query[MediaHash]:
    return Query(
        MediaHash,
        (
            Where("createdAt", ">=", since),
            Where("createdAt", "<=" if inclusive else "<", before),
        ),
        order_by=(("createdAt", "ASCENDING"),),
        limit=limit,
    )


def _header(content: bytes) -> tuple[dict[str, int], int]:
    """Rows of each column, and where the first one begins."""
    begin = len(MAGIC) + 4
    if content[: len(MAGIC)] != MAGIC or len(content) < begin:
        raise SegmentUnreadable("not a segment")
    size = int.from_bytes(content[len(MAGIC) : begin], "little")
    if size > MAX_HEADER or begin + size > len(content):
        raise SegmentUnreadable("header")
    try:
        header = json.loads(content[begin : begin + size])
        lengths = {name: int(header["lengths"][name]) for name in COLUMNS}
        known = header["format"] == 1
    except (ValueError, KeyError, TypeError) as error:
        raise SegmentUnreadable("header") from error
    media = {lengths[name] for name in ("created", "ids", "sha256", "md5")}
    views = {lengths[name] for name in ("view_bits", "view_quality", "view_medium")}
    frames = {lengths[name] for name in ("frame_bits", "frame_quality", "frame_medium")}
    if not known or max(map(len, (media, views, frames))) > 1 or min(lengths.values()) < 0:
        raise SegmentUnreadable("header")
    return lengths, begin + size


def _microseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)

"""Where uploads are begun: noted when the app says that it is about to upload.

A Storage event does not say from where an object came, so the app says beforehand which upload it
begins (docs/decisions/0022). The address is seen here; the device is the app's word, and an app
that says nothing uploads all the same.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from media_integrity.cloud.firestore import Contention, Query, Store, Transaction, Where
from media_integrity.cloud.keys import KeyRefused, KeysUnreachable
from media_integrity.schema.base import UserId
from media_integrity.schema.enforcement import (
    ORIGIN_RETENTION,
    TRACE_RETENTION,
    AccountTrace,
    BlockedThing,
    UploadOrigin,
)

from .hashing import OriginHasher, site_of

log = logging.getLogger(__name__)

TRACED_AGAIN_AFTER = timedelta(hours=1)
"""A trace that is younger is not written again."""


def note(
    user: UserId,
    upload_id: str,
    *,
    device: str | None,
    address: str | None,
    hasher: OriginHasher,
    store: Store,
    now: datetime,
) -> UploadOrigin | None:
    """Note where an upload is begun; returns what is known of it, None if nothing is.

    The first word counts: what is said again of the same upload changes nothing.
    """
    hashes = _hashed(device, address, hasher)
    if not hashes:
        return None
    fresh = UploadOrigin(
        id=UploadOrigin.id_for(user, upload_id),
        user_id=user,
        device_hash=hashes.get(BlockedThing.DEVICE),
        ip_hash=hashes.get(BlockedThing.ADDRESS),
        created_at=now,
        expire_at=now + ORIGIN_RETENTION,
    )

    def body(tx: Transaction) -> UploadOrigin:
        known = tx.get(UploadOrigin, fresh.id)
        if known is not None:
            return known
        traces = [_trace(tx, kind, hashed, user, now) for kind, hashed in hashes.items()]
        tx.create(fresh)
        for trace in traces:
            if trace is not None:
                tx.put(trace)
        return fresh

    try:
        return store.run(body)
    except Contention:  # two calls for one upload at once: the other has noted it
        return store.get(UploadOrigin, fresh.id)


def accounts_seen(hashed: str, most: int, store: Store) -> int:
    """How many accounts were seen on a device or at an address; ``most`` and one more at most."""
    query = Query(AccountTrace, (Where("hash", "==", hashed),), limit=most + 1)
    return sum(1 for _ in store.query(query))


def _hashed(
    device: str | None, address: str | None, hasher: OriginHasher
) -> dict[BlockedThing, str]:
    site = site_of(address) if address is not None else None
    values = {BlockedThing.DEVICE: device, BlockedThing.ADDRESS: site}
    try:
        return {
            kind: hasher.hashed(kind, value) for kind, value in values.items() if value is not None
        }
    except (KeysUnreachable, KeyRefused) as error:
        # Nobody is kept from uploading by it: what is uploaded is judged by what it is.
        log.error("origin not noted", extra={"error_type": type(error).__name__})
        return {}


def _trace(
    tx: Transaction, kind: BlockedThing, hashed: str, user: UserId, now: datetime
) -> AccountTrace | None:
    """The trace as it is to be written; None if it was written not long ago."""
    known = tx.get(AccountTrace, AccountTrace.id_for(hashed, user))
    if known is not None and now - known.last_at < TRACED_AGAIN_AFTER:
        return None
    return AccountTrace(
        id=AccountTrace.id_for(hashed, user),
        kind=kind,
        hash=hashed,
        user_id=user,
        first_at=known.first_at if known is not None else now,
        last_at=now,
        expire_at=now + TRACE_RETENTION,
    )

"""What ends by itself: strikes, warnings and closings for a time, and blocks. Safe to repeat."""

from __future__ import annotations

import logging

from media_integrity.audit.log import Entry
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Query, Store, Transaction, Where
from media_integrity.decision.policy import EnforcementPolicy
from media_integrity.schema.audit import AuditAction
from media_integrity.schema.base import UserId
from media_integrity.schema.enforcement import (
    DEVICE_BLOCK_RETENTION,
    DeviceBlock,
    EnforcementRecord,
)

from . import strikes
from .books import ENFORCEMENT

log = logging.getLogger(__name__)

BATCH = 200
"""Of one run; the next one goes on."""


def refresh_records(policy: EnforcementPolicy, *, store: Store, clock: Clock) -> int:
    """Bring records up to date in which something has ended. Returns how many.

    One that cannot be brought up to date does not keep the others.
    """
    due = Query(
        EnforcementRecord,
        (Where("changesAt", "<=", clock.now()),),
        order_by=(("changesAt", "ASCENDING"),),
        limit=BATCH,
    )
    done = 0
    for record in store.query(due):
        try:
            done += _refreshed(UserId(record.id), policy, store, clock)
        except Exception as error:  # noqa: BLE001  the next run tries again
            log.error("record not refreshed", extra={"error_type": type(error).__name__})
    return done


def _refreshed(user: UserId, policy: EnforcementPolicy, store: Store, clock: Clock) -> bool:
    def body(tx: Transaction) -> bool:
        ended = strikes.refreshing(tx, user, clock.now(), policy)
        if ended is None:
            return False
        ended.write()
        return True

    return store.run(body)


def end_blocks(*, store: Store, clock: Clock) -> int:
    """Mark blocks whose time is over; they do not act any more anyway. Returns how many."""
    due = Query(
        DeviceBlock,
        (Where("active", "==", True), Where("until", "<=", clock.now())),
        order_by=(("until", "ASCENDING"),),
        limit=BATCH,
    )
    return sum(_ended(each.id, store, clock) for each in store.query(due))


def _ended(hashed: str, store: Store, clock: Clock) -> bool:
    def body(tx: Transaction) -> bool:
        now = clock.now()
        block = tx.get(DeviceBlock, hashed)
        if block is None or not block.active or block.until is None or now < block.until:
            return False
        trail = Entry(tx, block.path)
        tx.update(block, active=False, expire_at=block.until + DEVICE_BLOCK_RETENTION)
        trail.write(AuditAction.SANCTION_LIFTED, ENFORCEMENT, now, f"{block.kind} block is over")
        return True

    return store.run(body)

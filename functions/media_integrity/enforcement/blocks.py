"""Blocks of devices and of network addresses, by moderators, on the ground of a case.

A device is refused. An address is many people's: what comes from a blocked one is held for a
moderator, for a week at most. What many accounts use is blocked neither way. There are no automatic
blocks.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from media_integrity.audit.log import Entry
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store, Transaction
from media_integrity.decision.policy import EnforcementPolicy
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.base import CaseId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enforcement import DEVICE_BLOCK_RETENTION, BlockedThing, DeviceBlock
from media_integrity.schema.enums import Action, CaseStatus
from media_integrity.schema.errors import Conflict, Invalid, NotFound

from .origins import accounts_seen
from .sanctions import require_may_decide, require_senior

MAX_CASES = 100
"""That a block names; more grounds make it no stronger."""


def block(
    hashed: str,
    case_id: CaseId,
    until: datetime | None,
    why: str,
    by: Actor,
    *,
    policy: EnforcementPolicy,
    store: Store,
    clock: Clock,
) -> DeviceBlock:
    """Block the device or address that a case's upload came from; asked again, it is prolonged.

    ``until``: none for a device means until it is undone; for an address, as long as may be.

    Raises:
        Forbidden: the caller is no senior moderator, or is the uploader or the person shown.
        NotFound: there is no such case, or its upload did not come from there.
        Conflict: the case does not stand as one of a blocked upload, or many accounts use it.
        Invalid: ``until`` has passed, or is later than an address may be blocked.
    """
    require_senior(by)
    popular = accounts_seen(hashed, policy.popular_accounts, store) > policy.popular_accounts

    def body(tx: Transaction) -> DeviceBlock:
        now = clock.now()
        case, details = _ground(tx, case_id)
        require_may_decide(case, details, by)
        kind = _kind(hashed, details)
        if case.action is not Action.BLOCK or case.status is CaseStatus.OVERTURNED:
            raise Conflict("This upload is not blocked, so nothing follows from it.")
        if popular:
            raise Conflict("Too many accounts use it to shut it out.", code="shared_by_many")
        known = tx.get(DeviceBlock, hashed)
        trail = Entry(tx, DeviceBlock.path_of(hashed))
        end = _end(kind, until, policy, now)
        cases = (*known.case_ids, case_id) if known is not None else (case_id,)
        accounts = (*known.accounts, case.uploader_id) if known else (case.uploader_id,)
        made = DeviceBlock(
            id=hashed,
            kind=kind,
            case_ids=tuple(dict.fromkeys(cases))[-MAX_CASES:],
            accounts=tuple(dict.fromkeys(accounts))[-MAX_CASES:],
            created_at=known.created_at if known is not None else now,
            until=end,
            expire_at=end + DEVICE_BLOCK_RETENTION if end is not None else None,
            note=why,
        )
        tx.put(made)
        trail.write(AuditAction.SANCTION_SET, by, now, f"{kind} blocked case {case_id}")
        return made

    return store.run(body)


def unblock(hashed: str, why: str, by: Actor, *, store: Store, clock: Clock) -> DeviceBlock:
    """End a block; one that has ended stays ended.

    Raises:
        Forbidden: the caller is no senior moderator.
        NotFound: there is none.
    """
    require_senior(by)

    def body(tx: Transaction) -> DeviceBlock:
        now = clock.now()
        known = tx.get(DeviceBlock, hashed)
        if known is None:
            raise NotFound("There is no such block.")
        trail = Entry(tx, known.path)
        if not known.active:
            return known
        ended = tx.update(
            known, active=False, until=now, expire_at=now + DEVICE_BLOCK_RETENTION, note=why
        )
        trail.write(AuditAction.SANCTION_LIFTED, by, now, f"{known.kind} unblocked")
        return ended

    return store.run(body)


def _ground(tx: Transaction, case_id: CaseId) -> tuple[Case, CaseDetails]:
    case = tx.get(Case, case_id)
    details = tx.get_below(CaseDetails, case_id, CaseDetails.DETAILS_ID)
    if case is None or details is None:
        raise NotFound("There is no such case.")
    return case, details


def _kind(hashed: str, details: CaseDetails) -> BlockedThing:
    if hashed == details.device_hash:
        return BlockedThing.DEVICE
    if hashed == details.ip_hash:
        return BlockedThing.ADDRESS
    raise NotFound("The upload of this case did not come from there.")


def _end(
    kind: BlockedThing, until: datetime | None, policy: EnforcementPolicy, now: datetime
) -> datetime | None:
    if until is not None and until <= now:
        raise Invalid("This block would have ended already.", code="in_the_past")
    if kind is BlockedThing.DEVICE:
        return until
    last = now + timedelta(days=policy.address_block_days)
    if until is not None and until > last:
        raise Invalid(
            f"An address is blocked for {policy.address_block_days} days at most: many people "
            "share one, and they move on.",
            code="too_long",
        )
    return until or last

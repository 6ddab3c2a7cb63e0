"""What apps and moderators call about accounts' standing, and what keeps it up to date.

Records, strikes and blocks are read from Firestore; apps ask here only before they upload.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Annotated

from firebase_functions import scheduler_fn
from pydantic import Field

from media_integrity.schema.base import CaseId, Moment, UserId
from media_integrity.schema.enforcement import (
    BlockedThing,
    EnforcementRecord,
    LinkReason,
    Restriction,
    Standing,
)

from . import logs, options
from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .failures import reported
from .rates import per_day, per_hour, per_minute

log = logging.getLogger(__name__)

SCHEDULE = "every 15 minutes"
TIMEOUT_S = 300

DocumentName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,400}$")]
AccountName = Annotated[str, Field(pattern=r"^[^/]{1,128}$")]
KeyedHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Why = Annotated[str, Field(min_length=3, max_length=500)]


# ---- For apps ----


class BeginUpload(Request):
    """``device``: a hash by which the app knows this device again, or none."""

    upload_id: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    device: KeyedHash | None = None


class BegunUpload(Response):
    """``code``, ``text`` and ``until`` say why not, and for how long, where it may not."""

    may_upload: bool
    code: str | None = None
    text: str | None = None
    until: Moment | None = None


@callable(role=Role.SIGNED_IN, request=BeginUpload, rate=(per_minute(60), per_day(1000)))
def begin_upload(request: BeginUpload, caller: Caller) -> BegunUpload:
    """Say that an upload is about to begin, and learn whether it would be taken."""
    from media_integrity.enforcement import origins
    from media_integrity.enforcement.admission import Standing as Admission

    from . import services, wiring

    store, clock = services.store(), services.clock()
    origin = origins.note(
        caller.uid,
        request.upload_id,
        device=request.device,
        address=caller.address,
        hasher=wiring.origin_hasher(),
        store=store,
        now=clock.now(),
    )
    device = origin.device_hash if origin is not None else None
    closed = Admission(store, clock).closed(caller.uid, device)
    if closed is None:
        return BegunUpload(may_upload=True)
    return BegunUpload(may_upload=False, code=closed.code, text=closed.text, until=closed.until)


# ---- For moderators: sanctions ----


class DecideSanction(Request):
    case_id: DocumentName
    why: Why


class AccountStanding(Response):
    """The account's record as it stands after a decision."""

    user_id: UserId
    standing: Standing
    strikes: int
    warnings: int
    restrictions: list[Restriction]

    @classmethod
    def of(cls, record: EnforcementRecord) -> AccountStanding:
        return cls(
            user_id=UserId(record.id),
            standing=record.standing,
            strikes=record.strikes,
            warnings=record.warnings,
            restrictions=list(record.restrictions),
        )


@callable(role=Role.SENIOR_MODERATOR, request=DecideSanction, rate=per_minute(30))
def confirm_sanction(request: DecideSanction, caller: Caller) -> AccountStanding:
    """Bring into force what a case's strike brings: a suspension becomes a ban."""
    from media_integrity.decision.policy import default_policy
    from media_integrity.enforcement import sanctions

    from . import services

    return AccountStanding.of(
        sanctions.confirm(
            CaseId(request.case_id),
            request.why,
            caller.actor,
            policy=default_policy().enforcement,
            store=services.store(),
            clock=services.clock(),
        )
    )


@callable(role=Role.SENIOR_MODERATOR, request=DecideSanction, rate=per_minute(30))
def lift_sanction(request: DecideSanction, caller: Caller) -> AccountStanding:
    """Lift what a case's strike brought; the strike stays on the record."""
    from media_integrity.decision.policy import default_policy
    from media_integrity.enforcement import sanctions

    from . import services

    return AccountStanding.of(
        sanctions.lift(
            CaseId(request.case_id),
            request.why,
            caller.actor,
            policy=default_policy().enforcement,
            store=services.store(),
            clock=services.clock(),
        )
    )


# ---- For moderators: devices and addresses ----


class BlockDevice(Request):
    """``hash``: of the device or the address, as it stands in the case's private part."""

    hash: KeyedHash
    case_id: DocumentName
    until: Annotated[Moment, Field(strict=False)] | None = None
    why: Why


class BlockedDevice(Response):
    hash: str
    kind: BlockedThing
    active: bool
    until: Moment | None


@callable(role=Role.SENIOR_MODERATOR, request=BlockDevice, rate=per_minute(30))
def block_device(request: BlockDevice, caller: Caller) -> BlockedDevice:
    """Refuse uploads from a device, or hold those from an address, on the ground of a case."""
    from media_integrity.decision.policy import default_policy
    from media_integrity.enforcement import blocks

    from . import services

    made = blocks.block(
        request.hash,
        CaseId(request.case_id),
        request.until,
        request.why,
        caller.actor,
        policy=default_policy().enforcement,
        store=services.store(),
        clock=services.clock(),
    )
    return BlockedDevice(hash=made.id, kind=made.kind, active=made.active, until=made.until)


class UnblockDevice(Request):
    hash: KeyedHash
    why: Why


@callable(role=Role.SENIOR_MODERATOR, request=UnblockDevice, rate=per_minute(30))
def unblock_device(request: UnblockDevice, caller: Caller) -> BlockedDevice:
    """End a block."""
    from media_integrity.enforcement import blocks

    from . import services

    ended = blocks.unblock(
        request.hash,
        request.why,
        caller.actor,
        store=services.store(),
        clock=services.clock(),
    )
    return BlockedDevice(hash=ended.id, kind=ended.kind, active=ended.active, until=ended.until)


# ---- For moderators: one person's accounts ----


class FindLinkedAccounts(Request):
    user_id: AccountName


class AccountTie(Response):
    one: UserId
    other: UserId
    reasons: list[LinkReason]
    weight: float


class LinkedAccounts(Response):
    """``complete``: whether all accounts that were found are in it."""

    accounts: list[UserId]
    ties: list[AccountTie]
    complete: bool


@callable(
    role=Role.MODERATOR,
    request=FindLinkedAccounts,
    rate=(per_minute(10), per_hour(60)),
    timeout_s=120,
)
def find_linked_accounts(request: FindLinkedAccounts, caller: Caller) -> LinkedAccounts:
    """Which accounts may be the same person's, and what speaks for it. Closes none."""
    from media_integrity.decision.policy import default_policy
    from media_integrity.enforcement import links

    from . import services

    graph = links.find(
        UserId(request.user_id),
        caller.actor,
        policy=default_policy().enforcement,
        store=services.store(),
        clock=services.clock(),
    )
    return LinkedAccounts(
        accounts=list(graph.accounts),
        ties=[
            AccountTie(one=tie.one, other=tie.other, reasons=list(tie.reasons), weight=tie.weight)
            for tie in graph.ties
        ],
        complete=graph.complete,
    )


# ---- By schedule ----


@scheduler_fn.on_schedule(
    schedule=SCHEDULE, region=options.REGION, timeout_sec=TIMEOUT_S, memory=options.CALL_MEMORY
)
def keep_enforcement(event: scheduler_fn.ScheduledEvent) -> None:
    """End what ends by itself: strikes, warnings, closings for a time, blocks."""
    logs.configure()
    with reported("enforcement not kept"):
        log.info("enforcement", extra=run_enforcement())


def run_enforcement() -> dict[str, int]:
    """Every part once, and what each did. One that fails does not keep the other from running.

    Raises:
        RuntimeError: a part failed; the log says which and how.
    """
    from media_integrity.decision.policy import default_policy
    from media_integrity.enforcement import upkeep

    from . import services

    store, clock = services.store(), services.clock()
    policy = default_policy().enforcement
    parts: dict[str, Callable[[], int]] = {
        "records": lambda: upkeep.refresh_records(policy, store=store, clock=clock),
        "blocks": lambda: upkeep.end_blocks(store=store, clock=clock),
    }
    done, failed = {}, []
    for name, part in parts.items():
        try:
            done[name] = part()
        except Exception:
            log.exception("enforcement part failed", extra={"part": name})
            failed.append(name)
    if failed:
        raise RuntimeError(f"enforcement failed in part: {', '.join(failed)}")
    return done

"""What a shielded person calls, what moderators call about shields, and what keeps them.

Owners read their shields from Firestore. Every answer here is the same whoever else has a shield.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from firebase_functions import scheduler_fn, tasks_fn
from firebase_functions.https_fn import CallableRequest
from firebase_functions.options import MemoryOption
from pydantic import Field

from media_integrity.schema.base import CaseId
from media_integrity.schema.cases import ShieldAnswer
from media_integrity.schema.errors import Invalid
from media_integrity.schema.shields import (
    Shield,
    ShieldId,
    ShieldLevel,
    ShieldStatus,
    ShieldToggles,
)

from . import logs, options
from .callables import Caller, Request, Response, Role, callable  # noqa: A004  see there
from .failures import reported
from .rates import per_day, per_hour, per_minute
from .tasks import id_in

if TYPE_CHECKING:
    from media_integrity.shields.backend import ShieldBackend
    from media_integrity.shields.service import Wish

log = logging.getLogger(__name__)

MAX_REFERENCE = 8 << 20
"""Bytes of a picture or recording."""

_BODY = 4 * MAX_REFERENCE // 3 + 16 * 1024
"""The same as base64, in JSON."""

REFERENCE_MEMORY = MemoryOption.GB_4
"""It is checked by the same models as uploads."""
REFERENCE_TIMEOUT_S = 120

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
Why = Annotated[str, Field(min_length=3, max_length=400)]
Contact = Annotated[str, Field(max_length=500)]


class Toggles(Request):
    notifications: bool = True
    monitoring: bool = False
    legal_support: bool = False

    def value(self) -> ShieldToggles:
        return ShieldToggles(
            notifications=self.notifications,
            monitoring=self.monitoring,
            legal_support=self.legal_support,
        )


class ShieldContacts(Request):
    """Left out: as it is; empty: taken away."""

    legal: Contact | None = None
    support: Contact | None = None


class OwnShield(Response):
    shield_id: str
    status: ShieldStatus
    level: ShieldLevel

    @classmethod
    def of(cls, shield: Shield) -> OwnShield:
        return cls(shield_id=shield.id, status=shield.status, level=shield.level)


class _Wishes(Request):
    toggles: Toggles | None = None
    sharing_agreed: bool | None = Field(
        None, description="hashes of own pictures may be handed to exchanges; maximum only"
    )
    contacts: ShieldContacts | None = None


class CreateVictimShield(_Wishes):
    level: ShieldLevel = ShieldLevel.STANDARD
    request_key: str | None = Field(
        None, min_length=8, max_length=64, description="the same one makes the same shield"
    )


@callable(role=Role.SIGNED_IN, request=CreateVictimShield, rate=(per_minute(5), per_day(20)))
def create_victim_shield(request: CreateVictimShield, caller: Caller) -> OwnShield:
    """Make a shield. It does nothing before it has a reference."""
    from media_integrity.shields import service

    made = service.create(
        caller.uid, _wish(request, request.level), _backend(), key=request.request_key
    )
    return OwnShield.of(made)


class UpdateVictimShield(_Wishes):
    shield_id: Name
    level: ShieldLevel | None = None


@callable(role=Role.SIGNED_IN, request=UpdateVictimShield, rate=per_minute(10))
def update_victim_shield(request: UpdateVictimShield, caller: Caller) -> OwnShield:
    """Change level, toggles, contacts."""
    from media_integrity.shields import service

    wish = _wish(request, request.level)
    return OwnShield.of(service.update(ShieldId(request.shield_id), caller.uid, wish, _backend()))


class OneShield(Request):
    shield_id: Name


@callable(role=Role.SIGNED_IN, request=OneShield, rate=per_minute(10))
def pause_victim_shield(request: OneShield, caller: Caller) -> OwnShield:
    """Have a shield do nothing until it is resumed."""
    from media_integrity.shields import service

    return OwnShield.of(service.pause(ShieldId(request.shield_id), caller.uid, _backend()))


@callable(
    role=Role.SIGNED_IN,
    request=OneShield,
    rate=(per_minute(10), per_day(30)),
    memory=options.SHIELD_MEMORY,
)
def resume_victim_shield(request: OneShield, caller: Caller) -> OwnShield:
    """Have a paused shield act again."""
    from media_integrity.shields import service

    return OwnShield.of(service.resume(ShieldId(request.shield_id), caller.uid, _backend()))


@callable(role=Role.SIGNED_IN, request=OneShield, rate=per_minute(10))
def delete_victim_shield(request: OneShield, caller: Caller) -> OwnShield:
    """Delete a shield, its templates and its hashes for good."""
    from media_integrity.shields import service

    return OwnShield.of(service.delete(ShieldId(request.shield_id), caller.uid, _backend()))


class AddShieldReference(Request):
    shield_id: Name
    content: str = Field(min_length=4, description="base64 of a picture or recording, 8 MiB")


class AddedShieldReference(Response):
    shield_id: str
    reference_id: str


@callable(
    role=Role.SIGNED_IN,
    request=AddShieldReference,
    rate=(per_minute(4), per_day(30)),
    max_bytes=_BODY,
    memory=REFERENCE_MEMORY,
    timeout_s=REFERENCE_TIMEOUT_S,
    concurrency=1,
)
def add_shield_reference(request: AddShieldReference, caller: Caller) -> AddedShieldReference:
    """Add a picture of the caller's face, or a recording of their voice. The bytes are not kept."""
    from media_integrity.shields import references

    try:
        content = base64.b64decode(request.content, validate=True)
    except binascii.Error as error:
        raise Invalid("The file is not valid base64.") from error
    if len(content) > MAX_REFERENCE:
        raise Invalid("The file is too large. 8 MiB are enough.", code="too_large")
    shield_id = ShieldId(request.shield_id)
    added = references.add(shield_id, content, caller.uid, _backend())
    return AddedShieldReference(shield_id=shield_id, reference_id=added.reference_id)


class RemoveShieldReference(Request):
    shield_id: Name
    reference_id: Name


@callable(role=Role.SIGNED_IN, request=RemoveShieldReference, rate=per_minute(10))
def remove_shield_reference(request: RemoveShieldReference, caller: Caller) -> OwnShield:
    """Take a reference away."""
    from media_integrity.shields import references

    changed = references.remove(
        ShieldId(request.shield_id), request.reference_id, caller.uid, _backend()
    )
    return OwnShield.of(changed)


class AnswerShieldMatch(Request):
    case_id: Name
    answer: ShieldAnswer


class AnsweredShieldMatch(Response):
    outcome: str


@callable(role=Role.SIGNED_IN, request=AnswerShieldMatch, rate=per_minute(20))
def answer_shield_match(request: AnswerShieldMatch, caller: Caller) -> AnsweredShieldMatch:
    """Say of an upload that was held for one's shield: agree, not me, refuse."""
    from media_integrity.shields import answers

    outcome = answers.answer(CaseId(request.case_id), request.answer, caller.uid, _backend())
    return AnsweredShieldMatch(outcome=outcome.value)


class RequestEvidencePackage(Request):
    case_id: Name


class EvidencePackage(Response):
    item_id: str
    sha256: str


@callable(
    role=Role.SIGNED_IN,
    request=RequestEvidencePackage,
    rate=per_hour(20),
    memory=options.SHIELD_MEMORY,
)
def request_evidence_package(request: RequestEvidencePackage, caller: Caller) -> EvidencePackage:
    """Put the evidence of a blocked case together; it is read from the vault in Firestore."""
    from media_integrity.shields import evidence

    item = evidence.package(CaseId(request.case_id), caller.uid, _backend())
    return EvidencePackage(item_id=item.id, sha256=item.sha256)


# ---- For moderators


class ResolveShieldDispute(Request):
    shield_ids: list[Name] = Field(min_length=2, max_length=20)
    keep: list[Name] = Field(max_length=20)
    why: Why


class DecidedShields(Response):
    shields: list[OwnShield]


@callable(role=Role.SENIOR_MODERATOR, request=ResolveShieldDispute, rate=per_minute(20))
def resolve_shield_dispute(request: ResolveShieldDispute, caller: Caller) -> DecidedShields:
    """Decide whose face it is: those that are kept act again, the others lose their references."""
    from media_integrity.shields import conflicts

    changed = conflicts.resolve(
        [ShieldId(each) for each in request.shield_ids],
        [ShieldId(each) for each in request.keep],
        request.why,
        caller.actor,
        _backend(),
    )
    return DecidedShields(shields=[OwnShield.of(each) for each in changed])


class ReviewShieldReach(Request):
    shield_id: Name
    only_holds: bool
    why: Why


@callable(role=Role.SENIOR_MODERATOR, request=ReviewShieldReach, rate=per_minute(20))
def review_shield_reach(request: ReviewShieldReach, caller: Caller) -> OwnShield:
    """Say whether a shield that matched many people only holds from now on."""
    from media_integrity.shields import conflicts

    shield_id = ShieldId(request.shield_id)
    return OwnShield.of(
        conflicts.review_reach(shield_id, request.only_holds, request.why, caller.actor, _backend())
    )


class ReadShieldContacts(Request):
    shield_id: Name
    why: Why


class OpenedContacts(Response):
    legal: str | None
    support: str | None


@callable(role=Role.SENIOR_MODERATOR, request=ReadShieldContacts, rate=per_hour(20))
def read_shield_contacts(request: ReadShieldContacts, caller: Caller) -> OpenedContacts:
    """Who acts for a shielded person, for a moderator who has to reach them. Audited."""
    from media_integrity.shields import service

    opened = service.contacts_of(ShieldId(request.shield_id), caller.actor, request.why, _backend())
    return OpenedContacts(legal=opened.legal, support=opened.support)


# ---- Tasks and schedules


@tasks_fn.on_task_dispatched(
    region=options.REGION,
    timeout_sec=options.RESCAN_TIMEOUT_S,
    memory=options.SCAN_MEMORY,
    cpu=options.SCAN_CPU,
    concurrency=1,
    retry_config=options.SEARCH_RETRIES,
    rate_limits=options.SEARCH_RATE,
)
def rescanpublished(request: CallableRequest[object]) -> None:
    """Compare what is published with a new shield. Payload: ``{"shieldId": …}``."""
    logs.configure()
    from media_integrity.shields import rescan

    shield = id_in(request, "shieldId")
    with reported("rescan failed", shield=shield):
        done = rescan.step(ShieldId(shield), _backend(), budget_s=options.RESCAN_BUDGET_S)
    log.info("rescan step", extra={"shield": shield, "done": done})


@scheduler_fn.on_schedule(
    schedule=options.SHIELDS_SCHEDULE,
    region=options.REGION,
    timeout_sec=options.UPKEEP_TIMEOUT_S,
    memory=options.SHIELD_MEMORY,
)
def keep_shields(event: scheduler_fn.ScheduledEvent) -> None:
    """Finish what died half-way, look for conflicts again, lost rescans, keys wrapped anew."""
    logs.configure()
    with reported("shields not kept"):
        log.info("shields kept", extra=run_keep_shields(_backend()))


def run_keep_shields(backend: ShieldBackend) -> dict[str, int]:
    """Every part once, and what each did. One that fails does not keep the others from running.

    Raises:
        RuntimeError: a part failed; the log says which and how.
    """
    from media_integrity.shields import keep

    parts: dict[str, Callable[[ShieldBackend], int]] = {
        "finished": keep.finish,
        "rescans": keep.rescans,
        "rewrapped": keep.rewrap,
    }
    done, failed = {}, []
    for name, part in parts.items():
        try:
            done[name] = part(backend)
        except Exception:
            log.exception("upkeep part failed", extra={"part": name})
            failed.append(name)
    if failed:
        raise RuntimeError(f"upkeep failed in part: {', '.join(failed)}")
    return done


def _wish(request: _Wishes, level: ShieldLevel | None) -> Wish:
    from media_integrity.shields.service import NOBODY, Contacts, Wish

    told = request.contacts
    return Wish(
        level=level,
        toggles=request.toggles.value() if request.toggles is not None else None,
        sharing_agreed=request.sharing_agreed,
        contacts=Contacts(legal=told.legal, support=told.support) if told else NOBODY,
    )


def _backend() -> ShieldBackend:
    from . import wiring

    return wiring.shield_backend()

"""Evidence packages for the owner of a shield of the highest level.

The media of a case that their shield blocked becomes an item of the vault, with the first links of
its chain of custody, and a package: a manifest of the item and the verdict, whose hash stands in
the vault too. No client reads the objects; handing them over is a moderator's act.

A package names the case and what was found, and neither the uploader nor anybody else.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.cloud.storage import ObjectGone, StoredObject, TooLarge
from media_integrity.scanning.worker import shields_of
from media_integrity.schema.audit import GENESIS, Actor, ActorKind, AuditAction
from media_integrity.schema.base import CaseId, UserId, days
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enums import Action, CaseStatus
from media_integrity.schema.errors import Conflict, Forbidden, NotFound, Unavailable
from media_integrity.schema.evidence import (
    CustodyAction,
    CustodyEntry,
    EvidenceItem,
    EvidenceKind,
)
from media_integrity.schema.shields import Shield, ShieldLevel, ShieldMatch, ShieldStatus

from .backend import ShieldBackend

log = logging.getLogger(__name__)

FORM = "media-integrity evidence package 1"
CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class _Subject:
    case: Case
    details: CaseDetails
    stored: StoredObject
    sha256: str


def package(case_id: CaseId, owner: UserId, backend: ShieldBackend) -> EvidenceItem:
    """Put the evidence of one blocked case together. Asking twice makes one package.

    Raises:
        NotFound: no shield of this person has blocked such a case.
        Forbidden: their shields are not of the level maximum with legal support, or in dispute.
        Conflict: the block does not stand, or its media is not in the vault (any more).
        Unavailable: the vault cannot be read now.
    """
    _require_right(case_id, owner, backend)
    subject = _subject(case_id, backend)
    item = _collect(subject, owner, backend)
    known = backend.store.get(EvidenceItem, _id(owner, case_id, EvidenceKind.PACKAGE))
    return known or _pack(subject, item, owner, backend)


def verified(entries: list[CustodyEntry], item: EvidenceItem) -> bool:
    """Whether a chain of custody is whole and ends where its item says. Pure."""
    previous = GENESIS
    for number, entry in enumerate(sorted(entries, key=lambda each: each.sequence)):
        if entry.sequence != number or entry.previous_hash != previous:
            return False
        if entry.hash != entry.digest():
            return False
        previous = entry.hash
    return previous == item.custody_head and len(entries) == item.custody_length


def _require_right(case_id: CaseId, owner: UserId, backend: ShieldBackend) -> None:
    own = list(backend.store.query(shields_of(owner)))
    blocked = [
        shield
        for shield in own
        if (match := backend.store.get_below(ShieldMatch, shield.id, case_id)) is not None
        and match.action is Action.BLOCK
        and shield.status is not ShieldStatus.DELETED
    ]
    if not blocked:
        raise NotFound("There is no such case.")
    if not any(_entitled(shield) for shield in blocked):
        raise Forbidden(
            "Evidence packages need a shield of the level maximum with legal support switched on."
        )


def _entitled(shield: Shield) -> bool:
    return (
        shield.level is ShieldLevel.MAXIMUM
        and shield.toggles.legal_support
        and shield.status is not ShieldStatus.DISPUTED
    )


def _subject(case_id: CaseId, backend: ShieldBackend) -> _Subject:
    store, objects = backend.store, backend.scanning.objects
    case = store.get(Case, case_id)
    details = store.get_below(CaseDetails, case_id, CaseDetails.DETAILS_ID)
    if case is None or details is None or details.evidence_path is None:
        raise Conflict("Nothing is kept of this case.", code="no_evidence")
    if case.action is not Action.BLOCK or case.status is CaseStatus.OVERTURNED:
        raise Conflict("This case was decided otherwise.", code="not_blocked")
    stored = objects.stat(details.source.bucket, details.evidence_path)
    if stored is None:
        raise Conflict("The media is on its way to the vault, or gone.", code="no_evidence")
    try:
        content = objects.read(stored, max_bytes=backend.policy.limits.max_bytes)
    except (ObjectGone, TooLarge) as error:
        raise Unavailable("The vault cannot be read now. Try again soon.") from error
    digest = hashlib.sha256(content).hexdigest()
    if details.sha256 is not None and digest != details.sha256:
        log.error("evidence was changed", extra={"case": case_id})
        raise Conflict("The media in the vault is not what was uploaded.", code="changed")
    return _Subject(case, details, stored, digest)


def _collect(subject: _Subject, owner: UserId, backend: ShieldBackend) -> EvidenceItem:
    """The media as an item of the vault; made once."""
    case_id = CaseId(subject.case.id)
    item_id = _id(owner, case_id, EvidenceKind.MEDIA)

    def body(tx: Transaction) -> EvidenceItem:
        known = tx.get(EvidenceItem, item_id)
        if known is not None:
            return known
        trail = Entry(tx, EvidenceItem.path_of(item_id))
        now = backend.clock.now()
        note = trail.write(AuditAction.EVIDENCE_TOUCHED, _as(owner), now, f"case {case_id}")
        return _create(
            tx,
            item_id,
            subject.stored,
            subject.sha256,
            EvidenceKind.MEDIA,
            (owner, case_id),
            note,
            now,
            backend,
        )

    return backend.store.run(body)


def _pack(
    subject: _Subject, item: EvidenceItem, owner: UserId, backend: ShieldBackend
) -> EvidenceItem:
    case_id = CaseId(subject.case.id)
    package_id = _id(owner, case_id, EvidenceKind.PACKAGE)
    objects, bucket = backend.scanning.objects, subject.stored.bucket
    content = manifest(subject.case, subject.details, item)
    name = f"evidence/packages/{package_id}.json"
    stored = objects.stat(bucket, name)
    if stored is None or objects.read(stored, max_bytes=1 << 20) != content:
        metadata = {"caseId": case_id, "action": "PACKAGE"}
        objects.write(bucket, name, content, content_type=CONTENT_TYPE, metadata=metadata)
        stored = objects.stat(bucket, name)
    if stored is None:
        raise Unavailable("The package could not be written. Try again soon.")
    written, digest = stored, hashlib.sha256(content).hexdigest()

    def body(tx: Transaction) -> EvidenceItem:
        known = tx.get(EvidenceItem, package_id)
        current = tx.get(EvidenceItem, item.id)
        if known is not None:
            return known
        if current is None:
            raise Conflict("The evidence is gone.", code="no_evidence")
        trail = Entry(tx, EvidenceItem.path_of(package_id))
        now = backend.clock.now()
        note = trail.write(AuditAction.EVIDENCE_TOUCHED, _as(owner), now, f"case {case_id}")
        copied = _link(current, CustodyAction.COPIED, note, now)
        tx.create(copied)
        tx.update(
            current,
            custody_head=copied.hash,
            custody_length=current.custody_length + 1,
            updated_at=now,
        )
        return _create(
            tx,
            package_id,
            written,
            digest,
            EvidenceKind.PACKAGE,
            (owner, case_id),
            note,
            now,
            backend,
        )

    return backend.store.run(body)


def manifest(case: Case, details: CaseDetails, item: EvidenceItem) -> bytes:
    """What is in a package, as JSON: the same bytes for the same evidence. Pure."""
    told = {
        "format": FORM,
        "caseId": case.id,
        "openedAt": case.created_at.isoformat(),
        "items": [
            {
                "id": item.id,
                "kind": item.kind.value,
                "object": item.object_path,
                "generation": item.generation,
                "contentType": item.content_type,
                "bytes": item.size,
                "sha256": item.sha256,
                "collectedAt": item.created_at.isoformat(),
            }
        ],
        "verdict": {
            "action": case.action.value,
            "violations": [
                {"violation": each.violation.value, "confidence": each.confidence}
                for each in case.violations
            ],
            "reasons": [each.code.value for each in case.explanation],
            "policyVersion": case.policy_version,
            "evidence": [
                each.model_dump(mode="json", by_alias=True)
                for each in details.evidence
                if each.counted
            ],
        },
    }
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=True).encode()


def _create(
    tx: Transaction,
    item_id: str,
    stored: StoredObject,
    sha256: str,
    kind: EvidenceKind,
    about: tuple[UserId, CaseId],
    audit_entry: str,
    now: datetime,
    backend: ShieldBackend,
) -> EvidenceItem:
    victim, case_id = about
    item = EvidenceItem(
        id=item_id,
        victim_id=victim,
        case_id=case_id,
        kind=kind,
        object_path=stored.name,
        generation=str(stored.generation),
        content_type=stored.content_type or "application/octet-stream",
        size=stored.size,
        sha256=sha256,
        custody_head=GENESIS,
        custody_length=1,
        retain_until=now + days(backend.policy.shields.evidence_days),
        created_at=now,
        updated_at=now,
    )
    first = _link(
        item.model_copy(update={"custody_length": 0}), CustodyAction.COLLECTED, audit_entry, now
    )
    kept = item.model_copy(update={"custody_head": first.hash})
    tx.create(kept)
    tx.create(first)
    return kept


def _link(
    item: EvidenceItem, action: CustodyAction, audit_entry: str, now: datetime
) -> CustodyEntry:
    """The next link of an item's chain."""
    draft = CustodyEntry(
        id=f"{item.custody_length:010d}",
        parent_id=item.id,
        sequence=item.custody_length,
        at=now,
        action=action,
        actor_kind=ActorKind.USER,
        audit_entry=audit_entry,
        sha256=item.sha256,
        previous_hash=item.custody_head,
        hash=GENESIS,
    )
    return draft.model_copy(update={"hash": draft.digest()})


def _id(owner: UserId, case_id: CaseId, kind: EvidenceKind) -> str:
    return hashlib.sha256(f"{owner}\n{case_id}\n{kind.value}".encode()).hexdigest()[:32]


def _as(owner: UserId) -> Actor:
    return Actor(kind=ActorKind.USER, id=owner)

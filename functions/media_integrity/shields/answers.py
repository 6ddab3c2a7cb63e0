"""What a shielded person says of an upload that was held because it may show them.

They see the case and not the upload: it may show somebody else, and a shield is no proof of whose
face it is. ``agree`` lets it through where nothing but shields speaks against it; ``refuse`` blocks
it, where the shield is one that may block; ``not_me`` is for the moderator. A moderator or an
appeal can undo each of them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from media_integrity.audit.log import Entry
from media_integrity.cloud.firestore import Transaction
from media_integrity.decision.decide import ruled
from media_integrity.decision.protected import named
from media_integrity.scanning import documents, effects, intake, moving, release, states
from media_integrity.scanning.worker import shields_of
from media_integrity.schema.audit import Actor, ActorKind, AuditAction
from media_integrity.schema.base import CaseId, JobId, UserId
from media_integrity.schema.cases import Case, CaseDetails, ShieldAnswer, VictimAnswer
from media_integrity.schema.enums import Action, CaseStatus, ScanState
from media_integrity.schema.errors import Conflict, NotFound
from media_integrity.schema.findings import BankMatchDetail
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.scans import ReasonCode, ScanJob

from . import gate
from .backend import ShieldBackend

log = logging.getLogger(__name__)

SHIELDS_ALONE = frozenset({ReasonCode.PERSON_PROTECTED, ReasonCode.BANK_MATCH_UNCONFIRMED})
"""Reasons that a shield gives; the second where the entry that matched is a personal hash."""


class Outcome(StrEnum):
    """What an answer brought about. The same words for every shield and every upload."""

    NOTED = "noted"  # a moderator sees it
    BLOCKED = "blocked"
    RELEASED = "released"  # judged once more, and published if nothing else speaks against it


@dataclass(frozen=True, slots=True)
class _Read:
    case: Case
    details: CaseDetails
    job: ScanJob | None
    known: tuple[gate.Known, ...]
    """The answering person's shields that have a part in the case."""
    victims: frozenset[UserId]


def answer(case_id: CaseId, said: ShieldAnswer, victim: UserId, backend: ShieldBackend) -> Outcome:
    """Take down what a shielded person says of a case. The same answer twice changes nothing.

    Raises:
        NotFound: there is no such case, or this person's shields have no part in it.
        Conflict: it is decided by now (``decided``).
    """
    own = {shield.id for shield in backend.store.query(shields_of(victim))}

    def body(tx: Transaction) -> Outcome:
        found = _read(tx, case_id, victim, own)
        before = next(
            (each for each in found.details.victim_answers if each.victim_id == victim), None
        )
        again = before is not None and before.answer is said
        open_now = found.case.status in {CaseStatus.OPEN, CaseStatus.IN_REVIEW}
        if not open_now or found.case.action is not Action.REVIEW:
            if again:
                return _standing(found)
            raise Conflict("This case is decided.", code="decided")
        now = backend.clock.now()
        mine = VictimAnswer(victim_id=victim, answer=said, at=now)
        others = tuple(each for each in found.details.victim_answers if each.victim_id != victim)
        answers = (*others, mine)
        outcome = _outcome(found, said, answers, backend)
        if again and outcome is Outcome.NOTED:
            return outcome  # a young shield's word may bring about more once it is old
        withheld = release.read(tx, case_id) if outcome is Outcome.RELEASED else None
        trail = Entry(tx, found.case.path)
        tx.update(found.details, victim_answers=answers)
        for each in found.known:
            if each.match is not None:
                tx.update(each.match, answered=True, updated_at=now)
        if outcome is Outcome.BLOCKED:
            _block(tx, found, backend)
        elif withheld is not None:
            tx.update(found.case, status=CaseStatus.CLOSED, updated_at=now)
            release.reconsider(tx, withheld, now)
        actor = Actor(kind=ActorKind.USER, id=victim)
        note = f"shield answer {said.value}: {outcome.value}"
        trail.write(AuditAction.SHIELD_CHANGED, actor, now, note)
        return outcome

    outcome = backend.store.run(body)
    if outcome is Outcome.RELEASED:
        intake.enqueue_scan(JobId(case_id), backend.scanning)
    elif outcome is Outcome.BLOCKED:
        _move(JobId(case_id), backend)
    return outcome


def _move(job: JobId, backend: ShieldBackend) -> None:
    """Move a blocked upload away. The refusal stands: if this fails the sweeper does it."""
    try:
        moving.move_now(job, backend.policy, backend.scanning)
    except Exception as error:  # noqa: BLE001  the sweeper sees to it
        told = {"job": job, "error_type": type(error).__name__}
        log.error("blocked, not moved yet", extra=told)


def _read(tx: Transaction, case_id: CaseId, victim: UserId, own: Iterable[str]) -> _Read:
    case = tx.get(Case, case_id)
    details = tx.get_below(CaseDetails, case_id, CaseDetails.DETAILS_ID)
    if case is None or details is None:
        raise NotFound("There is no such case.")
    concerned = [
        shield
        for shield in gate.acting(tx, details.findings, case.uploader_id, case_id)
        if shield.id in own and shield.owner_id == victim
    ]
    known = tuple(gate.read(tx, shield, case_id, case.uploader_id) for shield in concerned)
    known = tuple(each for each in known if each.match is not None)
    if victim not in details.victim_ids or not known:
        raise NotFound("There is no such case.")
    return _Read(case, details, tx.get(ScanJob, case_id), known, frozenset(details.victim_ids))


def _standing(found: _Read) -> Outcome:
    """What the person's earlier answer has brought about, as things are now."""
    if found.case.action is Action.BLOCK:
        return Outcome.BLOCKED
    closed = found.case.status is CaseStatus.CLOSED
    return Outcome.RELEASED if closed else Outcome.NOTED


def _outcome(
    found: _Read, said: ShieldAnswer, answers: tuple[VictimAnswer, ...], backend: ShieldBackend
) -> Outcome:
    waiting = found.case.status is CaseStatus.OPEN
    held = found.job is not None and found.job.state is ScanState.HELD
    if not waiting or not held:
        return Outcome.NOTED  # a moderator is at it
    if said is ShieldAnswer.REFUSE:
        now = backend.clock.now()
        blocks = any(not each.shield.only_holds(now) for each in found.known)
        return Outcome.BLOCKED if blocks else Outcome.NOTED
    agreed = {each.victim_id for each in answers if each.answer is ShieldAnswer.AGREE}
    if found.victims <= agreed and rests_on_shields(found.case, found.details):
        return Outcome.RELEASED
    return Outcome.NOTED


def rests_on_shields(case: Case, details: CaseDetails) -> bool:
    """Whether nothing but shields speaks against the upload. Pure."""
    codes = {reason.code for reason in case.explanation}
    if not codes or not codes <= SHIELDS_ALONE:
        return False
    hits = [
        hit
        for finding in details.findings
        if isinstance(finding.detail, BankMatchDetail)
        for hit in finding.detail.hits
    ]
    return bool(named(details.findings)) and all(hit.shield_id is not None for hit in hits)


def _block(tx: Transaction, found: _Read, backend: ShieldBackend) -> None:
    """The held upload is blocked: on the word of the person shown, so that it counts against
    nobody; a moderator or an appeal can undo it."""
    now = backend.clock.now()
    case, job = found.case, found.job
    assert job is not None
    verdict = ruled(
        Action.BLOCK, ReasonCode.PROTECTED_REFUSED, backend.policy, found.details.findings
    )
    tx.update(
        case,
        status=CaseStatus.ACTIONED,
        action=Action.BLOCK,
        explanation=verdict.reasons,
        severity=verdict.severity,
        appealable=verdict.appealable,
        actioned_at=now,
        updated_at=now,
    )
    tx.update(found.details, evidence_path=documents.evidence_path(case.id))
    tx.update(job, verdict=verdict.summary(), **states.to_be_moved(now))
    tx.create(
        effects.tell(
            f"{case.id}_refused",
            case.uploader_id,
            NotificationKind.UPLOAD_BLOCKED,
            now,
            case_id=CaseId(case.id),
        )
    )
    event = gate.Event(
        case_id=CaseId(case.id),
        uploader=case.uploader_id,
        action=Action.BLOCK,
        now=now,
        told=False,
    )
    for each in found.known:
        gate.record(tx, each, event, backend.policy)

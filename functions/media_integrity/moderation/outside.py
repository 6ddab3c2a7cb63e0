"""The second word that a report to an authority or exchange needs.

The first is the decision that upheld the case. Does not report: the outbox does.
"""

from __future__ import annotations

from media_integrity.audit.log import Entry
from media_integrity.banks.service import SENIOR
from media_integrity.cloud.firestore import Transaction
from media_integrity.scanning import effects
from media_integrity.schema.audit import Actor, AuditAction
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.cases import OutsideReport
from media_integrity.schema.enums import CaseStatus
from media_integrity.schema.errors import Conflict, Forbidden
from media_integrity.schema.outbox import OutsideReportEffect

from . import case_file
from .backend import Desk


def confirm(case_id: CaseId, by: Actor, desk: Desk) -> OutsideReport:
    """Have the case reported outside. Once; the second call changes nothing.

    Raises:
        NotFound: there is no such case.
        Forbidden: the caller is no senior moderator, gave the first word, or is concerned.
        Conflict: the case asks for no such report, or not any more, or not yet: it is appealed.
    """
    if by.kind not in SENIOR:
        raise Forbidden("Only a senior moderator may do this.")

    def body(tx: Transaction) -> OutsideReport:
        file = case_file.read(tx, case_id, by)
        known = file.details.outside_report
        if known is None or file.case.status is not CaseStatus.UPHELD:
            raise Conflict("This case asks for no report outside.", code="no_report")
        if known.second_by is not None:
            return known
        case_file.require_no_appeal(file)
        if known.first_by == by.id:
            raise Forbidden("Somebody else has to give the second word.", code="decided_before")
        trail = Entry(tx, file.case.path)
        now = desk.clock.now()
        confirmed = known.model_copy(update={"second_by": UserId(by.id), "second_at": now})
        tx.update(file.details, outside_report=confirmed)
        effect = OutsideReportEffect(case_id=case_id, destination=desk.policy.moderation.report_to)
        tx.create(effects.entry(case_id, effect.kind, effect, now))
        trail.write(AuditAction.CASE_DECIDED, by, now, f"report to {effect.destination}")
        return confirmed

    return desk.store.run(body)

"""A case as a moderator has it on the desk: read in a transaction, by somebody who may decide."""

from __future__ import annotations

from dataclasses import dataclass

from media_integrity.cloud.firestore import Transaction
from media_integrity.schema.appeals import Appeal, AppealStatus
from media_integrity.schema.audit import Actor
from media_integrity.schema.base import CaseId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.errors import Conflict, Forbidden, NotFound

UNDECIDED = frozenset({AppealStatus.PENDING, AppealStatus.IN_REVIEW})


@dataclass(frozen=True, slots=True)
class CaseFile:
    case: Case
    details: CaseDetails
    appeal: Appeal | None

    @property
    def number(self) -> int:
        """Decisions so far: names what the next one brings about."""
        return len(self.details.decisions)

    @property
    def cause(self) -> str:
        """Id of the next decision, from which the ids of its effects are made."""
        return f"{self.case.id}_decision{self.number}"


def read(tx: Transaction, case_id: CaseId, by: Actor) -> CaseFile:
    """The case, if ``by`` may work on it.

    Raises:
        NotFound: there is no such case.
        Forbidden: it is the moderator's own upload, or they are shown in it.
    """
    case = tx.get(Case, case_id)
    details = tx.get_below(CaseDetails, case_id, CaseDetails.DETAILS_ID) if case else None
    if case is None or details is None:
        raise NotFound("There is no such case.")
    if by.id == case.uploader_id or by.id in details.victim_ids:
        raise Forbidden("This case concerns you, so somebody else decides it.", code="concerned")
    return CaseFile(case, details, tx.get(Appeal, case_id))


def require_no_appeal(file: CaseFile) -> None:
    """Raises: Conflict: the uploader has appealed; who decides now, decides on the appeal."""
    if file.appeal is not None and file.appeal.status in UNDECIDED:
        raise Conflict("The uploader has appealed. Hear the appeal instead.", code="under_appeal")

"""What a verdict means for the people shown: whether the upload waits for them, or is stopped.

Takes part in the verdict's transaction (``scanning.consequences``). It finds out how many people
are shown, which of them have agreed already, by the uploader's word or to an earlier upload of the
same media, and whether somebody has said no before. A moderator's permission changes nothing here:
it is about what the checks found, and nobody can agree in another person's place. Media in which
nobody has counted the people, as it was not opened or the count failed, asks for one at the least.

Says nothing of media that is taken down: what was agreed to stands, should it come back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.decision.known_media import hits_of
from media_integrity.decision.policy import Policy
from media_integrity.scanning.consequences import Filed, Prepared
from media_integrity.scanning.worker import shields_of
from media_integrity.schema.base import Document, JobId, UserId
from media_integrity.schema.consent import (
    CONSENT_PROOF_RETENTION,
    ConsentBasis,
    ConsentHold,
    ConsentHoldStatus,
    ConsentScope,
    ConsentStatus,
    ConsentVerification,
)
from media_integrity.schema.enums import Action, BankLabel, DetectionMethod, FindingStatus
from media_integrity.schema.errors import Conflict
from media_integrity.schema.faces import FACE_RETENTION, FaceDetectionRecord
from media_integrity.schema.findings import Finding, IdentityMorphingDetail
from media_integrity.schema.scans import ReasonCode
from media_integrity.schema.shields import ShieldStatus

from . import hold as holds
from .needed import people_to_agree
from .refusals import REFUSALS_BANK
from .scope import covers, same_media, scope_of

LOOKED_AT = 200
"""Consents and refusals of one uploader that are compared with an upload, the newest."""

STOPS = {
    ConsentHoldStatus.REFUSED: ReasonCode.CONSENT_REFUSED,
    ConsentHoldStatus.WITHDRAWN: ReasonCode.CONSENT_WITHDRAWN,
    ConsentHoldStatus.EXPIRED: ReasonCode.CONSENT_EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Consents:
    """The consequence of a verdict for those who are shown."""

    policy: Policy

    def prepare(self, tx: Transaction, filed: Filed) -> Prepared | None:
        """Read who has agreed. None: nobody is shown whom it would have to ask."""
        if filed.retroactive:
            return None
        known = tx.get(ConsentHold, filed.upload.id)
        needed = people_in(filed, self.policy)
        if not needed and known is None:
            return None
        scope = scope_of(filed)
        before = known or holds.opened(filed.upload.id, filed.upload.uploader_id, filed.now)
        own_face = self._own_face(tx, filed) if needed else None
        consents = self._in_force(tx, before, scope) if needed else []
        claim = _of_self(before, scope, consents, own_face, filed) if needed else None
        if claim is not None:
            consents = [each for each in consents if each.subject_id != claim.subject_id]
            consents += [claim] if claim.status is ConsentStatus.GIVEN else []
        after = holds.judged(
            before, scope, needed, own_face, [each.id for each in consents], filed.now
        )
        if needed and after.status not in holds.FINAL:
            no = self._refused_before(tx, after)
            after = holds.stopped(after, no, filed.now, self._erase_after) if no else after
        if after.status in holds.FINAL:
            after = holds.ended(after, filed.now)  # this very verdict sees to it
        waits = filed.publishes and after.status is ConsentHoldStatus.AWAITING
        if waits:
            after = holds.waited_for(after, filed.now + self._answer_within, filed.now)
        documents = [after, claim, _face_record(filed) if needed else None]

        def write() -> None:
            for document in documents:
                if document is not None:
                    tx.put(document)

        return Prepared(
            write=write,
            waits=waits,
            stops=STOPS.get(after.status),
            stops_review=_held_for_refusals(filed),
        )

    @property
    def _answer_within(self) -> timedelta:
        return timedelta(days=self.policy.consent.answer_days)

    @property
    def _erase_after(self) -> timedelta:
        return timedelta(days=self.policy.consent.erase_days)

    def _in_force(
        self, tx: Transaction, hold: ConsentHold, scope: ConsentScope
    ) -> list[ConsentVerification]:
        """Consents that cover this upload, one for each person."""
        own = [ConsentVerification.path_of(each) for each in hold.consents]
        given = {each.id: each for each in tx.query(given_to(hold.uploader_id))}
        given |= {
            each.id: each
            for each in tx.get_many(ConsentVerification, own)
            if each.status is ConsentStatus.GIVEN
        }
        covering = (each for each in given.values() if covers(each.scope, scope, self.policy))
        return one_of_each(hold.id, covering)

    def _refused_before(self, tx: Transaction, hold: ConsentHold) -> ConsentHoldStatus | None:
        """How somebody has said no to the same media by the same uploader, if that still stands."""
        assert hold.scope is not None
        for other in tx.query(standing_against(hold.uploader_id)):
            if other.id == hold.id or other.scope is None:
                continue
            if same_media(other.scope, hold.scope, self.policy):
                return other.status
        return None

    def _own_face(self, tx: Transaction, filed: Filed) -> bool | None:
        """Whether a face is the uploader's, by a selfie in a shield of theirs.

        None: they have enrolled none, or not every face could be compared.
        """
        own = {
            shield.id
            for shield in tx.query(shields_of(filed.upload.uploader_id))
            if shield.status is ShieldStatus.ACTIVE and shield.references.faces
        }
        detail = _compared(filed.findings)
        if not own or detail is None:
            return None
        if any(each.person_id in own for face in detail.faces for each in face.shows):
            return True
        return None if detail.not_judged or not detail.judged else False


def people_in(filed: Filed, policy: Policy) -> int:
    """How many people in an upload have to agree. Pure."""
    return people_to_agree(
        filed.faces,
        policy.consent,
        looked=_measured(filed, DetectionMethod.FACES),
        may_show=not _is_sound(filed) and not _blocked_for_itself(filed),
    )


def given_to(uploader: UserId) -> Query[ConsentVerification]:
    """Consents in force to what one person uploads, the newest first."""
    return Query(
        ConsentVerification,
        (Where("uploaderId", "==", uploader), Where("status", "==", ConsentStatus.GIVEN.value)),
        order_by=(("givenAt", "DESCENDING"),),
        limit=LOOKED_AT,
    )


def standing_against(uploader: UserId) -> Query[ConsentHold]:
    """Uploads of one person that somebody in them has said no to, the newest first."""
    return Query(
        ConsentHold,
        (Where("uploaderId", "==", uploader), Where("stands", "==", True)),
        order_by=(("updatedAt", "DESCENDING"),),
        limit=LOOKED_AT,
    )


def require_no_refusal(tx: Transaction, upload_id: str) -> None:
    """Read, in a transaction that would let an upload through, that nobody shown is against it.

    Raises:
        Conflict: somebody has refused or withdrawn. Code ``consent_refused``.
    """
    hold = tx.get(ConsentHold, upload_id)
    if hold is not None and hold.status in {
        ConsentHoldStatus.REFUSED,
        ConsentHoldStatus.WITHDRAWN,
    }:
        raise Conflict(
            "A person in it does not agree to be shown, so it cannot be published.",
            code="consent_refused",
        )


def people_who_agreed(tx: Transaction, upload_id: str) -> frozenset[UserId]:
    """Accounts whose consent to one upload is in force, the uploader's own included."""
    hold = tx.get(ConsentHold, upload_id)
    if hold is None or hold.status in holds.FINAL:
        return frozenset()
    paths = [ConsentVerification.path_of(each) for each in hold.consents]
    return frozenset(
        each.subject_id
        for each in tx.get_many(ConsentVerification, paths)
        if each.status is ConsentStatus.GIVEN and each.subject_id is not None
    )


def one_of_each(
    upload_id: str, covering: Iterable[ConsentVerification]
) -> list[ConsentVerification]:
    """Of consents to the same media one for each person. Pure.

    Who answered by link has no name. Two links of one upload went to two people; a link of another
    upload may have gone to either of them, so links count of one upload only: this one, or else the
    one that has most.
    """
    by_upload: dict[str, list[ConsentVerification]] = defaultdict(list)
    named: dict[UserId, ConsentVerification] = {}
    for each in covering:
        if each.subject_id is None:
            by_upload[each.job_id].append(each)
        elif each.subject_id not in named or each.job_id == upload_id:
            named[each.subject_id] = each
    best = max(by_upload.values(), key=len, default=[])
    return [*named.values(), *by_upload.get(upload_id, best)]


def consent_to_self(hold: ConsentHold, scope: ConsentScope, now: datetime) -> ConsentVerification:
    """The uploader's word that an upload shows themself."""
    return ConsentVerification(
        id=ConsentVerification.id_of_self(hold.id),
        job_id=JobId(hold.id),
        uploader_id=hold.uploader_id,
        subject_id=hold.uploader_id,
        basis=ConsentBasis.SELF,
        scope=scope,
        given_at=now,
    )


def _of_self(
    hold: ConsentHold,
    scope: ConsentScope,
    consents: Iterable[ConsentVerification],
    own_face: bool | None,
    filed: Filed,
) -> ConsentVerification | None:
    """What is to be written of the uploader's word on themself: void if their selfie is of somebody
    else, new if they gave it before the verdict. None: nothing."""
    if hold.status in holds.FINAL:
        return None
    known = next((each for each in consents if each.basis is ConsentBasis.SELF), None)
    if own_face is False and (known is not None or hold.self_claimed):
        here = known is not None and known.job_id == hold.id
        claim = known if known and here else consent_to_self(hold, scope, filed.now)
        return claim.model_copy(
            update={
                "status": ConsentStatus.VOID,
                "ended_at": filed.now,
                "expire_at": filed.now + CONSENT_PROOF_RETENTION,
            }
        )
    if known is None and hold.self_claimed:
        return consent_to_self(hold, scope, filed.now)
    return None


def _measured(filed: Filed, method: DetectionMethod) -> bool:
    return any(
        each.method is method and each.status is FindingStatus.MEASURED for each in filed.findings
    )


def _is_sound(filed: Filed) -> bool:
    """Whether there is nothing to be seen in it.

    Only of what was opened that is known: a container of sound may hold a film or a cover, and its
    first bytes do not say so. Whatever was opened as sound has been listened to.
    """
    listened_to = any(each.method is DetectionMethod.VOICE for each in filed.findings)
    return listened_to and filed.content_type.startswith("audio/")


def _blocked_for_itself(filed: Filed) -> bool:
    """Whether it is blocked for what it is, and not for what somebody in it has said.

    Nobody is to be asked about it then, least of all with a preview. Should it ever be let through,
    it is examined in full first.
    """
    codes = {reason.code for reason in filed.verdict.reasons}
    return filed.verdict.action is Action.BLOCK and codes.isdisjoint(STOPS.values())


def _held_for_refusals(filed: Filed) -> bool:
    """Whether a moderator would look at nothing but that somebody has refused these pictures.

    The entries of a refusal match the refused upload itself. Whatever else was found is looked at.
    """
    codes = {reason.code for reason in filed.verdict.reasons}
    hits = [hit for hit in hits_of(filed.findings) if hit.label is not BankLabel.ALLOW_LIST]
    return codes == {ReasonCode.BANK_MATCH_UNCONFIRMED} and all(
        hit.bank_id == REFUSALS_BANK for hit in hits
    )


def _face_record(filed: Filed) -> Document | None:
    found = next((each for each in filed.findings if each.method is DetectionMethod.FACES), None)
    if found is None or found.model is None or found.status is not FindingStatus.MEASURED:
        return None
    return FaceDetectionRecord(
        id=filed.upload.id,
        uploader_id=filed.upload.uploader_id,
        count=len(filed.faces),
        boxes=filed.faces,
        model=found.model,
        created_at=filed.now,
        expire_at=filed.now + FACE_RETENTION,
    )


def _compared(findings: Iterable[Finding]) -> IdentityMorphingDetail | None:
    for finding in findings:
        if finding.status is FindingStatus.MEASURED and isinstance(
            finding.detail, IdentityMorphingDetail
        ):
            return finding.detail
    return None

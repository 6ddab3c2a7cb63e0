"""Documents that contradict themselves are not made, so they are not stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.appeals import (
    MIN_EXPLANATION,
    Appeal,
    AppealDecision,
    AppealReason,
    AppealStatus,
)
from media_integrity.schema.bank_work import HashImport, ImportState
from media_integrity.schema.base import BankId, CaseId, JobId, UserId
from media_integrity.schema.cases import Case
from media_integrity.schema.consent import (
    ConsentBasis,
    ConsentRequestId,
    ConsentScope,
    ConsentStatus,
    ConsentVerification,
)
from media_integrity.schema.enums import Action, CaseStatus, HashAlgorithm, Severity, Surface
from media_integrity.schema.envelope import NONCE_BYTES, TAG_BYTES, Envelope
from media_integrity.schema.faces import FaceDetectionRecord
from media_integrity.schema.findings import Box, ModelRef
from media_integrity.schema.hashes import DIGITS, BankHash, DisabledFor
from media_integrity.schema.notifications import Language
from media_integrity.schema.outbox import Mail, MailData, MailTemplate
from media_integrity.schema.reports import (
    OWN_APP,
    ReportedMedia,
    ReportId,
    ReportPriority,
    Takedown,
    TakedownState,
)
from media_integrity.schema.shields import Shield, ShieldId, ShieldLevel, ShieldStatus
from media_integrity.schema.statistics import Counts, ReportState, TransparencyReport

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
HASH = "0" * 64
OWNER, SUBJECT = UserId("owner"), UserId("subject")
REQUEST = ConsentRequestId("request")


def consent(
    *,
    basis: ConsentBasis = ConsentBasis.EXPLICIT,
    subject: UserId | None = SUBJECT,
    request: ConsentRequestId | None = REQUEST,
    status: ConsentStatus = ConsentStatus.GIVEN,
    ended_at: datetime | None = None,
) -> ConsentVerification:
    return ConsentVerification(
        id="consent",
        job_id=JobId("job"),
        uploader_id=OWNER,
        subject_id=subject,
        basis=basis,
        status=status,
        scope=ConsentScope(sha256=HASH, surface=Surface.FEED),
        request_id=request,
        given_at=NOON,
        ended_at=ended_at,
    )


def appeal(
    *,
    status: AppealStatus = AppealStatus.PENDING,
    decision: AppealDecision | None = None,
    explanation: str = "x" * MIN_EXPLANATION,
    files: int = 0,
) -> Appeal:
    return Appeal(
        id="case",
        case_id=CaseId("case"),
        uploader_id=OWNER,
        reason=AppealReason.NOT_SYNTHETIC,
        explanation=explanation,
        evidence_paths=tuple(str(number) for number in range(files)),
        status=status,
        decision=decision,
        created_at=NOON,
    )


UPHELD = AppealDecision(outcome=AppealStatus.UPHELD, reason="It is what it was.", decided_at=NOON)


def shield(status: ShieldStatus, expire_at: datetime | None) -> Shield:
    return Shield(
        id="shield",
        owner_id=OWNER,
        status=status,
        created_at=NOON,
        updated_at=NOON,
        expire_at=expire_at,
    )


def takedown(
    state: TakedownState = TakedownState.REQUESTED,
    requested_at: datetime | None = NOON,
    due_at: datetime | None = LATER,
    closed_at: datetime | None = None,
) -> Takedown:
    return Takedown(
        id="takedown",
        report_id=ReportId("report"),
        reporter_id=SUBJECT,
        media=ReportedMedia(platform=OWN_APP, job_id="job"),
        in_time=True if state is TakedownState.REMOVED else None,
        state=state,
        requested_at=requested_at,
        due_at=due_at,
        closed_at=closed_at,
        created_at=NOON,
        updated_at=NOON,
    )


def report(state: ReportState, published_at: datetime | None) -> TransparencyReport:
    return TransparencyReport(
        id="report",
        state=state,
        first_day="2026-01-01",
        last_day="2026-03-31",
        counts=Counts(),
        created_at=NOON,
        published_at=published_at,
    )


def mail(*, to_uids: tuple[UserId, ...] = (), to: tuple[str, ...] = ()) -> Mail:
    data = MailData(language=Language.ENGLISH, app_url="https://app.example.com")
    template = MailTemplate(name="shield", data=data)
    return Mail(
        id="mail", to_uids=to_uids, to=to, template=template, created_at=NOON, expire_at=LATER
    )


def envelope(*, nonce: int = NONCE_BYTES, ciphertext: int = TAG_BYTES) -> Envelope:
    return Envelope(
        ciphertext=bytes(ciphertext),
        nonce=bytes(nonce),
        wrapped_key=b"key",
        key_version="1",
        aad="path",
    )


def faces(count: int) -> FaceDetectionRecord:
    box = Box(left=0, top=0, width=1, height=1, confidence=1)
    return FaceDetectionRecord(
        id="job",
        uploader_id=OWNER,
        count=count,
        boxes=(box,),
        model=ModelRef(name="model", sha256=HASH),
        created_at=NOON,
        expire_at=LATER,
    )


def entry(
    algorithm: HashAlgorithm = HashAlgorithm.PDQ,
    *,
    entry_id: str | None = None,
    value: str | None = None,
    quality: int | None = None,
    frames: str | None = None,
    shield: ShieldId | None = None,
    enabled: bool = True,
    disabled_for: DisabledFor | None = None,
) -> BankHash:
    value = HASH[: DIGITS[algorithm]] if value is None else value
    return BankHash(
        id=BankHash.id_for(algorithm, value, shield) if entry_id is None else entry_id,
        parent_id="bank",
        algorithm=algorithm,
        value=value,
        quality=quality,
        frames=frames,
        shield_id=shield,
        enabled=enabled,
        disabled_for=disabled_for,
        added_by="moderator",
        created_at=NOON,
        updated_at=NOON,
    )


def hash_import(state: ImportState, decided_by: UserId | None = None) -> HashImport:
    return HashImport(
        id="import",
        bank_id=BankId("bank"),
        source="csv",
        by="operator",
        state=state,
        decided_by=decided_by,
        created_at=NOON,
        updated_at=NOON,
    )


def alarm(text: str) -> Alarm:
    return Alarm(
        id="alarm",
        kind=AlarmKind.IMPORT_STAGED,
        severity=Severity.HIGH,
        subject="hash_imports/1",
        text=text,
        raised_at=NOON,
    )


SELF = ConsentBasis.SELF
SHIELD = ShieldId("shield")
POSSIBLE: dict[str, Callable[[], object]] = {
    "consent": consent,
    "consent_of_oneself": lambda: consent(basis=SELF, subject=OWNER, request=None),
    "consent_by_link": lambda: consent(subject=None),
    "consent_withdrawn": lambda: consent(status=ConsentStatus.WITHDRAWN, ended_at=LATER),
    "appeal": appeal,
    "appeal_upheld": lambda: appeal(status=AppealStatus.UPHELD, decision=UPHELD),
    "appeal_with_five_files": lambda: appeal(files=5),
    "shield": lambda: shield(ShieldStatus.ACTIVE, None),
    "shield_deleted": lambda: shield(ShieldStatus.DELETED, LATER),
    "takedown": takedown,
    "takedown_prepared": lambda: takedown(TakedownState.PREPARED, None, None),
    "takedown_removed": lambda: takedown(TakedownState.REMOVED, closed_at=LATER),
    "report_draft": lambda: report(ReportState.DRAFT, None),
    "report_published": lambda: report(ReportState.PUBLISHED, NOON),
    "mail_to_an_account": lambda: mail(to_uids=(OWNER,)),
    "mail_to_an_address": lambda: mail(to=("a@example.com",)),
    "envelope": envelope,
    "media_elsewhere": lambda: ReportedMedia(platform="x", url="https://example.com/1"),
    "crowd": lambda: faces(60),
    "picture_in_a_bank": lambda: entry(quality=80),
    "file_in_a_bank": lambda: entry(HashAlgorithm.SHA256),
    "file_of_an_exchange": lambda: entry(HashAlgorithm.MD5),
    "film_in_a_bank": lambda: entry(HashAlgorithm.VPDQ, frames="AAAA"),
    "personal_hash": lambda: entry(quality=80, shield=SHIELD),
    "disabled_hash": lambda: entry(quality=80, enabled=False, disabled_for=DisabledFor.DISPUTED),
    "import": lambda: hash_import(ImportState.APPLIED),
    "import_approved": lambda: hash_import(ImportState.APPROVED, SUBJECT),
    "alarm": lambda: alarm("An import waits."),
}

IMPOSSIBLE: dict[str, Callable[[], object]] = {
    "explicit_consent_without_request": lambda: consent(request=None),
    "consent_of_oneself_by_request": lambda: consent(basis=SELF, subject=OWNER),
    "consent_of_oneself_by_another": lambda: consent(basis=SELF, request=None),
    "consent_in_force_that_ended": lambda: consent(ended_at=LATER),
    "consent_withdrawn_at_no_time": lambda: consent(status=ConsentStatus.WITHDRAWN),
    "pending_appeal_with_decision": lambda: appeal(decision=UPHELD),
    "decided_appeal_without_decision": lambda: appeal(status=AppealStatus.UPHELD),
    "appeal_with_another_decision": lambda: appeal(status=AppealStatus.OVERTURNED, decision=UPHELD),
    "appeal_with_too_few_words": lambda: appeal(explanation="x" * (MIN_EXPLANATION // 2 - 1)),
    "appeal_with_six_files": lambda: appeal(files=6),
    "active_shield_that_expires": lambda: shield(ShieldStatus.ACTIVE, LATER),
    "deleted_shield_that_stays": lambda: shield(ShieldStatus.DELETED, None),
    "takedown_requested_without_clock": lambda: takedown(due_at=None),
    "takedown_open_but_closed": lambda: takedown(closed_at=LATER),
    "takedown_final_but_open": lambda: takedown(TakedownState.REFUSED),
    "report_published_at_no_time": lambda: report(ReportState.PUBLISHED, None),
    "draft_that_was_published": lambda: report(ReportState.DRAFT, NOON),
    "mail_to_nobody": mail,
    "envelope_with_a_short_nonce": lambda: envelope(nonce=NONCE_BYTES - 1),
    "envelope_without_tag": lambda: envelope(ciphertext=TAG_BYTES - 1),
    "media_nowhere": lambda: ReportedMedia(platform="x"),
    "media_at_no_address": lambda: ReportedMedia(platform="x", url="javascript:alert(1)"),
    "more_boxes_than_faces": lambda: faces(0),
    "picture_without_quality": entry,
    "file_with_quality": lambda: entry(HashAlgorithm.SHA256, quality=80),
    "film_without_frames": lambda: entry(HashAlgorithm.VPDQ),
    "picture_with_frames": lambda: entry(quality=80, frames="AAAA"),
    "hash_in_capitals": lambda: entry(quality=80, value="AB" * 32),
    "hash_too_short": lambda: entry(quality=80, value="ab" * 31),
    "sha256_of_md5_length": lambda: entry(HashAlgorithm.SHA256, value="ab" * 16),
    "hash_under_another_id": lambda: entry(quality=80, entry_id="pdq-" + "1" * 64),
    "personal_hash_under_a_common_id": lambda: entry(
        quality=80, shield=SHIELD, entry_id=BankHash.id_for(HashAlgorithm.PDQ, HASH)
    ),
    "enabled_hash_disabled_for_a_reason": lambda: entry(
        quality=80, disabled_for=DisabledFor.STAGED
    ),
    "import_approved_by_nobody": lambda: hash_import(ImportState.APPROVED),
    "staged_import_that_was_decided": lambda: hash_import(ImportState.STAGED, SUBJECT),
    "alarm_with_a_novel": lambda: alarm("x" * 501),
    "time_without_zone": lambda: report(ReportState.PUBLISHED, datetime(2026, 1, 1)),
}


@pytest.mark.parametrize("make", POSSIBLE.values(), ids=POSSIBLE.keys())
def test_is_made(make: Callable[[], object]) -> None:
    make()


@pytest.mark.parametrize("make", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValidationError):
        make()


def test_queues_sort_by_numbers_that_have_the_order_of_the_names() -> None:
    def rank(severity: Severity) -> object:
        case = Case(
            id="case",
            uploader_id=OWNER,
            status=CaseStatus.OPEN,
            action=Action.REVIEW,
            severity=severity,
            confidence=0.5,
            explanation=(),
            policy_version="1",
            surface=Surface.FEED,
            created_at=NOON,
            updated_at=NOON,
        )
        return case.to_firestore()["severityRank"]

    assert [rank(severity) for severity in Severity] == [0, 1, 2, 3]
    assert [level.rank for level in ShieldLevel] == [0, 1, 2]
    assert sorted(ReportPriority) == list(ReportPriority)

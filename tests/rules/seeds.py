"""One document of every kind, all about one upload: who uploaded it, and who is shown in it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from devkit.client import Fields
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.appeals import Appeal, AppealDetails, AppealReason
from media_integrity.schema.audit import Actor, ActorKind, AuditAction, AuditEntry, AuditHead
from media_integrity.schema.bank_work import (
    EntryRef,
    Exchange,
    ExchangeFeedback,
    ExchangeKind,
    FeedbackKind,
    HashImport,
    HashSnapshot,
    ListedRecord,
    PublishedSegment,
    RetroactiveSearch,
)
from media_integrity.schema.base import BankId, CaseId, Document, JobId, UserId
from media_integrity.schema.cases import (
    BlockedUploadAttempt,
    Case,
    CaseDetails,
    CaseViolation,
    DeepfakeAttempt,
    SyntheticMediaFlag,
)
from media_integrity.schema.clusters import MediaCluster
from media_integrity.schema.consent import (
    BlockedConsentClaim,
    ClaimKind,
    ConsentBasis,
    ConsentHold,
    ConsentRequest,
    ConsentRequestId,
    ConsentRequestSecret,
    ConsentScope,
    ConsentVerification,
)
from media_integrity.schema.enforcement import (
    AccountTrace,
    BlockedThing,
    DeviceBlock,
    EnforcementDetails,
    EnforcementRecord,
    HashingKey,
    Strike,
    StrikeState,
    UploadOrigin,
)
from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    BankLabel,
    CaseStatus,
    DetectionMethod,
    HashAlgorithm,
    MatchType,
    Sanction,
    Severity,
    Surface,
    Violation,
)
from media_integrity.schema.envelope import Envelope
from media_integrity.schema.evidence import CustodyAction, CustodyEntry, EvidenceItem, EvidenceKind
from media_integrity.schema.faces import FaceDetectionRecord
from media_integrity.schema.findings import BankHit, FacesDetail, Finding, ModelRef
from media_integrity.schema.hashes import BankHash, HashBank, HashMatch, MediaHash, PdqView
from media_integrity.schema.notifications import (
    Language,
    Notification,
    NotificationKind,
    NotificationSettings,
    Platform,
    PushToken,
)
from media_integrity.schema.outbox import (
    Mail,
    MailData,
    MailTemplate,
    MailText,
    NotifyEffect,
    OutboxEntry,
)
from media_integrity.schema.rates import RateWindow
from media_integrity.schema.reports import (
    OWN_APP,
    Report,
    ReportDetails,
    ReportedMedia,
    ReporterStanding,
    ReportId,
    ReportKind,
    ReportPriority,
    Takedown,
)
from media_integrity.schema.scans import Quarantined, Reason, ReasonCode, ScanJob
from media_integrity.schema.shields import (
    RecentUploader,
    ReferenceKind,
    Shield,
    ShieldAttacker,
    ShieldDetails,
    ShieldId,
    ShieldKey,
    ShieldMatch,
    ShieldReach,
    ShieldTemplate,
)
from media_integrity.schema.statistics import (
    Counts,
    DailyStatistics,
    ReportState,
    TransparencyReport,
)
from media_integrity.schema.watermarks import MediaWatermark

HASH = "5a" * 32
MODEL = ModelRef(name="model", sha256=HASH)
VIEW = PdqView(pdq=HASH, quality=80)
EXPLANATION = "This is a photograph that I took myself, at the lake, last Sunday."


def now() -> datetime:
    return datetime.now(UTC)


def later() -> datetime:
    """When what expires does."""
    return now() + timedelta(days=90)


def new_id() -> str:
    return secrets.token_hex(10)


def new_case_id() -> CaseId:
    return CaseId(secrets.token_hex(32))


def stored(document: Document) -> Fields:
    """The document as a client of the REST API sends and receives it."""
    return document.to_firestore()


def envelope(path: str) -> Envelope:
    return Envelope(
        ciphertext=b"\x01" * 32,
        nonce=b"\x02" * 12,
        wrapped_key=b"\x03" * 32,
        key_version="1",
        aad=path,
    )


def case(
    owner: str,
    *,
    case_id: CaseId | None = None,
    appealable: bool = True,
    created_at: datetime | None = None,
) -> Case:
    """A blocked upload of ``owner``'s."""
    moment = created_at or now()
    return Case(
        id=case_id or new_case_id(),
        uploader_id=UserId(owner),
        status=CaseStatus.ACTIONED,
        action=Action.BLOCK,
        violations=(
            CaseViolation(
                violation=Violation.DEEPFAKE_FACE,
                severity=Severity.HIGH,
                confidence=0.97,
                methods=(DetectionMethod.FACE_MANIPULATION,),
            ),
        ),
        violation=Violation.DEEPFAKE_FACE,
        severity=Severity.HIGH,
        confidence=0.97,
        explanation=(Reason(code=ReasonCode.AI_GENERATED_PERSON, text="A face was replaced."),),
        appealable=appealable,
        policy_version="1",
        surface=Surface.FEED,
        created_at=moment,
        updated_at=moment,
    )


def case_details(of: CaseId, *victims: str) -> CaseDetails:
    return CaseDetails(
        id=CaseDetails.DETAILS_ID,
        parent_id=of,
        victim_ids=tuple(UserId(victim) for victim in victims),
        source=Quarantined(bucket="bucket", name="uploads/u/upload-1/a.jpg", generation="1"),
        sha256=HASH,
        age_group=AgeGroup.ADULT,
        evidence=(),
        findings=(),
    )


def appeal(owner: str, case_id: CaseId) -> Appeal:
    return Appeal(
        id=case_id,
        case_id=case_id,
        uploader_id=UserId(owner),
        reason=AppealReason.NOT_SYNTHETIC,
        explanation=EXPLANATION,
        created_at=now(),
    )


def notification(addressee: str, *, read_at: datetime | None = None) -> Notification:
    return Notification(
        id=new_id(),
        user_id=UserId(addressee),
        kind=NotificationKind.SHIELD_MEDIA_BLOCKED,
        created_at=now(),
        read_at=read_at,
        expire_at=later(),
    )


def transparency_report(state: ReportState = ReportState.PUBLISHED) -> TransparencyReport:
    return TransparencyReport(
        id=new_id(),
        state=state,
        first_day="2026-01-01",
        last_day="2026-03-31",
        counts=Counts(uploads={Action.ALLOW: 40, Action.BLOCK: 2}),
        created_at=now(),
        published_at=now() if state is ReportState.PUBLISHED else None,
    )


def evidence_item(victim: str, case_id: CaseId) -> EvidenceItem:
    return EvidenceItem(
        id=new_id(),
        victim_id=UserId(victim),
        case_id=case_id,
        kind=EvidenceKind.MEDIA,
        object_path=f"evidence/{case_id}/original",
        generation="1",
        content_type="image/jpeg",
        size=1000,
        sha256=HASH,
        custody_head=HASH,
        custody_length=1,
        retain_until=later(),
        created_at=now(),
        updated_at=now(),
    )


def custody_entry(item: EvidenceItem) -> CustodyEntry:
    return CustodyEntry(
        id="0000000000",
        parent_id=item.id,
        sequence=0,
        at=now(),
        action=CustodyAction.COLLECTED,
        actor_kind=ActorKind.SYSTEM,
        audit_entry="0-000000000000",
        sha256=HASH,
        previous_hash=HASH,
        hash=HASH,
    )


def hash_match(owner: str, case_id: CaseId, *, bank: str = "bank") -> HashMatch:
    """An upload of ``owner``'s that is in a bank."""
    hit = BankHit(
        bank_id=bank,
        label=BankLabel.NCII,
        entry_id="entry",
        confirmed=True,
        match_type=MatchType.EXACT,
        distance=0,
        form="original",
    )
    return HashMatch(
        id=f"{case_id}_{bank}_entry",
        case_id=case_id,
        job_id=JobId(case_id),
        uploader_id=UserId(owner),
        hit=hit,
        index_version="1",
        created_at=now(),
    )


def every_document(owner: str, victim: str, *, case_id: CaseId | None = None) -> list[Document]:
    """One of each kind. ``owner`` uploaded what shows ``victim``; ``case_id`` names that upload."""
    case_id = case_id or new_case_id()
    return [
        *_of_the_upload(UserId(owner), UserId(victim), case_id),
        *_of_consent(UserId(owner), UserId(victim), JobId(case_id)),
        *_of_the_victim(UserId(owner), UserId(victim), case_id),
        *_of_the_banks(UserId(owner)),
        *_of_the_system(UserId(owner), UserId(victim), case_id),
    ]


def _of_the_upload(owner: UserId, victim: UserId, case_id: CaseId) -> list[Document]:
    finding = Finding(method=DetectionMethod.FACES, version="1", detail=FacesDetail(count=1))
    attempts: list[Document] = [
        kind(
            id=case_id,
            uploader_id=owner,
            case_id=case_id,
            violations=(Violation.DEEPFAKE_FACE,),
            sha256=HASH,
            created_at=now(),
            expire_at=later(),
        )
        for kind in (DeepfakeAttempt, BlockedUploadAttempt)
    ]
    return [
        ScanJob(
            id=case_id,
            uploader_id=owner,
            upload_id="upload-1",
            source=Quarantined(bucket="bucket", name="uploads/u/upload-1/a.jpg", generation="1"),
            created_at=now(),
            updated_at=now(),
        ),
        case(owner, case_id=case_id),
        case_details(case_id, victim),
        SyntheticMediaFlag(
            id=f"{case_id}_faces",
            case_id=case_id,
            uploader_id=owner,
            finding=finding,
            created_at=now(),
        ),
        *attempts,
        MediaWatermark(
            id=new_id(),
            job_id=JobId(case_id),
            uploader_id=owner,
            scheme="test",
            key_version="1",
            published_at=now(),
            expire_at=later(),
        ),
        appeal(owner, case_id),
        AppealDetails(id=AppealDetails.DETAILS_ID, parent_id=case_id),
        FaceDetectionRecord(
            id=case_id,
            uploader_id=owner,
            count=1,
            model=MODEL,
            created_at=now(),
            expire_at=later(),
        ),
        MediaHash(
            id=case_id,
            uploader_id=owner,
            sha256=HASH,
            views=(VIEW,),
            published_path=f"media/{owner}/{case_id}/original.jpg",
            created_at=now(),
        ),
        hash_match(owner, case_id),
        EnforcementRecord(id=owner, updated_at=now()),
        EnforcementDetails(id=EnforcementDetails.DETAILS_ID, parent_id=owner),
        Strike(
            id=case_id,
            parent_id=owner,
            violation=Violation.DEEPFAKE_FACE,
            severity=Severity.HIGH,
            sanction=Sanction.WARNING,
            state=StrikeState.CONFIRMED,
            attempted_at=now(),
            recorded_at=now(),
        ),
        UploadOrigin(
            id=UploadOrigin.id_for(owner, "upload-1"),
            user_id=owner,
            device_hash=HASH,
            ip_hash=HASH,
            created_at=now(),
            expire_at=later(),
        ),
        AccountTrace(
            id=AccountTrace.id_for(HASH, owner),
            kind=BlockedThing.DEVICE,
            hash=HASH,
            user_id=owner,
            first_at=now(),
            last_at=now(),
            expire_at=later(),
        ),
        HashingKey(
            id=new_id(),
            wrapped=b"key",
            key_version="test",
            created_at=now(),
        ),
        DeviceBlock(
            id=new_id(),
            kind=BlockedThing.DEVICE,
            case_ids=(case_id,),
            accounts=(owner,),
            created_at=now(),
        ),
    ]


def _of_consent(owner: UserId, victim: UserId, job_id: JobId) -> list[Document]:
    request_id = ConsentRequestId(new_id())
    return [
        ConsentHold(id=job_id, uploader_id=owner, needed=1, created_at=now(), updated_at=now()),
        ConsentVerification(
            id=f"{job_id}_{request_id}",
            job_id=job_id,
            uploader_id=owner,
            subject_id=victim,
            basis=ConsentBasis.EXPLICIT,
            scope=ConsentScope(sha256=HASH, surface=Surface.FEED),
            request_id=request_id,
            given_at=now(),
        ),
        ConsentRequest(
            id=request_id,
            job_id=job_id,
            uploader_id=owner,
            subject_id=victim,
            surface=Surface.FEED,
            created_at=now(),
            expires_at=later(),
            expire_at=later(),
        ),
        ConsentRequestSecret(
            id=ConsentRequestSecret.LINK_ID,
            parent_id=request_id,
            token_hash=HASH,
            expire_at=later(),
        ),
        BlockedConsentClaim(
            id=f"{job_id}_0",
            job_id=job_id,
            uploader_id=owner,
            subject_id=victim,
            kind=ClaimKind.POSTED_PUBLICLY,
            language="en",
            pattern_id="posted-1",
            wording="It was on a public page.",
            created_at=now(),
            expire_at=later(),
        ),
    ]


def _of_the_victim(owner: UserId, victim: UserId, case_id: CaseId) -> list[Document]:
    shield_id, report_id = ShieldId(new_id()), ReportId(new_id())
    media = ReportedMedia(platform=OWN_APP, job_id=case_id)
    item = evidence_item(victim, case_id)
    return [
        Shield(id=shield_id, owner_id=victim, created_at=now(), updated_at=now()),
        ShieldDetails(id=ShieldDetails.DETAILS_ID, parent_id=shield_id),
        ShieldTemplate(
            id=new_id(),
            parent_id=shield_id,
            kind=ReferenceKind.FACE,
            template=envelope("shield"),
            model=MODEL,
            created_at=now(),
        ),
        ShieldKey(
            id=ShieldKey.KEY_ID,
            parent_id=shield_id,
            wrapped=b"key",
            key_version="test",
            created_at=now(),
            updated_at=now(),
        ),
        ShieldAttacker(
            id=owner,
            parent_id=shield_id,
            uploader_id=owner,
            attempts=1,
            case_ids=(case_id,),
            first_at=now(),
            last_at=now(),
            expire_at=later(),
        ),
        ShieldMatch(
            id=case_id,
            parent_id=shield_id,
            uploader_id=owner,
            action=Action.REVIEW,
            only_held=False,
            created_at=now(),
            updated_at=now(),
            expire_at=later(),
        ),
        ShieldReach(
            id=ShieldReach.REACH_ID,
            parent_id=shield_id,
            recent=(RecentUploader(uploader_id=owner, at=now()),),
        ),
        Report(
            id=report_id,
            reporter_id=victim,
            uploader_id=owner,
            kind=ReportKind.DEEPFAKE,
            priority=ReportPriority.NORMAL,
            media=(media,),
            created_at=now(),
            updated_at=now(),
        ),
        ReportDetails(
            id=ReportDetails.DETAILS_ID, parent_id=report_id, victim_name=envelope("report")
        ),
        Takedown(
            id=f"{report_id}_0",
            report_id=report_id,
            reporter_id=victim,
            uploader_id=owner,
            media=media,
            created_at=now(),
            updated_at=now(),
        ),
        ReporterStanding(id=victim, updated_at=now(), expire_at=later()),
        notification(victim),
        item,
        custody_entry(item),
    ]


def _of_the_banks(owner: UserId) -> list[Document]:
    # Disabled, so that a matcher under test in the same session does not take them for known media.
    bank_id = BankId(new_id())
    bank = HashBank(
        id=bank_id,
        label=BankLabel.NCII,
        name="bank",
        source="test",
        enabled=False,
        created_at=now(),
        updated_at=now(),
    )
    value = secrets.token_hex(32)
    entry = EntryRef(bank_id=bank_id, entry_id=BankHash.id_for(HashAlgorithm.PDQ, value))
    return [
        bank,
        BankHash(
            id=entry.entry_id,
            parent_id=bank_id,
            algorithm=HashAlgorithm.PDQ,
            value=value,
            quality=80,
            enabled=False,
            added_by="test",
            created_at=now(),
            updated_at=now(),
        ),
        HashImport(
            id=new_id(),
            bank_id=bank_id,
            source="test",
            by="test",
            created_at=now(),
            updated_at=now(),
        ),
        HashSnapshot(
            id=new_id(),
            object_path="banks/snapshots/1.bin",
            sha256=HASH,
            size=1000,
            rows=1,
            cursor=now(),
            created_at=now(),
        ),
        PublishedSegment(
            id=new_id(),
            object_path="banks/published/1.bin",
            sha256=HASH,
            rows=1,
            media=1,
            until=now(),
            until_id="job",
            created_at=now(),
        ),
        RetroactiveSearch(
            id=new_id(), entries=(entry,), asked_by="test", created_at=now(), updated_at=now()
        ),
        ListedRecord(id=new_id(), parent_id="exchange", entries=(entry.entry_id,)),
        Exchange(
            id=new_id(),
            kind=ExchangeKind.STOPNCII,
            bank_id=bank_id,
            enabled=False,
            created_at=now(),
            updated_at=now(),
        ),
        ExchangeFeedback(
            id=new_id(),
            exchange="test",
            entry=entry,
            feedback=FeedbackKind.MATCHED,
            created_at=now(),
            expire_at=later(),
        ),
        MediaCluster(id=new_id(), pdq=HASH, members=1, created_at=now(), updated_at=now()),
        Alarm(
            id=new_id(),
            kind=AlarmKind.IMPORT_STAGED,
            severity=Severity.HIGH,
            subject="hash_imports/1",
            text="An import waits for approval.",
            raised_at=now(),
        ),
    ]


def _of_the_system(owner: UserId, victim: UserId, case_id: CaseId) -> list[Document]:
    return [
        AuditEntry(
            id=new_id(),
            chain=0,
            sequence=0,
            at=now(),
            actor=Actor(kind=ActorKind.SYSTEM, id="test"),
            action=AuditAction.VERDICT_GIVEN,
            subject=f"media_integrity_cases/{case_id}",
            previous_hash=HASH,
            hash=HASH,
        ),
        AuditHead(id=new_id(), length=1, last_hash=HASH),
        DailyStatistics(id=new_id(), day="2026-01-31", shard=0, updated_at=now()),
        transparency_report(),
        OutboxEntry(
            id=new_id(),
            effect=NotifyEffect(user_id=owner, notification=NotificationKind.UPLOAD_BLOCKED),
            next_try_at=later(),
            created_at=now(),
        ),
        MailText(id=new_id(), subject="News", text="There is news in the app."),
        NotificationSettings(id=owner, updated_at=now()),
        PushToken(
            id=PushToken.id_for("token"),
            user_id=owner,
            token="token",
            platform=Platform.ANDROID,
            registered_at=now(),
            expire_at=later(),
        ),
        RateWindow(id=new_id(), user_id=owner, count=1, expire_at=later()),
        Mail(
            id=new_id(),
            to_uids=(victim,),
            template=MailTemplate(
                name="shield",
                data=MailData(language=Language.ENGLISH, app_url="https://app.example.com/n"),
            ),
            created_at=now(),
            expire_at=later(),
        ),
    ]

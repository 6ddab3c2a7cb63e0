"""Every document class by where its documents lie."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .alarms import Alarm
from .appeals import Appeal, AppealDetails
from .audit import AuditEntry, AuditHead
from .bank_work import (
    Exchange,
    ExchangeFeedback,
    HashImport,
    HashSnapshot,
    ListedRecord,
    PublishedSegment,
    RetroactiveSearch,
)
from .base import Document, SubDocument
from .cases import BlockedUploadAttempt, Case, CaseDetails, DeepfakeAttempt, SyntheticMediaFlag
from .clusters import MediaCluster
from .consent import (
    BlockedConsentClaim,
    ConsentHold,
    ConsentRequest,
    ConsentRequestSecret,
    ConsentVerification,
)
from .enforcement import (
    AccountTrace,
    DeviceBlock,
    EnforcementDetails,
    EnforcementRecord,
    HashingKey,
    Strike,
    UploadOrigin,
)
from .evidence import CustodyEntry, EvidenceItem
from .faces import FaceDetectionRecord
from .hashes import BankHash, HashBank, HashMatch, MediaHash
from .notifications import Notification, NotificationSettings, PushToken
from .outbox import Mail, MailText, OutboxEntry
from .rates import RateWindow
from .reports import Report, ReportDetails, ReporterStanding, Takedown
from .scans import ScanJob
from .shields import (
    Shield,
    ShieldAttacker,
    ShieldDetails,
    ShieldKey,
    ShieldMatch,
    ShieldReach,
    ShieldTemplate,
)
from .statistics import DailyStatistics, TransparencyReport
from .watermarks import MediaWatermark

_ALL: tuple[type[Document], ...] = (
    ScanJob,
    Case,
    CaseDetails,
    SyntheticMediaFlag,
    DeepfakeAttempt,
    BlockedUploadAttempt,
    MediaWatermark,
    ConsentHold,
    ConsentVerification,
    ConsentRequest,
    ConsentRequestSecret,
    BlockedConsentClaim,
    Appeal,
    AppealDetails,
    Shield,
    ShieldDetails,
    ShieldTemplate,
    ShieldKey,
    ShieldAttacker,
    ShieldMatch,
    ShieldReach,
    FaceDetectionRecord,
    Report,
    ReportDetails,
    ReporterStanding,
    Takedown,
    MediaHash,
    HashBank,
    BankHash,
    HashMatch,
    HashImport,
    HashSnapshot,
    PublishedSegment,
    RetroactiveSearch,
    Exchange,
    ListedRecord,
    ExchangeFeedback,
    MediaCluster,
    Alarm,
    Notification,
    NotificationSettings,
    PushToken,
    EvidenceItem,
    CustodyEntry,
    EnforcementRecord,
    EnforcementDetails,
    Strike,
    DeviceBlock,
    UploadOrigin,
    AccountTrace,
    HashingKey,
    AuditEntry,
    AuditHead,
    DailyStatistics,
    TransparencyReport,
    OutboxEntry,
    Mail,
    MailText,
    RateWindow,
)


def place_of(document: type[Document]) -> str:
    """Where documents of a class lie: ``scan_jobs``, or ``hash_banks/*/hashes`` below another."""
    if issubclass(document, SubDocument):
        return f"{document.parent.collection}/*/{document.collection}"
    return document.collection


DOCUMENTS: Mapping[str, type[Document]] = MappingProxyType({place_of(cls): cls for cls in _ALL})
"""Every document class by its place, in the order of the design's table."""

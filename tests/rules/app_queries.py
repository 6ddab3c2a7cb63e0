"""The lists that people's apps show, and the look-ups that schedules make.

Each one is proven twice: the rules allow it to the person who makes it and to nobody below
(``test_app_queries.py``), and an index serves it (``test_indexes.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from devkit.client import Operator, Query, Value

from .indexes import Shape

Direction = Literal["ASCENDING", "DESCENDING"]

UPWARDS: Direction = "ASCENDING"
DOWNWARDS: Direction = "DESCENDING"

ME = "(me)"
"""Stands for the account of the person who asks."""


@dataclass(frozen=True, slots=True)
class AppQuery:
    """One list, and who sees it."""

    who: Literal["anonymous", "owner", "victim", "moderator", "senior_moderator", "functions"]
    """The least role that may ask; ``functions``: no client may."""
    collection: str
    where: Sequence[tuple[str, Operator, Value]]
    order_by: Sequence[tuple[str, Direction]]
    limit: int = 50
    group: bool = False

    def asked_by(self, uid: str) -> Query:
        where = [
            (field, operator, uid if value == ME else value)
            for field, operator, value in self.where
        ]
        return Query(self.collection, where, self.order_by, self.limit, self.group)

    @property
    def shape(self) -> Shape:
        return Shape.of(
            self.collection,
            [(field, operator) for field, operator, _ in self.where],
            self.order_by,
            group=self.group,
        )

    def __str__(self) -> str:
        return f"{self.who}: {self.shape}"


def own(who: Literal["owner", "victim"], collection: str, field: str, newest: str) -> AppQuery:
    """A person's own documents, newest first."""
    return AppQuery(who, collection, [(field, "==", ME)], [(newest, DOWNWARDS)])


def about(collection: str, newest: str, field: str = "uploaderId") -> AppQuery:
    """What moderators see about one account, newest first."""
    return AppQuery("moderator", collection, [(field, "==", "somebody")], [(newest, DOWNWARDS)])


def queue(
    collection: str,
    where: Sequence[tuple[str, Operator, Value]],
    *order_by: tuple[str, Direction],
) -> AppQuery:
    """Work that waits for moderators, most urgent first."""
    return AppQuery("moderator", collection, where, order_by)


def reports(
    collection: Literal["media_integrity_reports", "takedown_requests"],
    where: Sequence[tuple[str, Operator, Value]],
    *order_by: tuple[str, Direction],
) -> AppQuery:
    """Moderators' reports, without those on a moderator's own uploads. Pages: start after the last
    document."""
    return queue(collection, [*where, ("uploaderId", "!=", ME)], *order_by)


def matches(
    where: tuple[str, Operator, Value], order_by: Sequence[tuple[str, Direction]] = ()
) -> AppQuery:
    """What matched a bank, without a moderator's own uploads."""
    return AppQuery("moderator", "hash_matches", [where, ("uploaderId", "!=", ME)], order_by)


APP_QUERIES: tuple[AppQuery, ...] = (
    # an uploader
    own("owner", "scan_jobs", "uploaderId", "createdAt"),
    # the job of an upload whose last answer was lost
    AppQuery("owner", "scan_jobs", [("uploaderId", "==", ME), ("uploadId", "==", "upload")], []),
    own("owner", "media_integrity_cases", "uploaderId", "createdAt"),
    own("owner", "media_integrity_appeals", "uploaderId", "createdAt"),
    own("owner", "consent_requests", "uploaderId", "createdAt"),
    own("owner", "consent_verifications", "uploaderId", "givenAt"),
    own("owner", "blocked_consent_claims", "uploaderId", "createdAt"),
    # one upload's requests; the appeal of one case, which as a document cannot be asked for before
    # it is there
    AppQuery("owner", "consent_requests", [("uploaderId", "==", ME), ("jobId", "==", "job")], []),
    AppQuery(
        "owner", "media_integrity_appeals", [("uploaderId", "==", ME), ("caseId", "==", "case")], []
    ),
    # a person who is shown, protected, or reports
    AppQuery(
        "victim",
        "consent_requests",
        [("subjectId", "==", ME), ("status", "==", "pending")],
        [("createdAt", DOWNWARDS)],
    ),
    own("victim", "consent_requests", "subjectId", "createdAt"),
    own("victim", "consent_verifications", "subjectId", "givenAt"),
    own("victim", "victim_identity_shields", "ownerId", "createdAt"),
    own("victim", "media_integrity_reports", "reporterId", "createdAt"),
    AppQuery(
        "victim",
        "media_integrity_reports",
        [("reporterId", "==", ME), ("status", "==", "submitted")],
        [("createdAt", DOWNWARDS)],
    ),
    own("victim", "takedown_requests", "reporterId", "createdAt"),
    AppQuery(
        "victim",
        "takedown_requests",
        [("reporterId", "==", ME), ("reportId", "==", "report")],
        [],
    ),
    own("victim", "victim_notifications", "userId", "createdAt"),
    AppQuery(
        "victim",
        "victim_notifications",
        [("userId", "==", ME), ("readAt", "==", None)],
        [("createdAt", DOWNWARDS)],
    ),
    own("victim", "legal_evidence_vault", "victimId", "createdAt"),
    # anybody
    AppQuery(
        "anonymous",
        "transparency_reports",
        [("state", "==", "published")],
        [("firstDay", DOWNWARDS)],
    ),
    # moderators' queues
    queue(
        "media_integrity_cases",
        [("status", "==", "OPEN")],
        ("severityRank", DOWNWARDS),
        ("createdAt", UPWARDS),
    ),
    queue(
        "media_integrity_cases",
        [("status", "==", "OPEN"), ("violation", "==", "deepfake_face")],
        ("severityRank", DOWNWARDS),
        ("createdAt", UPWARDS),
    ),
    queue(
        "media_integrity_cases",
        [("needsConfirmation", "==", True)],
        ("severityRank", DOWNWARDS),
        ("createdAt", UPWARDS),
    ),
    queue("media_integrity_appeals", [("status", "==", "pending")], ("createdAt", UPWARDS)),
    reports(
        "media_integrity_reports",
        [("status", "==", "submitted")],
        ("priority", UPWARDS),
        ("createdAt", UPWARDS),
    ),
    reports(
        "media_integrity_reports",
        [("status", "==", "submitted"), ("priority", "==", 0)],
        ("createdAt", UPWARDS),
    ),
    reports("media_integrity_reports", [("priority", "==", 0)], ("createdAt", UPWARDS)),
    reports("takedown_requests", [("state", "==", "requested")], ("dueAt", UPWARDS)),
    reports("takedown_requests", [("reportId", "==", "report")]),
    queue("victim_identity_shields", [("status", "==", "disputed")], ("createdAt", UPWARDS)),
    AppQuery(
        "moderator",
        "victim_identity_shields/shield/matches",
        [("uploaderId", "!=", ME)],
        [],
    ),
    AppQuery(
        "moderator",
        "victim_identity_shields/shield/attackers",
        [("uploaderId", "!=", ME)],
        [],
    ),
    queue("enforcement_records", [("standing", "==", "suspended")], ("updatedAt", DOWNWARDS)),
    # what moderators look up
    about("media_integrity_cases", "createdAt"),
    about("blocked_upload_attempts", "createdAt"),
    about("deepfake_attempts", "createdAt"),
    about("media_watermarks", "publishedAt"),
    matches(("hit.bankId", "==", "bank"), order_by=[("createdAt", DOWNWARDS)]),
    # without those on a moderator's own uploads
    queue("synthetic_media_flags", [("caseId", "==", "case"), ("uploaderId", "!=", ME)]),
    matches(("caseId", "==", "case")),
    queue("media_integrity_cases", [("clusterId", "==", "cluster")], ("createdAt", DOWNWARDS)),
    queue("media_clusters", [], ("updatedAt", DOWNWARDS)),
    queue("hash_imports", [("state", "==", "staged")], ("updatedAt", DOWNWARDS)),
    queue("hash_imports", [("bankId", "==", "bank")], ("createdAt", DOWNWARDS)),
    queue("retroactive_searches", [], ("createdAt", DOWNWARDS)),
    queue("hash_exchanges", [("enabled", "==", True)]),
    queue("alarms", [], ("raisedAt", DOWNWARDS)),
    queue("alarms", [("acknowledgedAt", "==", None)], ("raisedAt", DOWNWARDS)),
    AppQuery("senior_moderator", "exchange_feedback", [("state", "==", "dead")], []),
    AppQuery("senior_moderator", "hash_snapshots", [], [("createdAt", DOWNWARDS)]),
    AppQuery("senior_moderator", "published_segments", [], [("until", UPWARDS)]),
    queue("legal_evidence_vault", [("caseId", "==", "case")]),
    queue("media_integrity_statistics", [("day", ">=", "2026-01-01")], ("day", UPWARDS)),
    AppQuery("senior_moderator", "audit_log", [("subject", "==", "path")], [("at", DOWNWARDS)]),
    AppQuery(
        "senior_moderator", "audit_log", [("actor.id", "==", "somebody")], [("at", DOWNWARDS)]
    ),
    # what the functions look for by schedule
    AppQuery("functions", "scan_jobs", [("sweepAt", "<=", "now")], [("sweepAt", UPWARDS)]),
    AppQuery(
        "functions", "hashes", [("updatedAt", ">=", "then")], [("updatedAt", UPWARDS)], group=True
    ),
    AppQuery("functions", "hashes", [("value", "==", "hash")], [], group=True),
    AppQuery("functions", "hashes", [("reopenDue", "==", True)], [], group=True),
    AppQuery(
        "functions",
        "hashes",
        [
            ("popular", "==", False),
            ("popularClearedAt", "==", None),
            ("counters.matches", ">=", 20),
        ],
        [("counters.matches", DOWNWARDS)],
        group=True,
    ),
    AppQuery(
        "functions",
        "hash_banks/personal/hashes",
        [("addedBy", "==", "somebody"), ("createdAt", ">=", "then")],
        [],
    ),
    AppQuery(
        "functions",
        "hash_banks/personal/hashes",
        [("shieldId", "==", "shield")],
        [],
    ),
    AppQuery(
        "functions",
        "victim_identity_shields",
        [("rescan.sweepAt", "<=", "now")],
        [("rescan.sweepAt", UPWARDS)],
    ),
    AppQuery(
        "functions",
        "victim_identity_shields",
        [("updatedAt", ">=", "then")],
        [("updatedAt", UPWARDS)],
    ),
    AppQuery(
        "functions", "keys", [("updatedAt", "<=", "then")], [("updatedAt", UPWARDS)], group=True
    ),
    AppQuery(
        "functions",
        "consent_verifications",
        [("jobId", "==", "job"), ("status", "==", "given")],
        [],
    ),
    AppQuery(
        "functions",
        "hash_banks/bank/hashes",
        [("importId", "==", "import"), ("disabledFor", "==", "staged")],
        [],
    ),
    AppQuery(
        "functions",
        "hash_banks/bank/hashes",
        [("enabled", "==", True), ("confirmed", "==", True)],
        [],
    ),
    AppQuery(
        "functions",
        "media_integrity_cases",
        [("reviewUntil", "<=", "now")],
        [("reviewUntil", UPWARDS)],
    ),
    AppQuery("functions", "hash_matches", [("caseId", "==", "case")], []),
    AppQuery(
        "functions",
        "hash_matches",
        [("hit.bankId", "==", "bank"), ("hit.entryId", "==", "entry")],
        [("createdAt", DOWNWARDS)],
    ),
    AppQuery(
        "functions",
        "media_hash_registry",
        [("createdAt", ">=", "then"), ("createdAt", "<", "now")],
        [("createdAt", UPWARDS), ("__name__", UPWARDS)],
    ),
    AppQuery("functions", "media_hash_registry", [("clusterId", "==", "cluster")], []),
    AppQuery(
        "functions", "media_clusters", [("updatedAt", ">=", "then")], [("updatedAt", UPWARDS)]
    ),
    AppQuery(
        "functions", "retroactive_searches", [("sweepAt", "<=", "now")], [("sweepAt", UPWARDS)]
    ),
    AppQuery(
        "functions",
        "exchange_feedback",
        [("nextTryAt", "<=", "now")],
        [("nextTryAt", UPWARDS)],
    ),
    AppQuery(
        "functions",
        "hash_exchanges/exchange/records",
        [("entries", "array-contains", "entry")],
        [],
    ),
    AppQuery(
        "functions",
        "media_integrity_reports",
        [("reporterId", "==", "somebody"), ("status", "in", ["submitted", "in_progress"])],
        [("createdAt", DOWNWARDS)],
    ),
    AppQuery("functions", "media_integrity_reports", [("workDue", "==", True)], []),
    AppQuery(
        "functions", "takedown_requests", [("nextAlarmAt", "<=", "now")], [("nextAlarmAt", UPWARDS)]
    ),
    AppQuery("functions", "takedown_requests", [("lookAt", "<=", "now")], [("lookAt", UPWARDS)]),
    # how successful requests are, by platform: counted, not read
    AppQuery(
        "functions",
        "takedown_requests",
        [("media.platform", "==", "x"), ("state", "==", "removed"), ("inTime", "==", True)],
        [],
    ),
    AppQuery("functions", "outbox", [("nextTryAt", "<=", "now")], [("nextTryAt", UPWARDS)]),
    AppQuery(
        "functions",
        "consent_requests",
        [("status", "==", "pending"), ("expiresAt", "<=", "now")],
        [("expiresAt", UPWARDS)],
    ),
    AppQuery(
        "functions",
        "consent_verifications",
        [("uploaderId", "==", "somebody"), ("status", "==", "given")],
        [("givenAt", DOWNWARDS)],
    ),
    AppQuery(
        "functions",
        "consent_holds",
        [("uploaderId", "==", "somebody"), ("stands", "==", True)],
        [("updatedAt", DOWNWARDS)],
    ),
    AppQuery("functions", "consent_holds", [("expiresAt", "<=", "now")], [("expiresAt", UPWARDS)]),
    AppQuery("functions", "consent_holds", [("eraseAt", "<=", "now")], [("eraseAt", UPWARDS)]),
    AppQuery("functions", "consent_holds", [("endDue", "==", True)], []),
    AppQuery("functions", "consent_holds", [("consents", "array-contains", "consent")], []),
    AppQuery("functions", "consent_holds", [("banked", "array-contains", "entry")], []),
    AppQuery("functions", "consent_verifications", [("takeDownDue", "==", True)], []),
    AppQuery(
        "functions",
        "legal_evidence_vault",
        [("legalHold", "==", False), ("retainUntil", "<=", "now")],
        [("retainUntil", UPWARDS)],
    ),
    AppQuery(
        "functions",
        "enforcement_records/somebody/strikes",
        [("state", "in", ["provisional", "confirmed", "expired"])],
        [("severityRank", DOWNWARDS), ("attemptedAt", DOWNWARDS)],
    ),
    AppQuery(
        "functions", "enforcement_records", [("changesAt", "<=", "now")], [("changesAt", UPWARDS)]
    ),
    AppQuery(
        "functions",
        "device_blocks",
        [("active", "==", True), ("until", "<=", "now")],
        [("until", UPWARDS)],
    ),
    AppQuery("functions", "device_blocks", [("caseIds", "array-contains", "case")], []),
    AppQuery("functions", "account_traces", [("hash", "==", "hash")], []),
    AppQuery("functions", "account_traces", [("userId", "==", ME)], [("lastAt", DOWNWARDS)]),
    AppQuery("functions", "blocked_upload_attempts", [("sha256", "==", "hash")], []),
    AppQuery("functions", "blocked_upload_attempts", [("deviceHash", "==", "hash")], []),
    AppQuery("functions", "media_watermarks", [("deviceHash", "==", "hash")], []),
    AppQuery("functions", "media_watermarks", [("sha256", "==", "hash")], []),
    AppQuery(
        "functions",
        "media_watermarks",
        [("bands", "array-contains-any", ["0abcde"])],
        [("publishedAt", DOWNWARDS)],
    ),
)

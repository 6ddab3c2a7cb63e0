"""What the upkeep of banks leaves behind: imports, snapshots, searches among published media."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import ClassVar

from pydantic import Field, model_validator

from .base import (
    BankId,
    Document,
    ImportId,
    Moment,
    Sha256Hex,
    SubDocument,
    UserId,
    Value,
    days,
    personal,
)
from .scans import Lease

MAX_LISTED_FAULTS = 100
WORK_RETENTION = days(365)


class EntryRef(Value):
    """An entry of a bank."""

    bank_id: BankId
    entry_id: str


class ImportState(StrEnum):
    """Life of an import."""

    RUNNING = "running"  # entries are being written; continues where it stopped
    APPLIED = "applied"
    STAGED = "staged"  # too much at once: its entries match nothing until approved
    APPROVED = "approved"
    REJECTED = "rejected"


class ImportFault(Value):
    """A line or entry that was not taken, and why."""

    line: int = Field(ge=0, description="in the file, from 1; of an exchange the running number")
    code: str = Field(max_length=60)
    text: str = Field(max_length=200, description="says what is wrong, not what stood there")


class ImportCounts(Value):
    added: int = Field(0, ge=0)
    changed: int = Field(0, ge=0, description="enabled again, or other data")
    withdrawn: int = Field(0, ge=0)
    unchanged: int = Field(0, ge=0)
    refused: int = Field(0, ge=0, description="malformed, or of too low quality")
    skipped: int = Field(0, ge=0, description="of a kind that is not matched here")


class HashImport(Document):
    """One run of an import into a bank. Id: random. Read by moderators; written by functions."""

    collection: ClassVar[str] = "hash_imports"

    bank_id: BankId
    source: str = Field(max_length=120, description="exchange or file kind; no path, no address")
    by: str = Field(json_schema_extra=personal("who started it", keep=None))
    why: str = Field("", max_length=500)
    state: ImportState = ImportState.RUNNING
    staged: bool = Field(False, description="entries are written disabled, for approval")
    bank_size: int = Field(0, ge=0, description="enabled entries when it began")
    counts: ImportCounts = ImportCounts()
    faults: tuple[ImportFault, ...] = Field((), max_length=MAX_LISTED_FAULTS)
    decided_by: UserId | None = Field(
        None, json_schema_extra=personal("who approved or rejected it", keep=None)
    )
    decided_at: Moment | None = None
    decided_why: str | None = Field(None, max_length=500)
    created_at: Moment
    updated_at: Moment

    @property
    def ref(self) -> ImportId:
        return ImportId(self.id)

    @model_validator(mode="after")
    def _decided_imports_say_by_whom(self) -> HashImport:
        decided = self.state in {ImportState.APPROVED, ImportState.REJECTED}
        if decided != (self.decided_by is not None):
            raise ValueError("an approved or rejected import says by whom, and no other")
        return self


class SnapshotState(StrEnum):
    READY = "ready"
    REFUSED = "refused"  # an instance found it corrupt; an alarm was raised


class HashSnapshot(Document):
    """A snapshot of every bank's entries in Cloud Storage.

    Id: its version, ``{cursor}-{random}``; newer ones sort behind. Read by senior moderators.
    """

    collection: ClassVar[str] = "hash_snapshots"

    state: SnapshotState = SnapshotState.READY
    object_path: str
    sha256: Sha256Hex
    size: int = Field(ge=0, description="bytes")
    rows: int = Field(ge=0)
    cursor: Moment = Field(description="entries changed up to then are in it")
    created_at: Moment


class PublishedSegment(Document):
    """Fingerprints of a stretch of published media, packed for searching, in Cloud Storage.

    Id: its number with leading zeros. Never changes; what was taken down since is found out when
    it is hit. Read by senior moderators.
    """

    collection: ClassVar[str] = "published_segments"

    object_path: str
    sha256: Sha256Hex
    rows: int = Field(ge=0)
    media: int = Field(ge=0)
    until: Moment = Field(description="created_at of its last medium")
    until_id: str = Field(description="and that one's id")
    created_at: Moment


class SearchState(StrEnum):
    """Life of a search."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # out of tries; an alarm was raised


class SearchProgress(Value):
    segment: int = Field(0, ge=0, description="segments that are done")
    segments: int = Field(0, ge=0)
    examined: int = Field(0, ge=0, description="published media")
    total: int = Field(0, ge=0)
    found: int = Field(0, ge=0)
    unpublished: int = Field(0, ge=0)
    after: Moment | None = Field(None, description="where in what is in no segment yet")
    after_id: str | None = None


class RetroactiveSearch(Document):
    """A search for newly confirmed entries among everything published.

    Id: follows from its cause, so a repeated confirmation starts no second one. Read by moderators,
    who watch ``progress``.
    """

    collection: ClassVar[str] = "retroactive_searches"

    entries: tuple[EntryRef, ...] = Field(min_length=1, max_length=500)
    holds: bool = Field(
        False,
        description="its entries act though nobody has confirmed them, and only hold: reported "
        "with a signed statement",
    )
    asked_by: str = Field(json_schema_extra=personal("who confirmed the entries", keep=None))
    state: SearchState = SearchState.PENDING
    progress: SearchProgress = SearchProgress()
    lease: Lease | None = None
    tries: int = Field(0, ge=0)
    last_error: str | None = Field(None, max_length=200, description="a code, no personal data")
    created_at: Moment
    updated_at: Moment
    sweep_at: Moment | None = Field(None, description="looked after then; none once it is over")


class ExchangeKind(StrEnum):
    """Whose programming interface an exchange speaks."""

    STOPNCII = "stopncii"
    NCMEC = "ncmec"
    THREATEXCHANGE = "threatexchange"


class Exchange(Document):
    """An exchange from which a bank is fed, and how far its feed was read.

    Id: a short name. Read by moderators; made by operators. Credentials are secrets of the
    deployment and are not here.
    """

    collection: ClassVar[str] = "hash_exchanges"

    kind: ExchangeKind
    bank_id: BankId
    collaboration: str = Field("", max_length=120, description="the group's or feed's id there")
    enabled: bool = True
    trusted: bool = Field(
        False, description="what its own people have verified counts as confirmed here"
    )
    send_feedback: bool = False
    checkpoint: str | None = Field(None, max_length=10_000, description="JSON, the library's own")
    entries: int = Field(0, ge=0, description="that its feed has brought")
    last_run_at: Moment | None = None
    last_success_at: Moment | None = None
    last_error: str | None = Field(None, max_length=200, description="a code, no credentials")
    failures: int = Field(0, ge=0, description="in a row")
    lease: Lease | None = None
    created_at: Moment
    updated_at: Moment


class ListedRecord(SubDocument):
    """The hashes under one id of an exchange. Id: a digest of that id, which may hold anything.

    Written and read by the functions only. Goes with the exchange.
    """

    collection: ClassVar[str] = "records"
    parent = Exchange

    entries: tuple[str, ...] = Field(
        min_length=1, max_length=50, description="ids of entries, ``{algorithm}-{value}``"
    )

    @staticmethod
    def id_for(ref: str) -> str:
        return hashlib.sha256(ref.encode()).hexdigest()[:32]


class FeedbackKind(StrEnum):
    """What is told to an exchange of one of its hashes."""

    MATCHED = "matched"  # seen here
    CONFIRMED = "confirmed"  # and a moderator agrees
    FALSE_POSITIVE = "false_positive"


class FeedbackState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"  # not taken there, or out of tries


class ExchangeFeedback(Document):
    """One word to an exchange. Id: ``{exchange}_{entryId}_{kind}``, so it is said once.

    Read by senior moderators; written by the functions only.
    """

    collection: ClassVar[str] = "exchange_feedback"

    exchange: str
    entry: EntryRef
    source_ref: str | None = Field(None, max_length=200)
    feedback: FeedbackKind
    state: FeedbackState = FeedbackState.PENDING
    tries: int = Field(0, ge=0)
    next_try_at: Moment | None = Field(None, description="none once it is not pending")
    last_error: str | None = Field(None, max_length=200)
    created_at: Moment
    expire_at: Moment = Field(description="Firestore TTL")

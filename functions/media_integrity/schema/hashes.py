"""Fingerprints of published media, banks of known media, and matches between them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import ClassVar

from pydantic import Field, model_validator

from .base import (
    CaseId,
    Document,
    ImportId,
    JobId,
    Moment,
    Sha256Hex,
    SubDocument,
    UserId,
    Value,
    personal,
)
from .enums import AgeGroup, BankLabel, HashAlgorithm, Surface
from .findings import AiOrigin, BankHit
from .reports import ReportId
from .shields import ShieldId

PDQ_HEX = re.compile(r"^[0-9a-f]{64}$")
DIGITS = {
    HashAlgorithm.SHA256: 64,
    HashAlgorithm.MD5: 32,
    HashAlgorithm.PDQ: 64,
    HashAlgorithm.VPDQ: 64,
}
"""Hexadecimal digits of a hash."""

MAX_OPINIONS = 50
MAX_FILM_FRAMES = 1200
"""Hashed frames that are kept of a film: 20 minutes."""

PERSONAL_BANK = "personal"
"""Id of the bank that holds what people have hashed on their own phones, for their shields."""


class PdqView(Value):
    """PDQ of one view of the media: 256 bits as 64 hex digits, quality 0 to 100."""

    pdq: str = Field(pattern=PDQ_HEX.pattern)
    quality: int = Field(ge=0, le=100)
    inside: int | None = Field(None, ge=0, description="of a picture inside the view so numbered")


class MediaHash(Document):
    """Fingerprint of a published upload, for matching hashes that are reported later.

    Id: the job's. Moderators read it. It stays when the media is taken down again, with
    ``unpublished_at``, so that a search that runs twice takes nothing down twice. ``created_at`` is
    when it was published last: searches go by it.
    """

    collection: ClassVar[str] = "media_hash_registry"

    uploader_id: UserId = Field(json_schema_extra=personal("whose upload it is", keep=None))
    sha256: Sha256Hex
    md5: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")
    views: tuple[PdqView, ...]
    frames: str | None = Field(None, description="films: as ``BankHash.frames``")
    bucket: str = ""
    published_path: str
    preview_path: str | None = None
    content_type: str = "application/octet-stream"
    surface: Surface = Surface.FEED
    age_group: AgeGroup | None = Field(None, description="the uploader's; decides as the scan did")
    faces: int | None = Field(None, ge=0, description="seen in it; none: nobody looked")
    ai_origin: AiOrigin = Field(AiOrigin.NONE, description="what the file says of itself")
    cluster_id: str | None = None
    created_at: Moment
    unpublished_at: Moment | None = None
    case_id: CaseId | None = Field(None, description="why it is not published any more")
    report_ids: tuple[ReportId, ...] = Field(
        (), description="reports for which it was taken down since it was published last"
    )


class HashBank(Document):
    """A set of known hashes with one purpose.

    Id: a short name that never changes. Moderators read it.
    ``max_distance`` and ``min_quality`` may be stricter than the policy's, never laxer.
    """

    collection: ClassVar[str] = "hash_banks"
    committed_at = "updated_at"

    label: BankLabel
    name: str = Field(max_length=120)
    purpose: str = Field("", max_length=500, description="what belongs in it, for moderators")
    source: str = Field(max_length=120, description="who runs it, e.g. an exchange")
    enabled: bool = True
    max_distance: int | None = Field(None, ge=0, le=31, description="PDQ; the policy's if absent")
    min_quality: int | None = Field(None, ge=50, le=100, description="PDQ; the policy's if absent")
    added_by: str = Field("", json_schema_extra=personal("who answers for the bank", keep=None))
    created_at: Moment
    updated_at: Moment


class OpinionKind(StrEnum):
    """What a person says of an entry after having looked."""

    CONFIRM = "confirm"  # it is what the bank's label says
    DISPUTE = "dispute"  # it is not


class Opinion(Value):
    """One person's word on an entry. A later one of the same person replaces it."""

    by: UserId = Field(json_schema_extra=personal("who answers for the opinion", keep=None))
    kind: OpinionKind
    why: str = Field(min_length=1, max_length=500)
    at: Moment


class DisabledFor(StrEnum):
    """Why an entry matches nothing."""

    STAGED = "staged"  # came with an import that a senior moderator has yet to approve
    REJECTED = "rejected"  # the same, and was not approved
    DISPUTED = "disputed"  # too many moderators say that it is not what it is said to be
    OVERTURNED = "overturned"  # too many of its matches were undone
    PAUSED = "paused"  # with the shield that it acts for
    WITHDRAWN = "withdrawn"  # by the exchange or the person it came from
    MODERATOR = "moderator"  # by a moderator, with a reason in ``note``
    MOVED = "moved"  # stands in another bank now


class HashCounters(Value):
    """What an entry has done. Written without ``updated_at``: matching needs none of it."""

    matches: int = Field(0, ge=0, description="uploads that matched")
    upheld: int = Field(0, ge=0, description="of these, confirmed by a moderator")
    overturned: int = Field(0, ge=0, description="of these, undone by a moderator")


class BankHash(SubDocument):
    """One known hash. Id: ``{algorithm}-{value}``, so adding it twice changes nothing; a personal
    hash's has the shield's id behind that.

    Read by moderators. ``updated_at`` is the cursor by which every instance follows changes, so
    each write that matching has to see sets it; a hash is disabled, not deleted.
    """

    collection: ClassVar[str] = "hashes"
    committed_at = "updated_at"
    parent = HashBank

    algorithm: HashAlgorithm
    value: str = Field(description="hex; of a film the SHA-256 of its frames")
    quality: int | None = Field(None, ge=0, le=100, description="PDQ only")
    frames: str | None = Field(
        None,
        max_length=50 * MAX_FILM_FRAMES,
        description="VPDQ only: base64 of 37 bytes a frame: number (big endian), quality, PDQ",
    )
    confirmed: bool = Field(False, description="by a person; others only hold uploads")
    verified: bool = Field(False, description="by the people of a source that we trust")
    popular: bool = Field(
        False, description="matched many unrelated uploaders: holds until it is confirmed again"
    )
    enabled: bool = True
    disabled_for: DisabledFor | None = None
    added_by: str = Field(json_schema_extra=personal("who answers for the entry", keep=None))
    note: str = Field("", max_length=500, description="why it was added or disabled")
    source_ref: str | None = Field(None, max_length=200, description="its id at the exchange")
    import_id: ImportId | None = None
    shield_id: ShieldId | None = Field(None, description="personal hashes: for whom it acts")
    opinions: tuple[Opinion, ...] = Field((), max_length=MAX_OPINIONS)
    counters: HashCounters = HashCounters()
    overturned_by: tuple[UserId, ...] = Field(
        (),
        max_length=MAX_OPINIONS,
        description="different people who undid its matches",
        json_schema_extra=personal("one person alone switches nothing off", keep=None),
    )
    reopen_due: bool = Field(False, description="its cases have yet to be opened again")
    popular_cleared_at: Moment | None = Field(
        None, description="a senior moderator has looked: no alarm for popularity again"
    )
    created_at: Moment
    updated_at: Moment

    @staticmethod
    def id_for(algorithm: HashAlgorithm, value: str, shield: ShieldId | None = None) -> str:
        return f"{algorithm.value}-{value}" + (f"-{shield}" if shield else "")

    @model_validator(mode="after")
    def _id_names_the_hash(self) -> BankHash:
        if self.id != self.id_for(self.algorithm, self.value, self.shield_id):
            raise ValueError("the id is {algorithm}-{value}, and the shield's where it has one")
        return self

    @model_validator(mode="after")
    def _value_has_the_length_of_its_algorithm(self) -> BankHash:
        if not re.fullmatch(rf"[0-9a-f]{{{DIGITS[self.algorithm]}}}", self.value):
            raise ValueError(
                f"{self.algorithm} has {DIGITS[self.algorithm]} lower-case hexadecimal digits"
            )
        return self

    @model_validator(mode="after")
    def _quality_belongs_to_pdq(self) -> BankHash:
        if (self.algorithm is HashAlgorithm.PDQ) != (self.quality is not None):
            raise ValueError("a PDQ hash has a quality, no other hash has one")
        if (self.algorithm is HashAlgorithm.VPDQ) != (self.frames is not None):
            raise ValueError("a film has frames, no other hash has")
        return self

    @model_validator(mode="after")
    def _a_disabled_entry_says_why(self) -> BankHash:
        if self.enabled and self.disabled_for is not None:
            raise ValueError("an enabled entry is not disabled for anything")
        return self


class HashMatch(Document):
    """An upload that matched a bank. Id: ``{jobId}_{bankId}_{entryId}``. Moderators read it."""

    collection: ClassVar[str] = "hash_matches"

    case_id: str
    job_id: JobId | None = None
    uploader_id: UserId = Field(json_schema_extra=personal("whose upload matched", keep=None))
    hit: BankHit
    index_version: str
    overruled: bool = Field(False, description="an allow-list entry was at least as near")
    retroactive: bool = Field(False, description="found among published media, by a later hash")
    outcome: OpinionKind | None = Field(None, description="what a moderator decided on the case")
    created_at: Moment

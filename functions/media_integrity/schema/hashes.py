"""Fingerprints of published media, banks of known media, and matches between them."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field, model_validator

from .base import Document, Moment, Sha256Hex, SubDocument, UserId, Value, personal
from .enums import BankLabel, HashAlgorithm
from .findings import BankHit

PDQ_HEX = re.compile(r"^[0-9a-f]{64}$")


class PdqView(Value):
    """PDQ of one view of the media: 256 bits as 64 hex digits, quality 0 to 100."""

    pdq: str = Field(pattern=PDQ_HEX.pattern)
    quality: int = Field(ge=0, le=100)


class MediaHash(Document):
    """Fingerprint of a published upload, for matching hashes that are reported later.

    Id: the job's. Moderators read it.
    """

    collection: ClassVar[str] = "media_hash_registry"

    uploader_id: UserId = Field(json_schema_extra=personal("whose upload it is", keep=None))
    sha256: Sha256Hex
    views: tuple[PdqView, ...]
    published_path: str
    created_at: Moment


class HashBank(Document):
    """A set of known hashes with one purpose.

    Id: a short name that never changes. Moderators read it.
    ``max_distance`` and ``min_quality`` may be stricter than the policy's, never laxer.
    """

    collection: ClassVar[str] = "hash_banks"

    label: BankLabel
    name: str = Field(max_length=120)
    source: str = Field(max_length=120, description="who runs it, e.g. an exchange")
    enabled: bool = True
    max_distance: int | None = Field(None, ge=0, le=31, description="PDQ; the policy's if absent")
    min_quality: int | None = Field(None, ge=50, le=100, description="PDQ; the policy's if absent")
    created_at: Moment
    updated_at: Moment


class BankHash(SubDocument):
    """One known hash. Id: ``{algorithm}-{value}``, so adding it twice changes nothing.

    Read by moderators. ``updated_at`` is the cursor by which every instance follows changes, so
    each write sets it; a hash is disabled, not deleted.
    """

    collection: ClassVar[str] = "hashes"
    parent = HashBank

    algorithm: HashAlgorithm
    value: str = Field(pattern=PDQ_HEX.pattern, description="256 bits as hex")
    quality: int | None = Field(None, ge=0, le=100, description="PDQ only")
    confirmed: bool = Field(False, description="by a person; others only hold uploads")
    enabled: bool = True
    added_by: str = Field(json_schema_extra=personal("who answers for the entry", keep=None))
    note: str = Field("", max_length=500)
    created_at: Moment
    updated_at: Moment

    @staticmethod
    def id_for(algorithm: HashAlgorithm, value: str) -> str:
        return f"{algorithm.value}-{value}"

    @model_validator(mode="after")
    def _id_names_the_hash(self) -> BankHash:
        if self.id != self.id_for(self.algorithm, self.value):
            raise ValueError("the id is {algorithm}-{value}")
        return self

    @model_validator(mode="after")
    def _quality_belongs_to_pdq(self) -> BankHash:
        if (self.algorithm is HashAlgorithm.PDQ) != (self.quality is not None):
            raise ValueError("a PDQ hash has a quality, no other hash has one")
        return self


class HashMatch(Document):
    """An upload that matched a bank. Id: ``{jobId}_{bankId}_{entryId}``. Moderators read it."""

    collection: ClassVar[str] = "hash_matches"

    case_id: str
    uploader_id: UserId = Field(json_schema_extra=personal("whose upload matched", keep=None))
    hit: BankHit
    index_version: str
    created_at: Moment

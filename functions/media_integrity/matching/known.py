"""What the index and the matcher know of banks and their entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.hashes import BankHash, HashBank


@dataclass(frozen=True, slots=True)
class KnownBank:
    """A bank with its own, stricter limits, where it has any."""

    id: str
    label: BankLabel
    enabled: bool
    max_distance: int | None
    min_quality: int | None

    @classmethod
    def of(cls, bank: HashBank) -> KnownBank:
        return cls(bank.id, bank.label, bank.enabled, bank.max_distance, bank.min_quality)


@dataclass(frozen=True, slots=True)
class KnownHash:
    """An entry of a bank. ``bits``: 32 bytes, for both algorithms."""

    bank_id: str
    id: str
    algorithm: HashAlgorithm
    bits: bytes
    quality: int
    confirmed: bool
    enabled: bool
    updated_at: datetime

    @classmethod
    def of(cls, entry: BankHash) -> KnownHash:
        return cls(
            bank_id=entry.parent_id,
            id=entry.id,
            algorithm=entry.algorithm,
            bits=bytes.fromhex(entry.value),
            quality=entry.quality if entry.quality is not None else 100,
            confirmed=entry.confirmed,
            enabled=entry.enabled,
            updated_at=entry.updated_at,
        )

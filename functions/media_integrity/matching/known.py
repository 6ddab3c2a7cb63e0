"""What the index and the matcher know of banks and their entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from media_integrity.fingerprints.vpdq import VideoHash
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
    source: str = ""
    readable: bool = True

    @classmethod
    def of(cls, bank: HashBank) -> KnownBank:
        return cls(
            id=bank.id,
            label=bank.label,
            enabled=bank.enabled,
            max_distance=bank.max_distance,
            min_quality=bank.min_quality,
            source=bank.source,
        )


@dataclass(frozen=True, slots=True)
class KnownHash:
    """An entry of a bank.

    ``bits``: 32 bytes, of MD5 16; of a film the digest that names it. ``confirmed``: by a person,
    and not in doubt because it matches everybody.
    """

    bank_id: str
    id: str
    algorithm: HashAlgorithm
    bits: bytes
    quality: int
    confirmed: bool
    enabled: bool
    updated_at: datetime
    shield_id: str | None = None
    film: VideoHash | None = None

    @classmethod
    def of(cls, entry: BankHash) -> KnownHash:
        return cls(
            bank_id=entry.parent_id,
            id=entry.id,
            algorithm=entry.algorithm,
            bits=bytes.fromhex(entry.value),
            quality=entry.quality if entry.quality is not None else 100,
            confirmed=entry.confirmed and not entry.popular,
            enabled=entry.enabled,
            updated_at=entry.updated_at,
            shield_id=entry.shield_id,
            film=VideoHash.unpack(entry.frames) if entry.frames is not None else None,
        )

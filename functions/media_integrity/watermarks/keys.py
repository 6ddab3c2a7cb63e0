"""The key of the marks: made once, wrapped by the deployment's key, never seen outside."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.keys import KeyWrapper
from media_integrity.schema.base import JobId
from media_integrity.schema.enforcement import HashingKey
from media_integrity.sealing.hashing_keys import hashing_key

from .carriers import Carriers
from .codeword import PAYLOAD_BYTES


@dataclass(frozen=True, slots=True)
class MarkKey:
    """What marks are made and read with."""

    carriers: Carriers
    version: str
    """Of the deployment's key that wraps it."""
    _secret: bytes

    @classmethod
    def of(cls, key: bytes, version: str = "") -> MarkKey:
        """From 32 bytes: one part for the waves, another for the payloads."""
        carriers, secret = (
            hmac.new(key, use, hashlib.sha256).digest() for use in (b"carriers", b"payloads")
        )
        return cls(Carriers.of(carriers), version, secret)

    def payload(self, job_id: JobId | str, attempt: int = 0) -> bytes:
        """Six bytes that mean nothing without the key. ``attempt``: another, if that is taken."""
        message = f"{job_id}\0{attempt}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:PAYLOAD_BYTES]


class MarkKeys:
    """Fetches the key on first use and then holds it."""

    def __init__(self, store: Store, wrapper: KeyWrapper, clock: Clock) -> None:
        self._store = store
        self._wrapper = wrapper
        self._clock = clock

    @cached_property
    def key(self) -> MarkKey:
        """The deployment's.

        Raises:
            KeysUnreachable: it cannot be had now, or no key is configured.
            KeyRefused: it was wrapped by another key.
        """
        return MarkKey.of(
            *hashing_key(HashingKey.WATERMARKS_ID, self._store, self._wrapper, self._clock)
        )

"""Keys that wrap other keys: Cloud KMS in production, a file where the stack runs locally.

What is wrapped is a data key of 32 bytes. It is bound to a context, which has to be the same when
it is unwrapped, so that a wrapped key moved to another place is of no use there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from google.cloud import kms

KEY_BYTES = 32
"""AES-256."""

_NONCE_BYTES = 12


class KeyRefused(Exception):
    """Not wrapped by this key or for this context, changed since, or the wrapping key is gone."""


class KeysUnreachable(Exception):
    """The key service gave no answer. Trying again later can help."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is stored."""

    wrapped: bytes = field(repr=False)
    key_version: str
    """Which key, and which version of it, wrapped it."""


class KeyWrapper(Protocol):
    """Something that only the functions may ask to wrap and unwrap keys."""

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        """Raises ``KeysUnreachable``."""

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        """The data key.

        Raises:
            KeyRefused: it is not what ``wrap`` gave for this context.
            KeysUnreachable: nothing is known about it.
        """


class CloudKms:
    """A symmetric key in Cloud KMS; it never leaves the service.

    ``key`` is its resource name: projects/…/locations/…/keyRings/…/cryptoKeys/…. A rotated key
    wraps with its newest version and unwraps with the one that it wrapped with.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    @cached_property
    def _client(self) -> kms.KeyManagementServiceClient:
        from google.cloud import kms

        return kms.KeyManagementServiceClient()

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        from google.api_core.exceptions import GoogleAPIError

        try:
            answer = self._client.encrypt(
                request={
                    "name": self._key,
                    "plaintext": key,
                    "plaintext_crc32c": _crc32c(key),
                    "additional_authenticated_data": context,
                    "additional_authenticated_data_crc32c": _crc32c(context),
                }
            )
        except GoogleAPIError as error:
            raise KeysUnreachable(type(error).__name__) from error
        arrived = (
            answer.verified_plaintext_crc32c
            and answer.verified_additional_authenticated_data_crc32c
        )
        if not arrived or _crc32c(answer.ciphertext) != answer.ciphertext_crc32c:
            raise KeysUnreachable("changed on the way")
        return WrappedKey(answer.ciphertext, answer.name)

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        from google.api_core.exceptions import GoogleAPIError, InvalidArgument

        try:
            answer = self._client.decrypt(
                request={
                    "name": self._key,
                    "ciphertext": wrapped.wrapped,
                    "ciphertext_crc32c": _crc32c(wrapped.wrapped),
                    "additional_authenticated_data": context,
                    "additional_authenticated_data_crc32c": _crc32c(context),
                }
            )
        except InvalidArgument as error:  # a disabled or misnamed key says nothing about it
            raise KeyRefused(type(error).__name__) from error
        except GoogleAPIError as error:
            raise KeysUnreachable(type(error).__name__) from error
        if _crc32c(answer.plaintext) != answer.plaintext_crc32c:
            raise KeysUnreachable("changed on the way")
        return bytes(answer.plaintext)


class KeyInMemory:
    """A key that was unwrapped: it wraps others without asking the key service again."""

    def __init__(self, key: bytes, version: str) -> None:
        self._key, self._version = key, version

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        nonce = os.urandom(_NONCE_BYTES)
        return WrappedKey(nonce + self._cipher.encrypt(nonce, key, context), self._version)

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        nonce, content = wrapped.wrapped[:_NONCE_BYTES], wrapped.wrapped[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, content, context)
        except (InvalidTag, ValueError) as error:
            raise KeyRefused(type(error).__name__) from error

    @cached_property
    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)


class KeyFile:
    """A key in a file of this machine, made on first use. For the local stack and tests alone.

    Raises, on first use:
        KeyRefused: the file does not hold a key, or others than its owner may read it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        return self._held.wrap(key, context)

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        return self._held.unwrap(wrapped, context)

    @cached_property
    def _held(self) -> KeyInMemory:
        _make_key(self._path)
        key = self._path.read_bytes()
        if len(key) != KEY_BYTES or self._path.stat().st_mode & 0o077:
            raise KeyRefused("the key file is damaged, or others may read it")
        return KeyInMemory(key, f"file:{self._path.name}")


class NoKey:
    """Stands where no key is configured: nothing is enrolled, and nothing enrolled is opened."""

    def __init__(self, cause: str) -> None:
        self._cause = cause

    def wrap(self, key: bytes, context: bytes) -> WrappedKey:
        raise KeysUnreachable(self._cause)

    def unwrap(self, wrapped: WrappedKey, context: bytes) -> bytes:
        raise KeysUnreachable(self._cause)


def _make_key(path: Path) -> None:
    """A new key at ``path``, unless one is there. Two processes that start at once get one key."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.urandom(KEY_BYTES))
    try:
        os.link(fresh, path)  # whole or not at all, and never over another's
    except FileExistsError:
        return
    finally:
        fresh.unlink()


def _crc32c(content: bytes) -> int:
    import google_crc32c

    return int(google_crc32c.value(content))

"""Bytes in an envelope: AES-256-GCM under a data key of its own, which a wrapping key wraps.

What the secret belongs to is authenticated with it, so that an envelope copied to another document,
person or field does not open there. Source: NIST SP 800-38D.
"""

from __future__ import annotations

import os

from media_integrity.cloud.keys import KEY_BYTES, KeyRefused, KeyWrapper, WrappedKey
from media_integrity.schema.envelope import NONCE_BYTES, Envelope


class CannotOpen(Exception):
    """The envelope was changed, belongs elsewhere, or its key is gone. Nothing of it was opened."""


def binding(form: bytes, *parts: str) -> bytes:
    """What a secret belongs to, as associated data. Each part comes after its length: no two
    bindings look alike. ``form`` names what is sealed and the version of its layout."""
    encoded = [form, *(part.encode() for part in parts)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def seal(plain: bytes, path: str, context: bytes, wrapper: KeyWrapper) -> Envelope:
    """Encrypt. ``path``: of the document that will hold the envelope; ``context``: ``binding``.

    Raises:
        KeysUnreachable: the data key could not be wrapped.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    wrapped = wrapper.wrap(key, context)
    return Envelope(
        ciphertext=AESGCM(key).encrypt(nonce, plain, context),
        nonce=nonce,
        wrapped_key=wrapped.wrapped,
        key_version=wrapped.key_version,
        aad=path,
    )


def unseal(envelope: Envelope, path: str, context: bytes, wrapper: KeyWrapper) -> bytes:
    """What was sealed for this path and context.

    Raises:
        CannotOpen: not what ``seal`` made for them.
        KeysUnreachable: the data key could not be unwrapped now.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if envelope.aad != path:
        raise CannotOpen("it belongs to another document")
    try:
        key = wrapper.unwrap(WrappedKey(envelope.wrapped_key, envelope.key_version), context)
        return AESGCM(key).decrypt(envelope.nonce, envelope.ciphertext, context)
    except (KeyRefused, InvalidTag, ValueError) as error:
        raise CannotOpen(type(error).__name__) from None  # the cause may hold what was sealed


_TEXT = b"media-integrity text 1"


def seal_text(text: str, path: str, field: str, wrapper: KeyWrapper) -> Envelope:
    """Encrypt one field of the document at ``path``; its length is hidden up to 64 bytes.

    Raises:
        KeysUnreachable: the data key could not be wrapped.
    """
    plain = text.encode()
    padded = len(plain).to_bytes(4, "big") + plain
    padded += bytes(-len(padded) % 64)
    return seal(padded, path, binding(_TEXT, path, field), wrapper)


def unseal_text(envelope: Envelope, path: str, field: str, wrapper: KeyWrapper) -> str:
    """The text that ``seal_text`` encrypted for that field.

    Raises:
        CannotOpen: not what ``seal_text`` made for it.
        KeysUnreachable: the data key could not be unwrapped now.
    """
    padded = unseal(envelope, path, binding(_TEXT, path, field), wrapper)
    length = int.from_bytes(padded[:4], "big")
    return padded[4 : 4 + length].decode()

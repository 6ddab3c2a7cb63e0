"""One template in an envelope: AES-256-GCM under a data key of its own.

What the template belongs to is authenticated with it, so that a template copied to another shield,
person, kind or model does not open there. Source: NIST SP 800-38D.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from media_integrity.cloud.keys import KEY_BYTES, KeyRefused, KeyWrapper, WrappedKey
from media_integrity.schema.base import UserId
from media_integrity.schema.envelope import NONCE_BYTES, Envelope
from media_integrity.schema.findings import ModelRef
from media_integrity.schema.shields import ReferenceKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Numbers: TypeAlias = "NDArray[np.float32]"
"""(n,)"""

MAX_NUMBERS = 1024
"""Of one template."""

_FORM = b"media-integrity template 1"
"""Changes with the layout of what is sealed."""


class CannotOpen(Exception):
    """The envelope was changed, belongs elsewhere, or its key is gone. Nothing of it was opened."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a template belongs to."""

    path: str
    """Of the document that holds it; names the shield."""
    person_id: UserId
    kind: ReferenceKind
    model: ModelRef

    def encoded(self) -> bytes:
        """The associated data. Each part after its length: no two bindings look alike."""
        parts = (self.path, self.person_id, self.kind.value, self.model.name, self.model.sha256)
        encoded = [_FORM, *(part.encode() for part in parts)]
        return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def seal(numbers: Numbers, binding: Binding, wrapper: KeyWrapper) -> Envelope:
    """Encrypt a template.

    Raises:
        ValueError: it is empty, too long or has a number that is none.
        KeysUnreachable: the data key could not be wrapped.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    _refuse_odd(numbers)
    context, key, nonce = binding.encoded(), os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    wrapped = wrapper.wrap(key, context)
    return Envelope(
        ciphertext=AESGCM(key).encrypt(nonce, numbers.astype("<f4").tobytes(), context),
        nonce=nonce,
        wrapped_key=wrapped.wrapped,
        key_version=wrapped.key_version,
        aad=binding.path,
    )


def unseal(envelope: Envelope, binding: Binding, wrapper: KeyWrapper) -> Numbers:
    """The template, float32.

    Raises:
        CannotOpen: not what ``seal`` made for this binding.
        KeysUnreachable: the data key could not be unwrapped now.
    """
    import numpy as np
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if envelope.aad != binding.path:
        raise CannotOpen("it belongs to another document")
    context = binding.encoded()
    try:
        key = wrapper.unwrap(WrappedKey(envelope.wrapped_key, envelope.key_version), context)
        plain = AESGCM(key).decrypt(envelope.nonce, envelope.ciphertext, context)
        numbers = np.frombuffer(plain, "<f4").astype(np.float32)
        _refuse_odd(numbers)
    except (KeyRefused, InvalidTag, ValueError) as error:
        raise CannotOpen(type(error).__name__) from None  # the cause may hold the numbers
    return numbers


def _refuse_odd(numbers: Numbers) -> None:
    import numpy as np

    if numbers.ndim != 1 or not 0 < len(numbers) <= MAX_NUMBERS:
        raise ValueError(f"a template has 1 to {MAX_NUMBERS} numbers")
    if not np.isfinite(numbers).all():
        raise ValueError("a template has numbers only")

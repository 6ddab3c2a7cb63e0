"""One template in an envelope: numbers as bytes, bound to what they belong to (``sealing``).

What the template belongs to is authenticated with it, so that a template copied to another shield,
person, kind or model does not open there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from media_integrity.cloud.keys import KeyWrapper
from media_integrity.schema.base import UserId
from media_integrity.schema.envelope import Envelope
from media_integrity.schema.findings import ModelRef
from media_integrity.schema.shields import ReferenceKind
from media_integrity.sealing import envelopes
from media_integrity.sealing.envelopes import CannotOpen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Binding", "CannotOpen", "Numbers", "seal", "unseal"]

Numbers: TypeAlias = "NDArray[np.float32]"
"""(n,)"""

MAX_NUMBERS = 1024
"""Of one template."""

_FORM = b"media-integrity template 1"
"""Changes with the layout of what is sealed."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a template belongs to."""

    path: str
    """Of the document that holds it; names the shield."""
    person_id: UserId
    kind: ReferenceKind
    model: ModelRef

    def encoded(self) -> bytes:
        """The associated data."""
        model = self.model
        return envelopes.binding(
            _FORM, self.path, self.person_id, self.kind.value, model.name, model.sha256
        )


def seal(numbers: Numbers, binding: Binding, wrapper: KeyWrapper) -> Envelope:
    """Encrypt a template.

    Raises:
        ValueError: it is empty, too long or has a number that is none.
        KeysUnreachable: the data key could not be wrapped.
    """
    _refuse_odd(numbers)
    return envelopes.seal(numbers.astype("<f4").tobytes(), binding.path, binding.encoded(), wrapper)


def unseal(envelope: Envelope, binding: Binding, wrapper: KeyWrapper) -> Numbers:
    """The template, float32.

    Raises:
        CannotOpen: not what ``seal`` made for this binding.
        KeysUnreachable: the data key could not be unwrapped now.
    """
    import numpy as np

    plain = envelopes.unseal(envelope, binding.path, binding.encoded(), wrapper)
    try:
        numbers = np.frombuffer(plain, "<f4").astype(np.float32)
        _refuse_odd(numbers)
    except ValueError as error:
        raise CannotOpen(type(error).__name__) from None  # the cause may hold the numbers
    return numbers


def _refuse_odd(numbers: Numbers) -> None:
    import numpy as np

    if numbers.ndim != 1 or not 0 < len(numbers) <= MAX_NUMBERS:
        raise ValueError(f"a template has 1 to {MAX_NUMBERS} numbers")
    if not np.isfinite(numbers).all():
        raise ValueError("a template has numbers only")

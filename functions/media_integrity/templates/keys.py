"""A shield's key: made with the first template, wrapped anew when the wrapping key is rotated,
destroyed with the shield."""

from __future__ import annotations

import os

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.keys import KEY_BYTES, KeyInMemory, KeyRefused, KeyWrapper, WrappedKey
from media_integrity.schema.shields import ShieldId, ShieldKey

from .sealing import CannotOpen
from .shelf import Shelf


class ShieldKeys:
    """One key a shield; templates lie under data keys that it wraps.

    So one call to the key service opens all of a shield's templates, a rotation there touches one
    small document, and deleting that document makes every template useless, copies included.
    """

    def __init__(self, shelf: Shelf, wrapper: KeyWrapper, clock: Clock) -> None:
        self._shelf, self._wrapper, self._clock = shelf, wrapper, clock

    def of(self, shield_id: ShieldId) -> KeyInMemory:
        """The shield's key.

        Raises:
            CannotOpen: it was destroyed, or is not this shield's.
            KeysUnreachable: the key service gave no answer.
        """
        stored = self._shelf.key(shield_id)
        if stored is None:
            raise CannotOpen("the shield has no key")
        return KeyInMemory(self._unwrapped(stored), stored.path)

    def made_for(self, shield_id: ShieldId) -> KeyInMemory:
        """The shield's key, made now if there is none. Two callers at once get the same one.

        Raises:
            CannotOpen: there is one, and it does not open.
            KeysUnreachable: the key service gave no answer; nothing was made.
        """
        if self._shelf.key(shield_id) is None:
            wrapped = self._wrapper.wrap(os.urandom(KEY_BYTES), _context(shield_id))
            now = self._clock.now()
            self._shelf.add_key(
                ShieldKey(
                    id=ShieldKey.KEY_ID,
                    parent_id=shield_id,
                    wrapped=wrapped.wrapped,
                    key_version=wrapped.key_version,
                    created_at=now,
                    updated_at=now,
                )
            )
        return self.of(shield_id)

    def wrap_anew(self, shield_id: ShieldId) -> bool:
        """Wrap the key with the newest version of the wrapping key; False if it has none.

        Templates stay as they are.

        Raises:
            CannotOpen: the key does not open; it is left as it was.
            KeysUnreachable: the key service gave no answer.
        """
        stored = self._shelf.key(shield_id)
        if stored is None:
            return False
        wrapped = self._wrapper.wrap(self._unwrapped(stored), _context(shield_id))
        self._shelf.replace_key(
            stored.model_copy(
                update={
                    "wrapped": wrapped.wrapped,
                    "key_version": wrapped.key_version,
                    "updated_at": self._clock.now(),
                }
            )
        )
        return True

    def destroy(self, shield_id: ShieldId) -> None:
        """Make the shield's templates useless for good. Before they are deleted, not after."""
        self._shelf.destroy_key(shield_id)

    def _unwrapped(self, stored: ShieldKey) -> bytes:
        try:
            return self._wrapper.unwrap(
                WrappedKey(stored.wrapped, stored.key_version),
                _context(ShieldId(stored.parent_id)),
            )
        except KeyRefused as error:
            raise CannotOpen("the shield's key does not open") from error


def _context(shield_id: ShieldId) -> bytes:
    return b"media-integrity shield key 1:" + shield_id.encode()

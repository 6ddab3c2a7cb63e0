"""Keys of keyed hashes: each made once for a deployment, wrapped by its key, never seen outside."""

from __future__ import annotations

import os
from typing import NamedTuple

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.keys import KEY_BYTES, KeyWrapper, WrappedKey
from media_integrity.schema.enforcement import HashingKey

from .envelopes import binding


class Unwrapped(NamedTuple):
    """A key as it is used: 32 bytes, and the version of the deployment's key that wraps it."""

    key: bytes
    version: str


def hashing_key(key_id: str, store: Store, wrapper: KeyWrapper, clock: Clock) -> Unwrapped:
    """The key of this id, made where there is none yet. Asks the key service each time: hold it.

    Raises:
        KeysUnreachable: it cannot be had now, or no key is configured.
        KeyRefused: it was wrapped by another key, or for another id.
    """
    context = binding(b"hashing-key-1", HashingKey.path_of(key_id))

    def made() -> HashingKey:
        wrapped = wrapper.wrap(os.urandom(KEY_BYTES), context)
        fresh = HashingKey(
            id=key_id,
            wrapped=wrapped.wrapped,
            key_version=wrapped.key_version,
            created_at=clock.now(),
        )
        if store.create(fresh):
            return fresh
        faster = store.get(HashingKey, key_id)
        assert faster is not None, "another instance has just made it, and nobody deletes it"
        return faster

    known = store.get(HashingKey, key_id) or made()
    wrapped = WrappedKey(known.wrapped, known.key_version)
    return Unwrapped(wrapper.unwrap(wrapped, context), known.key_version)

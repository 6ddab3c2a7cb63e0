"""Keyed hashes of devices and addresses: the same for the same thing, of no use to anybody else.

There are so few network addresses that a plain hash of one is as good as the address. The key is
made once, wrapped by the deployment's key, and never leaves the functions. Without the deployment's
key nothing is hashed, and nothing is known of where uploads come from.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from functools import cached_property

from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.keys import KeyWrapper
from media_integrity.schema.base import Sha256Hex
from media_integrity.schema.enforcement import BlockedThing, HashingKey
from media_integrity.sealing.hashing_keys import hashing_key

IPV6_SITE = 64
"""Bits of an IPv6 address that a household or phone keeps; the rest changes by the hour. Source:
RFC 6177, RFC 8981."""


class OriginHasher:
    """Hashes under the deployment's key, which is fetched on first use and then held.

    Raises, on first use:
        KeysUnreachable: the key cannot be had now.
        KeyRefused: it was wrapped by another key.
    """

    def __init__(self, store: Store, wrapper: KeyWrapper, clock: Clock) -> None:
        self._store = store
        self._wrapper = wrapper
        self._clock = clock

    def hashed(self, kind: BlockedThing, value: str) -> Sha256Hex:
        """HMAC-SHA-256 of the value; a device never looks like an address. Source: RFC 2104."""
        message = f"{kind}\0{value}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    @cached_property
    def _key(self) -> bytes:
        return hashing_key(HashingKey.ORIGINS_ID, self._store, self._wrapper, self._clock).key


def site_of(address: str) -> str | None:
    """What of a network address is hashed: all of IPv4, the site of IPv6. Pure.

    None for what is no address, or one that says nothing about where somebody is: of a private
    network, of this machine.
    """
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if not found.is_global or found.is_multicast:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, IPV6_SITE), strict=False))
    return str(found)

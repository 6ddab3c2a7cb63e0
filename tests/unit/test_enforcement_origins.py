"""From where a call comes, and what of it is hashed."""

from __future__ import annotations

import pytest

from media_integrity.api.addresses import PROXIES, client_address
from media_integrity.enforcement.hashing import site_of


@pytest.mark.parametrize(
    ("header", "own", "address"),
    [
        (None, "", None),
        ("", "", None),
        ("81.2.69.160", "", "81.2.69.160"),
        ("1.2.3.4, 81.2.69.160", "", "81.2.69.160"),
        ("81.2.69.160, 34.1.1.1", "1", "81.2.69.160"),
        ("forged, 1.2.3.4 ,81.2.69.160, 34.1.1.1", "1", "81.2.69.160"),
        ("81.2.69.160", "1", None),
        ("81.2.69.160", "many", "81.2.69.160"),
        (" , ,", "", None),
    ],
)
def test_the_address_is_what_the_outermost_trusted_party_has_seen(
    monkeypatch: pytest.MonkeyPatch, header: str | None, own: str, address: str | None
) -> None:
    monkeypatch.setenv(PROXIES, own)
    assert client_address(header) == address


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("81.2.69.160", "81.2.69.160"),
        (" 81.2.69.160 ", "81.2.69.160"),
        ("::ffff:81.2.69.160", "81.2.69.160"),
        ("2a02:8071:1:2:3:4:5:6", "2a02:8071:1:2::/64"),
        ("2a02:8071:1:2::", "2a02:8071:1:2::/64"),
        ("2a02:8071:1:3::", "2a02:8071:1:3::/64"),
        ("192.168.1.7", None),
        ("100.64.0.1", None),
        ("224.0.0.1", None),
        ("0.0.0.0", None),
        ("::1", None),
        ("fe80::1", None),
        ("2001:db8::1", None),
        ("81.2.69", None),
        ("81.2.69.160:443", None),
        ("somewhere", None),
        ("", None),
    ],
)
def test_what_of_an_address_is_hashed(address: str, site: str | None) -> None:
    assert site_of(address) == site

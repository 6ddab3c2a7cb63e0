"""Which platform an address belongs to, and how that platform takes requests: ``platforms.toml``.

Knows no mail addresses: an operator who has one from a platform configures it (docs/takedowns.md).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from media_integrity.schema.reports import TakedownChannel

PLATFORMS = Path(__file__).with_name("platforms.toml")


@dataclass(frozen=True, slots=True)
class Platform:
    """Where media lies. ``key`` is what takedowns and counts name it by."""

    key: str
    name: str
    channel: TakedownChannel


def platform_of(host: str, mails: Mapping[str, str]) -> Platform:
    """The platform of a host in its normal form; one that is not known is named after its host.

    ``mails``: addresses by key that the operator has configured.
    """
    labels = host.split(".")
    for begin in range(len(labels) - 1):  # the longest name first: i.redd.it, redd.it
        key = _hosts().get(".".join(labels[begin:]))
        if key is not None:
            break
    else:
        key = host.removeprefix("www.")[:80]
    if key in mails:
        return Platform(key, name_of(key), TakedownChannel.MAIL)
    known = key in _names()
    return Platform(key, name_of(key), TakedownChannel.FORM if known else TakedownChannel.UNKNOWN)


def name_of(key: str) -> str:
    """What people call a platform."""
    return _names().get(key, key)


@cache
def _tables() -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads(PLATFORMS.read_text(encoding="utf-8"))


@cache
def _names() -> Mapping[str, str]:
    return {key: str(told["name"]) for key, told in _tables().items()}


@cache
def _hosts() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key, told in _tables().items():
        hosts = told["hosts"]
        assert isinstance(hosts, list)
        for host in hosts:
            if host in found:
                raise RuntimeError(f"platforms.toml names {host} twice")
            found[str(host)] = key
    return found

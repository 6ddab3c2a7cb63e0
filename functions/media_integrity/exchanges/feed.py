"""What every exchange is to the rest: a feed that is read in pages and told what came of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from urllib.parse import urlsplit

from media_integrity.banks.entries import (
    Fault,
    HashRefused,
    ImportItem,
    NewEntry,
    Skipped,
    Withdrawn,
    new_entry,
)
from media_integrity.schema.bank_work import ExchangeFeedback
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.hashes import DIGITS

from .errors import ExchangeMisconfigured

BASE = "MEDIA_INTEGRITY_EXCHANGE_BASE"
"""Environment variable: where tests have exchanges of their own. Refused outside emulators."""

MAX_SOURCE_REF = 200
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything an exchange lists under one of its own ids, in place of what it listed there.

    Nothing: the id is gone. For exchanges that take back by id and say no hash with it.
    """

    ref: str
    entries: tuple[NewEntry, ...]


FeedItem: TypeAlias = ImportItem | Listing


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of an exchange."""

    items: list[FeedItem]
    checkpoint: str
    """Reading goes on behind this page from there. JSON, at most 10,000 characters."""
    done: bool
    """There is no more for now."""


class Feed(Protocol):
    """An exchange's hashes."""

    def read(self, checkpoint: str | None) -> Iterator[Page]:
        """What is new since ``checkpoint``; everything without one, or with one of no use.

        Entries that make no sense are ``Fault`` items. Each page is asked for when it is wanted.

        Raises:
            ExchangeError: the exchange cannot be read on; the pages before it stand.
        """

    def send(self, feedback: ExchangeFeedback) -> None:
        """Tell the exchange what came of one of its hashes. Saying it twice does no harm.

        Raises:
            FeedbackNotTaken: there is no place for it.
            ExchangeError: it was not said.
        """


@dataclass(frozen=True, slots=True)
class Credentials:
    """The deployment's secrets for exchanges; empty where there is none. Never printed."""

    stopncii_function_key: str = field(default="", repr=False)
    """Azure function key of FetchHashes."""
    stopncii_subscription_key: str = field(default="", repr=False)
    stopncii_feedback_key: str = field(default="", repr=False)
    """Azure function key of SubmitFeedback, which has one of its own."""
    ncmec_user: str = field(default="", repr=False)
    ncmec_password: str = field(default="", repr=False)
    threatexchange_token: str = field(default="", repr=False)
    """``{app id}|{app secret}``."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Credentials:
        """From variables of the fields' names in capitals, where SecretParam puts secrets.

        A secret has to have some value to be deployed, so ``none`` stands for there being none.
        """
        found = {
            name: environment.get(name.upper(), "").strip() for name in cls.__dataclass_fields__
        }
        return cls(**{name: "" if value == "none" else value for name, value in found.items()})


def base_address(path: str, real: str) -> str:
    """Where an exchange is: ``real``, or with ``BASE`` the test's server under ``path``.

    Never from a document, so that nobody who can write one makes us call an address of theirs.

    Raises:
        ExchangeMisconfigured: ``BASE`` is set and this is not the emulator, or it is not this
            machine.
    """
    base = os.environ.get(BASE)
    if not base:
        return real
    host = urlsplit(base).hostname
    if not os.environ.get("FIRESTORE_EMULATOR_HOST") or host not in _LOOPBACK:
        raise ExchangeMisconfigured(
            "base_refused", f"{BASE} is for tests against emulators on this machine only."
        )
    return f"{base.rstrip('/')}/{path}"


def entry_item(
    algorithm: HashAlgorithm,
    value: object,
    *,
    line: int,
    min_quality: int,
    source_ref: str | None = None,
    verified: bool = False,
) -> NewEntry | Fault:
    """An exchange's hash as an entry, or what is wrong with it."""
    if not isinstance(value, str):
        return Fault(line, "malformed", "the hash is not a text")
    try:
        return new_entry(
            algorithm,
            value,
            min_quality=min_quality,
            source_ref=usable_ref(source_ref),
            verified=verified,
            line=line,
        )
    except HashRefused as refused:
        return Fault(line, refused.reason, refused.text)


def withdrawn_item(algorithm: HashAlgorithm, value: object, *, line: int) -> Withdrawn | Fault:
    """A hash that is taken back, or what is wrong with it."""
    text = value.strip().lower() if isinstance(value, str) else ""
    if not re.fullmatch(rf"[0-9a-f]{{{DIGITS[algorithm]}}}", text):
        return Fault(line, "malformed", "the hash that is taken back is not one")
    return Withdrawn(algorithm, text)


def skipped_item(kind: object) -> Skipped:
    """An entry of a kind that is not matched. An exchange's name for it is kept if it is a name."""
    known = isinstance(kind, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", kind, re.ASCII)
    return Skipped(kind if known and isinstance(kind, str) else "unknown")


def usable_ref(ref: str | None) -> str | None:
    """The id if it can be stored; without it, no feedback can be sent on the entry."""
    return ref if ref and len(ref) <= MAX_SOURCE_REF and ref.isprintable() else None

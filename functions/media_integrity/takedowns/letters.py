"""The letter that asks a platform for removal: ``letters/*.toml``, one file a language.

Platforms get it in English. The reporter may read a copy in their own language, without what stands
encrypted; opening that is for the letter alone (``service.send``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from media_integrity.schema.notifications import Language
from media_integrity.schema.reports import Capacity, Report, ReportKind, Takedown

from .platforms import name_of

FOLDER = Path(__file__).with_name("letters")

SENT_IN = Language.ENGLISH
"""Every platform's abuse desk reads it."""

FIELDS = frozenset(
    {
        "platform",
        "name",
        "capacity",
        "mail",
        "kind",
        "url",
        "signed_on",
        "signature",
        "reference",
        "minor",
    }
)


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, as it stands in the letter: opened from its envelopes."""

    name: str
    mail: str
    signature: str


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class _Words:
    copy_note: str
    hidden: str
    minor: str
    kinds: Mapping[ReportKind, str]
    capacity: Mapping[Capacity, str]
    letters: Mapping[bool, tuple[Template, Template]]
    """By whether there is a signed statement: subject and body."""


def letter_for(takedown: Takedown, report: Report, requester: Requester | None) -> Letter:
    """The letter to the platform.

    ``requester``: needed where the report has a signed statement; without one nobody is named.

    Raises:
        ValueError: there is a statement and no requester.
    """
    if report.statement is not None and requester is None:
        raise ValueError("a signed letter names who asks")
    return _filled(takedown, report, requester, SENT_IN)


def copy_for(takedown: Takedown, report: Report, language: Language) -> Letter:
    """The same for the reporter to read: in their language, and without what is encrypted."""
    words = _read(language)
    shown = Requester(words.hidden, words.hidden, words.hidden)
    letter = _filled(takedown, report, shown, language)
    return Letter(letter.subject, f"{words.copy_note}\n\n{letter.text}")


def _filled(
    takedown: Takedown, report: Report, requester: Requester | None, language: Language
) -> Letter:
    words, statement = _read(language), report.statement
    subject, body = words.letters[statement is not None]
    fields = {
        "platform": name_of(takedown.media.platform),
        "kind": words.kinds[report.kind],
        "url": takedown.media.url or "",
        "reference": takedown.id,
        "minor": words.minor if report.concerns_minor else "",
    }
    if statement is not None and requester is not None:
        fields |= {
            "name": requester.name,
            "mail": requester.mail,
            "signature": requester.signature,
            "capacity": words.capacity[statement.capacity],
            "signed_on": statement.signed_at.strftime("%Y-%m-%d"),
        }
    text = re.sub(r"\n{3,}", "\n\n", body.substitute(fields)).strip() + "\n"
    return Letter(subject.substitute(fields), text)


@cache
def _read(language: Language) -> _Words:
    """Raises: RuntimeError: the file lacks words, or fills in what is not there."""
    path = FOLDER / f"{language.value}.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    words = _Words(
        copy_note=told["copy_note"],
        hidden=told["hidden"],
        minor=told["minor"],
        kinds={kind: told["kinds"][kind.value] for kind in ReportKind},
        capacity={each: told["capacity"][each.value] for each in Capacity},
        letters={
            signed: (Template(told[name]["subject"]), Template(told[name]["body"]))
            for signed, name in ((True, "statement"), (False, "policy"))
        },
    )
    for pair in words.letters.values():
        for template in pair:
            if not template.is_valid() or not set(template.get_identifiers()) <= FIELDS:
                raise RuntimeError(f"{path.name} has a field that is not filled in")
    return words

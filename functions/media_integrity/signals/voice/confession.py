"""Does a supplied transcript confess to something, or threaten somebody?

Nothing is transcribed here: without a transcript from the app there is no answer. Confessions are
the patterns of ``confessions.toml``; threats and sextortion are found by the lists that pictures
are searched with (``signals.text``). Words alone mean nothing: a podcast about crime is full of
them. They count beside signs that a program made the voice; ``decision`` puts the two together.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from media_integrity.schema.findings import TextCategory, TranscriptCategory
from media_integrity.signals.text.fold import fold
from media_integrity.signals.text.matcher import default_matcher

PATTERNS = Path(__file__).with_name("confessions.toml")

MOST_CHARACTERS = 20_000
"""More than ten minutes of speech have. What lies beyond is not read."""
MOST_TERMS = 16

_CATEGORIES = {
    TextCategory.THREAT: TranscriptCategory.THREAT,
    TextCategory.SEXTORTION: TranscriptCategory.SEXTORTION,
}

_SENTENCE_END = re.compile(r"[.!?…;:\n]+")
_NO_WORD = re.compile(r"[^\w.]+")
_NAME = re.compile(r"<([a-z]+)>")


class Statement(BaseModel):
    """An entry of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z]{2}\.[a-z0-9-]+$")
    lang: str = Field(pattern=r"^[a-z]{2}$")
    say: tuple[str, ...] = Field(min_length=1)


class StatementList(BaseModel):
    """The file ``confessions.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1)
    words: dict[str, dict[str, tuple[str, ...]]]
    statements: tuple[Statement, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What a transcript has."""

    categories: tuple[TranscriptCategory, ...] = ()
    terms: tuple[str, ...] = ()
    """Ids of list entries, at most ``MOST_TERMS``."""


def said(transcript: str | None) -> Said:
    """What ``transcript`` confesses or threatens; nothing where there is none."""
    if not transcript or not transcript.strip():
        return Said()
    text = transcript[:MOST_CHARACTERS]
    confessed = _confessed(text)
    threats = [
        match
        for match in default_matcher().matches(text.splitlines() or [text])
        if match.category in _CATEGORIES
    ]
    categories = [TranscriptCategory.CONFESSION] if confessed else []
    categories += [_CATEGORIES[match.category] for match in threats]
    terms = [*confessed, *(match.term for match in threats)]
    return Said(tuple(dict.fromkeys(categories)), tuple(dict.fromkeys(terms))[:MOST_TERMS])


def _confessed(text: str) -> list[str]:
    """Ids of the statements in ``text``."""
    sentences = _SENTENCE_END.sub(" . ", fold(text))
    plain = f" {' '.join(_NO_WORD.sub(' ', sentences).split())} "
    return [name for name, pattern in _compiled() if pattern.search(plain)]


@cache
def _listed() -> StatementList:
    return StatementList.model_validate(tomllib.loads(PATTERNS.read_text(encoding="utf-8")))


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    listed = _listed()
    return tuple(
        (statement.id, _pattern(statement, listed.words[statement.lang]))
        for statement in listed.statements
    )


def _pattern(statement: Statement, words: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    """All ways of saying it. A negation just before undoes it: "I never confess"."""

    def of(match: re.Match[str]) -> str:
        return f"(?:{'|'.join(words[match[1]])})"

    negated = f"(?:{'|'.join(words['not'])})"
    gap = rf"(?: (?!{negated} )\w+){{0,2}} "
    ways = [_NAME.sub(of, way).replace(" ~ ", gap) for way in statement.say]
    before = "".join(f"(?<! {word})" for word in words["not"])
    return re.compile(rf"{before} (?:{'|'.join(ways)})(?= |$)")

"""Finds the listed terms in the lines of a picture.

The lists are patterns over words (``terms.toml`` explains them), because lines break anywhere in a
picture and because what makes a sentence a threat is who does what to whom: "I will send your nudes
to your family", not "if someone threatens to share your nudes". They are run over a ``Lattice``,
which deals with spelling. A match says which term and on which line, nothing of what was written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from media_integrity.schema.findings import TextCategory, TextMatch

from .lattice import Lattice, Vocabulary, listed
from .patterns import Grammar, Reading, Way

TERMS = Path(__file__).with_name("terms.toml")

LOOKED_BACK = 3
"""Words before a match in which ``not_before`` is looked for."""
LOOKED_AHEAD = 2
"""Words after a match in which ``not_after`` is looked for."""


class Term(BaseModel):
    """An entry of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z]{2}\.[a-z0-9-]+$")
    category: TextCategory
    lang: str = Field(pattern=r"^[a-z]{2}$")
    say: tuple[str, ...] = Field(min_length=1)
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()


class TermList(BaseModel):
    """The file ``terms.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(min_length=1)]
    fillers: dict[str, tuple[str, ...]]
    groups: dict[str, dict[str, tuple[str, ...]]]
    phrases: dict[str, dict[str, tuple[str, ...]]]
    terms: tuple[Term, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class _Compiled:
    term: Term
    ways: tuple[Way, ...]
    negators: frozenset[str]
    not_before: frozenset[str]
    not_after: frozenset[str]


class Matcher:
    """The compiled lists. Immutable, so one serves all threads."""

    def __init__(self, terms: TermList) -> None:
        """Raises:
        ValueError: a pattern is malformed or names a group that is not there.
        """
        self.version = terms.version
        languages = {term.lang for term in terms.terms}
        grammars = {lang: Grammar(terms.groups, terms.phrases, lang) for lang in languages}
        self._terms = tuple(_compiled(term, grammars[term.lang]) for term in terms.terms)
        words = {word for each in self._terms for way in each.ways for word in way.words}
        for each in self._terms:
            words |= each.negators | each.not_before | each.not_after
        fillers = (word for of_language in terms.fillers.values() for word in of_language)
        self._vocabulary = Vocabulary(words | set(map(listed, fillers)))

    def matches(self, lines: Sequence[str]) -> tuple[TextMatch, ...]:
        """The terms in ``lines``, each once, with the line where it is first begun."""
        text = Reading(Lattice(lines, self._vocabulary))
        found = []
        for each in self._terms:
            place = _first(each, text)
            if place is not None:
                line = text.lattice.line(place)
                found.append(TextMatch(category=each.term.category, term=each.term.id, line=line))
        return tuple(found)


@cache
def default_matcher() -> Matcher:
    """The matcher of the lists that are shipped. Loaded once per process."""
    return Matcher(TermList.model_validate(tomllib.loads(TERMS.read_text(encoding="utf-8"))))


@cache
def list_version() -> str:
    """The version in the lists' file."""
    version: str = tomllib.loads(TERMS.read_text(encoding="utf-8"))["version"]
    return version


def _first(compiled: _Compiled, text: Reading) -> int | None:
    """Where the term is first begun."""
    lattice = text.lattice
    ways = text.possible(compiled.ways)
    for start in text.starts(ways):
        if text.any_of(compiled.not_before, lattice.before(start, LOOKED_BACK)):
            continue
        for way in ways:
            # A word alone is judged alone, so it must stand alone.
            for end in text.ends(way.items, start, compiled.negators, whole=len(way.items) == 1):
                if not text.any_of(compiled.not_after, lattice.after(end, LOOKED_AHEAD)):
                    return start
    return None


def _compiled(term: Term, grammar: Grammar) -> _Compiled:
    return _Compiled(
        term,
        ways=tuple(map(grammar.way, term.say)),
        negators=grammar.words("@not"),
        not_before=frozenset(word for each in term.not_before for word in grammar.words(each)),
        not_after=frozenset(word for each in term.not_after for word in grammar.words(each)),
    )

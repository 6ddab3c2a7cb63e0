"""Finds claims of ``patterns.toml`` in a text.

Spelling (accents, look-alikes, stretched letters, "p4id") and the patterns' notation are those of
``signals.text``. What is added here is who claims what: a claim that is denied, asked for or
supposed is none ("she never posted it", "did she post it?", "if she had posted it"), and no claim
runs over the end of a sentence, or begins or ends inside a word.

The time is linear in the text's length, of which no more than ``MAX_TEXT`` characters are read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from media_integrity.schema.consent import ClaimKind
from media_integrity.signals.text.lattice import Lattice, Vocabulary
from media_integrity.signals.text.patterns import Grammar, Reading, Way

PATTERNS = Path(__file__).with_name("patterns.toml")

MAX_TEXT = 1000
"""Characters that are looked at; as many as a refused claim keeps of its wording."""

NEAR = 3
"""Words that may stand between a claim and what denies it (``unless_near``)."""

_CLAUSE_END = re.compile(r"""[,.!?:;"“”„«»()…]|\s[-–—]|[-–—]\s""")
_SENTENCE_END = re.compile(r"[.!?…]+[\"”“»')]*\s")

Words = tuple[str, ...]


class Claim(BaseModel):
    """An entry of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z]{2}\.[a-z0-9-]+$", max_length=80)
    kind: ClaimKind
    lang: str = Field(pattern=r"^[a-z]{2}$")
    example: str
    say: Words = Field(min_length=1)
    unless: Words = ()
    unless_near: Words = ()
    unless_after: Words = ()


class ClaimList(BaseModel):
    """The file ``patterns.toml``, whose head explains it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(min_length=1)]
    groups: dict[str, dict[str, Words]]
    phrases: dict[str, dict[str, Words]]
    unless: dict[str, Words]
    unless_near: dict[str, Words]
    unless_after: dict[str, Words]
    rhetorical: dict[str, Words]
    claims: tuple[Claim, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class FoundClaim:
    """What a text claims, and by which pattern it was found."""

    kind: ClaimKind
    language: str
    """Of the pattern, ISO 639-1. A short text can be the same in two languages."""
    pattern_id: str


def find_claim(text: str) -> FoundClaim | None:
    """The first claim in ``text``; of several that begin there, the one that covers most of it.

    None says that the text has no claim that we know. It does not say that it is a consent.
    """
    return default_recogniser().find(text)


@cache
def default_recogniser() -> Recogniser:
    """The recogniser of the list that is shipped. Loaded once per process."""
    return Recogniser(ClaimList.model_validate(tomllib.loads(PATTERNS.read_text("utf-8"))))


def patterns_version() -> str:
    """The version in the list's file."""
    return default_recogniser().version


@dataclass(frozen=True, slots=True)
class _Denials:
    """What says that a claim is not made."""

    before: tuple[Way, ...]
    near: tuple[Way, ...]
    after: tuple[Way, ...]

    def __or__(self, other: _Denials) -> _Denials:
        return _Denials(
            self.before + other.before, self.near + other.near, self.after + other.after
        )

    @property
    def ways(self) -> tuple[Way, ...]:
        return self.before + self.near + self.after


@dataclass(frozen=True, slots=True)
class _Compiled:
    claim: Claim
    ways: tuple[Way, ...]
    denials: _Denials
    negators: frozenset[str]
    rhetorical: frozenset[str]


class Recogniser:
    """The compiled list. Immutable, so one serves all threads."""

    def __init__(self, claims: ClaimList) -> None:
        """Raises:
        ValueError: a pattern is malformed or names a group that is not there.
        """
        self.version = claims.version
        languages = {claim.lang for claim in claims.claims}
        grammars = {lang: Grammar(claims.groups, claims.phrases, lang) for lang in languages}
        of_language = {
            lang: _Denials(
                _ways(claims.unless[lang], grammar),
                _ways(claims.unless_near[lang], grammar),
                _ways(claims.unless_after[lang], grammar),
            )
            for lang, grammar in grammars.items()
        }
        self._claims = tuple(
            _compiled(claim, grammars[claim.lang], of_language[claim.lang], claims.rhetorical)
            for claim in claims.claims
        )
        ways = (way for each in self._claims for way in (*each.ways, *each.denials.ways))
        words = {word for way in ways for word in way.words}
        for each in self._claims:
            words |= each.negators | each.rhetorical
        self._vocabulary = Vocabulary(words)

    def find(self, text: str) -> FoundClaim | None:
        """See ``find_claim``."""
        lattice = Lattice((text[:MAX_TEXT],), self._vocabulary)
        read = _Text(lattice)
        spans = (
            (start, -end, number)
            for number, each in enumerate(self._claims)
            for start, end in read.claimed(each)
        )
        first = min(spans, default=None)
        if first is None:
            return None
        claim = self._claims[first[2]].claim
        return FoundClaim(claim.kind, claim.lang, claim.id)


class _Text:
    """A text in which claims are looked for."""

    def __init__(self, lattice: Lattice) -> None:
        self._lattice = lattice
        self._reading = Reading(lattice)
        self._ends: dict[Way, frozenset[int]] = {}

    def claimed(self, each: _Compiled) -> Iterator[tuple[int, int]]:
        """Where the claim begins and ends, each time that it is made."""
        ways = self._reading.possible(each.ways)
        for start in filter(self._lattice.between_pieces, self._reading.starts(ways)):
            ends = {
                end
                for way in ways
                for end in self._reading.ends(way.items, start, each.negators)
                if self._lattice.between_pieces(end)
            }
            if not ends or self._denied_before(start, each):
                continue
            for end in sorted(ends, reverse=True):
                if not (
                    any(map(_SENTENCE_END.search, self._lattice.separators(start, end - 1)))
                    or self._denied_after(end, each)
                    or self._asked(end, each)
                ):
                    yield start, end
                    break

    def _denied_before(self, start: int, each: _Compiled) -> bool:
        for ways, far in ((each.denials.before, 0), (each.denials.near, NEAR)):
            for end in self._ends_of(ways, each.negators):
                if end > start or (end < start and not far):
                    continue
                parts = self._lattice.separators(end - 1, start)
                if len(parts) <= far + 1 and not any(map(_CLAUSE_END.search, parts)):
                    return True
        return False

    def _ends_of(self, ways: Iterable[Way], negators: frozenset[str]) -> Iterator[int]:
        """Every place where one of ``ways`` ends."""
        for way in self._reading.possible(ways):
            if way not in self._ends:
                self._ends[way] = frozenset(
                    end
                    for start in self._reading.starts((way,))
                    for end in self._reading.ends(way.items, start, negators)
                )
            yield from self._ends[way]

    def _denied_after(self, end: int, each: _Compiled) -> bool:
        if any(map(_CLAUSE_END.search, self._lattice.separators(end - 1, end))):
            return False
        ways = self._reading.possible(each.denials.after)
        return any(self._reading.ends(way.items, end, each.negators) for way in ways)

    def _asked(self, end: int, each: _Compiled) -> bool:
        """Is it a question that the claim ends in?"""
        place: int | None = end
        while place is not None:
            for part in self._lattice.separators(place - 1, place):
                if _CLAUSE_END.search(part):
                    return "?" in part
            if self._reading.any_of(each.rhetorical, (place,)):
                return False
            place = self._lattice.after_piece(place)
        return False


def _compiled(
    claim: Claim, grammar: Grammar, of_language: _Denials, rhetorical: Mapping[str, Words]
) -> _Compiled:
    own = _Denials(
        _ways(claim.unless, grammar),
        _ways(claim.unless_near, grammar),
        _ways(claim.unless_after, grammar),
    )
    return _Compiled(
        claim,
        ways=_ways(claim.say, grammar),
        denials=of_language | own,
        negators=grammar.words("@not"),
        rhetorical=grammar.words("|".join(rhetorical[claim.lang])),
    )


def _ways(patterns: Words, grammar: Grammar) -> tuple[Way, ...]:
    return tuple(map(grammar.way, patterns))

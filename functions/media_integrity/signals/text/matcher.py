"""Finds the listed terms in the lines of a picture.

The lists are patterns over words (``terms.toml`` explains them), because lines break anywhere in a
picture and because what makes a sentence a threat is who does what to whom: "I will send your nudes
to your family", not "if someone threatens to share your nudes". They are run over a ``Lattice``,
which deals with spelling. A match says which term and on which line, nothing of what was written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from media_integrity.schema.findings import TextCategory, TextMatch

from .lattice import Lattice, Vocabulary, listed

TERMS = Path(__file__).with_name("terms.toml")

_ALTERNATIVE = re.compile(r"\{[^{}]+\}|[^{}|]+")

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
class _Words:
    any_of: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Gap:
    most: int


@dataclass(frozen=True, slots=True)
class _SentenceStart:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    ways: tuple[tuple[_Item, ...], ...]
    """The empty way makes it optional."""


_Item = _Words | _Gap | _SentenceStart | _Choice
_Sequence = tuple[_Item, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    items: _Sequence
    needed: tuple[frozenset[str], ...]
    """Of each of these, one word must be in the text. Of the first, one begins the match."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    term: Term
    ways: tuple[_Way, ...]
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
        grammars = {term.lang: _Grammar(terms, term.lang) for term in terms.terms}
        self._terms = tuple(_compiled(term, grammars[term.lang]) for term in terms.terms)
        words = {word for each in self._terms for way in each.ways for word in _words_of(way.items)}
        for each in self._terms:
            words |= each.negators | each.not_before | each.not_after
        fillers = (word for of_language in terms.fillers.values() for word in of_language)
        self._vocabulary = Vocabulary(words | set(map(listed, fillers)))

    def matches(self, lines: Sequence[str]) -> tuple[TextMatch, ...]:
        """The terms in ``lines``, each once, with the line where it is first begun."""
        text = _Reading(Lattice(lines, self._vocabulary))
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


def _first(compiled: _Compiled, text: _Reading) -> int | None:
    """Where the term is first begun."""
    lattice, present = text.lattice, text.lattice.places.keys()
    ways = [way for way in compiled.ways if not any(map(present.isdisjoint, way.needed))]
    starts = {
        place for way in ways for word in way.needed[0] for place in lattice.places.get(word, ())
    }
    for start in sorted(starts):
        if text.any_of(compiled.not_before, lattice.before(start, LOOKED_BACK)):
            continue
        for way in ways:
            # A word alone is judged alone, so it must stand alone.
            for end in text.ends(way.items, start, compiled.negators, whole=len(way.items) == 1):
                if not text.any_of(compiled.not_after, lattice.after(end, LOOKED_AHEAD)):
                    return start
    return None


class _Reading:
    """One run of the patterns over a lattice. Phrases that patterns share are tried once."""

    def __init__(self, lattice: Lattice) -> None:
        self.lattice = lattice
        self._known: dict[tuple[_Choice, int], tuple[int, ...]] = {}

    def ends(
        self, items: _Sequence, place: int, negators: frozenset[str], *, whole: bool = False
    ) -> Iterator[int]:
        """Every place where ``items``, begun at ``place``, can end."""
        if not items:
            yield place
            return
        for following in dict.fromkeys(self._after(items[0], place, negators, whole=whole)):
            yield from self.ends(items[1:], following, negators)

    def any_of(self, words: frozenset[str], places: Iterable[int]) -> bool:
        """Can one of ``words`` be read at one of ``places``?"""
        return any(edge.word in words for at in places for edge in self.lattice.edges.get(at, ()))

    def _after(
        self, item: _Item, place: int, negators: frozenset[str], *, whole: bool
    ) -> Iterable[int]:
        match item:
            case _Words(any_of):
                return (
                    edge.end
                    for edge in self.lattice.edges.get(place, ())
                    if edge.word in any_of and not (edge.loose and whole)
                )
            case _Gap(most):
                return self._skipped(place, most, negators)
            case _SentenceStart():
                return (place,) if self.lattice.starts_sentence(place) else ()
            case _Choice(ways):
                # A phrase belongs to one language, so its negators are always the same.
                known = self._known.get((item, place))
                if known is None:
                    found = (end for way in ways for end in self.ends(way, place, negators))
                    known = self._known[item, place] = tuple(dict.fromkeys(found))
                return known

    def _skipped(self, place: int, most: int, negators: frozenset[str]) -> Iterable[int]:
        """``place`` and the places up to ``most`` words further, not beyond a negation.

        A word is a piece, or whatever can be read as a listed word: "your" in "sendyournudes".
        """
        reached = dict.fromkeys((place,))
        latest = [place]
        for _ in range(most):
            beyond: dict[int, None] = {}
            for at in latest:
                if self.any_of(negators, (at,)):
                    continue
                following = self.lattice.after_piece(at)
                if following is not None:
                    beyond[following] = None
                beyond.update((edge.end, None) for edge in self.lattice.edges.get(at, ()))
            latest = [at for at in beyond if at not in reached]
            reached.update(dict.fromkeys(latest))
        return reached


def _needed(items: _Sequence) -> tuple[frozenset[str], ...]:
    return tuple(
        _openers(items[first:])
        for first, item in enumerate(items)
        if first == 0 or isinstance(item, _Words) or (isinstance(item, _Choice) and all(item.ways))
    )


def _openers(items: Sequence[_Item]) -> frozenset[str]:
    """Words with which the items can begin."""
    opening: frozenset[str] = frozenset()
    for item in items:
        match item:
            case _Words(any_of):
                return opening | any_of
            case _Choice(ways):
                opening |= frozenset().union(*map(_openers, ways))
                if all(ways):
                    return opening
            case _:
                pass
    return opening


def _words_of(items: Sequence[_Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, _Words):
            yield from item.any_of
        elif isinstance(item, _Choice):
            for way in item.ways:
                yield from _words_of(way)


def _compiled(term: Term, grammar: _Grammar) -> _Compiled:
    ways = map(grammar.sequence, term.say)
    return _Compiled(
        term,
        ways=tuple(_Way(items, _needed(items)) for items in ways),
        negators=grammar.words("@not"),
        not_before=frozenset(word for each in term.not_before for word in grammar.words(each)),
        not_after=frozenset(word for each in term.not_after for word in grammar.words(each)),
    )


class _Grammar:
    """Reads patterns. Their notation is explained at the head of ``terms.toml``."""

    def __init__(self, terms: TermList, lang: str) -> None:
        self._groups = _of_language(terms.groups, lang)
        self._phrases = _of_language(terms.phrases, lang)
        self._compiled: dict[str, _Choice] = {}

    def sequence(self, pattern: str) -> _Sequence:
        items = tuple(map(self._item, pattern.split()))
        if not items or isinstance(items[0], _Gap) or isinstance(items[-1], _Gap):
            raise ValueError(f"pattern {pattern!r} must begin and end with words")
        return items

    def words(self, alternatives: str) -> frozenset[str]:
        words: set[str] = set()
        for alternative in alternatives.split("|"):
            if alternative.startswith("@"):
                for each in self._named(self._groups, alternative[1:]):
                    words |= self.words(each)
            elif not alternative:
                raise ValueError(f"empty alternative in {alternatives!r}")
            else:
                words.add(listed(alternative))
        return frozenset(words)

    def _item(self, item: str) -> _Item:
        if item == "^":
            return _SentenceStart()
        if item.startswith(".."):
            return _Gap(int(item[2:]))
        bare = item.removesuffix("?")
        alternatives = _ALTERNATIVE.findall(bare)
        if bare != item and len(alternatives) > 1:
            raise ValueError(f"{item!r}: several alternatives cannot be missing together")
        if "|".join(alternatives) != bare:
            raise ValueError(f"{item!r} is not a list of alternatives")
        words = "|".join(each for each in alternatives if each[0] != "{")
        names = [name for each in alternatives if each[0] == "{" for name in each[1:-1].split("|")]
        ways: list[_Sequence] = [(self._phrase(name),) for name in names]
        if words:
            ways.append((_Words(self.words(words)),))
        if bare != item:
            ways.append(())
        return ways[0][0] if len(ways) == 1 else _Choice(tuple(ways))

    def _phrase(self, name: str) -> _Choice:
        if name not in self._compiled:
            ways = self._named(self._phrases, name)
            self._compiled[name] = _Choice(tuple(map(self.sequence, ways)))
        return self._compiled[name]

    def _named(self, table: Mapping[str, tuple[str, ...]], name: str) -> tuple[str, ...]:
        try:
            return table[name]
        except KeyError:
            raise ValueError(f"no group or phrase {name!r}") from None


def _of_language(
    table: Mapping[str, Mapping[str, tuple[str, ...]]], lang: str
) -> dict[str, tuple[str, ...]]:
    """What is there for every language, and for this one."""
    return {**table.get("any", {}), **table.get(lang, {})}

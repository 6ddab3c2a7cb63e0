"""Patterns over words, run over a ``Lattice``. Their notation: the head of ``terms.toml``.

Knows nothing of what is looked for. A pattern's run takes time linear in the text for each place
where it can begin, whatever the text: places reached are a set, and no way to them is tried twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from .lattice import Lattice, listed

_ALTERNATIVE = re.compile(r"\{[^{}]+\}|[^{}|]+")


@dataclass(frozen=True, slots=True)
class Words:
    """One of these words, as ``lattice.listed`` gives them."""

    any_of: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gap:
    """So many words at most, none of them a negation."""

    most: int


@dataclass(frozen=True, slots=True)
class SentenceStart:
    """No word: here a line or a sentence begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of several sequences."""

    ways: tuple[tuple[Item, ...], ...]
    """The empty way makes it optional."""


Item = Words | Gap | SentenceStart | Choice
Items = tuple[Item, ...]

Tables = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By language and name: words of a group, or patterns of a phrase."""


@dataclass(frozen=True, slots=True)
class Way:
    """A whole pattern."""

    items: Items
    needed: tuple[frozenset[str], ...]
    """Of each of these, one word must be in the text. Of the first, one begins the match."""

    @classmethod
    def of(cls, items: Items) -> Way:
        return cls(items, _needed(items))

    @property
    def words(self) -> Iterator[str]:
        """Every word in it."""
        return _words_of(self.items)


class Reading:
    """One run of the patterns over a lattice. Phrases that patterns share are tried once."""

    def __init__(self, lattice: Lattice) -> None:
        self.lattice = lattice
        self._known: dict[tuple[Choice, int], tuple[int, ...]] = {}

    def ends(
        self, items: Items, place: int, negators: frozenset[str], *, whole: bool = False
    ) -> tuple[int, ...]:
        """Every place where ``items``, begun at ``place``, can end.

        ``whole``: the first of them does not count where it is only a part of a longer word.
        """
        places: tuple[int, ...] = (place,)
        for item in items:
            following = (self._after(item, at, negators, whole=whole) for at in places)
            places = tuple(dict.fromkeys(chain.from_iterable(following)))
            whole = False
        return places

    def starts(self, ways: Iterable[Way]) -> list[int]:
        """Places at which one of ``ways`` can begin, ascending."""
        openers = (word for way in ways for word in way.needed[0])
        return sorted({at for word in openers for at in self.lattice.places.get(word, ())})

    def possible(self, ways: Iterable[Way]) -> list[Way]:
        """Those of which no necessary word is missing."""
        present = self.lattice.places.keys()
        return [way for way in ways if not any(map(present.isdisjoint, way.needed))]

    def any_of(self, words: frozenset[str], places: Iterable[int]) -> bool:
        """Can one of ``words`` be read at one of ``places``?"""
        return any(edge.word in words for at in places for edge in self.lattice.edges.get(at, ()))

    def _after(
        self, item: Item, place: int, negators: frozenset[str], *, whole: bool
    ) -> Iterable[int]:
        match item:
            case Words(any_of):
                return (
                    edge.end
                    for edge in self.lattice.edges.get(place, ())
                    if edge.word in any_of and not (edge.loose and whole)
                )
            case Gap(most):
                return self._skipped(place, most, negators)
            case SentenceStart():
                return (place,) if self.lattice.starts_sentence(place) else ()
            case Choice(ways):
                # A phrase belongs to one language, so its negators are always the same.
                known = self._known.get((item, place))
                if known is None:
                    found = chain.from_iterable(self.ends(way, place, negators) for way in ways)
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


def _needed(items: Items) -> tuple[frozenset[str], ...]:
    return tuple(
        _openers(items[first:])
        for first, item in enumerate(items)
        if first == 0 or isinstance(item, Words) or (isinstance(item, Choice) and all(item.ways))
    )


def _openers(items: Sequence[Item]) -> frozenset[str]:
    """Words with which the items can begin."""
    opening: frozenset[str] = frozenset()
    for item in items:
        match item:
            case Words(any_of):
                return opening | any_of
            case Choice(ways):
                opening |= frozenset().union(*map(_openers, ways))
                if all(ways):
                    return opening
            case _:
                pass
    return opening


def _words_of(items: Sequence[Item]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Words):
            yield from item.any_of
        elif isinstance(item, Choice):
            for way in item.ways:
                yield from _words_of(way)


class Grammar:
    """Reads the patterns of one language. The notation: head of ``terms.toml``."""

    def __init__(self, groups: Tables, phrases: Tables, lang: str) -> None:
        """``groups`` and ``phrases``: of each language; those of ``any`` are in all of them."""
        self._groups = _of_language(groups, lang)
        self._phrases = _of_language(phrases, lang)
        self._compiled: dict[str, Choice] = {}

    def way(self, pattern: str) -> Way:
        """Raises: ValueError: it is malformed or names a group that is not there."""
        return Way.of(self.sequence(pattern))

    def sequence(self, pattern: str) -> Items:
        items = tuple(map(self._item, pattern.split()))
        if not items or isinstance(items[0], Gap) or isinstance(items[-1], Gap):
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

    def _item(self, item: str) -> Item:
        if item == "^":
            return SentenceStart()
        if item.startswith(".."):
            return Gap(int(item[2:]))
        bare = item.removesuffix("?")
        alternatives = _ALTERNATIVE.findall(bare)
        if bare != item and len(alternatives) > 1:
            raise ValueError(f"{item!r}: several alternatives cannot be missing together")
        if "|".join(alternatives) != bare:
            raise ValueError(f"{item!r} is not a list of alternatives")
        words = "|".join(each for each in alternatives if each[0] != "{")
        names = [name for each in alternatives if each[0] == "{" for name in each[1:-1].split("|")]
        ways: list[Items] = [(self._phrase(name),) for name in names]
        if words:
            ways.append((Words(self.words(words)),))
        if bare != item:
            ways.append(())
        return ways[0][0] if len(ways) == 1 else Choice(tuple(ways))

    def _phrase(self, name: str) -> Choice:
        if name not in self._compiled:
            ways = self._named(self._phrases, name)
            self._compiled[name] = Choice(tuple(map(self.sequence, ways)))
        return self._compiled[name]

    def _named(self, table: Mapping[str, tuple[str, ...]], name: str) -> tuple[str, ...]:
        try:
            return table[name]
        except KeyError:
            raise ValueError(f"no group or phrase {name!r}") from None


def _of_language(table: Tables, lang: str) -> dict[str, tuple[str, ...]]:
    """What is there for every language, and for this one."""
    return {**table.get("any", {}), **table.get(lang, {})}

"""All the ways in which the words of the lists can be read in a text.

A text is cut into pieces, runs of letters and digits. An edge says: from this place to that one the
text can be read as this listed word. Edges are made for

- a piece as it is, its letters compared by ``fold.letter_class``, so "k1ll" and "KlLL" are "kill";
- letters repeated three times or more ("nuuudes"). Two are not enough: "boot" is not "bot";
- pieces joined through punctuation without a space ("n.u.d.e.s", "k!ll", "pic-" at a line's end);
- one unreadable letter as a star inside a word ("k*ll");
- letters that stand alone, joined ("n u d e s");
- a long piece that falls into listed words without a rest ("sendnudes"), because recognisers lose
  spaces and so do people.

The last two ignore word boundaries, so such edges are ``loose`` and count only as a part of a
phrase. Nothing else does: "Scunthorpe", "therapist" and "skill" have no edge.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .fold import SYMBOLS, fold, letter_class

AMOUNT, NUMBER = "<amount>", "<number>"
"""Stand for a sum of money and for a number; listed like words."""

STEM = "*"
"""At a listed word's end: any word that begins so."""

LONGEST = 24
"""Letters of the longest word looked for."""
JOINED = 12
"""Pieces joined through punctuation at most."""
GLUED = 5
"""Letters from which a piece is taken apart."""
_STEP = 64
"""Places in one piece. A place is piece number times ``_STEP`` plus letters into the piece."""

_PIECE = re.compile(rf"[^\W_]+|(?<!\S)[{re.escape(''.join(SYMBOLS - {'*'}))}](?!\S)")
_TIGHT = re.compile(r"[^\s\w]{1,4}|_|-\n")
_SENTENCE_END = re.compile(r"""[.!?:;"“”„«»()…—\n]""")
_CURRENCY_WORD = (
    r"usd|usdt|eur|euros?|gbp|pounds?|dollars?|bucks|bitcoins?|btc|eth|zl|zlotych|zloty|pln|brl|"
    r"reais|pesos|dolares|mxn|dolar(?:ow)?"
)
_AMOUNT = re.compile(
    rf"(?<!\w)(?:[$€£¥₿]\s?\d[\d.,]*\s?k?|(?:{_CURRENCY_WORD})\s?\d[\d.,]*k?|r\$\s?\d[\d.,]*"
    rf"|\d[\d.,]*\s?k?\s?(?:[$€£¥₿]|(?:{_CURRENCY_WORD})(?!\w)))"
)


@dataclass(frozen=True, slots=True)
class Edge:
    word: str
    """As ``Vocabulary`` lists it."""
    end: int
    """The place where the reading goes on."""
    loose: bool


def listed(word: str) -> str:
    """The form in which words are compared: folded, by letter class. Stems keep their star."""
    if word in {AMOUNT, NUMBER}:
        return word
    stem = STEM if word.endswith(STEM) else ""
    return "".join(map(letter_class, fold(word.removesuffix(STEM)))) + stem


class Vocabulary:
    """The words of the lists, to be looked up by how they look."""

    def __init__(self, words: Iterable[str]) -> None:
        """``words`` as ``listed`` gives them."""
        self._exact: set[str] = set()
        self._collapsed: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[str]] = defaultdict(list)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in sorted(set(words) - {AMOUNT, NUMBER}):
            if word.endswith(STEM):
                self._stems[_collapsed(word.removesuffix(STEM))].append(word)
                continue
            self._exact.add(word)
            self._collapsed[_collapsed(word)].append(word)
            self._by_length[len(word)].append(word)

    def spelled(self, text: str) -> Iterator[str]:
        """Listed words that ``text``, in letter classes, can be."""
        if len(text) > LONGEST * 2:
            return
        short = _collapsed(text)
        for word in self._collapsed.get(short, ()):
            if word == text or _stretched(text, word):
                yield word
        for end in range(2, len(short) + 1):
            for stem in self._stems.get(short[:end], ()):
                if _begins(text, stem.removesuffix(STEM)):
                    yield stem

    def starred(self, text: str) -> Iterator[str]:
        """Listed words that ``text`` can be if each star in it is one letter."""
        if text.count("*") * 2 > len(text) or text.startswith("*") or len(text) < 3:
            return
        for word in self._by_length.get(len(text), ()):
            if all(seen in {"*", letter} for seen, letter in zip(text, word, strict=True)):
                yield word

    def parts(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Begin, end and word of every listed word on a way of cutting up all of ``text``."""
        reached = {0}
        found: list[tuple[int, int, str]] = []
        for begin in range(len(text)):
            if begin not in reached:
                continue
            for end in range(begin + 1, min(len(text), begin + LONGEST) + 1):
                if text[begin:end] in self._exact:
                    reached.add(end)
                    found.append((begin, end, text[begin:end]))
        useful = {len(text)}
        for begin, end, word in reversed(found):
            if end in useful:
                useful.add(begin)
                yield begin, end, word


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    """In letter classes."""
    raw: str
    begin: int
    end: int
    line: int


class Lattice:
    """A text of several lines with its edges."""

    def __init__(self, lines: Sequence[str], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._text = "\n".join(map(fold, (line.replace("\n", " ") for line in lines)))
        self._pieces = list(self._cut())
        self.edges: dict[int, list[Edge]] = defaultdict(list)
        self.places: dict[str, list[int]] = defaultdict(list)
        """Where edges of a word begin, ascending."""
        self._spans()
        self._spaced_out()
        self._glued()
        self._amounts()
        for place in sorted(self.edges):
            for edge in self.edges[place]:
                self.places[edge.word].append(place)

    def after_piece(self, place: int) -> int | None:
        """The place behind the piece at ``place``; None at the end of the text."""
        piece = place // _STEP
        return (piece + 1) * _STEP if piece < len(self._pieces) else None

    def before(self, place: int, count: int) -> range:
        """Places of the ``count`` pieces before ``place``."""
        piece = place // _STEP
        return range(max(0, piece - count) * _STEP, piece * _STEP, _STEP)

    def after(self, place: int, count: int) -> range:
        """Places of the ``count`` pieces from ``place`` on."""
        last = min(place // _STEP + count, len(self._pieces)) * _STEP
        return range(place, last, _STEP)

    def line(self, place: int) -> int:
        return self._pieces[place // _STEP].line

    def between_pieces(self, place: int) -> bool:
        """Is it a place where no piece is cut?"""
        return place % _STEP == 0

    def separators(self, first: int, last: int) -> list[str]:
        """What stands between pieces, from the one at place ``first`` to the one at ``last``.

        ``last`` may be the end of the text; nothing stands inside a piece.
        """
        stop = min(last // _STEP, len(self._pieces))
        return [self._between(piece) for piece in range(first // _STEP, stop)]

    def starts_sentence(self, place: int) -> bool:
        piece, inside = divmod(place, _STEP)
        if inside or piece >= len(self._pieces):
            return False
        return piece == 0 or bool(_SENTENCE_END.search(self._between(piece - 1)))

    def _cut(self) -> Iterator[_Piece]:
        line, at = 0, 0
        for found in _PIECE.finditer(self._text):
            line += self._text.count("\n", at, found.start())
            at = found.start()
            classes = "".join(map(letter_class, found[0]))
            yield _Piece(classes, found[0], found.start(), found.end(), line)

    def _between(self, piece: int) -> str:
        """What stands between this piece and the next, or the end of the text."""
        last = piece + 1 == len(self._pieces)
        return self._text[self._pieces[piece].end : None if last else self._pieces[piece + 1].begin]

    def _add(self, begin: int, end: int, words: Iterable[str], *, loose: bool = False) -> None:
        for word in words:
            edge = Edge(word, end, loose)
            if edge not in self.edges[begin]:
                self.edges[begin].append(edge)

    def _spans(self) -> None:
        """Single pieces, and pieces joined through punctuation."""
        for first, piece in enumerate(self._pieces):
            if piece.raw.isdigit():
                self._add(first * _STEP, (first + 1) * _STEP, [NUMBER])
            last = first
            while True:
                self._add(first * _STEP, (last + 1) * _STEP, self._words(first, last))
                last += 1
                if last == len(self._pieces) or last - first >= JOINED:
                    break
                if not _TIGHT.fullmatch(self._between(last - 1)):
                    break

    def _words(self, first: int, last: int) -> set[str]:
        begin, end = self._pieces[first].begin, self._pieces[last].end
        raw = self._text[begin:end]
        if len(raw) == 1 and not raw.isalpha():  # "4 life", "1 will"
            return set(self._vocabulary.spelled(letter_class(raw)))
        if len(raw) > 2 * LONGEST or not any(map(str.isalpha, raw)):
            return set()  # a number is no word, however its digits look
        opening, closing = _symbols_before(self._text, begin), _symbols_after(self._text, end)
        readings = {_letters(raw, keep=False)}
        for head in {"", opening}:
            for tail in {"", closing}:
                readings.add(_letters(head + raw + tail, keep=True))
        words = {word for reading in readings for word in self._vocabulary.spelled(reading)}
        if "*" in raw:
            words.update(self._vocabulary.starred(_letters(raw, keep=True)))
        return words

    def _spaced_out(self) -> None:
        """Letters that stand alone. Words begin and end anywhere in a row of them."""
        first = 0
        for alone, group in groupby(self._pieces, key=lambda piece: len(piece.raw) == 1):
            row = list(group)
            if alone and len(row) >= 3:
                letters = "".join(piece.text for piece in row)
                for begin in range(len(row) - 1):
                    for end in range(begin + 2, min(len(row), begin + LONGEST) + 1):
                        whole = begin == 0 and end == len(row)
                        self._add(
                            (first + begin) * _STEP,
                            (first + end) * _STEP,
                            self._vocabulary.spelled(letters[begin:end]),
                            loose=not whole,
                        )
            first += len(row)

    def _glued(self) -> None:
        for index, piece in enumerate(self._pieces):
            if GLUED <= len(piece.text) < _STEP and not piece.raw.isdigit():
                start = index * _STEP
                for begin, end, word in self._vocabulary.parts(piece.text):
                    whole = end == len(piece.text)
                    stop = start + _STEP if whole else start + end
                    self._add(start + begin, stop, [word], loose=not (whole and begin == 0))

    def _amounts(self) -> None:
        for found in _AMOUNT.finditer(self._text):
            inside = [
                index
                for index, piece in enumerate(self._pieces)
                if piece.begin < found.end() and piece.end > found.start()
            ]
            if inside:
                self._add(inside[0] * _STEP, (inside[-1] + 1) * _STEP, [AMOUNT])


def _letters(raw: str, *, keep: bool) -> str:
    """Letter classes of ``raw`` without separators; symbols are letters if ``keep``."""
    return "".join(
        letter_class(character)
        for character in raw
        if character.isalnum() or (keep and character in SYMBOLS)
    )


def _symbols_before(text: str, begin: int) -> str:
    """Symbols directly before ``begin`` that can be the word's first letters."""
    start = begin
    while start and text[start - 1] in SYMBOLS - {"*"}:
        start -= 1
    return text[start:begin]


def _symbols_after(text: str, end: int) -> str:
    stop = end
    while stop < len(text) and text[stop] in SYMBOLS - {"*"}:
        stop += 1
    return text[end:stop]


def _collapsed(text: str) -> str:
    return "".join(letter for letter, _ in groupby(text))


def _runs(text: str) -> list[int]:
    return [len(list(group)) for _, group in groupby(text)]


def _stretched(text: str, word: str) -> bool:
    """Is ``text`` the word with letters held down? Both collapse to the same letters."""
    return all(
        seen == meant or seen >= max(3, meant) or (meant >= 3 and seen == meant - 1)
        for seen, meant in zip(_runs(text), _runs(word), strict=True)
    )


def _begins(text: str, stem: str) -> bool:
    """Does ``text`` begin with the stem, letters held down or not?"""
    seen, meant = _runs(text), _runs(stem)
    *inner, last = zip(seen, meant, strict=False)
    return all(s == m or s >= max(3, m) for s, m in inner) and last[0] >= last[1]

"""Writes text so that letters that look the same are the same.

Undoes what hides a word from a list but not from a reader: other alphabets' look-alikes,
letter-like symbols of Unicode, accents, invisible characters, capitals. What it gives is for
matching alone and is never stored or shown.

Letters written as digits or symbols ("k1ll", "nude$") are left as they are: whether "1" is a letter
depends on the word that it would make, so ``lattice`` compares by ``letter_class`` instead.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_NAMED_LETTER = re.compile(
    r"(?:NEGATIVE (?:CIRCLED|SQUARED) |REGIONAL INDICATOR SYMBOL )?(?:LATIN )?"
    r"(?:CAPITAL |SMALL )?LETTER (?:(?:SMALL )?CAPITAL |SCRIPT |DOTLESS |TURNED |REVERSED |OPEN )*"
    r"([A-Z])(?: WITH .+)?"
)
"""Unicode names of single Latin letters in other shapes: small capitals, strokes, hooks, flags."""

_LIGATURES = {"æ": "ae", "œ": "oe", "ĳ": "ij", "ß": "ss", "þ": "th"}

_MISSING = {
    "н": "h", "т": "t", "в": "b", "м": "m", "к": "k", "и": "n", "я": "r", "п": "n",
    "κ": "k", "ĸ": "k", "η": "n", "τ": "t", "ω": "w", "μ": "u", "χ": "x", "β": "b", "ε": "e",
}  # fmt: skip
"""Small Cyrillic and Greek letters that the Unicode list pairs as capitals only."""

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ＇′"), None)

_CLASSES = {
    "a": "a4@", "b": "b8", "c": "c¢", "e": "e3€", "g": "g69", "i": "il1!|¡£", "o": "o0",
    "s": "s5$§", "t": "t7+", "x": "x×", "y": "y¥", "z": "z2",
}  # fmt: skip
_CLASS_OF = {character: letter for letter, alike in _CLASSES.items() for character in alike}

SYMBOLS = frozenset("@¢€!|¡£$§+×¥*")
"""Characters that stand for a letter inside a word and for themselves elsewhere."""


def fold(text: str) -> str:
    """``text`` in small Latin letters where it looks like them. Folding twice changes nothing.

    Apostrophes are dropped, so that "don't" and "dont" are one word.
    """
    while (folded := _folded_once(text)) != text:
        text = folded
    return text


def letter_class(character: str) -> str:
    """The letter that a folded character can be read as, itself if none.

    "l" and "i" are one: in most typefaces the small one and the other's capital look alike, and
    recognisers take one for the other.
    """
    return _CLASS_OF.get(character, character)


def _folded_once(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).translate(_APOSTROPHES)
    seen = "".join(map(_look_alike, composed)).casefold()
    bare = unicodedata.normalize("NFKD", "".join(map(_look_alike, seen)))
    return "".join(map(_visible, bare))


def _visible(character: str) -> str:
    """Without marks on other letters and without characters that nobody sees."""
    category = unicodedata.category(character)
    if character in "\n\t" or category == "Zs":
        return "\n" if character == "\n" else " "
    return "" if category in {"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"} else character


@cache
def _look_alike(character: str) -> str:
    """The ASCII character or characters that it looks like, itself if none."""
    if character.isascii():
        return character
    if character in _LIGATURES or character in _MISSING:
        return _LIGATURES.get(character) or _MISSING[character]
    named = _NAMED_LETTER.fullmatch(unicodedata.name(character, ""))
    if named:
        return named[1].lower()
    return _confusables().get(character, character)


@cache
def _confusables() -> dict[str, str]:
    """Unicode's characters confusable (UTS 39) with one ASCII letter or digit."""
    from confusable_homoglyphs import confusables  # type: ignore[import-untyped]

    table: dict[str, str] = {}
    for character, pairs in confusables.confusables_data.items():
        if len(character) != 1 or character.isascii():
            continue
        plain = [pair["c"] for pair in pairs if len(pair["c"]) == 1 and pair["c"].isascii()]
        letters = [each for each in plain if each.isalpha()] or [
            each for each in plain if each.isdigit()
        ]
        if letters:
            table[character] = letters[0].lower()
    return table

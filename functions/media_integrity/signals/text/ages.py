"""Does a text say that somebody is under 18?

A note for the moderator who looks at an upload, and nothing more: no rule reads it, nothing is held
or let through for it, and it says nothing of how old anybody is. People write numbers that are not
true, of others, and in jest. No picture and no voice is asked for an age: there is no model for it.

Figures only ("15", not "fifteen"), in the six languages of the lists. What reads as a duration
("15 years ago") is none.
"""

from __future__ import annotations

import re
import unicodedata

LEAST, MOST = 5, 17
"""Years; below are mostly sizes, scores and anniversaries."""

MOST_CHARACTERS = 20_000

_YEARS = r"(?P<age>\d{1,2})"

_SOMEBODY = (
    r"(?:i'?m(?: only)?|i am(?: only)?|she'?s|she is|he'?s|he is|she was|he was|just turned|turning"
    r"|aged?)"
)
_UNITS = (
    r"(?:minutes?|hours?|days?|weeks?|months?|times?|percent|of|km|miles?|met(?:er|re)s?|euros?"
    r"|dollars?)"
)

_SAYS = (
    # English
    rf"\b{_SOMEBODY} {_YEARS}\b(?! {_UNITS}\b| years? (?!old)|[:.,]?\d| ?%)",
    rf"\b{_YEARS}[ -]?(?:years?|yrs?)[ -]olds?(?! (?:whisk|wine|house|car|building|scotch|rum))",
    rf"\b{_YEARS} ?(?:yo|y/o|yr old)\b",
    # German
    rf"\b(?:ich bin|bin|sie ist|er ist|erst|gerade) {_YEARS}(?: (?:jahre|geworden)|[!.?,;]|$)",
    rf"\b{_YEARS} jahre (?:alt|jung)\b",
    rf"\b{_YEARS}[ -]?jahrig(?:e|er|es|en)?\b",
    # French
    rf"\b(?:j'?ai|elle a|il a|agee? de|fille de|garcon de|ado de) {_YEARS} ?ans\b",
    # Spanish
    rf"\b(?:tengo|tiene|tenia|con|chic[ao] de|nin[ao] de|menor de) {_YEARS} anos\b(?! de)",
    # Portuguese
    rf"\b(?:tenho|tem|tinha|menin[ao] de|garot[ao] de) {_YEARS} anos\b(?! de)",
    # Polish
    rf"\b(?:mam|ma|mialam|mialem|skonczylam|skonczylem) {_YEARS} lat\b",
    rf"\b{_YEARS}[ -]?(?:letni[aej]?|latk[aiu]|latek)\b",
)

_MINOR = (
    r"\bi'?m (?:underage|a minor|still a minor)\b|\bi am (?:underage|a minor|still a minor)\b",
    r"\bich bin (?:noch )?minderjahrig\b",
    r"\bje suis (?:encore )?mineure?\b",
    r"\bsoy (?:todavia )?menor de edad\b",
    r"\bsou (?:ainda )?menor de idade\b",
    r"\bjestem (?:jeszcze )?nieletnia?\b|\bjestem niepelnoletnia?\b",
)

_STATED = tuple(re.compile(pattern) for pattern in _SAYS)
_WORDS = re.compile("|".join(_MINOR))

_LETTERS = str.maketrans({"ł": "l", "ß": "ss", "’": "'", "‘": "'", "`": "'", "´": "'"})


def states_minor(text: str | None) -> bool:
    """Whether ``text`` says that somebody is ``LEAST`` to ``MOST`` years old, or a minor."""
    plain = _plain((text or "")[:MOST_CHARACTERS])
    if _WORDS.search(plain):
        return True
    return any(
        LEAST <= int(found["age"]) <= MOST
        for pattern in _STATED
        for found in pattern.finditer(plain)
    )


def _plain(text: str) -> str:
    """Small letters without accents, single spaces: readers of pictures lose accents anyway."""
    lowered = text.casefold().translate(_LETTERS)
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", lowered)
        if not unicodedata.combining(letter)
    )
    return " ".join(bare.split())

"""Tricks that hide a listed phrase from a program do not hide it; ordinary prose is not a trick."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_integrity.schema.findings import TextCategory
from media_integrity.signals.text import matcher as module
from media_integrity.signals.text import patterns
from media_integrity.signals.text.lattice import AMOUNT, NUMBER, STEM
from media_integrity.signals.text.matcher import (
    TERMS,
    Matcher,
    TermList,
    default_matcher,
    list_version,
)

PHRASES = (
    "i will kill you",
    "i know where you live",
    "send me your nudes",
    "we will leak your pictures",
    "te voy a matar",
    "ich bring dich um",
    "je sais ou tu habites",
    "wiem gdzie mieszkasz",
    "vou te matar",
)
LEET = {"a": "4@", "e": "3€", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7+", "b": "8"}
ALIKE = {
    "a": "аɑ𝐚",
    "e": "её𝑒",
    "i": "іí",
    "o": "оοö",
    "c": "сⓒ",
    "p": "рｐ",
    "k": "ｋκ",
    "y": "уý",
    "n": "ñ𝐧",
}
INVISIBLE = "\u200b\u200d\u2060\u00ad\u0336\u0301"

NEUTRAL = tuple(  # one word a line would be a page
    """
    afternoon again airport album always apple autumn beach bicycle birthday blue bread
    breakfast bridge brother butter cake camera castle chair chocolate cinema city class
    classic clean coffee colour cook country cousin dance design dinner early easy egg evening
    every fast field flower forest friend fruit garden glass grape great green guitar happy
    heavy holiday honey hotel house island jacket kitchen lake lemon letter light little long
    lunch market meadow milk mind minute mountain movie museum music nature never new number
    ocean office old orange painting paper park party pencil people piano plan planet pocket
    quick rain recipe red restaurant river road room running sandwich scarf sea season skill
    smile snow song spring square station street summer sunshine supper sweet table tea
    therapist thunder ticket today tomato tomorrow train travel tree umbrella university
    vegetable village walk warm water weather weekend white wind window winter wonderful
    yellow yesterday young
    """.split()  # noqa: SIM905
)


@pytest.fixture(scope="module")
def terms() -> TermList:
    return TermList.model_validate(tomllib.loads(TERMS.read_text(encoding="utf-8")))


def found(text: str) -> set[str]:
    return {match.term for match in default_matcher().matches(text.split("\n"))}


def swapped(phrase: str, table: dict[str, str], draw: st.DrawFn) -> str:
    """Some letters, the first one of each word included, as one of the table's."""
    return "".join(
        draw(st.sampled_from(letter + table[letter])) if letter in table else letter
        for letter in phrase
    )


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    phrase = draw(st.sampled_from(PHRASES))
    trick = draw(st.sampled_from(sorted(TRICKS)))
    return phrase, TRICKS[trick](phrase, draw)


def leet(phrase: str, draw: st.DrawFn) -> str:
    words = ((word, swapped(word, LEET, draw)) for word in phrase.split())
    # "73" for "te" would make every number a word.
    return " ".join(
        written if len(word) == 1 or any(map(str.isalpha, written)) else word
        for word, written in words
    )


def look_alikes(phrase: str, draw: st.DrawFn) -> str:
    return swapped(phrase, ALIKE, draw)


def capitals(phrase: str, draw: st.DrawFn) -> str:
    return "".join(draw(st.sampled_from((letter, letter.upper()))) for letter in phrase)


def invisible(phrase: str, draw: st.DrawFn) -> str:
    return "".join(letter + draw(st.sampled_from(("", *INVISIBLE))) for letter in phrase)


def dotted(phrase: str, draw: st.DrawFn) -> str:
    mark = draw(st.sampled_from(".-_*~/"))
    return " ".join(draw(st.sampled_from((word, mark.join(word)))) for word in phrase.split())


def spaced_out(phrase: str, draw: st.DrawFn) -> str:
    return " ".join(phrase.replace(" ", draw(st.sampled_from(("", " ")))))


def held_down(phrase: str, draw: st.DrawFn) -> str:
    return "".join(
        letter * draw(st.sampled_from((1, 1, 3, 5))) if letter.isalpha() else letter
        for letter in phrase
    )


def without_spaces(phrase: str, draw: st.DrawFn) -> str:
    return phrase.replace(" ", "")


def broken(phrase: str, draw: st.DrawFn) -> str:
    return "".join(draw(st.sampled_from((" ", "\n"))) if c == " " else c for c in phrase)


def punctuated(phrase: str, draw: st.DrawFn) -> str:
    marks = st.sampled_from((" ", ", ", "... ", "! ", " - ", " / "))
    return "".join(draw(marks) if c == " " else c for c in phrase) + draw(st.sampled_from("!.?"))


TRICKS = {
    each.__name__: each
    for each in (
        leet, look_alikes, capitals, invisible, dotted, spaced_out, held_down, without_spaces,
        broken, punctuated,
    )
}  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(disguised())
def test_a_disguised_phrase_is_found(case: tuple[str, str]) -> None:
    phrase, text = case
    assert found(phrase)
    assert found(text), text


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(NEUTRAL), min_size=1, max_size=40), st.integers(0, 8))
def test_ordinary_words_in_any_order_are_not(words: list[str], columns: int) -> None:
    lines = (
        [words] if columns == 0 else [words[i : i + columns] for i in range(0, len(words), columns)]
    )
    assert not found("\n".join(" ".join(line) for line in lines))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NEUTRAL), st.sampled_from(NEUTRAL))
def test_ordinary_words_run_together_are_not(one: str, other: str) -> None:
    assert not found(one + other) and not found(" ".join(one + other))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=12))
def test_any_text_is_searched_without_harm(lines: list[str]) -> None:
    assert all(0 <= match.line < len(lines) for match in default_matcher().matches(lines))


def test_the_line_is_where_the_term_begins() -> None:
    (match,) = default_matcher().matches(["hello", "there, I know", "where you live"])
    assert (match.category, match.line) == (TextCategory.THREAT, 1)


def test_a_match_says_the_entry_and_not_what_was_written() -> None:
    (match,) = default_matcher().matches(["I W1LL K1LL Y0U Katharina"])
    assert match.term == "en.kill-you"


def test_a_long_text_is_searched_in_time() -> None:
    """Nothing in the patterns takes more than linear time, however the text is laid out."""
    hostile = ["pay or i will if you send everyone see dont", "a b c d e f g h " * 4, "i" * 400]
    assert len(default_matcher().matches(hostile * 60)) < 10


def specimens(each: module._Compiled) -> Iterator[str]:
    """The shortest text for each pattern of a term, in letter classes, which read as themselves."""
    for way in each.ways:
        yield " ".join(_shortest(way.items))


def _shortest(items: patterns.Items) -> Iterator[str]:
    for item in items:
        if isinstance(item, patterns.Words):
            word = min(item.any_of)
            yield {AMOUNT: "$500", NUMBER: "24"}.get(word, word.replace(STEM, ""))
        elif isinstance(item, patterns.Choice):
            yield from _shortest(item.ways[0])


@pytest.mark.parametrize("each", default_matcher()._terms, ids=lambda each: each.term.id)
def test_every_pattern_can_be_found(each: module._Compiled) -> None:
    for specimen in specimens(each):
        assert each.term.id in found(specimen), specimen


def test_slurs_are_found_only_as_whole_words(terms: TermList) -> None:
    (slurs,) = (term for term in terms.terms if term.id == "en.slur")
    for word in slurs.say[0].split("|"):
        assert found(word) and found(word.upper() + "!") and found(".".join(word))
        assert not found("x" + word) and not found(word + "ology")


def test_ids_are_unique_and_every_language_has_every_category(terms: TermList) -> None:
    ids = [term.id for term in terms.terms]
    assert len(set(ids)) == len(ids)
    assert all(term.id.startswith(term.lang + ".") for term in terms.terms)
    listed = {(term.lang, term.category) for term in terms.terms}
    assert listed == {
        (lang, category)
        for lang in ("en", "es", "de", "fr", "pl", "pt")
        for category in TextCategory
    }


def test_the_version_is_the_lists(terms: TermList) -> None:
    assert list_version() == default_matcher().version == terms.version


@pytest.mark.parametrize(
    "pattern", ["..2 you", "kill ..2", "@nowhere you", "{nothing} you", "a|b? you", "a||b you", ""]
)
def test_a_malformed_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Matcher(
            TermList(
                version="1",
                fillers={},
                groups={"en": {"not": ("not",)}},
                phrases={},
                terms=(
                    module.Term(id="en.x", category=TextCategory.THREAT, lang="en", say=(pattern,)),
                ),
            )
        )

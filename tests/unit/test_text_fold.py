"""Letters that look the same become the same, and nothing else does."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.signals.text.fold import fold, letter_class

DISGUISES = [
    pytest.param("KILL", id="capitals"),
    pytest.param("ｋｉｌｌ", id="fullwidth"),
    pytest.param("𝓴𝓲𝓵𝓵", id="mathematical script"),
    pytest.param("ⓚⓘⓛⓛ", id="circled"),
    pytest.param("🅺🅸🅻🅻", id="squared"),
    pytest.param("🇰🇮🇱🇱", id="flags"),
    pytest.param("ᴋɪʟʟ", id="small capitals"),
    pytest.param("кіll", id="Cyrillic"),
    pytest.param("κιll", id="Greek"),
    pytest.param("kíľļ", id="accents"),
    pytest.param("k̶i̶l̶l̶", id="struck through"),
    pytest.param("k\u200bi\u200dl\u2060l", id="zero width"),
    pytest.param("\u202ek\u2066ill\u2069", id="direction marks"),
    pytest.param("ki\u00adll", id="soft hyphen"),
    pytest.param("kiłł", id="strokes"),
    pytest.param("KİLL", id="dotted capital"),
]


@pytest.mark.parametrize("disguised", DISGUISES)
def test_sees_through(disguised: str) -> None:
    assert fold(disguised) == "kill"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(string.ascii_lowercase + string.digits + " .,:;!?$@-\n"))
def test_plain_text_stays(text: str) -> None:
    assert fold(text) == text


@given(st.text(), st.text())
def test_lines_stay_lines(one: str, other: str) -> None:
    lines = (one + "\n" + other).count("\n")
    assert fold(one + "\n" + other).count("\n") == lines


def test_letters_of_other_languages() -> None:
    assert (
        fold("Straße, Łódź, garçon, mañana, não, Œuvre")
        == "strasse, lodz, garcon, manana, nao, oeuvre"
    )


def test_apostrophes_are_dropped() -> None:
    assert fold("don't") == fold("don’t") == fold("DON´T") == "dont"


def test_a_digit_is_a_letter_only_by_class() -> None:
    assert fold("k1ll 100") == "k1ll 100"
    assert "".join(map(letter_class, "k1ll")) == "".join(map(letter_class, "kill"))
    assert len({letter_class(letter) for letter in string.ascii_lowercase}) == 25  # i and l are one

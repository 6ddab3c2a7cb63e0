"""What shows on a phone that somebody else may be looking at."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from media_integrity.notifications import texts
from media_integrity.notifications.notify import mail_text
from media_integrity.notifications.texts import MAX_BODY, MAX_TITLE, Text, language_of, text_for
from media_integrity.schema.notifications import Language, NotificationKind

EVERY = [(language, kind) for language in Language for kind in NotificationKind]
every_text = pytest.mark.parametrize(
    ("language", "kind"), EVERY, ids=[f"{language}-{kind}" for language, kind in EVERY]
)

FORBIDDEN = {
    Language.ENGLISH: (
        "nud naked sex porn intim explicit abus victim deepfake fake shield protect face voice "
        "blackmail extort threat crime illegal ban violat strike picture photo video"
    ),
    Language.GERMAN: (
        "nackt sex porno intim missbrauch opfer deepfake fälsch schild schutz gesicht stimme "
        "erpress drohung straftat illegal sperr verstoß bild foto video"
    ),
    Language.SPANISH: (
        "desnud sexo sexual porno íntim abus víctima deepfake fals escudo protec rostro voz "
        "chantaje extors amenaza delito ilegal expuls infracc imagen foto vídeo"
    ),
    Language.FRENCH: (
        "nu nue nud sexe sexuel porno intim abus victime deepfake faux bouclier protec visage voix "
        "chantage extors menace crime illégal banni infraction image photo vidéo"
    ),
    Language.POLISH: (
        "nag seks porno intym naduży ofiar deepfake fałsz tarcz ochron twarz głos szantaż wymusz "
        "groźb przestęp nielegal zablokow narusz zdjęci wideo film"
    ),
    Language.ARABIC: (
        "عار عري جنس إباح حميم اعتداء ضحي مزيف درع حماية محمي وجه صوت ابتزاز تهديد جريمة حظر "
        "مخالفة صورة صور فيديو"
    ),
}
"""Beginnings of words that tell a bystander what a case is about, or who is protected."""


def words_of(text: Text) -> list[str]:
    return re.findall(r"\w+", f"{text.title} {text.body}".casefold())


@every_text
def test_every_kind_has_its_words_at_the_length_that_a_phone_shows(
    language: Language, kind: NotificationKind
) -> None:
    text = text_for(kind, language)

    assert 5 <= len(text.title) <= MAX_TITLE
    assert 20 <= len(text.body) <= MAX_BODY
    assert text.body[-1] in ".؟"


@every_text
def test_no_word_tells_a_bystander_anything(language: Language, kind: NotificationKind) -> None:
    text = text_for(kind, language)
    # "nu" alone would be a part of many French words: short ones count as whole words.
    stems = FORBIDDEN[language].split()
    short = {stem for stem in stems if len(stem) <= 3 and language is Language.FRENCH}

    found = [
        word
        for word in words_of(text)
        for stem in stems
        if (word == stem if stem in short else _bare(word, language).startswith(stem))
    ]

    assert found == []


def _bare(word: str, language: Language) -> str:
    """Arabic writes the article, "and", "in", "for" onto the word."""
    return re.sub(r"^[وفبلك]?(?:ال)?", "", word) if language is Language.ARABIC else word


def test_the_forbidden_words_would_be_found() -> None:
    """The test above fails where it should."""
    bad = Text("Nudity was found in it", "A victim is shown.")
    stems = FORBIDDEN[Language.ENGLISH].split()

    assert [word for word in words_of(bad) if any(word.startswith(stem) for stem in stems)] == [
        "nudity",
        "victim",
    ]
    assert _bare("والضحية", Language.ARABIC).startswith("ضحي")


@every_text
def test_nothing_is_filled_in_and_nothing_leads_anywhere(
    language: Language, kind: NotificationKind
) -> None:
    """No placeholder, so no name and no content comes in; no address that phishing could copy."""
    text = text_for(kind, language)

    for words in (text.title, text.body):
        assert not re.search(r"[{}<>%$@#*_\\/]|https?:|www\.|\d", words)
        assert words == " ".join(words.split())
        assert "!" not in words


@pytest.mark.parametrize("language", Language)
def test_a_language_is_written_in_its_own_script_without_control_characters(
    language: Language,
) -> None:
    for kind in NotificationKind:
        text = text_for(kind, language)
        for words in (text.title, text.body):
            classes = {unicodedata.bidirectional(char) for char in words}
            assert not [char for char in words if unicodedata.category(char) in {"Cc", "Cf", "Co"}]
            assert unicodedata.normalize("NFC", words) == words
            if language is Language.ARABIC:
                assert "AL" in classes
                assert not classes & {"L", "R", "EN"}  # nothing turns the line round
            else:
                assert not classes & {"AL", "R", "AN"}


def test_no_two_languages_say_the_same() -> None:
    for kind in NotificationKind:
        bodies = {text_for(kind, language).body for language in Language}
        assert len(bodies) == len(Language), kind


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    assert {path.stem for path in texts.FOLDER.iterdir()} == {each.value for each in Language}


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", Language.GERMAN),
        ("de-AT", Language.GERMAN),
        ("pl_PL", Language.POLISH),
        ("AR-eg", Language.ARABIC),
        ("fr-Latn-CA", Language.FRENCH),
        ("pt-BR", Language.ENGLISH),
        ("deu", Language.ENGLISH),
        ("", Language.ENGLISH),
        (None, Language.ENGLISH),
        ("-", Language.ENGLISH),
    ],
)
def test_an_unknown_language_falls_back_to_english(tag: str | None, language: Language) -> None:
    assert language_of(tag) is language


@pytest.mark.parametrize("missing", [True, False], ids=["missing", "too_much"])
def test_a_file_that_is_not_complete_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: bool
) -> None:
    whole = (texts.FOLDER / "en.toml").read_text(encoding="utf-8")
    changed = (
        whole.replace("[upload_held]", "[upload_heard]")
        if missing
        else whole + '\n[new_kind]\ntitle = "A"\nbody = "B"\n'
    )
    (tmp_path / "en.toml").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    texts._read.cache_clear()

    with pytest.raises(RuntimeError, match=r"en\.toml lacks or has too much"):
        text_for(NotificationKind.UPLOAD_HELD, Language.ENGLISH)

    texts._read.cache_clear()


@pytest.mark.parametrize(
    ("title", "body"),
    [("", "A body."), (" ", "A body."), ("x" * 61, "A body."), ("A", "x" * 181), ("A", "a\nb")],
)
def test_words_that_a_phone_would_cut_off_are_refused(title: str, body: str) -> None:
    with pytest.raises(ValueError, match="a text is one line"):
        Text(title, body)


def test_a_mail_says_what_the_push_says_and_leads_into_the_app() -> None:
    mail = mail_text(NotificationKind.APPEAL_DECIDED, Language.GERMAN)
    push = text_for(NotificationKind.APPEAL_DECIDED, Language.GERMAN)

    assert mail.id == "appeal_decided_de"
    assert mail.subject == push.title
    assert mail.text == f"{push.body}\n\n{{{{appUrl}}}}\n"

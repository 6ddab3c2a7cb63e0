"""The words of notifications, in every language: ``texts/*.toml``.

They show on phones that others may look at. What may stand in them: docs/notifications.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from media_integrity.schema.notifications import Language, NotificationKind

FOLDER = Path(__file__).with_name("texts")

MAX_TITLE = 60
MAX_BODY = 180
"""Characters. Longer ones are cut off in a phone's list of notifications."""


@dataclass(frozen=True, slots=True)
class Text:
    """A title of 1 to 60 characters and a body of 1 to 180, without line breaks."""

    title: str
    body: str

    def __post_init__(self) -> None:
        for words, most in ((self.title, MAX_TITLE), (self.body, MAX_BODY)):
            if not words.strip() or len(words) > most or "\n" in words:
                raise ValueError("a text is one line of the length that a phone shows")


def text_for(kind: NotificationKind, language: Language) -> Text:
    """The words of a notification."""
    return _read(language)[kind]


def language_of(tag: str | None) -> Language:
    """The language that a phone's tag (``de-AT``, ``pl_PL``) asks for; English where we lack it."""
    primary = (tag or "").replace("_", "-").split("-")[0].lower()
    try:
        return Language(primary)
    except ValueError:
        return Language.ENGLISH


@cache
def _read(language: Language) -> Mapping[NotificationKind, Text]:
    """Raises: RuntimeError: the file does not name exactly the kinds there are."""
    path = FOLDER / f"{language.value}.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    wrong = set(tables) ^ set(NotificationKind)
    if wrong:
        raise RuntimeError(f"{path.name} lacks or has too much: {', '.join(sorted(wrong))}")
    return {NotificationKind(kind): Text(**words) for kind, words in tables.items()}

"""The sentences of explanations, in every language: ``explanations/*.toml``, and their parts.

They are fixed: a translation is read by people once, and not made anew for each case.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from media_integrity.schema.notifications import Language


class Audience(StrEnum):
    """To whom a decision is explained."""

    UPLOADER = "uploader"
    SHOWN = "shown"  # a shielded person whom the upload may show


class SectionCode(StrEnum):
    """The parts of an explanation, in their order. Not every audience gets all of them."""

    DECISION = "decision"
    FACTS = "facts"
    AUTOMATION = "automation"
    COUNTED = "counted"
    NOT_COUNTED = "not_counted"
    RULE = "rule"
    CONSEQUENCES = "consequences"
    REMEDIES = "remedies"
    NOT_DISCLOSED = "not_disclosed"


FOLDER = Path(__file__).with_name("explanations")


def sentence(language: Language, group: str, key: str, **values: str | int) -> str:
    """The sentence ``key`` of ``group``, its gaps filled.

    Raises:
        KeyError: there is no such sentence, or a gap stays open.
    """
    return sentences(language)[group][key].format_map(values)


@cache
def sentences(language: Language) -> Mapping[str, Mapping[str, str]]:
    """All sentences of a language, by group and key."""
    path = FOLDER / f"{language.value}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))

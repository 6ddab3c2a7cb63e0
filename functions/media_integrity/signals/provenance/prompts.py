"""Does a file's prompt ask a generator for a sexual picture?

Looks at the texts that hold generation parameters, for listed words (``prompts.toml``). What a
negative prompt forbids does not count: "nsfw" stands there more often than anywhere else. The
prompt itself is somebody's words: only the category leaves this module.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeAlias

from media_integrity.media.types import Image

from . import exif, xmp
from .containers import Block, Kind, blocks
from .generators import by_png_text, by_text
from .texts import decoded
from .xmp import Property

_TABLE = Path(__file__).with_name("prompts.toml")

MAX_PROMPT = 20_000
"""Characters of one text that are looked at; prompts have under 2,000."""

MAX_DEPTH = 12
"""Of parameters in JSON, those inside strings included."""

MAX_VALUES = 20_000
"""Strings looked at in one file."""

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class PromptCategory(StrEnum):
    """What listed words were found."""

    SEXUAL = "sexual"
    UNDRESSING = "undressing"


def categories(media: Image) -> frozenset[PromptCategory]:
    """What the file's generation parameters ask for; empty where it has none.

    Raises:
        Exception: a decoder's own, where it fails on a file that opened before.
    """
    found: set[PromptCategory] = set()
    left = MAX_VALUES
    for text in _parameters(media):
        for wanted in _wanted(text):
            left -= 1
            if left < 0 or len(found) == len(PromptCategory):
                return frozenset(found)
            found |= in_words(wanted)
    return frozenset(found)


def in_words(text: str) -> frozenset[PromptCategory]:
    """The categories of the listed words in a text."""
    words = f" {_BETWEEN_WORDS.sub(' ', text[:MAX_PROMPT]).casefold().strip()} "
    return frozenset(category for category, pattern in _lists() if pattern.search(words))


_BETWEEN_WORDS = re.compile(r"[\W_]+")


@cache
def _lists() -> tuple[tuple[PromptCategory, re.Pattern[str]], ...]:
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    return tuple(
        (category, re.compile(f" (?:{'|'.join(map(re.escape, table[category.value]))}) "))
        for category in PromptCategory
    )


def _parameters(media: Image) -> Iterator[str]:
    """The texts of the file that a generator wrote."""
    for block in blocks(media.data, media.format):
        for key, text in _texts(block):
            claim = by_png_text(key, text) if block.kind is Kind.PNG_TEXT else by_text(text)
            if claim is not None:
                yield text


def _texts(block: Block) -> Iterator[tuple[str, str]]:
    if block.kind is Kind.PNG_TEXT:
        yield block.key, decoded(block.data)
    elif block.kind is Kind.COMMENT:
        yield "", decoded(block.data)
    elif block.kind is Kind.EXIF:
        yield from (("", text) for text in exif.texts(block.data).values())
    elif block.kind is Kind.XMP:
        packet = xmp.read(block.data)
        yield from (("", text) for text in packet.of(Property.USER_COMMENT, Property.DESCRIPTION))


# What is wanted, without what is forbidden ------------------------------------------------------

_FORBIDDEN = re.compile(r"negative[ _]?(?:prompt|template):", re.IGNORECASE)
_SETTINGS = re.compile(r"(?:^|\n)\s*Steps: ?\d")
_NEGATIVE = re.compile(r"negative|^(?:uc|v4_negative_prompt)$", re.IGNORECASE)


def _wanted(text: str) -> Iterator[str]:
    parsed = _parsed(text)
    if isinstance(parsed, dict | list):
        yield from _in_json(parsed, 0)
    else:
        yield _without_forbidden(text)


def _without_forbidden(text: str) -> str:
    """Of the web UI's form, all but what is between "Negative prompt:" and the settings."""
    begin = _FORBIDDEN.search(text)
    if begin is None:
        return text
    end = _SETTINGS.search(text, begin.end())
    return text[: begin.start()] + (text[end.start() :] if end else "")


def _parsed(text: str) -> Json:
    stripped = text.strip()
    if not stripped.startswith(("{", "[")):
        return None
    try:
        parsed: Json = json.loads(stripped)
    except (ValueError, RecursionError):
        return None
    return parsed


def _in_json(value: Json, depth: int) -> Iterator[str]:
    """The strings of a generator's parameters, without those of negative prompts."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        forbidden = _linked_as_negative(value)
        for key, item in value.items():
            if key not in forbidden and not _NEGATIVE.search(key):
                yield from _in_json(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _in_json(item, depth + 1)
    elif isinstance(value, str):
        parsed = _parsed(value)
        if isinstance(parsed, dict | list):
            yield from _in_json(parsed, depth + 1)
        else:
            yield _without_forbidden(value)


def _linked_as_negative(graph: dict[str, Json]) -> frozenset[str]:
    """In ComfyUI's executed graph: nodes that a sampler takes as what to avoid, and nothing else.

    A node's input is ``["6", 0]`` where it comes from the first output of node 6.
    """
    avoided: set[str] = set()
    wanted: set[str] = set()
    for node in graph.values():
        inputs = node.get("inputs") if isinstance(node, dict) else None
        for name, source in inputs.items() if isinstance(inputs, dict) else ():
            if isinstance(source, list) and len(source) == 2 and isinstance(source[0], str):
                (avoided if _NEGATIVE.search(name) else wanted).add(source[0])
    return frozenset(avoided - wanted)

"""What somebody wants in a bank, before it is an entry there. Pure.

Hashes of flat or blurred pictures match pictures that have nothing to do with them, so they are
refused here, with the reason, whoever sends them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from media_integrity.fingerprints.vpdq import VideoHash
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.hashes import DIGITS, MAX_FILM_FRAMES

MIN_SET_BITS = 64
"""Of 256. PDQ sets about half; an array of nearly equal bits is of no photograph."""


class RefusalReason(StrEnum):
    """Why a hash is not taken into a bank."""

    MALFORMED = "malformed"
    LOW_QUALITY = "low_quality"
    FLAT = "flat"  # nearly all bits alike: an empty or made-up picture
    TOO_LONG = "too_long"  # a film of more frames than are kept
    NO_GOOD_FRAME = "no_good_frame"  # a film without one frame of sufficient quality


class HashRefused(ValueError):
    """A hash that does not belong in a bank. ``text`` says why, for the one who sent it."""

    def __init__(self, reason: RefusalReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A hash for a bank. ``verified``: by the people of where it comes from."""

    algorithm: HashAlgorithm
    value: str
    quality: int | None = None
    frames: str | None = None
    note: str = ""
    source_ref: str | None = None
    verified: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Where the hash comes from, it is not listed any more."""

    algorithm: HashAlgorithm
    value: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A line or entry that could not be understood."""

    line: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry of a kind that is not matched here, for example a web address."""

    kind: str


@dataclass(frozen=True, slots=True)
class PageEnd:
    """Ends a page: once everything before it is written, reading can go on from here."""

    checkpoint: str


ImportItem: TypeAlias = NewEntry | Withdrawn | Fault | Skipped | PageEnd


def new_entry(
    algorithm: HashAlgorithm,
    value: str,
    *,
    min_quality: int,
    quality: int | None = None,
    note: str = "",
    source_ref: str | None = None,
    verified: bool = False,
    line: int = 0,
) -> NewEntry:
    """A checked entry for a hash as others write it. ``value`` of a film: ``VideoHash.pack()``.

    ``quality`` of a PDQ hash whose source gives none counts as sufficient: exchanges hash pictures
    that they have looked at.

    Raises:
        HashRefused: malformed, flat, or of a quality below ``min_quality``.
    """
    frames = None
    if algorithm is HashAlgorithm.VPDQ:
        film = _film(value, min_quality)
        frames, value = film.pack(), film.digest
    value = value.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{DIGITS[algorithm]}}}", value):
        raise HashRefused(
            RefusalReason.MALFORMED,
            f"a {algorithm} hash has {DIGITS[algorithm]} hexadecimal digits",
        )
    if algorithm is HashAlgorithm.PDQ:
        quality = 100 if quality is None else quality
        _require_detail(value, quality, min_quality)
    elif quality is not None:
        quality = None  # says nothing of bytes
    return NewEntry(algorithm, value, quality, frames, note[:500], source_ref, verified, line)


def _require_detail(value: str, quality: int, min_quality: int) -> None:
    if not 0 <= quality <= 100:
        raise HashRefused(RefusalReason.MALFORMED, "a quality is 0 to 100")
    if quality < min_quality:
        raise HashRefused(
            RefusalReason.LOW_QUALITY,
            f"quality {quality} is below {min_quality}: too little detail to tell pictures apart",
        )
    set_bits = int(value, 16).bit_count()
    if not MIN_SET_BITS <= set_bits <= 256 - MIN_SET_BITS:
        raise HashRefused(
            RefusalReason.FLAT, "nearly all of its bits are alike: it stands for no real picture"
        )


def _film(value: str, min_quality: int) -> VideoHash:
    try:
        film = VideoHash.unpack(value)
    except ValueError as error:
        raise HashRefused(RefusalReason.MALFORMED, "the film's frames cannot be read") from error
    if len(film.frames) > MAX_FILM_FRAMES:
        raise HashRefused(
            RefusalReason.TOO_LONG, f"a film of more than {MAX_FILM_FRAMES} hashed frames"
        )
    if not any(frame.quality >= min_quality for frame in film.frames):
        raise HashRefused(
            RefusalReason.NO_GOOD_FRAME, f"no frame has a quality of {min_quality} or more"
        )
    return film

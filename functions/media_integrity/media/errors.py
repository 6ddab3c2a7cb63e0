"""The two ways in which a file does not become an ``Image``."""

from __future__ import annotations

from enum import StrEnum


class RefusalCode(StrEnum):
    """Why a file is not taken. Values are stored and sent to the client."""

    EMPTY = "empty"  # no bytes
    UNSUPPORTED_TYPE = "unsupported_type"  # not one of the formats that we open
    DAMAGED = "damaged"  # starts like one of them, but cannot be shown in full
    TOO_LARGE = "too_large"  # more bytes than allowed
    TOO_MANY_PIXELS = "too_many_pixels"  # larger when opened than allowed


class Refused(Exception):
    """The file is not one that we accept; trying again with the same file will not help.

    ``message`` is for the person who uploaded: what happened and what to do.
    ``cause`` is for an operator: it names no person and quotes nothing from the file.
    """

    def __init__(self, code: RefusalCode, message: str, *, cause: str = "") -> None:
        super().__init__(f"{code}: {cause}" if cause else str(code))
        self.code = code
        self.message = message
        self.cause = cause


class HoldCode(StrEnum):
    """Why a sound file is not examined by the machine."""

    TOO_MANY_FRAMES = "too_many_frames"
    TOO_MUCH_ANIMATION = "too_much_animation"  # frames times their size
    TOO_MANY_VIEWS = "too_many_views"  # more different pictures in it than are examined
    TOO_ELONGATED = "too_elongated"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_LONG = "too_long"  # more seconds than are gone through
    TOO_MANY_TRACKS = "too_many_tracks"  # something to see or read beside the picture track
    TOO_SLOW = "too_slow"  # decoding took longer than it may


class TooMuchToCheck(Exception):
    """The file is sound, but more than a scan examines in full: a person has to look at it.

    The upload is held for review. Judging a part of it would let the rest through unseen.
    """

    def __init__(self, code: HoldCode, message: str, *, cause: str = "") -> None:
        super().__init__(f"{code}: {cause}" if cause else str(code))
        self.code = code
        self.message = message
        self.cause = cause

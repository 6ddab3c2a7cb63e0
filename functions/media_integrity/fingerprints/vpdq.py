"""vPDQ: the PDQ hashes of a film's frames, about one a second, as a bag.

A clip of a known film is found by the share of its frames that are near one of the known one's,
wherever in it they are. Facts and file format: "vpdq" of github.com/facebook/ThreatExchange
(README, section "Description of Algorithm"). Written here from that description; tests hold it
against the hashes that the reference made of seven films.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_integrity.media.types import WHOLE, Image

from .pdq_hash import PDQ_BYTES, Form, ViewHashes, pdq, pdq_of_grids

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_DISTANCE = 31
"""Bits within which two frames are the same: the reference's default."""

MIN_QUALITY = 50
"""Frames with less detail are not compared: the reference's default."""

MAX_FRAMES = 100_000
"""Frames read from a text. Ten minutes of every frame at 120 a second are 72,000."""

ANIMATION_FRAME_S = 0.1
"""Seconds that a frame of an animated picture is taken to be shown: what browsers show one for
that asks for less than 0.02 s or for nothing."""

_LINE = re.compile(
    r"([0-9]{1,9}),([0-9]{1,3}),([0-9a-fA-F]{64}),([0-9]{1,9}(?:\.[0-9]{1,9})?)", re.ASCII
)

_ROW = struct.Struct(f">IB{PDQ_BYTES}s")
"""A packed frame."""

_PAIRS = 1 << 20
"""Pairs of frames compared at a time: 32 MB."""


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """The hash of one frame."""

    frame: int
    """Its number in the film, from 0."""
    quality: int
    """0..100, as of PDQ."""
    bits: bytes
    """32 bytes."""
    time_s: float
    """When it is shown; 0 or more."""

    def __post_init__(self) -> None:
        if len(self.bits) != PDQ_BYTES:
            raise ValueError(f"the hash of a frame has {PDQ_BYTES} bytes, not {len(self.bits)}")
        if self.frame < 0 or not 0 <= self.quality <= 100 or not 0 <= self.time_s < float("inf"):
            raise ValueError("a frame's number, quality or time is out of range")


@dataclass(frozen=True, slots=True)
class VideoHash:
    """The hashes of a film's frames."""

    frames: tuple[VideoFrame, ...]
    """In order of time where we made them."""

    def to_text(self) -> str:
        """The reference's file format: ``frame,quality,hash,time`` in lines, time to 1/1000 s."""
        return "".join(
            f"{each.frame},{each.quality},{each.bits.hex()},{each.time_s:.3f}\n"
            for each in self.frames
        )

    @classmethod
    def from_text(cls, text: str) -> VideoHash:
        """What ``to_text`` or the reference wrote.

        Raises:
            ValueError: a line is malformed (its number is told, not what it says), there is none,
                or there are more than ``MAX_FRAMES``.
        """
        frames = tuple(_read(text))
        if not frames:
            raise ValueError("no frame in the text of a video hash")
        return cls(frames)

    def pack(self) -> str:
        """What a stored document holds: base64 of 37 bytes a frame (number, quality, hash).

        Without the times, which matching does not need.
        """
        rows = (_ROW.pack(each.frame, each.quality, each.bits) for each in self.frames)
        return base64.b64encode(b"".join(rows)).decode()

    @classmethod
    def unpack(cls, packed: str) -> VideoHash:
        """What ``pack`` wrote; the times are 0.

        Raises:
            ValueError: it is malformed, of no frame, or of more than ``MAX_FRAMES``.
        """
        rows = base64.b64decode(packed, validate=True)
        if not rows or len(rows) % _ROW.size or len(rows) // _ROW.size > MAX_FRAMES:
            raise ValueError("not the packed frames of a video hash")
        return cls(
            tuple(
                VideoFrame(number, quality, bits, 0.0)
                for number, quality, bits in _ROW.iter_unpack(rows)
            )
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the packed frames, 64 hex digits: names the film in a bank."""
        return hashlib.sha256(self.pack().encode()).hexdigest()


def _read(text: str) -> Iterator[VideoFrame]:
    lines = text.removesuffix("\n").split("\n") if text else []
    if len(lines) > MAX_FRAMES:
        raise ValueError(f"a video hash of more than {MAX_FRAMES} frames")
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line.removesuffix("\r"))
        if found is None or int(found[2]) > 100:
            raise ValueError(f"line {number} is not frame,quality,hash,time")
        yield VideoFrame(int(found[1]), int(found[2]), bytes.fromhex(found[3]), float(found[4]))


@dataclass(frozen=True, slots=True)
class VideoMatch:
    """How much of two films is the same; each 0..100. 0 and 0 where one has nothing to compare."""

    query_percent: float
    """Of the query's frames, those near any frame of the other."""
    compared_percent: float
    """Of the other's frames, those near any frame of the query."""


NO_MATCH = VideoMatch(0.0, 0.0)


def compare(
    query: VideoHash,
    other: VideoHash,
    *,
    max_distance: int = MAX_DISTANCE,
    min_quality: int = MIN_QUALITY,
) -> VideoMatch:
    """Shares of frames of each film that are near one of the other's, in percent.

    As the reference describes it and its Python matcher (``vpdq_brute_matcher`` of the
    ``threatexchange`` package) counts: frames of one hash count once, frames of less quality not at
    all, and ``max_distance`` itself is near. Its C++ program counts repeated frames each time and
    leaves the distance itself out.
    """
    import numpy as np

    ours, theirs = (_compared(hashes, min_quality) for hashes in (query, other))
    if not len(ours) or not len(theirs):
        return NO_MATCH
    near_ours = np.zeros(len(ours), np.bool_)
    near_theirs = np.zeros(len(theirs), np.bool_)
    step = max(1, _PAIRS // len(theirs))
    for begin in range(0, len(ours), step):
        apart = np.bitwise_count(ours[begin : begin + step, None] ^ theirs[None])
        near = apart.sum(axis=2, dtype=np.uint16) <= max_distance
        near_ours[begin : begin + step] = near.any(axis=1)
        near_theirs |= near.any(axis=0)
    return VideoMatch(float(near_ours.mean() * 100), float(near_theirs.mean() * 100))


def _compared(hashes: VideoHash, min_quality: int) -> NDArray[np.uint64]:
    """(n, 4): the different hashes of enough quality."""
    import numpy as np

    different = dict.fromkeys(each.bits for each in hashes.frames if each.quality >= min_quality)
    return np.frombuffer(b"".join(different), np.uint64).reshape(-1, 4)


def video_hashes(image: Image) -> dict[Form, VideoHash]:
    """The hashes of a film's stills or of an animation's frames, as it is and turned over; empty
    for what does not move.

    Of an animation, frames that look like an earlier one have none of their own, and those with
    transparency are hashed over white. Times are frame numbers times ``ANIMATION_FRAME_S``.
    """
    frames: list[tuple[int, float, ViewHashes]] = []
    if image.film is not None:
        frames = [
            (still.frame, still.time_s, pdq_of_grids(still.grids)) for still in image.film.stills
        ]
    elif image.frames > 1:
        shown = {view.frame: view.rgb for view in reversed(image.views) if view.part == WHOLE}
        frames = [
            (number, number * ANIMATION_FRAME_S, pdq(shown[number])) for number in sorted(shown)
        ]
    if not frames:
        return {}
    return {
        form: VideoHash(
            tuple(
                VideoFrame(number, hashed.quality, hashed.forms[form], time_s)
                for number, time_s, hashed in frames
            )
        )
        for form in Form
    }

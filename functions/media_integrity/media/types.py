"""An opened upload, as the signals see it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from media_integrity.schema.findings import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pixels: TypeAlias = "NDArray[np.uint8]"
"""(height, width, 3) RGB, 0..255, sRGB."""

Grey: TypeAlias = "NDArray[np.uint8]"
"""(height, width) luma, 0..255."""

WORKING_SIDE = 960
"""Views are between this and twice this on their longest side, or the picture's own if smaller.

Enough for a face of 3 % of the picture to be found and for subtitle-sized text to be read; small
enough that a JPEG from a phone is decoded at a quarter of its size.
"""


class MediaKind(StrEnum):
    """What a file is, by its content."""

    IMAGE = "image"  # one of ``ImageFormat``
    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "other"


class FilmFormat(StrEnum):
    """Containers of moving pictures that are opened. Values are MIME types."""

    MP4 = "video/mp4"
    QUICKTIME = "video/quicktime"
    THREE_GP = "video/3gpp"
    WEBM = "video/webm"
    MATROSKA = "video/x-matroska"


class SoundFormat(StrEnum):
    """Containers of sound that are opened. Values are MIME types."""

    MP3 = "audio/mpeg"
    MP4 = "audio/mp4"
    AAC = "audio/aac"
    OGG = "audio/ogg"
    WAV = "audio/wav"
    FLAC = "audio/flac"
    WEBM = "audio/webm"


class ImageFormat(StrEnum):
    """Formats that are opened, by content and never by name. Values are MIME types."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    GIF = "image/gif"
    WEBP = "image/webp"
    AVIF = "image/avif"
    HEIF = "image/heic"


@dataclass(frozen=True, slots=True)
class Part:
    """Where in the oriented picture a view was taken; shares of its width and height."""

    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class View:
    """One picture that somebody looking at the file can see.

    A still, opaque image has one view. An animation has one for each frame that differs from all
    kept before it; an image with transparency has one over white and one over black, because a
    viewer's background is unknown; a picture far longer than wide (a scrolled screenshot) has one
    of the whole and one for each of its overlapping parts. EXIF orientation is applied.
    """

    rgb: Pixels
    """Longest side between ``WORKING_SIDE`` and twice that, or the picture's own if smaller."""
    frame: int
    """Index of the frame in the file."""
    part: Part = WHOLE


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a view; shares of its width and height, possibly a little outside."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Face:
    """One face in a view. ``landmarks``: the eyes, the nose's tip, the mouth's corners; of each
    pair the one on the left of the picture comes first where the face is upright."""

    box: Box
    landmarks: tuple[Point, Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound track, decoded once for all signals."""

    samples: NDArray[np.float32]
    """(n,) mono, -1..1."""
    rate: int
    """Of ``samples``, per second."""
    source_rate: int
    """Of the track in the file."""
    channels: int
    codec: str
    duration_s: float
    format: SoundFormat | FilmFormat
    data: bytes
    """The file, unchanged."""
    transcript: str | None = None
    """What is said, where the app supplied it. None is made here."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A few consecutive frames of one scene, small: what changes from frame to frame shows here."""

    frames: NDArray[np.uint8]
    """(n, height, width, 3) RGB as in ``Pixels``; longest side at most 480."""
    times_s: tuple[float, ...]
    """When each of the n is shown."""


@dataclass(frozen=True, slots=True)
class Still:
    """A frame of a film at a steady pace, whatever it shows. Video hashes are made of them."""

    frame: int
    """Its number, counting from 0 the frames that could be decoded."""
    time_s: float
    """When it is shown."""
    grids: NDArray[np.float32]
    """(128, 128) luma: the frame reduced as PDQ does it, from its full size, upright and turned
    over; see ``media.grid.grids``. 64 kB."""


@dataclass(frozen=True, slots=True)
class Film:
    """What a moving picture is beside the frames that were sampled from it as views."""

    duration_s: float
    frame_rate: float
    """Mean, frames per second."""
    times_s: tuple[float, ...]
    """When each view is shown."""
    scene_starts: tuple[int, ...]
    """Indices of the views with which a scene starts; the first is 0."""
    bursts: tuple[Burst, ...] = ()
    """Spread over the film, in order of time."""
    sound: Sound | None = None
    stills: tuple[Still, ...] = ()
    """About one a second from the first frame on, in order of time."""


@dataclass(frozen=True, slots=True)
class Image:
    """An upload that can be seen, decoded once for all signals: a picture, or a film's frames."""

    data: bytes
    """The file, unchanged."""
    format: ImageFormat | FilmFormat
    width: int
    height: int
    """Full size in pixels, oriented."""
    frames: int
    """Frames in the file."""
    views: tuple[View, ...]
    """At least one. Of each frame the whole comes before its parts."""
    faces: tuple[tuple[Face, ...], ...] | None = None
    """Of each view; set before signals run that need them, None where nobody looked."""
    film: Film | None = None
    """Set where the views are frames of a film."""

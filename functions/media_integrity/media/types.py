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
class Image:
    """An image file, decoded once for all signals."""

    data: bytes
    """The file, unchanged."""
    format: ImageFormat
    width: int
    height: int
    """Full size in pixels, oriented."""
    frames: int
    """Frames in the file."""
    views: tuple[View, ...]
    """At least one. Of each frame the whole comes before its parts."""
    faces: tuple[Box, ...] | None = None
    """Set before signals run that need faces; None where they were not looked for."""

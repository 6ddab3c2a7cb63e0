"""What the format modules hand over: an image file whose header was checked, not yet decoded.

Each format module walks the container itself before any decoder sees it. It learns the size,
refuses what is too large, takes out orientation and colour profile, and leaves all other metadata
behind: decoders get pixels only, so a text chunk that unpacks to a gigabyte is never unpacked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import HoldCode, RefusalCode, Refused, TooMuchToCheck
from .limits import Limits

if TYPE_CHECKING:
    from PIL import Image as Pillow


@dataclass(frozen=True, slots=True)
class Source:
    """A checked header and the way to the pixels."""

    data: bytes
    """The file."""
    width: int
    height: int
    """Size as stored, before ``orientation`` is applied."""
    frames: int
    pictures: Callable[[], Iterator[Pillow.Image]]
    """Decodes frame after frame, each as a viewer shows it; possibly smaller than stored."""
    orientation: int = 1
    """EXIF orientation, 1..8."""
    profile: bytes | None = None
    """Embedded ICC profile."""
    gamma: float | None = None
    """Exponent with which PNG samples were encoded; about 0.45 is ordinary."""


def damaged(cause: str) -> Refused:
    """The refusal of a file that cannot be shown in full. ``cause`` names no content."""
    return Refused(
        RefusalCode.DAMAGED,
        "This picture is damaged or incomplete, so it could not be checked. "
        "Open it on your device, save it again and upload the new copy.",
        cause=cause,
    )


def unsupported(cause: str) -> Refused:
    """The refusal of a type that is not opened here."""
    return Refused(
        RefusalCode.UNSUPPORTED_TYPE,
        "This is not a picture that we can open. JPEG, PNG, GIF, WebP, AVIF and HEIC work; "
        "save it as one of them and upload it again.",
        cause=cause,
    )


def check_size(width: int, height: int, limits: Limits) -> None:
    """Refuse a picture before its pixels are decoded.

    Raises:
        Refused: DAMAGED for a picture of no pixels, TOO_MANY_PIXELS over the limits.
    """
    if width < 1 or height < 1:
        raise damaged(f"size {width}x{height}")
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        raise Refused(
            RefusalCode.TOO_MANY_PIXELS,
            f"This picture is too large: {width} x {height} pixels. The most we take is "
            f"{limits.max_pixels // 1_000_000} megapixels and {limits.max_side} pixels on a side. "
            "Make it smaller and upload it again.",
            cause=f"size {width}x{height}",
        )


def check_animation(width: int, height: int, frames: int, limits: Limits) -> None:
    """Hold an animation that is longer or larger than a scan goes through in full.

    Raises:
        TooMuchToCheck: too many frames, or too many pixels in all of them.
    """
    if frames > limits.max_frames:
        raise TooMuchToCheck(
            HoldCode.TOO_MANY_FRAMES,
            "This animation has more frames than we check automatically, so a person will look "
            f"at it first. Animations of up to {limits.max_frames} frames are checked at once.",
            cause=f"{frames} frames",
        )
    if frames > 1 and frames * width * height > limits.max_total_pixels:
        raise TooMuchToCheck(
            HoldCode.TOO_MUCH_ANIMATION,
            "This animation is larger than we check automatically, so a person will look at it "
            "first. A smaller or shorter one is checked at once.",
            cause=f"{frames} frames of {width}x{height}",
        )

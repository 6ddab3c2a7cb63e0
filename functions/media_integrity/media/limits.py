"""How much of a stranger's file is opened. The policy may set other values."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from media_integrity.schema.base import Value


class Limits(Value):
    """Caps on one image file. All are inclusive and checked before pixels are decoded.

    Memory goes with ``max_pixels``. A picture of 50 megapixels took 770 MB as WebP, 620 as GIF,
    440 as AVIF, 260 as PNG and 150 as progressive JPEG, so that the default needs up to 1.6 GB.
    """

    model_config = ConfigDict(extra="forbid")  # a misspelt cap in the policy must not go unnoticed

    max_bytes: int = Field(30_000_000, ge=1, description="size of the file; more is refused")
    max_pixels: int = Field(
        100_000_000, ge=1, description="width times height of one frame; more is refused"
    )
    max_side: int = Field(30_000, ge=1, description="width or height in pixels; more is refused")
    max_frames: int = Field(300, ge=1, description="frames of an animation; more are held")
    max_total_pixels: int = Field(
        400_000_000, ge=1, description="pixels of all frames of an animation; more are held"
    )
    max_views: int = Field(64, ge=1, description="different pictures in one file; more are held")
    max_elongation: int = Field(
        24, ge=1, description="long side over short side of a large picture; more is held"
    )


class FilmLimits(Value):
    """Caps on one film. All are inclusive; where the header tells, checked before decoding.

    Memory goes with ``max_pixels`` (a decoder keeps up to 17 frames) and ``max_views`` (up to
    2.8 MB each). What it took: docs/models/video.md.
    """

    model_config = ConfigDict(extra="forbid")

    max_bytes: int = Field(262_144_000, ge=1, description="size of the file; more is refused")
    max_duration_s: float = Field(600, gt=0, description="playing time; longer is held")
    max_pixels: int = Field(
        4096 * 2304, ge=1, description="width times height of a frame; more is refused"
    )
    max_frames: int = Field(72_000, ge=1, description="frames in the file; more are held")
    max_views: int = Field(96, ge=4, description="frames that signals examine; more scenes: held")
    max_elongation: float = Field(5, ge=1, description="long side over short side; more is held")
    max_decode_s: float = Field(120, gt=0, description="seconds of decoding; longer is held")


class SoundLimits(Value):
    """Caps on one sound file, or on the sound track of a film. All are inclusive.

    Memory goes with ``max_duration_s``: ten minutes are 38 MB of samples.
    """

    model_config = ConfigDict(extra="forbid")

    max_bytes: int = Field(262_144_000, ge=1, description="size of the file; more is refused")
    max_duration_s: float = Field(600, gt=0, description="playing time; longer is held")
    max_channels: int = Field(8, ge=1, description="channels of the track; more are held")
    max_decode_s: float = Field(60, gt=0, description="seconds of decoding; longer is held")


class MediaLimits(Value):
    """Caps on a file of each kind."""

    model_config = ConfigDict(extra="forbid")

    image: Limits = Limits()
    film: FilmLimits = FilmLimits()
    sound: SoundLimits = SoundLimits()

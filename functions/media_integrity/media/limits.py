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

"""HEIC (pi-heif: libheif and libde265, decoding only) and AVIF (Pillow: libavif and dav1d).

ISO/IEC 23008-12. Of several pictures in a HEIC file (bursts, depth maps, auxiliary ones) the
primary is opened: it is the one that viewers show. An AVIF image sequence is opened frame by frame.
Rotation and mirroring are item properties, which the decoders apply; EXIF does not count here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import exif
from .limits import Limits
from .source import Source, check_animation, check_size, damaged, unsupported

if TYPE_CHECKING:
    from PIL import Image as Pillow


def read_heic(data: bytes, limits: Limits) -> Source:
    """Check the header of a HEIC.

    Raises:
        Refused: too large, damaged, or this installation has no decoder for it.
    """
    try:
        import pi_heif
    except ImportError as error:
        raise unsupported("no HEIC decoder") from error

    file = pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    primary = file[file.primary_index]
    width, height = primary.size
    check_size(width, height, limits)

    def pictures() -> Iterator[Pillow.Image]:
        picture: Pillow.Image = primary.to_pillow()
        if picture.size != (width, height):
            raise damaged("sizes disagree")
        yield picture

    return Source(
        data=data,
        width=width,
        height=height,
        frames=1,
        pictures=pictures,
        profile=primary.info.get("icc_profile"),
    )


def read_avif(data: bytes, limits: Limits) -> Source:
    """Check the header of an AVIF.

    Raises:
        Refused: too large, damaged, or this installation has no decoder for it.
        TooMuchToCheck: more animation than is gone through.
    """
    from PIL import AvifImagePlugin

    if not AvifImagePlugin.SUPPORTED:
        raise unsupported("no AVIF decoder")
    picture = AvifImagePlugin.AvifImageFile(io.BytesIO(data))
    width, height = picture.size
    check_size(width, height, limits)
    frames = picture.n_frames
    check_animation(width, height, frames, limits)

    def pictures() -> Iterator[Pillow.Image]:
        for frame in range(frames):
            picture.seek(frame)
            picture.load()
            yield picture

    return Source(
        data=data,
        width=width,
        height=height,
        frames=frames,
        pictures=pictures,
        # Pillow hands the item properties over as EXIF orientation.
        orientation=exif.orientation(picture.info.get("exif")),
        profile=picture.info.get("icc_profile"),
    )

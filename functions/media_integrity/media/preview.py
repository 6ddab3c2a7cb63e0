"""The picture that stands in for one published behind a blur."""

from __future__ import annotations

import io

from .types import Image

SIDE = 320
"""Longest side of the preview in pixels."""

CELLS = 8
"""Cells along the longest side that the preview is made from.

A blur by convolution can be undone in part; averages over cells cannot, because the rest of the
picture is not in them. Faces are told apart from about 18 cells across the face and not below 15
(Bachmann, "Identification of spatially quantised tone images of faces", European Journal of
Cognitive Psychology 3, 1991). Half of that across the whole picture leaves colour and light.
"""

_QUALITY = 80


def blurred_preview(image: Image) -> bytes:
    """A JPEG of at most ``SIDE`` pixels in which nothing can be recognised, without metadata.

    Of an animation it shows the first frame.
    """
    import cv2
    from PIL import Image as Pillow

    rgb = image.views[0].rgb
    height, width = rgb.shape[:2]
    longest = max(width, height)
    cells = [max(1, round(CELLS * side / longest)) for side in (width, height)]
    size = [max(1, round(min(longest, SIDE) * side / longest)) for side in (width, height)]
    averages = cv2.resize(rgb, cells, interpolation=cv2.INTER_AREA)
    smooth = cv2.resize(averages, size, interpolation=cv2.INTER_CUBIC)
    written = io.BytesIO()
    Pillow.fromarray(smooth).save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()

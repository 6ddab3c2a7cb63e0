"""From decoded frames to the views that signals examine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .colour import renderings, split
from .errors import HoldCode, TooMuchToCheck
from .limits import Limits
from .source import Source
from .types import WHOLE, WORKING_SIDE, Part, Pixels, View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image as Pillow

WHITE, BLACK = 255, 0

ELONGATED = 3
"""Long side over short side from which parts are examined as well as the whole. A phone's
screenshot has 2.2; models squeeze what they see into a square."""

PART = 2
"""Long side of such a part over its short side."""

OVERLAP = 0.5
"""Of the short side, between neighbouring parts: what is no longer than this is whole in one."""

GRID = 64
LOOK_ALIKE = 16
"""Two pictures look alike if no cell of a 64 x 64 grid differs by more than 16 of 255 in any
channel. Grain, dithering and re-encoding average out in a cell; a face or a line of subtitles
that comes or goes moves several cells by more."""

_STRIP_PIXELS = 2_000_000
"""Pixels converted at a time, so that a large picture is held once in full and not three times."""


def collect(source: Source, limits: Limits) -> tuple[View, ...]:
    """Every picture that somebody looking at the file can see, once.

    Raises:
        TooMuchToCheck: more of them than ``limits.max_views``, or too elongated.
    """
    elongated = _elongated(source, limits)
    kept = _Kept()
    views: list[View] = []
    for index, picture in enumerate(source.pictures()):
        for rgb in _shown(picture, source, elongated):
            oriented = _oriented(rgb, source.orientation)
            if not kept.is_new(oriented):
                continue
            views.extend(_cut(oriented, index) if elongated else (View(oriented, index),))
            if len(views) > limits.max_views:
                raise TooMuchToCheck(
                    HoldCode.TOO_MANY_VIEWS,
                    "There is more to see in this file than we check automatically, so a person "
                    "will look at it first.",
                    cause=f"more than {limits.max_views} views",
                )
    return tuple(views)


def _elongated(source: Source, limits: Limits) -> bool:
    longest, shortest = max(source.width, source.height), min(source.width, source.height)
    if longest <= WORKING_SIDE:
        return False
    if longest > limits.max_elongation * shortest:
        raise TooMuchToCheck(
            HoldCode.TOO_ELONGATED,
            "This picture is so long and narrow that we cannot check it automatically, so a "
            "person will look at it first. Cut into several pictures it is checked at once.",
            cause=f"size {source.width}x{source.height}",
        )
    return longest > ELONGATED * shortest


class _Kept:
    """Small copies of the views kept so far."""

    def __init__(self) -> None:
        self._first: Pixels | None = None
        self._cells: list[NDArray[np.int16]] = []

    def is_new(self, rgb: Pixels) -> bool:
        """Does it look unlike all before it? If so it is remembered."""
        import numpy as np

        if self._first is None:  # most files show one picture, and there is nothing to compare
            self._first = rgb
            return True
        if not self._cells:
            self._cells.append(_cells(self._first))
        cells = _cells(rgb)
        # An animation is most often like the frame just kept.
        for seen in reversed(self._cells):
            if int(np.abs(cells - seen).max()) <= LOOK_ALIKE:
                return False
        self._cells.append(cells)
        return True


def _cells(rgb: Pixels) -> NDArray[np.int16]:
    """(64, 64, 3) averages."""
    import cv2
    import numpy as np

    return cv2.resize(rgb, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.int16)


def _shown(picture: Pillow.Image, source: Source, elongated: bool) -> Iterator[Pixels]:
    """The decoded frame at working size: per rendering, over white and, if it matters, black."""
    import cv2
    import numpy as np

    width, height = _working_size(picture, animated=source.frames > 1, elongated=elongated)
    ways = renderings(picture, source)
    if picture.mode == "RGB" and picture.size == (width, height) and len(ways) == 1:
        yield np.asarray(picture)
        return
    small = np.empty((len(ways), 2, height, width, 3), np.uint8)
    transparent = False
    rows = max(1, _STRIP_PIXELS * height // (picture.width * picture.height))
    for first in range(0, height, rows):
        last = min(height, first + rows)
        top, bottom = (row * picture.height // height for row in (first, last))
        strip = picture.crop((0, top, picture.width, bottom))
        colours, alpha = split(strip)
        for way, render in enumerate(ways):
            shown = render(colours)
            for background, level in enumerate((WHITE, BLACK)):
                if background and alpha is None:
                    small[way, background, first:last] = small[way, 0, first:last]
                    continue
                small[way, background, first:last] = cv2.resize(
                    np.asarray(shown if alpha is None else _over(shown, alpha, level)),
                    (width, last - first),
                    interpolation=cv2.INTER_AREA,
                )
        transparent |= alpha is not None
    for way in range(len(ways)):
        yield small[way, 0]
        if transparent:
            yield small[way, 1]


def _working_size(picture: Pillow.Image, *, animated: bool, elongated: bool) -> tuple[int, int]:
    longest, shortest = max(picture.size), min(picture.size)
    examined = PART * shortest if elongated else longest
    if examined < 2 * WORKING_SIDE and not (animated and examined > WORKING_SIDE):
        return picture.size
    # Whole numbers average whole pixels, which is fast; a still is resized once, so it may keep
    # more. The frames of an animation are kept side by side, so they are made as small as may be.
    shrink = examined / WORKING_SIDE if animated else float(examined // WORKING_SIDE)
    width, height = (max(1, round(side / shrink)) for side in picture.size)
    return width, height


def _over(shown: Pillow.Image, alpha: Pillow.Image, background: int) -> Pillow.Image:
    """``shown`` composited over a plain background."""
    from PIL import Image as Pillow

    return Pillow.composite(shown, Pillow.new("RGB", shown.size, (background,) * 3), alpha)


def _oriented(rgb: Pixels, orientation: int) -> Pixels:
    """The picture as it is to be looked at (EXIF 2.32 section 4.6.4, tag Orientation)."""
    import numpy as np

    turned = {
        1: rgb,
        2: rgb[:, ::-1],
        3: rgb[::-1, ::-1],
        4: rgb[::-1],
        5: rgb.transpose(1, 0, 2),
        6: rgb[::-1].transpose(1, 0, 2),
        7: rgb[::-1, ::-1].transpose(1, 0, 2),
        8: rgb[:, ::-1].transpose(1, 0, 2),
    }[orientation]
    return np.ascontiguousarray(turned)


def _cut(rgb: Pixels, frame: int) -> Sequence[View]:
    """The whole, small, then overlapping parts along the long side."""
    import cv2

    height, width = rgb.shape[:2]
    longest, shortest = max(width, height), min(width, height)
    shrink = max(1.0, longest / (2 * WORKING_SIDE - 1))
    size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    whole = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    views = [View(whole, frame, WHOLE)]  # type: ignore[arg-type]
    length = PART * shortest
    count = max(2, math.ceil((longest - length) / (length - OVERLAP * shortest)) + 1)
    for index in range(count):
        begin = round(index * (longest - length) / (count - 1))
        if width >= height:
            piece = rgb[:, begin : begin + length]
            part = Part(left=begin / width, width=length / width)
        else:
            piece = rgb[begin : begin + length]
            part = Part(top=begin / height, height=length / height)
        views.append(View(piece.copy(), frame, part))
    return views

"""Does the preview inside a photograph show the same picture?

Kee and Farid, "Digital image authentication from thumbnails", SPIE 7541, 2010. A preview that was
left behind shows what the picture was before it was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from media_integrity.media import jpeg
from media_integrity.media.errors import Refused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_SIDE = 1024
MIN_SIDE = 32
"""Pixels of a preview that is looked at; EXIF has 160 x 120."""

CELLS = 24
"""Of the longer side, at which the pictures are compared: grain and compression average out."""

SCALES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5)
"""How much of the preview the picture may show: it may be a crop of what was taken."""

ALIKE = 0.8
"""Correlation from which they are views of one scene. Unlike ones have 0 to 0.5."""

UNLIKE = 0.5
"""Under this at every crop they are different pictures; between the two nothing is said."""

ALTERED = 30.0
"""Levels by which a cell differs, after fitting brightness and contrast, that was changed."""

ALIGNED = 4.0
"""Median difference of the cells, in levels, up to which both lie on each other exactly enough for
single cells to be compared. A crop between the scales that are tried has 5 to 12."""

ALTERED_CELLS = 3

PLAIN = 12.0
"""Deviation of levels under which a picture is too plain to compare."""

BORDER_LEVEL = 16
"""Rows and columns darker than this around a preview are bars that fill its shape."""


def differs(preview: bytes, picture: NDArray[np.uint8]) -> bool:
    """Is ``preview``, a JPEG, another picture than ``picture``, RGB, or was a part changed since?

    Crops and changes of tone do not count. False too where it cannot be read or is too plain.
    """
    import cv2
    import numpy as np

    small = _decoded(preview)
    if small is None:
        return False
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    best, where = -1.0, None
    for scale in SCALES:
        found = _placed(grey, small, scale)
        if found is not None and found[0] > best:
            best, where = found
    if where is None:
        return False
    seen, kept = where
    if min(float(np.std(seen)), float(np.std(kept))) < PLAIN:
        return False
    if best < UNLIKE:
        return True
    return best >= ALIKE and _is_altered(seen, kept)


def _decoded(preview: bytes) -> NDArray[np.uint8] | None:
    """Luminance without black bars."""
    import numpy as np

    try:
        stored, _ = jpeg.stored(preview)
        if min(stored.size) < MIN_SIDE or max(stored.size) > MAX_SIDE:
            return None
        stored.draft("L", None)
        grey = np.asarray(stored.convert("L"), np.uint8)
    except (Refused, OSError, ValueError, SyntaxError):  # what Pillow raises for broken files
        return None
    rows = np.flatnonzero(grey.max(axis=1) >= BORDER_LEVEL)
    columns = np.flatnonzero(grey.max(axis=0) >= BORDER_LEVEL)
    if len(rows) < MIN_SIDE // 2 or len(columns) < MIN_SIDE // 2:
        return None
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _placed(
    grey: NDArray[np.uint8], small: NDArray[np.uint8], scale: float
) -> tuple[float, tuple[NDArray[np.float32], NDArray[np.float32]]] | None:
    """Correlation where the picture fits best as this share of the preview, and both cut so."""
    import cv2
    import numpy as np

    longest = max(small.shape)
    cells = CELLS / scale
    wide, high = (max(4, round(size / longest * cells)) for size in small.shape[::-1])
    kept = cv2.resize(small, (wide, high), interpolation=cv2.INTER_AREA).astype(np.float32)
    fit = min(scale * wide / grey.shape[1], scale * high / grey.shape[0])
    if scale == 1.0:
        size = wide, high
    else:
        size = max(4, round(grey.shape[1] * fit)), max(4, round(grey.shape[0] * fit))
    if scale == 1.0 and abs(grey.shape[1] / grey.shape[0] / (wide / high) - 1) > 0.1:
        return None  # another shape: only a crop can be this picture
    seen = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    if seen.shape[0] > kept.shape[0] or seen.shape[1] > kept.shape[1]:
        return None
    fits = cv2.matchTemplate(kept, seen, cv2.TM_CCOEFF_NORMED)
    _, best, _, (left, top) = cv2.minMaxLoc(fits)
    cut = kept[top : top + seen.shape[0], left : left + seen.shape[1]]
    return float(best), (seen, cut)


def _is_altered(seen: NDArray[np.float32], kept: NDArray[np.float32]) -> bool:
    """Do several neighbouring cells differ, after the line that fits all of them best?"""
    import cv2
    import numpy as np

    slope, offset = np.polyfit(kept.ravel(), seen.ravel(), 1)
    off = np.abs(seen - (slope * kept + offset))
    if float(np.median(off)) > ALIGNED:
        return False
    mask = (off > ALTERED).astype(np.uint8)
    _, _, statistics, _ = cv2.connectedComponentsWithStats(mask)
    return bool(len(statistics) > 1 and statistics[1:, cv2.CC_STAT_AREA].max() >= ALTERED_CELLS)

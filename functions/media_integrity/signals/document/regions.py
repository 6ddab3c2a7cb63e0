"""Does a part of the page stand on it twice, grain and all?

A stamp, a signature or a chat bubble that was copied within a scan, or a photograph of a screen,
takes the grain of its place along, which no second stamp and no second bubble has. So the grain
alone is compared: edges are left out, since letters, ruled lines and printed logos repeat
themselves on honest pages. The page's grain is held against itself at every shift at once
(autocorrelation by Fourier transform); the shifts that stand out are then looked at part by part.

A page without grain, as drawn on a screen, repeats itself exactly wherever it shows the same thing
twice: there nothing is said. A pattern that repeats all over the page is a pattern.

Source of the idea: Fridrich, Soukal, Lukáš, "Detection of copy-move forgery in digital images",
DFRWS 2003, and its section on robust matching.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from media_integrity.signals.forensics.plane import Luma

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Levels: TypeAlias = NDArray[np.float32]

MAX_PIXELS = 2_000_000
"""Of what is compared; a larger page is averaged down by twos first."""

GRAIN = 0.4
"""Levels of deviation below which a page has no grain to compare."""

EDGE, ROUGH = 3.5, 2.5
"""Times the usual: what differs more from its neighbours, or its surroundings, is no grain."""

NEAREST = 24
"""Pixels of a shift under which neighbours are compared with neighbours."""

STANDS_OUT = 6.0
"""Standard deviations of all shifts' agreement from which one is looked at."""

MOST_SHIFTS = 12

WINDOW = 24
"""Pixels of the side of a part that is compared at once."""

LEAST_SHARE = 0.35
"""Of a window's pixels that are grain, on both sides; the others are edges."""

SAME = 0.45
"""Correlation of the grain in a window from which it is the same. Of two pieces of paper it lies
within 0.1 of 0; a copy has 1 before the file is compressed again."""

LEAST_AREA = 1_000
"""Pixels around which all of a window is the same: at least a stamp of 55 x 55."""

MOST_OF_PAGE = 0.25
"""A part larger than this is no stamp: the whole page is made of a pattern."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Two places with the same grain, in pixels of the plane: left, top, right, bottom."""

    one: tuple[int, int, int, int]
    other: tuple[int, int, int, int]
    likeness: float
    """Correlation of the grain over all of it."""
    area: int


def copies(luma: Luma) -> list[Copy]:
    """Parts of the page that stand on it twice, the largest first. None where there is no grain."""
    import cv2
    import numpy as np

    page = np.asarray(luma, np.float32)
    times = 1
    while page.size > MAX_PIXELS:
        size = page.shape[1] // 2, page.shape[0] // 2
        page = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.float32)
        times *= 2
    grain, kept = _grain(page)
    if not kept.any():
        return []
    found: list[Copy] = []
    for down, across in _shifts(grain):
        for copy in _parts(grain, kept, down, across):
            if copy.area > MOST_OF_PAGE * page.size:
                return []
            if not any(_covers(known, copy) for known in found):
                found.append(copy)
    return [_enlarged(copy, times) for copy in sorted(found, key=lambda copy: -copy.area)]


def _grain(page: Levels) -> tuple[Levels, NDArray[np.bool_]]:
    """What is left of the page without its levels and slopes, 0 at edges; and where it is grain.

    All 0 where the page has less than ``GRAIN``. The filter sees neither level lines nor upright
    ones: Immerkær, "Fast noise variance estimation", CVIU 1996.
    """
    import cv2
    import numpy as np

    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
    fine = np.asarray(cv2.filter2D(page, -1, kernel), np.float32)
    level = float(np.median(np.abs(fine))) / 0.6745
    if level < GRAIN:
        return np.zeros_like(fine), np.zeros(fine.shape, bool)
    rough = np.abs(page - cv2.blur(page, (7, 7)))
    usual = float(np.median(rough)) / 0.6745
    edges = (np.abs(fine) > EDGE * level) | (cv2.blur(rough, (3, 3)) > ROUGH * usual)
    kept = cv2.dilate(edges.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    fine = np.where(kept, fine, 0).astype(np.float32)
    # Compression leaves the same steps at the same places of every block: no grain of a place.
    for row in range(8):
        for column in range(8):
            own, there = fine[row::8, column::8], kept[row::8, column::8]
            own[there] -= own[there].mean() if there.any() else 0.0
    return fine, kept


def _shifts(grain: Levels) -> Iterator[tuple[int, int]]:
    """Shifts (down, across) at which more of the page agrees with itself than chance has it."""
    import cv2
    import numpy as np

    rows, columns = grain.shape
    tall, wide = (cv2.getOptimalDFTSize(2 * size - NEAREST) for size in (rows, columns))
    padded = np.zeros((tall, wide), np.float32)
    padded[:rows, :columns] = grain
    transformed = cv2.dft(padded, flags=cv2.DFT_COMPLEX_OUTPUT, nonzeroRows=rows)
    power = cv2.mulSpectrums(transformed, transformed, 0, conjB=True)
    agreement = np.asarray(
        cv2.dft(power, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT), np.float32
    )
    half = agreement[: rows - 1]  # the other half is the same, turned
    half[:NEAREST, :NEAREST] = half[:NEAREST, wide - NEAREST :] = 0
    spread = float(np.median(np.abs(half))) / 0.6745 + 1e-9
    for _ in range(MOST_SHIFTS):
        down, across = np.unravel_index(int(np.argmax(half)), half.shape)
        if half[down, across] < STANDS_OUT * spread:
            return
        low, high = max(0, int(down) - 3), int(down) + 4
        half[low:high, max(0, int(across) - 3) : int(across) + 4] = 0
        yield int(down), int(across) if across < wide // 2 else int(across) - wide


def _parts(grain: Levels, kept: NDArray[np.bool_], down: int, across: int) -> Iterator[Copy]:
    """The parts of the page that look the same ``down`` rows and ``across`` columns away."""
    import cv2
    import numpy as np

    rows, columns = grain.shape
    tall, wide = rows - down, columns - abs(across)
    if min(tall, wide) < WINDOW:
        return
    left, moved = max(0, -across), max(0, across)
    here = slice(0, tall), slice(left, left + wide)
    there = slice(down, down + tall), slice(moved, moved + wide)
    both = (kept[here] & kept[there]).astype(np.float32)
    one, other = grain[here] * both, grain[there] * both

    def summed(values: Levels) -> Levels:
        return np.asarray(cv2.boxFilter(values, -1, (WINDOW, WINDOW), normalize=False), np.float32)

    power = np.sqrt(np.maximum(summed(one * one), 0) * np.maximum(summed(other * other), 0))
    enough = summed(both) >= LEAST_SHARE * WINDOW**2
    alike = summed(one * other) / (power + 1e-3)
    same = (enough & (alike >= SAME)).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(same, connectivity=8)
    for label in range(1, count):
        x, y, width, height, area = (int(value) for value in boxes[label])
        if area < LEAST_AREA:
            continue
        inside = (labels == label) & (both > 0)
        sums = np.sqrt((one[inside] ** 2).sum() * (other[inside] ** 2).sum())
        likeness = float((one[inside] * other[inside]).sum() / (sums + 1e-9))
        first = x + left, y, x + left + width, y + height
        second = x + moved, y + down, x + moved + width, y + down + height
        yield Copy(first, second, likeness, area)


def _covers(known: Copy, copy: Copy) -> bool:
    """The part is known already, at a shift that differs by a pixel or two."""
    left, top, right, bottom = known.one
    middle = (copy.one[0] + copy.one[2]) / 2, (copy.one[1] + copy.one[3]) / 2
    return left <= middle[0] <= right and top <= middle[1] <= bottom


def _enlarged(copy: Copy, times: int) -> Copy:
    def all_of(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        left, top, right, bottom = (edge * times for edge in box)
        return left, top, right, bottom

    return Copy(all_of(copy.one), all_of(copy.other), copy.likeness, copy.area * times**2)

"""Pictures inside a picture: between bars, in a frame, in a phone's screenshot, over a caption.

PDQ looks at the whole of a picture, so a tenth added above and below it moves the hash beyond any
match. What is added is nearly always plain: rows or columns of one colour, perhaps with writing on
them. So the view is cut into blocks where plain rows run, and then columns, and what is left inside
is hashed as well. A photograph's own sky is told from a bar by its edge, which is not straight; a
sea under a cloudless sky is taken for a picture under a bar, and costs one hash more.

The thresholds were set on 44 ordinary pictures and measured on 600 others; what was found and what
was imagined is in docs/decisions/0014-own-vpdq-and-tmk.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from media_integrity.media.types import Part, Pixels, View

from .pdq_hash import ViewHashes, pdq

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_INSETS = 2
"""Of one view: within its outer borders, and the largest block."""

MIN_SHARE, MAX_SHARE = 0.25, 0.98
"""Of the view's area that an inner picture takes. A landscape on an upright phone's screen has a
third; where it is nearly all, the view's own hash matches."""

MIN_SIDE = 96
"""Pixels of an inner picture's shorter side; less has too little detail for a hash."""

SAMPLES = 96
"""Pixels of a row or column that are looked at, evenly spread."""

LEVELS = 10
"""A pixel has a bar's colour within so many levels of 255 in each channel. The ringing of a JPEG
of quality 60 beside an edge stays within it but for a few."""

PLAIN = 0.97
"""Share of a row's pixels that have the colour of a plain row."""

STEADY = 4
"""Levels by which the colour of a bar may drift from its first row; beyond, another bar begins."""

MIN_BAR = 0.006
"""Of the length: a run of plain rows that is no shorter is a bar. At least 3 pixels."""

EDGE = 0.5
"""Share of pixels that differ from the bar's colour in the first row of the picture."""

EDGE_WITHIN = 0.02
"""Of the length, from the end of the bar: where that row is, if the edge is straight."""

_ROUNDS = 2
"""Rows and columns are gone through so often: a frame within a screen is behind two borders."""


@dataclass(frozen=True, slots=True)
class Inset:
    """A picture inside a view."""

    view: int
    """Index in ``Image.views``."""
    part: Part
    """Where in the view; shares of its width and height."""
    hashes: ViewHashes


class _Box(NamedTuple):
    """In pixels of the view; ``right`` and ``bottom`` are the first outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    @property
    def side(self) -> int:
        return min(self.right - self.left, self.bottom - self.top)


class _Span(NamedTuple):
    """Rows or columns from ``begin`` to before ``end``."""

    begin: int
    end: int


class _Bar(NamedTuple):
    """A run of plain rows, and where pictures border on it, if one does with a straight edge."""

    begin: int
    end: int
    ends_picture: int | None
    """First row after a picture above it."""
    begins_picture: int | None
    """First row of a picture below it."""


_Choice = Callable[[Sequence[_Bar], int], _Span]


def insets(views: Sequence[View]) -> tuple[Inset, ...]:
    """The pictures inside all views, hashed; at most ``MAX_INSETS`` of each."""
    return tuple(_found(views))


def _found(views: Sequence[View]) -> Iterator[Inset]:
    import cv2
    import numpy as np

    for index, view in enumerate(views):
        height, width = view.rgb.shape[:2]
        for box in inner_boxes(view.rgb):
            part = Part(
                box.left / width,
                box.top / height,
                (box.right - box.left) / width,
                (box.bottom - box.top) / height,
            )
            inside = view.rgb[box.top : box.bottom, box.left : box.right]
            grey = cv2.cvtColor(np.ascontiguousarray(inside), cv2.COLOR_RGB2GRAY)
            yield Inset(index, part, pdq(np.asarray(grey, np.uint8)))


def inner_boxes(rgb: Pixels) -> list[_Box]:
    """Where pictures are inside ``rgb``, in pixels; none that is nearly all of it."""
    height, width = rgb.shape[:2]
    whole = _Box(0, 0, width, height)
    found: list[_Box] = []
    if whole.side < MIN_SIDE:
        return found
    seen = _Seen(rgb)
    for choose in (_within_borders, _largest_block):
        box = seen.shrunk(whole, choose)
        if (
            box.side >= MIN_SIDE
            and MIN_SHARE <= box.area / whole.area <= MAX_SHARE
            and not any(_is_nearly(box, other) for other in found)
        ):
            found.append(box)
    return found


def _is_nearly(box: _Box, other: _Box) -> bool:
    """Would both have the same hash?"""
    apart = max(abs(one - two) for one, two in zip(box, other, strict=True))
    return apart <= 0.01 * other.side


class _Seen:
    """A view, and the bars found so far in it and in parts of it."""

    def __init__(self, rgb: Pixels) -> None:
        self._rgb = rgb
        self._rows: dict[_Box, list[_Bar]] = {}
        self._columns: dict[_Box, list[_Bar]] = {}

    def shrunk(self, whole: _Box, choose: _Choice) -> _Box:
        """What is left when bars are taken off in turn from rows and from columns."""
        box = whole
        for _ in range(_ROUNDS):
            before = box
            rows = choose(self._rows_of(box), box.bottom - box.top)
            box = box._replace(top=box.top + rows.begin, bottom=box.top + rows.end)
            if box.side < MIN_SIDE:
                break
            columns = choose(self._columns_of(box), box.right - box.left)
            box = box._replace(left=box.left + columns.begin, right=box.left + columns.end)
            if box == before or box.side < MIN_SIDE:
                break
        return box

    def _rows_of(self, box: _Box) -> list[_Bar]:
        if box not in self._rows:
            step = max(1, (box.right - box.left) // SAMPLES)
            sampled = self._rgb[box.top : box.bottom, box.left + step // 2 : box.right : step]
            self._rows[box] = _bars(sampled.transpose(2, 1, 0))
        return self._rows[box]

    def _columns_of(self, box: _Box) -> list[_Bar]:
        if box not in self._columns:
            step = max(1, (box.bottom - box.top) // SAMPLES)
            sampled = self._rgb[box.top + step // 2 : box.bottom : step, box.left : box.right]
            self._columns[box] = _bars(sampled.transpose(2, 0, 1))
        return self._columns[box]


def _within_borders(bars: Sequence[_Bar], length: int) -> _Span:
    """All but the bars at both ends. The colour of one drifts where a JPEG rings: that is two."""
    begin, end = 0, length
    at = 0
    for bar in bars:
        if bar.begin != at:
            break
        at, begin = bar.end, begin if bar.begins_picture is None else bar.begins_picture
    at = length
    for bar in reversed(bars):
        if bar.end != at:
            break
        at, end = bar.begin, end if bar.ends_picture is None else bar.ends_picture
    return _Span(begin, end) if begin < end else _Span(0, length)


def _largest_block(bars: Sequence[_Bar], length: int) -> _Span:
    """The longest run of rows between bars that have a straight edge to a picture."""
    cuts = [bar for bar in bars if (bar.ends_picture, bar.begins_picture) != (None, None)]
    begins = [0, *(bar.end if (at := bar.begins_picture) is None else at for bar in cuts)]
    ends = [*(bar.begin if (at := bar.ends_picture) is None else at for bar in cuts), length]
    blocks = [_Span(begin, end) for begin, end in zip(begins, ends, strict=True)]
    return max(blocks, key=lambda block: block.end - block.begin)


def _bars(sampled: NDArray[np.uint8]) -> list[_Bar]:
    """The bars among rows (or columns), in order.

    ``sampled``: (3, s, n): of each of n rows so many pixels.
    """
    import numpy as np

    sampled = np.ascontiguousarray(sampled)
    _, count, length = sampled.shape
    few = sampled[:, count // 10 :: max(1, count // 5)]
    colours = np.ascontiguousarray(np.sort(few, axis=1)[:, few.shape[1] // 2])
    plain = _unlike(sampled, colours[:, None]).mean(axis=0) <= 1 - PLAIN
    return [
        _Bar(
            run.begin,
            run.end,
            ends_picture=_edge(sampled, colours[:, run.begin], run.begin, down=False),
            begins_picture=_edge(sampled, colours[:, run.end - 1], run.end, down=True),
        )
        for run in _runs(plain, colours.astype(np.int16))
        if run.end - run.begin >= max(3, MIN_BAR * length)
    ]


def _unlike(pixels: NDArray[np.uint8], colour: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(s, n): which of (3, s, n) pixels do not have a colour."""
    import numpy as np

    apart = np.maximum(pixels, colour) - np.minimum(pixels, colour)
    return np.asarray(apart.max(axis=0) > LEVELS)


def _runs(plain: NDArray[np.bool_], colours: NDArray[np.int16]) -> Iterator[_Span]:
    """Runs of plain rows of one colour: one that drifts is as many runs."""
    import numpy as np

    breaks = np.flatnonzero(plain[1:] != plain[:-1]) + 1
    for begin, end in pairwise([0, *breaks.tolist(), len(plain)]):
        first = begin if plain[begin] else end
        while first < end:
            drift = np.abs(colours[:, first:end] - colours[:, first, None]).max(axis=0) > STEADY
            last = first + int(np.argmax(drift)) if drift.any() else end
            yield _Span(first, last)
            first = last


def _edge(
    sampled: NDArray[np.uint8], bar: NDArray[np.uint8], end: int, *, down: bool
) -> int | None:
    """Where beside a bar a picture has its first row; None without a straight edge.

    ``bar``: (3,) its colour. ``end``: the first row after the bar, or where it begins.
    """
    import numpy as np

    reach = max(2, round(EDGE_WITHIN * sampled.shape[2]))
    near = sampled[..., end : end + reach] if down else sampled[..., max(0, end - reach) : end]
    full = _unlike(near, bar[:, None, None]).mean(axis=0) >= EDGE
    if not full.any():
        return None
    return end + int(np.argmax(full)) if down else end - int(np.argmax(full[::-1]))

"""Reads the lines of text in a picture.

Two networks of PaddleOCR (PP-OCRv6, Apache-2.0) in the conversions that RapidOCR publishes, run on
ONNX Runtime without the ``rapidocr`` package: importing that costs seconds, and it can download.

- The detector marks the pixels inside text. A line is the rectangle around a connected mark, grown
  because the network is trained on shrunken lines: Liao et al., "Real-time Scene Text Detection
  with Differentiable Binarization", AAAI 2020, section 3.5.
- The recogniser gives, for each column of a line 48 pixels high, the most probable character or
  none; repetitions are merged: greedy decoding of Graves et al., "Connectionist Temporal
  Classification", ICML 2006, section 3.2.

**Two looks.** The detector's time grows with the pixels it sees. The first look is at a picture of
``FIRST_LOOK`` pixels, where letters of 1.5 % of the height are still marked, though too coarsely to
cut them out. Where such small marks are, and only there, it looks again with up to ``SECOND_LOOK``
pixels. A picture without text costs the first look alone.

**Orientation.** A line higher than wide is turned by a quarter. The recogniser is sure of upright
text and unsure of text upside down (measured: 0.94 to 1.0 against 0.4 to 0.87), so an unsure line
is read the other way round as well and the surer reading stands.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from media_integrity.media.types import Pixels
from media_integrity.signals import runtime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DETECTOR = "rapidocr_det"
RECOGNISER = "rapidocr_rec"

FIRST_LOOK = 300_000
"""Pixels, for example 632 x 474."""
SECOND_LOOK = 600_000
"""Pixels, for example 896 x 672."""
MAGNIFIED = 2.0
"""How much larger than at the first look the picture is at the second, at most."""

MARKED = 0.2
"""Probability from which a pixel is inside text; the exporter's ``thresh``."""
CERTAIN = 0.4
"""Mean probability from which a mark is a line; the exporter's ``box_thresh``."""
GROWN = 1.6
"""``unclip_ratio``: the exporter has 1.4, RapidOCR 1.6; cut-off letters cost more than a margin."""
HINT = 0.1
"""Probability from which a pixel belongs to a hint at text too small to be marked properly."""
STRONG = 0.4
"""Highest probability in a hint worth a second look. Measured: text of 1 % of the height and more
has 0.5 to 1, texture without text mostly less than 0.45."""
LEGIBLE = 17.0
"""Height of a line in pixels of the first look from which its rectangle is precise enough."""
WORTHWHILE = 1.2
"""How much larger than at the first look the picture must be at the second."""
MOST = 0.6
"""Share of the picture from which the second look is at all of it."""
SURROUNDINGS = 0.12
"""Share of the longest side that the second look takes in around a hint."""

HEIGHT = 48
"""Of the recogniser's input, in pixels."""
SQUEEZE = 0.85
"""Lines are made narrower by this: no worse to read, and less to compute."""
WIDEST = 2400
"""Of the recogniser's input; longer lines are squeezed further."""
STRIDE = 32
"""Both networks want multiples of this."""

UNSURE = 0.92
"""Confidence under which a line is also read the other way round."""
READABLE = 0.5
"""Confidence from which a reading counts; RapidOCR's ``text_score``."""

READING_BUDGET = 120_000
"""Columns read in one file, some 300 lines of 40 letters; about 6 s on two cores."""

TOGETHER = 8
"""Lines read side by side before the budget is looked at again."""

BLOB, SQUARE = 0.15, 1.2
"""Share of the view from which a mark that is not so many times as long as high is no line: three
letters do not fit into it."""

_MEAN_BGR = (0.485, 0.456, 0.406)
_DEVIATION_BGR = (0.229, 0.224, 0.225)
_BLANK = 0
_THINNEST = 3
"""Pixels of the detector; narrower marks are no lines."""
_UPRIGHT = 1.5
"""Height over width from which a rectangle is a line turned by a quarter."""
_SAME = 10
"""Levels of 255 by which a cell of 4 x 4 pixels may differ between lines that are one picture."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read. Places are in pixels of the view, turned so that it is upright."""

    text: str
    confidence: float
    turn: int
    """Degrees clockwise by which the line is turned: 0, 90, 180 or 270."""
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle around a line, in pixels of the view."""

    x: float
    y: float
    width: float
    """Along the line."""
    height: float
    angle: float
    """Of the line against the horizontal, degrees clockwise, in (-45, 135)."""

    @property
    def vertical(self) -> bool:
        return self.angle >= 45


class _Reading(NamedTuple):
    text: str
    confidence: float
    upside_down: bool


class _Region(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)

    def meets(self, other: _Region) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def around(self, other: _Region) -> _Region:
        """The smallest region with both in it."""
        return _Region(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(slots=True)
class Reader:
    """Reads the views of one file, one after another. A line that stands still is read once."""

    unread: int = 0
    """Lines left out because the budget was used up."""
    _spent: int = 0
    _known: dict[int, list[tuple[NDArray[np.int16], _Reading]]] = field(default_factory=dict)
    """By width, the lines read so far, as ``_cells`` sees them."""

    def read(self, rgb: Pixels) -> list[Line]:
        """The lines in a view, in no particular order.

        Raises:
            ModelUnavailable: the weights are missing or are not the locked ones.
        """
        lines = []
        boxes = [box for box in find(rgb) if _may_be_words(box, rgb)]
        for first in range(0, len(boxes), TOGETHER):
            together = boxes[first : first + TOGETHER]
            readings = self._readings([_cut_out(rgb, box) for box in together])
            for box, reading in zip(together, readings, strict=True):
                if reading is None:
                    self.unread += 1
                elif reading.confidence >= READABLE and reading.text.strip():
                    lines.append(_placed(reading, box, rgb))
        return lines

    def _readings(self, strips: list[Pixels]) -> list[_Reading | None]:
        """None for those that the budget does not reach."""
        import numpy as np

        seen = [(strip.shape[1], _cells(strip)) for strip in strips]
        fresh: list[int] = []
        for index, (columns, cells) in enumerate(seen):
            if self._reading(columns, cells) is None and self._spent + columns <= READING_BUDGET:
                self._spent += columns
                fresh.append(index)
        upright = runtime.side_by_side(recognise, [strips[index] for index in fresh])
        found = {
            index: _Reading(*each, upside_down=False)
            for index, each in zip(fresh, upright, strict=True)
        }
        unsure = [index for index in fresh if found[index].confidence < UNSURE]
        self._spent += sum(strips[index].shape[1] for index in unsure)
        turned = [np.ascontiguousarray(strips[index][::-1, ::-1]) for index in unsure]
        for index, each in zip(unsure, runtime.side_by_side(recognise, turned), strict=True):
            other = _Reading(*each, upside_down=True)
            found[index] = max(found[index], other, key=lambda reading: reading.confidence)
        for index, reading in found.items():
            columns, cells = seen[index]
            self._known.setdefault(columns, []).append((cells, reading))
        return [found.get(index) or self._reading(*each) for index, each in enumerate(seen)]

    def _reading(self, columns: int, cells: NDArray[np.int16]) -> _Reading | None:
        """Of a line that was read before."""
        import numpy as np

        for seen, reading in reversed(self._known.get(columns, [])):
            if int(np.abs(cells - seen).max()) <= _SAME:
                return reading
        return None


def find(rgb: Pixels) -> list[Rectangle]:
    """Rectangles around the lines of text in a view.

    Two signals ask this of the same view, so the answer is kept as long as the view is.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    with _finding:
        if id(rgb) in _found:
            return _found[id(rgb)]
    boxes = _find(rgb)
    with _finding:
        _found[id(rgb)] = boxes
    weakref.finalize(rgb, _found.pop, id(rgb), None)
    return boxes


_found: dict[int, list[Rectangle]] = {}
_finding = Lock()


def _find(rgb: Pixels) -> list[Rectangle]:
    height, width = rgb.shape[:2]
    whole = _Region(0, 0, width, height)
    scale = min(1.0, math.sqrt(FIRST_LOOK / whole.area))
    marks = _marks(rgb, scale)
    first = [_scaled(box, marks.shape, whole) for box in _rectangles(marks)]
    legible = [box for box in first if box.height * scale >= LEGIBLE]
    regions = _regions(marks, legible, whole)
    if not regions:
        return legible
    covered = sum(region.area for region in regions)
    closer = min(MAGNIFIED * scale, math.sqrt(SECOND_LOOK / covered))
    if closer < WORTHWHILE * scale:
        return first
    return legible + [
        box
        for region in regions
        for box in _look(rgb, region, closer)
        if not any(_inside(box, other) for other in legible)
    ]


def _may_be_words(box: Rectangle, rgb: Pixels) -> bool:
    height, width = rgb.shape[:2]
    is_large = box.width * box.height >= BLOB * width * height
    return not is_large or box.width >= SQUARE * box.height


def _look(rgb: Pixels, region: _Region, scale: float) -> Iterator[Rectangle]:
    marks = _marks(rgb[region.top : region.bottom, region.left : region.right], scale)
    return (_scaled(box, marks.shape, region) for box in _rectangles(marks))


def recognise(strip: Pixels) -> tuple[str, float]:
    """What a line says, and the mean probability of its characters.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    import numpy as np

    session, characters = runtime.session(RECOGNISER), _characters()
    columns = strip.shape[1]
    padded = np.zeros((1, 3, HEIGHT, math.ceil(columns / STRIDE) * STRIDE), np.float32)
    padded[0, :, :, :columns] = strip[:, :, ::-1].transpose(2, 0, 1) / np.float32(127.5) - 1
    (steps,) = session.run(None, {session.get_inputs()[0].name: padded})
    best = steps[0].argmax(axis=1)
    kept = best != _BLANK
    kept[1:] &= best[1:] != best[:-1]
    if not kept.any():
        return "", 0.0
    text = "".join(characters[index] for index in best[kept])
    return text, float(steps[0].max(axis=1)[kept].mean())


@cache
def _characters() -> tuple[str, ...]:
    """The recogniser's alphabet: none, those listed in the model, a space."""
    listed = runtime.session(RECOGNISER).get_modelmeta().custom_metadata_map["character"]
    return ("", *listed.splitlines(), " ")


@cache
def _levels() -> NDArray[np.float32]:
    """For blue, green and red what the detector takes for each of the 256 levels."""
    import numpy as np

    share = np.arange(256, dtype=np.float32) / 255
    return np.stack(
        [(share - mean) / spread for mean, spread in zip(_MEAN_BGR, _DEVIATION_BGR, strict=True)]
    )


def _marks(rgb: Pixels, scale: float) -> NDArray[np.float32]:
    """Probability of text for each pixel of the picture scaled by about ``scale``."""
    import cv2
    import numpy as np

    height, width = (max(STRIDE, round(side * scale / STRIDE) * STRIDE) for side in rgb.shape[:2])
    # Averaging over whole pixels is fast, over fractions of them it is slower than the network.
    while rgb.shape[0] >= 2 * height and rgb.shape[1] >= 2 * width:
        half = rgb.shape[1] // 2, rgb.shape[0] // 2
        rgb = np.asarray(cv2.resize(rgb, half, interpolation=cv2.INTER_AREA), np.uint8)
    resized = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_LINEAR)
    blob = np.empty((1, 3, height, width), np.float32)
    for channel, levels in enumerate(_levels()):
        blob[0, channel] = cv2.LUT(resized[:, :, 2 - channel], levels)
    session = runtime.session(DETECTOR)
    (marks,) = session.run(None, {session.get_inputs()[0].name: blob})
    probabilities: NDArray[np.float32] = marks[0, 0]
    return probabilities


def _rectangles(marks: NDArray[np.float32]) -> Iterator[Rectangle]:
    """Grown rectangles around the connected marks, in pixels of ``marks``."""
    import cv2
    import numpy as np

    outlines, _ = cv2.findContours(
        (marks > MARKED).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    for outline in outlines:
        rectangle = cv2.minAreaRect(outline)
        (x, y), (width, height), _ = rectangle
        if min(width, height) < _THINNEST:
            continue
        corners = np.asarray(cv2.boxPoints(rectangle), np.float32)
        if _mean_inside(marks, corners) < CERTAIN:
            continue
        margin = GROWN * width * height / (width + height)
        (first, second, third, _) = corners
        sides = sorted((second - first, third - second), key=lambda side: -abs(side[0]))
        across, down = (float(np.hypot(*side)) for side in sides)
        slope = math.degrees(math.atan(float(sides[0][1]) / (float(sides[0][0]) or 1e-9)))
        across, down = across + margin, down + margin
        if down >= _UPRIGHT * across:
            yield Rectangle(x, y, down, across, slope + 90)
        else:
            yield Rectangle(x, y, across, down, slope)


def _mean_inside(marks: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    import cv2
    import numpy as np

    rows, columns = marks.shape
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, (columns - 1, rows - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)), 0, (columns - 1, rows - 1)).astype(int)
    inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(marks[top : bottom + 1, left : right + 1], inside)[0])


def _corners(box: Rectangle) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    return np.asarray(
        cv2.boxPoints(((box.x, box.y), (box.width, box.height), box.angle)), np.float32
    )


def _inside(box: Rectangle, other: Rectangle) -> bool:
    import cv2

    return cv2.pointPolygonTest(_corners(other), (box.x, box.y), False) > 0


def _scaled(box: Rectangle, seen: tuple[int, ...], region: _Region) -> Rectangle:
    """``box``, found in the region as seen in so many rows and columns, in pixels of the view.

    The two scales differ by rounding alone, so the angle stays.
    """
    down = (region.bottom - region.top) / seen[0]
    across = (region.right - region.left) / seen[1]
    along, over = (down, across) if box.vertical else (across, down)
    return Rectangle(
        region.left + box.x * across,
        region.top + box.y * down,
        box.width * along,
        box.height * over,
        box.angle,
    )


def _regions(marks: NDArray[np.float32], legible: list[Rectangle], whole: _Region) -> list[_Region]:
    """Parts of the view with marks that are not in a legible line, and what is around them."""
    import cv2
    import numpy as np

    _, hint = cv2.connectedComponents((marks > HINT).astype(np.uint8))
    strong = np.zeros(int(hint.max()) + 1, np.uint8)
    strong[hint[marks >= STRONG]] = 1
    hints = strong[hint]
    scales = np.array([hints.shape[1] / whole.right, hints.shape[0] / whole.bottom])
    for box in legible:
        cv2.fillPoly(hints, [np.rint(_corners(box) * scales).astype(np.int32)], 0)
    if not hints.any():
        return []
    reach = 2 * math.ceil(SURROUNDINGS * max(hints.shape)) + 1
    near = cv2.dilate(hints, np.ones((reach, 1), np.uint8))
    near = cv2.dilate(near, np.ones((1, reach), np.uint8))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(near)
    regions: list[_Region] = []
    for left, top, columns, rows, _ in boxes[1:]:
        region = _Region(
            int(left / scales[0]),
            int(top / scales[1]),
            min(whole.right, math.ceil((left + columns) / scales[0])),
            min(whole.bottom, math.ceil((top + rows) / scales[1])),
        )
        while meeting := [other for other in regions if other.meets(region)]:
            for other in meeting:
                regions.remove(other)
                region = region.around(other)
        regions.append(region)
    covered = sum(region.area for region in regions)
    return [whole] if covered > MOST * whole.area else regions


def _cut_out(rgb: Pixels, box: Rectangle) -> Pixels:
    """The line, upright or on its head, ``HEIGHT`` pixels high."""
    import cv2
    import numpy as np

    width, height = max(1, round(box.width)), max(1, round(box.height))
    turn = math.radians(box.angle)
    cosine, sine = math.cos(turn), math.sin(turn)
    centre = (width - 1) / 2, (height - 1) / 2
    there = np.array(
        [
            [cosine, -sine, box.x - 0.5 - cosine * centre[0] + sine * centre[1]],
            [sine, cosine, box.y - 0.5 - sine * centre[0] - cosine * centre[1]],
        ]
    )
    cut = cv2.warpAffine(
        rgb,
        there,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    columns = min(WIDEST, max(HEIGHT, round(HEIGHT * width / height * SQUEEZE)))
    way = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, (columns, HEIGHT), interpolation=way), np.uint8)


def _cells(strip: Pixels) -> NDArray[np.int16]:
    import cv2
    import numpy as np

    size = strip.shape[1] // 4, HEIGHT // 4
    return cv2.resize(strip, size, interpolation=cv2.INTER_AREA).astype(np.int16)


def _placed(reading: _Reading, box: Rectangle, rgb: Pixels) -> Line:
    height, width = rgb.shape[:2]
    turn = (90 if box.vertical else 0) + (180 if reading.upside_down else 0)
    x, y = {
        0: (box.x, box.y),
        90: (box.y, width - box.x),
        180: (width - box.x, height - box.y),
        270: (height - box.y, box.x),
    }[turn]
    return Line(
        reading.text,
        reading.confidence,
        turn,
        left=x - box.width / 2,
        top=y - box.height / 2,
        right=x + box.width / 2,
        bottom=y + box.height / 2,
    )

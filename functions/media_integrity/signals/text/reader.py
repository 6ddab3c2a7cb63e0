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
``FIRST_LOOK`` pixels, where letters of 2 % of the height are still marked, though too coarsely to
cut them out. Where such small marks are, and only there, it looks again with up to ``SECOND_LOOK``
pixels. A picture without text costs the first look alone.

**Orientation.** A line higher than wide is turned by a quarter. The recogniser is sure of upright
text and unsure of text upside down (measured: 0.94 to 1.0 against 0.4 to 0.87), so an unsure line
is read the other way round as well and the surer reading stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from media_integrity.media.types import Pixels
from media_integrity.signals import runtime

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DETECTOR = "rapidocr_det"
RECOGNISER = "rapidocr_rec"

FIRST_LOOK = 220_000
"""Pixels, for example 544 x 408."""
SECOND_LOOK = 600_000
"""Pixels, for example 896 x 672."""
MAGNIFIED = 2.0
"""The second look makes a small picture larger by this at most."""

MARKED = 0.2
"""Probability from which a pixel is inside text; the exporter's ``thresh``."""
CERTAIN = 0.4
"""Mean probability from which a mark is a line; the exporter's ``box_thresh``."""
GROWN = 1.6
"""``unclip_ratio``: the exporter has 1.4, RapidOCR 1.6; cut-off letters cost more than a margin."""
HINT = 0.1
"""Probability from which an unresolved mark is worth a second look."""
LEGIBLE = 17.0
"""Height of a line in pixels of the first look from which its rectangle is precise enough."""
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
    """A line as it was read. Places are in pixels of the view turned so that the line is upright."""

    text: str
    confidence: float
    turn: int
    """Degrees clockwise by which the line is turned: 0, 90, 180 or 270."""
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class _Box:
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


@dataclass(slots=True)
class Reader:
    """Reads the views of one file, one after another. A line that stands still is read once."""

    unread: int = 0
    """Lines left out because the budget was used up."""
    _spent: int = 0
    _known: dict[int, list[tuple[NDArray[np.int16], str, float, bool]]] = field(
        default_factory=dict
    )

    def read(self, rgb: Pixels) -> list[Line]:
        """The lines in a view, in no particular order.

        Raises:
            ModelUnavailable: the weights are missing or are not the locked ones.
        """
        lines = []
        for box in find(rgb):
            strip = _cut_out(rgb, box)
            if self._spent + strip.shape[1] > READING_BUDGET:
                self.unread += 1
                continue
            text, confidence, upside_down = self._reading(strip)
            if confidence >= READABLE and text.strip():
                lines.append(_placed(text, confidence, box, upside_down, rgb))
        return lines

    def _reading(self, strip: Pixels) -> tuple[str, float, bool]:
        """Text, confidence, and whether it stands on its head."""
        import numpy as np

        cells = _cells(strip)
        known = self._known.setdefault(strip.shape[1], [])
        for seen, *reading in reversed(known):
            if int(np.abs(cells - seen).max()) <= _SAME:
                text, confidence, upside_down = reading
                return text, confidence, upside_down
        self._spent += strip.shape[1]
        text, confidence = recognise(strip)
        upside_down = False
        if confidence < UNSURE:
            self._spent += strip.shape[1]
            turned, surer = recognise(np.ascontiguousarray(strip[::-1, ::-1]))
            if surer > confidence:
                text, confidence, upside_down = turned, surer, True
        known.append((cells, text, confidence, upside_down))
        return text, confidence, upside_down


def find(rgb: Pixels) -> list[_Box]:
    """Rectangles around the lines of text in a view.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    scale = min(1.0, math.sqrt(FIRST_LOOK / (height * width)))
    marks = _marks(rgb, scale)
    scales = marks.shape[1] / width, marks.shape[0] / height
    legible, hints = [], (marks > HINT).astype(np.uint8)
    small = []
    for box in _rectangles(marks):
        if box.height < LEGIBLE:
            small.append(box)
            continue
        legible.append(box)
        cv2.fillPoly(hints, [_corners(box).round().astype(np.int32)], 0)
    found = [_scaled(box, *scales) for box in legible]
    second = min(MAGNIFIED, math.sqrt(SECOND_LOOK / (height * width)))
    regions = _regions(hints)
    if not regions:
        return found
    if second < 1.2 * scale:
        return found + [_scaled(box, *scales) for box in small]
    areas = [_in_view(region, scales, width, height) for region in regions]
    covered = sum((right - left) * (bottom - top) for left, top, right, bottom in areas)
    if covered > 0.6 * width * height:
        areas, covered = [(0, 0, width, height)], width * height
    scale = min(MAGNIFIED, math.sqrt(SECOND_LOOK / covered))
    taken = [_corners(box) for box in found]
    for left, top, right, bottom in areas:
        part = rgb[top:bottom, left:right]
        closer = _marks(part, scale)
        across, down = closer.shape[1] / part.shape[1], closer.shape[0] / part.shape[0]
        for box in _rectangles(closer):
            moved = _scaled(box, across, down, left, top)
            if not any(
                cv2.pointPolygonTest(other, (moved.x, moved.y), False) > 0 for other in taken
            ):
                found.append(moved)
    return found


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


def _marks(rgb: Pixels, scale: float) -> NDArray[np.float32]:
    """Probability of text for each pixel of the picture scaled by about ``scale``."""
    import cv2
    import numpy as np

    height, width = (max(STRIDE, round(side * scale / STRIDE) * STRIDE) for side in rgb.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(rgb, (width, height), interpolation=way)[:, :, ::-1]
    gain = 1 / (255 * np.array(_DEVIATION_BGR, np.float32))
    shift = np.array(_MEAN_BGR, np.float32) / np.array(_DEVIATION_BGR, np.float32)
    blob = np.ascontiguousarray((resized * gain - shift).transpose(2, 0, 1)[None])
    session = runtime.session(DETECTOR)
    (marks,) = session.run(None, {session.get_inputs()[0].name: blob})
    probabilities: NDArray[np.float32] = marks[0, 0]
    return probabilities


def _rectangles(marks: NDArray[np.float32]) -> Iterator[_Box]:
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
        corners = cv2.boxPoints(rectangle)
        if _mean_inside(marks, corners) < CERTAIN:
            continue
        margin = GROWN * width * height / (width + height)
        (first, second, third, _) = corners
        sides = sorted((second - first, third - second), key=lambda side: -abs(side[0]))
        across, down = (float(np.hypot(*side)) for side in sides)
        slope = math.degrees(math.atan(float(sides[0][1]) / (float(sides[0][0]) or 1e-9)))
        across, down = across + margin, down + margin
        if down >= _UPRIGHT * across:
            yield _Box(x, y, down, across, slope + 90)
        else:
            yield _Box(x, y, across, down, slope)


def _mean_inside(marks: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    import cv2
    import numpy as np

    rows, columns = marks.shape
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, (columns - 1, rows - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)), 0, (columns - 1, rows - 1)).astype(int)
    inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(marks[top : bottom + 1, left : right + 1], inside)[0])


def _corners(box: _Box) -> NDArray[np.float32]:
    import cv2

    corners: NDArray[np.float32] = cv2.boxPoints(
        ((box.x, box.y), (box.width, box.height), box.angle)
    )
    return corners


def _scaled(box: _Box, across: float, down: float, left: float = 0, top: float = 0) -> _Box:
    """``box`` in pixels of the view. Its scales differ by rounding alone, so the angle stays."""
    along, over = (down, across) if box.vertical else (across, down)
    return _Box(
        left + box.x / across, top + box.y / down, box.width / along, box.height / over, box.angle
    )


def _regions(hints: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of the parts with hints and what is around them; disjoint."""
    import cv2
    import numpy as np

    if not hints.any():
        return []
    reach = math.ceil(SURROUNDINGS * max(hints.shape))
    near = cv2.dilate(hints, np.ones((2 * reach + 1, 1), np.uint8))
    near = cv2.dilate(near, np.ones((1, 2 * reach + 1), np.uint8))
    _, _, boxes, _ = cv2.connectedComponentsWithStats(near)
    return _merged([(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in boxes[1:]])


def _merged(regions: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Overlapping rectangles become the one around them."""
    merged: list[tuple[int, int, int, int]] = []
    for region in regions:
        left, top, right, bottom = region
        apart = []
        changed = True
        while changed:
            changed = False
            apart = []
            for other in merged:
                if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom:
                    left, top = min(left, other[0]), min(top, other[1])
                    right, bottom = max(right, other[2]), max(bottom, other[3])
                    changed = True
                else:
                    apart.append(other)
            merged = apart
        merged = [*apart, (left, top, right, bottom)]
    return merged


def _in_view(
    region: tuple[int, int, int, int], scales: tuple[float, float], width: int, height: int
) -> tuple[int, int, int, int]:
    left, top, right, bottom = region
    across, down = scales
    return (
        int(left / across),
        int(top / down),
        min(width, math.ceil(right / across)),
        min(height, math.ceil(bottom / down)),
    )


def _cut_out(rgb: Pixels, box: _Box) -> Pixels:
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
    strip: Pixels = cv2.resize(cut, (columns, HEIGHT), interpolation=way)
    return strip


def _cells(strip: Pixels) -> NDArray[np.int16]:
    import cv2
    import numpy as np

    size = strip.shape[1] // 4, HEIGHT // 4
    cells: NDArray[np.int16] = cv2.resize(strip, size, interpolation=cv2.INTER_AREA).astype(
        np.int16
    )
    return cells


def _placed(text: str, confidence: float, box: _Box, upside_down: bool, rgb: Pixels) -> Line:
    height, width = rgb.shape[:2]
    turn = (90 if box.vertical else 0) + (180 if upside_down else 0)
    x, y = {
        0: (box.x, box.y),
        90: (box.y, width - box.x),
        180: (width - box.x, height - box.y),
        270: (height - box.y, box.x),
    }[turn]
    return Line(
        text,
        confidence,
        turn,
        left=x - box.width / 2,
        top=y - box.height / 2,
        right=x + box.width / 2,
        bottom=y + box.height / 2,
    )

"""How many people are in the picture, and where are their faces?

CenterFace: Xu, Yan, Yang, Li, "CenterFace: Joint Face Detection and Alignment Using Face as
Point", Scientific Programming 2020 (arXiv 1911.03599). One network gives, for each cell of 4 x 4
pixels, how likely a face has its centre there, the face's size, where in the cell the centre is,
and five landmarks. It says where faces are, not whose. Only where several frames show people are
faces compared with each other, so that nobody is counted twice (``film_people``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from media_integrity.media.types import WHOLE, Face, Image, Part, Pixels, Point
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import Box, FacesDetail, Finding

from . import graphs, pictures, runtime
from .base import Example, Needs
from .film_people import people

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = "centerface"

SIDES = (480, 960)
"""Longest side of the picture in the first pass and in the second, if there is one."""

CONFIDENT = 0.35
"""A face. The authors' own threshold; on 20 pictures without people it raised no false alarm, nor
on 400 of soft random colours. Of those in 64 dithered colours 9 had one, small and of 0.36 to 0.48:
such an upload waits until its uploader has said whom it shows."""

CANDIDATE = 0.08
"""A place where a face may be: reason to look again at twice the size, if it is small.

At this value the first pass notices 90 % of faces whose height is 4.7 % of the longest side, 77 %
at 3.75 %, 45 % at 3.1 %, 20 % at 2.5 % (60 faces pasted into scenes, each size), and raises a false
alarm, which costs time alone, in none of 16 pictures without people and in 2 of 60 portraits. At
0.05 it noticed 50 % at 2.5 %, with 5 false alarms. At 320 pixels and 0.2: 28 % at 4.7 %.
"""

SMALL = 24
"""Pixels, in the pass, below which faces begin to be missed: of faces of 24 pixels 75 % pass
``CONFIDENT``, of 32 pixels 95 %."""

SAME_FACE = 0.3
"""Intersection over union above which two boxes are the same face; the authors' value."""

MAX_FACES = 500
"""Boxes kept of one picture, or film; a larger crowd is counted as this many."""

_STRIDE = 4
_ALIGNMENT = 32


class FacesSignal:
    """Counts people: the faces of a picture, or everybody seen in the frames of a film."""

    name: ClassVar = DetectionMethod.FACES
    version: ClassVar = "2"
    needs: ClassVar = frozenset({Needs.IMAGE, Needs.FACES})

    def run(self, media: Image) -> Finding:
        """A finding without a score: a number of people is a fact, not a suspicion.

        Boxes are of one frame, or of a film: of each person the largest, of different frames.

        Raises:
            ModelUnavailable: the weights are missing or are not the locked ones.
        """
        seen = look(media) if media.faces is None else media.faces
        groups = _by_frame(media)
        frames = [
            _distinct(face for at in group for face in _in_picture(seen[at], media.views[at].part))
            for group in groups
        ]
        if len(frames) == 1:
            boxes = tuple(face.box for face in frames[0])
        else:
            scenes = () if media.film is None else media.film.scene_starts
            starts = [number for number, group in enumerate(groups) if group[0] in scenes]
            wholes = [media.views[group[0]] for group in groups]
            boxes = people(media, wholes, frames, starts)[:MAX_FACES]
        return Finding(
            method=self.name,
            version=self.version,
            model=runtime.reference(MODEL),
            detail=FacesDetail(count=len(boxes), boxes=boxes),
        )

    def examples(self) -> tuple[Example, ...]:
        return (
            Example("portrait", pictures.portrait, lambda finding: _count(finding) == 1),
            Example(
                "three_portraits", pictures.three_portraits, lambda finding: _count(finding) == 3
            ),
            Example("plain_colour", pictures.plain_colour, lambda finding: _count(finding) == 0),
            Example("checks", pictures.checks, lambda finding: _count(finding) == 0),
        )


def _by_frame(media: Image) -> list[list[int]]:
    """Indices of the views of each frame, the whole first. A film's attached pictures have one
    frame number together: of a film, every whole view is a frame of its own."""

    def frame(at: int) -> int:
        if media.film is None:
            return media.views[at].frame
        return sum(view.part == WHOLE for view in media.views[: at + 1])

    return [list(group) for _, group in groupby(range(len(media.views)), key=frame)]


def look(media: Image) -> tuple[tuple[Face, ...], ...]:
    """The faces of each view, most certain first: what ``Image.faces`` holds.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    return tuple(runtime.side_by_side(detect, [view.rgb for view in media.views]))


def detect(rgb: Pixels) -> tuple[Face, ...]:
    """Faces of a picture of any size, most certain first.

    A portrait takes one pass. Where a small face may be, there may be more: the second pass, at
    twice the size and four times the cost, finds 90 % of faces of 2.5 % of the longest side.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    found: tuple[Face, ...] = ()
    for side in SIDES:
        seen = _pass(rgb, side)
        found = _distinct([*found, *seen])
        if max(rgb.shape[:2]) <= side or not any(_is_small(face, rgb, side) for face in seen):
            break
    return tuple(face for face in found if face.box.confidence >= CONFIDENT)


def _is_small(face: Face, rgb: Pixels, side: int) -> bool:
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    return bool(max(face.box.height * height, face.box.width * width) * scale < SMALL)


def _pass(rgb: Pixels, side: int) -> tuple[Face, ...]:
    """Candidates in the picture scaled to ``side`` on its longest side, most certain first."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    scaled = cv2.resize(rgb, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    padded = [-(-length // _ALIGNMENT) * _ALIGNMENT for length in inner]
    planes = np.zeros((1, 3, padded[1], padded[0]), np.float32)
    planes[0, :, : inner[1], : inner[0]] = scaled.transpose(2, 0, 1)
    outputs = runtime.session(MODEL, graphs.any_size).run(None, {"input.1": planes})
    return _decoded(outputs, inner)


def _decoded(outputs: Sequence[NDArray[np.float32]], size: tuple[int, int]) -> tuple[Face, ...]:
    """Faces from the network's four maps, section 3.2 of the paper. ``size``: width, height."""
    import numpy as np

    centres, scales, offsets, landmarks = (output[0] for output in outputs)
    rows, columns = np.nonzero(centres[0] >= CANDIDATE)
    confidences = centres[0, rows, columns]
    extents = np.exp(scales[:, rows, columns]) * _STRIDE  # height, width
    cells = np.stack([rows, columns])
    middles = (cells + offsets[:, rows, columns] + 0.5) * _STRIDE  # y, x
    corners = middles - extents / 2
    pairs = landmarks[:, rows, columns].reshape(5, 2, -1)  # y before x, shares of the box
    points = corners + pairs * extents
    faces = []
    for at in _distinct_boxes(corners, extents, confidences):
        (top, left), (tall, wide) = corners[:, at] / size[::-1], extents[:, at] / size[::-1]
        box = _clipped(left, top, left + wide, top + tall, confidences[at])
        if box is not None:  # None: in the padding
            eye, other_eye, nose, mouth, other_mouth = (
                Point(float(x / size[0]), float(y / size[1])) for y, x in points[:, :, at]
            )
            faces.append(Face(box, (eye, other_eye, nose, mouth, other_mouth)))
    return tuple(faces)


def _distinct_boxes(
    corners: NDArray[np.float32], extents: NDArray[np.float32], confidences: NDArray[np.float32]
) -> list[int]:
    """Indices of the boxes that stand for a face each: greedy non-maximum suppression."""
    import numpy as np

    ends = corners + extents
    areas = extents.prod(axis=0)
    left_over = np.argsort(-confidences, kind="stable")
    kept: list[int] = []
    while len(left_over) and len(kept) < MAX_FACES:
        best, others = left_over[0], left_over[1:]
        kept.append(int(best))
        common = np.minimum(ends[:, [best]], ends[:, others]) - np.maximum(
            corners[:, [best]], corners[:, others]
        )
        shared = np.clip(common, 0, None).prod(axis=0)
        left_over = others[shared / (areas[best] + areas[others] - shared) < SAME_FACE]
    return kept


def _clipped(left: float, top: float, right: float, bottom: float, confidence: float) -> Box | None:
    left, top = (float(min(max(edge, 0.0), 1.0)) for edge in (left, top))
    right, bottom = (float(min(max(edge, 0.0), 1.0)) for edge in (right, bottom))
    if right <= left or bottom <= top:
        return None
    return Box(
        left=left,
        top=top,
        width=right - left,
        height=bottom - top,
        confidence=min(confidence, 1.0),
    )


def _distinct(faces: Iterable[Face]) -> tuple[Face, ...]:
    """Faces of several passes or views, each once, by its most certain box."""
    import numpy as np

    found = list(faces)
    boxes = [face.box for face in found]
    kept = _distinct_boxes(
        np.array([[box.top for box in boxes], [box.left for box in boxes]], np.float32),
        np.array([[box.height for box in boxes], [box.width for box in boxes]], np.float32),
        np.array([box.confidence for box in boxes], np.float32),
    )
    return tuple(found[index] for index in kept)


def _in_picture(faces: Iterable[Face], part: Part) -> Iterable[Face]:
    """Faces of a view that shows a part, with their places in the whole picture."""

    def place(point: Point) -> Point:
        return Point(part.left + point.x * part.width, part.top + point.y * part.height)

    for face in faces:
        box = face.box
        corner = place(Point(box.left, box.top))
        opposite = place(Point(box.left + box.width, box.top + box.height))
        moved = _clipped(corner.x, corner.y, opposite.x, opposite.y, box.confidence)
        if moved is not None:
            eye, other_eye, nose, mouth, other_mouth = map(place, face.landmarks)
            yield replace(face, box=moved, landmarks=(eye, other_eye, nose, mouth, other_mouth))


def _count(finding: Finding) -> int | None:
    return finding.detail.count if isinstance(finding.detail, FacesDetail) else None

"""Faces blended of two people, to measure how they are found.

Both pictures are brought to the mean of their landmarks, triangle by triangle, and averaged: the
usual landmark morph, with the five landmarks of the detector in place of the 68 of the literature
(Ferrara, Franco, Maltoni, "The magic passport", IJCB 2014). So seams and doubled hair stay visible;
the embedding of the face, which is what is measured, is a blend all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from media_integrity.media.types import Face, Pixels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Points = NDArray[np.float64]


def morph(one: Pixels, face: Face, other: Pixels, other_face: Face, share: float = 0.5) -> Pixels:
    """``share`` of the other person in the first one's picture; sizes may differ.

    Outside the other picture the first one shows through unblended.
    """
    import cv2
    import numpy as np

    height, width = one.shape[:2]
    own = _marks(face, one)
    fitted = _similarity(_marks(other_face, other), own)
    brought = cv2.warpAffine(other, fitted, (width, height), borderMode=cv2.BORDER_REFLECT)
    theirs = _marks(other_face, other) @ fitted[:, :2].T + fitted[:, 2]
    frame = _frame(width, height)
    between = (1 - share) * own + share * theirs
    triangles = _triangles(np.vstack([between, frame]), width, height)
    warped = [
        _warped(np.asarray(picture, np.uint8), np.vstack([marks, frame]), triangles)
        for picture, marks in ((one, own), (brought, theirs))
    ]
    blended = (1 - share) * warped[0] + share * warped[1]
    return np.clip(blended.round(), 0, 255).astype(np.uint8)


def _marks(face: Face, picture: Pixels) -> Points:
    import numpy as np

    height, width = picture.shape[:2]
    return np.array([(point.x * width, point.y * height) for point in face.landmarks])


def _similarity(marks: Points, places: Points) -> Points:
    import cv2
    import numpy as np

    fitted, _ = cv2.estimateAffinePartial2D(marks, places, method=cv2.LMEDS)
    if fitted is None:
        raise ValueError("the landmarks are one point")
    return np.asarray(fitted, np.float64)


def _frame(width: int, height: int) -> Points:
    """Corners and middles of the edges, which stay where they are."""
    import numpy as np

    across, down = (0, (width - 1) / 2, width - 1), (0, (height - 1) / 2, height - 1)
    places = [(x, y) for x in across for y in down if (x, y) != (across[1], down[1])]
    return np.array(places, np.float64)


def _triangles(points: Points, width: int, height: int) -> list[tuple[Points, tuple[int, ...]]]:
    """Delaunay triangles: their corners, and which of ``points`` these are."""
    import cv2
    import numpy as np

    inside = np.clip(points, 0, (width - 1, height - 1))
    division = cv2.Subdiv2D((0, 0, width, height))
    for point in inside:
        division.insert((float(point[0]), float(point[1])))
    found = []
    for corners in np.reshape(division.getTriangleList(), (-1, 3, 2)).astype(np.float64):
        gaps = np.linalg.norm(inside[None] - corners[:, None], axis=2)
        which = tuple(int(index) for index in gaps.argmin(axis=1))
        if gaps.min(axis=1).max() < 1 and len(set(which)) == 3:  # else of the outer triangle
            found.append((points[list(which)], which))
    return found


def _warped(
    picture: Pixels, marks: Points, triangles: list[tuple[Points, tuple[int, ...]]]
) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    warped = picture.astype(np.float32)
    for corners, which in triangles:
        affine = cv2.getAffineTransform(
            marks[list(which)].astype(np.float32), corners.astype(np.float32)
        )
        moved = cv2.warpAffine(picture, affine, (width, height), borderMode=cv2.BORDER_REFLECT)
        mask = np.zeros((height, width), np.uint8)
        cv2.fillConvexPoly(mask, corners.round().astype(np.int32), 1)
        warped[mask > 0] = moved[mask > 0]
    return warped

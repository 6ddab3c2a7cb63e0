"""Thumbnails that show whether a picture was light or dark, a portrait or a scene, and nobody.

A report may be shown around; the people in the files have not agreed to that. So the picture is
averaged down to a few cells before it is drawn: what is taken away is not in the report.
"""

from __future__ import annotations

import base64
from pathlib import Path

from media_integrity.decision.policy import Policy
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_image
from media_integrity.media.types import Pixels

from .judging import Missing, load

CELLS = 5
"""Along the longest side. Familiar faces are recognised down to about 7 x 10 cells of the face
alone (Harmon, "The recognition of faces", Scientific American 1973; Sinha et al., "Face recognition
by humans", Proc. IEEE 2006, result 1); here the cells cover the whole picture, and are smoothed."""

SIDE = 112
QUALITY = 60


def blurred(rgb: Pixels) -> Pixels:
    """A picture of any size as at most 5 x 5 averages, drawn smoothly at 112 pixels."""
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    longest = max(height, width)
    cells = (max(1, round(CELLS * width / longest)), max(1, round(CELLS * height / longest)))
    averaged = cv2.resize(rgb, cells, interpolation=cv2.INTER_AREA)
    size = (max(1, round(SIDE * width / longest)), max(1, round(SIDE * height / longest)))
    drawn = cv2.resize(averaged, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), SIDE / CELLS / 2), np.uint8)


def thumbnail(file: Path, policy: Policy) -> str | None:
    """A ``data:`` address of the blurred picture; None for what is not a picture."""
    import cv2

    try:
        image = open_image(
            load(file, policy.limits.media.image.max_bytes), policy.limits.media.image
        )
    except (Missing, Refused, TooMuchToCheck):
        return None
    small = blurred(image.views[0].rgb)
    _, written = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return f"data:image/jpeg;base64,{base64.b64encode(written.tobytes()).decode('ascii')}"

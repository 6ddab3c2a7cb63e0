"""How probable is it that the picture shows nudity?

Yahoo's open_nsfw (2016, BSD-2-Clause): a thin ResNet-50 trained on pornographic and other
photographs. The score is the network's own probability, uncalibrated; its authors advise
thresholds from 0.8 up. It was trained on photographs: on drawings it says less.

The input is prepared as the reference does (``classify_nsfw.py`` of yahoo/open_nsfw), including a
JPEG round trip that the training pictures had been through: scores differ by some hundredths
without it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, ClassVar

from media_integrity.media.types import Image, Pixels
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import Finding, NudityDetail

from . import pictures, runtime
from .base import Example, Needs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = "opennsfw"

RESIZED = 256
CROPPED = 224
MEAN_BGR = (104.0, 117.0, 123.0)
JPEG_QUALITY = 75
"""Pillow's default in 2016 and now, which the reference leaves as it is."""

BATCH = 8
"""Views in one inference; bounds memory for animations."""

_SAFE, _EXPLICIT = 0, 1


class NuditySignal:
    """Scores every view; the highest one counts."""

    name: ClassVar = DetectionMethod.NUDITY
    version: ClassVar = "1"
    needs: ClassVar = frozenset({Needs.IMAGE})

    def run(self, media: Image) -> Finding:
        """Score in [0, 1]: the highest of all views, and which view it was."""
        scores = nudity([view.rgb for view in media.views])
        highest = max(range(len(scores)), key=scores.__getitem__)
        return Finding(
            method=self.name,
            version=self.version,
            model=runtime.reference(MODEL),
            score=scores[highest],
            detail=NudityDetail(view=highest),
        )

    def examples(self) -> tuple[Example, ...]:
        """Ordinary pictures alone: there is no nude material in this project, for any purpose."""
        return (
            Example("plain_colour", pictures.plain_colour, lambda finding: _score(finding) < 0.1),
            Example("landscape", pictures.landscape, lambda finding: _score(finding) < 0.1),
            Example("portrait", pictures.portrait, lambda finding: _score(finding) < 0.1),
        )


def nudity(pictures: list[Pixels]) -> list[float]:
    """Probability of each picture, any size, by the network.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    import numpy as np

    session = runtime.session(MODEL)
    scores: list[float] = []
    for first in range(0, len(pictures), BATCH):
        batch = np.stack([prepared(picture) for picture in pictures[first : first + BATCH]])
        (classes,) = session.run(None, {"input:0": batch})
        scores.extend(min(max(float(row[_EXPLICIT]), 0.0), 1.0) for row in classes)
    return scores


def prepared(rgb: Pixels) -> NDArray[np.float32]:
    """The network's input, (224, 224, 3) BGR around zero, as the reference makes it."""
    import numpy as np
    from PIL import Image as Pillow
    from PIL.JpegImagePlugin import JpegImageFile

    height, width = rgb.shape[:2]
    margin = (1 - CROPPED / RESIZED) / 2
    middle = (margin * width, margin * height, (1 - margin) * width, (1 - margin) * height)
    # The same pixels as resizing the whole to 256 x 256 and cutting out the middle.
    cropped = Pillow.fromarray(rgb).resize(
        (CROPPED, CROPPED), Pillow.Resampling.BILINEAR, box=middle
    )
    written = io.BytesIO()
    cropped.save(written, "JPEG", quality=JPEG_QUALITY)
    written.seek(0)
    bgr = np.asarray(JpegImageFile(written))[:, :, ::-1].astype(np.float32, order="C")
    bgr -= np.array(MEAN_BGR, np.float32)
    return bgr


def _score(finding: Finding) -> float:
    return 1.0 if finding.score is None else finding.score

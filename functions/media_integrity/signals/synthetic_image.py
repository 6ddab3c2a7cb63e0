"""Was this picture made by a generator?

Our own network (``network``) looks at faces, at the whole view and at patches in its own
resolution; the spectrum is measured beside it (``spectrum``). A logistic model of the mean of the
network's log-odds and of the peaks of the spectrum, fitted by ``python -m training calibrate``,
weighs them.

It learned from StyleGAN faces and from photographs passed through up-samplers. Pictures made by
diffusion models were not among what it was measured on: for those, what the file says of its
origin (``provenance``) comes first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict

from media_integrity.media.types import Face, Image, Pixels
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    Box,
    Finding,
    SyntheticEvidence,
    SyntheticImageDetail,
    SyntheticShare,
)

from . import calibration, face_quality, faces, network, pictures, runtime, spectrum
from .base import Example, Needs
from .sampling import spread, unseen
from .video.tracks import score_scenes

FUSION = "synthetic_fusion"

FACES_OF_A_VIEW: Final = 4
"""Looked at in one view, the largest first."""

FILM_VIEWS: Final = 24
"""Of a film, where scenes start and evenly. Of an animation all are looked at."""

SMALLEST: Final = 64
"""Pixels of a view's shorter side below which there is nothing to see."""

WITHOUT_FACE: Final = 0.5
"""Times the log-odds of a view without a face: every picture that was learned from shows one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one view. The network's are log-odds."""

    whole: float
    detail: float
    """Mean over patches; the whole view's where it is too small for a patch."""
    spectrum: spectrum.Spectrum
    face: float | None = None
    """Of the most suspicious face; None where no face can be judged."""
    face_box: Box | None = None

    def looks(self) -> dict[SyntheticEvidence, float]:
        """The network's log-odds."""
        looks = {SyntheticEvidence.WHOLE: self.whole, SyntheticEvidence.DETAIL: self.detail}
        return looks if self.face is None else {SyntheticEvidence.FACE: self.face, **looks}

    def terms(self) -> dict[str, float]:
        """The inputs of the logistic model by the names of its weights."""
        return {
            "network": fmean(self.looks().values()),
            "half": self.spectrum.half,
            "quarter": self.spectrum.quarter,
        }


class Weights(BaseModel):
    """The logistic model: log-odds = intercept + sum of weight x term.

    ``functions/models/synthetic_fusion.json``. Weights of each view's own would fit the validation
    pictures better and others worse: there are few of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float
    weights: dict[str, float]

    def log_odds(self, measured: Measured) -> float:
        terms = measured.terms()
        odds = self.intercept + sum(weight * terms[name] for name, weight in self.weights.items())
        return odds if measured.face is not None else WITHOUT_FACE * odds

    def parts(self, measured: Measured) -> dict[SyntheticEvidence, float]:
        """What each kind of evidence adds."""
        looks, terms = measured.looks(), measured.terms()
        share = self.weights["network"] / len(looks)
        parts = {kind: share * odds for kind, odds in looks.items()}
        parts[SyntheticEvidence.SPECTRUM] = sum(
            self.weights[name] * terms[name] for name in ("half", "quarter")
        )
        return parts


class SyntheticImageSignal:
    """Scores every view; the most suspicious one counts, of a film the scene's best run."""

    name: ClassVar = DetectionMethod.SYNTHETIC_IMAGE
    version: ClassVar = "1"
    needs: ClassVar = frozenset({Needs.IMAGE, Needs.FACES})

    def run(self, media: Image) -> Finding:
        """Score in [0, 1] and what speaks for and against it.

        Inconclusive under 64 pixels; and, with the score of the others, where a film has more
        scenes than there is time for.
        """
        found = media.faces if media.faces is not None else faces.look(media)
        judged = []
        looked_at = spread(media, FILM_VIEWS if media.film else len(media.views))
        for index in looked_at:
            view = media.views[index]
            if min(view.rgb.shape[:2]) >= SMALLEST:
                measured = measure(view.rgb, found[index])
                judged.append((_fusion().log_odds(measured), index, measured))
        if not judged:
            return Finding(
                method=self.name,
                version=self.version,
                status=FindingStatus.INCONCLUSIVE,
                model=network.reference(),
                cause=f"nothing to see of {SMALLEST} pixels or more",
            )
        scores = {index: _logistic(odds) for odds, index, _ in judged}
        _, index, measured = max(judged, key=lambda view: view[0])
        score = scores[index]
        if media.film is not None:
            in_order = [scores.get(view) for view in range(len(media.views))]
            score = score_scenes(media.film, in_order) or 0.0
        scenes = len(unseen(media, looked_at))
        return Finding(
            method=self.name,
            version=self.version,
            status=FindingStatus.INCONCLUSIVE if scenes else FindingStatus.MEASURED,
            model=network.reference(),
            score=score,
            probability=calibration.probability(self.name, self.version, score),
            detail=SyntheticImageDetail(
                view=index, face=measured.face_box, shares=_shares(measured)
            ),
            cause=f"{scenes} scenes were not looked at" if scenes else None,
        )

    def examples(self) -> tuple[Example, ...]:
        return (
            Example("portrait", pictures.portrait, lambda finding: _score(finding) < 0.5),
            Example("landscape", pictures.landscape, lambda finding: _score(finding) < 0.5),
            Example("rebuilt", pictures.rebuilt_portrait, lambda finding: _score(finding) > 0.5),
        )


def measure(rgb: Pixels, found: Sequence[Face]) -> Measured:
    """Everything that the logistic model weighs, of one view and its faces."""
    boxes = [face.box for face in found if _can_be_judged(rgb, face.box)]
    boxes = sorted(boxes, key=lambda box: -box.width * box.height)[:FACES_OF_A_VIEW]
    shown = [whole(rgb), *patches(rgb), *(network.face_crop(rgb, box) for box in boxes)]
    odds = network.logits(shown)[:, network.OUTPUTS.index("synthetic_image")]
    inner = odds[1 : len(odds) - len(boxes)]
    measured = Measured(
        whole=float(odds[0]),
        detail=float(inner.mean() if len(inner) else odds[0]),
        spectrum=spectrum.spectrum(rgb),
    )
    if not boxes:
        return measured
    of_faces = odds[len(odds) - len(boxes) :]
    most = int(of_faces.argmax())
    return Measured(
        measured.whole, measured.detail, measured.spectrum, float(of_faces[most]), boxes[most]
    )


def whole(rgb: Pixels) -> Pixels:
    """The largest square in the middle, at the network's size."""
    height, width = rgb.shape[:2]
    return network.crop(rgb, ((width - 1) / 2, (height - 1) / 2), min(height, width))


def patches(rgb: Pixels) -> list[Pixels]:
    """Up to two squares in the view's own resolution, from opposite quarters."""
    side = network.SIDE
    height, width = rgb.shape[:2]
    down, across = height - side, width - side
    if min(down, across) < 0:
        return []
    places = {
        (round(down * row), round(across * column)) for row, column in ((0.2, 0.2), (0.8, 0.8))
    }
    return [rgb[top : top + side, left : left + side] for top, left in sorted(places)]


def _can_be_judged(rgb: Pixels, box: Box) -> bool:
    quality = face_quality.quality(rgb, box)
    return not (quality.too_small or quality.too_blurred)


def _shares(measured: Measured) -> tuple[SyntheticShare, ...]:
    """What each kind of evidence contributes; their absolute values add up to 1."""
    parts = _fusion().parts(measured)
    total = sum(abs(part) for part in parts.values())
    if total == 0:
        return ()
    return tuple(SyntheticShare(evidence=kind, share=part / total) for kind, part in parts.items())


@cache
def _fusion() -> Weights:
    """The logistic model, read once.

    Raises:
        ModelUnavailable: the file is missing or is not the locked one.
    """
    return Weights.model_validate_json(runtime.path(FUSION).read_bytes())


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(odds, -60.0), 60.0)))


def _score(finding: Finding) -> float:
    return -1.0 if finding.score is None else finding.score

"""Was this picture made by a generator?

Our own network (``network``) looks at faces, at the whole view and at patches in its own
resolution; where a face lies among the embeddings of faces is asked (``generated_faces``), and the
spectrum is measured beside it (``spectrum``). A logistic model of the mean of the network's
log-odds, of the embedding's and of the peaks of the spectrum, fitted by
``python -m training calibrate``, weighs them.

It learned from StyleGAN faces and from photographs passed through up-samplers. Pictures made by
diffusion models were not among what it was measured on: for those, what the file says of its
origin (``provenance``) comes first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING, ClassVar, Final

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

from . import (
    calibration,
    face_quality,
    faces,
    generated_faces,
    network,
    pictures,
    runtime,
    spectrum,
)
from .base import Example, Needs
from .identity import embedding
from .sampling import spread, unseen
from .video.tracks import score_scenes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FUSION = "synthetic_fusion"

FACES_OF_A_VIEW: Final = 4
"""Looked at in one view of several, the largest first."""

FACES_OF_A_PICTURE: Final = 16
"""The same of a picture that is one view."""

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
    """Of the most suspicious face and its mirror image; None where no face can be judged."""
    face_box: Box | None = None
    embedding: float | None = None
    """Log-odds of the same face's embedding; None where it has none: turned away, or too narrow."""

    def looks(self) -> dict[SyntheticEvidence, float]:
        """The network's log-odds."""
        looks = {SyntheticEvidence.WHOLE: self.whole, SyntheticEvidence.DETAIL: self.detail}
        return looks if self.face is None else {SyntheticEvidence.FACE: self.face, **looks}

    def terms(self) -> dict[str, float]:
        """The inputs of the logistic model by the names of its weights.

        An embedding like those of people clears nobody: there are generated pictures without a
        generated face, and photographs brought through a generator.
        """
        terms = {
            "network": fmean(self.looks().values()),
            "half": self.spectrum.half,
            "quarter": self.spectrum.quarter,
        }
        return terms if self.embedding is None else {**terms, "embedding": max(0.0, self.embedding)}


class Weights(BaseModel):
    """A logistic model: log-odds = intercept + sum of weight x term.

    Weights of each view's own would fit the validation pictures better and others worse: there are
    few of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float
    weights: dict[str, float]


class Fusion(BaseModel):
    """How the evidence is weighed: ``functions/models/synthetic_fusion.json``.

    Beside an embedding the network counts less. So there is a model of its own for what has none,
    or a face turned away would be as good as one like those of people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    with_embedding: Weights
    without_embedding: Weights

    def log_odds(self, measured: Measured) -> float:
        model, terms = self._model(measured), measured.terms()
        odds = model.intercept + sum(model.weights[name] * value for name, value in terms.items())
        return odds if measured.face is not None else WITHOUT_FACE * odds

    def parts(self, measured: Measured) -> dict[SyntheticEvidence, float]:
        """What each kind of evidence adds."""
        weights, looks, terms = self._model(measured).weights, measured.looks(), measured.terms()
        share = weights["network"] / len(looks)
        parts = {kind: share * odds for kind, odds in looks.items()}
        if measured.embedding is not None:
            parts[SyntheticEvidence.EMBEDDING] = weights["embedding"] * terms["embedding"]
        parts[SyntheticEvidence.SPECTRUM] = sum(
            weights[name] * terms[name] for name in ("half", "quarter")
        )
        return parts

    def _model(self, measured: Measured) -> Weights:
        return self.without_embedding if measured.embedding is None else self.with_embedding


class SyntheticImageSignal:
    """Scores every view; the most suspicious one counts, of a film the scene's best run."""

    name: ClassVar = DetectionMethod.SYNTHETIC_IMAGE
    version: ClassVar = "2"
    needs: ClassVar = frozenset({Needs.IMAGE, Needs.FACES})

    def run(self, media: Image) -> Finding:
        """Score in [0, 1] and what speaks for and against it.

        Inconclusive under 64 pixels; and, with the score of the others, where a film has more
        scenes, or a view more faces, than there is time for.
        """
        found = media.faces if media.faces is not None else faces.look(media)
        judged = []
        most = FACES_OF_A_PICTURE if len(media.views) == 1 else FACES_OF_A_VIEW
        beyond = 0
        looked_at = spread(media, FILM_VIEWS if media.film else len(media.views))
        for index in looked_at:
            view = media.views[index]
            if min(view.rgb.shape[:2]) >= SMALLEST:
                able = can_be_judged(view.rgb, found[index])
                beyond += len(able[most:])
                measured = max(measure(view.rgb, able[:most]), key=_fusion().log_odds)
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
        cause = _left_out(len(unseen(media, looked_at)), beyond)
        return Finding(
            method=self.name,
            version=self.version,
            status=FindingStatus.INCONCLUSIVE if cause else FindingStatus.MEASURED,
            model=network.reference(),
            score=score,
            probability=calibration.probability(self.name, self.version, score),
            detail=SyntheticImageDetail(
                view=index, face=measured.face_box, shares=_shares(measured)
            ),
            cause=cause,
        )

    def examples(self) -> tuple[Example, ...]:
        return (
            Example("portrait", pictures.portrait, lambda finding: _score(finding) < 0.5),
            Example("landscape", pictures.landscape, lambda finding: _score(finding) < 0.5),
            Example("rebuilt", pictures.rebuilt_portrait, lambda finding: _score(finding) > 0.5),
        )


def can_be_judged(rgb: Pixels, found: Sequence[Face]) -> list[Face]:
    """Those of ``found`` that are large and sharp enough, the largest first."""
    able = []
    for face in found:
        quality = face_quality.quality(rgb, face.box)
        if not (quality.too_small or quality.too_blurred):
            able.append(face)
    return sorted(able, key=lambda face: -face.box.width * face.box.height)


def measure(rgb: Pixels, judged: Sequence[Face]) -> list[Measured]:
    """Everything that is weighed of a view: once for each of its faces, or once without one."""
    odds = _looks([whole(rgb), *patches(rgb)])
    measured = Measured(
        whole=float(odds[0]),
        detail=float(odds[1:].mean() if len(odds) > 1 else odds[0]),
        spectrum=spectrum.spectrum(rgb),
    )
    if not judged:
        return [measured]
    of_faces = _looks([network.face_crop(rgb, face.box) for face in judged], mirrored=True)
    embedded = embedding.embeddings(rgb, judged)
    return [
        replace(
            measured,
            face=float(of_face),
            face_box=face.box,
            embedding=None
            if own.numbers is None
            else generated_faces.log_odds(own.numbers, network.shipped(generated_faces.MODEL)),
        )
        for face, of_face, own in zip(judged, of_faces, embedded, strict=True)
    ]


def _left_out(scenes: int, faces_beyond: int) -> str | None:
    """What there was no time for; None where all was looked at."""
    causes = [f"{scenes} scenes were not looked at"] if scenes else []
    causes += [f"{faces_beyond} faces beyond the largest of a view"] if faces_beyond else []
    return "; ".join(causes) or None


def _looks(shown: list[Pixels], *, mirrored: bool = False) -> NDArray[np.float32]:
    """The network's log-odds of each."""
    place = network.OUTPUTS.index("synthetic_image")
    return network.logits(shown, mirrored=mirrored)[:, place]


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


def _shares(measured: Measured) -> tuple[SyntheticShare, ...]:
    """What each kind of evidence contributes; their absolute values add up to 1."""
    parts = _fusion().parts(measured)
    total = sum(abs(part) for part in parts.values())
    if total == 0:
        return ()
    return tuple(SyntheticShare(evidence=kind, share=part / total) for kind, part in parts.items())


@cache
def _fusion() -> Fusion:
    """The logistic models, read once.

    Raises:
        ModelUnavailable: the file is missing or is not the locked one.
    """
    return Fusion.model_validate_json(runtime.path(FUSION).read_bytes())


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(odds, -60.0), 60.0)))


def _score(finding: Finding) -> float:
    return -1.0 if finding.score is None else finding.score

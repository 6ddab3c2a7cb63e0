"""Was a face in this picture exchanged or altered?

Our own network looks at every face for what blending leaves behind: a seam, or two sides that
differ in colour, sharpness, noise or compression (``training.blends`` says on what it was trained).
Where a picture shows several faces they are also compared with each other (``face_agreement``).

A face that is small, blurred or heavily compressed counts less, or cannot be judged
(``face_quality``). Sound reasons for a seam exist too: make-up, glasses, retouching, filters of
cameras.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import ClassVar, Final

from media_integrity.media.types import Face, Image, View
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    FaceDisagreement,
    FaceManipulationDetail,
    FaceState,
    Finding,
    ManipulatedFace,
)

from . import calibration, face_agreement, face_quality, faces, network, pictures
from .base import Example, Needs
from .face_quality import Quality
from .sampling import spread, unseen
from .video.tracks import score_tracks

FACES_OF_A_VIEW: Final = 16
"""Judged in one view, the largest first."""

MIRRORED_UP_TO: Final = 4
"""Faces of a view that are judged with their mirror images: worth its time for a few of them."""

FILM_VIEWS: Final = 48
"""Of a film, where scenes start and evenly. Of an animation all are judged."""

LISTED: Final = 16
"""Faces in the finding."""

DISAGREEMENT: Final = 0.4
"""Log-odds added for each way in which a face differs from the others, twice at most."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A face of a view on its way to a score."""

    view: int
    face: Face
    quality: Quality
    state: FaceState
    disagreements: tuple[FaceDisagreement, ...] = ()
    score: float | None = None


class FaceManipulationSignal:
    """Scores the faces of every view; the most suspicious view counts."""

    name: ClassVar = DetectionMethod.FACE_MANIPULATION
    version: ClassVar = "2"
    needs: ClassVar = frozenset({Needs.IMAGE, Needs.FACES})

    def run(self, media: Image) -> Finding:
        """Score in [0, 1]: that a face of the view is altered; 0 where there is no face.

        The odds are the mean of its faces' odds: if one of n is altered, any could be it, so the
        highest of many means less than the only one. Of several views the highest counts. In a
        film each person is followed through a scene and the best run of their faces counts
        (``video.tracks``): an altered face stays, an error flickers. Inconclusive if there are
        faces and none can be judged; and, with the score of the others, where a crowd or a film
        has more faces than there is time for.
        """
        found = media.faces if media.faces is not None else faces.look(media)
        looked_at = spread(media, FILM_VIEWS if media.film else len(media.views))
        seen = [
            face for index in looked_at for face in _judged(index, media.views[index], found[index])
        ]
        detail = FaceManipulationDetail(
            judged=sum(face.score is not None for face in seen),
            not_judged=sum(face.score is None for face in seen),
            faces=tuple(_listed(face) for face in sorted(seen, key=_suspicion)[:LISTED]),
        )
        if seen and not detail.judged:
            return Finding(
                method=self.name,
                version=self.version,
                status=FindingStatus.INCONCLUSIVE,
                model=network.reference(),
                detail=detail,
                cause=f"{len(seen)} faces, all too small or too blurred to judge",
            )
        score = _of_film(media, found, seen) if media.film is not None else _highest(seen)
        cause = _left_out(media, found, looked_at, seen)
        return Finding(
            method=self.name,
            version=self.version,
            status=FindingStatus.INCONCLUSIVE if cause else FindingStatus.MEASURED,
            model=network.reference(),
            score=score,
            probability=calibration.probability(self.name, self.version, score),
            detail=detail,
            cause=cause,
        )

    def examples(self) -> tuple[Example, ...]:
        return (
            Example("portrait", pictures.portrait, lambda finding: _score(finding) < 0.5),
            Example("nobody", pictures.landscape, lambda finding: _score(finding) == 0.0),
            Example("swapped", pictures.swapped_face, lambda finding: _score(finding) > 0.5),
        )


def _judged(index: int, view: View, found: Sequence[Face]) -> list[_Seen]:
    """Every face of a view, scored where it can be."""
    largest = sorted(found, key=lambda face: -face.box.width * face.box.height)
    seen = [
        _Seen(index, face, quality, _state(quality, place))
        for place, face in enumerate(largest)
        for quality in (face_quality.quality(view.rgb, face.box),)
    ]
    able = [face for face in seen if face.state is FaceState.JUDGED]
    rest = [face for face in seen if face.state is not FaceState.JUDGED]
    if not able:
        return rest
    crops = [network.face_crop(view.rgb, face.face.box) for face in able]
    odds = network.logits(crops, mirrored=len(crops) <= MIRRORED_UP_TO)[
        :, network.OUTPUTS.index("face_manipulation")
    ]
    differing = face_agreement.disagreements([_traits(view, face.face) for face in able])
    scored = [
        _Seen(
            face.view,
            face.face,
            face.quality,
            face.state,
            differences,
            _likelihood(float(logit), face.quality.weight, len(differences)),
        )
        for face, logit, differences in zip(able, odds, differing, strict=True)
    ]
    return scored + rest


def _state(quality: Quality, place: int) -> FaceState:
    if quality.too_small:
        return FaceState.TOO_SMALL
    if quality.too_blurred:
        return FaceState.TOO_BLURRED
    return FaceState.JUDGED if place < FACES_OF_A_VIEW else FaceState.NOT_REACHED


def _traits(view: View, face: Face) -> face_agreement.Traits:
    height, width = view.rgb.shape[:2]
    corner = (int(face.box.left * width), int(face.box.top * height))
    return face_agreement.traits(face_quality.grey_face(view.rgb, face.box), corner)


def _likelihood(odds: float, weight: float, differences: int) -> float:
    """Evidence for an alteration shrinks with quality; evidence against it does not grow."""
    odds = odds * weight if odds > 0 else odds
    odds += DISAGREEMENT * min(differences, 2)
    return 1 / (1 + math.exp(-min(max(odds, -60.0), 60.0)))


def _left_out(
    media: Image, found: Sequence[Sequence[Face]], looked_at: Sequence[int], seen: Iterable[_Seen]
) -> str | None:
    """What there was no time for; None where all was reached.

    Small and blurred faces are not among it: there is one in nearly every photograph of a street.
    """
    with_faces = {view for view in looked_at if found[view]}
    scenes = sum(any(found[view] for view in scene) for scene in unseen(media, with_faces))
    if scenes:
        return f"{scenes} scenes with faces were not looked at"
    beyond = sum(face.state is FaceState.NOT_REACHED for face in seen)
    return f"{beyond} faces beyond the {FACES_OF_A_VIEW} largest of a view" if beyond else None


def _highest(seen: Iterable[_Seen]) -> float:
    """Of the views' scores."""
    scores: dict[int, list[float]] = {}
    for face in seen:
        if face.score is not None:
            scores.setdefault(face.view, []).append(face.score)
    return max(map(_of_view, scores.values()), default=0.0)


def _of_film(media: Image, found: Sequence[Sequence[Face]], seen: Iterable[_Seen]) -> float:
    """Of the most suspicious person's best run."""
    known = {(face.view, id(face.face)): face.score for face in seen}
    scores = [[known.get((view, id(face))) for face in faces_] for view, faces_ in enumerate(found)]
    followed = score_tracks(replace(media, faces=tuple(map(tuple, found))), scores)
    return followed[0].score if followed else 0.0


def _of_view(scores: Sequence[float]) -> float:
    odds = fmean(score / max(1 - score, 1e-9) for score in scores)
    return odds / (1 + odds)


def _suspicion(face: _Seen) -> float:
    return 1.0 if face.score is None else -face.score


def _listed(face: _Seen) -> ManipulatedFace:
    return ManipulatedFace(
        view=face.view,
        box=face.face.box,
        state=face.state,
        score=face.score,
        quality=face.quality.weight,
        disagreements=face.disagreements,
    )


def _score(finding: Finding) -> float:
    return -1.0 if finding.score is None else finding.score

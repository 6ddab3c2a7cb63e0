"""Was a face in this film put in frame by frame?

Asks what no single frame can tell; what the frames show one by one is for ``face_manipulation``
and ``synthetic_image``, whose scores ``tracks`` puts together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import exp, log2, sqrt
from typing import ClassVar

from media_integrity.media.types import Burst, Film, Image
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import FaceTrack, Finding, VideoDetail, VideoReason

from .. import calibration, faces, films
from ..base import Example, Needs
from .flicker import Flicker, measure
from .following import Followed, follow
from .lips import LipSync, Mouth, compare, mouth
from .tracks import Track, aggregate, apart, tracks

MAX_TRACKS = 16
"""Tracks measured and reported, the longest ones."""

FLOOR = 0.3
"""Levels of 255 that rounding to whole levels leaves."""

HALF_AT = 4.0
"""Ratio of the face's flicker to its surroundings' at which the score is 0.5. On films made by
code, untouched faces reach 1.5, faces off by 4 levels in each frame 3 to 4, by 8 levels 8 to 10."""

STEEPNESS = 2.5
"""Of the logistic curve, for a doubling of the ratio."""

VISIBLE = (1.0, 3.0)
"""Levels of flicker beyond the surroundings' from which it counts, and from which in full."""

STRONG = 0.5
"""Score from which the reason is named."""

OUT_OF_STEP = 0.45
"""Upper end of the interval of the correlation below which lips and speech go apart. On films made
by code the correlation is 0.87 in step and 0.12 with sound that is 0.9 s late."""

LIPS_WEIGHT = 0.2
"""Most that lips alone make the score: a narrator's voice does the same."""


class VideoSignal:
    """Measures each face of a film over time and reports the most suspicious."""

    name: ClassVar = DetectionMethod.VIDEO
    version: ClassVar = "1"
    needs: ClassVar = frozenset({Needs.FILM, Needs.FACES})

    def run(self, media: Image) -> Finding:
        """Score in [0, 1], 0 where nobody is in the film.

        Inconclusive for faces under 32 pixels of a frame of 480, and for those never seen in eight
        frames in a row.
        """
        film = media.film
        if film is None:
            return self._inconclusive("not a film")
        if media.faces is None:
            media = replace(media, faces=faces.look(media))
        measured = _measured(media, film)
        scores = [each.score for each in measured if each.score is not None]
        if measured and not scores:
            cause = "no face is large enough for long enough to be compared between frames"
            return self._inconclusive(cause, _detail(media, film, measured))
        score = max(scores, default=0.0)
        return Finding(
            method=self.name,
            version=self.version,
            score=score,
            probability=calibration.probability(self.name, self.version, score),
            detail=_detail(media, film, measured),
        )

    def _inconclusive(self, cause: str, detail: VideoDetail | None = None) -> Finding:
        return Finding(
            method=self.name,
            version=self.version,
            status=FindingStatus.INCONCLUSIVE,
            detail=detail,
            cause=cause,
        )

    def examples(self) -> tuple[Example, ...]:
        return (
            Example("person", films.person, lambda finding: (finding.score or 0.0) < 0.2),
            Example("nobody", films.nobody, lambda finding: finding.score == 0.0),
            Example(
                "flickering_face",
                films.flickering_face,
                lambda finding: (
                    (finding.score or 0.0) > 0.7
                    and isinstance(finding.detail, VideoDetail)
                    and VideoReason.FACE_FLICKERS in finding.detail.reasons
                ),
            ),
        )


@dataclass(slots=True)
class _Measured:
    """What was measured of a track, burst by burst."""

    track: Track
    flickers: list[Flicker] = field(default_factory=list)
    mouths: list[Mouth] = field(default_factory=list)
    lips: LipSync | None = None

    @property
    def score(self) -> float | None:
        if not self.flickers:
            return None
        flickering = aggregate([flicker_score(each) for each in self.flickers])
        return 1 - (1 - flickering) * (1 - lips_score(self.lips))


def flicker_score(flicker: Flicker) -> float:
    """In [0, 1], of the face or its outline, whichever flickers more against the surroundings."""
    most = max(flicker.face, flicker.outline)
    ratio = (most + FLOOR) / (flicker.surroundings + FLOOR)
    beyond = sqrt(max(0.0, most**2 - flicker.surroundings**2))
    visible = min(1.0, max(0.0, (beyond - VISIBLE[0]) / (VISIBLE[1] - VISIBLE[0])))
    return visible / (1 + exp(-STEEPNESS * (log2(ratio) - log2(HALF_AT))))


def lips_score(lips: LipSync | None) -> float:
    """0, or ``LIPS_WEIGHT`` where lips and speech surely go apart."""
    return LIPS_WEIGHT if lips is not None and lips.high < OUT_OF_STEP else 0.0


def _measured(image: Image, film: Film) -> list[_Measured]:
    measured = [_Measured(track) for track in tracks(image)[:MAX_TRACKS]]
    if not measured:
        return []
    for burst in film.bursts:
        followed = follow(burst)
        for face in followed:
            mine = _track_of(face, burst, measured)
            if mine is None:
                continue
            mine.flickers.append(measure(burst, face, followed))
            if film.sound is not None and (seen := mouth(burst, face)) is not None:
                mine.mouths.append(seen)
    for each in measured:
        if film.sound is not None and each.mouths:
            each.lips = compare(each.mouths, film.sound)
    return measured


def _track_of(face: Followed, burst: Burst, measured: list[_Measured]) -> _Measured | None:
    """The track that is near ``face`` in place, at the time nearest to the burst."""
    height, width = burst.frames.shape[1:3]
    near = [
        (abs(sighting.time_s - burst.times_s[0]), number)
        for number, each in enumerate(measured)
        for sighting in each.track.sightings
        if apart(sighting.box, face.box, width / height) is not None
    ]
    return measured[min(near)[1]] if near else None


def _detail(image: Image, film: Film, measured: list[_Measured]) -> VideoDetail:
    return VideoDetail(
        duration_s=film.duration_s,
        frame_rate=film.frame_rate,
        frames=image.frames,
        views=len(image.views),
        scenes=len(film.scene_starts),
        sound=film.sound is not None,
        tracks=tuple(_reported(each) for each in measured),
        reasons=_reasons(measured),
    )


def _reported(measured: _Measured) -> FaceTrack:
    strongest = max(measured.flickers, key=flicker_score, default=None)
    return FaceTrack(
        start_s=measured.track.start_s,
        end_s=measured.track.end_s,
        views=len(measured.track.sightings),
        box=measured.track.largest.box,
        measured_frames=sum(each.frames for each in measured.flickers),
        flicker=None if strongest is None else strongest.face,
        outline_flicker=None if strongest is None else strongest.outline,
        surroundings_flicker=None if strongest is None else strongest.surroundings,
        lip_sync=None if measured.lips is None else measured.lips.correlation,
        lip_sync_high=None if measured.lips is None else measured.lips.high,
        score=measured.score,
    )


def _reasons(measured: list[_Measured]) -> tuple[VideoReason, ...]:
    reasons: set[VideoReason] = set()
    for each in measured:
        if each.flickers and (each.score or 0.0) >= STRONG:
            strongest = max(each.flickers, key=flicker_score)
            inside = strongest.face >= strongest.outline
            reasons.add(VideoReason.FACE_FLICKERS if inside else VideoReason.OUTLINE_FLICKERS)
        if lips_score(each.lips):
            reasons.add(VideoReason.LIPS_OUT_OF_STEP)
    return tuple(sorted(reasons))

"""Whose face is where, over a scene; and one score for a face that was seen many times.

A network looks at each view alone, and one blurred frame may look manipulated to it. A face that
was really replaced looks so for seconds. So a track is scored by its best five sightings in a row,
without the highest and the lowest of them: a single frame condemns nobody, and a replaced passage
in a long film is not averaged away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot

from media_integrity.media.types import Face, Film, Image
from media_integrity.schema.findings import Box

WINDOW = 5
"""Sightings in a row that are scored together."""

NEAR = 1.0
"""Distance of two sightings' centres, in face sizes, up to which they may be one face: at a view a
second, a person who walks has moved by less."""

SIZES = 1.7
"""Greatest ratio of their sizes."""

MISSED = 2
"""Views in a row in which a face may be missed without another track beginning."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One face in one view."""

    view: int
    face: int
    """Index among the faces of the view."""
    time_s: float
    box: Box
    """Shares of the view's width and height."""


@dataclass(frozen=True, slots=True)
class Track:
    """One face, seen in one or more views of a scene, in order of time."""

    sightings: tuple[Sighting, ...]

    @property
    def start_s(self) -> float:
        return self.sightings[0].time_s

    @property
    def end_s(self) -> float:
        return self.sightings[-1].time_s

    @property
    def largest(self) -> Sighting:
        return max(self.sightings, key=lambda each: each.box.width * each.box.height)


@dataclass(frozen=True, slots=True)
class Scored:
    """A track, its score, and when the sightings were on which the score rests."""

    track: Track
    score: float
    start_s: float
    end_s: float


def tracks(image: Image) -> tuple[Track, ...]:
    """The faces of a film over time, the ones seen longest first. A scene begins all anew.

    Of an animation nobody knows where scenes start, so that two people shown in turn in one place
    are one track. ``image.faces`` has to be there.
    """
    assert image.faces is not None
    starts = image.film.scene_starts if image.film is not None else ()
    shape = image.views[0].rgb.shape[1] / image.views[0].rgb.shape[0]
    done: list[list[Sighting]] = []
    open_: list[list[Sighting]] = []
    for view, found in enumerate(image.faces):
        if view in starts:
            done += open_
            open_ = []
        seen = _sightings(view, found, image.film)
        _join(open_, seen, shape)
        gone = [track for track in open_ if view - track[-1].view > MISSED]
        done += gone
        open_ = [track for track in open_ if track not in gone]
    found_tracks = (Track(tuple(each)) for each in (*done, *open_))
    return tuple(sorted(found_tracks, key=lambda each: (-len(each.sightings), each.start_s)))


def _sightings(view: int, faces: Sequence[Face], film: Film | None) -> list[Sighting]:
    time_s = film.times_s[view] if film is not None else float(view)
    return [Sighting(view, number, time_s, face.box) for number, face in enumerate(faces)]


def _join(open_: list[list[Sighting]], seen: list[Sighting], shape: float) -> None:
    """Add each sighting to the nearest track that it fits; the rest begin tracks."""
    pairs = sorted(
        (distance, at, number)
        for at, track in enumerate(open_)
        for number, sighting in enumerate(seen)
        if (distance := apart(track[-1].box, sighting.box, shape)) is not None
    )
    taken: set[int] = set()
    placed: set[int] = set()
    for _, at, number in pairs:
        if at not in taken and number not in placed:
            open_[at].append(seen[number])
            taken.add(at)
            placed.add(number)
    open_ += [[sighting] for number, sighting in enumerate(seen) if number not in placed]


def apart(box: Box, other: Box, shape: float) -> float | None:
    """How far apart two boxes are, in face sizes; None where they cannot be one face.

    ``shape``: width over height of the picture in which they are.
    """
    size, other_size = (_size(each, shape) for each in (box, other))
    if max(size, other_size) > SIZES * max(min(size, other_size), 1e-9):
        return None
    across = (box.left + box.width / 2 - other.left - other.width / 2) * shape
    down = box.top + box.height / 2 - other.top - other.height / 2
    distance = hypot(across, down) / max(size, other_size)
    return distance if distance <= NEAR else None


def _size(box: Box, shape: float) -> float:
    """Side of a square of its area, in heights of the picture."""
    return float((box.width * shape * box.height) ** 0.5)


def aggregate(scores: Sequence[float]) -> float:
    """One score for scores in order of time, each in [0, 1]; at least one.

    Of every ``WINDOW`` in a row the highest and the lowest are left out and the rest averaged; the
    best window counts. Fewer than that make one window; of two the lower counts, and one stands for
    itself. The result is never above the second highest score of two or more, and grows with each
    of them.
    """
    windows = [scores[at : at + WINDOW] for at in range(max(1, len(scores) - WINDOW + 1))]
    return max(_trimmed(window) for window in windows)


def _trimmed(scores: Sequence[float]) -> float:
    ordered = sorted(scores)
    if len(ordered) <= 2:
        return ordered[0]
    kept = ordered[1:-1]
    # Rounding must not lift a mean above the largest or below the smallest of them.
    return min(max(sum(kept) / len(kept), kept[0]), kept[-1])


def score_tracks(image: Image, scores: Sequence[Sequence[float | None]]) -> tuple[Scored, ...]:
    """The tracks of a film by ``scores``, highest first.

    ``scores[view][face]``: what a signal gave each face of each view; None where it could not be
    judged. Tracks without a judged sighting are left out.
    """
    scored = (_scored(track, scores) for track in tracks(image))
    return tuple(
        sorted((each for each in scored if each is not None), key=lambda each: -each.score)
    )


def _scored(track: Track, scores: Sequence[Sequence[float | None]]) -> Scored | None:
    judged = [
        (sighting, score)
        for sighting in track.sightings
        if (score := scores[sighting.view][sighting.face]) is not None
    ]
    if not judged:
        return None
    runs = [judged[at : at + WINDOW] for at in range(max(1, len(judged) - WINDOW + 1))]
    # Trimming makes neighbours of the best run equal; the one with the most evidence is named.
    best = max(runs, key=lambda run: (_run_score(run), sum(score for _, score in run)))
    return Scored(
        track=track,
        score=_run_score(best),
        start_s=best[0][0].time_s,
        end_s=best[-1][0].time_s,
    )


def _run_score(run: Sequence[tuple[Sighting, float]]) -> float:
    return aggregate([score for _, score in run])


def score_scenes(film: Film, scores: Iterable[float | None]) -> float | None:
    """One score for scores of whole views: of each scene as of a track, the highest scene's.

    None where no view was judged.
    """
    scenes: list[list[float]] = []
    for view, score in enumerate(scores):
        if view == 0 or view in film.scene_starts:
            scenes.append([])
        if score is not None:
            scenes[-1].append(score)
    return max((aggregate(scene) for scene in scenes if scene), default=None)

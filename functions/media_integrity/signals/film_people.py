"""How many people are seen in several frames, each counted once?

Everybody who is shown has to agree, so three scenes with one person each show three. Faces are
followed through each scene (``video.tracks``); what is one person in two scenes is told by
comparing faces (``identity.embedding``). The numbers stay here: nobody is named and none is kept.
Whatever is in doubt counts as somebody else: one question too many harms less than one too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import sqrt

from media_integrity.media.types import Face, Film, Image, Pixels, View
from media_integrity.schema.findings import Box

from .face_quality import quality
from .identity.embedding import (
    MIN_FACE,
    SAME_PERSON,
    Numbers,
    Unusable,
    aligned,
    distance,
    of_aligned,
)
from .video.tracks import Sighting, Track, tracks

MAX_TRACKS = 32
"""Tracks whose faces are compared, the largest first. Each one beyond counts as a person."""

MAX_COMPARED = 64
"""Faces compared in all, shared out evenly; at 0.025 s of a core each (docs/models/identity.md)."""

STEADY = 2
"""Faces in a row of a film that must together be somebody else's for a track to be cut there: one
that is turned or blurred may look like anybody. The frames of an animation stand for themselves."""

SHOWN_SIDE, BACKGROUND_SIDE, BACKGROUND_RATIO, CROWD_FACES = 0.08, 0.03, 4.0, 12
"""Who has to agree, as ``policy.toml``, ``[consent]`` has it. It decides nothing here but what is
reported where frames taken together would make background of those whom one frame shows."""


@dataclass(slots=True)
class _Seen:
    """Somebody, as far as is known yet: where they are seen, and their faces in numbers."""

    sightings: list[Sighting]
    numbers: list[Numbers] = field(default_factory=list, repr=False)

    @property
    def views(self) -> set[int]:
        return {each.view for each in self.sightings}

    @property
    def largest(self) -> Box:
        return max((each.box for each in self.sightings), key=side)


def people(
    media: Image, views: Sequence[View], frames: Sequence[Sequence[Face]], starts: Iterable[int]
) -> tuple[Box, ...]:
    """Everybody seen in ``frames``, by their largest box each; never fewer than one frame shows.

    ``views``: of each frame the whole. ``starts``: indices of the frames with which scenes start.

    Raises:
        ModelUnavailable: the weights are missing or are not the locked ones.
    """
    most = max(range(len(frames)), key=lambda at: len(frames[at]))
    followed = tracks(_as_film(media, views, frames, starts))
    steady = 1 if media.film is None else STEADY
    persons = [each.largest for each in _persons(followed, views, frames, most, steady)]
    return _asking_most(persons, [face.box for face in frames[most]])


def side(box: Box) -> float:
    """As ``consent.needed.side``: the square root of its share of the picture's area."""
    return sqrt(box.width * box.height)


def _as_film(
    media: Image, views: Sequence[View], frames: Sequence[Sequence[Face]], starts: Iterable[int]
) -> Image:
    """One view for each frame. An animation is a film of one scene."""
    film = Film(
        duration_s=float(len(views)),
        frame_rate=1.0,
        times_s=tuple(map(float, range(len(views)))),
        scene_starts=tuple(starts),
    )
    return replace(media, views=tuple(views), faces=tuple(map(tuple, frames)), film=film)


def _persons(
    followed: Sequence[Track],
    views: Sequence[View],
    frames: Sequence[Sequence[Face]],
    most: int,
    steady: int,
) -> list[_Seen]:
    """Each person once. Tracks that cannot be compared are people of their own where they are
    large, or in the frame that shows ``most``."""
    ordered = sorted(followed, key=lambda track: side(track.largest.box), reverse=True)
    large: list[Track] = []
    small: list[Track] = []
    for track in ordered:
        (large if _is_large(track, views) else small).append(track)
    compared, beyond = large[:MAX_TRACKS], large[MAX_TRACKS:]
    parts = _in_numbers(compared, views, frames, steady)
    joined = _joined(part for part in parts if part.numbers)
    alone = [part for part in parts if not part.numbers]
    alone += [_Seen(list(track.sightings)) for track in small]
    counted = [each for each in alone if side(each.largest) >= SHOWN_SIDE or most in each.views]
    return [*joined, *counted, *(_Seen(list(track.sightings)) for track in beyond)]


def _is_large(track: Track, views: Sequence[View]) -> bool:
    """Whether a face of it may be large enough to be compared."""
    return any(
        each.box.width * views[each.view].rgb.shape[1] >= MIN_FACE for each in track.sightings
    )


def _in_numbers(
    compared: Sequence[Track],
    views: Sequence[View],
    frames: Sequence[Sequence[Face]],
    steady: int,
) -> list[_Seen]:
    """The tracks with their best faces in numbers, cut where they go on as somebody else."""
    share = MAX_COMPARED // max(1, len(compared))
    found = [list(_best(track, share, views, frames)) for track in compared]
    numbers = iter(of_aligned([face for faces in found for _, face in faces]))
    return [
        part
        for track, faces in zip(compared, found, strict=True)
        for part in _cut(track, [(sighting, next(numbers)) for sighting, _ in faces], steady)
    ]


def _best(
    track: Track, at_most: int, views: Sequence[View], frames: Sequence[Sequence[Face]]
) -> Iterator[tuple[Sighting, Pixels]]:
    """Of each of so many stretches of a track the largest face that can be compared, aligned."""
    count = len(track.sightings)
    stretches = min(at_most, count)
    for at in range(stretches):
        stretch = track.sightings[at * count // stretches : (at + 1) * count // stretches]
        for sighting in sorted(stretch, key=lambda each: side(each.box), reverse=True):
            rgb, face = views[sighting.view].rgb, frames[sighting.view][sighting.face]
            turned = aligned(rgb, face)
            if not isinstance(turned, Unusable) and not quality(rgb, face.box).too_blurred:
                yield sighting, turned
                break


def _cut(track: Track, faces: Sequence[tuple[Sighting, Numbers]], steady: int) -> list[_Seen]:
    """A track, or its parts where its faces are those of different people: a cut between scenes
    that look alike but for who is in them."""
    cuts: list[int] = []
    parts = [_Seen([])]
    for at, (sighting, numbers) in enumerate(faces):
        here = [each for _, each in faces[at : at + steady]]
        if parts[-1].numbers and _apart(here, parts[-1].numbers) > SAME_PERSON:
            cuts.append(sighting.view)
            parts.append(_Seen([]))
        parts[-1].numbers.append(numbers)
    for each in track.sightings:
        parts[sum(view <= each.view for view in cuts)].sightings.append(each)
    return parts


def _joined(parts: Iterable[_Seen]) -> list[_Seen]:
    """Parts that show one person as one, the largest first. Who is seen beside somebody is
    somebody else, however alike they are."""
    found: list[_Seen] = []
    for part in sorted(parts, key=lambda each: side(each.largest), reverse=True):
        like = [
            (far, at)
            for at, person in enumerate(found)
            if person.views.isdisjoint(part.views)
            and (far := _apart(part.numbers, person.numbers)) <= SAME_PERSON
        ]
        if like:
            person = found[min(like)[1]]
            person.sightings += part.sightings
            person.numbers += part.numbers
        else:
            found.append(part)
    return found


def _apart(some: Sequence[Numbers], others: Sequence[Numbers]) -> float:
    """Mean distance of faces of the one and of the other: on the scale of one compared with one,
    which the distance of their means, or the nearest of many pairs, would not be."""
    pairs = [distance(one, other) for one in some for other in others]
    return sum(pairs) / len(pairs)


def _asking_most(persons: Sequence[Box], one_frame: Sequence[Box]) -> tuple[Box, ...]:
    """``persons``; or those of the one frame, where others would make background of more of them
    than they add: somebody large in another scene, or so many small ones that they are a crowd."""
    if _asked(persons) >= _asked(one_frame):
        return tuple(sorted(persons, key=side, reverse=True))
    too_many = sorted(persons, key=side, reverse=True)[: CROWD_FACES - 1]
    most: Sequence[Box] = max(one_frame, too_many, key=_asked)
    return tuple(most)


def _asked(boxes: Sequence[Box]) -> int:
    """How many of them have to agree, as ``consent.needed`` finds it."""
    largest = max(map(side, boxes), default=0.0)
    shown = [
        size
        for size in map(side, boxes)
        if size >= SHOWN_SIDE or (size >= BACKGROUND_SIDE and size * BACKGROUND_RATIO > largest)
    ]
    return 0 if len(shown) >= CROWD_FACES and largest < SHOWN_SIDE else len(shown)

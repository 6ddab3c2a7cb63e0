"""Whose face is it, and is it a blend of two people's?

Compares each person's largest faces with everybody enrolled (``identity``). Also tells who of them
is in the picture, for shields and for ``nudity_synthesis``. What it finds identifies people: it
belongs in the part of a case that moderators read, never in what the uploader sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from media_integrity.media.types import Face, Image, Pixels
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    Finding,
    IdentityFace,
    IdentityMorphingDetail,
    IdentityNear,
    IdentityReason,
)

from . import pictures, runtime
from .base import Evidence, Example, Needs
from .identity.between import LIKE, between, rate, two_people
from .identity.embedding import (
    MIN_FACE,
    MODEL,
    SAME_PERSON,
    Numbers,
    Unusable,
    aligned,
    of_aligned,
)
from .identity.references import Near, NoReferences, People, References
from .video.tracks import Sighting, Track, tracks

MAX_FACES = 64
"""Compared in one upload: each takes a fiftieth of a second. Everybody's first before anybody's
second, so that no face is kept from being compared by showing a larger one more often."""

OF_A_TRACK = 3
"""Faces of one person in a scene of a film that are compared."""

LISTED = 16
"""Faces in the finding."""

MAX_CHANCE = 0.05
"""That a stranger is as near to anybody enrolled: above this a likeness is no match. So the
distance that counts as a match falls as more people enrol: 0.60 with five, 0.48 with 300."""

NAMED = 0.5
"""Score from which the two people that a face lies between are named."""


class IdentityMorphingSignal:
    """Scores the largest faces of everybody in all views; the highest score counts."""

    name: ClassVar = DetectionMethod.IDENTITY_MORPHING
    version: ClassVar = "2"
    needs: ClassVar = frozenset({Needs.FINDINGS, Needs.IMAGE, Needs.FACES})

    def __init__(self, references: References | None = None) -> None:
        """``references``: the enrolled people; nobody where it is left out."""
        self._references = references or NoReferences()

    def run(self, media: Evidence) -> Finding:
        """Score in [0, 1] of a blend. 0 where nobody is enrolled, and nothing is embedded then.

        Inconclusive where there are faces and none can be compared; and, with the score and the
        names of the others, where there are more people than are compared.

        Raises:
            ModelUnavailable: the weights are missing or are not the locked ones.
            Exception: the enrolled people cannot be read.
        """
        people = self._references.people()
        if media.image is None or not len(people):
            return self._found(IdentityMorphingDetail(enrolled=len(people)), 0.0)
        if media.image.faces is None:
            return self._inconclusive("faces were not looked for")
        chosen = _chosen(media.image)
        altered = _altered(media)
        embedded = of_aligned([upright for _, _, upright in chosen.faces])
        judged = [
            _compared(view, face, numbers, people, altered)
            for (view, face, _), numbers in zip(chosen.faces, embedded, strict=True)
        ]
        if chosen.unusable and not judged:
            return self._inconclusive("faces are too small or turned away")
        detail = IdentityMorphingDetail(
            enrolled=len(people),
            judged=len(judged),
            not_judged=chosen.unusable + chosen.not_reached,
            faces=_listed(judged),
        )
        score = max((face.score for face in judged), default=0.0)
        return self._found(detail, score, chosen.not_reached)

    def examples(self) -> tuple[Example, ...]:
        """With nobody enrolled. Blends need somebody to be enrolled: see the tests."""
        return (
            Example("portrait", lambda: _evidence(pictures.portrait()), _nobody),
            Example("plain_colour", lambda: _evidence(pictures.plain_colour()), _nobody),
        )

    def _found(self, detail: IdentityMorphingDetail, score: float, not_reached: int = 0) -> Finding:
        return Finding(
            method=self.name,
            version=self.version,
            status=FindingStatus.INCONCLUSIVE if not_reached else FindingStatus.MEASURED,
            model=runtime.reference(MODEL),
            score=score,
            detail=detail,
            cause=f"{not_reached} faces beyond those compared" if not_reached else None,
        )

    def _inconclusive(self, cause: str) -> Finding:
        return Finding(
            method=self.name, version=self.version, status=FindingStatus.INCONCLUSIVE, cause=cause
        )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The faces to compare, upright and each with its view, and how many are not among them: people
    whose faces are too small or turned away, and faces there is no time for."""

    faces: tuple[tuple[int, Face, Pixels], ...]
    unusable: int
    not_reached: int


@dataclass(slots=True)
class _Person:
    """Somebody's sightings that were not tried yet, and how many were found to be usable."""

    waiting: list[Sighting]
    usable: int = 0


def _chosen(image: Image) -> _Chosen:
    """Everybody's first face that can be compared, then everybody's second."""
    by_size = sorted(tracks(image), key=lambda track: -_pixels(image, track.largest))
    people = [_Person(_order(image, track)) for track in by_size]
    # Where a track ends is not sure in an animation: there every sighting is asked for.
    most = MAX_FACES if image.film is None else OF_A_TRACK
    faces: list[tuple[int, Face, Pixels]] = []
    turn = people
    while turn and len(faces) < MAX_FACES:
        for person in turn:
            if len(faces) < MAX_FACES and (found := _next(image, person)) is not None:
                faces.append(found)
        turn = [person for person in turn if person.waiting and person.usable < most]
    left = [sum(_wide_enough(image, each) for each in person.waiting) for person in people]
    nobody = [not person.usable for person in people]
    return _Chosen(
        faces=tuple(faces),
        unusable=sum(none and not more for none, more in zip(nobody, left, strict=True)),
        not_reached=(
            sum(left)
            if image.film is None
            else sum(none and more > 0 for none, more in zip(nobody, left, strict=True))
        ),
    )


def _order(image: Image, track: Track) -> list[Sighting]:
    """First the largest from each third of the track, as it may pass from one person to another who
    comes near; then the others. The larger the sooner."""
    third = -(-len(track.sightings) // OF_A_TRACK)
    parts = [track.sightings[at : at + third] for at in range(0, len(track.sightings), third)]
    first = {max(part, key=lambda each: _pixels(image, each)) for part in parts}
    return sorted(track.sightings, key=lambda each: (each not in first, -_pixels(image, each)))


def _next(image: Image, person: _Person) -> tuple[int, Face, Pixels] | None:
    """The next face of somebody that can be compared; None if there is none left."""
    assert image.faces is not None
    while person.waiting:
        seen = person.waiting.pop(0)
        face = image.faces[seen.view][seen.face]
        upright = aligned(image.views[seen.view].rgb, face)
        if not isinstance(upright, Unusable):
            person.usable += 1
            return seen.view, face, upright
    return None


def _wide_enough(image: Image, seen: Sighting) -> bool:
    return bool(seen.box.width * image.views[seen.view].rgb.shape[1] >= MIN_FACE)


def _pixels(image: Image, seen: Sighting) -> float:
    return seen.box.width * seen.box.height * image.views[seen.view].rgb.size


def _listed(judged: Iterable[IdentityFace]) -> tuple[IdentityFace, ...]:
    """Those that tell something: everybody enrolled once before anybody twice."""
    telling = [face for face in judged if face.matched or face.score >= NAMED]
    known: set[str] = set()
    news: list[IdentityFace] = []
    repeated: list[IdentityFace] = []
    for face in sorted(telling, key=lambda face: face.matched.distance if face.matched else 0.0):
        shown = {each.person_id for each in face.shows}
        (repeated if shown and shown <= known else news).append(face)
        known |= shown
    return tuple([*news, *repeated][:LISTED])


def _compared(
    view: int, face: Face, numbers: Numbers, people: People, altered: float
) -> IdentityFace:
    near = people.near(numbers, LIKE)
    plain = between(numbers, near, len(people))
    score = between(numbers, near, len(people), altered)
    reason = None
    if score >= NAMED:
        raised = plain < NAMED
        reason = IdentityReason.ALTERED_AND_TWO if raised else IdentityReason.BETWEEN_TWO
    alike = [each for each in (_named(person, people) for person in near) if _matches(each)]
    pair = two_people(near) or ()
    return IdentityFace(
        view=view,
        box=face.box,
        score=score,
        reason=reason,
        matched=alike[0] if alike else None,
        also=tuple(alike[1:MAX_ALIKE]),
        near=tuple(_named(person, people) for person in pair) if reason else (),
    )


MAX_ALIKE = 65
"""People whom one face is said to match. More are no likeness but a flood of shields, which
``shields.conflicts`` sees to; all of them are disputed by then."""


def _named(near: Near, people: People) -> IdentityNear:
    return IdentityNear(
        person_id=near.person_id,
        distance=near.distance,
        chance=min(len(people) * rate(near.distance), 1.0),
        only_holds=people.only_holds(near.person_id),
    )


def _matches(near: IdentityNear) -> bool:
    return near.distance <= SAME_PERSON and near.chance <= MAX_CHANCE


def _altered(media: Evidence) -> float:
    finding = media.findings.get(DetectionMethod.FACE_MANIPULATION)
    if finding is None:
        return 0.0
    # Inconclusive with a score: not all was looked at, and the rest could only raise it.
    known = finding.score if finding.probability is None else finding.probability
    return known or 0.0


def _evidence(data: bytes) -> Evidence:
    from dataclasses import replace

    from media_integrity.media.limits import Limits
    from media_integrity.media.open import open_image

    from .faces import look

    image = open_image(data, Limits())
    return Evidence(findings={}, image=replace(image, faces=look(image)))


def _nobody(finding: Finding) -> bool:
    detail = finding.detail
    return (
        isinstance(detail, IdentityMorphingDetail) and detail.enrolled == 0 and finding.score == 0
    )

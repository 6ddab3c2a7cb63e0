"""Whose face is it, and is it a blend of two people's?

Compares the largest faces with everybody enrolled (``identity``). Also tells who of them is in the
picture, for shields and for ``nudity_synthesis``. What it finds identifies people: it belongs in
the part of a case that moderators read, never in what the uploader sees.
"""

from __future__ import annotations

from typing import ClassVar

from media_integrity.media.types import Face, Image
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
from .identity.embedding import MODEL, SAME_PERSON, Numbers, embeddings
from .identity.references import Near, NoReferences, People, References

MAX_FACES = 16
"""Compared in one upload, the largest first."""

MAX_CHANCE = 0.05
"""That a stranger is as near to anybody enrolled: above this a likeness is no match. So the
distance that counts as a match falls as more people enrol: 0.60 with five, 0.48 with 300."""

NAMED = 0.5
"""Score from which the two people that a face lies between are named."""


class IdentityMorphingSignal:
    """Scores the largest faces of all views; the highest score counts."""

    name: ClassVar = DetectionMethod.IDENTITY_MORPHING
    version: ClassVar = "1"
    needs: ClassVar = frozenset({Needs.FINDINGS, Needs.IMAGE, Needs.FACES})

    def __init__(self, references: References | None = None) -> None:
        """``references``: the enrolled people; nobody where it is left out."""
        self._references = references or NoReferences()

    def run(self, media: Evidence) -> Finding:
        """Score in [0, 1] of a blend. 0 where nobody is enrolled, and nothing is embedded then.

        Inconclusive where there are faces and none can be compared.

        Raises:
            ModelUnavailable: the weights are missing or are not the locked ones.
            Exception: the enrolled people cannot be read.
        """
        people = self._references.people()
        if media.image is None or not len(people):
            return self._found(IdentityMorphingDetail(enrolled=len(people)), 0.0)
        if media.image.faces is None:
            return self._inconclusive("faces were not looked for")
        largest = _largest(media.image)
        embedded = [_embedded(media.image, view, face) for view, face in largest]
        altered = _altered(media)
        judged = [
            _compared(view, face, numbers, people, altered)
            for (view, face), numbers in zip(largest, embedded, strict=True)
            if numbers is not None
        ]
        if largest and not judged:
            return self._inconclusive("faces are too small or turned away")
        telling = (face for face in judged if face.matched or face.score >= NAMED)
        detail = IdentityMorphingDetail(
            enrolled=len(people),
            judged=len(judged),
            not_judged=len(largest) - len(judged),
            faces=tuple(telling),
        )
        return self._found(detail, max((face.score for face in judged), default=0.0))

    def examples(self) -> tuple[Example, ...]:
        """With nobody enrolled. Blends need somebody to be enrolled: see the tests."""
        return (
            Example("portrait", lambda: _evidence(pictures.portrait()), _nobody),
            Example("plain_colour", lambda: _evidence(pictures.plain_colour()), _nobody),
        )

    def _found(self, detail: IdentityMorphingDetail, score: float) -> Finding:
        return Finding(
            method=self.name,
            version=self.version,
            model=runtime.reference(MODEL),
            score=score,
            detail=detail,
        )

    def _inconclusive(self, cause: str) -> Finding:
        return Finding(
            method=self.name, version=self.version, status=FindingStatus.INCONCLUSIVE, cause=cause
        )


def _largest(image: Image) -> list[tuple[int, Face]]:
    """Faces with the index of their view, the largest in pixels first."""
    found = [(view, face) for view, faces in enumerate(image.faces or ()) for face in faces]

    def pixels(item: tuple[int, Face]) -> float:
        view, face = item
        return face.box.width * face.box.height * image.views[view].rgb.size

    return sorted(found, key=pixels, reverse=True)[:MAX_FACES]


def _embedded(image: Image, view: int, face: Face) -> Numbers | None:
    (found,) = embeddings(image.views[view].rgb, [face])
    return found.numbers


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
    nearest = _named(near[0], people) if near else None
    pair = two_people(near) or ()
    return IdentityFace(
        view=view,
        box=face.box,
        score=score,
        reason=reason,
        matched=nearest if nearest and _matches(nearest) else None,
        near=tuple(_named(person, people) for person in pair) if reason else (),
    )


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
    if finding is None or finding.status is not FindingStatus.MEASURED:
        return 0.0
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

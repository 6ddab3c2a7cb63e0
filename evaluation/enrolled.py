"""``--enrolled``: people whom faces are compared with, enrolled for one measurement.

A picture is taken by the rules of a shield (``shields.references``), but for two: it may show
others as well, and it is not asked whether a program made it. Embeddings identify people: they are
held in memory and written nowhere, and no report names who was enrolled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from media_integrity.decision.policy import Policy
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_image
from media_integrity.media.types import Face, Pixels
from media_integrity.signals import face_quality, faces
from media_integrity.signals.identity import embedding
from media_integrity.signals.identity.references import People, Reference
from media_integrity.signals.runtime import ModelUnavailable

from .about import NotRead
from .errors import EvaluationError
from .judging import Missing, load, weights_missing
from .manifest import Portrait, Table, portraits, quoted
from .metrics import Shape

LISTED = 10
"""People, and pictures of each, that a message names."""

Progress = Callable[[Sequence[Portrait]], Iterable[Portrait]]


class Enrolment(Shape):
    """How many people faces were compared with."""

    manifest: str
    """File name alone."""
    people: int
    pictures: int
    refused: tuple[NotRead, ...]
    """Pictures that were not enrolled, and why."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The people, as the engine takes them."""

    known: People = field(repr=False)
    enrolment: Enrolment
    digest: str
    """SHA-256 of the list and of every picture."""

    def people(self) -> People:
        return self.known


class _Unusable(Exception):
    """The picture shows no face that can be enrolled. The message says why."""


def enrol(table: Table, policy: Policy, progress: Progress) -> Enrolled:
    """One face of each picture, the largest that can be used.

    Raises:
        EvaluationError: a fault of the list, somebody of whom no picture can be used, or weights
            that are missing.
    """
    wanted = portraits(table, policy.shields.references)
    found: dict[str, list[embedding.Numbers]] = {each.person: [] for each in wanted}
    refused: dict[str, list[NotRead]] = {each.person: [] for each in wanted}
    contents = hashlib.sha256(table.sha256.encode())
    for portrait in progress(wanted):
        own = found[portrait.person]
        try:
            data = load(portrait.file, policy.limits.media.image.max_bytes)
            contents.update(hashlib.sha256(data).digest())
            own.append(_like(_face(data, policy), own))
        except (Missing, _Unusable) as error:
            refused[portrait.person].append(NotRead(path=portrait.path, cause=str(error)))
        except (Refused, TooMuchToCheck) as error:
            refused[portrait.person].append(NotRead(path=portrait.path, cause=error.code.value))
        except ModelUnavailable as error:
            raise weights_missing(error.name) from error
    if nobody := [person for person, numbers in found.items() if not numbers]:
        raise EvaluationError(
            f"{table.name}: {_without_face(nobody, refused)}.",
            "Give each of them a picture with a face that is large, sharp and seen from the front, "
            "or take their lines out.",
        )
    return Enrolled(
        known=People(
            Reference(f"person {place}", np.stack(numbers))
            for place, numbers in enumerate(found.values(), 1)
        ),
        enrolment=Enrolment(
            manifest=table.name,
            people=len(found),
            pictures=sum(map(len, found.values())),
            refused=tuple(each for own in refused.values() for each in own),
        ),
        digest=contents.hexdigest(),
    )


def _face(data: bytes, policy: Policy) -> embedding.Numbers:
    """The largest face that can be used.

    Raises:
        _Unusable: there is none; says what is wrong with the largest.
    """
    image = open_image(data, policy.limits.media.image)
    if image.film is not None or len(image.views) != 1:
        raise _Unusable("not a single photograph")
    rgb = image.views[0].rgb
    (seen,) = faces.look(image)
    if not seen:
        raise _Unusable("no face")
    causes = []
    for face in sorted(seen, key=lambda face: -face.box.width * face.box.height):
        cause = _poor(rgb, face, policy)
        if cause is None:
            (embedded,) = embedding.embeddings(rgb, [face])
            if embedded.numbers is not None:
                return embedded.numbers
            cause = f"face {(embedded.unusable or '').replace('_', ' ')}"
        causes.append(cause)
    raise _Unusable(causes[0])


def _poor(rgb: Pixels, face: Face, policy: Policy) -> str | None:
    """Why a shield would not take the face; None if it would."""
    quality = face_quality.quality(rgb, face.box)
    if quality.too_small:
        return "face too small"
    if quality.too_blurred or quality.weight < policy.shields.min_face_quality:
        return "face not sharp enough"
    return None


def _like(numbers: embedding.Numbers, own: Sequence[embedding.Numbers]) -> embedding.Numbers:
    """The same numbers.

    Raises:
        _Unusable: they are not like the person's others, as a shield has it.
    """
    if any(embedding.distance(numbers, other) > embedding.SAME_PERSON for other in own):
        raise _Unusable("not like the person's pictures above it")
    return numbers


def _without_face(nobody: Sequence[str], refused: dict[str, list[NotRead]]) -> str:
    """Who has no face that can be used, and what is wrong with their pictures."""
    parts = []
    for person in nobody[:LISTED]:
        causes = [f"{quoted(each.path)}: {each.cause}" for each in refused[person][:LISTED]]
        parts.append(f"no picture of “{quoted(person)}” can be used ({'; '.join(causes)})")
    if len(nobody) > LISTED:
        parts.append(f"and of {len(nobody) - LISTED} others neither")
    return ", ".join(parts)

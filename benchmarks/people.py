"""People who are enrolled: embeddings drawn at random, of the length that real ones have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from media_integrity.signals.identity.references import People

FACE, FACE_LENGTH = 128, 1.4
VOICE, VOICE_LENGTH = 256, 1.0
SEED = 11


@dataclass(frozen=True, slots=True)
class Crowd:
    """Where the engine takes enrolled people from: they never change."""

    faces: People = field(repr=False)
    speakers: People = field(repr=False)

    @classmethod
    def of(cls, people: int) -> Crowd:
        """So many people, with as many faces and voices of each as a shield takes."""
        from media_integrity.decision.policy import default_policy

        each = default_policy().shields.references
        return cls(
            faces=_drawn(people, each, FACE, FACE_LENGTH),
            speakers=_drawn(people, each, VOICE, VOICE_LENGTH),
        )

    def people(self) -> People:
        return self.faces

    def voices(self) -> People:
        return self.speakers


def _drawn(people: int, each: int, numbers: int, length: float) -> People:
    import numpy as np

    from media_integrity.signals.identity.references import People, Reference

    random = np.random.default_rng(SEED)
    drawn = random.standard_normal((people, each, numbers)).astype(np.float32)
    drawn *= length / np.linalg.norm(drawn, axis=-1, keepdims=True)
    return People(Reference(f"person {place}", own) for place, own in enumerate(drawn))

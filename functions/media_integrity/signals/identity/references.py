"""The people who are protected, and how near a face or a voice is to each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .embedding import Numbers


@dataclass(frozen=True, slots=True)
class Reference:
    """One person. ``person_id`` is opaque: a shield's id."""

    person_id: str
    embeddings: NDArray[np.float32] = field(repr=False)
    """(n, 128) of faces, (n, 256) of voices; at least one."""
    only_holds: bool = False
    """Whether a likeness may hold an upload and nothing more."""


@dataclass(frozen=True, slots=True)
class Near:
    """A person, and the one of their embeddings that is nearest to what was asked about."""

    person_id: str
    distance: float
    embedding: Numbers = field(repr=False)


class People:
    """Everybody enrolled at one moment, by their faces or by their voices. Immutable."""

    def __init__(self, references: Iterable[Reference] = ()) -> None:
        """Embeddings of all of them are of one kind.

        Raises:
            ValueError: they are of different lengths.
        """
        import numpy as np

        found = list(references)
        self._ids = [reference.person_id for reference in found]
        self._only_hold = frozenset(each.person_id for each in found if each.only_holds)
        self._of = np.repeat(np.arange(len(found)), [len(each.embeddings) for each in found])
        parts = [each.embeddings for each in found] or [np.empty((0, 0), np.float32)]
        self._all = np.concatenate(parts).astype(np.float32)

    def __len__(self) -> int:
        return len(self._ids)

    def only_holds(self, person_id: str) -> bool:
        """Whether a likeness of this person may hold an upload and nothing more."""
        return person_id in self._only_hold

    def near(self, numbers: Numbers, within: float) -> tuple[Near, ...]:
        """People with an embedding at most ``within`` away, each once, the nearest first."""
        import numpy as np

        if not self._ids:
            return ()
        distances = np.linalg.norm(self._all - numbers, axis=1)
        rows = np.flatnonzero(distances <= within)
        found: dict[int, Near] = {}
        for row in rows[np.argsort(distances[rows], kind="stable")]:
            person = int(self._of[row])
            if person not in found:
                found[person] = Near(self._ids[person], float(distances[row]), self._all[row])
        return tuple(found.values())


class References(Protocol):
    """Where the enrolled people come from."""

    def people(self) -> People:
        """Everybody enrolled now. The same people until somebody is added or taken away.

        Raises:
            Exception: they cannot be read. Whoever asks must not go on as if nobody were enrolled.
        """


class VoiceReferences(Protocol):
    """Where the enrolled voices come from."""

    def voices(self) -> People:
        """As ``References.people``, by their voices.

        Raises:
            Exception: they cannot be read. Whoever asks must not go on as if nobody were enrolled.
        """


class Enrolled(References, VoiceReferences, Protocol):
    """Faces and voices of the same people."""


class NoReferences:
    """For ``./dev scan``: nobody is enrolled."""

    def people(self) -> People:
        return People()

    def voices(self) -> People:
        return People()

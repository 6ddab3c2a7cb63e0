"""The people who are protected, and how near a face is to each of them."""

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
    """(n, 128), at least one."""


@dataclass(frozen=True, slots=True)
class Near:
    """A person, and the one of their embeddings that is nearest to the face asked about."""

    person_id: str
    distance: float
    embedding: Numbers = field(repr=False)


class People:
    """Everybody enrolled at one moment. Immutable."""

    def __init__(self, references: Iterable[Reference] = ()) -> None:
        import numpy as np

        found = list(references)
        self._ids = [reference.person_id for reference in found]
        self._of = np.repeat(np.arange(len(found)), [len(each.embeddings) for each in found])
        self._all = np.concatenate(
            [np.empty((0, 128), np.float32), *(each.embeddings for each in found)]
        ).astype(np.float32)

    def __len__(self) -> int:
        return len(self._ids)

    def near(self, numbers: Numbers, within: float) -> tuple[Near, ...]:
        """People with an embedding at most ``within`` away, each once, the nearest first."""
        import numpy as np

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


class NoReferences:
    """For ``./dev scan``: nobody is enrolled."""

    def people(self) -> People:
        return People()

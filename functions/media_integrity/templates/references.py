"""The faces and voices of everybody with a shield that acts, as the signals compare with them.

One that is disputed, or whose references are young, or that matches everybody, is compared with as
well; what is like it may be held and nothing more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from media_integrity.cloud.firestore import EPOCH
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.schema.shields import ReferenceKind, Shield
from media_integrity.signals import runtime
from media_integrity.signals.identity import embedding
from media_integrity.signals.identity.references import People, Reference
from media_integrity.signals.voice import speaker

from .service import OpenedShield, Templates, TooManyTemplates

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=60)
"""Read again on each refresh: writers' clocks may be that far apart, commits that late."""

MAX_TEMPLATES = 100_000
"""Of each kind kept in memory: 51 MB of faces, 102 MB of voices. Beyond that the comparison needs
an index of its own."""

_MODELS = {ReferenceKind.FACE: embedding.MODEL, ReferenceKind.VOICE: speaker.MODEL}
"""What makes the templates of each kind that this release can compare with."""


class ShieldReferences:
    """Opened once per process, then followed by the shields' change time. Thread-safe.

    A shield that is changed is read again whole; one that does not act any more is forgotten.
    """

    def __init__(self, templates: Templates, *, limit: int = MAX_TEMPLATES) -> None:
        self._templates, self._limit = templates, limit
        self._kept: dict[ReferenceKind, dict[str, NDArray[np.float32]]] = {
            kind: {} for kind in ReferenceKind
        }
        self._closed: set[str] = set()
        """Shields that act and of which nothing opens."""
        self._shields: dict[str, Shield] = {}
        """Those that are kept."""
        self._until_old: datetime | None = None
        """When the next of them is old enough to block."""
        self._seen: dict[str, datetime] = {}
        self._until = EPOCH
        self._people: dict[ReferenceKind, People] = {}
        self._turn = Lock()

    def people(self) -> People:
        """Everybody with a shield that acts and a face in it, by the shield's id.

        Raises:
            TooManyTemplates: more than are kept in memory; nobody is left out silently.
            KeysUnreachable: a changed shield could not be opened, or none at all opens, as with
                another deployment's key; it is tried again next time.
        """
        return self._enrolled(ReferenceKind.FACE)

    def voices(self) -> People:
        """Everybody with a shield that acts and a voice in it, by the shield's id.

        Raises:
            TooManyTemplates, KeysUnreachable: as ``people``.
        """
        return self._enrolled(ReferenceKind.VOICE)

    def _enrolled(self, kind: ReferenceKind) -> People:
        with self._turn:
            self._follow(self._templates.shelf.changed_shields(self._until - OVERLAP))
            if self._closed and not any(self._kept.values()):
                self._until, self._seen = EPOCH, {}
                raise KeysUnreachable("no shield opens")
            now = self._templates.clock.now()
            if self._until_old is not None and self._until_old <= now:
                self._people = {}
            if kind not in self._people:
                self._people[kind] = People(
                    Reference(each, numbers, only_holds=self._shields[each].only_holds(now))
                    for each, numbers in self._kept[kind].items()
                )
                young = (shield.blocks_from for shield in self._shields.values())
                self._until_old = min((at for at in young if at and at > now), default=None)
            return self._people[kind]

    def _follow(self, shields: Iterable[Shield]) -> None:
        """Take in shields, the earliest change first."""
        for shield in shields:
            if self._seen.get(shield.id) != shield.updated_at:
                self._people = {}  # first: who is taken in half-way must not be compared with
                self._take_in(shield)
                self._seen[shield.id] = shield.updated_at
            self._until = max(self._until, shield.updated_at)
        # What is older than the overlap does not come again.
        limit = self._until - OVERLAP
        self._seen = {shield: at for shield, at in self._seen.items() if at >= limit}

    def _take_in(self, shield: Shield) -> None:
        for kept in self._kept.values():
            kept.pop(shield.id, None)
        self._shields.pop(shield.id, None)
        self._closed.discard(shield.id)
        if not shield.acts:
            return
        opened = self._templates.open(shield)
        if opened.unreadable:
            log.error(
                "templates do not open",
                extra={"shield": shield.id, "templates": opened.unreadable},
            )
            if not opened.templates:
                self._closed.add(shield.id)
        for kind, kept in self._kept.items():
            found = _of_kind(opened, kind)
            if found is None:
                continue
            if len(found) + sum(map(len, kept.values())) > self._limit:
                raise TooManyTemplates
            kept[shield.id] = found
            self._shields[shield.id] = shield


def _of_kind(opened: OpenedShield, kind: ReferenceKind) -> NDArray[np.float32] | None:
    """Its templates that this release can compare with: those of the model in use."""
    import numpy as np

    found = [
        template.numbers
        for template in opened.templates
        if template.kind is kind and template.model == runtime.reference(_MODELS[kind])
    ]
    return np.stack(found) if found else None

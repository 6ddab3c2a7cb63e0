"""The faces of everybody with an active shield, as the identity signals compare with them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from media_integrity.cloud.firestore import EPOCH
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.schema.findings import ModelRef
from media_integrity.schema.shields import ReferenceKind, Shield, ShieldStatus
from media_integrity.signals import runtime
from media_integrity.signals.identity.embedding import MODEL
from media_integrity.signals.identity.references import People, Reference

from .service import OpenedShield, Templates, TooManyTemplates

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=60)
"""Read again on each refresh: writers' clocks may be that far apart, commits that late."""

MAX_FACES = 100_000
"""Kept in memory, 51 MB. Beyond that the comparison needs an index of its own."""


class ShieldReferences:
    """Opened once per process, then followed by the shields' change time. Thread-safe.

    A shield that is changed is read again whole; one that is no longer active is forgotten.
    """

    def __init__(self, templates: Templates, *, limit: int = MAX_FACES) -> None:
        self._templates, self._limit = templates, limit
        self._faces: dict[str, NDArray[np.float32]] = {}
        self._closed: set[str] = set()
        """Active shields of which nothing opens."""
        self._seen: dict[str, datetime] = {}
        self._until = EPOCH
        self._people: People | None = None
        self._turn = Lock()

    def people(self) -> People:
        """Everybody with an active shield and a face in it, by the shield's id.

        Raises:
            TooManyTemplates: more faces than are kept in memory; nobody is left out silently.
            KeysUnreachable: a changed shield could not be opened, or none at all opens, as with
                another deployment's key; it is tried again next time.
        """
        with self._turn:
            changed = self._follow(self._templates.shelf.changed_shields(self._until - OVERLAP))
            if self._closed and not self._faces:
                self._until, self._seen = EPOCH, {}
                raise KeysUnreachable("no shield opens")
            if self._people is None or changed:
                self._people = People(
                    Reference(shield_id, faces) for shield_id, faces in self._faces.items()
                )
            return self._people

    def _follow(self, shields: Iterable[Shield]) -> bool:
        """Take in shields, the earliest change first; whether any was new."""
        changed = False
        for shield in shields:
            if self._seen.get(shield.id) != shield.updated_at:
                self._take_in(shield)
                self._seen[shield.id] = shield.updated_at
                self._people, changed = None, True
            self._until = max(self._until, shield.updated_at)
        # What is older than the overlap does not come again.
        limit = self._until - OVERLAP
        self._seen = {shield: at for shield, at in self._seen.items() if at >= limit}
        return changed

    def _take_in(self, shield: Shield) -> None:
        self._faces.pop(shield.id, None)
        self._closed.discard(shield.id)
        if shield.status is not ShieldStatus.ACTIVE:
            return
        opened = self._templates.open(shield)
        if opened.unreadable:
            log.error(
                "templates do not open",
                extra={"shield": shield.id, "templates": opened.unreadable},
            )
            if not opened.templates:
                self._closed.add(shield.id)
        faces = _faces(opened, runtime.reference(MODEL))
        if faces is None:
            return
        if len(faces) + sum(map(len, self._faces.values())) > self._limit:
            raise TooManyTemplates
        self._faces[shield.id] = faces


def _faces(opened: OpenedShield, model: ModelRef) -> NDArray[np.float32] | None:
    """Its faces that this release can compare with: those of the model in use."""
    import numpy as np

    found = [
        template.numbers
        for template in opened.templates
        if template.kind is ReferenceKind.FACE and template.model == model
    ]
    return np.stack(found) if found else None

"""What else a verdict brings about: for the people shown, for the uploader's account.

The packages that know about consent, shields and strikes stand above this one. Each hands in a
``Consequence``, and all of them take part in the one transaction that makes a verdict stand, so
that none is ever missing and none happens twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from media_integrity.cloud.firestore import Transaction
from media_integrity.decision.verdict import Verdict
from media_integrity.schema.base import UserId
from media_integrity.schema.enforcement import UploadOrigin
from media_integrity.schema.enums import Action, AgeGroup
from media_integrity.schema.findings import Box, Finding
from media_integrity.schema.hashes import PdqView
from media_integrity.schema.scans import Permission, ReasonCode, Refusal, ScanJob

from .documents import Upload


@dataclass(frozen=True, slots=True)
class Filed:
    """A verdict that is being filed."""

    upload: Upload
    verdict: Verdict
    findings: tuple[Finding, ...]
    now: datetime
    sha256: str
    content_type: str
    views: tuple[PdqView, ...] = ()
    faces: tuple[Box, ...] = ()
    """Of a film, everybody in it. Not known, and empty, of what was published long ago."""
    age_group: AgeGroup | None = None
    judged: int = 0
    """Verdicts that this upload had before."""
    permission: Permission | None = None
    retroactive: bool = False
    """It was published and is taken down by something that came later."""
    upload_id: str = ""
    """The app's name for the upload; empty of what was published so long ago that it is gone."""
    uploaded_at: datetime | None = None
    """None: now, as far as is known."""

    @property
    def publishes(self) -> bool:
        return self.verdict.action in {Action.ALLOW, Action.BLUR}


def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a consequence is about to do, after it has read what it needs."""

    write: Callable[[], None] = _nothing
    waits: bool = False
    """The upload is not published before the people in it have agreed."""
    stops: ReasonCode | None = None
    """The upload is not published at all: somebody in it has said no. It is blocked instead."""
    stops_review: bool = False
    """Also where a moderator would look at it: there is nothing else to be looked at."""
    holds: ReasonCode | None = None
    """It is not published before a moderator has looked, whatever the checks say."""
    victims: tuple[UserId, ...] = ()
    """Shielded people in it, for the case's private part."""
    origin: UploadOrigin | None = None
    """Where it came from, for the case's private part."""


class Consequence(Protocol):
    """Something that follows from every verdict that it concerns."""

    def prepare(self, tx: Transaction, filed: Filed) -> Prepared | None:
        """Read what is needed; writing comes later, in ``Prepared.write``. None: nothing follows.

        The body of a transaction may run twice, so this has no other effects.
        """


class Admission(Protocol):
    """Who may upload at all."""

    def refusal(self, job: ScanJob) -> Refusal | None:
        """Why an upload is not even looked at; None if it may come in."""


class Everybody:
    """No account and no device is shut out."""

    def refusal(self, job: ScanJob) -> Refusal | None:
        return None


@dataclass(frozen=True, slots=True)
class All:
    """The consequences of one verdict, prepared together."""

    prepared: tuple[Prepared, ...]

    @classmethod
    def of(cls, consequences: Sequence[Consequence], tx: Transaction, filed: Filed) -> All:
        found = (each.prepare(tx, filed) for each in consequences)
        return cls(tuple(each for each in found if each is not None))

    @property
    def waits(self) -> bool:
        return any(each.waits for each in self.prepared)

    def stops_for(self, action: Action) -> ReasonCode | None:
        """Why a verdict of that action cannot stand; None if it can."""
        if action is Action.BLOCK:
            return None
        review = action is Action.REVIEW
        stopping = (each for each in self.prepared if each.stops_review or not review)
        return next((each.stops for each in stopping if each.stops is not None), None)

    @property
    def holds(self) -> ReasonCode | None:
        return next((each.holds for each in self.prepared if each.holds is not None), None)

    @property
    def origin(self) -> UploadOrigin | None:
        return next((each.origin for each in self.prepared if each.origin is not None), None)

    @property
    def victims(self) -> tuple[UserId, ...]:
        return tuple(dict.fromkeys(each for part in self.prepared for each in part.victims))

    def write(self) -> None:
        for each in self.prepared:
            each.write()

"""Compares with a shield what was published before it, and takes down what shows its owner.

A rescan is asked for in the transaction that gives the shield something to compare, and worked on
in steps, each by one worker that holds its lease. A step can be killed at any point: the place
reached is written down now and then, and what was taken down is known by the media themselves. It
goes as far as what was published when every worker that had not seen the shield yet is through.

Own uploads are left out, and those to which the owner has consented; so is what the owner or a
moderator has let through before, knowing of this shield.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from media_integrity.banks.published import BEGINNING, Place, published_after
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.cloud.keys import KeysUnreachable
from media_integrity.cloud.storage import ObjectGone, TooLarge
from media_integrity.cloud.tasks import Unreachable
from media_integrity.decision.decide import hold
from media_integrity.decision.protected import named
from media_integrity.decision.verdict import Verdict
from media_integrity.matching.alarms import raise_alarm
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_media
from media_integrity.media.types import Image, Sound
from media_integrity.scanning import leases, originals
from media_integrity.scanning.consequences import Filed, Prepared
from media_integrity.scanning.taking_down import Ground, take_down
from media_integrity.scanning.unpublish import Published
from media_integrity.scanning.worker import consents_in_force, own_shields
from media_integrity.schema.alarms import AlarmKind
from media_integrity.schema.base import JobId
from media_integrity.schema.enums import Action, Severity
from media_integrity.schema.errors import Unavailable
from media_integrity.schema.findings import Finding
from media_integrity.schema.hashes import MediaHash
from media_integrity.schema.scans import Lease, ReasonCode, UploadContext
from media_integrity.schema.shields import Shield, ShieldId, ShieldMatch, ShieldRescan, ShieldStatus
from media_integrity.signals import faces
from media_integrity.signals.base import Evidence
from media_integrity.signals.identity_morphing import IdentityMorphingSignal
from media_integrity.signals.voice.signal import VoiceSignal

from . import gate
from .backend import ShieldBackend

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
"""Longer than a step may run, so that a lease that has run out belongs to a worker that is dead."""

THROUGH_AFTER = leases.LEASE + timedelta(minutes=1)
"""By then every worker that had read the shields before this one was made is through."""

PATIENCE = timedelta(minutes=5)
MAX_TRIES = 5
BUDGET_S = 420.0
WRITE_EVERY = 20
"""Media compared between two notes of the place."""
WRITE_EVERY_S = 20.0
BATCH = 200


class NotYours(Exception):
    """The lease ran out and somebody else has the rescan; or it is over, or asked for anew."""


def asked(now: datetime) -> ShieldRescan:
    """A rescan from the beginning. Pure."""
    return ShieldRescan(asked_at=now, until=now + THROUGH_AFTER, sweep_at=now + PATIENCE)


def taken_up(stopped: ShieldRescan | None, now: datetime) -> ShieldRescan | None:
    """A rescan that was stopped goes on where it was; the sweep finds it. Pure."""
    if stopped is None or stopped.finished_at is not None:
        return stopped
    return stopped.model_copy(update={"sweep_at": now, "lease": None, "tries": 0})


def enqueue(shield_id: ShieldId, backend: ShieldBackend, *, wait: timedelta = timedelta()) -> None:
    """Have a rescan worked on. If the queue cannot be reached ``sweep`` asks again."""
    try:
        backend.rescans.enqueue({"shieldId": shield_id}, delay_s=int(wait.total_seconds()))
    except Unreachable as error:
        log.warning("rescan not enqueued", extra={"shield": shield_id, "error_type": str(error)})


def step(shield_id: ShieldId, backend: ShieldBackend, budget_s: float = BUDGET_S) -> bool:
    """Work on a shield's rescan until it is over or ``budget_s`` is; True if it is over.

    Asks for the next step itself. Does nothing while somebody else works on it.

    Raises:
        Exception: it went wrong. The sweep has it tried once more, after a while.
    """
    worker = uuid.uuid4().hex
    shield = _take(shield_id, worker, backend)
    if shield is None or shield.rescan is None:
        current = backend.store.get(Shield, shield_id)
        return current is None or current.rescan is None or current.rescan.sweep_at is None
    run = _Run(shield, shield.rescan, worker, backend, time.monotonic() + budget_s)
    try:
        wait = run.work()
    except NotYours:
        log.warning("lease lost", extra={"shield": shield_id})
        return False
    except Exception as error:
        _give_back(shield_id, worker, error, backend)
        raise
    if wait is not None:
        enqueue(shield_id, backend, wait=wait)
    return wait is None


def sweep(backend: ShieldBackend) -> int:
    """Ask again for rescans that nobody works on; how many."""
    due = list(backend.store.query(due_rescans(backend.clock.now())))
    for shield in due:
        enqueue(ShieldId(shield.id), backend)
    return len(due)


def due_rescans(now: datetime) -> Query[Shield]:
    return Query(
        Shield,
        (Where("rescan.sweepAt", "<=", now),),
        order_by=(("rescan.sweepAt", "ASCENDING"),),
        limit=BATCH,
    )


def goes_on(shield: Shield) -> bool:
    """Whether its owner and the moderators let it look through what is published. Pure."""
    return shield.status is ShieldStatus.ACTIVE and shield.held_back_at is None


@dataclass
class _Run:
    """One step. Not shared between threads."""

    shield: Shield
    rescan: ShieldRescan
    worker: str
    backend: ShieldBackend
    until: float
    """By ``time.monotonic``."""
    _compared: int = 0
    _found: int = 0
    _noted: float = field(default_factory=time.monotonic)

    def work(self) -> timedelta | None:
        """How long to wait for the next step; None when it is over or must not go on."""
        if not goes_on(self.shield):
            self._stopped()
            return None
        place = BEGINNING
        if self.rescan.after is not None:
            place = Place(self.rescan.after, self.rescan.after_id or "")
        store, now = self.backend.store, self.backend.clock.now()
        for media in published_after(store, place, before=self.rescan.until, inclusive=True):
            if time.monotonic() > self.until:
                return self._pause(place, timedelta(seconds=1))
            try:
                self._found += self._deal_with(media)
            except Unavailable:  # it is being published this moment
                return self._pause(place, timedelta(seconds=30))
            self._compared += 1
            place = Place(media.created_at, media.id)
            overdue = time.monotonic() - self._noted > WRITE_EVERY_S
            if (self._compared % WRITE_EVERY == 0 or overdue) and not self._note(place):
                return None
        if now < self.rescan.until:
            return self._pause(place, self.rescan.until - now + timedelta(seconds=1))
        self._end(place)
        return None

    # ---- One medium ----

    def _deal_with(self, media: MediaHash) -> bool:
        """Take the medium down if it shows the shield's owner; whether it was."""
        if media.unpublished_at is not None or media.uploader_id == self.shield.owner_id:
            return False
        sound = media.content_type.startswith("audio/")
        if media.faces == 0 and not sound and not self.shield.references.voices:
            return False
        if sound and not self.shield.references.voices:
            return False
        store = self.backend.store
        if store.get_below(ShieldMatch, self.shield.id, media.id) is not None:
            return False  # it was let through by who knew of this shield
        content = self._content(media)
        if content is None or not self._shows(content):
            return False
        if self._consented(media):
            return False
        verdict, findings = self._verdict(media, content)
        if self.shield.id not in {each.shield_id for each in named(findings)}:
            return False
        return take_down(
            media.id,
            lambda tx, published: self._ground(tx, published, verdict, findings),
            self.backend.policy,
            self.backend.scanning,
            bucket=self.backend.bucket,
        )

    def _content(self, media: MediaHash) -> bytes | None:
        scanning, limit = self.backend.scanning, self.backend.policy.limits.max_bytes
        stored = originals.stored(media, self.backend.bucket, scanning.objects)
        if stored is None:
            return None
        try:
            return scanning.objects.read(stored, max_bytes=limit)
        except (ObjectGone, TooLarge) as error:
            log.warning(
                "published medium not read",
                extra={"job": media.id, "error_type": type(error).__name__},
            )
            return None

    def _shows(self, content: bytes) -> bool:
        """Whether a face or voice in it is the owner's, as a scan would say; without the checks
        that take longer."""
        try:
            opened = open_media(content, self.backend.policy.limits.media)
        except (Refused, TooMuchToCheck):
            return False
        findings = list(self._compared_with(opened))
        return self.shield.id in {each.shield_id for each in named(findings)}

    def _compared_with(self, opened: Image | Sound) -> list[Finding]:
        references = self.backend.references
        if isinstance(opened, Sound):
            return [VoiceSignal(references).run(opened)]
        from dataclasses import replace

        seen = replace(opened, faces=faces.look(opened))
        found = [IdentityMorphingSignal(references).run(Evidence(findings={}, image=seen))]
        film = opened.film
        if film is not None and film.sound is not None and self.shield.references.voices:
            found.append(VoiceSignal(references).run(film.sound))
        return found

    def _consented(self, media: MediaHash) -> bool:
        consents = self.backend.store.query(consents_in_force(JobId(media.id)))
        return any(consent.subject_id == self.shield.owner_id for consent in consents)

    def _verdict(self, media: MediaHash, content: bytes) -> tuple[Verdict, tuple[Finding, ...]]:
        """Blocked where today's checks would block it; else held."""
        policy = self.backend.policy
        context = UploadContext(
            surface=media.surface,
            age_group=media.age_group or policy.audience.missing_age_group,
            own_shields=own_shields(media.uploader_id, self.backend.scanning),
        )
        judged = self.backend.engine().judge(content, context)
        if judged.verdict.action is Action.BLOCK:
            return judged.verdict, judged.findings
        held = hold(ReasonCode.PERSON_PROTECTED, policy, judged.findings)
        return held, judged.findings

    def _ground(
        self,
        tx: Transaction,
        published: Published,
        verdict: Verdict,
        findings: tuple[Finding, ...],
    ) -> Ground | None:
        shield = tx.get(Shield, self.shield.id)
        if shield is None or not goes_on(shield):
            return None
        media, policy = published.media, self.backend.policy
        if published.case is None:  # the consequences of the verdict see to the rest
            return Ground(verdict, findings, victims=(shield.owner_id,))
        # A moderator had it published after an earlier case: nobody is blamed for it now.
        held = hold(ReasonCode.PERSON_PROTECTED, policy, findings)
        filed = Filed(
            upload=published.upload,
            verdict=held,
            findings=findings,
            now=self.backend.clock.now(),
            sha256=media.sha256,
            content_type=media.content_type,
            retroactive=True,
        )
        following = gate.prepared(tx, filed, policy) or Prepared()
        return Ground(held, findings, victims=following.victims, write=following.write)

    # ---- Keeping the rescan's own record ----

    def _note(self, place: Place) -> bool:
        """Write down the place; False if the shield must not go on."""

        def body(tx: Transaction) -> Shield:
            shield, current = _held(tx, self.shield, self.worker)
            until = self.backend.clock.now() + LEASE
            lease = Lease(worker=self.worker, until=until)
            tx.update(
                shield,
                rescan=self._reached(current, place).model_copy(
                    update={"lease": lease, "sweep_at": until}
                ),
            )
            return shield

        shield = self.backend.store.run(body)
        self._compared, self._found, self._noted = 0, 0, time.monotonic()
        if not goes_on(shield):
            self._stopped()
            return False
        return True

    def _pause(self, place: Place, wait: timedelta) -> timedelta:
        def body(tx: Transaction) -> None:
            shield, current = _held(tx, self.shield, self.worker)
            due = self.backend.clock.now() + wait + PATIENCE
            reached = self._reached(current, place)
            rescan = reached.model_copy(update={"lease": None, "sweep_at": due})
            tx.update(shield, rescan=rescan)

        self.backend.store.run(body)
        return wait

    def _end(self, place: Place) -> None:
        def body(tx: Transaction) -> None:
            shield, current = _held(tx, self.shield, self.worker)
            over = {"lease": None, "sweep_at": None, "finished_at": self.backend.clock.now()}
            tx.update(shield, rescan=self._reached(current, place).model_copy(update=over))

        self.backend.store.run(body)

    def _stopped(self) -> None:
        """Paused, deleted, in dispute or held back: the owner or a moderator starts it again."""

        def body(tx: Transaction) -> None:
            shield, current = _held(tx, self.shield, self.worker)
            stopped = current.model_copy(update={"lease": None, "sweep_at": None})
            tx.update(shield, rescan=stopped)

        self.backend.store.run(body)

    def _reached(self, current: ShieldRescan, place: Place) -> ShieldRescan:
        begun = place != BEGINNING
        return current.model_copy(
            update={
                "after": place.created_at if begun else None,
                "after_id": place.id if begun else None,
                "compared": current.compared + self._compared,
                "found": current.found + self._found,
                "tries": 0 if self._compared else current.tries,
            }
        )


def _held(tx: Transaction, shield: Shield, worker: str) -> tuple[Shield, ShieldRescan]:
    """The shield and its rescan, if ``worker`` still holds it.

    Raises:
        NotYours: it does not.
    """
    current = tx.get(Shield, shield.id)
    rescan = current.rescan if current is not None else None
    if current is None or rescan is None or rescan.lease is None or rescan.lease.worker != worker:
        raise NotYours
    return current, rescan


def _take(shield_id: ShieldId, worker: str, backend: ShieldBackend) -> Shield | None:
    """The shield with the lease of its rescan; None if it is over, worked on, given up, or waits
    after a failure."""

    def body(tx: Transaction) -> Shield | None:
        shield = tx.get(Shield, shield_id)
        now = backend.clock.now()
        if shield is None or shield.rescan is None or shield.rescan.sweep_at is None:
            return None
        rescan = shield.rescan
        if rescan.lease is not None and rescan.lease.until > now:
            return None
        if rescan.tries >= MAX_TRIES:
            given_up = rescan.model_copy(update={"lease": None, "sweep_at": None})
            return tx.update(shield, rescan=given_up)
        until = now + LEASE
        taken = rescan.model_copy(
            update={
                "lease": Lease(worker=worker, until=until),
                "sweep_at": until,
                "tries": rescan.tries + 1,
            }
        )
        return tx.update(shield, rescan=taken)

    shield = backend.store.run(body)
    if shield is None or shield.rescan is None or shield.rescan.lease is not None:
        return shield
    raise_alarm(
        backend.store,
        kind=AlarmKind.RESCAN_FAILED,
        severity=Severity.HIGH,
        subject=shield.path,
        text=(
            f"Comparing what was published with this shield was given up after {MAX_TRIES} tries "
            "that came to nothing. See the log. When that is mended, have its owner pause and "
            "resume it."
        ),
        now=backend.clock.now(),
    )
    return None


def _give_back(
    shield_id: ShieldId, worker: str, failure: Exception, backend: ShieldBackend
) -> None:
    """So that the next try need not wait for all of the lease. May fail: then it does.

    The lease is cut short and not freed: the queue's own tries follow each other so fast that an
    outage of minutes would use them all up. That the keys cannot be reached says nothing about this
    rescan, so it counts as no try.
    """

    def body(tx: Transaction) -> None:
        shield = tx.get(Shield, shield_id)
        if shield is None:
            return
        current, rescan = _held(tx, shield, worker)
        due = backend.clock.now() + PATIENCE
        uncounted = isinstance(failure, KeysUnreachable)
        waiting = rescan.model_copy(
            update={
                "lease": Lease(worker=worker, until=due),
                "sweep_at": due,
                "tries": max(rescan.tries - uncounted, 0),
            }
        )
        tx.update(current, rescan=waiting)

    try:
        backend.store.run(body)
    except Exception as error:  # noqa: BLE001  the failure that led here is the one to report
        log.warning(
            "lease not given back",
            extra={"shield": shield_id, "error_type": type(error).__name__},
        )

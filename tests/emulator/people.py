"""A protected person's world. It takes its shields away again: the faces in ``portraits`` are the
same in every test, and the database is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from devkit.client import Person
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.matching.matcher import Matcher
from media_integrity.scanning.engine import Engine
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.outbox import NotifyEffect, OutboxEntry
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.shields import Shield, ShieldId, ShieldLevel
from media_integrity.shields import references, service
from media_integrity.shields.backend import ShieldBackend
from media_integrity.shields.service import Wish
from media_integrity.signals.registry import all_signals
from tests.emulator.world import World


@dataclass
class Rescans:
    """Keeps the rescans that were asked for, for the test to run."""

    asked: list[str] = field(default_factory=list)

    def enqueue(self, data: dict[str, str], *, delay_s: int = 0) -> None:
        self.asked.append(data["shieldId"])


@dataclass
class Protected:
    """A world with shields."""

    world: World
    backend: ShieldBackend
    rescans: Rescans
    made: list[Shield] = field(default_factory=list)

    def shield(
        self,
        owner: Person,
        content: bytes | None = None,
        *,
        level: ShieldLevel = ShieldLevel.STANDARD,
        wish: Wish | None = None,
    ) -> Shield:
        """A shield of this person's, with a picture as its reference if there is one."""
        uid = UserId(owner.uid)
        made = service.create(uid, wish or Wish(level=level), self.backend)
        self.made.append(made)
        if content is not None:
            made = references.add(ShieldId(made.id), content, uid, self.backend).shield
        return made

    def old(self) -> None:
        """A day goes by, so that shields that were made act in full."""
        self.world.clock.ahead += timedelta(
            hours=self.backend.policy.shields.young_hours, minutes=1
        )

    def now(self, shield: Shield | str) -> Shield:
        found = self.world.backend.store.get(
            Shield, shield if isinstance(shield, str) else shield.id
        )
        assert found is not None
        return found

    def uploaded(self, content: bytes, person: Person | None = None) -> ScanJob:
        """The job of somebody's upload once it is judged; they say that it shows themself."""
        world = self.world
        sent = world.upload(
            content, person=person or world.adult(), content_type="image/jpeg", name="a.jpg"
        )
        job = world.deliver(sent)
        world.self_consent(job)
        return world.scan(job)

    def again(self, job: ScanJob) -> ScanJob:
        return self.world.scan(JobId(job.id))

    def told(self, cause: str, kind: str) -> OutboxEntry | None:
        return self.world.backend.store.get(OutboxEntry, f"{cause}_{kind}")

    def told_whom(self, cause: str, kind: str) -> str | None:
        entry = self.told(cause, kind)
        assert entry is None or isinstance(entry.effect, NotifyEffect)
        return entry.effect.user_id if entry and isinstance(entry.effect, NotifyEffect) else None


@contextmanager
def protected(world: World, matcher: Matcher, policy: Policy | None = None) -> Iterator[Protected]:
    """A world with shields, whose shields are gone afterwards."""
    policy = policy or default_policy()
    enrolled = world.references()
    engine = Engine(policy, all_signals(enrolled, enrolled), matcher)
    world.engine = engine
    if policy is not default_policy():
        kinds: list[Callable[[Policy], object]] = [
            type(each) for each in world.backend.consequences
        ]
        world.backend = replace(
            world.backend,
            consequences=tuple(kind(policy) for kind in kinds),  # type: ignore[misc]  # consequences all
        )
    rescans = Rescans()
    backend = ShieldBackend(
        scanning=world.backend,
        banks=world.banks,
        templates=world.templates,
        references=enrolled,
        engine=lambda: engine,
        policy=policy,
        bucket=world.stack.bucket,
        rescans=rescans,
    )
    found = Protected(world, backend, rescans)
    try:
        yield found
    finally:
        for shield in found.made:
            service.delete(ShieldId(shield.id), shield.owner_id, backend)

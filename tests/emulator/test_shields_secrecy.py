"""Whatever happens, nothing that an uploader may read says who is protected.

Sequences of uploads, answers and changes of shields, made up by hypothesis; after each the uploader
tries to read everything: every document that there could be about these uploads and shields, and
every list, through the security rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkit.client import Absent, Denied, Person, Query
from media_integrity.matching.matcher import Matcher
from media_integrity.schema.base import CaseId, SubDocument, UserId
from media_integrity.schema.cases import CaseDetails, ShieldAnswer
from media_integrity.schema.errors import ServiceError
from media_integrity.schema.outbox import NotifyEffect, OutboxEntry
from media_integrity.schema.registry import DOCUMENTS
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.shields import (
    Shield,
    ShieldDetails,
    ShieldId,
    ShieldKey,
    ShieldLevel,
    ShieldReach,
)
from media_integrity.shields import answers, service
from tests.emulator.people import Protected, protected
from tests.emulator.portraits import altered, hers
from tests.emulator.world import World

OWNERS = ("uploaderId", "ownerId", "subjectId", "reporterId", "userId", "victimId")
"""Fields by which people list what is theirs."""

STEPS = ("upload", "altered", "old", "agree", "refuse", "not_me", "pause", "resume", "rival")


class Play:
    """One sequence: a victim, an uploader, and what they do."""

    def __init__(self, guarded: Protected) -> None:
        self.guarded = guarded
        self.victim, self.rival = guarded.world.adult(), guarded.world.adult()
        self.uploader = guarded.world.adult()
        self.shields = [guarded.shield(self.victim, hers(), level=ShieldLevel.ENHANCED)]
        self.jobs: list[ScanJob] = []
        self.answered: list[str] = []

    def take(self, step: str) -> None:
        shield, backend = self.shields[0], self.guarded.backend
        name, owner = ShieldId(shield.id), shield.owner_id
        acts: dict[str, Callable[[], object]] = {
            "upload": lambda: self._upload(hers()),
            "altered": lambda: self._upload(altered()),
            "old": self.guarded.old,
            "pause": lambda: service.pause(name, owner, backend),
            "resume": lambda: service.resume(name, owner, backend),
            "rival": lambda: self.shields.append(self.guarded.shield(self.rival, hers())),
            **{each.value: partial(self._say, each) for each in ShieldAnswer},
        }
        try:
            acts[step]()
        except ServiceError as refused:
            self.answered.append(refused.text)

    def _upload(self, content: bytes) -> None:
        self.jobs.append(self.guarded.uploaded(content, self.uploader))

    def _say(self, said: ShieldAnswer) -> None:
        for job in self.jobs[-1:]:
            case = CaseId(job.id)
            done = answers.answer(case, said, UserId(self.victim.uid), self.guarded.backend)
            if done is answers.Outcome.RELEASED:
                self.guarded.again(job)

    def secrets(self) -> set[str]:
        return {self.victim.uid, self.rival.uid, *(shield.id for shield in self.shields)}


def readable(play: Play) -> Iterator[tuple[str, str]]:
    """Path and content of everything that the uploader can read."""
    person: Person = play.uploader
    app = play.guarded.world.app(person)
    for path in sorted(possible(play)):
        try:
            yield path, str(app.firestore.get(path).fields)
        except (Denied, Absent):
            continue
    for place, kind in DOCUMENTS.items():
        if issubclass(kind, SubDocument):
            continue
        lists = [Query(place, limit=50)]
        lists += [Query(place, [(field, "==", person.uid)], limit=50) for field in OWNERS]
        for query in lists:
            try:
                found = app.firestore.query(query)
            except (Denied, Absent):
                continue
            for document in found:
                yield document.path, str(document.fields)


def possible(play: Play) -> set[str]:
    """Paths of all that there could be."""
    names = {job.id for job in play.jobs} | play.secrets() | {play.uploader.uid}
    top = [kind for kind in DOCUMENTS.values() if not issubclass(kind, SubDocument)]
    paths = {kind.path_of(name) for kind in top for name in names}
    for shield in play.shields:
        paths |= {
            f"{shield.path}/{below}/{name}" for below in ("matches", "attackers") for name in names
        }
        paths.add(ShieldDetails.path_below(shield.id, ShieldDetails.DETAILS_ID))
        paths.add(ShieldReach.path_below(shield.id, ShieldReach.REACH_ID))
        paths.add(ShieldKey.path_below(shield.id, ShieldKey.KEY_ID))
    paths |= {CaseDetails.path_below(job.id, CaseDetails.DETAILS_ID) for job in play.jobs}
    return paths


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=5))
def test_no_sequence_lets_an_uploader_read_who_is_protected(
    session_world: World, matcher: Matcher, steps: list[str]
) -> None:
    from tests.emulator.world import make_world

    world = make_world(session_world.stack, beside=session_world)
    with protected(world, matcher) as guarded:
        play = Play(guarded)
        for step in ("upload", *steps):
            play.take(step)
        secrets = play.secrets()
        seen = dict(readable(play))
        for path, content in seen.items():
            assert not [each for each in secrets if each in path + content], path
        assert {job.path for job in play.jobs} <= set(seen)  # it does read what is theirs
        said = "".join(
            each.model_dump_json()
            for job in play.jobs
            for each in told(guarded, job, UserId(play.uploader.uid))
        )
        assert not [each for each in secrets if each in said]
        assert len({Shield.path_of(each) for each in secrets} & set(seen)) == 0


def told(guarded: Protected, job: ScanJob, person: UserId) -> Iterator[OutboxEntry]:
    """What is sent to a person about an upload."""
    store = guarded.world.backend.store
    kinds = ("upload_held", "upload_blocked", "upload_unpublished")
    causes = (job.id, f"{job.id}_1", f"{job.id}_2", f"{job.id}_refused")
    for entry in store.get_many(
        OutboxEntry, [OutboxEntry.path_of(f"{cause}_{kind}") for cause in causes for kind in kinds]
    ):
        if isinstance(entry.effect, NotifyEffect) and entry.effect.user_id == person:
            yield entry

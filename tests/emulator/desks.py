"""Moderators at work in the emulator tests: what they need, and uploads for them to decide on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from devkit.client import App, Person, Value
from media_integrity.consent.gate import Consents
from media_integrity.decision.policy import default_policy
from media_integrity.enforcement.gate import Strikes
from media_integrity.moderation import cases
from media_integrity.moderation.backend import Desk
from media_integrity.schema.appeals import Appeal, AppealReason
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.base import BankId, CaseId, JobId, UserId
from media_integrity.schema.cases import Case, CaseDetails, CaseOutcome
from media_integrity.schema.enforcement import EnforcementRecord, Strike
from media_integrity.schema.enums import BankLabel, HashAlgorithm, ScanState, Violation
from media_integrity.schema.hashes import BankHash
from media_integrity.schema.scans import ScanJob
from tests.emulator import pictures
from tests.emulator.world import World
from tests.rules.people import create_now

WHY = "We compared the two pictures, and they show different people."
EXPLANATION = "This is a photograph that I took myself, at the lake, last Sunday morning."


def desk_of(world: World) -> Desk:
    """The world's own services, with consent and strikes at least following from its verdicts."""
    policy = default_policy()
    if not world.backend.consequences:
        world.backend = replace(world.backend, consequences=(Consents(policy), Strikes(policy)))
    return Desk(world.backend, world.banks, policy)


def moderator(kind: ActorKind = ActorKind.MODERATOR) -> Actor:
    return Actor(kind=kind, id=f"{kind}-{secrets.token_hex(6)}")


@dataclass
class Work:
    """A world with a desk in it."""

    world: World
    desk: Desk

    def held(self, person: Person | None = None) -> ScanJob:
        """A harmless upload that somebody's hash holds."""
        return self._matched(person, ScanState.HELD, confirmed=False)

    def blocked(
        self, person: Person | None = None, *, label: BankLabel = BankLabel.NCII
    ) -> ScanJob:
        """The same, blocked by a confirmed hash: a strike that needs no confirmation."""
        return self._matched(person, ScanState.BLOCKED, confirmed=True, label=label)

    def appealable(self, person: Person | None = None, *, by: Actor | None = None) -> ScanJob:
        """A held upload that a moderator has blocked as a deepfake: a confirmed strike."""
        job = self.held(person)
        by = by or moderator()
        cases.claim(CaseId(job.id), by, self.desk)
        self.decide(job, CaseOutcome.BLOCK, by, violation=Violation.DEEPFAKE_FACE)
        after = self.world.job(JobId(job.id))
        assert after.state is ScanState.BLOCKED
        return after

    def decide(
        self,
        job: ScanJob,
        outcome: CaseOutcome,
        by: Actor,
        *,
        why: str = WHY,
        violation: Violation | None = None,
    ) -> Case:
        return cases.decide(CaseId(job.id), outcome, why, by, self.desk, violation=violation)

    def decided(
        self, job: ScanJob, outcome: CaseOutcome, by: Actor | None = None, **how: Violation
    ) -> Case:
        """Taken and decided by somebody."""
        by = by or moderator()
        cases.claim(CaseId(job.id), by, self.desk)
        return self.decide(job, outcome, by, **how)

    def case(self, job: ScanJob) -> Case:
        found = self.world.case(job.id)
        assert found is not None
        return found

    def details(self, job: ScanJob) -> CaseDetails:
        found = self.world.details(job.id)
        assert found is not None
        return found

    def strike(self, job: ScanJob) -> Strike | None:
        return self.desk.store.get_below(Strike, job.uploader_id, job.id)

    def strikes(self, user: UserId | str) -> int:
        """As the account's record says."""
        record = self.desk.store.get(EnforcementRecord, user)
        return record.strikes if record is not None else 0

    def entry(self, job: ScanJob) -> BankHash:
        """The entry that an upload matched."""
        from media_integrity.decision.known_media import hits_of

        hit = hits_of(self.details(job).findings)[0]
        found = self.desk.store.get_below(BankHash, hit.bank_id, hit.entry_id)
        assert found is not None
        return found

    def _matched(
        self,
        person: Person | None,
        state: ScanState,
        *,
        confirmed: bool,
        label: BankLabel = BankLabel.NCII,
    ) -> ScanJob:
        content = pictures.clean()
        put_hash(self.world, self.world.new_bank(label), content, confirmed=confirmed)
        uploader = person or self.world.adult()
        upload = self.world.upload(content, person=uploader)
        job = self.world.scan(self.world.deliver(upload))
        assert job.state is state, job
        return job


def put_hash(world: World, bank: BankId, content: bytes, *, confirmed: bool) -> BankHash:
    found, now = pictures.pdq(content), datetime.now(UTC)
    entry = BankHash(
        id=BankHash.id_for(HashAlgorithm.PDQ, found.hex),
        parent_id=bank,
        algorithm=HashAlgorithm.PDQ,
        value=found.hex,
        quality=100,
        confirmed=confirmed,
        verified=confirmed,
        added_by="tests",
        created_at=now,
        updated_at=now,
    )
    world.backend.store.put(entry)
    return entry


def appeals(app: App, person: Person, case_id: str, **changes: Value) -> None:
    """Appeal as the app does: the rules decide whether it may."""
    fields: dict[str, Value] = {
        "caseId": case_id,
        "uploaderId": person.uid,
        "reason": AppealReason.NOT_SYNTHETIC.value,
        "explanation": EXPLANATION,
        "evidencePaths": [],
        "status": "pending",
    }
    create_now(app, Appeal.path_of(case_id), {**fields, **changes}, "createdAt")

"""One upload's world against the emulators, without functions: the test is the platform.

What is real: Firestore, Storage with its rules, Auth, the pipeline with its models. What the test
plays: the delivery of events and tasks, and the clock.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devkit.client import Absent, App, Denied, Person, admin, anonymous, app_of, sign_up
from devkit.stack import Addresses
from media_integrity.api.wiring import make_engine
from media_integrity.banks.backend import BankBackend
from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.keys import KeyFile
from media_integrity.cloud.storage import ObjectStore
from media_integrity.consent.backend import ConsentBackend
from media_integrity.consent.gate import Consents
from media_integrity.consent.verifying import claim_self
from media_integrity.decision.policy import default_policy
from media_integrity.enforcement import strikes
from media_integrity.enforcement.admission import Standing
from media_integrity.enforcement.gate import Strikes
from media_integrity.matching.banks import FirestoreBanks
from media_integrity.scanning.backend import Backend
from media_integrity.scanning.engine import Engine
from media_integrity.scanning.intake import Upload, record_upload
from media_integrity.scanning.worker import scan
from media_integrity.schema.base import BankId, JobId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.hashes import BankHash, HashBank
from media_integrity.schema.scans import ScanJob
from media_integrity.shields.gate import Shields
from media_integrity.templates.references import ShieldReferences
from media_integrity.templates.service import Templates
from media_integrity.templates.shelf import FirestoreShelf

KEY_FILE = Path(tempfile.mkdtemp()) / "templates.key"
"""One for all worlds of a session, as one deployment has one key."""


class ShiftedClock:
    """The system's time, and as much later as the test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Tasks:
    """Keeps the tasks for the test to deliver: once, twice, or never."""

    jobs: list[JobId] = field(default_factory=list)

    def enqueue(self, data: dict[str, str], *, delay_s: int = 0) -> None:
        self.jobs.append(JobId(data["jobId"]))


@dataclass
class Searches:
    """Keeps the searches that were asked for, for the test to run."""

    asked: list[str] = field(default_factory=list)

    def enqueue(self, data: dict[str, str], *, delay_s: int = 0) -> None:
        self.asked.append(data["searchId"])


@dataclass
class World:
    stack: Addresses
    backend: Backend
    clock: ShiftedClock
    tasks: Tasks
    engine: Engine
    templates: Templates
    searches: Searches = field(default_factory=Searches)

    @property
    def banks(self) -> BankBackend:
        """What the upkeep of banks needs."""
        return BankBackend(
            store=self.backend.store,
            objects=self.backend.objects,
            clock=self.clock,
            policy=default_policy(),
            bucket=self.stack.bucket,
            searches=self.searches,
            reopenings=(strikes.doubting,),
        )

    def new_bank(self, label: BankLabel = BankLabel.NCII, **changes: object) -> BankId:
        """A bank of its own for a test."""
        now = datetime.now(UTC)
        fields: dict[str, object] = {
            "id": f"test-{secrets.token_hex(6)}",
            "label": label,
            "name": "Test",
            "source": "tests",
            "created_at": now,
            "updated_at": now,
        }
        bank = HashBank.model_validate({**fields, **changes})
        self.backend.store.put(bank)
        return BankId(bank.id)

    def person(self, name: str = "user", **claims: str | bool) -> Person:
        return sign_up(self.stack, name, **claims)

    def adult(self) -> Person:
        return self.person("adult", ageGroup="adult")

    def app(self, person: Person | None) -> App:
        return app_of(self.stack, person) if person else anonymous(self.stack)

    def upload(
        self,
        content: bytes,
        *,
        person: Person | None = None,
        content_type: str = "image/png",
        name: str = "picture.png",
        transcript: str | None = None,
    ) -> Upload:
        """Upload as the app does; nothing reacts to it yet."""
        person = person or self.adult()
        path = f"uploads/{person.uid}/{secrets.token_hex(8)}/{name}"
        told = {"transcript": transcript} if transcript else None
        stored = self.app(person).storage.upload(path, content, content_type, told)
        return Upload(self.stack.bucket, path, int(stored.generation), stored.metadata)

    def references(self) -> ShieldReferences:
        """The protected people, read afresh."""
        return ShieldReferences(self.templates)

    def deliver(self, upload: Upload) -> JobId:
        """The event of an upload."""
        job = record_upload(upload, self.backend)
        assert job is not None
        return job

    def scan(self, job: JobId) -> ScanJob:
        """The task of a job."""
        scan(job, self.engine, self.backend)
        return self.job(job)

    @property
    def consents(self) -> ConsentBackend:
        """What consent needs."""
        return ConsentBackend(self.backend, default_policy(), self.stack.bucket)

    def self_consent(self, job: JobId) -> None:
        """The uploader says that an upload shows them."""
        claim_self(job, self.job(job).uploader_id, self.consents)

    def consented(self, content: bytes, **how: str) -> ScanJob:
        """As ``judged``, of a picture of the uploader, who has said so."""
        job = self.deliver(self.upload(content, **how))  # type: ignore[arg-type]
        self.self_consent(job)
        return self.scan(job)

    def judged(self, content: bytes, **how: str) -> ScanJob:
        return self.scan(self.deliver(self.upload(content, **how)))  # type: ignore[arg-type]

    def job(self, job: JobId) -> ScanJob:
        found = self.backend.store.get(ScanJob, job)
        assert found is not None
        return found

    def case(self, job: JobId | str) -> Case | None:
        return self.backend.store.get(Case, job)

    def details(self, job: JobId | str) -> CaseDetails | None:
        return self.backend.store.get_below(CaseDetails, job, CaseDetails.DETAILS_ID)

    def objects(self, job: ScanJob) -> set[str]:
        """Everything in the bucket that belongs to a job, by its area."""
        areas = {
            "uploads": job.source.name,
            "media": f"media/{job.uploader_id}/{job.id}/",
            "evidence": f"evidence/{job.id}/",
        }
        return {
            area
            for area, prefix in areas.items()
            if any(self.backend.objects.list(self.stack.bucket, prefix))
        }

    def bank(
        self, algorithm: HashAlgorithm, value: str, *, confirmed: bool = True, quality: int = 100
    ) -> BankHash:
        """Put a hash into a bank of non-consensual intimate images."""
        now = datetime.now(UTC)
        bank = HashBank(
            id="test-ncii",
            label=BankLabel.NCII,
            name="Test",
            source="tests",
            created_at=now,
            updated_at=now,
        )
        entry = BankHash(
            id=BankHash.id_for(algorithm, value),
            parent_id=bank.id,
            algorithm=algorithm,
            value=value,
            quality=quality if algorithm is HashAlgorithm.PDQ else None,
            confirmed=confirmed,
            added_by="tests",
            created_at=now,
            updated_at=now,
        )
        self.backend.store.put(bank, entry)
        return entry


def make_world(stack: Addresses, *, beside: World | None = None) -> World:
    """The environment must name the emulators already. ``beside``: a world whose connections and
    loaded models it shares."""
    clock, tasks = ShiftedClock(), Tasks()
    store = beside.backend.store if beside is not None else Store(stack.project)
    objects = beside.backend.objects if beside is not None else ObjectStore(stack.project)
    backend = Backend(
        store=store,
        objects=objects,
        accounts=Accounts(),
        scans=tasks,
        clock=clock,
        consequences=tuple(each(default_policy()) for each in (Shields, Consents, Strikes)),
        admission=Standing(store, clock),
    )
    templates = Templates(FirestoreShelf(store), KeyFile(KEY_FILE), clock)
    engine = (
        beside.engine
        if beside is not None
        else make_engine(default_policy(), FirestoreBanks(store), ShieldReferences(templates))
    )
    return World(stack, backend, clock, tasks, engine, templates)


@contextmanager
def denied() -> Iterator[None]:
    """What happens inside must be refused or be invisible."""
    try:
        yield
    except (Denied, Absent):
        return
    raise AssertionError("was allowed")


__all__ = ["Denied", "World", "admin", "denied", "make_world"]

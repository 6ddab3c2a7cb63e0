"""What verdicts bring an account: exact when they come at once, undone without a rest, and in force
in Storage, in the worker and in Firebase Auth."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from devkit.client import Denied, Person
from devkit.http import Answered, send
from devkit.stack import Addresses
from media_integrity.banks import service
from media_integrity.banks import upkeep as bank_upkeep
from media_integrity.cloud.accounts import Account
from media_integrity.cloud.firestore import Query, Transaction, Where
from media_integrity.cloud.keys import KeyFile, NoKey
from media_integrity.cloud.messaging import push_service
from media_integrity.decision.decide import block as block_verdict
from media_integrity.decision.decide import decide
from media_integrity.decision.policy import EnforcementPolicy, Policy, default_policy
from media_integrity.enforcement import blocks, links, origins, sanctions, strikes, upkeep
from media_integrity.enforcement.admission import DEVICE_BLOCKED, RESTRICTED, Standing
from media_integrity.enforcement.books import Books
from media_integrity.enforcement.gate import Strikes
from media_integrity.enforcement.hashing import OriginHasher
from media_integrity.media.types import MediaKind
from media_integrity.notifications.backend import OutboxBackend
from media_integrity.notifications.deliver import deliver
from media_integrity.notifications.work import Outcome
from media_integrity.scanning import filing, release, taking_down
from media_integrity.scanning.consequences import Prepared
from media_integrity.scanning.engine import Judgement
from media_integrity.schema.audit import Actor, ActorKind, AuditAction, AuditEntry
from media_integrity.schema.base import BankId, CaseId, JobId, UserId
from media_integrity.schema.cases import BlockedUploadAttempt, Case, CaseOutcome
from media_integrity.schema.enforcement import (
    AccountTrace,
    BlockedThing,
    DeviceBlock,
    EnforcementDetails,
    EnforcementRecord,
    HashingKey,
    LinkReason,
    RestrictionKind,
    Strike,
    StrikeState,
    UploadOrigin,
)
from media_integrity.schema.enforcement import Standing as How
from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    CaseStatus,
    DetectionMethod,
    HashAlgorithm,
    ScanState,
    Violation,
)
from media_integrity.schema.errors import Conflict, Forbidden, Invalid, NotFound
from media_integrity.schema.findings import AiOrigin, Finding
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import (
    EscalateEffect,
    NotifyEffect,
    OutboxEntry,
    OutboxState,
    RestrictEffect,
)
from media_integrity.schema.scans import Lease, Quarantined, ReasonCode, ScanJob
from media_integrity.schema.watermarks import MediaWatermark
from tests.emulator import pictures
from tests.emulator.desks import Work, desk_of
from tests.emulator.world import KEY_FILE, World
from tests.unit.builders import adult, bank_match, clean, hit, nudity, provenance, speech

RULES = default_policy().enforcement
UPLOADS = RestrictionKind.UPLOADS
ACCOUNT = RestrictionKind.ACCOUNT
APPEALS = RestrictionKind.APPEALS

SENIOR = Actor(kind=ActorKind.SENIOR_MODERATOR, id="senior")
MODERATOR = Actor(kind=ActorKind.MODERATOR, id="moderator")


def strict_policy() -> Policy:
    """The default one, but a voice that a model takes for synthetic is blocked."""
    policy = default_policy()
    voice = policy.detectors[DetectionMethod.VOICE].model_copy(update={"block_at": 0.9})
    detectors = {**policy.detectors, DetectionMethod.VOICE: voice}
    return policy.model_copy(update={"detectors": detectors})


POLICY = strict_policy()


@dataclass(frozen=True)
class Judged:
    """What a scan found."""

    findings: tuple[Finding, ...]
    kind: MediaKind = MediaKind.IMAGE

    def judgement(self, sha256: str | None = None) -> Judgement:
        return Judgement(
            sha256=sha256 or secrets.token_hex(32),
            md5="",
            kind=self.kind,
            content_type="image/png",
            fingerprints=None,
            findings=self.findings,
            verdict=decide(self.findings, adult(), POLICY, self.kind),
            faces=(),
            timings_ms={},
        )


VOICE = Judged((bank_match(), speech(0.99)), MediaKind.AUDIO)
"""On a model's word: blocked, no sanction."""
NUDE = Judged(tuple(clean(nudity(0.99), provenance(AiOrigin.GENERATED))))
"""On a model's word: a ban."""
KNOWN = Judged(tuple(clean(bank_match(hit()))))
"""Confirmed by people, certain: a ban."""
HARMLESS = Judged(tuple(clean()))


class Rig:
    """A world with what tests of enforcement do in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = world.backend.store
        self.outbox = OutboxBackend(
            self.store, world.backend.accounts, push_service(world.clock), world.clock, None
        )
        self.hasher = OriginHasher(self.store, KeyFile(KEY_FILE), world.clock)

    def now(self) -> datetime:
        return self.world.clock.now()

    def user(self) -> UserId:
        """An account that needs no sign-in."""
        return UserId(f"user-{secrets.token_hex(8)}")

    def job(self, user: UserId, **changes: object) -> ScanJob:
        """A job in the hands of the worker ``w``."""
        identity, now = secrets.token_hex(32), self.now()
        upload_id = secrets.token_hex(8)
        fields: dict[str, object] = {
            "id": identity,
            "uploader_id": user,
            "upload_id": upload_id,
            "source": Quarantined(
                bucket=self.world.stack.bucket,
                name=f"uploads/{user}/{upload_id}/a.png",
                generation="1",
            ),
            "state": ScanState.SCANNING,
            "lease": Lease(worker="w", until=now + timedelta(hours=1)),
            "created_at": now,
            "updated_at": now,
        }
        job = ScanJob.model_validate({**fields, **changes})
        self.store.put(job)
        return job

    def file(
        self, job: ScanJob, judged: Judged, *, sha256: str | None = None, policy: Policy = POLICY
    ) -> ScanJob:
        backend = replace(self.world.backend, consequences=(Strikes(policy),))
        return filing.file_verdict(
            job, "w", judged.judgement(sha256), AgeGroup.ADULT, policy, backend
        )

    def struck(self, user: UserId, judged: Judged = VOICE, **how: str) -> CaseId:
        return CaseId(self.file(self.job(user), judged, **how).id)  # type: ignore[arg-type]

    def record(self, user: UserId) -> EnforcementRecord | None:
        return self.store.get(EnforcementRecord, user)

    def stands(self, user: UserId) -> tuple[How, int, dict[RestrictionKind, bool]]:
        """Standing, strikes, and what is closed, firmly or not."""
        record = self.record(user)
        assert record is not None
        closed = {each.kind: not each.provisional for each in record.restrictions}
        return record.standing, record.strikes, closed

    def strike(self, user: UserId, case_id: str) -> Strike | None:
        return self.store.get_below(Strike, user, case_id)

    def case(self, case_id: str) -> Case:
        found = self.store.get(Case, case_id)
        assert found is not None
        return found

    def change(
        self,
        act: Callable[[Transaction], Prepared | None],
        *others: Callable[[Transaction], Prepared],
    ) -> None:
        """One transaction of somebody who decides."""

        def body(tx: Transaction) -> None:
            for each in [act(tx), *(other(tx) for other in others)]:
                if each is not None:
                    each.write()

        self.store.run(body)

    def undo(self, case_id: CaseId) -> None:
        case = self.case(case_id)
        self.change(lambda tx: strikes.undoing(tx, case, self.now()))

    def uphold(self, case_id: CaseId) -> None:
        case = self.case(case_id)
        self.change(lambda tx: strikes.confirming(tx, case, self.now()))

    def entries(self, user: UserId) -> list[OutboxEntry]:
        """What was told the account or brought into it, oldest first."""
        found = []
        for field in ("effect.userId",):
            query = Query(OutboxEntry, (Where(field, "==", user),))
            found += list(self.store.query(query))
        return sorted(found, key=lambda entry: entry.created_at)

    def told(self, user: UserId) -> list[NotificationKind]:
        return [
            each.effect.notification
            for each in self.entries(user)
            if isinstance(each.effect, NotifyEffect)
            and each.effect.notification.value.startswith("restriction")
        ]

    def restrictions(self, user: UserId) -> list[OutboxEntry]:
        return [each for each in self.entries(user) if isinstance(each.effect, RestrictEffect)]

    def escalated(self, case_id: str) -> bool:
        entry = self.store.get(OutboxEntry, f"{case_id}_strike_escalate")
        return entry is not None and isinstance(entry.effect, EscalateEffect)

    def deliver(self, user: UserId) -> list[Outcome]:
        """Bring what is due into the account."""
        return [
            deliver(each.id, self.outbox)
            for each in self.entries(user)
            if each.state is OutboxState.PENDING
        ]

    def account(self, user: str) -> Account:
        found = self.world.backend.accounts.find(UserId(user))
        assert found is not None
        return found

    def audited(self, user: UserId) -> list[AuditAction]:
        path = EnforcementRecord.path_of(user)
        query = Query(AuditEntry, (Where("subject", "==", path),), order_by=(("at", "DESCENDING"),))
        return [each.action for each in self.store.query(query)][::-1]

    def begin(
        self, user: UserId, upload_id: str, *, device: str | None = None, address: str | None = None
    ) -> UploadOrigin | None:
        return origins.note(
            user,
            upload_id,
            device=device,
            address=address,
            hasher=self.hasher,
            store=self.store,
            now=self.now(),
        )

    def came_from(
        self,
        user: UserId,
        judged: Judged = VOICE,
        *,
        device: str | None = None,
        address: str | None = None,
    ) -> tuple[CaseId, UploadOrigin]:
        """A verdict on an upload that the app had begun."""
        job = self.job(user)
        origin = self.begin(user, job.upload_id, device=device, address=address)
        assert origin is not None
        return CaseId(self.file(job, judged).id), origin

    def confirm(self, case_id: CaseId, by: Actor = SENIOR) -> EnforcementRecord:
        return sanctions.confirm(
            case_id, "looked at it", by, policy=RULES, store=self.store, clock=self.world.clock
        )

    def lift(self, case_id: CaseId, by: Actor = SENIOR) -> EnforcementRecord:
        return sanctions.lift(
            case_id, "was a mistake", by, policy=RULES, store=self.store, clock=self.world.clock
        )

    def block(
        self, hashed: str | None, case_id: CaseId, until: datetime | None = None, by: Actor = SENIOR
    ) -> DeviceBlock:
        assert hashed is not None
        return blocks.block(
            hashed,
            case_id,
            until,
            "used for it",
            by,
            policy=RULES,
            store=self.store,
            clock=self.world.clock,
        )

    def refresh(self, policy: EnforcementPolicy = RULES) -> int:
        return upkeep.refresh_records(policy, store=self.store, clock=self.world.clock)


@pytest.fixture
def rig(world: World) -> Rig:
    return Rig(world)


def device() -> str:
    return secrets.token_hex(32)


def address() -> str:
    """Somewhere on the internet, another place each time."""
    first, *rest = secrets.token_bytes(4)
    return f"{20 + first % 60}.{'.'.join(str(1 + byte % 250) for byte in rest)}"


def at_once(acts: list[Callable[[], object]]) -> list[Exception]:
    """Do it all at the same time; what went wrong."""
    start, failures = threading.Barrier(len(acts)), []

    def work(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001  the main thread judges it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return failures


# ---- strikes


def test_a_block_on_a_models_word_is_a_provisional_strike(rig: Rig) -> None:
    user = rig.user()

    case = rig.struck(user)

    strike = rig.strike(user, case)
    assert strike is not None
    assert (strike.state, strike.violation) == (StrikeState.PROVISIONAL, Violation.VOICE_CLONE)
    assert rig.stands(user) == (How.WARNED, 0, {})
    assert rig.told(user) == []
    assert rig.audited(user) == [AuditAction.SANCTION_SET]


def test_a_certain_match_bans_at_once_and_says_so(rig: Rig) -> None:
    user = rig.user()

    case = rig.struck(user, KNOWN)

    strike = rig.strike(user, case)
    assert strike is not None
    assert strike.state is StrikeState.CONFIRMED
    assert rig.stands(user) == (How.BANNED, 1, {ACCOUNT: True, UPLOADS: True})
    assert rig.told(user) == [NotificationKind.RESTRICTION_SET]
    assert not rig.escalated(case)


def test_what_would_ban_on_a_models_word_suspends_and_calls_a_moderator(rig: Rig) -> None:
    user = rig.user()

    case = rig.struck(user, NUDE)

    assert rig.stands(user) == (How.SUSPENDED, 0, {UPLOADS: False})
    assert rig.told(user) == [NotificationKind.RESTRICTION_SET]
    assert rig.escalated(case)


def test_a_case_strikes_once_however_often_it_is_filed_or_judged(rig: Rig) -> None:
    user = rig.user()
    job = rig.job(user)
    rig.file(job, VOICE)
    before = rig.record(user)

    with pytest.raises(filing.AlreadyFiled):
        rig.file(job, VOICE)
    filed = rig.store.get(ScanJob, job.id)
    assert filed is not None
    rig.store.put(filed.model_copy(update={"state": ScanState.SCANNING, "lease": job.lease}))
    rig.file(job, KNOWN)

    assert rig.record(user) == before
    strike = rig.strike(user, job.id)
    assert strike is not None
    assert strike.violation is Violation.VOICE_CLONE


@pytest.mark.parametrize(
    "reason", [ReasonCode.CONSENT_REFUSED, ReasonCode.PROTECTED_ALTERED, ReasonCode.REPORTED]
)
def test_what_people_said_no_to_is_no_strike(rig: Rig, reason: ReasonCode) -> None:
    user = rig.user()
    job = rig.job(user)
    judgement = replace(HARMLESS.judgement(), verdict=block_verdict(reason, POLICY))

    filing.file_verdict(job, "w", judgement, AgeGroup.ADULT, POLICY, rig.world.backend)

    assert rig.record(user) is None
    assert rig.strike(user, job.id) is None


def test_what_is_published_or_held_is_no_strike(rig: Rig) -> None:
    user = rig.user()

    rig.struck(user, HARMLESS)
    rig.struck(user, Judged((speech(0.01),), MediaKind.AUDIO))  # a check is missing

    assert rig.record(user) is None


# ---- repeated attempts


def test_the_third_in_a_day_calls_moderators_and_the_fifth_in_a_week_closes_uploads(
    rig: Rig,
) -> None:
    user = rig.user()

    cases = [rig.struck(user) for _ in range(4)]
    before = rig.stands(user)
    fifth = rig.struck(user)

    assert [rig.escalated(case) for case in [*cases, fifth]] == [False, False, True, True, True]
    assert before == (How.WARNED, 0, {})
    assert rig.stands(user) == (How.SUSPENDED, 0, {UPLOADS: False})
    record = rig.record(user)
    assert record is not None
    assert [each.case_id for each in record.restrictions] == [fifth]


def test_windows_are_exact_when_eight_workers_file_at_once(rig: Rig) -> None:
    user = rig.user()
    jobs = [rig.job(user) for _ in range(8)]

    failures = at_once([lambda job=job: rig.file(job, VOICE) for job in jobs])  # type: ignore[misc]

    assert failures == []
    record = rig.record(user)
    assert record is not None
    assert record.revision == 8, "each has seen the one before"
    assert rig.stands(user) == (How.SUSPENDED, 0, {UPLOADS: False})
    assert sum(rig.escalated(job.id) for job in jobs) == 6
    assert rig.told(user) == [NotificationKind.RESTRICTION_SET], "once, by the fifth"
    assert len(rig.restrictions(user)) == 1


def test_what_is_older_than_a_week_closes_nothing(rig: Rig) -> None:
    user = rig.user()
    week = timedelta(hours=RULES.restriction.within_hours)
    rig.file(rig.job(user, created_at=rig.now() - week - timedelta(seconds=1)), VOICE)

    for _ in range(4):
        rig.struck(user)
    assert rig.stands(user)[0] is How.WARNED
    rig.file(rig.job(user, created_at=rig.now() - week + timedelta(minutes=5)), VOICE)

    assert rig.stands(user)[2] == {UPLOADS: False}


def test_what_was_published_long_ago_and_is_taken_down_now_was_attempted_then(
    world: World,
) -> None:
    rig, person = Rig(world), world.adult()
    job = world.judged(pictures.clean(), person=person)  # type: ignore[arg-type]
    assert job.state is ScanState.PUBLISHED
    world.clock.ahead = timedelta(days=60)
    verdict = KNOWN.judgement().verdict

    taken = taking_down.take_down(
        job.id,
        lambda tx, published: taking_down.Ground(verdict),
        POLICY,
        world.backend,
        bucket=world.stack.bucket,
    )

    strike = rig.strike(UserId(person.uid), job.id)
    assert taken
    assert strike is not None
    assert strike.recorded_at - strike.attempted_at > timedelta(days=59)
    assert rig.stands(UserId(person.uid))[0] is How.BANNED


# ---- confirmed and undone


def test_a_moderators_word_makes_a_suspension_a_ban_once(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user, NUDE)

    rig.uphold(case)
    revision = rig.record(user)
    rig.uphold(case)

    assert rig.stands(user) == (How.BANNED, 1, {ACCOUNT: True, UPLOADS: True})
    assert rig.record(user) == revision
    assert rig.told(user) == [NotificationKind.RESTRICTION_SET] * 2


def test_what_a_moderator_blocks_strikes_where_nothing_did(rig: Rig) -> None:
    user = rig.user()
    held = CaseId(rig.file(rig.job(user), Judged((speech(0.01),), MediaKind.AUDIO)).id)
    without = rig.case(held)
    blocked = without.model_copy(update={"violations": rig.case(rig.struck(rig.user())).violations})

    rig.change(lambda tx: strikes.confirming(tx, without, rig.now()))
    assert rig.record(user) is None
    rig.change(lambda tx: strikes.confirming(tx, blocked, rig.now()))

    assert rig.stands(user) == (How.WARNED, 1, {})


def test_undoing_lifts_what_rested_on_it_and_leaves_the_rest(rig: Rig) -> None:
    user = rig.user()
    ban, other = rig.struck(user, KNOWN), rig.struck(user)
    rig.uphold(other)

    rig.undo(ban)
    revision = rig.record(user)
    rig.undo(ban)

    assert rig.stands(user) == (How.WARNED, 1, {})
    assert rig.record(user) == revision
    assert rig.told(user)[-1] is NotificationKind.RESTRICTION_LIFTED
    assert rig.audited(user)[-1] is AuditAction.SANCTION_LIFTED


def test_undoing_one_of_six_leaves_uploads_closed_and_two_opens_them(rig: Rig) -> None:
    user = rig.user()
    cases = [rig.struck(user) for _ in range(6)]

    rig.undo(cases[0])
    assert rig.stands(user)[2] == {UPLOADS: False}
    rig.undo(cases[3])

    assert rig.stands(user) == (How.WARNED, 0, {})


def test_undoing_everything_at_once_leaves_nothing(rig: Rig) -> None:
    user = rig.user()
    cases = [rig.struck(user, judged) for judged in (KNOWN, NUDE, VOICE, VOICE, VOICE)]

    failures = at_once([lambda case=case: rig.undo(case) for case in cases])  # type: ignore[misc]

    assert failures == []
    assert rig.stands(user) == (How.GOOD, 0, {})
    assert rig.told(user)[-1] is NotificationKind.RESTRICTION_LIFTED


def test_undoing_and_confirming_at_once_come_to_one_or_the_other(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user, NUDE)

    assert at_once([lambda: rig.undo(case), lambda: rig.uphold(case)]) == []

    strike = rig.strike(user, case)
    assert strike is not None
    confirmed = strike.state is StrikeState.CONFIRMED
    expected = (How.BANNED, 1, {ACCOUNT: True, UPLOADS: True})
    assert rig.stands(user) == (expected if confirmed else (How.GOOD, 0, {}))


def test_overturned_without_a_strike_changes_nothing(rig: Rig) -> None:
    user = rig.user()
    held = CaseId(rig.file(rig.job(user), Judged((speech(0.01),), MediaKind.AUDIO)).id)

    rig.undo(held)

    assert rig.record(user) is None


def test_upheld_again_after_it_was_undone_counts_again(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user)

    rig.undo(case)
    rig.uphold(case)

    assert rig.stands(user) == (How.WARNED, 1, {})


@pytest.mark.parametrize("seed", range(4))
def test_strikes_are_the_confirmed_cases_less_the_overturned_whatever_comes(
    rig: Rig, seed: int
) -> None:
    user, random = rig.user(), Random(seed)
    cases: dict[CaseId, bool | None] = {}  # confirmed, not yet, or None: overturned
    lifted: set[CaseId] = set()
    certain = {KNOWN: True, NUDE: False, VOICE: False}

    for _ in range(24):
        step = random.choice(["block", "uphold", "overturn", "lift", "confirm"])
        if step == "block" or not cases:
            judged = random.choice(list(certain))
            cases[rig.struck(user, judged)] = certain[judged]
            continue
        case = random.choice(list(cases))
        if step == "uphold":
            rig.uphold(case)
            cases[case] = True
        elif step == "overturn":
            rig.undo(case)
            cases[case] = None
        elif cases[case] is not None:
            (rig.lift if step == "lift" else rig.confirm)(case)
            cases[case] = cases[case] or step == "confirm"
            (lifted.add if step == "lift" else lifted.discard)(case)

    _, number, closed = rig.stands(user)
    bans = {
        case: cases[case]
        for case in cases
        if cases[case] is not None
        and case not in lifted
        and rig.case(case).violation is not Violation.VOICE_CLONE
    }
    assert number == sum(state is True for state in cases.values())
    assert (ACCOUNT in closed) == any(bans.values())
    if bans:
        assert UPLOADS in closed
    elif sum(cases[case] is not None and case not in lifted for case in cases) < 5:
        assert closed == {}


# ---- appeals without merit


def meritless(rig: Rig, user: UserId, case: str) -> Callable[[Transaction], Prepared]:
    return lambda tx: strikes.without_merit(tx, user, case, rig.now())


def test_three_appeals_without_merit_close_appeals_for_thirty_days(rig: Rig) -> None:
    user = rig.user()
    for case in ("one", "two", "two", "three"):
        rig.change(meritless(rig, user, case))

    record = rig.record(user)
    assert record is not None
    assert record.warnings == 3
    assert record.appeals_closed_until is not None
    assert abs(record.appeals_closed_until - rig.now() - timedelta(days=30)) < timedelta(minutes=5)
    assert rig.told(user) == [NotificationKind.RESTRICTION_SET]
    assert rig.restrictions(user) == [], "appeals are in no claim"


def test_an_upheld_case_and_its_meritless_appeal_go_into_one_transaction(rig: Rig) -> None:
    user = rig.user()
    case_id = rig.struck(user)
    case = rig.case(case_id)

    rig.change(lambda tx: strikes.confirming(tx, case, rig.now()), meritless(rig, user, case_id))

    record = rig.record(user)
    assert record is not None
    assert (record.strikes, record.warnings, record.revision) == (1, 1, 3)


def test_overturning_takes_back_the_warning_for_its_appeal(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user)
    for each in (case, "two", "three"):
        rig.change(meritless(rig, user, each))

    rig.undo(case)

    record = rig.record(user)
    assert record is not None
    assert (record.warnings, record.appeals_closed_until) == (2, None)
    assert rig.told(user)[-1] is NotificationKind.RESTRICTION_LIFTED


# ---- senior moderators


def test_a_senior_moderator_confirms_and_lifts_and_the_strike_stays(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user, NUDE)

    banned = rig.confirm(case)
    assert (banned.standing, rig.case(case).needs_confirmation) == (How.BANNED, False)
    lifted = rig.lift(case)
    again = rig.lift(case)

    assert lifted == again
    assert rig.stands(user) == (How.WARNED, 1, {})
    details = rig.store.get_below(EnforcementDetails, user, EnforcementDetails.DETAILS_ID)
    assert details is not None
    assert "was a mistake" in details.note
    assert rig.confirm(case).standing is How.BANNED


def test_nobody_below_decides_on_sanctions_nor_anybody_concerned(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user, NUDE)
    details = rig.world.details(case)
    assert details is not None
    rig.store.put(details.model_copy(update={"victim_ids": (UserId("shown"),)}))

    for actor in (
        MODERATOR,
        Actor(kind=ActorKind.SENIOR_MODERATOR, id=user),
        Actor(kind=ActorKind.ADMIN, id="shown"),
    ):
        for act in (rig.confirm, rig.lift):
            with pytest.raises(Forbidden):
                act(case, actor)
    assert rig.stands(user)[0] is How.SUSPENDED


def test_there_is_nothing_to_decide_without_a_strike_or_after_it_was_undone(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user, NUDE)
    rig.undo(case)

    for act in (rig.confirm, rig.lift):
        with pytest.raises(Conflict):
            act(case)
        with pytest.raises(NotFound):
            act(CaseId(secrets.token_hex(32)))
    assert rig.stands(user)[0] is How.GOOD


def test_a_sanction_confirmed_while_its_case_is_undone_bans_nobody(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user, NUDE)

    failures = at_once([lambda: rig.confirm(case), lambda: rig.undo(case)])

    assert [type(each) for each in failures] in ([], [Conflict])
    assert rig.stands(user) == (How.GOOD, 0, {})


# ---- claims, sessions, the account itself


def signed_in_again(stack: Addresses, person: Person) -> Person:
    url = f"{stack.url('auth')}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=x"
    body = {"email": person.email, "password": person.password, "returnSecureToken": True}
    answer = json.loads(
        send("POST", url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    )
    return Person(person.uid, person.email, person.password, answer["idToken"])


def change_account(stack: Addresses, uid: str, what: str = "update", **account: object) -> None:
    url = f"{stack.url('auth')}/identitytoolkit.googleapis.com/v1/projects/{stack.project}"
    headers = {"Content-Type": "application/json", "Authorization": "Bearer owner"}
    body = json.dumps({"localId": uid, **account}).encode()
    send("POST", f"{url}/accounts:{what}", body, headers)


def test_a_suspended_account_uploads_neither_with_a_new_token_nor_with_an_old_one(
    world: World,
) -> None:
    rig, person = Rig(world), world.adult()
    user = UserId(person.uid)
    case = rig.struck(user, NUDE)
    rig.deliver(user)

    fresh = signed_in_again(world.stack, person)
    with pytest.raises(Denied):
        world.upload(pictures.clean(), person=fresh)
    late = world.judged(pictures.clean(), person=person)  # type: ignore[arg-type]

    assert late.state is ScanState.REFUSED
    assert late.refusal is not None
    assert late.refusal.code == RESTRICTED
    assert world.objects(late) == set()
    assert not rig.account(user).disabled, "who is suspended can read why, and appeal"

    rig.undo(case)
    rig.deliver(user)
    free = signed_in_again(world.stack, person)
    assert world.judged(pictures.clean(), person=free).state is ScanState.PUBLISHED  # type: ignore[arg-type]


def test_a_ban_disables_the_account_and_its_end_enables_it(world: World) -> None:
    rig, person = Rig(world), world.adult()
    user = UserId(person.uid)
    case = rig.struck(user, KNOWN)

    assert set(rig.deliver(user)) == {Outcome.DELIVERED}

    account = rig.account(user)
    assert account.disabled
    assert account.claims == {"ageGroup": "adult", "uploadsRestricted": True, "accountClosed": True}
    with pytest.raises(Answered):
        signed_in_again(world.stack, person)

    rig.undo(case)
    rig.deliver(user)

    account = rig.account(user)
    assert not account.disabled
    assert account.claims == {"ageGroup": "adult"}
    signed_in_again(world.stack, person)


def test_delivered_twice_and_out_of_order_it_ends_as_the_record_says(world: World) -> None:
    rig, person = Rig(world), world.adult()
    user = UserId(person.uid)
    case = rig.struck(user, KNOWN)
    rig.undo(case)
    late, first = rig.restrictions(user)[::-1]

    for entry in (late, first, first, late):
        deliver(entry.id, rig.outbox)

    assert not rig.account(user).disabled


def test_an_account_that_an_operator_disabled_stays_so_when_a_ban_ends(world: World) -> None:
    rig, person = Rig(world), world.adult()
    user = UserId(person.uid)
    change_account(world.stack, user, disableUser=True)

    case = rig.struck(user, KNOWN)
    rig.deliver(user)
    rig.undo(case)
    rig.deliver(user)

    assert rig.account(user).disabled


def test_an_account_that_is_gone_meanwhile_keeps_nothing_waiting(world: World) -> None:
    rig, person = Rig(world), world.adult()
    user = UserId(person.uid)
    case = rig.struck(user, KNOWN)
    change_account(world.stack, user, "delete")

    rig.deliver(user)
    rig.undo(case)
    rig.deliver(user)

    assert {each.state for each in rig.entries(user)} == {OutboxState.DELIVERED}


def test_a_real_upload_of_known_media_bans_through_the_whole_pipeline(world: World) -> None:
    rig, person, content = Rig(world), world.adult(), pictures.clean()
    found = pictures.pdq(content)
    world.bank(HashAlgorithm.PDQ, found.hex, quality=found.quality)

    job = world.judged(content, person=person)  # type: ignore[arg-type]
    after = world.judged(pictures.clean(), person=person)  # type: ignore[arg-type]

    assert job.state is ScanState.BLOCKED
    assert rig.stands(UserId(person.uid))[0] is How.BANNED
    assert (after.state, after.verdict) == (ScanState.REFUSED, None)


# ---- what a verdict rested on falls


def falls(work: Work, job: ScanJob) -> None:
    """The entry that blocked an upload was a mistake."""
    entry = work.entry(job)
    service.disable(BankId(entry.parent_id), entry.id, "a holiday", SENIOR, work.world.banks)
    bank_upkeep.reopen_cases(work.world.banks)


def test_a_ban_ends_with_the_entry_that_it_rested_on_until_a_moderator_has_decided(
    world: World,
) -> None:
    rig, work, person = Rig(world), Work(world, desk_of(world)), world.adult()
    user = UserId(person.uid)
    job = work.blocked(person)
    rig.deliver(user)
    assert rig.account(user).disabled

    falls(work, job)
    rig.deliver(user)

    strike, case = work.strike(job), work.case(job)
    assert strike is not None
    assert (strike.state, strike.decided_at) == (StrikeState.PROVISIONAL, None)
    assert (case.status, case.needs_confirmation) == (CaseStatus.OPEN, True)
    assert rig.stands(user) == (How.SUSPENDED, 0, {UPLOADS: False})
    assert not rig.account(user).disabled
    assert rig.told(user)[-1] is NotificationKind.RESTRICTION_LIFTED
    signed_in_again(world.stack, person)

    work.decided(job, CaseOutcome.UPHOLD)
    rig.deliver(user)

    assert rig.stands(user) == (How.BANNED, 1, {ACCOUNT: True, UPLOADS: True})
    assert rig.account(user).disabled


def test_an_account_that_only_the_fallen_entry_spoke_against_is_free_once_overturned(
    world: World,
) -> None:
    rig, work, person = Rig(world), Work(world, desk_of(world)), world.adult()
    user = UserId(person.uid)
    job = work.blocked(person)
    falls(work, job)

    work.decided(job, CaseOutcome.RELEASE)
    rig.deliver(user)

    assert rig.stands(user) == (How.GOOD, 0, {})
    assert rig.account(user).claims == {"ageGroup": "adult"}


@pytest.mark.parametrize("word", ["upheld", "confirmed"])
def test_a_ban_that_a_moderator_has_confirmed_does_not_fall_with_an_entry(
    world: World, word: str
) -> None:
    rig, work = Rig(world), Work(world, desk_of(world))
    job = work.blocked()
    if word == "upheld":
        work.decided(job, CaseOutcome.UPHOLD)
    else:
        rig.confirm(CaseId(job.id))

    falls(work, job)

    assert rig.case(job.id).status is CaseStatus.OPEN
    assert rig.stands(job.uploader_id)[:2] == (How.BANNED, 1)


# ---- what ends by itself


def test_a_strike_expires_and_the_standing_with_it(rig: Rig) -> None:
    user = rig.user()
    case = rig.struck(user)
    rig.uphold(case)
    assert rig.stands(user) == (How.WARNED, 1, {})

    rig.world.clock.ahead = timedelta(days=181)
    assert rig.refresh() >= 1
    revision = rig.record(user)
    rig.refresh()

    strike = rig.strike(user, case)
    assert strike is not None
    assert strike.state is StrikeState.EXPIRED
    assert rig.stands(user) == (How.GOOD, 0, {})
    assert rig.record(user) == revision
    assert rig.told(user) == [], "nothing was closed, so nothing opens"


def test_uploads_closed_for_a_time_open_again_by_schedule(world: World) -> None:
    rig, person = Rig(world), world.adult()
    user = UserId(person.uid)
    rule = RULES.restriction.model_copy(update={"closed_days": 14})
    rules = RULES.model_copy(update={"restriction": rule})
    policy = POLICY.model_copy(update={"enforcement": rules})
    cases = [rig.file(rig.job(user), VOICE, policy=policy) for _ in range(5)]
    for case in cases:
        found = rig.case(case.id)
        rig.change(
            lambda tx, found=found: strikes.confirming(tx, found, rig.now(), policy=rules)  # type: ignore[misc]
        )
    rig.deliver(user)
    assert rig.stands(user) == (How.RESTRICTED, 5, {UPLOADS: True})
    assert rig.account(user).claims["uploadsRestricted"] is True

    world.clock.ahead = timedelta(days=14, minutes=1)
    assert Standing(rig.store, world.clock).closed(user, None) is None, "even before the schedule"
    rig.refresh(rules)
    rig.deliver(user)

    assert rig.stands(user) == (How.WARNED, 5, {})
    assert "uploadsRestricted" not in rig.account(user).claims
    assert rig.told(user)[-1] is NotificationKind.RESTRICTION_LIFTED


def test_two_schedules_at_once_end_a_strike_once(rig: Rig) -> None:
    user = rig.user()
    rig.uphold(rig.struck(user))
    before = rig.record(user)
    assert before is not None
    rig.world.clock.ahead = timedelta(days=181)

    assert at_once([rig.refresh, rig.refresh]) == []

    after = rig.record(user)
    assert after is not None
    assert after.revision == before.revision + 1


# ---- where uploads come from


def test_a_device_and_an_address_are_kept_as_keyed_hashes_only(rig: Rig) -> None:
    user, phone, place = rig.user(), device(), address()

    case, origin = rig.came_from(user, device=phone, address=place)

    stored = repr([origin.to_firestore(), rig.world.details(case), *_traces(rig, user)])
    assert phone not in stored
    assert place not in stored
    details, attempt = rig.world.details(case), rig.store.get(BlockedUploadAttempt, case)
    assert details is not None
    assert attempt is not None
    assert details.device_hash == attempt.device_hash == origin.device_hash is not None
    assert details.ip_hash == attempt.ip_hash == origin.ip_hash is not None
    assert origin.device_hash != origin.ip_hash


def _traces(rig: Rig, user: UserId) -> list[AccountTrace]:
    return list(rig.store.query(Query(AccountTrace, (Where("userId", "==", user),))))


def test_the_first_word_on_an_upload_counts(rig: Rig) -> None:
    user = rig.user()

    first = rig.begin(user, "upload-1", device=device())
    second = rig.begin(user, "upload-1", device=device())

    assert first == second
    assert len(_traces(rig, user)) == 1


def test_the_same_device_has_the_same_hash_for_everybody_and_every_instance(rig: Rig) -> None:
    phone = device()
    other = Rig(rig.world)

    one = rig.begin(rig.user(), "upload-1", device=phone)
    two = other.begin(other.user(), "upload-2", device=phone)

    assert one is not None
    assert two is not None
    assert one.device_hash == two.device_hash
    stored = rig.store.get(HashingKey, HashingKey.ORIGINS_ID)
    assert stored is not None
    assert rig.hasher._key not in stored.wrapped


def test_without_the_deployments_key_nothing_is_noted_and_nobody_kept_out(rig: Rig) -> None:
    user = rig.user()
    rig.hasher = OriginHasher(rig.store, NoKey("none"), rig.world.clock)

    assert rig.begin(user, "upload-1", device=device(), address=address()) is None
    assert _traces(rig, user) == []


@pytest.mark.parametrize("nowhere", ["127.0.0.1", "10.1.2.3", "unknown", "", "::1", "fe80::1%eth0"])
def test_an_address_that_says_nothing_is_not_noted(rig: Rig, nowhere: str) -> None:
    assert rig.begin(rig.user(), "upload-1", address=nowhere) is None


# ---- blocks


def test_a_blocked_device_is_refused_to_another_account_until_it_is_unblocked(
    world: World,
) -> None:
    rig, phone, other = Rig(world), device(), world.adult()
    case, origin = rig.came_from(rig.user(), device=phone)
    block = rig.block(origin.device_hash, case)

    def uploaded() -> ScanJob:
        upload = world.upload(pictures.clean(), person=other)
        rig.begin(UserId(other.uid), upload.name.split("/")[2], device=phone)
        return world.scan(world.deliver(upload))

    refused = uploaded()
    assert refused.refusal is not None
    assert (refused.state, refused.refusal.code) == (ScanState.REFUSED, DEVICE_BLOCKED)
    assert block.kind is BlockedThing.DEVICE

    blocks.unblock(block.id, "sold", SENIOR, store=rig.store, clock=world.clock)
    assert uploaded().state is ScanState.PUBLISHED


def test_from_a_blocked_address_uploads_are_held_once_and_for_a_week_at_most(rig: Rig) -> None:
    place, other = address(), rig.user()
    case, origin = rig.came_from(rig.user(), address=place)
    block = rig.block(origin.ip_hash, case)
    assert block.until is not None
    assert block.until - rig.now() <= timedelta(days=7)

    held_id, _ = rig.came_from(other, HARMLESS, address=place)
    held = rig.store.get(ScanJob, held_id)
    assert held is not None
    assert held.state is ScanState.HELD
    assert held.verdict is not None
    assert [each.code for each in held.verdict.reasons] == [ReasonCode.ORIGIN_WATCHED]
    assert rig.record(other) is None, "it is no word on them"

    def permit(tx: Transaction) -> None:
        release.permit(tx, release.read(tx, held_id), Action.ALLOW, rig.now())

    rig.store.run(permit)
    again = rig.store.get(ScanJob, held_id)
    assert again is not None
    lease = Lease(worker="w", until=rig.now() + timedelta(hours=1))
    rig.store.put(again.model_copy(update={"state": ScanState.SCANNING, "lease": lease}))
    assert rig.file(again, HARMLESS).state is ScanState.DECIDED

    rig.world.clock.ahead = timedelta(days=7, minutes=1)
    later, _ = rig.came_from(other, HARMLESS, address=place)
    assert rig.world.job(JobId(later)).state is ScanState.DECIDED


def test_an_address_is_not_blocked_for_longer(rig: Rig) -> None:
    case, origin = rig.came_from(rig.user(), address=address())

    with pytest.raises(Invalid) as too_long:
        rig.block(origin.ip_hash, case, rig.now() + timedelta(days=8))
    with pytest.raises(Invalid) as past:
        rig.block(origin.ip_hash, case, rig.now() - timedelta(seconds=1))

    assert [too_long.value.code, past.value.code] == ["too_long", "in_the_past"]


def test_only_what_a_standing_case_came_from_is_blocked(rig: Rig) -> None:
    user, phone = rig.user(), device()
    case, origin = rig.came_from(user, device=phone)
    held, from_held = rig.came_from(rig.user(), Judged((speech(0.01),)), device=device())

    with pytest.raises(NotFound):
        rig.block(device(), case)
    with pytest.raises(NotFound):
        rig.block(origin.device_hash, CaseId(secrets.token_hex(32)))
    with pytest.raises(Conflict):
        rig.block(from_held.device_hash, held)
    for actor in (MODERATOR, Actor(kind=ActorKind.ADMIN, id=user)):
        with pytest.raises(Forbidden):
            rig.block(origin.device_hash, case, by=actor)
    assert rig.store.get(DeviceBlock, origin.device_hash or "") is None


def test_what_very_many_accounts_use_is_not_blocked(rig: Rig) -> None:
    phone = device()
    case, origin = rig.came_from(rig.user(), device=phone)
    for _ in range(RULES.popular_accounts):
        rig.begin(rig.user(), "upload-1", device=phone)

    with pytest.raises(Conflict) as refused:
        rig.block(origin.device_hash, case)
    assert refused.value.code == "shared_by_many"


def test_a_block_ends_with_the_last_case_that_it_rests_on(rig: Rig) -> None:
    phone = device()
    (one, origin), (two, _) = (rig.came_from(rig.user(), device=phone) for _ in range(2))
    rig.block(origin.device_hash, one)
    block = rig.block(origin.device_hash, two)
    assert set(block.case_ids) == {one, two}

    rig.undo(one)
    left = rig.store.get(DeviceBlock, block.id)
    rig.undo(two)
    gone = rig.store.get(DeviceBlock, block.id)

    assert left is not None
    assert gone is not None
    assert (left.active, left.case_ids) == (True, (two,))
    assert (gone.active, gone.expire_at is not None) == (False, True)


def test_a_block_whose_time_is_over_is_marked_once(rig: Rig) -> None:
    case, origin = rig.came_from(rig.user(), device=device())
    block = rig.block(origin.device_hash, case, rig.now() + timedelta(days=1))
    admission = Standing(rig.store, rig.world.clock)
    assert admission.closed(rig.user(), block.id) is not None

    rig.world.clock.ahead = timedelta(days=1, minutes=1)
    assert admission.closed(rig.user(), block.id) is None
    assert upkeep.end_blocks(store=rig.store, clock=rig.world.clock) >= 1
    ended = rig.store.get(DeviceBlock, block.id)

    assert ended is not None
    assert not ended.active


# ---- one person's accounts


def found(rig: Rig, user: UserId, by: Actor = MODERATOR) -> dict[UserId, set[LinkReason]]:
    """Who is tied to an account directly, and by what."""
    graph = links.find(user, by, policy=RULES, store=rig.store, clock=rig.world.clock)
    return {
        (tie.other if tie.one == user else tie.one): set(tie.reasons)
        for tie in graph.ties
        if user in {tie.one, tie.other}
    }


def test_shared_devices_addresses_and_blocked_media_tie_accounts(rig: Rig) -> None:
    user, by_device, by_address, by_media, stranger = (rig.user() for _ in range(5))
    phone, place, file = device(), address(), secrets.token_hex(32)
    rig.begin(user, "upload-1", device=phone, address=place)
    rig.begin(by_device, "upload-1", device=phone)
    rig.begin(by_address, "upload-1", address=place)
    rig.begin(stranger, "upload-1", device=device(), address=address())
    rig.struck(user, sha256=file)
    rig.struck(by_media, sha256=file)
    rig.struck(stranger)

    tied = found(rig, user)

    assert tied == {
        by_device: {LinkReason.DEVICE},
        by_address: {LinkReason.ADDRESS},
        by_media: {LinkReason.MEDIA, LinkReason.CLUSTER},
    }
    details = rig.store.get_below(EnforcementDetails, user, EnforcementDetails.DETAILS_ID)
    assert details is not None
    weights = {each.user_id: each.weight for each in details.linked_accounts}
    assert weights[by_device] > weights[by_media] > weights[by_address]
    assert rig.audited(user)[-1] is AuditAction.ACCOUNTS_LINKED
    assert [rig.record(each) for each in (by_device, by_address)] == [None, None], (
        "nobody is closed"
    )


def test_watermarks_of_one_device_tie_accounts(rig: Rig) -> None:
    user, other, hashed = rig.user(), rig.user(), secrets.token_hex(32)
    rig.store.put(
        *(
            MediaWatermark(
                id=secrets.token_hex(16),
                job_id=JobId(secrets.token_hex(32)),
                uploader_id=each,
                device_hash=hashed,
                scheme="test",
                key_version="1",
                published_at=rig.now(),
                expire_at=rig.now() + timedelta(days=1),
            )
            for each in (user, other)
        )
    )

    assert found(rig, user) == {other: {LinkReason.WATERMARK}}


def test_what_many_accounts_share_ties_nobody(rig: Rig) -> None:
    user, cafe = rig.user(), device()
    for each in (user, *(rig.user() for _ in range(RULES.popular_accounts))):
        rig.begin(each, "upload-1", device=cafe)

    assert found(rig, user) == {}


def test_the_graph_goes_two_steps_and_no_further(rig: Rig) -> None:
    chain = [rig.user() for _ in range(5)]
    for one, other in pairwise(chain):
        phone = device()
        rig.begin(one, secrets.token_hex(8), device=phone)
        rig.begin(other, secrets.token_hex(8), device=phone)

    graph = links.find(chain[0], MODERATOR, policy=RULES, store=rig.store, clock=rig.world.clock)

    assert graph.accounts == tuple(chain[:3])
    assert graph.complete


def test_a_moderator_does_not_look_into_their_own_account(rig: Rig) -> None:
    user = rig.user()
    with pytest.raises(Forbidden):
        found(rig, user, Actor(kind=ActorKind.ADMIN, id=user))


# ---- what is left in memory


def test_books_go_with_their_transaction(rig: Rig) -> None:
    import gc

    from media_integrity.enforcement import books

    for _ in range(3):
        rig.struck(rig.user())
    gc.collect()

    assert len(books._OPEN) == 0


def test_a_transaction_reads_an_accounts_books_once(rig: Rig) -> None:
    user = rig.user()

    def body(tx: Transaction) -> bool:
        return Books.of(tx, user) is Books.of(tx, user)

    assert rig.store.run(body)

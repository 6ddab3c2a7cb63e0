"""Effects get out once: against Firestore and Auth, with workers that race, fail and die.

FCM has no emulator: the Admin SDK talks to a server of the test that answers in FCM's shape
(``tests/unit/fcm_server.py``). Everything else is real.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Barrier
from typing import cast

import pytest

from devkit.client import Denied, Person, admin, app_of, set_claims, sign_up
from devkit.http import send
from devkit.stack import Addresses
from media_integrity.api.callables import Caller, Role
from media_integrity.api.notifications import (
    ForgetPushToken,
    RegisterPushToken,
    SetNotificationSettings,
    forget_push_token,
    register_push_token,
    set_notification_settings,
)
from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.firestore import Contention, Query, Store, Transaction, Where
from media_integrity.cloud.messaging import Fcm
from media_integrity.matching.alarms import alarm_id
from media_integrity.notifications import claims
from media_integrity.notifications.backend import OutboxBackend
from media_integrity.notifications.deliver import Due, deliver, deliver_due, revive
from media_integrity.notifications.settings import MAX_PHONES, register_token, tokens_of
from media_integrity.notifications.texts import text_for
from media_integrity.notifications.work import Outcome
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.enforcement import EnforcementRecord, Restriction, RestrictionKind
from media_integrity.schema.enums import Action, Severity, Violation
from media_integrity.schema.errors import Conflict, Invalid, NotFound
from media_integrity.schema.notifications import (
    Language,
    Notification,
    NotificationKind,
    NotificationSettings,
    Platform,
    PushToken,
    QuietHours,
)
from media_integrity.schema.outbox import (
    MAX_DELIVERY_TRIES,
    Channel,
    CountEffect,
    Effect,
    EscalateEffect,
    Mail,
    MailText,
    NotifyEffect,
    OutboxEntry,
    OutboxState,
    OutsideReportEffect,
    RestrictEffect,
)
from media_integrity.schema.reports import (
    OWN_APP,
    Report,
    ReportedMedia,
    ReportKind,
    ReportPriority,
)
from media_integrity.schema.statistics import DailyStatistics
from tests.unit.fcm_server import TAKEN, UNREGISTERED, FcmServer, error, fcm_server

APP_URL = "https://app.example.com/open"
BUSY = error(503, "UNAVAILABLE")


class Died(BaseException):
    """As when the process is killed: no ``except Exception`` runs."""


@dataclass
class SetClock:
    """Stands where the test sets it."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Post:
    """One test's outbox: its own clock, its own people, its own phones."""

    stack: Addresses
    fcm: FcmServer
    clock: SetClock
    backend: OutboxBackend
    entries: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.backend.store

    def person(self, *, mail_verified: bool = False, **claims: bool) -> UserId:
        person = sign_up(self.stack, "person", **claims)
        if mail_verified:
            change_account(self.stack, person.uid, emailVerified=True)
        return UserId(person.uid)

    def phone(self, user: UserId, *, language: str | None = None) -> str:
        token = f"phone-{secrets.token_hex(12)}"
        register_token(user, token, Platform.ANDROID, language, store=self.store, clock=self.clock)
        return token

    def put(self, effect: Effect, **changes: object) -> OutboxEntry:
        fields: dict[str, object] = {
            "id": f"cause-{secrets.token_hex(6)}_{effect.kind}",
            "effect": effect,
            "next_try_at": self.clock.now(),
            "created_at": self.clock.now(),
        }
        entry = OutboxEntry.model_validate({**fields, **changes})
        self.store.put(entry)
        self.entries.append(entry.path)
        return entry

    def tell(
        self, user: UserId, kind: NotificationKind = NotificationKind.UPLOAD_HELD, **ids: str
    ) -> OutboxEntry:
        effect = NotifyEffect.model_validate({"user_id": user, "notification": kind, **ids})
        return self.put(effect)

    def deliver(self, entry: OutboxEntry) -> Outcome:
        return deliver(entry.id, self.backend)

    def now(self, entry: OutboxEntry) -> OutboxEntry:
        found = self.store.get(OutboxEntry, entry.id)
        assert found is not None
        return found

    def told(self, entry: OutboxEntry) -> Notification | None:
        return self.store.get(Notification, entry.id)

    def mail(self, entry: OutboxEntry) -> Mail | None:
        return self.store.get(Mail, entry.id)

    def pushes(self, token: str) -> list[dict[str, object]]:
        return [each for each in self.fcm.messages if each["token"] == token]

    def wait(self, **time: float) -> None:
        self.clock.at += timedelta(**time)

    def alarm(self, kind: AlarmKind, subject: str) -> Alarm | None:
        return self.store.get(Alarm, alarm_id(kind, subject))


@pytest.fixture(scope="module")
def server() -> Iterator[FcmServer]:
    with fcm_server() as running:
        yield running


@pytest.fixture(scope="module")
def fcm(emulated: Addresses, server: FcmServer) -> Fcm:
    return Fcm(SetClock(datetime.now(UTC)))


@pytest.fixture(scope="module")
def store(emulated: Addresses) -> Store:
    return Store(emulated.project)


@pytest.fixture(scope="module", autouse=True)
def _nothing_else_due(store: Store) -> None:
    """A run takes the longest waiting first, until its time is over. The modules before this one
    share the database and deliver nothing: a thousand entries would stand before the first of ours.
    """
    for left in batched((each.path for each in store.query(Query(Due))), 400):
        store.delete(*left)


def batched(paths: Iterable[str], size: int) -> Iterator[list[str]]:
    every = iter(paths)
    while batch := list(islice(every, size)):
        yield batch


@pytest.fixture
def post(emulated: Addresses, server: FcmServer, fcm: Fcm, store: Store) -> Iterator[Post]:
    server.clear()
    clock = SetClock(datetime.now(UTC))
    backend = OutboxBackend(store, Accounts(), fcm, clock, APP_URL)
    post = Post(emulated, server, clock, backend)
    yield post
    store.delete(*post.entries)


def change_account(stack: Addresses, uid: str, **account: object) -> None:
    url = f"{stack.url('auth')}/identitytoolkit.googleapis.com/v1/projects/{stack.project}"
    headers = {"Content-Type": "application/json", "Authorization": "Bearer owner"}
    send(
        "POST", f"{url}/accounts:update", json.dumps({"localId": uid, **account}).encode(), headers
    )


def delete_account(stack: Addresses, uid: str) -> None:
    url = f"{stack.url('auth')}/identitytoolkit.googleapis.com/v1/projects/{stack.project}"
    headers = {"Content-Type": "application/json", "Authorization": "Bearer owner"}
    send("POST", f"{url}/accounts:delete", json.dumps({"localId": uid}).encode(), headers)


def at_once(number: int, act: Callable[[], Outcome]) -> list[Outcome]:
    start = Barrier(number)

    def one(_: int) -> Outcome:
        start.wait()
        return act()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


# ---- telling a person


def test_a_person_is_told_in_the_app_and_on_every_phone(post: Post) -> None:
    user = post.person()
    phones = [post.phone(user), post.phone(user)]
    entry = post.tell(user, NotificationKind.UPLOAD_HELD, case_id="case")

    assert post.deliver(entry) is Outcome.DELIVERED

    told, done = post.told(entry), post.now(entry)
    assert told is not None
    assert (told.user_id, told.kind, told.case_id) == (user, entry.effect.notification, "case")  # type: ignore[union-attr]
    assert told.expire_at == post.clock.now() + timedelta(days=90)
    assert [len(post.pushes(phone)) for phone in phones] == [1, 1]
    assert (done.state, done.last_error, done.lease) == (OutboxState.DELIVERED, None, None)
    assert done.reached == (Channel.IN_APP, Channel.PUSH)
    assert done.expire_at == post.clock.now() + timedelta(days=7)
    assert post.mail(entry) is None  # not of this kind


def test_two_workers_at_once_tell_once(post: Post) -> None:
    user = post.person(mail_verified=True)
    phone = post.phone(user)
    entry = post.tell(user, NotificationKind.APPEAL_DECIDED)

    outcomes = at_once(4, lambda: post.deliver(entry))

    assert sorted(outcomes) == [Outcome.DELIVERED, *[Outcome.SKIPPED] * 3]
    assert len(post.pushes(phone)) == 1
    assert post.now(entry).tries == 1


def test_two_schedules_at_once_deliver_each_entry_once(post: Post) -> None:
    people = [post.person() for _ in range(3)]
    phones = [post.phone(user) for user in people]
    entries = [post.tell(user) for user in people for _ in range(4)]
    start = Barrier(2)

    def run(_: int) -> int:
        start.wait()
        return deliver_due(post.backend, budget_s=30).get(Outcome.DELIVERED, 0)

    with ThreadPoolExecutor(2) as pool:
        delivered = list(pool.map(run, range(2)))

    assert sum(delivered) >= len(entries)  # others of this stack may be due too
    assert {post.now(entry).state for entry in entries} == {OutboxState.DELIVERED}
    assert [len(post.pushes(phone)) for phone in phones] == [4, 4, 4]
    assert {post.now(entry).tries for entry in entries} == {1}


def test_what_was_delivered_is_left_alone(post: Post) -> None:
    user = post.person()
    phone = post.phone(user)
    entry = post.tell(user)
    post.deliver(entry)
    read = admin(post.stack).firestore
    read.update(f"victim_notifications/{entry.id}", {"readAt": post.clock.now()})

    assert post.deliver(entry) is Outcome.SKIPPED
    assert deliver("nothing-there", post.backend) is Outcome.SKIPPED

    told = post.told(entry)
    assert told is not None
    assert told.read_at is not None
    assert len(post.pushes(phone)) == 1


def test_a_worker_that_dies_after_fcm_took_the_push_leaves_one_notification_and_one_key(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = post.person(mail_verified=True)
    phone = post.phone(user)
    entry = post.tell(user, NotificationKind.APPEAL_DECIDED)
    real = post.backend.push.send

    def send_and_die(*args: object) -> object:
        real(*args)  # type: ignore[arg-type]
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(post.backend.push, "send", send_and_die)
        with pytest.raises(Died):
            post.deliver(entry)
    told_first, mail_first = post.told(entry), post.mail(entry)
    in_between = post.deliver(entry)
    post.wait(seconds=claims.LEASE.total_seconds() + 1)

    assert in_between is Outcome.SKIPPED  # the dead worker's lease still stands
    assert post.deliver(entry) is Outcome.DELIVERED

    first, second = post.pushes(phone)
    assert first["android"]["notification"] == second["android"]["notification"]  # type: ignore[index]
    assert post.told(entry) == told_first
    assert post.mail(entry) == mail_first
    assert post.now(entry).tries == 2


def test_a_cause_that_writes_its_entry_twice_tells_once(post: Post) -> None:
    user = post.person(mail_verified=True)
    entry = post.tell(user, NotificationKind.APPEAL_DECIDED)
    post.deliver(entry)
    read_at = post.clock.now()
    admin(post.stack).firestore.update(f"victim_notifications/{entry.id}", {"readAt": read_at})
    mailed = post.mail(entry)

    post.store.put(entry)
    post.wait(seconds=60)
    assert post.deliver(entry) is Outcome.DELIVERED

    told = post.told(entry)
    assert told is not None
    assert told.read_at == read_at
    assert post.mail(entry) == mailed


def test_a_worker_that_dies_before_it_tells_anything_is_followed_by_another(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = post.tell(post.person())

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Accounts, "find", die)
        with pytest.raises(Died):
            post.deliver(entry)
    post.wait(seconds=claims.LEASE.total_seconds() + 1)

    assert deliver_due(post.backend, budget_s=30)[Outcome.DELIVERED] >= 1
    assert post.told(entry) is not None


def test_a_worker_whose_lease_ran_out_writes_nothing_any_more(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = post.person()
    entry = post.tell(user)
    real = Accounts.find
    first = True

    def slow(accounts: Accounts, account: UserId) -> object:
        nonlocal first
        if first:  # meanwhile the lease ends and another worker does it all
            first = False
            post.wait(seconds=claims.LEASE.total_seconds() + 1)
            assert post.deliver(entry) is Outcome.DELIVERED
        return real(accounts, account)

    monkeypatch.setattr(Accounts, "find", slow)

    assert post.deliver(entry) is Outcome.SKIPPED
    assert post.now(entry).state is OutboxState.DELIVERED


# ---- failing and trying again


def test_a_database_that_fails_after_the_push_loses_and_raises_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = post.person()
    phone = post.phone(user)
    entry = post.tell(user)
    real = Store.run

    def run(store: Store, body: Callable[[Transaction], object]) -> object:
        if post.pushes(phone):
            raise Contention
        return real(store, body)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "run", run)
        assert post.deliver(entry) is Outcome.SKIPPED
    post.wait(seconds=claims.LEASE.total_seconds() + 1)

    assert post.deliver(entry) is Outcome.DELIVERED
    assert post.told(entry) is not None


def test_only_the_phone_that_failed_is_tried_again(post: Post) -> None:
    user = post.person()
    good, bad = post.phone(user), post.phone(user)
    post.fcm.answers[bad] = error(429, "RESOURCE_EXHAUSTED", Retry_After="900")
    entry = post.tell(user)

    assert post.deliver(entry) is Outcome.RETRY
    failed = post.now(entry)
    post.fcm.answers.clear()
    at_once_again = post.deliver(entry)
    post.wait(seconds=901)
    assert post.deliver(entry) is Outcome.DELIVERED

    assert at_once_again is Outcome.SKIPPED
    assert failed.next_try_at == failed.created_at + timedelta(seconds=900)  # as FCM asked
    assert (failed.last_error, failed.tries, failed.lease) == ("push_resource_exhausted", 1, None)
    assert (len(post.pushes(good)), len(post.pushes(bad))) == (1, 2)
    assert post.now(entry).last_error is None


def test_after_twelve_tries_an_effect_is_dead_and_an_alarm_says_so_and_it_can_be_revived(
    post: Post,
) -> None:
    user = post.person()
    phone = post.phone(user)
    post.fcm.otherwise = BUSY
    entry = post.tell(user)
    before = post.alarm(AlarmKind.OUTBOX_DEAD, "outbox")

    outcomes = []
    waits = []
    for _ in range(MAX_DELIVERY_TRIES):
        outcomes.append(post.deliver(entry))
        due = post.now(entry).next_try_at
        if due is not None:
            waits.append(due - post.clock.at)
            post.clock.at = due

    dead = post.now(entry)
    alarm = post.alarm(AlarmKind.OUTBOX_DEAD, "outbox")
    assert outcomes == [Outcome.RETRY] * (MAX_DELIVERY_TRIES - 1) + [Outcome.DEAD]
    assert timedelta(hours=8) < sum(waits, timedelta()) < timedelta(hours=21)
    assert (dead.state, dead.last_error) == (OutboxState.DEAD, "push_unavailable")
    assert (dead.next_try_at, dead.expire_at) == (None, None)
    assert len(post.pushes(phone)) == MAX_DELIVERY_TRIES
    assert alarm is not None
    assert alarm.times == (before.times if before else 0) + 1
    assert entry.id in alarm.text
    assert user not in alarm.text
    assert post.told(entry) is not None  # in the app it was said all the same

    assert post.deliver(entry) is Outcome.SKIPPED
    post.fcm.otherwise = TAKEN
    revive(entry.id, post.backend)
    assert post.deliver(entry) is Outcome.DELIVERED
    with pytest.raises(Conflict):
        revive(entry.id, post.backend)
    with pytest.raises(NotFound):
        revive("nothing-there", post.backend)


def test_an_entry_that_kills_its_workers_runs_out_of_tries_too(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = post.put(RestrictEffect(user_id=post.person()))

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Accounts, "set_claim", die)
        for _ in range(MAX_DELIVERY_TRIES):
            with pytest.raises(Died):
                post.deliver(entry)
            post.wait(seconds=claims.LEASE.total_seconds() + 1)

    assert post.deliver(entry) is Outcome.DEAD
    assert post.now(entry).last_error == "out_of_tries"
    alarm = post.alarm(AlarmKind.OUTBOX_DEAD, entry.path)
    assert alarm is not None
    assert alarm.severity is Severity.CRITICAL


def test_a_phone_that_is_gone_is_forgotten(post: Post) -> None:
    user = post.person()
    gone, here = post.phone(user), post.phone(user)
    post.fcm.answers[gone] = UNREGISTERED
    entry = post.tell(user)

    assert post.deliver(entry) is Outcome.DELIVERED

    left = tokens_of(user, post.clock.now(), post.store)
    assert [token.token for token in left] == [here]
    assert post.now(entry).reached == (Channel.IN_APP, Channel.PUSH)


def test_a_message_that_fcm_will_never_take_is_not_sent_for_ever(post: Post) -> None:
    user = post.person()
    phone = post.phone(user)
    post.fcm.answers[phone] = error(400, "INVALID_ARGUMENT")
    entry = post.tell(user)

    assert post.deliver(entry) is Outcome.DELIVERED

    done = post.now(entry)
    assert (done.last_error, done.reached) == ("invalid_argument", (Channel.IN_APP,))
    assert len(tokens_of(user, post.clock.now(), post.store)) == 1


def test_to_an_account_that_was_deleted_nothing_is_written(post: Post) -> None:
    user = post.person()
    phone = post.phone(user)
    delete_account(post.stack, user)
    told, closed = post.tell(user), post.put(RestrictEffect(user_id=user))

    assert [post.deliver(told), post.deliver(closed)] == [Outcome.DELIVERED] * 2

    assert [post.now(told).last_error, post.now(closed).last_error] == ["no_account"] * 2
    assert post.told(told) is None
    assert post.pushes(phone) == []


def test_a_push_that_comes_days_late_is_left_out(post: Post) -> None:
    user = post.person()
    phone = post.phone(user)
    entry = post.tell(user)
    post.wait(days=2, seconds=1)

    assert post.deliver(entry) is Outcome.DELIVERED
    assert post.now(entry).last_error == "push_too_late"
    assert post.told(entry) is not None
    assert post.pushes(phone) == []


def test_one_malformed_entry_does_not_keep_the_others(post: Post) -> None:
    bad = f"bad-{secrets.token_hex(6)}"
    path = f"outbox/{bad}"
    long_ago = post.clock.now() - timedelta(days=1)
    admin(post.stack).firestore.set(
        path, {"nextTryAt": long_ago, "state": "pending", "effect": {"kind": "from the future"}}
    )
    post.entries.append(path)
    good = post.tell(post.person())

    outcomes = deliver_due(post.backend, budget_s=30)

    assert outcomes[Outcome.UNREADABLE] >= 1
    assert post.now(good).state is OutboxState.DELIVERED
    alarm = post.alarm(AlarmKind.ENTRY_UNREADABLE, path)
    assert alarm is not None
    kept = admin(post.stack).firestore.get(path).fields
    assert kept["effect"] == {"kind": "from the future"}  # a newer release may still deliver it
    assert cast("datetime", kept["nextTryAt"]) > post.clock.now()


# ---- how a person wants to be told


def settings(post: Post, user: UserId, **changes: object) -> None:
    fields = {"id": user, "updated_at": post.clock.now(), **changes}
    post.store.put(NotificationSettings.model_validate(fields))


NIGHT = QuietHours(start=22 * 60, end=7 * 60, zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-10T22:30:00", "2026-01-11T06:00"),
        ("2026-03-28T22:30:00", "2026-03-29T05:00"),  # the clocks go forward
        ("2026-10-24T22:30:00", "2026-10-25T06:00"),  # and back
    ],
    ids=["over_midnight", "spring", "autumn"],
)
def test_in_quiet_hours_the_app_knows_at_once_and_the_phone_in_the_morning(
    post: Post, now: str, until: str
) -> None:
    post.clock.at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    user = post.person(mail_verified=True)
    phone = post.phone(user)
    settings(post, user, quiet=NIGHT)
    entry = post.tell(user, NotificationKind.APPEAL_DECIDED)

    assert post.deliver(entry) is Outcome.WAITING

    waiting = post.now(entry)
    assert post.told(entry) is not None
    assert post.mail(entry) is not None
    assert waiting.next_try_at == datetime.fromisoformat(until).replace(tzinfo=UTC)
    assert (waiting.tries, waiting.lease, post.pushes(phone)) == (0, None, [])
    assert waiting.next_try_at is not None
    post.clock.at = waiting.next_try_at - timedelta(seconds=1)
    assert post.deliver(entry) is Outcome.SKIPPED
    post.clock.at = waiting.next_try_at
    assert post.deliver(entry) is Outcome.DELIVERED
    assert len(post.pushes(phone)) == 1


@pytest.mark.parametrize("opted_in", [True, False])
@pytest.mark.parametrize("kind", ["shield", "extortion", "other_report"])
def test_what_is_urgent_comes_at_night_to_those_who_asked_for_it(
    post: Post, kind: str, opted_in: bool
) -> None:
    post.clock.at = datetime(2026, 1, 10, 23, tzinfo=UTC)
    user = post.person()
    phone = post.phone(user)
    settings(post, user, quiet=NIGHT, urgent_always=opted_in)
    if kind == "shield":
        entry = post.tell(user, NotificationKind.SHIELD_MEDIA_HELD)
    else:
        report = Report(
            id=f"report-{secrets.token_hex(6)}",
            reporter_id=user,
            kind=ReportKind.EXTORTION if kind == "extortion" else ReportKind.OTHER,
            priority=ReportPriority.IMMEDIATE,
            media=(ReportedMedia(platform=OWN_APP, job_id="job"),),
            created_at=post.clock.now(),
            updated_at=post.clock.now(),
        )
        post.store.put(report)
        entry = post.tell(user, NotificationKind.REPORT_CHANGED, report_id=report.id)

    comes = opted_in and kind != "other_report"
    assert post.deliver(entry) is (Outcome.DELIVERED if comes else Outcome.WAITING)
    assert len(post.pushes(phone)) == comes
    if comes:
        assert post.pushes(phone)[0]["android"]["priority"] == "high"  # type: ignore[index]


def test_who_wants_no_push_and_no_mail_is_told_in_the_app(post: Post) -> None:
    user = post.person(mail_verified=True)
    phone = post.phone(user)
    settings(post, user, push=False, mail=False)
    entry = post.tell(user, NotificationKind.APPEAL_DECIDED)

    assert post.deliver(entry) is Outcome.DELIVERED
    assert post.told(entry) is not None
    assert (post.pushes(phone), post.mail(entry)) == ([], None)
    assert post.now(entry).reached == (Channel.IN_APP,)


def test_settings_that_cannot_be_read_disturb_nobody(post: Post) -> None:
    user = post.person(mail_verified=True)
    phone = post.phone(user)
    admin(post.stack).firestore.set(f"notification_settings/{user}", {"quiet": "half-written"})
    entry = post.tell(user, NotificationKind.APPEAL_DECIDED)

    assert post.deliver(entry) is Outcome.DELIVERED
    assert post.told(entry) is not None
    assert (post.pushes(phone), post.mail(entry)) == ([], None)


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize(
    "kind",
    [
        NotificationKind.SHIELD_MEDIA_BLOCKED,
        NotificationKind.APPEAL_DECIDED,
        NotificationKind.RESTRICTION_SET,
        NotificationKind.REPORT_CHANGED,
        NotificationKind.UPLOAD_HELD,
    ],
)
def test_a_mail_goes_to_verified_addresses_for_what_must_be_known(
    post: Post, kind: NotificationKind, verified: bool
) -> None:
    user = post.person(mail_verified=verified)
    settings(post, user, language="pl-PL")
    entry = post.tell(user, kind, case_id="case")

    assert post.deliver(entry) is Outcome.DELIVERED

    mail = post.mail(entry)
    if not verified or kind is NotificationKind.UPLOAD_HELD:
        assert mail is None
        return
    assert mail is not None
    assert (mail.to_uids, mail.to) == ((user,), ())
    assert mail.template is not None
    assert mail.template.data.app_url == APP_URL
    assert mail.template.data.language is Language.POLISH
    words = post.store.get(MailText, mail.template.name)
    assert words is not None
    assert words.subject == text_for(kind, Language.POLISH).title


def test_without_an_address_of_the_app_no_mail_is_written(post: Post) -> None:
    post.backend = OutboxBackend(
        post.store, post.backend.accounts, post.backend.push, post.clock, None
    )
    entry = post.tell(post.person(mail_verified=True), NotificationKind.APPEAL_DECIDED)

    assert post.deliver(entry) is Outcome.DELIVERED
    assert post.mail(entry) is None
    assert post.now(entry).reached == (Channel.IN_APP,)


@pytest.mark.parametrize(
    ("set_to", "phone", "language"),
    [
        (None, None, Language.ENGLISH),
        ("pt-BR", "de", Language.ENGLISH),  # what was set and is not there: not another's
        ("ar", "de", Language.ARABIC),
        (None, "fr-CA", Language.FRENCH),
    ],
)
def test_words_are_in_the_persons_language_or_in_english(
    post: Post, set_to: str | None, phone: str | None, language: Language
) -> None:
    user = post.person()
    token = post.phone(user, language=phone)
    settings(post, user, language=set_to)

    post.deliver(post.tell(user, NotificationKind.UPLOAD_BLOCKED))

    text = text_for(NotificationKind.UPLOAD_BLOCKED, language)
    assert post.pushes(token)[0]["notification"] == {"title": text.title, "body": text.body}


# ---- settings and phones, as apps call them


@pytest.fixture
def caller(post: Post) -> Caller:
    return Caller(uid=post.person(), roles=frozenset({Role.SIGNED_IN}))


def test_settings_are_the_callers_own_and_nobody_writes_them_directly(
    post: Post, caller: Caller
) -> None:
    other = sign_up(post.stack, "other")
    asked = SetNotificationSettings(language="de-AT", quiet=NIGHT, urgent_always=True, mail=False)

    set_notification_settings(asked, caller)

    kept = post.store.get(NotificationSettings, caller.uid)
    assert kept is not None
    assert (kept.language, kept.quiet, kept.mail, kept.push) == ("de-AT", NIGHT, False, True)
    assert post.store.get(NotificationSettings, other.uid) is None
    database = app_of(post.stack, other).firestore
    for path in (f"notification_settings/{caller.uid}", f"push_tokens/{'0' * 64}"):
        with pytest.raises(Denied):
            database.set(path, {"push": False})
        with pytest.raises(Denied):
            database.delete(path)
        with pytest.raises(Denied):
            database.get(path)
    assert post.store.get(NotificationSettings, caller.uid) == kept


def test_a_time_zone_that_is_not_known_is_refused(post: Post, caller: Caller) -> None:
    hours = QuietHours(start=0, end=60, zone="Atlantis/Capital")

    with pytest.raises(Invalid):
        set_notification_settings(SetNotificationSettings(quiet=hours), caller)

    assert post.store.get(NotificationSettings, caller.uid) is None


def test_a_phone_belongs_to_the_account_that_signed_in_last(post: Post, caller: Caller) -> None:
    before, token = post.person(), f"shared-{secrets.token_hex(12)}"
    asked = RegisterPushToken(token=token, platform=Platform.IOS)
    register_push_token(asked, Caller(uid=before, roles=frozenset({Role.SIGNED_IN})))

    register_push_token(asked, caller)

    post.wait(seconds=60)
    post.deliver(post.tell(before))
    assert post.pushes(token) == []
    post.deliver(post.tell(caller.uid))
    assert len(post.pushes(token)) == 1


def test_after_signing_out_a_phone_gets_nothing_and_nobody_signs_out_another(
    post: Post, caller: Caller
) -> None:
    token = f"mine-{secrets.token_hex(12)}"
    register_push_token(RegisterPushToken(token=token, platform=Platform.WEB), caller)
    stranger = Caller(uid=post.person(), roles=frozenset({Role.SIGNED_IN}))

    forget_push_token(ForgetPushToken(token=token), stranger)
    post.wait(seconds=60)
    post.deliver(post.tell(caller.uid))
    forget_push_token(ForgetPushToken(token=token), caller)
    post.wait(seconds=60)
    post.deliver(post.tell(caller.uid))
    assert len(post.pushes(token)) == 1

    register_push_token(RegisterPushToken(token=token, platform=Platform.WEB), caller)
    post.deliver(post.tell(caller.uid))
    assert len(post.pushes(token)) == 2


def test_an_account_has_a_limited_number_of_phones_and_the_oldest_makes_room(post: Post) -> None:
    user = post.person()
    tokens = []
    for _ in range(MAX_PHONES + 2):
        tokens.append(post.phone(user))
        post.wait(seconds=1)

    held = tokens_of(user, post.clock.now(), post.store)
    assert {each.token for each in held} == set(tokens[2:])


def test_a_phone_that_registers_again_the_same_day_writes_nothing(post: Post) -> None:
    user = post.person()
    token = post.phone(user)
    first = post.store.get(PushToken, PushToken.id_for(token))

    def again(language: str | None = None) -> PushToken | None:
        register_token(user, token, Platform.ANDROID, language, store=post.store, clock=post.clock)
        return post.store.get(PushToken, PushToken.id_for(token))

    post.wait(hours=1)
    assert again() == first
    assert again("de") != first
    post.wait(days=2)
    later = again("de")
    assert later is not None
    assert later.registered_at == post.clock.now()


# ---- accounts


def claims_of(user: UserId) -> dict[str, object]:
    account = Accounts().find(user)
    assert account is not None
    return dict(account.claims)


def restriction(kind: RestrictionKind = RestrictionKind.UPLOADS) -> Restriction:
    return Restriction(kind=kind, since=datetime.now(UTC))


def record(post: Post, user: UserId, *restrictions: Restriction) -> None:
    post.store.put(
        EnforcementRecord(id=user, restrictions=restrictions, updated_at=post.clock.now())
    )


def test_a_restriction_comes_into_the_claims_beside_the_others_and_ends_sessions(
    post: Post,
) -> None:
    person = sign_up(post.stack, "person", ageGroup="adult", moderator=True)
    user = UserId(person.uid)
    signed_up_at = datetime.now(UTC)
    change_account(post.stack, user, validSince=str(int(signed_up_at.timestamp()) - 3600))
    before, after = (f"uploads/{user}/{secrets.token_hex(6)}/a.png" for _ in range(2))
    app_of(post.stack, person).storage.upload(before, b"x", "image/png")
    post.wait(seconds=-2)  # sessions are counted in whole seconds
    entry = post.put(RestrictEffect(user_id=user, restrictions=(restriction(),)))
    record(post, user, restriction())

    assert post.deliver(entry) is Outcome.DELIVERED

    assert claims_of(user) == {"ageGroup": "adult", "moderator": True, "uploadsRestricted": True}
    fresh = signed_in_again(post.stack, person)
    with pytest.raises(Denied):
        app_of(post.stack, fresh).storage.upload(after, b"x", "image/png")
    account = Accounts().find(user)
    assert account is not None
    assert account.valid_since >= signed_up_at - timedelta(
        seconds=1
    )  # whoever is signed in somewhere signs in again


def signed_in_again(stack: Addresses, person: Person) -> Person:
    url = f"{stack.url('auth')}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=x"
    body = {"email": person.email, "password": person.password, "returnSecureToken": True}
    answer = json.loads(
        send("POST", url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    )
    return Person(person.uid, person.email, person.password, answer["idToken"])


def test_sessions_end_once_an_entry_and_not_when_something_is_opened(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = post.person()
    post.clock.at -= timedelta(minutes=1)
    ended: list[UserId] = []
    real = Accounts.end_sessions

    def end(accounts: Accounts, account: UserId) -> None:
        ended.append(account)
        real(accounts, account)
        if len(ended) == 1:
            raise Died  # after Auth has done it, before the entry is marked

    monkeypatch.setattr(Accounts, "end_sessions", end)
    change_account(post.stack, user, validSince=str(int(post.clock.at.timestamp()) - 3600))
    closing = post.put(RestrictEffect(user_id=user, restrictions=(restriction(),)))

    with pytest.raises(Died):
        post.deliver(closing)
    post.wait(seconds=claims.LEASE.total_seconds() + 1)
    assert post.deliver(closing) is Outcome.DELIVERED
    assert claims_of(user) == {"uploadsRestricted": True}
    assert ended == [user]

    opening = post.put(RestrictEffect(user_id=user))
    assert post.deliver(opening) is Outcome.DELIVERED
    assert claims_of(user) == {}
    assert ended == [user]


def test_an_older_effect_that_comes_late_does_not_close_again(post: Post) -> None:
    user = post.person()
    late = post.put(RestrictEffect(user_id=user, restrictions=(restriction(),)))
    record(post, user)  # lifted meanwhile
    lifted = post.put(RestrictEffect(user_id=user))

    assert [post.deliver(lifted), post.deliver(late)] == [Outcome.DELIVERED] * 2

    assert claims_of(user) == {}


def test_a_record_that_changes_while_claims_are_set_is_followed(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = post.person()
    record(post, user, restriction())
    entry = post.put(RestrictEffect(user_id=user, restrictions=(restriction(),)))
    real = Accounts.set_claim

    def set_claim(accounts: Accounts, account: UserId, name: str, value: bool) -> None:
        record(post, user)  # a moderator lifts it at this moment
        real(accounts, account, name, value)

    monkeypatch.setattr(Accounts, "set_claim", set_claim)

    assert post.deliver(entry) is Outcome.DELIVERED
    assert claims_of(user) == {}


def test_claims_that_cannot_be_set_are_tried_again(post: Post) -> None:
    user = post.person()
    set_claims(post.stack, user, **{"x" * 980: True})  # no room for another: 1000 characters
    entry = post.put(RestrictEffect(user_id=user, restrictions=(restriction(),)))

    assert post.deliver(entry) is Outcome.RETRY
    assert post.now(entry).last_error == "ValueError"


# ---- counters, moderators, the outside


def test_verdicts_are_counted_once_each_however_many_workers(post: Post) -> None:
    post.clock.at = datetime(2031, 5, 6, 12, tzinfo=UTC) + timedelta(days=secrets.randbelow(9000))
    effect = CountEffect(action=Action.BLOCK, violations=(Violation.AI_NUDE,))
    entries = [post.put(effect) for _ in range(12)]

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(post.deliver, [*entries, *entries]))
    for entry in entries:  # those that lost against each other too often
        post.clock.at = max(post.clock.at, post.now(entry).next_try_at or post.clock.at)
        post.deliver(entry)

    day = entries[0].created_at.strftime("%Y-%m-%d")
    shards = list(post.store.query(Query(DailyStatistics, (Where("day", "==", day),))))
    assert sum(shard.counts.uploads[Action.BLOCK] for shard in shards) == 12
    assert sum(shard.counts.violations[Violation.AI_NUDE] for shard in shards) == 12
    assert len(shards) > 1
    assert {post.now(entry).state for entry in entries} == {OutboxState.DELIVERED}


@pytest.mark.parametrize("dies_after", [1, 2, 3])
def test_a_worker_that_dies_after_any_of_its_transactions_counts_once(
    post: Post, monkeypatch: pytest.MonkeyPatch, dies_after: int
) -> None:
    post.clock.at = datetime(2061, 5, 6, 12, tzinfo=UTC) + timedelta(days=secrets.randbelow(9000))
    case = CaseId(f"case-{secrets.token_hex(6)}")
    counting = post.put(CountEffect(action=Action.ALLOW))
    calling = post.put(EscalateEffect(case_id=case))
    real = Store.run
    runs = 0

    def run(store: Store, body: Callable[[Transaction], object]) -> object:
        nonlocal runs
        done = real(store, body)
        runs += 1
        if runs == dies_after:
            raise Died
        return done

    for entry in (counting, calling):
        runs = 0
        with monkeypatch.context() as patch, suppress(Died):
            patch.setattr(Store, "run", run)
            post.deliver(entry)
    post.wait(seconds=claims.LEASE.total_seconds() + 1)
    for entry in (counting, calling):
        post.deliver(entry)

    day = counting.created_at.strftime("%Y-%m-%d")
    (shard,) = post.store.query(Query(DailyStatistics, (Where("day", "==", day),)))
    alarm = post.alarm(AlarmKind.ESCALATION, f"media_integrity_cases/{case}")
    assert shard.counts.uploads == {Action.ALLOW: 1}
    assert alarm is not None
    assert alarm.times == 1


def test_an_escalation_is_an_alarm_for_moderators(post: Post) -> None:
    case = CaseId(f"case-{secrets.token_hex(6)}")
    entry = post.put(EscalateEffect(case_id=case))

    outcomes = at_once(3, lambda: post.deliver(entry))

    alarm = post.alarm(AlarmKind.ESCALATION, f"media_integrity_cases/{case}")
    assert outcomes.count(Outcome.DELIVERED) == 1
    assert alarm is not None
    assert (alarm.times, alarm.severity) == (1, Severity.HIGH)
    assert post.deliver(post.put(EscalateEffect(case_id=case))) is Outcome.DELIVERED
    again = post.alarm(AlarmKind.ESCALATION, f"media_integrity_cases/{case}")
    assert again is not None
    assert again.times == 2


def test_a_report_to_the_outside_is_never_taken_for_sent(post: Post) -> None:
    entry = post.put(OutsideReportEffect(case_id=CaseId("case"), destination="ncmec"))

    assert post.deliver(entry) is Outcome.DEAD

    kept = post.now(entry)
    alarm = post.alarm(AlarmKind.OUTBOX_DEAD, entry.path)
    assert (kept.state, kept.last_error) == (OutboxState.DEAD, "no_destination")
    assert kept.expire_at is None
    assert alarm is not None
    assert alarm.severity is Severity.CRITICAL

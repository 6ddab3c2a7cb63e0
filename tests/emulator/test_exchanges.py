"""Exchanges into banks in the real Firestore: once, in order, and safe against crashes."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest

from media_integrity.banks import importing
from media_integrity.cloud.firestore import Query, Where
from media_integrity.exchanges import service
from media_integrity.exchanges.csv_file import export_bank, read_csv
from media_integrity.exchanges.errors import (
    ExchangeBusy,
    ExchangeMisconfigured,
    ExchangeRefused,
    ExchangeUnavailable,
)
from media_integrity.exchanges.feed import BASE, Credentials
from media_integrity.exchanges.limits import Limits
from media_integrity.exchanges.service import read_exchange, send_feedback
from media_integrity.matching.alarms import alarm_id
from media_integrity.schema.alarms import Alarm, AlarmKind
from media_integrity.schema.bank_work import (
    EntryRef,
    Exchange,
    ExchangeFeedback,
    ExchangeKind,
    FeedbackKind,
    FeedbackState,
    HashImport,
    ImportState,
    ListedRecord,
)
from media_integrity.schema.base import BankId
from media_integrity.schema.enums import BankLabel
from media_integrity.schema.errors import Forbidden, NotFound
from media_integrity.schema.hashes import PERSONAL_BANK, BankHash, DisabledFor, HashBank
from tests.emulator.exchange_server import (
    CREDENTIALS,
    GROUP,
    Answer,
    ExchangeServer,
    NcmecEntry,
    graph_update,
    md5,
    pdq,
    running,
    stopncii_record,
)
from tests.emulator.world import World

QUICK = Limits(
    connect_s=2, read_s=2, answer_s=4, tries=3, first_wait_s=0.01, longest_wait_s=0.05, wait_s=1
)


@pytest.fixture
def server(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExchangeServer]:
    with running() as made:
        monkeypatch.setenv(BASE, made.base)
        yield made


def make(world: World, kind: ExchangeKind, **changes: object) -> Exchange:
    """An exchange and its empty bank."""
    now = world.clock.now()
    name = f"{kind}-{secrets.token_hex(4)}"
    bank = HashBank(
        id=name,
        label=BankLabel.NCII,
        name="Test",
        source=kind.value,
        created_at=now,
        updated_at=now,
    )
    collaboration = {ExchangeKind.NCMEC: "Industry", ExchangeKind.THREATEXCHANGE: GROUP}
    exchange = Exchange(
        id=name,
        kind=kind,
        bank_id=BankId(name),
        collaboration=collaboration.get(kind, ""),
        send_feedback=True,
        created_at=now,
        updated_at=now,
    ).model_copy(update=changes)
    world.backend.store.put(bank, exchange)
    return exchange


def stored(world: World, exchange: Exchange) -> Exchange:
    found = world.backend.store.get(Exchange, exchange.id)
    assert found is not None
    return found


def run(
    world: World,
    exchange: Exchange,
    credentials: Credentials = CREDENTIALS,
    limits: Limits = QUICK,
) -> HashImport:
    return read_exchange(exchange.id, world.banks, credentials, limits=limits)


def entries(world: World, exchange: Exchange) -> dict[str, BankHash]:
    below = HashBank.path_of(exchange.bank_id)
    found = world.backend.store.query(Query(BankHash, below=below))
    return {entry.value: entry for entry in found}


def enabled(world: World, exchange: Exchange) -> set[str]:
    return {value for value, entry in entries(world, exchange).items() if entry.enabled}


# Reading


def test_what_an_exchange_lists_is_in_its_bank_and_reading_again_changes_nothing(
    world: World, server: ExchangeServer
) -> None:
    exchange = make(world, ExchangeKind.STOPNCII)
    server.stopncii = [stopncii_record(number) for number in range(5)]
    first = run(world, exchange)
    assert first.counts.added == 5 and first.state is ImportState.APPLIED
    before = entries(world, exchange)
    assert set(before) == {pdq(number) for number in range(5)}
    after = stored(world, exchange)
    assert after.lease is None and after.entries == 5 and after.failures == 0
    assert after.last_success_at is not None and after.checkpoint is not None

    world.backend.store.update(after, checkpoint=None)
    again = run(world, exchange)
    assert again.counts.added == 0 and again.counts.unchanged == 5
    assert entries(world, exchange) == before
    assert stored(world, exchange).entries == 5


@pytest.mark.parametrize("trusted", [True, False])
def test_what_is_verified_there_counts_as_confirmed_only_where_the_exchange_is_trusted(
    world: World, server: ExchangeServer, trusted: bool
) -> None:
    exchange = make(world, ExchangeKind.THREATEXCHANGE, trusted=trusted)
    server.graph = [graph_update(1), graph_update(2, "UNKNOWN")]
    run(world, exchange)
    found = entries(world, exchange)
    assert found[pdq(1)].confirmed is trusted
    assert not found[pdq(2)].confirmed
    assert found[pdq(1)].source_ref == "7000001"


@pytest.mark.parametrize("kind", [ExchangeKind.STOPNCII, ExchangeKind.THREATEXCHANGE])
def test_what_is_taken_back_there_matches_no_more_here(
    world: World, server: ExchangeServer, kind: ExchangeKind
) -> None:
    exchange = make(world, kind)
    server.stopncii = [stopncii_record(1), stopncii_record(2)]
    server.graph = [graph_update(1), graph_update(2)]
    run(world, exchange)
    server.stopncii[0] = stopncii_record(1, hashStatus="Withdrawn", lastModtimestamp=1_700_000_009)
    server.graph[0] = graph_update(1, should_delete=True, last_updated=1_700_000_009)
    assert run(world, exchange).counts.withdrawn == 1
    assert enabled(world, exchange) == {pdq(2)}
    assert entries(world, exchange)[pdq(1)].disabled_for is DisabledFor.WITHDRAWN


def ncmec_again(world: World, exchange: Exchange) -> HashImport:
    """Read from the start: entries of these tests lie before the checkpoint's time."""
    world.backend.store.update(stored(world, exchange), checkpoint=None)
    return run(world, exchange)


def test_a_hash_of_ncmec_goes_when_the_last_entry_that_listed_it_has_gone(
    world: World, server: ExchangeServer
) -> None:
    exchange = make(world, ExchangeKind.NCMEC)
    server.page = 100
    one = NcmecEntry("one", {"pdq": pdq(1), "md5": md5(1)}, member=1)
    other = NcmecEntry("other", {"pdq": pdq(1)}, member=2)
    server.ncmec = [one, other]
    run(world, exchange)
    assert enabled(world, exchange) == {pdq(1), md5(1)}

    server.ncmec = [replace(one, deleted=True), other]
    assert ncmec_again(world, exchange).counts.withdrawn == 1
    assert enabled(world, exchange) == {pdq(1)}

    server.ncmec = [replace(one, deleted=True), replace(other, deleted=True)]
    assert ncmec_again(world, exchange).counts.withdrawn == 1
    assert enabled(world, exchange) == set()
    records = Query(ListedRecord, below=Exchange.path_of(exchange.id))
    assert list(world.backend.store.query(records)) == []


def test_an_entry_of_ncmec_with_other_hashes_takes_the_old_ones_back(
    world: World, server: ExchangeServer
) -> None:
    exchange = make(world, ExchangeKind.NCMEC)
    server.ncmec = [NcmecEntry("one", {"pdq": pdq(1), "md5": md5(1)})]
    run(world, exchange)
    server.ncmec = [NcmecEntry("one", {"pdq": pdq(2), "md5": md5(1)})]
    ncmec_again(world, exchange)
    assert enabled(world, exchange) == {pdq(2), md5(1)}


def test_a_hash_that_moves_to_another_entry_of_ncmec_in_the_same_run_stays(
    world: World, server: ExchangeServer
) -> None:
    exchange = make(world, ExchangeKind.NCMEC)
    server.page = 1
    server.ncmec = [NcmecEntry("one", {"pdq": pdq(1)}), NcmecEntry("two", {"pdq": pdq(2)})]
    run(world, exchange)
    server.ncmec = [
        NcmecEntry("three", {"pdq": pdq(1)}),
        NcmecEntry("one", deleted=True),
        NcmecEntry("two", {"pdq": pdq(3)}),
    ]
    ncmec_again(world, exchange)
    assert enabled(world, exchange) == {pdq(1), pdq(3)}


def test_a_flood_over_many_pages_waits_for_approval(world: World, server: ExchangeServer) -> None:
    exchange = make(world, ExchangeKind.STOPNCII)
    server.page = 50
    server.stopncii = [stopncii_record(number) for number in range(120)]
    record = run(world, exchange)
    assert record.state is ImportState.STAGED and record.counts.added == 120
    assert enabled(world, exchange) == set()
    assert stored(world, exchange).checkpoint is not None


def test_malformed_entries_are_counted_in_the_import_and_stop_nothing(
    world: World, server: ExchangeServer
) -> None:
    exchange = make(world, ExchangeKind.STOPNCII)
    server.page = 10
    server.stopncii = [
        None,
        stopncii_record(1, hashValue=5),
        stopncii_record(2, signalType="URL"),
        stopncii_record(3),
    ]
    counts = run(world, exchange).counts
    assert (counts.added, counts.refused, counts.skipped) == (1, 2, 1)


def test_a_run_stops_at_its_limit_and_the_next_one_goes_on(
    world: World, server: ExchangeServer
) -> None:
    exchange = make(world, ExchangeKind.STOPNCII)
    server.stopncii = [stopncii_record(number) for number in range(6)]
    limits = replace(QUICK, run_items=2)
    for read in (2, 4, 6):
        run(world, exchange, limits=limits)
        assert len(enabled(world, exchange)) == read


# Crashes and company


class Crash(BaseException):
    """The process ends: nothing behind it runs, cleaning up least of all."""


@pytest.mark.parametrize("kind", [ExchangeKind.NCMEC, ExchangeKind.STOPNCII])
def test_a_crash_between_a_page_and_its_checkpoint_repeats_the_page_and_loses_none(
    world: World, server: ExchangeServer, monkeypatch: pytest.MonkeyPatch, kind: ExchangeKind
) -> None:
    exchange = make(world, kind)
    server.stopncii = [stopncii_record(number) for number in range(6)]
    server.ncmec = [NcmecEntry(f"e{number}", {"pdq": pdq(number)}) for number in range(6)]
    true_hold = service._Reading.hold
    crashed: list[bool] = []

    def hold(self: service._Reading, **changes: object) -> None:
        if "checkpoint" in changes and enabled(world, exchange) and not crashed:
            crashed.append(True)
            raise Crash
        true_hold(self, **changes)

    monkeypatch.setattr(service._Reading, "hold", hold)
    with pytest.raises(Crash):
        run(world, exchange)
    assert 0 < len(enabled(world, exchange)) < 6
    assert stored(world, exchange).lease is not None

    with pytest.raises(ExchangeBusy):
        run(world, exchange)
    world.clock.ahead += service.LEASE
    run(world, exchange)
    assert enabled(world, exchange) == {pdq(number) for number in range(6)}
    records = Query(ListedRecord, below=Exchange.path_of(exchange.id))
    in_ledger = 6 if kind is ExchangeKind.NCMEC else 0
    assert len(list(world.backend.store.query(records))) == in_ledger


def test_of_two_readers_at_once_one_reads(world: World, server: ExchangeServer) -> None:
    exchange = make(world, ExchangeKind.STOPNCII)
    server.stopncii = [stopncii_record(number) for number in range(4)]
    server.always = Answer(delay_s=0.2)
    together = threading.Barrier(2)
    outcomes: list[int | str] = []

    def reader() -> None:
        together.wait(10)
        try:
            outcomes.append(run(world, exchange).counts.added)
        except ExchangeBusy as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=reader) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes, key=str) == [4, "busy"]
    assert stored(world, exchange).lease is None


def test_a_run_that_lost_its_lease_saves_no_checkpoint(
    world: World, server: ExchangeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = make(world, ExchangeKind.STOPNCII)
    server.stopncii = [stopncii_record(number) for number in range(4)]
    true_written = service._Reading.page_written

    def written(self: service._Reading, checkpoint: str) -> None:
        lease = stored(world, exchange).lease
        assert lease is not None
        stolen = lease.model_copy(update={"worker": "another"})
        world.backend.store.update(stored(world, exchange), lease=stolen)
        true_written(self, checkpoint)

    monkeypatch.setattr(service._Reading, "page_written", written)
    with pytest.raises(ExchangeBusy):
        run(world, exchange)
    after = stored(world, exchange)
    assert after.checkpoint is None and after.failures == 0
    assert after.lease is not None and after.lease.worker == "another"


# Failures


def test_a_failing_run_keeps_what_it_read_and_the_third_in_a_row_raises_the_alarm(
    world: World, server: ExchangeServer
) -> None:
    exchange = make(world, ExchangeKind.STOPNCII)
    server.stopncii = [stopncii_record(number) for number in range(4)]
    alarm = alarm_id(AlarmKind.EXCHANGE_FAILING, exchange.path)
    server.next_answers.append(None)
    for failures in (1, 2, 3):
        server.always = Answer(status=503)
        with pytest.raises(ExchangeUnavailable):
            run(world, exchange)
        after = stored(world, exchange)
        assert (after.failures, after.last_error) == (failures, "status_503")
        assert after.lease is None and after.checkpoint is not None
        assert enabled(world, exchange) == {pdq(0), pdq(1)}
        assert (world.backend.store.get(Alarm, alarm) is not None) is (failures == 3)
    server.always = None
    run(world, exchange)
    after = stored(world, exchange)
    assert (after.failures, after.last_error) == (0, None)
    assert enabled(world, exchange) == {pdq(number) for number in range(4)}


@pytest.mark.parametrize("kind", list(ExchangeKind))
def test_no_secret_and_no_hash_is_stored_or_logged_when_credentials_are_refused(
    world: World, server: ExchangeServer, kind: ExchangeKind, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = Credentials(*["12345678902|a_wrong_secret_of_ours"] * 6)
    exchange = make(world, kind)
    with caplog.at_level(logging.DEBUG), pytest.raises(ExchangeRefused) as raised:
        run(world, exchange, wrong)
    after = stored(world, exchange)
    assert after.last_error == "credentials_not_accepted"
    told = f"{after!r} {raised.value!r} {caplog.text}"
    assert "a_wrong_secret" not in told
    assert all(getattr(CREDENTIALS, each.name) not in told for each in fields(Credentials))


def test_an_exchange_that_is_not_there_off_or_without_a_bank_is_not_read(
    world: World, server: ExchangeServer
) -> None:
    with pytest.raises(NotFound):
        read_exchange("none", world.banks, CREDENTIALS)
    off = make(world, ExchangeKind.STOPNCII, enabled=False)
    with pytest.raises(ExchangeMisconfigured):
        run(world, off)
    homeless = make(world, ExchangeKind.STOPNCII, bank_id=BankId("nowhere"))
    with pytest.raises(NotFound):
        run(world, homeless)
    assert stored(world, homeless).lease is None
    assert server.asked == 0
    due = service.due_exchanges(world.banks)
    assert homeless.id in due and off.id not in due


# Feedback


def word(
    world: World, exchange: Exchange, kind: FeedbackKind = FeedbackKind.CONFIRMED, **changes: Any
) -> ExchangeFeedback:
    now = world.clock.now()
    made = ExchangeFeedback(
        id=f"{exchange.id}_pdq-{pdq(1)}_{kind}_{secrets.token_hex(3)}",
        exchange=exchange.id,
        entry=EntryRef(bank_id=exchange.bank_id, entry_id=f"pdq-{pdq(1)}"),
        source_ref="7000001",
        feedback=kind,
        next_try_at=now,
        created_at=now,
        expire_at=now + timedelta(days=90),
    ).model_copy(update=changes)
    world.backend.store.put(made)
    return made


def state(world: World, feedback: ExchangeFeedback) -> ExchangeFeedback:
    found = world.backend.store.get(ExchangeFeedback, feedback.id)
    assert found is not None
    return found


@pytest.fixture
def nothing_due(world: World) -> None:
    """Other tests' feedback is out of the way."""
    due = Query(ExchangeFeedback, (Where("state", "==", FeedbackState.PENDING.value),))
    for feedback in list(world.backend.store.query(due)):
        world.backend.store.delete(feedback.path)


def test_feedback_is_sent_once_however_many_send_it(
    world: World, server: ExchangeServer, nothing_due: None
) -> None:
    exchange = make(world, ExchangeKind.THREATEXCHANGE)
    words = [word(world, exchange), word(world, exchange, FeedbackKind.MATCHED)]
    server.always = Answer(delay_s=0.1)
    threads = [
        threading.Thread(target=send_feedback, args=(world.banks, CREDENTIALS)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert send_feedback(world.banks, CREDENTIALS) == 0
    assert sorted(told.query["reactions"] for told in server.told) == ["HELPFUL", "SAW_THIS_TOO"]
    for each in words:
        after = state(world, each)
        assert after.state is FeedbackState.SENT and after.next_try_at is None


def test_feedback_that_is_not_taken_now_is_tried_again_later_and_given_up_after_eight_tries(
    world: World, server: ExchangeServer, nothing_due: None
) -> None:
    exchange = make(world, ExchangeKind.THREATEXCHANGE)
    told = word(world, exchange)
    server.always = Answer(status=503)
    for tries in range(1, service.FEEDBACK_TRIES + 1):
        assert send_feedback(world.banks, CREDENTIALS, limits=QUICK) == 0
        assert send_feedback(world.banks, CREDENTIALS, limits=QUICK) == 0  # not due yet
        after = state(world, told)
        assert (after.tries, after.last_error) == (tries, "status_503")
        assert server.asked == tries
        world.clock.ahead += service.retry_in(tries)
    assert after.state is FeedbackState.DEAD and after.next_try_at is None
    server.always = None
    assert send_feedback(world.banks, CREDENTIALS, limits=QUICK) == 0


def test_an_exchange_that_is_down_is_asked_once_and_costs_the_others_no_try(
    world: World, server: ExchangeServer, nothing_due: None
) -> None:
    exchange = make(world, ExchangeKind.THREATEXCHANGE)
    for _ in range(3):
        word(world, exchange)
    server.always = Answer(status=500)
    send_feedback(world.banks, CREDENTIALS, limits=QUICK)
    assert server.asked == 1
    server.always = None
    world.clock.ahead += timedelta(hours=1)
    assert send_feedback(world.banks, CREDENTIALS, limits=QUICK) == 3


@pytest.mark.parametrize(
    ("kind", "feedback", "off", "code"),
    [
        (ExchangeKind.NCMEC, FeedbackKind.MATCHED, False, "no_such_feedback"),
        (ExchangeKind.STOPNCII, FeedbackKind.CONFIRMED, False, "no_reference"),
        (ExchangeKind.THREATEXCHANGE, FeedbackKind.CONFIRMED, True, "switched_off"),
    ],
)
def test_feedback_that_has_no_place_there_is_given_up_at_once(
    world: World,
    server: ExchangeServer,
    nothing_due: None,
    kind: ExchangeKind,
    feedback: FeedbackKind,
    off: bool,
    code: str,
) -> None:
    exchange = make(world, kind, send_feedback=not off)
    told = word(world, exchange, feedback)
    assert send_feedback(world.banks, CREDENTIALS, limits=QUICK) == 0
    after = state(world, told)
    assert (after.state, after.last_error) == (FeedbackState.DEAD, code)
    assert server.told == []


# Files


def test_an_exported_bank_imports_again_to_the_same(world: World) -> None:
    one, two = (make(world, ExchangeKind.STOPNCII).bank_id for _ in range(2))
    file = (
        "algorithm,value,quality,note,source_ref\r\n"
        f'pdq,{pdq(1)},80,"=HYPERLINK(""x"")",ref-1\r\n'
        f"md5,{md5(2)},,'-not a formula,\r\n"
        f'sha256,{pdq(3)},,"with, comma; and ""quotes""",+1\r\n'
        f"pdq,{pdq(4)},10,too little detail,\r\n"
    ).encode()

    def imported(bank: BankId, content: bytes) -> HashImport:
        items = read_csv(BytesIO(content), min_quality=50)
        return importing.run_import(
            bank, items, source="csv file", by="tests", why="", backend=world.banks
        )

    first = imported(one, file)
    assert first.counts.added == 3
    assert [(fault.line, fault.code) for fault in first.faults] == [(5, "low_quality")]
    out = BytesIO()
    assert export_bank(one, world.backend.store, out) == 3
    assert imported(two, out.getvalue()).counts.added == 3

    def content(bank: BankId) -> list[tuple[object, ...]]:
        found = world.backend.store.query(Query(BankHash, below=HashBank.path_of(bank)))
        return sorted(
            (each.algorithm, each.value, each.quality, each.note, each.source_ref) for each in found
        )

    assert content(one) == content(two)
    again = BytesIO()
    export_bank(two, world.backend.store, again)
    assert again.getvalue() == out.getvalue()


def test_what_people_hashed_for_themselves_is_not_exported(world: World) -> None:
    now = world.clock.now()
    personal = HashBank(
        id=PERSONAL_BANK,
        label=BankLabel.SHIELD,
        name="Personal",
        source="people",
        created_at=now,
        updated_at=now,
    )
    world.backend.store.put(personal)
    with pytest.raises(Forbidden):
        export_bank(BankId(PERSONAL_BANK), world.backend.store, BytesIO())
    with pytest.raises(NotFound):
        export_bank(BankId("nowhere"), world.backend.store, BytesIO())


def test_only_what_matches_is_exported(world: World, server: ExchangeServer) -> None:
    exchange = make(world, ExchangeKind.STOPNCII)
    server.stopncii = [stopncii_record(1), stopncii_record(2)]
    run(world, exchange)
    gone = entries(world, exchange)[pdq(1)]
    world.backend.store.update(gone, enabled=False, disabled_for=DisabledFor.WITHDRAWN)
    out = BytesIO()
    assert export_bank(exchange.bank_id, world.backend.store, out) == 1
    assert pdq(2) in out.getvalue().decode() and pdq(1) not in out.getvalue().decode()

"""Feeds of exchanges against servers that speak their shapes: what is read, refused and told."""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from media_integrity.banks.entries import Fault, NewEntry, Skipped, Withdrawn
from media_integrity.exchanges import checkpoints
from media_integrity.exchanges.errors import (
    ExchangeError,
    ExchangeMisconfigured,
    ExchangeRefused,
    ExchangeUnavailable,
    ExchangeUnreadable,
    FeedbackNotTaken,
)
from media_integrity.exchanges.feed import BASE, Credentials, Feed, FeedItem, Listing, Page
from media_integrity.exchanges.feeds import open_feed
from media_integrity.exchanges.limits import Limits
from media_integrity.exchanges.transport import Malformed, Patience, retry_after, well_formed_xml
from media_integrity.schema.bank_work import (
    EntryRef,
    Exchange,
    ExchangeFeedback,
    ExchangeKind,
    FeedbackKind,
)
from media_integrity.schema.base import BankId
from media_integrity.schema.enums import HashAlgorithm
from tests.emulator.exchange_server import (
    CREDENTIALS,
    GROUP,
    REASON,
    Answer,
    ExchangeServer,
    NcmecEntry,
    graph_update,
    md5,
    pdq,
    running,
    stopncii_record,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUICK = Limits(
    connect_s=1, read_s=0.4, answer_s=0.8, tries=4, first_wait_s=0.01, longest_wait_s=0.05, wait_s=1
)
EVERY_KIND = list(ExchangeKind)


@pytest.fixture(scope="module")
def server() -> Iterator[ExchangeServer]:
    with running() as made:
        yield made


@pytest.fixture
def exchanges(server: ExchangeServer, monkeypatch: pytest.MonkeyPatch) -> ExchangeServer:
    """The server, empty and well-behaved."""
    for each in fields(ExchangeServer):
        if each.name != "port":
            blank = ExchangeServer()
            setattr(server, each.name, getattr(blank, each.name))
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv(BASE, server.base)
    return server


def exchange(kind: ExchangeKind, **changes: object) -> Exchange:
    collaboration = {ExchangeKind.NCMEC: "Industry", ExchangeKind.THREATEXCHANGE: GROUP}
    made = Exchange(
        id=kind.value,
        kind=kind,
        bank_id=BankId("bank"),
        collaboration=collaboration.get(kind, ""),
        created_at=NOW,
        updated_at=NOW,
    )
    return made.model_copy(update=changes)


def feed(
    kind: ExchangeKind,
    credentials: Credentials = CREDENTIALS,
    limits: Limits = QUICK,
    **changes: object,
) -> Feed:
    return open_feed(exchange(kind, **changes), credentials, Patience(limits), min_quality=50)


def read(of: Feed, checkpoint: str | None = None) -> list[Page]:
    return list(of.read(checkpoint))


def items(pages: list[Page]) -> list[FeedItem]:
    """In order, listings as the entries in them."""
    return [
        inner
        for page in pages
        for item in page.items
        for inner in (item.entries if isinstance(item, Listing) else [item])
    ]


def values(pages: list[Page]) -> list[str]:
    return [item.value for item in items(pages) if isinstance(item, NewEntry)]


def fill(server: ExchangeServer, kind: ExchangeKind, count: int) -> list[str]:
    """Put hashes into an exchange; returns their values."""
    if kind is ExchangeKind.STOPNCII:
        server.stopncii = [stopncii_record(number) for number in range(count)]
    elif kind is ExchangeKind.NCMEC:
        # In one second, so that the library cannot ask for a shorter stretch of time.
        server.ncmec = [NcmecEntry(f"e{number}", {"pdq": pdq(number)}) for number in range(count)]
    else:
        server.graph = [graph_update(number) for number in range(count)]
    return [pdq(number) for number in range(count)]


def feedback(
    kind: FeedbackKind, source_ref: str | None, entry_id: str = f"pdq-{pdq(1)}"
) -> ExchangeFeedback:
    return ExchangeFeedback(
        id="exchange_entry_kind",
        exchange="exchange",
        entry=EntryRef(bank_id=BankId("bank"), entry_id=entry_id),
        source_ref=source_ref,
        feedback=kind,
        created_at=NOW,
        expire_at=NOW,
    )


# Reading


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_page_is_read_and_the_checkpoint_goes_on_behind_it(
    exchanges: ExchangeServer, kind: ExchangeKind
) -> None:
    expected = fill(exchanges, kind, 5)
    pages = read(feed(kind))
    assert values(pages) == expected
    assert pages[-1].done and not any(page.done for page in pages[:-1])
    assert all(len(page.checkpoint) < 10_000 for page in pages)

    later = int(time.time()) - 30
    exchanges.stopncii.append(stopncii_record(9, lastModtimestamp=later))
    exchanges.ncmec.append(NcmecEntry("late", {"pdq": pdq(9)}, at=later))
    exchanges.graph.append(graph_update(9, last_updated=later))
    before = NcmecEntry("before", {"pdq": pdq(8)}, at=1_600_000_000)
    exchanges.ncmec.append(before)
    again = set(values(read(feed(kind), pages[-1].checkpoint)))
    # NCMEC is read up to 5 s ago, and was: what came 30 s ago is older than that checkpoint.
    assert pdq(9) in again or kind is ExchangeKind.NCMEC
    assert len(again) <= 2  # the last one is repeated where the exchange counts its second in


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_an_empty_exchange_is_read_to_its_end(
    exchanges: ExchangeServer, kind: ExchangeKind
) -> None:
    pages = read(feed(kind))
    assert items(pages) == []
    assert pages[-1].done
    assert items(read(feed(kind), pages[-1].checkpoint)) == []


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_page_is_gone_on_from_and_nothing_is_lost(
    exchanges: ExchangeServer, kind: ExchangeKind
) -> None:
    expected = fill(exchanges, kind, 6)
    pages = feed(kind).read(None)
    seen: list[str] = []
    for page in pages:
        seen += values([page])
        if len(seen) >= 2:
            break
    rest = values(read(feed(kind), page.checkpoint))
    assert set(seen) | set(rest) == set(expected)


def test_stopncii_goes_on_with_the_page_while_its_token_lives_and_with_the_set_behind_that(
    exchanges: ExchangeServer,
) -> None:
    fill(exchanges, ExchangeKind.STOPNCII, 6)
    first = next(feed(ExchangeKind.STOPNCII).read(None))
    asked = exchanges.asked
    read(feed(ExchangeKind.STOPNCII), first.checkpoint)
    assert exchanges.seen[asked].query["nextPageToken"] == "page-2"

    stored = json.loads(first.checkpoint)
    stored["at"]["page_at"] -= 3600
    asked = exchanges.asked
    assert len(values(read(feed(ExchangeKind.STOPNCII), json.dumps(stored)))) == 6
    assert "nextPageToken" not in exchanges.seen[asked].query


def test_stopncii_time_of_an_unfinished_set_is_not_gone_on_from(exchanges: ExchangeServer) -> None:
    fill(exchanges, ExchangeKind.STOPNCII, 4)
    first, last = read(feed(ExchangeKind.STOPNCII))
    assert json.loads(first.checkpoint)["at"]["update_time"] == 10
    assert json.loads(last.checkpoint)["at"]["update_time"] == 1_700_000_003


def test_stopncii_records_become_entries_withdrawals_and_what_is_skipped(
    exchanges: ExchangeServer,
) -> None:
    blocked = {"source": "A", "feedbackValue": "Blocked", "tags": ["Nude"]}
    harmless = {"source": "B", "feedbackValue": "NotBlocked", "tags": []}
    unknown = {"source": "C", "feedbackValue": "SomethingNew", "tags": []}
    exchanges.stopncii = [
        stopncii_record(1, CSPFeedbacks=[blocked, unknown]),
        stopncii_record(2, CSPFeedbacks=[blocked, harmless]),
        stopncii_record(3, hashStatus="Withdrawn"),
        stopncii_record(4, hashStatus="Deleted", caseNumbers=[]),
        stopncii_record(5, signalType="VideoMD5", hashValue=md5(5).upper()),
        stopncii_record(6, signalType="VideoTMK", hashValue="x"),
        stopncii_record(7, signalType="URL", hashValue="https://example.org"),
    ]
    one, two, three, four, five, six, seven = items(read(feed(ExchangeKind.STOPNCII)))
    assert isinstance(one, NewEntry) and one.verified
    assert isinstance(two, NewEntry) and not two.verified
    assert three == Withdrawn(HashAlgorithm.PDQ, pdq(3))
    assert four == Withdrawn(HashAlgorithm.PDQ, pdq(4))
    assert isinstance(five, NewEntry) and five.algorithm is HashAlgorithm.MD5
    assert five.value == md5(5) and five.source_ref == f"VideoMD5:{md5(5).upper()}"
    assert six == Skipped("VideoTMK") and seven == Skipped("URL")


def test_no_case_number_of_a_person_is_kept(exchanges: ExchangeServer) -> None:
    exchanges.stopncii = [stopncii_record(1)]
    [page] = read(feed(ExchangeKind.STOPNCII))
    assert "case-1" not in repr(page)


def test_stopncii_malformed_records_are_counted_and_stop_nothing(exchanges: ExchangeServer) -> None:
    good = stopncii_record(9)
    bad: list[object] = [
        None,
        "a text",
        7,
        [],
        stopncii_record(1, hashValue=7),
        stopncii_record(2, hashValue="zz"),
        stopncii_record(3, hashValue=None),
        stopncii_record(4, hashStatus="SomethingNew"),
        stopncii_record(5, lastModtimestamp="yesterday"),
        stopncii_record(6, CSPFeedbacks="none"),
        stopncii_record(7, hashValue="0" * 64),
        stopncii_record(8, hashValue=pdq(8) + "\n" * 5 + "x"),
    ]
    exchanges.page = 100
    exchanges.stopncii = [*bad, good]
    found = items(read(feed(ExchangeKind.STOPNCII)))
    assert [type(item) for item in found] == [Fault] * len(bad) + [NewEntry]
    lines = [item.line for item in found if isinstance(item, Fault)]
    assert lines == list(range(1, len(bad) + 1))
    assert isinstance(found[10], Fault) and found[10].code == "flat"


def test_ncmec_entries_become_listings_under_their_ids(exchanges: ExchangeServer) -> None:
    prints = {"md5": md5(1), "sha1": "a1", "pdna": "b2", "pdq": pdq(1)}
    exchanges.page = 10
    exchanges.ncmec = [
        NcmecEntry("image1", prints),
        NcmecEntry("image2", {"md5": md5(2)}, classification=None),
        NcmecEntry("image3", {"md5": md5(3), "pdq": pdq(3)}, voted_down="Md5"),
        NcmecEntry("image4", deleted=True, member=43),
        NcmecEntry("video1", {"md5": md5(4)}, kind="video"),
        NcmecEntry("a/b %&", {"md5": md5(5)}),
    ]
    found = [item for page in read(feed(ExchangeKind.NCMEC)) for item in page.items]
    listed = {item.ref: item.entries for item in found if isinstance(item, Listing)}
    assert [each.algorithm for each in listed["42-image1"]] == ["md5", "pdq"]
    assert all(each.verified for each in listed["42-image1"])
    assert listed["42-image1"][0].source_ref == "42-image1"
    assert not listed["42-image2"][0].verified
    assert [each.verified for each in listed["42-image3"]] == [False, True]
    assert listed["43-image4"] == ()
    assert listed["42-video1"][0].value == md5(4)
    assert listed["42-a/b %&"][0].value == md5(5)
    assert [item for item in found if isinstance(item, Skipped)] == [
        Skipped("sha1"),
        Skipped("pdna"),
    ]


def test_ncmec_malformed_entries_are_counted_and_stop_nothing(exchanges: ExchangeServer) -> None:
    exchanges.page = 20
    exchanges.ncmec = [
        NcmecEntry("1", raw="<image/>"),
        NcmecEntry("2", raw="<image><id>2</id></image>"),
        NcmecEntry("3", raw='<image><member id="x">A</member><id>3</id></image>'),
        NcmecEntry("4", raw='<image><member id="1">A</member><id/></image>'),
        NcmecEntry("5", raw='<hologram><member id="1">A</member><id>5</id></hologram>'),
        NcmecEntry("6", {"pdq": "nothing like it", "md5": md5(6)}),
        NcmecEntry("7", {"pdq": pdq(7)}),
    ]
    found = items(read(feed(ExchangeKind.NCMEC)))
    assert sum(isinstance(item, Fault) for item in found) == 6
    assert values(read(feed(ExchangeKind.NCMEC))) == [md5(6), pdq(7)]


def test_ncmec_is_asked_in_utc_whatever_the_machine_s_zone(
    exchanges: ExchangeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        read(feed(ExchangeKind.NCMEC))
    finally:
        monkeypatch.undo()
        time.tzset()
    asked = exchanges.seen[0].query
    assert asked["from"] == "1970-01-01T00:00:00Z"
    until = datetime.strptime(asked["to"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(until - datetime.now(UTC)) < timedelta(minutes=1)


def test_ncmec_many_pages_over_long_times_come_whole(exchanges: ExchangeServer) -> None:
    exchanges.page = 3
    day = 86_400
    exchanges.ncmec = [
        NcmecEntry(f"e{number}", {"pdq": pdq(number)}, at=1_600_000_000 + number % 7 * 40 * day)
        for number in range(40)
    ]
    pages = read(feed(ExchangeKind.NCMEC))
    assert sorted(values(pages)) == sorted(pdq(number) for number in range(40))
    assert pages[-1].done


def test_ncmec_next_page_elsewhere_is_not_followed(exchanges: ExchangeServer) -> None:
    body = (
        '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><paging>'
        "<next>@example.org/v2/entries</next></paging></queryResult>"
    )
    # The first answer is a probe: the library asks again for a shorter time.
    exchanges.always = Answer(body=body.encode())
    with pytest.raises(ExchangeUnreadable):
        read(feed(ExchangeKind.NCMEC))


def test_threatexchange_updates_become_entries_withdrawals_and_what_is_skipped(
    exchanges: ExchangeServer,
) -> None:
    exchanges.page = 20
    gone = graph_update(4, should_delete=True)
    del gone["descriptors"]
    without_owner = graph_update(8)
    without_owner["descriptors"] = {"data": [{"id": "1", "status": "MALICIOUS"}]}
    exchanges.graph = [
        graph_update(1),
        graph_update(2, "UNKNOWN"),
        graph_update(3, "NON_MALICIOUS"),
        gone,
        graph_update(5, type="HASH_VIDEO_MD5", indicator=md5(5)),
        graph_update(6, type="HASH_SHA256", indicator=pdq(6)),
        graph_update(7, type="URI", indicator="https://example.org"),
        without_owner,
    ]
    one, two, three, four, five, six, seven, eight = items(read(feed(ExchangeKind.THREATEXCHANGE)))
    assert isinstance(one, NewEntry) and one.verified and one.source_ref == "7000001"
    assert isinstance(two, NewEntry) and not two.verified
    assert three == Withdrawn(HashAlgorithm.PDQ, pdq(3))
    assert four == Withdrawn(HashAlgorithm.PDQ, pdq(4))
    assert isinstance(five, NewEntry) and five.algorithm is HashAlgorithm.MD5
    assert isinstance(six, NewEntry) and six.algorithm is HashAlgorithm.SHA256
    assert seven == Skipped("URI")
    assert isinstance(eight, Fault) and eight.code == "no_owner"


def test_a_signal_that_a_member_disputes_is_not_verified(exchanges: ExchangeServer) -> None:
    disputed = graph_update(1)
    [descriptor] = disputed["descriptors"]["data"]  # type: ignore[index]
    descriptor["reactions"] = [{"key": "DISAGREE_WITH_TAGS", "value": "777,888"}]
    exchanges.graph = [disputed]
    [item] = items(read(feed(ExchangeKind.THREATEXCHANGE)))
    assert isinstance(item, NewEntry) and not item.verified


def test_threatexchange_malformed_updates_are_counted_and_stop_nothing(
    exchanges: ExchangeServer,
) -> None:
    exchanges.page = 20
    missing = graph_update(4)
    del missing["should_delete"]
    exchanges.graph = [
        None,
        7,
        graph_update(1, indicator=["list"]),
        graph_update(2, descriptors={"data": "none"}),
        graph_update(3, descriptors={"data": [{"owner": {"id": "x"}, "id": "y"}]}),
        missing,
        graph_update(5, last_updated="tomorrow"),
        graph_update(6, last_updated=10**11),
        graph_update(7),
    ]
    pages = read(feed(ExchangeKind.THREATEXCHANGE))
    assert sum(isinstance(item, Fault) for item in items(pages)) == 6
    assert values(pages) == [pdq(5), pdq(6), pdq(7)]
    # Neither a time that is none nor one to come moves the checkpoint.
    assert json.loads(pages[-1].checkpoint)["at"]["update_time"] == 1_700_000_007


def test_threatexchange_next_page_at_another_host_is_not_followed(
    exchanges: ExchangeServer,
) -> None:
    elsewhere = {"data": [graph_update(1)], "paging": {"next": "http://example.org/?a=1"}}
    exchanges.next_answers.append(Answer(body=json.dumps(elsewhere).encode()))
    pages = feed(ExchangeKind.THREATEXCHANGE).read(None)
    assert values([next(pages)]) == [pdq(1)]
    with pytest.raises(ExchangeUnreadable):
        next(pages)


@pytest.mark.parametrize("kind", [ExchangeKind.STOPNCII, ExchangeKind.THREATEXCHANGE])
def test_an_exchange_that_pages_in_circles_is_left(
    exchanges: ExchangeServer, kind: ExchangeKind
) -> None:
    address = f"{exchanges.base}/graph/v26.0/{GROUP}/threat_updates/?circle=1"
    body: dict[str, object] = {
        "count": 1,
        "nextSetTimestamp": 1_700_000_000,
        "nextPageToken": "same",
        "hasMoreRecords": True,
        "hashRecords": [stopncii_record(1)],
        "data": [graph_update(1)],
        "paging": {"next": address},
    }
    exchanges.always = Answer(body=json.dumps(body).encode())
    with pytest.raises(ExchangeUnreadable) as raised:
        read(feed(kind))
    assert raised.value.code == "paging_loops"
    assert exchanges.asked == 2


# Checkpoints


@pytest.mark.parametrize(
    "spoilt",
    [
        "",
        "{",
        "null",
        "[]",
        '{"v": 1}',
        '{"v": 99, "kind": "KIND", "at": {}}',
        '{"v": 1, "kind": "other", "at": {}}',
        '{"v": 1, "kind": "KIND", "at": {"update_time": "x", "get_entries_max_ts": "x"}}',
        '{"v": 1, "kind": "KIND", "at": {"update_time": 99999999999,'
        ' "last_fetch_time": 99999999999, "get_entries_max_ts": 99999999999}}',
        '{"v": 1, "kind": "KIND", "at": {"update_time": -5, "last_fetch_time": 99999999999,'
        ' "get_entries_max_ts": -5}}',
    ],
)
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_checkpoint_that_cannot_be_used_starts_anew_and_is_said(
    exchanges: ExchangeServer, kind: ExchangeKind, spoilt: str, caplog: pytest.LogCaptureFixture
) -> None:
    expected = fill(exchanges, kind, 3)
    with caplog.at_level(logging.WARNING):
        pages = read(feed(kind), spoilt.replace("KIND", kind.value))
    assert values(pages) == expected
    assert "starts anew" in caplog.text


@pytest.mark.parametrize(
    ("kind", "days_old"), [(ExchangeKind.STOPNCII, 31), (ExchangeKind.THREATEXCHANGE, 86)]
)
def test_a_stale_checkpoint_starts_anew(
    exchanges: ExchangeServer, kind: ExchangeKind, days_old: int
) -> None:
    expected = fill(exchanges, kind, 3)
    stored = json.loads(read(feed(kind))[-1].checkpoint)
    assert len(values(read(feed(kind), json.dumps(stored)))) < 3
    stored["at"]["last_fetch_time"] -= days_old * 86_400
    assert values(read(feed(kind), json.dumps(stored))) == expected


def test_a_checkpoint_keeps_every_field(exchanges: ExchangeServer) -> None:
    from threatexchange.exchanges.impl.ncmec_api import NCMECCheckpoint, _NCMECPagingInfo

    position = NCMECCheckpoint(1_700_000_000, _NCMECPagingInfo("/v2/entries?a=1", 1_700_000_500))
    text = checkpoints.dump(ExchangeKind.NCMEC, position)
    assert checkpoints.load(ExchangeKind.NCMEC, text, NCMECCheckpoint) == position


def test_ncmec_page_is_gone_on_from_at_its_own_address(exchanges: ExchangeServer) -> None:
    fill(exchanges, ExchangeKind.NCMEC, 6)
    page = next(
        page for page in feed(ExchangeKind.NCMEC).read(None) if values([page]) and not page.done
    )
    stored = json.loads(page.checkpoint)["at"]["paging_info"]
    assert stored["paging_url"].startswith("/v2/entries?")
    asked = exchanges.asked
    read(feed(ExchangeKind.NCMEC), page.checkpoint)
    assert exchanges.seen[asked].query.get("start") == "2"


def test_ncmec_stretch_that_ends_now_is_begun_again(exchanges: ExchangeServer) -> None:
    from threatexchange.exchanges.impl.ncmec_api import NCMECCheckpoint, _NCMECPagingInfo

    expected = fill(exchanges, ExchangeKind.NCMEC, 3)
    # The library holds that a stretch it goes on with ended before the one it would begin.
    info = _NCMECPagingInfo("/v2/entries?from=a&to=b&start=2", int(time.time()) + 5)
    text = checkpoints.dump(ExchangeKind.NCMEC, NCMECCheckpoint(1_600_000_000, info))
    assert values(read(feed(ExchangeKind.NCMEC), text)) == expected


# Trouble


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize(
    "trouble",
    [
        Answer(status=429, headers={"Retry-After": "0"}),
        Answer(status=429),
        Answer(status=500),
        Answer(status=503, headers={"Retry-After": "nonsense"}),
        Answer(cut=40),
        Answer(hang_up=30),
        Answer(delay_s=0.7),
        Answer(drip_s=0.05),
    ],
    ids=["429-now", "429", "500", "503", "truncated", "hang-up", "slow", "drips"],
)
def test_passing_trouble_is_waited_out(
    exchanges: ExchangeServer, kind: ExchangeKind, trouble: Answer
) -> None:
    expected = fill(exchanges, kind, 3)
    exchanges.next_answers.extend([trouble, None, trouble])
    assert values(read(feed(kind))) == expected


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Answer(status=429), "status_429"),
        (Answer(status=502), "status_502"),
        (Answer(cut=40), "cut_off"),
        (Answer(delay_s=0.7), "timeout"),
        (Answer(drip_s=0.05), "timeout"),
        (Answer(hang_up=30), "unreachable"),
    ],
    ids=["429", "502", "truncated", "slow", "drips", "hang-up"],
)
def test_lasting_trouble_ends_the_run_and_what_was_read_stands(
    exchanges: ExchangeServer, kind: ExchangeKind, trouble: Answer, code: str
) -> None:
    fill(exchanges, kind, 6)
    got: list[Page] = []
    with pytest.raises(ExchangeUnavailable) as raised:
        for page in feed(kind).read(None):
            got.append(page)
            if values(got):
                exchanges.always = trouble
    assert raised.value.code == code
    exchanges.always = None
    rest = read(feed(kind), got[-1].checkpoint)
    assert set(values(got)) | set(values(rest)) == {pdq(number) for number in range(6)}


def test_a_wait_beyond_the_budget_is_left_for_the_next_run(exchanges: ExchangeServer) -> None:
    exchanges.always = Answer(status=429, headers={"Retry-After": "3600"})
    begun = time.monotonic()
    with pytest.raises(ExchangeUnavailable):
        read(feed(ExchangeKind.STOPNCII))
    assert time.monotonic() - begun < 60  # and not the hour that was asked for
    assert exchanges.asked == 1


def test_waiting_follows_what_is_asked_and_doubles_otherwise() -> None:
    slept: list[float] = []
    patience = Patience(Limits(), sleep=slept.append)
    assert patience.wait(1, 7.0)
    assert slept == [7.0]
    for tries in range(1, 6):
        patience.wait(tries, None)
    assert all(0.5 * 2**n <= wait <= 1.5 * 2**n for n, wait in enumerate(slept[1:]))
    assert not patience.wait(6, None)
    assert not patience.wait(1, 300.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Wed, 31 Dec 2025 00:01:00 GMT", 0.0),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        (ExchangeKind.STOPNCII, b"[]", "malformed_answer"),
        (ExchangeKind.STOPNCII, b"7", "malformed_answer"),
        (ExchangeKind.STOPNCII, b"{}", "malformed_answer"),
        (ExchangeKind.STOPNCII, b'{"hashRecords": 5}', "malformed_answer"),
        (ExchangeKind.STOPNCII, b"<a/>", "cut_off"),
        (ExchangeKind.THREATEXCHANGE, b"null", "malformed_answer"),
        (ExchangeKind.THREATEXCHANGE, b"{}", "malformed_answer"),
        (ExchangeKind.THREATEXCHANGE, b'{"data": 5}', "malformed_answer"),
        (ExchangeKind.THREATEXCHANGE, b'{"data": [], "paging": 5}', "malformed_answer"),
        (ExchangeKind.THREATEXCHANGE, b"", "cut_off"),
        (ExchangeKind.NCMEC, b"{}", "cut_off"),
        (ExchangeKind.NCMEC, b"<a", "cut_off"),
        (ExchangeKind.NCMEC, b'<a><images maxTimestamp="x"><image/></images></a>', None),
    ],
)
def test_answers_of_another_shape_are_said_to_be_unreadable(
    exchanges: ExchangeServer, kind: ExchangeKind, body: bytes, code: str | None
) -> None:
    exchanges.always = Answer(body=body)
    if code is None:
        # Only its one entry is malformed, so it is read as an empty answer with a fault.
        assert {type(item) for item in items(read(feed(kind)))} == {Fault}
        return
    with pytest.raises(ExchangeError) as raised:
        read(feed(kind))
    assert raised.value.code == code


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_compressed_answers_in_chunks_are_read(
    exchanges: ExchangeServer, kind: ExchangeKind
) -> None:
    expected = fill(exchanges, kind, 3)
    exchanges.always = Answer(packed=True)
    assert values(read(feed(kind))) == expected


def test_an_answer_without_end_is_not_read_to_it(exchanges: ExchangeServer) -> None:
    exchanges.always = Answer(body=b'{"hashRecords": "' + b"a" * 500_000 + b'"}')
    with pytest.raises(ExchangeUnreadable) as raised:
        read(feed(ExchangeKind.STOPNCII, limits=replace(QUICK, answer_bytes=100_000)))
    assert raised.value.code == "answer_too_large"


def test_redirects_are_not_followed_with_our_keys(exchanges: ExchangeServer) -> None:
    exchanges.always = Answer(status=302, headers={"Location": f"{exchanges.base}/elsewhere"})
    with pytest.raises(ExchangeUnreadable) as raised:
        read(feed(ExchangeKind.STOPNCII))
    assert raised.value.code == "status_302"
    assert exchanges.asked == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_a_document_type_is_refused(encoding: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'.encode(encoding)
    with pytest.raises(Malformed):
        well_formed_xml(bomb)
    well_formed_xml("<a>ä</a>".encode(encoding))


# Credentials


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_said_so_and_not_tried_again(
    exchanges: ExchangeServer, kind: ExchangeKind, status: int
) -> None:
    exchanges.always = Answer(status=status, body=b"<html>go away</html>")
    with pytest.raises(ExchangeRefused) as raised:
        read(feed(kind))
    assert raised.value.code == "credentials_not_accepted"
    assert exchanges.asked == 1


WRONG = Credentials(
    "wrong-secret-1",
    "wrong-secret-2",
    "wrong-secret-3",
    "wrong-secret-4",
    "wrong-secret-5",
    "12345678902|wrong_secret_threatexchange",
)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_wrong_credentials_are_refused_by_the_exchange_itself(
    exchanges: ExchangeServer, kind: ExchangeKind
) -> None:
    with pytest.raises(ExchangeRefused):
        read(feed(kind, WRONG))
    assert exchanges.asked == 1


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_without_credentials_nothing_is_asked(
    exchanges: ExchangeServer, kind: ExchangeKind
) -> None:
    with pytest.raises(ExchangeRefused) as raised:
        feed(kind, Credentials())
    assert raised.value.code == "credentials_missing"
    assert exchanges.asked == 0


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize(
    "trouble",
    [
        Answer(status=400, body=b'{"error": {"code": 100, "message": "no"}}'),
        Answer(status=401),
        Answer(status=429),
        Answer(status=302, headers={"Location": "http://example.org/"}),
        Answer(cut=40),
        Answer(delay_s=0.7),
        Answer(body=b"[]"),
        Answer(body=b'{"data": [1], "paging": {"next": "ftp://example.org"}}'),
    ],
)
def test_no_secret_and_no_hash_stands_in_an_error_or_a_log(
    exchanges: ExchangeServer,
    kind: ExchangeKind,
    trouble: Answer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill(exchanges, kind, 2)
    exchanges.next_answers.extend([None, *[trouble] * 40])
    with caplog.at_level(logging.DEBUG):
        try:
            read(feed(kind))
            read(feed(kind))
        except ExchangeError as error:
            told = "".join(traceback.format_exception(error)) + repr(error.args)
        else:
            told = ""
    told += caplog.text + repr(CREDENTIALS)
    secrets = [getattr(CREDENTIALS, each.name) for each in fields(Credentials)]
    for secret in [*secrets, "token_secret", pdq(0), pdq(1)]:
        assert secret not in told
    assert "credentials=" not in told


def test_a_secret_that_makes_no_header_is_not_told(exchanges: ExchangeServer) -> None:
    broken = replace(CREDENTIALS, stopncii_function_key="broken-secret\nwith a line end")
    with pytest.raises(ExchangeError) as raised:
        read(feed(ExchangeKind.STOPNCII, broken))
    assert "broken-secret" not in "".join(traceback.format_exception(raised.value))


def test_credentials_come_from_the_secrets_of_their_names() -> None:
    found = Credentials.from_environment(
        {"NCMEC_USER": " me\n", "THREATEXCHANGE_TOKEN": "1|2", "NCMEC_PASSWORD": "none"}
    )
    assert (found.ncmec_user, found.threatexchange_token, found.ncmec_password) == ("me", "1|2", "")


@pytest.mark.parametrize("token", ["nonsense", "12345678|short", "|", "12345678901"])
def test_a_token_of_another_shape_is_refused_before_it_is_sent(
    exchanges: ExchangeServer, token: str
) -> None:
    with pytest.raises(ExchangeRefused) as raised:
        feed(ExchangeKind.THREATEXCHANGE, replace(CREDENTIALS, threatexchange_token=token))
    assert token not in str(raised.value)
    assert exchanges.asked == 0


def test_an_escaped_token_is_the_same_token(exchanges: ExchangeServer) -> None:
    expected = fill(exchanges, ExchangeKind.THREATEXCHANGE, 1)
    escaped = CREDENTIALS.threatexchange_token.replace("|", "%7C")
    changed = replace(CREDENTIALS, threatexchange_token=escaped)
    assert values(read(feed(ExchangeKind.THREATEXCHANGE, changed))) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (190, ExchangeRefused),
        (200, ExchangeRefused),
        (4, ExchangeUnavailable),
        (17, ExchangeUnavailable),
        (100, ExchangeUnreadable),
    ],
)
def test_threatexchange_says_in_the_body_what_its_status_means(
    exchanges: ExchangeServer, code: int, expected: type[ExchangeError]
) -> None:
    exchanges.always = Answer(status=400, body=json.dumps({"error": {"code": code}}).encode())
    with pytest.raises(expected):
        read(feed(ExchangeKind.THREATEXCHANGE))


# Addresses


@pytest.mark.parametrize(
    ("base", "emulator"),
    [
        ("http://127.0.0.1:1", None),
        ("http://169.254.169.254/", "127.0.0.1:1"),
        ("http://127.0.0.1.example.org/", "127.0.0.1:1"),
        ("http://user@example.org/", "127.0.0.1:1"),
        ("nonsense", "127.0.0.1:1"),
    ],
)
def test_another_base_is_refused_outside_tests(
    exchanges: ExchangeServer,
    monkeypatch: pytest.MonkeyPatch,
    base: str,
    emulator: str | None,
) -> None:
    monkeypatch.setenv(BASE, base)
    if emulator is None:
        monkeypatch.delenv("FIRESTORE_EMULATOR_HOST")
    for kind in EVERY_KIND:
        with pytest.raises(ExchangeMisconfigured) as raised:
            feed(kind)
        assert raised.value.code == "base_refused"


@pytest.mark.parametrize("kind", [ExchangeKind.NCMEC, ExchangeKind.THREATEXCHANGE])
@pytest.mark.parametrize(
    "collaboration", ["", "nonsense", "../42", "http://example.org", "42?a=1", "٤٢"]
)
def test_a_document_cannot_send_us_elsewhere(
    exchanges: ExchangeServer, kind: ExchangeKind, collaboration: str
) -> None:
    with pytest.raises(ExchangeMisconfigured):
        feed(kind, collaboration=collaboration)
    assert exchanges.asked == 0


# Feedback


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (FeedbackKind.MATCHED, "PendingReview"),
        (FeedbackKind.CONFIRMED, "Blocked"),
        (FeedbackKind.FALSE_POSITIVE, "NotBlocked"),
    ],
)
def test_stopncii_is_told_its_own_words(
    exchanges: ExchangeServer, kind: FeedbackKind, word: str
) -> None:
    feed(ExchangeKind.STOPNCII).send(feedback(kind, f"ImagePDQ:{pdq(1)}"))
    [told] = exchanges.told
    assert json.loads(told.body) == {
        "count": 1,
        "hashFeedbacks": [{"tags": [], "feedbackValue": word, "hashValue": pdq(1)}],
    }


def test_ncmec_is_told_votes_on_the_fingerprint(exchanges: ExchangeServer) -> None:
    ncmec = feed(ExchangeKind.NCMEC)
    ncmec.send(feedback(FeedbackKind.CONFIRMED, "42-a/b c"))
    ncmec.send(feedback(FeedbackKind.FALSE_POSITIVE, "42-image1", f"md5-{md5(1)}"))
    up, down = exchanges.told
    assert up.path == "/ncmec/v2/entries/42/a%2Fb%20c/PDQ/feedback" and b"affirmative" in up.body
    assert down.path == "/ncmec/v2/entries/42/image1/MD5/feedback"
    assert b"negative" in down.body and REASON.encode() in down.body


def test_ncmec_has_no_place_for_sightings_and_several_reasons_are_for_a_person(
    exchanges: ExchangeServer,
) -> None:
    ncmec = feed(ExchangeKind.NCMEC)
    exchanges.ncmec_reasons = ("one", "two")
    for kind, code in [
        (FeedbackKind.MATCHED, "no_such_feedback"),
        (FeedbackKind.FALSE_POSITIVE, "reason_wanted"),
    ]:
        with pytest.raises(FeedbackNotTaken) as raised:
            ncmec.send(feedback(kind, "42-image1"))
        assert raised.value.code == code
    assert exchanges.told == []


@pytest.mark.parametrize(
    ("kind", "reaction"),
    [
        (FeedbackKind.MATCHED, "SAW_THIS_TOO"),
        (FeedbackKind.CONFIRMED, "HELPFUL"),
        (FeedbackKind.FALSE_POSITIVE, "NON_MALICIOUS"),
    ],
)
def test_threatexchange_is_told_reactions(
    exchanges: ExchangeServer, kind: FeedbackKind, reaction: str
) -> None:
    feed(ExchangeKind.THREATEXCHANGE).send(feedback(kind, "7000001"))
    [told] = exchanges.told
    assert told.path.strip("/") == "graph/v26.0/7000001"
    assert told.query["reactions"] == reaction


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("ref", [None, "", "nonsense", "-", ":", "x:y", "7/../8"])
def test_feedback_on_nothing_known_there_is_not_sent(
    exchanges: ExchangeServer, kind: ExchangeKind, ref: str | None
) -> None:
    with pytest.raises(FeedbackNotTaken):
        feed(kind).send(feedback(FeedbackKind.CONFIRMED, ref))
    assert exchanges.asked == 0


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Answer(status=500), ExchangeUnavailable),
        (Answer(status=429), ExchangeUnavailable),
        (Answer(status=403), ExchangeRefused),
        (Answer(status=404), ExchangeUnreadable),
        (Answer(delay_s=0.7), ExchangeUnavailable),
    ],
    ids=["500", "429", "403", "404", "slow"],
)
def test_feedback_that_was_not_taken_is_said_and_sent_once_only(
    exchanges: ExchangeServer,
    kind: ExchangeKind,
    trouble: Answer,
    expected: type[ExchangeError],
) -> None:
    refs = {ExchangeKind.STOPNCII: f"ImagePDQ:{pdq(1)}", ExchangeKind.NCMEC: "42-image1"}
    exchanges.always = trouble
    with pytest.raises(expected):
        feed(kind).send(feedback(FeedbackKind.CONFIRMED, refs.get(kind, "7000001")))
    assert exchanges.asked == 1


def test_stopncii_feedback_needs_its_own_key(exchanges: ExchangeServer) -> None:
    without = replace(CREDENTIALS, stopncii_feedback_key="")
    with pytest.raises(ExchangeRefused) as raised:
        feed(ExchangeKind.STOPNCII, without).send(
            feedback(FeedbackKind.CONFIRMED, f"ImagePDQ:{pdq(1)}")
        )
    assert raised.value.code == "credentials_missing"
    assert exchanges.asked == 0

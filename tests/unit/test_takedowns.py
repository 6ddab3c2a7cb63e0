"""Addresses, platforms, letters, the queue and the life of a request: what is pure of takedowns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.api.wiring import takedown_mails
from media_integrity.reports.priority import priority_of
from media_integrity.schema.base import UserId
from media_integrity.schema.errors import Conflict, Invalid
from media_integrity.schema.notifications import Language
from media_integrity.schema.reports import (
    Capacity,
    Report,
    ReportedMedia,
    ReportId,
    ReportKind,
    ReportPriority,
    ReportStatus,
    Statement,
    Takedown,
    TakedownAlarm,
    TakedownChannel,
    TakedownState,
)
from media_integrity.takedowns import states
from media_integrity.takedowns.addresses import OwnPlaces, normalised, own_upload
from media_integrity.takedowns.letters import Requester, copy_for, letter_for
from media_integrity.takedowns.platforms import name_of, platform_of

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
URL = "https://www.instagram.com/p/abc"
MEDIA = ReportedMedia(platform="instagram", url=URL)
JOB = "a" * 64


def takedown(**changes: object) -> Takedown:
    made = Takedown(
        id="report_0",
        report_id=ReportId("report"),
        reporter_id=UserId("reporter"),
        media=MEDIA,
        created_at=NOON,
        updated_at=NOON,
    )
    return changed(made, changes)


def changed(before: Takedown, changes: dict[str, object]) -> Takedown:
    """As the transaction makes it: validated."""
    return Takedown.model_validate({**before.model_dump(), "id": before.id, **changes})


def report(*, signed: bool = True, minor: bool = False, **changes: object) -> Report:
    statement = Statement(
        capacity=Capacity.DEPICTED, not_consensual=True, good_faith=True, signed_at=NOON
    )
    made = Report(
        id="report",
        reporter_id=UserId("reporter"),
        kind=ReportKind.NCII,
        priority=ReportPriority.HIGH,
        concerns_minor=minor,
        media=(MEDIA,),
        statement=statement if signed else None,
        created_at=NOON,
        updated_at=NOON,
    )
    return made.model_copy(update=changes)


# ---- the queue


def test_minors_and_extortion_come_first_and_nothing_overtakes_them() -> None:
    for kind in ReportKind:
        for stated in (False, True):
            assert priority_of(kind, concerns_minor=True, stated=stated) == 0
            own = priority_of(kind, concerns_minor=False, stated=stated)
            assert (own is ReportPriority.IMMEDIATE) == (kind is ReportKind.EXTORTION)


def test_a_statement_moves_a_report_up_by_one() -> None:
    found = {
        kind: (
            priority_of(kind, concerns_minor=False, stated=False),
            priority_of(kind, concerns_minor=False, stated=True),
        )
        for kind in ReportKind
    }
    assert found == {
        ReportKind.EXTORTION: (0, 0),
        ReportKind.NCII: (1, 1),
        ReportKind.DEEPFAKE: (2, 1),
        ReportKind.IMPERSONATION: (2, 1),
        ReportKind.OTHER: (3, 2),
    }


# ---- addresses


@pytest.mark.parametrize(
    ("told", "form"),
    [
        ("HTTPS://WWW.Instagram.com:443/p/aBc/?utm_source=x&igsh=1#top", f"{URL[:-3]}aBc/"),
        ("x.com", "https://x.com/"),
        ("https://youtu.be/abc?si=1&t=3&feature=share", "https://youtu.be/abc?t=3"),
        ("https://example.com./a", "https://example.com/a"),
        ("http://example.com:8080/a", "http://example.com:8080/a"),
        ("https://münchen.de/ä?q=ü", "https://xn--mnchen-3ya.de/%C3%A4?q=%C3%BC"),
        ("https://xn--mnchen-3ya.de/", "https://xn--mnchen-3ya.de/"),
        ("https://x.com/%7euser/a%2fb", "https://x.com/~user/a%2Fb"),
        ("https://x.com/100%", "https://x.com/100%25"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://x.com/?b=2&a=1&fbclid=9", "https://x.com/?b=2&a=1"),
        ("https://x.com/\u202egpj.a", "https://x.com/%E2%80%AEgpj.a"),
    ],
)
def test_the_same_place_has_one_form(told: str, form: str) -> None:
    assert normalised(told).url == form
    assert normalised(form).url == form


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("", "not_an_address"),
        ("hello world", "not_an_address"),
        ("javascript:alert(1)", "not_an_address"),
        ("ftp://example.com/a", "not_an_address"),
        ("data:text/html,x", "not_an_address"),
        ("https:///path", "not_an_address"),
        ("https://example.com:99999/", "not_an_address"),
        ("https://nodots/", "not_an_address"),
        ("https://a..b.com/", "not_an_address"),
        ("https://exa mple.com/", "not_an_address"),
        ("https://example.com\\@evil.com/", "not_an_address"),
        ("https://example.com/\x00", "not_an_address"),
        ("https://127.1/", "not_an_address"),
        ("https://2130706433/", "not_an_address"),
        ("https://0x7f.0.0.1/", "not_an_address"),
        ("https://" + "a" * 64 + ".com/", "not_an_address"),
        ("https://example.com/" + "a" * 2048, "not_an_address"),
        ("https://instagram.com@evil.com/", "address_with_user"),
        ("https://user:secret@example.com/", "address_with_user"),
        ("https://@example.com/", "address_with_user"),
        ("http://localhost/a", "private_address"),
        ("http://127.0.0.1/", "private_address"),
        ("http://10.1.2.3/", "private_address"),
        ("http://192.168.0.1:8080/", "private_address"),
        ("http://169.254.169.254/latest/meta-data", "private_address"),
        ("http://100.64.0.1/", "private_address"),
        ("http://0.0.0.0/", "private_address"),
        ("http://224.0.0.1/", "private_address"),
        ("http://[::1]/", "private_address"),
        ("http://[fe80::1]/", "private_address"),
        ("http://[fd00::1]/", "private_address"),
        ("http://[::ffff:127.0.0.1]/", "private_address"),
        ("http://router.lan/", "private_address"),
        ("http://metadata.google.internal/", "private_address"),
        ("http://hidden.onion/", "private_address"),
        ("http://a.test/", "private_address"),
    ],
)
def test_what_leads_nowhere_or_astray_is_refused(told: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalised(told)
    assert refused.value.code == code
    assert told not in refused.value.text or not told


def test_digits_of_other_scripts_are_no_way_around() -> None:
    with pytest.raises(Invalid):
        normalised("https://１２７.０.０.１/")


@given(st.text(max_size=200))
def test_any_text_is_refused_or_has_one_form(text: str) -> None:
    try:
        once = normalised(text)
    except Invalid:
        return
    assert normalised(once.url) == once
    assert once.url.isascii()
    assert ReportedMedia(platform="x", url=once.url)


OURS = OwnPlaces(
    "bucket", frozenset({"firebasestorage.googleapis.com"}), frozenset({"app.example.com"})
)


@pytest.mark.parametrize(
    "told",
    [
        f"https://firebasestorage.googleapis.com/v0/b/bucket/o/media%2Fuid%2F{JOB}%2Foriginal.jpg?alt=media",
        f"https://FirebaseStorage.googleapis.com/v0/b/bucket/o/media%2fuid%2f{JOB}%2fpreview.jpg",
        f"https://storage.googleapis.com/bucket/media/uid/{JOB}/original.jpg",
        f"https://app.example.com/p/{JOB}?from=share",
    ],
)
def test_our_addresses_name_an_upload(told: str) -> None:
    assert own_upload(told, OURS) == JOB


@pytest.mark.parametrize(
    "told",
    [
        URL,
        f"https://firebasestorage.googleapis.com/v0/b/another/o/media%2Fuid%2F{JOB}%2Foriginal.jpg",
        f"https://app.example.com.evil.com/p/{JOB}",
        f"https://app.example.com:8443/p/{JOB}",
        f"ftp://app.example.com/p/{JOB}",
        "https://[broken",
    ],
)
def test_addresses_of_others_do_not(told: str) -> None:
    assert own_upload(told, OURS) is None


@pytest.mark.parametrize(
    "told",
    [
        "https://app.example.com/about",
        f"https://firebasestorage.googleapis.com/v0/b/bucket/o/uploads%2Fuid%2F{JOB}%2Fa.jpg",
        f"https://firebasestorage.googleapis.com/v0/b/bucket/o/evidence%2F{JOB}%2Foriginal",
    ],
)
def test_our_addresses_without_a_published_upload_are_refused(told: str) -> None:
    with pytest.raises(Invalid):
        own_upload(told, OURS)


# ---- platforms


@pytest.mark.parametrize(
    ("host", "key", "channel"),
    [
        ("www.instagram.com", "instagram", TakedownChannel.FORM),
        ("m.youtube.com", "youtube", TakedownChannel.FORM),
        ("i.redd.it", "reddit", TakedownChannel.FORM),
        ("drive.google.com", "google_drive", TakedownChannel.FORM),
        ("images.google.com", "google", TakedownChannel.FORM),
        ("notinstagram.com", "notinstagram.com", TakedownChannel.UNKNOWN),
        ("instagram.com.evil.com", "instagram.com.evil.com", TakedownChannel.UNKNOWN),
        ("www.example.com", "example.com", TakedownChannel.UNKNOWN),
    ],
)
def test_a_platform_is_known_by_its_host(host: str, key: str, channel: TakedownChannel) -> None:
    found = platform_of(host, {})
    assert (found.key, found.channel) == (key, channel)


def test_letters_go_by_mail_only_to_an_address_that_the_operator_has_configured() -> None:
    assert platform_of("x.com", {"x": "x@example.org"}).channel is TakedownChannel.MAIL
    assert platform_of("tiktok.com", {"x": "x@example.org"}).channel is TakedownChannel.FORM
    assert takedown_mails("") == {}
    assert takedown_mails("x = a@example.org, tiktok=b@example.org,") == {
        "x": "a@example.org",
        "tiktok": "b@example.org",
    }
    for wrong in ("x", "x=", "x=nobody", "nowhere=a@example.org", "x=a b@example.org"):
        with pytest.raises(RuntimeError):
            takedown_mails(wrong)


def test_no_mail_address_ships_with_the_code() -> None:
    from media_integrity.takedowns.letters import FOLDER
    from media_integrity.takedowns.platforms import PLATFORMS

    for path in (PLATFORMS, *FOLDER.glob("*.toml")):
        assert "@" not in path.read_text(encoding="utf-8"), path


# ---- letters

ASKS = Requester("Maria $name Muster", "maria@example.org", "M. Muster")


def test_a_signed_letter_has_what_the_law_asks_for() -> None:
    letter = letter_for(takedown(), report(), ASKS)
    for needed in (
        "Maria $name Muster",
        "maria@example.org",
        "M. Muster",
        URL,
        "good faith",
        "without the consent",
        "2026-01-02",
        "48 hours",
        "the person shown",
        "report_0",
        "Instagram",
    ):
        assert needed in letter.text
    assert "Maria" not in letter.subject


def test_an_unsigned_letter_names_nobody_and_a_signed_one_somebody() -> None:
    letter = letter_for(takedown(), report(signed=False), ASKS)
    assert "Maria" not in letter.text
    assert URL in letter.text
    with pytest.raises(ValueError, match="names who asks"):
        letter_for(takedown(), report(), None)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("kind", ReportKind)
def test_a_copy_is_whole_in_every_language_and_opens_nothing(
    language: Language, signed: bool, kind: ReportKind
) -> None:
    letter = copy_for(takedown(), report(signed=signed, kind=kind), language)
    assert "$" not in letter.text + letter.subject
    assert URL in letter.text
    assert "report_0" in letter.text
    assert "TAKE IT DOWN Act" in letter.text or not signed
    assert len(letter.subject) <= 200


def test_only_a_letter_about_a_minor_says_so() -> None:
    assert "minor" in letter_for(takedown(), report(minor=True), ASKS).text
    assert "minor" not in letter_for(takedown(), report(), ASKS).text


# ---- the life of a request


ANSWERS = st.sampled_from(sorted(states.ANSWERS))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "answer", "clock", "remove", "refuse", "withdraw"]),
        ANSWERS,
        st.integers(min_value=0, max_value=40),
    ),
    max_size=12,
)


def step(before: Takedown, name: str, answer: TakedownState, now: datetime) -> dict[str, object]:
    acts: dict[str, Callable[[], dict[str, object]]] = {
        "send": lambda: states.requested(now) if before.state is TakedownState.PREPARED else {},
        "answer": lambda: states.answered(before, answer, "", now),
        "remove": lambda: states.removed(before, now),
        "refuse": lambda: states.refused(before, "", now),
        "withdraw": lambda: (
            states.withdrawn(before, now) if before.state is TakedownState.PREPARED else {}
        ),
    }
    if name != "clock":
        return acts[name]()
    alarms = states.due_alarms(before, now)
    return states.ticked(before, alarms, now) if alarms else {}


@given(STEPS)
def test_whatever_happens_a_request_is_in_order(
    steps: list[tuple[str, TakedownState, int]],
) -> None:
    """Every state is a valid document, alarms come in their order and once, the clock runs out
    exactly at 48 hours, and what was removed in time is so by the clock."""
    current, now = takedown(), NOON
    for name, answer, hours in steps:
        now += timedelta(hours=hours)
        try:
            current = changed(current, step(current, name, answer, now))
        except Conflict:
            continue
        assert list(current.alarms) == [each for each in states.CLOCK if each in current.alarms]
        if current.state is TakedownState.EXPIRED:
            assert TakedownAlarm.BREACH in current.alarms
        if name == "clock" and current.due_at is not None and now >= current.due_at:
            assert current.state not in states.TICKS
        if current.state in states.TICKS:
            assert current.next_alarm_at is not None
        else:
            assert current.next_alarm_at is None
        if current.in_time is not None:
            assert current.closed_at is not None and current.due_at is not None
            assert current.in_time == (current.closed_at <= current.due_at)


@pytest.mark.parametrize(
    ("hours", "alarms"),
    [
        (23.9, []),
        (24, [TakedownAlarm.AFTER_24_HOURS]),
        (40, [TakedownAlarm.AFTER_24_HOURS, TakedownAlarm.AFTER_40_HOURS]),
        (47.9, [TakedownAlarm.AFTER_24_HOURS, TakedownAlarm.AFTER_40_HOURS]),
        (48, list(TakedownAlarm)),
        (500, list(TakedownAlarm)),
    ],
)
def test_alarms_come_at_their_hours(hours: float, alarms: list[TakedownAlarm]) -> None:
    sent = changed(takedown(), states.requested(NOON))
    assert list(states.due_alarms(sent, NOON + timedelta(hours=hours))) == alarms
    told = changed(sent, {"alarms": tuple(alarms)})
    assert states.due_alarms(told, NOON + timedelta(hours=hours)) == ()


def test_a_late_answer_is_written_down_and_may_still_remove() -> None:
    late = NOON + timedelta(hours=50)
    sent = changed(takedown(), states.requested(NOON))
    expired = changed(sent, states.ticked(sent, tuple(TakedownAlarm), late))
    assert expired.state is TakedownState.EXPIRED
    heard = changed(expired, states.answered(expired, TakedownState.ACKNOWLEDGED, "soon", late))
    assert (heard.state, heard.replies[-1].text) == (TakedownState.EXPIRED, "soon")
    gone = changed(heard, states.answered(heard, TakedownState.REMOVED, "done", late))
    assert (gone.state, gone.in_time) == (TakedownState.REMOVED, False)
    with pytest.raises(Conflict):
        states.answered(gone, TakedownState.REFUSED, "", late)
    with pytest.raises(Conflict):
        states.answered(takedown(), TakedownState.REMOVED, "", NOON)


@given(
    st.sampled_from(list(ReportStatus)),
    st.lists(st.sampled_from(list(TakedownState)), min_size=1, max_size=5),
)
def test_a_report_follows_its_takedowns_once_it_is_accepted(
    status: ReportStatus, of_all: list[TakedownState]
) -> None:
    after = states.status_after(report(status=status), of_all)
    if status in {ReportStatus.SUBMITTED, ReportStatus.REJECTED, ReportStatus.WITHDRAWN}:
        assert after is status
    elif not all(each.final for each in of_all):
        assert after is ReportStatus.IN_PROGRESS
    else:
        removed = set(of_all) == {TakedownState.REMOVED}
        assert after is (ReportStatus.RESOLVED if removed else ReportStatus.UNRESOLVED)


def test_every_platform_has_a_name_and_its_own_hosts() -> None:
    assert name_of("instagram") == "Instagram"
    assert name_of("example.com") == "example.com"

"""What goes to FCM and what its answers mean, through the Admin SDK and over HTTP."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from media_integrity.cloud.messaging import (
    MAX_TOKENS,
    Fcm,
    NoPush,
    PushAnswer,
    PushMessage,
    PushState,
    push_service,
)
from tests.unit.fcm_server import UNREGISTERED, Answer, FcmServer, error, fcm_server

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TOKEN, OTHER = "phone-of-somebody:APA91b", "another-phone:APA91c"


class Noon:
    def now(self) -> datetime:
        return NOON


@pytest.fixture(scope="module")
def running() -> Iterator[FcmServer]:
    with fcm_server() as server:
        yield server


@pytest.fixture
def server(running: FcmServer) -> FcmServer:
    running.clear()
    return running


@pytest.fixture(scope="module")
def fcm(running: FcmServer) -> Iterator[Fcm]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")  # so that no credentials are needed
        patch.setenv("GCLOUD_PROJECT", "demo-push")
        fcm = Fcm(Noon())
        fcm.send(message(), [TOKEN])
        yield fcm


def message(*, key: str = "case_upload_held", urgent: bool = False) -> PushMessage:
    return PushMessage(
        key=key,
        title="A title",
        body="A body.",
        notification_id=key,
        urgent=urgent,
        keep=timedelta(days=1),
    )


def sent(server: FcmServer, fcm: Fcm, **how: Any) -> dict[str, Any]:
    assert fcm.send(message(**how), [TOKEN]) == (PushAnswer(PushState.SENT),)
    (found,) = server.messages
    return found


def test_a_message_carries_its_words_and_nothing_but_the_notifications_id(
    server: FcmServer, fcm: Fcm
) -> None:
    found = sent(server, fcm)

    assert found["token"] == TOKEN
    assert found["notification"] == {"title": "A title", "body": "A body."}
    assert found["data"] == {"notificationId": "case_upload_held"}


def test_every_system_shows_messages_of_one_key_once(server: FcmServer, fcm: Fcm) -> None:
    fcm.send(message(key="a"), [TOKEN])
    fcm.send(message(key="a"), [TOKEN])
    fcm.send(message(key="b" * 900), [TOKEN])

    def keys(found: Any) -> set[str]:
        return {
            found["android"]["notification"]["tag"],
            found["apns"]["headers"]["apns-collapse-id"],
            found["webpush"]["headers"]["Topic"],
            found["webpush"]["notification"]["tag"],
        }

    first, again, other = map(keys, server.messages)
    assert len(first) == 1
    assert first == again
    assert first != other
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", key) for key in first | other)
    # Of collapse keys FCM keeps four for a phone that is off: a fifth message would push one out.
    assert all("collapse_key" not in str(found["android"]) for found in server.messages)


def test_a_message_expires_where_it_cannot_be_shown(server: FcmServer, fcm: Fcm) -> None:
    found = sent(server, fcm)

    assert found["android"]["ttl"] == "86400s"
    assert found["apns"]["headers"]["apns-expiration"] == str(int(NOON.timestamp()) + 86400)
    assert found["webpush"]["headers"]["TTL"] == "86400"


@pytest.mark.parametrize(
    ("urgent", "android", "apns"), [(True, "high", "10"), (False, "normal", "5")]
)
def test_only_what_is_urgent_wakes_a_phone(
    server: FcmServer, fcm: Fcm, urgent: bool, android: str, apns: str
) -> None:
    found = sent(server, fcm, urgent=urgent)

    assert found["android"]["priority"] == android
    assert found["apns"]["headers"]["apns-priority"] == apns


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (UNREGISTERED, PushAnswer(PushState.GONE, "unregistered")),
        (
            error(403, "PERMISSION_DENIED", fcm="SENDER_ID_MISMATCH"),
            PushAnswer(PushState.GONE, "sender_id_mismatch"),
        ),
        (
            error(400, "INVALID_ARGUMENT", fcm="INVALID_ARGUMENT", field_="message.token"),
            PushAnswer(PushState.GONE, "invalid_token"),
        ),
        (
            error(400, "INVALID_ARGUMENT", field_="message.android.ttl"),
            PushAnswer(PushState.REFUSED, "invalid_argument"),
        ),
        (
            error(400, "INVALID_ARGUMENT"),
            PushAnswer(PushState.REFUSED, "invalid_argument"),
        ),
        (
            error(429, "RESOURCE_EXHAUSTED", fcm="QUOTA_EXCEEDED", Retry_After="120"),
            PushAnswer(PushState.LATER, "resource_exhausted", 120),
        ),
        (
            error(429, "RESOURCE_EXHAUSTED", fcm="QUOTA_EXCEEDED", Retry_After="9999999"),
            PushAnswer(PushState.LATER, "resource_exhausted", 3600),
        ),
        (
            error(429, "RESOURCE_EXHAUSTED", Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"),
            PushAnswer(PushState.LATER, "resource_exhausted"),
        ),
        (
            error(401, "UNAUTHENTICATED", fcm="THIRD_PARTY_AUTH_ERROR"),
            # Without credentials a 401 fails where the client would refresh them.
            PushAnswer(PushState.LATER, "InvalidOperation"),
        ),
        (error(404, "NOT_FOUND"), PushAnswer(PushState.LATER, "not_found")),
        (Answer(502, {"what": "no error of FCM"}), PushAnswer(PushState.LATER, "unknown")),
        (
            Answer(400, {"error": {"status": "INVALID_ARGUMENT", "details": "no list"}}),
            PushAnswer(PushState.LATER, "AttributeError"),
        ),
        (
            Answer(400, {"error": {"status": "INVALID_ARGUMENT", "details": ["x", 1]}}),
            PushAnswer(PushState.LATER, "AttributeError"),
        ),
    ],
)
def test_an_error_says_whether_to_try_again_and_whether_to_forget_the_token(
    server: FcmServer, fcm: Fcm, answer: Answer, meaning: PushAnswer
) -> None:
    server.answers[TOKEN] = answer

    assert fcm.send(message(), [OTHER, TOKEN]) == (PushAnswer(PushState.SENT), meaning)


def test_a_server_that_is_not_there_means_later(
    server: FcmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from firebase_admin.messaging import _MessagingService

    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-push")
    monkeypatch.setattr(_MessagingService, "FCM_URL", "http://127.0.0.1:1/{0}")

    (answer,) = Fcm(Noon()).send(message(), [TOKEN])

    assert answer.state is PushState.LATER


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_service_is_not_waited_for(server: FcmServer, fcm: Fcm, status: int) -> None:
    """By itself the Admin SDK sleeps as long as Retry-After says, and sends up to ten times."""
    server.answers[TOKEN] = error(status, "UNAVAILABLE", Retry_After="2")

    (answer,) = fcm.send(message(), [TOKEN])

    assert answer == PushAnswer(PushState.LATER, "unavailable", 2)
    assert len(server.messages) == 1


def test_nothing_is_sent_to_nobody_and_not_to_too_many(server: FcmServer, fcm: Fcm) -> None:
    assert fcm.send(message(), []) == ()
    with pytest.raises(ValueError, match="at most"):
        fcm.send(message(), [TOKEN] * (MAX_TOKENS + 1))
    assert server.messages == []


def test_on_the_local_stack_nothing_is_sent_and_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    local = push_service(Noon())
    with caplog.at_level(logging.INFO, logger="media_integrity"):
        (answer,) = local.send(message(), [TOKEN])

    assert isinstance(local, NoPush)
    assert answer.state is PushState.REFUSED
    assert TOKEN not in caplog.text + str([vars(record) for record in caplog.records])

    for name in ("FIRESTORE_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(push_service(Noon()), Fcm)

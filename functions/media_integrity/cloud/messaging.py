"""Firebase Cloud Messaging: a short text onto phones and browsers.

FCM takes a message and promises little: no receipt, no idempotency key. Every message therefore
carries a key by which the receiving system shows the same message once, however often it was sent
(``tag`` on Android and the web, ``apns-collapse-id`` on iOS).
"""

from __future__ import annotations

import hashlib
import logging
import os
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from .app import EMULATOR_HOSTS, project_id
from .clock import Clock

if TYPE_CHECKING:
    import firebase_admin
    from firebase_admin import messaging
    from firebase_admin.exceptions import FirebaseError

log = logging.getLogger(__name__)

TIMEOUT_S = 10
"""For one answer of FCM."""

MAX_TOKENS = 50
AT_ONCE = 20
"""Tokens of one call, and requests side by side: a call ends within half a minute."""


@dataclass(frozen=True, slots=True)
class PushMessage:
    """What is shown, and what the app gets to know."""

    key: str
    """Names the message; the same key is shown once. Any length."""
    title: str
    body: str
    notification_id: str
    """All that the app is told: it reads the rest under its own rights."""
    urgent: bool
    """Wakes a phone that sleeps."""
    keep: timedelta
    """How long FCM keeps it for a phone that is off; longer than nothing, at most 28 days."""

    @property
    def collapse_id(self) -> str:
        """32 characters: what the ``Topic`` of web push takes at most; APNs takes 64."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]


class PushState(StrEnum):
    """What became of a message to one token."""

    SENT = "sent"
    GONE = "gone"  # the token is dead: forget it
    REFUSED = "refused"  # will not be taken, however often it is tried
    LATER = "later"  # try again


@dataclass(frozen=True, slots=True)
class PushAnswer:
    state: PushState
    error: str | None = None
    """A code; no token and nothing of the message."""
    retry_after_s: int | None = None


class Push(Protocol):
    """Sends to tokens. ``Fcm``, or ``NoPush`` where there is no FCM."""

    def send(self, message: PushMessage, tokens: Sequence[str]) -> tuple[PushAnswer, ...]:
        """One answer for each token, in their order; at most ``MAX_TOKENS``.

        An answer that got lost counts as LATER, so that the message may be sent again; then its
        key makes the phone show it once.
        """


class Fcm:
    """FCM's HTTP v1 API, through the Admin SDK."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @cached_property
    def _app(self) -> firebase_admin.App:
        """One of its own: the default app waits two minutes for an answer."""
        import firebase_admin
        from firebase_admin import messaging
        from google.auth.credentials import AnonymousCredentials
        from requests.adapters import HTTPAdapter

        emulated = any(os.environ.get(name) for name in EMULATOR_HOSTS)
        app = firebase_admin.initialize_app(
            AnonymousCredentials() if emulated else None,
            {"projectId": project_id(), "httpTimeout": TIMEOUT_S},
            name=f"messaging-{uuid.uuid4().hex}",
        )
        # The SDK tries again by itself, and where FCM sends Retry-After it sleeps until then, for
        # hours if told so. Waiting is the outbox's part.
        service = messaging._get_messaging_service(app)
        service._client.session.mount(service._fcm_url, HTTPAdapter(max_retries=0))
        return app

    def send(self, message: PushMessage, tokens: Sequence[str]) -> tuple[PushAnswer, ...]:
        if not tokens:
            return ()
        if len(tokens) > MAX_TOKENS:
            raise ValueError(f"at most {MAX_TOKENS} tokens at once")
        encoded = [self._encoded(message, token) for token in tokens]
        with ThreadPoolExecutor(min(len(tokens), AT_ONCE)) as pool:
            return tuple(pool.map(self._sent, encoded))

    def _sent(self, message: messaging.Message) -> PushAnswer:
        """One by one: of the SDK's batches one malformed answer loses all others."""
        from firebase_admin import exceptions, messaging

        try:
            messaging.send(message, app=self._app)
        except exceptions.FirebaseError as error:
            return _answer(error)
        except Exception as error:  # noqa: BLE001  credentials, malformed answers: not the token
            return PushAnswer(PushState.LATER, type(error).__name__)
        return PushAnswer(PushState.SENT)

    def _encoded(self, message: PushMessage, token: str) -> messaging.Message:
        from firebase_admin import messaging

        seconds = int(message.keep.total_seconds())
        until = int((self._clock.now() + message.keep).timestamp())
        return messaging.Message(
            token=token,
            notification=messaging.Notification(title=message.title, body=message.body),
            data={"notificationId": message.notification_id},
            android=messaging.AndroidConfig(
                # No collapse key: of those FCM keeps four for a phone that is off.
                priority="high" if message.urgent else "normal",
                ttl=message.keep,
                notification=messaging.AndroidNotification(
                    tag=message.collapse_id, visibility="private"
                ),
            ),
            apns=messaging.APNSConfig(
                headers={
                    "apns-collapse-id": message.collapse_id,
                    "apns-expiration": str(until),
                    "apns-priority": "10" if message.urgent else "5",
                }
            ),
            webpush=messaging.WebpushConfig(
                headers={
                    "Topic": message.collapse_id,
                    "TTL": str(seconds),
                    "Urgency": "high" if message.urgent else "normal",
                },
                notification=messaging.WebpushNotification(
                    title=message.title, body=message.body, tag=message.collapse_id
                ),
            ),
        )


class NoPush:
    """Stands where there is no FCM: the local stack. Nothing is sent, and nothing is claimed."""

    def send(self, message: PushMessage, tokens: Sequence[str]) -> tuple[PushAnswer, ...]:
        log.info("no push here", extra={"tokens": len(tokens)})
        return (PushAnswer(PushState.REFUSED, "no_push_here"),) * len(tokens)


def push_service(clock: Clock) -> Push:
    """FCM, but not against the emulators, which have none."""
    emulated = any(os.environ.get(name) for name in EMULATOR_HOSTS)
    return NoPush() if emulated else Fcm(clock)


def _answer(error: FirebaseError) -> PushAnswer:
    """What an error of FCM means for the token.

    Source: Firebase documentation, "FCM error codes": UNREGISTERED and SENDER_ID_MISMATCH never
    work again; INVALID_ARGUMENT is the token's fault only where it names ``message.token``.
    """
    from firebase_admin import exceptions, messaging

    if isinstance(error, messaging.UnregisteredError):
        return PushAnswer(PushState.GONE, "unregistered")
    if isinstance(error, messaging.SenderIdMismatchError):
        return PushAnswer(PushState.GONE, "sender_id_mismatch")
    if isinstance(error, exceptions.InvalidArgumentError):
        if _blames_the_token(error):
            return PushAnswer(PushState.GONE, "invalid_token")
        return PushAnswer(PushState.REFUSED, "invalid_argument")
    code = str(getattr(error, "code", "unknown")).lower()
    return PushAnswer(PushState.LATER, code, _retry_after(error))


def _blames_the_token(error: FirebaseError) -> bool:
    try:
        details = error.http_response.json()["error"]["details"]
        return any(
            violation.get("field") == "message.token"
            for detail in details
            for violation in detail.get("fieldViolations", ())
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _retry_after(error: FirebaseError) -> int | None:
    """Seconds, as FCM asks for them with 429 and 503; at most an hour is believed."""
    response = getattr(error, "http_response", None)
    told = response.headers.get("Retry-After", "") if response is not None else ""
    return min(int(told), 3600) if told.isdecimal() and len(told) <= 9 else None

"""The outbox as it runs: the trigger and the callables, in the functions emulator."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import pytest

from devkit.client import (
    App,
    Query,
    Refused,
    Stored,
    Value,
    admin,
    anonymous,
    app_of,
    sign_up,
    wait_for,
)
from devkit.stack import Addresses
from media_integrity.schema.base import UserId
from media_integrity.schema.notifications import NotificationKind
from media_integrity.schema.outbox import NotifyEffect, OutboxEntry

SOON_S = 180.0


def put(database: App, user: str) -> OutboxEntry:
    now = datetime.now(UTC)
    entry = OutboxEntry(
        id=f"cause-{secrets.token_hex(6)}_upload_held",
        effect=NotifyEffect(user_id=UserId(user), notification=NotificationKind.UPLOAD_HELD),
        next_try_at=now,
        created_at=now,
    )
    database.firestore.create(entry.path, entry.to_firestore())
    return entry


def test_what_is_put_into_the_outbox_is_delivered_at_once(stack: Addresses) -> None:
    person, database = sign_up(stack, "person"), admin(stack)

    entry = put(database, person.uid)

    def delivered() -> Stored | None:
        found = database.firestore.get(entry.path)
        return found if found.fields["state"] == "delivered" else None

    wait_for(delivered, within_s=SOON_S, what="delivery by the trigger")
    told = app_of(stack, person).firestore.get(f"victim_notifications/{entry.id}")
    assert told.fields["kind"] == "upload_held"


def test_an_app_sets_its_persons_settings_and_phone(stack: Addresses) -> None:
    person, database = sign_up(stack, "person"), admin(stack).firestore
    app, token = app_of(stack, person), f"phone-{secrets.token_hex(12)}"
    quiet: dict[str, Value] = {"start": 1320, "end": 420, "zone": "Europe/Berlin"}

    app.call("set_notification_settings", {"language": "de", "quiet": quiet})
    app.call("register_push_token", {"token": token, "platform": "ios", "language": "de"})

    kept = database.get(f"notification_settings/{person.uid}").fields
    (phone,) = database.query(Query("push_tokens", [("userId", "==", person.uid)]))
    assert (kept["language"], kept["quiet"], kept["push"]) == ("de", quiet, True)
    assert phone.fields["token"] == token
    app.call("forget_push_token", {"token": token})
    (phone,) = database.query(Query("push_tokens", [("userId", "==", person.uid)]))
    assert phone.fields["expireAt"] <= datetime.now(UTC)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("set_notification_settings", {"userId": "somebody-else"}),
        ("set_notification_settings", {"quiet": {"start": 0, "end": 0, "zone": "UTC"}}),
        ("set_notification_settings", {"quiet": {"start": 0, "end": 60, "zone": "../etc"}}),
        ("set_notification_settings", {"quiet": {"start": 0, "end": 60, "zone": "No/Where"}}),
        ("set_notification_settings", {"language": "<script>"}),
        ("register_push_token", {"token": "short", "platform": "ios"}),
        ("register_push_token", {"token": "x" * 5000, "platform": "ios"}),
        ("register_push_token", {"token": "with a space in it", "platform": "ios"}),
        ("register_push_token", {"token": "x" * 100, "platform": "fridge"}),
    ],
)
def test_what_makes_no_sense_is_refused(stack: Addresses, name: str, data: object) -> None:
    app = app_of(stack, sign_up(stack, "person"))

    with pytest.raises(Refused) as refused:
        app.call(name, data)

    assert refused.value.status == "INVALID_ARGUMENT"


def test_dead_effects_are_for_administrators_and_settings_for_people(stack: Addresses) -> None:
    moderator = app_of(stack, sign_up(stack, "moderator", moderator=True))
    administrator = app_of(stack, sign_up(stack, "administrator", admin=True))

    with pytest.raises(Refused) as denied:
        moderator.call("retry_dead_effect", {"entryId": "entry"})
    with pytest.raises(Refused) as absent:
        administrator.call("retry_dead_effect", {"entryId": "entry"})
    with pytest.raises(Refused) as nobody:
        anonymous(stack).call("set_notification_settings", {})

    assert denied.value.status == "PERMISSION_DENIED"
    assert absent.value.status == "NOT_FOUND"
    assert nobody.value.status == "UNAUTHENTICATED"

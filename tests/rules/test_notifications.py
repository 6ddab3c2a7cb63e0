"""The one thing that a person may change in a notification: that they have read it, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from devkit.client import App, Denied
from tests.rules.people import Cast, create_now, remove_field, seeded, update_now
from tests.rules.seeds import new_id, notification, now, stored


@pytest.fixture
def unread(cast: Cast, functions: App) -> Iterator[str]:
    """Path of a notification for victim."""
    told = notification(cast.uid("victim"))
    with seeded(functions, {told.path: stored(told)}):
        yield told.path


def test_the_addressee_marks_it_read_at_the_time_of_the_server(cast: Cast, unread: str) -> None:
    update_now(cast.app("victim"), unread, {}, "readAt")

    read_at = cast.app("victim").firestore.get(unread).fields["readAt"]
    assert abs(read_at - now()) < timedelta(minutes=5)  # type: ignore[operator]


@pytest.mark.parametrize("role", ["anonymous", "other", "owner", "moderator", "admin"])
def test_nobody_else_marks_it_read(cast: Cast, unread: str, role: str) -> None:
    with pytest.raises(Denied):
        update_now(cast.app(role), unread, {}, "readAt")


@pytest.mark.parametrize("hours", [-1, 1])
def test_it_is_not_read_at_a_time_of_ones_own(cast: Cast, unread: str, hours: int) -> None:
    with pytest.raises(Denied):
        cast.app("victim").firestore.update(unread, {"readAt": now() + timedelta(hours=hours)})


@pytest.mark.parametrize(
    "also",
    [{"kind": "appeal_decided"}, {"userId": "somebody-else"}, {"caseId": "case"}, {"new": 1}],
    ids=["kind", "addressee", "case", "new_field"],
)
def test_nothing_else_changes_with_it(cast: Cast, unread: str, also: dict[str, str | int]) -> None:
    with pytest.raises(Denied):
        update_now(cast.app("victim"), unread, also, "readAt")


def test_the_expiry_cannot_be_put_off(cast: Cast, unread: str) -> None:
    with pytest.raises(Denied):
        cast.app("victim").firestore.update(unread, {"expireAt": now() + timedelta(days=9999)})


def test_it_is_read_once(cast: Cast, unread: str) -> None:
    update_now(cast.app("victim"), unread, {}, "readAt")

    with pytest.raises(Denied):
        update_now(cast.app("victim"), unread, {}, "readAt")


def test_it_does_not_become_unread(cast: Cast, unread: str) -> None:
    update_now(cast.app("victim"), unread, {}, "readAt")

    with pytest.raises(Denied):
        cast.app("victim").firestore.update(unread, {"readAt": None})
    with pytest.raises(Denied):
        remove_field(cast.app("victim"), unread, "readAt")


def test_nobody_notifies_themself(cast: Cast) -> None:
    told = notification(cast.uid("victim"))

    with pytest.raises(Denied):
        cast.app("victim").firestore.create(told.path, stored(told))
    with pytest.raises(Denied):
        create_now(cast.app("victim"), f"victim_notifications/{new_id()}", {}, "createdAt")


def test_an_uploader_reads_their_own(cast: Cast, functions: App) -> None:
    told = notification(cast.uid("owner"))

    with seeded(functions, {told.path: stored(told)}):
        assert cast.app("owner").firestore.get(told.path).fields == stored(told)
        with pytest.raises(Denied):
            cast.app("victim").firestore.get(told.path)

"""Shields as phones and moderators use them: over HTTP, with uploads through the functions."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pytest

from devkit.client import (
    Absent,
    App,
    Denied,
    Person,
    Query,
    Refused,
    app_of,
    sign_up,
    wait_for,
)
from devkit.stack import Addresses
from media_integrity.scanning.intake import job_id
from media_integrity.schema.cases import Case
from media_integrity.schema.enums import ScanState
from media_integrity.schema.scans import ReasonCode, ScanJob
from media_integrity.schema.shields import Shield, ShieldAttacker, ShieldDetails, ShieldTemplate
from tests.emulator.pictures import clean
from tests.emulator.portraits import both, hers

VERDICT_S = 300.0
CALL_S = 180.0


@pytest.fixture
def made() -> Iterator[list[tuple[App, str]]]:
    """Shields to take away again: the face is the same in every test."""
    shields: list[tuple[App, str]] = []
    yield shields
    for app, shield in shields:
        app.call("delete_victim_shield", {"shieldId": shield})


def adult(stack: Addresses) -> tuple[App, Person]:
    person = sign_up(stack, "adult", ageGroup="adult")
    return app_of(stack, person), person


def shield_of(app: App, made: list[tuple[App, str]], **wishes: object) -> str:
    answer = app.call("create_victim_shield", {"requestKey": secrets.token_hex(8), **wishes})
    shield = str(answer["shieldId"])
    made.append((app, shield))
    return shield


def added(app: App, shield: str, content: bytes) -> Mapping[str, object]:
    sent = {"shieldId": shield, "content": base64.b64encode(content).decode()}
    return app.call("add_shield_reference", sent, timeout_s=CALL_S)


def judged(app: App, path: str, generation: int) -> ScanJob:
    identity = job_id(app.stack.bucket, path, generation)

    def final() -> ScanJob | None:
        try:
            fields = app.firestore.get(ScanJob.path_of(identity)).fields
        except (Absent, Denied):
            return None
        job = ScanJob.from_firestore(identity, dict(fields))
        return job if job.state.final else None

    return wait_for(final, within_s=VERDICT_S, what="the verdict")


def uploaded(app: App, person: Person, content: bytes) -> ScanJob:
    path = f"uploads/{person.uid}/{secrets.token_hex(6)}/picture.jpg"
    stored = app.storage.upload(path, content, "image/jpeg")
    return judged(app, path, int(stored.generation))


def refusal(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value


def test_a_shield_is_made_holds_a_strangers_upload_and_lets_it_go_on_the_persons_word(
    stack: Addresses, made: list[tuple[App, str]]
) -> None:
    (app, victim), (other_app, stranger) = adult(stack), adult(stack)
    shield = shield_of(app, made)
    reference = added(app, shield, hers())["referenceId"]
    own = app.firestore.get(Shield.path_of(shield)).fields
    assert own["status"] == "active"
    assert isinstance(own["listed"], list)

    held = uploaded(other_app, stranger, hers())

    assert held.state is ScanState.HELD
    assert held.verdict is not None
    assert [reason.code for reason in held.verdict.reasons] == [ReasonCode.PERSON_PROTECTED]
    case = app.firestore.get(Case.path_of(held.id)).fields  # the person shown may read it
    assert case["status"] == "OPEN"
    mine = Query("victim_notifications", [("userId", "==", victim.uid)], limit=50)

    def told() -> bool | None:
        kinds = {found.fields["kind"] for found in app.firestore.query(mine)}
        return "shield_media_held" in kinds or None

    wait_for(told, within_s=VERDICT_S, what="the notification")
    with pytest.raises(Denied):
        other_app.firestore.get(Shield.path_of(shield))
    for path in (
        ShieldDetails.path_below(shield, ShieldDetails.DETAILS_ID),
        ShieldTemplate.path_below(shield, str(reference)),
        ShieldAttacker.path_below(shield, stranger.uid),
    ):
        with pytest.raises(Denied):
            app.firestore.get(path)

    sent = {"caseId": held.id, "answer": "agree"}
    assert refusal(lambda: other_app.call("answer_shield_match", sent)).status == "NOT_FOUND"
    assert app.call("answer_shield_match", sent) == {"outcome": "released"}

    def released() -> ScanState | None:
        fields = other_app.firestore.get(ScanJob.path_of(held.id)).fields
        job = ScanJob.from_firestore(held.id, dict(fields))
        return job.state if job.state.final and job.state is not ScanState.HELD else None

    # Agreeing as a shielded person is one thing; the uploader has still to say who is shown.
    state = wait_for(released, within_s=VERDICT_S, what="the second verdict")
    assert state is ScanState.AWAITING_CONSENT

    app.call("pause_victim_shield", {"shieldId": shield})
    assert uploaded(other_app, stranger, hers()).state is ScanState.AWAITING_CONSENT


def test_what_is_no_good_picture_of_one_person_is_refused_with_the_reason(
    stack: Addresses, made: list[tuple[App, str]]
) -> None:
    app, _ = adult(stack)
    shield = shield_of(app, made)
    assert refusal(lambda: added(app, shield, clean())).code == "not_one_face"
    assert refusal(lambda: added(app, shield, both())).code == "not_one_face"
    assert refusal(lambda: added(app, shield, b"nothing")).status == "INVALID_ARGUMENT"
    broken = {"shieldId": shield, "content": "not base64!"}
    assert refusal(lambda: app.call("add_shield_reference", broken)).status == "INVALID_ARGUMENT"
    maximum = {"contacts": {"legal": "Law Office"}}
    assert refusal(lambda: shield_of(app, made, **maximum)).status == "INVALID_ARGUMENT"


def test_one_key_makes_one_shield(stack: Addresses, made: list[tuple[App, str]]) -> None:
    app, person = adult(stack)
    key = {"requestKey": secrets.token_hex(8), "level": "maximum", "contacts": {"legal": "Office"}}
    answers = [app.call("create_victim_shield", key) for _ in range(2)]
    assert answers[0] == answers[1]
    made.append((app, str(answers[0]["shieldId"])))
    mine = Query("victim_identity_shields", [("ownerId", "==", person.uid)], limit=5)
    (stored,) = app.firestore.query(mine)
    assert "Office" not in str(stored.fields)


def test_a_dispute_is_decided_by_a_senior_moderator_alone(
    stack: Addresses, made: list[tuple[App, str]]
) -> None:
    (one, _), (other, _) = adult(stack), adult(stack)
    shields = [shield_of(one, made), shield_of(other, made)]
    answers = [
        set(added(app, shield, hers())) for app, shield in zip((one, other), shields, strict=True)
    ]
    assert answers[0] == answers[1]  # nothing in the answer tells that there is another

    def status(app: App, shield: str) -> object:
        return app.firestore.get(Shield.path_of(shield)).fields["status"]

    assert [status(one, shields[0]), status(other, shields[1])] == ["disputed", "disputed"]
    decided = {"shieldIds": shields, "keep": shields[:1], "why": "her papers"}
    moderator = app_of(stack, sign_up(stack, "moderator", moderator=True))
    senior = app_of(stack, sign_up(stack, "senior", senior_moderator=True))
    for app in (one, moderator):
        denied = refusal(partial(app.call, "resolve_shield_dispute", decided))
        assert denied.status == "PERMISSION_DENIED"

    assert senior.call("resolve_shield_dispute", decided)["shields"]
    assert [status(one, shields[0]), status(other, shields[1])] == ["active", "pending"]
    again = refusal(lambda: senior.call("resolve_shield_dispute", decided))
    assert again.status == "FAILED_PRECONDITION"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("update_victim_shield", {"level": "enhanced"}),
        ("pause_victim_shield", {}),
        ("resume_victim_shield", {}),
        ("delete_victim_shield", {}),
        ("remove_shield_reference", {"referenceId": "r"}),
    ],
)
def test_a_shield_of_somebody_else_is_as_one_that_does_not_exist(
    stack: Addresses, made: list[tuple[App, str]], name: str, data: Mapping[str, object]
) -> None:
    (app, _), (stranger, _) = adult(stack), adult(stack)
    shield = shield_of(app, made)
    told = {
        (found.status, found.message)
        for each in (shield, "no-such-shield")
        if (found := refusal(partial(stranger.call, name, {**data, "shieldId": each})))
    }
    assert len(told) == 1
    assert next(iter(told))[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("review_shield_reach", {"shieldId": "s", "onlyHolds": True, "why": "because"}),
        ("read_shield_contacts", {"shieldId": "s", "why": "because"}),
    ],
)
def test_users_reach_nothing_of_the_moderators(
    stack: Addresses, name: str, data: Mapping[str, object]
) -> None:
    app, _ = adult(stack)
    assert refusal(lambda: app.call(name, data)).status == "PERMISSION_DENIED"

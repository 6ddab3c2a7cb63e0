"""Consent as phones and browsers use it: over HTTP, with uploads through the functions."""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image as Pillow

from devkit.client import (
    Absent,
    App,
    Denied,
    Person,
    Query,
    Refused,
    admin,
    anonymous,
    app_of,
    sign_up,
    wait_for,
)
from devkit.stack import Addresses
from media_integrity.scanning.intake import job_id
from media_integrity.schema.consent import ConsentHold, ConsentRequest, ConsentVerification
from media_integrity.schema.enums import ScanState
from media_integrity.schema.scans import ScanJob
from tests.emulator.portraits import portrait

VERDICT_S = 300.0


def adult(stack: Addresses) -> tuple[App, Person]:
    person = sign_up(stack, "adult", ageGroup="adult")
    return app_of(stack, person), person


def job_of(app: App, identity: str) -> ScanJob | None:
    try:
        fields = app.firestore.get(ScanJob.path_of(identity)).fields
    except (Absent, Denied):
        return None
    return ScanJob.from_firestore(identity, dict(fields))


def reached(app: App, identity: str, *states: ScanState) -> ScanJob:
    """The job, once it is in one of these states."""

    def there() -> ScanJob | None:
        job = job_of(app, identity)
        return job if job is not None and job.state in states else None

    return wait_for(there, within_s=VERDICT_S, what=f"{[each.value for each in states]}")


def uploaded(app: App, person: Person, content: bytes) -> str:
    """Id of the job of an upload."""
    path = f"uploads/{person.uid}/{secrets.token_hex(6)}/picture.jpg"
    stored = app.storage.upload(path, content, "image/jpeg")
    return job_id(app.stack.bucket, path, int(stored.generation))


def waiting(stack: Addresses, people: int = 1) -> tuple[App, str]:
    app, person = adult(stack)
    identity = uploaded(app, person, portrait(people))
    reached(app, identity, ScanState.AWAITING_CONSENT)
    return app, identity


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.status, refused.value.code


def asked(app: App, job: str, *people: Mapping[str, object]) -> list[Mapping[str, object]]:
    answer = app.call("request_consent_confirmation", {"jobId": job, "people": list(people)})
    requests = answer["requests"]
    assert isinstance(requests, list)
    return requests


def readable(app: App, path: str) -> bool:
    try:
        app.storage.download(path)
    except (Denied, Absent):
        return False
    return True


def test_three_people_one_of_them_without_an_account(stack: Addresses) -> None:
    app, job = waiting(stack, 3)
    friend_app, friend = adult(stack)
    browser = anonymous(stack)

    own = app.call("verify_media_consent", {"jobId": job, "basis": "self"})
    assert (own["status"], own["needed"], own["missing"]) == ("awaiting", 3, 2)
    by_id, by_link = asked(app, job, {"userId": friend.uid}, {"link": True})
    assert by_id["token"] is None
    token = by_link["token"]
    assert isinstance(token, str)
    state = app.call("verify_media_consent", {"jobId": job, "basis": "explicit"})
    assert (state["given"], state["pending"]) == (1, 2)

    request = friend_app.firestore.get(ConsentRequest.path_of(str(by_id["requestId"]))).fields
    preview = str(request["previewPath"])
    assert readable(friend_app, preview)
    assert not readable(app, preview)
    opened = browser.call("open_consent_link", {"token": token})
    assert (opened["status"], opened["surface"], opened["purpose"]) == (
        "pending",
        "feed",
        "publish",
    )
    shown = base64.b64decode(str(opened["preview"]))
    assert Pillow.open(io.BytesIO(shown)).format == "JPEG"
    assert len(str(opened["preview"])) <= 40_000

    friend_app.call(
        "respond_to_consent_request", {"requestId": by_id["requestId"], "answer": "confirm"}
    )
    thanks = browser.call("respond_to_consent_request", {"token": token, "answer": "confirm"})
    assert thanks["offers"] == []
    published = reached(app, job, ScanState.PUBLISHED)
    path = published.published_path
    assert path is not None
    assert readable(friend_app, path)
    assert refusal(lambda: friend_app.call("withdraw_consent", {"consentId": f"{job}_self"})) == (
        "NOT_FOUND",
        "not_found",
    )

    withdrawn = browser.call("withdraw_consent", {"token": token})
    assert withdrawn["status"] == "withdrawn"
    reached(app, job, ScanState.BLOCKED)
    assert not readable(app, path)
    assert not readable(friend_app, path)
    assert browser.call("open_consent_link", {"token": token})["withdrawn"] is True

    secret = token.split(".")[1]
    everything = [
        *admin(stack).firestore.query(Query("consent_requests", [("jobId", "==", job)])),
        *admin(stack).firestore.query(Query("secrets", group=True)),
        *admin(stack).firestore.query(Query("outbox")),
        *admin(stack).firestore.query(Query("rate_windows")),
        *admin(stack).firestore.query(Query("audit_log")),
    ]
    assert secret not in str(everything)
    assert secret not in Path(stack.log).read_text(errors="replace")


def test_ones_own_picture_said_before_the_scan_is_published_by_it(stack: Addresses) -> None:
    app, person = adult(stack)
    job = uploaded(app, person, portrait())
    wait_for(lambda: job_of(app, job), within_s=VERDICT_S, what="the job")

    app.call("verify_media_consent", {"jobId": job, "basis": "self"})

    done = reached(app, job, ScanState.PUBLISHED)
    consent = ConsentVerification.id_of_self(job)
    assert app.firestore.get(ConsentVerification.path_of(consent)).fields["basis"] == "self"
    with pytest.raises(Denied):
        app.firestore.get(ConsentHold.path_of(job))
    app.call("withdraw_consent", {"jobId": job})
    assert done.published_path is not None
    assert not readable(app, done.published_path)


def test_a_refusal_stops_it_and_offers_help_and_can_be_taken_back(stack: Addresses) -> None:
    app, job = waiting(stack)
    friend_app, friend = adult(stack)
    (question,) = asked(app, job, {"userId": friend.uid})
    answer = {"requestId": question["requestId"]}

    refused = friend_app.call("respond_to_consent_request", {**answer, "answer": "refuse"})

    assert refused["offers"] == ["report", "shield"]
    reached(app, job, ScanState.BLOCKED)
    again = {**answer, "answer": "confirm"}
    assert refusal(lambda: friend_app.call("respond_to_consent_request", again)) == (
        "FAILED_PRECONDITION",
        "answered",
    )
    own = {"jobId": job, "basis": "self"}
    assert refusal(lambda: app.call("verify_media_consent", own))[1] == "consent_refused"
    friend_app.call("respond_to_consent_request", {**answer, "answer": "take_back"})
    assert job_of(app, job) is not None
    assert refusal(lambda: app.call("verify_media_consent", own))[1] == "consent_refused"


def test_a_refusal_by_a_link_is_not_taken_back_by_the_link(stack: Addresses) -> None:
    app, job = waiting(stack)
    browser = anonymous(stack)
    (question,) = asked(app, job, {"link": True})
    answer = {"token": question["token"]}
    browser.call("respond_to_consent_request", {**answer, "answer": "refuse"})
    for other in (app, browser):
        undo = {**answer, "answer": "take_back"}
        assert refusal(lambda: other.call("respond_to_consent_request", undo)) == (  # noqa: B023
            "PERMISSION_DENIED",
            "by_link",
        )


def test_a_claim_is_no_consent(stack: Addresses) -> None:
    app, job = waiting(stack)
    wish = {"jobId": job, "basis": "explicit", "statement": "She posted this publicly herself"}
    assert refusal(lambda: app.call("verify_media_consent", wish)) == (
        "FAILED_PRECONDITION",
        "claim_posted_publicly",
    )
    claims = app.firestore.query(
        Query("blocked_consent_claims", [("uploaderId", "==", _uploader(app, job))])
    )
    assert len(claims) == 1
    assert refusal(lambda: app.call("verify_media_consent", {**wish, "basis": "self"})) == (
        "INVALID_ARGUMENT",
        "malformed",
    )


def _uploader(app: App, job: str) -> str:
    found = job_of(app, job)
    assert found is not None
    return found.uploader_id


def test_strangers_and_the_signed_out_reach_nothing(stack: Addresses) -> None:
    app, job = waiting(stack)
    stranger, _ = adult(stack)
    _, friend = adult(stack)
    moderator = app_of(stack, sign_up(stack, "moderator", moderator=True))
    browser = anonymous(stack)
    (question,) = asked(app, job, {"userId": friend.uid})
    answer = {"requestId": question["requestId"], "answer": "confirm"}
    own = {"jobId": job, "basis": "self"}
    people = {"jobId": job, "people": [{"link": True}]}
    wrong = f"{question['requestId']}.{'a' * 43}"

    for other in (stranger, moderator):
        assert refusal(lambda: other.call("verify_media_consent", own))[0] == "NOT_FOUND"  # noqa: B023
        assert refusal(lambda: other.call("request_consent_confirmation", people))[0] == "NOT_FOUND"  # noqa: B023
        assert refusal(lambda: other.call("respond_to_consent_request", answer))[0] == "NOT_FOUND"  # noqa: B023
        assert refusal(lambda: other.call("withdraw_consent", {"jobId": job}))[0] == "NOT_FOUND"  # noqa: B023
    for name, data in (
        ("verify_media_consent", own),
        ("request_consent_confirmation", people),
        ("respond_to_consent_request", answer),
        ("withdraw_consent", {"jobId": job}),
    ):
        assert refusal(lambda: browser.call(name, data))[0] == "UNAUTHENTICATED"  # noqa: B023
    assert refusal(lambda: browser.call("open_consent_link", {"token": wrong}))[0] == "NOT_FOUND"
    malformed: tuple[Mapping[str, object], ...] = (
        {"token": "x"},
        {},
        {"token": wrong, "more": 1},
    )
    for bad_link in malformed:
        assert refusal(lambda: browser.call("open_consent_link", bad_link))[1] == "malformed"  # noqa: B023
    both = {"token": wrong, **answer}
    assert refusal(lambda: browser.call("respond_to_consent_request", both))[1] == "malformed"
    for word in (
        {"userId": "a/b"},
        {"userId": "a", "link": True},
        {"link": False},
        {},
        {"requestId": "x"},
    ):
        bad = {"jobId": job, "people": [word]}
        assert refusal(lambda: app.call("request_consent_confirmation", bad))[1] == "malformed"  # noqa: B023


def test_whoever_is_not_signed_in_is_counted_by_address_and_link(stack: Addresses) -> None:
    browser = anonymous(stack)
    token = f"{secrets.token_hex(16)}.{'b' * 43}"

    def limited() -> bool | None:
        code = refusal(lambda: browser.call("open_consent_link", {"token": token}))[0]
        return True if code == "RESOURCE_EXHAUSTED" else None

    wait_for(limited, within_s=60, what="the limit")
    windows = admin(stack).firestore.query(Query("rate_windows"))
    counted = [each for each in windows if each.id.startswith("open")]
    assert counted
    assert not any("127.0.0.1" in each.id or token in each.id for each in counted)

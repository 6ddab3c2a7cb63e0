"""Reports as people and moderators make and work on them: over HTTP, through the functions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import cast

import pytest

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
from media_integrity.schema.enums import ScanState
from media_integrity.schema.reports import Report, ReportDetails, Takedown
from tests.emulator.pictures import clean
from tests.emulator.test_bank_calls import adult, refusal, uploaded

SOON_S = 180.0
FIRST_CALL_S = 180.0
STATEMENT = {
    "capacity": "depicted",
    "notConsensual": True,
    "goodFaith": True,
    "signature": "Maria Muster",
}
VICTIM = {"name": "Maria Muster", "mail": "maria@example.org"}


def draft() -> str:
    return secrets.token_hex(8)


def reporter(stack: Addresses) -> tuple[App, Person]:
    person = sign_up(stack, "reporter")
    return app_of(stack, person), person


def moderator(stack: Addresses, **claims: bool) -> App:
    return app_of(stack, sign_up(stack, "moderator", **(claims or {"moderator": True})))


def takedowns(answer: Mapping[str, object]) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", answer["takedowns"])


def called(app: App, name: str, data: object) -> Mapping[str, object]:
    """A call; the first one to a function waits for its instance to start."""
    return app.call(name, data, timeout_s=FIRST_CALL_S)


def readable(app: App, path: str) -> bool:
    try:
        app.storage.download(path)
    except (Denied, Absent):
        return False
    return True


def test_from_a_report_to_removal_here_and_elsewhere(stack: Addresses) -> None:
    uploader_app, uploader = adult(stack)
    content = clean()
    published = uploaded(uploader_app, uploader, content)
    assert published.state is ScanState.PUBLISHED, published
    path = str(published.published_path)
    app, person = reporter(stack)
    assert readable(app, path)
    evidence = f"reports/{person.uid}/{(name := draft())}/chat.png"
    app.storage.upload(evidence, content, "image/png")
    wish = {
        "draftId": name,
        "kind": "ncii",
        "media": [
            {"platform": "own_app", "url": app.storage.url(path)},
            {"platform": "instagram", "url": "https://instagram.com/p/abc?igsh=1"},
        ],
        "description": "He put it there without asking me.",
        "evidencePaths": [evidence],
        "victim": VICTIM,
        "statement": STATEMENT,
    }

    made = called(app, "submit_report", wish)

    assert not readable(app, path)
    own, outside = takedowns(made)
    assert (own["state"], own["platform"]) == ("removed", "own_app")
    assert (outside["state"], outside["platform"]) == ("prepared", "instagram")
    assert called(app, "submit_report", wish) == made
    report = app.firestore.get(Report.path_of(str(made["reportId"]))).fields
    assert report["status"] == "submitted"
    mine = Query(
        Report.collection, [("reporterId", "==", person.uid)], [("createdAt", "DESCENDING")]
    )
    assert [each.id for each in app.firestore.query(mine)] == [made["reportId"]]
    for hidden in (
        Report.path_of(str(made["reportId"])),
        Takedown.path_of(str(own["takedownId"])),
        ReportDetails.path_below(str(made["reportId"]), ReportDetails.DETAILS_ID),
    ):
        with pytest.raises(Denied):
            uploader_app.firestore.get(hidden)
    stored = admin(stack).firestore.get(
        ReportDetails.path_below(str(made["reportId"]), ReportDetails.DETAILS_ID)
    )
    assert "Maria" not in str(stored.fields)

    desk = moderator(stack)
    decision = {
        "reportId": made["reportId"],
        "outcome": "accept",
        "why": "The statement fits what we have seen.",
    }
    assert called(desk, "decide_report", decision)["status"] == "in_progress"
    sent = called(desk, "send_takedown", {"takedownId": outside["takedownId"]})
    letter = cast("dict[str, str]", sent["letter"])
    assert "Maria Muster" in letter["text"] and "https://instagram.com/p/abc" in letter["text"]
    copied = called(
        app, "read_takedown_letter", {"takedownId": outside["takedownId"], "language": "pl"}
    )
    assert "Maria" not in str(copied["text"])
    reply = {"takedownId": outside["takedownId"], "state": "removed", "text": "Done."}
    assert called(desk, "record_takedown_reply", reply)["state"] == "removed"
    after = app.firestore.get(Report.path_of(str(made["reportId"]))).fields
    assert after["status"] == "resolved"
    assert uploaded(uploader_app, uploader, content).state is ScanState.BLOCKED


def test_a_wrong_report_is_undone_and_the_media_is_back(stack: Addresses) -> None:
    uploader_app, uploader = adult(stack)
    published = uploaded(uploader_app, uploader, clean())
    path = str(published.published_path)
    app, _ = reporter(stack)
    wish = {
        "draftId": draft(),
        "kind": "deepfake",
        "media": [{"jobId": published.id}],
        "statement": STATEMENT,
    }
    made = called(app, "submit_report", wish)
    assert not readable(app, path)

    desk = moderator(stack)
    decision = {
        "reportId": made["reportId"],
        "outcome": "reject",
        "why": "It shows a landscape and nobody in it.",
    }
    assert called(desk, "decide_report", decision)["status"] == "rejected"

    wait_for(lambda: readable(app, path) or None, within_s=SOON_S, what="the picture is back")
    report = app.firestore.get(Report.path_of(str(made["reportId"]))).fields
    assert report["answer"] == "It shows a landscape and nobody in it."


def test_only_a_senior_moderator_opens_who_the_victim_is(stack: Addresses) -> None:
    app, _ = reporter(stack)
    made = called(
        app,
        "submit_report",
        {
            "draftId": draft(),
            "kind": "extortion",
            "media": [{"url": "https://x.com/somebody/status/1"}],
            "victim": VICTIM,
            "statement": STATEMENT,
        },
    )
    assert made["priority"] == 0
    named = {"reportId": made["reportId"]}
    assert refusal(lambda: called(moderator(stack), "open_victim_contact", named)) == (
        "PERMISSION_DENIED"
    )
    assert refusal(lambda: called(app, "open_victim_contact", named)) == "PERMISSION_DENIED"
    senior = moderator(stack, senior_moderator=True)
    assert called(senior, "open_victim_contact", named) == {**VICTIM, "signature": "Maria Muster"}
    assert called(app, "withdraw_report", named)["status"] == "withdrawn"
    other, _ = reporter(stack)
    assert refusal(lambda: called(other, "withdraw_report", named)) == "NOT_FOUND"


def test_a_moderator_does_not_work_on_a_report_about_their_own_upload(stack: Addresses) -> None:
    person = sign_up(stack, "moderator", moderator=True, ageGroup="adult")
    own = app_of(stack, person)
    published = uploaded(own, person, clean())
    app, _ = reporter(stack)
    made = called(
        app,
        "submit_report",
        {"draftId": draft(), "kind": "ncii", "media": [{"jobId": published.id}]},
    )
    decision = {"reportId": made["reportId"], "outcome": "abusive", "why": "I do not like it."}
    assert refusal(lambda: called(own, "decide_report", decision)) == "NOT_FOUND"
    with pytest.raises(Denied):
        own.firestore.get(Report.path_of(str(made["reportId"])))


@pytest.mark.parametrize(
    "changes",
    [
        {"media": []},
        {"media": [{}]},
        {"media": [{"url": "https://x.com/1", "jobId": "a" * 64}]},
        {"media": [{"url": "http://127.0.0.1/"}]},
        {"media": [{"url": "https://x.com/1", "platform": "own_app"}]},
        {"media": [{"url": "https://x.com/1"}] * 21},
        {"kind": "nonsense"},
        {"draftId": "short"},
        {"draftId": "../../../etc"},
        {"description": "x" * 4001},
        {"evidencePaths": ["reports/somebody-else/draft/x.png"]},
        {"victim": {"name": "Maria\nTo: somebody else", "mail": "maria@example.org"}},
        {"victim": {"name": "Maria", "mail": "maria@example.org, boss@example.org"}},
        {"victim": {"name": "Maria \u202egnikcah", "mail": "maria@example.org"}},
        {"statement": {**STATEMENT, "goodFaith": False}},
        {"statement": {key: STATEMENT[key] for key in ("capacity", "goodFaith", "signature")}},
        {"statement": {**STATEMENT, "signature": ""}},
        {"concernsMinor": "yes"},
        {"priority": 0},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(stack: Addresses, changes: dict[str, object]) -> None:
    app, _ = reporter(stack)
    wish = {"draftId": draft(), "kind": "ncii", "media": [{"url": "https://x.com/1"}], **changes}
    assert refusal(lambda: called(app, "submit_report", wish)) == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("decide_report", {"reportId": "0" * 32, "outcome": "accept", "why": "because it is so"}),
        ("send_takedown", {"takedownId": f"{'0' * 32}_0"}),
        ("record_takedown_reply", {"takedownId": f"{'0' * 32}_0", "state": "removed"}),
        ("open_victim_contact", {"reportId": "0" * 32}),
    ],
)
def test_users_reach_nothing_of_the_moderators(
    stack: Addresses, name: str, data: dict[str, object]
) -> None:
    app, _ = reporter(stack)
    assert refusal(lambda: called(app, name, data)) == "PERMISSION_DENIED"
    senior = moderator(stack, senior_moderator=True)
    assert refusal(lambda: called(senior, name, data)) == "NOT_FOUND"


def test_nobody_reports_without_an_account(stack: Addresses) -> None:
    with pytest.raises(Refused) as refused:
        called(anonymous(stack), "submit_report", {})
    assert refused.value.status == "UNAUTHENTICATED"

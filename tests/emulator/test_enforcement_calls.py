"""Enforcement as its people meet it: over HTTP, with uploads through the functions."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from devkit.client import Absent, App, Denied, Person, Refused, admin, app_of, sign_up, wait_for
from devkit.http import Answered, send
from devkit.stack import Addresses
from media_integrity.scanning.intake import job_id
from media_integrity.schema.cases import CaseDetails
from media_integrity.schema.enforcement import EnforcementRecord, UploadOrigin
from media_integrity.schema.enums import BankLabel, HashAlgorithm, ScanState
from media_integrity.schema.hashes import BankHash, HashBank
from media_integrity.schema.scans import ScanJob
from tests.emulator.pictures import clean, pdq

VERDICT_S = 300.0
EFFECT_S = 180.0


@pytest.fixture
def senior(stack: Addresses) -> App:
    return app_of(stack, sign_up(stack, "senior", senior_moderator=True))


@pytest.fixture
def moderator(stack: Addresses) -> App:
    return app_of(stack, sign_up(stack, "moderator", moderator=True))


def adult(stack: Addresses) -> tuple[App, Person]:
    person = sign_up(stack, "adult", ageGroup="adult")
    return app_of(stack, person), person


def banked(stack: Addresses) -> bytes:
    """A picture that a bank knows and people have confirmed."""
    content, now = clean(), datetime.now(UTC)
    found = pdq(content)
    bank = HashBank(
        id=f"bank-{secrets.token_hex(4)}",
        label=BankLabel.NCII,
        name="Test",
        source="tests",
        created_at=now,
        updated_at=now,
    )
    entry = BankHash(
        id=BankHash.id_for(HashAlgorithm.PDQ, found.hex),
        parent_id=bank.id,
        algorithm=HashAlgorithm.PDQ,
        value=found.hex,
        quality=found.quality,
        confirmed=True,
        added_by="tests",
        created_at=now,
        updated_at=now,
    )
    for document in (bank, entry):
        admin(stack).firestore.set(document.path, document.to_firestore())
    return content


def uploaded(app: App, person: Person, content: bytes, *, device: str | None = None) -> ScanJob:
    """The final job of an upload, begun as the SDK does."""
    upload_id = secrets.token_hex(8)
    if device is not None:
        app.call("begin_upload", {"uploadId": upload_id, "device": device})
    path = f"uploads/{person.uid}/{upload_id}/picture.png"
    stored = app.storage.upload(path, content, "image/png")
    identity = job_id(app.stack.bucket, path, int(stored.generation))

    def final() -> ScanJob | None:
        try:
            fields = app.firestore.get(ScanJob.path_of(identity)).fields
        except (Absent, Denied):
            return None
        job = ScanJob.from_firestore(identity, dict(fields))
        return job if job.state.final else None

    return wait_for(final, within_s=VERDICT_S, what="the verdict")


def signed_in_again(stack: Addresses, person: Person) -> Person:
    url = f"{stack.url('auth')}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=x"
    body = {"email": person.email, "password": person.password, "returnSecureToken": True}
    answer = json.loads(
        send("POST", url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    )
    return Person(person.uid, person.email, person.password, answer["idToken"])


def shut_out(stack: Addresses, person: Person) -> bool:
    try:
        signed_in_again(stack, person)
    except Answered as error:
        return "USER_DISABLED" in error.text
    return False


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.status


def begun(app: App, device: str | None = None) -> Mapping[str, object]:
    upload = {"uploadId": secrets.token_hex(8), **({"device": device} if device else {})}
    return app.call("begin_upload", upload)


def test_known_media_bans_its_uploader_and_a_senior_moderator_can_lift_it(
    stack: Addresses, senior: App, moderator: App
) -> None:
    app, person = adult(stack)
    assert begun(app) == {"mayUpload": True, "code": None, "text": None, "until": None}

    blocked = uploaded(app, person, banked(stack))

    assert blocked.state is ScanState.BLOCKED
    record = app.firestore.get(EnforcementRecord.path_of(person.uid)).fields
    assert record["standing"] == "banned", "its holder reads it as long as the session lasts"
    wait_for(lambda: shut_out(stack, person) or None, within_s=EFFECT_S, what="the ban")
    closed = begun(app)
    assert (closed["mayUpload"], closed["code"]) == (False, "uploads_restricted")
    late = uploaded(app, person, clean())
    assert late.refusal is not None
    assert (late.state, late.refusal.code) == (ScanState.REFUSED, "uploads_restricted")

    wish = {"caseId": blocked.id, "why": "the entry was wrong"}
    assert refusal(lambda: app.call("lift_sanction", wish)) == "PERMISSION_DENIED"
    assert refusal(lambda: moderator.call("lift_sanction", wish)) == "PERMISSION_DENIED"
    assert refusal(lambda: senior.call("lift_sanction", {**wish, "caseId": "none"})) == "NOT_FOUND"
    lifted = senior.call("lift_sanction", wish)
    assert (lifted["standing"], lifted["strikes"], lifted["restrictions"]) == ("warned", 1, [])

    wait_for(lambda: not shut_out(stack, person) or None, within_s=EFFECT_S, what="the account")
    again = signed_in_again(stack, person)
    assert uploaded(app_of(stack, again), again, clean()).state is ScanState.PUBLISHED
    assert senior.call("confirm_sanction", wish)["standing"] == "banned"
    wait_for(lambda: shut_out(stack, person) or None, within_s=EFFECT_S, what="the ban again")


def test_a_blocked_device_shuts_out_another_account_and_ties_the_two(
    stack: Addresses, senior: App, moderator: App
) -> None:
    device = secrets.token_hex(32)
    (first, one), (second, two) = adult(stack), adult(stack)
    case = uploaded(first, one, banked(stack), device=device)
    assert begun(second, device)["mayUpload"] is True
    details = moderator.firestore.get(
        CaseDetails.path_below(case.id, CaseDetails.DETAILS_ID)
    ).fields
    hashed = str(details["deviceHash"])
    assert hashed != device

    wish = {"hash": hashed, "caseId": case.id, "why": "used for it"}
    assert refusal(lambda: moderator.call("block_device", wish)) == "PERMISSION_DENIED"
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    block = senior.call("block_device", {**wish, "until": until})
    assert (block["kind"], block["active"]) == ("device", True)
    refused = uploaded(second, two, clean(), device=device)
    assert refused.refusal is not None
    assert (refused.state, refused.refusal.code) == (ScanState.REFUSED, "device_blocked")
    assert begun(second, device)["code"] == "device_blocked"
    assert begun(second)["mayUpload"] is True, "from elsewhere"

    graph = moderator.call("find_linked_accounts", {"userId": one.uid})
    assert graph["accounts"] == [one.uid, two.uid]
    ties = cast("Sequence[Mapping[str, object]]", graph["ties"])
    assert [tie["reasons"] for tie in ties] == [["device"]]
    assert refusal(lambda: first.call("find_linked_accounts", {"userId": two.uid})) == (
        "PERMISSION_DENIED"
    )

    senior.call("unblock_device", {"hash": hashed, "why": "sold"})
    assert begun(second, device)["mayUpload"] is True


def test_nobody_reads_where_uploads_came_from_and_malformed_calls_are_refused(
    stack: Addresses, senior: App
) -> None:
    app, person = adult(stack)
    upload_id, device = secrets.token_hex(8), secrets.token_hex(32)
    app.call("begin_upload", {"uploadId": upload_id, "device": device})
    path = UploadOrigin.path_of(UploadOrigin.id_for(person.uid, upload_id))  # type: ignore[arg-type]

    stored = admin(stack).firestore.get(path).fields
    assert device not in repr(stored)
    for reader in (app, senior):
        with pytest.raises(Denied):
            reader.firestore.get(path)
    for wrong in ({}, {"uploadId": "short"}, {"uploadId": upload_id, "device": "my phone"}):
        assert refusal(lambda wrong=wrong: app.call("begin_upload", wrong)) == "INVALID_ARGUMENT"  # type: ignore[misc]
    assert refusal(lambda: App(stack).call("begin_upload", {"uploadId": upload_id})) == (
        "UNAUTHENTICATED"
    )

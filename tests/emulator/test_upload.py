"""The whole stack as an app meets it: functions, queue, triggers, rules, and a user's own token."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from devkit.client import (
    App,
    Person,
    Stored,
    StoredFile,
    admin,
    anonymous,
    app_of,
    sign_up,
    wait_for,
)
from devkit.stack import Addresses
from media_integrity.api import options
from media_integrity.fingerprints.pdq import hamming
from media_integrity.scanning.intake import job_id
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import BankLabel, HashAlgorithm, ScanState
from media_integrity.schema.hashes import BankHash, HashBank
from media_integrity.schema.scans import Quarantined, ScanJob
from tests.emulator import pictures
from tests.emulator.world import denied

VERDICT_S = 300.0
"""The first scan of a process loads every model."""


def upload(stack: Addresses, person: Person, content: bytes) -> StoredFile:
    name = f"uploads/{person.uid}/{secrets.token_hex(8)}/picture.png"
    return app_of(stack, person).storage.upload(name, content, "image/png", {"surface": "feed"})


def final(stack: Addresses, app: App, stored: StoredFile) -> Stored:
    """The job when it is final, as ``app`` sees it."""
    path = f"scan_jobs/{job_id(stack.bucket, stored.name, int(stored.generation))}"

    def look() -> Stored | None:
        job = app.firestore.find(path)
        done = job is not None and ScanState(str(job.fields["state"])).final
        return job if done else None

    return wait_for(look, within_s=VERDICT_S, what=f"the verdict of {path}")


@pytest.fixture(scope="module")
def user(stack: Addresses) -> Person:
    return sign_up(stack, "user", ageGroup="adult")


def token_url(app: App, name: str, token: str) -> str:
    return f"{app.storage.url(name)}&token={token}"


def opens(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30):
            return True
    except urllib.error.HTTPError:
        return False


def bank(stack: Addresses, content: bytes) -> None:
    found, now = pictures.pdq(content), datetime.now(UTC)
    listed = HashBank(
        id=f"bank-{secrets.token_hex(4)}",
        label=BankLabel.NCII,
        name="Test",
        source="tests",
        created_at=now,
        updated_at=now,
    )
    entry = BankHash(
        id=BankHash.id_for(HashAlgorithm.PDQ, found.hex),
        parent_id=listed.id,
        algorithm=HashAlgorithm.PDQ,
        value=found.hex,
        quality=found.quality,
        confirmed=True,
        added_by="tests",
        created_at=now,
        updated_at=now,
    )
    for document in (listed, entry):
        admin(stack).firestore.set(document.path, document.to_firestore())


def test_a_clean_upload_is_published_to_everybody_who_is_signed_in(
    stack: Addresses, user: Person
) -> None:
    content = pictures.clean()
    stored = upload(stack, user, content)
    mine = app_of(stack, user)

    job = final(stack, mine, stored)

    assert job.fields["state"] == "PUBLISHED"
    published = str(job.fields["publishedPath"])
    stranger = app_of(stack, sign_up(stack, "stranger"))
    shown = stranger.storage.download(published)
    assert job.fields["watermarked"] is True
    assert shown != content, "a marked copy"
    assert hamming(pictures.pdq(shown).bits, pictures.pdq(content).bits) <= 10
    with denied():
        anonymous(stack).storage.download(published)
    with denied():
        mine.storage.download(stored.name)
    with denied():
        stranger.firestore.get(job.path)


def test_a_turned_and_reencoded_copy_of_a_banked_picture_is_blocked_and_only_moderators_see_why(
    stack: Addresses,
) -> None:
    user = sign_up(stack, "banned", ageGroup="adult")  # an account that is closed for it
    original = pictures.landscape()
    bank(stack, pictures.encoded(original))
    copy = pictures.encoded(original.rotate(90, expand=True), "JPEG", quality=60)

    stored = upload(stack, user, copy)
    mine = app_of(stack, user)
    job = final(stack, mine, stored)

    assert job.fields["state"] == "BLOCKED"
    verdict = job.fields["verdict"]
    assert isinstance(verdict, Mapping)
    assert verdict["violations"] == ["known_abusive_media"]
    case = f"media_integrity_cases/{job.id}"
    assert mine.firestore.get(case).fields["action"] == "BLOCK"
    moderator = app_of(stack, sign_up(stack, "moderator", moderator=True))
    details = moderator.firestore.get(f"{case}/private/details")
    assert "findings" in details.fields
    stranger = app_of(stack, sign_up(stack, "stranger"))
    for app, path in [
        (mine, f"{case}/private/details"),
        (stranger, case),
        (stranger, job.path),
    ]:
        with denied():
            app.firestore.get(path)
    for app in (mine, stranger, moderator):
        with denied():
            app.storage.download(f"evidence/{job.id}/original")
        with denied():
            app.storage.download(stored.name)


def test_the_link_that_comes_with_an_upload_opens_nothing_after_the_verdict(
    stack: Addresses, user: Person
) -> None:
    held = pictures.encoded(pictures.landscape(), "PNG")[:-20]  # damaged: refused
    sound = pictures.clean()
    for content in (held, sound):
        stored = upload(stack, user, content)
        mine = app_of(stack, user)
        token = secret_of(stack, stored)
        job = final(stack, mine, stored)
        assert not opens(token_url(mine, stored.name, token))
        if job.fields["publishedPath"]:
            assert not opens(token_url(mine, str(job.fields["publishedPath"]), token))


@pytest.mark.parametrize("folder", ["appeals", "reports"])
def test_the_link_of_a_file_that_goes_with_an_appeal_or_a_report_is_dead_at_once(
    stack: Addresses, user: Person, folder: str
) -> None:
    mine, name = app_of(stack, user), f"{folder}/{user.uid}/{secrets.token_hex(32)}/letter.txt"
    link = token_url(mine, name, sent_with_link(mine, name))

    wait_for(lambda: not opens(link), within_s=60, what="the end of the link")

    assert admin(stack).storage.download(name) == b"a letter"


def sent_with_link(app: App, name: str) -> str:
    """Put a text in, and the download token that the answer names."""
    head = json.dumps({"name": name, "contentType": "text/plain"})
    body = (
        f"--part\r\nContent-Type: application/json\r\n\r\n{head}\r\n"
        "--part\r\nContent-Type: text/plain\r\n\r\na letter\r\n--part--"
    )
    request = urllib.request.Request(
        f"{app.stack.url('storage')}/v0/b/{app.stack.bucket}/o?name={name}",
        data=body.encode(),
        headers={
            "Authorization": f"Firebase {app.token}",
            "X-Goog-Upload-Protocol": "multipart",
            "Content-Type": "multipart/related; boundary=part",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["downloadTokens"])


def secret_of(stack: Addresses, stored: StoredFile) -> str:
    """The download token, which the answer to an upload tells the uploader."""
    url = f"{stack.url('storage')}/b/{stack.bucket}/o/{stored.name.replace('/', '%2F')}"
    request = urllib.request.Request(url, headers={"Authorization": "Bearer owner"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        metadata = json.load(answer).get("metadata", {})
    return str(metadata.get("firebaseStorageDownloadTokens", "taken off already"))


def test_the_schedule_finds_a_job_whose_task_was_lost(stack: Addresses, user: Person) -> None:
    # In a bucket that no trigger watches, so that nobody hears of the object.
    bucket, name = "unwatched", f"uploads/{user.uid}/{secrets.token_hex(8)}/lost.png"
    generation = put_unwatched(stack, bucket, name, pictures.clean())
    past = datetime.now(UTC) - timedelta(minutes=10)
    job = ScanJob(
        id=job_id(bucket, name, int(generation)),
        uploader_id=UserId(user.uid),
        upload_id="lost-upload",
        source=Quarantined(bucket=bucket, name=name, generation=generation),
        created_at=past,
        updated_at=past,
        sweep_at=past,
    )
    admin(stack).firestore.set(job.path, job.to_firestore())

    run_schedule(stack, "sweep_stale_scans")

    def published() -> bool:
        return app_of(stack, user).firestore.get(job.path).fields["state"] == "PUBLISHED"

    wait_for(published, within_s=VERDICT_S, what="the swept job")


def put_unwatched(stack: Addresses, bucket: str, name: str, content: bytes) -> str:
    """Write an object past the rules; its generation."""
    query = urllib.parse.urlencode({"uploadType": "media", "name": name})
    request = urllib.request.Request(
        f"{stack.url('storage')}/upload/storage/v1/b/{bucket}/o?{query}",
        data=content,
        headers={"Authorization": "Bearer owner", "Content-Type": "image/png"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["generation"])


def run_schedule(stack: Addresses, function: str) -> None:
    """Call the function over HTTP, as Cloud Scheduler does.

    The suite's own way, a Pub/Sub topic, drops the message: it knows no schedules of Python
    functions ("Unsupported trigger signature: http").
    """
    trigger = f"functions/projects/{stack.project}/triggers/{options.REGION}-{function}-0"
    request = urllib.request.Request(f"{stack.url('functions')}/{trigger}", data=b"{}")
    with urllib.request.urlopen(request, timeout=120) as answer:
        assert answer.status == 200

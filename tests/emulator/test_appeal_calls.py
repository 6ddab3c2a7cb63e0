"""Cases and appeals as apps and moderators see them: over HTTP, on the whole stack."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import cast

import pytest

from devkit.client import (
    Absent,
    App,
    Denied,
    Fields,
    Person,
    Query,
    Refused,
    admin,
    app_of,
    sign_up,
    wait_for,
)
from devkit.stack import Addresses
from media_integrity.scanning.intake import job_id
from media_integrity.schema.appeals import Appeal, AppealDetails
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enforcement import EnforcementRecord
from media_integrity.schema.enums import ScanState
from media_integrity.schema.scans import ScanJob
from tests.emulator.desks import WHY, appeals
from tests.emulator.pictures import clean, pdq

VERDICT_S = 300.0
EVENT_S = 180.0


class Somebody:
    """A person and their app."""

    def __init__(self, stack: Addresses, name: str, **claims: str | bool) -> None:
        self.person: Person = sign_up(stack, name, **claims)
        self.app: App = app_of(stack, self.person)

    def call(self, name: str, /, **data: object) -> Mapping[str, object]:
        return self.app.call(name, data)

    def read(self, path: str) -> Mapping[str, object] | None:
        try:
            return self.app.firestore.get(path).fields
        except (Absent, Denied):
            return None


@pytest.fixture
def uploader(stack: Addresses) -> Somebody:
    return Somebody(stack, "uploader", ageGroup="adult")


@pytest.fixture
def moderators(stack: Addresses) -> tuple[Somebody, Somebody]:
    one, two = (Somebody(stack, f"moderator{each}", moderator=True) for each in (1, 2))
    return one, two


def upload(stack: Addresses, who: Somebody, content: bytes) -> ScanJob:
    path = f"uploads/{who.person.uid}/{secrets.token_hex(6)}/picture.png"
    stored = who.app.storage.upload(path, content, "image/png")
    identity = job_id(stack.bucket, path, int(stored.generation))
    return in_state(who, identity, *(state for state in ScanState if state.final))


def in_state(who: Somebody, identity: str, *states: ScanState) -> ScanJob:
    def there() -> ScanJob | None:
        fields = who.read(ScanJob.path_of(identity))
        if fields is None:
            return None
        job = ScanJob.from_firestore(identity, dict(fields))
        return job if job.state in states else None

    return wait_for(there, within_s=VERDICT_S, what=f"{' or '.join(states)}")


def held(stack: Addresses, uploader: Somebody, moderator: Somebody) -> ScanJob:
    """An upload that a hash holds which nobody has confirmed."""
    senior = Somebody(stack, "senior", senior_moderator=True)
    bank, content = f"appeals-{secrets.token_hex(4)}", clean()
    senior.call("create_hash_bank", bankId=bank, label="NCII", name="Reported", source="tests")
    found = pdq(content)
    moderator.call(
        "add_bank_hash",
        bankId=bank,
        algorithm="pdq",
        value=found.hex,
        quality=found.quality,
        why="reported by somebody",
    )
    job = upload(stack, uploader, content)
    assert job.state is ScanState.HELD, job
    return job


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.status, refused.value.code


def test_an_upload_blocked_by_one_moderator_is_appealed_and_published_by_another(
    stack: Addresses, uploader: Somebody, moderators: tuple[Somebody, Somebody]
) -> None:
    one, two = moderators
    job = held(stack, uploader, one)

    # The first moderator blocks it as a deepfake: a strike, the bytes in the vault.
    one.call("claim_case", caseId=job.id)
    assert refusal(lambda: two.call("claim_case", caseId=job.id)) == (
        "FAILED_PRECONDITION",
        "taken",
    )
    decided = one.call(
        "decide_case", caseId=job.id, outcome="block", why=WHY, violation="deepfake_face"
    )
    assert decided["status"] == "UPHELD"
    in_state(uploader, job.id, ScanState.BLOCKED)
    assert admin(stack).storage.metadata(f"evidence/{job.id}/original")
    record = EnforcementRecord.path_of(uploader.person.uid)
    struck = uploader.read(record)
    assert struck is not None
    assert struck["strikes"] == 1
    case = uploader.read(Case.path_of(job.id))
    assert case is not None
    assert cast("Fields", case["decision"])["reason"] == WHY
    assert one.person.uid not in str(case)

    # The uploader appeals, with a letter, as the app does.
    letter = f"appeals/{uploader.person.uid}/{job.id}/letter.pdf"
    uploader.app.storage.upload(letter, b"%PDF-1.7 a letter", "application/pdf")
    appeals(uploader.app, uploader.person, job.id, evidencePaths=[letter])
    path = Appeal.path_of(job.id)
    wait_for(
        lambda: (uploader.read(path) or {}).get("updatedAt"),
        within_s=EVENT_S,
        what="the appeal to be received",
    )
    wait_for(
        lambda: _told(uploader, "appeal_received"), within_s=EVENT_S, what="word of the appeal"
    )

    # The one who decided does not hear it; another moderator does, and overturns.
    ask = "process_media_integrity_appeal"
    assert refusal(lambda: one.call(ask, appealId=job.id, action="take")) == (
        "PERMISSION_DENIED",
        "decided_before",
    )
    pending = Query(Appeal.collection, [("status", "==", "pending")], [("createdAt", "ASCENDING")])
    assert job.id in {each.id for each in two.app.firestore.query(pending)}
    assert two.app.storage.download(letter)
    assert two.call(ask, appealId=job.id, action="take")["status"] == "in_review"
    answer = two.call(ask, appealId=job.id, action="overturn", reason=WHY)
    assert (answer["status"], answer["published"]) == ("overturned", True)

    published = in_state(uploader, job.id, ScanState.PUBLISHED)
    assert published.published_path is not None
    assert Somebody(stack, "reader").app.storage.download(published.published_path)
    cleared = uploader.read(record)
    assert cleared is not None
    assert cleared["strikes"] == 0
    appeal = uploader.read(path)
    assert appeal is not None
    assert cast("Fields", appeal["decision"])["reason"] == WHY
    assert two.person.uid not in str(appeal)
    wait_for(lambda: _told(uploader, "appeal_decided"), within_s=EVENT_S, what="word of the answer")
    assert "in_review" not in str(uploader.read(path))


def _told(who: Somebody, kind: str) -> bool | None:
    found = who.app.firestore.query(
        Query(
            "victim_notifications",
            [("userId", "==", who.person.uid)],
            [("createdAt", "DESCENDING")],
        )
    )
    return any(each.fields["kind"] == kind for each in found) or None


def test_a_moderator_who_uploads_neither_decides_nor_reads_who_does(
    stack: Addresses, moderators: tuple[Somebody, Somebody]
) -> None:
    uploader = Somebody(stack, "both", ageGroup="adult", moderator=True)
    job = held(stack, uploader, moderators[0])

    assert refusal(lambda: uploader.call("claim_case", caseId=job.id)) == (
        "PERMISSION_DENIED",
        "concerned",
    )
    moderators[0].call("claim_case", caseId=job.id)
    moderators[0].call("decide_case", caseId=job.id, outcome="block", why=WHY)
    appeals(uploader.app, uploader.person, job.id)
    wait_for(
        lambda: (uploader.read(Appeal.path_of(job.id)) or {}).get("updatedAt"),
        within_s=EVENT_S,
        what="the appeal to be received",
    )

    for path in (
        CaseDetails.path_below(job.id, CaseDetails.DETAILS_ID),
        AppealDetails.path_below(job.id, AppealDetails.DETAILS_ID),
    ):
        assert moderators[1].read(path) is not None
        with pytest.raises(Denied):
            uploader.app.firestore.get(path)
    take = {"appealId": job.id, "action": "take"}
    assert refusal(lambda: uploader.call("process_media_integrity_appeal", **take)) == (
        "PERMISSION_DENIED",
        "concerned",
    )


CASE = {"caseId": "0" * 64}
APPEAL = {"appealId": "0" * 64}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("claim_case", CASE),
        ("give_back_case", CASE),
        ("decide_case", {**CASE, "outcome": "release", "why": WHY}),
        ("process_media_integrity_appeal", {**APPEAL, "action": "take"}),
    ],
)
def test_users_reach_nothing_of_the_moderators(
    uploader: Somebody, moderators: tuple[Somebody, Somebody], name: str, data: Mapping[str, object]
) -> None:
    assert refusal(lambda: uploader.call(name, **data))[0] == "PERMISSION_DENIED"
    assert refusal(lambda: moderators[0].call(name, **data))[0] == "NOT_FOUND"


def test_only_senior_moderators_give_the_second_word(
    stack: Addresses, moderators: tuple[Somebody, Somebody]
) -> None:
    assert refusal(lambda: moderators[0].call("confirm_outside_report", **CASE))[0] == (
        "PERMISSION_DENIED"
    )
    senior = Somebody(stack, "senior", senior_moderator=True)
    assert refusal(lambda: senior.call("confirm_outside_report", **CASE))[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    "data",
    [
        {"action": "take", "reason": WHY},
        {"action": "uphold"},
        {"action": "overturn", "reason": WHY, "withoutMerit": True},
        {"action": "uphold", "reason": WHY, "blurred": True},
        {"action": "uphold", "reason": "short"},
        {"action": "forget"},
    ],
)
def test_a_call_that_makes_no_sense_is_refused(
    moderators: tuple[Somebody, Somebody], data: Mapping[str, object]
) -> None:
    act = "process_media_integrity_appeal"
    assert refusal(lambda: moderators[0].call(act, **APPEAL, **data))[0] == "INVALID_ARGUMENT"

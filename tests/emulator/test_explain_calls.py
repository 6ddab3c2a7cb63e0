"""Explanations over HTTP: who gets one, in which words, and what never comes with it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from devkit.client import (
    Absent,
    App,
    Denied,
    Fields,
    Person,
    Refused,
    admin,
    app_of,
    sign_up,
    wait_for,
)
from devkit.stack import Addresses
from media_integrity.scanning.intake import job_id
from media_integrity.schema.appeals import Appeal, AppealReason
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.cases import Case, CaseDetails, CaseViolation, Evidence
from media_integrity.schema.enums import (
    Action,
    CaseStatus,
    DetectionMethod,
    FindingStatus,
    Sanction,
    ScanState,
    Severity,
    Surface,
    Violation,
)
from media_integrity.schema.scans import Quarantined, Reason, ReasonCode, ScanJob
from tests.emulator.pictures import clean, pdq

VERDICT_S = 300.0


def adult(stack: Addresses) -> tuple[App, Person]:
    person = sign_up(stack, "adult", ageGroup="adult")
    return app_of(stack, person), person


def uploaded(app: App, person: Person, content: bytes) -> ScanJob:
    """The final job of an upload."""
    path = f"uploads/{person.uid}/{secrets.token_hex(6)}/picture.png"
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


def refused(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as told:
        act()
    return told.value


def asked(app: App, case_id: str, **more: str) -> Mapping[str, object]:
    return app.call("explain_decision", {"caseId": case_id, **more})


def codes(answer: Mapping[str, object], section: str) -> list[str]:
    sections = cast("list[dict[str, object]]", answer["sections"])
    return [
        str(point["code"])
        for each in sections
        if each["code"] == section
        for point in cast("list[dict[str, object]]", each["points"])
    ]


def blocked(uploader: Person, *victims: Person) -> tuple[Case, CaseDetails]:
    """A blocked face swap of the uploader's, as the functions leave it."""
    now = datetime.now(UTC)
    found = CaseViolation(
        violation=Violation.FACE_SWAP,
        severity=Severity.HIGH,
        confidence=0.97,
        methods=(DetectionMethod.FACE_MANIPULATION,),
    )
    case = Case(
        id=secrets.token_hex(32),
        uploader_id=UserId(uploader.uid),
        status=CaseStatus.ACTIONED,
        action=Action.BLOCK,
        violations=(found,),
        violation=Violation.FACE_SWAP,
        severity=Severity.HIGH,
        confidence=0.97,
        explanation=(Reason(code=ReasonCode.FACE_SWAPPED, text="A face was put in."),),
        sanction=Sanction.WARNING,
        appealable=True,
        policy_version="test-policy",
        surface=Surface.FEED,
        created_at=now,
        updated_at=now,
    )
    details = CaseDetails(
        id=CaseDetails.DETAILS_ID,
        parent_id=case.id,
        victim_ids=tuple(UserId(victim.uid) for victim in victims),
        source=Quarantined(bucket="bucket", name=f"uploads/{uploader.uid}/u/n.png", generation="1"),
        evidence=(
            Evidence(
                method=DetectionMethod.FACE_MANIPULATION,
                version="1",
                status=FindingStatus.MEASURED,
                probability=0.97,
                threshold=0.9,
                counted=True,
            ),
        ),
        findings=(),
    )
    return case, details


def stored(stack: Addresses, *documents: Case | CaseDetails | Appeal) -> None:
    for each in documents:
        admin(stack).firestore.set(each.path, cast("Fields", each.to_firestore()))


def test_who_uploaded_is_told_in_full_and_nobody_else_at_all(stack: Addresses) -> None:
    (app, person), (stranger, _) = adult(stack), adult(stack)
    case, details = blocked(person)
    stored(stack, case, details)

    answer = asked(app, case.id)

    assert answer["audience"] == "uploader"
    assert answer["caseId"] == case.id
    assert codes(answer, "facts") == ["face_swapped"]
    assert codes(answer, "counted") == ["over_threshold"]
    assert codes(answer, "remedies")[0] == "appeal_until"
    assert "97 %" in str(answer["text"])
    nothing = refused(lambda: asked(stranger, case.id))
    missing = refused(lambda: asked(stranger, secrets.token_hex(32)))
    assert nothing.status == missing.status == "NOT_FOUND"
    assert (str(nothing), nothing.details) == (str(missing), missing.details)
    moderator = app_of(stack, sign_up(stack, "moderator", moderator=True))
    assert refused(lambda: asked(moderator, case.id)).status == "NOT_FOUND"


def test_who_is_shown_learns_what_was_done_and_nothing_of_the_uploader(stack: Addresses) -> None:
    (_, person), (shown, victim) = adult(stack), adult(stack)
    case, details = blocked(person, victim)
    stored(stack, case, details)

    answer = asked(shown, case.id)

    assert answer["audience"] == "shown"
    assert codes(answer, "decision") == ["blocked"]
    assert codes(answer, "counted") == []
    assert person.uid not in json.dumps(answer)
    assert "sanction" not in json.dumps(answer)


def test_uploads_with_and_without_a_victim_are_explained_alike(stack: Addresses) -> None:
    (app, person), (_, victim) = adult(stack), adult(stack)
    answers = []
    for victims in ((), (victim,)):
        case, details = blocked(person, *victims)
        stored(stack, case, details)
        answers.append({**asked(app, case.id), "caseId": "", "decidedAt": ""})
    assert answers[0] == answers[1]
    assert victim.uid not in json.dumps(answers)


def test_the_phones_language_is_spoken_and_english_where_we_lack_it(stack: Addresses) -> None:
    app, person = adult(stack)
    case, details = blocked(person)
    stored(stack, case, details)
    assert "Was entschieden wurde" in str(asked(app, case.id, language="de-AT")["text"])
    assert asked(app, case.id, language="ar")["language"] == "ar"
    assert asked(app, case.id, language="ja")["language"] == "en"
    assert refused(lambda: asked(app, case.id, language="?")).status == "INVALID_ARGUMENT"


def test_an_answer_follows_the_case_and_goes_with_it(stack: Addresses) -> None:
    """Appealed, then details deleted, then the case: never an error of ours."""
    app, person = adult(stack)
    case, details = blocked(person)
    appeal = Appeal(
        id=case.id,
        case_id=CaseId(case.id),
        uploader_id=UserId(person.uid),
        reason=AppealReason.NOT_SYNTHETIC,
        explanation="x" * 60,
        created_at=case.created_at,
        updated_at=case.created_at,
    )
    stored(stack, case, details, appeal)
    assert codes(asked(app, case.id), "remedies")[0] == "appeal_pending"

    admin(stack).firestore.delete(details.path)
    assert codes(asked(app, case.id), "counted") == ["not_kept"]

    admin(stack).firestore.delete(case.path)
    assert refused(lambda: asked(app, case.id)).status == "NOT_FOUND"


def test_the_time_for_an_appeal_ends(stack: Addresses) -> None:
    app, person = adult(stack)
    case, details = blocked(person)
    old = case.model_copy(update={"created_at": case.created_at - timedelta(days=31)})
    stored(stack, old, details)
    assert codes(asked(app, case.id), "remedies")[0] == "appeal_over"


@pytest.mark.parametrize("case_id", ["", "../x", "a" * 63, "A" * 64, 7])
def test_an_id_that_is_none_is_refused(stack: Addresses, case_id: object) -> None:
    app, _ = adult(stack)
    answer = refused(lambda: app.call("explain_decision", {"caseId": case_id}))
    assert answer.status == "INVALID_ARGUMENT"


def test_nobody_asks_without_a_sign_in_or_without_end(stack: Addresses) -> None:
    app, _ = adult(stack)
    nobody = App(stack, None)
    assert refused(lambda: asked(nobody, "a" * 64)).status == "UNAUTHENTICATED"
    statuses = {refused(lambda: asked(app, "a" * 64)).status for _ in range(22)}
    assert statuses == {"NOT_FOUND", "RESOURCE_EXHAUSTED"}


def test_real_uploads_are_explained_and_a_shield_is_told_apart_from_no_bank(
    stack: Addresses,
) -> None:
    """Of two held pictures one is near a reported picture, one near somebody's own: to the uploader
    both are explained alike; to that somebody it is said what was done."""
    (app, person), (owner_app, owner) = adult(stack), adult(stack)
    reported, personal, innocent = clean(), clean(), clean()
    senior = app_of(stack, sign_up(stack, "senior", senior_moderator=True))
    bank = f"explain-{secrets.token_hex(4)}"
    senior.call(
        "create_hash_bank", {"bankId": bank, "label": "NCII", "name": "R", "source": "tests"}
    )
    moderator = app_of(stack, sign_up(stack, "moderator", moderator=True))
    hashed = pdq(reported)
    moderator.call(
        "add_bank_hash",
        {
            "bankId": bank,
            "algorithm": "pdq",
            "value": hashed.hex,
            "quality": hashed.quality,
            "why": "reported by the person shown",
        },
    )
    shield = str(owner_app.call("create_victim_shield", {})["shieldId"])
    own = pdq(personal)
    owner_app.call(
        "submit_personal_hashes",
        {"shieldId": shield, "hashes": [{"pdq": own.hex, "quality": own.quality}]},
    )

    jobs = [uploaded(app, person, content) for content in (reported, personal, innocent)]

    assert [job.state for job in jobs] == [ScanState.HELD, ScanState.HELD, ScanState.PUBLISHED]
    by_bank, by_shield, published = (asked(app, job.id) for job in jobs)
    assert codes(by_bank, "facts") == ["bank_match_unconfirmed"]
    for each in (by_bank, by_shield):
        assert codes(each, "counted") == ["compared"]
        for private in (shield, owner.uid, bank, own.hex, hashed.hex):
            assert private not in json.dumps(each)
    volatile = {"caseId": "", "decidedAt": ""}
    assert {**by_bank, **volatile} == {**by_shield, **volatile}
    assert codes(published, "decision") == ["published"]
    to_owner = asked(owner_app, jobs[1].id)
    assert to_owner["audience"] == "shown"
    assert person.uid not in json.dumps(to_owner)
    assert refused(lambda: asked(owner_app, jobs[0].id)).status == "NOT_FOUND"

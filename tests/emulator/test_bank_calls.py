"""Hash banks as phones and moderators use them: over HTTP, with uploads through the functions."""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

import pytest
from PIL import Image as Pillow

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
from media_integrity.schema.base import UserId
from media_integrity.schema.cases import Case, CaseDetails
from media_integrity.schema.enums import HashAlgorithm, ScanState
from media_integrity.schema.hashes import BankHash
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.shields import Shield, ShieldStatus
from tests.emulator.pictures import clean, encoded, pdq

VERDICT_S = 300.0
SEARCH_S = 180.0


@pytest.fixture
def senior(stack: Addresses) -> App:
    return app_of(stack, sign_up(stack, "senior", senior_moderator=True))


@pytest.fixture
def moderators(stack: Addresses) -> tuple[App, App]:
    one, two = (sign_up(stack, f"moderator{number}", moderator=True) for number in (1, 2))
    return app_of(stack, one), app_of(stack, two)


@pytest.fixture
def bank(senior: App) -> str:
    name = f"calls-{secrets.token_hex(4)}"
    senior.call(
        "create_hash_bank",
        {"bankId": name, "label": "NCII", "name": "Reported", "source": "tests"},
    )
    return name


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


def adult(stack: Addresses) -> tuple[App, Person]:
    person = sign_up(stack, "adult", ageGroup="adult")
    return app_of(stack, person), person


def turned(content: bytes) -> bytes:
    """The picture a quarter turn on."""
    return encoded(Pillow.open(io.BytesIO(content)).transpose(Pillow.Transpose.ROTATE_90))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.status


def added(app: App, bank: str, content: bytes) -> str:
    hashed = pdq(content)
    answer = app.call(
        "add_bank_hash",
        {
            "bankId": bank,
            "algorithm": "pdq",
            "value": hashed.hex,
            "quality": hashed.quality,
            "why": "reported by the person shown",
        },
    )
    entries = answer["entries"]
    assert isinstance(entries, list)
    return str(entries[0]["entryId"])


def test_one_moderators_hash_holds_another_ones_word_blocks_and_takes_down_what_was_published(
    stack: Addresses, bank: str, moderators: tuple[App, App]
) -> None:
    app, person = adult(stack)
    content = clean()
    published = uploaded(app, person, content)
    assert published.state is ScanState.PUBLISHED, published
    path = published.published_path
    assert path is not None
    first, second = moderators

    entry = added(first, bank, content)
    held = uploaded(app, person, content)
    assert held.state is ScanState.HELD
    judged = {"bankId": bank, "entryId": entry, "why": "compared with the report"}
    assert refusal(lambda: first.call("confirm_bank_hash", judged)) == "PERMISSION_DENIED"

    assert second.call("confirm_bank_hash", judged)["confirmed"] is True
    blocked = uploaded(*adult(stack), content)  # the first account is banned for what it published

    assert blocked.state is ScanState.BLOCKED
    wait_for(
        lambda: not _readable(app, path) or None, within_s=SEARCH_S, what="the published picture"
    )
    case = wait_for(lambda: _case(app, published.id), within_s=SEARCH_S, what="the uploader's case")
    assert case["action"] == "BLOCK"
    assert admin(stack).storage.metadata(f"evidence/{published.id}/original")


def _readable(app: App, path: str) -> bool:
    try:
        app.storage.download(path)
    except (Denied, Absent):
        return False
    return True


def _case(app: App, identity: str) -> Mapping[str, object] | None:
    try:
        return app.firestore.get(Case.path_of(identity)).fields
    except (Absent, Denied):
        return None


def test_a_disabled_hash_stops_matching_and_an_allowed_one_overrules(
    stack: Addresses, bank: str, moderators: tuple[App, App], senior: App
) -> None:
    content = clean()
    entry = added(moderators[0], bank, content)
    judged = {"bankId": bank, "entryId": entry, "why": "compared with the report"}
    moderators[1].call("confirm_bank_hash", judged)
    assert uploaded(*adult(stack), content).state is ScanState.BLOCKED

    allow = f"allow-{secrets.token_hex(4)}"
    senior.call(
        "create_hash_bank",
        {"bankId": allow, "label": "ALLOW_LIST", "name": "Press", "source": "tests"},
    )
    allowed = added(senior, allow, content)
    another = app_of(stack, sign_up(stack, "senior2", senior_moderator=True))
    another.call("confirm_bank_hash", {"bankId": allow, "entryId": allowed, "why": "press photo"})
    assert uploaded(*adult(stack), content).state is ScanState.PUBLISHED

    senior.call("set_hash_bank_enabled", {"bankId": allow, "enabled": False, "why": "no press"})
    assert uploaded(*adult(stack), content).state is ScanState.BLOCKED
    senior.call("set_bank_hash_enabled", {**judged, "enabled": False})
    assert uploaded(*adult(stack), content).state is ScanState.PUBLISHED


def test_a_case_can_be_banked_and_searched_but_not_ones_own(
    stack: Addresses, bank: str, moderators: tuple[App, App], senior: App
) -> None:
    person = sign_up(stack, "moderator", ageGroup="adult", moderator=True)
    app, content = app_of(stack, person), clean()
    added(moderators[0], bank, content)
    held = uploaded(app, person, content)
    other = f"terror-{secrets.token_hex(4)}"
    senior.call(
        "create_hash_bank", {"bankId": other, "label": "TERROR", "name": "T", "source": "tests"}
    )
    wish = {"bankId": other, "caseId": held.id, "why": "belongs here as well"}

    assert refusal(lambda: app.call("add_bank_hash", wish)) == "PERMISSION_DENIED"
    entries = moderators[0].call("add_bank_hash", wish)["entries"]
    assert isinstance(entries, list)
    assert {entry["entryId"].split("-")[0] for entry in entries} == {"pdq", "sha256"}

    by_case = _banks(moderators[0].call("search_hash_banks", {"caseId": held.id}))
    picture = base64.b64encode(turned(content)).decode()
    by_picture = moderators[0].call("search_hash_banks", {"picture": picture})["hits"]
    assert {bank, other} <= by_case
    assert isinstance(by_picture, list)
    assert {hit["matchType"] for hit in by_picture} == {"rotated"}


def _banks(answer: Mapping[str, object]) -> set[str]:
    hits = answer["hits"]
    assert isinstance(hits, list)
    return {hit["bankId"] for hit in hits}


def test_a_file_is_imported_with_a_report_and_exported_to_the_same_file(
    senior: App, bank: str, moderators: tuple[App, App]
) -> None:
    good = [secrets.token_hex(32) for _ in range(3)]
    lines = ["algorithm,value,quality", *(f"pdq,{each},90" for each in good), "pdq,nonsense,90"]
    report = moderators[0].call(
        "import_bank_hashes", {"bankId": bank, "csv": "\n".join(lines), "why": "from a partner"}
    )
    assert report["state"] == "applied"
    assert [fault["line"] for fault in _list(report["faults"])] == [5]

    exported = senior.call("export_bank_hashes", {"bankId": bank})
    assert exported["entries"] == 3
    assert all(each in str(exported["csv"]) for each in good)
    assert (
        refusal(lambda: moderators[0].call("export_bank_hashes", {"bankId": bank}))
        == "PERMISSION_DENIED"
    )


def _list(value: object) -> Sequence[Mapping[str, object]]:
    assert isinstance(value, list)
    return value


def test_a_flood_waits_for_another_senior_moderator(
    senior: App, bank: str, stack: Addresses
) -> None:
    lines = ["algorithm,value", *(f"pdq,{secrets.token_hex(32)}" for _ in range(51))]
    report = senior.call(
        "import_bank_hashes", {"bankId": bank, "csv": "\n".join(lines), "why": "a large feed"}
    )
    assert report["state"] == "staged"
    wish = {"importId": report["importId"], "approve": True, "why": "sampled it"}
    assert refusal(lambda: senior.call("decide_hash_import", wish)) == "PERMISSION_DENIED"
    another = app_of(stack, sign_up(stack, "senior2", senior_moderator=True))
    assert another.call("decide_hash_import", wish)["state"] == "approved"


def test_a_phone_learns_allow_or_hold_and_after_some_holds_only_hold(
    stack: Addresses, bank: str, moderators: tuple[App, App]
) -> None:
    known, unknown = clean(), clean()
    added(moderators[0], bank, known)
    app, _ = adult(stack)
    hashes = [pdq(known).hex, pdq(unknown).hex]
    assert app.call("check_hashes", {"hashes": hashes}) == {"answers": ["hold", "allow"]}
    for _ in range(5):
        app.call("check_hashes", {"hashes": [hashes[0]]})
    assert app.call("check_hashes", {"hashes": hashes}) == {"answers": ["hold", "hold"]}
    assert (
        refusal(lambda: app.call("check_hashes", {"hashes": [hashes[0]] * 21}))
        == "INVALID_ARGUMENT"
    )


def test_a_personal_hash_holds_uploads_of_others_not_ones_own_and_cannot_be_asked_for(
    stack: Addresses,
) -> None:
    (owner_app, owner), (app, person) = adult(stack), adult(stack)
    content = clean()
    hashed = pdq(content)
    shield = _shield(stack, owner)
    wish = {"shieldId": shield, "hashes": [{"pdq": hashed.hex, "quality": hashed.quality}]}
    assert refusal(lambda: app.call("submit_personal_hashes", wish)) == "NOT_FOUND"
    assert owner_app.call("submit_personal_hashes", wish) == {
        "outcomes": [{"pdq": hashed.hex, "refused": None, "text": None}]
    }

    assert uploaded(owner_app, owner, content).state is ScanState.PUBLISHED
    held = uploaded(app, person, content)

    assert held.state is ScanState.HELD
    assert app.call("check_hashes", {"hashes": [hashed.hex]}) == {"answers": ["allow"]}
    case = app.firestore.get(Case.path_of(held.id)).fields
    assert shield not in str(case)
    with pytest.raises(Denied):
        app.firestore.get(CaseDetails.path_below(held.id, CaseDetails.DETAILS_ID))
    entry = BankHash.id_for(HashAlgorithm.PDQ, hashed.hex)
    with pytest.raises(Denied):
        app.firestore.get(BankHash.path_below("personal", f"{entry}-{shield}"))

    owner_app.call("withdraw_personal_hashes", {"shieldId": shield, "hashes": [hashed.hex]})
    assert uploaded(app, person, content).state is ScanState.PUBLISHED


def _shield(stack: Addresses, owner: Person) -> str:
    now = datetime.now(UTC)
    shield = Shield(
        id=f"shield-{secrets.token_hex(6)}",
        owner_id=UserId(owner.uid),
        status=ShieldStatus.ACTIVE,
        created_at=now,
        updated_at=now,
    )
    admin(stack).firestore.set(shield.path, cast("Fields", shield.to_firestore()))
    return shield.id


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("add_bank_hash", {"bankId": "some-bank", "why": "because", "caseId": "x"}),
        ("confirm_bank_hash", {"bankId": "some-bank", "entryId": "pdq-" + "0" * 64, "why": "why"}),
        ("search_hash_banks", {"pdq": "0" * 64}),
        ("judge_hash_match", {"matchId": "m", "right": True, "why": "why"}),
        ("import_bank_hashes", {"bankId": "some-bank", "csv": "algorithm,value", "why": "why"}),
    ],
)
def test_users_reach_nothing_of_the_moderators(
    stack: Addresses, name: str, data: Mapping[str, object]
) -> None:
    app, _ = adult(stack)
    assert refusal(lambda: app.call(name, data)) == "PERMISSION_DENIED"

"""Who reads what, where it depends on more than role and owner."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devkit.client import Absent, App, Denied, Operator, Query, Value, app_of, sign_up
from media_integrity.schema.base import CaseId, Document
from media_integrity.schema.cases import Case, CaseDetails, SyntheticMediaFlag
from media_integrity.schema.evidence import EvidenceItem
from media_integrity.schema.registry import DOCUMENTS
from media_integrity.schema.shields import Shield
from media_integrity.schema.statistics import ReportState
from tests.rules.people import ROLES, STAFF, Cast, ask, seeded
from tests.rules.seeds import (
    case,
    case_details,
    custody_entry,
    evidence_item,
    hash_match,
    new_case_id,
    new_id,
    stored,
    transparency_report,
)

PUBLISHED: tuple[str, Operator, Value] = ("state", "==", "published")
GROUPS = sorted({place.rpartition("/")[2] for place in DOCUMENTS if "*" in place})


@pytest.fixture
def judged(cast: Cast, functions: App) -> Iterator[Case]:
    """A case of owner's in which victim is shown."""
    opened = case(cast.uid("owner"))
    details = case_details(CaseId(opened.id), cast.uid("victim"))
    with seeded(functions, {opened.path: stored(opened), details.path: stored(details)}):
        yield opened


# ---- cases


def test_a_person_shown_reads_the_case_that_names_them(cast: Cast, judged: Case) -> None:
    assert cast.app("victim").firestore.get(judged.path).fields == stored(judged)


def test_one_of_several_people_shown_reads_the_case(
    cast: Cast, functions: App, judged: Case
) -> None:
    both = case_details(CaseId(judged.id), "somebody-else", cast.uid("victim"))
    functions.firestore.set(both.path, stored(both))

    assert cast.app("victim").firestore.get(judged.path).fields == stored(judged)


def test_a_person_who_is_not_shown_does_not_read_the_case(
    cast: Cast, functions: App, judged: Case
) -> None:
    other = case_details(CaseId(judged.id), "somebody-else")
    functions.firestore.set(other.path, stored(other))

    with pytest.raises(Denied):
        cast.app("victim").firestore.get(judged.path)


def test_a_case_without_details_is_not_open_to_everybody(
    cast: Cast, functions: App, judged: Case
) -> None:
    functions.firestore.delete(CaseDetails.path_below(judged.id, CaseDetails.DETAILS_ID))

    with pytest.raises(Denied):
        cast.app("victim").firestore.get(judged.path)


def test_whether_a_case_exists_shows_to_moderators_only(cast: Cast) -> None:
    nowhere = Case.path_of(new_case_id())

    with pytest.raises(Denied):
        cast.app("other").firestore.get(nowhere)
    with pytest.raises(Absent):
        cast.app("moderator").firestore.get(nowhere)


@pytest.mark.parametrize("role", sorted(STAFF))
def test_a_moderator_does_not_learn_who_the_victim_of_their_own_upload_is(
    cast: Cast, functions: App, judged: Case, role: str
) -> None:
    details = CaseDetails.path_below(judged.id, CaseDetails.DETAILS_ID)
    assert cast.app(role).firestore.get(details)

    functions.firestore.update(judged.path, {"uploaderId": cast.uid(role)})

    assert cast.app(role).firestore.get(judged.path)
    with pytest.raises(Denied):
        cast.app(role).firestore.get(details)
    with pytest.raises(Denied):
        ask(cast.app(role), Query(f"{judged.path}/private"))


def test_nothing_that_an_uploader_reads_names_the_victim(
    cast: Cast, world: dict[str, Document]
) -> None:
    """Consent is the exception: whoever asks somebody knows whom."""
    consent = {"consent_verifications", "consent_requests", "blocked_consent_claims"}
    readable = {}
    for place, document in world.items():
        try:
            readable[place] = cast.app("owner").firestore.get(document.path)
        except Denied:
            continue

    assert {"scan_jobs", "media_integrity_cases", "media_integrity_appeals"} <= set(readable)
    assert {
        place for place, found in readable.items() if cast.uid("victim") in str(found.fields)
    } == consent


# ---- matches


@pytest.mark.parametrize("role", sorted(STAFF))
def test_a_moderator_does_not_learn_what_an_upload_of_their_own_matched(
    cast: Cast, functions: App, role: str
) -> None:
    own, bank = cast.uid(role), new_id()
    mine, theirs = (
        hash_match(uploader, new_case_id(), bank=bank) for uploader in (own, "somebody-else")
    )
    app = cast.app(role)
    of_bank: tuple[str, Operator, Value] = ("hit.bankId", "==", bank)

    with seeded(functions, {match.path: stored(match) for match in (mine, theirs)}):
        assert app.firestore.get(theirs.path)
        with pytest.raises(Denied):
            app.firestore.get(mine.path)
        without_own = Query(
            "hash_matches",
            [of_bank, ("uploaderId", "!=", own)],
            [("createdAt", "DESCENDING")],
            limit=50,
        )
        assert [match.path for match in ask(app, without_own)] == [theirs.path]
        with_own: list[list[tuple[str, Operator, Value]]] = [
            [of_bank],
            [of_bank, ("uploaderId", "==", own)],
            [("caseId", "==", mine.case_id)],
            [("caseId", "==", mine.case_id), ("uploaderId", "!=", "somebody-else")],
        ]
        for where in with_own:
            with pytest.raises(Denied):
                ask(app, Query("hash_matches", where, limit=50))


@pytest.mark.parametrize("role", sorted(STAFF))
def test_a_moderator_does_not_learn_by_a_flag_whose_face_an_upload_of_their_own_shows(
    cast: Cast, functions: App, world: dict[str, Document], role: str
) -> None:
    own, app = cast.uid(role), cast.app(role)
    theirs = world["synthetic_media_flags"]
    assert isinstance(theirs, SyntheticMediaFlag)
    case_id = new_case_id()
    mine = theirs.model_copy(
        update={"id": f"{case_id}_faces", "case_id": case_id, "uploader_id": own}
    )

    def of(case: str, *uploader: tuple[str, Operator, Value]) -> list[str]:
        where: list[tuple[str, Operator, Value]] = [("caseId", "==", case), *uploader]
        return [found.path for found in ask(app, Query(mine.collection, where, limit=50))]

    with seeded(functions, {mine.path: stored(mine)}):
        assert app.firestore.get(theirs.path)
        assert of(theirs.case_id, ("uploaderId", "!=", own)) == [theirs.path]
        assert of(case_id, ("uploaderId", "!=", own)) == []
        with pytest.raises(Denied):
            app.firestore.get(mine.path)
        with_own: list[list[tuple[str, Operator, Value]]] = [
            [],
            [("uploaderId", "==", own)],
            [("uploaderId", "!=", "somebody-else")],
        ]
        for uploader in with_own:
            with pytest.raises(Denied):
                of(case_id, *uploader)


# ---- collection groups would reach below documents of every owner at once


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("role", ROLES)
def test_no_client_reads_a_collection_group(cast: Cast, role: str, group: str) -> None:
    with pytest.raises(Denied):
        ask(cast.app(role), Query(group, limit=1, group=True))


# ---- evidence


def test_a_victim_reads_the_custody_of_their_own_evidence_only(cast: Cast, functions: App) -> None:
    mine = evidence_item(cast.uid("victim"), new_case_id())
    theirs = evidence_item("somebody-else", new_case_id())
    entries = [custody_entry(mine), custody_entry(theirs)]
    documents: list[Document] = [mine, theirs, *entries]
    app = cast.app("victim")

    with seeded(functions, {document.path: stored(document) for document in documents}):
        assert ask(app, Query(f"{mine.path}/custody", limit=5))
        for forbidden in (theirs.path, entries[1].path):
            with pytest.raises(Denied):
                app.firestore.get(forbidden)
        with pytest.raises(Denied):
            ask(app, Query(f"{theirs.path}/custody", limit=5))


def test_evidence_of_nobody_known_is_for_moderators(cast: Cast, functions: App) -> None:
    item = evidence_item("", new_case_id()).model_copy(update={"victim_id": None})

    with seeded(functions, {item.path: stored(item)}):
        assert cast.app("moderator").firestore.get(item.path)
        for role in ("anonymous", "other", "owner", "victim"):
            with pytest.raises(Denied):
                cast.app(role).firestore.get(item.path)


# ---- transparency reports


@pytest.mark.parametrize("role", ["anonymous", "other", "owner", "victim"])
def test_a_draft_is_not_public(cast: Cast, functions: App, role: str) -> None:
    draft = transparency_report(ReportState.DRAFT)

    with seeded(functions, {draft.path: stored(draft)}):
        with pytest.raises(Denied):
            cast.app(role).firestore.get(draft.path)
        listed = ask(cast.app(role), Query("transparency_reports", [PUBLISHED], limit=100))
        assert draft.path not in {found.path for found in listed}
        assert cast.app("moderator").firestore.get(draft.path)


@pytest.mark.parametrize("limit", [None, 101])
def test_the_public_asks_for_bounded_pages(cast: Cast, limit: int | None) -> None:
    query = Query("transparency_reports", [PUBLISHED], limit=limit)

    with pytest.raises(Denied):
        ask(cast.app("anonymous"), query)
    ask(cast.app("moderator"), query)


# ---- claims


@pytest.mark.parametrize("value", [False, "true", "moderator"])
@pytest.mark.parametrize("claim", sorted(STAFF))
def test_a_claim_counts_only_if_it_is_true(
    cast: Cast, world: dict[str, Document], claim: str, value: bool | str
) -> None:
    pretender = sign_up(cast.stack, "pretender", **{claim: value})
    flag = world["synthetic_media_flags"]

    with pytest.raises(Denied):
        app_of(cast.stack, pretender).firestore.get(flag.path)


def test_a_consent_answered_by_link_is_not_everybodys(
    cast: Cast, functions: App, world: dict[str, Document]
) -> None:
    """Its subject has no account: the field is null, and so is nobody's id."""
    document = world["consent_verifications"]
    path = document.path_of(new_id())

    with seeded(functions, {path: {**stored(document), "subjectId": None}}):
        for role in ("anonymous", "other", "victim"):
            with pytest.raises(Denied):
                cast.app(role).firestore.get(path)
        assert cast.app("owner").firestore.get(path)


def test_only_the_holder_of_a_shield_reads_it(cast: Cast, world: dict[str, Document]) -> None:
    shield, item = world["victim_identity_shields"], world["legal_evidence_vault"]
    assert isinstance(shield, Shield)
    assert isinstance(item, EvidenceItem)

    for document in (shield, item):
        assert cast.app("victim").firestore.get(document.path)
        with pytest.raises(Denied):
            cast.app("owner").firestore.get(document.path)


# ---- scan jobs


def test_a_job_can_be_watched_before_it_is_there_by_who_is_signed_in(cast: Cast) -> None:
    path = f"scan_jobs/{new_case_id()}"
    with pytest.raises(Absent):
        cast.app("owner").firestore.get(path)
    with pytest.raises(Denied):
        cast.app("anonymous").firestore.get(path)

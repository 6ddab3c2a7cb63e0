"""Who is shown, what a consent covers, whose consents count, what a link carries."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.consent.gate import one_of_each
from media_integrity.consent.needed import depicted, side
from media_integrity.consent.refusals import entries_of
from media_integrity.consent.scope import covers, same_media
from media_integrity.consent.tokens import new_link, read_token, request_for
from media_integrity.decision.policy import default_policy
from media_integrity.schema.base import JobId, UserId
from media_integrity.schema.consent import (
    ConsentBasis,
    ConsentPurpose,
    ConsentRequestId,
    ConsentScope,
    ConsentVerification,
)
from media_integrity.schema.enums import HashAlgorithm, Surface
from media_integrity.schema.findings import Box
from media_integrity.schema.hashes import PdqView

POLICY = default_policy()
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def face(size: float) -> Box:
    return Box(left=0, top=0, width=size, height=size, confidence=0.9)


sizes = st.lists(st.floats(0.001, 1), max_size=40)


def shown(*found: float) -> int:
    return len(depicted([face(size) for size in found], POLICY.consent))


@pytest.mark.parametrize(
    ("found", "people"),
    [
        ([], 0),
        ([0.3], 1),
        ([0.3, 0.3, 0.25], 3),
        ([0.3, 0.04], 1),  # a passer-by
        ([0.05, 0.04], 2),  # two small ones, alike
        ([0.02], 0),  # a walker in a landscape
        ([0.6, 0.09], 2),  # small beside the other, and large all the same
        ([0.05] * 11, 11),
        ([0.05] * 12, 0),  # a crowd
        ([0.05] * 40, 0),
        ([0.05] * 30 + [0.3], 1),  # a speaker before a crowd
        ([0.09] * 30, 30),  # a class that poses
    ],
)
def test_who_is_shown(found: list[float], people: int) -> None:
    assert shown(*found) == people


@given(sizes, st.floats(0.08, 1))
def test_a_large_face_is_shown_whatever_is_put_beside_it(others: list[float], own: float) -> None:
    faces = depicted([face(own), *map(face, others)], POLICY.consent)
    assert any(side(each) == pytest.approx(own) for each in faces)


@given(sizes)
def test_the_order_in_which_faces_are_found_does_not_matter(found: list[float]) -> None:
    assert shown(*found) == shown(*reversed(found))


def view(pdq: str | None = None, quality: int = 100, inside: int | None = None) -> PdqView:
    return PdqView(pdq=pdq or secrets.token_hex(32), quality=quality, inside=inside)


def changed(pdq: str, bits: int) -> str:
    return f"{int(pdq, 16) ^ ((1 << bits) - 1):064x}"


def scope(*views: PdqView, sha256: str | None = None, **changes: object) -> ConsentScope:
    fields = {"sha256": sha256 or secrets.token_hex(32), "views": views, "surface": Surface.FEED}
    return ConsentScope.model_validate({**fields, **changes})


@pytest.mark.parametrize(("bits", "same"), [(0, True), (10, True), (11, False), (128, False)])
def test_a_picture_saved_again_is_the_same_and_an_edited_copy_is_not(bits: int, same: bool) -> None:
    pdq = secrets.token_hex(32)
    assert same_media(scope(view(pdq)), scope(view(changed(pdq, bits))), POLICY) is same


def test_a_picture_without_detail_is_the_same_only_byte_by_byte() -> None:
    pdq, bytes_ = secrets.token_hex(32), secrets.token_hex(32)
    flat = view(pdq, quality=10)
    assert not same_media(scope(flat), scope(flat), POLICY)
    assert same_media(scope(flat, sha256=bytes_), scope(flat, sha256=bytes_), POLICY)


def test_of_films_only_the_bytes_count() -> None:
    frames = (view(), view())
    assert not same_media(scope(*frames), scope(*frames), POLICY)


def test_a_consent_is_bound_to_surface_and_purpose() -> None:
    wanted = scope(sha256="0" * 64)
    assert covers(scope(sha256="0" * 64), wanted, POLICY)
    assert not covers(scope(sha256="0" * 64, surface=Surface.DM), wanted, POLICY)
    assert not covers(scope(sha256="0" * 64, purpose=ConsentPurpose.PROMOTE), wanted, POLICY)


def consent(job: str, subject: str | None, name: str = "r") -> ConsentVerification:
    return ConsentVerification(
        id=f"{job}_{name}",
        job_id=JobId(job),
        uploader_id=UserId("uploader"),
        subject_id=UserId(subject) if subject else None,
        basis=ConsentBasis.EXPLICIT,
        scope=scope(),
        request_id=ConsentRequestId(name),
        given_at=NOON,
    )


def test_a_person_counts_once_however_often_they_have_agreed() -> None:
    found = one_of_each("new", [consent("a", "anna"), consent("b", "anna"), consent("a", "ben")])
    assert sorted(str(each.subject_id) for each in found) == ["anna", "ben"]


def test_links_of_two_uploads_may_have_gone_to_the_same_person() -> None:
    links = [consent("a", None, "1"), consent("b", None, "2"), consent("b", None, "3")]
    assert {each.id for each in one_of_each("new", links)} == {"b_2", "b_3"}
    assert {each.id for each in one_of_each("a", links)} == {"a_1"}


def test_what_is_kept_away_is_the_bytes_and_every_view_with_detail() -> None:
    good, flat = view("ab" * 32), view(secrets.token_hex(32), quality=20)
    entries = entries_of(scope(good, flat), POLICY, NOON)
    assert [each.algorithm for each in entries] == [HashAlgorithm.SHA256, HashAlgorithm.PDQ]
    assert not any(each.confirmed for each in entries), "nobody has proven who they are"


def test_a_link_names_its_request_and_only_its_secret_opens_it() -> None:
    link, other = new_link(), new_link()
    read = read_token(link.token)
    assert read == link
    assert link.opens(link.digest)
    assert not other.opens(link.digest)
    assert new_link(link.request).request == link.request
    assert link.secret not in repr(link) + link.digest


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "0" * 32 + ".", "0" * 32 + "." + "a" * 42])
def test_what_is_no_token_opens_nothing(token: str) -> None:
    assert read_token(token) is None


@given(st.text(max_size=100))
def test_no_text_breaks_the_reading_of_tokens(text: str) -> None:
    found = read_token(text)
    assert found is None or found.token == text


def test_one_person_is_asked_one_question_about_one_upload() -> None:
    assert request_for("a", "anna") == request_for("a", "anna")
    assert len({request_for("a", "anna"), request_for("b", "anna"), request_for("a", "ben")}) == 3

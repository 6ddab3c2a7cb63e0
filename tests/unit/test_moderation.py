"""Which way a case may go, whatever moderators try; what makes an appeal admissible."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.appeals.admissible import MAX_FILE, files_of, objection
from media_integrity.appeals.upkeep import case_of, useless
from media_integrity.cloud.storage import StoredObject
from media_integrity.decision.policy import default_policy
from media_integrity.moderation import transitions
from media_integrity.moderation.outcomes import appeals_until
from media_integrity.moderation.transitions import OUTCOMES, SETTLED
from media_integrity.schema.appeals import Appeal, AppealDecision, AppealReason, AppealStatus
from media_integrity.schema.base import CaseId, UserId
from media_integrity.schema.cases import Case, CaseOutcome, Review
from media_integrity.schema.enums import Action, CaseStatus, Severity, Surface
from media_integrity.schema.errors import Conflict, Invalid

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(minutes=30)
ME, OTHER = UserId("me"), UserId("other")
CASE = CaseId("ab" * 32)


def case(status: CaseStatus = CaseStatus.ACTIONED, action: Action = Action.BLOCK) -> Case:
    return Case(
        id=CASE,
        uploader_id=UserId("uploader"),
        status=status,
        action=action,
        severity=Severity.HIGH,
        confidence=1.0,
        explanation=(),
        appealable=True,
        policy_version="1",
        surface=Surface.FEED,
        created_at=NOW,
        updated_at=NOW,
    )


def appeal(**changes: object) -> Appeal:
    fields: dict[str, object] = {
        "id": CASE,
        "case_id": CASE,
        "uploader_id": "uploader",
        "reason": AppealReason.NOT_SYNTHETIC,
        "explanation": "x" * 60,
        "created_at": NOW + timedelta(days=1),
    }
    return Appeal.model_validate({**fields, **changes})


# ---- Transitions

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "hear", "back", "decide", "wait"]),
        st.sampled_from([ME, OTHER]),
        st.sampled_from(list(CaseOutcome)),
    ),
    max_size=20,
)
ALLOWED = {
    CaseStatus.OPEN: {CaseStatus.IN_REVIEW},
    CaseStatus.ACTIONED: {CaseStatus.IN_REVIEW},
    CaseStatus.UPHELD: {CaseStatus.IN_REVIEW},
    CaseStatus.OVERTURNED: set(),
    CaseStatus.CLOSED: set(),
    CaseStatus.IN_REVIEW: set(CaseStatus) - {CaseStatus.IN_REVIEW},
}


@given(st.sampled_from([Action.REVIEW, Action.BLOCK]), STEPS)
def test_a_case_keeps_to_the_table_and_to_one_moderator(
    action: Action, steps: list[tuple[str, UserId, CaseOutcome]]
) -> None:
    opening = CaseStatus.ACTIONED if action is Action.BLOCK else CaseStatus.OPEN
    now, status, review = NOW, opening, None
    for step, by, outcome in steps:
        before, here = status, case(status, action)
        try:
            if step in {"take", "hear"}:
                taken = transitions.take(here, review, by, now, LEASE, appeal=step == "hear")
                holder = review.by if review is not None and review.until > now else by
                assert by == holder, "nobody takes what another has"
                status, review = CaseStatus.IN_REVIEW, taken
            elif step == "back" and status is CaseStatus.IN_REVIEW:
                status, review = transitions.back(here, review), None
                assert status in {opening, CaseStatus.UPHELD}
            elif step == "decide":
                held = transitions.require_own(here, review, by, now)
                assert held.by == by
                status, review = transitions.after(action, outcome), None
                assert status in SETTLED
            else:
                now += timedelta(minutes=20)
        except (Conflict, Invalid):
            assert (status, review) == (before, review)
        assert status == before or status in ALLOWED[before]
        assert (status is CaseStatus.IN_REVIEW) == (review is not None)


def test_every_outcome_settles_a_case() -> None:
    assert {status for row in OUTCOMES.values() for status in row.values()} <= SETTLED
    assert set(OUTCOMES) == {Action.REVIEW, Action.BLOCK}, "what is published has no case to decide"


def test_a_case_without_its_review_goes_back_by_what_was_done() -> None:
    assert transitions.back(case(), None) is CaseStatus.ACTIONED
    assert transitions.back(case(action=Action.REVIEW), None) is CaseStatus.OPEN


def test_a_moderator_goes_on_with_their_own_case_and_it_keeps_what_it_was() -> None:
    first = transitions.take(case(CaseStatus.OPEN), None, ME, NOW, LEASE, appeal=False)
    later = NOW + timedelta(minutes=40)
    again = transitions.take(case(CaseStatus.IN_REVIEW), first, ME, later, LEASE, appeal=False)
    assert again == Review(by=ME, until=later + LEASE, before=CaseStatus.OPEN)


# ---- Appeals


def test_an_appeal_in_time_is_heard_and_a_moderators_block_begins_the_time_anew() -> None:
    assert objection(appeal(), case(), None) is None
    late = appeal(created_at=NOW + timedelta(days=31))
    assert objection(late, case(), None)
    blocked = case().model_copy(update={"actioned_at": NOW + timedelta(days=5)})
    assert appeals_until(blocked) == NOW + timedelta(days=35)
    assert objection(late, blocked, None) is None


def stored(name: str, **changes: object) -> StoredObject:
    fields: dict[str, object] = {
        "bucket": "bucket",
        "name": name,
        "generation": 7,
        "size": 10,
        "content_type": "application/pdf",
        "metadata": {},
        "created_at": NOW,
    }
    return StoredObject(**{**fields, **changes})  # type: ignore[arg-type]


PATH = f"appeals/uploader/{CASE}/a.pdf"


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, True),
        ({"size": 0}, False),
        ({"size": MAX_FILE}, True),
        ({"size": MAX_FILE + 1}, False),
        ({"content_type": "image/svg+xml"}, False),
        ({"content_type": None}, False),
    ],
)
def test_a_file_is_what_the_storage_rules_take(change: dict[str, object], kept: bool) -> None:
    files, missing = files_of(appeal(evidence_paths=(PATH,)), [stored(PATH, **change)])
    assert ([each.path for each in files], missing) == (([PATH], ()) if kept else ([], (PATH,)))


def test_a_file_of_another_place_goes_with_no_appeal() -> None:
    other = f"appeals/somebody/{CASE}/a.pdf"
    files, missing = files_of(appeal(evidence_paths=(other,)), [stored(other)])
    assert (files, missing) == ((), (other,))


def decided(ago: timedelta) -> Appeal:
    decision = AppealDecision(outcome=AppealStatus.UPHELD, reason="because", decided_at=NOW - ago)
    return appeal(evidence_paths=(PATH,), status=AppealStatus.UPHELD, decision=decision)


@pytest.mark.parametrize(
    ("about", "there", "age", "gone"),
    [
        (None, True, timedelta(days=1), False),
        (None, True, timedelta(days=3), True),
        (appeal(), True, timedelta(days=3), True),
        (appeal(evidence_paths=(PATH,)), True, timedelta(days=300), False),
        (appeal(evidence_paths=(PATH,)), False, timedelta(days=1), True),
        (decided(timedelta(days=170)), True, timedelta(days=200), False),
        (decided(timedelta(days=190)), True, timedelta(days=200), True),
    ],
)
def test_a_file_goes_when_nobody_has_a_use_for_it(
    about: Appeal | None, there: bool, age: timedelta, gone: bool
) -> None:
    file, policy = stored(PATH, created_at=NOW - age), default_policy().moderation
    assert useless(file, about, there, NOW, policy) is gone


def test_an_object_names_its_case() -> None:
    assert case_of(PATH) == CASE
    assert {case_of("appeals/x"), case_of("appeals/u//a"), case_of("appeals/u/c/d/e")} == {"-"}

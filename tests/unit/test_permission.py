"""A moderator's permission covers what was known when it was given, and nothing that came since."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import create_autospec

from hypothesis import given
from hypothesis import strategies as st

from media_integrity.decision.decide import decide
from media_integrity.decision.permission import known_now, with_permission
from media_integrity.decision.policy import default_policy
from media_integrity.decision.verdict import Verdict
from media_integrity.matching.matcher import Matcher
from media_integrity.media.types import MediaKind
from media_integrity.scanning.engine import Engine, Judgement
from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    BankLabel,
    MatchType,
    Outcome,
    Violation,
)
from media_integrity.schema.findings import BankHit, Finding
from media_integrity.schema.scans import Permission, ReasonCode, UploadContext
from media_integrity.signals.base import Signals
from tests.unit.builders import bank_match, faces, nudity, speech

POLICY = default_policy()
ADULT = UploadContext(age_group=AgeGroup.ADULT)
LABELS = st.sampled_from(sorted(POLICY.bank_match.abusive_labels | {BankLabel.SHIELD}))


def hit(entry: str, label: BankLabel = BankLabel.NCII, distance: int = 4) -> BankHit:
    return BankHit(
        bank_id=f"bank-{label.value.lower()}",
        label=label,
        entry_id=entry,
        confirmed=True,
        match_type=MatchType.NEAR,
        distance=distance,
        form="original",
    )


def permission(*findings: Finding, action: Action = Action.ALLOW) -> Permission:
    entries, shields = known_now(findings)
    return Permission.model_validate(
        {
            "action": action,
            "entries": entries,
            "shields": shields,
            "given_at": datetime.now(UTC),
        }
    )


def judged(given: Permission, *findings: Finding) -> Verdict:
    return with_permission(decide(findings, ADULT, POLICY), findings, given, ADULT, POLICY)


@given(st.lists(st.tuples(st.integers(0, 9), LABELS), max_size=5))
def test_what_was_known_does_not_hold_again(known: list[tuple[int, BankLabel]]) -> None:
    finding = bank_match(*(hit(str(number), label) for number, label in known))
    verdict = judged(permission(finding), finding)
    assert verdict.action is Action.ALLOW
    assert [reason.code for reason in verdict.reasons] == [ReasonCode.LOOKED_AT]


@given(
    st.lists(st.tuples(st.integers(0, 9), LABELS), max_size=3),
    st.tuples(st.integers(10, 19), LABELS),
)
def test_an_entry_that_came_since_holds_and_never_blocks(
    known: list[tuple[int, BankLabel]], new: tuple[int, BankLabel]
) -> None:
    before = [hit(str(number), label) for number, label in known]
    given_for = permission(bank_match(*before))
    verdict = judged(given_for, bank_match(*before, hit(str(new[0]), new[1])))
    assert verdict.action is Action.REVIEW
    assert [reason.code for reason in verdict.reasons] == [ReasonCode.BANK_MATCH_UNCONFIRMED]


def test_an_allow_list_entry_still_overrules_an_entry_that_came_since() -> None:
    allowing = hit("allowed", BankLabel.ALLOW_LIST, distance=0)
    given_for = permission(bank_match(allowing))
    assert judged(given_for, bank_match(allowing, hit("new"))).action is Action.ALLOW


def test_what_a_moderator_blurred_is_blurred_whatever_a_second_look_says() -> None:
    given_for = permission(bank_match(), action=Action.BLUR)
    assert judged(given_for, bank_match(), faces(0), nudity(0.0)).action is Action.BLUR


def test_a_permission_says_nothing_of_what_the_uploader_did() -> None:
    finding = bank_match(hit("1"))
    verdict = judged(permission(finding), finding)
    assert not verdict.violations
    assert not verdict.needs_confirmation


def test_a_recording_that_was_let_through_is_not_asked_for_the_checks_of_pictures() -> None:
    findings = (bank_match(), speech(0.99))
    judgement = Judgement(
        sha256="",
        md5="",
        kind=MediaKind.AUDIO,
        content_type="audio/wav",
        fingerprints=None,
        findings=findings,
        verdict=decide(findings, ADULT, POLICY, MediaKind.AUDIO),
        faces=(),
        timings_ms={},
    )
    engine = Engine(POLICY, Signals(), create_autospec(Matcher, instance=True))
    verdict = engine.permitted(judgement, permission(*findings), ADULT).verdict
    assert verdict.action is Action.ALLOW
    outcomes = {line.violation: line.outcome for line in verdict.outcomes}
    assert outcomes[Violation.DEEPFAKE_FACE] is Outcome.NOT_FOUND

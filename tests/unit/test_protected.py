"""What follows where a protected person is in an upload; and what a shield counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.decision.decide import decide
from media_integrity.decision.permission import known_now, with_permission
from media_integrity.decision.policy import default_policy
from media_integrity.decision.protected import named, without
from media_integrity.decision.reasons import ABOUT_OTHERS, in_steps, reason
from media_integrity.media.types import MediaKind
from media_integrity.schema.base import UserId
from media_integrity.schema.enums import (
    Action,
    BankLabel,
    DetectionMethod,
    FindingStatus,
    Violation,
)
from media_integrity.schema.findings import (
    AiOrigin,
    Box,
    Finding,
    IdentityFace,
    IdentityMorphingDetail,
    IdentityNear,
    NuditySynthesisSource,
    TranscriptCategory,
    VoiceDetail,
)
from media_integrity.schema.scans import Permission, ReasonCode, UploadContext
from media_integrity.schema.shields import (
    RecentUploader,
    Shield,
    ShieldReach,
    ShieldStatistics,
    ShieldStatus,
)
from media_integrity.shields.gate import counted, latest
from tests.unit.builders import (
    adult,
    altered,
    bank_match,
    clean,
    hit,
    nudity,
    provenance,
    synthesis,
)

POLICY = default_policy()
BOX = Box(left=0.4, top=0.3, width=0.2, height=0.3, confidence=0.9)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def near(shield: str, *, only_holds: bool = False) -> IdentityNear:
    return IdentityNear(person_id=shield, distance=0.3, chance=0.001, only_holds=only_holds)


def shown(*people: IdentityNear) -> Finding:
    """These people's faces."""
    faces = tuple(IdentityFace(view=0, box=BOX, score=0.0, matched=each) for each in people)
    return Finding(
        method=DetectionMethod.IDENTITY_MORPHING,
        version="1",
        score=0.0,
        detail=IdentityMorphingDetail(enrolled=3, judged=1, faces=faces),
    )


def heard(
    score: float, *people: IdentityNear, said: tuple[TranscriptCategory, ...] = ()
) -> Finding:
    return Finding(
        method=DetectionMethod.VOICE,
        version="1",
        score=score,
        detail=VoiceDetail(duration_s=9, speech_s=8, speakers=people, transcript=said),
    )


def judged(*findings: Finding, context: UploadContext | None = None) -> tuple[Action, set[str]]:
    verdict = decide(clean(*findings), context or adult(), POLICY)
    return verdict.action, {reason.code for reason in verdict.reasons}


def test_a_protected_face_alone_holds() -> None:
    assert judged(shown(near("hers"))) == (Action.REVIEW, {ReasonCode.PERSON_PROTECTED})


def test_a_face_of_the_uploaders_own_shield_is_no_reason() -> None:
    own = adult().model_copy(update={"own_shields": frozenset({"hers"})})
    assert judged(shown(near("hers")), context=own)[0] is Action.ALLOW
    assert judged(shown(near("hers"), near("his")), context=own)[0] is Action.REVIEW


def test_who_enrols_another_ones_face_does_not_hide_that_persons_shield() -> None:
    """The uploader's own shield may be the nearer one: it was made of the very photograph."""
    finding = shown(near("mine"))
    detail = finding.detail
    assert isinstance(detail, IdentityMorphingDetail)
    faces = tuple(each.model_copy(update={"also": (near("hers"),)}) for each in detail.faces)
    both = finding.model_copy(update={"detail": detail.model_copy(update={"faces": faces})})
    own = adult().model_copy(update={"own_shields": frozenset({"mine"})})

    assert judged(both, context=own) == (Action.REVIEW, {ReasonCode.PERSON_PROTECTED})
    assert [each.shield_id for each in named([without(both, ["mine"])])] == ["hers"]
    assert named([without(both, ["mine", "hers"])]) == ()


SIGNS: dict[str, tuple[Finding, Violation]] = {
    "altered": (altered(0.95), Violation.DEEPFAKE_FACE),
    "generated": (
        Finding(method=DetectionMethod.SYNTHETIC_IMAGE, version="1", score=0.95),
        Violation.DEEPFAKE_FACE,
    ),
    "says so itself": (provenance(AiOrigin.GENERATED), Violation.DEEPFAKE_FACE),
    "made nude": (
        synthesis(0.8, 0.1, NuditySynthesisSource.NUDITY),
        Violation.SYNTHETIC_PORNOGRAPHY,
    ),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_what_a_program_made_of_a_protected_person_is_blocked(sign: str) -> None:
    finding, violation = SIGNS[sign]
    verdict = decide(clean(shown(near("hers")), finding), adult(), POLICY)
    assert verdict.action is Action.BLOCK
    assert verdict.violations[0].violation is violation
    assert {reason.code for reason in verdict.reasons} == {ReasonCode.PROTECTED_ALTERED}
    assert all(DetectionMethod.IDENTITY_MORPHING not in each.methods for each in verdict.violations)
    assert any(
        line.method is DetectionMethod.IDENTITY_MORPHING and line.counted
        for line in verdict.evidence
    )


def test_explicit_and_altered_is_pornography_that_a_moderator_confirms() -> None:
    verdict = decide(clean(shown(near("hers")), altered(0.95), nudity(0.9)), adult(), POLICY)
    assert verdict.violations[0].violation is Violation.SYNTHETIC_PORNOGRAPHY
    assert verdict.needs_confirmation


def test_real_nudity_of_a_protected_person_is_blocked_and_breaks_no_rule_of_the_matrix() -> None:
    verdict = decide(clean(shown(near("hers")), nudity(0.9)), adult(), POLICY)
    assert (verdict.action, verdict.violations) == (Action.BLOCK, ())
    assert verdict.appealable


@pytest.mark.parametrize("sign", SIGNS)
def test_a_shield_that_may_only_hold_blocks_nothing(sign: str) -> None:
    finding, _ = SIGNS[sign]
    action, codes = judged(shown(near("hers", only_holds=True)), finding)
    assert action is Action.REVIEW
    assert ReasonCode.PERSON_PROTECTED in codes


def test_one_that_may_block_is_enough() -> None:
    people = near("young", only_holds=True), near("old")
    assert judged(shown(*people), altered(0.95))[0] is Action.BLOCK


@pytest.mark.parametrize(
    ("score", "said", "action", "violation"),
    [
        (0.1, (), Action.REVIEW, None),
        (0.9, (), Action.BLOCK, Violation.VOICE_CLONE),
        (
            0.9,
            (TranscriptCategory.CONFESSION,),
            Action.BLOCK,
            Violation.FAKE_CONFESSION_AUDIO,
        ),
    ],
)
def test_a_protected_voice_holds_and_a_machine_with_it_is_blocked(
    score: float,
    said: tuple[TranscriptCategory, ...],
    action: Action,
    violation: Violation | None,
) -> None:
    findings = [bank_match(), heard(score, near("hers"), said=said)]
    verdict = decide(findings, adult(), POLICY, MediaKind.AUDIO)
    assert verdict.action is action
    assert violation is None or violation in {each.violation for each in verdict.violations}


def test_the_words_for_the_uploader_do_not_depend_on_who_or_how_many() -> None:
    one = decide(clean(shown(near("hers"))), adult(), POLICY)
    many = decide(
        clean(shown(near("hers"), near("a"), near("b", only_holds=True))), adult(), POLICY
    )
    assert one.summary() == many.summary()
    assert (one.severity, one.confidence) == (many.severity, many.confidence)


def test_a_permission_covers_the_shields_that_were_known_and_no_later_one() -> None:
    findings = (shown(near("known")), altered(0.95))
    entries, shields = known_now(findings)
    permission = Permission(action=Action.ALLOW, entries=entries, shields=shields, given_at=NOW)
    later = tuple(clean(shown(near("known"), near("new")), altered(0.95)))
    for found, action in (
        (tuple(clean(*findings)), Action.ALLOW),
        (later, Action.REVIEW),
    ):
        verdict = decide(found, adult(), POLICY)
        allowed = with_permission(verdict, found, permission, adult(), POLICY)
        assert allowed.action is action
        assert ReasonCode.PROTECTED_ALTERED not in {reason.code for reason in allowed.reasons}


@pytest.mark.parametrize("finding", [shown(near("hers")), heard(0.1, near("hers"))])
def test_a_check_that_could_not_tell_all_still_names_whom_it_recognised(finding: Finding) -> None:
    """A clipped voice, a face in a crowd that is too large to compare."""
    changes = {"status": FindingStatus.INCONCLUSIVE, "cause": "cut off", "score": None}
    unsure = finding.model_copy(update=changes)
    assert [each.shield_id for each in named([unsure])] == ["hers"]
    action, reasons = judged(unsure)
    assert action is Action.REVIEW
    assert ReasonCode.PERSON_PROTECTED in reasons


def test_findings_name_shields_of_faces_voices_and_hashes_once_each() -> None:
    personal = hit(BankLabel.SHIELD, confirmed=False).model_copy(update={"shield_id": "c"})
    findings = [shown(near("a"), near("a")), heard(0.1, near("b")), bank_match(personal, hit())]
    assert sorted(each.shield_id for each in named(findings)) == ["a", "b", "c"]


# --- counting


def shield(**changes: object) -> Shield:
    fields = {
        "id": "s",
        "owner_id": "o",
        "status": ShieldStatus.ACTIVE,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Shield.model_validate({**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "only_holds"),
    [
        ({}, False),
        ({"blocks_from": NOW}, False),
        ({"blocks_from": NOW + timedelta(seconds=1)}, True),
        ({"held_back_at": NOW}, True),
        ({"status": ShieldStatus.DISPUTED}, True),
    ],
)
def test_when_a_shield_only_holds(changes: dict[str, object], only_holds: bool) -> None:
    assert shield(**changes).only_holds(NOW) is only_holds
    assert shield(**changes).acts


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([Action.REVIEW, Action.BLOCK]))))
def test_statistics_are_the_cases_however_often_each_is_judged(
    events: list[tuple[int, Action]],
) -> None:
    statistics, cases = ShieldStatistics(), dict[int, Action]()
    for case, action in events:
        before = cases.get(case)
        if before is action or before is Action.BLOCK:
            continue  # as ``gate.record``
        statistics = counted(statistics, before, action, new_attacker=False)
        cases[case] = action
    assert statistics.cases == len(cases) == statistics.media_held + statistics.media_blocked
    assert statistics.media_blocked == list(cases.values()).count(Action.BLOCK)


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 60)), max_size=30),
    st.integers(0, 1800),
)
def test_the_reach_of_a_day_is_its_different_accounts(
    uploads: list[tuple[str, int]], cleared: int
) -> None:
    reach = ShieldReach(id="recent", parent_id="s", cleared_at=NOW + timedelta(minutes=cleared))
    seen: list[tuple[str, datetime]] = []
    now = NOW
    for uploader, minutes in uploads:
        now += timedelta(minutes=minutes)
        seen.append((uploader, now))
        reach = reach.model_copy(update={"recent": latest(reach, UserId(uploader), now)})
    since = max(now - timedelta(days=1), NOW + timedelta(minutes=cleared))
    expected = {uploader for uploader, at in seen if at > since} | {
        uploader for uploader, _ in seen[-1:]
    }
    assert {each.uploader_id for each in reach.recent} == expected
    assert len(reach.recent) == len(expected)
    assert all(isinstance(each, RecentUploader) for each in reach.recent)


@pytest.mark.parametrize("method", sorted(ABOUT_OTHERS))
def test_checks_that_are_about_others_are_told_in_steps_and_without_a_figure(
    method: DetectionMethod,
) -> None:
    low, high = (
        reason(ReasonCode.VOICE_SYNTHETIC, confidence=sure, rests_on=[method])
        for sure in (0.51, 0.74)
    )
    assert low == high
    assert "%" not in low.text
    assert in_steps(0.51, [method]) == in_steps(0.74, [method])

"""Decisions are explained in full to who uploaded, and nothing private comes with it."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_integrity.appeals.explain import (
    BY_MODERATOR,
    BY_PEOPLE,
    CARDS,
    COMPARED,
    Explanation,
    Outcome,
    Told,
    ToldShown,
    disclosed,
    for_shown,
    for_uploader,
)
from media_integrity.appeals.explain_texts import Audience, SectionCode, sentences
from media_integrity.decision.decide import block, decide, hold
from media_integrity.decision.policy import default_policy
from media_integrity.decision.verdict import Verdict
from media_integrity.moderation.outcomes import appeals_until
from media_integrity.schema.appeals import Appeal, AppealDecision, AppealReason, AppealStatus
from media_integrity.schema.base import CaseId, JobId, UserId
from media_integrity.schema.cases import (
    Case,
    CaseDecision,
    CaseDetails,
    CaseOutcome,
    CaseViolation,
    Decided,
    Evidence,
    OutsideReport,
    Review,
    ShieldAnswer,
    VictimAnswer,
)
from media_integrity.schema.enforcement import EnforcementRecord
from media_integrity.schema.enums import (
    Action,
    AgeGroup,
    CaseStatus,
    DetectionMethod,
    FindingStatus,
    Sanction,
    ScanState,
    Severity,
    Surface,
    Violation,
)
from media_integrity.schema.findings import (
    Finding,
    IdentityFace,
    IdentityMorphingDetail,
    IdentityNear,
    ModelRef,
)
from media_integrity.schema.notifications import Language
from media_integrity.schema.scans import Quarantined, Reason, ReasonCode, ScanJob, UploadContext
from tests.unit.builders import bank_match, hit, nudity

NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
CASE: Final = "c" * 64
ENGLISH: Final = Language.ENGLISH


def a_case(verdict: Verdict, **changes: object) -> Case:
    gravest = verdict.violations[0].violation if verdict.violations else None
    case = Case(
        id=CASE,
        uploader_id=UserId("uploader"),
        status=CaseStatus.ACTIONED if verdict.action is Action.BLOCK else CaseStatus.OPEN,
        action=verdict.action,
        violations=verdict.violations,
        violation=gravest,
        severity=verdict.severity,
        confidence=verdict.confidence,
        explanation=verdict.reasons,
        sanction=verdict.sanction,
        needs_confirmation=verdict.needs_confirmation,
        appealable=verdict.appealable,
        policy_version=verdict.policy_version,
        surface=Surface.FEED,
        created_at=NOON,
        updated_at=NOON,
    )
    return case.model_copy(update=changes)


def the_details(evidence: tuple[Evidence, ...] = (), **changes: object) -> CaseDetails:
    details = CaseDetails(
        id=CaseDetails.DETAILS_ID,
        parent_id=CASE,
        source=Quarantined(bucket="bucket", name="uploads/uploader/u/name.png", generation="7"),
        evidence=evidence,
        findings=(),
    )
    return details.model_copy(update=changes)


def line(
    method: DetectionMethod,
    probability: float | None = None,
    threshold: float | None = None,
    *,
    counted: bool = True,
    status: FindingStatus = FindingStatus.MEASURED,
) -> Evidence:
    return Evidence(
        method=method,
        version="3",
        status=status,
        score=probability,
        probability=probability,
        threshold=threshold,
        counted=counted,
        model=ModelRef(name="network", sha256="a" * 64),
    )


def told_of(case: Case, details: CaseDetails | None = None) -> Told:
    return Told.of_case(case, details, None, None)


def explained(told: Told, now: datetime = NOON, language: Language = ENGLISH) -> Explanation:
    return for_uploader(told, language, now)


def codes(explanation: Explanation, section: SectionCode) -> list[str]:
    return [
        point.code for each in explanation.sections if each.code is section for point in each.points
    ]


def held(*reasons: ReasonCode) -> Case:
    verdict = hold(reasons[0], default_policy())
    return a_case(verdict, explanation=tuple(Reason(code=code, text="…") for code in reasons))


def blocked() -> Case:
    """A face swap: HIGH, a warning, appealable."""
    found = CaseViolation(
        violation=Violation.FACE_SWAP,
        severity=Severity.HIGH,
        confidence=0.97,
        methods=(DetectionMethod.FACE_MANIPULATION,),
    )
    return held(ReasonCode.FACE_SWAPPED).model_copy(
        update={
            "action": Action.BLOCK,
            "status": CaseStatus.ACTIONED,
            "violations": (found,),
            "violation": Violation.FACE_SWAP,
            "sanction": Sanction.WARNING,
            "appealable": True,
        }
    )


# ---- What the law asks for


def test_a_block_is_explained_with_all_that_a_statement_of_reasons_has() -> None:
    evidence = (
        line(DetectionMethod.FACE_MANIPULATION, 0.974, 0.9),
        line(DetectionMethod.NUDITY, 0.02, counted=False),
    )

    explanation = explained(told_of(blocked(), the_details(evidence)))

    assert explanation.audience is Audience.UPLOADER
    assert [each.code for each in explanation.sections] == list(SectionCode)
    assert codes(explanation, SectionCode.DECISION) == ["blocked"]
    assert codes(explanation, SectionCode.FACTS) == ["face_swapped"]
    assert codes(explanation, SectionCode.AUTOMATION) == [
        "found_by_checks",
        "machine_decided",
        "logic",
    ]
    assert codes(explanation, SectionCode.COUNTED) == ["over_threshold"]
    assert codes(explanation, SectionCode.NOT_COUNTED) == ["below"]
    assert codes(explanation, SectionCode.RULE) == ["face_swap", "policy", "ground"]
    assert codes(explanation, SectionCode.CONSEQUENCES) == ["hidden", "sanction_warning"]
    assert codes(explanation, SectionCode.REMEDIES) == ["appeal_until", "human", "authority"]
    assert codes(explanation, SectionCode.NOT_DISCLOSED) == ["people", "comparisons", "staff"]
    assert "Traces of changes in faces: 97 %. It counts from 90 % on." in explanation.text
    assert default_policy().version in explanation.text
    assert "2026-12-22" in explanation.text


def test_the_values_of_a_check_are_there_for_programs() -> None:
    evidence = (line(DetectionMethod.FACE_MANIPULATION, 0.974, 0.9),)
    explanation = explained(told_of(blocked(), the_details(evidence)))
    (point,) = next(
        each.points for each in explanation.sections if each.code is SectionCode.COUNTED
    )
    assert point.values == {
        "method": "face_manipulation",
        "percent": 97,
        "threshold": 90,
        "version": "3",
        "model": "network",
        "card": "face_manipulation",
    }


def test_a_check_below_its_threshold_that_others_lifted_says_so() -> None:
    evidence = (line(DetectionMethod.FACE_MANIPULATION, 0.88, 0.9),)
    explanation = explained(told_of(blocked(), the_details(evidence)))
    assert codes(explanation, SectionCode.COUNTED) == ["with_others"]


def test_certainty_is_never_claimed() -> None:
    evidence = (line(DetectionMethod.FACE_MANIPULATION, 1.0, 0.9),)
    assert "99 %" in explained(told_of(blocked(), the_details(evidence))).text
    assert "100 %" not in explained(told_of(blocked(), the_details(evidence))).text


@pytest.mark.parametrize(
    ("case", "found", "decided"),
    [
        (held(ReasonCode.FACE_ALTERED), "found_by_checks", "machine_held"),
        (held(ReasonCode.REPORTED), "found_by_people", "machine_held"),
        (held(ReasonCode.REPORTED, ReasonCode.FACE_ALTERED), "found_by_both", "machine_held"),
        (held(ReasonCode.ORIGIN_WATCHED), "found_by_rule", "machine_held"),
        (blocked(), "found_by_checks", "machine_decided"),
        (
            a_case(block(ReasonCode.CONSENT_REFUSED, default_policy()), status=CaseStatus.CLOSED),
            "found_by_people",
            "people_shown_decided",
        ),
        (
            held(ReasonCode.FACE_ALTERED).model_copy(update={"status": CaseStatus.IN_REVIEW}),
            "found_by_checks",
            "person_looks",
        ),
        (
            held(ReasonCode.MODERATED).model_copy(update={"status": CaseStatus.UPHELD}),
            "found_by_moderator",
            "person_decided",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_it_says_what_was_the_machines_and_what_was_a_persons(
    case: Case, found: str, decided: str
) -> None:
    assert codes(explained(told_of(case)), SectionCode.AUTOMATION)[:2] == [found, decided]


def test_a_sanction_that_waits_for_a_moderator_says_so() -> None:
    case = blocked().model_copy(
        update={"sanction": Sanction.PERMANENT_BAN, "needs_confirmation": True}
    )
    told = codes(explained(told_of(case)), SectionCode.CONSEQUENCES)
    assert told == ["hidden", "sanction_permanent_ban", "waits"]
    confirmed = case.model_copy(update={"needs_confirmation": False})
    assert "waits" not in codes(explained(told_of(confirmed)), SectionCode.CONSEQUENCES)


def decided(outcome: CaseOutcome, *, published: bool, at: datetime = NOON) -> CaseDecision:
    return CaseDecision(
        outcome=outcome, reason="It is a mask, not a swap.", published=published, decided_at=at
    )


def test_a_decision_that_was_undone_is_told_as_undone() -> None:
    case = blocked().model_copy(
        update={
            "status": CaseStatus.OVERTURNED,
            "decision": decided(CaseOutcome.RELEASE, published=True),
        }
    )
    explanation = explained(told_of(case))
    assert codes(explanation, SectionCode.DECISION) == ["released", "moderator_wrote"]
    assert codes(explanation, SectionCode.CONSEQUENCES) == ["visible", "undone"]
    assert "It is a mask, not a swap." in explanation.text


def test_what_is_cleared_but_stays_unseen_as_a_person_refused_says_both() -> None:
    case = blocked().model_copy(
        update={
            "status": CaseStatus.OVERTURNED,
            "decision": decided(CaseOutcome.RELEASE, published=False),
        }
    )
    explanation = explained(told_of(case))
    assert codes(explanation, SectionCode.DECISION)[0] == "kept_back"
    assert codes(explanation, SectionCode.CONSEQUENCES) == ["hidden", "undone"]


def test_a_moderators_word_from_before_the_case_was_reopened_does_not_stand() -> None:
    case = blocked().model_copy(
        update={
            "status": CaseStatus.OPEN,
            "action": Action.REVIEW,
            "decision": decided(CaseOutcome.UPHOLD, published=False),
            "reopened_at": NOON + timedelta(hours=1),
        }
    )
    explanation = explained(told_of(case))
    assert codes(explanation, SectionCode.DECISION) == ["held"]
    assert "machine_held" in codes(explanation, SectionCode.AUTOMATION)


# ---- What can be done


@pytest.mark.parametrize(
    ("changes", "after", "told"),
    [
        ({}, timedelta(0), "appeal_until"),
        ({}, timedelta(days=30), "appeal_until"),
        ({}, timedelta(days=30, seconds=1), "appeal_over"),
        ({"appealable": False}, timedelta(0), "no_appeal"),
        ({"appeals_closed_until": NOON + timedelta(days=3)}, timedelta(0), "appeals_closed"),
        ({"appeals_closed_until": NOON}, timedelta(days=1), "appeal_until"),
        ({"appeal": AppealStatus.PENDING}, timedelta(0), "appeal_pending"),
        ({"appeal": AppealStatus.IN_REVIEW}, timedelta(days=40), "appeal_pending"),
        ({"appeal": AppealStatus.UPHELD}, timedelta(0), "appeal_answered"),
        ({"appeal": AppealStatus.REJECTED}, timedelta(0), "appeal_answered"),
    ],
)
def test_an_appeal_is_offered_while_there_is_one(
    changes: dict[str, object], after: timedelta, told: str
) -> None:
    told_now = replace(told_of(blocked()), **changes)  # type: ignore[arg-type]  # any fields
    explanation = explained(told_now, NOON + after)
    assert codes(explanation, SectionCode.REMEDIES) == [told, "human", "authority"]


def test_the_time_for_an_appeal_runs_from_a_moderators_block() -> None:
    later = blocked().model_copy(update={"actioned_at": NOON + timedelta(days=10)})
    assert appeals_until(later).date().isoformat() in explained(told_of(later)).text


def test_the_answer_to_an_appeal_is_repeated() -> None:
    appeal = Appeal(
        id=CASE,
        case_id=CaseId(CASE),
        uploader_id=UserId("uploader"),
        reason=AppealReason.NOT_SYNTHETIC,
        explanation="x" * 50,
        status=AppealStatus.UPHELD,
        decision=AppealDecision(
            outcome=AppealStatus.UPHELD, reason="The seam can be seen.", decided_at=NOON
        ),
        created_at=NOON,
    )
    told = Told.of_case(blocked(), None, appeal, None)
    assert "The seam can be seen." in explained(told).text


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (ReasonCode.CONSENT_EXPIRED, "ask_again"),
        (ReasonCode.CONSENT_REFUSED, "their_word"),
        (ReasonCode.CONSENT_WITHDRAWN, "their_word"),
        (ReasonCode.PROTECTED_REFUSED, "their_word"),
    ],
)
def test_where_people_shown_decide_it_says_what_they_can_do(code: ReasonCode, told: str) -> None:
    case = a_case(block(code, default_policy()), status=CaseStatus.CLOSED)
    assert told in codes(explained(told_of(case)), SectionCode.REMEDIES)


# ---- Uploads without a case


def a_job(state: ScanState, verdict: Verdict | None) -> ScanJob:
    return ScanJob(
        id=CASE,
        uploader_id=UserId("uploader"),
        upload_id="u",
        source=Quarantined(bucket="b", name="n", generation="1"),
        state=state,
        verdict=verdict.summary() if verdict is not None else None,
        created_at=NOON,
        updated_at=NOON,
    )


def a_blur() -> Verdict:
    verdict = hold(ReasonCode.NUDITY_ADULT, default_policy())
    return verdict.model_copy(update={"action": Action.BLUR})


def test_a_blurred_upload_is_explained_though_it_has_no_case() -> None:
    told = Told.of_job(a_job(ScanState.PUBLISHED, a_blur()))
    assert told is not None
    explanation = explained(told)
    assert codes(explanation, SectionCode.DECISION) == ["blurred"]
    assert codes(explanation, SectionCode.FACTS) == ["nudity_adult"]
    assert codes(explanation, SectionCode.COUNTED) == ["not_kept"]
    assert codes(explanation, SectionCode.CONSEQUENCES) == ["visible_blurred", "sanction_none"]


def test_an_upload_that_waits_for_consent_says_whom_it_waits_for() -> None:
    told = Told.of_job(a_job(ScanState.AWAITING_CONSENT, a_blur()))
    assert told is not None
    assert codes(explained(told), SectionCode.DECISION) == ["awaiting"]
    assert "ask_people" in codes(explained(told), SectionCode.REMEDIES)


@pytest.mark.parametrize("state", [ScanState.PENDING, ScanState.SCANNING, ScanState.DECIDED])
def test_what_is_not_decided_is_not_explained(state: ScanState) -> None:
    assert Told.of_job(a_job(state, None)) is None
    assert Told.of_job(a_job(state, a_blur())) is None


# ---- What is not told


PRIVATE: Final = st.text(string.ascii_lowercase + string.digits, min_size=20, max_size=24)
PROBABILITY: Final = st.floats(0, 1)


@st.composite
def private_details(draw: st.DrawFn) -> tuple[CaseDetails, frozenset[str]]:
    """Details of a case full of private facts, and everything that must not come out."""
    secrets: list[str] = []

    def secret() -> str:
        secrets.append(draw(PRIVATE))
        return secrets[-1]

    victims = tuple(UserId(secret()) for _ in range(draw(st.integers(0, 3))))
    matched = hit(confirmed=draw(st.booleans())).model_copy(
        update={
            "bank_id": secret(),
            "entry_id": secret(),
            "source": secret(),
            "shield_id": secret(),
            "distance": draw(st.integers(0, 31)),
        }
    )
    faces = tuple(
        IdentityFace(
            view=0,
            box={"left": 0, "top": 0, "width": 1, "height": 1, "confidence": 1},  # type: ignore[arg-type]
            score=draw(PROBABILITY),
            matched=IdentityNear(person_id=secret(), distance=0.3, chance=0.01),
        )
        for _ in range(draw(st.integers(0, 2)))
    )
    identity = Finding(
        method=DetectionMethod.IDENTITY_MORPHING,
        version="1",
        score=draw(PROBABILITY),
        detail=IdentityMorphingDetail(enrolled=draw(st.integers(0, 9999)), faces=faces),
    )
    sha256 = draw(st.text("0123456789abcdef", min_size=64, max_size=64))
    secrets.append(sha256)
    details = the_details(
        victim_ids=victims,
        victim_answers=tuple(
            VictimAnswer(victim_id=victim, answer=draw(st.sampled_from(ShieldAnswer)), at=NOON)
            for victim in victims
        ),
        source=Quarantined(bucket=secret(), name=f"uploads/{secret()}/x", generation="7"),
        review=Review(by=UserId(secret()), until=NOON, before=CaseStatus.OPEN),
        decisions=(Decided(by=UserId(secret()), outcome=CaseOutcome.UPHOLD, at=NOON),),
        outside_report=OutsideReport(first_by=UserId(secret()), first_at=NOON),
        evidence_path=f"evidence/{secret()}/original",
        sha256=sha256,
        findings=(bank_match(matched), identity, nudity(0.2)),
        device_hash=secret(),
        ip_hash=secret(),
        evidence=tuple(
            line(
                method,
                draw(PROBABILITY),
                draw(st.none() | PROBABILITY),
                counted=draw(st.booleans()),
                status=draw(st.sampled_from(FindingStatus)),
            )
            for method in draw(st.sets(st.sampled_from(DetectionMethod)))
        ),
    )
    return details, frozenset(secrets)


@st.composite
def any_case(draw: st.DrawFn) -> Case:
    reasons = draw(st.lists(st.sampled_from(ReasonCode), min_size=1, max_size=3, unique=True))
    violations = draw(st.lists(st.sampled_from(Violation), max_size=2, unique=True))
    status = draw(st.sampled_from(CaseStatus))
    return held(*reasons).model_copy(
        update={
            "uploader_id": UserId(draw(PRIVATE)),
            "status": status,
            "action": draw(st.sampled_from([Action.REVIEW, Action.BLOCK])),
            "violations": tuple(
                CaseViolation(violation=each, severity=Severity.HIGH, confidence=0.9, methods=())
                for each in violations
            ),
            "sanction": draw(st.sampled_from(Sanction)),
            "needs_confirmation": draw(st.booleans()),
            "appealable": draw(st.booleans()),
            "cluster_id": draw(PRIVATE),
            "decision": draw(
                st.none()
                | st.builds(
                    decided, st.sampled_from(CaseOutcome), published=st.booleans(), at=st.just(NOON)
                )
            ),
            "reopened_at": draw(st.none() | st.just(NOON + timedelta(hours=1))),
        }
    )


def everything_in(explanation: Explanation) -> str:
    points = (point for section in explanation.sections for point in section.points)
    values = [f"{point.code} {sorted(point.values.items())}" for point in points]
    return "\n".join([explanation.text, *values])


@settings(max_examples=60, deadline=None)
@given(any_case(), private_details(), st.sampled_from(Language))
def test_no_private_id_is_in_an_explanation(
    case: Case, private: tuple[CaseDetails, frozenset[str]], language: Language
) -> None:
    details, secrets = private
    for_them = everything_in(for_uploader(Told.of_case(case, details, None, None), language, NOON))
    for_victim = everything_in(for_shown(ToldShown.of_case(case), language))
    assert case.cluster_id is not None
    for secret in (*secrets, case.cluster_id):
        assert secret not in for_them
        assert secret not in for_victim
    assert case.uploader_id not in for_victim
    assert "a" * 64 not in for_them  # of the model


@settings(max_examples=60, deadline=None)
@given(any_case(), private_details(), private_details(), st.data())
def test_cases_that_differ_in_private_facts_alone_are_explained_alike(
    case: Case,
    one: tuple[CaseDetails, frozenset[str]],
    other: tuple[CaseDetails, frozenset[str]],
    data: st.DataObject,
) -> None:
    """Another victim, bank, entry, shield, device, moderator; and of each comparison with what
    others have given us another result, threshold or cause."""
    own = tuple(each for each in one[0].evidence if each.method not in COMPARED)
    ran = [each for each in one[0].evidence if each.method in COMPARED]
    differently = tuple(
        line(
            each.method,
            data.draw(PROBABILITY),
            data.draw(st.none() | PROBABILITY),
            counted=data.draw(st.booleans()),
            status=data.draw(st.sampled_from(FindingStatus)),
        )
        for each in ran
    )
    first = one[0].model_copy(update={"evidence": (*own, *ran)})
    second = other[0].model_copy(update={"evidence": (*differently, *own)})
    assert explained(Told.of_case(case, first, None, None)) == explained(
        Told.of_case(case, second, None, None)
    )


@settings(max_examples=50, deadline=None)
@given(any_case(), any_case())
def test_who_is_shown_learns_nothing_of_the_uploader(one: Case, other: Case) -> None:
    """Cases that differ in what concerns the uploader are told alike to the person shown."""
    public = {"status", "action", "violations", "decision", "reopened_at"}
    same = {field: getattr(one, field) for field in public}
    assert for_shown(ToldShown.of_case(one), ENGLISH) == for_shown(
        ToldShown.of_case(other.model_copy(update=same)), ENGLISH
    )


def test_who_is_shown_is_told_what_was_done_and_no_words_of_the_moderator() -> None:
    case = blocked().model_copy(
        update={
            "status": CaseStatus.UPHELD,
            "decision": decided(CaseOutcome.UPHOLD, published=False),
        }
    )
    explanation = for_shown(ToldShown.of_case(case), ENGLISH)
    assert explanation.audience is Audience.SHOWN
    assert codes(explanation, SectionCode.DECISION) == ["blocked"]
    assert codes(explanation, SectionCode.RULE) == ["face_swap", "policy"]
    assert codes(explanation, SectionCode.NOT_DISCLOSED) == ["uploader", "numbers"]
    assert "mask" not in explanation.text
    assert "warning" not in explanation.text


def test_of_a_comparison_that_no_reason_names_not_even_whether_it_counted_is_told() -> None:
    evidence = tuple(line(method, 0.42, 0.41) for method in COMPARED)
    silent = disclosed(evidence, frozenset({ReasonCode.PERSON_PROTECTED}))
    assert all(
        (check.percent, check.threshold, check.version, check.counted) == (None, None, None, False)
        for check in silent
    )
    named = disclosed(evidence, frozenset({ReasonCode.VOICE_SYNTHETIC}))
    assert [check.method for check in named if check.counted] == [DetectionMethod.VOICE]
    text = explained(told_of(held(ReasonCode.VOICE_SYNTHETIC), the_details(evidence))).text
    assert "42" not in text
    assert "41" not in text


def test_a_real_verdict_on_a_personal_shield_names_no_shield() -> None:
    matched = hit(confirmed=False).model_copy(update={"shield_id": "shield-of-somebody"})
    context = UploadContext(age_group=AgeGroup.ADULT)
    verdict = decide([bank_match(matched), nudity(0.1)], context, default_policy())
    case = a_case(verdict)
    details = the_details(verdict.evidence, findings=(bank_match(matched),))
    text = everything_in(explained(told_of(case, details)))
    assert "shield" not in text.lower()
    assert "bank_match_unconfirmed" in text


# ---- Sentences


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_sentences_with_the_same_gaps(language: Language) -> None:
    english, other = sentences(ENGLISH), sentences(language)
    assert {group: set(keys) for group, keys in other.items()} == {
        group: set(keys) for group, keys in english.items()
    }
    for group, keys in english.items():
        for key, text in keys.items():
            assert set(_gaps(other[group][key])) == set(_gaps(text)), (group, key)
            assert other[group][key].strip()
            assert language is ENGLISH or key in ALIKE or other[group][key] != text, (group, key)


ALIKE: Final = {"number", "version"}
"""Sentences that may be the same in several languages."""


def _gaps(text: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_there_is_a_sentence_for_everything_that_can_be_said() -> None:
    words = sentences(ENGLISH)
    assert set(words["reason"]) == set(ReasonCode)
    assert set(words["check"]) == set(DetectionMethod)
    assert set(words["title"]) == set(SectionCode)
    assert set(Violation) <= set(words["rule"])
    assert {f"sanction_{each.value.lower()}" for each in Sanction} <= set(words["consequences"])
    assert set(Outcome) <= set(words["decision"])


@settings(max_examples=50, deadline=None)
@given(any_case(), private_details(), st.sampled_from(Language), st.sampled_from(AppealStatus))
def test_any_case_can_be_explained_in_any_language(
    case: Case,
    private: tuple[CaseDetails, frozenset[str]],
    language: Language,
    appeal: AppealStatus,
) -> None:
    told = replace(Told.of_case(case, private[0], None, None), appeal=appeal)
    explanation = for_uploader(told, language, NOON + timedelta(days=31))
    assert {section.code for section in explanation.sections} >= {
        SectionCode.DECISION,
        SectionCode.FACTS,
        SectionCode.RULE,
        SectionCode.REMEDIES,
        SectionCode.NOT_DISCLOSED,
    }
    assert "{" not in explanation.text
    for_shown(ToldShown.of_case(case), language)


def test_checks_with_a_card_have_one() -> None:
    cards = {path.stem for path in Path("docs/models").glob("*.md")}
    assert cards >= {method.value for method in CARDS}


def test_no_reason_is_two_kinds_of_word() -> None:
    assert not BY_PEOPLE & BY_MODERATOR


def test_a_closed_portal_comes_from_the_record() -> None:
    record = EnforcementRecord(
        id="uploader", appeals_closed_until=NOON + timedelta(days=3), updated_at=NOON
    )
    told = Told.of_case(blocked(), None, None, record)
    assert "appeals_closed" in codes(explained(told), SectionCode.REMEDIES)


def test_ids_of_jobs_and_cases_are_one() -> None:
    told = Told.of_job(a_job(ScanState.PUBLISHED, a_blur()))
    assert told is not None
    assert JobId(told.case_id) == CASE

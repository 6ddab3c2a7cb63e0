"""From findings to a verdict: what must hold for every combination, and for each rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from media_integrity.decision.decide import decide, hold
from media_integrity.decision.outcomes import FOUND_BY
from media_integrity.decision.policy import WITH_THRESHOLDS, Policy, default_policy
from media_integrity.decision.reasons import RESTS_ON, TEXTS, WHAT_WAS_FOUND, reason
from media_integrity.decision.rules import RULES
from media_integrity.decision.rulings import Findings
from media_integrity.decision.verdict import Verdict
from media_integrity.media.types import MediaKind
from media_integrity.schema.enums import (
    Action,
    BankLabel,
    DetectionMethod,
    FindingStatus,
    Outcome,
    Sanction,
    Severity,
    Surface,
    Violation,
)
from media_integrity.schema.findings import (
    AiOrigin,
    CompressionDetail,
    CompressionHistory,
    CompressionReason,
    CredentialState,
    FaceDisagreement,
    Finding,
    NuditySynthesisSource,
    TextCategory,
    TranscriptCategory,
)
from media_integrity.schema.scans import ReasonCode, UploadContext
from tests.unit.builders import (
    adult,
    altered,
    bank_match,
    clean,
    faces,
    failed,
    hit,
    inconclusive,
    nudity,
    provenance,
    scored,
    speech,
    synthesis,
    teen,
    text,
)

POLICY = default_policy()


def judged(*others: Finding, context: UploadContext | None = None) -> Verdict:
    return decide(clean(*others), context or adult(), POLICY)


def outcome(verdict: Verdict, violation: Violation) -> Outcome:
    return next(line.outcome for line in verdict.outcomes if line.violation is violation)


def codes(verdict: Verdict) -> list[ReasonCode]:
    return [reason.code for reason in verdict.reasons]


measured = st.one_of(
    st.builds(scored, st.sampled_from(sorted(POLICY.detectors)), st.floats(0, 1)),
    st.builds(synthesis, st.floats(0, 1), st.floats(0, 1)),
    st.builds(speech, st.floats(0, 1), st.sampled_from(TranscriptCategory)),
    st.builds(nudity, st.floats(0, 1)),
    st.builds(faces, st.integers(0, 5)),
    st.builds(provenance, st.sampled_from(AiOrigin), st.sampled_from(CredentialState)),
    st.lists(st.sampled_from(TextCategory), max_size=3).map(lambda found: text(*found)),
    st.builds(hit, st.sampled_from(BankLabel), confirmed=st.booleans()).map(bank_match),
)
contexts = st.builds(
    lambda young, where: (teen if young else adult)(where), st.booleans(), st.sampled_from(Surface)
)


@given(
    findings=st.lists(measured, max_size=5),
    context=contexts,
    kind=st.sampled_from([MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO]),
    data=st.data(),
)
def test_nothing_is_published_while_a_required_check_is_missing(
    findings: list[Finding], context: UploadContext, kind: MediaKind, data: st.DataObject
) -> None:
    method = data.draw(st.sampled_from(POLICY.required.of(kind)))
    incomplete = [finding for finding in clean(*findings) if finding.method is not method]
    assert decide(incomplete, context, POLICY, kind).action in {Action.REVIEW, Action.BLOCK}


@given(
    findings=st.lists(measured, max_size=5),
    context=contexts,
    method=st.sampled_from(DetectionMethod),
)
def test_nothing_is_published_after_a_check_that_failed(
    findings: list[Finding], context: UploadContext, method: DetectionMethod
) -> None:
    verdict = decide(clean(*findings, failed(method)), context, POLICY)
    assert verdict.action in {Action.REVIEW, Action.BLOCK}


@pytest.mark.parametrize("surface", Surface)
@pytest.mark.parametrize("method", DetectionMethod)
def test_a_check_that_cannot_tell_holds_unless_it_is_tolerated_there(
    method: DetectionMethod, surface: Surface
) -> None:
    verdict = judged(inconclusive(method), context=adult(surface))
    tolerated = (
        method in POLICY.inconclusive.tolerated
        and surface not in POLICY.inconclusive.sensitive_surfaces
    )
    assert verdict.action is (Action.ALLOW if tolerated else Action.REVIEW)


@pytest.mark.parametrize("surface", Surface)
def test_a_recording_whose_only_check_cannot_tell_is_held_everywhere(surface: Surface) -> None:
    findings = [bank_match(), inconclusive(DetectionMethod.VOICE)]
    verdict = decide(findings, adult(surface), POLICY, MediaKind.AUDIO)
    assert verdict.action is Action.REVIEW
    assert decide([bank_match(), speech(0.1)], adult(surface), POLICY, MediaKind.AUDIO).action is (
        Action.ALLOW
    )


def test_no_word_to_the_uploader_says_that_somebody_is_protected() -> None:
    words = " ".join([*RESTS_ON.values(), *WHAT_WAS_FOUND.values(), *TEXTS.values()]).lower()
    for telling in ("shield", "protect", "enrol", "victim"):
        assert telling not in words


def test_what_cannot_be_told_holds_an_avatar() -> None:
    finding = inconclusive(DetectionMethod.FACE_MANIPULATION)
    assert judged(finding, context=adult(Surface.AVATAR)).action is Action.REVIEW
    assert judged(finding, context=adult(Surface.FEED)).action is Action.ALLOW


@given(findings=st.lists(measured, max_size=4), extra=measured, context=contexts)
def test_a_further_finding_of_harm_never_makes_a_verdict_milder(
    findings: list[Finding], extra: Finding, context: UploadContext
) -> None:
    without = [finding for finding in clean(*findings) if finding.method is not extra.method]
    present = {finding.method for finding in without}
    before = decide([*without, *(f for f in clean() if f.method not in present)], context, POLICY)
    after = decide([*without, extra], context, POLICY)
    if extra.method is not DetectionMethod.FACES:  # that nobody is in a picture may be good news
        assert after.action.rank >= before.action.rank


@given(findings=st.lists(measured, max_size=5), context=contexts)
def test_what_cannot_be_undone_waits_for_a_person_unless_a_confirmed_match_carries_it(
    findings: list[Finding], context: UploadContext
) -> None:
    verdict = decide(clean(*findings), context, POLICY)
    if verdict.sanction in {Sanction.PERMANENT_BAN, Sanction.PERMANENT_BAN_LEGAL}:
        confirmed = any(v.violation is Violation.KNOWN_ABUSIVE_MEDIA for v in verdict.violations)
        assert verdict.needs_confirmation is not confirmed


@given(findings=st.lists(measured, max_size=5), context=contexts)
def test_every_verdict_has_a_reason_and_a_line_of_evidence_for_each_finding(
    findings: list[Finding], context: UploadContext
) -> None:
    complete = clean(*findings)
    verdict = decide(complete, context, POLICY)
    assert verdict.reasons
    assert {line.method for line in verdict.evidence} == {each.method for each in complete}
    assert verdict.policy_version == POLICY.version


def test_a_clean_upload_is_allowed_and_says_so() -> None:
    verdict = judged()
    assert verdict.action is Action.ALLOW
    assert codes(verdict) == [ReasonCode.CLEAN]
    assert not verdict.violations


@pytest.mark.parametrize("label", [BankLabel.NCII, BankLabel.CSAM, BankLabel.TERROR])
def test_a_confirmed_match_with_an_abusive_bank_blocks_without_appeal(label: BankLabel) -> None:
    verdict = judged(bank_match(hit(label)))
    assert verdict.action is Action.BLOCK
    assert verdict.violations[0].violation is Violation.KNOWN_ABUSIVE_MEDIA
    assert verdict.severity is Severity.CRITICAL
    assert not verdict.needs_confirmation
    assert not verdict.appealable


def test_an_unconfirmed_match_holds_and_sanctions_nobody() -> None:
    verdict = judged(bank_match(hit(confirmed=False)))
    assert verdict.action is Action.REVIEW
    assert verdict.sanction is Sanction.NONE
    assert not verdict.violations


def test_a_personal_shield_holds_even_when_confirmed() -> None:
    assert judged(bank_match(hit(BankLabel.SHIELD))).action is Action.REVIEW


def test_an_allow_list_entry_is_no_accusation() -> None:
    assert judged(bank_match(hit(BankLabel.ALLOW_LIST))).action is Action.ALLOW


@pytest.mark.parametrize(
    ("score", "context", "action"),
    [
        (0.949, adult(), Action.ALLOW),
        (0.95, adult(), Action.BLUR),
        (0.849, teen(), Action.ALLOW),
        (0.85, teen(), Action.BLOCK),
        (1.0, adult(Surface.DM), Action.BLUR),
        (1.0, teen(Surface.AVATAR), Action.BLOCK),
    ],
)
def test_nudity_follows_surface_and_age(
    score: float, context: UploadContext, action: Action
) -> None:
    assert judged(nudity(score), context=context).action is action


def test_a_block_for_a_teens_nudity_brings_no_sanction_and_can_be_appealed() -> None:
    verdict = judged(nudity(0.99), context=teen())
    assert verdict.sanction is Sanction.NONE
    assert verdict.appealable


def test_generated_nudity_blocks_and_its_ban_waits_for_a_moderator() -> None:
    verdict = judged(nudity(0.9), provenance(AiOrigin.GENERATED))
    assert verdict.action is Action.BLOCK
    assert [found.violation for found in verdict.violations] == [Violation.AI_NUDE]
    assert verdict.sanction is Sanction.PERMANENT_BAN
    assert verdict.needs_confirmation
    assert set(verdict.violations[0].methods) == {
        DetectionMethod.NUDITY,
        DetectionMethod.PROVENANCE,
    }


def test_reasons_of_a_block_do_not_also_say_that_the_picture_is_shown() -> None:
    verdict = judged(nudity(0.99), provenance(AiOrigin.GENERATED))
    assert codes(verdict) == [ReasonCode.AI_NUDITY]


def test_a_generated_picture_without_people_is_published_with_a_label() -> None:
    verdict = judged(provenance(AiOrigin.GENERATED))
    assert verdict.action is Action.ALLOW
    assert codes(verdict) == [ReasonCode.AI_GENERATED]


def test_a_generated_picture_of_a_person_is_held() -> None:
    assert judged(provenance(AiOrigin.COMPOSITE), faces(1)).action is Action.REVIEW


def test_a_generated_picture_is_taken_to_show_a_person_where_nobody_could_look() -> None:
    verdict = judged(provenance(AiOrigin.GENERATED), failed(DetectionMethod.FACES))
    assert ReasonCode.AI_GENERATED_PERSON in codes(verdict)


def test_content_credentials_that_do_not_fit_hold() -> None:
    assert judged(provenance(credentials=CredentialState.INVALID)).action is Action.REVIEW


@pytest.mark.parametrize("state", [CredentialState.VALID, CredentialState.UNTRUSTED])
def test_sound_content_credentials_change_nothing(state: CredentialState) -> None:
    assert judged(provenance(credentials=state)).action is Action.ALLOW


@pytest.mark.parametrize("category", TextCategory)
def test_abusive_text_holds(category: TextCategory) -> None:
    assert judged(text(category)).action is Action.REVIEW


def test_evidence_names_the_threshold_that_was_passed_and_what_the_verdict_rests_on() -> None:
    verdict = judged(nudity(0.97))
    line = next(line for line in verdict.evidence if line.method is DetectionMethod.NUDITY)
    assert line.threshold == POLICY.nudity[adult().age_group][Surface.FEED].at
    assert line.counted
    assert not any(e.counted for e in verdict.evidence if e.method is DetectionMethod.TEXT)


def test_an_upload_out_of_tries_is_held_with_that_reason() -> None:
    verdict = hold(ReasonCode.OUT_OF_TRIES, POLICY)
    assert verdict.action is Action.REVIEW
    assert codes(verdict) == [ReasonCode.OUT_OF_TRIES]


def test_every_reason_has_words_for_the_person() -> None:
    assert {*TEXTS, *WHAT_WAS_FOUND} == set(ReasonCode)
    assert not set(TEXTS) & set(WHAT_WAS_FOUND)


@pytest.mark.parametrize("action", [Action.REVIEW, Action.BLOCK])
@pytest.mark.parametrize("code", WHAT_WAS_FOUND)
def test_an_explanation_says_what_how_sure_by_what_and_what_can_be_done(
    code: ReasonCode, action: Action
) -> None:
    text = reason(
        code,
        action=action,
        confidence=0.93,
        rests_on=(DetectionMethod.FACE_MANIPULATION, DetectionMethod.METADATA),
        appealable=True,
    ).text
    assert text.startswith(WHAT_WAS_FOUND[code])
    assert "is sure of it (93 %)" in text
    assert "the edges of the face and details stored in the file" in text
    assert ("appeal" in text) is (action is Action.BLOCK)
    assert ("moderator" in text) is (action is Action.REVIEW)


def test_an_explanation_of_a_model_never_claims_to_be_certain() -> None:
    assert "(99 %)" in reason(ReasonCode.FACE_ALTERED, confidence=1.0).text


def test_every_check_has_a_name_for_the_person() -> None:
    assert set(RESTS_ON) == set(DetectionMethod)


@pytest.mark.parametrize(
    ("method", "people", "violation"),
    [
        (DetectionMethod.FACE_MANIPULATION, 1, Violation.DEEPFAKE_FACE),
        (DetectionMethod.SYNTHETIC_IMAGE, 1, Violation.DEEPFAKE_FACE),
        (DetectionMethod.VIDEO, 1, Violation.DEEPFAKE_FACE),
        (DetectionMethod.VOICE, 0, Violation.VOICE_CLONE),
        (DetectionMethod.DOCUMENT, 0, Violation.EVIDENCE_FABRICATION),
        (DetectionMethod.IDENTITY_MORPHING, 1, Violation.IDENTITY_MORPHING),
    ],
)
def test_a_weak_detector_holds_and_never_blocks(
    method: DetectionMethod, people: int, violation: Violation
) -> None:
    assert POLICY.detectors[method].block_at is None
    at = POLICY.detectors[method].review_at
    below = judged(scored(method, at - 0.01), faces(people))
    above = judged(scored(method, 1.0), faces(people))
    assert below.action is Action.ALLOW
    assert above.action is Action.REVIEW
    assert above.sanction is Sanction.NONE
    assert outcome(above, violation) is Outcome.INCONCLUSIVE
    assert outcome(below, violation) is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("finding", "violation", "code"),
    [
        (synthesis(0.9, 0.1), Violation.AI_NUDE, ReasonCode.SEXUAL_AI_NUDITY),
        (synthesis(0.1, 0.9), Violation.SYNTHETIC_PORNOGRAPHY, ReasonCode.SEXUAL_DEEPFAKE),
    ],
)
def test_nudity_that_seems_synthesised_holds_and_bans_nobody(
    finding: Finding, violation: Violation, code: ReasonCode
) -> None:
    verdict = judged(finding)
    assert verdict.action is Action.REVIEW
    assert codes(verdict) == [code]
    assert outcome(verdict, violation) is Outcome.INCONCLUSIVE
    assert verdict.sanction is Sanction.NONE


def test_the_explanation_of_synthesised_nudity_names_what_it_was_put_together_from() -> None:
    sources = (NuditySynthesisSource.NUDITY, NuditySynthesisSource.SYNTHETIC_IMAGE)
    (reason,) = judged(synthesis(0.9, 0.0, *sources)).reasons
    assert "going by our nudity check and the fine texture of the picture." in reason.text


def test_a_synthesised_voice_that_confesses_is_suspected_of_both() -> None:
    plain = judged(speech(0.99))
    grave = judged(speech(0.99, TranscriptCategory.CONFESSION))
    assert codes(plain) == [ReasonCode.VOICE_SYNTHETIC]
    assert outcome(plain, Violation.FAKE_CONFESSION_AUDIO) is Outcome.NOT_FOUND
    assert codes(grave) == [ReasonCode.VOICE_SYNTHETIC, ReasonCode.CONFESSION_AUDIO]
    assert outcome(grave, Violation.FAKE_CONFESSION_AUDIO) is Outcome.INCONCLUSIVE


def test_what_a_human_voice_says_is_no_reason_to_hold_it() -> None:
    assert judged(speech(0.1, TranscriptCategory.CONFESSION)).action is Action.ALLOW


def test_what_a_detector_alone_would_not_hold_is_not_blocked_by_its_support() -> None:
    rows = {
        **POLICY.model_dump()["detectors"],
        DetectionMethod.FACE_MANIPULATION: {"review_at": 0.9, "block_at": 0.95},
    }
    policy = Policy.model_validate({**POLICY.model_dump(), "detectors": rows})
    support = scored(DetectionMethod.COMPRESSION, 0.999)

    def action(score: float) -> Action:
        suspicious = scored(DetectionMethod.FACE_MANIPULATION, score)
        return decide(clean(suspicious, support, faces(1)), adult(), policy).action

    assert action(0.89) is Action.REVIEW
    assert action(0.91) is Action.BLOCK


def test_support_can_lift_a_suspicion_over_the_threshold() -> None:
    at = POLICY.detectors[DetectionMethod.FACE_MANIPULATION].review_at
    nearly = scored(DetectionMethod.FACE_MANIPULATION, at - 0.02)
    support = scored(DetectionMethod.COMPRESSION, 0.99)
    assert judged(nearly).action is Action.ALLOW
    verdict = judged(nearly, support)
    assert verdict.action is Action.REVIEW
    counted = {line.method for line in verdict.evidence if line.counted}
    assert counted == {DetectionMethod.FACE_MANIPULATION, DetectionMethod.COMPRESSION}


def test_an_altered_face_unlike_the_others_is_suspected_to_be_swapped_in() -> None:
    alone = judged(altered(0.99), faces(2))
    unlike = judged(altered(0.99, FaceDisagreement.NOISE), faces(2))
    assert codes(alone) == [ReasonCode.FACE_ALTERED]
    assert codes(unlike) == [ReasonCode.FACE_SWAPPED]
    assert outcome(unlike, Violation.FACE_SWAP) is Outcome.INCONCLUSIVE
    assert outcome(alone, Violation.FACE_SWAP) is Outcome.NOT_FOUND


def test_a_face_with_another_compression_history_is_suspected_to_be_pasted_in() -> None:
    def compression(*reasons: CompressionReason) -> Finding:
        return Finding(
            method=DetectionMethod.COMPRESSION,
            version="1",
            score=0.9,
            detail=CompressionDetail(history=CompressionHistory.PARTIAL, reasons=reasons),
        )

    face = judged(compression(CompressionReason.FACE_DIFFERS), faces(1))
    assert codes(face) == [ReasonCode.FACE_SWAPPED]
    assert outcome(face, Violation.FACE_SWAP) is Outcome.INCONCLUSIVE
    elsewhere = judged(compression(CompressionReason.REGION_DIFFERS), faces(1))
    assert elsewhere.action is Action.ALLOW, "collages and captions are nobody's business"


def test_a_generated_looking_picture_without_people_is_nobodys_business() -> None:
    assert judged(scored(DetectionMethod.SYNTHETIC_IMAGE, 1.0), faces(0)).action is Action.ALLOW


def test_an_altered_face_with_hateful_text_is_held_as_humiliation() -> None:
    verdict = judged(scored(DetectionMethod.FACE_MANIPULATION, 0.99), text(TextCategory.HATE))
    assert ReasonCode.HUMILIATION in codes(verdict)
    assert outcome(verdict, Violation.SYNTHETIC_HUMILIATION) is Outcome.INCONCLUSIVE


@given(findings=st.lists(measured, max_size=5), context=contexts)
def test_every_violation_has_an_outcome_and_found_ones_are_the_violations(
    findings: list[Finding], context: UploadContext
) -> None:
    verdict = decide(clean(*findings), context, POLICY)
    assert [line.violation for line in verdict.outcomes] == list(Violation)
    found = {line.violation for line in verdict.outcomes if line.outcome is Outcome.FOUND}
    assert found == {line.violation for line in verdict.violations}


SURE = (
    altered(0.99),
    altered(0.99, FaceDisagreement.NOISE),
    scored(DetectionMethod.SYNTHETIC_IMAGE, 0.99),
    scored(DetectionMethod.VIDEO, 0.99),
    scored(DetectionMethod.DOCUMENT, 0.99),
    scored(DetectionMethod.IDENTITY_MORPHING, 0.99),
    scored(DetectionMethod.COMPRESSION, 0.99).model_copy(
        update={
            "detail": CompressionDetail(
                history=CompressionHistory.PARTIAL, reasons=(CompressionReason.FACE_DIFFERS,)
            )
        }
    ),
    synthesis(0.99, 0.99),
    speech(0.99, TranscriptCategory.CONFESSION),
)
"""One finding of each detector that a rule suspects a violation by."""


@pytest.mark.parametrize("finding", SURE, ids=lambda finding: finding.method.value)
def test_what_a_rule_suspects_by_a_method_is_open_while_that_method_cannot_tell(
    finding: Finding,
) -> None:
    found = Findings({finding.method: finding})
    rulings = [ruling for rule in RULES for ruling in rule(found, adult(), POLICY)]
    suspected = {ruling.suspected for ruling in rulings if ruling.suspected}
    assert suspected
    verdict = judged(inconclusive(finding.method))
    assert {outcome(verdict, each) for each in suspected} == {Outcome.INCONCLUSIVE}


def test_every_detector_with_a_threshold_for_a_violation_is_among_them() -> None:
    of_no_violation = {DetectionMethod.METADATA}
    assert {finding.method for finding in SURE} == WITH_THRESHOLDS - of_no_violation


def partial(method: DetectionMethod, score: float) -> Finding:
    """Of a check that did not get through everything, with what it found so far."""
    changes = {"status": FindingStatus.INCONCLUSIVE, "cause": "12 scenes were not looked at"}
    return scored(method, score).model_copy(update=changes)


def test_what_was_found_in_a_part_holds_and_a_part_without_is_not_clean() -> None:
    method = DetectionMethod.FACE_MANIPULATION
    at = POLICY.detectors[method].review_at
    held = judged(partial(method, at + 0.01), context=adult(Surface.AVATAR))
    assert codes(held) == [ReasonCode.FACE_ALTERED]
    below = judged(partial(method, at - 0.2))
    assert below.action is Action.ALLOW
    assert outcome(below, Violation.DEEPFAKE_FACE) is Outcome.INCONCLUSIVE
    sensitive = judged(partial(method, at - 0.2), context=adult(Surface.AVATAR))
    assert codes(sensitive) == [ReasonCode.CHECK_INCONCLUSIVE]


@pytest.mark.parametrize("surface", Surface)
def test_scenes_that_nobody_read_hold_and_a_term_that_was_read_is_the_reason(
    surface: Surface,
) -> None:
    partly = {"status": FindingStatus.INCONCLUSIVE, "cause": "12 scenes were not looked at"}
    nothing = judged(text().model_copy(update=partly), context=adult(surface))
    assert codes(nothing) == [ReasonCode.CHECK_INCONCLUSIVE]
    assert outcome(nothing, Violation.SYNTHETIC_HUMILIATION) is Outcome.INCONCLUSIVE
    threat = text(TextCategory.THREAT).model_copy(update=partly)
    verdict = judged(threat, context=adult(surface))
    assert codes(verdict) == [ReasonCode.TEXT_THREAT]
    assert verdict.action is Action.REVIEW


def test_a_term_that_the_policy_lets_through_does_not_stand_for_scenes_that_nobody_read() -> None:
    lenient = POLICY.model_copy(update={"text": POLICY.text | {TextCategory.HATE: Action.ALLOW}})
    partly = {"status": FindingStatus.INCONCLUSIVE, "cause": "12 scenes were not looked at"}
    hate = text(TextCategory.HATE).model_copy(update=partly)
    verdict = decide(clean(hate), adult(), lenient)
    assert (verdict.action, codes(verdict)) == (Action.REVIEW, [ReasonCode.CHECK_INCONCLUSIVE])


def test_nothing_is_called_not_found_while_the_check_for_it_failed() -> None:
    for violation, methods in FOUND_BY.items():
        for method in methods:
            verdict = judged(failed(method))
            assert outcome(verdict, violation) is Outcome.INCONCLUSIVE, (violation, method)


def test_a_picture_has_no_voice_to_be_in_doubt_about() -> None:
    assert outcome(judged(), Violation.VOICE_CLONE) is Outcome.NOT_FOUND
    assert outcome(hold(ReasonCode.TOO_MUCH_TO_CHECK, POLICY), Violation.VOICE_CLONE) is (
        Outcome.INCONCLUSIVE
    )


@pytest.mark.parametrize("table", ["violations", "text", "nudity"])
def test_a_policy_that_leaves_something_out_is_refused(table: str) -> None:
    values = POLICY.model_dump()
    values[table].pop(next(iter(values[table])))
    with pytest.raises(ValidationError, match="says nothing about"):
        Policy.model_validate(values)


def test_a_policy_with_a_misspelt_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra"):
        Policy.model_validate({**POLICY.model_dump(), "nudty": {}})

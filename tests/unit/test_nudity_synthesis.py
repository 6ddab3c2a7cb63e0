"""Made nudity: what is fused from findings, and what a prompt asks for."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Image
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    AiOrigin,
    Box,
    Finding,
    IdentityFace,
    IdentityMorphingDetail,
    IdentityNear,
    NuditySynthesisDetail,
    NuditySynthesisSource,
)
from media_integrity.signals.base import Evidence
from media_integrity.signals.nudity_synthesis import (
    NuditySynthesisSignal,
    Strengths,
    ai_nude,
    synthetic_pornography,
)
from media_integrity.signals.nudity_synthesis_examples import evidence
from media_integrity.signals.provenance.prompts import PromptCategory, categories

share = st.floats(0, 1)
known = st.builds(
    Strengths,
    nudity=share,
    synthetic_image=share,
    face_manipulation=share,
    provenance=share,
    prompt=share,
    identity=share,
    face=st.booleans(),
)
NUMBERS = tuple(field.name for field in fields(Strengths) if field.name != "face")


@given(known, st.sampled_from(NUMBERS), share)
def test_more_of_anything_never_lowers_a_score(before: Strengths, name: str, value: float) -> None:
    after = replace(before, **{name: max(value, getattr(before, name))})
    for hypothesis in (ai_nude, synthetic_pornography):
        assert hypothesis(after).score >= hypothesis(before).score


@given(known)
def test_a_face_seen_never_lowers_a_score(before: Strengths) -> None:
    after = replace(before, face=True)
    for hypothesis in (ai_nude, synthetic_pornography):
        assert hypothesis(after).score >= hypothesis(before).score


@given(known)
def test_without_nudity_nothing_is_found(anything: Strengths) -> None:
    dressed = replace(anything, nudity=0.0)
    for hypothesis in (ai_nude, synthetic_pornography):
        assert hypothesis(dressed).score == 0
        assert hypothesis(dressed).shares == ()


@given(known)
def test_shares_of_the_explanation_add_up_to_one(anything: Strengths) -> None:
    for hypothesis in (ai_nude, synthetic_pornography):
        shares = hypothesis(anything).shares
        if shares:
            assert sum(part.share for part in shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("besides", "low", "high"),
    [
        (Strengths(0), 0.0, 0.05),
        (Strengths(0, provenance=1.0), 0.9, 1.0),
        (Strengths(0, synthetic_image=0.95), 0.8, 0.9),
        (Strengths(0, face_manipulation=0.95), 0.8, 0.9),
        (Strengths(0, synthetic_image=1.0), 0.8, 0.9),  # one model alone does not reach 0.9
        (Strengths(0, face_manipulation=1.0), 0.8, 0.9),
        (Strengths(0, synthetic_image=0.95, face_manipulation=0.95), 0.9, 1.0),
        (Strengths(0, synthetic_image=0.5), 0.2, 0.35),
        (Strengths(0, identity=1.0), 0.8, 0.9),
    ],
)
def test_an_explicit_picture_scores_as_the_card_says(
    besides: Strengths, low: float, high: float
) -> None:
    explicit = replace(besides, nudity=0.97, face=True)
    score = max(ai_nude(explicit).score, synthetic_pornography(explicit).score)
    assert low <= score <= high


def found(media: Evidence) -> Finding:
    return NuditySynthesisSignal().run(media)


def detail(media: Evidence) -> NuditySynthesisDetail:
    result = found(media).detail
    assert isinstance(result, NuditySynthesisDetail)
    return result


def with_finding(media: Evidence, finding: Finding) -> Evidence:
    return replace(media, findings={**media.findings, finding.method: finding})


def failed(method: DetectionMethod, status: FindingStatus = FindingStatus.FAILED) -> Finding:
    return Finding(method=method, version="1", status=status, cause="test")


def test_an_altered_face_on_a_nude_is_the_other_explanation() -> None:
    swapped = detail(evidence(nudity=0.97, face_manipulation=0.98))
    assert swapped.synthetic_pornography.score > swapped.ai_nude.score
    assert swapped.synthetic_pornography.shares[0].source is (
        NuditySynthesisSource.FACE_MANIPULATION
    )


def test_a_generated_nude_is_a_generated_nude() -> None:
    made = detail(evidence(nudity=0.97, synthetic_image=0.98))
    assert made.ai_nude.score > made.synthetic_pornography.score


def test_nobody_seen_is_nobodys_face() -> None:
    hidden = detail(evidence(nudity=0.97, face_manipulation=0.98, faces=0))
    assert hidden.synthetic_pornography.score == 0


@pytest.mark.parametrize(("chance", "suspicious"), [(0.0005, True), (0.05, False)])
def test_a_protected_persons_face_counts_as_far_as_it_is_sure(
    chance: float, suspicious: bool
) -> None:
    box = Box(left=0, top=0, width=1, height=1, confidence=1)
    matched = IdentityNear(person_id="shield", distance=0.45, chance=chance)
    face = IdentityFace(view=0, box=box, score=0, matched=matched)
    identity = Finding(
        method=DetectionMethod.IDENTITY_MORPHING,
        version="1",
        score=0.0,
        detail=IdentityMorphingDetail(enrolled=1, judged=1, faces=(face,)),
    )
    weighed = detail(with_finding(evidence(nudity=0.97), identity))
    assert (weighed.synthetic_pornography.score > 0.6) is suspicious


@pytest.mark.parametrize("status", [FindingStatus.FAILED, FindingStatus.INCONCLUSIVE])
@pytest.mark.parametrize(
    "method", [DetectionMethod.SYNTHETIC_IMAGE, DetectionMethod.FACE_MANIPULATION]
)
def test_a_check_without_an_answer_leaves_likely_nudity_undecided(
    method: DetectionMethod, status: FindingStatus
) -> None:
    media = with_finding(evidence(nudity=0.9), failed(method, status))
    finding = found(media)
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert method.value in (finding.cause or "")


def test_a_check_that_never_ran_leaves_likely_nudity_undecided() -> None:
    media = evidence(nudity=0.9)
    findings = dict(media.findings)
    del findings[DetectionMethod.SYNTHETIC_IMAGE]
    assert found(Evidence(findings=findings)).status is FindingStatus.INCONCLUSIVE


def test_a_check_without_an_answer_does_not_matter_where_nobody_is_undressed() -> None:
    media = with_finding(evidence(nudity=0.1), failed(DetectionMethod.SYNTHETIC_IMAGE))
    assert found(media).status is FindingStatus.MEASURED


def test_a_check_without_an_answer_does_not_hide_what_others_found() -> None:
    media = evidence(nudity=0.99, origin=AiOrigin.GENERATED)
    finding = found(with_finding(media, failed(DetectionMethod.FACE_MANIPULATION)))
    assert finding.status is FindingStatus.MEASURED
    assert finding.score is not None and finding.score > 0.9


def test_unmeasured_nudity_is_never_clean() -> None:
    media = with_finding(evidence(nudity=0.0), failed(DetectionMethod.NUDITY))
    assert found(media).status is FindingStatus.INCONCLUSIVE


def asked(text: str, key: str = "parameters") -> Image:
    """A generator's picture that was asked for with ``text``."""
    import io

    notes, written = PngInfo(), io.BytesIO()
    notes.add_text(key, text)
    Pillow.new("RGB", (16, 16)).save(written, "PNG", pnginfo=notes)
    return open_image(written.getvalue(), Limits())


SETTINGS = "\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64"


def comfy(wanted: str, avoided: str) -> str:
    def words(text: str) -> dict[str, object]:
        return {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["1", 1]}}

    sampler = {"positive": ["6", 0], "negative": ["7", 0], "model": ["1", 0]}
    return json.dumps(
        {
            "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base"}},
            "3": {"class_type": "KSampler", "inputs": sampler},
            "6": words(wanted),
            "7": words(avoided),
        }
    )


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (asked("a lighthouse" + SETTINGS), set()),
        (asked("a NAKED person" + SETTINGS), {PromptCategory.SEXUAL}),
        (asked("a lighthouse\nNegative prompt: nsfw, nude" + SETTINGS), set()),
        (
            asked("nude\nNegative prompt: clothes" + SETTINGS),
            {PromptCategory.SEXUAL},
        ),
        (
            asked("portrait" + SETTINGS + ", Lora hashes: nudify: 1234"),
            {PromptCategory.UNDRESSING},
        ),
        (asked(comfy("a lighthouse", "nsfw"), "prompt"), set()),
        (asked(comfy("topless", "blurry"), "prompt"), {PromptCategory.SEXUAL}),
        (asked("a naked person", "Comment"), set()),  # no generator wrote this
        (asked("Nudelman on the beach" + SETTINGS), set()),  # whole words only
    ],
)
def test_a_prompt_counts_for_what_it_asks_and_not_for_what_it_forbids(
    picture: Image, expected: set[PromptCategory]
) -> None:
    assert categories(picture) == expected


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_any_text_in_a_file_is_read_without_an_error(text: str) -> None:
    clean = text.replace("\x00", "").encode("utf-8", "ignore").decode()
    categories(asked(clean + SETTINGS))


def test_deeply_nested_parameters_end() -> None:
    nested = '{"prompt": ' * 3000 + '"nude"' + "}" * 3000
    categories(asked(nested, "prompt"))


def test_the_prompts_words_count_in_the_finding_and_are_not_kept_in_it() -> None:
    picture = asked("a naked woman called Xanthippe" + SETTINGS)
    media = replace(evidence(nudity=0.9, origin=AiOrigin.COMPOSITE), image=picture)
    asked_for, silent = found(media), found(replace(media, image=None))
    assert asked_for.score is not None and silent.score is not None
    assert asked_for.score > silent.score
    stored = asked_for.model_dump_json()
    assert "Xanthippe" not in stored
    assert "naked" not in stored

"""The reviewer's note that a text says somebody is under 18: what says so, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.decision.decide import decide
from media_integrity.decision.policy import default_policy
from media_integrity.decision.rulings import Findings
from media_integrity.media.types import MediaKind
from media_integrity.schema.enums import AgeGroup, DetectionMethod, Surface
from media_integrity.schema.findings import Finding, TextDetail, VoiceDetail
from media_integrity.schema.scans import UploadContext
from media_integrity.signals.text.ages import LEAST, MOST, states_minor

ADULT = UploadContext(surface=Surface.FEED, age_group=AgeGroup.ADULT)


def _finding(method: DetectionMethod, detail: TextDetail | VoiceDetail) -> Finding:
    return Finding(method=method, version="1", score=0.0, detail=detail)


@pytest.mark.parametrize(
    "text",
    [
        "I'm 15",
        "I’m only 14 lol",
        "she is 16 years old",
        "15yo girl",
        "a 13-year-old boy",
        "im 17, dm me",
        "I am a minor",
        "ich bin 15",
        "Sie ist 16 Jahre alt",
        "die 14-jährige Schülerin",
        "Ich bin noch minderjährig",
        "j'ai 15 ans",
        "elle a 12 ans",
        "une fille de 13 ans",
        "je suis mineure",
        "tengo 15 años",
        "una niña de 12 años",
        "soy menor de edad",
        "tenho 16 anos",
        "sou menor de idade",
        "mam 15 lat",
        "14-letnia dziewczyna",
        "jestem nieletnia",
        "MAM  16\nLAT",
    ],
)
def test_an_age_under_18_is_noted_in_six_languages(text: str) -> None:
    assert states_minor(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "I'm 18",
        "I'm 25 years old",
        "she is 15 minutes late",
        "15 years ago I moved here",
        "I am 15% sure",
        "I'm 17.5 km away",
        "a 12 year old whisky",
        "room 15",
        "vor 15 Jahren",
        "ich bin 15 Minuten zu spät",
        "il y a 15 ans",
        "depuis 12 ans",
        "hace 15 años",
        "con 15 años de experiencia",
        "há 15 anos",
        "15 lat temu",
        "mam 30 lat",
        "invoice 15 dated 12.03.2024",
    ],
)
def test_other_numbers_are_not_ages_of_minors(text: str | None) -> None:
    assert not states_minor(text)


@given(st.integers(0, 99))
def test_only_ages_within_the_bounds_are_noted(years: int) -> None:
    assert states_minor(f"I'm {years} years old") == (LEAST <= years <= MOST)


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert states_minor(text) in {True, False}


@pytest.mark.parametrize("noted", [True, False])
def test_the_note_is_no_evidence(noted: bool) -> None:
    """Nothing that rules read of a finding depends on it."""
    text = TextDetail(lines=1, states_minor=noted)
    voice = VoiceDetail(duration_s=1, speech_s=1, states_minor=noted)
    found = Findings(
        {
            method: _finding(method, detail)
            for method, detail in ((DetectionMethod.TEXT, text), (DetectionMethod.VOICE, voice))
        }
    )
    assert not found.text_categories
    assert not found.voice_says_grave_things
    assert not found.protected_voices


def test_a_verdict_is_the_same_with_the_note_and_without() -> None:
    policy = default_policy()
    verdicts = []
    for noted in (True, False):
        detail = VoiceDetail(duration_s=3, speech_s=2, states_minor=noted)
        clean = [_finding(DetectionMethod.VOICE, detail)]
        verdicts.append(decide(clean, ADULT, policy, kind=MediaKind.AUDIO))
    assert verdicts[0].action is verdicts[1].action
    assert verdicts[0].reasons == verdicts[1].reasons
    assert verdicts[0].outcomes == verdicts[1].outcomes

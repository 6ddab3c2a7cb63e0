"""A machine's voice is suspected sooner where it is the voice of somebody who is protected."""

from __future__ import annotations

import pytest

from media_integrity.decision.policy import default_policy
from media_integrity.decision.rules import synthesised_voice
from media_integrity.decision.rulings import Findings
from media_integrity.media.types import MediaKind
from media_integrity.schema.enums import Action, AgeGroup, DetectionMethod, Surface, Violation
from media_integrity.schema.findings import Finding, IdentityNear, TranscriptCategory, VoiceDetail
from media_integrity.schema.scans import UploadContext

POLICY = default_policy()
LOWER = POLICY.voices.protected_review_at
USUAL = POLICY.detectors[DetectionMethod.VOICE].review_at
BETWEEN = (LOWER + USUAL) / 2


def suspected(
    probability: float,
    *speakers: str,
    own: frozenset[str] = frozenset(),
    said: tuple[TranscriptCategory, ...] = (),
) -> list[Violation | None]:
    detail = VoiceDetail(
        duration_s=10,
        speech_s=9,
        transcript=said,
        speakers=tuple(IdentityNear(person_id=name, distance=0.5, chance=0) for name in speakers),
    )
    finding = Finding(
        method=DetectionMethod.VOICE,
        version="1",
        score=probability,
        probability=probability,
        detail=detail,
    )
    context = UploadContext(surface=Surface.FEED, age_group=AgeGroup.ADULT, own_shields=own)
    found = Findings({DetectionMethod.VOICE: finding}, MediaKind.AUDIO)
    rulings = list(synthesised_voice(found, context, POLICY))
    assert all(ruling.action is Action.REVIEW for ruling in rulings)
    assert all(
        ruling.thresholds[DetectionMethod.VOICE] == (LOWER if speakers and not own else USUAL)
        for ruling in rulings
    )
    return [ruling.suspected for ruling in rulings]


def test_the_policy_asks_for_less_where_the_voice_is_protected() -> None:
    assert LOWER < USUAL


def test_between_the_two_thresholds_a_protected_voice_alone_is_suspected() -> None:
    assert suspected(BETWEEN) == []
    assert suspected(BETWEEN, "hers") == [Violation.VOICE_CLONE]


def test_a_person_may_upload_their_own_voice_as_anybody() -> None:
    assert suspected(BETWEEN, "hers", own=frozenset({"hers"})) == []
    assert suspected(USUAL, "hers", own=frozenset({"hers"})) == [Violation.VOICE_CLONE]


@pytest.mark.parametrize("probability", [0.0, LOWER - 0.01])
def test_a_protected_persons_real_voice_is_not_suspected_to_be_a_machines(
    probability: float,
) -> None:
    assert suspected(probability, "hers") == []


def test_what_a_protected_voice_is_made_to_say_is_graver() -> None:
    said = (TranscriptCategory.CONFESSION,)
    assert suspected(BETWEEN, "hers", said=said) == [
        Violation.VOICE_CLONE,
        Violation.FAKE_CONFESSION_AUDIO,
    ]

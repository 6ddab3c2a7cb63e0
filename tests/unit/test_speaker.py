"""Whose voice is it: templates, what is refused as one, whom a recording is compared with.

The voices are made by code: the same syllables through vocal tracts of other lengths. Real people
are measured by ``python -m training speaker``; the figures stand in docs/models/speaker.md.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from media_integrity.media.limits import SoundLimits
from media_integrity.media.sound import open_sound
from media_integrity.media.types import Sound
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import VoiceDetail
from media_integrity.signals import runtime
from media_integrity.signals.identity.references import NoReferences, People, Reference
from media_integrity.signals.runtime import ModelUnavailable
from media_integrity.signals.voice import speaker
from media_integrity.signals.voice.activity import speech
from media_integrity.signals.voice.examples import robot, silence, tone, wav
from media_integrity.signals.voice.signal import VoiceSignal
from media_integrity.signals.voice.speaker import (
    MAX_CHANCE,
    MOST_PASSAGES,
    NUMBERS,
    SAME_SPEAKER,
    Passage,
    Refusal,
    distance,
    heard,
    passages,
    rate,
    speaker_template,
)

Samples = NDArray[np.float32]


def voice(length: float, seconds: float, seed: int = 1) -> Samples:
    """Somebody with a vocal tract ``length`` times as long as usual, saying what ``seed`` says."""
    usual = robot(seconds / length, seed)
    places = np.arange(int(len(usual) * length)) / length
    return np.interp(places, np.arange(len(usual)), usual).astype(np.float32)


def sound(samples: Samples) -> Sound:
    return open_sound(wav(samples), SoundLimits())


def template(samples: Samples) -> speaker.Numbers:
    made = speaker_template(sound(samples))
    assert not isinstance(made, Refusal), made
    return made


def enrolled(**people: Samples) -> People:
    return People(Reference(name, template(said)[None]) for name, said in people.items())


class Voices:
    """Enrolled people, as the shields give them."""

    def __init__(self, people: People) -> None:
        self._people = people

    def voices(self) -> People:
        return self._people


def detail(samples: Samples, people: People) -> VoiceDetail:
    finding = VoiceSignal(Voices(people)).run(sound(samples))
    assert finding.status is FindingStatus.MEASURED, finding.cause
    assert isinstance(finding.detail, VoiceDetail)
    return finding.detail


# Templates ---------------------------------------------------------------------------------------


def test_a_template_is_of_length_one_and_the_same_every_time() -> None:
    said = voice(1.0, 10)
    first = template(said)
    assert first.shape == (NUMBERS,)
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(first, template(said))


def test_a_voice_is_nearer_to_itself_saying_something_else_than_to_another() -> None:
    lengths = (0.7, 1.0, 1.6)
    made = {
        (length, seed): template(voice(length, 10, seed)) for length in lengths for seed in (1, 2)
    }
    same = [distance(made[length, 1], made[length, 2]) for length in lengths]
    other = [distance(made[a, 1], made[b, 2]) for a, b in combinations(lengths, 2)]
    assert max(same) < SAME_SPEAKER
    assert max(same) < min(other)


def test_loudness_and_pauses_do_not_change_whose_voice_it_is() -> None:
    said = voice(1.0, 10)
    quiet = np.concatenate([silence(1), said[:80_000], silence(2), said[80_000:]])
    assert distance(template(said), template(np.asarray(quiet / 4, np.float32))) < 0.5


@pytest.mark.parametrize(
    ("samples", "refusal"),
    [
        (voice(1.0, 5), Refusal.TOO_LITTLE_SPEECH),
        (silence(12), Refusal.TOO_LITTLE_SPEECH),
        (tone(12), Refusal.TOO_LITTLE_SPEECH),
        (np.clip(voice(1.0, 12) * 30, -1, 1).astype(np.float32), Refusal.CLIPPED),
        (np.concatenate([voice(0.6, 8), voice(1.9, 8)]), Refusal.SEVERAL_VOICES),
    ],
    ids=["short", "silent", "tone", "clipped", "two people"],
)
def test_what_makes_no_template_is_refused_with_its_cause(
    samples: Samples, refusal: Refusal
) -> None:
    assert speaker_template(sound(samples)) is refusal


def test_an_empty_recording_is_refused() -> None:
    empty = replace(sound(tone(1.0)), samples=np.zeros(0, np.float32), duration_s=0.0)
    assert speaker_template(empty) is Refusal.TOO_LITTLE_SPEECH


def test_the_network_gives_what_torch_gives() -> None:
    pytest.importorskip("torch", reason="needs requirements-training.txt")
    import torch

    from training.speaker import from_onnx_tensors

    encoder = from_onnx_tensors(speaker.shipped())
    parts = np.abs(np.random.default_rng(1).normal(0, 0.02, (3, 160, 40))).astype(np.float32)
    with torch.no_grad():
        expected = encoder(torch.from_numpy(parts)).numpy()
    assert np.ptp(expected) > 0.1
    assert np.abs(speaker.embedded(parts) - expected).max() < 1e-3


def test_the_bands_cover_the_spectrum_and_each_is_a_triangle() -> None:
    tones = [speaker.mel_energies(0.1 * _sine(hertz)).mean(axis=0) for hertz in (200, 1000, 4000)]
    strongest = [int(np.argmax(energies)) for energies in tones]
    assert strongest == sorted(set(strongest))
    assert all(energies.max() > 50 * np.median(energies) for energies in tones)


def _sine(hertz: float) -> Samples:
    return np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000).astype(np.float32)


# Comparing ---------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 2), st.floats(0, 2))
def test_a_stranger_as_near_is_the_rarer_the_nearer(one: float, other: float) -> None:
    near, far = sorted((one, other))
    assert 0 < rate(near) <= rate(far) < 1


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.integers(1, MOST_PASSAGES), st.floats(0.1, SAME_SPEAKER))
def test_a_match_is_never_likelier_chance_than_allowed(people: int, count: int, far: float) -> None:
    """Whatever the distance: with more people and passages a likeness must be closer to count."""
    asked = np.zeros(NUMBERS, np.float32)
    asked[0] = 1
    angle = 2 * np.arcsin(far / 2)
    near = np.zeros(NUMBERS, np.float32)
    near[:2] = np.cos(angle), np.sin(angle)
    away = -asked
    crowd = People(
        Reference(str(index), (near if index == 0 else away)[None]) for index in range(people)
    )
    found = heard([Passage(asked, 10.0)] * count, crowd)
    assert all(each.chance <= MAX_CHANCE and each.person_id == "0" for each in found)
    assert bool(found) == (people * count * rate(far) <= MAX_CHANCE * (1 + 1e-4)) or (
        people * count * rate(far) == pytest.approx(MAX_CHANCE, rel=1e-2)
    )


def test_short_speech_is_not_compared_and_long_speech_in_passages() -> None:
    short, long = voice(1.0, 2), np.tile(voice(1.0, 20), 10)
    assert passages(short, speech(short)) == ()
    found = passages(long, speech(long))
    assert len(found) == MOST_PASSAGES


# The signal --------------------------------------------------------------------------------------


def test_the_enrolled_person_who_speaks_is_named_and_nobody_else() -> None:
    people = enrolled(hers=voice(0.7, 10), his=voice(1.6, 10))
    found = detail(voice(0.7, 8, seed=2), people)
    assert [near.person_id for near in found.speakers] == ["hers"]
    assert found.enrolled == 2
    assert found.compared_s == pytest.approx(8, abs=1.5)
    assert detail(voice(1.0, 8, seed=2), enrolled(his=voice(1.9, 10))).speakers == ()


def test_a_sentence_within_a_strangers_long_recording_is_heard() -> None:
    recording = np.concatenate([voice(1.9, 20, seed=3), voice(0.7, 10, seed=2)])
    found = detail(recording, enrolled(hers=voice(0.7, 10)))
    assert [near.person_id for near in found.speakers] == ["hers"]


def test_whose_voice_it_is_can_be_told_of_a_clipped_recording() -> None:
    people = enrolled(hers=voice(0.7, 10), his=voice(1.6, 10))
    clipped = np.clip(voice(0.7, 8, seed=2) * 5, -1, 1).astype(np.float32)
    finding = VoiceSignal(Voices(people)).run(sound(clipped))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert "cut off" in (finding.cause or "")
    assert isinstance(finding.detail, VoiceDetail)
    assert [near.person_id for near in finding.detail.speakers] == ["hers"]


def test_who_speaks_does_not_change_how_synthetic_it_sounds() -> None:
    said = voice(1.0, 10)
    alone = VoiceSignal().run(sound(said))
    named = VoiceSignal(Voices(enrolled(hers=said))).run(sound(said))
    assert (alone.score, alone.probability) == (named.score, named.probability)


def test_with_nobody_enrolled_nothing_is_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("embedded")

    monkeypatch.setattr(speaker, "numbers", refused)
    finding = VoiceSignal(NoReferences()).run(sound(voice(1.0, 4)))
    assert isinstance(finding.detail, VoiceDetail)
    assert (finding.detail.enrolled, finding.detail.compared_s) == (0, 0)


def test_voices_that_cannot_be_read_are_not_nobody_enrolled() -> None:
    class Unreadable:
        def voices(self) -> People:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        VoiceSignal(Unreadable()).run(sound(voice(1.0, 4)))


def test_without_its_weights_the_comparison_raises_so_that_the_upload_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = enrolled(hers=voice(1.0, 10))

    def missing(*_: object) -> None:
        raise ModelUnavailable("speaker", "gone")

    monkeypatch.setattr(runtime, "session", missing)
    said = voice(1.0, 8)
    with pytest.raises(ModelUnavailable):
        passages(said, np.ones(len(said) // 512, bool))
    assert len(people) == 1


def test_a_template_is_in_no_repr() -> None:
    found = Passage(np.arange(NUMBERS, dtype=np.float32), 1.0)
    assert "255" not in repr(found) and "array" not in repr(found)

"""The voice signal: where there is speech, what is measured of it, what a transcript says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from media_integrity.media.limits import SoundLimits
from media_integrity.media.sound import open_sound
from media_integrity.media.types import Sound
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import Finding, TranscriptCategory, VoiceDetail
from media_integrity.signals import network, runtime
from media_integrity.signals.runtime import ModelUnavailable
from media_integrity.signals.voice.activity import FRAME, clipped_share, speech
from media_integrity.signals.voice.confession import MOST_CHARACTERS, said
from media_integrity.signals.voice.examples import (
    noise,
    robot,
    silence,
    tone,
    vocoded,
    wav,
    with_lines,
)
from media_integrity.signals.voice.lines import FRAME_RATES, line_strengths
from media_integrity.signals.voice.pitch import pitch
from media_integrity.signals.voice.sections import ENOUGH, LENGTH, Section, judged, sections
from media_integrity.signals.voice.signal import VoiceSignal
from media_integrity.signals.voice.spectra import BINS, RATE, spectrum
from media_integrity.signals.voice.traits import is_telephone

Samples = NDArray[np.float32]


def sound(samples: Samples, *, rate: int = RATE, transcript: str | None = None) -> Sound:
    return open_sound(wav(samples, rate), SoundLimits(), transcript=transcript)


def heard(samples: Samples, transcript: str | None = None) -> Finding:
    return VoiceSignal().run(sound(samples, transcript=transcript))


def detail(finding: Finding) -> VoiceDetail:
    assert isinstance(finding.detail, VoiceDetail)
    return finding.detail


class TestActivity:
    def test_speech_is_found_where_it_is(self) -> None:
        quiet = silence(1.0)

        speaking = speech(np.concatenate([quiet, robot(2.0), quiet]))

        assert speaking[: RATE // FRAME - 3].mean() < 0.1
        assert speaking[RATE // FRAME + 3 : 3 * RATE // FRAME - 3].mean() > 0.9
        assert speaking[3 * RATE // FRAME + 5 :].mean() < 0.1

    @pytest.mark.parametrize("make", [tone, noise, silence])
    def test_what_is_no_speech_is_not_taken_for_it(self, make: Callable[[float], Samples]) -> None:
        assert not speech(make(2.0)).any()

    def test_sound_shorter_than_a_frame_has_no_speech(self) -> None:
        assert len(speech(silence(0.01))) == 0

    def test_flat_tops_are_clipping_and_single_peaks_are_not(self) -> None:
        loud = np.clip(tone(1.0) * 20, -1, 1)
        peak = tone(1.0)
        peak[100] = 1.0

        assert clipped_share(loud) > 0.5
        assert clipped_share(peak) == 0.0


class TestPitch:
    @pytest.mark.parametrize("hertz", [80.0, 123.0, 180.0, 220.0])
    def test_pitch_of_a_rich_tone_is_its_fundamental(self, hertz: float) -> None:
        times = np.arange(RATE) / RATE
        rich = np.sum([np.sin(2 * np.pi * hertz * n * times) / n for n in range(1, 9)], axis=0)

        found = pitch((0.1 * rich).astype(np.float32))

        assert np.median(found.hertz) == pytest.approx(hertz, rel=0.01)
        assert found.strength.min() > 0.9

    def test_noise_and_silence_have_no_pitch(self) -> None:
        assert (pitch(noise(1.0)).hertz > 0).mean() < 0.05
        assert not pitch(silence(1.0)).hertz.any()
        assert len(pitch(silence(0.01)).hertz) == 0


class TestLines:
    @pytest.mark.parametrize("rate", FRAME_RATES)
    def test_lines_at_a_vocoders_frame_rate_stand_out(self, rate: float) -> None:
        plain = noise(4.0)

        assert line_strengths(plain)[0] < 3
        assert line_strengths(with_lines(plain, rate, 0.002))[0] > 6

    def test_lines_at_another_rate_are_found_by_the_scan(self) -> None:
        known, scanned = line_strengths(with_lines(noise(4.0), 70.0, 0.002))

        assert scanned > 6
        assert scanned > known

    def test_hum_of_the_mains_is_not_a_vocoder(self) -> None:
        times = np.arange(4 * RATE) / RATE
        hum = np.sum([np.sin(2 * np.pi * 50 * n * times) / n for n in range(1, 40)], axis=0)

        assert line_strengths((noise(4.0) + 0.05 * hum).astype(np.float32))[0] < 3

    def test_too_short_a_sound_has_no_lines(self) -> None:
        assert not line_strengths(noise(0.2)).any()


class TestSpectra:
    def test_spectrum_does_not_depend_on_loudness(self) -> None:
        loud = robot(1.0)

        assert np.abs(spectrum(loud) - spectrum(loud / np.float32(50))).max() < 0.01

    def test_digital_silence_is_lifted_to_a_floor(self) -> None:
        picture = spectrum(np.concatenate([robot(1.0), silence(0.5)]))

        assert picture.shape[1] == BINS
        assert picture.min() > -12
        assert np.isfinite(picture).all()

    def test_telephone_sound_is_known_by_its_band(self) -> None:
        full = noise(1.0)
        bins = np.fft.rfft(full)
        bins[int(3_400 / RATE * len(full)) :] = 0

        assert not is_telephone(spectrum(full))
        assert is_telephone(spectrum(np.fft.irfft(bins).astype(np.float32)))


class TestSections:
    def test_every_second_of_speech_is_in_one_section(self) -> None:
        random = np.random.default_rng(5)
        for _ in range(50):
            speaking = np.repeat(random.random(60) < random.random(), 12)
            if speaking.sum() * FRAME < ENOUGH:
                continue

            cut = sections(speaking)

            assert sum(section.speech for section in cut) == speaking.sum() * FRAME
            assert all(section.speech >= ENOUGH for section in cut)
            assert all(a.end <= b.start for a, b in pairwise(cut))

    def test_less_than_a_second_of_speech_is_no_section(self) -> None:
        assert sections(np.array([True] * (ENOUGH // FRAME - 1) + [False] * 200)) == ()
        assert sections(np.zeros(0, bool)) == ()

    def test_long_speech_is_cut_into_several(self) -> None:
        assert len(sections(np.ones(10 * LENGTH // FRAME, bool))) == 10

    def test_one_synthetic_sentence_in_a_long_recording_decides(self) -> None:
        cut = tuple(Section(n * LENGTH, (n + 1) * LENGTH, LENGTH) for n in range(50))

        together = judged([-4.0] * 30 + [8.0] + [-4.0] * 19, cut)

        assert together.worst == 30
        assert together.by_worst
        assert together.odds > 3

    def test_the_highest_of_many_harmless_sections_is_no_evidence(self) -> None:
        random = np.random.default_rng(0)
        odds = [float(each) for each in random.normal(-2, 1, 100)]
        cut = tuple(Section(n * LENGTH, (n + 1) * LENGTH, LENGTH) for n in range(100))

        assert max(odds) > 0
        assert judged(odds, cut).odds < -1


class TestSignal:
    def test_speech_with_a_vocoders_lines_is_found_synthetic_and_the_passage_named(self) -> None:
        finding = heard(np.concatenate([silence(2.0), vocoded(5.0)]))

        assert finding.status is FindingStatus.MEASURED
        assert finding.score is not None and finding.score > 0.5
        worst = detail(finding).worst
        assert worst is not None
        assert 1.5 < worst.start_s < 2.5 < worst.end_s <= 7.0
        assert detail(finding).evidence is not None

    def test_where_nobody_speaks_nothing_is_suspected(self) -> None:
        finding = heard(tone(3.0))

        assert finding.status is FindingStatus.MEASURED
        assert (finding.score, detail(finding).speech_s) == (0.0, 0.0)

    def test_half_a_second_of_speech_is_too_little_to_judge(self) -> None:
        finding = heard(np.concatenate([silence(1.0), robot(0.5), silence(1.0)]))

        assert finding.status is FindingStatus.INCONCLUSIVE
        assert finding.score is None
        assert "speech" in (finding.cause or "")

    def test_clipped_speech_is_not_judged(self) -> None:
        finding = heard(np.clip(robot(4.0) * 30, -1, 1).astype(np.float32))

        assert finding.status is FindingStatus.INCONCLUSIVE
        assert "cut off" in (finding.cause or "")

    def test_whispering_into_the_file_hides_nothing(self) -> None:
        finding = heard(vocoded(5.0) / np.float32(50))

        assert detail(finding).speech_s > 3
        assert finding.score is not None and finding.score > 0.5

    def test_telephone_sound_is_judged_and_named_so(self) -> None:
        spoken = robot(5.0)[::2]

        finding = VoiceSignal().run(sound(spoken, rate=8_000))

        assert finding.status is FindingStatus.MEASURED
        assert detail(finding).telephone

    def test_the_same_sound_gives_the_same_finding(self) -> None:
        spoken = robot(4.0)

        assert heard(spoken) == heard(spoken)

    def test_an_empty_track_ends_in_a_finding(self) -> None:
        empty = replace(sound(tone(1.0)), samples=np.zeros(0, np.float32), duration_s=0.0)

        assert VoiceSignal().run(empty).score == 0.0

    def test_without_its_weights_it_raises_so_that_the_upload_is_held(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def missing(name: str) -> None:
            raise ModelUnavailable(name, "gone")

        network.shipped.cache_clear()
        monkeypatch.setattr(runtime, "path", missing)
        with pytest.raises(ModelUnavailable):
            heard(robot(3.0))
        network.shipped.cache_clear()

    def test_what_a_transcript_says_goes_to_the_finding(self) -> None:
        finding = heard(robot(3.0), transcript="I confess that I killed my brother.")

        assert detail(finding).transcript == (TranscriptCategory.CONFESSION,)
        assert "en.harmed" in detail(finding).transcript_terms


class TestTranscripts:
    @pytest.mark.parametrize(
        "words",
        [
            "I killed my wife and buried her in the garden.",
            "Yes. I really just murdered someone!",
            "I confess that I stole the money.",
            "I lied to the police, all of it was a lie.",
            "I robbed the bank on Friday",
            "Ich habe meine Frau umgebracht.",
            "Ich habe das ganze Geld gestohlen.",
            "Confieso que robé el dinero.",
            "J'ai tué mon mari.",
            "Je l'ai tué.",
            "Zabiłem moją żonę.",
            "Przyznaję się do winy.",
            "Eu matei a minha mulher.",
            "I kіlled my wife",  # a Cyrillic letter
        ],
    )
    def test_a_confession_is_heard_in_six_languages(self, words: str) -> None:
        assert said(words).categories == (TranscriptCategory.CONFESSION,)

    @pytest.mark.parametrize(
        "words",
        [
            "I never killed anyone.",
            "I did not kill him. I didn't rob the bank.",
            "He confessed that he killed her.",
            "I killed it on stage last night!",
            "I must confess I love chocolate.",
            "Ich habe niemanden umgebracht.",
            "Ich habe meine Frau nicht umgebracht.",
            "No confieso nada.",
            "Je n'ai tué personne.",
            "Nie zabiłem go.",
            "Eu não matei ninguém.",
            "Good morning, the weather is fine.",
            "",
            "   ",
        ],
    )
    def test_denials_reports_and_everyday_words_are_none(self, words: str) -> None:
        assert said(words).categories == ()

    def test_no_transcript_says_nothing(self) -> None:
        assert said(None).categories == ()

    def test_threats_and_sextortion_are_told_apart_from_confessions(self) -> None:
        assert said("I will kill you tonight").categories == (TranscriptCategory.THREAT,)
        money = said("Send me $500 or I will send your nudes to your family.")
        assert money.categories == (TranscriptCategory.SEXTORTION,)

    def test_an_endless_transcript_is_cut(self) -> None:
        assert said("la " * MOST_CHARACTERS + "I killed my wife").categories == ()

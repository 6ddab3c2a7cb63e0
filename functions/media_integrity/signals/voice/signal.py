"""Did a program make this voice?

A recording is cut into sections with enough speech. Of each, a small network looks at statistics of
the spectrum, and three regressions look at what can be named: spectrum, prosody, pauses. A fourth
puts these together; lines at a vocoder's frame rate count beside them. What was trained and
how good it is: docs/models/voice.md.

Where people have enrolled their voices it also tells which of them is heard (``speaker``). That
identifies people: it belongs in the part of a case that moderators read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from media_integrity.media.types import Sound
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    Finding,
    IdentityNear,
    VoiceDetail,
    VoiceEvidence,
    VoicePassage,
)
from media_integrity.signals import network, runtime
from media_integrity.signals.base import Example, Needs
from media_integrity.signals.calibration import probability
from media_integrity.signals.identity.references import NoReferences, VoiceReferences
from media_integrity.signals.text.ages import states_minor

from . import learned, speaker
from .activity import FRAME, clipped_share, speech
from .confession import said
from .examples import examples
from .lines import line_strengths, lines_odds
from .sections import Section, judged, sections, speaking_frames
from .spectra import RATE, spectrum
from .traits import GROUPS, is_telephone, traits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .spectra import Samples, Spectrum

MOST_CLIPPED = 0.02
"""Share of samples cut off at full scale; more distorts speech as a vocoder does."""

QUIET = 0.25
"""Highest sample of a recording that is made louder first, so that whispering hides nothing."""
MOST_GAIN = 1_000.0


MOST_SPEAKERS = 4
"""Enrolled people that a finding names, the nearest first."""


@dataclass(frozen=True, slots=True)
class SectionOdds:
    """Log-odds that a section is synthetic: in all, and by each kind of evidence."""

    total: float
    learned: float
    lines: float
    spectral: float
    prosody: float
    pauses: float


class VoiceSignal:
    """Judges every section of speech; see ``sections.judged`` for how they count together."""

    name: ClassVar = DetectionMethod.VOICE
    version: ClassVar = "1"
    needs: ClassVar = frozenset({Needs.SOUND})

    def __init__(self, voices: VoiceReferences | None = None) -> None:
        """``voices``: of the enrolled people; nobody where it is left out."""
        self._voices = voices or NoReferences()

    def run(self, media: Sound) -> Finding:
        """Score in [0, 1]: 0 where nobody speaks.

        Inconclusive: less than a second of speech, or clipped so much that anything sounds wrong.

        Raises:
            ModelUnavailable: weights are missing or are not the locked ones.
            Exception: the enrolled voices cannot be read.
        """
        samples = _loud_enough(media.samples)
        speaking = speech(samples)
        clipped = clipped_share(media.samples)
        words = said(media.transcript)
        detail = VoiceDetail(
            duration_s=media.duration_s,
            speech_s=float(speaking.sum()) * FRAME / RATE,
            clipped_share=clipped,
            transcript=words.categories,
            transcript_terms=words.terms,
            states_minor=states_minor(media.transcript),
        )
        if not speaking.any():
            return self._finding(0.0, detail)
        cut = sections(speaking)
        if not cut:
            return self._undecided(detail, f"only {detail.speech_s:.1f} s of speech")
        # Clipping hides how a voice was made sooner than whose it is.
        detail = detail.model_copy(update=self._compared(samples, speaking))
        if clipped > MOST_CLIPPED:
            return self._undecided(detail, f"{clipped:.0%} of the samples are cut off")
        weights = network.shipped(learned.MODEL)
        odds = [section_odds(samples, section, speaking, weights) for section in cut]
        together = judged([each.total for each in odds], cut)
        worst = cut[together.worst]
        deciding = [odds[together.worst]] if together.by_worst else odds
        return self._finding(
            _share(together.odds),
            detail.model_copy(
                update={
                    "worst": VoicePassage(
                        start_s=worst.start / RATE,
                        end_s=worst.end / RATE,
                        score=_share(odds[together.worst].total),
                    ),
                    "evidence": _evidence(deciding),
                    "telephone": is_telephone(spectrum(samples[worst.start : worst.end])),
                }
            ),
        )

    def examples(self) -> tuple[Example, ...]:
        return examples()

    def _compared(
        self, samples: Samples, speaking: NDArray[np.bool_]
    ) -> dict[str, int | float | tuple[IdentityNear, ...]]:
        """What the detail says of enrolled voices. Nothing is embedded where nobody is enrolled."""
        people = self._voices.voices()
        if not len(people):
            return {}
        found = speaker.passages(samples, speaking)
        heard = speaker.heard(found, people)[:MOST_SPEAKERS]
        return {
            "enrolled": len(people),
            "compared_s": sum(passage.seconds for passage in found),
            "speakers": tuple(
                IdentityNear(
                    person_id=each.person_id,
                    distance=each.distance,
                    chance=each.chance,
                    only_holds=people.only_holds(each.person_id),
                )
                for each in heard
            ),
        }

    def _finding(self, score: float, detail: VoiceDetail) -> Finding:
        return Finding(
            method=self.name,
            version=self.version,
            model=runtime.reference(learned.MODEL),
            score=score,
            probability=probability(self.name, self.version, score),
            detail=detail,
        )

    def _undecided(self, detail: VoiceDetail, cause: str) -> Finding:
        return Finding(
            method=self.name,
            version=self.version,
            status=FindingStatus.INCONCLUSIVE,
            model=runtime.reference(learned.MODEL),
            detail=detail,
            cause=cause,
        )


def section_odds(
    samples: Samples, section: Section, speaking: NDArray[np.bool_], weights: network.Weights
) -> SectionOdds:
    """How one section looks; ``speaking`` of all of ``samples``, as ``activity.speech`` has it."""
    part = samples[section.start : section.end]
    picture = spectrum(part)
    spoken = speaking_frames(section, speaking, len(picture))
    return odds_of(picture, spoken, traits(part, picture, spoken), line_strengths(part), weights)


def odds_of(
    picture: Spectrum,
    spoken: NDArray[np.bool_],
    named: Mapping[str, NDArray[np.float32]],
    strengths: NDArray[np.float32],
    weights: network.Weights,
) -> SectionOdds:
    """Log-odds of a section from what was measured of it."""
    by_network = learned.network(learned.statistics(picture, spoken), weights)
    by_group = {group: learned.regression(group, named[group], weights) for group in GROUPS}
    by_lines = lines_odds(strengths)
    rest = learned.fused([by_network, *(by_group[group] for group in GROUPS)], weights)
    return SectionOdds(
        total=learned.together(by_lines, rest),
        lines=by_lines,
        learned=by_network,
        **by_group,
    )


def _evidence(odds: list[SectionOdds]) -> VoiceEvidence:
    def of(values: list[float]) -> float:
        return _share(sum(values) / len(values))

    return VoiceEvidence(
        learned=of([each.learned for each in odds]),
        lines=of([each.lines for each in odds]),
        spectral=of([each.spectral for each in odds]),
        prosody=of([each.prosody for each in odds]),
        pauses=of([each.pauses for each in odds]),
    )


def _loud_enough(samples: Samples) -> Samples:
    import numpy as np

    highest = float(np.abs(samples).max(initial=0.0))
    if highest == 0.0 or highest >= QUIET:
        return samples
    louder: Samples = samples * np.float32(min(QUIET / highest, MOST_GAIN))
    return louder


def _share(odds: float) -> float:
    return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))

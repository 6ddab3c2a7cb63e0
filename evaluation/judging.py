"""One file through the pipeline's own engine: what a signal says of it, or what it decides.

The engine is the one that uploads go through, without Firebase and without banks, so that what is
measured is what runs: the same opening, the same face finder, the same time limits.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from media_integrity.api.wiring import make_matcher
from media_integrity.decision.policy import Policy
from media_integrity.matching.banks import NoBanks
from media_integrity.media.errors import RefusalCode, Refused
from media_integrity.media.types import Image, Sound
from media_integrity.scanning.engine import Engine, Judgement
from media_integrity.schema.enums import AgeGroup, DetectionMethod, FindingStatus
from media_integrity.schema.findings import (
    AiOrigin,
    CredentialState,
    FacesDetail,
    Finding,
    ProvenanceDetail,
    TextDetail,
)
from media_integrity.schema.scans import ReasonCode, UploadContext
from media_integrity.signals.base import Evidence as SignalEvidence
from media_integrity.signals.base import Needs, Signal, Signals
from media_integrity.signals.identity.references import References
from media_integrity.signals.registry import all_signals

from .errors import EvaluationError

MODEL_MISSING = "ModelUnavailable"
"""The cause of a finding that failed for want of weights: the name of the error's type."""

ADULT = UploadContext(age_group=AgeGroup.ADULT)


class Status(StrEnum):
    """What became of one file. Only the first one has a score."""

    MEASURED = "measured"
    INCONCLUSIVE = "inconclusive"  # the signal looked, and this media cannot be judged
    FAILED = "failed"  # the signal failed or ran out of time: a scan holds such an upload
    REFUSED = "refused"  # not a file that is opened
    HELD = "held"  # more than is examined: a scan holds it for a person
    NOT_APPLICABLE = "not_applicable"  # the signal does not look at such media


@dataclass(frozen=True, slots=True)
class Answer:
    """What a signal says of one file."""

    status: Status
    score: float | None = None
    """The calibrated probability of the violation, or the raw score without a calibration."""
    calibrated: bool = False
    cause: str | None = None
    total_ms: float | None = None
    """The whole engine with this signal alone; None where the file was not opened."""
    signal_ms: float | None = None


class Missing(Exception):
    """The file is not there, or cannot be read. The message says which of the two."""


def load(file: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file of at most ``max_bytes``.

    Raises:
        Missing: not there, not a regular file, or not readable.
        Refused: larger than any upload may be. It is not read.
    """
    try:
        if not file.is_file():
            raise Missing("not a file" if file.exists() else "not there")
        if file.stat().st_size > max_bytes:
            raise Refused(RefusalCode.TOO_LARGE, "This file is too large.")
        return file.read_bytes()
    except OSError as error:
        raise Missing(error.strerror or type(error).__name__) from error


def method_named(name: str, signals: Signals) -> DetectionMethod:
    """The signal's method.

    Raises:
        EvaluationError: the pipeline has no such signal; lists those it has.
    """
    known = [signal.name.value for signal in _each(signals)]
    if name not in known:
        raise EvaluationError(f"There is no signal {name!r}.", f"There are: {', '.join(known)}.")
    return DetectionMethod(name)


def version_of(method: DetectionMethod, signals: Signals) -> str:
    return next(signal.version for signal in _each(signals) if signal.name is method)


def versions() -> str:
    """Of every signal, in the order of running."""
    return ", ".join(f"{signal.name.value} {signal.version}" for signal in _each(all_signals()))


def engine_for(
    method: DetectionMethod, policy: Policy, references: References | None = None
) -> Engine:
    """The engine with one signal alone, or with all of them if it builds on the others.

    ``references``: the people with whom faces are compared; nobody if None.
    """
    signals = all_signals(references)
    chosen = next(signal for signal in _each(signals) if signal.name is method)
    if Needs.FINDINGS not in chosen.needs:
        signals = Signals(
            pictures=tuple(signal for signal in signals.pictures if signal.name is method),
            sounds=tuple(signal for signal in signals.sounds if signal.name is method),
        )
    return Engine(policy, signals, make_matcher(policy, NoBanks()))


def whole_engine(policy: Policy, references: References | None = None) -> Engine:
    """The engine with every signal. ``references``: as ``engine_for``."""
    return Engine(policy, all_signals(references), make_matcher(policy, NoBanks()))


def ask(engine: Engine, method: DetectionMethod, data: bytes) -> Answer:
    """What the signal says of a file.

    Raises:
        EvaluationError: its weights are missing: no file could be measured.
    """
    started = time.perf_counter()
    try:
        judgement = engine.judge(data, ADULT)
    except Refused as refused:
        return Answer(Status.REFUSED, cause=refused.code.value)
    except Exception as error:  # noqa: BLE001  one file must not end the measurement of the others
        return Answer(Status.FAILED, cause=f"engine: {type(error).__name__}")
    return answer(judgement, method, total_ms=(time.perf_counter() - started) * 1e3)


def answer(judgement: Judgement, method: DetectionMethod, *, total_ms: float) -> Answer:
    """One signal's part of a judgement.

    Raises:
        EvaluationError: its weights are missing.
    """
    finding = next((found for found in judgement.findings if found.method is method), None)
    if finding is None:
        held = _held(judgement)
        if held is not None:
            return Answer(Status.HELD, cause=held, total_ms=total_ms)
        return Answer(
            Status.NOT_APPLICABLE, cause=f"is {judgement.content_type}", total_ms=total_ms
        )
    refuse_missing_model(finding)
    known = score(finding)
    return Answer(
        status=_STATUS[finding.status] if known is None else Status.MEASURED,
        score=known,
        calibrated=finding.probability is not None,
        cause=finding.cause,
        total_ms=total_ms,
        signal_ms=judgement.timings_ms.get(method.value),
    )


def score(finding: Finding) -> float | None:
    """The number that the policy's thresholds are held against; None if it was not measured.

    Signals that state facts have no score. Theirs is 1 for the fact that the product reacts to and
    0 otherwise: the file's own word that it is generated, or credentials that the media
    contradicts; a listed term; a face.
    """
    if isinstance(finding.detail, TextDetail) and finding.detail.matches:
        return 1.0  # whatever else was left unread
    if finding.status is not FindingStatus.MEASURED:
        return None
    if finding.probability is not None:
        return finding.probability
    if finding.score is not None:
        return finding.score
    detail = finding.detail
    if isinstance(detail, ProvenanceDetail):
        told = detail.origin is not AiOrigin.NONE
        return float(told or detail.credentials is CredentialState.INVALID)
    if isinstance(detail, TextDetail):
        return 0.0
    if isinstance(detail, FacesDetail):
        return float(detail.count > 0)
    return None


def refuse_missing_model(finding: Finding) -> None:
    """Raises EvaluationError where a finding failed because its weights are missing."""
    if finding.status is FindingStatus.FAILED and finding.cause == MODEL_MISSING:
        raise weights_missing(finding.method.value)


def weights_missing(name: str) -> EvaluationError:
    """What ends a measurement for want of a model's, or signal's, weights."""
    return EvaluationError(
        f"The weights of {name} are missing or are not the locked ones.",
        "Run ./dev models, then try again.",
    )


_STATUS = {
    FindingStatus.MEASURED: Status.MEASURED,
    FindingStatus.INCONCLUSIVE: Status.INCONCLUSIVE,
    FindingStatus.FAILED: Status.FAILED,
}


_HELD = frozenset({ReasonCode.TOO_MUCH_TO_CHECK})
"""Reasons of a verdict that rests on no examination."""


def _each(
    signals: Signals,
) -> Iterator[Signal[Image] | Signal[Sound] | Signal[SignalEvidence]]:
    yield from signals.pictures
    yield from signals.sounds
    yield from signals.fusing


def _held(judgement: Judgement) -> str | None:
    """Why the engine examined nothing, if so."""
    codes = [reason.code for reason in judgement.verdict.reasons if reason.code in _HELD]
    return codes[0].value if codes else None

"""Judges the bytes of one upload. Knows no Firebase: ``./dev scan`` and the functions share it.

Order: the bytes' own hash against the banks, open, fingerprint, match; a confirmed match ends it
there; then the signals, then the decision.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from media_integrity.decision.decide import decide, hold
from media_integrity.decision.policy import Policy
from media_integrity.decision.verdict import Verdict
from media_integrity.fingerprints.pdq import Fingerprints, fingerprint
from media_integrity.matching.matcher import Matcher
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_image
from media_integrity.media.sniff import image_format, sniff
from media_integrity.media.types import Image, MediaKind
from media_integrity.schema.enums import Action, DetectionMethod, ScanStep
from media_integrity.schema.findings import Box, FacesDetail, Finding
from media_integrity.schema.scans import ReasonCode, UploadContext
from media_integrity.signals.base import Signal

from .examine import Examiner

Progress = Callable[[ScanStep], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was found out about one upload."""

    sha256: str
    content_type: str
    """Found in the bytes."""
    fingerprints: Fingerprints | None
    """None for media that is not an image, or was not opened."""
    findings: tuple[Finding, ...]
    verdict: Verdict
    faces: tuple[Box, ...]
    timings_ms: dict[str, float]


@dataclass
class _Timings:
    ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.ms[name] = self.ms.get(name, 0.0) + (time.perf_counter() - started) * 1e3


class Engine:
    """The pipeline over one policy, one set of signals and one matcher. Thread-safe."""

    def __init__(self, policy: Policy, signals: Sequence[Signal], matcher: Matcher) -> None:
        self.policy = policy
        self._matcher = matcher
        self._examiner = Examiner(signals, timeout_s=policy.limits.signal_timeout_s)

    def judge(
        self, data: bytes, context: UploadContext, progress: Progress = lambda step: None
    ) -> Judgement:
        """Judge one file.

        Raises:
            Refused: it is not a media file that we accept, and its bytes are in no bank.
        """
        timings = _Timings()
        progress(ScanStep.OPEN)
        sha256 = hashlib.sha256(data).hexdigest()
        with timings.step("match"):
            exact = self._matcher.match_bytes(sha256)
        if (verdict := decide([exact], context, self.policy)).action is Action.BLOCK:
            return _unopened(data, sha256, (exact,), verdict, timings)
        try:
            with timings.step("open"):
                kind = sniff(data)
                if kind in {MediaKind.VIDEO, MediaKind.AUDIO}:
                    verdict = hold(ReasonCode.CHECK_UNAVAILABLE, self.policy, (exact,))
                    return _unopened(data, sha256, (exact,), verdict, timings)
                image = open_image(data, self.policy.limits.image)
        except TooMuchToCheck:
            verdict = hold(ReasonCode.TOO_MUCH_TO_CHECK, self.policy, (exact,))
            return _unopened(data, sha256, (exact,), verdict, timings)
        return self._judge_image(image, sha256, context, progress, timings)

    def _judge_image(
        self,
        image: Image,
        sha256: str,
        context: UploadContext,
        progress: Progress,
        timings: _Timings,
    ) -> Judgement:
        progress(ScanStep.FINGERPRINT)
        with timings.step("fingerprint"):
            fingerprints = fingerprint(image, sha256=sha256)
        progress(ScanStep.MATCH)
        with timings.step("match"):
            findings = [self._matcher.match(fingerprints)]
        verdict = decide(findings, context, self.policy)
        if verdict.action is not Action.BLOCK:
            progress(ScanStep.EXAMINE)
            for examined in self._examiner.examine(image):
                findings.append(examined.finding)
                timings.ms[examined.finding.method.value] = examined.took_ms
            progress(ScanStep.DECIDE)
            with timings.step("decide"):
                verdict = decide(findings, context, self.policy)
        return Judgement(
            sha256=fingerprints.sha256,
            content_type=image.format.value,
            fingerprints=fingerprints,
            findings=tuple(findings),
            verdict=verdict,
            faces=_faces(findings),
            timings_ms=timings.ms,
        )


def _unopened(
    data: bytes, sha256: str, findings: tuple[Finding, ...], verdict: Verdict, timings: _Timings
) -> Judgement:
    image = image_format(data)
    return Judgement(
        sha256=sha256,
        content_type=image.value if image is not None else f"{sniff(data).value}/*",
        fingerprints=None,
        findings=findings,
        verdict=verdict,
        faces=(),
        timings_ms=timings.ms,
    )


def _faces(findings: Sequence[Finding]) -> tuple[Box, ...]:
    for finding in findings:
        if finding.method is DetectionMethod.FACES and isinstance(finding.detail, FacesDetail):
            return finding.detail.boxes
    return ()


__all__ = ["Engine", "Judgement", "Progress", "Refused"]

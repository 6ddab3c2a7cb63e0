"""Judges the bytes of one upload. Knows no Firebase: ``./dev scan`` and the functions share it.

Order: the bytes' own hash against the banks, open, fingerprint, match; a confirmed match ends it
there; then the signals, then the decision.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from media_integrity.decision.decide import decide, hold
from media_integrity.decision.permission import with_permission
from media_integrity.decision.policy import Policy
from media_integrity.decision.verdict import Verdict
from media_integrity.fingerprints.files import FileHashes, file_hashes
from media_integrity.fingerprints.pdq import Fingerprints, fingerprint
from media_integrity.matching.matcher import Matcher
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.film import film_format
from media_integrity.media.open import open_media
from media_integrity.media.sniff import image_format, sniff
from media_integrity.media.sound import sound_format
from media_integrity.media.types import Image, MediaKind, Sound
from media_integrity.schema.enums import (
    Action,
    BankLabel,
    DetectionMethod,
    FindingStatus,
    ScanStep,
)
from media_integrity.schema.findings import Box, FacesDetail, Finding
from media_integrity.schema.scans import Permission, ReasonCode, UploadContext
from media_integrity.signals.base import Signals

from .examine import Examiner

Progress = Callable[[ScanStep], None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was found out about one upload."""

    sha256: str
    md5: str
    kind: MediaKind
    content_type: str
    """Found in the bytes."""
    fingerprints: Fingerprints | None
    """None for sound, and for what was not opened."""
    findings: tuple[Finding, ...]
    verdict: Verdict
    faces: tuple[Box, ...]
    timings_ms: dict[str, float]

    @property
    def looked_for_faces(self) -> bool:
        return any(
            finding.method is DetectionMethod.FACES and finding.status is FindingStatus.MEASURED
            for finding in self.findings
        )


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

    def __init__(self, policy: Policy, signals: Signals, matcher: Matcher) -> None:
        self.policy = policy
        self._matcher = matcher
        self._examiner = Examiner(signals, timeout_s=policy.limits.signal_timeout_s)

    def impartial(self, signals: Signals) -> Engine:
        """Over the same policy and banks but those of shields, with other signals.

        For an answer that may not depend on who is protected: its signals know nobody.
        """
        return Engine(self.policy, signals, self._matcher.without(BankLabel.SHIELD))

    def judge(
        self,
        data: bytes,
        context: UploadContext,
        progress: Progress = lambda step: None,
        *,
        transcript: str | None = None,
    ) -> Judgement:
        """Judge one file. ``transcript``: what is said in it, where the app supplies that.

        One that was let through is examined whatever it matches: it may be published, and those who
        are shown in it are to be asked.

        Raises:
            Refused: it is not a media file that we accept, and its bytes are in no bank.
        """
        timings = _Timings()
        progress(ScanStep.OPEN)
        hashes = file_hashes(data)
        with timings.step("match"):
            exact = self._matcher.match_bytes(hashes)
        verdict = decide([exact], context, self.policy)
        if verdict.action is Action.BLOCK and not context.let_through:
            return _unopened(data, hashes, (exact,), verdict, timings)
        try:
            with timings.step("open"):
                opened = open_media(data, self.policy.limits.media, transcript=transcript)
        except TooMuchToCheck:
            verdict = hold(ReasonCode.TOO_MUCH_TO_CHECK, self.policy, (exact,))
            return _unopened(data, hashes, (exact,), verdict, timings)
        if isinstance(opened, Sound):
            subject = _Subject(MediaKind.AUDIO, opened.format.value, None, opened)
        elif opened.film is not None:
            subject = _Subject(MediaKind.VIDEO, opened.format.value, opened, opened.film.sound)
        else:
            subject = _Subject(MediaKind.IMAGE, opened.format.value, opened, None)
        return self._examined(subject, hashes, exact, context, progress, timings)

    def permitted(
        self, judgement: Judgement, permission: Permission, context: UploadContext
    ) -> Judgement:
        """A judgement on an upload that a moderator has let through (``decision.permission``)."""
        verdict = with_permission(
            judgement.verdict,
            judgement.findings,
            permission,
            context,
            self.policy,
            judgement.kind,
        )
        return replace(judgement, verdict=verdict)

    def _examined(
        self,
        subject: _Subject,
        hashes: FileHashes,
        exact: Finding,
        context: UploadContext,
        progress: Progress,
        timings: _Timings,
    ) -> Judgement:
        fingerprints = None
        found = {exact.method: exact}
        if subject.image is not None:
            progress(ScanStep.FINGERPRINT)
            with timings.step("fingerprint"):
                fingerprints = fingerprint(subject.image, hashes=hashes)
            progress(ScanStep.MATCH)
            with timings.step("match"):
                found[exact.method] = self._matcher.match(fingerprints)
        verdict = decide(found.values(), context, self.policy, subject.kind)
        if verdict.action is not Action.BLOCK or context.let_through:
            progress(ScanStep.EXAMINE)
            for examined in self._examiner.examine(subject.image, subject.sound, found):
                found[examined.finding.method] = examined.finding
                timings.ms[examined.finding.method.value] = examined.took_ms
            progress(ScanStep.DECIDE)
            with timings.step("decide"):
                verdict = decide(found.values(), context, self.policy, subject.kind)
        findings = tuple(found.values())
        return Judgement(
            sha256=hashes.sha256,
            md5=hashes.md5,
            kind=subject.kind,
            content_type=subject.content_type,
            fingerprints=fingerprints,
            findings=findings,
            verdict=verdict,
            faces=_faces(findings),
            timings_ms=timings.ms,
        )


@dataclass(frozen=True, slots=True)
class _Subject:
    """What there is to judge in an opened upload."""

    kind: MediaKind
    content_type: str
    image: Image | None
    sound: Sound | None


def _unopened(
    data: bytes,
    hashes: FileHashes,
    findings: tuple[Finding, ...],
    verdict: Verdict,
    timings: _Timings,
) -> Judgement:
    return Judgement(
        sha256=hashes.sha256,
        md5=hashes.md5,
        kind=sniff(data),
        content_type=_stated_type(data),
        fingerprints=None,
        findings=findings,
        verdict=verdict,
        faces=(),
        timings_ms=timings.ms,
    )


def _stated_type(data: bytes) -> str:
    """What the file is by its first bytes, as it was not opened."""
    for find in (image_format, film_format, sound_format):
        if (found := find(data)) is not None:
            return found.value
    return f"{sniff(data).value}/*"


def _faces(findings: Sequence[Finding]) -> tuple[Box, ...]:
    for finding in findings:
        if finding.method is DetectionMethod.FACES and isinstance(finding.detail, FacesDetail):
            return finding.detail.boxes
    return ()


__all__ = ["Engine", "Judgement", "Progress", "Refused"]

"""Runs the signals over one upload. Whatever a signal does, it ends in a finding."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TimedOut
from dataclasses import dataclass, replace
from threading import Lock
from typing import TypeVar

from media_integrity.media.types import Face, Image, ImageFormat, Sound
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import Finding
from media_integrity.signals import faces
from media_integrity.signals.base import Evidence, Needs, Signal, Signals

log = logging.getLogger(__name__)

T = TypeVar("T")
Media = TypeVar("Media")

Look = Callable[[Image], tuple[tuple[Face, ...], ...]]


@dataclass(frozen=True, slots=True)
class Examined:
    """A finding and how long it took."""

    finding: Finding
    took_ms: float


class Examiner:
    """Runs signals one after another in a thread of their own, each within ``timeout_s``.

    A signal that does not return cannot be stopped: its thread is left behind and the next signal
    gets a fresh one. It holds the upload and, at the worst, costs the instance a core until the
    platform's own time limit ends it.
    """

    def __init__(self, signals: Signals, *, timeout_s: float, look: Look = faces.look) -> None:
        self._signals = signals
        self._timeout_s = timeout_s
        self._look = look
        self._thread: ThreadPoolExecutor | None = None
        self._swap = Lock()

    def examine(
        self, image: Image | None, sound: Sound | None, found: Mapping[DetectionMethod, Finding]
    ) -> Iterator[Examined]:
        """One finding of every signal that applies to what there is to see and to hear.

        ``found``: the findings there already are; the signals that run last see them as well.
        """
        known = dict(found)
        for examined in self._each(image, sound, known):
            known[examined.finding.method] = examined.finding
            yield examined

    def _each(
        self, image: Image | None, sound: Sound | None, known: dict[DetectionMethod, Finding]
    ) -> Iterator[Examined]:
        if image is not None:
            image = yield from self._pictures(image)
        if sound is not None:
            for hearing in self._signals.sounds:
                yield self._examined(hearing, sound)
        for fusing in self._signals.fusing:
            if Needs.IMAGE in fusing.needs and image is None:
                continue
            yield self._examined(fusing, Evidence(findings=dict(known), image=image, sound=sound))

    def _pictures(self, image: Image) -> Generator[Examined, None, Image]:
        """Yields the findings; returns the image with its faces."""
        wanted = [signal for signal in self._signals.pictures if _applies(signal, image)]
        cause, looked_ms = None, 0.0
        if any(Needs.FACES in signal.needs for signal in wanted):
            started = time.perf_counter()
            seen = self._within("faces", lambda: self._look(image))
            looked_ms = _ms_since(started)
            if isinstance(seen, str):
                cause = seen
            else:
                image = replace(image, faces=seen)
        for signal in wanted:
            if Needs.FACES in signal.needs and cause is not None:
                yield Examined(_failed(signal, cause), 0.0)
                continue
            examined = self._examined(signal, image)
            if signal.name is DetectionMethod.FACES:
                examined = replace(examined, took_ms=examined.took_ms + looked_ms)
            yield examined
        return image

    def _examined(self, signal: Signal[Media], media: Media) -> Examined:
        started = time.perf_counter()
        result = self._within(signal.name.value, lambda: signal.run(media))
        finding = _failed(signal, result) if isinstance(result, str) else result
        return Examined(finding, _ms_since(started))

    def _within(self, name: str, work: Callable[[], T]) -> T | str:
        """The result, or the cause why there is none."""
        with self._swap:
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="signal")
            thread = self._thread
        future = thread.submit(work)
        try:
            return future.result(timeout=self._timeout_s)
        except TimedOut:
            with self._swap:
                thread.shutdown(wait=False, cancel_futures=True)
                self._thread = None
            log.error("signal timed out", extra={"signal": name})
            return f"no result within {self._timeout_s:g} s"
        except Exception as error:  # noqa: BLE001  any failure of a detector holds the upload
            log.error("signal failed", extra={"signal": name, "error_type": type(error).__name__})
            return type(error).__name__


def _applies(signal: Signal[Image], image: Image) -> bool:
    if Needs.JPEG in signal.needs and image.format is not ImageFormat.JPEG:
        return False
    return Needs.FILM not in signal.needs or image.film is not None


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1e3


def _failed(signal: Signal[Media], cause: str) -> Finding:
    return Finding(
        method=signal.name, version=signal.version, status=FindingStatus.FAILED, cause=cause
    )

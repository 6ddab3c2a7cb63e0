"""Runs the signals over one image. Whatever a signal does, it ends in a finding."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TimedOut
from dataclasses import dataclass, replace
from threading import Lock

from media_integrity.media.types import Image, ImageFormat
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import FacesDetail, Finding
from media_integrity.signals.base import Needs, Signal

log = logging.getLogger(__name__)


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

    def __init__(self, signals: Sequence[Signal], *, timeout_s: float) -> None:
        self._signals = sorted(signals, key=lambda signal: Needs.FACES in signal.needs)
        self._timeout_s = timeout_s
        self._thread: ThreadPoolExecutor | None = None
        self._swap = Lock()

    def examine(self, image: Image) -> list[Examined]:
        """One finding of every signal that applies to ``image``."""
        examined: list[Examined] = []
        for signal in self._signals:
            if Needs.JPEG in signal.needs and image.format is not ImageFormat.JPEG:
                continue
            if Needs.FACES in signal.needs and image.faces is None:
                finding = _failed(signal, "faces were not found out")
                examined.append(Examined(finding, 0.0))
                continue
            started = time.perf_counter()
            finding = self._run(signal, image)
            examined.append(Examined(finding, (time.perf_counter() - started) * 1e3))
            if finding.method is DetectionMethod.FACES and isinstance(finding.detail, FacesDetail):
                image = replace(image, faces=finding.detail.boxes)
        return examined

    def _run(self, signal: Signal, image: Image) -> Finding:
        with self._swap:
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="signal")
            thread = self._thread
        future = thread.submit(signal.run, image)
        try:
            return future.result(timeout=self._timeout_s)
        except TimedOut:
            with self._swap:
                thread.shutdown(wait=False, cancel_futures=True)
                self._thread = None
            log.error("signal timed out", extra={"signal": signal.name.value})
            return _failed(signal, f"no result within {self._timeout_s:g} s")
        except Exception as error:  # noqa: BLE001  any failure of a detector holds the upload
            log.error(
                "signal failed",
                extra={"signal": signal.name.value, "error_type": type(error).__name__},
            )
            return _failed(signal, type(error).__name__)


def _failed(signal: Signal, cause: str) -> Finding:
    return Finding(
        method=signal.name, version=signal.version, status=FindingStatus.FAILED, cause=cause
    )

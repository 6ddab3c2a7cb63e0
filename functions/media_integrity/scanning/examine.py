"""Runs the signals over one upload. Whatever a signal does, it ends in a finding."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from media_integrity.media.types import Face, Image, ImageFormat, Sound
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import Finding
from media_integrity.signals import faces, runtime
from media_integrity.signals.base import Evidence, Needs, Signal, Signals

log = logging.getLogger(__name__)

Media = TypeVar("Media")
Seen = tuple[tuple[Face, ...], ...]
Look = Callable[[Image], Seen]

LANES: Final = runtime.CORES
"""Signals that run at the same time."""

DEAR_FIRST: Final = (
    DetectionMethod.TEXT,
    DetectionMethod.VIDEO,
    DetectionMethod.COMPRESSION,
    DetectionMethod.SYNTHETIC_IMAGE,
)
"""Started before the others, so that no lane is left with a long one at the end. ``document`` is
not among them: it asks for the lines of text that ``text`` has found by then."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A finding and how long it took."""

    finding: Finding
    took_ms: float


class Examiner:
    """Runs signals side by side in ``LANES`` threads, each within ``timeout_s`` of its start.

    A signal that does not return cannot be stopped: its thread is left behind and the next signal
    gets a fresh one. It holds the upload and, at the worst, costs the instance a core until the
    platform's own time limit ends it.
    """

    def __init__(self, signals: Signals, *, timeout_s: float, look: Look = faces.look) -> None:
        self._signals = signals
        self._timeout_s = timeout_s
        self._look = look

    def examine(
        self, image: Image | None, sound: Sound | None, found: Mapping[DetectionMethod, Finding]
    ) -> Iterator[Examined]:
        """One finding of every signal that applies to what there is to see and to hear.

        In the order of the signals, whichever ends first. ``found``: the findings there already
        are; the signals that run last see them as well.
        """
        known = dict(found)
        jobs: list[_Job] = []
        look: _Job | None = None
        if image is not None:
            wanted = [signal for signal in self._signals.pictures if _applies(signal, image)]
            if any(Needs.FACES in signal.needs for signal in wanted):
                look = _Job("faces", _calling(self._look, image))
            jobs += [_of_picture(signal, image, look) for signal in wanted]
        if sound is not None:
            jobs += [_of(hearing, sound) for hearing in self._signals.sounds]
        started_first = [] if look is None else [look]
        _run([*started_first, *sorted(jobs, key=_precedence)], self._timeout_s)
        for job in jobs:
            examined = job.examined()
            if look is not None and examined.finding.method is DetectionMethod.FACES:
                examined = replace(examined, took_ms=examined.took_ms + look.took_ms)
            known[examined.finding.method] = examined.finding
            yield examined
        if image is not None and look is not None and isinstance(look.result, tuple):
            image = replace(image, faces=look.result)
        for fusing in self._signals.fusing:
            if Needs.IMAGE in fusing.needs and image is None:
                continue
            last = _of(fusing, Evidence(findings=dict(known), image=image, sound=sound))
            _run([last], self._timeout_s)
            examined = last.examined()
            known[examined.finding.method] = examined.finding
            yield examined


Result = Finding | Seen


@dataclass(slots=True, eq=False)
class _Job:
    """Something to run, and what came of it."""

    name: str
    work: Callable[[], Result]
    method: DetectionMethod | None = None
    """Of the signal whose finding it is; None for the look at faces."""
    version: str = ""
    after: _Job | None = None
    """Has to end well before this can start."""
    result: Result | str = "not run"
    """Or the cause why there is none."""
    took_ms: float = 0.0
    ended: bool = False

    def end(self, result: Result | str, took_ms: float = 0.0) -> None:
        self.result, self.took_ms, self.ended = result, took_ms, True

    def examined(self) -> Examined:
        """The finding; a failed one where there is a cause instead."""
        if isinstance(self.result, Finding):
            return Examined(self.result, self.took_ms)
        if self.method is None or not isinstance(self.result, str):
            raise TypeError(f"{self.name} makes no finding")
        return Examined(
            Finding(
                method=self.method,
                version=self.version,
                status=FindingStatus.FAILED,
                cause=self.result,
            ),
            self.took_ms,
        )


def _of(signal: Signal[Media], media: Media) -> _Job:
    return _Job(signal.name.value, _calling(signal.run, media), signal.name, signal.version)


def _of_picture(signal: Signal[Image], image: Image, look: _Job | None) -> _Job:
    if look is None or Needs.FACES not in signal.needs:
        return _of(signal, image)

    def with_faces() -> Result:
        assert isinstance(look.result, tuple)  # or it would not have been started
        return signal.run(replace(image, faces=look.result))

    return _Job(signal.name.value, with_faces, signal.name, signal.version, after=look)


def _calling(work: Callable[[Media], Result], media: Media) -> Callable[[], Result]:
    return lambda: work(media)


def _precedence(job: _Job) -> int:
    """Place in ``DEAR_FIRST``; those that are not in it keep their order behind."""
    return DEAR_FIRST.index(job.method) if job.method in DEAR_FIRST else len(DEAR_FIRST)


@dataclass(frozen=True, slots=True)
class _Running:
    job: _Job
    lane: ThreadPoolExecutor
    since: float


def _run(jobs: Sequence[_Job], timeout_s: float) -> None:
    """Ends every job, in the order given as far as lanes and what they wait for allow."""
    waiting = list(jobs)
    idle = [_lane() for _ in range(min(LANES, len(jobs)))]
    running: dict[Future[Result], _Running] = {}
    try:
        while waiting or running:
            for job in _ready(waiting):
                if not idle:
                    break
                waiting.remove(job)
                if job.after is not None and isinstance(job.after.result, str):
                    job.end(job.after.result)
                    continue
                lane = idle.pop()
                running[lane.submit(job.work)] = _Running(job, lane, time.perf_counter())
            if running:
                first = min(each.since for each in running.values())
                left = max(0.0, first + timeout_s - time.perf_counter())
                wait(running, timeout=left, return_when=FIRST_COMPLETED)
                idle += _settled(running, timeout_s)
    finally:
        for lane in (*idle, *(each.lane for each in running.values())):
            lane.shutdown(wait=False, cancel_futures=True)


def _ready(waiting: Sequence[_Job]) -> list[_Job]:
    return [job for job in waiting if job.after is None or job.after.ended]


def _settled(running: dict[Future[Result], _Running], timeout_s: float) -> list[ThreadPoolExecutor]:
    """Takes out what has ended or is overdue; the lanes that are free for it, fresh ones too."""
    free = []
    for future, each in list(running.items()):
        job, took_s = each.job, time.perf_counter() - each.since
        if future.done():
            job.end(_result(future, job.name), took_s * 1e3)
            free.append(each.lane)
        elif took_s >= timeout_s:
            each.lane.shutdown(wait=False, cancel_futures=True)
            log.error("signal timed out", extra={"signal": job.name})
            job.end(f"no result within {timeout_s:g} s", took_s * 1e3)
            free.append(_lane())
        else:
            continue
        del running[future]
    return free


def _result(future: Future[Result], name: str) -> Result | str:
    """Of a future that is done: what it gave, or the cause why it gave nothing.

    The error is not raised here: it would know this frame, which knows the future, which knows the
    error, and with them the whole opened upload would stay in memory until Python looks for rings.
    """
    error = future.exception()
    if error is None:
        return future.result()
    log.error("signal failed", extra={"signal": name, "error_type": type(error).__name__})
    return type(error).__name__


def _lane() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="signal")


def _applies(signal: Signal[Image], image: Image) -> bool:
    if Needs.JPEG in signal.needs and image.format is not ImageFormat.JPEG:
        return False
    return Needs.FILM not in signal.needs or image.film is not None

"""Whatever a signal does, it ends in a finding, and one signal's trouble is not another's."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from media_integrity.media.types import Face, Image, ImageFormat, Point, Sound, SoundFormat, View
from media_integrity.scanning.examine import Examiner, Look
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import Box, Finding
from media_integrity.signals.base import Evidence, Example, Needs, Signals
from media_integrity.signals.runtime import ModelUnavailable
from tests.unit.builders import nudity

BOX = Box(left=0.1, top=0.1, width=0.2, height=0.2, confidence=0.9)
FACE = Face(BOX, (Point(0.1, 0.1),) * 5)


class Scripted:
    """A signal that does what the test says."""

    version = "1"

    def __init__(
        self,
        name: DetectionMethod,
        run: Callable[[Image], Finding],
        needs: frozenset[Needs] = frozenset({Needs.IMAGE}),
    ) -> None:
        self.name = name
        self.needs = needs
        self.run = run

    def examples(self) -> tuple[Example, ...]:
        return ()


def image(form: ImageFormat = ImageFormat.JPEG) -> Image:
    view = View(rgb=np.zeros((8, 8, 3), dtype=np.uint8), frame=0)
    return Image(data=b"", format=form, width=8, height=8, frames=1, views=(view,))


def measured(method: DetectionMethod) -> Callable[[Image], Finding]:
    return lambda _: Finding(method=method, version="1", score=0.0)


def one_face(media: Image) -> tuple[tuple[Face, ...], ...]:
    return ((FACE,),) * len(media.views)


def examined(
    *signals: Scripted, timeout_s: float = 10, of: Image | None = None, look: Look = one_face
) -> list[Finding]:
    examiner = Examiner(Signals(pictures=signals), timeout_s=timeout_s, look=look)
    return [each.finding for each in examiner.examine(of or image(), None, {})]


@pytest.mark.parametrize("error", [RuntimeError("secret"), ModelUnavailable("m", "missing")])
def test_a_signal_that_raises_is_a_failed_check_and_the_others_still_run(error: Exception) -> None:
    def fail(_: Image) -> Finding:
        raise error

    findings = examined(
        Scripted(DetectionMethod.NUDITY, fail),
        Scripted(DetectionMethod.TEXT, measured(DetectionMethod.TEXT)),
    )

    assert [finding.status for finding in findings] == [
        FindingStatus.FAILED,
        FindingStatus.MEASURED,
    ]
    assert findings[0].cause == type(error).__name__, "a message may quote the media"


def test_a_signal_that_raises_keeps_no_upload_in_memory() -> None:
    def fail(_: Image) -> Finding:
        raise RuntimeError

    upload = image()
    pixels = weakref.ref(upload.views[0].rgb)
    gc.collect()
    gc.disable()
    try:
        examined(Scripted(DetectionMethod.NUDITY, fail), of=upload)
        del upload
        assert wait_until(lambda: pixels() is None), "without a look for rings of references"
    finally:
        gc.enable()


def wait_until(holds: Callable[[], bool]) -> bool:
    """A thread that has ended its work lets go of it a moment later."""
    given_up = time.monotonic() + 10
    while not holds() and time.monotonic() < given_up:
        time.sleep(0.01)
    return holds()


def test_a_signal_that_hangs_is_a_failed_check_and_the_others_still_run() -> None:
    release = threading.Event()

    def hang(_: Image) -> Finding:
        release.wait(30)
        raise AssertionError

    findings = examined(
        Scripted(DetectionMethod.NUDITY, hang),
        Scripted(DetectionMethod.TEXT, measured(DetectionMethod.TEXT)),
        timeout_s=0.2,
    )
    release.set()

    assert [finding.status for finding in findings] == [
        FindingStatus.FAILED,
        FindingStatus.MEASURED,
    ]


def test_every_signal_that_hangs_fails_and_those_behind_it_still_run() -> None:
    release = threading.Event()

    def hang(_: Image) -> Finding:
        release.wait(30)
        raise AssertionError

    hanging = (DetectionMethod.NUDITY, DetectionMethod.DOCUMENT, DetectionMethod.METADATA)
    began = time.perf_counter()
    findings = examined(
        *(Scripted(method, hang) for method in hanging),
        Scripted(DetectionMethod.TEXT, measured(DetectionMethod.TEXT)),
        timeout_s=0.2,
    )
    release.set()

    assert [finding.status for finding in findings] == [FindingStatus.FAILED] * 3 + [
        FindingStatus.MEASURED
    ]
    assert {finding.cause for finding in findings[:3]} == {"no result within 0.2 s"}
    assert time.perf_counter() - began < 5


def test_the_time_of_a_signal_begins_when_it_starts_not_when_it_waits() -> None:
    def slow(method: DetectionMethod) -> Scripted:
        def run(_: Image) -> Finding:
            time.sleep(0.3)
            return Finding(method=method, version="1", score=0.0)

        return Scripted(method, run)

    findings = examined(*map(slow, list(DetectionMethod)[:6]), timeout_s=0.8)
    assert {finding.status for finding in findings} == {FindingStatus.MEASURED}


def test_signals_run_side_by_side_and_their_findings_keep_their_order() -> None:
    meet = threading.Barrier(2, timeout=10)

    def together(method: DetectionMethod, pause_s: float) -> Scripted:
        def run(_: Image) -> Finding:
            meet.wait()
            time.sleep(pause_s)
            return Finding(method=method, version="1", score=0.0)

        return Scripted(method, run)

    findings = examined(
        together(DetectionMethod.NUDITY, 0.1), together(DetectionMethod.DOCUMENT, 0.0)
    )
    assert [(finding.method, finding.status) for finding in findings] == [
        (DetectionMethod.NUDITY, FindingStatus.MEASURED),
        (DetectionMethod.DOCUMENT, FindingStatus.MEASURED),
    ]


def test_a_signal_that_needs_no_faces_does_not_wait_for_them() -> None:
    began = threading.Event()

    def slow(media: Image) -> tuple[tuple[Face, ...], ...]:
        assert began.wait(10), "it waited"
        return one_face(media)

    def note(_: Image) -> Finding:
        began.set()
        return Finding(method=DetectionMethod.TEXT, version="1", score=0.0)

    findings = examined(
        Scripted(DetectionMethod.FACES, measured(DetectionMethod.FACES), frozenset({Needs.FACES})),
        Scripted(DetectionMethod.TEXT, note),
        look=slow,
    )
    assert {finding.status for finding in findings} == {FindingStatus.MEASURED}


def test_two_uploads_at_a_time_do_not_take_each_others_threads() -> None:
    """Where they shared some, one upload's signals would wait, and time out, behind the other's."""
    all_in = threading.Barrier(4, timeout=10)

    def meet(method: DetectionMethod) -> Scripted:
        def run(_: Image) -> Finding:
            all_in.wait()
            return Finding(method=method, version="1", score=0.0)

        return Scripted(method, run)

    signals = Signals(pictures=(meet(DetectionMethod.TEXT), meet(DetectionMethod.NUDITY)))
    examiner = Examiner(signals, timeout_s=10, look=one_face)
    with ThreadPoolExecutor(2) as uploads:
        both = list(uploads.map(lambda _: list(examiner.examine(image(), None, {})), range(2)))
    assert {each.finding.status for found in both for each in found} == {FindingStatus.MEASURED}


def test_a_look_at_faces_that_hangs_fails_what_needs_it_and_nothing_else() -> None:
    release = threading.Event()

    def hang(_: Image) -> tuple[tuple[Face, ...], ...]:
        release.wait(30)
        raise AssertionError

    findings = examined(
        Scripted(
            DetectionMethod.COMPRESSION,
            measured(DetectionMethod.COMPRESSION),
            frozenset({Needs.FACES}),
        ),
        Scripted(DetectionMethod.TEXT, measured(DetectionMethod.TEXT)),
        timeout_s=0.2,
        look=hang,
    )
    release.set()
    assert [finding.status for finding in findings] == [
        FindingStatus.FAILED,
        FindingStatus.MEASURED,
    ]
    assert findings[0].cause == "no result within 0.2 s"


def test_a_signal_that_needs_faces_sees_those_of_each_view() -> None:
    seen: list[tuple[tuple[Face, ...], ...] | None] = []

    def note(media: Image) -> Finding:
        seen.append(media.faces)
        return Finding(method=DetectionMethod.FACE_MANIPULATION, version="1", score=0.0)

    examined(Scripted(DetectionMethod.FACE_MANIPULATION, note, frozenset({Needs.FACES})))
    assert seen == [((FACE,),)]


def test_faces_are_looked_for_once_whoever_needs_them_and_not_at_all_otherwise() -> None:
    looks = 0

    def count(media: Image) -> tuple[tuple[Face, ...], ...]:
        nonlocal looks
        looks += 1
        return one_face(media)

    needy = frozenset({Needs.FACES})
    examined(
        Scripted(DetectionMethod.FACES, measured(DetectionMethod.FACES), needy),
        Scripted(DetectionMethod.DOCUMENT, measured(DetectionMethod.DOCUMENT), needy),
        look=count,
    )
    assert looks == 1
    examined(Scripted(DetectionMethod.TEXT, measured(DetectionMethod.TEXT)), look=count)
    assert looks == 1


def test_a_signal_that_needs_faces_fails_where_they_could_not_be_looked_for() -> None:
    def fail(_: Image) -> tuple[tuple[Face, ...], ...]:
        raise ModelUnavailable("centerface", "missing")

    needy = frozenset({Needs.FACES})
    findings = examined(
        Scripted(DetectionMethod.FACES, measured(DetectionMethod.FACES), needy),
        Scripted(DetectionMethod.FACE_MANIPULATION, measured(DetectionMethod.FACES), needy),
        Scripted(DetectionMethod.TEXT, measured(DetectionMethod.TEXT)),
        look=fail,
    )
    assert [finding.status for finding in findings] == [
        FindingStatus.FAILED,
        FindingStatus.FAILED,
        FindingStatus.MEASURED,
    ]
    assert findings[0].cause == "ModelUnavailable"


def test_sound_is_heard_and_what_fuses_runs_last_and_knows_every_finding() -> None:
    class Listening:
        name, version, needs = DetectionMethod.VOICE, "1", frozenset({Needs.SOUND})

        def run(self, media: Sound) -> Finding:
            return Finding(method=self.name, version="1", score=media.duration_s / 10)

        def examples(self) -> tuple[Example, ...]:
            return ()

    class Fusing:
        name, version = DetectionMethod.NUDITY_SYNTHESIS, "1"
        needs = frozenset({Needs.FINDINGS})

        def run(self, media: Evidence) -> Finding:
            known.append(media)
            return Finding(method=self.name, version="1", score=0.0)

        def examples(self) -> tuple[Example, ...]:
            return ()

    known: list[Evidence] = []
    sound = Sound(np.zeros(4, np.float32), 4, 4, 1, "pcm", 1.0, SoundFormat.WAV, b"")
    pictures = (Scripted(DetectionMethod.TEXT, measured(DetectionMethod.TEXT)),)
    examiner = Examiner(
        Signals(pictures=pictures, sounds=(Listening(),), fusing=(Fusing(),)),
        timeout_s=10,
        look=one_face,
    )
    before = nudity(0.3)
    found = [each.finding for each in examiner.examine(None, sound, {before.method: before})]
    assert [finding.method for finding in found] == [
        DetectionMethod.VOICE,
        DetectionMethod.NUDITY_SYNTHESIS,
    ]
    assert set(known[0].findings) == {DetectionMethod.NUDITY, DetectionMethod.VOICE}
    assert known[0].sound is sound


def test_a_signal_for_films_is_left_out_for_pictures() -> None:
    signal = Scripted(
        DetectionMethod.VIDEO, measured(DetectionMethod.VIDEO), frozenset({Needs.FILM})
    )
    assert examined(signal) == []


def test_a_signal_for_jpeg_is_left_out_for_other_formats() -> None:
    signal = Scripted(
        DetectionMethod.COMPRESSION,
        measured(DetectionMethod.COMPRESSION),
        frozenset({Needs.JPEG}),
    )
    assert examined(signal, of=image(ImageFormat.PNG)) == []
    assert len(examined(signal, of=image(ImageFormat.JPEG))) == 1

"""Whatever a signal does, it ends in a finding, and one signal's trouble is not another's."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from media_integrity.media.types import Image, ImageFormat, View
from media_integrity.scanning.examine import Examiner
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import Box, FacesDetail, Finding
from media_integrity.signals.base import Example, Needs
from media_integrity.signals.runtime import ModelUnavailable
from tests.unit.builders import faces

BOX = Box(left=0.1, top=0.1, width=0.2, height=0.2, confidence=0.9)


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


def examined(*signals: Scripted, timeout_s: float = 10, of: Image | None = None) -> list[Finding]:
    return [each.finding for each in Examiner(signals, timeout_s=timeout_s).examine(of or image())]


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


def test_a_signal_that_needs_faces_runs_after_they_were_found_and_sees_them() -> None:
    seen: list[tuple[Box, ...] | None] = []

    def look(media: Image) -> Finding:
        seen.append(media.faces)
        return Finding(method=DetectionMethod.FACE_MANIPULATION, version="1", score=0.0)

    found = Finding(
        method=DetectionMethod.FACES, version="1", detail=FacesDetail(count=1, boxes=(BOX,))
    )
    examined(
        Scripted(DetectionMethod.FACE_MANIPULATION, look, frozenset({Needs.IMAGE, Needs.FACES})),
        Scripted(DetectionMethod.FACES, lambda _: found),
    )
    assert seen == [(BOX,)]


def test_a_signal_that_needs_faces_fails_where_they_could_not_be_looked_for() -> None:
    def fail(_: Image) -> Finding:
        raise RuntimeError

    findings = examined(
        Scripted(DetectionMethod.FACES, fail),
        Scripted(DetectionMethod.FACE_MANIPULATION, lambda _: faces(0), frozenset({Needs.FACES})),
    )
    assert {finding.status for finding in findings} == {FindingStatus.FAILED}


def test_a_signal_for_jpeg_is_left_out_for_other_formats() -> None:
    signal = Scripted(
        DetectionMethod.COMPRESSION,
        measured(DetectionMethod.COMPRESSION),
        frozenset({Needs.JPEG}),
    )
    assert examined(signal, of=image(ImageFormat.PNG)) == []
    assert len(examined(signal, of=image(ImageFormat.JPEG))) == 1

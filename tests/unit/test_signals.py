"""What holds for every signal of the registry, by the examples that each of them brings."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from PIL import Image as Pillow

from media_integrity.decision.policy import default_policy
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image, open_media
from media_integrity.media.types import Image, Sound
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import Finding
from media_integrity.signals.base import Evidence, Example, Needs, Signal
from media_integrity.signals.faces import look
from media_integrity.signals.registry import all_signals

SIGNALS = all_signals()
AnySignal = Signal[Image] | Signal[Sound] | Signal[Evidence]
EVERY: tuple[AnySignal, ...] = (*SIGNALS.pictures, *SIGNALS.sounds, *SIGNALS.fusing)
LIMITS = default_policy().limits


def param(signal: AnySignal, example: Example) -> ParameterSet:
    return pytest.param(signal, example, id=f"{signal.name.value}-{example.name}")


EXAMPLES = [param(signal, example) for signal in EVERY for example in signal.examples()]
every_signal = pytest.mark.parametrize("signal", EVERY, ids=lambda signal: signal.name.value)
every_picture_signal = pytest.mark.parametrize(
    "signal", SIGNALS.pictures, ids=lambda signal: signal.name.value
)


def opened(content: bytes) -> Image:
    return open_image(content, Limits())


def found(signal: AnySignal, example: Example) -> Finding:
    """What the signal finds in a fresh making of the example, opened as the pipeline does it."""
    run = cast("Callable[[object], Finding]", signal.run)  # the example is of the signal's kind
    made = example.make()
    if isinstance(made, Evidence):
        return run(made)
    media = open_media(made, LIMITS.media)
    return run(replace(media, faces=look(media)) if isinstance(media, Image) else media)


def saved(picture: Pillow.Image) -> Image:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return opened(stream.getvalue())


def odd() -> dict[str, Image]:
    """Sound files at the edges of what signals expect."""
    noise = np.random.default_rng(3).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    return {
        "one pixel": saved(Pillow.new("RGB", (1, 1))),
        "a line": saved(Pillow.new("RGB", (400, 20), "white")),
        "a column": saved(Pillow.new("L", (20, 400), "black")),
        "noise": saved(Pillow.fromarray(noise)),
        "transparent": saved(Pillow.new("RGBA", (64, 64), (255, 0, 0, 0))),
    }


ODD = odd()


@pytest.mark.parametrize(("signal", "example"), EXAMPLES)
def test_an_example_is_found_to_be_what_it_is(signal: AnySignal, example: Example) -> None:
    finding = found(signal, example)
    assert finding.status is not FindingStatus.FAILED, finding.cause
    assert example.holds(finding), finding


@pytest.mark.parametrize(("signal", "example"), EXAMPLES)
def test_the_same_file_gets_the_same_finding(signal: AnySignal, example: Example) -> None:
    assert found(signal, example) == found(signal, example)


@every_picture_signal
@pytest.mark.parametrize("kind", ODD)
def test_odd_media_end_in_a_finding_that_can_be_stored(signal: Signal[Image], kind: str) -> None:
    if Needs.FILM in signal.needs:
        pytest.skip("looks at films only")
    finding = signal.run(replace(ODD[kind], faces=look(ODD[kind])))
    assert finding.method is signal.name
    assert finding.version == signal.version
    assert Finding.model_validate(finding.model_dump(mode="json", by_alias=True)) == finding


@every_signal
def test_a_signal_brings_examples(signal: AnySignal) -> None:
    assert len(signal.examples()) >= 2


def test_no_two_signals_answer_for_the_same_method() -> None:
    names = [signal.name for signal in EVERY]
    assert len(set(names)) == len(names)
    assert all(isinstance(name, DetectionMethod) for name in names)


HEAVY = ("onnxruntime", "cv2", "PIL", "faiss", "c2pa", "pi_heif", "numpy", "av", "dlib", "torch")
CLIENTS = ("google.cloud.firestore", "google.cloud.storage")


def test_importing_the_functions_loads_no_model_library_and_no_google_client() -> None:
    """Otherwise every deploy and every cold start pays for them."""
    functions = Path(__file__).parents[2] / "functions"
    code = f"import main, sys; print([m for m in {HEAVY + CLIENTS} if m in sys.modules])"
    environment = {
        "PYTHONPATH": str(functions),
        "FIREBASE_CONFIG": '{"projectId": "demo", "storageBucket": "demo.appspot.com"}',
    }
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=functions,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ended.stdout.strip() == "[]"

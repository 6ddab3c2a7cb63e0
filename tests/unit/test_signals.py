"""What holds for every signal of the registry, by the examples that each of them brings."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Image
from media_integrity.schema.enums import DetectionMethod, FindingStatus
from media_integrity.schema.findings import Finding
from media_integrity.signals.base import Example, Signal
from media_integrity.signals.registry import all_signals

SIGNALS = all_signals()
EXAMPLES = [
    pytest.param(signal, example, id=f"{signal.name.value}-{example.name}")
    for signal in SIGNALS
    for example in signal.examples()
]
every_signal = pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name.value)


def opened(content: bytes) -> Image:
    return open_image(content, Limits())


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
def test_an_example_is_found_to_be_what_it_is(signal: Signal, example: Example) -> None:
    finding = signal.run(opened(example.make()))
    assert finding.status is FindingStatus.MEASURED, finding.cause
    assert example.holds(finding), finding


@pytest.mark.parametrize(("signal", "example"), EXAMPLES)
def test_the_same_file_gets_the_same_finding(signal: Signal, example: Example) -> None:
    content = example.make()
    assert signal.run(opened(content)) == signal.run(opened(content))


@every_signal
@pytest.mark.parametrize("kind", ODD)
def test_odd_media_end_in_a_finding_that_can_be_stored(signal: Signal, kind: str) -> None:
    finding = signal.run(ODD[kind])
    assert finding.method is signal.name
    assert finding.version == signal.version
    assert Finding.model_validate(finding.model_dump(mode="json", by_alias=True)) == finding


@every_signal
def test_a_signal_brings_examples(signal: Signal) -> None:
    assert len(signal.examples()) >= 2


def test_no_two_signals_answer_for_the_same_method() -> None:
    names = [signal.name for signal in SIGNALS]
    assert len(set(names)) == len(names)
    assert all(isinstance(name, DetectionMethod) for name in names)


HEAVY = ("onnxruntime", "cv2", "PIL", "faiss", "c2pa", "pi_heif", "numpy")
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

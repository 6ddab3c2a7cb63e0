"""Our face network in onnxruntime, which production uses, and in torch, where it was trained.

Both with the same weights, on the same crops, one thread each, in one run. torch is there after
``./dev setup --training`` alone; without it its rows say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .measure import WARM_UP, Row, row, unmeasured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_integrity.media.types import Pixels

    Logits = NDArray[np.float32]
    Network = Callable[[Sequence[Pixels]], Logits]

ROOT = Path(__file__).resolve().parents[1]

COLD, CROPS = 3, 100
COMPARED = 16
"""Crops whose logits are compared."""

MOST_APART = 1e-3
"""Logits that the two may differ by, as the tests have it."""

ROWS = (
    "runtime_onnxruntime_cold_s",
    "runtime_torch_cold_s",
    "runtime_onnxruntime_crop_ms",
    "runtime_torch_crop_ms",
    "runtime_largest_difference",
)

_BEGIN = """
import sys, time
sys.path[:0] = ["functions", "."]
import numpy
from media_integrity.signals import network, runtime
crop = numpy.zeros((network.SIDE, network.SIDE, 3), numpy.uint8)
"""
"""Before the clock: what both need, and what is no part of either."""

COLD_STARTS = {
    "onnxruntime": f"""{_BEGIN}
began = time.perf_counter()
network.logits([crop])
print(time.perf_counter() - began)
""",
    "torch": f"""{_BEGIN}
import onnx  # the export module's, which the network itself does without
began = time.perf_counter()
from benchmarks.runtimes import torch_network
torch_network()([crop])
print(time.perf_counter() - began)
""",
}
"""Import, load the weights with their check, first answer. Each prints its seconds."""


def runtimes() -> list[Row]:
    """Our face network from a cold start, and warm for each crop; torch beside onnxruntime."""
    from media_integrity.signals import network

    shown = crops(COMPARED)
    try:
        peer = torch_network()
    except ModuleNotFoundError as error:
        why = f"not measured: {error.name} is missing; ./dev setup --training brings it in"
        taken = _alternately([network.logits], shown)[0]
        return [
            row(ROWS[0], _cold_starts("onnxruntime"), "s"),
            unmeasured(ROWS[1], "s", why),
            row(ROWS[2], taken, "ms"),
            unmeasured(ROWS[3], "ms", why),
            unmeasured(ROWS[4], "logits", why),
        ]
    ours, theirs = _alternately([network.logits, peer], shown)
    apart = float(abs(network.logits(shown) - peer(shown)).max())
    return [
        row(ROWS[0], _cold_starts("onnxruntime"), "s"),
        row(ROWS[1], _cold_starts("torch"), "s"),
        row(ROWS[2], ours, "ms"),
        row(ROWS[3], theirs, "ms"),
        Row(ROWS[4], apart, apart, "logits", COMPARED, target=MOST_APART),
    ]


def torch_network() -> Network:
    """The network in torch, on one thread.

    Raises:
        ModuleNotFoundError: torch, or something else that training needs, is not installed.
    """
    import numpy as np
    import torch

    from media_integrity.signals import network, runtime
    from training.export import reference

    torch.set_num_threads(runtime.THREADS)
    loaded = reference(runtime.path(network.WEIGHTS))

    def logits(pictures: Sequence[Pixels]) -> Logits:
        planes = torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).astype(np.float32))
        with torch.inference_mode():
            found: Logits = loaded(planes).numpy()
        return found

    return logits


def crops(count: int) -> list[Pixels]:
    """Squares of a portrait, as the network sees them, and one of noise."""
    import numpy as np
    from skimage import data

    from media_integrity.signals import network

    portrait = np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]
    cut = [
        network.crop(portrait, (150.0 + 10 * place, 130.0 + 8 * place), 90.0 + 20 * place)
        for place in range(count - 1)
    ]
    size = (network.SIDE, network.SIDE, 3)
    return [*cut, np.random.default_rng(1).integers(0, 256, size, np.uint8)]


def _alternately(networks: Sequence[Network], shown: Sequence[Pixels]) -> list[list[float]]:
    """Milliseconds of each call with one crop; the networks in turn, so that both have as much of
    the machine."""
    taken: list[list[float]] = [[] for _ in networks]
    for turn in range(WARM_UP + CROPS):
        crop = [shown[turn % len(shown)]]
        for times, network in zip(taken, networks, strict=True):
            began = time.perf_counter()
            network(crop)
            times.append((time.perf_counter() - began) * 1e3)
    return [times[WARM_UP:] for times in taken]


def _cold_starts(name: str) -> list[float]:
    """Seconds, each in a fresh process; the first, which reads from the disk, does not count."""
    found = []
    for _ in range(1 + COLD):
        child = subprocess.run(  # noqa: S603  our own interpreter and script
            [sys.executable, "-c", COLD_STARTS[name]],
            cwd=ROOT,
            env=os.environ,
            capture_output=True,
            check=True,
            text=True,
            timeout=300,
        )
        found.append(float(child.stdout.splitlines()[-1]))
    return found[1:]

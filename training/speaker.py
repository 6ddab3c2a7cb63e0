"""``python -m training speaker``: the voice encoder's weights as production loads them, measured.

1. The published weights are taken out of the pinned wheel of Resemblyzer and written as float16
   (``speaker.safetensors``) beside an ONNX graph without weights (``speaker.graph``).
2. The mean over the validation people is added to the weights: see ``signals.voice.speaker``.
3. Pairs of recordings are compared, people of the validation and of the test split apart, as they
   are and each degraded by itself. Figures go to ``OUT/report.json``.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from torch import Tensor, nn
from tqdm import tqdm

from media_integrity.signals.voice.speaker import (
    CENTRE,
    NUMBERS,
    SAME_SPEAKER,
    SEVERAL_VOICES,
    centred,
    uncentred,
)

from .voice.coding import degraded
from .voice.corpus import RATE, VOCODERS
from .voice.speakers import Reading, copies, readings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

PACKAGE = "resemblyzer==0.1.4"
MEMBER = "resemblyzer/pretrained.pt"
SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
"""Of ``MEMBER``; anything else is refused."""

WEIGHTS, GRAPH = "speaker.safetensors", "speaker.graph"
LAYERS, BANDS = 3, 40
OPSET = 17

ENROLLED_S, COMPARED_S = 10, (3, 5, 10)
MOST_PIECES = 8
"""Pieces of each length that a reading gives at most."""

DRAWS = 500


class Encoder(nn.Module):
    """The network as it was trained; production's graph is checked against it."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(BANDS, NUMBERS, LAYERS, batch_first=True)
        self.linear = nn.Linear(NUMBERS, NUMBERS)

    def forward(self, mels: Tensor) -> Tensor:
        """(n, 160, 40) to (n, 256), before the last threshold at 0."""
        _, (hidden, _) = self.lstm(mels)
        answer: Tensor = self.linear(hidden[-1])
        return answer


def main(arguments: Sequence[str]) -> int:
    """Converts, centres, measures."""
    parser = argparse.ArgumentParser(prog="python -m training speaker", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="where weights and report go")
    parser.add_argument("--cache", type=Path, help="for packages; default OUT/cache")
    parser.add_argument("--wheel", type=Path, help=f"of {PACKAGE}; fetched where it is left out")
    given = parser.parse_args(arguments)
    cache = given.cache or given.out / "cache"
    for folder in (given.out, cache):
        folder.mkdir(parents=True, exist_ok=True)
    encoder = published(given.wheel or _fetched_wheel(cache))
    pieces = _pieces(given.data, cache, encoder)
    centre = _centre(pieces)
    tensors = as_onnx_tensors(encoder) | {CENTRE: centre}
    save_file(
        {name: value.astype(np.float16) for name, value in tensors.items()}, given.out / WEIGHTS
    )
    (given.out / GRAPH).write_bytes(graph())
    report = _report(pieces, centre.astype(np.float16))
    (given.out / "report.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    return 0


def published(wheel: Path) -> Encoder:
    """The network with the published weights.

    Raises:
        ValueError: the wheel holds others.
    """
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(MEMBER)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{MEMBER} in {wheel.name} is not the pinned one")
    state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)["model_state"]
    encoder = Encoder()
    encoder.load_state_dict({name: state[name] for name in encoder.state_dict()})
    return encoder.eval()


def _fetched_wheel(cache: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(cache), PACKAGE],
        check=True,
    )
    (wheel,) = cache.glob("[Rr]esemblyzer-*.whl")
    return wheel


def as_onnx_tensors(encoder: Encoder) -> dict[str, Vector]:
    """Weights by their names in ``graph``.

    ONNX has an LSTM's gates in the order in, out, forget, cell; torch has the cell before out.
    """
    own = {name: value.detach().numpy() for name, value in encoder.state_dict().items()}

    def reordered(name: str) -> Vector:
        entry, forget, cell, out = np.split(own[name], 4)
        return np.concatenate([entry, out, forget, cell])

    found = {"linear": own["linear.weight"], "linear_bias": own["linear.bias"]}
    for layer in range(LAYERS):
        found[f"input{layer}"] = reordered(f"lstm.weight_ih_l{layer}")[None]
        found[f"state{layer}"] = reordered(f"lstm.weight_hh_l{layer}")[None]
        biases = [reordered(f"lstm.bias_{kind}_l{layer}") for kind in ("ih", "hh")]
        found[f"bias{layer}"] = np.concatenate(biases)[None]
    return found


def from_onnx_tensors(tensors: Mapping[str, NDArray[np.float16]]) -> Encoder:
    """The network with weights as production has them: the inverse of ``as_onnx_tensors``."""

    def reordered(values: NDArray[np.float16]) -> Tensor:
        entry, out, forget, cell = np.split(values.astype(np.float32), 4)
        return torch.from_numpy(np.concatenate([entry, forget, cell, out]))

    state = {
        "linear.weight": torch.from_numpy(tensors["linear"].astype(np.float32)),
        "linear.bias": torch.from_numpy(tensors["linear_bias"].astype(np.float32)),
    }
    for layer in range(LAYERS):
        state[f"lstm.weight_ih_l{layer}"] = reordered(tensors[f"input{layer}"][0])
        state[f"lstm.weight_hh_l{layer}"] = reordered(tensors[f"state{layer}"][0])
        entry, own = np.split(tensors[f"bias{layer}"][0], 2)
        state[f"lstm.bias_ih_l{layer}"] = reordered(entry)
        state[f"lstm.bias_hh_l{layer}"] = reordered(own)
    encoder = Encoder()
    encoder.load_state_dict(state)
    return encoder.eval()


def graph() -> bytes:
    """``mels`` (n, 160, 40) to ``numbers`` (n, 256), without the weights."""
    nodes = [helper.make_node("Transpose", ["mels"], ["at0"], perm=[1, 0, 2])]
    for layer in range(LAYERS):
        inputs = [f"at{layer}", f"input{layer}", f"state{layer}", f"bias{layer}"]
        outputs = [f"all{layer}", f"last{layer}"]
        nodes.append(helper.make_node("LSTM", inputs, outputs, hidden_size=NUMBERS))
        if layer < LAYERS - 1:
            nodes.append(helper.make_node("Squeeze", [f"all{layer}", "one"], [f"at{layer + 1}"]))
    nodes.append(helper.make_node("Squeeze", [f"last{LAYERS - 1}", "zero"], ["state"]))
    nodes.append(
        helper.make_node("Gemm", ["state", "linear", "linear_bias"], ["numbers"], transB=1)
    )
    axes = [
        numpy_helper.from_array(np.array([axis]), name) for axis, name in enumerate(("zero", "one"))
    ]
    mels = helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["n", "frames", BANDS])
    numbers = helper.make_tensor_value_info("numbers", TensorProto.FLOAT, ["n", NUMBERS])
    made = helper.make_graph(nodes, "speaker", [mels], [numbers], axes)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    return bytes(model.SerializeToString())


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a reading."""

    reading: Reading
    seconds: int
    start_s: int
    degraded: bool
    mean: Vector
    """What the network gives, before the speakers' mean is taken off."""

    def overlaps(self, other: Piece) -> bool:
        return (
            self.reading.name == other.reading.name
            and self.start_s < other.start_s + other.seconds
            and other.start_s < self.start_s + self.seconds
        )


def _pieces(data: Path, cache: Path, encoder: Encoder) -> list[Piece]:
    """Everything that is compared; vocoders' renderings bear the system in their name."""
    every = [*readings(data, cache), *filter(None, (copies(data, name) for name in VOCODERS))]
    torch.set_num_threads(1)  # the parts are small: more threads wait for each other
    answer = _torch_answer(encoder)
    found = []
    for reading in tqdm(every, desc="readings", mininterval=5):
        for seconds in COMPARED_S:
            count = min(len(reading.speech) // (seconds * RATE), MOST_PIECES)
            for start in range(0, count * seconds, seconds):
                cut = reading.speech[start * RATE : (start + seconds) * RATE]
                seed = int.from_bytes(
                    hashlib.sha256(f"{reading.name} {start} {seconds}".encode()).digest()[:4]
                )
                for worse in (False, True):
                    heard = degraded(cut, RATE, seed) if worse else cut
                    found.append(Piece(reading, seconds, start, worse, uncentred(heard, answer)))
    return found


def _torch_answer(encoder: Encoder) -> Callable[[Vector], Vector]:
    @torch.no_grad()
    def answer(parts: Vector) -> Vector:
        return np.asarray(encoder(torch.from_numpy(parts)).numpy(), np.float32)

    return answer


def _centre(pieces: Sequence[Piece]) -> Vector:
    """Mean over the validation people, each counting once."""
    people: dict[str, list[Vector]] = {}
    for piece in pieces:
        if piece.reading.validation:
            people.setdefault(piece.reading.person, []).append(piece.mean)
    return np.asarray(np.mean([np.mean(means, axis=0) for means in people.values()], axis=0))


@dataclass(frozen=True, slots=True)
class Compared:
    """Distances of pairs, with the people, for intervals."""

    same: list[tuple[float, str]]
    other: list[tuple[float, str, str]]


def _report(pieces: Sequence[Piece], centre: NDArray[np.float16]) -> dict[str, object]:
    numbers = {id(piece): centred(piece.mean, centre) for piece in pieces}
    human = [piece for piece in pieces if not _vocoder(piece)]
    report: dict[str, object] = {}
    for split, validation in (("validation", True), ("test", False)):
        own = [piece for piece in human if piece.reading.validation is validation]
        report[f"{split} people"] = len({piece.reading.person for piece in own})
        for seconds in COMPARED_S:
            for name, worse in (
                ("as it is", (False, False)),
                ("degraded", (True, True)),
                ("one degraded", (False, True)),
            ):
                enrolled = [p for p in own if p.seconds == ENROLLED_S and p.degraded is worse[0]]
                asked = [p for p in own if p.seconds == seconds and p.degraded is worse[1]]
                pairs = _compared(enrolled, asked, numbers)
                report[f"{split} {seconds} s {name}"] = _row(pairs)
    report["copies"] = _copies(pieces, numbers)
    report["enrolment"] = _enrolment(human, numbers)
    return report


def _vocoder(piece: Piece) -> str | None:
    name = piece.reading.name.removeprefix("demo_ss_")
    return name if name in VOCODERS else None


def _compared(
    enrolled: Sequence[Piece], asked: Sequence[Piece], numbers: dict[int, Vector]
) -> Compared:
    found = Compared([], [])
    for one in enrolled:
        for other in asked:
            far = float(np.linalg.norm(numbers[id(one)] - numbers[id(other)]))
            if one.reading.person == other.reading.person:
                if not one.overlaps(other):
                    found.same.append((far, one.reading.person))
            elif not one.reading.may_be(other.reading):
                found.other.append((far, one.reading.person, other.reading.person))
    return found


def _row(pairs: Compared) -> dict[str, object]:
    same = np.array([far for far, _ in pairs.same])
    other = np.array([far for far, *_ in pairs.other])
    thresholds = np.unique(np.concatenate([same, other]))
    missed = 1 - np.searchsorted(np.sort(same), thresholds, "right") / len(same)
    matched = np.searchsorted(np.sort(other), thresholds, "right") / len(other)
    best = int(np.argmin(np.abs(missed - matched)))
    return {
        "pairs of one": len(same),
        "pairs of two": len(other),
        "eer": float(missed[best] + matched[best]) / 2,
        "fmr": float((other <= SAME_SPEAKER).mean()),
        "fnmr": float((same > SAME_SPEAKER).mean()),
        **_intervals(pairs),
        "fmr within": {
            str(at): float((other <= at).mean()) for at in (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1)
        },
        "fnmr beyond": {
            str(at): float((same > at).mean()) for at in (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1)
        },
    }


def _intervals(pairs: Compared) -> dict[str, tuple[float, float]]:
    """95 % by drawing people again: pairs of few people are not independent."""
    names = sorted({name for _, *people in (*pairs.same, *pairs.other) for name in people})
    place = {name: index for index, name in enumerate(names)}
    wrong = np.zeros((2, len(names), len(names)))
    count = np.zeros_like(wrong)
    for far, name in pairs.same:
        wrong[0, place[name], place[name]] += far > SAME_SPEAKER
        count[0, place[name], place[name]] += 1
    for far, one, other in pairs.other:
        wrong[1, place[one], place[other]] += far <= SAME_SPEAKER
        count[1, place[one], place[other]] += 1
    random = np.random.default_rng(0)
    rates = []
    for _ in range(DRAWS):
        times = np.bincount(random.integers(len(names), size=len(names)), minlength=len(names))
        both = np.stack([np.diag(times), np.outer(times, times)])
        totals = (count * both).sum(axis=(1, 2))
        if totals.min() > 0:
            rates.append((wrong * both).sum(axis=(1, 2)) / totals)
    low, high = np.percentile(rates, [2.5, 97.5], axis=0)
    return {
        "fnmr_95": (float(low[0]), float(high[0])),
        "fmr_95": (float(low[1]), float(high[1])),
    }


def _copies(pieces: Sequence[Piece], numbers: dict[int, Vector]) -> dict[str, object]:
    """Is a vocoder's rendering of other sentences still the voice of its speaker?"""
    enrolled = [
        p
        for p in pieces
        if p.reading.name == "demo_ss" and p.seconds == ENROLLED_S and not p.degraded
    ]
    found: dict[str, object] = {}
    for name in VOCODERS:
        asked = [p for p in pieces if _vocoder(p) == name and p.seconds == 5 and not p.degraded]
        far = [
            float(np.linalg.norm(numbers[id(one)] - numbers[id(other)]))
            for one in enrolled
            for other in asked
            if not _same_words(one, other)
        ]
        if far:
            found[name] = {
                "pairs": len(far),
                "matched": float((np.array(far) <= SAME_SPEAKER).mean()),
                "median": float(np.median(far)),
            }
    return found


def _same_words(one: Piece, other: Piece) -> bool:
    """Renderings keep the order and nearly the length of the sentences."""
    return (
        one.start_s - 2 < other.start_s + other.seconds
        and other.start_s < one.start_s + one.seconds + 2
    )


def _enrolment(human: Sequence[Piece], numbers: dict[int, Vector]) -> dict[str, object]:
    """How often two halves of 5 s are too far apart: of one person, and of two."""
    halves = [p for p in human if p.seconds == 5 and not p.degraded]
    one, two = [], []
    for first in halves:
        for second in halves:
            far = float(np.linalg.norm(numbers[id(first)] - numbers[id(second)]))
            if first.reading.name == second.reading.name:
                if second.start_s == first.start_s + 5:
                    one.append(far)
            elif first.reading.person < second.reading.person and not first.reading.may_be(
                second.reading
            ):
                two.append(far)
    return {
        "of one": len(one),
        "refused": float((np.array(one) > SEVERAL_VOICES).mean()),
        "of two": len(two),
        "found": float((np.array(two) > SEVERAL_VOICES).mean()),
    }

"""``python -m training voice --data DIR --out DIR``: the voice detector, made anew and measured.

1. All clips are fetched, rendered, coded and cached (``dataset``).
2. ``strict``: a detector that has seen none of the demo's neural vocoders, nor Piper, nor LPC.
   What it says of them is what is to be expected of a vocoder that nobody has seen.
3. ``held_out``: each vocoder of the demo in turn; the detector is fitted with the others'
   renderings of half of the sentences and judged on that one's renderings of the other half.
4. ``final``: fitted on everything but the test voices. Its weights are written.

AASIST-L is run on the same files. Figures go to ``OUT/report.json``.

Interrupted, the same command goes on: every source of clips and every hundred measured clips are
kept. The same data and seed give the same weights, to the byte on one machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

from .aasist import Aasist
from .corpus import VOCODERS, share
from .dataset import Item, build
from .detector import Measured, apart_odds, fitted, measured, odds
from .figures import Row, row
from .synthesizers import SYSTEMS as SYNTHESIZERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from media_integrity.signals.network import Weights

LOG = logging.getLogger("training.voice")

WEIGHTS = "voice.safetensors"

UNSEEN = ("piper", "lpc")
"""Systems that ``strict`` has not seen beside the vocoders of the demo."""

Rows = dict[str, Row]


def main(arguments: Sequence[str]) -> int:
    """Trains, measures and writes ``voice.safetensors`` and ``report.json``."""
    parser = argparse.ArgumentParser(prog="python -m training voice", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="where weights and report go")
    parser.add_argument("--cache", type=Path, help="for clips; default OUT/cache")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-baseline", action="store_true", help="without AASIST-L")
    parser.add_argument(
        "--without",
        nargs="*",
        default=[],
        choices=sorted(SYNTHESIZERS),
        help="synthesizers that are not installed; the report says so",
    )
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    given.out.mkdir(parents=True, exist_ok=True)

    cache = given.cache or given.out / "cache"
    items = [item for item in build(given.data, cache, given.without) if _used(item)]
    known = measured(items, given.out)
    report: dict[str, Rows | dict[str, Rows] | dict[str, float | int] | list[str] | str | int] = {
        "seed": given.seed,
        "without": sorted(given.without),
        "counts": _counts(known),
        "strict": _strict(known, given.seed),
        "held_out": _held_out(known, given.seed),
    }
    if not given.no_baseline:
        scores = _baseline(items, given.data / "weights/aasist")
        report["aasist_l"] = {
            split: _by_system(_of(known, split), scores) for split in ("demo", "test")
        }
    train = [*_of(known, "train"), *_of(known, "demo")]
    weights = fitted(train, given.seed)
    test = _of(known, "test")
    report["final_test"] = _by_system(test, _scores(test, weights))
    report["calibration"] = _platt(train, weights, given.seed)
    save_file(
        {name: value.astype(np.float16) for name, value in weights.items()},
        given.out / WEIGHTS,
    )
    report["sha256"] = hashlib.sha256((given.out / WEIGHTS).read_bytes()).hexdigest()
    (given.out / "report.json").write_text(json.dumps(report, indent=1))
    LOG.info("%s", json.dumps(report, indent=1))
    return 0


def _used(item: Item) -> bool:
    """One version of each clip, both of the demo's and the reader's few."""
    few = item.split == "demo" or item.speaker.startswith("reader")
    return few or int(share("v" + item.sentence) * 2) == item.version


def _of(known: Sequence[Measured], split: str, without: Sequence[str] = ()) -> list[Measured]:
    return [each for each in known if each.split == split and each.system not in without]


def _counts(known: Sequence[Measured]) -> dict[str, float | int]:
    names = [f"{each.split} {each.system}" for each in known]
    return {name: names.count(name) for name in sorted(set(names))}


def _scores(part: Sequence[Measured], weights: Weights) -> NDArray[np.float64]:
    return np.array([odds(each, weights) for each in part])


def _strict(known: Sequence[Measured], seed: int) -> dict[str, Rows]:
    weights = fitted(_of(known, "train", UNSEEN), seed)
    unseen = [
        each
        for each in (*_of(known, "train"), *_of(known, "test"))
        if each.system in UNSEEN or (each.system == "human" and each.split == "test")
    ]
    parts = {"demo": _of(known, "demo"), "test": _of(known, "test"), "unseen_systems": unseen}
    return {name: _by_system(part, _scores(part, weights)) for name, part in parts.items()}


def _held_out(known: Sequence[Measured], seed: int) -> Rows:
    """Each vocoder in turn; neither it nor the judged sentences have been seen."""
    train, demo = _of(known, "train"), _of(known, "demo")
    rows: Rows = {}
    if not demo:
        return rows
    fakes: list[float] = []
    reals: list[float] = []
    for held in VOCODERS:
        fake: list[float] = []
        real: list[float] = []
        for half in (False, True):
            others = [each for each in demo if _half(each) != half and each.system != held]
            judged = [
                each for each in demo if _half(each) == half and each.system in ("human", held)
            ]
            weights = fitted([*train, *others], seed)
            for each, score in zip(judged, _scores(judged, weights), strict=True):
                (fake if each.fake else real).append(float(score))
        rows[held] = row(np.array(fake), np.array(real))
        fakes += fake
        reals += real
    rows["all"] = row(np.array(fakes), np.array(reals))
    return rows


def _half(each: Measured) -> bool:
    """Sentences 4 and 5 of each speaker group against 1 to 3."""
    return int(each.sentence.rsplit("_", 1)[1]) > 3


def _by_system(part: Sequence[Measured], scores: NDArray[np.float64] | dict[str, float]) -> Rows:
    """A row for each system against all human items; ``clean`` are those not degraded."""
    if isinstance(scores, dict):
        scores = np.array([scores[_key(each)] for each in part])
    systems = np.array([each.system for each in part])
    clean = np.array([each.version == 0 for each in part])
    human = systems == "human"
    kinds = {system: systems == system for system in sorted(set(systems) - {"human"})}
    rows: Rows = {}
    for name, own in {**kinds, "all": ~human}.items():
        if own.any() and human.any():
            rows[name] = row(scores[own], scores[human])
        if (own & clean).any() and (human & clean).any():
            rows[f"{name} clean"] = row(scores[own & clean], scores[human & clean])
    return rows


def _key(each: Measured | Item) -> str:
    return f"{each.system}|{each.sentence}|{each.version}"


def _baseline(items: Sequence[Item], folder: Path) -> dict[str, float]:
    network = Aasist(folder)
    return {
        _key(item): network.score(item.samples) for item in items if item.split in ("demo", "test")
    }


def _platt(train: Sequence[Measured], weights: Weights, seed: int) -> dict[str, float | int]:
    """a and b of ``signals.calibration``, as if half of all recordings were synthetic."""
    scores = apart_odds(train, weights, seed).clip(-13.8, 13.8)
    model = LogisticRegression(C=1e6, class_weight="balanced")
    model.fit(scores[:, None], [each.fake for each in train])
    return {"a": float(model.coef_[0, 0]), "b": float(model.intercept_[0]), "n": len(train)}

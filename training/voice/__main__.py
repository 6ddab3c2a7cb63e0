"""``python -m training voice --data DIR --out DIR``: the voice detector, made anew and measured.

1. All clips are fetched, rendered, coded and cached (``dataset``).
2. ``strict``: a detector that has seen none of the demo's neural vocoders, nor Piper, nor LPC. What
   it says of them is what is to be expected of a vocoder that nobody has seen.
3. ``held out``: for each vocoder of the demo in turn, the detector is trained on with the others'
   renderings of one half of the sentences, and judged on that vocoder's renderings of the other half.
4. ``final``: trained on with everything but the test voices. Its weights are written.

AASIST-L is run on the same files. Figures go to ``OUT/report.json``.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression

from .aasist import Aasist
from .corpus import VOCODERS, share
from .dataset import Item, build
from .detector import Measured, fitted, measured, odds
from .figures import row
from .network import VoiceNet, item_scores, trained

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from media_integrity.signals.voice.network import Weights

LOG = logging.getLogger("training.voice")

UNSEEN = ("piper", "lpc")
"""Systems that ``strict`` has not seen beside the vocoders of the demo."""

TRAITS_SHARE = 0.5
"""Of the training items that the regressions are fitted on."""

Row = dict[str, float | int | tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Splits:
    train: tuple[Item, ...]
    validation: tuple[Measured, ...]
    test: tuple[Measured, ...]
    demo: tuple[Measured, ...]
    named: tuple[Measured, ...]
    """The part of ``train`` whose traits were measured."""


def main(arguments: Sequence[str]) -> int:
    """Trains, measures and writes ``voice.safetensors`` and ``report.json``."""
    parser = argparse.ArgumentParser(prog="python -m training voice", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="where weights and report go")
    parser.add_argument("--cache", type=Path, help="for clips; default OUT/cache")
    parser.add_argument("--epochs", type=int, default=14, help="of the first training")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    given.out.mkdir(parents=True, exist_ok=True)
    torch.use_deterministic_algorithms(True)

    splits = _splits(build(given.data, given.cache or given.out / "cache"), given.out)
    strict = _strict(splits, given.out, given.epochs, given.seed)
    strict_weights = _fitted(strict, splits, without=(*UNSEEN, *VOCODERS))
    baseline = _baseline(splits, given.data / "weights/aasist")
    report = {
        "strict": _strict_figures(splits, strict_weights),
        "held_out": _held_out(splits, strict, given.seed),
        "aasist_l": _by_system(splits.demo, baseline, None),
        "aasist_l_test": _by_system(splits.test, baseline, None),
    }
    final = _trained_on(strict, splits, splits.demo, 6, given.seed)
    weights = _fitted(final, splits, without=())
    report["final"] = {
        "test": _by_system(splits.test, None, weights),
        "calibration": _platt(splits, weights),
    }
    save_file(
        {name: value.astype(np.float16) for name, value in weights.items()},
        given.out / "voice.safetensors",
    )
    (given.out / "report.json").write_text(json.dumps(report, indent=1))
    LOG.info("%s", json.dumps(report, indent=1))
    return 0


def _splits(items: list[Item], out: Path) -> Splits:
    by_split: dict[str, list[Item]] = {"train": [], "validation": [], "test": [], "demo": []}
    for item in items:
        by_split[item.split].append(item)
    named = [
        item
        for item in by_split["train"]
        if share(f"traits {item.system} {item.sentence} {item.version}") < TRAITS_SHARE
    ]
    chosen = measured([*named, *by_split["validation"], *by_split["test"], *by_split["demo"]], out)
    of = {name: tuple(each for each in chosen if each.item.split == name) for name in by_split}
    return Splits(tuple(by_split["train"]), of["validation"], of["test"], of["demo"], of["train"])


def _strict(splits: Splits, out: Path, epochs: int, seed: int) -> VoiceNet:
    """Trained from nothing; kept, so that what follows can be repeated alone."""
    kept = out / f"strict_{epochs}_{seed}.pt"
    net = VoiceNet()
    if kept.exists():
        net.load_state_dict(torch.load(kept, weights_only=True))
        return net.eval()

    def watch(epoch: int, each: VoiceNet, loss: float) -> None:
        if epoch % 3 == 2:
            seen = [m.item for m in splits.validation if m.item.system not in UNSEEN]
            demo = [m.item for m in splits.demo]
            LOG.info("epoch %d loss %.3f", epoch + 1, loss)
            for name, items in (("validation", seen), ("demo", demo)):
                scores = item_scores(each, items)
                fake = np.array([item.fake for item in items])
                LOG.info("  %s %s", name, row(scores[fake], scores[~fake]))

    train = [item for item in splits.train if item.system not in UNSEEN]
    net = trained(train, epochs=epochs, seed=seed, after_epoch=watch)
    torch.save(net.state_dict(), kept)
    return net


def _trained_on(
    start: VoiceNet, splits: Splits, more: Sequence[Measured], epochs: int, seed: int
) -> VoiceNet:
    items = [*splits.train, *(each.item for each in more)]
    return trained(items, epochs=epochs, seed=seed, start=start, rate=5e-4)


def _fitted(
    net: VoiceNet, splits: Splits, *, without: Sequence[str], more: Sequence[Measured] = ()
) -> dict[str, NDArray[np.float32]]:
    def seen(part: Sequence[Measured]) -> list[Measured]:
        return [each for each in part if each.item.system not in without]

    return fitted(net, [*seen(splits.named), *more], seen(splits.validation))


def _scores(part: Sequence[Measured], weights: Weights) -> NDArray[np.float64]:
    return np.array([odds(each, weights).total for each in part])


def _strict_figures(splits: Splits, weights: Weights) -> dict[str, dict[str, Row]]:
    unseen = [each for each in splits.validation if each.item.system in ("human", *UNSEEN)]
    return {
        "demo": _by_system(splits.demo, None, weights),
        "test_voices": _by_system(splits.test, None, weights),
        "unseen_systems": _by_system(unseen, None, weights),
    }


def _by_system(
    part: Sequence[Measured], baseline: dict[int, float] | None, weights: Weights | None
) -> dict[str, Row]:
    """A row for each system against all human items of ``part``; ``clean`` without degradation."""
    scores = (
        _scores(part, weights)
        if weights is not None
        else np.array([(baseline or {})[id(each)] for each in part])
    )
    systems = np.array([each.item.system for each in part])
    clean = np.array([each.item.version == 0 for each in part])
    human = systems == "human"
    rows: dict[str, Row] = {}
    for system in sorted(set(systems) - {"human"}):
        own = systems == system
        rows[system] = row(scores[own], scores[human])
        rows[f"{system} clean"] = row(scores[own & clean], scores[human & clean])
    rows["all"] = row(scores[~human], scores[human])
    rows["all clean"] = row(scores[~human & clean], scores[human & clean])
    return rows


def _held_out(splits: Splits, strict: VoiceNet, seed: int) -> dict[str, Row]:
    """Each vocoder in turn; neither it nor its sentences have been seen."""
    rows: dict[str, Row] = {}
    all_fake: list[float] = []
    all_real: list[float] = []
    for held in VOCODERS:
        fake: list[float] = []
        real: list[float] = []
        for half in (0, 1):
            others = [
                each for each in splits.demo if _half(each) != half and each.item.system != held
            ]
            judged = [
                each
                for each in splits.demo
                if _half(each) == half and each.item.system in ("human", held)
            ]
            net = _trained_on(strict, splits, others, 3, seed)
            weights = _fitted(net, splits, without=(), more=others)
            for each, score in zip(judged, _scores(judged, weights), strict=True):
                (fake if each.item.fake else real).append(float(score))
        rows[held] = row(np.array(fake), np.array(real))
        LOG.info("held out %s: %s", held, rows[held])
        all_fake += fake
        all_real += real
    rows["all"] = row(np.array(all_fake), np.array(all_real))
    return rows


def _half(each: Measured) -> int:
    """Of the demo's ten sentences: 1 to 3 of each speaker group against 4 and 5."""
    return int(each.item.sentence.rsplit("_", 1)[1]) > 3


def _baseline(splits: Splits, folder: Path) -> dict[int, float]:
    network = Aasist(folder)
    return {id(each): network.score(each.item.samples) for each in (*splits.demo, *splits.test)}


def _platt(splits: Splits, weights: Weights) -> dict[str, float | int]:
    """a and b of ``signals.calibration`` on voices that were not trained on."""
    part = [*splits.test, *splits.validation]
    scores = _scores(part, weights).clip(-13.8, 13.8)
    model = LogisticRegression(C=1e6, class_weight="balanced")
    model.fit(scores[:, None], [each.item.fake for each in part])
    return {"a": float(model.coef_[0, 0]), "b": float(model.intercept_[0]), "n": len(part)}

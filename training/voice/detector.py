"""The whole detector: network over statistics, regressions over traits, fusion.

What is fitted here is judged by the engine's own functions, on the same numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from tqdm import tqdm

from media_integrity.signals.network import Weights
from media_integrity.signals.voice.activity import speech
from media_integrity.signals.voice.learned import (
    fused,
    network,
    regression,
    statistics,
    together,
)
from media_integrity.signals.voice.lines import line_strengths, lines_odds
from media_integrity.signals.voice.sections import Section, speaking_frames
from media_integrity.signals.voice.traits import GROUPS, traits

from .corpus import share
from .dataset import Item

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIDDEN = 24
_PENALTY = 1.0
_EPOCHS = 10
_FOLDS = 6
_BOUND = 5.0
_SAVED_EVERY = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """What is computed of an item whatever the weights are."""

    system: str
    speaker: str
    sentence: str
    version: int
    split: str
    statistics: NDArray[np.float32]
    named: Mapping[str, NDArray[np.float32]]
    lines: NDArray[np.float32]

    @property
    def fake(self) -> bool:
        return self.system != "human"


def measured(items: Sequence[Item], cache: Path) -> list[Measured]:
    """The items' numbers; those of an earlier call are read from ``cache``."""
    file = cache / "measured.npz"
    known: dict[str, NDArray[np.float32]] = {}
    if file.exists():
        with np.load(file) as stored:
            known = {name: stored[name] for name in stored.files}
    found: list[Measured] = []
    for item in tqdm(items, desc="measuring", mininterval=10):
        key = f"{item.system}|{item.sentence}|{item.speaker}|{item.version}"
        if f"{key}|statistics" not in known:
            known |= {f"{key}|{name}": value for name, value in _numbers(item).items()}
            if len(found) % _SAVED_EVERY == 0:
                _save(file, known)
        found.append(
            Measured(
                item.system,
                item.speaker,
                item.sentence,
                item.version,
                item.split,
                known[f"{key}|statistics"],
                {group: known[f"{key}|{group}"] for group in GROUPS},
                known[f"{key}|lines"],
            )
        )
    _save(file, known)
    return found


def _save(file: Path, known: Mapping[str, NDArray[np.float32]]) -> None:
    """Whole or not at all: an interruption leaves the file before."""
    partial = file.with_suffix(".partial.npz")
    np.savez(partial, allow_pickle=False, **known)
    partial.replace(file)


def _numbers(item: Item) -> dict[str, NDArray[np.float32]]:
    picture = item.spectrum.astype(np.float32)
    louder = item.samples * np.float32(0.5 / max(float(np.abs(item.samples).max()), 1e-4))
    spoken = speaking_frames(Section(0, len(item.samples), 0), speech(louder), len(picture))
    return {
        "statistics": statistics(picture, spoken),
        "lines": line_strengths(item.samples),
        **traits(item.samples, picture, spoken),
    }


def fitted(train: Sequence[Measured], seed: int = 1) -> dict[str, NDArray[np.float32]]:
    """All weights, from ``train``.

    The fusion and its calibration see each voice judged by parts that were fitted without it: how
    well a part does on voices that it knows is no measure of what it is worth.
    """
    weights = _parts_fitted(train, seed)
    apart = np.array(_judged_apart(train, seed), np.float32).clip(-8, 8)
    fusion = LogisticRegression(C=0.3)
    fusion.fit(apart, [each.fake for each in train], sample_weight=_shares(train))
    # A kind of evidence must not count against itself.
    weights["fuse_w"] = np.maximum(fusion.coef_[0], 0).astype(np.float32)
    weights["fuse_b"] = fusion.intercept_.astype(np.float32)
    return weights


def apart_odds(train: Sequence[Measured], weights: Weights, seed: int = 1) -> NDArray[np.float64]:
    """Fused log-odds of each item of ``train`` by parts fitted without its voice."""
    apart = _judged_apart(train, seed)
    return np.array(
        [
            together(lines_odds(each.lines), fused(parts, weights))
            for each, parts in zip(train, apart, strict=True)
        ]
    )


def _judged_apart(train: Sequence[Measured], seed: int) -> list[list[float]]:
    """(n, parts) log-odds of each item by parts fitted on other folds; a voice is in one fold."""
    folds = [int(share(f"fold {each.speaker}") * _FOLDS) for each in train]
    found: list[list[float]] = [[] for _ in train]
    for fold in sorted(set(folds)):
        others = [each for each, own in zip(train, folds, strict=True) if own != fold]
        weights = _parts_fitted(others, seed)
        for index, each in enumerate(train):
            if folds[index] == fold:
                found[index] = parts(each, weights)
    return found


def _parts_fitted(train: Sequence[Measured], seed: int) -> dict[str, NDArray[np.float32]]:
    """Network and regressions. Human and synthetic items count alike in sum, groups nearly so."""
    shares = _shares(train)
    labels = np.array([each.fake for each in train])
    weights = _network(np.stack([each.statistics for each in train]), labels, shares, seed)
    for group in GROUPS:
        values = np.stack([each.named[group] for each in train])
        mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-3
        model = LogisticRegression(C=0.05, max_iter=2_000)
        model.fit(((values - mean) / scale).clip(-_BOUND, _BOUND), labels, sample_weight=shares)
        weights |= {
            f"{group}_mean": mean.astype(np.float32),
            f"{group}_scale": scale.astype(np.float32),
            f"{group}_w": model.coef_[0].astype(np.float32),
            f"{group}_b": model.intercept_.astype(np.float32),
        }
    return weights


def parts(each: Measured, weights: Weights) -> list[float]:
    """Log-odds by the network and by each group."""
    return [
        network(each.statistics, weights),
        *(regression(group, each.named[group], weights) for group in GROUPS),
    ]


def odds(each: Measured, weights: Weights) -> float:
    """Log-odds that the item, taken as one section, is synthetic."""
    return together(lines_odds(each.lines), fused(parts(each, weights), weights))


def _network(
    values: NDArray[np.float32],
    labels: NDArray[np.bool_],
    shares: NDArray[np.float64],
    seed: int,
) -> dict[str, NDArray[np.float32]]:
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-3
    standard = ((values - mean) / scale).clip(-_BOUND, _BOUND)
    random = np.random.default_rng(seed)
    drawn = random.choice(len(values), 4 * len(values), p=shares / shares.sum())
    noisy = standard[drawn] + random.normal(0, 0.15, (len(drawn), standard.shape[1]))
    model = MLPClassifier((HIDDEN,), alpha=_PENALTY, max_iter=_EPOCHS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is meant
        model.fit(noisy, labels[drawn])
    return {
        "net_mean": mean.astype(np.float32),
        "net_scale": scale.astype(np.float32),
        "net_w0": model.coefs_[0].T.astype(np.float32),
        "net_b0": model.intercepts_[0].astype(np.float32),
        "net_w1": model.coefs_[1][:, 0].astype(np.float32),
        "net_b1": model.intercepts_[1].astype(np.float32),
    }


def _shares(items: Sequence[Measured]) -> NDArray[np.float64]:
    """Weights with a sum of 1 for human and 1 for synthetic items, spread by group."""
    groups = [each.system if each.fake else each.speaker for each in items]
    names, counts = np.unique(groups, return_counts=True)
    # Between "every item alike" and "every group alike".
    of_group = dict(zip(names, 1 / np.sqrt(counts), strict=True))
    found = np.array([of_group[group] for group in groups])
    fake = np.array([each.fake for each in items])
    found[fake] /= found[fake].sum()
    found[~fake] /= found[~fake].sum()
    return np.asarray(found * len(items) / 2)

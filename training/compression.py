"""Fits and measures the compression signal on the pictures of ``training.splices``.

``python -m training compression --pictures DIR`` prints the weights for ``signals/compression.py``,
fitted on the training split, and the AUC of each split with its 95 % bootstrap interval.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.signals import compression, faces

BOOTSTRAPS = 1000
FALSE_ALARMS = 0.01
"""Share of unspliced pictures of the validation split over the suggested threshold."""


@dataclass(frozen=True, slots=True)
class Row:
    label: int
    split: str
    last: str
    order: str
    measures: tuple[float, float, float]


def rows(pictures: Path) -> list[Row]:
    """The measures of every picture of the manifest."""
    with (pictures / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        listed = list(csv.DictReader(stream))
    found = []
    for entry in tqdm(listed, desc="measuring"):
        media = open_image((pictures / entry["path"]).read_bytes(), Limits())
        examined = compression.examine(replace(media, faces=faces.look(media)))
        measures = examined.measures if examined else (0.0, 0.0, 0.0)
        found.append(
            Row(int(entry["label"]), entry["split"], entry["last"], entry["order"], measures)
        )
    return found


def fit(chosen: Sequence[Row]) -> LogisticRegression:
    """Logistic regression on the measures."""
    inputs = np.array([row.measures for row in chosen])
    return LogisticRegression(C=10.0).fit(inputs, [row.label for row in chosen])


def interval(labels: NDArray[np.int_], scores: NDArray[np.float64]) -> tuple[float, float, float]:
    """AUC and its 95 % bootstrap interval."""
    chance = np.random.default_rng(0)
    drawn: list[float] = []
    while len(drawn) < BOOTSTRAPS:
        chosen = chance.integers(0, len(labels), len(labels))
        if 0 < labels[chosen].sum() < len(chosen):
            drawn.append(float(roc_auc_score(labels[chosen], scores[chosen])))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(roc_auc_score(labels, scores)), float(low), float(high)


def report(name: str, chosen: Sequence[Row], threshold: float) -> str:
    """One line of figures."""
    labels = np.array([row.label for row in chosen])
    scores = np.array([compression.score(row.measures) for row in chosen])
    if not 0 < labels.sum() < len(labels):
        return f"{name}: one class only"
    auc, low, high = interval(labels, scores)
    caught = (scores[labels == 1] >= threshold).mean()
    alarms = (scores[labels == 0] >= threshold).mean()
    return (
        f"{name}: n {labels.sum()} + {(1 - labels).sum()}, AUC {auc:.3f} [{low:.3f}, {high:.3f}], "
        f"at {threshold:.2f}: found {caught:.1%}, false alarms {alarms:.1%}"
    )


_GROUPS: dict[str, Callable[[Row], bool]] = {
    "test": lambda row: True,
    "test, last compression finer or none": lambda row: row.order == "finer",
    "test, last compression coarser": lambda row: row.order == "coarser",
    "test, JPEG": lambda row: row.last == "jpg",
    "test, PNG": lambda row: row.last == "png",
}


def main(arguments: Sequence[str]) -> int:
    """``python -m training compression``."""
    parser = argparse.ArgumentParser(prog="python -m training compression", description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True)
    found = rows(parser.parse_args(arguments).pictures)
    model = fit([row for row in found if row.split == "train"])
    print("INTERCEPT", model.intercept_.round(2), "WEIGHTS", model.coef_.round(2))
    validation = [row for row in found if row.split == "validation"]
    clean = sorted(compression.score(row.measures) for row in validation if not row.label)
    threshold = clean[-1 - int(FALSE_ALARMS * len(clean))] + 0.01
    print(report("validation", validation, threshold))
    test = [row for row in found if row.split == "test"]
    for name, belongs in _GROUPS.items():
        print(report(name, [row for row in test if belongs(row)], threshold))
    return 0

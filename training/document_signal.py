"""Fits and measures the document signal on the pages of ``training.documents``.

``python -m training document_signal --pages DIR`` prints the weights for
``signals/document/signal.py``, fitted on the training split, and the figures of the test split at
the threshold over which 1 % of the honest pages of the validation split are.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.signals.document import signal

from .compression import interval

FALSE_ALARMS = 0.01


@dataclass(frozen=True, slots=True)
class Row:
    label: int
    split: str
    kind: str
    life: str
    tamper: str
    last: str
    is_document: bool
    measures: tuple[float, ...]


def rows(pages: Path) -> list[Row]:
    """The measures of every page of the manifest."""
    with (pages / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        listed = list(csv.DictReader(stream))
    found = []
    for entry in tqdm(listed, desc="measuring"):
        media = open_image((pages / entry["path"]).read_bytes(), Limits())
        examined = signal.examine(media)
        found.append(
            Row(
                int(entry["label"]),
                entry["split"],
                entry["kind"],
                entry["life"],
                entry["tamper"],
                Path(entry["path"]).suffix[1:],
                examined.layout.is_document,
                examined.measures,
            )
        )
    return found


def fit(chosen: Sequence[Row]) -> LogisticRegression:
    """Logistic regression on the logarithms of the measures."""
    inputs = np.log1p(np.array([row.measures for row in chosen]))
    return LogisticRegression(C=1.0).fit(inputs, [row.label for row in chosen])


def _score(row: Row) -> float:
    return signal.score(row.measures) if row.is_document else 0.0


def report(name: str, chosen: Sequence[Row], threshold: float) -> str:
    """One line of figures."""
    labels = np.array([row.label for row in chosen])
    scores = np.array([_score(row) for row in chosen])
    if not 0 < labels.sum() < len(labels):
        return f"{name}: one class only"
    auc, low, high = interval(labels, scores)
    caught = (scores[labels == 1] >= threshold).mean()
    alarms = (scores[labels == 0] >= threshold).mean()
    return (
        f"{name}: n {labels.sum()} + {(1 - labels).sum()}, AUC {auc:.3f} [{low:.3f}, {high:.3f}], "
        f"at {threshold:.2f}: found {caught:.1%}, false alarms {alarms:.1%}"
    )


def groups(test: Sequence[Row]) -> dict[str, list[Row]]:
    """All, by first life, by kind, by last format; and each way of tampering against all honest."""
    chosen = {"test": list(test)}
    for life in sorted({row.life for row in test}):
        chosen[f"life {life}"] = [row for row in test if row.life == life]
    for kind in sorted({row.kind for row in test}):
        chosen[f"kind {kind}"] = [row for row in test if row.kind == kind]
    for last in ("jpg", "png"):
        chosen[f"saved as {last}"] = [row for row in test if row.last == last]
    for way in sorted({row.tamper for row in test} - {"none"}):
        chosen[f"tamper {way}"] = [row for row in test if row.tamper in {"none", way}]
    return chosen


def main(arguments: Sequence[str]) -> int:
    """``python -m training document_signal``."""
    parser = argparse.ArgumentParser(prog="python -m training document_signal", description=__doc__)
    parser.add_argument("--pages", type=Path, required=True)
    found = rows(parser.parse_args(arguments).pages)
    model = fit([row for row in found if row.split == "train"])
    print("INTERCEPT", model.intercept_.round(2), "WEIGHTS", model.coef_.round(2))
    honest = [row for row in found if row.split == "validation" and not row.label]
    clean = sorted(_score(row) for row in honest)
    threshold = clean[-1 - int(FALSE_ALARMS * len(clean))] + 0.01
    test = [row for row in found if row.split == "test"]
    for name, chosen in groups(test).items():
        print(report(name, chosen, threshold))
    return 0

"""``python -m evaluation.agreement manifest.csv``: what comparing a picture's faces adds.

``face_manipulation`` adds to a face's log-odds for every way in which it differs from the other
faces of its picture (``signals.face_agreement``). Here every picture of the manifest (columns path,
label, and any; ``--cluster`` names what belongs together) is scored with that and without, and both
are compared on the same resamples. Pictures with fewer than two faces that can be judged are
counted and left out: nothing is compared there.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import numpy as np
from tqdm import tqdm

from media_integrity.decision.policy import Policy, default_policy
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_image
from media_integrity.schema.findings import FaceManipulationDetail, ManipulatedFace
from media_integrity.signals import faces
from media_integrity.signals.face_manipulation import DISAGREEMENT, FaceManipulationSignal
from media_integrity.signals.runtime import ModelUnavailable

from .errors import EvaluationError
from .judging import Missing, load, weights_missing
from .manifest import read, samples
from .metrics import Interval, Measured, Shape, resampled, separation

RESAMPLES = 1000
_EDGE = 1e-9


class Ablation(Shape):
    """AUC with and without, on the same pictures."""

    n_positive: int
    n_negative: int
    clusters: int | None
    differing: int
    """Pictures with a face that differs from the others."""
    left_out: int
    """Pictures with fewer than two faces that can be judged, and files that are none."""
    missing: int
    auc_with: Interval
    auc_without: Interval
    gain: Interval
    """Of the AUC, on paired resamples."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A picture with at least two faces that were judged."""

    label: bool
    with_agreement: float
    without: float
    differs: bool
    cluster: str


def main(arguments: Sequence[str]) -> int:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.agreement", description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--cluster", help="column that says which pictures belong together")
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    cluster = given.cluster.strip().lower() if given.cluster else None
    try:
        found = measure(given.manifest, cluster, given.resamples, given.seed)
    except EvaluationError as error:
        print(error, file=sys.stderr)
        return 1
    print(found.model_dump_json(indent=1))
    return 0


def measure(manifest: Path, cluster: str | None, resamples: int, seed: int) -> Ablation:
    """Scores everything.

    Raises:
        EvaluationError: the manifest cannot be used, or one class alone is left.
    """
    policy = default_policy()
    table = read(manifest)
    if cluster is not None and cluster not in table.columns:
        raise EvaluationError(
            f"{table.name} has no column {cluster}.", f"It has {', '.join(table.columns)}."
        )
    scored: list[Scored] = []
    left_out = missing = 0
    for sample in tqdm(samples(table), desc="pictures"):
        try:
            detail = _detail(sample.file, policy)
        except Missing:
            missing += 1
            continue
        except (Refused, TooMuchToCheck):
            left_out += 1
            continue
        except ModelUnavailable as error:
            raise weights_missing(error.name) from error
        if detail.judged < 2:
            left_out += 1
            continue
        cell = sample.groups.get(cluster) if cluster else None
        own = f"cell {cell}" if cell else f"file {sample.path}"
        scored.append(_scored(sample.label, detail, own))
    return compared(
        scored, left_out, missing, clustered=bool(cluster), resamples=resamples, seed=seed
    )


def compared(
    scored: Sequence[Scored],
    left_out: int = 0,
    missing: int = 0,
    *,
    clustered: bool = False,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Ablation:
    """The figures of scored pictures.

    Raises:
        EvaluationError: one class alone.
    """
    clusters = [each.cluster for each in scored] if clustered else None
    labels = [each.label for each in scored]
    if not 0 < sum(labels) < len(labels):
        raise EvaluationError(
            "Pictures of one kind alone have two faces that can be judged.",
            "Add pictures of several people with label 0 and with label 1.",
        )
    both = [
        Measured.of(labels, [each.with_agreement for each in scored], clusters),
        Measured.of(labels, [each.without for each in scored], clusters),
    ]
    areas = [separation(each, resamples=resamples, seed=seed).auc for each in both]
    first, second = (_areas(each, resamples, seed) for each in both)
    gained = first - second
    low, high = (float(value) for value in np.quantile(gained, (0.025, 0.975)))
    values = [area.value for area in areas if area.value is not None]
    return Ablation(
        n_positive=both[0].positives,
        n_negative=both[0].negatives,
        clusters=len(set(clusters)) if clusters is not None else None,
        differing=sum(each.differs for each in scored),
        left_out=left_out,
        missing=missing,
        auc_with=areas[0],
        auc_without=areas[1],
        gain=Interval(value=values[0] - values[1], low=low, high=high),
    )


def _areas(
    measured: Measured, resamples: int, seed: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """AUC on resamples that are the same pictures for every score: each picture, or each cluster,
    is drawn by its place and not by its score."""
    each_alone = np.arange(len(measured.labels))
    clusters = measured.clusters if measured.clusters is not None else each_alone
    return resampled(replace(measured, clusters=clusters), resamples=resamples, seed=seed).auc


def _detail(file: Path, policy: Policy) -> FaceManipulationDetail:
    data = load(file, policy.limits.media.image.max_bytes)
    image = open_image(data, policy.limits.media.image)
    finding = FaceManipulationSignal().run(replace(image, faces=faces.look(image)))
    assert isinstance(finding.detail, FaceManipulationDetail)
    return finding.detail


def _scored(label: bool, detail: FaceManipulationDetail, cluster: str) -> Scored:
    judged = [face for face in detail.faces if face.score is not None]
    return Scored(
        label,
        _of_picture(judged, counted=True),
        _of_picture(judged, counted=False),
        any(face.disagreements for face in judged),
        cluster,
    )


def _of_picture(judged: Sequence[ManipulatedFace], *, counted: bool) -> float:
    """Log of the mean odds of the faces, as the signal has it; ``counted``: with agreement."""
    odds = []
    for face in judged:
        score = min(max(face.score or 0.0, _EDGE), 1 - _EDGE)
        own = math.log(score / (1 - score))
        if not counted:
            own -= DISAGREEMENT * min(len(face.disagreements), 2)
        odds.append(math.exp(own))
    return math.log(fmean(odds))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

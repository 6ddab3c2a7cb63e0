"""From raw scores to probabilities: ``python -m training calibrate``.

On validation pictures alone it fits the logistic model of ``synthetic_image`` and Platt's scaling
of both face signals, and finds the scores that as many real faces exceed as the policy may accept.
Half of the pictures are positive, so a probability is one at even odds before looking.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from media_integrity.schema.enums import DetectionMethod
from media_integrity.signals import face_quality
from media_integrity.signals.face_manipulation import FaceManipulationSignal
from media_integrity.signals.synthetic_image import (
    Fusion,
    Measured,
    SyntheticImageSignal,
    Weights,
    can_be_judged,
    measure,
)

from . import face_pictures, samples
from .crops import Split, split_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ACCEPTED = 0.005
"""Share of real faces above the score that blocks."""

SUSPICION = 0.02
"""Share of them above the score that holds for review."""

DATA = "validation splits of LFW (by person), FFHQ and StyleGAN (by file)"

_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Scored:
    """One picture's score, and its face's sharpness to compare with."""

    kind: str
    person: str
    score: float
    sharpness: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What ``synthetic_image`` measures of one picture."""

    kind: str
    person: str
    seen: Measured
    sharpness: float

    def scored(self, fusion: Fusion) -> Scored:
        score = 1 / (1 + math.exp(-fusion.log_odds(self.seen)))
        return Scored(self.kind, self.person, score, self.sharpness)


@dataclass(frozen=True, slots=True)
class Platt:
    """Entry of ``functions/models/calibration.json``."""

    version: str
    kind: str
    a: float
    b: float
    data: str
    n: int


def calibrate(data: Path, out: Path, models: Path, limit: int) -> dict[str, object]:
    """Writes ``synthetic_fusion.json`` and both entries of ``calibration.json``.

    Returns:
        The scores that ``ACCEPTED`` and ``SUSPICION`` of real validation pictures exceed, and the
        sha256 of ``synthetic_fusion.json`` for the lock file.
    """
    source = samples.material(data, out / "cache", Split.VALIDATION, seed=1)
    altered = face_scores(source, limit)
    fusion, generated = _fused(source, limit)
    content = fusion.model_dump_json(indent=1).encode() + b"\n"
    (models / "synthetic_fusion.json").write_bytes(content)
    fits = {
        DetectionMethod.FACE_MANIPULATION: _platt(altered, FaceManipulationSignal.version),
        DetectionMethod.SYNTHETIC_IMAGE: _platt(generated, SyntheticImageSignal.version),
    }
    file = models / "calibration.json"
    entries = json.loads(file.read_text()) if file.exists() else {}
    entries |= {method.value: asdict(fit) for method, fit in fits.items()}
    file.write_text(json.dumps(entries, indent=1, sort_keys=True) + "\n")
    return {
        "face_manipulation": _operating_points(altered),
        "synthetic_image": _operating_points(generated),
        "synthetic_fusion.json": hashlib.sha256(content).hexdigest(),
    }


def face_scores(source: samples.Material, limit: int) -> list[Scored]:
    """Of ``face_pictures.of_altered``; pictures whose face cannot be judged are left out."""
    signal = FaceManipulationSignal()
    scored = []
    for shown in tqdm(face_pictures.of_altered(source, limit), desc="altered faces"):
        score = signal.run(shown.image).score
        if score is not None:
            scored.append(Scored(shown.kind, shown.person, score, _sharpness(shown)))
    return scored


def measured(source: samples.Material, limit: int) -> list[Seen]:
    """Of ``face_pictures.of_synthetic``."""
    rows = []
    for shown in tqdm(face_pictures.of_synthetic(source, limit), desc="synthetic pictures"):
        rgb = shown.image.views[0].rgb
        (seen,) = measure(rgb, can_be_judged(rgb, [shown.face]))
        rows.append(Seen(shown.kind, shown.person, seen, _sharpness(shown)))
    return rows


def _sharpness(shown: face_pictures.Shown) -> float:
    return face_quality.quality(shown.image.views[0].rgb, shown.face.box).sharpness


def _in_first_half(person: str) -> bool:
    """Both pictures of a person are in one half."""
    return split_of(f"half {person}", (0.5, 1.0)) is Split.TRAIN


REAL = frozenset({"lfw", "ffhq", "lfw_degraded", "ffhq_degraded"})
"""Kinds that are photographs; all others are altered or generated."""

HELD_OUT = frozenset({"poisson", "poisson_degraded"})
"""Kinds that nothing may be fitted on."""


def _fused(source: samples.Material, limit: int) -> tuple[Fusion, list[Scored]]:
    """The logistic models, and scores of each half by models fitted on the other half."""
    rows = [row for row in measured(source, limit) if row.seen.face is not None]
    first = [row for row in rows if _in_first_half(row.person)]
    second = [row for row in rows if not _in_first_half(row.person)]
    scored = []
    for fitted, judged in ((first, second), (second, first)):
        fusion = _fusion(fitted)
        scored += [row.scored(fusion) for row in judged]
    return _fusion(rows), scored


def _fusion(rows: Sequence[Seen]) -> Fusion:
    """One model of the pictures whose face has an embedding; one of all as if none had."""
    return Fusion(
        with_embedding=_logistic([row for row in rows if row.seen.embedding is not None]),
        without_embedding=_logistic(
            [replace(row, seen=replace(row.seen, embedding=None)) for row in rows]
        ),
    )


def _logistic(rows: Sequence[Seen]) -> Weights:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    terms = [row.seen.terms() for row in rows]
    table = np.array([list(row.values()) for row in terms])
    labels = np.array([row.kind not in REAL for row in rows])
    fit = LogisticRegression(class_weight="balanced").fit(table, labels)
    return Weights(
        intercept=float(fit.intercept_[0]),
        weights={name: float(weight) for name, weight in zip(terms[0], fit.coef_[0], strict=True)},
    )


def _platt(scored: Iterable[Scored], version: str) -> Platt:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    used = [row for row in scored if row.kind not in HELD_OUT]
    odds = log_odds(np.array([row.score for row in used]))
    labels = np.array([row.kind not in REAL for row in used])
    fit = LogisticRegression(C=1e6, class_weight="balanced").fit(odds[:, None], labels)
    return Platt(
        version=version,
        kind="platt",
        a=float(fit.coef_[0, 0]),
        b=float(fit.intercept_[0]),
        data=DATA,
        n=len(used),
    )


def _operating_points(scored: Iterable[Scored]) -> Mapping[str, float]:
    import numpy as np

    real = np.array([row.score for row in scored if row.kind in REAL])
    return {
        "n": len(real),
        "block": float(np.quantile(real, 1 - ACCEPTED)),
        "review": float(np.quantile(real, 1 - SUSPICION)),
    }


def log_odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """As ``media_integrity.signals.calibration`` does it."""
    import numpy as np

    bounded = np.clip(scores, _EDGE, 1 - _EDGE)
    odds: NDArray[np.float64] = np.log(bounded / (1 - bounded))
    return odds

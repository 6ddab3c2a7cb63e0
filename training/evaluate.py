"""The figures of the face signals' cards: ``python -m training evaluate``.

On test pictures: people and files that neither the network nor the calibration has seen. Intervals
are 95 %: of areas by bootstrap over people, since pictures of one person are alike, of shares
exact. Beside each figure stands what sharpness alone would reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from media_integrity.signals.synthetic_image import Fusion

from . import samples
from .calibrate import Scored, face_scores, measured
from .crops import Split

ROUNDS = 1000

FACE_COMPARISONS = {
    "self_blended": ("lfw", "self_blended"),
    "trained_methods": ("lfw", "trained_methods"),
    "poisson": ("lfw", "poisson"),
}
SYNTHETIC_COMPARISONS = {"stylegan": ("ffhq", "stylegan"), "rebuilt": ("lfw", "rebuilt")}


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def evaluate(
    data: Path, out: Path, models: Path, limit: int, blocks: Mapping[str, float]
) -> dict[str, object]:
    """Areas under the ROC curve and false positives at the scores in ``blocks``, by signal."""
    source = samples.material(data, out / "cache", Split.TEST, seed=1)
    fusion = Fusion.model_validate_json((models / "synthetic_fusion.json").read_bytes())
    altered = face_scores(source, limit)
    generated = [row.scored(fusion) for row in measured(source, limit)]
    sharp = {
        **_report(_by_sharpness(altered), FACE_COMPARISONS, None),
        **_report(_by_sharpness(generated), SYNTHETIC_COMPARISONS, None),
    }
    return {
        "face_manipulation": _report(altered, FACE_COMPARISONS, blocks["face_manipulation"]),
        "synthetic_image": _report(generated, SYNTHETIC_COMPARISONS, blocks["synthetic_image"]),
        "sharpness_alone": sharp,
    }


def _by_sharpness(scored: Iterable[Scored]) -> list[Scored]:
    """Blurred is altered: what a detector would reach that sees nothing else."""
    return [replace(row, score=-row.sharpness) for row in scored]


def _report(
    scored: Sequence[Scored], comparisons: Mapping[str, tuple[str, str]], block: float | None
) -> dict[str, object]:
    report: dict[str, object] = {}
    for name, (real, forged) in comparisons.items():
        for ending in ("", "_degraded"):
            pair = [row for row in scored if row.kind in (real + ending, forged + ending)]
            report[name + ending] = asdict(_bootstrapped(pair, _area(forged + ending)))
    if block is not None:
        for kind in sorted({row.kind for row in scored}):
            rows = [row for row in scored if row.kind == kind]
            above = sum(row.score > block for row in rows)
            report[f"above_block_{kind}"] = asdict(exact_share(above, len(rows)))
    return report


def _area(forged: str) -> Callable[[Sequence[Scored]], float]:
    def area(rows: Sequence[Scored]) -> float:
        """Area under the ROC curve by ranks (Mann and Whitney), ties counting half."""
        import numpy as np

        scores = np.array([row.score for row in rows])
        positive = np.array([row.kind == forged for row in rows])
        negative = np.sort(scores[~positive])
        below = np.searchsorted(negative, scores[positive], "left")
        up_to = np.searchsorted(negative, scores[positive], "right")
        return float((below + up_to).mean() / 2 / len(negative))

    return area


def exact_share(count: int, n: int) -> Figure:
    """``count`` of ``n`` with the interval of Clopper and Pearson, Biometrika 1934."""
    from scipy.stats import beta

    low = float(beta.ppf(0.025, count, n - count + 1)) if count else 0.0
    high = float(beta.ppf(0.975, count + 1, n - count)) if count < n else 1.0
    return Figure(count / n, low, high, n)


def _bootstrapped(rows: Sequence[Scored], measure: Callable[[Sequence[Scored]], float]) -> Figure:
    import numpy as np

    random = np.random.default_rng(0)
    by_person: dict[str, list[Scored]] = {}
    for row in rows:
        by_person.setdefault(row.person, []).append(row)
    people = sorted(by_person)
    values: list[float] = []
    while len(values) < ROUNDS:
        drawn = [row for person in random.choice(people, len(people)) for row in by_person[person]]
        if len({row.kind for row in drawn}) == len({row.kind for row in rows}):
            values.append(measure(drawn))
    low, high = (float(value) for value in np.quantile(values, (0.025, 0.975)))
    return Figure(measure(rows), low, high, len(rows))

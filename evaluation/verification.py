"""``--pairs``: are two pictures of the same person, by the distance of their faces' embeddings?

Embeddings identify people: they are held in memory while the pairs are gone through, and written
nowhere. The report has distances alone.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from media_integrity.decision.policy import Policy
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.open import open_image
from media_integrity.media.types import Face
from media_integrity.signals import faces
from media_integrity.signals.identity import embedding
from media_integrity.signals.runtime import ModelUnavailable

from .about import About, Latency, NotRead, about, latency
from .groups import Fairness, Member, fairness
from .journal import Journal, Run
from .judging import Missing, load, weights_missing
from .manifest import Pair, Table, pairs
from .metrics import (
    ChosenHere,
    Interval,
    Measured,
    Shape,
    chosen_here,
    confusion,
    proportion,
    separation,
)

SIGNAL = "face_verification"

FARTHEST = 2.0
"""Distance at which the score is 0. Distances beyond it do not occur between faces."""

Progress = Callable[[Sequence[Pair]], Iterable[Pair]]


class PairScore(Shape):
    """One pair of the report."""

    path_a: str
    path_b: str
    label: int
    """1: the same person."""
    score: float | None
    """1 - distance / 2, so that more alike is higher; null where there is no distance."""
    distance: float | None
    cause: str | None = None
    """Why there is no distance: which of the two, and what was wrong with it."""
    groups: dict[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.path_a}\0{self.path_b}"


class Verification(Shape):
    """What the threshold in use does. ``low`` and ``high``: exact 95 % intervals."""

    threshold: float
    """Distance up to which two faces are taken for the same person's."""
    source: str
    """``in use`` (``SAME_PERSON`` of the identity package) or ``given``."""
    accuracy: Interval
    fmr: Interval
    """False match rate: share of pairs of two people that are taken for one."""
    fnmr: Interval
    """False non-match rate: share of pairs of one person that are taken for two."""


class PairReport(Shape):
    """``report.json`` of ``--pairs``. ``fmr`` and ``fnmr`` are at the threshold in use."""

    signal: str
    auc: Interval
    eer: float | None
    ap: float | None
    n_positive: int
    n_negative: int
    operating_point: Verification
    files: tuple[PairScore, ...]
    missing: tuple[str, ...]

    threshold: float
    accuracy: Interval
    fmr: float | None
    fnmr: float | None
    accuracy_all: Interval
    """With every pair that has no distance counted as wrong."""
    not_judged: dict[str, int]
    """Pairs without a distance, by cause."""
    intervals: dict[str, Interval]
    chosen_on_this_data: tuple[ChosenHere, ...]
    """Thresholds on the score: distance = 2 (1 - score)."""
    latency: dict[str, Latency]
    """``picture``: opening one, finding its face and embedding it."""
    missing_causes: tuple[NotRead, ...]
    fairness: Fairness
    """``recall`` is 1 - FNMR, ``false_positive_rate`` is FMR, at the threshold in use."""
    about: About


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture's main face, or why it has none."""

    numbers: embedding.Numbers | None
    cause: str | None = None


class Embedder:
    """Embeds every picture once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[Path, Embedded] = {}
        self.taken_ms: list[float] = []

    def __call__(self, file: Path) -> Embedded:
        """Raises Missing: the file is not there. EvaluationError: the weights are missing."""
        if file not in self._known:
            data = load(file, self._policy.limits.media.image.max_bytes)
            started = time.perf_counter()
            try:
                self._known[file] = self._embedded(data)
            except ModelUnavailable as error:
                raise weights_missing(error.name) from error
            self.taken_ms.append((time.perf_counter() - started) * 1e3)
        return self._known[file]

    def _embedded(self, data: bytes) -> Embedded:
        try:
            rgb = open_image(data, self._policy.limits.media.image).views[0].rgb
        except Refused as refused:
            return Embedded(None, refused.code.value)
        except TooMuchToCheck as held:
            return Embedded(None, held.code.value)
        found = faces.detect(rgb)
        if not found:
            return Embedded(None, "no face")
        (result,) = embedding.embeddings(rgb, [main_face(found)])
        if result.unusable is not None:
            return Embedded(None, result.unusable.value)
        return Embedded(result.numbers)


def main_face(found: Sequence[Face]) -> Face:
    """The face that a portrait is of: large, and near the middle."""

    def prominence(face: Face) -> float:
        box = face.box
        off = max(abs(box.left + box.width / 2 - 0.5), abs(box.top + box.height / 2 - 0.5))
        return math.sqrt(box.width * box.height) - off

    return max(found, key=prominence)


def measure(
    table: Table,
    policy: Policy,
    *,
    folder: Path | None,
    resume: bool,
    progress: Progress,
) -> tuple[list[PairScore], list[NotRead], Latency]:
    """Every pair's distance, the files that are not there, and the time for a picture.

    Raises:
        EvaluationError: a fault of the manifest, weights that are missing, a folder in use.
    """
    run = Run.of(table, policy, mode="pairs", signal=SIGNAL, version=embedding.MODEL)
    wanted = pairs(table)
    journal = Journal(folder, run, PairScore, resume=resume)
    done = {result.key for result in journal.results}
    embed = Embedder(policy)
    missing: dict[str, NotRead] = {}
    for pair in progress([pair for pair in wanted if _key(pair) not in done]):
        found = []
        for path, file in ((pair.path_a, pair.file_a), (pair.path_b, pair.file_b)):
            try:
                found.append(embed(file))
            except Missing as error:
                missing[path] = NotRead(path=path, cause=str(error))
            except Refused as refused:
                found.append(Embedded(None, refused.code.value))
        if len(found) == 2:
            journal.add(_scored(pair, *found))
    order = {_key(pair): place for place, pair in enumerate(wanted)}
    results = sorted(journal.results, key=lambda result: order[result.key])
    return results, list(missing.values()), latency(embed.taken_ms[1:])


def report(
    table: Table,
    policy: Policy,
    files: Sequence[PairScore],
    missing: Sequence[NotRead],
    took: Latency,
    *,
    threshold: float | None,
    resamples: int,
    seed: int,
) -> PairReport:
    """All figures. ``threshold``: a distance to hold the pairs against, else the one in use."""
    at = embedding.SAME_PERSON if threshold is None else threshold
    judged = [(bool(file.label), file.distance) for file in files if file.distance is not None]
    # On distances, so that the threshold is met exactly; alike is high, hence the sign.
    measured = Measured.of([label for label, _ in judged], [-far for _, far in judged])
    counts = confusion(measured, -at)
    apart = separation(measured, resamples=resamples, seed=seed)
    right = counts.true_positives + counts.true_negatives
    scores = Measured.of([label for label, _ in judged], [score(far) for _, far in judged])
    point = Verification(
        threshold=at,
        source="in use" if threshold is None else "given",
        accuracy=proportion(right, len(judged)),
        fmr=proportion(counts.false_positives, measured.negatives),
        fnmr=proportion(counts.false_negatives, measured.positives),
    )
    return PairReport(
        signal=SIGNAL,
        auc=apart.auc,
        eer=apart.eer.value,
        ap=apart.average_precision.value,
        n_positive=measured.positives,
        n_negative=measured.negatives,
        operating_point=point,
        files=tuple(files),
        missing=tuple(each.path for each in missing),
        threshold=at,
        accuracy=point.accuracy,
        fmr=point.fmr.value,
        fnmr=point.fnmr.value,
        accuracy_all=proportion(right, len(files)),
        not_judged=dict(Counter(file.cause or "" for file in files if file.distance is None)),
        intervals={
            "auc": apart.auc,
            "eer": apart.eer,
            "ap": apart.average_precision,
            "fmr": point.fmr,
            "fnmr": point.fnmr,
        },
        chosen_on_this_data=chosen_here(scores),
        latency={"picture": took},
        missing_causes=tuple(missing),
        fairness=fairness(
            [
                Member(
                    bool(file.label),
                    None if file.distance is None else -file.distance,
                    file.groups,
                )
                for file in files
            ],
            -at,
            resamples=resamples,
            seed=seed,
        ),
        about=about(
            manifest=table.name,
            manifest_sha256=table.sha256,
            policy_version=policy.version,
            seed=seed,
            resamples=resamples,
        ),
    )


def score(distance: float) -> float:
    """Alike is high: 1 at distance 0, 0 at ``FARTHEST`` and beyond."""
    return max(0.0, 1 - distance / FARTHEST)


def _scored(pair: Pair, one: Embedded, other: Embedded) -> PairScore:
    distance, causes = None, []
    for name, found in (("a", one), ("b", other)):
        if found.cause is not None:
            causes.append(f"{name}: {found.cause}")
    if one.numbers is not None and other.numbers is not None:
        distance = embedding.distance(one.numbers, other.numbers)
    return PairScore(
        path_a=pair.path_a,
        path_b=pair.path_b,
        label=int(pair.same),
        score=None if distance is None else score(distance),
        distance=distance,
        cause=", ".join(causes) or None,
        groups=dict(pair.groups),
    )


def _key(pair: Pair) -> str:
    return f"{pair.path_a}\0{pair.path_b}"

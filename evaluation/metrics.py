"""The numbers, from labels and scores.

Point estimates are scikit-learn's. Intervals are percentile bootstrap intervals (Efron and
Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13): files are drawn anew with
replacement, positives and negatives apart so that their shares stay, and the middle 95 % of the
results is the interval. Files that belong together (one person, one film) may be drawn together, in
clusters: they are alike, and taken one by one they would make the interval too narrow.

A file is called positive where its score is at least the threshold, as the policy does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.bool_]

LEVEL = 0.95
RESAMPLES = 1000
BINS = 10
"""Of the reliability diagram, equally wide."""

FALSE_POSITIVE_TARGETS = (0.005, 0.01, 0.05)
"""False positive rates at which the recall is stated."""

_CELLS = 2_000_000
"""Resampled counts held at once: bounds memory at some tens of megabytes."""


class Shape(BaseModel):
    """A part of a report. Numbers that do not exist are null."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class Interval(Shape):
    """An estimate with its 95 % interval. All null where one class is missing."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class Confusion(Shape):
    """What became of the files at one threshold."""

    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int

    @property
    def accuracy(self) -> float | None:
        right = self.true_positives + self.true_negatives
        return _share(right, right + self.false_positives + self.false_negatives)

    @property
    def precision(self) -> float | None:
        """Of the files called positive, those that are. None where none was."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float | None:
        """2 TP / (2 TP + FP + FN). None where there is neither a positive nor one called so."""
        wrong = self.false_positives + self.false_negatives
        return _share(2 * self.true_positives, 2 * self.true_positives + wrong)

    @property
    def false_positive_rate(self) -> float | None:
        return _share(self.false_positives, self.false_positives + self.true_negatives)


class AtThreshold(Shape):
    """Everything that depends on where the threshold stands."""

    threshold: float
    confusion: Confusion
    accuracy: Interval
    precision: Interval
    recall: Interval
    f1: Interval
    false_positive_rate: Interval


class SweepRow(Shape):
    threshold: float
    recall: float | None
    false_positive_rate: float | None
    precision: float | None
    f1: float | None
    accuracy: float | None


class Bin(Shape):
    """One bar of the reliability diagram: the scores in [low, high), the last one closed."""

    low: float
    high: float
    n: int
    mean_score: float | None
    positive_share: float | None


class Calibration(Shape):
    """Do the scores mean what they say? ``ece``: mean distance of score and share, by files."""

    bins: tuple[Bin, ...]
    ece: float | None
    brier: float | None


class ChosenHere(Shape):
    """A threshold looked up on the very data it is judged on: not an estimate of anything."""

    name: str
    threshold: float
    confusion: Confusion
    recall: float | None
    false_positive_rate: float | None
    f1: float | None


class Separation(Shape):
    """What does not depend on a threshold."""

    auc: Interval
    eer: Interval
    average_precision: Interval


@dataclass(frozen=True, slots=True)
class Roc:
    """Points of the curve from (0, 0) to (1, 1); thresholds fall, the first is infinite."""

    false_positive_rate: Floats
    recall: Floats
    thresholds: Floats


@dataclass(frozen=True, slots=True)
class Measured:
    """Labels and scores of the files that were judged."""

    labels: Labels
    scores: Floats
    clusters: NDArray[np.int64] | None = None
    """Which files are drawn together; None: each on its own."""

    @classmethod
    def of(
        cls,
        labels: Sequence[bool],
        scores: Sequence[float],
        clusters: Sequence[str] | None = None,
    ) -> Measured:
        """Raises ValueError for a score that is not a number."""
        numbered = np.unique(clusters, return_inverse=True)[1] if clusters is not None else None
        found = cls(np.asarray(labels, bool), np.asarray(scores, np.float64), numbered)
        if not np.isfinite(found.scores).all():
            raise ValueError("a score is not a finite number")
        return found

    @property
    def positives(self) -> int:
        return int(self.labels.sum())

    @property
    def negatives(self) -> int:
        return len(self.labels) - self.positives

    def units(self, which: Labels) -> int:
        """How many of ``which`` are independent: clusters, or files."""
        if self.clusters is None:
            return int(which.sum())
        return len(np.unique(self.clusters[which]))

    @property
    def both_classes(self) -> bool:
        return self.positives > 0 and self.negatives > 0


def roc(measured: Measured) -> Roc:
    """Needs both classes."""
    from sklearn.metrics import roc_curve

    rates, recalls, thresholds = roc_curve(
        measured.labels, measured.scores, drop_intermediate=False
    )
    return Roc(rates, recalls, thresholds)


def equal_error(curve: Roc) -> tuple[float, float]:
    """Equal error rate and the threshold nearest to it.

    Where the false negative rate falls to the false positive rate, on straight lines between
    neighbouring points of the curve.
    """
    gap = (1 - curve.recall) - curve.false_positive_rate
    rate = float(_equal_error(gap[None], curve.false_positive_rate[None])[0])
    nearest = int(np.argmin(np.abs(gap[1:]))) + 1  # the first threshold is infinite
    return rate, float(curve.thresholds[nearest])


def separation(measured: Measured, *, resamples: int, seed: int) -> Separation:
    """AUC, equal error rate and average precision; null where one class is missing."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    if not measured.both_classes:
        return Separation(auc=Interval(), eer=Interval(), average_precision=Interval())
    drawn = resampled(measured, resamples=resamples, seed=seed)
    pairs = min(measured.units(measured.labels), measured.units(~measured.labels))
    return Separation(
        auc=_bounded(
            _interval(float(roc_auc_score(measured.labels, measured.scores)), drawn.auc), pairs
        ),
        eer=_bounded(_interval(equal_error(roc(measured))[0], drawn.eer), pairs),
        average_precision=_interval(
            float(average_precision_score(measured.labels, measured.scores)),
            drawn.average_precision,
        ),
    )


def confusion(measured: Measured, threshold: float) -> Confusion:
    called = measured.scores >= threshold
    return Confusion(
        true_positives=int((called & measured.labels).sum()),
        false_positives=int((called & ~measured.labels).sum()),
        true_negatives=int((~called & ~measured.labels).sum()),
        false_negatives=int((~called & measured.labels).sum()),
    )


def at_threshold(measured: Measured, threshold: float, *, resamples: int, seed: int) -> AtThreshold:
    """Everything at one threshold, with intervals."""
    counts = confusion(measured, threshold)
    drawn = _drawn_at(measured, threshold, counts, resamples=resamples, seed=seed)
    called = measured.scores >= threshold
    units = measured.units
    return AtThreshold(
        threshold=threshold,
        confusion=counts,
        accuracy=_proportion(counts.accuracy, drawn.accuracy, units(called | ~called)),
        precision=_proportion(counts.precision, drawn.precision, units(called)),
        recall=_proportion(counts.recall, drawn.recall, units(measured.labels)),
        f1=_interval(counts.f1, drawn.f1),
        false_positive_rate=_proportion(
            counts.false_positive_rate, drawn.false_positive_rate, units(~measured.labels)
        ),
    )


def sweep(measured: Measured, steps: int = 100) -> tuple[SweepRow, ...]:
    """Thresholds from 0 to 1 in equal steps."""
    rows = []
    for step in range(steps + 1):
        counts = confusion(measured, step / steps)
        rows.append(
            SweepRow(
                threshold=step / steps,
                recall=counts.recall,
                false_positive_rate=counts.false_positive_rate,
                precision=counts.precision,
                f1=counts.f1,
                accuracy=counts.accuracy,
            )
        )
    return tuple(rows)


def chosen_here(measured: Measured) -> tuple[ChosenHere, ...]:
    """Thresholds that this data would choose: best F1, equal error, and low false positives.

    The recall at a false positive rate is the highest one whose rate on this data is no higher.
    """
    if not measured.both_classes:
        return ()
    curve = roc(measured)
    thresholds = curve.thresholds[1:]
    found = curve.recall[1:] * measured.positives
    alarms = curve.false_positive_rate[1:] * measured.negatives
    best = int(np.argmax(2 * found / (found + alarms + measured.positives)))
    points = [_chosen("best F1", measured, float(thresholds[best]))]
    points.append(_chosen("equal error rate", measured, equal_error(curve)[1]))
    for target in FALSE_POSITIVE_TARGETS:
        allowed = thresholds[curve.false_positive_rate[1:] <= target]
        if len(allowed):
            name = f"false positive rate ≤ {target * 100:g} %"
            points.append(_chosen(name, measured, float(allowed[-1])))
    return tuple(points)


def calibration(measured: Measured) -> Calibration:
    """Scores against what is true, in ten bins."""
    from sklearn.metrics import brier_score_loss

    total = len(measured.labels)
    if not total:
        return Calibration(bins=(), ece=None, brier=None)
    places = np.clip((measured.scores * BINS).astype(int), 0, BINS - 1)
    bins, error = [], 0.0
    for place in range(BINS):
        inside = places == place
        n = int(inside.sum())
        mean = float(measured.scores[inside].mean()) if n else None
        share = float(measured.labels[inside].mean()) if n else None
        if mean is not None and share is not None:
            error += n / total * abs(mean - share)
        bins.append(
            Bin(
                low=place / BINS,
                high=(place + 1) / BINS,
                n=n,
                mean_score=mean,
                positive_share=share,
            )
        )
    brier = float(brier_score_loss(measured.labels, measured.scores, labels=[False, True]))
    return Calibration(bins=tuple(bins), ece=error, brier=brier)


@dataclass(frozen=True, slots=True)
class Resampled:
    """One number for each resample."""

    auc: Floats
    eer: Floats
    average_precision: Floats


def resampled(measured: Measured, *, resamples: int, seed: int) -> Resampled:
    """AUC, equal error rate and average precision of files drawn anew.

    Drawing files is drawing how often each distinct score occurs; everything else follows from the
    sums of those counts from the highest score down. Needs both classes.
    """
    random = np.random.default_rng(seed)
    values, places = np.unique(-measured.scores, return_inverse=True)
    draw = _files_drawn if measured.clusters is None else _clusters_drawn
    parts = []
    at_once = max(1, _CELLS // len(measured.labels))
    for first in range(0, resamples, at_once):
        times = min(at_once, resamples - first)
        parts.append(_from_counts(*draw(measured, places, len(values), random, times)))
    return Resampled(
        auc=np.concatenate([part.auc for part in parts]),
        eer=np.concatenate([part.eer for part in parts]),
        average_precision=np.concatenate([part.average_precision for part in parts]),
    )


def _files_drawn(
    measured: Measured,
    places: NDArray[np.int64],
    size: int,
    random: np.random.Generator,
    times: int,
) -> tuple[Floats, Floats]:
    """How often each distinct score occurs, positives and negatives: (times, size) each."""
    drawn = []
    for which in (measured.labels, ~measured.labels):
        counts = np.bincount(places[which], minlength=size)
        shares = counts / counts.sum()
        drawn.append(random.multinomial(counts.sum(), shares, size=times).astype(np.float64))
    return drawn[0], drawn[1]


def _clusters_drawn(
    measured: Measured,
    places: NDArray[np.int64],
    size: int,
    random: np.random.Generator,
    times: int,
) -> tuple[Floats, Floats]:
    """The same, whole clusters at a time. Draws without one of the classes are left out."""
    assert measured.clusters is not None
    weights = _cluster_weights(measured.clusters, random, times)
    drawn = []
    for which in (measured.labels, ~measured.labels):
        inside = measured.clusters[which]
        drawn.append(
            np.array(
                [np.bincount(places[which], row[inside], minlength=size) for row in weights],
                np.float64,
            )
        )
    usable = (drawn[0].sum(axis=1) > 0) & (drawn[1].sum(axis=1) > 0)
    return drawn[0][usable], drawn[1][usable]


def _cluster_weights(
    clusters: NDArray[np.int64], random: np.random.Generator, times: int
) -> NDArray[np.int64]:
    """(times, clusters): how often each is drawn."""
    count = int(clusters.max()) + 1
    return random.multinomial(count, np.full(count, 1 / count), size=times)


def _from_counts(positives: Floats, negatives: Floats) -> Resampled:
    """From (resamples, scores) counts, the highest score first."""
    found = np.cumsum(positives, axis=1)
    alarms = np.cumsum(negatives, axis=1)
    recall = np.pad(found / found[:, -1:], ((0, 0), (1, 0)))
    rate = np.pad(alarms / alarms[:, -1:], ((0, 0), (1, 0)))
    called = found + alarms
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    return Resampled(
        auc=np.asarray(np.trapezoid(recall, rate, axis=1)),
        eer=_equal_error((1 - recall) - rate, rate),
        average_precision=(np.diff(recall, axis=1) * precision).sum(axis=1),
    )


def _equal_error(gap: Floats, rate: Floats) -> Floats:
    """Row by row: ``rate`` where ``gap``, which falls from 1 to -1, is zero."""
    rows = np.arange(len(gap))
    after = np.argmax(gap <= 0, axis=1)
    before = after - 1  # the first gap is 1
    high, low = gap[rows, before], gap[rows, after]
    share = high / (high - low)
    crossing: Floats = rate[rows, before] + share * (rate[rows, after] - rate[rows, before])
    return crossing


@dataclass(frozen=True, slots=True)
class _DrawnAt:
    accuracy: Floats
    precision: Floats
    recall: Floats
    f1: Floats
    false_positive_rate: Floats


def _drawn_at(
    measured: Measured, threshold: float, counts: Confusion, *, resamples: int, seed: int
) -> _DrawnAt:
    """At one threshold a resample is four numbers: those found, false alarms, and both classes."""
    random = np.random.default_rng(seed)
    if measured.clusters is None or not len(measured.labels):
        recall, alarm = counts.recall or 0.0, counts.false_positive_rate or 0.0
        found = random.binomial(measured.positives, recall, resamples).astype(np.float64)
        alarms = random.binomial(measured.negatives, alarm, resamples).astype(np.float64)
        positives = np.full(resamples, float(measured.positives))
        negatives = np.full(resamples, float(measured.negatives))
    else:
        called = measured.scores >= threshold
        by_cluster = np.stack(
            [
                np.bincount(measured.clusters, which.astype(np.float64))
                for which in (
                    measured.labels & called,
                    ~measured.labels & called,
                    measured.labels,
                    ~measured.labels,
                )
            ]
        )
        at_once = max(1, _CELLS // by_cluster.shape[1])
        sums = [
            _cluster_weights(measured.clusters, random, min(at_once, resamples - first))
            @ by_cluster.T
            for first in range(0, resamples, at_once)
        ]
        found, alarms, positives, negatives = np.concatenate(sums).T
    return _DrawnAt(
        accuracy=_quotient(found + negatives - alarms, positives + negatives),
        precision=_quotient(found, found + alarms),
        recall=_quotient(found, positives),
        f1=_quotient(2 * found, found + alarms + positives),
        false_positive_rate=_quotient(alarms, negatives),
    )


def _quotient(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _interval(value: float | None, drawn: Floats) -> Interval:
    known = drawn[np.isfinite(drawn)]
    if value is None or not len(known):
        return Interval(value=value)
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value=value, low=float(low), high=float(high))


def _proportion(value: float | None, drawn: Floats, units: int) -> Interval:
    """Bootstrap interval, or the exact one of ``units`` tries where every resample is the same.

    Drawing anew from files without an error gives no error, however few files there were: the
    interval would claim certainty.
    """
    found = _interval(value, drawn)
    if value is None or found.low != found.high:
        return found
    exact = proportion(round(value * units), units)
    return Interval(value=value, low=exact.low, high=exact.high)


def _bounded(found: Interval, pairs: int) -> Interval:
    """AUC or equal error rate of classes that do not overlap, with a bound that holds.

    Resampling cannot show an overlap that the files do not have. Of positives and negatives put
    together in disjoint pairs each is in the right order with probability AUC, independently: so
    the exact bound of ``pairs`` successes in ``pairs`` tries holds for the AUC. The equal error
    rate of ``pairs`` files of each class without an error is bounded alike.
    """
    if found.low != found.high or found.value not in {0.0, 1.0}:
        return found
    return proportion(round(found.value) * pairs, pairs)


def proportion(part: int, whole: int) -> Interval:
    """``part`` of ``whole`` with the exact 95 % interval of Clopper and Pearson (1934)."""
    from scipy.stats import binomtest

    if not whole:
        return Interval()
    found = binomtest(part, whole).proportion_ci(LEVEL, method="exact")
    return Interval(value=part / whole, low=float(found.low), high=float(found.high))


def _chosen(name: str, measured: Measured, threshold: float) -> ChosenHere:
    counts = confusion(measured, threshold)
    return ChosenHere(
        name=name,
        threshold=threshold,
        confusion=counts,
        recall=counts.recall,
        false_positive_rate=counts.false_positive_rate,
        f1=counts.f1,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

"""The reports as pages: one file each, no script, no request, everything from outside escaped."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .charts import Axis, Bars, Line, Mark, chart
from .manifest import OUTCOMES, SHOWN
from .metrics import Measured, Roc, equal_error, roc

if TYPE_CHECKING:
    from .adversarial import AdversarialReport
    from .decisions import DecisionReport
    from .metrics import Floats
    from .scores import FileScore, SignalReport
    from .verification import PairReport

TEMPLATES = Path(__file__).with_name("templates")

WORST = 12
"""Errors shown of each kind."""

HISTOGRAM_BINS = 25

Thumbnail = Callable[[str], str | None]
"""From a path of the manifest to a ``data:`` address, or None."""


@dataclass(frozen=True, slots=True)
class WorstError:
    """A file that was judged wrongly."""

    path: str
    kind: str
    score: float | None
    thumbnail: str | None


def signal_page(report: SignalReport, thumbnail: Thumbnail) -> str:
    errors = [
        WorstError(file.path, kind, file.score, thumbnail(file.path))
        for kind, file in worst(report)
    ]
    return _page("signal.html.j2", report=report, charts=_signal_charts(report), errors=errors)


def decision_page(report: DecisionReport, thumbnail: Thumbnail) -> str:
    wrong = sorted(
        (file for file in report.files if file.action != file.expected),
        key=lambda file: file.expected in SHOWN or file.action not in SHOWN,
    )
    errors = [
        WorstError(
            file.path, f"{file.action} instead of {file.expected}", None, thumbnail(file.path)
        )
        for file in wrong[: 2 * WORST]
    ]
    return _page("decisions.html.j2", report=report, outcomes=OUTCOMES, shown=SHOWN, errors=errors)


def pair_page(report: PairReport) -> str:
    """Without thumbnails: a pair that was confused is two people's faces."""
    return _page("pairs.html.j2", report=report, charts=_pair_charts(report))


def adversarial_page(report: AdversarialReport) -> str:
    changes = sorted(
        ((row.transform, change) for row in report.transforms for change in row.scores),
        key=lambda each: each[1].signal,
    )
    return _page("adversarial.html.j2", report=report, changes=changes)


def worst(report: SignalReport) -> list[tuple[str, FileScore]]:
    """The highest scores without the violation, and the lowest with it, at the threshold."""
    if report.operating_point is None:
        return []
    threshold = report.operating_point.threshold
    judged = [(file.score, file) for file in report.files if file.score is not None]
    alarms = [(score, file) for score, file in judged if not file.label and score >= threshold]
    misses = [(score, file) for score, file in judged if file.label and score < threshold]
    alarms.sort(key=lambda each: (-each[0], each[1].path))
    misses.sort(key=lambda each: (each[0], each[1].path))
    return [
        *(("false alarm", file) for _, file in alarms[:WORST]),
        *(("missed", file) for _, file in misses[:WORST]),
    ]


def _page(template: str, **values: object) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return environment.get_template(template).render(
        # Our own file, and the page's policy admits no other style than the one of this hash.
        style=Markup(style),  # noqa: S704
        style_hash=digest,
        **values,
    )


def _signal_charts(report: SignalReport) -> list[Markup]:
    judged = [(bool(file.label), file.score) for file in report.files if file.score is not None]
    measured = Measured.of([label for label, _ in judged], [score for _, score in judged])
    charts = []
    if measured.both_classes:
        charts.append(_roc_chart(report, roc(measured)))
    if judged:
        charts += [_histogram(report, measured), _reliability(report), _sweep(report)]
    return charts


def _roc_chart(report: SignalReport, curve: Roc) -> Markup:
    marks = [
        Mark(
            point.false_positive_rate.value or 0.0,
            point.recall.value or 0.0,
            f"{point.action or point.source}: {point.threshold:.3f}",
        )
        for point in (report.policy_points or filter(None, [report.operating_point]))
    ]
    return chart(
        "ROC",
        Axis("false positive rate", percent=True),
        Axis("recall", percent=True),
        lines=[
            Line([(0, 0), (1, 1)], "guide", "chance"),
            Line(_points(curve.false_positive_rate, curve.recall), "b", "this signal"),
        ],
        marks=marks,
    )


def _histogram(report: SignalReport, measured: Measured) -> Markup:
    edges = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    heights = []
    for chosen in (~measured.labels, measured.labels):
        counts = np.histogram(measured.scores[chosen], edges)[0]
        heights.append(counts / max(1, int(chosen.sum())))
    top = _rounded_up(max(float(each.max()) for each in heights))
    marks = [
        Mark(point.threshold, None, f"{point.action or point.source}: {point.threshold:.3f}")
        for point in (report.policy_points or filter(None, [report.operating_point]))
    ]
    return chart(
        "Scores",
        Axis("score"),
        Axis("share of the class", high=top, percent=True),
        bars=[
            Bars(edges.tolist(), heights[0].tolist(), "b", "without the violation"),
            Bars(edges.tolist(), heights[1].tolist(), "a", "with it"),
        ],
        marks=marks,
    )


def _reliability(report: SignalReport) -> Markup:
    bins = report.calibration.bins
    total = sum(each.n for each in bins) or 1
    edges = [*(each.low for each in bins), 1.0]
    known = [
        (each.mean_score, each.positive_share)
        for each in bins
        if each.mean_score is not None and each.positive_share is not None
    ]
    return chart(
        "Reliability",
        Axis("score"),
        Axis("share with the violation", percent=True),
        bars=[Bars(edges, [each.n / total for each in bins], "c", "share of all files")],
        lines=[Line([(0, 0), (1, 1)], "guide", "calibrated"), Line(known, "a", "measured")],
        marks=[Mark(x, y, f"score {x:.2f}: {y * 100:.0f} % have it") for x, y in known],
    )


def _sweep(report: SignalReport) -> Markup:
    recall, rate, precision = (
        [(row.threshold, value) for row, value in pairs if value is not None]
        for pairs in (
            [(row, row.recall) for row in report.sweep],
            [(row, row.false_positive_rate) for row in report.sweep],
            [(row, row.precision) for row in report.sweep],
        )
    )
    point = report.operating_point
    return chart(
        "Threshold",
        Axis("threshold"),
        Axis("share", percent=True),
        lines=[
            Line(recall, "a", "recall"),
            Line(rate, "b", "false positive rate"),
            Line(precision, "c", "precision"),
        ],
        marks=[Mark(point.threshold, None, f"in use: {point.threshold:.3f}")] if point else [],
    )


def _pair_charts(report: PairReport) -> list[Markup]:
    judged = [(bool(f.label), f.distance) for f in report.files if f.distance is not None]
    if not judged:
        return []
    measured = Measured.of([label for label, _ in judged], [-far for _, far in judged])
    farthest = math.ceil(float(-measured.scores.min()) * 4 + 0.01) / 4
    edges = np.linspace(0, farthest, HISTOGRAM_BINS + 1)
    heights = []
    for chosen in (measured.labels, ~measured.labels):
        counts = np.histogram(-measured.scores[chosen], edges)[0]
        heights.append(counts / max(1, int(chosen.sum())))
    top = _rounded_up(max(float(each.max()) for each in heights))
    charts = [
        chart(
            "Distances",
            Axis("distance", high=farthest),
            Axis("share of the pairs", high=top, percent=True),
            bars=[
                Bars(edges.tolist(), heights[0].tolist(), "b", "the same person"),
                Bars(edges.tolist(), heights[1].tolist(), "a", "two people"),
            ],
            marks=[Mark(report.threshold, None, f"in use: {report.threshold:.3f}")],
        )
    ]
    if measured.both_classes:
        charts.append(_trade_off(report, roc(measured)))
        charts.append(_errors_by_distance(report, roc(measured), farthest))
    return charts


def _trade_off(report: PairReport, curve: Roc) -> Markup:
    """Both error rates up to 10 %, or as far as they have to be shown."""
    misses = 1 - curve.recall
    rate = equal_error(curve)[0]
    top = min(1.0, max(0.1, 2 * rate, report.fmr or 0.0, report.fnmr or 0.0))
    inside = (curve.false_positive_rate <= top) & (misses <= top)
    return chart(
        "Error rates against each other",
        Axis("false match rate", high=top, percent=True),
        Axis("false non-match rate", high=top, percent=True),
        lines=[
            Line([(0, 0), (top, top)], "guide", "equal"),
            Line(_points(curve.false_positive_rate[inside], misses[inside]), "b", "measured"),
        ],
        marks=[Mark(report.fmr or 0.0, report.fnmr or 0.0, f"in use: {report.threshold:.3f}")],
    )


def _errors_by_distance(report: PairReport, curve: Roc, farthest: float) -> Markup:
    distances = -curve.thresholds[1:]
    return chart(
        "Threshold",
        Axis("distance", high=farthest),
        Axis("share", percent=True),
        lines=[
            Line(_points(distances, curve.false_positive_rate[1:]), "a", "false match rate"),
            Line(_points(distances, 1 - curve.recall[1:]), "b", "false non-match rate"),
        ],
        marks=[Mark(report.threshold, None, f"in use: {report.threshold:.3f}")],
    )


def _rounded_up(share: float) -> float:
    """So that the axis has round numbers."""
    return math.ceil(max(share, 0.05) * 20) / 20


def _points(x: Floats, y: Floats) -> list[tuple[float, float]]:
    return list(zip(x.tolist(), y.tolist(), strict=True))

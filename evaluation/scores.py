"""``--signal``: how well one signal tells files with the violation from files without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import Field

from media_integrity.decision.policy import Policy
from media_integrity.media.errors import Refused
from media_integrity.schema.enums import Action, AgeGroup, DetectionMethod, Surface
from media_integrity.signals.registry import all_signals

from . import judging
from .about import About, Latency, NotRead, about, latency
from .enrolled import Enrolled, Enrolment
from .errors import EvaluationError
from .groups import Fairness, Member, fairness
from .journal import Journal, Run
from .judging import Answer, Missing, Status
from .manifest import Sample, Table, samples
from .metrics import (
    AtThreshold,
    Calibration,
    ChosenHere,
    Interval,
    Measured,
    Shape,
    SweepRow,
    at_threshold,
    calibration,
    chosen_here,
    separation,
    sweep,
)

Progress = Callable[[Sequence[Sample]], Iterable[Sample]]
"""Goes through the files and shows how far it is."""


class FileScore(Shape):
    """One file of the report."""

    path: str
    label: int
    score: float | None
    """Probability of the violation; null where the file was not judged."""
    status: Status
    cause: str | None = None
    calibrated: bool = False
    total_ms: float | None = None
    signal_ms: float | None = None
    groups: dict[str, str] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.path


class OperatingPoint(AtThreshold):
    """A threshold and what it does. ``source`` says who chose it:

    ``policy``: the policy compares this signal with it; ``action`` is what follows.
    ``given``: on the command line.
    ``equal_error_here``: the policy has none; chosen on this data, so not an estimate.
    """

    source: str
    action: str | None = None


class SignalReport(Shape):
    """``report.json``. The first eight keys stay as they are; others may be added."""

    signal: str
    auc: Interval
    eer: float | None
    ap: float | None
    n_positive: int
    """Judged files that have the violation."""
    n_negative: int
    operating_point: OperatingPoint | None
    files: tuple[FileScore, ...]
    missing: tuple[str, ...]

    version: str
    score_is: str
    """``probability`` (calibrated), ``score`` (raw) or ``mixed``."""
    not_judged: dict[str, int]
    """Files without a score, by status. They are in no figure but their own."""
    not_judged_positive: int
    cluster: str | None
    """Column of files that were drawn together for the intervals."""
    intervals: dict[str, Interval]
    """``auc``, ``eer``, ``ap`` with their 95 % intervals."""
    policy_points: tuple[OperatingPoint, ...]
    chosen_on_this_data: tuple[ChosenHere, ...]
    sweep: tuple[SweepRow, ...]
    calibration: Calibration
    fairness: Fairness
    latency: dict[str, Latency]
    """``total``: the engine with this signal alone. ``signal``: the signal itself."""
    missing_causes: tuple[NotRead, ...]
    enrolled: Enrolment | None
    """Null where nobody was."""
    about: About


def measure(
    table: Table,
    method: DetectionMethod,
    policy: Policy,
    *,
    enrolled: Enrolled | None = None,
    folder: Path | None,
    resume: bool,
    progress: Progress,
) -> tuple[list[FileScore], list[NotRead]]:
    """Every file's score, and the files that are not there. ``enrolled``: nobody if None.

    Raises:
        EvaluationError: a fault of the manifest, weights that are missing, a folder in use.
    """
    run = Run.of(
        table,
        policy,
        mode="signal",
        signal=method.value,
        version=judging.version_of(method, all_signals()),
        enrolled=enrolled.digest if enrolled else None,
    )
    wanted = samples(table)
    journal = Journal(folder, run, FileScore, resume=resume)
    done = {result.key for result in journal.results}
    engine = judging.engine_for(method, policy, enrolled)
    missing: list[NotRead] = []
    warm = False
    for sample in progress([sample for sample in wanted if sample.path not in done]):
        try:
            data = judging.load(sample.file, policy.limits.max_bytes)
        except Missing as error:
            missing.append(NotRead(path=sample.path, cause=str(error)))
            continue
        except Refused as refused:
            journal.add(_line(sample, Answer(Status.REFUSED, cause=refused.code.value)))
            continue
        answer = judging.ask(engine, method, data)
        if not warm and answer.status is Status.MEASURED:
            warm = True  # the first one loaded the model
            answer = judging.ask(engine, method, data)
        journal.add(_line(sample, answer))
    order = {sample.path: place for place, sample in enumerate(wanted)}
    return sorted(journal.results, key=lambda result: order[result.path]), missing


def policy_thresholds(method: DetectionMethod, policy: Policy) -> list[tuple[Action, float]]:
    """What the policy does with this signal's probability alone, the mildest action first."""
    if method is DetectionMethod.NUDITY:
        row = policy.nudity[AgeGroup.ADULT][Surface.FEED]
        return [(row.action, row.at)]
    detector = policy.detectors.get(method)
    if detector is None:
        return []
    found = [(Action.REVIEW, detector.review_at)]
    if detector.block_at is not None:
        found.append((Action.BLOCK, detector.block_at))
    return found


def report(
    table: Table,
    method: DetectionMethod,
    policy: Policy,
    files: Sequence[FileScore],
    missing: Sequence[NotRead],
    *,
    threshold: float | None,
    cluster: str | None = None,
    enrolled: Enrolled | None = None,
    resamples: int,
    seed: int,
) -> SignalReport:
    """All figures. With one class alone, those that need both are null.

    ``cluster``: a column whose equal cells mark files that are alike, drawn together for intervals.

    Raises:
        EvaluationError: the manifest has no such column.
    """
    if cluster is not None and cluster not in table.columns:
        raise EvaluationError(
            f"{table.name} has no column {cluster}.", f"It has {', '.join(table.columns)}."
        )
    judged = [
        Member(bool(file.label), file.score, {}, _cluster(file, cluster))
        for file in files
        if file.score is not None
    ]
    measured = Measured.of(
        [member.label for member in judged],
        [member.score for member in judged if member.score is not None],
        [member.cluster for member in judged if member.cluster is not None] or None,
    )
    apart = separation(measured, resamples=resamples, seed=seed)
    chosen = chosen_here(measured)
    points = tuple(
        OperatingPoint(
            source="policy",
            action=action.value,
            **dict(at_threshold(measured, at, resamples=resamples, seed=seed)),
        )
        for action, at in policy_thresholds(method, policy)
    )
    point = _operating_point(measured, threshold, points, chosen, resamples, seed)
    members = [
        Member(
            bool(file.label),
            file.score,
            {name: value for name, value in file.groups.items() if name != cluster},
            _cluster(file, cluster),
        )
        for file in files
    ]
    unjudged = [file for file in files if file.score is None]
    return SignalReport(
        signal=method.value,
        auc=apart.auc,
        eer=apart.eer.value,
        ap=apart.average_precision.value,
        n_positive=measured.positives,
        n_negative=measured.negatives,
        operating_point=point,
        files=tuple(files),
        missing=tuple(each.path for each in missing),
        version=judging.version_of(method, all_signals()),
        score_is=_score_is(files),
        not_judged=dict(Counter(file.status.value for file in unjudged)),
        not_judged_positive=sum(file.label for file in unjudged),
        cluster=cluster,
        intervals={"auc": apart.auc, "eer": apart.eer, "ap": apart.average_precision},
        policy_points=points,
        chosen_on_this_data=chosen,
        sweep=sweep(measured),
        calibration=calibration(measured),
        fairness=fairness(
            members, point.threshold if point else None, resamples=resamples, seed=seed
        ),
        latency={
            "total": latency([file.total_ms for file in files]),
            "signal": latency([file.signal_ms for file in files]),
        },
        missing_causes=tuple(missing),
        enrolled=enrolled.enrolment if enrolled else None,
        about=about(
            manifest=table.name,
            manifest_sha256=table.sha256,
            policy_version=policy.version,
            seed=seed,
            resamples=resamples,
        ),
    )


def _operating_point(
    measured: Measured,
    threshold: float | None,
    points: Sequence[OperatingPoint],
    chosen: Sequence[ChosenHere],
    resamples: int,
    seed: int,
) -> OperatingPoint | None:
    if threshold is None and points:
        return points[0]
    source = "given"
    if threshold is None:
        equal = next((each for each in chosen if each.name == "equal error rate"), None)
        if equal is None:
            return None
        threshold, source = equal.threshold, "equal_error_here"
    found = at_threshold(measured, threshold, resamples=resamples, seed=seed)
    return OperatingPoint(source=source, **dict(found))


def _cluster(file: FileScore, column: str | None) -> str | None:
    """The file's cell; a file with an empty one stands alone."""
    if column is None:
        return None
    cell = file.groups.get(column)
    return f"cell {cell}" if cell else f"file {file.path}"


def _line(sample: Sample, answer: Answer) -> FileScore:
    return FileScore(
        path=sample.path,
        label=int(sample.label),
        score=answer.score,
        status=answer.status,
        cause=answer.cause,
        calibrated=answer.calibrated,
        total_ms=None if answer.total_ms is None else round(answer.total_ms, 2),
        signal_ms=None if answer.signal_ms is None else round(answer.signal_ms, 2),
        groups=dict(sample.groups),
    )


def _score_is(files: Sequence[FileScore]) -> str:
    kinds = {file.calibrated for file in files if file.score is not None}
    if len(kinds) > 1:
        return "mixed"
    return "probability" if kinds == {True} else "score"

"""Is the detector as good for everybody? The same numbers for each value of each group column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .metrics import Interval, Measured, Shape, at_threshold, separation

MAX_VALUES = 30
"""A column with more values is a name or a number, not a group."""

FEW = 20
"""Files of a class below which a group's rate is not compared with another's."""

NOT_STATED = "(empty)"


class GroupRow(Shape):
    """The files of one group."""

    column: str
    value: str
    n_positive: int
    n_negative: int
    not_judged: int
    auc: Interval
    recall: Interval
    false_positive_rate: Interval


class Gap(Shape):
    """The two groups of a column that are furthest apart, each with at least ``FEW`` files."""

    column: str
    measure: str
    """``recall`` or ``false_positive_rate``."""
    difference: float
    lowest: str
    highest: str


class Fairness(Shape):
    rows: tuple[GroupRow, ...] = ()
    gaps: tuple[Gap, ...] = ()
    left_out: tuple[str, ...] = ()
    """Columns with too many values to be groups."""


@dataclass(frozen=True, slots=True)
class Member:
    """What the table needs of one file. ``score`` is None where it was not judged."""

    label: bool
    score: float | None
    groups: Mapping[str, str]
    cluster: str | None = None
    """Members of one cluster are drawn together; None for all or for none of them."""


def fairness(
    members: Sequence[Member], threshold: float | None, *, resamples: int, seed: int
) -> Fairness:
    """A row for each value of each column, and the largest differences."""
    columns = list(dict.fromkeys(column for member in members for column in member.groups))
    rows: list[GroupRow] = []
    left_out = []
    for column in columns:
        values = Counter(member.groups.get(column, "") for member in members)
        if len(values) > MAX_VALUES:
            left_out.append(column)
            continue
        for value in sorted(values):
            inside = [member for member in members if member.groups.get(column, "") == value]
            rows.append(_row(column, value, inside, threshold, resamples, seed))
    return Fairness(rows=tuple(rows), gaps=tuple(_gaps(rows)), left_out=tuple(left_out))


def _row(
    column: str,
    value: str,
    members: Sequence[Member],
    threshold: float | None,
    resamples: int,
    seed: int,
) -> GroupRow:
    judged = [(member.label, member.score) for member in members if member.score is not None]
    clusters = [
        member.cluster
        for member in members
        if member.score is not None and member.cluster is not None
    ]
    measured = Measured.of(
        [label for label, _ in judged], [score for _, score in judged], clusters or None
    )
    point = None
    if threshold is not None and judged:
        point = at_threshold(measured, threshold, resamples=resamples, seed=seed)
    return GroupRow(
        column=column,
        value=value or NOT_STATED,
        n_positive=measured.positives,
        n_negative=measured.negatives,
        not_judged=len(members) - len(judged),
        auc=separation(measured, resamples=resamples, seed=seed).auc,
        recall=point.recall if point else Interval(),
        false_positive_rate=point.false_positive_rate if point else Interval(),
    )


def _gaps(rows: Sequence[GroupRow]) -> Iterator[Gap]:
    for column in dict.fromkeys(row.column for row in rows):
        inside = [row for row in rows if row.column == column]
        for measure in ("recall", "false_positive_rate"):
            rates = {
                row.value: interval.value
                for row in inside
                for interval, n in [
                    (row.recall, row.n_positive)
                    if measure == "recall"
                    else (row.false_positive_rate, row.n_negative)
                ]
                if interval.value is not None and n >= FEW
            }
            if len(set(rates.values())) > 1:
                lowest = min(rates, key=rates.__getitem__)
                highest = max(rates, key=rates.__getitem__)
                yield Gap(
                    column=column,
                    measure=measure,
                    difference=rates[highest] - rates[lowest],
                    lowest=lowest,
                    highest=highest,
                )

"""``./dev eval``: how good the detectors are on somebody's own files. docs/evaluation.md.

Everything happens on this machine: nothing is sent anywhere, and with ``--out`` nothing is written
but in that folder.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from evaluation.enrolled import Enrolled, Enrolment
    from evaluation.groups import Fairness
    from evaluation.manifest import Table
    from evaluation.metrics import Interval, Shape
    from evaluation.scores import SignalReport
    from media_integrity.decision.policy import Policy

INTERRUPTED = 130
REPORT, PAGE = "report.json", "report.html"
ONLY_WITH = {
    "enrolled": ("--signal", "--decisions"),
    "cluster": ("--signal",),
    "threshold": ("--signal", "--pairs"),
}
"""Options that not every measurement has a use for."""
SHOWN = 20
"""Files of a kind that are listed on the screen; the report has all."""

T = TypeVar("T")


def main(arguments: Sequence[str]) -> int:
    """Measure. Returns 0 if there is a report, 1 if there is none."""
    options = _parser().parse_args(arguments)
    try:
        return _measured(options)
    except ModuleNotFoundError as error:
        print(
            f"\nThe package {error.name} is missing here.\n→ Start this as ./dev eval: it sets up "
            "what is needed.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        kept = "the same command with --resume goes on" if options.out else "nothing is kept"
        print(f"\ninterrupted; {kept}", file=sys.stderr)
        return INTERRUPTED


def _measured(options: argparse.Namespace) -> int:
    from evaluation.errors import EvaluationError

    try:
        return _reported(options)
    except EvaluationError as error:
        print(f"\n{error.what}\n→ {error.todo}", file=sys.stderr)
        return 1


def _reported(options: argparse.Namespace) -> int:
    from evaluation.errors import EvaluationError
    from evaluation.journal import exclusive
    from evaluation.manifest import read

    logging.getLogger("media_integrity").addHandler(logging.NullHandler())  # the report says it
    if options.resume and options.out is None:
        raise EvaluationError("There is nothing to resume without --out.", "Name the folder.")
    run = _mode(options)
    table = read(options.manifest)
    with exclusive(options.out):
        report, page, lines = run(options, table)
        _say(lines)
        if options.out is not None:
            _write(options.out / REPORT, report.model_dump_json(indent=2) + "\n")
            _write(options.out / PAGE, page)
            print(f"\n{options.out / PAGE}\n{options.out / REPORT}")
    return 0


Result = tuple["Shape", str, list[str]]
"""The report, its page, and what is printed of it."""


def _mode(options: argparse.Namespace) -> Callable[[argparse.Namespace, Table], Result]:
    """What is asked for.

    Raises:
        EvaluationError: nothing, several things, or an option that would change nothing.
    """
    from evaluation.errors import EvaluationError

    modes = {
        "--decisions": (options.decisions, _decisions),
        "--pairs": (options.pairs, _pairs),
        "--adversarial": (options.adversarial, _adversarial),
    }
    asked = {name: run for name, (wanted, run) in modes.items() if wanted}
    if not asked and options.signal:
        asked = {"--signal": _signal}
    elif len(asked) != 1 or (options.signal and not options.adversarial):
        raise EvaluationError(
            "One thing is measured at a time.",
            "Give one of --signal NAME, --decisions, --pairs, --adversarial [--signal NAME].",
        )
    ((mode, run),) = asked.items()
    for name, use in ONLY_WITH.items():
        if getattr(options, name) is not None and mode not in use:
            raise EvaluationError(
                f"--{name} goes with {' and '.join(use)} alone; {mode} has no use for it.",
                f"Leave --{name} out.",
            )
    return run


def _signal(options: argparse.Namespace, table: Table) -> Result:
    from evaluation import judging, scores
    from evaluation.pages import signal_page
    from media_integrity.decision.policy import default_policy
    from media_integrity.signals.registry import all_signals

    policy = default_policy()
    method = judging.method_named(options.signal, all_signals())
    enrolled = _enrolled(options, policy)
    files, missing = scores.measure(
        table,
        method,
        policy,
        enrolled=enrolled,
        folder=options.out,
        resume=options.resume,
        progress=_progress,
    )
    report = scores.report(
        table,
        method,
        policy,
        files,
        missing,
        threshold=options.threshold,
        cluster=options.cluster.strip().lower() if options.cluster else None,
        enrolled=enrolled,
        resamples=options.resamples,
        seed=options.seed,
    )
    return report, signal_page(report, _thumbnails(table)), _signal_lines(report)


def _decisions(options: argparse.Namespace, table: Table) -> Result:
    from evaluation import decisions
    from evaluation.pages import decision_page
    from media_integrity.decision.policy import default_policy

    policy = default_policy()
    enrolled = _enrolled(options, policy)
    files, missing = decisions.measure(
        table,
        policy,
        enrolled=enrolled,
        folder=options.out,
        resume=options.resume,
        progress=_progress,
    )
    report = decisions.report(
        table,
        policy,
        files,
        missing,
        enrolled=enrolled,
        resamples=options.resamples,
        seed=options.seed,
    )
    lines = [
        f"decisions      {report.n} files",
        f"as expected    {_percent(report.accuracy)}",
        f"let through    {_percent(report.let_through)}  of what should not be shown",
        f"held back      {_percent(report.held_back)}  of what should be shown",
        *(
            f"  {expected:8} became {action:8} {n}"
            for expected, row in report.confusion.items()
            for action, n in row.items()
            if n
        ),
        *_group_lines(report.fairness, "not shown", "held back"),
        *_enrolled_lines(report.enrolled),
        *_missing_lines(report.missing),
    ]
    return report, decision_page(report, _thumbnails(table)), lines


def _pairs(options: argparse.Namespace, table: Table) -> Result:
    from evaluation import verification
    from evaluation.pages import pair_page
    from media_integrity.decision.policy import default_policy

    policy = default_policy()
    files, missing, took = verification.measure(
        table, policy, folder=options.out, resume=options.resume, progress=_progress
    )
    report = verification.report(
        table,
        policy,
        files,
        missing,
        took,
        threshold=options.threshold,
        resamples=options.resamples,
        seed=options.seed,
    )
    lines = [
        f"pairs          {report.n_positive} of one person, {report.n_negative} of two",
        f"accuracy       {_percent(report.accuracy)}  at distance {report.threshold:g}",
        f"FMR            {_percent(report.intervals['fmr'])}",
        f"FNMR           {_percent(report.intervals['fnmr'])}",
        f"EER            {_percent(report.intervals['eer'])}",
        *(f"not compared   {n} × {cause}" for cause, n in report.not_judged.items()),
        *_group_lines(report.fairness, "one found", "FMR"),
        *_missing_lines(report.missing),
    ]
    return report, pair_page(report), lines


def _adversarial(options: argparse.Namespace, table: Table) -> Result:
    from evaluation import adversarial, judging
    from evaluation.pages import adversarial_page
    from media_integrity.decision.policy import default_policy
    from media_integrity.signals.registry import all_signals

    policy = default_policy()
    method = judging.method_named(options.signal, all_signals()) if options.signal else None
    files, missing = adversarial.measure(
        table, policy, method, folder=options.out, resume=options.resume, progress=_progress
    )
    report = adversarial.report(
        table, policy, method, files, missing, resamples=options.resamples, seed=options.seed
    )
    lines = [
        f"{report.n} pictures; a fingerprint matches up to {report.match_at_most} bits",
        f"{'transform':13} {'same':>6} {'milder':>7} {'stricter':>9} {'bits':>6} {'no match':>9}",
        *(
            f"{row.transform:13} {_rounded(row.unchanged):>6} {row.milder:7} {row.stricter:9} "
            f"{'–' if row.pdq_median is None else format(row.pdq_median, '.0f'):>6} "
            f"{_rounded(row.pdq_missed_any_form):>9}"
            for row in report.transforms
        ),
        *(f"not judged     {n} × {cause}" for cause, n in report.not_judged.items()),
        *_missing_lines(report.missing),
    ]
    return report, adversarial_page(report), lines


def _signal_lines(report: SignalReport) -> list[str]:
    lines = [
        f"signal         {report.signal}, version {report.version}",
        f"judged         {report.n_positive} with the violation, {report.n_negative} without",
        f"AUC            {_number(report.auc)}",
        f"EER            {_percent(report.intervals['eer'])}",
        f"AP             {_number(report.intervals['ap'])}",
    ]
    point = report.operating_point
    if point is not None:
        source = {
            "policy": f"policy: {point.action}",
            "given": "as given",
            "equal_error_here": "chosen on this data: not an estimate",
        }[point.source]
        lines += [
            f"threshold      {point.threshold:.4g}  ({source})",
            f"  accuracy     {_percent(point.accuracy)}",
            f"  precision    {_percent(point.precision)}",
            f"  recall       {_percent(point.recall)}",
            f"  false pos.   {_percent(point.false_positive_rate)}",
            f"  F1           {_number(point.f1)}",
        ]
    took = report.latency["signal"]
    if took.n:
        lines.append(f"time           {took.p50_ms:.0f} ms, p95 {took.p95_ms:.0f} ms")
    if report.n_positive == 0 or report.n_negative == 0:
        lines.append("One class only: there is no AUC, no EER and no average precision.")
    lines += [
        f"not judged     {n} × {status.replace('_', ' ')}"
        for status, n in report.not_judged.items()
    ]
    lines += _group_lines(report.fairness, "recall", "false pos.")
    return lines + _enrolled_lines(report.enrolled) + _missing_lines(report.missing)


def _group_lines(fairness: Fairness, found: str, alarms: str) -> list[str]:
    """A line for each value of each group column."""
    return [
        f"group          {row.column}={row.value}: n {row.n_positive} + {row.n_negative}, "
        f"{found} {_percent(row.recall)}, {alarms} {_percent(row.false_positive_rate)}"
        for row in fairness.rows
    ] + [f"left out       {column}: too many values for groups" for column in fairness.left_out]


def _enrolled(options: argparse.Namespace, policy: Policy) -> Enrolled | None:
    from evaluation.enrolled import enrol
    from evaluation.manifest import read

    if options.enrolled is None:
        return None
    return enrol(read(options.enrolled), policy, _progress)


def _enrolled_lines(enrolment: Enrolment | None) -> list[str]:
    if enrolment is None:
        return []
    refused = [
        f"{json.dumps(each.path, ensure_ascii=False)}  {each.cause}" for each in enrolment.refused
    ]
    return [
        f"enrolled       people: {enrolment.people}, pictures: {enrolment.pictures}",
        *_first("not enrolled", refused),
    ]


def _missing_lines(missing: Sequence[str]) -> list[str]:
    return _first("not there", [json.dumps(path, ensure_ascii=False) for path in missing])


def _first(begin: str, texts: Sequence[str]) -> list[str]:
    """A line for each of the first ``SHOWN``, and how many more there are."""
    lines = [f"{begin:14} {text}" for text in texts[:SHOWN]]
    if len(texts) > SHOWN:
        lines.append(f"{begin:14} … and {len(texts) - SHOWN} more")
    return lines


def _number(interval: Interval) -> str:
    if interval.value is None:
        return "–"
    spread = "" if interval.low is None else f"  ({interval.low:.4f} to {interval.high:.4f})"
    return f"{interval.value:.4f}{spread}"


def _percent(interval: Interval) -> str:
    if interval.value is None:
        return "–"
    value = f"{interval.value * 100:.2f} %"
    if interval.low is None or interval.high is None:
        return value
    return f"{value}  ({interval.low * 100:.2f} to {interval.high * 100:.2f})"


def _rounded(interval: Interval) -> str:
    return "–" if interval.value is None else f"{interval.value * 100:.0f} %"


def _say(lines: Iterable[str]) -> None:
    print("\n".join(lines), flush=True)


def _write(path: Path, text: str) -> None:
    """In one piece: a reader never sees half a report."""
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _thumbnails(table: Table) -> Callable[[str], str | None]:
    from evaluation.thumbnails import thumbnail
    from media_integrity.decision.policy import default_policy

    return lambda path: thumbnail(table.file(path), default_policy())


def _progress(files: Sequence[T]) -> Iterable[T]:
    from tqdm import tqdm

    bar: Iterable[T] = tqdm(files, unit="file", disable=None)  # None: not where nobody looks on
    return bar


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev eval",
        description="Measure the detectors on your own files. Nothing leaves this machine.",
        epilog="Manifests and numbers: docs/evaluation.md.",
    )
    parser.add_argument("manifest", type=Path, metavar="MANIFEST.csv")
    parser.add_argument("--signal", metavar="NAME", help="one signal; columns path,label[,group…]")
    parser.add_argument(
        "--decisions",
        action="store_true",
        help="the whole engine; columns path,expected[,surface][,teen][,group…]",
    )
    parser.add_argument(
        "--pairs",
        action="store_true",
        help="face verification; columns path_a,path_b,same[,group…]",
    )
    parser.add_argument(
        "--adversarial",
        action="store_true",
        help="before and after transforms; columns path[,label][,surface][,teen]",
    )
    parser.add_argument(
        "--enrolled",
        type=Path,
        metavar="PEOPLE.csv",
        help="with --signal or --decisions: people whom faces are compared with; "
        "columns path,person",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="report.json and report.html")
    parser.add_argument(
        "--resume", action="store_true", help="go on with what an interrupted run left in --out"
    )
    parser.add_argument(
        "--threshold",
        type=_threshold,
        metavar="T",
        help="instead of the policy's; for pairs a distance",
    )
    parser.add_argument(
        "--cluster",
        metavar="COLUMN",
        help="with --signal: files with the same cell are alike (one person, one film)",
    )
    parser.add_argument(
        "--resamples", type=_resamples, default=1000, metavar="N", help="default: %(default)s"
    )
    parser.add_argument("--seed", type=_seed, default=1, help="default: %(default)s")
    return parser


def _threshold(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError("a number")
    return number


def _resamples(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100_000:
        raise argparse.ArgumentTypeError("from 1 to 100000")
    return number


def _seed(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("0 or more")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Measure, print a table, and write JSON where asked to."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"


def main() -> int:
    """Run what was named, or everything. Returns the exit status: 2 for a name without a row."""
    sys.path.insert(0, str(FUNCTIONS))
    from .cases import CASES
    from .measure import Row, machine, table

    if sys.argv[1:2] == ["robustness"]:
        return robust(sys.argv[2:])
    if sys.argv[1:2] == ["watermark"]:
        return watermark(sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Measure how long things take.",
        epilog=_listed(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="rows that begin like this")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here as well")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if not any(case.gives(name) for case in CASES)]:
        return _refused(unknown)
    where = machine()
    print(", ".join(f"{name} {value}" for name, value in where.items()), flush=True)
    rows: list[Row] = []
    for case in CASES:
        if not (any(case.gives(name) for name in asked.names) if asked.names else not case.group):
            continue
        print(f"measuring {case.group or case.names[0]} …", file=sys.stderr, flush=True)
        wanted = ("",) if case.group in asked.names else tuple(asked.names) or ("",)
        rows += [row for row in case.run() if row.name.startswith(wanted)]
    print(table(rows))
    if asked.json:
        written = {"machine": where, "rows": [row.as_json() for row in rows]}
        asked.json.write_text(json.dumps(written, indent=2) + "\n")
    groups = {case.group for case in CASES}
    given = tuple(row.name for row in rows)
    silent = {
        name
        for name in asked.names
        if name not in groups and not any(each.startswith(name) for each in given)
    }
    return _refused(sorted(silent)) if silent else 0


def _refused(names: Sequence[str]) -> int:
    from .cases import CASES

    known = " ".join(
        name for case in CASES for name in ([case.group] if case.group else []) + list(case.shown)
    )
    print(f"no row begins with {' or '.join(names)}; there are: {known}", file=sys.stderr)
    return 2


def _listed() -> str:
    """Every row, and what it is of."""
    from .cases import CASES, SIGNAL_ROWS

    lines = ["rows:"]
    for case in CASES:
        about = (case.run.__doc__ or "").partition("\n")[0]
        where = " (only where it is asked for)" if case.group else ""
        lines += [f"  {case.group or ' '.join(case.shown)}{where}", f"      {about}"]
    lines += ["", "where each signal has all of its work to do:"]
    lines += [f"  {signal:22}{name}" for signal, name in SIGNAL_ROWS.items()]
    lines += ["", "also: ./dev bench robustness --help, ./dev bench watermark --help"]
    return "\n".join(lines)


def robust(arguments: list[str]) -> int:
    """``./dev bench robustness``: what changes known pictures survive. 2: a folder has none."""
    from . import robustness

    parser = argparse.ArgumentParser(
        prog="./dev bench robustness",
        description="Measure which changes of a picture the bank still recognises.",
    )
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--per-folder", type=int, default=robustness.PER_FOLDER, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table here as well")
    asked = parser.parse_args(arguments)
    try:
        files = robustness.pictures(asked.data, asked.per_folder)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    rows, counts = robustness.measure(files)
    print(robustness.table(rows, counts))
    if asked.json:
        asked.json.write_text(json.dumps(robustness.as_json(rows, counts), indent=2) + "\n")
    return 0


def watermark(arguments: list[str]) -> int:
    """``./dev bench watermark``: what the covert mark costs and survives. 2: no pictures."""
    from . import watermarks

    parser = argparse.ArgumentParser(
        prog="./dev bench watermark",
        description="Measure what the covert mark costs and which changes it survives.",
    )
    parser.add_argument("--data", type=Path, nargs="+", metavar="DIR", help="pictures to mark")
    parser.add_argument("--most", type=int, default=40, metavar="N", help="of these")
    parser.add_argument("--trials", type=int, default=watermarks.TRIALS, help="without a mark")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table here as well")
    asked = parser.parse_args(arguments)
    costs = watermarks.cost((1, 12))
    print("\n".join(f"{name} {taken:.0f}" for name, taken in costs.items()), flush=True)
    if not asked.data:
        return 0
    try:
        files = watermarks.pictures(asked.data, asked.most)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    quality, rows = watermarks.survived(files)
    none = watermarks.clean(files, asked.trials)
    print(watermarks.table(quality, rows, none))
    if asked.json:
        written = {"cost": costs, **watermarks.as_json(quality, rows, none)}
        asked.json.write_text(json.dumps(written, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

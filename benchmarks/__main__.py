"""Measure, print a table, and write JSON where asked to."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"


def main() -> int:
    """Run what was named, or everything. Returns the exit status: 2 for an unknown name."""
    sys.path.insert(0, str(FUNCTIONS))
    from .cases import CASES
    from .measure import Row, machine, table

    if sys.argv[1:2] == ["robustness"]:
        return robust(sys.argv[2:])
    if sys.argv[1:2] == ["watermark"]:
        return watermark(sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="./dev bench", description="Measure how long things take."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="rows that begin like this")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows here as well")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if not any(case.gives(name) for case in CASES)]
    if unknown:
        known = " ".join(
            f"{name}…" if name.endswith("_") else name
            for case in CASES
            for name in ([case.group] if case.group else []) + list(case.names)
        )
        print(f"no row begins with {' or '.join(unknown)}; there are: {known}", file=sys.stderr)
        return 2
    where = machine()
    print(", ".join(f"{name} {value}" for name, value in where.items()), flush=True)
    rows: list[Row] = []
    for case in CASES:
        if not (any(case.gives(name) for name in asked.names) if asked.names else not case.group):
            continue
        print(f"measuring {case.names[0]} …", file=sys.stderr, flush=True)
        rows += [
            row
            for row in case.run()
            if not asked.names
            or any(name == case.group or row.name.startswith(name) for name in asked.names)
        ]
    print(table(rows))
    if asked.json:
        written = {"machine": where, "rows": [row.as_json() for row in rows]}
        asked.json.write_text(json.dumps(written, indent=2) + "\n")
    return 0


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

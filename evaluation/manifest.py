"""Manifests: which files are measured, and what is true of them.

A CSV file in UTF-8 with a header. Paths are absolute, or relative to the manifest's own folder.
Whatever is wrong with it is refused with the line where it is: a measurement on other rows than the
reader meant is worse than none.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from media_integrity.schema.enums import Action, Surface

from .errors import EvaluationError

MAX_BYTES = 100_000_000
MAX_ROWS = 200_000

POSITIVE = frozenset(
    {"1", "true", "yes", "positive", "violation"}
    | {"fake", "ai", "synthetic", "generated", "manipulated", "spoof"}
)
"""Labels of a file that the signal should find something in; upper and lower case are alike."""

NEGATIVE = frozenset(
    {"0", "false", "no", "negative", "clean"}
    | {"real", "human", "genuine", "authentic", "original", "bonafide"}
)

EXPECTED_NAMES = ("expected", "expected_action", "expected action", "action")
"""Column names under which ``--decisions`` finds the action that should be taken."""

REFUSED = "REFUSED"
"""What ``--decisions`` calls a file that is not taken at all."""

OUTCOMES = (*(action.value for action in Action), REFUSED)

SHOWN = frozenset({Action.ALLOW.value, Action.BLUR.value})
"""Outcomes after which somebody can see the file."""

CALLED_BY_LABEL = (
    "Labels are 1 or fake (found), 0 or real (not found); docs/evaluation.md lists all."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a manifest. ``line`` counts from 1, the header included."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A manifest that could be read. Column names are lower case."""

    name: str
    folder: Path
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def file(self, path: str) -> Path:
        """Where a path of the manifest lies. An absolute path stays as it is."""
        return self.folder / path


@dataclass(frozen=True, slots=True)
class Sample:
    """A file and whether the signal should find something in it."""

    path: str
    """As the manifest has it; reports show this and nothing else of the place."""
    file: Path
    label: bool
    groups: Mapping[str, str]
    """The other columns: a row of the fairness table for each value."""


@dataclass(frozen=True, slots=True)
class ExpectedDecision:
    """A file, where it is uploaded by whom, and what should become of it."""

    path: str
    file: Path
    expected: str
    """One of ``OUTCOMES``."""
    surface: Surface
    teen: bool
    transcript: str | None = None
    """What is said in it, where an app would supply that."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """The other columns: a row of the fairness table for each value."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, and whether they show the same person."""

    path_a: str
    path_b: str
    file_a: Path
    file_b: Path
    same: bool
    groups: Mapping[str, str] = field(default_factory=dict)
    """The other columns: a row of the fairness table for each value."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture of somebody to enrol."""

    path: str
    file: Path
    person: str


@dataclass(frozen=True, slots=True)
class Original:
    """A file to be altered. ``label`` is None where the manifest has no such column."""

    path: str
    file: Path
    label: bool | None
    surface: Surface
    teen: bool


def read(path: Path) -> Table:
    """The manifest's lines, unjudged.

    Raises:
        EvaluationError: it is not there, not a CSV file in UTF-8, empty, too large, or ragged.
    """
    text, sha256 = _text(path)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise EvaluationError(
            f"{path.name} is not a CSV file: {error}.", "Save it as CSV with commas."
        ) from error
    if not lines:
        raise EvaluationError(f"{path.name} is empty.", "It needs a header and a line per file.")
    columns = tuple(name.strip().lower() for name in lines[0][1])
    _check_columns(path.name, columns)
    if len(lines) == 1:
        raise EvaluationError(
            f"{path.name} has a header and no files.", "Add a line for each file."
        )
    if len(lines) - 1 > MAX_ROWS:
        raise EvaluationError(
            f"{path.name} has {len(lines) - 1} lines; the most is {MAX_ROWS}.", "Split it."
        )
    return Table(
        name=path.name,
        folder=path.resolve().parent,
        sha256=sha256,
        columns=columns,
        rows=tuple(_row(path.name, columns, line, cells) for line, cells in lines[1:]),
    )


def samples(table: Table) -> tuple[Sample, ...]:
    """The files of ``--signal``.

    Raises:
        EvaluationError: a column is missing, a label is no label, a file stands there twice.
    """
    _need(table, "path", "label")
    found = tuple(
        Sample(
            path=row.cells["path"],
            file=table.file(row.cells["path"]),
            label=_label(table, row, "label"),
            groups=_groups(table, row, {"path", "label"}),
        )
        for row in table.rows
    )
    _refuse_repeated(table, (os.path.realpath(sample.file) for sample in found))
    return found


def expected_decisions(table: Table) -> tuple[ExpectedDecision, ...]:
    """The files of ``--decisions``.

    Raises:
        EvaluationError: a column is missing, a cell holds something unknown, a line is repeated.
    """
    column = next((name for name in EXPECTED_NAMES if name in table.columns), None)
    if column is None:
        raise EvaluationError(
            f"{table.name} has no column for the expected action.",
            f"Name it “expected”; its cells are {', '.join(OUTCOMES)}.",
        )
    _need(table, "path")
    found = tuple(
        ExpectedDecision(
            path=row.cells["path"],
            file=table.file(row.cells["path"]),
            expected=_one_of(table, row, column, OUTCOMES, str.upper),
            surface=_surface(table, row),
            teen=_teen(table, row),
            transcript=row.cells.get("transcript") or None,
            groups=_groups(table, row, {"path", column, "surface", "teen", "transcript"}),
        )
        for row in table.rows
    )
    _refuse_repeated(
        table, (f"{os.path.realpath(each.file)} {each.surface} {each.teen}" for each in found)
    )
    return found


def pairs(table: Table) -> tuple[Pair, ...]:
    """The pairs of ``--pairs``.

    Raises:
        EvaluationError: a column is missing, a label is no label, a pair stands there twice.
    """
    _need(table, "path_a", "path_b", "same")
    found = tuple(
        Pair(
            path_a=row.cells["path_a"],
            path_b=row.cells["path_b"],
            file_a=table.file(row.cells["path_a"]),
            file_b=table.file(row.cells["path_b"]),
            same=_truth(table, row, "same"),
            groups=_groups(table, row, {"path_a", "path_b", "same"}),
        )
        for row in table.rows
    )
    _refuse_repeated(
        table,
        ("\0".join(sorted(map(os.path.realpath, (p.file_a, p.file_b)))) for p in found),
    )
    return found


def portraits(table: Table, most: int) -> tuple[Portrait, ...]:
    """The pictures of ``--enrolled``.

    Raises:
        EvaluationError: a column is missing, a file stands there twice, or a person has more than
            ``most`` pictures.
    """
    _need(table, "path", "person")
    found = tuple(
        Portrait(row.cells["path"], table.file(row.cells["path"]), row.cells["person"])
        for row in table.rows
    )
    _refuse_repeated(table, (os.path.realpath(each.file) for each in found))
    taken: Counter[str] = Counter()
    for row, each in zip(table.rows, found, strict=True):
        taken[each.person] += 1
        if taken[each.person] > most:
            raise EvaluationError(
                f"{table.name}, line {row.line}: “{quoted(each.person)}” has more than {most} "
                "pictures, which is what a shield takes.",
                "Choose the best of them.",
            )
    return found


def originals(table: Table) -> tuple[Original, ...]:
    """The files of ``--adversarial``; only the column ``path`` has to be there.

    Raises:
        EvaluationError: as for the others.
    """
    _need(table, "path")
    labelled = "label" in table.columns
    found = tuple(
        Original(
            path=row.cells["path"],
            file=table.file(row.cells["path"]),
            label=_label(table, row, "label") if labelled else None,
            surface=_surface(table, row),
            teen=_teen(table, row),
        )
        for row in table.rows
    )
    _refuse_repeated(table, (os.path.realpath(each.file) for each in found))
    return found


def _groups(table: Table, row: Row, taken: set[str]) -> dict[str, str]:
    return {column: row.cells[column] for column in table.columns if column not in taken}


def _text(path: Path) -> tuple[str, str]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise EvaluationError(f"{path.name} is larger than 100 MB.", "Split it.")
        data = path.read_bytes()
    except OSError as error:
        raise EvaluationError(
            f"{path.name} cannot be read: {error.strerror or error}.", "Check its path."
        ) from error
    try:
        # Spreadsheet programs put a byte order mark first.
        return data.decode("utf-8-sig"), hashlib.sha256(data).hexdigest()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise EvaluationError(
            f"{path.name} is not UTF-8: line {line}.", "Save it as CSV in UTF-8."
        ) from error


def _check_columns(name: str, columns: tuple[str, ...]) -> None:
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t"):
        raise EvaluationError(
            f"The columns of {name} are not separated by commas.", "Save it as CSV with commas."
        )
    if "" in columns:
        raise EvaluationError(f"A column of {name} has no name.", "Name it or take it out.")
    repeated = sorted({column for column in columns if columns.count(column) > 1})
    if repeated:
        raise EvaluationError(
            f"{name} has the column {repeated[0]} more than once.", "Keep one of them."
        )


def _row(name: str, columns: tuple[str, ...], line: int, cells: list[str]) -> Row:
    if len(cells) != len(columns):
        raise EvaluationError(
            f"{name}, line {line}: {len(cells)} cells under {len(columns)} columns.",
            "A path with a comma stands in double quotes.",
        )
    return Row(line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)})


def _need(table: Table, *columns: str) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise EvaluationError(
            f"{table.name} has no column {' and no column '.join(missing)}; "
            f"it has {', '.join(table.columns)}.",
            f"The header needs: {','.join(columns)}.",
        )
    for row in table.rows:
        for column in columns:
            if not row.cells[column]:
                raise EvaluationError(
                    f"{table.name}, line {row.line}: {column} is empty.", "Fill it in."
                )
            if "\0" in row.cells[column]:
                raise EvaluationError(
                    f"{table.name}, line {row.line}: {column} holds a zero byte.", "Take it out."
                )


def _label(table: Table, row: Row, column: str) -> bool:
    word = row.cells[column].lower()
    if word in POSITIVE:
        return True
    if word in NEGATIVE:
        return False
    raise EvaluationError(
        f"{table.name}, line {row.line}: “{quoted(row.cells[column])}” is no label.",
        CALLED_BY_LABEL,
    )


def _truth(table: Table, row: Row, column: str) -> bool:
    word = row.cells[column].lower()
    if word in {"1", "true", "yes", "same"}:
        return True
    if word in {"0", "false", "no", "different"}:
        return False
    raise EvaluationError(
        f"{table.name}, line {row.line}: “{quoted(row.cells[column])}” under {column}.",
        f"Cells under {column} are 1 or 0.",
    )


def _surface(table: Table, row: Row) -> Surface:
    if not row.cells.get("surface"):
        return Surface.FEED
    return Surface(_one_of(table, row, "surface", tuple(Surface), str.lower))


def _teen(table: Table, row: Row) -> bool:
    return _truth(table, row, "teen") if row.cells.get("teen") else False


def _one_of(
    table: Table, row: Row, column: str, allowed: tuple[str, ...], case: Callable[[str], str]
) -> str:
    word = case(row.cells[column])
    if word in allowed:
        return word
    raise EvaluationError(
        f"{table.name}, line {row.line}: “{quoted(row.cells[column])}” under {column}.",
        f"Cells under {column} are {', '.join(allowed)}.",
    )


def quoted(cell: str) -> str:
    """The cell as a message shows it."""
    return "".join(sign if sign.isprintable() else "?" for sign in cell[:40])


def _refuse_repeated(table: Table, keys: Iterable[str]) -> None:
    first: dict[str, int] = {}
    for row, key in zip(table.rows, keys, strict=True):
        if key in first:
            raise EvaluationError(
                f"{table.name}: line {row.line} is the same as line {first[key]}.",
                "Counted twice it would weigh twice; take one of them out.",
            )
        first[key] = row.line

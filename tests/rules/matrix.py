"""Reads ``matrix.txt``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OPERATIONS = {"g": "get", "l": "list", "c": "create", "u": "update", "d": "delete"}
NOTHING = "-"
TABLE = Path(__file__).with_name("matrix.txt")


@dataclass(frozen=True, slots=True)
class Cell:
    """May ``role`` do ``operation`` with documents of ``collection``?"""

    collection: str
    role: str
    operation: str
    allowed: bool

    def __str__(self) -> str:
        verb = "may" if self.allowed else "may_not"
        return f"{self.collection}-{self.role}-{verb}-{self.operation}"


def cells() -> Iterator[Cell]:
    """Every cell of the table.

    Raises:
        ValueError: a row has too few or too many cells, or a cell has an unknown letter.
    """
    lines = [line.split("#")[0].split() for line in TABLE.read_text(encoding="utf-8").splitlines()]
    (_, *roles), *rows = [line for line in lines if line]
    for collection, *row in rows:
        for role, letters in zip(roles, row, strict=True):
            if letters != NOTHING and not set(letters) <= set(OPERATIONS):
                raise ValueError(f"{collection}, {role}: what is {letters}?")
            for letter, operation in OPERATIONS.items():
                yield Cell(collection, role, operation, letter in letters)

"""In which order are lines read that stand somewhere in a picture?

There is no single answer: the captions of two panels stand in rows, two speech bubbles in columns.
So both orders are tried, and a phrase found in either counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from .reader import Line

SAME_ROW = 0.5
"""Share of the lower line's height by which lines of one row overlap."""
SAME_COLUMN = 0.3
"""Share of the narrower line's width by which lines of one block overlap."""
LEADING = 1.2
"""Gap between lines of one block, in heights of the lower one."""
SPACE = 1.5
"""Gap between parts of one line, in heights of the lower one."""
ALIKE = 2.0
"""Height of one line over another's in the same block."""


def reading_orders(lines: Sequence[Line]) -> tuple[tuple[Line, ...], ...]:
    """``lines`` row by row and, if that is another order, block by block.

    Lines that are turned are read after those that are upright, each turn for itself.
    """
    turned = [list(group) for _, group in groupby(sorted(lines, key=_turn), key=_turn)]
    rows = tuple(line for group in turned for line in _by_rows(group))
    blocks = tuple(line for group in turned for line in _by_blocks(group))
    return (rows,) if rows == blocks else (rows, blocks)


def _turn(line: Line) -> int:
    return line.turn


def _by_rows(lines: Iterable[Line]) -> list[Line]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.top + line.bottom, line.left)):
        if rows and _overlap_down(rows[-1][-1], line) >= SAME_ROW:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.left)]


def _by_blocks(lines: Sequence[Line]) -> list[Line]:
    blocks: list[list[Line]] = []
    for line in lines:
        near = [block for block in blocks if any(_belong(line, other) for other in block)]
        blocks = [block for block in blocks if block not in near]
        blocks.append([line, *(other for block in near for other in block)])
    blocks.sort(key=_beginning)
    return [line for block in blocks for line in _by_rows(block)]


def _beginning(block: Iterable[Line]) -> tuple[float, float]:
    first = min(block, key=lambda line: (line.top, line.left))
    return first.top, first.left


def _belong(one: Line, other: Line) -> bool:
    """Do two lines stand under or beside each other as in one text?"""
    lower, higher = sorted((_height(one), _height(other)))
    if higher > ALIKE * lower:
        return False
    across = min(one.right, other.right) - max(one.left, other.left)
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    narrower = min(one.right - one.left, other.right - other.left)
    if across >= SAME_COLUMN * narrower:
        return down <= LEADING * lower
    return _overlap_down(one, other) >= SAME_ROW and -across <= SPACE * lower


def _overlap_down(one: Line, other: Line) -> float:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared / max(1e-6, min(_height(one), _height(other)))


def _height(line: Line) -> float:
    return line.bottom - line.top

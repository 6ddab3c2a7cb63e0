"""Hashes as a file: read line by line into a bank, and a bank written as one.

One line is one hash, so that the report of an import can name lines and a bad one stops no other.
The first line names the columns, in any order:

    algorithm   pdq, md5, sha256 or vpdq                              required
    value       hexadecimal digits; of a vpdq film its packed frames  required
    quality     of a PDQ hash, 0 to 100; 100 where it is empty
    note        why it is there; at most 500 characters are kept
    source_ref  its id where it comes from; at most 200 characters

UTF-8 with or without a byte order mark, lines ending in LF or CRLF, fields separated by commas or,
as some spreadsheets write them, semicolons; quoted as in RFC 4180, but never across lines.

A cell that a spreadsheet would run as a formula is written with an apostrophe before it, which is
taken off again when the file is read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from media_integrity.banks.entries import Fault, HashRefused, ImportItem, NewEntry, new_entry
from media_integrity.cloud.firestore import Query, Store, Where
from media_integrity.schema.base import BankId
from media_integrity.schema.enums import BankLabel, HashAlgorithm
from media_integrity.schema.errors import Forbidden, Invalid, NotFound
from media_integrity.schema.hashes import PERSONAL_BANK, BankHash, HashBank

from .feed import MAX_SOURCE_REF

REQUIRED = ("algorithm", "value")
COLUMNS = (*REQUIRED, "quality", "note", "source_ref")

MAX_LINE = 128 << 10
"""Bytes. A film of the most frames that are kept has 59,200."""

MAX_FILE = 512 << 20
"""Bytes; about four million PDQ hashes."""

_RUNS = re.compile(r"'*[=+\-@\t\r]")
"""What spreadsheets take for a formula (OWASP, "CSV Injection"), however often escaped."""

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class CsvRefused(Invalid):
    """Not a file of hashes: its first line does not say what is in it."""


def read_csv(
    stream: BinaryIO, *, min_quality: int, max_line: int = MAX_LINE, max_file: int = MAX_FILE
) -> Iterator[ImportItem]:
    """The file's entries, and a ``Fault`` with its number for each line that is none.

    Lines are counted from 1, the header's. Empty lines are passed over. A file longer than
    ``max_file`` bytes is read so far, and a last fault says so.

    Raises:
        CsvRefused: with the first item asked for, where the header is missing or unknown.
    """
    lines = _lines(stream, max_line, max_file)
    names, delimiter = _header(next(lines, (1, "")))
    for line, text in lines:
        if isinstance(text, Fault):
            yield text
        elif text.strip():
            yield _item(line, text, names, delimiter, min_quality)


def export_bank(bank_id: BankId, store: Store, out: BinaryIO) -> int:
    """Write a bank's enabled entries as a file that ``read_csv`` reads to the same entries.

    Opinions and counters are not in it: elsewhere, people make up their own minds. Line ends and
    other control characters in notes become spaces. Returns how many entries were written.

    Raises:
        NotFound: there is no such bank.
        Forbidden: it is a bank of people's own hashes, which are theirs.
    """
    bank = store.get(HashBank, bank_id)
    if bank is None:
        raise NotFound("There is no such bank.")
    if bank.label is BankLabel.SHIELD or bank.id == PERSONAL_BANK:
        raise Forbidden("These are people's own hashes: they are not given to others.")
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        written = 0
        for entry in store.query(exported(bank_id)):
            writer.writerow(_row(entry))
            written += 1
        text.flush()
        return written
    finally:
        text.detach()  # closing ``out`` is its owner's


def exported(bank_id: BankId) -> Query[BankHash]:
    return Query(BankHash, (Where("enabled", "==", True),), below=HashBank.path_of(bank_id))


def _lines(stream: BinaryIO, max_line: int, max_file: int) -> Iterator[tuple[int, str | Fault]]:
    """Numbered lines without their ends; a fault in place of one that is no text."""
    total, number = 0, 0
    while raw := stream.readline(max_line + 1):
        number += 1
        total += len(raw)
        if total > max_file:
            fault = Fault(number, "file_too_large", f"reading ends here: over {max_file} bytes")
            yield number, fault
            return
        if len(raw) > max_line:
            while raw and not raw.endswith(b"\n") and total <= max_file:
                raw = stream.readline(max_line + 1)
                total += len(raw)
            yield number, Fault(number, "line_too_long", f"the line has over {max_line} bytes")
            continue
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            yield number, Fault(number, "not_utf8", "the line is not UTF-8")
            continue
        yield number, text.rstrip("\r\n")


def _header(first: tuple[int, str | Fault]) -> tuple[list[str], str]:
    """The columns' names and what separates them."""
    _, text = first
    if isinstance(text, Fault) or not text.strip():
        raise CsvRefused("The file's first line has to name its columns: algorithm,value,…")
    delimiter = ";" if ";" in text and "," not in text else ","
    cells = _cells(text, delimiter)
    names = [cell.strip().lower() for cell in cells or ()]
    if not set(REQUIRED) <= set(names) or len(set(names)) != len(names):
        raise CsvRefused("The file's first line has to name the columns algorithm and value, once.")
    if not set(names) <= set(COLUMNS):
        raise CsvRefused(f"A column is unknown. Known ones are {', '.join(COLUMNS)}.")
    return names, delimiter


def _cells(text: str, delimiter: str) -> list[str] | None:
    """The line's cells; None where its quotes do not close or close within a cell."""
    try:
        [cells] = csv.reader([text], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return None
    return cells


def _item(
    line: int, text: str, names: list[str], delimiter: str, min_quality: int
) -> NewEntry | Fault:
    cells = _cells(text, delimiter)
    if cells is None:
        return Fault(line, "bad_quotes", "its quotation marks do not match")
    if len(cells) != len(names):
        return Fault(line, "wrong_cells", f"it has {len(cells)} cells, the header {len(names)}")
    row = dict(zip(names, (_unescaped(cell.strip()) for cell in cells), strict=True))
    try:
        algorithm = HashAlgorithm(row["algorithm"].lower())
    except ValueError:
        return Fault(line, "unknown_algorithm", f"not one of {', '.join(HashAlgorithm)}")
    quality = row.get("quality", "")
    if quality and not re.fullmatch(r"[0-9]{1,3}", quality, re.ASCII):
        return Fault(line, "bad_quality", "a quality is a number from 0 to 100")
    ref = row.get("source_ref", "")
    if len(ref) > MAX_SOURCE_REF:
        return Fault(line, "ref_too_long", f"source_ref has over {MAX_SOURCE_REF} characters")
    try:
        return new_entry(
            algorithm,
            row["value"],
            min_quality=min_quality,
            quality=int(quality) if quality else None,
            note=row.get("note", ""),
            source_ref=_printed(ref) or None,
            line=line,
        )
    except HashRefused as refused:
        return Fault(line, refused.reason, refused.text)


def _row(entry: BankHash) -> tuple[str, ...]:
    quality = "" if entry.quality is None else str(entry.quality)
    value = entry.frames if entry.frames is not None else entry.value
    texts = (value, quality, entry.note, entry.source_ref or "")
    return (entry.algorithm.value, *(_escaped(_printed(text)) for text in texts))


def _printed(text: str) -> str:
    """Without control characters and line ends."""
    return _UNSEEN.sub(" ", text).strip()


def _escaped(cell: str) -> str:
    return f"'{cell}" if _RUNS.match(cell) else cell


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _RUNS.match(cell) else cell

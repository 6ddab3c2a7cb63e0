"""Files of hashes: what is taken, what a bad line is told, what a spreadsheet must not run."""

from __future__ import annotations

import csv
import hashlib
import io
import random
from collections.abc import Iterator

import pytest

from media_integrity.banks.entries import Fault, ImportItem, NewEntry
from media_integrity.exchanges.csv_file import (
    COLUMNS,
    MAX_LINE,
    CsvRefused,
    _row,
    read_csv,
)
from media_integrity.fingerprints.vpdq import VideoFrame, VideoHash
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.hashes import MAX_FILM_FRAMES, BankHash
from tests.emulator.exchange_server import md5, pdq

HEADER = b"algorithm,value,quality,note,source_ref\n"


def read(content: bytes, **limits: int) -> list[ImportItem]:
    return list(read_csv(io.BytesIO(content), min_quality=50, **limits))


def entry(content: bytes) -> NewEntry:
    [item] = read(content)
    assert isinstance(item, NewEntry), item
    return item


def fault(content: bytes, **limits: int) -> Fault:
    [item] = read(content, **limits)
    assert isinstance(item, Fault), item
    return item


def film(frames: int) -> VideoHash:
    return VideoHash(
        tuple(
            VideoFrame(number, 90, hashlib.sha256(bytes([number % 251])).digest(), 0.0)
            for number in range(frames)
        )
    )


def test_a_line_is_an_entry_with_its_number() -> None:
    items = read(HEADER + f"pdq,{pdq(1)},80,seen twice,ref 1\nMD5,{md5(2).upper()},,,\n".encode())
    assert items == [
        NewEntry(HashAlgorithm.PDQ, pdq(1), 80, None, "seen twice", "ref 1", False, 2),
        NewEntry(HashAlgorithm.MD5, md5(2), None, None, "", None, False, 3),
    ]


@pytest.mark.parametrize(
    "content",
    [
        f"algorithm,value\npdq,{pdq(1)}\n",
        f"algorithm,value\npdq,{pdq(1)}",
        f"\ufeffalgorithm,value\r\npdq,{pdq(1)}\r\n",
        f"value;algorithm\r\n{pdq(1)};pdq\r\n",
        f" Algorithm , VALUE \n pdq , {pdq(1)} \n",
        f'"algorithm","value"\n"pdq","{pdq(1)}"\n',
        f"algorithm,value\n\n   \npdq,{pdq(1)}\n\n",
        f"algorithm,value,quality\npdq,{pdq(1)},\n",
    ],
    ids=["plain", "no end", "bom+crlf", "semicolons", "spaces", "quoted", "empty lines", "no q"],
)
def test_files_as_programs_write_them_are_read(content: str) -> None:
    found = entry(content.encode())
    assert (found.algorithm, found.value) == (HashAlgorithm.PDQ, pdq(1))


def test_semicolons_leave_commas_in_notes_alone() -> None:
    assert entry(f"algorithm;value;note\npdq;{pdq(1)};one, two\n".encode()).note == "one, two"


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\n",
        b"pdq," + pdq(1).encode() + b"\n",
        b"algorithm\n",
        b"algorithm,value,value\n",
        b"algorithm,value,quailty\n",
        b"algorithm\tvalue\n",
        b"\xff\xfea\x00l\x00g\x00",
        b'algorithm,"value\n',
        b"a" * (MAX_LINE + 10),
    ],
)
def test_a_file_that_does_not_say_what_is_in_it_is_refused(header: bytes) -> None:
    with pytest.raises(CsvRefused):
        read(header)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"pdq", "wrong_cells"),
        (b"pdq,1,2,3,4,5", "wrong_cells"),
        (b"phash,00,,,", "unknown_algorithm"),
        (b",,,,", "unknown_algorithm"),
        (b"pdq,,,,", "malformed"),
        (b"pdq,xyz,,,", "malformed"),
        (b"pdq," + pdq(1).encode() + b"ff,,,", "malformed"),
        (b"pdq," + b"0" * 64 + b",,,", "flat"),
        (b"pdq," + pdq(1).encode() + b",49,,", "low_quality"),
        (b"pdq," + pdq(1).encode() + b",101,,", "malformed"),
        (b"pdq," + pdq(1).encode() + b",-1,,", "bad_quality"),
        (b"pdq," + pdq(1).encode() + b",1e2,,", "bad_quality"),
        (b"pdq," + pdq(1).encode() + b",\xd9\xa3\xd9\xa3,,", "bad_quality"),
        (b"pdq," + pdq(1).encode() + b",,," + b"r" * 201, "ref_too_long"),
        (b'pdq,"' + pdq(1).encode() + b",,,", "bad_quotes"),
        (b'pdq,"' + pdq(1).encode() + b'"x,,,', "bad_quotes"),
        (b"pdq," + pdq(1).encode() + b",,\xff\xfe,", "not_utf8"),
        (b"vpdq,AAAA,,,", "malformed"),
        (b"vpdq,===,,,", "malformed"),
        (b"x" * (MAX_LINE + 1), "line_too_long"),
        (b"x" * (MAX_LINE * 3 + 7), "line_too_long"),
        (b"pdq," + b"a\rb,,,", "bad_quotes"),
    ],
)
def test_a_bad_line_is_told_its_number_and_stops_no_other(line: bytes, code: str) -> None:
    good = f"pdq,{pdq(2)},,,\n".encode()
    before, bad, after = read(HEADER + good + line + b"\n" + good)
    assert isinstance(before, NewEntry) and isinstance(after, NewEntry)
    assert isinstance(bad, Fault)
    assert (bad.line, bad.code) == (3, code)
    assert after.line == 4


def test_a_report_does_not_repeat_what_stood_in_the_file() -> None:
    told = fault(HEADER + b"pdq,secret-of-somebody,,note of a person,\n")
    assert "secret" not in told.text and "person" not in told.text


def test_a_nul_is_not_an_entry_and_stops_no_other() -> None:
    found = read(HEADER + b"pdq,\x00,,,\n" + f"pdq,{pdq(2)},,\x00,\n".encode())
    assert isinstance(found[0], Fault)
    assert len(found) == 2


def test_a_file_over_the_limit_is_read_so_far_and_says_so() -> None:
    line = f"md5,{md5(1)},,,\n".encode()
    *taken, last = read(HEADER + line * 50, max_file=len(HEADER) + len(line) * 10)
    assert len(taken) == 10 and all(isinstance(item, NewEntry) for item in taken)
    assert isinstance(last, Fault) and last.code == "file_too_large" and last.line == 12


def test_a_line_without_end_is_not_kept_in_memory() -> None:
    class Endless(io.RawIOBase):
        largest = 0

        def readline(self, size: int | None = -1) -> bytes:
            assert size is not None and 0 < size <= MAX_LINE + 1
            self.largest = max(self.largest, size)
            return b"x" * size

    class Started(Endless):
        begun = False

        def readline(self, size: int | None = -1) -> bytes:
            if not self.begun:
                self.begun = True
                return HEADER
            return super().readline(size)

    items = list(read_csv(Started(), min_quality=50, max_file=10 << 20))  # type: ignore[arg-type]
    assert [item.code for item in items if isinstance(item, Fault)] == [
        "line_too_long",
        "file_too_large",
    ]


def test_reading_is_lazy() -> None:
    lines = read_csv(io.BytesIO(HEADER + f"pdq,{pdq(1)},,,\n".encode() * 3), min_quality=50)
    assert isinstance(lines, Iterator)
    assert isinstance(next(lines), NewEntry)


@pytest.mark.parametrize("frames", [1, 60, MAX_FILM_FRAMES])
def test_a_film_of_every_kept_length_fits_in_a_line(frames: int) -> None:
    packed = film(frames).pack()
    found = entry(HEADER + f"vpdq,{packed},,,\n".encode())
    assert found.frames == packed and found.value == film(frames).digest
    assert fault(HEADER + f"vpdq,{film(MAX_FILM_FRAMES + 1).pack()},,,\n".encode())


# Written files


def document(note: str, ref: str | None) -> BankHash:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 1, tzinfo=UTC)
    return BankHash(
        id=f"pdq-{pdq(1)}",
        parent_id="bank",
        algorithm=HashAlgorithm.PDQ,
        value=pdq(1),
        quality=77,
        added_by="tests",
        note=note,
        source_ref=ref,
        created_at=now,
        updated_at=now,
    )


def written(note: str, ref: str | None = None) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerow(_row(document(note, ref)))
    return out.getvalue().encode()


RUNNING = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1", "''=1", "\t=1", "\r=1"]


@pytest.mark.parametrize("note", RUNNING)
def test_no_cell_runs_in_a_spreadsheet(note: str) -> None:
    [_, row] = csv.reader(io.StringIO(written(note, note).decode(), newline=""))
    for cell in row:
        assert cell[:1] not in {"=", "+", "-", "@", "\t", "\r"}


@pytest.mark.parametrize(
    "note",
    [*RUNNING[:7], "plain", "'", "''", "'quoted'", 'a "b", c;', "ä😀 ", "", "0", "'plain", "a\\n"],
)
def test_what_is_written_is_read_back(note: str) -> None:
    found = entry(written(note, note or None))
    assert (found.note, found.source_ref) == (note.strip(), note.strip() or None)
    assert (found.value, found.quality) == (pdq(1), 77)


def test_line_ends_in_notes_become_spaces() -> None:
    assert entry(written("one\r\ntwo\x0bthree\u2028four")).note == "one  two three four"


def test_random_files_never_stop_the_reading() -> None:
    generator = random.Random(4)
    pieces = [b",", b'"', b"\n", b"\r", b"\x00", b"'", b"=", b";", b"\xff", b"pdq", pdq(1).encode()]
    for _ in range(500):
        body = b"".join(generator.choices(pieces, k=generator.randrange(60)))
        found = read(HEADER + body + b"\n" + f"pdq,{pdq(2)},,,\n".encode())
        assert isinstance(found[-1], NewEntry)
        assert found[-1].value == pdq(2)

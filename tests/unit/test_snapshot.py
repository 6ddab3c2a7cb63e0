"""A snapshot is read whole and right, by this release and its neighbours, or it is refused."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_integrity.fingerprints.vpdq import VideoFrame, VideoHash
from media_integrity.matching.index import HashIndex
from media_integrity.matching.known import KnownHash
from media_integrity.matching.snapshot import (
    MAGIC,
    READER,
    SnapshotCorrupt,
    SnapshotTooNew,
    read,
    version_of,
    write,
)
from media_integrity.schema.enums import HashAlgorithm
from media_integrity.schema.hashes import BankHash
from media_integrity.schema.shields import ShieldId

NOW = datetime(2026, 5, 4, 3, 2, 1, 99, tzinfo=UTC)
PREFIX = len(MAGIC) + 36
Header = dict[str, Any]


def known(
    algorithm: HashAlgorithm, bits: bytes, bank: str, shield: str | None, film: VideoHash | None
) -> KnownHash:
    shield_id = ShieldId(shield) if shield else None
    return KnownHash(
        bank_id=bank,
        id=BankHash.id_for(algorithm, bits.hex(), shield_id),
        algorithm=algorithm,
        bits=bits,
        quality=bits[0] % 101,
        confirmed=bits[1] % 2 == 0,
        enabled=True,
        updated_at=NOW,
        shield_id=shield_id,
        film=film,
    )


def entries() -> list[KnownHash]:
    chance = np.random.default_rng(4)
    made = []
    for number in range(40):
        shield = f"shield{number % 3}" if number % 2 else None
        bank = f"bank{number % 4}"
        for algorithm, width in (("pdq", 32), ("sha256", 32), ("md5", 16)):
            made.append(known(HashAlgorithm(algorithm), chance.bytes(width), bank, shield, None))
        film = VideoHash(
            tuple(VideoFrame(n, 50 + n, chance.bytes(32), 0.0) for n in range(number % 5 + 1))
        )
        digest = bytes.fromhex(film.digest)
        made.append(known(HashAlgorithm.VPDQ, digest, bank, shield, film))
    return made


def filled() -> HashIndex:
    index = HashIndex()
    index.put(entries())
    index.mark_missing(frozenset({"hash_banks/b/hashes/x"}))
    return index


DATA = write(filled().content())


def taken_apart(data: bytes) -> tuple[Header, bytes]:
    (length,) = struct.unpack_from("<I", data, len(MAGIC))
    return json.loads(data[PREFIX : PREFIX + length]), data[PREFIX + length :]


def put_together(header: Header, body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return b"".join(
        [MAGIC, struct.pack("<I", len(text)), hashlib.sha256(text).digest(), text, body]
    )


def changed(change: Callable[[Header], object]) -> bytes:
    """A snapshot whose header was changed, with the right checksum: a bug, not an accident."""
    header, body = taken_apart(DATA)
    change(header)
    return put_together(header, body)


def column(header: Header, name: str) -> Header:
    (found,) = [each for each in header["columns"] if each["name"] == name]
    assert isinstance(found, dict)
    return found


def same(one: HashIndex, other: HashIndex) -> bool:
    return write(one.content()) == write(other.content())


def test_what_was_written_is_read() -> None:
    index = read(DATA)
    assert same(index, filled())
    assert (len(index), index.cursor) == (160, NOW)
    assert index.missing == {"hash_banks/b/hashes/x"}
    for entry in entries():
        (found,) = index.exact(entry.algorithm, entry.bits)
        assert (found.bank_id, found.id, found.quality, found.confirmed, found.shield_id) == (
            entry.bank_id,
            entry.id,
            entry.quality,
            entry.confirmed,
            entry.shield_id,
        )
        if entry.film is not None:
            assert index.films(entry.film)[0].query_percent == 100


def test_an_index_that_was_read_goes_on_changing() -> None:
    index = read(DATA)
    index.put([known(HashAlgorithm.PDQ, bytes(32), "a new bank", "a new shield", None)])
    (found,) = index.near([bytes(32)], 0)
    assert (found.known.bank_id, found.known.shield_id) == ("a new bank", "a new shield")
    assert same(read(write(index.content())), index)


def test_an_empty_index_can_be_written_and_read() -> None:
    assert len(read(write(HashIndex().content()))) == 0


def test_no_code_is_in_it() -> None:
    header, body = taken_apart(DATA)
    assert header["format"] == 1
    assert {each["dtype"] for each in header["columns"]} == {"|u1", "<u2", "<u4"}
    sizes = [
        np.dtype(each["dtype"]).itemsize * int(np.prod(each["shape"])) for each in header["columns"]
    ]
    assert sum(sizes) == len(body)


def test_a_newer_release_may_add_columns_and_keys() -> None:
    def add(header: Header) -> None:
        header["format"] = 7
        header["seasoning"] = {"salt": 1}
        header["rows"]["sound"] = 5
        header["columns"].append(
            {
                "name": "sound/bits",
                "dtype": "<f8",
                "shape": [5],
                "offset": 10**15,
                "sha256": "0" * 64,
                "unit": "dB",
            }
        )
        column(header, "pdq/bits")["note"] = "x"

    assert same(read(changed(add)), filled())


def test_an_older_release_may_lack_a_column_with_a_default_and_whole_kinds() -> None:
    def take_away(header: Header) -> None:
        del header["missing"]
        del header["rows"]["md5-personal"]
        header["columns"] = [
            each
            for each in header["columns"]
            if not each["name"].startswith("md5-personal/")
            and not each["name"].endswith("/frame_quality")
        ]

    index = read(changed(take_away))
    assert len(index) == 160 - 20
    assert index.missing == frozenset()
    poor = next(entry.film for entry in entries() if entry.film is not None)
    assert index.films(poor, min_quality=100) == []  # the query's own frames are of 50
    best = VideoHash(tuple(VideoFrame(f.frame, 100, f.bits, 0.0) for f in poor.frames))
    assert len(index.films(best, min_quality=100)) == 1, "what is not known counts as good"


def test_one_for_newer_readers_is_told_apart_from_a_corrupt_one() -> None:
    def of_the_future(header: Header) -> None:
        header.clear()
        header["min_reader"] = READER + 1

    with pytest.raises(SnapshotTooNew):
        read(changed(of_the_future))


def _set(name: str, **fields: object) -> Callable[[Header], object]:
    return lambda header: column(header, name).update(fields)


HUGE = 1 << 62
FAULTS: dict[str, bytes] = {
    "empty": b"",
    "another magic": b"PK\x03\x04" + DATA[4:],
    "only the magic": MAGIC,
    "cut in the prefix": DATA[: PREFIX - 1],
    "cut in the header": DATA[: PREFIX + 10],
    "no columns behind the header": DATA[: PREFIX + struct.unpack_from("<I", DATA, len(MAGIC))[0]],
    "cut by one byte": DATA[:-1],
    "a header of 4 GB": MAGIC + b"\xff" * 4 + DATA[len(MAGIC) + 4 :],
    "header is a list": put_together([], b""),  # type: ignore[arg-type]
    "header is empty": put_together({}, b""),
    "header is deep": MAGIC
    + struct.pack("<I", 200_000)
    + hashlib.sha256(b"[" * 200_000).digest()
    + b"[" * 200_000,
    "absurd rows": changed(lambda header: header["rows"].update(pdq=HUGE)),
    "absurd rows and shape": changed(
        lambda header: (
            header["rows"].update(pdq=200_000_000),
            column(header, "pdq/bits").update(shape=[200_000_000, 32]),
        )
    ),
    "negative rows": changed(lambda header: header["rows"].update(pdq=-1)),
    "rows of different length": changed(lambda header: header["rows"].update(pdq=19)),
    "frames without a count": changed(lambda header: header["rows"].pop("vpdq/frames")),
    "a kind without a count": changed(lambda header: header["rows"].pop("pdq")),
    "a shorter column": changed(_set("pdq/bank", shape=[19])),
    "an absurd shape": changed(_set("pdq/bits", shape=[HUGE, 32])),
    "another width": changed(_set("pdq/bits", shape=[40, 16])),
    "objects": changed(_set("pdq/bank", dtype="|O")),
    "big-endian": changed(_set("pdq/bank", dtype=">u2")),
    "behind the end": changed(_set("pdq/bits", offset=HUGE)),
    "before the beginning": changed(_set("pdq/bits", offset=-5)),
    "another column's place": changed(_set("pdq/bits", offset=1)),
    "another checksum": changed(_set("pdq/bits", sha256="0" * 64)),
    "a checksum that is none": changed(_set("pdq/bits", sha256="x")),
    "a column missing": changed(
        lambda header: header["columns"].remove(column(header, "pdq/mark"))
    ),
    "a column twice": changed(lambda header: header["columns"].append(column(header, "pdq/mark"))),
    "a bank without a name": changed(lambda header: header["banks"].pop()),
    "a shield without a name": changed(lambda header: header["shields"].pop()),
    "no cursor": changed(lambda header: header.pop("cursor")),
    "a cursor without a zone": changed(lambda header: header.update(cursor="2026-01-01T00:00:00")),
}


@pytest.mark.parametrize("data", FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_one_is_refused(data: bytes) -> None:
    with pytest.raises(SnapshotCorrupt) as refused:
        read(data)
    assert not isinstance(refused.value, SnapshotTooNew)


@pytest.mark.parametrize("name", ["vpdq/frame_film", "vpdq/mark", "vpdq/frame_quality"])
def test_values_out_of_range_are_refused_though_their_checksum_is_right(name: str) -> None:
    header, body = taken_apart(DATA)
    stored = column(header, name)
    size = np.dtype(stored["dtype"]).itemsize * stored["shape"][0]
    wrong = b"\x7f" * size
    stored["sha256"] = hashlib.sha256(wrong).hexdigest()
    body = body[: stored["offset"]] + wrong + body[stored["offset"] + size :]
    with pytest.raises(SnapshotCorrupt):
        read(put_together(header, body))


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_random_damage_is_always_refused_and_never_gives_another_index(data: st.DataObject) -> None:
    damaged = bytearray(DATA)
    kind = data.draw(st.sampled_from(["flip", "cut", "insert", "swap"]))
    at = data.draw(st.integers(0, len(DATA) - 1))
    if kind == "flip":
        damaged[at] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del damaged[at : at + data.draw(st.integers(1, 500))]
    elif kind == "insert":
        damaged[at:at] = data.draw(st.binary(min_size=1, max_size=50))
    else:
        to = data.draw(st.integers(0, len(DATA) - 1))
        damaged[at], damaged[to] = damaged[to], damaged[at]
    if bytes(damaged) == DATA:
        return
    try:
        index = read(bytes(damaged))
    except SnapshotCorrupt:
        return
    # Only what stands behind the last column is looked at by nobody.
    assert bytes(damaged).startswith(DATA)
    assert same(index, filled())


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_bytes_that_are_no_snapshot_are_refused(data: bytes) -> None:
    for candidate in (data, MAGIC + data):
        with pytest.raises(SnapshotCorrupt):
            read(candidate)


def test_versions_sort_by_their_cursor() -> None:
    later = NOW.replace(microsecond=100)
    assert version_of(NOW, "ff") < version_of(later, "00")

"""The index finds everything within the radius and nothing else; the matcher respects the banks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_integrity.fingerprints.files import FileHashes
from media_integrity.fingerprints.pdq import Fingerprints, Form, ViewHashes, hamming
from media_integrity.matching.hamming import MAX_RADIUS
from media_integrity.matching.index import HashIndex
from media_integrity.matching.known import KnownBank, KnownHash
from media_integrity.matching.matcher import MAX_HITS, Limits, Matcher
from media_integrity.schema.enums import BankLabel, FindingStatus, HashAlgorithm, MatchType
from media_integrity.schema.findings import BankHit, BankMatchDetail, Finding

NOW = datetime(2026, 1, 1, tzinfo=UTC)
hashes = st.binary(min_size=32, max_size=32)


def known(bits: bytes, **changes: object) -> KnownHash:
    entry = KnownHash(
        bank_id="bank",
        id=f"pdq-{bits.hex()}",
        algorithm=HashAlgorithm.PDQ,
        bits=bits,
        quality=100,
        confirmed=True,
        enabled=True,
        updated_at=NOW,
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def bank(**changes: object) -> KnownBank:
    return replace(KnownBank("bank", BankLabel.NCII, True, None, None), **changes)  # type: ignore[arg-type]


def flipped(bits: bytes, positions: list[int]) -> bytes:
    number = int.from_bytes(bits)
    for position in positions:
        number ^= 1 << position
    return number.to_bytes(len(bits))


@settings(deadline=None)
@given(
    stored=st.lists(hashes, min_size=1, max_size=20, unique=True),
    which=st.integers(0),
    positions=st.lists(st.integers(0, 255), max_size=40, unique=True),
    radius=st.integers(0, MAX_RADIUS),
)
def test_the_index_agrees_with_comparing_every_entry(
    stored: list[bytes], which: int, positions: list[int], radius: int
) -> None:
    index = HashIndex()
    index.put(known(bits) for bits in stored)
    query = flipped(stored[which % len(stored)], positions)

    found = {(near.known.bits, near.distance) for near in index.near([query], radius)}

    expected = {(bits, hamming(bits, query)) for bits in stored}
    assert found == {(bits, distance) for bits, distance in expected if distance <= radius}


def test_a_radius_beyond_what_is_exact_is_refused() -> None:
    with pytest.raises(ValueError, match="radius"):
        HashIndex().near([bytes(32)], MAX_RADIUS + 1)


def test_an_entry_that_is_put_again_is_replaced_and_a_disabled_one_stops_matching() -> None:
    index = HashIndex()
    entry = known(bytes(32))
    index.put([entry])
    index.put([replace(entry, confirmed=False)])
    assert [near.known.confirmed for near in index.near([bytes(32)])] == [False]
    index.put([replace(entry, enabled=False)])
    assert index.near([bytes(32)]) == []
    assert len(index) == 0


class Banks:
    """A bank source in memory. Each call brings the next state."""

    def __init__(self, banks: list[KnownBank], *entries: KnownHash) -> None:
        self.banks = banks
        self.entries = list(entries)

    def bring_up_to_date(self, index: HashIndex, banks: dict[str, KnownBank]) -> None:
        banks.update({bank.id: bank for bank in self.banks})
        index.put(self.entries)


class Unreachable(Banks):
    def bring_up_to_date(self, index: HashIndex, banks: dict[str, KnownBank]) -> None:
        raise ConnectionError


def matcher(banks: Banks) -> Matcher:
    return Matcher(banks, Limits(max_distance=31, min_quality=50))


def upload(quality: int = 100, **forms: bytes) -> Fingerprints:
    numbers: Iterator[int] = count(1)
    far = {form: bytes([255 - next(numbers)] * 32) for form in Form}
    given_forms = {Form[name.upper()]: bits for name, bits in forms.items()}
    return Fingerprints("0" * 64, (ViewHashes(quality, {**far, **given_forms}),))


def hits(banks: Banks, fingerprints: Fingerprints) -> tuple[BankHit, ...]:
    finding = matcher(banks).match(fingerprints)
    assert finding.status is FindingStatus.MEASURED
    assert isinstance(finding.detail, BankMatchDetail)
    return finding.detail.hits


ENTRY = known(bytes(32))


def test_a_near_picture_matches_with_its_distance() -> None:
    (found,) = hits(Banks([bank()], ENTRY), upload(original=flipped(bytes(32), [1, 2, 3])))
    assert (found.match_type, found.distance, found.label) == (MatchType.NEAR, 3, BankLabel.NCII)


def test_a_turned_picture_matches_by_the_form_that_turns_it_back() -> None:
    (found,) = hits(Banks([bank()], ENTRY), upload(rotate90=bytes(32)))
    assert (found.match_type, found.form) == (MatchType.ROTATED, "rotate90")


def test_the_same_bytes_match_before_the_file_is_opened() -> None:
    digest = "ab" * 32
    entry = known(bytes.fromhex(digest), algorithm=HashAlgorithm.SHA256, id=f"sha256-{digest}")
    finding = matcher(Banks([bank()], entry)).match_bytes(FileHashes(digest, "0" * 32))
    assert isinstance(finding.detail, BankMatchDetail)
    assert [found.match_type for found in finding.detail.hits] == [MatchType.EXACT]


@pytest.mark.parametrize(
    ("banks", "entry", "quality"),
    [
        ([bank(enabled=False)], ENTRY, 100),
        ([bank()], replace(ENTRY, enabled=False), 100),
        ([bank()], replace(ENTRY, quality=49), 100),
        ([bank()], ENTRY, 49),
        ([bank(min_quality=80)], ENTRY, 79),
    ],
    ids=["bank disabled", "entry disabled", "entry poor", "upload poor", "floor"],
)
def test_what_must_not_match_does_not(
    banks: list[KnownBank], entry: KnownHash, quality: int
) -> None:
    assert hits(Banks(banks, entry), upload(quality, original=bytes(32))) == ()


def test_an_entry_whose_bank_cannot_be_read_matches_as_an_unconfirmed_one() -> None:
    (found,) = hits(Banks([], ENTRY), upload(original=bytes(32)))
    assert ENTRY.confirmed and not found.confirmed


def test_a_bank_may_be_stricter_about_distance() -> None:
    query = upload(original=flipped(bytes(32), list(range(11))))
    assert hits(Banks([bank(max_distance=11)], ENTRY), query)
    assert not hits(Banks([bank(max_distance=10)], ENTRY), query)


def test_a_confirmed_entry_is_never_pushed_out_by_many_unconfirmed_ones() -> None:
    crowd = [replace(known(flipped(bytes(32), [n])), confirmed=False) for n in range(MAX_HITS + 10)]
    confirmed = known(flipped(bytes(32), list(range(100, 120))))
    found = hits(Banks([bank()], *crowd, confirmed), upload(original=bytes(32)))
    assert len(found) == MAX_HITS
    assert found[0].confirmed


def test_banks_that_cannot_be_reached_are_a_failed_check_and_not_a_clean_one() -> None:
    finding = matcher(Unreachable([bank()], ENTRY)).match(upload())
    assert finding.status is FindingStatus.FAILED


def test_an_entry_that_is_added_between_two_scans_is_found_by_the_second() -> None:
    digest = "cd" * 32
    banks = Banks([bank()])
    matching = matcher(banks)
    assert _hits_of(matching.match_bytes(FileHashes(digest, "0" * 32))) == ()
    banks.entries = [
        known(bytes.fromhex(digest), algorithm=HashAlgorithm.SHA256, id=f"sha256-{digest}")
    ]
    assert len(_hits_of(matching.match_bytes(FileHashes(digest, "0" * 32)))) == 1


def _hits_of(finding: Finding) -> tuple[BankHit, ...]:
    assert isinstance(finding.detail, BankMatchDetail)
    return finding.detail.hits

"""Which uploads show the same: what is compared, which cluster is nearest, what is forgotten."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from media_integrity.fingerprints.dihedral import CANDIDATE_DISTANCE, turned
from media_integrity.fingerprints.near import near, quarters
from media_integrity.fingerprints.pdq import Fingerprints, Form, ViewHashes, hamming, pdq
from media_integrity.fingerprints.vpdq import VideoFrame, VideoHash
from media_integrity.scanning.clusters import Index, Shown, cluster_id
from media_integrity.schema.clusters import MediaCluster

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHA256 = "ab" * 32


def random_bits() -> bytes:
    return secrets.token_bytes(32)


def flipped(bits: bytes, count: int) -> bytes:
    """With the first ``count`` of its bits the other way."""
    return (int.from_bytes(bits) ^ ((1 << count) - 1)).to_bytes(32)


def cluster(bits: bytes, *, name: str | None = None, into: str | None = None) -> MediaCluster:
    return MediaCluster(
        id=name or secrets.token_hex(16),
        pdq=bits.hex(),
        merged_into=into,
        created_at=NOW,
        updated_at=NOW,
    )


def still(bits: bytes, quality: int = 100) -> ViewHashes:
    return ViewHashes(quality, dict.fromkeys(Form, bits))


def landscape(seed: int) -> Pillow.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Pillow.fromarray(coarse).resize((640, 480), Pillow.Resampling.BICUBIC)


# ---- What is compared ----


def test_a_still_picture_is_compared_by_all_its_forms_beginning_with_the_upright_one() -> None:
    hashes = pdq(np.asarray(landscape(1)))
    shown = Shown.of(SHA256, Fingerprints(SHA256, (hashes,)))
    assert shown.forms[0] == hashes.pdq.bits
    assert set(shown.forms) == set(hashes.forms.values())


@pytest.mark.parametrize(
    "fingerprints",
    [
        None,
        Fingerprints(SHA256, (still(random_bits()), still(random_bits()))),
        Fingerprints(SHA256, (still(random_bits(), quality=49),)),
        Fingerprints(
            SHA256,
            (still(random_bits()),),
            video=VideoHash((VideoFrame(0, 100, random_bits(), 0.0),)),
        ),
    ],
    ids=["sound", "animation", "too little detail", "film"],
)
def test_what_one_hash_does_not_stand_for_is_clustered_by_its_bytes(
    fingerprints: Fingerprints | None,
) -> None:
    assert Shown.of(SHA256, fingerprints).forms == ()


def test_the_same_picture_names_the_same_cluster_and_does_not_tell_its_hash() -> None:
    bits = random_bits()
    one = cluster_id(Shown("11" * 32, (bits,)))
    other = cluster_id(Shown("22" * 32, (bits,)))
    assert one == other
    assert bits.hex() not in one
    assert cluster_id(Shown("11" * 32)) != cluster_id(Shown("22" * 32))


# ---- The index ----


def test_a_picture_within_31_bits_belongs_to_the_cluster_and_one_of_32_does_not() -> None:
    index, bits = Index(), random_bits()
    first = cluster(bits)
    index.put([first])
    assert index.nearest([flipped(bits, 31)]) == first.id
    assert index.nearest([flipped(bits, 32)]) is None


def test_of_several_clusters_the_nearest_wins_and_of_equals_the_oldest() -> None:
    index, bits = Index(), random_bits()
    far, old, young = cluster(flipped(bits, 20)), cluster(bits), cluster(bits)
    index.put([far, old, young])
    assert index.nearest([bits]) == old.id
    assert index.near([bits]) == [far.id, old.id, young.id]


def test_any_of_the_forms_is_enough() -> None:
    index, bits = Index(), random_bits()
    first = cluster(bits)
    index.put([first])
    assert index.nearest([random_bits(), random_bits(), bits]) == first.id


def test_a_merged_cluster_leads_to_where_it_was_merged_however_often() -> None:
    index, bits = Index(), random_bits()
    index.put([cluster(bits, name="b", into="a"), cluster(random_bits(), name="c", into="b")])
    assert index.root("c") == "a"
    assert index.root("elsewhere") == "elsewhere"


def test_clusters_that_were_merged_in_a_circle_end_the_search() -> None:
    index = Index()
    index.put([cluster(random_bits(), name="a", into="b")])
    index.put([cluster(random_bits(), name="b", into="a")])
    assert index.root("a") in {"a", "b"}


def test_the_oldest_are_forgotten_and_the_newest_still_found() -> None:
    index = Index(limit=8)
    clusters = [cluster(random_bits()) for _ in range(40)]
    for each in clusters:
        index.put([each])
    assert len(index) <= 10
    for each in clusters[-8:]:
        assert each.pdq is not None
        assert index.nearest([bytes.fromhex(each.pdq)]) == each.id
    assert clusters[0].pdq is not None
    assert index.nearest([bytes.fromhex(clusters[0].pdq)]) is None


def test_a_cluster_that_comes_again_takes_no_second_place() -> None:
    index, first = Index(), cluster(random_bits())
    for _ in range(3):
        index.put([first])
    assert len(index) == 1


# ---- Searching all of them ----


@given(st.integers(0, 96), st.integers(0, 2**31), st.integers(0, 130))
def test_looking_at_all_finds_what_counting_every_bit_finds(
    radius: int, seed: int, apart: int
) -> None:
    hashes = np.random.default_rng(seed).integers(0, 256, (50, 32), dtype=np.uint8)
    query = flipped(hashes[7].tobytes(), apart)

    places, distances = near(quarters(hashes), query, radius)

    expected = {
        place: bits
        for place, each in enumerate(hashes)
        if (bits := hamming(each.tobytes(), query)) <= radius
    }
    assert dict(zip(places.tolist(), distances.tolist(), strict=True)) == expected


def test_nothing_is_near_where_there_is_nothing() -> None:
    places, distances = near(quarters(np.zeros((0, 32), np.uint8)), bytes(32), 31)
    assert len(places) == len(distances) == 0


# ---- A hash turned instead of its picture ----


def test_a_turned_hash_is_near_enough_to_the_turned_picture_to_open_it() -> None:
    for seed in range(30):
        hashes = pdq(np.asarray(landscape(seed)))
        for form, bits in turned(hashes.pdq.bits).items():
            assert hamming(bits, hashes.forms[form]) <= CANDIDATE_DISTANCE, form


def test_a_hash_is_exact_as_it_is_and_transposed_and_turning_back_gives_it_again() -> None:
    hashes = pdq(np.asarray(landscape(3)))
    forms = turned(hashes.pdq.bits)
    assert forms[Form.ORIGINAL] == hashes.pdq.bits
    assert forms[Form.TRANSPOSE] == hashes.forms[Form.TRANSPOSE]
    for form in (Form.MIRROR, Form.FLIP, Form.ROTATE180, Form.TRANSPOSE, Form.TRANSVERSE):
        assert turned(forms[form])[form] == hashes.pdq.bits
    assert turned(forms[Form.ROTATE90])[Form.ROTATE270] == hashes.pdq.bits


def test_turned_hashes_of_other_pictures_are_farther_away_than_that() -> None:
    one, other = (pdq(np.asarray(landscape(seed))) for seed in (10, 11))
    assert min(hamming(bits, other.pdq.bits) for bits in turned(one.pdq.bits).values()) > 64

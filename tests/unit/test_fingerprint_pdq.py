"""PDQ as other programs compute it, in all eight forms."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data as pictures

from media_integrity.fingerprints.files import file_hashes
from media_integrity.fingerprints.pdq import Form, PdqHash, fingerprint, hamming, pdq
from media_integrity.fingerprints.pdq_hash import pdq_of_grids
from media_integrity.media.grid import grids, reduction
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from tests.unit.media_files import Rgb, animated, exif, photograph, saved

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "perceptual_hash"

TURNED: dict[Form, Callable[[Rgb], Rgb]] = {
    Form.ORIGINAL: lambda rgb: rgb,
    Form.ROTATE90: lambda rgb: np.rot90(rgb),
    Form.ROTATE180: lambda rgb: np.rot90(rgb, 2),
    Form.ROTATE270: lambda rgb: np.rot90(rgb, 3),
    Form.FLIP: lambda rgb: rgb[::-1],
    Form.MIRROR: lambda rgb: rgb[:, ::-1],
    Form.TRANSPOSE: lambda rgb: rgb.transpose(1, 0, 2),
    Form.TRANSVERSE: lambda rgb: np.rot90(rgb, 2).transpose(1, 0, 2),
}


def scenes() -> list[Rgb]:
    names = ("astronaut", "coffee", "chelsea", "rocket")
    return [getattr(pictures, name)() for name in names]


def opened(rgb: Rgb, kind: str = "PNG", **options: object) -> Rgb:
    return open_image(saved(rgb, kind, **options), Limits()).views[0].rgb


# --- agreement with the reference -----------------------------------------------------------------


def test_hashes_agree_with_the_reference_programs() -> None:
    if not REFERENCE.is_dir():
        pytest.skip("the reference pictures (../shared/data/perceptual_hash) are not here")
    compared, distances = 0, []
    with (REFERENCE / "pdq_expected.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        file = REFERENCE / row["path"].removeprefix("pdq/data/")
        if not file.is_file():
            continue
        found = fingerprint(open_image(file.read_bytes(), Limits())).pdq
        compared += 1
        if found.quality >= 80:
            distances.append(hamming(found.bits, bytes.fromhex(row["pdq_hex"])))
    assert compared >= 30
    assert len(distances) >= 25
    assert max(distances) <= 10
    assert sorted(distances)[len(distances) // 2] <= 4


@pytest.mark.parametrize("size", [(512, 384), (300, 200), (64, 64), (129, 500), (40, 30), (5, 400)])
def test_hashes_are_those_of_the_pdqhash_package(size: tuple[int, int]) -> None:
    """Bit for bit but for rounding; each form against the picture turned that way."""
    import pdqhash

    for seed in range(5):
        picture = photograph(*size, seed=seed)
        ours = pdq(picture)
        for form, turn in TURNED.items():
            turned = np.ascontiguousarray(turn(picture))
            vector, quality = pdqhash.compute(turned)
            theirs = np.packbits(vector.astype(np.uint8)).tobytes()
            assert hamming(ours.forms[form], theirs) <= 2
            assert abs(ours.quality - quality) <= (form is not Form.ORIGINAL)


def test_a_picture_reduced_beforehand_has_the_same_hash() -> None:
    for scene in scenes():
        whole = pdq(scene)
        part = scene[:400, :512]
        reduced = pdq_of_grids(grids(part, *part.shape[:2])).pdq
        assert hamming(reduced.bits, pdq(part).pdq.bits) <= 2
        assert reduced.quality == whole.quality == 100


def test_a_grey_picture_has_the_hash_of_the_same_in_colour() -> None:
    for size in ((512, 384), (300, 200), (1200, 900)):
        grey = photograph(*size)[..., 0]
        colour = np.repeat(grey[..., None], 3, axis=2)
        assert hamming(pdq(grey).pdq.bits, pdq(colour).pdq.bits) <= 2


@pytest.mark.parametrize("length", [1, 5, 40, 64, 129, 300, 512, 700, 1000, 1919])
def test_a_reduction_is_shrinking_filtering_and_sampling(length: int) -> None:
    """Against the three steps one after another."""
    hashed = min(length, 512)
    picture = np.random.default_rng(length).normal(size=length)
    shares = np.linspace(0, length, hashed + 1)
    upto = np.interp(shares, np.arange(length + 1), np.concatenate([[0], np.cumsum(picture)]))
    line = np.diff(upto) * hashed / length
    width = (hashed + 127) // 128
    for _ in range(2):
        line = np.array(
            [
                line[max(0, at - (width - 1) // 2) : at + width // 2 + 1].mean()
                for at in range(hashed)
            ]
        )
    sampled = line[((np.arange(64) + 0.5) * hashed / 64).astype(int)]
    made = reduction(length, hashed)
    np.testing.assert_allclose(made[:64] @ picture, sampled, atol=1e-5)
    np.testing.assert_allclose(made[64:] @ picture[::-1], sampled, atol=1e-5)


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", list(Form))
def test_a_form_is_the_hash_of_the_picture_turned_that_way(form: Form) -> None:
    for scene in scenes():
        turned = pdq(np.ascontiguousarray(TURNED[form](scene)))
        assert hamming(turned.pdq.bits, pdq(scene).forms[form]) <= 2  # rounding


@pytest.mark.parametrize("form", list(Form))
def test_the_forms_of_a_turned_picture_are_the_same_eight_in_another_order(form: Form) -> None:
    scene = scenes()[1]
    upright = pdq(scene).forms
    turned = pdq(np.ascontiguousarray(TURNED[form](scene))).forms
    taken = set()
    for bits in turned.values():
        nearest = min(upright, key=lambda other: hamming(bits, upright[other]))
        assert hamming(bits, upright[nearest]) <= 2
        taken.add(nearest)
    assert taken == set(Form)


def test_the_forms_of_a_picture_are_far_apart() -> None:
    forms = list(pdq(scenes()[0]).forms.values())
    distances = [hamming(one, other) for one in forms for other in forms if one is not other]
    assert min(distances) > 60


def test_a_picture_turned_by_exif_has_the_hash_of_the_upright_one() -> None:
    scene = scenes()[1]
    stored = np.ascontiguousarray(np.rot90(scene))
    turned_back = opened(stored, "JPEG", quality=95, exif=exif(6))
    assert hamming(pdq(turned_back).pdq.bits, pdq(scene).pdq.bits) <= 10


# --- what a hash survives -------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [90, 50, 25])
def test_a_re_encoded_picture_is_near(quality: int) -> None:
    for scene in scenes():
        again = opened(scene, "JPEG", quality=quality)
        assert hamming(pdq(again).pdq.bits, pdq(scene).pdq.bits) <= 16


def test_a_scaled_decode_is_near_the_full_picture() -> None:
    """What the quarter-size decode of a large JPEG costs in bits."""
    large = photograph(4000, 3000)
    decoded = opened(large, "JPEG", quality=90)
    assert decoded.shape == (750, 1000, 3)
    assert hamming(pdq(decoded).pdq.bits, pdq(large).pdq.bits) <= 4


def test_different_pictures_are_far() -> None:
    hashes = [pdq(scene).pdq.bits for scene in scenes()]
    for index, one in enumerate(hashes):
        assert all(hamming(one, other) > 90 for other in hashes[:index])


def test_quality_tells_detail_from_emptiness() -> None:
    assert pdq(np.full((300, 400, 3), 127, np.uint8)).quality == 0
    assert all(pdq(scene).quality == 100 for scene in scenes())


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (3, 5), (63, 65), (2000, 40)])
def test_any_size_has_a_hash(shape: tuple[int, int]) -> None:
    hashes = pdq(np.zeros((*shape, 3), np.uint8))
    assert 0 <= hashes.quality <= 100
    assert [len(bits) for bits in hashes.forms.values()] == [32] * 8
    assert list(hashes.forms) == list(Form)


# --- fingerprints ---------------------------------------------------------------------------------


def test_a_file_has_one_sha256_and_a_hash_for_each_view() -> None:
    frames = [photograph(300, 200, seed) for seed in range(3)]
    data = animated(frames, "PNG")
    image = open_image(data, Limits())
    found = fingerprint(image)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.md5 == hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert [view.pdq for view in found.views] == [pdq(frame).pdq for frame in frames]
    assert found.pdq == found.views[0].pdq


@pytest.mark.parametrize("data", [b"", b"abc", bytes(1_000_000)])
def test_both_hashes_of_a_file_are_those_of_its_bytes(data: bytes) -> None:
    hashes = file_hashes(data)
    assert hashes.sha256 == hashlib.sha256(data).hexdigest()
    assert hashes.md5 == hashlib.md5(data, usedforsecurity=False).hexdigest()


def test_the_md5_is_the_one_that_others_compute() -> None:
    assert file_hashes(b"abc").md5 == "900150983cd24fb0d6963f7d28e17f72"  # RFC 1321, A.5


# --- distances ------------------------------------------------------------------------------------

hashes = st.binary(min_size=32, max_size=32)


@given(hashes, hashes, hashes)
def test_hamming_is_a_metric(one: bytes, other: bytes, third: bytes) -> None:
    assert hamming(one, one) == 0
    assert hamming(one, other) == hamming(other, one)
    assert (hamming(one, other) == 0) == (one == other)
    assert hamming(one, third) <= hamming(one, other) + hamming(other, third)


@given(hashes, st.sets(st.integers(0, 255)))
def test_hamming_counts_flipped_bits(bits: bytes, flipped: set[int]) -> None:
    changed = bytearray(bits)
    for place in flipped:
        changed[place // 8] ^= 1 << place % 8
    assert hamming(bits, bytes(changed)) == len(flipped)


def test_hashes_of_different_lengths_are_not_compared() -> None:
    with pytest.raises(ValueError, match="32 and 31"):
        hamming(bytes(32), bytes(31))
    with pytest.raises(ValueError, match="32 bytes"):
        PdqHash(bytes(31), 100)


def test_hexadecimal_is_as_other_programs_write_it() -> None:
    assert PdqHash(bytes([0xAB]) + bytes(31), 50).hex == "ab" + 62 * "0"

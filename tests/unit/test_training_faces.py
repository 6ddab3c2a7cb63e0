"""Training material of the face network: what is forged, what stays, what repeats."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from media_integrity.signals import network, pictures
from media_integrity.signals.faces import detect
from training import blends, crops, degrade, samples, upsampling
from training.geometry import Framing, view

SIDE = 128


def portrait() -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """The public-domain portrait, the box of its face and its landmarks, in pixels."""
    rgb = np.asarray(Pillow.open(io.BytesIO(pictures.portrait())).convert("RGB"))
    (face,) = detect(rgb)
    size = np.array(rgb.shape[1::-1], np.float32)
    box = face.box
    edges = np.array([box.left, box.top, box.width, box.height], np.float32) * np.tile(size, 2)
    points = np.array([(point.x, point.y) for point in face.landmarks], np.float32) * size
    return rgb, edges, points


RGB, BOX, LANDMARKS = portrait()
FACE = view(RGB, BOX, LANDMARKS, SIDE, Framing(1.25))
OTHER = view(RGB, BOX, LANDMARKS, SIDE, Framing(1.2, degrees=4.0, mirrored=True))
METHODS = [method for method, _ in blends.METHODS] + [blends.held_out]
every_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)


@pytest.fixture(scope="module")
def source() -> samples.Material:
    """Six people with two pictures each, the same for every source."""
    rgb = view(RGB, BOX, LANDMARKS, 250, Framing(1.9))
    kept = [degrade.noisy(rgb.rgb, 3.0, np.random.default_rng(place)) for place in range(12)]
    length = 250 / 1.9
    faces = crops.Faces(
        pictures=np.stack(kept),
        boxes=np.tile(np.array([125 - length / 2] * 2 + [length] * 2, np.float32), (12, 1)),
        landmarks=np.stack([rgb.landmarks + place * 0.1 for place in range(12)]),
        people=np.array([f"person {place // 2}" for place in range(12)]),
        splits=np.array(["train"] * 12),
    )
    everybody = np.arange(12)
    others = samples.lookalikes(faces, everybody)
    return samples.Material(
        faces, faces, faces, everybody, everybody, everybody, others, others, None
    )


def test_blending_keeps_what_lies_outside_of_the_mask() -> None:
    random = np.random.default_rng(1)
    mask = blends.face_mask(FACE, random)
    mixed = blends.blended(FACE.rgb, np.zeros_like(FACE.rgb), mask)
    assert (mask == 0).mean() > 0.1
    assert (mixed[mask == 0] == FACE.rgb[mask == 0]).all()
    assert (mixed[mask > 0.99] <= FACE.rgb[mask > 0.99] * 0.01 + 1).all()


@every_method
def test_a_forgery_changes_the_face_and_repeats_with_its_seed(method: blends.Method) -> None:
    first, again = (method(FACE, OTHER, np.random.default_rng(5)) for _ in range(2))
    assert first.shape == FACE.rgb.shape
    assert first.dtype == np.uint8
    assert (first == again).all()
    changed = np.abs(first.astype(int) - FACE.rgb)[40:100, 30:100]
    assert changed.mean() > 0.3


@pytest.mark.parametrize(
    "method", [blends.cross_identity, blends.seamless, blends.landmark_warped, blends.held_out]
)
def test_a_face_laid_over_another_leaves_the_corners(method: blends.Method) -> None:
    for seed in range(5):
        made = method(FACE, OTHER, np.random.default_rng(seed))
        for corner in (made[:6, :6] - FACE.rgb[:6, :6], made[-6:, :6] - FACE.rgb[-6:, :6]):
            assert not corner.any()


def test_training_never_uses_the_method_that_is_held_out() -> None:
    assert blends.held_out not in [method for method, _ in blends.METHODS]
    assert sum(share for _, share in blends.METHODS) == pytest.approx(1.0)


def test_degradation_with_one_seed_is_identical_and_with_another_is_not() -> None:
    seeds = range(20)
    first, again = (
        [degrade.degraded(FACE.rgb, np.random.default_rng(seed)) for seed in seeds]
        for _ in range(2)
    )
    assert all((one == two).all() for one, two in zip(first, again, strict=True))
    assert len({picture.tobytes() for picture in first}) > 10


def test_a_rebuilt_photograph_looks_alike_and_shows_a_pattern() -> None:
    """A pattern that repeats every 2 or 4 pixels is no noise: it adds up over the picture."""
    plain = np.full((160, 160, 3), 120, np.uint8)
    textured = degrade.noisy(plain, 12.0, np.random.default_rng(0))
    patterned = 0
    for seed in range(12):
        rebuilt = upsampling.reconstructed(textured, np.random.default_rng(seed))
        assert np.abs(rebuilt.astype(int) - textured).mean() < 25
        energy = [
            (rebuilt[row::4, column::4].astype(float) - 120).std()
            for row in range(4)
            for column in range(4)
        ]
        patterned += max(energy) / min(energy) > 1.15
    assert patterned >= 8


def test_splits_are_disjoint_by_person_and_of_the_size_asked_for() -> None:
    people = [f"person {number}" for number in range(4000)]
    splits = [crops.split_of(person, (0.8, 0.9)) for person in people]
    assert splits == [crops.split_of(person, (0.8, 0.9)) for person in people]
    shares = {split: splits.count(split) / len(splits) for split in crops.Split}
    assert shares[crops.Split.TRAIN] == pytest.approx(0.8, abs=0.03)
    assert shares[crops.Split.TEST] == pytest.approx(0.1, abs=0.02)


def test_a_face_is_exchanged_for_another_persons(source: samples.Material) -> None:
    people = source.lfw.people
    for index, others in zip(source.lfw_indices, source.lfw_others, strict=True):
        assert len(others)
        assert people[index] not in people[others]


@pytest.mark.parametrize("pairs", [samples.PAIRS, samples.PAIRS_AFTER_START])
def test_a_batch_is_a_function_of_its_number(
    source: samples.Material, pairs: samples.Pairs
) -> None:
    first, again, next_one = (
        samples.batch(source, step, 64, seed=3, pairs=pairs) for step in (7, 7, 8)
    )
    assert (first.pictures == again.pictures).all()
    assert (first.pictures != next_one.pictures).any()
    assert first.pictures.shape == (32, 3, 64, 64)
    assert first.labels[:, 0].sum() == pairs.forged
    assert first.labels[:, 1].sum() == pairs.generated + pairs.rebuilt


def test_production_crops_a_face_as_training_does() -> None:
    (face,) = detect(RGB)
    ours = network.face_crop(RGB, face.box)
    theirs = view(RGB, BOX, LANDMARKS, network.SIDE, Framing(samples.MARGIN)).rgb
    assert samples.MARGIN == network.MARGIN
    assert np.abs(ours.astype(int) - theirs).mean() < 2.0


def test_faces_are_found_once_and_then_read_from_the_cache(tmp_path: Path) -> None:
    data, cache = tmp_path / "data", tmp_path / "cache"
    (data / "faces").mkdir(parents=True)
    square = view(RGB, BOX, LANDMARKS, 250, Framing(1.8)).rgb
    Pillow.fromarray(square).save(data / "faces" / "a.jpg", quality=95)
    Pillow.fromarray(np.full((250, 250, 3), 90, np.uint8)).save(data / "faces" / "nobody.jpg")
    source = crops.Source("few", "faces", False, 250, (0.7, 0.85))
    found = crops.load(source, data, cache)
    assert len(found.pictures) == 1
    assert np.abs(found.boxes[0, :2] + found.boxes[0, 2:] / 2 - 125).max() < 15
    assert found.people[0] == hashlib.md5((data / "faces" / "a.jpg").read_bytes()).hexdigest()
    (data / "faces" / "a.jpg").unlink()
    assert (crops.load(source, data, cache).boxes == found.boxes).all()


def test_a_resumed_training_goes_on_at_the_same_step_with_the_same_weights(
    source: samples.Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch", reason="needs requirements-training.txt")
    from training import faces
    from training.network import FaceNetwork

    monkeypatch.setattr(faces, "pretrained", FaceNetwork)
    torch.set_num_threads(1)

    def trained(out: Path, *, stop_after: int | None) -> faces.Training:
        out.mkdir(exist_ok=True)
        plan = faces.Plan(tmp_path, out, 1, 4, None, 0, 1e9)
        training = faces.Training(plan)
        if (out / "checkpoint.pt").exists():
            training.resume()
        while training.progress.step < (stop_after or 4):
            drawn = samples.batch(source, training.progress.step, 64, plan.seed)
            arrays = (drawn.pictures[:8], drawn.labels[:8], drawn.weights[:8])
            training.step(*(torch.from_numpy(array) for array in arrays))
        training.save()
        return training

    whole = trained(tmp_path / "whole", stop_after=None)
    trained(tmp_path / "parts", stop_after=2)
    resumed = trained(tmp_path / "parts", stop_after=None)
    assert json.loads((tmp_path / "parts" / "run.json").read_text())["step"] == 4
    for name, value in whole.average.items():
        assert torch.equal(value, resumed.average[name]), name

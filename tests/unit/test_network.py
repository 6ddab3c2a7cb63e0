"""Our own network at run time: weights and graph put together, checked against torch."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from media_integrity.media.types import Pixels
from media_integrity.schema.findings import Box
from media_integrity.signals import graphs, network, pictures, runtime

LARGEST_DIFFERENCE = 1e-3


def portrait() -> Pixels:
    return np.asarray(Pillow.open(io.BytesIO(pictures.portrait())).convert("RGB"))


def squares(count: int) -> list[Pixels]:
    """Pieces of the portrait at several sizes, the last one noise."""
    rgb = portrait()
    crops = [
        network.crop(rgb, (150.0 + 20 * place, 130.0 + 15 * place), 90.0 + 40 * place)
        for place in range(count - 1)
    ]
    noise = np.random.default_rng(1).integers(0, 256, crops[0].shape, dtype=np.uint8)
    return [*crops, noise]


def test_the_run_time_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch", reason="needs requirements-training.txt")
    export = pytest.importorskip("training.export", reason="needs requirements-training.txt")
    reference = export.reference(runtime.path(network.WEIGHTS))
    shown = squares(6)
    planes = torch.from_numpy(np.stack(shown)).permute(0, 3, 1, 2).float()
    with torch.no_grad():
        expected = reference(planes).numpy()
    found = network.logits(shown)
    assert found.shape == (6, len(network.OUTPUTS))
    assert np.abs(found - expected).max() <= LARGEST_DIFFERENCE
    assert np.ptp(expected, axis=0).min() > 0.1  # it does tell pictures apart


def test_the_outputs_are_the_heads_that_were_trained() -> None:
    pytest.importorskip("torch", reason="needs requirements-training.txt")
    from training.network import HEADS

    assert network.OUTPUTS == HEADS


def test_an_exported_network_gives_the_logits_that_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folding, rounding to float16 and the graph, on weights that are not the committed ones."""
    torch = pytest.importorskip("torch", reason="needs requirements-training.txt")
    onnxruntime = pytest.importorskip("onnxruntime")
    export = pytest.importorskip("training.export", reason="needs requirements-training.txt")
    from training.network import FaceNetwork

    torch.manual_seed(3)
    trained = FaceNetwork()
    torch.nn.init.normal_(trained.head.weight, std=0.5)
    with torch.no_grad():  # give batch normalisation something to fold
        trained.train()(torch.rand(8, 3, 64, 64) * 255)
    torch.save(trained.state_dict(), tmp_path / "faces.pt")
    assert set(export.export(tmp_path / "faces.pt", tmp_path)) == {export.WEIGHTS, export.GRAPH}
    weights = network.tensors((tmp_path / export.WEIGHTS).read_bytes())
    whole = graphs.with_weights((tmp_path / export.GRAPH).read_bytes(), weights)
    session = onnxruntime.InferenceSession(whole, providers=["CPUExecutionProvider"])
    planes = (np.random.default_rng(0).random((3, 3, 96, 96)) * 255).astype(np.float32)
    (found,) = session.run(None, {"rgb": planes})
    with torch.no_grad():
        same = export.reference(tmp_path / export.WEIGHTS)(torch.from_numpy(planes)).numpy()
        exact = trained.eval()(torch.from_numpy(planes)).numpy()
    assert np.abs(found - same).max() <= LARGEST_DIFFERENCE
    assert np.abs(found - exact).max() < 0.05 * np.abs(exact).max() + 0.01


def test_the_committed_files_are_small_and_hold_each_weight_once() -> None:
    assert runtime.path(network.WEIGHTS).stat().st_size < 20_000_000
    assert runtime.path(network.GRAPH).stat().st_size < 100_000


def test_a_batch_gives_what_its_pictures_give_alone() -> None:
    shown = squares(network.BATCH + 2)
    together = network.logits(shown)
    alone = np.concatenate([network.logits([picture]) for picture in shown])
    assert np.abs(together - alone).max() < 1e-3


def test_mirrored_is_the_mean_of_both_sides() -> None:
    (picture,) = squares(2)[:1]
    both = network.logits([picture, np.ascontiguousarray(picture[:, ::-1])]).mean(0)
    assert network.logits([picture], mirrored=True)[0] == pytest.approx(both, abs=1e-4)


def test_no_picture_gives_no_logits() -> None:
    assert network.logits([]).shape == (0, len(network.OUTPUTS))


@pytest.mark.parametrize(
    "box",
    [
        Box(left=0.0, top=0.0, width=0.3, height=0.3, confidence=1.0),
        Box(left=0.9, top=0.95, width=0.1, height=0.05, confidence=1.0),
        Box(left=0.0, top=0.0, width=1.0, height=1.0, confidence=1.0),
        Box(left=0.5, top=0.5, width=0.0001, height=0.0001, confidence=1.0),
    ],
    ids=["corner", "edge", "all", "a point"],
)
def test_a_face_at_the_edge_is_cropped_without_a_seam(box: Box) -> None:
    plain = np.full((300, 500, 3), (10, 200, 90), np.uint8)
    crop = network.face_crop(plain, box)
    assert crop.shape == (network.SIDE, network.SIDE, 3)
    assert (crop == plain[0, 0]).all()


def test_a_large_face_is_averaged_and_not_sampled() -> None:
    """Fine stripes become grey, as in training; picking single pixels would keep them."""
    stripes = np.zeros((1600, 1600, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = network.crop(stripes, (800.0, 800.0), 1200.0)
    assert abs(float(crop.mean()) - 127.5) < 2
    assert float(crop.std()) < 40


def test_other_files_than_safetensors_are_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        network.tensors(b"\x10\x00\x00\x00\x00\x00\x00\x00not a header, no")
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    with pytest.raises(ValueError, match="float16"):
        network.tensors(len(header).to_bytes(8, "little") + header + b"\0" * 4)

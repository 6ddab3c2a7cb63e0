"""AASIST-L, the published detector that ours is compared with; for measurements only.

Jung et al., "AASIST: Audio anti-spoofing using integrated spectro-temporal graph attention
networks", ICASSP 2022. The weights (MIT, NAVER Corp.) were trained on ASVspoof 2019 LA; they lie in
the data folder. What follows is their network's inference written as functions over the weights.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLES = 64_600
"""About four seconds at 16 kHz; shorter clips are repeated, as in the authors' evaluation."""

_RATE = 16_000
_POOLED = {"S": 0.4, "T": 0.5, "h": 0.7}
_TEMPERATURE, _TEMPERATURE_BOTH = 2.0, 100.0
_BLOCKS = 6


class Aasist:
    """The network with the weights of ``folder`` (``AASIST-L.pth`` and its ``.conf``)."""

    def __init__(self, folder: Path) -> None:
        """Raises:
        OSError: the weights are not there.
        """
        config = json.loads((folder / "AASIST-L.conf").read_text())["model_config"]
        self._weights: dict[str, Tensor] = torch.load(
            folder / "AASIST-L.pth", map_location="cpu", weights_only=True
        )
        self._filters = _sinc_filters(config["filts"][0], config["first_conv"] + 1)

    def score(self, samples: NDArray[np.float32]) -> float:
        """Log-odds that ``samples`` (16 kHz) are synthetic."""
        repeated = np.tile(samples, -(-SAMPLES // len(samples)))[:SAMPLES]
        with torch.no_grad():
            spoof, human = self._logits(torch.from_numpy(repeated)[None]).tolist()
        return float(spoof - human)

    def _logits(self, samples: Tensor) -> Tensor:
        maps = functional.conv1d(samples[:, None], self._filters)[:, None]
        maps = functional.max_pool2d(maps.abs(), 3)
        maps = functional.selu(self._normal(maps, "first_bn"))
        for block in range(_BLOCKS):
            maps = self._residual(maps, f"encoder.{block}.0")
        spectral = maps.abs().amax(3).transpose(1, 2) + self._weights["pos_S"]
        temporal = maps.abs().amax(2).transpose(1, 2)
        spectral = self._pooled(self._attended(spectral, "GAT_layer_S"), "pool_S", _POOLED["S"])
        temporal = self._pooled(self._attended(temporal, "GAT_layer_T"), "pool_T", _POOLED["T"])
        ways = [self._branch(temporal, spectral, branch) for branch in (1, 2)]
        times, bands, master = (torch.maximum(*pair) for pair in zip(*ways, strict=True))
        hidden = [times.abs().amax(1), times.mean(1), bands.abs().amax(1), bands.mean(1)]
        return self._linear(torch.cat([*hidden, master[:, 0]], 1), "out_layer")[0]

    def _branch(self, times: Tensor, bands: Tensor, branch: int) -> tuple[Tensor, Tensor, Tensor]:
        master = self._weights[f"master{branch}"]
        layer = f"HtrgGAT_layer_ST{branch}"
        times, bands, master = self._attended_both(times, bands, master, f"{layer}1")
        bands = self._pooled(bands, f"pool_hS{branch}", _POOLED["h"])
        times = self._pooled(times, f"pool_hT{branch}", _POOLED["h"])
        more = self._attended_both(times, bands, master, f"{layer}2")
        return times + more[0], bands + more[1], master + more[2]

    def _residual(self, maps: Tensor, name: str) -> Tensor:
        weights, out = self._weights, maps
        if f"{name}.bn1.weight" in weights:
            out = functional.selu(self._normal(out, f"{name}.bn1"))
        out = self._convolved(out, f"{name}.conv1", (1, 1))
        out = functional.selu(self._normal(out, f"{name}.bn2"))
        out = self._convolved(out, f"{name}.conv2", (0, 1))
        if f"{name}.conv_downsample.weight" in weights:
            maps = self._convolved(maps, f"{name}.conv_downsample", (0, 1))
        return functional.max_pool2d(out + maps, (1, 3))

    def _attended(self, nodes: Tensor, name: str) -> Tensor:
        pairs = torch.tanh(self._linear(nodes[:, :, None] * nodes[:, None], f"{name}.att_proj"))
        attention = pairs @ self._weights[f"{name}.att_weight"] / _TEMPERATURE
        return self._projected(nodes, torch.softmax(attention, -2)[..., 0], name)

    def _attended_both(
        self, times: Tensor, bands: Tensor, master: Tensor, name: str
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Attention over nodes of two kinds, with a weight for each pair of kinds."""
        count, weights = times.shape[1], self._weights
        nodes = torch.cat(
            [self._linear(times, f"{name}.proj_type1"), self._linear(bands, f"{name}.proj_type2")],
            1,
        )
        pairs = torch.tanh(self._linear(nodes[:, :, None] * nodes[:, None], f"{name}.att_proj"))
        attention = pairs @ weights[f"{name}.att_weight12"]
        attention[:, :count, :count] = pairs[:, :count, :count] @ weights[f"{name}.att_weight11"]
        attention[:, count:, count:] = pairs[:, count:, count:] @ weights[f"{name}.att_weight22"]
        to_master = torch.tanh(self._linear(nodes * master, f"{name}.att_projM"))
        share = torch.softmax(to_master @ weights[f"{name}.att_weightM"] / _TEMPERATURE_BOTH, -2)
        new_master = self._linear(
            share.transpose(1, 2) @ nodes, f"{name}.proj_with_attM"
        ) + self._linear(master, f"{name}.proj_without_attM")
        made = self._projected(
            nodes, torch.softmax(attention / _TEMPERATURE_BOTH, -2)[..., 0], name
        )
        return made[:, :count], made[:, count:], new_master

    def _projected(self, nodes: Tensor, attention: Tensor, name: str) -> Tensor:
        mixed = self._linear(attention @ nodes, f"{name}.proj_with_att")
        mixed = mixed + self._linear(nodes, f"{name}.proj_without_att")
        normal = self._normal(mixed.transpose(1, 2), f"{name}.bn").transpose(1, 2)
        return functional.selu(normal)

    def _pooled(self, nodes: Tensor, name: str, kept: float) -> Tensor:
        scores = torch.sigmoid(self._linear(nodes, f"{name}.proj"))
        count = max(int(nodes.shape[1] * kept), 1)
        best = scores.topk(count, dim=1).indices.expand(-1, -1, nodes.shape[2])
        return (nodes * scores).gather(1, best)

    def _linear(self, values: Tensor, name: str) -> Tensor:
        return functional.linear(
            values, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        )

    def _convolved(self, maps: Tensor, name: str, padding: tuple[int, int]) -> Tensor:
        weights = self._weights
        return functional.conv2d(
            maps, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=padding
        )

    def _normal(self, maps: Tensor, name: str) -> Tensor:
        weights = self._weights
        return functional.batch_norm(
            maps,
            weights[f"{name}.running_mean"],
            weights[f"{name}.running_var"],
            weights[f"{name}.weight"],
            weights[f"{name}.bias"],
            eps=1e-5,
        )


def _sinc_filters(count: int, width: int) -> Tensor:
    """(count, 1, width) band passes, evenly spaced in mel, under a Hamming window."""
    hertz = np.array([0, _RATE / 2])
    low, high = 2595 * np.log10(1 + hertz / 700)
    edges = 700 * (10 ** (np.linspace(low, high, count + 1) / 2595) - 1)
    times = np.arange(width) - (width - 1) / 2

    def low_pass(cut: NDArray[np.float64]) -> NDArray[np.float64]:
        share = 2 * cut[:, None] / _RATE
        return np.asarray(share * np.sinc(share * times))

    band = (low_pass(edges[1:]) - low_pass(edges[:-1])) * np.hamming(width)
    return torch.from_numpy(band.astype(np.float32))[:, None]

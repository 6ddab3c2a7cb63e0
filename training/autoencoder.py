"""Small learned up-samplers: autoencoders that halve photographs and bring them back.

Three of them, alike but for the up-sampling layer. What they reconstruct is nearly the photograph,
with the trace of a trained decoder: training material for the synthetic head beside the random
up-samplers of ``upsampling``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from tqdm import tqdm

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LATENT = 8
"""Channels at half the size: 2/3 of the numbers in the picture, so that detail mostly survives."""

STEPS, BATCH, PATCH = 150, 16, 64
RATE = 4e-3


class Autoencoder(nn.Module):
    """(n, 3, h, w) in 0..1, even sides, to the same shape."""

    def __init__(self, grow: nn.Module, grown: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 24, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(24, LATENT, 3, 1, 1),
            nn.Conv2d(LATENT, 24, 3, 1, 1),
            nn.ReLU(),
            grow,
            nn.Conv2d(grown, 3, 3, 1, 1),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        rebuilt: Tensor = self.layers(pictures)
        return rebuilt


def reconstructions(
    pictures: NDArray[np.uint8], indices: NDArray[np.int64], cache: Path, seed: int
) -> NDArray[np.uint8]:
    """``pictures[indices]``, each through one of three autoencoders trained on them; cached."""
    import numpy as np

    file = cache / "autoencoded.npy"
    if not file.exists():
        np.save(file, _reconstructed(np.asarray(pictures[indices]), seed))
    rebuilt: NDArray[np.uint8] = np.load(file, mmap_mode="r")
    return rebuilt


def _reconstructed(pictures: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    import numpy as np

    torch.manual_seed(seed)
    growers: tuple[tuple[nn.Module, int], ...] = (
        (nn.ConvTranspose2d(24, 16, 4, 2, 1), 16),
        (nn.Upsample(scale_factor=2, mode="nearest"), 24),
        (nn.PixelShuffle(2), 6),
    )
    rebuilt = np.empty_like(pictures)
    for turn, (grow, grown) in enumerate(growers):
        network = _trained(Autoencoder(grow, grown), pictures, seed + turn)
        for index in range(turn, len(pictures), len(growers)):
            picture = _tensor(pictures[index : index + 1])
            with torch.no_grad():
                values = network(picture)[0].permute(1, 2, 0).clamp(0, 1) * 255 + 0.5
            rebuilt[index] = values.numpy().astype(np.uint8)
    return rebuilt


def _trained(network: Autoencoder, pictures: NDArray[np.uint8], seed: int) -> Autoencoder:
    import numpy as np

    random = np.random.default_rng(seed)
    optimiser = torch.optim.Adam(network.parameters(), RATE)
    side = pictures.shape[1]
    for _ in tqdm(range(STEPS), desc="autoencoder"):
        rows, columns = random.integers(0, side - PATCH, (2, BATCH))
        chosen = random.integers(len(pictures), size=BATCH)
        patches = _tensor(
            np.stack(
                [
                    pictures[index, row : row + PATCH, column : column + PATCH]
                    for index, row, column in zip(chosen, rows, columns, strict=True)
                ]
            )
        )
        loss = (network(patches) - patches).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


def _tensor(pictures: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255

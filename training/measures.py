"""How good the network is on pictures that it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from . import blends, degrade, samples
from .geometry import Framing, view
from .network import HEADS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .network import FaceNetwork

    Pictures = NDArray[np.uint8]  # (n, side, side, 3) RGB

SIDE = 160
"""Pixels of the measured crops while training."""

COMPARISONS = {
    "self_blended": ("lfw", "lfw_self_blended", 0),
    "poisson": ("lfw", "lfw_poisson", 0),
    "poisson_degraded": ("lfw_degraded", "lfw_poisson_degraded", 0),
    "stylegan": ("ffhq", "stylegan", 1),
    "stylegan_degraded": ("ffhq_degraded", "stylegan_degraded", 1),
}
"""Real pictures, forged ones, and the head that should tell them apart."""


def trials(source: samples.Material, *, limit: int, side: int = SIDE) -> dict[str, Pictures]:
    """Fixed pictures of ``source``: real, self-blended, Poisson, photographs, StyleGAN.

    ``_degraded`` ones went through the same random recompression as their counterparts.
    """
    import numpy as np

    order = np.random.default_rng(0).permutation(len(source.lfw_indices))[:limit]
    found: dict[str, list[Pictures]] = {}
    for place in order:
        random = np.random.default_rng([7, int(place)])
        index = int(source.lfw_indices[place])
        other_index = int(random.choice(source.lfw_others[place][:10]))
        real, other = (
            view(
                source.lfw.pictures[at],
                source.lfw.boxes[at],
                source.lfw.landmarks[at],
                side,
                Framing(samples.MARGIN),
            )
            for at in (index, other_index)
        )
        made = {
            "lfw": real.rgb,
            "lfw_self_blended": blends.self_blended(real, other, random),
            "lfw_poisson": blends.held_out(real, other, random),
        }
        _add(found, made, int(random.integers(2**31)))
    for faces, indices in (
        (source.ffhq, source.ffhq_indices),
        (source.stylegan, source.stylegan_indices),
    ):
        for turn, index in enumerate(indices):
            crop = view(
                faces.pictures[index],
                faces.boxes[index],
                faces.landmarks[index],
                side,
                Framing(samples.MARGIN),
            )
            _add(found, {"ffhq" if faces is source.ffhq else "stylegan": crop.rgb}, turn)
    return {name: np.stack(pictures) for name, pictures in found.items()}


def areas(network: FaceNetwork, pictures: Mapping[str, Pictures]) -> dict[str, float]:
    """Area under the ROC curve of each comparison."""
    from sklearn.metrics import roc_auc_score

    scores = {name: logits(network, shown) for name, shown in pictures.items()}
    reached = {}
    for name, (real, forged, head) in COMPARISONS.items():
        negative, positive = scores[real][:, head], scores[forged][:, head]
        labels = [0] * len(negative) + [1] * len(positive)
        reached[name] = float(roc_auc_score(labels, [*negative, *positive]))
    return reached


def logits(network: FaceNetwork, pictures: Pictures, size: int = 32) -> NDArray[np.float32]:
    """(n, heads) of the network in its present mode."""
    import numpy as np
    import torch

    device = next(network.parameters()).device
    rows = []
    with torch.no_grad():
        for first in range(0, len(pictures), size):
            planes = torch.from_numpy(np.ascontiguousarray(pictures[first : first + size]))
            inputs = planes.permute(0, 3, 1, 2).float().to(device)
            rows.append(network(inputs.contiguous(memory_format=torch.channels_last)).cpu())
    found: NDArray[np.float32] = torch.cat(rows).float().numpy()
    assert found.shape == (len(pictures), len(HEADS))
    return found


def _add(found: dict[str, list[Pictures]], made: dict[str, Pictures], seed: int) -> None:
    """Each picture as it is and degraded, all in the same way."""
    import numpy as np

    for name, picture in made.items():
        found.setdefault(name, []).append(picture)
        degraded = degrade.degraded(picture, np.random.default_rng([3, seed]))
        found.setdefault(f"{name}_degraded", []).append(degraded)

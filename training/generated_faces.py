"""Trains what tells generated faces by their embedding: ``python -m training generated_faces``.

A network that learned from millions of photographs of people puts the faces of generators elsewhere
than those of people, recompressed or not. Here some small networks learn where: on embeddings of
StyleGAN's faces, of FFHQ's (from which StyleGAN learned) and of LFW's, each as saved and after
several random chains of ``degrade``, so that sharpness and colours say little. How typical a face
is may say something (docs/models/synthetic_image.md).
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from media_integrity.signals import generated_faces, runtime
from media_integrity.signals.identity import embedding
from media_integrity.signals.network import Weights

from . import crops, degrade, face_pictures
from .crops import Split

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

VERSIONS = 6
"""Of each picture of FFHQ and StyleGAN: one as saved, the others degraded."""

LFW_VERSIONS = 2
LFW_MOST = 1500
"""Pictures of LFW, drawn evenly."""

LFW_WEIGHT = 0.25
"""Of one version of an LFW picture against one of FFHQ."""

COMMITTEE, HIDDEN = 8, 64
DROPPED = 0.3
RATE, DECAY = 2e-3, 3e-2
ROUNDS, BATCH = 60, 256


@dataclass(frozen=True, slots=True)
class Embedded:
    """Embeddings of one split: numbers, what they are of, how much each counts."""

    numbers: NDArray[np.float32]  # (n, 128)
    generated: NDArray[np.float32]  # (n,) 0 or 1
    weights: NDArray[np.float32]  # (n,)
    degraded: NDArray[np.bool_]  # (n,)


def main(arguments: list[str]) -> int:
    """Embeds, fits, prints the area on validation faces, writes ``generated_faces.safetensors``."""
    parser = argparse.ArgumentParser(prog="python -m training generated_faces")
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="cache")
    parser.add_argument(
        "--models", type=Path, default=Path(__file__).resolve().parents[1] / "functions" / "models"
    )
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    cache = given.out / "cache"
    learned_from = embedded(given.data, cache, Split.TRAIN)
    checked = embedded(given.data, cache, Split.VALIDATION)
    weights = fit(learned_from, given.seed)
    for degraded in (False, True):
        area = _area(checked, weights, degraded)
        print(f"validation{', degraded' if degraded else ''}: AUC {area:.3f}", file=sys.stderr)
    content = _encoded(weights)
    (given.models / "generated_faces.safetensors").write_bytes(content)
    print(hashlib.sha256(content).hexdigest())
    return 0


def embedded(data: Path, cache: Path, split: Split) -> Embedded:
    """Of every face of ``split`` that has an embedding; kept in ``cache``, which people are in."""
    import numpy as np

    network = runtime.reference(embedding.MODEL).sha256[:8]
    file = cache / f"embedded-{split.value}-{VERSIONS}-{LFW_VERSIONS}-{network}.npz"
    if not file.exists():
        found = _embedded(data, cache, split)
        np.savez(
            file,
            numbers=found.numbers,
            generated=found.generated,
            weights=found.weights,
            degraded=found.degraded,
        )
    kept = np.load(file)
    return Embedded(kept["numbers"], kept["generated"], kept["weights"], kept["degraded"])


def _embedded(data: Path, cache: Path, split: Split) -> Embedded:
    import numpy as np

    rows: list[tuple[NDArray[np.float32], float, float, bool]] = []
    for source in crops.SOURCES:
        faces = crops.load(source, data, cache)
        indices = faces.of(split)
        versions, weight = VERSIONS, 1.0
        if source is crops.LFW:
            indices = np.random.default_rng(0).permutation(indices)[:LFW_MOST]
            versions, weight = LFW_VERSIONS, LFW_WEIGHT
        for index in tqdm(indices.tolist(), desc=f"{split.value} faces of {source.name}"):
            for version in range(versions):
                picture = np.asarray(faces.pictures[index])
                if version:
                    picture = degrade.degraded(picture, np.random.default_rng([21, index, version]))
                image = face_pictures.image_of(
                    degrade.recompressed(picture, face_pictures.SAVED), faces, index
                )
                assert image.faces is not None
                (found,) = embedding.embeddings(image.views[0].rgb, image.faces[0])
                if found.numbers is not None:
                    generated = float(source is crops.STYLEGAN)
                    rows.append((found.numbers, generated, weight, version > 0))
    numbers, generated_, weights, degraded = zip(*rows, strict=True)
    return Embedded(
        np.stack(numbers).astype(np.float32),
        np.array(generated_, np.float32),
        np.array(weights, np.float32),
        np.array(degraded),
    )


def fit(learned_from: Embedded, seed: int) -> Weights:
    """``COMMITTEE`` networks with one hidden layer, each from other beginnings and batches."""
    import numpy as np
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    mean = learned_from.numbers.mean(0)
    scale = learned_from.numbers.std(0)
    inputs = torch.from_numpy((learned_from.numbers - mean) / scale)
    labels = torch.from_numpy(learned_from.generated)
    shares = torch.from_numpy(learned_from.weights)
    members = [_member(inputs, labels, shares) for _ in tqdm(range(COMMITTEE), desc="fitting")]
    stacked = {
        name: np.stack([member[name] for member in members]) for name in ("w0", "b0", "w1", "b1")
    }
    return {"mean": mean, "scale": scale, **stacked}


def _member(
    inputs: torch.Tensor, labels: torch.Tensor, shares: torch.Tensor
) -> dict[str, NDArray[np.float32]]:
    import torch
    from torch import nn
    from torch.nn import functional

    first, last = nn.Linear(inputs.shape[1], HIDDEN), nn.Linear(HIDDEN, 1)
    network = nn.Sequential(nn.Dropout(DROPPED / 2), first, nn.ReLU(), nn.Dropout(DROPPED), last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = ROUNDS * len(inputs) // BATCH
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        drawn = torch.randint(len(inputs), (BATCH,))
        # Mixed in pairs (Zhang et al., "mixup", ICLR 2018): few faces, so smooth in between.
        share, other = torch.rand(BATCH, 1), drawn[torch.randperm(BATCH)]
        mixed = share * inputs[drawn] + (1 - share) * inputs[other]
        targets = share[:, 0] * labels[drawn] + (1 - share[:, 0]) * labels[other]
        weights = share[:, 0] * shares[drawn] + (1 - share[:, 0]) * shares[other]
        losses = functional.binary_cross_entropy_with_logits(
            network(mixed)[:, 0], targets, reduction="none"
        )
        optimiser.zero_grad()
        (losses * weights).mean().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        schedule.step()
    return {
        "w0": first.weight.detach().numpy(),
        "b0": first.bias.detach().numpy(),
        "w1": last.weight.detach().numpy()[0],
        "b1": last.bias.detach().numpy(),
    }


def _area(checked: Embedded, weights: Weights, degraded: bool) -> float:
    """Under the ROC curve of StyleGAN against FFHQ."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    rows = np.flatnonzero((checked.degraded == degraded) & (checked.weights == 1.0))
    odds = [generated_faces.log_odds(checked.numbers[row], weights) for row in rows]
    return float(roc_auc_score(checked.generated[rows], odds))


def _encoded(weights: Weights) -> bytes:
    import numpy as np
    from safetensors.numpy import save

    return save({name: np.ascontiguousarray(value, np.float16) for name, value in weights.items()})

"""Trains the network of the face signals: ``python -m training faces``.

One loop for both heads. Pictures grow while it runs, the learning rate falls on a cosine, and an
exponential moving average of the weights is what counts. Everything drawn at random is a function
of seed and step: the same seed, data and ``--steps`` give the same batches, interrupted or not.
With ``--minutes`` the clock decides how many steps there are; ``run.json`` says how many it were
and where the pictures grew.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from . import measures, samples
from .crops import Split
from .network import FaceNetwork, pretrained

if TYPE_CHECKING:
    from collections.abc import Mapping

SIDES = ((128, 0.4), (160, 0.85), (192, 1.0))
"""Side of the pictures and the share of the training at which the next one begins."""

SIDES_AFTER_START = ((160, 1.0),)
"""The same where training begins with weights of an earlier one: production's size throughout."""

RATE = 4e-4
HEAD_RATE = 5.0
"""Times the learning rate, for the heads, which start from nothing."""
WEIGHT_DECAY = 0.02
WARM_UP = 60
SMOOTHING = 0.04
"""Labels are 0.02 and 0.98: no gain from being surer than that."""
AVERAGING = 0.998
LONGEST_GRADIENT = 5.0

CHECKPOINT_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How long: ``steps`` batches, or as many as fit into ``minutes``."""

    data: Path
    out: Path
    seed: int
    steps: int | None
    minutes: float | None
    workers: int
    validation_minutes: float
    start: Path | None = None
    """Averaged weights of an earlier training to begin with, at half the learning rate."""

    @property
    def rate(self) -> float:
        """Highest learning rate of the body."""
        return RATE if self.start is None else RATE / 2

    @property
    def sides(self) -> tuple[tuple[int, float], ...]:
        """As ``SIDES``."""
        return SIDES if self.start is None else SIDES_AFTER_START

    @property
    def pairs(self) -> samples.Pairs:
        """What a batch is made of."""
        return samples.PAIRS if self.start is None else samples.PAIRS_AFTER_START


@dataclass(slots=True)
class Progress:
    """Where a training is; kept in the checkpoint."""

    step: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    """Of the seconds, those spent waiting for pictures."""
    grown_at: dict[str, int] = field(default_factory=dict)
    validations: list[dict[str, float]] = field(default_factory=list)

    def share(self, plan: Plan) -> float:
        if plan.steps is not None:
            return self.step / plan.steps
        assert plan.minutes is not None
        return self.seconds / (plan.minutes * 60)


class _Batches(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Batch by its number."""

    def __init__(self, source: samples.Material, side: int, plan: Plan) -> None:
        self.source, self.side, self.seed, self.pairs = source, side, plan.seed, plan.pairs

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        drawn = samples.batch(self.source, step, self.side, self.seed, self.pairs)
        return (
            torch.from_numpy(drawn.pictures),
            torch.from_numpy(drawn.labels),
            torch.from_numpy(drawn.weights),
        )


class _From(torch.utils.data.Sampler[int]):
    """first, first + 1, … without end."""

    def __init__(self, first: int) -> None:
        self.first = first

    def __iter__(self) -> Iterator[int]:
        step = self.first
        while True:
            yield step
            step += 1


class Training:
    """Network, average, optimiser and progress: what a checkpoint holds."""

    def __init__(self, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = _placed(_first_weights(plan), self.device)
        self.average = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.optimiser = torch.optim.AdamW(_groups(self.network), lr=plan.rate)
        self.progress = Progress()

    def step(self, pictures: Tensor, labels: Tensor, weights: Tensor) -> list[float]:
        """One update. Returns the loss of each head."""
        self.network.train()
        self._set_rate()
        inputs = pictures.to(self.device).float().contiguous(memory_format=torch.channels_last)
        targets = labels.to(self.device) * (1 - SMOOTHING) + SMOOTHING / 2
        shares = weights.to(self.device)
        with torch.autocast("cuda", torch.bfloat16, enabled=self.device.type == "cuda"):
            logits = self.network(inputs)
        losses = functional.binary_cross_entropy_with_logits(
            logits.float(), targets, reduction="none"
        )
        heads = (losses * shares).sum(0) / shares.sum(0).clamp(min=1)
        self.optimiser.zero_grad()
        heads.sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(self.network.parameters(), LONGEST_GRADIENT)
        self.optimiser.step()
        self.progress.step += 1
        self._follow()
        return [float(loss) for loss in heads.detach()]

    def averaged(self) -> FaceNetwork:
        """The network with the averaged weights, for measuring."""
        network = FaceNetwork()
        network.load_state_dict(self.average)
        return _placed(network, self.device).eval()

    def save(self) -> None:
        """Writes the checkpoint; a crash while writing leaves the last one."""
        file = self.plan.out / "checkpoint.pt"
        state = {
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "progress": asdict(self.progress),
            "seed": self.plan.seed,
            "started": self.plan.start is not None,
            "random": torch.get_rng_state(),
        }
        torch.save(state, file.with_suffix(".new"))
        file.with_suffix(".new").replace(file)
        (self.plan.out / "run.json").write_text(json.dumps(asdict(self.progress), indent=1))

    def resume(self) -> None:
        """Goes on from the checkpoint.

        Raises:
            FileNotFoundError: there is none.
            ValueError: it was made with another seed, or with ``start`` and this is without.
        """
        state = torch.load(self.plan.out / "checkpoint.pt", weights_only=True)
        if state["seed"] != self.plan.seed:
            raise ValueError(f"the checkpoint was made with seed {state['seed']}")
        if state["started"] != (self.plan.start is not None):
            raise ValueError("give --start as the training that is gone on with had it")
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.progress = Progress(**state["progress"])
        torch.set_rng_state(state["random"])

    def _set_rate(self) -> None:
        warm = min(1.0, self.progress.step / WARM_UP + 0.02)
        share = min(1.0, self.progress.share(self.plan))
        rate = self.plan.rate * warm * (0.01 + 0.5 + 0.5 * math.cos(math.pi * share))
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["times"]

    def _follow(self) -> None:
        keep = min(AVERAGING, self.progress.step / (self.progress.step + 20))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if value.dtype.is_floating_point:
                    self.average[name].lerp_(value, 1 - keep)
                else:
                    self.average[name].copy_(value)


def train(plan: Plan, *, resume: bool) -> None:
    """Trains to the end of ``plan``; the averaged weights end up in ``plan.out``/faces.pt."""
    plan.out.mkdir(parents=True, exist_ok=True)
    cache = plan.out / "cache"
    source = samples.material(plan.data, cache, Split.TRAIN, seed=plan.seed)
    trials = measures.trials(
        samples.material(plan.data, cache, Split.VALIDATION, seed=plan.seed), limit=200
    )
    training = Training(plan)
    if resume:
        training.resume()
    with tqdm(
        total=plan.steps, initial=training.progress.step, desc="faces", mininterval=10
    ) as bar:
        _loop(training, source, trials, bar)
    training.save()
    torch.save(training.average, plan.out / "faces.pt")
    _validate(training, trials)
    training.save()


def _loop(
    training: Training,
    source: samples.Material,
    trials: Mapping[str, measures.Pictures],
    bar: tqdm[None],
) -> None:
    progress, plan = training.progress, training.plan
    saved = validated = progress.seconds
    before = time.monotonic()
    running: list[float] = []
    for side, end in plan.sides:
        if progress.share(plan) >= end:
            continue
        progress.grown_at.setdefault(str(side), progress.step)
        for pictures, labels, weights in _loader(source, side, progress.step, plan):
            progress.waited += time.monotonic() - before
            losses = training.step(pictures, labels, weights)
            now = time.monotonic()
            progress.seconds += now - before
            before = now
            running = (
                losses
                if not running
                else [0.98 * old + 0.02 * new for old, new in zip(running, losses, strict=True)]
            )
            bar.update()
            bar.set_postfix(
                side=side,
                losses=[round(loss, 3) for loss in running],
                waited=f"{progress.waited / progress.seconds:.0%}",
                refresh=False,
            )
            if progress.seconds - saved > CHECKPOINT_SECONDS:
                saved = progress.seconds
                training.save()
            if progress.seconds - validated > plan.validation_minutes * 60:
                validated = progress.seconds
                _validate(training, trials)
            if progress.share(plan) >= end:
                break


def _validate(training: Training, trials: Mapping[str, measures.Pictures]) -> None:
    """AUC of the averaged weights on validation pictures; the best ones are kept in best.pt."""
    reached = measures.areas(training.averaged(), trials)
    progress = training.progress
    earlier = [sum(validation.values()) for validation in progress.validations]
    if not earlier or sum(reached.values()) >= max(earlier):
        torch.save(training.average, training.plan.out / "best.pt")
    progress.validations.append(reached)
    shown = " ".join(f"{name} {area:.3f}" for name, area in reached.items())
    tqdm.write(f"step {progress.step}, {progress.seconds / 60:.0f} min: {shown}")


def _loader(
    source: samples.Material, side: int, first: int, plan: Plan
) -> DataLoader[tuple[Tensor, Tensor, Tensor]]:
    return DataLoader(
        _Batches(source, side, plan),
        batch_size=None,
        sampler=_From(first),
        num_workers=plan.workers,
        prefetch_factor=4 if plan.workers else None,
        worker_init_fn=_on_any_core,
    )


def _on_any_core(_: int) -> None:
    """A worker leaves the core and the priority to which its parent may be bound."""
    import cv2

    cv2.setNumThreads(0)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    os.nice(max(0, -os.nice(0)))


def _first_weights(plan: Plan) -> FaceNetwork:
    network = pretrained()
    if plan.start is not None:
        network.load_state_dict(torch.load(plan.start, weights_only=True))
    return network


def _placed(network: FaceNetwork, device: torch.device) -> FaceNetwork:
    """On the device, with channels last in memory: half of the time on a CPU."""
    network.to(device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # not in its types
    return network


def _groups(network: FaceNetwork) -> list[dict[str, object]]:
    """Parameters by what is done to them: no decay on biases and scales, faster heads."""
    named = [(name, value) for name, value in network.named_parameters()]
    body = [(name, value) for name, value in named if not name.startswith("head")]
    return [
        {
            "params": [value for _, value in body if value.ndim > 1],
            "weight_decay": WEIGHT_DECAY,
            "times": 1.0,
        },
        {
            "params": [value for _, value in body if value.ndim <= 1],
            "weight_decay": 0.0,
            "times": 1.0,
        },
        {
            "params": list(network.head.parameters()),
            "weight_decay": WEIGHT_DECAY / 2,
            "times": HEAD_RATE,
        },
    ]

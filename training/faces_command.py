"""``python -m training faces``: the command line of the face network's training."""

from __future__ import annotations

import argparse
from pathlib import Path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m training faces", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, cache and results")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, help="batches; the same number gives the same weights")
    length.add_argument("--minutes", type=float, help="as many batches as fit")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="processes that prepare pictures")
    parser.add_argument("--threads", type=int, default=1, help="threads of the network")
    parser.add_argument("--validate-every", type=float, default=15.0, metavar="MINUTES")
    given = parser.parse_args(arguments)

    import torch

    from .faces import Plan, train

    torch.set_num_threads(given.threads)
    plan = Plan(
        data=given.data,
        out=given.out,
        seed=given.seed,
        steps=given.steps,
        minutes=given.minutes,
        workers=given.workers,
        validation_minutes=given.validate_every,
    )
    train(plan, resume=given.resume)
    return 0

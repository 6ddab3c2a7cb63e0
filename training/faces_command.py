"""The command lines of the face network: train, export, calibrate, evaluate."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1] / "functions" / "models"


def main(arguments: list[str]) -> int:
    """``python -m training faces``: trains; checkpoints and the averaged weights go to --out."""
    parser = _parser("faces")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, help="batches; the same number gives the same weights")
    length.add_argument("--minutes", type=float, help="as many batches as fit")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument(
        "--start", type=Path, metavar="WEIGHTS", help="begin with faces.pt of another"
    )
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
        start=given.start,
    )
    train(plan, resume=given.resume)
    return 0


def export(arguments: list[str]) -> int:
    """``python -m training export``: writes weights and graph; prints sha256 for the lock file."""
    parser = argparse.ArgumentParser(prog="python -m training export")
    parser.add_argument("--weights", type=Path, required=True, help="faces.pt or best.pt")
    parser.add_argument("--models", type=Path, default=MODELS)
    given = parser.parse_args(arguments)

    from .export import export as write

    return _print(write(given.weights, given.models))


def calibrate(arguments: list[str]) -> int:
    """``python -m training calibrate``: fits on validation pictures, prints thresholds."""
    parser = _parser("calibrate")
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--limit", type=int, default=1000, help="pictures of each kind")
    given = parser.parse_args(arguments)

    from .calibrate import calibrate as fit

    return _print(fit(given.data, given.out, given.models, given.limit))


def evaluate(arguments: list[str]) -> int:
    """``python -m training evaluate``: measures on test pictures."""
    parser = _parser("evaluate")
    parser.add_argument("--models", type=Path, default=MODELS)
    parser.add_argument("--limit", type=int, default=1000, help="pictures of each kind")
    parser.add_argument("--face-block", type=float, required=True, help="score that blocks")
    parser.add_argument("--synthetic-block", type=float, required=True)
    given = parser.parse_args(arguments)

    from .evaluate import evaluate as figures

    blocks = {
        "face_manipulation": given.face_block,
        "synthetic_image": given.synthetic_block,
    }
    return _print(figures(given.data, given.out, given.models, given.limit, blocks))


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m training {name}")
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, cache and results")
    return parser


def _print(found: object) -> int:
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0

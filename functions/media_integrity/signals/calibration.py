"""From a signal's raw score to a probability: Platt scaling, fitted where the model was trained.

Platt, "Probabilistic Outputs for Support Vector Machines", 1999, on the score's log-odds:
p = 1 / (1 + exp(-(a * logit(score) + b))). ``functions/models/calibration.json`` holds a and b of
each signal, with the version that they were fitted for and the data. A signal whose version differs
has no calibration: its scores are used as they are.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from media_integrity.schema.enums import DetectionMethod

from .runtime import MODELS_FOLDER

FILE = "calibration.json"

_EDGE = 1e-6
"""Scores nearer to 0 or 1 than this have the log-odds of this."""


class Calibration(BaseModel):
    """One signal's fit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(description="of the signal that it was fitted for")
    kind: Literal["platt"]
    a: float = Field(gt=0, description="so that a higher score is never a lower probability")
    b: float
    data: str = Field(description="what it was fitted on")
    n: int = Field(gt=0)


def probability(method: DetectionMethod, version: str, score: float) -> float | None:
    """The calibrated probability of a score in [0, 1]; None where there is no calibration.

    Raises:
        pydantic.ValidationError: the file of calibrations is not what it should be.
    """
    fit = _calibrations().get(method)
    if fit is None or fit.version != version:
        return None
    bounded = min(max(score, _EDGE), 1 - _EDGE)
    odds = fit.a * math.log(bounded / (1 - bounded)) + fit.b
    return 1 / (1 + math.exp(-max(min(odds, 700.0), -700.0)))


@cache
def _calibrations() -> dict[DetectionMethod, Calibration]:
    stored = MODELS_FOLDER / FILE
    if not stored.exists():
        return {}
    return TypeAdapter(dict[DetectionMethod, Calibration]).validate_json(stored.read_bytes())

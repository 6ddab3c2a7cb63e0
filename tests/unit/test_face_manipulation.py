"""Manipulated faces: which are judged, what is said of each, how they are compared."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Film, Image, View
from media_integrity.schema.enums import FindingStatus
from media_integrity.schema.findings import (
    Box,
    FaceDisagreement,
    FaceManipulationDetail,
    FaceState,
    Finding,
)
from media_integrity.signals import (
    face_agreement,
    face_manipulation,
    face_quality,
    network,
    pictures,
)
from media_integrity.signals.face_manipulation import FaceManipulationSignal
from media_integrity.signals.faces import look

SIGNAL = FaceManipulationSignal()


def opened(content: bytes) -> Image:
    image = open_image(content, Limits())
    return replace(image, faces=look(image))


def shown(rgb: NDArray[np.uint8]) -> Image:
    return opened(pictures.jpeg(rgb))


def portrait() -> NDArray[np.uint8]:
    return np.array(Pillow.open(io.BytesIO(pictures.portrait())).convert("RGB"))


def detail(finding: Finding) -> FaceManipulationDetail:
    assert isinstance(finding.detail, FaceManipulationDetail)
    return finding.detail


def test_a_swapped_face_scores_higher_than_the_face_itself() -> None:
    real = SIGNAL.run(opened(pictures.portrait()))
    swapped = SIGNAL.run(opened(pictures.swapped_face()))
    assert real.score is not None
    assert swapped.score is not None
    assert swapped.score > real.score + 0.3
    assert swapped.probability is not None


def test_a_picture_without_a_face_is_measured_and_says_so() -> None:
    finding = SIGNAL.run(opened(pictures.landscape()))
    assert finding.status is FindingStatus.MEASURED
    assert finding.score == 0.0
    assert detail(finding) == FaceManipulationDetail()


def test_a_face_too_small_to_judge_is_inconclusive_and_not_clean() -> None:
    small = cv2.resize(portrait()[:300, 80:380], (110, 110), interpolation=cv2.INTER_AREA)
    canvas = np.full((400, 600, 3), 128, np.uint8)
    canvas[100:210, 200:310] = small
    finding = SIGNAL.run(shown(canvas))
    (face,) = detail(finding).faces
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert face.state is FaceState.TOO_SMALL
    assert finding.score is None
    assert finding.cause is not None


def test_a_face_too_blurred_to_judge_is_inconclusive() -> None:
    blurred = cv2.GaussianBlur(portrait(), (0, 0), 6.0).astype(np.uint8)
    finding = SIGNAL.run(shown(blurred))
    assert {face.state for face in detail(finding).faces} == {FaceState.TOO_BLURRED}
    assert finding.status is FindingStatus.INCONCLUSIVE


def test_a_face_that_can_be_judged_is_enough_for_a_score() -> None:
    canvas = np.full((512, 800, 3), 128, np.uint8)
    canvas[:, :512] = portrait()
    canvas[20:130, 600:710] = cv2.resize(portrait()[:300, 80:380], (110, 110))
    finding = SIGNAL.run(shown(canvas))
    assert finding.status is FindingStatus.MEASURED
    assert detail(finding).judged == 1
    assert detail(finding).not_judged == 1


def test_of_a_crowd_the_largest_faces_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    image = opened(pictures.three_portraits())
    monkeypatch.setattr(face_manipulation, "FACES_OF_A_VIEW", 2)
    finding = SIGNAL.run(image)
    found = detail(finding)
    assert (found.judged, found.not_judged) == (2, 1)
    assert found.faces[-1].state is FaceState.NOT_REACHED
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert finding.score is not None, "what was found so far"


def test_a_film_with_more_scenes_than_there_is_time_for_is_not_clean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(face_manipulation, "FILM_VIEWS", 2)
    image = opened(pictures.portrait())
    assert image.faces is not None
    cut = Film(3.0, 1.0, (0.0, 1.0, 2.0), (0, 1, 2))
    three = replace(image, views=image.views * 3, faces=image.faces * 3, film=cut)
    assert SIGNAL.run(three).status is FindingStatus.INCONCLUSIVE
    nobody_between = replace(three, faces=(image.faces[0], (), image.faces[0]))
    assert SIGNAL.run(nobody_between).status is FindingStatus.MEASURED


def test_the_most_suspicious_face_stands_first_and_weighs_as_one_of_two() -> None:
    swapped = np.array(Pillow.open(io.BytesIO(pictures.swapped_face())).convert("RGB"))
    both = np.hstack([cv2.resize(portrait()[:400, 50:450], (400, 400)), swapped])
    finding = SIGNAL.run(shown(both))
    faces = detail(finding).faces
    assert len(faces) == 2
    assert faces[0].box.left > 0.5
    assert finding.score is not None
    assert faces[0].score is not None
    assert 0.5 < finding.score < faces[0].score


def test_the_highest_of_many_faces_means_less_than_the_only_one() -> None:
    of_view = face_manipulation._of_view
    assert of_view([0.9]) == pytest.approx(0.9)
    assert of_view([0.9, *[0.05] * 9]) == pytest.approx(0.9 / (0.9 + 0.1 * 10), abs=0.03)
    assert of_view([0.9] * 10) == pytest.approx(0.9)
    assert of_view([1.0, 0.0]) > 0.99


def network_says(monkeypatch: pytest.MonkeyPatch, odds: list[float]) -> None:
    """The network answers with these log-odds, one call after another."""
    answers = iter(odds)

    def logits(shown: list[object], *, mirrored: bool = False) -> NDArray[np.float32]:
        assert mirrored
        return np.array([[next(answers), 0.0] for _ in shown], np.float32)

    monkeypatch.setattr(network, "logits", logits)


def test_of_an_animation_one_altered_view_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    image = opened(pictures.portrait())
    assert image.faces is not None
    views = tuple(View(image.views[0].rgb, frame) for frame in range(4))
    network_says(monkeypatch, [-3.0, -3.0, 3.0, -3.0])
    finding = SIGNAL.run(replace(image, views=views, faces=image.faces * 4))
    assert finding.score is not None
    assert finding.score > 0.8
    assert detail(finding).faces[0].view == 2


def test_low_quality_takes_from_suspicion_and_never_adds_to_it() -> None:
    likelihood = face_manipulation._likelihood
    assert likelihood(3.0, 0.5, 0) < likelihood(3.0, 1.0, 0)
    assert likelihood(-3.0, 0.5, 0) == likelihood(-3.0, 1.0, 0)


def test_disagreement_adds_little() -> None:
    likelihood = face_manipulation._likelihood
    assert likelihood(-3.0, 1.0, 4) == likelihood(-3.0, 1.0, 2) < 0.15
    assert likelihood(0.0, 1.0, 1) > likelihood(0.0, 1.0, 0)


def traits(**changed: object) -> face_agreement.Traits:
    alike = face_agreement.Traits(pixels=120, noise=1.0, sharpness=-3.0, grid=None, light=None)
    return replace(alike, **changed)  # type: ignore[arg-type]  # names and types of its fields


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (traits(noise=3.0), FaceDisagreement.NOISE),
        (traits(sharpness=-6.0), FaceDisagreement.SHARPNESS),
        (traits(grid=(3, 1)), FaceDisagreement.GRID),
        (traits(light=170.0), FaceDisagreement.LIGHT),
    ],
)
def test_the_odd_face_among_three_is_named(
    odd: face_agreement.Traits, reason: FaceDisagreement
) -> None:
    others = [traits(grid=(0, 0), light=0.0), traits(grid=(0, 0), light=20.0)]
    found = face_agreement.disagreements([*others, odd])
    assert found == [(), (), (reason,)]


def test_one_face_disagrees_with_nobody_and_sizes_far_apart_are_not_compared() -> None:
    assert face_agreement.disagreements([traits()]) == [()]
    far = [traits(noise=9.0, pixels=50), traits(pixels=200)]
    assert face_agreement.disagreements(far) == [(), ()]


def test_noise_added_to_one_of_three_faces_is_seen() -> None:
    row = np.array(Pillow.open(io.BytesIO(pictures.three_portraits())).convert("RGB"))
    assert not any(face.disagreements for face in detail(SIGNAL.run(shown(row))).faces)
    noise = np.random.default_rng(2).normal(0, 14, row[:, 500:].shape)
    row[:, 500:] = np.clip(row[:, 500:] + noise, 0, 255).astype(np.uint8)
    odd = [face for face in detail(SIGNAL.run(shown(row))).faces if face.disagreements]
    assert [face.box.left > 0.66 for face in odd] == [True]
    assert FaceDisagreement.NOISE in odd[0].disagreements


def test_quality_falls_with_size_blur_and_compression() -> None:
    rgb = portrait()
    (faces,) = look(opened(pictures.portrait()))
    box = faces[0].box

    def weight(changed: NDArray[np.uint8]) -> float:
        return face_quality.quality(changed, box).weight

    blurred = cv2.GaussianBlur(rgb, (0, 0), 2.5)
    blocky = cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 6])[1], 1)
    assert blocky is not None
    assert weight(rgb) > weight(blurred.astype(np.uint8))
    assert weight(rgb) > weight(blocky.astype(np.uint8))
    small = cv2.resize(rgb, (300, 300), interpolation=cv2.INTER_AREA).astype(np.uint8)
    assert weight(rgb) > weight(small)
    assert face_quality.quality(np.zeros((5, 5, 3), np.uint8), box).too_small


def test_a_box_at_the_edge_of_the_picture_is_measured() -> None:
    edge = Box(left=0.99, top=0.99, width=0.01, height=0.01, confidence=1.0)
    assert face_quality.quality(portrait(), edge).too_small

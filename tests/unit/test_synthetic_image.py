"""Synthetic pictures: what is measured of a view, and how the evidence is weighed."""

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
from media_integrity.schema.findings import Finding, SyntheticEvidence, SyntheticImageDetail
from media_integrity.signals import pictures, runtime, spectrum, synthetic_image
from media_integrity.signals.faces import look
from media_integrity.signals.spectrum import NOTHING, Spectrum
from media_integrity.signals.synthetic_image import (
    Fusion,
    Measured,
    SyntheticImageSignal,
    Weights,
)

SIGNAL = SyntheticImageSignal()
ALONE = Weights(intercept=0.0, weights={"network": 1.0, "half": 0.0, "quarter": 0.0})
NETWORK_ALONE = Fusion(
    with_embedding=Weights(intercept=0.0, weights=ALONE.weights | {"embedding": 0.5}),
    without_embedding=ALONE,
)


def opened(content: bytes) -> Image:
    image = open_image(content, Limits())
    return replace(image, faces=look(image))


def pixels(content: bytes) -> NDArray[np.uint8]:
    return np.array(Pillow.open(io.BytesIO(content)).convert("RGB"))


def detail(finding: Finding) -> SyntheticImageDetail:
    assert isinstance(finding.detail, SyntheticImageDetail)
    return finding.detail


def score(content: bytes) -> float:
    found = SIGNAL.run(opened(content)).score
    assert found is not None
    return found


def test_a_rebuilt_picture_scores_higher_than_the_photograph() -> None:
    photograph = pixels(pictures.portrait())[:400, 50:450]
    assert score(pictures.rebuilt_portrait()) > score(pictures.jpeg(photograph)) + 0.2


def test_the_finding_says_what_it_rests_on() -> None:
    finding = SIGNAL.run(opened(pictures.portrait()))
    shares = {share.evidence: share.share for share in detail(finding).shares}
    assert set(shares) == set(SyntheticEvidence)
    assert sum(abs(share) for share in shares.values()) == pytest.approx(1.0)
    assert detail(finding).face is not None
    assert finding.probability is not None


def test_without_a_face_the_whole_is_judged_and_no_face_named() -> None:
    finding = SIGNAL.run(opened(pictures.landscape()))
    assert finding.status is FindingStatus.MEASURED
    assert detail(finding).face is None
    assert SyntheticEvidence.FACE not in {share.evidence for share in detail(finding).shares}


def test_a_blurred_face_is_not_looked_at_but_the_picture_is() -> None:
    blurred = cv2.GaussianBlur(pixels(pictures.portrait()), (0, 0), 6.0).astype(np.uint8)
    finding = SIGNAL.run(opened(pictures.jpeg(blurred)))
    assert finding.status is FindingStatus.MEASURED
    assert detail(finding).face is None


def test_a_thumbnail_is_inconclusive_and_not_clean() -> None:
    tiny = cv2.resize(pixels(pictures.portrait()), (60, 60)).astype(np.uint8)
    finding = SIGNAL.run(opened(pictures.jpeg(tiny)))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert finding.score is None
    assert finding.cause is not None


def test_the_most_suspicious_view_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    image = opened(pictures.portrait())
    assert image.faces is not None
    odds = iter([-4.0, 5.0, -4.0])
    monkeypatch.setattr(
        synthetic_image,
        "measure",
        lambda *_: [Measured(whole=next(odds), detail=1.0, spectrum=NOTHING, face=0.0)],
    )
    monkeypatch.setattr(synthetic_image, "_fusion", lambda: NETWORK_ALONE)
    views = tuple(View(image.views[0].rgb, frame) for frame in range(3))
    finding = SIGNAL.run(replace(image, views=views, faces=image.faces * 3))
    assert detail(finding).view == 1
    assert finding.score == pytest.approx(1 / (1 + np.exp(-2.0)))
    shares = {share.evidence: share.share for share in detail(finding).shares}
    assert shares[SyntheticEvidence.WHOLE] == pytest.approx(5 / 6)
    assert shares[SyntheticEvidence.FACE] == 0.0


def test_a_film_with_more_scenes_than_there_is_time_for_is_not_clean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(synthetic_image, "FILM_VIEWS", 2)
    image = opened(pictures.portrait())
    assert image.faces is not None
    views, found = image.views * 3, image.faces * 3
    cut = replace(image, views=views, faces=found, film=Film(3.0, 1.0, (0.0, 1.0, 2.0), (0, 1, 2)))
    finding = SIGNAL.run(cut)
    assert (finding.status, finding.score is None) == (FindingStatus.INCONCLUSIVE, False)
    one_scene = replace(cut, film=Film(3.0, 1.0, (0.0, 1.0, 2.0), (0,)))
    assert SIGNAL.run(one_scene).status is FindingStatus.MEASURED


def test_what_looks_generated_counts_half_without_a_face() -> None:
    without = Measured(3.0, 3.0, NOTHING)
    assert NETWORK_ALONE.log_odds(replace(without, face=3.0)) == pytest.approx(3.0)
    assert NETWORK_ALONE.log_odds(without) == pytest.approx(1.5)


def test_a_face_like_those_of_people_clears_nothing_and_one_like_generated_ones_counts() -> None:
    seen = Measured(3.0, 3.0, NOTHING, face=3.0, embedding=-5.0)
    assert NETWORK_ALONE.log_odds(seen) == pytest.approx(3.0)
    like_generated = replace(seen, embedding=4.0)
    assert NETWORK_ALONE.log_odds(like_generated) == pytest.approx(5.0)
    parts = NETWORK_ALONE.parts(like_generated)
    assert parts[SyntheticEvidence.EMBEDDING] == pytest.approx(2.0)


def test_without_an_embedding_the_network_counts_as_it_does_alone() -> None:
    fusion = shipped()
    turned_away = Measured(5.0, 5.0, NOTHING, face=5.0)
    like_people = replace(turned_away, embedding=-5.0)
    assert fusion.log_odds(turned_away) > fusion.log_odds(like_people)
    assert SyntheticEvidence.EMBEDDING not in fusion.parts(turned_away)


def test_of_two_faces_the_one_counts_that_the_evidence_speaks_against(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the other one's share of one kind of evidence is."""
    suspected = Measured(1.0, 1.0, NOTHING, face=-1.5, embedding=2.8)
    other = replace(suspected, face=2.0, embedding=-0.5)
    image = opened(pictures.portrait())
    for faces in ([suspected, other], [other, suspected]):
        monkeypatch.setattr(synthetic_image, "measure", lambda *_, faces=faces: faces)
        odds = shipped().log_odds(suspected)
        assert SIGNAL.run(image).score == pytest.approx(1 / (1 + np.exp(-odds)))


def test_faces_beyond_those_that_there_is_time_for_are_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(synthetic_image, "FACES_OF_A_PICTURE", 2)
    finding = SIGNAL.run(opened(pictures.three_portraits()))
    assert finding.status is FindingStatus.INCONCLUSIVE
    assert finding.score is not None
    assert finding.cause == "1 faces beyond the largest of a view"


def test_the_model_weighs_exactly_what_is_measured_and_nothing_speaks_backwards() -> None:
    """More suspicious measurements give a higher score."""
    fusion, seen = shipped(), Measured(0.0, 0.0, NOTHING, face=0.0)
    assert set(fusion.without_embedding.weights) == set(seen.terms())
    assert set(fusion.with_embedding.weights) == set(replace(seen, embedding=0.0).terms())
    assert fusion.with_embedding.weights["embedding"] > 0
    for weights in (fusion.with_embedding.weights, fusion.without_embedding.weights):
        assert weights["network"] > 0
        assert weights["half"] > 0


def shipped() -> Fusion:
    return Fusion.model_validate_json(runtime.path(synthetic_image.FUSION).read_bytes())


def textured(side: int = 256) -> NDArray[np.uint8]:
    """Noise with a spectrum that falls, as photographs have it."""
    random = np.random.default_rng(4)
    rough = random.normal(128, 60, (side, side, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(rough, (0, 0), 1.2) * 2 - 128
    return np.clip(soft + random.normal(0, 3, rough.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("period", "name"), [(2, "half"), (4, "quarter")])
def test_a_repeating_pattern_is_a_peak_at_its_frequency(period: int, name: str) -> None:
    plain = textured()
    pattern = np.zeros((256, 256, 1), np.int16)
    pattern[::period, ::period] = 8
    marked = np.clip(plain + pattern, 0, 255).astype(np.uint8)
    without, with_pattern = (spectrum.spectrum(rgb) for rgb in (plain, marked))
    assert getattr(with_pattern, name) > getattr(without, name) + 1.0


@pytest.mark.parametrize(
    "rgb",
    [np.zeros((300, 300, 3), np.uint8), np.full((128, 900, 3), 255, np.uint8)],
    ids=["black", "a white line"],
)
def test_a_plain_picture_has_a_finite_spectrum(rgb: NDArray[np.uint8]) -> None:
    found = spectrum.spectrum(rgb)
    assert np.isfinite([found.half, found.quarter]).all()


def test_a_small_picture_has_no_spectrum() -> None:
    assert spectrum.spectrum(np.zeros((100, 400, 3), np.uint8)) == NOTHING == Spectrum(0, 0)


def test_patches_keep_the_resolution_of_the_view() -> None:
    rgb = textured(300)
    for patch in synthetic_image.patches(rgb):
        assert patch.shape == (160, 160, 3)
    assert synthetic_image.patches(rgb[:100]) == []

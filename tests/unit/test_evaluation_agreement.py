"""The ablation of the faces' agreement: its arithmetic, on scores made up here."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation import agreement
from evaluation.agreement import Scored, compared
from evaluation.errors import EvaluationError
from media_integrity.schema.findings import Box, FaceDisagreement, FaceState, ManipulatedFace
from media_integrity.signals import pictures


def face(score: float, *differences: FaceDisagreement) -> ManipulatedFace:
    box = Box(left=0, top=0, width=0.1, height=0.1, confidence=1)
    return ManipulatedFace(
        view=0, box=box, state=FaceState.JUDGED, score=score, quality=1, disagreements=differences
    )


def test_without_agreement_what_it_added_is_taken_off_again() -> None:
    plain = [face(0.6), face(0.3)]
    differing = [face(0.6, FaceDisagreement.NOISE, FaceDisagreement.GRID), face(0.3)]
    assert agreement._of_picture(plain, counted=True) == agreement._of_picture(plain, counted=False)
    counted = agreement._of_picture(differing, counted=True)
    assert counted == pytest.approx(agreement._of_picture(plain, counted=True))
    assert agreement._of_picture(differing, counted=False) < counted


def test_a_gain_is_measured_on_the_same_resamples() -> None:
    """Each score alone is uncertain, the difference is not: it is the same in every resample."""
    scored = [
        Scored(label, value + (2.0 if label else 0.0), value, differs=label, cluster="")
        for label in (True, False)
        for value in range(20)
    ]
    found = compared(scored, resamples=200)
    assert found.gain.value is not None and found.gain.value > 0
    assert found.gain.low is not None and found.gain.low > 0
    assert found.auc_without.low is not None and found.auc_with.value is not None
    assert found.auc_without.value == pytest.approx(0.5)
    assert (found.n_positive, found.n_negative, found.differing) == (20, 20, 20)


def test_what_adds_nothing_gains_nothing() -> None:
    scored = [
        Scored(place % 2 == 0, float(place), float(place), differs=False, cluster=str(place % 7))
        for place in range(40)
    ]
    found = compared(scored, clustered=True, resamples=100)
    assert (found.gain.value, found.gain.low, found.gain.high) == (0, 0, 0)
    assert found.clusters == 7


def test_one_class_alone_is_refused() -> None:
    with pytest.raises(EvaluationError):
        compared([Scored(True, 1.0, 1.0, differs=False, cluster="")])


def test_pictures_of_one_person_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "portrait.jpg").write_bytes(pictures.portrait())
    manifest = tmp_path / "m.csv"
    manifest.write_text("path,label\nportrait.jpg,0\ngone.jpg,1\n")
    assert agreement.main([str(manifest)]) == 1
    assert "two faces" in capsys.readouterr().err


def test_a_file_that_is_no_picture_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "three.jpg").write_bytes(pictures.three_portraits())
    (tmp_path / "again.jpg").write_bytes(pictures.three_portraits())
    (tmp_path / "text.jpg").write_text("no picture")
    manifest = tmp_path / "m.csv"
    manifest.write_text("path,label,shot\nthree.jpg,0,a\nagain.jpg,1,\ntext.jpg,1,\n")
    found = agreement.measure(manifest, "shot", resamples=10, seed=0)
    assert (found.n_positive, found.n_negative, found.left_out) == (1, 1, 1)
    assert found.clusters == 2  # one of them has an empty cell and stands alone


def test_a_column_that_is_not_there_does_not_make_one_cluster_of_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text("path,label\nportrait.jpg,0\n")
    assert agreement.main([str(manifest), "--cluster", "shot"]) == 1
    assert "no column shot" in capsys.readouterr().err

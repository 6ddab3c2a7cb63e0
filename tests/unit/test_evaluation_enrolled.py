"""``./dev eval --enrolled``: who is compared with, and what becomes of unusable pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest

from devkit import evaluate
from evaluation import judging
from evaluation.enrolled import Enrolled, enrol
from evaluation.errors import EvaluationError
from evaluation.manifest import read
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Pixels
from media_integrity.scanning.engine import Engine
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import IdentityMorphingDetail
from media_integrity.signals import faces, pictures
from media_integrity.signals.base import Signals
from media_integrity.signals.faces import FacesSignal
from media_integrity.signals.identity import embedding
from media_integrity.signals.identity.references import References
from media_integrity.signals.identity_morphing import IdentityMorphingSignal

PERSON = "Somebody Special"
IDENTITY = DetectionMethod.IDENTITY_MORPHING

T = TypeVar("T")


@cache
def portrait() -> Pixels:
    return open_image(pictures.portrait(), Limits()).views[0].rgb


def straight(files: Iterable[T]) -> Iterable[T]:
    return files


def saved(folder: Path, name: str, rgb: Pixels) -> None:
    (folder / name).write_bytes(pictures.jpeg(np.ascontiguousarray(rgb)))


def people(folder: Path, *rows: str, header: str = "path,person") -> Path:
    file = folder / "people.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def enrolled(folder: Path, *rows: str) -> Enrolled:
    return enrol(read(people(folder, *rows)), default_policy(), straight)


def identity_alone(references: References | None = None) -> Signals:
    """Enough of an engine to compare faces, and quick."""
    return Signals(pictures=(FacesSignal(),), fusing=(IdentityMorphingSignal(references),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    saved(tmp_path, "portrait.jpg", portrait())
    saved(tmp_path, "mirrored.jpg", portrait()[:, ::-1])
    (tmp_path / "landscape.jpg").write_bytes(pictures.landscape())
    (tmp_path / "text.jpg").write_text("no picture")
    return tmp_path


def test_pictures_that_do_not_serve_are_listed_and_the_others_enrolled(folder: Path) -> None:
    files = ("portrait.jpg", "landscape.jpg", "text.jpg", "gone.jpg", "mirrored.jpg")
    found = enrolled(folder, *(f"{file},{PERSON}" for file in files))
    assert (found.enrolment.people, found.enrolment.pictures) == (1, 2)
    assert {each.path: each.cause for each in found.enrolment.refused} == {
        "landscape.jpg": "no face",
        "text.jpg": "unsupported_type",
        "gone.jpg": "not there",
    }
    assert len(found.people()) == 1
    assert PERSON not in repr(found) + found.enrolment.model_dump_json()


def test_of_several_faces_the_largest_that_can_be_used_is_enrolled(folder: Path) -> None:
    large = cv2.resize(portrait(), None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    blurred = cv2.GaussianBlur(large, (0, 0), 12)
    small = np.zeros((large.shape[0], portrait().shape[1], 3), np.uint8)
    small[: portrait().shape[0]] = portrait()
    saved(folder, "both.jpg", np.hstack([blurred, small]).astype(np.uint8))
    (wanted,) = embedding.embeddings(portrait(), faces.detect(portrait()))
    found = enrolled(folder, f"both.jpg,{PERSON}")
    assert wanted.numbers is not None
    (near,) = found.people().near(wanted.numbers, within=0.3)
    assert near.distance < 0.2


def test_a_picture_of_somebody_else_is_not_taken_for_the_same_person(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "SAME_PERSON", 0.0)  # nobody is like anybody
    saved(folder, "again.jpg", portrait())
    found = enrolled(
        folder, f"portrait.jpg,{PERSON}", f"mirrored.jpg,{PERSON}", "again.jpg,somebody else"
    )
    assert (found.enrolment.people, found.enrolment.pictures) == (2, 2)
    (refused,) = found.enrolment.refused
    assert (refused.path, refused.cause) == (
        "mirrored.jpg",
        "not like the person's pictures above it",
    )


def test_an_animation_is_no_portrait(folder: Path) -> None:
    from PIL import Image

    frames = [Image.fromarray(portrait()), Image.fromarray(portrait()[::-1])]
    frames[0].save(folder / "moving.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(EvaluationError, match="not a single photograph"):
        enrolled(folder, f"moving.gif,{PERSON}")


def test_somebody_without_a_face_ends_it_and_says_why(folder: Path) -> None:
    with pytest.raises(EvaluationError) as raised:
        enrolled(folder, "portrait.jpg,a", "landscape.jpg,b", "gone.jpg,b", "text.jpg,c")
    assert "“b” can be used (landscape.jpg: no face; gone.jpg: not there)" in raised.value.what
    assert "“c” can be used (text.jpg: unsupported_type)" in raised.value.what
    assert "“a”" not in raised.value.what


MOST = default_policy().shields.references


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: people(folder, "portrait.jpg", header="path"), "no column person"),
        (lambda folder: people(folder, "a,b", header="file,person"), "no column path"),
        (lambda folder: folder / "nobody.csv", "cannot be read"),
        (lambda folder: people(folder), "no files"),
        (lambda folder: people(folder, "portrait.jpg,"), "person is empty"),
        (lambda folder: people(folder, "portrait.jpg,a", "./portrait.jpg,b"), "the same as line 2"),
        (
            lambda folder: people(folder, *(f"{n}.jpg,{PERSON}" for n in range(MOST + 1))),
            f"more than {MOST} pictures",
        ),
        (lambda folder: people(folder, "landscape.jpg,a"), "no face"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_and_says_what_to_do(
    folder: Path,
    make: Callable[[Path], Path],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    manifest = folder / "manifest.csv"
    manifest.write_text("path,label\nportrait.jpg,1\n")
    command = ["--signal", "identity_morphing", str(manifest), "--enrolled", str(make(folder))]
    assert evaluate.main(command) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "→" in error


@pytest.mark.parametrize("mode", ["--pairs", "--adversarial"])
def test_people_are_enrolled_for_signals_and_decisions_alone(
    folder: Path, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = folder / "manifest.csv"
    manifest.write_text("path\nportrait.jpg\n")
    listed = people(folder, f"portrait.jpg,{PERSON}")
    assert evaluate.main([mode, str(manifest), "--enrolled", str(listed)]) == 1
    assert "--enrolled goes with --signal and --decisions alone" in capsys.readouterr().err


def test_the_engine_compares_with_the_enrolled(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "all_signals", identity_alone)
    known = enrolled(folder, f"portrait.jpg,{PERSON}")
    engine = judging.engine_for(IDENTITY, default_policy(), known)
    judgement = engine.judge((folder / "mirrored.jpg").read_bytes(), judging.ADULT)
    detail = next(found.detail for found in judgement.findings if found.method is IDENTITY)
    assert isinstance(detail, IdentityMorphingDetail)
    assert (detail.enrolled, detail.judged) == (1, 1)
    assert detail.faces[0].matched is not None


def test_a_report_says_how_many_were_enrolled_and_names_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(judging, "all_signals", identity_alone)
    listed = people(folder, f"portrait.jpg,{PERSON}", f"landscape.jpg,{PERSON}")
    manifest, out = folder / "manifest.csv", folder / "out"
    manifest.write_text("path,label\nmirrored.jpg,0\n")
    before = set(folder.iterdir())
    command = ["--signal", "identity_morphing", str(manifest), "--enrolled", str(listed)]
    assert evaluate.main([*command, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "enrolled       people: 1, pictures: 1" in said
    assert '"landscape.jpg"  no face' in said
    report = json.loads((out / "report.json").read_text())
    assert (report["enrolled"]["people"], report["enrolled"]["pictures"]) == (1, 1)
    assert report["enrolled"]["refused"] == [{"path": "landscape.jpg", "cause": "no face"}]
    assert report["files"][0]["score"] == 0  # one person alone is nobody's blend
    page = (out / "report.html").read_text()
    assert "people: 1, pictures: 1" in page
    assert set(folder.iterdir()) == before | {out}
    for file in out.iterdir():
        assert PERSON not in file.read_text()


def test_decisions_are_measured_with_people_enrolled(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "all_signals", identity_alone)
    asked: list[References | None] = []
    whole = judging.whole_engine

    def engine(policy: Policy, references: References | None = None) -> Engine:
        asked.append(references)
        return whole(policy, references)

    monkeypatch.setattr(judging, "whole_engine", engine)
    listed = people(folder, f"portrait.jpg,{PERSON}")
    manifest, out = folder / "manifest.csv", folder / "out"
    manifest.write_text("path,expected\nmirrored.jpg,ALLOW\n")
    command = ["--decisions", str(manifest), "--out", str(out)]
    assert evaluate.main([*command, "--enrolled", str(listed)]) == 0
    assert [references and len(references.people()) for references in asked] == [1]
    assert json.loads((out / "report.json").read_text())["enrolled"]["people"] == 1
    assert "people: 1, pictures: 1" in (out / "report.html").read_text()
    assert evaluate.main(command) == 0
    assert json.loads((out / "report.json").read_text())["enrolled"] is None


def test_other_people_are_another_measurement(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(judging, "all_signals", identity_alone)
    listed = people(folder, f"portrait.jpg,{PERSON}")
    manifest, out = folder / "manifest.csv", folder / "out"
    manifest.write_text("path,label\nmirrored.jpg,0\n")
    command = ["--signal", "identity_morphing", str(manifest), "--out", str(out)]
    with_people = [*command, "--enrolled", str(listed), "--resume"]
    assert evaluate.main(with_people) == 0
    assert evaluate.main(with_people) == 0
    saved(folder, "portrait.jpg", portrait()[:, ::-1])  # another picture under the same name
    assert evaluate.main(with_people) == 1
    assert "another set of enrolled people" in capsys.readouterr().err
    assert evaluate.main([*command, "--resume"]) == 1

"""``./dev eval`` from manifest to report: stable keys, safe pages, nobody recognisable."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devkit import evaluate
from evaluation import decisions, engine, journal, judging, scores, transforms, verification
from evaluation.about import Latency, about
from evaluation.errors import EvaluationError
from evaluation.judging import Answer, Status
from evaluation.manifest import Sample, read
from evaluation.pages import decision_page, signal_page, worst
from evaluation.scores import FileScore
from evaluation.thumbnails import CELLS, SIDE, blurred, thumbnail
from media_integrity.decision import policy as policies
from media_integrity.decision.policy import Policy, default_policy
from media_integrity.media.errors import Refused
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import Face, Pixels, Point
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import Box
from media_integrity.signals import pictures
from media_integrity.signals.base import Signals
from media_integrity.signals.faces import FacesSignal
from media_integrity.signals.identity.references import References
from media_integrity.signals.nudity import NuditySignal

STABLE = ["signal", "auc", "eer", "ap", "n_positive", "n_negative", "operating_point", "files"]

HOSTILE = "<img src=x onerror=alert(1)>\"&'.jpg"


class Seen(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def folder_of(tmp_path: Path, *names: str) -> Path:
    for name in names:
        make: Callable[[], bytes] = getattr(pictures, name)
        (tmp_path / f"{name}.jpg").write_bytes(make())
    return tmp_path


def manifest(folder: Path, text: str) -> str:
    file = folder / "manifest.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


def report_of(folder: Path, threshold: float | None, files: list[FileScore]) -> scores.SignalReport:
    return scores.report(
        read(Path(manifest(folder, "path,label\na.jpg,1\n"))),
        DetectionMethod.NUDITY,
        default_policy(),
        files,
        [],
        threshold=threshold,
        resamples=10,
        seed=1,
    )


def test_a_signal_is_measured_from_manifest_to_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, "portrait", "landscape", "plain_colour")
    (folder / "text.jpg").write_text("no picture")
    rows = "portrait.jpg,1,a\nlandscape.jpg,0,a\nplain_colour.jpg,0,b\ntext.jpg,0,b\n"
    file = manifest(folder, f"path,label,group\n{rows}gone.jpg,1,a\n")
    out = tmp_path / "out"
    assert evaluate.main(["--signal", "faces", file, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "gone.jpg" in said
    assert "refused" in said

    report = json.loads((out / "report.json").read_text())
    assert list(report)[: len(STABLE)] == STABLE
    assert set(report["auc"]) == {"value", "low", "high"}
    assert report["auc"]["value"] == 1
    assert (report["n_positive"], report["n_negative"]) == (1, 2)
    assert report["missing"] == ["gone.jpg"]
    assert report["not_judged"] == {"refused": 1}
    files = {each["path"]: each for each in report["files"]}
    assert {path: each["score"] for path, each in files.items()} == {
        "portrait.jpg": 1,
        "landscape.jpg": 0,
        "plain_colour.jpg": 0,
        "text.jpg": None,
    }
    assert files["text.jpg"]["cause"] == "unsupported_type"
    assert [row["value"] for row in report["fairness"]["rows"]] == ["a", "b"]
    assert report["latency"]["signal"]["n"] == 3
    assert "gone.jpg" in (out / "report.html").read_text()


def test_the_policys_threshold_is_the_operating_point() -> None:
    ((action, at),) = scores.policy_thresholds(DetectionMethod.NUDITY, default_policy())
    assert (action.value, at) == ("BLUR", 0.95)
    for method, row in default_policy().detectors.items():
        points = scores.policy_thresholds(method, default_policy())
        assert [at for _, at in points] == [
            at for at in (row.review_at, row.block_at) if at is not None
        ]


def test_a_threshold_looked_up_on_the_data_is_called_so(tmp_path: Path) -> None:
    table = read(Path(manifest(tmp_path, "path,label\na.jpg,1\n")))
    files = [
        FileScore(path=f"{n}.jpg", label=n % 2, score=n / 10, status=Status.MEASURED)
        for n in range(10)
    ]
    report = scores.report(
        table,
        DetectionMethod.FACES,
        default_policy(),
        files,
        [],
        threshold=None,
        resamples=10,
        seed=1,
    )
    assert report.operating_point is not None
    assert report.operating_point.source == "equal_error_here"
    assert "so these figures are too good" in signal_page(report, lambda _: None)


def test_files_that_were_not_judged_are_in_no_figure(tmp_path: Path) -> None:
    judged = [
        FileScore(path="a", label=1, score=0.9, status=Status.MEASURED),
        FileScore(path="b", label=0, score=0.1, status=Status.MEASURED),
    ]
    unjudged = FileScore(
        path="c", label=1, score=None, status=Status.INCONCLUSIVE, cause="too small"
    )
    with_it = report_of(tmp_path, 0.5, [*judged, unjudged])
    without = report_of(tmp_path, 0.5, judged)
    assert with_it.auc == without.auc
    assert with_it.operating_point == without.operating_point
    assert with_it.not_judged == {"inconclusive": 1}
    assert with_it.not_judged_positive == 1
    assert "Not judged: 1" in signal_page(with_it, lambda _: None)


def test_one_class_alone_is_measured_without_an_auc(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "landscape")
    file = manifest(folder, "path,label\nlandscape.jpg,0\n")
    out = tmp_path / "out"
    assert evaluate.main(["--signal", "faces", file, "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["auc"] == {"value": None, "low": None, "high": None}
    assert report["eer"] is None
    assert report["operating_point"] is None
    assert "One class only" in (out / "report.html").read_text()


def test_hostile_names_are_text_in_the_page_and_nothing_is_fetched(tmp_path: Path) -> None:
    files = [
        FileScore(path=HOSTILE, label=1, score=0.1, status=Status.MEASURED),
        FileScore(path="b", label=0, score=0.9, status=Status.MEASURED, groups={HOSTILE: HOSTILE}),
    ]
    report = report_of(tmp_path, 0.5, files)
    page = signal_page(report, lambda _: None)
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "default-src 'none'" in page
    seen = Seen()
    seen.feed(page)
    assert not seen.tags & {"script", "img", "link", "iframe", "object", "base", "form", "a"}
    # Inline styles would not be applied under the page's own policy.
    assert not seen.attributes & {"src", "href", "style", "onerror", "onload", "xlink:href"}
    assert "url(" not in page[page.index("<style>") : page.index("</style>")]


def test_the_style_is_the_one_that_the_pages_policy_admits(tmp_path: Path) -> None:
    import hashlib

    page = signal_page(report_of(tmp_path, 0.5, []), lambda _: None)
    style = page[page.index("<style>") + 7 : page.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page


def test_the_worst_errors_come_first_and_right_answers_never(tmp_path: Path) -> None:
    files = [
        FileScore(path=path, label=label, score=score, status=Status.MEASURED)
        for path, label, score in [
            ("bad", 0, 0.99),
            ("worse miss", 1, 0.01),
            ("mild", 0, 0.6),
            ("right", 1, 0.8),
            ("also right", 0, 0.2),
            ("miss", 1, 0.3),
        ]
    ]
    found = worst(report_of(tmp_path, 0.5, files))
    assert [(kind, file.path) for kind, file in found] == [
        ("false alarm", "bad"),
        ("false alarm", "mild"),
        ("missed", "worse miss"),
        ("missed", "miss"),
    ]


def test_a_thumbnail_has_no_detail() -> None:
    cells = np.random.default_rng(1).integers(0, 256, (40, 30, 3))
    blocks = np.kron(cells, np.ones((20, 20, 1))).astype(np.uint8)
    portrait = open_image(pictures.portrait(), Limits()).views[0].rgb

    def fine(small: Pixels) -> float:
        """Share of the power in waves of more than twice as many periods as there are cells."""
        grey = small.mean(axis=2) - small.mean()
        power = np.abs(np.fft.fft2(grey * np.outer(*map(np.hanning, grey.shape)))) ** 2
        waves = np.hypot(*np.meshgrid(*(np.fft.fftfreq(n) * n for n in grey.shape), indexing="ij"))
        return float(power[waves > 2 * CELLS].sum() / power.sum())

    for picture in (blocks, portrait):
        small = blurred(picture)
        assert max(small.shape) == SIDE
        assert fine(small) < 0.01  # what rounding to whole levels adds
    assert fine(portrait[::4, ::4]) > 0.05  # a small picture that is not blurred


def test_a_thumbnail_is_made_of_pictures_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "landscape")
    (folder / "text.jpg").write_text("no picture")
    address = thumbnail(folder / "landscape.jpg", default_policy())
    assert address is not None
    assert address.startswith("data:image/jpeg;base64,")
    assert thumbnail(folder / "text.jpg", default_policy()) is None
    assert thumbnail(folder / "gone.jpg", default_policy()) is None


def test_what_is_shown_wrongly_is_told_from_what_is_held_wrongly(tmp_path: Path) -> None:
    files = [
        decisions.FileDecision(
            path=f"{n}", expected=expected, action=action, surface="feed", teen=False
        )
        for n, (expected, action) in enumerate(
            [
                ("BLOCK", "ALLOW"),
                ("REVIEW", "BLUR"),
                ("BLOCK", "REVIEW"),
                ("REFUSED", "REFUSED"),
                ("ALLOW", "REVIEW"),
                ("ALLOW", "ALLOW"),
            ]
        )
    ]
    report = decisions.report(
        read(Path(manifest(tmp_path, "path,expected\na.jpg,ALLOW\n"))),
        default_policy(),
        files,
        [],
        resamples=10,
        seed=1,
    )
    assert report.let_through.value == 2 / 4
    assert report.held_back.value == 1 / 2
    assert report.accuracy.value == 2 / 6
    page = decision_page(report, lambda _: None)
    first, second = page.index("ALLOW instead of BLOCK"), page.index("REVIEW instead of BLOCK")
    assert first < second


class Interrupting:
    """Stands for Ctrl-C after so many files."""

    def __init__(self, after: int) -> None:
        self._left = after

    def __call__(self, files: object) -> object:
        for file in files:  # type: ignore[attr-defined]
            if not self._left:
                raise KeyboardInterrupt
            self._left -= 1
            yield file


def test_what_an_interruption_leaves_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["portrait", "landscape", "plain_colour", "checks"]
    folder = folder_of(tmp_path, *names)
    file = manifest(folder, "path,label\n" + "".join(f"{name}.jpg,0\n" for name in names))
    out = tmp_path / "out"
    asked: list[bytes] = []

    def ask(engine: object, method: DetectionMethod, data: bytes) -> Answer:
        asked.append(data)
        return Answer(Status.MEASURED, score=len(data) % 7 / 7)

    monkeypatch.setattr(judging, "ask", ask)
    command = ["--signal", "faces", file, "--out", str(out)]
    with monkeypatch.context() as interrupted:
        interrupted.setattr(evaluate, "_progress", Interrupting(2))
        assert evaluate.main(command) == evaluate.INTERRUPTED
    assert not (out / "report.json").exists()
    with (out / journal.FILE).open("a") as stream:
        stream.write('{"path": "cut off')
    asked.clear()
    assert evaluate.main([*command, "--resume"]) == 0
    assert [data for data in asked if data == (folder / "portrait.jpg").read_bytes()] == []
    report = json.loads((out / "report.json").read_text())
    assert [each["path"] for each in report["files"]] == [f"{name}.jpg" for name in names]


def test_another_measurement_is_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, "landscape")
    file = manifest(folder, "path,label\nlandscape.jpg,0\n")
    command = ["--signal", "faces", file, "--out", str(tmp_path / "out")]
    assert evaluate.main(command) == 0
    manifest(folder, "path,label\nlandscape.jpg,1\n")
    assert evaluate.main([*command, "--resume"]) == 1
    assert "another measurement" in capsys.readouterr().err


def changed_policy() -> Policy:
    """Of the same version, as somebody leaves it who forgets to change that."""
    policy = default_policy()
    match = policy.bank_match.model_copy(update={"max_distance": 30})
    return policy.model_copy(update={"bank_match": match})


class OtherNudity(NuditySignal):
    version = "next"


CHANGES: dict[str, tuple[object, str, object, str]] = {
    "policy": (policies, "default_policy", changed_policy, "another engine"),
    "code": (engine, "_installed", lambda: b"other code", "another engine"),
    "signal": (
        judging,
        "all_signals",
        lambda references=None: Signals(pictures=(FacesSignal(), OtherNudity())),
        "another version",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_decisions_of_another_engine_are_not_gone_on_with(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: str,
) -> None:
    monkeypatch.setattr(judging, "all_signals", few_signals)
    folder = folder_of(tmp_path, "landscape")
    file = manifest(folder, "path,expected\nlandscape.jpg,ALLOW\n")
    command = ["--decisions", file, "--out", str(tmp_path / "out"), "--resume"]
    assert evaluate.main(command) == 0
    assert evaluate.main(command) == 0
    begun = journal.Run.model_validate_json(
        (tmp_path / "out" / journal.FILE).read_text().splitlines()[0]
    )
    assert begun.version == "faces 2, nudity " + NuditySignal.version
    place, name, other, said = CHANGES[change]
    monkeypatch.setattr(place, name, other)
    assert evaluate.main(command) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "leave --resume out" in error


def test_results_that_do_not_say_of_what_are_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, "landscape")
    file = manifest(folder, "path,label\nlandscape.jpg,0\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / journal.FILE).write_text('{"mode": "signal"}\n')
    assert evaluate.main(["--signal", "faces", file, "--out", str(tmp_path / "out"), "--resume"])
    assert "does not say of which" in capsys.readouterr().err


def test_an_engine_has_the_same_digest_in_every_process() -> None:
    """Sets of a policy are in another order in each."""
    script = (
        "from evaluation.engine import digest;"
        "from media_integrity.decision.policy import default_policy;"
        "print(digest(default_policy()))"
    )
    root = Path(__file__).resolve().parents[2]
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{root}/functions:{root}"},
            capture_output=True,
            check=True,
            text=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }
    assert found == {engine.digest(default_policy()) + "\n"}
    assert engine.digest(changed_policy()) + "\n" not in found


def test_two_measurements_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with (
        journal.exclusive(tmp_path / "out"),
        pytest.raises(EvaluationError, match="Another measurement"),
        journal.exclusive(tmp_path / "out"),
    ):
        pass


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--signal", "aura"], "no signal 'aura'"),
        ([], "One thing is measured at a time"),
        (["--decisions", "--pairs"], "One thing is measured at a time"),
        (["--signal", "faces", "--decisions"], "One thing is measured at a time"),
        (["--signal", "faces", "--resume"], "nothing to resume"),
        (["--signal", "faces", "--cluster", "person"], "no column person"),
        (["--pairs", "--cluster", "person"], "--cluster goes with --signal alone"),
        (["--decisions", "--threshold", "0.5"], "--threshold goes with --signal and --pairs alone"),
    ],
)
def test_what_cannot_be_measured_is_refused_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    file = manifest(tmp_path, "path,label\na.jpg,1\n")
    assert evaluate.main([file, *arguments]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "→" in error


def test_missing_weights_end_the_measurement_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from media_integrity.signals import nudity
    from media_integrity.signals.runtime import ModelUnavailable

    def gone(views: list[Pixels]) -> list[float]:
        raise ModelUnavailable("opennsfw", "opennsfw.onnx cannot be read")

    monkeypatch.setattr(nudity, "nudity", gone)
    folder = folder_of(tmp_path, "landscape")
    file = manifest(folder, "path,label\nlandscape.jpg,0\n")
    assert evaluate.main(["--signal", "nudity", file]) == 1
    assert "./dev models" in capsys.readouterr().err


def test_a_file_that_breaks_the_engine_fails_alone() -> None:
    class Broken:
        def judge(self, data: bytes, context: object) -> None:
            raise ZeroDivisionError

    answer = judging.ask(Broken(), DetectionMethod.FACES, b"")  # type: ignore[arg-type]
    assert (answer.status, answer.score) == (Status.FAILED, None)
    assert answer.cause == "engine: ZeroDivisionError"


def test_only_regular_files_of_a_bounded_size_are_read(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"12345")
    for place in (tmp_path, tmp_path / "gone", tmp_path / ("n" * 300)):
        with pytest.raises(judging.Missing):
            judging.load(place, 10)
    with pytest.raises(Refused):
        judging.load(tmp_path / "large", 4)


def few_signals(references: References | None = None) -> Signals:
    """Enough of an engine for a report, and quick."""
    return Signals(pictures=(FacesSignal(), NuditySignal()))


def test_decisions_are_counted_by_what_was_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "all_signals", few_signals)
    folder = folder_of(tmp_path, "landscape")
    (folder / "text.jpg").write_text("no picture")
    rows = "landscape.jpg,BLOCK,avatar,1\ntext.jpg,REFUSED,,\ngone.jpg,ALLOW,,\n"
    file = manifest(folder, f"path,expected,surface,teen\n{rows}")
    out = tmp_path / "out"
    assert evaluate.main(["--decisions", file, "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    landscape, text = report["files"]
    assert landscape["action"] == "REVIEW"  # most required checks are missing
    assert report["confusion"]["BLOCK"]["REVIEW"] == 1
    assert text["action"] == "REFUSED"
    assert report["accuracy"]["value"] == 0.5
    assert report["missing"] == ["gone.jpg"]
    assert report["let_through"]["value"] == 0
    assert report["held_back"]["value"] is None  # of none
    assert landscape["timings_ms"]["nudity"] > 0


def test_transforms_are_told_apart_by_action_score_and_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "all_signals", few_signals)
    folder = folder_of(tmp_path, "portrait")
    (folder / "text.jpg").write_text("no picture")
    file = manifest(folder, "path\nportrait.jpg\ntext.jpg\ngone.jpg\n")
    out = tmp_path / "out"
    assert evaluate.main(["--adversarial", "--signal", "faces", file, "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    rows = {row["transform"]: row for row in report["transforms"]}
    assert set(rows) == {transform.name for transform in transforms.TRANSFORMS}
    assert rows["reencode_95"]["pdq_largest"] <= 10
    mirror = rows["mirror"]
    assert mirror["pdq_median"] > 31  # as it is a mirrored picture is another one
    assert (mirror["pdq_missed"]["value"], mirror["pdq_missed_any_form"]["value"]) == (1, 0)
    assert {change["signal"] for change in mirror["scores"]} == {"faces"}
    assert report["not_judged"] == {"unsupported_type": 1}
    assert report["missing"] == ["gone.jpg"]


small_pictures = st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(0, 99)).map(
    lambda drawn: (
        np.random.default_rng(drawn[2]).integers(0, 256, (drawn[0], drawn[1], 3)).astype(np.uint8)
    )
)


@given(small_pictures)
@settings(deadline=None, max_examples=20)
def test_mirrored_twice_is_the_picture_again(rgb: Pixels) -> None:
    assert np.array_equal(transforms.mirrored(transforms.mirrored(rgb)), rgb)


@given(small_pictures)
@settings(deadline=None, max_examples=10)
def test_every_transform_of_every_size_is_a_picture_and_the_same_every_time(rgb: Pixels) -> None:
    import io

    from PIL import Image

    for transform in transforms.TRANSFORMS:
        made = transform.make(rgb)
        assert made == transform.make(rgb)
        assert Image.open(io.BytesIO(made)).format == "JPEG"


def test_transforms_do_what_their_names_say() -> None:
    rgb = np.random.default_rng(1).integers(60, 180, (100, 200, 3)).astype(np.uint8)
    assert transforms.crop_80(rgb).shape == (80, 160, 3)
    assert transforms.half_size(rgb).shape == (50, 100, 3)
    assert transforms.brighter(rgb).mean() == pytest.approx(1.25 * rgb.mean(), rel=0.01)
    assert transforms.blurred(rgb).std() < 0.6 * rgb.std()
    assert transforms.unsharp(rgb).std() > 1.2 * rgb.std()
    noise = transforms.noisy(rgb).astype(float) - rgb
    assert noise.std() == pytest.approx(transforms.NOISE_SIGMA, rel=0.05)
    assert transforms.screenshot(rgb).shape[:2] == transforms.SCREEN[::-1]


def face(left: float, top: float, size: float) -> Face:
    here = Point(left, top)
    box = Box(left=left, top=top, width=size, height=size, confidence=1)
    return Face(box, (here, here, here, here, here))


def test_the_main_face_is_large_and_in_the_middle() -> None:
    middle, corner, small = face(0.3, 0.3, 0.4), face(0.0, 0.0, 0.4), face(0.45, 0.45, 0.1)
    assert verification.main_face([small, corner, middle]) is middle


def pair_files(*distances: tuple[int, float | None]) -> list[verification.PairScore]:
    return [
        verification.PairScore(
            path_a=f"{n}a",
            path_b=f"{n}b",
            label=label,
            distance=far,
            score=None if far is None else verification.score(far),
            cause=None if far is not None else "a: no face",
        )
        for n, (label, far) in enumerate(distances)
    ]


def test_verification_errors_are_counted_at_the_threshold_itself(tmp_path: Path) -> None:
    table = read(Path(manifest(tmp_path, "path_a,path_b,same\na,b,1\n")))
    files = pair_files((1, 0.3), (1, 0.5), (1, 0.51), (0, 0.5), (0, 0.9), (1, None))
    report = verification.report(
        table,
        default_policy(),
        files,
        [],
        Latency(),
        threshold=0.5,
        resamples=10,
        seed=1,
    )
    assert report.fmr == 0.5  # a distance of just the threshold is a match
    assert report.fnmr == pytest.approx(1 / 3)
    assert report.accuracy.value == pytest.approx(3 / 5)
    assert report.accuracy_all.value == pytest.approx(3 / 6)
    assert report.not_judged == {"a: no face": 1}
    assert (report.n_positive, report.n_negative) == (3, 2)


def test_the_same_picture_twice_is_the_same_person(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "portrait", "landscape")
    (folder / "again.jpg").write_bytes(pictures.portrait())
    rows = "portrait.jpg,again.jpg,1\nportrait.jpg,landscape.jpg,0\nportrait.jpg,gone.jpg,0\n"
    file = manifest(folder, f"path_a,path_b,same\n{rows}")
    out = tmp_path / "out"
    assert evaluate.main(["--pairs", file, "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    same, nobody = report["files"]
    assert same["distance"] == pytest.approx(0, abs=1e-4)
    assert (nobody["distance"], nobody["cause"]) == (None, "b: no face")
    assert report["fnmr"] == 0
    assert report["fmr"] is None
    assert report["missing"] == ["gone.jpg"]


def test_a_report_says_of_what_and_when_and_names_no_folder() -> None:
    found = about(
        manifest="mine.csv", manifest_sha256="0" * 64, policy_version="1", seed=1, resamples=10
    )
    assert found.created_at.endswith("+00:00")
    assert found.cores >= 1


def test_a_sample_keeps_the_path_as_it_was_written(tmp_path: Path) -> None:
    line = scores._line(
        Sample("./a.jpg", tmp_path / "a.jpg", True, {}), Answer(Status.MEASURED, score=0.5)
    )
    assert line.path == "./a.jpg"


# --- groups of pairs and of decisions ------------------------------------------------------------


def test_pairs_have_a_row_for_each_value_of_a_group_column(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "portrait", "landscape")
    (folder / "again.jpg").write_bytes(pictures.portrait())
    rows = "portrait.jpg,again.jpg,1,dark\nportrait.jpg,landscape.jpg,0,\n"
    file = manifest(folder, f"path_a,path_b,same,light\n{rows}")
    out = tmp_path / "out"
    assert evaluate.main(["--pairs", file, "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    dark, not_stated = sorted(report["fairness"]["rows"], key=lambda row: -row["n_positive"])
    assert (dark["column"], dark["value"], dark["recall"]["value"]) == ("light", "dark", 1)
    assert (not_stated["value"], not_stated["not_judged"]) == ("(empty)", 1)
    assert "dark" in (out / "report.html").read_text()


def test_a_group_of_pairs_is_held_against_the_threshold_in_use(tmp_path: Path) -> None:
    table = read(Path(manifest(tmp_path, "path_a,path_b,same\na,b,1\n")))
    groups = ("x", "x", "y", "y", "y")
    files = [
        file.model_copy(update={"groups": {"g": group}})
        for file, group in zip(
            pair_files((1, 0.5), (1, 0.7), (0, 0.5), (0, 0.9), (0, None)), groups, strict=True
        )
    ]
    report = verification.report(
        table, default_policy(), files, [], Latency(), threshold=0.5, resamples=10, seed=1
    )
    x, y = report.fairness.rows
    assert (x.recall.value, x.false_positive_rate.value) == (0.5, None)
    assert (y.recall.value, y.false_positive_rate.value, y.not_judged) == (None, 0.5, 1)


def test_decisions_have_a_row_for_each_value_of_a_group_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "all_signals", few_signals)
    folder = folder_of(tmp_path, "landscape")
    (folder / "text.jpg").write_text("no picture")
    rows = "landscape.jpg,ALLOW,,0,phone\ntext.jpg,REFUSED,,1,camera\n"
    file = manifest(folder, f"path,expected,surface,teen,taken_with\n{rows}")
    out = tmp_path / "out"
    assert evaluate.main(["--decisions", file, "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    camera, phone = report["fairness"]["rows"]
    assert {camera["column"], phone["column"]} == {"taken_with"}, "surface and teen are no groups"
    assert (camera["value"], camera["recall"]["value"]) == ("camera", 1)
    assert (phone["value"], phone["false_positive_rate"]["value"]) == ("phone", 1)
    assert phone["auc"]["value"] is None
    assert "taken_with" in (out / "report.html").read_text()

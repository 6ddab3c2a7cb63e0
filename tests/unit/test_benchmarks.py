"""The benchmark's output is what others rely on: names, fields, percentiles, selection."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from benchmarks import __main__ as command
from benchmarks import cases, people, pictures, runtimes, sounds
from benchmarks.cases import CASES, SIGNAL_ROWS, Case, judgements
from benchmarks.measure import Row, row, seconds, table, unmeasured
from media_integrity.decision.policy import default_policy
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.signals.document import page
from media_integrity.signals.registry import all_signals

ROOT = Path(__file__).resolve().parents[2]

PROMISED = (
    "fingerprint_12mp_ms",
    "decision_12mp_ms",
    "decision_12mp_text_ms",
    "match_1m_ms",
    "cold_import_s",
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_every_promised_row_has_a_case() -> None:
    for name in (*PROMISED, "step_open_ms", "step_", "page_a4_ms", "sound_10s_ms", "runtime"):
        assert any(case.gives(name) for case in CASES), name
    assert not any(case.gives("nothing") for case in CASES)


def test_every_signal_has_a_row_in_which_it_works() -> None:
    signals = all_signals()
    names = {each.name.value for each in signals.pictures}
    names |= {each.name.value for each in signals.sounds}
    names |= {each.name.value for each in signals.fusing}
    assert set(SIGNAL_ROWS) == names
    for signal, name in SIGNAL_ROWS.items():
        assert signal in name
        assert any(case.gives(name) for case in CASES), name


def test_rows_are_selected_by_their_beginning() -> None:
    assert [case.names[0] for case in CASES if case.gives("decision")] == [
        "decision_12mp_ms",
        "decision_12mp_text_ms",
    ]
    assert [case.names[0] for case in CASES if case.gives("step_nudity_ms")] == [
        "decision_12mp_text_ms"
    ]


def test_an_unknown_name_is_refused_and_the_known_ones_are_listed() -> None:
    child = run("nothing")
    assert child.returncode == 2
    assert "cold_import_s" in child.stderr


def test_json_has_the_stable_form(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    child = run("cold_import_s", "--json", str(file))
    assert child.returncode == 0, child.stderr
    assert "cold_import_s" in child.stdout
    written = json.loads(file.read_text())
    assert {"cpu", "cores", "python"} <= set(written["machine"])
    (cold,) = written["rows"]
    assert list(cold) == ["name", "median", "p95", "unit", "n", "target"]
    assert (cold["name"], cold["unit"], cold["target"]) == ("cold_import_s", "s", 2)
    assert 0 < cold["median"] <= cold["p95"]


@pytest.mark.parametrize(
    ("taken", "median", "p95"),
    [([3.0], 3, 3), ([1.0, 2.0], 1.5, 2), ([float(n) for n in range(1, 101)], 50.5, 95)],
)
def test_percentiles(taken: list[float], median: float, p95: float) -> None:
    found = row("x_ms", taken[::-1], "ms")
    assert (found.median, found.p95, found.n) == (median, p95, len(taken))


def test_a_target_is_for_the_percentile_that_it_names() -> None:
    times = [1.0] * 94 + [100.0] * 6
    assert row("a", times, "ms", target=2).met is True
    assert row("a", times, "ms", target=2, judged="p95").met is False
    assert row("a", times, "ms").met is None
    assert "missed" in table([row("a", times, "ms", target=2, judged="p95")])


def test_warm_up_does_not_count() -> None:
    calls: list[int] = []
    assert len(seconds(lambda: calls.append(1), 5, warm_up=2)) == 5
    assert len(calls) == 7


def test_pictures_are_of_twelve_megapixels_and_of_a_camera_files_size() -> None:
    first, second = pictures.portraits(2)
    assert first != second
    assert 3e6 < len(first) < 5e6
    with Image.open(io.BytesIO(first)) as picture:
        assert picture.size == (4000, 3000)


def test_a_page_is_a_document_to_the_signal() -> None:
    first, second = pictures.pages(2)
    assert first != second
    layout, _ = page.layout(open_image(first, Limits()).views[0])
    assert layout.is_document
    assert layout.lines >= pictures.BOOKINGS


def test_a_recording_is_judged_and_compared_with_the_voices_of_a_crowd() -> None:
    crowd = people.Crowd.of(4)
    assert (len(crowd.people()), len(crowd.voices())) == (4, 4)
    taken, steps = judgements(
        iter([sounds.speech()]), cases.compared_voices(4), 1, warm_up=0, enrolled=crowd
    )
    assert len(taken) == 1
    assert steps["voice"][0] > 0
    taken, _ = judgements(iter([sounds.speech()]), cases.speech, 1, warm_up=0)
    assert taken[0] > 0


def test_a_face_is_compared_with_a_crowd() -> None:
    files = iter(pictures.portraits(1))
    crowd = people.Crowd.of(4)
    _, steps = judgements(files, cases.compared_faces(4), 1, warm_up=0, enrolled=crowd)
    assert steps["identity_morphing"][0] > 0


def test_a_crowd_has_as_many_templates_as_its_shields_take() -> None:
    crowd = people.Crowd.of(3)
    each = default_policy().shields.references
    assert crowd.people()._all.shape == (3 * each, people.FACE)
    assert crowd.voices()._all.shape == (3 * each, people.VOICE)


def test_what_was_not_done_is_not_timed() -> None:
    with pytest.raises(RuntimeError, match="one_face"):
        judgements(iter([sounds.speech()]), cases.one_face, 1, warm_up=0)


def test_what_could_not_be_measured_says_why() -> None:
    missing = unmeasured("x_ms", "ms", "not measured: torch is missing")
    assert missing.met is None
    assert missing.as_json() == {
        "name": "x_ms",
        "median": None,
        "p95": None,
        "unit": "ms",
        "n": 0,
        "target": None,
        "note": "not measured: torch is missing",
    }
    assert "torch is missing" in table([missing])
    assert "note" not in row("x_ms", [1.0], "ms").as_json()


def test_a_small_difference_is_not_shown_as_none() -> None:
    assert "4.0e-06" in table([Row("x", 4e-6, 4e-6, "logits", 1)])
    assert "0.00" in table([Row("x", 0.0, 0.0, "logits", 1)])


def test_without_torch_its_rows_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(runtimes, "torch_network", gone)
    monkeypatch.setattr(runtimes, "_cold_starts", lambda name: [1.0])
    monkeypatch.setattr(runtimes, "CROPS", 2)
    rows = {each.name: each for each in runtimes.runtimes()}
    assert tuple(rows) == runtimes.ROWS
    assert rows["runtime_onnxruntime_crop_ms"].n == 2
    for name in ("runtime_torch_cold_s", "runtime_torch_crop_ms", "runtime_largest_difference"):
        assert rows[name].median is None
        assert "./dev setup --training" in (rows[name].note or "")


def test_both_runtimes_give_the_same_logits(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="needs requirements-training.txt")
    monkeypatch.setattr(runtimes, "_cold_starts", lambda name: [1.0])
    monkeypatch.setattr(runtimes, "CROPS", 2)
    rows = {each.name: each for each in runtimes.runtimes()}
    assert tuple(rows) == runtimes.ROWS
    apart = rows["runtime_largest_difference"]
    assert apart.met is True
    assert apart.n == runtimes.COMPARED
    assert rows["runtime_torch_crop_ms"].n == 2


def test_a_cold_start_is_timed_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "COLD", 1)
    (taken,) = runtimes._cold_starts("onnxruntime")
    assert 0 < taken < 60


def bench(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    return command.main()


def test_a_name_that_no_row_came_of_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some = Case(("step_",), lambda: [row("step_open_ms", [1.0], "ms")])
    grouped = Case(("peer_ms",), lambda: [row("peer_ms", [1.0], "ms")], group="peers")
    monkeypatch.setattr(cases, "CASES", (some, grouped))
    assert bench(monkeypatch, "step_open") == 0
    assert bench(monkeypatch, "peers") == 0
    assert "peer_ms" in capsys.readouterr().out
    assert bench(monkeypatch, "step_aura", "step_open") == 2
    said = capsys.readouterr()
    assert "step_open_ms" in said.out
    assert "step_aura" in said.err
    assert bench(monkeypatch) == 0
    assert "peer_ms" not in capsys.readouterr().out


def test_help_lists_every_row_and_signal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        bench(monkeypatch, "--help")
    said = capsys.readouterr().out
    for name in ("sound_…", "page_…", "enrolled_…", "runtime", "identity_morphing", "robustness"):
        assert name in said

"""The benchmark's output is what others rely on: names, fields, percentiles, selection."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from benchmarks import pictures
from benchmarks.cases import CASES
from benchmarks.measure import row, seconds, table

ROOT = Path(__file__).resolve().parents[2]

PROMISED = {
    "fingerprint_12mp_ms": 30,
    "decision_12mp_ms": 150,
    "decision_12mp_text_ms": 250,
    "match_1m_ms": 2,
    "cold_import_s": 2,
}


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
    for name in (*PROMISED, "step_open_ms", "step_"):
        assert any(case.gives(name) for case in CASES), name
    assert not any(case.gives("nothing") for case in CASES)


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

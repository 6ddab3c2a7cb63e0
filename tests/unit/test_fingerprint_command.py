"""``./dev fingerprint``: the output that other programs rely on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from devkit import fingerprint as command
from media_integrity.fingerprints.pdq import Form, pdq
from media_integrity.fingerprints.tmk import TmkFeature, level2
from media_integrity.fingerprints.vpdq import VideoHash
from tests.unit import film_files as files
from tests.unit.media_files import animated, photograph, saved

KEYS = [
    *("file", "sha256", "md5", "pdq", "pdq_quality", "dihedral", "vpdq"),
    *("tmk", "vpdq_file", "error"),
]


def run(
    capsys: pytest.CaptureFixture[str], *arguments: str | Path, status: int = 0
) -> list[dict[str, Any]]:
    assert command.main(["--json", *map(str, arguments)]) == status
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(list(result) == KEYS for result in results)
    return results


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def clip(seed: int = 1) -> bytes:
    return files.film(files.panned(50, seed=seed))


def test_a_picture_has_its_hashes_in_all_forms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = photograph(300, 200)
    file = written(tmp_path, "a.png", saved(picture, "PNG"))
    (result,) = run(capsys, file)
    assert result["file"] == str(file)
    assert result["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert result["md5"] == hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    expected = pdq(picture)
    assert (result["pdq"], result["pdq_quality"]) == (expected.pdq.hex, expected.quality)
    assert list(result["dihedral"]) == [form.value for form in Form]
    assert result["dihedral"] == {form.value: bits.hex() for form, bits in expected.forms.items()}
    assert [result[key] for key in ("vpdq", "tmk", "vpdq_file", "error")] == [None] * 4


def test_a_film_has_its_rows_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    film = written(tmp_path, "holiday.mp4", clip())
    folder = tmp_path / "not" / "there"
    (result,) = run(capsys, film, "--tmk", folder, "--vpdq", folder)
    assert [list(row) for row in result["vpdq"]] == [["frame", "quality", "pdq", "time_s"]] * 2
    assert [(row["frame"], row["time_s"]) for row in result["vpdq"]] == [(0, 0.0), (25, 1.0)]
    assert result["tmk"] == str(folder / "holiday.tmk")
    assert result["vpdq_file"] == str(folder / "holiday.txt")
    text = VideoHash.from_text(Path(result["vpdq_file"]).read_text())
    assert [frame.bits.hex() for frame in text.frames] == [row["pdq"] for row in result["vpdq"]]
    feature = TmkFeature.from_bytes(Path(result["tmk"]).read_bytes())
    assert level2(feature, feature) == pytest.approx(1, abs=1e-5)
    assert len(list(folder.iterdir())) == 2  # nothing half-written is left


def test_an_animation_has_rows_and_no_tmk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = animated([photograph(300, 200, seed) for seed in (1, 2)], "GIF")
    (result,) = run(capsys, written(tmp_path, "a.gif", data), "--tmk", tmp_path, "--vpdq", tmp_path)
    assert [row["frame"] for row in result["vpdq"]] == [0, 1]
    assert result["tmk"] is None
    assert result["vpdq_file"] == str(tmp_path / "a.txt")


def test_sound_has_the_hashes_of_its_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (result,) = run(capsys, written(tmp_path, "a.m4a", files.recording()), "--tmk", tmp_path)
    assert len(result["sha256"]) == 64
    assert result["pdq"] is result["dihedral"] is result["vpdq"] is result["error"] is None


def test_bad_files_are_told_and_the_rest_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = saved(photograph(300, 200), "JPEG")
    paths = [
        written(tmp_path, "empty.jpg", b""),
        written(tmp_path, "text.jpg", b"not a picture"),
        written(tmp_path, "cut.mp4", clip()[:3000]),
        tmp_path / "missing.jpg",
        tmp_path,
        written(tmp_path, "good.jpg", good),
    ]
    results = run(capsys, *paths, status=1)
    codes = [result["error"] and result["error"]["code"] for result in results]
    assert codes == ["empty", "unsupported_type", "damaged", "unreadable", "unreadable", None]
    assert all(result["error"]["text"] for result in results[:5])
    assert results[1]["sha256"] == hashlib.sha256(b"not a picture").hexdigest()
    assert results[3]["sha256"] is None
    assert results[5]["pdq"] is not None


def test_films_of_the_same_name_do_not_overwrite_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = clip(1), clip(2)
    paths = [
        written(tmp_path, f"{place}/x.mp4", data) for place, data in (("a", one), ("b", other))
    ]
    out = tmp_path / "out"
    first, second = run(capsys, *paths, "--tmk", out, "--vpdq", out)
    assert first["tmk"] == str(out / "x.tmk")
    assert second["tmk"] == str(out / f"x-{second['sha256'][:12]}.tmk")
    assert second["vpdq_file"] == str(out / f"x-{second['sha256'][:12]}.txt")
    assert Path(first["tmk"]).read_bytes() != Path(second["tmk"]).read_bytes()
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    again = run(capsys, *paths, "--tmk", out, "--vpdq", out)
    assert again == [first, second]  # a second run writes the same files
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_folder_that_cannot_be_made_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "a.png", saved(photograph(100, 100), "PNG"))
    with pytest.raises(SystemExit) as caught:
        command.main(["--vpdq", str(file), str(file)])
    assert caught.value.code == 2
    assert "a.png" in capsys.readouterr().err


def test_without_json_a_person_can_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = written(tmp_path, "a.mp4", clip())
    assert command.main([str(film), str(tmp_path / "missing")]) == 1
    shown = capsys.readouterr().out
    for word in ("a.mp4", "sha256", "md5", "mirror", "vpdq        2 frames", "ERROR"):
        assert word in shown

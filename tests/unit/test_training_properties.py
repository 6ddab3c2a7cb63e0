"""Group columns by image properties: thirds, and pictures that have none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("tqdm")

from media_integrity.signals import pictures
from training.properties import THIRDS, in_thirds, main


def test_each_third_holds_a_third() -> None:
    found = in_thirds([(float(place), -float(place), 1.0) for place in range(9)])
    assert [row[0] for row in found] == ["dark"] * 3 + ["middle"] * 3 + ["bright"] * 3
    assert [row[1] for row in found] == ["sharp"] * 3 + ["middle"] * 3 + ["soft"] * 3
    assert {row[2] for row in found} == {"small"}, "equal values are in one group"


def test_what_could_not_be_measured_is_in_no_group() -> None:
    assert in_thirds([None, (1.0, 1.0, 1.0)])[0] == ("", "", "")
    assert in_thirds([None]) == [("", "", "")]


def test_a_manifest_is_written_again_with_the_columns(tmp_path: Path) -> None:
    (tmp_path / "portrait.jpg").write_bytes(pictures.portrait())
    (tmp_path / "landscape.jpg").write_bytes(pictures.landscape())
    (tmp_path / "m.csv").write_text("path,label\nportrait.jpg,1\nlandscape.jpg,0\n")
    out = tmp_path / "elsewhere.csv"
    assert main([str(tmp_path / "m.csv"), "--out", str(out)]) == 0
    with out.open() as stream:
        portrait, landscape = csv.DictReader(stream)
    assert Path(portrait["path"]).is_file()
    assert portrait["label"] == "1" and all(portrait[name] for name in THIRDS)
    assert not any(landscape[name] for name in THIRDS)

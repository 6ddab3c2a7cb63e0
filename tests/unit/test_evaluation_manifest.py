"""A manifest is read as it is meant, or refused with the line where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.manifest import Table, expected_decisions, originals, pairs, read, samples


def table(folder: Path, text: str | bytes) -> Table:
    file = folder / "manifest.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(file)


def test_paths_are_relative_to_the_manifest_and_the_other_columns_are_groups(
    tmp_path: Path,
) -> None:
    (sample, other) = samples(
        table(tmp_path, 'path,label,tone\n"a, b.jpg",1,dark\n/elsewhere/c.jpg,real,\n')
    )
    assert sample.file == tmp_path / "a, b.jpg"
    assert sample.path == "a, b.jpg"
    assert (sample.label, sample.groups) == (True, {"tone": "dark"})
    assert other.file == Path("/elsewhere/c.jpg")
    assert (other.label, other.groups) == (False, {"tone": ""})


@pytest.mark.parametrize(
    ("words", "label"),
    [
        (("1", "fake", "AI", "Synthetic", "manipulated", "yes", "TRUE"), True),
        (("0", "real", "Human", "genuine", "original", "no", "false"), False),
    ],
)
def test_words_for_labels(tmp_path: Path, words: tuple[str, ...], label: bool) -> None:
    text = "path,label\n" + "".join(f"{n}.jpg,{word}\n" for n, word in enumerate(words))
    assert {sample.label for sample in samples(table(tmp_path, text))} == {label}


def test_a_byte_order_mark_capitals_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    (sample,) = samples(table(tmp_path, "\ufeffPath,Label\r\na.jpg,1\r\n\r\n"))
    assert sample.path == "a.jpg"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("path,label\n", "no files"),
        ("path;label\na.jpg;1\n", "not separated by commas"),
        ("file,label\na.jpg,1\n", "no column path"),
        ("path,kind\na.jpg,1\n", "no column label"),
        ("path,label,label\na.jpg,1,1\n", "label more than once"),
        ("path,label,\na.jpg,1,x\n", "no name"),
        ("path,label\na.jpg,1\nb.jpg,perhaps\n", "line 3: “perhaps” is no label"),
        ("path,label\na.jpg,\n", "line 2: label is empty"),
        ("path,label\n,1\n", "line 2: path is empty"),
        ("path,label\na.jpg,1,dark\n", "line 2: 3 cells under 2 columns"),
        ("path,label\na.jpg\n", "line 2: 1 cells under 2 columns"),
        ("path,label\na.jpg,1\nb.jpg,0\n./a.jpg,0\n", "line 4 is the same as line 2"),
        ('path,label\n"a.jpg,1\n', "not a CSV file"),
        ("path,label\na\0.jpg,1\n", "zero byte"),
        ("path,label\nb.jpg,0\ncaf\xe9.jpg,1\n".encode("latin-1"), "not UTF-8: line 3"),
    ],
)
def test_a_manifest_with_a_fault_is_refused_and_says_where(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(EvaluationError) as refused:
        samples(table(tmp_path, text))
    assert said in refused.value.what
    assert refused.value.todo


def test_a_manifest_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"missing\.csv cannot be read"):
        read(tmp_path / "missing.csv")


def test_a_quoted_cell_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError) as refused:
        samples(table(tmp_path, "path,label\na.jpg,\x1b[2J\n"))
    assert "\x1b" not in refused.value.what


def test_a_loop_of_links_is_a_file_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    (sample,) = samples(table(tmp_path, "path,label\nloop.jpg,1\n"))
    assert sample.path == "loop.jpg"


@pytest.mark.parametrize("name", ["expected", "expected_action", "expected action", "Action"])
def test_expected_actions_with_surface_and_age(tmp_path: Path, name: str) -> None:
    one, other = expected_decisions(
        table(tmp_path, f"path,{name},surface,teen\na.jpg,block,avatar,1\na.jpg,REFUSED,,\n")
    )
    assert (one.expected, one.surface.value, one.teen) == ("BLOCK", "avatar", True)
    assert (other.expected, other.surface.value, other.teen) == ("REFUSED", "feed", False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,label\na.jpg,1\n", "no column for the expected action"),
        ("path,expected\na.jpg,DELETE\n", "“DELETE” under expected"),
        ("path,expected,surface\na.jpg,ALLOW,wall\n", "“wall” under surface"),
        ("path,expected,teen\na.jpg,ALLOW,17\n", "“17” under teen"),
        ("path,expected\na.jpg,ALLOW\na.jpg,BLOCK\n", "line 3 is the same as line 2"),
    ],
)
def test_a_fault_in_expected_actions_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EvaluationError) as refused:
        expected_decisions(table(tmp_path, text))
    assert said in refused.value.what


def test_pairs_and_that_a_pair_turned_round_is_the_same_pair(tmp_path: Path) -> None:
    (pair,) = pairs(table(tmp_path, "path_a,path_b,same\na.jpg,b.jpg,1\n"))
    assert (pair.file_a, pair.file_b, pair.same) == (tmp_path / "a.jpg", tmp_path / "b.jpg", True)
    with pytest.raises(EvaluationError, match="line 3 is the same as line 2"):
        pairs(table(tmp_path, "path_a,path_b,same\na.jpg,b.jpg,1\nb.jpg,a.jpg,1\n"))


def test_pictures_to_alter_need_no_label(tmp_path: Path) -> None:
    assert originals(table(tmp_path, "path\na.jpg\n"))[0].label is None
    assert originals(table(tmp_path, "path,label\na.jpg,fake\n"))[0].label is True


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_they_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("manifest")
    try:
        samples(table(folder, b"path,label\n" + data))
    except EvaluationError as refused:
        assert refused.todo

"""Set-up is done once, and again when its definition changes or it was cut off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from devkit.console import Silent
from devkit.environment import STAMP, Stamp, prepare_python
from devkit.errors import DevError
from devkit.repository import Repository


def test_a_stamp_is_stale_once_a_defining_file_changes(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1\n")
    Stamp(tmp_path, [requirements]).write()
    assert Stamp(tmp_path, [requirements]).fresh()
    requirements.write_text("one==2\n")
    assert not Stamp(tmp_path, [requirements]).fresh()


def test_a_stamp_is_stale_once_a_defining_file_is_added(tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("a")
    two.write_text("b")
    Stamp(tmp_path, [one]).write()
    assert not Stamp(tmp_path, [one, two]).fresh()


@pytest.fixture
def checkout(tmp_path: Path) -> Repository:
    """A checkout whose environment's Python is a script that notes its calls and succeeds."""
    repository = Repository(tmp_path)
    repository.python.parent.mkdir(parents=True)
    answer(repository, 0)
    (tmp_path / "functions" / "requirements.txt").write_text("one==1\n")
    (tmp_path / "requirements-dev.txt").write_text("two==2\n")
    return repository


def answer(repository: Repository, status: int) -> None:
    repository.python.write_text(f'#!/bin/sh\necho "$@" >> "$0.calls"\necho no; exit {status}\n')
    repository.python.chmod(0o755)


def calls(repository: Repository) -> list[str]:
    return Path(f"{repository.python}.calls").read_text().splitlines()


def test_packages_are_installed_once(checkout: Repository) -> None:
    prepare_python(checkout, Silent())
    prepare_python(checkout, Silent())
    (call,) = calls(checkout)
    assert "functions/requirements.txt" in call
    assert "requirements-dev.txt" in call


def test_packages_are_installed_again_when_a_requirement_changes(checkout: Repository) -> None:
    prepare_python(checkout, Silent())
    (checkout.root / "requirements-dev.txt").write_text("two==3\n")
    prepare_python(checkout, Silent())
    assert len(calls(checkout)) == 2


def test_a_failed_installation_says_why_and_is_tried_again(checkout: Repository) -> None:
    prepare_python(checkout, Silent())
    (checkout.root / "requirements-dev.txt").write_text("two==3\n")
    answer(checkout, 1)
    with pytest.raises(DevError, match="no"):
        prepare_python(checkout, Silent())
    assert not (checkout.venv / STAMP).exists()
    answer(checkout, 0)
    prepare_python(checkout, Silent())
    assert (checkout.venv / STAMP).exists()


def test_without_a_compiler_it_is_said_what_to_install(
    checkout: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(DevError, match="C compiler") as told:
        prepare_python(checkout, Silent())
    assert "apt install" in told.value.todo

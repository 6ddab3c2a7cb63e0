"""Set-up is done once, and again when its definition changes or it was cut off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from devkit.console import Silent
from devkit.environment import (
    BROWSER_VARIABLE,
    STAMP,
    Stamp,
    prepare_browser,
    prepare_python,
    prepare_sdk,
)
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


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A checkout with a PATH on which npm notes its calls and makes ``node_modules``."""
    repository = Repository(tmp_path)
    repository.sdk.mkdir()
    (repository.sdk / "package-lock.json").write_text("{}")
    (repository.sdk / ".npmrc").write_text("")
    program(tmp_path, "node", "echo v22.1.0")
    program(tmp_path, "npm", 'echo "$@" >> calls; mkdir -p node_modules')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return repository


def program(place: Path, name: str, script: str) -> Path:
    path = place / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_sdks_packages_are_installed_as_locked_once_for_each_lock(sdk: Repository) -> None:
    prepare_sdk(sdk, Silent())
    prepare_sdk(sdk, Silent())
    assert (sdk.sdk / "calls").read_text().splitlines() == [
        "ci --ignore-scripts --no-audit --no-fund"
    ]
    (sdk.sdk / "package-lock.json").write_text('{"lockfileVersion": 3}')
    prepare_sdk(sdk, Silent())
    assert len((sdk.sdk / "calls").read_text().splitlines()) == 2


def test_a_node_that_is_too_old_is_refused_before_anything_is_removed(
    sdk: Repository, tmp_path: Path
) -> None:
    prepare_sdk(sdk, Silent())
    program(tmp_path, "node", "echo v18.20.0")
    (sdk.sdk / ".npmrc").write_text("legacy-peer-deps=true")
    with pytest.raises(DevError, match=r"v18\.20\.0"):
        prepare_sdk(sdk, Silent())
    assert (sdk.sdk_modules / STAMP).exists()


def test_the_browser_that_is_named_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = program(tmp_path, "my-browser", "exit 0")
    monkeypatch.setenv(BROWSER_VARIABLE, str(named))
    assert prepare_browser(Silent()) == named


def test_a_browser_that_is_named_and_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BROWSER_VARIABLE, "/nowhere/chromium")
    with pytest.raises(DevError, match="/nowhere/chromium"):
        prepare_browser(Silent())


def test_without_a_browser_and_a_way_to_install_one_it_is_said_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DevError, match="Chromium") as told:
        prepare_browser(Silent())
    assert "apt install chromium" in told.value.todo
    assert BROWSER_VARIABLE in told.value.todo


def test_as_root_on_debian_the_browser_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = f'[ "$1" = update ] && exit 0; echo "$@" > {tmp_path}/asked; '
    apt += f"printf '#!/bin/sh\\n' > {tmp_path}/bin/chromium; /bin/chmod +x {tmp_path}/bin/chromium"
    program(tmp_path, "apt-get", apt)
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert prepare_browser(Silent()) == tmp_path / "bin" / "chromium"
    assert "chromium" in (tmp_path / "asked").read_text().split()

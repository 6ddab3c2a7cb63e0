"""Makes what the project needs to run, once, and makes it again when its definition changes.

Each part has a stamp: the hash of the files that define it. The stamp lies inside what it vouches
for, is removed before the work and written after it, so an interrupted set-up is done again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import Detail, Report
from .errors import DevError
from .repository import Repository

NODE_AT_LEAST = 20
STAMP = ".media-integrity-stamp"
TRAINING_STAMP = ".media-integrity-training-stamp"


COMPILERS = ("cc", "gcc", "clang")

NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")
"""Exactly what a package-lock.json says, and nothing of it runs."""

BROWSER_VARIABLE = "CHROMIUM"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@contextmanager
def exclusive(repository: Repository, report: Report) -> Iterator[None]:
    """Only one ``./dev`` sets up this checkout at a time; the others wait."""
    repository.local.mkdir(exist_ok=True)
    with (repository.local / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report.say("· waiting for another ./dev to finish its set-up …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


PIP_INSTALL = ("-m", "pip", "install", "--progress-bar", "off", "--no-compile")
"""What is imported is compiled then; all of it would take a minute."""


def prepare_python(repository: Repository, report: Report) -> None:
    """The virtual environment with everything that production and the tests install.

    Raises:
        DevError: it cannot be made; says why.
    """
    definition = [
        repository.root / "functions" / "requirements.txt",
        repository.root / "functions" / "constraints.txt",
        repository.root / "requirements-dev.txt",
    ]
    stamp = Stamp(repository.venv, [file for file in definition if file.is_file()])
    if repository.python.exists() and stamp.fresh():
        return
    if not any(shutil.which(compiler) for compiler in COMPILERS):
        raise DevError(
            "There is no C compiler; weighted-levenshtein, which threatexchange needs, is built "
            "from source.",
            "Install one (Debian: apt install gcc libc6-dev; macOS: xcode-select --install), "
            "then try again.",
        )
    stamp.remove()
    if not repository.python.exists():
        with report.step(f"making {os.path.relpath(repository.venv, repository.root)}") as detail:
            command = [sys.executable, "-m", "venv", "--clear", str(repository.venv)]
            _run(command, repository.root, detail)
    with report.step("installing Python packages (a few minutes the first time)") as detail:
        command = [str(repository.python), *PIP_INSTALL]
        for file in (definition[0], definition[2]):
            command += ["--requirement", str(file)]
        _run(command, repository.root, detail)
    stamp.write()


def prepare_training(repository: Repository, report: Report) -> None:
    """PyTorch and what else trains our own models, into the same environment. Large: opt-in.

    Raises:
        DevError: it cannot be installed; says why.
    """
    definition = repository.root / "requirements-training.txt"
    stamp = Stamp(repository.venv, [definition], name=TRAINING_STAMP)
    if stamp.fresh():
        return
    stamp.remove()
    with report.step("installing PyTorch and what else training needs") as detail:
        command = [str(repository.python), *PIP_INSTALL]
        _run([*command, "--requirement", str(definition)], repository.root, detail)
    stamp.write()


def prepare_node(repository: Repository, report: Report) -> None:
    """firebase-tools, as ``package-lock.json`` pins it.

    Raises:
        DevError: Node is missing or too old, or npm fails.
    """
    modules = repository.node_modules
    stamp = Stamp(modules, [repository.root / "package-lock.json"])
    if repository.firebase_cli.is_file() and stamp.fresh():
        return
    npm = _find_npm("the Firebase Emulator Suite")
    stamp.remove()
    with report.step("installing firebase-tools (about a minute)") as detail:
        # Its install scripts only build optional speed-ups.
        _run([npm, *NPM_CI], repository.root, detail)
    stamp.write()


def prepare_sdk(repository: Repository, report: Report) -> None:
    """What the mobile SDK and its example app are built and tested with.

    Raises:
        DevError: Node is missing or too old, or npm fails.
    """
    definition = [repository.sdk / "package-lock.json", repository.sdk / ".npmrc"]
    stamp = Stamp(repository.sdk_modules, definition)
    if stamp.fresh():
        return
    npm = _find_npm("the mobile SDK")
    stamp.remove()
    with report.step("installing the SDK's packages (about a minute)") as detail:
        _run([npm, *NPM_CI], repository.sdk, detail)
    stamp.write()


def prepare_browser(report: Report) -> Path:
    """The Chromium that the example app is tested in: the one that is there, else Debian's.

    Raises:
        DevError: there is none, and it cannot be installed here; says what to do.
    """
    if found := find_browser():
        return found
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise DevError(
            "There is no Chromium; the mobile SDK's screens are tested in it.",
            "Install it (Debian: sudo apt install chromium), or set CHROMIUM to the program of "
            "a Chromium or Chrome.",
        )
    with report.step("installing Chromium (about a minute)") as detail:
        _run([apt, "update"], Path("/"), detail)
        # Fonts, so that screenshots show letters, Arabic ones too.
        packages = ["chromium", "fonts-dejavu-core"]
        command = [apt, "install", "--yes", "--no-install-recommends", *packages]
        _run(command, Path("/"), detail, environment={"DEBIAN_FRONTEND": "noninteractive"})
    found = find_browser()
    if found is None:
        raise DevError(
            "Chromium was installed and is not to be found.", "Set CHROMIUM to its program."
        )
    return found


def find_browser() -> Path | None:
    """The browser that CHROMIUM names, or the first on the PATH.

    Raises:
        DevError: CHROMIUM names no program.
    """
    if named := os.environ.get(BROWSER_VARIABLE):
        if shutil.which(named) is None:
            raise DevError(
                f"{BROWSER_VARIABLE} names {named}, which is no program.",
                f"Correct or unset {BROWSER_VARIABLE}.",
            )
        return Path(named)
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return Path(found) if found else None


def _find_npm(purpose: str) -> str:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise DevError(
            f"Node.js is not installed; {purpose} needs it.",
            f"Install Node.js {NODE_AT_LEAST} or newer with npm, then try again.",
        )
    version = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout
    major = re.match(r"v(\d+)", version)
    if major is None or int(major.group(1)) < NODE_AT_LEAST:
        raise DevError(
            f"Node.js is {version.strip() or 'broken'}; {purpose} needs {NODE_AT_LEAST}.",
            f"Install Node.js {NODE_AT_LEAST} or newer, then try again.",
        )
    return npm


class Stamp:
    """Remembers in ``place`` what ``definition`` was when ``place`` was made."""

    def __init__(self, place: Path, definition: Iterable[Path], *, name: str = STAMP) -> None:
        self._file = place / name
        digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
        for file in definition:
            digest.update(f"\0{file.name}\0".encode() + file.read_bytes())
        self._wanted = digest.hexdigest()

    def fresh(self) -> bool:
        """Was ``place`` made from the definition as it is now?"""
        try:
            return self._file.read_text() == self._wanted
        except FileNotFoundError:
            return False

    def remove(self) -> None:
        self._file.unlink(missing_ok=True)

    def write(self) -> None:
        partial = self._file.with_suffix(".partial")
        partial.write_text(self._wanted)
        partial.replace(self._file)


def _run(
    command: Sequence[str],
    directory: Path,
    detail: Detail,
    *,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run to the end, showing the newest line of output.

    Raises:
        DevError: it failed; with the end of what it said.
    """
    said: deque[str] = deque(maxlen=25)
    with subprocess.Popen(
        command,
        cwd=directory,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.rstrip())
            detail(said[-1].strip())
    if process.returncode:
        raise DevError(
            f"{Path(command[0]).name} failed:\n" + "\n".join(said),
            "Read the message above; where it is the connection, run the same command again.",
        )

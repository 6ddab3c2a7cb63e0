"""The SDK's example app beside a stack: Vite serves it, and people are there to be signed in as."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from . import ports
from .client import AlreadyThere, sign_up_as
from .console import Report
from .errors import DevError
from .http import Answered, send
from .processes import MARK_VARIABLE
from .repository import Repository
from .stack import Addresses

READY_S = 120.0
"""Vite takes two seconds on an idle machine."""

STOP_S = 5.0
STACK_FILE_VARIABLE = "MEDIA_INTEGRITY_STACK_FILE"
PEOPLE = Path("example/demo-people.json")


@dataclass(slots=True)
class ExampleApp:
    """A development server of ``mobile_sdk/example`` for a running stack. A context manager.

    It carries the stack's mark, so it ends with the stack even where nobody leaves this manager.
    """

    repository: Repository
    report: Report
    mark: str
    """The stack's."""
    addresses: Addresses
    _server: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def log(self) -> Path:
        return Path(self.addresses.directory) / "app.log"

    def __enter__(self) -> Self:
        """Start and wait until it answers.

        Raises:
            DevError: it does not start.
        """
        with self.report.step("starting the example app"):
            try:
                self._launch()
                make_people(self.repository, self.addresses)
                self._await_ready()
            except BaseException:
                self._stop()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _launch(self) -> None:
        node = shutil.which("node")
        vite = self.repository.sdk_modules / "vite" / "bin" / "vite.js"
        if node is None or not vite.is_file():
            raise DevError("The SDK's packages are not installed.", "Run ./dev setup.")
        command = [node, str(vite), "--config", "vite.config.ts"]
        command += ["--host", ports.HOST, "--strictPort"]
        command += ["--port", str(self.addresses.ports[ports.APP])]
        environment = {
            **os.environ,
            MARK_VARIABLE: self.mark,
            STACK_FILE_VARIABLE: str(self.addresses.file),
            "NO_COLOR": "1",
        }
        with self.log.open("wb") as log:
            self._server = subprocess.Popen(
                command,
                cwd=self.repository.sdk,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _await_ready(self) -> None:
        assert self._server is not None
        deadline = time.monotonic() + READY_S
        while True:
            with contextlib.suppress(OSError, Answered):
                send("GET", f"{self.addresses.app}/config.json", timeout_s=5)
                return
            said = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            if self._server.poll() is not None:
                raise DevError(
                    f"The example app's server ended before it was ready:\n{said}",
                    f"The whole log is {self.log}. ./dev up --no-app starts the stack without it.",
                )
            if time.monotonic() > deadline:
                raise DevError(
                    f"The example app did not answer within {READY_S:.0f} s:\n{said}",
                    "On a slow machine, try again; ./dev up --no-app leaves it out.",
                )
            time.sleep(0.1)

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.terminate()
        try:
            server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def make_people(repository: Repository, addresses: Addresses) -> None:
    """The accounts that the example app offers, in this stack's Auth emulator."""
    for person in json.loads((repository.sdk / PEOPLE).read_text()):
        with contextlib.suppress(AlreadyThere):
            sign_up_as(
                addresses,
                person["email"],
                person["password"],
                name=person["name"],
                ageGroup=person["ageGroup"],
            )

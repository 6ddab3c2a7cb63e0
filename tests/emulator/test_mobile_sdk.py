"""The mobile SDK's own checks and tests, against this session's stack.

They are npm's and vitest's; what they print is shown where one fails. One at a time:
``cd mobile_sdk && npx vitest run --project sdk tests/client`` with MEDIA_INTEGRITY_STACK_FILE as
``./dev up`` prints it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.console import Console
from devkit.environment import (
    BROWSER_VARIABLE,
    exclusive,
    find_browser,
    prepare_browser,
    prepare_sdk,
)
from devkit.repository import Repository
from devkit.stack import Addresses

LIMIT_S = 1200.0
"""Of one of these. A stuck browser must not hold a whole run."""


@pytest.fixture(scope="module")
def sdk() -> Iterator[Path]:
    """The SDK's folder, with what it is tested with."""
    repository, console = Repository.here(), Console()
    with exclusive(repository, console):
        prepare_sdk(repository, console)
        prepare_browser(console)
    yield repository.sdk


def run(sdk: Path, *command: str, **environment: str) -> None:
    """Run one of the SDK's commands; fail with what it printed."""
    npm = ("exec", "--", *command) if command[0] == "vitest" else ("run", *command)
    with subprocess.Popen(
        ("npm", *npm),
        cwd=sdk,
        env={**os.environ, "CI": "1", "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=LIMIT_S)
        except BaseException:  # out of time, or interrupted: its browser must not go on
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, f"{' '.join(command)} failed:\n{said[-20_000:]}"


def against(stack: Addresses) -> dict[str, str]:
    return {
        "MEDIA_INTEGRITY_STACK_FILE": str(stack.file),
        BROWSER_VARIABLE: str(find_browser()),
    }


def test_the_sdks_sources_and_its_public_api_have_right_types(sdk: Path) -> None:
    run(sdk, "build")  # the type tests use the package as a stranger would
    run(sdk, "check")


def test_the_sdks_sources_pass_lint_and_are_formatted(sdk: Path) -> None:
    run(sdk, "lint")


def test_the_sdks_client_hooks_and_screens_work_on_the_emulators(
    sdk: Path, stack: Addresses
) -> None:
    run(sdk, "vitest", "run", "--project", "sdk", **against(stack))


def test_the_example_app_carries_whole_journeys_in_a_browser(sdk: Path, stack: Addresses) -> None:
    run(sdk, "vitest", "run", "--project", "e2e", **against(stack))

"""The mobile SDK's own commands, npm's and vitest's, as tests run them."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

LIMIT_S = 1200.0
"""Of one of these. A stuck browser must not hold a whole run."""


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

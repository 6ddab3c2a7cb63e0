"""A small parent for the emulator suite that outlives whoever asked for it, just long enough.

Run as ``python -m devkit.guard COMMAND…`` with a pipe as standard input. When the pipe closes, for
whatever reason (clean stop, exception, SIGKILL of the test run), or on SIGTERM, it stops the suite
and every process that carries the mark. It sits in a session of its own, so Ctrl-C in a terminal
reaches the owner of the pipe only, who decides.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from types import FrameType

from .processes import MARK_VARIABLE, sweep

STOP_S = 10.0
"""How long the suite may take for its own clean shutdown."""


def main(command: list[str]) -> int:
    mark = os.environ[MARK_VARIABLE]
    stop_requested = False

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stop_requested
        stop_requested = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, request_stop)

    suite = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    while suite.poll() is None and not stop_requested:
        readable, _, _ = select.select([sys.stdin], [], [], 0.2)
        if readable and not os.read(sys.stdin.fileno(), 64):
            stop_requested = True
    if suite.poll() is None:
        suite.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            suite.wait(STOP_S)
    sweep(mark)
    return suite.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

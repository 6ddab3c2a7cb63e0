"""Runs a function in a process of its own that kills itself, so that SIGKILL is real.

The processes are forked from a server that has imported what they need and started no thread:
importing it anew takes four seconds of computing for each of the twenty processes of a session.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable

PRELOADED = (
    *("av", "cv2", "onnxruntime", "PIL.Image", "firebase_admin.auth"),
    *("google.cloud.firestore", "google.cloud.storage"),
    *("tests.emulator.dying_worker", "tests.emulator.dying_search"),
)
WITHIN_S = 300.0

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([*PRELOADED])


def run_until_killed(function: Callable[..., None], *arguments: str) -> None:
    """Run ``function``, of a module that can be imported, until it has killed its process.

    The server has the environment of the first call: that of the emulators.

    Raises:
        AssertionError: it ended in another way, or not at all; its output says how.
    """
    process = _processes.Process(target=function, args=arguments)
    process.start()
    process.join(WITHIN_S)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"still alive after {WITHIN_S:g} s")
    assert process.exitcode == -signal.SIGKILL, f"ended with {process.exitcode}"

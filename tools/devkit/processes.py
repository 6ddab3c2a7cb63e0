"""Stopping everything that a stack started, wherever it has gone.

The emulator suite puts its Java children into sessions of their own, so neither a process group nor
the tree of parents leads to all of them once the suite has died. Every process of a stack therefore
carries a mark in its environment, which children inherit, and is found by it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

MARK_VARIABLE = "MEDIA_INTEGRITY_STACK"


def marked(mark: str) -> set[int]:
    """Ids of the live processes that carry ``mark``, without the caller."""
    found = _marked_in_proc(mark) if sys.platform == "linux" else _marked_by_ps(mark)
    return found - {os.getpid()}


def sweep(mark: str, *, grace_s: float = 2.0) -> int:
    """End every process that carries ``mark``: politely, then not. Returns how many there were."""
    victims = marked(mark)
    count = len(victims)
    _signal(victims, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while victims and time.monotonic() < deadline:
        time.sleep(0.05)
        victims = marked(mark)
    while victims:  # one that was being started while we looked is caught by the next look
        _signal(victims, signal.SIGKILL)
        time.sleep(0.05)
        victims = marked(mark)
    return count


def alive(pid: int) -> bool:
    """Is there a process with this id, zombies not counted?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _marked_in_proc(mark: str) -> set[int]:
    wanted = f"{MARK_VARIABLE}={mark}".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            # Gone meanwhile, or another user's: neither is ours. A zombie's environment is empty.
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
    return found


def _marked_by_ps(mark: str) -> set[int]:
    listing = subprocess.run(
        ["ps", "-Ewwxo", "pid=,command="], capture_output=True, text=True, check=True
    ).stdout
    wanted = f"{MARK_VARIABLE}={mark}"
    return {int(line.split(None, 1)[0]) for line in listing.splitlines() if wanted in line.split()}

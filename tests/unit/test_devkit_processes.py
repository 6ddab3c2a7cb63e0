"""Nothing that a stack has started outlives it. Real processes, as stubborn as Java can be."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.client import wait_for
from devkit.processes import MARK_VARIABLE, alive, marked, sweep

TOOLS = Path(__file__).resolve().parents[2] / "tools"

# A parent that dies of SIGINT and a child in a session of its own that ignores every polite signal.
SUITE = """
import signal, subprocess, sys, time
stubborn = '''
import signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
'''
child = subprocess.Popen(
    [sys.executable, "-c", stubborn], start_new_session=True, stdout=subprocess.PIPE
)
child.stdout.readline()
open(sys.argv[1], "w").write("up")
time.sleep(600)
"""
OWNER = """
import subprocess, sys, time
guard = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)
time.sleep(600)
"""


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    mark = secrets.token_hex(8)
    yield mark
    sweep(mark, grace_s=0)


def guarded(up: Path) -> list[str]:
    return [sys.executable, "-m", "devkit.guard", sys.executable, "-c", SUITE, str(up)]


def start(command: list[str], mark: str, up: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, MARK_VARIABLE: mark, "PYTHONPATH": str(TOOLS)}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, start_new_session=True
    )
    wait_for(up.exists, within_s=30, what="the process tree")
    return process


def gone(mark: str) -> bool:
    return not marked(mark)


def test_closing_the_pipe_ends_the_whole_tree(tmp_path: Path, mark: str) -> None:
    guard = start(guarded(tmp_path / "up"), mark, tmp_path / "up")
    assert len(marked(mark)) == 3  # guard, parent, stubborn child
    assert guard.stdin is not None
    guard.stdin.close()
    guard.wait(30)
    assert gone(mark)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_guard_ends_the_whole_tree(
    tmp_path: Path, mark: str, number: signal.Signals
) -> None:
    guard = start(guarded(tmp_path / "up"), mark, tmp_path / "up")
    guard.send_signal(number)
    guard.wait(30)
    assert gone(mark)


def test_the_death_of_the_owner_ends_the_whole_tree(tmp_path: Path, mark: str) -> None:
    up = tmp_path / "up"
    owner = start([sys.executable, "-c", OWNER, *guarded(up)], mark, up)
    owner.kill()
    owner.wait()
    wait_for(lambda: gone(mark), within_s=30, what="the end of the tree")


def test_a_sweep_finds_children_whose_parents_are_dead(tmp_path: Path, mark: str) -> None:
    up = tmp_path / "up"
    suite = start([sys.executable, "-c", SUITE, str(up)], mark, up)
    suite.kill()
    suite.wait()
    (orphan,) = marked(mark)
    assert sweep(mark, grace_s=0.1) == 1
    wait_for(lambda: not alive(orphan), within_s=10, what="the orphan's end")


def test_a_sweep_touches_nobody_elses_processes(tmp_path: Path, mark: str) -> None:
    other = secrets.token_hex(8)
    bystander = start([sys.executable, "-c", SUITE, str(tmp_path / "up")], other, tmp_path / "up")
    try:
        assert sweep(mark) == 0
        time.sleep(0.2)
        assert bystander.poll() is None
    finally:
        sweep(other, grace_s=0)
        bystander.wait()

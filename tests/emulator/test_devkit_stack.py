"""``./dev up`` as a person uses it, and the demo on the whole stack."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from devkit import demo, ports
from devkit.client import wait_for
from devkit.processes import marked
from devkit.repository import Repository
from devkit.stack import READY_S, Addresses

ROOT = Repository.here().root
RUNS = Repository.here().local / "run"


def _heed_interrupts() -> None:
    """As at a terminal. What runs in the background of a script is started deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def names_of(pids: set[int]) -> list[str]:
    listing = ["ps", "-o", "comm=", "-p", ",".join(map(str, pids))]
    return subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()


def test_interrupting_dev_up_leaves_no_process_and_a_second_one_is_told_the_taken_port(
    tmp_path: Path,
) -> None:
    base = ports.free_ports()["hub"]
    command = [
        *(sys.executable, str(ROOT / "dev"), "up", "--rules-only"),
        *("--port-base", str(base)),
    ]
    said = tmp_path / "said"
    with said.open("w") as out:
        up = subprocess.Popen(
            command, stdout=out, stderr=out, start_new_session=True, preexec_fn=_heed_interrupts
        )
    try:
        wait_for(
            lambda: "Ctrl-C stops it." in said.read_text() or up.poll() is not None,
            within_s=2 * READY_S,
            what="./dev up",
        )
        assert up.poll() is None, said.read_text()
        (run,) = [run for run in RUNS.iterdir() if run.name.startswith(f"{up.pid}-")]
        assert any("java" in name for name in names_of(marked(run.name)))

        second = subprocess.run(command, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert f"{base} (hub)" in second.stderr
        assert "--port-base" in second.stderr
        assert "Traceback" not in second.stderr

        os.killpg(up.pid, signal.SIGINT)
        assert up.wait(60) == 128 + signal.SIGINT
        assert not marked(run.name)
        assert ports.is_free(base)
        assert "Traceback" not in said.read_text()
    finally:
        up.kill()
        up.wait()


def test_every_sample_of_the_demo_gets_its_verdict_and_everybody_sees_only_their_own(
    stack: Addresses,
) -> None:
    assert demo.show(stack)

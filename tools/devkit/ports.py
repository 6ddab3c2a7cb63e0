"""Which ports the emulators and the example app listen on."""

from __future__ import annotations

import errno
import json
import random
import socket
from collections.abc import Mapping
from pathlib import Path

from .errors import DevError

HOST = "127.0.0.1"

NAMES = (
    "hub",
    "ui",
    "logging",
    "auth",
    "functions",
    "firestore",
    "firestore_websocket",
    "storage",
    "tasks",
    "eventarc",
    "pubsub",
)
"""Everything in a stack that listens, in the order in which ports are dealt out."""

APP = "app"
"""The example app, served beside the emulators; its port comes after theirs."""

APP_DEFAULT = 5173
"""Vite's own default."""

PORT_BASE_VARIABLE = "MEDIA_INTEGRITY_PORT_BASE"

# Below Linux's ephemeral range (32768 up), so that no outgoing connection takes a port between our
# look and the emulator's start.
_FREE_RANGE = range(15_000, 32_000, 20)


def default_ports(firebase_json: Path) -> dict[str, int]:
    """The ports in ``firebase.json``: the suite's own defaults, which SDK examples assume."""
    emulators = json.loads(firebase_json.read_text())["emulators"]
    websocket = {"firestore_websocket": emulators["firestore"]["websocketPort"]}
    chosen = {name: websocket.get(name) or emulators[name]["port"] for name in NAMES}
    return {**chosen, APP: APP_DEFAULT}


def ports_from(base: int) -> dict[str, int]:
    """Consecutive ports, one an emulator and then the app's, the first at ``base``.

    Raises:
        DevError: they do not fit between 1024 and 65535.
    """
    names = (*NAMES, APP)
    if not 1024 <= base <= 65535 - len(names):
        raise DevError(
            f"Ports cannot start at {base}.",
            f"Choose a base from 1024 to {65535 - len(names)}.",
        )
    return {name: base + offset for offset, name in enumerate(names)}


def free_ports() -> dict[str, int]:
    """Consecutive ports that nobody listens on at this moment.

    Raises:
        DevError: none found.
    """
    for base in random.sample(_FREE_RANGE, k=200):
        ports = ports_from(base)
        if all(is_free(port) for port in ports.values()):
            return ports
    raise DevError(
        "No run of free ports was found.",
        f"Close programs that hold many ports, or choose some with {PORT_BASE_VARIABLE}.",
    )


def is_free(port: int) -> bool:
    """Could a server listen on ``port`` now?"""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the emulators do; without it a port in TIME_WAIT looks taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def require_free(ports: Mapping[str, int]) -> None:
    """Refuse to start on a port that somebody else holds.

    Raises:
        DevError: names the ports and says how to choose others.
    """
    taken = [f"{port} ({name})" for name, port in ports.items() if not is_free(port)]
    if taken:
        several = len(taken) > 1
        raise DevError(
            f"Port{'s' if several else ''} {', '.join(taken)} {'are' if several else 'is'} taken "
            "by another program, perhaps another ./dev up.",
            "Stop it, or choose other ports: --port-base auto, --port-base 18000, or the "
            f"environment variable {PORT_BASE_VARIABLE}.",
        )


def choose(base: str | None, firebase_json: Path, *, app: bool = False) -> dict[str, int]:
    """The ports for what was asked: a number, ``auto``, or None for those in ``firebase_json``.

    Without ``app`` nothing is asked of the app's port.

    Raises:
        DevError: ``base`` is neither, or a port is taken.
    """
    if base == "auto":
        ports = free_ports()
    elif base is None:
        ports = default_ports(firebase_json)
    elif base.isdecimal():
        ports = ports_from(int(base))
    else:
        raise DevError(
            f"'{base}' is no port.",
            "Give --port-base a number, or 'auto' for any free ports.",
        )
    if not app:
        del ports[APP]
    require_free(ports)
    return ports

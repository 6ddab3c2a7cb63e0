"""What all tests share: the local stack, started when the first test asks for it.

Set ``MEDIA_INTEGRITY_STACK_FILE`` to the ``stack.json`` of a running ``./dev up`` to use that one
instead. Every test makes its own accounts and ids, so one stack serves a whole session.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.console import Console
from devkit.environment import exclusive, prepare_browser, prepare_sdk
from devkit.repository import Repository
from devkit.stack import SERVICES, WITHOUT_FUNCTIONS, Addresses, Stack

STACK_FILE_VARIABLE = "MEDIA_INTEGRITY_STACK_FILE"


@pytest.fixture(scope="session")
def stack() -> Iterator[Addresses]:
    """The whole stack, functions included."""
    yield from _stack(SERVICES)


@pytest.fixture(scope="session")
def rules_stack() -> Iterator[Addresses]:
    """Auth, Firestore and Storage with the real rules, and no function that reacts to anything."""
    yield from _stack(WITHOUT_FUNCTIONS)


@pytest.fixture(scope="session")
def sdk() -> Iterator[Path]:
    """The SDK's folder, with what it is tested with."""
    repository, console = Repository.here(), Console()
    with exclusive(repository, console):
        prepare_sdk(repository, console)
        prepare_browser(console)
    yield repository.sdk


def _stack(services: tuple[str, ...]) -> Iterator[Addresses]:
    running = os.environ.get(STACK_FILE_VARIABLE)
    if running:
        addresses = Addresses.load(Path(running))
        # Functions would react to what a test without them does.
        if set(services) == set(addresses.services):
            yield addresses
            return
    with Stack(Repository.here(), Console(), services=services) as addresses:
        yield addresses

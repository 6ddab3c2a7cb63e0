"""The emulators' addresses in the environment, and a world against them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from devkit.stack import Addresses
from media_integrity.cloud import app

if TYPE_CHECKING:
    from media_integrity.matching.matcher import Matcher
    from tests.emulator.people import Protected
    from tests.emulator.world import World


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """``-m whole_stack`` selects what needs running functions; ``./dev test`` runs them apart."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker("whole_stack")


@pytest.fixture(scope="session")
def emulated(rules_stack: Addresses) -> Iterator[Addresses]:
    """Auth, Firestore and Storage, and this process pointed at them."""
    before = dict(os.environ)
    os.environ.update(rules_stack.environment())
    app.firebase_app.cache_clear()
    yield rules_stack
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def session_world(emulated: Addresses) -> World:
    from tests.emulator.world import make_world

    return make_world(emulated)


@pytest.fixture
def world(session_world: World) -> World:
    """Every test has its own people and uploads, its own time and its own tasks."""
    from tests.emulator.world import make_world

    return make_world(session_world.stack, beside=session_world)


@pytest.fixture(scope="module")
def matcher(session_world: World) -> Matcher:
    """The hash banks as the worker loads them, once for a file's tests."""
    from media_integrity.api.wiring import make_matcher
    from media_integrity.decision.policy import default_policy
    from media_integrity.matching.banks import FirestoreBanks

    return make_matcher(default_policy(), FirestoreBanks(session_world.backend.store))


@pytest.fixture
def guarded(world: World, matcher: Matcher) -> Iterator[Protected]:
    """A world in which shields take part in every verdict."""
    from tests.emulator.people import protected

    with protected(world, matcher) as found:
        yield found

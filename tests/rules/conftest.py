"""What the rules tests share: people, seeded documents, and the log of queries."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.client import App, admin
from devkit.stack import Addresses
from media_integrity.schema.base import Document
from media_integrity.schema.registry import place_of
from tests.rules.people import QUERY_LOG, Cast, seeded
from tests.rules.seeds import every_document, stored

# Set while tests are collected, so that it is there before the first stack starts: the functions
# inherit it. All queries of the session are checked by the test marked ``last``.
if QUERY_LOG not in os.environ:
    os.environ[QUERY_LOG] = str(Path(tempfile.mkdtemp(prefix="media-integrity-")) / "queries.jsonl")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "last: runs after every other test of the session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def cast(rules_stack: Addresses) -> Cast:
    return Cast.sign_up(rules_stack)


@pytest.fixture(scope="session")
def functions(rules_stack: Addresses) -> App:
    """Writes as the functions do, past all rules."""
    return admin(rules_stack)


@pytest.fixture(scope="session")
def world(cast: Cast, functions: App) -> Iterator[dict[str, Document]]:
    """One document of every kind by its place, about an upload of owner's that shows victim."""
    documents = every_document(cast.uid("owner"), cast.uid("victim"))
    with seeded(functions, {document.path: stored(document) for document in documents}):
        yield {place_of(type(document)): document for document in documents}

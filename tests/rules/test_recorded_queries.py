"""Runs last: every query that any test of the session made has an index.

The functions' ``Store`` and the rules tests write each query's shape to the file that
``MEDIA_INTEGRITY_QUERY_LOG`` names; ``conftest.py`` names one before the first stack starts, and
``./dev test`` one for all of its sessions, after which it runs this by itself. With a stack that
was started elsewhere (``MEDIA_INTEGRITY_STACK_FILE``) the functions in it do not record.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devkit.repository import Repository
from tests.rules.indexes import Indexes, Shape
from tests.rules.people import QUERY_LOG


@pytest.mark.last
def test_every_query_that_was_made_has_an_index() -> None:
    log = Path(os.environ[QUERY_LOG])
    if not log.exists():
        pytest.skip("no query was made in this session")
    shapes = {Shape.from_log(line) for line in log.read_text(encoding="utf-8").splitlines()}
    indexes = Indexes.load(Repository.here().root / "firestore.indexes.json")

    missing = sorted(str(shape) for shape in shapes if not indexes.serve(shape))

    assert missing == [], "add these to firestore.indexes.json and to tests/rules/app_queries.py"

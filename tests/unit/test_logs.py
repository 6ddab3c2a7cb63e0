"""What the log may say: ids, types and places, never the message of an exception."""

from __future__ import annotations

import json
import logging

import pytest

from media_integrity.api import logs


def test_a_failure_is_logged_by_type_and_place_and_not_by_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = logging.getLogger("media_integrity")
    before = logger.handlers[:], logger.propagate
    logger.handlers.clear()
    try:
        logs.configure()
        try:
            raise ValueError("uploads/uid/1/a-persons-name.jpg")
        except ValueError:
            logger.exception("scan failed", extra={"job": "id"})
    finally:
        logger.handlers[:], logger.propagate = before

    said = capsys.readouterr().out
    entry = json.loads(said)
    assert "a-persons-name" not in said
    assert (entry["severity"], entry["job"], entry["error_type"]) == ("ERROR", "id", "ValueError")
    assert any("test_logs.py" in frame for frame in entry["stack"])

"""Logs as Cloud Logging reads them: one JSON object a line, with severity and ids.

What code passes in ``extra`` becomes a field. Messages and fields carry ids and causes only, never
media, names, addresses or tokens. For the same reason an exception is logged by its type and place,
not by its message, which may quote what it could not read.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        entry = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **fields,
        }
        if record.exc_info and record.exc_info[0] is not None:
            entry["error_type"] = record.exc_info[0].__name__
            entry["stack"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(entry, default=str)


def configure() -> None:
    """Send the package's log to standard output. Safe to repeat."""
    logger = logging.getLogger("media_integrity")
    if logger.handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False

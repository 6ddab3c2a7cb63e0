"""What becomes of a fault of ours: the log gets its type and place, the caller a reference to it.

The message of an exception may quote what could not be read, so it goes to neither. The framework
logs and answers with the message of whatever is raised, hence nothing else may get there.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from firebase_functions.https_fn import FunctionsErrorCode, HttpsError

log = logging.getLogger(__name__)


@contextmanager
def reported(what: str, *, tell: str | None = None, **ids: str) -> Iterator[None]:
    """Log a failure inside as ``what`` with ``ids``, its type and place; raise one that says less.

    What is raised instead says ``tell``, or ``what``, and a random reference that stands in the log
    line too. An ``HttpsError`` is somebody's answer already and passes.

    Raises:
        HttpsError: something failed.
    """
    try:
        yield
    except HttpsError:
        raise
    except Exception:
        reference = secrets.token_hex(6)
        log.exception(what, extra={**ids, "reference": reference})
        details = {"code": "internal", "reference": reference}
        raise HttpsError(FunctionsErrorCode.INTERNAL, tell or what, details) from None

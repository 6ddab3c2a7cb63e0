"""How far a feed was read, as text.

The library's own dataclass where it has one, as JSON, with our version and the exchange's kind
around it. One that cannot be used is not worth an error: reading starts anew, which repeats much
and loses nothing.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

from media_integrity.schema.bank_work import ExchangeKind

if TYPE_CHECKING:
    from threatexchange.exchanges.fetch_state import FetchCheckpointBase

    C = TypeVar("C", bound=FetchCheckpointBase)

VERSION = 1
CLOCKS_APART_S = 86_400
"""A checkpoint further ahead than this is of no use: reading from it would bring nothing."""

log = logging.getLogger(__name__)


def dump(kind: ExchangeKind, position: FetchCheckpointBase) -> str:
    """``position``, a dataclass of plain values, for the exchange's document."""
    return json.dumps({"v": VERSION, "kind": kind.value, "at": asdict(position)})


def load(kind: ExchangeKind, text: str | None, shape: type[C]) -> C | None:
    """The position that ``dump`` wrote; None to start anew, which is said in the log."""
    from threatexchange.utils.dataclass_json import dataclass_load_dict

    if text is None:
        return None
    try:
        stored = json.loads(text)
        if stored["v"] != VERSION or stored["kind"] != kind.value:
            _say_anew(kind, "of another version")
            return None
        position = dataclass_load_dict(stored["at"], shape)
    except Exception as error:  # noqa: BLE001  whatever is wrong with it, it is of no use
        _say_anew(kind, f"not readable, {type(error).__name__}")
        return None
    reached = position.get_progress_timestamp() or 0
    if reached > time.time() + CLOCKS_APART_S or reached < 0:
        _say_anew(kind, "not of our time")
        return None
    if position.is_stale():
        # What was taken back in between is not told any more: docs/exchanges.md says what to do.
        _say_anew(kind, "too old to go on from")
        return None
    return position


def _say_anew(kind: ExchangeKind, cause: str) -> None:
    log.warning("checkpoint of a %s feed is %s: reading starts anew", kind, cause)

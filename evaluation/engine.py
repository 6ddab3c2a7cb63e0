"""Which engine was measured: results of two of them do not belong in one report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from pathlib import Path

from media_integrity import signals
from media_integrity.decision.policy import Policy
from media_integrity.signals.calibration import FILE as CALIBRATIONS
from media_integrity.signals.runtime import LOCK_FILE, MODELS_FOLDER

PACKAGES = ("schema", "media", "fingerprints", "matching", "signals", "decision", "scanning", "api")
"""Of ``media_integrity``: whatever a verdict depends on, and what puts it together."""


def digest(policy: Policy) -> str:
    """SHA-256 of the engine's code and tables, its weights and calibrations, and the policy.

    A signal's version stands for its scores and the policy's for its values, but both are changed
    by hand, and rules have none.
    """
    return _sha256((_installed(), _canonical(policy)))


@cache
def _installed() -> bytes:
    """Of everything but the policy, as it was when the measurement began."""
    root = Path(signals.__path__[0]).parent
    files = [
        file
        for package in PACKAGES
        for file in sorted((root / package).rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    ]
    files += [MODELS_FOLDER / LOCK_FILE, MODELS_FOLDER / CALIBRATIONS]
    files += sorted(Path(__file__).parent.glob("*.py"))
    return _sha256(
        part for file in files if file.exists() for part in (file.name.encode(), file.read_bytes())
    ).encode()


def _canonical(policy: Policy) -> bytes:
    """The policy's values in an order that does not change from one process to the next."""

    def plain(value: object) -> object:
        if isinstance(value, frozenset):
            return sorted(value)
        if isinstance(value, timedelta):
            return value.total_seconds()
        raise TypeError(f"a policy has no {type(value).__name__}")

    return json.dumps(policy.model_dump(), sort_keys=True, default=plain).encode()


def _sha256(parts: Iterable[bytes]) -> str:
    """Of the parts with their lengths, so that no two lists are alike."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()

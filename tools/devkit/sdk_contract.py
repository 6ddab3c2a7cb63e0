"""What the mobile SDK has to know of the backend, as one JSON file: ``mobile_sdk/contract.json``.

``./dev sdk-types`` writes it from the pydantic classes, and then the SDK's TypeScript types from
it. It holds the documents that an app may read and the functions that it may call; what only
moderators see is not in it. A test fails where the file and the classes differ.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from media_integrity.api.callables import ENDPOINTS, Endpoint, Role
from media_integrity.schema import appeals, reports
from media_integrity.schema.appeals import Appeal
from media_integrity.schema.base import Document
from media_integrity.schema.cases import Case
from media_integrity.schema.consent import (
    BlockedConsentClaim,
    ConsentRequest,
    ConsentVerification,
)
from media_integrity.schema.enforcement import EnforcementRecord
from media_integrity.schema.evidence import EvidenceItem
from media_integrity.schema.export import together
from media_integrity.schema.notifications import Notification, NotificationSettings
from media_integrity.schema.registry import place_of
from media_integrity.schema.reports import Report, Takedown
from media_integrity.schema.scans import ScanJob
from media_integrity.schema.shields import Shield

from .stack import BUCKET

READ_BY_APPS: tuple[type[Document], ...] = (
    ScanJob,
    Case,
    ConsentVerification,
    ConsentRequest,
    BlockedConsentClaim,
    Appeal,
    Shield,
    Report,
    Takedown,
    EvidenceItem,
    EnforcementRecord,
    Notification,
    NotificationSettings,
)
"""Documents that somebody without a role may read: their own."""

CONTRACT = Path("mobile_sdk/contract.json")


def contract() -> Mapping[str, object]:
    """The whole of it, in a stable order."""
    functions = called_by_apps()
    return {
        "documents": together([(cls, "serialization") for cls in READ_BY_APPS]),
        "collections": {cls.__name__: place_of(cls) for cls in READ_BY_APPS},
        "messages": together(
            [(each.request, "validation") for each in functions]
            + [(each.response, "serialization") for each in functions]
        ),
        "functions": {
            each.name: {
                "request": each.request.__name__,
                "response": each.response.__name__,
                "signedIn": each.role is not Role.ANYBODY,
            }
            for each in functions
        },
        "limits": limits(),
    }


def called_by_apps() -> list[Endpoint]:
    """Functions for everybody, by name."""
    # A trigger asks for a bucket when it is declared; which one makes no difference here.
    os.environ.setdefault("FIREBASE_CONFIG", json.dumps({"storageBucket": BUCKET}))
    deployed = vars(importlib.import_module("main"))["__all__"]
    everybody = {Role.ANYBODY, Role.SIGNED_IN}
    return [
        ENDPOINTS[name]
        for name in sorted(ENDPOINTS.keys() & set(deployed))
        if ENDPOINTS[name].role in everybody
    ]


def limits() -> Mapping[str, int]:
    """Bounds that a screen checks before it asks, so that nobody is refused for a length."""
    return {
        "appealWindowDays": appeals.APPEAL_WINDOW.days,
        "appealMinCharacters": appeals.MIN_EXPLANATION,
        "appealMaxCharacters": appeals.MAX_EXPLANATION,
        "appealMaxFiles": appeals.MAX_EVIDENCE_FILES,
        "reportMaxFiles": reports.MAX_EVIDENCE_FILES,
        "reportMaxMedia": reports.MAX_MEDIA,
    }


def text() -> str:
    return json.dumps(contract(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m devkit.sdk_contract", description=__doc__)
    parser.add_argument("file", type=Path, help="where to write it")
    options = parser.parse_args(arguments)
    options.file.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

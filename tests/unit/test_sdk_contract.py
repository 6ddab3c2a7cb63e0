"""The mobile SDK knows the backend by a file. It has to say what the classes say."""

from __future__ import annotations

import json

from devkit import sdk_contract
from devkit.repository import Repository
from media_integrity.schema.registry import DOCUMENTS


def test_the_committed_contract_is_the_one_that_the_classes_make() -> None:
    committed = Repository.here().root / sdk_contract.CONTRACT

    # A plain comparison: pytest's own would print a difference of 100 kB.
    same = committed.read_text(encoding="utf-8") == sdk_contract.text()
    assert same, "mobile_sdk/contract.json is not what the classes say. Run ./dev sdk-types."


def test_functions_for_moderators_are_not_in_it() -> None:
    functions = json.loads(sdk_contract.text())["functions"]

    assert "submit_report" in functions
    assert not functions.keys() & {"decide_case", "trace_media", "open_victim_contact"}


def test_documents_that_only_moderators_read_are_not_in_it() -> None:
    contract = json.loads(sdk_contract.text())

    told = set(contract["collections"].values())
    assert told < set(DOCUMENTS)
    assert not told & {"media_watermarks", "deepfake_attempts", "hash_matches", "audit_log"}
    assert "CaseDetails" not in contract["documents"]["$defs"]

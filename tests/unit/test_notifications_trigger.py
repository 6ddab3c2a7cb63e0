"""The trigger is what the framework's own would be, without its weight."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cloudevents.http import CloudEvent

from media_integrity.api import options
from media_integrity.api.documents import CREATED, document_id, on_created

FUNCTIONS = Path(__file__).parents[2] / "functions"


def event(**attributes: str) -> CloudEvent:
    return CloudEvent({"type": CREATED, "source": "//firestore", **attributes}, b"\x0a\x00")


def test_its_manifest_is_the_one_that_the_framework_makes() -> None:
    from firebase_functions import firestore_fn

    def react(_: object) -> None:
        raise AssertionError("not called")

    ours = on_created("outbox", timeout_s=180, memory=options.CALL_MEMORY)(react)
    theirs = firestore_fn.on_document_created(
        document="outbox/{documentId}",
        region=options.REGION,
        timeout_sec=180,
        memory=options.CALL_MEMORY,
    )(react)

    assert vars(ours)["__firebase_endpoint__"] == vars(theirs)["__firebase_endpoint__"]


def test_it_calls_the_function_with_the_documents_id() -> None:
    ids: list[str] = []

    @on_created("outbox", timeout_s=180, memory=options.CALL_MEMORY)
    def react(entry_id: str) -> None:
        ids.append(entry_id)

    react(event(document="outbox/case_upload_held"))

    assert ids == ["case_upload_held"]


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"document": ""},
        {"document": "outbox/"},
        {"document": "outbox"},
        {"document": "mail/a"},
        {"document": "outbox/a/below/b"},
        {"document": "/outbox/a"},
    ],
)
def test_an_event_of_another_collection_is_refused(attributes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="another collection"):
        document_id(event(**attributes), "outbox")


def test_importing_it_loads_no_google_client() -> None:
    """The framework's decorator does, at the start of every instance of every function."""
    code = (
        "import sys; import media_integrity.api.outbox, media_integrity.api.notifications; "
        "print([name for name in sys.modules if name.startswith(('google.cloud.firestore', 'grpc'))"
        " or name in {'firebase_admin.messaging', 'numpy'}])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(FUNCTIONS)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert ended.stdout.strip() == "[]"

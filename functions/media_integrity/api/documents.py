"""Triggers on documents, as light as they can be.

The framework's own decorator imports the Firestore client, which costs every instance of every
function half a second at its start, and decodes the whole document. What reacts here needs the id
and reads for itself. The manifest that the platform deploys from is the framework's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from cloudevents.http import CloudEvent
from firebase_functions.options import FirestoreOptions, MemoryOption
from firebase_functions.private.path_pattern import PathPattern
from firebase_functions.private.util import set_func_endpoint_attr

from . import options

CREATED = "google.cloud.firestore.document.v1.created"


def on_created(
    collection: str, *, timeout_s: int, memory: MemoryOption
) -> Callable[[Callable[[str], None]], Callable[[CloudEvent], None]]:
    """Call a function with the id of every document that is created in a top-level collection.

    At least once, in any order, and not again after a failure.
    """
    pattern = f"{collection}/{{documentId}}"
    settings = FirestoreOptions(
        document=pattern, region=options.REGION, timeout_sec=timeout_s, memory=memory
    )

    def register(function: Callable[[str], None]) -> Callable[[CloudEvent], None]:
        @functools.wraps(function)
        def handle(event: CloudEvent) -> None:
            function(document_id(event, collection))

        endpoint = settings._endpoint(
            event_type=CREATED,
            func_name=function.__name__,
            document_pattern=PathPattern(pattern),
        )
        set_func_endpoint_attr(handle, endpoint)
        return handle

    return register


def document_id(event: CloudEvent, collection: str) -> str:
    """Id of the document that an event is about.

    Raises:
        ValueError: the event is about no document of that collection.
    """
    path = str(event.get("document") or "")
    found, _, name = path.partition("/")
    if found != collection or not name or "/" in name:
        raise ValueError("an event of another collection")
    return name

"""What the functions behind task queues have in common."""

from __future__ import annotations

from firebase_functions.https_fn import CallableRequest, FunctionsErrorCode, HttpsError


def id_in(request: CallableRequest[object], name: str) -> str:
    """The id in a task's payload, ``{name: id}``.

    Raises:
        HttpsError: it is missing. Trying again does not help; the queue gives up in the end.
    """
    data = request.data
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, str) or not found:
        raise HttpsError(FunctionsErrorCode.INVALID_ARGUMENT, f"{name} is missing")
    return found

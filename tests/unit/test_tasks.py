"""A task without its id is refused before anything is done."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from firebase_functions.https_fn import CallableRequest, FunctionsErrorCode, HttpsError

from media_integrity.api.tasks import id_in


def task(data: object) -> CallableRequest[object]:
    return cast("CallableRequest[object]", SimpleNamespace(data=data))


def test_the_id_is_what_the_payload_says() -> None:
    assert id_in(task({"jobId": "abc", "other": 1}), "jobId") == "abc"


@pytest.mark.parametrize("data", [None, "abc", [], {}, {"jobId": ""}, {"jobId": 7}, {"job": "abc"}])
def test_a_payload_without_it_is_refused(data: object) -> None:
    with pytest.raises(HttpsError) as refused:
        id_in(task(data), "jobId")
    assert refused.value.code is FunctionsErrorCode.INVALID_ARGUMENT
    assert refused.value.message == "jobId is missing"

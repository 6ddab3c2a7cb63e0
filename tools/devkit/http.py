"""Requests to the emulators and to the download host of firebase-tools, and to nothing else."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import cast


class Answered(Exception):
    """The server answered with an error status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:500]}")
        self.status = status
        self.text = text


def send(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    timeout_s: float = 60,
) -> bytes:
    """The body of a successful answer.

    Raises:
        Answered: the server refused.
        OSError: nobody answered in time.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url} is no web address")
    request = urllib.request.Request(  # noqa: S310  checked above
        url, data=body, headers=dict(headers or {}), method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            return cast("bytes", answer.read())
    except urllib.error.HTTPError as error:
        raise Answered(error.code, error.read().decode(errors="replace")) from None

"""From which network address a call comes.

A header says so, to which everybody on the way adds the address that they were called from: the
last one is Google's word, those before it are anybody's. Where a deployment puts proxies of its own
in front of the functions, each adds one more.
"""

from __future__ import annotations

import os

PROXIES = "MEDIA_INTEGRITY_PROXIES"
"""Environment variable (functions/.env): how many proxies of its own, such as a load balancer, the
deployment has in front of the functions. 0 unless it says so."""

HEADER = "X-Forwarded-For"


def client_address(forwarded: str | None) -> str | None:
    """The address as the outermost trusted party saw it; None if nobody has told. Not validated.

    ``forwarded``: what the header says. Source: Google Cloud documentation, "External Application
    Load Balancer overview", on ``X-Forwarded-For``.
    """
    told = [part.strip() for part in (forwarded or "").split(",") if part.strip()]
    number = os.environ.get(PROXIES, "").strip()
    own = int(number) if number.isdecimal() else 0
    return told[-1 - own] if len(told) > own else None

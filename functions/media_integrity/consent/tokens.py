"""The links by which people without an account answer a request. Pure but for their randomness.

A link's token names its request and carries a secret of 256 bits, of which only a digest is stored.
So a token is looked up by its request's id, and nobody can try secrets against all requests at
once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from media_integrity.schema.consent import ConsentRequestId

SECRET_BYTES = 32
_TOKEN = re.compile(r"(?P<request>[0-9a-f]{32})\.(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link carries. ``secret`` is told once and never stored, shown or logged."""

    request: ConsentRequestId
    secret: str

    def __repr__(self) -> str:
        return f"Link({self.request})"

    @property
    def token(self) -> str:
        return f"{self.request}.{self.secret}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def opens(self, digest: str) -> bool:
        """Whether this is the secret of that digest."""
        return hmac.compare_digest(self.digest, digest)


def new_link(request: ConsentRequestId | None = None) -> Link:
    """A link for that request, or for a new one."""
    named = request or ConsentRequestId(secrets.token_hex(16))
    return Link(named, secrets.token_urlsafe(SECRET_BYTES))


def read_token(token: str) -> Link | None:
    """The link of that token; None if it is none."""
    found = _TOKEN.fullmatch(token)
    return Link(ConsentRequestId(found["request"]), found["secret"]) if found else None


def request_for(job: str, subject: str) -> ConsentRequestId:
    """Id of the request to one person about one upload: asking twice is one question."""
    return ConsentRequestId(hashlib.sha256(f"{job}/{subject}".encode()).hexdigest()[:32])

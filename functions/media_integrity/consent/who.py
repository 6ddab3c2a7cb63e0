"""Who answers a request, and what every answer to one has in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from media_integrity.cloud.firestore import Transaction
from media_integrity.schema.audit import Actor, ActorKind
from media_integrity.schema.base import UserId
from media_integrity.schema.consent import (
    CLOSED_REQUEST_RETENTION,
    ConsentRequest,
    ConsentRequestId,
    ConsentRequestSecret,
    ConsentRequestStatus,
    ConsentVerification,
)
from media_integrity.schema.errors import Conflict, NotFound

from .tokens import Link, read_token

BY_LINK = Actor(kind=ActorKind.USER, id="consent-link")
"""Whoever holds a link: nothing else is known of them."""

NO_REQUEST = "There is no such request, or the link is not complete. Open it as you got it."

CLOSED_TEXTS = {
    ConsentRequestStatus.EXPIRED: "The time to answer is over. It was not published.",
    ConsentRequestStatus.CANCELLED: "Nobody needs your answer any more. It was not published.",
}


@dataclass(frozen=True, slots=True)
class By:
    """Who answers: an account about one of its requests, or whoever holds the link of one."""

    request: ConsentRequestId
    user: UserId | None = None
    link: Link | None = field(default=None, repr=False)

    @classmethod
    def account(cls, request: str, user: UserId) -> By:
        return cls(ConsentRequestId(request), user=user)

    @classmethod
    def token(cls, token: str) -> By:
        """Raises: NotFound: it is no token."""
        link = read_token(token)
        if link is None:
            raise NotFound(NO_REQUEST)
        return cls(link.request, link=link)

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind.USER, id=self.user) if self.user else BY_LINK

    def read(self, tx: Transaction) -> tuple[ConsentRequest, ConsentRequestSecret | None]:
        """The request, if it is theirs to answer.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        request = tx.get(ConsentRequest, self.request)
        if self.link is None:
            if request is None or self.user is None or request.subject_id != self.user:
                raise NotFound(NO_REQUEST)
            return request, None
        kept = tx.get_below(ConsentRequestSecret, self.request, ConsentRequestSecret.LINK_ID)
        if request is None or kept is None or not self.link.opens(kept.token_hash):
            raise NotFound(NO_REQUEST)
        return request, kept


def cancel(tx: Transaction, requests: Iterable[ConsentRequest], now: datetime) -> None:
    """Close requests whose answer nobody needs any more."""
    for request in requests:
        tx.update(
            request,
            status=ConsentRequestStatus.CANCELLED,
            expire_at=now + CLOSED_REQUEST_RETENTION,
        )


def consent_id(request: ConsentRequest) -> str:
    """Id of the consent that an answer makes."""
    return ConsentVerification.id_for(request.job_id, ConsentRequestId(request.id))


def require_open(request: ConsentRequest, now: datetime) -> None:
    """Raises: Conflict: the request has run out, or was given up."""
    if request.status in CLOSED_TEXTS:
        raise closed(request.status)
    if request.expires_at <= now:
        raise closed(ConsentRequestStatus.EXPIRED)


def closed(status: ConsentRequestStatus) -> Conflict:
    """What is said about a request that cannot be answered any more."""
    return Conflict(CLOSED_TEXTS[status], code=status.value)

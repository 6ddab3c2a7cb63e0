"""How often somebody has called something."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .base import Document, Moment, UserId, days, personal

RATE_RETENTION = days(2)


class RateWindow(Document):
    """Calls of one account to one function in one window of time.

    Id: ``{function}_{account}_{window}``. Read by no client. Expires two days after its window.
    """

    collection: ClassVar[str] = "rate_windows"

    user_id: UserId = Field(json_schema_extra=personal("who called", keep=RATE_RETENTION))
    count: int = Field(0, ge=0)
    expire_at: Moment = Field(description="Firestore TTL")

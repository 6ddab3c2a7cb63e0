"""The services that delivery needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field

from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.clock import Clock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.messaging import Push


@dataclass(frozen=True, slots=True)
class OutboxBackend:
    store: Store
    accounts: Accounts
    push: Push
    clock: Clock
    app_url: str | None
    """Where mails lead. None: no mails are written, and the log says so."""
    mail_texts: set[str] = field(default_factory=set)
    """Ids of the mail templates that this process has brought up to date."""

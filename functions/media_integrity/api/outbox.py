"""What empties the outbox: at once when something is put in, and every minute for the rest."""

from __future__ import annotations

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

from firebase_functions import scheduler_fn

from . import logs, options
from .documents import on_created
from .failures import reported

if TYPE_CHECKING:
    from media_integrity.notifications.backend import OutboxBackend

log = logging.getLogger(__name__)

TIMEOUT_S = 180
"""``notifications.claims.RUN_LIMIT``: leases rely on it."""

SCHEDULE = "every 1 minutes"
BUDGET_S = 50.0
"""After that a run begins with no entry any more: the next run goes on."""

APP_URL = "MEDIA_INTEGRITY_APP_URL"
"""Environment variable (functions/.env): the address that mails lead to. Without it none is
written."""


@on_created("outbox", timeout_s=TIMEOUT_S, memory=options.CALL_MEMORY)
def on_effect_written(entry_id: str) -> None:
    """Deliver what was just put into the outbox. What it cannot, ``deliver_outbox`` tries again."""
    logs.configure()
    from media_integrity.notifications.deliver import deliver

    with reported("outbox entry not delivered", outbox=entry_id):
        deliver(entry_id, outbox_backend())


@scheduler_fn.on_schedule(
    schedule=SCHEDULE,
    region=options.REGION,
    timeout_sec=TIMEOUT_S,
    memory=options.CALL_MEMORY,
)
def deliver_outbox(event: scheduler_fn.ScheduledEvent) -> None:
    """Deliver what is due: what failed before, what waited for the end of quiet hours."""
    logs.configure()
    from media_integrity.notifications.deliver import deliver_due

    with reported("outbox not emptied"):
        done = deliver_due(outbox_backend(), budget_s=BUDGET_S)
    if done:
        log.info("outbox", extra={outcome.value: number for outcome, number in done.items()})


@cache
def outbox_backend() -> OutboxBackend:
    """What delivery needs, once per process."""
    from media_integrity.cloud.messaging import push_service
    from media_integrity.notifications.backend import OutboxBackend

    from . import services

    clock = services.clock()
    return OutboxBackend(
        store=services.store(),
        accounts=services.accounts(),
        push=push_service(clock),
        clock=clock,
        app_url=os.environ.get(APP_URL) or None,
    )

"""Schedules and tasks that keep the banks in order. Each calls services and logs what they did."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from firebase_functions import scheduler_fn, tasks_fn
from firebase_functions.https_fn import CallableRequest
from firebase_functions.params import SecretParam

from . import logs, options
from .failures import reported
from .tasks import id_in

if TYPE_CHECKING:
    from media_integrity.banks.backend import BankBackend
    from media_integrity.exchanges.feed import Credentials

log = logging.getLogger(__name__)

EXCHANGE_SECRETS = [
    SecretParam(name)
    for name in (
        "STOPNCII_FUNCTION_KEY",
        "STOPNCII_SUBSCRIPTION_KEY",
        "STOPNCII_FEEDBACK_KEY",
        "NCMEC_USER",
        "NCMEC_PASSWORD",
        "THREATEXCHANGE_TOKEN",
    )
]
"""Set those of the exchanges that are used to what they gave out, the rest to ``none``."""


@tasks_fn.on_task_dispatched(
    region=options.REGION,
    timeout_sec=options.SEARCH_TIMEOUT_S,
    memory=options.SEARCH_MEMORY,
    concurrency=1,
    retry_config=options.SEARCH_RETRIES,
    rate_limits=options.SEARCH_RATE,
)
def searchpublished(request: CallableRequest[object]) -> None:
    """Look for newly confirmed hashes among published media. Payload: ``{"searchId": …}``."""
    logs.configure()
    from media_integrity.banks import retroactive

    from .wiring import bank_backend

    search = id_in(request, "searchId")
    with reported("search failed", search=search):
        done = retroactive.step(
            search, uuid.uuid4().hex, bank_backend(), budget_s=options.SEARCH_BUDGET_S
        )
    log.info("search step", extra={"search": search, "done": done})


@scheduler_fn.on_schedule(
    schedule=options.UPKEEP_SCHEDULE,
    region=options.REGION,
    timeout_sec=options.UPKEEP_TIMEOUT_S,
    memory=options.UPKEEP_MEMORY,
)
def keep_banks(event: scheduler_fn.ScheduledEvent) -> None:
    """Snapshots, packed fingerprints, popular entries, reopened cases, lost searches, clusters."""
    logs.configure()
    from .wiring import bank_backend

    with reported("upkeep failed"):
        log.info("upkeep", extra=run_upkeep(bank_backend()))


@scheduler_fn.on_schedule(
    schedule=options.EXCHANGES_SCHEDULE,
    region=options.REGION,
    timeout_sec=options.EXCHANGES_TIMEOUT_S,
    memory=options.CALL_MEMORY,
    secrets=EXCHANGE_SECRETS,
)
def read_exchanges(event: scheduler_fn.ScheduledEvent) -> None:
    """Bring the banks up to date with their exchanges, and tell those what became of matches."""
    logs.configure()
    from media_integrity.exchanges.feed import Credentials

    from .wiring import bank_backend

    with reported("exchanges failed"):
        log.info("exchanges", extra=run_exchanges(bank_backend(), Credentials.from_environment()))


def run_exchanges(backend: BankBackend, credentials: Credentials) -> dict[str, int]:
    """Read every exchange and send what is due to them. One that fails does not keep the others;
    what it failed by stands in its document."""
    from media_integrity.exchanges.errors import ExchangeBusy, ExchangeError
    from media_integrity.exchanges.service import due_exchanges, read_exchange, send_feedback
    from media_integrity.schema.errors import ServiceError

    done = {"read": 0, "failed": 0}
    for exchange in due_exchanges(backend):
        try:
            read_exchange(exchange, backend, credentials)
            done["read"] += 1
        except ExchangeBusy:
            log.info("exchange is being read", extra={"exchange": exchange})
        except (ExchangeError, ServiceError) as error:
            log.error("exchange failed", extra={"exchange": exchange, "error_type": error.code})
            done["failed"] += 1
    return {**done, "feedback": send_feedback(backend, credentials)}


def run_upkeep(backend: BankBackend) -> dict[str, int]:
    """Every part once, and what each did. One that fails does not keep the others from running.

    Raises:
        RuntimeError: a part failed; the log says which and how.
    """
    from media_integrity.banks import published, retroactive, upkeep
    from media_integrity.matching.snapshots import keep_snapshot
    from media_integrity.scanning.clusters import merge_clusters

    from .wiring import matcher, snapshots

    parts: dict[str, Callable[[], int]] = {
        "popular": lambda: upkeep.find_popular(backend),
        "reopened": lambda: upkeep.reopen_cases(backend),
        "imports": lambda: upkeep.finish_imports(backend),
        "packed": lambda: published.pack_published(backend),
        "searches": lambda: retroactive.sweep(backend),
        "clusters_merged": lambda: merge_clusters(backend.store, backend.clock.now()),
        "snapshots": lambda: keep_snapshot(matcher(), snapshots(), backend.clock.now()),
    }
    done, failed = {}, []
    for name, part in parts.items():
        try:
            done[name] = part()
        except Exception:
            log.exception("upkeep part failed", extra={"part": name})
            failed.append(name)
    if failed:
        raise RuntimeError(f"upkeep failed in part: {', '.join(failed)}")
    return done

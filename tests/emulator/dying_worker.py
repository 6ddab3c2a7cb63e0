"""A scan worker that is killed at one point: ``main(POINT, JOB_ID)``, by ``run_until_killed``.

Its own process, so that SIGKILL is real: nothing is cleaned up, no lease given back.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from media_integrity.api.wiring import make_engine
from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.app import project_id
from media_integrity.cloud.clock import SystemClock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.storage import ObjectStore
from media_integrity.decision.policy import default_policy
from media_integrity.matching.banks import FirestoreBanks
from media_integrity.scanning import filing, worker
from media_integrity.scanning.backend import Backend
from media_integrity.scanning.engine import Engine
from media_integrity.schema.base import JobId

P = ParamSpec("P")
T = TypeVar("T")

POINTS = (
    "before the lease",
    "after the models",
    "after the transaction",
    "after the copy",
    "after the delete",
)


class NoQueue:
    def enqueue(self, data: dict[str, str], *, delay_s: int = 0) -> None:
        raise AssertionError("a worker enqueues nothing")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(function: Callable[P, T]) -> Callable[P, T]:
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        function(*args, **kwargs)
        die()
        raise AssertionError("still alive")

    return wrapped


def main(point: str, job: str) -> None:
    store = Store(project_id())
    objects = ObjectStore(project_id())
    engine: Engine = make_engine(default_policy(), FirestoreBanks(store))
    match point:
        case "before the lease":
            die()
        case "after the models":
            engine.judge = then_die(engine.judge)  # type: ignore[method-assign]
        case "after the transaction":
            filing.file_verdict = then_die(filing.file_verdict)
        case "after the copy":
            objects.copy = then_die(objects.copy)  # type: ignore[method-assign]
        case "after the delete":
            objects.delete = then_die(objects.delete)  # type: ignore[method-assign]
    backend = Backend(store, objects, Accounts(), NoQueue(), SystemClock())
    worker.scan(JobId(job), engine, backend)

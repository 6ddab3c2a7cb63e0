"""A step of a search that is killed at one point: ``main``, by ``run_until_killed``.

Its own process, so that SIGKILL is real: nothing is cleaned up, no lease given back.
"""

from __future__ import annotations

from media_integrity.banks import retroactive
from media_integrity.banks.backend import BankBackend
from media_integrity.banks.searching import Run
from media_integrity.cloud.app import project_id
from media_integrity.cloud.clock import SystemClock
from media_integrity.cloud.firestore import Store
from media_integrity.cloud.storage import ObjectStore
from media_integrity.decision.policy import default_policy
from tests.emulator.dying_worker import then_die

POINTS = (
    "with the lease",
    "after the transaction",
    "after the copy",
    "after the first delete",
    "after it was written down",
)


class NoQueue:
    def enqueue(self, data: dict[str, str], *, delay_s: int = 0) -> None:
        raise AssertionError("it is dead by then")


def main(point: str, search: str, bucket: str) -> None:
    store, objects = Store(project_id()), ObjectStore(project_id())
    match point:
        case "with the lease":
            store.count = then_die(store.count)  # type: ignore[method-assign]
        case "after the transaction":
            objects.list = then_die(objects.list)  # type: ignore[method-assign]
        case "after the copy":
            objects.copy = then_die(objects.copy)  # type: ignore[method-assign]
        case "after the first delete":
            objects.delete = then_die(objects.delete)  # type: ignore[method-assign]
        case "after it was written down":
            Run._write_down = then_die(Run._write_down)  # type: ignore[method-assign]
    backend = BankBackend(store, objects, SystemClock(), default_policy(), bucket, NoQueue())
    retroactive.step(search, "dying", backend)

"""What every callable needs, once per process: light, so that a call to one does not load models.

``wiring`` puts together what scanning and matching need.
"""

from __future__ import annotations

from functools import cache

from media_integrity.cloud.accounts import Accounts
from media_integrity.cloud.app import project_id
from media_integrity.cloud.clock import Clock, SystemClock
from media_integrity.cloud.firestore import Store


@cache
def store() -> Store:
    return Store(project_id())


@cache
def clock() -> Clock:
    return SystemClock()


@cache
def accounts() -> Accounts:
    return Accounts()

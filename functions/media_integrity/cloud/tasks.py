"""Cloud Tasks, through the functions that serve its queues."""

from __future__ import annotations

from typing import Protocol

from .app import firebase_app

MAX_DISPATCH_S = 1800
"""Longest time Cloud Tasks waits for one attempt."""


class Unreachable(Exception):
    """The queue did not take the task. The sweeper enqueues it again."""


class Queue(Protocol):
    """Somewhere to leave work for later."""

    def enqueue(self, data: dict[str, str], *, delay_s: int = 0) -> None:
        """Ask for one call with ``data``. May be delivered more than once.

        Raises:
            Unreachable: the queue did not take it.
        """


class TaskQueue:
    """The queue of one task function.

    ``function`` is the function's id, which is the queue's name: letters, digits and hyphens only
    (docs/decisions/0003).
    """

    def __init__(self, function: str, *, region: str, dispatch_deadline_s: int) -> None:
        if dispatch_deadline_s > MAX_DISPATCH_S:
            raise ValueError(f"Cloud Tasks waits at most {MAX_DISPATCH_S} s")
        self._resource = f"locations/{region}/functions/{function}"
        self._deadline = dispatch_deadline_s

    def enqueue(self, data: dict[str, str], *, delay_s: int = 0) -> None:
        from firebase_admin import exceptions, functions

        options = functions.TaskOptions(
            schedule_delay_seconds=delay_s or None,
            dispatch_deadline_seconds=self._deadline,
        )
        try:
            # The handler of the Python SDK expects the payload under "data".
            functions.task_queue(self._resource, app=firebase_app()).enqueue(
                {"data": data}, options
            )
        except exceptions.FirebaseError as error:
            raise Unreachable(str(error.code)) from error

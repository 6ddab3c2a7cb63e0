"""What ``./dev`` says while it works. Progress goes to standard error; results to standard output."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Protocol


class Report(Protocol):
    """Somebody who listens to progress."""

    def say(self, text: str) -> None:
        """One line."""

    def step(self, what: str) -> contextlib.AbstractContextManager[None]:
        """Something that takes a while; says how long it took."""


class Console:
    """Progress on standard error."""

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def step(self, what: str) -> Iterator[None]:
        started = time.monotonic()
        print(f"· {what} …", file=sys.stderr, flush=True)
        yield
        print(f"  done in {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)


class Silent:
    """No progress, for tests."""

    def say(self, text: str) -> None:
        pass

    @contextlib.contextmanager
    def step(self, what: str) -> Iterator[None]:
        yield

"""What ``./dev`` says while it works: progress on standard error, results on standard output."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Detail = Callable[[str], None]
"""Shows what a step is at right now; each call replaces the text of the one before."""


class Report(Protocol):
    """Somebody who listens to progress."""

    def say(self, text: str) -> None:
        """One line."""

    def step(self, what: str) -> AbstractContextManager[Detail]:
        """Something that takes a while; says how long it took."""


class Console:
    """Progress on standard error."""

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[Detail]:
        started = time.monotonic()
        self.say(f"· {what} …")
        yield self._detail
        self._detail("")
        self.say(f"  done in {time.monotonic() - started:.1f} s")

    def _detail(self, text: str) -> None:
        if sys.stderr.isatty():
            width = shutil.get_terminal_size().columns - 3
            print(f"\r\033[K  {text[:width]}" if text else "\r\033[K", end="", file=sys.stderr)
            sys.stderr.flush()


class Silent:
    """No progress, for tests."""

    def say(self, text: str) -> None:
        pass

    @contextmanager
    def step(self, what: str) -> Iterator[Detail]:
        yield self.say

"""How much of anything a run on an exchange may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run. The defaults are for production."""

    connect_s: float = 10.0
    read_s: float = 30.0
    """Silence within an answer."""
    answer_s: float = 120.0
    """A whole answer, however slowly it drips."""
    answer_bytes: int = 64 << 20
    """Unpacked. A page of 1,000 entries has about 1 MB."""
    tries: int = 6
    first_wait_s: float = 1.0
    """Doubled with each try."""
    longest_wait_s: float = 60.0
    """Unless the exchange asks for longer."""
    wait_s: float = 300.0
    """All waiting of a run; an exchange that asks for more is left for the next one."""
    run_s: float = 300.0
    """After that no further page is asked for."""
    run_items: int = 50_000
    """After so many no further page is asked for, so that a run's memory has a bound."""

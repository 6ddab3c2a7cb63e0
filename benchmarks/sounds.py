"""A recording of somebody speaking, made by code: syllables by resonators over pulses, as WAV."""

from __future__ import annotations

from functools import cache

SECONDS = 10


@cache
def speech() -> bytes:
    """``SECONDS`` of it, of which nearly nine are speech to the signal."""
    from media_integrity.signals.voice.examples import robot, wav

    return wav(robot(SECONDS))

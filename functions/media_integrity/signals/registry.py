"""Every signal of the pipeline, in the order of running: cheap before dear."""

from __future__ import annotations

from .base import Signals
from .faces import FacesSignal
from .nudity import NuditySignal
from .provenance.signal import ProvenanceSignal
from .text.signal import TextSignal


def all_signals() -> Signals:
    """One of each. Made without cost: models are loaded when a signal first runs."""
    return Signals(pictures=(ProvenanceSignal(), FacesSignal(), NuditySignal(), TextSignal()))

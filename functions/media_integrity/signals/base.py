"""What a signal is: one question about an upload, answered with a finding.

A signal is a small class in a module of its own. It is constructed without cost: models are loaded
on first use, once per process. It never decides; thresholds live in the policy. Adding one: write
the module with its examples, list it in ``registry.py``; the pipeline, the generic tests and the
benchmark pick it up from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from media_integrity.media.types import Image
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import Finding


class Needs(StrEnum):
    """What has to be there before a signal can run."""

    IMAGE = "image"  # any opened image
    JPEG = "jpeg"  # the image came as JPEG
    FACES = "faces"  # Image.faces is filled in


@dataclass(frozen=True, slots=True)
class Example:
    """A file made by code and what the signal must find in it. Generic tests run all of them."""

    name: str
    make: Callable[[], bytes]
    holds: Callable[[Finding], bool]


class Signal(Protocol):
    """One detector."""

    @property
    def name(self) -> DetectionMethod: ...

    @property
    def version(self) -> str:
        """Changes whenever the same file may get another score."""

    @property
    def needs(self) -> frozenset[Needs]: ...

    def run(self, media: Image) -> Finding:
        """Examine ``media``. The same media gives the same finding.

        Raises:
            ModelUnavailable: the weights are missing or are not the locked ones.
            Exception: anything else; the pipeline records a FAILED finding and holds the upload.
        """

    def examples(self) -> tuple[Example, ...]:
        """Small files made by code, at least one with and one without the thing looked for."""

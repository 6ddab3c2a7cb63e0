"""What a signal is: one question about an upload, answered with a finding.

A signal is a small class in a module of its own. It is constructed without cost: models are loaded
on first use, once per process. It never decides; thresholds live in the policy. Adding one: write
the module with its examples, list it in ``registry.py``; the pipeline, the generic tests and the
benchmark pick it up from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from media_integrity.media.types import Image, Sound
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import Finding


class Needs(StrEnum):
    """What has to be there before a signal can run."""

    IMAGE = "image"  # any opened image
    JPEG = "jpeg"  # the image came as JPEG
    FACES = "faces"  # Image.faces is filled in
    FILM = "film"  # the views are frames of a film
    SOUND = "sound"  # there is a sound track
    FINDINGS = "findings"  # the other signals have run


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the signals that run last look at: the media, and what the others found in it."""

    findings: Mapping[DetectionMethod, Finding]
    image: Image | None = None
    sound: Sound | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A file, or evidence, made by code and what the signal must find in it.

    Generic tests run all of them.
    """

    name: str
    make: Callable[[], bytes | Evidence]
    holds: Callable[[Finding], bool]

    def file(self) -> bytes:
        """The file that it makes; a TypeError for one that makes evidence."""
        made = self.make()
        if isinstance(made, Evidence):
            raise TypeError(f"{self.name} is evidence, not a file")
        return made


Media_contra = TypeVar("Media_contra", contravariant=True)


class Signal(Protocol[Media_contra]):
    """One detector of pictures (``Image``), of sound (``Sound``), or over others (``Evidence``)."""

    @property
    def name(self) -> DetectionMethod: ...

    @property
    def version(self) -> str:
        """Changes whenever the same file may get another score."""

    @property
    def needs(self) -> frozenset[Needs]: ...

    def run(self, media: Media_contra) -> Finding:
        """Examine ``media``. The same media gives the same finding.

        Raises:
            ModelUnavailable: the weights are missing or are not the locked ones.
            Exception: anything else; the pipeline records a FAILED finding and holds the upload.
        """

    def examples(self) -> tuple[Example, ...]:
        """Small files made by code, at least one with and one without the thing looked for."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the pipeline runs; within each, in this order."""

    pictures: tuple[Signal[Image], ...] = ()
    sounds: tuple[Signal[Sound], ...] = ()
    fusing: tuple[Signal[Evidence], ...] = ()
    """After the others, over their findings."""

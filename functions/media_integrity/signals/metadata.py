"""Does what the file says of itself fit together?

A photograph that was worked on and saved again often keeps the camera's name, times and preview
beside a program's traces. Each thing that does not fit is a reason with a weight: what it alone
would make the score. Reasons are taken as independent: ``1 - product(1 - weight)`` ("noisy or",
Pearl, "Probabilistic reasoning in intelligent systems", 1988, section 4.3.2).

Weights are judgement, not fitted: no collection of honest and forged metadata was at hand. They say
how rarely a reason comes about in honest use. That nothing is there means nothing: screenshots have
no metadata and messengers strip it, so both score 0.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from media_integrity.media import jpeg
from media_integrity.media.types import Image, ImageFormat
from media_integrity.schema.enums import DetectionMethod
from media_integrity.schema.findings import (
    Finding,
    MetadataDetail,
    MetadataInconsistency,
    MetadataReason,
)

from .base import Example, Needs
from .forensics import previews, tables
from .metadata_examples import EXAMPLES
from .provenance import exif, xmp
from .provenance.containers import Kind, blocks
from .provenance.credentials import CredentialReader, Credentials, Edit
from .provenance.exif import Photograph
from .provenance.signal import TRUST
from .provenance.xmp import Property

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = {
    MetadataReason.THUMBNAIL_DIFFERS: 0.8,  # programs renew the preview, or drop it
    MetadataReason.FACE_SOFTWARE: 0.6,  # the weaker half of these programs only smooths skin
    MetadataReason.CREDENTIALS_FROM_GENERATOR: 0.6,
    MetadataReason.CREDENTIALS_COMPOSITED: 0.4,  # collages, a logo
    MetadataReason.TIME_IN_FUTURE: 0.3,  # clocks are set wrongly
    MetadataReason.TAKEN_AFTER_CHANGED: 0.35,
    MetadataReason.POSITION_TIME_DIFFERS: 0.35,
    MetadataReason.SIZE_NOT_AS_TAKEN: 0.25,  # cropping is the commonest edit of all
    MetadataReason.TABLES_NOT_THE_CAMERAS: 0.2,  # saved again by any program
    MetadataReason.EDITING_SOFTWARE: 0.2,
    MetadataReason.CREDENTIALS_EDITED: 0.15,  # colours and contrast count as edited
    MetadataReason.MAKER_NOTE_MISSING: 0.1,
}

OWN_TABLES = ("apple", "canon", "nikon", "fujifilm", "olympus")
"""Makers whose cameras use tables of their own, not those that libjpeg scales: Kornblum, "Using
JPEG quantization tables to identify imagery processed by software", Digital Investigation 5, 2008;
Farid, "Digital image ballistics from JPEG quantization", TR2006-583, Dartmouth, 2006. Known from
there and not tried on cameras here."""

OWN_NOTES = ("apple", "canon", "nikon", "fujifilm", "olympus", "panasonic")
"""Makers whose cameras write a block of their own into every photograph with settings."""

A_DAY = timedelta(hours=26)
"""Times are without zones, which are up to 26 hours apart."""

EARLIEST = datetime(1995, 1, 1)
"""EXIF is of 1995; a clock that was never set shows less."""

SIZE_TOLERANCE = 16
"""Pixels: encoders cut or fill to whole blocks."""

MAX_NAME = 80
_UNUSUAL = re.compile(r"[^A-Za-z0-9.+()_ -]+")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


class MetadataSignal:
    """Holds EXIF, XMP, content credentials, tables and preview against each other."""

    name: ClassVar = DetectionMethod.METADATA
    version: ClassVar = "1"
    needs: ClassVar = frozenset({Needs.IMAGE})

    def __init__(self, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._credentials = CredentialReader(TRUST)

    def run(self, media: Image) -> Finding:
        """Score in [0, 1]: noisy-or of the weights of what does not fit.

        Raises:
            c2pa.C2paError: the trust anchors cannot be used.
            Exception: a decoder's own, where it fails on a file that opened before.
        """
        claims = _claims(media)
        reasons = [
            *_of_camera(claims.photograph, media),
            *_of_times(claims.photograph, self._now().replace(tzinfo=None)),
            *_of_software(claims.programs),
            *_of_credentials(self._credentials.read(media.data)),
        ]
        shot = claims.photograph
        found = tuple(
            MetadataInconsistency(reason=reason, weight=WEIGHTS[reason])
            for reason in MetadataReason
            if reason in reasons
        )
        return Finding(
            method=self.name,
            version=self.version,
            score=1 - math.prod(1 - each.weight for each in found),
            detail=MetadataDetail(
                has_metadata=claims.any,
                camera=_plain(f"{shot.make} {shot.model}") if shot else None,
                software=_editor(claims.programs),
                inconsistencies=found,
            ),
        )

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


@dataclass(frozen=True, slots=True)
class _Claims:
    """What the metadata blocks say together."""

    any: bool
    photograph: Photograph | None
    programs: tuple[str, ...]


def _claims(media: Image) -> _Claims:
    if not isinstance(media.format, ImageFormat):  # films carry other metadata
        return _Claims(False, None, ())
    shot: Photograph | None = None
    programs: list[str] = []
    seen = False
    for block in blocks(media.data, media.format):
        if block.kind is Kind.EXIF:
            seen = True
            shot = shot or exif.photograph(block.data)
        elif block.kind is Kind.XMP:
            seen = True
            packet = xmp.read(block.data)
            programs += packet.of(Property.CREATOR_TOOL, Property.SOFTWARE, Property.HISTORY_AGENT)
    if shot is not None:
        programs.append(shot.software)
    return _Claims(seen, shot, tuple(filter(None, programs)))


# The camera -------------------------------------------------------------------------------------


def _of_camera(shot: Photograph | None, media: Image) -> Iterator[MetadataReason]:
    if shot is None:
        return
    maker = shot.make.casefold()
    if shot.has_settings and not shot.has_note and maker.startswith(OWN_NOTES):
        yield MetadataReason.MAKER_NOTE_MISSING
    if shot.width and shot.height and shot.make and not _same_size(shot, media):
        yield MetadataReason.SIZE_NOT_AS_TAKEN
    if media.format is not ImageFormat.JPEG:
        return
    if maker.startswith(OWN_TABLES) and _has_program_table(media.data):
        yield MetadataReason.TABLES_NOT_THE_CAMERAS
    if shot.thumbnail and previews.differs(shot.thumbnail, _as_stored(media)):
        yield MetadataReason.THUMBNAIL_DIFFERS


def _same_size(shot: Photograph, media: Image) -> bool:
    """Turned pictures count as the same: the fields are not always exchanged."""
    claimed = sorted((shot.width or 0, shot.height or 0))
    actual = sorted((media.width, media.height))
    return all(
        abs(one - other) <= SIZE_TOLERANCE for one, other in zip(claimed, actual, strict=True)
    )


def _has_program_table(data: bytes) -> bool:
    import numpy as np

    picture, _ = jpeg.stored(data)
    table = picture.quantization[picture.layer[0][3]]
    return tables.quality(np.array(table, np.int32).reshape(8, 8))[1]


def _as_stored(media: Image) -> NDArray[np.uint8]:
    """The first view, turned back to how the file keeps it: so does the preview."""
    import numpy as np

    _, orientation = jpeg.stored(media.data)
    rgb = media.views[0].rgb
    turned = {
        1: rgb,
        2: rgb[:, ::-1],
        3: rgb[::-1, ::-1],
        4: rgb[::-1],
        5: rgb.transpose(1, 0, 2),
        6: rgb.transpose(1, 0, 2)[::-1],
        7: rgb.transpose(1, 0, 2)[::-1, ::-1],
        8: rgb.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    return np.ascontiguousarray(turned)


# Times ------------------------------------------------------------------------------------------


def _of_times(shot: Photograph | None, now: datetime) -> Iterator[MetadataReason]:
    if shot is None:
        return
    taken, digitised, changed = map(_set, (shot.taken, shot.digitised, shot.changed))
    in_order = [time for time in (taken, digitised, changed) if time is not None]
    if any(later + A_DAY < earlier for earlier, later in _pairs(in_order)):
        yield MetadataReason.TAKEN_AFTER_CHANGED
    positioned = _set(shot.positioned)
    if any(time > now + A_DAY for time in (*in_order, *filter(None, (positioned,)))):
        yield MetadataReason.TIME_IN_FUTURE
    # The satellites' time has only a day here, so it may be a day earlier still.
    if positioned and taken and abs(positioned - taken) > A_DAY + timedelta(days=1):
        yield MetadataReason.POSITION_TIME_DIFFERS


def _set(time: datetime | None) -> datetime | None:
    return time if time is not None and time >= EARLIEST else None


def _pairs(times: list[datetime]) -> Iterable[tuple[datetime, datetime]]:
    return ((earlier, later) for index, earlier in enumerate(times) for later in times[index + 1 :])


# Programs ---------------------------------------------------------------------------------------


@cache
def _programs() -> tuple[tuple[str, str, bool], ...]:
    """Padded words, the name as listed, whether it alters faces; longest first."""
    listed = tomllib.loads(Path(__file__).with_name("editors.toml").read_text("utf-8"))
    found = [
        (_words(name), name, entry["kind"] == "face")
        for entry in listed["program"]
        for name in entry["names"]
    ]
    return tuple(sorted(found, key=lambda each: -len(each[0])))


def _words(text: str) -> str:
    return f" {_BETWEEN_WORDS.sub(' ', text[:400]).casefold().strip()} "


def _listed(programs: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for program in programs:
        words = _words(program)
        for phrase, name, is_face in _programs():
            if phrase in words and not ("lightroom" in words and not is_face):
                yield name, is_face
                break


def _of_software(programs: Iterable[str]) -> Iterator[MetadataReason]:
    for _, is_face in _listed(programs):
        yield MetadataReason.FACE_SOFTWARE if is_face else MetadataReason.EDITING_SOFTWARE


def _editor(programs: Iterable[str]) -> str | None:
    """The listed name of the program that says most."""
    found = sorted(_listed(programs), key=lambda each: not each[1])
    return found[0][0] if found else None


def _of_credentials(credentials: Credentials) -> Iterator[MetadataReason]:
    for edit in credentials.edits:
        yield {
            Edit.CHANGED: MetadataReason.CREDENTIALS_EDITED,
            Edit.COMPOSITED: MetadataReason.CREDENTIALS_COMPOSITED,
            Edit.FROM_GENERATOR: MetadataReason.CREDENTIALS_FROM_GENERATOR,
        }[edit]


def _plain(name: str) -> str | None:
    """A stranger's text, without what names of cameras do not have."""
    return " ".join(_UNUSUAL.sub(" ", name[: 4 * MAX_NAME]).split())[:MAX_NAME].strip() or None

"""What the metadata of an image file states of its origin, C2PA aside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from media_integrity.media.types import Image
from media_integrity.schema.findings import AiOrigin, ProvenanceSource

from . import exif, iim, xmp
from .containers import Block, Kind, blocks
from .generators import (
    Claim,
    by_name,
    by_png_text,
    by_source_type,
    by_text,
    xai_signature,
)
from .stealth import hidden_claim
from .texts import decoded
from .xmp import Packet, Property


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that the file says, and where."""

    source: ProvenanceSource
    claim: Claim


@dataclass(frozen=True, slots=True)
class RemoteManifest:
    """The file says that its C2PA manifest is kept elsewhere."""


def read(media: Image) -> Iterator[Statement | RemoteManifest]:
    """All statements in the file's metadata blocks and pixels, in the order of the file.

    Raises:
        Exception: a decoder's own, where it fails on a file that opened before.
    """
    for block in blocks(media.data, media.format):
        yield from _READERS[block.kind](block)
    hidden = hidden_claim(media)
    if hidden is not None:
        yield Statement(ProvenanceSource.STEALTH_ALPHA, hidden)


def _in_exif(block: Block) -> Iterator[Statement]:
    texts = exif.texts(block.data)
    claims = [by_name(texts[tag]) for tag in _EXIF_NAMES if tag in texts]
    claims += [by_text(texts[tag]) for tag in _EXIF_TEXTS if tag in texts]
    claims.append(
        xai_signature(texts.get(exif.Tag.DESCRIPTION, ""), texts.get(exif.Tag.ARTIST, ""))
    )
    yield from _stated(ProvenanceSource.EXIF, claims)


_EXIF_NAMES = (exif.Tag.SOFTWARE, exif.Tag.MAKE, exif.Tag.MODEL)
_EXIF_TEXTS = (
    exif.Tag.USER_COMMENT,
    exif.Tag.DESCRIPTION,
    exif.Tag.XP_COMMENT,
    exif.Tag.MAKE,  # with the next one, where ComfyUI's WebP nodes put graphs
    exif.Tag.MODEL,
)


def _in_xmp(block: Block) -> Iterator[Statement | RemoteManifest]:
    packet = xmp.read(block.data)
    yield from _in_iptc(packet)
    tools = packet.of(Property.CREATOR_TOOL, Property.SOFTWARE)
    claims = [by_name(tool) for tool in tools]
    claims += [by_name(line, credit=True) for line in packet.of(Property.CREDIT, Property.SOURCE)]
    for agent in packet.of(Property.HISTORY_AGENT):
        claim = by_name(agent)  # one of the programs that the picture went through
        claims.append(claim and replace(claim, origin=AiOrigin.COMPOSITE, implied=False))
    parameters = packet.of(Property.USER_COMMENT, Property.DESCRIPTION, Property.CHINA_LABEL)
    claims += [by_text(text) for text in parameters]
    yield from _stated(ProvenanceSource.XMP, claims)
    if any(link.startswith(("http:", "https:")) for link in packet.of(Property.REMOTE_MANIFEST)):
        yield RemoteManifest()


def _in_iptc(packet: Packet) -> Iterator[Statement]:
    """The properties that IPTC defined for this purpose; they name no tool, others may."""
    origins = {by_source_type(value) for value in packet.of(Property.SOURCE_TYPE)} - {None}
    systems = packet.of(Property.AI_SYSTEM)
    if systems and not origins:
        origins = {AiOrigin.GENERATED}
    fields = [*systems, *packet.of(Property.CREDIT, Property.CREATOR_TOOL, Property.SOFTWARE)]
    tools = [claim.generator for claim in map(by_name, fields) if claim is not None]
    for origin in sorted(filter(None, origins)):
        named = tools[0] if tools and origin is not AiOrigin.NONE else None
        yield Statement(ProvenanceSource.IPTC, Claim(origin, named))


def _in_iim(block: Block) -> Iterator[Statement]:
    claims = [
        by_name(text, credit=field is not iim.Field.ORIGINATING_PROGRAM)
        for field, text in iim.fields(block.data)
    ]
    yield from _stated(ProvenanceSource.IPTC, claims)


def _in_png_text(block: Block) -> Iterator[Statement]:
    yield from _stated(ProvenanceSource.PNG_TEXT, [by_png_text(block.key, decoded(block.data))])


def _in_comment(block: Block) -> Iterator[Statement]:
    yield from _stated(ProvenanceSource.COMMENT, [by_text(decoded(block.data))])


def _stated(source: ProvenanceSource, claims: Iterable[Claim | None]) -> Iterator[Statement]:
    for claim in claims:
        if claim is not None:
            yield Statement(source, claim)


_READERS = {
    Kind.EXIF: _in_exif,
    Kind.XMP: _in_xmp,
    Kind.IIM: _in_iim,
    Kind.PNG_TEXT: _in_png_text,
    Kind.COMMENT: _in_comment,
}

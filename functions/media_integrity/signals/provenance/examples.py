"""Files for the generic signal tests, made here, and what the signal must say of them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable

from media_integrity.schema.findings import (
    AiOrigin,
    CredentialState,
    Finding,
    ProvenanceDetail,
)
from media_integrity.signals.base import Example

_SIDE = 64
_PARAMETERS = b"a lighthouse\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64"
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/%s"/>
</rdf:RDF></x:xmpmeta>"""


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A grey-blue square with ``chunks`` before its pixels."""
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\x00" + b"\x60\x70\x90" * _SIDE) * _SIDE)
    parts: Iterable[tuple[bytes, bytes]] = (
        (b"IHDR", header),
        *chunks,
        (b"IDAT", pixels),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _jpeg(source_type: str) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    xmp = (_XMP % source_type).encode()
    Image.new("RGB", (_SIDE, _SIDE), (96, 112, 144)).save(out, "JPEG", xmp=xmp)
    return out.getvalue()


def _broken_manifest() -> bytes:
    """A C2PA chunk whose store is cut off after its description."""
    identifier = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
    description = identifier + b"\x03c2pa\x00"
    box = struct.pack(">I", 8 + len(description)) + b"jumd" + description
    return _png((b"caBX", struct.pack(">I", 8 + len(box) + 100) + b"jumb" + box))


def _says(
    origin: AiOrigin, state: CredentialState = CredentialState.ABSENT
) -> Callable[[Finding], bool]:
    def holds(finding: Finding) -> bool:
        detail = finding.detail
        return (
            isinstance(detail, ProvenanceDetail)
            and detail.origin is origin
            and detail.credentials is state
        )

    return holds


EXAMPLES = (
    Example("says nothing", _png, _says(AiOrigin.NONE)),
    Example(
        "names an editor",
        lambda: _png((b"tEXt", b"Software\x00GIMP 2.10")),
        _says(AiOrigin.NONE),
    ),
    Example(
        "has a generator's parameters",
        lambda: _png((b"tEXt", b"parameters\x00" + _PARAMETERS)),
        _says(AiOrigin.GENERATED),
    ),
    Example(
        "was begun from a picture",
        lambda: _png((b"tEXt", b"parameters\x00" + _PARAMETERS + b", Denoising strength: 0.6")),
        _says(AiOrigin.COMPOSITE),
    ),
    Example(
        "IPTC: generated",
        lambda: _jpeg("trainedAlgorithmicMedia"),
        _says(AiOrigin.GENERATED),
    ),
    Example(
        "IPTC: edited with a generator",
        lambda: _jpeg("compositeWithTrainedAlgorithmicMedia"),
        _says(AiOrigin.COMPOSITE),
    ),
    Example("IPTC: photograph", lambda: _jpeg("digitalCapture"), _says(AiOrigin.NONE)),
    Example(
        "has a broken manifest",
        _broken_manifest,
        _says(AiOrigin.NONE, CredentialState.UNREADABLE),
    ),
)

"""What an XMP packet says of the picture's origin.

ISO 16684-1 (XMP), IPTC Photo Metadata Standard 2025.1 (digital source type, AI system used), C2PA
2.x (link to a remote manifest), GB 45438-2025 (China's label for generated content).

Read with expat's callbacks: no tree is built, a document type is refused, and so there are no
entities to expand and nothing to fetch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

MAX_ELEMENTS = 20_000
MAX_DEPTH = 64
MAX_VALUE = 100_000
"""Characters kept of one property; more are dropped."""


class Property(Enum):
    """Properties that are read, by namespace and name as expat joins them."""

    SOURCE_TYPE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/ DigitalSourceType"
    AI_SYSTEM = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/ AISystemUsed"
    CREATOR_TOOL = "http://ns.adobe.com/xap/1.0/ CreatorTool"
    SOFTWARE = "http://ns.adobe.com/tiff/1.0/ Software"
    CREDIT = "http://ns.adobe.com/photoshop/1.0/ Credit"
    SOURCE = "http://ns.adobe.com/photoshop/1.0/ Source"
    USER_COMMENT = "http://ns.adobe.com/exif/1.0/ UserComment"
    DESCRIPTION = "http://purl.org/dc/elements/1.1/ description"
    HISTORY_AGENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent# softwareAgent"
    REMOTE_MANIFEST = "http://purl.org/dc/terms/ provenance"
    CHINA_LABEL = "http://www.tc260.org.cn/ns/AIGC/1.0/ AIGC"


_PROPERTIES = {item.value: item for item in Property}
_PROPERTIES["http://www.tc260.org.cn/ns/AIGC/1.0 AIGC"] = Property.CHINA_LABEL  # both are in use
_RESOURCE = "http://www.w3.org/1999/02/22-rdf-syntax-ns# resource"

# For packets that are not well-formed: the vocabulary's addresses are unmistakable.
_SOURCE_TYPE = re.compile(r"//cv\.iptc\.org/newscodes/digitalsourcetype/([A-Za-z]{3,60})")
_MAX_ADDRESSES = 16


@dataclass(slots=True)
class Packet:
    """The properties found, each with its values in the order of the packet."""

    values: dict[Property, list[str]] = field(default_factory=dict)

    def of(self, *properties: Property) -> list[str]:
        """All values of ``properties``."""
        return [value for item in properties for value in self.values.get(item, ())]


class _TooMuch(Exception):
    """The packet is not one that we read on."""


def read(raw: bytes) -> Packet:
    """The properties of a packet; those before the fault where it is not well-formed."""
    from xml.parsers import expat

    text = _decoded(raw)
    reader = _Reader()
    # Encoding fixed and text re-encoded: no declaration in the packet can change how it is read.
    parser = expat.ParserCreate("utf-8", " ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(text.encode("utf-8"), True)
    except (expat.ExpatError, _TooMuch):
        reader.flush()
        for found in list(_SOURCE_TYPE.finditer(text))[:_MAX_ADDRESSES]:
            reader.keep(Property.SOURCE_TYPE, found[1])
    return reader.packet


def _decoded(raw: bytes) -> str:
    """The packet without what stands around it; JPEG, PNG and WebP demand UTF-8."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if raw.startswith(mark):
            raw = raw[2:].decode(encoding, errors="replace").encode("utf-8", errors="replace")
    text = raw.decode("utf-8", errors="replace").strip("\ufeff\x00 \t\r\n")
    # Whatever precedes the outermost element is a wrapper, or a document type that is not wanted.
    starts = [at for at in (text.find("<x:xmpmeta"), text.find("<rdf:RDF")) if at > 0]
    if starts and "<!" not in text[: min(starts)]:
        text = text[min(starts) :]
    return text


class _Reader:
    """Collects the properties while expat walks through the packet."""

    def __init__(self) -> None:
        self.packet = Packet()
        self._depth = 0
        self._elements = 0
        self._open: Property | None = None
        self._opened_at = 0
        self._characters: list[str] = []
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise _TooMuch
        found = _PROPERTIES.get(name)
        if found is not None and self._open is None:
            self._open, self._opened_at = found, self._depth
        for key, value in attributes.items():
            if key in _PROPERTIES:
                self.keep(_PROPERTIES[key], value)
            elif key == _RESOURCE and self._open is not None:
                self.keep(self._open, value)

    def end(self, _name: str) -> None:
        if self._open is not None and self._depth == self._opened_at:
            self.flush()
        self._depth -= 1

    def characters(self, text: str) -> None:
        if self._open is not None and self._length < MAX_VALUE:
            self._characters.append(text)
            self._length += len(text)

    def refuse(self, *_declaration: object) -> None:
        raise _TooMuch

    def flush(self) -> None:
        """Close the property that is being read."""
        if self._open is not None:
            self.keep(self._open, "".join(self._characters))
        self._open, self._characters, self._length = None, [], 0

    def keep(self, item: Property, value: str) -> None:
        value = value.strip()[:MAX_VALUE]
        if value:
            self.packet.values.setdefault(item, []).append(value)

"""Image files with things to say of their origin, made byte by byte or signed here."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import c2pa
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from numpy.typing import NDArray
from PIL import Image as Pillow

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.sniff import image_format
from media_integrity.media.types import Image
from media_integrity.schema.findings import Finding, ProvenanceDetail

WEB_UI = (
    "portrait of Jane Doe\nNegative prompt: blurry\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 3, Size: 512x512, Model hash: 6ce0161689"
)
"""Parameters as Stable Diffusion web UI writes them, with a person's name in the prompt."""

Segment = tuple[int, bytes]
Chunk = tuple[bytes, bytes]


def opened(data: bytes) -> Image:
    """``data`` as the pipeline hands it to signals."""
    return open_image(data, Limits())


def unopened(data: bytes) -> Image:
    """``data`` as it is, for files that would be refused before any signal ran."""
    kind = image_format(data)
    assert kind is not None
    return Image(data=data, format=kind, width=64, height=48, frames=1, views=())


def detail(finding: Finding) -> ProvenanceDetail:
    assert isinstance(finding.detail, ProvenanceDetail)
    return finding.detail


# PNG --------------------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: Chunk, after_pixels: Sequence[Chunk] = ()) -> bytes:
    """A small picture with ``chunks`` in front of its pixels."""
    rows = zlib.compress((b"\x00" + b"\x60\x70\x90" * 64) * 48)
    header = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", rows), *after_pixels, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in parts)


def text(key: str, value: str | bytes) -> Chunk:
    raw = value if isinstance(value, bytes) else value.encode()
    return b"tEXt", key.encode() + b"\x00" + raw


def packed_text(key: str, value: bytes) -> Chunk:
    return b"zTXt", key.encode() + b"\x00\x00" + zlib.compress(value)


def international_text(key: str, value: str, *, packed: bool = False) -> Chunk:
    body = zlib.compress(value.encode()) if packed else value.encode()
    return b"iTXt", key.encode() + b"\x00" + bytes((packed, 0)) + b"en\x00\x00" + body


# JPEG -------------------------------------------------------------------------------------------

APP1, APP13, COM = 0xE1, 0xED, 0xFE


@cache
def plain_jpeg() -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (64, 48), (96, 112, 144)).save(out, "JPEG")
    return out.getvalue()


def jpeg(*segments: Segment) -> bytes:
    """A small picture with ``segments`` right after its start."""
    base = plain_jpeg()
    inserted = b"".join(
        b"\xff" + bytes((marker,)) + struct.pack(">H", len(body) + 2) + body
        for marker, body in segments
    )
    return base[:2] + inserted + base[2:]


def xmp_segment(packet: str | bytes) -> Segment:
    raw = packet if isinstance(packet, bytes) else packet.encode()
    return APP1, b"http://ns.adobe.com/xap/1.0/\x00" + raw


def exif_segment(tiff: bytes) -> Segment:
    return APP1, b"Exif\x00\x00" + tiff


def iim_segment(fields: Mapping[int, str]) -> Segment:
    sets = b"".join(
        b"\x1c\x02" + bytes((number,)) + struct.pack(">H", len(value)) + value.encode()
        for number, value in fields.items()
    )
    return APP13, b"Photoshop 3.0\x00" + resource(0x0425, b"\x00" * 15) + resource(0x0404, sets)


def resource(number: int, body: bytes) -> bytes:
    padded = body + b"\x00" * (len(body) & 1)
    return b"8BIM" + struct.pack(">H", number) + b"\x00\x00" + struct.pack(">I", len(body)) + padded


# EXIF and XMP -----------------------------------------------------------------------------------

DESCRIPTION, MAKE, MODEL, SOFTWARE, ARTIST = 0x010E, 0x010F, 0x0110, 0x0131, 0x013B
XP_COMMENT, USER_COMMENT = 0x9C9C, 0x9286


def tiff(fields: Mapping[int, bytes], *, order: str = ">") -> bytes:
    """A TIFF structure with ``fields``; the user comment goes where it belongs."""
    inner = {tag: value for tag, value in fields.items() if tag == USER_COMMENT}
    outer = {tag: value for tag, value in fields.items() if tag != USER_COMMENT}
    mark = {">": b"MM\x00\x2a", "<": b"II\x2a\x00"}[order]
    start = 8 + 2 + 12 * (len(outer) + 1) + 4
    inner_at = start + sum(map(len, outer.values()))
    body = _directory(outer, order, start, pointer=inner_at)
    body += b"".join(outer.values())
    body += _directory(inner, order, inner_at + 2 + 12 * len(inner) + 4) + b"".join(inner.values())
    return mark + struct.pack(f"{order}I", 8) + body


def _directory(
    fields: Mapping[int, bytes], order: str, values_at: int, *, pointer: int | None = None
) -> bytes:
    entries = []
    for tag, value in sorted(fields.items()):
        assert len(value) > 4, "short values stand in the field itself"
        kind = 7 if tag == USER_COMMENT else 1 if tag == XP_COMMENT else 2
        entries.append(struct.pack(f"{order}HHII", tag, kind, len(value), values_at))
        values_at += len(value)
    if pointer is not None:
        entries.append(struct.pack(f"{order}HHII", 0x8769, 4, 1, pointer))
    return struct.pack(f"{order}H", len(entries)) + b"".join(entries) + b"\x00" * 4


NAMESPACES = {
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
}
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def xmp(*elements: str, **attributes: str) -> str:
    """An XMP packet with properties as ``prefix__name`` attributes and as ``elements``."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    properties = " ".join(
        f'{name.replace("__", ":")}="{value}"' for name, value in attributes.items()
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces} {properties}>{"".join(elements)}'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


# GIF, WebP, AVIF --------------------------------------------------------------------------------


def gif(*extensions: bytes) -> bytes:
    """A small picture with ``extensions`` after it."""
    out = io.BytesIO()
    Pillow.new("P", (64, 48), 3).save(out, "GIF")
    return out.getvalue()[:-1] + b"".join(extensions) + b";"


def gif_comment(value: str) -> bytes:
    raw = value.encode()
    blocks = (raw[at : at + 255] for at in range(0, len(raw), 255))
    return b"!\xfe" + b"".join(bytes((len(block),)) + block for block in blocks) + b"\x00"


def gif_xmp(packet: str) -> bytes:
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
    return b"!\xff\x0bXMP DataXMP" + packet.encode() + trailer


def saved(kind: str, *, exif: bytes = b"", xmp: str = "", **options: object) -> bytes:
    """A small picture that Pillow writes with this metadata."""
    out = io.BytesIO()
    picture = Pillow.new("RGB", (64, 48), (96, 112, 144))
    picture.save(
        out, kind, exif=b"Exif\x00\x00" + exif if exif else b"", xmp=xmp.encode(), **options
    )
    return out.getvalue()


# Stealth ----------------------------------------------------------------------------------------

Pixels = NDArray[np.uint8]


def noise(height: int, width: int, channels: int) -> Pixels:
    """A picture with busy lowest bits, so that what is hidden has to be found among them."""
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), dtype=np.uint8)


def with_hidden(pixels: Pixels, name: str, body: str | bytes) -> Pixels:
    """``pixels`` with ``body`` under ``name`` in the lowest bits."""
    raw = body if isinstance(body, bytes) else body.encode()
    if name.endswith("comp"):
        raw = gzip.compress(raw, mtime=0)
    stream = name.encode() + struct.pack(">I", 8 * len(raw)) + raw
    bits = np.unpackbits(np.frombuffer(stream, np.uint8))
    out = pixels.copy()
    first, last = (3, 4) if "_png" in name else (0, 3)
    plane = out[:, :, first:last].transpose(1, 0, 2).reshape(-1)
    assert bits.size <= plane.size, "picture too small for this text"
    plane[: bits.size] = plane[: bits.size] & 0xFE | bits
    columns = plane.reshape(pixels.shape[1], pixels.shape[0], last - first)
    out[:, :, first:last] = columns.transpose(1, 0, 2)
    return out


def encoded(pixels: Pixels, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Pillow.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


# C2PA -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs: a certificate of a root made for these tests, never of a real one."""

    root: bytes
    chain: bytes
    key: bytes


@cache
def identity() -> Identity:
    now = dt.datetime.now(dt.UTC)
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("Test root"), _name("Test signer")
    root_id = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=2))
        )

    root = (
        begun(root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(root_id, False)
        .add_extension(_usage(signs_certificates=True), True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        begun(name, key.public_key())
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), False
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        .add_extension(_usage(signs_certificates=False), True)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return Identity(
        root=root.public_bytes(pem),
        chain=leaf.public_bytes(pem) + root.public_bytes(pem),
        key=key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def action(name: str, source_type: str = "", /, **members: object) -> dict[str, object]:
    """One entry of a C2PA actions assertion."""
    source = {"digitalSourceType": SOURCE_TYPE + source_type} if source_type else {}
    return {"action": name, **source, **members}


@dataclass(frozen=True, slots=True)
class Ingredient:
    data: bytes
    relationship: str


def signed(
    data: bytes,
    *actions: Mapping[str, object],
    tool: str = "Test camera",
    ingredients: Iterable[Ingredient] = (),
    remote: str = "",
) -> bytes:
    """``data`` with a manifest of ``actions``, signed by ``identity()``."""
    kind = image_format(data)
    assert kind is not None
    who = identity()
    manifest = {
        "claim_generator_info": [{"name": tool, "version": "1"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": list(actions)}}],
    }
    settings = {
        "version": 1,
        "verify": {"verify_after_sign": False},
        "builder": {"thumbnail": {"enabled": False}},
    }
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", who.chain, who.key, None))
    out = io.BytesIO()
    with (
        c2pa.Context.from_dict(settings) as context,
        c2pa.Builder(json.dumps(manifest), context=context) as builder,
    ):
        if remote:
            builder.set_no_embed()
            builder.set_remote_url(remote)
        for item in ingredients:
            described = {"title": "ingredient", "relationship": item.relationship}
            builder.add_ingredient(json.dumps(described), kind.value, io.BytesIO(item.data))
        builder.sign(signer, kind.value, io.BytesIO(data), out)
    return out.getvalue()

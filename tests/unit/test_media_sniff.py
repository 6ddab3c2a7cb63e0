"""What a file is, by its content."""

from __future__ import annotations

import pytest

from media_integrity.media.sniff import image_format, sniff
from media_integrity.media.types import ImageFormat, MediaKind
from tests.unit.media_files import HEIC, animated, quadrants, saved

IMAGES = {
    ImageFormat.JPEG: lambda: saved(quadrants(), "JPEG"),
    ImageFormat.PNG: lambda: saved(quadrants(), "PNG"),
    ImageFormat.GIF: lambda: saved(quadrants(), "GIF"),
    ImageFormat.WEBP: lambda: saved(quadrants(), "WEBP"),
    ImageFormat.AVIF: lambda: saved(quadrants(), "AVIF"),
    ImageFormat.HEIF: lambda: HEIC,
}


@pytest.mark.parametrize("expected", list(ImageFormat))
def test_images_are_told_by_their_bytes(expected: ImageFormat) -> None:
    data = IMAGES[expected]()
    assert image_format(data) is expected
    assert sniff(data) is MediaKind.IMAGE


def test_an_avif_sequence_is_an_image() -> None:
    frames = [quadrants(), quadrants()[::-1].copy()]
    assert image_format(animated(frames, "AVIF")) is ImageFormat.AVIF


def brand(major: bytes, *compatible: bytes) -> bytes:
    body = major + bytes(4) + b"".join(compatible)
    return (8 + len(body)).to_bytes(4, "big") + b"ftyp" + body + bytes(64)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (brand(b"isom", b"mp42"), MediaKind.VIDEO),
        (brand(b"qt  "), MediaKind.VIDEO),
        (brand(b"mp42", b"isom", b"mif1"), MediaKind.VIDEO),
        (brand(b"M4A ", b"mp42"), MediaKind.AUDIO),
        (b"\x00\x00\x00\x08wide" + bytes(64), MediaKind.VIDEO),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm" + bytes(64), MediaKind.VIDEO),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska" + bytes(64), MediaKind.VIDEO),
        (b"ID3\x04" + bytes(64), MediaKind.AUDIO),
        (b"\xff\xfb\x90\x64" + bytes(64), MediaKind.AUDIO),
        (b"\xff\xf1\x50\x80" + bytes(64), MediaKind.AUDIO),
        (b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64), MediaKind.AUDIO),
        (b"OggS" + bytes(24) + b"\x01vorbis" + bytes(64), MediaKind.AUDIO),
        (b"OggS" + bytes(24) + b"\x80theora" + bytes(64), MediaKind.VIDEO),
        (b"fLaC" + bytes(64), MediaKind.AUDIO),
        (b"", MediaKind.OTHER),
        (b"\xff\xff\xff\xff", MediaKind.OTHER),
        (b"RIFF\x24\x00\x00\x00AVI LIST", MediaKind.OTHER),
        (b"%PDF-1.7\n", MediaKind.OTHER),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", MediaKind.OTHER),
        (b"PK\x03\x04" + bytes(64), MediaKind.OTHER),
        (b"BM" + bytes(64), MediaKind.OTHER),
        (b"II*\x00" + bytes(64), MediaKind.OTHER),
    ],
)
def test_what_is_no_image_is_told_apart(data: bytes, kind: MediaKind) -> None:
    assert sniff(data) is kind
    assert image_format(data) is None


def test_a_word_document_called_jpeg_is_not_an_image() -> None:
    document = b"PK\x03\x04word/document.xml holiday.jpg image/jpeg" + b"\xff\xd8\xff" * 3
    assert sniff(document) is MediaKind.OTHER

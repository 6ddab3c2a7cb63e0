"""What a file is, told by its first bytes. Names and declared types are never asked.

Signatures: WHATWG "MIME Sniffing" section 6, ISO/IEC 14496-12 (file type box), RFC 9559 (Matroska),
RFC 3533 (Ogg), ISO/IEC 11172-3 section 2.4.1.3 (MPEG audio frame header).
"""

from __future__ import annotations

from .types import ImageFormat, MediaKind

_SNIFFED = 4096
"""Bytes looked at."""

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "})

# QuickTime files older than the file type box start with one of these.
_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


def sniff(data: bytes) -> MediaKind:
    """The kind of media in ``data``; OTHER for anything unknown, also for no bytes at all."""
    if image_format(data) is not None:
        return MediaKind.IMAGE
    head = data[:_SNIFFED]
    if _is_video(head):
        return MediaKind.VIDEO
    if _is_audio(head):
        return MediaKind.AUDIO
    return MediaKind.OTHER


def image_format(data: bytes) -> ImageFormat | None:
    """The image format that ``data`` starts like; None where it is none that we open."""
    head = data[:_SNIFFED]
    if head.startswith(b"\xff\xd8\xff"):
        return ImageFormat.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageFormat.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ImageFormat.GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ImageFormat.WEBP
    brands = _brands(head)
    if brands and not _is_moving(brands[0]):
        # "mif1" is both codecs' common brand: the more specific one decides.
        if _AVIF_BRANDS.intersection(brands):
            return ImageFormat.AVIF
        if _HEIF_BRANDS.intersection(brands):
            return ImageFormat.HEIF
    return None


def _brands(head: bytes) -> tuple[bytes, ...]:
    """Major brand, then the compatible ones, of an ISO base media file; empty for others."""
    if head[4:8] != b"ftyp" or len(head) < 16:
        return ()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    compatible = (head[at : at + 4] for at in range(16, end - 3, 4))
    return (head[8:12], *compatible)


def _is_moving(major_brand: bytes) -> bool:
    """Is it a film or a recording that merely lists an image brand as compatible?"""
    return major_brand not in _AVIF_BRANDS | _HEIF_BRANDS and not major_brand.startswith(b"mi")


def _is_video(head: bytes) -> bool:
    brands = _brands(head)
    if brands:
        return brands[0] not in _AUDIO_BRANDS
    if head[4:8] in _QUICKTIME_BOXES:
        return True
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return b"webm" in head[:64] or b"matroska" in head[:64]
    return head.startswith(b"OggS") and b"theora" in head[:64]


def _is_audio(head: bytes) -> bool:
    if _brands(head):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WAVE"
    return head.startswith((b"OggS", b"fLaC", b"ID3")) or _is_mpeg_audio(head)


def _is_mpeg_audio(head: bytes) -> bool:
    """MPEG audio frame (layers I to III) or AAC in ADTS: 11 sync bits, no forbidden value."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    if head[1] & 0xF6 == 0xF0:  # ADTS: layer bits are 0
        return head[2] >> 2 & 0xF < 13
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bit_rate, sample_rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer != 0 and bit_rate not in {0, 15} and sample_rate != 3

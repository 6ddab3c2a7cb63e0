"""PDQ: 256 bits of what a picture looks like, which survive re-encoding and resizing.

Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019. Two
pictures whose hashes differ in at most 31 bits, both of quality 50 or more, show the same thing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from media_integrity.media.types import Image, Pixels

PDQ_BYTES = 32

HASHED_SIDE = 512
"""Longest side of what is hashed. The reference programs shrink to 512 as well; more costs time
(316 ms for 12 megapixels) and changes few bits."""


class Form(StrEnum):
    """A way to turn a picture over; its eight hashes come from one computation.

    A hash of form ``rotate90`` is what the picture turned by 90 degrees counter-clockwise hashes
    to. So an upload that somebody turned is found by one of its own forms.
    """

    ORIGINAL = "original"
    ROTATE90 = "rotate90"  # counter-clockwise
    ROTATE180 = "rotate180"
    ROTATE270 = "rotate270"
    FLIP = "flip"  # top to bottom
    MIRROR = "mirror"  # left to right
    TRANSPOSE = "transpose"  # about the diagonal from top left
    TRANSVERSE = "transverse"  # about the diagonal from top right


@dataclass(frozen=True, slots=True)
class PdqHash:
    """A hash of one picture in one form."""

    bits: bytes
    """32 bytes, the first bit of the hash in the highest bit of the first byte."""
    quality: int
    """0..100: how much detail the picture has. Below 50 hashes are not compared."""

    def __post_init__(self) -> None:
        if len(self.bits) != PDQ_BYTES:
            raise ValueError(f"a PDQ hash has {PDQ_BYTES} bytes, not {len(self.bits)}")

    @property
    def hex(self) -> str:
        """64 hexadecimal digits, as other PDQ programs write it."""
        return self.bits.hex()


@dataclass(frozen=True, slots=True)
class ViewHashes:
    """One view in all eight forms."""

    quality: int
    """0..100, the same for all forms."""
    forms: Mapping[Form, bytes]
    """32 bytes each, in the order of ``Form``."""

    @property
    def pdq(self) -> PdqHash:
        """The hash of the view as it is."""
        return PdqHash(self.forms[Form.ORIGINAL], self.quality)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Everything that identifies one upload."""

    sha256: str
    """Of the file's bytes, 64 hexadecimal digits."""
    views: tuple[ViewHashes, ...]
    """One for each of ``Image.views``, in their order."""

    @property
    def pdq(self) -> PdqHash:
        """Hash and quality of the first view, which stands for the file in records."""
        return self.views[0].pdq


def fingerprint(image: Image) -> Fingerprints:
    """Fingerprints of an opened image."""
    return Fingerprints(
        sha256=hashlib.sha256(image.data).hexdigest(),
        views=tuple(pdq(view.rgb) for view in image.views),
    )


def pdq(rgb: Pixels) -> ViewHashes:
    """The eight PDQ hashes of a picture of any size."""
    import cv2
    import numpy as np
    import pdqhash

    height, width = rgb.shape[:2]
    shrink = max(width, height) / HASHED_SIDE
    if shrink > 1:
        size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
        hashed = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    else:
        hashed = np.ascontiguousarray(rgb)
    vectors, quality = pdqhash.compute_dihedral(hashed)
    hashes = (np.packbits(vector.astype(np.uint8)).tobytes() for vector in vectors)
    return ViewHashes(quality=int(quality), forms=dict(zip(Form, hashes, strict=True)))


def hamming(one: bytes, other: bytes) -> int:
    """In how many bits two hashes of the same length differ.

    Raises:
        ValueError: the lengths differ.
    """
    if len(one) != len(other):
        raise ValueError(f"hashes of {len(one)} and {len(other)} bytes cannot be compared")
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()

"""PDQ: 256 bits of what a picture looks like, which survive re-encoding and resizing.

Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019, section
"PDQ". Two pictures whose hashes differ in at most 31 bits, both of quality 50 or more, show the
same thing. Written here from that description; tests hold it against the reference's results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from media_integrity.media.grid import GRID, Floats, both_sides, grids, luma
from media_integrity.media.types import Grey, Pixels

if TYPE_CHECKING:
    pass

PDQ_BYTES = 32
WAVES = 16
"""Frequencies kept in each direction; 16 x 16 patterns make the 256 bits."""

HASHED_SIDE = 512
"""Longest side of what is hashed. The reference programs shrink to 512 as well; more costs time
(316 ms for 12 megapixels) and changes few bits."""


class Form(StrEnum):
    """A way to turn a picture over.

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


def pdq(picture: Pixels | Grey) -> ViewHashes:
    """The eight PDQ hashes of a picture of any size, in colour or grey.

    The picture is turned over before it is reduced: shrinking, filtering and sampling are linear,
    so its grid is two matrix products. The reference turns the finished hash instead; as its filter
    and its sampling are not symmetric, the hash of a picture turned upside down was up to 48 bits
    away from that (23 pictures), and a match is at most 31.
    """
    height, width = picture.shape[:2]
    shrink = max(1.0, max(width, height) / HASHED_SIDE)
    return pdq_of_grids(
        grids(picture, max(1, round(height / shrink)), max(1, round(width / shrink)))
    )


def pdq_of_grids(cells: Floats) -> ViewHashes:
    """The same of a picture that was reduced before: (128, 128) luma as ``media.grid.grids``."""
    upright, mirrored = cells[:GRID, :GRID], cells[:GRID, GRID:]
    flipped, rotated = cells[GRID:, :GRID], cells[GRID:, GRID:]
    waves: dict[Form, Floats] = {}
    for grid, form, transposed in (
        (upright, Form.ORIGINAL, Form.TRANSPOSE),
        (mirrored, Form.MIRROR, Form.ROTATE90),
        (flipped, Form.FLIP, Form.ROTATE270),
        (rotated, Form.ROTATE180, Form.TRANSVERSE),
    ):
        waves[form] = both_sides(_cosines(), grid, _cosines())
        waves[transposed] = waves[form].T
    return ViewHashes(quality=_quality(upright), forms={form: _bits(waves[form]) for form in Form})


def pdqf(picture: Pixels) -> Floats:
    """(256,): the strength of each wave pattern, before it is made a bit. "PDQF" of TMK.

    ``picture``: 64 x 64, so neither shrunk nor filtered.

    Raises:
        ValueError: another size.
    """
    if picture.shape[:2] != (GRID, GRID):
        raise ValueError(f"PDQF is of {GRID} x {GRID} pixels, not {picture.shape[:2]}")
    return both_sides(_cosines(), luma(picture), _cosines()).ravel()


@cache
def _cosines() -> Floats:
    """(16, 64): the first waves of the discrete cosine transform, without the constant one."""
    import numpy as np

    frequency = np.arange(1, WAVES + 1)[:, None]
    place = 2 * np.arange(GRID)[None] + 1
    waves = np.sqrt(2 / GRID) * np.cos(np.pi / 2 / GRID * frequency * place)
    return np.asarray(waves, np.float32)


def _bits(waves: Floats) -> bytes:
    """A bit for each of 256 wave patterns: is it stronger than the median one? Last one first."""
    import numpy as np

    flat = waves.ravel()
    middle = flat.size // 2 - 1
    median = np.partition(flat, middle)[middle]
    return np.packbits(flat[::-1] > median).tobytes()


def _quality(grid: Floats) -> int:
    """Sum of the differences between neighbours in percent of full scale, whole ones only, / 90."""
    import numpy as np

    steps = sum(
        int(np.abs(np.diff(grid, axis=axis) * 100 / 255).astype(int).sum()) for axis in (0, 1)
    )
    return min(100, steps // 90)


def hamming(one: bytes, other: bytes) -> int:
    """In how many bits two hashes of the same length differ.

    Raises:
        ValueError: the lengths differ.
    """
    if len(one) != len(other):
        raise ValueError(f"hashes of {len(one)} and {len(other)} bytes cannot be compared")
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()

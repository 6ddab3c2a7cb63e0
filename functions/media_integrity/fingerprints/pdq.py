"""PDQ: 256 bits of what a picture looks like, which survive re-encoding and resizing.

Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019, section
"PDQ". Two pictures whose hashes differ in at most 31 bits, both of quality 50 or more, show the
same thing. Written here from that description; tests hold it against the reference's results.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from media_integrity.media.types import Image, Pixels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PDQ_BYTES = 32
GRID = 64
"""Cells along each side of what is transformed."""
WAVES = 16
"""Frequencies kept in each direction; 16 x 16 patterns make the 256 bits."""

HASHED_SIDE = 512
"""Longest side of what is hashed. The reference programs shrink to 512 as well; more costs time
(316 ms for 12 megapixels) and changes few bits."""

_LUMA = (0.299, 0.587, 0.114)


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


def fingerprint(image: Image, *, sha256: str | None = None) -> Fingerprints:
    """Fingerprints of an opened image. ``sha256``: of its bytes, where it is known already."""
    return Fingerprints(
        sha256=sha256 or hashlib.sha256(image.data).hexdigest(),
        views=tuple(pdq(view.rgb) for view in image.views),
    )


def pdq(rgb: Pixels) -> ViewHashes:
    """The eight PDQ hashes of a picture of any size.

    The picture is turned over before it is reduced: shrinking, filtering and sampling are linear,
    so its grid is two matrix products. The reference turns the finished hash instead; as its filter
    and its sampling are not symmetric, the hash of a picture turned upside down was up to 48 bits
    away from that (23 pictures), and a match is at most 31.
    """
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    shrink = max(1.0, max(width, height) / HASHED_SIDE)
    rows = _reduction(height, max(1, round(height / shrink)))
    columns = _reduction(width, max(1, round(width / shrink)))
    luma = cv2.transform(rgb.astype(np.float32), np.array([_LUMA], np.float32))
    grids = _both_sides(rows, np.asarray(luma, np.float32).reshape(height, width), columns)
    upright, mirrored = grids[:GRID, :GRID], grids[:GRID, GRID:]
    flipped, rotated = grids[GRID:, :GRID], grids[GRID:, GRID:]
    waves: dict[Form, Floats] = {}
    for grid, form, transposed in (
        (upright, Form.ORIGINAL, Form.TRANSPOSE),
        (mirrored, Form.MIRROR, Form.ROTATE90),
        (flipped, Form.FLIP, Form.ROTATE270),
        (rotated, Form.ROTATE180, Form.TRANSVERSE),
    ):
        waves[form] = _both_sides(_cosines(), grid, _cosines())
        waves[transposed] = waves[form].T
    return ViewHashes(quality=_quality(upright), forms={form: _bits(waves[form]) for form in Form})


def _both_sides(rows: Floats, picture: Floats, columns: Floats) -> Floats:
    """One transform down the picture and one along it: ``rows @ picture @ columns.T``.

    By OpenCV, which uses one thread: NumPy's own library starts several that wait in a loop, which
    on two cores beside other work took ten times as long.
    """
    import cv2
    import numpy as np

    halfway = cv2.gemm(rows, picture, 1.0, None, 0.0)  # type: ignore[call-overload]
    done = cv2.gemm(halfway, columns, 1.0, None, 0.0, flags=cv2.GEMM_2_T)  # type: ignore[call-overload]
    return np.asarray(done, np.float32)


@cache
def _cosines() -> Floats:
    """(16, 64): the first waves of the discrete cosine transform, without the constant one."""
    import numpy as np

    frequency = np.arange(1, WAVES + 1)[:, None]
    place = 2 * np.arange(GRID)[None] + 1
    waves = np.sqrt(2 / GRID) * np.cos(np.pi / 2 / GRID * frequency * place)
    return np.asarray(waves, np.float32)


@lru_cache(maxsize=16)
def _reduction(length: int, hashed: int) -> Floats:
    """(128, length): from so many pixels to 64 of the picture as it is, and to 64 of it reversed.

    Shrinks to ``hashed`` pixels by area; then two passes of a box filter as wide as half a cell of
    the grid; then one sample in each cell.
    """
    import numpy as np

    edges = np.arange(hashed + 1)[:, None] * length / hashed
    pixel = np.arange(length)
    area = np.minimum(edges[1:], pixel + 1) - np.maximum(edges[:-1], pixel)
    shrunk = _means(np.clip(area, 0, None))
    width = (hashed + 2 * GRID - 1) // (2 * GRID)
    offset = np.arange(hashed)[None] - np.arange(hashed)[:, None]
    filtered = _means(((offset >= -((width - 1) // 2)) & (offset <= width // 2)).astype(float))
    sampled = ((np.arange(GRID) + 0.5) * hashed / GRID).astype(int)
    reduction = (filtered @ filtered)[sampled] @ shrunk
    return np.vstack([reduction, reduction[:, ::-1]]).astype(np.float32)


def _means(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row scaled to a sum of 1."""
    import numpy as np

    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


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

"""The orientation in an EXIF block, and nothing else of it.

EXIF 2.32 section 4.6.4 (tag 0x0112) in a TIFF 6.0 structure (section 2). A block that does not
parse counts as upright: browsers do the same, and a broken block is no reason to refuse a picture.
"""

from __future__ import annotations

import struct

UPRIGHT = 1

_ORIENTATION = 0x0112
_SHORT = 3
_PREFIX = b"Exif\x00\x00"


def orientation(block: bytes | None) -> int:
    """EXIF orientation 1..8 from an EXIF block, with or without its ``Exif`` prefix."""
    if not block:
        return UPRIGHT
    tiff = block.removeprefix(_PREFIX)
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(entries):
            tag, kind, count, value = struct.unpack_from(
                f"{order}HHIH", tiff, directory + 2 + 12 * entry
            )
            if tag == _ORIENTATION:
                sound = kind == _SHORT and count == 1 and 1 <= value <= 8
                return value if sound else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT

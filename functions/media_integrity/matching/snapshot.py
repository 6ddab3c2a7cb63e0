"""An index as bytes, which an older and a newer release can read.

Layout: ``MAGIC``, length of the header (u32), SHA-256 of the header, header (JSON), columns one
after another. Numbers are little-endian. Nothing in it is code, and nothing is believed before its
checksum and its size are right.

A newer release may add columns and header keys, which this one ignores, and raises ``min_reader``
where ignoring them would be wrong. A column that this release wants and an older one did not write
has a default in ``_COLUMNS``, or makes the snapshot corrupt.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from media_integrity.schema.base import Moment, Sha256Hex
from media_integrity.schema.enums import HashAlgorithm

from .columns import (
    FRAME_BYTES,
    KINDS,
    MAX_BANKS,
    QUALITY,
    WIDTHS,
    Base,
    FrameColumns,
    Kind,
    Part,
    empty,
    part_of,
)
from .index import Content, HashIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"MIESNAP\n"
FORMAT = 1
"""Written by this release."""
READER = 1
"""The highest ``min_reader`` that this release can serve."""

MAX_HEADER_BYTES = 64 << 20
"""A million shields' ids are 40 MB."""
MAX_ROWS = 200_000_000
_PREFIX = len(MAGIC) + 4 + 32


class SnapshotCorrupt(Exception):
    """These bytes are no snapshot that can be read. The text says what is wrong with them."""


class SnapshotTooNew(SnapshotCorrupt):
    """It is sound, and of a release that this one cannot follow."""


class _Header(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=False, frozen=True)

    format: Annotated[int, Field(ge=1)]
    min_reader: Annotated[int, Field(ge=1)]
    cursor: Moment
    banks: Annotated[tuple[str, ...], Field(max_length=MAX_BANKS)]
    shields: tuple[str, ...]
    missing: tuple[str, ...] = ()
    rows: dict[str, Annotated[int, Field(ge=0, le=MAX_ROWS)]]
    """Of each kind, and of the films' frames."""
    columns: tuple[_Stored, ...]


class _Stored(BaseModel):
    """Where a column stands."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    dtype: Annotated[str, Field(max_length=8)]
    shape: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1, max_length=2)]
    offset: Annotated[int, Field(ge=0)]
    """From the end of the header."""
    sha256: Sha256Hex


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a kind."""

    name: str
    dtype: Literal["|u1", "<u2", "<u4"]
    default: int | None = None
    """Of a column that older releases did not write."""


_BITS, _BANK = _Column("bits", "|u1"), _Column("bank", "<u2")
_MARK, _OWNER = _Column("mark", "|u1"), _Column("owner", "<u4")
_FRAME_BITS, _FRAME_FILM = _Column("frame_bits", "|u1"), _Column("frame_film", "<u4")
_FRAME_QUALITY = _Column("frame_quality", "|u1", default=100)
FRAMES = "frames"
"""What is added to a kind's label, for its frames' count."""


def write(content: Content) -> bytes:
    """The snapshot of ``content``. ``read`` of it gives an index that finds the same."""
    columns: list[tuple[str, NDArray[np.generic]]] = []
    rows: dict[str, int] = {}
    for kind in KINDS:
        part = content.base.parts[kind]
        rows[kind.label] = len(part)
        columns += [(f"{kind.label}/{column.name}", values) for column, values in _columns_of(part)]
        if part.frames is not None:
            rows[f"{kind.label}/{FRAMES}"] = len(part.frames.film)
    stored, bodies, offset = [], [], 0
    for name, values in columns:
        plain = values.astype(values.dtype.newbyteorder("<"), copy=False)
        body = plain.tobytes()
        digest = hashlib.sha256(body).hexdigest()
        described = _Stored(
            name=name, dtype=plain.dtype.str, shape=plain.shape, offset=offset, sha256=digest
        )
        stored.append(described)
        bodies.append(body)
        offset += len(body)
    header = _Header(
        format=FORMAT,
        min_reader=1,
        cursor=content.cursor,
        banks=content.banks,
        shields=content.shields,
        missing=tuple(sorted(content.missing)),
        rows=rows,
        columns=tuple(stored),
    )
    text = header.model_dump_json().encode()
    prefix = MAGIC + len(text).to_bytes(4, "little") + hashlib.sha256(text).digest()
    return b"".join([prefix, text, *bodies])


def read(data: bytes) -> HashIndex:
    """The index that a snapshot holds.

    Raises:
        SnapshotCorrupt: it is none, or damaged.
        SnapshotTooNew: it is of a release that this one cannot follow.
    """
    header, body = _header(data)
    found = {stored.name: stored for stored in header.columns}
    if len(found) != len(header.columns):
        raise SnapshotCorrupt("two columns have one name")
    return HashIndex.of(
        Content(
            Base({kind: _part(kind, header, found, body) for kind in KINDS}),
            header.banks,
            header.shields,
            header.cursor,
            frozenset(header.missing),
        )
    )


def _columns_of(part: Part) -> list[tuple[_Column, NDArray[np.generic]]]:
    columns: list[tuple[_Column, NDArray[np.generic]]] = [
        (_BITS, part.table.all_rows()),
        (_BANK, part.bank),
        (_MARK, part.mark),
    ]
    if part.owner is not None:
        columns.append((_OWNER, part.owner))
    if part.frames is not None:
        columns += [
            (_FRAME_BITS, part.frames.table.all_rows()),
            (_FRAME_FILM, part.frames.film),
            (_FRAME_QUALITY, part.frames.quality),
        ]
    return columns


def _header(data: bytes) -> tuple[_Header, memoryview]:
    """The header, and the bytes behind it."""
    if data[: len(MAGIC)] != MAGIC:
        raise SnapshotCorrupt("it does not begin like a snapshot")
    length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "little")
    if len(data) < _PREFIX or length > MAX_HEADER_BYTES or _PREFIX + length > len(data):
        raise SnapshotCorrupt("its header is cut off or too large")
    text = data[_PREFIX : _PREFIX + length]
    if hashlib.sha256(text).digest() != data[len(MAGIC) + 4 : _PREFIX]:
        raise SnapshotCorrupt("its header has another checksum")
    try:
        plain = json.loads(text)
        min_reader = plain["min_reader"] if isinstance(plain, dict) else None
        if isinstance(min_reader, int) and min_reader > READER:
            raise SnapshotTooNew(f"it is for readers from {min_reader} on, this is {READER}")
        header = _Header.model_validate(plain)
    except (ValueError, KeyError, RecursionError, ValidationError) as error:
        raise SnapshotCorrupt("its header has another shape") from error
    return header, memoryview(data)[_PREFIX + length :]


def _part(kind: Kind, header: _Header, found: dict[str, _Stored], body: memoryview) -> Part:
    label = kind.label
    if label not in header.rows:
        if any(name.startswith(f"{label}/") for name in found):
            raise SnapshotCorrupt(f"{label} has columns and no count")
        return empty().parts[kind]  # an older release did not know this kind

    def column(wanted: _Column, rows: int, width: int | None = None) -> NDArray[np.generic]:
        return _column(f"{label}/{wanted.name}", wanted, rows, width, found, body)

    rows = header.rows[label]
    bits = column(_BITS, rows, WIDTHS[kind.algorithm])
    bank, mark = column(_BANK, rows), column(_MARK, rows)
    _refuse_beyond(bank, len(header.banks), f"{label}: a bank that it does not name")
    _refuse_beyond(mark & QUALITY, 101, f"{label}: a quality above 100")  # type: ignore[operator]
    owner = column(_OWNER, rows) if kind.personal else None
    if owner is not None:
        _refuse_beyond(owner, len(header.shields), f"{label}: a shield that it does not name")
    frames = None
    if kind.algorithm is HashAlgorithm.VPDQ:
        frame_rows = header.rows.get(f"{label}/{FRAMES}", 0)
        film = column(_FRAME_FILM, frame_rows)
        _refuse_beyond(film, rows, f"{label}: a frame of no film")
        quality = column(_FRAME_QUALITY, frame_rows)
        _refuse_beyond(quality, 101, f"{label}: a quality above 100")
        frame_bits = column(_FRAME_BITS, frame_rows, FRAME_BYTES)
        frames = FrameColumns(_bytes(frame_bits), _u4(film), _bytes(quality))
    return part_of(
        kind,
        _bytes(bits),
        _u2(bank),
        _bytes(mark),
        _u4(owner) if owner is not None else None,
        frames,
    )


def _column(
    name: str,
    wanted: _Column,
    rows: int,
    width: int | None,
    found: dict[str, _Stored],
    body: memoryview,
) -> NDArray[np.generic]:
    """The values of one column, (rows,) or (rows, width), after all checks."""
    import numpy as np

    stored = found.get(name)
    if stored is None:
        if wanted.default is None:
            raise SnapshotCorrupt(f"{name} is not there")
        return np.full(rows, wanted.default, wanted.dtype)
    shape = (rows,) if width is None else (rows, width)
    if stored.dtype != wanted.dtype or stored.shape != shape:
        raise SnapshotCorrupt(f"{name} has another type or length")
    size = np.dtype(wanted.dtype).itemsize * math.prod(shape)
    content = body[stored.offset : stored.offset + size]
    if len(content) != size:
        raise SnapshotCorrupt(f"{name} is cut off")
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise SnapshotCorrupt(f"{name} has another checksum")
    return np.frombuffer(content, wanted.dtype).reshape(shape)


def _refuse_beyond(values: NDArray[np.generic], limit: int, what: str) -> None:
    if values.size and int(values.max()) >= limit:
        raise SnapshotCorrupt(what)


def _bytes(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    import numpy as np

    return values.astype(np.uint8, copy=False)


def _u2(values: NDArray[np.generic]) -> NDArray[np.uint16]:
    import numpy as np

    return values.astype(np.uint16, copy=False)


def _u4(values: NDArray[np.generic]) -> NDArray[np.uint32]:
    import numpy as np

    return values.astype(np.uint32, copy=False)


def version_of(cursor: datetime, random: str) -> str:
    """Id of a snapshot: newer ones sort behind."""
    return f"{cursor:%Y%m%dT%H%M%S%f}-{random}"

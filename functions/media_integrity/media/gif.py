"""GIF: blocks read and frames composited here, each frame's pixels unpacked by Pillow.

GIF89a specification. Compositing is our own because every viewer must be predicted exactly: a frame
that one program wipes and another keeps is a place to hide a picture. Disposal and transparency
follow what browsers do: the canvas starts transparent, "restore to background" clears the frame's
own rectangle to transparent.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .limits import Limits
from .source import Source, check_animation, check_size, damaged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image as Pillow

MAX_BLOCKS = 400_000
"""Data blocks in a file; 30 MB in full blocks of 255 bytes are under 120,000."""

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL = 0xF9
_RESTORE_BACKGROUND, _RESTORE_PREVIOUS = 2, 3


@dataclass(frozen=True, slots=True)
class _Frame:
    left: int
    top: int
    width: int
    height: int
    interlaced: bool
    palette: bytes
    """RGB triples, a power of two of them; empty where the file has none."""
    packed: memoryview
    """LZW code size and data blocks, with the empty block at the end."""
    disposal: int
    transparent: int | None


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int = 13
    blocks: int = 0
    frames: list[_Frame] = field(default_factory=list)

    def take(self, length: int) -> bytes:
        """The next bytes."""
        taken = self.data[self.at : self.at + length]
        if len(taken) < length:
            raise damaged("cut off")
        self.at += length
        return taken

    def skip_blocks(self) -> None:
        """Pass over data blocks up to and including the empty one."""
        while size := self.take(1)[0]:
            self.at += size
            self.blocks += 1
            if self.blocks > MAX_BLOCKS:
                raise damaged(f"more than {MAX_BLOCKS} blocks")


def read(data: bytes, limits: Limits) -> Source:
    """Check the blocks of a GIF.

    Raises:
        Refused: too large, or damaged.
        TooMuchToCheck: more animation than is gone through.
    """
    if len(data) < 13:
        raise damaged("header cut off")
    width = int.from_bytes(data[6:8], "little")
    height = int.from_bytes(data[8:10], "little")
    frames = _read_frames(data, limits)
    if not frames:
        raise damaged("no frame")
    # Viewers enlarge the canvas to the first frame; a later one that juts out is cut.
    width = max(width, frames[0].left + frames[0].width)
    height = max(height, frames[0].top + frames[0].height)
    check_size(width, height, limits)
    for frame in frames:
        check_size(frame.width, frame.height, limits)
    check_animation(width, height, len(frames), limits)

    def pictures() -> Iterator[Pillow.Image]:
        return _composited(frames, width, height)

    return Source(data=data, width=width, height=height, frames=len(frames), pictures=pictures)


def _read_frames(data: bytes, limits: Limits) -> list[_Frame]:
    reader = _Reader(data)
    global_palette = b""
    if data[10] & 0x80:
        global_palette = reader.take(3 << (data[10] & 7) + 1)
    disposal, transparent = 0, None
    while reader.at < len(data):
        kind = reader.take(1)[0]
        if kind == _TRAILER:
            break
        if kind == _EXTENSION:
            label = reader.take(1)[0]
            if label == _GRAPHIC_CONTROL and data[reader.at : reader.at + 1] == b"\x04":
                control = data[reader.at + 1 : reader.at + 5]
                disposal = control[0] >> 2 & 7
                transparent = control[3] if control[0] & 1 else None
            reader.skip_blocks()
        elif kind == _IMAGE:
            reader.frames.append(_read_frame(reader, global_palette, disposal, transparent))
            disposal, transparent = 0, None
            check_animation(1, 1, len(reader.frames), limits)
        else:
            raise damaged("unknown block")
    return reader.frames


def _read_frame(
    reader: _Reader, global_palette: bytes, disposal: int, transparent: int | None
) -> _Frame:
    place = reader.take(9)
    left, top, width, height = (int.from_bytes(place[i : i + 2], "little") for i in (0, 2, 4, 6))
    flags = place[8]
    palette = reader.take(3 << (flags & 7) + 1) if flags & 0x80 else global_palette
    begin = reader.at
    reader.take(1)
    reader.skip_blocks()
    return _Frame(
        left=left,
        top=top,
        width=width,
        height=height,
        interlaced=bool(flags & 0x40),
        palette=palette,
        packed=memoryview(reader.data)[begin : reader.at],
        disposal=disposal,
        transparent=transparent,
    )


def _composited(frames: list[_Frame], width: int, height: int) -> Iterator[Pillow.Image]:
    import numpy as np
    from PIL import Image as Pillow

    canvas = np.zeros((height, width), np.uint32)  # RGBA in memory, all transparent
    for frame in frames:
        region = canvas[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
        before = region.copy() if frame.disposal == _RESTORE_PREVIOUS else None
        if region.size:
            indices = _indices(frame)[: region.shape[0], : region.shape[1]]
            drawn = _colours(frame).take(indices)
            if frame.transparent is None:
                region[...] = drawn
            else:
                np.copyto(region, drawn, where=indices != frame.transparent)
        yield Pillow.fromarray(canvas.view(np.uint8).reshape(height, width, 4))
        if before is not None:
            region[...] = before
        elif frame.disposal == _RESTORE_BACKGROUND:
            region[...] = 0


def _colours(frame: _Frame) -> NDArray[np.uint32]:
    """RGBA of all 256 indices; those beyond the palette are black, as in browsers."""
    import numpy as np

    table = np.zeros((256, 4), np.uint8)
    table[:, 3] = 255
    if frame.palette:
        known = np.frombuffer(frame.palette, np.uint8).reshape(-1, 3)
        table[: len(known), :3] = known
    else:
        table[:, :3] = np.arange(256, dtype=np.uint8)[:, None]
    return table.view(np.uint32)[:, 0]


def _indices(frame: _Frame) -> NDArray[np.uint8]:
    """(height, width) palette indices, unpacked from a file that holds this frame alone."""
    import numpy as np
    from PIL.GifImagePlugin import GifImageFile

    size = frame.width.to_bytes(2, "little") + frame.height.to_bytes(2, "little")
    alone = b"".join(
        (
            b"GIF89a" + size + b"\x00\x00\x00",
            b",\x00\x00\x00\x00" + size + (b"\x40" if frame.interlaced else b"\x00"),
            frame.packed,
            b";",
        )
    )
    picture = GifImageFile(io.BytesIO(alone))  # without a palette: pixels are the indices
    picture.load()
    return np.asarray(picture)

"""From a decoded video frame to the picture that a viewer shows: upright, square pixels, sRGB."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from .types import Pixels

if TYPE_CHECKING:
    import numpy as np
    from av.sidedata.sidedata import SideData
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

UPRIGHT = (1, 0, 0, 1)
"""Display matrix without its translation: a, b, c, d of ISO/IEC 14496-12 section 6.2.2."""

REFERENCE_WHITE = 203.0
"""cd/m2 of white in a high dynamic range picture: ITU-R BT.2408 section 2.2."""

_PEAK = 10_000.0
_HLG_PEAK = 1_000.0
_PQ, _HLG = 16, 18
"""Transfer characteristics: ITU-T H.273 table 3."""
_BT2020 = 9
"""Colour primaries: ITU-T H.273 table 2."""

_STEPS = 4096
_FROM_2020 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
"""Linear BT.2020 to linear BT.709: ITU-R BT.2087 annex 2."""

_SIZES = 8

_SHAPES = (0.25, 4.0)
"""Least and greatest sample aspect ratio that is applied; others are taken for mistakes."""


@dataclass(frozen=True, slots=True)
class Display:
    """How a track wants its frames to be shown."""

    shape: float = 1.0
    """Width over height of a sample."""
    matrix: tuple[int, int, int, int] = UPRIGHT

    @property
    def sideways(self) -> bool:
        """Are rows shown as columns?"""
        return abs(self.matrix[1]) > abs(self.matrix[0])

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height as shown of a stored frame."""
        wide, high = self._square(width, height)
        return (high, wide) if self.sideways else (wide, high)

    def _square(self, width: int, height: int) -> tuple[int, int]:
        """Size before turning, with square pixels; no side grows."""
        shape = self.shape if _SHAPES[0] <= self.shape <= _SHAPES[1] else 1.0
        if shape >= 1:
            return width, max(1, round(height / shape))
        return max(1, round(width * shape)), height

    def stored_size(self, width: int, height: int, side: int) -> tuple[int, int]:
        """Size to scale a stored frame to, so that its longest side shown is at most ``side``."""
        wide, high = self._square(width, height)
        scale = min(1.0, side / max(wide, high))
        return max(1, round(wide * scale)), max(1, round(high * scale))


def display(frame: VideoFrame, sample_aspect_ratio: float | None) -> Display:
    """What the first frame and its track say about showing all of them.

    Asked once a film: PyAV ties a frame to its side data in a circle, which keeps it in memory.
    """
    import numpy as np

    matrix = UPRIGHT
    for index in range(len(frame.side_data)):
        block: SideData = frame.side_data[index]  # type: ignore[literal-required]  # not a dict
        if block.type.name == "DISPLAYMATRIX" and block.buffer_size >= 36:
            a, b, _, c, d = np.frombuffer(bytes(block), "<i4", 5).tolist()
            matrix = (a, b, c, d)
    return Display(sample_aspect_ratio or 1.0, matrix)


class Renderer:
    """Makes pictures of the frames of one film. Scaling is set up once for each size asked for.

    ``method``: FFmpeg's name of how to scale.
    """

    def __init__(self, method: str = "AREA") -> None:
        self._method = method
        self._scalers: dict[tuple[int, int], VideoReformatter] = {}

    def shown(self, frame: VideoFrame, display: Display, side: int) -> Pixels:
        """The frame as it is to be looked at, its longest side at most ``side``. 8 bits, sRGB."""
        width, height = display.stored_size(frame.width, frame.height, side)
        stored = self.scaled(frame, width, height)
        if frame.interlaced_frame and height > 1:
            stored = _blended(stored)
        if frame.color_trc in {_PQ, _HLG}:
            stored = standard_range(stored, hlg=frame.color_trc == _HLG, wide=_is_wide(frame))
        return turned(stored, display.matrix)

    def scaled(self, frame: VideoFrame, width: int, height: int) -> Pixels:
        """RGB of another size, as stored."""
        import numpy as np
        from av.video.reformatter import VideoReformatter

        if len(self._scalers) > _SIZES:  # a film that changes its size all the time
            self._scalers.clear()
        scaler = self._scalers.setdefault((width, height), VideoReformatter())
        picture = scaler.reformat(
            frame, width, height, "rgb24", interpolation=self._method, threads=1
        )
        return np.asarray(picture.to_ndarray(), np.uint8)


def turned(rgb: Pixels, matrix: tuple[int, int, int, int]) -> Pixels:
    """``rgb`` mirrored and turned by quarters, as the display matrix says.

    A point (p, q) of the stored frame is shown at (ap + cq, bp + dq), y downwards. Matrices that
    turn by other angles or shear are taken for the nearest quarter, as viewers do.
    """
    import numpy as np

    a, b, c, d = matrix
    if abs(b) > abs(a):
        rgb, a, d = rgb.transpose(1, 0, 2), c, b
    return np.ascontiguousarray(rgb[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])


def _blended(rgb: Pixels) -> Pixels:
    """Both fields of an interlaced frame over each other, instead of a comb."""
    import cv2
    import numpy as np

    return np.asarray(cv2.blur(rgb, (1, 2)), np.uint8)


def _is_wide(frame: VideoFrame) -> bool:
    return bool(frame.color_primaries == _BT2020)


def standard_range(rgb: Pixels, *, hlg: bool, wide: bool) -> Pixels:
    """A high dynamic range picture as sRGB: reference white becomes white, what is brighter clips.

    Transfer functions: ITU-R BT.2100 tables 4 (PQ) and 5 (HLG, for a display of 1,000 cd/m2).
    """
    import numpy as np

    light = _light(hlg)[rgb]
    if wide:
        light = light @ np.array(_FROM_2020, np.float32).T
    steps = np.clip(light * (_STEPS - 1), 0, _STEPS - 1).astype(np.uint16)
    return _levels()[steps]


@cache
def _light(hlg: bool) -> NDArray[np.float32]:
    """Light of each of the 256 levels; 1 is reference white."""
    import numpy as np

    signal = np.arange(256) / 255
    if hlg:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
        nits = _HLG_PEAK * scene**1.2
    else:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        root = signal ** (1 / m2)
        nits = _PEAK * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return (nits / REFERENCE_WHITE).astype(np.float32)


@cache
def _levels() -> NDArray[np.uint8]:
    """sRGB level of each step of light, IEC 61966-2-1."""
    import numpy as np

    light = np.arange(_STEPS) / (_STEPS - 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * encoded).astype(np.uint8)

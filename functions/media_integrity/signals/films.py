"""Films that examples are made of: by code, from public domain pictures. Only tests call these.

scikit-image, which ships NASA's portrait, is there in development only.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from media_integrity.media.types import Pixels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 640, 360, 25
SOUND_RATE = 16_000

_FACE = (162, 105)
"""Centre of the face in the part of the portrait that is shown, x and y."""
_RADII = (44, 62)
_MOUTH_Y = 148
_PART = (slice(0, 330), slice(60, 400))
"""Rows and columns of the portrait that are shown."""

_GRAIN = 3.0
"""Standard deviation in levels of 255, new in each frame."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """How the person in the film is shown."""

    seconds: float = 2.0
    flicker: float = 0.0
    """Levels of 255 by which the face's colour and light are off, anew in each frame."""
    jitter: float = 0.0
    """Pixels by which the outline of what flickers is off, anew in each frame."""
    talking: bool = False
    """Does the mouth open and close with the sound?"""
    delay_s: float = 0.0
    """How much later than the mouth the sound comes."""
    sound: bool = False
    crf: int = 23
    seed: int = 0


def person() -> bytes:
    """Somebody moves their head a little in front of a camera held by hand."""
    return film(Portrait())


def flickering_face() -> bytes:
    """The same, but the face is made anew in each frame, a little different each time."""
    return film(Portrait(flicker=8.0, jitter=2.0))


def nobody() -> bytes:
    """A camera goes along a table."""
    return _written([_scene(number) for number in range(2 * RATE)], crf=23, samples=None)


def film(portrait: Portrait) -> bytes:
    """An MP4 of a person."""
    samples = speech(portrait) if portrait.sound else None
    return _written(shot(portrait), portrait.crf, samples)


def shot(portrait: Portrait) -> list[Pixels]:
    """The frames of a film of a person, ``RATE`` a second, before they are encoded."""
    import numpy as np

    openness = _openness(portrait)
    random = np.random.default_rng(portrait.seed)
    return [
        _grainy(_frame(number, portrait, float(each), random), random)
        for number, each in enumerate(openness)
    ]


def speech(portrait: Portrait) -> NDArray[np.int16]:
    """Sound as loud as the mouth is open: a buzz with the resonances of a vowel, 16 bits."""
    import numpy as np

    openness = _openness(portrait)
    count = round(len(openness) / RATE * SOUND_RATE)
    times = np.arange(count) / SOUND_RATE
    loud = np.interp(times - portrait.delay_s, np.arange(len(openness)) / RATE, openness)
    pitch = 2 * np.pi * np.cumsum(120 + 15 * np.sin(2 * np.pi * 0.7 * times)) / SOUND_RATE
    voice = np.zeros(count)
    for number in range(1, 30):
        strength = sum(1 / (1 + (number - formant / 120) ** 2) for formant in (650, 1100, 2500))
        voice += strength * np.sin(number * pitch)
    breath = np.random.default_rng(portrait.seed).normal(0, 0.02, count)
    return (6000 * loud * voice / 3 + 300 * breath).astype(np.int16)


def _openness(portrait: Portrait) -> NDArray[np.float64]:
    """How far the mouth is open in each frame, 0..1: syllables of different lengths."""
    import numpy as np

    count = round(portrait.seconds * RATE)
    random = np.random.default_rng(portrait.seed + 1)
    times = np.arange(count) / RATE
    speed = 3.5 + np.interp(times, np.linspace(0, times[-1] + 1e-9, 9), random.normal(0, 1.2, 9))
    size = np.interp(times, np.linspace(0, times[-1] + 1e-9, 15), random.uniform(0.2, 1, 15))
    return size * (0.5 - 0.5 * np.cos(2 * np.pi * np.cumsum(speed) / RATE))


def _frame(number: int, portrait: Portrait, openness: float, random: np.random.Generator) -> Pixels:
    """The person in front of a scene, both moved, before grain."""
    import cv2
    import numpy as np

    sitter = _sitter()
    if portrait.talking:
        sitter = _open_mouth(sitter, openness)
    if portrait.flicker:
        sitter = _off(sitter, portrait, random)
    time_s = number / RATE
    left = 150 + 25 * np.sin(1.3 * time_s)
    top = HEIGHT - len(sitter) + 5 + 6 * np.sin(2.1 * time_s + 1)
    picture = _scene(number)
    placed = np.array([[1, 0, left], [0, 1, top]], np.float32)
    cv2.warpAffine(sitter, placed, (WIDTH, HEIGHT), dst=picture, borderMode=cv2.BORDER_TRANSPARENT)
    return picture


@cache
def _sitter() -> Pixels:
    import numpy as np
    from skimage import data

    whole: Pixels = data.astronaut()  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(whole[_PART])


@cache
def _table() -> Pixels:
    import cv2
    import numpy as np
    from skimage import data

    picture: Pixels = data.coffee()  # type: ignore[no-untyped-call]
    return np.asarray(cv2.resize(picture, (900, 600), interpolation=cv2.INTER_AREA), np.uint8)


def _scene(number: int) -> Pixels:
    """A table, seen by a camera that drifts."""
    import cv2
    import numpy as np

    drift = np.array(
        [[1, 0, -100 + 30 * np.sin(number / 40)], [0, 1, -60 + 20 * np.sin(number / 55)]]
    )
    return np.asarray(cv2.warpAffine(_table(), drift, (WIDTH, HEIGHT)), np.uint8)


def _open_mouth(sitter: Pixels, openness: float) -> Pixels:
    """What is below the mouth's line moves down, and the mouth's inside is dark."""
    import cv2
    import numpy as np

    rows, columns = np.indices(sitter.shape[:2], np.float32)
    nearness = np.exp(-(((columns - _FACE[0]) / 30) ** 2))
    drop = 7 * openness * nearness
    below = rows > _MOUTH_Y
    fade = np.clip(1 - (rows - _MOUTH_Y) / 40, 0, 1)
    source = np.where(below, rows - drop * fade, rows).astype(np.float32)
    beside = np.asarray(columns, np.float32)
    moved = np.asarray(cv2.remap(sitter, beside, source, cv2.INTER_LINEAR), np.uint8)
    inside = below & (rows < _MOUTH_Y + drop) & (np.abs(columns - _FACE[0]) < 20)
    moved[inside] //= 3
    return moved


def _off(sitter: Pixels, portrait: Portrait, random: np.random.Generator) -> Pixels:
    """The face a little different, inside an outline that is a little elsewhere."""
    import cv2
    import numpy as np

    rows, columns = np.indices(sitter.shape[:2], np.float32)
    across, down = random.normal(0, portrait.jitter or 1e-9, 2)
    radius = np.hypot(
        (columns - _FACE[0] - across) / _RADII[0], (rows - _FACE[1] - down) / _RADII[1]
    )
    mask = np.clip((1.15 - radius) / 0.3, 0, 1)[..., None]
    coarse = random.normal(0, portrait.flicker, (6, 6, 3)) + random.normal(0, portrait.flicker, 3)
    change = cv2.resize(coarse, sitter.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(sitter + mask * change, 0, 255), np.uint8)


def _grainy(picture: Pixels, random: np.random.Generator) -> Pixels:
    import numpy as np

    noise = random.standard_normal(picture.shape[:2], np.float32)[..., None]
    return np.clip(picture + _GRAIN * noise, 0, 255).astype(np.uint8)


def _written(frames: list[Pixels], crf: int, samples: NDArray[np.int16] | None) -> bytes:
    import av
    from av.audio.frame import AudioFrame
    from av.video.frame import VideoFrame

    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=RATE)
        stream.options = {"crf": str(crf), "preset": "veryfast"}
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.thread_count = 1
        heard = None
        if samples is not None:
            heard = file.add_stream("aac", rate=SOUND_RATE, layout="mono")
        for picture in frames:
            file.mux(stream.encode(VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
        if samples is not None and heard is not None:
            for begin in range(0, len(samples), 1024):
                block = samples[None, begin : begin + 1024]
                piece = AudioFrame.from_ndarray(block, format="s16", layout="mono")
                piece.sample_rate, piece.pts = SOUND_RATE, begin
                file.mux(heard.encode(piece))
            file.mux(heard.encode())
    return written.getvalue()

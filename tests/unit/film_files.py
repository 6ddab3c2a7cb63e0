"""Films for the tests of ``media.film``, made by code: sound ones, odd ones and hostile ones."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tests.unit.media_files import Rgb, photograph, quadrants

WIDTH, HEIGHT, RATE = 192, 108, 25
LOSSLESS = {"qp": "0", "preset": "ultrafast"}
FAST = {"crf": "20", "preset": "ultrafast"}


def film(
    frames: Iterable[Rgb],
    *,
    container: str = "mp4",
    codec: str = "libx264",
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    times: Sequence[int] | None = None,
    prepare: Callable[[VideoStream], None] = lambda stream: None,
    sound: Rgb | None = None,
    container_options: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    tracks: int = 1,
) -> bytes:
    """The film that PyAV writes. ``times``: of each frame, in 1/1000 s; else 25 a second.

    ``sound``: a mono track of 16-bit samples at 16 kHz.
    """
    written = io.BytesIO()
    pictures = list(frames)
    with (
        _ordinary_scheduling(),
        av.open(written, "w", format=container, options=container_options or {}) as file,
    ):
        file.metadata.update(metadata or {})
        streams: list[Any] = []
        for _ in range(tracks):
            stream: Any = file.add_stream(codec, rate=RATE)
            stream.options = options if options is not None else _options(codec)
            stream.width, stream.height = pictures[0].shape[1], pictures[0].shape[0]
            stream.pix_fmt = pixels
            stream.codec_context.thread_count = 1
            if times is not None:
                stream.codec_context.time_base = Fraction(1, 1000)
            prepare(stream)
            streams.append(stream)
        speech: Any = None if sound is None else file.add_stream("aac", rate=16_000, layout="mono")
        for number, picture in enumerate(pictures):
            for stream in streams:
                frame = VideoFrame.from_ndarray(picture, format="rgb24")
                if times is not None:
                    frame.pts, frame.time_base = times[number], Fraction(1, 1000)
                file.mux(stream.encode(frame))
        for stream in streams:
            file.mux(stream.encode())
        if sound is not None:
            _write_sound(file, speech, sound)
    return written.getvalue()


@contextmanager
def _ordinary_scheduling() -> Iterator[None]:
    """SVT-AV1, run as root, makes the calling thread a real-time one: it and every process that it
    starts later would keep all others from the processor."""
    try:
        yield
    finally:
        if hasattr(os, "sched_setscheduler"):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _options(codec: str) -> dict[str, str]:
    return {
        "libx264": dict(FAST),
        "libsvtav1": {"preset": "12", "svtav1-params": "lp=1"},
        "libvpx": {"cpu-used": "8", "deadline": "realtime"},
        "libvpx-vp9": {"cpu-used": "8", "deadline": "realtime"},
    }.get(codec, {})


def _write_sound(file: Any, stream: Any, samples: Any) -> None:
    from av.audio.frame import AudioFrame

    for begin in range(0, len(samples), 1024):
        frame = AudioFrame.from_ndarray(
            samples[None, begin : begin + 1024].astype(np.int16), format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = 16_000, begin
        file.mux(stream.encode(frame))
    file.mux(stream.encode())


def recording(seconds: float = 1.0) -> bytes:
    """An MP4 with a sound track only, branded as a film."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as file:
        stream: Any = file.add_stream("aac", rate=16_000, layout="mono")
        _write_sound(file, stream, tone(seconds))
    return written.getvalue()


def tone(seconds: float) -> Any:
    """440 Hz, 16 bits at 16 kHz."""
    return (8000 * np.sin(np.arange(int(16_000 * seconds)) * 2 * np.pi * 440 / 16_000)).astype(
        np.int16
    )


def still(count: int = RATE, picture: Rgb | None = None) -> list[Rgb]:
    """The same frame again and again."""
    return [quadrants(WIDTH, HEIGHT) if picture is None else picture] * count


def panned(count: int = 2 * RATE, step: int = 1, seed: int = 1) -> list[Rgb]:
    """A camera that goes along a picture."""
    wide = photograph(WIDTH + step * count, HEIGHT, seed)
    return [np.ascontiguousarray(wide[:, at * step : at * step + WIDTH]) for at in range(count)]


def scene(seed: int, count: int = RATE) -> list[Rgb]:
    """One picture under the grain of a sensor, new in each frame."""
    picture = photograph(WIDTH, HEIGHT, seed).astype(np.int16)
    random = np.random.default_rng(seed)
    return [
        np.clip(picture + random.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)
        for _ in range(count)
    ]


def box(name: bytes, body: bytes) -> bytes:
    """A box of an ISO base media file."""
    return struct.pack(">I4s", 8 + len(body), name) + body

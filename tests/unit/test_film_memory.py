"""A function instance has so much memory, however long the film is that somebody sends."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media_integrity.signals import films
from media_integrity.signals.voice.examples import robot

ROOT = Path(__file__).resolve().parents[2]

WIDTH, HEIGHT, RATE = 960, 540, 2
"""Views are no larger than this, and more frames a second would be no more views."""

SHOT_S = 10
SHORT_S, LONG_S = 30, 180
"""From a minute on there are as many views as a film ever has for its time alone."""

MOST = 1024
GROWTH = 256
"""MiB: the peak of a process, and what a film six times as long may add to it after the other: some
30 views, a few bursts, the samples of its sound and a still of 64 kB a second, 120 MiB in all, and
what the allocator has in pieces. The 300 frames more would be 445."""

CHILD = r"""
import json, re, sys, pathlib
from media_integrity.api.wiring import make_engine
from media_integrity.decision.policy import default_policy
from media_integrity.matching.banks import NoBanks
from tests.unit.builders import adult

status = pathlib.Path("/proc/self/status")
policy = default_policy()
patient = policy.limits.model_copy(update={"signal_timeout_s": 300.0})
engine = make_engine(policy.model_copy(update={"limits": patient}), NoBanks())
for file in sys.argv[1:]:
    judged = engine.judge(pathlib.Path(file).read_bytes(), adult())
    print(json.dumps({
        "peak": int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text())[1]) / 1024,
        "findings": {f.method.value: f.status.value for f in judged.findings},
    }))
"""
"""Judges one film after another, as an instance does, with time for a busy machine.

``VmHWM`` is its own peak; ``ru_maxrss`` would begin with that of the session it came from.
"""


def shot() -> bytes:
    """``SHOT_S`` seconds of somebody in front of a table."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=RATE)
        stream.options = {"crf": "30", "preset": "ultrafast", "bf": "0"}
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.thread_count = 1
        for picture in films.shot(films.Portrait(seconds=SHOT_S * RATE / films.RATE)):
            large = np.asarray(cv2.resize(picture, (WIDTH, HEIGHT)), np.uint8)
            file.mux(stream.encode(VideoFrame.from_ndarray(large, format="rgb24")))
        file.mux(stream.encode())
    return written.getvalue()


def film(seconds: int) -> bytes:
    """The shot again and again, with somebody heard in a quarter of it."""
    once, written = shot(), io.BytesIO()
    spoken = (20_000 * robot(SHOT_S / 4)).astype(np.int16)
    sound = np.concatenate([spoken, np.zeros(3 * len(spoken), np.int16)])
    with av.open(written, "w", format="mp4") as file:
        copy: VideoStream | None = None
        heard = None
        for turn in range(seconds // SHOT_S):
            with av.open(io.BytesIO(once), "r") as source:
                track = source.streams.video[0]
                if copy is None or heard is None:
                    copy = file.add_stream_from_template(track)
                    heard = file.add_stream("aac", rate=films.SOUND_RATE, layout="mono")
                assert track.time_base is not None
                later = round(turn * SHOT_S / track.time_base)
                for packet in source.demux(track):
                    if packet.pts is None or packet.dts is None:  # the end
                        continue
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = copy
                    file.mux(packet)
            for begin in range(0, len(sound), 1000):
                block = sound[None, begin : begin + 1000]
                piece = AudioFrame.from_ndarray(block, format="s16", layout="mono")
                piece.sample_rate, piece.pts = films.SOUND_RATE, turn * len(sound) + begin
                file.mux(heard.encode(piece))
        assert heard is not None
        file.mux(heard.encode())
    return written.getvalue()


def test_a_film_is_judged_in_less_than_a_gibibyte_however_long_it_is(tmp_path: Path) -> None:
    short, long = tmp_path / "short.mp4", tmp_path / "long.mp4"
    short.write_bytes(film(SHORT_S))
    long.write_bytes(film(LONG_S))

    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(short), str(long)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'functions'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )

    first, second = map(json.loads, child.stdout.splitlines())
    seen = second["findings"]
    assert {"faces", "text", "voice", "video", "face_manipulation", "synthetic_image"} <= set(seen)
    assert "failed" not in {status.lower() for status in seen.values()}, "it was looked at"
    assert second["peak"] < MOST
    assert second["peak"] - first["peak"] < GROWTH

"""A minute of film of 1280 x 720, made by code: a person in front of a table, as H.264."""

from __future__ import annotations

import io
from functools import cache

WIDTH, HEIGHT, RATE = 1280, 720, 30
SECONDS, SHOT_S = 60, 2


@cache
def minute() -> bytes:
    """Two seconds, encoded once and repeated: to a decoder as much work as a minute of its own."""
    import av
    import cv2
    import numpy as np
    from av.video.frame import VideoFrame

    from media_integrity.signals import films

    shot, written = io.BytesIO(), io.BytesIO()
    with av.open(shot, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=RATE)
        stream.options = {"crf": "23", "preset": "veryfast", "bf": "0"}
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        portrait = films.Portrait(seconds=SHOT_S * RATE / films.RATE)
        for picture in films.shot(portrait)[: SHOT_S * RATE]:
            large = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
            frame = VideoFrame.from_ndarray(np.asarray(large, np.uint8), format="rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    with av.open(written, "w", format="mp4") as file:
        copy = None
        for turn in range(SECONDS // SHOT_S):
            with av.open(io.BytesIO(shot.getvalue()), mode="r", format="mov") as source:
                track = source.streams.video[0]
                copy = copy or file.add_stream_from_template(track)
                assert track.time_base is not None
                later = round(turn * SHOT_S / track.time_base)
                for packet in source.demux(track):
                    if packet.pts is None or packet.dts is None:  # the end
                        continue
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = copy
                    file.mux(packet)
    return written.getvalue()

"""Sound files of strangers: what can be heard becomes samples, or the file is refused or held."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from media_integrity.media.errors import HoldCode, RefusalCode, Refused, TooMuchToCheck
from media_integrity.media.limits import SoundLimits
from media_integrity.media.sound import RATE, open_sound, sound_format, track
from media_integrity.media.types import FilmFormat, SoundFormat

LIMITS = SoundLimits()

KINDS = [
    pytest.param("wav", "pcm_s16le", 44_100, "stereo", SoundFormat.WAV, id="wav"),
    pytest.param("wav", "pcm_alaw", 8_000, "mono", SoundFormat.WAV, id="telephone wav"),
    pytest.param("mp3", "libmp3lame", 44_100, "stereo", SoundFormat.MP3, id="mp3"),
    pytest.param("ogg", "libopus", 48_000, "stereo", SoundFormat.OGG, id="opus"),
    pytest.param("flac", "flac", 44_100, "stereo", SoundFormat.FLAC, id="flac"),
    pytest.param("ipod", "aac", 44_100, "mono", SoundFormat.MP4, id="m4a"),
    pytest.param("adts", "aac", 44_100, "stereo", SoundFormat.AAC, id="aac"),
    pytest.param("webm", "libopus", 48_000, "mono", SoundFormat.WEBM, id="webm"),
]


def channels(
    seconds: float, rate: int, *signs: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """A tone of 440 Hz in each channel, times its sign."""
    times = np.arange(int(seconds * rate)) / rate
    return np.stack([sign * 0.3 * np.sin(2 * np.pi * 440 * times) for sign in signs]).astype("f4")


def written(
    container: str,
    codec: str,
    rate: int = 44_100,
    layout: str = "stereo",
    *,
    seconds: float = 2.0,
    signs: tuple[float, ...] | None = None,
    tracks: int = 1,
    picture: bool = False,
) -> bytes:
    """A sound file made by the encoder, perhaps with more tracks or a picture."""
    count = len(av.AudioLayout(layout).channels)
    sound = channels(seconds, rate, *(signs or (1.0,) * count))
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as file:
        outputs = []
        for _ in range(tracks):
            output = file.add_stream(codec, rate=rate, layout=layout)
            assert isinstance(output, AudioStream)
            outputs.append(output)
        film = file.add_stream("mpeg4", rate=10) if picture else None
        if film is not None:
            assert isinstance(film, VideoStream)
            film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
            for index in range(10):
                frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
                frame.pts, frame.time_base = index, Fraction(1, 10)
                file.mux(film.encode(frame))
            file.mux(film.encode(None))
        for output in outputs:
            frames = av.AudioResampler(
                output.format, layout, rate, frame_size=output.codec_context.frame_size or 1024
            )
            whole = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
            whole.sample_rate = rate
            for part in (*frames.resample(whole), *frames.resample(None)):
                file.mux(output.encode(part))
            file.mux(output.encode(None))
    return stream.getvalue()


def frequency(samples: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * RATE / len(samples))


@pytest.mark.parametrize(("container", "codec", "rate", "layout", "kind"), KINDS)
def test_each_kind_of_sound_file_is_heard_as_it_was_recorded(
    container: str, codec: str, rate: int, layout: str, kind: SoundFormat
) -> None:
    data = written(container, codec, rate, layout)

    sound = open_sound(data, LIMITS, transcript="a tone")

    assert sound.format is kind is sound_format(data)
    assert (sound.rate, sound.source_rate) == (RATE, rate)
    assert sound.duration_s == pytest.approx(2.0, abs=0.1)
    assert len(sound.samples) == pytest.approx(2 * RATE, abs=0.1 * RATE)
    assert frequency(sound.samples) == pytest.approx(440, abs=2)
    assert sound.samples.std() == pytest.approx(0.3 / np.sqrt(2), rel=0.15)
    assert sound.samples.dtype == np.float32
    assert (sound.data, sound.transcript) == (data, "a tone")


def test_channels_of_opposite_phase_do_not_cancel_out() -> None:
    sound = open_sound(written("wav", "pcm_s16le", signs=(1.0, -1.0)), LIMITS)

    assert sound.samples.std() > 0.15


def test_sound_of_one_channel_only_is_heard() -> None:
    sound = open_sound(written("wav", "pcm_s16le", signs=(0.0, 1.0)), LIMITS)

    assert sound.samples.std() > 0.05


@pytest.mark.parametrize(("container", "codec"), [("flac", "flac"), ("ipod", "aac")])
def test_half_a_file_is_refused(container: str, codec: str) -> None:
    data = written(container, codec, seconds=4.0)

    with pytest.raises(Refused) as refusal:
        open_sound(data[: len(data) // 2], LIMITS)

    assert refusal.value.code is RefusalCode.DAMAGED


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", RefusalCode.EMPTY, id="nothing"),
        pytest.param(b"abcd" * 99, RefusalCode.UNSUPPORTED_TYPE, id="anything"),
        pytest.param(
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hosts\n", RefusalCode.UNSUPPORTED_TYPE, id="playlist"
        ),
        pytest.param(
            b"ffconcat version 1.0\nfile /etc/hosts\n",
            RefusalCode.UNSUPPORTED_TYPE,
            id="list of files",
        ),
        pytest.param(b"ID3\x04\0\0\0\0\0\x10" + bytes(40), RefusalCode.DAMAGED, id="a tag alone"),
        pytest.param(b"RIFF\x24\0\0\0WAVE" + b"\xff" * 80, RefusalCode.DAMAGED, id="broken wav"),
        pytest.param(b"OggS" + b"\xff" * 400, RefusalCode.DAMAGED, id="broken ogg"),
        pytest.param(b"fLaC" + b"\0" * 400, RefusalCode.DAMAGED, id="broken flac"),
    ],
)
def test_what_is_no_sound_is_refused(data: bytes, code: RefusalCode) -> None:
    with pytest.raises(Refused) as refusal:
        open_sound(data, LIMITS)

    assert refusal.value.code is code


def test_a_recording_over_the_duration_is_held_and_not_judged_in_part() -> None:
    short = SoundLimits(max_duration_s=1.5)

    for container, codec in (("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("adts", "aac")):
        with pytest.raises(TooMuchToCheck) as hold:
            open_sound(written(container, codec), short)
        assert hold.value.code is HoldCode.TOO_LONG


def test_a_file_over_the_size_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        open_sound(written("wav", "pcm_s16le"), SoundLimits(max_bytes=1_000))

    assert refusal.value.code is RefusalCode.TOO_LARGE


def test_decoding_that_takes_too_long_is_held() -> None:
    with pytest.raises(TooMuchToCheck) as hold:
        open_sound(written("mp3", "libmp3lame"), SoundLimits(max_decode_s=1e-9))

    assert hold.value.code is HoldCode.TOO_SLOW


def test_more_channels_than_are_gone_through_are_held() -> None:
    with pytest.raises(TooMuchToCheck):
        open_sound(written("wav", "pcm_s16le", layout="5.1"), SoundLimits(max_channels=2))


def test_two_sound_tracks_are_held() -> None:
    data = written("mp4", "aac", tracks=2)

    with pytest.raises(TooMuchToCheck) as hold:
        open_sound(data, LIMITS)
    assert hold.value.code is HoldCode.TOO_MANY_TRACKS
    with pytest.raises(TooMuchToCheck):
        track(data, LIMITS, FilmFormat.MP4)


def test_a_picture_inside_a_sound_file_is_held() -> None:
    with pytest.raises(TooMuchToCheck) as hold:
        open_sound(written("mp4", "aac", picture=True), LIMITS)

    assert hold.value.code is HoldCode.TOO_MANY_TRACKS


def test_the_sound_of_a_film_is_its_track() -> None:
    sound = track(written("mp4", "aac", picture=True), LIMITS, FilmFormat.MP4)

    assert sound is not None
    assert sound.format is FilmFormat.MP4
    assert frequency(sound.samples) == pytest.approx(440, abs=2)


def test_a_film_without_sound_has_none_and_as_a_sound_file_is_refused() -> None:
    data = written("mp4", "aac", tracks=0, picture=True)

    assert track(data, LIMITS, FilmFormat.MP4) is None
    with pytest.raises(Refused):
        open_sound(data, LIMITS)


def test_a_wrong_name_of_the_container_is_no_way_to_another_reader() -> None:
    with pytest.raises(Refused):
        track(b"#EXTM3U\nfile:///etc/hosts\n", LIMITS, FilmFormat.MP4)


def with_runs(*runs: tuple[int, int]) -> bytes:
    """Uncompressed sound in a QuickTime file whose chunks are said to have so many samples."""
    data = written("mov", "pcm_s16le")
    at = data.index(b"stsc") + 4
    (count,) = struct.unpack_from(">I", data, at + 4)
    assert count >= len(runs), "the table has room"
    entries = [(first, samples, 1) for first, samples in runs]
    entries += [(runs[-1][0] + 1 + more, 1, 1) for more in range(count - len(runs))]
    table = b"".join(struct.pack(">III", *entry) for entry in entries)
    return data[: at + 8] + table + data[at + 8 + len(table) :]


def test_uncompressed_sound_in_a_film_s_container_is_heard() -> None:
    assert len(open_sound(written("mov", "pcm_s16le"), LIMITS).samples) == 2 * RATE


def test_chunks_of_billions_of_samples_are_held_before_room_is_made_for_them() -> None:
    with pytest.raises(TooMuchToCheck) as held:
        open_sound(with_runs((1, 4_000_000_000)), LIMITS)
    assert held.value.code is HoldCode.TOO_MANY_FRAMES


def test_chunks_in_no_order_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        open_sound(with_runs((2, 1000)), LIMITS)
    assert refused.value.code is RefusalCode.DAMAGED


def test_samples_announced_in_a_sound_file_are_counted_as_in_a_film() -> None:
    counted = struct.pack(">I4sIII", 20, b"stsz", 0, 1, 4_000_000_000)
    with pytest.raises(TooMuchToCheck) as held:
        open_sound(written("ipod", "aac") + counted, LIMITS)
    assert held.value.code is HoldCode.TOO_MANY_FRAMES

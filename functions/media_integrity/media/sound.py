"""Opening a stranger's sound file, or the sound track of a film.

The container's reader is chosen by the first bytes and named to ffmpeg, so that nothing is probed:
a playlist or a list of other files is never followed, and no protocol is open beside the buffer.
Everything that can be heard becomes samples, or the file is refused or held.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from . import containers
from .errors import HoldCode, RefusalCode, Refused, TooMuchToCheck
from .limits import SoundLimits
from .types import FilmFormat, Sound, SoundFormat

if TYPE_CHECKING:
    import numpy as np
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from numpy.typing import NDArray

    Channels: TypeAlias = NDArray[np.float32]

RATE = 16_000
"""Of the samples that signals get. Speech is judged up to 8 kHz."""

_READERS = {
    SoundFormat.MP3: "mp3",
    SoundFormat.AAC: "aac",
    SoundFormat.OGG: "ogg",
    SoundFormat.WAV: "wav",
    SoundFormat.FLAC: "flac",
    SoundFormat.MP4: "mov",
    SoundFormat.WEBM: "matroska",
    FilmFormat.MP4: "mov",
    FilmFormat.QUICKTIME: "mov",
    FilmFormat.THREE_GP: "mov",
    FilmFormat.WEBM: "matroska",
    FilmFormat.MATROSKA: "matroska",
}
"""ffmpeg's name of what reads each container."""

_ESTIMATED = frozenset({SoundFormat.MP3, SoundFormat.AAC})
"""Containers that do not state their duration; ffmpeg guesses it from the first frames."""

_CODECS = frozenset({
    "mp1", "mp2", "mp3", "mp1float", "mp2float", "mp3float", "aac", "aac_latm", "alac", "flac",
    "opus", "libopus", "vorbis", "libvorbis", "speex", "libspeex", "amrnb", "amrwb",
    "libopencore_amrnb", "libopencore_amrwb", "ac3", "eac3", "gsm", "gsm_ms", "g722",
    "adpcm_ima_wav", "adpcm_ms", "adpcm_ima_qt", "pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8",
    "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le",
    "pcm_f32be", "pcm_f64le", "pcm_f64be",
})  # fmt: skip
"""Decoders that run on a stranger's bytes; no others are opened."""

_LOST_PACKETS = 3
"""Undecodable packets that are put up with: under a tenth of a second. Cut MP3 files start so."""

_DECODED_SHARE = 0.9
"""Of the stated duration that must be there; players disagree on what the rest of a file is."""

_CANCELLED = 0.1
"""Where the mix of the channels has less than this share of the loudest one's power, that one is
heard instead: speech in opposite phase vanishes from the mix, but not from a phone's speaker."""

_RATES = range(4_000, 192_001)


def sound_format(data: bytes) -> SoundFormat | None:
    """The container that ``data`` starts like; None where it is none that we open.

    ISO base media and Matroska files are taken whatever else is in them: ``open_sound`` holds those
    that have more than sound.
    """
    head = data[:64]
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return SoundFormat.WAV
    if head.startswith(b"OggS"):
        return SoundFormat.OGG
    if head.startswith(b"fLaC"):
        return SoundFormat.FLAC
    if head[4:8] == b"ftyp":
        return SoundFormat.MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return SoundFormat.WEBM
    return _framed(data)


def open_sound(data: bytes, limits: SoundLimits, *, transcript: str | None = None) -> Sound:
    """Decode a sound file once, for all signals.

    Raises:
        Refused: no bytes, not sound that we open, damaged, or too large.
        TooMuchToCheck: sound, but more than is examined: hold it for a person.
    """
    if not data:
        raise Refused(
            RefusalCode.EMPTY,
            "The file arrived empty. Check that it opens on your device and upload it again.",
        )
    kind = sound_format(data)
    if kind is None:
        raise _unsupported("no known signature")
    opened = _opened(data, kind, limits, transcript, alone=True)
    if opened is None:
        raise _unsupported("no sound track")
    return opened


def track(
    data: bytes, limits: SoundLimits, kind: FilmFormat, *, transcript: str | None = None
) -> Sound | None:
    """The sound of a film; None where it has none.

    Silence stands for the time before a track that starts later than the picture.

    Raises:
        Refused: the track is damaged, or the file too large.
        TooMuchToCheck: more than is examined: hold it for a person.
    """
    return _opened(data, kind, limits, transcript, alone=False)


def _framed(data: bytes) -> SoundFormat | None:
    """MPEG audio or AAC in ADTS, behind ID3 tags or without."""
    start = 0
    while data[start : start + 3] == b"ID3" and len(data) >= start + 10:
        size = 0
        for byte in data[start + 6 : start + 10]:  # seven bits a byte
            size = size << 7 | byte & 0x7F
        start += 10 + size
    head = data[start : start + 2]
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        # ffmpeg looks for the first frame behind the padding that some tags have.
        return SoundFormat.MP3 if start else None
    return SoundFormat.AAC if head[1] & 0xF6 == 0xF0 else SoundFormat.MP3


def _opened(
    data: bytes,
    kind: SoundFormat | FilmFormat,
    limits: SoundLimits,
    transcript: str | None,
    *,
    alone: bool,
) -> Sound | None:
    if len(data) > limits.max_bytes:
        raise Refused(
            RefusalCode.TOO_LARGE,
            f"This file is too large: {len(data) / 1e6:.0f} MB. The most we take is "
            f"{limits.max_bytes / 1e6:.0f} MB. Make it shorter and upload it again.",
            cause=f"{len(data)} bytes",
        )
    try:
        containers.check(data, kind)
        return _decoded(data, kind, limits, transcript, alone=alone)
    except (Refused, TooMuchToCheck):
        raise
    except containers.Broken as error:
        raise _damaged(str(error)) from error
    except MemoryError as error:
        raise _held(
            HoldCode.OUT_OF_MEMORY,
            "needs more memory than our automatic check has",
            "out of memory",
        ) from error
    except Exception as error:
        # Decoders raise nearly every type there is. Whatever it was, the sound was not heard.
        raise _damaged(f"{kind.name}: {type(error).__name__}") from error


def _decoded(
    data: bytes,
    kind: SoundFormat | FilmFormat,
    limits: SoundLimits,
    transcript: str | None,
    *,
    alone: bool,
) -> Sound | None:
    import av
    import numpy as np

    options = {"protocol_whitelist": "none", "codec_whitelist": ",".join(sorted(_CODECS))}
    with av.open(io.BytesIO(data), "r", format=_READERS[kind], options=options) as container:
        stream = _only_track(container, alone=alone)
        if stream is None:
            return None
        _check(stream, limits)
        stated = _stated_duration(container, stream)
        if stated > limits.max_duration_s:
            raise _too_long(limits)
        # What the container says of itself ends with it.
        source_rate, channels, codec = stream.rate, stream.channels, stream.codec_context.name
        blocks = [np.zeros(_delay(stream, limits, alone=alone), np.float32)]
        decoded = len(blocks[0])
        for block in _mono(container, stream, limits):
            decoded += len(block)
            if decoded > limits.max_duration_s * RATE:
                raise _too_long(limits)
            blocks.append(block)
    if kind not in _ESTIMATED and decoded < (stated * _DECODED_SHARE - 1) * RATE:
        raise _damaged(f"{decoded / RATE:.1f} s of {stated:.1f} s")
    return Sound(
        samples=np.concatenate(blocks),
        rate=RATE,
        source_rate=source_rate,
        channels=channels,
        codec=codec,
        duration_s=decoded / RATE,
        format=kind,
        data=data,
        transcript=transcript,
    )


def _only_track(container: InputContainer, *, alone: bool) -> AudioStream | None:
    """The sound track. More than one, or something to see in a sound file, is for a person."""
    found = container.streams.audio
    seen = len(container.streams.video) + len(container.streams.subtitles)
    if len(found) > 1:
        raise _held(
            HoldCode.TOO_MANY_TRACKS, "has more than one sound track", f"{len(found)} sound tracks"
        )
    if alone and found and seen:
        raise _held(
            HoldCode.TOO_MANY_TRACKS,
            "has a picture or text in it",
            f"{seen} tracks beside the sound",
        )
    return found[0] if found else None


def _check(stream: AudioStream, limits: SoundLimits) -> None:
    if stream.codec_context.name not in _CODECS:
        raise _unsupported(f"codec {stream.codec_context.name}")
    if stream.rate not in _RATES:
        raise _damaged(f"rate {stream.rate}")
    if not 1 <= stream.channels <= limits.max_channels:
        raise _held(
            HoldCode.TOO_MANY_TRACKS,
            "has more channels than we check automatically",
            f"{stream.channels} channels",
        )


def _stated_duration(container: InputContainer, stream: AudioStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1e6


def _delay(stream: AudioStream, limits: SoundLimits, *, alone: bool) -> int:
    """Samples of silence before a film's track, so that sound and picture stay together."""
    if alone or stream.start_time is None or stream.time_base is None:
        return 0
    return int(
        min(max(float(stream.start_time * stream.time_base), 0), limits.max_duration_s) * RATE
    )


def _mono(
    container: InputContainer, stream: AudioStream, limits: SoundLimits
) -> Iterator[NDArray[np.float32]]:
    """Blocks of about a second at ``RATE``."""
    import numpy as np

    waiting: list[Channels] = []
    length = 0  # of them; a packet may be one sample, so they are not counted again each time
    for channels in _resampled(container, stream, limits):
        if waiting and channels.shape[0] != waiting[0].shape[0]:
            yield _mixed(np.concatenate(waiting, axis=1))
            waiting, length = [], 0
        waiting.append(channels)
        length += channels.shape[1]
        if length >= RATE:
            yield _mixed(np.concatenate(waiting, axis=1))
            waiting, length = [], 0
    if waiting:
        yield _mixed(np.concatenate(waiting, axis=1))


def _resampled(
    container: InputContainer, stream: AudioStream, limits: SoundLimits
) -> Iterator[Channels]:
    """(channels, n) at ``RATE``. Rate and channels may change within a file."""
    import av

    resampler: av.AudioResampler | None = None
    coming: tuple[str, str, int] | None = None
    for frame in _frames(container, stream, limits):
        arriving = (frame.format.name, frame.layout.name, frame.sample_rate)
        if resampler is None or arriving != coming:
            if resampler is not None:
                yield from map(_samples, resampler.resample(None))
            resampler, coming = av.AudioResampler("fltp", frame.layout, RATE), arriving
        frame.pts = None  # gaps and jumps in the time stamps are no sound
        yield from map(_samples, resampler.resample(frame))
    if resampler is not None:
        yield from map(_samples, resampler.resample(None))


def _frames(
    container: InputContainer, stream: AudioStream, limits: SoundLimits
) -> Iterator[AudioFrame]:
    from av.error import InvalidDataError

    started, lost = time.monotonic(), 0
    for packet in container.demux(stream):
        if time.monotonic() - started > limits.max_decode_s:
            raise _held(
                HoldCode.TOO_SLOW, "takes too long to open", f"over {limits.max_decode_s:.0f} s"
            )
        try:
            yield from packet.decode()
        except InvalidDataError as error:
            lost += 1
            if lost > _LOST_PACKETS:
                raise _damaged("undecodable packets") from error


def _samples(frame: AudioFrame) -> Channels:
    import numpy as np

    return np.asarray(frame.to_ndarray(), np.float32)


def _mixed(channels: Channels) -> NDArray[np.float32]:
    import numpy as np

    usable = np.nan_to_num(channels, nan=0.0, posinf=1.0, neginf=-1.0)
    mix: NDArray[np.float32] = usable.mean(axis=0, dtype=np.float32)
    power = np.mean(usable**2, axis=1)
    if np.mean(mix**2) < _CANCELLED * power.max(initial=0.0):
        mix = usable[int(power.argmax())]
    return np.clip(mix, -1.0, 1.0)


def _too_long(limits: SoundLimits) -> TooMuchToCheck:
    return _held(
        HoldCode.TOO_LONG,
        f"is longer than the {limits.max_duration_s / 60:.0f} minutes that we check automatically",
        f"over {limits.max_duration_s:.0f} s",
    )


def _held(code: HoldCode, what: str, cause: str) -> TooMuchToCheck:
    return TooMuchToCheck(
        code, f"This recording {what}, so a person will check it first.", cause=cause
    )


def _damaged(cause: str) -> Refused:
    return Refused(
        RefusalCode.DAMAGED,
        "This recording is damaged or incomplete, so it could not be checked. "
        "Play it on your device, save it again and upload the new copy.",
        cause=cause,
    )


def _unsupported(cause: str) -> Refused:
    return Refused(
        RefusalCode.UNSUPPORTED_TYPE,
        "This is not a sound file that we can open. MP3, M4A, AAC, OGG, WAV, FLAC and WebM work; "
        "save it as one of them and upload it again.",
        cause=cause,
    )

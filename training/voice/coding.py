"""What happens to a recording on its way: codecs, telephone bands, noise, gain, cut silence.

The same chain, from the same seed, is laid over human speech and over renderings of it. Otherwise a
detector learns the codec that one side came with.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]


class Coding(StrEnum):
    """A codec that speech is sent through."""

    G722 = "g722"  # wideband telephony, 64 kbit/s
    ALAW = "alaw"  # telephone, 8 kHz
    GSM = "gsm"  # mobile telephone, 8 kHz, 13 kbit/s
    MP3 = "mp3"
    AAC = "aac"
    OPUS = "opus"  # messengers
    VORBIS = "vorbis"


@dataclass(frozen=True, slots=True)
class _Codec:
    container: str
    encoder: str
    decoder_container: str | None
    rate: int
    bit_rates: tuple[int, ...] = ()


_CODECS = {
    Coding.G722: _Codec("g722", "g722", "g722", 16_000),
    Coding.ALAW: _Codec("wav", "pcm_alaw", None, 8_000),
    Coding.GSM: _Codec("amr", "libopencore_amrnb", None, 8_000, (12_200, 7_950)),
    Coding.MP3: _Codec("mp3", "libmp3lame", None, 16_000, (32_000, 48_000, 64_000)),
    Coding.AAC: _Codec("adts", "aac", None, 16_000, (24_000, 40_000, 64_000)),
    Coding.OPUS: _Codec("ogg", "libopus", None, 16_000, (12_000, 20_000, 32_000)),
    Coding.VORBIS: _Codec("ogg", "vorbis", None, 16_000),
}


def read_sound(data: bytes, rate: int, container: str | None = None) -> Samples:
    """Mono samples of a trusted file at ``rate``."""
    import av
    import numpy as np

    with av.open(io.BytesIO(data), "r", format=container) as opened:
        resampler = av.AudioResampler("flt", "mono", rate)
        blocks = [
            block.to_ndarray()[0]
            for frame in opened.decode(audio=0)
            for block in resampler.resample(frame)
        ]
        blocks += [block.to_ndarray()[0] for block in resampler.resample(None)]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def coded(samples: Samples, rate: int, coding: Coding, bit_rate: int | None = None) -> Samples:
    """``samples`` after being encoded and decoded; the length is kept."""
    import av
    import numpy as np
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream

    codec = _CODECS[coding]
    written = io.BytesIO()
    with av.open(written, "w", format=codec.container) as container:
        stream = container.add_stream(codec.encoder, rate=codec.rate, layout="mono")
        assert isinstance(stream, AudioStream)
        if bit_rate:
            stream.bit_rate = bit_rate
        if coding is Coding.VORBIS:
            stream.codec_context.options = {"strict": "experimental"}
            stream.layout = "stereo"
        resampler = av.AudioResampler(stream.format, stream.layout, codec.rate)
        loud = np.clip(samples, -1, 1)[None].astype(np.float32)
        frame = AudioFrame.from_ndarray(loud, format="flt", layout="mono")
        frame.sample_rate = rate
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    decoded = read_sound(written.getvalue(), rate, codec.decoder_container)
    return _of_length(decoded, len(samples))


def degraded(samples: Samples, rate: int, seed: int) -> Samples:
    """A way that speech may travel, drawn by ``seed``: the same for the same seed and length."""
    import numpy as np

    random = np.random.default_rng(seed)
    out = samples
    if random.random() < 0.3:
        out = tilted(out, rate, float(random.uniform(-6, 6)))
    noise, snr, tone = random.random() < 0.4, float(random.uniform(12, 45)), random.integers(2**31)
    if noise:
        out = noisy(out, snr, int(tone))
    way = random.random()
    coding = _drawn_coding(way)
    if coding is not None:
        rates = _CODECS[coding].bit_rates
        out = coded(out, rate, coding, int(random.choice(rates)) if rates else None)
    cut = float(random.uniform(3_400, 7_600)) if random.random() < 0.2 else None
    if cut is not None:
        out = low_passed(out, rate, cut)
    gain = 10 ** (float(random.uniform(-18, 6)) / 20)
    sent: Samples = np.clip(out * gain, -1, 1).astype(np.float32)
    return sent


def _drawn_coding(way: float) -> Coding | None:
    for bound, coding in (
        (0.10, Coding.ALAW),
        (0.18, Coding.GSM),
        (0.33, Coding.MP3),
        (0.46, Coding.AAC),
        (0.60, Coding.OPUS),
        (0.66, Coding.G722),
    ):
        if way < bound:
            return coding
    return None


def noisy(samples: Samples, snr_db: float, seed: int) -> Samples:
    """With noise ``snr_db`` under the speech, its spectrum falling like 1/f^a, a in [0, 1]."""
    import numpy as np

    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(len(samples)))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** (random.uniform(0, 1) / 2)
    noise = np.fft.irfft(spectrum, len(samples))
    level = np.sqrt(np.mean(samples**2) + 1e-12) / 10 ** (snr_db / 20)
    noisy: Samples = (samples + noise * level / (noise.std() + 1e-12)).astype(np.float32)
    return noisy


def low_passed(samples: Samples, rate: int, cut_hz: float) -> Samples:
    """Without what lies above ``cut_hz``, with a slope of 300 Hz."""
    import numpy as np

    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    spectrum *= np.clip((cut_hz + 150 - hertz) / 300, 0, 1)
    made: Samples = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    return made


def tilted(samples: Samples, rate: int, decibels: float) -> Samples:
    """Louder or softer towards high frequencies, ``decibels`` over the whole band."""
    import numpy as np

    spectrum = np.fft.rfft(samples)
    spectrum *= 10 ** (np.linspace(-decibels / 2, decibels / 2, len(spectrum)) / 20)
    made: Samples = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    return made


def _of_length(samples: Samples, length: int) -> Samples:
    import numpy as np

    padded: Samples = np.pad(samples[:length], (0, max(length - len(samples), 0)))
    return padded

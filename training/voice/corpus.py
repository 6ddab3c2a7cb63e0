"""Where human speech comes from: Debian's recorded prompts and the vocoder demo's ground truth.

Debian's packages are fetched once into a cache. Their speakers are professional voices and
volunteers who gave the recordings to free software. Every clip knows its speaker, its sentence and
how it is coded, so that splits keep sentences and speakers apart and fakes can be coded alike.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .coding import Coding, read_sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE = 16_000
LONGEST_S = 6.0
SHORTEST_S = 2.0

PROMPTS = {
    "en_US_f_Allison": ("asterisk-core-sounds-en-g722", "allison"),
    "es_MX_f_Allison": ("asterisk-core-sounds-es-g722", "allison"),
    "fr_CA_f_June": ("asterisk-core-sounds-fr-g722", "june"),
    "it_IT_m_Carlo": ("asterisk-core-sounds-it-g722", "carlo"),
    "ru_RU_f_IvrvoiceRU": ("asterisk-core-sounds-ru-g722", "ivrvoice"),
}
"""Folder of the prompts: Debian package and speaker. All coded with G.722."""

LETTERS = "klettres-data"
"""Letters and syllables of some twenty languages, a volunteer each. Strung together here."""

READER = "pocketsphinx-testdata"
"""Five sentences of a LibriVox reader and some commands, never trained on."""

VOCODERS = ("HGAN_V1", "HGAN_V2", "HGAN_V3", "MG", "WG", "WN")
"""Folders of the demo that hold a vocoder's rendering of the sentences in ``GT``."""

_LETTERS_JOINED = 6
_JOIN_GAP_S = (0.06, 0.25)


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of one recording, or of a rendering of it."""

    samples: Samples
    """Mono, 16 kHz."""
    system: str
    """``human``, or what made it."""
    speaker: str
    sentence: str
    """The same for a recording and for every rendering of it."""
    coding: Coding | None = None
    """What the recording had been through; a rendering of it goes through the same."""

    def rendered(self, samples: Samples, system: str) -> Clip:
        """This sentence as ``system`` made it."""
        return replace(self, samples=samples, system=system)


class PackageMissing(Exception):
    """A Debian package could not be fetched. Names it and what to do."""


def fetched(package: str, cache: Path) -> Path:
    """The unpacked Debian package.

    Raises:
        PackageMissing: apt knows no such package or has no network.
    """
    folder = cache.resolve() / "debian" / package
    if folder.is_dir():
        return folder
    downloads = cache.resolve() / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    try:
        _run("apt-get", "download", "-qq", package, within=downloads)
        (archive,) = downloads.glob(f"{package}_*.deb")
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run("dpkg-deb", "-x", str(archive), str(folder), within=cache)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise PackageMissing(f"{package}: run apt-get update, then try again") from error
    return folder


def _run(*command: str, within: Path) -> None:
    subprocess.run(command, cwd=within, check=True)


def demo(data: Path, systems: Iterable[str]) -> Iterator[Clip]:
    """The vocoder demo's clips of ``systems`` (``GT`` is the human one)."""
    for system in systems:
        for file in sorted((data / "voice").glob(f"*/{system}/*.flac")):
            group, number = file.parent.parent.name, file.stem.rsplit("_", 1)[1]
            sentence = f"{group}_{number}"
            # "ms" has a speaker a sentence, "ss" has one speaker.
            speaker = sentence if group == "ms" else group
            yield Clip(
                read_sound(file.read_bytes(), RATE),
                "human" if system == "GT" else system,
                f"demo_{speaker}",
                f"demo_{sentence}",
            )


def prompts(folder: str, cache: Path) -> Iterator[Clip]:
    """The prompts in one of the folders of ``PROMPTS``."""
    package, speaker = PROMPTS[folder]
    for file in sorted(fetched(package, cache).rglob(f"{folder}/**/*.g722")):
        samples = read_sound(file.read_bytes(), RATE, container="g722")
        if len(samples) >= SHORTEST_S * RATE:
            yield Clip(
                samples[: int(LONGEST_S * RATE)],
                "human",
                speaker,
                f"{speaker}_{file.parent.name}_{file.stem}_{len(samples)}",
                Coding.G722,
            )


def letters(cache: Path) -> Iterator[Clip]:
    """Strings of letters: a recording alone is shorter than a second."""
    root = fetched(LETTERS, cache) / "usr/share/klettres"
    for folder in sorted(root.iterdir()):
        files = sorted(folder.rglob("*.ogg"))[:36]
        for first in range(0, len(files) - _LETTERS_JOINED + 1, _LETTERS_JOINED):
            parts = [_read_letter(file) for file in files[first : first + _LETTERS_JOINED]]
            samples = _joined([part for part in parts if part is not None], first)
            if len(samples) < SHORTEST_S * RATE:
                continue
            yield Clip(
                samples,
                "human",
                f"letters_{folder.name}",
                f"letters_{folder.name}_{first}",
                Coding.VORBIS,
            )


def _read_letter(file: Path) -> Samples | None:
    """None for the few files of that package that ffmpeg cannot read."""
    from av.error import FFmpegError

    try:
        return read_sound(file.read_bytes(), RATE)
    except FFmpegError:
        return None


def _joined(parts: list[Samples], seed: int) -> Samples:
    import numpy as np

    random = np.random.default_rng(seed)
    joined: list[Samples] = [np.zeros(0, np.float32)]
    for part in parts:
        loud = np.flatnonzero(np.abs(part) > 0.02 * np.abs(part).max(initial=1e-6))
        gap = np.zeros(int(random.uniform(*_JOIN_GAP_S) * RATE), np.float32)
        joined += [part[loud[0] : loud[-1] + 1] if len(loud) else part, gap]
    return np.concatenate(joined)[: int(LONGEST_S * RATE)]


def reader(cache: Path) -> Iterator[Clip]:
    """The reader's sentences, cut where they are long."""
    for file in sorted(fetched(READER, cache).rglob("*.wav")):
        samples = read_sound(file.read_bytes(), RATE)
        step = int(LONGEST_S * RATE)
        for first in range(0, max(len(samples) - int(SHORTEST_S * RATE), 1), step):
            part = samples[first : first + step]
            yield Clip(part, "human", f"reader_{file.parent.name}", f"reader_{file.stem}_{first}")


def share(text: str) -> float:
    """A number in [0, 1) that belongs to ``text``: splits by it never change."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:4]) / 2**32

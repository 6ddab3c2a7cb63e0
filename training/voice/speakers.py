"""Recordings by speaker: who is recognised by a voice, and who is taken for another.

Asterisk's prompts (Debian; eight readings by seven professional voices), KDE's letters and words
for children (a volunteer a language), two readers, and the human part of the vocoder demo. Nobody
knows whether two volunteers of one language are one person, so pairs of such are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media_integrity.signals.voice.activity import speech
from media_integrity.signals.voice.speaker import spoken

from .coding import read_sound
from .corpus import LETTERS, PROMPTS, RATE, READER, fetched, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

MORE_PROMPTS = {
    "armelle": ("asterisk-prompt-fr-armelle", "*.gsm", "gsm", "fr"),
    "esco": ("asterisk-prompt-es-co", "*.gsm", "gsm", "es"),
    "menardi": ("asterisk-prompt-it-menardi-wav", "*.wav", None, "it"),
}
"""Speaker: Debian package, files, ffmpeg's name of a container without a head, language."""

WORDS = "ktuberling-data"
"""Names of things in some twenty languages, a volunteer each."""

READERS = {"librivox": "austen"}
"""Folder of ``READER``: what its reader is called here, if not as the folder is."""

MOST_S = 90.0
"""Of speech kept of one reading."""

SHORTEST_S = 0.25

NEAR_LANGUAGES = {
    "en_GB": "en", "nn": "no", "nb": "no", "nds": "de", "wa": "fr", "ca": "es", "gl": "es",
    "uk": "ru", "pt_BR": "pt",
}  # fmt: skip
"""Languages whose volunteers may be one person, beside each language itself."""

VOLUNTEERS = ("letters", "words")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one person says in one collection, pauses taken out."""

    name: str
    person: str
    collection: str
    language: str
    speech: Samples

    @property
    def validation(self) -> bool:
        """The half of the people on whom the threshold was chosen; the others are the test."""
        digest = hashlib.md5(self.person.encode(), usedforsecurity=False).digest()
        return digest[0] % 2 == 0

    def may_be(self, other: Reading) -> bool:
        """Nobody knows whether these two are one person."""
        both = self.collection in VOLUNTEERS and other.collection in VOLUNTEERS
        return both and self.language == other.language and self.name != other.name


def readings(data: Path, cache: Path) -> Iterator[Reading]:
    """Everything; Debian's packages are fetched once into ``cache``.

    Raises:
        PackageMissing: a Debian package could not be fetched.
    """
    for name, (package, person) in PROMPTS.items():
        files = sorted(fetched(package, cache).rglob(f"{name}/**/*.g722"))
        yield _reading(name, person, "prompts", name[:2], files, "g722")
    for person, (package, pattern, container, language) in MORE_PROMPTS.items():
        files = sorted(fetched(package, cache).rglob(pattern))
        yield _reading(person, person, "prompts", language, files, container)
    letters = fetched(LETTERS, cache) / "usr/share/klettres"
    words = fetched(WORDS, cache) / "usr/share/ktuberling/sounds"
    for collection, short, root in (("letters", "kl", letters), ("words", "kt", words)):
        for folder in sorted(root.iterdir()):
            files = sorted(
                file for kind in ("ogg", "wav", "opus") for file in folder.rglob(f"*.{kind}")
            )
            if files and "@" not in folder.name:  # a script of a language that is there already
                who = f"{short}-{folder.name}"
                spoken_in = NEAR_LANGUAGES.get(folder.name, folder.name)
                yield _reading(who, who, collection, spoken_in, files)
    for folder in sorted(fetched(READER, cache).rglob("*")):
        if folder.is_dir() and (files := sorted(folder.glob("*.wav"))):
            person = READERS.get(folder.name, folder.name)
            yield _reading(folder.name, person, "readers", "en", files)
    human = data / "voice"
    for file in sorted(human.glob("ms/GT/*.flac")):  # a speaker a sentence
        yield _reading(file.stem, file.stem.replace("_gt_", ""), "demo", "en", [file])
    if files := sorted(human.glob("ss/GT/*.flac")):
        yield _reading("demo_ss", "lj", "demo", "en", files)


def copies(data: Path, system: str) -> Reading | None:
    """The demo's single speaker as a vocoder renders the sentences; None where it is not there."""
    files = sorted((data / "voice").glob(f"ss/{system}/*.flac"))
    return _reading(f"demo_ss_{system}", "lj", "demo", "en", files) if files else None


def _reading(
    name: str,
    person: str,
    collection: str,
    language: str,
    files: list[Path],
    container: str | None = None,
) -> Reading:
    order = sorted(files, key=lambda file: share(f"{name} {file.name} {file.stat().st_size}"))
    parts: list[Samples] = [np.zeros(0, np.float32)]
    for file in order:
        part = _speech(file, container)
        if len(part) >= SHORTEST_S * RATE:
            parts.append(part)
        if sum(map(len, parts)) > MOST_S * RATE:
            break
    return Reading(name, person, collection, language, np.concatenate(parts))


def _speech(file: Path, container: str | None) -> Samples:
    """Nothing for the few files that ffmpeg, or PyAV by their titles, cannot read."""
    from av.error import FFmpegError

    try:
        samples = read_sound(file.read_bytes(), RATE, container=container)
    except (FFmpegError, UnicodeDecodeError):
        return np.zeros(0, np.float32)
    loudest = float(np.abs(samples).max(initial=0.0))
    if loudest < 1e-4:
        return np.zeros(0, np.float32)
    louder = samples * np.float32(0.5 / loudest)
    return spoken(samples, speech(louder))

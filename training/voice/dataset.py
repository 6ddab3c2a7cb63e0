"""Every clip, rendered, coded and turned into spectra once; what training and evaluation read.

Splits are by speaker and by sentence: a sentence and all its renderings are on one side.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from media_integrity.signals.voice.spectra import spectrum

from .coding import Coding, coded, degraded
from .corpus import (
    LETTERS,
    PROMPTS,
    RATE,
    SHORTEST_S,
    VOCODERS,
    Clip,
    demo,
    letters,
    prompts,
    reader,
    share,
)
from .synthesizers import SYSTEMS as SYNTHESIZERS
from .vocoders import SYSTEMS as COPY_SYNTHESIS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

HUMAN = "human"

KEPT = {"allison": 0.18, "june": 0.25, "carlo": 0.3, "ivrvoice": 0.2}
"""Share of a prompt speaker's sentences that is used, so that no voice outweighs the others."""

RENDERINGS = 2
"""Copy-syntheses of each recording, drawn from ``vocoders.SYSTEMS``."""

VERSIONS = 2
"""Of each clip: as it is (but for its source's codec), and degraded."""

TEST_SPEAKERS = ("ivrvoice", "reader_cards", "reader_librivox")
"""Human voices that are never trained on, beside those of the demo."""


@dataclass(frozen=True, slots=True)
class Item:
    """One version of a clip."""

    system: str
    speaker: str
    sentence: str
    version: int
    samples: Samples
    spectrum: NDArray[np.float16]
    """(frames, BINS)"""

    @property
    def fake(self) -> bool:
        return self.system != HUMAN

    @property
    def split(self) -> str:
        """train, test, or demo for the vocoder folders and their ground truth."""
        if self.sentence.startswith("demo_"):
            return "demo"
        if self.speaker in TEST_SPEAKERS:
            return "test"
        return "train"


def build(data: Path, cache: Path, without: Sequence[str] = ()) -> list[Item]:
    """All items. A source is made once and read from ``cache`` afterwards.

    ``without``: synthesizers that are left out.

    Raises:
        PackageMissing: a Debian package could not be fetched.
        SynthesizerMissing: a synthesizer is not installed.
    """
    folder = cache / "items"
    folder.mkdir(parents=True, exist_ok=True)
    items: list[Item] = []
    for name, clips in _sources(data, cache, without):
        file = folder / f"{name}.npz"
        if not file.exists():
            _write(file, [item for clip in clips for item in _items(clip)])
        items.extend(_read(file))
    return items


def _sources(
    data: Path, cache: Path, without: Sequence[str]
) -> Iterator[tuple[str, Iterator[Clip]]]:
    yield "demo", demo(data, ("GT", *VOCODERS))
    for name, make in SYNTHESIZERS.items():
        if name not in without:
            yield name, make()
    yield "reader", reader(cache)
    for name in (*PROMPTS, LETTERS):
        yield name, _with_renderings(name, cache)


def _with_renderings(name: str, cache: Path) -> Iterator[Clip]:
    systems = list(COPY_SYNTHESIS)
    clips = letters(cache) if name == LETTERS else prompts(name, cache)
    for clip in tqdm(list(clips), desc=name, mininterval=10):
        if share("kept " + clip.sentence) >= KEPT.get(clip.speaker, 1.0):
            continue
        yield clip
        first = int(share("system " + clip.sentence) * len(systems))
        for number in range(RENDERINGS):
            system = systems[(first + 3 * number) % len(systems)]
            yield clip.rendered(COPY_SYNTHESIS[system](clip.samples, _seed(clip)), system)


def _items(clip: Clip) -> Iterator[Item]:
    if len(clip.samples) < SHORTEST_S * RATE:
        return
    for version in range(VERSIONS):
        # The same seed for a recording and its renderings.
        seed = _seed(clip) + version
        # What came without a codec gets one as often as the others have it.
        coding = clip.coding
        if coding is None and clip.system in SYNTHESIZERS and seed % 10 < 7:
            coding = Coding.G722
        samples = coded(clip.samples, RATE, coding) if coding else clip.samples
        if version:
            samples = degraded(samples, RATE, seed)
        import numpy as np

        yield Item(
            clip.system,
            clip.speaker,
            clip.sentence,
            version,
            samples,
            spectrum(samples).astype(np.float16),
        )


def _seed(clip: Clip) -> int:
    return int(share("seed " + clip.sentence) * 2**30)


def _write(file: Path, items: list[Item]) -> None:
    import numpy as np

    about = [[item.system, item.speaker, item.sentence, item.version] for item in items]
    arrays: dict[str, NDArray[np.int16] | NDArray[np.float16]] = {}
    for index, item in enumerate(items):
        arrays[f"s{index}"] = np.clip(item.samples * 32767, -32768, 32767).astype(np.int16)
        arrays[f"f{index}"] = item.spectrum
    partial = file.with_suffix(".partial.npz")
    about_bytes = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(partial, allow_pickle=False, about=about_bytes, **arrays)
    partial.rename(file)


def _read(file: Path) -> Iterator[Item]:
    import numpy as np

    with np.load(file, allow_pickle=False) as stored:
        for index, (system, speaker, sentence, version) in enumerate(
            json.loads(stored["about"].tobytes())
        ):
            samples = stored[f"s{index}"].astype(np.float32) / 32767
            yield Item(system, speaker, sentence, version, samples, stored[f"f{index}"])

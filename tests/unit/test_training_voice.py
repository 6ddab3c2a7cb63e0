"""``./dev train voice`` from a clean folder: it runs, can be interrupted, repeats itself.

On voices made by code, so its figures mean nothing here: what is held is the command.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

if find_spec("pyworld") is None or find_spec("safetensors") is None:
    pytest.skip("needs requirements-training.txt", allow_module_level=True)

from media_integrity.signals.network import shipped, tensors
from media_integrity.signals.voice import learned
from media_integrity.signals.voice.examples import robot, vocoded, wav
from training.voice import __main__ as command
from training.voice import dataset
from training.voice.corpus import LETTERS, PROMPTS, RATE, READER, VOCODERS, share
from training.voice.synthesizers import SYSTEMS as SYNTHESIZERS

Samples = NDArray[np.float32]


def coded(samples: Samples, container: str, encoder: str, layout: str = "mono") -> bytes:
    import av
    from av.audio.stream import AudioStream

    written = io.BytesIO()
    with av.open(written, "w", format=container) as file:
        stream = file.add_stream(encoder, rate=RATE, layout=layout)
        assert isinstance(stream, AudioStream)
        if encoder == "vorbis":
            stream.codec_context.options = {"strict": "experimental"}
        resampler = av.AudioResampler(stream.format, layout, RATE)
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = RATE
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return written.getvalue()


def folders(root: Path) -> tuple[Path, Path]:
    """A data folder and a cache with the packages as Debian has them, a few seconds of each."""
    data, cache = root / "data", root / "cache"
    for index, system in enumerate(("GT", *VOCODERS)):
        for number in (1, 4):
            file = data / "voice/ms" / system / f"ms_{system.lower()}_{number}.flac"
            file.parent.mkdir(parents=True, exist_ok=True)
            spoken = robot(2.4, number) if system == "GT" else vocoded(2.4)
            file.write_bytes(wav(spoken + np.float32(1e-4 * index)))
    for place, (folder, (package, speaker)) in enumerate(PROMPTS.items()):
        sounds = cache / "debian" / package / "usr/share/asterisk/sounds" / folder
        sounds.mkdir(parents=True)
        for number in range(_kept_after(speaker, folder)):
            spoken = robot(2.2 + 0.1 * place, 10 * place + number)
            (sounds / f"{number:02d}.g722").write_bytes(coded(spoken, "g722", "g722"))
    letters = cache / "debian" / LETTERS / "usr/share/klettres/xx/alpha"
    letters.mkdir(parents=True)
    for number in range(12):
        (letters / f"{number:02d}.ogg").write_bytes(
            coded(robot(0.5, number), "ogg", "vorbis", "stereo")
        )
    reader = cache / "debian" / READER / "librivox"
    reader.mkdir(parents=True)
    (reader / "one.wav").write_bytes(wav(robot(4.4, 77)))
    return data, cache


def _kept_after(speaker: str, folder: str) -> int:
    """So many prompts that one of them at least is used."""
    for number in range(60):
        length = len(_round_trip(2.2 + 0.1 * list(PROMPTS).index(folder)))
        sentence = f"{speaker}_{folder}_{number:02d}_{length}"
        if share("kept " + sentence) < dataset.KEPT.get(speaker, 1.0):
            return number + 1
    raise AssertionError("no prompt would be used")


def _round_trip(seconds: float) -> Samples:
    from training.voice.coding import read_sound

    return read_sound(coded(robot(seconds), "g722", "g722"), RATE, container="g722")


def trained(data: Path, cache: Path, out: Path, seed: int = 1) -> dict[str, object]:
    arguments = ["--data", str(data), "--cache", str(cache), "--out", str(out), "--no-baseline"]
    arguments += ["--seed", str(seed), "--without", *SYNTHESIZERS]
    assert command.main(arguments) == 0
    report: dict[str, object] = json.loads((out / "report.json").read_text())
    return report


@dataclass(frozen=True)
class First:
    """The first run, from a clean folder, and where it worked."""

    data: Path
    cache: Path
    out: Path
    report: dict[str, object]


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[First]:
    root = tmp_path_factory.mktemp("voice")
    data, cache = folders(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.voice.figures._DRAWS", 10)
        patch.setattr(command, "VOCODERS", VOCODERS[:2])  # each that is held out is two more fits
        report = trained(data, cache, root / "first")
        yield First(data, cache, root / "first", report)


def test_the_command_runs_from_a_clean_folder_and_repeats_itself(
    first_run: First, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, first = first_run.cache, first_run.report

    written = tensors((first_run.out / "voice.safetensors").read_bytes())
    assert set(written) == set(shipped(learned.MODEL))
    assert all(np.isfinite(value).all() for value in written.values())
    assert first["without"] == sorted(SYNTHESIZERS)
    counts = first["counts"]
    assert isinstance(counts, dict) and counts["demo human"] == 4
    assert set(first) >= {"strict", "held_out", "final_test", "calibration", "sha256", "seed"}

    # Nothing is made or measured again, and what was interrupted in the middle is made anew.
    (cache / "items" / "demo.npz").unlink()
    monkeypatch.setattr(dataset, "prompts", None)
    again = trained(first_run.data, cache, tmp_path / "again")
    assert again["sha256"] == first["sha256"]
    assert again == first


def test_another_seed_gives_other_weights(first_run: First, tmp_path: Path) -> None:
    one = first_run.report
    other = trained(first_run.data, first_run.cache, tmp_path / "out", seed=2)
    assert one["sha256"] != other["sha256"]
    assert one["counts"] == other["counts"]


def test_a_synthesizer_that_does_not_exist_cannot_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        command.main(["--data", str(tmp_path), "--out", str(tmp_path), "--without", "nobody"])

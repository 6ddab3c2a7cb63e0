"""What does the covert mark cost, and what does it survive?

Every picture is marked as publication does it, changed as people do, and looked through as
``trace_media`` does. Pictures without a mark are looked through under other keys each time: a mark
is noise to every other key, so each is a trial of its own.

Where ``imwatermark`` is installed (it is no part of this project), its dwtDctSvd is held against it
with as many bits; it is told where to look, which ours finds out.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from evaluation import transforms as changes

from .robustness import SUFFIXES, Share

if TYPE_CHECKING:
    from media_integrity.media.types import Pixels

TRIALS = 1000
KEY = hashlib.sha256(b"benchmark").digest()


@dataclass(frozen=True, slots=True)
class Survived:
    change: str
    ours: Share
    reference: Share


@dataclass(frozen=True, slots=True)
class Quality:
    """Of the marked copies as they are published, against what was uploaded."""

    pictures: int
    unmarked: int
    psnr_least: float
    psnr_mean: float
    ssim_least: float
    ssim_mean: float
    bytes_times: float
    """Size of all copies against that of the originals."""


@dataclass(frozen=True, slots=True)
class Clean:
    """Pictures without a mark."""

    trials: int
    read: int
    best_score: float
    needed: float


class Reference(Protocol):
    def mark(self, rgb: Pixels, payload: bytes) -> Pixels: ...

    def reads(self, rgb: Pixels, payload: bytes) -> bool: ...


def _decoded(content: bytes) -> Pixels:
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGB"))


def _changes() -> dict[str, Callable[[Pixels], Pixels]]:
    def jpeg(quality: int) -> Callable[[Pixels], Pixels]:
        return lambda rgb: _decoded(changes.jpeg(rgb, quality))

    def then_jpeg(change: Callable[[Pixels], Pixels], quality: int) -> Callable[[Pixels], Pixels]:
        return lambda rgb: _decoded(changes.jpeg(change(rgb), quality))

    return {
        "JPEG 60": jpeg(60),
        "JPEG 30": jpeg(30),
        "half size": then_jpeg(changes.half_size, 95),
        "half size, JPEG 60": then_jpeg(changes.half_size, 60),
        "crop 80 %": then_jpeg(changes.crop_80, 95),
        "crop 80 %, JPEG 60": then_jpeg(changes.crop_80, 60),
        "screenshot": then_jpeg(changes.screenshot, 95),
        "screenshot, JPEG 60": then_jpeg(changes.screenshot, 60),
        "reposted three times": lambda rgb: _decoded(changes.social_chain(rgb)),
        "a quarter brighter": then_jpeg(changes.brighter, 95),
        "mirrored": then_jpeg(changes.mirrored, 95),
        "blurred, sigma 1.5": then_jpeg(changes.blurred, 95),
        "noise, sigma 8": then_jpeg(changes.noisy, 95),
    }


class DwtDctSvd:
    """``invisible-watermark``; it marks squares of four pixels and knows no other place."""

    def __init__(self) -> None:
        from imwatermark import (  # type: ignore[import-not-found]
            WatermarkDecoder,
            WatermarkEncoder,
        )

        self._encoder, self._decoder = WatermarkEncoder(), WatermarkDecoder("bytes", 48)

    def mark(self, rgb: Pixels, payload: bytes) -> Pixels:
        import numpy as np

        self._encoder.set_watermark("bytes", payload)
        marked = self._encoder.encode(np.ascontiguousarray(rgb[..., ::-1]), "dwtDctSvd")
        return np.ascontiguousarray(marked[..., ::-1])

    def reads(self, rgb: Pixels, payload: bytes) -> bool:
        import numpy as np

        found = self._decoder.decode(np.ascontiguousarray(rgb[..., ::-1]), "dwtDctSvd")
        return bool(found == payload)


def reference() -> Reference | None:
    """None where it is not installed."""
    try:
        return DwtDctSvd()
    except ImportError:
        return None


def pictures(folders: Sequence[Path], most: int) -> list[Path]:
    """Pictures in the folders, by name.

    Raises:
        FileNotFoundError: there are none.
    """
    found = sorted(
        file for folder in folders for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES
    )
    if not found:
        raise FileNotFoundError(f"no pictures in {', '.join(map(str, folders))}")
    return found[:: max(1, len(found) // most)][:most]


def survived(files: Iterable[Path]) -> tuple[Quality, list[Survived]]:
    """Mark, change, read."""
    import cv2

    from media_integrity.watermarks.detect import find
    from media_integrity.watermarks.files import Unmarked, marked_copy, similarity
    from media_integrity.watermarks.keys import MarkKey

    key, other = MarkKey.of(KEY), reference()
    ours: dict[str, list[bool]] = {name: [] for name in _changes()}
    theirs: dict[str, list[bool]] = {name: [] for name in _changes()}
    alike: list[tuple[float, float]] = []
    unmarked, sizes = 0, [0, 0]
    for file in files:
        content, payload = file.read_bytes(), key.payload(file.name)
        try:
            copy = marked_copy(content, payload, key.carriers)
        except Unmarked:
            unmarked += 1
            continue
        before, after = _decoded(content), _decoded(copy)
        if before.shape != after.shape:  # turned upright
            continue
        sizes = [sizes[0] + len(content), sizes[1] + len(copy)]
        alike.append((float(cv2.PSNR(before, after)), similarity(before, after)))
        rival = other.mark(before, payload) if other is not None else None
        for name, change in _changes().items():
            found = find(change(after), key.carriers)
            ours[name].append(found is not None and found.payload == payload)
            if other is not None and rival is not None:
                theirs[name].append(other.reads(change(rival), payload))
    quality = Quality(
        pictures=len(alike),
        unmarked=unmarked,
        psnr_least=min((each[0] for each in alike), default=0.0),
        psnr_mean=sum(each[0] for each in alike) / max(1, len(alike)),
        ssim_least=min((each[1] for each in alike), default=0.0),
        ssim_mean=sum(each[1] for each in alike) / max(1, len(alike)),
        bytes_times=sizes[1] / max(1, sizes[0]),
    )
    return quality, [
        Survived(name, _share(ours[name]), _share(theirs[name])) for name in _changes()
    ]


def clean(files: Sequence[Path], trials: int) -> Clean:
    """Look for marks where there are none: whole pictures under fresh keys; every fiftieth is
    looked through for pieces as well."""
    from media_integrity.watermarks import detect
    from media_integrity.watermarks.carriers import Carriers
    from media_integrity.watermarks.codeword import CERTAIN_SCORE

    read, best = 0, 0.0
    for trial in range(trials):
        rgb = _decoded(files[trial % len(files)].read_bytes())
        carriers = Carriers.of(hashlib.sha256(f"clean {trial}".encode()).digest())
        score = detect.best_score(rgb, carriers, pieces=trial % 50 == 0)
        read += score >= CERTAIN_SCORE
        best = max(best, score)
    return Clean(trials, read, best, CERTAIN_SCORE)


def cost(megapixels: Sequence[int]) -> dict[str, float]:
    """Milliseconds that publication of a JPEG takes longer, by size; made of one picture."""
    import cv2
    import numpy as np

    from media_integrity.watermarks.files import marked_copy
    from media_integrity.watermarks.keys import MarkKey

    key, taken = MarkKey.of(KEY), {}
    noise = np.random.default_rng(1)
    for million in megapixels:
        size = (round((million * 4 / 3) ** 0.5 * 1000), round((million * 3 / 4) ** 0.5 * 1000))
        rgb = cv2.resize(_portrait(), size, interpolation=cv2.INTER_CUBIC)
        rgb = np.clip(rgb + noise.normal(0, 2, rgb.shape), 0, 255).astype(np.uint8)
        content = changes.jpeg(rgb, 85)
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            marked_copy(content, b"bench!", key.carriers)
            times.append(time.perf_counter() - begin)
        taken[f"watermark_{million}mp_ms"] = 1000 * min(times)
    return taken


def table(quality: Quality, rows: Sequence[Survived], none: Clean) -> str:
    """For people."""
    lines = [
        f"{quality.pictures} pictures marked, {quality.unmarked} not; PSNR at least "
        f"{quality.psnr_least:.1f} dB, mean {quality.psnr_mean:.1f}; SSIM at least "
        f"{quality.ssim_least:.4f}, mean {quality.ssim_mean:.4f}; {quality.bytes_times:.2f} times "
        "the bytes",
        f"without a mark: {none.read} of {none.trials} read; best score {none.best_score:.1f}, "
        f"{none.needed:.0f} are needed",
        "",
        f"{'change':24} {'read':28} dwtDctSvd",
    ]
    lines += [f"{row.change:24} {row.ours!s:28} {row.reference}" for row in rows]
    return "\n".join(lines)


def as_json(quality: Quality, rows: Sequence[Survived], none: Clean) -> dict[str, object]:
    return {
        "quality": asdict(quality),
        "clean": asdict(none),
        "survived": [asdict(row) for row in rows],
    }


def _portrait() -> Pixels:
    import numpy as np
    from skimage import data

    return np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]


def _share(outcomes: Sequence[bool]) -> Share:
    return Share.of(sum(outcomes), len(outcomes))

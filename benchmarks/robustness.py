"""Is a known picture found again after what people do to it? And are other pictures not?

Half of the pictures are banked, each as it is; every banked one is changed and looked for, which is
what is counted; every other one is changed in the same ways and must not be found.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation import transforms
from evaluation.transforms import jpeg

if TYPE_CHECKING:
    from media_integrity.fingerprints.pdq_hash import ViewHashes
    from media_integrity.media.types import Pixels

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
SEED = 7
MIN_QUALITY = 50
RADIUS = 31
PER_FOLDER = 300
LEVEL_Z = 1.959963984540054
"""Of the normal distribution: 95 %, both sides."""
GREY = 128

Change = Callable[["Pixels"], "Pixels"]


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` with Wilson's 95 % interval (1927)."""

    part: int
    whole: int
    share: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, part: int, whole: int) -> Share:
        if not whole:
            return cls(0, 0, None, None, None)
        share, z2 = part / whole, LEVEL_Z**2
        middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
        spread = share * (1 - share) / whole + z2 / (4 * whole**2)
        half = LEVEL_Z / (1 + z2 / whole) * spread**0.5
        return cls(part, whole, share, max(0.0, middle - half), min(1.0, middle + half))

    def __str__(self) -> str:
        if self.share is None or self.low is None or self.high is None:
            return "-"
        return f"{self.share:7.2%} [{self.low:6.2%}, {self.high:6.2%}]"


@dataclass(frozen=True, slots=True)
class Survived:
    """One kind of change over all banked pictures."""

    change: str
    promised: bool
    """By PDQ: it is made to survive this."""
    matched: Share
    """By the eight forms of the picture as it is."""
    matched_with_insets: Share
    """And those of what stands inside it."""
    false_matches: Share
    """Of the pictures that are not banked, those that match anything, insets too."""


def changes() -> dict[str, tuple[bool, Change]]:
    """By name: whether PDQ promises to survive it, and what is done."""
    return {
        "nothing": (True, lambda rgb: rgb),
        "jpeg 30": (True, lambda rgb: _opened(jpeg(rgb, 30))),
        "resize 50 %": (True, transforms.half_size),
        "resize 25 %": (True, lambda rgb: transforms.half_size(transforms.half_size(rgb))),
        "crop 5 %": (False, lambda rgb: _cropped(rgb, 0.05)),
        "crop 10 %": (False, lambda rgb: _cropped(rgb, 0.10)),
        "crop 15 %": (False, lambda rgb: _cropped(rgb, 0.15)),
        "crop 20 %": (False, lambda rgb: _cropped(rgb, 0.20)),
        "logo": (False, _with_logo),
        "text bar": (False, _with_text_bar),
        "rotate 90": (True, lambda rgb: _turned(rgb, 1)),
        "rotate 180": (True, lambda rgb: _turned(rgb, 2)),
        "rotate 270": (True, lambda rgb: _turned(rgb, 3)),
        "mirror": (True, transforms.mirrored),
        "flip": (True, lambda rgb: rgb[::-1]),
        "brightness +20 %": (True, lambda rgb: _levels(rgb, 1.2, 0)),
        "brightness -20 %": (True, lambda rgb: _levels(rgb, 0.8, 0)),
        "contrast +30 %": (True, lambda rgb: _levels(rgb, 1.3, GREY)),
        "grayscale": (True, _grey),
        "blur": (True, transforms.blurred),
        "screenshot": (False, transforms.screenshot),
        "letterbox 10 %": (False, lambda rgb: _letterbox(rgb, 0.10)),
        "letterbox 20 %": (False, lambda rgb: _letterbox(rgb, 0.20)),
    }


def pictures(folders: Sequence[Path], per_folder: int = PER_FOLDER) -> list[Path]:
    """Up to so many of each folder, with its subfolders, the same every time.

    Raises:
        FileNotFoundError: a folder has no picture, or is not there.
    """
    chosen: list[Path] = []
    for folder in folders:
        found = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
        if not found:
            raise FileNotFoundError(f"no pictures below {folder}")
        picked = random.Random(SEED).sample(found, min(per_folder, len(found)))
        chosen += sorted(picked)
    return chosen


def measure(files: Sequence[Path]) -> tuple[list[Survived], dict[str, int]]:
    """Every change, and how many files were of which kind."""
    banked: list[tuple[Pixels, bytes]] = []
    others: list[Pixels] = []
    counts = {"banked": 0, "others": 0, "poor or unreadable": 0}
    for number, file in enumerate(files):
        opened = _read(file)
        if opened is None:
            counts["poor or unreadable"] += 1
        elif number % 2:
            others.append(opened[0])
        else:
            banked.append(opened)
    banked_bits = [bits for _, bits in banked]
    # Two files of one picture would make each other's false matches.
    others = [rgb for rgb in others if not _near(_plain(rgb), banked_bits)]
    counts.update({"banked": len(banked), "others": len(others)})
    rows = []
    for name, (promised, change) in changes().items():
        plain, inset = 0, 0
        for rgb, bits in banked:
            changed = _saved(change(rgb))
            found = _near(_plain(changed), [bits])
            plain += found
            inset += found or _near(_insets(changed), [bits])
        wrong = sum(
            _near([*_plain(changed), *_insets(changed)], banked_bits)
            for changed in (_saved(change(rgb)) for rgb in others)
        )
        rows.append(
            Survived(
                name,
                promised,
                Share.of(plain, len(banked)),
                Share.of(inset, len(banked)),
                Share.of(wrong, len(others)),
            )
        )
    return rows, counts


def table(rows: Sequence[Survived], counts: dict[str, int]) -> str:
    """As text, one change a line."""
    lines = [
        ", ".join(f"{count} {name}" for name, count in counts.items()),
        f"{'':18}{'':9}{'matched at <= 31 bits':^28}{'with insets':^28}{'false matches':^28}",
    ]
    for each in rows:
        promised = "promised" if each.promised else ""
        lines.append(
            f"{each.change:18}{promised:9}{each.matched!s:>28}{each.matched_with_insets!s:>28}"
            f"{each.false_matches!s:>28}"
        )
    return "\n".join(lines)


def as_json(rows: Sequence[Survived], counts: dict[str, int]) -> dict[str, object]:
    return {"seed": SEED, "pictures": counts, "changes": [asdict(each) for each in rows]}


def _read(file: Path) -> tuple[Pixels, bytes] | None:
    """Pixels and hash; None if it cannot be opened or has too little detail to be compared."""
    from media_integrity.fingerprints.pdq_hash import pdq
    from media_integrity.media.errors import Refused
    from media_integrity.media.limits import Limits
    from media_integrity.media.open import open_image

    try:
        rgb = open_image(file.read_bytes(), Limits()).views[0].rgb
    except (Refused, OSError):
        return None
    hashes = pdq(rgb)
    return (rgb, hashes.pdq.bits) if hashes.quality >= MIN_QUALITY else None


def _plain(rgb: Pixels) -> list[bytes]:
    """The eight forms of the picture as it is."""
    from media_integrity.fingerprints.pdq_hash import pdq

    return _good(pdq(rgb))


def _insets(rgb: Pixels) -> list[bytes]:
    """Those of the pictures inside it."""
    from media_integrity.fingerprints.inset import insets
    from media_integrity.media.limits import Limits
    from media_integrity.media.open import open_image

    image = open_image(jpeg(rgb, transforms.NEAR_LOSSLESS), Limits())
    return [bits for inset in insets(image.views) for bits in _good(inset.hashes)]


def _good(hashes: ViewHashes) -> list[bytes]:
    return list(hashes.forms.values()) if hashes.quality >= MIN_QUALITY else []


def _near(ours: Sequence[bytes], theirs: Sequence[bytes]) -> bool:
    import numpy as np

    if not ours or not theirs:
        return False
    one, other = (
        np.frombuffer(b"".join(hashes), np.uint64).reshape(-1, 4) for hashes in (ours, theirs)
    )
    apart = np.bitwise_count(one[:, None] ^ other[None]).sum(axis=2, dtype=np.uint16)
    return bool((apart <= RADIUS).any())


def _saved(rgb: Pixels) -> Pixels:
    """As it comes out of the file that is uploaded."""
    return _opened(jpeg(rgb, transforms.NEAR_LOSSLESS))


def _opened(data: bytes) -> Pixels:
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"), np.uint8)


def _cropped(rgb: Pixels, share: float) -> Pixels:
    """Without so much of each side, half of it at either end."""
    height, width = rgb.shape[:2]
    top, left = round(height * share / 2), round(width * share / 2)
    return rgb[top : height - top, left : width - left]


def _turned(rgb: Pixels, quarters: int) -> Pixels:
    import numpy as np

    return np.ascontiguousarray(np.rot90(rgb, quarters))


def _levels(rgb: Pixels, factor: float, around: int) -> Pixels:
    import numpy as np

    return np.asarray(np.clip(np.rint((rgb - float(around)) * factor + around), 0, 255), np.uint8)


def _grey(rgb: Pixels) -> Pixels:
    import numpy as np
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(rgb)).convert("L").convert("RGB")
    return np.asarray(picture, np.uint8)


def _with_logo(rgb: Pixels) -> Pixels:
    """A white mark with a dark rim in the corner, an eighth of the shorter side."""
    import numpy as np
    from PIL import Image, ImageDraw

    picture = Image.fromarray(np.ascontiguousarray(rgb))
    side = max(8, min(picture.size) // 8)
    right, bottom = picture.width - side // 4, picture.height - side // 4
    ImageDraw.Draw(picture).ellipse(
        (right - side, bottom - side, right, bottom),
        fill=(250, 250, 250),
        outline=(30, 30, 30),
        width=max(1, side // 12),
    )
    return np.asarray(picture, np.uint8)


def _with_text_bar(rgb: Pixels) -> Pixels:
    """A white bar with a line of text above the picture, an eighth of its height."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    height, width = rgb.shape[:2]
    bar = max(12, height // 8)
    picture = Image.new("RGB", (width, height + bar), (255, 255, 255))
    picture.paste(Image.fromarray(np.ascontiguousarray(rgb)), (0, bar))
    font = ImageFont.load_default(size=max(8, bar // 2))
    ImageDraw.Draw(picture).text(
        (width // 20, bar // 4), "when you see it", fill=(15, 15, 15), font=font
    )
    return np.asarray(picture, np.uint8)


def _letterbox(rgb: Pixels, share: float) -> Pixels:
    """Black bars above and below, together so much of the new height."""
    import numpy as np

    bar = round(rgb.shape[0] * share / (1 - share) / 2)
    return np.pad(rgb, ((bar, bar), (0, 0), (0, 0)))

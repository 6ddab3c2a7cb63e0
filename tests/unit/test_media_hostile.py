"""Files made to break the opening: each is refused or held, soon, and in little memory."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_integrity.media import heif
from media_integrity.media.errors import HoldCode, RefusalCode, Refused, TooMuchToCheck
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.media.types import ImageFormat
from tests.unit.media_files import (
    HEIC,
    animated,
    chunk,
    exif,
    gif,
    gif_blocks,
    gif_frame,
    idat,
    palette,
    photograph,
    png,
    quadrants,
    resized_header,
    saved,
    segment,
    swapping_profile,
    with_chunks,
)

LIMITS = Limits()
OPENED = "opened"


def outcome(data: bytes, limits: Limits = LIMITS) -> str:
    """What became of a file; any other exception fails the test."""
    try:
        image = open_image(data, limits)
    except (Refused, TooMuchToCheck) as error:
        assert error.message[-1] == "."
        return str(error.code)
    assert image.views
    assert all(view.rgb.dtype == np.uint8 and view.rgb.ndim == 3 for view in image.views)
    return OPENED


# --- what arrives by accident ---------------------------------------------------------------------


def test_an_empty_file_is_refused_as_empty() -> None:
    assert outcome(b"") == RefusalCode.EMPTY


@pytest.mark.parametrize("data", [b"hello", b"\x00" * 5000, b"%PDF-1.7", b"\xff\xd8", b"GIF88a"])
def test_what_is_no_image_is_refused_as_unsupported(data: bytes) -> None:
    assert outcome(data) == RefusalCode.UNSUPPORTED_TYPE


def test_a_large_file_is_refused_by_its_bytes() -> None:
    data = saved(quadrants(), "PNG")
    assert outcome(data, LIMITS.model_copy(update={"max_bytes": len(data) - 1})) == "too_large"
    assert outcome(data, LIMITS.model_copy(update={"max_bytes": len(data)})) == OPENED


FORMATS: dict[ImageFormat, Callable[[], bytes]] = {
    ImageFormat.JPEG: lambda: saved(photograph(200, 150), "JPEG"),
    ImageFormat.PNG: lambda: saved(photograph(200, 150), "PNG"),
    ImageFormat.GIF: lambda: saved(photograph(200, 150), "GIF"),
    ImageFormat.WEBP: lambda: saved(photograph(200, 150), "WEBP"),
    ImageFormat.AVIF: lambda: saved(photograph(200, 150), "AVIF"),
    ImageFormat.HEIF: lambda: HEIC,
}


@pytest.mark.parametrize("kind", list(ImageFormat))
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused_as_damaged(kind: ImageFormat, share: float) -> None:
    data = FORMATS[kind]()
    assert outcome(data[: int(len(data) * share)]) == RefusalCode.DAMAGED


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_a_truncated_progressive_jpeg_is_refused_as_damaged(share: float) -> None:
    data = saved(photograph(200, 150), "JPEG", progressive=True)
    assert outcome(data) == OPENED
    assert outcome(data[: int(len(data) * share)]) == RefusalCode.DAMAGED


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_a_truncated_animation_is_refused_as_damaged(kind: str) -> None:
    data = animated([photograph(80, 60, seed) for seed in range(4)], kind)
    assert outcome(data[: len(data) * 7 // 10]) == RefusalCode.DAMAGED


@pytest.mark.parametrize("kind", list(ImageFormat))
def test_bytes_after_the_end_do_not_matter(kind: ImageFormat) -> None:
    """A motion photograph carries a film behind its picture."""
    assert outcome(FORMATS[kind]() + b"\x00\x00\x00\x18ftypmp42" + bytes(5000)) == OPENED


def test_without_a_decoder_the_type_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import AvifImagePlugin

    avif = saved(quadrants(), "AVIF")
    monkeypatch.setattr(AvifImagePlugin, "SUPPORTED", False)
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    assert outcome(avif) == RefusalCode.UNSUPPORTED_TYPE
    assert outcome(HEIC) == RefusalCode.UNSUPPORTED_TYPE


def test_running_out_of_memory_holds_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(data: bytes, limits: Limits) -> None:
        raise MemoryError

    monkeypatch.setattr("media_integrity.media.views.collect", no_memory)
    assert outcome(saved(quadrants(), "PNG")) == HoldCode.OUT_OF_MEMORY


# --- what is made to do harm ----------------------------------------------------------------------


def many_scans() -> bytes:
    """A progressive JPEG that refines the same coefficients again and again."""
    data = saved(photograph(64, 64), "JPEG", progressive=True)
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * 200 + b"\xff\xd9"


def lying_item_size(data: bytes, width: int, height: int) -> bytes:
    at = data.index(b"ispe")
    return data[: at + 8] + struct.pack(">II", width, height) + data[at + 16 :]


def wide_webp(kind: bytes) -> bytes:
    if kind == b"VP8X":
        data = bytearray(saved(quadrants(), "WEBP", exif=exif(1)))
        data[24:30] = (16383).to_bytes(3, "little") * 2
    elif kind == b"VP8 ":
        data = bytearray(saved(quadrants(), "WEBP"))
        data[26:30] = struct.pack("<HH", 16383, 16383)
    else:
        data = bytearray(saved(quadrants(), "WEBP", lossless=True))
        data[21:25] = struct.pack("<I", 16382 | 16382 << 14)
    assert data[12:16] == kind
    return bytes(data)


def animated_png(declared: int) -> bytes:
    data = animated([photograph(40, 30, seed) for seed in range(3)], "PNG")
    at = data.index(b"acTL")
    body = struct.pack(">II", declared, 0)
    return data[: at - 4] + chunk(b"acTL", body) + data[at + 16 :]


TOO_MANY, DAMAGED = RefusalCode.TOO_MANY_PIXELS, RefusalCode.DAMAGED


def picture(kind: str) -> bytes:
    return saved(quadrants(), kind)


@cache
def zeros() -> bytes:
    """200 MB in 200 kB."""
    return zlib.compress(bytes(200_000_000), 9)


def second_header() -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", 9_999, 9_999, 8, 2, 0, 0, 0))


def dot() -> bytes:
    return gif_frame(np.zeros((4, 4), np.uint8))


def huge_frame() -> bytes:
    return b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x08" + gif_blocks(b"\x00")


def after_start(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "png_50000": (lambda: png(50_000, 50_000, idat(quadrants())), TOO_MANY),
    "png_side": (lambda: png(40_000, 2, idat(quadrants())), TOO_MANY),
    "png_size_lies": (lambda: png(4_000, 4_000, idat(quadrants())), DAMAGED),
    "png_no_size": (lambda: png(0, 5, idat(quadrants())), DAMAGED),
    "png_unpacks_to_81_megapixels": (lambda: png(9_000, 9_000, chunk(b"IDAT", zeros())), DAMAGED),
    "png_text": (
        lambda: with_chunks(picture("PNG"), chunk(b"zTXt", b"k\x00\x00" + zeros())),
        OPENED,
    ),
    "png_profile": (
        lambda: with_chunks(picture("PNG"), chunk(b"iCCP", b"k\x00\x00" + zeros())),
        OPENED,
    ),
    "png_chunks": (lambda: with_chunks(picture("PNG"), *[chunk(b"tEXt", b"")] * 70_000), DAMAGED),
    "png_two_headers": (lambda: png(96, 64, second_header(), idat(quadrants())), DAMAGED),
    "png_more_frames_than_there_are": (lambda: animated_png(2**31), DAMAGED),
    "png_fewer_frames_than_there_are": (lambda: animated_png(1), DAMAGED),
    "gif_screen": (lambda: gif(65_535, 65_535, dot()), TOO_MANY),
    "gif_frame": (lambda: gif(4, 4, dot(), huge_frame()), TOO_MANY),
    "gif_comment": (lambda: gif(4, 4, b"!\xfe" + b"\x01x" * 500_000 + b"\x00", dot()), DAMAGED),
    "gif_frames": (lambda: gif(4, 4, *[dot()] * 5_000), HoldCode.TOO_MANY_FRAMES),
    "gif_no_frame": (lambda: gif(4, 4), DAMAGED),
    "gif_empty_frame": (lambda: gif(4, 4, gif_frame(np.zeros((0, 4), np.uint8))), DAMAGED),
    "webp_canvas": (lambda: wide_webp(b"VP8X"), TOO_MANY),
    "webp_lossy": (lambda: wide_webp(b"VP8 "), TOO_MANY),
    "webp_lossless": (lambda: wide_webp(b"VP8L"), TOO_MANY),
    "avif_size": (lambda: lying_item_size(picture("AVIF"), 16_000, 16_000), TOO_MANY),
    "heic_size": (lambda: lying_item_size(HEIC, 30_000, 30_000), TOO_MANY),
    "heic_size_lies": (lambda: lying_item_size(HEIC, 9_000, 9_000), DAMAGED),
    # libavif scales to the declared size, as browsers do with it.
    "avif_size_lies": (lambda: lying_item_size(picture("AVIF"), 3_000, 3_000), OPENED),
    "jpeg_size": (lambda: resized_header(picture("JPEG"), 65_500, 65_500), TOO_MANY),
    # Where its data ends with an end marker libjpeg goes on in grey, as in browsers.
    "jpeg_size_lies": (lambda: resized_header(picture("JPEG"), 9_000, 9_000), OPENED),
    "jpeg_no_height": (lambda: resized_header(picture("JPEG"), 96, 0), DAMAGED),
    "jpeg_scans": (many_scans, DAMAGED),
    "jpeg_segments": (
        lambda: after_start(picture("JPEG"), *[segment(0xFE, b"")] * 100_000),
        DAMAGED,
    ),
    "jpeg_two_frames": (lambda: after_start(picture("JPEG"), segment(0xC0, bytes(15))), DAMAGED),
    "jpeg_only_fill_bytes": (lambda: b"\xff\xd8" + b"\xff" * 20_000_000, DAMAGED),
}
"""Name, file, and what must become of it."""


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_file_is_dealt_with(name: str) -> None:
    make, expected = BOMBS[name]
    data = make()
    began = time.process_time()
    assert outcome(data) == expected
    assert time.process_time() - began < 5


CHILD = r"""
import json, re, sys, pathlib
from media_integrity.media.errors import Refused, TooMuchToCheck
from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image

def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024

def use(data):
    try:
        open_image(data, Limits())
    except (Refused, TooMuchToCheck):
        pass

files = sorted(pathlib.Path(sys.argv[1]).iterdir())
sound = [file for file in files if file.suffix == ".sound"]
for file in sound:
    use(file.read_bytes())
before = peak()
for file in files:
    use(file.read_bytes())
print(json.dumps({"before": before, "after": peak()}))
"""
"""``VmHWM`` is the child's own peak; ``ru_maxrss`` would begin with that of this session."""


def test_hostile_files_take_little_memory(tmp_path: Path) -> None:
    """Beyond what the decoders' libraries take: 81 megapixels that are declared at 3 bytes each."""
    for name, (make, _) in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    for kind, make in FORMATS.items():
        (tmp_path / f"{kind.name}.sound").write_bytes(make())
    functions = Path(__file__).resolve().parents[2] / "functions"
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        env={"PYTHONPATH": str(functions)},
        capture_output=True,
        check=True,
        timeout=120,
    )
    used = json.loads(child.stdout)
    assert used["after"] - used["before"] < 450  # MiB


# --- what nobody thought of -----------------------------------------------------------------------


def seeds() -> list[bytes]:
    """Small files of every format with every feature that has its own code."""
    frames = [photograph(24, 16, seed) for seed in range(3)]
    rgba = photograph(24, 16)
    transparent = np.dstack([rgba, rgba[..., 0]])
    from PIL import Image as Pillow

    return [
        saved(photograph(24, 16), "JPEG", exif=exif(6), icc_profile=swapping_profile()),
        saved(photograph(24, 16), "JPEG", progressive=True),
        saved(Pillow.fromarray(photograph(24, 16)).convert("CMYK"), "JPEG"),
        saved(Pillow.fromarray(transparent), "PNG", exif=exif(3), icc_profile=swapping_profile()),
        with_chunks(saved(photograph(24, 16), "PNG"), chunk(b"gAMA", struct.pack(">I", 900))),
        saved(Pillow.fromarray(rgba).quantize(16), "PNG", transparency=3),
        png(24, 16, idat(rgba.astype(np.uint16)), depth=16),
        animated(frames, "PNG", default_image=True),
        animated(frames, "GIF"),
        gif(
            24,
            16,
            gif_frame(rgba[..., 0], disposal=2, transparent=7),
            gif_frame(rgba[..., 1], 5, 5, disposal=3),
            palette=palette((1, 2, 3)),
        ),
        animated(frames, "WEBP", exif=exif(5)),
        saved(Pillow.fromarray(transparent), "WEBP", lossless=True, icc_profile=swapping_profile()),
        saved(photograph(24, 16), "AVIF", exif=exif(8)),
        animated(frames, "AVIF"),
        HEIC,
    ]


SEEDS = seeds()


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sound file with bytes changed, cut out, repeated, or another file's put in."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    chance = random.Random(draw(st.integers(0, 2**64)))
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        at = chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 200))
        length = chance.choice([1, 1, 2, 4, 50])
        how = chance.randrange(6)
        if how == 0:
            data[at] = chance.choice([0, 1, 0x7F, 0x80, 0xFF])
        elif how == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif how == 2:
            data[at : at + length] = chance.randbytes(length)
        elif how == 3 and len(data) > length + 20:
            del data[at : at + length]
        elif how == 4:
            data[at:at] = data[at : at + length] * chance.choice([1, 20])
        else:
            other = chance.choice(SEEDS)
            begin = chance.randrange(len(other))
            data[at : at + length] = other[begin : begin + length]
    return bytes(data)


@given(mutated())
@settings(
    max_examples=600,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_no_file_whatever_leaves_anything_but_an_image_or_a_reason(data: bytes) -> None:
    assert outcome(data)


@given(st.sampled_from(SEEDS), st.binary(max_size=300), st.integers(4, 40))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_signature_before_noise_is_dealt_with(seed: bytes, noise: bytes, kept: int) -> None:
    assert outcome(seed[:kept] + noise)


def test_seeds_are_sound() -> None:
    assert [outcome(seed) for seed in SEEDS] == [OPENED] * len(SEEDS)
    assert heif.read_heic(HEIC, LIMITS).frames == 1

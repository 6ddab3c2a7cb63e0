"""Marked copies of picture files: good, read again after what people do to them, and clean."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from skimage import data

from media_integrity.media.limits import Limits
from media_integrity.media.open import open_image
from media_integrity.schema.findings import AiOrigin, ProvenanceDetail
from media_integrity.signals.provenance.signal import ProvenanceSignal
from media_integrity.watermarks.carriers import Carriers
from media_integrity.watermarks.codeword import CERTAIN_SCORE
from media_integrity.watermarks.detect import best_score, find
from media_integrity.watermarks.files import (
    MIN_PSNR,
    MIN_SSIM,
    Cause,
    Unmarked,
    marked_copy,
    similarity,
)
from tests.unit import media_files

Rgb = NDArray[np.uint8]
PAYLOAD = b"\x00\x7f\xff\x10\x20\x30"


@cache
def carriers() -> Carriers:
    return Carriers.of(b"k" * 32)


def astronaut() -> Rgb:
    return np.asarray(data.astronaut(), np.uint8)  # type: ignore[no-untyped-call]


def shown(content: bytes) -> Rgb:
    """As a viewer shows it, upright."""
    return open_image(content, Limits()).views[0].rgb


def marked(content: bytes, **how: AiOrigin) -> bytes:
    return marked_copy(content, PAYLOAD, carriers(), **how)


@cache
def published() -> Rgb:
    return shown(marked(media_files.saved(astronaut(), "PNG")))


def again(rgb: Rgb, quality: int) -> Rgb:
    return shown(media_files.saved(rgb, "JPEG", quality=quality))


def resized(rgb: Rgb, factor: float) -> Rgb:
    return np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))


def cropped(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    return rgb[height // 10 : height - height // 10, width // 8 : width - width // 13]


def on_a_screen(rgb: Rgb) -> Rgb:
    screen = np.full((1600, 900, 3), 245, np.uint8)
    screen[:80] = 20
    screen[400:1260, 20:880] = cv2.resize(rgb, (860, 860), interpolation=cv2.INTER_CUBIC)
    return screen


FORMS = {
    "jpeg": lambda rgb: media_files.saved(rgb, "JPEG", quality=88),
    "jpeg, full colour": lambda rgb: media_files.saved(rgb, "JPEG", quality=95, subsampling=0),
    "grey jpeg": lambda rgb: media_files.saved(Pillow.fromarray(rgb).convert("L"), "JPEG"),
    "png": lambda rgb: media_files.saved(rgb, "PNG"),
    "webp": lambda rgb: media_files.saved(rgb, "WEBP", quality=85),
    "lossless webp": lambda rgb: media_files.saved(rgb, "WEBP", lossless=True),
    "avif": lambda rgb: media_files.saved(rgb, "AVIF", quality=80, speed=9),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_has_the_same_format_and_size_is_good_and_is_read(form: str) -> None:
    content = FORMS[form](astronaut())

    copy = marked(content)

    before, after = Pillow.open(io.BytesIO(content)), Pillow.open(io.BytesIO(copy))
    assert (after.format, after.size, after.mode) == (before.format, before.size, before.mode)
    one, other = (np.asarray(each.convert("RGB")) for each in (before, after))
    assert not np.array_equal(one, other)
    assert cv2.PSNR(one, other) >= MIN_PSNR
    assert similarity(one, other) >= MIN_SSIM
    found = find(shown(copy), carriers(), pieces=False)
    assert found is not None
    assert (found.payload, found.whole) == (PAYLOAD, True)


CHANGES: dict[str, tuple[Callable[[Rgb], Rgb], bool]] = {
    "jpeg 60": (lambda rgb: again(rgb, 60), True),
    "jpeg 30": (lambda rgb: again(rgb, 30), True),
    "half size": (lambda rgb: resized(rgb, 0.5), True),
    "larger": (lambda rgb: again(resized(rgb, 1.7), 70), True),
    "mirrored": (lambda rgb: np.ascontiguousarray(rgb[:, ::-1]), True),
    "turned": (lambda rgb: again(np.rot90(rgb), 70), True),
    "brighter": (lambda rgb: np.clip(rgb * 1.25, 0, 255).astype(np.uint8), True),
    "crop": (lambda rgb: again(cropped(rgb), 85), False),
    "crop, mirrored": (lambda rgb: again(cropped(rgb)[:, ::-1], 85), False),
    "screenshot": (lambda rgb: again(on_a_screen(rgb), 80), False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_mark_is_read_after(change: str) -> None:
    make, whole = CHANGES[change]

    found = find(make(published()), carriers(), pieces=not whole)

    assert found is not None
    assert (found.payload, found.whole) == (PAYLOAD, whole)


@pytest.mark.parametrize("seed", range(6))
def test_a_picture_without_a_mark_has_none(seed: int) -> None:
    rgb = media_files.photograph(600, 420, seed) if seed else astronaut()
    assert find(rgb, carriers(), pieces=seed < 2) is None
    assert best_score(rgb, carriers(), pieces=False) < CERTAIN_SCORE - 5


def test_a_plain_picture_is_marked_with_single_levels_of_single_pixels() -> None:
    plain = np.full((300, 400, 3), 90, np.uint8)

    copy = shown(marked(media_files.saved(plain, "PNG")))

    assert np.abs(copy.astype(int) - plain).max() == 1
    found = find(copy, carriers(), pieces=False)
    assert found is not None
    assert found.payload == PAYLOAD


def test_another_key_reads_nothing() -> None:
    assert find(published(), Carriers.of(b"x" * 32)) is None


def test_the_same_upload_gives_the_same_copy() -> None:
    content = media_files.saved(astronaut(), "JPEG", quality=88)
    assert marked(content) == marked(content)


def test_transparency_and_profile_are_kept() -> None:
    picture = Pillow.fromarray(astronaut())
    fading = Pillow.linear_gradient("L").resize(picture.size)
    picture.putalpha(fading)
    profile = media_files.display_p3_profile()

    copy = Pillow.open(io.BytesIO(marked(media_files.saved(picture, "PNG", icc_profile=profile))))

    assert copy.info["icc_profile"] == profile
    assert np.array_equal(np.asarray(copy.getchannel("A")), np.asarray(fading))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_copy_is_upright_and_says_nothing_of_place_device_and_time(orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825)[1] = "N"
    content = media_files.saved(astronaut()[:, :400], "JPEG", quality=90, exif=exif.tobytes())

    copy = marked(content)

    assert b"somebody" in content
    assert b"somebody" not in copy
    assert not Pillow.open(io.BytesIO(copy)).getexif()
    assert cv2.PSNR(shown(content), shown(copy)) > 41


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "avif"])
@pytest.mark.parametrize("origin", [AiOrigin.GENERATED, AiOrigin.COMPOSITE])
def test_what_a_generator_made_still_says_so(form: str, origin: AiOrigin) -> None:
    copy = marked(FORMS[form](astronaut()), ai_origin=origin)

    detail = ProvenanceSignal().run(open_image(copy, Limits())).detail
    assert isinstance(detail, ProvenanceDetail)
    assert detail.origin is origin


def noise() -> Rgb:
    """More colour than a lossy WebP can keep."""
    return np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)


def deep_png() -> bytes:
    stream = cv2.imencode(".png", astronaut().astype(np.uint16) * 257)[1]
    return bytes(stream)


REFUSED: dict[str, tuple[Callable[[], bytes], Cause]] = {
    "gif": (lambda: media_files.saved(astronaut(), "GIF"), Cause.KIND),
    "no picture": (lambda: b"words", Cause.KIND),
    "animation": (
        lambda: media_files.animated([astronaut(), astronaut()[::-1]], "WEBP"),
        Cause.ANIMATED,
    ),
    "palette": (
        lambda: media_files.saved(Pillow.fromarray(astronaut()).quantize(16), "PNG"),
        Cause.COLOURS,
    ),
    "cmyk": (
        lambda: media_files.saved(Pillow.fromarray(astronaut()).convert("CMYK"), "JPEG"),
        Cause.COLOURS,
    ),
    "16 bits": (deep_png, Cause.COLOURS),
    "small": (lambda: media_files.saved(astronaut()[:127], "PNG"), Cause.TOO_SMALL),
    "noise": (lambda: media_files.saved(noise(), "WEBP", quality=80), Cause.NOT_GOOD),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_marked_well_is_not(what: str) -> None:
    make, cause = REFUSED[what]
    with pytest.raises(Unmarked) as refused:
        marked(make())
    assert refused.value.cause is cause

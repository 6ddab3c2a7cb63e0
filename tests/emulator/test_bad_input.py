"""Odd, broken and hostile files: each ends in a verdict or a refusal, none is published unseen."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Pillow

from media_integrity.schema.enums import Action, FindingStatus, HashAlgorithm, ScanState
from media_integrity.schema.scans import ReasonCode
from media_integrity.signals import network, runtime
from tests.emulator import pictures
from tests.emulator.pictures import encoded, landscape
from tests.emulator.world import World, make_world


def animation(form: str) -> bytes:
    frames = [landscape(seed) for seed in range(3)]
    stream = io.BytesIO()
    frames[0].save(stream, form, save_all=True, append_images=frames[1:], duration=100, loop=0)
    return stream.getvalue()


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it is 50,000 by 50,000."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def turned() -> bytes:
    picture, stream = landscape(), io.BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = 6
    picture.save(stream, "JPEG", exif=exif)
    return stream.getvalue()


PUBLISHED: dict[str, Callable[[], bytes]] = {
    "animated GIF": lambda: animation("GIF"),
    "animated WebP": lambda: animation("WEBP"),
    "CMYK JPEG": lambda: encoded(landscape().convert("CMYK"), "JPEG"),
    "16-bit PNG": lambda: encoded(landscape().convert("L").convert("I;16")),
    # Always the same hills: with few colours, dithered, two in a hundred look like a small face
    # somewhere, and then somebody would have to agree.
    "palette with alpha": lambda: encoded(landscape(1).convert("RGBA").quantize(64)),
    "EXIF-rotated": turned,
    "AVIF": lambda: encoded(landscape(), "AVIF"),
    "a JPEG named .png": lambda: encoded(landscape(), "JPEG"),
}

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "no image at all": (lambda: b"this is text" * 20, "unsupported_type"),
    "truncated JPEG": (lambda: encoded(landscape(), "JPEG")[:9000], "damaged"),
    "decompression bomb": (bomb, "too_many_pixels"),
    "SVG with a script": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "unsupported_type",
    ),
}


@pytest.mark.parametrize("kind", PUBLISHED)
def test_an_unusual_but_sound_picture_is_judged_like_any_other(world: World, kind: str) -> None:
    done = world.judged(PUBLISHED[kind]())
    assert done.state is ScanState.PUBLISHED, (done.refusal, done.verdict)
    assert world.objects(done) == {"media"}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_judged_is_refused_with_a_reason_and_deleted(
    world: World, kind: str
) -> None:
    make, code = REFUSED[kind]
    done = world.judged(make())
    assert done.state is ScanState.REFUSED
    assert done.refusal is not None
    assert done.refusal.code == code
    assert done.refusal.text
    assert world.objects(done) == set()


def test_a_published_file_has_the_type_that_was_found_in_it_and_not_the_one_claimed(
    world: World,
) -> None:
    upload = world.upload(encoded(landscape(), "JPEG"), content_type="image/gif", name="page.html")
    done = world.scan(world.deliver(upload))
    assert done.published_path is not None
    assert done.published_path.endswith("/original.jpg")
    stored = world.backend.objects.stat(upload.bucket, done.published_path)
    assert stored is not None
    assert stored.content_type == "image/jpeg"


def test_a_damaged_file_whose_bytes_are_banked_is_blocked_and_not_merely_refused(
    world: World,
) -> None:
    content = encoded(landscape(), "JPEG")[:9000]
    world.bank(HashAlgorithm.SHA256, hashlib.sha256(content).hexdigest())
    done = world.judged(content)
    assert done.state is ScanState.BLOCKED
    assert world.objects(done) == {"evidence"}


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("video/mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + bytes(64)),
        ("video/webm", b"\x1a\x45\xdf\xa3" + b"\x9fB\x82\x84webm" + bytes(64)),
        ("audio/wav", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64)),
        ("audio/mpeg", b"ID3\x04" + bytes(64)),
    ],
    ids=[
        "film without a film",
        "WebM without content",
        "sound without sound",
        "tags without sound",
    ],
)
def test_a_container_with_nothing_in_it_is_refused(
    world: World, content_type: str, content: bytes
) -> None:
    done = world.judged(content, content_type=content_type)
    assert done.state is ScanState.REFUSED, done.verdict
    assert world.objects(done) == set()


def test_an_animation_with_more_frames_than_are_checked_is_held(world: World) -> None:
    stream = io.BytesIO()
    frames = [Pillow.new("RGB", (8, 8), (n % 256, 255 - n % 256, n // 2)) for n in range(400)]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=20)
    done = world.judged(stream.getvalue())
    assert done.state is ScanState.HELD
    assert done.verdict is not None
    assert [reason.code for reason in done.verdict.reasons] == [ReasonCode.TOO_MUCH_TO_CHECK]


@pytest.mark.parametrize("model", ["centerface", "opennsfw", "rapidocr_det", "faces"])
def test_a_detector_without_its_model_holds_the_upload_and_names_itself(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model: str
) -> None:
    lock = (runtime.MODELS_FOLDER / runtime.LOCK_FILE).read_text()
    for file in runtime.MODELS_FOLDER.iterdir():
        if file.is_file():
            (tmp_path / file.name).symlink_to(file)
    entry = runtime._entry(model)
    (tmp_path / runtime.LOCK_FILE).unlink()
    (tmp_path / runtime.LOCK_FILE).write_text(lock.replace(entry.sha256, "0" * 64))
    (tmp_path / entry.file).unlink(missing_ok=True)
    monkeypatch.setattr(runtime, "MODELS_FOLDER", tmp_path)
    _forget_models()
    try:
        without = make_world(world.stack)
        done = without.judged(pictures.clean())
    finally:
        monkeypatch.undo()
        _forget_models()

    assert done.state is ScanState.HELD
    assert done.verdict is not None
    assert done.verdict.action is Action.REVIEW
    assert ReasonCode.CHECK_FAILED in [reason.code for reason in done.verdict.reasons]
    details = world.details(done.id)
    assert details is not None
    failed = [line for line in details.findings if line.status is FindingStatus.FAILED]
    assert failed
    assert {line.cause for line in failed} == {"ModelUnavailable"}
    assert world.objects(done) == {"uploads"}


def _forget_models() -> None:
    """What the process has loaded stays loaded otherwise."""
    for cached in (runtime._lock, runtime._checked_path, runtime._session, network._filler):
        cached.cache_clear()

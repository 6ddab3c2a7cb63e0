"""The media that ``./dev demo`` uploads, made by code, and the verdict each must get.

Photographs come from scikit-image's package and are in the public domain or CC0 (its docstrings say
so one by one): ``astronaut`` (NASA: the official portrait of Eileen Collins), ``chelsea`` (a cat,
CC0), ``coffee`` (CC0), ``clock_motion`` (public domain), ``rocket`` (SpaceX, public domain) and
``hubble_deep_field`` (NASA) and ``brick`` (CC0). Everything else is drawn here.
"""

from __future__ import annotations

import io
import secrets
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SEXTORTION = (
    "Send me $500 today",
    "or I will post your nudes",
    "to all your friends.",
)
INVITATION = ("Picnic in the park", "Sunday at noon", "Bring a cake!")

GENERATOR_PARAMETERS = (
    "a cup of coffee on a wooden table, studio light\n"
    "Negative prompt: blurry\n"
    "Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 1284759203, Size: 600x400, "
    "Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Version: v1.9.4"
)
"""As AUTOMATIC1111's web UI writes it into a PNG's ``parameters`` text."""

BOMB_SIDE = 50_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One file to upload."""

    name: str
    what: str
    content_type: str
    """What the app claims it is."""
    data: bytes
    outcome: str
    """Expected: an action, REFUSED, or DENIED where the rules do not even take it."""
    reason: str
    """Expected among the reasons: a reason's or a refusal's code; empty for DENIED."""
    violations: frozenset[str] = frozenset()
    metadata: Mapping[str, str] | None = None
    shows_uploader: bool = False
    """The uploader says so, and nobody else has to be asked."""


def banked_picture() -> bytes:
    """Stands in for an intimate picture that a victim has reported. It shows stars."""
    return _encoded(_photograph("hubble_deep_field.jpg"), "PNG")


class Crop(Enum):
    """Which part of the portrait: left, top, right, bottom, of 512 x 512 pixels. No two have hashes
    that are near each other."""

    WHOLE = (0, 0, 512, 512)
    SELFIE = (90, 0, 360, 300)
    CLOSE = (120, 20, 330, 230)


def portrait(crop: Crop) -> bytes:
    """Pictures of one person, for the demo's second act."""
    return _encoded(_photograph("astronaut.png").crop(crop.value), "JPEG", quality=92)


def notice() -> bytes:
    """A threat that somebody was sent, as a picture."""
    return _encoded(_written(SEXTORTION), "PNG")


WALL = 360
"""Pixels of a side of ``wall``."""


def wall() -> bytes:
    """Stands in for an intimate picture, to be reported. It shows a part of a wall, another one
    each time: once it was reported it is known."""
    whole = _photograph("brick.png")
    left, top = (secrets.randbelow(side - WALL) for side in whole.size)
    return _encoded(whole.crop((left, top, left + WALL, top + WALL)), "PNG")


def saved_again(content: bytes) -> bytes:
    """A copy of a picture as it is passed on: another file, and the same to look at."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as picture:
        return _encoded(picture.convert("RGB"), "JPEG", quality=70)


def samples() -> Iterator[Sample]:
    """All samples, in the order of the demo's table."""
    yield from _ordinary()
    yield from _noteworthy()
    yield from _detected()
    yield from _hostile()
    yield from _abusive()  # at the end: its uploader is banned for it


def _ordinary() -> Iterator[Sample]:
    portrait, cup = _photograph("astronaut.png"), _photograph("coffee.png")
    own = _clean("portrait.jpg", "a portrait of oneself", "image/jpeg", _encoded(portrait, "JPEG"))
    yield replace(own, shows_uploader=True)
    yield _clean("cup.avif", "a cup, AVIF", "image/avif", _encoded(cup, "AVIF"))
    clock = _photograph("clock_motion.png")
    yield _clean("clock.webp", "a clock, grey, WebP", "image/webp", _encoded(clock, "WEBP"))
    yield _clean("turned.jpg", "stored turned, EXIF puts it right", "image/jpeg", _turned())
    yield _clean("cat.png", "a cat, transparent around", "image/png", _cut_out())
    yield _clean("deep.png", "16 bits a channel", "image/png", _sixteen_bit())
    yield _clean("moving.gif", "an animation", "image/gif", _animation())
    yield _clean("picnic.png", "an invitation", "image/png", _encoded(_written(INVITATION), "PNG"))


def _noteworthy() -> Iterator[Sample]:
    yield Sample(
        "generated.png",
        "a cup, by a generator's own word",
        "image/png",
        _generated(_photograph("coffee.png")),
        "ALLOW",
        "ai_generated",
    )
    yield Sample(
        "generated-face.png",
        "a face, by a generator's own word",
        "image/png",
        _generated(_photograph("astronaut.png")),
        "REVIEW",
        "ai_generated_person",
    )
    yield Sample(
        "message.png",
        "a written sextortion",
        "image/png",
        _encoded(_written(SEXTORTION), "PNG"),
        "REVIEW",
        "text_sextortion",
        metadata={"surface": "dm"},
    )


def _abusive() -> Iterator[Sample]:
    yield Sample(
        "copy.jpg",
        "re-encoded, turned copy of a banked picture",
        "image/jpeg",
        _copy_of_banked(),
        "BLOCK",
        "bank_match_confirmed",
        frozenset({"known_abusive_media"}),
    )


def _detected() -> Iterator[Sample]:
    """What our own detectors look at: the files that the signals bring as examples."""
    from media_integrity.signals import films
    from media_integrity.signals.document import examples as documents
    from media_integrity.signals.voice import examples as voices

    sent_on = documents.again(documents.statement(), 60)
    true, forged = documents.saved(sent_on), documents.saved(documents.retyped(sent_on))
    yield _clean("statement.png", "a bank statement", "image/png", true)
    yield Sample(
        "forged.png",
        "the same, an amount typed over",
        "image/png",
        forged,
        "REVIEW",
        "document_edited",
    )
    film = _clean("person.mp4", "oneself in a film", "video/mp4", films.person())
    yield replace(film, shows_uploader=True)
    yield Sample(
        "flicker.mp4",
        "the same, the face made anew in each frame",
        "video/mp4",
        films.flickering_face(),
        "REVIEW",
        "face_altered",
    )
    yield _clean("tone.wav", "a tone, nobody speaks", "audio/wav", voices.wav(voices.tone(3.0)))
    yield Sample(
        "robot.wav",
        "a machine's voice",
        "audio/wav",
        voices.wav(voices.robot(4.0)),
        "REVIEW",
        "voice_synthetic",
    )


def _hostile() -> Iterator[Sample]:
    whole = _encoded(_photograph("rocket.jpg"), "JPEG")
    text = b"Dear diary, this is not a picture.\n"
    yield _refused("notes.jpg", "text, said to be JPEG", "image/jpeg", text, "unsupported_type")
    yield _refused("cut.jpg", "half a JPEG", "image/jpeg", whole[: len(whole) // 2], "damaged")
    yield _refused(
        "bomb.png", "50,000 x 50,000 pixels in 300 KB", "image/png", bomb(), "too_many_pixels"
    )
    yield Sample("program.exe", "not media at all", "application/x-msdownload", b"MZ", "DENIED", "")


def bomb(side: int = BOMB_SIDE) -> bytes:
    """A valid black PNG of ``side`` x ``side`` pixels, packed a thousandfold."""
    row = b"\0" * (1 + side // 8)
    packer = zlib.compressobj(9)
    rows = 1000
    packed = [packer.compress(row * rows) for _ in range(side // rows)]
    packed.append(packer.flush())
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", b"".join(packed)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _clean(name: str, what: str, content_type: str, data: bytes) -> Sample:
    return Sample(name, what, content_type, data, "ALLOW", "clean")


def _refused(name: str, what: str, content_type: str, data: bytes, code: str) -> Sample:
    return Sample(name, what, content_type, data, "REFUSED", code)


def _photograph(name: str) -> Image:
    from PIL import Image

    spec = find_spec("skimage")  # only for its files: importing it takes seconds
    assert spec is not None
    assert spec.submodule_search_locations
    with Image.open(Path(spec.submodule_search_locations[0], "data", name)) as picture:
        return picture.copy()


def _encoded(picture: Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def _turned() -> bytes:
    """Held sideways: the pixels lie on their side and EXIF orientation 6 says so."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = _photograph("rocket.jpg").transpose(Image.Transpose.ROTATE_90)
    return _encoded(sideways, "JPEG", quality=90, exif=exif)


def _cut_out() -> bytes:
    from PIL import Image, ImageDraw

    cat = _photograph("chelsea.png")
    mask = Image.new("L", cat.size, 0)
    ImageDraw.Draw(mask).ellipse((60, 10, 390, 290), fill=255)
    cat.putalpha(mask)
    return _encoded(cat, "PNG")


def _sixteen_bit() -> bytes:
    import cv2
    import numpy as np

    y, x = np.mgrid[0:300, 0:400]
    hills = np.stack([x * 160, y * 200, (x + y) * 90], axis=-1).astype(np.uint16)
    written, data = cv2.imencode(".png", hills)
    assert written
    return data.tobytes()


def _animation() -> bytes:
    from PIL import Image, ImageDraw

    frames = []
    for step in range(8):
        frame = Image.new("RGB", (320, 240), (120, 170, 220))
        draw = ImageDraw.Draw(frame)
        draw.rectangle((0, 190, 320, 240), fill=(90, 140, 80))
        draw.ellipse((20 + 30 * step, 150 - 12 * step, 60 + 30 * step, 190 - 12 * step), "orange")
        frames.append(frame)
    return _encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)


def _written(lines: tuple[str, ...]) -> Image:
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (720, 90 + 70 * len(lines)), (250, 247, 240))
    font = ImageFont.load_default(size=44)
    for number, line in enumerate(lines):
        ImageDraw.Draw(page).text((40, 40 + 70 * number), line, font=font, fill=(30, 30, 40))
    return page


def _generated(picture: Image) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("parameters", GENERATOR_PARAMETERS)
    return _encoded(picture, "PNG", pnginfo=info)


def _copy_of_banked() -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(banked_picture())) as picture:
        turned = picture.transpose(Image.Transpose.ROTATE_90)
    return _encoded(turned.resize((400, 400)), "JPEG", quality=60)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )

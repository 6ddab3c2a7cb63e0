"""Parameters hidden in lowest bits: each variant is found, and nothing where there is none."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_integrity.media.types import Image, ImageFormat
from media_integrity.schema.findings import AiOrigin, ProvenanceDetail, ProvenanceSource
from media_integrity.signals.provenance import ProvenanceSignal, stealth
from tests.unit.provenance_files import (
    WEB_UI,
    Pixels,
    detail,
    encoded,
    noise,
    opened,
    with_hidden,
)

SIGNAL = ProvenanceSignal()
VARIANTS = ["stealth_pnginfo", "stealth_pngcomp", "stealth_rgbinfo", "stealth_rgbcomp"]
SIZES = [(300, 200), (64, 90), (7, 900), (1, 5000), (2000, 2)]


def said(data: bytes) -> ProvenanceDetail:
    return detail(SIGNAL.run(opened(data)))


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_every_variant_is_found_in_every_shape(name: str, height: int, width: int) -> None:
    data = encoded(with_hidden(noise(height, width, 4), name, WEB_UI))
    found = detail(SIGNAL.run(_media(data, height, width)))
    assert found.origin is AiOrigin.GENERATED
    assert [(item.source, item.generator) for item in found.statements] == [
        (ProvenanceSource.STEALTH_ALPHA, "Stable Diffusion")
    ]
    assert "Jane" not in found.model_dump_json()


@pytest.mark.parametrize("name", ["stealth_rgbinfo", "stealth_rgbcomp"])
def test_rgb_variants_need_no_alpha(name: str) -> None:
    assert said(encoded(with_hidden(noise(200, 90, 3), name, WEB_UI))).generator is not None


@pytest.mark.parametrize("name", VARIANTS)
def test_lossless_webp(name: str) -> None:
    pixels = with_hidden(noise(200, 90, 4), name, WEB_UI)
    data = encoded(pixels, "WEBP", lossless=True, exact=True)
    assert said(data).generator == "Stable Diffusion"


def test_part_of_a_picture() -> None:
    hidden = with_hidden(noise(64, 90, 4), "stealth_pngcomp", WEB_UI + ", Denoising strength: 0.5")
    assert said(encoded(hidden)).origin is AiOrigin.COMPOSITE


def test_novelai() -> None:
    body = '{"Software": "NovelAI", "Comment": "{\\"request_type\\": \\"PromptGenerateRequest\\"}"}'
    found = said(encoded(with_hidden(noise(64, 90, 4), "stealth_pngcomp", body)))
    assert (found.origin, found.generator) == (AiOrigin.GENERATED, "NovelAI")


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"nothing that is known", gzip.compress(b"x" * 40)[:-9]],
    ids=["empty", "no text", "unknown", "cut gzip"],
)
@pytest.mark.parametrize("name", ["stealth_pnginfo", "stealth_pngcomp"])
def test_name_alone_is_a_statement(name: str, body: bytes) -> None:
    found = said(encoded(with_hidden(noise(64, 90, 4), name, body)))
    assert (found.origin, found.generator) == (AiOrigin.GENERATED, None)


def test_length_beyond_the_picture_ends_with_the_picture() -> None:
    pixels = with_hidden(noise(64, 90, 4), "stealth_pnginfo", WEB_UI)
    column = pixels[:, :, 3].T.reshape(-1).copy()
    column[120:152] |= 1  # 2**32 - 1 bits
    pixels[:, :, 3] = column.reshape(90, 64).T
    assert said(encoded(pixels)).generator == "Stable Diffusion"


def test_gzip_bomb_is_unpacked_only_so_far() -> None:
    bomb = gzip.compress(b"a" * 50_000_000, mtime=0)
    pixels = np.zeros((1600, 1600, 4), dtype=np.uint8)
    data = encoded(_hidden_raw(pixels, b"stealth_pngcomp", bomb), compress_level=1)
    found = said(data)
    assert (found.origin, found.generator) == (AiOrigin.GENERATED, None)


def _hidden_raw(pixels: Pixels, name: bytes, body: bytes) -> Pixels:
    stream = name + struct.pack(">I", 8 * len(body)) + body
    bits = np.unpackbits(np.frombuffer(stream, np.uint8))
    plane = pixels[:, :, 3].T.reshape(-1).copy()
    plane[: bits.size] = plane[: bits.size] & 0xFE | bits
    pixels[:, :, 3] = plane.reshape(pixels.shape[1], pixels.shape[0]).T
    return pixels


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("value", [0, 255])
def test_flat_pictures_carry_nothing(channels: int, value: int) -> None:
    assert said(encoded(np.full((90, 64, channels), value, dtype=np.uint8))).statements == ()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16"])
def test_other_kinds_of_png_carry_nothing(mode: str) -> None:
    import io

    from PIL import Image as Pillow

    out = io.BytesIO()
    Pillow.new(mode, (64, 48)).save(out, "PNG")
    assert said(out.getvalue()).statements == ()


def test_a_name_with_one_wrong_bit_is_none() -> None:
    pixels = with_hidden(noise(300, 20, 4), "stealth_pnginfo", WEB_UI)
    pixels[119, 0, 3] ^= 1
    assert said(encoded(pixels)).statements == ()


def test_a_lossy_copy_carries_nothing() -> None:
    pixels = with_hidden(noise(300, 20, 4), "stealth_pnginfo", WEB_UI)
    assert said(encoded(pixels, "WEBP", quality=90)).statements == ()


def test_an_ordinary_png_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise AssertionError("decoded")

    media = opened(encoded(noise(300, 400, 4)))
    hidden = opened(encoded(with_hidden(noise(300, 400, 4), "stealth_pnginfo", WEB_UI)))
    monkeypatch.setattr(stealth, "_pixels", refuse)
    assert stealth.hidden_claim(media) is None
    with pytest.raises(AssertionError, match="decoded"):
        stealth.hidden_claim(hidden)


@pytest.mark.parametrize("width", [1, 100, 1365, 20_000])
def test_rows_that_compress_to_nothing_are_all_unpacked(width: int) -> None:
    """The unpacker then has output left when its input is used up."""
    data = encoded(np.full((130, width, 3), 7, dtype=np.uint8))
    assert len(list(stealth._first_pixels(data, 1 + 3 * width, 3))) == 130


@given(
    pixels=st.tuples(st.integers(1, 40), st.integers(1, 12), st.sampled_from([3, 4])),
    seed=st.integers(0, 2**32 - 1),
    level=st.sampled_from([0, 1, 6, 9]),
)
@settings(max_examples=60, deadline=None)
def test_first_column_is_unfiltered_as_the_decoder_does(
    pixels: tuple[int, int, int], seed: int, level: int
) -> None:
    values = np.random.default_rng(seed).integers(0, 256, pixels, dtype=np.uint8)
    values = (values // 16 * 16 + np.arange(pixels[0], dtype=np.uint8)[:, None, None]).astype(
        np.uint8
    )
    data = encoded(values, compress_level=level, optimize=level == 9)
    above = bytes(pixels[2])
    column = []
    for filtered in stealth._first_pixels(data, 1 + pixels[1] * pixels[2], pixels[2]):
        above = stealth._unfiltered(filtered, above)
        column.append(list(above))
    assert column == values[:, 0].tolist()


def _media(data: bytes, height: int, width: int) -> Image:
    """Shapes that the opening refuses are read all the same."""
    return Image(data, ImageFormat.PNG, width, height, 1, ())

"""From an uploaded picture's bytes to those of its marked copy, in the same format.

The copy keeps the format, the size in pixels, the transparency and the colour profile. It is turned
upright and carries no metadata but one statement: that a generator made it, where the original said
so. So no place, device or name goes along, and no content credentials, which a changed file would
only contradict (docs/decisions/0023).

A copy is made only if it is good: at least 42 dB and an SSIM of 0.99 against what was uploaded, and
the mark is read back from the finished bytes. Otherwise ``Unmarked`` says why.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from media_integrity.media import heif, jpeg, png, webp
from media_integrity.media.limits import Limits
from media_integrity.media.sniff import image_format
from media_integrity.media.source import Source
from media_integrity.media.types import Grey, ImageFormat, Pixels
from media_integrity.schema.findings import AiOrigin

from .carriers import Carriers
from .codeword import CERTAIN_SCORE
from .detect import agreement
from .embed import MIN_SIDE, embed

MIN_PSNR = 42.0
"""dB, of the copy as it is decoded against the original as it is decoded."""
MIN_SSIM = 0.99

MAX_PIXELS = 40_000_000
"""More need more memory than is left beside the models. Phones' largest ordinary pictures have 50
million, their usual ones 12."""
MAX_AVIF_PIXELS = 4_000_000
"""Encoding takes a second for each three million."""

_ATTEMPTS = ((1.0, 95), (0.8, 98), (0.62, 98), (0.45, 100))
"""Share of the mark's full strength and quality of the encoder: the strongest first."""
_WEBP_ATTEMPTS = ((0.62, 98), (0.5, 100))
"""Its lossy colours are coarser at any quality, which leaves the mark less."""
_TURNED = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
"""EXIF orientation to ``Pillow.Transpose``."""
_USUAL_GAMMA = 1 / 2.2
_TILE, _TILES = 512, 4
_GREY = frozenset({"L", "LA"})

_SOURCE_TYPES = {
    AiOrigin.GENERATED: "trainedAlgorithmicMedia",
    AiOrigin.COMPOSITE: "compositeWithTrainedAlgorithmicMedia",
}
_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about=""'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    ' Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/{}"/>'
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)


class Cause(StrEnum):
    """Why a file is published as it was uploaded."""

    KIND = "kind"  # a film, a sound, a format that we do not write (GIF, HEIC)
    ANIMATED = "animated"
    COLOURS = "colours"  # palette, CMYK, more than 8 bits, a gamma of its own
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_GOOD = "not_good"  # the mark or the encoder would be seen, or it is not read back


class Unmarked(Exception):
    """No marked copy is made of this file."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class _Opened:
    """A still picture at full size, upright."""

    colours: Pixels | Grey
    alpha: Grey | None
    profile: bytes | None


def marked_copy(
    data: bytes, payload: bytes, carriers: Carriers, *, ai_origin: AiOrigin = AiOrigin.NONE
) -> bytes:
    """The marked copy of an upload. The same bytes for the same arguments and library versions.

    Raises:
        Unmarked: none can be made that is good.
        Exception: a decoder's own; the file was opened before, so hardly ever.
    """
    kind = image_format(data)
    if kind is None or kind not in _READERS:
        raise Unmarked(Cause.KIND)
    opened = _opened(data, kind)
    xmp = _XMP.format(_SOURCE_TYPES[ai_origin]).encode() if ai_origin in _SOURCE_TYPES else None
    is_coarse = kind is ImageFormat.WEBP and not _is_lossless(data)
    for share, quality in _WEBP_ATTEMPTS if is_coarse else _ATTEMPTS:
        changed = opened.colours.copy()
        embed(changed, payload, carriers, share)
        written = _written(changed, opened, kind, data, quality, xmp)
        shown = _decoded(written, opened.colours.ndim)
        if shown.shape != opened.colours.shape:
            raise Unmarked(Cause.COLOURS)
        if not _is_alike(opened.colours, shown):
            continue
        if agreement(shown, payload, carriers) < CERTAIN_SCORE:
            break  # a weaker one is not read either
        return written
    raise Unmarked(Cause.NOT_GOOD)


def _opened(data: bytes, kind: ImageFormat) -> _Opened:
    import numpy as np
    from PIL import Image as Pillow

    source = _READERS[kind](data, Limits())
    if source.frames != 1:
        raise Unmarked(Cause.ANIMATED)
    pixels = source.width * source.height
    if min(source.width, source.height) < MIN_SIDE:
        raise Unmarked(Cause.TOO_SMALL)
    if pixels > (MAX_AVIF_PIXELS if kind is ImageFormat.AVIF else MAX_PIXELS):
        raise Unmarked(Cause.TOO_LARGE)
    if _is_deep(data, kind) or abs((source.gamma or _USUAL_GAMMA) - _USUAL_GAMMA) > 0.01:
        raise Unmarked(Cause.COLOURS)
    picture = jpeg.stored(data)[0] if kind is ImageFormat.JPEG else next(iter(source.pictures()))
    if picture.mode not in {"L", "RGB", "LA", "RGBA"}:
        raise Unmarked(Cause.COLOURS)
    if picture.mode in {"L", "RGB"} and picture.has_transparency_data:
        picture = picture.convert("RGBA")
    alpha: Grey | None = None
    turn = _TURNED.get(source.orientation)
    upright = picture if turn is None else picture.transpose(Pillow.Transpose(turn))
    if upright.mode in {"LA", "RGBA"}:
        alpha = np.asarray(upright.getchannel("A"))
    colours = upright.convert("L" if upright.mode in _GREY else "RGB")
    return _Opened(np.asarray(colours), alpha, source.profile)


def _is_deep(data: bytes, kind: ImageFormat) -> bool:
    """More than 8 bits a sample: the decoder drops them, and the copy would have fewer colours."""
    if kind is ImageFormat.PNG:
        return data[24] > 8
    at = data.find(b"av1C") if kind is ImageFormat.AVIF else -1
    return at >= 0 and bool(data[at + 6] & 0x40)


def _written(
    colours: Pixels | Grey,
    opened: _Opened,
    kind: ImageFormat,
    original: bytes,
    quality: int,
    xmp: bytes | None,
) -> bytes:
    import numpy as np
    from PIL import Image as Pillow
    from PIL.PngImagePlugin import PngInfo

    picture = Pillow.fromarray(np.ascontiguousarray(colours))
    if opened.alpha is not None:
        picture.putalpha(Pillow.fromarray(opened.alpha))
    options: dict[str, object] = {"icc_profile": opened.profile} if opened.profile else {}
    if kind is ImageFormat.PNG:
        if xmp is not None:
            options["pnginfo"] = PngInfo()
            options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode())  # type: ignore[attr-defined]
        options["compress_level"] = 4
    else:
        options |= {"xmp": xmp} if xmp is not None else {}
        options |= _coding(kind, original, quality)
    stream = io.BytesIO()
    picture.save(stream, kind.name, **options)
    return stream.getvalue()


def _coding(kind: ImageFormat, original: bytes, quality: int) -> dict[str, object]:
    """How the copy is compressed: never coarser than the original, and finely enough to keep the
    mark and the picture."""
    if kind is ImageFormat.JPEG:
        from PIL.JpegImagePlugin import get_sampling

        picture, _ = jpeg.stored(original)
        ours = _tables(quality, len(picture.quantization))
        theirs = [list(table) for table in picture.quantization.values()]
        finer = [
            [min(pair) for pair in zip(one, other, strict=True)]
            for one, other in zip(ours, theirs, strict=True)
        ]
        sampling = get_sampling(picture)
        return {"qtables": finer, "subsampling": sampling if sampling >= 0 else 2}
    if kind is ImageFormat.WEBP:
        lossless = _is_lossless(original)
        return {"lossless": lossless, "quality": 50 if lossless else quality, "method": 2}
    return {"quality": quality, "speed": 9, "max_threads": 2}


def _is_lossless(webp_file: bytes) -> bool:
    return b"VP8L" in webp_file[12:4096]


def _tables(quality: int, count: int) -> list[list[int]]:
    """The usual tables of a JPEG quality, for so many of the original's."""
    from PIL import Image as Pillow
    from PIL.JpegImagePlugin import JpegImageFile

    stream = io.BytesIO()
    Pillow.new("RGB", (8, 8)).save(stream, "JPEG", quality=quality)
    stream.seek(0)
    tables = [list(table) for table in JpegImageFile(stream).quantization.values()]
    return [tables[min(place, 1)] for place in range(count)]


def _decoded(written: bytes, dimensions: int) -> Pixels | Grey:
    import numpy as np
    from PIL import Image as Pillow

    with Pillow.open(io.BytesIO(written)) as picture:
        return np.asarray(picture.convert("L" if dimensions == 2 else "RGB"))


def _is_alike(one: Pixels | Grey, other: Pixels | Grey) -> bool:
    import cv2

    return cv2.PSNR(one, other) >= MIN_PSNR and similarity(one, other) >= MIN_SSIM


def similarity(one: Pixels | Grey, other: Pixels | Grey) -> float:
    """SSIM of the luma, mean over the picture; of a large one over sixteen parts spread evenly.

    Source: Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 13, 2004, section III.
    """
    import numpy as np

    height, width = one.shape[:2]
    if height * width <= _TILES**2 * _TILE**2:
        return _similarity(one, other)
    tops, lefts = (
        np.linspace(0, max(0, side - _TILE), _TILES).astype(int) for side in (height, width)
    )
    return float(
        np.mean(
            [
                _similarity(
                    one[top : top + _TILE, left : left + _TILE],
                    other[top : top + _TILE, left : left + _TILE],
                )
                for top in tops
                for left in lefts
            ]
        )
    )


def _similarity(one: Pixels | Grey, other: Pixels | Grey) -> float:
    import cv2
    import numpy as np

    def blurred(
        picture: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.asarray(cv2.GaussianBlur(picture, (11, 11), 1.5), np.float32)

    def grey(picture: Pixels | Grey) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
        return np.asarray(luma, np.float32)

    a, b = grey(one), grey(other)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    shared = blurred(a * b) - mean_a * mean_b
    local = ((2 * mean_a * mean_b + c1) * (2 * shared + c2)) / (
        (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    )
    return float(local.mean())


_READERS: Mapping[ImageFormat, Callable[[bytes, Limits], Source]] = {
    ImageFormat.JPEG: jpeg.read,
    ImageFormat.PNG: png.read,
    ImageFormat.WEBP: webp.read,
    ImageFormat.AVIF: heif.read_avif,
}

MARKABLE = frozenset(kind.value for kind in _READERS)
"""Content types of which marked copies are made."""
